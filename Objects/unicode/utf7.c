/* UTF-7 (RFC 2152).

   The decoder keeps one shift sequence's state: bits not yet used, a pending high surrogate, and
   where the sequence began, for error reports and for stopping before an unfinished one. */
#include "unicode_impl.h"

static inline int
is_base64(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
        || c == '+' || c == '/';
}

static inline unsigned
from_base64(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A'
         : c >= 'a' && c <= 'z' ? c - 'a' + 26
         : c >= '0' && c <= '9' ? c - '0' + 52
         : c == '+' ? 62 : 63;
}

static inline char
to_base64(unsigned value)
{
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[value & 63];
}

/* May be written as itself: the sets D and O of the RFC (but not backslash and tilde), blanks. */
static int
encode_direct(Py_UCS4 c)
{
    if (c == 0 || c >= 128) {
        return c == 0;
    }
    return Py_ISALNUM(c) || strchr("'(),-./:? \t\n\r!\"#$%&*;<=>@[]^_`{|}", (int)c) != NULL;
}

static inline int
decode_direct(unsigned char c)
{
    return c <= 127 && c != '+';
}

/* -- Decoding ------------------------------------------------------------------------------ */

struct shift {
    int active;
    const char *start;         // the '+'
    Py_ssize_t out_start;      // output position there
    unsigned bits;             // bits in buffer
    unsigned long buffer;
    Py_UCS4 surrogate;         // high surrogate waiting for its low one, or 0
};

static int
shift_take_unit(struct shift *shift, _PyUnicodeWriter *writer)
{
    Py_UCS4 unit = (Py_UCS4)(shift->buffer >> (shift->bits - 16));
    shift->bits -= 16;
    shift->buffer &= (1UL << shift->bits) - 1;
    if (shift->surrogate != 0) {
        Py_UCS4 high = shift->surrogate;
        shift->surrogate = 0;
        if (Py_UNICODE_IS_LOW_SURROGATE(unit)) {
            return _PyUnicodeWriter_WriteCharInline(writer, Py_UNICODE_JOIN_SURROGATES(high, unit));
        }
        if (_PyUnicodeWriter_WriteCharInline(writer, high) < 0) {
            return -1;
        }
    }
    if (Py_UNICODE_IS_HIGH_SURROGATE(unit)) {
        shift->surrogate = unit;
        return 0;
    }
    return _PyUnicodeWriter_WriteCharInline(writer, unit);
}

PyObject *
PyUnicode_DecodeUTF7Stateful(const char *s, Py_ssize_t size, const char *errors,
                             Py_ssize_t *consumed)
{
    if (size == 0) {
        if (consumed != NULL) {
            *consumed = 0;
        }
        return _Py_STR(empty);
    }
    const char *starts = s, *end = s + size, *reason;
    PyObject *handler = NULL, *exception = NULL;
    struct shift shift = {0};
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = size;

    while (s < end) {
        Py_ssize_t startinpos = s - starts, endinpos;
        unsigned char ch = (unsigned char)*s;
        if (shift.active) {
            if (is_base64(ch)) {
                shift.buffer = shift.buffer << 6 | from_base64(ch);
                shift.bits += 6;
                s++;
                if (shift.bits >= 16 && shift_take_unit(&shift, &writer) < 0) {
                    goto fail;
                }
                continue;
            }
            /* The end of the shift sequence. */
            shift.active = 0;
            s++;
            reason = NULL;
            if (shift.bits >= 6) {
                reason = "partial character in shift sequence";
            }
            else if (shift.bits > 0 && shift.buffer != 0) {
                reason = "non-zero padding bits in shift sequence";
            }
            if (reason != NULL) {
                startinpos = shift.start - starts;
                goto error;
            }
            if (shift.surrogate != 0 && decode_direct(ch)) {
                if (_PyUnicodeWriter_WriteCharInline(&writer, shift.surrogate) < 0) {
                    goto fail;
                }
            }
            shift.surrogate = 0;
            if (ch == '-') {
                continue;  // absorbed
            }
            s--;  // an ordinary character ends it too
            continue;
        }
        if (ch == '+') {
            s++;
            if (s < end && *s == '-') {
                s++;
                if (_PyUnicodeWriter_WriteCharInline(&writer, '+') < 0) {
                    goto fail;
                }
            }
            else if (s < end && !is_base64((unsigned char)*s)) {
                s++;
                reason = "ill-formed sequence";
                goto error;
            }
            else {
                shift.active = 1;
                shift.start = s - 1;
                shift.out_start = writer.pos;
                shift.bits = 0;
                shift.buffer = 0;
                shift.surrogate = 0;
            }
            continue;
        }
        s++;
        if (decode_direct(ch)) {
            if (_PyUnicodeWriter_WriteCharInline(&writer, ch) < 0) {
                goto fail;
            }
            continue;
        }
        reason = "unexpected special character";
error:
        endinpos = s - starts;
        shift.surrogate = 0;
        if (decode_call_errorhandler_writer(errors, &handler, "utf7", reason, &starts, &end,
                                            &startinpos, &endinpos, &exception, &s,
                                            &writer) < 0) {
            goto fail;
        }
    }

    if (shift.active && consumed == NULL) {
        if (shift.surrogate != 0 || shift.bits >= 6 || (shift.bits > 0 && shift.buffer != 0)) {
            Py_ssize_t startinpos = shift.start - starts, endinpos = size;
            if (decode_call_errorhandler_writer(errors, &handler, "utf7",
                                                "unterminated shift sequence", &starts, &end,
                                                &startinpos, &endinpos, &exception, &s,
                                                &writer) < 0) {
                goto fail;
            }
        }
    }
    if (consumed != NULL) {
        if (shift.active) {
            *consumed = shift.start - starts;
            if (writer.pos != shift.out_start) {
                /* The unfinished sequence will be decoded again, from its start. */
                writer.pos = shift.out_start;
                if (writer.pos > 0 && writer.maxchar > 127) {
                    PyObject *kept = PyUnicode_FromKindAndData(writer.kind, writer.data,
                                                               writer.pos);
                    _PyUnicodeWriter_Dealloc(&writer);
                    Py_XDECREF(handler);
                    Py_XDECREF(exception);
                    return kept;
                }
            }
        }
        else {
            *consumed = s - starts;
        }
    }
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    return _PyUnicodeWriter_Finish(&writer);
fail:
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
PyUnicode_DecodeUTF7(const char *s, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF7Stateful(s, size, errors, NULL);
}

/* -- Encoding ------------------------------------------------------------------------------ */

PyObject *
_PyUnicode_EncodeUTF7(PyObject *str, const char *errors)
{
    int kind = KIND(str);
    const void *data = DATA(str);
    Py_ssize_t length = LENGTH(str);
    if (length == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (length > PY_SSIZE_T_MAX / 8) {
        return PyErr_NoMemory();
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, length * 8);
    if (result == NULL) {
        return NULL;
    }
    char *start = PyBytes_AS_STRING(result), *out = start;
    int shifted = 0;
    unsigned bits = 0;
    unsigned long buffer = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (encode_direct(ch)) {
            if (shifted) {
                if (bits > 0) {
                    *out++ = to_base64((unsigned)(buffer << (6 - bits)));
                    buffer = 0;
                    bits = 0;
                }
                shifted = 0;
                /* A character of the base 64 alphabet, or '-', would be read as part of it. */
                if (is_base64((unsigned char)ch) || ch == '-') {
                    *out++ = '-';
                }
            }
            *out++ = (char)ch;
            continue;
        }
        if (!shifted) {
            *out++ = '+';
            if (ch == '+') {
                *out++ = '-';
                continue;
            }
            shifted = 1;
        }
        Py_UCS4 units[2] = {ch, 0};
        int n = 1;
        if (ch >= 0x10000) {
            units[0] = Py_UNICODE_HIGH_SURROGATE(ch);
            units[1] = Py_UNICODE_LOW_SURROGATE(ch);
            n = 2;
        }
        for (int k = 0; k < n; k++) {
            buffer = buffer << 16 | units[k];
            bits += 16;
            while (bits >= 6) {
                *out++ = to_base64((unsigned)(buffer >> (bits - 6)));
                bits -= 6;
            }
            buffer &= (1UL << bits) - 1;
        }
    }
    if (bits > 0) {
        *out++ = to_base64((unsigned)(buffer << (6 - bits)));
    }
    if (shifted) {
        *out++ = '-';
    }
    _PyBytes_Resize(&result, out - start);
    return result;
}

/* UTF-16 and UTF-32, both byte orders, with and without a byte order mark.

   byteorder: -1 little endian, 1 big endian, 0 native (decoders: what the mark says). */
#include "unicode_impl.h"

static inline Py_UCS4
get16(const unsigned char *q, int big)
{
    return big ? (Py_UCS4)(q[0] << 8 | q[1]) : (Py_UCS4)(q[1] << 8 | q[0]);
}

static inline Py_UCS4
get32(const unsigned char *q, int big)
{
    return big ? (Py_UCS4)q[0] << 24 | (Py_UCS4)q[1] << 16 | (Py_UCS4)q[2] << 8 | q[3]
               : (Py_UCS4)q[3] << 24 | (Py_UCS4)q[2] << 16 | (Py_UCS4)q[1] << 8 | q[0];
}

static inline unsigned char *
put16(unsigned char *p, Py_UCS4 unit, int big)
{
    p[big ? 0 : 1] = (unsigned char)(unit >> 8);
    p[big ? 1 : 0] = (unsigned char)unit;
    return p + 2;
}

static inline unsigned char *
put32(unsigned char *p, Py_UCS4 ch, int big)
{
    for (int i = 0; i < 4; i++) {
        p[big ? 3 - i : i] = (unsigned char)(ch >> (8 * i));
    }
    return p + 4;
}

#if PY_BIG_ENDIAN
#  define NATIVE_BIG 1
#else
#  define NATIVE_BIG 0
#endif

/* -- Decoding ------------------------------------------------------------------------------ */

/* One run of a decoder: what the two differ in is in decode_one(). */
struct wide_decoder {
    int unit;              // 2 or 4
    int big;
    const char *encoding;
};

/* Decodes at q.  Returns bytes used and sets *ch; or 0 with *reason and *bad (bytes that are wrong;
   *incomplete if more input could help). */
static inline int
decode_one(const struct wide_decoder *d, const unsigned char *q, const unsigned char *end,
           Py_UCS4 *ch, const char **reason, Py_ssize_t *bad, int *incomplete)
{
    *incomplete = 0;
    if (end - q < d->unit) {
        *reason = "truncated data";
        *bad = end - q;
        *incomplete = 1;
        return 0;
    }
    if (d->unit == 4) {
        *ch = get32(q, d->big);
        if (*ch <= MAX_UNICODE && !Py_UNICODE_IS_SURROGATE(*ch)) {
            return 4;
        }
        *bad = 4;
        *reason = *ch > MAX_UNICODE ? "code point not in range(0x110000)"
                                    : "code point in surrogate code point range(0xd800, 0xe000)";
        return 0;
    }
    *ch = get16(q, d->big);
    if (!Py_UNICODE_IS_SURROGATE(*ch)) {
        return 2;
    }
    *bad = 2;
    if (Py_UNICODE_IS_LOW_SURROGATE(*ch)) {
        *reason = "illegal encoding";
        return 0;
    }
    if (end - q < 4) {
        *reason = "unexpected end of data";
        *bad = end - q;
        *incomplete = 1;
        return 0;
    }
    Py_UCS4 low = get16(q + 2, d->big);
    if (!Py_UNICODE_IS_LOW_SURROGATE(low)) {
        *reason = "illegal UTF-16 surrogate";
        return 0;
    }
    *ch = Py_UNICODE_JOIN_SURROGATES(*ch, low);
    return 4;
}

static PyObject *
decode_wide(const struct wide_decoder *d, const char *starts, const char *at, const char *end,
            const char *errors, Py_ssize_t *consumed)
{
    PyObject *handler = NULL, *exception = NULL;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = (end - at + d->unit - 1) / d->unit;
    if (_PyUnicodeWriter_Prepare(&writer, writer.min_length, 127) < 0) {
        goto fail;
    }
    while (at < end) {
        Py_UCS4 ch;
        const char *reason;
        Py_ssize_t bad;
        int incomplete;
        int used = decode_one(d, (const unsigned char *)at, (const unsigned char *)end, &ch,
                              &reason, &bad, &incomplete);
        if (used > 0) {
            if (_PyUnicodeWriter_WriteCharInline(&writer, ch) < 0) {
                goto fail;
            }
            at += used;
            continue;
        }
        if (incomplete && consumed != NULL) {
            break;
        }
        Py_ssize_t startinpos = at - starts, endinpos = startinpos + bad;
        if (decode_call_errorhandler_writer(errors, &handler, d->encoding, reason, &starts, &end,
                                            &startinpos, &endinpos, &exception, &at,
                                            &writer) < 0) {
            goto fail;
        }
    }
    if (consumed != NULL) {
        *consumed = at - starts;
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
PyUnicode_DecodeUTF16Stateful(const char *s, Py_ssize_t size, const char *errors, int *byteorder,
                              Py_ssize_t *consumed)
{
    int order = byteorder == NULL ? 0 : *byteorder;
    const char *at = s;
    if (order == 0 && size >= 2) {
        Py_UCS4 mark = get16((const unsigned char *)s, 0);
        if (mark == 0xfeff) {
            at += 2;
            order = -1;
        }
        else if (mark == 0xfffe) {
            at += 2;
            order = 1;
        }
        if (byteorder != NULL) {
            *byteorder = order;
        }
    }
    if (at == s + size) {
        if (consumed != NULL) {
            *consumed = size;
        }
        return _Py_STR(empty);
    }
    int big = order == 0 ? NATIVE_BIG : order > 0;
    struct wide_decoder d = {2, big, big ? "utf-16-be" : "utf-16-le"};
    return decode_wide(&d, s, at, s + size, errors, consumed);
}

PyObject *
PyUnicode_DecodeUTF16(const char *s, Py_ssize_t size, const char *errors, int *byteorder)
{
    return PyUnicode_DecodeUTF16Stateful(s, size, errors, byteorder, NULL);
}

PyObject *
PyUnicode_DecodeUTF32Stateful(const char *s, Py_ssize_t size, const char *errors, int *byteorder,
                              Py_ssize_t *consumed)
{
    int order = byteorder == NULL ? 0 : *byteorder;
    const char *at = s;
    if (order == 0 && size >= 4) {
        Py_UCS4 mark = get32((const unsigned char *)s, 0);
        if (mark == 0x0000feff) {
            at += 4;
            order = -1;
        }
        else if (mark == 0xfffe0000) {
            at += 4;
            order = 1;
        }
        if (byteorder != NULL) {
            *byteorder = order;
        }
    }
    if (at == s + size) {
        if (consumed != NULL) {
            *consumed = size;
        }
        return _Py_STR(empty);
    }
    int big = order == 0 ? NATIVE_BIG : order > 0;
    struct wide_decoder d = {4, big, big ? "utf-32-be" : "utf-32-le"};
    return decode_wide(&d, s, at, s + size, errors, consumed);
}

PyObject *
PyUnicode_DecodeUTF32(const char *s, Py_ssize_t size, const char *errors, int *byteorder)
{
    return PyUnicode_DecodeUTF32Stateful(s, size, errors, byteorder, NULL);
}

/* -- Encoding ------------------------------------------------------------------------------ */

static unsigned char *
put_wide(unsigned char *p, int unit, Py_UCS4 ch, int big)
{
    if (unit == 4) {
        return put32(p, ch, big);
    }
    if (ch < 0x10000) {
        return put16(p, ch, big);
    }
    p = put16(p, Py_UNICODE_HIGH_SURROGATE(ch), big);
    return put16(p, Py_UNICODE_LOW_SURROGATE(ch), big);
}

static PyObject *
encode_wide(PyObject *str, const char *errors, int byteorder, int unit, const char *encoding)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    int kind = KIND(str), big = byteorder == 0 ? NATIVE_BIG : byteorder > 0;
    const void *data = DATA(str);
    Py_ssize_t length = LENGTH(str), pairs = 0;
    if (unit == 2 && kind == PyUnicode_4BYTE_KIND) {
        for (Py_ssize_t i = 0; i < length; i++) {
            pairs += READ(kind, data, i) >= 0x10000;
        }
    }
    Py_ssize_t units = length + pairs + (byteorder == 0);
    if (units > PY_SSIZE_T_MAX / unit) {
        return PyErr_NoMemory();
    }
    struct encode_errors state;
    encode_errors_init(&state, errors, encoding, "surrogates not allowed");
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    PyObject *result = NULL;
    unsigned char *p = _PyBytesWriter_Alloc(&writer, units * unit);
    if (p == NULL) {
        goto fail;
    }
    if (byteorder == 0) {
        p = put_wide(p, unit, 0xfeff, big);
    }
    for (Py_ssize_t i = 0; i < length;) {
        Py_UCS4 ch = READ(kind, data, i);
        if (!Py_UNICODE_IS_SURROGATE(ch)) {
            p = put_wide(p, unit, ch, big);
            i++;
            continue;
        }
        Py_ssize_t newpos;
        PyObject *rep = encode_call_errorhandler(errors, &state.handler, encoding, state.reason,
                                                 str, &state.exception, i, i + 1, &newpos);
        if (rep == NULL) {
            goto fail;
        }
        Py_ssize_t n = PyBytes_Check(rep) ? PyBytes_GET_SIZE(rep) : LENGTH(rep) * unit;
        if (PyBytes_Check(rep) ? n % unit != 0 : !PyUnicode_IS_ASCII(rep)) {
            raise_encode_exception(&state.exception, encoding, str, i, i + 1, state.reason);
            Py_DECREF(rep);
            goto fail;
        }
        /* What is still to come may be more than was planned: the handler can step back. */
        writer.overallocate = 1;
        Py_ssize_t left = (length - newpos) * 4;
        p = _PyBytesWriter_Reserve(&writer, p, n + left);
        if (p == NULL) {
            Py_DECREF(rep);
            goto fail;
        }
        if (PyBytes_Check(rep)) {
            memcpy(p, PyBytes_AS_STRING(rep), (size_t)n);
            p += n;
        }
        else {
            for (Py_ssize_t k = 0; k < LENGTH(rep); k++) {
                p = put_wide(p, unit, PyUnicode_READ_CHAR(rep, k), big);
            }
        }
        Py_DECREF(rep);
        i = newpos;
    }
    result = _PyBytesWriter_Finish(&writer, p);
    encode_errors_clear(&state);
    return result;
fail:
    _PyBytesWriter_Dealloc(&writer);
    encode_errors_clear(&state);
    return NULL;
}

PyObject *
_PyUnicode_EncodeUTF16(PyObject *str, const char *errors, int byteorder)
{
    return encode_wide(str, errors, byteorder, 2,
                       byteorder < 0 ? "utf-16-le" : byteorder > 0 ? "utf-16-be" : "utf-16");
}

PyObject *
_PyUnicode_EncodeUTF32(PyObject *str, const char *errors, int byteorder)
{
    return encode_wide(str, errors, byteorder, 4,
                       byteorder < 0 ? "utf-32-le" : byteorder > 0 ? "utf-32-be" : "utf-32");
}

PyObject *
PyUnicode_AsUTF16String(PyObject *unicode)
{
    return _PyUnicode_EncodeUTF16(unicode, NULL, 0);
}

PyObject *
PyUnicode_AsUTF32String(PyObject *unicode)
{
    return _PyUnicode_EncodeUTF32(unicode, NULL, 0);
}

/* How codecs report what they cannot decode or encode: exceptions, handlers, replacements.

   Handlers are Python code; after a call the codec looks at its input again. */
#include "unicode_impl.h"
#include "pycore_codecs.h"

void
make_decode_exception(PyObject **exc, const char *encoding, const char *input, Py_ssize_t length,
                      Py_ssize_t startpos, Py_ssize_t endpos, const char *reason)
{
    if (*exc == NULL) {
        *exc = PyUnicodeDecodeError_Create(encoding, input, length, startpos, endpos, reason);
        return;
    }
    if (PyUnicodeDecodeError_SetStart(*exc, startpos) < 0
            || PyUnicodeDecodeError_SetEnd(*exc, endpos) < 0
            || PyUnicodeDecodeError_SetReason(*exc, reason) < 0) {
        Py_CLEAR(*exc);
    }
}

void
make_encode_exception(PyObject **exc, const char *encoding, PyObject *unicode, Py_ssize_t startpos,
                      Py_ssize_t endpos, const char *reason)
{
    if (*exc == NULL) {
        *exc = PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", encoding, unicode, startpos,
                                     endpos, reason);
        return;
    }
    if (PyUnicodeEncodeError_SetStart(*exc, startpos) < 0
            || PyUnicodeEncodeError_SetEnd(*exc, endpos) < 0
            || PyUnicodeEncodeError_SetReason(*exc, reason) < 0) {
        Py_CLEAR(*exc);
    }
}

void
raise_encode_exception(PyObject **exc, const char *encoding, PyObject *unicode,
                       Py_ssize_t startpos, Py_ssize_t endpos, const char *reason)
{
    make_encode_exception(exc, encoding, unicode, startpos, endpos, reason);
    if (*exc != NULL) {
        PyCodec_StrictErrors(*exc);
    }
}

int
decode_call_errorhandler_writer(const char *errors, PyObject **errorHandler, const char *encoding,
                                const char *reason, const char **input, const char **inend,
                                Py_ssize_t *startinpos, Py_ssize_t *endinpos,
                                PyObject **exceptionObject, const char **inptr,
                                _PyUnicodeWriter *writer)
{
    static const char wrong[] = "O!n;decoding error handler must return (str, int) tuple";
    PyObject *pair = NULL;
    int result = -1;

    if (*errorHandler == NULL) {
        *errorHandler = PyCodec_LookupError(errors);
        if (*errorHandler == NULL) {
            return -1;
        }
    }
    make_decode_exception(exceptionObject, encoding, *input, *inend - *input, *startinpos,
                          *endinpos, reason);
    if (*exceptionObject == NULL) {
        return -1;
    }
    pair = PyObject_CallOneArg(*errorHandler, *exceptionObject);
    if (pair == NULL) {
        return -1;
    }
    PyObject *text;
    Py_ssize_t newpos;
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, wrong + 4);
        goto done;
    }
    if (!PyArg_ParseTuple(pair, wrong, &PyUnicode_Type, &text, &newpos)) {
        goto done;
    }
    /* The handler may have replaced the input. */
    PyObject *object = PyUnicodeDecodeError_GetObject(*exceptionObject);
    if (object == NULL) {
        goto done;
    }
    Py_ssize_t remain = *inend - *input - *endinpos;
    *input = PyBytes_AS_STRING(object);
    Py_ssize_t insize = PyBytes_GET_SIZE(object);
    *inend = *input + insize;
    Py_DECREF(object);  // the exception keeps it
    if (newpos < 0) {
        newpos += insize;
    }
    if (newpos < 0 || newpos > insize) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", newpos);
        goto done;
    }
    /* Room for the replacement, and for more input than was expected. */
    Py_ssize_t length = LENGTH(text);
    int grow = 0;
    if (length > 1) {
        writer->min_length += length - 1;
        grow = 1;
    }
    const char *new_inptr = *input + newpos;
    if (*inend - new_inptr > remain) {
        writer->min_length += *inend - new_inptr - remain;
        grow = 1;
    }
    if (grow) {
        writer->overallocate = 1;
        if (_PyUnicodeWriter_Prepare(writer, Py_MAX(writer->min_length - writer->pos, 0),
                                     PyUnicode_MAX_CHAR_VALUE(text)) < 0) {
            goto done;
        }
    }
    if (_PyUnicodeWriter_WriteStr(writer, text) < 0) {
        goto done;
    }
    *endinpos = newpos;
    *inptr = new_inptr;
    result = 0;
done:
    Py_DECREF(pair);
    return result;
}

PyObject *
encode_call_errorhandler(const char *errors, PyObject **errorHandler, const char *encoding,
                         const char *reason, PyObject *unicode, PyObject **exceptionObject,
                         Py_ssize_t startpos, Py_ssize_t endpos, Py_ssize_t *newpos)
{
    static const char wrong[] = "On;encoding error handler must return (str/bytes, int) tuple";

    if (*errorHandler == NULL) {
        *errorHandler = PyCodec_LookupError(errors);
        if (*errorHandler == NULL) {
            return NULL;
        }
    }
    make_encode_exception(exceptionObject, encoding, unicode, startpos, endpos, reason);
    if (*exceptionObject == NULL) {
        return NULL;
    }
    PyObject *pair = PyObject_CallOneArg(*errorHandler, *exceptionObject);
    if (pair == NULL) {
        return NULL;
    }
    PyObject *replacement;
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, wrong + 3);
        goto fail;
    }
    if (!PyArg_ParseTuple(pair, wrong, &replacement, newpos)) {
        goto fail;
    }
    if (!PyUnicode_Check(replacement) && !PyBytes_Check(replacement)) {
        PyErr_SetString(PyExc_TypeError, wrong + 3);
        goto fail;
    }
    Py_ssize_t length = LENGTH(unicode);
    if (*newpos < 0) {
        *newpos += length;
    }
    if (*newpos < 0 || *newpos > length) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", *newpos);
        goto fail;
    }
    Py_INCREF(replacement);
    Py_DECREF(pair);
    return replacement;
fail:
    Py_DECREF(pair);
    return NULL;
}

/* -- Replacements made here ---------------------------------------------------------------- */

char *
backslashreplace_into(_PyBytesWriter *writer, char *str, PyObject *unicode, Py_ssize_t start,
                      Py_ssize_t end)
{
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t size = 0;
    for (Py_ssize_t i = start; i < end; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        Py_ssize_t add = ch < 0x100 ? 2 + 2 : ch < 0x10000 ? 2 + 4 : 2 + 8;
        if (size > PY_SSIZE_T_MAX - add) {
            PyErr_SetString(PyExc_OverflowError, "encoded result is too long for a Python string");
            return NULL;
        }
        size += add;
    }
    str = _PyBytesWriter_Reserve(writer, str, size);
    if (str == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = start; i < end; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        int digits = ch < 0x100 ? 2 : ch < 0x10000 ? 4 : 8;
        *str++ = '\\';
        *str++ = ch < 0x100 ? 'x' : ch < 0x10000 ? 'u' : 'U';
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            *str++ = Py_hexdigits[ch >> shift & 15];
        }
    }
    return str;
}

char *
xmlcharrefreplace_into(_PyBytesWriter *writer, char *str, PyObject *unicode, Py_ssize_t start,
                       Py_ssize_t end)
{
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t size = 0;
    for (Py_ssize_t i = start; i < end; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        Py_ssize_t add = 3;  // &#; and the digits
        for (Py_UCS4 rest = ch; ; rest /= 10) {
            add++;
            if (rest < 10) {
                break;
            }
        }
        if (size > PY_SSIZE_T_MAX - add) {
            PyErr_SetString(PyExc_OverflowError, "encoded result is too long for a Python string");
            return NULL;
        }
        size += add;
    }
    str = _PyBytesWriter_Reserve(writer, str, size);
    if (str == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = start; i < end; i++) {
        char digits[8];
        int n = 0;
        Py_UCS4 ch = READ(kind, data, i);
        do {
            digits[n++] = (char)('0' + ch % 10);
            ch /= 10;
        } while (ch != 0);
        *str++ = '&';
        *str++ = '#';
        while (n > 0) {
            *str++ = digits[--n];
        }
        *str++ = ';';
    }
    return str;
}

/* -- Errors of encoders whose output is bytes of ASCII repertoire at least -------------------- */

void
encode_errors_init(struct encode_errors *state, const char *errors, const char *encoding,
                   const char *reason)
{
    memset(state, 0, sizeof(*state));
    state->errors = errors;
    state->encoding = encoding;
    state->reason = reason;
}

void
encode_errors_clear(struct encode_errors *state)
{
    Py_CLEAR(state->handler);
    Py_CLEAR(state->exception);
}

char *
encode_errors_handle(struct encode_errors *state, _PyBytesWriter *writer, char *p,
                     PyObject *unicode, Py_ssize_t start, Py_ssize_t end, Py_UCS4 limit,
                     Py_ssize_t *newpos)
{
    if (state->kind == _Py_ERROR_UNKNOWN) {
        state->kind = _Py_GetErrorHandler(state->errors);
    }
    *newpos = end;
    switch (state->kind) {
    case _Py_ERROR_STRICT:
        raise_encode_exception(&state->exception, state->encoding, unicode, start, end,
                               state->reason);
        return NULL;
    case _Py_ERROR_REPLACE:
        p = _PyBytesWriter_Reserve(writer, p, end - start);
        if (p != NULL) {
            memset(p, '?', (size_t)(end - start));
            p += end - start;
        }
        return p;
    case _Py_ERROR_IGNORE:
        return p;
    case _Py_ERROR_BACKSLASHREPLACE:
        return backslashreplace_into(writer, p, unicode, start, end);
    case _Py_ERROR_XMLCHARREFREPLACE:
        return xmlcharrefreplace_into(writer, p, unicode, start, end);
    case _Py_ERROR_SURROGATEESCAPE: {
        Py_ssize_t i = start;
        p = _PyBytesWriter_Reserve(writer, p, end - start);
        if (p == NULL) {
            return NULL;
        }
        while (i < end) {
            Py_UCS4 ch = PyUnicode_READ_CHAR(unicode, i);
            if (ch < 0xdc80 || ch > 0xdcff) {
                break;
            }
            *p++ = (char)(ch - 0xdc00);
            i++;
        }
        if (i == end) {
            return p;
        }
        start = i;
        break;
    }
    default:
        break;
    }

    PyObject *rep = encode_call_errorhandler(state->errors, &state->handler, state->encoding,
                                             state->reason, unicode, &state->exception, start, end,
                                             newpos);
    if (rep == NULL) {
        return NULL;
    }
    if (PyBytes_Check(rep)) {
        p = writer_put(writer, p, PyBytes_AS_STRING(rep), PyBytes_GET_SIZE(rep));
    }
    else {
        Py_ssize_t n = LENGTH(rep);
        if (PyUnicode_MAX_CHAR_VALUE(rep) >= limit) {
            int kind = KIND(rep);
            const void *data = DATA(rep);
            for (Py_ssize_t i = 0; i < n; i++) {
                if (READ(kind, data, i) >= limit) {
                    raise_encode_exception(&state->exception, state->encoding, unicode, start, end,
                                           state->reason);
                    Py_DECREF(rep);
                    return NULL;
                }
            }
        }
        p = _PyBytesWriter_Reserve(writer, p, n);
        if (p != NULL) {
            unicode_convert(PyUnicode_1BYTE_KIND, p, KIND(rep), DATA(rep), n);
            p += n;
        }
    }
    Py_DECREF(rep);
    return p;
}

/* unicode-escape and raw-unicode-escape, and the names behind \N{...}. */
#include "unicode_impl.h"
#include "pycore_interp.h"    // struct _is
#include "pycore_pyerrors.h"  // _PyErr_...

/* -- Character names ----------------------------------------------------------------------- */

_PyUnicode_Name_CAPI *
_PyUnicode_GetNameCAPI(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    _PyUnicode_Name_CAPI *capi = FT_ATOMIC_LOAD_PTR_ACQUIRE(interp->unicode.ucnhash_capi);
    if (capi == NULL) {
        capi = PyCapsule_Import(PyUnicodeData_CAPSULE_NAME, 1);
        /* Release: pairs with the acquire above; the table itself is const. */
        FT_ATOMIC_STORE_PTR_RELEASE(interp->unicode.ucnhash_capi, capi);
    }
    return capi;
}

/* -- Decoding ------------------------------------------------------------------------------ */

static inline int
hex_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads up to count hexadecimal digits; how many there were. */
static int
read_hex(const char *s, const char *end, int count, Py_UCS4 *value)
{
    int n = 0;
    Py_UCS4 ch = 0;
    while (n < count && s + n < end && hex_value((unsigned char)s[n]) >= 0) {
        ch = ch << 4 | (Py_UCS4)hex_value((unsigned char)s[n]);
        n++;
    }
    *value = ch;
    return n;
}

/* One escape at s (behind the backslash, not at the end).  1: *ch is the character; 2: nothing to
   write; 0: *reason says what is wrong, up to the new *ps; -1: exception.  *incomplete: more input
   could help. */
static int
decode_escape(const char **ps, const char *end, Py_UCS4 *ch, const char **reason, int *incomplete,
              int *first_invalid_char, const char **first_invalid_ptr, int *literal_backslash)
{
    const char *s = *ps;
    unsigned char c = (unsigned char)*s++;
    *incomplete = 0;
    *literal_backslash = 0;
    *ps = s;
    switch (c) {
    case '\n': return 2;
    case '\\': *ch = '\\'; return 1;
    case '\'': *ch = '\''; return 1;
    case '"': *ch = '"'; return 1;
    case 'b': *ch = '\b'; return 1;
    case 'f': *ch = '\f'; return 1;
    case 't': *ch = '\t'; return 1;
    case 'n': *ch = '\n'; return 1;
    case 'r': *ch = '\r'; return 1;
    case 'v': *ch = '\v'; return 1;
    case 'a': *ch = '\a'; return 1;
    case '0': case '1': case '2': case '3':
    case '4': case '5': case '6': case '7':
        *ch = c - '0';
        for (int i = 0; i < 2 && s < end && *s >= '0' && *s <= '7'; i++) {
            *ch = *ch * 8 + (Py_UCS4)(*s++ - '0');
        }
        if (*ch > 0xff && *first_invalid_char == -1) {
            *first_invalid_char = (int)*ch;
            *first_invalid_ptr = *ps - 1;
        }
        *ps = s;
        return 1;
    case 'x':
    case 'u':
    case 'U': {
        int count = c == 'x' ? 2 : c == 'u' ? 4 : 8;
        int n = read_hex(s, end, count, ch);
        *ps = s + n;
        if (n < count) {
            *incomplete = s + n == end;
            *reason = c == 'x' ? "truncated \\xXX escape"
                    : c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape";
            return 0;
        }
        if (*ch > MAX_UNICODE) {
            *reason = "illegal Unicode character";
            return 0;
        }
        return 1;
    }
    case 'N': {
        _PyUnicode_Name_CAPI *capi = _PyUnicode_GetNameCAPI();
        if (capi == NULL) {
            PyErr_SetString(PyExc_UnicodeError,
                            "\\N escapes not supported (can't load unicodedata module)");
            return -1;
        }
        *reason = "malformed \\N character escape";
        if (s >= end) {
            *incomplete = 1;
            return 0;
        }
        if (*s == '{') {
            const char *name = ++s;
            while (s < end && *s != '}') {
                s++;
            }
            *ps = s;
            if (s >= end) {
                *incomplete = 1;
                return 0;
            }
            if (s > name) {
                Py_ssize_t length = s - name;
                *ps = s + 1;
                *reason = "unknown Unicode character name";
                if (length <= INT_MAX && capi->getcode(name, (int)length, ch, 0)) {
                    return 1;
                }
            }
        }
        return 0;
    }
    default:
        if (*first_invalid_char == -1) {
            *first_invalid_char = c;
            *first_invalid_ptr = s - 1;
        }
        *ch = c;
        *literal_backslash = 1;
        return 1;
    }
}

PyObject *
_PyUnicode_DecodeUnicodeEscapeInternal2(const char *s, Py_ssize_t size, const char *errors,
                                        Py_ssize_t *consumed, int *first_invalid_escape_char,
                                        const char **first_invalid_escape_ptr)
{
    *first_invalid_escape_char = -1;
    *first_invalid_escape_ptr = NULL;
    if (size == 0) {
        if (consumed != NULL) {
            *consumed = 0;
        }
        return _Py_STR(empty);
    }
    const char *starts = s, *end = s + size;
    PyObject *handler = NULL, *exception = NULL;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = size;
    if (_PyUnicodeWriter_Prepare(&writer, size, 127) < 0) {
        goto fail;
    }
    while (s < end) {
        if (*s != '\\') {
            if (_PyUnicodeWriter_WriteCharInline(&writer, (unsigned char)*s) < 0) {
                goto fail;
            }
            s++;
            continue;
        }
        Py_ssize_t startinpos = s - starts, endinpos;
        const char *reason = "\\ at end of string";
        Py_UCS4 ch = 0;
        int incomplete = 1, literal_backslash = 0, kind = 0;
        s++;
        if (s < end) {
            kind = decode_escape(&s, end, &ch, &reason, &incomplete, first_invalid_escape_char,
                                 first_invalid_escape_ptr, &literal_backslash);
        }
        if (kind < 0) {
            goto fail;
        }
        if (kind == 2) {
            continue;
        }
        if (kind == 1) {
            if ((literal_backslash && _PyUnicodeWriter_WriteCharInline(&writer, '\\') < 0)
                    || _PyUnicodeWriter_WriteCharInline(&writer, ch) < 0) {
                goto fail;
            }
            continue;
        }
        if (incomplete && consumed != NULL) {
            *consumed = startinpos;
            goto finish;
        }
        endinpos = s - starts;
        writer.min_length = end - s + writer.pos;
        if (decode_call_errorhandler_writer(errors, &handler, "unicodeescape", reason, &starts,
                                            &end, &startinpos, &endinpos, &exception, &s,
                                            &writer) < 0) {
            goto fail;
        }
    }
    if (consumed != NULL) {
        *consumed = s - starts;
    }
finish:
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
_PyUnicode_DecodeUnicodeEscapeStateful(const char *s, Py_ssize_t size, const char *errors,
                                       Py_ssize_t *consumed)
{
    int invalid;
    const char *invalid_ptr;
    PyObject *result = _PyUnicode_DecodeUnicodeEscapeInternal2(s, size, errors, consumed, &invalid,
                                                               &invalid_ptr);
    if (result == NULL || invalid == -1) {
        return result;
    }
    int failed = invalid > 0xff
        ? PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                           "\"\\%o\" is an invalid octal escape sequence. "
                           "Such sequences will not work in the future. ", invalid)
        : PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                           "\"\\%c\" is an invalid escape sequence. "
                           "Such sequences will not work in the future. ", invalid);
    if (failed < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

PyObject *
PyUnicode_DecodeUnicodeEscape(const char *s, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_DecodeUnicodeEscapeStateful(s, size, errors, NULL);
}

PyObject *
_PyUnicode_DecodeRawUnicodeEscapeStateful(const char *s, Py_ssize_t size, const char *errors,
                                          Py_ssize_t *consumed)
{
    if (size == 0) {
        if (consumed != NULL) {
            *consumed = 0;
        }
        return _Py_STR(empty);
    }
    const char *starts = s, *end = s + size;
    PyObject *handler = NULL, *exception = NULL;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = size;
    if (_PyUnicodeWriter_Prepare(&writer, size, 127) < 0) {
        goto fail;
    }
    while (s < end) {
        unsigned char c = (unsigned char)*s;
        if (c != '\\') {
            if (_PyUnicodeWriter_WriteCharInline(&writer, c) < 0) {
                goto fail;
            }
            s++;
            continue;
        }
        if (s + 1 >= end && consumed != NULL) {
            break;  // a backslash at the end: what follows decides
        }
        if (s + 1 >= end || (s[1] != 'u' && s[1] != 'U')) {
            /* Not an escape: both characters stand for themselves. */
            if (_PyUnicodeWriter_WriteCharInline(&writer, '\\') < 0) {
                goto fail;
            }
            s++;
            if (s < end) {
                if (_PyUnicodeWriter_WriteCharInline(&writer, (unsigned char)*s) < 0) {
                    goto fail;
                }
                s++;
            }
            continue;
        }
        Py_ssize_t startinpos = s - starts, endinpos;
        int count = s[1] == 'u' ? 4 : 8;
        Py_UCS4 ch;
        int n = read_hex(s + 2, end, count, &ch);
        const char *reason;
        const char *stop = s + 2 + n;
        if (n < count) {
            if (stop == end && consumed != NULL) {
                break;
            }
            reason = count == 4 ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape";
        }
        else if (ch <= MAX_UNICODE) {
            if (_PyUnicodeWriter_WriteCharInline(&writer, ch) < 0) {
                goto fail;
            }
            s = stop;
            continue;
        }
        else {
            reason = "\\Uxxxxxxxx out of range";
        }
        endinpos = stop - starts;
        writer.min_length = end - stop + writer.pos;
        if (decode_call_errorhandler_writer(errors, &handler, "rawunicodeescape", reason, &starts,
                                            &end, &startinpos, &endinpos, &exception, &s,
                                            &writer) < 0) {
            goto fail;
        }
    }
    if (consumed != NULL) {
        *consumed = s - starts;
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
PyUnicode_DecodeRawUnicodeEscape(const char *s, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_DecodeRawUnicodeEscapeStateful(s, size, errors, NULL);
}

/* -- Encoding ------------------------------------------------------------------------------ */

static char *
put_hex(char *p, Py_UCS4 ch, int digits)
{
    *p++ = '\\';
    *p++ = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
        *p++ = Py_hexdigits[ch >> shift & 15];
    }
    return p;
}

/* Room for length characters of at most width bytes each. */
static PyObject *
escape_begin(PyObject *unicode, Py_ssize_t width)
{
    Py_ssize_t length = LENGTH(unicode);
    if (length > PY_SSIZE_T_MAX / width) {
        return PyErr_NoMemory();
    }
    return PyBytes_FromStringAndSize(NULL, length * width);
}

PyObject *
PyUnicode_AsUnicodeEscapeString(PyObject *unicode)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t length = LENGTH(unicode);
    if (length == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    PyObject *result = escape_begin(unicode, kind == 1 ? 4 : kind == 2 ? 6 : 10);
    if (result == NULL) {
        return NULL;
    }
    char *start = PyBytes_AS_STRING(result), *p = start;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (ch == '\\' || ch == '\t' || ch == '\n' || ch == '\r') {
            *p++ = '\\';
            *p++ = ch == '\t' ? 't' : ch == '\n' ? 'n' : ch == '\r' ? 'r' : '\\';
        }
        else if (ch >= ' ' && ch < 0x7f) {
            *p++ = (char)ch;
        }
        else {
            p = put_hex(p, ch, ch < 0x100 ? 2 : ch < 0x10000 ? 4 : 8);
        }
    }
    _PyBytes_Resize(&result, p - start);
    return result;
}

PyObject *
PyUnicode_AsRawUnicodeEscapeString(PyObject *unicode)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t length = LENGTH(unicode);
    if (kind == PyUnicode_1BYTE_KIND) {
        return PyBytes_FromStringAndSize(data, length);
    }
    PyObject *result = escape_begin(unicode, kind == 2 ? 6 : 10);
    if (result == NULL) {
        return NULL;
    }
    char *start = PyBytes_AS_STRING(result), *p = start;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (ch < 0x100) {
            *p++ = (char)ch;
        }
        else {
            p = put_hex(p, ch, ch < 0x10000 ? 4 : 8);
        }
    }
    _PyBytes_Resize(&result, p - start);
    return result;
}

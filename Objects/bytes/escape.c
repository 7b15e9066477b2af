/* Backslash escapes in bytes literals and in the escape codec. */
#include "Python.h"
#include "pycore_bytesobject.h"

static int
digit_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

PyObject *
_PyBytes_DecodeEscape2(const char *s, Py_ssize_t len, const char *errors,
                       int *first_invalid_escape_char, const char **first_invalid_escape_ptr)
{
    *first_invalid_escape_char = -1;
    *first_invalid_escape_ptr = NULL;
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    char *p = _PyBytesWriter_Alloc(&writer, len);
    if (p == NULL) {
        return NULL;
    }
    const char *start = s, *end = s + len;
    while (s < end) {
        if (*s != '\\') {
            *p++ = *s++;
            continue;
        }
        s++;
        if (s == end) {
            PyErr_SetString(PyExc_ValueError, "Trailing \\ in string");
            goto fail;
        }
        char c = *s++;
        switch (c) {
        case '\n': break;
        case '\\': *p++ = '\\'; break;
        case '\'': *p++ = '\''; break;
        case '"': *p++ = '"'; break;
        case 'b': *p++ = '\b'; break;
        case 'f': *p++ = '\f'; break;
        case 't': *p++ = '\t'; break;
        case 'n': *p++ = '\n'; break;
        case 'r': *p++ = '\r'; break;
        case 'v': *p++ = '\v'; break;
        case 'a': *p++ = '\a'; break;
        case '0': case '1': case '2': case '3':
        case '4': case '5': case '6': case '7': {
            const char *at = s - 1;
            int value = c - '0';
            for (int i = 0; i < 2 && s < end && *s >= '0' && *s <= '7'; i++) {
                value = value * 8 + (*s++ - '0');
            }
            if (value > 0377 && *first_invalid_escape_char == -1) {
                *first_invalid_escape_char = value;
                *first_invalid_escape_ptr = at;
            }
            *p++ = (char)value;
            break;
        }
        case 'x': {
            int high = s < end ? digit_value((unsigned char)s[0]) : -1;
            int low = high >= 0 && s + 1 < end ? digit_value((unsigned char)s[1]) : -1;
            if (low >= 0) {
                *p++ = (char)(high << 4 | low);
                s += 2;
                break;
            }
            if (errors == NULL || strcmp(errors, "strict") == 0) {
                PyErr_Format(PyExc_ValueError, "invalid \\x escape at position %zd",
                             s - 2 - start);
                goto fail;
            }
            if (strcmp(errors, "replace") == 0) {
                *p++ = '?';
            }
            else if (strcmp(errors, "ignore") != 0) {
                PyErr_Format(PyExc_ValueError,
                             "decoding error; unknown error handling code: %.400s", errors);
                goto fail;
            }
            s += high >= 0;  // the one digit goes with it
            break;
        }
        default:
            if (*first_invalid_escape_char == -1) {
                *first_invalid_escape_char = (unsigned char)c;
                *first_invalid_escape_ptr = s - 1;
            }
            *p++ = '\\';
            s--;
        }
    }
    return _PyBytesWriter_Finish(&writer, p);
fail:
    _PyBytesWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
PyBytes_DecodeEscape(const char *s, Py_ssize_t len, const char *errors,
                     Py_ssize_t Py_UNUSED(unicode), const char *Py_UNUSED(recode_encoding))
{
    int invalid;
    const char *invalid_ptr;
    PyObject *result = _PyBytes_DecodeEscape2(s, len, errors, &invalid, &invalid_ptr);
    if (result == NULL || invalid == -1) {
        return result;
    }
    int failed = invalid > 0xff
        ? PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                           "b\"\\%o\" is an invalid octal escape sequence. "
                           "Such sequences will not work in the future. ", invalid)
        : PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                           "b\"\\%c\" is an invalid escape sequence. "
                           "Such sequences will not work in the future. ", invalid);
    if (failed < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

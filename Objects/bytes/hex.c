/* Hexadecimal text of bytes and back. */
#include "Python.h"
#include "pycore_bytesobject.h"

const char *Py_hexdigits = "0123456789abcdef";

/* The separator character of sep (str or bytes of length one), -1 with an exception. */
static int
separator(PyObject *sep)
{
    Py_ssize_t n = PyObject_Length(sep);
    if (n < 0) {
        return -1;
    }
    if (n != 1) {
        PyErr_SetString(PyExc_ValueError, "sep must be length 1.");
        return -1;
    }
    Py_UCS4 ch;
    if (PyUnicode_Check(sep)) {
        ch = PyUnicode_READ_CHAR(sep, 0);
    }
    else if (PyBytes_Check(sep)) {
        ch = (unsigned char)PyBytes_AS_STRING(sep)[0];
    }
    else {
        PyErr_SetString(PyExc_TypeError, "sep must be str or bytes.");
        return -1;
    }
    if (ch > 127) {
        PyErr_SetString(PyExc_ValueError, "sep must be ASCII.");
        return -1;
    }
    return (int)ch;
}

static PyObject *
strhex(const char *s, Py_ssize_t n, PyObject *sep, int group, int as_bytes)
{
    int sep_char = 0;
    Py_ssize_t separators = 0;
    if (sep != NULL) {
        sep_char = separator(sep);
        if (sep_char < 0) {
            return NULL;
        }
    }
    else {
        group = 0;
    }
    size_t width = group < 0 ? (size_t)-(long long)group : (size_t)group;
    if (width != 0 && n > 0) {
        separators = (Py_ssize_t)((size_t)(n - 1) / width);
    }
    if (n >= PY_SSIZE_T_MAX / 2 || separators > PY_SSIZE_T_MAX - n * 2) {
        return PyErr_NoMemory();
    }
    Py_ssize_t total = n * 2 + separators;
    PyObject *result = as_bytes ? PyBytes_FromStringAndSize(NULL, total) : PyUnicode_New(total, 127);
    if (result == NULL || total == 0) {
        return result;
    }
    char *out = as_bytes ? PyBytes_AS_STRING(result) : (char *)PyUnicode_1BYTE_DATA(result);
    /* Groups are counted from the right, or from the left when group is negative. */
    size_t left = width == 0 ? (size_t)n + 1
                : group < 0 ? width : (size_t)(n - 1) % width + 1;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (left == 0) {
            *out++ = (char)sep_char;
            left = width;
        }
        unsigned char c = (unsigned char)s[i];
        *out++ = Py_hexdigits[c >> 4];
        *out++ = Py_hexdigits[c & 15];
        left--;
    }
    return result;
}

PyObject *
_Py_strhex(const char *argbuf, Py_ssize_t arglen)
{
    return strhex(argbuf, arglen, NULL, 0, 0);
}

PyObject *
_Py_strhex_bytes(const char *argbuf, Py_ssize_t arglen)
{
    return strhex(argbuf, arglen, NULL, 0, 1);
}

PyObject *
_Py_strhex_with_sep(const char *argbuf, Py_ssize_t arglen, PyObject *sep, int bytes_per_group)
{
    return strhex(argbuf, arglen, sep, bytes_per_group, 0);
}

PyObject *
_Py_strhex_bytes_with_sep(const char *argbuf, Py_ssize_t arglen, PyObject *sep,
                          int bytes_per_group)
{
    return strhex(argbuf, arglen, sep, bytes_per_group, 1);
}

/* -- Back ---------------------------------------------------------------------------------- */

static int
digit_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static PyObject *
from_hex(const unsigned char *s, Py_ssize_t n, int use_bytearray)
{
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    writer.use_bytearray = use_bytearray;
    char *out = _PyBytesWriter_Alloc(&writer, n / 2);
    if (out == NULL) {
        return NULL;
    }
    const unsigned char *p = s, *end = s + n;
    while (p < end) {
        if (Py_ISSPACE(*p)) {
            p++;
            continue;
        }
        int high = digit_value(*p);
        if (high < 0) {
            goto wrong;
        }
        p++;
        if (p >= end) {
            PyErr_SetString(PyExc_ValueError,
                            "fromhex() arg must contain an even number of hexadecimal digits");
            _PyBytesWriter_Dealloc(&writer);
            return NULL;
        }
        int low = digit_value(*p);
        if (low < 0) {
            goto wrong;
        }
        p++;
        *out++ = (char)(high << 4 | low);
    }
    return _PyBytesWriter_Finish(&writer, out);
wrong:
    PyErr_Format(PyExc_ValueError,
                 "non-hexadecimal number found in fromhex() arg at position %zd", p - s);
    _PyBytesWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
_PyBytes_FromHex(PyObject *string, int use_bytearray)
{
    if (PyUnicode_Check(string)) {
        if (PyUnicode_IS_ASCII(string)) {
            return from_hex(PyUnicode_1BYTE_DATA(string), PyUnicode_GET_LENGTH(string),
                            use_bytearray);
        }
        /* Find the character to complain about. */
        Py_ssize_t i = 0;
        while (PyUnicode_READ_CHAR(string, i) < 128) {
            Py_UCS4 c = PyUnicode_READ_CHAR(string, i);
            if (!Py_ISSPACE(c) && digit_value((unsigned char)c) < 0) {
                break;
            }
            i++;
        }
        PyErr_Format(PyExc_ValueError,
                     "non-hexadecimal number found in fromhex() arg at position %zd", i);
        return NULL;
    }
    if (PyObject_CheckBuffer(string)) {
        Py_buffer view;
        if (PyObject_GetBuffer(string, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        PyObject *result = from_hex(view.buf, view.len, use_bytearray);
        PyBuffer_Release(&view);
        return result;
    }
    PyErr_Format(PyExc_TypeError, "fromhex() argument must be str or bytes-like, not %T", string);
    return NULL;
}

/* array: the types of items, each a pair of conversions and a row. */
#include "array_int.h"
#include "pycore_abstract.h"     // _PyNumber_Index

#include <limits.h>

/* -- Integers ------------------------------------------------------------- */

/* v within limits, where `name` is how errors call the type. */
static int
get_small(PyObject *v, long *out, long min, long max, const char *name)
{
    long x = PyLong_AsLong(v);
    if (x == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (x < min) {
        PyErr_Format(PyExc_OverflowError, "%s is less than minimum", name);
        return -1;
    }
    if (x > max) {
        PyErr_Format(PyExc_OverflowError, "%s is greater than maximum", name);
        return -1;
    }
    *out = x;
    return 0;
}

/* pack_NAME and unpack_NAME of a C type that long can hold */
#define SMALL(name, type, min, max, text)                                      \
    static int pack_##name(PyObject *v, char *out)                             \
    {                                                                          \
        long x;                                                                \
        if (get_small(v, &x, min, max, text) < 0) {                            \
            return -1;                                                         \
        }                                                                      \
        type y = (type)x;                                                      \
        memcpy(out, &y, sizeof(y));                                            \
        return 0;                                                              \
    }                                                                          \
    static PyObject *unpack_##name(const char *p)                              \
    {                                                                          \
        type x;                                                                \
        memcpy(&x, p, sizeof(x));                                              \
        return PyLong_FromLong(x);                                             \
    }

SMALL(b, signed char, SCHAR_MIN, SCHAR_MAX, "signed char")
SMALL(B, unsigned char, 0, UCHAR_MAX, "unsigned byte integer")
SMALL(h, short, SHRT_MIN, SHRT_MAX, "signed short integer")
SMALL(H, unsigned short, 0, USHRT_MAX, "unsigned short")
SMALL(i, int, INT_MIN, INT_MAX, "signed integer")

/* The same for large types, with the conversions of the C API. */
#define LARGE(name, type, convert, make)                                       \
    static int pack_##name(PyObject *v, char *out)                             \
    {                                                                          \
        PyObject *index = _PyNumber_Index(v);                                  \
        if (index == NULL) {                                                   \
            return -1;                                                         \
        }                                                                      \
        type x = (type)convert(index);                                         \
        Py_DECREF(index);                                                      \
        if (x == (type)-1 && PyErr_Occurred()) {                               \
            return -1;                                                         \
        }                                                                      \
        memcpy(out, &x, sizeof(x));                                            \
        return 0;                                                              \
    }                                                                          \
    static PyObject *unpack_##name(const char *p)                              \
    {                                                                          \
        type x;                                                                \
        memcpy(&x, p, sizeof(x));                                              \
        return make(x);                                                        \
    }

static unsigned long
as_unsigned_int(PyObject *index)
{
    unsigned long x = PyLong_AsUnsignedLong(index);
    if (x > UINT_MAX && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_OverflowError, "unsigned int is greater than maximum");
        return (unsigned long)-1;
    }
    return x;
}

LARGE(I, unsigned int, as_unsigned_int, PyLong_FromUnsignedLong)
LARGE(l, long, PyLong_AsLong, PyLong_FromLong)
LARGE(L, unsigned long, PyLong_AsUnsignedLong, PyLong_FromUnsignedLong)
LARGE(q, long long, PyLong_AsLongLong, PyLong_FromLongLong)
LARGE(Q, unsigned long long, PyLong_AsUnsignedLongLong, PyLong_FromUnsignedLongLong)

/* -- Floats --------------------------------------------------------------- */

#define REAL(name, type)                                                       \
    static int pack_##name(PyObject *v, char *out)                             \
    {                                                                          \
        double x = PyFloat_AsDouble(v);                                        \
        if (x == -1.0 && PyErr_Occurred()) {                                   \
            return -1;                                                         \
        }                                                                      \
        type y = (type)x;                                                      \
        memcpy(out, &y, sizeof(y));                                            \
        return 0;                                                              \
    }                                                                          \
    static PyObject *unpack_##name(const char *p)                              \
    {                                                                          \
        type x;                                                                \
        memcpy(&x, p, sizeof(x));                                              \
        return PyFloat_FromDouble(x);                                          \
    }

REAL(f, float)
REAL(d, double)

/* -- Characters ----------------------------------------------------------- */

static int
get_character(PyObject *v, Py_UCS4 *out)
{
    if (!PyUnicode_Check(v)) {
        PyErr_Format(PyExc_TypeError, "array item must be a unicode character, not %T", v);
        return -1;
    }
    if (PyUnicode_GET_LENGTH(v) != 1) {
        PyErr_Format(PyExc_TypeError, "array item must be a unicode character, not a string of length %zd",
                     PyUnicode_GET_LENGTH(v));
        return -1;
    }
    *out = PyUnicode_READ_CHAR(v, 0);
    return 0;
}

static int
pack_w(PyObject *v, char *out)
{
    Py_UCS4 c;
    if (get_character(v, &c) < 0) {
        return -1;
    }
    memcpy(out, &c, sizeof(c));
    return 0;
}

static PyObject *
unpack_w(const char *p)
{
    Py_UCS4 c;
    memcpy(&c, p, sizeof(c));
    if (c > 0x10ffff) {
        return PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", c);
    }
    return PyUnicode_FromOrdinal((int)c);
}

#if SIZEOF_WCHAR_T == 4
#  define pack_u pack_w
#  define unpack_u unpack_w
#else
static int
pack_u(PyObject *v, char *out)
{
    Py_UCS4 c;
    if (get_character(v, &c) < 0) {
        return -1;
    }
    if (c > 0xffff) {
        PyErr_SetString(PyExc_TypeError, "string cannot be converted to a single wchar_t character");
        return -1;
    }
    wchar_t w = (wchar_t)c;
    memcpy(out, &w, sizeof(w));
    return 0;
}

static PyObject *
unpack_u(const char *p)
{
    wchar_t c;
    memcpy(&c, p, sizeof(c));
    return PyUnicode_FromOrdinal(c);
}
#endif

/* -- The table ------------------------------------------------------------ */

#define ROW(code, type, is_integer, is_signed) \
    {#code[0], sizeof(type), is_integer, is_signed, #code, pack_##code, unpack_##code}

const struct item_type _PyArray_ItemTypes[] = {
    ROW(b, signed char, true, true),
    ROW(B, unsigned char, true, false),
    {'u', sizeof(wchar_t), false, false, sizeof(wchar_t) == 4 ? "w" : "u", pack_u, unpack_u},
    ROW(w, Py_UCS4, false, false),
    ROW(h, short, true, true),
    ROW(H, unsigned short, true, false),
    ROW(i, int, true, true),
    ROW(I, unsigned int, true, false),
    ROW(l, long, true, true),
    ROW(L, unsigned long, true, false),
    ROW(q, long long, true, true),
    ROW(Q, unsigned long long, true, false),
    ROW(f, float, false, false),
    ROW(d, double, false, false),
    {0},
};

/* float and text: repr, reading, rounding to decimal places, hexadecimal. */
#include "Python.h"
#include "float_int.h"
#include "pycore_floatobject.h"
#include "pycore_unicodeobject.h"  // _PyUnicode_FromASCII

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

/* -- Decimal -------------------------------------------------------------- */

PyObject *
_PyFloat_Repr(PyObject *op)
{
    char buffer[32];
    int size = _Py_double_repr(((PyFloatObject *)op)->ob_fval, buffer);
    return _PyUnicode_FromASCII(buffer, size);
}

static PyObject *
parse_decimal(const char *s, Py_ssize_t size, void *shown)
{
    char *end;
    double x = PyOS_string_to_double(s, &end, NULL);
    if (end != s + size) {
        PyErr_Format(PyExc_ValueError, "could not convert string to float: %R", (PyObject *)shown);
        return NULL;
    }
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyFloat_FromDouble(x);
}

PyObject *
PyFloat_FromString(PyObject *op)
{
    PyObject *owner = NULL, *result = NULL;
    const char *s;
    Py_ssize_t size;
    Py_buffer view = {NULL, NULL};

    if (PyUnicode_Check(op)) {
        owner = _PyUnicode_TransformDecimalAndSpaceToASCII(op);
        if (owner == NULL) {
            return NULL;
        }
        s = PyUnicode_AsUTF8AndSize(owner, &size);
        if (s == NULL) {
            Py_DECREF(owner);
            return NULL;
        }
    }
    else if (PyBytes_Check(op)) {
        s = PyBytes_AS_STRING(op);
        size = PyBytes_GET_SIZE(op);
    }
    else if (PyByteArray_Check(op)) {
        s = PyByteArray_AS_STRING(op);
        size = PyByteArray_GET_SIZE(op);
    }
    else if (PyObject_GetBuffer(op, &view, PyBUF_SIMPLE) == 0) {
        owner = PyBytes_FromStringAndSize(view.buf, view.len);  /* with a NUL at the end */
        if (owner == NULL) {
            PyBuffer_Release(&view);
            return NULL;
        }
        s = PyBytes_AS_STRING(owner);
        size = PyBytes_GET_SIZE(owner);
    }
    else {
        PyErr_Format(PyExc_TypeError, "float() argument must be a string or a real number, not '%.200s'",
                     Py_TYPE(op)->tp_name);
        return NULL;
    }
    const char *last = s + size;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    while (s < last - 1 && Py_ISSPACE(last[-1])) {
        last--;
    }
    /* The parser wants the text to end where it ends. */
    char stack[64], *copy = NULL;
    size = last - s;
    if (*last != '\0') {
        copy = size < (Py_ssize_t)sizeof(stack) ? stack : PyMem_Malloc((size_t)size + 1);
        if (copy == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        memcpy(copy, s, (size_t)size);
        copy[size] = '\0';
        s = copy;
    }
    if (memchr(s, '\0', (size_t)size) != NULL) {
        PyErr_Format(PyExc_ValueError, "could not convert string to float: %R", op);
    }
    else {
        result = _Py_string_to_number_with_underscores(s, size, "float", op, op, parse_decimal);
    }
done:
    if (copy != stack) {
        PyMem_Free(copy);
    }
    PyBuffer_Release(&view);
    Py_XDECREF(owner);
    return result;
}

/* -- Rounding ------------------------------------------------------------- */

/* x to ndigits decimal places, correctly: through its exact decimal digits. */
static PyObject *
round_places(double x, int ndigits)
{
    char digits[_Py_DTOA_BUFFER + 32];
    int decpt;
    int size = _Py_dtoa_digits(fabs(x), 3, ndigits, digits, &decpt);
    if (size == 0) {
        return PyFloat_FromDouble(copysign(0.0, x));
    }
    snprintf(digits + size, 32, "e%d", decpt - size);
    char *end;
    errno = 0;
    double rounded = _Py_dg_strtod(digits, &end);
    if (errno == ERANGE && fabs(rounded) >= 1.0) {
        PyErr_SetString(PyExc_OverflowError, "rounded value too large to represent");
        return NULL;
    }
    return PyFloat_FromDouble(copysign(rounded, x));
}

PyObject *
_PyFloat_Round(PyObject *self, PyObject *o_ndigits)
{
    double x = ((PyFloatObject *)self)->ob_fval;
    if (o_ndigits == NULL || o_ndigits == Py_None) {
        double rounded = round(x);
        if (fabs(x - rounded) == 0.5) {
            rounded = 2.0 * round(x / 2.0);
        }
        return PyLong_FromDouble(rounded);
    }
    Py_ssize_t ndigits = PyNumber_AsSsize_t(o_ndigits, NULL);
    if (ndigits == -1 && PyErr_Occurred()) {
        return NULL;
    }
    /* The last place of the smallest double, and one above the largest. */
    const int most = (int)((DBL_MANT_DIG - DBL_MIN_EXP) * 0.30103);
    const int least = -(int)((DBL_MAX_EXP + 1) * 0.30103);
    if (!isfinite(x) || ndigits > most) {
        return PyFloat_FromDouble(x);
    }
    if (ndigits < least) {
        return PyFloat_FromDouble(0.0 * x);
    }
    return round_places(x, (int)ndigits);
}

/* -- Hexadecimal ---------------------------------------------------------- */

PyObject *
_PyFloat_Hex(double x)
{
    if (!isfinite(x)) {
        char buffer[32];
        int size = _Py_double_repr(x, buffer);
        return _PyUnicode_FromASCII(buffer, size);
    }
    const char *sign = signbit(x) ? "-" : "";
    uint64_t bits = _Py_double_bits(x);
    uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
    int biased = (int)(bits >> 52) & 0x7ff;
    if (biased == 0 && mantissa == 0) {
        return PyUnicode_FromFormat("%s0x0.0p+0", sign);
    }
    char buffer[48];
    int exponent = biased ? biased - 1023 : -1022;
    int size = snprintf(buffer, sizeof(buffer), "%s0x%d.%013llxp%+d", sign, biased != 0,
                        (unsigned long long)mantissa, exponent);
    return _PyUnicode_FromASCII(buffer, size);
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)Py_TOLOWER(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static double
hex_malformed(void)
{
    PyErr_SetString(PyExc_ValueError, "invalid hexadecimal floating-point string");
    return -1.0;
}

double
_PyFloat_ParseHex(const char *s, Py_ssize_t size)
{
    const char *s_end = s + size;
    bool negative = false;
    char *end;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    double x = _Py_parse_inf_or_nan(s, &end);
    if (end != s) {
        s = end;
        goto finished;
    }
    if (*s == '-' || *s == '+') {
        negative = *s == '-';
        s++;
    }
    if (*s == '0' && (s[1] == 'x' || s[1] == 'X')) {
        s += 2;
    }
    uint64_t top = 0;       /* the leading 64 bits, lowest sticky once full */
    bool sticky = false, any = false, point = false;
    long exponent = 0;
    for (;; s++) {
        int value = hex_value(*s);
        if (value >= 0) {
            any = true;
            if (top >> 60 == 0) {
                top = top << 4 | (uint64_t)value;
                exponent -= point ? 4 : 0;
            }
            else {
                sticky |= value != 0;
                exponent += point ? 0 : 4;
            }
        }
        else if (*s == '.' && !point) {
            point = true;
        }
        else {
            break;
        }
    }
    if (!any) {
        return hex_malformed();
    }
    if (*s == 'p' || *s == 'P') {
        s++;
        bool minus = *s == '-';
        if (*s == '-' || *s == '+') {
            s++;
        }
        if (!Py_ISDIGIT(*s)) {
            return hex_malformed();
        }
        long written = 0;
        for (; Py_ISDIGIT(*s); s++) {
            if (written < LONG_MAX / 40) {
                written = written * 10 + (*s - '0');
            }
        }
        exponent += minus ? -written : written;
    }
    if (top == 0) {
        x = 0.0;
    }
    else {
        int shift = __builtin_clzll(top);
        top <<= shift;
        exponent -= shift;
        if (sticky) {
            top |= 1;
        }
        if (exponent < -2000) {
            x = 0.0;
        }
        else {
            x = exponent > 2000 ? HUGE_VAL : _Py_round_to_double(top, (int)exponent);
        }
        if (isinf(x)) {
            PyErr_SetString(PyExc_OverflowError, "hexadecimal value too large to represent as a float");
            return -1.0;
        }
    }
    if (negative) {
        x = -x;
    }
finished:
    while (Py_ISSPACE(*s)) {
        s++;
    }
    return s == s_end ? x : hex_malformed();
}

/* int: conversion from and to the integers and doubles of C. */
#include "long_int.h"
#include "pycore_abstract.h"  // _PyNumber_Index

#include <float.h>
#include <limits.h>
#include <math.h>

/* -- From C integers ------------------------------------------------------ */

static PyObject *
from_unsigned(uint64_t value)
{
    if (value <= INT64_MAX) {
        return _PyLong_FromInt64Fast((int64_t)value);
    }
    PyLongObject *v = _PyLong_Alloc(3);
    if (v == NULL) {
        return NULL;
    }
    DIGITS(v)[0] = (digit)(value & PyLong_MASK);
    DIGITS(v)[1] = (digit)((value >> PyLong_SHIFT) & PyLong_MASK);
    DIGITS(v)[2] = (digit)(value >> (2 * PyLong_SHIFT));
    return (PyObject *)v;
}

#define FROM_SIGNED(name, type)         \
    PyObject *name(type value)          \
    {                                   \
        return _PyLong_FromInt64Fast(value); \
    }
#define FROM_UNSIGNED(name, type)       \
    PyObject *name(type value)          \
    {                                   \
        return from_unsigned(value);    \
    }

FROM_SIGNED(PyLong_FromLong, long)
FROM_SIGNED(PyLong_FromLongLong, long long)
FROM_SIGNED(PyLong_FromSsize_t, Py_ssize_t)
FROM_SIGNED(PyLong_FromInt32, int32_t)
FROM_SIGNED(PyLong_FromInt64, int64_t)
FROM_UNSIGNED(PyLong_FromUnsignedLong, unsigned long)
FROM_UNSIGNED(PyLong_FromUnsignedLongLong, unsigned long long)
FROM_UNSIGNED(PyLong_FromSize_t, size_t)
FROM_UNSIGNED(PyLong_FromUInt32, uint32_t)
FROM_UNSIGNED(PyLong_FromUInt64, uint64_t)

PyObject *
PyLong_FromVoidPtr(void *p)
{
    return from_unsigned((uintptr_t)p);
}

PyObject *
PyLong_FromDouble(double value)
{
    if (value > -9.2e18 && value < 9.2e18) {
        return _PyLong_FromInt64Fast((int64_t)value);
    }
    if (isinf(value)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert float infinity to integer");
        return NULL;
    }
    if (isnan(value)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert float NaN to integer");
        return NULL;
    }
    int exponent;
    double fraction = frexp(fabs(value), &exponent);  /* exponent > 63 */
    uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
    _Py_limb limbs[18] = {0};
    unsigned shift = (unsigned)exponent - 53;
    limbs[shift / 64] = mantissa << (shift % 64);
    if (shift % 64 > 11) {
        limbs[shift / 64 + 1] = mantissa >> (64 - shift % 64);
    }
    return _PyLong_FromLimbs(limbs, 18, value < 0);
}

/* -- To C integers -------------------------------------------------------- */

/* True if |v| fits in 64 bits; it is then in *magnitude. */
static inline bool
get_magnitude(const PyLongObject *v, uint64_t *magnitude)
{
    Py_ssize_t n = _PyLong_DigitCount(v);
    uint64_t value = DIGITS(v)[0];
    if (n > 1) {
        value |= (uint64_t)DIGITS(v)[1] << PyLong_SHIFT;
        if (n > 2) {
            if (n > 3 || DIGITS(v)[2] >> (64 - 2 * PyLong_SHIFT)) {
                return false;
            }
            value |= (uint64_t)DIGITS(v)[2] << (2 * PyLong_SHIFT);
        }
    }
    *magnitude = value;
    return true;
}

/* The low 64 bits in two's complement. */
static uint64_t
get_mask(const PyLongObject *v)
{
    uint64_t value = 0;
    Py_ssize_t n = _PyLong_DigitCount(v);
    for (Py_ssize_t i = n < 3 ? n : 3; i-- > 0;) {
        value = (value << PyLong_SHIFT) | DIGITS(v)[i];
    }
    return _PyLong_IsNegative(v) ? 0 - value : value;
}

static inline bool
get_int64(const PyLongObject *v, int64_t *out)
{
    uint64_t magnitude;
    if (!get_magnitude(v, &magnitude)) {
        return false;
    }
    if (_PyLong_IsNegative(v)) {
        *out = (int64_t)(0 - magnitude);
        return magnitude <= (uint64_t)1 << 63;
    }
    *out = (int64_t)magnitude;
    return magnitude <= INT64_MAX;
}

bool
_PyLong_TryInt64(PyObject *op, int64_t *out)
{
    return get_int64(LONG(op), out);
}

/* The value as int64_t through __index__.  0; or -1 with an exception; or the sign of the overflow in *overflow. */
static int
index_to_int64(PyObject *op, int64_t *out, int *overflow)
{
    *overflow = 0;
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (PyLong_Check(op)) {
        if (!get_int64(LONG(op), out)) {
            *overflow = _PyLong_IsNegative(LONG(op)) ? -1 : 1;
        }
        return 0;
    }
    PyObject *index = _PyNumber_Index(op);
    if (index == NULL) {
        return -1;
    }
    if (!get_int64(LONG(index), out)) {
        *overflow = _PyLong_IsNegative(LONG(index)) ? -1 : 1;
    }
    Py_DECREF(index);
    return 0;
}

long
PyLong_AsLongAndOverflow(PyObject *op, int *overflow)
{
    int64_t value;
    if (index_to_int64(op, &value, overflow) < 0 || *overflow) {
        return -1;
    }
#if LONG_MAX < INT64_MAX
    if (value < LONG_MIN || value > LONG_MAX) {
        *overflow = value < 0 ? -1 : 1;
        return -1;
    }
#endif
    return (long)value;
}

long
PyLong_AsLong(PyObject *op)
{
    int overflow;
    long result = PyLong_AsLongAndOverflow(op, &overflow);
    if (overflow) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C long");
    }
    return result;
}

int
PyLong_AsInt(PyObject *op)
{
    int overflow;
    int64_t value;
    if (index_to_int64(op, &value, &overflow) < 0) {
        return -1;
    }
    if (overflow || value < INT_MIN || value > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    return (int)value;
}

#undef _PyLong_AsInt
PyAPI_FUNC(int) _PyLong_AsInt(PyObject *op);
int
_PyLong_AsInt(PyObject *op)
{
    return PyLong_AsInt(op);
}

long long
PyLong_AsLongLongAndOverflow(PyObject *op, int *overflow)
{
    int64_t value;
    if (index_to_int64(op, &value, overflow) < 0 || *overflow) {
        return -1;
    }
    return value;
}

long long
PyLong_AsLongLong(PyObject *op)
{
    int overflow;
    long long result = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (overflow) {
        PyErr_SetString(PyExc_OverflowError, "int too big to convert");
    }
    return result;
}

/* Ints only, no __index__: -1 with TypeError. */
static int
require_int(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyLong_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return -1;
    }
    return 0;
}

Py_ssize_t
PyLong_AsSsize_t(PyObject *op)
{
    int64_t value;
    if (require_int(op) < 0) {
        return -1;
    }
    if (!get_int64(LONG(op), &value) || value > PY_SSIZE_T_MAX || value < PY_SSIZE_T_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C ssize_t");
        return -1;
    }
    return (Py_ssize_t)value;
}

static int
to_unsigned(PyObject *op, uint64_t *out, uint64_t maximum, const char *negative, const char *too_large)
{
    if (require_int(op) < 0) {
        return -1;
    }
    if (_PyLong_IsNegative(LONG(op))) {
        PyErr_SetString(PyExc_OverflowError, negative);
        return -1;
    }
    if (!get_magnitude(LONG(op), out) || *out > maximum) {
        PyErr_SetString(PyExc_OverflowError, too_large);
        return -1;
    }
    return 0;
}

unsigned long
PyLong_AsUnsignedLong(PyObject *op)
{
    uint64_t value;
    if (to_unsigned(op, &value, ULONG_MAX, "can't convert negative value to unsigned int",
                    "Python int too large to convert to C unsigned long") < 0) {
        return (unsigned long)-1;
    }
    return (unsigned long)value;
}

size_t
PyLong_AsSize_t(PyObject *op)
{
    uint64_t value;
    if (to_unsigned(op, &value, SIZE_MAX, "can't convert negative value to size_t",
                    "Python int too large to convert to C size_t") < 0) {
        return (size_t)-1;
    }
    return (size_t)value;
}

unsigned long long
PyLong_AsUnsignedLongLong(PyObject *op)
{
    uint64_t value;
    if (to_unsigned(op, &value, ULLONG_MAX, "can't convert negative int to unsigned",
                    "int too big to convert") < 0) {
        return (unsigned long long)-1;
    }
    return value;
}

unsigned long long
PyLong_AsUnsignedLongLongMask(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return (unsigned long long)-1;
    }
    if (PyLong_Check(op)) {
        return get_mask(LONG(op));
    }
    PyObject *index = _PyNumber_Index(op);
    if (index == NULL) {
        return (unsigned long long)-1;
    }
    unsigned long long value = get_mask(LONG(index));
    Py_DECREF(index);
    return value;
}

unsigned long
PyLong_AsUnsignedLongMask(PyObject *op)
{
    return (unsigned long)PyLong_AsUnsignedLongLongMask(op);
}

void *
PyLong_AsVoidPtr(PyObject *op)
{
    if (op != NULL && PyLong_Check(op) && _PyLong_IsNegative(LONG(op))) {
        return (void *)(intptr_t)PyLong_AsLong(op);
    }
    return (void *)(uintptr_t)PyLong_AsUnsignedLong(op);
}

static int
to_fixed_signed(PyObject *op, int64_t *out, int64_t minimum, int64_t maximum, const char *type)
{
    int overflow;
    if (index_to_int64(op, out, &overflow) < 0) {
        return -1;
    }
    if (overflow || *out < minimum || *out > maximum) {
        PyErr_Format(PyExc_OverflowError, "Python int too large to convert to C %s", type);
        return -1;
    }
    return 0;
}

int
PyLong_AsInt32(PyObject *op, int32_t *value)
{
    int64_t wide;
    if (to_fixed_signed(op, &wide, INT32_MIN, INT32_MAX, "int32_t") < 0) {
        return -1;
    }
    *value = (int32_t)wide;
    return 0;
}

int
PyLong_AsInt64(PyObject *op, int64_t *value)
{
    int64_t wide;
    if (to_fixed_signed(op, &wide, INT64_MIN, INT64_MAX, "int64_t") < 0) {
        return -1;
    }
    *value = wide;
    return 0;
}

/* Through __index__; the format takes the name of the C type. */
static int
to_fixed_unsigned(PyObject *op, uint64_t *out, uint64_t maximum, const char *format, const char *type)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *index = PyLong_Check(op) ? Py_NewRef(op) : _PyNumber_Index(op);
    if (index == NULL) {
        return -1;
    }
    int status = -1;
    if (_PyLong_IsNegative(LONG(index))) {
        PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
    }
    else if (!get_magnitude(LONG(index), out) || *out > maximum) {
        PyErr_Format(PyExc_OverflowError, format, type);
    }
    else {
        status = 0;
    }
    Py_DECREF(index);
    return status;
}

int
PyLong_AsUInt32(PyObject *op, uint32_t *value)
{
    uint64_t wide;
    if (to_fixed_unsigned(op, &wide, UINT32_MAX, "Python int too large to convert to C %s", "uint32_t") < 0) {
        return -1;
    }
    *value = (uint32_t)wide;
    return 0;
}

int
PyLong_AsUInt64(PyObject *op, uint64_t *value)
{
    uint64_t wide;
    if (to_fixed_unsigned(op, &wide, UINT64_MAX, "Python int too large to convert to C %s", "uint64_t") < 0) {
        return -1;
    }
    *value = wide;
    return 0;
}

/* One "O&" converter to an unsigned type. */
#define CONVERTER(name, type, text)                                                  \
    int name(PyObject *op, void *out)                                                \
    {                                                                                \
        uint64_t value;                                                              \
        if (to_fixed_unsigned(op, &value, (type)-1, "Python int too large for C %s", text) < 0) { \
            return 0;                                                                \
        }                                                                            \
        *(type *)out = (type)value;                                                  \
        return 1;                                                                    \
    }

CONVERTER(_PyLong_UnsignedShort_Converter, unsigned short, "unsigned short")
CONVERTER(_PyLong_UnsignedInt_Converter, unsigned int, "unsigned int")
CONVERTER(_PyLong_UnsignedLong_Converter, unsigned long, "unsigned long")
CONVERTER(_PyLong_UnsignedLongLong_Converter, unsigned long long, "unsigned long long")
CONVERTER(_PyLong_Size_t_Converter, size_t, "size_t")
CONVERTER(_PyLong_UInt8_Converter, uint8_t, "uint8_t")
CONVERTER(_PyLong_UInt16_Converter, uint16_t, "uint16_t")
CONVERTER(_PyLong_UInt32_Converter, uint32_t, "uint32_t")
CONVERTER(_PyLong_UInt64_Converter, uint64_t, "uint64_t")

/* -- Sign ----------------------------------------------------------------- */

int
(_PyLong_Sign)(PyObject *op)
{
    assert(op != NULL && PyLong_Check(op));
    return _PyLong_NonCompactSign(LONG(op));
}

int
PyLong_GetSign(PyObject *op, int *sign)
{
    if (!PyLong_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expect int, got %T", op);
        return -1;
    }
    *sign = _PyLong_NonCompactSign(LONG(op));
    return 0;
}

static int
check_int(PyObject *op)
{
    if (!PyLong_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected int, got %T", op);
        return -1;
    }
    return 0;
}

int
PyLong_IsPositive(PyObject *op)
{
    return check_int(op) < 0 ? -1 : _PyLong_IsPositive(LONG(op));
}

int
PyLong_IsNegative(PyObject *op)
{
    return check_int(op) < 0 ? -1 : _PyLong_IsNegative(LONG(op));
}

int
PyLong_IsZero(PyObject *op)
{
    return check_int(op) < 0 ? -1 : _PyLong_IsZero(LONG(op));
}

#undef PyUnstable_Long_IsCompact
#undef PyUnstable_Long_CompactValue
PyAPI_FUNC(int) PyUnstable_Long_IsCompact(const PyLongObject *op);
PyAPI_FUNC(Py_ssize_t) PyUnstable_Long_CompactValue(const PyLongObject *op);

int
PyUnstable_Long_IsCompact(const PyLongObject *op)
{
    return _PyLong_IsCompact(op);
}

Py_ssize_t
PyUnstable_Long_CompactValue(const PyLongObject *op)
{
    return _PyLong_CompactValue(op);
}

/* -- Doubles -------------------------------------------------------------- */

double
_PyLong_Frexp(PyLongObject *a, int64_t *e)
{
    Py_ssize_t n = _PyLong_DigitCount(a);
    if (n == 0) {
        *e = 0;
        return 0.0;
    }
    int64_t bits = _PyLong_BitLength(a);
    /* The top 64 bits, the lowest of which stands for all that is below. */
    uint64_t top = 0;
    if (bits <= 60) {
        for (Py_ssize_t i = n; i-- > 0;) {
            top = (top << PyLong_SHIFT) | DIGITS(a)[i];
        }
        top <<= 64 - bits;
    }
    else {
        unsigned head = (unsigned)((bits - 1) % PyLong_SHIFT) + 1;  /* bits of the top digit */
        unsigned have = head;
        Py_ssize_t i = n - 1;
        top = DIGITS(a)[i];
        while (i > 0 && have + PyLong_SHIFT <= 64) {
            top = (top << PyLong_SHIFT) | DIGITS(a)[--i];
            have += PyLong_SHIFT;
        }
        digit rest = 0;
        if (have < 64) {
            unsigned more = 64 - have;
            top <<= more;
            if (i > 0) {
                digit d = DIGITS(a)[--i];
                top |= d >> (PyLong_SHIFT - more);
                rest = d & (((digit)1 << (PyLong_SHIFT - more)) - 1);
            }
        }
        while (rest == 0 && i > 0) {
            rest = DIGITS(a)[--i];
        }
        top |= rest != 0;
    }
    /* Round 64 bits to 53, half to even. */
    uint64_t mantissa = top >> 11, low = top & 0x7ff;
    if (low > 0x400 || (low == 0x400 && (mantissa & 1))) {
        mantissa++;
    }
    double x = ldexp((double)mantissa, -53);
    if (x == 1.0) {
        x = 0.5;
        bits++;
    }
    *e = bits;
    return _PyLong_IsNegative(a) ? -x : x;
}

double
PyLong_AsDouble(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1.0;
    }
    if (!PyLong_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return -1.0;
    }
    int64_t value;
    if (_PyLong_TryInt60(op, &value)) {
        return (double)value;  /* the hardware rounds half to even too */
    }
    int64_t exponent;
    double x = _PyLong_Frexp(LONG(op), &exponent);
    if (exponent > DBL_MAX_EXP) {
        PyErr_SetString(PyExc_OverflowError, "int too large to convert to float");
        return -1.0;
    }
    return ldexp(x, (int)exponent);
}

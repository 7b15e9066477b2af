/* int: addition, subtraction, negation, bit operations, shifts.

   Two's complement is simulated: bit operations on negative numbers work on digits of ~(|v| - 1),
   made on the fly. */
#include "long_int.h"

/* -- Addition and subtraction --------------------------------------------- */

/* |a| + |b| with a sign */
static PyObject *
add_magnitudes(const PyLongObject *a, const PyLongObject *b, int sign)
{
    Py_ssize_t n = _PyLong_DigitCount(a), m = _PyLong_DigitCount(b);
    if (n < m) {
        const PyLongObject *t = a;
        a = b;
        b = t;
        Py_ssize_t k = n;
        n = m;
        m = k;
    }
    PyLongObject *z = _PyLong_Alloc(n + 1);
    if (z == NULL) {
        return NULL;
    }
    const digit *x = a->long_value.ob_digit, *y = b->long_value.ob_digit;
    digit *out = DIGITS(z), carry = 0;
    Py_ssize_t i = 0;
    for (; i < m; i++) {
        carry += x[i] + y[i];
        out[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    for (; i < n; i++) {
        carry += x[i];
        out[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    out[n] = carry;
    _PyLong_SetSignAndDigitCount(z, sign, n + 1);
    return _PyLong_Finish(z);
}

/* (|a| - |b|) * sign */
static PyObject *
sub_magnitudes(const PyLongObject *a, const PyLongObject *b, int sign)
{
    int order = _PyLong_CompareMagnitude(a, b);
    if (order == 0) {
        return _PyLong_GetZero();
    }
    if (order < 0) {
        const PyLongObject *t = a;
        a = b;
        b = t;
        sign = -sign;
    }
    Py_ssize_t n = _PyLong_DigitCount(a), m = _PyLong_DigitCount(b);
    PyLongObject *z = _PyLong_Alloc(n);
    if (z == NULL) {
        return NULL;
    }
    const digit *x = a->long_value.ob_digit, *y = b->long_value.ob_digit;
    digit *out = DIGITS(z), borrow = 0;
    Py_ssize_t i = 0;
    for (; i < m; i++) {
        borrow = x[i] - y[i] - borrow;
        out[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    for (; i < n; i++) {
        borrow = x[i] - borrow;
        out[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    _PyLong_SetSignAndDigitCount(z, sign, n);
    return _PyLong_Finish(z);
}

static PyObject *
add_slow(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (_PyLong_TryInt60((PyObject *)a, &x) && _PyLong_TryInt60((PyObject *)b, &y)) {
        return _PyLong_FromInt64Fast(x + y);
    }
    if (_PyLong_IsNegative(a)) {
        return _PyLong_IsNegative(b) ? add_magnitudes(a, b, -1) : sub_magnitudes(b, a, 1);
    }
    return _PyLong_IsNegative(b) ? sub_magnitudes(a, b, 1) : add_magnitudes(a, b, 1);
}

static PyObject *
sub_slow(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (_PyLong_TryInt60((PyObject *)a, &x) && _PyLong_TryInt60((PyObject *)b, &y)) {
        return _PyLong_FromInt64Fast(x - y);
    }
    if (_PyLong_IsNegative(a)) {
        return _PyLong_IsNegative(b) ? sub_magnitudes(b, a, 1) : add_magnitudes(a, b, -1);
    }
    return _PyLong_IsNegative(b) ? add_magnitudes(a, b, 1) : sub_magnitudes(a, b, 1);
}

PyObject *
_PyLong_Add(PyLongObject *a, PyLongObject *b)
{
    if (_PyLong_BothAreCompact(a, b)) {
        return _PyLong_FromInt64Fast(compact_value(a) + compact_value(b));
    }
    return add_slow(a, b);
}

PyObject *
_PyLong_Subtract(PyLongObject *a, PyLongObject *b)
{
    if (_PyLong_BothAreCompact(a, b)) {
        return _PyLong_FromInt64Fast(compact_value(a) - compact_value(b));
    }
    return sub_slow(a, b);
}

PyObject *
_PyLong_Negate(PyLongObject *v)
{
    if (_PyLong_IsCompact(v)) {
        return _PyLong_FromInt64Fast(-compact_value(v));
    }
    PyObject *z = _PyLong_Copy(v);
    if (z != NULL) {
        _PyLong_FlipSign(LONG(z));
    }
    return z;
}

PyObject *
_PyLong_Invert(PyObject *op)
{
    PyLongObject *v = LONG(op);
    if (_PyLong_IsCompact(v)) {
        return _PyLong_FromInt64Fast(~compact_value(v));
    }
    /* ~v == -(v + 1) */
    return _PyLong_NegateFresh(_PyLong_Add(v, LONG(_PyLong_GetOne())));
}

/* -- Bit operations ------------------------------------------------------- */

/* Digits of a number in two's complement, one after another. */
struct twos {
    const digit *digits;
    Py_ssize_t size;
    digit flip;   /* PyLong_MASK if negative */
    digit carry;
};

static inline void
twos_init(struct twos *t, const PyLongObject *v)
{
    t->digits = v->long_value.ob_digit;
    t->size = _PyLong_DigitCount(v);
    t->flip = _PyLong_IsNegative(v) ? PyLong_MASK : 0;
    t->carry = t->flip & 1;
}

static inline digit
twos_next(struct twos *t, Py_ssize_t i)
{
    digit d = (i < t->size ? t->digits[i] : 0) ^ t->flip;
    d += t->carry;
    t->carry = d >> PyLong_SHIFT;
    return d & PyLong_MASK;
}

static PyObject *
bitwise(PyLongObject *a, char op, PyLongObject *b)
{
    struct twos x, y;
    twos_init(&x, a);
    twos_init(&y, b);
    bool negative;
    Py_ssize_t n = x.size > y.size ? x.size : y.size;
    switch (op) {
    case '&':
        negative = x.flip && y.flip;
        /* zeros above a non-negative operand end the result there */
        if (!x.flip && x.size < n) {
            n = x.size;
        }
        if (!y.flip && y.size < n) {
            n = y.size;
        }
        break;
    case '|':
        negative = x.flip || y.flip;
        if (x.flip && x.size < n) {
            n = x.size;
        }
        if (y.flip && y.size < n) {
            n = y.size;
        }
        break;
    default:
        negative = (x.flip != 0) != (y.flip != 0);
        break;
    }
    PyLongObject *z = _PyLong_Alloc(n + negative);
    if (z == NULL) {
        return NULL;
    }
    digit *out = DIGITS(z);
    switch (op) {
    case '&':
        for (Py_ssize_t i = 0; i < n; i++) {
            out[i] = twos_next(&x, i) & twos_next(&y, i);
        }
        break;
    case '|':
        for (Py_ssize_t i = 0; i < n; i++) {
            out[i] = twos_next(&x, i) | twos_next(&y, i);
        }
        break;
    default:
        for (Py_ssize_t i = 0; i < n; i++) {
            out[i] = twos_next(&x, i) ^ twos_next(&y, i);
        }
        break;
    }
    if (negative) {
        digit carry = 1;
        for (Py_ssize_t i = 0; i < n; i++) {
            carry += out[i] ^ PyLong_MASK;
            out[i] = carry & PyLong_MASK;
            carry >>= PyLong_SHIFT;
        }
        out[n] = carry;
        n++;
    }
    z->long_value.lv_tag = n == 0 ? _PyLong_TAG(0, 0) : _PyLong_TAG(negative ? -1 : 1, n);
    PyObject *result = _PyLong_Finish(z);
    return result;
}

/* _PyLong_And and its sisters: compact, 60 bits, any size. */
#define BITWISE(name, op, code)                                                     \
    PyObject *name(PyLongObject *a, PyLongObject *b)                                \
    {                                                                               \
        int64_t x, y;                                                               \
        if (_PyLong_TryInt60((PyObject *)a, &x) && _PyLong_TryInt60((PyObject *)b, &y)) { \
            return _PyLong_FromInt64Fast(x op y);                                   \
        }                                                                           \
        return bitwise(a, code, b);                                                 \
    }

BITWISE(_PyLong_And, &, '&')
BITWISE(_PyLong_Or, |, '|')
BITWISE(_PyLong_Xor, ^, '^')

/* -- Shifts --------------------------------------------------------------- */

static PyObject *
lshift_by(PyLongObject *a, Py_ssize_t words, unsigned bits)
{
    Py_ssize_t n = _PyLong_DigitCount(a);
    if (n > MAX_LONG_DIGITS - words - 1) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    PyLongObject *z = _PyLong_Alloc(n + words + 1);
    if (z == NULL) {
        return NULL;
    }
    digit *out = DIGITS(z);
    memset(out, 0, (size_t)words * sizeof(digit));
    twodigits carry = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        carry |= (twodigits)DIGITS(a)[i] << bits;
        out[words + i] = (digit)(carry & PyLong_MASK);
        carry >>= PyLong_SHIFT;
    }
    out[words + n] = (digit)carry;
    _PyLong_SetSignAndDigitCount(z, _PyLong_NonCompactSign(a), n + words + 1);
    return _PyLong_Finish(z);
}

static PyObject *
rshift_by(PyLongObject *a, Py_ssize_t words, unsigned bits)
{
    Py_ssize_t n = _PyLong_DigitCount(a);
    bool negative = _PyLong_IsNegative(a);
    if (words >= n) {
        return _PyLong_GetSmall(negative ? -1 : 0);
    }
    /* Floor: a negative number with a lost bit goes one further from zero. */
    digit lost = 0;
    if (negative) {
        for (Py_ssize_t i = 0; i < words && !lost; i++) {
            lost = DIGITS(a)[i];
        }
        lost |= DIGITS(a)[words] & (((digit)1 << bits) - 1);
    }
    Py_ssize_t size = n - words;
    PyLongObject *z = _PyLong_Alloc(size + 1);
    if (z == NULL) {
        return NULL;
    }
    digit *out = DIGITS(z), carry = lost != 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        twodigits two = DIGITS(a)[words + i];
        if (words + i + 1 < n) {
            two |= (twodigits)DIGITS(a)[words + i + 1] << PyLong_SHIFT;
        }
        carry += (digit)((two >> bits) & PyLong_MASK);
        out[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    out[size] = carry;
    _PyLong_SetSignAndDigitCount(z, negative ? -1 : 1, size + 1);
    return _PyLong_Finish(z);
}

PyObject *
_PyLong_Lshift(PyObject *op, int64_t shift)
{
    PyLongObject *a = LONG(op);
    assert(shift >= 0);
    if (_PyLong_IsZero(a)) {
        return _PyLong_GetZero();
    }
    if (shift <= 31 && _PyLong_IsCompact(a)) {
        return _PyLong_FromInt64Fast(compact_value(a) * ((int64_t)1 << shift));
    }
    if (shift / PyLong_SHIFT > MAX_LONG_DIGITS) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    return lshift_by(a, (Py_ssize_t)(shift / PyLong_SHIFT), (unsigned)(shift % PyLong_SHIFT));
}

PyObject *
_PyLong_Rshift(PyObject *op, int64_t shift)
{
    assert(shift >= 0);
    int64_t value;
    if (_PyLong_TryInt60(op, &value)) {
        return _PyLong_FromInt64Fast(value >> (shift < 63 ? shift : 63));
    }
    int64_t words = shift / PyLong_SHIFT;
    return rshift_by(LONG(op), words > MAX_LONG_DIGITS ? MAX_LONG_DIGITS : (Py_ssize_t)words,
                     (unsigned)(shift % PyLong_SHIFT));
}

PyObject *
_PyLong_LShift(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    if (_PyLong_IsNegative(LONG(b))) {
        PyErr_SetString(PyExc_ValueError, "negative shift count");
        return NULL;
    }
    if (_PyLong_IsZero(LONG(a))) {
        return _PyLong_GetZero();
    }
    int64_t shift;
    if (!_PyLong_TryInt64(b, &shift)) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    return _PyLong_Lshift(a, shift);
}

PyObject *
_PyLong_RShift(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    if (_PyLong_IsNegative(LONG(b))) {
        PyErr_SetString(PyExc_ValueError, "negative shift count");
        return NULL;
    }
    int64_t shift;
    if (!_PyLong_TryInt64(b, &shift)) {
        return _PyLong_GetSmall(_PyLong_IsNegative(LONG(a)) ? -1 : 0);
    }
    return _PyLong_Rshift(a, shift);
}

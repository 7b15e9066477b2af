/* int: products and powers.

   Few digits are multiplied as they are; more are repacked into 64-bit limbs, where the fast
   algorithms live (limbs*.c). */
#include "long_int.h"
#include "pycore_floatobject.h"  // PyFloat_Type's power, for negative exponents

#define SCHOOLBOOK_MAX 6  /* digits of the shorter operand; measured against repacking */

/* -- Products ------------------------------------------------------------- */

static PyObject *
mul_digits(const PyLongObject *a, const PyLongObject *b, int sign)
{
    Py_ssize_t n = _PyLong_DigitCount(a), m = _PyLong_DigitCount(b);
    PyLongObject *z = _PyLong_Alloc(n + m);
    if (z == NULL) {
        return NULL;
    }
    digit *out = DIGITS(z);
    memset(out, 0, (size_t)(n + m) * sizeof(digit));
    for (Py_ssize_t i = 0; i < n; i++) {
        twodigits carry = 0, f = DIGITS(a)[i];
        digit *p = out + i;
        for (Py_ssize_t j = 0; j < m; j++) {
            carry += p[j] + f * DIGITS(b)[j];
            p[j] = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
        p[m] = (digit)carry;
    }
    _PyLong_SetSignAndDigitCount(z, sign, n + m);
    return _PyLong_Finish(z);
}

static PyObject *
mul_limbs(const PyLongObject *a, const PyLongObject *b, int sign)
{
    size_t n = LIMBS_OF_DIGITS(_PyLong_DigitCount(a)), m = LIMBS_OF_DIGITS(_PyLong_DigitCount(b));
    struct limb_buffer buffer;
    if (limb_buffer_init(&buffer, 2 * (n + m)) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    _Py_limb *x = buffer.limbs, *y = x, *r = x + n + m;
    n = m = _PyLong_ToLimbs(x, a);
    if (a != b) {
        y = x + n;
        m = _PyLong_ToLimbs(y, b);
    }
    if (_PyLimbs_Mul(r, x, n, y, m) < 0) {
        PyErr_NoMemory();
    }
    else {
        result = _PyLong_FromLimbs(r, n + m, sign < 0);
    }
    limb_buffer_free(&buffer);
    return result;
}

static PyObject *
mul_slow(PyLongObject *a, PyLongObject *b)
{
    Py_ssize_t n = _PyLong_DigitCount(a), m = _PyLong_DigitCount(b);
    if (n == 0 || m == 0) {
        return _PyLong_GetZero();
    }
    if (n > MAX_LONG_DIGITS - m) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    int sign = _PyLong_SameSign(a, b) ? 1 : -1;
    if (n <= SCHOOLBOOK_MAX || m <= SCHOOLBOOK_MAX) {
        return n < m ? mul_digits(a, b, sign) : mul_digits(b, a, sign);
    }
    return mul_limbs(a, b, sign);
}

PyObject *
_PyLong_Multiply(PyLongObject *a, PyLongObject *b)
{
    if (_PyLong_BothAreCompact(a, b)) {
        return _PyLong_FromInt64Fast(compact_value(a) * compact_value(b));
    }
    return mul_slow(a, b);
}

/* -- Powers --------------------------------------------------------------- */

/* a ** b for b >= 0, left to right. */
static PyObject *
power(PyLongObject *a, PyLongObject *b)
{
    int64_t base;
    if (_PyLong_TryInt64((PyObject *)a, &base)) {
        if (base == 0) {
            return _PyLong_GetSmall(_PyLong_IsZero(b));
        }
        if (base == 1) {
            return _PyLong_GetOne();
        }
        if (base == -1) {
            return _PyLong_GetSmall(DIGITS(b)[0] & 1 ? -1 : 1);
        }
        int64_t exponent;
        uint64_t magnitude = base < 0 ? 0 - (uint64_t)base : (uint64_t)base;
        if (_PyLong_TryInt64((PyObject *)b, &exponent)) {
            if ((magnitude & (magnitude - 1)) == 0) {
                int64_t shift = __builtin_ctzll(magnitude);
                if (exponent <= INT64_MAX / 64) {
                    return _PyLong_Lshift(_PyLong_GetSmall(base < 0 && (exponent & 1) ? -1 : 1),
                                          shift * exponent);
                }
            }
            /* The whole power in a machine word. */
            int64_t result = 1, square = base;
            int64_t e = exponent;
            while (1) {
                if ((e & 1) && __builtin_mul_overflow(result, square, &result)) {
                    break;
                }
                e >>= 1;
                if (e == 0) {
                    return _PyLong_FromInt64Fast(result);
                }
                if (__builtin_mul_overflow(square, square, &square)) {
                    break;
                }
            }
        }
    }
    PyObject *z = _PyLong_GetOne();
    for (Py_ssize_t i = _PyLong_DigitCount(b); i-- > 0;) {
        digit d = DIGITS(b)[i];
        for (digit bit = (digit)1 << (PyLong_SHIFT - 1); bit != 0; bit >>= 1) {
            if (z != _PyLong_GetOne()) {
                Py_SETREF(z, _PyLong_Multiply(LONG(z), LONG(z)));
                if (z == NULL) {
                    return NULL;
                }
            }
            if (d & bit) {
                Py_SETREF(z, _PyLong_Multiply(LONG(z), a));
                if (z == NULL) {
                    return NULL;
                }
            }
        }
    }
    return z;
}

/* base ** exponent mod m in 64-bit words, 0 <= base < m */
static uint64_t
power_mod_word(uint64_t base, const PyLongObject *exponent, uint64_t m)
{
    uint64_t result = 1 % m;
    if (m >> 32 == 0) {
        for (Py_ssize_t i = _PyLong_DigitCount(exponent); i-- > 0;) {
            for (int bit = PyLong_SHIFT; bit-- > 0;) {
                result = result * result % m;
                if (DIGITS(exponent)[i] >> bit & 1) {
                    result = result * base % m;
                }
            }
        }
        return result;
    }
    for (Py_ssize_t i = _PyLong_DigitCount(exponent); i-- > 0;) {
        for (int bit = PyLong_SHIFT; bit-- > 0;) {
            result = (uint64_t)((_Py_limb2)result * result % m);
            if (DIGITS(exponent)[i] >> bit & 1) {
                result = (uint64_t)((_Py_limb2)result * base % m);
            }
        }
    }
    return result;
}

/* base ** exponent mod m, 0 <= base < m, m odd and long: Montgomery. */
static PyObject *
power_mod_odd(PyLongObject *base, PyLongObject *exponent, PyLongObject *m)
{
    size_t n = LIMBS_OF_DIGITS(_PyLong_DigitCount(m));
    size_t en = LIMBS_OF_DIGITS(_PyLong_DigitCount(exponent));
    struct limb_buffer buffer;
    if (limb_buffer_init(&buffer, 3 * n + en) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    _Py_limb *mm = buffer.limbs, *b = mm + n, *r = b + n, *e = r + n;
    n = _PyLong_ToLimbs(mm, m);
    memset(b, 0, n * sizeof(_Py_limb));
    _PyLong_ToLimbs(b, base);
    en = _PyLong_ToLimbs(e, exponent);
    if (_PyLimbs_PowModOdd(r, b, e, en, mm, n) < 0) {
        PyErr_NoMemory();
    }
    else {
        result = _PyLong_FromLimbs(r, n, 0);
    }
    limb_buffer_free(&buffer);
    return result;
}

/* The same for even m: square, multiply, reduce. */
static PyObject *
power_mod_even(PyLongObject *base, PyLongObject *exponent, PyLongObject *m)
{
    PyObject *z = _PyLong_GetOne(), *t;
    for (Py_ssize_t i = _PyLong_DigitCount(exponent); i-- > 0;) {
        for (int bit = PyLong_SHIFT; bit-- > 0;) {
            int steps = 1 + (DIGITS(exponent)[i] >> bit & 1);
            for (int step = 0; step < steps; step++) {
                t = _PyLong_Multiply(LONG(z), step ? base : LONG(z));
                Py_DECREF(z);
                if (t == NULL) {
                    return NULL;
                }
                z = _PyLong_Remainder(LONG(t), m);
                Py_DECREF(t);
                if (z == NULL) {
                    return NULL;
                }
            }
        }
    }
    return z;
}

/* 1 / a mod m for m > 1 (extended Euclid) */
static PyObject *
modular_inverse(PyLongObject *a, PyLongObject *m)
{
    PyObject *x = _PyLong_GetOne(), *y = _PyLong_GetZero();
    PyObject *u = Py_NewRef(a), *v = Py_NewRef(m);
    PyObject *q = NULL, *r = NULL, *s = NULL, *t = NULL, *result = NULL;
    while (!_PyLong_IsZero(LONG(v))) {
        if (_PyLong_DivMod(LONG(u), LONG(v), &q, &r) < 0) {
            goto done;
        }
        Py_SETREF(u, v);
        v = r;
        t = _PyLong_Multiply(LONG(q), LONG(y));
        Py_CLEAR(q);
        if (t == NULL) {
            goto done;
        }
        s = _PyLong_Subtract(LONG(x), LONG(t));
        Py_CLEAR(t);
        if (s == NULL) {
            goto done;
        }
        Py_SETREF(x, y);
        y = s;
    }
    if (_PyLong_Equal(LONG(u), LONG(_PyLong_GetOne()))) {
        result = Py_NewRef(x);
    }
    else {
        PyErr_SetString(PyExc_ValueError, "base is not invertible for the given modulus");
    }
done:
    Py_XDECREF(x);
    Py_XDECREF(y);
    Py_XDECREF(u);
    Py_XDECREF(v);
    return result;
}

static PyObject *
power_mod(PyLongObject *base, PyLongObject *exponent, PyLongObject *modulus)
{
    PyObject *a = NULL, *e = NULL, *m = NULL, *t, *result = NULL;
    bool negative = _PyLong_IsNegative(modulus);
    if (_PyLong_IsZero(modulus)) {
        PyErr_SetString(PyExc_ValueError, "pow() 3rd argument cannot be 0");
        return NULL;
    }
    m = negative ? _PyLong_Negate(modulus) : Py_NewRef(modulus);
    if (m == NULL) {
        return NULL;
    }
    if (_PyLong_Equal(LONG(m), LONG(_PyLong_GetOne()))) {
        Py_DECREF(m);
        return _PyLong_GetZero();
    }
    e = Py_NewRef(exponent);
    a = _PyLong_Remainder(base, LONG(m));
    if (a == NULL) {
        goto done;
    }
    if (_PyLong_IsNegative(exponent)) {
        Py_SETREF(e, _PyLong_Negate(exponent));
        t = e == NULL ? NULL : modular_inverse(LONG(a), LONG(m));
        if (t == NULL) {
            goto done;
        }
        Py_SETREF(a, _PyLong_Remainder(LONG(t), LONG(m)));
        Py_DECREF(t);
        if (a == NULL) {
            goto done;
        }
    }
    int64_t word;
    if (_PyLong_TryInt64(m, &word)) {
        int64_t b;
        _PyLong_TryInt64(a, &b);
        result = _PyLong_FromInt64Fast((int64_t)power_mod_word((uint64_t)b, LONG(e), (uint64_t)word));
    }
    else if (DIGITS(LONG(m))[0] & 1) {
        result = power_mod_odd(LONG(a), LONG(e), LONG(m));
    }
    else {
        result = power_mod_even(LONG(a), LONG(e), LONG(m));
    }
    if (negative && result != NULL && !_PyLong_IsZero(LONG(result))) {
        Py_SETREF(result, _PyLong_Subtract(LONG(result), LONG(m)));
    }
done:
    Py_XDECREF(a);
    Py_XDECREF(e);
    Py_XDECREF(m);
    return result;
}

PyObject *
_PyLong_PowSlot(PyObject *v, PyObject *w, PyObject *x)
{
    CHECK_BINOP(v, w);
    if (x == Py_None) {
        if (!_PyLong_IsNegative(LONG(w))) {
            return power(LONG(v), LONG(w));
        }
        /* A negative exponent without modulus makes a float of it. */
        PyObject *a = PyNumber_Float(v);
        if (a == NULL) {
            return NULL;
        }
        PyObject *b = PyNumber_Float(w), *result = NULL;
        if (b != NULL) {
            result = PyFloat_Type.tp_as_number->nb_power(a, b, Py_None);
            Py_DECREF(b);
        }
        Py_DECREF(a);
        return result;
    }
    if (!PyLong_Check(x)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return power_mod(LONG(v), LONG(w), LONG(x));
}

PyObject *
_PyLong_Power(PyObject *v, PyObject *w)
{
    return _PyLong_PowSlot(v, w, Py_None);
}

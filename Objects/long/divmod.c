/* int: quotients, remainders, correctly rounded true division, greatest common divisors. */
#include "long_int.h"

#include <float.h>
#include <math.h>

/* -- Floor division ------------------------------------------------------- */

static int
zero_division(const char *message)
{
    PyErr_SetString(PyExc_ZeroDivisionError, message);
    return -1;
}

/* Adjusts truncated quotient and remainder magnitudes to floor and makes the objects.
   q: qn limbs with room for one more; r: rn limbs; b: bn limbs, |b|. */
static int
finish_floor(_Py_limb *q, size_t qn, _Py_limb *r, const _Py_limb *b, size_t bn, bool a_negative,
             bool b_negative, PyObject **quotient, PyObject **remainder)
{
    if (a_negative != b_negative && _PyLimbs_Normalize(r, bn) != 0) {
        if (quotient != NULL) {
            _Py_limb one = 1;
            q[qn] = 0;
            qn++;
            _PyLimbs_Add(q, q, qn, &one, 1);
        }
        _PyLimbs_SubN(r, b, r, bn);
    }
    if (quotient != NULL) {
        *quotient = _PyLong_FromLimbs(q, qn, a_negative != b_negative);
        if (*quotient == NULL) {
            return -1;
        }
    }
    if (remainder != NULL) {
        *remainder = _PyLong_FromLimbs(r, bn, b_negative);
        if (*remainder == NULL) {
            if (quotient != NULL) {
                Py_CLEAR(*quotient);
            }
            return -1;
        }
    }
    return 0;
}

static int
divmod_limbs(PyLongObject *a, PyLongObject *b, PyObject **quotient, PyObject **remainder)
{
    size_t an = LIMBS_OF_DIGITS(_PyLong_DigitCount(a)), bn = LIMBS_OF_DIGITS(_PyLong_DigitCount(b));
    struct limb_buffer buffer;
    if (limb_buffer_init(&buffer, an + 2 * bn + an + 3) < 0) {
        return -1;
    }
    int status = -1;
    _Py_limb *x = buffer.limbs, *y = x + an, *r = y + bn, *q = r + bn;
    an = _PyLong_ToLimbs(x, a);
    bn = _PyLong_ToLimbs(y, b);
    size_t qn;
    if (an < bn) {
        memcpy(r, x, an * sizeof(_Py_limb));
        memset(r + an, 0, (bn - an) * sizeof(_Py_limb));
        q[0] = 0;
        qn = 1;
        status = 0;
    }
    else {
        qn = an - bn + 1;
        status = _PyLimbs_DivRem(q, r, x, an, y, bn);
        if (status < 0) {
            PyErr_NoMemory();
        }
    }
    if (status == 0) {
        status = finish_floor(q, qn, r, y, bn, _PyLong_IsNegative(a), _PyLong_IsNegative(b), quotient,
                              remainder);
    }
    limb_buffer_free(&buffer);
    return status;
}

int
_PyLong_DivMod(PyLongObject *a, PyLongObject *b, PyObject **quotient, PyObject **remainder)
{
    int64_t x, y;
    if (_PyLong_IsZero(b)) {
        return zero_division("division by zero");
    }
    if (_PyLong_TryInt60((PyObject *)a, &x) && _PyLong_TryInt60((PyObject *)b, &y)) {
        int64_t q = x / y, r = x % y;
        if (r != 0 && (r ^ y) < 0) {
            r += y;
            q--;
        }
        if (quotient != NULL && (*quotient = _PyLong_FromInt64Fast(q)) == NULL) {
            return -1;
        }
        if (remainder != NULL && (*remainder = _PyLong_FromInt64Fast(r)) == NULL) {
            if (quotient != NULL) {
                Py_CLEAR(*quotient);
            }
            return -1;
        }
        return 0;
    }
    return divmod_limbs(a, b, quotient, remainder);
}

PyObject *
_PyLong_FloorDivide(PyLongObject *a, PyLongObject *b)
{
    PyObject *quotient;
    if (_PyLong_IsZero(b)) {
        zero_division("division by zero");
        return NULL;
    }
    return _PyLong_DivMod(a, b, &quotient, NULL) < 0 ? NULL : quotient;
}

PyObject *
_PyLong_Remainder(PyLongObject *a, PyLongObject *b)
{
    PyObject *remainder;
    return _PyLong_DivMod(a, b, NULL, &remainder) < 0 ? NULL : remainder;
}

PyObject *
_PyLong_DivmodSlot(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    PyObject *quotient, *remainder;
    if (_PyLong_DivMod(LONG(a), LONG(b), &quotient, &remainder) < 0) {
        return NULL;
    }
    PyObject *result = PyTuple_New(2);
    if (result == NULL) {
        Py_DECREF(quotient);
        Py_DECREF(remainder);
        return NULL;
    }
    PyTuple_SET_ITEM(result, 0, quotient);
    PyTuple_SET_ITEM(result, 1, remainder);
    return result;
}

/* -- True division -------------------------------------------------------- */

#define EXACT_DOUBLE ((int64_t)1 << DBL_MANT_DIG)

/* a / b of any size: a quotient of 55 or more bits with a sticky last bit, rounded once. */
static PyObject *
true_divide_large(PyLongObject *a, PyLongObject *b)
{
    bool negative = _PyLong_IsNegative(a) != _PyLong_IsNegative(b);
    if (_PyLong_IsZero(a)) {
        return PyFloat_FromDouble(negative ? -0.0 : 0.0);
    }
    int64_t difference = _PyLong_BitLength(a) - _PyLong_BitLength(b);
    if (difference > DBL_MAX_EXP) {
        goto overflow;
    }
    if (difference < DBL_MIN_EXP - DBL_MANT_DIG - 1) {
        return PyFloat_FromDouble(negative ? -0.0 : 0.0);
    }
    /* 2**(difference - 1) < a/b < 2**(difference + 1).  Scale so that the quotient has two or three bits
       more than the result can keep; subnormal results keep fewer. */
    int64_t shift = (difference > DBL_MIN_EXP ? difference : DBL_MIN_EXP) - DBL_MANT_DIG - 2;
    PyObject *x = NULL, *q = NULL, *r = NULL, *pa = NULL, *pb = NULL, *result = NULL;
    pa = _PyLong_IsNegative(a) ? _PyLong_Negate(a) : Py_NewRef(a);
    pb = _PyLong_IsNegative(b) ? _PyLong_Negate(b) : Py_NewRef(b);
    if (pa == NULL || pb == NULL) {
        goto done;
    }
    if (shift <= 0) {
        x = _PyLong_Lshift(pa, -shift);
    }
    else {
        /* dropping bits of a is the same as scaling b, which keeps the remainder honest */
        x = Py_NewRef(pa);
        Py_SETREF(pb, _PyLong_Lshift(pb, shift));
    }
    if (x == NULL || pb == NULL || _PyLong_DivMod(LONG(x), LONG(pb), &q, &r) < 0) {
        goto done;
    }
    uint64_t bits = PyLong_AsUnsignedLongLong(q);
    if (bits == (uint64_t)-1 && PyErr_Occurred()) {
        goto done;
    }
    bits |= !_PyLong_IsZero(LONG(r));
    /* Round at the place where the result ends. */
    int width = 64 - __builtin_clzll(bits | 1);
    int64_t extra = (width + shift > DBL_MIN_EXP ? width + shift : DBL_MIN_EXP) - DBL_MANT_DIG - shift;
    assert(extra >= 2 && extra < 64);
    uint64_t half = (uint64_t)1 << (extra - 1), low = bits & (2 * half - 1);
    bits -= low;
    if (low > half || (low == half && (bits & (2 * half)))) {
        bits += 2 * half;
    }
    double value = (double)bits;
    width = bits ? 64 - __builtin_clzll(bits) : 0;
    if (width + shift > DBL_MAX_EXP) {
        Py_XDECREF(x);
        Py_XDECREF(q);
        Py_XDECREF(r);
        Py_XDECREF(pa);
        Py_XDECREF(pb);
        goto overflow;
    }
    value = ldexp(value, (int)shift);
    result = PyFloat_FromDouble(negative ? -value : value);
done:
    Py_XDECREF(x);
    Py_XDECREF(q);
    Py_XDECREF(r);
    Py_XDECREF(pa);
    Py_XDECREF(pb);
    return result;
overflow:
    PyErr_SetString(PyExc_OverflowError, "integer division result too large for a float");
    return NULL;
}

PyObject *
_PyLong_TrueDivide(PyLongObject *a, PyLongObject *b)
{
    int64_t x, y;
    if (_PyLong_IsZero(b)) {
        zero_division("division by zero");
        return NULL;
    }
    if (_PyLong_TryInt60((PyObject *)a, &x) && _PyLong_TryInt60((PyObject *)b, &y)
        && x <= EXACT_DOUBLE && x >= -EXACT_DOUBLE && y <= EXACT_DOUBLE && y >= -EXACT_DOUBLE) {
        if (x == 0) {
            return PyFloat_FromDouble(y < 0 ? -0.0 : 0.0);
        }
        return PyFloat_FromDouble((double)x / (double)y);
    }
    return true_divide_large(a, b);
}

/* -- Nearest -------------------------------------------------------------- */

PyObject *
_PyLong_DivmodNear(PyObject *a, PyObject *b)
{
    PyObject *q = NULL, *r = NULL, *t = NULL, *result = NULL;
    if (!PyLong_Check(a) || !PyLong_Check(b)) {
        PyErr_SetString(PyExc_TypeError, "non-integer arguments in division");
        return NULL;
    }
    if (_PyLong_IsZero(LONG(b))) {
        zero_division("division by zero");
        return NULL;
    }
    if (_PyLong_DivMod(LONG(a), LONG(b), &q, &r) < 0) {
        goto done;
    }
    /* Floor so far, and r has the sign of b: go up if 2|r| > |b|, or at a tie if q is odd. */
    t = _PyLong_Lshift(r, 1);
    if (t == NULL) {
        goto done;
    }
    int order = _PyLong_CompareMagnitude(LONG(t), LONG(b));
    if (order > 0 || (order == 0 && (DIGITS(LONG(q))[0] & 1))) {
        Py_SETREF(q, _PyLong_Add(LONG(q), LONG(_PyLong_GetOne())));
        Py_SETREF(r, _PyLong_Subtract(LONG(r), LONG(b)));
        if (q == NULL || r == NULL) {
            goto done;
        }
    }
    result = PyTuple_Pack(2, q, r);
done:
    Py_XDECREF(q);
    Py_XDECREF(r);
    Py_XDECREF(t);
    return result;
}

PyObject *
_PyLong_Round(PyObject *self, PyObject *o_ndigits)
{
    if (o_ndigits == NULL || o_ndigits == Py_None) {
        return _PyLong_Exact(LONG(self));
    }
    PyObject *ndigits = PyNumber_Index(o_ndigits);
    if (ndigits == NULL) {
        return NULL;
    }
    if (!_PyLong_IsNegative(LONG(ndigits))) {
        Py_DECREF(ndigits);
        return _PyLong_Exact(LONG(self));
    }
    /* self - (self mod-near 10**-ndigits) */
    PyObject *ten = _PyLong_GetSmall(10), *power, *pair, *result = NULL;
    Py_SETREF(ndigits, _PyLong_Negate(LONG(ndigits)));
    if (ndigits == NULL) {
        return NULL;
    }
    power = _PyLong_Power(ten, ndigits);
    Py_DECREF(ndigits);
    if (power == NULL) {
        return NULL;
    }
    pair = _PyLong_DivmodNear(self, power);
    Py_DECREF(power);
    if (pair == NULL) {
        return NULL;
    }
    result = _PyLong_Subtract(LONG(self), LONG(PyTuple_GET_ITEM(pair, 1)));
    Py_DECREF(pair);
    return result;
}

/* -- Greatest common divisor ---------------------------------------------- */

static uint64_t
gcd_words(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0) {
        return a | b;
    }
    int shift = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    do {
        b >>= __builtin_ctzll(b);
        if (a > b) {
            uint64_t t = a;
            a = b;
            b = t;
        }
        b -= a;
    } while (b != 0);
    return a << shift;
}

/* Lehmer's method on limbs; both operands are clobbered.  The result is left in a, its size returned. */
static ptrdiff_t
gcd_limbs(_Py_limb *a, size_t an, _Py_limb *b, size_t bn, _Py_limb *t, _Py_limb *u)
{
    while (1) {
        if (an < bn || (an == bn && _PyLimbs_Cmp(a, b, an) < 0)) {
            _Py_limb *p = a;
            a = b;
            b = p;
            size_t k = an;
            an = bn;
            bn = k;
        }
        if (bn == 0) {
            break;
        }
        if (an == 1) {
            a[0] = gcd_words(a[0], b[0]);
            break;
        }
        /* Leading 62 bits of both, aligned; cofactors of a few steps at once. */
        unsigned shift = _PyLimbs_CountLeadingZeros(a[an - 1]);
        uint64_t x = a[an - 1] << shift, y = 0;
        if (shift) {
            x |= a[an - 2] >> (64 - shift);
        }
        if (bn == an) {
            y = b[an - 1] << shift;
            if (shift) {
                y |= b[an - 2] >> (64 - shift);
            }
        }
        else if (bn == an - 1 && shift) {
            y = b[an - 2] >> (64 - shift);
        }
        x >>= 2;
        y >>= 2;
        int64_t A = 1, B = 0, C = 0, D = 1;
        int64_t xs = (int64_t)x, ys = (int64_t)y;
        while (ys + C > 0 && ys + D > 0) {
            /* Collins' condition, with cofactors kept under 31 bits */
            int64_t q = (xs + A) / (ys + C);
            if (q != (xs + B) / (ys + D)) {
                break;
            }
            if (q > INT32_MAX) {
                break;
            }
            int64_t nC = A - q * C, nD = B - q * D;
            if (nC > INT32_MAX || nC < -(int64_t)INT32_MAX || nD > INT32_MAX || nD < -(int64_t)INT32_MAX) {
                break;
            }
            A = C;
            B = D;
            C = nC;
            D = nD;
            int64_t rest = xs - q * ys;
            xs = ys;
            ys = rest;
        }
        if (B == 0) {
            /* no progress: one long division */
            if (_PyLimbs_DivRem(NULL, t, a, an, b, bn) < 0) {
                return -1;
            }
            memcpy(a, b, bn * sizeof(_Py_limb));
            an = bn;
            memcpy(b, t, bn * sizeof(_Py_limb));
            bn = _PyLimbs_Normalize(b, bn);
            continue;
        }
        /* a, b = |A a + B b|, |C a + D b|; in each pair one coefficient is <= 0 and the other >= 0 */
        memset(b + bn, 0, (an - bn) * sizeof(_Py_limb));
        const int64_t coefficient[2][2] = {{A, B}, {C, D}};
        _Py_limb *target[2] = {t, u};
        for (int k = 0; k < 2; k++) {
            int64_t f = coefficient[k][0], g = coefficient[k][1];
            _Py_limb *out = target[k];
            if (g <= 0) {
                out[an] = _PyLimbs_Mul1(out, a, an, (_Py_limb)f, 0);
                out[an] -= _PyLimbs_SubMul1(out, b, an, (_Py_limb)-g);
            }
            else {
                out[an] = _PyLimbs_Mul1(out, b, an, (_Py_limb)g, 0);
                out[an] -= _PyLimbs_SubMul1(out, a, an, (_Py_limb)-f);
            }
        }
        size_t n = an;
        memcpy(a, t, n * sizeof(_Py_limb));
        memcpy(b, u, n * sizeof(_Py_limb));
        an = _PyLimbs_Normalize(a, n);
        bn = _PyLimbs_Normalize(b, n);
    }
    /* The caller finds the result in t. */
    memcpy(t, a, an * sizeof(_Py_limb));
    return (ptrdiff_t)an;
}

PyObject *
_PyLong_GCD(PyObject *a_op, PyObject *b_op)
{
    PyLongObject *a = LONG(a_op), *b = LONG(b_op);
    int64_t x, y;
    if (_PyLong_TryInt60(a_op, &x) && _PyLong_TryInt60(b_op, &y)) {
        return _PyLong_FromInt64Fast((int64_t)gcd_words((uint64_t)(x < 0 ? -x : x), (uint64_t)(y < 0 ? -y : y)));
    }
    size_t an = LIMBS_OF_DIGITS(_PyLong_DigitCount(a)), bn = LIMBS_OF_DIGITS(_PyLong_DigitCount(b));
    size_t n = (an > bn ? an : bn) + 1;
    struct limb_buffer buffer;
    if (limb_buffer_init(&buffer, 4 * n) < 0) {
        return NULL;
    }
    _Py_limb *p = buffer.limbs;
    an = _PyLong_ToLimbs(p, a);
    bn = _PyLong_ToLimbs(p + n, b);
    PyObject *result = NULL;
    ptrdiff_t size = gcd_limbs(p, an, p + n, bn, p + 2 * n, p + 3 * n);
    if (size < 0) {
        PyErr_NoMemory();
    }
    else {
        result = _PyLong_FromLimbs(p + 2 * n, (size_t)size, 0);
    }
    limb_buffer_free(&buffer);
    return result;
}

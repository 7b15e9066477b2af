/* math: functions of integers. */
#include "math_int.h"
#include "pycore_long.h"         // _PyLong_GCD
#include "pycore_modsupport.h"   // _PyArg_CheckPositional

#include <math.h>
#include <stdbool.h>

#define LONG(op) ((PyLongObject *)(op))

/* -- Divisors and multiples ----------------------------------------------- */

static PyObject *
absolute(PyObject *n)
{
    return _PyLong_IsNegative(LONG(n)) ? _PyLong_Negate(LONG(n)) : Py_NewRef(n);
}

/* Folds combine over the arguments; stop is the result that can change no more. */
static PyObject *
fold(PyObject *const *args, Py_ssize_t nargs, PyObject *initial, int64_t stop,
     PyObject *(*combine)(PyObject *, PyObject *))
{
    if (nargs == 0) {
        return initial;
    }
    PyObject *result = PyNumber_Index(args[0]);
    if (result == NULL) {
        return NULL;
    }
    Py_SETREF(result, absolute(result));
    for (Py_ssize_t i = 1; i < nargs && result != NULL; i++) {
        PyObject *x = PyNumber_Index(args[i]);
        if (x == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        int64_t value;
        if (!_PyLong_TryInt60(result, &value) || value != stop) {  /* or go on to check the types only */
            Py_SETREF(result, combine(result, x));
        }
        Py_DECREF(x);
    }
    return result;
}

PyObject *
math_gcd(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    return fold(args, nargs, _PyLong_GetZero(), 1, _PyLong_GCD);
}

static PyObject *
lcm(PyObject *a, PyObject *b)
{
    if (_PyLong_IsZero(LONG(a)) || _PyLong_IsZero(LONG(b))) {
        return _PyLong_GetZero();
    }
    PyObject *divisor = _PyLong_GCD(a, b);
    if (divisor == NULL) {
        return NULL;
    }
    PyObject *factor = _PyLong_FloorDivide(LONG(a), LONG(divisor));
    Py_DECREF(divisor);
    if (factor == NULL) {
        return NULL;
    }
    PyObject *product = _PyLong_Multiply(LONG(factor), LONG(b));
    Py_DECREF(factor);
    if (product != NULL) {
        Py_SETREF(product, absolute(product));
    }
    return product;
}

PyObject *
math_lcm(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    return fold(args, nargs, _PyLong_GetOne(), 0, lcm);
}

/* -- Products of ranges --------------------------------------------------- */

/* Product of start, start + step, ... below stop (start < stop), balanced, in words where they fit. */
static PyObject *
range_product(uint64_t start, uint64_t stop, uint64_t step)
{
    uint64_t count = (stop - start + step - 1) / step;
    uint64_t last = start + (count - 1) * step;
    int bits = 64 - __builtin_clzll(last | 1);
    if (bits * count <= 64) {
        uint64_t product = start;
        for (uint64_t i = start + step; i < stop; i += step) {
            product *= i;
        }
        return PyLong_FromUInt64(product);
    }
    if (count == 1) {
        return PyLong_FromUInt64(start);
    }
    uint64_t middle = start + count / 2 * step;
    PyObject *left = range_product(start, middle, step), *right, *result;
    if (left == NULL) {
        return NULL;
    }
    right = range_product(middle, stop, step);
    if (right == NULL) {
        Py_DECREF(left);
        return NULL;
    }
    result = _PyLong_Multiply(LONG(left), LONG(right));
    Py_DECREF(left);
    Py_DECREF(right);
    return result;
}

/* n! without its factors of two: the product over i of the odd numbers up to n / 2**i.
   Source: the divide-and-conquer method of P. Luschny. */
static PyObject *
factorial_odd_part(uint64_t n)
{
    PyObject *inner = _PyLong_GetOne(), *outer = _PyLong_GetOne();
    uint64_t upper = 3;
    for (int i = 62 - __builtin_clzll(n); i >= 0; i--) {
        uint64_t v = n >> i;
        if (v <= 2) {
            continue;
        }
        uint64_t lower = upper;
        upper = (v + 1) | 1;
        if (lower < upper) {
            PyObject *partial = range_product(lower, upper, 2);
            if (partial == NULL) {
                goto fail;
            }
            Py_SETREF(inner, _PyLong_Multiply(LONG(inner), LONG(partial)));
            Py_DECREF(partial);
            if (inner == NULL) {
                goto fail;
            }
        }
        Py_SETREF(outer, _PyLong_Multiply(LONG(outer), LONG(inner)));
        if (outer == NULL) {
            goto fail;
        }
    }
    Py_DECREF(inner);
    return outer;
fail:
    Py_XDECREF(inner);
    Py_XDECREF(outer);
    return NULL;
}

static PyObject *
factorial(PyObject *n)
{
    int overflow;
    long x = PyLong_AsLongAndOverflow(n, &overflow);
    if (overflow > 0) {
        return PyErr_Format(PyExc_OverflowError, "factorial() argument should not exceed %ld", LONG_MAX);
    }
    if (x < 0) {
        PyErr_SetString(PyExc_ValueError, "factorial() not defined for negative values");
        return NULL;
    }
    if (x <= 20) {
        uint64_t product = 1;
        for (long i = 2; i <= x; i++) {
            product *= (uint64_t)i;
        }
        return PyLong_FromUInt64(product);
    }
    PyObject *odd = factorial_odd_part((uint64_t)x);
    if (odd != NULL) {
        Py_SETREF(odd, _PyLong_Lshift(odd, x - __builtin_popcountll((uint64_t)x)));
    }
    return odd;
}

PyObject *
math_factorial(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *n = PyNumber_Index(arg);
    if (n == NULL) {
        return NULL;
    }
    PyObject *result = factorial(n);
    Py_DECREF(n);
    return result;
}

/* n (n-1) ... (n-k+1) / k! if divide, without the division otherwise; k >= 1.
   P(n, k) = P(n, j) * P(n-j, k-j) and C(n, k) = C(n, j) * C(n-j, k-j) / C(k, j) with j = k / 2. */
static PyObject *
falling(PyObject *n, uint64_t k, bool divide)
{
    int64_t word;
    if (_PyLong_TryInt64(n, &word)) {
        uint64_t m = (uint64_t)word;
        if (!divide) {
            return range_product(m - k + 1, m + 1, 1);
        }
        /* Stepwise C(m, i) = C(m, i-1) * (m-i+1) / i, as long as the product stays a word. */
        unsigned __int128 c = 1;
        uint64_t i = 1;
        for (; i <= k; i++) {
            c = c * (m - i + 1);
            if (c >> 64 && i < k) {
                break;
            }
            c /= i;
            if (c >> 64) {
                break;
            }
        }
        if (i > k) {
            return PyLong_FromUInt64((uint64_t)c);
        }
    }
    if (k == 1) {
        return Py_NewRef(n);
    }
    PyObject *a = NULL, *b = NULL, *t = NULL, *result = NULL;
    uint64_t j = k / 2;
    a = falling(n, j, divide);
    if (a == NULL) {
        goto done;
    }
    t = PyLong_FromUInt64(j);
    if (t == NULL) {
        goto done;
    }
    Py_SETREF(t, _PyLong_Subtract(LONG(n), LONG(t)));
    if (t == NULL) {
        goto done;
    }
    b = falling(t, k - j, divide);
    if (b == NULL) {
        goto done;
    }
    result = _PyLong_Multiply(LONG(a), LONG(b));
    if (result != NULL && divide) {
        PyObject *kk = PyLong_FromUInt64(k);
        PyObject *d = kk == NULL ? NULL : falling(kk, j, true);
        Py_XDECREF(kk);
        Py_SETREF(result, d == NULL ? NULL : _PyLong_FloorDivide(LONG(result), LONG(d)));
        Py_XDECREF(d);
    }
done:
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(t);
    return result;
}

static PyObject *
negative_argument(const char *name)
{
    return PyErr_Format(PyExc_ValueError, "%s must be a non-negative integer", name);
}

static PyObject *
perm_or_comb(PyObject *n, PyObject *k, bool divide)
{
    if (_PyLong_IsNegative(LONG(n))) {
        return negative_argument("n");
    }
    if (_PyLong_IsNegative(LONG(k))) {
        return negative_argument("k");
    }
    PyObject *count = Py_NewRef(k), *result = NULL;
    PyObject *rest = _PyLong_Subtract(LONG(n), LONG(k));
    if (rest == NULL) {
        goto done;
    }
    if (_PyLong_IsNegative(LONG(rest))) {
        result = _PyLong_GetZero();
        goto done;
    }
    if (divide && _PyLong_Compare(LONG(rest), LONG(k)) < 0) {
        Py_SETREF(count, Py_NewRef(rest));
    }
    int64_t number;
    if (!_PyLong_TryInt64(count, &number)) {
        if (divide) {
            PyErr_Format(PyExc_OverflowError, "min(n - k, k) must not exceed %lld", LLONG_MAX);
        }
        else {
            PyErr_Format(PyExc_OverflowError, "k must not exceed %lld", LLONG_MAX);
        }
        goto done;
    }
    result = number == 0 ? _PyLong_GetOne() : falling(n, (uint64_t)number, divide);
done:
    Py_DECREF(count);
    Py_XDECREF(rest);
    return result;
}

static PyObject *
index_both(PyObject *const *args, bool divide)
{
    PyObject *n = PyNumber_Index(args[0]);
    if (n == NULL) {
        return NULL;
    }
    PyObject *k = PyNumber_Index(args[1]), *result = NULL;
    if (k != NULL) {
        result = perm_or_comb(n, k, divide);
        Py_DECREF(k);
    }
    Py_DECREF(n);
    return result;
}

PyObject *
math_perm(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("perm", nargs, 1, 2)) {
        return NULL;
    }
    if (nargs == 1 || args[1] == Py_None) {
        return math_factorial(module, args[0]);
    }
    return index_both(args, false);
}

PyObject *
math_comb(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("comb", nargs, 2, 2)) {
        return NULL;
    }
    return index_both(args, true);
}

/* -- Integer square root -------------------------------------------------- */

static uint64_t
isqrt_word(uint64_t n)
{
    uint64_t root = (uint64_t)sqrt((double)n);
    if (root > UINT32_MAX) {
        root = UINT32_MAX;
    }
    while (root * root > n) {
        root--;
    }
    while (root < UINT32_MAX && (root + 1) * (root + 1) <= n) {
        root++;
    }
    return root;
}

/* Newton's iteration on ever longer leading parts of n, one step for each; the result is at most one
   too large.  Source: M. Dickinson, "A fast integer square root" (2020). */
static PyObject *
isqrt_large(PyObject *n)
{
    int64_t c = (_PyLong_NumBits(n) - 1) / 2;
    int levels = 64 - __builtin_clzll((uint64_t)c | 1);
    PyObject *a = _PyLong_GetOne();
    int64_t d = 0;
    for (int s = levels - 1; s >= 0 && a != NULL; s--) {
        int64_t e = d;
        d = c >> s;
        PyObject *q = _PyLong_Rshift(n, 2 * c - e - d + 1);
        if (q != NULL) {
            Py_SETREF(q, _PyLong_FloorDivide(LONG(q), LONG(a)));
        }
        if (q == NULL) {
            Py_DECREF(a);
            return NULL;
        }
        Py_SETREF(a, _PyLong_Lshift(a, d - 1 - e));
        if (a != NULL) {
            Py_SETREF(a, _PyLong_Add(LONG(a), LONG(q)));
        }
        Py_DECREF(q);
    }
    if (a == NULL) {
        return NULL;
    }
    PyObject *square = _PyLong_Multiply(LONG(a), LONG(a));
    if (square == NULL) {
        Py_DECREF(a);
        return NULL;
    }
    if (_PyLong_Compare(LONG(square), LONG(n)) > 0) {
        Py_SETREF(a, _PyLong_Subtract(LONG(a), LONG(_PyLong_GetOne())));
    }
    Py_DECREF(square);
    return a;
}

PyObject *
math_isqrt(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *n = PyNumber_Index(arg), *result;
    if (n == NULL) {
        return NULL;
    }
    int64_t word;
    if (_PyLong_IsNegative(LONG(n))) {
        PyErr_SetString(PyExc_ValueError, "isqrt() argument must be nonnegative");
        result = NULL;
    }
    else if (_PyLong_TryInt64(n, &word)) {
        result = PyLong_FromUInt64(isqrt_word((uint64_t)word));
    }
    else {
        result = isqrt_large(n);
    }
    Py_DECREF(n);
    return result;
}

/* int: memory, the static small ints, identity with digits and limbs, comparison, hash.

   An int is written only by the function that makes it, so nothing here locks. */
#include "long_int.h"
#include "pycore_interp.h"      // long_state
#include "pycore_object.h"      // _PyObject_Init
#include "pycore_pystate.h"     // _PyInterpreterState_GET

/* -- Static small ints ---------------------------------------------------- */

#define SMALL(value, sign, size)                                   \
    {                                                              \
        .ob_base = PyObject_HEAD_INIT(&PyLong_Type)                \
        .long_value = {.lv_tag = _PyLong_TAG(sign, size), .ob_digit = {(value)}}, \
    }
#define P1(n) SMALL((n), 1, 1)
#define P5(n) P1(n), P1((n) + 1), P1((n) + 2), P1((n) + 3), P1((n) + 4)
#define P10(n) P5(n), P5((n) + 5)
#define P50(n) P10(n), P10((n) + 10), P10((n) + 20), P10((n) + 30), P10((n) + 40)
#define P100(n) P50(n), P50((n) + 50)

PyLongObject _PyLong_SmallInts[_PY_NSMALLNEGINTS + _PY_NSMALLPOSINTS] = {
    SMALL(5, -1, 1), SMALL(4, -1, 1), SMALL(3, -1, 1), SMALL(2, -1, 1), SMALL(1, -1, 1),
    SMALL(0, 0, 0),
    P5(1), P1(6), P1(7), P1(8), P1(9),
    P10(10), P10(20), P10(30), P10(40), P50(50),
    P100(100), P100(200), P100(300), P100(400), P100(500), P100(600), P100(700), P100(800), P100(900),
    P10(1000), P10(1010), P5(1020),
};

/* -- Memory --------------------------------------------------------------- */

PyLongObject *
_PyLong_Alloc(Py_ssize_t size)
{
    assert(size >= 0);
    if (size > MAX_LONG_DIGITS) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    Py_ssize_t ndigits = size ? size : 1;
    PyLongObject *v = PyObject_Malloc(offsetof(PyLongObject, long_value.ob_digit)
                                      + (size_t)ndigits * sizeof(digit));
    if (v == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    _PyObject_Init((PyObject *)v, &PyLong_Type);
    v->long_value.lv_tag = _PyLong_TAG(size != 0, size);
    DIGITS(v)[0] = 0;
    return v;
}

PyLongObject *
(_PyLong_New)(Py_ssize_t size)
{
    return _PyLong_Alloc(size);
}

PyObject *
_PyLong_BoxLarge(int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    Py_ssize_t ndigits = magnitude < PyLong_BASE ? 1 : (magnitude >> (2 * PyLong_SHIFT)) == 0 ? 2 : 3;
    PyLongObject *v = PyObject_Malloc(offsetof(PyLongObject, long_value.ob_digit)
                                      + (size_t)ndigits * sizeof(digit));
    if (v == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init((PyObject *)v, &PyLong_Type);
    v->long_value.lv_tag = _PyLong_TAG(value < 0 ? -1 : 1, ndigits);
    DIGITS(v)[0] = (digit)(magnitude & PyLong_MASK);
    if (ndigits > 1) {
        DIGITS(v)[1] = (digit)((magnitude >> PyLong_SHIFT) & PyLong_MASK);
        if (ndigits > 2) {
            DIGITS(v)[2] = (digit)(magnitude >> (2 * PyLong_SHIFT));
        }
    }
    return (PyObject *)v;
}

PyObject *
_PyLong_Finish(PyLongObject *v)
{
    if (v == NULL) {
        return NULL;
    }
    Py_ssize_t old = _PyLong_DigitCount(v), n = old;
    while (n > 0 && DIGITS(v)[n - 1] == 0) {
        n--;
    }
    if (n <= 1) {
        stwodigits value = n == 0 ? 0 : (_PyLong_IsNegative(v) ? -(stwodigits)DIGITS(v)[0]
                                                              : (stwodigits)DIGITS(v)[0]);
        if (_PY_IS_SMALL_INT(value)) {
            Py_DECREF(v);
            return _PyLong_GetSmall(value);
        }
    }
    if (n != old) {
        _PyLong_SetDigitCount(v, n);
    }
    return (PyObject *)v;
}

PyLongObject *
(_PyLong_FromDigits)(int negative, Py_ssize_t digit_count, digit *digits)
{
    assert(digit_count >= 0);
    if (digit_count == 0) {
        return LONG(_PyLong_GetZero());
    }
    PyLongObject *v = _PyLong_Alloc(digit_count);
    if (v == NULL) {
        return NULL;
    }
    _PyLong_SetSignAndDigitCount(v, negative ? -1 : 1, digit_count);
    memcpy(DIGITS(v), digits, (size_t)digit_count * sizeof(digit));
    return v;
}

PyObject *
_PyLong_Copy(PyLongObject *src)
{
    assert(src != NULL);
    int64_t value;
    if (_PyLong_TryInt60((PyObject *)src, &value)) {
        return _PyLong_FromInt64Fast(value);
    }
    PyLongObject *v = _PyLong_Alloc(_PyLong_DigitCount(src));
    if (v == NULL) {
        return NULL;
    }
    memcpy(DIGITS(v), DIGITS(src), (size_t)_PyLong_DigitCount(src) * sizeof(digit));
    _PyLong_SetSignAndDigitCount(v, _PyLong_NonCompactSign(src), _PyLong_DigitCount(src));
    return (PyObject *)v;
}

/* v itself if it is exactly int, an exact copy otherwise. */
PyObject *
_PyLong_Exact(PyLongObject *v)
{
    if (PyLong_CheckExact(v)) {
        return Py_NewRef(v);
    }
    return _PyLong_Copy(v);
}

PyObject *
_PyLong_NegateFresh(PyObject *op)
{
    if (op == NULL) {
        return NULL;
    }
    PyLongObject *v = LONG(op);
    if (_PyLong_IsSmallInt(v) || Py_REFCNT(op) != 1) {
        PyObject *result = _PyLong_Negate(v);
        Py_DECREF(op);
        return result;
    }
    _PyLong_FlipSign(v);
    return _PyLong_Finish(v);
}

void
_PyLong_ExactDealloc(PyObject *op)
{
    PyObject_Free(op);
}

/* -- Digits and limbs ----------------------------------------------------- */

size_t
_PyLong_ToLimbs(_Py_limb *r, const PyLongObject *v)
{
    Py_ssize_t n = _PyLong_DigitCount(v);
    const digit *d = v->long_value.ob_digit;
    _Py_limb accumulator = 0;
    unsigned bits = 0;
    size_t k = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        _Py_limb x = d[i];
        accumulator |= x << bits;
        bits += PyLong_SHIFT;
        if (bits >= 64) {
            r[k++] = accumulator;
            bits -= 64;
            accumulator = x >> (PyLong_SHIFT - bits);
        }
    }
    if (bits && k < LIMBS_OF_DIGITS(n)) {
        r[k++] = accumulator;
    }
    return _PyLimbs_Normalize(r, k);
}

PyObject *
_PyLong_FromLimbs(const _Py_limb *a, size_t n, int negative)
{
    n = _PyLimbs_Normalize(a, n);
    if (n == 0) {
        return _PyLong_GetZero();
    }
    if (n == 1 && a[0] <= INT64_MAX) {
        int64_t value = (int64_t)a[0];
        return _PyLong_FromInt64Fast(negative ? -value : value);
    }
    size_t bits = n * 64 - _PyLimbs_CountLeadingZeros(a[n - 1]);
    Py_ssize_t size = (Py_ssize_t)((bits + PyLong_SHIFT - 1) / PyLong_SHIFT);
    PyLongObject *v = _PyLong_Alloc(size);
    if (v == NULL) {
        return NULL;
    }
    digit *d = DIGITS(v);
    _Py_limb accumulator = a[0];
    unsigned have = 64;
    size_t k = 1;
    for (Py_ssize_t i = 0; i < size; i++) {
        if (have >= PyLong_SHIFT) {
            d[i] = (digit)(accumulator & PyLong_MASK);
            accumulator >>= PyLong_SHIFT;
            have -= PyLong_SHIFT;
        }
        else {
            _Py_limb next = k < n ? a[k++] : 0;
            d[i] = (digit)((accumulator | next << have) & PyLong_MASK);
            accumulator = next >> (PyLong_SHIFT - have);
            have += 64 - PyLong_SHIFT;
        }
    }
    _PyLong_SetSignAndDigitCount(v, negative ? -1 : 1, size);
    return (PyObject *)v;
}

/* -- Comparison and hash -------------------------------------------------- */

int
_PyLong_CompareMagnitude(const PyLongObject *a, const PyLongObject *b)
{
    Py_ssize_t n = _PyLong_DigitCount(a), m = _PyLong_DigitCount(b);
    if (n != m) {
        return n < m ? -1 : 1;
    }
    while (n-- > 0) {
        if (DIGITS(a)[n] != DIGITS(b)[n]) {
            return DIGITS(a)[n] < DIGITS(b)[n] ? -1 : 1;
        }
    }
    return 0;
}

int
_PyLong_Compare(const PyLongObject *a, const PyLongObject *b)
{
    if (_PyLong_BothAreCompact(a, b)) {
        stwodigits x = compact_value(a), y = compact_value(b);
        return (x > y) - (x < y);
    }
    int sign_a = _PyLong_NonCompactSign(a), sign_b = _PyLong_NonCompactSign(b);
    if (sign_a != sign_b) {
        return sign_a < sign_b ? -1 : 1;
    }
    return sign_a * _PyLong_CompareMagnitude(a, b);
}

int
_PyLong_Equal(const PyLongObject *a, const PyLongObject *b)
{
    return a == b
           || (a->long_value.lv_tag == b->long_value.lv_tag
               && memcmp(DIGITS(a), DIGITS(b), (size_t)_PyLong_DigitCount(a) * sizeof(digit)) == 0);
}

Py_hash_t
_PyLong_Hash(PyObject *op)
{
    const PyLongObject *v = LONG(op);
    if (_PyLong_IsCompact(v)) {
        Py_hash_t value = (Py_hash_t)compact_value(v);
        return value == -1 ? -2 : value;
    }
    Py_uhash_t x = 0;
    for (Py_ssize_t i = _PyLong_DigitCount(v); i-- > 0;) {
        /* times 2**30 modulo 2**61 - 1 is a rotation of 61 bits */
        x = ((x << PyLong_SHIFT) & PyHASH_MODULUS) | (x >> (PyHASH_BITS - PyLong_SHIFT));
        x += DIGITS(v)[i];
        if (x >= PyHASH_MODULUS) {
            x -= PyHASH_MODULUS;
        }
    }
    Py_hash_t hash = _PyLong_IsNegative(v) ? -(Py_hash_t)x : (Py_hash_t)x;
    return hash == -1 ? -2 : hash;
}

int64_t
_PyLong_BitLength(const PyLongObject *v)
{
    Py_ssize_t n = _PyLong_DigitCount(v);
    if (n == 0) {
        return 0;
    }
    return (int64_t)(n - 1) * PyLong_SHIFT + (32 - __builtin_clz(DIGITS(v)[n - 1]));
}

int64_t
_PyLong_NumBits(PyObject *v)
{
    return _PyLong_BitLength(LONG(v));
}

/* -- State ---------------------------------------------------------------- */

int
_PyLong_MaxStrDigits(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    return FT_ATOMIC_LOAD_INT_RELAXED(interp->long_state.max_str_digits);
}

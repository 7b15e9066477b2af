/* Integers, as the rest of the core sees them.

   Layout (ABI): long_value.lv_tag holds the number of 30-bit digits above three low bits; the lowest
   two say the sign: 0 positive, 1 zero, 2 negative.  Zero has no digits (its ob_digit[0] is still 0).
   An int of at most one digit is *compact*; its value is `sign * ob_digit[0]`.

   Integers never change once published, so nothing here needs a lock.  -5 .. 1024 are static and
   immortal; every function that returns an int returns the static one for these values. */
#ifndef Py_INTERNAL_LONG_H
#define Py_INTERNAL_LONG_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE"
#endif

#include "Python.h"
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Limits of conversion between int and decimal str (sys.set_int_max_str_digits). */
#define _PY_LONG_DEFAULT_MAX_STR_DIGITS 4300
#define _PY_LONG_MAX_STR_DIGITS_THRESHOLD 640

struct _Py_long_state {
    int max_str_digits;  /* atomic, relaxed: sys.set_int_max_str_digits stores; 0 means no limit */
};

/* -- Static small ints ---------------------------------------------------- */

#define _PY_NSMALLNEGINTS 5
#define _PY_NSMALLPOSINTS 1025

extern PyLongObject _PyLong_SmallInts[_PY_NSMALLNEGINTS + _PY_NSMALLPOSINTS];

/* True if value has a static int. */
#define _PY_IS_SMALL_INT(value) \
    ((uint64_t)(int64_t)(value) + _PY_NSMALLNEGINTS < _PY_NSMALLNEGINTS + _PY_NSMALLPOSINTS)

/* The static int of value (immortal: no counting needed). */
static inline PyObject *
_PyLong_GetSmall(int64_t value)
{
    assert(_PY_IS_SMALL_INT(value));
    return (PyObject *)&_PyLong_SmallInts[_PY_NSMALLNEGINTS + value];
}

#define _PyLong_GetSmallInt _PyLong_GetSmall

static inline PyObject *
_PyLong_GetZero(void)
{
    return (PyObject *)&_PyLong_SmallInts[_PY_NSMALLNEGINTS];
}

static inline PyObject *
_PyLong_GetOne(void)
{
    return (PyObject *)&_PyLong_SmallInts[_PY_NSMALLNEGINTS + 1];
}

static inline bool
_PyLong_IsSmallInt(const PyLongObject *op)
{
    return op >= _PyLong_SmallInts
           && op < _PyLong_SmallInts + _PY_NSMALLNEGINTS + _PY_NSMALLPOSINTS;
}

/* -- Tag ------------------------------------------------------------------ */

#define _PyLong_SIGN_ZERO 1
#define _PyLong_SIGN_NEGATIVE 2
#ifndef _PyLong_SIGN_MASK
#  define _PyLong_SIGN_MASK 3
#endif
#ifndef _PyLong_NON_SIZE_BITS
#  define _PyLong_NON_SIZE_BITS 3
#endif
#define NON_SIZE_BITS _PyLong_NON_SIZE_BITS
#define SIGN_MASK _PyLong_SIGN_MASK

/* The tag of a sign (-1, 0, 1) and a number of digits. */
#define _PyLong_TAG(sign, ndigits) \
    ((uintptr_t)(1 - (sign)) | ((uintptr_t)(ndigits) << _PyLong_NON_SIZE_BITS))
#define TAG_FROM_SIGN_AND_SIZE(sign, size) _PyLong_TAG(sign, size)
#define _PyLong_FALSE_TAG _PyLong_TAG(0, 0)
#define _PyLong_TRUE_TAG _PyLong_TAG(1, 1)

static inline bool
_PyLong_IsZero(const PyLongObject *op)
{
    return (op->long_value.lv_tag & _PyLong_SIGN_MASK) == _PyLong_SIGN_ZERO;
}

static inline bool
_PyLong_IsNegative(const PyLongObject *op)
{
    return (op->long_value.lv_tag & _PyLong_SIGN_MASK) == _PyLong_SIGN_NEGATIVE;
}

static inline bool
_PyLong_IsPositive(const PyLongObject *op)
{
    return (op->long_value.lv_tag & _PyLong_SIGN_MASK) == 0;
}

static inline Py_ssize_t
_PyLong_DigitCount(const PyLongObject *op)
{
    return (Py_ssize_t)(op->long_value.lv_tag >> _PyLong_NON_SIZE_BITS);
}

static inline int
_PyLong_CompactSign(const PyLongObject *op)
{
    return 1 - (int)(op->long_value.lv_tag & _PyLong_SIGN_MASK);
}

static inline int
_PyLong_NonCompactSign(const PyLongObject *op)
{
    return 1 - (int)(op->long_value.lv_tag & _PyLong_SIGN_MASK);
}

static inline Py_ssize_t
_PyLong_SignedDigitCount(const PyLongObject *op)
{
    return _PyLong_NonCompactSign(op) * _PyLong_DigitCount(op);
}

/* Same sign class; zero counts as its own. */
static inline bool
_PyLong_SameSign(const PyLongObject *a, const PyLongObject *b)
{
    return (a->long_value.lv_tag & _PyLong_SIGN_MASK) == (b->long_value.lv_tag & _PyLong_SIGN_MASK);
}

static inline bool
_PyLong_IsNonNegativeCompact(const PyLongObject *op)
{
    return (op->long_value.lv_tag & ~(uintptr_t)_PyLong_SIGN_ZERO)
           <= ((uintptr_t)1 << _PyLong_NON_SIZE_BITS);
}

static inline bool
_PyLong_BothAreCompact(const PyLongObject *a, const PyLongObject *b)
{
    return (a->long_value.lv_tag | b->long_value.lv_tag) < ((uintptr_t)2 << _PyLong_NON_SIZE_BITS);
}

static inline int
_PyLong_CheckExactAndCompact(PyObject *op)
{
    return PyLong_CheckExact(op) && _PyLong_IsCompact((const PyLongObject *)op);
}

/* The next four change an int that nobody else has seen yet. */
static inline void
_PyLong_SetSignAndDigitCount(PyLongObject *op, int sign, Py_ssize_t size)
{
    assert(size >= 0 && (sign != 0) == (size != 0));
    op->long_value.lv_tag = _PyLong_TAG(sign, size);
}

static inline void
_PyLong_SetDigitCount(PyLongObject *op, Py_ssize_t size)
{
    op->long_value.lv_tag =
        ((uintptr_t)size << _PyLong_NON_SIZE_BITS) | (op->long_value.lv_tag & _PyLong_SIGN_MASK);
}

static inline void
_PyLong_SetSign(PyLongObject *op, int sign)
{
    op->long_value.lv_tag =
        (op->long_value.lv_tag & ~(uintptr_t)_PyLong_SIGN_MASK) | (uintptr_t)(1 - sign);
}

static inline void
_PyLong_FlipSign(PyLongObject *op)
{
    unsigned int flipped = 2 - (unsigned int)(op->long_value.lv_tag & _PyLong_SIGN_MASK);
    op->long_value.lv_tag = (op->long_value.lv_tag & ~(uintptr_t)_PyLong_SIGN_MASK) | flipped;
}

/* -- Boxing --------------------------------------------------------------- */

/* New int object for a value that has no static one. */
extern PyObject *_PyLong_BoxLarge(int64_t value);
#define _PyLong_FromLarge _PyLong_BoxLarge

/* int -> object for the eval loop and everyone in a hurry. */
static inline PyObject *
_PyLong_FromInt64Fast(int64_t value)
{
    if (_PY_IS_SMALL_INT(value)) {
        return _PyLong_GetSmall(value);
    }
    return _PyLong_BoxLarge(value);
}

#define _PyLong_FromInt64 _PyLong_FromInt64Fast

static inline PyObject *
_PyLong_FromSTwoDigits(int64_t value)
{
    return _PyLong_FromInt64Fast(value);
}

/* True if op (an int) has at most two digits; then its value is in *out. */
static inline bool
_PyLong_TryInt60(const PyObject *op, int64_t *out)
{
    const PyLongObject *v = (const PyLongObject *)op;
    uintptr_t tag = v->long_value.lv_tag;
    if (tag >= ((uintptr_t)3 << _PyLong_NON_SIZE_BITS)) {
        return false;
    }
    int64_t magnitude = v->long_value.ob_digit[0];
    if (tag >= ((uintptr_t)2 << _PyLong_NON_SIZE_BITS)) {
        magnitude |= (int64_t)v->long_value.ob_digit[1] << PyLong_SHIFT;
    }
    *out = (1 - (int64_t)(tag & _PyLong_SIGN_MASK)) * magnitude;
    return true;
}

/* True if op (an int, exact or not) fits in the VM's 51 bits (two's complement). */
static inline bool
_PyLong_TryInt51(PyObject *op, int64_t *out)
{
    int64_t value;
    if (!_PyLong_TryInt60(op, &value)
        || (uint64_t)(value + ((int64_t)1 << 50)) >= ((uint64_t)1 << 51)) {
        return false;
    }
    *out = value;
    return true;
}

/* True if op (an int) fits in int64_t. */
extern bool _PyLong_TryInt64(PyObject *op, int64_t *out);

/* -- Operations ----------------------------------------------------------- */

/* An int of `size` digits, to be filled (digits are not initialised). */
extern PyLongObject *_PyLong_Alloc(Py_ssize_t size);
/* Drops leading zero digits of a fresh int and replaces small values by their static int (steals). */
extern PyObject *_PyLong_Finish(PyLongObject *v);

PyAPI_FUNC(PyLongObject *) _PyLong_New(Py_ssize_t size);
PyAPI_FUNC(PyLongObject *) _PyLong_FromDigits(int negative, Py_ssize_t digit_count, digit *digits);
PyAPI_FUNC(PyObject *) _PyLong_Add(PyLongObject *left, PyLongObject *right);
PyAPI_FUNC(PyObject *) _PyLong_Multiply(PyLongObject *left, PyLongObject *right);
PyAPI_FUNC(PyObject *) _PyLong_Subtract(PyLongObject *left, PyLongObject *right);
/* Floor division and remainder of two exact-or-not ints; the eval loop calls them directly. */
extern PyObject *_PyLong_FloorDivide(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_Remainder(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_TrueDivide(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_Power(PyObject *left, PyObject *right);
extern PyObject *_PyLong_And(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_Or(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_Xor(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_LShift(PyObject *left, PyObject *right);
extern PyObject *_PyLong_RShift(PyObject *left, PyObject *right);
extern PyObject *_PyLong_Negate(PyLongObject *v);
/* -1, 0 or 1 */
extern int _PyLong_Compare(const PyLongObject *left, const PyLongObject *right);
extern int _PyLong_Equal(const PyLongObject *left, const PyLongObject *right);
extern Py_hash_t _PyLong_Hash(PyObject *v);

PyAPI_FUNC(PyObject *) _PyLong_Rshift(PyObject *v, int64_t shift);
PyAPI_FUNC(PyObject *) _PyLong_Lshift(PyObject *v, int64_t shift);
/* a == x * 2**e with 0.5 <= |x| < 1, correctly rounded; -1.0 and *e == -1 with an exception if e does not fit. */
PyAPI_FUNC(double) _PyLong_Frexp(PyLongObject *a, int64_t *e);
/* (q, r) with q the nearest integer to a / b, ties to even. */
PyAPI_FUNC(PyObject *) _PyLong_DivmodNear(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) _PyLong_Format(PyObject *obj, int base);
PyAPI_FUNC(PyObject *) _PyLong_GCD(PyObject *a, PyObject *b);
PyAPI_DATA(unsigned char) _PyLong_DigitValue[256];
PyAPI_FUNC(void) _PyLong_ExactDealloc(PyObject *op);
extern PyObject *_PyLong_FromBytes(const char *s, Py_ssize_t len, int base);
extern PyStatus _PyLong_InitTypes(PyInterpreterState *interp);
extern void _PyLong_FiniTypes(PyInterpreterState *interp);

/* An int as ASCII text: sign, prefix 0b, 0o, 0x if `alternate`, digits in base 2, 8, 10 or 16. */
struct _PyLong_Text {
    char *start;      /* not terminated */
    Py_ssize_t size;
    char *memory;     /* PyMem, or NULL */
    char stack[72];
};
/* -1 with an exception; _PyLong_FreeText() is due in any case. */
extern int _PyLong_FormatText(struct _PyLong_Text *t, PyObject *v, int base, int alternate);

static inline void
_PyLong_FreeText(struct _PyLong_Text *t)
{
    PyMem_Free(t->memory);
}

extern int _PyLong_FormatWriter(_PyUnicodeWriter *writer, PyObject *obj, int base, int alternate);
extern int _PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                        PyObject *format_spec, Py_ssize_t start, Py_ssize_t end);

/* "O&" converters. */
PyAPI_FUNC(int) _PyLong_UnsignedShort_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UnsignedInt_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UnsignedLong_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UnsignedLongLong_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_Size_t_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UInt8_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UInt16_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UInt32_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UInt64_Converter(PyObject *, void *);

#ifdef __cplusplus
}
#endif
#endif

/* Values of the registers: NaN-boxed references, small integers and doubles.

   Encoding of the 64 bits (DESIGN section 7):
     0                        dead or unbound
     below 2**48              PyObject pointer; bit 0 set: borrowed (not counted by this register)
     2**49 .. 0xFFF2 << 48    double, its bits plus 2**49 (no NaN is ever unboxed)
     from 0xFFF8 << 48 on     integer, 51 bits, two's complement
   A register owns the reference it holds unless the borrowed bit is set.  Borrowed references are to immortal or deferred
   objects (or, inside one run of instructions, to objects protected by the grace period, PROTOCOLS P6).
   The type is a struct so that the compiler refuses to mix it with PyObject *. */
#ifndef Py_INTERNAL_VALUE_H
#define Py_INTERNAL_VALUE_H

#include "Python.h"
#include <stdbool.h>
#include <string.h>

typedef struct {
    uint64_t bits;
} _PyValue;

#define _PyValue_DOUBLE_OFFSET ((uint64_t)1 << 49)
#define _PyValue_INT_TAG ((uint64_t)0xFFF8 << 48)
#define _PyValue_INT_MIN (-((int64_t)1 << 50))
#define _PyValue_INT_MAX (((int64_t)1 << 50) - 1)
#define _PyValue_BORROWED ((uint64_t)1)
#define _PyValue_DEAD ((_PyValue){0})

static inline bool
_PyValue_IsDead(_PyValue v)
{
    return v.bits == 0;
}

/* A pointer, owned or borrowed; false for 0 as well as for numbers. */
static inline bool
_PyValue_IsObject(_PyValue v)
{
    return v.bits - 1 < ((uint64_t)1 << 48) - 1;
}

/* Owned: releasing the register must release the reference. */
static inline bool
_PyValue_IsOwned(_PyValue v)
{
    /* One comparison: the rotation moves the borrowed bit to the top. */
    return (v.bits >> 1 | v.bits << 63) - 1 < ((uint64_t)1 << 47) - 1;
}

static inline bool
_PyValue_IsInt(_PyValue v)
{
    return v.bits >= _PyValue_INT_TAG;
}

static inline bool
_PyValue_AreInts(_PyValue v, _PyValue w)
{
    return (v.bits & w.bits) >= _PyValue_INT_TAG;
}

static inline bool
_PyValue_IsDouble(_PyValue v)
{
    return v.bits - _PyValue_DOUBLE_OFFSET < _PyValue_INT_TAG - _PyValue_DOUBLE_OFFSET;
}

static inline bool
_PyValue_IsNumber(_PyValue v)
{
    return v.bits >= _PyValue_DOUBLE_OFFSET;
}

static inline int64_t
_PyValue_AsInt(_PyValue v)
{
    return (int64_t)(v.bits << 13) >> 13;
}

static inline bool
_PyValue_IntFits(int64_t i)
{
    return (uint64_t)(i - _PyValue_INT_MIN) <= (uint64_t)(_PyValue_INT_MAX - _PyValue_INT_MIN);
}

static inline _PyValue
_PyValue_FromInt(int64_t i)
{
    return (_PyValue){(uint64_t)i | _PyValue_INT_TAG};
}

static inline double
_PyValue_AsDouble(_PyValue v)
{
    uint64_t bits = v.bits - _PyValue_DOUBLE_OFFSET;
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* d must not be a NaN: a NaN keeps its identity and stays a PyFloatObject. */
static inline _PyValue
_PyValue_FromDouble(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return (_PyValue){bits + _PyValue_DOUBLE_OFFSET};
}

/* The object of a pointer value; the reference stays where it is. */
static inline PyObject *
_PyValue_AsObject(_PyValue v)
{
    return (PyObject *)(uintptr_t)(v.bits & ~_PyValue_BORROWED);
}

/* Takes over the caller's reference; NULL gives the dead value. */
static inline _PyValue
_PyValue_Steal(PyObject *op)
{
    return (_PyValue){(uint64_t)(uintptr_t)op};
}

/* Refers to op without counting; op must be immortal, deferred or otherwise kept alive. */
static inline _PyValue
_PyValue_Borrow(PyObject *op)
{
    return (_PyValue){(uint64_t)(uintptr_t)op | _PyValue_BORROWED};
}

static inline void
_PyValue_Release(_PyValue v)
{
    if (_PyValue_IsOwned(v)) {
        Py_DECREF(_PyValue_AsObject(v));
    }
}

/* A second value for the same thing: counts an owned reference. */
static inline _PyValue
_PyValue_Dup(_PyValue v)
{
    if (_PyValue_IsOwned(v)) {
        Py_INCREF(_PyValue_AsObject(v));
    }
    return v;
}

/* New reference to the value as an object: boxes numbers.  NULL with MemoryError. */
PyObject *_PyValue_BoxNumber(_PyValue v);

static inline PyObject *
_PyValue_ToNewObject(_PyValue v)
{
    if (_PyValue_IsObject(v)) {
        return Py_NewRef(_PyValue_AsObject(v));
    }
    return _PyValue_BoxNumber(v);
}

/* Like _PyValue_ToNewObject, but consumes v (also on failure, where v is a number). */
static inline PyObject *
_PyValue_Consume(_PyValue v)
{
    if (_PyValue_IsOwned(v)) {
        return _PyValue_AsObject(v);
    }
    return _PyValue_ToNewObject(v);
}
#endif

/* Tuple internals.  A tuple is immutable once another thread can see it, so reads need no rule.
   ob_hash caches the hash, -1 while unknown (relaxed: everybody computes the same value). */
#ifndef Py_INTERNAL_TUPLE_H
#define Py_INTERNAL_TUPLE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_container.h"

#define _PyTuple_CAST_(op) ((PyTupleObject *)(op))
#define _PyTuple_ITEMS(op) (_PyTuple_CAST_(op)->ob_item)

/* The empty tuple: immortal, one per process. */
extern PyTupleObject _PyTuple_Empty;
#define _PyTuple_GetEmpty() ((PyObject *)&_PyTuple_Empty)

/* Constants of the tuple hash (xxHash, Y. Collet, 2014; 64 bits). */
#if SIZEOF_PY_UHASH_T > 4
#  define _PyTuple_HASH_XXPRIME_1 ((Py_uhash_t)11400714785074694791ULL)
#  define _PyTuple_HASH_XXPRIME_2 ((Py_uhash_t)14029467366897019727ULL)
#  define _PyTuple_HASH_XXPRIME_5 ((Py_uhash_t)2870177450012600261ULL)
#  define _PyTuple_HASH_XXROTATE(x) ((x << 31) | (x >> 33))
#else
#  define _PyTuple_HASH_XXPRIME_1 ((Py_uhash_t)2654435761UL)
#  define _PyTuple_HASH_XXPRIME_2 ((Py_uhash_t)2246822519UL)
#  define _PyTuple_HASH_XXPRIME_5 ((Py_uhash_t)374761393UL)
#  define _PyTuple_HASH_XXROTATE(x) ((x << 13) | (x >> 19))
#endif

/* Counts the n references; the Steal form takes them (and releases them on failure). */
extern PyObject *_PyTuple_FromArray(PyObject *const *, Py_ssize_t n);
extern PyObject *_PyTuple_FromArraySteal(PyObject *const *, Py_ssize_t n);
/* A tuple of two, counted. */
extern PyObject *_PyTuple_FromPair(PyObject *, PyObject *);
extern PyObject *_PyTuple_FromPairSteal(PyObject *, PyObject *);
extern Py_ssize_t _PyTuple_MaybeUntrack(PyObject *);
extern void _PyTuple_DebugMallocStats(FILE *out);
/* After a result tuple was reused by its iterator: forget the hash and track it again. */
extern void _PyTuple_Recycle(PyObject *);
extern int _PyTuple_Contains(PyTupleObject *, PyObject *value);
extern PyObject *_PyTuple_Concat(PyObject *, PyObject *);

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;
    PyTupleObject *it_seq;
} _PyTupleIterObject;

#endif

/* Range objects and the fast range iterator. */
#ifndef Py_INTERNAL_RANGE_H
#define Py_INTERNAL_RANGE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* const: start, stop, step, length are exact ints */
typedef struct {
    PyObject_HEAD
    PyObject *start;
    PyObject *stop;
    PyObject *step;
    PyObject *length;
} _PyRangeObject;

/* For ranges whose numbers fit a C long.  start moves on, len counts down (relaxed). */
typedef struct {
    PyObject_HEAD
    long start;
    long step;
    long len;
} _PyRangeIterObject;

extern PyTypeObject PyLongRangeIter_Type;

#endif

/* Slice helpers for the eval loop. */
#ifndef Py_INTERNAL_SLICE_H
#define Py_INTERNAL_SLICE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Steals start and stop; NULL with an exception leaves neither alive. */
extern PyObject *_PyBuildSlice_ConsumeRefs(PyObject *start, PyObject *stop);

#endif

/* types.SimpleNamespace */
#ifndef Py_INTERNAL_PYNAMESPACE_H
#define Py_INTERNAL_PYNAMESPACE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _PyNamespace_Type;
PyAPI_FUNC(PyObject *) _PyNamespace_New(PyObject *kwds);

#endif

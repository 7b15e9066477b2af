/* Capsules that take part in garbage collection. */
#ifndef Py_INTERNAL_CAPSULE_H
#define Py_INTERNAL_CAPSULE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

PyAPI_FUNC(int) _PyCapsule_SetTraverse(PyObject *op, traverseproc traverse_func, inquiry clear_func);

#endif

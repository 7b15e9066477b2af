/* Shared by weakref.c and weakref_proxy.c. */
#ifndef WEAKREF_INT_H
#define WEAKREF_INT_H

#include "Python.h"

extern PyWeakReference *_PyWeakref_Create(PyTypeObject *type, PyObject *referent, PyObject *callback);
extern PyObject *_PyWeakref_Vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames);
extern PyObject *_PyWeakref_GetWeakrefs(PyObject *obj);

#endif

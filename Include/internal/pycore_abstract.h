/* Abstract object protocols, what the core needs beyond abstract.h. */
#ifndef Py_INTERNAL_ABSTRACT_H
#define Py_INTERNAL_ABSTRACT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

static inline int
_PyIndex_Check(PyObject *obj)
{
    PyNumberMethods *number = Py_TYPE(obj)->tp_as_number;
    return number != NULL && number->nb_index != NULL;
}

PyAPI_FUNC(PyObject *) _PyNumber_Index(PyObject *o);   /* may return an instance of a subclass of int */
extern PyObject *_PyNumber_PowerNoMod(PyObject *lhs, PyObject *rhs);
extern PyObject *_PyNumber_InPlacePowerNoMod(PyObject *lhs, PyObject *rhs);

/* isinstance() and issubclass() without __instancecheck__ and __subclasscheck__. */
extern int _PyObject_RealIsInstance(PyObject *inst, PyObject *cls);
extern int _PyObject_RealIsSubclass(PyObject *derived, PyObject *cls);

extern int _PyObject_HasLen(PyObject *o);

#define PY_ITERSEARCH_COUNT 1
#define PY_ITERSEARCH_INDEX 2
#define PY_ITERSEARCH_CONTAINS 3
extern Py_ssize_t _PySequence_IterSearch(PyObject *seq, PyObject *obj, int operation);

extern char *const *_PySequence_BytesToCharpArray(PyObject *self);
extern void _Py_FreeCharPArray(char *const array[]);

/* The next item of iter: new reference; NULL with or without an exception, StopIteration is swallowed. */
extern int _PyIter_NextItem(PyObject *iter, PyObject **item);

/* Converts for argument parsers: None leaves *pi alone; else __index__, clipped. */
PyAPI_FUNC(int) _Py_convert_optional_to_ssize_t(PyObject *obj, void *result);
extern int _Py_convert_optional_to_non_negative_ssize_t(PyObject *obj, void *result);

extern void _Py_add_one_to_index_F(int nd, Py_ssize_t *index, const Py_ssize_t *shape);
extern void _Py_add_one_to_index_C(int nd, Py_ssize_t *index, const Py_ssize_t *shape);

#endif

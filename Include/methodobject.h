/* Functions and methods written in C: their descriptions and the objects that wrap them. */
#ifndef Py_METHODOBJECT_H
#define Py_METHODOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyCFunction_Type;

#define PyCFunction_CheckExact(op) Py_IS_TYPE((op), &PyCFunction_Type)
#define PyCFunction_Check(op) PyObject_TypeCheck((op), &PyCFunction_Type)

typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef PyObject *(*PyCFunctionFast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*PyCFunctionWithKeywords)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*PyCFunctionFastWithKeywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
typedef PyObject *(*PyCMethod)(PyObject *, PyTypeObject *, PyObject *const *, Py_ssize_t, PyObject *);

/* Before 3.13 these had private names. */
typedef PyCFunctionFast _PyCFunctionFast;
typedef PyCFunctionFastWithKeywords _PyCFunctionFastWithKeywords;

/* The type of a function that PyMethodDef takes, made from the type that the flags ask for. */
#define _PyCFunction_CAST(func) \
    _Py_FUNC_CAST(PyCFunction, func)
#define _PyCFunctionFast_CAST(func) \
    _Py_CAST(PyCFunction, _Py_FUNC_CAST(PyCFunctionFast, func))
#define _PyCFunctionWithKeywords_CAST(func) \
    _Py_CAST(PyCFunction, _Py_FUNC_CAST(PyCFunctionWithKeywords, func))
#define _PyCFunctionFastWithKeywords_CAST(func) \
    _Py_CAST(PyCFunction, _Py_FUNC_CAST(PyCFunctionFastWithKeywords, func))

struct PyMethodDef {
    const char *ml_name;
    PyCFunction ml_meth;
    int ml_flags;  /* METH_... */
    const char *ml_doc;
};

#define METH_STACKLESS 0
#define METH_VARARGS   (1 << 0)
#define METH_KEYWORDS  (1 << 1)
#define METH_NOARGS    (1 << 2)
#define METH_O         (1 << 3)
#define METH_CLASS     (1 << 4)
#define METH_STATIC    (1 << 5)
#define METH_COEXIST   (1 << 6)
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
#define METH_METHOD    (1 << 9)
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
#define METH_FASTCALL  (1 << 7)
#endif

PyAPI_FUNC(int) PyCFunction_GetFlags(PyObject *op);
PyAPI_FUNC(PyCFunction) PyCFunction_GetFunction(PyObject *op);
PyAPI_FUNC(PyObject *) PyCFunction_GetSelf(PyObject *op);
PyAPI_FUNC(PyObject *) PyCFunction_New(PyMethodDef *method, PyObject *self);
PyAPI_FUNC(PyObject *) PyCFunction_NewEx(PyMethodDef *method, PyObject *self, PyObject *module);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_FUNC(PyObject *) PyCMethod_New(
    PyMethodDef *method, PyObject *self, PyObject *module, PyTypeObject *cls);
#endif

#define PyCFunction_New(ml, self) PyCFunction_NewEx((ml), (self), NULL)
#define PyCFunction_NewEx(ml, self, mod) PyCMethod_New((ml), (self), (mod), NULL)

#include "cpython/methodobject.h"

#ifdef __cplusplus
}
#endif
#endif

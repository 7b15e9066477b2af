/* Calling objects from C, with the thread state at hand.

   Everything callable speaks vectorcall; tp_call is the fallback.  A result is checked once, where it enters. */
#ifndef Py_INTERNAL_CALL_H
#define Py_INTERNAL_CALL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_pystate.h"  // _PyThreadState_GET

/* Arguments that fit on the C stack before a call allocates. */
#define _PY_FASTCALL_SMALL_STACK 5

PyAPI_FUNC(PyObject *) _Py_CheckFunctionResult(PyThreadState *tstate, PyObject *callable, PyObject *result,
                                               const char *where);
extern PyObject *_PyObject_Call_Prepend(PyThreadState *tstate, PyObject *callable, PyObject *obj, PyObject *args,
                                        PyObject *kwargs);
extern PyObject *_PyObject_VectorcallDictTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                                                size_t nargsf, PyObject *kwargs);
extern PyObject *_PyObject_FastCallDictTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                                              size_t nargsf, PyObject *kwargs);
extern PyObject *_PyObject_VectorcallPrepend(PyThreadState *tstate, PyObject *callable, PyObject *arg,
                                             PyObject *const *args, size_t nargsf, PyObject *kwnames);
extern PyObject *_PyObject_Call(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs);
PyAPI_FUNC(PyObject *) _PyObject_MakeTpCall(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                                            Py_ssize_t nargs, PyObject *keywords);
extern PyObject *_PyObject_CallMethodFormat(PyThreadState *tstate, PyObject *callable, const char *format, ...);
extern PyObject *_PyObject_CallMethodIdObjArgs(PyObject *obj, _Py_Identifier *name, ...);
PyAPI_FUNC(PyObject *) _PyObject_CallMethod(PyObject *obj, PyObject *name, const char *format, ...);
extern vectorcallfunc _PyVectorcall_Function(PyObject *callable);
extern PyObject *_PyVectorcall_Call(PyThreadState *tstate, vectorcallfunc func, PyObject *callable, PyObject *tuple,
                                    PyObject *kwargs);

/* {kwnames[i]: values[i]} */
PyAPI_FUNC(PyObject *) _PyStack_AsDict(PyObject *const *values, PyObject *kwnames);
/* A new array of args and the values of kwargs (counted), their names in *p_kwnames.  The array has one free slot
   before it.  Freed by _PyStack_UnpackDict_Free. */
extern PyObject *const *_PyStack_UnpackDict(PyThreadState *tstate, PyObject *const *args, Py_ssize_t nargs,
                                            PyObject *kwargs, PyObject **p_kwnames);
extern void _PyStack_UnpackDict_Free(PyObject *const *stack, Py_ssize_t nargs, PyObject *kwnames);
/* The same for arrays whose items were consumed. */
extern void _PyStack_UnpackDict_FreeNoDecRef(PyObject *const *stack, PyObject *kwnames);

static inline vectorcallfunc
_PyVectorcall_FunctionInline(PyObject *callable)
{
    PyTypeObject *type = Py_TYPE(callable);
    if (!PyType_HasFeature(type, Py_TPFLAGS_HAVE_VECTORCALL)) {
        return NULL;
    }
    vectorcallfunc func;
    memcpy(&func, (char *)callable + type->tp_vectorcall_offset, sizeof(func));
    return func;
}

/* As PyObject_Vectorcall. */
static inline PyObject *
_PyObject_VectorcallTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf,
                           PyObject *kwnames)
{
    vectorcallfunc func = _PyVectorcall_FunctionInline(callable);
    if (func == NULL) {
        return _PyObject_MakeTpCall(tstate, callable, args, PyVectorcall_NARGS(nargsf), kwnames);
    }
    PyObject *result = func(callable, args, nargsf, kwnames);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

static inline PyObject *
_PyObject_CallNoArgsTstate(PyThreadState *tstate, PyObject *callable)
{
    return _PyObject_VectorcallTstate(tstate, callable, NULL, 0, NULL);
}

static inline PyObject *
_PyObject_FastCallTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args, Py_ssize_t nargs)
{
    return _PyObject_VectorcallTstate(tstate, callable, args, (size_t)nargs, NULL);
}

static inline PyObject *
_PyObject_CallNoArgs(PyObject *callable)
{
    return _PyObject_CallNoArgsTstate(_PyThreadState_GET(), callable);
}

static inline PyObject *
_PyObject_FastCall(PyObject *callable, PyObject *const *args, Py_ssize_t nargs)
{
    return _PyObject_FastCallTstate(_PyThreadState_GET(), callable, args, nargs);
}

extern PyObject *_PyObject_CallMethodId(PyObject *obj, _Py_Identifier *name, const char *format, ...);

static inline PyObject *
_PyObject_VectorcallMethodId(_Py_Identifier *name, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *oname = _PyUnicode_FromId(name);   /* borrowed */
    return oname == NULL ? NULL : PyObject_VectorcallMethod(oname, args, nargsf, kwnames);
}

static inline PyObject *
_PyObject_CallMethodIdNoArgs(PyObject *self, _Py_Identifier *name)
{
    return _PyObject_VectorcallMethodId(name, &self, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

static inline PyObject *
_PyObject_CallMethodIdOneArg(PyObject *self, _Py_Identifier *name, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    return _PyObject_VectorcallMethodId(name, args, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

#endif

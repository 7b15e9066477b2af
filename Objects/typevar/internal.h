/* What the files of this folder share.  Nobody else includes it. */
#ifndef TYPEVAR_INTERNAL_H
#define TYPEVAR_INTERNAL_H

#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_interp.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"
#include "pycore_tuple.h"
#include "pycore_typevarobject.h"
#include "pycore_unionobject.h"

#define NO_DEFAULT (&_Py_NoDefaultStruct)

/* typing.name(*args) */
extern PyObject *_PyTyping_Call(const char *name, PyObject **args, size_t nargs);
/* Function that returns value (or its text) in the format that it is asked for. */
extern PyObject *_PyTyping_ConstEvaluator(PyObject *value);
/* The module of the running Python function: new reference, None. */
extern PyObject *_PyTyping_CallerModule(void);
/* typing._type_check(arg, msg) */
extern PyObject *_PyTyping_TypeCheck(PyObject *arg, const char *msg);
/* typing.Unpack[self], and an iterator over it. */
extern PyObject *_PyTyping_Unpack(PyObject *self);
extern PyObject *_PyTyping_UnpackIter(PyObject *self);
/* nb_or */
extern PyObject *_PyTyping_MakeUnion(PyObject *self, PyObject *other);
/* A lazily evaluated attribute: *value, else evaluate(1) which is kept, else NULL without an exception. */
extern PyObject *_PyTyping_Lazy(PyObject *owner, PyObject **value, PyObject *evaluate);
/* evaluate, or an evaluator of *value, or None. */
extern PyObject *_PyTyping_Evaluator(PyObject *owner, PyObject **value, PyObject **evaluate);

extern int _PyTyping_InitTypeVar(struct _Py_typing_state *state);
extern int _PyTyping_InitParamSpec(struct _Py_typing_state *state);
extern int _PyTyping_InitTypeVarTuple(struct _Py_typing_state *state);
extern int _PyTyping_InitEvaluator(struct _Py_typing_state *state);

/* Type parameters: heap types with a dict and weak references, immutable, final. */
#define TYPING_FLAGS                                                                              \
    (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_MANAGED_DICT \
     | Py_TPFLAGS_MANAGED_WEAKREF)

static inline PyObject *
no_subclass_error(const char *name)
{
    return PyErr_Format(PyExc_TypeError, "Cannot subclass an instance of %s", name);
}

/* self.__module__ = the caller's, if it has one. */
static inline int
set_caller_module(PyObject *self)
{
    PyObject *module = _PyTyping_CallerModule();
    if (module == NULL) {
        return -1;
    }
    int err = PyObject_SetAttr(self, _Py_ID(__module__), module);
    Py_DECREF(module);
    return err;
}

#endif

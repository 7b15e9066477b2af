/* What the files of this folder share.  Nobody else includes it. */
#ifndef EXCEPTIONS_INTERNAL_H
#define EXCEPTIONS_INTERNAL_H

#include "Python.h"
#include "pycore_args.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"
#include "pycore_unicodeobject.h"

/* base.c */
extern PyObject *_PyExc_BaseNew(PyTypeObject *type, PyObject *args, PyObject *kwds);
extern int _PyExc_BaseInit(PyObject *self, PyObject *args, PyObject *kwds);
extern int _PyExc_BaseClear(PyObject *self);
extern void _PyExc_BaseClearFields(PyBaseExceptionObject *self);
extern int _PyExc_BaseTraverse(PyObject *self, visitproc visit, void *arg);
extern PyObject *_PyExc_BaseStr(PyObject *self);
extern PyObject *_PyExc_BaseRepr(PyObject *self);
extern PyObject *_PyExc_BaseVectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames);

/* Frees an exception whose type has been untracked and cleared. */
static inline void
exc_free(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}

/* Declares the static types, so that each may name its base. */
#define SIMPLE(Name, Base, doc) extern PyTypeObject _PyExcType_##Name;
#define COMPLEX(Name, Base, doc) extern PyTypeObject _PyExcType_##Name;
#define HIDDEN(Name, Base, doc) extern PyTypeObject _PyExc_##Name;
#include "exceptions.def"
#undef SIMPLE
#undef COMPLEX
#undef HIDDEN

/* EXC_TYPE(StopIteration, PyStopIterationObject, Exception, doc, .tp_...) defines one with its own layout; its
   functions are called Name_dealloc, Name_traverse and Name_clear. */
#define EXC_TYPE(Name, Struct, Base, docstring, new_function, init_function, ...)                \
    PyTypeObject _PyExcType_##Name = {                                                           \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                                   \
        .tp_name = #Name,                                                                        \
        .tp_basicsize = sizeof(Struct),                                                          \
        .tp_dealloc = Name##_dealloc,                                                            \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,                \
        .tp_doc = PyDoc_STR(docstring),                                                          \
        .tp_traverse = Name##_traverse,                                                          \
        .tp_clear = Name##_clear,                                                                \
        .tp_base = &_PyExcType_##Base,                                                           \
        .tp_dictoffset = offsetof(PyBaseExceptionObject, dict),                                  \
        .tp_new = new_function,                                                                  \
        .tp_init = init_function,                                                                \
        __VA_ARGS__                                                                              \
    }

/* EXC_DEALLOC(StopIteration) defines its dealloc by its clear. */
#define EXC_DEALLOC(Name)                                                                        \
    static void Name##_dealloc(PyObject *self)                                                   \
    {                                                                                            \
        PyObject_GC_UnTrack(self);                                                               \
        (void)Name##_clear(self);                                                                \
        exc_free(self);                                                                          \
    }

#endif

/* Rows of method tables, and the vocabulary that keeps them short.

   A row holds a method's name, calling convention, signature text and documentation; ml_doc and
   __text_signature__ are both made from it.  PY_LOCKED_* define the public half of a method whose
   body runs in self's critical section. */
#ifndef Py_INTERNAL_ARGS_H
#define Py_INTERNAL_ARGS_H

#include "Python.h"
#include "pycore_critical_section.h"  // Py_BEGIN_CRITICAL_SECTION
#include "pycore_modsupport.h"        // _PyArg_CheckPositional, _PyArg_UnpackKeywords

/* One row: the C function is TYPE_NAME, cast to the generic pointer. */
#define PY_METHOD(type, name, flags, signature, doc) \
    {#name, (PyCFunction)(void (*)(void))type##_##name, (flags), #name signature "\n--\n\n" doc}

/* A row whose C function is not called type_name. */
#define PY_METHOD_AS(text, function, flags, signature, doc) \
    {text, (PyCFunction)(void (*)(void))(function), (flags), text signature "\n--\n\n" doc}

/* A row without a signature text. */
#define PY_METHOD_NOSIG(text, function, flags, doc) \
    {text, (PyCFunction)(void (*)(void))(function), (flags), (doc)}

/* PY_LOCKED_O(list, append, PyListObject) expands to list_append(self, arg), which calls
   list_append_lock_held(self, arg) in self's critical section.  The NOARGS, FASTCALL and
   FASTCALL_KEYWORDS forms do the same for the other calling conventions. */
#define PY_LOCKED_O(type, name, ctype)                                   \
    static PyObject *type##_##name(PyObject *self, PyObject *arg)        \
    {                                                                    \
        PyObject *result;                                                \
        Py_BEGIN_CRITICAL_SECTION(self);                                 \
        result = type##_##name##_lock_held((ctype *)self, arg);          \
        Py_END_CRITICAL_SECTION();                                       \
        return result;                                                   \
    }

#define PY_LOCKED_NOARGS(type, name, ctype)                                          \
    static PyObject *type##_##name(PyObject *self, PyObject *Py_UNUSED(ignored))     \
    {                                                                                \
        PyObject *result;                                                            \
        Py_BEGIN_CRITICAL_SECTION(self);                                             \
        result = type##_##name##_lock_held((ctype *)self);                           \
        Py_END_CRITICAL_SECTION();                                                   \
        return result;                                                               \
    }

#define PY_LOCKED_FASTCALL(type, name, ctype)                                               \
    static PyObject *type##_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs) \
    {                                                                                       \
        PyObject *result;                                                                   \
        Py_BEGIN_CRITICAL_SECTION(self);                                                    \
        result = type##_##name##_lock_held((ctype *)self, args, nargs);                     \
        Py_END_CRITICAL_SECTION();                                                          \
        return result;                                                                      \
    }

#define PY_LOCKED_FASTCALL_KEYWORDS(type, name, ctype)                                      \
    static PyObject *type##_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs, \
                                   PyObject *kwnames)                                       \
    {                                                                                       \
        PyObject *result;                                                                   \
        Py_BEGIN_CRITICAL_SECTION(self);                                                    \
        result = type##_##name##_lock_held((ctype *)self, args, nargs, kwnames);            \
        Py_END_CRITICAL_SECTION();                                                          \
        return result;                                                                      \
    }

#endif

/* Contexts, context variables and tokens (contextvars). */
#ifndef Py_INTERNAL_CONTEXT_H
#define Py_INTERNAL_CONTEXT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_hamt.h"

extern PyTypeObject _PyContextTokenMissing_Type;
extern PyObject _PyContextTokenMissing;

/* A context is entered by one thread at a time; only that thread changes its variables. */
struct _pycontextobject {
    PyObject_HEAD
    PyContext *ctx_prev;        /* owned; the thread that has entered it: what to go back to */
    PyHamtObject *ctx_vars;     /* owned; written by the thread that has entered it, in the critical section */
    PyObject *ctx_weakreflist;
    int ctx_entered;            /* atomic */
};

struct _pycontextvarobject {
    PyObject_HEAD
    PyObject *var_name;         /* const */
    PyObject *var_default;      /* const; NULL: none */
    Py_hash_t var_hash;         /* const */
};

struct _pycontexttokenobject {
    PyObject_HEAD
    PyContext *tok_ctx;
    PyContextVar *tok_var;
    PyObject *tok_oldval;       /* NULL: the variable had no value */
    int tok_used;               /* atomic */
};

extern PyObject *_PyContext_Get(void);      /* the current one, made if need be: new reference */
extern int _PyContext_Enter(PyThreadState *ts, PyObject *octx);
extern int _PyContext_Exit(PyThreadState *ts, PyObject *octx);
PyAPI_FUNC(PyObject *) _PyContext_NewHamtForTests(void);
#endif

/* Functions to call at exit: of the process, of an interpreter (Modules/atexitmodule.c). */
#ifndef Py_INTERNAL_ATEXIT_H
#define Py_INTERNAL_ATEXIT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"  // PyMutex

typedef void (*atexit_callbackfunc)(void);
typedef void (*atexit_datacallbackfunc)(void *);

struct _atexit_runtime_state {
    PyMutex mutex;
#define NEXITFUNCS 32
    atexit_callbackfunc callbacks[NEXITFUNCS];
    int ncallbacks;
};

typedef struct atexit_callback {
    atexit_datacallbackfunc func;
    void *data;
    struct atexit_callback *next;
} atexit_callback;

struct atexit_state {
    atexit_callback *ll_callbacks;   // guarded by lock
    PyObject *callbacks;             // list of (func, args, kwargs)
    PyMutex ll_lock;
};

extern PyStatus _PyAtExit_Init(PyInterpreterState *interp);
extern void _PyAtExit_Call(PyInterpreterState *interp);
extern void _PyAtExit_Fini(PyInterpreterState *interp);
extern int PyUnstable_AtExit(PyInterpreterState *interp, atexit_datacallbackfunc func, void *data);

#endif  // Py_INTERNAL_ATEXIT_H

/* The global interpreter lock: always there in the GIL build, switched off unless asked for in the free-threaded
   one (Python/threads/gil.c). */
#ifndef Py_INTERNAL_GIL_H
#define Py_INTERNAL_GIL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include <pthread.h>

struct _gil_runtime_state {
#ifdef Py_GIL_DISABLED
    int enabled;            // atomic; changes while the world is stopped.  INT_MAX: for good
#endif
    unsigned long interval; // atomic: microseconds a waiter grants the holder
    PyThreadState *last_holder;   // guarded by mutex
    int locked;             // guarded by mutex; -1: not created
    unsigned long switch_number;  // guarded by mutex
    pthread_cond_t cond;    // signalled when it is released
    pthread_mutex_t mutex;
    pthread_cond_t switch_cond;   // the one who forced a switch waits until it has happened
    pthread_mutex_t switch_mutex;
};

extern void _PyEval_InitGIL(PyThreadState *tstate, int own_gil);
extern void _PyEval_ReInitGIL(PyThreadState *tstate);
extern void _PyEval_FiniGIL(PyInterpreterState *interp);
extern void _PyEval_AcquireLock(PyThreadState *tstate);
extern void _PyEval_ReleaseLock(PyInterpreterState *interp, PyThreadState *tstate, int final_release);
extern void _PyEval_SetSwitchInterval(unsigned long microseconds);
extern unsigned long _PyEval_GetSwitchInterval(void);

#ifdef Py_GIL_DISABLED
static inline int
_PyEval_IsGILEnabled_gil(struct _gil_runtime_state *gil)
{
    return __atomic_load_n(&gil->enabled, __ATOMIC_RELAXED) != 0;
}

extern int _PyEval_IsGILEnabled(PyThreadState *tstate);
/* A module without Py_mod_gil is being imported: on for the import, then for good or not.  1: changed. */
extern int _PyEval_EnableGILTransient(PyThreadState *tstate);
extern int _PyEval_EnableGILPermanent(PyThreadState *tstate);
extern int _PyEval_DisableGIL(PyThreadState *tstate);
#else
static inline int
_PyEval_IsGILEnabled(PyThreadState *tstate)
{
    (void)tstate;
    return 1;
}
#endif

#endif  // Py_INTERNAL_GIL_H

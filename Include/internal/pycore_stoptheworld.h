/* Stop-the-world: every other thread is detached or suspended (Python/threads/stop_the_world.c). */
#ifndef Py_INTERNAL_STOPTHEWORLD_H
#define Py_INTERNAL_STOPTHEWORLD_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"  // PyEvent

struct _stoptheworld_state {
    PyMutex mutex;               // held by the requester from stop to start
    int requested;               // guarded by HEAD_LOCK: a stop is wanted
    int world_stopped;           // guarded by HEAD_LOCK: and reached
    int is_global;               // const
    PyEvent stop_event;          // set when thread_countdown reaches zero
    Py_ssize_t thread_countdown; // guarded by HEAD_LOCK: threads that still run
    PyThreadState *requester;    // guarded by HEAD_LOCK; NULL: a thread without thread state
};

/* No effect in the GIL build, where the caller has the world for itself anyway. */
#ifdef Py_GIL_DISABLED
extern void _PyEval_StopTheWorld(PyInterpreterState *interp);
extern void _PyEval_StartTheWorld(PyInterpreterState *interp);
extern void _PyEval_StopTheWorldAll(_PyRuntimeState *runtime);
extern void _PyEval_StartTheWorldAll(_PyRuntimeState *runtime);

/* For Python/threads/tstate.c: the state to detach into, what to do after it, and when a state is unlinked. */
extern int _PyEval_StopTheWorldSuspend(PyThreadState *tstate);
extern void _PyEval_StopTheWorldArrived(PyThreadState *tstate);
extern void _PyEval_StopTheWorldLeave_lock_held(PyThreadState *tstate);
#else
#  define _PyEval_StopTheWorld(interp) ((void)(interp))
#  define _PyEval_StartTheWorld(interp) ((void)(interp))
#  define _PyEval_StopTheWorldAll(runtime) ((void)(runtime))
#  define _PyEval_StartTheWorldAll(runtime) ((void)(runtime))
#endif

#endif  // Py_INTERNAL_STOPTHEWORLD_H

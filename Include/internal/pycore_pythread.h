/* Threads of the system (Python/threads/thread_pthread.c, thread.c). */
#ifndef Py_INTERNAL_PYTHREAD_H
#define Py_INTERNAL_PYTHREAD_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"  // PyEvent

typedef unsigned long long PyThread_ident_t;
typedef Py_uintptr_t PyThread_handle_t;

struct _pythread_runtime_state {
    int initialized;
};

extern int PyThread_start_joinable_thread(void (*func)(void *), void *arg,
                                          PyThread_ident_t *ident, PyThread_handle_t *handle);
extern int PyThread_join_thread(PyThread_handle_t handle);
extern int PyThread_detach_thread(PyThread_handle_t handle);
extern void PyThread_update_thread_after_fork(PyThread_ident_t *ident, PyThread_handle_t *handle);
extern void _Py_NO_RETURN PyThread_hang_thread(void);
extern PyThread_ident_t PyThread_get_thread_ident_ex(void);

/* Acquires lock with the GIL dropped and signals handled: Python's lock.acquire(). */
extern PyLockStatus PyThread_acquire_lock_timed_with_retries(PyThread_type_lock lock, PyTime_t timeout);
extern int _PyThread_at_fork_reinit(PyThread_type_lock *lock);
/* Adds `timeout` (seconds object or None) semantics of _thread: PyThread_ParseTimeoutArg. */
extern int PyThread_ParseTimeoutArg(PyObject *arg, int blocking, PY_TIMEOUT_T *timeout);

/* The stack of the calling thread; 0 if it is not known. */
extern int _PyThread_GetStackBounds(uintptr_t *low, uintptr_t *high);

/* threading.local and friends at the end of a thread; pending joins at the end of an interpreter. */
extern void _PyThread_AfterFork(void *threads_state);

#endif  // Py_INTERNAL_PYTHREAD_H

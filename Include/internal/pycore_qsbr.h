/* Grace periods and the release queues (PROTOCOLS P1 to P3; Python/threads/qsbr.c). */
#ifndef Py_INTERNAL_QSBR_H
#define Py_INTERNAL_QSBR_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

struct _Py_retire_batch;

struct _Py_qsbr_thread {
    uint64_t seen;                     // atomic: the owner stores with release, anyone loads with acquire
    struct _Py_retire_batch *open;     // owner thread only: being filled
    struct _Py_retire_batch *closed;   // owner thread only: oldest first
    struct _Py_retire_batch **closed_tail;
    uint64_t waiting_goal;             // atomic: smallest goal of closed batches, 0: none; owner stores
    Py_ssize_t pending;                // owner thread only: items in closed batches
    PyTime_t last_close;               // owner thread only
    int releasing;                     // owner thread only: depth of batch_release()
};

#ifdef Py_GIL_DISABLED

struct _Py_qsbr_shared {
    uint64_t epoch;      // atomic: only grows; starts at 1
    uint32_t waiters;    // atomic: threads with closed batches (a hint)
    PyMutex mutex;       // guards orphans
    struct _Py_retire_batch *orphans;  // closed batches of threads that have detached or ended
};

extern struct _Py_qsbr_shared _Py_qsbr;

/* Closes the open batch, publishes and releases what is ripe.  May run Python code. */
extern void _Py_qsbr_poll(PyThreadState *tstate);
/* Before detaching: closes the open batch and leaves all batches to others.  Runs no Python code. */
extern void _Py_qsbr_detach(PyThreadState *tstate);
/* After attaching. */
extern void _Py_qsbr_attach(PyThreadState *tstate);
extern void _Py_qsbr_fini_thread(PyThreadState *tstate);
extern void _Py_qsbr_after_fork(PyThreadState *tstate);
/* Nobody else can be reading (the world is stopped, or one thread is left): releases everything. */
extern void _Py_qsbr_release_all(PyThreadState *tstate);
/* Waits for a grace period that starts now; the caller counts as quiescent.  May run Python code. */
extern void _PyEval_WaitGracePeriod(void);

#else
#  define _Py_qsbr_poll(tstate) ((void)(tstate))
#  define _Py_qsbr_release_all(tstate) ((void)(tstate))
#  define _PyEval_WaitGracePeriod() ((void)0)
#endif

#endif  // Py_INTERNAL_QSBR_H

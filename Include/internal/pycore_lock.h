/* Locks of the runtime: PyMutex and what is built from the parking lot.

   Lock order, outermost first; a thread that holds one may take only what stands below it.
     1  import lock of a module
     2  critical sections (object mutexes); taken in address order when two
     3  stop-the-world mutex: runtime's, then an interpreter's
     4  _PyRuntime.interpreters.mutex (HEAD_LOCK), then _PyRuntime.multithreaded_mutex
     5  interp->ceval.pending.mutex, interp->atexit.lock, interp->types.mutex, unicode intern lock
     6  weakref list locks (interp->weakref_locks[])
     7  brc buckets, qsbr's global list, thread handles' list
     8  page lists of a heap class (interp->heap_lists.mutex), large-object lists
     9  arena lock of the page allocator
    10  parking-lot buckets (raw locks): no allocation, no Python code, no other lock under them
   Waiting for a lock of 1 to 3 detaches the thread; the others are held for a few instructions and do not. */
#ifndef Py_INTERNAL_LOCK_H
#define Py_INTERNAL_LOCK_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include <stddef.h>

typedef struct pyruntimestate _PyRuntimeState;

/* The flag `multithreaded` (PROTOCOLS P3): other thread states than the current one exist.  Written by
   Python/threads/multithreaded.c only; a thread that runs without passing a quiescent point sees one value. */
extern int _Py_multithreaded;

/* -- PyMutex: one byte ---------------- */

#define _Py_UNLOCKED     0
#define _Py_LOCKED       1
#define _Py_HAS_PARKED   2
#define _Py_ONCE_INITIALIZED 4

static inline int
PyMutex_LockFast(PyMutex *m)
{
    uint8_t expected = _Py_UNLOCKED;
    return __atomic_compare_exchange_n(&m->_bits, &expected, (uint8_t)_Py_LOCKED, 0,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Flags of _PyMutex_LockTimed(). */
typedef enum _PyLockFlags {
    _Py_LOCK_DONT_DETACH = 0,    // wait attached: the holder must never wait for this thread to detach
    _PY_LOCK_DETACH = 1,         // detach while waiting
    _PY_LOCK_HANDLE_SIGNALS = 2, // return PY_LOCK_INTR after handling signals failed or to let the caller handle them
    _PY_FAIL_IF_INTERRUPTED = 4, // return PY_LOCK_INTR on any signal
    _PY_LOCK_PYTHONLOCK = 8,     // a lock that Python code sees: do not wait in a finalizing interpreter
} _PyLockFlags;

/* timeout < 0: for ever; 0: try.  Result as PyThread_acquire_lock_timed(). */
extern PyLockStatus _PyMutex_LockTimed(PyMutex *m, PyTime_t timeout_ns, _PyLockFlags flags);

/* -1 if the mutex is not locked, else 0. */
extern int _PyMutex_TryUnlock(PyMutex *m);

static inline void
PyMutex_LockFlags(PyMutex *m, _PyLockFlags flags)
{
    if (!PyMutex_LockFast(m)) {
        _PyMutex_LockTimed(m, -1, flags);
    }
}

/* After fork in the child: forget the waiters of the other threads. */
static inline void
_PyMutex_at_fork_reinit(PyMutex *m)
{
    m->_bits = _Py_UNLOCKED;
}

/* -- PyEvent: set once, wakes all ---------------- */

typedef struct {
    uint8_t v;  // _Py_UNLOCKED, _Py_HAS_PARKED: waiters, _Py_LOCKED: set
} PyEvent;

extern int _PyEvent_IsSet(PyEvent *evt);
extern void _PyEvent_Notify(PyEvent *evt);
extern void PyEvent_Wait(PyEvent *evt);
/* 1 if set, 0 after the timeout; detach: leave the thread state while waiting. */
extern int PyEvent_WaitTimed(PyEvent *evt, PyTime_t timeout_ns, int detach);

/* -- Raw mutex: for the few places below the parking lot's level of abstraction ---------------- */

typedef struct _PyRawMutex {
    uintptr_t v;  // bit 0: locked; the other bits: list of waiters
} _PyRawMutex;

extern void _PyRawMutex_LockSlow(_PyRawMutex *m);
extern void _PyRawMutex_UnlockSlow(_PyRawMutex *m);

static inline void
_PyRawMutex_Lock(_PyRawMutex *m)
{
    uintptr_t expected = _Py_UNLOCKED;
    if (!__atomic_compare_exchange_n(&m->v, &expected, (uintptr_t)_Py_LOCKED, 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        _PyRawMutex_LockSlow(m);
    }
}

static inline void
_PyRawMutex_Unlock(_PyRawMutex *m)
{
    uintptr_t expected = _Py_LOCKED;
    if (!__atomic_compare_exchange_n(&m->v, &expected, (uintptr_t)_Py_UNLOCKED, 0,
                                     __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
        _PyRawMutex_UnlockSlow(m);
    }
}

/* -- Once: one byte ---------------- */

typedef int _Py_once_fn_t(void *arg);

extern int _PyOnceFlag_CallOnceSlow(_PyOnceFlag *flag, _Py_once_fn_t *fn, void *arg);

/* Runs fn(arg) unless a call of it has returned 0.  -1: fn failed, the next caller tries again. */
static inline int
_PyOnceFlag_CallOnce(_PyOnceFlag *flag, _Py_once_fn_t *fn, void *arg)
{
    if (__atomic_load_n(&flag->v, __ATOMIC_ACQUIRE) == _Py_ONCE_INITIALIZED) {
        return 0;
    }
    return _PyOnceFlag_CallOnceSlow(flag, fn, arg);
}

/* -- Recursive mutex ---------------- */

typedef struct {
    PyMutex mutex;
    unsigned long long thread;  // owner's ident while locked; written by the owner, compared by anyone
    size_t level;               // owner only: how often it is locked beyond the first
} _PyRecursiveMutex;

extern int _PyRecursiveMutex_IsLockedByCurrentThread(_PyRecursiveMutex *m);
extern void _PyRecursiveMutex_Lock(_PyRecursiveMutex *m);
extern PyLockStatus _PyRecursiveMutex_LockTimed(_PyRecursiveMutex *m, PyTime_t timeout, _PyLockFlags flags);
extern void _PyRecursiveMutex_Unlock(_PyRecursiveMutex *m);
extern int _PyRecursiveMutex_TryUnlock(_PyRecursiveMutex *m);

/* -- Readers and writer ---------------- */

typedef struct {
    uintptr_t bits;  // bit 0: writer; bit 1: waiters parked; the rest: number of readers
} _PyRWMutex;

extern void _PyRWMutex_RLock(_PyRWMutex *m);
extern void _PyRWMutex_RUnlock(_PyRWMutex *m);
extern void _PyRWMutex_Lock(_PyRWMutex *m);
extern void _PyRWMutex_Unlock(_PyRWMutex *m);

/* -- Sequence lock: readers retry ---------------- */

typedef struct {
    uint32_t sequence;  // odd while a writer is inside
} _PySeqLock;

extern void _PySeqLock_LockWrite(_PySeqLock *lock);
extern void _PySeqLock_UnlockWrite(_PySeqLock *lock);
extern void _PySeqLock_AbandonWrite(_PySeqLock *lock);
extern uint32_t _PySeqLock_BeginRead(_PySeqLock *lock);
/* 1: what was read since BeginRead is consistent. */
extern int _PySeqLock_EndRead(_PySeqLock *lock, uint32_t previous);
extern int _PySeqLock_AfterFork(_PySeqLock *lock);

/* Gives the processor to another thread, briefly. */
extern void _Py_yield(void);

#endif  // Py_INTERNAL_LOCK_H

/* The flag `multithreaded` (PROTOCOLS P3): up while more than one thread state exists.

   While it is down critical sections lock nothing and retired references are released at once.
   Invariant: an active critical section of an attached thread is locked exactly while the flag is up; so raising
   takes the sections of the one thread for real, and lowering gives them back.
   Locking: the flag changes under multithreaded_mutex, in the only attached thread or with the world stopped. */
#include "Python.h"
#include "pycore_critical_section.h"  // _PyCriticalSection_SuspendAll
#include "pycore_lock.h"
#include "pycore_multithreaded.h"
#include "pycore_pystate.h"           // HEAD_LOCK
#include "pycore_qsbr.h"              // _Py_qsbr_release_all
#include "pycore_stoptheworld.h"

int _Py_multithreaded = 0;

#ifdef Py_GIL_DISABLED

/* At most once a second, so that a program that starts short-lived threads does not flap. */
#define LOWER_INTERVAL_NS (1000 * 1000 * 1000)

static void
raise_for_current(PyThreadState *tstate)
{
    /* Nothing is locked yet, so suspending only marks; resuming locks the innermost section, and ending it the
       next one. */
    _PyCriticalSection_SuspendAll(tstate);
    __atomic_store_n(&_Py_multithreaded, 1, __ATOMIC_SEQ_CST);
    if (tstate->critical_section != 0) {
        _PyCriticalSection_Resume(tstate);
    }
}

void
_PyMultithreaded_Raise(void)
{
    if (__atomic_load_n(&_Py_multithreaded, __ATOMIC_ACQUIRE)) {
        return;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyMutex_LockFlags(&_PyRuntime.multithreaded_mutex, _PY_LOCK_DETACH);
    if (!_Py_multithreaded) {
        if (tstate != NULL && _PyThreadState_IsAttached(tstate)) {
            /* The flag is down: no other thread can be attached. */
            raise_for_current(tstate);
        }
        else {
            /* A thread that Python does not know yet.  Suspended threads have suspended their sections; they
               take them for real when they resume. */
            _PyEval_StopTheWorldAll(&_PyRuntime);
            __atomic_store_n(&_Py_multithreaded, 1, __ATOMIC_SEQ_CST);
            _PyEval_StartTheWorldAll(&_PyRuntime);
        }
    }
    PyMutex_Unlock(&_PyRuntime.multithreaded_mutex);
}

/* Unlocks the active sections of the only thread, which stay active. */
static void
release_sections(PyThreadState *tstate)
{
    uintptr_t tag = tstate->critical_section;
    while (_PyCriticalSection_IsActive(tag)) {
        PyCriticalSection *c = (PyCriticalSection *)(tag & ~(uintptr_t)_Py_CRITICAL_SECTION_MASK);
        if (c->_cs_mutex != NULL) {
            PyMutex_Unlock(c->_cs_mutex);
        }
        if ((tag & _Py_CRITICAL_SECTION_TWO_MUTEXES) && ((PyCriticalSection2 *)c)->_cs_mutex2 != NULL) {
            PyMutex_Unlock(((PyCriticalSection2 *)c)->_cs_mutex2);
        }
        tag = c->_cs_prev;
    }
}

void
_PyMultithreaded_TryLower(PyThreadState *tstate)
{
    if (!_Py_multithreaded || _PyRuntime.multithreaded_pinned
        || __atomic_load_n(&_PyRuntime.thread_count, __ATOMIC_RELAXED) != 1) {
        return;
    }
    PyTime_t now;
    (void)PyTime_MonotonicRaw(&now);
    if (now - _PyRuntime.multithreaded_lowered < LOWER_INTERVAL_NS) {
        return;
    }
    /* A release may run Python code and start threads: before the lock, and looked at again. */
    _Py_qsbr_release_all(tstate);
    if (_PyMutex_LockTimed(&_PyRuntime.multithreaded_mutex, 0, _Py_LOCK_DONT_DETACH) != PY_LOCK_ACQUIRED) {
        return;  // somebody is about to raise it
    }
    HEAD_LOCK(&_PyRuntime);
    /* A new thread state is counted under HEAD_LOCK before its creator asks for the flag. */
    if (_PyRuntime.thread_count == 1 && _Py_qsbr_is_idle(tstate)) {
        release_sections(tstate);
        _PyRuntime.multithreaded_lowered = now;
        __atomic_store_n(&_Py_multithreaded, 0, __ATOMIC_SEQ_CST);
    }
    HEAD_UNLOCK(&_PyRuntime);
    PyMutex_Unlock(&_PyRuntime.multithreaded_mutex);
}

void
_PyMultithreaded_AfterFork(PyThreadState *tstate)
{
    _PyMutex_at_fork_reinit(&_PyRuntime.multithreaded_mutex);
    if (tstate != NULL && _Py_multithreaded) {
        _PyRuntime.multithreaded_lowered = 0;
        _PyMultithreaded_TryLower(tstate);
    }
}

#endif  // Py_GIL_DISABLED

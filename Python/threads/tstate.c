/* Thread states: creation and end, attaching and detaching, what belongs to the current one.

   A thread state is detached, attached or suspended; the thread itself goes between detached and attached, who
   stops the world between detached and suspended.  Only an attached thread touches objects, and only its own
   thread touches the fields of its state, but for those that are atomic (eval_breaker, state, async_exc under
   HEAD_LOCK).  The lists of thread states and their number are guarded by HEAD_LOCK. */
#include "Python.h"
#include "pycore_brc.h"              // _Py_brc_init_thread
#include "pycore_ceval.h"            // _PyEval_AcquireLock
#include "pycore_critical_section.h" // _PyCriticalSection_Resume
#include "pycore_frame.h"            // _PyThreadState_FreeDataStack
#include "pycore_freelist.h"         // _PyObject_ClearFreeLists
#include "pycore_hot.h"              // _Py_hot_fini_thread
#include "pycore_multithreaded.h"    // _PyMultithreaded_Raise
#include "pycore_object_alloc.h"     // _Py_heap_new
#include "pycore_parking_lot.h"      // _PyParkingLot_Park
#include "pycore_pymem.h"            // _PyMem_IsPtrFreed
#include "pycore_pystate.h"
#include "pycore_pythread.h"         // PyThread_hang_thread
#include "pycore_qsbr.h"             // _Py_qsbr_attach
#include "pycore_typeobject.h"       // _PyType_FreeThreadCache

_Thread_local PyThreadState *_Py_tss_tstate = NULL;
_Thread_local PyInterpreterState *_Py_tss_interp = NULL;
_Thread_local PyThreadState *_Py_tss_gilstate = NULL;

static inline int
load_state(PyThreadState *tstate)
{
    return __atomic_load_n(&tstate->state, __ATOMIC_ACQUIRE);
}

void
_Py_FatalErrorTstateNULL(const char *func)
{
    _Py_FatalErrorFunc(func,
        "the function must be called with the GIL held, "
        "after Python initialization and before Python finalization, "
        "but the GIL is released (the current Python thread state is NULL)");
}

/* -- Creation ---------------- */

static void
tstate_init(PyThreadState *tstate, PyInterpreterState *interp, int whence)
{
    memset(tstate, 0, sizeof(_PyThreadStateImpl));
    tstate->interp = interp;
    tstate->_whence = whence;
    tstate->_status.initialized = 1;
    tstate->state = _Py_THREAD_DETACHED;
    tstate->py_recursion_limit = interp->ceval.recursion_limit;
    tstate->py_recursion_remaining = interp->ceval.recursion_limit;
    tstate->exc_info = &tstate->exc_state;
    tstate->gilstate_counter = 1;
    tstate->context_ver = 1;
    tstate->what_event = -1;
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    impl->refcount = 1;
}

static void
tstate_link_lock_held(PyInterpreterState *interp, PyThreadState *tstate)
{
    tstate->id = ++interp->threads.next_unique_id;
    tstate->prev = NULL;
    tstate->next = interp->threads.head;
    if (tstate->next != NULL) {
        tstate->next->prev = tstate;
    }
    interp->threads.head = tstate;
    interp->threads.count++;
    __atomic_fetch_add(&_PyRuntime.thread_count, 1, __ATOMIC_SEQ_CST);
    uintptr_t breaker = 0;
#ifdef Py_GIL_DISABLED
    /* Born while the world is stopped: it will stop before it runs. */
    if (_PyRuntime.stoptheworld.requested || interp->stoptheworld.requested) {
        breaker |= _PY_EVAL_PLEASE_STOP_BIT;
        tstate->state = _Py_THREAD_SUSPENDED;
    }
#endif
    if (__atomic_load_n(&interp->ceval.pending.npending, __ATOMIC_RELAXED) > 0) {
        breaker |= _PY_CALLS_TO_DO_BIT;
    }
    tstate->eval_breaker = breaker;
}

static void
tstate_unlink_lock_held(PyInterpreterState *interp, PyThreadState *tstate)
{
    if (tstate->prev != NULL) {
        tstate->prev->next = tstate->next;
    }
    else {
        interp->threads.head = tstate->next;
    }
    if (tstate->next != NULL) {
        tstate->next->prev = tstate->prev;
    }
    tstate->prev = tstate->next = NULL;
    interp->threads.count--;
    __atomic_fetch_sub(&_PyRuntime.thread_count, 1, __ATOMIC_SEQ_CST);
}

/* NULL, without an exception, if there is no memory. */
PyThreadState *
_PyThreadState_New(PyInterpreterState *interp, int whence)
{
    _PyThreadStateImpl *impl = PyMem_RawMalloc(sizeof(_PyThreadStateImpl));
    if (impl == NULL) {
        return NULL;
    }
    PyThreadState *tstate = &impl->base;
    tstate_init(tstate, interp, whence);
    HEAD_LOCK(&_PyRuntime);
    tstate_link_lock_held(interp, tstate);
    int second = _PyRuntime.thread_count > 1;
    HEAD_UNLOCK(&_PyRuntime);
    if (second) {
        _PyMultithreaded_Raise();
    }
    return tstate;
}

PyThreadState *
PyThreadState_New(PyInterpreterState *interp)
{
    return _PyThreadState_NewBound(interp, _PyThreadState_WHENCE_UNKNOWN);
}

PyThreadState *
_PyThreadState_NewBound(PyInterpreterState *interp, int whence)
{
    PyThreadState *tstate = _PyThreadState_New(interp, whence);
    if (tstate != NULL) {
        _PyThreadState_Bind(tstate);
        /* The first thread state of a thread is the one PyGILState_Ensure() finds. */
        if (_Py_tss_gilstate == NULL) {
            _Py_tss_gilstate = tstate;
            tstate->_status.bound_gilstate = 1;
        }
    }
    return tstate;
}

PyThreadState *
_PyThreadState_Prealloc(PyInterpreterState *interp)
{
    return _PyThreadState_New(interp, _PyThreadState_WHENCE_UNKNOWN);
}

void
_PyThreadState_Init(PyThreadState *tstate)
{
    (void)tstate;
    Py_FatalError("_PyThreadState_Init() is for internal use only");
}

/* Ties the state to the calling thread. */
void
_PyThreadState_Bind(PyThreadState *tstate)
{
    assert(tstate->_status.initialized && !tstate->_status.bound);
    tstate->thread_id = PyThread_get_thread_ident();
#ifdef PY_HAVE_THREAD_NATIVE_ID
    tstate->native_thread_id = PyThread_get_thread_native_id();
#endif
#ifdef Py_GIL_DISABLED
    _Py_brc_init_thread(tstate);
#endif
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    if (impl->heap == NULL) {
        impl->heap = _Py_heap_new(tstate->interp);
        if (impl->heap == NULL) {
            Py_FatalError("cannot allocate a thread's heap");
        }
    }
    tstate->_status.bound = 1;
    tstate->_status.unbound = 0;
    if (_Py_tss_gilstate == NULL) {
        _Py_tss_gilstate = tstate;
        tstate->_status.bound_gilstate = 1;
    }
}

static void
tstate_unbind(PyThreadState *tstate)
{
    if (tstate->_status.bound_gilstate) {
        if (_Py_tss_gilstate == tstate) {
            _Py_tss_gilstate = NULL;
        }
        tstate->_status.bound_gilstate = 0;
    }
    tstate->_status.bound = 0;
    tstate->_status.unbound = 1;
}

/* -- Attaching and detaching ---------------- */

static int
tstate_try_attach(PyThreadState *tstate)
{
#ifdef Py_GIL_DISABLED
    int expected = _Py_THREAD_DETACHED;
    /* Sequentially consistent: _Py_qsbr_attach() and readers of `state` depend on its order. */
    return __atomic_compare_exchange_n(&tstate->state, &expected, _Py_THREAD_ATTACHED, 0,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
#else
    __atomic_store_n(&tstate->state, _Py_THREAD_ATTACHED, __ATOMIC_RELAXED);
    return 1;
#endif
}

static void
tstate_set_detached(PyThreadState *tstate, int state)
{
    __atomic_store_n(&tstate->state, state, __ATOMIC_SEQ_CST);
}

static void
tstate_wait_attach(PyThreadState *tstate)
{
    do {
        int state = load_state(tstate);
        if (state == _Py_THREAD_SUSPENDED) {
            /* Until the world starts again. */
            _PyParkingLot_Park(&tstate->state, &state, sizeof(tstate->state), -1, NULL, 0);
        }
        else if (state == _Py_THREAD_SHUTTING_DOWN) {
            _PyThreadState_HangThread(tstate);
        }
        else {
            assert(state == _Py_THREAD_DETACHED);
        }
    } while (!tstate_try_attach(tstate));
}

void
_PyThreadState_Attach(PyThreadState *tstate)
{
    /* Callers look at errno after the call during which the thread was detached. */
    int err = errno;
    _Py_EnsureTstateNotNULL(tstate);
    if (_Py_tss_tstate != NULL) {
        Py_FatalError("non-NULL old thread state");
    }
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    if (!tstate->_status.bound) {
        _PyThreadState_Bind(tstate);
    }
    if (impl->c_stack_hard_limit == 0) {
        _Py_InitializeRecursionLimits(tstate);
    }

    for (;;) {
        _PyEval_AcquireLock(tstate);
        _Py_tss_tstate = tstate;
        _Py_tss_interp = tstate->interp;
        tstate->_status.active = 1;
        if (!tstate_try_attach(tstate)) {
            tstate_wait_attach(tstate);
        }
#ifdef Py_GIL_DISABLED
        /* The GIL may have been switched on while we waited for the world. */
        if (_PyEval_IsGILEnabled(tstate) && !tstate->holds_gil) {
            tstate_set_detached(tstate, _Py_THREAD_DETACHED);
            tstate->_status.active = 0;
            _Py_tss_tstate = NULL;
            continue;
        }
        _Py_qsbr_attach(tstate);
#endif
        break;
    }

#ifdef Py_GIL_DISABLED
    if (tstate->critical_section != 0) {
        _PyCriticalSection_Resume(tstate);
    }
#endif
    errno = err;
}

static void
detach_thread(PyThreadState *tstate, int detached_state)
{
    assert(load_state(tstate) == _Py_THREAD_ATTACHED);
    assert(tstate == _Py_tss_tstate);
#ifdef Py_GIL_DISABLED
    if (tstate->critical_section != 0) {
        _PyCriticalSection_SuspendAll(tstate);
    }
    _Py_qsbr_detach(tstate);
#endif
    tstate->_status.active = 0;
    tstate_set_detached(tstate, detached_state);
    _Py_tss_tstate = NULL;
    _Py_tss_interp = NULL;
    _PyEval_ReleaseLock(tstate->interp, tstate, 0);
}

void
_PyThreadState_Detach(PyThreadState *tstate)
{
    detach_thread(tstate, _Py_THREAD_DETACHED);
}

/* Steps aside for a stop-the-world; without one pending it only detaches. */
void
_PyThreadState_Suspend(PyThreadState *tstate)
{
#ifdef Py_GIL_DISABLED
    detach_thread(tstate, _PyEval_StopTheWorldSuspend(tstate));
    _PyEval_StopTheWorldArrived(tstate);
#else
    detach_thread(tstate, _Py_THREAD_DETACHED);
#endif
}

/* The interpreter ends and this thread will never run again. */
void
_PyThreadState_SetShuttingDown(PyThreadState *tstate)
{
    __atomic_store_n(&tstate->state, _Py_THREAD_SHUTTING_DOWN, __ATOMIC_SEQ_CST);
#ifdef Py_GIL_DISABLED
    _PyParkingLot_UnparkAll(&tstate->state);
#endif
}

int
_PyThreadState_MustExit(PyThreadState *tstate)
{
    int state = __atomic_load_n(&tstate->state, __ATOMIC_RELAXED);
    if (state == _Py_THREAD_SHUTTING_DOWN) {
        return 1;
    }
    unsigned long finalizing_id = _PyInterpreterState_GetFinalizingID(tstate->interp);
    PyThreadState *finalizing = _PyInterpreterState_GetFinalizing(tstate->interp);
    if (finalizing == NULL) {
        finalizing = _PyRuntimeState_GetFinalizing(&_PyRuntime);
        finalizing_id = _PyRuntimeState_GetFinalizingID(&_PyRuntime);
    }
    if (finalizing == NULL || finalizing == tstate) {
        return 0;
    }
    /* Another interpreter's state, in the thread that finalizes. */
    return finalizing_id != PyThread_get_thread_ident();
}

void
_PyThreadState_HangThread(PyThreadState *tstate)
{
    (void)tstate;
    _Py_tss_tstate = NULL;
    PyThread_hang_thread();
}

PyThreadState *
_PyThreadState_Swap(_PyRuntimeState *runtime, PyThreadState *newts)
{
    (void)runtime;
    PyThreadState *old = _Py_tss_tstate;
    if (old != NULL) {
        _PyThreadState_Detach(old);
    }
    if (newts != NULL) {
        _PyThreadState_Attach(newts);
    }
    return old;
}

PyThreadState *
PyThreadState_Swap(PyThreadState *newts)
{
    return _PyThreadState_Swap(&_PyRuntime, newts);
}

PyThreadState *
PyEval_SaveThread(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    _PyThreadState_Detach(tstate);
    return tstate;
}

void
PyEval_RestoreThread(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    _PyThreadState_Attach(tstate);
}

void
PyEval_AcquireThread(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    _PyThreadState_Attach(tstate);
}

void
PyEval_ReleaseThread(PyThreadState *tstate)
{
    if (tstate != _PyThreadState_GET()) {
        Py_FatalError("wrong thread state");
    }
    _PyThreadState_Detach(tstate);
}

/* Kept for old binaries: since 3.7 the lock is made with the runtime. */
PyAPI_FUNC(void) PyEval_InitThreads(void);
PyAPI_FUNC(int) PyEval_ThreadsInitialized(void);
PyAPI_FUNC(void) PyEval_AcquireLock(void);
PyAPI_FUNC(void) PyEval_ReleaseLock(void);

void
PyEval_InitThreads(void)
{
}

int
PyEval_ThreadsInitialized(void)
{
    return _PyRuntime.initialized || _PyRuntime.core_initialized;
}

void
PyEval_AcquireLock(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    _PyEval_AcquireLock(tstate);
}

void
PyEval_ReleaseLock(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate != NULL) {
        _PyEval_ReleaseLock(tstate->interp, tstate, 0);
    }
}

/* -- The end ---------------- */

/* Releases the objects that the state refers to.  Runs Python code. */
void
PyThreadState_Clear(PyThreadState *tstate)
{
    assert(tstate->_status.initialized && !tstate->_status.cleared);
    tstate->_status.finalizing = 1;
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    PyThreadState *current = _PyThreadState_GET();

    /* Whatever it still runs is abandoned: its frames are not released. */
    int verbose = _PyInterpreterState_GetConfig(tstate->interp)->verbose;
    if (verbose && tstate->current_frame != NULL && current != tstate) {
        fprintf(stderr, "PyThreadState_Clear: warning: thread still has a frame\n");
    }
    if (verbose && tstate->current_exception != NULL) {
        fprintf(stderr, "PyThreadState_Clear: warning: thread has an exception set\n");
    }

    Py_CLEAR(tstate->threading_local_key);
    Py_CLEAR(tstate->threading_local_sentinel);
    Py_CLEAR(impl->asyncio_running_loop);
    Py_CLEAR(impl->asyncio_running_task);
    Py_CLEAR(tstate->dict);
    Py_CLEAR(tstate->async_exc);
    Py_CLEAR(tstate->current_exception);
    Py_CLEAR(tstate->exc_state.exc_value);
    if (verbose && tstate->exc_info != &tstate->exc_state) {
        fprintf(stderr, "PyThreadState_Clear: warning: thread still has a generator\n");
    }
    if (tstate->c_profilefunc != NULL) {
        __atomic_fetch_sub(&tstate->interp->sys_profiling_threads, 1, __ATOMIC_RELAXED);
        tstate->c_profilefunc = NULL;
    }
    if (tstate->c_tracefunc != NULL) {
        __atomic_fetch_sub(&tstate->interp->sys_tracing_threads, 1, __ATOMIC_RELAXED);
        tstate->c_tracefunc = NULL;
    }
    Py_CLEAR(tstate->c_profileobj);
    Py_CLEAR(tstate->c_traceobj);
    Py_CLEAR(tstate->async_gen_firstiter);
    Py_CLEAR(tstate->async_gen_finalizer);
    Py_CLEAR(tstate->context);
    _PyObject_ClearFreeLists(&impl->freelists, 1);
    _PyType_FreeThreadCache(tstate);
    _Py_hot_fini_thread(tstate);
#ifdef Py_GIL_DISABLED
    _PyType_FiniThreadCounts(tstate);
    /* Its own thread may queue nothing more; what others queue after this is merged by the last step. */
    if (tstate->_status.bound) {
        _Py_brc_merge_refcounts(tstate);
    }
    if (tstate == current && !_Py_multithreaded) {
        _Py_qsbr_release_all(tstate);
    }
#endif
    tstate->_status.cleared = 1;
}

static void
tstate_free_resources(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
#ifdef Py_GIL_DISABLED
    _PyType_FiniThreadCounts(tstate);
    _Py_brc_remove_thread(tstate);
    _Py_qsbr_fini_thread(tstate);
#endif
    _PyThreadState_FreeDataStack(tstate);
    PyMem_RawFree(impl->trash);
    impl->trash = NULL;
    if (impl->heap != NULL) {
        _Py_heap_abandon(impl->heap);
        impl->heap = NULL;
    }
}

static void
tstate_unlink(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (interp == NULL) {
        Py_FatalError("NULL interpreter");
    }
    HEAD_LOCK(&_PyRuntime);
    tstate_unlink_lock_held(interp, tstate);
    PyThreadState *last = NULL;
    if (_PyRuntime.thread_count == 1) {
        for (PyInterpreterState *i = _PyRuntime.interpreters.head; i != NULL && last == NULL; i = i->next) {
            last = i->threads.head;
        }
        /* It may lower the flag. */
        if (last != NULL) {
            _Py_set_eval_breaker_bit(last, _PY_QSBR_PUBLISH_BIT);
        }
    }
#ifdef Py_GIL_DISABLED
    /* A stop-the-world that counted on this thread need not wait for it. */
    _PyEval_StopTheWorldLeave_lock_held(tstate);
#endif
    HEAD_UNLOCK(&_PyRuntime);
}

static void
tstate_release(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    if (__atomic_sub_fetch(&impl->refcount, 1, __ATOMIC_ACQ_REL) == 0) {
        PyMem_RawFree(impl);
    }
}

void
PyThreadState_Delete(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    if (tstate == _PyThreadState_GET()) {
        _Py_FatalErrorFunc(__func__, "tstate is still current");
    }
    tstate_free_resources(tstate);
    tstate_unlink(tstate);
    tstate_unbind(tstate);
    tstate_release(tstate);
}

/* Ends the attached state: afterwards the thread has none, and has given up the GIL. */
void
_PyThreadState_DeleteCurrent(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    tstate_free_resources(tstate);
#ifdef Py_GIL_DISABLED
    assert(tstate->critical_section == 0);
#endif
    tstate->_status.active = 0;
    tstate_unlink(tstate);
    tstate_unbind(tstate);
    tstate_set_detached(tstate, _Py_THREAD_DETACHED);
    _Py_tss_tstate = NULL;
    _Py_tss_interp = NULL;
    _PyEval_ReleaseLock(tstate->interp, tstate, 1);
    tstate_release(tstate);
}

void
PyThreadState_DeleteCurrent(void)
{
    _PyThreadState_DeleteCurrent(_PyThreadState_GET());
}

/* Unlinks all states of the interpreter but tstate and returns them as a list. */
PyThreadState *
_PyThreadState_RemoveExcept(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    HEAD_LOCK(&_PyRuntime);
    PyThreadState *list = interp->threads.head;
    if (list == tstate) {
        list = tstate->next;
    }
    if (tstate->prev != NULL) {
        tstate->prev->next = tstate->next;
    }
    if (tstate->next != NULL) {
        tstate->next->prev = tstate->prev;
    }
    tstate->prev = tstate->next = NULL;
    interp->threads.head = tstate;
    _PyRuntime.thread_count -= interp->threads.count - 1;
    interp->threads.count = 1;
    HEAD_UNLOCK(&_PyRuntime);
    return list;
}

void
_PyThreadState_DeleteList(PyThreadState *list, int is_after_fork)
{
    for (PyThreadState *t = list; t != NULL; t = t->next) {
        _PyThreadState_SetShuttingDown(t);
    }
    while (list != NULL) {
        PyThreadState *tstate = list;
        list = tstate->next;
        PyThreadState_Clear(tstate);
        tstate_free_resources(tstate);
        if (is_after_fork) {
            tstate_release(tstate);
        }
        /* Else its thread still exists, hangs in the attempt to attach, and may look at it. */
    }
    if (!is_after_fork && _PyThreadState_GET() != NULL) {
        _PyRuntime.multithreaded_lowered = 0;
        _PyMultithreaded_TryLower(_PyThreadState_GET());
    }
}

/* -- The current thread state ---------------- */

PyThreadState *
PyThreadState_GetUnchecked(void)
{
    return _PyThreadState_GET();
}

PyThreadState *
PyThreadState_Get(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    return tstate;
}

PyAPI_FUNC(PyThreadState *) _PyThreadState_GetCurrent(void);

PyThreadState *
_PyThreadState_GetCurrent(void)
{
    return _PyThreadState_GET();
}

PyInterpreterState *
PyThreadState_GetInterpreter(PyThreadState *tstate)
{
    assert(tstate != NULL);
    return tstate->interp;
}

uint64_t
PyThreadState_GetID(PyThreadState *tstate)
{
    assert(tstate != NULL);
    return tstate->id;
}

PyThreadState *
PyThreadState_Next(PyThreadState *tstate)
{
    return tstate->next;
}

/* Borrowed reference, NULL without an exception if there is no memory. */
PyObject *
_PyThreadState_GetDict(PyThreadState *tstate)
{
    assert(tstate != NULL);
    if (tstate->dict == NULL) {
        tstate->dict = PyDict_New();
        if (tstate->dict == NULL) {
            PyErr_Clear();
        }
    }
    return tstate->dict;
}

PyObject *
PyThreadState_GetDict(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    return tstate == NULL ? NULL : _PyThreadState_GetDict(tstate);
}

int
PyThreadState_SetAsyncExc(unsigned long id, PyObject *exc)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyThreadState *found = NULL;
    PyObject *old = NULL;

    Py_XINCREF(exc);
    HEAD_LOCK(&_PyRuntime);
    _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t) {
        if (t->thread_id == id) {
            found = t;
            old = __atomic_exchange_n(&t->async_exc, exc, __ATOMIC_ACQ_REL);
            _Py_set_eval_breaker_bit(t, _PY_ASYNC_EXCEPTION_BIT);
            break;
        }
    }
    HEAD_UNLOCK(&_PyRuntime);
    if (found == NULL) {
        Py_XDECREF(exc);
        return 0;
    }
    Py_XDECREF(old);
    return 1;
}

int
_PyThreadState_CheckConsistency(PyThreadState *tstate)
{
    assert(!_PyMem_IsPtrFreed(tstate));
    assert(!_PyMem_IsPtrFreed(tstate->interp));
    return 1;
}

/* -- PyGILState ---------------- */

PyThreadState *
PyGILState_GetThisThreadState(void)
{
    return _Py_tss_gilstate;
}

int
PyGILState_Check(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate == NULL) {
        return 0;
    }
    PyThreadState *own = _Py_tss_gilstate;
    return own == NULL || tstate == own || tstate->thread_id == PyThread_get_thread_ident();
}

PyGILState_STATE
PyGILState_Ensure(void)
{
    PyThreadState *tstate = _Py_tss_gilstate;
    int has_gil;

    if (tstate == NULL) {
        PyInterpreterState *interp = _PyRuntime.interpreters.main;
        if (interp == NULL) {
            Py_FatalError("PyGILState_Ensure() called without an interpreter");
        }
        tstate = _PyThreadState_NewBound(interp, _PyThreadState_WHENCE_GILSTATE);
        if (tstate == NULL) {
            Py_FatalError("Couldn't create thread-state for new thread");
        }
        /* Counted by the calls of PyGILState_Ensure() alone: the last Release deletes it. */
        tstate->gilstate_counter = 0;
        has_gil = 0;
    }
    else {
        has_gil = tstate == _PyThreadState_GET();
    }
    if (!has_gil) {
        PyEval_RestoreThread(tstate);
    }
    tstate->gilstate_counter++;
    return has_gil ? PyGILState_LOCKED : PyGILState_UNLOCKED;
}

void
PyGILState_Release(PyGILState_STATE oldstate)
{
    PyThreadState *tstate = _Py_tss_gilstate;
    if (tstate == NULL) {
        Py_FatalError("auto-releasing thread-state, but no thread-state for this thread");
    }
    if (tstate != _PyThreadState_GET()) {
        char message[80];
        snprintf(message, sizeof(message), "thread state %p must be current when releasing", (void *)tstate);
        Py_FatalError(message);
    }
    --tstate->gilstate_counter;
    assert(tstate->gilstate_counter >= 0);
    if (tstate->gilstate_counter == 0) {
        assert(oldstate == PyGILState_UNLOCKED);
        /* Finalizers that run in Clear may call Ensure and Release again. */
        tstate->gilstate_counter++;
        PyThreadState_Clear(tstate);
        tstate->gilstate_counter--;
        if (tstate->gilstate_counter == 0) {
            _PyThreadState_DeleteCurrent(tstate);
        }
    }
    else if (oldstate == PyGILState_UNLOCKED) {
        PyEval_SaveThread();
    }
}

/* The eval breaker: requests to a running thread, and the quiescent point where it serves them.

   Bits are set by anyone with an atomic or (a signal handler included) and cleared by the thread that serves
   them, before it does, so that a request that arrives meanwhile is not lost.
   Pending calls: a ring under a mutex, one per interpreter and one for the main thread. */
#include "Python.h"
#include "pycore_brc.h"            // _Py_brc_merge_refcounts
#include "pycore_ceval.h"
#include "pycore_gc.h"             // _Py_RunGC
#include "pycore_hot.h"            // _Py_hot_poll
#include "pycore_multithreaded.h"  // _PyMultithreaded_TryLower
#include "pycore_pyerrors.h"       // _PyErr_SetNone
#include "pycore_pystate.h"
#include "pycore_qsbr.h"           // _Py_qsbr_poll
#include "pycore_runtime.h"

extern int _PyErr_CheckSignalsTstate(PyThreadState *tstate);

/* -- Setting bits ---------------- */

void
_Py_set_eval_breaker_bit_all(PyInterpreterState *interp, uintptr_t bit)
{
    _Py_FOR_EACH_TSTATE_BEGIN(interp, t) {
        _Py_set_eval_breaker_bit(t, bit);
    }
    _Py_FOR_EACH_TSTATE_END(interp);
}

void
_Py_unset_eval_breaker_bit_all(PyInterpreterState *interp, uintptr_t bit)
{
    _Py_FOR_EACH_TSTATE_BEGIN(interp, t) {
        _Py_unset_eval_breaker_bit(t, bit);
    }
    _Py_FOR_EACH_TSTATE_END(interp);
}

/* Async-signal-safe: only the main thread runs Python's handlers. */
void
_PyEval_SignalReceived(void)
{
    PyThreadState *tstate = __atomic_load_n(&_PyRuntime.main_tstate, __ATOMIC_RELAXED);
    if (tstate != NULL) {
        _Py_set_eval_breaker_bit(tstate, _PY_SIGNALS_PENDING_BIT);
    }
}

void
_PyEval_SignalAsyncExc(PyThreadState *tstate)
{
    _Py_set_eval_breaker_bit(tstate, _PY_ASYNC_EXCEPTION_BIT);
}

/* -- Pending calls ---------------- */

static int
pending_push(struct _pending_calls *pending, _Py_pending_call_func func, void *arg, int flags)
{
    if (pending->npending == pending->max) {
        return _Py_ADD_PENDING_FULL;
    }
    int i = pending->next;
    pending->calls[i] = (struct _pending_call){func, arg, flags};
    pending->next = (i + 1) % PENDINGCALLSARRAYSIZE;
    __atomic_fetch_add(&pending->npending, 1, __ATOMIC_SEQ_CST);
    return _Py_ADD_PENDING_SUCCESS;
}

static int
pending_pop(struct _pending_calls *pending, struct _pending_call *call)
{
    int i = pending->first;
    if (pending->npending == 0) {
        return 0;
    }
    *call = pending->calls[i];
    pending->calls[i] = (struct _pending_call){0};
    pending->first = (i + 1) % PENDINGCALLSARRAYSIZE;
    __atomic_fetch_sub(&pending->npending, 1, __ATOMIC_SEQ_CST);
    return 1;
}

_Py_add_pending_call_result
_PyEval_AddPendingCall(PyInterpreterState *interp, _Py_pending_call_func func, void *arg, int flags)
{
    int main_only = (flags & _Py_PENDING_MAINTHREADONLY) != 0;
    struct _pending_calls *pending = main_only ? &_PyRuntime.main_pending : &interp->ceval.pending;

    PyMutex_LockFlags(&pending->mutex, _Py_LOCK_DONT_DETACH);
    int result = pending_push(pending, func, arg, flags);
    PyMutex_Unlock(&pending->mutex);

    if (main_only) {
        PyThreadState *tstate = __atomic_load_n(&_PyRuntime.main_tstate, __ATOMIC_RELAXED);
        if (tstate != NULL) {
            _Py_set_eval_breaker_bit(tstate, _PY_CALLS_TO_DO_BIT);
        }
    }
    else {
        _Py_set_eval_breaker_bit_all(interp, _PY_CALLS_TO_DO_BIT);
    }
    return result;
}

int
Py_AddPendingCall(int (*func)(void *), void *arg)
{
    /* For compatibility always the main thread of the main interpreter. */
    PyInterpreterState *interp = _PyInterpreterState_Main();
    return _PyEval_AddPendingCall(interp, func, arg, _Py_PENDING_MAINTHREADONLY) == _Py_ADD_PENDING_SUCCESS
        ? 0 : -1;
}

static int
run_pending(struct _pending_calls *pending)
{
    int max = pending->maxloop == 0 ? pending->max : pending->maxloop;
    /* At most as many as fit, so that calls that add calls cannot keep the thread here. */
    for (int i = 0; i < max; i++) {
        struct _pending_call call;
        PyMutex_LockFlags(&pending->mutex, _Py_LOCK_DONT_DETACH);
        int found = pending_pop(pending, &call);
        PyMutex_Unlock(&pending->mutex);
        if (!found) {
            break;
        }
        int result = call.func(call.arg);
        if ((call.flags & _Py_PENDING_RAWFREE) && call.arg != NULL) {
            PyMem_RawFree(call.arg);
        }
        if (result != 0) {
            return -1;
        }
    }
    return 0;
}

static void
signal_pending(PyThreadState *tstate, struct _pending_calls *pending)
{
    if (pending == &_PyRuntime.main_pending) {
        _Py_set_eval_breaker_bit(tstate, _PY_CALLS_TO_DO_BIT);
    }
    else {
        _Py_set_eval_breaker_bit_all(tstate->interp, _PY_CALLS_TO_DO_BIT);
    }
}

static int
make_pending_calls(PyThreadState *tstate)
{
    struct _pending_calls *pending = &tstate->interp->ceval.pending;
    struct _pending_calls *main_pending = &_PyRuntime.main_pending;

    /* One thread at a time runs them, and not one inside another. */
    PyMutex_LockFlags(&pending->mutex, _Py_LOCK_DONT_DETACH);
    if (pending->handling_thread != NULL) {
        /* The running thread comes by again; others are relieved of the request. */
        if (pending->handling_thread != tstate) {
            _Py_unset_eval_breaker_bit(tstate, _PY_CALLS_TO_DO_BIT);
        }
        else {
            _Py_unset_eval_breaker_bit(tstate, _PY_CALLS_TO_DO_BIT);
        }
        PyMutex_Unlock(&pending->mutex);
        return 0;
    }
    pending->handling_thread = tstate;
    PyMutex_Unlock(&pending->mutex);

    _Py_unset_eval_breaker_bit(tstate, _PY_CALLS_TO_DO_BIT);
    int result = run_pending(pending);
    if (result == 0 && _Py_IsMainThread() && _Py_IsMainInterpreter(tstate->interp)) {
        result = run_pending(main_pending);
        if (__atomic_load_n(&main_pending->npending, __ATOMIC_RELAXED) > 0) {
            signal_pending(tstate, main_pending);
        }
    }
    __atomic_store_n(&pending->handling_thread, NULL, __ATOMIC_RELEASE);
    if (__atomic_load_n(&pending->npending, __ATOMIC_RELAXED) > 0) {
        signal_pending(tstate, pending);
    }
    if (result < 0 && _Py_IsMainThread()
        && __atomic_load_n(&main_pending->npending, __ATOMIC_RELAXED) > 0) {
        signal_pending(tstate, main_pending);
    }
    return result;
}

static int
handle_signals(PyThreadState *tstate)
{
    _Py_unset_eval_breaker_bit(tstate, _PY_SIGNALS_PENDING_BIT);
    if (!_Py_ThreadCanHandleSignals(tstate->interp)) {
        return 0;
    }
    if (_PyErr_CheckSignalsTstate(tstate) < 0) {
        /* Those after the one that raised. */
        _Py_set_eval_breaker_bit(tstate, _PY_SIGNALS_PENDING_BIT);
        return -1;
    }
    return 0;
}

int
_PyEval_MakePendingCalls(PyThreadState *tstate)
{
    int result;
    if (_Py_IsMainThread() && _Py_IsMainInterpreter(tstate->interp)) {
        result = handle_signals(tstate);
        if (result != 0) {
            return result;
        }
    }
    return make_pending_calls(tstate);
}

int
Py_MakePendingCalls(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(tstate != NULL);
    return _PyEval_MakePendingCalls(tstate);
}

/* At the end of the interpreter: whatever is left, as long as calls add calls but no longer than reasonable. */
void
_Py_FinishPendingCalls(PyThreadState *tstate)
{
    struct _pending_calls *pending = &tstate->interp->ceval.pending;
    struct _pending_calls *main_pending =
        _Py_IsMainInterpreter(tstate->interp) ? &_PyRuntime.main_pending : NULL;
    for (int i = 0; i < 10 * PENDINGCALLSARRAYSIZE; i++) {
        if (make_pending_calls(tstate) < 0) {
            PyErr_Print();
        }
        if (__atomic_load_n(&pending->npending, __ATOMIC_RELAXED) == 0
            && (main_pending == NULL || __atomic_load_n(&main_pending->npending, __ATOMIC_RELAXED) == 0)) {
            break;
        }
    }
}

/* -- The quiescent point ---------------- */

static void
step_aside(PyThreadState *tstate)
{
    _PyThreadState_Suspend(tstate);
    _PyThreadState_Attach(tstate);
}

int
_Py_HandlePending(PyThreadState *tstate)
{
    uintptr_t breaker = __atomic_load_n(&tstate->eval_breaker, __ATOMIC_ACQUIRE);

    if (breaker & _PY_EVAL_PLEASE_STOP_BIT) {
        _Py_unset_eval_breaker_bit(tstate, _PY_EVAL_PLEASE_STOP_BIT);
        step_aside(tstate);
        breaker = __atomic_load_n(&tstate->eval_breaker, __ATOMIC_ACQUIRE);
    }
#ifdef Py_GIL_DISABLED
    if (breaker & _PY_EVAL_EXPLICIT_MERGE_BIT) {
        _Py_unset_eval_breaker_bit(tstate, _PY_EVAL_EXPLICIT_MERGE_BIT);
        _Py_brc_merge_refcounts(tstate);
    }
#endif
    if (breaker & _PY_QSBR_PUBLISH_BIT) {
        _Py_unset_eval_breaker_bit(tstate, _PY_QSBR_PUBLISH_BIT);
        _Py_qsbr_poll(tstate);
        _Py_hot_poll(tstate);
        _PyMultithreaded_TryLower(tstate);
    }
    if ((breaker & _PY_SIGNALS_PENDING_BIT) && handle_signals(tstate) != 0) {
        return -1;
    }
    if ((breaker & _PY_CALLS_TO_DO_BIT) && make_pending_calls(tstate) != 0) {
        return -1;
    }
    if (breaker & _PY_GC_SCHEDULED_BIT) {
        _Py_unset_eval_breaker_bit(tstate, _PY_GC_SCHEDULED_BIT);
        _Py_RunGC(tstate);
    }
    if (breaker & _PY_GIL_DROP_REQUEST_BIT) {
        _PyThreadState_Detach(tstate);
        _PyThreadState_Attach(tstate);
    }
    if (breaker & _PY_ASYNC_EXCEPTION_BIT) {
        _Py_unset_eval_breaker_bit(tstate, _PY_ASYNC_EXCEPTION_BIT);
        PyObject *exc = __atomic_exchange_n(&tstate->async_exc, NULL, __ATOMIC_ACQ_REL);
        if (exc != NULL) {
            _PyErr_SetNone(tstate, exc);
            Py_DECREF(exc);
            return -1;
        }
    }
    return 0;
}

/* -- Life ---------------- */

void
_PyEval_InitState(PyInterpreterState *interp)
{
    struct _pending_calls *pending = &interp->ceval.pending;
    pending->max = MAXPENDINGCALLS;
    pending->maxloop = MAXPENDINGCALLS;
    interp->ceval.recursion_limit = 1000;
    if (_PyRuntime.main_pending.max == 0) {
        _PyRuntime.main_pending.max = MAXPENDINGCALLS_MAIN;
        _PyRuntime.main_pending.maxloop = MAXPENDINGCALLSLOOP_MAIN;
    }
}

void
_PyEval_FiniState(PyInterpreterState *interp)
{
    (void)interp;
}

PyStatus
_PyEval_ReInitThreads(PyThreadState *tstate)
{
    struct _pending_calls *pending = &tstate->interp->ceval.pending;
    _PyMutex_at_fork_reinit(&pending->mutex);
    _PyMutex_at_fork_reinit(&_PyRuntime.main_pending.mutex);
    if (pending->handling_thread != tstate) {
        pending->handling_thread = NULL;
    }
    _PyEval_ReInitGIL(tstate);
    return (PyStatus){0};
}

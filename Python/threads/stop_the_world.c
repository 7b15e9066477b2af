/* Stop-the-world: the requester waits until every other thread is detached or suspended.

   A running thread is asked through its breaker and suspends itself at its next quiescent point; a detached one
   is moved to "suspended" by the requester and cannot attach until the world starts again.
   Locking: `requested`, `thread_countdown` and each thread's way into "suspended" are guarded by HEAD_LOCK; a
   state's mutex is held from stop to start, so that two requesters take turns. */
#include "Python.h"
#include "pycore_ceval.h"         // _PY_EVAL_PLEASE_STOP_BIT
#include "pycore_parking_lot.h"   // _PyParkingLot_UnparkAll
#include "pycore_pystate.h"       // HEAD_LOCK
#include "pycore_stoptheworld.h"

#ifdef Py_GIL_DISABLED

/* Visits the threads that a request concerns. */
#define FOR_EACH_STOPPED(stw, interp, t)                                                     \
    for (PyInterpreterState *i_ = (stw)->is_global ? _PyRuntime.interpreters.head : (interp); \
         i_ != NULL; i_ = (stw)->is_global ? i_->next : NULL)                                 \
        _Py_FOR_EACH_TSTATE_UNLOCKED(i_, t)

static int
decrement_countdown_lock_held(struct _stoptheworld_state *stw)
{
    assert(stw->thread_countdown > 0);
    if (--stw->thread_countdown == 0) {
        _PyEvent_Notify(&stw->stop_event);
        return 1;
    }
    return 0;
}

/* Suspends the detached threads.  1: nobody runs any more. */
static int
park_detached_threads(struct _stoptheworld_state *stw, PyInterpreterState *interp)
{
    Py_ssize_t parked = 0;
    HEAD_LOCK(&_PyRuntime);
    FOR_EACH_STOPPED(stw, interp, t) {
        int state = __atomic_load_n(&t->state, __ATOMIC_RELAXED);
        if (state == _Py_THREAD_DETACHED && t != stw->requester) {
            /* The other party: the thread itself, attaching. */
            if (__atomic_compare_exchange_n(&t->state, &state, _Py_THREAD_SUSPENDED, 0,
                                            __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
                parked++;
            }
        }
        else if (state == _Py_THREAD_ATTACHED && t != stw->requester) {
            _Py_set_eval_breaker_bit(t, _PY_EVAL_PLEASE_STOP_BIT);
        }
    }
    stw->thread_countdown -= parked;
    assert(stw->thread_countdown >= 0);
    int done = stw->thread_countdown == 0;
    HEAD_UNLOCK(&_PyRuntime);
    return done;
}

static void
stop_the_world(struct _stoptheworld_state *stw, PyInterpreterState *interp)
{
    /* Detached while waiting: the present requester wants this thread to stop as well.  Stops of the whole
       process exclude those of an interpreter: their requesters would wait for each other. */
    if (stw->is_global) {
        _PyRWMutex_Lock(&_PyRuntime.stoptheworld_mutex);
    }
    else {
        _PyRWMutex_RLock(&_PyRuntime.stoptheworld_mutex);
    }
    PyMutex_LockFlags(&stw->mutex, _PY_LOCK_DETACH);

    HEAD_LOCK(&_PyRuntime);
    stw->requested = 1;
    stw->thread_countdown = 0;
    stw->stop_event = (PyEvent){0};
    stw->requester = _PyThreadState_GET();
    FOR_EACH_STOPPED(stw, interp, t) {
        /* Those that another request has suspended, or that will never run, need not be waited for. */
        if (t != stw->requester) {
            int state = __atomic_load_n(&t->state, __ATOMIC_RELAXED);
            if (state != _Py_THREAD_SUSPENDED && state != _Py_THREAD_SHUTTING_DOWN) {
                stw->thread_countdown++;
            }
        }
    }
    if (stw->thread_countdown == 0) {
        stw->world_stopped = 1;
        HEAD_UNLOCK(&_PyRuntime);
        return;
    }
    HEAD_UNLOCK(&_PyRuntime);

    while (!park_detached_threads(stw, interp)) {
        /* Looks again from time to time: a thread may have detached without noticing the request. */
        if (PyEvent_WaitTimed(&stw->stop_event, 1000 * 1000, 0)) {
            break;
        }
    }
    HEAD_LOCK(&_PyRuntime);
    stw->world_stopped = 1;
    HEAD_UNLOCK(&_PyRuntime);
}

static int
another_stop_covers(PyThreadState *t, struct _stoptheworld_state *ended)
{
    struct _stoptheworld_state *global = &_PyRuntime.stoptheworld;
    struct _stoptheworld_state *local = &t->interp->stoptheworld;
    return (global != ended && global->requested && global->requester != t)
        || (local != ended && local->requested && local->requester != t);
}

static void
start_the_world(struct _stoptheworld_state *stw, PyInterpreterState *interp)
{
    assert(PyMutex_IsLocked(&stw->mutex));
    HEAD_LOCK(&_PyRuntime);
    stw->requested = 0;
    stw->world_stopped = 0;
    FOR_EACH_STOPPED(stw, interp, t) {
        if (t != stw->requester && !another_stop_covers(t, stw)) {
            _Py_unset_eval_breaker_bit(t, _PY_EVAL_PLEASE_STOP_BIT);
            int expected = _Py_THREAD_SUSPENDED;
            if (__atomic_compare_exchange_n(&t->state, &expected, _Py_THREAD_DETACHED, 0,
                                            __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
                _PyParkingLot_UnparkAll(&t->state);
            }
        }
    }
    stw->requester = NULL;
    HEAD_UNLOCK(&_PyRuntime);
    PyMutex_Unlock(&stw->mutex);
    if (stw->is_global) {
        _PyRWMutex_Unlock(&_PyRuntime.stoptheworld_mutex);
    }
    else {
        _PyRWMutex_RUnlock(&_PyRuntime.stoptheworld_mutex);
    }
}

void
_PyEval_StopTheWorld(PyInterpreterState *interp)
{
    stop_the_world(&interp->stoptheworld, interp);
}

void
_PyEval_StartTheWorld(PyInterpreterState *interp)
{
    start_the_world(&interp->stoptheworld, interp);
}

void
_PyEval_StopTheWorldAll(_PyRuntimeState *runtime)
{
    assert(runtime->stoptheworld.is_global);
    stop_the_world(&runtime->stoptheworld, NULL);
}

void
_PyEval_StartTheWorldAll(_PyRuntimeState *runtime)
{
    start_the_world(&runtime->stoptheworld, NULL);
}

/* -- The threads' side ---------------- */

/* The state into which a thread that was asked to stop detaches. */
int
_PyEval_StopTheWorldSuspend(PyThreadState *tstate)
{
    (void)tstate;
    /* Always by way of "detached": _PyEval_StopTheWorldArrived() completes it under HEAD_LOCK, where the
       request and the countdown are consistent. */
    return _Py_THREAD_DETACHED;
}

static int
wants_stop(struct _stoptheworld_state *stw, PyThreadState *tstate)
{
    return stw->requested && !stw->world_stopped && stw->requester != tstate;
}

/* The thread has detached: counts it as stopped for the requests that wait for it. */
void
_PyEval_StopTheWorldArrived(PyThreadState *tstate)
{
    HEAD_LOCK(&_PyRuntime);
    struct _stoptheworld_state *global = &_PyRuntime.stoptheworld;
    struct _stoptheworld_state *local = &tstate->interp->stoptheworld;
    int expected = _Py_THREAD_DETACHED;
    if ((wants_stop(global, tstate) || wants_stop(local, tstate))
        && __atomic_compare_exchange_n(&tstate->state, &expected, _Py_THREAD_SUSPENDED, 0,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
        if (wants_stop(global, tstate)) {
            decrement_countdown_lock_held(global);
        }
        if (wants_stop(local, tstate)) {
            decrement_countdown_lock_held(local);
        }
    }
    HEAD_UNLOCK(&_PyRuntime);
}

/* A thread state that may have been counted is unlinked. */
void
_PyEval_StopTheWorldLeave_lock_held(PyThreadState *tstate)
{
    struct _stoptheworld_state *global = &_PyRuntime.stoptheworld;
    struct _stoptheworld_state *local = &tstate->interp->stoptheworld;
    int state = __atomic_load_n(&tstate->state, __ATOMIC_RELAXED);
    if (state == _Py_THREAD_SUSPENDED || state == _Py_THREAD_SHUTTING_DOWN) {
        return;  // counted already
    }
    if (wants_stop(global, tstate) && global->thread_countdown > 0) {
        decrement_countdown_lock_held(global);
    }
    if (wants_stop(local, tstate) && local->thread_countdown > 0) {
        decrement_countdown_lock_held(local);
    }
}

#endif  // Py_GIL_DISABLED

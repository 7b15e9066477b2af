/* The eval breaker: one word per thread that makes the evaluation loop look up; and what it does then
   (Python/threads/eval_breaker.c).

   The low bits are requests, set by anyone with an atomic or, cleared by the thread itself; the bits above
   _PY_EVAL_EVENTS_BITS hold the version of the global monitoring events. */
#ifndef Py_INTERNAL_CEVAL_H
#define Py_INTERNAL_CEVAL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_gil.h"          // _PyEval_InitGIL
#include "pycore_pystate.h"      // _PyThreadState_GET
#include "pycore_recursion.h"    // _Py_EnterRecursiveCall
#include "pycore_stoptheworld.h" // _PyEval_StopTheWorld

#define _PY_GIL_DROP_REQUEST_BIT    (1U << 0)  // another thread waits for the GIL
#define _PY_SIGNALS_PENDING_BIT     (1U << 1)  // a C signal handler has run
#define _PY_CALLS_TO_DO_BIT         (1U << 2)  // Py_AddPendingCall()
#define _PY_ASYNC_EXCEPTION_BIT     (1U << 3)  // PyThreadState_SetAsyncExc()
#define _PY_GC_SCHEDULED_BIT        (1U << 4)  // a collection is due
#define _PY_EVAL_PLEASE_STOP_BIT    (1U << 5)  // stop-the-world
#define _PY_EVAL_EXPLICIT_MERGE_BIT (1U << 6)  // objects wait to be merged (brc)
#define _PY_QSBR_PUBLISH_BIT        (1U << 7)  // publish the epoch, look at the release queue
#define _PY_EVAL_EVENTS_BITS 8
#define _PY_EVAL_EVENTS_MASK (((uintptr_t)1 << _PY_EVAL_EVENTS_BITS) - 1)

static inline void
_Py_set_eval_breaker_bit(PyThreadState *tstate, uintptr_t bit)
{
    __atomic_fetch_or(&tstate->eval_breaker, bit, __ATOMIC_SEQ_CST);
}

static inline void
_Py_unset_eval_breaker_bit(PyThreadState *tstate, uintptr_t bit)
{
    __atomic_fetch_and(&tstate->eval_breaker, ~bit, __ATOMIC_SEQ_CST);
}

static inline int
_Py_eval_breaker_bit_is_set(PyThreadState *tstate, uintptr_t bit)
{
    return (__atomic_load_n(&tstate->eval_breaker, __ATOMIC_RELAXED) & bit) != 0;
}

extern void _Py_set_eval_breaker_bit_all(PyInterpreterState *interp, uintptr_t bit);
extern void _Py_unset_eval_breaker_bit_all(PyInterpreterState *interp, uintptr_t bit);

/* Something is requested of this thread. */
static inline int
_Py_EvalBreakerIsSet(PyThreadState *tstate)
{
    return (__atomic_load_n(&tstate->eval_breaker, __ATOMIC_RELAXED) & _PY_EVAL_EVENTS_MASK) != 0;
}

/* A quiescent point.  Runs what the breaker asks for: Python code may run, other threads may run, and everything
   that was read without counting is stale after it.  -1 with an exception. */
extern int _Py_HandlePending(PyThreadState *tstate);

static inline int
_Py_CheckPending(PyThreadState *tstate)
{
    return _Py_EvalBreakerIsSet(tstate) ? _Py_HandlePending(tstate) : 0;
}

extern int _PyEval_MakePendingCalls(PyThreadState *tstate);
typedef int (*_Py_pending_call_func)(void *);
typedef int _Py_add_pending_call_result;
#define _Py_ADD_PENDING_SUCCESS 0
#define _Py_ADD_PENDING_FULL -1
#define _Py_PENDING_MAINTHREADONLY 1
#define _Py_PENDING_RAWFREE 2
extern _Py_add_pending_call_result _PyEval_AddPendingCall(PyInterpreterState *interp, _Py_pending_call_func func,
                                                          void *arg, int flags);
extern void _Py_FinishPendingCalls(PyThreadState *tstate);
extern void _PyEval_SignalReceived(void);
extern void _PyEval_SignalAsyncExc(PyThreadState *tstate);
extern PyStatus _PyEval_ReInitThreads(PyThreadState *tstate);
extern void _PyEval_InitState(PyInterpreterState *interp);
extern void _PyEval_FiniState(PyInterpreterState *interp);

/* Everything of the evaluation loop itself is in pycore_eval.h. */

#endif  // Py_INTERNAL_CEVAL_H

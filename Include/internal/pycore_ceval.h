/* The evaluation loop's interface (second half), and the eval breaker: one word per thread that makes the evaluation loop look up; and what it does then
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
#include "pycore_frame.h"        // _PyInterpreterFrame

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

/* == The evaluation loop as the rest of the core calls it (Python/eval/) =========================================== */

/* -- Entering the loop ----------------------------------------------------------------------------- */

PyAPI_FUNC(PyObject *) _PyEval_EvalFrameDefault(PyThreadState *tstate, struct _PyInterpreterFrame *frame, int exc);

/* Runs a frame that the caller has made; the frame is gone afterwards (a generator's is suspended or over). */
extern PyObject *_PyEval_EvalFrame(PyThreadState *tstate, struct _PyInterpreterFrame *frame, int throwflag);

/* Calls a function: counts its arguments, so the caller keeps its own references. */
extern PyObject *_PyEval_Vector(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals,
                                PyObject *const *args, size_t argcount, PyObject *kwnames);

/* A frame with arguments bound; the arguments (args and those named by kwnames) are stolen in any case.  func is taken
   as a value the frame will own.  NULL with an exception. */
extern _PyInterpreterFrame *_PyEvalFramePushAndInit(PyThreadState *tstate, _PyValue func, PyObject *locals,
                                                    _PyValue *args, size_t argcount, PyObject *kwnames,
                                                    _PyInterpreterFrame *previous);
/* Ends a frame that was made but not run, or has run: releases it and pops it. */
extern void _PyEval_FrameClearAndPop(PyThreadState *tstate, _PyInterpreterFrame *frame);

/* -- Quickened code ---------------------------------------------------------------------------------------- */

/* The bytecode as the compiler made it (no specialised or instrumented opcodes, caches zero); dst has room for all words. */
extern void _PyEval_CopyGenericCode(PyCodeObject *co, _Py_Instr *dst);
/* Frees the caches of a code object that is being destroyed; before its bytecode is freed. */
extern void _PyEval_ReleaseCodeCaches(PyCodeObject *co);
extern int _PyEval_GenericOpcode(int opcode);
/* Words of the instruction that begins with this opcode. */
extern int _PyEval_OpcodeWords(int opcode);

/* -- The collector ----------------------------------------------------------------------------------- */

/* With the world stopped: visits every object that the thread's running frames refer to (registers owned and borrowed,
   functions, code, locals mappings, frame objects).  Generators' frames included. */
extern int _PyEval_VisitThreadRoots(PyThreadState *tstate, visitproc visit, void *arg);

/* -- Names -------------------------------------------------------------------------------------------- */

extern PyObject *_PyEval_BuiltinsFromGlobals(PyThreadState *tstate, PyObject *globals);   /* borrowed */
PyAPI_FUNC(PyObject *) _PyEval_GetBuiltin(PyObject *name);
PyAPI_FUNC(PyObject *) _PyEval_GetBuiltinId(_Py_Identifier *name);
extern PyObject *_PyEval_GetFrameLocals(void);
extern PyObject *_PyEval_LoadName(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *name);
extern PyObject *_PyEval_GetGlobalsFromRunningMain(PyThreadState *tstate);
extern int _PyEval_EnsureBuiltins(PyThreadState *tstate, PyObject *globals, PyObject **p_builtins);
extern int _PyEval_EnsureBuiltinsWithModule(PyThreadState *tstate, PyObject *globals, PyObject **p_builtins);
extern void _PyEval_FormatExcCheckArg(PyThreadState *tstate, PyObject *exc, const char *format, PyObject *obj);
extern void _PyEval_FormatExcUnbound(PyThreadState *tstate, PyCodeObject *co, int oparg);

/* -- Imports ------------------------------------------------------------------------------------------ */

extern PyObject *_PyEval_ImportName(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *name,
                                    PyObject *fromlist, PyObject *level);
extern PyObject *_PyEval_ImportFrom(PyThreadState *tstate, PyObject *module, PyObject *name);
extern int _PyEval_ImportAllFrom(PyThreadState *tstate, PyObject *locals, PyObject *module);

/* -- Hooks and settings of a thread ------------------------------------------------------------------ */

PyAPI_FUNC(int) _PyEval_SetProfile(PyThreadState *tstate, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetTrace(PyThreadState *tstate, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetProfileAllThreads(PyInterpreterState *interp, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetTraceAllThreads(PyInterpreterState *interp, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetOpcodeTrace(PyFrameObject *f, bool enable);
extern int _PyEval_GetCoroutineOriginTrackingDepth(void);
extern int _PyEval_SetCoroutineOriginTrackingDepth(int depth);
extern PyObject *_PyEval_GetAsyncGenFirstiter(void);      /* borrowed or NULL */
extern PyObject *_PyEval_GetAsyncGenFinalizer(void);
extern int _PyEval_SetAsyncGenFirstiter(PyObject *firstiter);
extern int _PyEval_SetAsyncGenFinalizer(PyObject *finalizer);
/* sys.call_tracing */
extern PyObject *_PyEval_CallTracing(PyObject *func, PyObject *args);

/* -- Errors ------------------------------------------------------------------------------------------- */

extern int _PyEval_CheckExceptTypeValid(PyThreadState *tstate, PyObject *right);
extern int _PyEval_CheckExceptStarTypeValid(PyThreadState *tstate, PyObject *right);
extern int _PyEval_ExceptionGroupMatch(_PyInterpreterFrame *frame, PyObject *exc_value, PyObject *match_type,
                                       PyObject **match, PyObject **rest);


#endif  // Py_INTERNAL_CEVAL_H

/* The current thread state and what hangs on it. */
#ifndef Py_INTERNAL_PYSTATE_H
#define Py_INTERNAL_PYSTATE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_current.h"  // _PyThreadState_GET
#include "pycore_runtime.h"  // _PyRuntime
#include "pycore_tstate.h"   // _PyThreadStateImpl
#include "pycore_interp.h"   // struct _is

/* PyThreadState.state: detached <-> attached by the thread itself, detached <-> suspended by whoever stops the
   world; only an attached thread may touch objects. */
#define _Py_THREAD_DETACHED      0
#define _Py_THREAD_ATTACHED      1
#define _Py_THREAD_SUSPENDED     2
#define _Py_THREAD_SHUTTING_DOWN 3

/* The interpreter of it, or NULL. */
extern _Thread_local PyInterpreterState *_Py_tss_interp __attribute__((tls_model("initial-exec")));
/* The thread state PyGILState_Ensure() finds for this thread, or NULL. */
extern _Thread_local PyThreadState *_Py_tss_gilstate __attribute__((tls_model("initial-exec")));

static inline PyInterpreterState *
_PyInterpreterState_GET(void)
{
    return _Py_tss_tstate->interp;
}

static inline _PyThreadStateImpl *
_PyThreadStateImpl_GET(void)
{
    return (_PyThreadStateImpl *)_Py_tss_tstate;
}

static inline int
_PyThreadState_IsAttached(PyThreadState *tstate)
{
    return __atomic_load_n(&tstate->state, __ATOMIC_RELAXED) == _Py_THREAD_ATTACHED;
}

extern void _Py_NO_RETURN _Py_FatalErrorTstateNULL(const char *func);

static inline void
_Py_EnsureFuncTstateNotNULL(const char *func, PyThreadState *tstate)
{
    if (tstate == NULL) {
        _Py_FatalErrorTstateNULL(func);
    }
}
#define _Py_EnsureTstateNotNULL(tstate) _Py_EnsureFuncTstateNotNULL(__func__, (tstate))

extern int _PyThreadState_CheckConsistency(PyThreadState *tstate);
extern int _PyThreadState_MustExit(PyThreadState *tstate);
extern void _PyThreadState_HangThread(PyThreadState *tstate);

static inline int
_Py_IsMainInterpreter(PyInterpreterState *interp)
{
    return interp == _PyRuntime.interpreters.main;
}

extern int _Py_IsMainThread(void);

static inline int
_Py_ThreadCanHandleSignals(PyInterpreterState *interp)
{
    return _Py_IsMainInterpreter(interp) && _Py_IsMainThread();
}

extern PyThreadState *_PyThreadState_Prealloc(PyInterpreterState *interp);
extern int _Py_IsMainInterpreterFinalizing(PyInterpreterState *interp);
extern int _PyInterpreterState_SetRunningMain(PyInterpreterState *interp);
extern void _PyInterpreterState_SetNotRunningMain(PyInterpreterState *interp);
extern int _PyInterpreterState_IsRunningMain(PyInterpreterState *interp);
extern int _PyThreadState_IsRunningMain(PyThreadState *tstate);
extern void _PyInterpreterState_ReinitRunningMain(PyThreadState *tstate);

/* Life of a thread state; _whence values are CPython's. */
#define _PyThreadState_WHENCE_NOTSET  -1
#define _PyThreadState_WHENCE_UNKNOWN 0
#define _PyThreadState_WHENCE_INIT    1
#define _PyThreadState_WHENCE_FINI    2
#define _PyThreadState_WHENCE_THREADING 3
#define _PyThreadState_WHENCE_GILSTATE 4
#define _PyThreadState_WHENCE_EXEC    5
#define _PyThreadState_WHENCE_THREADING_DAEMON 6

extern PyThreadState *_PyThreadState_New(PyInterpreterState *interp, int whence);
extern void _PyThreadState_Bind(PyThreadState *tstate);
extern PyThreadState *_PyThreadState_NewBound(PyInterpreterState *interp, int whence);
extern void _PyThreadState_DeleteCurrent(PyThreadState *tstate);
extern PyThreadState *_PyThreadState_RemoveExcept(PyThreadState *tstate);
extern void _PyThreadState_DeleteList(PyThreadState *list, int is_after_fork);
extern void _PyThreadState_ClearMimallocHeaps(PyThreadState *tstate);
extern PyObject *_PyThread_CurrentExceptions(void);
extern PyObject *_PyThread_CurrentFrames(void);
extern PyObject *_PyThreadState_GetDict(PyThreadState *tstate);

/* Attach takes the GIL (where there is one) and resumes critical sections; Detach undoes it; Suspend detaches
   into the suspended state for a stop-the-world. */
extern void _PyThreadState_Attach(PyThreadState *tstate);
extern void _PyThreadState_Detach(PyThreadState *tstate);
extern void _PyThreadState_Suspend(PyThreadState *tstate);
extern PyThreadState *_PyThreadState_Swap(_PyRuntimeState *runtime, PyThreadState *newts);
extern void _PyThreadState_SetShuttingDown(PyThreadState *tstate);

extern PyInterpreterState *_PyInterpreterState_New(PyThreadState *tstate, PyInterpreterState **pinterp_out);
extern PyStatus _PyInterpreterState_NewStatus(PyThreadState *tstate, PyInterpreterState **pinterp);
extern PyStatus _PyInterpreterState_Enable(_PyRuntimeState *runtime);
extern PyStatus _PyInterpreterState_DeleteExceptMain(_PyRuntimeState *runtime);
extern void _PyInterpreterState_Clear(PyThreadState *tstate);
extern void _PyInterpreterState_FinalizeAllocatedBlocks(PyInterpreterState *interp);
extern PyInterpreterState *_PyInterpreterState_LookUpID(int64_t requested_id);
extern PyInterpreterState *_PyInterpreterState_LookUpIDObject(PyObject *requested_id);
extern PyObject *_PyInterpreterState_GetIDObject(PyInterpreterState *interp);
extern int64_t _PyInterpreterState_ObjectToID(PyObject *idobj);
extern int _PyInterpreterState_IDIncref(PyInterpreterState *interp);
extern void _PyInterpreterState_IDDecref(PyInterpreterState *interp);
extern void _PyInterpreterState_IDInitref(PyInterpreterState *interp);
extern long _PyInterpreterState_GetWhence(PyInterpreterState *interp);
extern int _PyInterpreterState_IsReady(PyInterpreterState *interp);
extern void _PyInterpreterState_SetWhence(PyInterpreterState *interp, long whence);
extern const PyConfig *_PyInterpreterState_GetConfig(PyInterpreterState *interp);
extern int _PyInterpreterState_HasFeature(PyInterpreterState *interp, unsigned long feature);
extern const PyConfig *_Py_GetConfig(void);
extern PyInterpreterState *_PyInterpreterState_Main(void);
extern PyInterpreterState *_PyGILState_GetInterpreterStateUnsafe(void);
extern PyObject *_PyInterpreterState_GetDict(PyInterpreterState *interp);

/* Signals and asynchronous requests wake the evaluation loop through these. */
extern void _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState *, _PyFrameEvalFunction);
extern _PyFrameEvalFunction _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *);

extern int _PyOS_InterruptOccurred(PyThreadState *tstate);

#define HEAD_LOCK(runtime) PyMutex_LockFlags(&(runtime)->interpreters.mutex, _Py_LOCK_DONT_DETACH)
#define HEAD_UNLOCK(runtime) PyMutex_Unlock(&(runtime)->interpreters.mutex)

#define _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t) \
    for (PyThreadState *t = (interp)->threads.head; t; t = t->next)
#define _Py_FOR_EACH_TSTATE_BEGIN(interp, t) \
    HEAD_LOCK(&_PyRuntime); \
    _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t)
#define _Py_FOR_EACH_TSTATE_END(interp) HEAD_UNLOCK(&_PyRuntime)

/* C stack of the current thread: how much is left above the soft limit, in units of _PyOS_STACK_MARGIN_BYTES. */
extern void _Py_InitializeRecursionLimits(PyThreadState *tstate);
extern int _Py_ReachedRecursionLimitWithMargin(PyThreadState *tstate, int margin_count);

static inline uintptr_t
_Py_get_machine_stack_pointer(void)
{
    return (uintptr_t)__builtin_frame_address(0);
}

#define _PyOS_LOG2_STACK_MARGIN 12
#define _PyOS_STACK_MARGIN (1 << (_PyOS_LOG2_STACK_MARGIN - 3))
#define _PyOS_STACK_MARGIN_BYTES (1 << _PyOS_LOG2_STACK_MARGIN)

static inline intptr_t
_Py_RecursionLimit_GetMargin(PyThreadState *tstate)
{
    _PyThreadStateImpl *ts = (_PyThreadStateImpl *)tstate;
    return (intptr_t)(_Py_get_machine_stack_pointer() - ts->c_stack_soft_limit) >> _PyOS_LOG2_STACK_MARGIN;
}

#endif  // Py_INTERNAL_PYSTATE_H

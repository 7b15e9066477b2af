/* Fork: what the runtime does before it, and after it in the parent and the child.

   Before: the hooks of os.register_at_fork(before=), the import lock, the world stopped, so that no lock of the
   runtime is held by a thread that the child will not have.  In the child: the locks are made anew, the other
   threads' states go, then the hooks run. */
#include "Python.h"
#include "pycore_brc.h"
#include "pycore_ceval.h"          // _PyEval_ReInitThreads
#include "pycore_import.h"         // _PyImport_AcquireLock
#include "pycore_interp.h"
#include "pycore_multithreaded.h"
#include "pycore_parking_lot.h"    // _PyParkingLot_AfterFork
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_pythread.h"       // _PyThread_AfterFork
#include "pycore_qsbr.h"
#include "pycore_runtime.h"
#include "pycore_stoptheworld.h"
#include "pycore_typeobject.h"     // _PyTypes_AfterFork

extern void _PyImport_AcquireLock(PyInterpreterState *interp);
extern void _PyImport_ReleaseLock(PyInterpreterState *interp);
extern void _PyImport_ReInitLock(PyInterpreterState *interp);
extern void _PySignal_AfterFork(void);

/* -- Hooks ---------------- */

static void
call_hook(PyObject *hook)
{
    PyObject *result = PyObject_CallNoArgs(hook);
    if (result == NULL) {
        PyErr_FormatUnraisable("Exception ignored in fork hook %R", hook);
    }
    else {
        Py_DECREF(result);
    }
}

/* A copy, because a hook may register others. */
static void
run_hooks(PyObject *list, int reverse)
{
    if (list == NULL) {
        return;
    }
    PyObject *hooks = PySequence_Tuple(list);
    if (hooks == NULL) {
        PyErr_FormatUnraisable("Exception ignored while copying the fork hooks");
        return;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(hooks);
    for (Py_ssize_t i = 0; i < count; i++) {
        call_hook(PyTuple_GET_ITEM(hooks, reverse ? count - 1 - i : i));
    }
    Py_DECREF(hooks);
}

/* -- Before, and in the parent ---------------- */

void
PyOS_BeforeFork(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    run_hooks(interp->before_forkers, 1);
    _PyImport_AcquireLock(interp);
    _PyEval_StopTheWorldAll(&_PyRuntime);
    HEAD_LOCK(&_PyRuntime);
}

void
PyOS_AfterFork_Parent(void)
{
    HEAD_UNLOCK(&_PyRuntime);
    _PyEval_StartTheWorldAll(&_PyRuntime);
    PyInterpreterState *interp = _PyInterpreterState_GET();
    _PyImport_ReleaseLock(interp);
    run_hooks(interp->after_forkers_parent, 0);
}

/* -- In the child ---------------- */

static void
reinit_interpreter_locks(PyInterpreterState *interp)
{
    _PyMutex_at_fork_reinit(&interp->heap_lists.mutex);
    _PyMutex_at_fork_reinit(&interp->type_ids.mutex);
    _PyMutex_at_fork_reinit(&interp->atexit.ll_lock);
    _PyMutex_at_fork_reinit(&interp->codecs.search_path_mutex);
    _PyMutex_at_fork_reinit(&interp->gc.promoted_mutex);
    for (int i = 0; i < _PyGC_LARGE_STRIPES; i++) {
        _PyMutex_at_fork_reinit(&interp->gc.large[i].mutex);
    }
    for (int i = 0; i < _Py_WEAKREF_LOCKS; i++) {
        _PyMutex_at_fork_reinit(&interp->weakref_locks[i]);
    }
    interp->gc.collecting = 0;
    interp->warnings.lock = (_PyRecursiveMutex){0};
}

PyStatus
_PyRuntimeState_ReInitThreads(_PyRuntimeState *runtime)
{
    runtime->main_thread = PyThread_get_thread_ident();
    _PyMutex_at_fork_reinit(&runtime->interpreters.mutex);
    _PyMutex_at_fork_reinit(&runtime->audit_hooks.mutex);
    _PyMutex_at_fork_reinit(&runtime->atexit.mutex);
    _PyMutex_at_fork_reinit(&runtime->imports.mutex);
    _PyMutex_at_fork_reinit(&runtime->unicode.mutex);
    _PyMutex_at_fork_reinit(&runtime->types_mutex);
    for (PyInterpreterState *i = runtime->interpreters.head; i != NULL; i = i->next) {
        reinit_interpreter_locks(i);
    }
    return PyStatus_Ok();
}

static void
check(PyStatus status)
{
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
}

void
PyOS_AfterFork_Child(void)
{
    _PyRuntimeState *runtime = &_PyRuntime;
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);

    _PyParkingLot_AfterFork();
    check(_PyRuntimeState_ReInitThreads(runtime));
    tstate->thread_id = PyThread_get_thread_ident();
#ifdef PY_HAVE_THREAD_NATIVE_ID
    tstate->native_thread_id = PyThread_get_thread_native_id();
#endif
#ifdef Py_GIL_DISABLED
    _Py_brc_after_fork(tstate);
    _Py_qsbr_after_fork(tstate);
#endif
    /* Only this thread exists; the world was stopped when the process was copied. */
    PyThreadState *others = _PyThreadState_RemoveExcept(tstate);
    _PyEval_StartTheWorldAll(runtime);

    check(_PyEval_ReInitThreads(tstate));
    _PyThread_AfterFork(&runtime->threads);
    _PyTypes_AfterFork();
    _PyImport_ReInitLock(tstate->interp);
    _PySignal_AfterFork();
    _PyInterpreterState_ReinitRunningMain(tstate);
    if (runtime->main_tstate != NULL && tstate->interp == runtime->interpreters.main) {
        runtime->main_tstate = tstate;
    }
    check(_PyInterpreterState_DeleteExceptMain(runtime));
    /* Releasing what the other threads referred to runs finalizers: all locks are usable by now. */
    _PyThreadState_DeleteList(others, 1);
    _PyMultithreaded_AfterFork(tstate);
    run_hooks(tstate->interp->after_forkers_child, 0);
}

PyAPI_FUNC(void) PyOS_AfterFork(void);

void
PyOS_AfterFork(void)
{
    PyOS_AfterFork_Child();
}

/* Interpreters and the runtime: their structures' creation and end, lookups, identity.

   The list of interpreters is guarded by HEAD_LOCK.  What a subsystem keeps in struct _is is initialised by the
   subsystem; here is what needs values other than zero before anything runs. */
#include "Python.h"
#include "pycore_ceval.h"          // _PyEval_InitState
#include "pycore_gc.h"             // _PyGC_InitState
#include "pycore_interp.h"
#include "pycore_long.h"           // _PY_LONG_DEFAULT_MAX_STR_DIGITS
#include "pycore_multithreaded.h"
#include "pycore_object_alloc.h"   // _Py_heap_fini_interp
#include "pycore_pyerrors.h"       // _PyErr_Occurred
#include "pycore_pymem.h"
#include "pycore_pystate.h"
#include "pycore_pythread.h"
#include "pycore_runtime.h"
#include "pycore_time.h"           // _PyTime_Init

struct pyruntimestate _PyRuntime = {
    .gil_state = {.locked = -1},
    .stoptheworld = {.is_global = 1},
    .signals = {.wakeup = {.fd = -1, .warn_on_full_buffer = 1}},
    .imports = {.last_index = 0},
};

/* -- The runtime ---------------- */

PyStatus
_PyRuntimeState_Init(_PyRuntimeState *runtime)
{
    if (runtime->_initialized) {
        return PyStatus_Ok();
    }
    runtime->main_thread = PyThread_get_thread_ident();
    if (runtime->gil_state.locked >= 0) {
        runtime->gil_state.locked = -1;
    }
    PyPreConfig_InitPythonConfig(&runtime->preconfig);
    runtime->_initialized = 1;
    return PyStatus_Ok();
}

void
_PyRuntimeState_Fini(_PyRuntimeState *runtime)
{
    /* Ready for another Py_Initialize(). */
    runtime->_initialized = 0;
    runtime->preinitialized = 0;
    runtime->preinitializing = 0;
    runtime->core_initialized = 0;
    runtime->initialized = 0;
    runtime->_finalizing = NULL;
    runtime->_finalizing_id = 0;
    runtime->main_tstate = NULL;
    runtime->interpreters.main = NULL;
}

PyStatus
_PyRuntime_Initialize(void)
{
    return _PyRuntimeState_Init(&_PyRuntime);
}

void
_PyRuntime_Finalize(void)
{
    _PyRuntimeState_Fini(&_PyRuntime);
}

void
_PyRuntimeState_SetFinalizing(_PyRuntimeState *runtime, PyThreadState *tstate)
{
    /* The id first: whoever sees the state compares the id. */
    __atomic_store_n(&runtime->_finalizing_id, tstate == NULL ? 0 : tstate->thread_id, __ATOMIC_RELEASE);
    __atomic_store_n(&runtime->_finalizing, tstate, __ATOMIC_RELEASE);
}

void
_PyInterpreterState_SetFinalizing(PyInterpreterState *interp, PyThreadState *tstate)
{
    __atomic_store_n(&interp->_finalizing_id, tstate == NULL ? 0 : tstate->thread_id, __ATOMIC_RELEASE);
    __atomic_store_n(&interp->_finalizing, tstate, __ATOMIC_RELEASE);
}

int
_Py_IsMainThread(void)
{
    return PyThread_get_thread_ident() == _PyRuntime.main_thread;
}

PyAPI_FUNC(int) _PyOS_IsMainThread(void);

int
_PyOS_IsMainThread(void)
{
    return _Py_ThreadCanHandleSignals(_PyInterpreterState_GET());
}

int
_Py_IsMainInterpreterFinalizing(PyInterpreterState *interp)
{
    return _PyRuntimeState_GetFinalizing(&_PyRuntime) != NULL && interp == _PyRuntime.interpreters.main;
}

/* -- Creation ---------------- */

PyStatus
_PyInterpreterState_Enable(_PyRuntimeState *runtime)
{
    HEAD_LOCK(runtime);
    runtime->interpreters.next_id = 0;
    HEAD_UNLOCK(runtime);
    return PyStatus_Ok();
}

static void
interp_init(PyInterpreterState *interp, int64_t id)
{
    interp->id = id;
    interp->id_refcount = 0;
    interp->runtime = &_PyRuntime;
    interp->_whence = _PyInterpreterState_WHENCE_NOTSET;
    interp->long_state.max_str_digits = _PY_LONG_DEFAULT_MAX_STR_DIGITS;
    /* The main interpreter may do everything; others are told at their creation. */
    interp->feature_flags = Py_RTFLAGS_USE_MAIN_OBMALLOC | Py_RTFLAGS_THREADS | Py_RTFLAGS_DAEMON_THREADS
        | Py_RTFLAGS_FORK | Py_RTFLAGS_EXEC;
    _PyEval_InitState(interp);
    _PyGC_InitState(&interp->gc);
    PyConfig_InitPythonConfig(&interp->config);
    interp->dict_state = (struct _Py_dict_state)_Py_DICT_STATE_INIT;
    interp->imports.dlopenflags = 0x2;  // RTLD_NOW
    interp->threads.stacksize = 0;
    interp->_initialized = 1;
}

PyStatus
_PyInterpreterState_NewStatus(PyThreadState *tstate, PyInterpreterState **pinterp)
{
    *pinterp = NULL;
    if (tstate != NULL && PySys_Audit("cpython.PyInterpreterState_New", NULL) < 0) {
        return PyStatus_Error("sys.audit failed");
    }
    PyInterpreterState *interp = PyMem_RawCalloc(1, sizeof(PyInterpreterState));
    if (interp == NULL) {
        return PyStatus_NoMemory();
    }
    HEAD_LOCK(&_PyRuntime);
    int64_t id = _PyRuntime.interpreters.next_id++;
    interp_init(interp, id);
    interp->next = _PyRuntime.interpreters.head;
    _PyRuntime.interpreters.head = interp;
    if (id == 0) {
        _PyRuntime.interpreters.main = interp;
    }
    HEAD_UNLOCK(&_PyRuntime);
    *pinterp = interp;
    return PyStatus_Ok();
}

PyInterpreterState *
PyInterpreterState_New(void)
{
    /* The caller may have no thread state, when it makes the first interpreter. */
    PyThreadState *tstate = _PyThreadState_GET();
    PyInterpreterState *interp;
    PyStatus status = _PyInterpreterState_NewStatus(tstate, &interp);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    return interp;
}

/* -- The end ---------------- */

/* Releases the interpreter's objects.  Runs Python code. */
void
_PyInterpreterState_Clear(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (PySys_Audit("cpython.PyInterpreterState_Clear", NULL) < 0) {
        PyErr_Clear();
    }
    /* Thread states first: they refer to anything. */
    HEAD_LOCK(&_PyRuntime);
    PyThreadState *list = interp->threads.head;
    HEAD_UNLOCK(&_PyRuntime);
    for (PyThreadState *t = list; t != NULL; t = t->next) {
        if (t != tstate && !t->_status.cleared) {
            PyThreadState_Clear(t);
        }
    }
    if (!tstate->_status.cleared) {
        PyThreadState_Clear(tstate);
    }
    Py_CLEAR(interp->audit_hooks);
    Py_CLEAR(interp->before_forkers);
    Py_CLEAR(interp->after_forkers_parent);
    Py_CLEAR(interp->after_forkers_child);
    Py_CLEAR(interp->dict);
    Py_CLEAR(interp->sysdict_copy);
    Py_CLEAR(interp->builtins_copy);
    PyConfig_Clear(&interp->config);

    /* What the dictionaries hold is released by module teardown and by this collection. */
    _PyGC_CollectNoFail(tstate);
    _PyGC_Fini(interp);
    Py_CLEAR(interp->sysdict);
    Py_CLEAR(interp->builtins);
}

void
PyInterpreterState_Clear(PyInterpreterState *interp)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate == NULL || tstate->interp != interp) {
        Py_FatalError("PyInterpreterState_Clear: the interpreter must be current");
    }
    _PyInterpreterState_Clear(tstate);
}

static void
delete_thread_states(PyInterpreterState *interp)
{
    while (interp->threads.head != NULL) {
        PyThreadState_Delete(interp->threads.head);
    }
}

void
PyInterpreterState_Delete(PyInterpreterState *interp)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate != NULL && tstate->interp == interp) {
        _PyThreadState_Detach(tstate);
    }
    delete_thread_states(interp);
    HEAD_LOCK(&_PyRuntime);
    PyInterpreterState **link = &_PyRuntime.interpreters.head;
    while (*link != NULL && *link != interp) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        Py_FatalError("NULL interpreter");
    }
    *link = interp->next;
    if (_PyRuntime.interpreters.main == interp) {
        _PyRuntime.interpreters.main = NULL;
        if (_PyRuntime.interpreters.head != NULL) {
            Py_FatalError("remaining subinterpreters");
        }
    }
    HEAD_UNLOCK(&_PyRuntime);
    _PyEval_FiniState(interp);
    _PyEval_FiniGIL(interp);
    _Py_heap_fini_interp(interp);
#ifdef Py_GIL_DISABLED
    _PyType_FiniCountIds(interp);
#endif
    PyMem_RawFree(interp);
}

/* In the child of fork: the other interpreters' threads do not exist. */
PyStatus
_PyInterpreterState_DeleteExceptMain(_PyRuntimeState *runtime)
{
    PyThreadState *tstate = _PyThreadState_Swap(runtime, NULL);
    if (tstate != NULL && tstate->interp != runtime->interpreters.main) {
        return PyStatus_Error("not main interpreter");
    }
    HEAD_LOCK(runtime);
    PyInterpreterState *interp = runtime->interpreters.head;
    runtime->interpreters.head = NULL;
    while (interp != NULL) {
        PyInterpreterState *next = interp->next;
        if (interp == runtime->interpreters.main) {
            interp->next = NULL;
            runtime->interpreters.head = interp;
        }
        else {
            /* Its objects cannot be released without running in it: they are abandoned. */
            _PyRuntime.thread_count -= interp->threads.count;
        }
        interp = next;
    }
    HEAD_UNLOCK(runtime);
    if (runtime->interpreters.head == NULL) {
        return PyStatus_Error("missing main interpreter");
    }
    _PyThreadState_Swap(runtime, tstate);
    return PyStatus_Ok();
}

/* -- Lookups and identity ---------------- */

PyInterpreterState *
PyInterpreterState_Get(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    return tstate->interp;
}

PyInterpreterState *
_PyInterpreterState_GetCurrent(void)
{
    return _PyInterpreterState_GET();
}

PyInterpreterState *
PyInterpreterState_Head(void)
{
    return _PyRuntime.interpreters.head;
}

PyInterpreterState *
PyInterpreterState_Main(void)
{
    return _PyRuntime.interpreters.main;
}

PyInterpreterState *
_PyInterpreterState_Main(void)
{
    return _PyRuntime.interpreters.main;
}

PyInterpreterState *
PyInterpreterState_Next(PyInterpreterState *interp)
{
    return interp->next;
}

PyThreadState *
PyInterpreterState_ThreadHead(PyInterpreterState *interp)
{
    return interp->threads.head;
}

PyInterpreterState *
_PyGILState_GetInterpreterStateUnsafe(void)
{
    return _PyRuntime.interpreters.main;
}

int64_t
PyInterpreterState_GetID(PyInterpreterState *interp)
{
    if (interp == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "no interpreter provided");
        return -1;
    }
    return interp->id;
}

PyObject *
_PyInterpreterState_GetIDObject(PyInterpreterState *interp)
{
    int64_t id = interp->id;
    return id < 0 ? NULL : PyLong_FromLongLong(id);
}

int64_t
_PyInterpreterState_ObjectToID(PyObject *idobj)
{
    if (!PyIndex_Check(idobj)) {
        PyErr_Format(PyExc_TypeError, "interpreter ID must be an int, got %.100s", Py_TYPE(idobj)->tp_name);
        return -1;
    }
    PyObject *number = PyNumber_Long(idobj);
    if (number == NULL) {
        return -1;
    }
    long long id = PyLong_AsLongLong(number);
    Py_DECREF(number);
    if (id == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (id < 0) {
        PyErr_Format(PyExc_ValueError, "interpreter ID must be a non-negative int, got %R", idobj);
        return -1;
    }
    return id;
}

PyInterpreterState *
_PyInterpreterState_LookUpID(int64_t requested_id)
{
    PyInterpreterState *found = NULL;
    if (requested_id >= 0) {
        HEAD_LOCK(&_PyRuntime);
        for (PyInterpreterState *i = _PyRuntime.interpreters.head; i != NULL; i = i->next) {
            if (i->id == requested_id) {
                found = i;
                break;
            }
        }
        HEAD_UNLOCK(&_PyRuntime);
    }
    if (found == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_LookupError, "unrecognized interpreter ID %lld", (long long)requested_id);
    }
    return found;
}

PyInterpreterState *
_PyInterpreterState_LookUpIDObject(PyObject *requested_id)
{
    int64_t id = _PyInterpreterState_ObjectToID(requested_id);
    return id < 0 ? NULL : _PyInterpreterState_LookUpID(id);
}

void
_PyInterpreterState_IDInitref(PyInterpreterState *interp)
{
    (void)interp;
}

int
_PyInterpreterState_IDIncref(PyInterpreterState *interp)
{
    __atomic_fetch_add(&interp->id_refcount, 1, __ATOMIC_SEQ_CST);
    return 0;
}

void
_PyInterpreterState_IDDecref(PyInterpreterState *interp)
{
    Py_ssize_t count = __atomic_sub_fetch(&interp->id_refcount, 1, __ATOMIC_SEQ_CST);
    if (count == 0 && interp->requires_idref) {
        PyThreadState *tstate = _PyThreadState_NewBound(interp, _PyThreadState_WHENCE_FINI);
        PyThreadState *save = _PyThreadState_Swap(&_PyRuntime, tstate);
        Py_EndInterpreter(tstate);
        _PyThreadState_Swap(&_PyRuntime, save);
    }
}

PyAPI_FUNC(int) _PyInterpreterState_RequiresIDRef(PyInterpreterState *interp);
PyAPI_FUNC(void) _PyInterpreterState_RequireIDRef(PyInterpreterState *interp, int required);

int
_PyInterpreterState_RequiresIDRef(PyInterpreterState *interp)
{
    return interp->requires_idref;
}

void
_PyInterpreterState_RequireIDRef(PyInterpreterState *interp, int required)
{
    interp->requires_idref = required ? 1 : 0;
}

long
_PyInterpreterState_GetWhence(PyInterpreterState *interp)
{
    return interp->_whence;
}

void
_PyInterpreterState_SetWhence(PyInterpreterState *interp, long whence)
{
    interp->_whence = whence;
}

int
_PyInterpreterState_IsReady(PyInterpreterState *interp)
{
    return interp->_ready;
}

PyObject *
PyInterpreterState_GetDict(PyInterpreterState *interp)
{
    if (interp->dict == NULL) {
        interp->dict = PyDict_New();
        if (interp->dict == NULL) {
            PyErr_Clear();
        }
    }
    return interp->dict;
}

PyObject *
_PyInterpreterState_GetDict(PyInterpreterState *interp)
{
    return PyInterpreterState_GetDict(interp);
}

const PyConfig *
_PyInterpreterState_GetConfig(PyInterpreterState *interp)
{
    return &interp->config;
}

const PyConfig *
_Py_GetConfig(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    return _PyInterpreterState_GetConfig(tstate->interp);
}

int
_PyInterpreterState_HasFeature(PyInterpreterState *interp, unsigned long feature)
{
    return (interp->feature_flags & feature) != 0;
}

/* -- Who runs __main__ ---------------- */

int
_PyInterpreterState_SetRunningMain(PyInterpreterState *interp)
{
    PyThreadState *expected = NULL;
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->interp != interp) {
        PyErr_SetString(PyExc_RuntimeError, "current tstate has wrong interpreter");
        return -1;
    }
    if (!__atomic_compare_exchange_n(&interp->threads.main, &expected, tstate, 0,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        PyErr_SetString(PyExc_RuntimeError, "interpreter already running");
        return -1;
    }
    return 0;
}

void
_PyInterpreterState_SetNotRunningMain(PyInterpreterState *interp)
{
    __atomic_store_n(&interp->threads.main, NULL, __ATOMIC_RELAXED);
}

int
_PyInterpreterState_IsRunningMain(PyInterpreterState *interp)
{
    if (__atomic_load_n(&interp->threads.main, __ATOMIC_RELAXED) != NULL) {
        return 1;
    }
    /* The main interpreter may be run by an embedding program that says nothing. */
    return _Py_IsMainInterpreter(interp) && _PyRuntime.main_tstate != NULL;
}

int
_PyThreadState_IsRunningMain(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (__atomic_load_n(&interp->threads.main, __ATOMIC_RELAXED) != NULL) {
        return interp->threads.main == tstate;
    }
    return _Py_IsMainInterpreter(interp) && tstate == _PyRuntime.main_tstate;
}

void
_PyInterpreterState_ReinitRunningMain(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (interp->threads.main != tstate) {
        __atomic_store_n(&interp->threads.main, NULL, __ATOMIC_RELAXED);
    }
}

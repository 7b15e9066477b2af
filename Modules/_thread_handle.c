/* _thread._ThreadHandle: a thread that can be waited for; starting threads, joining those that are left at the
   end, and what fork does to them.

   A ThreadHandle is shared by the Python object, the thread itself and the shutdown list; each holds a count.
   Locking: handle->mutex guards state, ident and os_handle; all_handles_mutex the list of all, for fork;
   interp->thread_handles.mutex the list of the threads that shutdown joins. */
#include "Python.h"
#include "_thread_int.h"
#include "pycore_args.h"
#include "pycore_ceval.h"        // Py_MakePendingCalls
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_pythread.h"
#include "pycore_time.h"

static PyMutex all_handles_mutex;
static ThreadHandle *all_handles;   // guarded by all_handles_mutex
Py_ssize_t _PyThread_count = 0;

static void
lock(PyMutex *m)
{
    PyMutex_LockFlags(m, _Py_LOCK_DONT_DETACH);
}

/* -- The handle ---------------- */

ThreadHandle *
_PyThreadHandle_New(void)
{
    ThreadHandle *self = PyMem_RawCalloc(1, sizeof(ThreadHandle));
    if (self == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    self->refcount = 1;
    self->state = THREAD_HANDLE_NOT_STARTED;
    lock(&all_handles_mutex);
    self->next = all_handles;
    if (self->next != NULL) {
        self->next->prev = self;
    }
    all_handles = self;
    PyMutex_Unlock(&all_handles_mutex);
    return self;
}

static void
handle_incref(ThreadHandle *self)
{
    __atomic_fetch_add(&self->refcount, 1, __ATOMIC_RELAXED);
}

void
_PyThreadHandle_DecRef(ThreadHandle *self)
{
    if (__atomic_sub_fetch(&self->refcount, 1, __ATOMIC_ACQ_REL) != 0) {
        return;
    }
    lock(&all_handles_mutex);
    if (self->prev != NULL) {
        self->prev->next = self->next;
    }
    else {
        all_handles = self->next;
    }
    if (self->next != NULL) {
        self->next->prev = self->prev;
    }
    PyMutex_Unlock(&all_handles_mutex);
    /* Nobody joined it; the system may forget it. */
    if (self->has_os_handle) {
        PyThread_detach_thread(self->os_handle);
    }
    PyMem_RawFree(self);
}

static ThreadHandleState
handle_state(ThreadHandle *self)
{
    lock(&self->mutex);
    ThreadHandleState state = self->state;
    PyMutex_Unlock(&self->mutex);
    return state;
}

static void
handle_set_state(ThreadHandle *self, ThreadHandleState state)
{
    lock(&self->mutex);
    self->state = state;
    PyMutex_Unlock(&self->mutex);
}

static PyThread_ident_t
handle_ident(ThreadHandle *self)
{
    lock(&self->mutex);
    PyThread_ident_t ident = self->ident;
    PyMutex_Unlock(&self->mutex);
    return ident;
}

/* -- Joining ---------------- */

static int
check_started(ThreadHandle *self)
{
    if (handle_state(self) < THREAD_HANDLE_RUNNING) {
        PyErr_SetString(PyExc_RuntimeError, "thread not started");
        return -1;
    }
    return 0;
}

/* Once, by the first who joins: waits for the system's thread, which has nothing more to do. */
static int
join_once(void *arg)
{
    ThreadHandle *self = arg;
    if (self->has_os_handle) {
        int err;
        Py_BEGIN_ALLOW_THREADS
        err = PyThread_join_thread(self->os_handle);
        Py_END_ALLOW_THREADS
        if (err) {
            PyErr_SetString(PyExc_RuntimeError, "Failed joining thread");
            return -1;
        }
        self->has_os_handle = 0;
    }
    handle_set_state(self, THREAD_HANDLE_DONE);
    return 0;
}

/* 1: it ends; 0: timeout; -1: a signal handler raised. */
static int
wait_exiting(ThreadHandle *self, PyTime_t timeout_ns)
{
    PyTime_t deadline = timeout_ns > 0 ? _PyDeadline_Init(timeout_ns) : 0;
    while (!PyEvent_WaitTimed(&self->thread_is_exiting, timeout_ns, 1)) {
        if (timeout_ns > 0) {
            timeout_ns = _PyDeadline_Get(deadline);
            if (timeout_ns <= 0) {
                return 0;
            }
        }
        else if (timeout_ns == 0) {
            return 0;
        }
        if (Py_MakePendingCalls() < 0) {
            return -1;
        }
    }
    return 1;
}

int
_PyThreadHandle_Join(ThreadHandle *self, PyTime_t timeout_ns)
{
    if (check_started(self) < 0) {
        return -1;
    }
    if (!_PyEvent_IsSet(&self->thread_is_exiting)) {
        if (handle_ident(self) == PyThread_get_thread_ident_ex()) {
            PyErr_SetString(PyExc_RuntimeError, "Cannot join current thread");
            return -1;
        }
        if (Py_IsFinalizing()) {
            /* A daemon thread does not end any more: waiting would be for ever. */
            PyErr_SetString(PyExc_PythonFinalizationError,
                            "cannot join thread while the interpreter is shutting down");
            return -1;
        }
    }
    int exiting = wait_exiting(self, timeout_ns);
    if (exiting <= 0) {
        return exiting;
    }
    return _PyOnceFlag_CallOnce(&self->once, join_once, self);
}

static int
set_done_once(void *arg)
{
    ThreadHandle *self = arg;
    /* The system cleans up by itself. */
    if (self->has_os_handle) {
        if (PyThread_detach_thread(self->os_handle)) {
            PyErr_SetString(PyExc_RuntimeError, "failed detaching handle");
            return -1;
        }
        self->has_os_handle = 0;
    }
    handle_set_state(self, THREAD_HANDLE_DONE);
    return 0;
}

static int
handle_set_done(ThreadHandle *self)
{
    if (check_started(self) < 0) {
        return -1;
    }
    _PyEvent_Notify(&self->thread_is_exiting);
    return _PyOnceFlag_CallOnce(&self->once, set_done_once, self);
}

/* -- The list of those that shutdown joins ---------------- */

void
_PyThreadHandle_AddToShutdown(PyInterpreterState *interp, ThreadHandle *handle)
{
    handle_incref(handle);
    lock(&interp->thread_handles.mutex);
    handle->shutdown_prev = NULL;
    handle->shutdown_next = interp->thread_handles.head;
    if (handle->shutdown_next != NULL) {
        handle->shutdown_next->shutdown_prev = handle;
    }
    interp->thread_handles.head = handle;
    handle->in_shutdown_list = 1;
    PyMutex_Unlock(&interp->thread_handles.mutex);
}

static void
remove_from_shutdown(PyInterpreterState *interp, ThreadHandle *handle)
{
    lock(&interp->thread_handles.mutex);
    int linked = handle->in_shutdown_list;
    if (linked) {
        handle->in_shutdown_list = 0;
        if (handle->shutdown_prev != NULL) {
            handle->shutdown_prev->shutdown_next = handle->shutdown_next;
        }
        else {
            interp->thread_handles.head = handle->shutdown_next;
        }
        if (handle->shutdown_next != NULL) {
            handle->shutdown_next->shutdown_prev = handle->shutdown_prev;
        }
    }
    PyMutex_Unlock(&interp->thread_handles.mutex);
    if (linked) {
        _PyThreadHandle_DecRef(handle);
    }
}

PyObject *
_PyThreadHandle_Shutdown(PyInterpreterState *interp)
{
    PyThread_ident_t ident = PyThread_get_thread_ident_ex();
    for (;;) {
        ThreadHandle *handle = NULL;
        /* Those that start meanwhile are on the list as well. */
        lock(&interp->thread_handles.mutex);
        for (ThreadHandle *h = interp->thread_handles.head; h != NULL; h = h->shutdown_next) {
            if (handle_ident(h) != ident) {
                handle_incref(h);
                handle = h;
                break;
            }
        }
        PyMutex_Unlock(&interp->thread_handles.mutex);
        if (handle == NULL) {
            Py_RETURN_NONE;
        }
        if (_PyThreadHandle_Join(handle, -1) < 0) {
            PyErr_FormatUnraisable("Exception ignored while joining a thread in _thread._shutdown()");
            _PyThreadHandle_DecRef(handle);
            Py_RETURN_NONE;
        }
        remove_from_shutdown(interp, handle);
        _PyThreadHandle_DecRef(handle);
    }
}

/* -- Starting ---------------- */

struct bootstate {
    PyThreadState *tstate;
    PyObject *func, *args, *kwargs;
    ThreadHandle *handle;
    PyEvent handle_ready;      // ident is known
};

static void
bootstate_free(struct bootstate *boot, int decref)
{
    if (decref) {
        Py_DECREF(boot->func);
        Py_DECREF(boot->args);
        Py_XDECREF(boot->kwargs);
    }
    _PyThreadHandle_DecRef(boot->handle);
    PyMem_RawFree(boot);
}

static void
thread_run(void *arg)
{
    struct bootstate *boot = arg;
    PyThreadState *tstate = boot->tstate;
    PyInterpreterState *interp = tstate->interp;

    /* The starter fills in what it got from the system. */
    while (!PyEvent_WaitTimed(&boot->handle_ready, -1, 0)) {
    }
    ThreadHandle *handle = boot->handle;
    handle_incref(handle);

    /* Bind does not need the GIL; attaching hangs here for ever if the interpreter is ending. */
    _PyThreadState_Bind(tstate);
    PyEval_AcquireThread(tstate);
    __atomic_fetch_add(&_PyThread_count, 1, __ATOMIC_RELAXED);

    PyObject *result = PyObject_Call(boot->func, boot->args, boot->kwargs);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
            PyErr_Clear();
        }
        else {
            PyErr_FormatUnraisable("Exception ignored in thread started by %R", boot->func);
        }
    }
    else {
        Py_DECREF(result);
    }
    bootstate_free(boot, 1);
    __atomic_fetch_sub(&_PyThread_count, 1, __ATOMIC_RELAXED);
    PyThreadState_Clear(tstate);
    _PyThreadState_DeleteCurrent(tstate);

    /* From here on without a thread state. */
    remove_from_shutdown(interp, handle);
    _PyEvent_Notify(&handle->thread_is_exiting);
    _PyThreadHandle_DecRef(handle);
}

int
_PyThreadHandle_Start(ThreadHandle *self, PyObject *func, PyObject *args, PyObject *kwargs, int daemon)
{
    lock(&self->mutex);
    if (self->state != THREAD_HANDLE_NOT_STARTED) {
        PyMutex_Unlock(&self->mutex);
        PyErr_SetString(PyExc_RuntimeError, "thread already started");
        return -1;
    }
    self->state = THREAD_HANDLE_STARTING;
    PyMutex_Unlock(&self->mutex);

    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct bootstate *boot = PyMem_RawCalloc(1, sizeof(*boot));
    if (boot == NULL) {
        PyErr_NoMemory();
        goto fail;
    }
    boot->tstate = _PyThreadState_New(interp, daemon ? _PyThreadState_WHENCE_THREADING_DAEMON
                                                     : _PyThreadState_WHENCE_THREADING);
    if (boot->tstate == NULL) {
        PyMem_RawFree(boot);
        if (!PyErr_Occurred()) {
            PyErr_NoMemory();
        }
        goto fail;
    }
    boot->func = Py_NewRef(func);
    boot->args = Py_NewRef(args);
    boot->kwargs = Py_XNewRef(kwargs);
    boot->handle = self;
    handle_incref(self);

    PyThread_ident_t ident;
    PyThread_handle_t os_handle;
    int err;
    Py_BEGIN_ALLOW_THREADS
    err = PyThread_start_joinable_thread(thread_run, boot, &ident, &os_handle);
    Py_END_ALLOW_THREADS
    if (err) {
        PyThreadState_Clear(boot->tstate);
        PyThreadState_Delete(boot->tstate);
        bootstate_free(boot, 1);
        PyErr_SetString(PyExc_RuntimeError, "can't start new thread");
        goto fail;
    }
    lock(&self->mutex);
    self->ident = ident;
    self->os_handle = os_handle;
    self->has_os_handle = 1;
    self->state = THREAD_HANDLE_RUNNING;
    PyMutex_Unlock(&self->mutex);
    if (!daemon) {
        _PyThreadHandle_AddToShutdown(interp, self);
    }
    /* The thread may run, end and free boot from now on. */
    _PyEvent_Notify(&boot->handle_ready);
    return 0;

fail:
    handle_set_state(self, THREAD_HANDLE_NOT_STARTED);
    return -1;
}

/* In the child of fork the calling thread is the only one. */
void
_PyThread_AfterFork(void *Py_UNUSED(state))
{
    PyThread_ident_t ident = PyThread_get_thread_ident_ex();
    all_handles_mutex = (PyMutex){0};
    for (ThreadHandle *h = all_handles; h != NULL; h = h->next) {
        h->mutex = (PyMutex){0};
        if (h->ident == ident) {
            continue;
        }
        /* Its thread does not exist here, nor does a thread of the system to join. */
        h->state = THREAD_HANDLE_DONE;
        h->once = (_PyOnceFlag){_Py_ONCE_INITIALIZED};
        h->has_os_handle = 0;
        h->thread_is_exiting = (PyEvent){_Py_LOCKED};
        if (h->in_shutdown_list) {
            h->in_shutdown_list = 0;
            h->shutdown_next = h->shutdown_prev = NULL;
        }
    }
    __atomic_store_n(&_PyThread_count, 0, __ATOMIC_RELAXED);
    PyInterpreterState *interp = _PyInterpreterState_Main();
    if (interp != NULL) {
        interp->thread_handles.mutex = (PyMutex){0};
        ThreadHandle *own = NULL;
        for (ThreadHandle *h = all_handles; h != NULL; h = h->next) {
            if (h->in_shutdown_list) {
                own = h;
                h->shutdown_next = h->shutdown_prev = NULL;
            }
        }
        interp->thread_handles.head = own;
    }
}

/* -- The Python object ---------------- */

PyThreadHandleObject *
_PyThreadHandleObject_New(PyTypeObject *type)
{
    ThreadHandle *handle = _PyThreadHandle_New();
    if (handle == NULL) {
        return NULL;
    }
    PyThreadHandleObject *self = (PyThreadHandleObject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        _PyThreadHandle_DecRef(handle);
        return NULL;
    }
    self->handle = handle;
    return self;
}

static PyObject *
handle_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return (PyObject *)_PyThreadHandleObject_New(type);
}

static int
handle_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
handle_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyTypeObject *type = Py_TYPE(self);
    if (((PyThreadHandleObject *)self)->handle != NULL) {
        _PyThreadHandle_DecRef(((PyThreadHandleObject *)self)->handle);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
handle_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<%s object: ident=%llu>", Py_TYPE(self)->tp_name,
                                (unsigned long long)handle_ident(((PyThreadHandleObject *)self)->handle));
}

static PyObject *
handle_get_ident(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLongLong(handle_ident(((PyThreadHandleObject *)self)->handle));
}

static PyObject *
handle_join(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyTime_t timeout_ns = -1;
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "join() takes at most 1 argument (%zd given)", nargs);
        return NULL;
    }
    if (nargs == 1 && args[0] != Py_None) {
        if (_PyTime_FromSecondsObject(&timeout_ns, args[0], _PyTime_ROUND_TIMEOUT) < 0) {
            return NULL;
        }
    }
    if (_PyThreadHandle_Join(((PyThreadHandleObject *)self)->handle, timeout_ns) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
handle_is_done(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_PyEvent_IsSet(&((PyThreadHandleObject *)self)->handle->thread_is_exiting));
}

static PyObject *
handle__set_done(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (handle_set_done(((PyThreadHandleObject *)self)->handle) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyGetSetDef handle_getset[] = {
    {"ident", handle_get_ident, NULL, NULL, NULL},
    {0}
};

static PyMethodDef handle_methods[] = {
    PY_METHOD_NOSIG("join", handle_join, METH_FASTCALL, NULL),
    PY_METHOD(handle, _set_done, METH_NOARGS, "($self, /)", "Count the thread as ended."),
    PY_METHOD(handle, is_done, METH_NOARGS, "($self, /)", "Has the thread ended?"),
    {0}
};

static PyType_Slot handle_slots[] = {
    {Py_tp_dealloc, handle_dealloc},
    {Py_tp_repr, handle_repr},
    {Py_tp_getset, handle_getset},
    {Py_tp_traverse, handle_traverse},
    {Py_tp_methods, handle_methods},
    {Py_tp_new, handle_new},
    {0, NULL}
};

PyType_Spec _PyThread_handle_spec = {
    .name = "_thread._ThreadHandle",
    .basicsize = sizeof(PyThreadHandleObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = handle_slots,
};

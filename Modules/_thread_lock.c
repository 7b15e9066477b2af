/* _thread.lock and _thread.RLock. */
#include "Python.h"
#include "_thread_int.h"
#include "pycore_args.h"          // PY_METHOD
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_pythread.h"
#include "pycore_time.h"
#include "pycore_weakref.h"

/* blocking=True, timeout=-1.  *timeout: nanoseconds, -1 for ever, 0 for an attempt. */
static int
parse_acquire_args(PyObject *args, PyObject *kwargs, PyTime_t *timeout)
{
    static char *keywords[] = {"blocking", "timeout", NULL};
    int blocking = 1;
    PyObject *timeout_obj = NULL;
    const PyTime_t unset = _PyTime_FromSeconds(-1);
    *timeout = unset;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|pO:acquire", keywords, &blocking, &timeout_obj)) {
        return -1;
    }
    if (timeout_obj != NULL && _PyTime_FromSecondsObject(timeout, timeout_obj, _PyTime_ROUND_TIMEOUT) < 0) {
        return -1;
    }
    if (!blocking && *timeout != unset) {
        PyErr_SetString(PyExc_ValueError, "can't specify a timeout for a non-blocking call");
        return -1;
    }
    if (*timeout < 0 && *timeout != unset) {
        PyErr_SetString(PyExc_ValueError, "timeout value must be a non-negative number");
        return -1;
    }
    if (!blocking) {
        *timeout = 0;
    }
    else if (*timeout != unset) {
        if (_PyTime_AsMicroseconds(*timeout, _PyTime_ROUND_TIMEOUT) > PY_TIMEOUT_MAX) {
            PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
            return -1;
        }
    }
    else {
        *timeout = -1;
    }
    return 0;
}

#define WAIT_FLAGS (_PY_LOCK_DETACH | _PY_LOCK_HANDLE_SIGNALS | _PY_LOCK_PYTHONLOCK)

/* -- Lock ---------------- */

typedef struct {
    PyObject_HEAD
    PyMutex mutex;
} lockobject;

static PyObject *
lock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) != 0) {
        PyErr_Format(PyExc_TypeError, "lock expected 0 arguments, got %zd", PyTuple_GET_SIZE(args));
        return NULL;
    }
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
        PyErr_SetString(PyExc_TypeError, "lock() takes no keyword arguments");
        return NULL;
    }
    return type->tp_alloc(type, 0);
}

static int
lock_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
lock_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
lock_acquire(PyObject *op, PyObject *args, PyObject *kwargs)
{
    lockobject *self = (lockobject *)op;
    PyTime_t timeout;
    if (parse_acquire_args(args, kwargs, &timeout) < 0) {
        return NULL;
    }
    PyLockStatus status = _PyMutex_LockTimed(&self->mutex, timeout, WAIT_FLAGS);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

static PyObject *
lock_release(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    lockobject *self = (lockobject *)op;
    if (_PyMutex_TryUnlock(&self->mutex) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "release unlocked lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
lock_enter(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    lockobject *self = (lockobject *)op;
    if (PyMutex_LockFast(&self->mutex)) {
        Py_RETURN_TRUE;
    }
    PyLockStatus status = _PyMutex_LockTimed(&self->mutex, -1, WAIT_FLAGS);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

static PyObject *
lock_exit(PyObject *op, PyObject *const *Py_UNUSED(args), Py_ssize_t Py_UNUSED(nargs))
{
    return lock_release(op, NULL);
}

static PyObject *
lock_locked(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_PyMutex_IsLocked(&((lockobject *)op)->mutex));
}

static PyObject *
lock_repr(PyObject *op)
{
    lockobject *self = (lockobject *)op;
    return PyUnicode_FromFormat("<%s %s object at %p>", _PyMutex_IsLocked(&self->mutex) ? "locked" : "unlocked",
                                Py_TYPE(self)->tp_name, self);
}

static PyObject *
lock__at_fork_reinit(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    _PyMutex_at_fork_reinit(&((lockobject *)op)->mutex);
    Py_RETURN_NONE;
}

#define ACQUIRE_DOC "Lock; wait for it if blocking is true, at most timeout seconds.  Return whether it is locked now."
#define RELEASE_DOC "Unlock.  RuntimeError if it is not locked."
#define LOCKED_DOC "Is it locked, by whomever?"

static PyMethodDef lock_methods[] = {
    PY_METHOD_AS("acquire_lock", lock_acquire, METH_VARARGS | METH_KEYWORDS, "($self, /, blocking=True, timeout=-1)",
                 ACQUIRE_DOC),
    PY_METHOD_AS("acquire", lock_acquire, METH_VARARGS | METH_KEYWORDS, "($self, /, blocking=True, timeout=-1)",
                 ACQUIRE_DOC),
    PY_METHOD_AS("release_lock", lock_release, METH_NOARGS, "($self, /)", RELEASE_DOC),
    PY_METHOD_AS("release", lock_release, METH_NOARGS, "($self, /)", RELEASE_DOC),
    PY_METHOD_AS("locked_lock", lock_locked, METH_NOARGS, "($self, /)", LOCKED_DOC),
    PY_METHOD_AS("locked", lock_locked, METH_NOARGS, "($self, /)", LOCKED_DOC),
    PY_METHOD_AS("__enter__", lock_enter, METH_NOARGS, "($self, /)", "Lock."),
    PY_METHOD_AS("__exit__", lock_exit, METH_FASTCALL, "($self, /, *exc_info)", "Unlock."),
    PY_METHOD(lock, _at_fork_reinit, METH_NOARGS, "($self, /)", "Make it unlocked, in the child of a fork."),
    {0}
};

static PyType_Slot lock_slots[] = {
    {Py_tp_dealloc, lock_dealloc},
    {Py_tp_repr, lock_repr},
    {Py_tp_doc, "A lock: acquire() and release() it, or use it in a with statement.\n\n"
                "Any thread may release a lock, not only the one that acquired it."},
    {Py_tp_methods, lock_methods},
    {Py_tp_traverse, lock_traverse},
    {Py_tp_new, lock_new},
    {0, NULL}
};

PyType_Spec _PyThread_lock_spec = {
    .name = "_thread.lock",
    .basicsize = sizeof(lockobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = lock_slots,
};

/* -- RLock ---------------- */

typedef struct {
    PyObject_HEAD
    _PyRecursiveMutex lock;
} rlockobject;

static PyObject *
rlock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) != 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0)) {
        if (PyErr_WarnEx(PyExc_DeprecationWarning,
                         "Passing arguments to RLock is deprecated and will be removed in 3.15", 1) < 0) {
            return NULL;
        }
    }
    return type->tp_alloc(type, 0);
}

static PyObject *
rlock_acquire(PyObject *op, PyObject *args, PyObject *kwargs)
{
    rlockobject *self = (rlockobject *)op;
    PyTime_t timeout;
    if (parse_acquire_args(args, kwargs, &timeout) < 0) {
        return NULL;
    }
    PyLockStatus status = _PyRecursiveMutex_LockTimed(&self->lock, timeout, WAIT_FLAGS);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

static PyObject *
rlock_enter(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyLockStatus status = _PyRecursiveMutex_LockTimed(&((rlockobject *)op)->lock, -1, WAIT_FLAGS);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

static PyObject *
rlock_release(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    if (_PyRecursiveMutex_TryUnlock(&((rlockobject *)op)->lock) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
rlock_exit(PyObject *op, PyObject *const *Py_UNUSED(args), Py_ssize_t Py_UNUSED(nargs))
{
    return rlock_release(op, NULL);
}

static PyObject *
rlock_locked(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_PyMutex_IsLocked(&((rlockobject *)op)->lock.mutex));
}

static PyObject *
rlock__is_owned(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_PyRecursiveMutex_IsLockedByCurrentThread(&((rlockobject *)op)->lock));
}

static PyObject *
rlock__recursion_count(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    rlockobject *self = (rlockobject *)op;
    if (!_PyRecursiveMutex_IsLockedByCurrentThread(&self->lock)) {
        return PyLong_FromLong(0);
    }
    return PyLong_FromSize_t(self->lock.level + 1);
}

/* For Condition: gives the lock up whole, and takes it back as it was. */
static PyObject *
rlock__release_save(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    rlockobject *self = (rlockobject *)op;
    if (!_PyRecursiveMutex_IsLockedByCurrentThread(&self->lock)) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    Py_ssize_t count = (Py_ssize_t)self->lock.level + 1;
    unsigned long long owner = self->lock.thread;
    PyObject *state = Py_BuildValue("nK", count, owner);
    if (state == NULL) {
        return NULL;
    }
    self->lock.level = 0;
    _PyRecursiveMutex_Unlock(&self->lock);
    return state;
}

static PyObject *
rlock__acquire_restore(PyObject *op, PyObject *state)
{
    rlockobject *self = (rlockobject *)op;
    Py_ssize_t count;
    unsigned long long owner;
    PyObject *args = PyTuple_Pack(1, state);
    if (args == NULL) {
        return NULL;
    }
    int ok = PyArg_ParseTuple(args, "(nK):_acquire_restore", &count, &owner);
    Py_DECREF(args);
    if (!ok) {
        return NULL;
    }
    if (count < 1) {
        PyErr_SetString(PyExc_ValueError, "invalid recursion count");
        return NULL;
    }
    _PyRecursiveMutex_Lock(&self->lock);
    __atomic_store_n(&self->lock.thread, owner, __ATOMIC_RELAXED);
    self->lock.level = (size_t)count - 1;
    Py_RETURN_NONE;
}

static PyObject *
rlock_repr(PyObject *op)
{
    rlockobject *self = (rlockobject *)op;
    unsigned long long owner = __atomic_load_n(&self->lock.thread, __ATOMIC_RELAXED);
    int locked = _PyMutex_IsLocked(&self->lock.mutex);
    size_t count = locked ? __atomic_load_n(&self->lock.level, __ATOMIC_RELAXED) + 1 : 0;
    return PyUnicode_FromFormat("<%s %s object owner=%llu count=%zu at %p>", locked ? "locked" : "unlocked",
                                Py_TYPE(self)->tp_name, owner, count, self);
}

static PyObject *
rlock__at_fork_reinit(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    ((rlockobject *)op)->lock = (_PyRecursiveMutex){0};
    Py_RETURN_NONE;
}

static PyMethodDef rlock_methods[] = {
    PY_METHOD(rlock, acquire, METH_VARARGS | METH_KEYWORDS, "($self, /, blocking=True, timeout=-1)",
              "Lock, or lock once more if this thread owns the lock.  Return whether that was possible."),
    PY_METHOD(rlock, release, METH_NOARGS, "($self, /)",
              "Undo one acquire(); the last one unlocks.  RuntimeError if this thread is not the owner."),
    PY_METHOD(rlock, locked, METH_NOARGS, "($self, /)", LOCKED_DOC),
    PY_METHOD(rlock, _is_owned, METH_NOARGS, "($self, /)", "For Condition: does this thread own the lock?"),
    PY_METHOD(rlock, _acquire_restore, METH_O, "($self, state, /)", "For Condition: take the lock back."),
    PY_METHOD(rlock, _release_save, METH_NOARGS, "($self, /)", "For Condition: give the lock up."),
    PY_METHOD(rlock, _recursion_count, METH_NOARGS, "($self, /)", "For the debugger: how often it is locked."),
    PY_METHOD_AS("__enter__", rlock_enter, METH_NOARGS, "($self, /)", "Lock."),
    PY_METHOD_AS("__exit__", rlock_exit, METH_FASTCALL, "($self, /, *exc_info)", "Unlock."),
    PY_METHOD(rlock, _at_fork_reinit, METH_NOARGS, "($self, /)", "Make it unlocked, in the child of a fork."),
    {0}
};

static PyType_Slot rlock_slots[] = {
    {Py_tp_dealloc, lock_dealloc},
    {Py_tp_repr, rlock_repr},
    {Py_tp_methods, rlock_methods},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, rlock_new},
    {Py_tp_traverse, lock_traverse},
    {0, NULL}
};

PyType_Spec _PyThread_rlock_spec = {
    .name = "_thread.RLock",
    .basicsize = sizeof(rlockobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
        | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = rlock_slots,
};

/* Audit events: hooks in C for the whole process, in Python for one interpreter.

   Locking: the list of C hooks only grows until the runtime ends; its head is stored with release under the runtime's mutex
   and read without it.  interp->audit_hooks is NULL or a list, published once. */
#include "Python.h"
#include "pycore_atomic_ft.h"
#include "pycore_ceval.h"
#include "pycore_global_ids.h"
#include "pycore_interp.h"
#include "pycore_modsupport.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"
#include "pycore_sysmodule.h"

#include <stdarg.h>
#include <string.h>

static _Py_AuditHookEntry *
c_hooks(void)
{
    /* Acquire: the entry is complete.  Pairs with the release in PySys_AddAuditHook(). */
    return __atomic_load_n(&_PyRuntime.audit_hooks.head, __ATOMIC_ACQUIRE);
}

static int
is_audited(PyInterpreterState *interp)
{
    return __atomic_load_n(&_PyRuntime.audit_hooks.head, __ATOMIC_RELAXED) != NULL ||
           FT_ATOMIC_LOAD_PTR_RELAXED(interp->audit_hooks) != NULL;
}

int
_PySys_AuditIsOn(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    return tstate != NULL && is_audited(tstate->interp);
}

/* Calls one Python hook; tracing is off in it unless it has a true __cantrace__. */
static int
call_python_hook(PyThreadState *tstate, PyObject *hook, PyObject *event, PyObject *args)
{
    int traced = 0;
    PyObject *attribute = NULL;
    if (PyObject_GetOptionalAttr(hook, _Py_ID(__cantrace__), &attribute) < 0) {
        return -1;
    }
    if (attribute != NULL) {
        traced = PyObject_IsTrue(attribute);
        Py_DECREF(attribute);
        if (traced < 0) {
            return -1;
        }
    }
    if (traced) {
        PyThreadState_LeaveTracing(tstate);
    }
    PyObject *stack[2] = {event, args};
    PyObject *result = PyObject_Vectorcall(hook, stack, 2, NULL);
    if (traced) {
        PyThreadState_EnterTracing(tstate);
    }
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int
call_python_hooks(PyThreadState *tstate, PyObject *hooks, const char *event, PyObject *args)
{
    PyObject *name = PyUnicode_FromString(event);
    PyObject *iterator = name != NULL ? PyObject_GetIter(hooks) : NULL;
    int status = -1;
    if (iterator != NULL) {
        PyObject *hook;
        PyThreadState_EnterTracing(tstate);
        status = 0;
        while (status == 0 && (hook = PyIter_Next(iterator)) != NULL) {
            status = call_python_hook(tstate, hook, name, args);
            Py_DECREF(hook);
        }
        if (status == 0 && PyErr_Occurred()) {
            status = -1;
        }
        PyThreadState_LeaveTracing(tstate);
    }
    Py_XDECREF(iterator);
    Py_XDECREF(name);
    return status;
}

/* args is a tuple.  An exception that was set before the event survives it. */
static int
audit_tuple(PyThreadState *tstate, const char *event, PyObject *args)
{
    PyObject *pending = _PyErr_GetRaisedException(tstate);
    int status = 0;
    for (_Py_AuditHookEntry *entry = c_hooks(); entry != NULL && status == 0; entry = entry->next) {
        status = entry->hookCFunction(event, args, entry->userData) < 0 ? -1 : 0;
    }
    PyObject *hooks = FT_ATOMIC_LOAD_PTR_ACQUIRE(tstate->interp->audit_hooks);
    if (status == 0 && hooks != NULL) {
        status = call_python_hooks(tstate, hooks, event, args);
    }
    if (status == 0) {
        _PyErr_SetRaisedException(tstate, pending);
    }
    else {
        Py_XDECREF(pending);
    }
    return status;
}

static int
audit_va(PyThreadState *tstate, const char *event, const char *format, va_list va)
{
    assert(format == NULL || strchr(format, 'N') == NULL);   /* would leak when nobody listens */
    if (tstate == NULL || !is_audited(tstate->interp)) {
        return 0;
    }
    PyObject *args = format != NULL && format[0] != '\0' ? Py_VaBuildValue(format, va) : PyTuple_New(0);
    if (args != NULL && !PyTuple_Check(args)) {
        Py_SETREF(args, PyTuple_Pack(1, args));
    }
    if (args == NULL) {
        return -1;
    }
    int status = audit_tuple(tstate, event, args);
    Py_DECREF(args);
    return status;
}

int
_PySys_Audit(PyThreadState *tstate, const char *event, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int status = audit_va(tstate, event, format, va);
    va_end(va);
    return status;
}

int
PySys_Audit(const char *event, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int status = audit_va(_PyThreadState_GET(), event, format, va);
    va_end(va);
    return status;
}

int
PySys_AuditTuple(const char *event, PyObject *args)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (args != NULL && !PyTuple_Check(args)) {
        PyErr_Format(PyExc_TypeError, "expected tuple, got %s", Py_TYPE(args)->tp_name);
        return -1;
    }
    if (!is_audited(tstate->interp)) {
        return 0;
    }
    PyObject *tuple = args != NULL ? Py_NewRef(args) : PyTuple_New(0);
    int status = tuple != NULL ? audit_tuple(tstate, event, tuple) : -1;
    Py_XDECREF(tuple);
    return status;
}

/* -- Adding hooks ------------------------------------------------------------------------------------ */

int
PySys_AddAuditHook(Py_AuditHookFunction hook, void *data)
{
    PyThreadState *tstate = _PyRuntime.initialized ? _PyThreadState_GET() : NULL;
    /* Hooks that are there may refuse; RuntimeError is swallowed, so that they can do it quietly. */
    if (tstate != NULL && _PySys_Audit(tstate, "sys.addaudithook", NULL) < 0) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_RuntimeError)) {
            _PyErr_Clear(tstate);
            return 0;
        }
        return -1;
    }
    _Py_AuditHookEntry *entry = PyMem_RawMalloc(sizeof *entry);
    if (entry == NULL) {
        if (tstate != NULL) {
            _PyErr_NoMemory(tstate);
        }
        return -1;
    }
    *entry = (_Py_AuditHookEntry){.next = NULL, .hookCFunction = hook, .userData = data};
    PyMutex_Lock(&_PyRuntime.audit_hooks.mutex);
    _Py_AuditHookEntry **link = &_PyRuntime.audit_hooks.head;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    __atomic_store_n(link, entry, __ATOMIC_RELEASE);
    PyMutex_Unlock(&_PyRuntime.audit_hooks.mutex);
    return 0;
}

/* sys.addaudithook(): an earlier hook may refuse by any Exception, which the caller does not see. */
PyObject *
_PySys_AddPythonAuditHook(PyObject *hook)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyInterpreterState *interp = tstate->interp;
    if (_PySys_Audit(tstate, "sys.addaudithook", NULL) < 0) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_Exception)) {
            _PyErr_Clear(tstate);
            Py_RETURN_NONE;
        }
        return NULL;
    }
    PyObject *hooks = FT_ATOMIC_LOAD_PTR_ACQUIRE(interp->audit_hooks);
    if (hooks == NULL) {
        PyObject *created = PyList_New(0), *expected = NULL;
        if (created == NULL) {
            return NULL;
        }
        /* The other party is a thread that adds the first hook at the same time. */
        if (__atomic_compare_exchange_n(&interp->audit_hooks, &expected, created, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE)) {
            hooks = created;
        }
        else {
            Py_DECREF(created);
            hooks = expected;
        }
    }
    if (PyList_Append(hooks, hook) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* At the end of the runtime: the hooks hear of it, then they are gone. */
void
_PySys_ClearAuditHooks(PyThreadState *tstate)
{
    if (tstate == NULL || _PyRuntime.audit_hooks.head == NULL) {
        return;
    }
    _PySys_Audit(tstate, "cpython._PySys_ClearAuditHooks", NULL);
    _PyErr_Clear(tstate);
    _Py_AuditHookEntry *entry = _PyRuntime.audit_hooks.head;
    _PyRuntime.audit_hooks.head = NULL;
    while (entry != NULL) {
        _Py_AuditHookEntry *next = entry->next;
        PyMem_RawFree(entry);
        entry = next;
    }
}

/* atexit: functions to call when the interpreter ends, last registered first.

   The Python callbacks are a list of (func, args, kwargs) tuples, newest first, used through the list's own
   locking; the C callbacks (PyUnstable_AtExit) a linked list under ll_lock. */
#include "Python.h"
#include "pycore_args.h"       // PY_METHOD
#include "pycore_atexit.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"    // _PyInterpreterState_GET

static struct atexit_state *
get_atexit_state(void)
{
    return &_PyInterpreterState_GET()->atexit;
}

int
PyUnstable_AtExit(PyInterpreterState *interp, atexit_datacallbackfunc func, void *data)
{
    atexit_callback *callback = PyMem_Malloc(sizeof(atexit_callback));
    if (callback == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    callback->func = func;
    callback->data = data;
    struct atexit_state *state = &interp->atexit;
    PyMutex_LockFlags(&state->ll_lock, _Py_LOCK_DONT_DETACH);
    callback->next = state->ll_callbacks;
    state->ll_callbacks = callback;
    PyMutex_Unlock(&state->ll_lock);
    return 0;
}

/* -- Life ---------------- */

PyStatus
_PyAtExit_Init(PyInterpreterState *interp)
{
    if (interp->atexit.callbacks == NULL) {
        interp->atexit.callbacks = PyList_New(0);
        if (interp->atexit.callbacks == NULL) {
            return PyStatus_NoMemory();
        }
    }
    return PyStatus_Ok();
}

void
_PyAtExit_Fini(PyInterpreterState *interp)
{
    struct atexit_state *state = &interp->atexit;
    Py_CLEAR(state->callbacks);
    /* Run after everything else: they free what C code keeps for this interpreter. */
    atexit_callback *next = state->ll_callbacks;
    state->ll_callbacks = NULL;
    while (next != NULL) {
        atexit_callback *callback = next;
        next = callback->next;
        atexit_datacallbackfunc func = callback->func;
        void *data = callback->data;
        PyMem_Free(callback);
        func(data);
    }
}

/* Calls and forgets them all; those registered meanwhile too. */
static void
call_all(struct atexit_state *state)
{
    PyObject *list = state->callbacks;
    while (list != NULL && PyList_GET_SIZE(list) > 0) {
        PyObject *entry = PyList_GetItemRef(list, 0);
        if (entry == NULL) {
            PyErr_Clear();
            break;
        }
        if (PyList_SetSlice(list, 0, 1, NULL) < 0) {
            PyErr_FormatUnraisable("Exception ignored while clearing atexit callbacks");
            Py_DECREF(entry);
            break;
        }
        PyObject *func = PyTuple_GET_ITEM(entry, 0);
        PyObject *args = PyTuple_GET_ITEM(entry, 1);
        PyObject *kwargs = PyTuple_GET_ITEM(entry, 2);
        PyObject *result = PyObject_Call(func, args, kwargs == Py_None ? NULL : kwargs);
        if (result == NULL) {
            PyErr_FormatUnraisable("Exception ignored in atexit callback %R", func);
        }
        else {
            Py_DECREF(result);
        }
        Py_DECREF(entry);
    }
}

void
_PyAtExit_Call(PyInterpreterState *interp)
{
    call_all(&interp->atexit);
}

/* -- Module functions ---------------- */

static PyObject *
atexit_register(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) == 0) {
        PyErr_SetString(PyExc_TypeError, "register() takes at least 1 argument (0 given)");
        return NULL;
    }
    if (get_atexit_state()->callbacks == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the interpreter has called its exit functions");
        return NULL;
    }
    PyObject *func = PyTuple_GET_ITEM(args, 0);
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (rest == NULL) {
        return NULL;
    }
    PyObject *entry = PyTuple_Pack(3, func, rest, kwargs == NULL ? Py_None : kwargs);
    Py_DECREF(rest);
    if (entry == NULL) {
        return NULL;
    }
    int result = PyList_Insert(get_atexit_state()->callbacks, 0, entry);
    Py_DECREF(entry);
    return result < 0 ? NULL : Py_NewRef(func);
}

static PyObject *
atexit__run_exitfuncs(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    call_all(get_atexit_state());
    Py_RETURN_NONE;
}

static PyObject *
atexit__clear(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyObject *list = get_atexit_state()->callbacks;
    if (list != NULL && PyList_SetSlice(list, 0, PyList_GET_SIZE(list), NULL) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
atexit__ncallbacks(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyObject *list = get_atexit_state()->callbacks;
    return PyLong_FromSsize_t(list == NULL ? 0 : PyList_GET_SIZE(list));
}

/* Removes entry from list, wherever it stands by now. */
static int
remove_entry(PyObject *list, PyObject *entry)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *item = PyList_GetItemRef(list, i);
        if (item == NULL) {
            PyErr_Clear();
            return 0;
        }
        int same = item == entry;
        Py_DECREF(item);
        if (same) {
            return PyList_SetSlice(list, i, i + 1, NULL);
        }
    }
    return 0;
}

static PyObject *
atexit_unregister(PyObject *Py_UNUSED(module), PyObject *func)
{
    PyObject *list = get_atexit_state()->callbacks;
    /* From the end: comparing runs Python code, which may change the list. */
    for (Py_ssize_t i = list == NULL ? -1 : PyList_GET_SIZE(list) - 1; i >= 0; i--) {
        if (i >= PyList_GET_SIZE(list)) {
            continue;
        }
        PyObject *entry = PyList_GetItemRef(list, i);
        if (entry == NULL) {
            PyErr_Clear();
            continue;
        }
        int equal = PyObject_RichCompareBool(PyTuple_GET_ITEM(entry, 0), func, Py_EQ);
        if (equal > 0) {
            equal = remove_entry(list, entry);
        }
        Py_DECREF(entry);
        if (equal < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyMethodDef atexit_methods[] = {
    PY_METHOD(atexit, register, METH_VARARGS | METH_KEYWORDS, "($module, func, /, *args, **kwargs)",
              "Call func(*args, **kwargs) when the interpreter ends.  Returns func, so it can decorate."),
    PY_METHOD(atexit, unregister, METH_O, "($module, func, /)",
              "Forget every registered call of func."),
    PY_METHOD(atexit, _clear, METH_NOARGS, "($module, /)", "Forget all registered functions."),
    PY_METHOD(atexit, _run_exitfuncs, METH_NOARGS, "($module, /)",
              "Call the registered functions now, and forget them.  Exceptions are reported and ignored."),
    PY_METHOD(atexit, _ncallbacks, METH_NOARGS, "($module, /)", "Return the number of registered functions."),
    {0}
};

static int
atexit_exec(PyObject *Py_UNUSED(module))
{
    PyStatus status = _PyAtExit_Init(_PyInterpreterState_GET());
    if (PyStatus_Exception(status)) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot atexit_slots[] = {
    {Py_mod_exec, atexit_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef atexit_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "atexit",
    .m_doc = "Functions to call when the interpreter ends normally: register() and unregister().",
    .m_size = 0,
    .m_methods = atexit_methods,
    .m_slots = atexit_slots,
};

PyMODINIT_FUNC
PyInit_atexit(void)
{
    return PyModuleDef_Init(&atexit_module);
}

/* What each thread is doing: sys._current_frames() and sys._current_exceptions().

   The world is stopped while the thread states are read; the dictionaries are made by and for the caller. */
#include "Python.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"      // _PyErr_GetTopmostException
#include "pycore_pystate.h"
#include "pycore_runtime.h"
#include "pycore_stoptheworld.h"

/* Stores {thread id: view(thread state)} in result; a NULL view is left out. */
static int
add_views(PyObject *result, PyInterpreterState *interp, PyObject *(*view)(PyThreadState *))
{
    _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t) {
        PyObject *value = view(t);
        if (value == NULL) {
            if (PyErr_Occurred()) {
                return -1;
            }
            continue;
        }
        PyObject *id = PyLong_FromUnsignedLong(t->thread_id);
        int stored = id == NULL ? -1 : PyDict_SetItem(result, id, value);
        Py_XDECREF(id);
        Py_DECREF(value);
        if (stored < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
view_threads(PyObject *(*view)(PyThreadState *))
{
    PyObject *result = PyDict_New();
    if (result == NULL) {
        return NULL;
    }
    int failed = 0;
    _PyEval_StopTheWorldAll(&_PyRuntime);
    HEAD_LOCK(&_PyRuntime);
    for (PyInterpreterState *i = _PyRuntime.interpreters.head; i != NULL && !failed; i = i->next) {
        failed = add_views(result, i, view) < 0;
    }
    HEAD_UNLOCK(&_PyRuntime);
    _PyEval_StartTheWorldAll(&_PyRuntime);
    if (failed) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
frame_of(PyThreadState *tstate)
{
    return tstate->current_frame == NULL ? NULL : (PyObject *)PyThreadState_GetFrame(tstate);
}

static PyObject *
exception_of(PyThreadState *tstate)
{
    _PyErr_StackItem *info = _PyErr_GetTopmostException(tstate);
    if (info == NULL) {
        return NULL;
    }
    return Py_NewRef(info->exc_value == NULL ? Py_None : info->exc_value);
}

PyObject *
_PyThread_CurrentFrames(void)
{
    if (PySys_Audit("sys._current_frames", NULL) < 0) {
        return NULL;
    }
    return view_threads(frame_of);
}

PyObject *
_PyThread_CurrentExceptions(void)
{
    if (PySys_Audit("sys._current_exceptions", NULL) < 0) {
        return NULL;
    }
    return view_threads(exception_of);
}

/* The _tracemalloc module: Python's door to Python/memory/tracemalloc.c. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_tracemalloc.h"

static PyObject *
tracemalloc_is_tracing(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_PyTraceMalloc_IsTracing());
}

static PyObject *
tracemalloc_clear_traces(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    _PyTraceMalloc_ClearTraces();
    Py_RETURN_NONE;
}

static PyObject *
tracemalloc__get_traces(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return _PyTraceMalloc_GetTraces();
}

static PyObject *
tracemalloc__get_object_traceback(PyObject *module, PyObject *obj)
{
    return _PyTraceMalloc_GetObjectTraceback(obj);
}

static PyObject *
tracemalloc_start(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("start", nargs, 0, 1)) {
        return NULL;
    }
    int nframe = nargs ? PyLong_AsInt(args[0]) : 1;
    if ((nframe == -1 && PyErr_Occurred()) || _PyTraceMalloc_Start(nframe) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
tracemalloc_stop(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    _PyTraceMalloc_Stop();
    Py_RETURN_NONE;
}

static PyObject *
tracemalloc_get_traceback_limit(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(_PyTraceMalloc_GetTracebackLimit());
}

static PyObject *
tracemalloc_get_tracemalloc_memory(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSize_t(_PyTraceMalloc_GetMemory());
}

static PyObject *
tracemalloc_get_traced_memory(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return _PyTraceMalloc_GetTracedMemory();
}

static PyObject *
tracemalloc_reset_peak(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    _PyTraceMalloc_ResetPeak();
    Py_RETURN_NONE;
}

static PyMethodDef tracemalloc_methods[] = {
    PY_METHOD(tracemalloc, is_tracing, METH_NOARGS, "($module, /)", "Return whether allocations are traced."),
    PY_METHOD(tracemalloc, clear_traces, METH_NOARGS, "($module, /)", "Forget all blocks."),
    PY_METHOD(tracemalloc, _get_traces, METH_NOARGS, "($module, /)",
              "Return a list of all blocks: (domain, size, traceback, total number of frames)."),
    PY_METHOD(tracemalloc, _get_object_traceback, METH_O, "($module, obj, /)",
              "Return where an object was allocated: a tuple of (filename, lineno), or None."),
    PY_METHOD(tracemalloc, start, METH_FASTCALL, "($module, nframe=1, /)",
              "Trace allocations, with tracebacks of so many frames."),
    PY_METHOD(tracemalloc, stop, METH_NOARGS, "($module, /)", "Trace no more, and forget all blocks."),
    PY_METHOD(tracemalloc, get_traceback_limit, METH_NOARGS, "($module, /)", "Return how many frames a traceback may have."),
    PY_METHOD(tracemalloc, get_tracemalloc_memory, METH_NOARGS, "($module, /)", "Return how much memory the tracing itself takes."),
    PY_METHOD(tracemalloc, get_traced_memory, METH_NOARGS, "($module, /)", "Return (size, peak size) of all blocks."),
    PY_METHOD(tracemalloc, reset_peak, METH_NOARGS, "($module, /)", "Make the current size the peak."),
    {0},
};

static int
tracemalloc_exec(PyObject *module)
{
    return _PyTraceMalloc_Init();
}

static PyModuleDef_Slot tracemalloc_slots[] = {
    {Py_mod_exec, tracemalloc_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef tracemalloc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tracemalloc",
    .m_doc = "Where memory has been allocated.",
    .m_methods = tracemalloc_methods,
    .m_slots = tracemalloc_slots,
};

PyMODINIT_FUNC
PyInit__tracemalloc(void)
{
    return PyModuleDef_Init(&tracemalloc_module);
}

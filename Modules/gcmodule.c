/* gc: the Python side of the cycle collector (Python/memory/gc*.c). */
#include "Python.h"
#include "pycore_args.h"          // PY_METHOD
#include "pycore_gc.h"
#include "pycore_interp.h"
#include "pycore_modsupport.h"    // _PyArg_UnpackKeywords
#include "pycore_object.h"
#include "pycore_pystate.h"       // _PyInterpreterState_GET

static struct _gc_runtime_state *
gc_state(void)
{
    return &_PyInterpreterState_GET()->gc;
}

static PyObject *
gc_enable(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyGC_Enable();
    Py_RETURN_NONE;
}

static PyObject *
gc_disable(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyGC_Disable();
    Py_RETURN_NONE;
}

static PyObject *
gc_isenabled(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(PyGC_IsEnabled());
}

static PyObject *
gc_collect(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"generation", NULL};
    int generation = NUM_GENERATIONS - 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:collect", keywords, &generation)) {
        return NULL;
    }
    if (generation < 0 || generation >= NUM_GENERATIONS) {
        PyErr_SetString(PyExc_ValueError, "invalid generation");
        return NULL;
    }
    Py_ssize_t found = _PyGC_Collect(_PyThreadState_GET(), generation, _Py_GC_REASON_MANUAL);
    return PyLong_FromSsize_t(found);
}

static PyObject *
gc_set_debug(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int flags = PyLong_AsInt(arg);
    if (flags == -1 && PyErr_Occurred()) {
        return NULL;
    }
    gc_state()->debug = flags;
    Py_RETURN_NONE;
}

static PyObject *
gc_get_debug(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(gc_state()->debug);
}

static PyObject *
gc_set_threshold(PyObject *Py_UNUSED(module), PyObject *args)
{
    struct _gc_runtime_state *gc = gc_state();
    int t0, t1 = gc->generations[1].threshold, t2 = gc->generations[2].threshold;
    if (!PyArg_ParseTuple(args, "i|ii:set_threshold", &t0, &t1, &t2)) {
        return NULL;
    }
    _PyGC_SetThreshold0(gc, t0);
    gc->generations[1].threshold = t1;
    gc->generations[2].threshold = t2;
    Py_RETURN_NONE;
}

static PyObject *
gc_get_threshold(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    struct _gc_runtime_state *gc = gc_state();
    return Py_BuildValue("(iii)", gc->generations[0].threshold, gc->generations[1].threshold,
                         gc->generations[2].threshold);
}

static PyObject *
gc_get_count(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    struct _gc_runtime_state *gc = gc_state();
    _PyGC_FlushCount(_PyThreadState_GET());
    return Py_BuildValue("(iii)", gc->generations[0].count, gc->generations[1].count, gc->generations[2].count);
}

static PyObject *
gc_get_referrers(PyObject *Py_UNUSED(module), PyObject *args)
{
    if (PySys_Audit("gc.get_referrers", "(O)", args) < 0) {
        return NULL;
    }
    return _PyGC_GetReferrers(_PyInterpreterState_GET(), args);
}

static int
append_referent(PyObject *op, void *list)
{
    return PyList_Append((PyObject *)list, op) < 0;
}

static int
append_referents_of(PyObject *result, PyObject *obj)
{
    traverseproc traverse = Py_TYPE(obj)->tp_traverse;
    if (!_PyObject_IS_GC(obj) || traverse == NULL) {
        return 0;
    }
    return traverse(obj, append_referent, result) ? -1 : 0;
}

static PyObject *
gc_get_referents(PyObject *Py_UNUSED(module), PyObject *args)
{
    if (PySys_Audit("gc.get_referents", "(O)", args) < 0) {
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    int failed = 0;
    /* Traversal reads fields without their locks. */
    _PyEval_StopTheWorld(interp);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args) && !failed; i++) {
        failed = append_referents_of(result, PyTuple_GET_ITEM(args, i)) < 0;
    }
    _PyEval_StartTheWorld(interp);
    if (failed) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

static PyObject *
gc_get_objects(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"generation", NULL};
    PyObject *arg = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:get_objects", keywords, &arg)) {
        return NULL;
    }
    Py_ssize_t generation = -1;
    if (arg != Py_None) {
        generation = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
        if (generation == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (PySys_Audit("gc.get_objects", "n", generation) < 0) {
        return NULL;
    }
    if (arg != Py_None && generation >= NUM_GENERATIONS) {
        PyErr_Format(PyExc_ValueError, "generation parameter must be less than the number of available "
                     "generations (%i)", NUM_GENERATIONS);
        return NULL;
    }
    if (arg != Py_None && generation < 0) {
        PyErr_SetString(PyExc_ValueError, "generation parameter cannot be negative");
        return NULL;
    }
    return _PyGC_GetObjects(_PyInterpreterState_GET(), (int)generation);
}

static PyObject *
gc_get_stats(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    struct _gc_runtime_state *gc = gc_state();
    /* A copy first: building objects may collect. */
    struct gc_generation_stats stats[NUM_GENERATIONS];
    memcpy(stats, gc->generation_stats, sizeof(stats));
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    for (int i = 0; i < NUM_GENERATIONS; i++) {
        PyObject *dict = Py_BuildValue(
            "{snsnsnsnsdsd}", "collections", stats[i].collections, "collected", stats[i].collected,
            "uncollectable", stats[i].uncollectable, "candidates", stats[i].candidates,
            "pause_total", PyTime_AsSecondsDouble(stats[i].pause_total),
            "pause_max", PyTime_AsSecondsDouble(stats[i].pause_max));
        if (dict == NULL || PyList_Append(result, dict) < 0) {
            Py_XDECREF(dict);
            Py_DECREF(result);
            return NULL;
        }
        Py_DECREF(dict);
    }
    return result;
}

static PyObject *
gc_is_tracked(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return PyBool_FromLong(_PyObject_IS_GC(obj) && _PyObject_GC_IS_TRACKED(obj));
}

static PyObject *
gc_is_finalized(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return PyBool_FromLong(_PyObject_IS_GC(obj) && _PyGC_FINALIZED(obj));
}

static PyObject *
gc_freeze(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    _PyGC_Freeze(_PyInterpreterState_GET());
    Py_RETURN_NONE;
}

static PyObject *
gc_unfreeze(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    _PyGC_Unfreeze(_PyInterpreterState_GET());
    Py_RETURN_NONE;
}

static PyObject *
gc_get_freeze_count(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(_PyGC_GetFreezeCount(_PyInterpreterState_GET()));
}

static PyMethodDef gc_methods[] = {
    PY_METHOD(gc, enable, METH_NOARGS, "($module, /)", "Switch automatic collection on."),
    PY_METHOD(gc, disable, METH_NOARGS, "($module, /)", "Switch automatic collection off."),
    PY_METHOD(gc, isenabled, METH_NOARGS, "($module, /)", "Is automatic collection on?"),
    PY_METHOD(gc, set_debug, METH_O, "($module, flags, /)",
              "Set the debugging flags, a sum of the DEBUG_ constants."),
    PY_METHOD(gc, get_debug, METH_NOARGS, "($module, /)", "Return the debugging flags."),
    PY_METHOD(gc, get_count, METH_NOARGS, "($module, /)", "Return the current counts as a tuple of three."),
    PY_METHOD_NOSIG("set_threshold", gc_set_threshold, METH_VARARGS,
                    "set_threshold(threshold0, [threshold1, [threshold2]])\n"
                    "Set when to collect; 0 as threshold0 switches automatic collection off."),
    PY_METHOD(gc, get_threshold, METH_NOARGS, "($module, /)", "Return the thresholds as a tuple of three."),
    PY_METHOD(gc, collect, METH_VARARGS | METH_KEYWORDS, "($module, /, generation=2)",
              "Collect now; return the number of unreachable objects.\n\n"
              "Generation 0 looks at the objects made since the last collection, the others at all."),
    PY_METHOD(gc, get_objects, METH_VARARGS | METH_KEYWORDS, "($module, /, generation=None)",
              "Return a list of the tracked objects, of one generation if it is given."),
    PY_METHOD(gc, get_stats, METH_NOARGS, "($module, /)",
              "Return a dict per generation: what was collected, and for how long the world stood still."),
    PY_METHOD(gc, is_tracked, METH_O, "($module, obj, /)", "Does the collector track obj?"),
    PY_METHOD(gc, is_finalized, METH_O, "($module, obj, /)", "Has the finalizer of obj been called?"),
    PY_METHOD(gc, get_referrers, METH_VARARGS, "($module, /, *objs)",
              "Return the tracked objects that refer directly to any of objs."),
    PY_METHOD(gc, get_referents, METH_VARARGS, "($module, /, *objs)",
              "Return the objects that objs refer to directly."),
    PY_METHOD(gc, freeze, METH_NOARGS, "($module, /)",
              "Ignore everything tracked now in later collections, say before a fork."),
    PY_METHOD(gc, unfreeze, METH_NOARGS, "($module, /)", "Look at frozen objects again."),
    PY_METHOD(gc, get_freeze_count, METH_NOARGS, "($module, /)", "Return the number of frozen objects."),
    {0}
};

static int
gc_exec(PyObject *module)
{
    struct _gc_runtime_state *gc = gc_state();
    if (gc->garbage == NULL || gc->callbacks == NULL) {
        PyStatus status = _PyGC_Init(_PyInterpreterState_GET());
        if (PyStatus_Exception(status)) {
            PyErr_NoMemory();
            return -1;
        }
    }
    if (PyModule_AddObjectRef(module, "garbage", gc->garbage) < 0
        || PyModule_AddObjectRef(module, "callbacks", gc->callbacks) < 0
        || PyModule_AddIntConstant(module, "DEBUG_STATS", _PyGC_DEBUG_STATS) < 0
        || PyModule_AddIntConstant(module, "DEBUG_COLLECTABLE", _PyGC_DEBUG_COLLECTABLE) < 0
        || PyModule_AddIntConstant(module, "DEBUG_UNCOLLECTABLE", _PyGC_DEBUG_UNCOLLECTABLE) < 0
        || PyModule_AddIntConstant(module, "DEBUG_SAVEALL", _PyGC_DEBUG_SAVEALL) < 0
        || PyModule_AddIntConstant(module, "DEBUG_LEAK", _PyGC_DEBUG_LEAK) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot gc_slots[] = {
    {Py_mod_exec, gc_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef gc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gc",
    .m_doc = "The collector of reference cycles: when it runs, what it finds, who refers to whom.",
    .m_size = 0,
    .m_methods = gc_methods,
    .m_slots = gc_slots,
};

PyMODINIT_FUNC
PyInit_gc(void)
{
    return PyModuleDef_Init(&gc_module);
}

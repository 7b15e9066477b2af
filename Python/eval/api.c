/* The evaluation loop's C API: running code, looking at the running frame, settings of a thread. */
#include "vm.h"
#include "frameobject.h"
#include "pycore_abstract.h"
#include "pycore_dict.h"
#include "pycore_function.h"
#include "pycore_interp.h"
#include "pycore_object_protocol.h"
#include "pycore_unicodeobject.h"

/* -- Running code ------------------------------------------------------------------------------------------------ */

PyObject *
PyEval_EvalCode(PyObject *co, PyObject *globals, PyObject *locals)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (locals == NULL) {
        locals = globals;
    }
    PyObject *builtins = _PyEval_BuiltinsFromGlobals(tstate, globals);
    if (builtins == NULL) {
        return NULL;
    }
    PyFrameConstructor constr = {
        .fc_globals = globals,
        .fc_builtins = builtins,
        .fc_name = ((PyCodeObject *)co)->co_name,
        .fc_qualname = ((PyCodeObject *)co)->co_name,
        .fc_code = co,
    };
    PyFunctionObject *func = _PyFunction_FromConstructor(&constr);
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = _PyEval_Vector(tstate, func, locals, NULL, 0, NULL);
    Py_DECREF(func);
    return result;
}

PyObject *
PyEval_EvalCodeEx(PyObject *code, PyObject *globals, PyObject *locals, PyObject *const *args, int argcount,
                  PyObject *const *kws, int kwcount, PyObject *const *defs, int defcount, PyObject *kwdefs,
                  PyObject *closure)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *result = NULL, *kwnames = NULL;
    PyObject **all = NULL;
    PyFunctionObject *func = NULL;
    PyCodeObject *co = (PyCodeObject *)code;
    PyObject *builtins = _PyEval_BuiltinsFromGlobals(tstate, globals);
    PyObject *defaults = PyTuple_New(defcount);
    if (builtins == NULL || defaults == NULL) {
        goto done;
    }
    for (int i = 0; i < defcount; i++) {
        PyTuple_SET_ITEM(defaults, i, Py_NewRef(defs[i]));
    }
    all = PyMem_New(PyObject *, (size_t)(argcount + kwcount + 1));
    kwnames = kwcount == 0 ? NULL : PyTuple_New(kwcount);
    if (all == NULL || (kwcount != 0 && kwnames == NULL)) {
        PyErr_NoMemory();
        goto done;
    }
    for (int i = 0; i < argcount; i++) {
        all[i] = args[i];
    }
    for (int i = 0; i < kwcount; i++) {
        PyTuple_SET_ITEM(kwnames, i, Py_NewRef(kws[2 * i]));
        all[argcount + i] = kws[2 * i + 1];
    }
    PyFrameConstructor constr = {
        .fc_globals = globals,
        .fc_builtins = builtins,
        .fc_name = co->co_name,
        .fc_qualname = co->co_name,
        .fc_code = code,
        .fc_defaults = defaults,
        .fc_kwdefaults = kwdefs,
        .fc_closure = closure,
    };
    func = _PyFunction_FromConstructor(&constr);
    if (func == NULL) {
        goto done;
    }
    if (locals == NULL && !(co->co_flags & CO_OPTIMIZED)) {
        locals = globals;
    }
    result = _PyEval_Vector(tstate, func, locals, all, (size_t)argcount, kwnames);
done:
    Py_XDECREF(func);
    Py_XDECREF(kwnames);
    PyMem_Free(all);
    Py_XDECREF(defaults);
    return result;
}

PyObject *
PyEval_EvalFrame(PyFrameObject *f)
{
    return PyEval_EvalFrameEx(f, 0);
}

PyObject *
PyEval_EvalFrameEx(PyFrameObject *f, int throwflag)
{
    return _PyEval_EvalFrame(_PyThreadState_GET(), f->f_frame, throwflag);
}

/* -- The running frame ---------------------------------------------------------------------------------------------- */

PyFrameObject *
PyEval_GetFrame(void)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    if (frame == NULL) {
        return NULL;
    }
    PyFrameObject *f = _PyFrame_GetFrameObject(frame);
    if (f == NULL) {
        PyErr_Clear();
    }
    return f;
}

PyObject *
PyEval_GetBuiltins(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    return frame != NULL ? frame->builtins : tstate->interp->builtins;
}

PyObject *
PyEval_GetGlobals(void)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    return frame == NULL ? NULL : frame->globals;
}

PyObject *
_PyEval_GetGlobalsFromRunningMain(PyThreadState *tstate)
{
    if (!_PyInterpreterState_IsRunningMain(tstate->interp)) {
        return NULL;
    }
    PyObject *module = PyImport_AddModuleRef("__main__");
    if (module == NULL) {
        return NULL;
    }
    PyObject *dict = PyModule_GetDict(module);
    Py_DECREF(module);        /* sys.modules holds it */
    return dict;
}

PyObject *
PyEval_GetLocals(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "frame does not exist");
        return NULL;
    }
    PyObject *locals = _PyFrame_GetLocals(frame);
    if (locals == NULL) {
        return NULL;
    }
    if (PyFrameLocalsProxy_Check(locals)) {
        /* A borrowed result needs an owner: the frame object keeps the dict. */
        PyFrameObject *f = _PyFrame_GetFrameObject(frame);
        PyObject *dict = f->f_locals_cache;
        if (dict == NULL) {
            dict = f->f_locals_cache = PyDict_New();
        }
        if (dict != NULL && PyDict_Update(dict, locals) < 0) {
            dict = NULL;
        }
        Py_DECREF(locals);
        return dict;
    }
    Py_DECREF(locals);            /* the frame holds it */
    return locals;
}

PyObject *
_PyEval_GetFrameLocals(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "frame does not exist");
        return NULL;
    }
    PyObject *locals = _PyFrame_GetLocals(frame);
    if (locals != NULL && PyFrameLocalsProxy_Check(locals)) {
        PyObject *dict = PyDict_New();
        if (dict != NULL && PyDict_Update(dict, locals) < 0) {
            Py_CLEAR(dict);
        }
        Py_SETREF(locals, dict);
    }
    return locals;
}

PyObject *
PyEval_GetFrameLocals(void)
{
    return _PyEval_GetFrameLocals();
}

PyObject *
PyEval_GetFrameGlobals(void)
{
    return Py_XNewRef(PyEval_GetGlobals());
}

PyObject *
PyEval_GetFrameBuiltins(void)
{
    return Py_XNewRef(PyEval_GetBuiltins());
}

int
PyEval_MergeCompilerFlags(PyCompilerFlags *cf)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    int result = cf->cf_flags != 0;
    if (frame != NULL) {
        int flags = _PyFrame_GetCode(frame)->co_flags & PyCF_MASK;
        if (flags) {
            result = 1;
            cf->cf_flags |= flags;
        }
    }
    return result;
}

/* __builtins__ of the globals, set if missing. */
int
_PyEval_EnsureBuiltins(PyThreadState *tstate, PyObject *globals, PyObject **p_builtins)
{
    PyObject *builtins;
    if (PyDict_Contains(globals, _Py_ID(__builtins__)) == 0) {
        builtins = PyEval_GetBuiltins();
        if (builtins == NULL || PyDict_SetItem(globals, _Py_ID(__builtins__), builtins) < 0) {
            return -1;
        }
    }
    if (p_builtins != NULL) {
        if (PyDict_GetItemRef(globals, _Py_ID(__builtins__), &builtins) < 0) {
            return -1;
        }
        *p_builtins = builtins;
    }
    return _PyErr_Occurred(tstate) ? -1 : 0;
}

int
_PyEval_EnsureBuiltinsWithModule(PyThreadState *tstate, PyObject *globals, PyObject **p_builtins)
{
    int found = PyDict_Contains(globals, _Py_ID(__builtins__));
    if (found == 0) {
        PyObject *module = PyImport_ImportModuleLevel("builtins", NULL, NULL, NULL, 0);
        if (module == NULL || PyDict_SetItem(globals, _Py_ID(__builtins__), module) < 0) {
            Py_XDECREF(module);
            return -1;
        }
        Py_DECREF(module);
    }
    return found < 0 ? -1 : _PyEval_EnsureBuiltins(tstate, globals, p_builtins);
}

/* -- Names of callables, for messages -------------------------------------------------------------------------------- */

const char *
PyEval_GetFuncName(PyObject *func)
{
    if (PyMethod_Check(func)) {
        return PyEval_GetFuncName(PyMethod_GET_FUNCTION(func));
    }
    if (PyFunction_Check(func)) {
        return PyUnicode_AsUTF8(((PyFunctionObject *)func)->func_name);
    }
    if (PyCFunction_Check(func)) {
        return ((PyCFunctionObject *)func)->m_ml->ml_name;
    }
    return Py_TYPE(func)->tp_name;
}

const char *
PyEval_GetFuncDesc(PyObject *func)
{
    if (PyMethod_Check(func) || PyFunction_Check(func) || PyCFunction_Check(func)) {
        return "()";
    }
    return " object";
}

/* -- Slices ------------------------------------------------------------------------------------------------------------- */

int
_PyEval_SliceIndexNotNone(PyObject *v, Py_ssize_t *pi)
{
    if (!_PyIndex_Check(v)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or have an __index__ method");
        return 0;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(v, NULL);
    if (i == -1 && PyErr_Occurred()) {
        return 0;
    }
    *pi = i;
    return 1;
}

int
_PyEval_SliceIndex(PyObject *v, Py_ssize_t *pi)
{
    if (Py_IsNone(v)) {
        return 1;
    }
    if (!_PyIndex_Check(v)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
        return 0;
    }
    return _PyEval_SliceIndexNotNone(v, pi);
}

/* -- Recursion ------------------------------------------------------------------------------------------------------------ */

int
Py_GetRecursionLimit(void)
{
    return _PyInterpreterState_GET()->ceval.recursion_limit;
}

void
Py_SetRecursionLimit(int new_limit)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    _PyEval_StopTheWorld(interp);
    interp->ceval.recursion_limit = new_limit;
    _Py_FOR_EACH_TSTATE_BEGIN(interp, p) {
        int depth = p->py_recursion_limit - p->py_recursion_remaining;
        p->py_recursion_limit = new_limit;
        p->py_recursion_remaining = new_limit - depth;
    }
    _Py_FOR_EACH_TSTATE_END(interp);
    _PyEval_StartTheWorld(interp);
}

/* -- Settings of a thread -------------------------------------------------------------------------------------------------- */

int
_PyEval_SetCoroutineOriginTrackingDepth(int depth)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (depth < 0) {
        _PyErr_SetString(tstate, PyExc_ValueError, "depth must be >= 0");
        return -1;
    }
    tstate->coroutine_origin_tracking_depth = depth;
    return 0;
}

int
_PyEval_GetCoroutineOriginTrackingDepth(void)
{
    return _PyThreadState_GET()->coroutine_origin_tracking_depth;
}

int
_PyEval_SetAsyncGenFirstiter(PyObject *firstiter)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (PySys_Audit("sys.set_asyncgen_hook_firstiter", NULL) < 0) {
        return -1;
    }
    Py_XSETREF(tstate->async_gen_firstiter, Py_XNewRef(firstiter));
    return 0;
}

PyObject *
_PyEval_GetAsyncGenFirstiter(void)
{
    return _PyThreadState_GET()->async_gen_firstiter;
}

int
_PyEval_SetAsyncGenFinalizer(PyObject *finalizer)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (PySys_Audit("sys.set_asyncgen_hook_finalizer", NULL) < 0) {
        return -1;
    }
    Py_XSETREF(tstate->async_gen_finalizer, Py_XNewRef(finalizer));
    return 0;
}

PyObject *
_PyEval_GetAsyncGenFinalizer(void)
{
    return _PyThreadState_GET()->async_gen_finalizer;
}

/* -- PEP 523 ------------------------------------------------------------------------------------------------------------------ */

_PyFrameEvalFunction
_PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *interp)
{
    return interp->eval_frame != NULL ? interp->eval_frame : _PyEval_EvalFrameDefault;
}

void
_PyInterpreterState_SetEvalFrameFunc(PyInterpreterState *interp, _PyFrameEvalFunction eval_frame)
{
    if (eval_frame == _PyEval_EvalFrameDefault) {
        eval_frame = NULL;
    }
    _PyEval_StopTheWorld(interp);
    interp->eval_frame = eval_frame;
    if (eval_frame != NULL) {
        eval_frame_hook_active = 1;
    }
    _PyEval_StartTheWorld(interp);
}

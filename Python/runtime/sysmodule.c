/* The sys module: its making and its functions.  Hooks are in sys_hooks.c, facts in sys_info.c, C's access in sys_api.c,
   audit events in audit.c.

   Locking: the module's dict is born SHARED; settings of an interpreter that any thread may change are single words. */
#include "Python.h"
#include "pycore_args.h"          // PY_METHOD
#include "pycore_ceval.h"         // _PyEval_SetAsyncGenFirstiter
#include "pycore_frame.h"         // _PyThreadState_GetFrame
#include "pycore_gc.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_long.h"
#include "pycore_modsupport.h"
#include "pycore_monitoring.h"    // _Py_CreateMonitoringObject
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pymem.h"
#include "pycore_pystate.h"
#include "pycore_sysmodule.h"
#include "pycore_tuple.h"
#include "pycore_typeobject.h"
#include "pycore_unicodeobject.h"
#include "sys_private.h"

#include <dlfcn.h>
#include <math.h>

#define NOARGS PyObject *module, PyObject *Py_UNUSED(ignored)

/* -- Audit ---------------------------------------------------------------------------------------------- */

static PyObject *
sys_addaudithook(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"hook", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "addaudithook"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
    return args == NULL ? NULL : _PySys_AddPythonAuditHook(args[0]);
}

static PyObject *
sys_audit(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "audit expected at least 1 argument, got 0");
        return NULL;
    }
    if (!PyUnicode_Check(args[0])) {
        _PyArg_BadArgument("audit", "argument 1", "str", args[0]);
        return NULL;
    }
    if (!_PySys_AuditIsOn()) {
        Py_RETURN_NONE;
    }
    const char *event = PyUnicode_AsUTF8(args[0]);
    PyObject *tuple = event != NULL ? _PyTuple_FromArray(args + 1, nargs - 1) : NULL;
    if (tuple == NULL) {
        return NULL;
    }
    int result = PySys_AuditTuple(event, tuple);
    Py_DECREF(tuple);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

/* -- Text and numbers --------------------------------------------------------------------------------------- */

static PyObject *
sys_getdefaultencoding(NOARGS)
{
    return PyUnicode_InternFromString("utf-8");
}

static PyObject *
sys_getfilesystemencoding(NOARGS)
{
    return PyUnicode_FromWideChar(_Py_GetConfig()->filesystem_encoding, -1);
}

static PyObject *
sys_getfilesystemencodeerrors(NOARGS)
{
    return PyUnicode_FromWideChar(_Py_GetConfig()->filesystem_errors, -1);
}

static PyObject *
sys_intern(PyObject *module, PyObject *string)
{
    if (!PyUnicode_Check(string)) {
        _PyArg_BadArgument("intern", "argument", "str", string);
        return NULL;
    }
    if (!PyUnicode_CheckExact(string)) {
        PyErr_Format(PyExc_TypeError, "can't intern %.400s", Py_TYPE(string)->tp_name);
        return NULL;
    }
    Py_INCREF(string);
    _PyUnicode_InternMortal(_PyInterpreterState_GET(), &string);
    return string;
}

static PyObject *
sys__is_interned(PyObject *module, PyObject *string)
{
    if (!PyUnicode_Check(string)) {
        _PyArg_BadArgument("_is_interned", "argument", "str", string);
        return NULL;
    }
    return PyBool_FromLong(PyUnicode_CHECK_INTERNED(string));
}

static PyObject *
sys__is_immortal(PyObject *module, PyObject *op)
{
    return PyBool_FromLong(PyUnstable_IsImmortal(op));
}

static PyObject *
sys_getunicodeinternedsize(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"_only_immortal", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "getunicodeinternedsize"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 0, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int only_immortal = args[0] != NULL ? PyObject_IsTrue(args[0]) : 0;
    if (only_immortal < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(only_immortal ? _PyUnicode_InternedSize_Immortal() : _PyUnicode_InternedSize());
}

static PyObject *
sys_get_int_max_str_digits(NOARGS)
{
    return PyLong_FromLong(_PyInterpreterState_GET()->long_state.max_str_digits);
}

static PyObject *
sys_set_int_max_str_digits(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"maxdigits", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "set_int_max_str_digits"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int maxdigits = PyLong_AsInt(args[0]);
    if ((maxdigits == -1 && PyErr_Occurred()) || _PySys_SetIntMaxStrDigits(maxdigits) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* -- Limits of the evaluation loop --------------------------------------------------------------------------- */

static PyObject *
sys_setswitchinterval(PyObject *module, PyObject *interval)
{
    double seconds = PyFloat_AsDouble(interval);
    if (seconds == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    if (!(seconds > 0.0)) {
        PyErr_SetString(PyExc_ValueError, "switch interval must be strictly positive");
        return NULL;
    }
    _PyEval_SetSwitchInterval((unsigned long)(1e6 * seconds));
    Py_RETURN_NONE;
}

static PyObject *
sys_getswitchinterval(NOARGS)
{
    return PyFloat_FromDouble(1e-6 * (double)_PyEval_GetSwitchInterval());
}

static PyObject *
sys_setrecursionlimit(PyObject *module, PyObject *limit)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int value = PyLong_AsInt(limit);
    if (value == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (value < 1) {
        PyErr_SetString(PyExc_ValueError, "recursion limit must be greater or equal than 1");
        return NULL;
    }
    int depth = tstate->py_recursion_limit - tstate->py_recursion_remaining;
    if (depth >= value) {
        PyErr_Format(PyExc_RecursionError,
                     "cannot set the recursion limit to %i at the recursion depth %i: the limit is too low", value,
                     depth);
        return NULL;
    }
    Py_SetRecursionLimit(value);
    Py_RETURN_NONE;
}

static PyObject *
sys_getrecursionlimit(NOARGS)
{
    return PyLong_FromLong(Py_GetRecursionLimit());
}

/* -- Coroutines and asynchronous generators --------------------------------------------------------------------- */

static PyObject *
sys_set_coroutine_origin_tracking_depth(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"depth", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "set_coroutine_origin_tracking_depth"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int depth = PyLong_AsInt(args[0]);
    if ((depth == -1 && PyErr_Occurred()) || _PyEval_SetCoroutineOriginTrackingDepth(depth) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
sys_get_coroutine_origin_tracking_depth(NOARGS)
{
    return PyLong_FromLong(_PyEval_GetCoroutineOriginTrackingDepth());
}

static int
check_hook(const char *name, PyObject *hook)
{
    if (hook == NULL || hook == Py_None || PyCallable_Check(hook)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "callable %s expected, got %.50s", name, Py_TYPE(hook)->tp_name);
    return -1;
}

static PyObject *
sys_set_asyncgen_hooks(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"firstiter", "finalizer", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "set_asyncgen_hooks"};
    PyObject *buffer[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    PyObject *firstiter = args[0], *finalizer = args[1];
    if (check_hook("finalizer", finalizer) < 0 || check_hook("firstiter", firstiter) < 0) {
        return NULL;
    }
    PyObject *old_finalizer = Py_XNewRef(_PyEval_GetAsyncGenFinalizer()), *result = NULL;
    if (finalizer != NULL && _PyEval_SetAsyncGenFinalizer(finalizer == Py_None ? NULL : finalizer) < 0) {
        goto done;
    }
    if (firstiter != NULL && _PyEval_SetAsyncGenFirstiter(firstiter == Py_None ? NULL : firstiter) < 0) {
        /* Both or neither. */
        if (finalizer != NULL) {
            PyObject *exc = PyErr_GetRaisedException();
            _PyEval_SetAsyncGenFinalizer(old_finalizer);
            PyErr_SetRaisedException(exc);
        }
        goto done;
    }
    result = Py_NewRef(Py_None);
done:
    Py_XDECREF(old_finalizer);
    return result;
}

static PyObject *
sys_get_asyncgen_hooks(NOARGS)
{
    return _PySys_MakeAsyncgenHooks(_PyEval_GetAsyncGenFirstiter(), _PyEval_GetAsyncGenFinalizer());
}

/* -- Memory ----------------------------------------------------------------------------------------------------- */

static PyObject *
sys_getrefcount(PyObject *module, PyObject *object)
{
    return PyLong_FromSsize_t(Py_REFCNT(object));
}

size_t
_PySys_GetSizeOf(PyObject *object)
{
    if (PyType_Ready(Py_TYPE(object)) < 0) {
        return (size_t)-1;
    }
    PyObject *method = _PyObject_LookupSpecial(object, _Py_ID(__sizeof__));
    if (method == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "Type %.100s doesn't define __sizeof__", Py_TYPE(object)->tp_name);
        }
        return (size_t)-1;
    }
    PyObject *value = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (value == NULL) {
        return (size_t)-1;
    }
    Py_ssize_t size = PyLong_AsSsize_t(value);
    Py_DECREF(value);
    if (size == -1 && PyErr_Occurred()) {
        return (size_t)-1;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "__sizeof__() should return >= 0");
        return (size_t)-1;
    }
    return (size_t)size + _PyType_PreHeaderSize(Py_TYPE(object));
}

static PyObject *
sys_getsizeof(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"object", "default", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "getsizeof"};
    PyObject *buffer[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    size_t size = _PySys_GetSizeOf(args[0]);
    if (size == (size_t)-1 && PyErr_Occurred()) {
        if (args[1] != NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Clear();
            return Py_NewRef(args[1]);
        }
        return NULL;
    }
    return PyLong_FromSize_t(size);
}

static PyObject *
sys_getallocatedblocks(NOARGS)
{
    return PyLong_FromSsize_t(_Py_GetGlobalAllocatedBlocks());
}

static PyObject *
sys__debugmallocstats(NOARGS)
{
    fflush(stderr);
    _PyObject_DebugMallocStats(stderr);
    Py_RETURN_NONE;
}

static PyObject *
sys__clear_internal_caches(NOARGS)
{
    PyType_ClearCache();
    Py_RETURN_NONE;
}

static PyObject *
sys__clear_type_cache(NOARGS)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "sys._clear_type_cache() is deprecated and scheduled for removal in a future version. "
                     "Use sys._clear_internal_caches() instead.", 1) < 0) {
        return NULL;
    }
    PyType_ClearCache();
    Py_RETURN_NONE;
}

static PyObject *
sys__clear_type_descriptors(PyObject *module, PyObject *arg)
{
    if (!PyType_Check(arg)) {
        _PyArg_BadArgument("_clear_type_descriptors", "argument", "type", arg);
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)arg;
    if (PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_SetString(PyExc_TypeError, "argument is immutable");
        return NULL;
    }
    PyObject *dict = _PyType_GetDict(type);
    if (PyDict_Pop(dict, _Py_ID(__dict__), NULL) < 0 || PyDict_Pop(dict, _Py_ID(__weakref__), NULL) < 0) {
        return NULL;
    }
    PyType_Modified(type);
    Py_RETURN_NONE;
}

#ifdef Py_REF_DEBUG
static PyObject *
sys_gettotalrefcount(NOARGS)
{
    return PyLong_FromSsize_t(_Py_GetGlobalRefTotal());
}
#endif

/* -- Frames and threads --------------------------------------------------------------------------------------------- */

/* depth complete frames up from the running one; NULL: there are not so many. */
static _PyInterpreterFrame *
frame_at(int depth)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    while (frame != NULL && depth-- > 0) {
        frame = _PyFrame_GetFirstComplete(frame->previous);
    }
    return frame;
}

static PyObject *
sys__getframe(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_getframe", nargs, 0, 1)) {
        return NULL;
    }
    int depth = nargs ? PyLong_AsInt(args[0]) : 0;
    if (depth == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyInterpreterFrame *frame = frame_at(depth);
    if (frame == NULL) {
        PyErr_SetString(PyExc_ValueError, "call stack is not deep enough");
        return NULL;
    }
    PyObject *object = Py_XNewRef((PyObject *)_PyFrame_GetFrameObject(frame));
    if (object != NULL && PySys_Audit("sys._getframe", "(O)", object) < 0) {
        Py_CLEAR(object);
    }
    return object;
}

static PyObject *
sys__getframemodulename(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"depth", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "_getframemodulename"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int depth = args[0] != NULL ? PyLong_AsInt(args[0]) : 0;
    if ((depth == -1 && PyErr_Occurred()) || PySys_Audit("sys._getframemodulename", "i", depth) < 0) {
        return NULL;
    }
    _PyInterpreterFrame *frame = frame_at(depth);
    PyFunctionObject *function = frame != NULL ? _PyFrame_GetFunction(frame) : NULL;
    PyObject *name = function != NULL && PyFunction_Check(function) ? PyFunction_GetModule((PyObject *)function) : NULL;
    if (name == NULL) {
        PyErr_Clear();
        name = Py_None;
    }
    return Py_NewRef(name);
}

static PyObject *
sys__current_frames(NOARGS)
{
    return _PyThread_CurrentFrames();
}

static PyObject *
sys__current_exceptions(NOARGS)
{
    return _PyThread_CurrentExceptions();
}

static PyObject *
sys_call_tracing(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("call_tracing", nargs, 2, 2)) {
        return NULL;
    }
    if (!PyTuple_Check(args[1])) {
        _PyArg_BadArgument("call_tracing", "argument 2", "tuple", args[1]);
        return NULL;
    }
    return _PyEval_CallTracing(args[0], args[1]);
}

static PyObject *
sys_is_finalizing(NOARGS)
{
    return PyBool_FromLong(Py_IsFinalizing());
}

static PyObject *
sys__is_gil_enabled(NOARGS)
{
    return PyBool_FromLong(_PyEval_IsGILEnabled(_PyThreadState_GET()));
}

/* -- The rest ------------------------------------------------------------------------------------------------------ */

static PyObject *
sys_setdlopenflags(PyObject *module, PyObject *arg)
{
    int flags = PyLong_AsInt(arg);
    if (flags == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyImport_SetDLOpenFlags(_PyInterpreterState_GET(), flags);
    Py_RETURN_NONE;
}

static PyObject *
sys_getdlopenflags(NOARGS)
{
    return PyLong_FromLong(_PyImport_GetDLOpenFlags(_PyInterpreterState_GET()));
}

static PyObject *
sys__get_cpu_count_config(NOARGS)
{
    return PyLong_FromLong(_Py_GetConfig()->cpu_count);
}

static PyObject *
sys__baserepl(NOARGS)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    PyEval_MergeCompilerFlags(&flags);
    PyRun_AnyFileExFlags(stdin, "<stdin>", 0, &flags);
    Py_RETURN_NONE;
}

/* Linux perf would need a trampoline of machine code for each code object; frames here do not use the C stack. */
static PyObject *
sys_activate_stack_trampoline(PyObject *module, PyObject *backend)
{
    if (!PyUnicode_Check(backend)) {
        _PyArg_BadArgument("activate_stack_trampoline", "argument", "str", backend);
        return NULL;
    }
    const char *name = PyUnicode_AsUTF8(backend);
    if (name == NULL) {
        return NULL;
    }
    if (strcmp(name, "perf") != 0 && strcmp(name, "perf_jit") != 0) {
        PyErr_Format(PyExc_ValueError, "invalid backend: %s", name);
        return NULL;
    }
    PyErr_SetString(PyExc_ValueError, "perf trampoline not available");
    return NULL;
}

static PyObject *
sys_deactivate_stack_trampoline(NOARGS)
{
    Py_RETURN_NONE;
}

static PyObject *
sys_is_stack_trampoline_active(NOARGS)
{
    Py_RETURN_FALSE;
}

static PyObject *
sys_is_remote_debug_enabled(NOARGS)
{
    Py_RETURN_FALSE;
}

static PyObject *
sys_remote_exec(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"pid", "script", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "remote_exec"};
    PyObject *buffer[2], *path = NULL;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 2, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int pid = PyLong_AsInt(args[0]);
    if ((pid == -1 && PyErr_Occurred()) || !PyUnicode_FSConverter(args[1], &path)) {
        return NULL;
    }
    Py_DECREF(path);
    if (PySys_Audit("sys.remote_exec", "iO", pid, args[1]) == 0) {
        PyErr_SetString(PyExc_RuntimeError, "Remote debugging is not enabled in the remote process");
    }
    return NULL;
}

static PyObject *
jit_no(NOARGS)
{
    Py_RETURN_FALSE;
}

static PyMethodDef jit_methods[] = {
    PY_METHOD_AS("is_available", jit_no, METH_NOARGS, "($module, /)", "Return whether machine code can be made: no."),
    PY_METHOD_AS("is_enabled", jit_no, METH_NOARGS, "($module, /)", "Return whether machine code is made: no."),
    PY_METHOD_AS("is_active", jit_no, METH_NOARGS, "($module, /)", "Return whether the caller is machine code: no."),
    {0},
};

static struct PyModuleDef jit_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sys._jit",
    .m_doc = "What there is to know about just-in-time compilation.",
    .m_size = -1,
    .m_methods = jit_methods,
};

/* -- Table -------------------------------------------------------------------------------------------------------- */

#define FAST METH_FASTCALL
#define KEYWORDS (METH_FASTCALL | METH_KEYWORDS)

static PyMethodDef sys_methods[] = {
    PY_METHOD(sys, addaudithook, KEYWORDS, "($module, /, hook)", "Add a function that is called with each audit event."),
    PY_METHOD(sys, audit, FAST, "($module, event, /, *args)", "Tell the audit hooks of an event."),
    PY_METHOD(sys, breakpointhook, KEYWORDS, "($module, /, *args, **kwargs)",
              "Start the debugger that PYTHONBREAKPOINT names, pdb by default."),
    PY_METHOD(sys, _clear_internal_caches, METH_NOARGS, "($module, /)", "Forget what is only kept for speed."),
    PY_METHOD(sys, _clear_type_cache, METH_NOARGS, "($module, /)", "Empty the cache of attributes of types."),
    PY_METHOD(sys, _clear_type_descriptors, METH_O, "($module, type, /)",
              "Remove the descriptors of __dict__ and __weakref__ from a class."),
    PY_METHOD(sys, _current_frames, METH_NOARGS, "($module, /)", "Return a dict: thread identity to its current frame."),
    PY_METHOD(sys, _current_exceptions, METH_NOARGS, "($module, /)",
              "Return a dict: thread identity to the exception that it handles."),
    PY_METHOD(sys, displayhook, METH_O, "($module, object, /)",
              "Print an object as an interactive session does, and keep it as builtins._ ."),
    PY_METHOD(sys, exception, METH_NOARGS, "($module, /)", "Return the exception being handled, or None."),
    PY_METHOD(sys, exc_info, METH_NOARGS, "($module, /)",
              "Return (type, value, traceback) of the exception being handled."),
    PY_METHOD(sys, excepthook, FAST, "($module, exctype, value, traceback, /)",
              "Print an exception and its traceback to sys.stderr."),
    PY_METHOD(sys, exit, FAST, "($module, status=None, /)", "Raise SystemExit(status)."),
    PY_METHOD(sys, getdefaultencoding, METH_NOARGS, "($module, /)", "Return the encoding that str.encode() uses."),
    PY_METHOD(sys, getdlopenflags, METH_NOARGS, "($module, /)", "Return the flags for loading extension modules."),
    PY_METHOD(sys, getallocatedblocks, METH_NOARGS, "($module, /)", "Return how many blocks of memory are in use."),
    PY_METHOD(sys, getfilesystemencoding, METH_NOARGS, "($module, /)", "Return the encoding of file names."),
    PY_METHOD(sys, getfilesystemencodeerrors, METH_NOARGS, "($module, /)", "Return the error handler of file names."),
    PY_METHOD(sys, getunicodeinternedsize, KEYWORDS, "($module, /, *, _only_immortal=False)",
              "Return how many strings are interned."),
#ifdef Py_REF_DEBUG
    PY_METHOD(sys, gettotalrefcount, METH_NOARGS, "($module, /)", "Return the sum of all reference counts."),
#endif
    PY_METHOD(sys, getrefcount, METH_O, "($module, object, /)", "Return the reference count of an object."),
    PY_METHOD(sys, getrecursionlimit, METH_NOARGS, "($module, /)", "Return how deep Python calls may nest."),
    PY_METHOD_NOSIG("getsizeof", sys_getsizeof, KEYWORDS,
                    "getsizeof(object [, default]) -> int\n\nThe size of an object in bytes."),
    PY_METHOD(sys, _getframe, FAST, "($module, depth=0, /)", "Return a frame of the call stack; 0 is the caller's own."),
    PY_METHOD(sys, _getframemodulename, KEYWORDS, "($module, /, depth=0)",
              "Return the module name of a frame's function, or None."),
    PY_METHOD(sys, intern, METH_O, "($module, string, /)", "Return the one string that stands for all equal ones."),
    PY_METHOD(sys, is_finalizing, METH_NOARGS, "($module, /)", "Return True if the interpreter is shutting down."),
    PY_METHOD(sys, _is_interned, METH_O, "($module, string, /)", "Return True if the string is interned."),
    PY_METHOD(sys, _is_immortal, METH_O, "($module, op, /)", "Return True if the object is never freed."),
    PY_METHOD(sys, setdlopenflags, METH_O, "($module, flags, /)", "Set the flags for loading extension modules."),
    PY_METHOD(sys, setswitchinterval, METH_O, "($module, interval, /)",
              "Set how long a thread may run, in seconds, while others wait for the global lock."),
    PY_METHOD(sys, getswitchinterval, METH_NOARGS, "($module, /)", "Return what setswitchinterval() has set."),
    PY_METHOD(sys, setprofile, METH_O, "($module, function, /)", "Set this thread's profile function; None: no function."),
    PY_METHOD(sys, _setprofileallthreads, METH_O, "($module, function, /)", "Set the profile function of all threads."),
    PY_METHOD(sys, getprofile, METH_NOARGS, "($module, /)", "Return the profile function, or None."),
    PY_METHOD(sys, setrecursionlimit, METH_O, "($module, limit, /)", "Set how deep Python calls may nest."),
    PY_METHOD(sys, settrace, METH_O, "($module, function, /)", "Set this thread's trace function; None: no function."),
    PY_METHOD(sys, _settraceallthreads, METH_O, "($module, function, /)", "Set the trace function of all threads."),
    PY_METHOD(sys, gettrace, METH_NOARGS, "($module, /)", "Return the trace function, or None."),
    PY_METHOD(sys, call_tracing, FAST, "($module, func, args, /)",
              "Call func(*args) with tracing on: lets a debugger debug from a checkpoint."),
    PY_METHOD(sys, _debugmallocstats, METH_NOARGS, "($module, /)", "Print what the allocator knows to stderr."),
    PY_METHOD(sys, set_coroutine_origin_tracking_depth, KEYWORDS, "($module, /, depth)",
              "Set how many frames cr_origin of a new coroutine remembers; 0: none."),
    PY_METHOD(sys, get_coroutine_origin_tracking_depth, METH_NOARGS, "($module, /)",
              "Return what set_coroutine_origin_tracking_depth() has set in this thread."),
    PY_METHOD_NOSIG("set_asyncgen_hooks", sys_set_asyncgen_hooks, KEYWORDS,
                    "set_asyncgen_hooks([firstiter] [, finalizer])\n\nSet this thread's hooks for asynchronous generators."),
    PY_METHOD(sys, get_asyncgen_hooks, METH_NOARGS, "($module, /)",
              "Return this thread's hooks for asynchronous generators as (firstiter, finalizer)."),
    PY_METHOD(sys, activate_stack_trampoline, METH_O, "($module, backend, /)",
              "Make Python functions visible to a profiler of machine code; not available."),
    PY_METHOD(sys, deactivate_stack_trampoline, METH_NOARGS, "($module, /)", "Undo activate_stack_trampoline()."),
    PY_METHOD(sys, is_stack_trampoline_active, METH_NOARGS, "($module, /)",
              "Return whether Python functions are visible to a profiler of machine code."),
    PY_METHOD(sys, is_remote_debug_enabled, METH_NOARGS, "($module, /)",
              "Return whether other processes may inject code into this one."),
    PY_METHOD(sys, remote_exec, KEYWORDS, "($module, /, pid, script)",
              "Run a Python file in another process; the target must allow it."),
    PY_METHOD(sys, unraisablehook, METH_O, "($module, unraisable, /)",
              "Print an exception that could not be raised, with where it came from."),
    PY_METHOD(sys, get_int_max_str_digits, METH_NOARGS, "($module, /)",
              "Return the limit of digits in conversions between int and str."),
    PY_METHOD(sys, set_int_max_str_digits, KEYWORDS, "($module, /, maxdigits)",
              "Set the limit of digits in conversions between int and str; 0: none."),
    PY_METHOD(sys, _baserepl, METH_NOARGS, "($module, /)", "Run the plain interactive loop."),
    PY_METHOD(sys, _get_cpu_count_config, METH_NOARGS, "($module, /)", "Return the number of -X cpu_count, or -1."),
    PY_METHOD(sys, _is_gil_enabled, METH_NOARGS, "($module, /)", "Return True if there is a global lock and it is in use."),
    {0},
};

static struct PyModuleDef sys_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sys",
    .m_doc = "The interpreter itself: its streams, paths, modules, versions, limits and hooks.",
    .m_size = -1,       /* the state is the interpreter's */
    .m_methods = sys_methods,
};

/* -- Making ---------------------------------------------------------------------------------------------------------- */

/* Steals value. */
static int
add(PyObject *dict, const char *name, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

/* The hooks' second names, from which programs restore them. */
static int
add_originals(PyObject *sysdict)
{
    static const char *const names[] = {"displayhook", "excepthook", "breakpointhook", "unraisablehook"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        PyObject *hook = PyDict_GetItemString(sysdict, names[i]), *name = PyUnicode_FromFormat("__%s__", names[i]);
        int result = hook != NULL && name != NULL ? PyDict_SetItem(sysdict, name, hook) : -1;
        Py_XDECREF(name);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

static int
init_contents(PyThreadState *tstate, PyObject *sysdict)
{
    PyInterpreterState *interp = tstate->interp;
    if (add_originals(sysdict) < 0 || _PySys_AddInfo(tstate, sysdict) < 0 ||
        PyDict_SetItemString(sysdict, "modules", interp->imports.modules) < 0 ||
        add(sysdict, "meta_path", PyList_New(0)) < 0 || add(sysdict, "path_importer_cache", PyDict_New()) < 0 ||
        add(sysdict, "path_hooks", PyList_New(0)) < 0 || add(sysdict, "monitoring", _Py_CreateMonitoringObject()) < 0) {
        return -1;
    }
    PyObject *jit = _PyModule_CreateInitialized(&jit_module, PYTHON_API_VERSION);
#ifdef Py_GIL_DISABLED
    if (jit != NULL) {
        PyUnstable_Module_SetGIL(jit, Py_MOD_GIL_NOT_USED);
    }
#endif
    return add(sysdict, "_jit", jit);
}

/* Until io is there, errors are written to C's stderr. */
PyStatus
_PySys_SetPreliminaryStderr(PyObject *sysdict)
{
    PyObject *printer = PyFile_NewStdPrinter(fileno(stderr));
    int result = printer == NULL || PyDict_SetItem(sysdict, _Py_ID(stderr), printer) < 0 ||
                 PyDict_SetItemString(sysdict, "__stderr__", printer) < 0;
    Py_XDECREF(printer);
    return result ? PyStatus_Error("can't set preliminary stderr") : _PyStatus_OK();
}

PyStatus
_PySys_Create(PyThreadState *tstate, PyObject **result)
{
    PyInterpreterState *interp = tstate->interp;
    const PyConfig *config = _PyInterpreterState_GetConfig(interp);
    if (config->int_max_str_digits >= 0) {
        interp->long_state.max_str_digits = config->int_max_str_digits;
    }
    PyObject *modules = _PyImport_InitModules(interp);
    PyObject *module = modules != NULL ? _PyModule_CreateInitialized(&sys_module, PYTHON_API_VERSION) : NULL;
    if (module == NULL) {
        return PyStatus_Error("failed to create a module object");
    }
#ifdef Py_GIL_DISABLED
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
    interp->sysdict = Py_NewRef(PyModule_GetDict(module));
    PyStatus status = _PySys_SetPreliminaryStderr(interp->sysdict);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    if (init_contents(tstate, interp->sysdict) < 0) {
        return PyStatus_Error("can't initialize sys module");
    }
    if (_PyImport_FixupBuiltin(tstate, module, "sys", modules) < 0) {
        return PyStatus_Error("can't register sys module");
    }
    *result = module;
    return _PyStatus_OK();
}

/* For the table of builtin modules only: sys is made at start-up and never again. */
PyObject *
PyInit_sys(void)
{
    PyObject *module = PyDict_GetItemString(_PyInterpreterState_GET()->imports.modules, "sys");
    if (module == NULL) {
        PyErr_SetString(PyExc_ImportError, "sys cannot be created a second time");
        return NULL;
    }
    return Py_NewRef(module);
}

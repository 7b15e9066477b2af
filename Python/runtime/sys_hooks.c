/* The hooks that sys offers for replacement (displayhook, excepthook, unraisablehook, breakpointhook), and the functions
   that install trace and profile functions written in Python.

   Locking: hooks are looked up in sys when they are needed; trace functions belong to their thread. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_ceval.h"
#include "pycore_frame.h"
#include "pycore_global_ids.h"
#include "pycore_initconfig.h"
#include "pycore_import.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_sysmodule.h"
#include "sys_private.h"

#include <string.h>

/* -- displayhook --------------------------------------------------------------------------------------- */

/* Writes repr(object) with backslash escapes for what the stream's encoding lacks. */
static int
write_unencodable(PyObject *stream, PyObject *object)
{
    PyObject *text = PyObject_Repr(object), *encoding = NULL, *encoded = NULL, *buffer = NULL;
    int result = -1;
    if (text == NULL || (encoding = PyObject_GetAttr(stream, _Py_ID(encoding))) == NULL) {
        goto done;
    }
    const char *name = PyUnicode_AsUTF8(encoding);
    if (name == NULL || (encoded = PyUnicode_AsEncodedString(text, name, "backslashreplace")) == NULL ||
        PyObject_GetOptionalAttr(stream, _Py_ID(buffer), &buffer) < 0) {
        goto done;
    }
    if (buffer != NULL) {
        PyObject *value = PyObject_CallMethodOneArg(buffer, _Py_ID(write), encoded);
        result = value != NULL ? 0 : -1;
        Py_XDECREF(value);
    }
    else {
        PyObject *escaped = PyUnicode_FromEncodedObject(encoded, name, "strict");
        result = escaped != NULL ? PyFile_WriteObject(escaped, stream, Py_PRINT_RAW) : -1;
        Py_XDECREF(escaped);
    }
done:
    Py_XDECREF(text);
    Py_XDECREF(encoding);
    Py_XDECREF(encoded);
    Py_XDECREF(buffer);
    return result;
}

PyObject *
sys_displayhook(PyObject *module, PyObject *object)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *builtins = PyImport_GetModule(_Py_ID(builtins));
    if (builtins == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetString(tstate, PyExc_RuntimeError, "lost builtins module");
        }
        return NULL;
    }
    if (object == Py_None) {
        Py_DECREF(builtins);
        Py_RETURN_NONE;
    }
    PyObject *stream = NULL, *result = NULL;
    /* Not while it is being printed: repr() may look at builtins._ . */
    if (PyObject_SetAttr(builtins, _Py_LATIN1_CHR('_'), Py_None) < 0 ||
        (stream = _PySys_GetRequiredAttr(_Py_ID(stdout))) == NULL) {
        goto done;
    }
    if (stream == Py_None) {
        _PyErr_SetString(tstate, PyExc_RuntimeError, "lost sys.stdout");
        goto done;
    }
    if (PyFile_WriteObject(object, stream, 0) < 0) {
        if (!_PyErr_ExceptionMatches(tstate, PyExc_UnicodeEncodeError)) {
            goto done;
        }
        _PyErr_Clear(tstate);
        if (write_unencodable(stream, object) < 0) {
            goto done;
        }
    }
    if (PyFile_WriteString("\n", stream) < 0 || PyObject_SetAttr(builtins, _Py_LATIN1_CHR('_'), object) < 0) {
        goto done;
    }
    result = Py_NewRef(Py_None);
done:
    Py_XDECREF(stream);
    Py_DECREF(builtins);
    return result;
}

/* -- Errors ----------------------------------------------------------------------------------------------- */

PyObject *
sys_excepthook(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("excepthook", nargs, 3, 3)) {
        return NULL;
    }
    PyErr_Display(NULL, args[1], args[2]);
    Py_RETURN_NONE;
}

PyObject *
sys_unraisablehook(PyObject *module, PyObject *unraisable)
{
    return _PyErr_WriteUnraisableDefaultHook(unraisable);
}

PyObject *
sys_exception(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *exc = _PyErr_GetTopmostException(_PyThreadState_GET())->exc_value;
    return Py_NewRef(exc != NULL ? exc : Py_None);
}

PyObject *
sys_exc_info(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return _PyErr_StackItemToExcInfoTuple(_PyErr_GetTopmostException(_PyThreadState_GET()));
}

PyObject *
sys_exit(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("exit", nargs, 0, 1)) {
        return NULL;
    }
    PyErr_SetObject(PyExc_SystemExit, nargs ? args[0] : Py_None);
    return NULL;
}

/* -- breakpointhook ------------------------------------------------------------------------------------------ */

static void
warn_unimportable(const char *name)
{
    PyErr_Clear();
    PyErr_WarnFormat(PyExc_RuntimeWarning, 0, "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"", name);
}

PyObject *
sys_breakpointhook(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    const char *name = _Py_GetEnv(_Py_GetConfig()->use_environment, "PYTHONBREAKPOINT");
    if (name == NULL || name[0] == '\0') {
        name = "pdb.set_trace";
    }
    else if (strcmp(name, "0") == 0) {
        Py_RETURN_NONE;
    }
    /* The hook may change the environment, and the text with it. */
    PyObject *copy = PyBytes_FromString(name);
    if (copy == NULL) {
        return NULL;
    }
    name = PyBytes_AS_STRING(copy);
    PyObject *result = NULL, *owner = NULL, *hook = NULL;
    const char *dot = strrchr(name, '.');
    if (dot == name || (dot != NULL && dot[1] == '\0')) {
        /* ".x" and "x." name nothing. */
        warn_unimportable(name);
        goto done;
    }
    PyObject *module_name = dot == NULL ? PyUnicode_FromString("builtins") : PyUnicode_FromStringAndSize(name, dot - name);
    if (module_name == NULL) {
        goto done;
    }
    owner = PyImport_Import(module_name);
    Py_DECREF(module_name);
    if (owner == NULL) {
        if (PyErr_ExceptionMatches(PyExc_ImportError)) {
            warn_unimportable(name);
        }
        goto done;
    }
    hook = PyObject_GetAttrString(owner, dot == NULL ? name : dot + 1);
    if (hook == NULL) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
            warn_unimportable(name);
        }
        goto done;
    }
    result = PyObject_Vectorcall(hook, args, nargs, kwnames);
done:
    Py_XDECREF(owner);
    Py_XDECREF(hook);
    Py_DECREF(copy);
    if (result == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return result;
}

/* -- Trace and profile functions -------------------------------------------------------------------------------- */

/* In the order of PyTrace_CALL and the following. */
static PyObject *
event_name(int what)
{
    switch (what) {
        case PyTrace_CALL: return _Py_ID(call);
        case PyTrace_EXCEPTION: return _Py_ID(exception);
        case PyTrace_LINE: return _Py_ID(line);
        case PyTrace_RETURN: return _Py_ID(return);
        case PyTrace_C_CALL: return _Py_ID(c_call);
        case PyTrace_C_EXCEPTION: return _Py_ID(c_exception);
        case PyTrace_C_RETURN: return _Py_ID(c_return);
        default: return _Py_ID(opcode);
    }
}

static PyObject *
call_trace_function(PyObject *callback, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *stack[3] = {(PyObject *)frame, event_name(what), arg != NULL ? arg : Py_None};
    PyObject *result = PyObject_Vectorcall(callback, stack, 3, NULL);
    if (result == NULL) {
        PyTraceBack_Here(frame);
    }
    return result;
}

static int
profile_trampoline(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *result = call_trace_function(self, frame, what, arg);
    if (result == NULL) {
        _PyEval_SetProfile(_PyThreadState_GET(), NULL, NULL);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

/* New reference or NULL. */
static PyObject *
frame_trace_function(PyFrameObject *frame)
{
    PyObject *callback;
    Py_BEGIN_CRITICAL_SECTION(frame);
    callback = Py_XNewRef(frame->f_trace);
    Py_END_CRITICAL_SECTION();
    return callback;
}

/* Steals callback. */
static void
frame_set_trace_function(PyFrameObject *frame, PyObject *callback)
{
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(frame);
    old = frame->f_trace;
    frame->f_trace = callback;
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
}

static int
trace_trampoline(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *callback = what == PyTrace_CALL ? Py_NewRef(self) : frame_trace_function(frame);
    if (callback == NULL) {
        return 0;
    }
    PyObject *result = call_trace_function(callback, frame, what, arg);
    Py_DECREF(callback);
    if (result == NULL) {
        _PyEval_SetTrace(_PyThreadState_GET(), NULL, NULL);
        frame_set_trace_function(frame, NULL);
        return -1;
    }
    if (result != Py_None) {
        frame_set_trace_function(frame, result);
    }
    else {
        Py_DECREF(result);
    }
    return 0;
}

PyObject *
sys_settrace(PyObject *module, PyObject *function)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int result = function == Py_None ? _PyEval_SetTrace(tstate, NULL, NULL)
                                     : _PyEval_SetTrace(tstate, trace_trampoline, function);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
sys__settraceallthreads(PyObject *module, PyObject *function)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    int result = function == Py_None ? _PyEval_SetTraceAllThreads(interp, NULL, NULL)
                                     : _PyEval_SetTraceAllThreads(interp, trace_trampoline, function);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
sys_gettrace(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *function = _PyThreadState_GET()->c_traceobj;
    return Py_NewRef(function != NULL ? function : Py_None);
}

PyObject *
sys_setprofile(PyObject *module, PyObject *function)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int result = function == Py_None ? _PyEval_SetProfile(tstate, NULL, NULL)
                                     : _PyEval_SetProfile(tstate, profile_trampoline, function);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
sys__setprofileallthreads(PyObject *module, PyObject *function)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    int result = function == Py_None ? _PyEval_SetProfileAllThreads(interp, NULL, NULL)
                                     : _PyEval_SetProfileAllThreads(interp, profile_trampoline, function);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
sys_getprofile(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *function = _PyThreadState_GET()->c_profileobj;
    return Py_NewRef(function != NULL ? function : Py_None);
}

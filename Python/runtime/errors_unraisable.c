/* Exceptions that nobody can catch: sys.unraisablehook and its default. */
#include "Python.h"
#include "pycore_call.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_structseq.h"
#include "pycore_sysmodule.h"        // _PySys_GetOptionalAttr
#include "pycore_traceback.h"        // _PyTraceBack_FromFrame

/* -- The hook's argument ----------------------------------------------------------------------------------------------- */

static PyTypeObject UnraisableHookArgsType;

static PyStructSequence_Field UnraisableHookArgs_fields[] = {
    {"exc_type", "Exception type"},
    {"exc_value", "Exception value"},
    {"exc_traceback", "Exception traceback"},
    {"err_msg", "Error message"},
    {"object", "Object causing the exception"},
    {0}
};

static PyStructSequence_Desc UnraisableHookArgs_desc = {
    .name = "UnraisableHookArgs",
    .doc = "Type used to pass arguments to sys.unraisablehook.",
    .fields = UnraisableHookArgs_fields,
    .n_in_sequence = 5,
};

PyStatus
_PyErr_InitTypes(PyInterpreterState *interp)
{
    if (_PyStructSequence_InitBuiltin(interp, &UnraisableHookArgsType, &UnraisableHookArgs_desc) < 0) {
        return PyStatus_Error("failed to initialize UnraisableHookArgs type");
    }
    return PyStatus_Ok();
}

void
_PyErr_FiniTypes(PyInterpreterState *interp)
{
    _PyStructSequence_FiniBuiltin(interp, &UnraisableHookArgsType);
}

/* Steals nothing. */
static PyObject *
make_unraisable_hook_args(PyObject *exc_type, PyObject *exc_value, PyObject *exc_tb, PyObject *err_msg, PyObject *obj)
{
    PyObject *args = PyStructSequence_New(&UnraisableHookArgsType);
    if (args == NULL) {
        return NULL;
    }
    PyObject *fields[] = {exc_type, exc_value, exc_tb, err_msg, obj};
    for (Py_ssize_t i = 0; i < (Py_ssize_t)Py_ARRAY_LENGTH(fields); i++) {
        PyStructSequence_SET_ITEM(args, i, Py_NewRef(fields[i] == NULL ? Py_None : fields[i]));
    }
    return args;
}

/* -- The default hook ---------------------------------------------------------------------------------------------------- */

static int
write_name(PyObject *file, PyObject *exc_type)
{
    PyObject *modulename;
    int found = PyObject_GetOptionalAttr(exc_type, _Py_ID(__module__), &modulename);
    if (found < 0) {
        PyErr_Clear();
    }
    if (modulename == NULL || !PyUnicode_Check(modulename)) {
        Py_XDECREF(modulename);
        if (PyFile_WriteString("<unknown>.", file) < 0) {
            return -1;
        }
    }
    else {
        int is_plain = PyUnicode_CompareWithASCIIString(modulename, "builtins") == 0
                       || PyUnicode_CompareWithASCIIString(modulename, "__main__") == 0;
        int err = 0;
        if (!is_plain) {
            err = PyFile_WriteObject(modulename, file, Py_PRINT_RAW) < 0 || PyFile_WriteString(".", file) < 0;
        }
        Py_DECREF(modulename);
        if (err) {
            return -1;
        }
    }
    PyObject *qualname = PyType_GetQualName((PyTypeObject *)exc_type);
    if (qualname == NULL || !PyUnicode_Check(qualname)) {
        Py_XDECREF(qualname);
        PyErr_Clear();
        return PyFile_WriteString("<unknown>", file);
    }
    int err = PyFile_WriteObject(qualname, file, Py_PRINT_RAW);
    Py_DECREF(qualname);
    return err;
}

static int
write_heading(PyObject *err_msg, PyObject *obj, PyObject *file)
{
    if (obj != NULL && obj != Py_None) {
        if (err_msg != NULL && err_msg != Py_None) {
            if (PyFile_WriteObject(err_msg, file, Py_PRINT_RAW) < 0 || PyFile_WriteString(": ", file) < 0) {
                return -1;
            }
        }
        else if (PyFile_WriteString("Exception ignored in: ", file) < 0) {
            return -1;
        }
        if (PyFile_WriteObject(obj, file, 0) < 0) {
            PyErr_Clear();
            if (PyFile_WriteString("<object repr() failed>", file) < 0) {
                return -1;
            }
        }
        return PyFile_WriteString("\n", file);
    }
    if (err_msg != NULL && err_msg != Py_None) {
        return PyFile_WriteObject(err_msg, file, Py_PRINT_RAW) < 0 || PyFile_WriteString(":\n", file) < 0 ? -1 : 0;
    }
    return 0;
}

static int
write_unraisable(PyThreadState *tstate, PyObject *exc_type, PyObject *exc_value, PyObject *exc_tb, PyObject *err_msg,
                 PyObject *obj, PyObject *file)
{
    if (write_heading(err_msg, obj, file) < 0) {
        return -1;
    }
    /* The library's printer knows colours, notes and chains. */
    if (exc_value != NULL && exc_value != Py_None) {
        PyObject *print_exception = PyImport_ImportModuleAttrString("traceback", "_print_exception_bltin");
        if (print_exception != NULL && PyCallable_Check(print_exception)) {
            PyObject *args[2] = {exc_value, file};
            PyObject *result = PyObject_Vectorcall(print_exception, args, 1, NULL);
            Py_DECREF(print_exception);
            if (result != NULL) {
                Py_DECREF(result);
                return 0;
            }
        }
        else {
            Py_XDECREF(print_exception);
        }
        _PyErr_Clear(tstate);
    }
    /* At the end of the process, or very early. */
    if (exc_tb != NULL && exc_tb != Py_None && PyTraceBack_Print(exc_tb, file) < 0) {
        _PyErr_Clear(tstate);
    }
    if (exc_type == NULL || exc_type == Py_None) {
        return -1;
    }
    assert(PyExceptionClass_Check(exc_type));
    if (write_name(file, exc_type) < 0) {
        return -1;
    }
    if (exc_value && exc_value != Py_None) {
        if (PyFile_WriteString(": ", file) < 0) {
            return -1;
        }
        if (PyFile_WriteObject(exc_value, file, Py_PRINT_RAW) < 0) {
            _PyErr_Clear(tstate);
            if (PyFile_WriteString("<exception str() failed>", file) < 0) {
                return -1;
            }
        }
    }
    if (PyFile_WriteString("\n", file) < 0) {
        return -1;
    }
    PyObject *res = PyObject_CallMethodNoArgs(file, _Py_ID(flush));
    if (res == NULL) {
        _PyErr_Clear(tstate);
    }
    Py_XDECREF(res);
    return 0;
}

static int
write_unraisable_to_stderr(PyThreadState *tstate, PyObject *exc_type, PyObject *exc_value, PyObject *exc_tb,
                           PyObject *err_msg, PyObject *obj)
{
    PyObject *file;
    if (_PySys_GetOptionalAttr(_Py_ID(stderr), &file) < 0) {
        return -1;
    }
    if (file == NULL || file == Py_None) {
        Py_XDECREF(file);
        return 0;
    }
    int res = write_unraisable(tstate, exc_type, exc_value, exc_tb, err_msg, obj, file);
    Py_DECREF(file);
    return res;
}

/* sys.__unraisablehook__ */
PyObject *
_PyErr_WriteUnraisableDefaultHook(PyObject *args)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!Py_IS_TYPE(args, &UnraisableHookArgsType)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "sys.unraisablehook argument type must be UnraisableHookArgs");
        return NULL;
    }
    /* Borrowed: args keeps them. */
    PyObject *exc_type = PyStructSequence_GetItem(args, 0);
    PyObject *exc_value = PyStructSequence_GetItem(args, 1);
    PyObject *exc_tb = PyStructSequence_GetItem(args, 2);
    PyObject *err_msg = PyStructSequence_GetItem(args, 3);
    PyObject *obj = PyStructSequence_GetItem(args, 4);
    if (write_unraisable_to_stderr(tstate, exc_type, exc_value, exc_tb, err_msg, obj) == -1) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* -- Reporting --------------------------------------------------------------------------------------------------------------- */

/* Gives an exception without a traceback the place where it was ignored. */
static PyObject *
traceback_here(PyThreadState *tstate)
{
    PyFrameObject *frame = PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        return NULL;
    }
    PyObject *tb = _PyTraceBack_FromFrame(NULL, frame);
    Py_DECREF(frame);
    if (tb == NULL) {
        _PyErr_Clear(tstate);
    }
    return tb;
}

/* Hands the exception to the hook.  1: the hook (or the default) has dealt with it; 0: try the default with what is
   set now. */
static int
call_hook(PyThreadState *tstate, PyObject *exc, PyObject *exc_tb, PyObject *err_msg, PyObject *obj, PyObject **err_obj)
{
    PyObject *hook_args = make_unraisable_hook_args((PyObject *)Py_TYPE(exc), exc, exc_tb, err_msg, obj);
    if (hook_args == NULL) {
        return 0;
    }
    PyObject *hook;
    int found = _PySys_GetOptionalAttr(_Py_ID(unraisablehook), &hook);
    if (found < 0) {
        Py_DECREF(hook_args);
        return 0;
    }
    int done = 0;
    if (hook == NULL || hook == Py_None) {
        done = write_unraisable_to_stderr(tstate, (PyObject *)Py_TYPE(exc), exc, exc_tb, err_msg, obj) == 0;
    }
    else if (PySys_Audit("sys.unraisablehook", "OO", hook, hook_args) < 0) {
        *err_obj = NULL;
    }
    else {
        PyObject *res = PyObject_CallOneArg(hook, hook_args);
        if (res != NULL) {
            Py_DECREF(res);
            done = 1;
        }
        else {
            *err_obj = Py_NewRef(hook);
        }
    }
    Py_XDECREF(hook);
    Py_DECREF(hook_args);
    return done;
}

static void
report(PyThreadState *tstate, PyObject *err_msg, PyObject *obj)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    if (exc == NULL) {
        return;
    }
    PyObject *exc_tb = PyException_GetTraceback(exc);
    if (exc_tb == NULL) {
        exc_tb = traceback_here(tstate);
        if (exc_tb != NULL) {
            PyException_SetTraceback(exc, exc_tb);
        }
    }
    PyObject *err_obj = NULL;
    if (!call_hook(tstate, exc, exc_tb, err_msg, obj, &err_obj)) {
        /* The hook failed: report that by the default, once. */
        PyObject *exc2 = _PyErr_GetRaisedException(tstate);
        if (exc2 != NULL) {
            PyObject *msg2 = PyUnicode_FromString("Exception ignored in sys.unraisablehook");
            if (msg2 == NULL) {
                _PyErr_Clear(tstate);
            }
            PyObject *tb2 = PyException_GetTraceback(exc2);
            if (write_unraisable_to_stderr(tstate, (PyObject *)Py_TYPE(exc2), exc2, tb2, msg2, err_obj) < 0) {
                _PyErr_Clear(tstate);
            }
            Py_XDECREF(tb2);
            Py_XDECREF(msg2);
            Py_DECREF(exc2);
        }
    }
    Py_XDECREF(err_obj);
    Py_XDECREF(exc_tb);
    Py_DECREF(exc);
    _PyErr_Clear(tstate);
}

static void
format_unraisable_v(const char *format, va_list va, PyObject *obj)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    PyObject *err_msg = NULL;
    if (format != NULL) {
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        err_msg = PyUnicode_FromFormatV(format, va);
        if (err_msg == NULL) {
            _PyErr_Clear(tstate);
        }
        _PyErr_SetRaisedException(tstate, exc);
    }
    report(tstate, err_msg, obj);
    Py_XDECREF(err_msg);
}

void
PyErr_FormatUnraisable(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    format_unraisable_v(format, va, NULL);
    va_end(va);
}

static void
format_unraisable(PyObject *obj, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    format_unraisable_v(format, va, obj);
    va_end(va);
}

void
_PyErr_WriteUnraisableMsg(const char *err_msg_str, PyObject *obj)
{
    if (err_msg_str) {
        format_unraisable(obj, "Exception ignored %s", err_msg_str);
    }
    else {
        format_unraisable(obj, NULL);
    }
}

void
PyErr_WriteUnraisable(PyObject *obj)
{
    format_unraisable(obj, NULL);
}

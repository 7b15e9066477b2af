/* The current exception: setting, fetching, matching, chaining.

   tstate->current_exception is NULL or one exception instance that the thread owns; there is never a class
   without an instance, so normalisation happens where an exception is set.  A thread's exceptions belong to
   that thread alone: no locks. */
#include "Python.h"
#include "pycore_call.h"             // _PyObject_CallNoArgs
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_unicodeobject.h"

#include <errno.h>

/* -- The raised exception -------------------------------------------------------------------------------------------- */

void
_PyErr_SetRaisedException(PyThreadState *tstate, PyObject *exc)
{
    PyObject *old_exc = tstate->current_exception;
    tstate->current_exception = exc;
    Py_XDECREF(old_exc);
}

void
PyErr_SetRaisedException(PyObject *exc)
{
    _PyErr_SetRaisedException(_PyThreadState_GET(), exc);
}

PyObject *
_PyErr_GetRaisedException(PyThreadState *tstate)
{
    PyObject *exc = tstate->current_exception;
    tstate->current_exception = NULL;
    return exc;
}

PyObject *
PyErr_GetRaisedException(void)
{
    return _PyErr_GetRaisedException(_PyThreadState_GET());
}

PyObject *
PyErr_Occurred(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(tstate != NULL);
    return _PyErr_Occurred(tstate);
}

void
_PyErr_Clear(PyThreadState *tstate)
{
    _PyErr_SetRaisedException(tstate, NULL);
}

void
PyErr_Clear(void)
{
    _PyErr_Clear(_PyThreadState_GET());
}

/* -- Making instances --------------------------------------------------------------------------------------------------- */

static PyObject *
create_exception(PyObject *exception_type, PyObject *value)
{
    PyObject *exc;
    if (value == NULL || value == Py_None) {
        exc = _PyObject_CallNoArgs(exception_type);
    }
    else if (PyTuple_Check(value)) {
        exc = PyObject_Call(exception_type, value, NULL);
    }
    else {
        exc = PyObject_CallOneArg(exception_type, value);
    }
    if (exc != NULL && !PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %s",
                     exception_type, Py_TYPE(exc)->tp_name);
        Py_CLEAR(exc);
    }
    return exc;
}

void
_PyErr_Restore(PyThreadState *tstate, PyObject *type, PyObject *value, PyObject *traceback)
{
    if (type == NULL) {
        assert(value == NULL && traceback == NULL);
        _PyErr_SetRaisedException(tstate, NULL);
        return;
    }
    assert(PyExceptionClass_Check(type));
    if (value != NULL && PyExceptionInstance_Check(value)) {
        /* normal already */
    }
    else {
        PyObject *exc = create_exception(type, value);
        Py_XDECREF(value);
        if (exc == NULL) {
            Py_DECREF(type);
            Py_XDECREF(traceback);
            return;
        }
        value = exc;
    }
    if (traceback != NULL && traceback != Py_None && !PyTraceBack_Check(traceback)) {
        Py_DECREF(traceback);
        traceback = NULL;
    }
    if (traceback == Py_None) {
        Py_SETREF(traceback, NULL);
    }
    PyException_SetTraceback(value, traceback ? traceback : Py_None);
    Py_XDECREF(traceback);
    _PyErr_SetRaisedException(tstate, value);
    Py_DECREF(type);
}

void
PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback)
{
    _PyErr_Restore(_PyThreadState_GET(), type, value, traceback);
}

void
_PyErr_Fetch(PyThreadState *tstate, PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    *p_value = exc;
    if (exc == NULL) {
        *p_type = NULL;
        *p_traceback = NULL;
    }
    else {
        *p_type = Py_NewRef(Py_TYPE(exc));
        *p_traceback = PyException_GetTraceback(exc);
    }
}

void
PyErr_Fetch(PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    _PyErr_Fetch(_PyThreadState_GET(), p_type, p_value, p_traceback);
}

#ifndef Py_NORMALIZE_RECURSION_LIMIT
#  define Py_NORMALIZE_RECURSION_LIMIT 32
#endif

/* For a triple from old code: makes *val an instance.  What goes wrong replaces the triple. */
void
_PyErr_NormalizeException(PyThreadState *tstate, PyObject **exc, PyObject **val, PyObject **tb)
{
    int recursion_depth = 0;
    tstate->recursion_headroom++;
restart:;
    PyObject *type = *exc;
    if (type == NULL) {
        tstate->recursion_headroom--;
        return;
    }
    PyObject *value = *val;
    if (!value) {
        value = Py_NewRef(Py_None);
    }
    if (PyExceptionClass_Check(type)) {
        PyObject *inclass = NULL;
        int is_subclass = 0;
        if (PyExceptionInstance_Check(value)) {
            inclass = PyExceptionInstance_Class(value);
            is_subclass = PyObject_IsSubclass(inclass, type);
            if (is_subclass < 0) {
                goto error;
            }
        }
        if (!is_subclass) {
            PyObject *fixed_value = create_exception(type, value);
            if (fixed_value == NULL) {
                goto error;
            }
            Py_SETREF(value, fixed_value);
        }
        else if (inclass != type) {
            Py_SETREF(type, Py_NewRef(inclass));
        }
    }
    *exc = type;
    *val = value;
    tstate->recursion_headroom--;
    return;

error:
    Py_DECREF(type);
    Py_DECREF(value);
    recursion_depth++;
    if (recursion_depth == Py_NORMALIZE_RECURSION_LIMIT) {
        _PyErr_SetString(tstate, PyExc_RecursionError,
                         "maximum recursion depth exceeded while normalizing an exception");
    }
    PyObject *initial_tb = *tb;
    _PyErr_Fetch(tstate, exc, val, tb);
    assert(*exc != NULL);
    if (initial_tb != NULL) {
        if (*tb == NULL) {
            *tb = initial_tb;
        }
        else {
            Py_DECREF(initial_tb);
        }
    }
    if (recursion_depth >= Py_NORMALIZE_RECURSION_LIMIT + 2) {
        if (PyErr_GivenExceptionMatches(*exc, PyExc_MemoryError)) {
            Py_FatalError("Cannot recover from MemoryErrors while normalizing exceptions.");
        }
        else {
            Py_FatalError("Cannot recover from the recursive normalization of an exception.");
        }
    }
    goto restart;
}

void
PyErr_NormalizeException(PyObject **exc, PyObject **val, PyObject **tb)
{
    _PyErr_NormalizeException(_PyThreadState_GET(), exc, val, tb);
}

/* -- Setting -------------------------------------------------------------------------------------------------------------- */

_PyErr_StackItem *
_PyErr_GetTopmostException(PyThreadState *tstate)
{
    _PyErr_StackItem *exc_info = tstate->exc_info;
    assert(exc_info);
    while (exc_info->exc_value == NULL && exc_info->previous_item != NULL) {
        exc_info = exc_info->previous_item;
    }
    assert(exc_info->exc_value == NULL || exc_info->exc_value == Py_None || PyExceptionInstance_Check(exc_info->exc_value));
    return exc_info;
}

static void
add_normalization_note(PyThreadState *tstate, PyObject *exception, PyObject *value)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(PyExceptionInstance_Check(exc));
    PyObject *args = PyObject_Repr(value);
    if (args == NULL) {
        _PyErr_Clear(tstate);
        args = PyUnicode_FromFormat("<unknown>");
    }
    PyObject *note = NULL;
    const char *tpname = PyType_Check(exception) ? ((PyTypeObject *)exception)->tp_name : "?";
    if (args != NULL) {
        note = PyUnicode_FromFormat("Normalization failed: type=%s args=%S", tpname, args);
        Py_DECREF(args);
    }
    if (note != NULL) {
        if (_PyException_AddNote(exc, note) < 0) {
            _PyErr_Clear(tstate);
        }
        Py_DECREF(note);
    }
    _PyErr_Clear(tstate);
    _PyErr_SetRaisedException(tstate, exc);
}

/* value's context becomes exc_value (stolen).  A chain that leads from exc_value to value is cut before value, so
   that no cycle arises; cycles that exist already do not make this loop for ever (R. W. Floyd's tortoise and
   hare). */
static void
set_context_no_cycle(PyObject *value, PyObject *exc_value)
{
    if (exc_value == value) {
        Py_DECREF(exc_value);
        return;
    }
    PyObject *o = exc_value, *slow_o = exc_value, *context;
    int slow_update_toggle = 0;
    while ((context = PyException_GetContext(o)) != NULL) {
        Py_DECREF(context);
        if (context == value) {
            PyException_SetContext(o, NULL);
            break;
        }
        o = context;
        if (o == slow_o) {
            break;
        }
        if (slow_update_toggle) {
            slow_o = PyException_GetContext(slow_o);
            Py_XDECREF(slow_o);
            if (slow_o == NULL) {
                break;
            }
        }
        slow_update_toggle = !slow_update_toggle;
    }
    PyException_SetContext(value, exc_value);
}

void
_PyErr_SetObject(PyThreadState *tstate, PyObject *exception, PyObject *value)
{
    if (exception != NULL && !PyExceptionClass_Check(exception)) {
        _PyErr_Format(tstate, PyExc_SystemError, "_PyErr_SetObject: exception %R is not a BaseException subclass",
                      exception);
        return;
    }
    int is_subclass = 0;
    if (value != NULL && PyExceptionInstance_Check(value)) {
        is_subclass = PyType_IsSubtype(Py_TYPE(value), (PyTypeObject *)exception);
    }
    Py_XINCREF(value);
    if (!is_subclass) {
        /* Nothing may be called with an exception set. */
        _PyErr_Clear(tstate);
        PyObject *fixed_value = create_exception(exception, value);
        if (fixed_value == NULL) {
            add_normalization_note(tstate, exception, value);
            Py_XDECREF(value);
            return;
        }
        Py_XSETREF(value, fixed_value);
    }
    PyObject *exc_value = _PyErr_GetTopmostException(tstate)->exc_value;
    if (exc_value != NULL && exc_value != Py_None) {
        set_context_no_cycle(value, Py_NewRef(exc_value));
    }
    assert(value != NULL);
    /* The traceback that it has stays. */
    _PyErr_SetRaisedException(tstate, value);
}

void
PyErr_SetObject(PyObject *exception, PyObject *value)
{
    _PyErr_SetObject(_PyThreadState_GET(), exception, value);
}

/* KeyError(key), even if key is a tuple or an exception. */
void
_PyErr_SetKeyError(PyObject *key)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = PyObject_CallOneArg(PyExc_KeyError, key);
    if (!exc) {
        return;      /* the exception of the failed call */
    }
    _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(exc), exc);
    Py_DECREF(exc);
}

void
_PyErr_SetNone(PyThreadState *tstate, PyObject *exception)
{
    _PyErr_SetObject(tstate, exception, NULL);
}

void
PyErr_SetNone(PyObject *exception)
{
    _PyErr_SetNone(_PyThreadState_GET(), exception);
}

void
_PyErr_SetString(PyThreadState *tstate, PyObject *exception, const char *string)
{
    PyObject *value = PyUnicode_FromString(string);
    if (value != NULL) {
        _PyErr_SetObject(tstate, exception, value);
        Py_DECREF(value);
    }
}

void
PyErr_SetString(PyObject *exception, const char *string)
{
    _PyErr_SetString(_PyThreadState_GET(), exception, string);
}

void
_PyErr_SetLocaleString(PyObject *exception, const char *string)
{
    PyObject *value = PyUnicode_DecodeLocale(string, "surrogateescape");
    if (value != NULL) {
        PyErr_SetObject(exception, value);
        Py_DECREF(value);
    }
}

PyObject *
_PyErr_FormatV(PyThreadState *tstate, PyObject *exception, const char *format, va_list vargs)
{
    /* Formatting may run code, which must not see an old exception. */
    _PyErr_Clear(tstate);
    PyObject *string = PyUnicode_FromFormatV(format, vargs);
    if (string != NULL) {
        _PyErr_SetObject(tstate, exception, string);
        Py_DECREF(string);
    }
    return NULL;
}

PyObject *
PyErr_FormatV(PyObject *exception, const char *format, va_list vargs)
{
    return _PyErr_FormatV(_PyThreadState_GET(), exception, format, vargs);
}

PyObject *
_PyErr_Format(PyThreadState *tstate, PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    _PyErr_FormatV(tstate, exception, format, vargs);
    va_end(vargs);
    return NULL;
}

PyObject *
PyErr_Format(PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    _PyErr_FormatV(_PyThreadState_GET(), exception, format, vargs);
    va_end(vargs);
    return NULL;
}

/* Adds a note to the current exception.  If that fails, the new exception has it as its context. */
void
_PyErr_FormatNote(const char *format, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(_PyErr_Occurred(tstate));
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    va_list vargs;
    va_start(vargs, format);
    PyObject *note = PyUnicode_FromFormatV(format, vargs);
    va_end(vargs);
    int res = note == NULL ? -1 : _PyException_AddNote(exc, note);
    Py_XDECREF(note);
    if (res < 0) {
        _PyErr_ChainExceptions1Tstate(tstate, exc);
        return;
    }
    _PyErr_SetRaisedException(tstate, exc);
}

/* -- Matching ------------------------------------------------------------------------------------------------------------------ */

int
PyErr_GivenExceptionMatches(PyObject *err, PyObject *exc)
{
    if (err == NULL || exc == NULL) {
        return 0;
    }
    if (PyTuple_Check(exc)) {
        Py_ssize_t n = PyTuple_GET_SIZE(exc);
        for (Py_ssize_t i = 0; i < n; i++) {
            if (PyErr_GivenExceptionMatches(err, PyTuple_GET_ITEM(exc, i))) {
                return 1;
            }
        }
        return 0;
    }
    if (PyExceptionInstance_Check(err)) {
        err = PyExceptionInstance_Class(err);
    }
    if (PyExceptionClass_Check(err) && PyExceptionClass_Check(exc)) {
        return PyType_IsSubtype((PyTypeObject *)err, (PyTypeObject *)exc);
    }
    return err == exc;
}

int
_PyErr_ExceptionMatches(PyThreadState *tstate, PyObject *exc)
{
    return PyErr_GivenExceptionMatches(_PyErr_Occurred(tstate), exc);
}

int
PyErr_ExceptionMatches(PyObject *exc)
{
    return _PyErr_ExceptionMatches(_PyThreadState_GET(), exc);
}

/* -- The exception being handled ------------------------------------------------------------------------------------------------- */

PyObject *
_PyErr_GetHandledException(PyThreadState *tstate)
{
    PyObject *exc = _PyErr_GetTopmostException(tstate)->exc_value;
    return exc == NULL || exc == Py_None ? NULL : Py_NewRef(exc);
}

PyObject *
PyErr_GetHandledException(void)
{
    return _PyErr_GetHandledException(_PyThreadState_GET());
}

void
_PyErr_SetHandledException(PyThreadState *tstate, PyObject *exc)
{
    Py_XSETREF(tstate->exc_info->exc_value, Py_XNewRef(exc == Py_None ? NULL : exc));
}

void
PyErr_SetHandledException(PyObject *exc)
{
    _PyErr_SetHandledException(_PyThreadState_GET(), exc);
}

static PyObject *
get_exc_type(PyObject *exc_value)      /* borrowed */
{
    if (exc_value == NULL || exc_value == Py_None) {
        return Py_None;
    }
    assert(PyExceptionInstance_Check(exc_value));
    return PyExceptionInstance_Class(exc_value);
}

static PyObject *
get_exc_traceback(PyObject *exc_value)      /* new reference */
{
    if (exc_value == NULL || exc_value == Py_None) {
        return Py_NewRef(Py_None);
    }
    PyObject *tb = PyException_GetTraceback(exc_value);
    return tb ? tb : Py_NewRef(Py_None);
}

void
_PyErr_GetExcInfo(PyThreadState *tstate, PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    PyObject *exc_value = _PyErr_GetTopmostException(tstate)->exc_value;
    *p_type = Py_NewRef(get_exc_type(exc_value));
    *p_value = Py_XNewRef(exc_value);
    *p_traceback = get_exc_traceback(exc_value);
}

void
PyErr_GetExcInfo(PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    _PyErr_GetExcInfo(_PyThreadState_GET(), p_type, p_value, p_traceback);
}

void
PyErr_SetExcInfo(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyErr_SetHandledException(value);
    Py_XDECREF(value);
    /* The other two follow from the value. */
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

PyObject *
_PyErr_StackItemToExcInfoTuple(_PyErr_StackItem *err_info)
{
    PyObject *exc_value = err_info->exc_value;
    PyObject *exc_traceback = get_exc_traceback(exc_value);
    PyObject *ret = PyTuple_Pack(3, get_exc_type(exc_value), exc_value ? exc_value : Py_None, exc_traceback);
    Py_DECREF(exc_traceback);
    return ret;
}

/* -- Chaining ----------------------------------------------------------------------------------------------------------------------- */

void
_PyErr_ChainExceptions1Tstate(PyThreadState *tstate, PyObject *exc)
{
    if (exc == NULL) {
        return;
    }
    if (_PyErr_Occurred(tstate)) {
        PyObject *exc2 = _PyErr_GetRaisedException(tstate);
        PyException_SetContext(exc2, exc);
        _PyErr_SetRaisedException(tstate, exc2);
    }
    else {
        _PyErr_SetRaisedException(tstate, exc);
    }
}

void
_PyErr_ChainExceptions1(PyObject *exc)
{
    _PyErr_ChainExceptions1Tstate(_PyThreadState_GET(), exc);
}

void
_PyErr_ChainStackItem(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(_PyErr_Occurred(tstate));
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(exc), exc);     /* sets the context from the thread state */
    Py_DECREF(exc);
}

static PyObject *
format_from_cause(PyThreadState *tstate, PyObject *exception, const char *format, va_list vargs)
{
    assert(_PyErr_Occurred(tstate));
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(!_PyErr_Occurred(tstate));
    _PyErr_FormatV(tstate, exception, format, vargs);
    PyObject *exc2 = _PyErr_GetRaisedException(tstate);
    PyException_SetCause(exc2, Py_NewRef(exc));
    PyException_SetContext(exc2, exc);
    _PyErr_SetRaisedException(tstate, exc2);
    return NULL;
}

PyObject *
_PyErr_FormatFromCauseTstate(PyThreadState *tstate, PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    format_from_cause(tstate, exception, format, vargs);
    va_end(vargs);
    return NULL;
}

PyObject *
_PyErr_FormatFromCause(PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    format_from_cause(_PyThreadState_GET(), exception, format, vargs);
    va_end(vargs);
    return NULL;
}

/* -- Frequent ones -------------------------------------------------------------------------------------------------------------------- */

int
PyErr_BadArgument(void)
{
    PyErr_SetString(PyExc_TypeError, "bad argument type for built-in operation");
    return 0;
}

PyObject *
_PyErr_NoMemory(PyThreadState *tstate)
{
    if (Py_IS_TYPE(PyExc_MemoryError, NULL)) {
        /* Before the types are there. */
        Py_FatalError("Out of memory and PyExc_MemoryError is not initialized yet");
    }
    PyObject *err = _PyExc_GetMemoryError();
    if (err != NULL) {
        _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(err), err);
        Py_DECREF(err);
    }
    return NULL;
}

PyObject *
PyErr_NoMemory(void)
{
    return _PyErr_NoMemory(_PyThreadState_GET());
}

void
_PyErr_BadInternalCall(const char *filename, int lineno)
{
    PyErr_Format(PyExc_SystemError, "%s:%d: bad argument to internal function", filename, lineno);
}

#undef PyErr_BadInternalCall
void
PyErr_BadInternalCall(void)
{
    PyErr_Format(PyExc_SystemError, "bad argument to internal function");
}

void
_PyErr_SetFromPyStatus(PyStatus status)
{
    if (!PyStatus_IsError(status)) {
        PyErr_Format(PyExc_SystemError, "_PyErr_SetFromPyStatus() expects an error PyStatus");
        return;
    }
    const char *err_msg = status.err_msg;
    if (err_msg == NULL || strlen(err_msg) == 0) {
        PyErr_Format(PyExc_RuntimeError, "%s", "failed to initialize");
        return;
    }
    if (strcmp(err_msg, "memory allocation failed") == 0) {
        PyErr_NoMemory();
        return;
    }
    if (status.func) {
        PyErr_Format(PyExc_RuntimeError, "%s: %s", status.func, err_msg);
    }
    else {
        PyErr_SetString(PyExc_RuntimeError, err_msg);
    }
}

/* -- errno ------------------------------------------------------------------------------------------------------------------------------ */

PyObject *
PyErr_SetFromErrnoWithFilenameObjects(PyObject *exc, PyObject *filenameObject, PyObject *filenameObject2)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int i = errno;
    if (i == EINTR && PyErr_CheckSignals()) {
        return NULL;
    }
    PyObject *message;
    if (i != 0) {
        message = PyUnicode_DecodeLocale(strerror(i), "surrogateescape");
    }
    else {
        message = PyUnicode_FromString("Error");
    }
    if (message == NULL) {
        return NULL;
    }
    PyObject *args;
    if (filenameObject != NULL) {
        args = filenameObject2 != NULL ? Py_BuildValue("(iOOiO)", i, message, filenameObject, 0, filenameObject2)
                                       : Py_BuildValue("(iOO)", i, message, filenameObject);
    }
    else {
        assert(filenameObject2 == NULL);
        args = Py_BuildValue("(iO)", i, message);
    }
    Py_DECREF(message);
    if (args != NULL) {
        PyObject *v = PyObject_Call(exc, args, NULL);
        Py_DECREF(args);
        if (v != NULL) {
            _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(v), v);
            Py_DECREF(v);
        }
    }
    return NULL;
}

PyObject *
PyErr_SetFromErrnoWithFilenameObject(PyObject *exc, PyObject *filenameObject)
{
    return PyErr_SetFromErrnoWithFilenameObjects(exc, filenameObject, NULL);
}

PyObject *
PyErr_SetFromErrnoWithFilename(PyObject *exc, const char *filename)
{
    PyObject *name = NULL;
    if (filename) {
        int i = errno;
        name = PyUnicode_DecodeFSDefault(filename);
        if (name == NULL) {
            return NULL;
        }
        errno = i;
    }
    PyObject *result = PyErr_SetFromErrnoWithFilenameObjects(exc, name, NULL);
    Py_XDECREF(name);
    return result;
}

PyObject *
PyErr_SetFromErrno(PyObject *exc)
{
    return PyErr_SetFromErrnoWithFilenameObjects(exc, NULL, NULL);
}

/* -- ImportError --------------------------------------------------------------------------------------------------------------------------- */

PyObject *
_PyErr_SetImportErrorSubclassWithNameFrom(PyObject *exception, PyObject *msg, PyObject *name, PyObject *path,
                                          PyObject *from_name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int issubclass = PyObject_IsSubclass(exception, PyExc_ImportError);
    if (issubclass < 0) {
        return NULL;
    }
    if (!issubclass) {
        _PyErr_SetString(tstate, PyExc_TypeError, "expected a subclass of ImportError");
        return NULL;
    }
    if (msg == NULL) {
        _PyErr_SetString(tstate, PyExc_TypeError, "expected a message argument");
        return NULL;
    }
    PyObject *kwargs = PyDict_New();
    if (kwargs == NULL) {
        return NULL;
    }
    PyObject *none = Py_None;
    if (PyDict_SetItem(kwargs, _Py_ID(name), name ? name : none) == 0
        && PyDict_SetItem(kwargs, _Py_ID(path), path ? path : none) == 0
        && PyDict_SetItem(kwargs, _Py_ID(name_from), from_name ? from_name : none) == 0) {
        PyObject *error = PyObject_VectorcallDict(exception, &msg, 1, kwargs);
        if (error != NULL) {
            _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(error), error);
            Py_DECREF(error);
        }
    }
    Py_DECREF(kwargs);
    return NULL;
}

PyObject *
PyErr_SetImportErrorSubclass(PyObject *exception, PyObject *msg, PyObject *name, PyObject *path)
{
    return _PyErr_SetImportErrorSubclassWithNameFrom(exception, msg, name, path, NULL);
}

PyObject *
_PyErr_SetImportErrorWithNameFrom(PyObject *msg, PyObject *name, PyObject *path, PyObject *from_name)
{
    return _PyErr_SetImportErrorSubclassWithNameFrom(PyExc_ImportError, msg, name, path, from_name);
}

PyObject *
PyErr_SetImportError(PyObject *msg, PyObject *name, PyObject *path)
{
    return _PyErr_SetImportErrorSubclassWithNameFrom(PyExc_ImportError, msg, name, path, NULL);
}

int
_PyErr_SetModuleNotFoundError(PyObject *name)
{
    if (name == NULL) {
        PyErr_SetString(PyExc_TypeError, "expected a name argument");
        return -1;
    }
    PyObject *msg = PyUnicode_FromFormat("%S module not found", name);
    if (msg == NULL) {
        return -1;
    }
    PyErr_SetImportErrorSubclass(PyExc_ModuleNotFoundError, msg, name, NULL);
    Py_DECREF(msg);
    return 0;
}

/* -- New exception classes --------------------------------------------------------------------------------------------------------------------- */

PyObject *
PyErr_NewException(const char *name, PyObject *base, PyObject *dict)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *mydict = NULL, *bases = NULL, *result = NULL;
    const char *dot = strrchr(name, '.');
    if (dot == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "PyErr_NewException: name must be module.class");
        return NULL;
    }
    if (base == NULL) {
        base = PyExc_Exception;
    }
    if (dict == NULL) {
        dict = mydict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
    }
    int r = PyDict_Contains(dict, _Py_ID(__module__));
    if (r < 0) {
        goto done;
    }
    if (r == 0) {
        PyObject *modulename = PyUnicode_FromStringAndSize(name, (Py_ssize_t)(dot - name));
        if (modulename == NULL) {
            goto done;
        }
        r = PyDict_SetItem(dict, _Py_ID(__module__), modulename);
        Py_DECREF(modulename);
        if (r != 0) {
            goto done;
        }
    }
    bases = PyTuple_Check(base) ? Py_NewRef(base) : PyTuple_Pack(1, base);
    if (bases != NULL) {
        /* A real class, made by calling type(). */
        result = PyObject_CallFunction((PyObject *)&PyType_Type, "sOO", dot + 1, bases, dict);
    }
done:
    Py_XDECREF(bases);
    Py_XDECREF(mydict);
    return result;
}

PyObject *
PyErr_NewExceptionWithDoc(const char *name, const char *doc, PyObject *base, PyObject *dict)
{
    PyObject *ret = NULL, *mydict = NULL;
    if (dict == NULL) {
        dict = mydict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
    }
    if (doc != NULL) {
        PyObject *docobj = PyUnicode_FromString(doc);
        if (docobj == NULL) {
            goto done;
        }
        int result = PyDict_SetItem(dict, _Py_ID(__doc__), docobj);
        Py_DECREF(docobj);
        if (result < 0) {
            goto done;
        }
    }
    ret = PyErr_NewException(name, base, dict);
done:
    Py_XDECREF(mydict);
    return ret;
}

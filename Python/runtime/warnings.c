/* Warnings: choosing what happens to one by the filters, remembering which have been shown, showing them.

   The state (filters, registry of "once", default action) is the interpreter's; the `warnings` module, once imported, may
   replace each part by an attribute of its own, which wins.
   Locking: the interpreter's warnings lock, recursive, is held while the filters are searched and a registry is updated, not
   while a warning is shown; the lists and dicts have their own locks as well. */
#include "Python.h"
#include "pycore_ceval.h"
#include "pycore_frame.h"
#include "pycore_genobject.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_lock.h"
#include "pycore_long.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_sysmodule.h"
#include "pycore_traceback.h"
#include "pycore_unicodeobject.h"
#include "pycore_warnings.h"

#include <stdarg.h>
#include <stdbool.h>

typedef struct _warnings_runtime_state WarningsState;

/* -- State ------------------------------------------------------------------------------------------------- */

#ifndef Py_DEBUG
static int
append_filter(PyObject *filters, PyObject *category, const char *action, const char *module)
{
    PyObject *row = Py_BuildValue("(sOOzi)", action, Py_None, category, module, 0);
    int result = row != NULL ? PyList_Append(filters, row) : -1;
    Py_XDECREF(row);
    return result;
}
#endif

/* A debug build shows everything. */
static PyObject *
initial_filters(void)
{
    PyObject *filters = PyList_New(0);
#ifndef Py_DEBUG
    if (filters != NULL && (append_filter(filters, PyExc_DeprecationWarning, "default", "__main__") < 0 ||
                            append_filter(filters, PyExc_DeprecationWarning, "ignore", NULL) < 0 ||
                            append_filter(filters, PyExc_PendingDeprecationWarning, "ignore", NULL) < 0 ||
                            append_filter(filters, PyExc_ImportWarning, "ignore", NULL) < 0 ||
                            append_filter(filters, PyExc_ResourceWarning, "ignore", NULL) < 0)) {
        Py_CLEAR(filters);
    }
#endif
    return filters;
}

int
_PyWarnings_InitState(PyInterpreterState *interp)
{
    WarningsState *state = &interp->warnings;
    if (state->filters == NULL && (state->filters = initial_filters()) == NULL) {
        return -1;
    }
    if (state->once_registry == NULL && (state->once_registry = PyDict_New()) == NULL) {
        return -1;
    }
    if (state->default_action == NULL && (state->default_action = PyUnicode_FromString("default")) == NULL) {
        return -1;
    }
    if (state->context == NULL && (state->context = PyContextVar_New("_warnings_context", NULL)) == NULL) {
        return -1;
    }
    return 0;
}

void
_PyWarnings_Fini(PyInterpreterState *interp)
{
    WarningsState *state = &interp->warnings;
    Py_CLEAR(state->filters);
    Py_CLEAR(state->once_registry);
    Py_CLEAR(state->default_action);
    Py_CLEAR(state->context);
}

/* warnings.name: new reference, or NULL, without an exception if there is no such attribute or no module yet. */
static PyObject *
module_attribute(PyInterpreterState *interp, PyObject *name, int import)
{
    /* Late in the life of an interpreter an import may not work any more. */
    PyObject *module;
    if (import && _PyInterpreterState_GetFinalizing(interp) == NULL) {
        module = PyImport_Import(_Py_ID(warnings));
        if (module == NULL) {
            if (PyErr_ExceptionMatches(PyExc_ImportError)) {
                PyErr_Clear();
            }
            return NULL;
        }
    }
    else {
        if (interp->imports.modules == NULL) {
            return NULL;
        }
        module = PyImport_GetModule(_Py_ID(warnings));
        if (module == NULL || module == Py_None) {
            Py_XDECREF(module);
            return NULL;
        }
    }
    PyObject *value;
    (void)PyObject_GetOptionalAttr(module, name, &value);
    Py_DECREF(module);
    return value;
}

/* The part of the state that the module's attribute, where it has one of the right type, replaces; new reference. */
static PyObject *
current_part(PyInterpreterState *interp, PyObject *name, PyObject **slot, PyTypeObject *type, const char *format)
{
    PyObject *value = module_attribute(interp, name, 0);
    if (value == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(*slot);
    }
    if (!PyObject_TypeCheck(value, type)) {
        PyErr_Format(type == &PyList_Type ? PyExc_ValueError : PyExc_TypeError, format, Py_TYPE(value)->tp_name);
        Py_DECREF(value);
        return NULL;
    }
    Py_XSETREF(*slot, Py_NewRef(value));
    return value;
}

static PyObject *
once_registry(PyInterpreterState *interp)
{
    return current_part(interp, _Py_ID(onceregistry), &interp->warnings.once_registry, &PyDict_Type,
                        "_warnings.onceregistry must be a dict, not '%.200s'");
}

static PyObject *
default_action(PyInterpreterState *interp)
{
    return current_part(interp, _Py_ID(defaultaction), &interp->warnings.default_action, &PyUnicode_Type,
                        "_warnings.defaultaction must be a string, not '%.200s'");
}

/* -- Filters ------------------------------------------------------------------------------------------------- */

/* 1, 0, -1.  None matches everything, a str what is equal, anything else by its match(). */
static int
field_matches(PyObject *pattern, PyObject *text)
{
    if (pattern == Py_None) {
        return 1;
    }
    if (PyUnicode_CheckExact(pattern)) {
        return PyUnicode_Check(text) && PyUnicode_Compare(pattern, text) == 0;
    }
    PyObject *result = PyObject_CallMethodOneArg(pattern, _Py_ID(match), text);
    if (result == NULL) {
        return -1;
    }
    int truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

static int
filter_matches(PyObject *row, PyObject *category, PyObject *text, Py_ssize_t lineno, PyObject *module)
{
    Py_ssize_t line = PyLong_AsSsize_t(PyTuple_GET_ITEM(row, 4));
    if (line == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (line != 0 && line != lineno) {
        return 0;
    }
    int result = field_matches(PyTuple_GET_ITEM(row, 1), text);
    if (result > 0) {
        result = field_matches(PyTuple_GET_ITEM(row, 3), module);
    }
    if (result > 0) {
        result = PyObject_IsSubclass(category, PyTuple_GET_ITEM(row, 2));
    }
    return result;
}

/* 1: *row is the first that matches (new reference), 0: none, -1. */
static int
search_filters(PyObject *filters, const char *name, PyObject *category, PyObject *text, Py_ssize_t lineno,
               PyObject *module, PyObject **row)
{
    /* match() may change the list. */
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(filters); i++) {
        PyObject *candidate = PyList_GetItemRef(filters, i);
        if (candidate == NULL) {
            PyErr_Clear();
            break;
        }
        if (!PyTuple_Check(candidate) || PyTuple_GET_SIZE(candidate) != 5) {
            PyErr_Format(PyExc_ValueError, "warnings.%s item %zd isn't a 5-tuple", name, i);
            Py_DECREF(candidate);
            return -1;
        }
        PyObject *action = PyTuple_GET_ITEM(candidate, 0);
        if (!PyUnicode_Check(action)) {
            PyErr_Format(PyExc_TypeError, "action must be a string, not '%.200s'", Py_TYPE(action)->tp_name);
            Py_DECREF(candidate);
            return -1;
        }
        int result = filter_matches(candidate, category, text, lineno, module);
        if (result > 0) {
            *row = candidate;
            return 1;
        }
        Py_DECREF(candidate);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

/* The list of filters in force: that of the current context, the module's, or the interpreter's own. */
static PyObject *
current_filters(PyInterpreterState *interp, const char **name)
{
    if (_PyInterpreterState_GetConfig(interp)->context_aware_warnings) {
        PyObject *context;
        if (PyContextVar_Get(interp->warnings.context, NULL, &context) < 0) {
            return NULL;
        }
        if (context != NULL && context != Py_None) {
            PyObject *filters = PyObject_GetAttr(context, _Py_ID(_filters));
            Py_DECREF(context);
            if (filters != NULL && !PyList_Check(filters)) {
                PyErr_SetString(PyExc_ValueError, "_filters of warnings._warnings_context must be a list");
                Py_CLEAR(filters);
            }
            *name = "_warnings_context _filters";
            return filters;
        }
        Py_XDECREF(context);
    }
    *name = "filters";
    return current_part(interp, _Py_ID(filters), &interp->warnings.filters, &PyList_Type,
                        "_warnings.filters must be a list");
}

/* The action for a warning, and in *row the filter that says so (None: the default).  New references. */
static PyObject *
choose_action(PyInterpreterState *interp, PyObject *category, PyObject *text, Py_ssize_t lineno, PyObject *module,
              PyObject **row)
{
    const char *name;
    PyObject *filters = current_filters(interp, &name);
    if (filters == NULL) {
        return NULL;
    }
    int found = search_filters(filters, name, category, text, lineno, module, row);
    Py_DECREF(filters);
    if (found < 0) {
        return NULL;
    }
    if (found > 0) {
        return Py_NewRef(PyTuple_GET_ITEM(*row, 0));
    }
    PyObject *action = default_action(interp);
    if (action != NULL) {
        *row = Py_NewRef(Py_None);
    }
    return action;
}

/* -- Registries ------------------------------------------------------------------------------------------------ */

/* 1: the warning of that key has been shown since the filters changed last; 0; -1.  Marks it if asked to. */
static int
already_warned(PyInterpreterState *interp, PyObject *registry, PyObject *key, int mark)
{
    if (key == NULL) {
        return -1;
    }
    PyObject *version, *seen;
    if (PyDict_GetItemRef(registry, _Py_ID(version), &version) < 0) {
        return -1;
    }
    int fresh = version != NULL && PyLong_CheckExact(version) &&
                PyLong_AsLong(version) == interp->warnings.filters_version;
    if (!fresh) {
        PyErr_Clear();
    }
    Py_XDECREF(version);
    if (!fresh) {
        PyDict_Clear(registry);
        version = PyLong_FromLong(interp->warnings.filters_version);
        int result = version != NULL ? PyDict_SetItem(registry, _Py_ID(version), version) : -1;
        Py_XDECREF(version);
        if (result < 0) {
            return -1;
        }
    }
    else {
        if (PyDict_GetItemRef(registry, key, &seen) < 0) {
            return -1;
        }
        if (seen != NULL) {
            int truth = PyObject_IsTrue(seen);
            Py_DECREF(seen);
            if (truth != 0) {
                return truth;
            }
        }
    }
    return mark ? (PyDict_SetItem(registry, key, Py_True) < 0 ? -1 : 0) : 0;
}

/* Marks (text, category); already_warned()'s result. */
static int
mark_text(PyInterpreterState *interp, PyObject *registry, PyObject *text, PyObject *category)
{
    PyObject *key = PyTuple_Pack(2, text, category);
    int result = already_warned(interp, registry, key, 1);
    Py_XDECREF(key);
    return result;
}

static bool
is(PyObject *action, const char *name)
{
    return PyUnicode_EqualToUTF8(action, name);
}

/* 1: to be shown; 0: not; -1: it is an error, or there was one.  message is the Warning instance. */
static int
decide_lock_held(PyInterpreterState *interp, PyObject *category, PyObject *message, PyObject *text, PyObject *lineno_object,
                 Py_ssize_t lineno, PyObject *module, PyObject *registry)
{
    PyObject *key = PyTuple_Pack(3, text, category, lineno_object), *row = NULL, *action = NULL;
    int result = -1, seen;
    if (key == NULL) {
        return -1;
    }
    if (registry != NULL && (seen = already_warned(interp, registry, key, 0)) != 0) {
        result = seen > 0 ? 0 : -1;
        goto done;
    }
    if ((action = choose_action(interp, category, text, lineno, module, &row)) == NULL) {
        goto done;
    }
    if (is(action, "error")) {
        PyErr_SetObject(category, message);
        goto done;
    }
    if (is(action, "ignore")) {
        result = 0;
        goto done;
    }
    if (is(action, "always") || is(action, "all")) {
        result = 1;
        goto done;
    }
    if (registry != NULL && PyDict_SetItem(registry, key, Py_True) < 0) {
        goto done;
    }
    if (is(action, "once")) {
        PyObject *once = registry != NULL ? Py_NewRef(registry) : once_registry(interp);
        seen = once != NULL ? mark_text(interp, once, text, category) : -1;
        Py_XDECREF(once);
    }
    else if (is(action, "module")) {
        seen = registry != NULL ? mark_text(interp, registry, text, category) : 0;
    }
    else if (is(action, "default")) {
        seen = 0;
    }
    else {
        PyErr_Format(PyExc_RuntimeError, "Unrecognized action (%R) in warnings.filters:\n %R", action, row);
        seen = -1;
    }
    result = seen < 0 ? -1 : !seen;
done:
    Py_DECREF(key);
    Py_XDECREF(row);
    Py_XDECREF(action);
    return result;
}

/* -- Showing ------------------------------------------------------------------------------------------------------ */

/* What is done without the warnings module: errors are ignored. */
static void
show_plainly(PyObject *filename, int lineno, PyObject *text, PyObject *category, PyObject *source_line)
{
    PyObject *stream, *name = PyObject_GetAttr(category, _Py_ID(__name__)), *head = NULL;
    if (name == NULL) {
        PyErr_Clear();
        return;
    }
    if (_PySys_GetOptionalAttr(_Py_ID(stderr), &stream) <= 0 || stream == Py_None) {
        goto done;
    }
    head = PyUnicode_FromFormat("%S:%d: %U: %S\n", filename, lineno, name, text);
    if (head == NULL || PyFile_WriteObject(head, stream, Py_PRINT_RAW) < 0) {
        goto done;
    }
    if (source_line != NULL) {
        PyObject *stripped = PyObject_CallMethod(source_line, "lstrip", "s", " \t\014");
        if (stripped != NULL && PyFile_WriteString("  ", stream) == 0 &&
            PyFile_WriteObject(stripped, stream, Py_PRINT_RAW) == 0) {
            PyFile_WriteString("\n", stream);
        }
        Py_XDECREF(stripped);
    }
    else {
        _Py_DisplaySourceLine(stream, filename, lineno, 2, NULL, NULL);
    }
done:
    PyErr_Clear();
    Py_XDECREF(stream);
    Py_XDECREF(head);
    Py_DECREF(name);
}

static int
show(PyInterpreterState *interp, PyObject *category, PyObject *text, PyObject *message, PyObject *filename, int lineno,
     PyObject *lineno_object, PyObject *source_line, PyObject *source)
{
    /* The source of a ResourceWarning is worth an import: tracemalloc may know where it was allocated. */
    PyObject *function = module_attribute(interp, _Py_ID(_showwarnmsg), source != NULL);
    if (function == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        show_plainly(filename, lineno, text, category, source_line);
        return 0;
    }
    PyObject *type = NULL, *argument = NULL, *value = NULL;
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "warnings._showwarnmsg() must be set to a callable");
        goto done;
    }
    type = module_attribute(interp, _Py_ID(WarningMessage), 0);
    if (type == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "unable to get warnings.WarningMessage");
        }
        goto done;
    }
    argument = PyObject_CallFunctionObjArgs(type, message, category, filename, lineno_object, Py_None, Py_None,
                                            source != NULL ? source : Py_None, NULL);
    if (argument != NULL) {
        value = PyObject_CallOneArg(function, argument);
    }
done:
    Py_DECREF(function);
    Py_XDECREF(type);
    Py_XDECREF(argument);
    Py_XDECREF(value);
    return value != NULL ? 0 : -1;
}

/* "spam.py" -> "spam" */
static PyObject *
module_of_filename(PyObject *filename)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(filename);
    if (length == 0) {
        return PyUnicode_FromString("<unknown>");
    }
    if (length >= 3 && PyUnicode_READ_CHAR(filename, length - 3) == '.' &&
        PyUnicode_READ_CHAR(filename, length - 2) == 'p' && PyUnicode_READ_CHAR(filename, length - 1) == 'y') {
        return PyUnicode_Substring(filename, 0, length - 3);
    }
    return Py_NewRef(filename);
}

/* registry: dict, None or NULL; category is ignored if message is a Warning. */
int
_PyWarnings_WarnExplicit(PyObject *category, PyObject *message, PyObject *filename, int lineno, PyObject *module,
                         PyObject *registry, PyObject *source_line, PyObject *source)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (module == Py_None) {
        return 0;       /* late in shutdown, when filters are gone as well */
    }
    if (registry != NULL && registry != Py_None && !PyDict_Check(registry)) {
        PyErr_SetString(PyExc_TypeError, "'registry' must be a dict or None");
        return -1;
    }
    if (registry == Py_None) {
        registry = NULL;
    }
    PyObject *text = NULL, *lineno_object = NULL;
    int result = -1;
    module = module != NULL ? Py_NewRef(module) : module_of_filename(filename);
    if (module == NULL) {
        return -1;
    }
    int is_instance = PyObject_IsInstance(message, PyExc_Warning);
    if (is_instance < 0) {
        Py_DECREF(module);
        return -1;
    }
    if (is_instance) {
        text = PyObject_Str(message);
        category = (PyObject *)Py_TYPE(message);
        Py_INCREF(message);
    }
    else {
        text = Py_NewRef(message);
        message = PyObject_CallOneArg(category, message);
    }
    lineno_object = PyLong_FromLong(lineno);
    if (text == NULL || message == NULL || lineno_object == NULL) {
        goto done;
    }
    _PyRecursiveMutex_Lock(&interp->warnings.lock);
    result = decide_lock_held(interp, category, message, text, lineno_object, lineno, module, registry);
    _PyRecursiveMutex_Unlock(&interp->warnings.lock);
    if (result > 0) {
        result = show(interp, category, text, message, filename, lineno, lineno_object, source_line, source);
    }
done:
    Py_DECREF(module);
    Py_XDECREF(text);
    Py_XDECREF(message);
    Py_XDECREF(lineno_object);
    return result;
}

/* -- Where a warning belongs ------------------------------------------------------------------------------------------- */

static bool
is_import_machinery(PyObject *filename)
{
    if (!PyUnicode_Check(filename)) {
        return false;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(filename);
    return PyUnicode_Find(filename, _Py_ID(importlib), 0, length, 1) >= 0 &&
           PyUnicode_Find(filename, _Py_ID(_bootstrap), 0, length, 1) >= 0;
}

static bool
starts_with_any(PyObject *filename, PyObject *prefixes)
{
    if (prefixes == NULL || !PyUnicode_Check(filename)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(prefixes); i++) {
        if (PyUnicode_Tailmatch(filename, PyTuple_GET_ITEM(prefixes, i), 0, PY_SSIZE_T_MAX, -1) > 0) {
            return true;
        }
        PyErr_Clear();
    }
    return false;
}

static bool
frame_is_hidden(PyFrameObject *frame, PyObject *prefixes)
{
    if (frame == NULL) {
        return false;
    }
    PyCodeObject *code = PyFrame_GetCode(frame);
    bool hidden = is_import_machinery(code->co_filename) || starts_with_any(code->co_filename, prefixes);
    Py_DECREF(code);
    return hidden;
}

/* Steals frame. */
static PyFrameObject *
frame_above(PyFrameObject *frame)
{
    PyFrameObject *back = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    return back;
}

/* stack_level 1 is the running Python function.  New reference or NULL. */
static PyFrameObject *
frame_of_level(PyThreadState *tstate, Py_ssize_t stack_level, PyObject *prefixes)
{
    PyFrameObject *frame = PyThreadState_GetFrame(tstate);
    bool all = stack_level <= 0 || frame_is_hidden(frame, NULL);
    while (--stack_level > 0 && frame != NULL) {
        do {
            frame = frame_above(frame);
        } while (!all && frame_is_hidden(frame, prefixes));
    }
    return frame;
}

struct place {
    PyObject *filename, *module, *registry;     /* owned */
    int lineno;
};

static void
place_clear(struct place *place)
{
    Py_CLEAR(place->filename);
    Py_CLEAR(place->module);
    Py_CLEAR(place->registry);
}

static int
place_find(PyThreadState *tstate, Py_ssize_t stack_level, PyObject *prefixes, struct place *place)
{
    PyFrameObject *frame = frame_of_level(tstate, stack_level, prefixes);
    PyObject *globals;
    *place = (struct place){0};
    if (frame == NULL) {
        globals = Py_XNewRef(tstate->interp->sysdict);
        place->filename = PyUnicode_FromString("<sys>");
    }
    else {
        globals = PyFrame_GetGlobals(frame);
        PyCodeObject *code = PyFrame_GetCode(frame);
        place->filename = Py_NewRef(code->co_filename);
        place->lineno = PyFrame_GetLineNumber(frame);
        Py_DECREF(code);
        Py_DECREF(frame);
    }
    if (globals == NULL || place->filename == NULL || !PyDict_Check(globals)) {
        goto fail;
    }
    if (PyDict_GetItemRef(globals, _Py_ID(__warningregistry__), &place->registry) < 0) {
        goto fail;
    }
    if (place->registry == NULL) {
        PyObject *registry = PyDict_New();
        if (registry == NULL ||
            PyDict_SetDefaultRef(globals, _Py_ID(__warningregistry__), registry, &place->registry) < 0) {
            Py_XDECREF(registry);
            goto fail;
        }
        Py_DECREF(registry);
    }
    if (PyDict_GetItemRef(globals, _Py_ID(__name__), &place->module) < 0) {
        goto fail;
    }
    if (place->module == NULL || (place->module != Py_None && !PyUnicode_Check(place->module))) {
        Py_XSETREF(place->module, PyUnicode_FromString("<string>"));
        if (place->module == NULL) {
            goto fail;
        }
    }
    Py_DECREF(globals);
    return 0;
fail:
    Py_XDECREF(globals);
    place_clear(place);
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "the frame of a warning has no globals");
    }
    return -1;
}

int
_PyWarnings_Warn(PyObject *message, PyObject *category, Py_ssize_t stack_level, PyObject *source, PyObject *prefixes)
{
    struct place place;
    if (place_find(_PyThreadState_GET(), stack_level, prefixes, &place) < 0) {
        return -1;
    }
    int result = _PyWarnings_WarnExplicit(category, message, place.filename, place.lineno, place.module, place.registry,
                                          NULL, source);
    place_clear(&place);
    return result;
}

/* -- C API ------------------------------------------------------------------------------------------------------------- */

static int
warn_text(PyObject *category, PyObject *text, Py_ssize_t stack_level, PyObject *source)
{
    if (text == NULL) {
        return -1;
    }
    int result = _PyWarnings_Warn(text, category != NULL ? category : PyExc_RuntimeWarning, stack_level, source, NULL);
    Py_DECREF(text);
    return result;
}

int
PyErr_WarnFormat(PyObject *category, Py_ssize_t stack_level, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int result = warn_text(category, PyUnicode_FromFormatV(format, va), stack_level, NULL);
    va_end(va);
    return result;
}

int
_PyErr_WarnFormat(PyObject *source, PyObject *category, Py_ssize_t stack_level, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int result = warn_text(category, PyUnicode_FromFormatV(format, va), stack_level, source);
    va_end(va);
    return result;
}

int
PyErr_ResourceWarning(PyObject *source, Py_ssize_t stack_level, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int result = warn_text(PyExc_ResourceWarning, PyUnicode_FromFormatV(format, va), stack_level, source);
    va_end(va);
    return result;
}

int
PyErr_WarnEx(PyObject *category, const char *text, Py_ssize_t stack_level)
{
    return warn_text(category, PyUnicode_FromString(text), stack_level, NULL);
}

#undef PyErr_Warn
PyAPI_FUNC(int) PyErr_Warn(PyObject *category, const char *text);
int
PyErr_Warn(PyObject *category, const char *text)
{
    return PyErr_WarnEx(category, text, 1);
}

int
PyErr_WarnExplicitObject(PyObject *category, PyObject *message, PyObject *filename, int lineno, PyObject *module,
                         PyObject *registry)
{
    return _PyWarnings_WarnExplicit(category != NULL ? category : PyExc_RuntimeWarning, message, filename, lineno, module,
                                    registry, NULL, NULL);
}

/* For warnings about source text: module and registry are the running frame's, the place is in the text. */
int
_PyErr_WarnExplicitObjectWithContext(PyObject *category, PyObject *message, PyObject *filename, int lineno)
{
    struct place place;
    if (place_find(_PyThreadState_GET(), 1, NULL, &place) < 0) {
        return -1;
    }
    int result = PyErr_WarnExplicitObject(category, message, filename, lineno, NULL, place.registry);
    place_clear(&place);
    return result;
}

/* Steals message. */
static int
warn_explicit_chars(PyObject *category, PyObject *message, const char *filename_chars, int lineno,
                    const char *module_chars, PyObject *registry)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(filename_chars);
    PyObject *module = module_chars != NULL ? PyUnicode_FromString(module_chars) : NULL;
    int result = -1;
    if (message != NULL && filename != NULL && (module != NULL || module_chars == NULL)) {
        result = PyErr_WarnExplicitObject(category, message, filename, lineno, module, registry);
    }
    Py_XDECREF(filename);
    Py_XDECREF(module);
    Py_XDECREF(message);
    return result;
}

int
PyErr_WarnExplicit(PyObject *category, const char *text, const char *filename, int lineno, const char *module,
                   PyObject *registry)
{
    return warn_explicit_chars(category, PyUnicode_FromString(text), filename, lineno, module, registry);
}

int
PyErr_WarnExplicitFormat(PyObject *category, const char *filename, int lineno, const char *module, PyObject *registry,
                         const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *message = PyUnicode_FromFormatV(format, va);
    va_end(va);
    return warn_explicit_chars(category, message, filename, lineno, module, registry);
}

/* -- Coroutines that nobody awaits ---------------------------------------------------------------------------------------- */

void
_PyErr_WarnUnawaitedAgenMethod(PyAsyncGenObject *agen, PyObject *method)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *qualname = PyObject_GetAttr((PyObject *)agen, _Py_ID(__qualname__));
    if (qualname == NULL ||
        _PyErr_WarnFormat((PyObject *)agen, PyExc_RuntimeWarning, 1, "coroutine method %R of %R was never awaited", method,
                          qualname) < 0) {
        PyErr_FormatUnraisable("Exception ignored while finalizing async generator %R", agen);
    }
    Py_XDECREF(qualname);
    PyErr_SetRaisedException(exc);
}

void
_PyErr_WarnUnawaitedCoroutine(PyObject *coro)
{
    /* The module's function also tells where the coroutine was made. */
    int warned = 0;
    PyObject *function = module_attribute(_PyInterpreterState_GET(), _Py_ID(_warn_unawaited_coroutine), 1);
    if (function != NULL) {
        PyObject *result = PyObject_CallOneArg(function, coro);
        Py_DECREF(function);
        warned = result != NULL || PyErr_ExceptionMatches(PyExc_RuntimeWarning);
        Py_XDECREF(result);
    }
    if (PyErr_Occurred()) {
        PyErr_FormatUnraisable("Exception ignored while finalizing coroutine %R", coro);
    }
    if (!warned) {
        PyObject *qualname = PyObject_GetAttr(coro, _Py_ID(__qualname__));
        if (qualname == NULL || _PyErr_WarnFormat(coro, PyExc_RuntimeWarning, 1, "coroutine '%S' was never awaited",
                                                  qualname) < 0) {
            PyErr_FormatUnraisable("Exception ignored while finalizing coroutine %R", coro);
        }
        Py_XDECREF(qualname);
    }
}

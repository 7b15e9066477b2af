/* The _warnings module: Python's door to Python/runtime/warnings.c.

   Locking: as there; _acquire_lock() and _release_lock() are for the Python half, which changes filters under the lock. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"
#include "pycore_interp.h"
#include "pycore_lock.h"
#include "pycore_pystate.h"
#include "pycore_warnings.h"

static PyObject *
warnings__acquire_lock(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    _PyRecursiveMutex_Lock(&_PyInterpreterState_GET()->warnings.lock);
    Py_RETURN_NONE;
}

static PyObject *
warnings__release_lock(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    if (_PyRecursiveMutex_TryUnlock(&_PyInterpreterState_GET()->warnings.lock) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
warnings__filters_mutated_lock_held(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (!_PyRecursiveMutex_IsLockedByCurrentThread(&interp->warnings.lock)) {
        PyErr_SetString(PyExc_RuntimeError, "warnings lock is not held");
        return NULL;
    }
    interp->warnings.filters_version++;
    Py_RETURN_NONE;
}

/* The category of a warning: borrowed; NULL with an exception. */
static PyObject *
category_of(PyObject *message, PyObject *category)
{
    int is_warning = PyObject_IsInstance(message, PyExc_Warning);
    if (is_warning < 0) {
        return NULL;
    }
    if (is_warning) {
        return (PyObject *)Py_TYPE(message);
    }
    if (category == NULL || category == Py_None) {
        return PyExc_UserWarning;
    }
    int is_subclass = PyType_Check(category) ? PyObject_IsSubclass(category, PyExc_Warning) : 0;
    if (is_subclass <= 0) {
        if (is_subclass == 0) {
            PyErr_Format(PyExc_TypeError, "category must be a Warning subclass, not '%s'", Py_TYPE(category)->tp_name);
        }
        return NULL;
    }
    return category;
}

static int
check_prefixes(PyObject *prefixes)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(prefixes); i++) {
        PyObject *prefix = PyTuple_GET_ITEM(prefixes, i);
        if (!PyUnicode_Check(prefix)) {
            PyErr_Format(PyExc_TypeError, "Found non-str '%s' in skip_file_prefixes.", Py_TYPE(prefix)->tp_name);
            return -1;
        }
    }
    return 0;
}

static PyObject *
warnings_warn(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"message", "category", "stacklevel", "source", "skip_file_prefixes", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "warn"};
    PyObject *buffer[5];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 4, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    Py_ssize_t level = 1;
    if (args[2] != NULL) {
        level = PyNumber_AsSsize_t(args[2], PyExc_OverflowError);
        if (level == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    PyObject *prefixes = args[4];
    if (prefixes != NULL && !PyTuple_Check(prefixes)) {
        _PyArg_BadArgument("warn", "argument 'skip_file_prefixes'", "tuple", prefixes);
        return NULL;
    }
    PyObject *category = category_of(args[0], args[1]);
    if (category == NULL) {
        return NULL;
    }
    if (prefixes != NULL && PyTuple_GET_SIZE(prefixes) > 0) {
        if (check_prefixes(prefixes) < 0) {
            return NULL;
        }
        level = level < 2 ? 2 : level;
    }
    else {
        prefixes = NULL;
    }
    int result = _PyWarnings_Warn(args[0], category, level, args[3], prefixes);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

/* The text of a line, from the loader of the module with these globals; None where it has none to give. */
static PyObject *
line_from_loader(PyObject *globals, int lineno)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *external = NULL, *loader = NULL, *name = NULL, *get_source = NULL, *source = NULL, *lines = NULL;
    PyObject *result = NULL;
    if (interp->imports.importlib == NULL ||
        (external = PyObject_GetAttrString(interp->imports.importlib, "_bootstrap_external")) == NULL ||
        (loader = PyObject_CallMethod(external, "_bless_my_loader", "O", globals)) == NULL) {
        goto done;
    }
    if (PyDict_GetItemRef(globals, _Py_ID(__name__), &name) < 0 || name == NULL ||
        PyObject_GetOptionalAttr(loader, _Py_ID(get_source), &get_source) < 0 || get_source == NULL) {
        goto done;
    }
    source = PyObject_CallOneArg(get_source, name);
    if (source == NULL || source == Py_None) {
        goto done;
    }
    lines = PyUnicode_Check(source) ? PyUnicode_Splitlines(source, 0) : NULL;
    if (lines != NULL && lineno >= 1) {
        result = PyList_GetItemRef(lines, lineno - 1);
        if (result == NULL) {
            PyErr_SetString(PyExc_IndexError, "list index out of range");
        }
    }
done:
    Py_XDECREF(external);
    Py_XDECREF(loader);
    Py_XDECREF(name);
    Py_XDECREF(get_source);
    Py_XDECREF(source);
    Py_XDECREF(lines);
    return result != NULL || PyErr_Occurred() ? result : Py_NewRef(Py_None);
}

static PyObject *
warnings_warn_explicit(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"message",  "category",       "filename", "lineno", "module",
                                           "registry", "module_globals", "source",   NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "warn_explicit"};
    PyObject *buffer[8];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 4, 8, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(args[2])) {
        _PyArg_BadArgument("warn_explicit", "argument 'filename'", "str", args[2]);
        return NULL;
    }
    int lineno = PyLong_AsInt(args[3]);
    if (lineno == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *globals = args[6] == Py_None ? NULL : args[6], *line = NULL;
    if (globals != NULL) {
        if (!PyDict_Check(globals)) {
            PyErr_Format(PyExc_TypeError, "module_globals must be a dict, not '%.200s'", Py_TYPE(globals)->tp_name);
            return NULL;
        }
        line = line_from_loader(globals, lineno);
        if (line == NULL) {
            return NULL;
        }
    }
    int result = _PyWarnings_WarnExplicit(args[1], args[0], args[2], lineno, args[4], args[5],
                                          line == Py_None ? NULL : line, args[7]);
    Py_XDECREF(line);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef warnings_methods[] = {
    PY_METHOD(warnings, warn, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, message, category=None, stacklevel=1,\n     source=None, *, skip_file_prefixes=())",
              "Issue a warning: it is shown, ignored or raised, as the filters say.\n\n"
              "stacklevel 2 blames the caller of the function that warns; frames of files whose names begin with one of\n"
              "skip_file_prefixes do not count."),
    PY_METHOD_NOSIG("warn_explicit", warnings_warn_explicit, METH_FASTCALL | METH_KEYWORDS,
                    "Issue a warning for a place in a file that is given."),
    PY_METHOD(warnings, _filters_mutated_lock_held, METH_NOARGS, "($module, /)", "Make registries forget what was shown."),
    PY_METHOD(warnings, _acquire_lock, METH_NOARGS, "($module, /)", "Take the lock of the filters."),
    PY_METHOD(warnings, _release_lock, METH_NOARGS, "($module, /)", "Give the lock of the filters back."),
    {0},
};

static int
warnings_exec(PyObject *module)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _warnings_runtime_state *state = &interp->warnings;
    if (_PyWarnings_InitState(interp) < 0 || PyModule_AddObjectRef(module, "filters", state->filters) < 0 ||
        PyModule_AddObjectRef(module, "_onceregistry", state->once_registry) < 0 ||
        PyModule_AddObjectRef(module, "_defaultaction", state->default_action) < 0 ||
        PyModule_AddObjectRef(module, "_warnings_context", state->context) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot warnings_slots[] = {
    {Py_mod_exec, warnings_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef warnings_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_warnings",
    .m_doc = "Filters of warnings, ready before the warnings module is imported.",
    .m_methods = warnings_methods,
    .m_slots = warnings_slots,
};

PyMODINIT_FUNC
PyInit__warnings(void)
{
    return PyModuleDef_Init(&warnings_module);
}

PyObject *
_PyWarnings_Init(void)
{
    return PyInit__warnings();
}

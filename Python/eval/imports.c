/* import, from ... import, from ... import *. */
#include "vm.h"
#include "pycore_import.h"
#include "pycore_interp.h"
#include "pycore_moduleobject.h"
#include "pycore_object_protocol.h"
#include "pycore_unicodeobject.h"

PyObject *
_PyEval_ImportName(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *name, PyObject *fromlist,
                   PyObject *level)
{
    PyObject *import_func;
    if (PyMapping_GetOptionalItem(frame->builtins, _Py_ID(__import__), &import_func) < 0) {
        return NULL;
    }
    if (import_func == NULL) {
        _PyErr_SetString(tstate, PyExc_ImportError, "__import__ not found");
        return NULL;
    }
    PyObject *locals = frame->locals == NULL ? Py_None : frame->locals;
    PyObject *result;
    if (import_func == tstate->interp->imports.import_func) {
        Py_DECREF(import_func);
        int ilevel = PyLong_AsInt(level);
        if (ilevel == -1 && _PyErr_Occurred(tstate)) {
            return NULL;
        }
        return PyImport_ImportModuleLevelObject(name, frame->globals, locals, fromlist, ilevel);
    }
    PyObject *args[6] = {NULL, name, frame->globals, locals, fromlist, level};
    result = PyObject_Vectorcall(import_func, args + 1, 5 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_DECREF(import_func);
    return result;
}

int
op_IMPORT_NAME(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    if (block_own(block, 2) < 0) {
        return -1;
    }
    PyObject **items = BLOCK_OBJECTS(block);
    PyObject *result = _PyEval_ImportName(tstate, frame, NAME_AT(frame, W_NAME(w)), items[1], items[0]);
    if (result == NULL) {
        return -1;
    }
    block_clear(block, 2);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(result));
    return 0;
}

/* True (1) if `name` is the name of a module of the standard library; -1 on errors. */
static int
is_stdlib_name(PyObject *name)
{
    PyObject *names = Py_XNewRef(PySys_GetObject("stdlib_module_names"));
    if (names == NULL) {
        return 0;
    }
    int found = PyAnySet_Check(names) ? PySet_Contains(names, name) : 0;
    Py_DECREF(names);
    return found;
}

/* The ImportError for `from module import name`. */
static void
import_from_error(PyThreadState *tstate, PyObject *module, PyObject *name)
{
    PyObject *mod_name_or_unknown = NULL, *message = NULL, *origin = NULL, *spec = NULL;
    PyObject *mod_name = NULL;
    if (PyObject_GetOptionalAttr(module, _Py_ID(__name__), &mod_name) < 0) {
        return;
    }
    if (mod_name == NULL || !PyUnicode_Check(mod_name)) {
        Py_CLEAR(mod_name);
        mod_name_or_unknown = PyUnicode_FromString("<unknown module name>");
        if (mod_name_or_unknown == NULL) {
            return;
        }
    }
    else {
        mod_name_or_unknown = Py_NewRef(mod_name);
    }
    int shadowing_possible = 0, shadows_stdlib = 0;
    if (PyObject_GetOptionalAttr(module, _Py_ID(__spec__), &spec) < 0) {
        goto done;
    }
    if (spec == NULL) {
        message = PyUnicode_FromFormat("cannot import name %R from %R (unknown location)", name, mod_name_or_unknown);
        goto raise;
    }
    if (_PyModuleSpec_GetFileOrigin(spec, &origin) < 0) {
        goto done;
    }
    if (origin != NULL) {
        shadowing_possible = _PyModule_IsPossiblyShadowing(origin);
        if (shadowing_possible < 0) {
            goto done;
        }
    }
    if (shadowing_possible && mod_name != NULL) {
        shadows_stdlib = is_stdlib_name(mod_name);
        if (shadows_stdlib < 0) {
            goto done;
        }
    }
    if (shadows_stdlib) {
        message = PyUnicode_FromFormat(
            "cannot import name %R from %R (consider renaming %R since it has the same name as the standard library "
            "module named %R and prevents importing that standard library module)",
            name, mod_name_or_unknown, origin, mod_name_or_unknown);
        goto raise;
    }
    int initializing = _PyModuleSpec_IsInitializing(spec);
    if (initializing < 0) {
        goto done;
    }
    if (initializing && shadowing_possible) {
        message = PyUnicode_FromFormat(
            "cannot import name %R from %R (consider renaming %R if it has the same name as a library you intended "
            "to import)",
            name, mod_name_or_unknown, origin);
    }
    else if (initializing && origin != NULL) {
        message = PyUnicode_FromFormat(
            "cannot import name %R from partially initialized module %R (most likely due to a circular import) (%S)",
            name, mod_name_or_unknown, origin);
    }
    else if (initializing) {
        message = PyUnicode_FromFormat(
            "cannot import name %R from partially initialized module %R (most likely due to a circular import)",
            name, mod_name_or_unknown);
    }
    else if (origin != NULL) {
        message = PyUnicode_FromFormat("cannot import name %R from %R (%S)", name, mod_name_or_unknown, origin);
    }
    else {
        message = PyUnicode_FromFormat("cannot import name %R from %R (unknown location)", name,
                                       mod_name_or_unknown);
    }
raise:
    if (message != NULL) {
        _PyErr_SetImportErrorWithNameFrom(message, mod_name, origin, name);
    }
done:
    Py_XDECREF(message);
    Py_XDECREF(mod_name);
    Py_XDECREF(mod_name_or_unknown);
    Py_XDECREF(origin);
    Py_XDECREF(spec);
}

PyObject *
_PyEval_ImportFrom(PyThreadState *tstate, PyObject *module, PyObject *name)
{
    PyObject *value;
    if (PyObject_GetOptionalAttr(module, name, &value) != 0) {
        return value;
    }
    /* A submodule that is being imported (a circular import) is in sys.modules before it is an attribute. */
    PyObject *package = NULL;
    if (PyObject_GetOptionalAttr(module, _Py_ID(__name__), &package) < 0) {
        return NULL;
    }
    if (package != NULL && PyUnicode_Check(package)) {
        PyObject *full_name = PyUnicode_FromFormat("%U.%U", package, name);
        if (full_name == NULL) {
            Py_DECREF(package);
            return NULL;
        }
        value = PyImport_GetModule(full_name);
        Py_DECREF(full_name);
        if (value != NULL || _PyErr_Occurred(tstate)) {
            Py_DECREF(package);
            return value;
        }
    }
    Py_XDECREF(package);
    import_from_error(tstate, module, name);
    return NULL;
}

int
op_IMPORT_FROM(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *module = value_object(frame->regs[W_BI(w)], &temp);
    if (module == NULL) {
        return -1;
    }
    PyObject *value = _PyEval_ImportFrom(tstate, module, NAME_AT(frame, W_NAME(w)));
    Py_XDECREF(temp);
    if (value == NULL) {
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_from_number(value));
    return 0;
}

/* A name of `__all__` (or a key of the module's dict) that is not a str. */
static void
star_name_error(PyThreadState *tstate, PyObject *module, PyObject *name, bool from_dict)
{
    PyObject *modname = PyObject_GetAttr(module, _Py_ID(__name__));
    if (modname == NULL) {
        return;
    }
    if (!PyUnicode_Check(modname)) {
        _PyErr_Format(tstate, PyExc_TypeError, "module __name__ must be a string, not %.100s",
                      Py_TYPE(modname)->tp_name);
    }
    else {
        _PyErr_Format(tstate, PyExc_TypeError, "%s in %U.%s must be str, not %.100s", from_dict ? "Key" : "Item",
                      modname, from_dict ? "__dict__" : "__all__", Py_TYPE(name)->tp_name);
    }
    Py_DECREF(modname);
}

int
_PyEval_ImportAllFrom(PyThreadState *tstate, PyObject *locals, PyObject *module)
{
    PyObject *all;
    bool skip_underscores = false;
    if (PyObject_GetOptionalAttr(module, _Py_ID(__all__), &all) < 0) {
        return -1;
    }
    if (all == NULL) {
        PyObject *dict;
        if (PyObject_GetOptionalAttr(module, _Py_ID(__dict__), &dict) < 0) {
            return -1;
        }
        if (dict == NULL) {
            _PyErr_SetString(tstate, PyExc_ImportError, "from-import-* object has no __dict__ and no __all__");
            return -1;
        }
        all = PyMapping_Keys(dict);
        Py_DECREF(dict);
        if (all == NULL) {
            return -1;
        }
        skip_underscores = true;
    }
    int status = 0;
    for (Py_ssize_t i = 0; status == 0; i++) {
        PyObject *name = PySequence_GetItem(all, i);
        if (name == NULL) {
            if (_PyErr_ExceptionMatches(tstate, PyExc_IndexError)) {
                _PyErr_Clear(tstate);
            }
            else {
                status = -1;
            }
            break;
        }
        if (!PyUnicode_Check(name)) {
            star_name_error(tstate, module, name, skip_underscores);
            Py_DECREF(name);
            status = -1;
            break;
        }
        if (skip_underscores && PyUnicode_GET_LENGTH(name) > 0 && PyUnicode_READ_CHAR(name, 0) == '_') {
            Py_DECREF(name);
            continue;
        }
        PyObject *value = PyObject_GetAttr(module, name);
        if (value == NULL) {
            status = -1;
        }
        else if (PyDict_CheckExact(locals)) {
            status = PyDict_SetItem(locals, name, value);
        }
        else {
            status = PyObject_SetItem(locals, name, value);
        }
        Py_DECREF(name);
        Py_XDECREF(value);
    }
    Py_DECREF(all);
    return status;
}

/* Import: sys.modules, the statement's work, and the start of importlib, which does the rest in Python.

   Locking: sys.modules is a dict with its own lock; each module being imported has a lock in importlib; the state in
   interp->imports is set at start-up and constant afterwards. */
#include "Python.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_time.h"

#include <stdio.h>
#include <string.h>

#define MODULES(interp) ((interp)->imports.modules)
#define IMPORTLIB(interp) ((interp)->imports.importlib)

/* -- sys.modules ------------------------------------------------------------------------------ */

PyObject *
_PyImport_InitModules(PyInterpreterState *interp)
{
    MODULES(interp) = PyDict_New();
    return MODULES(interp);
}

PyObject *
_PyImport_GetModules(PyInterpreterState *interp)
{
    return MODULES(interp);
}

int
_PyImport_IsInitialized(PyInterpreterState *interp)
{
    return MODULES(interp) != NULL;
}

void
_PyImport_ClearModules(PyInterpreterState *interp)
{
    Py_SETREF(MODULES(interp), NULL);
}

PyObject *
PyImport_GetModuleDict(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (MODULES(interp) == NULL) {
        Py_FatalError("interpreter has no modules dictionary");
    }
    return MODULES(interp);
}

/* sys.modules may be any mapping by now. */
static PyObject *
modules_get(PyInterpreterState *interp, PyObject *name)
{
    PyObject *modules = MODULES(interp), *module = NULL;
    if (modules == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.modules");
        return NULL;
    }
    if (PyDict_CheckExact(modules)) {
        (void)PyDict_GetItemRef(modules, name, &module);
    }
    else {
        (void)PyMapping_GetOptionalItem(modules, name, &module);
    }
    return module;
}

PyObject *
PyImport_GetModule(PyObject *name)
{
    return modules_get(_PyInterpreterState_GET(), name);
}

int
_PyImport_SetModule(PyObject *name, PyObject *module)
{
    return PyObject_SetItem(MODULES(_PyInterpreterState_GET()), name, module);
}

int
_PyImport_SetModuleString(const char *name, PyObject *module)
{
    return PyMapping_SetItemString(MODULES(_PyInterpreterState_GET()), name, module);
}

PyObject *
PyImport_AddModuleRef(const char *name)
{
    PyObject *object = PyUnicode_FromString(name);
    if (object == NULL) {
        return NULL;
    }
    PyObject *module = PyImport_AddModuleObject(object);
    Py_DECREF(object);
    return Py_XNewRef(module);
}

PyObject *
PyImport_AddModuleObject(PyObject *name)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *module = modules_get(interp, name);
    if (module != NULL && PyModule_Check(module)) {
        Py_DECREF(module);      /* sys.modules keeps it */
        return module;
    }
    Py_XDECREF(module);
    if (PyErr_Occurred() || (module = PyModule_NewObject(name)) == NULL) {
        return NULL;
    }
    int result = PyObject_SetItem(MODULES(interp), name, module);
    Py_DECREF(module);
    return result < 0 ? NULL : module;
}

PyObject *
PyImport_AddModule(const char *name)
{
    PyObject *module = PyImport_AddModuleRef(name);
    Py_XDECREF(module);
    return module;
}

static void
remove_module(PyInterpreterState *interp, PyObject *name)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (PyMapping_HasKey(MODULES(interp), name) && PyObject_DelItem(MODULES(interp), name) < 0) {
        _PyErr_ChainExceptions1(exc);
        return;
    }
    PyErr_SetRaisedException(exc);
}

int
_PyImport_FixupBuiltin(PyThreadState *tstate, PyObject *module, const char *name, PyObject *modules)
{
    return PyDict_SetItemString(modules, name, module);
}

/* -- The statement ---------------------------------------------------------------------------------- */

/* Is the module of spec still being initialised?  1, 0, -1 */
static int
spec_is_initializing(PyObject *spec)
{
    PyObject *value = NULL;
    if (spec == NULL || PyObject_GetOptionalAttr(spec, _Py_ID(_initializing), &value) <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int result = PyObject_IsTrue(value);
    Py_DECREF(value);
    return result;
}

/* Another thread may be importing the module we found: wait for it. */
static int
ensure_initialized(PyInterpreterState *interp, PyObject *module, PyObject *name)
{
    PyObject *spec = NULL;
    int result = PyObject_GetOptionalAttr(module, _Py_ID(__spec__), &spec);
    if (result > 0) {
        result = spec_is_initializing(spec);
    }
    Py_XDECREF(spec);
    if (result <= 0) {
        return result;
    }
    PyObject *value = PyObject_CallMethodOneArg(IMPORTLIB(interp), _Py_ID(_lock_unlock_module), name);
    Py_XDECREF(value);
    return value == NULL ? -1 : 0;
}

/* The package that a relative import starts from, as globals tell it. */
static PyObject *
package_of_globals(PyObject *globals)
{
    PyObject *package = NULL, *spec = NULL, *parent = NULL, *result = NULL, *path = NULL;
    if (PyDict_GetItemRef(globals, _Py_ID(__package__), &package) < 0 ||
        PyDict_GetItemRef(globals, _Py_ID(__spec__), &spec) < 0) {
        goto done;
    }
    if (spec != NULL && spec != Py_None && PyObject_GetOptionalAttr(spec, _Py_ID(parent), &parent) < 0) {
        goto done;
    }
    if (package != NULL && package != Py_None) {
        if (!PyUnicode_Check(package)) {
            PyErr_SetString(PyExc_TypeError, "package must be a string");
            goto done;
        }
        if (spec != NULL && spec != Py_None && parent != NULL) {
            int equal = PyObject_RichCompareBool(package, parent, Py_EQ);
            if (equal < 0 || (equal == 0 &&
                              PyErr_WarnEx(PyExc_DeprecationWarning, "__package__ != __spec__.parent", 1) < 0)) {
                goto done;
            }
        }
        result = Py_NewRef(package);
        goto done;
    }
    if (spec != NULL && spec != Py_None) {
        if (parent == NULL) {
            PyErr_SetString(PyExc_AttributeError, "'__spec__' has no attribute 'parent'");
        }
        else if (!PyUnicode_Check(parent)) {
            PyErr_SetString(PyExc_TypeError, "__spec__.parent must be a string");
        }
        else {
            result = Py_NewRef(parent);
        }
        goto done;
    }
    if (PyErr_WarnEx(PyExc_ImportWarning, "can't resolve package from __spec__ or __package__, falling back on "
                     "__name__ and __path__", 1) < 0) {
        goto done;
    }
    PyObject *name = NULL;
    if (PyDict_GetItemRef(globals, _Py_ID(__name__), &name) < 0) {
        goto done;
    }
    if (name == NULL) {
        PyErr_SetString(PyExc_KeyError, "'__name__' not in globals");
        goto done;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be a string");
        Py_DECREF(name);
        goto done;
    }
    if (PyDict_GetItemRef(globals, _Py_ID(__path__), &path) < 0) {
        Py_DECREF(name);
        goto done;
    }
    if (path != NULL) {
        result = name;
    }
    else {
        Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);
        result = dot == -2 ? NULL : PyUnicode_Substring(name, 0, dot < 0 ? 0 : dot);
        Py_DECREF(name);
    }
done:
    Py_XDECREF(package);
    Py_XDECREF(spec);
    Py_XDECREF(parent);
    Py_XDECREF(path);
    return result;
}

static PyObject *
resolve_name(PyObject *name, PyObject *globals, int level)
{
    if (globals == NULL) {
        PyErr_SetString(PyExc_KeyError, "'__name__' not in globals");
        return NULL;
    }
    if (!PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError, "globals must be a dict");
        return NULL;
    }
    PyObject *package = package_of_globals(globals);
    if (package == NULL) {
        return NULL;
    }
    Py_ssize_t end = PyUnicode_GET_LENGTH(package);
    if (end == 0) {
        PyErr_SetString(PyExc_ImportError, "attempted relative import with no known parent package");
        Py_DECREF(package);
        return NULL;
    }
    for (int up = 1; up < level; up++) {
        end = PyUnicode_FindChar(package, '.', 0, end, -1);
        if (end < 0) {
            if (end == -1) {
                PyErr_SetString(PyExc_ImportError, "attempted relative import beyond top-level package");
            }
            Py_DECREF(package);
            return NULL;
        }
    }
    PyObject *base = PyUnicode_Substring(package, 0, end);
    Py_DECREF(package);
    if (base == NULL || PyUnicode_GET_LENGTH(name) == 0) {
        return base;
    }
    PyObject *result = PyUnicode_FromFormat("%U.%U", base, name);
    Py_DECREF(base);
    return result;
}

/* Indented report of -X importtime. */
static void
report_import_time(PyInterpreterState *interp, PyObject *name, PyTime_t own, PyTime_t total)
{
    if (!interp->imports.find_and_load.header) {
        fputs("import time: self [us] | cumulative | imported package\n", stderr);
        interp->imports.find_and_load.header = 1;
    }
    const char *text = PyUnicode_AsUTF8(name);
    fprintf(stderr, "import time: %9ld | %10ld | %*s%s\n", (long)(own / 1000), (long)(total / 1000),
            interp->imports.find_and_load.import_level * 2, "", text != NULL ? text : "?");
}

static PyObject *
find_and_load(PyThreadState *tstate, PyObject *name)
{
    PyInterpreterState *interp = tstate->interp;
    if (IMPORTLIB(interp) == NULL) {
        PyErr_Format(PyExc_ImportError, "import of %R before the import system is up", name);
        return NULL;
    }
    PyObject *path = PySys_GetObject("path");
    PyObject *meta_path = PySys_GetObject("meta_path");
    PyObject *hooks = PySys_GetObject("path_hooks");
    if (PySys_Audit("import", "OOOOO", name, Py_None, path ? path : Py_None, meta_path ? meta_path : Py_None,
                    hooks ? hooks : Py_None) < 0) {
        return NULL;
    }
    int timed = interp->config.import_time;
    PyTime_t start = 0, outer = 0;
    if (timed) {
        outer = interp->imports.find_and_load.accumulated;
        interp->imports.find_and_load.accumulated = 0;
        interp->imports.find_and_load.import_level++;
        (void)PyTime_PerfCounterRaw(&start);
    }
    PyObject *module = PyObject_CallMethodObjArgs(IMPORTLIB(interp), _Py_ID(_find_and_load), name,
                                                  interp->imports.import_func, NULL);
    if (timed) {
        PyTime_t end;
        (void)PyTime_PerfCounterRaw(&end);
        interp->imports.find_and_load.import_level--;
        report_import_time(interp, name, end - start - interp->imports.find_and_load.accumulated, end - start);
        interp->imports.find_and_load.accumulated = outer + (end - start);
    }
    return module;
}

/* Frames of importlib itself say nothing to the user: take them off the traceback, as long as the error is not one of
   importlib's own making. */
static void
remove_importlib_frames(PyThreadState *tstate)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL || tstate->interp->config.verbose) {
        PyErr_SetRaisedException(exc);
        return;
    }
    int always_trim = PyErr_GivenExceptionMatches(exc, PyExc_ImportError);
    PyObject *first = PyException_GetTraceback(exc);
    PyObject **link = &first, **outer_link = NULL;
    int in_importlib = 0;
    while (*link != NULL) {
        PyTracebackObject *tb = (PyTracebackObject *)*link;
        PyObject **next = (PyObject **)&tb->tb_next;
        PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
        int now = PyUnicode_CompareWithASCIIString(code->co_filename, "<frozen importlib._bootstrap>") == 0 ||
                  PyUnicode_CompareWithASCIIString(code->co_filename, "<frozen importlib._bootstrap_external>") == 0;
        if (now && !in_importlib) {
            outer_link = link;
        }
        in_importlib = now;
        int end_of_chunk = in_importlib && (always_trim || PyUnicode_CompareWithASCIIString(
                                                               code->co_name, "_call_with_frames_removed") == 0);
        Py_DECREF(code);
        if (end_of_chunk) {
            PyObject *rest = Py_XNewRef(*next);
            Py_SETREF(*outer_link, rest);
            link = outer_link;
        }
        else {
            link = next;
        }
    }
    if (PyException_SetTraceback(exc, first != NULL ? first : Py_None) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(first);
    PyErr_SetRaisedException(exc);
}

static PyObject *
import_absolute(PyThreadState *tstate, PyObject *name)
{
    PyObject *module = modules_get(tstate->interp, name);
    if (module == NULL) {
        return PyErr_Occurred() ? NULL : find_and_load(tstate, name);
    }
    if (module == Py_None) {
        Py_DECREF(module);
        return find_and_load(tstate, name);     /* raises ModuleNotFoundError */
    }
    if (ensure_initialized(tstate->interp, module, name) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

/* What `import a.b.c` binds: the module of the part before the first dot. */
static PyObject *
top_package(PyThreadState *tstate, PyObject *name, PyObject *absolute, PyObject *module, int level)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = length ? PyUnicode_FindChar(name, '.', 0, length, 1) : -1;
    if (dot == -2) {
        return NULL;
    }
    if (dot == -1 && (level == 0 || length != 0)) {
        return Py_NewRef(module);
    }
    if (level == 0) {
        PyObject *front = PyUnicode_Substring(name, 0, dot);
        PyObject *result = front ? PyImport_ImportModuleLevelObject(front, NULL, NULL, NULL, 0) : NULL;
        Py_XDECREF(front);
        return result;
    }
    Py_ssize_t cut = dot < 0 ? PyUnicode_GET_LENGTH(absolute) : PyUnicode_GET_LENGTH(absolute) - (length - dot);
    PyObject *front = PyUnicode_Substring(absolute, 0, cut);
    PyObject *result = front ? modules_get(tstate->interp, front) : NULL;
    if (front != NULL && result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_KeyError, "%R not in sys.modules as expected", front);
    }
    Py_XDECREF(front);
    return result;
}

PyObject *
PyImport_ImportModuleLevelObject(PyObject *name, PyObject *globals, PyObject *locals, PyObject *fromlist, int level)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *absolute = NULL, *module = NULL, *result = NULL;
    if (name == NULL) {
        PyErr_SetString(PyExc_ValueError, "Empty module name");
        goto done;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "module name must be a string");
        goto done;
    }
    if (level < 0) {
        PyErr_SetString(PyExc_ValueError, "level must be >= 0");
        goto done;
    }
    if (level > 0) {
        absolute = resolve_name(name, globals, level);
    }
    else if (PyUnicode_GET_LENGTH(name) == 0) {
        PyErr_SetString(PyExc_ValueError, "Empty module name");
    }
    else {
        absolute = Py_NewRef(name);
    }
    if (absolute == NULL || (module = import_absolute(tstate, absolute)) == NULL) {
        goto done;
    }
    int has_fromlist = fromlist != NULL && fromlist != Py_None ? PyObject_IsTrue(fromlist) : 0;
    if (has_fromlist < 0) {
        goto done;
    }
    if (!has_fromlist) {
        result = top_package(tstate, name, absolute, module, level);
        goto done;
    }
    PyObject *path = NULL;
    if (PyObject_GetOptionalAttr(module, _Py_ID(__path__), &path) < 0) {
        goto done;
    }
    if (path != NULL) {
        Py_DECREF(path);
        result = PyObject_CallMethodObjArgs(IMPORTLIB(tstate->interp), _Py_ID(_handle_fromlist), module, fromlist,
                                            tstate->interp->imports.import_func, NULL);
    }
    else {
        result = Py_NewRef(module);
    }
done:
    Py_XDECREF(absolute);
    Py_XDECREF(module);
    if (result == NULL) {
        remove_importlib_frames(tstate);
    }
    return result;
}

PyObject *
PyImport_ImportModuleLevel(const char *name, PyObject *globals, PyObject *locals, PyObject *fromlist, int level)
{
    PyObject *object = PyUnicode_FromString(name);
    if (object == NULL) {
        return NULL;
    }
    PyObject *module = PyImport_ImportModuleLevelObject(object, globals, locals, fromlist, level);
    Py_DECREF(object);
    return module;
}

PyObject *
PyImport_ImportModule(const char *name)
{
    PyObject *object = PyUnicode_FromString(name);
    if (object == NULL) {
        return NULL;
    }
    PyObject *module = PyImport_Import(object);
    Py_DECREF(object);
    return module;
}

PyObject *
PyImport_ImportModuleNoBlock(const char *name)
{
    return PyImport_ImportModule(name);
}

/* Imports through the __import__ of the current globals, or of builtins where no Python code runs. */
PyObject *
PyImport_Import(PyObject *name)
{
    PyObject *result = NULL, *import = NULL, *fromlist = NULL, *builtins = NULL;
    PyObject *globals = PyEval_GetGlobals();
    if (globals != NULL) {
        Py_INCREF(globals);
        if (PyMapping_GetOptionalItem(globals, _Py_ID(__builtins__), &builtins) < 0) {
            goto done;
        }
    }
    else {
        globals = PyDict_New();
        if (globals == NULL) {
            goto done;
        }
    }
    if (builtins == NULL) {
        builtins = PyImport_ImportModuleLevel("builtins", NULL, NULL, NULL, 0);
        if (builtins == NULL || PyDict_SetItem(globals, _Py_ID(__builtins__), builtins) < 0) {
            goto done;
        }
    }
    import = PyDict_Check(builtins) ? PyObject_GetItem(builtins, _Py_ID(__import__))
                                    : PyObject_GetAttr(builtins, _Py_ID(__import__));
    if (import == NULL) {
        if (PyDict_Check(builtins) && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetObject(PyExc_KeyError, _Py_ID(__import__));
        }
        goto done;
    }
    fromlist = PyList_New(0);
    PyObject *value = fromlist ? PyObject_CallFunction(import, "OOOOi", name, globals, globals, fromlist, 0) : NULL;
    if (value == NULL) {
        goto done;
    }
    Py_DECREF(value);
    result = PyImport_GetModule(name);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_KeyError, name);
    }
done:
    Py_XDECREF(globals);
    Py_XDECREF(builtins);
    Py_XDECREF(import);
    Py_XDECREF(fromlist);
    return result;
}

PyObject *
PyImport_ImportModuleAttr(PyObject *name, PyObject *attribute)
{
    PyObject *module = PyImport_Import(name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetAttr(module, attribute);
    Py_DECREF(module);
    return result;
}

PyObject *
PyImport_ImportModuleAttrString(const char *name, const char *attribute)
{
    PyObject *module = PyImport_ImportModule(name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetAttrString(module, attribute);
    Py_DECREF(module);
    return result;
}

PyObject *
_PyImport_GetModuleAttr(PyObject *name, PyObject *attribute)
{
    return PyImport_ImportModuleAttr(name, attribute);
}

PyObject *
_PyImport_GetModuleAttrString(const char *name, const char *attribute)
{
    return PyImport_ImportModuleAttrString(name, attribute);
}

PyObject *
PyImport_ReloadModule(PyObject *module)
{
    PyObject *reload = PyImport_ImportModuleAttrString("importlib", "reload");
    if (reload == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(reload, module);
    Py_DECREF(reload);
    return result;
}

/* -- Modules from code objects --------------------------------------------------------------------- */

PyObject *
PyImport_ExecCodeModuleObject(PyObject *name, PyObject *code, PyObject *path, PyObject *cached_path)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *module = Py_XNewRef(PyImport_AddModuleObject(name));
    if (module == NULL) {
        return NULL;
    }
    PyObject *dict = PyModule_GetDict(module);
    PyObject *external = NULL, *result = NULL;
    if (PyDict_Contains(dict, _Py_ID(__builtins__)) == 0 &&
        PyDict_SetItem(dict, _Py_ID(__builtins__), interp->builtins) < 0) {
        goto done;
    }
    if (IMPORTLIB(interp) != NULL) {
        external = PyObject_GetAttr(IMPORTLIB(interp), _Py_ID(_bootstrap_external));
        if (external == NULL) {
            goto done;
        }
        PyObject *value = PyObject_CallMethodObjArgs(external, _Py_ID(_fix_up_module), dict, name,
                                                     path ? path : ((PyCodeObject *)code)->co_filename,
                                                     cached_path ? cached_path : Py_None, NULL);
        Py_XDECREF(value);
        if (value == NULL) {
            goto done;
        }
    }
    PyObject *value = PyEval_EvalCode(code, dict, dict);
    if (value == NULL) {
        goto done;
    }
    Py_DECREF(value);
    result = PyImport_GetModule(name);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_ImportError, "Loaded module %R not found in sys.modules", name);
    }
done:
    if (result == NULL) {
        remove_module(interp, name);
    }
    Py_XDECREF(external);
    Py_DECREF(module);
    return result;
}

PyObject *
PyImport_ExecCodeModuleWithPathnames(const char *name, PyObject *code, const char *path, const char *cached_path)
{
    PyObject *name_object = PyUnicode_FromString(name), *path_object = NULL, *cached_object = NULL, *result = NULL;
    if (name_object == NULL || (path != NULL && (path_object = PyUnicode_DecodeFSDefault(path)) == NULL) ||
        (cached_path != NULL && (cached_object = PyUnicode_DecodeFSDefault(cached_path)) == NULL)) {
        goto done;
    }
    result = PyImport_ExecCodeModuleObject(name_object, code, path_object, cached_object);
done:
    Py_XDECREF(name_object);
    Py_XDECREF(path_object);
    Py_XDECREF(cached_object);
    return result;
}

PyObject *
PyImport_ExecCodeModuleEx(const char *name, PyObject *code, const char *path)
{
    return PyImport_ExecCodeModuleWithPathnames(name, code, path, NULL);
}

PyObject *
PyImport_ExecCodeModule(const char *name, PyObject *code)
{
    return PyImport_ExecCodeModuleWithPathnames(name, code, NULL, NULL);
}

/* -- Path entries ------------------------------------------------------------------------------------- */

PyObject *
PyImport_GetImporter(PyObject *path)
{
    PyObject *cache = PySys_GetObject("path_importer_cache");
    PyObject *hooks = PySys_GetObject("path_hooks");
    if (cache == NULL || hooks == NULL || !PyList_Check(hooks)) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.path_importer_cache or sys.path_hooks");
        return NULL;
    }
    PyObject *importer = NULL;
    if (PyDict_GetItemRef(cache, path, &importer) != 0) {
        return importer;
    }
    if (PyDict_SetItem(cache, path, Py_None) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(hooks); i++) {
        PyObject *hook = PyList_GetItemRef(hooks, i);
        importer = hook ? PyObject_CallOneArg(hook, path) : NULL;
        Py_XDECREF(hook);
        if (importer != NULL) {
            break;
        }
        if (!PyErr_ExceptionMatches(PyExc_ImportError)) {
            return NULL;
        }
        PyErr_Clear();
    }
    if (importer == NULL) {
        Py_RETURN_NONE;
    }
    if (PyDict_SetItem(cache, path, importer) < 0) {
        Py_CLEAR(importer);
    }
    return importer;
}

long
PyImport_GetMagicNumber(void)
{
    return (long)PYC_MAGIC_NUMBER_TOKEN;
}

const char *
PyImport_GetMagicTag(void)
{
    return PYC_CACHE_TAG;
}

/* -- The start of importlib ---------------------------------------------------------------------------- */

/* A start-up module of the library: frozen, or (in the bootstrap interpreter) compiled from its text. */
static PyObject *
bootstrap_module(PyThreadState *tstate, const char *frozen_name, const char *file)
{
    if (PyImport_ImportFrozenModule(frozen_name) > 0) {
        return PyImport_AddModuleRef(frozen_name);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    const wchar_t *library = tstate->interp->config.stdlib_dir;
    PyObject *module = NULL, *code = NULL, *path = NULL, *name = NULL;
    char *text = NULL;
    FILE *stream = NULL;
    path = PyUnicode_FromFormat("%ls/%s", library ? library : L".", file);
    const char *utf8 = path ? PyUnicode_AsUTF8(path) : NULL;
    if (utf8 == NULL || (stream = fopen(utf8, "rb")) == NULL) {
        PyErr_Format(PyExc_ImportError, "start-up module %s is neither frozen nor at %V", frozen_name, path, "?");
        goto done;
    }
    fseek(stream, 0, SEEK_END);
    long size = ftell(stream);
    rewind(stream);
    text = PyMem_Malloc((size_t)size + 1);
    if (text == NULL || fread(text, 1, (size_t)size, stream) != (size_t)size) {
        PyErr_NoMemory();
        goto done;
    }
    text[size] = '\0';
    PyObject *shown = PyUnicode_FromFormat("<frozen %s>", strncmp(file, "importlib/", 10) == 0
                                                              ? (strstr(file, "external")
                                                                     ? "importlib._bootstrap_external"
                                                                     : "importlib._bootstrap")
                                                              : frozen_name);
    code = shown ? Py_CompileStringObject(text, shown, Py_file_input, NULL, 0) : NULL;
    Py_XDECREF(shown);
    if (code == NULL) {
        goto done;
    }
    name = PyUnicode_FromString(frozen_name);
    module = name ? Py_XNewRef(PyImport_AddModuleObject(name)) : NULL;
    if (module == NULL) {
        goto done;
    }
    PyObject *dict = PyModule_GetDict(module);
    PyObject *value = NULL;
    if (PyDict_SetItemString(dict, "__builtins__", tstate->interp->builtins) == 0) {
        value = PyEval_EvalCode(code, dict, dict);
    }
    if (value == NULL) {
        Py_CLEAR(module);
    }
    Py_XDECREF(value);
done:
    if (stream != NULL) {
        fclose(stream);
    }
    PyMem_Free(text);
    Py_XDECREF(path);
    Py_XDECREF(code);
    Py_XDECREF(name);
    return module;
}

extern PyObject *_PyImp_CreateModule(PyObject *spec_like_name);

static PyStatus
init_importlib(PyThreadState *tstate, PyObject *sysmod)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *importlib = bootstrap_module(tstate, "_frozen_importlib", "importlib/_bootstrap.py");
    if (importlib == NULL) {
        return PyStatus_Error("failed to import _frozen_importlib");
    }
    IMPORTLIB(interp) = importlib;
    interp->imports.import_func = PyDict_GetItemString(interp->builtins, "__import__");
    if (interp->imports.import_func == NULL) {
        return PyStatus_Error("__import__ not found");
    }
    Py_INCREF(interp->imports.import_func);

    PyObject *imp = _PyImp_CreateModule(_Py_ID(_imp));
    if (imp == NULL || _PyImport_SetModuleString("_imp", imp) < 0) {
        return PyStatus_Error("failed to import _imp");
    }
    PyObject *value = PyObject_CallMethod(importlib, "_install", "OO", sysmod, imp);
    Py_DECREF(imp);
    if (value == NULL) {
        return PyStatus_Error("failed to install importlib");
    }
    Py_DECREF(value);
    return _PyStatus_OK();
}

PyStatus
_PyImport_InitCore(PyThreadState *tstate, PyObject *sysmod, int importlib)
{
    return importlib ? init_importlib(tstate, sysmod) : _PyStatus_OK();
}

PyStatus
_PyImport_InitExternal(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *external = PyImport_GetModule(_Py_ID(_frozen_importlib_external));
    if (external == NULL) {
        PyErr_Clear();
        external = bootstrap_module(tstate, "_frozen_importlib_external", "importlib/_bootstrap_external.py");
    }
    if (external == NULL) {
        return PyStatus_Error("failed to import _frozen_importlib_external");
    }
    Py_DECREF(external);
    PyObject *value = PyObject_CallMethod(IMPORTLIB(interp), "_install_external_importers", NULL);
    if (value == NULL) {
        return PyStatus_Error("external importer setup failed");
    }
    Py_DECREF(value);

    /* zipimport goes to the front of sys.path_hooks. */
    PyObject *hooks = PySys_GetObject("path_hooks");
    PyObject *importer = PyImport_ImportModuleAttrString("zipimport", "zipimporter");
    if (importer == NULL) {
        PyErr_Clear();          /* without zlib or zipimport: no imports from archives */
        return _PyStatus_OK();
    }
    int result = hooks != NULL ? PyList_Insert(hooks, 0, importer) : -1;
    Py_DECREF(importer);
    return result < 0 ? PyStatus_Error("initializing zipimport failed") : _PyStatus_OK();
}

void
_PyImport_FiniCore(PyInterpreterState *interp)
{
    Py_CLEAR(IMPORTLIB(interp));
    Py_CLEAR(interp->imports.import_func);
}

/* -- The import lock that _imp offers -------------------------------------------------------------------- */

void
_PyImport_AcquireLock(PyInterpreterState *interp)
{
    _PyRecursiveMutex_Lock(&interp->imports.lock.mutex);
}

void
_PyImport_ReleaseLock(PyInterpreterState *interp)
{
    _PyRecursiveMutex_Unlock(&interp->imports.lock.mutex);
}

void
_PyImport_ReInitLock(PyInterpreterState *interp)
{
    interp->imports.lock.mutex = (_PyRecursiveMutex){0};
}

int
_PyImport_GetDLOpenFlags(PyInterpreterState *interp)
{
    return interp->imports.dlopenflags;
}

void
_PyImport_SetDLOpenFlags(PyInterpreterState *interp, int flags)
{
    interp->imports.dlopenflags = flags;
}

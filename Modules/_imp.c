/* _imp: what importlib needs from C: builtin, frozen and dynamic modules.

   Locking: the table of builtin modules is constant once the runtime runs; the cache of single-phase modules is guarded by
   _PyRuntime.imports.mutex. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_modsupport.h"
#include "pycore_namespace.h"     // _PyNamespace_Type
#include "pycore_pyhash.h"        // _Py_KeyedHash
#include "pycore_pystate.h"
#include "pycore_runtime.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include "marshal.h"

/* -- Table of builtin modules ---------------------------------------------------------------- */

#define BUILTIN_MODULE(name, init) extern PyObject *init(void);
#include "config.def"
#undef BUILTIN_MODULE

static struct _inittab builtin_rows[] = {
#define BUILTIN_MODULE(name, init) {#name, init},
#include "config.def"
#undef BUILTIN_MODULE
    {NULL, NULL},
};

struct _inittab *PyImport_Inittab = builtin_rows;

int
PyImport_ExtendInittab(struct _inittab *rows)
{
    if (Py_IsInitialized()) {
        Py_FatalError("PyImport_ExtendInittab() may not be called after Py_Initialize()");
    }
    size_t old = 0, added = 0;
    while (PyImport_Inittab[old].name != NULL) {
        old++;
    }
    while (rows[added].name != NULL) {
        added++;
    }
    if (added == 0) {
        return 0;
    }
    struct _inittab *table = PyMem_RawMalloc((old + added + 1) * sizeof *table);
    if (table == NULL) {
        return -1;
    }
    memcpy(table, PyImport_Inittab, old * sizeof *table);
    memcpy(table + old, rows, (added + 1) * sizeof *table);
    PyImport_Inittab = table;
    return 0;
}

int
PyImport_AppendInittab(const char *name, PyObject *(*init)(void))
{
    struct _inittab rows[] = {{name, init}, {NULL, NULL}};
    return PyImport_ExtendInittab(rows);
}

static const struct _inittab *
inittab_find(PyObject *name)
{
    for (const struct _inittab *row = PyImport_Inittab; row->name != NULL; row++) {
        if (PyUnicode_EqualToUTF8(name, row->name)) {
            return row;
        }
    }
    return NULL;
}

PyObject *
_PyImport_GetBuiltinModuleNames(void)
{
    PyObject *list = PyList_New(0);
    for (const struct _inittab *row = PyImport_Inittab; list != NULL && row->name != NULL; row++) {
        PyObject *name = PyUnicode_FromString(row->name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

/* -- Modules of the older protocol (single-phase) ---------------------------------------------- */

static _Thread_local const char *package_context;

const char *
_PyImport_PackageContext(void)
{
    return package_context;
}

PyObject *
_PyImport_ResolveNameWithPackageContext(PyObject *name)
{
    return Py_NewRef(name);
}

/* sys.modules-like index for PyState_FindModule(). */
static int
state_add_module(PyObject *module, PyModuleDef *def)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    Py_ssize_t index = def->m_base.m_index;
    if (index <= 0) {
        return 0;
    }
    if (interp->imports.modules_by_index == NULL &&
        (interp->imports.modules_by_index = PyList_New(0)) == NULL) {
        return -1;
    }
    PyObject *list = interp->imports.modules_by_index;
    while (PyList_GET_SIZE(list) <= index) {
        if (PyList_Append(list, Py_None) < 0) {
            return -1;
        }
    }
    return PyList_SetItem(list, index, Py_NewRef(module));
}

int
PyState_AddModule(PyObject *module, PyModuleDef *def)
{
    if (def == NULL) {
        Py_FatalError("PyState_AddModule: module definition is NULL");
    }
    if (def->m_slots != NULL) {
        PyErr_SetString(PyExc_SystemError, "PyState_AddModule called on module with slots");
        return -1;
    }
    return state_add_module(module, def);
}

int
PyState_RemoveModule(PyModuleDef *def)
{
    if (def->m_slots != NULL) {
        PyErr_SetString(PyExc_SystemError, "PyState_RemoveModule called on module with slots");
        return -1;
    }
    PyObject *list = _PyInterpreterState_GET()->imports.modules_by_index;
    if (list == NULL || def->m_base.m_index >= PyList_GET_SIZE(list)) {
        Py_FatalError("PyState_RemoveModule: module index out of bounds");
    }
    return PyList_SetItem(list, def->m_base.m_index, Py_NewRef(Py_None));
}

PyObject *
PyState_FindModule(PyModuleDef *def)
{
    PyObject *list = _PyInterpreterState_GET()->imports.modules_by_index;
    if (def->m_slots != NULL || list == NULL || def->m_base.m_index <= 0 ||
        def->m_base.m_index >= PyList_GET_SIZE(list)) {
        return NULL;
    }
    PyObject *module = PyList_GET_ITEM(list, def->m_base.m_index);
    return module == Py_None ? NULL : module;
}

/* A module whose init function made it at once: note its definition, name and file. */
static PyObject *
finish_single_phase(PyObject *module, PyObject *name, PyObject *path)
{
    PyModuleDef *def = PyModule_GetDef(module);
    if (def == NULL) {
        PyErr_Format(PyExc_SystemError, "initialization of %U did not return an extension module", name);
        Py_DECREF(module);
        return NULL;
    }
    if (path != NULL && PyModule_AddObjectRef(module, "__file__", path) < 0) {
        PyErr_Clear();
    }
    if (state_add_module(module, def) < 0 || _PyImport_SetModule(name, module) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

/* Call an init function: a definition for multi-phase initialisation, or a finished module.  path is NULL for a builtin one. */
static PyObject *
run_module_init(PyObject *(*init)(void), PyObject *spec, PyObject *name, PyObject *path)
{
    const char *text = PyUnicode_AsUTF8(name);
    if (text == NULL) {
        return NULL;
    }
    const char *saved = package_context;
    package_context = text;
    PyObject *module = init();
    package_context = saved;
    if (module == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError, "initialization of %U failed without raising an exception", name);
        }
        return NULL;
    }
    if (PyErr_Occurred()) {
        _PyErr_FormatFromCause(PyExc_SystemError, "initialization of %U raised unreported exception", name);
        Py_DECREF(module);
        return NULL;
    }
    if (Py_TYPE(module) == NULL) {
        PyErr_Format(PyExc_SystemError, "init function of %U returned uninitialized object", name);
        return NULL;
    }
    if (PyObject_TypeCheck(module, &PyModuleDef_Type)) {
        return PyModule_FromDefAndSpec((PyModuleDef *)module, spec);
    }
    return finish_single_phase(module, name, path);
}

/* -- Builtin and dynamic modules ---------------------------------------------------------------------- */

PyObject *
_PyImp_CreateModule(PyObject *name)
{
    const struct _inittab *row = inittab_find(name);
    if (row == NULL || row->initfunc == NULL) {
        PyErr_Format(PyExc_ImportError, "no builtin module %R", name);
        return NULL;
    }
    PyObject *spec = PyObject_CallFunction((PyObject *)&_PyNamespace_Type, NULL);
    PyObject *module = NULL;
    if (spec != NULL && PyObject_SetAttrString(spec, "name", name) == 0) {
        module = run_module_init(row->initfunc, spec, name, NULL);
    }
    Py_XDECREF(spec);
    PyModuleDef *def = module != NULL ? PyModule_GetDef(module) : NULL;
    if (def != NULL && def->m_slots != NULL && PyModule_ExecDef(module, def) < 0) {
        Py_CLEAR(module);
    }
    return module;
}

static PyObject *
imp_create_builtin(PyObject *self, PyObject *spec)
{
    PyObject *name = PyObject_GetAttrString(spec, "name"), *module = NULL;
    if (name == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "name must be string, not %.200s", Py_TYPE(name)->tp_name);
        goto done;
    }
    PyObject *loaded = PyImport_GetModule(name);
    if (loaded != NULL && (PyUnicode_EqualToUTF8(name, "sys") || PyUnicode_EqualToUTF8(name, "builtins"))) {
        module = loaded;
        goto done;
    }
    Py_XDECREF(loaded);
    if (PyErr_Occurred()) {
        goto done;
    }
    const struct _inittab *row = inittab_find(name);
    if (row == NULL) {
        module = Py_NewRef(Py_None);
    }
    else if (row->initfunc == NULL) {
        module = PyImport_GetModule(name);
    }
    else {
        module = run_module_init(row->initfunc, spec, name, NULL);
    }
done:
    Py_DECREF(name);
    return module;
}

static PyObject *
exec_module(PyObject *module)
{
    PyModuleDef *def = PyModule_Check(module) ? PyModule_GetDef(module) : NULL;
    if (def == NULL || def->m_slots == NULL) {
        return PyLong_FromLong(0);
    }
    if (PyModule_GetState(module) != NULL) {
        return PyLong_FromLong(0);      /* executed already */
    }
    return PyModule_ExecDef(module, def) < 0 ? NULL : PyLong_FromLong(0);
}

static PyObject *
imp_exec_builtin(PyObject *self, PyObject *module)
{
    return exec_module(module);
}

static PyObject *
imp_exec_dynamic(PyObject *self, PyObject *module)
{
    return exec_module(module);
}

/* Name of the init function: PyInit_name, or PyInitU_ and punycode with underscores for other scripts. */
static PyObject *
init_function_name(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, length, -1);
    if (dot == -2) {
        return NULL;
    }
    PyObject *last = PyUnicode_Substring(name, dot + 1, length);
    if (last == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (PyUnicode_IS_ASCII(last)) {
        result = PyBytes_FromFormat("PyInit_%s", PyUnicode_AsUTF8(last));
    }
    else {
        PyObject *encoded = PyUnicode_AsEncodedString(last, "punycode", NULL);
        if (encoded != NULL) {
            for (char *p = PyBytes_AS_STRING(encoded); *p != '\0'; p++) {
                if (*p == '-') {
                    *p = '_';
                }
            }
            result = PyBytes_FromFormat("PyInitU_%s", PyBytes_AS_STRING(encoded));
            Py_DECREF(encoded);
        }
    }
    Py_DECREF(last);
    return result;
}

static PyObject *
imp_create_dynamic(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("create_dynamic", nargs, 1, 2)) {
        return NULL;
    }
    PyObject *spec = args[0], *name = NULL, *path = NULL, *encoded = NULL, *function = NULL, *module = NULL;
    if ((name = PyObject_GetAttrString(spec, "name")) == NULL ||
        (path = PyObject_GetAttrString(spec, "origin")) == NULL) {
        goto done;
    }
    if (!PyUnicode_Check(path)) {
        PyErr_SetString(PyExc_ImportError, "dynamic module needs a file name");
        goto done;
    }
    if (PySys_Audit("import", "OOOOO", name, path, Py_None, Py_None, Py_None) < 0 ||
        (function = init_function_name(name)) == NULL || (encoded = PyUnicode_EncodeFSDefault(path)) == NULL) {
        goto done;
    }
    int flags = _PyImport_GetDLOpenFlags(_PyInterpreterState_GET());
    void *handle = dlopen(PyBytes_AS_STRING(encoded), flags ? flags : RTLD_NOW);
    if (handle == NULL) {
        const char *error = dlerror();
        PyObject *message = PyUnicode_DecodeLocale(error ? error : "unknown dlopen() error", "surrogateescape");
        if (message != NULL) {
            PyErr_SetImportError(message, name, path);
            Py_DECREF(message);
        }
        goto done;
    }
    PyObject *(*init)(void);
    *(void **)&init = dlsym(handle, PyBytes_AS_STRING(function));
    if (init == NULL) {
        PyObject *message = PyUnicode_FromFormat("dynamic module does not define module export function (%s)",
                                                 PyBytes_AS_STRING(function));
        if (message != NULL) {
            PyErr_SetImportError(message, name, path);
            Py_DECREF(message);
        }
        goto done;
    }
    module = run_module_init(init, spec, name, path);
done:
    Py_XDECREF(name);
    Py_XDECREF(path);
    Py_XDECREF(encoded);
    Py_XDECREF(function);
    return module;
}

static PyObject *
imp_extension_suffixes(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("[ss]", "." SOABI ".so", ".so");
}

static PyObject *
imp_is_builtin(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        _PyArg_BadArgument("is_builtin", "argument", "str", name);
        return NULL;
    }
    const struct _inittab *row = inittab_find(name);
    return PyLong_FromLong(row == NULL ? 0 : row->initfunc == NULL ? -1 : 1);
}

/* -- Frozen modules -------------------------------------------------------------------------------------- */

const struct _frozen *PyImport_FrozenModules;

static int frozen_override;

static int
use_frozen(const struct _frozen *row)
{
    if (row->name[0] == '_' && strncmp(row->name, "_frozen_importlib", 17) == 0) {
        return 1;       /* the import system itself */
    }
    return frozen_override != 0 ? frozen_override > 0 : _Py_GetConfig()->use_frozen_modules;
}

static const struct _frozen *
frozen_find(PyObject *name)
{
    const struct _frozen *tables[] = {PyImport_FrozenModules, _PyImport_FrozenBootstrap};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(tables); i++) {
        for (const struct _frozen *row = tables[i]; row != NULL && row->name != NULL; row++) {
            if (PyUnicode_EqualToUTF8(name, row->name)) {
                return row->code != NULL && use_frozen(row) ? row : NULL;
            }
        }
    }
    return NULL;
}

static PyObject *
frozen_missing(PyObject *name)
{
    PyObject *message = PyUnicode_FromFormat("No such frozen object named %R", name);
    if (message != NULL) {
        PyErr_SetImportError(message, name, NULL);
        Py_DECREF(message);
    }
    return NULL;
}

static PyObject *
frozen_code(const struct _frozen *row)
{
    return PyMarshal_ReadObjectFromString((const char *)row->code, row->size);
}

int
PyImport_ImportFrozenModuleObject(PyObject *name)
{
    const struct _frozen *row = frozen_find(name);
    if (row == NULL) {
        return 0;
    }
    int result = -1;
    PyObject *code = frozen_code(row), *module = NULL, *value = NULL;
    if (code == NULL) {
        return -1;
    }
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "frozen object %R is not a code object", name);
        goto done;
    }
    module = Py_XNewRef(PyImport_AddModuleObject(name));
    if (module == NULL) {
        goto done;
    }
    PyObject *dict = PyModule_GetDict(module);
    if (PyDict_SetItem(dict, _Py_ID(__builtins__), _PyInterpreterState_GET()->builtins) < 0) {
        goto done;
    }
    if (row->is_package) {
        PyObject *path = PyList_New(0);
        int set = path ? PyDict_SetItem(dict, _Py_ID(__path__), path) : -1;
        Py_XDECREF(path);
        if (set < 0) {
            goto done;
        }
    }
    value = PyEval_EvalCode(code, dict, dict);
    result = value != NULL ? 1 : -1;
done:
    Py_DECREF(code);
    Py_XDECREF(module);
    Py_XDECREF(value);
    return result;
}

int
PyImport_ImportFrozenModule(const char *name)
{
    PyObject *object = PyUnicode_InternFromString(name);
    if (object == NULL) {
        return -1;
    }
    int result = PyImport_ImportFrozenModuleObject(object);
    Py_DECREF(object);
    return result;
}

static PyObject *
imp_init_frozen(PyObject *self, PyObject *name)
{
    int result = PyImport_ImportFrozenModuleObject(name);
    if (result < 0) {
        return NULL;
    }
    return result == 0 ? Py_NewRef(Py_None) : PyImport_GetModule(name);
}

static PyObject *
imp_is_frozen(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        _PyArg_BadArgument("is_frozen", "argument", "str", name);
        return NULL;
    }
    return PyBool_FromLong(frozen_find(name) != NULL);
}

static PyObject *
imp_is_frozen_package(PyObject *self, PyObject *name)
{
    const struct _frozen *row = frozen_find(name);
    return row == NULL ? frozen_missing(name) : PyBool_FromLong(row->is_package);
}

static PyObject *
imp_get_frozen_object(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("get_frozen_object", nargs, 1, 2)) {
        return NULL;
    }
    PyObject *code;
    if (nargs == 2 && args[1] != Py_None) {
        Py_buffer view;
        if (PyObject_GetBuffer(args[1], &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        code = view.len > 0 ? PyMarshal_ReadObjectFromString(view.buf, view.len) : NULL;
        PyBuffer_Release(&view);
        if (code == NULL) {
            PyErr_Clear();
            PyErr_Format(PyExc_ImportError, "Frozen object named %R is invalid", args[0]);
            return NULL;
        }
    }
    else {
        const struct _frozen *row = frozen_find(args[0]);
        if (row == NULL) {
            return frozen_missing(args[0]);
        }
        code = frozen_code(row);
    }
    if (code != NULL && !PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "frozen object %R is not a code object", args[0]);
        Py_CLEAR(code);
    }
    return code;
}

static PyObject *
imp_find_frozen(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "withdata", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "find_frozen"};
    PyObject *buffer[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int with_data = args[1] != NULL ? PyObject_IsTrue(args[1]) : 0;
    const struct _frozen *row = frozen_find(args[0]);
    if (with_data < 0 || row == NULL) {
        return with_data < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *data = with_data ? PyMemoryView_FromMemory((char *)row->code, row->size, PyBUF_READ)
                               : Py_NewRef(Py_None);
    /* A frozen module keeps the name of the module it was made from. */
    PyObject *origin = PyUnicode_EqualToUTF8(args[0], "_frozen_importlib")
                           ? PyUnicode_FromString("importlib._bootstrap")
                           : PyUnicode_EqualToUTF8(args[0], "_frozen_importlib_external")
                                 ? PyUnicode_FromString("importlib._bootstrap_external")
                                 : Py_NewRef(args[0]);
    PyObject *result = NULL;
    if (data != NULL && origin != NULL) {
        result = PyTuple_Pack(3, data, row->is_package ? Py_True : Py_False, origin);
    }
    Py_XDECREF(data);
    Py_XDECREF(origin);
    return result;
}

static PyObject *
imp_frozen_module_names(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *list = PyList_New(0);
    for (const struct _frozen *row = _PyImport_FrozenBootstrap; list != NULL && row->name != NULL; row++) {
        PyObject *name = PyUnicode_FromString(row->name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

static PyObject *
imp_override_frozen(PyObject *self, PyObject *value)
{
    int override = PyLong_AsInt(value);
    if (override == -1 && PyErr_Occurred()) {
        return NULL;
    }
    frozen_override = override;
    Py_RETURN_NONE;
}

static PyObject *
imp_override_multi_interp(PyObject *self, PyObject *value)
{
    int override = PyLong_AsInt(value);
    if (override == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (_Py_IsMainInterpreter(interp)) {
        PyErr_SetString(PyExc_RuntimeError, "_imp._override_multi_interp_extensions_check() cannot be used "
                                            "in the main interpreter");
        return NULL;
    }
    int old = interp->imports.override_multi_interp_extensions_check;
    interp->imports.override_multi_interp_extensions_check = override;
    return PyLong_FromLong(old);
}

/* -- Locks, code objects, hashes ----------------------------------------------------------------------------- */

static PyObject *
imp_lock_held(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    return PyBool_FromLong(PyMutex_IsLocked(&interp->imports.lock.mutex.mutex));
}

static PyObject *
imp_acquire_lock(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyImport_AcquireLock(_PyInterpreterState_GET());
    Py_RETURN_NONE;
}

static PyObject *
imp_release_lock(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (!_PyRecursiveMutex_IsLockedByCurrentThread(&interp->imports.lock.mutex)) {
        PyErr_SetString(PyExc_RuntimeError, "not holding the import lock");
        return NULL;
    }
    _PyImport_ReleaseLock(interp);
    Py_RETURN_NONE;
}

static int
fix_filename(PyObject *code, PyObject *old, PyObject *new)
{
    PyCodeObject *co = (PyCodeObject *)code;
    if (PyUnicode_Compare(co->co_filename, old) != 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    Py_SETREF(co->co_filename, Py_NewRef(new));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(co->co_consts); i++) {
        PyObject *item = PyTuple_GET_ITEM(co->co_consts, i);
        if (PyCode_Check(item) && fix_filename(item, old, new) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
imp__fix_co_filename(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_fix_co_filename", nargs, 2, 2)) {
        return NULL;
    }
    if (!PyCode_Check(args[0])) {
        _PyArg_BadArgument("_fix_co_filename", "argument 1", PyCode_Type.tp_name, args[0]);
        return NULL;
    }
    if (!PyUnicode_Check(args[1])) {
        _PyArg_BadArgument("_fix_co_filename", "argument 2", "str", args[1]);
        return NULL;
    }
    PyObject *old = Py_NewRef(((PyCodeObject *)args[0])->co_filename);
    int result = PyUnicode_Compare(old, args[1]) == 0 ? 0 : fix_filename(args[0], old, args[1]);
    Py_DECREF(old);
    if (result < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
imp_source_hash(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "source", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "source_hash"};
    PyObject *buffer[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 2, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    long key = PyLong_AsLong(args[0]);
    Py_buffer view;
    if ((key == -1 && PyErr_Occurred()) || PyObject_GetBuffer(args[1], &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    uint64_t hash = _Py_KeyedHash((uint64_t)key, view.buf, view.len);
    PyBuffer_Release(&view);
    char bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (char)(hash >> (8 * i));
    }
    return PyBytes_FromStringAndSize(bytes, 8);
}

static PyMethodDef imp_methods[] = {
    PY_METHOD(imp, extension_suffixes, METH_NOARGS, "($module, /)", "File suffixes of extension modules."),
    PY_METHOD(imp, lock_held, METH_NOARGS, "($module, /)", "Whether some thread holds the import lock."),
    PY_METHOD(imp, acquire_lock, METH_NOARGS, "($module, /)", "Take the import lock of the current thread."),
    PY_METHOD(imp, release_lock, METH_NOARGS, "($module, /)", "Give the import lock back."),
    PY_METHOD(imp, find_frozen, METH_FASTCALL | METH_KEYWORDS, "($module, name, /, *, withdata=False)",
              "Tell about a frozen module: data, whether it is a package, original name; None if there is none."),
    PY_METHOD(imp, get_frozen_object, METH_FASTCALL, "($module, name, data=None, /)", "Code object of a frozen module."),
    PY_METHOD(imp, is_frozen_package, METH_O, "($module, name, /)", "Whether the frozen module is a package."),
    PY_METHOD(imp, create_builtin, METH_O, "($module, spec, /)", "Create the builtin module of a spec."),
    PY_METHOD(imp, init_frozen, METH_O, "($module, name, /)", "Import a frozen module."),
    PY_METHOD(imp, is_builtin, METH_O, "($module, name, /)", "1 for a builtin module, -1 if it cannot be created again."),
    PY_METHOD(imp, is_frozen, METH_O, "($module, name, /)", "Whether there is such a frozen module."),
    PY_METHOD_AS("_frozen_module_names", imp_frozen_module_names, METH_NOARGS, "($module, /)",
                 "Names of all frozen modules."),
    PY_METHOD_AS("_override_frozen_modules_for_tests", imp_override_frozen, METH_O, "($module, override, /)",
                 "Use frozen modules (1), do not (-1), as configured (0)."),
    PY_METHOD_AS("_override_multi_interp_extensions_check", imp_override_multi_interp, METH_O, "($module, override, /)",
                 "Override the check of extensions for sub-interpreters."),
    PY_METHOD_NOSIG("create_dynamic", imp_create_dynamic, METH_FASTCALL, "Load the extension module of a spec."),
    PY_METHOD(imp, exec_dynamic, METH_O, "($module, mod, /)", "Execute an extension module."),
    PY_METHOD(imp, exec_builtin, METH_O, "($module, mod, /)", "Execute a builtin module."),
    PY_METHOD(imp, _fix_co_filename, METH_FASTCALL, "($module, code, path, /)",
              "Change the file name of a code object and of those inside it."),
    PY_METHOD(imp, source_hash, METH_FASTCALL | METH_KEYWORDS, "($module, key, source)", "Hash of a source, as .pyc files hold it."),
    {0}
};

static int
imp_exec(PyObject *module)
{
    const wchar_t *mode = _Py_GetConfig()->check_hash_pycs_mode;
    PyObject *text = PyUnicode_FromWideChar(mode ? mode : L"default", -1);
    if (PyModule_Add(module, "check_hash_based_pycs", text) < 0) {
        return -1;
    }
    return PyModule_Add(module, "pyc_magic_number_token", PyLong_FromUnsignedLong(PYC_MAGIC_NUMBER_TOKEN));
}

static PyModuleDef_Slot imp_slots[] = {
    {Py_mod_exec, imp_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef imp_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_imp",
    .m_doc = "What importlib needs from the interpreter.",
    .m_methods = imp_methods,
    .m_slots = imp_slots,
};

PyMODINIT_FUNC
PyInit__imp(void)
{
    return PyModuleDef_Init(&imp_module);
}

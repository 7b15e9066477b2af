/* Modules: the object, its attributes, and creation from definitions in C (PEP 489).

   A module's dict is SHARED from birth; md_def and md_state are set before other threads can see the module. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_dict.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_modsupport.h"
#include "pycore_moduleobject.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"

#include <structmember.h>

/* -- Creation ------------------------------------------------------------------------------------------ */

static int
init_dict(PyModuleObject *module, PyObject *dict, PyObject *name, PyObject *doc)
{
    if (doc == NULL) {
        doc = Py_None;
    }
    if (PyDict_SetItem(dict, _Py_ID(__name__), name) < 0 || PyDict_SetItem(dict, _Py_ID(__doc__), doc) < 0 ||
        PyDict_SetItem(dict, _Py_ID(__package__), Py_None) < 0 ||
        PyDict_SetItem(dict, _Py_ID(__loader__), Py_None) < 0 || PyDict_SetItem(dict, _Py_ID(__spec__), Py_None) < 0) {
        return -1;
    }
    if (PyUnicode_CheckExact(name)) {
        Py_XSETREF(module->md_name, Py_NewRef(name));
    }
    return 0;
}

static PyModuleObject *
new_notrack(PyTypeObject *type)
{
    PyModuleObject *module = (PyModuleObject *)_PyType_AllocNoTrack(type, 0);
    if (module == NULL) {
        return NULL;
    }
    module->md_def = NULL;
    module->md_state = NULL;
    module->md_weaklist = NULL;
    module->md_name = NULL;
    module->md_dict = PyDict_New();
    if (module->md_dict == NULL) {
        Py_DECREF(module);
        return NULL;
    }
    _PyObject_SetShared(module->md_dict);
    _PyObject_SetDeferred((PyObject *)module);
    return module;
}

static PyObject *
module_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *module = (PyObject *)new_notrack(type);
    if (module != NULL) {
        PyObject_GC_Track(module);
    }
    return module;
}

PyObject *
PyModule_NewObject(PyObject *name)
{
    PyModuleObject *module = new_notrack(&PyModule_Type);
    if (module == NULL) {
        return NULL;
    }
    if (init_dict(module, module->md_dict, name, NULL) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    PyObject_GC_Track(module);
    return (PyObject *)module;
}

PyObject *
PyModule_New(const char *name)
{
    PyObject *object = PyUnicode_FromString(name);
    if (object == NULL) {
        return NULL;
    }
    PyObject *module = PyModule_NewObject(object);
    Py_DECREF(object);
    return module;
}

PyTypeObject PyModuleDef_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "moduledef",
    .tp_basicsize = sizeof(PyModuleDef),
};

PyObject *
PyModuleDef_Init(PyModuleDef *def)
{
    if (def->m_base.m_index == 0) {
        Py_SET_REFCNT(def, 1);
        Py_SET_TYPE(def, &PyModuleDef_Type);
        _Py_SetImmortal((PyObject *)def);
        PyMutex_LockFlags(&_PyRuntime.imports.mutex, 0);
        if (def->m_base.m_index == 0) {
            def->m_base.m_index = ++_PyRuntime.imports.last_index;
        }
        PyMutex_Unlock(&_PyRuntime.imports.mutex);
    }
    return (PyObject *)def;
}

static int
add_methods(PyObject *module, PyObject *name, PyMethodDef *functions)
{
    for (PyMethodDef *row = functions; row->ml_name != NULL; row++) {
        if (row->ml_flags & (METH_CLASS | METH_STATIC)) {
            PyErr_SetString(PyExc_ValueError, "module functions cannot set METH_CLASS or METH_STATIC");
            return -1;
        }
        PyObject *function = PyCFunction_NewEx(row, module, name);
        if (function == NULL) {
            return -1;
        }
        _PyObject_SetDeferred(function);
        int result = PyObject_SetAttrString(module, row->ml_name, function);
        Py_DECREF(function);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

int
PyModule_AddFunctions(PyObject *module, PyMethodDef *functions)
{
    PyObject *name = PyModule_GetNameObject(module);
    if (name == NULL) {
        return -1;
    }
    int result = add_methods(module, name, functions);
    Py_DECREF(name);
    return result;
}

int
PyModule_SetDocString(PyObject *module, const char *doc)
{
    PyObject *text = PyUnicode_FromString(doc);
    int result = text ? PyObject_SetAttr(module, _Py_ID(__doc__), text) : -1;
    Py_XDECREF(text);
    return result;
}

PyObject *
PyModule_Create2(PyModuleDef *def, int api_version)
{
    if (PyModuleDef_Init(def) == NULL) {
        return NULL;
    }
    return _PyModule_CreateInitialized(def, api_version);
}

PyObject *
_PyModule_CreateInitialized(PyModuleDef *def, int api_version)
{
    if (def->m_slots != NULL) {
        PyErr_Format(PyExc_SystemError, "module %s: PyModule_Create is incompatible with m_slots", def->m_name);
        return NULL;
    }
    /* A module in a package is known by its full name. */
    const char *name = def->m_name, *context = _PyImport_PackageContext();
    if (context != NULL) {
        const char *dot = strrchr(context, '.');
        if (dot != NULL && strcmp(dot + 1, name) == 0) {
            name = context;
        }
    }
    PyModuleObject *module = (PyModuleObject *)PyModule_New(name);
    if (module == NULL) {
        return NULL;
    }
    if (def->m_size > 0) {
        module->md_state = PyMem_Calloc(1, (size_t)def->m_size);
        if (module->md_state == NULL) {
            PyErr_NoMemory();
            goto fail;
        }
    }
    if ((def->m_methods != NULL && PyModule_AddFunctions((PyObject *)module, def->m_methods) < 0) ||
        (def->m_doc != NULL && PyModule_SetDocString((PyObject *)module, def->m_doc) < 0)) {
        goto fail;
    }
    module->md_def = def;
    return (PyObject *)module;
fail:
    Py_DECREF(module);
    return NULL;
}

struct slots {
    PyObject *(*create)(PyObject *, PyModuleDef *);
    int has_multiple, has_gil, has_exec;
    void *multiple, *gil;
};

static int
read_slots(PyModuleDef *def, const char *name, struct slots *s)
{
    *s = (struct slots){.multiple = Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED, .gil = Py_MOD_GIL_USED};
    for (PyModuleDef_Slot *slot = def->m_slots; slot != NULL && slot->slot != 0; slot++) {
        const char *twice = NULL;
        switch (slot->slot) {
        case Py_mod_create:
            twice = s->create ? "create" : NULL;
            *(void **)&s->create = slot->value;
            break;
        case Py_mod_exec:
            s->has_exec = 1;
            break;
        case Py_mod_multiple_interpreters:
            twice = s->has_multiple ? "'multiple interpreters'" : NULL;
            s->has_multiple = 1;
            s->multiple = slot->value;
            break;
        case Py_mod_gil:
            twice = s->has_gil ? "'gil'" : NULL;
            s->has_gil = 1;
            s->gil = slot->value;
            break;
        default:
            PyErr_Format(PyExc_SystemError, "module %s uses unknown slot ID %i", name, slot->slot);
            return -1;
        }
        if (twice != NULL) {
            PyErr_Format(PyExc_SystemError, "module %s has more than one %s slots", name, twice);
            return -1;
        }
    }
    return 0;
}

PyObject *
PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, int api_version)
{
    PyObject *name_object = NULL, *module = NULL;
    struct slots slots;
    PyModuleDef_Init(def);
    name_object = PyObject_GetAttrString(spec, "name");
    const char *name = name_object ? PyUnicode_AsUTF8(name_object) : NULL;
    if (name == NULL || read_slots(def, name, &slots) < 0) {
        goto fail;
    }
    if (def->m_size < 0) {
        PyErr_Format(PyExc_SystemError, "module %s: m_size may not be negative for multi-phase initialization", name);
        goto fail;
    }
    if (slots.create != NULL) {
        module = slots.create(spec, def);
        if (module == NULL) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_SystemError, "creation of module %s failed without setting an exception", name);
            }
            goto fail;
        }
        if (PyErr_Occurred()) {
            _PyErr_FormatFromCause(PyExc_SystemError, "creation of module %s raised unreported exception", name);
            goto fail;
        }
    }
    else {
        module = PyModule_NewObject(name_object);
        if (module == NULL) {
            goto fail;
        }
    }
    if (PyModule_Check(module)) {
        ((PyModuleObject *)module)->md_state = NULL;
        ((PyModuleObject *)module)->md_def = def;
        PyUnstable_Module_SetGIL(module, slots.gil);
    }
    else if (def->m_size > 0 || def->m_traverse || def->m_clear || def->m_free) {
        PyErr_Format(PyExc_SystemError, "module %s is not a module object, but requests module state", name);
        goto fail;
    }
    else if (slots.has_exec) {
        PyErr_Format(PyExc_SystemError, "module %s specifies execution slots, but did not create a ModuleType instance",
                     name);
        goto fail;
    }
    if ((def->m_methods != NULL && add_methods(module, name_object, def->m_methods) < 0) ||
        (def->m_doc != NULL && PyModule_SetDocString(module, def->m_doc) < 0)) {
        goto fail;
    }
    Py_DECREF(name_object);
    return module;
fail:
    Py_XDECREF(name_object);
    Py_XDECREF(module);
    return NULL;
}

int
PyModule_ExecDef(PyObject *module, PyModuleDef *def)
{
    const char *name = PyModule_GetName(module);
    if (name == NULL) {
        return -1;
    }
    PyModuleObject *m = (PyModuleObject *)module;
    if (def->m_size >= 0 && PyModule_Check(module) && m->md_state == NULL) {
        /* one byte at least: a state tells that the module was executed */
        m->md_state = PyMem_Calloc(1, def->m_size > 0 ? (size_t)def->m_size : 1);
        if (m->md_state == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    for (PyModuleDef_Slot *slot = def->m_slots; slot != NULL && slot->slot != 0; slot++) {
        if (slot->slot != Py_mod_exec) {
            continue;
        }
        int (*execute)(PyObject *);
        *(void **)&execute = slot->value;
        int result = execute(module);
        if (result != 0) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_SystemError, "execution of module %s failed without setting an exception", name);
            }
            return -1;
        }
        if (PyErr_Occurred()) {
            _PyErr_FormatFromCause(PyExc_SystemError, "execution of module %s raised unreported exception", name);
            return -1;
        }
    }
    return 0;
}

int
PyUnstable_Module_SetGIL(PyObject *module, void *gil)
{
    if (!PyModule_Check(module)) {
        PyErr_BadInternalCall();
        return -1;
    }
    _PyModule_SetGIL(module, gil);
    return 0;
}

/* -- Reading -------------------------------------------------------------------------------------------------- */

static int
check_module(PyObject *module)
{
    if (!PyModule_Check(module)) {
        PyErr_BadArgument();
        return -1;
    }
    return 0;
}

PyObject *
PyModule_GetDict(PyObject *module)
{
    if (!PyModule_Check(module)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return _PyModule_GetDict(module);
}

PyObject *
PyModule_GetNameObject(PyObject *module)
{
    PyObject *name;
    if (check_module(module) < 0) {
        return NULL;
    }
    if (PyDict_GetItemRef(_PyModule_GetDict(module), _Py_ID(__name__), &name) <= 0 || !PyUnicode_Check(name)) {
        Py_XDECREF(name);
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "nameless module");
        }
        return NULL;
    }
    return name;
}

const char *
PyModule_GetName(PyObject *module)
{
    PyObject *name = PyModule_GetNameObject(module);
    if (name == NULL) {
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8(name);
    Py_DECREF(name);    /* the module's dict keeps it */
    return text;
}

PyObject *
PyModule_GetFilenameObject(PyObject *module)
{
    PyObject *file;
    if (check_module(module) < 0) {
        return NULL;
    }
    if (PyDict_GetItemRef(_PyModule_GetDict(module), _Py_ID(__file__), &file) <= 0 || !PyUnicode_Check(file)) {
        Py_XDECREF(file);
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "module filename missing");
        }
        return NULL;
    }
    return file;
}

const char *
PyModule_GetFilename(PyObject *module)
{
    PyObject *file = PyModule_GetFilenameObject(module);
    if (file == NULL) {
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8(file);
    Py_DECREF(file);
    return text;
}

PyModuleDef *
PyModule_GetDef(PyObject *module)
{
    return check_module(module) < 0 ? NULL : _PyModule_GetDef(module);
}

void *
PyModule_GetState(PyObject *module)
{
    return check_module(module) < 0 ? NULL : _PyModule_GetState(module);
}

/* -- The end of a module: its dict is emptied in an order that lets most finalizers still run ------------------------- */

void
_PyModule_ClearDict(PyObject *dict)
{
    for (int pass = 1; pass <= 2; pass++) {
        /* first names with one underscore, then the others; __builtins__ stays */
        PyObject *names = PyDict_Keys(dict);
        for (Py_ssize_t i = 0; names != NULL && i < PyList_GET_SIZE(names); i++) {
            PyObject *name = PyList_GET_ITEM(names, i);
            if (!PyUnicode_Check(name) || PyUnicode_GET_LENGTH(name) == 0) {
                continue;
            }
            int single = PyUnicode_READ_CHAR(name, 0) == '_' &&
                         (PyUnicode_GET_LENGTH(name) < 2 || PyUnicode_READ_CHAR(name, 1) != '_');
            if ((pass == 1) != single || PyUnicode_EqualToUTF8(name, "__builtins__")) {
                continue;
            }
            PyObject *value = PyDict_GetItemWithError(dict, name);
            if (value != NULL && value != Py_None && PyDict_SetItem(dict, name, Py_None) < 0) {
                PyErr_FormatUnraisable("Exception ignored while clearing module dict");
            }
        }
        Py_XDECREF(names);
    }
    PyErr_Clear();
}

void
_PyModule_Clear(PyObject *module)
{
    PyObject *dict = ((PyModuleObject *)module)->md_dict;
    if (dict != NULL) {
        _PyModule_ClearDict(dict);
    }
}

/* -- Attributes ---------------------------------------------------------------------------------------------------------- */

int
_PyModuleSpec_IsInitializing(PyObject *spec)
{
    PyObject *value = NULL;
    if (spec == NULL || PyObject_GetOptionalAttr(spec, _Py_ID(_initializing), &value) <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int result = PyObject_IsTrue(value);
    Py_DECREF(value);
    return result;
}

int
_PyModuleSpec_IsUninitializedSubmodule(PyObject *spec, PyObject *name)
{
    PyObject *value = NULL;
    if (spec == NULL || PyObject_GetOptionalAttr(spec, _Py_ID(_uninitialized_submodules), &value) <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int result = PySequence_Contains(value, name);
    Py_DECREF(value);
    return result;
}

int
_PyModuleSpec_GetFileOrigin(PyObject *spec, PyObject **origin)
{
    PyObject *has_location = NULL;
    *origin = NULL;
    if (spec == NULL || PyObject_GetOptionalAttr(spec, _Py_ID(has_location), &has_location) <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int located = PyObject_IsTrue(has_location);
    Py_DECREF(has_location);
    if (located <= 0) {
        return located;
    }
    int result = PyObject_GetOptionalAttr(spec, _Py_ID(origin), origin);
    if (result > 0 && !PyUnicode_Check(*origin)) {
        Py_CLEAR(*origin);
        return 0;
    }
    return result;
}

/* Does the file stand in sys.path[0] (the script's folder), so that it may hide a module of the library? */
int
_PyModule_IsPossiblyShadowing(PyObject *origin)
{
    if (origin == NULL) {
        return 0;
    }
    const PyConfig *config = _Py_GetConfig();
    if (config->safe_path) {
        return 0;
    }
    PyObject *path = PySys_GetObject("path");
    if (path == NULL || !PyList_Check(path) || PyList_GET_SIZE(path) == 0) {
        PyErr_Clear();
        return 0;
    }
    PyObject *first = PyList_GetItemRef(path, 0);
    if (first == NULL || !PyUnicode_Check(first)) {
        Py_XDECREF(first);
        PyErr_Clear();
        return 0;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(origin), slash = PyUnicode_FindChar(origin, '/', 0, length, -1);
    PyObject *folder = slash > 0 ? PyUnicode_Substring(origin, 0, slash) : NULL;
    int result = folder != NULL && PyUnicode_Compare(folder, first) == 0;
    if (!result && folder != NULL) {
        /* a package: its folder's parent counts */
        PyObject *tail = PyUnicode_Substring(origin, slash, length);
        if (tail != NULL && PyUnicode_EqualToUTF8(tail, "/__init__.py")) {
            Py_ssize_t up = PyUnicode_FindChar(folder, '/', 0, PyUnicode_GET_LENGTH(folder), -1);
            PyObject *parent = up > 0 ? PyUnicode_Substring(folder, 0, up) : NULL;
            result = parent != NULL && PyUnicode_Compare(parent, first) == 0;
            Py_XDECREF(parent);
        }
        Py_XDECREF(tail);
    }
    Py_XDECREF(folder);
    Py_DECREF(first);
    PyErr_Clear();
    return result;
}

/* AttributeError that says why: circular import, shadowed library module, or nothing special. */
static void
no_attribute(PyModuleObject *m, PyObject *name)
{
    PyObject *module_name = NULL, *spec = NULL, *origin = NULL, *stdlib = NULL;
    if (PyDict_GetItemRef(m->md_dict, _Py_ID(__name__), &module_name) < 0) {
        return;
    }
    if (module_name == NULL || !PyUnicode_Check(module_name)) {
        PyErr_Format(PyExc_AttributeError, "module has no attribute '%U'", name);
        goto done;
    }
    if (PyDict_GetItemRef(m->md_dict, _Py_ID(__spec__), &spec) < 0 || _PyModuleSpec_GetFileOrigin(spec, &origin) < 0) {
        goto done;
    }
    int shadowing = _PyModule_IsPossiblyShadowing(origin);
    int shadowing_stdlib = 0;
    if (shadowing) {
        stdlib = Py_XNewRef(PySys_GetObject("stdlib_module_names"));
        shadowing_stdlib = stdlib != NULL && PyAnySet_Check(stdlib) && PySet_Contains(stdlib, module_name) > 0;
        PyErr_Clear();
    }
    int initializing = _PyModuleSpec_IsInitializing(spec);
    if (initializing < 0) {
        goto done;
    }
    if (shadowing_stdlib) {
        PyErr_Format(PyExc_AttributeError, "module '%U' has no attribute '%U' (consider renaming '%U' since it has the same "
                     "name as the standard library module named '%U' and prevents importing that standard library module)",
                     module_name, name, origin, module_name);
    }
    else if (initializing) {
        if (shadowing) {
            PyErr_Format(PyExc_AttributeError, "module '%U' has no attribute '%U' (consider renaming '%U' if it has the same "
                         "name as a library you intended to import)", module_name, name, origin);
        }
        else if (origin != NULL) {
            PyErr_Format(PyExc_AttributeError, "partially initialized module '%U' from '%U' has no attribute '%U' "
                         "(most likely due to a circular import)", module_name, origin, name);
        }
        else {
            PyErr_Format(PyExc_AttributeError, "partially initialized module '%U' has no attribute '%U' "
                         "(most likely due to a circular import)", module_name, name);
        }
    }
    else {
        int uninitialized = _PyModuleSpec_IsUninitializedSubmodule(spec, name);
        if (uninitialized > 0) {
            PyErr_Format(PyExc_AttributeError, "cannot access submodule '%U' of module '%U' (most likely due to a circular "
                         "import)", name, module_name);
        }
        else if (uninitialized == 0) {
            PyErr_Format(PyExc_AttributeError, "module '%U' has no attribute '%U'", module_name, name);
        }
    }
done:
    Py_XDECREF(module_name);
    Py_XDECREF(spec);
    Py_XDECREF(origin);
    Py_XDECREF(stdlib);
}

PyObject *
_Py_module_getattro_impl(PyModuleObject *m, PyObject *name, int suppress)
{
    PyObject *value = _PyObject_GenericGetAttrWithDict((PyObject *)m, name, m->md_dict, suppress ? suppress : 1);
    if (value != NULL) {
        return value;
    }
    if (PyErr_Occurred()) {
        if (suppress == 1 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
        }
        return NULL;
    }
    PyObject *getattr;
    if (PyDict_GetItemRef(m->md_dict, _Py_ID(__getattr__), &getattr) < 0) {
        return NULL;
    }
    if (getattr != NULL) {
        value = PyObject_CallOneArg(getattr, name);
        if (value == NULL && suppress == 1 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
        }
        Py_DECREF(getattr);
        return value;
    }
    if (suppress != 1) {
        no_attribute(m, name);
        PyObject *exc = PyErr_GetRaisedException();
        if (exc != NULL && PyErr_GivenExceptionMatches(exc, PyExc_AttributeError)) {
            PyAttributeErrorObject *error = (PyAttributeErrorObject *)exc;
            Py_XSETREF(error->obj, Py_NewRef(m));
            Py_XSETREF(error->name, Py_NewRef(name));
        }
        PyErr_SetRaisedException(exc);
    }
    return NULL;
}

PyObject *
_Py_module_getattro(PyObject *m, PyObject *name)
{
    return _Py_module_getattro_impl((PyModuleObject *)m, name, 0);
}

/* -- The type ------------------------------------------------------------------------------------------------------------- */

static int
module_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    static char *keywords[] = {"name", "doc", NULL};
    PyObject *name, *doc = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "U|O:module", keywords, &name, &doc)) {
        return -1;
    }
    PyModuleObject *self = (PyModuleObject *)op;
    if (self->md_dict == NULL && (self->md_dict = PyDict_New()) == NULL) {
        return -1;
    }
    return init_dict(self, self->md_dict, name, doc);
}

static void
module_dealloc(PyObject *op)
{
    PyModuleObject *m = (PyModuleObject *)op;
    PyObject_GC_UnTrack(op);
    if (m->md_name != NULL && _Py_GetConfig()->verbose) {
        PySys_FormatStderr("# destroy %U\n", m->md_name);
    }
    if (m->md_weaklist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    /* a module whose state was never made has nothing to free */
    if (m->md_def != NULL && m->md_def->m_free != NULL && (m->md_def->m_size <= 0 || m->md_state != NULL)) {
        m->md_def->m_free(op);
    }
    Py_XDECREF(m->md_dict);
    Py_XDECREF(m->md_name);
    if (m->md_state != NULL) {
        PyMem_Free(m->md_state);
    }
    Py_TYPE(op)->tp_free(op);
}

static int
module_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyModuleObject *m = (PyModuleObject *)op;
    if (m->md_def != NULL && m->md_def->m_traverse != NULL && (m->md_def->m_size <= 0 || m->md_state != NULL)) {
        int result = m->md_def->m_traverse(op, visit, arg);
        if (result) {
            return result;
        }
    }
    Py_VISIT(m->md_dict);
    return 0;
}

static int
module_clear(PyObject *op)
{
    PyModuleObject *m = (PyModuleObject *)op;
    if (m->md_def != NULL && m->md_def->m_clear != NULL && (m->md_def->m_size <= 0 || m->md_state != NULL)) {
        int result = m->md_def->m_clear(op);
        if (PyErr_Occurred()) {
            PyErr_FormatUnraisable("Exception ignored in m_clear of module%s%V", m->md_name ? " " : "", m->md_name, "");
        }
        if (result) {
            return result;
        }
    }
    Py_CLEAR(m->md_dict);
    return 0;
}

static PyObject *
module_repr(PyObject *op)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (interp->imports.importlib == NULL) {
        return PyUnicode_FromFormat("<module %R>", ((PyModuleObject *)op)->md_name ? ((PyModuleObject *)op)->md_name : Py_None);
    }
    return PyObject_CallMethod(interp->imports.importlib, "_module_repr", "O", op);
}

static PyObject *
module___dir__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *result = NULL, *dict = PyObject_GetAttr(self, _Py_ID(__dict__)), *function;
    if (dict == NULL) {
        return NULL;
    }
    if (!PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "<module>.__dict__ is not a dictionary");
    }
    else if (PyDict_GetItemRef(dict, _Py_ID(__dir__), &function) >= 0) {
        result = function ? PyObject_CallNoArgs(function) : PyDict_Keys(dict);
        Py_XDECREF(function);
    }
    Py_DECREF(dict);
    return result;
}

static PyObject *
module_dict(PyObject *self)
{
    PyObject *dict = PyObject_GetAttr(self, _Py_ID(__dict__));
    if (dict != NULL && !PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "<module>.__dict__ is not a dictionary");
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
module_get_annotate(PyObject *self, void *unused)
{
    PyObject *dict = module_dict(self), *annotate;
    if (dict == NULL) {
        return NULL;
    }
    if (PyDict_GetItemRef(dict, _Py_ID(__annotate__), &annotate) == 0) {
        annotate = Py_NewRef(Py_None);
        if (PyDict_SetItem(dict, _Py_ID(__annotate__), annotate) < 0) {
            Py_CLEAR(annotate);
        }
    }
    Py_DECREF(dict);
    return annotate;
}

static int
module_set_annotate(PyObject *self, PyObject *value, void *unused)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __annotate__ attribute");
        return -1;
    }
    if (!Py_IsNone(value) && !PyCallable_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ must be callable or None");
        return -1;
    }
    PyObject *dict = module_dict(self);
    int result = dict ? PyDict_SetItem(dict, _Py_ID(__annotate__), value) : -1;
    if (result == 0 && !Py_IsNone(value)) {
        result = PyDict_Pop(dict, _Py_ID(__annotations__), NULL) < 0 ? -1 : 0;
    }
    Py_XDECREF(dict);
    return result;
}

static PyObject *
module_get_annotations(PyObject *self, void *unused)
{
    PyObject *dict = module_dict(self), *annotations = NULL, *annotate = NULL, *spec = NULL;
    if (dict == NULL || PyDict_GetItemRef(dict, _Py_ID(__annotations__), &annotations) != 0) {
        goto done;
    }
    /* While the module is being executed its annotations are not complete: they are not kept. */
    if (PyDict_GetItemRef(dict, _Py_ID(__spec__), &spec) < 0) {
        goto done;
    }
    int initializing = spec != NULL ? _PyModuleSpec_IsInitializing(spec) : 0;
    if (initializing < 0 || PyDict_GetItemRef(dict, _Py_ID(__annotate__), &annotate) < 0) {
        goto done;
    }
    if (annotate != NULL && PyCallable_Check(annotate)) {
        PyObject *one = PyLong_FromLong(1);
        annotations = one ? PyObject_CallOneArg(annotate, one) : NULL;
        Py_XDECREF(one);
        if (annotations != NULL && !PyDict_Check(annotations)) {
            PyErr_Format(PyExc_TypeError, "__annotate__() must return a dict, not %T", annotations);
            Py_CLEAR(annotations);
        }
    }
    else {
        annotations = PyDict_New();
    }
    if (annotations != NULL && !initializing && PyDict_SetItem(dict, _Py_ID(__annotations__), annotations) < 0) {
        Py_CLEAR(annotations);
    }
done:
    Py_XDECREF(dict);
    Py_XDECREF(annotate);
    Py_XDECREF(spec);
    return annotations;
}

static int
module_set_annotations(PyObject *self, PyObject *value, void *unused)
{
    PyObject *dict = module_dict(self);
    int result = -1;
    if (dict == NULL) {
        return -1;
    }
    if (value != NULL) {
        result = PyDict_SetItem(dict, _Py_ID(__annotations__), value);
    }
    else {
        result = PyDict_Pop(dict, _Py_ID(__annotations__), NULL);
        if (result == 0) {
            PyErr_SetObject(PyExc_AttributeError, _Py_ID(__annotations__));
            result = -1;
        }
    }
    if (result >= 0 && PyDict_Pop(dict, _Py_ID(__annotate__), NULL) < 0) {
        result = -1;
    }
    Py_DECREF(dict);
    return result < 0 ? -1 : 0;
}

static PyMethodDef module_methods[] = {
    PY_METHOD_NOSIG("__dir__", module___dir__, METH_NOARGS, "__dir__($self, /)\n--\n\nNames of the module."),
    {0}
};

static PyMemberDef module_members[] = {
    {"__dict__", _Py_T_OBJECT, offsetof(PyModuleObject, md_dict), Py_READONLY},
    {NULL}
};

static PyGetSetDef module_getset[] = {
    {"__annotations__", module_get_annotations, module_set_annotations},
    {"__annotate__", module_get_annotate, module_set_annotate},
    {NULL}
};

PyTypeObject PyModule_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "module",
    .tp_basicsize = sizeof(PyModuleObject),
    .tp_dealloc = module_dealloc,
    .tp_repr = module_repr,
    .tp_getattro = _Py_module_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "module(name, doc=None)\n--\n\nCreate a module of that name and documentation.",
    .tp_traverse = module_traverse,
    .tp_clear = module_clear,
    .tp_weaklistoffset = offsetof(PyModuleObject, md_weaklist),
    .tp_methods = module_methods,
    .tp_members = module_members,
    .tp_getset = module_getset,
    .tp_dictoffset = offsetof(PyModuleObject, md_dict),
    .tp_init = module_init,
    .tp_new = module_new,
    .tp_free = PyObject_GC_Del,
};

/* Is obj a module made from C with functions of its own? */
int
_PyModule_IsExtension(PyObject *obj)
{
    if (!PyModule_Check(obj)) {
        return 0;
    }
    PyModuleDef *def = ((PyModuleObject *)obj)->md_def;
    return def != NULL && def->m_methods != NULL;
}

/* _weakref: the functions behind the weakref module; the types are in Objects/weakref*.c. */
#include "Python.h"
#include "pycore_args.h"      // PY_METHOD
#include "pycore_critical_section.h"
#include "pycore_dict.h"
#include "pycore_object.h"
#include "pycore_weakref.h"   // _PyWeakref_IS_DEAD

static PyObject *
weakref_getweakrefcount(PyObject *Py_UNUSED(module), PyObject *object)
{
    return PyLong_FromSsize_t(_PyWeakref_GetWeakrefCount(object));
}

static PyObject *
weakref_getweakrefs(PyObject *Py_UNUSED(module), PyObject *object)
{
    return _PyWeakref_GetWeakrefs(object);
}

static PyObject *
weakref_proxy(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs < 1 || nargs > 2) {
        PyErr_Format(PyExc_TypeError, "proxy expected at %s %d argument%s, got %zd",
                     nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 2, nargs < 1 ? "" : "s", nargs);
        return NULL;
    }
    return PyWeakref_NewProxy(args[0], nargs > 1 ? args[1] : NULL);
}

static int
value_is_dead(PyObject *value, void *Py_UNUSED(arg))
{
    if (!PyWeakref_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "not a weakref");
        return -1;
    }
    return _PyWeakref_IS_DEAD(value);
}

/* dict[key] is deleted if it is a dead weak reference: in one step, for WeakValueDictionary. */
static PyObject *
weakref__remove_dead_weakref(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 2) {
        PyErr_Format(PyExc_TypeError, "_remove_dead_weakref expected 2 arguments, got %zd", nargs);
        return NULL;
    }
    if (!PyDict_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "_remove_dead_weakref() argument 1 must be dict, not %.50s",
                     Py_TYPE(args[0])->tp_name);
        return NULL;
    }
    if (_PyDict_DelItemIf(args[0], args[1], value_is_dead, NULL) < 0) {
        if (PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_Clear();
        }
        else {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyMethodDef weakref_functions[] = {
    PY_METHOD(weakref, getweakrefcount, METH_O, "($module, object, /)",
              "Return how many weak references and proxies refer to object."),
    PY_METHOD(weakref, getweakrefs, METH_O, "($module, object, /)",
              "Return a list of the weak references and proxies that refer to object."),
    PY_METHOD(weakref, proxy, METH_FASTCALL, "($module, object, callback=None, /)",
              "Return a proxy that acts as object while it is alive.\n\n"
              "callback, if given, is called with the proxy when object is about to die."),
    PY_METHOD(weakref, _remove_dead_weakref, METH_FASTCALL, "($module, dct, key, /)",
              "Delete dct[key] if it is a dead weak reference."),
    {0}
};

static int
weakref_exec(PyObject *module)
{
    if (PyModule_AddObjectRef(module, "ref", (PyObject *)&_PyWeakref_RefType) < 0
        || PyModule_AddObjectRef(module, "ReferenceType", (PyObject *)&_PyWeakref_RefType) < 0
        || PyModule_AddObjectRef(module, "ProxyType", (PyObject *)&_PyWeakref_ProxyType) < 0
        || PyModule_AddObjectRef(module, "CallableProxyType", (PyObject *)&_PyWeakref_CallableProxyType) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot weakref_slots[] = {
    {Py_mod_exec, weakref_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef weakref_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_weakref",
    .m_doc = "Weak references: support of the weakref module.",
    .m_size = 0,
    .m_methods = weakref_functions,
    .m_slots = weakref_slots,
};

PyMODINIT_FUNC
PyInit__weakref(void)
{
    return PyModuleDef_Init(&weakref_module);
}

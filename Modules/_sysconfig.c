/* The _sysconfig module: what sysconfig must not take from files, because builds share them. */
#include "Python.h"
#include "pycore_args.h"

static int
add(PyObject *dict, const char *name, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

static PyObject *
sysconfig_config_vars(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *vars = PyDict_New();
    if (vars == NULL) {
        return NULL;
    }
#ifdef Py_GIL_DISABLED
    const long gil_disabled = 1;
#else
    const long gil_disabled = 0;
#endif
#ifdef Py_DEBUG
    const long debug = 1;
#else
    const long debug = 0;
#endif
    if (add(vars, "Py_GIL_DISABLED", PyLong_FromLong(gil_disabled)) < 0 ||
        add(vars, "Py_DEBUG", PyLong_FromLong(debug)) < 0) {
        Py_CLEAR(vars);
    }
    return vars;
}

static PyMethodDef sysconfig_methods[] = {
    PY_METHOD(sysconfig, config_vars, METH_NOARGS, "($module, /)", "Return a dict of variables of this build."),
    {0},
};

static PyModuleDef_Slot sysconfig_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef sysconfig_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sysconfig",
    .m_doc = "A helper for the sysconfig module.",
    .m_methods = sysconfig_methods,
    .m_slots = sysconfig_slots,
};

PyMODINIT_FUNC
PyInit__sysconfig(void)
{
    return PyModuleDef_Init(&sysconfig_module);
}

/* The _contextvars module: names for the types of Python/runtime/context.c. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_context.h"
#include "pycore_typeobject.h"

static PyObject *
contextvars_copy_context(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyContext_CopyCurrent();
}

static PyMethodDef contextvars_methods[] = {
    PY_METHOD(contextvars, copy_context, METH_NOARGS, "($module, /)", "Return a copy of the current context."),
    {0},
};

static int
contextvars_exec(PyObject *module)
{
    PyObject *dict = _PyType_GetDict(&PyContextToken_Type);
    if (dict != NULL && PyDict_SetItemString(dict, "MISSING", &_PyContextTokenMissing) < 0) {
        return -1;
    }
    PyType_Modified(&PyContextToken_Type);
    return PyModule_AddType(module, &PyContext_Type) < 0 || PyModule_AddType(module, &PyContextVar_Type) < 0
               ? -1
               : PyModule_AddType(module, &PyContextToken_Type);
}

static PyModuleDef_Slot contextvars_slots[] = {
    {Py_mod_exec, contextvars_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef contextvars_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_contextvars",
    .m_doc = "Context variables.",
    .m_methods = contextvars_methods,
    .m_slots = contextvars_slots,
};

PyMODINIT_FUNC
PyInit__contextvars(void)
{
    return PyModuleDef_Init(&contextvars_module);
}

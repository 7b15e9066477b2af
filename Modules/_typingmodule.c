/* _typing: the parts of typing that are in C, because the language itself makes them. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_interp.h"
#include "pycore_object_protocol.h"
#include "pycore_pystate.h"
#include "pycore_typevarobject.h"
#include "pycore_unionobject.h"

static PyObject *
_typing__idfunc(PyObject *Py_UNUSED(module), PyObject *x)
{
    return Py_NewRef(x);
}

static PyMethodDef typing_methods[] = {
    PY_METHOD(_typing, _idfunc, METH_O, "($module, x, /)", "Return the argument."),
    {0}
};

static int
typing_exec(PyObject *m)
{
    struct _Py_typing_state *state = &_PyInterpreterState_GET()->typing;
    const struct {
        const char *name;
        PyObject *value;
    } exported[] = {
        {"TypeVar", (PyObject *)state->typevar_type},
        {"TypeVarTuple", (PyObject *)state->typevartuple_type},
        {"ParamSpec", (PyObject *)state->paramspec_type},
        {"ParamSpecArgs", (PyObject *)state->paramspecargs_type},
        {"ParamSpecKwargs", (PyObject *)state->paramspeckwargs_type},
        {"Generic", (PyObject *)state->generic_type},
        {"TypeAliasType", (PyObject *)&_PyTypeAlias_Type},
        {"Union", (PyObject *)&_PyUnion_Type},
        {"NoDefault", &_Py_NoDefaultStruct},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(exported); i++) {
        if (PyModule_AddObjectRef(m, exported[i].name, exported[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot typing_slots[] = {
    {Py_mod_exec, typing_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef typing_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_typing",
    .m_doc = PyDoc_STR("Primitives and accelerators for the typing module.\n"),
    .m_methods = typing_methods,
    .m_slots = typing_slots,
};

PyMODINIT_FUNC
PyInit__typing(void)
{
    return PyModuleDef_Init(&typing_module);
}

/* _types: the builtin types that have no name in builtins, for types.py. */
#include "Python.h"
#include "pycore_descrobject.h"        // _PyMethodWrapper_Type
#include "pycore_moduleobject.h"
#include "pycore_namespace.h"          // _PyNamespace_Type
#include "pycore_object_protocol.h"    // _PyNone_Type
#include "pycore_unionobject.h"        // _PyUnion_Type

static const struct {
    const char *name;
    PyTypeObject *type;
} exported[] = {
    {"AsyncGeneratorType", &PyAsyncGen_Type},
    {"BuiltinFunctionType", &PyCFunction_Type},
    {"BuiltinMethodType", &PyCFunction_Type},
    {"CapsuleType", &PyCapsule_Type},
    {"CellType", &PyCell_Type},
    {"ClassMethodDescriptorType", &PyClassMethodDescr_Type},
    {"CodeType", &PyCode_Type},
    {"CoroutineType", &PyCoro_Type},
    {"EllipsisType", &PyEllipsis_Type},
    {"FrameType", &PyFrame_Type},
    {"FunctionType", &PyFunction_Type},
    {"GeneratorType", &PyGen_Type},
    {"GenericAlias", &Py_GenericAliasType},
    {"GetSetDescriptorType", &PyGetSetDescr_Type},
    {"LambdaType", &PyFunction_Type},
    {"MappingProxyType", &PyDictProxy_Type},
    {"MemberDescriptorType", &PyMemberDescr_Type},
    {"MethodDescriptorType", &PyMethodDescr_Type},
    {"MethodType", &PyMethod_Type},
    {"MethodWrapperType", &_PyMethodWrapper_Type},
    {"ModuleType", &PyModule_Type},
    {"NoneType", &_PyNone_Type},
    {"NotImplementedType", &_PyNotImplemented_Type},
    {"SimpleNamespace", &_PyNamespace_Type},
    {"TracebackType", &PyTraceBack_Type},
    {"UnionType", &_PyUnion_Type},
    {"WrapperDescriptorType", &PyWrapperDescr_Type},
};

static int
types_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(exported); i++) {
        if (PyModule_AddObjectRef(module, exported[i].name, (PyObject *)exported[i].type) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot types_slots[] = {
    {Py_mod_exec, types_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef types_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_types",
    .m_doc = PyDoc_STR("Define names for built-in types."),
    .m_slots = types_slots,
};

PyMODINIT_FUNC
PyInit__types(void)
{
    return PyModuleDef_Init(&types_module);
}

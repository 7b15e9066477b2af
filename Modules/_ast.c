/* Module _ast: the classes of syntax trees and the flags of compile(). */
#include "Python.h"
#include "../Parser/ast_info.h"
#include "pycore_ast.h"

static int
ast_exec(PyObject *module)
{
    struct ast_state *state = _PyAST_State();
    if (state == NULL || PyModule_AddObjectRef(module, "AST", state->base) < 0) {
        return -1;
    }
    for (int class = AST_CLASS_int + 1; class < AST_CLASS_COUNT; class++) {
        if (PyModule_AddObjectRef(module, _PyAST_Classes[class].name, state->types[class]) < 0) {
            return -1;
        }
    }
    if (PyModule_AddIntMacro(module, PyCF_ALLOW_TOP_LEVEL_AWAIT) < 0 ||
        PyModule_AddIntMacro(module, PyCF_ONLY_AST) < 0 ||
        PyModule_AddIntMacro(module, PyCF_TYPE_COMMENTS) < 0 ||
        PyModule_AddIntMacro(module, PyCF_OPTIMIZED_AST) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot ast_module_slots[] = {
    {Py_mod_exec, ast_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef ast_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ast",
    .m_slots = ast_module_slots,
};

PyMODINIT_FUNC
PyInit__ast(void)
{
    return PyModuleDef_Init(&ast_module);
}

/* The errno module: names of the system's error numbers. */
#include "Python.h"

#include <errno.h>

/* 134 in Linux since 6.19; known to Python by that name whatever the headers say. */
#if defined(__linux__) && !defined(EFTYPE)
#  define EFTYPE 134
#endif

static const struct {
    const char *name;
    int code;
} error_names[] = {
#define ERRNO(name) {#name, name},
#include "errno_names.def"
#undef ERRNO
};

static int
errno_exec(PyObject *module)
{
    PyObject *dict = PyModule_GetDict(module), *codes = PyDict_New();
    if (codes == NULL || PyDict_SetItemString(dict, "errorcode", codes) < 0) {
        Py_XDECREF(codes);
        return -1;
    }
    int result = 0;
    for (size_t i = 0; result == 0 && i < Py_ARRAY_LENGTH(error_names); i++) {
        PyObject *name = PyUnicode_InternFromString(error_names[i].name);
        PyObject *code = PyLong_FromLong(error_names[i].code);
        if (name == NULL || code == NULL || PyDict_SetItem(dict, name, code) < 0 ||
            PyDict_SetItem(codes, code, name) < 0) {
            result = -1;
        }
        Py_XDECREF(name);
        Py_XDECREF(code);
    }
    Py_DECREF(codes);
    return result;
}

static PyModuleDef_Slot errno_slots[] = {
    {Py_mod_exec, errno_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef errno_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "errno",
    .m_doc = "The system's error numbers by name, and in the dict errorcode their names by number.",
    .m_slots = errno_slots,
};

PyMODINIT_FUNC
PyInit_errno(void)
{
    return PyModuleDef_Init(&errno_module);
}

/* Module marshal. */
#include "Python.h"
#include "marshal.h"
#include "marshal_format.h"
#include "pycore_args.h"          // PY_METHOD
#include "pycore_marshal.h"
#include "pycore_modsupport.h"    // _PyArg_ParseStackAndKeywords

static PyObject *
marshal_dump(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "", "", "allow_code", NULL};
    static _PyArg_Parser parser = {.format = "OO|i$p:dump", .keywords = keywords};
    PyObject *value, *file;
    int version = Py_MARSHAL_VERSION, allow_code = 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &value, &file, &version, &allow_code)) {
        return NULL;
    }
    PyObject *bytes = _PyMarshal_ObjectToBytes(value, version, allow_code);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethod(file, "write", "O", bytes);
    Py_DECREF(bytes);
    return result;
}

static PyObject *
marshal_dumps(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "", "allow_code", NULL};
    static _PyArg_Parser parser = {.format = "O|i$p:dumps", .keywords = keywords};
    PyObject *value;
    int version = Py_MARSHAL_VERSION, allow_code = 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &value, &version, &allow_code)) {
        return NULL;
    }
    return _PyMarshal_ObjectToBytes(value, version, allow_code);
}

static PyObject *
marshal_load(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "allow_code", NULL};
    static _PyArg_Parser parser = {.format = "O|$p:load", .keywords = keywords};
    PyObject *file;
    int allow_code = 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &file, &allow_code)) {
        return NULL;
    }
    /* A first look: is it a binary file at all? */
    PyObject *probe = PyObject_CallMethod(file, "read", "i", 0);
    if (probe == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(probe)) {
        PyErr_Format(PyExc_TypeError, "file.read() returned not bytes but %.100s", Py_TYPE(probe)->tp_name);
        Py_DECREF(probe);
        return NULL;
    }
    Py_DECREF(probe);
    if (PySys_Audit("marshal.load", NULL) < 0) {
        return NULL;
    }
    return _PyMarshal_ObjectFromReadable(file, allow_code);
}

static PyObject *
marshal_loads(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "allow_code", NULL};
    static _PyArg_Parser parser = {.format = "y*|$p:loads", .keywords = keywords};
    Py_buffer view = {0};
    int allow_code = 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &view, &allow_code)) {
        return NULL;
    }
    PyObject *result = NULL;
    if (PySys_Audit("marshal.loads", "y#", view.buf, view.len) == 0) {
        result = _PyMarshal_ObjectFromMemory(view.buf, view.len, allow_code);
    }
    PyBuffer_Release(&view);
    return result;
}

static PyMethodDef marshal_methods[] = {
    PY_METHOD(marshal, dump, METH_FASTCALL | METH_KEYWORDS,
              "($module, value, file, version=version, /, *, allow_code=True)",
              "Write the value to an open binary file."),
    PY_METHOD(marshal, load, METH_FASTCALL | METH_KEYWORDS, "($module, file, /, *, allow_code=True)",
              "Read one value from an open binary file."),
    PY_METHOD(marshal, dumps, METH_FASTCALL | METH_KEYWORDS,
              "($module, value, version=version, /, *, allow_code=True)",
              "Return the bytes that dump() would write."),
    PY_METHOD(marshal, loads, METH_FASTCALL | METH_KEYWORDS, "($module, bytes, /, *, allow_code=True)",
              "Read one value from bytes; what follows it is ignored."),
    {0}
};

static int
marshal_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "version", Py_MARSHAL_VERSION);
}

static PyModuleDef_Slot marshal_slots[] = {
    {Py_mod_exec, marshal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef marshal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "marshal",
    .m_doc = "Python values as bytes, in the format of .pyc files.  The format may change between versions.",
    .m_methods = marshal_methods,
    .m_slots = marshal_slots,
};

PyMODINIT_FUNC
PyMarshal_Init(void)
{
    return PyModuleDef_Init(&marshal_module);
}

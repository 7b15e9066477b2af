/* _string: the parsers of format strings, for string.Formatter. */
#include "Python.h"
#include "pycore_args.h"           // PY_METHOD_AS
#include "pycore_unicodeobject.h"  // _PyUnicode_FormatterParser

static PyMethodDef string_methods[] = {
    PY_METHOD_AS("formatter_field_name_split", _PyUnicode_FormatterFieldNameSplit, METH_O,
                 "($module, object, /)",
                 "Split a field name into its first part and an iterator over the others."),
    PY_METHOD_AS("formatter_parser", _PyUnicode_FormatterParser, METH_O, "($module, object, /)",
                 "Iterate over the literal texts and fields of a format string."),
    {0}
};

static PyModuleDef_Slot string_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef string_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_string",
    .m_doc = "What the string module needs from the core.",
    .m_methods = string_methods,
    .m_slots = string_slots,
};

PyMODINIT_FUNC
PyInit__string(void)
{
    return PyModuleDef_Init(&string_module);
}

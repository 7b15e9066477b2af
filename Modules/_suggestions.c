/* The _suggestions module: what a mistyped name may have meant (Python/runtime/suggestions.c). */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_pyerrors.h"

static PyObject *
suggestions__generate_suggestions(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_generate_suggestions", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *candidates = args[0], *item = args[1];
    if (!PyUnicode_Check(item)) {
        _PyArg_BadArgument("_generate_suggestions", "argument 2", "str", item);
        return NULL;
    }
    if (!PyList_CheckExact(candidates)) {
        PyErr_SetString(PyExc_TypeError, "candidates must be a list");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(candidates); i++) {
        if (!PyUnicode_Check(PyList_GET_ITEM(candidates, i))) {
            PyErr_SetString(PyExc_TypeError, "all elements in 'candidates' must be strings");
            return NULL;
        }
    }
    PyObject *suggestion = _Py_CalculateSuggestions(candidates, item);
    if (suggestion == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return suggestion;
}

static PyMethodDef suggestions_methods[] = {
    PY_METHOD(suggestions, _generate_suggestions, METH_FASTCALL, "($module, candidates, item, /)",
              "Return the candidate that is nearest to the item, or None if none is near."),
    {0},
};

static PyModuleDef_Slot suggestions_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef suggestions_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_suggestions",
    .m_methods = suggestions_methods,
    .m_slots = suggestions_slots,
};

PyMODINIT_FUNC
PyInit__suggestions(void)
{
    return PyModuleDef_Init(&suggestions_module);
}

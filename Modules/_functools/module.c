/* _functools: cmp_to_key, reduce and the module. */
#include "functools_private.h"
#include "pycore_long.h"     // _PyLong_GetZero

/* -- cmp_to_key ------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *cmp;               // const
    PyObject *object;            // NULL in the factory; assigned through the member
    vectorcallfunc vectorcall;   // const
} keyobject;

#define KEY(op) ((keyobject *)(op))

static PyObject *key_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames);

static PyObject *
key_make(PyTypeObject *type, PyObject *cmp, PyObject *object)
{
    keyobject *key = PyObject_GC_New(keyobject, type);
    if (key == NULL) {
        return NULL;
    }
    key->cmp = Py_NewRef(cmp);
    key->object = Py_XNewRef(object);
    key->vectorcall = key_vectorcall;
    _PyObject_GC_TRACK(key);
    return (PyObject *)key;
}

static PyObject *
key_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    static const char *const keywords[] = {"obj", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "K"};
    PyObject *buffer[1];
    PyObject *const *parsed = args;
    if (PyVectorcall_NARGS(nargsf) != 1 || kwnames != NULL) {
        parsed = _PyArg_UnpackKeywords(args, PyVectorcall_NARGS(nargsf), NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
        if (parsed == NULL) {
            return NULL;
        }
    }
    return key_make(Py_TYPE(self), KEY(self)->cmp, parsed[0]);
}

static PyObject *
key_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!Py_IS_TYPE(other, Py_TYPE(self))) {
        PyErr_SetString(PyExc_TypeError, "other argument must be K instance");
        return NULL;
    }
    PyObject *stack[2] = {KEY(self)->object, KEY(other)->object};
    if (stack[0] == NULL || stack[1] == NULL) {
        PyErr_SetString(PyExc_AttributeError, "object");
        return NULL;
    }
    PyObject *order = PyObject_Vectorcall(KEY(self)->cmp, stack, 2, NULL);
    if (order == NULL) {
        return NULL;
    }
    PyObject *answer = PyObject_RichCompare(order, _PyLong_GetZero(), op);
    Py_DECREF(order);
    return answer;
}

static int
key_clear(PyObject *self)
{
    Py_CLEAR(KEY(self)->cmp);
    Py_CLEAR(KEY(self)->object);
    return 0;
}

static int
key_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(KEY(self)->cmp);
    Py_VISIT(KEY(self)->object);
    return 0;
}

static void
key_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    key_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
key_text_signature(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("(obj)");
}

static PyGetSetDef key_getset[] = {
    {"__text_signature__", key_text_signature, NULL, NULL, NULL},
    {0}
};

static PyMemberDef key_members[] = {
    {"obj", _Py_T_OBJECT, offsetof(keyobject, object), 0, "The object that is compared."},
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(keyobject, vectorcall), Py_READONLY},
    {0}
};

static PyType_Slot key_slots[] = {
    {Py_tp_dealloc, key_dealloc},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, key_traverse},
    {Py_tp_clear, key_clear},
    {Py_tp_richcompare, key_richcompare},
    {Py_tp_members, key_members},
    {Py_tp_getset, key_getset},
    {0, NULL}
};

PyType_Spec _PyKeyObject_spec = {
    .name = "functools.KeyWrapper",
    .basicsize = sizeof(keyobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE
           | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = key_slots,
};

PyObject *
_PyFunctools_CmpToKey(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"mycmp", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "cmp_to_key"};
    PyObject *buffer[1];
    PyObject *const *parsed = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
    return parsed == NULL ? NULL : key_make(functools_get_state(module)->keyobject_type, parsed[0], NULL);
}

/* -- reduce ------------------------------------------------------------------- */

PyObject *
_PyFunctools_Reduce(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "", "initial", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "reduce"};
    PyObject *buffer[3], *item;
    PyObject *const *parsed = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 2, 3, 0, 0, buffer);
    if (parsed == NULL) {
        return NULL;
    }
    PyObject *function = parsed[0], *result = Py_XNewRef(parsed[2]);
    PyObject *iter = PyObject_GetIter(parsed[1]);
    if (iter == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "reduce() arg 2 must support iteration");
        }
        Py_XDECREF(result);
        return NULL;
    }
    while ((item = PyIter_Next(iter)) != NULL) {
        if (result == NULL) {
            result = item;
            continue;
        }
        PyObject *stack[2] = {result, item};
        PyObject *next = PyObject_Vectorcall(function, stack, 2, NULL);
        Py_DECREF(item);
        Py_SETREF(result, next);
        if (result == NULL) {
            break;
        }
    }
    Py_DECREF(iter);
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    else if (result == NULL) {
        PyErr_SetString(PyExc_TypeError, "reduce() of empty iterable with no initial value");
    }
    return result;
}

/* -- The module ---------------------------------------------------------------- */

static PyMethodDef functools_methods[] = {
    PY_METHOD_AS("reduce", _PyFunctools_Reduce, METH_FASTCALL | METH_KEYWORDS,
                 "($module, function, iterable, /, initial=<unrepresentable>)",
                 "Join all items into one by a function of two, from the left, beginning with initial if it is given."),
    PY_METHOD_AS("cmp_to_key", _PyFunctools_CmpToKey, METH_FASTCALL | METH_KEYWORDS, "($module, /, mycmp)",
                 "Make a key function of one that tells which of two comes first."),
    {0}
};

static int
functools_traverse(PyObject *module, visitproc visit, void *arg)
{
    functools_state *state = functools_get_state(module);
    Py_VISIT(state->kwd_mark);
    Py_VISIT(state->placeholder);
    Py_VISIT(state->placeholder_type);
    Py_VISIT(state->partial_type);
    Py_VISIT(state->keyobject_type);
    Py_VISIT(state->lru_link_type);
    Py_VISIT(state->lru_cache_type);
    return 0;
}

static int
functools_clear(PyObject *module)
{
    functools_state *state = functools_get_state(module);
    Py_CLEAR(state->kwd_mark);
    Py_CLEAR(state->placeholder);
    Py_CLEAR(state->placeholder_type);
    Py_CLEAR(state->partial_type);
    Py_CLEAR(state->keyobject_type);
    Py_CLEAR(state->lru_link_type);
    Py_CLEAR(state->lru_cache_type);
    return 0;
}

static void
functools_free(void *module)
{
    (void)functools_clear((PyObject *)module);
}

static int
add_type(PyObject *module, PyTypeObject **slot, PyType_Spec *spec, int public)
{
    *slot = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (*slot == NULL) {
        return -1;
    }
    return public ? PyModule_AddType(module, *slot) : 0;
}

static int
functools_exec(PyObject *module)
{
    functools_state *state = functools_get_state(module);
    state->kwd_mark = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    if (state->kwd_mark == NULL || add_type(module, &state->placeholder_type, &_PyPlaceholder_spec, 1) < 0) {
        return -1;
    }
    PyObject *placeholder = PyObject_CallNoArgs((PyObject *)state->placeholder_type);
    if (placeholder == NULL || PyModule_Add(module, "Placeholder", placeholder) < 0) {
        return -1;
    }
    return add_type(module, &state->partial_type, &_PyPartial_spec, 1) < 0
        || add_type(module, &state->lru_cache_type, &_PyLruCache_spec, 1) < 0
        || add_type(module, &state->keyobject_type, &_PyKeyObject_spec, 0) < 0
        || add_type(module, &state->lru_link_type, &_PyLruLink_spec, 0) < 0 ? -1 : 0;
}

static PyModuleDef_Slot functools_slots[] = {
    {Py_mod_exec, functools_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

struct PyModuleDef _PyFunctools_module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_functools",
    .m_doc = "Functions made from functions.",
    .m_size = sizeof(functools_state),
    .m_methods = functools_methods,
    .m_slots = functools_slots,
    .m_traverse = functools_traverse,
    .m_clear = functools_clear,
    .m_free = functools_free,
};

PyMODINIT_FUNC
PyInit__functools(void)
{
    return PyModuleDef_Init(&_PyFunctools_module);
}

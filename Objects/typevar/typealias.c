/* typing.TypeAliasType: type X[T] = ...

   The value is computed when somebody asks, and kept. */
#include "internal.h"

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *type_params;        /* tuple or NULL */
    PyObject *compute_value;      /* function or NULL */
    PyObject *value;              /* NULL until computed */
    PyObject *module;             /* NULL: the function's */
} typealiasobject;

#define TA(op) ((typealiasobject *)(op))

static int
typealias_clear(PyObject *op)
{
    typealiasobject *self = TA(op);
    Py_CLEAR(self->name);
    Py_CLEAR(self->type_params);
    Py_CLEAR(self->compute_value);
    Py_CLEAR(self->value);
    Py_CLEAR(self->module);
    return 0;
}

static int
typealias_traverse(PyObject *op, visitproc visit, void *arg)
{
    typealiasobject *self = TA(op);
    Py_VISIT(self->name);
    Py_VISIT(self->type_params);
    Py_VISIT(self->compute_value);
    Py_VISIT(self->value);
    Py_VISIT(self->module);
    return 0;
}

static void
typealias_dealloc(PyObject *self)
{
    PyTypeObject *tp = Py_TYPE(self);
    _PyObject_GC_UNTRACK(self);
    (void)typealias_clear(self);
    tp->tp_free(self);
}

static PyObject *
typealias_alloc(PyObject *name, PyObject *type_params, PyObject *compute_value, PyObject *value, PyObject *module)
{
    typealiasobject *ta = PyObject_GC_New(typealiasobject, &_PyTypeAlias_Type);
    if (ta == NULL) {
        return NULL;
    }
    ta->name = Py_NewRef(name);
    ta->type_params = type_params == NULL || Py_IsNone(type_params) || PyTuple_GET_SIZE(type_params) == 0
        ? NULL : Py_NewRef(type_params);
    ta->compute_value = Py_XNewRef(compute_value);
    ta->value = Py_XNewRef(value);
    ta->module = Py_XNewRef(module);
    _PyObject_GC_TRACK(ta);
    return (PyObject *)ta;
}

/* args: (name, type parameters or None, function) */
PyObject *
_Py_make_typealias(PyThreadState *Py_UNUSED(tstate), PyObject *args)
{
    assert(PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 3);
    PyObject *name = PyTuple_GET_ITEM(args, 0);
    assert(PyUnicode_Check(name));
    return typealias_alloc(name, PyTuple_GET_ITEM(args, 1), PyTuple_GET_ITEM(args, 2), NULL, NULL);
}

/* A parameter without a default may not follow one with; all must be type parameters. */
static int
check_type_params(PyObject *type_params)
{
    assert(PyTuple_Check(type_params));
    struct _Py_typing_state *state = &_PyInterpreterState_GET()->typing;
    int default_seen = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type_params); i++) {
        PyObject *param = PyTuple_GET_ITEM(type_params, i);
        PyTypeObject *tp = Py_TYPE(param);
        if (tp != state->typevar_type && tp != state->paramspec_type && tp != state->typevartuple_type) {
            continue;
        }
        PyObject *dflt = PyObject_GetAttr(param, _Py_ID(__default__));
        if (dflt == NULL) {
            return -1;
        }
        int has_default = dflt != NO_DEFAULT;
        Py_DECREF(dflt);
        if (default_seen && !has_default) {
            PyErr_Format(PyExc_TypeError, "non-default type parameter '%R' follows default type parameter", param);
            return -1;
        }
        default_seen |= has_default;
    }
    return 0;
}

static int
check_are_type_params(PyObject *type_params)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type_params); i++) {
        PyObject *param = PyTuple_GET_ITEM(type_params, i);
        int rc = PyObject_HasAttrWithError(param, _Py_ID(__default__));
        if (rc < 0) {
            return -1;
        }
        if (rc == 0) {
            PyErr_Format(PyExc_TypeError, "Expected a type param, got %R", param);
            return -1;
        }
    }
    return 0;
}

static PyObject *
typealias_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"name", "value", "type_params", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "UO|$O:typealias"};
    PyObject *name, *value, *type_params = NULL;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &name, &value, &type_params)) {
        return NULL;
    }
    if (type_params != NULL) {
        if (!PyTuple_Check(type_params)) {
            PyErr_SetString(PyExc_TypeError, "type_params must be a tuple");
            return NULL;
        }
        if (check_are_type_params(type_params) < 0 || check_type_params(type_params) < 0) {
            return NULL;
        }
    }
    PyObject *module = _PyTyping_CallerModule();
    if (module == NULL) {
        return NULL;
    }
    PyObject *ta = typealias_alloc(name, type_params, NULL, value, module);
    Py_DECREF(module);
    return ta;
}

/* -- Attributes ------------------------------------------------------------------------------------------------------------ */

static PyObject *
typealias_repr(PyObject *self)
{
    return Py_NewRef(TA(self)->name);
}

static PyObject *
typealias_value(PyObject *self, void *Py_UNUSED(closure))
{
    return _PyTyping_Lazy(self, &TA(self)->value, TA(self)->compute_value);
}

static PyObject *
typealias_evaluate_value(PyObject *self, void *Py_UNUSED(closure))
{
    return _PyTyping_Evaluator(self, &TA(self)->value, &TA(self)->compute_value);
}

/* A TypeVarTuple is unpacked. */
static PyObject *
typealias_parameters(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *params = TA(self)->type_params;
    if (params == NULL) {
        return PyTuple_New(0);
    }
    PyTypeObject *typevartuple = _PyInterpreterState_GET()->typing.typevartuple_type;
    Py_ssize_t n = PyTuple_GET_SIZE(params);
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *param = PyTuple_GET_ITEM(params, i);
        param = Py_IS_TYPE(param, typevartuple) ? _PyTyping_Unpack(param) : Py_NewRef(param);
        if (param == NULL) {
            Py_CLEAR(result);
        }
        else {
            PyTuple_SET_ITEM(result, i, param);
        }
    }
    return result;
}

static PyObject *
typealias_type_params(PyObject *self, void *Py_UNUSED(closure))
{
    return TA(self)->type_params == NULL ? PyTuple_New(0) : Py_NewRef(TA(self)->type_params);
}

static PyObject *
typealias_module(PyObject *self, void *Py_UNUSED(closure))
{
    typealiasobject *ta = TA(self);
    if (ta->module != NULL) {
        return Py_NewRef(ta->module);
    }
    if (ta->compute_value != NULL) {
        PyObject *mod;
        if (PyObject_GetOptionalAttr(ta->compute_value, _Py_ID(__module__), &mod) < 0) {
            return NULL;
        }
        if (mod != NULL) {
            return mod;
        }
    }
    Py_RETURN_NONE;
}

static PyMemberDef typealias_members[] = {
    {"__name__", _Py_T_OBJECT, offsetof(typealiasobject, name), Py_READONLY, NULL},
    {0}
};

static PyGetSetDef typealias_getset[] = {
    {"__parameters__", typealias_parameters, NULL, NULL, NULL},
    {"__type_params__", typealias_type_params, NULL, NULL, NULL},
    {"__value__", typealias_value, NULL, NULL, NULL},
    {"evaluate_value", typealias_evaluate_value, NULL, NULL, NULL},
    {"__module__", typealias_module, NULL, NULL, NULL},
    {0}
};

static PyObject *
typealias_subscript(PyObject *self, PyObject *args)
{
    if (TA(self)->type_params == NULL) {
        PyErr_SetString(PyExc_TypeError, "Only generic type aliases are subscriptable");
        return NULL;
    }
    return Py_GenericAlias(self, args);
}

static PyMappingMethods typealias_as_mapping = {.mp_subscript = typealias_subscript};
static PyNumberMethods typealias_as_number = {.nb_or = _PyTyping_MakeUnion};

static PyObject *
typealias_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(TA(self)->name);
}

static PyMethodDef typealias_methods[] = {
    PY_METHOD_AS("__reduce__", typealias_reduce, METH_NOARGS, "($self, /)", "Helper for pickle."),
    {0}
};

PyDoc_STRVAR(typealias_doc,
"Type alias.\n\n"
"Made by the type statement, type Alias = int, or by hand, for instance to make a\n"
"generic alias from existing type variables.");

PyTypeObject _PyTypeAlias_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.TypeAliasType",
    .tp_basicsize = sizeof(typealiasobject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = typealias_doc,
    .tp_members = typealias_members,
    .tp_methods = typealias_methods,
    .tp_getset = typealias_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_dealloc = typealias_dealloc,
    .tp_new = typealias_new,
    .tp_free = PyObject_GC_Del,
    .tp_iter = _PyTyping_UnpackIter,
    .tp_traverse = typealias_traverse,
    .tp_clear = typealias_clear,
    .tp_repr = typealias_repr,
    .tp_as_number = &typealias_as_number,
    .tp_as_mapping = &typealias_as_mapping,
};

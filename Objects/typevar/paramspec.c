/* typing.ParamSpec and its P.args, P.kwargs. */
#include "internal.h"

/* -- P.args and P.kwargs ------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *origin;
} paramspecattr;

#define ATTR(op) ((paramspecattr *)(op))

static int
paramspecattr_clear(PyObject *self)
{
    Py_CLEAR(ATTR(self)->origin);
    return 0;
}

static int
paramspecattr_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(ATTR(self)->origin);
    return 0;
}

static void
paramspecattr_dealloc(PyObject *self)
{
    PyTypeObject *tp = Py_TYPE(self);
    _PyObject_GC_UNTRACK(self);
    (void)paramspecattr_clear(self);
    PyObject_ClearWeakRefs(self);
    tp->tp_free(self);
    Py_DECREF(tp);
}

static PyObject *
paramspecattr_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!Py_IS_TYPE(a, Py_TYPE(b)) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(ATTR(a)->origin, ATTR(b)->origin, op);
}

static PyMemberDef paramspecattr_members[] = {
    {"__origin__", _Py_T_OBJECT, offsetof(paramspecattr, origin), Py_READONLY, NULL},
    {0}
};

static PyObject *
paramspecattr_alloc(PyTypeObject *tp, PyObject *origin)
{
    PyObject *self = tp->tp_alloc(tp, 0);
    if (self != NULL) {
        ATTR(self)->origin = Py_NewRef(origin);
    }
    return self;
}

static PyObject *paramspec_name(PyObject *paramspec);

static PyObject *
paramspecattr_repr(PyObject *self, const char *suffix)
{
    PyObject *origin = ATTR(self)->origin;
    if (Py_IS_TYPE(origin, _PyInterpreterState_GET()->typing.paramspec_type)) {
        return PyUnicode_FromFormat("%U.%s", paramspec_name(origin), suffix);
    }
    return PyUnicode_FromFormat("%R.%s", origin, suffix);
}

/* ATTRIBUTE_TYPE(args, Args) defines the type of P.args. */
#define ATTRIBUTE_TYPE(attr, Name)                                                                            \
    static PyObject *paramspec##attr##_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)              \
    {                                                                                                         \
        static const char *const keywords[] = {"origin", NULL};                                               \
        static _PyArg_Parser parser = {.keywords = keywords, .format = "O:paramspec" #attr};                  \
        PyObject *origin;                                                                                     \
        if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &origin)) {                              \
            return NULL;                                                                                      \
        }                                                                                                     \
        return paramspecattr_alloc(type, origin);                                                             \
    }                                                                                                         \
    static PyObject *paramspec##attr##_repr(PyObject *self)                                                   \
    {                                                                                                         \
        return paramspecattr_repr(self, #attr);                                                               \
    }                                                                                                         \
    static PyObject *paramspec##attr##_mro_entries(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))      \
    {                                                                                                         \
        return no_subclass_error("ParamSpec" #Name);                                                          \
    }                                                                                                         \
    static PyMethodDef paramspec##attr##_methods[] = {                                                        \
        PY_METHOD_NOSIG("__mro_entries__", paramspec##attr##_mro_entries, METH_O, NULL),                      \
        {0}                                                                                                   \
    };                                                                                                        \
    static PyType_Slot paramspec##attr##_slots[] = {                                                          \
        {Py_tp_doc, (void *)PyDoc_STR("The " #attr " of a ParamSpec object.\n\n"                              \
                                      "P." #attr " annotates the " #attr " of a function; P." #attr           \
                                      ".__origin__ is P.")},                                                  \
        {Py_tp_members, paramspecattr_members},                                                               \
        {Py_tp_methods, paramspec##attr##_methods},                                                           \
        {Py_tp_new, paramspec##attr##_new},                                                                   \
        {Py_tp_repr, paramspec##attr##_repr},                                                                 \
        {Py_tp_richcompare, paramspecattr_richcompare},                                                       \
        {Py_tp_dealloc, paramspecattr_dealloc},                                                               \
        {Py_tp_alloc, PyType_GenericAlloc},                                                                   \
        {Py_tp_free, PyObject_GC_Del},                                                                        \
        {Py_tp_traverse, paramspecattr_traverse},                                                             \
        {Py_tp_clear, paramspecattr_clear},                                                                   \
        {0, NULL},                                                                                            \
    };                                                                                                        \
    static PyType_Spec paramspec##attr##_spec = {                                                             \
        .name = "typing.ParamSpec" #Name,                                                                     \
        .basicsize = sizeof(paramspecattr),                                                                   \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE                           \
                 | Py_TPFLAGS_MANAGED_WEAKREF,                                                                \
        .slots = paramspec##attr##_slots,                                                                     \
    };

ATTRIBUTE_TYPE(args, Args)
ATTRIBUTE_TYPE(kwargs, Kwargs)

/* -- ParamSpec ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *bound;
    PyObject *default_value;
    PyObject *evaluate_default;
    bool covariant;
    bool contravariant;
    bool infer_variance;
} paramspecobject;

#define PS(op) ((paramspecobject *)(op))

static PyObject *
paramspec_name(PyObject *paramspec)
{
    return PS(paramspec)->name;
}

void
_PyTyping_SetParamSpecDefault(PyObject *self, PyObject *evaluate_default)
{
    _PySlot_Set(self, &PS(self)->default_value, NULL);
    _PySlot_Set(self, &PS(self)->evaluate_default, Py_NewRef(evaluate_default));
}

static int
paramspec_clear(PyObject *self)
{
    Py_CLEAR(PS(self)->name);
    Py_CLEAR(PS(self)->bound);
    Py_CLEAR(PS(self)->default_value);
    Py_CLEAR(PS(self)->evaluate_default);
    PyObject_ClearManagedDict(self);
    return 0;
}

static int
paramspec_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(PS(self)->name);
    Py_VISIT(PS(self)->bound);
    Py_VISIT(PS(self)->default_value);
    Py_VISIT(PS(self)->evaluate_default);
    return PyObject_VisitManagedDict(self, visit, arg);
}

static void
paramspec_dealloc(PyObject *self)
{
    PyTypeObject *tp = Py_TYPE(self);
    _PyObject_GC_UNTRACK(self);
    (void)paramspec_clear(self);
    PyObject_ClearWeakRefs(self);
    tp->tp_free(self);
    Py_DECREF(tp);
}

static PyObject *
paramspec_alloc(PyObject *name, PyObject *bound, PyObject *default_value, int covariant, int contravariant,
                int infer_variance)
{
    PyTypeObject *tp = _PyInterpreterState_GET()->typing.paramspec_type;
    PyObject *self = tp->tp_alloc(tp, 0);
    if (self == NULL) {
        return NULL;
    }
    PS(self)->name = Py_NewRef(name);
    PS(self)->bound = Py_XNewRef(bound);
    PS(self)->default_value = Py_XNewRef(default_value);
    PS(self)->covariant = covariant;
    PS(self)->contravariant = contravariant;
    PS(self)->infer_variance = infer_variance;
    return self;
}

PyObject *
_Py_make_paramspec(PyThreadState *Py_UNUSED(tstate), PyObject *name)
{
    assert(PyUnicode_Check(name));
    return paramspec_alloc(name, NULL, NO_DEFAULT, 0, 0, 1);
}

static PyObject *
paramspec_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"name", "bound", "default", "covariant", "contravariant",
                                           "infer_variance", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "U|$OOppp:paramspec"};
    PyObject *name, *bound = Py_None, *default_value = NO_DEFAULT;
    int covariant = 0, contravariant = 0, infer_variance = 0;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &name, &bound, &default_value, &covariant,
                                          &contravariant, &infer_variance)) {
        return NULL;
    }
    if (covariant && contravariant) {
        PyErr_SetString(PyExc_ValueError, "Bivariant types are not supported.");
        return NULL;
    }
    if (infer_variance && (covariant || contravariant)) {
        PyErr_SetString(PyExc_ValueError, "Variance cannot be specified with infer_variance.");
        return NULL;
    }
    if (Py_IsNone(bound)) {
        bound = NULL;
    }
    else {
        bound = _PyTyping_TypeCheck(bound, "Bound must be a type.");
        if (bound == NULL) {
            return NULL;
        }
    }
    PyObject *ps = paramspec_alloc(name, bound, default_value, covariant, contravariant, infer_variance);
    Py_XDECREF(bound);
    if (ps != NULL && set_caller_module(ps) < 0) {
        Py_CLEAR(ps);
    }
    return ps;
}

static PyObject *
paramspec_repr(PyObject *self)
{
    if (PS(self)->infer_variance) {
        return Py_NewRef(PS(self)->name);
    }
    return PyUnicode_FromFormat("%c%U", PS(self)->covariant ? '+' : PS(self)->contravariant ? '-' : '~',
                                PS(self)->name);
}

static PyMemberDef paramspec_members[] = {
    {"__name__", _Py_T_OBJECT, offsetof(paramspecobject, name), Py_READONLY, NULL},
    {"__bound__", _Py_T_OBJECT, offsetof(paramspecobject, bound), Py_READONLY, NULL},
    {"__covariant__", Py_T_BOOL, offsetof(paramspecobject, covariant), Py_READONLY, NULL},
    {"__contravariant__", Py_T_BOOL, offsetof(paramspecobject, contravariant), Py_READONLY, NULL},
    {"__infer_variance__", Py_T_BOOL, offsetof(paramspecobject, infer_variance), Py_READONLY, NULL},
    {0}
};

static PyObject *
paramspec_args(PyObject *self, void *Py_UNUSED(closure))
{
    return paramspecattr_alloc(_PyInterpreterState_GET()->typing.paramspecargs_type, self);
}

static PyObject *
paramspec_kwargs(PyObject *self, void *Py_UNUSED(closure))
{
    return paramspecattr_alloc(_PyInterpreterState_GET()->typing.paramspeckwargs_type, self);
}

static PyObject *
paramspec_default(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *res = _PyTyping_Lazy(self, &PS(self)->default_value, PS(self)->evaluate_default);
    return res == NULL && !PyErr_Occurred() ? Py_NewRef(NO_DEFAULT) : res;
}

static PyObject *
paramspec_evaluate_default(PyObject *self, void *Py_UNUSED(closure))
{
    return _PyTyping_Evaluator(self, &PS(self)->default_value, &PS(self)->evaluate_default);
}

static PyGetSetDef paramspec_getset[] = {
    {"args", paramspec_args, NULL, PyDoc_STR("Represents positional arguments."), NULL},
    {"kwargs", paramspec_kwargs, NULL, PyDoc_STR("Represents keyword arguments."), NULL},
    {"__default__", paramspec_default, NULL, PyDoc_STR("The default value for this ParamSpec."), NULL},
    {"evaluate_default", paramspec_evaluate_default, NULL, NULL, NULL},
    {0}
};

static PyObject *
paramspec_typing_subst(PyObject *self, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    return _PyTyping_Call("_paramspec_subst", args, 2);
}

static PyObject *
paramspec_typing_prepare_subst(PyObject *self, PyObject *const *argv, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__typing_prepare_subst__", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *args[3] = {self, argv[0], argv[1]};
    return _PyTyping_Call("_paramspec_prepare_subst", args, 3);
}

static PyObject *
paramspec_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(PS(self)->name);
}

static PyObject *
paramspec_has_default(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *dflt = _PySlot_GetRef(self, &PS(self)->default_value);
    Py_XDECREF(dflt);
    return PyBool_FromLong(PS(self)->evaluate_default != NULL || (dflt != NULL && dflt != NO_DEFAULT));
}

static PyObject *
paramspec_mro_entries(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    return no_subclass_error("ParamSpec");
}

static PyMethodDef paramspec_methods[] = {
    PY_METHOD_AS("__typing_subst__", paramspec_typing_subst, METH_O, "($self, arg, /)", "Check an argument."),
    PY_METHOD_AS("__typing_prepare_subst__", paramspec_typing_prepare_subst, METH_FASTCALL, "($self, alias, args, /)",
                 "Collect the arguments."),
    PY_METHOD_AS("has_default", paramspec_has_default, METH_NOARGS, "($self, /)", "Whether there is a default."),
    PY_METHOD_AS("__reduce__", paramspec_reduce, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD_NOSIG("__mro_entries__", paramspec_mro_entries, METH_O, NULL),
    {0}
};

PyDoc_STRVAR(paramspec_doc,
"Parameter specification variable.\n\n"
"Made by a type parameter list, type F[**P] = Callable[P, int], or by hand,\n"
"P = ParamSpec('P').  It stands for the parameters of a function, so that a decorator can\n"
"say that it keeps them.");

static PyType_Slot paramspec_slots[] = {
    {Py_tp_doc, (void *)paramspec_doc},
    {Py_tp_members, paramspec_members},
    {Py_tp_methods, paramspec_methods},
    {Py_tp_getset, paramspec_getset},
    {Py_nb_or, _PyTyping_MakeUnion},
    {Py_tp_new, paramspec_new},
    {Py_tp_repr, paramspec_repr},
    {Py_tp_dealloc, paramspec_dealloc},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_traverse, paramspec_traverse},
    {Py_tp_clear, paramspec_clear},
    {0, NULL},
};

static PyType_Spec paramspec_spec = {
    .name = "typing.ParamSpec",
    .basicsize = sizeof(paramspecobject),
    .flags = TYPING_FLAGS,
    .slots = paramspec_slots,
};

int
_PyTyping_InitParamSpec(struct _Py_typing_state *state)
{
    state->paramspec_type = (PyTypeObject *)PyType_FromSpec(&paramspec_spec);
    state->paramspecargs_type = (PyTypeObject *)PyType_FromSpec(&paramspecargs_spec);
    state->paramspeckwargs_type = (PyTypeObject *)PyType_FromSpec(&paramspeckwargs_spec);
    return state->paramspec_type && state->paramspecargs_type && state->paramspeckwargs_type ? 0 : -1;
}

/* typing.TypeVar and typing.TypeVarTuple.

   Bound, constraints and default of a parameter that a type parameter list declares are functions until somebody
   asks; the result is kept.  The names and flags are const. */
#include "internal.h"

/* -- TypeVar ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *bound;
    PyObject *evaluate_bound;
    PyObject *constraints;
    PyObject *evaluate_constraints;
    PyObject *default_value;
    PyObject *evaluate_default;
    bool covariant;
    bool contravariant;
    bool infer_variance;
} typevarobject;

#define TV(op) ((typevarobject *)(op))
#define TYPEVAR_FIELDS(X) \
    X(name) X(bound) X(evaluate_bound) X(constraints) X(evaluate_constraints) X(default_value) X(evaluate_default)

static int
typevar_clear(PyObject *op)
{
    typevarobject *self = TV(op);
#define CLEAR(field) Py_CLEAR(self->field);
    TYPEVAR_FIELDS(CLEAR)
    PyObject_ClearManagedDict(op);
    return 0;
}

static int
typevar_traverse(PyObject *op, visitproc visit, void *arg)
{
    typevarobject *self = TV(op);
    Py_VISIT(Py_TYPE(op));
#define VISIT(field) Py_VISIT(self->field);
    TYPEVAR_FIELDS(VISIT)
    return PyObject_VisitManagedDict(op, visit, arg);
}

static void
typevar_dealloc(PyObject *op)
{
    PyTypeObject *tp = Py_TYPE(op);
    _PyObject_GC_UNTRACK(op);
    (void)typevar_clear(op);
    PyObject_ClearWeakRefs(op);
    tp->tp_free(op);
    Py_DECREF(tp);
}

static PyObject *
typevar_alloc(PyObject *name, PyObject *bound, PyObject *evaluate_bound, PyObject *constraints,
              PyObject *evaluate_constraints, PyObject *default_value, int covariant, int contravariant,
              int infer_variance)
{
    PyTypeObject *tp = _PyInterpreterState_GET()->typing.typevar_type;
    assert(tp != NULL);
    typevarobject *tv = TV(tp->tp_alloc(tp, 0));
    if (tv == NULL) {
        return NULL;
    }
    tv->name = Py_NewRef(name);
    tv->bound = Py_XNewRef(bound);
    tv->evaluate_bound = Py_XNewRef(evaluate_bound);
    tv->constraints = Py_XNewRef(constraints);
    tv->evaluate_constraints = Py_XNewRef(evaluate_constraints);
    tv->default_value = Py_XNewRef(default_value);
    tv->covariant = covariant;
    tv->contravariant = contravariant;
    tv->infer_variance = infer_variance;
    return (PyObject *)tv;
}

PyObject *
_Py_make_typevar(PyObject *name, PyObject *evaluate_bound, PyObject *evaluate_constraints)
{
    return typevar_alloc(name, NULL, evaluate_bound, NULL, evaluate_constraints, NO_DEFAULT, 0, 0, 1);
}

/* TypeVar(name, *constraints, bound=None, default=NoDefault, covariant=False, ...) */
static PyObject *
typevar_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"name", "bound", "default", "covariant", "contravariant",
                                           "infer_variance", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "U|$OOppp:typevar"};
    PyObject *name, *bound = Py_None, *default_value = NO_DEFAULT;
    int covariant = 0, contravariant = 0, infer_variance = 0;
    /* The first positional argument is the name, the others are constraints. */
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    PyObject *first = PyTuple_GetSlice(args, 0, nargs > 0);
    if (first == NULL) {
        return NULL;
    }
    int ok = _PyArg_ParseTupleAndKeywordsFast(first, kwargs, &parser, &name, &bound, &default_value, &covariant,
                                              &contravariant, &infer_variance);
    Py_DECREF(first);      /* args or kwargs keeps the name */
    if (!ok) {
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
    PyObject *constraints = NULL, *tv = NULL;
    if (Py_IsNone(bound)) {
        bound = NULL;
    }
    else {
        bound = _PyTyping_TypeCheck(bound, "Bound must be a type.");
        if (bound == NULL) {
            return NULL;
        }
    }
    Py_ssize_t n_constraints = nargs > 1 ? nargs - 1 : 0;
    if (n_constraints == 1) {
        PyErr_SetString(PyExc_TypeError, "A single constraint is not allowed");
        goto done;
    }
    if (n_constraints > 1) {
        if (bound != NULL) {
            PyErr_SetString(PyExc_TypeError, "Constraints cannot be combined with bound=...");
            goto done;
        }
        constraints = PyTuple_GetSlice(args, 1, nargs);
        if (constraints == NULL) {
            goto done;
        }
    }
    tv = typevar_alloc(name, bound, NULL, constraints, NULL, default_value, covariant, contravariant, infer_variance);
    if (tv != NULL && set_caller_module(tv) < 0) {
        Py_CLEAR(tv);
    }
done:
    Py_XDECREF(bound);
    Py_XDECREF(constraints);
    return tv;
}

static PyObject *
typevar_repr(PyObject *op)
{
    typevarobject *self = TV(op);
    if (self->infer_variance) {
        return Py_NewRef(self->name);
    }
    return PyUnicode_FromFormat("%c%U", self->covariant ? '+' : self->contravariant ? '-' : '~', self->name);
}

static PyMemberDef typevar_members[] = {
    {"__name__", _Py_T_OBJECT, offsetof(typevarobject, name), Py_READONLY, NULL},
    {"__covariant__", Py_T_BOOL, offsetof(typevarobject, covariant), Py_READONLY, NULL},
    {"__contravariant__", Py_T_BOOL, offsetof(typevarobject, contravariant), Py_READONLY, NULL},
    {"__infer_variance__", Py_T_BOOL, offsetof(typevarobject, infer_variance), Py_READONLY, NULL},
    {0}
};

static PyObject *
typevar_bound(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *res = _PyTyping_Lazy(op, &TV(op)->bound, TV(op)->evaluate_bound);
    return res == NULL && !PyErr_Occurred() ? Py_NewRef(Py_None) : res;
}

static PyObject *
typevar_constraints(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *res = _PyTyping_Lazy(op, &TV(op)->constraints, TV(op)->evaluate_constraints);
    return res == NULL && !PyErr_Occurred() ? PyTuple_New(0) : res;
}

/* The default that is set by a type parameter list comes in evaluate_default, with default_value NULL. */
static PyObject *
get_default(PyObject *op, PyObject **value, PyObject *evaluate)
{
    PyObject *res = _PyTyping_Lazy(op, value, evaluate);
    return res == NULL && !PyErr_Occurred() ? Py_NewRef(NO_DEFAULT) : res;
}

static PyObject *
typevar_default(PyObject *op, void *Py_UNUSED(closure))
{
    return get_default(op, &TV(op)->default_value, TV(op)->evaluate_default);
}

static PyObject *
typevar_evaluate_bound(PyObject *op, void *Py_UNUSED(closure))
{
    return _PyTyping_Evaluator(op, &TV(op)->bound, &TV(op)->evaluate_bound);
}

static PyObject *
typevar_evaluate_constraints(PyObject *op, void *Py_UNUSED(closure))
{
    return _PyTyping_Evaluator(op, &TV(op)->constraints, &TV(op)->evaluate_constraints);
}

static PyObject *
typevar_evaluate_default(PyObject *op, void *Py_UNUSED(closure))
{
    return _PyTyping_Evaluator(op, &TV(op)->default_value, &TV(op)->evaluate_default);
}

static PyGetSetDef typevar_getset[] = {
    {"__bound__", typevar_bound, NULL, NULL, NULL},
    {"__constraints__", typevar_constraints, NULL, NULL, NULL},
    {"__default__", typevar_default, NULL, NULL, NULL},
    {"evaluate_bound", typevar_evaluate_bound, NULL, NULL, NULL},
    {"evaluate_constraints", typevar_evaluate_constraints, NULL, NULL, NULL},
    {"evaluate_default", typevar_evaluate_default, NULL, NULL, NULL},
    {0}
};

static PyObject *
typevar_typing_subst(PyObject *self, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    return _PyTyping_Call("_typevar_subst", args, 2);
}

/* Adds the default when the arguments end just before this parameter. */
static PyObject *
typevar_typing_prepare_subst(PyObject *self, PyObject *const *argv, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__typing_prepare_subst__", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *alias = argv[0], *args = argv[1];
    PyObject *params = PyObject_GetAttr(alias, _Py_ID(__parameters__));
    if (params == NULL) {
        return NULL;
    }
    Py_ssize_t args_len = PySequence_Length(args);
    Py_ssize_t index = args_len < 0 ? -1 : PySequence_Index(params, self);
    if (index == -1) {
        Py_DECREF(params);
        return NULL;
    }
    PyObject *result = NULL;
    if (args_len <= index) {
        PyObject *dflt = typevar_default(self, NULL);
        if (dflt == NULL) {
            goto done;
        }
        if (index == args_len && dflt != NO_DEFAULT) {
            PyObject *extra = PyTuple_Pack(1, dflt);
            Py_DECREF(dflt);
            if (extra != NULL) {
                result = PySequence_Concat(args, extra);
                Py_DECREF(extra);
            }
            goto done;
        }
        Py_DECREF(dflt);
        PyErr_Format(PyExc_TypeError, "Too few arguments for %S; actual %zd, expected at least %zd", alias, args_len,
                     index + 1);
        goto done;
    }
    result = Py_NewRef(args);
done:
    Py_DECREF(params);
    return result;
}

static PyObject *
typevar_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(TV(self)->name);
}

static int
default_is_set(PyObject *op, PyObject **value, PyObject *evaluate)
{
    PyObject *dflt = _PySlot_GetRef(op, value);
    Py_XDECREF(dflt);
    return evaluate != NULL || (dflt != NO_DEFAULT && dflt != NULL);
}

static PyObject *
typevar_has_default(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(default_is_set(self, &TV(self)->default_value, TV(self)->evaluate_default));
}

static PyObject *
typevar_mro_entries(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    return no_subclass_error("TypeVar");
}

static PyMethodDef typevar_methods[] = {
    PY_METHOD_AS("__typing_subst__", typevar_typing_subst, METH_O, "($self, arg, /)", "Check an argument."),
    PY_METHOD_AS("__typing_prepare_subst__", typevar_typing_prepare_subst, METH_FASTCALL, "($self, alias, args, /)",
                 "Add the default if an argument is missing."),
    PY_METHOD_AS("__reduce__", typevar_reduce, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD_AS("has_default", typevar_has_default, METH_NOARGS, "($self, /)", "Whether there is a default."),
    PY_METHOD_NOSIG("__mro_entries__", typevar_mro_entries, METH_O, NULL),
    {0}
};

PyDoc_STRVAR(typevar_doc,
"Type variable.\n\n"
"Made by a type parameter list, class Sequence[T]: ..., or by hand, T = TypeVar('T').\n"
"It may have an upper bound or constraints, and a default.  The variance is inferred in\n"
"type parameter lists.");

static PyType_Slot typevar_slots[] = {
    {Py_tp_doc, (void *)typevar_doc},
    {Py_tp_methods, typevar_methods},
    {Py_nb_or, _PyTyping_MakeUnion},
    {Py_tp_new, typevar_new},
    {Py_tp_dealloc, typevar_dealloc},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_traverse, typevar_traverse},
    {Py_tp_clear, typevar_clear},
    {Py_tp_repr, typevar_repr},
    {Py_tp_members, typevar_members},
    {Py_tp_getset, typevar_getset},
    {0, NULL},
};

static PyType_Spec typevar_spec = {
    .name = "typing.TypeVar",
    .basicsize = sizeof(typevarobject),
    .flags = TYPING_FLAGS,
    .slots = typevar_slots,
};

int
_PyTyping_InitTypeVar(struct _Py_typing_state *state)
{
    state->typevar_type = (PyTypeObject *)PyType_FromSpec(&typevar_spec);
    return state->typevar_type == NULL ? -1 : 0;
}

/* -- TypeVarTuple ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *default_value;
    PyObject *evaluate_default;
} typevartupleobject;

#define TVT(op) ((typevartupleobject *)(op))

static int
typevartuple_clear(PyObject *self)
{
    Py_CLEAR(TVT(self)->name);
    Py_CLEAR(TVT(self)->default_value);
    Py_CLEAR(TVT(self)->evaluate_default);
    PyObject_ClearManagedDict(self);
    return 0;
}

static int
typevartuple_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(TVT(self)->name);
    Py_VISIT(TVT(self)->default_value);
    Py_VISIT(TVT(self)->evaluate_default);
    return PyObject_VisitManagedDict(self, visit, arg);
}

static void
typevartuple_dealloc(PyObject *self)
{
    PyTypeObject *tp = Py_TYPE(self);
    _PyObject_GC_UNTRACK(self);
    (void)typevartuple_clear(self);
    PyObject_ClearWeakRefs(self);
    tp->tp_free(self);
    Py_DECREF(tp);
}

static PyObject *
typevartuple_alloc(PyObject *name, PyObject *default_value)
{
    PyTypeObject *tp = _PyInterpreterState_GET()->typing.typevartuple_type;
    typevartupleobject *tvt = TVT(tp->tp_alloc(tp, 0));
    if (tvt == NULL) {
        return NULL;
    }
    tvt->name = Py_NewRef(name);
    tvt->default_value = Py_XNewRef(default_value);
    return (PyObject *)tvt;
}

PyObject *
_Py_make_typevartuple(PyThreadState *Py_UNUSED(tstate), PyObject *name)
{
    assert(PyUnicode_Check(name));
    return typevartuple_alloc(name, NO_DEFAULT);
}

static PyObject *
typevartuple_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"name", "default", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "U|$O:typevartuple"};
    PyObject *name, *default_value = NO_DEFAULT;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &name, &default_value)) {
        return NULL;
    }
    PyObject *tvt = typevartuple_alloc(name, default_value);
    if (tvt != NULL && set_caller_module(tvt) < 0) {
        Py_CLEAR(tvt);
    }
    return tvt;
}

static PyObject *
typevartuple_repr(PyObject *self)
{
    return Py_NewRef(TVT(self)->name);
}

static PyMemberDef typevartuple_members[] = {
    {"__name__", _Py_T_OBJECT, offsetof(typevartupleobject, name), Py_READONLY, NULL},
    {0}
};

static PyObject *
typevartuple_default(PyObject *self, void *Py_UNUSED(closure))
{
    return get_default(self, &TVT(self)->default_value, TVT(self)->evaluate_default);
}

static PyObject *
typevartuple_evaluate_default(PyObject *self, void *Py_UNUSED(closure))
{
    return _PyTyping_Evaluator(self, &TVT(self)->default_value, &TVT(self)->evaluate_default);
}

static PyGetSetDef typevartuple_getset[] = {
    {"__default__", typevartuple_default, NULL, PyDoc_STR("The default value for this TypeVarTuple."), NULL},
    {"evaluate_default", typevartuple_evaluate_default, NULL, NULL, NULL},
    {0}
};

static PyObject *
typevartuple_typing_subst(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    PyErr_SetString(PyExc_TypeError, "Substitution of bare TypeVarTuple is not supported");
    return NULL;
}

static PyObject *
typevartuple_typing_prepare_subst(PyObject *self, PyObject *const *argv, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__typing_prepare_subst__", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *args[3] = {self, argv[0], argv[1]};
    return _PyTyping_Call("_typevartuple_prepare_subst", args, 3);
}

static PyObject *
typevartuple_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(TVT(self)->name);
}

static PyObject *
typevartuple_has_default(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(default_is_set(self, &TVT(self)->default_value, TVT(self)->evaluate_default));
}

static PyObject *
typevartuple_mro_entries(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    return no_subclass_error("TypeVarTuple");
}

static PyMethodDef typevartuple_methods[] = {
    PY_METHOD_AS("__typing_subst__", typevartuple_typing_subst, METH_O, "($self, arg, /)", "Not supported."),
    PY_METHOD_AS("__typing_prepare_subst__", typevartuple_typing_prepare_subst, METH_FASTCALL,
                 "($self, alias, args, /)", "Collect the arguments."),
    PY_METHOD_AS("__reduce__", typevartuple_reduce, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD_AS("has_default", typevartuple_has_default, METH_NOARGS, "($self, /)", "Whether there is a default."),
    PY_METHOD_NOSIG("__mro_entries__", typevartuple_mro_entries, METH_O, NULL),
    {0}
};

PyDoc_STRVAR(typevartuple_doc,
"Type variable tuple. A specialized form of type variable that enables\nvariadic generics.\n\n"
"Made by a type parameter list, class C[*Ts]: ..., or by hand, Ts = TypeVarTuple('Ts');\n"
"it stands for any number of types and is used unpacked.");

static PyType_Slot typevartuple_slots[] = {
    {Py_tp_doc, (void *)typevartuple_doc},
    {Py_tp_members, typevartuple_members},
    {Py_tp_methods, typevartuple_methods},
    {Py_tp_getset, typevartuple_getset},
    {Py_tp_new, typevartuple_new},
    {Py_tp_iter, _PyTyping_UnpackIter},
    {Py_tp_repr, typevartuple_repr},
    {Py_tp_dealloc, typevartuple_dealloc},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_traverse, typevartuple_traverse},
    {Py_tp_clear, typevartuple_clear},
    {0, NULL},
};

static PyType_Spec typevartuple_spec = {
    .name = "typing.TypeVarTuple",
    .basicsize = sizeof(typevartupleobject),
    .flags = TYPING_FLAGS,
    .slots = typevartuple_slots,
};

int
_PyTyping_InitTypeVarTuple(struct _Py_typing_state *state)
{
    state->typevartuple_type = (PyTypeObject *)PyType_FromSpec(&typevartuple_spec);
    return state->typevartuple_type == NULL ? -1 : 0;
}

/* -- Defaults ----------------------------------------------------------------------------------------------------------------- */

extern void _PyTyping_SetParamSpecDefault(PyObject *self, PyObject *evaluate_default);

/* The default of a parameter in a list; a new reference to typeparam. */
PyObject *
_Py_set_typeparam_default(PyThreadState *tstate, PyObject *typeparam, PyObject *evaluate_default)
{
    struct _Py_typing_state *state = &tstate->interp->typing;
    if (Py_IS_TYPE(typeparam, state->typevar_type)) {
        _PySlot_Set(typeparam, &TV(typeparam)->default_value, NULL);
        _PySlot_Set(typeparam, &TV(typeparam)->evaluate_default, Py_NewRef(evaluate_default));
    }
    else if (Py_IS_TYPE(typeparam, state->typevartuple_type)) {
        _PySlot_Set(typeparam, &TVT(typeparam)->default_value, NULL);
        _PySlot_Set(typeparam, &TVT(typeparam)->evaluate_default, Py_NewRef(evaluate_default));
    }
    else if (Py_IS_TYPE(typeparam, state->paramspec_type)) {
        _PyTyping_SetParamSpecDefault(typeparam, evaluate_default);
    }
    else {
        PyErr_Format(PyExc_TypeError, "Expected a type param, got %R", typeparam);
        return NULL;
    }
    return Py_NewRef(typeparam);
}

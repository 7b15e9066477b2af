/* list[int]: an origin with arguments, which otherwise behaves like the origin (PEP 585, PEP 646).

   All but the lazily made parameters is const.  The functions that substitute type parameters serve union types
   and the typing module too. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_ceval.h"            // _PyEval_GetBuiltin
#include "pycore_critical_section.h"
#include "pycore_list.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"
#include "pycore_tuple.h"
#include "pycore_typevarobject.h"    // _Py_typing_type_repr
#include "pycore_unicodeobject.h"
#include "pycore_unionobject.h"

typedef struct {
    PyObject_HEAD
    PyObject *origin;
    PyObject *args;              /* tuple */
    PyObject *parameters;        /* tuple; NULL until asked for */
    PyObject *weakreflist;
    bool starred;                /* *list[int] */
} gaobject;

typedef struct {
    PyObject_HEAD
    PyObject *obj;               /* NULL once exhausted */
} gaiterobject;

#define GA(op) ((gaobject *)(op))

PyTypeObject _Py_GenericAliasIterType;

static void
ga_dealloc(PyObject *self)
{
    gaobject *alias = GA(self);
    _PyObject_GC_UNTRACK(self);
    if (alias->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(alias->origin);
    Py_XDECREF(alias->args);
    Py_XDECREF(alias->parameters);
    Py_TYPE(self)->tp_free(self);
}

static int
ga_traverse(PyObject *self, visitproc visit, void *arg)
{
    gaobject *alias = GA(self);
    Py_VISIT(alias->origin);
    Py_VISIT(alias->args);
    Py_VISIT(alias->parameters);
    return 0;
}

/* -- Text -------------------------------------------------------------------------------------------------------------- */

static int ga_repr_arg(PyUnicodeWriter *writer, PyObject *p);

static int
repr_items(PyUnicodeWriter *writer, PyObject *p)
{
    if (PyUnicodeWriter_WriteChar(writer, '[') < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(p); i++) {
        if (i > 0 && PyUnicodeWriter_WriteASCII(writer, ", ", 2) < 0) {
            return -1;
        }
        PyObject *item = PyList_GetItemRef(p, i);
        if (item == NULL) {
            return -1;      /* the list shrank */
        }
        int err = ga_repr_arg(writer, item);
        Py_DECREF(item);
        if (err < 0) {
            return -1;
        }
    }
    return PyUnicodeWriter_WriteChar(writer, ']');
}

static int
ga_repr_arg(PyUnicodeWriter *writer, PyObject *p)
{
    return PyList_CheckExact(p) ? repr_items(writer, p) : _Py_typing_type_repr(writer, p);
}

static PyObject *
ga_repr(PyObject *self)
{
    gaobject *alias = GA(self);
    Py_ssize_t len = PyTuple_GET_SIZE(alias->args);
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(5 + 2 * len);
    if (writer == NULL) {
        return NULL;
    }
    if (alias->starred && PyUnicodeWriter_WriteChar(writer, '*') < 0) {
        goto fail;
    }
    if (_Py_typing_type_repr(writer, alias->origin) < 0 || PyUnicodeWriter_WriteChar(writer, '[') < 0) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < len; i++) {
        if (i > 0 && PyUnicodeWriter_WriteASCII(writer, ", ", 2) < 0) {
            goto fail;
        }
        if (ga_repr_arg(writer, PyTuple_GET_ITEM(alias->args, i)) < 0) {
            goto fail;
        }
    }
    /* tuple[()] */
    if (len == 0 && PyUnicodeWriter_WriteASCII(writer, "()", 2) < 0) {
        goto fail;
    }
    if (PyUnicodeWriter_WriteChar(writer, ']') < 0) {
        goto fail;
    }
    return PyUnicodeWriter_Finish(writer);
fail:
    PyUnicodeWriter_Discard(writer);
    return NULL;
}

/* -- Parameters ----------------------------------------------------------------------------------------------------------- */

static Py_ssize_t
tuple_index(PyObject *self, Py_ssize_t len, PyObject *item)
{
    for (Py_ssize_t i = 0; i < len; i++) {
        if (PyTuple_GET_ITEM(self, i) == item) {
            return i;
        }
    }
    return -1;
}

/* Appends item to list unless it is there: 0, -1. */
static int
list_add_unique(PyObject *list, PyObject *item)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        if (PyList_GET_ITEM(list, i) == item) {
            return 0;
        }
    }
    return PyList_Append(list, item);
}

static int
collect_parameters(PyObject *args, PyObject *list)
{
    int is_tuple = PyTuple_Check(args);
    Py_ssize_t n = is_tuple ? PyTuple_GET_SIZE(args) : PyList_GET_SIZE(args);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *t = is_tuple ? Py_NewRef(PyTuple_GET_ITEM(args, i)) : PyList_GetItemRef(args, i);
        if (t == NULL) {
            return -1;
        }
        int err = 0;
        PyObject *subst = NULL, *sub = NULL;
        if (PyType_Check(t)) {
            /* a class never is a parameter */
        }
        else if (PyTuple_Check(t) || PyList_Check(t)) {
            err = collect_parameters(t, list);
        }
        else if (PyObject_GetOptionalAttr(t, _Py_ID(__typing_subst__), &subst) < 0) {
            err = -1;
        }
        else if (subst != NULL) {
            err = list_add_unique(list, t);
        }
        else if (PyObject_GetOptionalAttr(t, _Py_ID(__parameters__), &sub) < 0) {
            err = -1;
        }
        else if (sub != NULL && PyTuple_Check(sub)) {
            for (Py_ssize_t j = 0; j < PyTuple_GET_SIZE(sub) && err == 0; j++) {
                err = list_add_unique(list, PyTuple_GET_ITEM(sub, j));
            }
        }
        Py_XDECREF(subst);
        Py_XDECREF(sub);
        Py_DECREF(t);
        if (err < 0) {
            return -1;
        }
    }
    return 0;
}

/* The type parameters in args, each once, in order. */
PyObject *
_Py_make_parameters(PyObject *args)
{
    PyObject *list = PyList_New(0);
    PyObject *result = NULL;
    if (list != NULL && collect_parameters(args, list) == 0) {
        result = PyList_AsTuple(list);
    }
    Py_XDECREF(list);
    return result;
}

/* obj with its own parameters replaced: obj[...], or obj itself. */
static PyObject *
subs_tvars(PyObject *obj, PyObject *params, PyObject **argitems, Py_ssize_t nargs)
{
    PyObject *subparams;
    if (PyObject_GetOptionalAttr(obj, _Py_ID(__parameters__), &subparams) < 0) {
        return NULL;
    }
    if (!subparams || !PyTuple_Check(subparams) || PyTuple_GET_SIZE(subparams) == 0) {
        Py_XDECREF(subparams);
        return Py_NewRef(obj);
    }
    Py_ssize_t nparams = PyTuple_GET_SIZE(params);
    Py_ssize_t nsubargs = PyTuple_GET_SIZE(subparams);
    PyObject *result = NULL, *subargs = NULL;
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < nsubargs; ++i) {
        PyObject *arg = PyTuple_GET_ITEM(subparams, i);
        Py_ssize_t iparam = tuple_index(params, nparams, arg);
        int err;
        if (iparam >= 0) {
            PyObject *param = PyTuple_GET_ITEM(params, iparam);
            arg = argitems[iparam];
            if (Py_TYPE(param)->tp_iter && PyTuple_Check(arg)) {
                /* a TypeVarTuple: all of its arguments */
                err = PyList_SetSlice(list, PyList_GET_SIZE(list), PyList_GET_SIZE(list), arg);
            }
            else {
                err = PyList_Append(list, arg);
            }
        }
        else {
            err = PyList_Append(list, arg);
        }
        if (err < 0) {
            goto done;
        }
    }
    subargs = PyList_AsTuple(list);
    if (subargs != NULL) {
        result = PyObject_GetItem(obj, subargs);
    }
done:
    Py_XDECREF(list);
    Py_XDECREF(subargs);
    Py_DECREF(subparams);
    return result;
}

static int
is_unpacked_typevartuple(PyObject *arg)
{
    if (PyType_Check(arg)) {
        return 0;
    }
    PyObject *tmp;
    int res = PyObject_GetOptionalAttr(arg, _Py_ID(__typing_is_unpacked_typevartuple__), &tmp);
    if (res > 0) {
        res = PyObject_IsTrue(tmp);
        Py_DECREF(tmp);
    }
    return res;
}

/* The arguments of *tuple[...]: new reference, None or NULL without an exception if arg is no such thing. */
static PyObject *
unpacked_tuple_args(PyObject *arg)
{
    PyObject *result;
    assert(!PyType_Check(arg));
    if (_PyGenericAlias_Check(arg) && GA(arg)->starred && GA(arg)->origin == (PyObject *)&PyTuple_Type) {
        return Py_NewRef(GA(arg)->args);
    }
    if (PyObject_GetOptionalAttr(arg, _Py_ID(__typing_unpacked_tuple_args__), &result) > 0) {
        if (result == Py_None) {
            Py_CLEAR(result);
        }
        return result;
    }
    return NULL;
}

/* item as a tuple with the *tuple[...] in it spread out, unless they are of arbitrary length. */
static PyObject *
unpack_args(PyObject *item)
{
    PyObject *newargs = PyList_New(0);
    if (newargs == NULL) {
        return NULL;
    }
    int is_tuple = PyTuple_Check(item);
    Py_ssize_t nitems = is_tuple ? PyTuple_GET_SIZE(item) : 1;
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < nitems; i++) {
        PyObject *arg = is_tuple ? PyTuple_GET_ITEM(item, i) : item;
        PyObject *subargs = NULL;
        if (!PyType_Check(arg)) {
            subargs = unpacked_tuple_args(arg);
            if (subargs == NULL && PyErr_Occurred()) {
                goto done;
            }
        }
        int err;
        if (subargs != NULL && PyTuple_Check(subargs)
            && !(PyTuple_GET_SIZE(subargs)
                 && PyTuple_GET_ITEM(subargs, PyTuple_GET_SIZE(subargs) - 1) == Py_Ellipsis)) {
            err = PyList_SetSlice(newargs, PyList_GET_SIZE(newargs), PyList_GET_SIZE(newargs), subargs);
        }
        else {
            err = PyList_Append(newargs, arg);
        }
        Py_XDECREF(subargs);
        if (err < 0) {
            goto done;
        }
    }
    result = PyList_AsTuple(newargs);
done:
    Py_DECREF(newargs);
    return result;
}

static PyObject *substitute(PyObject *self, PyObject *args, PyObject *parameters, PyObject *item);

/* One argument with the parameters replaced: new reference. */
static PyObject *
substitute_arg(PyObject *self, PyObject *arg, PyObject *parameters, PyObject *item)
{
    if (PyTuple_Check(arg) || PyList_Check(arg)) {
        /* [int, T] of a ParamSpec */
        int is_list = PyList_Check(arg);
        PyObject *tuple = is_list ? PyList_AsTuple(arg) : Py_NewRef(arg);
        if (tuple == NULL) {
            return NULL;
        }
        PyObject *res = substitute(self, tuple, parameters, item);
        Py_DECREF(tuple);
        if (res != NULL && is_list) {
            Py_SETREF(res, PySequence_List(res));
        }
        return res;
    }
    PyObject *subst;
    if (PyObject_GetOptionalAttr(arg, _Py_ID(__typing_subst__), &subst) < 0) {
        return NULL;
    }
    if (subst == NULL) {
        return subs_tvars(arg, parameters, _PyTuple_ITEMS(item), PyTuple_GET_SIZE(item));
    }
    Py_ssize_t iparam = tuple_index(parameters, PyTuple_GET_SIZE(parameters), arg);
    PyObject *res = NULL;
    if (iparam < 0) {
        PyErr_Format(PyExc_TypeError, "argument %R with __typing_subst__ was not found in __parameters__", arg);
    }
    else {
        res = PyObject_CallOneArg(subst, PyTuple_GET_ITEM(item, iparam));
    }
    Py_DECREF(subst);
    return res;
}

/* args with item (a tuple, one for each parameter) put in. */
static PyObject *
substitute(PyObject *self, PyObject *args, PyObject *parameters, PyObject *item)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    PyObject *newargs = PyList_New(0);
    PyObject *result = NULL;
    if (newargs == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyObject *arg = PyTuple_GET_ITEM(args, i);
        if (PyType_Check(arg)) {
            if (PyList_Append(newargs, arg) < 0) {
                goto done;
            }
            continue;
        }
        int unpack = is_unpacked_typevartuple(arg);
        if (unpack < 0) {
            goto done;
        }
        PyObject *value = substitute_arg(self, arg, parameters, item);
        if (value == NULL) {
            goto done;
        }
        int err;
        if (unpack) {
            if (!PyTuple_Check(value)) {
                PyErr_Format(PyExc_TypeError, "expected __typing_subst__ of %T objects to return a tuple, not %T", arg,
                             value);
                Py_DECREF(value);
                goto done;
            }
            err = PyList_SetSlice(newargs, PyList_GET_SIZE(newargs), PyList_GET_SIZE(newargs), value);
        }
        else {
            err = PyList_Append(newargs, value);
        }
        Py_DECREF(value);
        if (err < 0) {
            goto done;
        }
    }
    result = PyList_AsTuple(newargs);
done:
    Py_DECREF(newargs);
    return result;
}

/* The arguments of self[item]. */
PyObject *
_Py_subs_parameters(PyObject *self, PyObject *args, PyObject *parameters, PyObject *item)
{
    Py_ssize_t nparams = PyTuple_GET_SIZE(parameters);
    if (nparams == 0) {
        return PyErr_Format(PyExc_TypeError, "%R is not a generic class", self);
    }
    item = unpack_args(item);
    if (item == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nparams; i++) {
        PyObject *param = PyTuple_GET_ITEM(parameters, i);
        PyObject *prepare;
        if (PyObject_GetOptionalAttr(param, _Py_ID(__typing_prepare_subst__), &prepare) < 0) {
            Py_DECREF(item);
            return NULL;
        }
        if (prepare && prepare != Py_None) {
            PyObject *tuple = PyTuple_Check(item) ? Py_NewRef(item) : PyTuple_Pack(1, item);
            PyObject *newitem = tuple == NULL ? NULL : PyObject_CallFunction(prepare, "OO", self, tuple);
            Py_XDECREF(tuple);
            Py_SETREF(item, newitem);
        }
        Py_XDECREF(prepare);
        if (item == NULL) {
            return NULL;
        }
    }
    if (!PyTuple_Check(item)) {
        Py_SETREF(item, PyTuple_Pack(1, item));
        if (item == NULL) {
            return NULL;
        }
    }
    Py_ssize_t nitems = PyTuple_GET_SIZE(item);
    if (nitems != nparams) {
        Py_DECREF(item);
        return PyErr_Format(PyExc_TypeError, "Too %s arguments for %R; actual %zd, expected %zd",
                            nitems > nparams ? "many" : "few", self, nitems, nparams);
    }
    PyObject *result = substitute(self, args, parameters, item);
    Py_DECREF(item);
    return result;
}

/* -- Behaviour ------------------------------------------------------------------------------------------------------------- */

/* The parameters, borrowed. */
static PyObject *
ga_ensure_parameters(PyObject *self)
{
    gaobject *alias = GA(self);
    PyObject *parameters = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(alias->parameters);
    if (parameters == NULL) {
        parameters = _Py_make_parameters(alias->args);
        if (parameters != NULL) {
            parameters = _PySlot_SetOnce(self, &alias->parameters, parameters);
        }
    }
    return parameters;
}

static PyObject *
ga_getitem(PyObject *self, PyObject *item)
{
    gaobject *alias = GA(self);
    PyObject *parameters = ga_ensure_parameters(self);
    if (parameters == NULL) {
        return NULL;
    }
    PyObject *newargs = _Py_subs_parameters(self, alias->args, parameters, item);
    if (newargs == NULL) {
        return NULL;
    }
    PyObject *res = Py_GenericAlias(alias->origin, newargs);
    if (res != NULL) {
        GA(res)->starred = alias->starred;
    }
    Py_DECREF(newargs);
    return res;
}

static PyMappingMethods ga_as_mapping = {.mp_subscript = ga_getitem};

static Py_hash_t
ga_hash(PyObject *self)
{
    Py_hash_t h0 = PyObject_Hash(GA(self)->origin);
    if (h0 == -1) {
        return -1;
    }
    Py_hash_t h1 = PyObject_Hash(GA(self)->args);
    return h1 == -1 ? -1 : h0 ^ h1;
}

/* obj.__orig_class__ = self, if obj takes it; steals obj. */
static PyObject *
set_orig_class(PyObject *obj, PyObject *self)
{
    if (obj != NULL && PyObject_SetAttr(obj, _Py_ID(__orig_class__), self) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError) && !PyErr_ExceptionMatches(PyExc_TypeError)) {
            Py_DECREF(obj);
            return NULL;
        }
        PyErr_Clear();
    }
    return obj;
}

/* Names that are the alias's own, and names that the origin must not answer. */
static const char *const attr_exceptions[] = {
    "__class__", "__origin__", "__args__", "__unpacked__", "__parameters__", "__typing_unpacked_tuple_args__",
    "__mro_entries__", "__reduce_ex__", "__reduce__",
};
static const char *const attr_blocked[] = {"__bases__", "__copy__", "__deepcopy__"};

static int
name_is_in(PyObject *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (_PyUnicode_EqualToASCIIString(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

static PyObject *
ga_getattro(PyObject *self, PyObject *name)
{
    if (PyUnicode_Check(name)
        && (name_is_in(name, attr_blocked, Py_ARRAY_LENGTH(attr_blocked))
            || name_is_in(name, attr_exceptions, Py_ARRAY_LENGTH(attr_exceptions)))) {
        return PyObject_GenericGetAttr(self, name);
    }
    return PyUnicode_Check(name) ? PyObject_GetAttr(GA(self)->origin, name) : PyObject_GenericGetAttr(self, name);
}

static PyObject *
ga_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!_PyGenericAlias_Check(b) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (op == Py_NE) {
        PyObject *eq = ga_richcompare(a, b, Py_EQ);
        if (eq == NULL) {
            return NULL;
        }
        Py_DECREF(eq);
        return Py_NewRef(eq == Py_True ? Py_False : Py_True);
    }
    gaobject *aa = GA(a);
    gaobject *bb = GA(b);
    if (aa->starred != bb->starred) {
        Py_RETURN_FALSE;
    }
    int eq = PyObject_RichCompareBool(aa->origin, bb->origin, Py_EQ);
    if (eq < 0) {
        return NULL;
    }
    if (!eq) {
        Py_RETURN_FALSE;
    }
    return PyObject_RichCompare(aa->args, bb->args, Py_EQ);
}

static PyObject *
ga_mro_entries(PyObject *self, PyObject *Py_UNUSED(args))
{
    return PyTuple_Pack(1, GA(self)->origin);
}

static PyObject *
ga_instancecheck(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    PyErr_SetString(PyExc_TypeError, "isinstance() argument 2 cannot be a parameterized generic");
    return NULL;
}

static PyObject *
ga_subclasscheck(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    PyErr_SetString(PyExc_TypeError, "issubclass() argument 2 cannot be a parameterized generic");
    return NULL;
}

static PyObject *
ga_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    gaobject *alias = GA(self);
    if (alias->starred) {
        /* next(iter(alias)) */
        PyObject *tmp = Py_GenericAlias(alias->origin, alias->args);
        if (tmp == NULL) {
            return NULL;
        }
        Py_SETREF(tmp, PyObject_GetIter(tmp));
        if (tmp == NULL) {
            return NULL;
        }
        PyObject *next = _PyEval_GetBuiltin(_Py_ID(next));
        return next == NULL ? (Py_DECREF(tmp), NULL) : Py_BuildValue("N(N)", next, tmp);
    }
    return Py_BuildValue("O(OO)", Py_TYPE(alias), alias->origin, alias->args);
}

static PyObject *
ga_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *dir = PyObject_Dir(GA(self)->origin);
    if (dir == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(attr_exceptions); i++) {
        PyObject *name = PyUnicode_FromString(attr_exceptions[i]);
        int contains = name == NULL ? -1 : PySequence_Contains(dir, name);
        if (contains == 0) {
            contains = PyList_Append(dir, name);
        }
        Py_XDECREF(name);
        if (contains < 0) {
            Py_DECREF(dir);
            return NULL;
        }
    }
    return dir;
}

static PyMethodDef ga_methods[] = {
    PY_METHOD_NOSIG("__mro_entries__", ga_mro_entries, METH_O, NULL),
    PY_METHOD_NOSIG("__instancecheck__", ga_instancecheck, METH_O, NULL),
    PY_METHOD_NOSIG("__subclasscheck__", ga_subclasscheck, METH_O, NULL),
    PY_METHOD_NOSIG("__reduce__", ga_reduce, METH_NOARGS, NULL),
    PY_METHOD_NOSIG("__dir__", ga_dir, METH_NOARGS, NULL),
    {0}
};

static PyMemberDef ga_members[] = {
    {"__origin__", _Py_T_OBJECT, offsetof(gaobject, origin), Py_READONLY, NULL},
    {"__args__", _Py_T_OBJECT, offsetof(gaobject, args), Py_READONLY, NULL},
    {"__unpacked__", Py_T_BOOL, offsetof(gaobject, starred), Py_READONLY, NULL},
    {0}
};

static PyObject *
ga_parameters(PyObject *self, void *Py_UNUSED(unused))
{
    return Py_XNewRef(ga_ensure_parameters(self));
}

static PyObject *
ga_unpacked_tuple_args(PyObject *self, void *Py_UNUSED(unused))
{
    gaobject *alias = GA(self);
    return Py_NewRef(alias->starred && alias->origin == (PyObject *)&PyTuple_Type ? alias->args : Py_None);
}

static PyGetSetDef ga_properties[] = {
    {"__parameters__", ga_parameters, NULL, PyDoc_STR("Type variables in the GenericAlias."), NULL},
    {"__typing_unpacked_tuple_args__", ga_unpacked_tuple_args, NULL, NULL, NULL},
    {0}
};

/* -- Construction and iteration -------------------------------------------------------------------------------------------------- */

static PyObject *
ga_alloc(PyTypeObject *type, PyObject *origin, PyObject *args, int starred)
{
    args = PyTuple_Check(args) ? Py_NewRef(args) : PyTuple_Pack(1, args);
    if (args == NULL) {
        return NULL;
    }
    gaobject *alias = (gaobject *)type->tp_alloc(type, 0);
    if (alias == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    alias->origin = Py_NewRef(origin);
    alias->args = args;
    alias->starred = starred;
    return (PyObject *)alias;
}

static PyObject *
ga_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    return set_orig_class(PyObject_Call(GA(self)->origin, args, kwds), self);
}

static PyObject *
ga_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoKeywords("GenericAlias", kwds) || !_PyArg_CheckPositional("GenericAlias", PyTuple_GET_SIZE(args), 2, 2)) {
        return NULL;
    }
    return ga_alloc(type, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1), 0);
}

PyObject *
Py_GenericAlias(PyObject *origin, PyObject *args)
{
    return ga_alloc(&Py_GenericAliasType, origin, args, 0);
}

static PyNumberMethods ga_as_number = {.nb_or = _Py_union_type_or};

static PyObject *
ga_iternext(PyObject *op)
{
    gaiterobject *gi = (gaiterobject *)op;
    PyObject *obj;
    Py_BEGIN_CRITICAL_SECTION(op);
    obj = gi->obj;
    gi->obj = NULL;
    Py_END_CRITICAL_SECTION();
    if (obj == NULL) {
        return NULL;
    }
    PyObject *starred = ga_alloc(&Py_GenericAliasType, GA(obj)->origin, GA(obj)->args, 1);
    Py_DECREF(obj);
    return starred;
}

static void
ga_iter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((gaiterobject *)op)->obj);
    PyObject_GC_Del(op);
}

static int
ga_iter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((gaiterobject *)op)->obj);
    return 0;
}

static PyObject *
ga_iter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *iter = _PyEval_GetBuiltin(_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    PyObject *obj = _PySlot_GetRef(self, &((gaiterobject *)self)->obj);
    return obj ? Py_BuildValue("N(N)", iter, obj) : Py_BuildValue("N(())", iter);
}

static PyMethodDef ga_iter_methods[] = {
    PY_METHOD_NOSIG("__reduce__", ga_iter_reduce, METH_NOARGS, NULL),
    {0}
};

PyTypeObject _Py_GenericAliasIterType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "generic_alias_iterator",
    .tp_basicsize = sizeof(gaiterobject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = ga_iternext,
    .tp_traverse = ga_iter_traverse,
    .tp_methods = ga_iter_methods,
    .tp_dealloc = ga_iter_dealloc,
};

static PyObject *
ga_iter(PyObject *self)
{
    gaiterobject *gi = PyObject_GC_New(gaiterobject, &_Py_GenericAliasIterType);
    if (gi == NULL) {
        return NULL;
    }
    gi->obj = Py_NewRef(self);
    PyObject_GC_Track(gi);
    return (PyObject *)gi;
}

PyDoc_STRVAR(genericalias_doc,
"GenericAlias(origin, args, /)\n--\n\n"
"Represent a PEP 585 generic type: for t = list[int], t.__origin__ is list and\nt.__args__ is (int,).");

PyTypeObject Py_GenericAliasType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "types.GenericAlias",
    .tp_doc = genericalias_doc,
    .tp_basicsize = sizeof(gaobject),
    .tp_dealloc = ga_dealloc,
    .tp_repr = ga_repr,
    .tp_as_number = &ga_as_number,
    .tp_as_mapping = &ga_as_mapping,
    .tp_hash = ga_hash,
    .tp_call = ga_call,
    .tp_getattro = ga_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_traverse = ga_traverse,
    .tp_richcompare = ga_richcompare,
    .tp_weaklistoffset = offsetof(gaobject, weakreflist),
    .tp_methods = ga_methods,
    .tp_members = ga_members,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = ga_new,
    .tp_free = PyObject_GC_Del,
    .tp_getset = ga_properties,
    .tp_iter = ga_iter,
};

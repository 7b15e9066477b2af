/* int | str: union types, which typing.Union[...] makes too (PEP 604).

   Arguments keep their order; equal ones are dropped.  Comparison ignores the order: the hashable arguments are
   a frozenset, the others a tuple.  All but the lazily made parameters is const. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"
#include "pycore_typevarobject.h"    // _Py_typing_type_repr
#include "pycore_tuple.h"
#include "pycore_unicodeobject.h"
#include "pycore_unionobject.h"

typedef struct {
    PyObject_HEAD
    PyObject *args;               /* tuple, all of them in order */
    PyObject *hashable_args;      /* frozenset, or NULL */
    PyObject *unhashable_args;    /* tuple, or NULL */
    PyObject *parameters;         /* tuple; NULL until asked for */
    PyObject *weakreflist;
} unionobject;

#define UNION(op) ((unionobject *)(op))

static void
union_dealloc(PyObject *self)
{
    unionobject *alias = UNION(self);
    _PyObject_GC_UNTRACK(self);
    if (alias->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(alias->args);
    Py_XDECREF(alias->hashable_args);
    Py_XDECREF(alias->unhashable_args);
    Py_XDECREF(alias->parameters);
    Py_TYPE(self)->tp_free(self);
}

static int
union_traverse(PyObject *self, visitproc visit, void *arg)
{
    unionobject *alias = UNION(self);
    Py_VISIT(alias->args);
    Py_VISIT(alias->hashable_args);
    Py_VISIT(alias->unhashable_args);
    Py_VISIT(alias->parameters);
    return 0;
}

PyObject *
_Py_union_args(PyObject *self)
{
    assert(_PyUnion_Check(self));
    return UNION(self)->args;
}

/* -- Comparison --------------------------------------------------------------------------------------------------------- */

static Py_hash_t
union_hash(PyObject *self)
{
    unionobject *alias = UNION(self);
    if (alias->unhashable_args) {
        /* The first of them says why, unless it has become hashable. */
        Py_ssize_t n = PyTuple_GET_SIZE(alias->unhashable_args);
        for (Py_ssize_t i = 0; i < n; i++) {
            if (PyObject_Hash(PyTuple_GET_ITEM(alias->unhashable_args, i)) == -1) {
                return -1;
            }
        }
        PyErr_Format(PyExc_TypeError, "union contains %zd unhashable elements", n);
        return -1;
    }
    return PyObject_Hash(alias->hashable_args);
}

/* The same unhashable arguments, in any order: 1, 0, -1. */
static int
unhashable_equal(PyObject *a, PyObject *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(a);
    if (n != PyTuple_GET_SIZE(b)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        int found = PySequence_Contains(b, PyTuple_GET_ITEM(a, i));
        if (found <= 0) {
            return found;
        }
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        int found = PySequence_Contains(a, PyTuple_GET_ITEM(b, i));
        if (found <= 0) {
            return found;
        }
    }
    return 1;
}

static PyObject *
union_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!_PyUnion_Check(b) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    unionobject *left = UNION(a);
    unionobject *right = UNION(b);
    int equal = left->hashable_args == NULL || right->hashable_args == NULL
        ? left->hashable_args == right->hashable_args
        : PyObject_RichCompareBool(left->hashable_args, right->hashable_args, Py_EQ);
    if (equal > 0) {
        equal = unhashable_equal(left->unhashable_args, right->unhashable_args);
    }
    if (equal < 0) {
        return NULL;
    }
    return PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

/* -- Building --------------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject *args;               /* list */
    PyObject *hashable_args;      /* set */
    PyObject *unhashable_args;    /* list, or NULL */
    int is_checked;               /* arguments are checked as typing.Union[...] does */
} unionbuilder;

static int
builder_init(unionbuilder *ub, int is_checked)
{
    *ub = (unionbuilder){.is_checked = is_checked};
    ub->args = PyList_New(0);
    ub->hashable_args = ub->args == NULL ? NULL : PySet_New(NULL);
    if (ub->hashable_args == NULL) {
        Py_CLEAR(ub->args);
        return -1;
    }
    return 0;
}

static void
builder_finish(unionbuilder *ub)
{
    Py_CLEAR(ub->args);
    Py_CLEAR(ub->hashable_args);
    Py_CLEAR(ub->unhashable_args);
}

/* Adds one argument that is no union, unless an equal one is there. */
static int
builder_add_unchecked(unionbuilder *ub, PyObject *arg)
{
    Py_hash_t hash = PyObject_Hash(arg);
    if (hash == -1) {
        PyErr_Clear();
        if (ub->unhashable_args == NULL) {
            ub->unhashable_args = PyList_New(0);
            if (ub->unhashable_args == NULL) {
                return -1;
            }
        }
        else {
            int contains = PySequence_Contains(ub->unhashable_args, arg);
            if (contains != 0) {
                return contains < 0 ? -1 : 0;
            }
        }
        if (PyList_Append(ub->unhashable_args, arg) < 0) {
            return -1;
        }
    }
    else {
        int contains = PySet_Contains(ub->hashable_args, arg);
        if (contains != 0) {
            return contains < 0 ? -1 : 0;
        }
        if (PySet_Add(ub->hashable_args, arg) < 0) {
            return -1;
        }
    }
    return PyList_Append(ub->args, arg);
}

/* typing._type_check(arg, msg): turns a str into a ForwardRef and refuses what is no type. */
static PyObject *
type_check(PyObject *arg, const char *msg)
{
    if (Py_IsNone(arg)) {
        return Py_NewRef((PyObject *)Py_TYPE(arg));
    }
    PyObject *message = PyUnicode_FromString(msg);
    PyObject *func = message == NULL ? NULL : PyImport_ImportModuleAttrString("typing", "_type_check");
    PyObject *result = NULL;
    if (func != NULL) {
        PyObject *args[] = {arg, message};
        result = PyObject_Vectorcall(func, args, 2, NULL);
        Py_DECREF(func);
    }
    Py_XDECREF(message);
    return result;
}

static int builder_add_tuple(unionbuilder *ub, PyObject *tuple);

static int
builder_add(unionbuilder *ub, PyObject *arg)
{
    if (Py_IsNone(arg)) {
        return builder_add_unchecked(ub, (PyObject *)&_PyNone_Type);
    }
    if (_PyUnion_Check(arg)) {
        return builder_add_tuple(ub, UNION(arg)->args);
    }
    if (ub->is_checked) {
        PyObject *type = type_check(arg, "Union[arg, ...]: each arg must be a type.");
        if (type == NULL) {
            return -1;
        }
        int result = builder_add_unchecked(ub, type);
        Py_DECREF(type);
        return result;
    }
    return builder_add_unchecked(ub, arg);
}

static int
builder_add_tuple(unionbuilder *ub, PyObject *tuple)
{
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (builder_add(ub, PyTuple_GET_ITEM(tuple, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The union; one argument alone is itself.  Ends the builder. */
static PyObject *
make_union(unionbuilder *ub)
{
    PyObject *args = NULL, *hashable = NULL, *unhashable = NULL;
    Py_ssize_t n = PyList_GET_SIZE(ub->args);
    if (n == 0) {
        PyErr_SetString(PyExc_TypeError, "Cannot take a Union of no types.");
        goto done;
    }
    if (n == 1) {
        PyObject *result = Py_NewRef(PyList_GET_ITEM(ub->args, 0));
        builder_finish(ub);
        return result;
    }
    args = PyList_AsTuple(ub->args);
    if (args == NULL) {
        goto done;
    }
    if (PySet_GET_SIZE(ub->hashable_args) > 0) {
        hashable = PyFrozenSet_New(ub->hashable_args);
        if (hashable == NULL) {
            goto done;
        }
    }
    if (ub->unhashable_args != NULL) {
        unhashable = PyList_AsTuple(ub->unhashable_args);
        if (unhashable == NULL) {
            goto done;
        }
    }
    unionobject *result = PyObject_GC_New(unionobject, &_PyUnion_Type);
    if (result == NULL) {
        goto done;
    }
    result->args = args;
    result->hashable_args = hashable;
    result->unhashable_args = unhashable;
    result->parameters = NULL;
    result->weakreflist = NULL;
    _PyObject_GC_TRACK(result);
    builder_finish(ub);
    return (PyObject *)result;
done:
    Py_XDECREF(args);
    Py_XDECREF(hashable);
    Py_XDECREF(unhashable);
    builder_finish(ub);
    return NULL;
}

static int
is_unionable(PyObject *obj)
{
    return obj == Py_None || PyType_Check(obj) || _PyGenericAlias_Check(obj) || _PyUnion_Check(obj)
           || Py_IS_TYPE(obj, &_PyTypeAlias_Type);
}

PyObject *
_Py_union_type_or(PyObject *self, PyObject *other)
{
    if (!is_unionable(self) || !is_unionable(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    unionbuilder ub;
    /* What is unionable is a type: nothing to check. */
    if (builder_init(&ub, 0) < 0) {
        return NULL;
    }
    if (builder_add(&ub, self) < 0 || builder_add(&ub, other) < 0) {
        builder_finish(&ub);
        return NULL;
    }
    return make_union(&ub);
}

PyObject *
_Py_union_from_tuple(PyObject *args)
{
    unionbuilder ub;
    if (builder_init(&ub, 1) < 0) {
        return NULL;
    }
    int err = PyTuple_CheckExact(args) ? builder_add_tuple(&ub, args) : builder_add(&ub, args);
    if (err < 0) {
        builder_finish(&ub);
        return NULL;
    }
    return make_union(&ub);
}

/* -- Text, attributes ------------------------------------------------------------------------------------------------------- */

static PyObject *
union_repr(PyObject *self)
{
    PyObject *args = UNION(self)->args;
    Py_ssize_t len = PyTuple_GET_SIZE(args);
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(4 * len);
    if (writer == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < len; i++) {
        if (i > 0 && PyUnicodeWriter_WriteASCII(writer, " | ", 3) < 0) {
            goto fail;
        }
        if (_Py_typing_type_repr(writer, PyTuple_GET_ITEM(args, i)) < 0) {
            goto fail;
        }
    }
    return PyUnicodeWriter_Finish(writer);
fail:
    PyUnicodeWriter_Discard(writer);
    return NULL;
}

static PyMemberDef union_members[] = {
    {"__args__", _Py_T_OBJECT, offsetof(unionobject, args), Py_READONLY, NULL},
    {0}
};

/* Borrowed. */
static PyObject *
ensure_parameters(PyObject *self)
{
    unionobject *alias = UNION(self);
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
union_getitem(PyObject *self, PyObject *item)
{
    PyObject *parameters = ensure_parameters(self);
    if (parameters == NULL) {
        return NULL;
    }
    PyObject *newargs = _Py_subs_parameters(self, UNION(self)->args, parameters, item);
    if (newargs == NULL) {
        return NULL;
    }
    PyObject *res = _Py_union_from_tuple(newargs);
    Py_DECREF(newargs);
    return res;
}

static PyMappingMethods union_as_mapping = {.mp_subscript = union_getitem};

static PyObject *
union_parameters(PyObject *self, void *Py_UNUSED(unused))
{
    return Py_XNewRef(ensure_parameters(self));
}

static PyObject *
union_name(PyObject *Py_UNUSED(self), void *Py_UNUSED(ignored))
{
    return PyUnicode_FromString("Union");
}

static PyObject *
union_origin(PyObject *Py_UNUSED(self), void *Py_UNUSED(ignored))
{
    return Py_NewRef(&_PyUnion_Type);
}

static PyGetSetDef union_properties[] = {
    {"__name__", union_name, NULL, PyDoc_STR("Name of the type"), NULL},
    {"__qualname__", union_name, NULL, PyDoc_STR("Qualified name of the type"), NULL},
    {"__origin__", union_origin, NULL, PyDoc_STR("Always returns the type"), NULL},
    {"__parameters__", union_parameters, NULL, PyDoc_STR("Type variables in the types.UnionType."), NULL},
    {0}
};

static PyNumberMethods union_as_number = {.nb_or = _Py_union_type_or};

static PyObject *
union_mro_entries(PyObject *self, PyObject *Py_UNUSED(args))
{
    return PyErr_Format(PyExc_TypeError, "Cannot subclass %R", self);
}

static PyObject *
union_class_getitem(PyObject *Py_UNUSED(cls), PyObject *args)
{
    return _Py_union_from_tuple(args);
}

static PyMethodDef union_methods[] = {
    PY_METHOD_NOSIG("__mro_entries__", union_mro_entries, METH_O, NULL),
    PY_METHOD_NOSIG("__class_getitem__", union_class_getitem, METH_O | METH_CLASS, "See PEP 585"),
    {0}
};

PyTypeObject _PyUnion_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.Union",
    .tp_doc = PyDoc_STR("Represent a union type\n\nE.g. for int | str"),
    .tp_basicsize = sizeof(unionobject),
    .tp_dealloc = union_dealloc,
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = union_traverse,
    .tp_hash = union_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_members = union_members,
    .tp_methods = union_methods,
    .tp_richcompare = union_richcompare,
    .tp_as_mapping = &union_as_mapping,
    .tp_as_number = &union_as_number,
    .tp_repr = union_repr,
    .tp_getset = union_properties,
    .tp_weaklistoffset = offsetof(unionobject, weakreflist),
};

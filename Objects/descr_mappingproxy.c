/* mappingproxy: a read-only view of a mapping, above all of a type's namespace. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_abstract.h"

typedef struct {
    PyObject_HEAD
    PyObject *mapping;      /* const */
} mappingproxyobject;

#define MAPPING(op) (((mappingproxyobject *)(op))->mapping)

static Py_ssize_t
mappingproxy_len(PyObject *self)
{
    return PyObject_Size(MAPPING(self));
}

static PyObject *
mappingproxy_getitem(PyObject *self, PyObject *key)
{
    return PyObject_GetItem(MAPPING(self), key);
}

static PyMappingMethods mappingproxy_as_mapping = {
    .mp_length = mappingproxy_len,
    .mp_subscript = mappingproxy_getitem,
};

static PyObject *
mappingproxy_or(PyObject *left, PyObject *right)
{
    if (PyObject_TypeCheck(left, &PyDictProxy_Type)) {
        left = MAPPING(left);
    }
    if (PyObject_TypeCheck(right, &PyDictProxy_Type)) {
        right = MAPPING(right);
    }
    return PyNumber_Or(left, right);
}

static PyObject *
mappingproxy_ior(PyObject *self, PyObject *Py_UNUSED(other))
{
    return PyErr_Format(PyExc_TypeError, "'|=' is not supported by %s; use '|' instead", Py_TYPE(self)->tp_name);
}

static PyNumberMethods mappingproxy_as_number = {
    .nb_or = mappingproxy_or,
    .nb_inplace_or = mappingproxy_ior,
};

static int
mappingproxy_contains(PyObject *self, PyObject *key)
{
    if (PyDict_CheckExact(MAPPING(self))) {
        return PyDict_Contains(MAPPING(self), key);
    }
    return PySequence_Contains(MAPPING(self), key);
}

static PySequenceMethods mappingproxy_as_sequence = {.sq_contains = mappingproxy_contains};

static PyObject *
mappingproxy_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) {
        return NULL;
    }
    return PyObject_CallMethodObjArgs(MAPPING(self), _Py_ID(get), args[0], nargs > 1 ? args[1] : Py_None, NULL);
}

static PyObject *
mappingproxy_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(self), _Py_ID(keys));
}

static PyObject *
mappingproxy_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(self), _Py_ID(values));
}

static PyObject *
mappingproxy_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(self), _Py_ID(items));
}

static PyObject *
mappingproxy_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(self), _Py_ID(copy));
}

static PyObject *
mappingproxy_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(self), _Py_ID(__reversed__));
}

static PyMethodDef mappingproxy_methods[] = {
    PY_METHOD_AS("get", mappingproxy_get, METH_FASTCALL, "($self, key, default=None, /)",
                 "Return the value for key if key is in the mapping, else default."),
    PY_METHOD_NOSIG("keys", mappingproxy_keys, METH_NOARGS, "a set-like object providing a view on the keys"),
    PY_METHOD_NOSIG("values", mappingproxy_values, METH_NOARGS, "an object providing a view on the values"),
    PY_METHOD_NOSIG("items", mappingproxy_items, METH_NOARGS, "a set-like object providing a view on the items"),
    PY_METHOD_NOSIG("copy", mappingproxy_copy, METH_NOARGS, "a shallow copy of the mapping"),
    PY_METHOD_NOSIG("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"),
    PY_METHOD_NOSIG("__reversed__", mappingproxy_reversed, METH_NOARGS, "reverse iterator"),
    {0}
};

static void
mappingproxy_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_DECREF(MAPPING(self));
    PyObject_GC_Del(self);
}

static PyObject *
mappingproxy_getiter(PyObject *self)
{
    return PyObject_GetIter(MAPPING(self));
}

static Py_hash_t
mappingproxy_hash(PyObject *self)
{
    return PyObject_Hash(MAPPING(self));
}

static PyObject *
mappingproxy_str(PyObject *self)
{
    return PyObject_Str(MAPPING(self));
}

static PyObject *
mappingproxy_repr(PyObject *self)
{
    return PyUnicode_FromFormat("mappingproxy(%R)", MAPPING(self));
}

static int
mappingproxy_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(MAPPING(self));
    return 0;
}

static PyObject *
mappingproxy_richcompare(PyObject *self, PyObject *w, int op)
{
    if (PyObject_TypeCheck(w, &PyDictProxy_Type)) {
        w = MAPPING(w);
    }
    return PyObject_RichCompare(MAPPING(self), w, op);
}

static int
check_mapping(PyObject *mapping)
{
    if (!PyMapping_Check(mapping) || PyList_Check(mapping) || PyTuple_Check(mapping)) {
        PyErr_Format(PyExc_TypeError, "mappingproxy() argument must be a mapping, not %s", Py_TYPE(mapping)->tp_name);
        return -1;
    }
    return 0;
}

static PyObject *
proxy_new(PyObject *mapping)
{
    mappingproxyobject *proxy = PyObject_GC_New(mappingproxyobject, &PyDictProxy_Type);
    if (proxy != NULL) {
        proxy->mapping = Py_NewRef(mapping);
        _PyObject_GC_TRACK(proxy);
    }
    return (PyObject *)proxy;
}

static PyObject *
mappingproxy_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"mapping", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:mappingproxy"};
    PyObject *mapping;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwds, &parser, &mapping) || check_mapping(mapping) < 0) {
        return NULL;
    }
    return proxy_new(mapping);
}

PyObject *
PyDictProxy_New(PyObject *mapping)
{
    return check_mapping(mapping) < 0 ? NULL : proxy_new(mapping);
}

PyDoc_STRVAR(mappingproxy_doc, "mappingproxy(mapping)\n--\n\nRead-only proxy of a mapping.");

PyTypeObject PyDictProxy_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "mappingproxy",
    .tp_basicsize = sizeof(mappingproxyobject),
    .tp_dealloc = mappingproxy_dealloc,
    .tp_repr = mappingproxy_repr,
    .tp_as_number = &mappingproxy_as_number,
    .tp_as_sequence = &mappingproxy_as_sequence,
    .tp_as_mapping = &mappingproxy_as_mapping,
    .tp_hash = mappingproxy_hash,
    .tp_str = mappingproxy_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING,
    .tp_doc = mappingproxy_doc,
    .tp_traverse = mappingproxy_traverse,
    .tp_richcompare = mappingproxy_richcompare,
    .tp_iter = mappingproxy_getiter,
    .tp_methods = mappingproxy_methods,
    .tp_new = mappingproxy_new,
};

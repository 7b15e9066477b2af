/* types.SimpleNamespace: an object whose attributes are what it was made with.

   Locking: that of its dict. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_global_ids.h"
#include "pycore_modsupport.h"
#include "pycore_namespace.h"
#include "pycore_object.h"

#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *ns_dict;      /* const */
} namespaceobject;

static PyObject *
namespace_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    ((namespaceobject *)self)->ns_dict = PyDict_New();
    if (((namespaceobject *)self)->ns_dict == NULL) {
        Py_CLEAR(self);
    }
    return self;
}

static int
namespace_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    PyObject *dict = ((namespaceobject *)op)->ns_dict, *source = NULL;
    if (!PyArg_UnpackTuple(args, _PyType_Name(Py_TYPE(op)), 0, 1, &source)) {
        return -1;
    }
    if (source != NULL) {
        PyObject *copy;
        if (PyDict_CheckExact(source)) {
            copy = Py_NewRef(source);
        }
        else {
            copy = PyObject_CallOneArg((PyObject *)&PyDict_Type, source);
        }
        int bad = copy == NULL || !PyArg_ValidateKeywordArguments(copy) || PyDict_Update(dict, copy) < 0;
        Py_XDECREF(copy);
        if (bad) {
            return -1;
        }
    }
    if (kwds == NULL) {
        return 0;
    }
    return !PyArg_ValidateKeywordArguments(kwds) ? -1 : PyDict_Update(dict, kwds);
}

static void
namespace_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((namespaceobject *)op)->ns_dict);
    Py_TYPE(op)->tp_free(op);
}

static int
namespace_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((namespaceobject *)op)->ns_dict);
    return 0;
}

static int
namespace_clear(PyObject *op)
{
    Py_CLEAR(((namespaceobject *)op)->ns_dict);
    return 0;
}

static PyObject *
namespace_repr(PyObject *op)
{
    int again = Py_ReprEnter(op);
    const char *name = Py_IS_TYPE(op, &_PyNamespace_Type) ? "namespace" : _PyType_Name(Py_TYPE(op));
    if (again != 0) {
        return again > 0 ? PyUnicode_FromFormat("%s(...)", name) : NULL;
    }
    PyObject *parts = PyList_New(0), *keys = PyDict_Keys(((namespaceobject *)op)->ns_dict), *result = NULL;
    for (Py_ssize_t i = 0; parts != NULL && keys != NULL && i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i), *value;
        if (!PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) == 0) {
            continue;
        }
        if (PyDict_GetItemRef(((namespaceobject *)op)->ns_dict, key, &value) <= 0) {
            continue;
        }
        PyObject *part = PyUnicode_FromFormat("%U=%R", key, value);
        Py_DECREF(value);
        if (part == NULL || PyList_Append(parts, part) < 0) {
            Py_CLEAR(parts);
        }
        Py_XDECREF(part);
    }
    if (parts != NULL && keys != NULL) {
        PyObject *comma = PyUnicode_FromString(", ");
        PyObject *joined = comma ? PyUnicode_Join(comma, parts) : NULL;
        result = joined ? PyUnicode_FromFormat("%s(%U)", name, joined) : NULL;
        Py_XDECREF(comma);
        Py_XDECREF(joined);
    }
    Py_XDECREF(parts);
    Py_XDECREF(keys);
    Py_ReprLeave(op);
    return result;
}

static PyObject *
namespace_richcompare(PyObject *a, PyObject *b, int op)
{
    if (PyObject_TypeCheck(a, &_PyNamespace_Type) && PyObject_TypeCheck(b, &_PyNamespace_Type)) {
        return PyObject_RichCompare(((namespaceobject *)a)->ns_dict, ((namespaceobject *)b)->ns_dict, op);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
namespace___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O()O", Py_TYPE(op), ((namespaceobject *)op)->ns_dict);
}

static PyObject *
namespace___replace__(PyObject *op, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoPositional("__replace__", args)) {
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs((PyObject *)Py_TYPE(op));
    if (result == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(result, &_PyNamespace_Type)) {
        PyErr_Format(PyExc_TypeError, "expect %N type, but %T() returned '%T' object", &_PyNamespace_Type, op, result);
        Py_DECREF(result);
        return NULL;
    }
    PyObject *dict = ((namespaceobject *)result)->ns_dict;
    if (PyDict_Update(dict, ((namespaceobject *)op)->ns_dict) < 0 || (kwds != NULL && PyDict_Update(dict, kwds) < 0)) {
        Py_CLEAR(result);
    }
    return result;
}

static PyMethodDef namespace_methods[] = {
    PY_METHOD(namespace, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    PY_METHOD(namespace, __replace__, METH_VARARGS | METH_KEYWORDS, "($self, /, **changes)", "A copy with changed attributes."),
    {0}
};

static PyMemberDef namespace_members[] = {
    {"__dict__", _Py_T_OBJECT, offsetof(namespaceobject, ns_dict), Py_READONLY},
    {NULL}
};

PyTypeObject _PyNamespace_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "types.SimpleNamespace",
    .tp_basicsize = sizeof(namespaceobject),
    .tp_dealloc = namespace_dealloc,
    .tp_repr = namespace_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nAn object with these attributes.",
    .tp_traverse = namespace_traverse,
    .tp_clear = namespace_clear,
    .tp_richcompare = namespace_richcompare,
    .tp_methods = namespace_methods,
    .tp_members = namespace_members,
    .tp_dictoffset = offsetof(namespaceobject, ns_dict),
    .tp_init = namespace_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = namespace_new,
    .tp_free = PyObject_GC_Del,
};

PyObject *
_PyNamespace_New(PyObject *kwds)
{
    PyObject *self = namespace_new(&_PyNamespace_Type, NULL, NULL);
    if (self != NULL && kwds != NULL && PyDict_Update(((namespaceobject *)self)->ns_dict, kwds) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

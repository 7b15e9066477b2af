/* collections.defaultdict: a dict that makes missing values. */
#include "collections_private.h"
#include "pycore_pyerrors.h"     // _PyErr_SetKeyError
#include "pycore_typeobject.h"   // _PyType_Name

typedef struct {
    PyDictObject dict;               // first
    PyObject *default_factory;       // NULL or a callable; atomic
} defdictobject;

#define DD(op) ((defdictobject *)(op))

static PyObject *
factory_ref(PyObject *self)
{
    _PyContainer_Touch(self);
    return Py_XNewRef(_PyContainer_Peek(DD(self)->default_factory));
}

static PyObject *
defdict___missing__(PyObject *self, PyObject *key)
{
    PyObject *factory = factory_ref(self);
    if (factory == NULL || factory == Py_None) {
        Py_XDECREF(factory);
        _PyErr_SetKeyError(key);
        return NULL;
    }
    PyObject *value = PyObject_CallNoArgs(factory);
    Py_DECREF(factory);
    if (value == NULL) {
        return NULL;
    }
    if (Py_TYPE(self)->tp_as_mapping->mp_ass_subscript == PyDict_Type.tp_as_mapping->mp_ass_subscript) {
        /* Another thread may have made one meanwhile: everybody gets the same. */
        PyObject *winner;
        int error = PyDict_SetDefaultRef(self, key, value, &winner);
        Py_DECREF(value);
        return error < 0 ? NULL : winner;
    }
    if (PyObject_SetItem(self, key, value) < 0) {
        Py_DECREF(value);
        return NULL;
    }
    return value;
}

static PyObject *
new_like(PyObject *self, PyObject *items)
{
    PyObject *factory = factory_ref(self);
    PyObject *result = PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(self), factory == NULL ? Py_None : factory,
                                                    items, NULL);
    Py_XDECREF(factory);
    return result;
}

static PyObject *
defdict_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_like(self, self);
}

static PyObject *
defdict___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *factory = factory_ref(self);
    PyObject *args = factory == NULL || factory == Py_None ? PyTuple_New(0) : PyTuple_Pack(1, factory);
    Py_XDECREF(factory);
    PyObject *items = args == NULL ? NULL : PyObject_CallMethodNoArgs(self, _Py_ID(items));
    PyObject *iter = items == NULL ? NULL : PyObject_GetIter(items);
    Py_XDECREF(items);
    if (iter == NULL) {
        Py_XDECREF(args);
        return NULL;
    }
    return Py_BuildValue("ONOON", Py_TYPE(self), args, Py_None, Py_None, iter);
}

static void
defdict_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(DD(self)->default_factory);
    PyDict_Type.tp_dealloc(self);
    Py_DECREF(type);
}

static int
defdict_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(DD(self)->default_factory);
    return PyDict_Type.tp_traverse(self, visit, arg);
}

static int
defdict_tp_clear(PyObject *self)
{
    Py_CLEAR(DD(self)->default_factory);
    return PyDict_Type.tp_clear(self);
}

static PyObject *
factory_repr(PyObject *factory)
{
    if (factory == NULL) {
        return PyUnicode_FromString("None");
    }
    int entered = Py_ReprEnter(factory);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromString("...");
    }
    PyObject *result = PyObject_Repr(factory);
    Py_ReprLeave(factory);
    return result;
}

static PyObject *
defdict_repr(PyObject *self)
{
    PyObject *items = PyDict_Type.tp_repr(self);
    if (items == NULL) {
        return NULL;
    }
    PyObject *factory = factory_ref(self);
    PyObject *text = factory_repr(factory);
    Py_XDECREF(factory);
    PyObject *result = text == NULL ? NULL
                     : PyUnicode_FromFormat("%s(%U, %U)", _PyType_Name(Py_TYPE(self)), text, items);
    Py_XDECREF(text);
    Py_DECREF(items);
    return result;
}

static PyObject *
defdict_or(PyObject *left, PyObject *right)
{
    if (!PyDict_Check(left) || !PyDict_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *self = left;
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(left), &_PyCollections_module);
    if (module == NULL) {
        PyErr_Clear();
        self = right;
    }
    else if (!PyObject_TypeCheck(left, collections_get_state(module)->defdict_type)) {
        self = right;
    }
    PyObject *result = new_like(self, left);
    if (result != NULL && PyDict_Update(result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* (default_factory=None, /, ...): the rest is for dict. */
static int
defdict_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *factory = NULL, *rest;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 0) {
        factory = PyTuple_GET_ITEM(args, 0);
        if (!PyCallable_Check(factory) && factory != Py_None) {
            PyErr_SetString(PyExc_TypeError, "first argument must be callable or None");
            return -1;
        }
    }
    rest = PySequence_GetSlice(args, n > 0 ? 1 : 0, n);
    if (rest == NULL) {
        return -1;
    }
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(self);
    _PyContainer_Write(self);
    old = DD(self)->default_factory;
    FT_ATOMIC_STORE_PTR_RELEASE(DD(self)->default_factory, Py_XNewRef(factory));
    Py_END_CRITICAL_SECTION();
    int error = PyDict_Type.tp_init(self, rest, kwds);
    Py_DECREF(rest);
    _Py_RetireRef(self, old);
    return error;
}

static PyMethodDef defdict_methods[] = {
    PY_METHOD(defdict, __missing__, METH_O, "($self, object, /)",
              "Value for a missing key: default_factory(), which is stored too; KeyError without one."),
    PY_METHOD(defdict, copy, METH_NOARGS, "($self, /)", "Return a shallow copy."),
    PY_METHOD_AS("__copy__", defdict_copy, METH_NOARGS, "($self, /)", "Return a shallow copy."),
    PY_METHOD(defdict, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "defaultdict[K, V], for annotations."),
    {0}
};

static PyMemberDef defdict_members[] = {
    {"default_factory", _Py_T_OBJECT, offsetof(defdictobject, default_factory), 0,
     "Called without arguments for the value of a missing key."},
    {0}
};

static PyType_Slot defdict_slots[] = {
    {Py_tp_dealloc, defdict_dealloc},
    {Py_tp_repr, defdict_repr},
    {Py_nb_or, defdict_or},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, "defaultdict(default_factory=None, /, [...])\n--\n\n"
                "A dict that calls default_factory for the value of a key that is missing; the rest as for dict."},
    {Py_tp_traverse, defdict_traverse},
    {Py_tp_clear, defdict_tp_clear},
    {Py_tp_methods, defdict_methods},
    {Py_tp_members, defdict_members},
    {Py_tp_init, defdict_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

PyType_Spec _PyDefDict_spec = {
    .name = "collections.defaultdict",
    .basicsize = sizeof(defdictobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = defdict_slots,
};

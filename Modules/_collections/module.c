/* _collections: the C half of collections.  Also _tuplegetter, the attributes of named tuples, and _count_elements. */
#include "collections_private.h"
#include "pycore_dict.h"         // _PyDict_SetItem_KnownHash_LockHeld
#include "pycore_long.h"         // _PyLong_GetOne
#include "pycore_typeobject.h"   // _PyType_LookupRef

/* -- _tuplegetter --------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;     // const
    PyObject *doc;        // __doc__; assigned through the member
} tuplegetterobject;

#define GETTER(op) ((tuplegetterobject *)(op))

static PyObject *
tuplegetter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoKeywords("_tuplegetter", kwds)
        || !_PyArg_CheckPositional("_tuplegetter", PyTuple_GET_SIZE(args), 2, 2)) {
        return NULL;
    }
    PyObject *number = PyNumber_Index(PyTuple_GET_ITEM(args, 0));
    if (number == NULL) {
        return NULL;
    }
    Py_ssize_t index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    tuplegetterobject *self = (tuplegetterobject *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->index = index;
        self->doc = Py_NewRef(PyTuple_GET_ITEM(args, 1));
    }
    return (PyObject *)self;
}

static PyObject *
tuplegetter_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    if (obj == NULL) {
        return Py_NewRef(self);
    }
    if (!PyTuple_Check(obj)) {
        if (obj == Py_None) {
            return Py_NewRef(self);
        }
        PyErr_Format(PyExc_TypeError, "descriptor for index '%zd' for tuple subclasses doesn't apply to '%s' object",
                     GETTER(self)->index, Py_TYPE(obj)->tp_name);
        return NULL;
    }
    if ((size_t)GETTER(self)->index >= (size_t)PyTuple_GET_SIZE(obj)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(PyTuple_GET_ITEM(obj, GETTER(self)->index));
}

static int
tuplegetter_descr_set(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(obj), PyObject *value)
{
    PyErr_SetString(PyExc_AttributeError, value == NULL ? "can't delete attribute" : "can't set attribute");
    return -1;
}

static int
tuplegetter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(GETTER(self)->doc);
    return 0;
}

static int
tuplegetter_clear(PyObject *self)
{
    Py_CLEAR(GETTER(self)->doc);
    return 0;
}

static void
tuplegetter_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    tuplegetter_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
tuplegetter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(O(nO))", Py_TYPE(self), GETTER(self)->index, GETTER(self)->doc);
}

static PyObject *
tuplegetter_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%s(%zd, %R)", _PyType_Name(Py_TYPE(self)), GETTER(self)->index, GETTER(self)->doc);
}

static PyMemberDef tuplegetter_members[] = {
    {"__doc__", _Py_T_OBJECT, offsetof(tuplegetterobject, doc), 0},
    {0}
};

static PyMethodDef tuplegetter_methods[] = {
    PY_METHOD(tuplegetter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

static PyType_Slot tuplegetter_slots[] = {
    {Py_tp_dealloc, tuplegetter_dealloc},
    {Py_tp_repr, tuplegetter_repr},
    {Py_tp_traverse, tuplegetter_traverse},
    {Py_tp_clear, tuplegetter_clear},
    {Py_tp_methods, tuplegetter_methods},
    {Py_tp_members, tuplegetter_members},
    {Py_tp_descr_get, tuplegetter_descr_get},
    {Py_tp_descr_set, tuplegetter_descr_set},
    {Py_tp_new, tuplegetter_new},
    {0, NULL}
};

PyType_Spec _PyTupleGetter_spec = {
    .name = "collections._tuplegetter",
    .basicsize = sizeof(tuplegetterobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = tuplegetter_slots,
};

/* -- _count_elements -------------------------------------------------------- */

/* Does mapping use dict's own method of this name? */
static int
uses_dict_method(PyObject *mapping, PyObject *name)
{
    PyObject *own = _PyType_LookupRef(Py_TYPE(mapping), name);
    PyObject *dicts = _PyType_LookupRef(&PyDict_Type, name);
    int same = own != NULL && own == dicts;
    Py_XDECREF(own);
    Py_XDECREF(dicts);
    return same;
}

static int
count_in_dict_lock_held(PyObject *mapping, PyObject *key, Py_hash_t hash)
{
    PyObject *old;
    int found = _PyDict_GetItemRef_KnownHash_LockHeld((PyDictObject *)mapping, key, hash, &old);
    if (found < 0) {
        return -1;
    }
    PyObject *count = found ? PyNumber_Add(old, _PyLong_GetOne()) : Py_NewRef(_PyLong_GetOne());
    Py_XDECREF(old);
    if (count == NULL) {
        return -1;
    }
    int error = _PyDict_SetItem_KnownHash_LockHeld((PyDictObject *)mapping, key, count, hash);
    Py_DECREF(count);
    return error;
}

static int
count_in_dict(PyObject *mapping, PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        return -1;
    }
    int error;
    Py_BEGIN_CRITICAL_SECTION(mapping);
    error = count_in_dict_lock_held(mapping, key, hash);
    Py_END_CRITICAL_SECTION();
    return error;
}

static int
count_by_methods(PyObject *mapping, PyObject *get, PyObject *key, PyObject *zero)
{
    PyObject *old = PyObject_CallFunctionObjArgs(get, key, zero, NULL);
    PyObject *count = old == NULL ? NULL : PyNumber_Add(old, _PyLong_GetOne());
    Py_XDECREF(old);
    int error = count == NULL ? -1 : PyObject_SetItem(mapping, key, count);
    Py_XDECREF(count);
    return error;
}

static PyObject *
collections__count_elements(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_count_elements", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *mapping = args[0], *get = NULL, *key;
    PyObject *iter = PyObject_GetIter(args[1]);
    if (iter == NULL) {
        return NULL;
    }
    int plain = PyDict_Check(mapping) && uses_dict_method(mapping, _Py_ID(get))
             && uses_dict_method(mapping, _Py_ID(__setitem__));
    int error = 0;
    if (!plain && (get = PyObject_GetAttr(mapping, _Py_ID(get))) == NULL) {
        error = -1;
    }
    while (error == 0 && (key = PyIter_Next(iter)) != NULL) {
        error = plain ? count_in_dict(mapping, key) : count_by_methods(mapping, get, key, _PyLong_GetZero());
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    Py_XDECREF(get);
    return error < 0 || PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* -- The module -------------------------------------------------------------- */

static PyMethodDef collections_methods[] = {
    PY_METHOD(collections, _count_elements, METH_FASTCALL, "($module, mapping, iterable, /)",
              "Add the elements of iterable to the counts in mapping."),
    {0}
};

static int
collections_traverse(PyObject *module, visitproc visit, void *arg)
{
    collections_state *state = collections_get_state(module);
    Py_VISIT(state->deque_type);
    Py_VISIT(state->defdict_type);
    Py_VISIT(state->dequeiter_type);
    Py_VISIT(state->dequereviter_type);
    Py_VISIT(state->tuplegetter_type);
    return 0;
}

static int
collections_clear(PyObject *module)
{
    collections_state *state = collections_get_state(module);
    Py_CLEAR(state->deque_type);
    Py_CLEAR(state->defdict_type);
    Py_CLEAR(state->dequeiter_type);
    Py_CLEAR(state->dequereviter_type);
    Py_CLEAR(state->tuplegetter_type);
    return 0;
}

static void
collections_free(void *module)
{
    (void)collections_clear((PyObject *)module);
}

static int
add_type(PyObject *module, PyTypeObject **slot, PyType_Spec *spec, PyTypeObject *base, int public)
{
    *slot = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, (PyObject *)base);
    if (*slot == NULL) {
        return -1;
    }
    return public ? PyModule_AddType(module, *slot) : 0;
}

static int
collections_exec(PyObject *module)
{
    collections_state *state = collections_get_state(module);
    if (add_type(module, &state->deque_type, &_PyDeque_spec, NULL, 1) < 0
        || add_type(module, &state->defdict_type, &_PyDefDict_spec, &PyDict_Type, 1) < 0
        || add_type(module, &state->dequeiter_type, &_PyDequeIter_spec, NULL, 1) < 0
        || add_type(module, &state->dequereviter_type, &_PyDequeRevIter_spec, NULL, 0) < 0
        || add_type(module, &state->tuplegetter_type, &_PyTupleGetter_spec, NULL, 1) < 0) {
        return -1;
    }
    return PyModule_AddType(module, &PyODict_Type);
}

static PyModuleDef_Slot collections_slots[] = {
    {Py_mod_exec, collections_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

struct PyModuleDef _PyCollections_module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_collections",
    .m_doc = "Fast containers: deque, defaultdict, OrderedDict.",
    .m_size = sizeof(collections_state),
    .m_methods = collections_methods,
    .m_slots = collections_slots,
    .m_traverse = collections_traverse,
    .m_clear = collections_clear,
    .m_free = collections_free,
};

PyMODINIT_FUNC
PyInit__collections(void)
{
    return PyModuleDef_Init(&_PyCollections_module);
}

/* Iterators over keys, values and items, forwards and backwards.

   An iterator remembers how many items the dict had; another number is an error.  Forward steps over a combined table
   read without a lock, the others hold the dict's mutex for the step.  di_dict becomes NULL at the end (atomic); the
   counters are relaxed, because a shared iterator only promises not to break. */
#include "dict_private.h"
#include "pycore_args.h"     // PY_METHOD_AS
#include "pycore_ceval.h"    // _PyEval_GetBuiltin
#include "pycore_tuple.h"    // _PyTuple_Recycle

typedef struct {
    PyObject_HEAD
    PyDictObject *di_dict;   // atomic: NULL when exhausted
    Py_ssize_t di_used;      // relaxed: -1 after the dict changed size
    Py_ssize_t di_pos;       // relaxed
    Py_ssize_t di_left;      // relaxed: items still expected
    PyObject *di_result;     // items: the pair of the last step, used again if nobody kept it
} dictiterobject;

static int
is_reverse(PyTypeObject *type)
{
    return type == &PyDictRevIterKey_Type || type == &PyDictRevIterValue_Type
        || type == &PyDictRevIterItem_Type;
}

static Py_ssize_t
last_position_lock_held(PyDictObject *mp)
{
    return dict_has_split_table(mp) ? mp->ma_used - 1 : mp->ma_keys->dk_nentries - 1;
}

PyObject *
_PyDict_NewIterator(PyDictObject *dict, PyTypeObject *itertype)
{
    Py_ssize_t pos = 0;
    PyObject *pair = NULL;
    if (itertype == &PyDictIterItem_Type || itertype == &PyDictRevIterItem_Type) {
        pair = _PyTuple_FromPair(Py_None, Py_None);
        if (pair == NULL) {
            return NULL;
        }
    }
    dictiterobject *di = PyObject_GC_New(dictiterobject, itertype);
    if (di == NULL) {
        Py_XDECREF(pair);
        return NULL;
    }
    if (is_reverse(itertype)) {
        Py_BEGIN_CRITICAL_SECTION(dict);
        pos = last_position_lock_held(dict);
        Py_END_CRITICAL_SECTION();
    }
    di->di_dict = (PyDictObject *)Py_NewRef(dict);
    di->di_used = dict_used((PyObject *)dict);
    di->di_left = di->di_used;
    di->di_pos = pos;
    di->di_result = pair;
    _PyObject_GC_TRACK(di);
    return (PyObject *)di;
}

static void
dictiter_dealloc(PyObject *self)
{
    dictiterobject *di = (dictiterobject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(di->di_dict);
    Py_XDECREF(di->di_result);
    PyObject_GC_Del(self);
}

static int
dictiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    dictiterobject *di = (dictiterobject *)self;
    Py_VISIT(di->di_dict);
    Py_VISIT(di->di_result);
    return 0;
}

/* -- One step --------------------------------------------------------- */

static int
next_ref_lock_held(PyDictObject *mp, Py_ssize_t *pos, PyObject **key, PyObject **value)
{
    Py_hash_t hash;
    if (!_PyDict_Next_lock_held(mp, pos, key, value, &hash)) {
        return 0;
    }
    Py_INCREF(*key);
    Py_INCREF(*value);
    return 1;
}

static int
previous_ref_lock_held(PyDictObject *mp, Py_ssize_t *pos, PyObject **key, PyObject **value)
{
    Py_ssize_t i = *pos;
    PyDictKeysObject *dk = mp->ma_keys;
    if (DK_IS_SPLIT(dk)) {
        if (i < 0 || i >= mp->ma_used) {
            return 0;
        }
        Py_ssize_t ix = get_insertion_order_array(mp->ma_values)[i];
        *key = Py_NewRef(DK_UNICODE_ENTRIES(dk)[ix].me_key);
        *value = Py_NewRef(mp->ma_values->values[ix]);
        *pos = i - 1;
        return 1;
    }
    i = Py_MIN(i, dk->dk_nentries - 1);
    for (; i >= 0; i--) {
        if (*_PyDictKeys_ValueSlot(dk, i) != NULL) {
            *key = Py_NewRef(*_PyDictKeys_KeySlot(dk, i));
            *value = Py_NewRef(*_PyDictKeys_ValueSlot(dk, i));
            *pos = i - 1;
            return 1;
        }
    }
    return 0;
}

static int
locked_step(PyDictObject *mp, int reverse, Py_ssize_t *pos, PyObject **key, PyObject **value)
{
    int found;
    Py_INCREF(mp);      // waiting for the mutex is a quiescent point
    Py_BEGIN_CRITICAL_SECTION(mp);
    found = reverse ? previous_ref_lock_held(mp, pos, key, value)
                    : next_ref_lock_held(mp, pos, key, value);
    Py_END_CRITICAL_SECTION();
    Py_DECREF(mp);
    return found;
}

/* 1: key and value are new references; 0: the end, or an exception. */
static inline int
dictiter_step(dictiterobject *di, int reverse, PyObject **key, PyObject **value)
{
    _PyContainer_Touch(di);
    PyDictObject *mp = (PyDictObject *)_PyContainer_PeekContainer(di->di_dict);
    if (mp == NULL) {
        return 0;
    }
    if (FT_ATOMIC_LOAD_SSIZE_RELAXED(di->di_used) != dict_used((PyObject *)mp)) {
        PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
        FT_ATOMIC_STORE_SSIZE_RELAXED(di->di_used, -1);     // and stays wrong
        return 0;
    }
    Py_ssize_t pos = FT_ATOMIC_LOAD_SSIZE_RELAXED(di->di_pos);
    int found;
    if (!reverse && !DK_IS_SPLIT(_PyDict_Keys_lockfree(mp))) {
        found = next_ref_lock_held(mp, &pos, key, value);
    }
    else {
        found = locked_step(mp, reverse, &pos, key, value);
    }
    if (found) {
        Py_ssize_t left = FT_ATOMIC_LOAD_SSIZE_RELAXED(di->di_left);
        if (left > 0) {
            FT_ATOMIC_STORE_SSIZE_RELAXED(di->di_pos, pos);
            FT_ATOMIC_STORE_SSIZE_RELAXED(di->di_left, left - 1);
            return 1;
        }
        Py_DECREF(*key);
        Py_DECREF(*value);
        PyErr_SetString(PyExc_RuntimeError, "dictionary keys changed during iteration");
    }
    _PyContainer_ClearSlot(di, di->di_dict);
    return 0;
}

static inline PyObject *
next_key(PyObject *self, int reverse)
{
    PyObject *key, *value;
    if (!dictiter_step((dictiterobject *)self, reverse, &key, &value)) {
        return NULL;
    }
    Py_DECREF(value);
    return key;
}

static inline PyObject *
next_value(PyObject *self, int reverse)
{
    PyObject *key, *value;
    if (!dictiter_step((dictiterobject *)self, reverse, &key, &value)) {
        return NULL;
    }
    Py_DECREF(key);
    return value;
}

static inline PyObject *
next_item(PyObject *self, int reverse)
{
    dictiterobject *di = (dictiterobject *)self;
    PyObject *key, *value;
    if (!dictiter_step(di, reverse, &key, &value)) {
        return NULL;
    }
    PyObject *pair = di->di_result;
    if (Py_REFCNT(pair) != 1 || _PyContainer_HasReaders(di)) {
        return _PyTuple_FromPairSteal(key, value);
    }
    PyObject *old_key = PyTuple_GET_ITEM(pair, 0), *old_value = PyTuple_GET_ITEM(pair, 1);
    PyTuple_SET_ITEM(pair, 0, key);
    PyTuple_SET_ITEM(pair, 1, value);
    Py_INCREF(pair);
    _PyTuple_Recycle(pair);
    Py_DECREF(old_key);
    Py_DECREF(old_value);
    return pair;
}

static PyObject *dictiter_next_key(PyObject *self) { return next_key(self, 0); }
static PyObject *dictiter_next_value(PyObject *self) { return next_value(self, 0); }
static PyObject *dictiter_next_item(PyObject *self) { return next_item(self, 0); }
static PyObject *dictreviter_next_key(PyObject *self) { return next_key(self, 1); }
static PyObject *dictreviter_next_value(PyObject *self) { return next_value(self, 1); }
static PyObject *dictreviter_next_item(PyObject *self) { return next_item(self, 1); }

/* -- Methods ---------------------------------------------------------- */

static PyObject *
dictiter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dictiterobject *di = (dictiterobject *)self;
    Py_ssize_t left = 0;
    _PyContainer_Touch(self);
    PyObject *dict = _PyContainer_Peek(di->di_dict);
    if (dict != NULL && FT_ATOMIC_LOAD_SSIZE_RELAXED(di->di_used) == dict_used(dict)) {
        left = FT_ATOMIC_LOAD_SSIZE_RELAXED(di->di_left);
    }
    return PyLong_FromSsize_t(left);
}

/* What is left, without advancing self. */
static PyObject *
remaining_items(dictiterobject *di)
{
    _PyContainer_Touch(di);
    PyDictObject *mp = (PyDictObject *)Py_XNewRef(_PyContainer_Peek(di->di_dict));
    if (mp == NULL) {
        return PyList_New(0);
    }
    dictiterobject *twin = (dictiterobject *)_PyDict_NewIterator(mp, Py_TYPE(di));
    Py_DECREF(mp);
    if (twin == NULL) {
        return NULL;
    }
    twin->di_used = di->di_used;
    twin->di_pos = di->di_pos;
    twin->di_left = di->di_left;
    PyObject *list = PySequence_List((PyObject *)twin);
    Py_DECREF(twin);
    return list;
}

static PyObject *
dictiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *list = remaining_items((dictiterobject *)self);
    return list == NULL ? NULL : Py_BuildValue("N(N)", _PyEval_GetBuiltin(_Py_ID(iter)), list);
}

static PyMethodDef dictiter_methods[] = {
    PY_METHOD(dictiter, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left, as a guess."),
    PY_METHOD(dictiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

/* One row: a type whose name and step function are given. */
#define DICT_ITERATOR(Type, name, step)                           \
    PyTypeObject Type = {                                         \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                    \
        .tp_name = name,                                          \
        .tp_basicsize = sizeof(dictiterobject),                   \
        .tp_dealloc = dictiter_dealloc,                           \
        .tp_getattro = PyObject_GenericGetAttr,                   \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,      \
        .tp_traverse = dictiter_traverse,                         \
        .tp_iter = PyObject_SelfIter,                             \
        .tp_iternext = step,                                      \
        .tp_methods = dictiter_methods,                           \
    }

DICT_ITERATOR(PyDictIterKey_Type, "dict_keyiterator", dictiter_next_key);
DICT_ITERATOR(PyDictIterValue_Type, "dict_valueiterator", dictiter_next_value);
DICT_ITERATOR(PyDictIterItem_Type, "dict_itemiterator", dictiter_next_item);
DICT_ITERATOR(PyDictRevIterKey_Type, "dict_reversekeyiterator", dictreviter_next_key);
DICT_ITERATOR(PyDictRevIterValue_Type, "dict_reversevalueiterator", dictreviter_next_value);
DICT_ITERATOR(PyDictRevIterItem_Type, "dict_reverseitemiterator", dictreviter_next_item);

PyObject *
_PyDict_Iter(PyObject *self)
{
    return _PyDict_NewIterator((PyDictObject *)self, &PyDictIterKey_Type);
}

PyObject *
_PyDict_ReverseKeys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDict_NewIterator((PyDictObject *)self, &PyDictRevIterKey_Type);
}

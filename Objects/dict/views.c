/* Views: keys(), values(), items().  A view holds its dict (const) and nothing else.  Keys and items behave as sets. */
#include "dict_private.h"
#include "pycore_args.h"       // PY_METHOD
#include "pycore_setobject.h"  // _PySet_Update
#include "pycore_tuple.h"      // _PyTuple_FromPair

#define VIEW_DICT(view) (((_PyDictViewObject *)(view))->dv_dict)

PyObject *
_PyDictView_New(PyObject *dict, PyTypeObject *type)
{
    if (dict == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%s() requires a dict argument, not '%s'",
                     type->tp_name, Py_TYPE(dict)->tp_name);
        return NULL;
    }
    _PyDictViewObject *view = PyObject_GC_New(_PyDictViewObject, type);
    if (view == NULL) {
        return NULL;
    }
    view->dv_dict = (PyDictObject *)Py_NewRef(dict);
    _PyObject_GC_TRACK(view);
    return (PyObject *)view;
}

static void
dictview_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(VIEW_DICT(self));
    PyObject_GC_Del(self);
}

static int
dictview_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(VIEW_DICT(self));
    return 0;
}

static Py_ssize_t
dictview_len(PyObject *self)
{
    return VIEW_DICT(self) == NULL ? 0 : dict_used((PyObject *)VIEW_DICT(self));
}

static PyObject *
dictview_mapping(PyObject *self, void *Py_UNUSED(closure))
{
    return PyDictProxy_New((PyObject *)VIEW_DICT(self));
}

static PyGetSetDef dictview_getset[] = {
    {"mapping", dictview_mapping, NULL, "The dictionary that this view shows, read-only.", NULL},
    {0}
};

static PyObject *
dictview_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("...") : NULL;
    }
    PyObject *result = NULL;
    PyObject *list = PySequence_List(self);
    if (list != NULL) {
        result = PyUnicode_FromFormat("%s(%R)", Py_TYPE(self)->tp_name, list);
        Py_DECREF(list);
    }
    Py_ReprLeave(self);
    return result;
}

static PyObject *
dictview_iterate(PyObject *self, PyTypeObject *itertype)
{
    if (VIEW_DICT(self) == NULL) {
        Py_RETURN_NONE;
    }
    return _PyDict_NewIterator(VIEW_DICT(self), itertype);
}

/* -- Comparing -------------------------------------------------------- */

static int
all_contained_in(PyObject *self, PyObject *other)
{
    PyObject *iter = PyObject_GetIter(self);
    if (iter == NULL) {
        return -1;
    }
    int ok = 1;
    PyObject *item;
    while (ok > 0 && (item = PyIter_Next(iter)) != NULL) {
        ok = PySequence_Contains(other, item);
        Py_DECREF(item);
    }
    Py_DECREF(iter);
    return PyErr_Occurred() ? -1 : ok;
}

static PyObject *
dictview_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyAnySet_Check(other) && !PyDictViewSet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t len_self = PyObject_Size(self);
    Py_ssize_t len_other = len_self < 0 ? -1 : PyObject_Size(other);
    if (len_other < 0) {
        return NULL;
    }
    int ok = 0;
    switch (op) {
    case Py_NE:
    case Py_EQ:
        ok = len_self == len_other ? all_contained_in(self, other) : 0;
        if (op == Py_NE && ok >= 0) {
            ok = !ok;
        }
        break;
    case Py_LT:
        ok = len_self < len_other ? all_contained_in(self, other) : 0;
        break;
    case Py_LE:
        ok = len_self <= len_other ? all_contained_in(self, other) : 0;
        break;
    case Py_GT:
        ok = len_self > len_other ? all_contained_in(other, self) : 0;
        break;
    case Py_GE:
        ok = len_self >= len_other ? all_contained_in(other, self) : 0;
        break;
    }
    return ok < 0 ? NULL : PyBool_FromLong(ok);
}

/* -- Set operations ---------------------------------------------------- */

/* The answer of method(set, other) is thrown away: the set is the result. */
static PyObject *
set_of_then(PyObject *self, PyObject *method, PyObject *other)
{
    PyObject *result = PySet_New(self);
    if (result == NULL) {
        return NULL;
    }
    PyObject *answer = PyObject_CallMethodOneArg(result, method, other);
    if (answer == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    Py_DECREF(answer);
    return result;
}

static PyObject *
dictviews_sub(PyObject *self, PyObject *other)
{
    return set_of_then(self, _Py_ID(difference_update), other);
}

static PyObject *
dictviews_or(PyObject *self, PyObject *other)
{
    PyObject *result = PySet_New(self);
    if (result != NULL && _PySet_Update(result, other) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* PySequence_Contains of the view's type, which calls no overridden method. */
static int
view_contains(PyObject *view, PyObject *item)
{
    return Py_TYPE(view)->tp_as_sequence->sq_contains(view, item);
}

PyObject *
_PyDictView_Intersect(PyObject *self, PyObject *other)
{
    /* Walk the shorter one; an arbitrary iterable is always walked. */
    if (PyDictViewSet_Check(other) && dictview_len(other) > dictview_len(self)) {
        PyObject *swap = other;
        other = self;
        self = swap;
    }
    if (PySet_CheckExact(other) && PySet_GET_SIZE(other) > dictview_len(self)) {
        return set_of_then(self, _Py_ID(intersection_update), other);
    }
    PyObject *result = PySet_New(NULL);
    PyObject *iter = result == NULL ? NULL : PyObject_GetIter(other);
    if (iter == NULL) {
        Py_XDECREF(result);
        return NULL;
    }
    PyObject *key;
    int ok = 1;
    while (ok >= 0 && (key = PyIter_Next(iter)) != NULL) {
        ok = view_contains(self, key);
        if (ok > 0) {
            ok = PySet_Add(result, key);
        }
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    if (ok < 0 || PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

static int
add_pair(PyObject *set, PyObject *key, PyObject *value)
{
    PyObject *pair = _PyTuple_FromPair(key, value);
    if (pair == NULL) {
        return -1;
    }
    int error = PySet_Add(set, pair);
    Py_DECREF(pair);
    return error;
}

/* One item of d1 against d2, whose rest is what nobody has met yet: only the pairs that differ are hashed. */
static int
xor_one(PyObject *set, PyObject *rest, PyObject *key, PyObject *value, Py_hash_t hash)
{
    PyObject *other;
    int there = _PyDict_FindRef((PyDictObject *)rest, key, hash, &other);
    if (there <= 0) {
        return there < 0 ? -1 : add_pair(set, key, value);
    }
    int same = PyObject_RichCompareBool(value, other, Py_EQ);
    int error = same < 0 ? -1 : 0;
    if (same == 0) {
        error = add_pair(set, key, value) < 0 ? -1 : add_pair(set, key, other);
    }
    Py_DECREF(other);
    return error < 0 ? -1 : _PyDict_Pop_KnownHash((PyDictObject *)rest, key, hash, NULL) < 0 ? -1 : 0;
}

static PyObject *
dictitems_xor(PyObject *self, PyObject *other)
{
    PyObject *mine = PyDict_Copy((PyObject *)VIEW_DICT(self));
    PyObject *rest = PyDict_Copy((PyObject *)VIEW_DICT(other));
    PyObject *result = PySet_New(NULL);
    int error = mine == NULL || rest == NULL || result == NULL ? -1 : 0;
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (error == 0 && _PyDict_Next_lock_held((PyDictObject *)mine, &pos, &key, &value, &hash)) {
        error = xor_one(result, rest, key, value, hash);
    }
    pos = 0;
    while (error == 0 && _PyDict_Next_lock_held((PyDictObject *)rest, &pos, &key, &value, &hash)) {
        error = add_pair(result, key, value);
    }
    Py_XDECREF(mine);
    Py_XDECREF(rest);
    if (error < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
dictviews_xor(PyObject *self, PyObject *other)
{
    if (PyDictItems_Check(self) && PyDictItems_Check(other)) {
        return dictitems_xor(self, other);
    }
    return set_of_then(self, _Py_ID(symmetric_difference_update), other);
}

static int
any_of_in(PyObject *iterable, PyObject *container)
{
    PyObject *iter = PyObject_GetIter(iterable);
    if (iter == NULL) {
        return -1;
    }
    int found = 0;
    PyObject *item;
    while (found == 0 && (item = PyIter_Next(iter)) != NULL) {
        found = PySequence_Contains(container, item);
        Py_DECREF(item);
    }
    Py_DECREF(iter);
    return PyErr_Occurred() ? -1 : found;
}

static PyObject *
dictview_isdisjoint(PyObject *self, PyObject *other)
{
    if (self == other) {
        return PyBool_FromLong(dictview_len(self) == 0);
    }
    int found;
    if ((PyAnySet_CheckExact(other) || PyDictViewSet_Check(other))
        && PyObject_Size(other) > dictview_len(self)) {
        found = any_of_in(self, other);
    }
    else {
        found = any_of_in(other, self);
    }
    return found < 0 ? NULL : PyBool_FromLong(!found);
}

static PyNumberMethods dictviews_as_number = {
    .nb_subtract = dictviews_sub,
    .nb_and = _PyDictView_Intersect,
    .nb_xor = dictviews_xor,
    .nb_or = dictviews_or,
};

/* -- Membership and iteration ------------------------------------------ */

static int
dictkeys_contains(PyObject *self, PyObject *key)
{
    return VIEW_DICT(self) == NULL ? 0 : PyDict_Contains((PyObject *)VIEW_DICT(self), key);
}

static int
dictitems_contains(PyObject *self, PyObject *pair)
{
    if (VIEW_DICT(self) == NULL || !PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        return 0;
    }
    PyObject *found;
    int result = PyDict_GetItemRef((PyObject *)VIEW_DICT(self), PyTuple_GET_ITEM(pair, 0), &found);
    if (result > 0) {
        result = PyObject_RichCompareBool(found, PyTuple_GET_ITEM(pair, 1), Py_EQ);
        Py_DECREF(found);
    }
    return result;
}

static PyObject *dictkeys_iter(PyObject *self) { return dictview_iterate(self, &PyDictIterKey_Type); }
static PyObject *dictvalues_iter(PyObject *self) { return dictview_iterate(self, &PyDictIterValue_Type); }
static PyObject *dictitems_iter(PyObject *self) { return dictview_iterate(self, &PyDictIterItem_Type); }

static PyObject *
dictkeys_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return dictview_iterate(self, &PyDictRevIterKey_Type);
}

static PyObject *
dictvalues_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return dictview_iterate(self, &PyDictRevIterValue_Type);
}

static PyObject *
dictitems_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return dictview_iterate(self, &PyDictRevIterItem_Type);
}

/* -- Types ------------------------------------------------------------ */

#define REVERSED(function) \
    PY_METHOD_AS("__reversed__", function, METH_NOARGS, "($self, /)", "Return an iterator, last item first.")
#define ISDISJOINT \
    PY_METHOD(dictview, isdisjoint, METH_O, "($self, object, /)", "True if the view and the iterable share nothing.")

static PySequenceMethods dictkeys_as_sequence = {.sq_length = dictview_len, .sq_contains = dictkeys_contains};
static PySequenceMethods dictitems_as_sequence = {.sq_length = dictview_len, .sq_contains = dictitems_contains};
static PySequenceMethods dictvalues_as_sequence = {.sq_length = dictview_len};

static PyMethodDef dictkeys_methods[] = {ISDISJOINT, REVERSED(dictkeys_reversed), {0}};
static PyMethodDef dictitems_methods[] = {ISDISJOINT, REVERSED(dictitems_reversed), {0}};
static PyMethodDef dictvalues_methods[] = {REVERSED(dictvalues_reversed), {0}};

/* What the three view types have in common. */
#define DICT_VIEW_SLOTS(name)                                 \
    PyVarObject_HEAD_INIT(&PyType_Type, 0)                    \
    .tp_name = name,                                          \
    .tp_basicsize = sizeof(_PyDictViewObject),                \
    .tp_dealloc = dictview_dealloc,                           \
    .tp_repr = dictview_repr,                                 \
    .tp_getattro = PyObject_GenericGetAttr,                   \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,      \
    .tp_traverse = dictview_traverse,                         \
    .tp_getset = dictview_getset

PyTypeObject PyDictKeys_Type = {
    DICT_VIEW_SLOTS("dict_keys"),
    .tp_as_number = &dictviews_as_number,
    .tp_as_sequence = &dictkeys_as_sequence,
    .tp_richcompare = dictview_richcompare,
    .tp_iter = dictkeys_iter,
    .tp_methods = dictkeys_methods,
};

PyTypeObject PyDictItems_Type = {
    DICT_VIEW_SLOTS("dict_items"),
    .tp_as_number = &dictviews_as_number,
    .tp_as_sequence = &dictitems_as_sequence,
    .tp_richcompare = dictview_richcompare,
    .tp_iter = dictitems_iter,
    .tp_methods = dictitems_methods,
};

PyTypeObject PyDictValues_Type = {
    DICT_VIEW_SLOTS("dict_values"),
    .tp_as_sequence = &dictvalues_as_sequence,
    .tp_iter = dictvalues_iter,
    .tp_methods = dictvalues_methods,
};

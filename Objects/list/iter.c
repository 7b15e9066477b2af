/* List iterators, forwards and backwards.  it_seq becomes NULL at the end (atomic); the index is relaxed: a shared
   iterator may hand out an item twice, but does not break. */
#include "list_private.h"
#include "pycore_args.h"     // PY_METHOD
#include "pycore_ceval.h"    // _PyEval_GetBuiltin

#define ITER(op) ((_PyListIterObject *)(op))
#define LOAD_INDEX(it)     FT_ATOMIC_LOAD_SSIZE_RELAXED((it)->it_index)
#define STORE_INDEX(it, i) FT_ATOMIC_STORE_SSIZE_RELAXED((it)->it_index, i)

static PyObject *
new_iterator(PyTypeObject *type, PyObject *list, Py_ssize_t index)
{
    _PyListIterObject *it = PyObject_GC_New(_PyListIterObject, type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = index;
    it->it_seq = (PyListObject *)Py_NewRef(list);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

PyObject *
_PyList_Iter(PyObject *self)
{
    if (!PyList_Check(self)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return new_iterator(&PyListIter_Type, self, 0);
}

PyObject *
_PyList_Reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_iterator(&PyListRevIter_Type, self, list_size(self) - 1);
}

static void
listiter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(ITER(self)->it_seq);
    PyObject_GC_Del(self);
}

static int
listiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(ITER(self)->it_seq);
    return 0;
}

static inline PyObject *
item_at(PyObject *list, Py_ssize_t i)
{
    PyObject *item = _PyList_GetItemRef_lockfree(list, i);
    return item != NULL ? item : _PyList_ItemOrNull(LIST(list), i);
}

static PyObject *
listiter_next(PyObject *self)
{
    _PyListIterObject *it = ITER(self);
    _PyContainer_Touch(self);
    PyObject *list = _PyContainer_PeekContainer(it->it_seq);
    if (list == NULL) {
        return NULL;
    }
    Py_ssize_t i = LOAD_INDEX(it);
    PyObject *item = item_at(list, i);
    if (item == NULL) {
        _PyContainer_ClearSlot(it, it->it_seq);
        return NULL;
    }
    STORE_INDEX(it, i + 1);
    return item;
}

static PyObject *
listreviter_next(PyObject *self)
{
    _PyListIterObject *it = ITER(self);
    _PyContainer_Touch(self);
    PyObject *list = _PyContainer_PeekContainer(it->it_seq);
    if (list == NULL) {
        return NULL;
    }
    Py_ssize_t i = LOAD_INDEX(it);
    PyObject *item = i < 0 ? NULL : item_at(list, i);
    if (item == NULL) {
        STORE_INDEX(it, -1);
        _PyContainer_ClearSlot(it, it->it_seq);
        return NULL;
    }
    STORE_INDEX(it, i - 1);
    return item;
}

static PyObject *
listiter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t left = 0;
    _PyContainer_Touch(self);
    PyObject *list = _PyContainer_Peek(ITER(self)->it_seq);
    if (list != NULL) {
        left = Py_MAX(list_size(list) - LOAD_INDEX(ITER(self)), 0);
    }
    return PyLong_FromSsize_t(left);
}

static PyObject *
listreviter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t left = LOAD_INDEX(ITER(self)) + 1;
    _PyContainer_Touch(self);
    PyObject *list = _PyContainer_Peek(ITER(self)->it_seq);
    if (list == NULL || list_size(list) < left) {
        left = 0;
    }
    return PyLong_FromSsize_t(left);
}

/* An exhausted iterator is pickled as one over an empty list. */
static PyObject *
reduce(PyObject *self, PyObject *function)
{
    _PyContainer_Touch(self);
    PyObject *list = Py_XNewRef(_PyContainer_Peek(ITER(self)->it_seq));
    if (function == NULL) {
        Py_XDECREF(list);
        return NULL;
    }
    if (list != NULL) {
        return Py_BuildValue("N(N)n", function, list, LOAD_INDEX(ITER(self)));
    }
    PyObject *empty = PyList_New(0);
    if (empty == NULL) {
        Py_DECREF(function);
        return NULL;
    }
    return Py_BuildValue("N(N)", function, empty);
}

static PyObject *
listiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return reduce(self, _PyEval_GetBuiltin(_Py_ID(iter)));
}

static PyObject *
listreviter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return reduce(self, _PyEval_GetBuiltin(_Py_ID(reversed)));
}

static PyObject *
set_state(PyObject *self, PyObject *state, Py_ssize_t lowest)
{
    Py_ssize_t i = PyLong_AsSsize_t(state);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyContainer_Touch(self);
    PyObject *list = _PyContainer_Peek(ITER(self)->it_seq);
    if (list != NULL && i < 0 && lowest == 0) {
        _PyContainer_ClearSlot(ITER(self), ITER(self)->it_seq);     // as the reference has it: exhausted
    }
    else if (list != NULL) {
        Py_ssize_t highest = lowest < 0 ? list_size(list) - 1 : list_size(list);
        STORE_INDEX(ITER(self), Py_MAX(lowest, Py_MIN(i, highest)));
    }
    Py_RETURN_NONE;
}

static PyObject *
listiter___setstate__(PyObject *self, PyObject *state)
{
    return set_state(self, state, 0);
}

static PyObject *
listreviter___setstate__(PyObject *self, PyObject *state)
{
    return set_state(self, state, -1);
}

#define ITERATOR_METHODS(type)                                                                              \
    PY_METHOD(type, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left, as a guess."), \
    PY_METHOD(type, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),                         \
    PY_METHOD(type, __setstate__, METH_O, "($self, object, /)", "Set the state from pickling.")

static PyMethodDef listiter_methods[] = {ITERATOR_METHODS(listiter), {0}};
static PyMethodDef listreviter_methods[] = {ITERATOR_METHODS(listreviter), {0}};

PyTypeObject PyListIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list_iterator",
    .tp_basicsize = sizeof(_PyListIterObject),
    .tp_dealloc = listiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = listiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = listiter_next,
    .tp_methods = listiter_methods,
};

PyTypeObject PyListRevIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list_reverseiterator",
    .tp_basicsize = sizeof(_PyListIterObject),
    .tp_dealloc = listiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = listiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = listreviter_next,
    .tp_methods = listreviter_methods,
};

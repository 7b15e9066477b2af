/* Iterators that belong to no container: over the sequence protocol, and over calls until a sentinel.

   The slot that holds what is walked over becomes NULL at the end (atomic); the index is relaxed. */
#include "Python.h"
#include "pycore_abstract.h"     // _PyObject_HasLen
#include "pycore_args.h"         // PY_METHOD
#include "pycore_ceval.h"        // _PyEval_GetBuiltin
#include "pycore_container.h"    // _PyContainer_ClearSlot
#include "pycore_object.h"       // _PyObject_GC_TRACK

/* -- Over __getitem__ ---------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;     // relaxed
    PyObject *it_seq;        // atomic: NULL when exhausted
} seqiterobject;

#define SEQ(op) ((seqiterobject *)(op))
#define LOAD_INDEX(it)     FT_ATOMIC_LOAD_SSIZE_RELAXED((it)->it_index)
#define STORE_INDEX(it, i) FT_ATOMIC_STORE_SSIZE_RELAXED((it)->it_index, i)

PyObject *
PySeqIter_New(PyObject *seq)
{
    if (!PySequence_Check(seq)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    seqiterobject *it = PyObject_GC_New(seqiterobject, &PySeqIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = 0;
    it->it_seq = Py_NewRef(seq);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

static void
seqiter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(SEQ(self)->it_seq);
    PyObject_GC_Del(self);
}

static int
seqiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(SEQ(self)->it_seq);
    return 0;
}

static PyObject *
seqiter_next(PyObject *self)
{
    seqiterobject *it = SEQ(self);
    _PyContainer_Touch(self);
    PyObject *seq = Py_XNewRef(_PyContainer_Peek(it->it_seq));
    if (seq == NULL) {
        return NULL;
    }
    Py_ssize_t i = LOAD_INDEX(it);
    if (i == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "iter index too large");
        Py_DECREF(seq);
        return NULL;
    }
    PyObject *item = PySequence_GetItem(seq, i);
    Py_DECREF(seq);
    if (item != NULL) {
        STORE_INDEX(it, i + 1);
        return item;
    }
    if (PyErr_ExceptionMatches(PyExc_IndexError) || PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        _PyContainer_ClearSlot(it, it->it_seq);
    }
    return NULL;
}

static PyObject *
seqiter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyContainer_Touch(self);
    PyObject *seq = Py_XNewRef(_PyContainer_Peek(SEQ(self)->it_seq));
    if (seq == NULL) {
        return PyLong_FromLong(0);
    }
    if (!_PyObject_HasLen(seq)) {
        Py_DECREF(seq);
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t size = PySequence_Size(seq);
    Py_DECREF(seq);
    return size < 0 ? NULL : PyLong_FromSsize_t(Py_MAX(size - LOAD_INDEX(SEQ(self)), 0));
}

static PyObject *
seqiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    /* Looking up a builtin may run code that exhausts self: before the sequence is read. */
    PyObject *iter = _PyEval_GetBuiltin(_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    _PyContainer_Touch(self);
    PyObject *seq = _PyContainer_Peek(SEQ(self)->it_seq);
    if (seq == NULL) {
        return Py_BuildValue("N(())", iter);
    }
    return Py_BuildValue("N(O)n", iter, seq, LOAD_INDEX(SEQ(self)));
}

static PyObject *
seqiter___setstate__(PyObject *self, PyObject *state)
{
    Py_ssize_t i = PyLong_AsSsize_t(state);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyContainer_Touch(self);
    if (_PyContainer_Peek(SEQ(self)->it_seq) != NULL) {
        STORE_INDEX(SEQ(self), Py_MAX(i, 0));
    }
    Py_RETURN_NONE;
}

static PyMethodDef seqiter_methods[] = {
    PY_METHOD(seqiter, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left, as a guess."),
    PY_METHOD(seqiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD(seqiter, __setstate__, METH_O, "($self, object, /)", "Set the state from pickling."),
    {0}
};

PyTypeObject PySeqIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "iterator",
    .tp_basicsize = sizeof(seqiterobject),
    .tp_dealloc = seqiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = seqiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = seqiter_next,
    .tp_methods = seqiter_methods,
};

/* -- Over calls ----------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *it_callable;     // atomic: NULL when exhausted
    PyObject *it_sentinel;     // atomic: NULL when exhausted
} calliterobject;

#define CALL(op) ((calliterobject *)(op))

PyObject *
PyCallIter_New(PyObject *callable, PyObject *sentinel)
{
    calliterobject *it = PyObject_GC_New(calliterobject, &PyCallIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->it_callable = Py_NewRef(callable);
    it->it_sentinel = Py_NewRef(sentinel);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

static void
calliter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(CALL(self)->it_callable);
    Py_XDECREF(CALL(self)->it_sentinel);
    PyObject_GC_Del(self);
}

static int
calliter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(CALL(self)->it_callable);
    Py_VISIT(CALL(self)->it_sentinel);
    return 0;
}

static void
calliter_end(calliterobject *it)
{
    _PyContainer_ClearSlot(it, it->it_callable);
    _PyContainer_ClearSlot(it, it->it_sentinel);
}

static PyObject *
calliter_next(PyObject *self)
{
    calliterobject *it = CALL(self);
    _PyContainer_Touch(self);
    PyObject *callable = Py_XNewRef(_PyContainer_Peek(it->it_callable));
    if (callable == NULL) {
        return NULL;
    }
    PyObject *value = PyObject_CallNoArgs(callable);
    Py_DECREF(callable);
    if (value == NULL) {
        if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
            PyErr_Clear();
            calliter_end(it);
        }
        return NULL;
    }
    /* The call may have exhausted self. */
    PyObject *sentinel = Py_XNewRef(_PyContainer_Peek(it->it_sentinel));
    if (sentinel != NULL) {
        int same = PyObject_RichCompareBool(sentinel, value, Py_EQ);
        Py_DECREF(sentinel);
        if (same == 0) {
            return value;
        }
        if (same > 0) {
            calliter_end(it);
        }
    }
    Py_DECREF(value);
    return NULL;
}

static PyObject *
calliter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *iter = _PyEval_GetBuiltin(_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    _PyContainer_Touch(self);
    PyObject *callable = _PyContainer_Peek(CALL(self)->it_callable);
    PyObject *sentinel = _PyContainer_Peek(CALL(self)->it_sentinel);
    if (callable == NULL || sentinel == NULL) {
        return Py_BuildValue("N(())", iter);
    }
    return Py_BuildValue("N(OO)", iter, callable, sentinel);
}

static PyMethodDef calliter_methods[] = {
    PY_METHOD(calliter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

PyTypeObject PyCallIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "callable_iterator",
    .tp_basicsize = sizeof(calliterobject),
    .tp_dealloc = calliter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = calliter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = calliter_next,
    .tp_methods = calliter_methods,
};

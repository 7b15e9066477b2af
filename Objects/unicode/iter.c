/* Iterators of str: one for ASCII strs, whose items are static, one for the others.

   it_index is moved with relaxed stores: two threads that share an iterator may see an item twice,
   never anything out of range.  The str is kept until the iterator dies. */
#include "unicode_impl.h"
#include "pycore_args.h"  // PY_METHOD
#include "pycore_ceval.h"  // _PyEval_GetBuiltin

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;  // atomic, relaxed; beyond the end: exhausted
    PyObject *it_seq;     // const
} unicodeiterobject;

static void
unicodeiter_dealloc(PyObject *op)
{
    unicodeiterobject *it = (unicodeiterobject *)op;
    _PyObject_GC_UNTRACK(it);
    Py_XDECREF(it->it_seq);
    PyObject_GC_Del(it);
}

static int
unicodeiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((unicodeiterobject *)op)->it_seq);
    return 0;
}

/* The index of the next item, which is taken; -1 at the end. */
static inline Py_ssize_t
unicodeiter_take(unicodeiterobject *it)
{
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    if (index >= LENGTH(it->it_seq)) {
        FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, PY_SSIZE_T_MAX);
        return -1;
    }
    FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, index + 1);
    return index;
}

static PyObject *
unicodeiter_next(PyObject *op)
{
    unicodeiterobject *it = (unicodeiterobject *)op;
    Py_ssize_t index = unicodeiter_take(it);
    return index < 0 ? NULL : unicode_char(PyUnicode_READ_CHAR(it->it_seq, index));
}

static PyObject *
unicode_ascii_iter_next(PyObject *op)
{
    unicodeiterobject *it = (unicodeiterobject *)op;
    Py_ssize_t index = unicodeiter_take(it);
    return index < 0 ? NULL : _Py_LATIN1_CHR(PyUnicode_1BYTE_DATA(it->it_seq)[index]);
}

static PyObject *
unicodeiter___length_hint__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    unicodeiterobject *it = (unicodeiterobject *)op;
    Py_ssize_t left = LENGTH(it->it_seq) - FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    return PyLong_FromSsize_t(Py_MAX(left, 0));
}

static PyObject *
unicodeiter___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    unicodeiterobject *it = (unicodeiterobject *)op;
    PyObject *iter = _PyEval_GetBuiltin(_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    if (index <= LENGTH(it->it_seq)) {
        return Py_BuildValue("N(O)n", iter, it->it_seq, index);
    }
    return Py_BuildValue("N(O)", iter, _Py_STR(empty));
}

static PyObject *
unicodeiter___setstate__(PyObject *op, PyObject *state)
{
    unicodeiterobject *it = (unicodeiterobject *)op;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index) <= LENGTH(it->it_seq)) {
        index = Py_MAX(index, 0);
        FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, Py_MIN(index, LENGTH(it->it_seq)));
    }
    Py_RETURN_NONE;
}

static PyMethodDef unicodeiter_methods[] = {
    PY_METHOD(unicodeiter, __length_hint__, METH_NOARGS, "($self, /)",
              "How many characters are left."),
    PY_METHOD(unicodeiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    PY_METHOD(unicodeiter, __setstate__, METH_O, "($self, object, /)", "Set the position."),
    {0}
};

PyTypeObject PyUnicodeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "str_iterator",
    .tp_basicsize = sizeof(unicodeiterobject),
    .tp_dealloc = unicodeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = unicodeiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = unicodeiter_next,
    .tp_methods = unicodeiter_methods,
};

PyTypeObject _PyUnicodeASCIIIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "str_ascii_iterator",
    .tp_basicsize = sizeof(unicodeiterobject),
    .tp_dealloc = unicodeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = unicodeiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = unicode_ascii_iter_next,
    .tp_methods = unicodeiter_methods,
};

PyObject *
unicode_iter(PyObject *seq)
{
    if (!PyUnicode_Check(seq)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyTypeObject *type = PyUnicode_IS_COMPACT_ASCII(seq) ? &_PyUnicodeASCIIIter_Type
                                                         : &PyUnicodeIter_Type;
    unicodeiterobject *it = PyObject_GC_New(unicodeiterobject, type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = 0;
    it->it_seq = Py_NewRef(seq);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

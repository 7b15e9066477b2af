/* Tuples: immutable once anybody else can see them, so no locks.

   The hash is computed once and kept in ob_hash (relaxed: every thread computes the same number).  The empty tuple is one
   immortal object. */
#include "Python.h"
#include "pycore_tuple.h"
#include "pycore_abstract.h"     // _PyIndex_Check
#include "pycore_args.h"         // PY_METHOD
#include "pycore_ceval.h"        // _PyEval_GetBuiltin
#include "pycore_modsupport.h"   // _PyArg_NoKwnames

#define ITEMS(op) (((PyTupleObject *)(op))->ob_item)

PyTupleObject _PyTuple_Empty = {
    PyVarObject_HEAD_INIT(&PyTuple_Type, 0)
    .ob_hash = -1,
};

/* -- Birth and death -------------------------------------------------- */

/* The items are not set and the tuple is not tracked. */
static PyTupleObject *
tuple_alloc(Py_ssize_t size)
{
    assert(size > 0);
    if ((size_t)size > ((size_t)PY_SSIZE_T_MAX - sizeof(PyTupleObject)) / sizeof(PyObject *)) {
        return (PyTupleObject *)PyErr_NoMemory();
    }
    PyTupleObject *self = PyObject_GC_NewVar(PyTupleObject, &PyTuple_Type, size);
    if (self != NULL) {
        self->ob_hash = -1;
    }
    return self;
}

PyObject *
PyTuple_New(Py_ssize_t size)
{
    if (size <= 0) {
        if (size < 0) {
            PyErr_BadInternalCall();
            return NULL;
        }
        return _PyTuple_GetEmpty();
    }
    PyTupleObject *self = tuple_alloc(size);
    if (self == NULL) {
        return NULL;
    }
    memset(self->ob_item, 0, (size_t)size * sizeof(PyObject *));
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

PyObject *
_PyTuple_FromArray(PyObject *const *src, Py_ssize_t n)
{
    if (n == 0) {
        return _PyTuple_GetEmpty();
    }
    PyTupleObject *self = tuple_alloc(n);
    if (self == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        self->ob_item[i] = Py_NewRef(src[i]);
    }
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

PyObject *
_PyTuple_FromArraySteal(PyObject *const *src, Py_ssize_t n)
{
    if (n == 0) {
        return _PyTuple_GetEmpty();
    }
    PyTupleObject *self = tuple_alloc(n);
    if (self == NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(src[i]);
        }
        return NULL;
    }
    memcpy(self->ob_item, src, (size_t)n * sizeof(PyObject *));
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

PyObject *
_PyTuple_FromPairSteal(PyObject *first, PyObject *second)
{
    PyTupleObject *self = tuple_alloc(2);
    if (self == NULL) {
        Py_DECREF(first);
        Py_DECREF(second);
        return NULL;
    }
    self->ob_item[0] = first;
    self->ob_item[1] = second;
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

PyObject *
_PyTuple_FromPair(PyObject *first, PyObject *second)
{
    return _PyTuple_FromPairSteal(Py_NewRef(first), Py_NewRef(second));
}

PyObject *
PyTuple_Pack(Py_ssize_t n, ...)
{
    if (n == 0) {
        return _PyTuple_GetEmpty();
    }
    PyTupleObject *self = tuple_alloc(n);
    if (self == NULL) {
        return NULL;
    }
    va_list items;
    va_start(items, n);
    for (Py_ssize_t i = 0; i < n; i++) {
        self->ob_item[i] = Py_NewRef(va_arg(items, PyObject *));
    }
    va_end(items);
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

static void
tuple_dealloc(PyObject *self)
{
    if (Py_SIZE(self) == 0 && self == _PyTuple_GetEmpty()) {
        _Py_SetImmortal(self);      // an extension gave away a reference too many
        return;
    }
    PyObject_GC_UnTrack(self);
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
        Py_XDECREF(ITEMS(self)[i]);
    }
    Py_TYPE(self)->tp_free(self);
}

static int
tuple_traverse(PyObject *self, visitproc visit, void *arg)
{
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
        Py_VISIT(ITEMS(self)[i]);
    }
    return 0;
}

/* The collector calls it: a tuple of objects that cannot be in a cycle need not be looked at again.  True if it was
   untracked. */
Py_ssize_t
_PyTuple_MaybeUntrack(PyObject *op)
{
    if (!PyTuple_CheckExact(op) || !_PyObject_GC_IS_TRACKED(op)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        PyObject *item = ITEMS(op)[i];
        if (item == NULL || _PyObject_GC_MAY_BE_TRACKED(item)) {
            return 0;       // NULL: still being filled
        }
    }
    _PyObject_GC_UNTRACK(op);
    return 1;
}

void
_PyTuple_Recycle(PyObject *op)
{
    FT_ATOMIC_STORE_SSIZE_RELAXED(((PyTupleObject *)op)->ob_hash, -1);
    if (!_PyObject_GC_IS_TRACKED(op)) {
        _PyObject_GC_TRACK(op);
    }
}

/* Only for a tuple that nobody else has seen.  On failure *p is NULL and the tuple is gone. */
int
_PyTuple_Resize(PyObject **p, Py_ssize_t size)
{
    PyObject *old = *p;
    if (old == NULL || !PyTuple_CheckExact(old) || (Py_SIZE(old) != 0 && Py_REFCNT(old) != 1)) {
        *p = NULL;
        Py_XDECREF(old);
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t old_size = Py_SIZE(old);
    if (old_size == size) {
        return 0;
    }
    if (old_size == 0 || size == 0) {
        *p = PyTuple_New(size);
        Py_DECREF(old);
        return *p == NULL ? -1 : 0;
    }
    if (_PyObject_GC_IS_TRACKED(old)) {
        _PyObject_GC_UNTRACK(old);
    }
    for (Py_ssize_t i = size; i < old_size; i++) {
        Py_CLEAR(ITEMS(old)[i]);
    }
    PyTupleObject *self = PyObject_GC_Resize(PyTupleObject, old, size);
    if (self == NULL) {
        *p = NULL;
        _PyObject_GC_TRACK(old);
        Py_DECREF(old);
        return -1;
    }
    if (size > old_size) {
        memset(self->ob_item + old_size, 0, (size_t)(size - old_size) * sizeof(PyObject *));
    }
    *p = (PyObject *)self;
    _PyObject_GC_TRACK(self);
    return 0;
}

static PyObject *
tuple_subtype_new(PyTypeObject *type, PyObject *iterable)
{
    PyObject *plain = iterable == NULL ? _PyTuple_GetEmpty() : PySequence_Tuple(iterable);
    if (plain == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(plain);
    PyTupleObject *self = (PyTupleObject *)type->tp_alloc(type, n);
    if (self != NULL) {
        self->ob_hash = -1;
        for (Py_ssize_t i = 0; i < n; i++) {
            self->ob_item[i] = Py_NewRef(ITEMS(plain)[i]);
        }
    }
    Py_DECREF(plain);
    return (PyObject *)self;
}

static PyObject *
tuple_make(PyTypeObject *type, PyObject *iterable)
{
    if (type != &PyTuple_Type) {
        return tuple_subtype_new(type, iterable);
    }
    return iterable == NULL ? _PyTuple_GetEmpty() : PySequence_Tuple(iterable);
}

static PyObject *
tuple_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if ((type == &PyTuple_Type || type->tp_init == PyTuple_Type.tp_init) && !_PyArg_NoKeywords("tuple", kwds)) {
        return NULL;
    }
    if (!_PyArg_CheckPositional("tuple", PyTuple_GET_SIZE(args), 0, 1)) {
        return NULL;
    }
    return tuple_make(type, PyTuple_GET_SIZE(args) == 0 ? NULL : PyTuple_GET_ITEM(args, 0));
}

static PyObject *
tuple_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("tuple", kwnames) || !_PyArg_CheckPositional("tuple", nargs, 0, 1)) {
        return NULL;
    }
    return tuple_make((PyTypeObject *)type, nargs == 0 ? NULL : args[0]);
}

/* -- The C API -------------------------------------------------------- */

Py_ssize_t
PyTuple_Size(PyObject *op)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return Py_SIZE(op);
}

PyObject *
PyTuple_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if ((size_t)i >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return ITEMS(op)[i];
}

int
PyTuple_SetItem(PyObject *op, Py_ssize_t i, PyObject *item)
{
    if (!PyTuple_Check(op) || Py_REFCNT(op) != 1) {
        Py_XDECREF(item);
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)i >= (size_t)Py_SIZE(op)) {
        Py_XDECREF(item);
        PyErr_SetString(PyExc_IndexError, "tuple assignment index out of range");
        return -1;
    }
    Py_XSETREF(ITEMS(op)[i], item);
    return 0;
}

static PyObject *
tuple_slice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    low = Py_MAX(low, 0);
    high = Py_MAX(Py_MIN(high, Py_SIZE(op)), low);
    if (low == 0 && high == Py_SIZE(op) && PyTuple_CheckExact(op)) {
        return Py_NewRef(op);
    }
    return _PyTuple_FromArray(ITEMS(op) + low, high - low);
}

PyObject *
PyTuple_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (op == NULL || !PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return tuple_slice(op, low, high);
}

/* -- Text form, hash, comparison --------------------------------------- */

static int
write_items(PyUnicodeWriter *writer, PyObject *self)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        if ((i > 0 && PyUnicodeWriter_WriteASCII(writer, ", ", 2) < 0)
            || PyUnicodeWriter_WriteRepr(writer, ITEMS(self)[i]) < 0) {
            return -1;
        }
    }
    return Py_SIZE(self) == 1 ? PyUnicodeWriter_WriteChar(writer, ',') : 0;
}

static PyObject *
tuple_repr(PyObject *self)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0) {
        return PyUnicode_FromString("()");
    }
    /* A tuple can hold itself by way of a list. */
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("(...)") : NULL;
    }
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(n > 1 ? 1 + 1 + (n - 1) * 3 + 1 : 4);
    PyObject *result = NULL;
    if (writer != NULL) {
        if (PyUnicodeWriter_WriteChar(writer, '(') < 0 || write_items(writer, self) < 0
            || PyUnicodeWriter_WriteChar(writer, ')') < 0) {
            PyUnicodeWriter_Discard(writer);
        }
        else {
            result = PyUnicodeWriter_Finish(writer);
        }
    }
    Py_ReprLeave(self);
    return result;
}

/* The numbers of xxHash (Y. Collet), one lane per item; the length and a constant at the end. */
static Py_hash_t
tuple_hash(PyObject *self)
{
    Py_hash_t known = FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyTupleObject *)self)->ob_hash);
    if (known != -1) {
        return known;
    }
    Py_ssize_t n = Py_SIZE(self);
    Py_uhash_t acc = _PyTuple_HASH_XXPRIME_5;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_uhash_t lane = (Py_uhash_t)PyObject_Hash(ITEMS(self)[i]);
        if (lane == (Py_uhash_t)-1) {
            return -1;
        }
        acc += lane * _PyTuple_HASH_XXPRIME_2;
        acc = _PyTuple_HASH_XXROTATE(acc);
        acc *= _PyTuple_HASH_XXPRIME_1;
    }
    acc += (Py_uhash_t)n ^ (_PyTuple_HASH_XXPRIME_5 ^ (Py_uhash_t)3527539);
    if (acc == (Py_uhash_t)-1) {
        acc = 1546275796;
    }
    FT_ATOMIC_STORE_SSIZE_RELAXED(((PyTupleObject *)self)->ob_hash, (Py_hash_t)acc);
    return (Py_hash_t)acc;
}

static int
items_equal(PyObject *a, PyObject *b)
{
    int same = _PyContainer_ComparePlain(a, b);
    return same >= 0 ? same : PyObject_RichCompareBool(a, b, Py_EQ);
}

static PyObject *
tuple_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PyTuple_Check(v) || !PyTuple_Check(w)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t n = Py_SIZE(v), m = Py_SIZE(w);
    for (Py_ssize_t i = 0; i < n && i < m; i++) {
        int same = items_equal(ITEMS(v)[i], ITEMS(w)[i]);
        if (same < 0) {
            return NULL;
        }
        if (same == 0) {
            if (op == Py_EQ || op == Py_NE) {
                return PyBool_FromLong(op == Py_NE);
            }
            return PyObject_RichCompare(ITEMS(v)[i], ITEMS(w)[i], op);
        }
    }
    Py_RETURN_RICHCOMPARE(n, m, op);
}

/* -- Sequence and mapping slots ----------------------------------------- */

static Py_ssize_t
tuple_length(PyObject *self)
{
    return Py_SIZE(self);
}

int
_PyTuple_Contains(PyTupleObject *self, PyObject *value)
{
    int same = 0;
    for (Py_ssize_t i = 0; same == 0 && i < Py_SIZE(self); i++) {
        same = items_equal(self->ob_item[i], value);
    }
    return same;
}

static int
tuple_contains(PyObject *self, PyObject *value)
{
    return _PyTuple_Contains((PyTupleObject *)self, value);
}

static PyObject *
tuple_item(PyObject *self, Py_ssize_t i)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(ITEMS(self)[i]);
}

PyObject *
_PyTuple_Concat(PyObject *a, PyObject *b)
{
    if (Py_SIZE(a) == 0 && PyTuple_CheckExact(b)) {
        return Py_NewRef(b);
    }
    if (!PyTuple_Check(b)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate tuple (not \"%.200s\") to tuple", Py_TYPE(b)->tp_name);
        return NULL;
    }
    if (Py_SIZE(b) == 0 && PyTuple_CheckExact(a)) {
        return Py_NewRef(a);
    }
    Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b);
    if (n > PY_SSIZE_T_MAX - m) {
        return PyErr_NoMemory();
    }
    if (n + m == 0) {
        return _PyTuple_GetEmpty();
    }
    PyTupleObject *result = tuple_alloc(n + m);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        result->ob_item[i] = Py_NewRef(ITEMS(a)[i]);
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        result->ob_item[n + i] = Py_NewRef(ITEMS(b)[i]);
    }
    _PyObject_GC_TRACK(result);
    return (PyObject *)result;
}

static PyObject *
tuple_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if ((n == 0 || times == 1) && PyTuple_CheckExact(self)) {
        return Py_NewRef(self);
    }
    if (n == 0 || times <= 0) {
        return _PyTuple_GetEmpty();
    }
    if (n > PY_SSIZE_T_MAX / times) {
        return PyErr_NoMemory();
    }
    PyTupleObject *result = tuple_alloc(n * times);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        result->ob_item[i] = ITEMS(self)[i];
        _Py_RefcntAdd(ITEMS(self)[i], times);
    }
    for (Py_ssize_t i = n; i < n * times; i++) {
        result->ob_item[i] = result->ob_item[i - n];
    }
    _PyObject_GC_TRACK(result);
    return (PyObject *)result;
}

static PyObject *
step_slice(PyObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    PyTupleObject *result = tuple_alloc(n);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0, from = start; i < n; i++, from += step) {
        result->ob_item[i] = Py_NewRef(ITEMS(self)[from]);
    }
    _PyObject_GC_TRACK(result);
    return (PyObject *)result;
}

static PyObject *
tuple_subscript(PyObject *self, PyObject *index)
{
    if (_PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return tuple_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(index)) {
        PyErr_Format(PyExc_TypeError, "tuple indices must be integers or slices, not %.200s",
                     Py_TYPE(index)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(index, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (n <= 0) {
        return _PyTuple_GetEmpty();
    }
    return step == 1 ? tuple_slice(self, start, stop) : step_slice(self, start, step, n);
}

/* -- Methods ---------------------------------------------------------- */

static PyObject *
tuple_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start = 0, stop = PY_SSIZE_T_MAX;
    if (!_PyArg_CheckPositional("index", nargs, 1, 3)
        || (nargs > 1 && !_PyEval_SliceIndexNotNone(args[1], &start))
        || (nargs > 2 && !_PyEval_SliceIndexNotNone(args[2], &stop))) {
        return NULL;
    }
    if (start < 0) {
        start = Py_MAX(start + Py_SIZE(self), 0);
    }
    if (stop < 0) {
        stop += Py_SIZE(self);
    }
    stop = Py_MIN(stop, Py_SIZE(self));
    for (Py_ssize_t i = start; i < stop; i++) {
        int same = items_equal(ITEMS(self)[i], args[0]);
        if (same != 0) {
            return same < 0 ? NULL : PyLong_FromSsize_t(i);
        }
    }
    PyErr_SetString(PyExc_ValueError, "tuple.index(x): x not in tuple");
    return NULL;
}

static PyObject *
tuple_count(PyObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int same = items_equal(ITEMS(self)[i], value);
        if (same < 0) {
            return NULL;
        }
        count += same;
    }
    return PyLong_FromSsize_t(count);
}

static PyObject *
tuple___getnewargs__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *plain = _PyTuple_FromArray(ITEMS(self), Py_SIZE(self));
    return plain == NULL ? NULL : Py_BuildValue("(N)", plain);
}

static PyMethodDef tuple_methods[] = {
    PY_METHOD(tuple, __getnewargs__, METH_NOARGS, "($self, /)", "Arguments for __new__ when unpickling."),
    PY_METHOD(tuple, index, METH_FASTCALL, "($self, value, start=0, stop=sys.maxsize, /)",
              "Return the index of the first item that equals value; ValueError if none does."),
    PY_METHOD(tuple, count, METH_O, "($self, value, /)", "Return how many items equal value."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "tuple[T, ...], for annotations."),
    {0}
};

static PySequenceMethods tuple_as_sequence = {
    .sq_length = tuple_length,
    .sq_concat = _PyTuple_Concat,
    .sq_repeat = tuple_repeat,
    .sq_item = tuple_item,
    .sq_contains = tuple_contains,
};

static PyMappingMethods tuple_as_mapping = {
    .mp_length = tuple_length,
    .mp_subscript = tuple_subscript,
};

static PyObject *tuple_iter(PyObject *self);

PyDoc_STRVAR(tuple_doc,
"tuple(iterable=(), /)\n--\n\n"
"An immutable sequence of the items of iterable; a tuple is its own.");

PyTypeObject PyTuple_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "tuple",
    .tp_basicsize = sizeof(PyTupleObject) - sizeof(PyObject *),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = tuple_dealloc,
    .tp_repr = tuple_repr,
    .tp_as_sequence = &tuple_as_sequence,
    .tp_as_mapping = &tuple_as_mapping,
    .tp_hash = tuple_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
              | Py_TPFLAGS_TUPLE_SUBCLASS | _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_SEQUENCE,
    .tp_doc = tuple_doc,
    .tp_traverse = tuple_traverse,
    .tp_richcompare = tuple_richcompare,
    .tp_iter = tuple_iter,
    .tp_methods = tuple_methods,
    .tp_new = tuple_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = tuple_vectorcall,
};

/* -- The iterator ------------------------------------------------------ */

/* it_seq: atomic, NULL at the end; it_index: relaxed. */
#define ITER(op) ((_PyTupleIterObject *)(op))
#define LOAD_INDEX(it)     FT_ATOMIC_LOAD_SSIZE_RELAXED((it)->it_index)
#define STORE_INDEX(it, i) FT_ATOMIC_STORE_SSIZE_RELAXED((it)->it_index, i)

static PyObject *
tuple_iter(PyObject *self)
{
    _PyTupleIterObject *it = PyObject_GC_New(_PyTupleIterObject, &PyTupleIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = 0;
    it->it_seq = (PyTupleObject *)Py_NewRef(self);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

static void
tupleiter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(ITER(self)->it_seq);
    PyObject_GC_Del(self);
}

static int
tupleiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(ITER(self)->it_seq);
    return 0;
}

static PyObject *
tupleiter_next(PyObject *self)
{
    _PyTupleIterObject *it = ITER(self);
    _PyContainer_Touch(self);
    PyObject *tuple = _PyContainer_Peek(it->it_seq);
    if (tuple == NULL) {
        return NULL;
    }
    Py_ssize_t i = LOAD_INDEX(it);
    if (i < Py_SIZE(tuple)) {
        STORE_INDEX(it, i + 1);
        return Py_NewRef(ITEMS(tuple)[i]);
    }
    _PyContainer_ClearSlot(it, it->it_seq);
    return NULL;
}

static PyObject *
tupleiter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyContainer_Touch(self);
    PyObject *tuple = _PyContainer_Peek(ITER(self)->it_seq);
    return PyLong_FromSsize_t(tuple == NULL ? 0 : Py_SIZE(tuple) - LOAD_INDEX(ITER(self)));
}

static PyObject *
tupleiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *iter = _PyEval_GetBuiltin(_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    _PyContainer_Touch(self);
    PyObject *tuple = _PyContainer_Peek(ITER(self)->it_seq);
    if (tuple == NULL) {
        return Py_BuildValue("N(())", iter);
    }
    return Py_BuildValue("N(O)n", iter, tuple, LOAD_INDEX(ITER(self)));
}

static PyObject *
tupleiter___setstate__(PyObject *self, PyObject *state)
{
    Py_ssize_t i = PyLong_AsSsize_t(state);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyContainer_Touch(self);
    PyObject *tuple = _PyContainer_Peek(ITER(self)->it_seq);
    if (tuple != NULL) {
        STORE_INDEX(ITER(self), Py_MAX(0, Py_MIN(i, Py_SIZE(tuple))));
    }
    Py_RETURN_NONE;
}

static PyMethodDef tupleiter_methods[] = {
    PY_METHOD(tupleiter, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left."),
    PY_METHOD(tupleiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD(tupleiter, __setstate__, METH_O, "($self, object, /)", "Set the state from pickling."),
    {0}
};

PyTypeObject PyTupleIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "tuple_iterator",
    .tp_basicsize = sizeof(_PyTupleIterObject),
    .tp_dealloc = tupleiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = tupleiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = tupleiter_next,
    .tp_methods = tupleiter_methods,
};

void
_PyTuple_DebugMallocStats(FILE *Py_UNUSED(out))
{
}

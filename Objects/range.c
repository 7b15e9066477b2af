/* Ranges and their iterators.

   A range is four exact ints that never change.  When they fit a C long its iterator counts in C (a shared one may hand out
   a number twice, but does not break); else it counts in Python ints, under its mutex. */
#include "Python.h"
#include "pycore_range.h"
#include "pycore_abstract.h"     // _PyIndex_Check
#include "pycore_args.h"         // PY_METHOD
#include "pycore_ceval.h"        // _PyEval_GetBuiltin
#include "pycore_container.h"    // FT_ATOMIC_*
#include "pycore_long.h"         // _PyLong_GetZero
#include "pycore_modsupport.h"   // _PyArg_NoKeywords
#include "pycore_tuple.h"        // _PyTuple_ITEMS
#include <stddef.h>              // offsetof

#define RANGE(op) ((_PyRangeObject *)(op))

/* -- Birth and death -------------------------------------------------- */

static PyObject *compute_length(PyObject *start, PyObject *stop, PyObject *step);

/* Steals the three, also on failure. */
static PyObject *
range_from_refs(PyTypeObject *type, PyObject *start, PyObject *stop, PyObject *step)
{
    PyObject *length = compute_length(start, stop, step);
    _PyRangeObject *self = length == NULL ? NULL : PyObject_New(_PyRangeObject, type);
    if (self == NULL) {
        Py_XDECREF(length);
        Py_DECREF(start);
        Py_DECREF(stop);
        Py_DECREF(step);
        return NULL;
    }
    self->start = start;
    self->stop = stop;
    self->step = step;
    self->length = length;
    return (PyObject *)self;
}

static PyObject *
checked_step(PyObject *arg)
{
    PyObject *step = PyNumber_Index(arg);
    if (step != NULL && _PyLong_IsZero((PyLongObject *)step)) {
        PyErr_SetString(PyExc_ValueError, "range() arg 3 must not be zero");
        Py_CLEAR(step);
    }
    return step;
}

static PyObject *
range_from_array(PyTypeObject *type, PyObject *const *args, Py_ssize_t n)
{
    PyObject *start, *stop, *step;
    if (!_PyArg_CheckPositional("range", n, 1, 3)) {
        return NULL;
    }
    start = n == 1 ? Py_NewRef(_PyLong_GetZero()) : PyNumber_Index(args[0]);
    if (start == NULL) {
        return NULL;
    }
    stop = PyNumber_Index(args[n == 1 ? 0 : 1]);
    if (stop == NULL) {
        Py_DECREF(start);
        return NULL;
    }
    step = n == 3 ? checked_step(args[2]) : Py_NewRef(_PyLong_GetOne());
    if (step == NULL) {
        Py_DECREF(start);
        Py_DECREF(stop);
        return NULL;
    }
    return range_from_refs(type, start, stop, step);
}

static PyObject *
range_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoKeywords("range", kwds)) {
        return NULL;
    }
    return range_from_array(type, _PyTuple_ITEMS(args), PyTuple_GET_SIZE(args));
}

static PyObject *
range_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("range", kwnames)) {
        return NULL;
    }
    return range_from_array((PyTypeObject *)type, args, PyVectorcall_NARGS(nargsf));
}

static void
range_dealloc(PyObject *self)
{
    Py_DECREF(RANGE(self)->start);
    Py_DECREF(RANGE(self)->stop);
    Py_DECREF(RANGE(self)->step);
    Py_DECREF(RANGE(self)->length);
    PyObject_Free(self);
}

/* -- Length ----------------------------------------------------------- */

/* Number of steps from low to high, exclusive. */
static unsigned long
count_steps(long low, long high, long step)
{
    assert(step != 0);
    if (step > 0 && low < high) {
        return 1UL + (high - 1UL - low) / (unsigned long)step;
    }
    if (step < 0 && low > high) {
        return 1UL + (low - 1UL - high) / (0UL - (unsigned long)step);
    }
    return 0UL;
}

/* 1 if all three fit, 0 if not. */
static int
as_longs(PyObject *start, PyObject *stop, PyObject *step, long values[3])
{
    PyObject *objects[3] = {start, stop, step};
    for (int i = 0; i < 3; i++) {
        int overflow = 0;
        values[i] = PyLong_AsLongAndOverflow(objects[i], &overflow);
        if (overflow != 0) {
            return 0;
        }
    }
    return 1;
}

static PyObject *
compute_big_length(PyObject *start, PyObject *stop, PyObject *step)
{
    /* (high - low - 1) // |step| + 1, or 0 if there is nothing between them */
    PyObject *low = start, *high = stop, *size = NULL, *result = NULL;
    PyObject *by = Py_NewRef(step);
    if (_PyLong_IsNegative((PyLongObject *)step)) {
        low = stop;
        high = start;
        Py_SETREF(by, PyNumber_Negative(step));
        if (by == NULL) {
            return NULL;
        }
    }
    int empty = PyObject_RichCompareBool(low, high, Py_GE);
    if (empty != 0) {
        Py_DECREF(by);
        return empty < 0 ? NULL : Py_NewRef(_PyLong_GetZero());
    }
    size = PyNumber_Subtract(high, low);
    if (size != NULL) {
        Py_SETREF(size, PyNumber_Subtract(size, _PyLong_GetOne()));
    }
    if (size != NULL) {
        Py_SETREF(size, PyNumber_FloorDivide(size, by));
    }
    if (size != NULL) {
        result = PyNumber_Add(size, _PyLong_GetOne());
        Py_DECREF(size);
    }
    Py_DECREF(by);
    return result;
}

static PyObject *
compute_length(PyObject *start, PyObject *stop, PyObject *step)
{
    long v[3];
    if (as_longs(start, stop, step, v)) {
        return PyLong_FromUnsignedLong(count_steps(v[0], v[1], v[2]));
    }
    return compute_big_length(start, stop, step);
}

static Py_ssize_t
range_length(PyObject *self)
{
    return PyLong_AsSsize_t(RANGE(self)->length);
}

static int
range_bool(PyObject *self)
{
    return !_PyLong_IsZero((PyLongObject *)RANGE(self)->length);
}

/* -- Items ------------------------------------------------------------ */

/* start + i * step */
static PyObject *
item_of(_PyRangeObject *self, PyObject *i)
{
    PyObject *offset = self->step == _PyLong_GetOne() ? Py_NewRef(i) : PyNumber_Multiply(i, self->step);
    if (offset == NULL) {
        return NULL;
    }
    PyObject *result = PyNumber_Add(self->start, offset);
    Py_DECREF(offset);
    return result;
}

/* A negative index counts from the end; out of range raises. */
static PyObject *
item_at(_PyRangeObject *self, PyObject *index)
{
    PyObject *i = _PyLong_IsNegative((PyLongObject *)index) ? PyNumber_Add(self->length, index) : Py_NewRef(index);
    if (i == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    int outside = _PyLong_IsNegative((PyLongObject *)i) ? 1 : PyObject_RichCompareBool(i, self->length, Py_GE);
    if (outside == 0) {
        result = item_of(self, i);
    }
    else if (outside > 0) {
        PyErr_SetString(PyExc_IndexError, "range object index out of range");
    }
    Py_DECREF(i);
    return result;
}

static PyObject *
range_item(PyObject *self, Py_ssize_t i)
{
    PyObject *index = PyLong_FromSsize_t(i);
    if (index == NULL) {
        return NULL;
    }
    PyObject *result = item_at(RANGE(self), index);
    Py_DECREF(index);
    return result;
}

static PyObject *
range_slice(_PyRangeObject *self, PyObject *slice)
{
    PyObject *start, *stop, *step;
    if (_PySlice_GetLongIndices((PySliceObject *)slice, self->length, &start, &stop, &step) < 0) {
        return NULL;
    }
    PyObject *substep = PyNumber_Multiply(self->step, step);
    PyObject *substart = substep == NULL ? NULL : item_of(self, start);
    PyObject *substop = substart == NULL ? NULL : item_of(self, stop);
    Py_DECREF(start);
    Py_DECREF(stop);
    Py_DECREF(step);
    if (substop == NULL) {
        Py_XDECREF(substep);
        Py_XDECREF(substart);
        return NULL;
    }
    return range_from_refs(Py_TYPE(self), substart, substop, substep);
}

static PyObject *
range_subscript(PyObject *self, PyObject *index)
{
    if (_PyIndex_Check(index)) {
        PyObject *i = PyNumber_Index(index);
        if (i == NULL) {
            return NULL;
        }
        PyObject *result = item_at(RANGE(self), i);
        Py_DECREF(i);
        return result;
    }
    if (PySlice_Check(index)) {
        return range_slice(RANGE(self), index);
    }
    PyErr_Format(PyExc_TypeError, "range indices must be integers or slices, not %.200s", Py_TYPE(index)->tp_name);
    return NULL;
}

/* Is an exact int (or bool) one of the numbers?  1, 0, -1. */
static int
contains_int(_PyRangeObject *self, PyObject *value)
{
    int ascending = !_PyLong_IsNegative((PyLongObject *)self->step);
    int inside = PyObject_RichCompareBool(self->start, value, ascending ? Py_LE : Py_GE);
    if (inside > 0) {
        inside = PyObject_RichCompareBool(value, self->stop, ascending ? Py_LT : Py_GT);
    }
    if (inside <= 0) {
        return inside;
    }
    PyObject *distance = PyNumber_Subtract(value, self->start);
    PyObject *rest = distance == NULL ? NULL : PyNumber_Remainder(distance, self->step);
    inside = rest == NULL ? -1 : _PyLong_IsZero((PyLongObject *)rest);
    Py_XDECREF(distance);
    Py_XDECREF(rest);
    return inside;
}

static int
is_plain_int(PyObject *value)
{
    return PyLong_CheckExact(value) || PyBool_Check(value);
}

static int
range_contains(PyObject *self, PyObject *value)
{
    if (is_plain_int(value)) {
        return contains_int(RANGE(self), value);
    }
    return (int)_PySequence_IterSearch(self, value, PY_ITERSEARCH_CONTAINS);
}

/* -- Comparison, hash, text form ----------------------------------------- */

/* Same numbers in the same order. */
static int
same_numbers(_PyRangeObject *a, _PyRangeObject *b)
{
    if (a == b) {
        return 1;
    }
    int same = PyObject_RichCompareBool(a->length, b->length, Py_EQ);
    if (same <= 0 || _PyLong_IsZero((PyLongObject *)a->length)) {
        return same;
    }
    same = PyObject_RichCompareBool(a->start, b->start, Py_EQ);
    if (same <= 0) {
        return same;
    }
    int one = PyObject_RichCompareBool(a->length, _PyLong_GetOne(), Py_EQ);
    return one != 0 ? one : PyObject_RichCompareBool(a->step, b->step, Py_EQ);
}

static PyObject *
range_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyRange_Check(other) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int same = same_numbers(RANGE(self), RANGE(other));
    return same < 0 ? NULL : PyBool_FromLong(same == (op == Py_EQ));
}

/* As the tuple (length, start, step), with None for what does not matter. */
static Py_hash_t
range_hash(PyObject *self)
{
    _PyRangeObject *r = RANGE(self);
    int empty = _PyLong_IsZero((PyLongObject *)r->length);
    int one = empty ? 0 : PyObject_RichCompareBool(r->length, _PyLong_GetOne(), Py_EQ);
    if (one < 0) {
        return -1;
    }
    PyObject *key = PyTuple_Pack(3, r->length, empty ? Py_None : r->start, empty || one ? Py_None : r->step);
    if (key == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(key);
    Py_DECREF(key);
    return hash;
}

static PyObject *
range_repr(PyObject *self)
{
    _PyRangeObject *r = RANGE(self);
    if (r->step == _PyLong_GetOne()) {
        return PyUnicode_FromFormat("range(%R, %R)", r->start, r->stop);
    }
    return PyUnicode_FromFormat("range(%R, %R, %R)", r->start, r->stop, r->step);
}

/* -- Methods ---------------------------------------------------------- */

static PyObject *
range___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(O(OOO))", Py_TYPE(self), RANGE(self)->start, RANGE(self)->stop, RANGE(self)->step);
}

static PyObject *
range_count(PyObject *self, PyObject *value)
{
    if (is_plain_int(value)) {
        int there = contains_int(RANGE(self), value);
        return there < 0 ? NULL : PyLong_FromLong(there);
    }
    Py_ssize_t count = _PySequence_IterSearch(self, value, PY_ITERSEARCH_COUNT);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
range_index(PyObject *self, PyObject *value)
{
    if (!is_plain_int(value)) {
        Py_ssize_t i = _PySequence_IterSearch(self, value, PY_ITERSEARCH_INDEX);
        return i < 0 ? NULL : PyLong_FromSsize_t(i);
    }
    int there = contains_int(RANGE(self), value);
    if (there < 0) {
        return NULL;
    }
    if (!there) {
        PyErr_SetString(PyExc_ValueError, "range.index(x): x not in range");
        return NULL;
    }
    PyObject *distance = PyNumber_Subtract(value, RANGE(self)->start);
    if (distance == NULL || RANGE(self)->step == _PyLong_GetOne()) {
        return distance;
    }
    PyObject *i = PyNumber_FloorDivide(distance, RANGE(self)->step);
    Py_DECREF(distance);
    return i;
}

static PyObject *range_iter(PyObject *self);
static PyObject *range___reversed__(PyObject *self, PyObject *ignored);

static PyMethodDef range_methods[] = {
    PY_METHOD(range, __reversed__, METH_NOARGS, "($self, /)", "Return an iterator, last number first."),
    PY_METHOD(range, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD(range, count, METH_O, "($self, object, /)", "Return how often the value occurs."),
    PY_METHOD(range, index, METH_O, "($self, object, /)", "Return the index of the value; ValueError if it is not there."),
    {0}
};

static PyMemberDef range_members[] = {
    {"start", Py_T_OBJECT_EX, offsetof(_PyRangeObject, start), Py_READONLY},
    {"stop", Py_T_OBJECT_EX, offsetof(_PyRangeObject, stop), Py_READONLY},
    {"step", Py_T_OBJECT_EX, offsetof(_PyRangeObject, step), Py_READONLY},
    {0}
};

static PyNumberMethods range_as_number = {.nb_bool = range_bool};

static PySequenceMethods range_as_sequence = {
    .sq_length = range_length,
    .sq_item = range_item,
    .sq_contains = range_contains,
};

static PyMappingMethods range_as_mapping = {
    .mp_length = range_length,
    .mp_subscript = range_subscript,
};

PyDoc_STRVAR(range_doc,
"range(stop) -> range object\n"
"range(start, stop[, step]) -> range object\n\n"
"The integers from start (0 if not given) up to but without stop, by step.");

PyTypeObject PyRange_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "range",
    .tp_basicsize = sizeof(_PyRangeObject),
    .tp_dealloc = range_dealloc,
    .tp_repr = range_repr,
    .tp_as_number = &range_as_number,
    .tp_as_sequence = &range_as_sequence,
    .tp_as_mapping = &range_as_mapping,
    .tp_hash = range_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_SEQUENCE,
    .tp_doc = range_doc,
    .tp_richcompare = range_richcompare,
    .tp_iter = range_iter,
    .tp_methods = range_methods,
    .tp_members = range_members,
    .tp_new = range_new,
    .tp_vectorcall = range_vectorcall,
};

/* -- The iterator in C longs --------------------------------------------- */

#define ITER(op) ((_PyRangeIterObject *)(op))
#define LOAD(field)     _FT_LOAD(field, __ATOMIC_RELAXED)
#define STORE(field, v) _FT_STORE(field, v, __ATOMIC_RELAXED)

static PyObject *
fast_iter(long start, long step, long len)
{
    _PyRangeIterObject *it = PyObject_New(_PyRangeIterObject, &PyRangeIter_Type);
    if (it != NULL) {
        it->start = start;
        it->step = step;
        it->len = len;
    }
    return (PyObject *)it;
}

static PyObject *
rangeiter_next(PyObject *self)
{
    _PyRangeIterObject *it = ITER(self);
    long left = LOAD(it->len);
    if (left <= 0) {
        return NULL;
    }
    long value = LOAD(it->start);
    STORE(it->start, (long)((unsigned long)value + (unsigned long)it->step));
    STORE(it->len, left - 1);
    return PyLong_FromLong(value);
}

static PyObject *
rangeiter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(LOAD(ITER(self)->len));
}

/* iter(range(start, stop, step)), None: the state for __setstate__ is not needed. */
static PyObject *
reduce_as_range(PyObject *start, PyObject *stop, PyObject *step)
{
    PyObject *range = start == NULL || stop == NULL || step == NULL ? NULL
                    : range_from_refs(&PyRange_Type, Py_NewRef(start), Py_NewRef(stop), Py_NewRef(step));
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    return range == NULL ? NULL : Py_BuildValue("N(N)O", _PyEval_GetBuiltin(_Py_ID(iter)), range, Py_None);
}

static PyObject *
rangeiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    long start = LOAD(ITER(self)->start), len = LOAD(ITER(self)->len), step = ITER(self)->step;
    unsigned long stop = (unsigned long)start + (unsigned long)len * (unsigned long)step;
    return reduce_as_range(PyLong_FromLong(start), PyLong_FromLong((long)stop), PyLong_FromLong(step));
}

static PyObject *
rangeiter___setstate__(PyObject *self, PyObject *state)
{
    long i = PyLong_AsLong(state);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyRangeIterObject *it = ITER(self);
    long left = LOAD(it->len);
    i = i < 0 ? 0 : Py_MIN(i, left);
    STORE(it->start, (long)((unsigned long)LOAD(it->start) + (unsigned long)i * (unsigned long)it->step));
    STORE(it->len, left - i);
    Py_RETURN_NONE;
}

#define ITERATOR_METHODS(type)                                                                              \
    PY_METHOD(type, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left."),         \
    PY_METHOD(type, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),                         \
    PY_METHOD(type, __setstate__, METH_O, "($self, object, /)", "Set the state from pickling.")

static PyMethodDef rangeiter_methods[] = {ITERATOR_METHODS(rangeiter), {0}};

PyTypeObject PyRangeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "range_iterator",
    .tp_basicsize = sizeof(_PyRangeIterObject),
    .tp_dealloc = (destructor)PyObject_Free,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = rangeiter_next,
    .tp_methods = rangeiter_methods,
};

/* -- The iterator in Python ints ------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *start;     // guarded by the mutex; moves on
    PyObject *step;      // const
    PyObject *len;       // guarded by the mutex; counts down
} longrangeiterobject;

#define LONG_ITER(op) ((longrangeiterobject *)(op))

/* Steals the three, also on failure. */
static PyObject *
long_iter(PyObject *start, PyObject *step, PyObject *len)
{
    longrangeiterobject *it = start == NULL || step == NULL || len == NULL ? NULL
                            : PyObject_New(longrangeiterobject, &PyLongRangeIter_Type);
    if (it == NULL) {
        Py_XDECREF(start);
        Py_XDECREF(step);
        Py_XDECREF(len);
        return NULL;
    }
    it->start = start;
    it->step = step;
    it->len = len;
    return (PyObject *)it;
}

static void
longrangeiter_dealloc(PyObject *self)
{
    Py_DECREF(LONG_ITER(self)->start);
    Py_DECREF(LONG_ITER(self)->step);
    Py_DECREF(LONG_ITER(self)->len);
    PyObject_Free(self);
}

static PyObject *
longrangeiter_next_lock_held(longrangeiterobject *it)
{
    if (!_PyLong_IsPositive((PyLongObject *)it->len)) {
        return NULL;
    }
    PyObject *start = PyNumber_Add(it->start, it->step);
    if (start == NULL) {
        return NULL;
    }
    PyObject *len = PyNumber_Subtract(it->len, _PyLong_GetOne());
    if (len == NULL) {
        Py_DECREF(start);
        return NULL;
    }
    PyObject *result = it->start;
    it->start = start;
    Py_SETREF(it->len, len);
    return result;
}

static PyObject *
longrangeiter_next(PyObject *self)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = longrangeiter_next_lock_held(LONG_ITER(self));
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
longrangeiter___length_hint___lock_held(longrangeiterobject *it)
{
    return Py_NewRef(it->len);
}
PY_LOCKED_NOARGS(longrangeiter, __length_hint__, longrangeiterobject)

static PyObject *
longrangeiter___reduce___lock_held(longrangeiterobject *it)
{
    PyObject *distance = PyNumber_Multiply(it->len, it->step);
    PyObject *stop = distance == NULL ? NULL : PyNumber_Add(it->start, distance);
    Py_XDECREF(distance);
    return reduce_as_range(Py_NewRef(it->start), stop, Py_NewRef(it->step));
}
PY_LOCKED_NOARGS(longrangeiter, __reduce__, longrangeiterobject)

static PyObject *
longrangeiter___setstate___lock_held(longrangeiterobject *it, PyObject *state)
{
    if (!PyLong_CheckExact(state)) {
        PyErr_Format(PyExc_TypeError, "state must be an int, not %T", state);
        return NULL;
    }
    PyObject *i = _PyLong_IsNegative((PyLongObject *)state) ? _PyLong_GetZero() : state;
    int beyond = PyObject_RichCompareBool(it->len, i, Py_LT);
    if (beyond < 0) {
        return NULL;
    }
    if (beyond) {
        i = it->len;
    }
    PyObject *offset = PyNumber_Multiply(i, it->step);
    PyObject *start = offset == NULL ? NULL : PyNumber_Add(it->start, offset);
    PyObject *len = start == NULL ? NULL : PyNumber_Subtract(it->len, i);
    Py_XDECREF(offset);
    if (len == NULL) {
        Py_XDECREF(start);
        return NULL;
    }
    Py_SETREF(it->start, start);
    Py_SETREF(it->len, len);
    Py_RETURN_NONE;
}
PY_LOCKED_O(longrangeiter, __setstate__, longrangeiterobject)

static PyMethodDef longrangeiter_methods[] = {ITERATOR_METHODS(longrangeiter), {0}};

PyTypeObject PyLongRangeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "longrange_iterator",
    .tp_basicsize = sizeof(longrangeiterobject),
    .tp_dealloc = longrangeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = longrangeiter_next,
    .tp_methods = longrangeiter_methods,
};

/* -- Which of them ------------------------------------------------------- */

/* The number after the last one must fit as well, because the iterator moves there. */
static int
fits_fast_iter(long stop, long step, unsigned long len)
{
    if (len > (unsigned long)LONG_MAX) {
        return 0;
    }
    return step > 0 ? stop <= LONG_MAX - (step - 1) : stop >= LONG_MIN + (-1 - step);
}

static PyObject *
range_iter(PyObject *self)
{
    _PyRangeObject *r = RANGE(self);
    long v[3];
    if (as_longs(r->start, r->stop, r->step, v)) {
        unsigned long len = count_steps(v[0], v[1], v[2]);
        if (v[2] >= -LONG_MAX && fits_fast_iter(v[1], v[2], len)) {
            return fast_iter(v[0], v[2], (long)len);
        }
    }
    return long_iter(Py_NewRef(r->start), Py_NewRef(r->step), Py_NewRef(r->length));
}

static PyObject *
range___reversed__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyRangeObject *r = RANGE(self);
    long v[3];
    if (as_longs(r->start, r->stop, r->step, v)
        && (v[2] > 0 ? v[0] >= LONG_MIN + v[2] : v[2] >= -LONG_MAX && v[0] <= LONG_MAX + v[2])) {
        unsigned long len = count_steps(v[0], v[1], v[2]);
        if (len <= (unsigned long)LONG_MAX) {
            unsigned long last = (unsigned long)v[0] + (len - 1) * (unsigned long)v[2];
            return fast_iter((long)last, -v[2], (long)len);
        }
    }
    PyObject *before_end = PyNumber_Subtract(r->length, _PyLong_GetOne());
    PyObject *last = before_end == NULL ? NULL : item_of(r, before_end);
    Py_XDECREF(before_end);
    return long_iter(last, PyNumber_Negative(r->step), Py_NewRef(r->length));
}

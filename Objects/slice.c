/* Slices and Ellipsis-free index arithmetic.  A slice is immutable: start, stop and step are const. */
#include "Python.h"
#include "pycore_slice.h"
#include "pycore_abstract.h"     // _PyIndex_Check
#include "pycore_args.h"         // PY_METHOD
#include "pycore_long.h"         // _PyLong_GetZero
#include "pycore_modsupport.h"   // _PyArg_NoKeywords
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_tuple.h"        // _PyTuple_HASH_XXPRIME_1
#include <stddef.h>              // offsetof

#define SLICE(op) ((PySliceObject *)(op))

/* -- Birth and death -------------------------------------------------- */

/* Steals all three, also on failure. */
static PyObject *
slice_from_refs(PyObject *start, PyObject *stop, PyObject *step)
{
    PySliceObject *self = PyObject_GC_New(PySliceObject, &PySlice_Type);
    if (self == NULL) {
        Py_DECREF(start);
        Py_DECREF(stop);
        Py_DECREF(step);
        return NULL;
    }
    self->start = start;
    self->stop = stop;
    self->step = step;
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

PyObject *
PySlice_New(PyObject *start, PyObject *stop, PyObject *step)
{
    return slice_from_refs(Py_NewRef(start ? start : Py_None), Py_NewRef(stop ? stop : Py_None),
                           Py_NewRef(step ? step : Py_None));
}

PyObject *
_PyBuildSlice_ConsumeRefs(PyObject *start, PyObject *stop)
{
    return slice_from_refs(start, stop, Py_None);
}

PyObject *
_PySlice_FromIndices(Py_ssize_t istart, Py_ssize_t istop)
{
    PyObject *start = PyLong_FromSsize_t(istart);
    if (start == NULL) {
        return NULL;
    }
    PyObject *stop = PyLong_FromSsize_t(istop);
    if (stop == NULL) {
        Py_DECREF(start);
        return NULL;
    }
    return slice_from_refs(start, stop, Py_None);
}

static void
slice_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_DECREF(SLICE(self)->start);
    Py_DECREF(SLICE(self)->stop);
    Py_DECREF(SLICE(self)->step);
    PyObject_GC_Del(self);
}

static int
slice_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(SLICE(self)->start);
    Py_VISIT(SLICE(self)->stop);
    Py_VISIT(SLICE(self)->step);
    return 0;
}

static PyObject *
slice_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *start = NULL, *stop = NULL, *step = NULL;
    if (!_PyArg_NoKeywords("slice", kwds) || !PyArg_UnpackTuple(args, "slice", 1, 3, &start, &stop, &step)) {
        return NULL;
    }
    if (stop == NULL) {     // slice(stop)
        stop = start;
        start = NULL;
    }
    return PySlice_New(start, stop, step);
}

/* -- As C integers ----------------------------------------------------- */

int
PySlice_GetIndices(PyObject *op, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    PySliceObject *self = SLICE(op);
    *step = 1;
    if (self->step != Py_None) {
        if (!PyLong_Check(self->step)) {
            return -1;
        }
        *step = PyLong_AsSsize_t(self->step);
    }
    *start = *step < 0 ? length - 1 : 0;
    if (self->start != Py_None) {
        if (!PyLong_Check(self->start)) {
            return -1;
        }
        *start = PyLong_AsSsize_t(self->start);
        *start += *start < 0 ? length : 0;
    }
    *stop = *step < 0 ? -1 : length;
    if (self->stop != Py_None) {
        if (!PyLong_Check(self->stop)) {
            return -1;
        }
        *stop = PyLong_AsSsize_t(self->stop);
        *stop += *stop < 0 ? length : 0;
    }
    return *stop > length || *start >= length || *step == 0 ? -1 : 0;
}

int
PySlice_Unpack(PyObject *op, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    PySliceObject *self = SLICE(op);
    *step = 1;
    if (self->step != Py_None) {
        if (!_PyEval_SliceIndex(self->step, step)) {
            return -1;
        }
        if (*step == 0) {
            PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
            return -1;
        }
        *step = Py_MAX(*step, -PY_SSIZE_T_MAX);     // so that -step exists
    }
    *start = *step < 0 ? PY_SSIZE_T_MAX : 0;
    if (self->start != Py_None && !_PyEval_SliceIndex(self->start, start)) {
        return -1;
    }
    *stop = *step < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    if (self->stop != Py_None && !_PyEval_SliceIndex(self->stop, stop)) {
        return -1;
    }
    return 0;
}

static Py_ssize_t
clip(Py_ssize_t i, Py_ssize_t length, Py_ssize_t step)
{
    if (i < 0) {
        i += length;
        if (i < 0) {
            return step < 0 ? -1 : 0;
        }
    }
    else if (i >= length) {
        return step < 0 ? length - 1 : length;
    }
    return i;
}

/* The number of items. */
Py_ssize_t
PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t step)
{
    assert(step != 0 && step >= -PY_SSIZE_T_MAX);
    *start = clip(*start, length, step);
    *stop = clip(*stop, length, step);
    if (step < 0) {
        return *stop < *start ? (*start - *stop - 1) / (-step) + 1 : 0;
    }
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

#undef PySlice_GetIndicesEx

int
PySlice_GetIndicesEx(PyObject *op, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step,
                     Py_ssize_t *slicelength)
{
    if (PySlice_Unpack(op, start, stop, step) < 0) {
        return -1;
    }
    *slicelength = PySlice_AdjustIndices(length, start, stop, *step);
    return 0;
}

/* -- As Python integers -------------------------------------------------- */

static PyObject *
evaluate_index(PyObject *v)
{
    if (_PyIndex_Check(v)) {
        return PyNumber_Index(v);
    }
    PyErr_SetString(PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
    return NULL;
}

/* v counted from the end if negative, then held within [lower, upper].  NULL v gives missing. */
static PyObject *
long_index(PyObject *v, PyObject *length, PyObject *lower, PyObject *upper, PyObject *missing)
{
    if (v == Py_None) {
        return Py_NewRef(missing);
    }
    PyObject *index = evaluate_index(v);
    if (index == NULL) {
        return NULL;
    }
    PyObject *limit = upper;
    int op = Py_GT;
    if (_PyLong_IsNegative((PyLongObject *)index)) {
        Py_SETREF(index, PyNumber_Add(index, length));
        if (index == NULL) {
            return NULL;
        }
        limit = lower;
        op = Py_LT;
    }
    int outside = PyObject_RichCompareBool(index, limit, op);
    if (outside < 0) {
        Py_DECREF(index);
        return NULL;
    }
    if (outside) {
        Py_SETREF(index, Py_NewRef(limit));
    }
    return index;
}

int
_PySlice_GetLongIndices(PySliceObject *self, PyObject *length, PyObject **start_ptr, PyObject **stop_ptr,
                        PyObject **step_ptr)
{
    PyObject *start = NULL, *stop = NULL, *step = NULL, *lower = NULL, *upper = NULL;
    int backwards = 0;
    if (self->step == Py_None) {
        step = Py_NewRef(_PyLong_GetOne());
    }
    else {
        step = evaluate_index(self->step);
        if (step == NULL) {
            goto fail;
        }
        backwards = _PyLong_IsNegative((PyLongObject *)step);
        if (_PyLong_IsZero((PyLongObject *)step)) {
            PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
            goto fail;
        }
    }
    if (backwards) {
        lower = PyLong_FromLong(-1);
        upper = lower == NULL ? NULL : PyNumber_Add(length, lower);
    }
    else {
        lower = Py_NewRef(_PyLong_GetZero());
        upper = Py_NewRef(length);
    }
    if (upper == NULL) {
        goto fail;
    }
    start = long_index(self->start, length, lower, upper, backwards ? upper : lower);
    if (start == NULL) {
        goto fail;
    }
    stop = long_index(self->stop, length, lower, upper, backwards ? lower : upper);
    if (stop == NULL) {
        goto fail;
    }
    *start_ptr = start;
    *stop_ptr = stop;
    *step_ptr = step;
    Py_DECREF(lower);
    Py_DECREF(upper);
    return 0;
fail:
    *start_ptr = *stop_ptr = *step_ptr = NULL;
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    Py_XDECREF(lower);
    Py_XDECREF(upper);
    return -1;
}

/* -- Methods and slots --------------------------------------------------- */

static PyObject *
slice_indices(PyObject *self, PyObject *arg)
{
    PyObject *start, *stop, *step;
    PyObject *length = PyNumber_Index(arg);
    if (length == NULL) {
        return NULL;
    }
    if (_PyLong_IsNegative((PyLongObject *)length)) {
        PyErr_SetString(PyExc_ValueError, "length should not be negative");
        Py_DECREF(length);
        return NULL;
    }
    int error = _PySlice_GetLongIndices(SLICE(self), length, &start, &stop, &step);
    Py_DECREF(length);
    return error < 0 ? NULL : Py_BuildValue("(NNN)", start, stop, step);
}

static PyObject *
slice___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O(OOO)", Py_TYPE(self), SLICE(self)->start, SLICE(self)->stop, SLICE(self)->step);
}

static PyObject *
slice_repr(PyObject *self)
{
    return PyUnicode_FromFormat("slice(%R, %R, %R)", SLICE(self)->start, SLICE(self)->stop, SLICE(self)->step);
}

/* As the tuple of its parts. */
static PyObject *
slice_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PySlice_Check(v) || !PySlice_Check(w)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (v == w) {
        return PyBool_FromLong(op == Py_EQ || op == Py_LE || op == Py_GE);
    }
    PyObject *a = PyTuple_Pack(3, SLICE(v)->start, SLICE(v)->stop, SLICE(v)->step);
    PyObject *b = PyTuple_Pack(3, SLICE(w)->start, SLICE(w)->stop, SLICE(w)->step);
    PyObject *result = a == NULL || b == NULL ? NULL : PyObject_RichCompare(a, b, op);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static Py_hash_t
slice_hash(PyObject *self)
{
    PyObject *parts[3] = {SLICE(self)->start, SLICE(self)->stop, SLICE(self)->step};
    Py_uhash_t acc = _PyTuple_HASH_XXPRIME_5;
    for (int i = 0; i < 3; i++) {
        Py_uhash_t lane = (Py_uhash_t)PyObject_Hash(parts[i]);
        if (lane == (Py_uhash_t)-1) {
            return -1;
        }
        acc += lane * _PyTuple_HASH_XXPRIME_2;
        acc = _PyTuple_HASH_XXROTATE(acc);
        acc *= _PyTuple_HASH_XXPRIME_1;
    }
    return acc == (Py_uhash_t)-1 ? 1546275796 : (Py_hash_t)acc;
}

static PyMethodDef slice_methods[] = {
    PY_METHOD(slice, indices, METH_O, "($self, object, /)",
              "Return (start, stop, step) for a sequence of the given length, all within it."),
    PY_METHOD(slice, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

static PyMemberDef slice_members[] = {
    {"start", Py_T_OBJECT_EX, offsetof(PySliceObject, start), Py_READONLY},
    {"stop", Py_T_OBJECT_EX, offsetof(PySliceObject, stop), Py_READONLY},
    {"step", Py_T_OBJECT_EX, offsetof(PySliceObject, step), Py_READONLY},
    {0}
};

PyDoc_STRVAR(slice_doc,
"slice(stop)\n"
"slice(start, stop[, step])\n\n"
"What stands between the brackets of a[start:stop:step].");

PyTypeObject PySlice_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "slice",
    .tp_basicsize = sizeof(PySliceObject),
    .tp_dealloc = slice_dealloc,
    .tp_repr = slice_repr,
    .tp_hash = slice_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = slice_doc,
    .tp_traverse = slice_traverse,
    .tp_richcompare = slice_richcompare,
    .tp_methods = slice_methods,
    .tp_members = slice_members,
    .tp_new = slice_new,
};

/* itertools.count, cycle and repeat. */
#include "itertools_private.h"
#include "pycore_long.h"     // _PyLong_GetOne

/* -- count ---------------------------------------------------------------- */

/* While value is below PY_SSIZE_T_MAX the step is 1 and number is NULL; then number is next, by step. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t value;
    PyObject *number;
    PyObject *step;
} countobject;

ITERTOOL_OBJECT(count, countobject, number, step)

static int
counts_in_c(PyObject *start, PyObject *step, Py_ssize_t *value)
{
    *value = 0;
    if ((start != NULL && !PyLong_Check(start)) || (step != NULL && !PyLong_Check(step))) {
        return 0;
    }
    if (start != NULL) {
        *value = PyLong_AsSsize_t(start);
    }
    long by = step == NULL ? 1 : PyLong_AsLong(step);
    if (PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return by == 1 && *value != PY_SSIZE_T_MAX;
}

static PyObject *
count_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("count", "start", "step");
    PyObject *buffer[2];
    PyObject *const *parsed = by_keywords(args, kwds, &parser, 0, 2, buffer);
    if (parsed == NULL) {
        return NULL;
    }
    PyObject *start = parsed[0], *step = parsed[1];
    if ((start != NULL && !PyNumber_Check(start)) || (step != NULL && !PyNumber_Check(step))) {
        PyErr_SetString(PyExc_TypeError, "a number is required");
        return NULL;
    }
    Py_ssize_t value;
    int fast = counts_in_c(start, step, &value);
    countobject *self = (countobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->value = fast ? value : PY_SSIZE_T_MAX;
    self->number = fast ? NULL : Py_NewRef(start != NULL ? start : _PyLong_GetZero());
    self->step = Py_NewRef(step != NULL ? step : _PyLong_GetOne());
    return (PyObject *)self;
}

static PyObject *
count_next_slow(countobject *self)
{
    if (self->number == NULL) {
        self->number = PyLong_FromSsize_t(PY_SSIZE_T_MAX);
        if (self->number == NULL) {
            return NULL;
        }
    }
    PyObject *number = Py_NewRef(self->number);
    PyObject *after = PyNumber_Add(number, self->step);
    if (after == NULL) {
        Py_DECREF(number);
        return NULL;
    }
    Py_SETREF(self->number, after);
    return number;
}

static PyObject *
count_next_lock_held(countobject *self)
{
    if (self->value != PY_SSIZE_T_MAX) {
        return PyLong_FromSsize_t(self->value++);
    }
    return count_next_slow(self);
}
ITERTOOL_NEXT(count, countobject)

static PyObject *
count_repr_lock_held(countobject *self)
{
    const char *name = _PyType_Name(Py_TYPE(self));
    if (self->number == NULL) {
        return PyUnicode_FromFormat("%s(%zd)", name, self->value);
    }
    if (PyLong_Check(self->step)) {
        long step = PyLong_AsLong(self->step);
        if (step == -1 && PyErr_Occurred()) {
            PyErr_Clear();
        }
        if (step == 1) {
            return PyUnicode_FromFormat("%s(%R)", name, self->number);
        }
    }
    return PyUnicode_FromFormat("%s(%R, %R)", name, self->number, self->step);
}

static PyObject *
count_repr(PyObject *self)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = count_repr_lock_held((countobject *)self);
    Py_END_CRITICAL_SECTION();
    return result;
}

ITERTOOL_TYPE(_PyCount_spec, count, countobject, "count",
    "count(start=0, step=1)\n--\n\nCount from start, by step, without an end.",
    {Py_tp_repr, count_repr},)

/* -- cycle ---------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *it;            // NULL once it has ended
    PyObject *saved;         // const: list of what it gave
    Py_ssize_t index;        // in saved
} cycleobject;

ITERTOOL_OBJECT(cycle, cycleobject, it, saved)

static PyObject *
cycle_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *iterable;
    if (positional(type, "cycle", args, kwds, 1, 1, &iterable) < 0) {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    PyObject *saved = it == NULL ? NULL : PyList_New(0);
    cycleobject *self = saved == NULL ? NULL : (cycleobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(it);
        Py_XDECREF(saved);
        return NULL;
    }
    self->it = it;
    self->saved = saved;
    return (PyObject *)self;
}

static PyObject *
cycle_next_lock_held(cycleobject *self)
{
    if (self->it != NULL) {
        PyObject *item = next_of_field(self->it);
        if (item != NULL) {
            if (PyList_Append(self->saved, item) < 0) {
                Py_CLEAR(item);
            }
            return item;
        }
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                return NULL;
            }
            PyErr_Clear();
        }
        Py_CLEAR(self->it);
    }
    if (PyList_GET_SIZE(self->saved) == 0) {
        return NULL;
    }
    PyObject *item = Py_NewRef(PyList_GET_ITEM(self->saved, self->index));
    if (++self->index >= PyList_GET_SIZE(self->saved)) {
        self->index = 0;
    }
    return item;
}
ITERTOOL_NEXT(cycle, cycleobject)

ITERTOOL_TYPE(_PyCycle_spec, cycle, cycleobject, "cycle",
    "cycle(iterable, /)\n--\n\nGive the items of iterable, then the same again, without an end.",)

/* -- repeat ---------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *element;       // const
    Py_ssize_t left;         // relaxed; -1: no end
} repeatobject;

ITERTOOL_OBJECT(repeat, repeatobject, element, element)

static PyObject *
repeat_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("repeat", "object", "times");
    PyObject *buffer[2];
    Py_ssize_t left = -1;
    PyObject *const *parsed = by_keywords(args, kwds, &parser, 1, 2, buffer);
    if (parsed == NULL || (parsed[1] != NULL && index_as_ssize(parsed[1], &left) < 0)) {
        return NULL;
    }
    if (parsed[1] != NULL && left < 0) {
        left = 0;
    }
    repeatobject *self = (repeatobject *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->element = Py_NewRef(parsed[0]);
        self->left = left;
    }
    return (PyObject *)self;
}

static PyObject *
repeat_next(PyObject *op)
{
    repeatobject *self = (repeatobject *)op;
    Py_ssize_t left = FT_ATOMIC_LOAD_SSIZE_RELAXED(self->left);
    if (left == 0) {
        return NULL;
    }
    if (left > 0) {
        FT_ATOMIC_STORE_SSIZE_RELAXED(self->left, left - 1);
    }
    return Py_NewRef(self->element);
}

static PyObject *
repeat_repr(PyObject *op)
{
    repeatobject *self = (repeatobject *)op;
    const char *name = _PyType_Name(Py_TYPE(op));
    Py_ssize_t left = FT_ATOMIC_LOAD_SSIZE_RELAXED(self->left);
    return left < 0 ? PyUnicode_FromFormat("%s(%R)", name, self->element)
                    : PyUnicode_FromFormat("%s(%R, %zd)", name, self->element, left);
}

static PyObject *
repeat___length_hint__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t left = FT_ATOMIC_LOAD_SSIZE_RELAXED(((repeatobject *)op)->left);
    if (left < 0) {
        PyErr_SetString(PyExc_TypeError, "len() of unsized object");
        return NULL;
    }
    return PyLong_FromSsize_t(left);
}

static PyMethodDef repeat_methods[] = {
    PY_METHOD(repeat, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left."),
    {0}
};

ITERTOOL_TYPE(_PyRepeat_spec, repeat, repeatobject, "repeat",
    "repeat(object [,times]) -> give the object without an end, or so many times.",
    {Py_tp_repr, repeat_repr},
    {Py_tp_methods, repeat_methods},)

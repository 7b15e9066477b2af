/* Iterators that give what another one gives, filtered, cut, joined or changed. */
#include "itertools_private.h"

/* -- accumulate -------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *total;         // NULL before the first item
    PyObject *it;            // const
    PyObject *function;      // const: NULL is +
    PyObject *initial;       // not given yet, or NULL
} accumulateobject;

ITERTOOL_OBJECT(accumulate, accumulateobject, total, initial)

static PyObject *
accumulate_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("accumulate", "iterable", "func", "initial");
    PyObject *buffer[3];
    PyObject *const *parsed = by_keywords(args, kwds, &parser, 1, 2, buffer);
    PyObject *it = parsed == NULL ? NULL : PyObject_GetIter(parsed[0]);
    if (it == NULL) {
        return NULL;
    }
    accumulateobject *self = (accumulateobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    self->it = it;
    self->function = parsed[1] == Py_None ? NULL : Py_XNewRef(parsed[1]);
    self->initial = parsed[2] == Py_None ? NULL : Py_XNewRef(parsed[2]);
    return (PyObject *)self;
}

static PyObject *
accumulate_next_lock_held(accumulateobject *self)
{
    if (self->initial != NULL) {
        self->total = self->initial;
        self->initial = NULL;
        return Py_NewRef(self->total);
    }
    PyObject *item = next_of(self->it);
    if (item == NULL) {
        return NULL;
    }
    if (self->total == NULL) {
        self->total = Py_NewRef(item);
        return item;
    }
    PyObject *total = Py_NewRef(self->total);
    PyObject *after = self->function == NULL
        ? PyNumber_Add(total, item)
        : PyObject_CallFunctionObjArgs(self->function, total, item, NULL);
    Py_DECREF(total);
    Py_DECREF(item);
    if (after == NULL) {
        return NULL;
    }
    Py_XSETREF(self->total, Py_NewRef(after));
    return after;
}
ITERTOOL_NEXT(accumulate, accumulateobject)

ITERTOOL_TYPE(_PyAccumulate_spec, accumulate, accumulateobject, "accumulate",
    "accumulate(iterable, func=None, *, initial=None)\n--\n\nRunning sums, or results of another function of two.",)

/* -- batched ------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *it;            // NULL after the end
    Py_ssize_t size;         // const
    int strict;              // const
} batchedobject;

ITERTOOL_OBJECT(batched, batchedobject, it, it)

static PyObject *
batched_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("batched", "iterable", "n", "strict");
    PyObject *buffer[3];
    Py_ssize_t n;
    int strict = 0;
    PyObject *const *parsed = by_keywords(args, kwds, &parser, 2, 2, buffer);
    if (parsed == NULL || index_as_ssize(parsed[1], &n) < 0
        || (parsed[2] != NULL && (strict = PyObject_IsTrue(parsed[2])) < 0)) {
        return NULL;
    }
    if (n < 1) {
        PyErr_SetString(PyExc_ValueError, "n must be at least one");
        return NULL;
    }
    PyObject *it = PyObject_GetIter(parsed[0]);
    batchedobject *self = it == NULL ? NULL : (batchedobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(it);
        return NULL;
    }
    self->it = it;
    self->size = n;
    self->strict = strict;
    return (PyObject *)self;
}

/* The last batch has only i items. */
static PyObject *
batched_end(batchedobject *self, PyObject *result, Py_ssize_t i)
{
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            Py_CLEAR(self->it);
            Py_DECREF(result);
            return NULL;
        }
        PyErr_Clear();
    }
    Py_CLEAR(self->it);
    if (i == 0) {
        Py_DECREF(result);
        return NULL;
    }
    if (self->strict) {
        Py_DECREF(result);
        PyErr_SetString(PyExc_ValueError, "batched(): incomplete batch");
        return NULL;
    }
    _PyTuple_Resize(&result, i);
    return result;
}

static PyObject *
batched_next_lock_held(batchedobject *self)
{
    if (self->it == NULL) {
        return NULL;
    }
    Py_ssize_t n = self->size;
    PyObject *result = PyTuple_New(n);
    if (result == NULL) {
        return NULL;
    }
    PyObject *it = Py_NewRef(self->it);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = next_of(it);
        if (item == NULL) {
            Py_DECREF(it);
            return batched_end(self, result, i);
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    Py_DECREF(it);
    return result;
}
ITERTOOL_NEXT(batched, batchedobject)

ITERTOOL_TYPE(_PyBatched_spec, batched, batchedobject, "batched",
    "batched(iterable, n, *, strict=False)\n--\n\n"
    "Tuples of n items each; the last may be shorter, which is an error if strict.",)

/* -- chain ---------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *source;        // iterator over iterables; NULL after the end
    PyObject *active;        // the one whose items are given now, or NULL
} chainobject;

ITERTOOL_OBJECT(chain, chainobject, source, active)

/* Steals source. */
static PyObject *
chain_over(PyTypeObject *type, PyObject *source)
{
    chainobject *self = source == NULL ? NULL : (chainobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(source);
        return NULL;
    }
    self->source = source;
    return (PyObject *)self;
}

static PyObject *
chain_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return no_keywords(type, "chain", kwds) ? chain_over(type, PyObject_GetIter(args)) : NULL;
}

static PyObject *
chain_from_iterable(PyObject *type, PyObject *iterable)
{
    return chain_over((PyTypeObject *)type, PyObject_GetIter(iterable));
}

static PyObject *
chain_next_lock_held(chainobject *self)
{
    while (self->source != NULL) {
        if (self->active == NULL) {
            PyObject *iterable = next_of_field(self->source);
            if (iterable == NULL) {
                Py_CLEAR(self->source);
                return NULL;
            }
            PyObject *iter = PyObject_GetIter(iterable);
            Py_DECREF(iterable);
            if (iter == NULL) {
                Py_CLEAR(self->source);
                return NULL;
            }
            Py_XSETREF(self->active, iter);
        }
        PyObject *active = Py_NewRef(self->active);
        PyObject *item = next_of(active);
        if (item != NULL) {
            Py_DECREF(active);
            return item;
        }
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                Py_DECREF(active);
                return NULL;
            }
            PyErr_Clear();
        }
        if (self->active == active) {
            Py_CLEAR(self->active);
        }
        Py_DECREF(active);
    }
    return NULL;
}
ITERTOOL_NEXT(chain, chainobject)

static PyMethodDef chain_methods[] = {
    PY_METHOD(chain, from_iterable, METH_O | METH_CLASS, "($type, iterable, /)",
              "chain(*iterable), without having all of them first."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "chain[T], for annotations."),
    {0}
};

ITERTOOL_TYPE(_PyChain_spec, chain, chainobject, "chain",
    "chain(*iterables)\n--\n\nThe items of the first iterable, then those of the next, to the last.",
    {Py_tp_methods, chain_methods},)

/* -- compress ------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *data;          // const
    PyObject *selectors;     // const
} compressobject;

ITERTOOL_OBJECT(compress, compressobject, data, selectors)

static PyObject *
compress_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("compress", "data", "selectors");
    PyObject *buffer[2];
    PyObject *const *parsed = by_keywords(args, kwds, &parser, 2, 2, buffer);
    PyObject *data = parsed == NULL ? NULL : PyObject_GetIter(parsed[0]);
    PyObject *selectors = data == NULL ? NULL : PyObject_GetIter(parsed[1]);
    compressobject *self = selectors == NULL ? NULL : (compressobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(data);
        Py_XDECREF(selectors);
        return NULL;
    }
    self->data = data;
    self->selectors = selectors;
    return (PyObject *)self;
}

static PyObject *
compress_next_lock_held(compressobject *self)
{
    for (;;) {
        PyObject *item = next_of(self->data);
        if (item == NULL) {
            return NULL;
        }
        PyObject *selector = next_of(self->selectors);
        if (selector == NULL) {
            Py_DECREF(item);
            return NULL;
        }
        int wanted = PyObject_IsTrue(selector);
        Py_DECREF(selector);
        if (wanted > 0) {
            return item;
        }
        Py_DECREF(item);
        if (wanted < 0) {
            return NULL;
        }
    }
}
ITERTOOL_NEXT(compress, compressobject)

ITERTOOL_TYPE(_PyCompress_spec, compress, compressobject, "compress",
    "compress(data, selectors)\n--\n\nThe items of data whose selector is true.",)

/* -- dropwhile, takewhile, filterfalse, starmap ------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *function;      // const
    PyObject *it;            // const
    int flag;                // dropwhile: the dropping is over; takewhile: so is everything
} functionobject;

#define FUNCTION_ITERATOR(name) ITERTOOL_OBJECT(name, functionobject, function, it)

static PyObject *
function_iterator_new(PyTypeObject *type, const char *name, PyObject *args, PyObject *kwds)
{
    PyObject *parsed[2];
    if (positional(type, name, args, kwds, 2, 2, parsed) < 0) {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(parsed[1]);
    functionobject *self = it == NULL ? NULL : (functionobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(it);
        return NULL;
    }
    self->function = Py_NewRef(parsed[0]);
    self->it = it;
    return (PyObject *)self;
}

#define FUNCTION_NEW(name)                                                   \
    static PyObject *                                                        \
    name##_new(PyTypeObject *type, PyObject *args, PyObject *kwds)           \
    {                                                                        \
        return function_iterator_new(type, #name, args, kwds);               \
    }

/* Truth of function(item): 1, 0, -1. */
static int
ask(PyObject *function, PyObject *item)
{
    PyObject *answer = PyObject_CallOneArg(function, item);
    if (answer == NULL) {
        return -1;
    }
    int truth = PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return truth;
}

FUNCTION_ITERATOR(dropwhile)
FUNCTION_NEW(dropwhile)

static PyObject *
dropwhile_next_lock_held(functionobject *self)
{
    for (;;) {
        PyObject *item = next_of(self->it);
        if (item == NULL || self->flag) {
            return item;
        }
        int drop = ask(self->function, item);
        if (drop == 0) {
            self->flag = 1;
            return item;
        }
        Py_DECREF(item);
        if (drop < 0) {
            return NULL;
        }
    }
}
ITERTOOL_NEXT(dropwhile, functionobject)

ITERTOOL_TYPE(_PyDropwhile_spec, dropwhile, functionobject, "dropwhile",
    "dropwhile(predicate, iterable, /)\n--\n\nThe items from the first on for which predicate is false.",)

FUNCTION_ITERATOR(takewhile)
FUNCTION_NEW(takewhile)

static PyObject *
takewhile_next_lock_held(functionobject *self)
{
    if (self->flag) {
        return NULL;
    }
    PyObject *item = next_of(self->it);
    if (item == NULL) {
        return NULL;
    }
    int keep = ask(self->function, item);
    if (keep > 0) {
        return item;
    }
    Py_DECREF(item);
    if (keep == 0) {
        self->flag = 1;
    }
    return NULL;
}
ITERTOOL_NEXT(takewhile, functionobject)

ITERTOOL_TYPE(_PyTakewhile_spec, takewhile, functionobject, "takewhile",
    "takewhile(predicate, iterable, /)\n--\n\nThe items before the first for which predicate is false.",)

FUNCTION_ITERATOR(filterfalse)
FUNCTION_NEW(filterfalse)

static PyObject *
filterfalse_next_lock_held(functionobject *self)
{
    for (;;) {
        PyObject *item = next_of(self->it);
        if (item == NULL) {
            return NULL;
        }
        int truth = self->function == Py_None || self->function == (PyObject *)&PyBool_Type
            ? PyObject_IsTrue(item) : ask(self->function, item);
        if (truth == 0) {
            return item;
        }
        Py_DECREF(item);
        if (truth < 0) {
            return NULL;
        }
    }
}
ITERTOOL_NEXT(filterfalse, functionobject)

ITERTOOL_TYPE(_PyFilterfalse_spec, filterfalse, functionobject, "filterfalse",
    "filterfalse(function, iterable, /)\n--\n\nThe items for which function(item) is false; with None, the false items.",)

FUNCTION_ITERATOR(starmap)
FUNCTION_NEW(starmap)

static PyObject *
starmap_next_lock_held(functionobject *self)
{
    PyObject *args = next_of(self->it);
    if (args == NULL) {
        return NULL;
    }
    if (!PyTuple_CheckExact(args)) {
        Py_SETREF(args, PySequence_Tuple(args));
        if (args == NULL) {
            return NULL;
        }
    }
    PyObject *result = PyObject_Call(self->function, args, NULL);
    Py_DECREF(args);
    return result;
}
ITERTOOL_NEXT(starmap, functionobject)

ITERTOOL_TYPE(_PyStarmap_spec, starmap, functionobject, "starmap",
    "starmap(function, iterable, /)\n--\n\nfunction(*args) for each args of iterable.",)

/* -- islice ------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *it;            // NULL after the end
    Py_ssize_t next;         // index of the next item to give
    Py_ssize_t stop;         // const; -1: no end
    Py_ssize_t step;         // const
    Py_ssize_t count;        // items taken from it so far
} isliceobject;

ITERTOOL_OBJECT(islice, isliceobject, it, it)

/* None gives missing; else an index, or -1 with no particular exception. */
static Py_ssize_t
islice_number(PyObject *arg, Py_ssize_t missing)
{
    if (arg == NULL || arg == Py_None) {
        return missing;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (i == -1 && PyErr_Occurred()) {
        PyErr_Clear();
    }
    return i < 0 ? PY_SSIZE_T_MIN : i;
}

static PyObject *
islice_error(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return NULL;
}

static PyObject *
islice_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *parsed[4];
    if (positional(type, "islice", args, kwds, 2, 4, parsed) < 0) {
        return NULL;
    }
    Py_ssize_t start = 0, stop, step = 1;
    if (parsed[2] == NULL) {
        stop = islice_number(parsed[1], -1);
    }
    else {
        start = islice_number(parsed[1], 0);
        stop = islice_number(parsed[2], -1);
        step = islice_number(parsed[3], 1);
    }
    if (stop == PY_SSIZE_T_MIN) {
        return islice_error("Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    }
    if (start == PY_SSIZE_T_MIN) {
        return islice_error("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    }
    if (step < 1) {
        return islice_error("Step for islice() must be a positive integer or None.");
    }
    PyObject *it = PyObject_GetIter(parsed[0]);
    isliceobject *self = it == NULL ? NULL : (isliceobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(it);
        return NULL;
    }
    self->it = it;
    self->next = start;
    self->stop = stop;
    self->step = step;
    return (PyObject *)self;
}

static PyObject *
islice_next_lock_held(isliceobject *self)
{
    if (self->it == NULL) {
        return NULL;
    }
    PyObject *it = Py_NewRef(self->it), *item = NULL;
    while (self->count < self->next) {
        item = next_of(it);
        if (item == NULL) {
            goto end;
        }
        Py_DECREF(item);
        self->count++;
    }
    if (self->stop != -1 && self->count >= self->stop) {
        item = NULL;
        goto end;
    }
    item = next_of(it);
    if (item == NULL) {
        goto end;
    }
    self->count++;
    /* The size_t sum cannot overflow. */
    size_t next = (size_t)self->next + (size_t)self->step;
    self->next = next > (size_t)PY_SSIZE_T_MAX || (self->stop != -1 && next > (size_t)self->stop)
        ? (self->stop != -1 ? self->stop : PY_SSIZE_T_MAX) : (Py_ssize_t)next;
    Py_DECREF(it);
    return item;
end:
    Py_DECREF(it);
    Py_CLEAR(self->it);
    return NULL;
}
ITERTOOL_NEXT(islice, isliceobject)

ITERTOOL_TYPE(_PyIslice_spec, islice, isliceobject, "islice",
    "islice(iterable, stop) --> islice object\n"
    "islice(iterable, start, stop[, step]) --> islice object\n\n"
    "The items that iterable[start:stop:step] would have.",)

/* -- pairwise ----------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *it;            // NULL after the end
    PyObject *old;           // first of the next pair
    PyObject *result;        // pair of the last step
} pairwiseobject;

ITERTOOL_OBJECT(pairwise, pairwiseobject, it, result)

static PyObject *
pairwise_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *iterable;
    if (positional(type, "pairwise", args, kwds, 1, 1, &iterable) < 0) {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    PyObject *result = it == NULL ? NULL : _PyTuple_FromPair(Py_None, Py_None);
    pairwiseobject *self = result == NULL ? NULL : (pairwiseobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(it);
        Py_XDECREF(result);
        return NULL;
    }
    self->it = it;
    self->result = result;
    return (PyObject *)self;
}

/* The result tuple again if nobody kept it, else a new one.  Steals both. */
static PyObject *
pair_from(pairwiseobject *self, PyObject *first, PyObject *second)
{
    PyObject *result = self->result;
    if (Py_REFCNT(result) != 1) {
        return _PyTuple_FromPairSteal(first, second);
    }
    Py_INCREF(result);
    PyObject *old_first = PyTuple_GET_ITEM(result, 0), *old_second = PyTuple_GET_ITEM(result, 1);
    PyTuple_SET_ITEM(result, 0, first);
    PyTuple_SET_ITEM(result, 1, second);
    _PyTuple_Recycle(result);
    Py_DECREF(old_first);
    Py_DECREF(old_second);
    return result;
}

static PyObject *
pairwise_next_lock_held(pairwiseobject *self)
{
    if (self->it == NULL) {
        return NULL;
    }
    PyObject *it = Py_NewRef(self->it);
    PyObject *old = Py_XNewRef(self->old), *new;
    if (old == NULL) {
        old = next_of(it);
        Py_XSETREF(self->old, Py_XNewRef(old));
        /* The call may have exhausted us from inside. */
        if (old == NULL || self->it == NULL) {
            Py_CLEAR(self->it);
            Py_CLEAR(self->old);
            Py_XDECREF(old);
            Py_DECREF(it);
            return NULL;
        }
    }
    new = next_of(it);
    Py_DECREF(it);
    if (new == NULL) {
        Py_CLEAR(self->it);
        Py_CLEAR(self->old);
        Py_DECREF(old);
        return NULL;
    }
    Py_XSETREF(self->old, Py_NewRef(new));
    return pair_from(self, old, new);
}
ITERTOOL_NEXT(pairwise, pairwiseobject)

ITERTOOL_TYPE(_PyPairwise_spec, pairwise, pairwiseobject, "pairwise",
    "pairwise(iterable, /)\n--\n\nEach item with the one after it.",)

/* -- zip_longest --------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *iterators;     // const: list, None where one has ended
    PyObject *fill;          // const
    Py_ssize_t active;       // iterators that have not ended
} ziplongestobject;

ITERTOOL_OBJECT(ziplongest, ziplongestobject, iterators, fill)

static PyObject *
ziplongest_fillvalue(PyObject *kwds)
{
    if (kwds == NULL || PyDict_GET_SIZE(kwds) == 0) {
        return Py_NewRef(Py_None);
    }
    PyObject *fill = NULL;
    if (PyDict_GET_SIZE(kwds) == 1) {
        if (PyDict_GetItemRef(kwds, _Py_ID(fillvalue), &fill) < 0) {
            return NULL;
        }
    }
    if (fill == NULL) {
        PyErr_SetString(PyExc_TypeError, "zip_longest() got an unexpected keyword argument");
    }
    return fill;
}

/* Iterators over each of args. */
static PyObject *
iterators_of(PyObject *args)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list != NULL && i < n; i++) {
        PyObject *it = PyObject_GetIter(PyTuple_GET_ITEM(args, i));
        if (it == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, it);
    }
    return list;
}

static PyObject *
ziplongest_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *fill = ziplongest_fillvalue(kwds);
    PyObject *iterators = fill == NULL ? NULL : iterators_of(args);
    ziplongestobject *self = iterators == NULL ? NULL : (ziplongestobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(fill);
        Py_XDECREF(iterators);
        return NULL;
    }
    self->iterators = iterators;
    self->fill = fill;
    self->active = PyTuple_GET_SIZE(args);
    return (PyObject *)self;
}

/* The item for column i; NULL: end of the last one, or exception. */
static PyObject *
ziplongest_column(ziplongestobject *self, Py_ssize_t i)
{
    PyObject *it = PyList_GET_ITEM(self->iterators, i);
    if (it == Py_None) {
        return Py_NewRef(self->fill);
    }
    PyObject *item = next_of_field(it);
    if (item != NULL) {
        return item;
    }
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_StopIteration)) {
        self->active = 0;
        return NULL;
    }
    PyErr_Clear();
    if (PyList_GET_ITEM(self->iterators, i) != Py_None) {
        self->active--;
        PyList_SetItem(self->iterators, i, Py_NewRef(Py_None));
    }
    return self->active > 0 ? Py_NewRef(self->fill) : NULL;
}

static PyObject *
ziplongest_next_lock_held(ziplongestobject *self)
{
    Py_ssize_t n = PyList_GET_SIZE(self->iterators);
    if (n == 0 || self->active <= 0) {
        return NULL;
    }
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *item = ziplongest_column(self, i);
        if (item == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    return result;
}
ITERTOOL_NEXT(ziplongest, ziplongestobject)

ITERTOOL_TYPE(_PyZipLongest_spec, ziplongest, ziplongestobject, "zip_longest",
    "zip_longest(*iterables, fillvalue=None)\n--\n\n"
    "Tuples of the items side by side, with fillvalue for those that have ended, until all have.",)

/* builtins over iterables: filter, map, zip, iter, next, aiter, anext, all, any, min, max, sum, sorted.

   Locking: the iterator objects are meant for one thread; used by several, each item goes to one of them, and nothing breaks:
   the fields are set once, and zip reuses its result tuple only when it is the sole owner. */
#include "Python.h"
#include "builtins.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_global_ids.h"
#include "pycore_long.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_tuple.h"

/* -- filter --------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *function;     /* const */
    PyObject *iterator;     /* const */
} filterobject;

static PyObject *
filter_make(PyTypeObject *type, PyObject *function, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        return NULL;
    }
    filterobject *self = (filterobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(iterator);
        return NULL;
    }
    self->function = Py_NewRef(function);
    self->iterator = iterator;
    return (PyObject *)self;
}

static PyObject *
filter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *function, *iterable;
    if ((type == &PyFilter_Type || type->tp_init == PyFilter_Type.tp_init) && !_PyArg_NoKeywords("filter", kwds)) {
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, "filter", 2, 2, &function, &iterable)) {
        return NULL;
    }
    return filter_make(type, function, iterable);
}

static PyObject *
filter_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("filter", kwnames) || !_PyArg_CheckPositional("filter", nargs, 2, 2)) {
        return NULL;
    }
    return filter_make((PyTypeObject *)type, args[0], args[1]);
}

static void
filter_dealloc(PyObject *op)
{
    filterobject *self = (filterobject *)op;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->function);
    Py_XDECREF(self->iterator);
    Py_TYPE(self)->tp_free(self);
}

static int
filter_traverse(PyObject *op, visitproc visit, void *arg)
{
    filterobject *self = (filterobject *)op;
    Py_VISIT(self->function);
    Py_VISIT(self->iterator);
    return 0;
}

static PyObject *
filter_next(PyObject *op)
{
    filterobject *self = (filterobject *)op;
    PyObject *iterator = self->iterator;
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    int truth_only = self->function == Py_None || self->function == (PyObject *)&PyBool_Type;
    for (;;) {
        PyObject *item = next(iterator);
        if (item == NULL) {
            return NULL;
        }
        int good;
        if (truth_only) {
            good = PyObject_IsTrue(item);
        }
        else {
            PyObject *value = PyObject_CallOneArg(self->function, item);
            good = value != NULL ? PyObject_IsTrue(value) : -1;
            Py_XDECREF(value);
        }
        if (good > 0) {
            return item;
        }
        Py_DECREF(item);
        if (good < 0) {
            return NULL;
        }
    }
}

static PyObject *
filter___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    filterobject *self = (filterobject *)op;
    return Py_BuildValue("O(OO)", Py_TYPE(self), self->function, self->iterator);
}

static PyMethodDef filter_methods[] = {
    PY_METHOD(filter, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    {0}
};

PyTypeObject PyFilter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "filter",
    .tp_basicsize = sizeof(filterobject),
    .tp_dealloc = filter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "filter(function, iterable, /)\n--\n\n"
              "Iterator over the items for which function(item) is true; with None, over the true items.",
    .tp_traverse = filter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = filter_next,
    .tp_methods = filter_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = filter_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = filter_vectorcall,
};

/* -- map ---------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *iterators;    /* const: tuple */
    PyObject *function;     /* const */
    int strict;             /* const, but for __setstate__ */
} mapobject;

static PyObject *
map_make(PyTypeObject *type, PyObject *const *args, Py_ssize_t nargs, int strict)
{
    if (nargs < 2) {
        PyErr_SetString(PyExc_TypeError, "map() must have at least two arguments.");
        return NULL;
    }
    PyObject *iterators = PyTuple_New(nargs - 1);
    if (iterators == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 1; i < nargs; i++) {
        PyObject *iterator = PyObject_GetIter(args[i]);
        if (iterator == NULL) {
            Py_DECREF(iterators);
            return NULL;
        }
        PyTuple_SET_ITEM(iterators, i - 1, iterator);
    }
    mapobject *self = (mapobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(iterators);
        return NULL;
    }
    self->iterators = iterators;
    self->function = Py_NewRef(args[0]);
    self->strict = strict;
    return (PyObject *)self;
}

/* The keyword strict of map() and zip(): 0, 1, or -1 with an error. */
static int
strict_of_kwnames(const char *name, PyObject *const *values, PyObject *kwnames)
{
    int strict = 0;
    for (Py_ssize_t i = 0; kwnames != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (!PyUnicode_EqualToUTF8(PyTuple_GET_ITEM(kwnames, i), "strict")) {
            PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", name,
                         PyTuple_GET_ITEM(kwnames, i));
            return -1;
        }
        strict = PyObject_IsTrue(values[i]);
    }
    return strict;
}

static int
strict_of_dict(const char *name, PyObject *kwds)
{
    PyObject *value = NULL;
    if (kwds == NULL || PyDict_GET_SIZE(kwds) == 0) {
        return 0;
    }
    if (PyDict_GetItemStringRef(kwds, "strict", &value) < 0) {
        return -1;
    }
    if (value == NULL || PyDict_GET_SIZE(kwds) > 1) {
        Py_XDECREF(value);
        PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument", name);
        return -1;
    }
    int strict = PyObject_IsTrue(value);
    Py_DECREF(value);
    return strict;
}

static PyObject *
map_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    int strict = 0;
    if (type == &PyMap_Type || type->tp_init == PyMap_Type.tp_init) {
        strict = strict_of_dict("map", kwds);
    }
    return strict < 0 ? NULL : map_make(type, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), strict);
}

static PyObject *
map_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    int strict = strict_of_kwnames("map", args + nargs, kwnames);
    return strict < 0 ? NULL : map_make((PyTypeObject *)type, args, nargs, strict);
}

static void
map_dealloc(PyObject *op)
{
    mapobject *self = (mapobject *)op;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->iterators);
    Py_XDECREF(self->function);
    Py_TYPE(self)->tp_free(self);
}

static int
map_traverse(PyObject *op, visitproc visit, void *arg)
{
    mapobject *self = (mapobject *)op;
    Py_VISIT(self->iterators);
    Py_VISIT(self->function);
    return 0;
}

/* strict: iterator i is exhausted; was that the end of all?  Sets ValueError if not. */
static void
strict_mismatch(const char *name, PyObject *iterators, Py_ssize_t i)
{
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return;
        }
        PyErr_Clear();
    }
    if (i > 0) {
        PyErr_Format(PyExc_ValueError, "%s() argument %zd is shorter than argument%s%zd", name, i + 1,
                     i == 1 ? " " : "s 1-", i);
        return;
    }
    for (i = 1; i < PyTuple_GET_SIZE(iterators); i++) {
        PyObject *iterator = PyTuple_GET_ITEM(iterators, i);
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
        if (item != NULL) {
            Py_DECREF(item);
            PyErr_Format(PyExc_ValueError, "%s() argument %zd is longer than argument%s%zd", name, i + 1,
                         i == 1 ? " " : "s 1-", i);
            return;
        }
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                return;
            }
            PyErr_Clear();
        }
    }
}

#define SMALL_STACK 8

static PyObject *
map_next(PyObject *op)
{
    mapobject *self = (mapobject *)op;
    Py_ssize_t count = PyTuple_GET_SIZE(self->iterators), filled = 0;
    PyObject *small[SMALL_STACK + 1], **stack = small, *result = NULL;
    if (count > SMALL_STACK) {
        stack = PyMem_Malloc((size_t)(count + 1) * sizeof *stack);
        if (stack == NULL) {
            return PyErr_NoMemory();
        }
    }
    for (; filled < count; filled++) {
        PyObject *iterator = PyTuple_GET_ITEM(self->iterators, filled);
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
        if (item == NULL) {
            if (self->strict) {
                strict_mismatch("map", self->iterators, filled);
            }
            goto done;
        }
        stack[filled + 1] = item;
    }
    result = PyObject_Vectorcall(self->function, stack + 1, (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
done:
    for (Py_ssize_t i = 0; i < filled; i++) {
        Py_DECREF(stack[i + 1]);
    }
    if (stack != small) {
        PyMem_Free(stack);
    }
    return result;
}

static PyObject *
map___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    mapobject *self = (mapobject *)op;
    Py_ssize_t count = PyTuple_GET_SIZE(self->iterators);
    PyObject *args = PyTuple_New(count + 1);
    if (args == NULL) {
        return NULL;
    }
    PyTuple_SET_ITEM(args, 0, Py_NewRef(self->function));
    for (Py_ssize_t i = 0; i < count; i++) {
        PyTuple_SET_ITEM(args, i + 1, Py_NewRef(PyTuple_GET_ITEM(self->iterators, i)));
    }
    return self->strict ? Py_BuildValue("ONO", Py_TYPE(self), args, Py_True) : Py_BuildValue("ON", Py_TYPE(self), args);
}

static PyObject *
map___setstate__(PyObject *op, PyObject *state)
{
    int strict = PyObject_IsTrue(state);
    if (strict < 0) {
        return NULL;
    }
    ((mapobject *)op)->strict = strict;
    Py_RETURN_NONE;
}

static PyMethodDef map_methods[] = {
    PY_METHOD(map, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    PY_METHOD(map, __setstate__, METH_O, "($self, object, /)", "Take the state of pickle."),
    {0}
};

PyTypeObject PyMap_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "map",
    .tp_basicsize = sizeof(mapobject),
    .tp_dealloc = map_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "map(function, iterable, /, *iterables, strict=False)\n--\n\n"
              "Iterator over function(item, ...) for the items of the iterables, until the shortest ends;\n"
              "strict=True asks for equal lengths.",
    .tp_traverse = map_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = map_next,
    .tp_methods = map_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = map_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = map_vectorcall,
};

/* -- zip ---------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *iterators;    /* const: tuple */
    PyObject *result;       /* const: tuple handed out, reused while nobody else has it */
    int strict;
} zipobject;

static PyObject *
zip_make(PyTypeObject *type, PyObject *const *args, Py_ssize_t nargs, int strict)
{
    PyObject *iterators = PyTuple_New(nargs), *result = NULL;
    if (iterators == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyObject *iterator = PyObject_GetIter(args[i]);
        if (iterator == NULL) {
            goto fail;
        }
        PyTuple_SET_ITEM(iterators, i, iterator);
    }
    result = PyTuple_New(nargs);
    if (result == NULL) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(Py_None));
    }
    zipobject *self = (zipobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        goto fail;
    }
    self->iterators = iterators;
    self->result = result;
    self->strict = strict;
    return (PyObject *)self;
fail:
    Py_DECREF(iterators);
    Py_XDECREF(result);
    return NULL;
}

static PyObject *
zip_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    int strict = strict_of_dict("zip", kwds);
    return strict < 0 ? NULL : zip_make(type, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), strict);
}

static PyObject *
zip_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    int strict = strict_of_kwnames("zip", args + nargs, kwnames);
    return strict < 0 ? NULL : zip_make((PyTypeObject *)type, args, nargs, strict);
}

static void
zip_dealloc(PyObject *op)
{
    zipobject *self = (zipobject *)op;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->iterators);
    Py_XDECREF(self->result);
    Py_TYPE(self)->tp_free(self);
}

static int
zip_traverse(PyObject *op, visitproc visit, void *arg)
{
    zipobject *self = (zipobject *)op;
    Py_VISIT(self->iterators);
    Py_VISIT(self->result);
    return 0;
}

static PyObject *
zip_next(PyObject *op)
{
    zipobject *self = (zipobject *)op;
    Py_ssize_t count = PyTuple_GET_SIZE(self->iterators);
    if (count == 0) {
        return NULL;
    }
    PyObject *result = self->result;
    int reuse = _PyObject_IsUniquelyReferenced(result);
    if (reuse) {
        Py_INCREF(result);
    }
    else if ((result = PyTuple_New(count)) == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *iterator = PyTuple_GET_ITEM(self->iterators, i);
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
        if (item == NULL) {
            Py_DECREF(result);
            if (self->strict) {
                strict_mismatch("zip", self->iterators, i);
            }
            return NULL;
        }
        PyObject *old = PyTuple_GET_ITEM(result, i);
        PyTuple_SET_ITEM(result, i, item);
        Py_XDECREF(old);
    }
    if (reuse && !_PyObject_GC_IS_TRACKED(result)) {
        _PyObject_GC_TRACK(result);
    }
    return result;
}

static PyObject *
zip___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    zipobject *self = (zipobject *)op;
    return self->strict ? PyTuple_Pack(3, Py_TYPE(self), self->iterators, Py_True)
                        : PyTuple_Pack(2, Py_TYPE(self), self->iterators);
}

static PyObject *
zip___setstate__(PyObject *op, PyObject *state)
{
    int strict = PyObject_IsTrue(state);
    if (strict < 0) {
        return NULL;
    }
    ((zipobject *)op)->strict = strict;
    Py_RETURN_NONE;
}

static PyMethodDef zip_methods[] = {
    PY_METHOD(zip, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    PY_METHOD(zip, __setstate__, METH_O, "($self, object, /)", "Take the state of pickle."),
    {0}
};

PyTypeObject PyZip_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "zip",
    .tp_basicsize = sizeof(zipobject),
    .tp_dealloc = zip_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "zip(*iterables, strict=False)\n--\n\n"
              "Iterator over tuples of one item from each iterable, until the shortest ends; strict=True asks for\n"
              "equal lengths.",
    .tp_traverse = zip_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = zip_next,
    .tp_methods = zip_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = zip_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = zip_vectorcall,
};

/* -- Iteration ------------------------------------------------------------------------------------------------- */

PyObject *
builtin_iter(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("iter", nargs, 1, 2)) {
        return NULL;
    }
    if (nargs == 1) {
        return PyObject_GetIter(args[0]);
    }
    if (!PyCallable_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "iter(v, w): v must be callable");
        return NULL;
    }
    return PyCallIter_New(args[0], args[1]);
}

PyObject *
builtin_next(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("next", nargs, 1, 2)) {
        return NULL;
    }
    PyObject *iterator = args[0];
    if (!PyIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator", Py_TYPE(iterator)->tp_name);
        return NULL;
    }
    PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
    if (item != NULL) {
        return item;
    }
    if (nargs > 1) {
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                return NULL;
            }
            PyErr_Clear();
        }
        return Py_NewRef(args[1]);
    }
    if (!PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return NULL;
}

PyObject *
builtin_aiter(PyObject *self, PyObject *iterable)
{
    return PyObject_GetAIter(iterable);
}

extern PyObject *PyAnextAwaitable_New(PyObject *awaitable, PyObject *default_value);

PyObject *
builtin_anext(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("anext", nargs, 1, 2)) {
        return NULL;
    }
    PyTypeObject *type = Py_TYPE(args[0]);
    if (type->tp_as_async == NULL || type->tp_as_async->am_anext == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterator", type->tp_name);
        return NULL;
    }
    PyObject *awaitable = type->tp_as_async->am_anext(args[0]);
    if (awaitable == NULL || nargs == 1) {
        return awaitable;
    }
    PyObject *result = PyAnextAwaitable_New(awaitable, args[1]);
    Py_DECREF(awaitable);
    return result;
}

/* -- Reductions --------------------------------------------------------------------------------------------------- */

/* Is there an item whose truth is `wanted`?  1, 0, -1 */
static int
search_truth(PyObject *iterable, int wanted)
{
    PyObject *iterator = PyObject_GetIter(iterable), *item;
    if (iterator == NULL) {
        return -1;
    }
    int found = 0;
    while (found == 0 && (item = Py_TYPE(iterator)->tp_iternext(iterator)) != NULL) {
        int truth = PyObject_IsTrue(item);
        Py_DECREF(item);
        found = truth < 0 ? -1 : truth == wanted;
    }
    Py_DECREF(iterator);
    if (found == 0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return -1;
        }
        PyErr_Clear();
    }
    return found;
}

PyObject *
builtin_all(PyObject *self, PyObject *iterable)
{
    int found = search_truth(iterable, 0);
    return found < 0 ? NULL : PyBool_FromLong(!found);
}

PyObject *
builtin_any(PyObject *self, PyObject *iterable)
{
    int found = search_truth(iterable, 1);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

/* Item against the best one so far: replaces *best and *best_key where it wins.  Consumes item. */
static int
keep_better(PyObject *item, PyObject *key_function, int op, PyObject **best, PyObject **best_key)
{
    PyObject *key = key_function != NULL ? PyObject_CallOneArg(key_function, item) : Py_NewRef(item);
    if (key == NULL) {
        Py_DECREF(item);
        return -1;
    }
    int better = *best == NULL ? 1 : PyObject_RichCompareBool(key, *best_key, op);
    if (better > 0) {
        Py_XSETREF(*best, item);
        Py_XSETREF(*best_key, key);
        return 0;
    }
    Py_DECREF(item);
    Py_DECREF(key);
    return better;
}

static PyObject *
min_max(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, int op)
{
    const char *name = op == Py_LT ? "min" : "max";
    static const char *const keywords[] = {"key", "default", NULL};
    static _PyArg_Parser parser_min = {.keywords = keywords, .fname = "min"};
    static _PyArg_Parser parser_max = {.keywords = keywords, .fname = "max"};
    PyObject *key_function = NULL, *fallback = NULL, *best = NULL, *best_key = NULL;
    if (nargs == 0) {
        PyErr_Format(PyExc_TypeError, "%s expected at least 1 argument, got 0", name);
        return NULL;
    }
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyObject *buffer[2];
        PyObject *const *options = _PyArg_UnpackKeywords(args + nargs, 0, NULL, kwnames,
                                                         op == Py_LT ? &parser_min : &parser_max, 0, 0, 0, 0, buffer);
        if (options == NULL) {
            return NULL;
        }
        key_function = options[0] == Py_None ? NULL : options[0];
        fallback = options[1];
    }
    if (nargs > 1 && fallback != NULL) {
        PyErr_Format(PyExc_TypeError, "Cannot specify a default for %s() with multiple positional arguments", name);
        return NULL;
    }
    if (nargs > 1) {
        for (Py_ssize_t i = 0; i < nargs; i++) {
            if (keep_better(Py_NewRef(args[i]), key_function, op, &best, &best_key) < 0) {
                goto fail;
            }
        }
    }
    else {
        PyObject *iterator = PyObject_GetIter(args[0]), *item;
        if (iterator == NULL) {
            return NULL;
        }
        while ((item = PyIter_Next(iterator)) != NULL) {
            if (keep_better(item, key_function, op, &best, &best_key) < 0) {
                Py_DECREF(iterator);
                goto fail;
            }
        }
        Py_DECREF(iterator);
        if (PyErr_Occurred()) {
            goto fail;
        }
    }
    Py_XDECREF(best_key);
    if (best == NULL) {
        if (fallback != NULL) {
            return Py_NewRef(fallback);
        }
        PyErr_Format(PyExc_ValueError, "%s() iterable argument is empty", name);
    }
    return best;
fail:
    Py_XDECREF(best);
    Py_XDECREF(best_key);
    return NULL;
}

PyObject *
builtin_min(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return min_max(args, nargs, kwnames, Py_LT);
}

PyObject *
builtin_max(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return min_max(args, nargs, kwnames, Py_GT);
}

/* -- sum ----------------------------------------------------------------------------------------------------------- */

/* Compensated sum: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974. */
struct compensated {
    double high, low;
};

static inline void
compensated_add(struct compensated *sum, double x)
{
    double t = sum->high + x;
    sum->low += fabs(sum->high) >= fabs(x) ? (sum->high - t) + x : (x - t) + sum->high;
    sum->high = t;
}

static inline double
compensated_value(const struct compensated *sum)
{
    return sum->low != 0.0 && isfinite(sum->low) ? sum->high + sum->low : sum->high;
}

/* Adds items while they are small ints; then *total is the sum so far and the item that ended the run is returned. */
static PyObject *
sum_ints(PyObject *iterator, PyObject **total)
{
    int overflow;
    long sum = PyLong_AsLongAndOverflow(*total, &overflow);
    if (overflow) {
        return PyIter_Next(iterator);
    }
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    PyObject *item;
    while ((item = next(iterator)) != NULL) {
        long value;
        if (!PyLong_CheckExact(item) && !PyBool_Check(item)) {
            break;
        }
        value = PyLong_AsLongAndOverflow(item, &overflow);
        if (overflow || __builtin_add_overflow(sum, value, &sum)) {
            break;
        }
        Py_DECREF(item);
    }
    Py_SETREF(*total, PyLong_FromLong(sum));
    if (*total == NULL) {
        Py_CLEAR(item);
    }
    return item;
}

/* The same for floats (and ints among them). */
static PyObject *
sum_floats(PyObject *iterator, PyObject **total)
{
    struct compensated sum = {PyFloat_AS_DOUBLE(*total), 0.0};
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    PyObject *item;
    while ((item = next(iterator)) != NULL) {
        if (PyFloat_CheckExact(item)) {
            compensated_add(&sum, PyFloat_AS_DOUBLE(item));
        }
        else if (PyLong_Check(item)) {
            double value = PyLong_AsDouble(item);
            if (value == -1.0 && PyErr_Occurred()) {
                Py_DECREF(item);
                return NULL;
            }
            compensated_add(&sum, value);
        }
        else {
            break;
        }
        Py_DECREF(item);
    }
    Py_SETREF(*total, PyFloat_FromDouble(compensated_value(&sum)));
    if (*total == NULL) {
        Py_CLEAR(item);
    }
    return item;
}

static PyObject *
sum_complexes(PyObject *iterator, PyObject **total)
{
    Py_complex start = PyComplex_AsCComplex(*total);
    struct compensated real = {start.real, 0.0}, imaginary = {start.imag, 0.0};
    PyObject *item;
    while ((item = PyIter_Next(iterator)) != NULL) {
        if (PyComplex_CheckExact(item)) {
            Py_complex z = PyComplex_AsCComplex(item);
            compensated_add(&real, z.real);
            compensated_add(&imaginary, z.imag);
        }
        else if (PyFloat_Check(item) || PyLong_Check(item)) {
            double value = PyFloat_Check(item) ? PyFloat_AS_DOUBLE(item) : PyLong_AsDouble(item);
            if (value == -1.0 && PyErr_Occurred()) {
                Py_DECREF(item);
                return NULL;
            }
            compensated_add(&real, value);
        }
        else {
            break;
        }
        Py_DECREF(item);
    }
    Py_SETREF(*total, PyComplex_FromDoubles(compensated_value(&real), compensated_value(&imaginary)));
    if (*total == NULL) {
        Py_CLEAR(item);
    }
    return item;
}

PyObject *
builtin_sum(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "start", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "sum"};
    PyObject *buffer[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    PyObject *iterator = PyObject_GetIter(args[0]);
    if (iterator == NULL) {
        return NULL;
    }
    PyObject *total = args[1];
    if (total == NULL) {
        total = PyLong_FromLong(0);
    }
    else if (PyUnicode_Check(total) || PyBytes_Check(total) || PyByteArray_Check(total)) {
        PyErr_SetString(PyExc_TypeError, PyUnicode_Check(total) ? "sum() can't sum strings [use ''.join(seq) instead]"
                                         : PyBytes_Check(total) ? "sum() can't sum bytes [use b''.join(seq) instead]"
                                                                : "sum() can't sum bytearray [use b''.join(seq) instead]");
        Py_DECREF(iterator);
        return NULL;
    }
    else {
        Py_INCREF(total);
    }
    PyObject *item = NULL;
    do {
        if (PyLong_CheckExact(total)) {
            item = sum_ints(iterator, &total);
        }
        else if (PyFloat_CheckExact(total)) {
            item = sum_floats(iterator, &total);
        }
        else if (PyComplex_CheckExact(total)) {
            item = sum_complexes(iterator, &total);
        }
        else {
            item = PyIter_Next(iterator);
        }
        if (item != NULL) {
            Py_SETREF(total, PyNumber_Add(total, item));
            Py_DECREF(item);
        }
    } while (item != NULL && total != NULL);
    Py_DECREF(iterator);
    if (PyErr_Occurred()) {
        if (total != NULL && PyErr_ExceptionMatches(PyExc_StopIteration)) {
            PyErr_Clear();
        }
        else {
            Py_CLEAR(total);
        }
    }
    return total;
}

PyObject *
builtin_sorted(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (!_PyArg_CheckPositional("sorted", nargs, 1, 1)) {
        return NULL;
    }
    PyObject *list = PySequence_List(args[0]);
    PyObject *sort = list ? PyObject_GetAttr(list, _Py_ID(sort)) : NULL;
    PyObject *value = sort ? PyObject_Vectorcall(sort, args + 1, nargs - 1, kwnames) : NULL;
    Py_XDECREF(sort);
    if (value == NULL) {
        Py_CLEAR(list);
    }
    Py_XDECREF(value);
    return list;
}

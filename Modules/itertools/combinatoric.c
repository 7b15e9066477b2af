/* itertools.product, permutations, combinations and combinations_with_replacement.

   Each keeps a pool of items and an array of indices into it, in lexicographic order.  The tuple of the last step
   is used again if nobody kept it; then only the places that changed are written. */
#include "itertools_private.h"

/* A result with the same items that may be written to: the old one, or a copy. */
static PyObject *
writable_result(PyObject **result)
{
    if (Py_REFCNT(*result) == 1) {
        _PyTuple_Recycle(*result);
        return *result;
    }
    PyObject *copy = _PyTuple_FromArray(_PyTuple_ITEMS(*result), PyTuple_GET_SIZE(*result));
    if (copy != NULL) {
        Py_SETREF(*result, copy);
    }
    return copy;
}

static void
place(PyObject *result, Py_ssize_t i, PyObject *item)
{
    PyObject *old = PyTuple_GET_ITEM(result, i);
    PyTuple_SET_ITEM(result, i, Py_NewRef(item));
    Py_DECREF(old);
}

/* pool[indices[0]], pool[indices[1]], ... */
static PyObject *
result_from(PyObject *pool, const Py_ssize_t *indices, Py_ssize_t r)
{
    PyObject *result = PyTuple_New(r);
    for (Py_ssize_t i = 0; result != NULL && r > 0 && i < r; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(pool, indices[i])));
    }
    return result;
}

static PyObject *
sizeof_with(PyObject *self, Py_ssize_t indices)
{
    size_t size = _PyObject_SIZE(Py_TYPE(self)) + (size_t)indices * sizeof(Py_ssize_t);
    return PyLong_FromSize_t(size);
}

#define SIZEOF_METHOD(name, ctype, count)                                                             \
    static PyObject *                                                                                 \
    name##___sizeof__(PyObject *op, PyObject *Py_UNUSED(ignored))                                     \
    {                                                                                                 \
        ctype *self = (ctype *)op;                                                                    \
        return sizeof_with(op, count);                                                                \
    }                                                                                                 \
    static PyMethodDef name##_methods[] = {                                                           \
        PY_METHOD(name, __sizeof__, METH_NOARGS, "($self, /)", "Size in memory, in bytes."),          \
        {0}                                                                                           \
    };

/* -- product -------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *pools;         // const: tuple of tuples
    PyObject *result;        // NULL before the first step
    Py_ssize_t *indices;     // one for each pool
    int stopped;
} productobject;

ITERTOOL_REFERENCES(product, productobject, pools, result)
ITERTOOL_DEALLOC(product, PyMem_Free(((productobject *)self)->indices))

static int
product_repeat(PyObject *kwds, Py_ssize_t *repeat)
{
    KEYWORDS("product", "repeat");
    *repeat = 1;
    if (kwds == NULL || PyDict_GET_SIZE(kwds) == 0) {
        return 0;
    }
    PyObject *buffer[1];
    PyObject *const *parsed = by_keywords(_PyTuple_GetEmpty(), kwds, &parser, 0, 0, buffer);
    if (parsed == NULL || index_as_ssize(parsed[0], repeat) < 0) {
        return -1;
    }
    if (*repeat < 0) {
        PyErr_SetString(PyExc_ValueError, "repeat argument cannot be negative");
        return -1;
    }
    return 0;
}

static PyObject *
product_pools(PyObject *args, Py_ssize_t nargs, Py_ssize_t npools)
{
    PyObject *pools = PyTuple_New(npools);
    for (Py_ssize_t i = 0; pools != NULL && i < npools; i++) {
        PyObject *pool = i < nargs ? PySequence_Tuple(PyTuple_GET_ITEM(args, i))
                                   : Py_NewRef(PyTuple_GET_ITEM(pools, i - nargs));
        if (pool == NULL) {
            Py_CLEAR(pools);
            break;
        }
        PyTuple_SET_ITEM(pools, i, pool);
    }
    return pools;
}

static PyObject *
product_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    Py_ssize_t repeat;
    if (product_repeat(kwds, &repeat) < 0) {
        return NULL;
    }
    Py_ssize_t nargs = repeat == 0 ? 0 : PyTuple_GET_SIZE(args);
    if (nargs > 0 && repeat > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Py_ssize_t) / nargs) {
        PyErr_SetString(PyExc_OverflowError, "repeat argument too large");
        return NULL;
    }
    Py_ssize_t npools = nargs * repeat;
    Py_ssize_t *indices = PyMem_Calloc((size_t)Py_MAX(npools, 1), sizeof(Py_ssize_t));
    if (indices == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *pools = product_pools(args, nargs, npools);
    productobject *self = pools == NULL ? NULL : (productobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        PyMem_Free(indices);
        Py_XDECREF(pools);
        return NULL;
    }
    self->pools = pools;
    self->indices = indices;
    return (PyObject *)self;
}

static PyObject *
product_first(productobject *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->pools);
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *pool = PyTuple_GET_ITEM(self->pools, i);
        if (PyTuple_GET_SIZE(pool) == 0) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(pool, 0)));
    }
    self->result = Py_XNewRef(result);
    return result;
}

/* As an odometer: the rightmost wheel that is not at its end moves on, those right of it start again. */
static PyObject *
product_next_lock_held(productobject *self)
{
    PyObject *result;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        result = product_first(self);
        self->stopped = result == NULL;
        return result;
    }
    result = writable_result(&self->result);
    if (result == NULL) {
        self->stopped = 1;
        return NULL;
    }
    Py_ssize_t i = PyTuple_GET_SIZE(self->pools) - 1;
    for (; i >= 0; i--) {
        PyObject *pool = PyTuple_GET_ITEM(self->pools, i);
        if (++self->indices[i] < PyTuple_GET_SIZE(pool)) {
            place(result, i, PyTuple_GET_ITEM(pool, self->indices[i]));
            return Py_NewRef(result);
        }
        self->indices[i] = 0;
        place(result, i, PyTuple_GET_ITEM(pool, 0));
    }
    self->stopped = 1;
    return NULL;
}
ITERTOOL_NEXT(product, productobject)

SIZEOF_METHOD(product, productobject, PyTuple_GET_SIZE(self->pools))

ITERTOOL_TYPE(_PyProduct_spec, product, productobject, "product",
    "product(*iterables, repeat=1)\n--\n\nAll tuples with one item of each iterable, the last changing fastest.",
    {Py_tp_methods, product_methods},)

/* -- The other three ---------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *pool;          // const: tuple
    PyObject *result;        // NULL before the first step
    Py_ssize_t *indices;     // r of them; permutations: one for each item of the pool
    Py_ssize_t *cycles;      // permutations: r counters
    Py_ssize_t r;            // const: items of a result
    int stopped;
} selectobject;

#define SELECT_OBJECT(name)                                            \
    ITERTOOL_REFERENCES(name, selectobject, pool, result)              \
    ITERTOOL_DEALLOC(name, (PyMem_Free(((selectobject *)self)->indices), PyMem_Free(((selectobject *)self)->cycles)))

/* Steals pool. */
static selectobject *
select_new(PyTypeObject *type, PyObject *pool, Py_ssize_t r, Py_ssize_t nindices, Py_ssize_t ncycles)
{
    Py_ssize_t *indices = PyMem_Calloc((size_t)Py_MAX(nindices, 1), sizeof(Py_ssize_t));
    Py_ssize_t *cycles = ncycles < 0 ? NULL : PyMem_Calloc((size_t)Py_MAX(ncycles, 1), sizeof(Py_ssize_t));
    selectobject *self = NULL;
    if (indices == NULL || (ncycles >= 0 && cycles == NULL)) {
        PyErr_NoMemory();
    }
    else {
        self = (selectobject *)type->tp_alloc(type, 0);
    }
    if (self == NULL) {
        PyMem_Free(indices);
        PyMem_Free(cycles);
        Py_DECREF(pool);
        return NULL;
    }
    self->pool = pool;
    self->indices = indices;
    self->cycles = cycles;
    self->r = r;
    return self;
}

/* (iterable, r) of the combinations. */
static int
pool_and_r(const char *name, PyObject *args, PyObject *kwds, _PyArg_Parser *parser, PyObject **pool, Py_ssize_t *r)
{
    PyObject *buffer[2];
    PyObject *const *parsed = by_keywords(args, kwds, parser, 2, 2, buffer);
    (void)name;
    if (parsed == NULL || index_as_ssize(parsed[1], r) < 0) {
        return -1;
    }
    *pool = PySequence_Tuple(parsed[0]);
    if (*pool == NULL) {
        return -1;
    }
    if (*r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
        Py_DECREF(*pool);
        return -1;
    }
    return 0;
}

static PyObject *
select_first(selectobject *self)
{
    PyObject *result = result_from(self->pool, self->indices, self->r);
    self->result = Py_XNewRef(result);
    self->stopped = result == NULL;
    return result;
}

static PyObject *
select_stop(selectobject *self)
{
    self->stopped = 1;
    return NULL;
}

/* -- combinations --------------------------------------------------------------- */

SELECT_OBJECT(combinations)

static PyObject *
combinations_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("combinations", "iterable", "r");
    PyObject *pool;
    Py_ssize_t r;
    if (pool_and_r("combinations", args, kwds, &parser, &pool, &r) < 0) {
        return NULL;
    }
    int too_long = r > PyTuple_GET_SIZE(pool);
    selectobject *self = select_new(type, pool, r, too_long ? 0 : r, -1);
    if (self == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; !too_long && i < r; i++) {
        self->indices[i] = i;
    }
    self->stopped = too_long;
    return (PyObject *)self;
}

static PyObject *
combinations_next_lock_held(selectobject *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r, *indices = self->indices;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        return select_first(self);
    }
    /* The rightmost index that is not at its highest value. */
    Py_ssize_t i = r - 1;
    while (i >= 0 && indices[i] == i + n - r) {
        i--;
    }
    PyObject *result = i < 0 ? NULL : writable_result(&self->result);
    if (result == NULL) {
        return select_stop(self);
    }
    indices[i]++;
    for (Py_ssize_t j = i + 1; j < r; j++) {
        indices[j] = indices[j - 1] + 1;
    }
    for (; i < r; i++) {
        place(result, i, PyTuple_GET_ITEM(self->pool, indices[i]));
    }
    return Py_NewRef(result);
}
ITERTOOL_NEXT(combinations, selectobject)

SIZEOF_METHOD(combinations, selectobject, self->r)

ITERTOOL_TYPE(_PyCombinations_spec, combinations, selectobject, "combinations",
    "combinations(iterable, r)\n--\n\nAll choices of r items, in the order in which they stand.",
    {Py_tp_methods, combinations_methods},)

/* -- combinations_with_replacement ------------------------------------------------ */

SELECT_OBJECT(cwr)

static PyObject *
cwr_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("combinations_with_replacement", "iterable", "r");
    PyObject *pool;
    Py_ssize_t r;
    if (pool_and_r("combinations_with_replacement", args, kwds, &parser, &pool, &r) < 0) {
        return NULL;
    }
    int none = PyTuple_GET_SIZE(pool) == 0 && r > 0;
    selectobject *self = select_new(type, pool, r, r, -1);
    if (self != NULL) {
        self->stopped = none;
    }
    return (PyObject *)self;
}

static PyObject *
cwr_next_lock_held(selectobject *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r, *indices = self->indices;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        return select_first(self);
    }
    Py_ssize_t i = r - 1;
    while (i >= 0 && indices[i] == n - 1) {
        i--;
    }
    PyObject *result = i < 0 ? NULL : writable_result(&self->result);
    if (result == NULL) {
        return select_stop(self);
    }
    Py_ssize_t index = indices[i] + 1;
    for (; i < r; i++) {
        indices[i] = index;
        place(result, i, PyTuple_GET_ITEM(self->pool, index));
    }
    return Py_NewRef(result);
}
ITERTOOL_NEXT(cwr, selectobject)

SIZEOF_METHOD(cwr, selectobject, self->r)

ITERTOOL_TYPE(_PyCwr_spec, cwr, selectobject, "combinations_with_replacement",
    "combinations_with_replacement(iterable, r)\n--\n\nAll choices of r items, each as often as one likes.",
    {Py_tp_methods, cwr_methods},)

/* -- permutations -------------------------------------------------------------------- */

SELECT_OBJECT(permutations)

static PyObject *
permutations_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("permutations", "iterable", "r");
    PyObject *buffer[2];
    PyObject *const *parsed = by_keywords(args, kwds, &parser, 1, 2, buffer);
    PyObject *pool = parsed == NULL ? NULL : PySequence_Tuple(parsed[0]);
    if (pool == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(pool), r = n;
    if (parsed[1] != NULL && parsed[1] != Py_None) {
        if (!PyLong_Check(parsed[1])) {
            PyErr_SetString(PyExc_TypeError, "Expected int as r");
            Py_DECREF(pool);
            return NULL;
        }
        r = PyLong_AsSsize_t(parsed[1]);
        if (r == -1 && PyErr_Occurred()) {
            Py_DECREF(pool);
            return NULL;
        }
    }
    if (r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
        Py_DECREF(pool);
        return NULL;
    }
    int too_long = r > n;
    selectobject *self = select_new(type, pool, r, n, too_long ? 0 : r);
    if (self == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        self->indices[i] = i;
    }
    for (Py_ssize_t i = 0; !too_long && i < r; i++) {
        self->cycles[i] = n - i;
    }
    self->stopped = too_long;
    return (PyObject *)self;
}

/* cycles[i] counts how often place i still changes; at zero it starts again, and its indices rotate back. */
static PyObject *
permutations_next_lock_held(selectobject *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r, *indices = self->indices, *cycles = self->cycles;
    if (self->stopped) {
        return NULL;
    }
    if (self->result == NULL) {
        return select_first(self);
    }
    PyObject *result = n == 0 ? NULL : writable_result(&self->result);
    if (result == NULL) {
        return select_stop(self);
    }
    for (Py_ssize_t i = r - 1; i >= 0; i--) {
        if (--cycles[i] == 0) {
            Py_ssize_t index = indices[i];
            memmove(&indices[i], &indices[i + 1], (size_t)(n - 1 - i) * sizeof(Py_ssize_t));
            indices[n - 1] = index;
            cycles[i] = n - i;
            continue;
        }
        Py_ssize_t j = n - cycles[i], index = indices[i];
        indices[i] = indices[j];
        indices[j] = index;
        for (Py_ssize_t k = i; k < r; k++) {
            place(result, k, PyTuple_GET_ITEM(self->pool, indices[k]));
        }
        return Py_NewRef(result);
    }
    return select_stop(self);
}
ITERTOOL_NEXT(permutations, selectobject)

SIZEOF_METHOD(permutations, selectobject, PyTuple_GET_SIZE(self->pool) + self->r)

ITERTOOL_TYPE(_PyPermutations_spec, permutations, selectobject, "permutations",
    "permutations(iterable, r=None)\n--\n\nAll ways to put r items (all of them if None) in a row.",
    {Py_tp_methods, permutations_methods},)

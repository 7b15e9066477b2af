/* collections.deque: a ring of item slots, so that both ends and any index are one step away.

   dq_ring has dq_mask + 1 slots, a power of two; item i is in slot (dq_head + i) & dq_mask.  It grows when full.
   Locking: all fields are guarded by the object's mutex, readers included.  dq_state changes with the length or
   the order, so that who runs other code in between can tell. */
#include "collections_private.h"
#include "pycore_typeobject.h"   // _PyObject_GetState

typedef struct {
    PyObject_HEAD
    PyObject **dq_ring;          // NULL while dq_mask is -1
    Py_ssize_t dq_mask;
    Py_ssize_t dq_head;          // slot of the first item
    Py_ssize_t dq_len;
    Py_ssize_t dq_maxlen;        // const after __init__; -1: no limit
    size_t dq_state;
    PyObject *dq_weakreflist;
} dequeobject;

#define DEQUE(op) ((dequeobject *)(op))
#define SMALLEST_RING 8

static inline PyObject **
slot(dequeobject *dq, Py_ssize_t i)
{
    return &dq->dq_ring[(dq->dq_head + i) & dq->dq_mask];
}

static inline Py_ssize_t
deque_len(PyObject *self)
{
    return FT_ATOMIC_LOAD_SSIZE_RELAXED(DEQUE(self)->dq_len);
}

static inline void
set_len(dequeobject *dq, Py_ssize_t n)
{
    FT_ATOMIC_STORE_SSIZE_RELAXED(dq->dq_len, n);
}

/* -- The ring (mutex held) ----------------------------------------------- */

/* A new ring with the items from slot 0 on. */
static int
ring_move(dequeobject *dq, Py_ssize_t size)
{
    PyObject **ring = PyMem_New(PyObject *, size);
    if (ring == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t until_end = Py_MIN(dq->dq_len, dq->dq_mask + 1 - dq->dq_head);
    if (dq->dq_len > 0) {
        memcpy(ring, dq->dq_ring + dq->dq_head, (size_t)until_end * sizeof(PyObject *));
        memcpy(ring + until_end, dq->dq_ring, (size_t)(dq->dq_len - until_end) * sizeof(PyObject *));
    }
    PyMem_Free(dq->dq_ring);
    dq->dq_ring = ring;
    dq->dq_mask = size - 1;
    dq->dq_head = 0;
    return 0;
}

static int
ring_reserve(dequeobject *dq, Py_ssize_t n)
{
    Py_ssize_t size = dq->dq_mask + 1;
    if (n <= size) {
        return 0;
    }
    if (n > PY_SSIZE_T_MAX / 4) {
        PyErr_NoMemory();
        return -1;
    }
    for (size = Py_MAX(size, SMALLEST_RING); size < n; size *= 2) {
    }
    return ring_move(dq, size);
}

/* After much has gone. */
static void
ring_trim(dequeobject *dq)
{
    Py_ssize_t size = dq->dq_mask + 1;
    if (size > SMALLEST_RING * 8 && dq->dq_len < size / 8 && ring_move(dq, size / 4) < 0) {
        PyErr_Clear();      // it stays larger than need be
    }
}

/* -- Ends ---------------------------------------------------------------- */

static PyObject *
take_last_lock_held(dequeobject *dq)
{
    PyObject *item = *slot(dq, dq->dq_len - 1);
    set_len(dq, dq->dq_len - 1);
    dq->dq_state++;
    ring_trim(dq);
    return item;
}

static PyObject *
take_first_lock_held(dequeobject *dq)
{
    PyObject *item = *slot(dq, 0);
    dq->dq_head = (dq->dq_head + 1) & dq->dq_mask;
    set_len(dq, dq->dq_len - 1);
    dq->dq_state++;
    ring_trim(dq);
    return item;
}

/* Steals item, also on failure.  *dropped is what a bounded deque lost at the other end, or NULL. */
static int
append_lock_held(dequeobject *dq, PyObject *item, PyObject **dropped)
{
    *dropped = NULL;
    if (dq->dq_maxlen == 0) {
        *dropped = item;
        return 0;
    }
    if (dq->dq_len == dq->dq_maxlen) {
        *dropped = take_first_lock_held(dq);
    }
    else if (ring_reserve(dq, dq->dq_len + 1) < 0) {
        Py_DECREF(item);
        return -1;
    }
    *slot(dq, dq->dq_len) = item;
    set_len(dq, dq->dq_len + 1);
    dq->dq_state++;
    return 0;
}

static int
appendleft_lock_held(dequeobject *dq, PyObject *item, PyObject **dropped)
{
    *dropped = NULL;
    if (dq->dq_maxlen == 0) {
        *dropped = item;
        return 0;
    }
    if (dq->dq_len == dq->dq_maxlen) {
        *dropped = take_last_lock_held(dq);
    }
    else if (ring_reserve(dq, dq->dq_len + 1) < 0) {
        Py_DECREF(item);
        return -1;
    }
    dq->dq_head = (dq->dq_head - 1) & dq->dq_mask;
    dq->dq_ring[dq->dq_head] = item;
    set_len(dq, dq->dq_len + 1);
    dq->dq_state++;
    return 0;
}

/* Adds at the right or left end; item is counted. */
static int
add(PyObject *self, PyObject *item, int left)
{
    PyObject *dropped;
    int error;
    Py_INCREF(item);
    Py_BEGIN_CRITICAL_SECTION(self);
    error = left ? appendleft_lock_held(DEQUE(self), item, &dropped)
                 : append_lock_held(DEQUE(self), item, &dropped);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(dropped);
    return error;
}

static PyObject *
deque_append(PyObject *self, PyObject *item)
{
    return add(self, item, 0) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
deque_appendleft(PyObject *self, PyObject *item)
{
    return add(self, item, 1) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
take(PyObject *self, int left)
{
    PyObject *item = NULL;
    Py_BEGIN_CRITICAL_SECTION(self);
    if (DEQUE(self)->dq_len > 0) {
        item = left ? take_first_lock_held(DEQUE(self)) : take_last_lock_held(DEQUE(self));
    }
    Py_END_CRITICAL_SECTION();
    if (item == NULL) {
        PyErr_SetString(PyExc_IndexError, "pop from an empty deque");
    }
    return item;
}

static PyObject *
deque_pop(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return take(self, 0);
}

static PyObject *
deque_popleft(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return take(self, 1);
}

/* -- Many items ------------------------------------------------------------ */

static int
extend(PyObject *self, PyObject *iterable, int left)
{
    PyObject *source = iterable;
    if (iterable == self) {
        source = PySequence_List(iterable);
        if (source == NULL) {
            return -1;
        }
    }
    PyObject *iter = PyObject_GetIter(source);
    if (source != iterable) {
        Py_DECREF(source);
    }
    if (iter == NULL) {
        return -1;
    }
    iternextfunc next = Py_TYPE(iter)->tp_iternext;
    PyObject *item;
    int error = 0;
    while (error == 0 && (item = next(iter)) != NULL) {
        error = add(self, item, left);
        Py_DECREF(item);
    }
    Py_DECREF(iter);
    if (error == 0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return -1;
        }
        PyErr_Clear();
    }
    return error;
}

static PyObject *
deque_extend(PyObject *self, PyObject *iterable)
{
    return extend(self, iterable, 0) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
deque_extendleft(PyObject *self, PyObject *iterable)
{
    return extend(self, iterable, 1) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
deque_inplace_concat(PyObject *self, PyObject *other)
{
    return extend(self, other, 0) < 0 ? NULL : Py_NewRef(self);
}

/* The ring leaves the deque before any item is released. */
static int
deque_tp_clear(PyObject *self)
{
    dequeobject *dq = DEQUE(self);
    PyObject **ring;
    Py_ssize_t n, head, mask;
    Py_BEGIN_CRITICAL_SECTION(self);
    ring = dq->dq_ring;
    n = dq->dq_len;
    head = dq->dq_head;
    mask = dq->dq_mask;
    dq->dq_ring = NULL;
    dq->dq_mask = -1;
    dq->dq_head = 0;
    set_len(dq, 0);
    dq->dq_state++;
    Py_END_CRITICAL_SECTION();
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(ring[(head + i) & mask]);
    }
    PyMem_Free(ring);
    return 0;
}

static PyObject *
deque_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    deque_tp_clear(self);
    Py_RETURN_NONE;
}

static PyObject *deque_new(PyTypeObject *type, PyObject *args, PyObject *kwds);

static PyObject *
new_exact(PyTypeObject *type, Py_ssize_t maxlen)
{
    PyObject *dq = deque_new(type, NULL, NULL);
    if (dq != NULL) {
        DEQUE(dq)->dq_maxlen = maxlen;
    }
    return dq;
}

/* type(self)(self[, maxlen]) */
static PyObject *
copy_by_call(PyObject *self, collections_state *state)
{
    PyObject *type = (PyObject *)Py_TYPE(self);
    PyObject *result = DEQUE(self)->dq_maxlen < 0
        ? PyObject_CallOneArg(type, self)
        : PyObject_CallFunction(type, "On", self, DEQUE(self)->dq_maxlen);
    if (result != NULL && !PyObject_TypeCheck(result, state->deque_type)) {
        PyErr_Format(PyExc_TypeError, "%.200s() must return a deque, not %.200s",
                     Py_TYPE(self)->tp_name, Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
copy_items_lock_held(dequeobject *dq, PyObject *result)
{
    dequeobject *copy = DEQUE(result);
    if (dq->dq_len > 0 && ring_reserve(copy, dq->dq_len) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < dq->dq_len; i++) {
        copy->dq_ring[i] = Py_NewRef(*slot(dq, i));
    }
    copy->dq_len = dq->dq_len;
    return result;
}

static PyObject *
deque_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    collections_state *state = collections_state_of(Py_TYPE(self));
    if (!Py_IS_TYPE(self, state->deque_type)) {
        return copy_by_call(self, state);
    }
    PyObject *result = new_exact(state->deque_type, DEQUE(self)->dq_maxlen);
    if (result != NULL) {
        Py_BEGIN_CRITICAL_SECTION(self);
        result = copy_items_lock_held(DEQUE(self), result);
        Py_END_CRITICAL_SECTION();
    }
    return result;
}

static PyObject *
deque_concat(PyObject *self, PyObject *other)
{
    collections_state *state = collections_state_of(Py_TYPE(self));
    int is_deque = PyObject_TypeCheck(other, state->deque_type);
    if (!is_deque) {
        PyErr_Format(PyExc_TypeError, "can only concatenate deque (not \"%.200s\") to deque",
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    PyObject *result = deque_copy(self, NULL);
    if (result != NULL && extend(result, other, 0) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* A bounded deque keeps the last items only, so whole copies that would be dropped are left out. */
static int
inplace_repeat_lock_held(dequeobject *dq, Py_ssize_t times, PyObject ***dropped, Py_ssize_t *ndropped)
{
    Py_ssize_t n = dq->dq_len;
    if (n == 0 || times == 1) {
        return 0;
    }
    if (dq->dq_maxlen >= 0 && times > 1 && n > 0 && times > dq->dq_maxlen / n + 2) {
        times = dq->dq_maxlen / n + 2;
    }
    if (n > PY_SSIZE_T_MAX / times) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t total = n * times;
    if (ring_reserve(dq, total) < 0) {
        return -1;
    }
    for (Py_ssize_t i = n; i < total; i++) {
        *slot(dq, i) = Py_NewRef(*slot(dq, i - n));
    }
    set_len(dq, total);
    dq->dq_state++;
    if (dq->dq_maxlen >= 0 && total > dq->dq_maxlen) {
        *ndropped = total - dq->dq_maxlen;
        *dropped = PyMem_New(PyObject *, *ndropped);
        if (*dropped == NULL) {
            *ndropped = 0;
            PyErr_NoMemory();
            return -1;
        }
        for (Py_ssize_t i = 0; i < *ndropped; i++) {
            (*dropped)[i] = *slot(dq, i);
        }
        dq->dq_head = (dq->dq_head + *ndropped) & dq->dq_mask;
        set_len(dq, dq->dq_maxlen);
    }
    return 0;
}

static PyObject *
deque_inplace_repeat(PyObject *self, Py_ssize_t times)
{
    if (times <= 0) {
        deque_tp_clear(self);
        return Py_NewRef(self);
    }
    PyObject **dropped = NULL;
    Py_ssize_t ndropped = 0;
    int error;
    Py_BEGIN_CRITICAL_SECTION(self);
    error = inplace_repeat_lock_held(DEQUE(self), times, &dropped, &ndropped);
    Py_END_CRITICAL_SECTION();
    for (Py_ssize_t i = 0; i < ndropped; i++) {
        Py_DECREF(dropped[i]);
    }
    PyMem_Free(dropped);
    return error < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
deque_repeat(PyObject *self, Py_ssize_t times)
{
    PyObject *copy = deque_copy(self, NULL);
    if (copy == NULL) {
        return NULL;
    }
    PyObject *result = deque_inplace_repeat(copy, times);
    Py_DECREF(copy);
    return result;
}

/* -- Order --------------------------------------------------------------- */

/* A full ring turns by moving its head; else items go around one by one, the shorter way. */
static void
rotate_lock_held(dequeobject *dq, Py_ssize_t n)
{
    Py_ssize_t len = dq->dq_len;
    if (len <= 1) {
        return;
    }
    n %= len;
    if (n > len / 2) {
        n -= len;
    }
    else if (n < -(len / 2)) {
        n += len;
    }
    if (n == 0) {
        return;
    }
    dq->dq_state++;
    for (; n > 0; n--) {
        PyObject *item = *slot(dq, len - 1);
        dq->dq_head = (dq->dq_head - 1) & dq->dq_mask;
        dq->dq_ring[dq->dq_head] = item;
    }
    for (; n < 0; n++) {
        PyObject *item = dq->dq_ring[dq->dq_head];
        dq->dq_head = (dq->dq_head + 1) & dq->dq_mask;
        *slot(dq, len - 1) = item;
    }
}

static PyObject *
deque_rotate(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n = 1;
    if (!_PyArg_CheckPositional("rotate", nargs, 0, 1)) {
        return NULL;
    }
    if (nargs == 1) {
        PyObject *index = PyNumber_Index(args[0]);
        if (index == NULL) {
            return NULL;
        }
        n = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (n == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    rotate_lock_held(DEQUE(self), n);
    Py_END_CRITICAL_SECTION();
    Py_RETURN_NONE;
}

static PyObject *
deque_reverse_lock_held(dequeobject *dq)
{
    for (Py_ssize_t i = 0, j = dq->dq_len - 1; i < j; i++, j--) {
        PyObject *item = *slot(dq, i);
        *slot(dq, i) = *slot(dq, j);
        *slot(dq, j) = item;
    }
    Py_RETURN_NONE;
}
PY_LOCKED_NOARGS(deque, reverse, dequeobject)

/* -- Items by index ----------------------------------------------------------- */

/* The item at i leaves the deque; the shorter side closes the gap. */
static PyObject *
remove_at_lock_held(dequeobject *dq, Py_ssize_t i)
{
    PyObject *item = *slot(dq, i);
    Py_ssize_t len = dq->dq_len;
    if (i < len / 2) {
        for (; i > 0; i--) {
            *slot(dq, i) = *slot(dq, i - 1);
        }
        dq->dq_head = (dq->dq_head + 1) & dq->dq_mask;
    }
    else {
        for (; i < len - 1; i++) {
            *slot(dq, i) = *slot(dq, i + 1);
        }
    }
    set_len(dq, len - 1);
    dq->dq_state++;
    return item;
}

static int
insert_at_lock_held(dequeobject *dq, Py_ssize_t i, PyObject *item)
{
    Py_ssize_t len = dq->dq_len;
    if (len == dq->dq_maxlen) {
        PyErr_SetString(PyExc_IndexError, "deque already at its maximum size");
        return -1;
    }
    if (i < 0) {
        i = Py_MAX(i + len, 0);
    }
    i = Py_MIN(i, len);
    if (ring_reserve(dq, len + 1) < 0) {
        return -1;
    }
    if (i < len / 2) {
        dq->dq_head = (dq->dq_head - 1) & dq->dq_mask;
        for (Py_ssize_t j = 0; j < i; j++) {
            *slot(dq, j) = *slot(dq, j + 1);
        }
    }
    else {
        for (Py_ssize_t j = len; j > i; j--) {
            *slot(dq, j) = *slot(dq, j - 1);
        }
    }
    *slot(dq, i) = Py_NewRef(item);
    set_len(dq, len + 1);
    dq->dq_state++;
    return 0;
}

static PyObject *
deque_insert(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2)) {
        return NULL;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(args[0], PyExc_OverflowError);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int error;
    Py_BEGIN_CRITICAL_SECTION(self);
    error = insert_at_lock_held(DEQUE(self), i, args[1]);
    Py_END_CRITICAL_SECTION();
    return error < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
item_ref_lock_held(dequeobject *dq, Py_ssize_t i)
{
    return (size_t)i < (size_t)dq->dq_len ? Py_NewRef(*slot(dq, i)) : NULL;
}

static PyObject *
index_error(void)
{
    PyErr_SetString(PyExc_IndexError, "deque index out of range");
    return NULL;
}

static PyObject *
deque_item(PyObject *self, Py_ssize_t i)
{
    PyObject *item;
    Py_BEGIN_CRITICAL_SECTION(self);
    item = item_ref_lock_held(DEQUE(self), i);
    Py_END_CRITICAL_SECTION();
    return item != NULL ? item : index_error();
}

static PyObject *
exchange_lock_held(dequeobject *dq, Py_ssize_t i, PyObject *value)
{
    if ((size_t)i >= (size_t)dq->dq_len) {
        return NULL;
    }
    if (value == NULL) {
        return remove_at_lock_held(dq, i);
    }
    PyObject *old = *slot(dq, i);
    *slot(dq, i) = Py_NewRef(value);
    return old;
}

static int
deque_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(self);
    old = exchange_lock_held(DEQUE(self), i, value);
    Py_END_CRITICAL_SECTION();
    if (old == NULL) {
        index_error();
        return -1;
    }
    Py_DECREF(old);
    return 0;
}

/* -- Searching ------------------------------------------------------------------ */

/* Comparing runs other code: the deque may not change meanwhile.  Index, -1 not there, -2 error. */
static Py_ssize_t
find_lock_held(dequeobject *dq, PyObject *value, Py_ssize_t start, Py_ssize_t stop, PyObject *mutated,
               const char *message)
{
    size_t state = dq->dq_state;
    for (Py_ssize_t i = start; i < stop; i++) {
        int same = _PyContainer_Equal(*slot(dq, i), value);
        if (same < 0) {
            return -2;
        }
        if (dq->dq_state != state) {
            PyErr_SetString(mutated, message);
            return -2;
        }
        if (same) {
            return i;
        }
    }
    return -1;
}

#define MUTATED "deque mutated during iteration"

static int
contains_lock_held(dequeobject *dq, PyObject *value)
{
    Py_ssize_t i = find_lock_held(dq, value, 0, dq->dq_len, PyExc_RuntimeError, MUTATED);
    return i == -2 ? -1 : i >= 0;
}

static int
deque_contains(PyObject *self, PyObject *value)
{
    int there;
    Py_BEGIN_CRITICAL_SECTION(self);
    there = contains_lock_held(DEQUE(self), value);
    Py_END_CRITICAL_SECTION();
    return there;
}

static PyObject *
deque_count_lock_held(dequeobject *dq, PyObject *value)
{
    Py_ssize_t count = 0, i = -1;
    while ((i = find_lock_held(dq, value, i + 1, dq->dq_len, PyExc_RuntimeError, MUTATED)) >= 0) {
        count++;
    }
    return i == -2 ? NULL : PyLong_FromSsize_t(count);
}
PY_LOCKED_O(deque, count, dequeobject)

static PyObject *
deque_index_lock_held(dequeobject *dq, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start = 0, stop = dq->dq_len;
    if (!_PyArg_CheckPositional("index", nargs, 1, 3)
        || (nargs > 1 && !_PyEval_SliceIndexNotNone(args[1], &start))
        || (nargs > 2 && !_PyEval_SliceIndexNotNone(args[2], &stop))) {
        return NULL;
    }
    if (start < 0) {
        start = Py_MAX(start + dq->dq_len, 0);
    }
    if (stop < 0) {
        stop = Py_MAX(stop + dq->dq_len, 0);
    }
    stop = Py_MIN(stop, dq->dq_len);
    Py_ssize_t i = find_lock_held(dq, args[0], start, stop, PyExc_RuntimeError, MUTATED);
    if (i == -1) {
        PyErr_SetString(PyExc_ValueError, "deque.index(x): x not in deque");
    }
    return i < 0 ? NULL : PyLong_FromSsize_t(i);
}
PY_LOCKED_FASTCALL(deque, index, dequeobject)

static PyObject *
deque_remove_lock_held(dequeobject *dq, PyObject *value)
{
    Py_ssize_t i = find_lock_held(dq, value, 0, dq->dq_len, PyExc_IndexError, "deque mutated during remove().");
    if (i == -1) {
        PyErr_SetString(PyExc_ValueError, "deque.remove(x): x not in deque");
    }
    if (i < 0) {
        return NULL;
    }
    Py_DECREF(remove_at_lock_held(dq, i));
    Py_RETURN_NONE;
}
PY_LOCKED_O(deque, remove, dequeobject)

/* -- Slots ------------------------------------------------------------------------ */

static PyObject *
deque_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    dequeobject *dq = (dequeobject *)type->tp_alloc(type, 0);
    if (dq == NULL) {
        return NULL;
    }
    dq->dq_ring = NULL;
    dq->dq_mask = -1;
    dq->dq_head = 0;
    dq->dq_len = 0;
    dq->dq_maxlen = -1;
    dq->dq_state = 0;
    dq->dq_weakreflist = NULL;
    return (PyObject *)dq;
}

static int
deque_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    static char *keywords[] = {"iterable", "maxlen", NULL};
    PyObject *iterable = NULL, *maxlen_object = NULL;
    Py_ssize_t maxlen = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "|OO:deque", keywords, &iterable, &maxlen_object)) {
        return -1;
    }
    if (maxlen_object != NULL && maxlen_object != Py_None) {
        maxlen = PyLong_AsSsize_t(maxlen_object);
        if (maxlen == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (maxlen < 0) {
            PyErr_SetString(PyExc_ValueError, "maxlen must be non-negative");
            return -1;
        }
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    DEQUE(self)->dq_maxlen = maxlen;
    Py_END_CRITICAL_SECTION();
    if (deque_len(self) > 0) {
        deque_tp_clear(self);
    }
    return iterable == NULL ? 0 : extend(self, iterable, 0);
}

static void
deque_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (DEQUE(self)->dq_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    if (DEQUE(self)->dq_ring != NULL) {
        deque_tp_clear(self);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static int
deque_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    for (Py_ssize_t i = 0; i < DEQUE(self)->dq_len; i++) {
        Py_VISIT(*slot(DEQUE(self), i));
    }
    return 0;
}

static PyObject *
deque_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("[...]") : NULL;
    }
    PyObject *result = NULL;
    PyObject *list = PySequence_List(self);
    if (list != NULL) {
        Py_ssize_t maxlen = DEQUE(self)->dq_maxlen;
        result = maxlen >= 0 ? PyUnicode_FromFormat("%s(%R, maxlen=%zd)", _PyType_Name(Py_TYPE(self)), list, maxlen)
                             : PyUnicode_FromFormat("%s(%R)", _PyType_Name(Py_TYPE(self)), list);
        Py_DECREF(list);
    }
    Py_ReprLeave(self);
    return result;
}

static PyObject *
deque_richcompare(PyObject *v, PyObject *w, int op)
{
    collections_state *state = collections_state_of(Py_TYPE(v));
    if (!PyObject_TypeCheck(w, state->deque_type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (op == Py_EQ && v == w) {
        Py_RETURN_TRUE;
    }
    if (op == Py_NE && v == w) {
        Py_RETURN_FALSE;
    }
    if (deque_len(v) != deque_len(w) && (op == Py_EQ || op == Py_NE)) {
        return PyBool_FromLong(op == Py_NE);
    }
    PyObject *a = PySequence_List(v);
    PyObject *b = a == NULL ? NULL : PySequence_List(w);
    PyObject *result = b == NULL ? NULL : PyObject_RichCompare(a, b, op);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static PyObject *
deque___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *state = _PyObject_GetState(self);
    PyObject *iter = state == NULL ? NULL : PyObject_GetIter(self);
    if (iter == NULL) {
        Py_XDECREF(state);
        return NULL;
    }
    Py_ssize_t maxlen = DEQUE(self)->dq_maxlen;
    if (maxlen < 0) {
        return Py_BuildValue("O()NN", Py_TYPE(self), state, iter);
    }
    return Py_BuildValue("O(()n)NN", Py_TYPE(self), maxlen, state, iter);
}

static PyObject *
deque___sizeof___lock_held(dequeobject *dq)
{
    size_t size = _PyObject_SIZE(Py_TYPE(dq));
    return PyLong_FromSize_t(size + (size_t)(dq->dq_mask + 1) * sizeof(PyObject *));
}
PY_LOCKED_NOARGS(deque, __sizeof__, dequeobject)

static PyObject *
deque_get_maxlen(PyObject *self, void *Py_UNUSED(closure))
{
    Py_ssize_t maxlen = DEQUE(self)->dq_maxlen;
    return maxlen < 0 ? Py_NewRef(Py_None) : PyLong_FromSsize_t(maxlen);
}

static PyGetSetDef deque_getset[] = {
    {"maxlen", deque_get_maxlen, NULL, "Largest number of items, or None if there is no limit.", NULL},
    {0}
};

static PyMemberDef deque_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(dequeobject, dq_weakreflist), Py_READONLY},
    {0}
};

static PyObject *deque_iter(PyObject *self);
static PyObject *deque___reversed__(PyObject *self, PyObject *ignored);

static PyMethodDef deque_methods[] = {
    PY_METHOD(deque, append, METH_O, "($self, item, /)", "Add an item at the right end."),
    PY_METHOD(deque, appendleft, METH_O, "($self, item, /)", "Add an item at the left end."),
    PY_METHOD(deque, clear, METH_NOARGS, "($self, /)", "Remove all items."),
    PY_METHOD_AS("__copy__", deque_copy, METH_NOARGS, "($self, /)", "Return a shallow copy."),
    PY_METHOD(deque, copy, METH_NOARGS, "($self, /)", "Return a shallow copy."),
    PY_METHOD(deque, count, METH_O, "($self, value, /)", "Return how many items equal value."),
    PY_METHOD(deque, extend, METH_O, "($self, iterable, /)", "Add the items of iterable at the right end."),
    PY_METHOD(deque, extendleft, METH_O, "($self, iterable, /)", "Add the items of iterable at the left end, one by one."),
    PY_METHOD(deque, index, METH_FASTCALL, "($self, value, [start, [stop]])",
              "Return the index of the first item that equals value; ValueError if none does."),
    PY_METHOD(deque, insert, METH_FASTCALL, "($self, index, value, /)", "Put value before index."),
    PY_METHOD(deque, pop, METH_NOARGS, "($self, /)", "Remove the item at the right end and return it."),
    PY_METHOD(deque, popleft, METH_NOARGS, "($self, /)", "Remove the item at the left end and return it."),
    PY_METHOD(deque, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD(deque, remove, METH_O, "($self, value, /)", "Remove the first item that equals value; ValueError if none does."),
    PY_METHOD(deque, __reversed__, METH_NOARGS, "($self, /)", "Return an iterator, last item first."),
    PY_METHOD(deque, reverse, METH_NOARGS, "($self, /)", "Turn the order of the items around, in place."),
    PY_METHOD(deque, rotate, METH_FASTCALL, "($self, n=1, /)", "Move n items from the right end to the left, or -n back."),
    PY_METHOD(deque, __sizeof__, METH_NOARGS, "($self, /)", "Return the size of the deque in memory, in bytes."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "deque[T], for annotations."),
    {0}
};

static PyType_Slot deque_slots[] = {
    {Py_tp_dealloc, deque_dealloc},
    {Py_tp_repr, deque_repr},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, "deque([iterable[, maxlen]])\n--\n\n"
                "A sequence that is fast at both ends; with maxlen, what is too many falls off at the other end."},
    {Py_tp_traverse, deque_traverse},
    {Py_tp_clear, deque_tp_clear},
    {Py_tp_richcompare, deque_richcompare},
    {Py_tp_iter, deque_iter},
    {Py_tp_getset, deque_getset},
    {Py_tp_init, deque_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, deque_new},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_methods, deque_methods},
    {Py_tp_members, deque_members},
    {Py_sq_length, deque_len},
    {Py_sq_concat, deque_concat},
    {Py_sq_repeat, deque_repeat},
    {Py_sq_item, deque_item},
    {Py_sq_ass_item, deque_ass_item},
    {Py_sq_contains, deque_contains},
    {Py_sq_inplace_concat, deque_inplace_concat},
    {Py_sq_inplace_repeat, deque_inplace_repeat},
    {0, NULL}
};

PyType_Spec _PyDeque_spec = {
    .name = "collections.deque",
    .basicsize = sizeof(dequeobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE
           | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = deque_slots,
};

/* -- Iterators ------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *it_deque;         // const
    Py_ssize_t it_left;         // relaxed: items that are left
    size_t it_state;            // const: the deque's when the iterator was made
} dequeiterobject;

#define ITER(op) ((dequeiterobject *)(op))
#define LOAD_LEFT(it)     FT_ATOMIC_LOAD_SSIZE_RELAXED((it)->it_left)
#define STORE_LEFT(it, n) FT_ATOMIC_STORE_SSIZE_RELAXED((it)->it_left, n)

static PyObject *
new_iterator(PyTypeObject *type, PyObject *deque)
{
    dequeiterobject *it = PyObject_GC_New(dequeiterobject, type);
    if (it == NULL) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(deque);
    it->it_deque = Py_NewRef(deque);
    it->it_left = DEQUE(deque)->dq_len;
    it->it_state = DEQUE(deque)->dq_state;
    Py_END_CRITICAL_SECTION();
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

static PyObject *
deque_iter(PyObject *self)
{
    return new_iterator(collections_state_of(Py_TYPE(self))->dequeiter_type, self);
}

static PyObject *
deque___reversed__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_iterator(collections_state_of(Py_TYPE(self))->dequereviter_type, self);
}

static void
dequeiter_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(ITER(self)->it_deque);
    type->tp_free(self);
    Py_DECREF(type);
}

static int
dequeiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(ITER(self)->it_deque);
    return 0;
}

static PyObject *
step_lock_held(dequeiterobject *it, dequeobject *dq, int reverse)
{
    Py_ssize_t left = LOAD_LEFT(it);
    if (dq->dq_state != it->it_state) {
        STORE_LEFT(it, 0);
        PyErr_SetString(PyExc_RuntimeError, MUTATED);
        return NULL;
    }
    if (left <= 0 || left > dq->dq_len) {
        return NULL;
    }
    STORE_LEFT(it, left - 1);
    return Py_NewRef(*slot(dq, reverse ? left - 1 : dq->dq_len - left));
}

static PyObject *
step(PyObject *self, int reverse)
{
    PyObject *item, *deque = ITER(self)->it_deque;
    Py_BEGIN_CRITICAL_SECTION(deque);
    item = step_lock_held(ITER(self), DEQUE(deque), reverse);
    Py_END_CRITICAL_SECTION();
    return item;
}

static PyObject *dequeiter_next(PyObject *self) { return step(self, 0); }
static PyObject *dequereviter_next(PyObject *self) { return step(self, 1); }

/* (deque[, index]): index items have been seen already. */
static PyObject *
make_iterator(PyTypeObject *type, PyObject *args, PyTypeObject *deque_type)
{
    PyObject *deque;
    Py_ssize_t index = 0;
    if (!PyArg_ParseTuple(args, "O!|n", deque_type, &deque, &index)) {
        return NULL;
    }
    PyObject *it = new_iterator(type, deque);
    for (Py_ssize_t i = 0; it != NULL && i < index; i++) {
        PyObject *item = Py_TYPE(it)->tp_iternext(it);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                Py_CLEAR(it);
            }
            break;
        }
        Py_DECREF(item);
    }
    return it;
}

static PyObject *
dequeiter_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwds))
{
    return make_iterator(type, args, collections_state_of(type)->deque_type);
}

static PyObject *
dequeiter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(LOAD_LEFT(ITER(self)));
}

static PyObject *
dequeiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *deque = ITER(self)->it_deque;
    return Py_BuildValue("O(On)", Py_TYPE(self), deque, deque_len(deque) - LOAD_LEFT(ITER(self)));
}

static PyMethodDef dequeiter_methods[] = {
    PY_METHOD(dequeiter, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left."),
    PY_METHOD(dequeiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

#define ITERATOR_SLOTS(next)                           \
    {Py_tp_dealloc, dequeiter_dealloc},                \
    {Py_tp_getattro, PyObject_GenericGetAttr},         \
    {Py_tp_traverse, dequeiter_traverse},              \
    {Py_tp_iter, PyObject_SelfIter},                   \
    {Py_tp_iternext, next},                            \
    {Py_tp_methods, dequeiter_methods},                \
    {Py_tp_new, dequeiter_new},                        \
    {0, NULL}

static PyType_Slot dequeiter_slots[] = {ITERATOR_SLOTS(dequeiter_next)};
static PyType_Slot dequereviter_slots[] = {ITERATOR_SLOTS(dequereviter_next)};

PyType_Spec _PyDequeIter_spec = {
    .name = "collections._deque_iterator",
    .basicsize = sizeof(dequeiterobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = dequeiter_slots,
};

PyType_Spec _PyDequeRevIter_spec = {
    .name = "collections._deque_reverse_iterator",
    .basicsize = sizeof(dequeiterobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = dequereviter_slots,
};

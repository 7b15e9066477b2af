/* The list type: memory, growth, the C API, comparison, text form.

   The items are an array in a block that knows its capacity (pycore_list.h).  Changes hold the list's mutex; a reader
   without it loads the length, the array, then the item, and checks the index against both.  Growing stores the items
   before the length; shrinking stores the length first.  A SHARED list never reallocates in place. */
#include "list_private.h"
#include "pycore_tuple.h"     // _PyTuple_FromArray

/* -- Memory ----------------------------------------------------------- */

#define MAX_CAPACITY ((Py_ssize_t)((PY_SSIZE_T_MAX - sizeof(_PyListBlock)) / sizeof(PyObject *)))

static PyObject **
new_block(Py_ssize_t capacity)
{
    if (capacity > MAX_CAPACITY) {
        return NULL;
    }
    _PyListBlock *block = PyMem_Calloc(1, sizeof(_PyListBlock) + (size_t)capacity * sizeof(PyObject *));
    if (block == NULL) {
        return NULL;
    }
    block->capacity = capacity;
    return block->items;
}

void
_PyList_ReleaseBlock(PyListObject *self, PyObject **items)
{
    if (items != NULL) {
        _Py_RetireMem(self, _PyList_BlockOf(items));
    }
}

/* Without readers the block may move under the same pointer. */
static int
reallocate_block(PyListObject *self, Py_ssize_t capacity)
{
    _PyListBlock *old = self->ob_item == NULL ? NULL : _PyList_BlockOf(self->ob_item);
    if (capacity > MAX_CAPACITY) {
        return -1;
    }
    _PyListBlock *block = PyMem_Realloc(old, sizeof(_PyListBlock) + (size_t)capacity * sizeof(PyObject *));
    if (block == NULL) {
        return -1;
    }
    block->capacity = capacity;
    self->ob_item = block->items;
    return 0;
}

static int
replace_block(PyListObject *self, Py_ssize_t capacity)
{
    PyObject **old = self->ob_item;
    PyObject **items = new_block(capacity);      // zeroed: a reader may hold an older, larger length
    if (items == NULL) {
        return -1;
    }
    Py_ssize_t n = Py_MIN(Py_SIZE(self), capacity);
    if (n > 0) {
        memcpy(items, old, (size_t)n * sizeof(PyObject *));
    }
    FT_ATOMIC_STORE_PTR_RELEASE(self->ob_item, items);
    _PyList_ReleaseBlock(self, old);
    return 0;
}

static int
set_capacity(PyListObject *self, Py_ssize_t capacity)
{
    int error;
    if (capacity == 0) {
        PyObject **old = self->ob_item;
        FT_ATOMIC_STORE_PTR_RELEASE(self->ob_item, NULL);
        _PyList_ReleaseBlock(self, old);
        error = 0;
    }
    else {
        error = _PyContainer_HasReaders(self) ? replace_block(self, capacity)
                                              : reallocate_block(self, capacity);
    }
    if (error < 0) {
        PyErr_NoMemory();
        return -1;
    }
    self->allocated = capacity;
    return 0;
}

/* One eighth more than asked for, so that appending is linear in sum; exact when one step asks for much. */
int
_PyList_Reserve_lock_held(PyListObject *self, Py_ssize_t n)
{
    if (n <= self->allocated) {
        return 0;
    }
    Py_ssize_t capacity = (Py_ssize_t)(((size_t)n + ((size_t)n >> 3) + 6) & ~(size_t)3);
    if (n - Py_SIZE(self) > capacity - n) {
        capacity = (Py_ssize_t)(((size_t)n + 3) & ~(size_t)3);
    }
    return set_capacity(self, capacity);
}

void
_PyList_Trim_lock_held(PyListObject *self)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n >= self->allocated >> 1) {
        return;
    }
    Py_ssize_t capacity = n == 0 ? 0 : (Py_ssize_t)(((size_t)n + ((size_t)n >> 3) + 6) & ~(size_t)3);
    if (capacity < self->allocated && set_capacity(self, capacity) < 0) {
        PyErr_Clear();      // it stays larger than need be
    }
}

/* -- Birth and death -------------------------------------------------- */

PyObject *
PyList_New(Py_ssize_t size)
{
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyListObject *self = PyObject_GC_New(PyListObject, &PyList_Type);
    if (self == NULL) {
        return NULL;
    }
    self->ob_item = NULL;
    if (size > 0 && (self->ob_item = new_block(size)) == NULL) {
        Py_SET_SIZE(self, 0);
        self->allocated = 0;
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    Py_SET_SIZE(self, size);
    self->allocated = size;
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

PyObject *
_PyList_FromArraySteal(PyObject *const *src, Py_ssize_t n)
{
    PyListObject *self = (PyListObject *)PyList_New(n);
    if (self != NULL && n > 0) {
        memcpy(self->ob_item, src, (size_t)n * sizeof(PyObject *));
    }
    return (PyObject *)self;
}

PyObject *
_PyList_FromArray(PyObject *const *src, Py_ssize_t n)
{
    PyObject *list = _PyList_FromArraySteal(src, n);
    for (Py_ssize_t i = 0; list != NULL && i < n; i++) {
        Py_INCREF(src[i]);
    }
    return list;
}

static void
list_dealloc(PyObject *op)
{
    PyListObject *self = LIST(op);
    PyObject_GC_UnTrack(op);
    if (self->ob_item != NULL) {
        for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
            Py_XDECREF(self->ob_item[i]);
        }
        PyMem_Free(_PyList_BlockOf(self->ob_item));
    }
    Py_TYPE(op)->tp_free(op);
}

static int
list_traverse(PyObject *op, visitproc visit, void *arg)
{
    for (Py_ssize_t i = Py_SIZE(op); --i >= 0;) {
        Py_VISIT(LIST(op)->ob_item[i]);
    }
    return 0;
}

/* The array leaves the list before any item is released. */
void
_PyList_Clear_lock_held(PyListObject *self)
{
    PyObject **items = self->ob_item;
    Py_ssize_t n = Py_SIZE(self);
    if (items == NULL) {
        return;
    }
    _PyContainer_Write(self);
    list_set_size(self, 0);
    FT_ATOMIC_STORE_PTR_RELEASE(self->ob_item, NULL);
    self->allocated = 0;
    while (--n >= 0) {
        _Py_RetireRef(self, items[n]);
    }
    _PyList_ReleaseBlock(self, items);
}

static int
list_tp_clear(PyObject *op)
{
    Py_BEGIN_CRITICAL_SECTION(op);
    _PyList_Clear_lock_held(LIST(op));
    Py_END_CRITICAL_SECTION();
    return 0;
}

/* -- Items ------------------------------------------------------------ */

static PyObject *
item_ref_lock_held(PyListObject *self, Py_ssize_t i)
{
    _PyContainer_Write(self);      // sets SHARED: no lock next time
    return (size_t)i < (size_t)Py_SIZE(self) ? Py_XNewRef(self->ob_item[i]) : NULL;
}

PyObject *
_PyList_ItemOrNull(PyListObject *self, Py_ssize_t i)
{
    PyObject *item = _PyList_GetItemRef_lockfree((PyObject *)self, i);
    if (item == NULL && (size_t)i < (size_t)list_size((PyObject *)self)) {
        Py_BEGIN_CRITICAL_SECTION(self);
        item = item_ref_lock_held(self, i);
        Py_END_CRITICAL_SECTION();
    }
    return item;
}

static PyObject *
index_error(void)
{
    PyErr_SetString(PyExc_IndexError, "list index out of range");
    return NULL;
}

PyObject *
_PyList_GetItemRef(PyListObject *self, Py_ssize_t i)
{
    return _PyList_ItemOrNull(self, i);
}

PyObject *
PyList_GetItemRef(PyObject *op, Py_ssize_t i)
{
    if (!PyList_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
        return NULL;
    }
    PyObject *item = _PyList_ItemOrNull(LIST(op), i);
    return item == NULL ? index_error() : item;
}

static PyObject *
item_borrowed_lock_held(PyListObject *self, Py_ssize_t i)
{
    _PyContainer_Write(self);
    return (size_t)i < (size_t)Py_SIZE(self) ? self->ob_item[i] : NULL;
}

PyObject *
PyList_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *item = _PyList_GetItemBorrowed_lockfree(op, i);
    if (item == NULL) {
        if ((size_t)i >= (size_t)list_size(op)) {
            return index_error();
        }
        Py_BEGIN_CRITICAL_SECTION(op);
        item = item_borrowed_lock_held(LIST(op), i);
        Py_END_CRITICAL_SECTION();
    }
    return item;
}

Py_ssize_t
PyList_Size(PyObject *op)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_size(op);
}

/* Steals item on success; the old item is *old. */
static int
set_item_lock_held(PyListObject *self, Py_ssize_t i, PyObject *item, PyObject **old)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        return -1;
    }
    _PyContainer_Write(self);
    *old = self->ob_item[i];
    STORE_ITEM(self->ob_item[i], item);
    return 0;
}

int
PyList_SetItem(PyObject *op, Py_ssize_t i, PyObject *item)
{
    if (!PyList_Check(op)) {
        Py_XDECREF(item);
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *old = NULL;
    int error;
    Py_BEGIN_CRITICAL_SECTION(op);
    error = set_item_lock_held(LIST(op), i, item, &old);
    Py_END_CRITICAL_SECTION();
    if (error < 0) {
        Py_XDECREF(item);
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    _Py_RetireRef(op, old);
    return 0;
}

/* -- Growing and shrinking --------------------------------------------- */

int
_PyList_AppendTakeRefListResize(PyListObject *self, PyObject *item)
{
    _PyContainer_Write(self);
    Py_ssize_t n = Py_SIZE(self);
    if (_PyList_Reserve_lock_held(self, n + 1) < 0) {
        Py_DECREF(item);
        return -1;
    }
    STORE_ITEM(self->ob_item[n], item);
    list_set_size(self, n + 1);
    return 0;
}

int
PyList_Append(PyObject *op, PyObject *item)
{
    if (!PyList_Check(op) || item == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    int error;
    Py_INCREF(item);
    Py_BEGIN_CRITICAL_SECTION(op);
    error = _PyList_AppendTakeRef(LIST(op), item);
    Py_END_CRITICAL_SECTION();
    return error;
}

int
_PyList_Insert_lock_held(PyListObject *self, Py_ssize_t i, PyObject *item)
{
    _PyContainer_Write(self);
    Py_ssize_t n = Py_SIZE(self);
    if (_PyList_Reserve_lock_held(self, n + 1) < 0) {
        return -1;
    }
    if (i < 0) {
        i = Py_MAX(i + n, 0);
    }
    i = Py_MIN(i, n);
    PyObject **items = self->ob_item;
    _PyContainer_Move(self, items + i + 1, items + i, n - i);
    STORE_ITEM(items[i], Py_NewRef(item));
    list_set_size(self, n + 1);
    return 0;
}

int
PyList_Insert(PyObject *op, Py_ssize_t i, PyObject *item)
{
    if (!PyList_Check(op) || item == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    int error;
    Py_BEGIN_CRITICAL_SECTION(op);
    error = _PyList_Insert_lock_held(LIST(op), i, item);
    Py_END_CRITICAL_SECTION();
    return error;
}

PyObject *
_PyList_Remove_lock_held(PyListObject *self, Py_ssize_t i)
{
    _PyContainer_Write(self);
    PyObject **items = self->ob_item;
    PyObject *item = items[i];
    Py_ssize_t n = Py_SIZE(self) - 1;
    _PyContainer_Move(self, items + i, items + i + 1, n - i);
    list_set_size(self, n);
    if (n < self->allocated >> 1) {
        _PyList_Trim_lock_held(self);
    }
    return _PyContainer_Take(self, item);
}

PyObject *
_PyList_Slice_lock_held(PyListObject *self, Py_ssize_t low, Py_ssize_t high)
{
    Py_ssize_t size = Py_SIZE(self);
    low = Py_MIN(Py_MAX(low, 0), size);
    high = Py_MIN(Py_MAX(high, low), size);
    return _PyList_FromArray(self->ob_item + low, high - low);
}

PyObject *
PyList_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = _PyList_Slice_lock_held(LIST(op), low, high);
    Py_END_CRITICAL_SECTION();
    return result;
}

PyObject *
_PyList_Copy(PyListObject *self)
{
    return PyList_GetSlice((PyObject *)self, 0, PY_SSIZE_T_MAX);
}

/* self[low:high] = items; the items are counted here.  What goes is released last. */
int
_PyList_AssignSlice_lock_held(PyListObject *self, Py_ssize_t low, Py_ssize_t high,
                              PyObject *const *items, Py_ssize_t n)
{
    Py_ssize_t size = Py_SIZE(self);
    low = Py_MIN(Py_MAX(low, 0), size);
    high = Py_MIN(Py_MAX(high, low), size);
    Py_ssize_t gone = high - low, change = n - gone;
    if (size + change == 0) {
        _PyList_Clear_lock_held(self);
        return 0;
    }
    PyObject *few[16];
    PyObject **old = few;
    if (gone > (Py_ssize_t)Py_ARRAY_LENGTH(few)
        && (old = PyMem_New(PyObject *, gone)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    _PyContainer_Write(self);
    if (change > 0 && _PyList_Reserve_lock_held(self, size + change) < 0) {
        if (old != few) {
            PyMem_Free(old);
        }
        return -1;
    }
    PyObject **slot = self->ob_item + low;
    if (gone > 0) {
        memcpy(old, slot, (size_t)gone * sizeof(PyObject *));
    }
    if (change != 0) {
        _PyContainer_Move(self, slot + n, slot + gone, size - high);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        STORE_ITEM(slot[i], Py_XNewRef(items[i]));
    }
    list_set_size(self, size + change);
    if (change < 0) {
        _PyList_Trim_lock_held(self);
    }
    for (Py_ssize_t i = gone; --i >= 0;) {
        _Py_RetireRef(self, old[i]);
    }
    if (old != few) {
        PyMem_Free(old);
    }
    return 0;
}

int
PyList_SetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high, PyObject *value)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *tuple = value == NULL ? NULL : PySequence_Tuple(value);
    if (value != NULL && tuple == NULL) {
        return -1;
    }
    PyObject *const *items = tuple == NULL ? NULL : _PyTuple_ITEMS(tuple);
    Py_ssize_t n = tuple == NULL ? 0 : PyTuple_GET_SIZE(tuple);
    int error;
    Py_BEGIN_CRITICAL_SECTION(op);
    error = _PyList_AssignSlice_lock_held(LIST(op), low, high, items, n);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(tuple);
    return error;
}

int
PyList_Clear(PyObject *op)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_tp_clear(op);
}

int
PyList_Extend(PyObject *op, PyObject *iterable)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return _PyList_ExtendLocking(LIST(op), iterable);
}

PyObject *
_PyList_Extend(PyListObject *self, PyObject *iterable)
{
    return _PyList_ExtendLocking(self, iterable) < 0 ? NULL : Py_NewRef(Py_None);
}

/* In place; readers see every item at least once on its way. */
static void
reverse_lock_held(PyListObject *self)
{
    PyObject **low = self->ob_item, **high = low + Py_SIZE(self);
    _PyContainer_Write(self);
    while (low < --high) {
        PyObject *first = *low;
        STORE_ITEM(*low, *high);
        STORE_ITEM(*high, first);
        low++;
    }
}

int
PyList_Reverse(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(op);
    if (Py_SIZE(op) > 1) {
        reverse_lock_held(LIST(op));
    }
    Py_END_CRITICAL_SECTION();
    return 0;
}

PyObject *
PyList_AsTuple(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = _PyTuple_FromArray(LIST(op)->ob_item, Py_SIZE(op));
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
as_tuple_and_clear_lock_held(PyListObject *self)
{
    PyObject *result = _PyTuple_FromArray(self->ob_item, Py_SIZE(self));
    if (result != NULL) {
        _PyList_Clear_lock_held(self);
    }
    return result;
}

PyObject *
_PyList_AsTupleAndClear(PyListObject *self)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = as_tuple_and_clear_lock_held(self);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* -- Text form and comparison ------------------------------------------ */

static int
write_items(PyUnicodeWriter *writer, PyObject *op)
{
    PyObject *item;
    for (Py_ssize_t i = 0; (item = _PyList_ItemOrNull(LIST(op), i)) != NULL; i++) {
        int error = i == 0 ? 0 : PyUnicodeWriter_WriteASCII(writer, ", ", 2);
        if (error == 0) {
            error = PyUnicodeWriter_WriteRepr(writer, item);
        }
        Py_DECREF(item);
        if (error < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
list_repr(PyObject *op)
{
    if (list_size(op) == 0) {
        return PyUnicode_FromString("[]");
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("[...]") : NULL;
    }
    /* "[1, 2, 3]" is the shortest */
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(1 + 1 + 3 * (list_size(op) - 1) + 1);
    PyObject *result = NULL;
    if (writer != NULL) {
        if (PyUnicodeWriter_WriteChar(writer, '[') < 0 || write_items(writer, op) < 0
            || PyUnicodeWriter_WriteChar(writer, ']') < 0) {
            PyUnicodeWriter_Discard(writer);
        }
        else {
            result = PyUnicodeWriter_Finish(writer);
        }
    }
    Py_ReprLeave(op);
    return result;
}

/* The first items that differ are counted in *v and *w: 1.  None up to the shorter length: 0.  Error: -1. */
static int
first_difference(PyListObject *a, PyListObject *b, PyObject **v, PyObject **w)
{
    for (Py_ssize_t i = 0;; i++) {
        *v = _PyList_ItemOrNull(a, i);
        *w = *v == NULL ? NULL : _PyList_ItemOrNull(b, i);
        if (*w == NULL) {
            Py_XDECREF(*v);
            return 0;
        }
        int same = _PyContainer_ComparePlain(*v, *w);
        if (same < 0) {
            same = PyObject_RichCompareBool(*v, *w, Py_EQ);
        }
        if (same == 0) {
            return 1;
        }
        Py_DECREF(*v);
        Py_DECREF(*w);
        if (same < 0) {
            return -1;
        }
    }
}

static PyObject *
list_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyList_Check(a) || !PyList_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (list_size(a) != list_size(b) && (op == Py_EQ || op == Py_NE)) {
        return PyBool_FromLong(op == Py_NE);
    }
    PyObject *v, *w;
    int differ = first_difference(LIST(a), LIST(b), &v, &w);
    if (differ < 0) {
        return NULL;
    }
    if (differ == 0) {
        Py_RETURN_RICHCOMPARE(list_size(a), list_size(b), op);
    }
    PyObject *result;
    if (op == Py_EQ || op == Py_NE) {
        result = PyBool_FromLong(op == Py_NE);
    }
    else {
        result = PyObject_RichCompare(v, w, op);
    }
    Py_DECREF(v);
    Py_DECREF(w);
    return result;
}

/* -- The type --------------------------------------------------------- */

static int
list_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    PyObject *iterable = NULL;
    if (Py_TYPE(op)->tp_new == PyList_Type.tp_new && !_PyArg_NoKeywords("list", kwds)) {
        return -1;
    }
    if (!_PyArg_CheckPositional("list", PyTuple_GET_SIZE(args), 0, 1)) {
        return -1;
    }
    if (PyTuple_GET_SIZE(args) == 1) {
        iterable = PyTuple_GET_ITEM(args, 0);
    }
    list_tp_clear(op);
    return iterable == NULL ? 0 : _PyList_ExtendLocking(LIST(op), iterable);
}

static PyObject *
list_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("list", kwnames) || !_PyArg_CheckPositional("list", nargs, 0, 1)) {
        return NULL;
    }
    PyTypeObject *tp = (PyTypeObject *)type;
    PyObject *list = tp == &PyList_Type ? PyList_New(0) : PyType_GenericAlloc(tp, 0);
    if (list != NULL && nargs == 1 && _PyList_ExtendLocking(LIST(list), args[0]) < 0) {
        Py_CLEAR(list);
    }
    return list;
}

PyDoc_STRVAR(list_doc,
"list(iterable=(), /)\n--\n\n"
"A mutable sequence of objects; without an argument, an empty one.");

PyTypeObject PyList_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list",
    .tp_basicsize = sizeof(PyListObject),
    .tp_dealloc = list_dealloc,
    .tp_repr = list_repr,
    .tp_as_sequence = &_PyList_as_sequence,
    .tp_as_mapping = &_PyList_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
              | Py_TPFLAGS_LIST_SUBCLASS | _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_SEQUENCE,
    .tp_doc = list_doc,
    .tp_traverse = list_traverse,
    .tp_clear = list_tp_clear,
    .tp_richcompare = list_richcompare,
    .tp_iter = _PyList_Iter,
    .tp_methods = _PyList_methods,
    .tp_init = list_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = list_vectorcall,
};

void
_PyList_DebugMallocStats(FILE *Py_UNUSED(out))
{
}

/* array: the type, its iterator, the module. */
#include "array_int.h"
#include "pycore_args.h"              // PY_METHOD
#include "pycore_atomic_ft.h"         // FT_ATOMIC_LOAD_SSIZE_RELAXED
#include "pycore_critical_section.h"  // Py_BEGIN_CRITICAL_SECTION
#include "pycore_global_ids.h"        // _Py_ID
#include "pycore_modsupport.h"        // _PyArg_NoKeywords

#define ARRAY(op) ((ArrayObject *)(op))

static array_module_state *
state_of_type(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &_PyArray_Module);
    return module == NULL ? NULL : PyModule_GetState(module);
}

/* op is an array of the same module as `self`. */
static bool
is_array(PyObject *self, PyObject *op)
{
    array_module_state *state = state_of_type(Py_TYPE(self));
    return state != NULL && PyObject_TypeCheck(op, state->array_type);
}

/* -- Memory --------------------------------------------------------------- */

ArrayObject *
_PyArray_New(PyTypeObject *type, Py_ssize_t size, const struct item_type *item_type)
{
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (size > PY_SSIZE_T_MAX / item_type->size) {
        PyErr_NoMemory();
        return NULL;
    }
    ArrayObject *self = ARRAY(type->tp_alloc(type, 0));
    if (self == NULL) {
        return NULL;
    }
    self->type = item_type;
    if (size > 0) {
        self->items = PyMem_Malloc((size_t)size * item_type->size);
        if (self->items == NULL) {
            Py_DECREF(self);
            PyErr_NoMemory();
            return NULL;
        }
    }
    self->allocated = size;
    Py_SET_SIZE(self, size);
    return self;
}

int
_PyArray_ResizeLockHeld(ArrayObject *self, Py_ssize_t size)
{
    if (self->exports > 0 && size != Py_SIZE(self)) {
        PyErr_SetString(PyExc_BufferError, "cannot resize an array that is exporting buffers");
        return -1;
    }
    if (self->allocated >= size && Py_SIZE(self) < size + 16 && self->items != NULL) {
        Py_SET_SIZE(self, size);
        return 0;
    }
    if (size == 0) {
        PyMem_Free(self->items);
        self->items = NULL;
        self->allocated = 0;
        Py_SET_SIZE(self, 0);
        return 0;
    }
    /* Grow by a sixteenth more than is needed, so that appending is linear in all. */
    size_t room = (size_t)size + ((size_t)size >> 4) + (Py_SIZE(self) < 8 ? 3 : 7);
    if (room > PY_SSIZE_T_MAX / (size_t)self->type->size) {
        PyErr_NoMemory();
        return -1;
    }
    char *items = PyMem_Realloc(self->items, room * self->type->size);
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->items = items;
    self->allocated = (Py_ssize_t)room;
    Py_SET_SIZE(self, size);
    return 0;
}

static int
array_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
array_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (ARRAY(self)->exports > 0) {
        PyErr_SetString(PyExc_SystemError, "deallocated array object has exported buffers");
        PyErr_Print();
    }
    PyObject_ClearWeakRefs(self);
    PyMem_Free(ARRAY(self)->items);
    type->tp_free(self);
    Py_DECREF(type);
}

/* -- Items and slices ----------------------------------------------------- */

/* Copies item i to out; false if there is none. */
static bool
copy_item(ArrayObject *self, Py_ssize_t i, char *out)
{
    bool found;
    Py_BEGIN_CRITICAL_SECTION(self);
    found = (size_t)i < (size_t)Py_SIZE(self);
    if (found) {
        memcpy(out, self->items + i * self->type->size, self->type->size);
    }
    Py_END_CRITICAL_SECTION();
    return found;
}

/* Item i, or NULL with or without an exception. */
static PyObject *
get_item(ArrayObject *self, Py_ssize_t i)
{
    char item[ITEM_MAX];
    return copy_item(self, i, item) ? self->type->unpack(item) : NULL;
}

static Py_ssize_t
array_length(PyObject *self)
{
    return FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyVarObject *)self)->ob_size);
}

static PyObject *
array_item(PyObject *self, Py_ssize_t i)
{
    PyObject *result = get_item(ARRAY(self), i);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_IndexError, "array index out of range");
    }
    return result;
}

/* New array of the `count` items from start on, step apart. */
static PyObject *
slice_lock_held(ArrayObject *self, PyTypeObject *type, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count)
{
    ArrayObject *result = _PyArray_New(type, count, self->type);
    if (result == NULL || count == 0) {
        return (PyObject *)result;
    }
    size_t size = self->type->size;
    if (step == 1) {
        memcpy(result->items, self->items + (size_t)start * size, (size_t)count * size);
    }
    else {
        for (Py_ssize_t i = 0; i < count; i++) {
            memcpy(result->items + (size_t)i * size, self->items + (size_t)(start + i * step) * size, size);
        }
    }
    return (PyObject *)result;
}

static PyObject *
array_slice(PyObject *self, PyObject *slice)
{
    array_module_state *state = state_of_type(Py_TYPE(self));
    Py_ssize_t start, stop, step;
    if (state == NULL || PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    Py_ssize_t count = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    result = slice_lock_held(ARRAY(self), state->array_type, start, step, count);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
array_subscript(PyObject *self, PyObject *index)
{
    if (PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return array_item(self, i < 0 ? i + array_length(self) : i);
    }
    if (PySlice_Check(index)) {
        return array_slice(self, index);
    }
    PyErr_SetString(PyExc_TypeError, "array indices must be integers");
    return NULL;
}

/* Moves the tail so that `removed` items at `at` become `added` ones, with undefined content. */
static int
splice_lock_held(ArrayObject *self, Py_ssize_t at, Py_ssize_t removed, Py_ssize_t added)
{
    Py_ssize_t size = Py_SIZE(self), tail = size - at - removed;
    size_t item = self->type->size;
    if (self->exports > 0 && removed != added) {
        return _PyArray_ResizeLockHeld(self, size - removed + added);
    }
    if (added < removed) {
        memmove(self->items + (size_t)(at + added) * item, self->items + (size_t)(at + removed) * item,
                (size_t)tail * item);
        return _PyArray_ResizeLockHeld(self, size - removed + added);
    }
    if (added > removed) {
        if (added - removed > PY_SSIZE_T_MAX - size) {
            PyErr_NoMemory();
            return -1;
        }
        if (_PyArray_ResizeLockHeld(self, size - removed + added) < 0) {
            return -1;
        }
        memmove(self->items + (size_t)(at + added) * item, self->items + (size_t)(at + removed) * item,
                (size_t)tail * item);
    }
    return 0;
}

static int
delete_slice_lock_held(ArrayObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count)
{
    if (count == 0) {
        return 0;
    }
    if (step < 0) {
        start += step * (count - 1);
        step = -step;
    }
    if (step == 1) {
        return splice_lock_held(self, start, count, 0);
    }
    if (self->exports > 0) {
        return _PyArray_ResizeLockHeld(self, Py_SIZE(self) - count);
    }
    size_t item = self->type->size;
    Py_ssize_t size = Py_SIZE(self);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t from = start + i * step + 1;
        Py_ssize_t to = i + 1 < count ? from + step - 1 : size;
        memmove(self->items + (size_t)(from - 1 - i) * item, self->items + (size_t)from * item,
                (size_t)(to - from) * item);
    }
    return _PyArray_ResizeLockHeld(self, size - count);
}

/* other: an array of the same item type that is not self, or NULL to delete. */
static int
assign_slice_lock_held(ArrayObject *self, PyObject *slice, ArrayObject *other, Py_ssize_t start, Py_ssize_t stop,
                       Py_ssize_t step)
{
    Py_ssize_t count = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (other == NULL) {
        return delete_slice_lock_held(self, start, step, count);
    }
    Py_ssize_t needed = Py_SIZE(other);
    size_t item = self->type->size;
    if (step == 1) {
        if (splice_lock_held(self, start, count, needed) < 0) {
            return -1;
        }
        if (needed > 0) {
            memcpy(self->items + (size_t)start * item, other->items, (size_t)needed * item);
        }
        return 0;
    }
    if (needed != count) {
        PyErr_Format(PyExc_ValueError, "attempt to assign array of size %zd to extended slice of size %zd", needed,
                     count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(self->items + (size_t)(start + i * step) * item, other->items + (size_t)i * item, item);
    }
    return 0;
}

static int
array_assign_slice(PyObject *self, PyObject *slice, PyObject *value)
{
    Py_ssize_t start, stop, step;
    int status;
    if (value != NULL) {
        if (!is_array(self, value)) {
            PyErr_Format(PyExc_TypeError, "can only assign array (not \"%.200s\") to array slice",
                         Py_TYPE(value)->tp_name);
            return -1;
        }
        if (ARRAY(value)->type != ARRAY(self)->type) {
            PyErr_BadArgument();
            return -1;
        }
    }
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    if (value == self) {
        PyObject *copy;
        Py_BEGIN_CRITICAL_SECTION(self);
        copy = slice_lock_held(ARRAY(self), state_of_type(Py_TYPE(self))->array_type, 0, 1, Py_SIZE(self));
        Py_END_CRITICAL_SECTION();
        if (copy == NULL) {
            return -1;
        }
        status = array_assign_slice(self, slice, copy);
        Py_DECREF(copy);
        return status;
    }
    if (value == NULL) {
        Py_BEGIN_CRITICAL_SECTION(self);
        status = assign_slice_lock_held(ARRAY(self), slice, NULL, start, stop, step);
        Py_END_CRITICAL_SECTION();
        return status;
    }
    Py_BEGIN_CRITICAL_SECTION2(self, value);
    status = assign_slice_lock_held(ARRAY(self), slice, ARRAY(value), start, stop, step);
    Py_END_CRITICAL_SECTION2();
    return status;
}

static int
store_item_lock_held(ArrayObject *self, Py_ssize_t i, const char *item)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
        return -1;
    }
    if (item == NULL) {
        return splice_lock_held(self, i, 1, 0);
    }
    memcpy(self->items + i * self->type->size, item, self->type->size);
    return 0;
}

static int
array_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    char item[ITEM_MAX];
    int status;
    if ((size_t)i >= (size_t)array_length(self)) {
        PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
        return -1;
    }
    if (value != NULL && ARRAY(self)->type->pack(value, item) < 0) {
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    status = store_item_lock_held(ARRAY(self), i, value == NULL ? NULL : item);
    Py_END_CRITICAL_SECTION();
    return status;
}

static int
array_ass_subscript(PyObject *self, PyObject *index, PyObject *value)
{
    if (PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return array_ass_item(self, i < 0 ? i + array_length(self) : i, value);
    }
    if (PySlice_Check(index)) {
        return array_assign_slice(self, index, value);
    }
    PyErr_SetString(PyExc_TypeError, "array indices must be integers");
    return -1;
}

/* -- Sequence operations -------------------------------------------------- */

static PyObject *
concat_lock_held(ArrayObject *a, ArrayObject *b, PyTypeObject *type)
{
    if (Py_SIZE(a) > PY_SSIZE_T_MAX - Py_SIZE(b)) {
        return PyErr_NoMemory();
    }
    ArrayObject *result = _PyArray_New(type, Py_SIZE(a) + Py_SIZE(b), a->type);
    if (result != NULL) {
        size_t size = (size_t)Py_SIZE(a) * a->type->size;
        if (size) {
            memcpy(result->items, a->items, size);
        }
        if (Py_SIZE(b)) {
            memcpy(result->items + size, b->items, (size_t)Py_SIZE(b) * b->type->size);
        }
    }
    return (PyObject *)result;
}

static PyObject *
array_concat(PyObject *self, PyObject *other)
{
    array_module_state *state = state_of_type(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(other, state->array_type)) {
        return PyErr_Format(PyExc_TypeError, "can only append array (not \"%.200s\") to array",
                            Py_TYPE(other)->tp_name);
    }
    if (ARRAY(self)->type != ARRAY(other)->type) {
        PyErr_BadArgument();
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION2(self, other);
    result = concat_lock_held(ARRAY(self), ARRAY(other), state->array_type);
    Py_END_CRITICAL_SECTION2();
    return result;
}

/* Fills `total` bytes with copies of the first `once`. */
static void
repeat_bytes(char *p, size_t once, size_t total)
{
    for (size_t done = once; done < total; done *= 2) {
        memcpy(p + done, p, done <= total - done ? done : total - done);
    }
}

static PyObject *
repeat_lock_held(ArrayObject *self, Py_ssize_t n, PyTypeObject *type)
{
    if (n < 0) {
        n = 0;
    }
    if (n > 0 && Py_SIZE(self) > PY_SSIZE_T_MAX / n) {
        return PyErr_NoMemory();
    }
    ArrayObject *result = _PyArray_New(type, Py_SIZE(self) * n, self->type);
    if (result != NULL && Py_SIZE(result) > 0) {
        size_t once = (size_t)Py_SIZE(self) * self->type->size;
        memcpy(result->items, self->items, once);
        repeat_bytes(result->items, once, once * (size_t)n);
    }
    return (PyObject *)result;
}

static PyObject *
array_repeat(PyObject *self, Py_ssize_t n)
{
    array_module_state *state = state_of_type(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = repeat_lock_held(ARRAY(self), n, state->array_type);
    Py_END_CRITICAL_SECTION();
    return result;
}

static int
inplace_repeat_lock_held(ArrayObject *self, Py_ssize_t n)
{
    Py_ssize_t size = Py_SIZE(self);
    if (size == 0 || n == 1) {
        return 0;
    }
    if (n < 0) {
        n = 0;
    }
    if (n > 0 && size > PY_SSIZE_T_MAX / n / self->type->size) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyArray_ResizeLockHeld(self, size * n) < 0) {
        return -1;
    }
    if (n > 1) {
        size_t once = (size_t)size * self->type->size;
        repeat_bytes(self->items, once, once * (size_t)n);
    }
    return 0;
}

static PyObject *
array_inplace_repeat(PyObject *self, Py_ssize_t n)
{
    int status;
    Py_BEGIN_CRITICAL_SECTION(self);
    status = inplace_repeat_lock_held(ARRAY(self), n);
    Py_END_CRITICAL_SECTION();
    return status < 0 ? NULL : Py_NewRef(self);
}

/* Index of the first item equal to v in [start, stop), which are counted from the end if negative; -1 if there is
   none, -2 with an exception. */
static Py_ssize_t
find_value(PyObject *self, PyObject *v, Py_ssize_t start, Py_ssize_t stop)
{
    for (Py_ssize_t i = start; i < stop; i++) {
        PyObject *item = get_item(ARRAY(self), i);
        if (item == NULL) {
            return PyErr_Occurred() ? -2 : -1;
        }
        int equal = PyObject_RichCompareBool(item, v, Py_EQ);
        Py_DECREF(item);
        if (equal != 0) {
            return equal < 0 ? -2 : i;
        }
    }
    return -1;
}

static int
array_contains(PyObject *self, PyObject *v)
{
    Py_ssize_t i = find_value(self, v, 0, PY_SSIZE_T_MAX);
    return i == -2 ? -1 : i >= 0;
}

/* -- Growing -------------------------------------------------------------- */

/* Appends `count` items that lie at p. */
static int
append_raw_lock_held(ArrayObject *self, const char *p, Py_ssize_t count)
{
    Py_ssize_t size = Py_SIZE(self);
    if (count > PY_SSIZE_T_MAX - size) {
        PyErr_NoMemory();
        return -1;
    }
    if (count == 0) {
        return 0;
    }
    if (_PyArray_ResizeLockHeld(self, size + count) < 0) {
        return -1;
    }
    memcpy(self->items + (size_t)size * self->type->size, p, (size_t)count * self->type->size);
    return 0;
}

static int
append_raw(PyObject *self, const char *p, Py_ssize_t count)
{
    int status;
    Py_BEGIN_CRITICAL_SECTION(self);
    status = append_raw_lock_held(ARRAY(self), p, count);
    Py_END_CRITICAL_SECTION();
    return status;
}

static int
append_value(PyObject *self, PyObject *v)
{
    char item[ITEM_MAX];
    if (ARRAY(self)->type->pack(v, item) < 0) {
        return -1;
    }
    return append_raw(self, item, 1);
}

static int
extend_array_lock_held(ArrayObject *self, ArrayObject *other)
{
    Py_ssize_t size = Py_SIZE(self), count = Py_SIZE(other);
    if (count == 0) {
        return 0;
    }
    if (count > PY_SSIZE_T_MAX - size) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyArray_ResizeLockHeld(self, size + count) < 0) {
        return -1;
    }
    /* self may be other, whose items have just moved */
    memcpy(self->items + (size_t)size * self->type->size, other->items, (size_t)count * self->type->size);
    return 0;
}

static int
extend_iterable(PyObject *self, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable), *v;
    if (iterator == NULL) {
        return -1;
    }
    while ((v = PyIter_Next(iterator)) != NULL) {
        int status = append_value(self, v);
        Py_DECREF(v);
        if (status < 0) {
            Py_DECREF(iterator);
            return -1;
        }
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

static int
extend_any(PyObject *self, PyObject *other)
{
    if (!is_array(self, other)) {
        return PyErr_Occurred() ? -1 : extend_iterable(self, other);
    }
    if (ARRAY(self)->type != ARRAY(other)->type) {
        PyErr_SetString(PyExc_TypeError, "can only extend with array of same kind");
        return -1;
    }
    int status;
    Py_BEGIN_CRITICAL_SECTION2(self, other);
    status = extend_array_lock_held(ARRAY(self), ARRAY(other));
    Py_END_CRITICAL_SECTION2();
    return status;
}

static PyObject *
array_inplace_concat(PyObject *self, PyObject *other)
{
    if (!is_array(self, other)) {
        return PyErr_Format(PyExc_TypeError, "can only extend array with array (not \"%.200s\")",
                            Py_TYPE(other)->tp_name);
    }
    return extend_any(self, other) < 0 ? NULL : Py_NewRef(self);
}

static int
append_bytes(PyObject *self, const char *p, Py_ssize_t size)
{
    Py_ssize_t item = ARRAY(self)->type->size;
    if (size % item != 0) {
        PyErr_SetString(PyExc_ValueError, "bytes length not a multiple of item size");
        return -1;
    }
    return append_raw(self, p, size / item);
}

static int
append_text(PyObject *self, PyObject *text)
{
    Py_ssize_t count;
    int status = -1;
    if (ARRAY(self)->type->code == 'u') {
        wchar_t *wide = PyUnicode_AsWideCharString(text, &count);
        if (wide != NULL) {
            status = append_raw(self, (char *)wide, count);
            PyMem_Free(wide);
        }
    }
    else {
        Py_UCS4 *wide = PyUnicode_AsUCS4Copy(text);
        if (wide != NULL) {
            status = append_raw(self, (char *)wide, PyUnicode_GET_LENGTH(text));
            PyMem_Free(wide);
        }
    }
    return status;
}

/* -- Comparison ----------------------------------------------------------- */

static int
holds(Py_ssize_t a, Py_ssize_t b, int op)
{
    switch (op) {
    case Py_LT: return a < b;
    case Py_LE: return a <= b;
    case Py_EQ: return a == b;
    case Py_NE: return a != b;
    case Py_GT: return a > b;
    default:    return a >= b;
    }
}

/* Items are ints, floats and one-character strs: comparing them runs no Python code. */
static PyObject *
compare_lock_held(ArrayObject *a, ArrayObject *b, int op)
{
    Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b), i = 0;
    if (n != m && (op == Py_EQ || op == Py_NE)) {
        return PyBool_FromLong(op == Py_NE);
    }
    bool raw = a->type == b->type && a->type->is_integer;
    size_t size = a->type->size;
    for (; i < n && i < m; i++) {
        const char *p = a->items + (size_t)i * size, *q = b->items + (size_t)i * b->type->size;
        if (raw && memcmp(p, q, size) == 0) {
            continue;
        }
        PyObject *x = a->type->unpack(p), *y = x == NULL ? NULL : b->type->unpack(q);
        PyObject *result = NULL;
        int equal = -1;
        if (y != NULL) {
            equal = PyObject_RichCompareBool(x, y, Py_EQ);
            if (equal == 0) {
                result = op == Py_EQ ? Py_False : op == Py_NE ? Py_True : PyObject_RichCompare(x, y, op);
            }
        }
        Py_XDECREF(x);
        Py_XDECREF(y);
        if (equal != 1) {
            return result;
        }
    }
    return PyBool_FromLong(holds(n, m, op));
}

static PyObject *
array_richcompare(PyObject *v, PyObject *w, int op)
{
    array_module_state *state = state_of_type(Py_TYPE(v));
    if (state == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(w, state->array_type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION2(v, w);
    result = compare_lock_held(ARRAY(v), ARRAY(w), op);
    Py_END_CRITICAL_SECTION2();
    return result;
}

/* -- Construction --------------------------------------------------------- */

static int
fill_from_sequence(ArrayObject *self, PyObject *sequence)
{
    /* A list may change while its items are converted. */
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
        PyObject *v = PySequence_GetItem(sequence, i);
        int status = v == NULL ? -1 : append_value((PyObject *)self, v);
        Py_XDECREF(v);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static int
fill(ArrayObject *self, PyObject *initial)
{
    if (PyList_Check(initial) || PyTuple_Check(initial)) {
        return fill_from_sequence(self, initial);
    }
    if (PyBytes_Check(initial)) {
        return append_bytes((PyObject *)self, PyBytes_AS_STRING(initial), PyBytes_GET_SIZE(initial));
    }
    if (PyByteArray_Check(initial)) {
        int status;
        Py_BEGIN_CRITICAL_SECTION(initial);
        status = append_bytes((PyObject *)self, PyByteArray_AS_STRING(initial), PyByteArray_GET_SIZE(initial));
        Py_END_CRITICAL_SECTION();
        return status;
    }
    if (PyUnicode_Check(initial)) {
        return append_text((PyObject *)self, initial);
    }
    if (is_array((PyObject *)self, initial) && ARRAY(initial)->type == self->type) {
        return extend_any((PyObject *)self, initial);
    }
    return extend_iterable((PyObject *)self, initial);
}

static PyObject *
array_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    int code;
    PyObject *initial = NULL;
    array_module_state *state = state_of_type(type);
    if (state == NULL) {
        return NULL;
    }
    if (type == state->array_type && !_PyArg_NoKeywords("array.array", kwargs)) {
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "C|O:array", &code, &initial)
        || PySys_Audit("array.__new__", "CO", code, initial ? initial : Py_None) < 0) {
        return NULL;
    }
    if (code == 'u'
        && PyErr_WarnEx(PyExc_DeprecationWarning,
                        "The 'u' type code is deprecated and will be removed in Python 3.16", 1) < 0) {
        return NULL;
    }
    if (initial != NULL && code != 'u' && code != 'w') {
        const char *what = PyUnicode_Check(initial) ? "str"
            : PyObject_TypeCheck(initial, state->array_type) && is_text(ARRAY(initial)->type) ? "unicode array"
                                                                                             : NULL;
        if (what != NULL) {
            return PyErr_Format(PyExc_TypeError, "cannot use a %s to initialize an array with typecode '%c'", what,
                                code);
        }
    }
    const struct item_type *item_type = find_item_type((Py_UCS4)code);
    if (item_type == NULL) {
        PyErr_SetString(PyExc_ValueError, "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)");
        return NULL;
    }
    ArrayObject *self = _PyArray_New(type, 0, item_type);
    if (self != NULL && initial != NULL && fill(self, initial) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* -- Methods -------------------------------------------------------------- */

static PyObject *
array_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    array_module_state *state = state_of_type(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = slice_lock_held(ARRAY(self), state->array_type, 0, 1, Py_SIZE(self));
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
array_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int status;
    Py_BEGIN_CRITICAL_SECTION(self);
    status = _PyArray_ResizeLockHeld(ARRAY(self), 0);
    Py_END_CRITICAL_SECTION();
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
array_count(PyObject *self, PyObject *v)
{
    Py_ssize_t count = 0, i = -1;
    while ((i = find_value(self, v, i + 1, PY_SSIZE_T_MAX)) >= 0) {
        count++;
    }
    return i == -2 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
array_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start = 0, stop = PY_SSIZE_T_MAX;
    if (!_PyArg_CheckPositional("index", nargs, 1, 3)) {
        return NULL;
    }
    if ((nargs > 1 && !_PyEval_SliceIndexNotNone(args[1], &start))
        || (nargs > 2 && !_PyEval_SliceIndexNotNone(args[2], &stop))) {
        return NULL;
    }
    if (start < 0) {
        start += array_length(self);
        if (start < 0) {
            start = 0;
        }
    }
    if (stop < 0) {
        stop += array_length(self);
    }
    Py_ssize_t i = find_value(self, args[0], start, stop);
    if (i >= 0) {
        return PyLong_FromSsize_t(i);
    }
    if (i == -1) {
        PyErr_SetString(PyExc_ValueError, "array.index(x): x not in array");
    }
    return NULL;
}

static PyObject *
array_remove(PyObject *self, PyObject *v)
{
    Py_ssize_t i = find_value(self, v, 0, PY_SSIZE_T_MAX);
    if (i == -1) {
        PyErr_SetString(PyExc_ValueError, "array.remove(x): x not in array");
    }
    if (i < 0 || array_ass_item(self, i, NULL) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static bool
pop_lock_held(ArrayObject *self, Py_ssize_t i, char *item)
{
    Py_ssize_t size = Py_SIZE(self);
    if (size == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty array");
        return false;
    }
    if (i < 0) {
        i += size;
    }
    if (i < 0 || i >= size) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return false;
    }
    memcpy(item, self->items + i * self->type->size, self->type->size);
    return splice_lock_held(self, i, 1, 0) == 0;
}

static PyObject *
array_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t i = -1;
    if (!_PyArg_CheckPositional("pop", nargs, 0, 1)) {
        return NULL;
    }
    if (nargs > 0) {
        PyObject *index = PyNumber_Index(args[0]);
        if (index == NULL) {
            return NULL;
        }
        i = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    char item[ITEM_MAX];
    bool popped;
    Py_BEGIN_CRITICAL_SECTION(self);
    popped = pop_lock_held(ARRAY(self), i, item);
    Py_END_CRITICAL_SECTION();
    return popped ? ARRAY(self)->type->unpack(item) : NULL;
}

static PyObject *
array_append(PyObject *self, PyObject *v)
{
    if (append_value(self, v) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
array_extend(PyObject *self, PyObject *bb)
{
    if (extend_any(self, bb) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
insert_lock_held(ArrayObject *self, Py_ssize_t i, const char *item)
{
    Py_ssize_t size = Py_SIZE(self);
    if (i < 0) {
        i += size;
        if (i < 0) {
            i = 0;
        }
    }
    if (i > size) {
        i = size;
    }
    if (splice_lock_held(self, i, 0, 1) < 0) {
        return -1;
    }
    memcpy(self->items + i * self->type->size, item, self->type->size);
    return 0;
}

static PyObject *
array_insert(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *index = PyNumber_Index(args[0]);
    if (index == NULL) {
        return NULL;
    }
    Py_ssize_t i = PyLong_AsSsize_t(index);
    Py_DECREF(index);
    char item[ITEM_MAX];
    if ((i == -1 && PyErr_Occurred()) || ARRAY(self)->type->pack(args[1], item) < 0) {
        return NULL;
    }
    int status;
    Py_BEGIN_CRITICAL_SECTION(self);
    status = insert_lock_held(ARRAY(self), i, item);
    Py_END_CRITICAL_SECTION();
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
array_buffer_info(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    void *address;
    Py_ssize_t size;
    Py_BEGIN_CRITICAL_SECTION(self);
    address = ARRAY(self)->items;
    size = Py_SIZE(self);
    Py_END_CRITICAL_SECTION();
    return Py_BuildValue("Nn", PyLong_FromVoidPtr(address), size);
}

static void
byteswap_lock_held(ArrayObject *self)
{
    size_t size = self->type->size;
    for (char *p = self->items, *end = p + (size_t)Py_SIZE(self) * size; p < end; p += size) {
        for (size_t i = 0; i < size / 2; i++) {
            char c = p[i];
            p[i] = p[size - 1 - i];
            p[size - 1 - i] = c;
        }
    }
}

static PyObject *
array_byteswap(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_CRITICAL_SECTION(self);
    byteswap_lock_held(ARRAY(self));
    Py_END_CRITICAL_SECTION();
    Py_RETURN_NONE;
}

static void
reverse_lock_held(ArrayObject *self)
{
    size_t size = self->type->size;
    if (Py_SIZE(self) < 2) {
        return;
    }
    char item[ITEM_MAX];
    for (char *p = self->items, *q = p + (size_t)(Py_SIZE(self) - 1) * size; p < q; p += size, q -= size) {
        memcpy(item, p, size);
        memcpy(p, q, size);
        memcpy(q, item, size);
    }
}

static PyObject *
array_reverse(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_CRITICAL_SECTION(self);
    reverse_lock_held(ARRAY(self));
    Py_END_CRITICAL_SECTION();
    Py_RETURN_NONE;
}

static PyObject *
array_fromfile(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("fromfile", nargs, 2, 2)) {
        return NULL;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(args[1], PyExc_OverflowError), item = ARRAY(self)->type->size;
    if (n == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "negative count");
        return NULL;
    }
    if (n > PY_SSIZE_T_MAX / item) {
        return PyErr_NoMemory();
    }
    PyObject *bytes = PyObject_CallMethod(args[0], "read", "n", n * item);
    if (bytes == NULL) {
        return NULL;
    }
    int status = -1;
    if (!PyBytes_Check(bytes)) {
        PyErr_SetString(PyExc_TypeError, "read() didn't return bytes");
    }
    else if (append_bytes(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes)) == 0) {
        /* what there was is kept */
        if (PyBytes_GET_SIZE(bytes) != n * item) {
            PyErr_SetString(PyExc_EOFError, "read() didn't return enough bytes");
        }
        else {
            status = 0;
        }
    }
    Py_DECREF(bytes);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
array_tobytes(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = PyBytes_FromStringAndSize(ARRAY(self)->items, Py_SIZE(self) * ARRAY(self)->type->size);
    Py_END_CRITICAL_SECTION();
    return result;
}

#define FILE_BLOCK (64 * 1024)

static PyObject *
array_tofile(PyObject *self, PyObject *f)
{
    PyObject *all = array_tobytes(self, NULL);
    if (all == NULL) {
        return NULL;
    }
    Py_ssize_t size = PyBytes_GET_SIZE(all);
    for (Py_ssize_t done = 0; done < size; done += FILE_BLOCK) {
        Py_ssize_t block = size - done < FILE_BLOCK ? size - done : FILE_BLOCK;
        PyObject *bytes = PyBytes_FromStringAndSize(PyBytes_AS_STRING(all) + done, block);
        PyObject *written = bytes == NULL ? NULL : PyObject_CallMethodOneArg(f, _Py_ID(write), bytes);
        Py_XDECREF(bytes);
        if (written == NULL) {
            Py_DECREF(all);
            return NULL;
        }
        Py_DECREF(written);
    }
    Py_DECREF(all);
    Py_RETURN_NONE;
}

static int
truncate_array(PyObject *self, Py_ssize_t size)
{
    int status = 0;
    Py_BEGIN_CRITICAL_SECTION(self);
    if (Py_SIZE(self) > size) {
        status = _PyArray_ResizeLockHeld(ARRAY(self), size);
    }
    Py_END_CRITICAL_SECTION();
    return status;
}

static PyObject *
array_fromlist(PyObject *self, PyObject *list)
{
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "arg must be list");
        return NULL;
    }
    /* Converted first: on an error the array is as it was. */
    Py_ssize_t n = PyList_GET_SIZE(list), size = ARRAY(self)->type->size;
    char *items = PyMem_Malloc((size_t)(n * size));
    if (items == NULL) {
        return PyErr_NoMemory();
    }
    int status = 0;
    for (Py_ssize_t i = 0; i < n && status == 0; i++) {
        PyObject *v = PyList_GetItemRef(list, i);
        if (v == NULL) {
            PyErr_Clear();
            PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
            status = -1;
            break;
        }
        status = ARRAY(self)->type->pack(v, items + i * size);
        Py_DECREF(v);
        if (status == 0 && PyList_GET_SIZE(list) != n) {
            PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
            status = -1;
        }
    }
    if (status == 0) {
        status = append_raw(self, items, n);
    }
    PyMem_Free(items);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
array_tolist(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL; i++) {
        PyObject *v = get_item(ARRAY(self), i);
        if (v == NULL) {
            if (PyErr_Occurred()) {
                Py_CLEAR(list);
            }
            break;
        }
        if (PyList_Append(list, v) < 0) {
            Py_CLEAR(list);
        }
        Py_DECREF(v);
    }
    return list;
}

static PyObject *
array_frombytes(PyObject *self, PyObject *buffer)
{
    Py_buffer view;
    if (PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int status = append_bytes(self, view.buf, view.len);
    PyBuffer_Release(&view);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
array_fromunicode(PyObject *self, PyObject *ustr)
{
    if (!PyUnicode_Check(ustr)) {
        _PyArg_BadArgument("fromunicode", "argument", "str", ustr);
        return NULL;
    }
    if (!is_text(ARRAY(self)->type)) {
        PyErr_SetString(PyExc_ValueError, "fromunicode() may only be called on unicode type arrays ('u' or 'w')");
        return NULL;
    }
    if (append_text(self, ustr) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
array_tounicode(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    char code = ARRAY(self)->type->code;
    if (!is_text(ARRAY(self)->type)) {
        PyErr_SetString(PyExc_ValueError, "tounicode() may only be called on unicode type arrays ('u' or 'w')");
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    if (code == 'u') {
        result = PyUnicode_FromWideChar((wchar_t *)ARRAY(self)->items, Py_SIZE(self));
    }
    else {
        Py_UCS4 *p = (Py_UCS4 *)ARRAY(self)->items, bad = 0;
        for (Py_ssize_t i = 0; i < Py_SIZE(self) && !bad; i++) {
            bad = p[i] > 0x10ffff ? p[i] : 0;
        }
        if (bad) {
            PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", bad);
            result = NULL;
        }
        else {
            result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, p, Py_SIZE(self));
        }
    }
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
array_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    size_t size;
    Py_BEGIN_CRITICAL_SECTION(self);
    size = (size_t)Py_TYPE(self)->tp_basicsize + (size_t)ARRAY(self)->allocated * ARRAY(self)->type->size;
    Py_END_CRITICAL_SECTION();
    return PyLong_FromSize_t(size);
}

static PyObject *
array_reduce_ex(PyObject *self, PyObject *value)
{
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__reduce_ex__ argument should be an integer");
        return NULL;
    }
    long protocol = PyLong_AsLong(value);
    if (protocol == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &_PyArray_Module);
    PyObject *dict, *result = NULL, *reconstructor = NULL, *content = NULL;
    if (module == NULL || PyObject_GetOptionalAttr(self, _Py_ID(__dict__), &dict) < 0) {
        return NULL;
    }
    if (dict == NULL) {
        dict = Py_None;
    }
    int format = _PyArray_MachineFormat(ARRAY(self)->type);
    int code = ARRAY(self)->type->code;
    if (format == -1 || protocol < 3) {
        /* older pickles cannot hold bytes well */
        content = array_tolist(self, NULL);
        if (content != NULL) {
            result = Py_BuildValue("O(CO)O", Py_TYPE(self), code, content, dict);
        }
    }
    else {
        reconstructor = PyObject_GetAttrString(module, "_array_reconstructor");
        content = reconstructor == NULL ? NULL : array_tobytes(self, NULL);
        if (content != NULL) {
            result = Py_BuildValue("O(OCiO)O", reconstructor, Py_TYPE(self), code, format, content, dict);
        }
    }
    Py_XDECREF(reconstructor);
    Py_XDECREF(content);
    Py_DECREF(dict);
    return result;
}

static PyObject *
array_repr(PyObject *self)
{
    const struct item_type *type = ARRAY(self)->type;
    const char *name = strrchr(Py_TYPE(self)->tp_name, '.');
    name = name ? name + 1 : Py_TYPE(self)->tp_name;
    if (array_length(self) == 0) {
        return PyUnicode_FromFormat("%s('%c')", name, type->code);
    }
    PyObject *content = is_text(type) ? array_tounicode(self, NULL) : array_tolist(self, NULL);
    if (content == NULL) {
        return NULL;
    }
    PyObject *result = PyUnicode_FromFormat("%s('%c', %R)", name, type->code, content);
    Py_DECREF(content);
    return result;
}

/* -- Buffer protocol ------------------------------------------------------ */

static const char empty_buffer[1] = "";

static int
array_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    ArrayObject *self = ARRAY(op);
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError, "array_buffer_getbuf: view==NULL argument is obsolete");
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(op);
    view->buf = self->items ? self->items : (void *)empty_buffer;
    view->obj = Py_NewRef(op);
    view->len = Py_SIZE(self) * self->type->size;
    view->readonly = 0;
    view->ndim = 1;
    view->itemsize = self->type->size;
    view->suboffsets = NULL;
    view->internal = NULL;
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char *)self->type->format : NULL;
    view->shape = NULL;
    if ((flags & PyBUF_ND) == PyBUF_ND) {
        view->shape = &((PyVarObject *)self)->ob_size;  /* constant while there are exports */
    }
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    self->exports++;
    Py_END_CRITICAL_SECTION();
    return 0;
}

static void
array_releasebuffer(PyObject *self, Py_buffer *Py_UNUSED(view))
{
    Py_BEGIN_CRITICAL_SECTION(self);
    ARRAY(self)->exports--;
    Py_END_CRITICAL_SECTION();
}

/* -- The iterator --------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;   /* guarded by mutex */
    PyObject *array;    /* guarded by mutex: NULL at the end */
} ArrayIterator;

static PyObject *
array_iter(PyObject *self)
{
    array_module_state *state = state_of_type(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    ArrayIterator *it = PyObject_GC_New(ArrayIterator, state->iterator_type);
    if (it == NULL) {
        return NULL;
    }
    it->array = Py_NewRef(self);
    it->index = 0;
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static PyObject *
arrayiter_next(PyObject *op)
{
    ArrayIterator *it = (ArrayIterator *)op;
    PyObject *array, *result = NULL;
    Py_ssize_t index;
    Py_BEGIN_CRITICAL_SECTION(op);
    array = Py_XNewRef(it->array);
    index = it->index++;
    Py_END_CRITICAL_SECTION();
    if (array == NULL) {
        return NULL;
    }
    result = get_item(ARRAY(array), index);
    if (result == NULL && !PyErr_Occurred()) {
        PyObject *last;
        Py_BEGIN_CRITICAL_SECTION(op);
        last = it->array;
        it->array = NULL;
        Py_END_CRITICAL_SECTION();
        Py_XDECREF(last);
    }
    Py_DECREF(array);
    return result;
}

static int
arrayiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((ArrayIterator *)op)->array);
    return 0;
}

static void
arrayiter_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((ArrayIterator *)op)->array);
    PyObject_GC_Del(op);
    Py_DECREF(type);
}

static PyObject *
arrayiter_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    ArrayIterator *it = (ArrayIterator *)op;
    PyObject *function = PyEval_GetBuiltins();  /* borrowed */
    if (function == NULL || PyMapping_GetOptionalItem(function, _Py_ID(iter), &function) < 0) {
        return NULL;
    }
    if (function == NULL) {
        PyErr_SetString(PyExc_AttributeError, "iter");
        return NULL;
    }
    PyObject *array;
    Py_ssize_t index;
    Py_BEGIN_CRITICAL_SECTION(op);
    array = Py_XNewRef(it->array);
    index = it->index;
    Py_END_CRITICAL_SECTION();
    if (array == NULL) {
        return Py_BuildValue("N(())", function);
    }
    return Py_BuildValue("N(N)n", function, array, index);
}

static PyObject *
arrayiter_setstate(PyObject *op, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    ArrayIterator *it = (ArrayIterator *)op;
    Py_BEGIN_CRITICAL_SECTION(op);
    if (it->array != NULL) {
        Py_ssize_t size = array_length(it->array);
        it->index = index < 0 ? 0 : index > size ? size : index;
    }
    Py_END_CRITICAL_SECTION();
    Py_RETURN_NONE;
}

static PyMethodDef arrayiter_methods[] = {
    PY_METHOD_AS("__reduce__", arrayiter_reduce, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD_AS("__setstate__", arrayiter_setstate, METH_O, "($self, state, /)", "State from unpickling."),
    {NULL},
};

static PyType_Slot arrayiter_slots[] = {
    {Py_tp_dealloc, arrayiter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, arrayiter_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, arrayiter_next},
    {Py_tp_methods, arrayiter_methods},
    {0, NULL},
};

static PyType_Spec arrayiter_spec = {
    .name = "array.arrayiterator",
    .basicsize = sizeof(ArrayIterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = arrayiter_slots,
};

/* -- The type ------------------------------------------------------------- */

static PyObject *
array_get_typecode(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromOrdinal(ARRAY(self)->type->code);
}

static PyObject *
array_get_itemsize(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(ARRAY(self)->type->size);
}

static PyGetSetDef array_getset[] = {
    {"typecode", array_get_typecode, NULL, "the letter of the type of items", NULL},
    {"itemsize", array_get_itemsize, NULL, "bytes of an item", NULL},
    {NULL},
};

static PyMemberDef array_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(ArrayObject, weakreflist), Py_READONLY},
    {NULL},
};

static PyMethodDef array_methods[] = {
    PY_METHOD(array, append, METH_O, "($self, v, /)", "Add a value at the end."),
    PY_METHOD(array, buffer_info, METH_NOARGS, "($self, /)", "Address of the items in memory, and their number."),
    PY_METHOD(array, byteswap, METH_NOARGS, "($self, /)", "Reverse the order of the bytes in every item."),
    PY_METHOD(array, clear, METH_NOARGS, "($self, /)", "Remove all items."),
    PY_METHOD_AS("__copy__", array_copy, METH_NOARGS, "($self, /)", "A copy of the array."),
    PY_METHOD(array, count, METH_O, "($self, v, /)", "Number of items equal to v."),
    PY_METHOD_AS("__deepcopy__", array_copy, METH_O, "($self, unused, /)", "A copy of the array."),
    PY_METHOD(array, extend, METH_O, "($self, bb, /)", "Add the items of an array or an iterable at the end."),
    PY_METHOD(array, fromfile, METH_FASTCALL, "($self, f, n, /)", "Add n items read from a binary file."),
    PY_METHOD(array, fromlist, METH_O, "($self, list, /)", "Add the items of a list; all of them or none."),
    PY_METHOD(array, frombytes, METH_O, "($self, buffer, /)", "Add items whose machine values are given as bytes."),
    PY_METHOD(array, fromunicode, METH_O, "($self, ustr, /)", "Add the characters of a str to an array of text."),
    PY_METHOD(array, index, METH_FASTCALL, "($self, v, start=0, stop=sys.maxsize, /)",
              "Index of the first item equal to v."),
    PY_METHOD(array, insert, METH_FASTCALL, "($self, i, v, /)", "Put v before the item at index i."),
    PY_METHOD(array, pop, METH_FASTCALL, "($self, i=-1, /)", "Remove an item, the last by default, and return it."),
    PY_METHOD_AS("__reduce_ex__", array_reduce_ex, METH_O, "($self, value, /)", "State for pickling."),
    PY_METHOD(array, remove, METH_O, "($self, v, /)", "Remove the first item equal to v."),
    PY_METHOD(array, reverse, METH_NOARGS, "($self, /)", "Reverse the order of the items."),
    PY_METHOD(array, tofile, METH_O, "($self, f, /)", "Write the machine values of all items to a binary file."),
    PY_METHOD(array, tolist, METH_NOARGS, "($self, /)", "The items as a list."),
    PY_METHOD(array, tobytes, METH_NOARGS, "($self, /)", "The machine values of all items as bytes."),
    PY_METHOD(array, tounicode, METH_NOARGS, "($self, /)", "The items of an array of text as a str."),
    PY_METHOD_AS("__sizeof__", array_sizeof, METH_NOARGS, "($self, /)", "Size in memory, in bytes."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "Arrays are generic over the type of their items, PEP 585."),
    {NULL},
};

PyDoc_STRVAR(array_doc,
"array(typecode [, initializer]) -> array\n"
"\n"
"A sequence of numbers or characters of one machine type, packed in memory.\n"
"The initialiser is a list, a bytes-like object, a str for arrays of text, or\n"
"an iterable of values.\n"
"\n"
"Type codes: b B (1 byte), h H (2), i I (4), l L (8), q Q (8): integers, lower\n"
"case signed, upper case unsigned; f, d: floats of 4 and 8 bytes; w: Unicode\n"
"characters; u: wchar_t (deprecated).");

static PyType_Slot array_slots[] = {
    {Py_tp_dealloc, array_dealloc},
    {Py_tp_doc, (void *)array_doc},
    {Py_tp_richcompare, array_richcompare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_iter, array_iter},
    {Py_tp_methods, array_methods},
    {Py_tp_members, array_members},
    {Py_tp_getset, array_getset},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, array_new},
    {Py_tp_traverse, array_traverse},
    {Py_tp_repr, array_repr},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_sq_length, array_length},
    {Py_sq_concat, array_concat},
    {Py_sq_repeat, array_repeat},
    {Py_sq_item, array_item},
    {Py_sq_ass_item, array_ass_item},
    {Py_sq_contains, array_contains},
    {Py_sq_inplace_concat, array_inplace_concat},
    {Py_sq_inplace_repeat, array_inplace_repeat},
    {Py_mp_length, array_length},
    {Py_mp_subscript, array_subscript},
    {Py_mp_ass_subscript, array_ass_subscript},
    {Py_bf_getbuffer, array_getbuffer},
    {Py_bf_releasebuffer, array_releasebuffer},
    {0, NULL},
};

static PyType_Spec array_spec = {
    .name = "array.array",
    .basicsize = sizeof(ArrayObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_SEQUENCE,
    .slots = array_slots,
};

/* -- The module ----------------------------------------------------------- */

static PyMethodDef array_functions[] = {
    PY_METHOD(array, _array_reconstructor, METH_FASTCALL, "($module, arraytype, typecode, mformat_code, items, /)",
              "Make an array of a pickle; internal."),
    {NULL},
};

static int
register_sequence(PyTypeObject *type)
{
    PyObject *abc = PyImport_ImportModuleAttrString("collections.abc", "MutableSequence");
    if (abc == NULL) {
        return -1;
    }
    PyObject *result = PyObject_CallMethod(abc, "register", "O", (PyObject *)type);
    Py_DECREF(abc);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int
array_exec(PyObject *module)
{
    array_module_state *state = PyModule_GetState(module);
    state->array_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &array_spec, NULL);
    if (state->array_type == NULL) {
        return -1;
    }
    state->iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &arrayiter_spec, NULL);
    if (state->iterator_type == NULL || register_sequence(state->array_type) < 0
        || PyModule_AddObjectRef(module, "ArrayType", (PyObject *)state->array_type) < 0
        || PyModule_AddType(module, state->array_type) < 0) {
        return -1;
    }
    char codes[32];
    size_t n = 0;
    for (const struct item_type *t = _PyArray_ItemTypes; t->code; t++) {
        codes[n++] = t->code;
    }
    return PyModule_Add(module, "typecodes", PyUnicode_FromStringAndSize(codes, (Py_ssize_t)n));
}

static int
array_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    array_module_state *state = PyModule_GetState(module);
    Py_VISIT(state->array_type);
    Py_VISIT(state->iterator_type);
    return 0;
}

static int
array_module_clear(PyObject *module)
{
    array_module_state *state = PyModule_GetState(module);
    Py_CLEAR(state->array_type);
    Py_CLEAR(state->iterator_type);
    return 0;
}

static PyModuleDef_Slot array_module_slots[] = {
    {Py_mod_exec, array_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

struct PyModuleDef _PyArray_Module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "array",
    .m_doc = "Compact sequences of numbers or characters of one machine type.",
    .m_size = sizeof(array_module_state),
    .m_methods = array_functions,
    .m_slots = array_module_slots,
    .m_traverse = array_module_traverse,
    .m_clear = array_module_clear,
};

PyMODINIT_FUNC
PyInit_array(void)
{
    return PyModuleDef_Init(&_PyArray_Module);
}

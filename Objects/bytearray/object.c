/* The bytearray type.

   ob_start..ob_start+size is the contents, in the block ob_bytes of ob_alloc bytes (with a
   terminating NUL that is not counted); removing from the front only moves ob_start.
   While ob_exports is positive the contents stay where they are and keep their size.
   Locking: everything is read and written in the object's critical section; an exported buffer may
   be read and written without it, as in C.  Methods shared with bytes run with the buffer exported,
   because an argument may run Python code. */
#include "../bytes/shared.h"
#include "pycore_call.h"              // _PyObject_CallNoArgs
#include "pycore_ceval.h"             // _PyEval_GetBuiltin
#include "pycore_critical_section.h"  // Py_BEGIN_CRITICAL_SECTION
#include "pycore_global_ids.h"        // _Py_ID
#include "pycore_initconfig.h"        // _Py_GetConfig
#include "pycore_tuple.h"             // _PyTuple_ITEMS
#include "pycore_unicodeobject.h"     // _PyUnicode_AsLatin1String

#define BA(op) ((PyByteArrayObject *)(op))
#define DATA(op) PyByteArray_AS_STRING(op)
#define SIZE(op) Py_SIZE(op)

#define RANGE_MESSAGE "byte must be in range(0, 256)"

/* What PyByteArray_AS_STRING() gives for an array without a block. */
char _PyByteArray_empty_string[] = "";

/* -- Making and resizing ------------------------------------------------------------------- */

static int
can_resize(PyByteArrayObject *self)
{
    if (self->ob_exports > 0) {
        PyErr_SetString(PyExc_BufferError, "Existing exports of data: object cannot be re-sized");
        return 0;
    }
    return 1;
}

PyObject *
PyByteArray_FromStringAndSize(const char *bytes, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError,
                        "Negative size passed to PyByteArray_FromStringAndSize");
        return NULL;
    }
    if (size == PY_SSIZE_T_MAX) {
        return PyErr_NoMemory();
    }
    PyByteArrayObject *op = PyObject_New(PyByteArrayObject, &PyByteArray_Type);
    if (op == NULL) {
        return NULL;
    }
    op->ob_exports = 0;
    op->ob_bytes = op->ob_start = NULL;
    op->ob_alloc = 0;
    Py_SET_SIZE(op, 0);
    if (size > 0) {
        op->ob_bytes = PyMem_Malloc((size_t)size + 1);
        if (op->ob_bytes == NULL) {
            Py_DECREF(op);
            return PyErr_NoMemory();
        }
        if (bytes != NULL) {
            memcpy(op->ob_bytes, bytes, (size_t)size);
        }
        op->ob_bytes[size] = '\0';
        op->ob_alloc = size + 1;
        op->ob_start = op->ob_bytes;
        Py_SET_SIZE(op, size);
    }
    return (PyObject *)op;
}

static int
bytearray_resize_lock_held(PyObject *self, Py_ssize_t requested)
{
    PyByteArrayObject *obj = BA(self);
    Py_ssize_t alloc = obj->ob_alloc;
    Py_ssize_t offset = obj->ob_start - obj->ob_bytes;  // free room in front
    if (requested == SIZE(self)) {
        return 0;
    }
    if (!can_resize(obj)) {
        return -1;
    }
    if (requested > PY_SSIZE_T_MAX - 1) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t room = requested + offset + 1;
    if (room <= alloc && requested >= alloc / 2) {
        /* A minor change: the block stays. */
        obj->ob_start[requested] = '\0';
        Py_SET_SIZE(self, requested);
        return 0;
    }
    Py_ssize_t new_alloc;
    if (requested < alloc / 2) {
        new_alloc = requested + 1;  // much smaller: exact
    }
    else if (requested <= alloc + (alloc >> 3)) {
        new_alloc = requested + (requested >> 3) + (requested < 9 ? 3 : 6);  // growing slowly
    }
    else {
        new_alloc = requested + 1;  // much larger: exact
    }
    if (new_alloc > PY_SSIZE_T_MAX) {
        PyErr_NoMemory();
        return -1;
    }
    char *block;
    if (offset > 0) {
        block = PyMem_Malloc((size_t)new_alloc);
        if (block == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(block, obj->ob_start, (size_t)Py_MIN(requested, SIZE(self)));
        PyMem_Free(obj->ob_bytes);
    }
    else {
        block = PyMem_Realloc(obj->ob_bytes, (size_t)new_alloc);
        if (block == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    obj->ob_bytes = obj->ob_start = block;
    obj->ob_alloc = new_alloc;
    block[requested] = '\0';
    Py_SET_SIZE(self, requested);
    return 0;
}

int
PyByteArray_Resize(PyObject *self, Py_ssize_t requested)
{
    assert(self != NULL && PyByteArray_Check(self));
    if (requested < 0) {
        PyErr_Format(PyExc_ValueError, "Can only resize to positive sizes, got %zd", requested);
        return -1;
    }
    int result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_resize_lock_held(self, requested);
    Py_END_CRITICAL_SECTION();
    return result;
}

PyObject *
PyByteArray_FromObject(PyObject *input)
{
    return PyObject_CallOneArg((PyObject *)&PyByteArray_Type, input);
}

Py_ssize_t
PyByteArray_Size(PyObject *self)
{
    assert(self != NULL && PyByteArray_Check(self));
    return PyByteArray_GET_SIZE(self);
}

char *
PyByteArray_AsString(PyObject *self)
{
    assert(self != NULL && PyByteArray_Check(self));
    return PyByteArray_AS_STRING(self);
}

/* -- Buffers ------------------------------------------------------------------------------- */

static int
bytearray_getbuffer_lock_held(PyObject *self, Py_buffer *view, int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError,
                        "bytearray_getbuffer: view==NULL argument is obsolete");
        return -1;
    }
    if (PyBuffer_FillInfo(view, self, DATA(self), SIZE(self), 0, flags) < 0) {
        return -1;
    }
    BA(self)->ob_exports++;
    return 0;
}

static int
bytearray_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_getbuffer_lock_held(self, view, flags);
    Py_END_CRITICAL_SECTION();
    return result;
}

static void
bytearray_releasebuffer(PyObject *self, Py_buffer *Py_UNUSED(view))
{
    Py_BEGIN_CRITICAL_SECTION(self);
    BA(self)->ob_exports--;
    assert(BA(self)->ob_exports >= 0);
    Py_END_CRITICAL_SECTION();
}

/* -- Concatenation and repetition ---------------------------------------------------------- */

PyObject *
PyByteArray_Concat(PyObject *a, PyObject *b)
{
    Py_buffer va = {.len = -1}, vb = {.len = -1};
    PyObject *result = NULL;
    if (PyObject_GetBuffer(a, &va, PyBUF_SIMPLE) != 0
            || PyObject_GetBuffer(b, &vb, PyBUF_SIMPLE) != 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(b)->tp_name,
                     Py_TYPE(a)->tp_name);
        goto done;
    }
    if (va.len > PY_SSIZE_T_MAX - vb.len) {
        PyErr_NoMemory();
        goto done;
    }
    result = PyByteArray_FromStringAndSize(NULL, va.len + vb.len);
    if (result != NULL) {
        if (va.len > 0) {
            memcpy(DATA(result), va.buf, (size_t)va.len);
        }
        if (vb.len > 0) {
            memcpy(DATA(result) + va.len, vb.buf, (size_t)vb.len);
        }
    }
done:
    if (va.len != -1) {
        PyBuffer_Release(&va);
    }
    if (vb.len != -1) {
        PyBuffer_Release(&vb);
    }
    return result;
}

static int
bytearray_append_bytes_lock_held(PyObject *self, const char *s, Py_ssize_t n)
{
    Py_ssize_t size = SIZE(self);
    if (size > PY_SSIZE_T_MAX - n) {
        PyErr_NoMemory();
        return -1;
    }
    if (bytearray_resize_lock_held(self, size + n) < 0) {
        return -1;
    }
    memcpy(DATA(self) + size, s, (size_t)n);
    return 0;
}

static PyObject *
bytearray_iconcat(PyObject *self, PyObject *other)
{
    Py_buffer view;
    if (PyObject_GetBuffer(other, &view, PyBUF_SIMPLE) != 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(other)->tp_name,
                     Py_TYPE(self)->tp_name);
        return NULL;
    }
    int failed = 0;
    if (other == self) {
        /* The buffer is our own, and would forbid growing. */
        Py_ssize_t n = view.len;
        PyBuffer_Release(&view);
        Py_BEGIN_CRITICAL_SECTION(self);
        n = Py_MIN(n, SIZE(self));
        Py_ssize_t size = SIZE(self);
        failed = size > PY_SSIZE_T_MAX - n || bytearray_resize_lock_held(self, size + n) < 0;
        if (!failed) {
            memcpy(DATA(self) + size, DATA(self), (size_t)n);
        }
        Py_END_CRITICAL_SECTION();
    }
    else {
        Py_BEGIN_CRITICAL_SECTION(self);
        failed = view.len > 0 && bytearray_append_bytes_lock_held(self, view.buf, view.len) < 0;
        Py_END_CRITICAL_SECTION();
        PyBuffer_Release(&view);
    }
    if (failed) {
        if (!PyErr_Occurred()) {
            PyErr_NoMemory();
        }
        return NULL;
    }
    return Py_NewRef(self);
}

static PyObject *
bytearray_repeat_lock_held(PyObject *self, Py_ssize_t count)
{
    count = Py_MAX(count, 0);
    Py_ssize_t n = SIZE(self);
    if (count > 0 && n > PY_SSIZE_T_MAX / count) {
        return PyErr_NoMemory();
    }
    PyObject *result = PyByteArray_FromStringAndSize(NULL, n * count);
    if (result != NULL && n * count > 0) {
        _PyBytes_Repeat(DATA(result), n * count, DATA(self), n);
    }
    return result;
}

static PyObject *
bytearray_repeat(PyObject *self, Py_ssize_t count)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_repeat_lock_held(self, count);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
bytearray_irepeat_lock_held(PyObject *self, Py_ssize_t count)
{
    count = Py_MAX(count, 0);
    Py_ssize_t n = SIZE(self);
    if (count > 0 && n > PY_SSIZE_T_MAX / count) {
        return PyErr_NoMemory();
    }
    if (bytearray_resize_lock_held(self, n * count) < 0) {
        return NULL;
    }
    if (n * count > 0) {
        char *data = DATA(self);
        _PyBytes_Repeat(data, n * count, data, n);
    }
    return Py_NewRef(self);
}

static PyObject *
bytearray_irepeat(PyObject *self, Py_ssize_t count)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_irepeat_lock_held(self, count);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* -- Items --------------------------------------------------------------------------------- */

static Py_ssize_t
bytearray_length(PyObject *self)
{
    return PyByteArray_GET_SIZE(self);
}

static PyObject *
bytearray_getitem_lock_held(PyObject *self, Py_ssize_t i, int from_end)
{
    if (from_end && i < 0) {
        i += SIZE(self);
    }
    if (i < 0 || i >= SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)DATA(self)[i]);
}

static PyObject *
bytearray_getitem(PyObject *self, Py_ssize_t i)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_getitem_lock_held(self, i, 0);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
bytearray_getslice_lock_held(PyObject *self, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step)
{
    Py_ssize_t n = PySlice_AdjustIndices(SIZE(self), &start, &stop, step);
    if (n <= 0) {
        return PyByteArray_FromStringAndSize("", 0);
    }
    if (step == 1) {
        return PyByteArray_FromStringAndSize(DATA(self) + start, n);
    }
    PyObject *result = PyByteArray_FromStringAndSize(NULL, n);
    if (result != NULL) {
        const char *data = DATA(self);
        char *out = DATA(result);
        for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
            out[i] = data[at];
        }
    }
    return result;
}

static PyObject *
bytearray_subscript(PyObject *self, PyObject *index)
{
    PyObject *result;
    if (_PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        Py_BEGIN_CRITICAL_SECTION(self);
        result = bytearray_getitem_lock_held(self, i, 1);
        Py_END_CRITICAL_SECTION();
        return result;
    }
    if (PySlice_Check(index)) {
        Py_ssize_t start, stop, step;
        if (PySlice_Unpack(index, &start, &stop, &step) < 0) {
            return NULL;
        }
        Py_BEGIN_CRITICAL_SECTION(self);
        result = bytearray_getslice_lock_held(self, start, stop, step);
        Py_END_CRITICAL_SECTION();
        return result;
    }
    PyErr_Format(PyExc_TypeError, "bytearray indices must be integers or slices, not %.200s",
                 Py_TYPE(index)->tp_name);
    return NULL;
}

/* self[lo:hi] = bytes[0:n]; lo and hi are in range. */
static int
setslice_linear_lock_held(PyObject *self, Py_ssize_t lo, Py_ssize_t hi, const char *bytes,
                          Py_ssize_t n)
{
    Py_ssize_t growth = n - (hi - lo), size = SIZE(self);
    assert(0 <= lo && lo <= hi && hi <= size);
    if (growth < 0) {
        if (!can_resize(BA(self))) {
            return -1;
        }
        if (lo == 0) {
            /* From the front: the start moves, nothing is copied. */
            BA(self)->ob_start -= growth;
        }
        else {
            char *data = DATA(self);
            memmove(data + lo + n, data + hi, (size_t)(size - hi));
        }
        if (bytearray_resize_lock_held(self, size + growth) < 0) {
            /* Shrinking failed for want of memory: the block stays as large as it was. */
            PyErr_Clear();
            DATA(self)[size + growth] = '\0';
            Py_SET_SIZE(self, size + growth);
        }
    }
    else if (growth > 0) {
        if (size > PY_SSIZE_T_MAX - growth) {
            PyErr_NoMemory();
            return -1;
        }
        if (bytearray_resize_lock_held(self, size + growth) < 0) {
            return -1;
        }
        char *data = DATA(self);
        memmove(data + lo + n, data + hi, (size_t)(size - hi));
    }
    if (n > 0) {
        memcpy(DATA(self) + lo, bytes, (size_t)n);
    }
    return 0;
}

static int
setslice_lock_held(PyObject *self, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step,
                   const char *bytes, Py_ssize_t needed)
{
    Py_ssize_t slicelen = PySlice_AdjustIndices(SIZE(self), &start, &stop, step);
    if ((step < 0 && start < stop) || (step > 0 && start > stop)) {
        stop = start;
    }
    if (step == 1) {
        return setslice_linear_lock_held(self, start, stop, bytes, needed);
    }
    char *data = DATA(self);
    if (needed == 0) {
        if (slicelen == 0) {
            return 0;
        }
        if (!can_resize(BA(self))) {
            return -1;
        }
        if (step < 0) {
            stop = start + 1;
            start = stop + step * (slicelen - 1) - 1;
            step = -step;
        }
        Py_ssize_t size = SIZE(self), cur = start;
        for (Py_ssize_t i = 0; i < slicelen; i++, cur += step) {
            Py_ssize_t lim = step - 1;
            if (cur + step >= size) {
                lim = size - cur - 1;
            }
            memmove(data + cur - i, data + cur + 1, (size_t)lim);
        }
        cur = start + slicelen * step;
        if (cur < size) {
            memmove(data + cur - slicelen, data + cur, (size_t)(size - cur));
        }
        return bytearray_resize_lock_held(self, size - slicelen);
    }
    if (needed != slicelen) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign bytes of size %zd to extended slice of size %zd",
                     needed, slicelen);
        return -1;
    }
    for (Py_ssize_t i = 0, at = start; i < slicelen; i++, at += step) {
        data[at] = bytes[i];
    }
    return 0;
}

static int
setitem_lock_held(PyObject *self, Py_ssize_t i, int value)
{
    if (i < 0) {
        i += SIZE(self);
    }
    if (i < 0 || i >= SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return -1;
    }
    if (value < 0) {
        return setslice_lock_held(self, i, i + 1, 1, NULL, 0);
    }
    DATA(self)[i] = (char)value;
    return 0;
}

/* value: -1 deletes. */
static int
bytearray_setindex(PyObject *self, Py_ssize_t i, PyObject *value)
{
    int byte = -1, result;
    if (value != NULL) {
        byte = bytes_value(value, RANGE_MESSAGE);
        if (byte < 0) {
            return -1;
        }
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    result = setitem_lock_held(self, i, byte);
    Py_END_CRITICAL_SECTION();
    return result;
}

static int
bytearray_setitem(PyObject *self, Py_ssize_t i, PyObject *value)
{
    if (i < 0) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return -1;
    }
    return bytearray_setindex(self, i, value);
}

static int
bytearray_ass_subscript(PyObject *self, PyObject *index, PyObject *values)
{
    if (_PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return bytearray_setindex(self, i, values);
    }
    Py_ssize_t start, stop, step;
    if (!PySlice_Check(index)) {
        PyErr_Format(PyExc_TypeError, "bytearray indices must be integers or slices, not %.200s",
                     Py_TYPE(index)->tp_name);
        return -1;
    }
    if (PySlice_Unpack(index, &start, &stop, &step) < 0) {
        return -1;
    }
    int result;
    if (values == NULL) {
        Py_BEGIN_CRITICAL_SECTION(self);
        result = setslice_lock_held(self, start, stop, step, NULL, 0);
        Py_END_CRITICAL_SECTION();
        return result;
    }
    if (values == self || !PyByteArray_Check(values)) {
        /* A copy first: our own contents, or what has to be converted. */
        if (PyNumber_Check(values) || PyUnicode_Check(values)) {
            PyErr_SetString(PyExc_TypeError, "can assign only bytes, buffers, or iterables "
                                             "of ints in range(0, 256)");
            return -1;
        }
        PyObject *copy = PyByteArray_FromObject(values);
        if (copy == NULL) {
            return -1;
        }
        Py_BEGIN_CRITICAL_SECTION(self);
        result = setslice_lock_held(self, start, stop, step, DATA(copy), SIZE(copy));
        Py_END_CRITICAL_SECTION();
        Py_DECREF(copy);
        return result;
    }
    Py_BEGIN_CRITICAL_SECTION2(self, values);
    result = setslice_lock_held(self, start, stop, step, DATA(values), SIZE(values));
    Py_END_CRITICAL_SECTION2();
    return result;
}

/* -- Construction -------------------------------------------------------------------------- */

static PyObject *bytearray_extend(PyObject *self, PyObject *iterable);

static int
init_from_buffer(PyObject *self, PyObject *arg)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    int result = PyByteArray_Resize(self, view.len);
    if (result == 0 && view.len > 0) {
        Py_BEGIN_CRITICAL_SECTION(self);
        result = SIZE(self) >= view.len
            ? PyBuffer_ToContiguous(DATA(self), &view, view.len, 'C') : -1;
        Py_END_CRITICAL_SECTION();
    }
    PyBuffer_Release(&view);
    return result;
}

static int
init_from_iterable(PyObject *self, PyObject *arg)
{
    if (PyList_CheckExact(arg) || PyTuple_CheckExact(arg)) {
        Py_ssize_t n = PySequence_Fast_GET_SIZE(arg);
        int is_tuple = PyTuple_CheckExact(arg);
        for (Py_ssize_t i = 0; i < (is_tuple ? n : PyList_GET_SIZE(arg)); i++) {
            PyObject *item = is_tuple ? Py_NewRef(PyTuple_GET_ITEM(arg, i))
                                      : PyList_GetItemRef(arg, i);
            if (item == NULL) {
                PyErr_Clear();
                break;
            }
            int value = bytes_value(item, RANGE_MESSAGE), failed = value < 0;
            Py_DECREF(item);
            if (!failed) {
                char c = (char)value;
                Py_BEGIN_CRITICAL_SECTION(self);
                failed = bytearray_append_bytes_lock_held(self, &c, 1) < 0;
                Py_END_CRITICAL_SECTION();
            }
            if (failed) {
                return -1;
            }
        }
        return 0;
    }
    PyObject *it = PyObject_GetIter(arg);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytearray",
                         Py_TYPE(arg)->tp_name);
        }
        return -1;
    }
    int result = 0;
    while (result == 0) {
        PyObject *item = PyIter_Next(it);
        if (item == NULL) {
            result = PyErr_Occurred() ? -1 : 0;
            break;
        }
        int value = bytes_value(item, RANGE_MESSAGE);
        Py_DECREF(item);
        if (value < 0) {
            result = -1;
            break;
        }
        char c = (char)value;
        Py_BEGIN_CRITICAL_SECTION(self);
        result = bytearray_append_bytes_lock_held(self, &c, 1);
        Py_END_CRITICAL_SECTION();
    }
    Py_DECREF(it);
    return result;
}

static int
bytearray_init_impl(PyObject *self, PyObject *arg, const char *encoding, const char *errors)
{
    if (SIZE(self) != 0 && PyByteArray_Resize(self, 0) < 0) {
        return -1;
    }
    if (arg == NULL) {
        if (encoding != NULL || errors != NULL) {
            PyErr_SetString(PyExc_TypeError, encoding != NULL
                            ? "encoding without a string argument"
                            : "errors without a string argument");
            return -1;
        }
        return 0;
    }
    if (PyUnicode_Check(arg)) {
        if (encoding == NULL) {
            PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
            return -1;
        }
        PyObject *encoded = PyUnicode_AsEncodedString(arg, encoding, errors);
        if (encoded == NULL) {
            return -1;
        }
        PyObject *done = bytearray_iconcat(self, encoded);
        Py_DECREF(encoded);
        if (done == NULL) {
            return -1;
        }
        Py_DECREF(done);
        return 0;
    }
    if (encoding != NULL || errors != NULL) {
        PyErr_SetString(PyExc_TypeError, encoding != NULL
                        ? "encoding without a string argument"
                        : "errors without a string argument");
        return -1;
    }
    if (_PyIndex_Check(arg)) {
        Py_ssize_t count = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
        if (count == -1 && PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
                return -1;
            }
            PyErr_Clear();  // an index that does not work: perhaps a buffer or an iterable
        }
        else {
            if (count < 0) {
                PyErr_SetString(PyExc_ValueError, "negative count");
                return -1;
            }
            if (count > 0) {
                if (PyByteArray_Resize(self, count) < 0) {
                    return -1;
                }
                memset(DATA(self), 0, (size_t)count);
            }
            return 0;
        }
    }
    if (PyObject_CheckBuffer(arg)) {
        return init_from_buffer(self, arg);
    }
    return init_from_iterable(self, arg);
}

static int
bytearray_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"source", "encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "bytearray"};
    PyObject *buf[3];
    const char *encoding, *errors;
    PyObject *const *fast = _PyArg_UnpackKeywords(_PyTuple_ITEMS(args), PyTuple_GET_SIZE(args),
                                                  kwargs, NULL, &parser, 0, 3, 0, 0, buf);
    if (fast == NULL
            || bytes_string_arg("bytearray", "argument 'encoding'", fast[1], &encoding) < 0
            || bytes_string_arg("bytearray", "argument 'errors'", fast[2], &errors) < 0) {
        return -1;
    }
    return bytearray_init_impl(self, fast[0], encoding, errors);
}

static void
bytearray_dealloc(PyObject *self)
{
    if (BA(self)->ob_exports > 0) {
        PyErr_SetString(PyExc_SystemError, "deallocated bytearray object has exported buffers");
        PyErr_Print();
    }
    if (BA(self)->ob_bytes != NULL) {
        PyMem_Free(BA(self)->ob_bytes);
    }
    Py_TYPE(self)->tp_free(self);
}

/* -- Comparison, repr ---------------------------------------------------------------------- */

static PyObject *
bytearray_repr_lock_held(PyObject *self)
{
    const char *name = strrchr(Py_TYPE(self)->tp_name, '.');
    name = name == NULL ? Py_TYPE(self)->tp_name : name + 1;
    char prefix[256];
    snprintf(prefix, sizeof(prefix), "%.250s(", name);
    return bytes_repr_text(DATA(self), SIZE(self), prefix, ")", 0);
}

static PyObject *
bytearray_repr(PyObject *self)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_repr_lock_held(self);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
bytearray_str(PyObject *self)
{
    if (_Py_GetConfig()->bytes_warning
            && PyErr_WarnEx(PyExc_BytesWarning, "str() on a bytearray instance", 1) < 0) {
        return NULL;
    }
    return bytearray_repr(self);
}

static PyObject *
bytearray_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyObject_CheckBuffer(self) || !PyObject_CheckBuffer(other)) {
        if (_Py_GetConfig()->bytes_warning && (op == Py_EQ || op == Py_NE)
                && (PyUnicode_Check(self) || PyUnicode_Check(other))) {
            if (PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytearray and string",
                             1) < 0) {
                return NULL;
            }
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_buffer a, b;
    if (PyObject_GetBuffer(self, &a, PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyObject_GetBuffer(other, &b, PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        PyBuffer_Release(&a);
        Py_RETURN_NOTIMPLEMENTED;
    }
    int order;
    if (a.len != b.len && (op == Py_EQ || op == Py_NE)) {
        order = 1;
    }
    else {
        order = memcmp(a.buf, b.buf, (size_t)Py_MIN(a.len, b.len));
        if (order == 0) {
            order = a.len < b.len ? -1 : a.len > b.len;
        }
    }
    PyBuffer_Release(&a);
    PyBuffer_Release(&b);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static int
bytearray_contains_lock_held(PyObject *self, PyObject *arg)
{
    BA(self)->ob_exports++;
    int result = _Py_bytes_contains(DATA(self), SIZE(self), arg);
    BA(self)->ob_exports--;
    return result;
}

static int
bytearray_contains(PyObject *self, PyObject *arg)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_contains_lock_held(self, arg);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
bytearray_mod_lock_held(PyObject *self, PyObject *arg)
{
    BA(self)->ob_exports++;
    PyObject *result = _PyBytes_FormatEx(DATA(self), SIZE(self), arg, 1);
    BA(self)->ob_exports--;
    return result;
}

static PyObject *
bytearray_mod(PyObject *self, PyObject *arg)
{
    if (!PyByteArray_Check(self)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = bytearray_mod_lock_held(self, arg);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* -- Methods that change the array ---------------------------------------------------------- */

static PyObject *
bytearray_append(PyObject *self, PyObject *item)
{
    int value = bytes_value(item, RANGE_MESSAGE), failed;
    if (value < 0) {
        return NULL;
    }
    char c = (char)value;
    Py_BEGIN_CRITICAL_SECTION(self);
    failed = bytearray_append_bytes_lock_held(self, &c, 1);
    Py_END_CRITICAL_SECTION();
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
bytearray_insert_lock_held(PyObject *self, Py_ssize_t index, int value)
{
    Py_ssize_t n = SIZE(self);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to bytearray");
        return -1;
    }
    if (bytearray_resize_lock_held(self, n + 1) < 0) {
        return -1;
    }
    if (index < 0) {
        index = Py_MAX(index + n, 0);
    }
    index = Py_MIN(index, n);
    char *data = DATA(self);
    memmove(data + index + 1, data + index, (size_t)(n - index));
    data[index] = (char)value;
    return 0;
}

static PyObject *
bytearray_insert(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *number = PyNumber_Index(args[0]);
    if (number == NULL) {
        return NULL;
    }
    Py_ssize_t index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int value = bytes_value(args[1], RANGE_MESSAGE), failed;
    if (value < 0) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    failed = bytearray_insert_lock_held(self, index, value);
    Py_END_CRITICAL_SECTION();
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
bytearray_extend(PyObject *self, PyObject *iterable)
{
    if (PyObject_CheckBuffer(iterable)) {
        PyObject *done;
        if (iterable == self) {
            done = bytearray_iconcat(self, self);
        }
        else {
            Py_buffer view;
            if (PyObject_GetBuffer(iterable, &view, PyBUF_SIMPLE) < 0) {
                return NULL;
            }
            int failed;
            Py_BEGIN_CRITICAL_SECTION(self);
            failed = view.len > 0
                && bytearray_append_bytes_lock_held(self, view.buf, view.len) < 0;
            Py_END_CRITICAL_SECTION();
            PyBuffer_Release(&view);
            done = failed ? NULL : Py_NewRef(self);
        }
        if (done == NULL) {
            return NULL;
        }
        Py_DECREF(done);
        Py_RETURN_NONE;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "can't extend bytearray with %.100s",
                         Py_TYPE(iterable)->tp_name);
        }
        return NULL;
    }
    /* All items first: nothing is added if one is wrong. */
    PyObject *added = PyByteArray_FromStringAndSize(NULL, 0), *item;
    while (added != NULL && (item = PyIter_Next(it)) != NULL) {
        int value = bytes_value(item, RANGE_MESSAGE);
        if (value < 0 && PyUnicode_Check(item) && PyUnicode_Check(iterable)) {
            PyErr_Format(PyExc_TypeError, "expected iterable of integers; got: 'str'");
        }
        Py_DECREF(item);
        char c = (char)value;
        if (value < 0 || bytearray_append_bytes_lock_held(added, &c, 1) < 0) {
            Py_CLEAR(added);
        }
    }
    Py_DECREF(it);
    if (added == NULL || PyErr_Occurred()) {
        Py_XDECREF(added);
        return NULL;
    }
    int failed;
    Py_BEGIN_CRITICAL_SECTION(self);
    failed = SIZE(added) > 0
        && bytearray_append_bytes_lock_held(self, DATA(added), SIZE(added)) < 0;
    Py_END_CRITICAL_SECTION();
    Py_DECREF(added);
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* The byte at index, which is removed; -1 with an exception. */
static int
bytearray_pop_lock_held(PyObject *self, Py_ssize_t index)
{
    Py_ssize_t n = SIZE(self);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty bytearray");
        return -1;
    }
    if (index < 0) {
        index += n;
    }
    if (index < 0 || index >= n) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return -1;
    }
    if (!can_resize(BA(self))) {
        return -1;
    }
    char *data = DATA(self);
    int value = (unsigned char)data[index];
    memmove(data + index, data + index + 1, (size_t)(n - index));
    return bytearray_resize_lock_held(self, n - 1) < 0 ? -1 : value;
}

static PyObject *
bytearray_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t index = -1;
    if (!_PyArg_CheckPositional("pop", nargs, 0, 1)) {
        return NULL;
    }
    if (nargs > 0) {
        PyObject *number = PyNumber_Index(args[0]);
        if (number == NULL) {
            return NULL;
        }
        index = PyLong_AsSsize_t(number);
        Py_DECREF(number);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    int value;
    Py_BEGIN_CRITICAL_SECTION(self);
    value = bytearray_pop_lock_held(self, index);
    Py_END_CRITICAL_SECTION();
    return value < 0 ? NULL : PyLong_FromLong(value);
}

static int
bytearray_remove_lock_held(PyObject *self, int value)
{
    Py_ssize_t n = SIZE(self);
    char *data = DATA(self), *at = n == 0 ? NULL : memchr(data, value, (size_t)n);
    if (at == NULL) {
        PyErr_SetString(PyExc_ValueError, "value not found in bytearray");
        return -1;
    }
    if (!can_resize(BA(self))) {
        return -1;
    }
    memmove(at, at + 1, (size_t)(n - (at - data)));
    return bytearray_resize_lock_held(self, n - 1);
}

static PyObject *
bytearray_remove(PyObject *self, PyObject *item)
{
    int value = bytes_value(item, RANGE_MESSAGE), failed;
    if (value < 0) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    failed = bytearray_remove_lock_held(self, value);
    Py_END_CRITICAL_SECTION();
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
bytearray_reverse_lock_held(PyByteArrayObject *self)
{
    char *head = DATA(self), *tail = head + SIZE(self) - 1;
    while (head < tail) {
        char c = *head;
        *head++ = *tail;
        *tail-- = c;
    }
    Py_RETURN_NONE;
}
PY_LOCKED_NOARGS(bytearray, reverse, PyByteArrayObject)

static PyObject *
bytearray_clear_lock_held(PyByteArrayObject *self)
{
    if (bytearray_resize_lock_held((PyObject *)self, 0) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}
PY_LOCKED_NOARGS(bytearray, clear, PyByteArrayObject)

static PyObject *
bytearray_copy_lock_held(PyByteArrayObject *self)
{
    return PyByteArray_FromStringAndSize(DATA(self), SIZE(self));
}
PY_LOCKED_NOARGS(bytearray, copy, PyByteArrayObject)

static int
bytearray_resize_fill_lock_held(PyObject *self, Py_ssize_t size)
{
    Py_ssize_t old = SIZE(self);
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "Can only resize to positive sizes, got %zd", size);
        return -1;
    }
    if (bytearray_resize_lock_held(self, size) < 0) {
        return -1;
    }
    if (size > old) {
        memset(DATA(self) + old, 0, (size_t)(size - old));
    }
    return 0;
}

static PyObject *
bytearray_resize(PyObject *self, PyObject *arg)
{
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) {
        return NULL;
    }
    Py_ssize_t size = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    if (size == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int failed;
    Py_BEGIN_CRITICAL_SECTION(self);
    failed = bytearray_resize_fill_lock_held(self, size);
    Py_END_CRITICAL_SECTION();
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* -- Methods shared with bytes ---------------------------------------------------------------- */

/* The buffer is exported meanwhile: an argument's Python code cannot move it. */
#define WITH_RUN(self, call)                                                    \
    do {                                                                        \
        struct run run_ = {(self), DATA(self), SIZE(self), 1}, *r = &run_;      \
        BA(self)->ob_exports++;                                                 \
        result = call;                                                          \
        BA(self)->ob_exports--;                                                 \
    } while (0)

#define NOARGS_WRAPPER(name)                                                    \
    static PyObject *                                                           \
    bytearray_##name(PyObject *self, PyObject *Py_UNUSED(ignored))              \
    {                                                                           \
        PyObject *result;                                                       \
        Py_BEGIN_CRITICAL_SECTION(self);                                        \
        WITH_RUN(self, shared_##name(r));                                       \
        Py_END_CRITICAL_SECTION();                                              \
        return result;                                                          \
    }
#define O_WRAPPER(name)                                                         \
    static PyObject *                                                           \
    bytearray_##name(PyObject *self, PyObject *arg)                             \
    {                                                                           \
        PyObject *result;                                                       \
        Py_BEGIN_CRITICAL_SECTION(self);                                        \
        WITH_RUN(self, shared_##name(r, arg));                                  \
        Py_END_CRITICAL_SECTION();                                              \
        return result;                                                          \
    }
#define FASTCALL_WRAPPER(name)                                                          \
    static PyObject *                                                                   \
    bytearray_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs)           \
    {                                                                                   \
        PyObject *result;                                                               \
        Py_BEGIN_CRITICAL_SECTION(self);                                                \
        WITH_RUN(self, shared_##name(r, args, nargs));                                  \
        Py_END_CRITICAL_SECTION();                                                      \
        return result;                                                                  \
    }
#define KEYWORDS_WRAPPER(name)                                                          \
    static PyObject *                                                                   \
    bytearray_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs,           \
                     PyObject *kwnames)                                                 \
    {                                                                                   \
        PyObject *result;                                                               \
        Py_BEGIN_CRITICAL_SECTION(self);                                                \
        WITH_RUN(self, shared_##name(r, args, nargs, kwnames));                         \
        Py_END_CRITICAL_SECTION();                                                      \
        return result;                                                                  \
    }

#define SHARED_METHOD(name, convention, signature, doc) convention##_WRAPPER(name)
#define SHARED_METHOD_NOSIG(name, convention, doc) convention##_WRAPPER(name)
#include "../bytes/shared_methods.def"
#undef SHARED_METHOD
#undef SHARED_METHOD_NOSIG

/* -- The rest ------------------------------------------------------------------------------ */

static PyObject *
bytearray_fromhex(PyObject *type, PyObject *string)
{
    PyObject *result = _PyBytes_FromHex(string, type == (PyObject *)&PyByteArray_Type);
    if (result != NULL && type != (PyObject *)&PyByteArray_Type) {
        Py_SETREF(result, PyObject_CallOneArg(type, result));
    }
    return result;
}

static PyObject *
bytearray___alloc___lock_held(PyByteArrayObject *self)
{
    return PyLong_FromSsize_t(self->ob_alloc);
}
PY_LOCKED_NOARGS(bytearray, __alloc__, PyByteArrayObject)

static PyObject *
bytearray___sizeof___lock_held(PyByteArrayObject *self)
{
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize + self->ob_alloc);
}
PY_LOCKED_NOARGS(bytearray, __sizeof__, PyByteArrayObject)

static PyObject *
reduce_lock_held(PyObject *self, int proto)
{
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) {
        return NULL;
    }
    if (SIZE(self) == 0) {
        return Py_BuildValue("(O()N)", Py_TYPE(self), state);
    }
    if (proto < 3) {
        PyObject *text = PyUnicode_DecodeLatin1(DATA(self), SIZE(self), NULL);
        return Py_BuildValue("(O(Ns)N)", Py_TYPE(self), text, "latin-1", state);
    }
    return Py_BuildValue("(O(y#)N)", Py_TYPE(self), DATA(self), SIZE(self), state);
}

static PyObject *
bytearray___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = reduce_lock_held(self, 2);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
bytearray___reduce_ex__(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    int proto = 0;
    if (!_PyArg_CheckPositional("__reduce_ex__", nargs, 0, 1)) {
        return NULL;
    }
    if (nargs > 0) {
        proto = PyLong_AsInt(args[0]);
        if (proto == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = reduce_lock_held(self, proto);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyMethodDef bytearray_methods[] = {
#define SHARED_METHOD(name, convention, signature, doc) \
    PY_METHOD(bytearray, name, convention##_FLAGS, signature, doc),
#define SHARED_METHOD_NOSIG(name, convention, doc) \
    PY_METHOD_NOSIG(#name, (PyCFunction)(void (*)(void))bytearray_##name, convention##_FLAGS, doc),
#include "../bytes/shared_methods.def"
#undef SHARED_METHOD
#undef SHARED_METHOD_NOSIG
    PY_METHOD(bytearray, __alloc__, METH_NOARGS, "($self, /)", "How many bytes are allocated."),
    PY_METHOD(bytearray, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    PY_METHOD(bytearray, __reduce_ex__, METH_FASTCALL, "($self, proto=0, /)",
              "State for pickle in a protocol."),
    PY_METHOD(bytearray, __sizeof__, METH_NOARGS, "($self, /)",
              "Size of the object in memory, in bytes."),
    PY_METHOD(bytearray, append, METH_O, "($self, item, /)", "Add one byte at the end."),
    PY_METHOD(bytearray, clear, METH_NOARGS, "($self, /)", "Remove all bytes."),
    PY_METHOD(bytearray, copy, METH_NOARGS, "($self, /)", "A copy of the array."),
    PY_METHOD(bytearray, extend, METH_O, "($self, iterable_of_ints, /)",
              "Add the bytes of a buffer, or of an iterable of ints, at the end."),
    PY_METHOD(bytearray, fromhex, METH_O | METH_CLASS, "($type, string, /)",
              "Array from hexadecimal digits; white space between two bytes is ignored.\n\n"
              "bytearray.fromhex('B9 01EF') is bytearray(b'\\xb9\\x01\\xef')."),
    PY_METHOD(bytearray, insert, METH_FASTCALL, "($self, index, item, /)",
              "Put one byte before index."),
    PY_METHOD_AS("maketrans", bytes_maketrans_method, METH_FASTCALL | METH_STATIC, "(frm, to, /)",
                 "Make a table for translate() that maps each byte of frm to that of to."),
    PY_METHOD(bytearray, pop, METH_FASTCALL, "($self, index=-1, /)",
              "Remove the byte at index and return it."),
    PY_METHOD(bytearray, remove, METH_O, "($self, value, /)",
              "Remove the first byte of that value."),
    PY_METHOD(bytearray, resize, METH_O, "($self, size, /)",
              "Cut the array, or lengthen it with zero bytes, to size."),
    PY_METHOD(bytearray, reverse, METH_NOARGS, "($self, /)", "Reverse the order of the bytes."),
    {0}
};

static PyObject *bytearray_iter(PyObject *seq);

static PySequenceMethods bytearray_as_sequence = {
    .sq_length = bytearray_length,
    .sq_concat = PyByteArray_Concat,
    .sq_repeat = bytearray_repeat,
    .sq_item = bytearray_getitem,
    .sq_ass_item = bytearray_setitem,
    .sq_contains = bytearray_contains,
    .sq_inplace_concat = bytearray_iconcat,
    .sq_inplace_repeat = bytearray_irepeat,
};

static PyMappingMethods bytearray_as_mapping = {
    .mp_length = bytearray_length,
    .mp_subscript = bytearray_subscript,
    .mp_ass_subscript = bytearray_ass_subscript,
};

static PyBufferProcs bytearray_as_buffer = {
    .bf_getbuffer = bytearray_getbuffer,
    .bf_releasebuffer = bytearray_releasebuffer,
};

static PyNumberMethods bytearray_as_number = {
    .nb_remainder = bytearray_mod,
};

PyTypeObject PyByteArray_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytearray",
    .tp_basicsize = sizeof(PyByteArrayObject),
    .tp_dealloc = bytearray_dealloc,
    .tp_repr = bytearray_repr,
    .tp_as_number = &bytearray_as_number,
    .tp_as_sequence = &bytearray_as_sequence,
    .tp_as_mapping = &bytearray_as_mapping,
    .tp_str = bytearray_str,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &bytearray_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "bytearray(iterable_of_ints) -> bytearray\n"
              "bytearray(string, encoding[, errors]) -> bytearray\n"
              "bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\n"
              "bytearray(int) -> bytes array of size given by the parameter initialized with null "
              "bytes\n"
              "bytearray() -> empty bytes array\n\n"
              "A mutable array of bytes.",
    .tp_richcompare = bytearray_richcompare,
    .tp_iter = bytearray_iter,
    .tp_methods = bytearray_methods,
    .tp_init = bytearray_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_Free,
};

/* -- Iterator ------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;  // atomic, relaxed; -1: exhausted
    PyObject *it_seq;     // const
} bytesiter;

static void
bytearrayiter_dealloc(PyObject *op)
{
    _PyObject_GC_UNTRACK(op);
    Py_XDECREF(((bytesiter *)op)->it_seq);
    PyObject_GC_Del(op);
}

static int
bytearrayiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((bytesiter *)op)->it_seq);
    return 0;
}

/* The byte at index, -1 beyond the end. */
static int
byte_at(PyObject *self, Py_ssize_t index)
{
    int value;
    Py_BEGIN_CRITICAL_SECTION(self);
    value = index < SIZE(self) ? (unsigned char)DATA(self)[index] : -1;
    Py_END_CRITICAL_SECTION();
    return value;
}

static PyObject *
bytearrayiter_next(PyObject *op)
{
    bytesiter *it = (bytesiter *)op;
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    if (index < 0) {
        return NULL;
    }
    int value = byte_at(it->it_seq, index);
    FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, value < 0 ? -1 : index + 1);
    return value < 0 ? NULL : PyLong_FromLong(value);
}

static PyObject *
bytearrayiter___length_hint__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    bytesiter *it = (bytesiter *)op;
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    Py_ssize_t left = index < 0 ? 0 : PyByteArray_GET_SIZE(it->it_seq) - index;
    return PyLong_FromSsize_t(Py_MAX(left, 0));
}

static PyObject *
bytearrayiter___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    bytesiter *it = (bytesiter *)op;
    PyObject *iter = _PyEval_GetBuiltin(_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    return index >= 0 ? Py_BuildValue("N(O)n", iter, it->it_seq, index)
                      : Py_BuildValue("N(())", iter);
}

static PyObject *
bytearrayiter___setstate__(PyObject *op, PyObject *state)
{
    bytesiter *it = (bytesiter *)op;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index) >= 0) {
        index = Py_MIN(index, PyByteArray_GET_SIZE(it->it_seq));
        FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, Py_MAX(index, 0));
    }
    Py_RETURN_NONE;
}

static PyMethodDef bytearrayiter_methods[] = {
    PY_METHOD(bytearrayiter, __length_hint__, METH_NOARGS, "($self, /)",
              "How many bytes are left."),
    PY_METHOD(bytearrayiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    PY_METHOD(bytearrayiter, __setstate__, METH_O, "($self, object, /)", "Set the position."),
    {0}
};

PyTypeObject PyByteArrayIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytearray_iterator",
    .tp_basicsize = sizeof(bytesiter),
    .tp_dealloc = bytearrayiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = bytearrayiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = bytearrayiter_next,
    .tp_methods = bytearrayiter_methods,
};

static PyObject *
bytearray_iter(PyObject *seq)
{
    if (!PyByteArray_Check(seq)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    bytesiter *it = PyObject_GC_New(bytesiter, &PyByteArrayIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = 0;
    it->it_seq = Py_NewRef(seq);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

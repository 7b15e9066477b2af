/* Items of a memoryview: reading and writing single ones, slices, nested lists.

   Writing converts the value, which may run Python code: the view is checked again afterwards. */
#include "memory_impl.h"

/* -- Formats ------------------------------------------------------------------------------- */

const char *
simple_format(const Py_buffer *view)
{
    const char *format = view->format;
    format += format[0] == '@';
    if (format[0] != '\0' && format[1] == '\0') {
        return format;
    }
    PyErr_Format(PyExc_NotImplementedError, "memoryview: unsupported format %s", view->format);
    return NULL;
}

static void
format_not_supported(const char *format)
{
    PyErr_Format(PyExc_NotImplementedError, "memoryview: format %s not supported", format);
}

/* Reads a T at p (which may be unaligned) and makes an object of it. */
#define UNPACK(T, MAKE)             \
    do {                            \
        T x;                        \
        memcpy(&x, p, sizeof(x));   \
        return MAKE(x);             \
    } while (0)

PyObject *
unpack_single(PyMemoryViewObject *self, const char *p, const char *format)
{
    if (view_check(self) < 0) {
        return NULL;
    }
    switch (format[0]) {
    case 'b': return PyLong_FromLong(*(const signed char *)p);
    case 'B': return PyLong_FromLong(*(const unsigned char *)p);
    case 'c': return PyBytes_FromStringAndSize(p, 1);
    case '?': return PyBool_FromLong(*p != 0);
    case 'h': UNPACK(short, PyLong_FromLong);
    case 'H': UNPACK(unsigned short, PyLong_FromLong);
    case 'i': UNPACK(int, PyLong_FromLong);
    case 'I': UNPACK(unsigned int, PyLong_FromUnsignedLong);
    case 'l': UNPACK(long, PyLong_FromLong);
    case 'L': UNPACK(unsigned long, PyLong_FromUnsignedLong);
    case 'q': UNPACK(long long, PyLong_FromLongLong);
    case 'Q': UNPACK(unsigned long long, PyLong_FromUnsignedLongLong);
    case 'n': UNPACK(Py_ssize_t, PyLong_FromSsize_t);
    case 'N': UNPACK(size_t, PyLong_FromSize_t);
    case 'f': UNPACK(float, PyFloat_FromDouble);
    case 'd': UNPACK(double, PyFloat_FromDouble);
    case 'P': UNPACK(void *, PyLong_FromVoidPtr);
    case 'e': {
        double x = PyFloat_Unpack2(p, PY_LITTLE_ENDIAN);
        return x == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(x);
    }
    default:
        format_not_supported(format);
        return NULL;
    }
}

/* The errors of a conversion become those of the format. */
static int
pack_error(const char *format)
{
    if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
    }
    else if (PyErr_ExceptionMatches(PyExc_OverflowError)
             || PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "memoryview: invalid value for format '%s'", format);
    }
    return -1;
}

static int
pack_range_error(const char *format)
{
    PyErr_Format(PyExc_ValueError, "memoryview: invalid value for format '%s'", format);
    return -1;
}

#define STORE(T, value)             \
    do {                            \
        T x_ = (T)(value);          \
        memcpy(p, &x_, sizeof(x_)); \
    } while (0)

static int
pack_signed(PyMemoryViewObject *self, char *p, PyObject *item, const char *format)
{
    PyObject *number = PyNumber_Index(item);
    if (number == NULL) {
        return pack_error(format);
    }
    long long value = PyLong_AsLongLong(number);
    Py_DECREF(number);
    if (value == -1 && PyErr_Occurred()) {
        return pack_error(format);
    }
    if (view_check(self) < 0) {
        return -1;
    }
    switch (format[0]) {
    case 'b':
        if (value < SCHAR_MIN || value > SCHAR_MAX) {
            return pack_range_error(format);
        }
        STORE(signed char, value);
        break;
    case 'h':
        if (value < SHRT_MIN || value > SHRT_MAX) {
            return pack_range_error(format);
        }
        STORE(short, value);
        break;
    case 'i':
        if (value < INT_MIN || value > INT_MAX) {
            return pack_range_error(format);
        }
        STORE(int, value);
        break;
    case 'l':
        if (value < LONG_MIN || value > LONG_MAX) {
            return pack_range_error(format);
        }
        STORE(long, value);
        break;
    case 'n':
        STORE(Py_ssize_t, value);
        break;
    default:
        STORE(long long, value);
    }
    return 0;
}

static int
pack_unsigned(PyMemoryViewObject *self, char *p, PyObject *item, const char *format)
{
    PyObject *number = PyNumber_Index(item);
    if (number == NULL) {
        return pack_error(format);
    }
    unsigned long long value = PyLong_AsUnsignedLongLong(number);
    Py_DECREF(number);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) {
        return pack_error(format);
    }
    if (view_check(self) < 0) {
        return -1;
    }
    switch (format[0]) {
    case 'B':
        if (value > UCHAR_MAX) {
            return pack_range_error(format);
        }
        STORE(unsigned char, value);
        break;
    case 'H':
        if (value > USHRT_MAX) {
            return pack_range_error(format);
        }
        STORE(unsigned short, value);
        break;
    case 'I':
        if (value > UINT_MAX) {
            return pack_range_error(format);
        }
        STORE(unsigned int, value);
        break;
    case 'L':
        if (value > ULONG_MAX) {
            return pack_range_error(format);
        }
        STORE(unsigned long, value);
        break;
    case 'N':
        STORE(size_t, value);
        break;
    default:
        STORE(unsigned long long, value);
    }
    return 0;
}

static int
pack_single(PyMemoryViewObject *self, char *p, PyObject *item, const char *format)
{
    switch (format[0]) {
    case 'b': case 'h': case 'i': case 'l': case 'q': case 'n':
        return pack_signed(self, p, item, format);
    case 'B': case 'H': case 'I': case 'L': case 'Q': case 'N':
        return pack_unsigned(self, p, item, format);
    case 'f':
    case 'd':
    case 'e': {
        double value = PyFloat_AsDouble(item);
        if (value == -1.0 && PyErr_Occurred()) {
            return pack_error(format);
        }
        if (view_check(self) < 0) {
            return -1;
        }
        if (format[0] == 'f') {
            STORE(float, value);
        }
        else if (format[0] == 'd') {
            STORE(double, value);
        }
        else if (PyFloat_Pack2(value, p, PY_LITTLE_ENDIAN) < 0) {
            return pack_error(format);
        }
        return 0;
    }
    case '?': {
        int value = PyObject_IsTrue(item);
        if (value < 0 || view_check(self) < 0) {
            return -1;
        }
        STORE(_Bool, value);
        return 0;
    }
    case 'c':
        if (!PyBytes_Check(item)) {
            PyErr_Format(PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
            return -1;
        }
        if (PyBytes_GET_SIZE(item) != 1) {
            return pack_range_error(format);
        }
        *p = PyBytes_AS_STRING(item)[0];
        return 0;
    case 'P': {
        PyObject *number = PyNumber_Index(item);
        if (number == NULL) {
            return pack_error(format);
        }
        void *value = PyLong_AsVoidPtr(number);
        Py_DECREF(number);
        if (value == NULL && PyErr_Occurred()) {
            return pack_error(format);
        }
        if (view_check(self) < 0) {
            return -1;
        }
        STORE(void *, value);
        return 0;
    }
    default:
        format_not_supported(format);
        return -1;
    }
}

/* -- Addresses ----------------------------------------------------------------------------- */

static char *
lookup_dimension(const Py_buffer *view, char *p, int dim, Py_ssize_t index)
{
    Py_ssize_t n = view->shape[dim];
    if (index < 0) {
        index += n;
    }
    if (index < 0 || index >= n) {
        PyErr_Format(PyExc_IndexError, "index out of bounds on dimension %d", dim + 1);
        return NULL;
    }
    return adjust_pointer(p + view->strides[dim] * index, view->suboffsets, dim);
}

static char *
pointer_from_tuple(const Py_buffer *view, PyObject *tuple)
{
    char *p = view->buf;
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    if (n > view->ndim) {
        PyErr_Format(PyExc_TypeError, "cannot index %zd-dimension view with %zd-element tuple",
                     (Py_ssize_t)view->ndim, n);
        return NULL;
    }
    for (Py_ssize_t dim = 0; dim < n; dim++) {
        Py_ssize_t index = PyNumber_AsSsize_t(PyTuple_GET_ITEM(tuple, dim), PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        p = lookup_dimension(view, p, (int)dim, index);
        if (p == NULL) {
            return NULL;
        }
    }
    return p;
}

/* A tuple of ints (what: 0) or of slices (1), not empty. */
static int
is_tuple_of(PyObject *key, int what)
{
    if (!PyTuple_Check(key)) {
        return 0;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(key);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *x = PyTuple_GET_ITEM(key, i);
        if (what == 0 ? !_PyIndex_Check(x) : !PySlice_Check(x)) {
            return 0;
        }
    }
    return what == 0 || n > 0;
}

/* -- Reading ------------------------------------------------------------------------------- */

static PyObject *
item_lock_held(PyMemoryViewObject *self, Py_ssize_t index)
{
    Py_buffer *view = &self->view;
    const char *format;
    if (view_check(self) < 0 || (format = simple_format(view)) == NULL) {
        return NULL;
    }
    if (view->ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (view->ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    char *p = lookup_dimension(view, view->buf, 0, index);
    return p == NULL ? NULL : unpack_single(self, p, format);
}

PyObject *
memory_item(PyObject *self, Py_ssize_t index)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = item_lock_held(MV(self), index);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* Makes base a slice of itself along dim. */
static int
init_slice(Py_buffer *base, PyObject *key, int dim)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(base->shape[dim], &start, &stop, step);
    if (base->suboffsets == NULL || dim == 0) {
        base->buf = (char *)base->buf + base->strides[dim] * start;
    }
    else {
        int k = dim - 1;
        while (k >= 0 && base->suboffsets[k] < 0) {
            k--;
        }
        if (k < 0) {
            base->buf = (char *)base->buf + base->strides[dim] * start;
        }
        else {
            base->suboffsets[k] += base->strides[dim] * start;
        }
    }
    base->shape[dim] = n;
    base->strides[dim] *= step;
    return 0;
}

static PyObject *
subscript_lock_held(PyMemoryViewObject *self, PyObject *key)
{
    Py_buffer *view = &self->view;
    if (view_check(self) < 0) {
        return NULL;
    }
    if (view->ndim == 0) {
        if (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0) {
            const char *format = simple_format(view);
            return format == NULL ? NULL : unpack_single(self, view->buf, format);
        }
        if (key == Py_Ellipsis) {
            return Py_NewRef((PyObject *)self);
        }
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (_PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        return index == -1 && PyErr_Occurred() ? NULL : item_lock_held(self, index);
    }
    if (PySlice_Check(key)) {
        if (self->flags & _Py_MEMORYVIEW_RESTRICTED) {
            PyErr_SetString(PyExc_ValueError, "cannot create new view on restricted memoryview");
            return NULL;
        }
        PyMemoryViewObject *sliced = MV(mbuf_add_view(self->mbuf, view));
        if (sliced == NULL) {
            return NULL;
        }
        if (init_slice(&sliced->view, key, 0) < 0) {
            Py_DECREF(sliced);
            return NULL;
        }
        view_init_len(&sliced->view);
        view_init_flags(sliced);
        return (PyObject *)sliced;
    }
    if (is_tuple_of(key, 0)) {
        const char *format = simple_format(view);
        if (format == NULL) {
            return NULL;
        }
        if (PyTuple_GET_SIZE(key) < view->ndim) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return NULL;
        }
        char *p = pointer_from_tuple(view, key);
        return p == NULL ? NULL : unpack_single(self, p, format);
    }
    if (is_tuple_of(key, 1)) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional slicing is not implemented");
        return NULL;
    }
    PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return NULL;
}

PyObject *
memory_subscript(PyObject *self, PyObject *key)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = subscript_lock_held(MV(self), key);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* -- Writing ------------------------------------------------------------------------------- */

static int
assign_slice(PyMemoryViewObject *self, PyObject *key, PyObject *value)
{
    Py_buffer src;
    if (PyObject_GetBuffer(value, &src, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    Py_buffer dest = self->view;
    Py_ssize_t shape[1] = {dest.shape[0]}, strides[1] = {dest.strides[0]}, suboffsets[1];
    dest.shape = shape;
    dest.strides = strides;
    if (dest.suboffsets != NULL) {
        suboffsets[0] = dest.suboffsets[0];
        dest.suboffsets = suboffsets;
    }
    int result = -1;
    if (init_slice(&dest, key, 0) == 0) {
        dest.len = dest.shape[0] * dest.itemsize;
        if (src.format == NULL) {
            src.format = "B";
        }
        if (view_check(self) == 0) {
            result = copy_single(&dest, &src);
        }
    }
    PyBuffer_Release(&src);
    return result;
}

static int
ass_subscript_lock_held(PyMemoryViewObject *self, PyObject *key, PyObject *value)
{
    Py_buffer *view = &self->view;
    const char *format;
    char *p;
    if (view_check(self) < 0 || (format = simple_format(view)) == NULL) {
        return -1;
    }
    if (view->readonly) {
        PyErr_SetString(PyExc_TypeError, "cannot modify read-only memory");
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete memory");
        return -1;
    }
    if (view->ndim == 0) {
        if (key == Py_Ellipsis || (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0)) {
            return pack_single(self, view->buf, value, format);
        }
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return -1;
    }
    if (_PyIndex_Check(key)) {
        if (view->ndim > 1) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return -1;
        }
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return -1;
        }
        p = lookup_dimension(view, view->buf, 0, index);
        return p == NULL ? -1 : pack_single(self, p, value, format);
    }
    if (PySlice_Check(key) && view->ndim == 1) {
        return assign_slice(self, key, value);
    }
    if (is_tuple_of(key, 0)) {
        if (PyTuple_GET_SIZE(key) < view->ndim) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return -1;
        }
        p = pointer_from_tuple(view, key);
        return p == NULL ? -1 : pack_single(self, p, value, format);
    }
    if (PySlice_Check(key) || is_tuple_of(key, 1)) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "memoryview slice assignments are currently restricted to ndim = 1");
        return -1;
    }
    PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return -1;
}

int
memory_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = ass_subscript_lock_held(MV(self), key, value);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* -- Lists --------------------------------------------------------------------------------- */

static PyObject *
tolist_rec(PyMemoryViewObject *self, char *ptr, int dim, const char *format)
{
    const Py_buffer *view = &self->view;
    PyObject *list = PyList_New(view->shape[dim]);
    if (list == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < view->shape[dim]; ptr += view->strides[dim], i++) {
        char *p = adjust_pointer(ptr, view->suboffsets, dim);
        PyObject *item = dim == view->ndim - 1 ? unpack_single(self, p, format)
                                               : tolist_rec(self, p, dim + 1, format);
        if (item == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

PyObject *
memory_tolist_lock_held(PyMemoryViewObject *self)
{
    const char *format;
    if (view_check(self) < 0 || (format = simple_format(&self->view)) == NULL) {
        return NULL;
    }
    return self->view.ndim == 0 ? unpack_single(self, self->view.buf, format)
                                : tolist_rec(self, self->view.buf, 0, format);
}

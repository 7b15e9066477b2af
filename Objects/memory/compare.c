/* Equality of memoryviews with each other and with other buffers: same shape, equal items.

   Items of equal native formats are compared in C; everything else is unpacked by the struct
   module, as any format it knows can be compared with any other. */
#include "memory_impl.h"

/* A Struct's unpack_from and a buffer for one item. */
struct unpacker {
    PyObject *unpack_from;
    PyObject *view;        // memoryview over item
    char *item;
    Py_ssize_t itemsize;
};

static void
unpacker_free(struct unpacker *x)
{
    if (x != NULL) {
        Py_XDECREF(x->unpack_from);
        Py_XDECREF(x->view);
        PyMem_Free(x->item);
        PyMem_Free(x);
    }
}

static struct unpacker *
unpacker_new(const char *format, Py_ssize_t itemsize)
{
    PyObject *Struct = PyImport_ImportModuleAttrString("struct", "Struct");
    if (Struct == NULL) {
        return NULL;
    }
    struct unpacker *x = PyMem_Calloc(1, sizeof(*x));
    if (x == NULL) {
        PyErr_NoMemory();
        Py_DECREF(Struct);
        return NULL;
    }
    PyObject *instance = PyObject_CallFunction(Struct, "y", format);
    Py_DECREF(Struct);
    if (instance == NULL) {
        goto fail;
    }
    x->unpack_from = PyObject_GetAttrString(instance, "unpack_from");
    Py_DECREF(instance);
    x->itemsize = itemsize;
    x->item = PyMem_Malloc((size_t)itemsize + 1);
    if (x->item == NULL) {
        PyErr_NoMemory();
        goto fail;
    }
    x->view = PyMemoryView_FromMemory(x->item, itemsize, PyBUF_WRITE);
    if (x->unpack_from == NULL || x->view == NULL) {
        goto fail;
    }
    return x;
fail:
    unpacker_free(x);
    return NULL;
}

/* The value of an item: the only one, or a tuple. */
static PyObject *
unpacker_get(struct unpacker *x, const char *p)
{
    memcpy(x->item, p, (size_t)x->itemsize);
    PyObject *tuple = PyObject_CallOneArg(x->unpack_from, x->view);
    if (tuple == NULL || PyTuple_GET_SIZE(tuple) != 1) {
        return tuple;
    }
    PyObject *only = Py_NewRef(PyTuple_GET_ITEM(tuple, 0));
    Py_DECREF(tuple);
    return only;
}

/* -- Items --------------------------------------------------------------------------------- */

#define SAME(T)                                 \
    do {                                        \
        T x;                                    \
        T y;                                    \
        memcpy(&x, p, sizeof(x));               \
        memcpy(&y, q, sizeof(y));               \
        return x == y;                          \
    } while (0)

/* 1, 0, -1 with an exception. */
static int
items_equal(const char *p, const char *q, char format, struct unpacker *a, struct unpacker *b)
{
    switch (format) {
    case 'b': case 'B': case 'c': return *p == *q;
    case '?': return (*p != 0) == (*q != 0);
    case 'h': case 'H': SAME(short);
    case 'i': case 'I': SAME(int);
    case 'l': case 'L': SAME(long);
    case 'q': case 'Q': SAME(long long);
    case 'n': case 'N': SAME(Py_ssize_t);
    case 'f': SAME(float);
    case 'd': SAME(double);
    case 'P': SAME(void *);
    case 'e': {
        double x = PyFloat_Unpack2(p, PY_LITTLE_ENDIAN), y = PyFloat_Unpack2(q, PY_LITTLE_ENDIAN);
        return x == y;
    }
    default:
        break;
    }
    PyObject *x = unpacker_get(a, p);
    PyObject *y = x == NULL ? NULL : unpacker_get(b, q);
    int result = y == NULL ? -1 : PyObject_RichCompareBool(x, y, Py_EQ);
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

static int
arrays_equal(const Py_buffer *v, char *p, const Py_buffer *w, char *q, int dim, char format,
             struct unpacker *a, struct unpacker *b)
{
    if (v->ndim == 0) {
        return items_equal(p, q, format, a, b);
    }
    for (Py_ssize_t i = 0; i < v->shape[dim]; p += v->strides[dim], q += w->strides[dim], i++) {
        char *x = adjust_pointer(p, v->suboffsets, dim), *y = adjust_pointer(q, w->suboffsets, dim);
        int equal = dim == v->ndim - 1 ? items_equal(x, y, format, a, b)
                                       : arrays_equal(v, x, w, y, dim + 1, format, a, b);
        if (equal <= 0) {
            return equal;
        }
    }
    return 1;
}

/* A struct.error means a format that nobody can compare: not equal.  Others are passed on. */
static int
after_struct_error(void)
{
    PyObject *error = NULL, *exc = PyErr_GetRaisedException();
    error = PyImport_ImportModuleAttrString("struct", "error");
    if (error != NULL && PyErr_GivenExceptionMatches(exc, error)) {
        Py_DECREF(error);
        Py_DECREF(exc);
        return 0;
    }
    Py_XDECREF(error);
    PyErr_Clear();
    PyErr_SetRaisedException(exc);
    return -1;
}

static int
buffers_equal(const Py_buffer *v, const Py_buffer *w)
{
    if (v->ndim != w->ndim) {
        return 0;
    }
    for (int i = 0; i < v->ndim; i++) {
        if (v->shape[i] != w->shape[i]) {
            return 0;
        }
        if (v->shape[i] == 0) {
            break;
        }
    }
    const char *w_format = w->format != NULL ? w->format : "B";
    char a_char, b_char;
    struct unpacker *a = NULL, *b = NULL;
    int result;
    native_format(&a_char, v->format);
    native_format(&b_char, w_format);
    if (a_char == '_' || b_char == '_' || a_char != b_char) {
        a_char = '_';
        a = unpacker_new(v->format, v->itemsize);
        b = a == NULL ? NULL : unpacker_new(w_format, w->itemsize);
        if (b == NULL) {
            unpacker_free(a);
            return after_struct_error();
        }
    }
    result = arrays_equal(v, v->buf, w, w->buf, 0, a_char, a, b);
    unpacker_free(a);
    unpacker_free(b);
    return result;
}

/* -- Comparison ---------------------------------------------------------------------------- */

static int
is_released(PyMemoryViewObject *self)
{
    return (self->flags & _Py_MEMORYVIEW_RELEASED)
        || (self->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED);
}

PyObject *
memory_richcompare(PyObject *v, PyObject *w, int op)
{
    if (op != Py_EQ && op != Py_NE) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal;
    if (is_released(MV(v)) || (PyMemoryView_Check(w) && is_released(MV(w)))) {
        equal = v == w;
    }
    else {
        /* Borrowed buffers of both: neither can be released meanwhile. */
        Py_buffer a, b;
        if (PyObject_GetBuffer(v, &a, PyBUF_FULL_RO) < 0) {
            PyErr_Clear();
            Py_RETURN_NOTIMPLEMENTED;
        }
        if (PyObject_GetBuffer(w, &b, PyBUF_FULL_RO) < 0) {
            PyErr_Clear();
            PyBuffer_Release(&a);
            Py_RETURN_NOTIMPLEMENTED;
        }
        equal = buffers_equal(&a, &b);
        PyBuffer_Release(&a);
        PyBuffer_Release(&b);
        if (equal < 0) {
            return NULL;
        }
    }
    return PyBool_FromLong(equal == (op == Py_EQ));
}

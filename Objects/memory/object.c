/* memoryview and managed buffer: birth, sharing, release. */
#include "memory_impl.h"
#include "pycore_weakref.h"  // FT_CLEAR_WEAKREFS or PyObject_ClearWeakRefs

/* -- Managed buffers ----------------------------------------------------------------------- */

static _PyManagedBufferObject *
mbuf_alloc(void)
{
    _PyManagedBufferObject *mbuf = PyObject_GC_New(_PyManagedBufferObject,
                                                   &_PyManagedBuffer_Type);
    if (mbuf != NULL) {
        mbuf->flags = 0;
        mbuf->exports = 0;
        mbuf->master.obj = NULL;
        _PyObject_GC_TRACK(mbuf);
    }
    return mbuf;
}

/* The buffer of an object. */
static PyObject *
mbuf_from_object(PyObject *base, int flags, getbufferproc bufferproc)
{
    _PyManagedBufferObject *mbuf = mbuf_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    int failed = bufferproc != NULL ? bufferproc(base, &mbuf->master, flags)
                                    : PyObject_GetBuffer(base, &mbuf->master, flags);
    if (failed < 0) {
        mbuf->master.obj = NULL;
        Py_DECREF(mbuf);
        return NULL;
    }
    return (PyObject *)mbuf;
}

/* Gives the exporter its buffer back. */
static void
mbuf_release(_PyManagedBufferObject *self)
{
    if (self->flags & _Py_MANAGED_BUFFER_RELEASED) {
        return;
    }
    self->flags |= _Py_MANAGED_BUFFER_RELEASED;
    _PyObject_GC_UNTRACK(self);
    PyBuffer_Release(&self->master);
}

static void
mbuf_dealloc(PyObject *op)
{
    _PyManagedBufferObject *self = (_PyManagedBufferObject *)op;
    assert(self->exports == 0);
    mbuf_release(self);
    if (self->flags & _Py_MANAGED_BUFFER_FREE_FORMAT) {
        PyMem_Free(self->master.format);
    }
    PyObject_GC_Del(self);
}

static int
mbuf_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((_PyManagedBufferObject *)self)->master.obj);
    return 0;
}

static int
mbuf_clear(PyObject *op)
{
    _PyManagedBufferObject *self = (_PyManagedBufferObject *)op;
    assert(self->exports >= 0);
    mbuf_release(self);
    return 0;
}

PyTypeObject _PyManagedBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "managedbuffer",
    .tp_basicsize = sizeof(_PyManagedBufferObject),
    .tp_dealloc = mbuf_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = mbuf_traverse,
    .tp_clear = mbuf_clear,
};

/* -- Layout of views ----------------------------------------------------------------------- */

Py_ssize_t
native_format(char *result, const char *format)
{
    Py_ssize_t size = -1;
    if (format[0] == '@') {
        format++;
    }
    switch (format[0]) {
    case 'c': case 'b': case 'B': size = sizeof(char); break;
    case 'h': case 'H': size = sizeof(short); break;
    case 'i': case 'I': size = sizeof(int); break;
    case 'l': case 'L': size = sizeof(long); break;
    case 'q': case 'Q': size = sizeof(long long); break;
    case 'n': case 'N': size = sizeof(Py_ssize_t); break;
    case 'f': size = sizeof(float); break;
    case 'd': size = sizeof(double); break;
    case 'e': size = sizeof(float) / 2; break;
    case '?': size = sizeof(_Bool); break;
    case 'P': size = sizeof(void *); break;
    default: break;
    }
    if (size > 0 && format[1] == '\0') {
        *result = format[0];
        return size;
    }
    *result = '_';
    return -1;
}

void
view_init_len(Py_buffer *view)
{
    Py_ssize_t len = 1;
    for (int i = 0; i < view->ndim; i++) {
        len *= view->shape[i];
    }
    view->len = len * view->itemsize;
}

void
view_init_flags(PyMemoryViewObject *self)
{
    const Py_buffer *view = &self->view;
    int flags = 0;
    if (view->ndim == 0) {
        flags |= _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    }
    else if (view->ndim == 1) {
        if (view->shape[0] == 1 || view->strides[0] == view->itemsize) {
            flags |= _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
        }
    }
    else {
        if (PyBuffer_IsContiguous(view, 'C')) {
            flags |= _Py_MEMORYVIEW_C;
        }
        if (PyBuffer_IsContiguous(view, 'F')) {
            flags |= _Py_MEMORYVIEW_FORTRAN;
        }
    }
    if (view->suboffsets != NULL) {
        flags |= _Py_MEMORYVIEW_PIL;
        flags &= ~(_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN);
    }
    self->flags = flags;
}

static void
init_c_strides(Py_buffer *view)
{
    view->strides[view->ndim - 1] = view->itemsize;
    for (int i = view->ndim - 2; i >= 0; i--) {
        view->strides[i] = view->strides[i + 1] * view->shape[i + 1];
    }
}

/* Shape, strides and suboffsets of src, completed, into the arrays of dest. */
static void
init_layout(Py_buffer *dest, const Py_buffer *src)
{
    if (src->ndim == 0) {
        dest->shape = NULL;
        dest->strides = NULL;
        dest->suboffsets = NULL;
        return;
    }
    if (src->ndim == 1) {
        dest->shape[0] = src->shape != NULL ? src->shape[0] : src->len / src->itemsize;
        dest->strides[0] = src->strides != NULL ? src->strides[0] : src->itemsize;
    }
    else {
        for (int i = 0; i < src->ndim; i++) {
            dest->shape[i] = src->shape[i];
        }
        if (src->strides != NULL) {
            for (int i = 0; i < src->ndim; i++) {
                dest->strides[i] = src->strides[i];
            }
        }
        else {
            init_c_strides(dest);
        }
    }
    if (src->suboffsets == NULL) {
        dest->suboffsets = NULL;
        return;
    }
    for (int i = 0; i < src->ndim; i++) {
        dest->suboffsets[i] = src->suboffsets[i];
    }
}

/* A view of ndim dimensions with room for its arrays; without a buffer yet. */
static PyMemoryViewObject *
view_alloc(int ndim)
{
    PyMemoryViewObject *mv = PyObject_GC_NewVar(PyMemoryViewObject, &PyMemoryView_Type, 3 * ndim);
    if (mv == NULL) {
        return NULL;
    }
    mv->mbuf = NULL;
    mv->hash = -1;
    mv->flags = 0;
    mv->exports = 0;
    mv->view.ndim = ndim;
    mv->view.shape = mv->ob_array;
    mv->view.strides = mv->ob_array + ndim;
    mv->view.suboffsets = mv->ob_array + 2 * ndim;
    mv->weakreflist = NULL;
    _PyObject_GC_TRACK(mv);
    return mv;
}

static void
mbuf_attach(_PyManagedBufferObject *mbuf, PyMemoryViewObject *mv)
{
    mv->mbuf = (_PyManagedBufferObject *)Py_NewRef(mbuf);
    Py_BEGIN_CRITICAL_SECTION(mbuf);
    mbuf->exports++;
    Py_END_CRITICAL_SECTION();
}

PyObject *
mbuf_add_view(_PyManagedBufferObject *mbuf, const Py_buffer *src)
{
    if (src == NULL) {
        src = &mbuf->master;
    }
    if (src->ndim > PyBUF_MAX_NDIM) {
        PyErr_Format(PyExc_ValueError, "memoryview: number of dimensions must not exceed %d",
                     PyBUF_MAX_NDIM);
        return NULL;
    }
    PyMemoryViewObject *mv = view_alloc(src->ndim);
    if (mv == NULL) {
        return NULL;
    }
    Py_buffer *dest = &mv->view;
    dest->obj = src->obj;  // borrowed: the managed buffer holds it
    dest->buf = src->buf;
    dest->len = src->len;
    dest->itemsize = src->itemsize;
    dest->readonly = src->readonly;
    dest->format = src->format != NULL ? src->format : "B";
    dest->internal = src->internal;
    init_layout(dest, src);
    view_init_flags(mv);
    mbuf_attach(mbuf, mv);
    return (PyObject *)mv;
}

/* A view of mbuf whose shape and strides the caller still has to fill in. */
static PyMemoryViewObject *
mbuf_add_incomplete_view(_PyManagedBufferObject *mbuf, const Py_buffer *src, int ndim)
{
    PyMemoryViewObject *mv = view_alloc(ndim);
    if (mv == NULL) {
        return NULL;
    }
    Py_buffer *dest = &mv->view;
    dest->obj = src->obj;
    dest->buf = src->buf;
    dest->len = src->len;
    dest->itemsize = src->itemsize;
    dest->readonly = src->readonly;
    dest->format = src->format != NULL ? src->format : "B";
    dest->internal = src->internal;
    dest->suboffsets = NULL;
    mbuf_attach(mbuf, mv);
    return mv;
}

/* -- Constructors -------------------------------------------------------------------------- */

PyObject *
PyMemoryView_FromMemory(char *mem, Py_ssize_t size, int flags)
{
    assert(mem != NULL && (flags == PyBUF_READ || flags == PyBUF_WRITE));
    _PyManagedBufferObject *mbuf = mbuf_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    PyObject *mv = NULL;
    if (PyBuffer_FillInfo(&mbuf->master, NULL, mem, size, flags != PyBUF_WRITE,
                          PyBUF_FULL_RO) == 0) {
        mv = mbuf_add_view(mbuf, NULL);
    }
    Py_DECREF(mbuf);
    return mv;
}

PyObject *
PyMemoryView_FromBuffer(const Py_buffer *info)
{
    if (info->buf == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "PyMemoryView_FromBuffer(): info->buf must not be NULL");
        return NULL;
    }
    _PyManagedBufferObject *mbuf = mbuf_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    /* The caller keeps the buffer: nothing is released here. */
    mbuf->master = *info;
    mbuf->master.obj = NULL;
    PyObject *mv = mbuf_add_view(mbuf, NULL);
    Py_DECREF(mbuf);
    return mv;
}

static int
check_unrestricted(PyMemoryViewObject *self)
{
    if (self->flags & _Py_MEMORYVIEW_RESTRICTED) {
        PyErr_SetString(PyExc_ValueError, "cannot create new view on restricted memoryview");
        return -1;
    }
    return 0;
}

static PyObject *
view_of_view_lock_held(PyMemoryViewObject *mv)
{
    return view_check(mv) < 0 || check_unrestricted(mv) < 0 ? NULL
        : mbuf_add_view(mv->mbuf, &mv->view);
}

static PyObject *
memoryview_from_object(PyObject *v, int flags)
{
    if (PyMemoryView_Check(v)) {
        PyObject *result;
        Py_BEGIN_CRITICAL_SECTION(v);
        result = view_of_view_lock_held(MV(v));
        Py_END_CRITICAL_SECTION();
        return result;
    }
    if (PyObject_CheckBuffer(v)) {
        PyObject *mbuf = mbuf_from_object(v, flags, NULL);
        if (mbuf == NULL) {
            return NULL;
        }
        PyObject *result = mbuf_add_view((_PyManagedBufferObject *)mbuf, NULL);
        Py_DECREF(mbuf);
        return result;
    }
    PyErr_Format(PyExc_TypeError, "memoryview: a bytes-like object is required, not '%.200s'",
                 Py_TYPE(v)->tp_name);
    return NULL;
}

PyObject *
PyMemoryView_FromObject(PyObject *v)
{
    return memoryview_from_object(v, PyBUF_FULL_RO);
}

PyObject *
_PyMemoryView_FromBufferProc(PyObject *v, int flags, getbufferproc bufferproc)
{
    PyObject *mbuf = mbuf_from_object(v, flags, bufferproc);
    if (mbuf == NULL) {
        return NULL;
    }
    PyObject *result = mbuf_add_view((_PyManagedBufferObject *)mbuf, NULL);
    Py_DECREF(mbuf);
    return result;
}

/* A view of new memory that holds the contents of src in an order. */
static PyObject *
view_of_copy(const Py_buffer *src, char order)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, src->len);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *mbuf = mbuf_from_object(bytes, PyBUF_FULL_RO, NULL);
    Py_DECREF(bytes);
    if (mbuf == NULL) {
        return NULL;
    }
    _PyManagedBufferObject *managed = (_PyManagedBufferObject *)mbuf;
    if (src->format != NULL) {
        managed->master.format = PyMem_Malloc(strlen(src->format) + 1);
        if (managed->master.format == NULL) {
            Py_DECREF(mbuf);
            return PyErr_NoMemory();
        }
        managed->flags |= _Py_MANAGED_BUFFER_FREE_FORMAT;
        strcpy(managed->master.format, src->format);
    }
    PyMemoryViewObject *mv = mbuf_add_incomplete_view(managed, &managed->master, src->ndim);
    Py_DECREF(mbuf);
    if (mv == NULL) {
        return NULL;
    }
    Py_buffer *dest = &mv->view;
    dest->itemsize = src->itemsize;
    for (int i = 0; i < src->ndim; i++) {
        dest->shape[i] = src->shape[i];
    }
    if (order == 'C' || order == 'A') {
        init_c_strides(dest);
    }
    else {
        dest->strides[0] = dest->itemsize;
        for (int i = 1; i < dest->ndim; i++) {
            dest->strides[i] = dest->strides[i - 1] * dest->shape[i - 1];
        }
    }
    view_init_flags(mv);
    if (copy_buffer(dest, src) < 0) {
        Py_DECREF(mv);
        return NULL;
    }
    return (PyObject *)mv;
}

PyObject *
PyMemoryView_GetContiguous(PyObject *obj, int buffertype, char order)
{
    assert(buffertype == PyBUF_READ || buffertype == PyBUF_WRITE);
    assert(order == 'C' || order == 'F' || order == 'A');
    PyMemoryViewObject *mv = MV(PyMemoryView_FromObject(obj));
    if (mv == NULL) {
        return NULL;
    }
    Py_buffer *view = &mv->view;
    if (buffertype == PyBUF_WRITE && view->readonly) {
        PyErr_SetString(PyExc_BufferError, "underlying buffer is not writable");
        Py_DECREF(mv);
        return NULL;
    }
    if (PyBuffer_IsContiguous(view, order)) {
        return (PyObject *)mv;
    }
    if (buffertype == PyBUF_WRITE) {
        PyErr_SetString(PyExc_BufferError,
                        "writable contiguous buffer requested for a non-contiguous object.");
        Py_DECREF(mv);
        return NULL;
    }
    PyObject *result = view_of_copy(view, order);
    Py_DECREF(mv);
    return result;
}

/* -- Release ------------------------------------------------------------------------------- */

/* One view less; the last one gives the buffer back. */
static void
mbuf_detach(_PyManagedBufferObject *mbuf)
{
    int last;
    Py_BEGIN_CRITICAL_SECTION(mbuf);
    assert(mbuf->exports > 0);
    last = --mbuf->exports == 0;
    Py_END_CRITICAL_SECTION();
    if (last) {
        mbuf_release(mbuf);
    }
}

int
view_release_lock_held(PyMemoryViewObject *self)
{
    if (self->flags & _Py_MEMORYVIEW_RELEASED) {
        return 0;
    }
    if (self->exports > 0) {
        PyErr_Format(PyExc_BufferError, "memoryview has %zd exported buffer%s", self->exports,
                     self->exports == 1 ? "" : "s");
        return -1;
    }
    self->flags |= _Py_MEMORYVIEW_RELEASED;
    mbuf_detach(self->mbuf);
    return 0;
}

static void
memory_dealloc(PyObject *op)
{
    PyMemoryViewObject *self = MV(op);
    assert(self->exports == 0);
    _PyObject_GC_UNTRACK(self);
    if (self->mbuf != NULL) {
        (void)view_release_lock_held(self);
        Py_CLEAR(self->mbuf);
    }
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    PyObject_GC_Del(self);
}

static int
memory_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(MV(self)->mbuf);
    return 0;
}

static int
memory_clear(PyObject *op)
{
    PyMemoryViewObject *self = MV(op);
    if (self->exports == 0 && self->mbuf != NULL) {
        (void)view_release_lock_held(self);
        Py_CLEAR(self->mbuf);
    }
    return 0;
}

/* -- Lending ------------------------------------------------------------------------------- */

static int
memory_getbuf_lock_held(PyMemoryViewObject *self, Py_buffer *view, int flags)
{
    const Py_buffer *base = &self->view;
    int own = self->flags;
    const char *message = NULL;
    if (view_check(self) < 0 || check_unrestricted(self) < 0) {
        return -1;
    }
    *view = *base;
    view->obj = NULL;
    if ((flags & PyBUF_WRITABLE) && base->readonly) {
        message = "memoryview: underlying buffer is not writable";
        goto fail;
    }
    if (!(flags & PyBUF_FORMAT)) {
        view->format = NULL;
    }
#define ASKS(what) ((flags & (what)) == (what))
    if (ASKS(PyBUF_C_CONTIGUOUS) && !view_is_c_contiguous(own)) {
        message = "memoryview: underlying buffer is not C-contiguous";
        goto fail;
    }
    if (ASKS(PyBUF_F_CONTIGUOUS) && !view_is_f_contiguous(own)) {
        message = "memoryview: underlying buffer is not Fortran contiguous";
        goto fail;
    }
    if (ASKS(PyBUF_ANY_CONTIGUOUS) && !view_is_c_contiguous(own) && !view_is_f_contiguous(own)) {
        message = "memoryview: underlying buffer is not contiguous";
        goto fail;
    }
    if (!ASKS(PyBUF_INDIRECT) && (own & _Py_MEMORYVIEW_PIL)) {
        message = "memoryview: underlying buffer requires suboffsets";
        goto fail;
    }
    if (!ASKS(PyBUF_STRIDES)) {
        if (!view_is_c_contiguous(own)) {
            message = "memoryview: underlying buffer is not C-contiguous";
            goto fail;
        }
        view->strides = NULL;
    }
    if (!ASKS(PyBUF_ND)) {
        if (view->format != NULL) {
            message = "memoryview: cannot cast to unsigned bytes if the format flag is present";
            goto fail;
        }
        view->ndim = 1;
        view->shape = NULL;
    }
#undef ASKS
    view->obj = Py_NewRef((PyObject *)self);
    self->exports++;
    return 0;
fail:
    PyErr_SetString(PyExc_BufferError, message);
    return -1;
}

static int
memory_getbuf(PyObject *self, Py_buffer *view, int flags)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = memory_getbuf_lock_held(MV(self), view, flags);
    Py_END_CRITICAL_SECTION();
    return result;
}

static void
memory_releasebuf(PyObject *self, Py_buffer *Py_UNUSED(view))
{
    Py_BEGIN_CRITICAL_SECTION(self);
    MV(self)->exports--;
    Py_END_CRITICAL_SECTION();
}

PyBufferProcs _PyMemoryView_AsBuffer = {
    .bf_getbuffer = memory_getbuf,
    .bf_releasebuffer = memory_releasebuf,
};

/* -- Casts --------------------------------------------------------------------------------- */

static int
is_byte_format(char format)
{
    return format == 'b' || format == 'B' || format == 'c';
}

/* Text of a native format that lives for ever: what a cast view points to. */
static const char *
static_format(const char *format)
{
    static const char *const formats[] = {
        "c", "b", "B", "h", "H", "i", "I", "l", "L", "q", "Q", "n", "N", "f", "d", "e", "?", "P",
        "@c", "@b", "@B", "@h", "@H", "@i", "@I", "@l", "@L", "@q", "@Q", "@n", "@N", "@f", "@d",
        "@e", "@?", "@P",
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(formats); i++) {
        if (strcmp(format, formats[i]) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

static int
cast_to_1d(PyMemoryViewObject *mv, PyObject *format)
{
    Py_buffer *view = &mv->view;
    char src_char, dest_char;
    assert(view->ndim >= 1);
    const char *text = PyUnicode_AsUTF8(format);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t itemsize = native_format(&dest_char, text);
    if (itemsize < 0) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: destination format must be a native single character format "
                        "prefixed with an optional '@'");
        return -1;
    }
    if ((native_format(&src_char, view->format) < 0 || !is_byte_format(src_char))
            && !is_byte_format(dest_char)) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: cannot cast between two non-byte formats");
        return -1;
    }
    if (view->len % itemsize) {
        PyErr_SetString(PyExc_TypeError, "memoryview: length is not a multiple of itemsize");
        return -1;
    }
    view->format = (char *)static_format(text);
    view->itemsize = itemsize;
    view->ndim = 1;
    view->shape[0] = view->len / itemsize;
    view->strides[0] = itemsize;
    view->suboffsets = NULL;
    view_init_flags(mv);
    return 0;
}

/* Fills shape; the number of items, -1 on error. */
static Py_ssize_t
parse_shape(Py_ssize_t *shape, PyObject *seq, int ndim)
{
    Py_ssize_t product = 1;
    for (int i = 0; i < ndim; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(seq, i);
        if (!PyLong_Check(item)) {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview.cast(): elements of shape must be integers");
            return -1;
        }
        Py_ssize_t x = PyLong_AsSsize_t(item);
        if (x == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (x <= 0) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview.cast(): elements of shape must be integers > 0");
            return -1;
        }
        if (x > PY_SSIZE_T_MAX / product) {
            PyErr_SetString(PyExc_ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX");
            return -1;
        }
        product *= x;
        shape[i] = x;
    }
    return product;
}

static int
cast_to_nd(PyMemoryViewObject *mv, PyObject *shape, int ndim)
{
    Py_buffer *view = &mv->view;
    Py_ssize_t items = 1;
    view->ndim = ndim;
    view->suboffsets = NULL;
    if (ndim == 0) {
        view->shape = NULL;
        view->strides = NULL;
    }
    else {
        view->shape = mv->ob_array;
        view->strides = mv->ob_array + ndim;
        items = parse_shape(view->shape, shape, ndim);
        if (items < 0) {
            return -1;
        }
        init_c_strides(view);
    }
    if (items > PY_SSIZE_T_MAX / view->itemsize || items * view->itemsize != view->len) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: product(shape) * itemsize != buffer size");
        return -1;
    }
    view_init_flags(mv);
    return 0;
}

PyObject *
_PyMemoryView_Cast(PyMemoryViewObject *self, PyObject *format, PyObject *shape)
{
    int ndim = 1;
    if (view_check(self) < 0 || check_unrestricted(self) < 0) {
        return NULL;
    }
    if (!view_is_c_contiguous(self->flags)) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: casts are restricted to C-contiguous views");
        return NULL;
    }
    if (shape != NULL || self->view.ndim != 1) {
        for (int i = 0; i < self->view.ndim; i++) {
            if (self->view.shape[i] == 0) {
                PyErr_SetString(PyExc_TypeError,
                                "memoryview: cannot cast view with zeros in shape or strides");
                return NULL;
            }
        }
    }
    if (shape != NULL) {
        Py_ssize_t n = PySequence_Fast_GET_SIZE(shape);
        if (n > PyBUF_MAX_NDIM) {
            PyErr_Format(PyExc_ValueError, "memoryview: number of dimensions must not exceed %d",
                         PyBUF_MAX_NDIM);
            return NULL;
        }
        ndim = (int)n;
        if (self->view.ndim != 1 && ndim != 1) {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview: cast must be 1D -> ND or ND -> 1D");
            return NULL;
        }
    }
    PyMemoryViewObject *mv = mbuf_add_incomplete_view(self->mbuf, &self->view,
                                                      ndim == 0 ? 1 : ndim);
    if (mv == NULL) {
        return NULL;
    }
    if (cast_to_1d(mv, format) < 0 || (shape != NULL && cast_to_nd(mv, shape, ndim) < 0)) {
        Py_DECREF(mv);
        return NULL;
    }
    return (PyObject *)mv;
}

PyObject *
_PyMemoryView_ToReadonly(PyMemoryViewObject *self)
{
    if (view_check(self) < 0 || check_unrestricted(self) < 0) {
        return NULL;
    }
    PyObject *result = mbuf_add_view(self->mbuf, &self->view);
    if (result != NULL) {
        MV(result)->view.readonly = 1;
    }
    return result;
}

PyObject *
_PyMemoryView_FromFlags(PyObject *object, int flags)
{
    return memoryview_from_object(object, flags);
}

const destructor _PyMemoryView_Dealloc = memory_dealloc;
const traverseproc _PyMemoryView_Traverse = memory_traverse;
const inquiry _PyMemoryView_Clear = memory_clear;

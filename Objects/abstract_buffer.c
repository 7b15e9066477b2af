/* Buffer protocol. */
#include "Python.h"
#include "pycore_abstract.h"
#include "pycore_pyerrors.h"

int
PyObject_CheckBuffer(PyObject *obj)
{
    PyBufferProcs *tp_as_buffer = Py_TYPE(obj)->tp_as_buffer;
    return tp_as_buffer != NULL && tp_as_buffer->bf_getbuffer != NULL;
}

int
PyObject_GetBuffer(PyObject *obj, Py_buffer *view, int flags)
{
    if (flags != PyBUF_SIMPLE && (flags == PyBUF_READ || flags == PyBUF_WRITE)) {
        /* These belong to PyMemoryView_FromMemory(). */
        PyErr_BadInternalCall();
        return -1;
    }
    PyBufferProcs *pb = Py_TYPE(obj)->tp_as_buffer;
    if (pb == NULL || pb->bf_getbuffer == NULL) {
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'", Py_TYPE(obj)->tp_name);
        return -1;
    }
    int res = (*pb->bf_getbuffer)(obj, view, flags);
    assert((res >= 0) == !PyErr_Occurred());
    return res;
}

void
PyBuffer_Release(Py_buffer *view)
{
    PyObject *obj = view->obj;
    if (obj == NULL) {
        return;
    }
    PyBufferProcs *pb = Py_TYPE(obj)->tp_as_buffer;
    if (pb != NULL && pb->bf_releasebuffer != NULL) {
        pb->bf_releasebuffer(obj, view);
    }
    view->obj = NULL;
    Py_DECREF(obj);
}

int
PyBuffer_FillInfo(Py_buffer *view, PyObject *obj, void *buf, Py_ssize_t len, int readonly, int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete");
        return -1;
    }
    if (flags != PyBUF_SIMPLE) {
        if (flags == PyBUF_READ || flags == PyBUF_WRITE) {
            PyErr_BadInternalCall();
            return -1;
        }
        if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE && readonly == 1) {
            PyErr_SetString(PyExc_BufferError, "Object is not writable.");
            return -1;
        }
    }
    view->obj = Py_XNewRef(obj);
    view->buf = buf;
    view->len = len;
    view->readonly = readonly;
    view->itemsize = 1;
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? "B" : NULL;
    view->ndim = 1;
    view->shape = (flags & PyBUF_ND) == PyBUF_ND ? &view->len : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    view->suboffsets = NULL;
    view->internal = NULL;
    return 0;
}

/* -- Layout ------------------------------------------------------------------------------------------------ */

/* Walks the dimensions from the fastest to the slowest: each stride must be the size of what is inside. */
static int
is_contiguous(const Py_buffer *view, int first, int last, int step)
{
    if (view->len == 0) {
        return 1;
    }
    Py_ssize_t sd = view->itemsize;
    for (int i = first;; i += step) {
        if (i == last + step) {
            break;
        }
        Py_ssize_t dim = view->shape[i];
        if (dim > 1 && view->strides[i] != sd) {
            return 0;
        }
        sd *= dim;
    }
    return 1;
}

static int
is_fortran_contiguous(const Py_buffer *view)
{
    if (view->strides == NULL) {
        /* C-contiguous by definition; Fortran only if at most one dimension has more than one item. */
        if (view->ndim <= 1) {
            return 1;
        }
        int big = 0;
        for (int i = 0; i < view->ndim && view->shape != NULL; i++) {
            big += view->shape[i] > 1;
        }
        return big <= 1;
    }
    return view->ndim == 0 || is_contiguous(view, 0, view->ndim - 1, 1);
}

static int
is_c_contiguous(const Py_buffer *view)
{
    return view->strides == NULL || view->ndim == 0 || is_contiguous(view, view->ndim - 1, 0, -1);
}

int
PyBuffer_IsContiguous(const Py_buffer *view, char order)
{
    if (view->suboffsets != NULL) {
        return 0;
    }
    switch (order) {
    case 'C': return is_c_contiguous(view);
    case 'F': return is_fortran_contiguous(view);
    case 'A': return is_c_contiguous(view) || is_fortran_contiguous(view);
    default: return 0;
    }
}

void *
PyBuffer_GetPointer(const Py_buffer *view, const Py_ssize_t *indices)
{
    char *pointer = view->buf;
    for (int i = 0; i < view->ndim; i++) {
        pointer += view->strides[i] * indices[i];
        if (view->suboffsets != NULL && view->suboffsets[i] >= 0) {
            pointer = *((char **)pointer) + view->suboffsets[i];
        }
    }
    return pointer;
}

/* The next index in Fortran order (first dimension fastest), or C order. */
void
_Py_add_one_to_index_F(int nd, Py_ssize_t *index, const Py_ssize_t *shape)
{
    for (int k = 0; k < nd; k++) {
        if (index[k] < shape[k] - 1) {
            index[k]++;
            break;
        }
        index[k] = 0;
    }
}

void
_Py_add_one_to_index_C(int nd, Py_ssize_t *index, const Py_ssize_t *shape)
{
    for (int k = nd - 1; k >= 0; k--) {
        if (index[k] < shape[k] - 1) {
            index[k]++;
            break;
        }
        index[k] = 0;
    }
}

void
PyBuffer_FillContiguousStrides(int nd, Py_ssize_t *shape, Py_ssize_t *strides, int itemsize, char fort)
{
    Py_ssize_t sd = itemsize;
    if (nd <= 1 || fort == 'F') {
        for (int k = 0; k < nd; k++) {
            strides[k] = sd;
            sd *= shape[k];
        }
    }
    else {
        for (int k = nd - 1; k >= 0; k--) {
            strides[k] = sd;
            sd *= shape[k];
        }
    }
}

Py_ssize_t
PyBuffer_SizeFromFormat(const char *format)
{
    PyObject *res = NULL, *fmt = NULL;
    Py_ssize_t itemsize = -1;
    PyObject *calcsize = PyImport_ImportModuleAttrString("struct", "calcsize");
    if (calcsize == NULL) {
        goto done;
    }
    fmt = PyUnicode_FromString(format);
    if (fmt == NULL) {
        goto done;
    }
    res = PyObject_CallOneArg(calcsize, fmt);
    if (res == NULL) {
        goto done;
    }
    itemsize = PyLong_AsSsize_t(res);
done:
    Py_XDECREF(calcsize);
    Py_XDECREF(fmt);
    Py_XDECREF(res);
    return itemsize;
}

/* -- Copies ------------------------------------------------------------------------------------------------- */

int
PyBuffer_FromContiguous(const Py_buffer *view, const void *buf, Py_ssize_t len, char fort)
{
    if (len > view->len) {
        len = view->len;
    }
    if (PyBuffer_IsContiguous(view, fort)) {
        memcpy(view->buf, buf, (size_t)len);
        return 0;
    }
    Py_ssize_t *indices = PyMem_Calloc((size_t)view->ndim, sizeof(Py_ssize_t));
    if (indices == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    void (*addone)(int, Py_ssize_t *, const Py_ssize_t *) =
        fort == 'F' ? _Py_add_one_to_index_F : _Py_add_one_to_index_C;
    const char *src = buf;
    for (Py_ssize_t elements = len / view->itemsize; elements > 0; elements--) {
        char *ptr = PyBuffer_GetPointer(view, indices);
        memcpy(ptr, src, (size_t)view->itemsize);
        src += view->itemsize;
        addone(view->ndim, indices, view->shape);
    }
    PyMem_Free(indices);
    return 0;
}

int
PyObject_CopyData(PyObject *dest, PyObject *src)
{
    Py_buffer view_dest, view_src;
    if (!PyObject_CheckBuffer(dest) || !PyObject_CheckBuffer(src)) {
        PyErr_SetString(PyExc_TypeError, "both destination and source must be bytes-like objects");
        return -1;
    }
    if (PyObject_GetBuffer(dest, &view_dest, PyBUF_FULL) != 0) {
        return -1;
    }
    if (PyObject_GetBuffer(src, &view_src, PyBUF_FULL_RO) != 0) {
        PyBuffer_Release(&view_dest);
        return -1;
    }
    int result = -1;
    if (view_dest.len < view_src.len) {
        PyErr_SetString(PyExc_BufferError, "destination is too small to receive data from source");
        goto done;
    }
    if ((PyBuffer_IsContiguous(&view_dest, 'C') && PyBuffer_IsContiguous(&view_src, 'C'))
        || (PyBuffer_IsContiguous(&view_dest, 'F') && PyBuffer_IsContiguous(&view_src, 'F'))) {
        memcpy(view_dest.buf, view_src.buf, (size_t)view_src.len);
        result = 0;
        goto done;
    }
    Py_ssize_t *indices = PyMem_Calloc((size_t)view_src.ndim, sizeof(Py_ssize_t));
    if (indices == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    Py_ssize_t elements = 1;
    for (int i = 0; i < view_src.ndim; i++) {
        elements *= view_src.shape[i];
    }
    while (elements--) {
        memcpy(PyBuffer_GetPointer(&view_dest, indices), PyBuffer_GetPointer(&view_src, indices),
               (size_t)view_src.itemsize);
        _Py_add_one_to_index_C(view_src.ndim, indices, view_src.shape);
    }
    PyMem_Free(indices);
    result = 0;
done:
    PyBuffer_Release(&view_dest);
    PyBuffer_Release(&view_src);
    return result;
}

/* -- Old buffer functions of the stable ABI --------------------------------------------------------------------- */

PyAPI_FUNC(int)
PyObject_CheckReadBuffer(PyObject *obj)
{
    PyBufferProcs *pb = Py_TYPE(obj)->tp_as_buffer;
    Py_buffer view;
    if (pb == NULL || pb->bf_getbuffer == NULL) {
        return 0;
    }
    if ((*pb->bf_getbuffer)(obj, &view, PyBUF_SIMPLE) == -1) {
        PyErr_Clear();
        return 0;
    }
    PyBuffer_Release(&view);
    return 1;
}

static int
as_simple_buffer(PyObject *obj, const void **buffer, Py_ssize_t *buffer_len, int flags)
{
    Py_buffer view;
    if (obj == NULL || buffer == NULL || buffer_len == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
        }
        return -1;
    }
    if (PyObject_GetBuffer(obj, &view, flags) != 0) {
        return -1;
    }
    *buffer = view.buf;
    *buffer_len = view.len;
    PyBuffer_Release(&view);
    return 0;
}

PyAPI_FUNC(int)
PyObject_AsCharBuffer(PyObject *obj, const char **buffer, Py_ssize_t *buffer_len)
{
    return as_simple_buffer(obj, (const void **)buffer, buffer_len, PyBUF_SIMPLE);
}

PyAPI_FUNC(int)
PyObject_AsReadBuffer(PyObject *obj, const void **buffer, Py_ssize_t *buffer_len)
{
    return as_simple_buffer(obj, buffer, buffer_len, PyBUF_SIMPLE);
}

PyAPI_FUNC(int)
PyObject_AsWriteBuffer(PyObject *obj, void **buffer, Py_ssize_t *buffer_len)
{
    return as_simple_buffer(obj, (const void **)buffer, buffer_len, PyBUF_WRITABLE);
}

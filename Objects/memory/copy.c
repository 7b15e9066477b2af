/* Copying between buffers of any layout.  Pure functions of Py_buffers. */
#include "memory_impl.h"

#define HAVE_SUBOFFSETS(view, dim) ((view)->suboffsets != NULL && (view)->suboffsets[dim] >= 0)

/* -- Same structure ------------------------------------------------------------------------ */

static int
same_structure(const Py_buffer *dest, const Py_buffer *src)
{
    const char *a = dest->format, *b = src->format;
    a += a[0] == '@';
    b += b[0] == '@';
    int same = strcmp(a, b) == 0 && dest->itemsize == src->itemsize && dest->ndim == src->ndim;
    for (int i = 0; same && i < dest->ndim; i++) {
        if (dest->shape[i] != src->shape[i]) {
            same = 0;
        }
        if (dest->shape[i] == 0) {
            break;
        }
    }
    if (!same) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview assignment: lvalue and rvalue have different structures");
    }
    return same;
}

/* -- Copying ------------------------------------------------------------------------------- */

/* One dimension; mem is room for the items, NULL if both are simple and contiguous. */
static void
copy_base(const Py_ssize_t *shape, Py_ssize_t itemsize, char *dptr, const Py_ssize_t *dstrides,
          const Py_ssize_t *dsuboffsets, char *sptr, const Py_ssize_t *sstrides,
          const Py_ssize_t *ssuboffsets, char *mem)
{
    if (mem == NULL) {
        memmove(dptr, sptr, (size_t)(shape[0] * itemsize));
        return;
    }
    char *p = mem;
    for (Py_ssize_t i = 0; i < shape[0]; p += itemsize, sptr += sstrides[0], i++) {
        memcpy(p, adjust_pointer(sptr, ssuboffsets, 0), (size_t)itemsize);
    }
    p = mem;
    for (Py_ssize_t i = 0; i < shape[0]; p += itemsize, dptr += dstrides[0], i++) {
        memcpy(adjust_pointer(dptr, dsuboffsets, 0), p, (size_t)itemsize);
    }
}

static void
copy_rec(const Py_ssize_t *shape, int ndim, Py_ssize_t itemsize, char *dptr,
         const Py_ssize_t *dstrides, const Py_ssize_t *dsuboffsets, char *sptr,
         const Py_ssize_t *sstrides, const Py_ssize_t *ssuboffsets, char *mem)
{
    if (ndim == 1) {
        copy_base(shape, itemsize, dptr, dstrides, dsuboffsets, sptr, sstrides, ssuboffsets, mem);
        return;
    }
    for (Py_ssize_t i = 0; i < shape[0]; dptr += dstrides[0], sptr += sstrides[0], i++) {
        copy_rec(shape + 1, ndim - 1, itemsize, adjust_pointer(dptr, dsuboffsets, 0),
                 dstrides + 1, dsuboffsets == NULL ? NULL : dsuboffsets + 1,
                 adjust_pointer(sptr, ssuboffsets, 0), sstrides + 1,
                 ssuboffsets == NULL ? NULL : ssuboffsets + 1, mem);
    }
}

static int
last_dim_is_contiguous(const Py_buffer *dest, const Py_buffer *src)
{
    int last = dest->ndim - 1;
    return !HAVE_SUBOFFSETS(dest, last) && !HAVE_SUBOFFSETS(src, last)
        && dest->strides[last] == dest->itemsize && src->strides[last] == src->itemsize;
}

int
copy_buffer(const Py_buffer *dest, const Py_buffer *src)
{
    assert(dest->ndim > 0);
    if (!same_structure(dest, src)) {
        return -1;
    }
    char *mem = NULL;
    if (!last_dim_is_contiguous(dest, src)) {
        mem = PyMem_Malloc((size_t)(dest->shape[dest->ndim - 1] * dest->itemsize) + 1);
        if (mem == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    copy_rec(dest->shape, dest->ndim, dest->itemsize, dest->buf, dest->strides, dest->suboffsets,
             src->buf, src->strides, src->suboffsets, mem);
    PyMem_Free(mem);
    return 0;
}

int
copy_single(const Py_buffer *dest, const Py_buffer *src)
{
    assert(dest->ndim == 1);
    return copy_buffer(dest, src);
}

/* -- To contiguous memory ------------------------------------------------------------------ */

int
buffer_to_contiguous(char *mem, const Py_buffer *src, char order)
{
    assert(src->ndim >= 1 && src->shape != NULL && src->strides != NULL);
    Py_ssize_t strides[PyBUF_MAX_NDIM];
    Py_buffer dest = *src;
    dest.buf = mem;
    dest.strides = strides;
    dest.suboffsets = NULL;
    if (order == 'C' || order == 'A') {
        strides[src->ndim - 1] = src->itemsize;
        for (int i = src->ndim - 2; i >= 0; i--) {
            strides[i] = strides[i + 1] * src->shape[i + 1];
        }
    }
    else {
        strides[0] = src->itemsize;
        for (int i = 1; i < src->ndim; i++) {
            strides[i] = strides[i - 1] * src->shape[i - 1];
        }
    }
    Py_buffer from = *src;
    if (dest.format == NULL) {
        dest.format = from.format = "B";
    }
    return copy_buffer(&dest, &from);
}

int
PyBuffer_ToContiguous(void *buf, const Py_buffer *src, Py_ssize_t len, char order)
{
    if (len != src->len) {
        PyErr_SetString(PyExc_ValueError, "PyBuffer_ToContiguous: len != view->len");
        return -1;
    }
    if (PyBuffer_IsContiguous(src, order)) {
        memcpy(buf, src->buf, (size_t)len);
        return 0;
    }
    Py_buffer full = *src;
    Py_ssize_t strides[PyBUF_MAX_NDIM], shape[1];
    if (full.shape == NULL) {
        shape[0] = full.itemsize == 0 ? 0 : full.len / full.itemsize;
        full.shape = shape;
        full.ndim = 1;
    }
    if (full.strides == NULL) {
        strides[full.ndim - 1] = full.itemsize;
        for (int i = full.ndim - 2; i >= 0; i--) {
            strides[i] = strides[i + 1] * full.shape[i + 1];
        }
        full.strides = strides;
    }
    return buffer_to_contiguous(buf, &full, order);
}

/* The buffer protocol: how objects lend their memory to others. */
#ifndef Py_PYBUFFER_H
#define Py_PYBUFFER_H

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000

typedef struct {
    void *buf;
    PyObject *obj;  /* owned reference to the exporter */
    Py_ssize_t len;  /* in bytes */
    Py_ssize_t itemsize;  /* in bytes */
    int readonly;
    int ndim;
    char *format;
    Py_ssize_t *shape;
    Py_ssize_t *strides;
    Py_ssize_t *suboffsets;
    void *internal;  /* for the exporter */
} Py_buffer;

typedef int (*getbufferproc)(PyObject *, Py_buffer *, int);
typedef void (*releasebufferproc)(PyObject *, Py_buffer *);
#endif

/* -- Getting and releasing -- */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_FUNC(int) PyBuffer_FillInfo(
    Py_buffer *view, PyObject *exporter, void *buf, Py_ssize_t len, int readonly, int flags);
PyAPI_FUNC(void) PyBuffer_Release(Py_buffer *view);
PyAPI_FUNC(int) PyObject_CheckBuffer(PyObject *obj);
PyAPI_FUNC(int) PyObject_CopyData(PyObject *obj, PyObject *other);
PyAPI_FUNC(int) PyObject_GetBuffer(PyObject *exporter, Py_buffer *view, int flags);
#endif

/* -- Layout and copies -- */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_FUNC(void) PyBuffer_FillContiguousStrides(
    int flag, Py_ssize_t *p_n, Py_ssize_t *p_n2, int flag2, char order);
PyAPI_FUNC(int) PyBuffer_FromContiguous(
    const Py_buffer *view, const void *data, Py_ssize_t n, char order);
PyAPI_FUNC(void *) PyBuffer_GetPointer(const Py_buffer *view, const Py_ssize_t *arg);
PyAPI_FUNC(int) PyBuffer_IsContiguous(const Py_buffer *view, char order);
PyAPI_FUNC(Py_ssize_t) PyBuffer_SizeFromFormat(const char *str);
PyAPI_FUNC(int) PyBuffer_ToContiguous(void *data, const Py_buffer *view, Py_ssize_t n, char order);
#endif

/* -- What a consumer asks for, in flags -- */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
#define PyBUF_MAX_NDIM 64

#define PyBUF_SIMPLE         0
#define PyBUF_WRITABLE       0x1
#ifndef Py_LIMITED_API
#  define PyBUF_WRITEABLE    PyBUF_WRITABLE
#endif
#define PyBUF_FORMAT         0x4
#define PyBUF_ND             0x8
#define PyBUF_STRIDES        (0x10 | PyBUF_ND)
#define PyBUF_C_CONTIGUOUS   (0x20 | PyBUF_STRIDES)
#define PyBUF_F_CONTIGUOUS   (0x40 | PyBUF_STRIDES)
#define PyBUF_ANY_CONTIGUOUS (0x80 | PyBUF_STRIDES)
#define PyBUF_INDIRECT       (0x100 | PyBUF_STRIDES)

#define PyBUF_CONTIG     (PyBUF_ND | PyBUF_WRITABLE)
#define PyBUF_CONTIG_RO  (PyBUF_ND)
#define PyBUF_STRIDED    (PyBUF_STRIDES | PyBUF_WRITABLE)
#define PyBUF_STRIDED_RO (PyBUF_STRIDES)
#define PyBUF_RECORDS    (PyBUF_STRIDES | PyBUF_WRITABLE | PyBUF_FORMAT)
#define PyBUF_RECORDS_RO (PyBUF_STRIDES | PyBUF_FORMAT)
#define PyBUF_FULL       (PyBUF_INDIRECT | PyBUF_WRITABLE | PyBUF_FORMAT)
#define PyBUF_FULL_RO    (PyBUF_INDIRECT | PyBUF_FORMAT)

/* Modes of PyMemoryView_FromMemory() and its like. */
#define PyBUF_READ  0x100
#define PyBUF_WRITE 0x200
#endif

#ifdef __cplusplus
}
#endif
#endif

/* Layout of memoryview objects and of the managed buffer that views share. */
#if !defined(Py_CPYTHON_MEMORYOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_MEMORYOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#define _Py_MANAGED_BUFFER_RELEASED    0x001
#define _Py_MANAGED_BUFFER_FREE_FORMAT 0x002

typedef struct {
    PyObject_HEAD
    int flags;  /* _Py_MANAGED_BUFFER_... */
    Py_ssize_t exports;  /* number of views */
    Py_buffer master;  /* what the exporter lent */
} _PyManagedBufferObject;

#define _Py_MEMORYVIEW_RELEASED   0x001
#define _Py_MEMORYVIEW_C          0x002
#define _Py_MEMORYVIEW_FORTRAN    0x004
#define _Py_MEMORYVIEW_SCALAR     0x008
#define _Py_MEMORYVIEW_PIL        0x010
#define _Py_MEMORYVIEW_RESTRICTED 0x020

typedef struct {
    PyObject_VAR_HEAD
    _PyManagedBufferObject *mbuf;
    Py_hash_t hash;
    int flags;  /* _Py_MEMORYVIEW_... */
    Py_ssize_t exports;  /* buffers lent by this view */
    Py_buffer view;
    PyObject *weakreflist;
    Py_ssize_t ob_array[1];  /* shape, strides and suboffsets of view */
} PyMemoryViewObject;

#define _PyMemoryView_CAST(op) _Py_CAST(PyMemoryViewObject*, (op))

static inline Py_buffer *
PyMemoryView_GET_BUFFER(PyObject *op)
{
    return &_PyMemoryView_CAST(op)->view;
}
#define PyMemoryView_GET_BUFFER(op) PyMemoryView_GET_BUFFER(_PyObject_CAST(op))

static inline PyObject *
PyMemoryView_GET_BASE(PyObject *op)
{
    return _PyMemoryView_CAST(op)->view.obj;
}
#define PyMemoryView_GET_BASE(op) PyMemoryView_GET_BASE(_PyObject_CAST(op))

#ifdef __cplusplus
}
#endif
#endif

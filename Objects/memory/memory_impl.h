/* What the files of Objects/memory/ share.

   A managed buffer owns what an exporter lent; views share it and have shapes of their own.  A view
   that lends buffers itself counts them in exports and cannot be released meanwhile.
   Locking: flags and exports of a view in its critical section, exports of the managed buffer in
   that of the managed buffer; the rest of a view is const once it is made.  Every operation that
   follows view.buf holds the view's critical section, so that release() waits for it. */
#ifndef Ly_MEMORY_IMPL_H
#define Ly_MEMORY_IMPL_H

#include "Python.h"
#include "pycore_abstract.h"          // _PyIndex_Check
#include "pycore_critical_section.h"  // Py_BEGIN_CRITICAL_SECTION
#include "pycore_memoryobject.h"
#include "pycore_object.h"            // _PyObject_GC_TRACK

#define MV(op) ((PyMemoryViewObject *)(op))

/* ValueError if the view, or the buffer behind it, has been released. */
static inline int
view_check(PyMemoryViewObject *self)
{
    if ((self->flags & _Py_MEMORYVIEW_RELEASED)
            || (self->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED)) {
        PyErr_SetString(PyExc_ValueError, "operation forbidden on released memoryview object");
        return -1;
    }
    return 0;
}

static inline int
view_is_c_contiguous(int flags)
{
    return (flags & (_Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C)) != 0;
}

static inline int
view_is_f_contiguous(int flags)
{
    return (flags & (_Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_FORTRAN)) != 0;
}

/* Address of an item once suboffsets are taken into account. */
static inline char *
adjust_pointer(char *p, const Py_ssize_t *suboffsets, int dim)
{
    return suboffsets != NULL && suboffsets[dim] >= 0 ? *(char **)p + suboffsets[dim] : p;
}

/* The one format character of a native format (with or without '@') and its size; '_', -1 if it is
   something else (object.c). */
extern Py_ssize_t native_format(char *result, const char *format);
/* A view of mbuf with the layout of src (its own, if NULL). */
extern PyObject *mbuf_add_view(_PyManagedBufferObject *mbuf, const Py_buffer *src);
extern void view_init_len(Py_buffer *view);
extern void view_init_flags(PyMemoryViewObject *self);
extern int view_release_lock_held(PyMemoryViewObject *self);

/* Items (items.c). */
extern const char *simple_format(const Py_buffer *view);
extern PyObject *unpack_single(PyMemoryViewObject *self, const char *p, const char *format);
extern PyObject *memory_subscript(PyObject *self, PyObject *key);
extern PyObject *memory_item(PyObject *self, Py_ssize_t index);
extern int memory_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
extern PyObject *memory_tolist_lock_held(PyMemoryViewObject *self);

/* Copies (copy.c). */
extern int copy_single(const Py_buffer *dest, const Py_buffer *src);
extern int copy_buffer(const Py_buffer *dest, const Py_buffer *src);
/* Contents of src in an order, C, F or A, into mem of src->len bytes. */
extern int buffer_to_contiguous(char *mem, const Py_buffer *src, char order);

/* Comparison (compare.c). */
extern PyObject *memory_richcompare(PyObject *v, PyObject *w, int op);

#endif

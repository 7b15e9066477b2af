/* Shared by the files of the collector and the allocator of GC objects (Python/memory). */
#ifndef Py_INTERNAL_GC_INT_H
#define Py_INTERNAL_GC_INT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_object_alloc.h"  // struct _Py_page

/* In front of the block of an object that does not fit a page. */
struct _Py_gc_large {
    struct _Py_gc_large *next, *prev;  // guarded by the stripe's mutex
    PyInterpreterState *interp;        // const
    size_t size;                       // const: of the block
    uint32_t gc_refs;                  // the collector's, as a page's gc_refs[]
    uint16_t object_offset;            // const
    uint16_t is_old;                   // guarded by the stripe's mutex: which list
    uint64_t pad;                      // the block is aligned to 16
};
static_assert(sizeof(struct _Py_gc_large) % 16 == 0, "blocks are aligned");

static inline PyObject *
_Py_gc_large_object(struct _Py_gc_large *large)
{
    return (PyObject *)((char *)(large + 1) + large->object_offset);
}

/* A collector's word: 0 when the object is not a candidate. */
#define GC_CANDIDATE  1u
#define GC_REACHABLE  2u
#define GC_MARKED     4u     // by the search for what legacy finalizers reach
#define GC_REF_SHIFT  3
#define GC_REF_ONE    (1u << GC_REF_SHIFT)
#define GC_REF_MAX    (UINT32_MAX >> GC_REF_SHIFT)

/* A stack or list of objects outside of all domains. */
struct gc_vector {
    PyObject **items;
    size_t count, capacity;
};

extern int _PyGC_VectorPush(struct gc_vector *v, PyObject *op);
extern void _PyGC_VectorFree(struct gc_vector *v);

/* Visits every tracked object of the interpreter; the world is stopped.  Stops at the first nonzero result. */
typedef int (*_PyGC_object_visit)(PyObject *op, void *arg);
extern int _PyGC_VisitTracked(PyInterpreterState *interp, _PyGC_object_visit visit, void *arg);

#endif  // Py_INTERNAL_GC_INT_H

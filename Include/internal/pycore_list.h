/* List internals: the item block, lock-free reads, iterators.

   A list's ob_item points behind a hidden word that holds the block's capacity, so that a reader
   who sees a new length with an old block (or the reverse) checks its index against the block it
   really has.  ob_item is NULL while the capacity is zero.  In a SHARED list the slots past the
   length of a fresh block are NULL. */
#ifndef Py_INTERNAL_LIST_H
#define Py_INTERNAL_LIST_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_container.h"

#define _PyList_CAST_(op) ((PyListObject *)(op))
#define _PyList_ITEMS(op) (_PyList_CAST_(op)->ob_item)

typedef struct {
    Py_ssize_t capacity;     // const: slots in this block
    PyObject *items[];
} _PyListBlock;

static inline _PyListBlock *
_PyList_BlockOf(PyObject **items)
{
    return (_PyListBlock *)((char *)items - offsetof(_PyListBlock, items));
}

/* Borrowed, valid until the caller's next quiescent point.  NULL without an exception: index out of
   range, or undecided (the caller takes PyList_GetItemRef). */
static inline PyObject *
_PyList_GetItemBorrowed_lockfree(PyObject *op, Py_ssize_t i)
{
    PyListObject *self = (PyListObject *)op;
#ifdef Py_GIL_DISABLED
    if (!_PyObject_CanReadLockfree(op)) {
        return NULL;
    }
    /* Acquire: pairs with the release of the length after the item was stored. */
    Py_ssize_t size = _Py_atomic_load_ssize_acquire(&((PyVarObject *)op)->ob_size);
    if ((size_t)i >= (size_t)size) {
        return NULL;
    }
    PyObject **items = (PyObject **)_Py_atomic_load_ptr_acquire((void *)&self->ob_item);
    if (items == NULL || i >= _PyList_BlockOf(items)->capacity) {
        return NULL;
    }
    return (PyObject *)_Py_atomic_load_ptr_acquire((void *)&items[i]);
#else
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        return NULL;
    }
    return self->ob_item[i];
#endif
}

/* The same, counted. */
static inline PyObject *
_PyList_GetItemRef_lockfree(PyObject *op, Py_ssize_t i)
{
    return Py_XNewRef(_PyList_GetItemBorrowed_lockfree(op, i));
}

extern PyObject *_PyList_GetItemRef(PyListObject *, Py_ssize_t i);

extern int _PyList_AppendTakeRefListResize(PyListObject *self, PyObject *newitem);

/* Steals newitem, also on failure.  The caller holds self's critical section. */
static inline int
_PyList_AppendTakeRef(PyListObject *self, PyObject *newitem)
{
    Py_ssize_t len = Py_SIZE(self);
    if (self->allocated > len) {
        _PyContainer_Write((PyObject *)self);
        FT_ATOMIC_STORE_PTR_RELEASE(self->ob_item[len], newitem);
        /* Release: the item is in place before the length counts it. */
        FT_ATOMIC_STORE_SSIZE_RELEASE(((PyVarObject *)self)->ob_size, len + 1);
        return 0;
    }
    return _PyList_AppendTakeRefListResize(self, newitem);
}

/* Steals the n references of src on success (none on failure). */
extern PyObject *_PyList_FromArraySteal(PyObject *const *src, Py_ssize_t n);
/* Counts them. */
extern PyObject *_PyList_FromArray(PyObject *const *src, Py_ssize_t n);
/* None, or NULL with an exception. */
extern PyObject *_PyList_Extend(PyListObject *, PyObject *iterable);
extern PyObject *_PyList_Concat(PyObject *, PyObject *);
extern PyObject *_PyList_SliceSubscript(PyObject *, PyObject *slice);
/* A tuple of the items; the list is empty after it. */
extern PyObject *_PyList_AsTupleAndClear(PyListObject *);
extern int _PyList_Contains_lockfree(PyObject *list, PyObject *value);
extern void _PyList_DebugMallocStats(FILE *out);
extern void _PyList_ClearFreeList(void);
/* lst[:] in one step; used by the eval loop for [*a]. */
extern PyObject *_PyList_Copy(PyListObject *);

/* it_index, it_seq: atomic, relaxed.  it_seq becomes NULL when the iterator is exhausted. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;
    PyListObject *it_seq;
} _PyListIterObject;

#endif

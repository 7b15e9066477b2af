/* What every shared container does the same way (PROTOCOLS P2).

   touch    before a lock-free read: a foreign reader sets SHARED under the mutex, once
   write    first line of a mutation, mutex held: a foreign writer sets SHARED
   take     hand an unlinked reference to the caller (counted anew when readers may still see it)
   retire   release an unlinked reference or block after a grace period
   move     shift item slots so that a reader sees whole pointers only

   In the GIL build all of them are plain loads, stores and counts. */
#ifndef Py_INTERNAL_CONTAINER_H
#define Py_INTERNAL_CONTAINER_H

#include "Python.h"
#include "pycore_atomic_ft.h"        // FT_ATOMIC_LOAD_PTR_ACQUIRE
#include "pycore_critical_section.h" // Py_BEGIN_CRITICAL_SECTION
#include "pycore_object.h"           // _PyObject_CanReadLockfree, _PyObject_SetShared
#include "pycore_qsbr.h"             // _Py_RetireRef, _Py_RetireMem

#include <stdbool.h>
#include <string.h>                  // memmove

/* Takes op's mutex and sets SHARED (Objects/list/share.c).  May wait, which is a quiescent point. */
extern void _PyContainer_TouchSlow(PyObject *op);

#ifdef Py_GIL_DISABLED

static inline void
_PyContainer_TouchInline(PyObject *op)
{
    if (!_PyObject_CanReadLockfree(op)) {
        _PyContainer_TouchSlow(op);
    }
}

#define _PyContainer_Touch(op) _PyContainer_TouchInline(_PyObject_CAST(op))

static inline void
_PyContainer_WriteInline(PyObject *op)
{
    if (!_PyObject_CanReadLockfree(op)) {
        _PyObject_SetShared(op);
    }
}

#define _PyContainer_Write(op) _PyContainer_WriteInline(_PyObject_CAST(op))

/* May another thread be reading op without its mutex? */
#define _PyContainer_HasReaders(op) _PyObject_MustRetire(op)

/* The caller owns the result; old has been unlinked from op. */
static inline PyObject *
_PyContainer_TakeRef(PyObject *op, PyObject *old)
{
    if (_PyObject_MustRetire(op)) {
        Py_INCREF(old);
        _Py_RetireRef(op, old);
    }
    return old;
}

#define _PyContainer_Take(op, old) _PyContainer_TakeRef(_PyObject_CAST(op), (PyObject *)(old))

static inline void
_PyContainer_MovePtrs(PyObject *op, PyObject **to, PyObject **from, Py_ssize_t n)
{
    if (!_PyObject_MustRetire(op)) {
        memmove(to, from, (size_t)n * sizeof(PyObject *));
    }
    else if (to < from) {
        for (Py_ssize_t i = 0; i < n; i++) {
            FT_ATOMIC_STORE_PTR_RELEASE(to[i], from[i]);
        }
    }
    else {
        for (Py_ssize_t i = n - 1; i >= 0; i--) {
            FT_ATOMIC_STORE_PTR_RELEASE(to[i], from[i]);
        }
    }
}

#define _PyContainer_Move(op, to, from, n) _PyContainer_MovePtrs(_PyObject_CAST(op), (to), (from), (n))

/* The winner of a race to empty a slot releases its reference: op is an iterator, the slot what
   it walks over. */
#define _PyContainer_ClearSlot(op, slot)                                                    \
    do {                                                                                    \
        PyObject *_old_ref = (PyObject *)_Py_atomic_exchange_ptr((void *)&(slot), NULL);    \
        if (_old_ref != NULL) {                                                             \
            _Py_RetireRef((PyObject *)(op), _old_ref);                                      \
        }                                                                                   \
    } while (0)

/* The container in a slot of an object that has been touched: readable without its lock, borrowed until the next
   quiescent point.  Or NULL. */
static inline PyObject *
_PyContainer_PeekContainerSlot(PyObject **slot)
{
    PyObject *op;
    while ((op = (PyObject *)_Py_atomic_load_ptr_acquire((void *)slot)) != NULL
           && !_PyObject_CanReadLockfree(op)) {
        Py_INCREF(op);
        _PyContainer_TouchSlow(op);
        Py_DECREF(op);      // the slot may hold another one by now
    }
    return op;
}
#define _PyContainer_PeekContainer(slot) _PyContainer_PeekContainerSlot((PyObject **)&(slot))

#else

#define _PyContainer_PeekContainer(slot) ((PyObject *)(slot))
#define _PyContainer_Touch(op)      ((void)(op))
#define _PyContainer_Write(op)      ((void)(op))
#define _PyContainer_HasReaders(op) ((void)(op), 0)
#define _PyContainer_Take(op, old)  ((void)(op), (PyObject *)(old))
#define _PyContainer_Move(op, to, from, n) \
    ((void)(op), (void)memmove((to), (from), (size_t)(n) * sizeof(PyObject *)))
#define _PyContainer_ClearSlot(op, slot) Py_CLEAR(slot)

#endif

/* Read a slot that other threads may change: borrowed, valid until the next quiescent point. */
#define _PyContainer_Peek(slot) ((PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(slot))

/* a == b for plain builtin values (str, int, float, bool, bytes, None, tuples of such), without Python code, a lock or a
   count (Objects/dict/lookup.c).  1, 0: equal or not; -1: the comparison could run Python code.  An object equals itself. */
extern int _PyContainer_ComparePlain(PyObject *a, PyObject *b);

/* As PyObject_RichCompareBool(a, b, Py_EQ) with a, borrowed from a container, kept alive meanwhile. */
static inline int
_PyContainer_Equal(PyObject *a, PyObject *b)
{
    int same = _PyContainer_ComparePlain(a, b);
    if (same < 0) {
        Py_INCREF(a);
        same = PyObject_RichCompareBool(a, b, Py_EQ);
        Py_DECREF(a);
    }
    return same;
}

#endif

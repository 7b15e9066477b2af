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

#ifdef Py_GIL_DISABLED

/* Objects/list/share.c: takes op's mutex, sets SHARED. */
extern void _PyContainer_TouchSlow(PyObject *op);

static inline void
_PyContainer_Touch(PyObject *op)
{
    if (!_PyObject_CanReadLockfree(op)) {
        _PyContainer_TouchSlow(op);
    }
}

static inline void
_PyContainer_Write(PyObject *op)
{
    if (!_PyObject_CanReadLockfree(op)) {
        _PyObject_SetShared(op);
    }
}

/* May another thread be reading op without its mutex? */
#define _PyContainer_HasReaders(op) _PyObject_IsShared((PyObject *)(op))

/* The caller owns the result; old has been unlinked from op. */
static inline PyObject *
_PyContainer_Take(PyObject *op, PyObject *old)
{
    if (_PyObject_IsShared(op)) {
        Py_INCREF(old);
        _Py_RetireRef(op, old);
    }
    return old;
}

static inline void
_PyContainer_Move(PyObject *op, PyObject **to, PyObject **from, Py_ssize_t n)
{
    if (!_PyObject_IsShared(op)) {
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

/* The winner of a race to empty a slot releases its reference: op is an iterator, the slot what
   it walks over. */
#define _PyContainer_ClearSlot(op, slot)                                                    \
    do {                                                                                    \
        PyObject *_old_ref = (PyObject *)_Py_atomic_exchange_ptr((void *)&(slot), NULL);    \
        if (_old_ref != NULL) {                                                             \
            _Py_RetireRef((PyObject *)(op), _old_ref);                                      \
        }                                                                                   \
    } while (0)

#else

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

#endif

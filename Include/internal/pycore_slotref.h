/* One reference slot of an object that other threads may read while it is replaced (PROTOCOLS P2).

   For fixed slots: a descriptor's parts, an exception's fields, __slots__ members, a dict pointer.  Reading
   takes no lock once the object is shared; replacing takes the object's mutex and retires the old reference. */
#ifndef Py_INTERNAL_SLOTREF_H
#define Py_INTERNAL_SLOTREF_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_container.h"  // _PyContainer_Touch

/* New reference, or NULL without an exception if the slot is empty. */
static inline PyObject *
_PySlot_GetRef(PyObject *owner, PyObject **slot)
{
    _PyContainer_Touch(owner);
    PyObject *value = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*slot);
    Py_XINCREF(value);
    return value;
}

/* Steals value, which may be NULL; releases what was there after readers are done with it. */
static inline void
_PySlot_Set(PyObject *owner, PyObject **slot, PyObject *value)
{
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(owner);
    _PyContainer_Write(owner);
    old = *slot;
    /* Release: value is complete before it can be seen.  Pairs with the acquire in _PySlot_GetRef(). */
    FT_ATOMIC_STORE_PTR_RELEASE(*slot, value);
    Py_END_CRITICAL_SECTION();
    if (old != NULL) {
        _Py_RetireRef(owner, old);
    }
}

/* Sets an empty slot; if another thread was faster, drops value.  Steals value.  The slot's value, borrowed. */
static inline PyObject *
_PySlot_SetOnce(PyObject *owner, PyObject **slot, PyObject *value)
{
    PyObject *current;
    Py_BEGIN_CRITICAL_SECTION(owner);
    _PyContainer_Write(owner);
    current = *slot;
    if (current == NULL) {
        FT_ATOMIC_STORE_PTR_RELEASE(*slot, value);
    }
    Py_END_CRITICAL_SECTION();
    if (current != NULL) {
        Py_DECREF(value);
        return current;
    }
    return value;
}

#endif

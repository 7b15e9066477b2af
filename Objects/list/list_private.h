/* What the files of Objects/list share. */
#ifndef LIST_PRIVATE_H
#define LIST_PRIVATE_H

#include "Python.h"
#include "pycore_list.h"
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_abstract.h"     // _PyIndex_Check
#include "pycore_modsupport.h"   // _PyArg_CheckPositional

#define LIST(op) ((PyListObject *)(op))

/* Length as a reader without the lock sees it. */
static inline Py_ssize_t
list_size(PyObject *op)
{
    return FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyVarObject *)op)->ob_size);
}

/* Release: the items below n are in place.  Pairs with _PyList_GetItemBorrowed_lockfree(). */
static inline void
list_set_size(PyListObject *self, Py_ssize_t n)
{
    FT_ATOMIC_STORE_SSIZE_RELEASE(((PyVarObject *)self)->ob_size, n);
}

#define STORE_ITEM(slot, v) FT_ATOMIC_STORE_PTR_RELEASE(slot, v)

/* New reference, or NULL without an exception: out of range. */
extern PyObject *_PyList_ItemOrNull(PyListObject *self, Py_ssize_t i);

/* -- With self's mutex held (object.c) --------------------------------- */

/* Room for n items; may reserve more. */
extern int _PyList_Reserve_lock_held(PyListObject *self, Py_ssize_t n);
/* Gives back memory after the list has become shorter. */
extern void _PyList_Trim_lock_held(PyListObject *self);
extern void _PyList_Clear_lock_held(PyListObject *self);
extern int _PyList_Insert_lock_held(PyListObject *self, Py_ssize_t i, PyObject *item);
extern int _PyList_Extend_lock_held(PyListObject *self, PyObject *iterable);
extern int _PyList_ExtendLocking(PyListObject *self, PyObject *iterable);
extern PyObject *_PyList_Slice_lock_held(PyListObject *self, Py_ssize_t low, Py_ssize_t high);
extern int _PyList_AssignSlice_lock_held(PyListObject *self, Py_ssize_t low, Py_ssize_t high,
                                         PyObject *const *items, Py_ssize_t n);
/* The item at i leaves the list; the caller owns it. */
extern PyObject *_PyList_Remove_lock_held(PyListObject *self, Py_ssize_t i);
/* Frees an item block or retires it. */
extern void _PyList_ReleaseBlock(PyListObject *self, PyObject **items);

extern PyMethodDef _PyList_methods[];
extern PyMappingMethods _PyList_as_mapping;
extern PySequenceMethods _PyList_as_sequence;
extern PyObject *_PyList_Iter(PyObject *self);
extern PyObject *_PyList_Reversed(PyObject *self, PyObject *ignored);
extern PyObject *_PyList_SortMethod(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
extern PyObject *_PyList_Subscript(PyObject *self, PyObject *index);

#endif

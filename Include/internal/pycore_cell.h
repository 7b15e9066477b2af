/* Cells: variables that a function shares with functions inside it.  ob_ref is read without a lock and changed under the
   cell's mutex (PROTOCOLS P2). */
#ifndef Py_INTERNAL_CELL_H
#define Py_INTERNAL_CELL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_container.h"  // _PyContainer_Touch

/* New reference or NULL, no exception. */
static inline PyObject *
PyCell_GetRef(PyCellObject *cell)
{
    _PyContainer_Touch((PyObject *)cell);
    return Py_XNewRef((PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(cell->ob_ref));
}

/* Steals value. */
extern void _PyCell_SetTakeRef(PyCellObject *cell, PyObject *value);
/* The contents, now owned by the caller; the cell holds value, which is stolen. */
extern PyObject *_PyCell_SwapTakeRef(PyCellObject *cell, PyObject *value);
#define PyCell_SetTakeRef _PyCell_SetTakeRef
#define PyCell_SwapTakeRef _PyCell_SwapTakeRef
#endif

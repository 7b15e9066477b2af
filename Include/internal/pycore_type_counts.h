/* Per-thread counts of heap types (Python/threads/type_counts.c). */
#ifndef Py_INTERNAL_TYPE_COUNTS_H
#define Py_INTERNAL_TYPE_COUNTS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"  // PyMutex

/* In the interpreter: types by number. */
struct _Py_type_ids {
    PyMutex mutex;
    PyObject **types;        // guarded by mutex or a stopped world: borrowed, NULL for a free number
    Py_ssize_t *free_ids;
    Py_ssize_t count, capacity, num_free;
};

/* In the thread state. */
struct _Py_type_counts {
    Py_ssize_t *values;      // owner thread, or a stopped world: by number - 1; may be negative
    Py_ssize_t size;
};

#ifdef Py_GIL_DISABLED
extern void _PyType_AssignCountId(PyTypeObject *type);
extern void _PyType_ReleaseCountId(PyInterpreterState *interp, PyTypeObject *type);
extern void _PyType_AddCountSlow(PyTypeObject *type, Py_ssize_t delta);
extern void _PyType_MergeCounts(PyInterpreterState *interp);
extern void _PyType_FiniThreadCounts(PyThreadState *tstate);
extern void _PyType_FiniCountIds(PyInterpreterState *interp);
#endif

#endif  // Py_INTERNAL_TYPE_COUNTS_H

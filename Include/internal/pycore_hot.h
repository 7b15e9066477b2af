/* Hot objects: who is counted by many threads stops being counted (PROTOCOLS P5; Python/memory/hot.c). */
#ifndef Py_INTERNAL_HOT_H
#define Py_INTERNAL_HOT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_current.h"  // _PyThreadState_GET

#ifdef Py_GIL_DISABLED

/* Threads sample one in this many of the increments of objects that belong to others. */
#define _Py_HOT_SAMPLE 64

extern void _Py_hot_sample(PyThreadState *tstate, PyObject *op);
extern void _Py_hot_fini_thread(PyThreadState *tstate);
/* At a poll: promotes what was found. */
extern void _Py_hot_poll(PyThreadState *tstate);

#else
#  define _Py_hot_fini_thread(tstate) ((void)(tstate))
#  define _Py_hot_poll(tstate) ((void)(tstate))
#endif

#endif  // Py_INTERNAL_HOT_H

/* Hot objects: who is counted by many threads stops being counted (PROTOCOLS P5; Python/memory/hot.c). */
#ifndef Py_INTERNAL_HOT_H
#define Py_INTERNAL_HOT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_tstate.h"   // _PyThreadStateImpl

#ifdef Py_GIL_DISABLED

/* Threads sample one in this many of the increments of objects that belong to others. */
#define _Py_HOT_SAMPLE 64

extern void _Py_hot_sample(PyThreadState *tstate, PyObject *op);
/* After Py_INCREF of an object that this thread may not own: called where the evaluation loop counts what it reads
   from shared containers. */
static inline void
_Py_hot_note(PyThreadState *tstate, PyObject *op)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    if (op->ob_tid != _Py_ThreadId() && (++impl->hot_sample % _Py_HOT_SAMPLE) == 0 && !_Py_IsImmortal(op)) {
        _Py_hot_sample(tstate, op);
    }
}

extern void _Py_hot_fini_thread(PyThreadState *tstate);
/* At a poll: promotes what was found. */
/* After a full collection: frees promoted objects that nobody refers to. */
extern void _Py_hot_forget(PyInterpreterState *interp, PyObject *op);
extern void _Py_hot_collect(PyThreadState *tstate);
extern void _Py_hot_poll(PyThreadState *tstate);

#else
#  define _Py_hot_note(tstate, op) ((void)(tstate), (void)(op))
#  define _Py_hot_fini_thread(tstate) ((void)(tstate))
#  define _Py_hot_poll(tstate) ((void)(tstate))
#endif

#endif  // Py_INTERNAL_HOT_H

/* The flag `multithreaded`: who raises and lowers it (Python/threads/multithreaded.c). */
#ifndef Py_INTERNAL_MULTITHREADED_H
#define Py_INTERNAL_MULTITHREADED_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"  // _Py_multithreaded

#ifdef Py_GIL_DISABLED
/* A second thread state exists: before it can be attached. */
extern void _PyMultithreaded_Raise(void);
/* At a poll of the thread: lowers the flag if no other thread state exists.  May run Python code. */
extern void _PyMultithreaded_TryLower(PyThreadState *tstate);
extern void _PyMultithreaded_AfterFork(PyThreadState *tstate);
/* No batch is open or closed anywhere. */
extern int _Py_qsbr_is_idle(PyThreadState *tstate);
#else
#  define _PyMultithreaded_Raise() ((void)0)
#  define _PyMultithreaded_TryLower(tstate) ((void)(tstate))
#  define _PyMultithreaded_AfterFork(tstate) ((void)(tstate))
#endif

#endif  // Py_INTERNAL_MULTITHREADED_H

/* Signals from the inside; the table of handlers is _PyRuntime.signals. */
#ifndef Py_INTERNAL_SIGNAL_H
#define Py_INTERNAL_SIGNAL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include <signal.h>

#define Py_NSIG 65

extern int _PySignal_Init(int install_signal_handlers);
extern void _PySignal_Fini(void);
/* In the child: signals of the parent are not the child's. */
extern void _PySignal_AfterFork(void);
/* SIGPIPE, SIGXFSZ: what a program run by exec() expects. */
PyAPI_FUNC(void) _Py_RestoreSignals(void);
/* Iterable of signal numbers to a sigset_t; an "O&" converter. */
extern int _Py_Sigset_Converter(PyObject *object, void *set);
extern PyObject *_Py_Sigset_AsSet(sigset_t set);
PyAPI_FUNC(int) _PyOS_IsMainThread(void);

/* For the module _signal: the table.  func is a callable or one of the runtime's default_handler and ignore_handler; *old
   is the former entry, a new reference or NULL. */
extern int _PySignal_InitState(void);
extern PyObject *_PySignal_GetHandler(int sig);
extern int _PySignal_SetHandler(int sig, PyObject *func, PyObject **old);
#endif

/* Warnings from the inside. */
#ifndef Py_INTERNAL_WARNINGS_H
#define Py_INTERNAL_WARNINGS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern int _PyWarnings_InitState(PyInterpreterState *interp);
PyAPI_FUNC(PyObject *) _PyWarnings_Init(void);
extern void _PyWarnings_Fini(PyInterpreterState *interp);

/* "coroutine 'x' was never awaited"; errors are reported as unraisable. */
extern void _PyErr_WarnUnawaitedCoroutine(PyObject *coro);
extern void _PyErr_WarnUnawaitedAgenMethod(PyAsyncGenObject *agen, PyObject *method);
PyAPI_FUNC(int) _PyErr_WarnExplicitObjectWithContext(PyObject *category, PyObject *message, PyObject *filename,
                                                     int lineno);

/* What warnings.warn() and warnings.warn_explicit() do; 0 or -1. */
extern int _PyWarnings_Warn(PyObject *message, PyObject *category, Py_ssize_t stack_level, PyObject *source,
                            PyObject *skip_file_prefixes);
extern int _PyWarnings_WarnExplicit(PyObject *category, PyObject *message, PyObject *filename, int lineno,
                                    PyObject *module, PyObject *registry, PyObject *source_line, PyObject *source);
#endif

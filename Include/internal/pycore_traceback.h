/* Tracebacks from the inside. */
#ifndef Py_INTERNAL_TRACEBACK_H
#define Py_INTERNAL_TRACEBACK_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* A traceback entry for where the frame is now, before tb_next (may be NULL). */
extern PyObject *_PyTraceBack_FromFrame(PyObject *tb_next, PyFrameObject *frame);
/* Adds an entry for code that is not Python's (a generated function, a file being parsed) to the current exception. */
PyAPI_FUNC(void) _PyTraceback_Add(const char *funcname, const char *filename, int lineno);

#define EXCEPTION_TB_HEADER "Traceback (most recent call last):\n"
#define EXCEPTION_GROUP_TB_HEADER "Exception Group Traceback (most recent call last):\n"

/* Writes source line lineno of filename, stripped and indented; nothing if there is no such file or line. */
extern int _Py_DisplaySourceLine(PyObject *file, PyObject *filename, int lineno, int indent, int *truncation,
                                 PyObject **line);
extern int _PyTraceBack_Print(PyObject *tb, const char *header, PyObject *file);
extern int _Py_WriteIndent(int indent, PyObject *file);

/* -- For faulthandler: no allocation, no locks, callable from a signal handler ---------------------------- */

extern void _Py_DumpTraceback(int fd, PyThreadState *tstate);
/* NULL, or the reason why it could not be done. */
extern const char *_Py_DumpTracebackThreads(int fd, PyInterpreterState *interp, PyThreadState *current);
extern void _Py_DumpASCII(int fd, PyObject *text);
extern void _Py_DumpDecimal(int fd, size_t value);
extern void _Py_DumpHexadecimal(int fd, uintptr_t value, Py_ssize_t width);
extern void _Py_DumpStack(int fd);
extern void _Py_InitDumpStack(void);
#endif

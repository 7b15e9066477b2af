/* Issuing warnings: 0, or -1 when the warning became an exception. */
#ifndef Py_WARNINGS_H
#define Py_WARNINGS_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyErr_WarnEx(PyObject *category, const char *message, Py_ssize_t stack_level);
PyAPI_FUNC(int) PyErr_WarnExplicit(
    PyObject *category, const char *message, const char *filename, int lineno,
    const char *module, PyObject *registry);
PyAPI_FUNC(int) PyErr_WarnFormat(
    PyObject *category, Py_ssize_t stack_level, const char *format, ...);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03060000
PyAPI_FUNC(int) PyErr_ResourceWarning(
    PyObject *source, Py_ssize_t stack_level, const char *format, ...);
#endif

#include "cpython/warnings.h"

#ifdef __cplusplus
}
#endif
#endif

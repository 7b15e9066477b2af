/* tracemalloc from the inside. */
#ifndef Py_INTERNAL_TRACEMALLOC_H
#define Py_INTERNAL_TRACEMALLOC_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define DEFAULT_DOMAIN 0
#define TRACEMALLOC_MAX_NFRAME UINT16_MAX

extern int _PyTraceMalloc_Init(void);
/* Starts tracing with tracebacks of so many frames; nothing to do if it is on. */
extern int _PyTraceMalloc_Start(int max_nframe);
extern void _PyTraceMalloc_Stop(void);
extern void _PyTraceMalloc_Fini(void);
extern int _PyTraceMalloc_IsTracing(void);
extern void _PyTraceMalloc_ClearTraces(void);
extern PyObject *_PyTraceMalloc_GetTraces(void);
extern PyObject *_PyTraceMalloc_GetObjectTraceback(PyObject *object);
/* Traceback of where a block was allocated, or None. */
PyAPI_FUNC(PyObject *) _PyTraceMalloc_GetTraceback(unsigned int domain, uintptr_t ptr);
extern int _PyTraceMalloc_GetTracebackLimit(void);
extern size_t _PyTraceMalloc_GetMemory(void);
extern PyObject *_PyTraceMalloc_GetTracedMemory(void);
extern void _PyTraceMalloc_ResetPeak(void);
/* Writes "Memory block allocated at (most recent call first):" and so on; for fatal errors. */
extern void _PyMem_DumpTraceback(int fd, const void *ptr);
#endif

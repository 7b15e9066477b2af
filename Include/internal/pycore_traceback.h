/* Tracebacks from the inside. */
#ifndef Py_INTERNAL_TRACEBACK_H
#define Py_INTERNAL_TRACEBACK_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* A traceback entry for where the frame is now, before tb_next (may be NULL). */
extern PyObject *_PyTraceBack_FromFrame(PyObject *tb_next, PyFrameObject *frame);
#endif

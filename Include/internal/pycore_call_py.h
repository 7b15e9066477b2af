/* Binding arguments to the parameters of a Python function. */
#ifndef Py_INTERNAL_CALL_PY_H
#define Py_INTERNAL_CALL_PY_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_frame.h"  // _PyInterpreterFrame

/* Binds argcount values of args (positional, then one for each name in kwnames) to the registers of frame's parameters.
   All of args are consumed, in any case; registers up to co_nlocalsplus must be 0 on entry.  0, or -1 with TypeError. */
extern int _PyEval_BindArguments(PyThreadState *tstate, PyFunctionObject *func, PyCodeObject *co, _PyValue *regs,
                                 _PyValue *args, Py_ssize_t argcount, PyObject *kwnames);
#endif

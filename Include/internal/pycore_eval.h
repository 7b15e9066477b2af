/* State of the evaluation loop in an interpreter. */
#ifndef Py_INTERNAL_EVAL_H
#define Py_INTERNAL_EVAL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_function.h"    // struct _py_func_state
#include "pycore_monitoring.h"  // struct _Py_monitoring_state

/* Field `eval_state` of the interpreter. */
struct _Py_eval_state {
    struct _py_func_state func;
    struct _Py_monitoring_state monitoring;
};
#endif

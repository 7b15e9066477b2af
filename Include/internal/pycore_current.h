/* The attached thread state of this thread, in one load: for headers that pycore_interp.h itself includes.
   Everyone else includes pycore_pystate.h. */
#ifndef Py_INTERNAL_CURRENT_H
#define Py_INTERNAL_CURRENT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* The attached thread state of this thread, or NULL. */
extern _Thread_local PyThreadState *_Py_tss_tstate __attribute__((tls_model("initial-exec")));

static inline PyThreadState *
_PyThreadState_GET(void)
{
    return _Py_tss_tstate;
}

#endif  // Py_INTERNAL_CURRENT_H

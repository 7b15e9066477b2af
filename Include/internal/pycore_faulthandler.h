/* faulthandler from the inside. */
#ifndef Py_INTERNAL_FAULTHANDLER_H
#define Py_INTERNAL_FAULTHANDLER_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* At start: the alternate stack, and the fatal signals if enable is true. */
extern PyStatus _PyFaulthandler_Init(int enable);
extern void _PyFaulthandler_Fini(void);
#endif

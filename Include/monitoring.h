/* sys.monitoring for code that runs outside the interpreter's own loop. */
#ifndef Py_MONITORING_H
#define Py_MONITORING_H
#include "cpython/monitoring.h"
#endif

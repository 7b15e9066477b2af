/* Events of running code: sys.monitoring, and sys.settrace and sys.setprofile on top of it.

   A code object that somebody watches has a side table; the opcode of each watched instruction is INSTRUMENTED and the
   table keeps the original.  The table and the opcodes change while the world is stopped. */
#ifndef Py_INTERNAL_MONITORING_H
#define Py_INTERNAL_MONITORING_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include <stdbool.h>

/* Tools: 0 to 5 belong to users, 6 and 7 are sys.setprofile and sys.settrace. */
#define _PY_MONITORING_TOOLS 8
#define _PY_MONITORING_SYS_PROFILE_ID 6
#define _PY_MONITORING_SYS_TRACE_ID 7
#define PY_MONITORING_TOOL_IDS 8

/* Events in the order of the public constants (PY_MONITORING_EVENT_...); the first ten are local to a position. */
#define _PY_MONITORING_LOCAL_EVENTS 11
#define _PY_MONITORING_UNGROUPED_EVENTS 16
#define _PY_MONITORING_EVENTS 19

struct _Py_monitoring_state {
    uint32_t version;                                   /* changes when events of any tool change */
    uint8_t tools[_PY_MONITORING_EVENTS];               /* for each event a bit set of tools that want it everywhere */
    PyObject *callables[_PY_MONITORING_TOOLS][_PY_MONITORING_EVENTS];   /* owned */
    PyObject *tool_names[_PY_MONITORING_TOOLS];         /* owned; NULL: free */
    uint8_t used;                                       /* bit set: tools with a nonempty set of events, anywhere */
    Py_ssize_t sys_profiling_threads;
    Py_ssize_t sys_tracing_threads;
    bool sys_profile_initialized;
    bool sys_trace_initialized;
    PyObject *disable;                                  /* immortal */
    PyObject *missing;
};

/* Raises events for exceptions: called from the unwinder. */
extern PyObject *_Py_CreateMonitoringObject(void);
extern PyObject _PyInstrumentation_DISABLE;
extern PyObject _PyInstrumentation_MISSING;
extern void _PyMonitoring_Fini(PyInterpreterState *interp);
#endif

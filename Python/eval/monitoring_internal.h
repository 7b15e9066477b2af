/* What monitoring.c offers to sys.monitoring (monitoring_module.c) and to the trace functions (trace.c). */
#ifndef VM_MONITORING_INTERNAL_H
#define VM_MONITORING_INTERNAL_H

#include "vm.h"
#include "pycore_interp.h"
#include "pycore_monitoring.h"

extern int _PyMonitoring_SetEvents(int tool, uint32_t events);
extern uint32_t _PyMonitoring_GetEvents(int tool);
extern int _PyMonitoring_SetLocalEvents(PyCodeObject *co, int tool, uint32_t events);
extern uint32_t _PyMonitoring_GetLocalEvents(PyCodeObject *co, int tool);
extern int _PyMonitoring_Restart(void);
extern const char *_PyMonitoring_EventName(int event);
extern void _PyMonitoring_FreeCode(PyCodeObject *co);
/* The line of each of the n words, -1: none. */
extern void _Py_LocationFill(PyCodeObject *co, int32_t *lines, Py_ssize_t n);
#endif

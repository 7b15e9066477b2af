/* What the eval loop asks of monitoring.c. */
#ifndef VM_MONITORING_H
#define VM_MONITORING_H

#include "vm.h"
#include "pycore_interp.h"
#include "pycore_monitoring.h"

/* Changes whenever some interpreter's set of events changes; a code object whose version differs is brought up to date
   at its next RESUME.  Stored while the world is stopped. */
extern uintptr_t _PyMonitoring_GlobalVersion;
/* Any tool wants events that are not tied to a position (RAISE, PY_UNWIND, ...): a hint that is off in ordinary runs. */
extern int _PyMonitoring_AnyEvents;

static inline bool
monitoring_is_stale(PyCodeObject *co)
{
    return co->_co_instrumentation_version != _PyMonitoring_GlobalVersion;
}

extern int monitoring_update_code(PyThreadState *tstate, _PyInterpreterFrame *frame);
/* Tells the tools that watch this instruction.  The original opcode, or -1 with an exception. */
extern int monitoring_fire(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);

extern void monitor_raise_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);
extern void monitor_reraise_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);
extern int monitor_throw_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);
extern void monitor_handled_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);
extern void monitor_unwind_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);
extern void monitor_stop_iteration_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);

static inline void
monitor_raise(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    if (UNLIKELY(_PyMonitoring_AnyEvents)) {
        monitor_raise_slow(tstate, frame, pc);
    }
}

static inline void
monitor_reraise(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    if (UNLIKELY(_PyMonitoring_AnyEvents)) {
        monitor_reraise_slow(tstate, frame, pc);
    }
}

static inline int
monitor_throw(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    return UNLIKELY(_PyMonitoring_AnyEvents) ? monitor_throw_slow(tstate, frame, pc) : 0;
}

static inline void
monitor_handled(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    if (UNLIKELY(_PyMonitoring_AnyEvents)) {
        monitor_handled_slow(tstate, frame, pc);
    }
}

static inline void
monitor_unwind(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    if (UNLIKELY(_PyMonitoring_AnyEvents)) {
        monitor_unwind_slow(tstate, frame, pc);
    }
}

static inline void
monitor_raise_stop_iteration(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    if (UNLIKELY(_PyMonitoring_AnyEvents)) {
        monitor_stop_iteration_slow(tstate, frame, pc);
    }
}
#endif

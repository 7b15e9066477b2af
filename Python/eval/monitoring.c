/* Events of running code. */
#include "monitoring.h"

uintptr_t _PyMonitoring_GlobalVersion;
int _PyMonitoring_AnyEvents;

int
monitoring_update_code(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    _PyFrame_GetCode(frame)->_co_instrumentation_version = _PyMonitoring_GlobalVersion;
    return 0;
}

int
monitoring_fire(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    _PyErr_SetString(tstate, PyExc_SystemError, "instrumented instruction without a table");
    return -1;
}

void
monitor_raise_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
}

void
monitor_reraise_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
}

int
monitor_throw_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    return 0;
}

void
monitor_handled_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
}

void
monitor_unwind_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
}

void
monitor_stop_iteration_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
}

int
_PyMonitoring_OriginalOpcode(PyCodeObject *co, Py_ssize_t i)
{
    return _PyCode_CODE(co)[i].i.op;
}

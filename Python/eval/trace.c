/* sys.settrace() and sys.setprofile(): C functions that are called for events of a thread, as two tools of
   sys.monitoring.  The tools' callbacks are the same for all threads; each calls its own thread's function, if any. */
#include "monitoring_internal.h"
#include "frameobject.h"
#include "pycore_ceval.h"

extern void _PyMonitoring_SetCallback(int tool, int event, PyObject *callback);

/* -- Callbacks ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    int event;                  /* PyTrace_... */
} EventHandler;

static void
handler_dealloc(PyObject *self)
{
    PyObject_Free(self);
}

PyTypeObject _PyLegacyEventHandler_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "sys.legacy_event_handler",
    .tp_basicsize = sizeof(EventHandler),
    .tp_dealloc = handler_dealloc,
    .tp_vectorcall_offset = offsetof(EventHandler, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

static PyFrameObject *
calling_frame(void)
{
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        PyErr_SetString(PyExc_SystemError, "Missing frame when calling trace function.");
        return NULL;
    }
    return (PyFrameObject *)Py_NewRef(frame);
}

static PyObject *
call_profile(PyObject *self, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_profilefunc == NULL) {
        Py_RETURN_NONE;
    }
    PyFrameObject *frame = calling_frame();
    if (frame == NULL) {
        return NULL;
    }
    int status = tstate->c_profilefunc(tstate->c_profileobj, frame, ((EventHandler *)self)->event, arg);
    Py_DECREF(frame);
    return status ? NULL : Py_NewRef(Py_None);
}

/* code, offset */
static PyObject *
profile_start(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return call_profile(self, Py_None);
}

/* code, offset, value */
static PyObject *
profile_return(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return call_profile(self, args[2]);
}

static PyObject *
profile_unwind(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return call_profile(self, NULL);
}

/* code, offset, callable, first argument */
static PyObject *
profile_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *callable = args[2];
    if (PyCFunction_Check(callable)) {
        return call_profile(self, callable);
    }
    if (Py_IS_TYPE(callable, &PyMethodDescr_Type)) {
        PyObject *self_arg = args[3];
        if (self_arg == &_PyInstrumentation_MISSING) {
            Py_RETURN_NONE;
        }
        PyObject *bound = Py_TYPE(callable)->tp_descr_get(callable, self_arg, (PyObject *)Py_TYPE(self_arg));
        if (bound == NULL) {
            return NULL;
        }
        PyObject *result = call_profile(self, bound);
        Py_DECREF(bound);
        return result;
    }
    Py_RETURN_NONE;
}

static PyObject *
call_trace(PyObject *self, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_tracefunc == NULL) {
        Py_RETURN_NONE;
    }
    PyFrameObject *frame = calling_frame();
    if (frame == NULL) {
        return NULL;
    }
    int status = tstate->c_tracefunc(tstate->c_traceobj, frame, ((EventHandler *)self)->event, arg);
    Py_DECREF(frame);
    return status ? NULL : Py_NewRef(Py_None);
}

static PyObject *
trace_start(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return call_trace(self, Py_None);
}

static PyObject *
trace_return(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return call_trace(self, args[2]);
}

static PyObject *
trace_unwind(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return call_trace(self, NULL);
}

/* code, offset, exception */
static PyObject *
trace_exception(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_tracefunc == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *exc = args[2];
    PyObject *tb = PyException_GetTraceback(exc);
    PyObject *triple = PyTuple_Pack(3, (PyObject *)Py_TYPE(exc), exc, tb == NULL ? Py_None : tb);
    Py_XDECREF(tb);
    if (triple == NULL) {
        return NULL;
    }
    PyObject *result = call_trace(self, triple);
    Py_DECREF(triple);
    return result;
}

/* code, line */
static PyObject *
trace_line(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_tracefunc == NULL) {
        Py_RETURN_NONE;
    }
    int line = PyLong_AsInt(args[1]);
    PyFrameObject *frame = calling_frame();
    if (frame == NULL) {
        return NULL;
    }
    int status = 0;
    if (frame->f_trace_lines && line >= 0) {
        frame->f_lineno = line;
        status = tstate->c_tracefunc(tstate->c_traceobj, frame, ((EventHandler *)self)->event, Py_None);
        frame->f_lineno = 0;
    }
    Py_DECREF(frame);
    return status ? NULL : Py_NewRef(Py_None);
}

/* code, offset */
static PyObject *
trace_instruction(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL || !frame->f_trace_opcodes) {
        Py_RETURN_NONE;
    }
    return call_trace(self, Py_None);
}

/* -- Registration --------------------------------------------------------------------------------------------------------------- */

static int
set_callbacks(int tool, vectorcallfunc function, int trace_event, int event1, int event2)
{
    EventHandler *handler = PyObject_New(EventHandler, &_PyLegacyEventHandler_Type);
    if (handler == NULL) {
        return -1;
    }
    handler->vectorcall = function;
    handler->event = trace_event;
    _PyMonitoring_SetCallback(tool, event1, (PyObject *)handler);
    if (event2 >= 0) {
        _PyMonitoring_SetCallback(tool, event2, (PyObject *)handler);
    }
    Py_DECREF(handler);
    return 0;
}

#define EVENT(name) (1u << PY_MONITORING_EVENT_##name)

static int
init_profile(struct _Py_monitoring_state *state)
{
    const int tool = _PY_MONITORING_SYS_PROFILE_ID;
    if (state->sys_profile_initialized) {
        return 0;
    }
    if (PyType_Ready(&_PyLegacyEventHandler_Type) < 0
        || set_callbacks(tool, profile_start, PyTrace_CALL, PY_MONITORING_EVENT_PY_START,
                         PY_MONITORING_EVENT_PY_RESUME) < 0
        || set_callbacks(tool, profile_start, PyTrace_CALL, PY_MONITORING_EVENT_PY_THROW, -1) < 0
        || set_callbacks(tool, profile_return, PyTrace_RETURN, PY_MONITORING_EVENT_PY_RETURN,
                         PY_MONITORING_EVENT_PY_YIELD) < 0
        || set_callbacks(tool, profile_unwind, PyTrace_RETURN, PY_MONITORING_EVENT_PY_UNWIND, -1) < 0
        || set_callbacks(tool, profile_call, PyTrace_C_CALL, PY_MONITORING_EVENT_CALL, -1) < 0
        || set_callbacks(tool, profile_call, PyTrace_C_RETURN, PY_MONITORING_EVENT_C_RETURN, -1) < 0
        || set_callbacks(tool, profile_call, PyTrace_C_EXCEPTION, PY_MONITORING_EVENT_C_RAISE, -1) < 0) {
        return -1;
    }
    state->sys_profile_initialized = true;
    return 0;
}

static int
init_trace(struct _Py_monitoring_state *state)
{
    const int tool = _PY_MONITORING_SYS_TRACE_ID;
    if (state->sys_trace_initialized) {
        return 0;
    }
    if (PyType_Ready(&_PyLegacyEventHandler_Type) < 0
        || set_callbacks(tool, trace_start, PyTrace_CALL, PY_MONITORING_EVENT_PY_START,
                         PY_MONITORING_EVENT_PY_RESUME) < 0
        || set_callbacks(tool, trace_start, PyTrace_CALL, PY_MONITORING_EVENT_PY_THROW, -1) < 0
        || set_callbacks(tool, trace_return, PyTrace_RETURN, PY_MONITORING_EVENT_PY_RETURN,
                         PY_MONITORING_EVENT_PY_YIELD) < 0
        || set_callbacks(tool, trace_exception, PyTrace_EXCEPTION, PY_MONITORING_EVENT_RAISE,
                         PY_MONITORING_EVENT_STOP_ITERATION) < 0
        || set_callbacks(tool, trace_line, PyTrace_LINE, PY_MONITORING_EVENT_LINE, -1) < 0
        || set_callbacks(tool, trace_unwind, PyTrace_RETURN, PY_MONITORING_EVENT_PY_UNWIND, -1) < 0
        || set_callbacks(tool, trace_instruction, PyTrace_OPCODE, PY_MONITORING_EVENT_INSTRUCTION, -1) < 0) {
        return -1;
    }
    state->sys_trace_initialized = true;
    return 0;
}

static struct _Py_monitoring_state *
current_state(PyThreadState *tstate)
{
    return &tstate->interp->eval_state.monitoring;
}

/* The current thread's tstate may be asked to change another thread's function: the world is stopped for that. */
static void
set_profile_function(PyThreadState *tstate, Py_tracefunc func, PyObject *arg, PyObject **old)
{
    struct _Py_monitoring_state *state = current_state(tstate);
    state->sys_profiling_threads += (func != NULL) - (tstate->c_profilefunc != NULL);
    tstate->c_profilefunc = func;
    *old = tstate->c_profileobj;
    tstate->c_profileobj = Py_XNewRef(arg);
}

static int
update_profile_events(PyThreadState *tstate)
{
    uint32_t events = 0;
    if (current_state(tstate)->sys_profiling_threads > 0) {
        events = EVENT(PY_START) | EVENT(PY_RESUME) | EVENT(PY_RETURN) | EVENT(PY_YIELD) | EVENT(CALL)
                 | EVENT(PY_UNWIND) | EVENT(PY_THROW);
    }
    return _PyMonitoring_SetEvents(_PY_MONITORING_SYS_PROFILE_ID, events);
}

int
_PyEval_SetProfile(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    PyThreadState *current = _PyThreadState_GET();
    if (PySys_Audit("sys.setprofile", NULL) < 0 || init_profile(current_state(current)) < 0) {
        return -1;
    }
    PyObject *old;
    _PyEval_StopTheWorld(tstate->interp);
    set_profile_function(tstate, func, arg, &old);
    _PyEval_StartTheWorld(tstate->interp);
    Py_XDECREF(old);
    return update_profile_events(tstate);
}

static void
set_trace_function(PyThreadState *tstate, Py_tracefunc func, PyObject *arg, PyObject **old)
{
    struct _Py_monitoring_state *state = current_state(tstate);
    state->sys_tracing_threads += (func != NULL) - (tstate->c_tracefunc != NULL);
    tstate->c_tracefunc = func;
    *old = tstate->c_traceobj;
    tstate->c_traceobj = Py_XNewRef(arg);
}

static int
update_trace_events(PyThreadState *tstate)
{
    uint32_t events = 0;
    if (current_state(tstate)->sys_tracing_threads > 0) {
        events = EVENT(PY_START) | EVENT(PY_RESUME) | EVENT(PY_RETURN) | EVENT(PY_YIELD) | EVENT(RAISE) | EVENT(LINE)
                 | EVENT(JUMP) | EVENT(PY_UNWIND) | EVENT(PY_THROW) | EVENT(STOP_ITERATION);
        PyFrameObject *frame = PyEval_GetFrame();
        if (frame != NULL && frame->f_trace_opcodes && _PyEval_SetOpcodeTrace(frame, true) < 0) {
            return -1;
        }
    }
    return _PyMonitoring_SetEvents(_PY_MONITORING_SYS_TRACE_ID, events);
}

int
_PyEval_SetTrace(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    PyThreadState *current = _PyThreadState_GET();
    if (PySys_Audit("sys.settrace", NULL) < 0 || init_trace(current_state(current)) < 0) {
        return -1;
    }
    PyObject *old;
    _PyEval_StopTheWorld(tstate->interp);
    set_trace_function(tstate, func, arg, &old);
    _PyEval_StartTheWorld(tstate->interp);
    Py_XDECREF(old);
    return update_trace_events(tstate);
}

int
_PyEval_SetOpcodeTrace(PyFrameObject *f, bool enable)
{
    PyCodeObject *co = _PyFrame_GetCode(f->f_frame);
    uint32_t events = _PyMonitoring_GetLocalEvents(co, _PY_MONITORING_SYS_TRACE_ID);
    uint32_t wanted = enable ? events | EVENT(INSTRUCTION) : events & ~EVENT(INSTRUCTION);
    if (wanted == events) {
        return 0;
    }
    return _PyMonitoring_SetLocalEvents(co, _PY_MONITORING_SYS_TRACE_ID, wanted);
}

/* -- All threads -------------------------------------------------------------------------------------------------------------------- */

typedef void (*function_setter)(PyThreadState *tstate, Py_tracefunc func, PyObject *arg, PyObject **old);

static int
set_all_threads(PyInterpreterState *interp, function_setter set, Py_tracefunc func, PyObject *arg)
{
    PyObject *olds = PyList_New(0);
    if (olds == NULL) {
        return -1;
    }
    int status = 0;
    _PyEval_StopTheWorld(interp);
    _Py_FOR_EACH_TSTATE_UNLOCKED(interp, p) {
        PyObject *old;
        set(p, func, arg, &old);
        /* Released by the list, after the world has started. */
        if (old != NULL && PyList_Append(olds, old) < 0) {
            status = -1;
        }
        Py_XDECREF(old);
    }
    _PyEval_StartTheWorld(interp);
    Py_DECREF(olds);
    return status;
}

int
_PyEval_SetProfileAllThreads(PyInterpreterState *interp, Py_tracefunc func, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (PySys_Audit("sys.setprofile", NULL) < 0 || init_profile(current_state(tstate)) < 0
        || set_all_threads(interp, set_profile_function, func, arg) < 0) {
        return -1;
    }
    return update_profile_events(tstate);
}

int
_PyEval_SetTraceAllThreads(PyInterpreterState *interp, Py_tracefunc func, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (PySys_Audit("sys.settrace", NULL) < 0 || init_trace(current_state(tstate)) < 0
        || set_all_threads(interp, set_trace_function, func, arg) < 0) {
        return -1;
    }
    return update_trace_events(tstate);
}

void
PyEval_SetProfile(Py_tracefunc func, PyObject *arg)
{
    if (_PyEval_SetProfile(_PyThreadState_GET(), func, arg) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetProfile");
    }
}

void
PyEval_SetTrace(Py_tracefunc func, PyObject *arg)
{
    if (_PyEval_SetTrace(_PyThreadState_GET(), func, arg) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetTrace");
    }
}

void
PyEval_SetProfileAllThreads(Py_tracefunc func, PyObject *arg)
{
    if (_PyEval_SetProfileAllThreads(_PyInterpreterState_GET(), func, arg) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetProfileAllThreads");
    }
}

void
PyEval_SetTraceAllThreads(Py_tracefunc func, PyObject *arg)
{
    if (_PyEval_SetTraceAllThreads(_PyInterpreterState_GET(), func, arg) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetTraceAllThreads");
    }
}

PyObject *
_PyEval_CallTracing(PyObject *func, PyObject *args)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int tracing = tstate->tracing;
    tstate->tracing = 0;
    PyObject *result = PyObject_Call(func, args, NULL);
    tstate->tracing = tracing;
    return result;
}

void
PyThreadState_EnterTracing(PyThreadState *tstate)
{
    tstate->tracing++;
}

void
PyThreadState_LeaveTracing(PyThreadState *tstate)
{
    tstate->tracing--;
}

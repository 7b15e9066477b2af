/* sys.monitoring.  Registered callbacks and tool names change while the world is stopped. */
#include "monitoring_internal.h"
#include "pycore_args.h"
#include "pycore_ceval.h"
#include "pycore_namespace.h"

#define CALL_EVENTS                                                           \
    (1u << PY_MONITORING_EVENT_CALL | 1u << PY_MONITORING_EVENT_C_RETURN | 1u << PY_MONITORING_EVENT_C_RAISE)
#define C_EVENTS (1u << PY_MONITORING_EVENT_C_RETURN | 1u << PY_MONITORING_EVENT_C_RAISE)
#define BRANCH_EVENTS (1u << PY_MONITORING_EVENT_BRANCH_LEFT | 1u << PY_MONITORING_EVENT_BRANCH_RIGHT)

static struct _Py_monitoring_state *
current_state(void)
{
    return &_PyInterpreterState_GET()->eval_state.monitoring;
}

/* Tools 6 and 7 belong to sys.setprofile and sys.settrace. */
static int
check_tool_number(int tool)
{
    if (tool < 0 || tool >= _PY_MONITORING_SYS_PROFILE_ID) {
        PyErr_Format(PyExc_ValueError, "invalid tool %d (must be between 0 and 5)", tool);
        return -1;
    }
    return 0;
}

static int
check_tool_in_use(int tool)
{
    if (check_tool_number(tool) < 0) {
        return -1;
    }
    if (current_state()->tool_names[tool] == NULL) {
        PyErr_Format(PyExc_ValueError, "tool %d is not in use", tool);
        return -1;
    }
    return 0;
}

static int
int_argument(PyObject *arg, int *value)
{
    *value = PyLong_AsInt(arg);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *
swap_callback(int tool, int event, PyObject *callback)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _Py_monitoring_state *state = &interp->eval_state.monitoring;
    _PyEval_StopTheWorld(interp);
    PyObject *old = state->callables[tool][event];
    state->callables[tool][event] = Py_XNewRef(callback);
    _PyEval_StartTheWorld(interp);
    return old;
}

/* The callback of one of the tools that the interpreter itself registers. */
void
_PyMonitoring_SetCallback(int tool, int event, PyObject *callback)
{
    Py_XDECREF(swap_callback(tool, event, callback));
}

static int
clear_tool(int tool)
{
    if (_PyMonitoring_SetEvents(tool, 0) < 0) {
        return -1;
    }
    for (int event = 0; event < _PY_MONITORING_EVENTS; event++) {
        Py_XDECREF(swap_callback(tool, event, NULL));
    }
    return 0;
}

/* -- Functions -------------------------------------------------------------------------------------------------------------- */

static PyObject *
monitoring_use_tool_id(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int tool;
    if (!_PyArg_CheckPositional("use_tool_id", nargs, 2, 2) || int_argument(args[0], &tool) < 0
        || check_tool_number(tool) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(args[1])) {
        PyErr_SetString(PyExc_ValueError, "tool name must be a str");
        return NULL;
    }
    struct _Py_monitoring_state *state = current_state();
    if (state->tool_names[tool] != NULL) {
        PyErr_Format(PyExc_ValueError, "tool %d is already in use", tool);
        return NULL;
    }
    state->tool_names[tool] = Py_NewRef(args[1]);
    Py_RETURN_NONE;
}

static PyObject *
monitoring_clear_tool_id(PyObject *module, PyObject *arg)
{
    int tool;
    if (int_argument(arg, &tool) < 0 || check_tool_number(tool) < 0) {
        return NULL;
    }
    if (current_state()->tool_names[tool] != NULL && clear_tool(tool) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
monitoring_free_tool_id(PyObject *module, PyObject *arg)
{
    int tool;
    if (int_argument(arg, &tool) < 0 || check_tool_number(tool) < 0) {
        return NULL;
    }
    struct _Py_monitoring_state *state = current_state();
    if (state->tool_names[tool] != NULL && clear_tool(tool) < 0) {
        return NULL;
    }
    Py_CLEAR(state->tool_names[tool]);
    Py_RETURN_NONE;
}

static PyObject *
monitoring_get_tool(PyObject *module, PyObject *arg)
{
    int tool;
    if (int_argument(arg, &tool) < 0 || check_tool_number(tool) < 0) {
        return NULL;
    }
    PyObject *name = current_state()->tool_names[tool];
    return Py_NewRef(name != NULL ? name : Py_None);
}

static PyObject *
monitoring_register_callback(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int tool, event_set;
    if (!_PyArg_CheckPositional("register_callback", nargs, 3, 3) || int_argument(args[0], &tool) < 0
        || int_argument(args[1], &event_set) < 0 || check_tool_number(tool) < 0) {
        return NULL;
    }
    if (event_set <= 0 || (event_set & (event_set - 1)) != 0) {
        PyErr_SetString(PyExc_ValueError, "The callback can only be set for one event at a time");
        return NULL;
    }
    int event = __builtin_ctz((unsigned)event_set);
    if (event >= _PY_MONITORING_EVENTS) {
        PyErr_Format(PyExc_ValueError, "invalid event %d", event_set);
        return NULL;
    }
    if (PySys_Audit("sys.monitoring.register_callback", "O", args[2]) < 0) {
        return NULL;
    }
    PyObject *callback = args[2] == Py_None ? NULL : args[2];
    PyObject *old;
    if (event == PY_MONITORING_EVENT_BRANCH) {
        Py_XDECREF(swap_callback(tool, PY_MONITORING_EVENT_BRANCH_LEFT, callback));
        Py_XDECREF(swap_callback(tool, PY_MONITORING_EVENT_BRANCH_RIGHT, callback));
    }
    old = swap_callback(tool, event, callback);
    return old != NULL ? old : Py_NewRef(Py_None);
}

static PyObject *
monitoring_get_events(PyObject *module, PyObject *arg)
{
    int tool;
    if (int_argument(arg, &tool) < 0 || check_tool_in_use(tool) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(_PyMonitoring_GetEvents(tool));
}

/* C_RETURN and C_RAISE come with CALL; BRANCH stands for both branches.  -1 with an exception. */
static int
normalize_events(unsigned *events)
{
    if (*events & C_EVENTS) {
        if ((*events & CALL_EVENTS) != CALL_EVENTS) {
            PyErr_Format(PyExc_ValueError, "cannot set C_RETURN or C_RAISE events independently");
            return -1;
        }
        *events &= ~C_EVENTS;
    }
    if (*events & 1u << PY_MONITORING_EVENT_BRANCH) {
        *events &= ~(1u << PY_MONITORING_EVENT_BRANCH);
        *events |= BRANCH_EVENTS;
    }
    return 0;
}

static PyObject *
monitoring_set_events(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int tool, event_set;
    if (!_PyArg_CheckPositional("set_events", nargs, 2, 2) || int_argument(args[0], &tool) < 0
        || int_argument(args[1], &event_set) < 0 || check_tool_number(tool) < 0) {
        return NULL;
    }
    if (event_set < 0 || event_set >= 1 << _PY_MONITORING_EVENTS) {
        PyErr_Format(PyExc_ValueError, "invalid event set 0x%x", event_set);
        return NULL;
    }
    unsigned events = (unsigned)event_set;
    if (normalize_events(&events) < 0 || check_tool_in_use(tool) < 0 || _PyMonitoring_SetEvents(tool, events) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
monitoring_get_local_events(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int tool;
    if (!_PyArg_CheckPositional("get_local_events", nargs, 2, 2) || int_argument(args[0], &tool) < 0) {
        return NULL;
    }
    if (!PyCode_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "code must be a code object");
        return NULL;
    }
    if (check_tool_in_use(tool) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(_PyMonitoring_GetLocalEvents((PyCodeObject *)args[1], tool));
}

static PyObject *
monitoring_set_local_events(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int tool, event_set;
    if (!_PyArg_CheckPositional("set_local_events", nargs, 3, 3) || int_argument(args[0], &tool) < 0
        || int_argument(args[2], &event_set) < 0) {
        return NULL;
    }
    if (!PyCode_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "code must be a code object");
        return NULL;
    }
    if (check_tool_in_use(tool) < 0) {
        return NULL;
    }
    unsigned events = (unsigned)event_set;
    if (normalize_events(&events) < 0) {
        return NULL;
    }
    if (event_set < 0 || events >= 1u << _PY_MONITORING_LOCAL_EVENTS) {
        PyErr_Format(PyExc_ValueError, "invalid local event set 0x%x", event_set);
        return NULL;
    }
    if (_PyMonitoring_SetLocalEvents((PyCodeObject *)args[1], tool, events) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
monitoring_restart_events(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return _PyMonitoring_Restart() < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
monitoring__all_events(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    struct _Py_monitoring_state *state = current_state();
    PyObject *dict = PyDict_New();
    for (int event = 0; dict != NULL && event < _PY_MONITORING_UNGROUPED_EVENTS; event++) {
        if (state->tools[event] == 0) {
            continue;
        }
        PyObject *tools = PyLong_FromLong(state->tools[event]);
        if (tools == NULL || PyDict_SetItemString(dict, _PyMonitoring_EventName(event), tools) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(tools);
    }
    return dict;
}

static PyMethodDef monitoring_methods[] = {
    PY_METHOD(monitoring, use_tool_id, METH_FASTCALL, "($module, tool_id, name, /)", "Take a tool number."),
    PY_METHOD(monitoring, clear_tool_id, METH_O, "($module, tool_id, /)", "Forget the events and callbacks of a tool."),
    PY_METHOD(monitoring, free_tool_id, METH_O, "($module, tool_id, /)", "Give a tool number back."),
    PY_METHOD(monitoring, get_tool, METH_O, "($module, tool_id, /)", "Return the name of a tool, or None."),
    PY_METHOD(monitoring, register_callback, METH_FASTCALL, "($module, tool_id, event, func, /)",
              "Set the callback for one event; return the one before."),
    PY_METHOD(monitoring, get_events, METH_O, "($module, tool_id, /)", "Return the events a tool wants everywhere."),
    PY_METHOD(monitoring, set_events, METH_FASTCALL, "($module, tool_id, event_set, /)",
              "Choose the events a tool wants everywhere."),
    PY_METHOD(monitoring, get_local_events, METH_FASTCALL, "($module, tool_id, code, /)",
              "Return the events a tool wants in one code object."),
    PY_METHOD(monitoring, set_local_events, METH_FASTCALL, "($module, tool_id, code, event_set, /)",
              "Choose the events a tool wants in one code object."),
    PY_METHOD(monitoring, restart_events, METH_NOARGS, "($module, /)", "Enable what callbacks have disabled."),
    PY_METHOD(monitoring, _all_events, METH_NOARGS, "($module, /)", "Return the events that are active and their tools."),
    {0}
};

static struct PyModuleDef monitoring_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sys.monitoring",
    .m_size = -1,
    .m_methods = monitoring_methods,
};

/* -- Creation ------------------------------------------------------------------------------------------------------------------ */

static int
add_event(PyObject *events, const char *name, int value)
{
    PyObject *number = PyLong_FromLong(value);
    int status = number == NULL ? -1 : PyObject_SetAttrString(events, name, number);
    Py_XDECREF(number);
    return status;
}

static int
add_constants(PyObject *module)
{
    if (PyObject_SetAttrString(module, "DISABLE", &_PyInstrumentation_DISABLE) < 0
        || PyObject_SetAttrString(module, "MISSING", &_PyInstrumentation_MISSING) < 0
        || PyModule_AddIntConstant(module, "DEBUGGER_ID", 0) < 0
        || PyModule_AddIntConstant(module, "COVERAGE_ID", 1) < 0
        || PyModule_AddIntConstant(module, "PROFILER_ID", 2) < 0
        || PyModule_AddIntConstant(module, "OPTIMIZER_ID", 5) < 0) {
        return -1;
    }
    PyObject *events = _PyNamespace_New(NULL);
    if (events == NULL || PyObject_SetAttrString(module, "events", events) < 0) {
        Py_XDECREF(events);
        return -1;
    }
    Py_DECREF(events);        /* the module holds it */
    for (int event = 0; event < _PY_MONITORING_EVENTS; event++) {
        if (add_event(events, _PyMonitoring_EventName(event), 1 << event) < 0) {
            return -1;
        }
    }
    return add_event(events, "NO_EVENTS", 0);
}

PyObject *
_Py_CreateMonitoringObject(void)
{
    PyObject *module = PyModule_Create(&monitoring_module);
    if (module == NULL) {
        return NULL;
    }
    if (add_constants(module) < 0) {
        Py_CLEAR(module);
    }
    return module;
}

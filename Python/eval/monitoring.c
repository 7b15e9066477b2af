/* Events of running code (PEP 669): which tools want what, the instrumented instructions, calling the tools.

   A code object whose events are wanted has a CodeWatch: for each word the original opcode, whether a line starts there, and
   which tools have disabled its events.  Watched instructions have the opcode INSTRUMENTED.  CodeWatch and opcodes change
   while the world is stopped; the disabled bits are atomic, relaxed (a tool may see one event too many).
   _PyMonitoring_GlobalVersion changes with every set of events; RESUME compares it with its code object's. */
#include "monitoring.h"
#include "monitoring_internal.h"
#include "pycore_ceval.h"
#include "pycore_function.h"
#include "pycore_interp.h"
#include "pycore_lock.h"
#include "pycore_long.h"
#include "specialize.h"

uintptr_t _PyMonitoring_GlobalVersion;
int _PyMonitoring_AnyEvents;

PyObject _PyInstrumentation_DISABLE = _PyObject_HEAD_INIT(&PyBaseObject_Type);
PyObject _PyInstrumentation_MISSING = _PyObject_HEAD_INIT(&PyBaseObject_Type);

/* -- What a code object keeps ------------------------------------------------------------------------------------------ */

typedef struct {
    Py_ssize_t n;
    uint8_t local_tools[_PY_MONITORING_LOCAL_EVENTS];    /* set_local_events() */
    uint8_t active[_PY_MONITORING_LOCAL_EVENTS];         /* tools, global or local; as of the last instrumentation */
    uint32_t restart_version;
    uint8_t *original;              /* opcode of each word */
    uint8_t *line_start;
    uint8_t *disabled_line;         /* tools that disabled the events of this word */
    uint8_t *disabled_instruction;
    uint8_t *disabled_base;
    uint8_t *disabled_right;
    int32_t *lines;
} CodeWatch;

static uint32_t restart_version;

static CodeWatch *
code_watch(PyCodeObject *co)
{
    return (CodeWatch *)_PyCode_EXTRA(co)->instrumentation;
}

void
_PyMonitoring_FreeCode(PyCodeObject *co)
{
    PyMem_RawFree(_PyCode_EXTRA(co)->instrumentation);
    _PyCode_EXTRA(co)->instrumentation = NULL;
}

int
_PyMonitoring_OriginalOpcode(PyCodeObject *co, Py_ssize_t i)
{
    CodeWatch *watch = code_watch(co);
    return watch != NULL ? watch->original[i] : _PyCode_CODE(co)[i].i.op;
}

static int
is_jump(int opcode)
{
    static const uint8_t jumps[256] = {
#define J 1
#define RAISES 0
#define CACHED 0
#define POLL 0
#define CALLS 0
#define END 0
#define OP(name, a, b, c, words, effects, description) [OP_##name] = (effects) & 1,
#include "../compile/opcodes.def"
#undef OP
#undef J
#undef RAISES
#undef CACHED
#undef POLL
#undef CALLS
#undef END
    };
    return jumps[opcode];
}

static Py_ssize_t
jump_target(PyCodeObject *co, Py_ssize_t i)
{
    return i + 2 + _PyCode_CODE(co)[i + 1].ext.jump;
}

static void
mark_lines(PyCodeObject *co, CodeWatch *watch)
{
    Py_ssize_t n = watch->n;
    Py_ssize_t i = 0;
    _Py_LocationFill(co, watch->lines, n);
    int line = -1;
    for (i = 0; i < n;) {
        int opcode = watch->original[i];
        if (i <= co->_co_firsttraceable || opcode == OP_RESUME) {
            if (opcode == OP_RESUME && i == co->_co_firsttraceable) {
                line = -1;
            }
        }
        else if (watch->lines[i] != line) {
            line = watch->lines[i];
            watch->line_start[i] = line >= 0;
        }
        i += _PyEval_OpcodeWords(opcode);
    }
    /* A jump that comes from another line begins a line. */
    for (i = 0; i < n;) {
        int opcode = watch->original[i];
        if (is_jump(opcode)) {
            Py_ssize_t target = jump_target(co, i);
            if (watch->lines[target] >= 0 && watch->lines[target] != watch->lines[i]
                && watch->original[target] != OP_RESUME) {
                watch->line_start[target] = 1;
            }
        }
        i += _PyEval_OpcodeWords(opcode);
    }
    const _PyExceptionTableRow *rows = (const void *)PyBytes_AS_STRING(co->co_exceptiontable);
    Py_ssize_t nrows = PyBytes_GET_SIZE(co->co_exceptiontable) / (Py_ssize_t)sizeof *rows;
    for (Py_ssize_t k = 0; k < nrows; k++) {
        if (watch->lines[rows[k].handler] >= 0) {
            watch->line_start[rows[k].handler] = 1;
        }
    }
}

/* The world is stopped.  NULL without an exception: no memory. */
static CodeWatch *
make_watch(PyCodeObject *co)
{
    CodeWatch *watch = code_watch(co);
    if (watch != NULL) {
        return watch;
    }
    size_t n = (size_t)_PyCode_NWORDS(co);
    watch = PyMem_RawCalloc(1, sizeof(CodeWatch) + n * (6 + sizeof(int32_t)));
    if (watch == NULL) {
        return NULL;
    }
    watch->n = (Py_ssize_t)n;
    watch->lines = (int32_t *)(void *)(watch + 1);
    watch->original = (uint8_t *)(watch->lines + n);
    watch->line_start = watch->original + n;
    watch->disabled_line = watch->line_start + n;
    watch->disabled_instruction = watch->disabled_line + n;
    watch->disabled_base = watch->disabled_instruction + n;
    watch->disabled_right = watch->disabled_base + n;
    watch->restart_version = restart_version;
    for (size_t i = 0; i < n;) {
        int opcode = _PyEval_GenericOpcode(_PyCode_CODE(co)[i].i.op);
        watch->original[i] = (uint8_t)opcode;
        i += (size_t)_PyEval_OpcodeWords(opcode);
    }
    mark_lines(co, watch);
    _PyCode_EXTRA(co)->instrumentation = watch;
    return watch;
}

/* -- Which events an instruction has -------------------------------------------------------------------------------------- */

#define NO_EVENT -1

/* The event of an instruction itself; conditional branches count as BRANCH_LEFT. */
static int
base_event(int opcode, unsigned x)
{
    switch (opcode) {
    case OP_RESUME:
        return x == 0 ? PY_MONITORING_EVENT_PY_START : PY_MONITORING_EVENT_PY_RESUME;
    case OP_RETURN:
    case OP_RETURN_CONST:
        return PY_MONITORING_EVENT_PY_RETURN;
    case OP_YIELD_VALUE:
        return PY_MONITORING_EVENT_PY_YIELD;
    case OP_CALL:
    case OP_CALL_KW:
    case OP_CALL_EX:
        return PY_MONITORING_EVENT_CALL;
    case OP_JUMP:
    case OP_JUMP_BACK:
        return PY_MONITORING_EVENT_JUMP;
    case OP_SEND:
        return PY_MONITORING_EVENT_STOP_ITERATION;
    default:
        return is_jump(opcode) ? PY_MONITORING_EVENT_BRANCH_LEFT : NO_EVENT;
    }
}

/* Does anyone want something of word i? */
static bool
is_wanted(PyCodeObject *co, CodeWatch *watch, Py_ssize_t i)
{
    int opcode = watch->original[i];
    if (i < co->_co_firsttraceable) {
        return false;
    }
    if (watch->active[PY_MONITORING_EVENT_INSTRUCTION] & ~watch->disabled_instruction[i]) {
        return true;
    }
    if (watch->line_start[i] && (watch->active[PY_MONITORING_EVENT_LINE] & ~watch->disabled_line[i])) {
        return true;
    }
    int event = base_event(opcode, _PyCode_CODE(co)[i].i.x);
    if (event == NO_EVENT) {
        return false;
    }
    if (watch->active[event] & ~watch->disabled_base[i]) {
        return true;
    }
    if (event == PY_MONITORING_EVENT_BRANCH_LEFT) {
        if (watch->active[PY_MONITORING_EVENT_BRANCH_RIGHT] & ~watch->disabled_right[i]) {
            return true;
        }
        if (opcode == OP_FOR_ITER
            && (watch->active[PY_MONITORING_EVENT_STOP_ITERATION])) {
            return true;
        }
    }
    /* Backward jumps begin their line anew. */
    return is_jump(opcode) && watch->active[PY_MONITORING_EVENT_LINE] && jump_target(co, i) <= i;
}

/* The world is stopped, or only bits of *this* instruction are taken away. */
static void
set_opcode(PyCodeObject *co, CodeWatch *watch, Py_ssize_t i)
{
    _Py_Instr *instr = &_PyCode_CODE(co)[i];
    uint64_t word = __atomic_load_n(&instr->word, __ATOMIC_RELAXED);
    int opcode = (int)(word & 0xFF);
    int wanted = is_wanted(co, watch, i) ? OP_INSTRUMENTED : watch->original[i];
    if (wanted == OP_INSTRUMENTED ? opcode != OP_INSTRUMENTED : opcode == OP_INSTRUMENTED) {
        __atomic_store_n(&instr->word, (word & ~(uint64_t)0xFF) | (uint64_t)wanted, __ATOMIC_RELEASE);
    }
}

static struct _Py_monitoring_state *
monitoring_state(PyInterpreterState *interp)
{
    return &interp->eval_state.monitoring;
}

/* Brings the opcodes of co up to date; the world is stopped.  -1: no memory. */
static int
instrument_stopped(PyInterpreterState *interp, PyCodeObject *co)
{
    struct _Py_monitoring_state *state = monitoring_state(interp);
    CodeWatch *watch = code_watch(co);
    bool any = watch != NULL;
    for (int e = 0; e < _PY_MONITORING_LOCAL_EVENTS; e++) {
        any |= state->tools[e] != 0;
    }
    if (any) {
        watch = make_watch(co);
        if (watch == NULL) {
            return -1;
        }
        if (watch->restart_version != restart_version) {
            watch->restart_version = restart_version;
            memset(watch->disabled_line, 0, (size_t)watch->n * 4);
        }
        for (int e = 0; e < _PY_MONITORING_LOCAL_EVENTS; e++) {
            watch->active[e] = state->tools[e] | watch->local_tools[e];
        }
        for (Py_ssize_t i = 0; i < watch->n;) {
            set_opcode(co, watch, i);
            i += _PyEval_OpcodeWords(watch->original[i]);
        }
    }
    __atomic_store_n(&co->_co_instrumentation_version, _PyMonitoring_GlobalVersion, __ATOMIC_RELEASE);
    return 0;
}

static int
instrument(PyCodeObject *co)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    _PyEval_StopTheWorld(interp);
    int status = instrument_stopped(interp, co);
    _PyEval_StartTheWorld(interp);
    if (status < 0) {
        PyErr_NoMemory();
    }
    return status;
}

int
monitoring_update_code(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    struct _Py_monitoring_state *state = monitoring_state(tstate->interp);
    bool any = code_watch(co) != NULL;
    for (int e = 0; e < _PY_MONITORING_LOCAL_EVENTS && !any; e++) {
        any = state->tools[e] != 0;
    }
    if (!any) {
        __atomic_store_n(&co->_co_instrumentation_version, _PyMonitoring_GlobalVersion, __ATOMIC_RELEASE);
        return 0;
    }
    return instrument(co);
}

/* Events have changed: everything that runs now is brought up to date at once, the rest at its next RESUME. */
static int
update_everything(PyInterpreterState *interp)
{
    struct _Py_monitoring_state *state = monitoring_state(interp);
    int status = 0;
    _PyEval_StopTheWorld(interp);
    _PyMonitoring_GlobalVersion++;
    state->version++;
    bool unlocated = false;
    for (int e = _PY_MONITORING_LOCAL_EVENTS; e < _PY_MONITORING_UNGROUPED_EVENTS; e++) {
        unlocated |= state->tools[e] != 0;
    }
    unlocated |= state->tools[PY_MONITORING_EVENT_STOP_ITERATION] != 0;
    _PyMonitoring_AnyEvents = unlocated || (_PyMonitoring_AnyEvents && !_Py_IsMainInterpreter(interp));
    _Py_FOR_EACH_TSTATE_UNLOCKED(interp, p) {
        for (_PyInterpreterFrame *f = p->current_frame; f != NULL; f = f->previous) {
            if (f->owner == FRAME_OWNED_BY_INTERPRETER) {
                continue;
            }
            PyCodeObject *co = _PyFrame_GetCode(f);
            if (monitoring_is_stale(co) && instrument_stopped(interp, co) < 0) {
                status = -1;
            }
        }
    }
    _PyEval_StartTheWorld(interp);
    if (status < 0) {
        PyErr_NoMemory();
    }
    return status;
}

int
_PyMonitoring_SetEvents(int tool, uint32_t events)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _Py_monitoring_state *state = monitoring_state(interp);
    bool changed = false;
    for (int e = 0; e < _PY_MONITORING_UNGROUPED_EVENTS; e++) {
        uint8_t bit = (uint8_t)(1 << tool);
        uint8_t tools = events >> e & 1 ? state->tools[e] | bit : state->tools[e] & (uint8_t)~bit;
        changed |= tools != state->tools[e];
        state->tools[e] = tools;
    }
    return changed ? update_everything(interp) : 0;
}

uint32_t
_PyMonitoring_GetEvents(int tool)
{
    struct _Py_monitoring_state *state = monitoring_state(_PyInterpreterState_GET());
    uint32_t events = 0;
    for (int e = 0; e < _PY_MONITORING_UNGROUPED_EVENTS; e++) {
        events |= (uint32_t)(state->tools[e] >> tool & 1) << e;
    }
    return events;
}

int
_PyMonitoring_SetLocalEvents(PyCodeObject *co, int tool, uint32_t events)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (events == 0 && code_watch(co) == NULL) {
        return 0;
    }
    int status = -1;
    _PyEval_StopTheWorld(interp);
    CodeWatch *watch = make_watch(co);
    if (watch != NULL) {
        for (int e = 0; e < _PY_MONITORING_LOCAL_EVENTS; e++) {
            uint8_t bit = (uint8_t)(1 << tool);
            watch->local_tools[e] = events >> e & 1 ? watch->local_tools[e] | bit
                                                    : watch->local_tools[e] & (uint8_t)~bit;
        }
        status = instrument_stopped(interp, co);
    }
    _PyEval_StartTheWorld(interp);
    if (status < 0) {
        PyErr_NoMemory();
    }
    return status;
}

uint32_t
_PyMonitoring_GetLocalEvents(PyCodeObject *co, int tool)
{
    CodeWatch *watch = code_watch(co);
    uint32_t events = 0;
    for (int e = 0; watch != NULL && e < _PY_MONITORING_LOCAL_EVENTS; e++) {
        events |= (uint32_t)(watch->local_tools[e] >> tool & 1) << e;
    }
    return events;
}

int
_PyMonitoring_Restart(void)
{
    restart_version++;
    return update_everything(_PyInterpreterState_GET());
}

/* -- Calling tools ------------------------------------------------------------------------------------------------------------ */

static const char *const event_names[_PY_MONITORING_EVENTS] = {
    "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "LINE", "INSTRUCTION", "JUMP", "BRANCH_LEFT",
    "BRANCH_RIGHT", "STOP_ITERATION", "RAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE", "C_RETURN",
    "C_RAISE", "BRANCH",
};

const char *
_PyMonitoring_EventName(int event)
{
    return event_names[event];
}

/* 1: the tool wants no more of these; 0; -1 with an exception. */
static int
call_tool(PyThreadState *tstate, int tool, int event, PyObject **args, size_t nargs)
{
    if (tstate->tracing) {
        return 0;
    }
    PyObject *callable = monitoring_state(tstate->interp)->callables[tool][event];
    if (callable == NULL) {
        return 0;
    }
    Py_INCREF(callable);
    int old_what = tstate->what_event;
    tstate->what_event = event;
    tstate->tracing++;
    PyObject *result = _PyObject_VectorcallTstate(tstate, callable, args, nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    tstate->tracing--;
    tstate->what_event = old_what;
    Py_DECREF(callable);
    if (result == NULL) {
        return -1;
    }
    int disable = result == &_PyInstrumentation_DISABLE;
    Py_DECREF(result);
    return disable;
}

/* Calls the tools of `tools` in order; a tool that returns DISABLE gets a bit in *disabled (may be NULL). */
static int
call_tools(PyThreadState *tstate, unsigned tools, int event, PyObject **args, size_t nargs, uint8_t *disabled)
{
    for (int tool = 0; tools != 0; tool++, tools >>= 1) {
        if (!(tools & 1)) {
            continue;
        }
        int result = call_tool(tstate, tool, event, args, nargs);
        if (result < 0) {
            return -1;
        }
        if (result > 0) {
            if (disabled == NULL) {
                struct _Py_monitoring_state *state = monitoring_state(tstate->interp);
                Py_CLEAR(state->callables[tool][event]);
                PyErr_Format(PyExc_ValueError, "Cannot disable %s events. Callback removed.", event_names[event]);
                return -1;
            }
            __atomic_fetch_or(disabled, (uint8_t)(1 << tool), __ATOMIC_RELAXED);
        }
    }
    return 0;
}

/* After a tool disabled something at word i. */
static void
refresh_word(PyCodeObject *co, CodeWatch *watch, Py_ssize_t i)
{
    if (!is_wanted(co, watch, i)) {
        set_opcode(co, watch, i);
    }
}

/* Event at word i with up to two more arguments after code and offset. */
static int
fire_at(PyThreadState *tstate, PyCodeObject *co, Py_ssize_t i, unsigned tools, int event, PyObject *arg1, PyObject *arg2,
        uint8_t *disabled)
{
    if (tools == 0 || tstate->tracing) {
        return 0;
    }
    PyObject *offset = PyLong_FromSsize_t(i * 2);
    if (offset == NULL) {
        return -1;
    }
    PyObject *args[5] = {NULL, (PyObject *)co, offset, arg1, arg2};
    size_t nargs = 2 + (arg1 != NULL) + (arg2 != NULL);
    int status = call_tools(tstate, tools, event, args + 1, nargs, disabled);
    Py_DECREF(offset);
    return status;
}

static int
fire_line(PyThreadState *tstate, _PyInterpreterFrame *frame, PyCodeObject *co, CodeWatch *watch, Py_ssize_t i)
{
    int line = watch->lines[i];
    if ((int)frame->serial == line + 1) {
        return 0;                  /* still the same line */
    }
    frame->serial = (uint32_t)(line + 1);
    unsigned tools = watch->active[PY_MONITORING_EVENT_LINE] & ~watch->disabled_line[i] & 0xFFu;
    if (tools == 0 || tstate->tracing) {
        return 0;
    }
    PyObject *number = PyLong_FromLong(line);
    if (number == NULL) {
        return -1;
    }
    PyObject *args[3] = {NULL, (PyObject *)co, number};
    int status = call_tools(tstate, tools, PY_MONITORING_EVENT_LINE, args + 1, 2, &watch->disabled_line[i]);
    Py_DECREF(number);
    return status;
}

/* A jump back to target. */
static int
line_begins_anew(PyThreadState *tstate, _PyInterpreterFrame *frame, PyCodeObject *co, CodeWatch *watch,
                 Py_ssize_t target)
{
    frame->serial = 0;
    if (watch->lines[target] >= 0 && (watch->active[PY_MONITORING_EVENT_LINE] & ~watch->disabled_line[target])
        && !watch->line_start[target]) {
        /* A loop on one line: its head is no line start of its own. */
        return fire_line(tstate, frame, co, watch, target);
    }
    return 0;
}

/* -- The instrumented instruction ------------------------------------------------------------------------------------------------ */

static int
fire_call(PyThreadState *tstate, _PyInterpreterFrame *frame, PyCodeObject *co, CodeWatch *watch, _Py_Instr *pc,
          int opcode, unsigned tools)
{
    uint64_t w = pc->word;
    Py_ssize_t i = pc - _PyCode_CODE(co);
    _PyValue *block = &frame->regs[W_BI(w)];
    (void)block_has_self(block);
    if (block_own(block, opcode == OP_CALL_EX ? 4 : (Py_ssize_t)W_C(w) + 2) < 0) {
        return -1;
    }
    PyObject *callable = _PyValue_AsObject(block[0]);
    PyObject *arg0 = &_PyInstrumentation_MISSING;
    if (opcode == OP_CALL_EX) {
        PyObject *args = _PyValue_AsObject(block[2]);
        if (PyTuple_CheckExact(args) && PyTuple_GET_SIZE(args) > 0) {
            arg0 = PyTuple_GET_ITEM(args, 0);
        }
    }
    else if (_PyValue_IsObject(block[1])) {
        arg0 = _PyValue_AsObject(block[1]);
    }
    else {
        Py_ssize_t npositional = W_C(w);
        if (opcode == OP_CALL_KW) {
            npositional -= PyTuple_GET_SIZE(_PyValue_AsObject(block[2 + W_C(w)]));
        }
        if (npositional > 0) {
            arg0 = _PyValue_AsObject(block[2]);
        }
    }
    bool is_python = PyFunction_Check(callable)
        || (PyMethod_Check(callable) && PyFunction_Check(PyMethod_GET_FUNCTION(callable)));
    Py_INCREF(callable);
    Py_INCREF(arg0);
    int status = fire_at(tstate, co, i, tools, PY_MONITORING_EVENT_CALL, callable, arg0, &watch->disabled_base[i]);
    if (status == 0 && !is_python) {
        /* The call itself, so that its end can be told. */
        PyObject *result;
        if (opcode == OP_CALL_EX) {
            _PyInterpreterFrame *callee = NULL;
            result = call_ex(tstate, frame, block, &callee);
            assert(callee == NULL);
        }
        else {
            PyObject *kwnames = opcode == OP_CALL_KW ? _PyValue_AsObject(block[2 + W_C(w)]) : NULL;
            result = call_block(tstate, block, W_C(w), kwnames);
            if (result != NULL && kwnames != NULL) {
                reg_clear(&block[2 + W_C(w)]);
            }
        }
        if (result == NULL) {
            PyObject *exc = _PyErr_GetRaisedException(tstate);
            status = fire_at(tstate, co, i, watch->active[PY_MONITORING_EVENT_CALL], PY_MONITORING_EVENT_C_RAISE, callable,
                             arg0, NULL);
            if (status == 0) {
                _PyErr_SetRaisedException(tstate, exc);
            }
            else {
                Py_XDECREF(exc);
            }
            status = -1;
        }
        else {
            status = fire_at(tstate, co, i, watch->active[PY_MONITORING_EVENT_CALL], PY_MONITORING_EVENT_C_RETURN,
                             callable, arg0, NULL);
            if (status < 0) {
                Py_DECREF(result);
            }
            else {
                reg_set(&frame->regs[W_A(w)], value_from_number(result));
                frame->pc = pc + (opcode == OP_CALL_EX ? 1 : 2);
            }
        }
    }
    Py_DECREF(callable);
    Py_DECREF(arg0);
    return status;
}

/* Does a branch, but for the change of pc: 1 taken, 0 not, -1 with an exception. */
static int
do_branch(PyThreadState *tstate, _PyInterpreterFrame *frame, int opcode, uint64_t w)
{
    _PyValue *regs = frame->regs;
    int truth;
    switch (opcode) {
#define BRANCH(name)                                                          \
    case OP_JUMP_##name:                                                      \
        truth = compare_jump_regs(frame, w, Py_##name);                       \
        return truth < 0 ? -1 : truth == W_X(w);                              \
    case OP_JUMP_##name##_K:                                                  \
        truth = compare_jump_k(frame, w, Py_##name);                          \
        return truth < 0 ? -1 : truth == W_X(w);
    BRANCH(LT)
    BRANCH(LE)
    BRANCH(EQ)
    BRANCH(NE)
    BRANCH(GT)
    BRANCH(GE)
#undef BRANCH
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE:
        truth = value_is_true(regs[W_BI(w)]);
        if (truth < 0) {
            return -1;
        }
        _PyValue_Release(reg_spent(regs, W_B(w)));
        return truth == (opcode == OP_JUMP_IF_TRUE);
    case OP_JUMP_IF_NONE:
    case OP_JUMP_IF_NOT_NONE:
        truth = value_is(regs[W_BI(w)], VALUE_NONE);
        _PyValue_Release(reg_spent(regs, W_B(w)));
        return truth == (opcode == OP_JUMP_IF_NONE);
    case OP_JUMP_IF_IS: {
        truth = value_is(regs[W_BI(w)], regs[W_CI(w)]);
        _PyValue b = reg_spent(regs, W_B(w));
        _PyValue c = reg_spent(regs, W_C(w));
        _PyValue_Release(b);
        _PyValue_Release(c);
        return truth == W_X(w);
    }
    case OP_JUMP_IF_CONTAINS:
        truth = contains_regs(frame, w);
        return truth < 0 ? -1 : truth == W_X(w);
    case OP_FOR_ITER: {
        PyObject *iter = _PyValue_AsObject(regs[W_BI(w)]);
        PyObject *next = Py_TYPE(iter)->tp_iternext(iter);
        if (next != NULL) {
            reg_set(&regs[W_A(w)], value_from_number(next));
            return 0;
        }
        if (_PyErr_Occurred(tstate)) {
            if (!_PyErr_ExceptionMatches(tstate, PyExc_StopIteration)) {
                return -1;
            }
            monitor_raise_stop_iteration(tstate, frame, frame->pc);
            _PyErr_Clear(tstate);
        }
        reg_clear(&regs[W_BI(w)]);
        return 1;
    }
    default:
        Py_UNREACHABLE();
    }
}

static int
fire_branch(PyThreadState *tstate, _PyInterpreterFrame *frame, PyCodeObject *co, CodeWatch *watch, _Py_Instr *pc,
            int opcode)
{
    Py_ssize_t i = pc - _PyCode_CODE(co);
    int taken = do_branch(tstate, frame, opcode, pc->word);
    if (taken < 0) {
        return -1;
    }
    Py_ssize_t target = taken ? jump_target(co, i) : i + 2;
    int event = taken ? PY_MONITORING_EVENT_BRANCH_RIGHT : PY_MONITORING_EVENT_BRANCH_LEFT;
    uint8_t *disabled = taken ? &watch->disabled_right[i] : &watch->disabled_base[i];
    unsigned tools = watch->active[event] & ~*disabled & 0xFFu;
    if (target <= i && line_begins_anew(tstate, frame, co, watch, target) < 0) {
        return -1;
    }
    if (tools != 0) {
        PyObject *to = PyLong_FromSsize_t(target * 2);
        if (to == NULL) {
            return -1;
        }
        int status = fire_at(tstate, co, i, tools, event, to, NULL, disabled);
        Py_DECREF(to);
        refresh_word(co, watch, i);
        if (status < 0) {
            return -1;
        }
    }
    frame->pc = _PyCode_CODE(co) + target;
    return 0;
}

static int
fire_jump(PyThreadState *tstate, _PyInterpreterFrame *frame, PyCodeObject *co, CodeWatch *watch, Py_ssize_t i,
          unsigned tools)
{
    Py_ssize_t target = jump_target(co, i);
    if (tools != 0) {
        PyObject *to = PyLong_FromSsize_t(target * 2);
        if (to == NULL) {
            return -1;
        }
        int status = fire_at(tstate, co, i, tools, PY_MONITORING_EVENT_JUMP, to, NULL, &watch->disabled_base[i]);
        Py_DECREF(to);
        if (status < 0) {
            return -1;
        }
    }
    return target <= i ? line_begins_anew(tstate, frame, co, watch, target) : 0;
}

/* Register b or constant that is returned or yielded, as an object. */
static int
fire_result(PyThreadState *tstate, PyCodeObject *co, Py_ssize_t i, unsigned tools, int event, _PyValue v,
            uint8_t *disabled)
{
    PyObject *temp;
    PyObject *value = value_object(v, &temp);
    if (value == NULL) {
        return -1;
    }
    int status = fire_at(tstate, co, i, tools, event, value, NULL, disabled);
    Py_XDECREF(temp);
    return status;
}

int
monitoring_fire(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    CodeWatch *watch = code_watch(co);
    if (watch == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "instrumented instruction without a table");
        return -1;
    }
    Py_ssize_t i = pc - _PyCode_CODE(co);
    int opcode = watch->original[i];
    uint64_t w = pc->word;
    int status = 0;
    if (opcode == OP_RESUME && monitoring_is_stale(co)) {
        if (instrument(co) < 0) {
            return -1;
        }
    }
    if (watch->line_start[i] && watch->active[PY_MONITORING_EVENT_LINE]) {
        if (fire_line(tstate, frame, co, watch, i) < 0) {
            return -1;
        }
        refresh_word(co, watch, i);
        if (frame->pc != pc) {
            return opcode;         /* f_lineno was set */
        }
    }
    unsigned tools = watch->active[PY_MONITORING_EVENT_INSTRUCTION] & ~watch->disabled_instruction[i] & 0xFFu;
    if (tools != 0) {
        status = fire_at(tstate, co, i, tools, PY_MONITORING_EVENT_INSTRUCTION, NULL, NULL,
                         &watch->disabled_instruction[i]);
        refresh_word(co, watch, i);
        if (status < 0 || frame->pc != pc) {
            return status < 0 ? -1 : opcode;
        }
    }
    int event = base_event(opcode, W_X(w));
    if (event == NO_EVENT) {
        return opcode;
    }
    uint8_t *disabled = &watch->disabled_base[i];
    tools = watch->active[event] & ~*disabled & 0xFFu;
    switch (event) {
    case PY_MONITORING_EVENT_BRANCH_LEFT:
        status = fire_branch(tstate, frame, co, watch, pc, opcode);
        break;
    case PY_MONITORING_EVENT_JUMP:
        status = fire_jump(tstate, frame, co, watch, i, tools);
        refresh_word(co, watch, i);
        break;
    case PY_MONITORING_EVENT_CALL:
        if (tools != 0) {
            status = fire_call(tstate, frame, co, watch, pc, opcode, tools);
            refresh_word(co, watch, i);
        }
        break;
    case PY_MONITORING_EVENT_PY_RETURN:
        status = fire_result(tstate, co, i, tools, event,
                             opcode == OP_RETURN ? frame->regs[W_AI(w)] : NUMBERS(frame)[W_WIDE(w)], disabled);
        break;
    case PY_MONITORING_EVENT_PY_YIELD:
        status = fire_result(tstate, co, i, tools, event, frame->regs[W_BI(w)], disabled);
        break;
    case PY_MONITORING_EVENT_STOP_ITERATION:
        break;
    default:
        status = fire_at(tstate, co, i, tools, event, NULL, NULL, disabled);
        refresh_word(co, watch, i);
        break;
    }
    return status < 0 ? -1 : opcode;
}

/* -- Exceptions --------------------------------------------------------------------------------------------------------------------- */

/* Fires an event about the exception that is set; it stays set unless a tool raises another one. */
static void
fire_exception(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc, int event)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    unsigned tools = monitoring_state(tstate->interp)->tools[event];
    if (tools == 0 || tstate->tracing) {
        return;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    int status = fire_at(tstate, co, pc - _PyCode_CODE(co), tools, event, exc, NULL, NULL);
    if (status < 0) {
        Py_DECREF(exc);
    }
    else {
        _PyErr_SetRaisedException(tstate, exc);
    }
}

void
monitor_raise_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    fire_exception(tstate, frame, pc, PY_MONITORING_EVENT_RAISE);
}

void
monitor_reraise_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    fire_exception(tstate, frame, pc, PY_MONITORING_EVENT_RERAISE);
}

int
monitor_throw_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    PyObject *before = tstate->current_exception;
    fire_exception(tstate, frame, pc, PY_MONITORING_EVENT_PY_THROW);
    return tstate->current_exception == before ? 0 : -1;
}

/* The exception has left tstate: it is in the handler's register. */
void
monitor_handled_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *handler)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    unsigned tools = monitoring_state(tstate->interp)->tools[PY_MONITORING_EVENT_EXCEPTION_HANDLED];
    if (tools == 0 || tstate->tracing) {
        return;
    }
    const _PyExceptionTableRow *row = _PyCode_FindHandler(co, frame->pc - _PyCode_CODE(co));
    if (row == NULL) {
        return;
    }
    PyObject *exc = Py_NewRef(_PyValue_AsObject(frame->regs[row->depth]));
    int status = fire_at(tstate, co, handler - _PyCode_CODE(co), tools, PY_MONITORING_EVENT_EXCEPTION_HANDLED, exc, NULL,
                         NULL);
    Py_DECREF(exc);
    if (status < 0) {
        PyErr_FormatUnraisable("Exception ignored in an EXCEPTION_HANDLED callback");
    }
}

void
monitor_unwind_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    fire_exception(tstate, frame, pc, PY_MONITORING_EVENT_PY_UNWIND);
}

void
monitor_stop_iteration_slow(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    fire_exception(tstate, frame, pc, PY_MONITORING_EVENT_RAISE);
}

/* -- Code-like objects of C code (PyMonitoring_*) --------------------------------------------------------------------------------- */

int
PyMonitoring_EnterScope(PyMonitoringState *states, uint64_t *version, const uint8_t *events, Py_ssize_t length)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _Py_monitoring_state *state = monitoring_state(interp);
    uint64_t now = (uint64_t)state->version + 1;
    if (*version == now) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        int event = events[i];
        states[i].active = event < _PY_MONITORING_UNGROUPED_EVENTS ? state->tools[event]
            : event == PY_MONITORING_EVENT_BRANCH
                ? state->tools[PY_MONITORING_EVENT_BRANCH_LEFT] | state->tools[PY_MONITORING_EVENT_BRANCH_RIGHT]
            : state->tools[PY_MONITORING_EVENT_CALL];
    }
    *version = now;
    return 0;
}

int
PyMonitoring_ExitScope(void)
{
    return 0;
}

static int
capi_fire(PyMonitoringState *state, PyObject *codelike, int32_t offset, int event, PyObject *arg1, PyObject *arg2)
{
    if (state->active == 0) {
        return 0;
    }
    if (offset < 0) {
        PyErr_SetString(PyExc_ValueError, "offset must be non-negative");
        return -1;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *number = PyLong_FromLong(offset);
    if (number == NULL) {
        return -1;
    }
    PyObject *args[5] = {NULL, codelike, number, arg1, arg2};
    uint8_t disabled = 0;
    bool local = PY_MONITORING_IS_INSTRUMENTED_EVENT(event) || event == PY_MONITORING_EVENT_BRANCH;
    int status = call_tools(tstate, state->active, event, args + 1, 2 + (size_t)(arg1 != NULL) + (size_t)(arg2 != NULL),
                            local ? &disabled : NULL);
    state->active &= (uint8_t)~disabled;
    Py_DECREF(number);
    return status;
}

/* The same with the exception that is set as the argument. */
static int
capi_fire_exception(PyMonitoringState *state, PyObject *codelike, int32_t offset, int event)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL) {
        PyErr_Format(PyExc_ValueError, "Firing event %d with no exception set", event);
        return -1;
    }
    int status = capi_fire(state, codelike, offset, event, exc, NULL);
    if (status == 0) {
        PyErr_SetRaisedException(exc);
    }
    else {
        Py_DECREF(exc);
    }
    return status;
}

#define FIRE_0(name, event)                                                                        \
    int _PyMonitoring_Fire##name##Event(PyMonitoringState *state, PyObject *codelike, int32_t offset) \
    {                                                                                              \
        return capi_fire(state, codelike, offset, PY_MONITORING_EVENT_##event, NULL, NULL);        \
    }
#define FIRE_1(name, event)                                                                        \
    int _PyMonitoring_Fire##name##Event(PyMonitoringState *state, PyObject *codelike, int32_t offset, PyObject *arg) \
    {                                                                                              \
        return capi_fire(state, codelike, offset, PY_MONITORING_EVENT_##event, arg, NULL);         \
    }
#define FIRE_EXCEPTION(name, event)                                                                \
    int _PyMonitoring_Fire##name##Event(PyMonitoringState *state, PyObject *codelike, int32_t offset) \
    {                                                                                              \
        return capi_fire_exception(state, codelike, offset, PY_MONITORING_EVENT_##event);          \
    }
FIRE_0(PyStart, PY_START)
FIRE_0(PyResume, PY_RESUME)
FIRE_1(PyReturn, PY_RETURN)
FIRE_1(PyYield, PY_YIELD)
FIRE_1(Jump, JUMP)
FIRE_1(Branch, BRANCH_RIGHT)
FIRE_1(BranchLeft, BRANCH_LEFT)
FIRE_1(BranchRight, BRANCH_RIGHT)
FIRE_1(CReturn, C_RETURN)
FIRE_EXCEPTION(CRaise, C_RAISE)
FIRE_EXCEPTION(PyThrow, PY_THROW)
FIRE_EXCEPTION(Raise, RAISE)
FIRE_EXCEPTION(Reraise, RERAISE)
FIRE_EXCEPTION(ExceptionHandled, EXCEPTION_HANDLED)
FIRE_EXCEPTION(PyUnwind, PY_UNWIND)

int
_PyMonitoring_FireCallEvent(PyMonitoringState *state, PyObject *codelike, int32_t offset, PyObject *callable,
                            PyObject *arg0)
{
    return capi_fire(state, codelike, offset, PY_MONITORING_EVENT_CALL, callable, arg0);
}

int
_PyMonitoring_FireLineEvent(PyMonitoringState *state, PyObject *codelike, int32_t offset, int line)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *number = PyLong_FromLong(line);
    if (number == NULL) {
        return -1;
    }
    PyObject *args[3] = {NULL, codelike, number};
    uint8_t disabled = 0;
    int status = call_tools(tstate, state->active, PY_MONITORING_EVENT_LINE, args + 1, 2, &disabled);
    state->active &= (uint8_t)~disabled;
    Py_DECREF(number);
    return status;
}

int
_PyMonitoring_FireStopIterationEvent(PyMonitoringState *state, PyObject *codelike, int32_t offset, PyObject *value)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL) {
        exc = PyObject_CallOneArg(PyExc_StopIteration, value);
        if (exc == NULL) {
            return -1;
        }
        int status = capi_fire(state, codelike, offset, PY_MONITORING_EVENT_STOP_ITERATION, exc, NULL);
        Py_DECREF(exc);
        return status;
    }
    PyErr_SetRaisedException(exc);
    return capi_fire_exception(state, codelike, offset, PY_MONITORING_EVENT_STOP_ITERATION);
}

void
_PyMonitoring_Fini(PyInterpreterState *interp)
{
    struct _Py_monitoring_state *state = monitoring_state(interp);
    for (int tool = 0; tool < _PY_MONITORING_TOOLS; tool++) {
        Py_CLEAR(state->tool_names[tool]);
        for (int event = 0; event < _PY_MONITORING_EVENTS; event++) {
            Py_CLEAR(state->callables[tool][event]);
        }
    }
}

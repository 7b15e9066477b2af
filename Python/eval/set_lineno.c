/* frame.f_lineno = n: a trace function moves execution to another line.

   A jump is allowed where every temporary that is alive at the target is alive now and of the same kind.  What is alive
   where is found by following the code from its start; what more is alive now is released, innermost first. */
#include "vm.h"
#include "frameobject.h"
#include "monitoring_internal.h"
#include "pycore_ceval.h"
#include "pycore_frame.h"

extern int _PyMonitoring_OriginalOpcode(PyCodeObject *co, Py_ssize_t i);

enum kind { DEAD, OBJECT, ITERATOR, WITH, HANDLED };

static const struct {
    uint8_t words, jumps, ends;
    const char *a, *b, *c;
} ops[] = {
#define J 1
#define RAISES 0
#define CACHED 0
#define POLL 0
#define CALLS 0
#define END 2
#define OP(name, ka, kb, kc, nwords, effects, description) {nwords, (effects) & 1, ((effects) & 2) != 0, #ka, #kb, #kc},
#include "../compile/opcodes.def"
#undef OP
#undef J
#undef RAISES
#undef CACHED
#undef POLL
#undef CALLS
#undef END
};

/* What is alive before each instruction: one row of bytes (enum kind) for the temporaries; known[i]: row i is set. */
typedef struct {
    PyCodeObject *co;
    _Py_Instr *code;
    int ntemps;
    int first;                 /* register of the first temporary */
    uint8_t *rows;
    uint8_t *known;
    Py_ssize_t *work;
    Py_ssize_t nwork;
} Analysis;

static Py_ssize_t
block_length(int op, _Py_Instr w, bool written)
{
    switch (op) {
    case OP_LOAD_METHOD:
    case OP_LOAD_SPECIAL:
    case OP_CHECK_EG_MATCH:
    case OP_GETSLICE:
    case OP_SETSLICE:
    case OP_IMPORT_NAME:
        return 2;
    case OP_LOAD_SUPER_ATTR:
    case OP_MATCH_CLASS:
        return 3;
    case OP_BUILD_INTERPOLATION:
        return 2 + (w.i.x & 1);
    case OP_LOAD_SUPER_METHOD:
        return written ? 2 : 3;
    case OP_BUILD_MAP:
        return 2 * (Py_ssize_t)w.i.c;
    case OP_UNPACK_EX:
        return (Py_ssize_t)w.i.c + 1 + w.i.x;
    case OP_CALL:
        return (Py_ssize_t)w.i.c + 2;
    case OP_CALL_KW:
        return (Py_ssize_t)w.i.c + 3;
    case OP_CALL_EX:
        return 4;
    default:
        return w.i.c;
    }
}

static void
mark(Analysis *a, uint8_t *row, unsigned reg, Py_ssize_t n, enum kind kind)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t temp = (Py_ssize_t)reg + i - a->first;
        if (temp >= 0 && temp < a->ntemps) {
            row[temp] = (uint8_t)kind;
        }
    }
}

static void
read_operand(Analysis *a, uint8_t *row, int op, _Py_Instr w, const char *kind, unsigned operand, bool is_a)
{
    if (kind[0] == 'S' && (operand & OPERAND_LAST_USE)) {
        mark(a, row, OPERAND_INDEX(operand), 1, DEAD);
    }
    else if (kind[0] == 'B' && !is_a) {
        mark(a, row, OPERAND_INDEX(operand), block_length(op, w, false), DEAD);
    }
}

static void
reach(Analysis *a, Py_ssize_t i, const uint8_t *row)
{
    if (i < 0 || i >= _PyCode_NWORDS(a->co) || a->known[i]) {
        return;
    }
    a->known[i] = 1;
    memcpy(a->rows + i * a->ntemps, row, (size_t)a->ntemps);
    a->work[a->nwork++] = i;
}

static void
step(Analysis *a, Py_ssize_t i, uint8_t *row)
{
    int op = _PyEval_GenericOpcode(_PyMonitoring_OriginalOpcode(a->co, i));
    _Py_Instr w = a->code[i];
    memcpy(row, a->rows + i * a->ntemps, (size_t)a->ntemps);
    /* A handler of this position is entered with what is alive here below its depth, and the exception. */
    const _PyExceptionTableRow *handler = _PyCode_FindHandler(a->co, i);
    if (handler != NULL && !a->known[handler->handler]) {
        uint8_t *copy = row + a->ntemps;
        memcpy(copy, row, (size_t)a->ntemps);
        mark(a, copy, handler->depth, a->first + a->ntemps - handler->depth, DEAD);
        mark(a, copy, handler->depth, 1 + handler->lasti, OBJECT);
        reach(a, handler->handler, copy);
    }
    read_operand(a, row, op, w, ops[op].a, w.i.a, true);
    read_operand(a, row, op, w, ops[op].b, w.i.b, false);
    read_operand(a, row, op, w, ops[op].c, w.i.c, false);
    if (op == OP_CLEAR) {
        mark(a, row, OPERAND_INDEX(w.i.a), 1, DEAD);
    }
    if (op == OP_END_ASYNC_FOR) {
        mark(a, row, OPERAND_INDEX(w.i.a), 1, DEAD);
        mark(a, row, OPERAND_INDEX(w.i.b), 1, DEAD);
    }
    if (op == OP_POP_EXCEPT) {
        mark(a, row, OPERAND_INDEX(w.i.a), 1, DEAD);
    }
    if (ops[op].jumps) {
        uint8_t *copy = row + a->ntemps;
        memcpy(copy, row, (size_t)a->ntemps);
        if (op == OP_FOR_ITER || op == OP_SEND) {
            mark(a, copy, OPERAND_INDEX(w.i.b), 1, DEAD);
            if (op == OP_SEND) {
                mark(a, copy, OPERAND_INDEX(w.i.a), 1, OBJECT);
            }
        }
        reach(a, i + 2 + a->code[i + 1].ext.jump, copy);
    }
    enum kind result = op == OP_GET_ITER || op == OP_GET_AITER ? ITERATOR
        : op == OP_LOAD_SPECIAL ? WITH : op == OP_PUSH_EXC_INFO ? HANDLED : OBJECT;
    if (ops[op].a[0] == 'D') {
        mark(a, row, OPERAND_INDEX(w.i.a), 1, result);
    }
    else if (ops[op].a[0] == 'B') {
        mark(a, row, OPERAND_INDEX(w.i.a), block_length(op, w, true), result);
    }
    if (!ops[op].ends || op == OP_RETURN_GENERATOR) {
        reach(a, i + ops[op].words, row);
    }
}

/* 0, or -1 with an exception; rows and known are to be freed. */
static int
analyse(Analysis *a, PyCodeObject *co)
{
    size_t n = (size_t)_PyCode_NWORDS(co);
    a->co = co;
    a->code = _PyCode_CODE(co);
    a->first = co->co_nlocalsplus;
    a->ntemps = co->co_framesize - co->co_nlocalsplus;
    a->rows = PyMem_Calloc(n + 2, (size_t)a->ntemps + 1);
    a->known = PyMem_Calloc(n + 1, 1);
    a->work = PyMem_Malloc((n + 1) * sizeof(Py_ssize_t));
    a->nwork = 0;
    uint8_t *row = PyMem_Calloc(2, (size_t)a->ntemps + 1);
    if (a->rows == NULL || a->known == NULL || a->work == NULL || row == NULL) {
        PyMem_Free(row);
        PyErr_NoMemory();
        return -1;
    }
    reach(a, 0, row);
    while (a->nwork > 0) {
        step(a, a->work[--a->nwork], row);
    }
    PyMem_Free(row);
    return 0;
}

static void
analysis_free(Analysis *a)
{
    PyMem_Free(a->rows);
    PyMem_Free(a->known);
    PyMem_Free(a->work);
}

/* NULL if the jump from `now` to `then` is possible, else the reason why not. */
static const char *
obstacle(Analysis *a, const uint8_t *now, const uint8_t *then)
{
    for (int t = 0; t < a->ntemps; t++) {
        if (then[t] == DEAD || then[t] == now[t]) {
            continue;
        }
        switch (then[t]) {
        case ITERATOR:
            return "can't jump into the body of a for loop";
        case HANDLED:
            return "can't jump into an 'except' block as there's no exception";
        default:
            return "incompatible stacks";
        }
    }
    return NULL;
}

/* Target of a jump to the given line, or -1 with ValueError. */
static Py_ssize_t
find_target(Analysis *a, const int32_t *lines, int line, Py_ssize_t here)
{
    const uint8_t *now = a->rows + here * a->ntemps;
    const char *reason = NULL;
    Py_ssize_t best = -1;
    int best_alive = -1;
    Py_ssize_t n = _PyCode_NWORDS(a->co);
    int previous_line = -1;
    for (Py_ssize_t i = 0; i < n;) {
        int op = _PyEval_GenericOpcode(_PyMonitoring_OriginalOpcode(a->co, i));
        bool begins = lines[i] != previous_line;
        previous_line = lines[i];
        if (begins && lines[i] == line && i > a->co->_co_firsttraceable && op != OP_RESUME) {
            if (!a->known[i]) {
                if (reason == NULL) {
                    reason = "can't jump into an exception handler, or code may be unreachable";
                }
            }
            else {
                const uint8_t *then = a->rows + i * a->ntemps;
                const char *why = obstacle(a, now, then);
                int alive = 0;
                for (int t = 0; t < a->ntemps; t++) {
                    alive += then[t] != DEAD;
                }
                /* The beginning of the line: where least is alive. */
                if (why == NULL && (best < 0 || alive < best_alive)) {
                    best = i;
                    best_alive = alive;
                }
                else if (why != NULL && reason == NULL) {
                    reason = why;
                }
            }
        }
        i += ops[op].words;
    }
    if (best < 0) {
        PyErr_SetString(PyExc_ValueError,
                        reason != NULL ? reason : "can't jump into an exception handler, or code may be unreachable");
    }
    return best;
}

static int
check_event(PyFrameObject *f)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->what_event < 0) {
        PyErr_Format(PyExc_ValueError, "f_lineno can only be set in a trace function");
        return -1;
    }
    switch (tstate->what_event) {
    case PY_MONITORING_EVENT_PY_START:
    case PY_MONITORING_EVENT_PY_RESUME:
    case PY_MONITORING_EVENT_PY_THROW:
        PyErr_Format(PyExc_ValueError, "can't jump from the 'call' trace event of a new frame");
        return -1;
    case PY_MONITORING_EVENT_LINE:
    case PY_MONITORING_EVENT_INSTRUCTION:
    case PY_MONITORING_EVENT_JUMP:
    case PY_MONITORING_EVENT_BRANCH_LEFT:
    case PY_MONITORING_EVENT_BRANCH_RIGHT:
        break;
    case PY_MONITORING_EVENT_PY_YIELD:
        PyErr_Format(PyExc_ValueError, "can't jump from a yield statement");
        return -1;
    default:
        PyErr_SetString(PyExc_ValueError, "can only jump from a 'line' trace event");
        return -1;
    }
    if (f->f_trace == NULL) {
        PyErr_Format(PyExc_ValueError, "f_lineno can only be set by a trace function");
        return -1;
    }
    return 0;
}

/* Leaves what is alive now and not at the target. */
static int
leave(Analysis *a, _PyInterpreterFrame *frame, Py_ssize_t here, Py_ssize_t target)
{
    PyCodeObject *co = a->co;
    int unbound = 0;
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        unbound += _PyValue_IsDead(frame->regs[i]);
    }
    if (unbound > 0) {
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 0, "assigning None to %d unbound local%s", unbound,
                             unbound > 1 ? "s" : "") < 0) {
            return -1;
        }
        for (int i = 0; i < co->co_nlocalsplus; i++) {
            if (_PyValue_IsDead(frame->regs[i])) {
                frame->regs[i] = VALUE_NONE;
            }
        }
    }
    const uint8_t *now = a->rows + here * a->ntemps, *then = a->rows + target * a->ntemps;
    for (int t = a->ntemps - 1; t >= 0; t--) {
        _PyValue *r = &frame->regs[a->first + t];
        if (then[t] != DEAD) {
            continue;
        }
        if (now[t] == HANDLED) {
            _PyErr_StackItem *info = _PyThreadState_GET()->exc_info;
            PyObject *previous = _PyValue_Consume(*r);
            *r = _PyValue_DEAD;
            PyObject *old = info->exc_value;
            info->exc_value = previous == Py_None ? NULL : previous;
            Py_XDECREF(old);
        }
        else {
            reg_clear(r);
        }
    }
    return 0;
}

int
_PyFrame_SetLineno(PyFrameObject *f, PyObject *value)
{
    _PyInterpreterFrame *frame = f->f_frame;
    PyCodeObject *co = _PyFrame_GetCode(frame);
    if (!PyLong_CheckExact(value)) {
        PyErr_SetString(PyExc_ValueError, "lineno must be an integer");
        return -1;
    }
    if (check_event(f) < 0) {
        return -1;
    }
    int overflow;
    long line_value = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow || line_value != (int)line_value) {
        PyErr_SetString(PyExc_ValueError, "lineno out of range");
        return -1;
    }
    int line = (int)line_value;
    if (line < co->co_firstlineno) {
        PyErr_Format(PyExc_ValueError, "line %d comes before the current code block", line);
        return -1;
    }
    Py_ssize_t n = _PyCode_NWORDS(co);
    int32_t *lines = PyMem_New(int32_t, (size_t)n);
    if (lines == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    _Py_LocationFill(co, lines, n);
    /* The first line with code at or after the one asked for. */
    int found = INT_MAX;
    for (Py_ssize_t i = co->_co_firsttraceable + 1; i < n; i++) {
        if (lines[i] >= line && lines[i] < found) {
            found = lines[i];
        }
    }
    int status = -1;
    if (found == INT_MAX) {
        PyErr_Format(PyExc_ValueError, "line %d comes after the current code block", line);
    }
    else {
        Analysis a = {0};
        Py_ssize_t here = _PyInterpreterFrame_LASTI(frame);
        if (analyse(&a, co) == 0) {
            Py_ssize_t target = find_target(&a, lines, found, here);
            if (target >= 0 && leave(&a, frame, here, target) == 0) {
                f->f_lineno = 0;
                frame->pc = a.code + target;
                frame->serial = 0;
                status = 0;
            }
        }
        analysis_free(&a);
    }
    PyMem_Free(lines);
    return status;
}

/* The evaluation loop: one C function, one label per instruction, instruction bodies in ops_*.h by family.

   Invariants at every instruction boundary: each register is 0, a number, or a valid reference; a temporary whose last
   use is over is 0 or a number.  pc is the instruction that runs; frame->pc says the same before anything is called that
   may look at frames (SAVE).  tstate->current_frame == frame.
   Python-to-Python calls do not recurse in C: they switch frame and go on.  A frame that C code entered has
   return_kind FRAME_RETURNS_TO_C.
   Threads: a frame is touched by its own thread only; the bytecode is shared and read a whole word at a time. */
#include "vm.h"
#include "monitoring.h"
#include "pycore_abstract.h"
#include "pycore_cell.h"
#include "pycore_function.h"
#include "pycore_intrinsics.h"
#include "pycore_list.h"
#include "pycore_moduleobject.h"
#include "pycore_range.h"
#include "pycore_tuple.h"
#include "specialize.h"

/* -- Vocabulary of the instruction bodies; undefined at the end of the file -------------------------- */

#if defined(__GNUC__) && !defined(VM_USE_SWITCH)
#  define USE_COMPUTED_GOTO 1
#else
#  define USE_COMPUTED_GOTO 0
#endif

/* Acquire: what a specialised form finds in the cache word was stored before its opcode. */
#define FETCH() (w = __atomic_load_n(&pc->word, __ATOMIC_ACQUIRE))
#if USE_COMPUTED_GOTO
#  define TARGET(name) label_##name
#  define DISPATCH() do { FETCH(); goto *labels[W_OP(w)]; } while (0)
#  define DISPATCH_TO(op) goto *labels[op]
#else
#  define TARGET(name) case OP_##name
#  define DISPATCH() goto dispatch
#  define DISPATCH_TO(op_) do { opcode = (op_); goto dispatch_opcode; } while (0)
#endif
#define NEXT(words) do { pc += (words); DISPATCH(); } while (0)
#define JUMP_OFFSET() (__atomic_load_n((int32_t *)(void *)&pc[1].ext.jump, __ATOMIC_RELAXED))
/* Takes the jump of an instruction of two words. */
#define TAKE_JUMP() do { pc += 2 + JUMP_OFFSET(); DISPATCH(); } while (0)
#define SAVE() (frame->pc = pc)

#define R(i) regs[i]
#define RA R(W_AI(w))
#define RB R(W_BI(w))
#define RC R(W_CI(w))

/* Writes a destination; the old value is released out of line. */
#define SET(i, value)                                                         \
    do {                                                                      \
        _PyValue *set_r_ = &regs[i];                                          \
        _PyValue set_old_ = *set_r_;                                          \
        *set_r_ = (value);                                                    \
        if (UNLIKELY(_PyValue_IsOwned(set_old_))) {                           \
            SAVE();                                                           \
            release_object(_PyValue_AsObject(set_old_));                      \
        }                                                                     \
    } while (0)

/* Releases a source operand after a last use; number operands may skip it. */
#define SPEND(operand_last, index)                                            \
    do {                                                                      \
        if (operand_last) {                                                   \
            _PyValue spend_v_ = regs[index];                                  \
            regs[index] = _PyValue_DEAD;                                      \
            if (_PyValue_IsOwned(spend_v_)) {                                 \
                SAVE();                                                       \
                Py_DECREF(_PyValue_AsObject(spend_v_));                       \
            }                                                                 \
        }                                                                     \
    } while (0)

/* An instruction that is a function of its own. */
#define OUTLINE(name, words)                                                  \
    TARGET(name): {                                                           \
        SAVE();                                                               \
        if (UNLIKELY(op_##name(tstate, frame, w) < 0)) {                      \
            goto error;                                                       \
        }                                                                     \
        NEXT(words);                                                          \
    }

#define POLL()                                                                \
    do {                                                                      \
        if (UNLIKELY(_Py_EvalBreakerIsSet(tstate))) {                         \
            SAVE();                                                           \
            if (_Py_HandlePending(tstate) < 0) {                              \
                goto error;                                                   \
            }                                                                 \
        }                                                                     \
    } while (0)

/* After a C call, whose instruction (of that many words) is complete. */
#define POLL_AFTER(words)                                                     \
    do {                                                                      \
        if (UNLIKELY(_Py_EvalBreakerIsSet(tstate))) {                         \
            if (_Py_HandlePending(tstate) < 0) {                              \
                goto error;                                                   \
            }                                                                 \
        }                                                                     \
    } while (0)

static NOINLINE void
release_object(PyObject *op)
{
    Py_DECREF(op);
}

static ALWAYS_INLINE void
release_registers(_PyValue *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        _PyValue v = r[i];
        if (UNLIKELY(_PyValue_IsOwned(v))) {
            r[i] = _PyValue_DEAD;
            Py_DECREF(_PyValue_AsObject(v));
        }
    }
}

/* The bound method in block[0] becomes function and self; returns the function. */
static inline PyObject *
unpack_method(_PyValue *block)
{
    _PyValue bound = block[0];
    PyMethodObject *method = (PyMethodObject *)_PyValue_AsObject(bound);
    PyObject *func = method->im_func;
    block[1] = _PyValue_Steal(Py_NewRef(method->im_self));
    block[0] = value_new(func);
    _PyValue_Release(bound);
    return func;
}

static inline bool
function_is_inlinable(PyFunctionObject *func)
{
    return func->vectorcall == _PyFunction_Vectorcall && !eval_frame_hook_active;
}

/* The frame for a call with as many positional arguments as there are parameters; NULL without an exception:
   it is not that simple. */
static ALWAYS_INLINE _PyInterpreterFrame *
call_push_fast(PyThreadState *tstate, _PyInterpreterFrame *frame, _PyValue *block, unsigned nargs)
{
    PyFunctionObject *func = (PyFunctionObject *)_PyValue_AsObject(block[0]);
    PyCodeObject *co = function_code(func);
    unsigned has_self = block_has_self(block);
    unsigned n = nargs + has_self;
    if (UNLIKELY(!CODE_HAS_SIMPLE_ARGS(co) || co->co_argcount != (int)n || tstate->py_recursion_remaining <= 0)) {
        return NULL;
    }
    size_t words = _PyFrame_SizeInWords(co);
    if (UNLIKELY(!_PyThreadState_HasStackSpace(tstate, words))) {
        return NULL;
    }
    tstate->py_recursion_remaining--;
    _PyInterpreterFrame *callee = (_PyInterpreterFrame *)tstate->datastack_top;
    tstate->datastack_top += words;
    frame_init(callee, block[0], co, NULL, frame);
    block[0] = _PyValue_DEAD;
    _PyValue *args = block + 2 - has_self;
    for (unsigned i = 0; i < n; i++) {
        callee->regs[i] = args[i];
        args[i] = _PyValue_DEAD;
    }
    regs_zero(callee->regs + n, co->co_framesize - (int)n);
    return callee;
}

/* The frame has returned and nobody but its thread's stack holds it. */
static ALWAYS_INLINE void
frame_leave(PyThreadState *tstate, _PyInterpreterFrame *f)
{
    assert(f->owner == FRAME_OWNED_BY_THREAD);
    if (UNLIKELY(f->frame_obj != NULL || f->locals != NULL)) {
        _PyEval_FrameClearAndPop(tstate, f);
        return;
    }
    release_registers(f->regs, f->nregs);
    _PyValue_Release(f->func);
    _PyValue_Release(f->code);
    _PyThreadState_PopFrame(tstate, f);
}

/* The generator's frame has ended or is being suspended: its handled exceptions leave the thread's stack of them. */
static inline void
generator_pop_exc_info(PyThreadState *tstate, PyGenObject *gen)
{
    assert(tstate->exc_info == &gen->gi_exc_state);
    tstate->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
}

/* The generator's frame has ended. */
static NOINLINE void
generator_leave(PyThreadState *tstate, _PyInterpreterFrame *f)
{
    PyGenObject *gen = _PyGen_GetGeneratorFromFrame(f);
    generator_pop_exc_info(tstate, gen);
    f->previous = NULL;
    _PyFrame_ClearExceptCode(f);
    _PyErr_ClearExcState(&gen->gi_exc_state);
    _PyGen_SetState(gen, FRAME_CLEARED);
}

/* Ends a frame of either kind, after its result or exception has been put where it belongs. */
static inline void
any_frame_leave(PyThreadState *tstate, _PyInterpreterFrame *f)
{
    if (f->owner == FRAME_OWNED_BY_GENERATOR) {
        generator_leave(tstate, f);
    }
    else {
        frame_leave(tstate, f);
    }
}

/* The frame ends with an exception set: it stays set. */
static NOINLINE void
any_frame_leave_error(PyThreadState *tstate, _PyInterpreterFrame *f)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    any_frame_leave(tstate, f);
    _PyErr_SetRaisedException(tstate, exc);
}

/* Makes a suspended generator's frame the running one.  value (stolen) is what `yield` gives.  The generator's state is
   EXECUTING already; `state` is what it was. */
static ALWAYS_INLINE void
generator_resume(PyThreadState *tstate, PyGenObject *gen, int8_t state, _PyValue value)
{
    _PyInterpreterFrame *f = &gen->gi_iframe;
    if (state != FRAME_CREATED) {
        uint64_t w = f->pc->word;
        reg_set(&f->regs[W_A(w)], value);      /* the destination of YIELD_VALUE */
    }
    f->pc++;
    gen->gi_exc_state.previous_item = tstate->exc_info;
    tstate->exc_info = &gen->gi_exc_state;
}

/* Not inlined: it wants a frame pointer. */
static NOINLINE int
check_c_stack(PyThreadState *tstate)
{
    return _Py_EnterRecursiveCallTstate(tstate, "");
}

/* Addressed from the frame: one machine register serves for both. */
#define regs (frame->regs)
#define numbers (frame->numbers)

PyObject *
_PyEval_EvalFrameDefault(PyThreadState *tstate, _PyInterpreterFrame *frame, int throwflag)
{
#if USE_COMPUTED_GOTO
    static const void *const labels[256] = {
        [OPCODE_COUNT ... 255] = &&label_unknown,
#define OP(name, a, b, c, words, effects, description) [OP_##name] = &&label_##name,
#define OP_SPECIALISED(name, generic, description) [OP_##name] = &&label_##name,
#include "../compile/opcodes.def"
#undef OP
#undef OP_SPECIALISED
    };
#else
    uint8_t opcode;
#endif
    _Py_Instr *pc;
    uint64_t w;
    _PyValue result;

    frame->return_kind = FRAME_RETURNS_TO_C;
    frame->previous = tstate->current_frame;
    tstate->current_frame = frame;
    if (UNLIKELY(check_c_stack(tstate))) {
        tstate->py_recursion_remaining--;
        pc = frame->pc;
        goto exit_unwind;
    }
    if (enter_recursive_py(tstate)) {
        pc = frame->pc;
        goto exit_unwind;
    }
    pc = frame->pc;
    if (UNLIKELY(throwflag)) {
        if (monitor_throw(tstate, frame, pc) < 0) {
            goto exception_unwind;
        }
        goto error;
    }
    DISPATCH();

    /* A frame has been pushed: run it. */
start_frame:
    tstate->current_frame = frame;
    pc = frame->pc;
    DISPATCH();

#if !USE_COMPUTED_GOTO
dispatch:
    FETCH();
    opcode = W_OP(w);
dispatch_opcode:
    switch (opcode) {
#endif

#include "ops_registers.h"
#include "ops_arith.h"
#include "ops_compare.h"
#include "ops_attributes.h"
#include "ops_loops.h"
#include "ops_build.h"
#include "ops_calls.h"
#include "ops_generators.h"
#include "ops_exceptions.h"
#include "ops_monitoring.h"

#if USE_COMPUTED_GOTO
label_unknown:
#else
    default:
#endif
        SAVE();
        _PyErr_Format(tstate, PyExc_SystemError, "unknown opcode %d at word %zd", (int)W_OP(w),
                      (Py_ssize_t)(pc - _PyCode_CODE(_PyFrame_GetCode(frame))));
        goto error;
#if !USE_COMPUTED_GOTO
    }
#endif

    /* A function has returned `result` (owned or borrowed by this variable). */
return_result: {
        _PyInterpreterFrame *dying = frame;
        SAVE();
        leave_recursive_py(tstate);
        switch (dying->return_kind) {
        case FRAME_RETURNS_TO_REGISTER: {
            frame = dying->previous;
            _PyValue *r = &regs[dying->return_register];
            _PyValue old = *r;
            *r = result;                   /* first, so that the collector sees it */
            pc = frame->pc + dying->return_words;
            tstate->current_frame = frame;
            frame_leave(tstate, dying);
            _PyValue_Release(old);
            DISPATCH();
        }
        case FRAME_RETURNS_TO_C: {
            PyObject *object = _PyValue_Consume(result);
            if (UNLIKELY(object == NULL)) {
                tstate->py_recursion_remaining--;
                goto error;
            }
            tstate->current_frame = dying->previous;
            any_frame_leave(tstate, dying);
            return object;
        }
        case FRAME_RETURNS_INIT: {
            frame = dying->previous;
            tstate->current_frame = frame;
            pc = frame->pc;
            unsigned block = dying->return_block;
            unsigned destination = dying->return_register;
            unsigned words = dying->return_words;
            frame_leave(tstate, dying);
            if (UNLIKELY(!_PyValue_IsObject(result) || _PyValue_AsObject(result) != Py_None)) {
                _PyErr_Format(tstate, PyExc_TypeError, "__init__() should return None, not '%.200s'",
                              value_type(result)->tp_name);
                _PyValue_Release(result);
                goto error;
            }
            _PyValue self = regs[block];
            regs[block] = _PyValue_DEAD;
            SET(destination, self);
            NEXT(words);
        }
        case FRAME_RETURNS_TO_FOR_ITER: {
            frame = dying->previous;
            tstate->current_frame = frame;
            pc = frame->pc;
            FETCH();
            generator_leave(tstate, dying);
            _PyValue_Release(result);
            SPEND(1, W_BI(w));
            TAKE_JUMP();
        }
        case FRAME_RETURNS_TO_SEND: {
            frame = dying->previous;
            tstate->current_frame = frame;
            pc = frame->pc;
            FETCH();
            SET(W_A(w), result);
            generator_leave(tstate, dying);
            SPEND(1, W_BI(w));
            TAKE_JUMP();
        }
        default:
            Py_UNREACHABLE();
        }
    }

    /* The instruction at pc has raised. */
error:
    assert(_PyErr_Occurred(tstate));
    SAVE();
    unwind_add_traceback(tstate, frame);

    /* The same without a new traceback entry. */
exception_unwind: {
        pc = unwind_to_handler(tstate, frame, pc);
        if (pc != NULL) {
            DISPATCH();
        }
    }

    /* Nobody in this frame handles the exception. */
exit_unwind: {
        _PyInterpreterFrame *dying = frame;
        frame = dying->previous;
        tstate->current_frame = frame;
        leave_recursive_py(tstate);
        bool to_c = dying->return_kind == FRAME_RETURNS_TO_C;
        any_frame_leave_error(tstate, dying);
        if (to_c) {
            return NULL;
        }
        pc = frame->pc;
        goto error;
    }
}

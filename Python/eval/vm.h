/* What the files of the evaluation loop share: operands, registers, the out-of-line instructions.

   An out-of-line instruction is a function of the thread, the frame and the instruction word; it does the whole
   instruction (operands consumed, destination written) and returns 0, or -1 with an exception and the registers still
   in order: nothing consumed that the unwinder could not find.  frame->pc is up to date when it is called. */
#ifndef VM_H
#define VM_H

#include "Python.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_code.h"
#include "pycore_container.h"
#include "pycore_frame.h"
#include "pycore_genobject.h"
#include "pycore_long.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_value.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define COLD __attribute__((cold, noinline))

/* -- The instruction word ---------------------------------------------------------------------- */

#define W_OP(w) ((uint8_t)(w))
#define W_X(w) ((uint8_t)((w) >> 8))
#define W_A(w) ((unsigned)((w) >> 16) & 0xFFFFu)
#define W_B(w) ((unsigned)((w) >> 32) & 0xFFFFu)
#define W_C(w) ((unsigned)((w) >> 48))
#define W_AI(w) ((unsigned)((w) >> 16) & 0x7FFFu)
#define W_BI(w) ((unsigned)((w) >> 32) & 0x7FFFu)
#define W_CI(w) ((unsigned)((w) >> 48) & 0x7FFFu)
#define W_WIDE(w) ((uint32_t)((w) >> 32))
#define W_NAME(w) (W_C(w) | (uint32_t)W_X(w) << 16)
#define W_A_LAST(w) (((w) >> 31) & 1)
#define W_B_LAST(w) (((w) >> 47) & 1)
#define W_C_LAST(w) ((w) >> 63)

#define NAMES(frame) (_PyFrame_GetCode(frame)->co_names)
#define NAME_AT(frame, i) PyTuple_GET_ITEM(NAMES(frame), (i))
#define NUMBERS(frame) ((frame)->numbers)

/* -- Values -------------------------------------------------------------------------------------- */

#define VALUE_TRUE _PyValue_Borrow(Py_True)
#define VALUE_FALSE _PyValue_Borrow(Py_False)
#define VALUE_NONE _PyValue_Borrow(Py_None)

static inline _PyValue
value_from_bool(bool b)
{
    return b ? VALUE_TRUE : VALUE_FALSE;
}

/* May a register refer to op without counting it? */
static inline bool
object_is_uncounted(PyObject *op)
{
    return _Py_IsImmortal(op) || _PyObject_HasDeferredRefcount(op);
}

/* A register value for op, which stays the caller's: counted unless that is not needed. */
static inline _PyValue
value_new(PyObject *op)
{
    if (object_is_uncounted(op)) {
        return _PyValue_Borrow(op);
    }
    return _PyValue_Steal(Py_NewRef(op));
}

/* Takes over a reference; an exact small int or a float that is not a NaN becomes a number. */
static inline _PyValue
value_from_number(PyObject *op)
{
    if (op != NULL && PyLong_CheckExact(op)) {
        int64_t i;
        if (_PyLong_TryInt51(op, &i)) {
            Py_DECREF(op);
            return _PyValue_FromInt(i);
        }
    }
    else if (op != NULL && PyFloat_CheckExact(op)) {
        double d = PyFloat_AS_DOUBLE(op);
        if (d == d) {
            Py_DECREF(op);
            return _PyValue_FromDouble(d);
        }
    }
    return _PyValue_Steal(op);
}

/* Register value of an object that the caller borrows (from a container it may read): a number where it can be one. */
static ALWAYS_INLINE _PyValue
value_load(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if (type == &PyLong_Type) {
        int64_t i;
        if (LIKELY(_PyLong_TryInt51(op, &i))) {
            return _PyValue_FromInt(i);
        }
    }
    else if (type == &PyFloat_Type) {
        double d = PyFloat_AS_DOUBLE(op);
        if (LIKELY(d == d)) {
            return _PyValue_FromDouble(d);
        }
    }
    return value_new(op);
}

/* Register value of any double: NaN is boxed; dead with MemoryError. */
static inline _PyValue
value_from_double(double d)
{
    if (LIKELY(d == d)) {
        return _PyValue_FromDouble(d);
    }
    return _PyValue_Steal(PyFloat_FromDouble(d));
}

static inline _PyValue
value_from_int64(int64_t i)
{
    if (LIKELY(_PyValue_IntFits(i))) {
        return _PyValue_FromInt(i);
    }
    return _PyValue_Steal(PyLong_FromLongLong(i));
}

/* v as an object.  *temp is NULL or a box that the caller releases; NULL with MemoryError. */
static inline PyObject *
value_object(_PyValue v, PyObject **temp)
{
    if (LIKELY(_PyValue_IsObject(v))) {
        *temp = NULL;
        return _PyValue_AsObject(v);
    }
    return *temp = _PyValue_BoxNumber(v);
}

/* The same in place: the register owns the box.  For registers about to be consumed. */
static inline PyObject *
value_box_in_place(_PyValue *r)
{
    if (LIKELY(_PyValue_IsObject(*r))) {
        return _PyValue_AsObject(*r);
    }
    PyObject *op = _PyValue_BoxNumber(*r);
    if (op != NULL) {
        *r = _PyValue_Steal(op);
    }
    return op;
}

static inline PyTypeObject *
value_type(_PyValue v)
{
    if (_PyValue_IsObject(v)) {
        return Py_TYPE(_PyValue_AsObject(v));
    }
    return _PyValue_IsInt(v) ? &PyLong_Type : &PyFloat_Type;
}

/* 1, 0, or -1 with an exception. */
extern int value_is_true_slow(_PyValue v);

static inline int
value_is_true(_PyValue v)
{
    uint64_t op = v.bits & ~_PyValue_BORROWED;
    if (op == (uint64_t)(uintptr_t)Py_True) {
        return 1;
    }
    if (op == (uint64_t)(uintptr_t)Py_False || op == (uint64_t)(uintptr_t)Py_None) {
        return 0;
    }
    return value_is_true_slow(v);
}

extern bool value_is_slow(_PyValue v, _PyValue w);

/* `v is w`: numbers by value. */
static inline bool
value_is(_PyValue v, _PyValue w)
{
    if (((v.bits ^ w.bits) & ~_PyValue_BORROWED) == 0 && !(_PyValue_IsNumber(v) && v.bits != w.bits)) {
        return true;
    }
    if (LIKELY(_PyValue_IsObject(v) && _PyValue_IsObject(w))) {
        return false;
    }
    return value_is_slow(v, w);
}

/* -- Registers ----------------------------------------------------------------------------------- */

static inline void
reg_set(_PyValue *r, _PyValue v)
{
    _PyValue old = *r;
    *r = v;
    _PyValue_Release(old);
}

static inline void
reg_clear(_PyValue *r)
{
    _PyValue old = *r;
    *r = _PyValue_DEAD;
    _PyValue_Release(old);
}

/* The value of a source operand, now owned (or borrowed) by the caller: moved from a last use, else a second one. */
static inline _PyValue
reg_take(_PyValue *regs, unsigned operand)
{
    _PyValue *r = &regs[OPERAND_INDEX(operand)];
    _PyValue v = *r;
    if (operand & OPERAND_LAST_USE) {
        *r = _PyValue_DEAD;
        return v;
    }
    return _PyValue_Dup(v);
}

/* What a last use leaves to release; dead otherwise. */
static inline _PyValue
reg_spent(_PyValue *regs, unsigned operand)
{
    if (operand & OPERAND_LAST_USE) {
        _PyValue *r = &regs[OPERAND_INDEX(operand)];
        _PyValue v = *r;
        *r = _PyValue_DEAD;
        return v;
    }
    return _PyValue_DEAD;
}

/* The end of an instruction with destination a and sources b, or b and c. */
static inline void
finish_b(_PyValue *regs, uint64_t w, _PyValue result)
{
    _PyValue b = reg_spent(regs, W_B(w));
    reg_set(&regs[W_A(w)], result);
    _PyValue_Release(b);
}

static inline void
finish_bc(_PyValue *regs, uint64_t w, _PyValue result)
{
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue c = reg_spent(regs, W_C(w));
    reg_set(&regs[W_A(w)], result);
    _PyValue_Release(b);
    _PyValue_Release(c);
}

/* Releases n registers of a block. */
static inline void
block_clear(_PyValue *r, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        reg_clear(&r[i]);
    }
}

/* Makes every register of a block an object that the register owns, so that the block is an array of
   PyObject *.  Zeros stay.  0, or -1 with MemoryError. */
static inline int
block_own(_PyValue *r, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (_PyValue_IsOwned(r[i]) || _PyValue_IsDead(r[i])) {
            continue;
        }
        PyObject *op = _PyValue_ToNewObject(r[i]);
        if (op == NULL) {
            return -1;
        }
        r[i] = _PyValue_Steal(op);
    }
    return 0;
}

/* 1 if the second register of a call block holds self; else it is dead (0, or a number left behind) and becomes 0. */
static inline unsigned
block_has_self(_PyValue *block)
{
    if (_PyValue_IsObject(block[1])) {
        return 1;
    }
    block[1] = _PyValue_DEAD;
    return 0;
}

#define BLOCK_OBJECTS(r) ((PyObject **)(void *)(r))

/* -- Recursion of Python frames ------------------------------------------------------------------ */

extern int _PyEval_CheckPyRecursion(PyThreadState *tstate);

static inline int
enter_recursive_py(PyThreadState *tstate)
{
    return UNLIKELY(tstate->py_recursion_remaining-- <= 0) && _PyEval_CheckPyRecursion(tstate) < 0;
}

static inline void
leave_recursive_py(PyThreadState *tstate)
{
    tstate->py_recursion_remaining++;
}

/* -- Frames -------------------------------------------------------------------------------------- */

/* Zeroes n registers; not a call of memset, which costs more than most frames. */
static inline void
regs_zero(_PyValue *r, Py_ssize_t n)
{
    typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));
    Py_ssize_t i = 0;
    for (; i + 1 < n; i += 2) {
        *(pair *)(void *)&r[i] = (pair){0, 0};
        __asm__ volatile("" ::: "memory");   /* keeps the loop a loop */
    }
    if (i < n) {
        r[i] = _PyValue_DEAD;
    }
}

/* Fills in everything but the registers.  func is stolen, as is locals (NULL in functions). */
static ALWAYS_INLINE void
frame_init(_PyInterpreterFrame *f, _PyValue func, PyCodeObject *co, PyObject *locals, _PyInterpreterFrame *previous)
{
    PyFunctionObject *fn = (PyFunctionObject *)_PyValue_AsObject(func);
    f->previous = previous;
    f->func = func;
    f->code = value_new((PyObject *)co);
    f->globals = fn->func_globals;
    f->builtins = fn->func_builtins;
    f->locals = locals;
    f->frame_obj = NULL;
    f->pc = _PyCode_CODE(co);
    f->numbers = _PyCode_EXTRA(co)->numbers;
    f->return_register = 0;
    f->return_block = 0;
    f->return_words = 0;
    f->return_kind = FRAME_RETURNS_TO_C;
    f->owner = FRAME_OWNED_BY_THREAD;
    f->visited = 0;
    f->nregs = (uint32_t)co->co_framesize;
    f->serial = 0;
}

/* The code of a function as of now: the caller holds no lock. */
static inline PyCodeObject *
function_code(PyFunctionObject *func)
{
    return (PyCodeObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(func->func_code);
}

#define CODE_HAS_SIMPLE_ARGS(co) \
    (((co)->co_flags & (CO_VARARGS | CO_VARKEYWORDS | CO_OPTIMIZED)) == CO_OPTIMIZED && (co)->co_kwonlyargcount == 0)

/* -- Out-of-line instructions ---------------------------------------------------------------------- */

#define OP_FUNCTION(name) extern int op_##name(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w);
#include "op_functions.def"
#undef OP_FUNCTION

/* binary.c */
enum binary_kind {
    KIND_ADD, KIND_SUB, KIND_MUL, KIND_TRUEDIV, KIND_FLOORDIV, KIND_MOD, KIND_POW, KIND_AND, KIND_OR, KIND_XOR,
    KIND_LSHIFT, KIND_RSHIFT, KIND_MATMUL, KIND_COUNT
};
extern _PyValue binary_slow(_PyValue v, _PyValue w, int kind, int inplace);
extern int binary_regs(_PyInterpreterFrame *frame, uint64_t w, int kind);
extern int binary_k(_PyInterpreterFrame *frame, uint64_t w, int kind);
/* Result of a comparison as a register value; dead with an exception. */
extern _PyValue compare_slow(_PyValue v, _PyValue w, int op);
/* The same as a truth: 1, 0, -1. */
extern int compare_bool_slow(_PyValue v, _PyValue w, int op);
extern int compare_regs(_PyInterpreterFrame *frame, uint64_t w, int op);
extern int compare_k(_PyInterpreterFrame *frame, uint64_t w, int op);
/* For the branches: consumes the operands; 1, 0, -1. */
extern int compare_jump_regs(_PyInterpreterFrame *frame, uint64_t w, int op);
extern int compare_jump_k(_PyInterpreterFrame *frame, uint64_t w, int op);
extern int contains_regs(_PyInterpreterFrame *frame, uint64_t w);

/* unwind.c */
/* Finds the handler for the exception raised at pc, puts the exception into its register; NULL: none. */
extern _Py_Instr *unwind_to_handler(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc);
/* Adds the frame to the traceback of the current exception and tells those who watch. */
extern void unwind_add_traceback(PyThreadState *tstate, _PyInterpreterFrame *frame);
/* RAISE: 1 for a re-raise (no new traceback entry), 0 for a new one. */
extern int do_raise(PyThreadState *tstate, PyObject *exc, PyObject *cause);

/* call.c */
/* Calls a C callable: block is callable, self or 0, arguments.  All of it is consumed; NULL with an exception. */
extern PyObject *call_block(PyThreadState *tstate, _PyValue *block, Py_ssize_t nargs, PyObject *kwnames);
/* A frame for a call of a Python function, in `how` of its caller; consumes the block.  NULL with an exception. */
extern _PyInterpreterFrame *call_push(PyThreadState *tstate, _PyInterpreterFrame *frame, _PyValue *block,
                                      Py_ssize_t nargs, PyObject *kwnames);

/* CALL_EX: the result, or NULL with the new frame in *callee, or NULL with an exception. */
extern PyObject *call_ex(PyThreadState *tstate, _PyInterpreterFrame *frame, _PyValue *block,
                         _PyInterpreterFrame **callee);

/* Somebody has set a frame evaluation function (PEP 523): calls go through it. */
extern int eval_frame_hook_active;

#endif

/* Interpreter frames: registers and bookkeeping of one running or suspended function, and the frame object that
   Python code sees.

   A frame lives on its thread's data stack, inside a generator object, or (when a frame object outlives the call) inside
   the frame object.  owner says which.  A frame belongs to the thread that runs it; the collector reads it while the world
   is stopped, so at every point where that may happen each register is 0, a number, or a valid reference.
   Registers: locals, cells and free variables first (co_nlocalsplus of them), temporaries after them. */
#ifndef Py_INTERNAL_FRAME_H
#define Py_INTERNAL_FRAME_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_code.h"   // _Py_Instr
#include "pycore_value.h"  // _PyValue

enum _frameowner {
    FRAME_OWNED_BY_THREAD = 0,
    FRAME_OWNED_BY_GENERATOR = 1,
    FRAME_OWNED_BY_FRAME_OBJECT = 2,
    FRAME_OWNED_BY_INTERPRETER = 3,
};

/* How a frame's result reaches the caller (return_kind). */
enum _Py_return_kind {
    FRAME_RETURNS_TO_REGISTER = 0,    /* the caller's register return_register */
    FRAME_RETURNS_TO_C = 1,           /* the eval loop was entered for this frame */
    FRAME_RETURNS_INIT = 2,           /* __init__: must be None; the caller's block (return_block) holds the instance */
    FRAME_RETURNS_TO_FOR_ITER = 3,    /* generator resumed by FOR_ITER */
    FRAME_RETURNS_TO_SEND = 4,        /* generator or coroutine resumed by SEND */
    FRAME_YIELDED_TO_C = 5,           /* set by the loop: it returned to C because of a `yield`, ... */
    FRAME_YIELDED_FROM_TO_C = 6,      /* ... or inside `yield from` or `await` */
};

typedef struct _PyInterpreterFrame {
    struct _PyInterpreterFrame *previous;
    _PyValue func;                /* PyFunctionObject, or 0 (frames made for C code); kept until the frame ends */
    _PyValue code;                /* PyCodeObject */
    PyObject *globals;            /* borrowed from func (or owned_globals) */
    PyObject *builtins;           /* borrowed from func */
    PyObject *locals;             /* owned: mapping of class bodies, modules, exec; NULL in functions */
    PyFrameObject *frame_obj;     /* owned; NULL until somebody asks */
    _Py_Instr *pc;                /* the instruction that runs, as of its last call out */
    const _PyValue *numbers;      /* the code's constants with numbers unboxed */
    uint16_t return_register;
    uint16_t return_block;
    uint8_t return_words;         /* length of the calling instruction */
    uint8_t return_kind;          /* enum _Py_return_kind */
    uint8_t owner;                /* enum _frameowner */
    uint8_t visited;              /* scratch of the collector */
    uint32_t nregs;               /* registers that are initialised */
    uint32_t serial;              /* scratch */
    _PyValue regs[];
} _PyInterpreterFrame;

#define FRAME_SPECIALS_SIZE ((int)(sizeof(_PyInterpreterFrame) / sizeof(PyObject *)))
static_assert(sizeof(_PyInterpreterFrame) % sizeof(PyObject *) == 0, "frames are whole words");

/* The object behind sys._getframe().  Its own fields are guarded by its critical section. */
struct _frame {
    PyObject_HEAD
    PyFrameObject *f_back;               /* owned; set when the frame has ended */
    _PyInterpreterFrame *f_frame;        /* f_frame_data once the call is over */
    PyObject *f_trace;                   /* owned */
    int f_lineno;                        /* nonzero: set by a trace function */
    char f_trace_lines;
    char f_trace_opcodes;
    PyObject *f_extra_locals;            /* owned dict: names that f_locals added */
    PyObject *f_locals_cache;            /* owned: PyEval_GetLocals's dict */
    PyObject *f_overwritten_fast_locals; /* owned list: values that f_locals replaced, kept until the frame ends */
    _PyInterpreterFrame *f_frame_data;   /* storage owned by this object after the call; NULL before */
};

extern PyFrameObject *_PyFrame_New_NoTrack(PyCodeObject *code);
extern int _PyFrame_IsEntryFrame(PyFrameObject *frame);

/* -- Accessors ---------------------------------------------------------------------------------- */

static inline PyCodeObject *
_PyFrame_GetCode(const _PyInterpreterFrame *f)
{
    return (PyCodeObject *)_PyValue_AsObject(f->code);
}

/* The function, borrowed, or NULL. */
static inline PyFunctionObject *
_PyFrame_GetFunction(const _PyInterpreterFrame *f)
{
    return (PyFunctionObject *)_PyValue_AsObject(f->func);
}

/* Word index of the instruction that runs. */
#define _PyInterpreterFrame_LASTI(f) ((int)((f)->pc - _PyCode_CODE(_PyFrame_GetCode(f))))

/* Before its first traceable instruction a frame is not shown to Python code. */
static inline bool
_PyFrame_IsIncomplete(const _PyInterpreterFrame *f)
{
    if (f->owner >= FRAME_OWNED_BY_INTERPRETER) {
        return true;
    }
    return f->owner != FRAME_OWNED_BY_GENERATOR
           && f->pc < _PyCode_CODE(_PyFrame_GetCode(f)) + _PyFrame_GetCode(f)->_co_firsttraceable;
}

static inline _PyInterpreterFrame *
_PyFrame_GetFirstComplete(_PyInterpreterFrame *f)
{
    while (f != NULL && _PyFrame_IsIncomplete(f)) {
        f = f->previous;
    }
    return f;
}

/* Innermost frame that Python code may see, or NULL. */
static inline _PyInterpreterFrame *
_PyThreadState_GetFrame(PyThreadState *tstate)
{
    return _PyFrame_GetFirstComplete(tstate->current_frame);
}

extern PyFrameObject *_PyFrame_MakeAndSetFrameObject(_PyInterpreterFrame *f);

/* Borrowed: the frame's object, made on demand; NULL with an exception. */
static inline PyFrameObject *
_PyFrame_GetFrameObject(_PyInterpreterFrame *f)
{
    assert(!_PyFrame_IsIncomplete(f));
    if (f->frame_obj != NULL) {
        return f->frame_obj;
    }
    return _PyFrame_MakeAndSetFrameObject(f);
}

/* -- Life --------------------------------------------------------------------------------------- */

/* The call is over: releases registers and everything else; a frame object that others hold takes the frame over. */
extern void _PyFrame_ClearExceptCode(_PyInterpreterFrame *f);
extern void _PyFrame_Clear(_PyInterpreterFrame *f);          /* code too */
extern void _PyFrame_ClearLocals(_PyInterpreterFrame *f);
extern int _PyFrame_Traverse(_PyInterpreterFrame *f, visitproc visit, void *arg);
extern void _PyFrame_Copy(_PyInterpreterFrame *src, _PyInterpreterFrame *dst);

/* Locals, as Python code sees them: new reference to the mapping, or to a write-through proxy. */
extern PyObject *_PyFrame_GetLocals(_PyInterpreterFrame *f);
extern bool _PyFrame_HasHiddenLocals(_PyInterpreterFrame *f);
extern int _PyFrame_FastToLocalsWithError(_PyInterpreterFrame *f);
/* New reference, or NULL: unbound (no exception). */
extern PyObject *_PyFrame_GetLocalValue(_PyInterpreterFrame *f, int i);
extern int PyUnstable_InterpreterFrame_GetLine(_PyInterpreterFrame *f);

/* For super() without arguments: the class of the running method and its first argument, new references; -1 with
   RuntimeError. */
extern int _PyFrame_GetSuperArgs(PyObject **cls, PyObject **first);

/* -- The data stack ------------------------------------------------------------------------------- */

/* Words that a frame of this code takes. */
static inline size_t
_PyFrame_SizeInWords(const PyCodeObject *co)
{
    return (size_t)FRAME_SPECIALS_SIZE + (size_t)co->co_framesize;
}

static inline bool
_PyThreadState_HasStackSpace(PyThreadState *tstate, size_t words)
{
    return tstate->datastack_top != NULL
           && words < (size_t)(tstate->datastack_limit - tstate->datastack_top);
}

extern _PyInterpreterFrame *_PyThreadState_PushFrameSlow(PyThreadState *tstate, size_t words);

/* Uninitialised; NULL with MemoryError. */
static inline _PyInterpreterFrame *
_PyThreadState_PushFrame(PyThreadState *tstate, size_t words)
{
    if (_PyThreadState_HasStackSpace(tstate, words)) {
        PyObject **top = tstate->datastack_top;
        tstate->datastack_top = top + words;
        return (_PyInterpreterFrame *)top;
    }
    return _PyThreadState_PushFrameSlow(tstate, words);
}

extern void _PyThreadState_PopFrameSlow(PyThreadState *tstate, _PyInterpreterFrame *f);

static inline void
_PyThreadState_PopFrame(PyThreadState *tstate, _PyInterpreterFrame *f)
{
    PyObject **base = (PyObject **)f;
    if (base != &tstate->datastack_chunk->data[0]) {
        tstate->datastack_top = base;
        return;
    }
    _PyThreadState_PopFrameSlow(tstate, f);
}

/* Gives the thread's data stack back; its frames are gone. */
extern void _PyThreadState_FreeDataStack(PyThreadState *tstate);
/* For super() without arguments: the class of the cell __class__ and the first argument of the running
   function, both counted.  0, or -1 with RuntimeError.  Needed by Objects/type/super.c. */
extern int _PyFrame_GetSuperArgs(PyObject **cls, PyObject **first);

#endif

/* Generators, coroutines, asynchronous generators: a frame that lives in an object.

   gi_frame_state is changed by the thread that runs the generator; EXECUTING keeps others out (FT: the state is taken by
   compare-and-swap, see _PyGen_TryEnter).  The other fields are guarded by the object's critical section or set once. */
#ifndef Py_INTERNAL_GENOBJECT_H
#define Py_INTERNAL_GENOBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_frame.h"  // _PyInterpreterFrame

enum _framestate {
    FRAME_CREATED = -3,
    FRAME_SUSPENDED = -2,
    FRAME_SUSPENDED_YIELD_FROM = -1,
    FRAME_EXECUTING = 0,
    FRAME_COMPLETED = 1,
    FRAME_CLEARED = 4,
};
#define FRAME_STATE_SUSPENDED(S) ((S) == FRAME_SUSPENDED || (S) == FRAME_SUSPENDED_YIELD_FROM)
#define FRAME_STATE_FINISHED(S) ((S) >= FRAME_COMPLETED)

struct _PyGenObject {
    PyObject_HEAD
    PyObject *gi_weakreflist;
    PyObject *gi_name;                  /* owned, str */
    PyObject *gi_qualname;              /* owned, str */
    _PyErr_StackItem gi_exc_state;      /* exceptions being handled in the frame */
    PyObject *gi_origin_or_finalizer;   /* cr_origin, or the finalizer hook of an asynchronous generator */
    char gi_hooks_inited;
    char gi_closed;
    char gi_running_async;
    int8_t gi_frame_state;              /* enum _framestate */
    _PyInterpreterFrame gi_iframe;
};

static inline PyGenObject *
_PyGen_GetGeneratorFromFrame(_PyInterpreterFrame *frame)
{
    assert(frame->owner == FRAME_OWNED_BY_GENERATOR);
    return (PyGenObject *)((char *)frame - offsetof(PyGenObject, gi_iframe));
}

/* The generator object for the frame of a generator function; its registers move into the object. */
extern PyObject *_PyGen_New(PyThreadState *tstate, _PyInterpreterFrame *frame);
/* EXECUTING, if nobody runs it and it is not over: true, and the former state in *state. */
static inline bool
_PyGen_TryEnter(PyGenObject *gen, int8_t *state)
{
    int8_t s = __atomic_load_n(&gen->gi_frame_state, __ATOMIC_RELAXED);
    if (s >= FRAME_EXECUTING) {
        *state = s;
        return false;
    }
#ifdef Py_GIL_DISABLED
    /* Acquire: pairs with the release of the thread that suspended the generator. */
    if (!__atomic_compare_exchange_n(&gen->gi_frame_state, &s, FRAME_EXECUTING, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED)) {
        *state = FRAME_EXECUTING;
        return false;
    }
#else
    gen->gi_frame_state = FRAME_EXECUTING;
#endif
    *state = s;
    return true;
}

static inline void
_PyGen_SetState(PyGenObject *gen, int8_t state)
{
    __atomic_store_n(&gen->gi_frame_state, state, __ATOMIC_RELEASE);
}

static inline int8_t
_PyGen_State(const PyGenObject *gen)
{
    return __atomic_load_n(&gen->gi_frame_state, __ATOMIC_ACQUIRE);
}

PyAPI_FUNC(PyObject *) _PyGen_yf(PyGenObject *);
extern void _PyGen_Finalize(PyObject *self);
PyAPI_FUNC(int) _PyGen_SetStopIterationValue(PyObject *);
PyAPI_FUNC(int) _PyGen_FetchStopIterationValue(PyObject **);
PyAPI_FUNC(PyObject *) _PyCoro_GetAwaitableIter(PyObject *o);
extern PyObject *_PyAsyncGenValueWrapperNew(PyThreadState *tstate, PyObject *value);
extern PyObject *_PyGen_Send(PyGenObject *gen, PyObject *value);
/* How a frame's code is suspended: gen.throw() of the sub-iterator inlined by the loop. */
extern PyObject *_PyCoro_ComputeOrigin(int origin_depth, _PyInterpreterFrame *frame);
extern PyObject *PyAnextAwaitable_New(PyObject *awaitable, PyObject *default_value);

extern PyTypeObject _PyCoroWrapper_Type;
extern PyTypeObject _PyAsyncGenWrappedValue_Type;
extern PyTypeObject _PyAsyncGenAThrow_Type;
extern PyTypeObject _PyAnextAwaitable_Type;
#endif

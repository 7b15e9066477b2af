/* Layout of thread states, and access to interpreters. */
#if !defined(Py_CPYTHON_PYSTATE_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYSTATE_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(void) _PyInterpreterState_RequireIDRef(PyInterpreterState *interp, int flag);
PyAPI_FUNC(int) _PyInterpreterState_RequiresIDRef(PyInterpreterState *interp);

/* -- Tracing and profiling -- */
typedef int (*Py_tracefunc)(PyObject *, PyFrameObject *, int, PyObject *);

#define PyTrace_CALL        0
#define PyTrace_EXCEPTION   1
#define PyTrace_LINE        2
#define PyTrace_RETURN      3
#define PyTrace_C_CALL      4
#define PyTrace_C_EXCEPTION 5
#define PyTrace_C_RETURN    6
#define PyTrace_OPCODE      7

/* An exception being handled; generators have entries of their own. */
typedef struct _err_stackitem {
    PyObject *exc_value;  /* NULL or None: nothing is handled */
    struct _err_stackitem *previous_item;
} _PyErr_StackItem;

/* A block of the memory that frames live in. */
typedef struct _stack_chunk {
    struct _stack_chunk *previous;
    size_t size;
    size_t top;  /* when a newer chunk is in use */
    PyObject *data[1];
} _PyStackChunk;

/* The mailbox of a remote debugger. */
#define _Py_MAX_SCRIPT_PATH_SIZE 512
typedef struct {
    int32_t debugger_pending_call;
    char debugger_script_path[_Py_MAX_SCRIPT_PATH_SIZE];
} _PyRemoteDebuggerSupport;

#define _PY_DATA_STACK_CHUNK_SIZE (16*1024)

/* Owner thread only, but for: prev, next (guarded by the lock of the interpreter's list),
   eval_breaker and state (atomic), async_exc, remote_debugger_support. */
struct _ts {
    PyThreadState *prev;
    PyThreadState *next;
    PyInterpreterState *interp;
    uintptr_t eval_breaker;  /* atomic: bits that ask the thread to look up from its work */
    struct {
        unsigned int initialized:1;
        unsigned int bound:1;
        unsigned int unbound:1;
        unsigned int bound_gilstate:1;
        unsigned int active:1;
        unsigned int finalizing:1;
        unsigned int cleared:1;
        unsigned int finalized:1;
    } _status;
    int holds_gil;
    int _whence;  /* what it was made for */
    int state;  /* atomic: detached, attached, suspended, shutting down */
    int py_recursion_remaining;
    int py_recursion_limit;
    int recursion_headroom;
    int tracing;  /* nested calls of trace functions */
    int what_event;
    struct _PyInterpreterFrame *current_frame;
    Py_tracefunc c_profilefunc;
    Py_tracefunc c_tracefunc;
    PyObject *c_profileobj;
    PyObject *c_traceobj;
    PyObject *current_exception;
    _PyErr_StackItem *exc_info;  /* newest entry of the stack of handled exceptions */
    PyObject *dict;
    int gilstate_counter;
    PyObject *async_exc;
    unsigned long thread_id;
    unsigned long native_thread_id;
    PyObject *delete_later;  /* of the trashcan */
    uintptr_t critical_section;  /* innermost PyCriticalSection, tagged */
    int coroutine_origin_tracking_depth;
    PyObject *async_gen_firstiter;
    PyObject *async_gen_finalizer;
    PyObject *context;
    uint64_t context_ver;  /* grows when context changes */
    uint64_t id;
    _PyStackChunk *datastack_chunk;
    PyObject **datastack_top;
    PyObject **datastack_limit;
    _PyErr_StackItem exc_state;  /* oldest entry of that stack */
    PyObject *current_executor;
    uint64_t dict_global_version;
    PyObject *threading_local_key;
    PyObject *threading_local_sentinel;
    _PyRemoteDebuggerSupport remote_debugger_support;
    _PyStackChunk *datastack_cached_chunk;
};

/* -- Threads -- */
PyAPI_FUNC(int) PyGILState_Check(void);
PyAPI_FUNC(void) PyThreadState_DeleteCurrent(void);
PyAPI_FUNC(void) PyThreadState_EnterTracing(PyThreadState *tstate);
PyAPI_FUNC(PyThreadState *) PyThreadState_GetUnchecked(void);
PyAPI_FUNC(void) PyThreadState_LeaveTracing(PyThreadState *tstate);
PyAPI_FUNC(PyThreadState *) PyThreadState_Next(PyThreadState *tstate);
PyAPI_FUNC(void) PyUnstable_ThreadState_ResetStackProtection(PyThreadState *tstate);
PyAPI_FUNC(int) PyUnstable_ThreadState_SetStackProtection(
    PyThreadState *tstate, void *data, size_t size);
PyAPI_FUNC(PyObject *) _PyThread_CurrentFrames(void);

Py_DEPRECATED(3.13) static inline PyThreadState *
_PyThreadState_UncheckedGet(void)
{
    return PyThreadState_GetUnchecked();
}

/* -- Interpreters -- */
PyAPI_FUNC(PyInterpreterState *) PyInterpreterState_Head(void);
PyAPI_FUNC(PyInterpreterState *) PyInterpreterState_Main(void);
PyAPI_FUNC(PyInterpreterState *) PyInterpreterState_Next(PyInterpreterState *interp);
PyAPI_FUNC(PyThreadState *) PyInterpreterState_ThreadHead(PyInterpreterState *interp);

/* -- The function that evaluates frames -- */
typedef PyObject *(*_PyFrameEvalFunction)(PyThreadState *, struct _PyInterpreterFrame *, int);
PyAPI_FUNC(_PyFrameEvalFunction) _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *interp);
PyAPI_FUNC(void) _PyInterpreterState_SetEvalFrameFunc(
    PyInterpreterState *interp, _PyFrameEvalFunction arg);

/* -- Callbacks when an interpreter ends -- */
typedef void (*atexit_datacallbackfunc)(void *);
PyAPI_FUNC(int) PyUnstable_AtExit(
    PyInterpreterState *interp, atexit_datacallbackfunc arg, void *data);

#ifdef __cplusplus
}
#endif
#endif

/* An interpreter: struct _is, opaque to extensions.

   One sub-struct per subsystem.  A subsystem defines its state in a header of its own (struct _Py_<name>_state,
   which includes no more than it needs: not this file, not pycore_object.h) and adds one include and one row here.
   What one subsystem keeps may also be reached by CPython's field names below. */
#ifndef Py_INTERNAL_INTERP_H
#define Py_INTERNAL_INTERP_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_atexit.h"         // struct atexit_state
#include "pycore_codecs.h"         // struct codecs_state
#include "pycore_dict.h"           // struct _Py_dict_state
#include "pycore_eval.h"           // struct _Py_eval_state
#include "pycore_gc.h"             // struct _gc_runtime_state
#include "pycore_gil.h"            // struct _gil_runtime_state
#include "pycore_lock.h"           // PyMutex
#include "pycore_long.h"           // struct _Py_long_state
#include "pycore_object_alloc.h"   // struct _Py_heap_lists
#include "pycore_pyerrors.h"       // struct _Py_exc_state
#include "pycore_stoptheworld.h"   // struct _stoptheworld_state
#include "pycore_tstate.h"         // _PyThreadStateImpl
#include "pycore_typeobject.h"     // struct _Py_types_state
#include "pycore_typevarobject.h"  // struct _Py_typing_state
#include "pycore_unicodeobject.h"  // struct _Py_unicode_state

/* -- Pending calls and signals ---------------- */

struct _pending_call {
    int (*func)(void *);
    void *arg;
    int flags;
};

#define PENDINGCALLSARRAYSIZE 300
#define MAXPENDINGCALLSLOOP_MAIN 0
#define MAXPENDINGCALLS_MAIN 32
#define MAXPENDINGCALLS 100

struct _pending_calls {
    PyThreadState *handling_thread;
    PyMutex mutex;
    int32_t npending;          // atomic
    int32_t max;
    int32_t maxloop;
    struct _pending_call calls[PENDINGCALLSARRAYSIZE];
    int first;
    int next;
};

struct _ceval_state {
    uintptr_t instrumentation_version;  // atomic: the high bits of every thread's breaker
    int recursion_limit;
    struct _gil_runtime_state *gil;
    int own_gil;
    struct _pending_calls pending;
};

/* -- What is small enough to be defined here ---------------- */

struct _import_state {
    PyObject *modules;             // sys.modules
    PyObject *modules_by_index;    // list for PyState_FindModule()
    PyObject *importlib;           // importlib._bootstrap
    int override_frozen_modules;
    int override_multi_interp_extensions_check;
    PyObject *import_func;         // builtins.__import__ as it was at start
    int dlopenflags;
    struct {
        _PyRecursiveMutex mutex;
    } lock;
    struct {
        int import_level;
        PyTime_t accumulated;
        int header;
    } find_and_load;
};

struct _warnings_runtime_state {
    PyObject *filters;
    PyObject *once_registry;
    PyObject *default_action;
    _PyRecursiveMutex lock;
    long filters_version;
    PyObject *context;
};

struct _is_thread_handles {
    PyMutex mutex;
    void *head, *tail;             // non-daemon threads that shutdown joins; owner: _thread
};

#define _Py_WEAKREF_LOCKS 127

/* -- The interpreter ---------------- */


struct _is {
    /* The breaker and the GIL. */
    struct _ceval_state ceval;

    struct _is *next;              // guarded by HEAD_LOCK
    int64_t id;
    Py_ssize_t id_refcount;        // atomic
    int requires_idref;
    long _whence;
    int _initialized;
    int _ready;
    int finalizing;                // atomic
    uintptr_t last_restart_version;

    struct {
        uint64_t next_unique_id;   // guarded by HEAD_LOCK
        PyThreadState *head;       // guarded by HEAD_LOCK
        _PyThreadStateImpl *preallocated;  // for the first thread state
        PyThreadState *main;       // atomic: runs the __main__ of this interpreter
        Py_ssize_t count;          // guarded by HEAD_LOCK
        size_t stacksize;          // of new threads
    } threads;

    _PyRuntimeState *runtime;
    PyThreadState *_finalizing;    // atomic: the thread that finalizes
    unsigned long _finalizing_id;  // atomic

    struct _gc_runtime_state gc;
    struct _Py_heap_lists heap_lists;
    struct _Py_type_ids type_ids;
    struct _stoptheworld_state stoptheworld;
    struct _is_thread_handles thread_handles;
    PyMutex weakref_locks[_Py_WEAKREF_LOCKS];
    struct _Py_heap *gil_heap;     // the one heap of the GIL build

    /* Dictionaries; borrowed from the modules that hold them, or owned until the end. */
    PyObject *sysdict;
    PyObject *builtins;
    PyObject *sysdict_copy;
    PyObject *builtins_copy;
    PyObject *dict;                // PyInterpreterState_GetDict()

    PyConfig config;
    unsigned long feature_flags;

    struct _import_state imports;
    struct codecs_state codecs;
    struct _warnings_runtime_state warnings;
    struct atexit_state atexit;
    struct _Py_unicode_state unicode;
    struct _Py_long_state long_state;
    struct _Py_types_state types;
    struct _Py_exc_state exc_state;
    struct _Py_typing_state typing;
    struct _Py_dict_state dict_state;
    struct _Py_eval_state eval_state;

    _PyFrameEvalFunction eval_frame;

    PyObject *audit_hooks;
    PyCode_WatchCallback code_watchers[8];        // owner: compiler
    uint8_t active_code_watchers;
    PyContext_WatchCallback context_watchers[8];  // owner: vm
    uint8_t active_context_watchers;

    /* At fork. */
    PyObject *before_forkers;
    PyObject *after_forkers_parent;
    PyObject *after_forkers_child;

    /* sys.settrace, sys.setprofile; owner: vm. */
    Py_ssize_t sys_profiling_threads;
    Py_ssize_t sys_tracing_threads;

    /* Private states that subsystems allocate themselves; owner as named. */
    void *compile_state;           // compiler
    void *ast_state;               // parser
    void *context_state;           // vm
    void *dtoa_state;              // numbers
    void *module_state;            // lead
    void *asyncio_state;

    PyMutex func_mutex, code_mutex, type_mutex;

    PyObject *common_consts[8];

    _PyThreadStateImpl _initial_thread;  // last: the first thread state of this interpreter
};

extern PyInterpreterState *_PyInterpreterState_GetCurrent(void);

static inline PyThreadState *
_PyInterpreterState_GetFinalizing(PyInterpreterState *interp)
{
    return __atomic_load_n(&interp->_finalizing, __ATOMIC_RELAXED);
}

static inline unsigned long
_PyInterpreterState_GetFinalizingID(PyInterpreterState *interp)
{
    return __atomic_load_n(&interp->_finalizing_id, __ATOMIC_RELAXED);
}

extern void _PyInterpreterState_SetFinalizing(PyInterpreterState *interp, PyThreadState *tstate);

#define _PyInterpreterState_WHENCE_NOTSET      -1
#define _PyInterpreterState_WHENCE_UNKNOWN     0
#define _PyInterpreterState_WHENCE_RUNTIME     1
#define _PyInterpreterState_WHENCE_LEGACY_CAPI 2
#define _PyInterpreterState_WHENCE_CAPI        3
#define _PyInterpreterState_WHENCE_XI          4
#define _PyInterpreterState_WHENCE_STDLIB      5
#define _PyInterpreterState_WHENCE_MAX         5

#define Py_RTFLAGS_USE_MAIN_OBMALLOC (1UL << 5)
#define Py_RTFLAGS_MULTI_INTERP_EXTENSIONS (1UL << 8)
#define Py_RTFLAGS_THREADS (1UL << 10)
#define Py_RTFLAGS_DAEMON_THREADS (1UL << 11)
#define Py_RTFLAGS_FORK (1UL << 15)
#define Py_RTFLAGS_EXEC (1UL << 16)

#endif  // Py_INTERNAL_INTERP_H

/* The process: _PyRuntime.  One field per subsystem, as in pycore_interp.h. */
#ifndef Py_INTERNAL_RUNTIME_H
#define Py_INTERNAL_RUNTIME_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_atexit.h"         // struct _atexit_runtime_state
#include "pycore_gil.h"            // struct _gil_runtime_state
#include "pycore_interp.h"         // PyInterpreterState
#include "pycore_lock.h"           // _PyRWMutex
#include "pycore_pymem.h"          // PyMemAllocatorEx
#include "pycore_pythread.h"       // struct _pythread_runtime_state
#include "pycore_stoptheworld.h"   // struct _stoptheworld_state
#include <signal.h>

struct _PyHookEntry {
    struct _PyHookEntry *next;
    Py_AuditHookFunction hookCFunction;
    void *userData;
};
typedef struct _PyHookEntry _Py_AuditHookEntry;

struct _signals_runtime_state {
    struct {
        int tripped;               // atomic
        PyObject *func;            // atomic
    } handlers[65];
    struct {
        int fd;
        int warn_on_full_buffer;
    } wakeup;
    int is_tripped;                // atomic
    PyObject *default_handler;
    PyObject *ignore_handler;
    int unhandled_keyboard_interrupt;
};

struct pyruntimestate {
    int _initialized;
    int preinitializing;
    int preinitialized;
    int core_initialized;          // atomic
    int initialized;               // atomic
    PyThreadState *_finalizing;    // atomic
    unsigned long _finalizing_id;  // atomic

    struct pyinterpreters {
        PyMutex mutex;             // HEAD_LOCK
        PyInterpreterState *head;  // guarded by mutex
        PyInterpreterState *main;  // const after start
        int64_t next_id;           // guarded by mutex
    } interpreters;

    unsigned long main_thread;     // ident
    PyThreadState *main_tstate;

    /* The flag `multithreaded` (P3). */
    PyMutex multithreaded_mutex;   // held while it changes
    Py_ssize_t thread_count;       // guarded by HEAD_LOCK: thread states of all interpreters
    PyTime_t multithreaded_lowered; // guarded by HEAD_LOCK: when last
    int multithreaded_pinned;      // never lower again

    struct _pythread_runtime_state threads;
    struct _signals_runtime_state signals;
    _PyRWMutex stoptheworld_mutex; // a stop of all interpreters excludes those of one
    struct _stoptheworld_state stoptheworld;
    struct _gil_runtime_state gil_state;   // the main interpreter's GIL
    struct _pending_calls main_pending;    // Py_AddPendingCall(): the main thread's
    struct _atexit_runtime_state atexit;
    Py_tss_t autoTSSkey;

    PyPreConfig preconfig;
    Py_OpenCodeHookFunction open_code_hook;
    void *open_code_userdata;
    struct {
        PyMutex mutex;
        _Py_AuditHookEntry *head;  // atomic
    } audit_hooks;

    struct {
        int fd_table_lock_pad;
    } fileutils;

    struct {
        unsigned char seed[24];
        int initialized;
    } hash_secret;

    struct {
        PyMutex mutex;
        Py_ssize_t last_index;     // PyModuleDef.m_index
        void *extensions;          // cache of single-phase modules; owner: lead
        const struct _inittab *inittab;
        const char *pkgcontext;
    } imports;

    struct {
        void *interned;            // process-wide interned strings; owner: text
        PyMutex mutex;
    } unicode;

    PyMutex types_mutex;           // static builtin types
    uint64_t ceval_switch_interval_pad;
};

extern struct pyruntimestate _PyRuntime;

extern PyStatus _PyRuntimeState_Init(_PyRuntimeState *runtime);
extern void _PyRuntimeState_Fini(_PyRuntimeState *runtime);
extern PyStatus _PyRuntimeState_ReInitThreads(_PyRuntimeState *runtime);
extern PyStatus _PyRuntime_Initialize(void);
extern void _PyRuntime_Finalize(void);
extern void _PyRuntimeState_SetFinalizing(_PyRuntimeState *runtime, PyThreadState *tstate);

static inline PyThreadState *
_PyRuntimeState_GetFinalizing(_PyRuntimeState *runtime)
{
    return __atomic_load_n(&runtime->_finalizing, __ATOMIC_RELAXED);
}

static inline unsigned long
_PyRuntimeState_GetFinalizingID(_PyRuntimeState *runtime)
{
    return __atomic_load_n(&runtime->_finalizing_id, __ATOMIC_RELAXED);
}

#endif  // Py_INTERNAL_RUNTIME_H

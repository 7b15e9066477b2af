/* Shared by the files of the _thread module. */
#ifndef THREAD_INT_H
#define THREAD_INT_H

#include "Python.h"
#include "pycore_lock.h"      // PyMutex
#include "pycore_pythread.h"  // PyThread_ident_t

typedef struct {
    PyTypeObject *excepthook_type;
    PyTypeObject *lock_type;
    PyTypeObject *rlock_type;
    PyTypeObject *local_type;
    PyTypeObject *sentinel_type;
    PyTypeObject *thread_handle_type;
} thread_module_state;

static inline thread_module_state *
get_thread_state(PyObject *module)
{
    return (thread_module_state *)PyModule_GetState(module);
}

/* Specifications of the types, by file. */
extern PyType_Spec _PyThread_lock_spec;
extern PyType_Spec _PyThread_rlock_spec;
extern PyType_Spec _PyThread_local_spec;
extern PyType_Spec _PyThread_sentinel_spec;
extern PyType_Spec _PyThread_handle_spec;

extern struct PyModuleDef _PyThread_module;

/* -- Handles (_thread_handle.c) ---------------- */

/* Life of a thread as its handle knows it. */
typedef enum {
    THREAD_HANDLE_NOT_STARTED = 1,
    THREAD_HANDLE_STARTING = 2,
    THREAD_HANDLE_RUNNING = 3,
    THREAD_HANDLE_DONE = 4,
} ThreadHandleState;

/* Shared by the Python object, the running thread and the list of those that shutdown joins. */
typedef struct _ThreadHandle {
    Py_ssize_t refcount;             // atomic
    PyMutex mutex;                   // guards what follows
    PyThread_ident_t ident;
    PyThread_handle_t os_handle;
    int has_os_handle;               // to be joined or detached once
    ThreadHandleState state;
    PyEvent thread_is_exiting;       // set when no Python code will run in it
    _PyOnceFlag once;                // joins, or marks as done
    struct _ThreadHandle *next, *prev;              // guarded by the list of all
    struct _ThreadHandle *shutdown_next, *shutdown_prev;  // guarded by interp->thread_handles.mutex
    int in_shutdown_list;
} ThreadHandle;

typedef struct {
    PyObject_HEAD
    ThreadHandle *handle;
} PyThreadHandleObject;

extern ThreadHandle *_PyThreadHandle_New(void);
extern void _PyThreadHandle_DecRef(ThreadHandle *handle);
/* Starts the thread; 0, or -1 with an exception. */
extern int _PyThreadHandle_Start(ThreadHandle *handle, PyObject *func, PyObject *args, PyObject *kwargs,
                                 int daemon);
/* 0, or -1 with an exception.  timeout_ns < 0: for ever; a timeout is no error. */
extern int _PyThreadHandle_Join(ThreadHandle *handle, PyTime_t timeout_ns);
extern void _PyThreadHandle_AddToShutdown(PyInterpreterState *interp, ThreadHandle *handle);
extern PyThreadHandleObject *_PyThreadHandleObject_New(PyTypeObject *type);
extern PyObject *_PyThreadHandle_Shutdown(PyInterpreterState *interp);
extern Py_ssize_t _PyThread_count;   // atomic: threads started by this module that run

#endif

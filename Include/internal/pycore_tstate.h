/* The private half of a thread state: what the ABI's PyThreadState has no room for. */
#ifndef Py_INTERNAL_TSTATE_H
#define Py_INTERNAL_TSTATE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_brc.h"           // struct _brc_thread_state
#include "pycore_freelist_state.h" // struct _Py_freelists
#include "pycore_qsbr.h"          // struct _Py_qsbr_thread
#include "pycore_type_counts.h"   // struct _Py_type_counts

struct _Py_heap;

typedef struct _PyThreadStateImpl {
    PyThreadState base;  // first: the two are cast into each other

    /* -- owner thread only -- */

    /* Pages that this thread allocates from; in the GIL build the interpreter's one heap. */
    struct _Py_heap *heap;
    /* What the raw object allocator should treat the request as (pycore_object_alloc.h). */
    int alloc_kind;
    /* A collection runs in this thread. */
    int in_gc;

    /* Bounds of the C stack, set by _Py_InitializeRecursionLimits(): it grows down from top, past the soft limit
       RecursionError is raised, past the hard one the process ends. */
    uintptr_t c_stack_top;
    uintptr_t c_stack_soft_limit;
    uintptr_t c_stack_hard_limit;
    uintptr_t c_stack_init_base;   // PyUnstable_ThreadState_SetStackProtection()
    uintptr_t c_stack_init_top;

    struct _Py_type_cache *type_cache;  // lookups of attributes of types; owner: types

    struct _Py_freelists freelists;
    struct _Py_type_counts type_counts;

    /* Objects whose deallocation waits until the C stack is shallower. */
    PyObject **trash;
    Py_ssize_t trash_count;
    Py_ssize_t trash_capacity;
    int trash_running;

    PyObject *asyncio_running_loop;
    PyObject *asyncio_running_task;
    /* Head of the list of asyncio tasks created by this thread (Modules/_asyncio). */
    void *asyncio_tasks_head[2];

    /* Samples of the increments of objects owned elsewhere: which are hot (P5). */
    uint32_t hot_sample;
    struct _Py_hot_table *hot_table;

    /* Evaluation loop's own data (pycore_eval.h); owner: vm. */
    void *eval_data[8];

    /* -- atomic: others store, the owner takes -- */
    struct _brc_thread_state brc;
    struct _Py_qsbr_thread qsbr;

    /* guarded by the interpreter's head lock */
    Py_ssize_t refcount;            // references to this structure: itself and a pending PyGILState user
    struct _PyThreadStateImpl *next_finished;

#ifdef Py_STATS
    struct _stats *pystats;
#endif
} _PyThreadStateImpl;

#endif  // Py_INTERNAL_TSTATE_H

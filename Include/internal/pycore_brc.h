/* Biased reference counting: the queues of objects that other threads ask their owner to merge
   (Python/threads/brc.c). */
#ifndef Py_INTERNAL_BRC_H
#define Py_INTERNAL_BRC_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* A growable array of objects. */
struct _brc_array {
    PyObject **items;
    Py_ssize_t count;
    Py_ssize_t capacity;
};

struct _brc_thread_state {
    struct _brc_thread_state *next;  // guarded by bucket: threads of the same bucket
    uintptr_t tid;                   // const while linked: what ob_tid says
    int linked;                      // guarded by bucket
    struct _brc_array to_merge;      // guarded by bucket: each holds one reference
    struct _brc_array local;         // owner thread only: being merged now
};

#ifdef Py_GIL_DISABLED
/* The table of threads by id, one for the process: an object may be shared between interpreters only when it is
   immortal, but a thread may run several interpreters. */
extern void _Py_brc_init_thread(PyThreadState *tstate);
extern void _Py_brc_remove_thread(PyThreadState *tstate);
extern void _Py_brc_queue_object(PyObject *ob);
extern void _Py_brc_merge_refcounts(PyThreadState *tstate);
extern void _Py_brc_after_fork(PyThreadState *current);
#endif

#endif  // Py_INTERNAL_BRC_H

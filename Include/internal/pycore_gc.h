/* The cycle collector (Python/memory/gc*.c, object_gc.c). */
#ifndef Py_INTERNAL_GC_H
#define Py_INTERNAL_GC_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"  // PyMutex

#define NUM_GENERATIONS 3

#define _PyGC_DEBUG_STATS         (1 << 0)
#define _PyGC_DEBUG_COLLECTABLE   (1 << 1)
#define _PyGC_DEBUG_UNCOLLECTABLE (1 << 2)
#define _PyGC_DEBUG_SAVEALL       (1 << 5)
#define _PyGC_DEBUG_LEAK \
    (_PyGC_DEBUG_COLLECTABLE | _PyGC_DEBUG_UNCOLLECTABLE | _PyGC_DEBUG_SAVEALL)

struct gc_generation {
    int threshold;   // atomic, relaxed
    int count;       // generation 0: atomic count of allocations less deallocations; others: collections of the younger
};

struct gc_generation_stats {
    Py_ssize_t collections;
    Py_ssize_t collected;
    Py_ssize_t uncollectable;
    Py_ssize_t candidates;      // objects looked at
    PyTime_t pause_total;       // time the world was stopped
    PyTime_t pause_max;
};

struct _Py_gc_large;  // header of an object that is not in a page

#define _PyGC_LARGE_STRIPES 16

struct _gc_runtime_state {
    int enabled;                 // atomic, relaxed
    int debug;                   // atomic, relaxed
    int collecting;              // atomic: a collection runs
    int finalizing;              // interpreter teardown
    int flush_interval;          // atomic, relaxed: after how many allocations a heap adds to the count
    struct gc_generation generations[NUM_GENERATIONS];
    struct gc_generation_stats generation_stats[NUM_GENERATIONS];
    PyObject *garbage;           // list, or NULL
    PyObject *callbacks;         // list, or NULL
    Py_ssize_t long_lived_total;   // objects that survived the last full collection
    Py_ssize_t long_lived_pending; // that survived younger ones since
    Py_ssize_t frozen_count;
    int freeze_active;

    /* Large objects, striped by address; each stripe under its mutex. */
    struct {
        PyMutex mutex;
        struct _Py_gc_large *young;   // allocated since the last collection
        struct _Py_gc_large *old;
    } large[_PyGC_LARGE_STRIPES];

    /* Promoted objects that the collector does not track otherwise (P5). */
    PyMutex promoted_mutex;
    PyObject **promoted;
    Py_ssize_t promoted_count;
    Py_ssize_t promoted_capacity;

    /* Objects being collected: held until the collection ends. */
    void *running;
};

typedef enum {
    _Py_GC_REASON_HEAP,      // the threshold was passed
    _Py_GC_REASON_SHUTDOWN,
    _Py_GC_REASON_MANUAL,
} _PyGC_Reason;

extern void _PyGC_SetThreshold0(struct _gc_runtime_state *state, int threshold);
extern void _PyGC_InitState(struct _gc_runtime_state *state);
extern PyStatus _PyGC_Init(PyInterpreterState *interp);
extern void _PyGC_Fini(PyInterpreterState *interp);
extern Py_ssize_t _PyGC_Collect(PyThreadState *tstate, int generation, _PyGC_Reason reason);
extern void _PyGC_CollectNoFail(PyThreadState *tstate);
extern void _PyGC_Freeze(PyInterpreterState *interp);
extern void _PyGC_Unfreeze(PyInterpreterState *interp);
extern Py_ssize_t _PyGC_GetFreezeCount(PyInterpreterState *interp);
extern PyObject *_PyGC_GetObjects(PyInterpreterState *interp, int generation);
extern PyObject *_PyGC_GetReferrers(PyInterpreterState *interp, PyObject *objs);
extern void _PyGC_ClearAllFreeLists(PyInterpreterState *interp);
extern void _PyGC_DumpShutdownStats(PyInterpreterState *interp);
extern void _PyGC_VisitObjectsWorldStopped(PyInterpreterState *interp, gcvisitobjects_t callback, void *arg);
/* Sets the breaker's collection bit; called by the allocator. */
extern void _Py_ScheduleGC(PyThreadState *tstate);
extern void _Py_RunGC(PyThreadState *tstate);
extern void _PyGC_FlushCount(PyThreadState *tstate);

/* Zeroed memory of an instance, `size` bytes and the pre-header in front: what tp_alloc starts from, for types with
   and without GC.  No counts are set (_PyObject_Init), nothing is tracked.  NULL with MemoryError. */
extern PyObject *_PyObject_AllocInstance(PyTypeObject *type, size_t size);
/* The same for GC types, not zeroed but for the pre-header; NULL without an exception. */
extern PyObject *_PyObject_GC_AllocMem(PyTypeObject *type, size_t size);

/* tp_traverse of an object that keeps a borrowed (uncounted) register to op visits it through this: it is
   followed, but never subtracted. */
extern int _PyGC_VisitBorrowed(PyObject *op, visitproc visit, void *arg);
#define _Py_VISIT_BORROWED(op)                                         \
    do {                                                               \
        if ((op) != NULL) {                                            \
            int _vret = _PyGC_VisitBorrowed((PyObject *)(op), visit, arg); \
            if (_vret) {                                               \
                return _vret;                                          \
            }                                                          \
        }                                                              \
    } while (0)

/* The evaluation loop: every object that registers of the thread's frames refer to without counting it. */
extern int _PyEval_VisitThreadRoots(PyThreadState *tstate, visitproc visit, void *arg);

/* Deferred and promoted objects. */
extern int _PyObject_Promote(PyObject *op);

/* Weak references of garbage. */
extern int _PyGC_IsCollecting(PyInterpreterState *interp);

#endif  // Py_INTERNAL_GC_H

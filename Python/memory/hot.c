/* Deferred objects, and hot ones: who is counted by many threads stops being counted (PROTOCOLS P5).

   A deferred object carries _Py_REF_DEFERRED in its shared count, so that counting never frees it; only the
   collector does.  Those that the collector does not track by itself (str, int, float, ...) stand on the
   interpreter's promoted list, and a full collection frees the ones whose real count is zero.
   Each thread samples the increments it makes to objects of others in a small table; what dominates the samples
   is promoted at the thread's next poll.
   Locking: the list is guarded by gc.promoted_mutex; the table belongs to its thread. */
#include "Python.h"
#include "pycore_ceval.h"          // _PY_QSBR_PUBLISH_BIT
#include "pycore_critical_section.h"
#include "pycore_gc.h"
#include "pycore_gc_int.h"
#include "pycore_hot.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_object_alloc.h"
#include "pycore_pystate.h"
#include "pycore_stoptheworld.h"

#ifdef Py_GIL_DISABLED

#define HOT_SLOTS 64
/* Samples (each for _Py_HOT_SAMPLE increments) after which an object counts as hot. */
#define HOT_LIMIT 32

struct _Py_hot_table {
    struct {
        PyObject *op;     // not counted: only compared, and held while it is looked at
        uint32_t count;
    } slots[HOT_SLOTS];
    PyObject *found;      // counted: to promote at the next poll
};

/* -- Deferral ---------------- */

static void
add_deferral(PyObject *op)
{
    __atomic_fetch_add(&op->ob_ref_shared, _Py_REF_SHARED(_Py_REF_DEFERRED, 0), __ATOMIC_RELAXED);
}

/* The object is new or its mutex is held. */
void
_PyObject_SetDeferredRefcount(PyObject *op)
{
    if (_Py_IsImmortal(op) || _PyObject_HasDeferredRefcount(op)) {
        return;
    }
    if (!_PyObject_IS_GC(op)) {
        (void)_PyObject_Promote(op);
        return;
    }
    if (PyType_Check(op) && _PyType_HasFeature((PyTypeObject *)op, Py_TPFLAGS_HEAPTYPE)) {
        _PyType_AssignCountId((PyTypeObject *)op);
    }
    _PyObject_OR_GC_BITS(op, _PyGC_BITS_DEFERRED);
    add_deferral(op);
}

static int
promoted_push(PyInterpreterState *interp, PyObject *op)
{
    struct _gc_runtime_state *gc = &interp->gc;
    int result = 0;
    PyMutex_LockFlags(&gc->promoted_mutex, _Py_LOCK_DONT_DETACH);
    if (gc->promoted_count == gc->promoted_capacity) {
        Py_ssize_t capacity = gc->promoted_capacity ? gc->promoted_capacity * 2 : 64;
        PyObject **items = _Py_base_realloc(gc->promoted, (size_t)capacity * sizeof(PyObject *));
        if (items == NULL) {
            result = -1;
            goto done;
        }
        gc->promoted = items;
        gc->promoted_capacity = capacity;
    }
    gc->promoted[gc->promoted_count++] = op;
done:
    PyMutex_Unlock(&gc->promoted_mutex);
    return result;
}

static int
promote_lock_held(PyObject *op)
{
    if (_Py_IsImmortal(op) || _PyObject_HasDeferredRefcount(op)) {
        return 0;
    }
    if (_PyObject_GC_IS_TRACKED(op)) {
        /* The collector finds it by itself. */
        _PyObject_OR_GC_BITS(op, _PyGC_BITS_DEFERRED);
    }
    else {
        if (promoted_push(_PyInterpreterState_GET(), op) < 0) {
            return 0;
        }
        _PyObject_OR_GC_BITS(op, _PyGC_BITS_DEFERRED | _PyGC_BITS_PROMOTED);
    }
    add_deferral(op);
    return 1;
}

/* 1 if op has been moved to deferred counting. */
int
_PyObject_Promote(PyObject *op)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = promote_lock_held(op);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* -- Sampling ---------------- */

static inline size_t
slot_of(PyObject *op)
{
    return ((uintptr_t)op >> 4 ^ (uintptr_t)op >> 12) % HOT_SLOTS;
}

/* One of every _Py_HOT_SAMPLE increments of others' objects ends here. */
void
_Py_hot_sample(PyThreadState *tstate, PyObject *op)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    struct _Py_hot_table *table = impl->hot_table;
    if (table == NULL) {
        table = impl->hot_table = PyMem_RawCalloc(1, sizeof(*table));
        if (table == NULL) {
            return;
        }
    }
    size_t i = slot_of(op);
    if (table->slots[i].op != op) {
        /* A newcomer wears the old one down first, so that only what dominates stays. */
        if (table->slots[i].count > 1) {
            table->slots[i].count--;
            return;
        }
        table->slots[i].op = op;
        table->slots[i].count = 0;
    }
    if (++table->slots[i].count >= HOT_LIMIT && table->found == NULL
        && !_PyObject_HasDeferredRefcount(op)) {
        table->slots[i].count = 0;
        table->found = Py_NewRef(op);
        _Py_set_eval_breaker_bit(tstate, _PY_QSBR_PUBLISH_BIT);
    }
}

void
_Py_hot_poll(PyThreadState *tstate)
{
    struct _Py_hot_table *table = ((_PyThreadStateImpl *)tstate)->hot_table;
    if (table == NULL || table->found == NULL) {
        return;
    }
    PyObject *op = table->found;
    table->found = NULL;
    _PyObject_Promote(op);
    Py_DECREF(op);
}

void
_Py_hot_fini_thread(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    struct _Py_hot_table *table = impl->hot_table;
    impl->hot_table = NULL;
    if (table != NULL) {
        Py_XDECREF(table->found);
        PyMem_RawFree(table);
    }
}

/* -- The end of promoted objects ---------------- */

struct root_search {
    struct gc_vector *dead;
};

/* A register refers to it without counting: not dead. */
static int
visit_root(PyObject *op, void *arg)
{
    struct root_search *search = arg;
    if (!_PyObject_HAS_GC_BITS(op, _PyGC_BITS_PROMOTED)) {
        return 0;
    }
    for (size_t i = 0; i < search->dead->count; i++) {
        if (search->dead->items[i] == op) {
            search->dead->items[i] = search->dead->items[--search->dead->count];
            break;
        }
    }
    return 0;
}

static int
visit_borrower(PyObject *op, void *arg)
{
    /* Suspended generators and the like visit borrowed registers as well as what they count; the latter have a
       real count anyway. */
    traverseproc traverse = Py_TYPE(op)->tp_traverse;
    return traverse == NULL ? 0 : traverse(op, visit_root, arg);
}

/* A promoted object is garbage by another way (it came to be tracked later).  World stopped. */
void
_Py_hot_forget(PyInterpreterState *interp, PyObject *op)
{
    struct _gc_runtime_state *gc = &interp->gc;
    for (Py_ssize_t i = 0; i < gc->promoted_count; i++) {
        if (gc->promoted[i] == op) {
            gc->promoted[i] = gc->promoted[--gc->promoted_count];
            return;
        }
    }
}

/* After a full collection: frees the promoted objects that nobody counts. */
void
_Py_hot_collect(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    struct _gc_runtime_state *gc = &interp->gc;
    if (gc->promoted_count == 0) {
        return;
    }
    struct gc_vector dead = {0};
    _PyEval_StopTheWorld(interp);
    for (Py_ssize_t i = 0; i < gc->promoted_count; i++) {
        PyObject *op = gc->promoted[i];
        if (_PyObject_RealRefcount(op) == 0 && _PyGC_VectorPush(&dead, op) < 0) {
            dead.count = 0;
            break;
        }
    }
    if (dead.count > 0) {
        struct root_search search = {&dead};
        _Py_FOR_EACH_TSTATE_BEGIN(interp, t) {
            (void)_PyEval_VisitThreadRoots(t, visit_root, &search);
        }
        _Py_FOR_EACH_TSTATE_END(interp);
        if (dead.count > 0) {
            _PyGC_VisitTracked(interp, visit_borrower, &search);
        }
    }
    /* Off the list, and counted again with one reference of ours. */
    for (size_t i = 0; i < dead.count; i++) {
        PyObject *op = dead.items[i];
        for (Py_ssize_t k = 0; k < gc->promoted_count; k++) {
            if (gc->promoted[k] == op) {
                gc->promoted[k] = gc->promoted[--gc->promoted_count];
                break;
            }
        }
        _PyObject_CLEAR_GC_BITS(op, _PyGC_BITS_DEFERRED | _PyGC_BITS_PROMOTED);
        _Py_ExplicitMergeRefcount(op, 1 - _Py_REF_DEFERRED);
    }
    _PyEval_StartTheWorld(interp);
    for (size_t i = 0; i < dead.count; i++) {
        Py_DECREF(dead.items[i]);
    }
    _PyGC_VectorFree(&dead);
}

#endif  // Py_GIL_DISABLED

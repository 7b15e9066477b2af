/* The collector's state, and what looks at all objects: freeze, get_objects, get_referrers, visits.

   Each of them stops the world, notes objects in a plain array with a reference each, and builds Python objects
   only after the world runs again. */
#include "Python.h"
#include "pycore_freelist.h"       // _PyObject_ClearFreeLists
#include "pycore_gc.h"
#include "pycore_gc_int.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_object_alloc.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"

/* -- Life ---------------- */

#define DEFAULT_THRESHOLD_0 2000
#define DEFAULT_THRESHOLD_1 10
#define DEFAULT_THRESHOLD_2 10

/* How many allocations a heap may keep to itself. */
void
_PyGC_SetThreshold0(struct _gc_runtime_state *gc, int threshold)
{
    __atomic_store_n(&gc->generations[0].threshold, threshold, __ATOMIC_RELAXED);
    int interval = threshold / 32;
    interval = interval < 1 ? 1 : interval > 64 ? 64 : interval;
    __atomic_store_n(&gc->flush_interval, interval, __ATOMIC_RELAXED);
}

void
_PyGC_InitState(struct _gc_runtime_state *gc)
{
    gc->enabled = 1;
    _PyGC_SetThreshold0(gc, DEFAULT_THRESHOLD_0);
    gc->generations[1].threshold = DEFAULT_THRESHOLD_1;
    gc->generations[2].threshold = DEFAULT_THRESHOLD_2;
}

PyStatus
_PyGC_Init(PyInterpreterState *interp)
{
    if (interp->gc.garbage == NULL) {
        interp->gc.garbage = PyList_New(0);
        if (interp->gc.garbage == NULL) {
            return PyStatus_NoMemory();
        }
    }
    if (interp->gc.callbacks == NULL) {
        interp->gc.callbacks = PyList_New(0);
        if (interp->gc.callbacks == NULL) {
            return PyStatus_NoMemory();
        }
    }
    return PyStatus_Ok();
}

void
_PyGC_Fini(PyInterpreterState *interp)
{
    Py_CLEAR(interp->gc.garbage);
    Py_CLEAR(interp->gc.callbacks);
    _Py_base_free(interp->gc.promoted);
    interp->gc.promoted = NULL;
    interp->gc.promoted_count = interp->gc.promoted_capacity = 0;
    interp->gc.finalizing = 1;
}

void
_PyGC_DumpShutdownStats(PyInterpreterState *interp)
{
    struct _gc_runtime_state *gc = &interp->gc;
    if ((gc->debug & _PyGC_DEBUG_SAVEALL) || gc->garbage == NULL || PyList_GET_SIZE(gc->garbage) == 0) {
        return;
    }
    const char *message = gc->debug & _PyGC_DEBUG_UNCOLLECTABLE
        ? "gc: %zd uncollectable objects at shutdown"
        : "gc: %zd uncollectable objects at shutdown; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them";
    if (PyErr_WarnExplicitFormat(PyExc_ResourceWarning, "gc", 0, "gc", NULL, message,
                                 PyList_GET_SIZE(gc->garbage)) < 0) {
        PyErr_FormatUnraisable("Exception ignored in GC shutdown");
    }
    if (gc->debug & _PyGC_DEBUG_UNCOLLECTABLE) {
        PyObject *repr = PyObject_Repr(gc->garbage);
        PyObject *bytes = repr == NULL ? NULL : PyUnicode_EncodeFSDefault(repr);
        if (bytes == NULL) {
            PyErr_FormatUnraisable("Exception ignored in GC shutdown while formatting garbage");
        }
        else {
            PySys_WriteStderr("      %s\n", PyBytes_AS_STRING(bytes));
        }
        Py_XDECREF(repr);
        Py_XDECREF(bytes);
    }
}

int
_PyGC_IsCollecting(PyInterpreterState *interp)
{
    return __atomic_load_n(&interp->gc.collecting, __ATOMIC_RELAXED);
}

void
_PyObject_ClearFreeLists(struct _Py_freelists *freelists, int is_finalization)
{
    struct _Py_freelist *lists[] = {
#define X(name, maximum) &freelists->name,
        _Py_FREELISTS(X)
#undef X
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(lists); i++) {
        void *p;
        while ((p = _PyFreeList_PopMem(lists[i])) != NULL) {
            PyObject_GC_Del(p);
        }
        if (is_finalization) {
            lists[i]->size = -1;
        }
    }
}

void
_PyGC_ClearAllFreeLists(PyInterpreterState *interp)
{
    (void)interp;
    PyThreadState *tstate = _PyThreadState_GET();
    if (!tstate->_status.finalizing) {
        _PyObject_ClearFreeLists(&((_PyThreadStateImpl *)tstate)->freelists, 0);
    }
}

/* -- Every tracked object ---------------- */

struct tracked_call {
    _PyGC_object_visit visit;
    void *arg;
};

static int
visit_page_objects(struct _Py_page *page, void *arg)
{
    struct tracked_call *call = arg;
    for (uint32_t i = 0; i < page->capacity; i++) {
        PyObject *op = (PyObject *)(_Py_page_block(page, i) + page->object_offset);
        if (_PyObject_GC_IS_TRACKED(op)) {
            int result = call->visit(op, call->arg);
            if (result != 0) {
                return result;
            }
        }
    }
    return 0;
}

int
_PyGC_VisitTracked(PyInterpreterState *interp, _PyGC_object_visit visit, void *arg)
{
    struct tracked_call call = {visit, arg};
    int result = _Py_heap_visit_gc_pages(interp, visit_page_objects, &call);
    for (int i = 0; i < _PyGC_LARGE_STRIPES && result == 0; i++) {
        for (int list = 0; list < 2 && result == 0; list++) {
            struct _Py_gc_large *large = list ? interp->gc.large[i].old : interp->gc.large[i].young;
            for (; large != NULL && result == 0; large = large->next) {
                PyObject *op = _Py_gc_large_object(large);
                if (_PyObject_GC_IS_TRACKED(op)) {
                    result = visit(op, arg);
                }
            }
        }
    }
    return result;
}

/* Dead, or on its way: may not be counted up. */
static int
is_dying(PyObject *op)
{
    return !_Py_IsImmortal(op) && !_PyObject_HasDeferredRefcount(op) && _PyObject_RealRefcount(op) <= 0;
}

/* -- Freezing ---------------- */

static int
freeze_object(PyObject *op, void *arg)
{
    _PyObject_SET_GC_BITS(op, _PyGC_BITS_FROZEN);
    ++*(Py_ssize_t *)arg;
    return 0;
}

static int
unfreeze_object(PyObject *op, void *Py_UNUSED(arg))
{
    _PyObject_CLEAR_GC_BITS(op, _PyGC_BITS_FROZEN);
    return 0;
}

static int
count_frozen(PyObject *op, void *arg)
{
    if (_PyObject_HAS_GC_BITS(op, _PyGC_BITS_FROZEN)) {
        ++*(Py_ssize_t *)arg;
    }
    return 0;
}

void
_PyGC_Freeze(PyInterpreterState *interp)
{
    Py_ssize_t count = 0;
    _PyEval_StopTheWorld(interp);
    interp->gc.freeze_active = 1;
    _PyGC_VisitTracked(interp, freeze_object, &count);
    _PyEval_StartTheWorld(interp);
}

void
_PyGC_Unfreeze(PyInterpreterState *interp)
{
    _PyEval_StopTheWorld(interp);
    _PyGC_VisitTracked(interp, unfreeze_object, NULL);
    interp->gc.freeze_active = 0;
    _PyEval_StartTheWorld(interp);
}

Py_ssize_t
_PyGC_GetFreezeCount(PyInterpreterState *interp)
{
    Py_ssize_t count = 0;
    _PyEval_StopTheWorld(interp);
    if (interp->gc.freeze_active) {
        _PyGC_VisitTracked(interp, count_frozen, &count);
    }
    _PyEval_StartTheWorld(interp);
    return count;
}

/* -- Lists of objects ---------------- */

struct gather {
    struct gc_vector found;
    int generation;       // -1: all
    PyObject *targets;    // of get_referrers
    PyObject *exclude;
    int hit;
};

static int
gather_generation(PyObject *op, void *arg)
{
    struct gather *g = arg;
    int old = _PyObject_HAS_GC_BITS(op, _PyGC_BITS_OLD);
    int wanted = g->generation == -1 || (g->generation == 0 && !old) || (g->generation == 2 && old);
    if (!wanted || is_dying(op) || _PyObject_HAS_GC_BITS(op, _PyGC_BITS_FROZEN)) {
        return 0;
    }
    if (_PyGC_VectorPush(&g->found, op) < 0) {
        return -1;
    }
    Py_INCREF(op);
    return 0;
}

/* The references of the array become those of the list. */
static PyObject *
list_from_vector(struct gc_vector *v)
{
    PyObject *list = PyList_New((Py_ssize_t)v->count);
    for (size_t i = 0; i < v->count; i++) {
        if (list != NULL) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, v->items[i]);
        }
        else {
            Py_DECREF(v->items[i]);
        }
    }
    _PyGC_VectorFree(v);
    return list;
}

PyObject *
_PyGC_GetObjects(PyInterpreterState *interp, int generation)
{
    struct gather g = {.generation = generation};
    _PyEval_StopTheWorld(interp);
    int result = _PyGC_VisitTracked(interp, gather_generation, &g);
    _PyEval_StartTheWorld(interp);
    PyObject *list = list_from_vector(&g.found);
    if (result < 0) {
        Py_XDECREF(list);
        return PyErr_NoMemory();
    }
    return list;
}

static int
refers_to_target(PyObject *op, void *arg)
{
    struct gather *g = arg;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(g->targets); i++) {
        if (PyTuple_GET_ITEM(g->targets, i) == op) {
            g->hit = 1;
            return 1;
        }
    }
    return 0;
}

static int
gather_referrers(PyObject *op, void *arg)
{
    struct gather *g = arg;
    traverseproc traverse = Py_TYPE(op)->tp_traverse;
    if (op == g->targets || traverse == NULL || is_dying(op)
        || _PyObject_HAS_GC_BITS(op, _PyGC_BITS_FROZEN)) {
        return 0;
    }
    g->hit = 0;
    (void)traverse(op, refers_to_target, g);
    if (g->hit) {
        if (_PyGC_VectorPush(&g->found, op) < 0) {
            return -1;
        }
        Py_INCREF(op);
    }
    return 0;
}

PyObject *
_PyGC_GetReferrers(PyInterpreterState *interp, PyObject *objs)
{
    struct gather g = {.targets = objs};
    _PyEval_StopTheWorld(interp);
    int result = _PyGC_VisitTracked(interp, gather_referrers, &g);
    _PyEval_StartTheWorld(interp);
    PyObject *list = list_from_vector(&g.found);
    if (result < 0) {
        Py_XDECREF(list);
        return PyErr_NoMemory();
    }
    return list;
}

/* -- PyUnstable_GC_VisitObjects ---------------- */

struct user_visit {
    gcvisitobjects_t callback;
    void *arg;
};

static int
call_user(PyObject *op, void *arg)
{
    struct user_visit *u = arg;
    if (is_dying(op)) {
        return 0;
    }
    Py_INCREF(op);
    int result = u->callback(op, u->arg);
    /* Not the last one: the world is stopped. */
    Py_DECREF(op);
    return result ? 0 : 1;
}

void
_PyGC_VisitObjectsWorldStopped(PyInterpreterState *interp, gcvisitobjects_t callback, void *arg)
{
    struct user_visit u = {callback, arg};
    _PyGC_VisitTracked(interp, call_user, &u);
}

void
PyUnstable_GC_VisitObjects(gcvisitobjects_t callback, void *arg)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    int enabled = __atomic_exchange_n(&interp->gc.enabled, 0, __ATOMIC_RELAXED);
    _PyEval_StopTheWorld(interp);
    _PyGC_VisitObjectsWorldStopped(interp, callback, arg);
    _PyEval_StartTheWorld(interp);
    __atomic_store_n(&interp->gc.enabled, enabled, __ATOMIC_RELAXED);
}

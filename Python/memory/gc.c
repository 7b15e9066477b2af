/* The cycle collector (PROTOCOLS P8).

   A pass takes as candidates the tracked objects (a young pass: those in pages that were allocated from, and not
   marked OLD).  Each candidate's word in its page's gc_refs[] gets its count of references; references among
   candidates are subtracted by tp_traverse; what is left above zero is referred to from outside, and so is
   whatever such objects and the uncounted registers of threads reach.  The rest is garbage.
   Candidates' words exist only during a pass.  The world is stopped while they are computed and used; it runs
   while callbacks, finalizers and tp_clear run, with every garbage object held by one reference of ours.
   Deferred objects are roots of a young pass: registers of suspended generators may refer to them uncounted.
   Source: CPython's algorithm as documented; the side arrays in place of a GC prefix are ours. */
#include "Python.h"
#include "pycore_brc.h"            // _Py_brc_merge_refcounts
#include "pycore_ceval.h"
#include "pycore_gc.h"
#include "pycore_gc_int.h"
#include "pycore_hot.h"            // _Py_hot_collect
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_object_alloc.h"
#include "pycore_parking_lot.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_time.h"
#include "pycore_tuple.h"
#include "pycore_weakref.h"        // _PyWeakref_ClearRef

/* One pass.  Owner: the collecting thread. */
struct collection {
    PyInterpreterState *interp;
    PyThreadState *tstate;
    int generation;
    int young;                     // only new objects
    Py_ssize_t candidates;
    int no_memory;                 // give up
    struct gc_vector stack;        // objects to traverse
    struct gc_vector garbage;      // each held by one reference
    struct gc_vector legacy;       // uncollectable: tp_del
    struct gc_vector callbacks;    // weak references (held) to call
    PyTime_t stopped_at, paused;
};

/* -- Vectors ---------------- */

int
_PyGC_VectorPush(struct gc_vector *v, PyObject *op)
{
    if (v->count == v->capacity) {
        size_t capacity = v->capacity ? v->capacity * 2 : 1024;
        PyObject **items = _Py_base_realloc(v->items, capacity * sizeof(PyObject *));
        if (items == NULL) {
            return -1;
        }
        v->items = items;
        v->capacity = capacity;
    }
    v->items[v->count++] = op;
    return 0;
}

void
_PyGC_VectorFree(struct gc_vector *v)
{
    _Py_base_free(v->items);
    *v = (struct gc_vector){0};
}

/* -- Stopping ---------------- */

static void
stop_world(struct collection *c)
{
    _PyEval_StopTheWorld(c->interp);
    (void)PyTime_MonotonicRaw(&c->stopped_at);
}

static void
start_world(struct collection *c)
{
    PyTime_t now;
    (void)PyTime_MonotonicRaw(&now);
    PyTime_t pause = now - c->stopped_at;
    struct gc_generation_stats *stats = &c->interp->gc.generation_stats[c->generation];
    stats->pause_total += pause;
    if (pause > stats->pause_max) {
        stats->pause_max = pause;
    }
    _PyEval_StartTheWorld(c->interp);
}

/* -- The candidates' words ---------------- */

static inline size_t
presize_of(PyObject *op)
{
    return _PyType_PreHeaderSize(Py_TYPE(op));
}

/* The word of a candidate; NULL if op is none. */
static inline uint32_t *
candidate_word(PyObject *op)
{
    uint8_t bits = _PyObject_GC_BITS(op);
    if ((bits & (_PyGC_BITS_TRACKED | _PyGC_BITS_FROZEN)) != _PyGC_BITS_TRACKED) {
        return NULL;
    }
    uint32_t *word;
    struct _Py_page *page = _Py_page_of(op);
    if (page != NULL) {
        if (page->gc_refs == NULL) {
            return NULL;
        }
        word = &page->gc_refs[_Py_page_block_index(page, op)];
    }
    else {
        struct _Py_gc_large *large = (struct _Py_gc_large *)((char *)op - presize_of(op)) - 1;
        word = &large->gc_refs;
    }
    return (*word & GC_CANDIDATE) ? word : NULL;
}

/* Static objects (types, singletons) may be tracked by mistake of an extension only; they are immortal and never
   candidates, so their words are not asked for. */
static inline uint32_t
initial_word(PyObject *op, int young)
{
    if (_Py_IsImmortal(op)) {
        return GC_REF_MAX << GC_REF_SHIFT | GC_CANDIDATE;
    }
    Py_ssize_t refs = _PyObject_RealRefcount(op);
#ifdef Py_GIL_DISABLED
    if (_PyObject_HasDeferredRefcount(op)) {
        if (young) {
            refs = GC_REF_MAX;
        }
    }
    else if (refs <= 0) {
        return 0;  // its deallocation has begun
    }
#else
    (void)young;
    if (refs <= 0) {
        return 0;
    }
#endif
    if (refs > (Py_ssize_t)GC_REF_MAX) {
        refs = GC_REF_MAX;
    }
    return (uint32_t)refs << GC_REF_SHIFT | GC_CANDIDATE;
}

static inline int
is_tracked_candidate(PyObject *op, int young)
{
    uint8_t mask = _PyGC_BITS_TRACKED | _PyGC_BITS_FROZEN | (young ? _PyGC_BITS_OLD : 0);
    return (_PyObject_GC_BITS(op) & mask) == _PyGC_BITS_TRACKED;
}

static int
init_page(struct _Py_page *page, void *arg)
{
    struct collection *c = arg;
    if (c->young && !page->young) {
        return 0;
    }
    char *block = _Py_page_block(page, 0);
    for (uint32_t i = 0; i < page->capacity; i++, block += page->block_size) {
        PyObject *op = (PyObject *)(block + page->object_offset);
        if (!is_tracked_candidate(op, c->young)) {
            continue;
        }
        if (page->gc_refs == NULL) {
            page->gc_refs = _Py_base_calloc(page->limit, sizeof(uint32_t));
            if (page->gc_refs == NULL) {
                return -1;
            }
        }
        page->gc_refs[i] = initial_word(op, c->young);
        c->candidates++;
    }
    return 0;
}

static int
visit_large(struct collection *c, int young_only, int (*visit)(struct _Py_gc_large *, void *), void *arg)
{
    struct _gc_runtime_state *gc = &c->interp->gc;
    for (int i = 0; i < _PyGC_LARGE_STRIPES; i++) {
        for (int list = 0; list < (young_only ? 1 : 2); list++) {
            struct _Py_gc_large *large = list == 0 ? gc->large[i].young : gc->large[i].old;
            for (; large != NULL; large = large->next) {
                int result = visit(large, arg);
                if (result != 0) {
                    return result;
                }
            }
        }
    }
    return 0;
}

static int
init_large(struct _Py_gc_large *large, void *arg)
{
    struct collection *c = arg;
    PyObject *op = _Py_gc_large_object(large);
    large->gc_refs = 0;
    if (is_tracked_candidate(op, c->young)) {
        large->gc_refs = initial_word(op, c->young);
        c->candidates++;
    }
    return 0;
}

static int
clear_large(struct _Py_gc_large *large, void *Py_UNUSED(arg))
{
    large->gc_refs = 0;
    return 0;
}

static int
free_page_words(struct _Py_page *page, void *Py_UNUSED(arg))
{
    _Py_base_free(page->gc_refs);
    page->gc_refs = NULL;
    return 0;
}

static int
clear_page_words(struct _Py_page *page, void *Py_UNUSED(arg))
{
    if (page->gc_refs != NULL) {
        memset(page->gc_refs, 0, page->limit * sizeof(uint32_t));
    }
    return 0;
}

/* Calls visit with each candidate of a page and its word. */
typedef int (*candidate_visit)(struct collection *c, PyObject *op, uint32_t *word);

struct candidate_call {
    struct collection *c;
    candidate_visit visit;
};

static int
each_candidate_page(struct _Py_page *page, void *arg)
{
    struct candidate_call *call = arg;
    if (page->gc_refs == NULL) {
        return 0;
    }
    for (uint32_t i = 0; i < page->capacity; i++) {
        if (page->gc_refs[i] & GC_CANDIDATE) {
            PyObject *op = (PyObject *)(_Py_page_block(page, i) + page->object_offset);
            int result = call->visit(call->c, op, &page->gc_refs[i]);
            if (result != 0) {
                return result;
            }
        }
    }
    return 0;
}

static int
each_candidate_large(struct _Py_gc_large *large, void *arg)
{
    struct candidate_call *call = arg;
    return (large->gc_refs & GC_CANDIDATE)
        ? call->visit(call->c, _Py_gc_large_object(large), &large->gc_refs) : 0;
}

static int
each_candidate(struct collection *c, candidate_visit visit)
{
    struct candidate_call call = {c, visit};
    int result = _Py_heap_visit_gc_pages(c->interp, each_candidate_page, &call);
    return result != 0 ? result : visit_large(c, c->young, each_candidate_large, &call);
}

/* -- Subtracting and marking ---------------- */

static int
visit_decref(PyObject *op, void *Py_UNUSED(arg))
{
    uint32_t *word = candidate_word(op);
    if (word != NULL && *word >= GC_REF_ONE && *word >> GC_REF_SHIFT != GC_REF_MAX) {
        *word -= GC_REF_ONE;
    }
    return 0;
}

static int
visit_reachable(PyObject *op, void *arg)
{
    struct collection *c = arg;
    uint32_t *word = candidate_word(op);
    if (word != NULL && !(*word & GC_REACHABLE)) {
        *word |= GC_REACHABLE;
        if (_PyGC_VectorPush(&c->stack, op) < 0) {
            c->no_memory = 1;
            return -1;
        }
    }
    return 0;
}

/* A register or the like that refers to op without counting: no reference to subtract, but one to follow. */
int
_PyGC_VisitBorrowed(PyObject *op, visitproc visit, void *arg)
{
#ifdef Py_GIL_DISABLED
    if (visit == visit_decref) {
        return 0;
    }
    return visit(op, arg);
#else
    (void)op;
    (void)visit;
    (void)arg;
    return 0;
#endif
}

static int
subtract_references(struct collection *Py_UNUSED(c), PyObject *op, uint32_t *Py_UNUSED(word))
{
    traverseproc traverse = Py_TYPE(op)->tp_traverse;
    if (traverse != NULL) {
        (void)traverse(op, visit_decref, op);
    }
    return 0;
}

static int
propagate(struct collection *c)
{
    while (c->stack.count > 0 && !c->no_memory) {
        PyObject *op = c->stack.items[--c->stack.count];
        traverseproc traverse = Py_TYPE(op)->tp_traverse;
        if (traverse != NULL) {
            (void)traverse(op, visit_reachable, c);
        }
    }
    return c->no_memory ? -1 : 0;
}

static int
mark_root(struct collection *c, PyObject *op, uint32_t *word)
{
    if (*word >= GC_REF_ONE && !(*word & GC_REACHABLE)) {
        *word |= GC_REACHABLE;
        if (_PyGC_VectorPush(&c->stack, op) < 0) {
            c->no_memory = 1;
            return -1;
        }
        return propagate(c);
    }
    return 0;
}

/* What registers of running frames refer to without counting. */
static int
mark_thread_roots(struct collection *c)
{
#ifdef Py_GIL_DISABLED
    _Py_FOR_EACH_TSTATE_BEGIN(c->interp, t) {
        (void)_PyEval_VisitThreadRoots(t, visit_reachable, c);
    }
    _Py_FOR_EACH_TSTATE_END(c->interp);
    return propagate(c);
#else
    (void)c;
    return 0;
#endif
}

static int
mark_reachable(struct collection *c)
{
    if (each_candidate(c, subtract_references) != 0) {
        return -1;
    }
    if (each_candidate(c, mark_root) != 0) {
        return -1;
    }
    return mark_thread_roots(c);
}

/* -- Sorting the rest ---------------- */

static int
has_legacy_finalizer(PyObject *op)
{
    return Py_TYPE(op)->tp_del != NULL;
}

static int
visit_legacy(PyObject *op, void *arg)
{
    struct collection *c = arg;
    uint32_t *word = candidate_word(op);
    if (word != NULL && !(*word & (GC_REACHABLE | GC_MARKED))) {
        *word |= GC_MARKED;
        if (_PyGC_VectorPush(&c->stack, op) < 0) {
            c->no_memory = 1;
            return -1;
        }
    }
    return 0;
}

/* Objects with tp_del, and what they reach, cannot be taken apart in a safe order. */
static int
mark_legacy(struct collection *c, PyObject *op, uint32_t *word)
{
    if ((*word & (GC_REACHABLE | GC_MARKED)) || !has_legacy_finalizer(op)) {
        return 0;
    }
    *word |= GC_MARKED;
    if (_PyGC_VectorPush(&c->stack, op) < 0) {
        return -1;
    }
    while (c->stack.count > 0) {
        PyObject *from = c->stack.items[--c->stack.count];
        (void)Py_TYPE(from)->tp_traverse(from, visit_legacy, c);
        if (c->no_memory) {
            return -1;
        }
    }
    return 0;
}

static int
gather_garbage(struct collection *c, PyObject *op, uint32_t *word)
{
    if (*word & GC_REACHABLE) {
        return 0;
    }
    if (*word & GC_MARKED) {
        if (has_legacy_finalizer(op)) {
            if (_PyGC_VectorPush(&c->legacy, op) < 0) {
                return -1;
            }
            Py_INCREF(op);
        }
        return 0;
    }
    if (_PyGC_VectorPush(&c->garbage, op) < 0) {
        return -1;
    }
    Py_INCREF(op);
    _PyObject_SET_GC_BITS(op, _PyGC_BITS_UNREACHABLE);
    return 0;
}

/* Survivors are old from now on. */
static int
age_page(struct _Py_page *page, void *arg)
{
    struct collection *c = arg;
    if (!page->young && page->gc_refs == NULL) {
        return 0;
    }
    char *block = _Py_page_block(page, 0);
    for (uint32_t i = 0; i < page->capacity; i++, block += page->block_size) {
        PyObject *op = (PyObject *)(block + page->object_offset);
        uint8_t bits = _PyObject_GC_BITS(op);
        if ((bits & (_PyGC_BITS_TRACKED | _PyGC_BITS_OLD)) == _PyGC_BITS_TRACKED) {
            _PyObject_SET_GC_BITS(op, _PyGC_BITS_OLD);
            c->interp->gc.long_lived_pending++;
        }
    }
    return 0;
}

static void
age_large(PyInterpreterState *interp)
{
    struct _gc_runtime_state *gc = &interp->gc;
    for (int i = 0; i < _PyGC_LARGE_STRIPES; i++) {
        struct _Py_gc_large *large = gc->large[i].young;
        while (large != NULL) {
            struct _Py_gc_large *next = large->next;
            large->is_old = 1;
            large->prev = NULL;
            large->next = gc->large[i].old;
            if (large->next != NULL) {
                large->next->prev = large;
            }
            gc->large[i].old = large;
            PyObject *op = _Py_gc_large_object(large);
            if (_PyObject_GC_IS_TRACKED(op)) {
                _PyObject_SET_GC_BITS(op, _PyGC_BITS_OLD);
                gc->long_lived_pending++;
            }
            large = next;
        }
        gc->large[i].young = NULL;
    }
}

/* -- Weak references ---------------- */

static int
is_garbage(PyObject *op)
{
    return _PyObject_HAS_GC_BITS(op, _PyGC_BITS_UNREACHABLE);
}

/* Clears the weak references with callbacks of a garbage object and notes those to call.  World stopped. */
static int
clear_callback_refs(struct collection *c, PyObject *op)
{
    if (!_PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) {
        return 0;
    }
    PyWeakReference **list = _PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(op);
    for (PyWeakReference *wr = *list, *next; wr != NULL; wr = next) {
        next = wr->wr_next;
        if (wr->wr_callback == NULL) {
            continue;  // cleared after the finalizers
        }
        PyObject *ref = (PyObject *)wr;
        /* Garbage itself: nobody can tell whether its callback ran. */
        int call = !is_garbage(ref) && _Py_TryIncref(ref);
        if (call && _PyGC_VectorPush(&c->callbacks, ref) < 0) {
            return -1;
        }
        _PyWeakref_ClearRef(wr);
    }
    return 0;
}

static void
clear_all_refs(PyObject *op)
{
    if (!_PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) {
        return;
    }
    PyWeakReference **list = _PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(op);
    while (*list != NULL) {
        _PyWeakref_ClearRef(*list);
    }
}

static void
call_callbacks(struct collection *c)
{
    for (size_t i = 0; i < c->callbacks.count; i++) {
        PyWeakReference *wr = (PyWeakReference *)c->callbacks.items[i];
        PyObject *callback = wr->wr_callback;
        if (callback != NULL) {
            Py_INCREF(callback);
            PyObject *result = PyObject_CallOneArg(callback, (PyObject *)wr);
            if (result == NULL) {
                PyErr_FormatUnraisable("Exception ignored on calling weakref callback %R", callback);
            }
            else {
                Py_DECREF(result);
            }
            Py_DECREF(callback);
        }
        Py_DECREF(wr);
    }
    c->callbacks.count = 0;
}

/* -- Finalizers and resurrection ---------------- */

static void
call_finalizers(struct collection *c)
{
    for (size_t i = 0; i < c->garbage.count; i++) {
        PyObject *op = c->garbage.items[i];
        destructor finalize = Py_TYPE(op)->tp_finalize;
        if (finalize != NULL && !_PyGC_FINALIZED(op)) {
            _PyGC_SET_FINALIZED(op);
            finalize(op);
            assert(!PyErr_Occurred());
        }
    }
}

static uint32_t *
raw_word(PyObject *op)
{
    struct _Py_page *page = _Py_page_of(op);
    if (page != NULL) {
        if (page->gc_refs == NULL) {
            page->gc_refs = _Py_base_calloc(page->limit, sizeof(uint32_t));
            if (page->gc_refs == NULL) {
                return NULL;
            }
        }
        return &page->gc_refs[_Py_page_block_index(page, op)];
    }
    return &((struct _Py_gc_large *)((char *)op - presize_of(op)) - 1)->gc_refs;
}

/* Is any garbage object alive again?  Keeps in c->garbage what is still garbage.  The world is stopped. */
static int
find_resurrected(struct collection *c)
{
    _Py_heap_visit_gc_pages(c->interp, clear_page_words, NULL);
    visit_large(c, 0, clear_large, NULL);
    size_t untracked = 0;
    for (size_t i = 0; i < c->garbage.count; i++) {
        PyObject *op = c->garbage.items[i];
        uint32_t *word = raw_word(op);
        if (word == NULL) {
            return -1;
        }
        if (!_PyObject_GC_IS_TRACKED(op)) {
            untracked++;  // a finalizer has taken it apart
            continue;
        }
        /* Without the reference that the collector holds. */
        Py_ssize_t refs = _PyObject_RealRefcount(op) - 1;
        if (refs < 0) {
            refs = 0;
        }
        if (refs > (Py_ssize_t)GC_REF_MAX) {
            refs = GC_REF_MAX;
        }
        *word = (uint32_t)refs << GC_REF_SHIFT | GC_CANDIDATE;
    }
    for (size_t i = 0; i < c->garbage.count; i++) {
        if (candidate_word(c->garbage.items[i]) != NULL) {
            subtract_references(c, c->garbage.items[i], NULL);
        }
    }
    for (size_t i = 0; i < c->garbage.count; i++) {
        PyObject *op = c->garbage.items[i];
        uint32_t *word = candidate_word(op);
        if (word != NULL && mark_root(c, op, word) < 0) {
            return -1;
        }
    }
    if (mark_thread_roots(c) < 0) {
        return -1;
    }
    (void)untracked;
    return 0;
}

#ifdef Py_GIL_DISABLED
/* Counts decide again: the references that the deferral stood for are taken back. */
static void
stop_deferring(struct collection *c, PyObject *op)
{
    if (_PyObject_HasDeferredRefcount(op)) {
        if (_PyObject_HAS_GC_BITS(op, _PyGC_BITS_PROMOTED)) {
            _Py_hot_forget(c->interp, op);
        }
        if (PyType_Check(op)) {
            _PyType_ReleaseCountId(c->interp, (PyTypeObject *)op);
        }
        _PyObject_CLEAR_GC_BITS(op, _PyGC_BITS_DEFERRED | _PyGC_BITS_PROMOTED);
        _Py_ExplicitMergeRefcount(op, -_Py_REF_DEFERRED);
    }
}
#endif

/* Moves the survivors (and those that took themselves apart) behind the others; the number of the others. */
static size_t
partition_garbage(struct collection *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->garbage.count; i++) {
        PyObject *op = c->garbage.items[i];
        uint32_t *word = candidate_word(op);
        _PyObject_CLEAR_GC_BITS(op, _PyGC_BITS_UNREACHABLE);
        if (word != NULL && !(*word & GC_REACHABLE)) {
            c->garbage.items[i] = c->garbage.items[kept];
            c->garbage.items[kept++] = op;
        }
    }
    for (size_t i = 0; i < kept; i++) {
        PyObject *op = c->garbage.items[i];
        clear_all_refs(op);
#ifdef Py_GIL_DISABLED
        stop_deferring(c, op);
#endif
    }
    return kept;
}

/* -- Taking garbage apart ---------------- */

static void
delete_garbage(struct collection *c, size_t count)
{
    struct _gc_runtime_state *gc = &c->interp->gc;
    for (size_t i = 0; i < count; i++) {
        PyObject *op = c->garbage.items[i];
        if (gc->debug & _PyGC_DEBUG_SAVEALL) {
            if (gc->garbage == NULL || PyList_Append(gc->garbage, op) < 0) {
                PyErr_Clear();
            }
        }
        else {
            inquiry clear = Py_TYPE(op)->tp_clear;
            if (clear != NULL) {
                (void)clear(op);
                if (PyErr_Occurred()) {
                    PyErr_FormatUnraisable("Exception ignored in tp_clear of %s", Py_TYPE(op)->tp_name);
                }
            }
        }
    }
    for (size_t i = 0; i < c->garbage.count; i++) {
        Py_DECREF(c->garbage.items[i]);
    }
    c->garbage.count = 0;
}

static Py_ssize_t
handle_legacy(struct collection *c)
{
    struct _gc_runtime_state *gc = &c->interp->gc;
    Py_ssize_t count = (Py_ssize_t)c->legacy.count;
    if (count > 0 && gc->garbage == NULL) {
        gc->garbage = PyList_New(0);
        if (gc->garbage == NULL) {
            Py_FatalError("gc couldn't create gc.garbage list");
        }
    }
    for (size_t i = 0; i < c->legacy.count; i++) {
        PyObject *op = c->legacy.items[i];
        if (PyList_Append(gc->garbage, op) < 0) {
            PyErr_Clear();
        }
        Py_DECREF(op);
    }
    c->legacy.count = 0;
    return count;
}

static void
debug_object(const char *message, PyObject *op)
{
    PySys_FormatStderr("gc: %s <%s %p>\n", message, Py_TYPE(op)->tp_name, op);
}

/* -- Callbacks of Python code ---------------- */

static void
invoke_callbacks(struct collection *c, const char *phase, Py_ssize_t collected, Py_ssize_t uncollectable)
{
    struct _gc_runtime_state *gc = &c->interp->gc;
    if (gc->callbacks == NULL || PyList_GET_SIZE(gc->callbacks) == 0) {
        return;
    }
    PyObject *info = Py_BuildValue("{sisnsn}", "generation", c->generation, "collected", collected,
                                   "uncollectable", uncollectable);
    PyObject *phase_obj = PyUnicode_FromString(phase);
    if (info == NULL || phase_obj == NULL) {
        PyErr_FormatUnraisable("Exception ignored on invoking gc callbacks");
        goto done;
    }
    PyObject *stack[] = {phase_obj, info};
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(gc->callbacks); i++) {
        PyObject *callback = PyList_GetItemRef(gc->callbacks, i);
        if (callback == NULL) {
            PyErr_Clear();  // shortened meanwhile
            break;
        }
        PyObject *result = PyObject_Vectorcall(callback, stack, 2, NULL);
        if (result == NULL) {
            PyErr_FormatUnraisable("Exception ignored on calling GC callback %R", callback);
        }
        else {
            Py_DECREF(result);
        }
        Py_DECREF(callback);
    }
done:
    Py_XDECREF(phase_obj);
    Py_XDECREF(info);
    assert(!PyErr_Occurred());
}

/* -- A pass ---------------- */

static void
finish_words(struct collection *c)
{
    _Py_heap_visit_gc_pages(c->interp, free_page_words, NULL);
    visit_large(c, 0, clear_large, NULL);
}

static void
merge_type_counts(struct collection *c)
{
#ifdef Py_GIL_DISABLED
    _PyType_MergeCounts(c->interp);
#else
    (void)c;
#endif
}

/* Finds the garbage.  World stopped.  -1: no memory, nothing has been changed. */
static int
deduce_unreachable(struct collection *c)
{
    if (_Py_heap_visit_gc_pages(c->interp, init_page, c) != 0
        || visit_large(c, c->young, init_large, c) != 0
        || mark_reachable(c) != 0
        || each_candidate(c, mark_legacy) != 0
        || each_candidate(c, gather_garbage) != 0) {
        return -1;
    }
    return 0;
}

static void
abandon(struct collection *c)
{
    for (size_t i = 0; i < c->garbage.count; i++) {
        _PyObject_CLEAR_GC_BITS(c->garbage.items[i], _PyGC_BITS_UNREACHABLE);
    }
    finish_words(c);
    _Py_heap_reset_young(c->interp);
    start_world(c);
    for (size_t i = 0; i < c->garbage.count; i++) {
        Py_DECREF(c->garbage.items[i]);
    }
    for (size_t i = 0; i < c->legacy.count; i++) {
        Py_DECREF(c->legacy.items[i]);
    }
}

static void
collect(struct collection *c, Py_ssize_t *collected, Py_ssize_t *uncollectable)
{
    struct _gc_runtime_state *gc = &c->interp->gc;

    stop_world(c);
    merge_type_counts(c);
    if (deduce_unreachable(c) < 0) {
        abandon(c);
        return;
    }
    for (size_t i = 0; i < c->garbage.count; i++) {
        if (clear_callback_refs(c, c->garbage.items[i]) < 0) {
            break;
        }
    }
    _Py_heap_visit_gc_pages(c->interp, age_page, c);
    age_large(c->interp);
    _Py_heap_reset_young(c->interp);
    int quiet = c->garbage.count == 0 && c->legacy.count == 0;
    if (quiet) {
        finish_words(c);
    }
    start_world(c);
    if (quiet) {
        return;
    }

    if (gc->debug & _PyGC_DEBUG_COLLECTABLE) {
        for (size_t i = 0; i < c->garbage.count; i++) {
            debug_object("collectable", c->garbage.items[i]);
        }
    }
    call_callbacks(c);
    call_finalizers(c);

    stop_world(c);
    merge_type_counts(c);
    size_t dead = 0;
    if (find_resurrected(c) == 0) {
        dead = partition_garbage(c);
    }
    else {
        for (size_t i = 0; i < c->garbage.count; i++) {
            _PyObject_CLEAR_GC_BITS(c->garbage.items[i], _PyGC_BITS_UNREACHABLE);
        }
    }
    finish_words(c);
    start_world(c);

    *collected = (Py_ssize_t)dead;
    if (gc->debug & _PyGC_DEBUG_UNCOLLECTABLE) {
        for (size_t i = 0; i < c->legacy.count; i++) {
            debug_object("uncollectable", c->legacy.items[i]);
        }
    }
    delete_garbage(c, dead);
    *uncollectable = handle_legacy(c);
}

static void
print_debug_start(struct collection *c)
{
    struct _gc_runtime_state *gc = &c->interp->gc;
    if (gc->debug & _PyGC_DEBUG_STATS) {
        PySys_WriteStderr("gc: collecting generation %d...\n", c->generation);
        PySys_FormatStderr("gc: objects in each generation: %d %zd %zd\n", gc->generations[0].count,
                           gc->long_lived_pending, gc->long_lived_total);
    }
}

static void
print_debug_end(struct collection *c, Py_ssize_t collected, Py_ssize_t uncollectable, PyTime_t started)
{
    if (c->interp->gc.debug & _PyGC_DEBUG_STATS) {
        PyTime_t now;
        (void)PyTime_PerfCounterRaw(&now);
        PySys_WriteStderr("gc: done, %zd unreachable, %zd uncollectable, %.4fs elapsed\n",
                          collected + uncollectable, uncollectable, PyTime_AsSecondsDouble(now - started));
    }
}

Py_ssize_t
_PyGC_Collect(PyThreadState *tstate, int generation, _PyGC_Reason reason)
{
    PyInterpreterState *interp = tstate->interp;
    struct _gc_runtime_state *gc = &interp->gc;
    int expected = 0;
    if (!__atomic_compare_exchange_n(&gc->collecting, &expected, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        return 0;  // one at a time, and not inside itself
    }
    ((_PyThreadStateImpl *)tstate)->in_gc = 1;
    PyObject *exc = tstate->current_exception;
    tstate->current_exception = NULL;

    struct collection c = {
        .interp = interp, .tstate = tstate, .generation = generation, .young = generation == 0,
    };
    Py_ssize_t collected = 0, uncollectable = 0;
    PyTime_t started = 0;
#ifdef Py_GIL_DISABLED
    /* What waits to be merged or released would keep garbage alive. */
    _Py_brc_merge_refcounts(tstate);
    _Py_qsbr_poll(tstate);
#endif
    if (reason != _Py_GC_REASON_SHUTDOWN) {
        invoke_callbacks(&c, "start", 0, 0);
    }
    (void)PyTime_PerfCounterRaw(&started);
    print_debug_start(&c);

    _PyGC_FlushCount(tstate);
    for (int i = 0; i <= generation; i++) {
        __atomic_store_n(&gc->generations[i].count, 0, __ATOMIC_RELAXED);
    }
    if (generation + 1 < NUM_GENERATIONS) {
        __atomic_fetch_add(&gc->generations[generation + 1].count, 1, __ATOMIC_RELAXED);
    }

    collect(&c, &collected, &uncollectable);

    if (!c.young) {
        __atomic_store_n(&gc->long_lived_total, c.candidates - collected, __ATOMIC_RELAXED);
        __atomic_store_n(&gc->long_lived_pending, 0, __ATOMIC_RELAXED);
        _PyGC_ClearAllFreeLists(interp);
#ifdef Py_GIL_DISABLED
        _Py_hot_collect(tstate);
#endif
    }
    struct gc_generation_stats *stats = &gc->generation_stats[generation];
    stats->collections++;
    stats->collected += collected;
    stats->uncollectable += uncollectable;
    stats->candidates += c.candidates;
    print_debug_end(&c, collected, uncollectable, started);
    if (reason != _Py_GC_REASON_SHUTDOWN) {
        invoke_callbacks(&c, "stop", collected, uncollectable);
    }
    _PyGC_VectorFree(&c.stack);
    _PyGC_VectorFree(&c.garbage);
    _PyGC_VectorFree(&c.legacy);
    _PyGC_VectorFree(&c.callbacks);
    if (tstate->current_exception != NULL) {
        PyErr_FormatUnraisable("Exception ignored in garbage collection");
    }
    tstate->current_exception = exc;
    ((_PyThreadStateImpl *)tstate)->in_gc = 0;
    __atomic_store_n(&gc->collecting, 0, __ATOMIC_RELEASE);
#ifdef Py_GIL_DISABLED
    if (_Py_multithreaded) {
        _PyParkingLot_UnparkAll(&gc->collecting);
    }
#endif
    return collected + uncollectable;
}

/* Which generation is due?  A full pass waits until the young ones have left a quarter of what the last full one
   found alive, so that its cost stays proportional to allocation. */
static int
due_generation(struct _gc_runtime_state *gc)
{
    int young_passes = __atomic_load_n(&gc->generations[1].count, __ATOMIC_RELAXED);
    int threshold = __atomic_load_n(&gc->generations[1].threshold, __ATOMIC_RELAXED);
    if (threshold != 0 && young_passes > threshold
        && __atomic_load_n(&gc->long_lived_pending, __ATOMIC_RELAXED)
            > __atomic_load_n(&gc->long_lived_total, __ATOMIC_RELAXED) / 4) {
        return 2;
    }
    return 0;
}

#ifdef Py_GIL_DISABLED
static int
gc_is_ours(PyThreadState *tstate)
{
    return ((_PyThreadStateImpl *)tstate)->in_gc;
}
#endif

void
_Py_RunGC(PyThreadState *tstate)
{
    struct _gc_runtime_state *gc = &tstate->interp->gc;
    if (!__atomic_load_n(&gc->enabled, __ATOMIC_RELAXED) || gc->finalizing) {
        return;
    }
#ifdef Py_GIL_DISABLED
    int running = 1;
    if (__atomic_load_n(&gc->collecting, __ATOMIC_RELAXED) == running && _Py_multithreaded && !gc_is_ours(tstate)) {
        /* Another thread collects and this one allocates faster than that frees: it steps aside for a moment.
           No longer: the collecting thread's finalizers may wait for something this thread holds. */
        (void)_PyParkingLot_Park(&gc->collecting, &running, sizeof(running), 1000 * 1000, NULL, 1);
        return;
    }
#endif
    _PyGC_Collect(tstate, due_generation(gc), _Py_GC_REASON_HEAP);
}

void
_PyGC_CollectNoFail(PyThreadState *tstate)
{
    assert(!PyErr_Occurred());
    _PyGC_Collect(tstate, NUM_GENERATIONS - 1, _Py_GC_REASON_SHUTDOWN);
}

Py_ssize_t
PyGC_Collect(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!tstate->interp->gc.enabled) {
        return 0;
    }
    return _PyGC_Collect(tstate, NUM_GENERATIONS - 1, _Py_GC_REASON_MANUAL);
}

int
PyGC_Enable(void)
{
    return __atomic_exchange_n(&_PyInterpreterState_GET()->gc.enabled, 1, __ATOMIC_RELAXED);
}

int
PyGC_Disable(void)
{
    return __atomic_exchange_n(&_PyInterpreterState_GET()->gc.enabled, 0, __ATOMIC_RELAXED);
}

int
PyGC_IsEnabled(void)
{
    return __atomic_load_n(&_PyInterpreterState_GET()->gc.enabled, __ATOMIC_RELAXED);
}

/* Memory of objects that the collector may track: allocation, resizing, release, tracking, and the count of
   allocations that schedules collections.

   Small ones live in the GC pages (pages.c).  A large one has a header in front of its block that links it in one
   of the interpreter's stripes, chosen by address, under the stripe's mutex: those allocated since the last
   collection apart from the others, so that a young pass need not see the old ones.
   No object may be tracked before all its fields are valid, and it is untracked before they cease to be. */
#include "Python.h"
#include "pycore_ceval.h"          // _Py_set_eval_breaker_bit
#include "pycore_gc.h"
#include "pycore_gc_int.h"         // struct _Py_gc_large
#include "pycore_object.h"
#include "pycore_object_alloc.h"
#include "pycore_pystate.h"

/* -- Large objects ---------------- */

static inline unsigned int
stripe_of(const void *p)
{
    return (unsigned int)((uintptr_t)p >> 10) % _PyGC_LARGE_STRIPES;
}

void *
_Py_gc_large_alloc(size_t size, int kind)
{
    if (size > (size_t)PY_SSIZE_T_MAX - sizeof(struct _Py_gc_large)) {
        return NULL;
    }
    struct _Py_gc_large *large = _Py_base_malloc(sizeof(struct _Py_gc_large) + size);
    if (large == NULL) {
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    large->interp = interp;
    large->size = size;
    large->gc_refs = 0;
    large->object_offset = kind == _Py_ALLOC_GC_PRE ? 16 : 0;
    /* Not tracked, before anybody can see it on the list. */
    PyObject *op = _Py_gc_large_object(large);
    *_PyObject_GC_BYTE(op) = 0;
    unsigned int i = stripe_of(large);
    PyMutex_LockFlags(&interp->gc.large[i].mutex, _Py_LOCK_DONT_DETACH);
    large->prev = NULL;
    large->next = interp->gc.large[i].young;
    large->is_old = 0;
    if (large->next != NULL) {
        large->next->prev = large;
    }
    interp->gc.large[i].young = large;
    PyMutex_Unlock(&interp->gc.large[i].mutex);
    return large + 1;
}

void
_Py_gc_large_free(void *block)
{
    struct _Py_gc_large *large = (struct _Py_gc_large *)block - 1;
    struct _gc_runtime_state *gc = &large->interp->gc;
    unsigned int i = stripe_of(large);
    PyMutex_LockFlags(&gc->large[i].mutex, _Py_LOCK_DONT_DETACH);
    if (large->prev != NULL) {
        large->prev->next = large->next;
    }
    else if (large->is_old) {
        gc->large[i].old = large->next;
    }
    else {
        gc->large[i].young = large->next;
    }
    if (large->next != NULL) {
        large->next->prev = large->prev;
    }
    PyMutex_Unlock(&gc->large[i].mutex);
    _Py_base_free(large);
}

/* -- When to collect ---------------- */

/* A heap counts for itself and adds to the interpreter's count now and then. */
static void
flush_count(PyThreadState *tstate, struct _Py_heap *heap)
{
    struct _gc_runtime_state *gc = &tstate->interp->gc;
    int delta = heap->gc_count;
    heap->gc_count = 0;
    int count = __atomic_add_fetch(&gc->generations[0].count, delta, __ATOMIC_RELAXED);
    if (count < 0) {
        /* More were freed than allocated since the last collection. */
        __atomic_store_n(&gc->generations[0].count, 0, __ATOMIC_RELAXED);
        return;
    }
    int threshold = __atomic_load_n(&gc->generations[0].threshold, __ATOMIC_RELAXED);
    if (count > threshold && threshold != 0
        && __atomic_load_n(&gc->enabled, __ATOMIC_RELAXED)
        /* While a collection runs: only to slow down who outruns it. */
        && (!__atomic_load_n(&gc->collecting, __ATOMIC_RELAXED) || count / 8 > threshold)) {
        _Py_ScheduleGC(tstate);
    }
}

void
_PyGC_FlushCount(PyThreadState *tstate)
{
    struct _Py_heap *heap = ((_PyThreadStateImpl *)tstate)->heap;
    if (heap != NULL && heap->gc_count != 0) {
        flush_count(tstate, heap);
    }
}

void
_Py_ScheduleGC(PyThreadState *tstate)
{
    if (!_Py_eval_breaker_bit_is_set(tstate, _PY_GC_SCHEDULED_BIT)) {
        _Py_set_eval_breaker_bit(tstate, _PY_GC_SCHEDULED_BIT);
    }
}

static inline void
count_allocation(PyThreadState *tstate, struct _Py_heap *heap)
{
    if (++heap->gc_count >= tstate->interp->gc.flush_interval) {
        flush_count(tstate, heap);
    }
}

static inline void
count_deallocation(PyThreadState *tstate, struct _Py_heap *heap)
{
    if (--heap->gc_count <= -64) {
        flush_count(tstate, heap);
    }
}

/* -- Allocation ---------------- */

/* The object's memory after its pre-header, which is zeroed.  NULL without an exception. */
static inline PyObject *
alloc_gc(PyThreadState *tstate, size_t size, size_t presize)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    int kind = presize ? _Py_ALLOC_GC_PRE : _Py_ALLOC_GC;
    size_t total = size + presize;
    char *block;
    if (__builtin_expect(total <= _Py_PAGE_MAX_BLOCK && !_PyMem_object_hooked, 1)) {
        block = _Py_heap_alloc(impl->heap, kind, total);
    }
    else if (_PyMem_object_hooked) {
        block = total > (size_t)PY_SSIZE_T_MAX ? NULL : _PyObject_AllocHooked(kind, total);
    }
    else {
        block = _Py_gc_large_alloc(total, kind);
    }
    if (block == NULL) {
        return NULL;
    }
    if (presize) {
        ((PyObject **)block)[0] = NULL;
        ((PyObject **)block)[1] = NULL;
    }
    count_allocation(tstate, impl->heap);
    return (PyObject *)(block + presize);
}

PyObject *
_PyObject_GC_AllocMem(PyTypeObject *type, size_t size)
{
    return alloc_gc(_PyThreadState_GET(), size, _PyType_PreHeaderSize(type));
}

static PyObject *
gc_new(PyTypeObject *type, size_t size)
{
    size_t presize = _PyType_PreHeaderSize(type);
    if (size > (size_t)PY_SSIZE_T_MAX - presize - 64) {
        return PyErr_NoMemory();
    }
    PyObject *op = alloc_gc(_PyThreadState_GET(), size, presize);
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    return op;
}

PyObject *
_PyObject_GC_New(PyTypeObject *type)
{
    size_t size = _PyObject_SIZE(type);
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        size += _PyInlineValuesSize(type);
    }
    PyObject *op = gc_new(type, size);
    if (op == NULL) {
        return NULL;
    }
    _PyObject_Init(op, type);
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        _PyObject_InitInlineValues(op, type);
    }
    return op;
}

PyVarObject *
_PyObject_GC_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    if (nitems < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (type->tp_itemsize != 0
        && (size_t)nitems > ((size_t)PY_SSIZE_T_MAX - (size_t)type->tp_basicsize) / (size_t)type->tp_itemsize) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    PyObject *op = gc_new(type, _PyObject_VAR_SIZE(type, nitems));
    if (op == NULL) {
        return NULL;
    }
    _PyObject_InitVar((PyVarObject *)op, type, nitems);
    return (PyVarObject *)op;
}

PyObject *
PyUnstable_Object_GC_NewWithExtraData(PyTypeObject *type, size_t extra_size)
{
    if (extra_size > (size_t)PY_SSIZE_T_MAX - (size_t)type->tp_basicsize) {
        return PyErr_NoMemory();
    }
    size_t size = _PyObject_SIZE(type) + extra_size;
    PyObject *op = gc_new(type, size);
    if (op == NULL) {
        return NULL;
    }
    memset(op, 0, size);
    _PyObject_Init(op, type);
    return op;
}

/* Zeroed memory of an instance of any type, with pre-header, for tp_alloc.  NULL with an exception. */
PyObject *
_PyObject_AllocInstance(PyTypeObject *type, size_t size)
{
    PyObject *op;
    if (_PyType_IS_GC(type)) {
        op = gc_new(type, size);
        if (op == NULL) {
            return NULL;
        }
    }
    else {
        size_t presize = _PyType_PreHeaderSize(type);
        char *block = PyObject_Malloc(size + presize);
        if (block == NULL) {
            return PyErr_NoMemory();
        }
        memset(block, 0, presize);
        op = (PyObject *)(block + presize);
    }
    memset(op, 0, size);
    return op;
}

/* -- Resizing and release ---------------- */

static size_t
gc_capacity(void *block)
{
    struct _Py_page *page = _Py_page_of(block);
    return page != NULL ? page->block_size : ((struct _Py_gc_large *)block - 1)->size;
}

static void
free_gc_block(PyThreadState *tstate, void *block)
{
    if (__builtin_expect(_PyMem_object_hooked, 0)) {
        _PyObject_FreeHooked(block);
    }
    else {
        struct _Py_page *page = _Py_page_of(block);
        if (page != NULL) {
            _Py_heap_free(page, block);
        }
        else {
            _Py_gc_large_free(block);
        }
    }
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    if (impl != NULL && impl->heap != NULL) {
        count_deallocation(tstate, impl->heap);
    }
}

PyVarObject *
_PyObject_GC_Resize(PyVarObject *op, Py_ssize_t nitems)
{
    PyTypeObject *type = Py_TYPE(op);
    assert(!_PyObject_GC_IS_TRACKED((PyObject *)op));
    if (nitems < 0 || (type->tp_itemsize != 0
        && (size_t)nitems > ((size_t)PY_SSIZE_T_MAX - (size_t)type->tp_basicsize) / (size_t)type->tp_itemsize)) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    size_t size = _PyObject_VAR_SIZE(type, nitems);
    size_t presize = _PyType_PreHeaderSize(type);
    char *old_block = (char *)op - presize;
    size_t capacity = gc_capacity(old_block) - presize;
    if (size <= capacity && 2 * size >= capacity) {
        Py_SET_SIZE(op, nitems);
        return op;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *copy = alloc_gc(tstate, size, presize);
    if (copy == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    memcpy((char *)copy - presize, old_block, presize + (size < capacity ? size : capacity));
    *_PyObject_GC_BYTE((PyObject *)op) = 0;
    free_gc_block(tstate, old_block);
    Py_SET_SIZE((PyVarObject *)copy, nitems);
    return (PyVarObject *)copy;
}

void
PyObject_GC_Del(void *p)
{
    PyObject *op = p;
    PyThreadState *tstate = _PyThreadState_GET();
#ifdef Py_DEBUG
    if (_PyObject_GC_IS_TRACKED(op)) {
        fprintf(stderr, "gc: object of type '%s' is not untracked before destruction\n", Py_TYPE(op)->tp_name);
    }
#endif
    size_t presize = _PyType_PreHeaderSize(Py_TYPE(op));
    /* A free block is not tracked, not shared, not anything. */
    __atomic_store_n(_PyObject_GC_BYTE(op), 0, __ATOMIC_RELAXED);
    free_gc_block(tstate, (char *)op - presize);
}

/* -- Tracking ---------------- */

void
PyObject_GC_Track(void *p)
{
    PyObject *op = p;
    if (_PyObject_GC_IS_TRACKED(op)) {
        _PyObject_ASSERT_FAILED_MSG(op, "object already tracked by the garbage collector");
    }
    _PyObject_GC_TRACK(op);
}

void
PyObject_GC_UnTrack(void *p)
{
    PyObject *op = p;
    if (_PyObject_GC_IS_TRACKED(op)) {
        _PyObject_GC_UNTRACK(op);
    }
}

int
PyObject_GC_IsTracked(PyObject *op)
{
    return _PyObject_IS_GC(op) && _PyObject_GC_IS_TRACKED(op);
}

int
PyObject_GC_IsFinalized(PyObject *op)
{
    return _PyObject_IS_GC(op) && _PyGC_FINALIZED(op);
}

int
PyObject_IS_GC(PyObject *op)
{
    return _PyObject_IS_GC(op);
}

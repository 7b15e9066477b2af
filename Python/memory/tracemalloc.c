/* tracemalloc: where each block of memory has been allocated.

   Hooks around the allocators of the three domains note for each block its size and a traceback.  Tracebacks and file names
   are interned: each exists once, however many blocks refer to it.
   Invariant: blocks that are in no table were allocated before tracing began, or by the hooks themselves (`inside`).
   Locking: `tables` guards all tables and sums, innermost but for the base allocator, from which all of this memory comes, so
   that no hook is entered while it is held.  `clearing` is held by who frees tracebacks or turns them into objects; it may
   be waited for detached. */
#include "Python.h"
#include "pycore_frame.h"
#include "pycore_hashtable.h"
#include "pycore_lock.h"
#include "pycore_object.h"
#include "pycore_pymem.h"
#include "pycore_pystate.h"
#include "pycore_traceback.h"
#include "pycore_tracemalloc.h"

#include "pycore_fileutils.h"

#include <string.h>

typedef struct {
    PyObject *filename;         /* owned by `filenames` */
    unsigned int lineno;
} frame_t;

typedef struct {
    Py_uhash_t hash;
    uint16_t nframe;            /* stored */
    uint16_t total_nframe;      /* there were */
    frame_t frames[];           /* innermost first */
} traceback_t;

typedef struct {
    size_t size;
    traceback_t *traceback;
} trace_t;

static struct {
    int initialized;
    int tracing;                /* atomic: a hint, looked at again under `tables` */
    int max_nframe;
    PyMutex tables;
    PyMutex clearing;
    /* guarded by `tables` */
    size_t traced, peak;
    _Py_hashtable_t *filenames;     /* set of str */
    _Py_hashtable_t *tracebacks;    /* set of traceback_t */
    _Py_hashtable_t *traces;        /* address: trace_t */
    _Py_hashtable_t *domains;       /* domain: table like `traces` */
    traceback_t *scratch;           /* room for max_nframe frames */
    struct {
        PyMemAllocatorEx raw, mem, obj;
    } original;
} state;

static traceback_t *empty_traceback;    /* one frame: unknown */
static PyObject *unknown_filename;      /* "<unknown>", for ever */

/* This thread is inside a hook: what it allocates now is not traced. */
static _Thread_local int inside;

#define LOCK() PyMutex_LockFlags(&state.tables, _Py_LOCK_DONT_DETACH)
#define UNLOCK() PyMutex_Unlock(&state.tables)

static void *
base_malloc(size_t size)
{
    return _PyMem_DefaultRawMalloc(size);
}

static void
base_free(void *ptr)
{
    _PyMem_DefaultRawFree(ptr);
}

/* -- Tables ----------------------------------------------------------------------------------------------------- */

static Py_uhash_t
hash_text(const void *key)
{
    return (Py_uhash_t)PyObject_Hash((PyObject *)key);      /* a str caches it and never fails */
}

static int
same_text(const void *key1, const void *key2)
{
    return key1 == key2 || PyUnicode_Compare((PyObject *)key1, (PyObject *)key2) == 0;
}

static Py_uhash_t
hash_traceback(const void *key)
{
    return ((const traceback_t *)key)->hash;
}

static int
same_traceback(const void *key1, const void *key2)
{
    const traceback_t *a = key1, *b = key2;
    if (a->nframe != b->nframe || a->total_nframe != b->total_nframe) {
        return 0;
    }
    for (int i = 0; i < a->nframe; i++) {
        if (a->frames[i].lineno != b->frames[i].lineno || a->frames[i].filename != b->frames[i].filename) {
            return 0;
        }
    }
    return 1;
}

static void
drop_reference(void *key)
{
    Py_DECREF((PyObject *)key);
}

static void
destroy_table(void *table)
{
    _Py_hashtable_destroy(table);
}

static _Py_hashtable_t *
new_table(_Py_hashtable_hash_func hash, _Py_hashtable_compare_func compare, _Py_hashtable_destroy_func destroy_key,
          _Py_hashtable_destroy_func destroy_value)
{
    _Py_hashtable_allocator_t alloc = {base_malloc, base_free};
    return _Py_hashtable_new_full(hash, compare, destroy_key, destroy_value, &alloc);
}

static _Py_hashtable_t *
new_traces_table(void)
{
    return new_table(_Py_hashtable_hash_ptr, _Py_hashtable_compare_direct, NULL, base_free);
}

static Py_uhash_t
traceback_hash(const traceback_t *traceback)
{
    Py_uhash_t hash = 0x345678;
    for (int i = 0; i < traceback->nframe; i++) {
        hash = (hash ^ hash_text(traceback->frames[i].filename)) * 0x9E3779B97F4A7C15u;
        hash = (hash ^ traceback->frames[i].lineno) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    return hash ^ traceback->total_nframe;
}

/* -- Taking a traceback --------------------------------------------------------------------------------------------- */

/* The one str of that text, or "<unknown>".  Under `tables`. */
static PyObject *
intern_filename(PyObject *filename)
{
    if (filename == NULL || !PyUnicode_Check(filename)) {
        return unknown_filename;
    }
    _Py_hashtable_entry_t *entry = _Py_hashtable_get_entry(state.filenames, filename);
    if (entry != NULL) {
        return entry->key;
    }
    Py_INCREF(filename);
    if (_Py_hashtable_set(state.filenames, filename, NULL) < 0) {
        Py_DECREF(filename);
        return unknown_filename;
    }
    return filename;
}

/* Fills the scratch traceback from the thread's frames. */
static void
take_frames(traceback_t *traceback)
{
    PyThreadState *tstate = _PyThreadState_GET();
    traceback->nframe = 0;
    traceback->total_nframe = 0;
    if (tstate == NULL) {
        return;         /* detached: the frames are not ours to read */
    }
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    while (frame != NULL) {
        if (traceback->nframe < state.max_nframe) {
            int lineno = PyUnstable_InterpreterFrame_GetLine(frame);
            frame_t *entry = &traceback->frames[traceback->nframe++];
            entry->lineno = lineno > 0 ? (unsigned)lineno : 0;
            entry->filename = intern_filename(_PyFrame_GetCode(frame)->co_filename);
        }
        if (traceback->total_nframe < UINT16_MAX) {
            traceback->total_nframe++;
        }
        frame = _PyFrame_GetFirstComplete(frame->previous);
    }
}

/* The current traceback, interned; NULL: no memory.  Under `tables`. */
static traceback_t *
current_traceback(void)
{
    traceback_t *scratch = state.scratch;
    take_frames(scratch);
    if (scratch->nframe == 0) {
        return empty_traceback;
    }
    scratch->hash = traceback_hash(scratch);
    _Py_hashtable_entry_t *entry = _Py_hashtable_get_entry(state.tracebacks, scratch);
    if (entry != NULL) {
        return entry->key;
    }
    size_t size = sizeof(traceback_t) + scratch->nframe * sizeof(frame_t);
    traceback_t *copy = base_malloc(size);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, scratch, size);
    if (_Py_hashtable_set(state.tracebacks, copy, NULL) < 0) {
        base_free(copy);
        return NULL;
    }
    return copy;
}

/* -- Traces ------------------------------------------------------------------------------------------------------------ */

/* The table of a domain, made if asked for; NULL. */
static _Py_hashtable_t *
traces_of_domain(unsigned int domain, int create)
{
    if (domain == DEFAULT_DOMAIN) {
        return state.traces;
    }
    void *key = (void *)(uintptr_t)domain;
    _Py_hashtable_t *traces = _Py_hashtable_get(state.domains, key);
    if (traces == NULL && create) {
        traces = new_traces_table();
        if (traces != NULL && _Py_hashtable_set(state.domains, key, traces) < 0) {
            _Py_hashtable_destroy(traces);
            traces = NULL;
        }
    }
    return traces;
}

static void
remove_trace(unsigned int domain, uintptr_t address)
{
    _Py_hashtable_t *traces = traces_of_domain(domain, 0);
    trace_t *trace = traces != NULL ? _Py_hashtable_steal(traces, (void *)address) : NULL;
    if (trace != NULL) {
        state.traced -= trace->size;
        base_free(trace);
    }
}

static int
add_trace(unsigned int domain, uintptr_t address, size_t size)
{
    _Py_hashtable_t *traces = traces_of_domain(domain, 1);
    traceback_t *traceback = traces != NULL ? current_traceback() : NULL;
    if (traceback == NULL) {
        return -1;
    }
    trace_t *trace = _Py_hashtable_get(traces, (void *)address);
    if (trace != NULL) {
        state.traced -= trace->size;
    }
    else {
        trace = base_malloc(sizeof *trace);
        if (trace == NULL || _Py_hashtable_set(traces, (void *)address, trace) < 0) {
            base_free(trace);
            return -1;
        }
    }
    *trace = (trace_t){size, traceback};
    state.traced += size;
    if (state.traced > state.peak) {
        state.peak = state.traced;
    }
    return 0;
}

int
PyTraceMalloc_Track(unsigned int domain, uintptr_t address, size_t size)
{
    if (!__atomic_load_n(&state.tracing, __ATOMIC_RELAXED)) {
        return -2;
    }
    int saved = inside;
    inside = 1;
    LOCK();
    int result = state.tracing ? add_trace(domain, address, size) : -2;
    UNLOCK();
    inside = saved;
    return result;
}

int
PyTraceMalloc_Untrack(unsigned int domain, uintptr_t address)
{
    if (!__atomic_load_n(&state.tracing, __ATOMIC_RELAXED)) {
        return -2;
    }
    LOCK();
    int result = state.tracing ? 0 : -2;
    if (state.tracing) {
        remove_trace(domain, address);
    }
    UNLOCK();
    return result;
}

/* -- Hooks --------------------------------------------------------------------------------------------------------------- */

static void *
traced_alloc(PyMemAllocatorEx *alloc, int zeroed, size_t nelem, size_t elsize)
{
    void *ptr = zeroed ? alloc->calloc(alloc->ctx, nelem, elsize) : alloc->malloc(alloc->ctx, nelem * elsize);
    if (ptr == NULL || inside) {
        return ptr;
    }
    inside = 1;
    LOCK();
    int failed = state.tracing && add_trace(DEFAULT_DOMAIN, (uintptr_t)ptr, nelem * elsize) < 0;
    UNLOCK();
    if (failed) {
        alloc->free(alloc->ctx, ptr);
        ptr = NULL;
    }
    inside = 0;
    return ptr;
}

static void *
hook_malloc(void *ctx, size_t size)
{
    return traced_alloc(ctx, 0, 1, size);
}

static void *
hook_calloc(void *ctx, size_t nelem, size_t elsize)
{
    return traced_alloc(ctx, 1, nelem, elsize);
}

static void *
hook_realloc(void *ctx, void *ptr, size_t size)
{
    if (ptr == NULL) {
        return traced_alloc(ctx, 0, 1, size);
    }
    PyMemAllocatorEx *alloc = ctx;
    int saved = inside;
    inside = 1;
    /* Under the lock: once the old block is free, another thread may get its address and trace that. */
    LOCK();
    void *moved = alloc->realloc(alloc->ctx, ptr, size);
    if (moved != NULL && state.tracing) {
        if (moved != ptr || saved) {
            remove_trace(DEFAULT_DOMAIN, (uintptr_t)ptr);
        }
        if (!saved && add_trace(DEFAULT_DOMAIN, (uintptr_t)moved, size) < 0) {
            /* The block has been changed already: it lives on, untraced. */
            remove_trace(DEFAULT_DOMAIN, (uintptr_t)moved);
        }
    }
    UNLOCK();
    inside = saved;
    return moved;
}

static void
hook_free(void *ctx, void *ptr)
{
    if (ptr == NULL) {
        return;
    }
    PyMemAllocatorEx *alloc = ctx;
    LOCK();
    if (state.tracing) {
        remove_trace(DEFAULT_DOMAIN, (uintptr_t)ptr);
    }
    UNLOCK();
    alloc->free(alloc->ctx, ptr);
}

/* -- Start and stop --------------------------------------------------------------------------------------------------------- */

int
_PyTraceMalloc_Init(void)
{
    if (state.initialized) {
        return 0;
    }
    if (unknown_filename == NULL) {
        unknown_filename = PyUnicode_InternFromString("<unknown>");
        if (unknown_filename == NULL) {
            return -1;
        }
    }
    if (empty_traceback == NULL) {
        empty_traceback = base_malloc(sizeof(traceback_t) + sizeof(frame_t));
        if (empty_traceback == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        *empty_traceback = (traceback_t){.nframe = 1, .total_nframe = 1};
        empty_traceback->frames[0] = (frame_t){unknown_filename, 0};
        empty_traceback->hash = traceback_hash(empty_traceback);
    }
    state.filenames = new_table(hash_text, same_text, drop_reference, NULL);
    state.tracebacks = new_table(hash_traceback, same_traceback, base_free, NULL);
    state.traces = new_traces_table();
    state.domains = new_table(_Py_hashtable_hash_ptr, _Py_hashtable_compare_direct, NULL, destroy_table);
    if (state.filenames == NULL || state.tracebacks == NULL || state.traces == NULL || state.domains == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    state.initialized = 1;
    return 0;
}

static void
install_hooks(PyMemAllocatorDomain domain, PyMemAllocatorEx *original)
{
    PyMem_GetAllocator(domain, original);
    PyMemAllocatorEx hooks = {original, hook_malloc, hook_calloc, hook_realloc, hook_free};
    PyMem_SetAllocator(domain, &hooks);
}

int
_PyTraceMalloc_Start(int max_nframe)
{
    if (max_nframe < 1 || max_nframe > TRACEMALLOC_MAX_NFRAME) {
        PyErr_Format(PyExc_ValueError, "the number of frames must be in range [1; %i]", TRACEMALLOC_MAX_NFRAME);
        return -1;
    }
    if (_PyTraceMalloc_Init() < 0) {
        return -1;
    }
    if (state.tracing) {
        return 0;
    }
    /* Allocators are exchanged while nobody else allocates. */
    PyInterpreterState *interp = _PyInterpreterState_GET();
    traceback_t *scratch = base_malloc(sizeof(traceback_t) + (size_t)max_nframe * sizeof(frame_t));
    if (scratch == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    _PyEval_StopTheWorld(interp);
    state.scratch = scratch;
    state.max_nframe = max_nframe;
    install_hooks(PYMEM_DOMAIN_RAW, &state.original.raw);
    install_hooks(PYMEM_DOMAIN_MEM, &state.original.mem);
    install_hooks(PYMEM_DOMAIN_OBJ, &state.original.obj);
    __atomic_store_n(&state.tracing, 1, __ATOMIC_RELAXED);
    _PyEval_StartTheWorld(interp);
    return 0;
}

/* Forgets everything, with both locks held.  File names are released by the caller's table: they are destroyed outside. */
static _Py_hashtable_t *
clear_tables(void)
{
    _Py_hashtable_t *filenames = state.filenames, *fresh = new_table(hash_text, same_text, drop_reference, NULL);
    _Py_hashtable_clear(state.traces);
    _Py_hashtable_clear(state.domains);
    _Py_hashtable_clear(state.tracebacks);
    state.traced = 0;
    state.peak = 0;
    if (fresh == NULL) {
        return NULL;            /* no memory: the names stay */
    }
    state.filenames = fresh;
    return filenames;
}

void
_PyTraceMalloc_ClearTraces(void)
{
    if (!__atomic_load_n(&state.tracing, __ATOMIC_RELAXED)) {
        return;
    }
    PyMutex_Lock(&state.clearing);
    LOCK();
    _Py_hashtable_t *filenames = state.tracing ? clear_tables() : NULL;
    UNLOCK();
    PyMutex_Unlock(&state.clearing);
    if (filenames != NULL) {
        _Py_hashtable_destroy(filenames);
    }
}

void
_PyTraceMalloc_Stop(void)
{
    if (!state.tracing) {
        return;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyMutex_Lock(&state.clearing);
    _PyEval_StopTheWorld(interp);
    LOCK();
    __atomic_store_n(&state.tracing, 0, __ATOMIC_RELAXED);
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &state.original.raw);
    PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &state.original.mem);
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &state.original.obj);
    _Py_hashtable_t *filenames = clear_tables();
    base_free(state.scratch);
    state.scratch = NULL;
    UNLOCK();
    _PyEval_StartTheWorld(interp);
    PyMutex_Unlock(&state.clearing);
    if (filenames != NULL) {
        _Py_hashtable_destroy(filenames);
    }
}

void
_PyTraceMalloc_Fini(void)
{
    if (!state.initialized) {
        return;
    }
    _PyTraceMalloc_Stop();
    state.initialized = 0;
    _Py_hashtable_destroy(state.tracebacks);
    _Py_hashtable_destroy(state.filenames);
    _Py_hashtable_destroy(state.traces);
    _Py_hashtable_destroy(state.domains);
}

/* -- What it knows -------------------------------------------------------------------------------------------------------------- */

int
_PyTraceMalloc_IsTracing(void)
{
    return __atomic_load_n(&state.tracing, __ATOMIC_RELAXED);
}

int
_PyTraceMalloc_GetTracebackLimit(void)
{
    return state.max_nframe > 0 ? state.max_nframe : 1;
}

static int
add_size(_Py_hashtable_t *table, const void *key, const void *value, void *sum)
{
    const _Py_hashtable_t *traces = value;
    *(size_t *)sum += _Py_hashtable_size(traces) + _Py_hashtable_len(traces) * sizeof(trace_t);
    return 0;
}

static int
add_traceback_size(_Py_hashtable_t *table, const void *key, const void *value, void *sum)
{
    *(size_t *)sum += sizeof(traceback_t) + ((const traceback_t *)key)->nframe * sizeof(frame_t);
    return 0;
}

size_t
_PyTraceMalloc_GetMemory(void)
{
    if (!state.initialized) {
        return 0;
    }
    LOCK();
    size_t size = _Py_hashtable_size(state.tracebacks) + _Py_hashtable_size(state.filenames) +
                  _Py_hashtable_size(state.traces) + _Py_hashtable_len(state.traces) * sizeof(trace_t) +
                  _Py_hashtable_size(state.domains);
    _Py_hashtable_foreach(state.tracebacks, add_traceback_size, &size);
    _Py_hashtable_foreach(state.domains, add_size, &size);
    UNLOCK();
    return size;
}

PyObject *
_PyTraceMalloc_GetTracedMemory(void)
{
    LOCK();
    size_t traced = state.tracing ? state.traced : 0, peak = state.tracing ? state.peak : 0;
    UNLOCK();
    return Py_BuildValue("nn", (Py_ssize_t)traced, (Py_ssize_t)peak);
}

void
_PyTraceMalloc_ResetPeak(void)
{
    LOCK();
    state.peak = state.traced;
    UNLOCK();
}

/* Tuple of (filename, lineno), innermost first. */
static PyObject *
traceback_to_tuple(const traceback_t *traceback)
{
    PyObject *result = PyTuple_New(traceback->nframe);
    for (int i = 0; result != NULL && i < traceback->nframe; i++) {
        PyObject *pair = Py_BuildValue("OI", traceback->frames[i].filename, traceback->frames[i].lineno);
        if (pair == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, pair);
    }
    return result;
}

/* A trace with its domain, copied out of the tables. */
typedef struct {
    unsigned int domain;
    trace_t trace;
} trace_copy;

struct copier {
    trace_copy *copies;
    size_t count, capacity;
    unsigned int domain;
};

static int
copy_trace(_Py_hashtable_t *table, const void *key, const void *value, void *arg)
{
    struct copier *copier = arg;
    if (copier->count == copier->capacity) {
        return 1;
    }
    copier->copies[copier->count++] = (trace_copy){copier->domain, *(const trace_t *)value};
    return 0;
}

static int
copy_domain(_Py_hashtable_t *table, const void *key, const void *value, void *arg)
{
    ((struct copier *)arg)->domain = (unsigned int)(uintptr_t)key;
    return _Py_hashtable_foreach((_Py_hashtable_t *)value, copy_trace, arg);
}

static int
count_domain(_Py_hashtable_t *table, const void *key, const void *value, void *arg)
{
    *(size_t *)arg += _Py_hashtable_len(value);
    return 0;
}

/* -1: no memory. */
static int
copy_all(struct copier *copier)
{
    LOCK();
    size_t count = 0;
    if (state.tracing) {
        count = _Py_hashtable_len(state.traces);
        _Py_hashtable_foreach(state.domains, count_domain, &count);
    }
    copier->capacity = count;
    copier->copies = base_malloc((count + 1) * sizeof(trace_copy));
    if (copier->copies != NULL && count > 0) {
        _Py_hashtable_foreach(state.traces, copy_trace, copier);
        _Py_hashtable_foreach(state.domains, copy_domain, copier);
    }
    UNLOCK();
    return copier->copies != NULL ? 0 : -1;
}

/* The tuple of a traceback, from the cache if it is there; new reference. */
static PyObject *
cached_tuple(_Py_hashtable_t *cache, traceback_t *traceback)
{
    PyObject *tuple = _Py_hashtable_get(cache, traceback);
    if (tuple == NULL) {
        tuple = traceback_to_tuple(traceback);
        if (tuple == NULL || _Py_hashtable_set(cache, traceback, tuple) < 0) {
            Py_XDECREF(tuple);
            return NULL;
        }
    }
    return Py_NewRef(tuple);
}

static PyObject *
traces_to_list(struct copier *copier)
{
    _Py_hashtable_t *cache =
        new_table(_Py_hashtable_hash_ptr, _Py_hashtable_compare_direct, NULL, drop_reference);
    PyObject *list = cache != NULL ? PyList_New(0) : NULL;
    for (size_t i = 0; list != NULL && i < copier->count; i++) {
        trace_copy *copy = &copier->copies[i];
        PyObject *tuple = cached_tuple(cache, copy->trace.traceback), *row = NULL;
        if (tuple != NULL) {
            row = Py_BuildValue("InNH", copy->domain, (Py_ssize_t)copy->trace.size, tuple,
                                copy->trace.traceback->total_nframe);
        }
        if (row == NULL || PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(row);
    }
    if (list == NULL && !PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    if (cache != NULL) {
        _Py_hashtable_destroy(cache);
    }
    return list;
}

PyObject *
_PyTraceMalloc_GetTraces(void)
{
    struct copier copier = {.domain = DEFAULT_DOMAIN};
    PyObject *list = NULL;
    PyMutex_Lock(&state.clearing);      /* tracebacks stay */
    int saved = inside;
    inside = 1;
    if (copy_all(&copier) < 0) {
        PyErr_NoMemory();
    }
    else {
        list = traces_to_list(&copier);
    }
    inside = saved;
    PyMutex_Unlock(&state.clearing);
    base_free(copier.copies);
    return list;
}

/* Under `clearing`: the traceback of a block, or NULL. */
static traceback_t *
find_traceback(unsigned int domain, uintptr_t address)
{
    traceback_t *traceback = NULL;
    LOCK();
    if (state.tracing) {
        _Py_hashtable_t *traces = traces_of_domain(domain, 0);
        trace_t *trace = traces != NULL ? _Py_hashtable_get(traces, (void *)address) : NULL;
        traceback = trace != NULL ? trace->traceback : NULL;
    }
    UNLOCK();
    return traceback;
}

PyObject *
_PyTraceMalloc_GetTraceback(unsigned int domain, uintptr_t address)
{
    PyMutex_Lock(&state.clearing);
    traceback_t *traceback = find_traceback(domain, address);
    PyObject *result = traceback != NULL ? traceback_to_tuple(traceback) : Py_NewRef(Py_None);
    PyMutex_Unlock(&state.clearing);
    return result;
}

PyObject *
_PyTraceMalloc_GetObjectTraceback(PyObject *object)
{
    uintptr_t address = (uintptr_t)object - _PyType_PreHeaderSize(Py_TYPE(object));
    return _PyTraceMalloc_GetTraceback(DEFAULT_DOMAIN, address);
}

#define PUTS(fd, text) (void)_Py_write_noraise((fd), (text), strlen(text))

void
_PyMem_DumpTraceback(int fd, const void *ptr)
{
    if (!state.tracing) {
        PUTS(fd, "Enable tracemalloc to get the memory block allocation traceback\n\n");
        return;
    }
    traceback_t *traceback = find_traceback(DEFAULT_DOMAIN, (uintptr_t)ptr);
    if (traceback == NULL) {
        return;
    }
    PUTS(fd, "Memory block allocated at (most recent call first):\n");
    for (int i = 0; i < traceback->nframe; i++) {
        PUTS(fd, "  File \"");
        _Py_DumpASCII(fd, traceback->frames[i].filename);
        PUTS(fd, "\", line ");
        _Py_DumpDecimal(fd, traceback->frames[i].lineno);
        PUTS(fd, "\n");
    }
    PUTS(fd, "\n");
}

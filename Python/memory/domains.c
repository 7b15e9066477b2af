/* The memory domains: raw, mem and obj, their allocators, and who may replace them.

   The base is mimalloc (the system library) or the C library's allocator; the obj domain stands on object pages.
   Invariant: an allocator that is replaced while blocks of the old one live wraps it (hooks), as documented.
   Locking: allocators_mutex guards the table; it is read without it, for it changes only at start-up and when
   a debugging tool hooks in with the world to itself. */
#include "Python.h"
#include "pycore_debug_alloc.h"   // _PyMem_debug_raw_ctx
#include "pycore_lock.h"
#include "pycore_object.h"        // _Py_RetireMemSlow
#include "pycore_object_alloc.h"
#include "pycore_pymem.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"

/* The sanitizers know the C library's allocator only. */
#if defined(WITH_MIMALLOC) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#  define USE_MIMALLOC
#  include <mimalloc.h>
#endif
#include <stdlib.h>

/* -- The base ---------------- */

#ifdef USE_MIMALLOC

void *
_Py_base_malloc(size_t size)
{
    return mi_malloc(size);
}

void *
_Py_base_calloc(size_t nelem, size_t elsize)
{
    return mi_calloc(nelem, elsize);
}

void *
_Py_base_realloc(void *p, size_t size)
{
    return mi_realloc(p, size);
}

void
_Py_base_free(void *p)
{
    mi_free(p);
}

void *
_Py_base_aligned_alloc(size_t size, size_t alignment)
{
    return mi_malloc_aligned(size, alignment);
}

void
_Py_base_aligned_free(void *p)
{
    mi_free(p);
}

#else

void *
_Py_base_malloc(size_t size)
{
    return malloc(size);
}

void *
_Py_base_calloc(size_t nelem, size_t elsize)
{
    return calloc(nelem, elsize);
}

void *
_Py_base_realloc(void *p, size_t size)
{
    return realloc(p, size);
}

void
_Py_base_free(void *p)
{
    free(p);
}

void *
_Py_base_aligned_alloc(size_t size, size_t alignment)
{
    return aligned_alloc(alignment, size);
}

void
_Py_base_aligned_free(void *p)
{
    free(p);
}

#endif

/* A request for nothing gets a block of its own. */
static void *
base_malloc(void *ctx, size_t size)
{
    (void)ctx;
    return _Py_base_malloc(size == 0 ? 1 : size);
}

static void *
base_calloc(void *ctx, size_t nelem, size_t elsize)
{
    (void)ctx;
    if (nelem == 0 || elsize == 0) {
        nelem = elsize = 1;
    }
    return _Py_base_calloc(nelem, elsize);
}

static void *
base_realloc(void *ctx, void *p, size_t size)
{
    (void)ctx;
    return _Py_base_realloc(p, size == 0 ? 1 : size);
}

static void
base_free(void *ctx, void *p)
{
    (void)ctx;
    _Py_base_free(p);
}

static void *
libc_malloc(void *ctx, size_t size)
{
    (void)ctx;
    return malloc(size == 0 ? 1 : size);
}

static void *
libc_calloc(void *ctx, size_t nelem, size_t elsize)
{
    (void)ctx;
    if (nelem == 0 || elsize == 0) {
        nelem = elsize = 1;
    }
    return calloc(nelem, elsize);
}

static void *
libc_realloc(void *ctx, void *p, size_t size)
{
    (void)ctx;
    return realloc(p, size == 0 ? 1 : size);
}

static void
libc_free(void *ctx, void *p)
{
    (void)ctx;
    free(p);
}

/* -- The default allocator of the obj domain ---------------- */

int _PyMem_use_pages = 1;
int _PyMem_object_hooked = 0;

static inline _PyThreadStateImpl *
current_impl(void)
{
    return (_PyThreadStateImpl *)_PyThreadState_GET();
}

void *
_PyObject_DefaultMalloc(void *ctx, size_t size)
{
    (void)ctx;
    _PyThreadStateImpl *impl = current_impl();
    if (impl == NULL || impl->heap == NULL) {
        return _Py_base_malloc(size == 0 ? 1 : size);
    }
    if (size <= _Py_PAGE_MAX_BLOCK && _PyMem_use_pages) {
        return _Py_heap_alloc(impl->heap, impl->alloc_kind, size);
    }
    if (impl->alloc_kind != _Py_ALLOC_PLAIN) {
        return _Py_gc_large_alloc(size, impl->alloc_kind);
    }
    return _Py_base_malloc(size);
}

void *
_PyObject_DefaultCalloc(void *ctx, size_t nelem, size_t elsize)
{
    if (elsize != 0 && nelem > (size_t)PY_SSIZE_T_MAX / elsize) {
        return NULL;
    }
    size_t size = nelem * elsize;
    _PyThreadStateImpl *impl = current_impl();
    if (size > _Py_PAGE_MAX_BLOCK && (impl == NULL || impl->alloc_kind == _Py_ALLOC_PLAIN)) {
        return _Py_base_calloc(1, size);
    }
    void *p = _PyObject_DefaultMalloc(ctx, size);
    if (p != NULL) {
        memset(p, 0, size);
    }
    return p;
}

void
_PyObject_DefaultFree(void *ctx, void *p)
{
    (void)ctx;
    if (p == NULL) {
        return;
    }
    struct _Py_page *page = _Py_page_of(p);
    if (page != NULL) {
        _Py_heap_free(page, p);
        return;
    }
    _PyThreadStateImpl *impl = current_impl();
    if (impl != NULL && impl->alloc_kind != _Py_ALLOC_PLAIN) {
        _Py_gc_large_free(p);
        return;
    }
    _Py_base_free(p);
}

/* Plain blocks only: GC objects are resized by _PyObject_GC_Resize(). */
void *
_PyObject_DefaultRealloc(void *ctx, void *p, size_t size)
{
    if (p == NULL) {
        return _PyObject_DefaultMalloc(ctx, size);
    }
    struct _Py_page *page = _Py_page_of(p);
    if (page == NULL) {
        return _Py_base_realloc(p, size == 0 ? 1 : size);
    }
    size_t old_size = page->block_size;
    /* In place while it fits and does not waste more than a quarter. */
    if (size <= old_size && 4 * size > 3 * old_size) {
        return p;
    }
    void *copy = _PyObject_DefaultMalloc(ctx, size);
    if (copy != NULL) {
        memcpy(copy, p, size < old_size ? size : old_size);
        _Py_heap_free(page, p);
    }
    else if (size <= old_size) {
        return p;
    }
    return copy;
}

void *
_PyObject_AllocHooked(int kind, size_t size)
{
    _PyThreadStateImpl *impl = current_impl();
    impl->alloc_kind = kind;
    void *p = PyObject_Malloc(size);
    impl->alloc_kind = _Py_ALLOC_PLAIN;
    return p;
}

void
_PyObject_FreeHooked(void *p)
{
    _PyThreadStateImpl *impl = current_impl();
    impl->alloc_kind = _Py_ALLOC_GC;
    PyObject_Free(p);
    impl->alloc_kind = _Py_ALLOC_PLAIN;
}

/* -- The table ---------------- */

#define BASE_ALLOC {NULL, base_malloc, base_calloc, base_realloc, base_free}
#define LIBC_ALLOC {NULL, libc_malloc, libc_calloc, libc_realloc, libc_free}
#define PAGE_ALLOC {NULL, _PyObject_DefaultMalloc, _PyObject_DefaultCalloc, _PyObject_DefaultRealloc, \
                    _PyObject_DefaultFree}

static const PyMemAllocatorEx base_alloc = BASE_ALLOC;
static const PyMemAllocatorEx libc_alloc = LIBC_ALLOC;
static const PyMemAllocatorEx page_alloc = PAGE_ALLOC;

static PyMutex allocators_mutex;
static PyMemAllocatorEx raw_allocator = BASE_ALLOC;
static PyMemAllocatorEx mem_allocator = BASE_ALLOC;
static PyMemAllocatorEx obj_allocator = PAGE_ALLOC;

static PyMemAllocatorEx *
allocator_of(PyMemAllocatorDomain domain)
{
    switch (domain) {
    case PYMEM_DOMAIN_RAW:
        return &raw_allocator;
    case PYMEM_DOMAIN_MEM:
        return &mem_allocator;
    case PYMEM_DOMAIN_OBJ:
        return &obj_allocator;
    }
    return NULL;
}

static void
note_object_hooks(void)
{
    _PyMem_object_hooked = obj_allocator.malloc != _PyObject_DefaultMalloc;
}

static void
set_allocator_lock_held(PyMemAllocatorDomain domain, const PyMemAllocatorEx *allocator)
{
    PyMemAllocatorEx *slot = allocator_of(domain);
    if (slot != NULL) {
        *slot = *allocator;
        note_object_hooks();
    }
}

void
PyMem_SetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    /* With the collector's view of other threads in mind: nobody is inside an allocator meanwhile. */
    PyThreadState *tstate = _PyThreadState_GET();
    int stop = tstate != NULL && _Py_multithreaded;
    if (stop) {
        _PyEval_StopTheWorldAll(&_PyRuntime);
    }
    PyMutex_LockFlags(&allocators_mutex, _Py_LOCK_DONT_DETACH);
    set_allocator_lock_held(domain, allocator);
    PyMutex_Unlock(&allocators_mutex);
    if (stop) {
        _PyEval_StartTheWorldAll(&_PyRuntime);
    }
}

void
PyMem_GetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    PyMutex_LockFlags(&allocators_mutex, _Py_LOCK_DONT_DETACH);
    const PyMemAllocatorEx *slot = allocator_of(domain);
    *allocator = slot == NULL ? (PyMemAllocatorEx){0} : *slot;
    PyMutex_Unlock(&allocators_mutex);
}

static void
setup_debug_hooks_domain(PyMemAllocatorDomain domain)
{
    PyMemAllocatorEx *slot = allocator_of(domain);
    if (!_PyMem_IsDebugAllocator(slot)) {
        PyMemAllocatorEx wrapped = _PyMem_WrapDebug(domain, slot);
        set_allocator_lock_held(domain, &wrapped);
    }
}

void
PyMem_SetupDebugHooks(void)
{
    PyMutex_LockFlags(&allocators_mutex, _Py_LOCK_DONT_DETACH);
    setup_debug_hooks_domain(PYMEM_DOMAIN_RAW);
    setup_debug_hooks_domain(PYMEM_DOMAIN_MEM);
    setup_debug_hooks_domain(PYMEM_DOMAIN_OBJ);
    PyMutex_Unlock(&allocators_mutex);
}

/* -- Choosing by name ---------------- */

static const struct {
    const char *name;
    PyMemAllocatorName value;
} allocator_names[] = {
    {"default", PYMEM_ALLOCATOR_DEFAULT},
    {"debug", PYMEM_ALLOCATOR_DEBUG},
    {"pymalloc", PYMEM_ALLOCATOR_PYMALLOC},
    {"pymalloc_debug", PYMEM_ALLOCATOR_PYMALLOC_DEBUG},
    {"mimalloc", PYMEM_ALLOCATOR_MIMALLOC},
    {"mimalloc_debug", PYMEM_ALLOCATOR_MIMALLOC_DEBUG},
    {"malloc", PYMEM_ALLOCATOR_MALLOC},
    {"malloc_debug", PYMEM_ALLOCATOR_MALLOC_DEBUG},
};

int
_PyMem_GetAllocatorName(const char *name, PyMemAllocatorName *result)
{
    if (name == NULL || *name == '\0') {
        /* PYTHONMALLOC= is the same as not set. */
        *result = PYMEM_ALLOCATOR_DEFAULT;
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(allocator_names); i++) {
        if (strcmp(name, allocator_names[i].name) == 0) {
            *result = allocator_names[i].value;
            return 0;
        }
    }
    return -1;
}

static int
setup_lock_held(PyMemAllocatorName name)
{
    int debug = 0;
    const PyMemAllocatorEx *raw = &base_alloc, *mem = &base_alloc, *obj = &page_alloc;
    switch (name) {
    case PYMEM_ALLOCATOR_NOT_SET:
        return 0;
    case PYMEM_ALLOCATOR_DEFAULT:
#ifdef Py_DEBUG
        debug = 1;
#endif
        break;
    case PYMEM_ALLOCATOR_PYMALLOC:
    case PYMEM_ALLOCATOR_MIMALLOC:
        break;
    case PYMEM_ALLOCATOR_DEBUG:
    case PYMEM_ALLOCATOR_PYMALLOC_DEBUG:
    case PYMEM_ALLOCATOR_MIMALLOC_DEBUG:
        debug = 1;
        break;
    case PYMEM_ALLOCATOR_MALLOC_DEBUG:
        debug = 1;
        /* fall through */
    case PYMEM_ALLOCATOR_MALLOC:
        raw = mem = obj = &libc_alloc;
        break;
    default:
        return -1;
    }
    set_allocator_lock_held(PYMEM_DOMAIN_RAW, raw);
    set_allocator_lock_held(PYMEM_DOMAIN_MEM, mem);
    set_allocator_lock_held(PYMEM_DOMAIN_OBJ, obj);
    _PyMem_use_pages = obj == &page_alloc;
    if (debug) {
        setup_debug_hooks_domain(PYMEM_DOMAIN_RAW);
        setup_debug_hooks_domain(PYMEM_DOMAIN_MEM);
        setup_debug_hooks_domain(PYMEM_DOMAIN_OBJ);
    }
    return 0;
}

int
_PyMem_SetupAllocators(PyMemAllocatorName allocator)
{
    PyMutex_LockFlags(&allocators_mutex, _Py_LOCK_DONT_DETACH);
    int result = setup_lock_held(allocator);
    PyMutex_Unlock(&allocators_mutex);
    return result;
}

int
_PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *old_alloc)
{
    PyMutex_LockFlags(&allocators_mutex, _Py_LOCK_DONT_DETACH);
    PyMemAllocatorEx *slot = allocator_of(domain);
    if (slot == NULL) {
        PyMutex_Unlock(&allocators_mutex);
        return -1;
    }
    if (old_alloc != NULL) {
        *old_alloc = *slot;
    }
    PyMemAllocatorEx new_alloc = domain == PYMEM_DOMAIN_OBJ ? page_alloc : base_alloc;
#ifdef Py_DEBUG
    new_alloc = _PyMem_WrapDebug(domain, &new_alloc);
#endif
    set_allocator_lock_held(domain, &new_alloc);
    PyMutex_Unlock(&allocators_mutex);
    return 0;
}

static int
same_allocator(const PyMemAllocatorEx *a, const PyMemAllocatorEx *b)
{
    return a->malloc == b->malloc && a->free == b->free && a->ctx == b->ctx;
}

PyAPI_FUNC(const char *) _PyMem_GetCurrentAllocatorName(void);

const char *
_PyMem_GetCurrentAllocatorName(void)
{
    PyMemAllocatorEx raw = _PyMem_UnwrapDebug(&raw_allocator);
    PyMemAllocatorEx mem = _PyMem_UnwrapDebug(&mem_allocator);
    PyMemAllocatorEx obj = _PyMem_UnwrapDebug(&obj_allocator);
    int debug = _PyMem_IsDebugAllocator(&raw_allocator) && _PyMem_IsDebugAllocator(&mem_allocator)
        && _PyMem_IsDebugAllocator(&obj_allocator);
    if (same_allocator(&raw, &libc_alloc) && same_allocator(&mem, &libc_alloc)
        && same_allocator(&obj, &libc_alloc)) {
        return debug ? "malloc_debug" : "malloc";
    }
    if (same_allocator(&raw, &base_alloc) && same_allocator(&mem, &base_alloc)
        && same_allocator(&obj, &page_alloc)) {
#if defined(Py_GIL_DISABLED)
        return debug ? "mimalloc_debug" : "mimalloc";
#else
        return debug ? "pymalloc_debug" : "pymalloc";
#endif
    }
    return NULL;
}

int
_PyMem_DebugEnabled(void)
{
    return _PyMem_IsDebugAllocator(&obj_allocator);
}

/* Object arenas come from the base allocator; the hook is kept for tools that ask. */
static PyObjectArenaAllocator arena_allocator;

void
PyObject_GetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    *allocator = arena_allocator;
}

void
PyObject_SetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    arena_allocator = *allocator;
}

/* -- The functions of the domains ---------------- */

#define TOO_LARGE(size) ((size) > (size_t)PY_SSIZE_T_MAX)
#define TOO_MANY(nelem, elsize) ((elsize) != 0 && (nelem) > (size_t)PY_SSIZE_T_MAX / (elsize))

void *
PyMem_RawMalloc(size_t size)
{
    return TOO_LARGE(size) ? NULL : raw_allocator.malloc(raw_allocator.ctx, size);
}

void *
PyMem_RawCalloc(size_t nelem, size_t elsize)
{
    return TOO_MANY(nelem, elsize) ? NULL : raw_allocator.calloc(raw_allocator.ctx, nelem, elsize);
}

void *
PyMem_RawRealloc(void *ptr, size_t new_size)
{
    return TOO_LARGE(new_size) ? NULL : raw_allocator.realloc(raw_allocator.ctx, ptr, new_size);
}

void
PyMem_RawFree(void *ptr)
{
    raw_allocator.free(raw_allocator.ctx, ptr);
}

void *
PyMem_Malloc(size_t size)
{
    return TOO_LARGE(size) ? NULL : mem_allocator.malloc(mem_allocator.ctx, size);
}

void *
PyMem_Calloc(size_t nelem, size_t elsize)
{
    return TOO_MANY(nelem, elsize) ? NULL : mem_allocator.calloc(mem_allocator.ctx, nelem, elsize);
}

void *
PyMem_Realloc(void *ptr, size_t new_size)
{
    return TOO_LARGE(new_size) ? NULL : mem_allocator.realloc(mem_allocator.ctx, ptr, new_size);
}

void
PyMem_Free(void *ptr)
{
    mem_allocator.free(mem_allocator.ctx, ptr);
}

void *
PyObject_Malloc(size_t size)
{
    return TOO_LARGE(size) ? NULL : obj_allocator.malloc(obj_allocator.ctx, size);
}

void *
PyObject_Calloc(size_t nelem, size_t elsize)
{
    return TOO_MANY(nelem, elsize) ? NULL : obj_allocator.calloc(obj_allocator.ctx, nelem, elsize);
}

void *
PyObject_Realloc(void *ptr, size_t new_size)
{
    return TOO_LARGE(new_size) ? NULL : obj_allocator.realloc(obj_allocator.ctx, ptr, new_size);
}

void
PyObject_Free(void *ptr)
{
    obj_allocator.free(obj_allocator.ctx, ptr);
}

/* -- Strings, and the default raw allocator whatever is set ---------------- */

void *
_PyMem_DefaultRawMalloc(size_t size)
{
    return base_malloc(NULL, size);
}

void *
_PyMem_DefaultRawCalloc(size_t nelem, size_t elsize)
{
    return base_calloc(NULL, nelem, elsize);
}

void *
_PyMem_DefaultRawRealloc(void *ptr, size_t size)
{
    return base_realloc(NULL, ptr, size);
}

void
_PyMem_DefaultRawFree(void *ptr)
{
    base_free(NULL, ptr);
}

static wchar_t *
wcsdup_with(const wchar_t *str, void *(*allocate)(size_t))
{
    size_t length = wcslen(str);
    if (length > (size_t)PY_SSIZE_T_MAX / sizeof(wchar_t) - 1) {
        return NULL;
    }
    size_t size = (length + 1) * sizeof(wchar_t);
    wchar_t *copy = allocate(size);
    if (copy != NULL) {
        memcpy(copy, str, size);
    }
    return copy;
}

wchar_t *
_PyMem_DefaultRawWcsdup(const wchar_t *str)
{
    return wcsdup_with(str, _PyMem_DefaultRawMalloc);
}

wchar_t *
_PyMem_RawWcsdup(const wchar_t *str)
{
    return wcsdup_with(str, PyMem_RawMalloc);
}

static char *
strdup_with(const char *str, void *(*allocate)(size_t))
{
    size_t size = strlen(str) + 1;
    char *copy = allocate(size);
    if (copy != NULL) {
        memcpy(copy, str, size);
    }
    return copy;
}

char *
_PyMem_RawStrdup(const char *str)
{
    return strdup_with(str, PyMem_RawMalloc);
}

PyAPI_FUNC(char *) _PyMem_Strdup(const char *str);

char *
_PyMem_Strdup(const char *str)
{
    return strdup_with(str, PyMem_Malloc);
}

/* -- Delayed release ---------------- */

void
_PyMem_FreeDelayed(void *ptr, size_t size)
{
    (void)size;
#ifdef Py_GIL_DISABLED
    if (_Py_multithreaded && _PyThreadState_GET() != NULL) {
        _Py_RetireMemSlow(ptr);
        return;
    }
#endif
    PyMem_Free(ptr);
}

void
_PyObject_XDecRefDelayed(PyObject *obj)
{
#ifdef Py_GIL_DISABLED
    if (obj != NULL && _Py_multithreaded) {
        _Py_RetireRefSlow(obj);
        return;
    }
#endif
    Py_XDECREF(obj);
}

void
_PyMem_ProcessDelayed(PyThreadState *tstate)
{
    _Py_qsbr_poll(tstate);
}

/* -- Statistics ---------------- */

Py_ssize_t
_PyInterpreterState_GetAllocatedBlocks(PyInterpreterState *interp)
{
    return _Py_heap_used_blocks(interp);
}

Py_ssize_t
_Py_GetGlobalAllocatedBlocks(void)
{
    Py_ssize_t total = 0;
    HEAD_LOCK(&_PyRuntime);
    for (PyInterpreterState *interp = _PyRuntime.interpreters.head; interp != NULL; interp = interp->next) {
        total += _Py_heap_used_blocks(interp);
    }
    HEAD_UNLOCK(&_PyRuntime);
    return total;
}

PyAPI_FUNC(int) _PyObject_DebugMallocStats(FILE *out);

/* 1 if there were pages to tell about. */
int
_PyObject_DebugMallocStats(FILE *out)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_PyMem_use_pages || tstate == NULL) {
        return 0;
    }
    _Py_heap_stats(tstate->interp, out);
    return 1;
}

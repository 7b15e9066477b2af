/* Object pages (PROTOCOLS P8; Python/memory/pages.c).

   A page is 64 KiB, aligned to 64 KiB, of one heap, one kind and one size class.  The heap's owner allocates from
   page->free and frees to it, without atomics; others push on page->remote_free.  In the GIL build an interpreter
   has one heap and its owner is whoever holds the GIL. */
#ifndef Py_INTERNAL_OBJECT_ALLOC_H
#define Py_INTERNAL_OBJECT_ALLOC_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_current.h" // _PyThreadState_GET
#include "pycore_lock.h"    // PyMutex
#include "pycore_tstate.h"  // _PyThreadStateImpl

/* What a block holds.  The collector walks pages of the two GC kinds. */
enum _Py_alloc_kind {
    _Py_ALLOC_PLAIN = 0,    // no object, or one that is never tracked
    _Py_ALLOC_GC = 1,       // an object at the start of the block
    _Py_ALLOC_GC_PRE = 2,   // an object after a pre-header of 16 bytes
    _Py_ALLOC_KINDS = 3,
};

#define _Py_PAGE_SIZE 65536
#define _Py_PAGE_CLASSES 32
#define _Py_PAGE_ALIGNMENT 16
#define _Py_PAGE_MAX_BLOCK 512  // 32 classes, a step of 16 bytes

struct _Py_page {
    /* owner of the heap only */
    void *free;                  // list of free blocks, linked through the first word
    uint32_t used;               // blocks handed out, as far as the owner knows
    uint32_t capacity;           // blocks that have ever been on a free list
    uint32_t limit;              // blocks that fit
    uint8_t state;               // current, available or full
    uint8_t young;               // blocks were handed out since the last collection
    struct _Py_page *next, *prev;          // list of available pages of its class
    struct _Py_page *all_next, *all_prev;  // list of the heap's pages of its kind

    /* const while it has a class */
    uint8_t kind;
    uint8_t size_class;
    uint16_t block_size;
    uint16_t object_offset;      // of the object header in a block
    uint32_t reciprocal;         // block_index() multiplies instead of dividing
    struct _Py_arena *arena;

    uint32_t *gc_refs;           // the collector's, while it runs: a word per block

    /* atomic: stored when the page changes its heap (under heap_lists.mutex), loaded by who frees */
    struct _Py_heap *heap;

    /* atomic: blocks freed by others.  Who pushes the first one puts the page on its heap's remote stack; it is
       taken from there by the owner before this list is taken. */
    __attribute__((aligned(64))) void *remote_free;
    struct _Py_page *remote_next;
};

#define _Py_PAGE_HEADER 192

struct _Py_heap {
    /* owner only */
    struct _Py_page *current[_Py_ALLOC_KINDS][_Py_PAGE_CLASSES];    // never NULL: an empty page stands in
    struct _Py_page *available[_Py_ALLOC_KINDS][_Py_PAGE_CLASSES];  // pages with free blocks
    struct _Py_page *all[_Py_ALLOC_KINDS];
    int gc_count;                // GC objects allocated less deallocated since it was flushed
    /* const */
    PyInterpreterState *interp;
    /* guarded by the interpreter's heap_lists.mutex */
    struct _Py_heap *next;       // of all heaps of the interpreter: they are never freed before it
    int idle;                    // its thread has ended
    /* atomic: pages with blocks freed by others */
    __attribute__((aligned(64))) struct _Py_page *remote_pages;
};

struct _Py_heap_lists {
    PyMutex mutex;
    struct _Py_heap *heaps;      // all of this interpreter
    int num_idle;                // atomic, relaxed: a hint
};

extern struct _Py_page _Py_empty_page;

extern void *_Py_heap_alloc_slow(struct _Py_heap *heap, int kind, size_t size_class);
extern void _Py_heap_free_slow(struct _Py_page *page, void *block);
extern void _Py_heap_free_remote(struct _Py_page *page, void *block);

static inline size_t
_Py_page_class(size_t size)
{
    return (size + (size == 0) - 1) / _Py_PAGE_ALIGNMENT;
}

/* size <= _Py_PAGE_MAX_BLOCK */
static inline void *
_Py_heap_alloc(struct _Py_heap *heap, int kind, size_t size)
{
    size_t size_class = _Py_page_class(size);
    struct _Py_page *page = heap->current[kind][size_class];
    void *block = page->free;
    if (__builtin_expect(block == NULL, 0)) {
        return _Py_heap_alloc_slow(heap, kind, size_class);
    }
    page->free = *(void **)block;
    page->used++;
    return block;
}

/* Which 64 KiB of the address space are pages: by address bits 32 and up, then bits 16 to 31.  Leaves are made once
   and never go away. */
#define _Py_PAGE_MAP_TOP (1 << 15)
extern uint8_t *_Py_page_map[_Py_PAGE_MAP_TOP];

/* The page that p lies in, or NULL if it is not page memory. */
static inline struct _Py_page *
_Py_page_of(const void *p)
{
    uintptr_t address = (uintptr_t)p;
    if (address >> 47) {
        return NULL;
    }
    /* Acquire: pairs with the publication of the leaf. */
    uint8_t *leaf = __atomic_load_n(&_Py_page_map[address >> 32], __ATOMIC_ACQUIRE);
    /* Relaxed: p is memory that the caller owns, so the byte has been stable since before it was handed out. */
    if (leaf == NULL || !__atomic_load_n(&leaf[address >> 16 & 0xffff], __ATOMIC_RELAXED)) {
        return NULL;
    }
    return (struct _Py_page *)(address & ~(uintptr_t)(_Py_PAGE_SIZE - 1));
}

static inline size_t
_Py_page_block_index(const struct _Py_page *page, const void *p)
{
    size_t offset = (uintptr_t)p - (uintptr_t)page - _Py_PAGE_HEADER;
    return ((offset >> 4) * page->reciprocal) >> 16;
}

static inline char *
_Py_page_block(const struct _Py_page *page, size_t index)
{
    return (char *)page + _Py_PAGE_HEADER + index * page->block_size;
}

extern struct _Py_heap *_Py_heap_new(PyInterpreterState *interp);
/* The thread ends: its heap waits for another one. */
extern void _Py_heap_abandon(struct _Py_heap *heap);
extern void _Py_heap_fini_interp(PyInterpreterState *interp);

/* Makes a new thread's heap out of an ended one's, or anew. */
typedef int (*_Py_page_visit)(struct _Py_page *page, void *arg);
/* The pages that hold GC objects; the world is stopped.  Stops at the first nonzero result. */
extern int _Py_heap_visit_gc_pages(PyInterpreterState *interp, _Py_page_visit visit, void *arg);
extern Py_ssize_t _Py_heap_used_blocks(PyInterpreterState *interp);
extern void _Py_heap_stats(PyInterpreterState *interp, FILE *out);
/* The world is stopped: takes in what was freed remotely, returns empty pages. */
extern void _Py_heap_collect_all(PyInterpreterState *interp);
/* After a collection, the world stopped: nothing is young but what is allocated from now on. */
extern void _Py_heap_reset_young(PyInterpreterState *interp);

#define _Py_PAGE_CURRENT   0
#define _Py_PAGE_AVAILABLE 1
#define _Py_PAGE_FULL      2

/* Frees a block of a page. */
static inline void
_Py_heap_free(struct _Py_page *page, void *block)
{
    PyThreadState *tstate = _PyThreadState_GET();
    /* Relaxed: the heap can only become ours or cease to be by our own doing. */
    struct _Py_heap *heap = __atomic_load_n(&page->heap, __ATOMIC_RELAXED);
    if (__builtin_expect(tstate == NULL || ((_PyThreadStateImpl *)tstate)->heap != heap, 0)) {
        _Py_heap_free_remote(page, block);
        return;
    }
    *(void **)block = page->free;
    page->free = block;
    page->used--;
    if (__builtin_expect(page->state != _Py_PAGE_CURRENT && (page->used == 0 || page->state == _Py_PAGE_FULL), 0)) {
        _Py_heap_free_slow(page, block);
    }
}

/* 0: every object is a large one (PYTHONMALLOC=malloc).  Set before the first allocation. */
extern int _PyMem_use_pages;
/* The OBJ domain has been given another allocator than the default one. */
extern int _PyMem_object_hooked;

/* The default allocator of the OBJ domain, kind as the thread state says. */
extern void *_PyObject_DefaultMalloc(void *ctx, size_t size);
extern void *_PyObject_DefaultCalloc(void *ctx, size_t nelem, size_t elsize);
extern void *_PyObject_DefaultRealloc(void *ctx, void *p, size_t size);
extern void _PyObject_DefaultFree(void *ctx, void *p);

/* Memory of a GC object and its pre-header, through the hooks of the OBJ domain if there are any. */
extern void *_PyObject_AllocHooked(int kind, size_t size);
extern void _PyObject_FreeHooked(void *p);
/* Blocks of GC objects that do not fit a page: malloc'd memory with a header that links it (object_gc.c). */
extern void *_Py_gc_large_alloc(size_t size, int kind);
extern void _Py_gc_large_free(void *block);

/* Plain memory below the domains. */
extern void *_Py_base_malloc(size_t size);
extern void *_Py_base_calloc(size_t nelem, size_t elsize);
extern void *_Py_base_realloc(void *p, size_t size);
extern void _Py_base_free(void *p);
extern void *_Py_base_aligned_alloc(size_t size, size_t alignment);
extern void _Py_base_aligned_free(void *p);

#endif  // Py_INTERNAL_OBJECT_ALLOC_H

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
    uint32_t capacity;           // blocks that have ever been on a free list; read by the stopped-world collector
    uint32_t limit;              // blocks that fit
    uint8_t in_full;             // on the heap's full list
    uint8_t young;               // blocks were handed out since the last collection
    uint8_t has_gc_refs;
    uint8_t pad;
    struct _Py_page *next, *prev; // list of the class: available or full

    /* const while it has a class */
    uint8_t kind;
    uint8_t size_class;
    uint16_t block_size;
    uint32_t reciprocal;         // block_index() divides by multiplying
    struct _Py_heap *heap;       // atomic: changes when the page is adopted
    uint32_t object_offset;      // of the object header in a block
    struct _Py_page *next_arena_free;
    struct _Py_arena *arena;

    /* the collector's, while the world is stopped */
    uint32_t *gc_refs;

    /* atomic: blocks freed by others; the owner exchanges it with NULL */
    __attribute__((aligned(64))) void *remote_free;
};

#define _Py_PAGE_HEADER 128

struct _Py_heap {
    /* owner only */
    struct _Py_page *current[_Py_ALLOC_KINDS][_Py_PAGE_CLASSES];  // never NULL: an empty page stands in
    struct _Py_page *pages[_Py_ALLOC_KINDS][_Py_PAGE_CLASSES];    // guarded by mutex for structural changes
    int gc_count;                // allocations less deallocations of GC objects since it was last flushed
    int gc_flush;                // at which gc_count is flushed
    /* const */
    PyInterpreterState *interp;
    /* guarded by the interpreter's heap_lists.mutex */
    struct _Py_heap *next, *prev;
    int abandoned;
    PyMutex mutex;
};

struct _Py_heap_lists {
    PyMutex mutex;
    struct _Py_heap *heaps;      // all of this interpreter
    struct _Py_heap *idle;       // of ended threads: taken over whole by the next thread
};

extern struct _Py_page _Py_empty_page;

extern void *_Py_heap_alloc_slow(struct _Py_heap *heap, int kind, size_t size_class);
extern void _Py_heap_free(void *block);

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

/* The page that p lies in, or NULL if it is not page memory. */
extern struct _Py_page *_Py_page_of(const void *p);

extern struct _Py_heap *_Py_heap_new(PyInterpreterState *interp);
/* The thread ends: its heap waits for another one. */
extern void _Py_heap_abandon(struct _Py_heap *heap);
extern void _Py_heap_fini_interp(PyInterpreterState *interp);

typedef int (*_Py_page_visit)(struct _Py_page *page, void *arg);
/* The world is stopped.  Stops at the first nonzero result. */
extern int _Py_heap_visit_pages(PyInterpreterState *interp, _Py_page_visit visit, void *arg);
extern Py_ssize_t _Py_heap_used_blocks(PyInterpreterState *interp);
/* Returns empty pages of the current heap to the arenas, empty arenas to the system. */
extern void _Py_heap_trim(struct _Py_heap *heap);

/* The default object allocator, and the one for kinds. */
extern void *_PyObject_AllocKind(int kind, size_t size);
extern int _PyMem_use_pages;

#endif  // Py_INTERNAL_OBJECT_ALLOC_H

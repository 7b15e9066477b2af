/* Object pages: small objects in 64 KiB pages of one heap, one kind and one size class each (PROTOCOLS P8).

   A heap belongs to one thread (in the GIL build to the interpreter, whose lock its user holds).  Its owner
   allocates and frees without atomics.  Others push a block on the page's remote list; who pushes the first
   block of a list also pushes the page on its heap's remote stack.
   Invariant: a page is on its heap's remote stack exactly while its remote list is not empty, except between the
   two steps of the one who pushed first and the two steps of the owner, who takes the page off the stack before
   it takes the list.
   A thread that ends leaves its heap idle; the next thread takes it over whole, and others take single pages.
   Locking: heap_lists.mutex guards the list of heaps and the taking of pages from idle ones; arena_mutex guards
   the arenas and the page map.  No allocation by way of the domains happens under either. */
#include "Python.h"
#include "pycore_object.h"         // _Py_RetireCall
#include "pycore_object_alloc.h"
#include "pycore_pystate.h"

/* Pages per arena: what is asked of the system at once. */
#define ARENA_PAGES 16

struct _Py_arena {
    char *base;                     // const
    struct _Py_arena *next, *prev;  // guarded by arena_mutex: arenas with free pages
    uint32_t free_pages;            // guarded by arena_mutex: a bit per page
    uint32_t num_free;              // guarded by arena_mutex
};

static PyMutex arena_mutex;
static struct _Py_arena *arenas_with_free_pages;   // guarded by arena_mutex
static Py_ssize_t num_arenas;                      // guarded by arena_mutex
uint8_t *_Py_page_map[_Py_PAGE_MAP_TOP];

/* Stands in for "no page": its free list is empty for ever. */
struct _Py_page _Py_empty_page = {.state = _Py_PAGE_CURRENT};

static_assert(sizeof(struct _Py_page) <= _Py_PAGE_HEADER, "the page header fits in front of the blocks");
static_assert(_Py_PAGE_HEADER % _Py_PAGE_ALIGNMENT == 0, "blocks are aligned");

#ifdef Py_GIL_DISABLED
#  define GC_BYTE_OFFSET offsetof(PyObject, ob_gc_bits)
#else
#  define GC_BYTE_OFFSET 7
#endif

/* -- Arenas ---------------- */

static void
lock_arenas(void)
{
    PyMutex_LockFlags(&arena_mutex, _Py_LOCK_DONT_DETACH);
}

static int
map_set(char *page, uint8_t value)
{
    uintptr_t address = (uintptr_t)page;
    if (address >> 47) {
        return -1;
    }
    uint8_t **slot = &_Py_page_map[address >> 32];
    uint8_t *leaf = *slot;
    if (leaf == NULL) {
        leaf = _Py_base_calloc(1, 65536);
        if (leaf == NULL) {
            return -1;
        }
        __atomic_store_n(slot, leaf, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&leaf[address >> 16 & 0xffff], value, __ATOMIC_RELAXED);
    return 0;
}

static void
arena_unlink(struct _Py_arena *arena)
{
    if (arena->prev != NULL) {
        arena->prev->next = arena->next;
    }
    else {
        arenas_with_free_pages = arena->next;
    }
    if (arena->next != NULL) {
        arena->next->prev = arena->prev;
    }
    arena->next = arena->prev = NULL;
}

static void
arena_link(struct _Py_arena *arena)
{
    arena->prev = NULL;
    arena->next = arenas_with_free_pages;
    if (arena->next != NULL) {
        arena->next->prev = arena;
    }
    arenas_with_free_pages = arena;
}

static struct _Py_arena *
arena_new(void)
{
    struct _Py_arena *arena = _Py_base_malloc(sizeof(*arena));
    if (arena == NULL) {
        return NULL;
    }
    arena->base = _Py_base_aligned_alloc((size_t)ARENA_PAGES * _Py_PAGE_SIZE, _Py_PAGE_SIZE);
    if (arena->base == NULL) {
        _Py_base_free(arena);
        return NULL;
    }
    for (int i = 0; i < ARENA_PAGES; i++) {
        if (map_set(arena->base + (size_t)i * _Py_PAGE_SIZE, 1) < 0) {
            while (i-- > 0) {
                map_set(arena->base + (size_t)i * _Py_PAGE_SIZE, 0);
            }
            _Py_base_aligned_free(arena->base);
            _Py_base_free(arena);
            return NULL;
        }
    }
    arena->free_pages = (1u << ARENA_PAGES) - 1;
    arena->num_free = ARENA_PAGES;
    arena_link(arena);
    num_arenas++;
    return arena;
}

static void
arena_free(struct _Py_arena *arena)
{
    for (int i = 0; i < ARENA_PAGES; i++) {
        map_set(arena->base + (size_t)i * _Py_PAGE_SIZE, 0);
    }
    _Py_base_aligned_free(arena->base);
    _Py_base_free(arena);
    num_arenas--;
}

static struct _Py_page *
page_take(void)
{
    struct _Py_page *page = NULL;
    lock_arenas();
    struct _Py_arena *arena = arenas_with_free_pages;
    if (arena == NULL) {
        arena = arena_new();
    }
    if (arena != NULL) {
        int i = __builtin_ctz(arena->free_pages);
        arena->free_pages &= ~(1u << i);
        if (--arena->num_free == 0) {
            arena_unlink(arena);
        }
        page = (struct _Py_page *)(arena->base + (size_t)i * _Py_PAGE_SIZE);
        memset(page, 0, sizeof(*page));
        page->arena = arena;
    }
    PyMutex_Unlock(&arena_mutex);
    return page;
}

static void
page_give_back(void *arg)
{
    struct _Py_page *page = arg;
    struct _Py_arena *arena = page->arena;
    lock_arenas();
    arena->free_pages |= 1u << (((char *)page - arena->base) / _Py_PAGE_SIZE);
    if (arena->num_free++ == 0) {
        arena_link(arena);
    }
    /* One empty arena stays for the next burst. */
    if (arena->num_free == ARENA_PAGES && (arena->next != NULL || arena->prev != NULL)) {
        arena_unlink(arena);
        arena_free(arena);
    }
    PyMutex_Unlock(&arena_mutex);
}

/* -- Pages of a heap ---------------- */

static void
available_push(struct _Py_heap *heap, struct _Py_page *page)
{
    struct _Py_page **list = &heap->available[page->kind][page->size_class];
    page->prev = NULL;
    page->next = *list;
    if (page->next != NULL) {
        page->next->prev = page;
    }
    *list = page;
    page->state = _Py_PAGE_AVAILABLE;
}

static void
available_remove(struct _Py_heap *heap, struct _Py_page *page)
{
    if (page->prev != NULL) {
        page->prev->next = page->next;
    }
    else {
        heap->available[page->kind][page->size_class] = page->next;
    }
    if (page->next != NULL) {
        page->next->prev = page->prev;
    }
    page->next = page->prev = NULL;
}

static void
all_push(struct _Py_heap *heap, struct _Py_page *page)
{
    struct _Py_page **list = &heap->all[page->kind];
    page->all_prev = NULL;
    page->all_next = *list;
    if (page->all_next != NULL) {
        page->all_next->all_prev = page;
    }
    *list = page;
}

static void
all_remove(struct _Py_heap *heap, struct _Py_page *page)
{
    if (page->all_prev != NULL) {
        page->all_prev->all_next = page->all_next;
    }
    else {
        heap->all[page->kind] = page->all_next;
    }
    if (page->all_next != NULL) {
        page->all_next->all_prev = page->all_prev;
    }
}

/* Takes an empty page, on no list but the heap's own, away from the heap.  Lock-free readers may still look at a
   header in it, so the memory stays a page until they have passed on. */
static void
page_release(struct _Py_heap *heap, struct _Py_page *page)
{
    assert(page->used == 0 && page->gc_refs == NULL);
    all_remove(heap, page);
#ifdef Py_GIL_DISABLED
    if (_Py_multithreaded && _PyThreadState_GET() != NULL) {
        _Py_RetireCall(page_give_back, page);
        return;
    }
#endif
    page_give_back(page);
}

/* Puts blocks that were never used on the free list, a few at a time: what is not touched costs no memory. */
static void
page_extend(struct _Py_page *page)
{
    uint32_t count = 4096 / page->block_size;
    if (count > page->limit - page->capacity) {
        count = page->limit - page->capacity;
    }
    char *block = _Py_page_block(page, page->capacity);
    char *last = block + (size_t)(count - 1) * page->block_size;
    for (char *b = block; b <= last; b += page->block_size) {
        *(void **)b = b == last ? page->free : (void *)(b + page->block_size);
        if (page->kind != _Py_ALLOC_PLAIN) {
            /* Not tracked: the memory may be dirty. */
            b[page->object_offset + GC_BYTE_OFFSET] = 0;
        }
    }
    page->free = block;
    page->capacity += count;
}

static struct _Py_page *
page_new(struct _Py_heap *heap, int kind, size_t size_class)
{
    struct _Py_page *page = page_take();
    if (page == NULL) {
        return NULL;
    }
    page->kind = (uint8_t)kind;
    page->size_class = (uint8_t)size_class;
    page->block_size = (uint16_t)((size_class + 1) * _Py_PAGE_ALIGNMENT);
    page->object_offset = kind == _Py_ALLOC_GC_PRE ? 16 : 0;
    page->reciprocal = (uint32_t)(65536 / (size_class + 1) + 1);
    page->limit = (_Py_PAGE_SIZE - _Py_PAGE_HEADER) / page->block_size;
    page->heap = heap;
    all_push(heap, page);
    page_extend(page);
    return page;
}

/* -- Blocks freed by others ---------------- */

void
_Py_heap_free_remote(struct _Py_page *page, void *block)
{
    void *head = __atomic_load_n(&page->remote_free, __ATOMIC_RELAXED);
    do {
        *(void **)block = head;
        /* Release: the owner reads the link and the zero GC byte.  The other parties: others who free, and the
           owner taking the whole list. */
    } while (!__atomic_compare_exchange_n(&page->remote_free, &head, block, 0,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    if (head != NULL) {
        return;
    }
    /* First of its list: the heap cannot take the list before it finds the page on its stack, and a page that is
       not on the stack may change its heap, so the heap is loaded now; a stale one forwards the page. */
    struct _Py_heap *heap = __atomic_load_n(&page->heap, __ATOMIC_ACQUIRE);
    struct _Py_page *top = __atomic_load_n(&heap->remote_pages, __ATOMIC_RELAXED);
    do {
        page->remote_next = top;
    } while (!__atomic_compare_exchange_n(&heap->remote_pages, &top, page, 0,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

static void
page_put_on_stack(struct _Py_heap *heap, struct _Py_page *page)
{
    struct _Py_page *top = __atomic_load_n(&heap->remote_pages, __ATOMIC_RELAXED);
    do {
        page->remote_next = top;
    } while (!__atomic_compare_exchange_n(&heap->remote_pages, &top, page, 0,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

/* Owner, or heap_lists.mutex of an idle heap, or a stopped world. */
static void
heap_take_remote(struct _Py_heap *heap)
{
    if (__atomic_load_n(&heap->remote_pages, __ATOMIC_RELAXED) == NULL) {
        return;
    }
    struct _Py_page *page = __atomic_exchange_n(&heap->remote_pages, NULL, __ATOMIC_ACQUIRE);
    while (page != NULL) {
        struct _Py_page *next = page->remote_next;  // read before the list is taken and the page pushed again
        struct _Py_heap *owner = __atomic_load_n(&page->heap, __ATOMIC_ACQUIRE);
        if (owner != heap) {
            page_put_on_stack(owner, page);
            page = next;
            continue;
        }
        void *block = __atomic_exchange_n(&page->remote_free, NULL, __ATOMIC_ACQUIRE);
        while (block != NULL) {
            void *following = *(void **)block;
            *(void **)block = page->free;
            page->free = block;
            page->used--;
            block = following;
        }
        if (page->state == _Py_PAGE_FULL) {
            available_push(heap, page);
        }
        page = next;
    }
}

/* -- Allocation ---------------- */

/* A page of an ended thread's heap with free blocks of this class. */
static struct _Py_page *
adopt_page(struct _Py_heap *heap, int kind, size_t size_class)
{
    struct _Py_heap_lists *lists = &heap->interp->heap_lists;
    if (__atomic_load_n(&lists->num_idle, __ATOMIC_RELAXED) == 0) {
        return NULL;
    }
    struct _Py_page *page = NULL;
    PyMutex_LockFlags(&lists->mutex, _Py_LOCK_DONT_DETACH);
    for (struct _Py_heap *idle = lists->heaps; idle != NULL && page == NULL; idle = idle->next) {
        if (!idle->idle) {
            continue;
        }
        heap_take_remote(idle);
        page = idle->available[kind][size_class];
        if (page != NULL) {
            available_remove(idle, page);
        }
        else if (idle->current[kind][size_class]->free != NULL) {
            page = idle->current[kind][size_class];
            idle->current[kind][size_class] = &_Py_empty_page;
        }
        if (page != NULL) {
            all_remove(idle, page);
            __atomic_store_n(&page->heap, heap, __ATOMIC_RELEASE);
            all_push(heap, page);
        }
    }
    PyMutex_Unlock(&lists->mutex);
    return page;
}

/* Retires the current page of the class and finds another one with free blocks. */
static struct _Py_page *
heap_next_page(struct _Py_heap *heap, int kind, size_t size_class)
{
    struct _Py_page *page = heap->current[kind][size_class];
    if (page->free == NULL && page->capacity < page->limit) {
        page_extend(page);
        return page;
    }
    heap_take_remote(heap);
    if (page->free != NULL) {
        return page;
    }
    struct _Py_page *next = heap->available[kind][size_class];
    if (next != NULL) {
        available_remove(heap, next);
        if (next->free == NULL) {
            page_extend(next);
        }
    }
    else {
        next = adopt_page(heap, kind, size_class);
        if (next != NULL && next->free == NULL) {
            page_extend(next);
        }
        if (next == NULL) {
            next = page_new(heap, kind, size_class);
        }
    }
    if (next == NULL) {
        return NULL;
    }
    if (page != &_Py_empty_page) {
        page->state = _Py_PAGE_FULL;
    }
    next->state = _Py_PAGE_CURRENT;
    heap->current[kind][size_class] = next;
    return next;
}

void *
_Py_heap_alloc_slow(struct _Py_heap *heap, int kind, size_t size_class)
{
    struct _Py_page *page = heap_next_page(heap, kind, size_class);
    if (page == NULL) {
        return NULL;
    }
    page->young = 1;
    void *block = page->free;
    page->free = *(void **)block;
    page->used++;
    return block;
}

/* The page was full, or became empty. */
void
_Py_heap_free_slow(struct _Py_page *page, void *block)
{
    (void)block;
    struct _Py_heap *heap = page->heap;
    if (page->state == _Py_PAGE_FULL) {
        available_push(heap, page);
    }
    /* The last available page of a class stays: a program at its edge would take and give it back for ever. */
    if (page->used == 0 && (page->next != NULL || page->prev != NULL) && page->gc_refs == NULL) {
        available_remove(heap, page);
        page_release(heap, page);
    }
}

/* -- Heaps ---------------- */

static void
heap_init(struct _Py_heap *heap, PyInterpreterState *interp)
{
    memset(heap, 0, sizeof(*heap));
    heap->interp = interp;
    for (int kind = 0; kind < _Py_ALLOC_KINDS; kind++) {
        for (int i = 0; i < _Py_PAGE_CLASSES; i++) {
            heap->current[kind][i] = &_Py_empty_page;
        }
    }
}

static struct _Py_heap *
heap_take_idle(struct _Py_heap_lists *lists)
{
    struct _Py_heap *found = NULL;
    PyMutex_LockFlags(&lists->mutex, _Py_LOCK_DONT_DETACH);
    for (struct _Py_heap *heap = lists->heaps; heap != NULL; heap = heap->next) {
        if (heap->idle) {
            heap->idle = 0;
            __atomic_fetch_sub(&lists->num_idle, 1, __ATOMIC_RELAXED);
            found = heap;
            break;
        }
    }
    PyMutex_Unlock(&lists->mutex);
    return found;
}

struct _Py_heap *
_Py_heap_new(PyInterpreterState *interp)
{
#ifndef Py_GIL_DISABLED
    if (interp->gil_heap != NULL) {
        return interp->gil_heap;
    }
#endif
    struct _Py_heap_lists *lists = &interp->heap_lists;
    struct _Py_heap *heap = heap_take_idle(lists);
    if (heap != NULL) {
        return heap;
    }
    heap = _Py_base_aligned_alloc(_Py_SIZE_ROUND_UP(sizeof(*heap), 64), 64);
    if (heap == NULL) {
        return NULL;
    }
    heap_init(heap, interp);
    PyMutex_LockFlags(&lists->mutex, _Py_LOCK_DONT_DETACH);
    heap->next = lists->heaps;
    lists->heaps = heap;
    PyMutex_Unlock(&lists->mutex);
#ifndef Py_GIL_DISABLED
    interp->gil_heap = heap;
#endif
    return heap;
}

void
_Py_heap_abandon(struct _Py_heap *heap)
{
#ifdef Py_GIL_DISABLED
    struct _Py_heap_lists *lists = &heap->interp->heap_lists;
    PyMutex_LockFlags(&lists->mutex, _Py_LOCK_DONT_DETACH);
    assert(!heap->idle);
    heap->idle = 1;
    __atomic_fetch_add(&lists->num_idle, 1, __ATOMIC_RELAXED);
    PyMutex_Unlock(&lists->mutex);
#else
    (void)heap;
#endif
}

/* Objects that outlive their interpreter (immortal strings, leaks) keep their pages; the rest goes. */
void
_Py_heap_fini_interp(PyInterpreterState *interp)
{
    struct _Py_heap *heap = interp->heap_lists.heaps;
    interp->heap_lists.heaps = NULL;
    interp->gil_heap = NULL;
    while (heap != NULL) {
        struct _Py_heap *next = heap->next;
        heap_take_remote(heap);
        int empty = 1;
        for (int kind = 0; kind < _Py_ALLOC_KINDS; kind++) {
            for (struct _Py_page *page = heap->all[kind], *following; page != NULL; page = following) {
                following = page->all_next;
                if (page->used == 0) {
                    all_remove(heap, page);
                    page_give_back(page);
                }
                else {
                    empty = 0;
                }
            }
        }
        if (empty) {
            _Py_base_aligned_free(heap);
        }
        heap = next;
    }
}

/* -- The collector's view ---------------- */

int
_Py_heap_visit_gc_pages(PyInterpreterState *interp, _Py_page_visit visit, void *arg)
{
    for (struct _Py_heap *heap = interp->heap_lists.heaps; heap != NULL; heap = heap->next) {
        for (int kind = _Py_ALLOC_GC; kind <= _Py_ALLOC_GC_PRE; kind++) {
            for (struct _Py_page *page = heap->all[kind]; page != NULL; page = page->all_next) {
                int result = visit(page, arg);
                if (result != 0) {
                    return result;
                }
            }
        }
    }
    return 0;
}

void
_Py_heap_reset_young(PyInterpreterState *interp)
{
    for (struct _Py_heap *heap = interp->heap_lists.heaps; heap != NULL; heap = heap->next) {
        for (int kind = _Py_ALLOC_GC; kind <= _Py_ALLOC_GC_PRE; kind++) {
            for (struct _Py_page *page = heap->all[kind]; page != NULL; page = page->all_next) {
                /* The current pages are allocated from without passing the slow path. */
                page->young = page->state == _Py_PAGE_CURRENT;
            }
        }
    }
}

void
_Py_heap_collect_all(PyInterpreterState *interp)
{
    for (struct _Py_heap *heap = interp->heap_lists.heaps; heap != NULL; heap = heap->next) {
        heap_take_remote(heap);
        for (int kind = 0; kind < _Py_ALLOC_KINDS; kind++) {
            for (int i = 0; i < _Py_PAGE_CLASSES; i++) {
                for (struct _Py_page *page = heap->available[kind][i], *next; page != NULL; page = next) {
                    next = page->next;
                    if (page->used == 0 && page->gc_refs == NULL) {
                        available_remove(heap, page);
                        page_release(heap, page);
                    }
                }
            }
        }
    }
}

Py_ssize_t
_Py_heap_used_blocks(PyInterpreterState *interp)
{
    Py_ssize_t total = 0;
    PyMutex_LockFlags(&interp->heap_lists.mutex, _Py_LOCK_DONT_DETACH);
    for (struct _Py_heap *heap = interp->heap_lists.heaps; heap != NULL; heap = heap->next) {
        for (int kind = 0; kind < _Py_ALLOC_KINDS; kind++) {
            for (struct _Py_page *page = heap->all[kind]; page != NULL; page = page->all_next) {
                total += __atomic_load_n(&page->used, __ATOMIC_RELAXED);
            }
        }
    }
    PyMutex_Unlock(&interp->heap_lists.mutex);
    return total;
}

void
_Py_heap_stats(PyInterpreterState *interp, FILE *out)
{
    static const char *const kinds[] = {"plain", "object", "instance"};
    Py_ssize_t pages = 0;
    fprintf(out, "kind      size  num pages  blocks in use  avail blocks\n");
    fprintf(out, "----      ----  ---------  -------------  ------------\n");
    for (int kind = 0; kind < _Py_ALLOC_KINDS; kind++) {
        for (int i = 0; i < _Py_PAGE_CLASSES; i++) {
            Py_ssize_t count = 0, used = 0, free = 0;
            for (struct _Py_heap *heap = interp->heap_lists.heaps; heap != NULL; heap = heap->next) {
                for (struct _Py_page *page = heap->all[kind]; page != NULL; page = page->all_next) {
                    if (page->size_class == i) {
                        count++;
                        used += page->used;
                        free += page->limit - page->used;
                    }
                }
            }
            if (count > 0) {
                fprintf(out, "%-8s %5d %10zd %14zd %13zd\n", kinds[kind], (i + 1) * _Py_PAGE_ALIGNMENT,
                        count, used, free);
            }
            pages += count;
        }
    }
    fprintf(out, "# arenas of %d KiB  = %zd\n", ARENA_PAGES * _Py_PAGE_SIZE / 1024, num_arenas);
    fprintf(out, "# pages in use      = %zd\n", pages);
}

/* Debug hooks: blocks with padding that is checked, contents that show as uninitialised or freed, and a check
   that the caller is attached.

   Layout of a block of n bytes:
       8 bytes   n, big-endian, so that it reads well in a dump
       1 byte    the domain: 'r', 'm' or 'o'
       7 bytes   FORBIDDENBYTE
       n bytes   the caller's: CLEANBYTE at first, DEADBYTE after the release
       8 bytes   FORBIDDENBYTE
   GC objects are not padded: the collector finds them by their place in the page.  Their hooks only fill. */
#include "Python.h"
#include "pycore_debug_alloc.h"
#include "pycore_object_alloc.h"   // _PyThreadStateImpl
#include "pycore_pymem.h"          // PYMEM_FORBIDDENBYTE
#include "pycore_pystate.h"

#define SST sizeof(size_t)
#define PAD_BYTES (3 * SST)

struct debug_ctx {
    char api_id;
    PyMemAllocatorEx inner;
};

static struct debug_ctx debug_contexts[3] = {{.api_id = 'r'}, {.api_id = 'm'}, {.api_id = 'o'}};

static void
write_size(uint8_t *p, size_t n)
{
    for (int i = (int)SST - 1; i >= 0; i--) {
        p[i] = (uint8_t)n;
        n >>= 8;
    }
}

static size_t
read_size(const uint8_t *p)
{
    size_t n = 0;
    for (size_t i = 0; i < SST; i++) {
        n = n << 8 | p[i];
    }
    return n;
}

static void
check_attached(const struct debug_ctx *api, const char *func)
{
    if (api->api_id != 'r' && !PyGILState_Check()) {
        _Py_FatalErrorFunc(func, "Python memory allocator called without holding the GIL");
    }
}

static int
is_gc_request(const struct debug_ctx *api)
{
    PyThreadState *tstate = api->api_id == 'o' ? _PyThreadState_GET() : NULL;
    return tstate != NULL && ((_PyThreadStateImpl *)tstate)->alloc_kind != _Py_ALLOC_PLAIN;
}

/* -- Reporting ---------------- */

static void
describe_pad(const uint8_t *p, int count, const char *where, ptrdiff_t first)
{
    int ok = 1;
    for (int i = 0; i < count; i++) {
        if (p[i] != PYMEM_FORBIDDENBYTE) {
            ok = 0;
        }
    }
    if (ok) {
        fputs("FORBIDDENBYTE, as expected.\n", stderr);
        return;
    }
    fprintf(stderr, "not all FORBIDDENBYTE (0x%02x):\n", PYMEM_FORBIDDENBYTE);
    for (int i = 0; i < count; i++) {
        fprintf(stderr, "        at %s%+td: 0x%02x", where, first + i, p[i]);
        if (p[i] != PYMEM_FORBIDDENBYTE) {
            fputs(" *** OUCH", stderr);
        }
        fputc('\n', stderr);
    }
}

static void
dump_block(const uint8_t *p)
{
    fprintf(stderr, "Debug memory block at address p=%p:", (const void *)p);
    if (p == NULL) {
        fputc('\n', stderr);
        return;
    }
    fprintf(stderr, " API '%c'\n", p[-(int)SST]);
    size_t n = read_size(p - 2 * SST);
    fprintf(stderr, "    %zu bytes originally requested\n", n);
    fprintf(stderr, "    The %d pad bytes at p-%d are ", (int)SST - 1, (int)SST - 1);
    describe_pad(p - SST + 1, (int)SST - 1, "p", -(ptrdiff_t)SST + 1);
    if (p[-(int)SST + 1] != PYMEM_FORBIDDENBYTE) {
        fputs("    Because memory is corrupted at the start, the count of bytes requested\n"
              "       may be bogus, and checking the trailing pad bytes may segfault.\n", stderr);
    }
    const uint8_t *tail = p + n;
    fprintf(stderr, "    The %d pad bytes at tail=%p are ", (int)SST, (const void *)tail);
    describe_pad(tail, (int)SST, "tail", 0);
    if (n > 0) {
        fputs("    Data at p:", stderr);
        for (size_t i = 0; i < n && i < 8; i++) {
            fprintf(stderr, " %02x", p[i]);
        }
        if (n > 16) {
            fputs(" ...", stderr);
        }
        for (size_t i = n > 16 ? n - 8 : 8; i < n; i++) {
            fprintf(stderr, " %02x", p[i]);
        }
        fputc('\n', stderr);
    }
    fputc('\n', stderr);
    fflush(stderr);
}

static void
check_block(const struct debug_ctx *api, const char *func, const uint8_t *p)
{
    char id = (char)p[-(int)SST];
    char message[80];
    const char *problem = NULL;
    if (id != api->api_id) {
        snprintf(message, sizeof(message), "bad ID: Allocated using API '%c', verified using API '%c'",
                 id, api->api_id);
        problem = message;
    }
    for (size_t i = 1; i < SST && problem == NULL; i++) {
        if (p[-(ptrdiff_t)i] != PYMEM_FORBIDDENBYTE) {
            problem = "bad leading pad byte";
        }
    }
    if (problem == NULL) {
        const uint8_t *tail = p + read_size(p - 2 * SST);
        for (size_t i = 0; i < SST; i++) {
            if (tail[i] != PYMEM_FORBIDDENBYTE) {
                problem = "bad trailing pad byte";
                break;
            }
        }
    }
    if (problem != NULL) {
        dump_block(p);
        _Py_FatalErrorFunc(func, problem);
    }
}

/* -- The hooks ---------------- */

static void *
debug_alloc(struct debug_ctx *api, int zero, size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX - PAD_BYTES) {
        return NULL;
    }
    size_t total = size + PAD_BYTES;
    uint8_t *block = zero ? api->inner.calloc(api->inner.ctx, 1, total)
                          : api->inner.malloc(api->inner.ctx, total);
    if (block == NULL) {
        return NULL;
    }
    uint8_t *p = block + 2 * SST;
    write_size(block, size);
    block[SST] = (uint8_t)api->api_id;
    memset(block + SST + 1, PYMEM_FORBIDDENBYTE, SST - 1);
    if (!zero) {
        memset(p, PYMEM_CLEANBYTE, size);
    }
    memset(p + size, PYMEM_FORBIDDENBYTE, SST);
    return p;
}

static void *
debug_malloc(void *ctx, size_t size)
{
    struct debug_ctx *api = ctx;
    check_attached(api, "_PyMem_DebugMalloc");
    if (is_gc_request(api)) {
        return api->inner.malloc(api->inner.ctx, size);
    }
    return debug_alloc(api, 0, size);
}

static void *
debug_calloc(void *ctx, size_t nelem, size_t elsize)
{
    struct debug_ctx *api = ctx;
    check_attached(api, "_PyMem_DebugCalloc");
    if (is_gc_request(api)) {
        return api->inner.calloc(api->inner.ctx, nelem, elsize);
    }
    return debug_alloc(api, 1, nelem * elsize);
}

static void
debug_free(void *ctx, void *p)
{
    struct debug_ctx *api = ctx;
    if (p == NULL) {
        return;
    }
    check_attached(api, "_PyMem_DebugFree");
    if (is_gc_request(api)) {
        api->inner.free(api->inner.ctx, p);
        return;
    }
    check_block(api, "_PyMem_DebugRawFree", p);
    uint8_t *block = (uint8_t *)p - 2 * SST;
    size_t size = read_size(block);
    memset(block, PYMEM_DEADBYTE, size + PAD_BYTES);
    api->inner.free(api->inner.ctx, block);
}

static void *
debug_realloc(void *ctx, void *p, size_t size)
{
    struct debug_ctx *api = ctx;
    check_attached(api, "_PyMem_DebugRealloc");
    if (p == NULL) {
        return debug_alloc(api, 0, size);
    }
    check_block(api, "_PyMem_DebugRawRealloc", p);
    size_t old_size = read_size((uint8_t *)p - 2 * SST);
    /* Always moves, so that stale pointers show. */
    void *copy = debug_alloc(api, 0, size);
    if (copy != NULL) {
        memcpy(copy, p, old_size < size ? old_size : size);
        debug_free(ctx, p);
    }
    return copy;
}

/* -- Setting up ---------------- */

PyMemAllocatorEx
_PyMem_WrapDebug(PyMemAllocatorDomain domain, const PyMemAllocatorEx *inner)
{
    struct debug_ctx *api = &debug_contexts[domain];
    api->inner = *inner;
    return (PyMemAllocatorEx){api, debug_malloc, debug_calloc, debug_realloc, debug_free};
}

int
_PyMem_IsDebugAllocator(const PyMemAllocatorEx *allocator)
{
    return allocator->malloc == debug_malloc;
}

PyMemAllocatorEx
_PyMem_UnwrapDebug(const PyMemAllocatorEx *allocator)
{
    return _PyMem_IsDebugAllocator(allocator) ? ((struct debug_ctx *)allocator->ctx)->inner : *allocator;
}

/* Arena: blocks of memory that are filled front to back, and a list of objects held.

   Invariant: the first block of the chain is the one being filled.
   Locking: none; an arena is used by one thread. */
#include "Python.h"
#include "pycore_pyarena.h"

/* A parsed module of average size fits in a few blocks of this size. */
#define BLOCK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT ((size_t)8)

struct block {
    struct block *next;
    char *free;
    char *end;
};

struct objects {
    struct objects *next;
    int used;
    PyObject *items[500];
};

struct _arena {
    struct block *blocks;
    struct objects *objects;
};

static struct block *
block_new(struct block *next, size_t size)
{
    struct block *block = PyMem_Malloc(sizeof(struct block) + size);
    if (block == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    block->next = next;
    block->free = (char *)(block + 1);
    block->end = block->free + size;
    return block;
}

PyArena *
_PyArena_New(void)
{
    PyArena *arena = PyMem_Malloc(sizeof(PyArena));
    if (arena == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    arena->objects = NULL;
    arena->blocks = block_new(NULL, BLOCK_SIZE);
    if (arena->blocks == NULL) {
        PyMem_Free(arena);
        return NULL;
    }
    return arena;
}

void
_PyArena_Free(PyArena *arena)
{
    struct objects *objects = arena->objects;
    while (objects != NULL) {
        struct objects *next = objects->next;
        for (int i = 0; i < objects->used; i++) {
            Py_DECREF(objects->items[i]);
        }
        PyMem_Free(objects);
        objects = next;
    }
    struct block *block = arena->blocks;
    while (block != NULL) {
        struct block *next = block->next;
        PyMem_Free(block);
        block = next;
    }
    PyMem_Free(arena);
}

static void *
arena_malloc_slow(PyArena *arena, size_t size)
{
    if (size > BLOCK_SIZE / 4) {
        /* A block of its own, behind the one being filled. */
        struct block *large = block_new(arena->blocks->next, size);
        if (large == NULL) {
            return NULL;
        }
        large->free = large->end;
        arena->blocks->next = large;
        return large + 1;
    }
    struct block *block = block_new(arena->blocks, BLOCK_SIZE);
    if (block == NULL) {
        return NULL;
    }
    arena->blocks = block;
    void *result = block->free;
    block->free += size;
    return result;
}

void *
_PyArena_Malloc(PyArena *arena, size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX - BLOCK_SIZE) {
        PyErr_NoMemory();
        return NULL;
    }
    size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    struct block *block = arena->blocks;
    if ((size_t)(block->end - block->free) < size) {
        return arena_malloc_slow(arena, size);
    }
    void *result = block->free;
    block->free += size;
    return result;
}

int
_PyArena_AddPyObject(PyArena *arena, PyObject *object)
{
    struct objects *objects = arena->objects;
    if (objects == NULL || objects->used == (int)Py_ARRAY_LENGTH(objects->items)) {
        struct objects *fresh = PyMem_Malloc(sizeof(struct objects));
        if (fresh == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        fresh->next = objects;
        fresh->used = 0;
        arena->objects = objects = fresh;
    }
    objects->items[objects->used++] = object;
    return 0;
}

/* The data stack: chunks of memory in which a thread's frames lie one after the other.

   Owner thread only.  A chunk that becomes empty is kept once (datastack_cached_chunk), so that a loop that calls across
   the end of a chunk does not allocate each time. */
#include "vm.h"

#define CHUNK_SIZE ((size_t)16 * 1024)
#define CHUNK_HEADER (offsetof(_PyStackChunk, data) / sizeof(PyObject *))

static _PyStackChunk *
chunk_new(PyThreadState *tstate, size_t words)
{
    size_t size = CHUNK_SIZE;
    /* Deep recursion: fewer, larger chunks. */
    if (tstate->datastack_chunk != NULL) {
        size = tstate->datastack_chunk->size * 2;
        if (size > 64 * CHUNK_SIZE) {
            size = 64 * CHUNK_SIZE;
        }
    }
    while (size < (words + CHUNK_HEADER + 2) * sizeof(PyObject *)) {
        size *= 2;
    }
    _PyStackChunk *chunk = tstate->datastack_cached_chunk;
    if (chunk != NULL && chunk->size >= size) {
        tstate->datastack_cached_chunk = NULL;
    }
    else {
        chunk = PyMem_RawMalloc(size);
        if (chunk == NULL) {
            return NULL;
        }
        chunk->size = size;
    }
    chunk->previous = NULL;
    chunk->top = 0;
    return chunk;
}

_PyInterpreterFrame *
_PyThreadState_PushFrameSlow(PyThreadState *tstate, size_t words)
{
    _PyStackChunk *chunk = chunk_new(tstate, words);
    if (chunk == NULL) {
        _PyErr_NoMemory(tstate);
        return NULL;
    }
    chunk->previous = tstate->datastack_chunk;
    if (tstate->datastack_chunk != NULL) {
        tstate->datastack_chunk->top = (size_t)(tstate->datastack_top - &tstate->datastack_chunk->data[0]);
    }
    tstate->datastack_chunk = chunk;
    tstate->datastack_limit = (PyObject **)((char *)chunk + chunk->size);
    /* The first chunk never becomes empty: its first word is not used. */
    PyObject **base = &chunk->data[chunk->previous == NULL];
    tstate->datastack_top = base + words;
    return (_PyInterpreterFrame *)base;
}

/* f was the first frame of its chunk. */
void
_PyThreadState_PopFrameSlow(PyThreadState *tstate, _PyInterpreterFrame *f)
{
    _PyStackChunk *chunk = tstate->datastack_chunk;
    assert((PyObject **)f == &chunk->data[0]);
    _PyStackChunk *previous = chunk->previous;
    assert(previous != NULL);
    tstate->datastack_top = &previous->data[previous->top];
    tstate->datastack_chunk = previous;
    tstate->datastack_limit = (PyObject **)((char *)previous + previous->size);
    if (tstate->datastack_cached_chunk == NULL || tstate->datastack_cached_chunk->size < chunk->size) {
        PyMem_RawFree(tstate->datastack_cached_chunk);
        tstate->datastack_cached_chunk = chunk;
    }
    else {
        PyMem_RawFree(chunk);
    }
}

void
_PyThreadState_FreeDataStack(PyThreadState *tstate)
{
    _PyStackChunk *chunk = tstate->datastack_chunk;
    while (chunk != NULL) {
        _PyStackChunk *previous = chunk->previous;
        PyMem_RawFree(chunk);
        chunk = previous;
    }
    PyMem_RawFree(tstate->datastack_cached_chunk);
    tstate->datastack_cached_chunk = NULL;
    tstate->datastack_chunk = NULL;
    tstate->datastack_top = NULL;
    tstate->datastack_limit = NULL;
}

/* -- Frames ------------------------------------------------------------------------------------------------- */

void
_PyEval_FrameClearAndPop(PyThreadState *tstate, _PyInterpreterFrame *f)
{
    assert(f->owner == FRAME_OWNED_BY_THREAD);
    _PyFrame_Clear(f);
    _PyThreadState_PopFrame(tstate, f);
}

int
_PyEval_CheckPyRecursion(PyThreadState *tstate)
{
    if (tstate->recursion_headroom) {
        if (tstate->py_recursion_remaining < -50) {
            Py_FatalError("Cannot recover from Python stack overflow.");
        }
        return 0;
    }
    if (tstate->py_recursion_remaining <= 0) {
        tstate->recursion_headroom++;
        _PyErr_Format(tstate, PyExc_RecursionError, "maximum recursion depth exceeded");
        tstate->recursion_headroom--;
        return -1;
    }
    return 0;
}

/* -- The collector -------------------------------------------------------------------------------------------- */

static int
visit_value(_PyValue v, visitproc visit, void *arg)
{
    return _PyValue_IsObject(v) ? visit(_PyValue_AsObject(v), arg) : 0;
}

int
_PyEval_VisitThreadRoots(PyThreadState *tstate, visitproc visit, void *arg)
{
    for (_PyInterpreterFrame *f = tstate->current_frame; f != NULL; f = f->previous) {
        if (f->owner == FRAME_OWNED_BY_INTERPRETER) {
            continue;
        }
        int status = visit_value(f->func, visit, arg);
        if (status == 0) {
            status = visit_value(f->code, visit, arg);
        }
        if (status == 0 && f->locals != NULL) {
            status = visit(f->locals, arg);
        }
        if (status == 0 && f->frame_obj != NULL) {
            status = visit((PyObject *)f->frame_obj, arg);
        }
        if (status == 0 && f->owner == FRAME_OWNED_BY_GENERATOR) {
            status = visit((PyObject *)_PyGen_GetGeneratorFromFrame(f), arg);
        }
        for (uint32_t i = 0; status == 0 && i < f->nregs; i++) {
            status = visit_value(f->regs[i], visit, arg);
        }
        if (status != 0) {
            return status;
        }
    }
    return 0;
}

/* Biased reference counting: what happens off the fast paths of Py_INCREF and Py_DECREF.

   The owner counts in ob_ref_local without atomics, everyone else in ob_ref_shared; an object dies when both
   have been merged and the sum is zero.  An object whose shared count went negative is queued to its owner,
   whose breaker asks it to merge; each entry of a queue holds one reference.
   Locking: a bucket's mutex guards the list of threads and their queues; no Python code runs under it.
   Source: "Biased Reference Counting" (J. Choi, T. Shull, J. Torrellas, 2018). */
#include "Python.h"
#include "pycore_brc.h"
#include "pycore_ceval.h"    // _Py_set_eval_breaker_bit
#include "pycore_gc.h"       // _PyObject_Promote
#include "pycore_lock.h"     // PyMutex_LockFlags
#include "pycore_object.h"   // _Py_REF_SHARED
#include "pycore_pystate.h"  // _PyThreadState_GET

#ifdef Py_GIL_DISABLED

#define BRC_NUM_BUCKETS 257

struct brc_bucket {
    PyMutex mutex;
    struct _brc_thread_state *threads;  // guarded by mutex
};

static struct brc_bucket brc_buckets[BRC_NUM_BUCKETS];

static struct brc_bucket *
bucket_of(uintptr_t tid)
{
    return &brc_buckets[(tid >> 6) % BRC_NUM_BUCKETS];
}

/* The bucket's mutex is held for a few instructions. */
static void
bucket_lock(struct brc_bucket *bucket)
{
    PyMutex_LockFlags(&bucket->mutex, _Py_LOCK_DONT_DETACH);
}

static void
bucket_unlock(struct brc_bucket *bucket)
{
    PyMutex_Unlock(&bucket->mutex);
}

/* One thread may have several thread states (interpreters, swapped in turn): the attached one was linked last or
   first, and any of them will do, because all run in the thread that owns the object. */
static _PyThreadStateImpl *
bucket_find(struct brc_bucket *bucket, uintptr_t tid)
{
    for (struct _brc_thread_state *brc = bucket->threads; brc != NULL; brc = brc->next) {
        if (brc->tid == tid) {
            return (_PyThreadStateImpl *)((char *)brc - offsetof(_PyThreadStateImpl, brc));
        }
    }
    return NULL;
}

/* -- Arrays of objects ---------------- */

static int
array_push(struct _brc_array *array, PyObject *op)
{
    if (array->count == array->capacity) {
        Py_ssize_t capacity = array->capacity ? array->capacity * 2 : 32;
        PyObject **items = PyMem_RawRealloc(array->items, (size_t)capacity * sizeof(PyObject *));
        if (items == NULL) {
            return -1;
        }
        array->items = items;
        array->capacity = capacity;
    }
    array->items[array->count++] = op;
    return 0;
}

static PyObject *
array_pop(struct _brc_array *array)
{
    return array->count == 0 ? NULL : array->items[--array->count];
}

static void
array_clear(struct _brc_array *array)
{
    PyMem_RawFree(array->items);
    *array = (struct _brc_array){0};
}

/* -- Merging ---------------- */

Py_ssize_t
_Py_ExplicitMergeRefcount(PyObject *op, Py_ssize_t extra)
{
    assert(!_Py_IsImmortal(op));
    /* Owner and local count go first: once the flag says "merged", another thread may release the last reference and
       free op. */
    const Py_ssize_t local = (Py_ssize_t)op->ob_ref_local;
    __atomic_store_n(&op->ob_ref_local, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&op->ob_tid, 0, __ATOMIC_RELAXED);
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED);
    Py_ssize_t merged;
    /* The other party: threads that count in the shared word. */
    do {
        Py_ssize_t refcnt = Py_ARITHMETIC_RIGHT_SHIFT(Py_ssize_t, shared, _Py_REF_SHARED_SHIFT);
        refcnt += local + extra;
        merged = _Py_REF_SHARED(refcnt, _Py_REF_MERGED);
    } while (!__atomic_compare_exchange_n(&op->ob_ref_shared, &shared, merged, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    return merged >> _Py_REF_SHARED_SHIFT;
}

/* The owner has given up its last local reference. */
void
_Py_MergeZeroLocalRefcount(PyObject *op)
{
    assert(op->ob_ref_local == 0);
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, __ATOMIC_ACQUIRE);
    if (shared == 0) {
        /* The common case: nobody else ever counted it, nobody can be about to (a weak reference would have set
           a flag), so it may die without giving up ownership. */
        _Py_Dealloc(op);
        return;
    }
    /* Before the flag says "merged" the owner must be gone: others would take the local count for theirs. */
    __atomic_store_n(&op->ob_tid, 0, __ATOMIC_RELAXED);
    Py_ssize_t merged;
    do {
        merged = (shared & ~(Py_ssize_t)_Py_REF_SHARED_FLAG_MASK) | _Py_REF_MERGED;
    } while (!__atomic_compare_exchange_n(&op->ob_ref_shared, &shared, merged, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    if (merged == _Py_REF_MERGED) {
        _Py_Dealloc(op);
    }
}

/* A decrement by a thread that is not the owner. */
void
_Py_DecRefShared(PyObject *op)
{
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED);
    Py_ssize_t updated;
    int queue;
    do {
        /* At plain zero (or maybe-weakref with count zero) this takes the count below zero: the owner has to
           merge, and the queue gets our reference instead. */
        queue = shared == 0 || shared == _Py_REF_MAYBE_WEAKREF;
        updated = queue ? _Py_REF_QUEUED : shared - ((Py_ssize_t)1 << _Py_REF_SHARED_SHIFT);
    } while (!__atomic_compare_exchange_n(&op->ob_ref_shared, &shared, updated, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    if (queue) {
        _Py_brc_queue_object(op);
    }
    else if (updated == _Py_REF_MERGED) {
        assert(op->ob_ref_local == 0);
        _Py_Dealloc(op);
    }
}

void
_Py_DecRefSharedDebug(PyObject *op, const char *filename, int lineno)
{
    (void)filename;
    (void)lineno;
    _Py_DecRefShared(op);
}

int
_Py_TryIncRefShared(PyObject *op)
{
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED);
    for (;;) {
        /* Zero and plain: the owner may deallocate without looking at this word.  Merged: it is dead. */
        if (shared == 0 || shared == _Py_REF_MERGED) {
            return 0;
        }
        if (__atomic_compare_exchange_n(&op->ob_ref_shared, &shared,
                                        shared + ((Py_ssize_t)1 << _Py_REF_SHARED_SHIFT), 0,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return 1;
        }
    }
}

Py_ssize_t
_PyObject_RealRefcount(PyObject *op)
{
    Py_ssize_t count = (Py_ssize_t)op->ob_ref_local
        + Py_ARITHMETIC_RIGHT_SHIFT(Py_ssize_t, op->ob_ref_shared, _Py_REF_SHARED_SHIFT);
    if (_PyObject_HasDeferredRefcount(op)) {
        count -= _Py_REF_DEFERRED;
    }
    return count;
}

/* -- Queues ---------------- */

void
_Py_brc_queue_object(PyObject *op)
{
    uintptr_t tid = __atomic_load_n(&op->ob_tid, __ATOMIC_ACQUIRE);
    if (tid == 0) {
        /* Merged since: drop the reference that the queue would have held. */
        Py_DECREF(op);
        return;
    }
    struct brc_bucket *bucket = bucket_of(tid);
    bucket_lock(bucket);
    _PyThreadStateImpl *owner = bucket_find(bucket, tid);
    if (owner == NULL) {
        /* The owner is gone.  Nobody can become it: a new thread with this id needs the bucket first. */
        Py_ssize_t refcnt = _Py_ExplicitMergeRefcount(op, -1);
        bucket_unlock(bucket);
        if (refcnt == 0) {
            _Py_Dealloc(op);
        }
        return;
    }
    if (array_push(&owner->brc.to_merge, op) < 0) {
        bucket_unlock(bucket);
        /* No memory for the queue: merge it here, with the owner stopped. */
        PyInterpreterState *interp = owner->base.interp;
        _PyEval_StopTheWorld(interp);
        Py_ssize_t refcnt = _Py_ExplicitMergeRefcount(op, -1);
        _PyEval_StartTheWorld(interp);
        if (refcnt == 0) {
            _Py_Dealloc(op);
        }
        return;
    }
    _Py_set_eval_breaker_bit(&owner->base, _PY_EVAL_EXPLICIT_MERGE_BIT);
    bucket_unlock(bucket);
}

static void
merge_queued(struct _brc_array *array)
{
    PyObject *op;
    while ((op = array_pop(array)) != NULL) {
        /* Less the reference that the queue held. */
        if (_Py_ExplicitMergeRefcount(op, -1) == 0) {
            _Py_Dealloc(op);
        }
    }
}

void
_Py_brc_merge_refcounts(PyThreadState *tstate)
{
    struct _brc_thread_state *brc = &((_PyThreadStateImpl *)tstate)->brc;
    struct brc_bucket *bucket = bucket_of(brc->tid);

    /* Deallocation may run Python code that gets here again: it goes on with the same local queue. */
    bucket_lock(bucket);
    if (brc->local.count == 0) {
        struct _brc_array taken = brc->to_merge;
        brc->to_merge = brc->local;
        brc->local = taken;
    }
    else {
        PyObject *op;
        while ((op = array_pop(&brc->to_merge)) != NULL) {
            if (array_push(&brc->local, op) < 0) {
                brc->to_merge.items[brc->to_merge.count++] = op;
                break;
            }
        }
    }
    bucket_unlock(bucket);
    merge_queued(&brc->local);
}

void
_Py_brc_init_thread(PyThreadState *tstate)
{
    struct _brc_thread_state *brc = &((_PyThreadStateImpl *)tstate)->brc;
    brc->tid = _Py_ThreadId();
    struct brc_bucket *bucket = bucket_of(brc->tid);
    bucket_lock(bucket);
    brc->next = bucket->threads;
    bucket->threads = brc;
    brc->linked = 1;
    bucket_unlock(bucket);
}

/* The thread state goes away, in its own thread (attached) or after fork: what is queued is merged now. */
void
_Py_brc_remove_thread(PyThreadState *tstate)
{
    struct _brc_thread_state *brc = &((_PyThreadStateImpl *)tstate)->brc;
    if (!brc->linked) {
        return;
    }
    struct brc_bucket *bucket = bucket_of(brc->tid);
    for (;;) {
        bucket_lock(bucket);
        if (brc->to_merge.count == 0 && brc->local.count == 0) {
            break;
        }
        bucket_unlock(bucket);
        _Py_brc_merge_refcounts(tstate);
    }
    for (struct _brc_thread_state **link = &bucket->threads; *link != NULL; link = &(*link)->next) {
        if (*link == brc) {
            *link = brc->next;
            break;
        }
    }
    brc->linked = 0;
    bucket_unlock(bucket);
    array_clear(&brc->to_merge);
    array_clear(&brc->local);
}

void
_Py_brc_after_fork(PyThreadState *current)
{
    (void)current;
    for (int i = 0; i < BRC_NUM_BUCKETS; i++) {
        _PyMutex_at_fork_reinit(&brc_buckets[i].mutex);
    }
}

#endif  // Py_GIL_DISABLED

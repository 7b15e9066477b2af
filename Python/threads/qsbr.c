/* Grace periods and release queues (PROTOCOLS P1 to P3).

   What a writer unlinks from a shared container waits in the writer's open batch.  The batch is closed at the
   writer's next poll, or when it is full: the epoch is advanced and becomes the batch's goal, every attached
   thread is asked to publish.  A batch is released, by a poll, when every attached thread has seen its goal.
   Locking: batches belong to one thread, or stand on the list of orphans under _Py_qsbr.mutex.  Releasing runs
   arbitrary code: it happens in polls only, with no lock held and outside of critical sections' bodies. */
#include "Python.h"
#include "pycore_ceval.h"    // _Py_set_eval_breaker_bit
#include "pycore_multithreaded.h" // _Py_qsbr_is_idle
#include "pycore_object.h"   // _Py_RetireRefSlow
#include "pycore_pystate.h"  // HEAD_LOCK
#include "pycore_qsbr.h"

#ifdef Py_GIL_DISABLED

/* An item's low bits say what it is. */
#define ITEM_REF  0
#define ITEM_MEM  1
#define ITEM_CALL 2   // the next item is the function
#define ITEM_MASK 3

#ifdef Py_DEBUG
#  define BATCH_ITEMS 2          // the rare path made common
#else
#  define BATCH_ITEMS 510
#endif
/* While other threads are attached a poll leaves a batch open that is younger and smaller than this: each closing
   sends every attached thread through its breaker. */
#define CLOSE_ITEMS 64
#define CLOSE_INTERVAL_NS (1000 * 1000)
/* Items in one thread's closed batches past which it waits for the others. */
#define WAIT_LIMIT (64 * 4096)

struct _Py_retire_batch {
    struct _Py_retire_batch *next;
    uint64_t goal;               // const once closed
    uint32_t count;
    uint32_t done;               // items released: a release may be interrupted by its own callees
    uintptr_t items[BATCH_ITEMS + 1];
};

struct _Py_qsbr_shared _Py_qsbr = {.epoch = 1};

static struct _Py_qsbr_thread *
qsbr_of(PyThreadState *tstate)
{
    return &((_PyThreadStateImpl *)tstate)->qsbr;
}

/* -- Epochs ---------------- */

static void
publish(struct _Py_qsbr_thread *qsbr)
{
    /* Acquire: what was unlinked before the epoch was advanced cannot be loaded by this thread any more. */
    uint64_t epoch = __atomic_load_n(&_Py_qsbr.epoch, __ATOMIC_ACQUIRE);
    __atomic_store_n(&qsbr->seen, epoch, __ATOMIC_RELEASE);
}

/* The smallest epoch that an attached thread has seen.  HEAD_LOCK held. */
static uint64_t
min_seen_lock_held(void)
{
    uint64_t min = __atomic_load_n(&_Py_qsbr.epoch, __ATOMIC_ACQUIRE);
    for (PyInterpreterState *interp = _PyRuntime.interpreters.head; interp != NULL; interp = interp->next) {
        _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t) {
            /* Sequentially consistent: pairs with the fence in _Py_qsbr_attach().  A thread seen here as
               detached or suspended reads nothing that was unlinked before. */
            if (__atomic_load_n(&t->state, __ATOMIC_SEQ_CST) == _Py_THREAD_ATTACHED) {
                uint64_t seen = __atomic_load_n(&qsbr_of(t)->seen, __ATOMIC_ACQUIRE);
                if (seen < min) {
                    min = seen;
                }
            }
        }
    }
    return min;
}

static uint64_t
min_seen(void)
{
    HEAD_LOCK(&_PyRuntime);
    uint64_t min = min_seen_lock_held();
    HEAD_UNLOCK(&_PyRuntime);
    return min;
}

static int
others_attached(PyThreadState *self)
{
    int found = 0;
    HEAD_LOCK(&_PyRuntime);
    for (PyInterpreterState *interp = _PyRuntime.interpreters.head; interp && !found; interp = interp->next) {
        _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t) {
            if (t != self && __atomic_load_n(&t->state, __ATOMIC_SEQ_CST) == _Py_THREAD_ATTACHED) {
                found = 1;
                break;
            }
        }
    }
    HEAD_UNLOCK(&_PyRuntime);
    return found;
}

/* Asks every other attached thread to publish. */
static void
request_publish(PyThreadState *self)
{
    HEAD_LOCK(&_PyRuntime);
    for (PyInterpreterState *interp = _PyRuntime.interpreters.head; interp != NULL; interp = interp->next) {
        _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t) {
            if (t != self && __atomic_load_n(&t->state, __ATOMIC_SEQ_CST) == _Py_THREAD_ATTACHED) {
                _Py_set_eval_breaker_bit(t, _PY_QSBR_PUBLISH_BIT);
            }
        }
    }
    HEAD_UNLOCK(&_PyRuntime);
}

/* Somebody waits for a grace period and this thread may have been the last one: tell those who can go on. */
static void
notify_waiters(PyThreadState *self)
{
    HEAD_LOCK(&_PyRuntime);
    uint64_t min = min_seen_lock_held();
    for (PyInterpreterState *interp = _PyRuntime.interpreters.head; interp != NULL; interp = interp->next) {
        _Py_FOR_EACH_TSTATE_UNLOCKED(interp, t) {
            uint64_t goal = __atomic_load_n(&qsbr_of(t)->waiting_goal, __ATOMIC_RELAXED);
            if (t != self && goal != 0 && goal <= min) {
                _Py_set_eval_breaker_bit(t, _PY_QSBR_PUBLISH_BIT);
            }
        }
    }
    HEAD_UNLOCK(&_PyRuntime);
}

/* -- Batches ---------------- */

static struct _Py_retire_batch *
batch_new(void)
{
    struct _Py_retire_batch *batch = PyMem_RawMalloc(sizeof(*batch));
    if (batch != NULL) {
        batch->next = NULL;
        batch->goal = 0;
        batch->count = 0;
        batch->done = 0;
    }
    return batch;
}

/* May run Python code. */
static void
batch_release(struct _Py_retire_batch *batch)
{
    while (batch->done < batch->count) {
        uintptr_t item = batch->items[batch->done++];
        void *p = (void *)(item & ~(uintptr_t)ITEM_MASK);
        switch (item & ITEM_MASK) {
        case ITEM_REF:
            Py_DECREF((PyObject *)p);
            break;
        case ITEM_MEM:
            PyMem_Free(p);
            break;
        case ITEM_CALL: {
            void (*fn)(void *) = (void (*)(void *))batch->items[batch->done++];
            fn(p);
            break;
        }
        default:
            Py_UNREACHABLE();
        }
    }
    PyMem_RawFree(batch);
}

static void
update_waiting_goal(struct _Py_qsbr_thread *qsbr)
{
    uint64_t old = qsbr->waiting_goal;
    uint64_t goal = qsbr->closed == NULL ? 0 : qsbr->closed->goal;
    __atomic_store_n(&qsbr->waiting_goal, goal, __ATOMIC_RELAXED);
    if (old == 0 && goal != 0) {
        __atomic_fetch_add(&_Py_qsbr.waiters, 1, __ATOMIC_SEQ_CST);
    }
    else if (old != 0 && goal == 0) {
        __atomic_fetch_sub(&_Py_qsbr.waiters, 1, __ATOMIC_SEQ_CST);
    }
}

static void
close_batch(struct _Py_qsbr_thread *qsbr)
{
    struct _Py_retire_batch *batch = qsbr->open;
    if (batch == NULL || batch->count == 0) {
        return;
    }
    qsbr->open = NULL;
    /* Sequentially consistent: orders the unlinking stores before the loads of the other threads' states. */
    batch->goal = __atomic_add_fetch(&_Py_qsbr.epoch, 1, __ATOMIC_SEQ_CST);
    if (qsbr->closed == NULL) {
        qsbr->closed = batch;
    }
    else {
        *qsbr->closed_tail = batch;
    }
    qsbr->closed_tail = &batch->next;
    qsbr->pending += batch->count;
    (void)PyTime_MonotonicRaw(&qsbr->last_close);
}

/* Is it worth the others' time? */
static int
should_close(PyThreadState *tstate, struct _Py_qsbr_thread *qsbr)
{
    if (qsbr->open == NULL || qsbr->open->count == 0) {
        return 0;
    }
    if (qsbr->open->count >= CLOSE_ITEMS) {
        return 1;
    }
    PyTime_t now;
    (void)PyTime_MonotonicRaw(&now);
    return now - qsbr->last_close >= CLOSE_INTERVAL_NS || !others_attached(tstate);
}

/* Takes what is ripe of a list whose goals ascend. */
static struct _Py_retire_batch *
take_ripe(struct _Py_retire_batch **list, uint64_t min)
{
    struct _Py_retire_batch *first = *list, **link = list;
    while (*link != NULL && (*link)->goal <= min) {
        link = &(*link)->next;
    }
    if (link == list) {
        return NULL;
    }
    *list = *link;
    *link = NULL;
    return first;
}

static void
release_list(struct _Py_retire_batch *list)
{
    while (list != NULL) {
        struct _Py_retire_batch *batch = list;
        list = batch->next;
        batch_release(batch);
    }
}

/* Orphans are not ordered: each is looked at. */
static struct _Py_retire_batch *
take_ripe_orphans(uint64_t min)
{
    struct _Py_retire_batch *ripe = NULL;
    PyMutex_LockFlags(&_Py_qsbr.mutex, _Py_LOCK_DONT_DETACH);
    struct _Py_retire_batch **link = &_Py_qsbr.orphans;
    while (*link != NULL) {
        struct _Py_retire_batch *batch = *link;
        if (batch->goal <= min) {
            __atomic_store_n(link, batch->next, __ATOMIC_RELAXED);
            batch->next = ripe;
            ripe = batch;
        }
        else {
            link = &batch->next;
        }
    }
    PyMutex_Unlock(&_Py_qsbr.mutex);
    return ripe;
}

static int
have_orphans(void)
{
    /* Relaxed: a hint; looked at again under the mutex. */
    return __atomic_load_n(&_Py_qsbr.orphans, __ATOMIC_RELAXED) != NULL;
}

static void
release_ripe(PyThreadState *tstate)
{
    struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
    if (qsbr->closed == NULL && !have_orphans()) {
        return;
    }
    uint64_t min = min_seen();
    struct _Py_retire_batch *own = take_ripe(&qsbr->closed, min);
    update_waiting_goal(qsbr);
    for (struct _Py_retire_batch *batch = own; batch != NULL; batch = batch->next) {
        qsbr->pending -= batch->count;
    }
    struct _Py_retire_batch *orphans = have_orphans() ? take_ripe_orphans(min) : NULL;
    release_list(own);
    release_list(orphans);
}

/* -- Quiescent points ---------------- */

void
_Py_qsbr_poll(PyThreadState *tstate)
{
    struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
    if (qsbr->releasing) {
        /* A finalizer that a release runs polls: what it retires waits for the outer poll's thread to come
           by again, but the epoch is published, because nothing above us reads without counting. */
        publish(qsbr);
        return;
    }
    int closing = should_close(tstate, qsbr);
    if (closing) {
        close_batch(qsbr);
    }
    publish(qsbr);
    if (closing) {
        update_waiting_goal(qsbr);
        request_publish(tstate);
    }
    if (__atomic_load_n(&_Py_qsbr.waiters, __ATOMIC_RELAXED) != 0) {
        notify_waiters(tstate);
    }
    qsbr->releasing = 1;
    PyObject *exc = tstate->current_exception;
    tstate->current_exception = NULL;
    release_ripe(tstate);
    if (qsbr->pending > WAIT_LIMIT) {
        _PyEval_WaitGracePeriod();
        release_ripe(tstate);
    }
    assert(tstate->current_exception == NULL);
    tstate->current_exception = exc;
    qsbr->releasing = 0;
}

void
_Py_qsbr_attach(PyThreadState *tstate)
{
    publish(qsbr_of(tstate));
    /* Pairs with close_batch(): either the closer sees us attached, or we see what it unlinked. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (have_orphans()) {
        _Py_set_eval_breaker_bit(tstate, _PY_QSBR_PUBLISH_BIT);
    }
}

/* The thread is about to block: who stays attached, or attaches first, releases what it has retired. */
void
_Py_qsbr_detach(PyThreadState *tstate)
{
    struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
    if (qsbr->open != NULL || qsbr->closed != NULL) {
        close_batch(qsbr);
        struct _Py_retire_batch *list = qsbr->closed;
        if (list != NULL) {
            qsbr->closed = NULL;
            qsbr->pending = 0;
            update_waiting_goal(qsbr);
            PyMutex_LockFlags(&_Py_qsbr.mutex, _Py_LOCK_DONT_DETACH);
            *qsbr->closed_tail = _Py_qsbr.orphans;
            __atomic_store_n(&_Py_qsbr.orphans, list, __ATOMIC_RELAXED);
            PyMutex_Unlock(&_Py_qsbr.mutex);
            request_publish(tstate);
        }
    }
}

void
_Py_qsbr_fini_thread(PyThreadState *tstate)
{
    struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
    _Py_qsbr_detach(tstate);
    if (qsbr->open != NULL) {
        assert(qsbr->open->count == 0);
        PyMem_RawFree(qsbr->open);
        qsbr->open = NULL;
    }
}

void
_Py_qsbr_release_all(PyThreadState *tstate)
{
    struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
    while (qsbr->closed != NULL || have_orphans() || (qsbr->open != NULL && qsbr->open->count > 0)) {
        close_batch(qsbr);
        struct _Py_retire_batch *list = qsbr->closed;
        qsbr->closed = NULL;
        qsbr->pending = 0;
        update_waiting_goal(qsbr);
        release_list(list);
        release_list(take_ripe_orphans(UINT64_MAX));
    }
}

int
_Py_qsbr_is_idle(PyThreadState *tstate)
{
    struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
    return qsbr->closed == NULL && !have_orphans() && (qsbr->open == NULL || qsbr->open->count == 0);
}

void
_Py_qsbr_after_fork(PyThreadState *tstate)
{
    _PyMutex_at_fork_reinit(&_Py_qsbr.mutex);
    _Py_qsbr.waiters = 0;
    if (tstate != NULL) {
        struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
        qsbr->waiting_goal = 0;
        update_waiting_goal(qsbr);
    }
}

void
_PyEval_WaitGracePeriod(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_Py_multithreaded) {
        return;
    }
    uint64_t goal = __atomic_add_fetch(&_Py_qsbr.epoch, 1, __ATOMIC_SEQ_CST);
    request_publish(tstate);
    /* Detached: others may need this thread out of their way to get to their quiescent points. */
    for (int rounds = 0; ; rounds++) {
        publish(qsbr_of(tstate));
        if (min_seen() >= goal) {
            break;
        }
        Py_BEGIN_ALLOW_THREADS
        if (rounds < 10) {
            _Py_yield();
        }
        else {
            struct timespec pause = {.tv_nsec = 50000};
            nanosleep(&pause, NULL);
        }
        Py_END_ALLOW_THREADS
    }
}

/* -- Retiring ---------------- */

/* With no memory for a batch: wait for a grace period and release the item here. */
static void
retire_without_memory(uintptr_t item, uintptr_t fn)
{
    _PyEval_WaitGracePeriod();
    void *p = (void *)(item & ~(uintptr_t)ITEM_MASK);
    if ((item & ITEM_MASK) == ITEM_REF) {
        Py_DECREF((PyObject *)p);
    }
    else if ((item & ITEM_MASK) == ITEM_MEM) {
        PyMem_Free(p);
    }
    else {
        ((void (*)(void *))fn)(p);
    }
}

static void
retire(uintptr_t item, uintptr_t fn)
{
    PyThreadState *tstate = _PyThreadState_GET();
    struct _Py_qsbr_thread *qsbr = qsbr_of(tstate);
    if (qsbr->open != NULL && qsbr->open->count + (fn != 0) >= BATCH_ITEMS) {
        close_batch(qsbr);
        update_waiting_goal(qsbr);
        request_publish(tstate);
    }
    if (qsbr->open == NULL) {
        qsbr->open = batch_new();
        if (qsbr->open == NULL) {
            retire_without_memory(item, fn);
            return;
        }
    }
    struct _Py_retire_batch *batch = qsbr->open;
    if (batch->count % CLOSE_ITEMS == 0) {
        _Py_set_eval_breaker_bit(tstate, _PY_QSBR_PUBLISH_BIT);
    }
    batch->items[batch->count++] = item;
    if (fn != 0) {
        batch->items[batch->count++] = fn;
    }
}

void
_Py_RetireRefSlow(PyObject *old)
{
    if (!_Py_IsImmortal(old)) {
        retire((uintptr_t)old | ITEM_REF, 0);
    }
}

void
_Py_RetireMemSlow(void *mem)
{
    if (mem != NULL) {
        retire((uintptr_t)mem | ITEM_MEM, 0);
    }
}

void
_Py_RetireCall(void (*fn)(void *), void *arg)
{
    if (!_Py_multithreaded) {
        fn(arg);
        return;
    }
    assert(((uintptr_t)arg & ITEM_MASK) == 0);
    retire((uintptr_t)arg | ITEM_CALL, (uintptr_t)fn);
}

#endif  // Py_GIL_DISABLED

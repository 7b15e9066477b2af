/* Parking lot: threads that wait on an address, so that a lock can be one byte.

   Invariant: an entry is linked in the bucket of its address exactly while its thread waits and nobody has
   chosen it; who wakes a thread unlinks the entry first and touches it last with the semaphore's post.
   Locking: each bucket has a raw mutex, innermost of all locks; no Python code and no allocation under it.
   Source: "Locking in WebKit" (F. Pizlo, 2016). */
#include "Python.h"
#include "pycore_lock.h"         // _PyRawMutex
#include "pycore_parking_lot.h"
#include "pycore_pystate.h"      // _PyThreadState_GET
#include "pycore_time.h"         // PyTime_t

#include <errno.h>
#include <semaphore.h>

/* A prime, so that addresses in strides spread; one in the debug build, so that collisions are common. */
#ifdef Py_DEBUG
#  define NUM_BUCKETS 1
#else
#  define NUM_BUCKETS 257
#endif

struct wait_entry {
    struct wait_entry *next, *prev;  // guarded by the bucket's mutex
    uintptr_t address;               // const
    void *park_arg;                  // const
    int is_unparking;                // guarded by the bucket's mutex: unlinked by a waker
    _PySemaphore sema;
};

struct bucket {
    _PyRawMutex mutex;
    struct wait_entry *first, *last; // guarded by mutex: oldest first
    size_t num_waiters;              // guarded by mutex
} __attribute__((aligned(64)));

static struct bucket buckets[NUM_BUCKETS];

static struct bucket *
bucket_of(uintptr_t address)
{
    return &buckets[(address >> 3 ^ address) % NUM_BUCKETS];
}

/* -- Semaphores ---------------- */

void
_PySemaphore_Init(_PySemaphore *sema)
{
    if (sem_init(&sema->platform_sem, 0, 0) < 0) {
        Py_FatalError("parking_lot: sem_init failed");
    }
}

void
_PySemaphore_Destroy(_PySemaphore *sema)
{
    sem_destroy(&sema->platform_sem);
}

static int
semaphore_wait_once(_PySemaphore *sema, PyTime_t timeout_ns)
{
    int err;
    if (timeout_ns >= 0) {
        struct timespec ts;
        PyTime_t now;
        (void)PyTime_MonotonicRaw(&now);
        PyTime_t deadline = timeout_ns > PyTime_MAX - now ? PyTime_MAX : now + timeout_ns;
        ts.tv_sec = (time_t)(deadline / 1000000000);
        ts.tv_nsec = (long)(deadline % 1000000000);
        err = sem_clockwait(&sema->platform_sem, CLOCK_MONOTONIC, &ts);
    }
    else {
        err = sem_wait(&sema->platform_sem);
    }
    if (err == 0) {
        return Py_PARK_OK;
    }
    switch (errno) {
    case EINTR:
        return Py_PARK_INTR;
    case ETIMEDOUT:
        return Py_PARK_TIMEOUT;
    default:
        Py_FatalError("parking_lot: waiting on a semaphore failed");
    }
}

int
_PySemaphore_Wait(_PySemaphore *sema, PyTime_t timeout_ns)
{
    return semaphore_wait_once(sema, timeout_ns);
}

void
_PySemaphore_Wakeup(_PySemaphore *sema)
{
    if (sem_post(&sema->platform_sem) != 0) {
        Py_FatalError("parking_lot: sem_post failed");
    }
}

/* -- Raw mutex ---------------- */

struct raw_waiter {
    struct raw_waiter *next;
    _PySemaphore sema;
};

void
_PyRawMutex_LockSlow(_PyRawMutex *m)
{
    struct raw_waiter waiter;
    _PySemaphore_Init(&waiter.sema);
    uintptr_t v = __atomic_load_n(&m->v, __ATOMIC_RELAXED);
    for (;;) {
        if ((v & _Py_LOCKED) == 0) {
            if (__atomic_compare_exchange_n(&m->v, &v, v | _Py_LOCKED, 0,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                break;
            }
            continue;
        }
        waiter.next = (struct raw_waiter *)(v & ~(uintptr_t)_Py_LOCKED);
        /* Release: the waker reads waiter.next.  The other party may be the holder or another waiter. */
        if (!__atomic_compare_exchange_n(&m->v, &v, (uintptr_t)&waiter | _Py_LOCKED, 0,
                                         __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
            continue;
        }
        while (semaphore_wait_once(&waiter.sema, -1) != Py_PARK_OK) {
        }
        v = __atomic_load_n(&m->v, __ATOMIC_RELAXED);
    }
    _PySemaphore_Destroy(&waiter.sema);
}

void
_PyRawMutex_UnlockSlow(_PyRawMutex *m)
{
    uintptr_t v = __atomic_load_n(&m->v, __ATOMIC_ACQUIRE);
    for (;;) {
        if ((v & _Py_LOCKED) == 0) {
            Py_FatalError("unlocking mutex that is not locked");
        }
        struct raw_waiter *waiter = (struct raw_waiter *)(v & ~(uintptr_t)_Py_LOCKED);
        uintptr_t next = waiter == NULL ? 0 : (uintptr_t)waiter->next;
        if (__atomic_compare_exchange_n(&m->v, &v, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            if (waiter != NULL) {
                _PySemaphore_Wakeup(&waiter->sema);
            }
            return;
        }
    }
}

/* -- Buckets ---------------- */

static void
bucket_append(struct bucket *bucket, struct wait_entry *entry)
{
    entry->next = NULL;
    entry->prev = bucket->last;
    if (bucket->last != NULL) {
        bucket->last->next = entry;
    }
    else {
        bucket->first = entry;
    }
    bucket->last = entry;
    bucket->num_waiters++;
}

static void
bucket_remove(struct bucket *bucket, struct wait_entry *entry)
{
    if (entry->prev != NULL) {
        entry->prev->next = entry->next;
    }
    else {
        bucket->first = entry->next;
    }
    if (entry->next != NULL) {
        entry->next->prev = entry->prev;
    }
    else {
        bucket->last = entry->prev;
    }
    bucket->num_waiters--;
}

/* Unlinks the oldest waiter on address. */
static struct wait_entry *
bucket_pop(struct bucket *bucket, uintptr_t address, int *more)
{
    struct wait_entry *found = NULL;
    *more = 0;
    for (struct wait_entry *entry = bucket->first; entry != NULL; entry = entry->next) {
        if (entry->address != address) {
            continue;
        }
        if (found != NULL) {
            *more = 1;
            break;
        }
        found = entry;
    }
    if (found != NULL) {
        bucket_remove(bucket, found);
        found->is_unparking = 1;
    }
    return found;
}

static int
value_equals(const void *address, const void *expected, size_t size)
{
    switch (size) {
    case 1:
        return __atomic_load_n((const uint8_t *)address, __ATOMIC_SEQ_CST) == *(const uint8_t *)expected;
    case 2:
        return __atomic_load_n((const uint16_t *)address, __ATOMIC_SEQ_CST) == *(const uint16_t *)expected;
    case 4:
        return __atomic_load_n((const uint32_t *)address, __ATOMIC_SEQ_CST) == *(const uint32_t *)expected;
    case 8:
        return __atomic_load_n((const uint64_t *)address, __ATOMIC_SEQ_CST) == *(const uint64_t *)expected;
    default:
        Py_UNREACHABLE();
    }
}

/* -- Operations ---------------- */

static int
entry_wait(struct wait_entry *entry, PyTime_t timeout_ns, int detach)
{
    PyThreadState *tstate = NULL;
    if (detach) {
        tstate = _PyThreadState_GET();
        if (tstate != NULL && _PyThreadState_IsAttached(tstate)) {
            _PyThreadState_Detach(tstate);
        }
        else {
            tstate = NULL;
        }
    }
    int result = semaphore_wait_once(&entry->sema, timeout_ns);
    if (tstate != NULL) {
        /* Attaching may wait and be interrupted; errno of the wait is not looked at any more. */
        _PyThreadState_Attach(tstate);
    }
    return result;
}

int
_PyParkingLot_Park(const void *address, const void *expected, size_t size,
                   PyTime_t timeout_ns, void *park_arg, int detach)
{
    struct wait_entry entry = {.address = (uintptr_t)address, .park_arg = park_arg};
    struct bucket *bucket = bucket_of((uintptr_t)address);

    _PyRawMutex_Lock(&bucket->mutex);
    if (!value_equals(address, expected, size)) {
        _PyRawMutex_Unlock(&bucket->mutex);
        return Py_PARK_AGAIN;
    }
    _PySemaphore_Init(&entry.sema);
    bucket_append(bucket, &entry);
    _PyRawMutex_Unlock(&bucket->mutex);

    int result = entry_wait(&entry, timeout_ns, detach);
    if (result == Py_PARK_OK) {
        goto done;
    }
    /* Timed out or interrupted, unless somebody has chosen us meanwhile: then its post is on the way. */
    _PyRawMutex_Lock(&bucket->mutex);
    if (entry.is_unparking) {
        _PyRawMutex_Unlock(&bucket->mutex);
        while (semaphore_wait_once(&entry.sema, -1) != Py_PARK_OK) {
        }
        result = Py_PARK_OK;
        goto done;
    }
    bucket_remove(bucket, &entry);
    _PyRawMutex_Unlock(&bucket->mutex);
done:
    _PySemaphore_Destroy(&entry.sema);
    return result;
}

void
_PyParkingLot_Unpark(const void *address, _Py_unpark_fn_t *fn, void *arg)
{
    struct bucket *bucket = bucket_of((uintptr_t)address);
    int more;

    _PyRawMutex_Lock(&bucket->mutex);
    struct wait_entry *waiter = bucket_pop(bucket, (uintptr_t)address, &more);
    fn(arg, waiter == NULL ? NULL : waiter->park_arg, more);
    _PyRawMutex_Unlock(&bucket->mutex);
    if (waiter != NULL) {
        _PySemaphore_Wakeup(&waiter->sema);
    }
}

void
_PyParkingLot_UnparkAll(const void *address)
{
    struct bucket *bucket = bucket_of((uintptr_t)address);
    struct wait_entry *woken = NULL;

    _PyRawMutex_Lock(&bucket->mutex);
    for (struct wait_entry *entry = bucket->first, *next; entry != NULL; entry = next) {
        next = entry->next;
        if (entry->address == (uintptr_t)address) {
            bucket_remove(bucket, entry);
            entry->is_unparking = 1;
            entry->next = woken;
            woken = entry;
        }
    }
    _PyRawMutex_Unlock(&bucket->mutex);

    while (woken != NULL) {
        struct wait_entry *entry = woken;
        woken = entry->next;  // read before the post: the entry is on the other thread's stack
        _PySemaphore_Wakeup(&entry->sema);
    }
}

void
_PyParkingLot_AfterFork(void)
{
    memset(buckets, 0, sizeof(buckets));
}

/* PyMutex and the other locks that are built from the parking lot: events, once, readers-writer, sequence and
   recursive locks.

   PyMutex: bit 0 is "locked", bit 1 "somebody is parked".  A waiter that has slept for a millisecond gets the
   lock handed over; younger ones compete with whoever comes by (barging is faster, hand-off prevents
   starvation). */
#include "Python.h"
#include "pycore_lock.h"
#include "pycore_parking_lot.h"  // _PyParkingLot_Park
#include "pycore_pystate.h"      // _PyThreadState_GET
#include "pycore_time.h"         // _PyDeadline_Init

#include <sched.h>

/* After this time in the queue the unlocking thread hands the lock over. */
static const PyTime_t TIME_TO_BE_FAIR_NS = 1000 * 1000;

/* Attempts before a waiter parks.  With the GIL the holder cannot run while we spin. */
#ifdef Py_GIL_DISABLED
static const int MAX_SPIN_COUNT = 40;
#else
static const int MAX_SPIN_COUNT = 0;
#endif

struct mutex_entry {
    PyTime_t time_to_be_fair;  // const
    int handed_off;            // written by the unlocking thread before it wakes us
};

void
_Py_yield(void)
{
    sched_yield();
}

/* -- PyMutex ---------------- */

/* PY_LOCK_INTR or, to go on, PY_LOCK_ACQUIRED. */
static PyLockStatus
mutex_interrupted(_PyLockFlags flags)
{
    if (flags & _PY_FAIL_IF_INTERRUPTED) {
        return PY_LOCK_INTR;
    }
    if ((flags & _PY_LOCK_HANDLE_SIGNALS) && Py_MakePendingCalls() < 0) {
        return PY_LOCK_INTR;
    }
    return PY_LOCK_ACQUIRED;
}

PyLockStatus
_PyMutex_LockTimed(PyMutex *m, PyTime_t timeout, _PyLockFlags flags)
{
    uint8_t v = __atomic_load_n(&m->_bits, __ATOMIC_RELAXED);
    if ((v & _Py_LOCKED) == 0
        && __atomic_compare_exchange_n(&m->_bits, &v, v | _Py_LOCKED, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        return PY_LOCK_ACQUIRED;
    }
    if (timeout == 0) {
        return PY_LOCK_FAILURE;
    }

    PyTime_t now;
    (void)PyTime_MonotonicRaw(&now);
    PyTime_t deadline = timeout > 0 ? _PyTime_Add(now, timeout) : 0;
    struct mutex_entry entry = {.time_to_be_fair = now + TIME_TO_BE_FAIR_NS};
    int spins = 0;

    for (;;) {
        if ((v & _Py_LOCKED) == 0) {
            if (__atomic_compare_exchange_n(&m->_bits, &v, v | _Py_LOCKED, 0,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                return PY_LOCK_ACQUIRED;
            }
            continue;
        }
        if ((v & _Py_HAS_PARKED) == 0 && spins < MAX_SPIN_COUNT) {
            _Py_yield();
            spins++;
            v = __atomic_load_n(&m->_bits, __ATOMIC_RELAXED);
            continue;
        }
        if (timeout == 0) {
            return PY_LOCK_FAILURE;
        }
        if ((flags & _PY_LOCK_PYTHONLOCK) && Py_IsFinalizing()) {
            /* The holder is a thread that will not run again. */
            PyThreadState *tstate = _PyThreadState_GET();
            if (tstate == NULL || _PyThreadState_MustExit(tstate)) {
                return PY_LOCK_FAILURE;
            }
        }
        uint8_t parked = v | _Py_HAS_PARKED;
        if (v != parked
            && !__atomic_compare_exchange_n(&m->_bits, &v, parked, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            continue;
        }
        int result = _PyParkingLot_Park(&m->_bits, &parked, sizeof(parked), timeout, &entry,
                                        (flags & _PY_LOCK_DETACH) != 0);
        if (result == Py_PARK_OK && entry.handed_off) {
            /* Acquire pairs with the release of the thread that kept the bit set for us. */
            v = __atomic_load_n(&m->_bits, __ATOMIC_ACQUIRE);
            assert(v & _Py_LOCKED);
            return PY_LOCK_ACQUIRED;
        }
        if (result == Py_PARK_INTR && mutex_interrupted(flags) == PY_LOCK_INTR) {
            return PY_LOCK_INTR;
        }
        if (result == Py_PARK_TIMEOUT) {
            return PY_LOCK_FAILURE;
        }
        if (timeout > 0) {
            timeout = _PyDeadline_Get(deadline);
            if (timeout <= 0) {
                timeout = 0;  // one more attempt
            }
        }
        v = __atomic_load_n(&m->_bits, __ATOMIC_RELAXED);
    }
}

static void
mutex_unpark(void *arg, void *park_arg, int has_more_waiters)
{
    PyMutex *m = arg;
    struct mutex_entry *entry = park_arg;
    uint8_t v = 0;
    if (entry != NULL) {
        PyTime_t now;
        (void)PyTime_MonotonicRaw(&now);
        entry->handed_off = now > entry->time_to_be_fair;
        if (entry->handed_off) {
            v |= _Py_LOCKED;
        }
        if (has_more_waiters) {
            v |= _Py_HAS_PARKED;
        }
    }
    __atomic_store_n(&m->_bits, v, __ATOMIC_RELEASE);
}

int
_PyMutex_TryUnlock(PyMutex *m)
{
    uint8_t v = __atomic_load_n(&m->_bits, __ATOMIC_RELAXED);
    for (;;) {
        if ((v & _Py_LOCKED) == 0) {
            return -1;
        }
        if (v & _Py_HAS_PARKED) {
            _PyParkingLot_Unpark(&m->_bits, mutex_unpark, m);
            return 0;
        }
        if (__atomic_compare_exchange_n(&m->_bits, &v, (uint8_t)_Py_UNLOCKED, 0,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
            return 0;
        }
    }
}

#undef PyMutex_Lock
void
PyMutex_Lock(PyMutex *m)
{
    _PyMutex_LockTimed(m, -1, _PY_LOCK_DETACH);
}

#undef PyMutex_Unlock
void
PyMutex_Unlock(PyMutex *m)
{
    if (_PyMutex_TryUnlock(m) < 0) {
        Py_FatalError("unlocking mutex that is not locked");
    }
}

#undef PyMutex_IsLocked
int
PyMutex_IsLocked(PyMutex *m)
{
    return _PyMutex_IsLocked(m);
}

/* -- Events ---------------- */

int
_PyEvent_IsSet(PyEvent *evt)
{
    return __atomic_load_n(&evt->v, __ATOMIC_ACQUIRE) == _Py_LOCKED;
}

void
_PyEvent_Notify(PyEvent *evt)
{
    uint8_t v = __atomic_exchange_n(&evt->v, (uint8_t)_Py_LOCKED, __ATOMIC_ACQ_REL);
    if (v == _Py_HAS_PARKED) {
        _PyParkingLot_UnparkAll(&evt->v);
    }
}

void
PyEvent_Wait(PyEvent *evt)
{
    while (!PyEvent_WaitTimed(evt, -1, 1)) {
    }
}

/* May return 0 early, when a signal arrives: the caller decides. */
int
PyEvent_WaitTimed(PyEvent *evt, PyTime_t timeout_ns, int detach)
{
    for (;;) {
        uint8_t v = __atomic_load_n(&evt->v, __ATOMIC_ACQUIRE);
        if (v == _Py_LOCKED) {
            return 1;
        }
        if (timeout_ns == 0) {
            return 0;
        }
        if (v == _Py_UNLOCKED
            && !__atomic_compare_exchange_n(&evt->v, &v, (uint8_t)_Py_HAS_PARKED, 0,
                                            __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            continue;
        }
        uint8_t expected = _Py_HAS_PARKED;
        (void)_PyParkingLot_Park(&evt->v, &expected, sizeof(expected), timeout_ns, NULL, detach);
        return _PyEvent_IsSet(evt);
    }
}

/* -- Once ---------------- */

static int
once_finish(_PyOnceFlag *flag, int result)
{
    uint8_t v = result == 0 ? _Py_ONCE_INITIALIZED : _Py_UNLOCKED;
    uint8_t old = __atomic_exchange_n(&flag->v, v, __ATOMIC_ACQ_REL);
    if (old & _Py_HAS_PARKED) {
        _PyParkingLot_UnparkAll(&flag->v);
    }
    return result;
}

int
_PyOnceFlag_CallOnceSlow(_PyOnceFlag *flag, _Py_once_fn_t *fn, void *arg)
{
    uint8_t v = __atomic_load_n(&flag->v, __ATOMIC_ACQUIRE);
    for (;;) {
        if (v == _Py_ONCE_INITIALIZED) {
            return 0;
        }
        if (v == _Py_UNLOCKED) {
            if (__atomic_compare_exchange_n(&flag->v, &v, (uint8_t)_Py_LOCKED, 0,
                                            __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
                return once_finish(flag, fn(arg));
            }
            continue;
        }
        if ((v & _Py_HAS_PARKED) == 0
            && !__atomic_compare_exchange_n(&flag->v, &v, v | _Py_HAS_PARKED, 0,
                                            __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
            continue;
        }
        uint8_t expected = _Py_LOCKED | _Py_HAS_PARKED;
        (void)_PyParkingLot_Park(&flag->v, &expected, sizeof(expected), -1, NULL, 1);
        v = __atomic_load_n(&flag->v, __ATOMIC_ACQUIRE);
    }
}

/* -- Recursive mutex ---------------- */

int
_PyRecursiveMutex_IsLockedByCurrentThread(_PyRecursiveMutex *m)
{
    /* Relaxed: only this thread stores its own ident. */
    return __atomic_load_n(&m->thread, __ATOMIC_RELAXED) == PyThread_get_thread_ident_ex();
}

void
_PyRecursiveMutex_Lock(_PyRecursiveMutex *m)
{
    (void)_PyRecursiveMutex_LockTimed(m, -1, _PY_LOCK_DETACH);
}

PyLockStatus
_PyRecursiveMutex_LockTimed(_PyRecursiveMutex *m, PyTime_t timeout, _PyLockFlags flags)
{
    if (_PyRecursiveMutex_IsLockedByCurrentThread(m)) {
        m->level++;
        return PY_LOCK_ACQUIRED;
    }
    PyLockStatus status = _PyMutex_LockTimed(&m->mutex, timeout, flags);
    if (status == PY_LOCK_ACQUIRED) {
        __atomic_store_n(&m->thread, PyThread_get_thread_ident_ex(), __ATOMIC_RELAXED);
        assert(m->level == 0);
    }
    return status;
}

void
_PyRecursiveMutex_Unlock(_PyRecursiveMutex *m)
{
    if (_PyRecursiveMutex_TryUnlock(m) < 0) {
        Py_FatalError("unlocking a recursive mutex that is not owned by the current thread");
    }
}

int
_PyRecursiveMutex_TryUnlock(_PyRecursiveMutex *m)
{
    if (!_PyRecursiveMutex_IsLockedByCurrentThread(m)) {
        return -1;
    }
    if (m->level > 0) {
        m->level--;
        return 0;
    }
    __atomic_store_n(&m->thread, 0, __ATOMIC_RELAXED);
    PyMutex_Unlock(&m->mutex);
    return 0;
}

/* -- Readers and writer ---------------- */

#define RW_WRITE_LOCKED 1
#define RW_PARKED       2
#define RW_READER       4

/* Parks until the lock changes; the value after it. */
static uintptr_t
rwmutex_wait(_PyRWMutex *m, uintptr_t bits)
{
    if ((bits & RW_PARKED) == 0) {
        if (!__atomic_compare_exchange_n(&m->bits, &bits, bits | RW_PARKED, 0,
                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            return bits;
        }
        bits |= RW_PARKED;
    }
    (void)_PyParkingLot_Park(&m->bits, &bits, sizeof(bits), -1, NULL, 1);
    return __atomic_load_n(&m->bits, __ATOMIC_RELAXED);
}

void
_PyRWMutex_RLock(_PyRWMutex *m)
{
    uintptr_t bits = __atomic_load_n(&m->bits, __ATOMIC_RELAXED);
    for (;;) {
        /* Parked threads are writers, or readers behind one: they go first, so that no writer starves. */
        if (bits & (RW_WRITE_LOCKED | RW_PARKED)) {
            bits = rwmutex_wait(m, bits);
            continue;
        }
        if (__atomic_compare_exchange_n(&m->bits, &bits, bits + RW_READER, 0,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return;
        }
    }
}

void
_PyRWMutex_RUnlock(_PyRWMutex *m)
{
    uintptr_t bits = __atomic_sub_fetch(&m->bits, RW_READER, __ATOMIC_RELEASE);
    if (bits == RW_PARKED) {
        /* The last reader.  If the exchange fails, whoever changed the word wakes them. */
        if (__atomic_compare_exchange_n(&m->bits, &bits, (uintptr_t)0, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
            _PyParkingLot_UnparkAll(&m->bits);
        }
    }
}

void
_PyRWMutex_Lock(_PyRWMutex *m)
{
    uintptr_t bits = __atomic_load_n(&m->bits, __ATOMIC_RELAXED);
    for (;;) {
        if ((bits & ~(uintptr_t)RW_PARKED) == 0) {
            if (__atomic_compare_exchange_n(&m->bits, &bits, bits | RW_WRITE_LOCKED, 0,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                return;
            }
            continue;
        }
        bits = rwmutex_wait(m, bits);
    }
}

void
_PyRWMutex_Unlock(_PyRWMutex *m)
{
    uintptr_t old = __atomic_exchange_n(&m->bits, (uintptr_t)0, __ATOMIC_RELEASE);
    assert(old & RW_WRITE_LOCKED);
    if (old & RW_PARKED) {
        _PyParkingLot_UnparkAll(&m->bits);
    }
}

/* -- Sequence lock ---------------- */

void
_PySeqLock_LockWrite(_PySeqLock *lock)
{
    uint32_t previous = __atomic_load_n(&lock->sequence, __ATOMIC_RELAXED);
    for (;;) {
        if (previous & 1) {
            _Py_yield();
            previous = __atomic_load_n(&lock->sequence, __ATOMIC_RELAXED);
        }
        else if (__atomic_compare_exchange_n(&lock->sequence, &previous, previous + 1, 0,
                                             __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            /* Release fence: the odd number is seen before any of the writes under it. */
            __atomic_thread_fence(__ATOMIC_RELEASE);
            return;
        }
    }
}

void
_PySeqLock_AbandonWrite(_PySeqLock *lock)
{
    __atomic_fetch_sub(&lock->sequence, 1, __ATOMIC_RELEASE);
}

void
_PySeqLock_UnlockWrite(_PySeqLock *lock)
{
    __atomic_fetch_add(&lock->sequence, 1, __ATOMIC_RELEASE);
}

uint32_t
_PySeqLock_BeginRead(_PySeqLock *lock)
{
    uint32_t sequence = __atomic_load_n(&lock->sequence, __ATOMIC_ACQUIRE);
    while (sequence & 1) {
        _Py_yield();
        sequence = __atomic_load_n(&lock->sequence, __ATOMIC_ACQUIRE);
    }
    return sequence;
}

int
_PySeqLock_EndRead(_PySeqLock *lock, uint32_t previous)
{
    /* Acquire fence: what was read came before this second look at the number. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&lock->sequence, __ATOMIC_RELAXED) == previous) {
        return 1;
    }
    _Py_yield();
    return 0;
}

int
_PySeqLock_AfterFork(_PySeqLock *lock)
{
    if (lock->sequence & 1) {
        lock->sequence = 0;
        return 1;
    }
    return 0;
}

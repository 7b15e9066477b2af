/* PyMutex, events, once, readers and writer, recursive and sequence locks. */
#include "runner.h"
#include "pycore_lock.h"
#include "pycore_time.h"

static PyMutex mutex;
static long counter;

static void
count(void *arg, int index)
{
    (void)arg;
    (void)index;
    for (int i = 0; i < 30000; i++) {
        PyMutex_Lock(&mutex);
        counter++;
        PyMutex_Unlock(&mutex);
    }
}

TEST(mutex_excludes)
{
    counter = 0;
    run_threads(4, count, NULL);
    CHECK(counter == 120000);
    CHECK(mutex._bits == 0);
}

TEST(mutex_excludes_attached_threads)
{
    counter = 0;
    run_attached_threads(4, count, NULL);
    CHECK(counter == 120000);
}

TEST(mutex_times_out)
{
    PyMutex m = {0};
    PyMutex_Lock(&m);
    CHECK(_PyMutex_LockTimed(&m, 0, 0) == PY_LOCK_FAILURE);
    CHECK(_PyMutex_LockTimed(&m, 3000000, _PY_LOCK_DETACH) == PY_LOCK_FAILURE);
    PyMutex_Unlock(&m);
    CHECK(_PyMutex_TryUnlock(&m) == -1);
}

/* Holds the lock nearly always: the others get it all the same. */
static int stop_greedy;
static long served;

static void
greedy(void *arg, int index)
{
    (void)arg;
    if (index == 0) {
        while (!__atomic_load_n(&stop_greedy, __ATOMIC_ACQUIRE)) {
            PyMutex_Lock(&mutex);
            PyMutex_Unlock(&mutex);
        }
    }
    else {
        for (int i = 0; i < 20; i++) {
            PyMutex_Lock(&mutex);
            served++;
            PyMutex_Unlock(&mutex);
        }
        if (__atomic_add_fetch(&stop_greedy, 0, __ATOMIC_RELAXED) == 0 && served >= 20) {
            __atomic_store_n(&stop_greedy, 1, __ATOMIC_RELEASE);
        }
    }
}

TEST(mutex_is_fair)
{
    stop_greedy = 0;
    served = 0;
    run_threads(2, greedy, NULL);
    CHECK(served == 20);
}

static PyEvent event;
static int woken;

static void
wait_event(void *arg, int index)
{
    (void)arg;
    if (index == 0) {
        _PyEvent_Notify(&event);
    }
    PyEvent_Wait(&event);
    __atomic_fetch_add(&woken, 1, __ATOMIC_RELAXED);
}

TEST(event_wakes_all)
{
    for (int round = 0; round < 100; round++) {
        event = (PyEvent){0};
        woken = 0;
        run_threads(4, wait_event, NULL);
        CHECK(woken == 4);
    }
    event = (PyEvent){0};
    CHECK(PyEvent_WaitTimed(&event, 1000000, 1) == 0);
}

static _PyOnceFlag once;
static int calls;

static int
once_fn(void *arg)
{
    (void)arg;
    return ++calls < 3 ? -1 : 0;
}

static void
call_once(void *arg, int index)
{
    (void)arg;
    (void)index;
    while (_PyOnceFlag_CallOnce(&once, once_fn, NULL) < 0) {
    }
}

TEST(once_until_success)
{
    once = (_PyOnceFlag){0};
    calls = 0;
    run_threads(4, call_once, NULL);
    CHECK(calls == 3);
}

static _PyRWMutex rw;
static long first, second, readers_inside;

static void
read_and_write(void *arg, int index)
{
    (void)arg;
    for (int i = 0; i < 5000; i++) {
        if (index == 0) {
            _PyRWMutex_Lock(&rw);
            CHECK(__atomic_load_n(&readers_inside, __ATOMIC_RELAXED) == 0);
            first++;
            second++;
            _PyRWMutex_Unlock(&rw);
        }
        else {
            _PyRWMutex_RLock(&rw);
            __atomic_fetch_add(&readers_inside, 1, __ATOMIC_RELAXED);
            CHECK(first == second);
            __atomic_fetch_sub(&readers_inside, 1, __ATOMIC_RELAXED);
            _PyRWMutex_RUnlock(&rw);
        }
    }
}

TEST(readers_and_writer)
{
    run_threads(4, read_and_write, NULL);
    CHECK(first == 5000 && second == 5000 && rw.bits == 0);
}

static _PyRecursiveMutex recursive;

static void
recurse(void *arg, int index)
{
    (void)arg;
    (void)index;
    for (int i = 0; i < 5000; i++) {
        _PyRecursiveMutex_Lock(&recursive);
        _PyRecursiveMutex_Lock(&recursive);
        counter++;
        _PyRecursiveMutex_Unlock(&recursive);
        CHECK(_PyRecursiveMutex_IsLockedByCurrentThread(&recursive));
        _PyRecursiveMutex_Unlock(&recursive);
    }
}

TEST(recursive_mutex)
{
    counter = 0;
    run_threads(3, recurse, NULL);
    CHECK(counter == 15000);
    CHECK(_PyRecursiveMutex_TryUnlock(&recursive) == -1);
}

static _PySeqLock sequence;
static long x, y;

static void
sequence_thread(void *arg, int index)
{
    (void)arg;
    for (int i = 0; i < 5000; i++) {
        if (index < 2) {
            _PySeqLock_LockWrite(&sequence);
            long next = __atomic_load_n(&x, __ATOMIC_RELAXED) + 1;
            __atomic_store_n(&x, next, __ATOMIC_RELAXED);
            __atomic_store_n(&y, next, __ATOMIC_RELAXED);
            _PySeqLock_UnlockWrite(&sequence);
        }
        else {
            long a, b;
            uint32_t s;
            do {
                s = _PySeqLock_BeginRead(&sequence);
                a = __atomic_load_n(&x, __ATOMIC_RELAXED);
                b = __atomic_load_n(&y, __ATOMIC_RELAXED);
            } while (!_PySeqLock_EndRead(&sequence, s));
            CHECK(a == b);
        }
    }
}

TEST(sequence_lock)
{
    run_threads(4, sequence_thread, NULL);
    CHECK(x == 10000);
}

int
main(void)
{
    runtime_start();
    RUN(mutex_excludes);
    RUN(mutex_excludes_attached_threads);
    RUN(mutex_times_out);
    RUN(mutex_is_fair);
    RUN(event_wakes_all);
    RUN(once_until_success);
    RUN(readers_and_writer);
    RUN(recursive_mutex);
    RUN(sequence_lock);
    return tests_report();
}

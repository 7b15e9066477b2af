/* Grace periods: what is retired outlives every reader that may have loaded it, and is released in the end. */
#include "runner.h"
#include "pycore_ceval.h"
#include "pycore_critical_section.h"
#include "pycore_interp.h"
#include "pycore_multithreaded.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_qsbr.h"

#ifdef Py_GIL_DISABLED

/* A shared container of one slot. */
static PyObject *container;
static PyObject *slot;
static int done;

static void
read_or_write(void *arg, int index)
{
    int writers = *(int *)arg;
    PyThreadState *tstate = _PyThreadState_GET();
    for (int i = 0; i < 20000; i++) {
        if (index < writers) {
            PyObject *fresh = plain_new();
            PyObject *old;
            Py_BEGIN_CRITICAL_SECTION(container);
            old = slot;
            __atomic_store_n(&slot, fresh, __ATOMIC_RELEASE);
            Py_END_CRITICAL_SECTION();
            _Py_RetireRef(container, old);
        }
        else {
            /* The reader's whole protocol: load, count. */
            PyObject *op = __atomic_load_n(&slot, __ATOMIC_ACQUIRE);
            CHECK(Py_TYPE(op) == &Plain_Type);
            Py_INCREF(op);
            CHECK(Py_REFCNT(op) >= 1);
            Py_DECREF(op);
        }
        _Py_CheckPending(tstate);
        if (i % 512 == 0) {
            Py_BEGIN_ALLOW_THREADS
            Py_END_ALLOW_THREADS
        }
    }
    __atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
}

TEST(readers_never_see_the_dead)
{
    int writers = 1;
    container = plain_new();
    _PyObject_SetShared(container);
    slot = plain_new();
    done = 0;
    run_attached_threads(3, read_or_write, &writers);
    CHECK(done == 3);
    writers = 2;
    run_attached_threads(4, read_or_write, &writers);
    _Py_qsbr_poll(_PyThreadState_GET());
    _Py_HandlePending(_PyThreadState_GET());
    CHECK(plains_alive == 2);
}

TEST(alone_it_is_released_at_the_poll)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyThreadState *idle = _PyThreadState_New(tstate->interp, 0);  // never attached
    CHECK(_Py_multithreaded);
    Py_ssize_t before = plains_alive;
    _Py_RetireRef(container, plain_new());
    CHECK(plains_alive == before + 1);
    CHECK(_Py_EvalBreakerIsSet(tstate));
    _Py_HandlePending(tstate);
    CHECK(plains_alive == before);
    PyThreadState_Clear(idle);
    PyThreadState_Delete(idle);
}

TEST(one_thread_releases_at_once)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyRuntime.multithreaded_lowered = 0;
    _PyMultithreaded_TryLower(tstate);
    CHECK(!_Py_multithreaded);
    Py_ssize_t before = plains_alive;
    _Py_RetireRef(container, plain_new());
    CHECK(plains_alive == before);
}

static int called;

static void
call(void *arg)
{
    called += *(int *)arg;
}

TEST(detaching_hands_over)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyThreadState *idle = _PyThreadState_New(tstate->interp, 0);
    static int one __attribute__((aligned(8))) = 1;
    Py_ssize_t before = plains_alive;
    _Py_RetireRef(container, plain_new());
    _Py_RetireMem(container, PyMem_Malloc(10));
    _Py_RetireCall(call, &one);
    PyEval_SaveThread();
    CHECK(plains_alive == before + 1 && _Py_qsbr.orphans != NULL);
    PyEval_RestoreThread(tstate);
    _Py_HandlePending(tstate);
    CHECK(plains_alive == before && called == 1 && _Py_qsbr.orphans == NULL);
    PyThreadState_Clear(idle);
    PyThreadState_Delete(idle);
}

static void
wait_for_others(void *arg, int index)
{
    (void)arg;
    (void)index;
    for (int i = 0; i < 50; i++) {
        _PyEval_WaitGracePeriod();
        _Py_CheckPending(_PyThreadState_GET());
    }
    __atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
}

TEST(waiting_for_a_grace_period)
{
    done = 0;
    run_attached_threads(3, wait_for_others, NULL);
    CHECK(done == 3);
}

int
main(void)
{
    runtime_start();
    RUN(readers_never_see_the_dead);
    RUN(alone_it_is_released_at_the_poll);
    RUN(one_thread_releases_at_once);
    RUN(detaching_hands_over);
    RUN(waiting_for_a_grace_period);
    return tests_report();
}

#else

int
main(void)
{
    puts("0 tests: no grace periods in this build: 0 passed, 0 failed");
    return 0;
}

#endif

/* Critical sections: they exclude, nest without deadlock, are suspended, and follow the flag `multithreaded`. */
#include "runner.h"
#include "pycore_ceval.h"
#include "pycore_critical_section.h"
#include "pycore_interp.h"
#include "pycore_multithreaded.h"
#include "pycore_object.h"
#include "pycore_pystate.h"

#ifdef Py_GIL_DISABLED

static PyObject *a, *b;
static long counter;

static void
nest(void *arg, int index)
{
    (void)arg;
    for (int i = 0; i < 5000; i++) {
        PyObject *first = index % 2 ? a : b, *second = index % 2 ? b : a;
        /* In opposite orders: the outer one is suspended while the inner one waits. */
        Py_BEGIN_CRITICAL_SECTION(first);
        Py_BEGIN_CRITICAL_SECTION(second);
        Py_END_CRITICAL_SECTION();
        Py_END_CRITICAL_SECTION();
        Py_BEGIN_CRITICAL_SECTION2(first, second);
        counter++;
        Py_END_CRITICAL_SECTION2();
        _Py_CheckPending(_PyThreadState_GET());
    }
}

TEST(nesting_does_not_deadlock)
{
    counter = 0;
    run_attached_threads(4, nest, NULL);
    CHECK(counter == 20000);
    CHECK(a->ob_mutex._bits == 0 && b->ob_mutex._bits == 0);
}

static void
same_object_twice(void)
{
    Py_BEGIN_CRITICAL_SECTION(a);
    Py_BEGIN_CRITICAL_SECTION(a);
    Py_BEGIN_CRITICAL_SECTION2(a, a);
    counter++;
    Py_END_CRITICAL_SECTION2();
    Py_END_CRITICAL_SECTION();
    Py_END_CRITICAL_SECTION();
}

static void
recurse(void *arg, int index)
{
    (void)arg;
    (void)index;
    for (int i = 0; i < 2000; i++) {
        same_object_twice();
    }
}

TEST(same_object_nests)
{
    counter = 0;
    run_attached_threads(2, recurse, NULL);
    CHECK(a->ob_mutex._bits == 0);
}

TEST(one_thread_takes_no_mutex)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyRuntime.multithreaded_lowered = 0;
    _PyMultithreaded_TryLower(tstate);
    CHECK(!_Py_multithreaded);
    Py_BEGIN_CRITICAL_SECTION(a);
    CHECK(a->ob_mutex._bits == 0);
    CHECK(tstate->critical_section != 0);
    Py_END_CRITICAL_SECTION();
    CHECK(tstate->critical_section == 0);
}

TEST(raising_takes_sections_for_real)
{
    PyThreadState *tstate = _PyThreadState_GET();
    CHECK(!_Py_multithreaded);
    PyThreadState *other;
    Py_BEGIN_CRITICAL_SECTION(a);
    Py_BEGIN_CRITICAL_SECTION(b);
    Py_BEGIN_CRITICAL_SECTION(a);
    other = _PyThreadState_New(tstate->interp, 0);
    CHECK(_Py_multithreaded);
    CHECK(a->ob_mutex._bits == 1);
    Py_END_CRITICAL_SECTION();
    CHECK(b->ob_mutex._bits == 1 && a->ob_mutex._bits == 0);
    Py_END_CRITICAL_SECTION();
    CHECK(a->ob_mutex._bits == 1);
    /* Lowering gives it back, and the section goes on. */
    PyThreadState_Clear(other);
    PyThreadState_Delete(other);
    _PyRuntime.multithreaded_lowered = 0;
    _PyMultithreaded_TryLower(tstate);
    CHECK(!_Py_multithreaded);
    CHECK(a->ob_mutex._bits == 0);
    Py_END_CRITICAL_SECTION();
    CHECK(a->ob_mutex._bits == 0);
}

TEST(detaching_suspends)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyThreadState *other = _PyThreadState_New(tstate->interp, 0);
    Py_BEGIN_CRITICAL_SECTION2(a, b);
    CHECK(a->ob_mutex._bits == 1 && b->ob_mutex._bits == 1);
    PyEval_SaveThread();
    CHECK(a->ob_mutex._bits == 0 && b->ob_mutex._bits == 0);
    PyEval_RestoreThread(tstate);
    CHECK(a->ob_mutex._bits == 1 && b->ob_mutex._bits == 1);
    Py_END_CRITICAL_SECTION2();
    PyThreadState_Clear(other);
    PyThreadState_Delete(other);
}

static int stop;
static long stops;

static void
stop_and_work(void *arg, int index)
{
    (void)arg;
    PyThreadState *tstate = _PyThreadState_GET();
    if (index == 0) {
        for (int i = 0; i < 200; i++) {
            _PyEval_StopTheWorld(tstate->interp);
            long before = __atomic_load_n(&counter, __ATOMIC_RELAXED);
            for (int k = 0; k < 2000; k++) {
                __asm__ volatile("" ::: "memory");
            }
            CHECK(__atomic_load_n(&counter, __ATOMIC_RELAXED) == before);
            _PyEval_StartTheWorld(tstate->interp);
            stops++;
        }
        __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    }
    else {
        while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
            __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
            _Py_CheckPending(tstate);
            if (index == 2) {
                Py_BEGIN_ALLOW_THREADS
                _Py_yield();
                Py_END_ALLOW_THREADS
            }
        }
    }
}

TEST(the_world_stops)
{
    stop = 0;
    stops = 0;
    run_attached_threads(3, stop_and_work, NULL);
    CHECK(stops == 200);
}

static void
many_stoppers(void *arg, int index)
{
    (void)arg;
    PyThreadState *tstate = _PyThreadState_GET();
    for (int i = 0; i < 100; i++) {
        if (index % 2) {
            _PyEval_StopTheWorldAll(&_PyRuntime);
            counter++;
            _PyEval_StartTheWorldAll(&_PyRuntime);
        }
        else {
            _PyEval_StopTheWorld(tstate->interp);
            counter++;
            _PyEval_StartTheWorld(tstate->interp);
        }
        _Py_CheckPending(tstate);
    }
}

TEST(stoppers_take_turns)
{
    counter = 0;
    run_attached_threads(4, many_stoppers, NULL);
    CHECK(counter == 400);
}

/* A thread that Python does not know attaches while another one is inside a section. */
static void
ensure(void *arg, int index)
{
    (void)arg;
    (void)index;
    for (int i = 0; i < 200; i++) {
        PyGILState_STATE state = PyGILState_Ensure();
        Py_BEGIN_CRITICAL_SECTION(a);
        counter++;
        Py_END_CRITICAL_SECTION();
        PyGILState_Release(state);
    }
}

TEST(foreign_threads)
{
    counter = 0;
    PyThreadState *tstate = PyEval_SaveThread();
    run_threads(3, ensure, NULL);
    PyEval_RestoreThread(tstate);
    CHECK(counter == 600);
    CHECK(_PyRuntime.thread_count == 1);
}

int
main(void)
{
    runtime_start();
    a = plain_new();
    b = plain_new();
    RUN(one_thread_takes_no_mutex);
    RUN(raising_takes_sections_for_real);
    RUN(detaching_suspends);
    RUN(nesting_does_not_deadlock);
    RUN(same_object_nests);
    RUN(the_world_stops);
    RUN(stoppers_take_turns);
    RUN(foreign_threads);
    return tests_report();
}

#else

int
main(void)
{
    puts("0 tests: no critical sections in this build: 0 passed, 0 failed");
    return 0;
}

#endif

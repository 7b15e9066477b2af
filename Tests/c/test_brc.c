/* Biased reference counting: counts add up, objects die once, whoever drops the last reference. */
#include "runner.h"
#include "pycore_ceval.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"

#ifdef Py_GIL_DISABLED

static PyObject *shared;

static void
count_up_and_down(void *arg, int index)
{
    (void)arg;
    for (int i = 0; i < 20000; i++) {
        Py_INCREF(shared);
        if (i % 3 == index % 3) {
            Py_INCREF(shared);
            Py_DECREF(shared);
        }
        Py_DECREF(shared);
        _Py_CheckPending(_PyThreadState_GET());
    }
}

TEST(counts_add_up)
{
    shared = plain_new();
    run_attached_threads(4, count_up_and_down, NULL);
    CHECK(Py_REFCNT(shared) == 1);
    CHECK(plains_alive == 1);
    Py_DECREF(shared);
    CHECK(plains_alive == 0);
}

/* Each thread makes objects and drops those of its neighbour: they come back to their owner to be merged. */
#define SLOTS 64
static PyObject *slots[SLOTS];

static void
exchange(void *arg, int index)
{
    (void)arg;
    unsigned seed = (unsigned)index * 2654435761u + 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245u + 12345;
        PyObject *fresh = plain_new();
        PyObject *old = __atomic_exchange_n(&slots[seed >> 16 & (SLOTS - 1)], fresh, __ATOMIC_ACQ_REL);
        Py_XDECREF(old);
        _Py_CheckPending(_PyThreadState_GET());
    }
}

TEST(objects_die_once)
{
    run_attached_threads(4, exchange, NULL);
    for (int i = 0; i < SLOTS; i++) {
        Py_CLEAR(slots[i]);
    }
    _Py_HandlePending(_PyThreadState_GET());
    CHECK(plains_alive == 0);
}

static void
drop(void *arg, int index)
{
    (void)index;
    Py_DECREF((PyObject *)arg);
}

TEST(owner_merges_at_its_breaker)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *op = plain_new();
    run_attached_threads(1, drop, op);
    CHECK(plains_alive == 1);
    CHECK(_Py_eval_breaker_bit_is_set(tstate, _PY_EVAL_EXPLICIT_MERGE_BIT));
    _Py_HandlePending(tstate);
    CHECK(plains_alive == 0);
}

static void
make_one(void *arg, int index)
{
    (void)index;
    *(PyObject **)arg = plain_new();
}

TEST(owner_gone)
{
    PyObject *op;
    run_attached_threads(1, make_one, &op);
    CHECK(plains_alive == 1);
    Py_DECREF(op);
    CHECK(plains_alive == 0);
}

TEST(try_incref)
{
    PyObject *op = plain_new();
    CHECK(_Py_TryIncref(op));
    _PyObject_SetMaybeWeakref(op);
    CHECK((op->ob_ref_shared & 3) == _Py_REF_MAYBE_WEAKREF);
    Py_DECREF(op);
    Py_DECREF(op);
    CHECK(plains_alive == 0);
}

TEST(explicit_merge)
{
    PyObject *op = plain_new();
    Py_INCREF(op);
    CHECK(_Py_ExplicitMergeRefcount(op, 1) == 3);
    CHECK(op->ob_tid == 0);
    CHECK(_PyObject_RealRefcount(op) == 3);
    Py_DECREF(op);
    Py_DECREF(op);
    Py_DECREF(op);
    CHECK(plains_alive == 0);
}

TEST(immortal_is_not_counted)
{
    PyObject *op = plain_new();
    _Py_SetImmortal(op);
    for (int i = 0; i < 10; i++) {
        Py_DECREF(op);
    }
    CHECK(plains_alive == 1);
    _Py_SetMortal(op, 1);
    Py_DECREF(op);
    CHECK(plains_alive == 0);
}

int
main(void)
{
    runtime_start();
    RUN(counts_add_up);
    RUN(objects_die_once);
    RUN(owner_merges_at_its_breaker);
    RUN(owner_gone);
    RUN(try_incref);
    RUN(explicit_merge);
    RUN(immortal_is_not_counted);
    return tests_report();
}

#else

int
main(void)
{
    puts("0 tests: plain counts in this build: 0 passed, 0 failed");
    return 0;
}

#endif

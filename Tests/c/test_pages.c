/* Object pages and the collector: blocks do not overlap, remote frees come home, cycles die, roots live. */
#include "runner.h"
#include "pycore_ceval.h"
#include "pycore_gc.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_object_alloc.h"
#include "pycore_pystate.h"

extern PyObject *test_roots[16];

static Py_ssize_t
used_blocks(void)
{
    return _Py_heap_used_blocks(_PyInterpreterState_GET());
}

TEST(blocks_do_not_overlap)
{
    enum { N = 4000 };
    static unsigned char *blocks[N];
    static size_t sizes[N];
    unsigned seed = 1;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < N; i++) {
            seed = seed * 1103515245u + 12345;
            if (blocks[i] != NULL && (seed >> 20) % 2) {
                for (size_t k = 0; k < sizes[i]; k++) {
                    if (blocks[i][k] != (unsigned char)i) {
                        CHECK(0);
                        break;
                    }
                }
                PyObject_Free(blocks[i]);
                blocks[i] = NULL;
            }
            if (blocks[i] == NULL) {
                sizes[i] = seed >> 8 & 1023;
                blocks[i] = PyObject_Malloc(sizes[i]);
                CHECK(((uintptr_t)blocks[i] & 15) == 0);
                memset(blocks[i], i, sizes[i]);
            }
        }
    }
    for (int i = 0; i < N; i++) {
        PyObject_Free(blocks[i]);
    }
}

TEST(realloc_keeps_contents)
{
    for (size_t size = 1; size < 2000; size += 37) {
        char *p = PyObject_Malloc(size);
        memset(p, 'x', size);
        p = PyObject_Realloc(p, size * 2);
        CHECK(p[0] == 'x' && p[size - 1] == 'x');
        p = PyObject_Realloc(p, size / 2 + 1);
        CHECK(p[0] == 'x' && p[size / 2] == 'x');
        PyObject_Free(p);
    }
    char *zero = PyObject_Calloc(10, 10);
    CHECK(zero[0] == 0 && zero[99] == 0);
    PyObject_Free(zero);
}

TEST(large_objects)
{
    static PyTypeObject big = {0};
    big = Pair_Type;
    big.tp_basicsize = 5000;
    pairobject *p = PyObject_GC_New(pairobject, &big);
    p->a = p->b = NULL;
    pairs_alive++;
    PyObject_GC_Track(p);
    CHECK(_Py_page_of(p) == NULL);
    p->a = Py_NewRef(p);
    Py_DECREF(p);
    CHECK(_PyGC_Collect(_PyThreadState_GET(), 2, _Py_GC_REASON_SHUTDOWN) == 1);
    CHECK(pairs_alive == 0);
}

static PyObject *mailbox[64];

static void
pass_on(void *arg, int index)
{
    (void)arg;
    for (int i = 0; i < 20000; i++) {
        PyObject *op = i % 2 ? pair_new() : plain_new();
        PyObject *old = __atomic_exchange_n(&mailbox[(i * 7 + index * 13) & 63], op, __ATOMIC_ACQ_REL);
        Py_XDECREF(old);
        _Py_CheckPending(_PyThreadState_GET());
    }
}

TEST(remote_frees)
{
    Py_ssize_t before = used_blocks();
    for (int round = 0; round < 3; round++) {
        run_attached_threads(4, pass_on, NULL);
    }
    for (int i = 0; i < 64; i++) {
        Py_CLEAR(mailbox[i]);
    }
    CHECK(pairs_alive == 0 && plains_alive == 0);
    _Py_heap_collect_all(_PyInterpreterState_GET());
    CHECK(used_blocks() == before);
}

/* -- The collector ---------------- */

static Py_ssize_t
collect(int generation)
{
    return _PyGC_Collect(_PyThreadState_GET(), generation, _Py_GC_REASON_SHUTDOWN);
}

static PyObject *
ring(int n)
{
    PyObject *first = pair_new(), *last = first;
    for (int i = 1; i < n; i++) {
        PyObject *next = pair_new();
        ((pairobject *)last)->a = next;
        last = next;
    }
    ((pairobject *)last)->a = Py_NewRef(first);
    return first;
}

TEST(cycles_die)
{
    PyObject *kept = ring(10);
    for (int i = 0; i < 100; i++) {
        Py_DECREF(ring(7));
    }
    CHECK(pairs_alive == 710);
    CHECK(collect(0) == 700);
    CHECK(pairs_alive == 10);
    CHECK(collect(2) == 0);
    Py_DECREF(kept);
    CHECK(collect(0) == 0);   // old by now
    CHECK(collect(2) == 10);
    CHECK(pairs_alive == 0);
}

TEST(young_pass_respects_old_references)
{
    PyObject *old = pair_new();
    collect(2);
    ((pairobject *)old)->a = ring(3);
    CHECK(collect(0) == 0);
    CHECK(pairs_alive == 4);
    Py_DECREF(old);
    CHECK(collect(2) == 3);
    CHECK(pairs_alive == 0);
}

static PyObject *resurrected;

static void
keep_me(PyObject *op)
{
    resurrected = Py_NewRef(op);
}

TEST(resurrection)
{
    static PyTypeObject type = {0};
    type = Pair_Type;
    type.tp_finalize = keep_me;
    PyObject *op = ring(3);
    Py_SET_TYPE(op, &type);
    Py_DECREF(op);
    CHECK(collect(2) == 0);
    CHECK(resurrected == op && pairs_alive == 3);
    CHECK(_PyGC_FINALIZED(op));
    Py_CLEAR(resurrected);
    CHECK(collect(2) == 3);   // finalized once
    CHECK(pairs_alive == 0);
}

#ifdef Py_GIL_DISABLED
TEST(deferred_objects)
{
    PyObject *op = pair_new();
    _PyObject_SetDeferred(op);
    CHECK(_PyObject_RealRefcount(op) == 1);
    Py_DECREF(op);
    CHECK(pairs_alive == 1);
    CHECK(collect(0) == 0);          // roots of a young pass
    test_roots[0] = op;              // a register
    CHECK(collect(2) == 0);
    test_roots[0] = NULL;
    CHECK(collect(2) == 1);
    CHECK(pairs_alive == 0);
}

TEST(promoted_objects)
{
    PyObject *op = plain_new();
    CHECK(_PyObject_Promote(op));
    CHECK(!_PyObject_Promote(op));
    Py_DECREF(op);
    CHECK(plains_alive == 1);
    test_roots[0] = op;
    collect(2);
    CHECK(plains_alive == 1);
    test_roots[0] = NULL;
    collect(2);
    CHECK(plains_alive == 0);
}
#endif

static int stop;

static void
allocate_and_collect(void *arg, int index)
{
    (void)arg;
    PyThreadState *tstate = _PyThreadState_GET();
    if (index == 0) {
        for (int i = 0; i < 100; i++) {
            collect(i % 10 ? 0 : 2);
            _Py_CheckPending(tstate);
        }
        __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
        return;
    }
    PyObject *kept = ring(5);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        PyObject *r = ring(20);
        Py_DECREF(r);
        Py_DECREF(kept);
        kept = ring(5);
        _Py_CheckPending(tstate);
    }
    Py_DECREF(kept);
}

TEST(collecting_while_others_allocate)
{
    stop = 0;
    run_attached_threads(3, allocate_and_collect, NULL);
    collect(2);
    CHECK(pairs_alive == 0);
}

TEST(deep_chains)
{
    PyObject *head = NULL;
    for (int i = 0; i < 200000; i++) {
        PyObject *op = pair_new();
        ((pairobject *)op)->a = head;
        head = op;
    }
    Py_DECREF(head);
    CHECK(pairs_alive == 0);
}

TEST(freeze)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *r = ring(3);
    _PyGC_Freeze(interp);
    CHECK(_PyGC_GetFreezeCount(interp) == 3);
    Py_DECREF(r);
    CHECK(collect(2) == 0);
    _PyGC_Unfreeze(interp);
    CHECK(_PyGC_GetFreezeCount(interp) == 0);
    CHECK(collect(2) == 3);
}

int
main(void)
{
    runtime_start();
    RUN(blocks_do_not_overlap);
    RUN(realloc_keeps_contents);
    RUN(large_objects);
    RUN(remote_frees);
    RUN(cycles_die);
    RUN(young_pass_respects_old_references);
    RUN(resurrection);
#ifdef Py_GIL_DISABLED
    RUN(deferred_objects);
    RUN(promoted_objects);
#endif
    RUN(collecting_while_others_allocate);
    RUN(deep_chains);
    RUN(freeze);
    return tests_report();
}

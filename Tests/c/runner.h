/* A tiny test runner: TEST(name) { ... CHECK(condition); }, RUN(name) in main.

   runtime_start() makes a runtime with one interpreter and an attached thread state, without types or modules;
   run_threads() runs a function in n threads that start together. */
#ifndef TESTS_RUNNER_H
#define TESTS_RUNNER_H

#include "Python.h"

#include <stdio.h>
#include <stdlib.h>

extern int failures, checks;

#define CHECK(condition)                                                              \
    do {                                                                              \
        __atomic_fetch_add(&checks, 1, __ATOMIC_RELAXED);                             \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);           \
            __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);                       \
        }                                                                             \
    } while (0)

#define TEST(name) static void test_##name(void)
#define RUN(name)                                \
    do {                                         \
        current_test = #name;                    \
        test_##name();                           \
        num_tests++;                             \
    } while (0)

extern const char *current_test;
extern int num_tests;

extern PyThreadState *runtime_start(void);
extern int tests_report(void);

/* fn(arg, index) in n threads of the system; they start together. */
extern void run_threads(int n, void (*fn)(void *, int), void *arg);
/* The same with an attached thread state each; the caller detaches meanwhile. */
extern void run_attached_threads(int n, void (*fn)(void *, int), void *arg);

/* A GC type with two references, and a plain one. */
typedef struct {
    PyObject_HEAD
    PyObject *a, *b;
} pairobject;
extern PyTypeObject Pair_Type;
extern PyTypeObject Plain_Type;
extern Py_ssize_t pairs_alive, plains_alive;  // atomic
extern PyObject *pair_new(void);
extern PyObject *plain_new(void);

#endif

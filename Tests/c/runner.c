/* The runner, and stand-ins for the parts of the interpreter that the tested ones call but do not need here. */
#include "runner.h"
#include "pycore_ceval.h"
#include "pycore_gc.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

int failures, checks, num_tests;
const char *current_test = "";

/* -- Stand-ins ---------------- */

void
PyPreConfig_InitPythonConfig(PyPreConfig *config)
{
    memset(config, 0, sizeof(*config));
}

void
PyConfig_InitPythonConfig(PyConfig *config)
{
    memset(config, 0, sizeof(*config));
#ifdef Py_GIL_DISABLED
    config->enable_gil = -1;
#endif
}

void
PyConfig_Clear(PyConfig *config)
{
    (void)config;
}

PyStatus
PyStatus_Ok(void)
{
    return (PyStatus){0};
}

PyStatus
PyStatus_Error(const char *message)
{
    return (PyStatus){._type = 1, .err_msg = message};
}

PyStatus
PyStatus_NoMemory(void)
{
    return PyStatus_Error("no memory");
}

int
PyStatus_Exception(PyStatus status)
{
    return status._type != 0;
}

#undef Py_FatalError
void
Py_FatalError(const char *message)
{
    fprintf(stderr, "%s: fatal: %s\n", current_test, message);
    abort();
}

void
_Py_FatalErrorFunc(const char *func, const char *message)
{
    fprintf(stderr, "%s: fatal: %s: %s\n", current_test, func, message);
    abort();
}

void
_Py_InitializeRecursionLimits(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    impl->c_stack_top = here + 65536;
    impl->c_stack_hard_limit = here - 200 * 1024;
    impl->c_stack_soft_limit = here - 180 * 1024;
}

int _PyEval_VisitThreadRoots(PyThreadState *tstate, visitproc visit, void *arg);
/* Registers of the thread that the tests pretend. */
PyObject *test_roots[16];

int
_PyEval_VisitThreadRoots(PyThreadState *tstate, visitproc visit, void *arg)
{
    (void)tstate;
    for (int i = 0; i < 16; i++) {
        if (test_roots[i] != NULL) {
            visit(test_roots[i], arg);
        }
    }
    return 0;
}

int PySys_Audit(const char *event, const char *format, ...) { (void)event; (void)format; return 0; }
void _PyType_FreeThreadCache(PyThreadState *tstate) { (void)tstate; }
void _PyThreadState_FreeDataStack(PyThreadState *tstate) { (void)tstate; }
PyObject *PyErr_Occurred(void) { return _PyThreadState_GET()->current_exception; }
PyObject *PyErr_NoMemory(void) { abort(); }
void PyErr_SetString(PyObject *exc, const char *message) { (void)exc; fprintf(stderr, "error: %s\n", message); abort(); }
int _PyErr_CheckSignalsTstate(PyThreadState *tstate) { (void)tstate; return 0; }
int Py_IsFinalizing(void) { return 0; }
int _Py_ReachedRecursionLimitWithMargin(PyThreadState *tstate, int margin) { (void)tstate; (void)margin; return 0; }
PyTypeObject PyType_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "type"};

/* -- Types of the tests ---------------- */

Py_ssize_t pairs_alive, plains_alive;

static int
pair_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((pairobject *)op)->a);
    Py_VISIT(((pairobject *)op)->b);
    return 0;
}

static int
pair_clear(PyObject *op)
{
    Py_CLEAR(((pairobject *)op)->a);
    Py_CLEAR(((pairobject *)op)->b);
    return 0;
}

static void
pair_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    pair_clear(op);
    __atomic_fetch_sub(&pairs_alive, 1, __ATOMIC_RELAXED);
    PyObject_GC_Del(op);
}

static void
plain_dealloc(PyObject *op)
{
    __atomic_fetch_sub(&plains_alive, 1, __ATOMIC_RELAXED);
    PyObject_Free(op);
}

PyTypeObject Pair_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "pair",
    .tp_basicsize = sizeof(pairobject),
    .tp_dealloc = pair_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = pair_traverse,
    .tp_clear = pair_clear,
};

PyTypeObject Plain_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "plain",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = plain_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

PyObject *
pair_new(void)
{
    pairobject *p = PyObject_GC_New(pairobject, &Pair_Type);
    p->a = p->b = NULL;
    __atomic_fetch_add(&pairs_alive, 1, __ATOMIC_RELAXED);
    PyObject_GC_Track(p);
    return (PyObject *)p;
}

PyObject *
plain_new(void)
{
    PyObject *op = PyObject_New(PyObject, &Plain_Type);
    __atomic_fetch_add(&plains_alive, 1, __ATOMIC_RELAXED);
    return op;
}

/* -- The runner ---------------- */

static void
too_slow(int signum)
{
    (void)signum;
    fprintf(stderr, "%s: does not end\n", current_test);
    _exit(1);
}

PyThreadState *
runtime_start(void)
{
    signal(SIGALRM, too_slow);
    alarm(140);
    _PyRuntime_Initialize();
    _PyInterpreterState_Enable(&_PyRuntime);
    PyInterpreterState *interp;
    _PyInterpreterState_NewStatus(NULL, &interp);
    PyThreadState *tstate = _PyThreadState_New(interp, _PyThreadState_WHENCE_INIT);
    _PyThreadState_Bind(tstate);
    _PyEval_InitGIL(tstate, 1);
    _PyRuntime.main_tstate = tstate;
    return tstate;
}

int
tests_report(void)
{
    printf("%d tests, %d checks: %d passed, %d failed\n", num_tests, checks, checks - failures, failures);
    return failures != 0;
}

struct start {
    pthread_barrier_t *barrier;
    void (*fn)(void *, int);
    void *arg;
    int index;
    int attach;
};

static void *
thread_start(void *p)
{
    struct start *start = p;
    PyThreadState *tstate = NULL;
    if (start->attach) {
        tstate = _PyThreadState_NewBound(_PyRuntime.interpreters.main, _PyThreadState_WHENCE_THREADING);
        pthread_barrier_wait(start->barrier);
        _PyThreadState_Attach(tstate);
    }
    else {
        pthread_barrier_wait(start->barrier);
    }
    start->fn(start->arg, start->index);
    if (start->attach) {
        PyThreadState_Clear(tstate);
        _PyThreadState_DeleteCurrent(tstate);
    }
    return NULL;
}

static void
run(int n, void (*fn)(void *, int), void *arg, int attach)
{
    pthread_t threads[64];
    struct start starts[64];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, (unsigned)n);
    for (int i = 0; i < n; i++) {
        starts[i] = (struct start){&barrier, fn, arg, i, attach};
        pthread_create(&threads[i], NULL, thread_start, &starts[i]);
    }
    for (int i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_barrier_destroy(&barrier);
}

void
run_threads(int n, void (*fn)(void *, int), void *arg)
{
    run(n, fn, arg, 0);
}

void
run_attached_threads(int n, void (*fn)(void *, int), void *arg)
{
    PyThreadState *tstate = PyEval_SaveThread();
    run(n, fn, arg, 1);
    PyEval_RestoreThread(tstate);
}

/* PyThread_*: threads of the system, locks and thread-specific storage, on POSIX threads.

   A PyThread_type_lock is a PyMutex in memory of its own: any thread may release it, acquiring it can time out and
   be interrupted.  The thread functions work without an interpreter. */
#include "Python.h"
#include "pycore_lock.h"
#include "pycore_parking_lot.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_pythread.h"
#include "pycore_structseq.h"
#include "pycore_time.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <sys/syscall.h>

#ifdef __linux__
#  include <gnu/libc-version.h>
#endif

/* Smallest stack a thread may be given. */
#define THREAD_STACK_MIN 0x8000

/* -- Starting and ending ---------------- */

void
PyThread_init_thread(void)
{
}

static size_t
wanted_stacksize(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    return tstate == NULL ? 0 : tstate->interp->threads.stacksize;
}

struct bootstrap {
    void (*func)(void *);
    void *arg;
};

static void *
thread_main(void *arg)
{
    struct bootstrap boot = *(struct bootstrap *)arg;
    PyMem_RawFree(arg);
    boot.func(boot.arg);
    return NULL;
}

static int
start_thread(void (*func)(void *), void *arg, pthread_t *thread)
{
    pthread_attr_t attrs;
    struct bootstrap *boot = PyMem_RawMalloc(sizeof(*boot));
    if (boot == NULL || pthread_attr_init(&attrs) != 0) {
        PyMem_RawFree(boot);
        return -1;
    }
    *boot = (struct bootstrap){func, arg};
    size_t stacksize = wanted_stacksize();
    int err = stacksize == 0 ? 0 : pthread_attr_setstacksize(&attrs, stacksize);
    if (err == 0) {
        err = pthread_create(thread, &attrs, thread_main, boot);
    }
    pthread_attr_destroy(&attrs);
    if (err != 0) {
        PyMem_RawFree(boot);
        return -1;
    }
    return 0;
}

int
PyThread_start_joinable_thread(void (*func)(void *), void *arg, PyThread_ident_t *ident,
                               PyThread_handle_t *handle)
{
    pthread_t thread;
    if (start_thread(func, arg, &thread) < 0) {
        return -1;
    }
    *ident = (PyThread_ident_t)thread;
    *handle = (PyThread_handle_t)thread;
    return 0;
}

unsigned long
PyThread_start_new_thread(void (*func)(void *), void *arg)
{
    pthread_t thread;
    if (start_thread(func, arg, &thread) < 0) {
        return PYTHREAD_INVALID_THREAD_ID;
    }
    pthread_detach(thread);
    return (unsigned long)thread;
}

int
PyThread_join_thread(PyThread_handle_t handle)
{
    return pthread_join((pthread_t)handle, NULL);
}

int
PyThread_detach_thread(PyThread_handle_t handle)
{
    return pthread_detach((pthread_t)handle);
}

void
PyThread_update_thread_after_fork(PyThread_ident_t *ident, PyThread_handle_t *handle)
{
    *ident = PyThread_get_thread_ident_ex();
    *handle = (PyThread_handle_t)pthread_self();
}

PyThread_ident_t
PyThread_get_thread_ident_ex(void)
{
    return (PyThread_ident_t)pthread_self();
}

unsigned long
PyThread_get_thread_ident(void)
{
    return (unsigned long)PyThread_get_thread_ident_ex();
}

#ifdef PY_HAVE_THREAD_NATIVE_ID
unsigned long
PyThread_get_thread_native_id(void)
{
    return (unsigned long)syscall(SYS_gettid);
}
#endif

void _Py_NO_RETURN
PyThread_exit_thread(void)
{
    pthread_exit(NULL);
}

/* A thread that must not touch Python any more, while the process ends. */
void _Py_NO_RETURN
PyThread_hang_thread(void)
{
    for (;;) {
        pause();
    }
}

/* -- Stack size ---------------- */

size_t
PyThread_get_stacksize(void)
{
    return wanted_stacksize();
}

/* 0, or -1 for a size that is not possible. */
int
PyThread_set_stacksize(size_t size)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (size == 0) {
        interp->threads.stacksize = 0;
        return 0;
    }
    size_t minimum = PTHREAD_STACK_MIN > THREAD_STACK_MIN ? (size_t)PTHREAD_STACK_MIN : THREAD_STACK_MIN;
    if (size < minimum) {
        return -1;
    }
    pthread_attr_t attrs;
    if (pthread_attr_init(&attrs) != 0) {
        return -1;
    }
    int err = pthread_attr_setstacksize(&attrs, size);
    pthread_attr_destroy(&attrs);
    if (err != 0) {
        return -1;
    }
    interp->threads.stacksize = size;
    return 0;
}

int
_PyThread_GetStackBounds(uintptr_t *low, uintptr_t *high)
{
    pthread_attr_t attrs;
    void *address;
    size_t size, guard = 0;
    if (pthread_getattr_np(pthread_self(), &attrs) != 0) {
        return 0;
    }
    int err = pthread_attr_getstack(&attrs, &address, &size);
    (void)pthread_attr_getguardsize(&attrs, &guard);
    pthread_attr_destroy(&attrs);
    if (err != 0) {
        return 0;
    }
    *low = (uintptr_t)address + guard;
    *high = (uintptr_t)address + size;
    return 1;
}

/* -- Locks ---------------- */

PyThread_type_lock
PyThread_allocate_lock(void)
{
    PyMutex *lock = PyMem_RawMalloc(sizeof(PyMutex));
    if (lock != NULL) {
        *lock = (PyMutex){0};
    }
    return (PyThread_type_lock)lock;
}

void
PyThread_free_lock(PyThread_type_lock lock)
{
    PyMem_RawFree(lock);
}

PyLockStatus
PyThread_acquire_lock_timed(PyThread_type_lock lock, PY_TIMEOUT_T microseconds, int intr_flag)
{
    PyTime_t timeout = microseconds < 0 ? -1 : _PyTime_FromMicrosecondsClamp(microseconds);
    /* Attached callers have left their thread state themselves, as always. */
    return _PyMutex_LockTimed((PyMutex *)lock, timeout,
                              intr_flag ? _PY_FAIL_IF_INTERRUPTED : _Py_LOCK_DONT_DETACH);
}

int
PyThread_acquire_lock(PyThread_type_lock lock, int waitflag)
{
    return PyThread_acquire_lock_timed(lock, waitflag ? -1 : 0, 0) == PY_LOCK_ACQUIRED;
}

void
PyThread_release_lock(PyThread_type_lock lock)
{
    PyMutex_Unlock((PyMutex *)lock);
}

int
_PyThread_at_fork_reinit(PyThread_type_lock *lock)
{
    PyThread_type_lock fresh = PyThread_allocate_lock();
    if (fresh == NULL) {
        return -1;
    }
    /* The old one may be locked by a thread that does not exist here; it is abandoned. */
    *lock = fresh;
    return 0;
}

PyAPI_FUNC(PyLockStatus) PyThread_acquire_lock_timed_with_retries(PyThread_type_lock lock, PyTime_t timeout);

/* With the thread state left while it waits; PY_LOCK_INTR with an exception if a signal handler raised. */
PyLockStatus
PyThread_acquire_lock_timed_with_retries(PyThread_type_lock lock, PyTime_t timeout)
{
    return _PyMutex_LockTimed((PyMutex *)lock, timeout, _PY_LOCK_DETACH | _PY_LOCK_HANDLE_SIGNALS);
}

PyAPI_FUNC(int) PyThread_ParseTimeoutArg(PyObject *arg, int blocking, PY_TIMEOUT_T *timeout);

int
PyThread_ParseTimeoutArg(PyObject *arg, int blocking, PY_TIMEOUT_T *timeout_p)
{
    assert(_PyTime_FromSeconds(-1) == -1000000000);
    if (arg == NULL || arg == Py_None) {
        *timeout_p = blocking ? -1 : 0;
        return 0;
    }
    if (!blocking) {
        PyErr_SetString(PyExc_ValueError, "can't specify a timeout for a non-blocking call");
        return -1;
    }
    PyTime_t timeout;
    if (_PyTime_FromSecondsObject(&timeout, arg, _PyTime_ROUND_TIMEOUT) < 0) {
        return -1;
    }
    if (timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "timeout value must be a non-negative number");
        return -1;
    }
    if (_PyTime_AsMicroseconds(timeout, _PyTime_ROUND_TIMEOUT) > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return -1;
    }
    *timeout_p = _PyTime_AsMicroseconds(timeout, _PyTime_ROUND_TIMEOUT);
    return 0;
}

/* -- Thread-specific storage ---------------- */

Py_tss_t *
PyThread_tss_alloc(void)
{
    Py_tss_t *key = PyMem_RawMalloc(sizeof(Py_tss_t));
    if (key != NULL) {
        *key = (Py_tss_t)Py_tss_NEEDS_INIT;
    }
    return key;
}

void
PyThread_tss_free(Py_tss_t *key)
{
    if (key != NULL) {
        PyThread_tss_delete(key);
        PyMem_RawFree(key);
    }
}

int
PyThread_tss_is_created(Py_tss_t *key)
{
    assert(key != NULL);
    return key->_is_initialized;
}

int
PyThread_tss_create(Py_tss_t *key)
{
    assert(key != NULL);
    if (key->_is_initialized) {
        return 0;
    }
    if (pthread_key_create(&key->_key, NULL) != 0) {
        return -1;
    }
    key->_is_initialized = 1;
    return 0;
}

void
PyThread_tss_delete(Py_tss_t *key)
{
    assert(key != NULL);
    if (key->_is_initialized) {
        pthread_key_delete(key->_key);
        key->_is_initialized = 0;
    }
}

int
PyThread_tss_set(Py_tss_t *key, void *value)
{
    assert(key != NULL);
    return pthread_setspecific(key->_key, value) ? -1 : 0;
}

void *
PyThread_tss_get(Py_tss_t *key)
{
    assert(key != NULL);
    return pthread_getspecific(key->_key);
}

/* The old interface: keys are ints. */
int
PyThread_create_key(void)
{
    pthread_key_t key;
    if (pthread_key_create(&key, NULL) != 0) {
        return -1;
    }
    if (key > INT_MAX) {
        pthread_key_delete(key);
        errno = ENOMEM;
        return -1;
    }
    return (int)key;
}

void
PyThread_delete_key(int key)
{
    pthread_key_delete((pthread_key_t)key);
}

void
PyThread_delete_key_value(int key)
{
    pthread_setspecific((pthread_key_t)key, NULL);
}

int
PyThread_set_key_value(int key, void *value)
{
    return pthread_setspecific((pthread_key_t)key, value) ? -1 : 0;
}

void *
PyThread_get_key_value(int key)
{
    return pthread_getspecific((pthread_key_t)key);
}

void
PyThread_ReInitTLS(void)
{
}

/* -- sys.thread_info ---------------- */

static PyStructSequence_Field threadinfo_fields[] = {
    {"name", "Name of the thread implementation."},
    {"lock", "Name of the lock implementation."},
    {"version", "Name and version of the thread library."},
    {NULL, NULL},
};

static PyStructSequence_Desc threadinfo_desc = {
    "sys.thread_info",
    "Facts about the implementation of threads.",
    threadinfo_fields,
    3,
};

static PyTypeObject ThreadInfoType;

PyObject *
PyThread_GetInfo(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (_PyStructSequence_InitBuiltin(interp, &ThreadInfoType, &threadinfo_desc) < 0) {
        return NULL;
    }
    PyObject *info = PyStructSequence_New(&ThreadInfoType);
    if (info == NULL) {
        return NULL;
    }
    PyObject *items[3] = {PyUnicode_FromString("pthread"), NULL, NULL};
    items[1] = PyUnicode_FromString("semaphore");
#ifdef __GLIBC__
    items[2] = PyUnicode_FromFormat("NPTL %s", gnu_get_libc_version());
#else
    items[2] = Py_NewRef(Py_None);
#endif
    int failed = 0;
    for (int i = 0; i < 3; i++) {
        failed |= items[i] == NULL;
        PyStructSequence_SET_ITEM(info, i, items[i]);
    }
    if (failed) {
        Py_DECREF(info);
        return NULL;
    }
    return info;
}

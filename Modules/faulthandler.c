/* The faulthandler module: tracebacks of Python and C when the process dies, on a signal, or after a time.

   State is the process's: fatal signals, user signals, the watchdog.  Handlers read it without locks; it is changed by
   functions of the module, which one thread at a time should call.
   Handlers call nothing that is not async-signal-safe, but for raise() of the former handler. */
#ifndef _GNU_SOURCE
#  define _GNU_SOURCE 1
#endif
#include "Python.h"
#include "pycore_args.h"
#include "pycore_ceval.h"
#include "pycore_faulthandler.h"
#include "pycore_fileutils.h"
#include "pycore_global_ids.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_signal.h"
#include "pycore_stoptheworld.h"
#include "pycore_sysmodule.h"
#include "pycore_time.h"
#include "pycore_traceback.h"

#include "pythread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#define PUTS(fd, text) (void)_Py_write_noraise((fd), (text), strlen(text))

/* What all_threads becomes when other threads run while we would look at them. */
#define ONLY_CURRENT_THREAD 2

/* -- State --------------------------------------------------------------------------------------------------- */

typedef struct {
    int enabled;
    struct sigaction previous;
    const int sig;
    const char *const name;
} fatal_signal;

static struct {
    int enabled;
    PyObject *file;             /* keeps the descriptor open */
    int fd;
    int all_threads;
    int c_stack;
    PyInterpreterState *interp;
} fatal = {.fd = -1};

/* SIGSEGV last: the others are raised on purpose more often. */
static fatal_signal fatal_signals[] = {
    {.sig = SIGBUS, .name = "Bus error"},
    {.sig = SIGILL, .name = "Illegal instruction"},
    {.sig = SIGFPE, .name = "Floating-point exception"},
    {.sig = SIGABRT, .name = "Aborted"},
    {.sig = SIGSEGV, .name = "Segmentation fault"},
};

typedef struct {
    int enabled;
    PyObject *file;
    int fd;
    int all_threads;
    int chain;
    struct sigaction previous;
    PyInterpreterState *interp;
} user_signal;

static user_signal *user_signals;       /* Py_NSIG of them */

static struct {
    PyObject *file;
    int fd;
    PyTime_t timeout;
    int repeat;
    PyInterpreterState *interp;
    int exit;
    char *header;
    size_t header_size;
    PyThread_type_lock cancel_event;    /* held while the watchdog shall run */
    PyThread_type_lock running;         /* held by the watchdog */
} watchdog;

static stack_t alternate_stack, former_stack;

/* Handlers need a stack even after the thread's own has overflowed.  The first thread gets it, which runs most of the C. */
static int
use_alternate_stack(void)
{
    if (alternate_stack.ss_sp != NULL) {
        return 0;
    }
    size_t size = (size_t)SIGSTKSZ * 2, least = getauxval(AT_MINSIGSTKSZ) + (size_t)SIGSTKSZ;
    alternate_stack.ss_flags = 0;
    alternate_stack.ss_size = size > least ? size : least;
    alternate_stack.ss_sp = PyMem_RawMalloc(alternate_stack.ss_size);
    if (alternate_stack.ss_sp == NULL) {
        return -1;
    }
    if (sigaltstack(&alternate_stack, &former_stack) != 0) {
        PyMem_RawFree(alternate_stack.ss_sp);
        alternate_stack.ss_sp = NULL;
    }
    return 0;
}

/* -- Dumping ------------------------------------------------------------------------------------------------------ */

static void
dump_threads(int fd, int all_threads, PyInterpreterState *interp)
{
    static volatile int inside;
    if (inside) {
        return;
    }
    inside = 1;
    /* The thread state by the thread's own memory: the one that holds the lock may be another. */
    PyThreadState *tstate = PyGILState_GetThisThreadState();
    if (all_threads == 1) {
        (void)_Py_DumpTracebackThreads(fd, NULL, tstate);
    }
    else {
        if (all_threads == ONLY_CURRENT_THREAD) {
            PUTS(fd, "<Cannot show all threads while the GIL is disabled>\n");
        }
        if (tstate != NULL) {
            _Py_DumpTraceback(fd, tstate);
        }
    }
    inside = 0;
}

/* In a handler: without the global lock the other threads cannot be held still. */
static int
all_threads_in_handler(int wanted)
{
    if (wanted != 1) {
        return wanted;
    }
    PyThreadState *tstate = PyGILState_GetThisThreadState();
    return tstate == NULL || _PyEval_IsGILEnabled(tstate) ? 1 : ONLY_CURRENT_THREAD;
}

/* -- Arguments ------------------------------------------------------------------------------------------------------ */

static int
bad_descriptor(PyObject *exception, const char *message)
{
    PyErr_SetString(exception, message);
    return -1;
}

/* The descriptor of *file (NULL: sys.stderr), which afterwards owns the file object, or is NULL if none is to be kept. */
static int
descriptor_arg(PyObject **file_p)
{
    PyObject *file = *file_p;
    *file_p = NULL;
    if (file == NULL || file == Py_None) {
        if (_PySys_GetOptionalAttr(_Py_ID(stderr), &file) <= 0) {
            return PyErr_Occurred() ? -1 : bad_descriptor(PyExc_RuntimeError, "unable to get sys.stderr");
        }
        if (file == Py_None) {
            Py_DECREF(file);
            return bad_descriptor(PyExc_RuntimeError, "sys.stderr is None");
        }
    }
    else if (PyLong_Check(file)) {
        if (PyBool_Check(file) && PyErr_WarnEx(PyExc_RuntimeWarning, "bool is used as a file descriptor", 1) < 0) {
            return -1;
        }
        int fd = PyLong_AsInt(file);
        if (fd == -1 && PyErr_Occurred()) {
            return -1;
        }
        return fd >= 0 ? fd : bad_descriptor(PyExc_ValueError, "file is not a valid file descriptor");
    }
    else {
        Py_INCREF(file);
    }
    PyObject *number = PyObject_CallMethodNoArgs(file, _Py_ID(fileno));
    long fd = -1;
    if (number != NULL) {
        if (PyLong_Check(number)) {
            fd = PyLong_AsLong(number);
            if (fd < 0 || fd >= INT_MAX) {
                PyErr_Clear();
                fd = -1;
            }
        }
        Py_DECREF(number);
        if (fd == -1) {
            PyErr_SetString(PyExc_RuntimeError, "file.fileno() is not a valid file descriptor");
        }
    }
    if (fd == -1) {
        Py_DECREF(file);
        return -1;
    }
    /* What is buffered stands before the traceback. */
    PyObject *value = PyObject_CallMethodNoArgs(file, _Py_ID(flush));
    if (value == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(value);
    *file_p = file;
    return (int)fd;
}

/* Truth of an optional argument; -1. */
static int
flag_arg(PyObject *arg, int standard)
{
    return arg == NULL ? standard : PyObject_IsTrue(arg);
}

static PyThreadState *
current_thread(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get the current thread state");
    }
    return tstate;
}

/* -- On request ------------------------------------------------------------------------------------------------------- */

#define KEYWORDS_ONLY(function, n, min, ...)                                                                        \
    static const char *const keywords[] = {__VA_ARGS__, NULL};                                                      \
    static _PyArg_Parser parser = {.keywords = keywords, .fname = #function};                                       \
    PyObject *buffer[n];                                                                                            \
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, (min), (n), 0, 0, buffer);                    \
    if (args == NULL) {                                                                                             \
        return NULL;                                                                                                \
    }

static PyObject *
faulthandler_dump_traceback(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    KEYWORDS_ONLY(dump_traceback, 2, 0, "file", "all_threads")
    PyObject *file = args[0];
    int all_threads = flag_arg(args[1], 1);
    int fd = all_threads < 0 ? -1 : descriptor_arg(&file);
    if (fd < 0) {
        return NULL;
    }
    PyThreadState *tstate = current_thread();
    const char *error = NULL;
    if (tstate != NULL && all_threads) {
        PyInterpreterState *interp = tstate->interp;
        _PyEval_StopTheWorld(interp);
        error = _Py_DumpTracebackThreads(fd, NULL, tstate);
        _PyEval_StartTheWorld(interp);
    }
    else if (tstate != NULL) {
        _Py_DumpTraceback(fd, tstate);
    }
    Py_XDECREF(file);
    if (error != NULL) {
        PyErr_SetString(PyExc_RuntimeError, error);
    }
    if (tstate == NULL || error != NULL || PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
faulthandler_dump_c_stack(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    KEYWORDS_ONLY(dump_c_stack, 1, 0, "file")
    PyObject *file = args[0];
    int fd = descriptor_arg(&file);
    if (fd < 0) {
        return NULL;
    }
    _Py_DumpStack(fd);
    Py_XDECREF(file);
    return PyErr_CheckSignals() < 0 ? NULL : Py_NewRef(Py_None);
}

/* -- Fatal signals ------------------------------------------------------------------------------------------------------- */

static void
fatal_signal_disable(fatal_signal *entry)
{
    if (entry->enabled) {
        entry->enabled = 0;
        (void)sigaction(entry->sig, &entry->previous, NULL);
    }
}

static void
fatal_handler(int sig)
{
    int saved = errno;
    if (!fatal.enabled) {
        return;
    }
    fatal_signal *entry = &fatal_signals[0];
    while (entry->sig != sig && entry < &fatal_signals[Py_ARRAY_LENGTH(fatal_signals) - 1]) {
        entry++;
    }
    /* A second fault goes to the former handler. */
    fatal_signal_disable(entry);
    if (entry->sig == sig) {
        PUTS(fatal.fd, "Fatal Python error: ");
        PUTS(fatal.fd, entry->name);
        PUTS(fatal.fd, "\n\n");
    }
    else {
        PUTS(fatal.fd, "Fatal Python error from unexpected signum: ");
        _Py_DumpDecimal(fatal.fd, (size_t)sig);
        PUTS(fatal.fd, "\n\n");
    }
    dump_threads(fatal.fd, all_threads_in_handler(fatal.all_threads), fatal.interp);
    if (fatal.c_stack) {
        PUTS(fatal.fd, "\n");
        _Py_DumpStack(fatal.fd);
    }
    _Py_DumpExtensionModules(fatal.fd, fatal.interp);
    errno = saved;
    /* To the former handler, once this one has returned and the signal is unblocked. */
    (void)raise(sig);
}

static int
fatal_enable(void)
{
    if (fatal.enabled) {
        return 0;
    }
    if (use_alternate_stack() < 0) {
        PyErr_NoMemory();
        return -1;
    }
    _Py_InitDumpStack();
    fatal.enabled = 1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
        fatal_signal *entry = &fatal_signals[i];
        struct sigaction action = {.sa_handler = fatal_handler, .sa_flags = SA_NODEFER};
        sigemptyset(&action.sa_mask);
        if (alternate_stack.ss_sp != NULL) {
            action.sa_flags |= SA_ONSTACK;
        }
        if (sigaction(entry->sig, &action, &entry->previous) != 0) {
            PyErr_SetFromErrno(PyExc_RuntimeError);
            return -1;
        }
        entry->enabled = 1;
    }
    return 0;
}

static void
fatal_disable(void)
{
    if (fatal.enabled) {
        fatal.enabled = 0;
        for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
            fatal_signal_disable(&fatal_signals[i]);
        }
    }
    Py_CLEAR(fatal.file);
}

static PyObject *
faulthandler_enable(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    KEYWORDS_ONLY(enable, 3, 0, "file", "all_threads", "c_stack")
    PyObject *file = args[0];
    int all_threads = flag_arg(args[1], 1), c_stack = flag_arg(args[2], 1);
    int fd = all_threads < 0 || c_stack < 0 ? -1 : descriptor_arg(&file);
    if (fd < 0) {
        return NULL;
    }
    PyThreadState *tstate = current_thread();
    if (tstate == NULL) {
        Py_XDECREF(file);
        return NULL;
    }
    Py_XSETREF(fatal.file, file);
    fatal.fd = fd;
    fatal.all_threads = all_threads;
    fatal.c_stack = c_stack;
    fatal.interp = tstate->interp;
    return fatal_enable() < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
faulthandler_disable(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    int was_enabled = fatal.enabled;
    fatal_disable();
    return PyBool_FromLong(was_enabled);
}

static PyObject *
faulthandler_is_enabled(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(fatal.enabled);
}

/* -- The watchdog ----------------------------------------------------------------------------------------------------------- */

static void
watchdog_main(void *unused)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);      /* signals are for other threads */
    PyLockStatus status;
    int ok = 1;
    do {
        status = PyThread_acquire_lock_timed(watchdog.cancel_event, (PY_TIMEOUT_T)(watchdog.timeout / 1000), 0);
        if (status == PY_LOCK_ACQUIRED) {
            PyThread_release_lock(watchdog.cancel_event);
            break;
        }
        (void)_Py_write_noraise(watchdog.fd, watchdog.header, watchdog.header_size);
        ok = _Py_DumpTracebackThreads(watchdog.fd, watchdog.interp, NULL) == NULL;
        if (watchdog.exit) {
            _exit(1);
        }
    } while (ok && watchdog.repeat);
    PyThread_release_lock(watchdog.running);
}

static void
watchdog_cancel(void)
{
    if (watchdog.cancel_event == NULL) {
        return;
    }
    /* Wake it, wait until it is over, arm the event for the next one. */
    PyThread_release_lock(watchdog.cancel_event);
    PyThread_acquire_lock(watchdog.running, 1);
    PyThread_release_lock(watchdog.running);
    PyThread_acquire_lock(watchdog.cancel_event, 1);
    Py_CLEAR(watchdog.file);
    PyMem_Free(watchdog.header);
    watchdog.header = NULL;
}

/* "Timeout (0:00:01)!\n", with microseconds where there are some. */
static char *
watchdog_header(PyTime_t timeout)
{
    PyTime_t total = _PyTime_AsMicroseconds(timeout, _PyTime_ROUND_TIMEOUT);
    unsigned long seconds = (unsigned long)(total / 1000000), micros = (unsigned long)(total % 1000000);
    unsigned long minutes = seconds / 60, hours = minutes / 60;
    char text[100];
    if (micros != 0) {
        PyOS_snprintf(text, sizeof text, "Timeout (%lu:%02lu:%02lu.%06lu)!\n", hours, minutes % 60, seconds % 60, micros);
    }
    else {
        PyOS_snprintf(text, sizeof text, "Timeout (%lu:%02lu:%02lu)!\n", hours, minutes % 60, seconds % 60);
    }
    char *copy = PyMem_Malloc(strlen(text) + 1);
    return copy != NULL ? strcpy(copy, text) : NULL;
}

static int
watchdog_locks(void)
{
    if (watchdog.cancel_event != NULL) {
        return 0;
    }
    watchdog.cancel_event = PyThread_allocate_lock();
    watchdog.running = PyThread_allocate_lock();
    if (watchdog.cancel_event == NULL || watchdog.running == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "could not allocate locks for watchdog thread");
        return -1;
    }
    PyThread_acquire_lock(watchdog.cancel_event, 1);
    return 0;
}

static PyObject *
faulthandler_dump_traceback_later(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    KEYWORDS_ONLY(dump_traceback_later, 4, 1, "timeout", "repeat", "file", "exit")
    PyTime_t timeout;
    int repeat = flag_arg(args[1], 0), leave = flag_arg(args[3], 0);
    if (repeat < 0 || leave < 0 || _PyTime_FromSecondsObject(&timeout, args[0], _PyTime_ROUND_TIMEOUT) < 0) {
        return NULL;
    }
    if (_PyTime_AsMicroseconds(timeout, _PyTime_ROUND_TIMEOUT) <= 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be greater than 0");
        return NULL;
    }
    if (timeout / 1000 > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return NULL;
    }
    PyThreadState *tstate = current_thread();
    PyObject *file = args[2];
    int fd = tstate != NULL ? descriptor_arg(&file) : -1;
    if (fd < 0) {
        return NULL;
    }
    char *header = watchdog_header(timeout);
    if (header == NULL || watchdog_locks() < 0) {
        if (header == NULL) {
            PyErr_NoMemory();
        }
        PyMem_Free(header);
        Py_XDECREF(file);
        return NULL;
    }
    watchdog_cancel();
    watchdog.file = file;
    watchdog.fd = fd;
    watchdog.timeout = timeout;
    watchdog.repeat = repeat;
    watchdog.interp = tstate->interp;
    watchdog.exit = leave;
    watchdog.header = header;
    watchdog.header_size = strlen(header);
    PyThread_acquire_lock(watchdog.running, 1);
    if (PyThread_start_new_thread(watchdog_main, NULL) == PYTHREAD_INVALID_THREAD_ID) {
        PyThread_release_lock(watchdog.running);
        Py_CLEAR(watchdog.file);
        PyMem_Free(watchdog.header);
        watchdog.header = NULL;
        PyErr_SetString(PyExc_RuntimeError, "unable to start watchdog thread");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
faulthandler_cancel_dump_traceback_later(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    watchdog_cancel();
    Py_RETURN_NONE;
}

/* -- Signals of the user's choice ------------------------------------------------------------------------------------------------ */

static void user_handler(int sig);

static int
user_install(int sig, int chain, struct sigaction *previous)
{
    /* Restart system calls: the program need not know. */
    struct sigaction action = {.sa_handler = user_handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (chain) {
        action.sa_flags = SA_NODEFER;   /* the former handler is called by raise() */
    }
    if (alternate_stack.ss_sp != NULL) {
        action.sa_flags |= SA_ONSTACK;
    }
    return sigaction(sig, &action, previous);
}

static void
user_handler(int sig)
{
    int saved = errno;
    user_signal *user = &user_signals[sig];
    if (!user->enabled) {
        return;
    }
    dump_threads(user->fd, all_threads_in_handler(user->all_threads), user->interp);
    if (user->chain) {
        (void)sigaction(sig, &user->previous, NULL);
        errno = saved;
        (void)raise(sig);
        saved = errno;
        (void)user_install(sig, user->chain, NULL);
    }
    errno = saved;
}

static int
user_uninstall(user_signal *user, int sig)
{
    if (!user->enabled) {
        return 0;
    }
    user->enabled = 0;
    (void)sigaction(sig, &user->previous, NULL);
    Py_CLEAR(user->file);
    user->fd = -1;
    return 1;
}

static int
user_signal_arg(PyObject *arg)
{
    int sig = PyLong_AsInt(arg);
    if (sig == -1 && PyErr_Occurred()) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
        if (fatal_signals[i].sig == sig) {
            PyErr_Format(PyExc_RuntimeError, "signal %i cannot be registered, use enable() instead", sig);
            return -1;
        }
    }
    if (sig < 1 || sig >= Py_NSIG) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return -1;
    }
    return sig;
}

static PyObject *
faulthandler_register(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    KEYWORDS_ONLY(register, 4, 1, "signum", "file", "all_threads", "chain")
    int all_threads = flag_arg(args[2], 1), chain = flag_arg(args[3], 0);
    if (all_threads < 0 || chain < 0) {
        return NULL;
    }
    int sig = user_signal_arg(args[0]);
    PyThreadState *tstate = sig > 0 ? current_thread() : NULL;
    PyObject *file = args[1];
    int fd = tstate != NULL ? descriptor_arg(&file) : -1;
    if (fd < 0) {
        return NULL;
    }
    if (user_signals == NULL && (user_signals = PyMem_Calloc(Py_NSIG, sizeof *user_signals)) == NULL) {
        Py_XDECREF(file);
        return PyErr_NoMemory();
    }
    user_signal *user = &user_signals[sig];
    struct sigaction previous;
    if (!user->enabled) {
        (void)use_alternate_stack();
        if (user_install(sig, chain, &previous) != 0) {
            Py_XDECREF(file);
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        user->previous = previous;
    }
    Py_XSETREF(user->file, file);
    user->fd = fd;
    user->all_threads = all_threads;
    user->chain = chain;
    user->interp = tstate->interp;
    user->enabled = 1;
    Py_RETURN_NONE;
}

static PyObject *
faulthandler_unregister(PyObject *module, PyObject *arg)
{
    int sig = user_signal_arg(arg);
    if (sig < 0) {
        return NULL;
    }
    return PyBool_FromLong(user_signals != NULL && user_uninstall(&user_signals[sig], sig));
}

/* -- Faults for tests ------------------------------------------------------------------------------------------------------------- */

/* No core dump, no report to the desktop. */
static void
without_core(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &limit);
    }
}

static void
raise_sigsegv(void)
{
    without_core();
    /* A handler of Python's for it would only take a note. */
    raise(SIGSEGV);
}

static PyObject *
faulthandler__read_null(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    without_core();
    volatile int *null = NULL;
    int value = *null;
    return PyLong_FromLong(value);
}

static PyObject *
faulthandler__sigsegv(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_sigsegv", nargs, 0, 1)) {
        return NULL;
    }
    int release = nargs ? PyObject_IsTrue(args[0]) : 0;
    if (release < 0) {
        return NULL;
    }
    if (release) {
        Py_BEGIN_ALLOW_THREADS
        raise_sigsegv();
        Py_END_ALLOW_THREADS
    }
    else {
        raise_sigsegv();
    }
    Py_RETURN_NONE;
}

static PyObject *
faulthandler__sigfpe(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    without_core();
    raise(SIGFPE);
    Py_RETURN_NONE;
}

static PyObject *
faulthandler__sigabrt(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    without_core();
    abort();
}

static void
fatal_error_thread(void *lock)
{
    Py_FatalError("in new thread");
}

static PyObject *
faulthandler__fatal_error_c_thread(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    without_core();
    PyThread_type_lock lock = PyThread_allocate_lock();
    if (lock == NULL) {
        return PyErr_NoMemory();
    }
    PyThread_acquire_lock(lock, WAIT_LOCK);
    if (PyThread_start_new_thread(fatal_error_thread, lock) == PYTHREAD_INVALID_THREAD_ID) {
        PyThread_free_lock(lock);
        PyErr_SetString(PyExc_RuntimeError, "unable to start the thread");
        return NULL;
    }
    PyThread_acquire_lock(lock, WAIT_LOCK);     /* for ever: the thread ends the process */
    Py_RETURN_NONE;
}

#define MAX_OVERFLOW (100 * 1024 * 1024)

/* Uses the stack until it is outside [low, high]; the depth. */
__attribute__((noinline)) static uintptr_t
use_stack(uintptr_t low, uintptr_t high, size_t *depth)
{
    volatile unsigned char block[4096];
    uintptr_t here = (uintptr_t)block;
    block[0] = 1;
    block[4095] = 0;
    (*depth)++;
    if (here < low || here > high) {
        return here;
    }
    return use_stack(low, high, depth) + block[0] * 0u;
}

static PyObject *
faulthandler__stack_overflow(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    without_core();
    size_t depth = 0;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t low = here > MAX_OVERFLOW ? here - MAX_OVERFLOW : 0;
    uintptr_t reached = use_stack(low, here + MAX_OVERFLOW, &depth);
    PyErr_Format(PyExc_RuntimeError, "unable to raise a stack overflow (allocated %zu bytes on the stack, %zu recursive calls)",
                 (size_t)(here - reached), depth);
    return NULL;
}

/* -- Module ---------------------------------------------------------------------------------------------------------------------------- */

#define KEYWORDS (METH_FASTCALL | METH_KEYWORDS)

static PyMethodDef faulthandler_methods[] = {
    PY_METHOD_NOSIG("enable", faulthandler_enable, KEYWORDS,
                    "enable(file=sys.stderr, all_threads=True, c_stack=True)\n\nDump tracebacks when the process gets a fatal signal."),
    PY_METHOD(faulthandler, disable, METH_NOARGS, "($module, /)", "Undo enable()."),
    PY_METHOD(faulthandler, is_enabled, METH_NOARGS, "($module, /)", "Return whether enable() is in force."),
    PY_METHOD_NOSIG("dump_traceback", faulthandler_dump_traceback, KEYWORDS,
                    "dump_traceback(file=sys.stderr, all_threads=True)\n\nDump the tracebacks of all threads, or of this one."),
    PY_METHOD_NOSIG("dump_c_stack", faulthandler_dump_c_stack, KEYWORDS,
                    "dump_c_stack(file=sys.stderr)\n\nDump the C functions that are running."),
    PY_METHOD_NOSIG("dump_traceback_later", faulthandler_dump_traceback_later, KEYWORDS,
                    "dump_traceback_later(timeout, repeat=False, file=sys.stderr, exit=False)\n\n"
                    "Dump the tracebacks of all threads after some seconds, once or again and again."),
    PY_METHOD(faulthandler, cancel_dump_traceback_later, METH_NOARGS, "($module, /)", "Undo dump_traceback_later()."),
    PY_METHOD_NOSIG("register", faulthandler_register, KEYWORDS,
                    "register(signum, file=sys.stderr, all_threads=True, chain=False)\n\nDump tracebacks on a signal."),
    PY_METHOD(faulthandler, unregister, METH_O, "($module, signum, /)", "Undo register()."),
    PY_METHOD_NOSIG("_read_null", faulthandler__read_null, METH_NOARGS, "Read from address 0."),
    PY_METHOD_NOSIG("_sigsegv", faulthandler__sigsegv, METH_FASTCALL, "Raise SIGSEGV."),
    PY_METHOD_NOSIG("_fatal_error_c_thread", faulthandler__fatal_error_c_thread, METH_NOARGS,
                    "Call Py_FatalError() in a thread that has no thread state."),
    PY_METHOD_NOSIG("_sigabrt", faulthandler__sigabrt, METH_NOARGS, "Raise SIGABRT."),
    PY_METHOD_NOSIG("_sigfpe", faulthandler__sigfpe, METH_NOARGS, "Raise SIGFPE."),
    PY_METHOD_NOSIG("_stack_overflow", faulthandler__stack_overflow, METH_NOARGS, "Use up the C stack."),
    {0},
};

static int
faulthandler_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(watchdog.file);
    if (user_signals != NULL) {
        for (int sig = 0; sig < Py_NSIG; sig++) {
            Py_VISIT(user_signals[sig].file);
        }
    }
    Py_VISIT(fatal.file);
    return 0;
}

static PyModuleDef_Slot faulthandler_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef faulthandler_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "faulthandler",
    .m_doc = "Tracebacks of a process that dies or hangs.",
    .m_methods = faulthandler_methods,
    .m_traverse = faulthandler_traverse,
    .m_slots = faulthandler_slots,
};

PyMODINIT_FUNC
PyInit_faulthandler(void)
{
    return PyModuleDef_Init(&faulthandler_module);
}

/* -- Start and end ----------------------------------------------------------------------------------------------------------------------- */

static int
enable_at_start(void)
{
    PyObject *function = PyImport_ImportModuleAttrString("faulthandler", "enable");
    PyObject *result = function != NULL ? PyObject_CallNoArgs(function) : NULL;
    Py_XDECREF(function);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

PyStatus
_PyFaulthandler_Init(int enable)
{
    if (enable && enable_at_start() < 0) {
        return _PyStatus_ERR("failed to enable faulthandler");
    }
    return _PyStatus_OK();
}

void
_PyFaulthandler_Fini(void)
{
    if (watchdog.cancel_event != NULL) {
        watchdog_cancel();
        PyThread_release_lock(watchdog.cancel_event);
        PyThread_free_lock(watchdog.cancel_event);
        watchdog.cancel_event = NULL;
    }
    if (watchdog.running != NULL) {
        PyThread_free_lock(watchdog.running);
        watchdog.running = NULL;
    }
    if (user_signals != NULL) {
        for (int sig = 1; sig < Py_NSIG; sig++) {
            user_uninstall(&user_signals[sig], sig);
        }
        PyMem_Free(user_signals);
        user_signals = NULL;
    }
    fatal_disable();
    if (alternate_stack.ss_sp != NULL) {
        /* The former one comes back, unless somebody else has changed it since. */
        stack_t current;
        if (sigaltstack(NULL, &current) == 0 && current.ss_sp == alternate_stack.ss_sp) {
            (void)sigaltstack(&former_stack, NULL);
            PyMem_RawFree(alternate_stack.ss_sp);
        }
        alternate_stack.ss_sp = NULL;
    }
}

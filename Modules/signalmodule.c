/* _signal, and how signals reach Python code.

   The C handler only notes the signal (handlers[i].tripped, is_tripped), writes to the wakeup descriptor and sets
   the main thread's breaker.  The main thread of the main interpreter calls the Python handlers at its next
   quiescent point, or where C code calls PyErr_CheckSignals().
   handlers[i].func is an owned reference that only the main thread replaces; it is stored atomically because any
   thread may read it through getsignal().  What the C handler touches is atomic and async-signal-safe. */
#include "Python.h"
#include "pycore_args.h"            // PY_METHOD
#include "pycore_atomic_ft.h"
#include "pycore_ceval.h"           // _PyEval_SignalReceived
#include "pycore_interp.h"
#include "pycore_modsupport.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_structseq.h"
#include "pycore_time.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef NSIG
#  define NSIG 65
#endif
#define Py_NSIG 65

typedef struct {
    PyObject *itimer_error;
    PyTypeObject *siginfo_type;
} signal_module_state;



static inline signal_module_state *
get_signal_state(PyObject *module)
{
    return (signal_module_state *)PyModule_GetState(module);
}

#define signals (_PyRuntime.signals)
#define DefaultHandler signals.default_handler
#define IgnoreHandler signals.ignore_handler

static PyObject *
get_handler(int signum)
{
    return __atomic_load_n(&signals.handlers[signum].func, __ATOMIC_ACQUIRE);
}

static void
set_handler(int signum, PyObject *func)
{
    __atomic_store_n(&signals.handlers[signum].func, func, __ATOMIC_RELEASE);
}

/* SIG_DFL and SIG_IGN are ints in Python. */
static int
is_int_handler(PyObject *func, PyObject *which)
{
    if (func == which) {
        return 1;
    }
    if (func == NULL || !PyLong_CheckExact(func)) {
        return 0;
    }
    return PyObject_RichCompareBool(func, which, Py_EQ) == 1;
}

/* -- The C side of a signal ---------------- */

static int
report_wakeup_write_error(void *data)
{
    PyObject *exc = PyErr_GetRaisedException();
    errno = (int)(intptr_t)data;
    PyErr_SetFromErrno(PyExc_OSError);
    PyErr_FormatUnraisable("Exception ignored while trying to write to the signal wakeup fd");
    PyErr_SetRaisedException(exc);
    return 0;
}

static void
trip_signal(int signum)
{
    __atomic_store_n(&signals.handlers[signum].tripped, 1, __ATOMIC_RELAXED);
    /* Release: who sees this sees which one. */
    __atomic_store_n(&signals.is_tripped, 1, __ATOMIC_RELEASE);
    _PyEval_SignalReceived();

    int fd = signals.wakeup.fd;
    if (fd == -1) {
        return;
    }
    unsigned char byte = (unsigned char)signum;
    ssize_t written;
    do {
        written = write(fd, &byte, 1);
    } while (written < 0 && errno == EINTR);
    if (written < 0 && (signals.wakeup.warn_on_full_buffer || (errno != EWOULDBLOCK && errno != EAGAIN))) {
        /* Not async-signal-safe in the strict sense, as everywhere: the lock it takes is held for a few
           instructions, by other threads at most. */
        PyInterpreterState *interp = _PyInterpreterState_Main();
        _PyEval_AddPendingCall(interp, report_wakeup_write_error, (void *)(intptr_t)errno,
                               _Py_PENDING_MAINTHREADONLY);
    }
}

static void
signal_handler(int signum)
{
    int err = errno;
    trip_signal(signum);
    errno = err;
}

PyOS_sighandler_t
PyOS_getsig(int signum)
{
    struct sigaction context;
    if (sigaction(signum, NULL, &context) == -1) {
        return SIG_ERR;
    }
    return context.sa_handler;
}

PyOS_sighandler_t
PyOS_setsig(int signum, PyOS_sighandler_t handler)
{
    struct sigaction context = {.sa_handler = handler, .sa_flags = SA_ONSTACK}, old;
    sigemptyset(&context.sa_mask);
    if (sigaction(signum, &context, &old) == -1) {
        return SIG_ERR;
    }
    return old.sa_handler;
}

/* -- The Python side ---------------- */

static PyObject *
current_frame_object(PyThreadState *tstate)
{
    PyFrameObject *frame = PyThreadState_GetFrame(tstate);
    return frame == NULL ? Py_NewRef(Py_None) : (PyObject *)frame;
}

/* Calls the handler of one signal.  -1 with an exception. */
static int
call_handler(PyThreadState *tstate, int signum)
{
    PyObject *func = get_handler(signum);
    if (func == NULL || func == Py_None || is_int_handler(func, IgnoreHandler)
        || is_int_handler(func, DefaultHandler)) {
        /* Replaced since the signal came. */
        PyErr_Format(PyExc_OSError, "Signal %i ignored due to race condition", signum);
        PyErr_FormatUnraisable("Exception ignored while calling signal handler");
        return 0;
    }
    PyObject *frame = current_frame_object(tstate);
    PyObject *number = PyLong_FromLong(signum);
    PyObject *result = NULL;
    if (number != NULL) {
        Py_INCREF(func);
        PyObject *args[] = {number, frame};
        result = PyObject_Vectorcall(func, args, 2, NULL);
        Py_DECREF(func);
        Py_DECREF(number);
    }
    Py_DECREF(frame);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

int
_PyErr_CheckSignalsTstate(PyThreadState *tstate)
{
    if (!__atomic_exchange_n(&signals.is_tripped, 0, __ATOMIC_ACQ_REL)) {
        return 0;
    }
    for (int i = 1; i < Py_NSIG; i++) {
        if (!__atomic_exchange_n(&signals.handlers[i].tripped, 0, __ATOMIC_ACQ_REL)) {
            continue;
        }
        if (call_handler(tstate, i) < 0) {
            /* The others wait for the next time. */
            __atomic_store_n(&signals.is_tripped, 1, __ATOMIC_RELEASE);
            return -1;
        }
    }
    return 0;
}

int
_PyErr_CheckSignals(void)
{
    return _PyErr_CheckSignalsTstate(_PyThreadState_GET());
}

int
PyErr_CheckSignals(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    /* C code that loops for long comes here: it is a good place for a collection that is due. */
    if (_Py_eval_breaker_bit_is_set(tstate, _PY_GC_SCHEDULED_BIT)) {
        _Py_unset_eval_breaker_bit(tstate, _PY_GC_SCHEDULED_BIT);
        _Py_RunGC(tstate);
    }
    if (!_Py_ThreadCanHandleSignals(tstate->interp)) {
        return 0;
    }
    return _PyErr_CheckSignalsTstate(tstate);
}

int
PyErr_SetInterruptEx(int signum)
{
    if (signum < 1 || signum >= Py_NSIG) {
        return -1;
    }
    PyObject *func = get_handler(signum);
    if (!is_int_handler(func, IgnoreHandler) && !is_int_handler(func, DefaultHandler)) {
        trip_signal(signum);
    }
    return 0;
}

void
PyErr_SetInterrupt(void)
{
    (void)PyErr_SetInterruptEx(SIGINT);
}

int
_PyOS_InterruptOccurred(PyThreadState *tstate)
{
    if (!_Py_ThreadCanHandleSignals(tstate->interp)) {
        return 0;
    }
    return __atomic_exchange_n(&signals.handlers[SIGINT].tripped, 0, __ATOMIC_RELAXED);
}

PyAPI_FUNC(int) PyOS_InterruptOccurred(void);

int
PyOS_InterruptOccurred(void)
{
    return _PyOS_InterruptOccurred(_PyThreadState_GET());
}

/* In the child of fork: signals that came before belong to the parent. */
void
_PySignal_AfterFork(void)
{
    if (!__atomic_load_n(&signals.is_tripped, __ATOMIC_RELAXED)) {
        return;
    }
    signals.is_tripped = 0;
    for (int i = 1; i < Py_NSIG; i++) {
        signals.handlers[i].tripped = 0;
    }
}

PyAPI_FUNC(void) _Py_RestoreSignals(void);

/* As they were before Python ignored them: for the programs that subprocess starts. */
void
_Py_RestoreSignals(void)
{
    PyOS_setsig(SIGPIPE, SIG_DFL);
    PyOS_setsig(SIGXFSZ, SIG_DFL);
}

/* -- Arguments ---------------- */

static int
parse_signum(PyObject *arg, int *signum)
{
    *signum = PyLong_AsInt(arg);
    return *signum == -1 && PyErr_Occurred() ? -1 : 0;
}

static int
check_signum(int signum)
{
    if (signum < 1 || signum >= Py_NSIG) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return -1;
    }
    return 0;
}

static int
check_nargs(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    return _PyArg_CheckPositional(name, nargs, min, max) ? 0 : -1;
}

/* An iterable of signal numbers. */
static int
parse_sigset(PyObject *arg, sigset_t *mask)
{
    sigemptyset(mask);
    PyObject *iterator = PyObject_GetIter(arg);
    if (iterator == NULL) {
        return -1;
    }
    PyObject *item;
    int result = 0;
    while (result == 0 && (item = PyIter_Next(iterator)) != NULL) {
        int overflow;
        long signum = PyLong_AsLongAndOverflow(item, &overflow);
        Py_DECREF(item);
        if (signum <= 0 || signum >= Py_NSIG) {
            if (overflow || !PyErr_Occurred()) {
                PyErr_Format(PyExc_ValueError, "signal number %ld out of range [1; %i]", signum, Py_NSIG - 1);
            }
            result = -1;
        }
        else if (sigaddset(mask, (int)signum) && errno != EINVAL) {
            PyErr_SetFromErrno(PyExc_OSError);
            result = -1;
        }
        /* EINVAL: one that the C library keeps for itself, which users of range(1, NSIG) do not care about. */
    }
    Py_DECREF(iterator);
    return result < 0 || PyErr_Occurred() ? -1 : 0;
}

static PyObject *
set_from_sigset(const sigset_t *mask)
{
    PyObject *result = PySet_New(NULL);
    for (int signum = 1; result != NULL && signum < Py_NSIG; signum++) {
        if (sigismember(mask, signum) != 1) {
            continue;
        }
        PyObject *number = PyLong_FromLong(signum);
        if (number == NULL || PySet_Add(result, number) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(number);
    }
    return result;
}

/* -- Handlers ---------------- */

static PyObject *
signal_default_int_handler(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int signum;
    if (check_nargs("default_int_handler", nargs, 2, 2) < 0 || parse_signum(args[0], &signum) < 0) {
        return NULL;
    }
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return NULL;
}

static PyObject *
signal_signal(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int signum;
    if (check_nargs("signal", nargs, 2, 2) < 0 || parse_signum(args[0], &signum) < 0) {
        return NULL;
    }
    PyObject *handler = args[1];
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_Py_ThreadCanHandleSignals(tstate->interp)) {
        PyErr_SetString(PyExc_ValueError, "signal only works in main thread of the main interpreter");
        return NULL;
    }
    if (check_signum(signum) < 0) {
        return NULL;
    }
    void (*func)(int);
    if (PyCallable_Check(handler)) {
        func = signal_handler;
    }
    else if (is_int_handler(handler, IgnoreHandler)) {
        func = SIG_IGN;
    }
    else if (is_int_handler(handler, DefaultHandler)) {
        func = SIG_DFL;
    }
    else {
        PyErr_Clear();
        PyErr_SetString(PyExc_TypeError,
                        "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
        return NULL;
    }
    /* Signals that came so far go to the handler that was set. */
    if (_PyErr_CheckSignalsTstate(tstate) < 0) {
        return NULL;
    }
    if (PyOS_setsig(signum, func) == SIG_ERR) {
        PyErr_SetFromErrno(PyExc_OSError);
        return NULL;
    }
    PyObject *old = get_handler(signum);
    set_handler(signum, Py_NewRef(handler));
    return old == NULL ? Py_NewRef(Py_None) : old;
}

static PyObject *
signal_getsignal(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int signum;
    if (parse_signum(arg, &signum) < 0 || check_signum(signum) < 0) {
        return NULL;
    }
    PyObject *handler = get_handler(signum);
    return Py_NewRef(handler == NULL ? Py_None : handler);
}

static PyObject *
signal_siginterrupt(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int signum, flag;
    if (check_nargs("siginterrupt", nargs, 2, 2) < 0 || parse_signum(args[0], &signum) < 0
        || parse_signum(args[1], &flag) < 0 || check_signum(signum) < 0) {
        return NULL;
    }
    struct sigaction action;
    if (sigaction(signum, NULL, &action) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (flag) {
        action.sa_flags &= ~SA_RESTART;
    }
    else {
        action.sa_flags |= SA_RESTART;
    }
    if (sigaction(signum, &action, NULL) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyObject *
signal_strsignal(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int signum;
    if (parse_signum(arg, &signum) < 0 || check_signum(signum) < 0) {
        return NULL;
    }
    errno = 0;
    const char *text = strsignal(signum);
    if (errno || text == NULL || strstr(text, "Unknown signal") != NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(text);
}

static PyObject *
signal_set_wakeup_fd(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"", "warn_on_full_buffer", NULL};
    int fd, warn = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|$p:set_wakeup_fd", keywords, &fd, &warn)) {
        return NULL;
    }
    if (!_Py_ThreadCanHandleSignals(_PyInterpreterState_GET())) {
        PyErr_SetString(PyExc_ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
        return NULL;
    }
    if (fd != -1) {
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (!(flags & O_NONBLOCK)) {
            PyErr_Format(PyExc_ValueError, "the fd %i must be in non-blocking mode", fd);
            return NULL;
        }
    }
    int old_fd = signals.wakeup.fd;
    signals.wakeup.fd = fd;
    signals.wakeup.warn_on_full_buffer = warn;
    return PyLong_FromLong(old_fd);
}

int
PySignal_SetWakeupFd(int fd)
{
    if (fd < 0) {
        fd = -1;
    }
    int old_fd = signals.wakeup.fd;
    signals.wakeup.fd = fd;
    signals.wakeup.warn_on_full_buffer = 1;
    return old_fd;
}

/* -- Sending and waiting ---------------- */

static PyObject *
signal_raise_signal(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int signum, err;
    if (parse_signum(arg, &signum) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    err = raise(signum);
    Py_END_ALLOW_THREADS
    if (err) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    /* The handler runs before the call returns. */
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
signal_pthread_kill(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int signum;
    if (check_nargs("pthread_kill", nargs, 2, 2) < 0) {
        return NULL;
    }
    unsigned long thread_id = PyLong_AsUnsignedLongMask(args[0]);
    if ((thread_id == (unsigned long)-1 && PyErr_Occurred()) || parse_signum(args[1], &signum) < 0
        || PySys_Audit("signal.pthread_kill", "ki", thread_id, signum) < 0) {
        return NULL;
    }
    int err = pthread_kill((pthread_t)thread_id, signum);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
signal_pidfd_send_signal(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int pidfd, signum, flags = 0;
    if (check_nargs("pidfd_send_signal", nargs, 2, 4) < 0 || parse_signum(args[0], &pidfd) < 0
        || parse_signum(args[1], &signum) < 0 || (nargs > 3 && parse_signum(args[3], &flags) < 0)) {
        return NULL;
    }
    if (nargs > 2 && args[2] != Py_None) {
        PyErr_SetString(PyExc_TypeError, "siginfo must be None");
        return NULL;
    }
    if (syscall(SYS_pidfd_send_signal, pidfd, signum, NULL, flags) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyObject *
signal_pause(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    (void)pause();
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
signal_pthread_sigmask(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int how;
    sigset_t mask, previous;
    if (check_nargs("pthread_sigmask", nargs, 2, 2) < 0 || parse_signum(args[0], &how) < 0
        || parse_sigset(args[1], &mask) < 0) {
        return NULL;
    }
    int err = pthread_sigmask(how, &mask, &previous);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    /* Signals that were unblocked have come. */
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return set_from_sigset(&previous);
}

static PyObject *
signal_sigpending(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    sigset_t mask;
    if (sigpending(&mask) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return set_from_sigset(&mask);
}

static PyObject *
signal_sigwait(PyObject *Py_UNUSED(module), PyObject *arg)
{
    sigset_t set;
    int err, signum;
    if (parse_sigset(arg, &set) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    err = sigwait(&set, &signum);
    Py_END_ALLOW_THREADS
    if (err) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(signum);
}

static PyObject *
siginfo_object(signal_module_state *state, const siginfo_t *si)
{
    PyObject *result = PyStructSequence_New(state->siginfo_type);
    if (result == NULL) {
        return NULL;
    }
    PyObject *items[] = {
        PyLong_FromLong(si->si_signo), PyLong_FromLong(si->si_code), PyLong_FromLong(si->si_errno),
        PyLong_FromLong(si->si_pid), PyLong_FromUnsignedLong(si->si_uid), PyLong_FromLong(si->si_status),
        PyLong_FromLong(si->si_band),
    };
    int failed = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(items); i++) {
        failed |= items[i] == NULL;
        PyStructSequence_SET_ITEM(result, (Py_ssize_t)i, items[i]);
    }
    if (failed) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
signal_sigwaitinfo(PyObject *module, PyObject *arg)
{
    sigset_t set;
    siginfo_t si;
    int err;
    if (parse_sigset(arg, &set) < 0) {
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        err = sigwaitinfo(&set, &si);
        Py_END_ALLOW_THREADS
        if (err == -1 && errno == EINTR && PyErr_CheckSignals() < 0) {
            return NULL;
        }
    } while (err == -1 && errno == EINTR);
    if (err == -1) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return siginfo_object(get_signal_state(module), &si);
}

static PyObject *
signal_sigtimedwait(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    sigset_t set;
    siginfo_t si;
    PyTime_t timeout;
    if (check_nargs("sigtimedwait", nargs, 2, 2) < 0 || parse_sigset(args[0], &set) < 0
        || _PyTime_FromSecondsObject(&timeout, args[1], _PyTime_ROUND_CEILING) < 0) {
        return NULL;
    }
    if (timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
        return NULL;
    }
    PyTime_t deadline = _PyDeadline_Init(timeout);
    for (;;) {
        struct timespec ts;
        int result;
        (void)_PyTime_AsTimespec(timeout, &ts);
        Py_BEGIN_ALLOW_THREADS
        result = sigtimedwait(&set, &si, &ts);
        Py_END_ALLOW_THREADS
        if (result != -1) {
            return siginfo_object(get_signal_state(module), &si);
        }
        if (errno == EAGAIN) {
            Py_RETURN_NONE;
        }
        if (errno != EINTR) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
        timeout = _PyDeadline_Get(deadline);
        if (timeout < 0) {
            Py_RETURN_NONE;
        }
    }
}

static PyObject *
signal_valid_signals(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    sigset_t mask;
    if (sigemptyset(&mask) || sigfillset(&mask)) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return set_from_sigset(&mask);
}

/* -- Timers ---------------- */

static PyObject *
signal_alarm(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int seconds;
    if (parse_signum(arg, &seconds) < 0) {
        return NULL;
    }
    return PyLong_FromLong((long)alarm((unsigned int)seconds));
}

static int
timeval_from_object(PyObject *obj, struct timeval *tv)
{
    if (obj == NULL) {
        tv->tv_sec = 0;
        tv->tv_usec = 0;
        return 0;
    }
    PyTime_t t;
    if (_PyTime_FromSecondsObject(&t, obj, _PyTime_ROUND_CEILING) < 0) {
        return -1;
    }
    return _PyTime_AsTimeval(t, tv, _PyTime_ROUND_CEILING);
}

static double
timeval_seconds(const struct timeval *tv)
{
    return (double)tv->tv_sec + (double)tv->tv_usec / 1000000.0;
}

static PyObject *
itimer_object(const struct itimerval *iv)
{
    return Py_BuildValue("(dd)", timeval_seconds(&iv->it_value), timeval_seconds(&iv->it_interval));
}

static PyObject *
signal_setitimer(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int which;
    struct itimerval fresh, old;
    if (check_nargs("setitimer", nargs, 2, 3) < 0 || parse_signum(args[0], &which) < 0
        || timeval_from_object(args[1], &fresh.it_value) < 0
        || timeval_from_object(nargs > 2 ? args[2] : NULL, &fresh.it_interval) < 0) {
        return NULL;
    }
    if (setitimer((__itimer_which_t)which, &fresh, &old) < 0) {
        return PyErr_SetFromErrno(get_signal_state(module)->itimer_error);
    }
    return itimer_object(&old);
}

static PyObject *
signal_getitimer(PyObject *module, PyObject *arg)
{
    int which;
    struct itimerval old;
    if (parse_signum(arg, &which) < 0) {
        return NULL;
    }
    if (getitimer((__itimer_which_t)which, &old) < 0) {
        return PyErr_SetFromErrno(get_signal_state(module)->itimer_error);
    }
    return itimer_object(&old);
}

/* -- The module ---------------- */

static PyMethodDef signal_methods[] = {
    PY_METHOD(signal, default_int_handler, METH_FASTCALL, "($module, signalnum, frame, /)",
              "Raise KeyboardInterrupt: how Python handles SIGINT at first."),
    PY_METHOD(signal, alarm, METH_O, "($module, seconds, /)",
              "Ask for SIGALRM in so many seconds; return how many were left of the last request."),
    PY_METHOD(signal, setitimer, METH_FASTCALL, "($module, which, seconds, interval=0.0, /)",
              "Start a timer that sends a signal after some seconds, then at every interval; return the old one."),
    PY_METHOD(signal, getitimer, METH_O, "($module, which, /)", "Return what a timer stands at."),
    PY_METHOD(signal, signal, METH_FASTCALL, "($module, signalnum, handler, /)",
              "Set what is to be done about a signal: a function, SIG_DFL or SIG_IGN.  Return what it was.\n\n"
              "The function is called in the main thread with the signal's number and the current frame."),
    PY_METHOD(signal, raise_signal, METH_O, "($module, signalnum, /)", "Send a signal to this process."),
    PY_METHOD(signal, strsignal, METH_O, "($module, signalnum, /)", "Return the system's text for a signal."),
    PY_METHOD(signal, getsignal, METH_O, "($module, signalnum, /)",
              "Return what is done about a signal; None if it is not Python that handles it."),
    PY_METHOD(signal, set_wakeup_fd, METH_VARARGS | METH_KEYWORDS,
              "($module, fd, /, *, warn_on_full_buffer=True)",
              "Write the number of each signal to fd, or to none if it is -1.  Return the old one."),
    PY_METHOD(signal, siginterrupt, METH_FASTCALL, "($module, signalnum, flag, /)",
              "Shall the signal interrupt system calls, or are they restarted?"),
    PY_METHOD(signal, pause, METH_NOARGS, "($module, /)", "Wait for a signal."),
    PY_METHOD(signal, pidfd_send_signal, METH_FASTCALL, "($module, pidfd, signalnum, siginfo=None, flags=0, /)",
              "Send a signal to the process of a pid file descriptor."),
    PY_METHOD(signal, pthread_kill, METH_FASTCALL, "($module, thread_id, signalnum, /)",
              "Send a signal to a thread of this process."),
    PY_METHOD(signal, pthread_sigmask, METH_FASTCALL, "($module, how, mask, /)",
              "Change which signals this thread blocks; return the set it blocked before."),
    PY_METHOD(signal, sigpending, METH_NOARGS, "($module, /)", "Return the set of signals that wait."),
    PY_METHOD(signal, sigwait, METH_O, "($module, sigset, /)",
              "Wait until one of the signals comes, and take it.  Return its number."),
    PY_METHOD(signal, sigwaitinfo, METH_O, "($module, sigset, /)",
              "Wait until one of the signals comes, and take it.  Return a struct_siginfo."),
    PY_METHOD(signal, sigtimedwait, METH_FASTCALL, "($module, sigset, timeout, /)",
              "As sigwaitinfo(), for some seconds at most; None if none comes."),
    PY_METHOD(signal, valid_signals, METH_NOARGS, "($module, /)", "Return the set of the system's signals."),
    {0}
};

static PyStructSequence_Field siginfo_fields[] = {
    {"si_signo", "number of the signal"},
    {"si_code", "why it was sent"},
    {"si_errno", "error number that belongs to it"},
    {"si_pid", "process that sent it"},
    {"si_uid", "user of that process"},
    {"si_status", "exit value or signal"},
    {"si_band", "band event, of SIGPOLL"},
    {0}
};

static PyStructSequence_Desc siginfo_desc = {
    .name = "signal.struct_siginfo",
    .doc = "What sigwaitinfo() and sigtimedwait() tell about a signal.",
    .fields = siginfo_fields,
    .n_in_sequence = 7,
};

#define X(name) {#name, name}
static const struct {
    const char *name;
    int value;
} constants[] = {
    X(SIGHUP), X(SIGINT), X(SIGQUIT), X(SIGILL), X(SIGTRAP), X(SIGIOT), X(SIGABRT), X(SIGFPE), X(SIGKILL),
    X(SIGBUS), X(SIGSEGV), X(SIGSYS), X(SIGPIPE), X(SIGALRM), X(SIGTERM), X(SIGUSR1), X(SIGUSR2), X(SIGCLD),
    X(SIGCHLD), X(SIGPWR), X(SIGIO), X(SIGURG), X(SIGWINCH), X(SIGPOLL), X(SIGSTOP), X(SIGTSTP), X(SIGCONT),
    X(SIGTTIN), X(SIGTTOU), X(SIGVTALRM), X(SIGPROF), X(SIGXCPU), X(SIGXFSZ), X(SIGSTKFLT),
    X(SIG_BLOCK), X(SIG_UNBLOCK), X(SIG_SETMASK), X(ITIMER_REAL), X(ITIMER_VIRTUAL), X(ITIMER_PROF),
};
#undef X

static int
ensure_special_handlers(void)
{
    if (DefaultHandler == NULL) {
        DefaultHandler = PyLong_FromVoidPtr((void *)SIG_DFL);
    }
    if (IgnoreHandler == NULL) {
        IgnoreHandler = PyLong_FromVoidPtr((void *)SIG_IGN);
    }
    return DefaultHandler == NULL || IgnoreHandler == NULL ? -1 : 0;
}

/* What the process does about each signal at the start. */
static void
read_initial_handlers(void)
{
    for (int i = 1; i < Py_NSIG; i++) {
        if (get_handler(i) != NULL) {
            continue;
        }
        void (*current)(int) = PyOS_getsig(i);
        PyObject *func = current == SIG_DFL ? DefaultHandler : current == SIG_IGN ? IgnoreHandler : Py_None;
        set_handler(i, Py_NewRef(func));
    }
}

static int
signal_exec(PyObject *module)
{
    signal_module_state *state = get_signal_state(module);
    if (ensure_special_handlers() < 0) {
        return -1;
    }
    PyObject *dict = PyModule_GetDict(module);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    state->itimer_error = PyErr_NewException("signal.ItimerError", PyExc_OSError, NULL);
    state->siginfo_type = PyStructSequence_NewType(&siginfo_desc);
    if (PyModule_AddIntConstant(module, "NSIG", Py_NSIG) < 0
        || PyModule_AddIntConstant(module, "SIGRTMIN", SIGRTMIN) < 0
        || PyModule_AddIntConstant(module, "SIGRTMAX", SIGRTMAX) < 0
        || PyDict_SetItemString(dict, "SIG_DFL", DefaultHandler) < 0
        || PyDict_SetItemString(dict, "SIG_IGN", IgnoreHandler) < 0
        || state->itimer_error == NULL || state->siginfo_type == NULL
        || PyModule_AddObjectRef(module, "ItimerError", state->itimer_error) < 0
        || PyModule_AddObjectRef(module, "struct_siginfo", (PyObject *)state->siginfo_type) < 0) {
        return -1;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_Py_IsMainInterpreter(tstate->interp)) {
        return 0;
    }
    read_initial_handlers();
    /* Ctrl-C raises KeyboardInterrupt, unless the process came up ignoring it. */
    if (_PyInterpreterState_GetConfig(tstate->interp)->install_signal_handlers
        && get_handler(SIGINT) == DefaultHandler) {
        PyObject *handler = PyObject_GetAttrString(module, "default_int_handler");
        if (handler == NULL) {
            return -1;
        }
        PyObject *old = get_handler(SIGINT);
        set_handler(SIGINT, handler);
        Py_XDECREF(old);
        PyOS_setsig(SIGINT, signal_handler);
    }
    return 0;
}

static int
signal_traverse(PyObject *module, visitproc visit, void *arg)
{
    signal_module_state *state = get_signal_state(module);
    Py_VISIT(state->itimer_error);
    Py_VISIT(state->siginfo_type);
    return 0;
}

static int
signal_clear(PyObject *module)
{
    signal_module_state *state = get_signal_state(module);
    Py_CLEAR(state->itimer_error);
    Py_CLEAR(state->siginfo_type);
    return 0;
}

static void
signal_free(void *module)
{
    (void)signal_clear((PyObject *)module);
}

static PyModuleDef_Slot signal_slots[] = {
    {Py_mod_exec, signal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef signal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_signal",
    .m_doc = "Signals of the system: handlers, masks, timers, waiting.\n\n"
             "A handler is called with the signal's number and the interrupted frame, in the main thread.",
    .m_size = sizeof(signal_module_state),
    .m_methods = signal_methods,
    .m_slots = signal_slots,
    .m_traverse = signal_traverse,
    .m_clear = signal_clear,
    .m_free = signal_free,
};

PyMODINIT_FUNC
PyInit__signal(void)
{
    return PyModuleDef_Init(&signal_module);
}

/* -- Start and end ---------------- */

int
_PySignal_Init(int install_signal_handlers)
{
    if (ensure_special_handlers() < 0) {
        return -1;
    }
    read_initial_handlers();
    if (install_signal_handlers) {
        /* Errors of write() instead of death. */
        PyOS_setsig(SIGPIPE, SIG_IGN);
        PyOS_setsig(SIGXFSZ, SIG_IGN);
        PyObject *module = PyImport_ImportModule("_signal");
        if (module == NULL) {
            return -1;
        }
        Py_DECREF(module);
    }
    return 0;
}

void
_PySignal_Fini(void)
{
    for (int i = 1; i < Py_NSIG; i++) {
        PyObject *func = get_handler(i);
        __atomic_store_n(&signals.handlers[i].tripped, 0, __ATOMIC_RELAXED);
        set_handler(i, NULL);
        if (func != NULL && func != Py_None && func != DefaultHandler && func != IgnoreHandler) {
            PyOS_setsig(i, SIG_DFL);
        }
        Py_XDECREF(func);
    }
    Py_CLEAR(DefaultHandler);
    Py_CLEAR(IgnoreHandler);
}

/* The _signal module.  Handlers and their table are in Python/runtime/signals.c.

   Locking: handlers are set by the main thread only; waiting functions leave the thread state. */
#ifndef _GNU_SOURCE
#  define _GNU_SOURCE 1
#endif
#include "Python.h"
#include "pycore_args.h"
#include "pycore_fileutils.h"
#include "pycore_modsupport.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"
#include "pycore_signal.h"
#include "pycore_time.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

typedef struct {
    PyTypeObject *siginfo_type;
    PyObject *itimer_error;
} signal_state;

#define STATE(module) ((signal_state *)PyModule_GetState(module))

/* -- Arguments ------------------------------------------------------------------------------------------------- */

/* -1 with an exception: not an int, or not between 1 and NSIG - 1. */
static int
signal_arg(PyObject *arg)
{
    int sig = PyLong_AsInt(arg);
    if (sig == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (sig < 1 || sig >= Py_NSIG) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return -1;
    }
    return sig;
}

int
_Py_Sigset_Converter(PyObject *object, void *result)
{
    sigset_t *set = result;
    sigemptyset(set);
    PyObject *iterator = PyObject_GetIter(object), *item;
    if (iterator == NULL) {
        return 0;
    }
    while ((item = PyIter_Next(iterator)) != NULL) {
        int overflow;
        long sig = PyLong_AsLongAndOverflow(item, &overflow);
        if (sig == -1 && !overflow && PyErr_Occurred()) {
            Py_DECREF(item);
            break;
        }
        if (overflow || sig <= 0 || sig >= Py_NSIG) {
            PyErr_Format(PyExc_ValueError, "signal number %S out of range [1; %i]", item, Py_NSIG - 1);
            Py_DECREF(item);
            break;
        }
        Py_DECREF(item);
        if (sigaddset(set, (int)sig) != 0 && errno != EINVAL) {
            PyErr_SetFromErrno(PyExc_OSError);
            break;
        }
        /* EINVAL: the C library keeps a few for itself; they cannot be blocked anyway. */
    }
    Py_DECREF(iterator);
    return !PyErr_Occurred();
}

PyObject *
_Py_Sigset_AsSet(sigset_t set)
{
    PyObject *result = PySet_New(NULL);
    for (int sig = 1; result != NULL && sig < Py_NSIG; sig++) {
        if (sigismember(&set, sig) != 1) {
            continue;
        }
        PyObject *number = PyLong_FromLong(sig);
        if (number == NULL || PySet_Add(result, number) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(number);
    }
    return result;
}

/* -- Handlers ---------------------------------------------------------------------------------------------------- */

static PyObject *
signal_default_int_handler(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("default_int_handler", nargs, 2, 2)) {
        return NULL;
    }
    int sig = PyLong_AsInt(args[0]);
    if (sig == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return NULL;
}

/* Whether handler is that of the two special ones; -1. */
static int
is_special(PyObject *handler, PyObject *special)
{
    return PyLong_CheckExact(handler) ? PyObject_RichCompareBool(handler, special, Py_EQ) : 0;
}

static PyObject *
signal_signal(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("signal", nargs, 2, 2)) {
        return NULL;
    }
    int number = PyLong_AsInt(args[0]);
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (!_Py_ThreadCanHandleSignals(_PyInterpreterState_GET())) {
        PyErr_SetString(PyExc_ValueError, "signal only works in main thread of the main interpreter");
        return NULL;
    }
    if (signal_arg(args[0]) < 0) {
        return NULL;
    }
    PyObject *func = args[1];
    if (!PyCallable_Check(func)) {
        int ignore = is_special(func, _PyRuntime.signals.ignore_handler);
        int standard = ignore == 0 ? is_special(func, _PyRuntime.signals.default_handler) : 0;
        if (ignore < 0 || standard < 0) {
            return NULL;
        }
        if (!ignore && !standard) {
            PyErr_SetString(PyExc_TypeError,
                            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
            return NULL;
        }
        func = ignore ? _PyRuntime.signals.ignore_handler : _PyRuntime.signals.default_handler;
    }
    /* Signals that have come are for the handler of then. */
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    PyObject *old;
    if (_PySignal_SetHandler(number, func, &old) < 0) {
        return NULL;
    }
    return old != NULL ? old : Py_NewRef(Py_None);
}

static PyObject *
signal_getsignal(PyObject *module, PyObject *arg)
{
    int sig = signal_arg(arg);
    if (sig < 0) {
        return NULL;
    }
    PyObject *handler = _PySignal_GetHandler(sig);
    return handler != NULL ? handler : Py_NewRef(Py_None);
}

static PyObject *
signal_siginterrupt(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("siginterrupt", nargs, 2, 2)) {
        return NULL;
    }
    int number = PyLong_AsInt(args[0]), flag = -1;
    if (!(number == -1 && PyErr_Occurred())) {
        flag = PyLong_AsInt(args[1]);
    }
    if (PyErr_Occurred() || signal_arg(args[0]) < 0) {
        return NULL;
    }
    struct sigaction action;
    (void)sigaction(number, NULL, &action);
    if (flag) {
        action.sa_flags &= ~SA_RESTART;
    }
    else {
        action.sa_flags |= SA_RESTART;
    }
    if (sigaction(number, &action, NULL) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
signal_set_wakeup_fd(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "warn_on_full_buffer", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "set_wakeup_fd"};
    PyObject *buffer[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int fd = PyLong_AsInt(args[0]);
    int warn = args[1] != NULL ? PyObject_IsTrue(args[1]) : 1;
    if ((fd == -1 && PyErr_Occurred()) || warn < 0) {
        return NULL;
    }
    if (!_Py_ThreadCanHandleSignals(_PyInterpreterState_GET())) {
        PyErr_SetString(PyExc_ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
        return NULL;
    }
    if (fd != -1) {
        struct stat status;
        if (_Py_fstat(fd, &status) != 0) {
            return NULL;
        }
        int blocking = _Py_get_blocking(fd);
        if (blocking < 0) {
            return NULL;
        }
        if (blocking) {
            PyErr_Format(PyExc_ValueError, "the fd %i must be in non-blocking mode", fd);
            return NULL;
        }
    }
    int old = PySignal_SetWakeupFd(fd);
    _PyRuntime.signals.wakeup.warn_on_full_buffer = warn;
    return PyLong_FromLong(old);
}

static PyObject *
signal_strsignal(PyObject *module, PyObject *arg)
{
    int sig = signal_arg(arg);
    if (sig < 0) {
        return NULL;
    }
    errno = 0;
    const char *text = strsignal(sig);
    if (errno != 0 || text == NULL || strstr(text, "Unknown signal") != NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(text);
}

/* -- Sending ------------------------------------------------------------------------------------------------------- */

/* Handlers of a signal that the caller has just sent to itself run before the call returns. */
static PyObject *
none_after_signals(void)
{
    return PyErr_CheckSignals() < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
signal_raise_signal(PyObject *module, PyObject *arg)
{
    int sig = PyLong_AsInt(arg), error;
    if (sig == -1 && PyErr_Occurred()) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    error = raise(sig) != 0 ? errno : 0;
    Py_END_ALLOW_THREADS
    if (error) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return none_after_signals();
}

static PyObject *
signal_pthread_kill(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("pthread_kill", nargs, 2, 2)) {
        return NULL;
    }
    if (!PyIndex_Check(args[0])) {
        _PyArg_BadArgument("pthread_kill", "argument 1", "int", args[0]);
        return NULL;
    }
    unsigned long thread = PyLong_AsUnsignedLongMask(args[0]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    int sig = PyLong_AsInt(args[1]);
    if ((sig == -1 && PyErr_Occurred()) || PySys_Audit("signal.pthread_kill", "ki", thread, sig) < 0) {
        return NULL;
    }
    int error = pthread_kill((pthread_t)thread, sig);
    if (error != 0) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return none_after_signals();
}

#if defined(__linux__) && defined(__NR_pidfd_send_signal)
static PyObject *
signal_pidfd_send_signal(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("pidfd_send_signal", nargs, 2, 4)) {
        return NULL;
    }
    int fd = PyLong_AsInt(args[0]);
    if (fd == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int sig = PyLong_AsInt(args[1]);
    if (sig == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int flags = nargs > 3 ? PyLong_AsInt(args[3]) : 0;
    if (flags == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (nargs > 2 && args[2] != Py_None) {
        PyErr_SetString(PyExc_TypeError, "siginfo must be None");
        return NULL;
    }
    if (syscall(__NR_pidfd_send_signal, fd, sig, NULL, flags) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}
#endif

static PyObject *
signal_alarm(PyObject *module, PyObject *arg)
{
    int seconds = PyLong_AsInt(arg);
    if (seconds == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyLong_FromLong((long)alarm((unsigned)seconds));
}

static PyObject *
signal_pause(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    (void)pause();
    Py_END_ALLOW_THREADS
    return none_after_signals();
}

/* -- Masks and waiting ------------------------------------------------------------------------------------------------ */

static PyObject *
signal_pthread_sigmask(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    sigset_t mask, previous;
    if (!_PyArg_CheckPositional("pthread_sigmask", nargs, 2, 2)) {
        return NULL;
    }
    int how = PyLong_AsInt(args[0]);
    if ((how == -1 && PyErr_Occurred()) || !_Py_Sigset_Converter(args[1], &mask)) {
        return NULL;
    }
    int error = pthread_sigmask(how, &mask, &previous);
    if (error != 0) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    /* What was blocked and has come is delivered now. */
    return PyErr_CheckSignals() < 0 ? NULL : _Py_Sigset_AsSet(previous);
}

static PyObject *
signal_sigpending(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    sigset_t mask;
    if (sigpending(&mask) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return _Py_Sigset_AsSet(mask);
}

static PyObject *
signal_sigwait(PyObject *module, PyObject *arg)
{
    sigset_t set;
    int error, sig;
    if (!_Py_Sigset_Converter(arg, &set)) {
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        error = sigwait(&set, &sig);
        Py_END_ALLOW_THREADS
        if (error == EINTR && PyErr_CheckSignals() < 0) {
            return NULL;
        }
    } while (error == EINTR);
    if (error != 0) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(sig);
}

static PyObject *
make_siginfo(PyObject *module, const siginfo_t *info)
{
    PyObject *result = PyStructSequence_New(STATE(module)->siginfo_type);
    if (result == NULL) {
        return NULL;
    }
    PyObject *values[] = {
        PyLong_FromLong(info->si_signo), PyLong_FromLong(info->si_code),   PyLong_FromLong(info->si_errno),
        PyLong_FromLong(info->si_pid),   PyLong_FromUnsignedLong(info->si_uid), PyLong_FromLong(info->si_status),
        PyLong_FromLong(info->si_band),
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(values); i++) {
        PyStructSequence_SetItem(result, (Py_ssize_t)i, values[i]);
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
signal_sigwaitinfo(PyObject *module, PyObject *arg)
{
    sigset_t set;
    siginfo_t info;
    int result, error;
    if (!_Py_Sigset_Converter(arg, &set)) {
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        result = sigwaitinfo(&set, &info);
        error = errno;
        Py_END_ALLOW_THREADS
        if (result == -1 && error == EINTR && PyErr_CheckSignals() < 0) {
            return NULL;
        }
    } while (result == -1 && error == EINTR);
    if (result == -1) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return make_siginfo(module, &info);
}

static PyObject *
signal_sigtimedwait(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    sigset_t set;
    PyTime_t timeout;
    if (!_PyArg_CheckPositional("sigtimedwait", nargs, 2, 2) || !_Py_Sigset_Converter(args[0], &set) ||
        _PyTime_FromSecondsObject(&timeout, args[1], _PyTime_ROUND_CEILING) < 0) {
        return NULL;
    }
    if (timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
        return NULL;
    }
    PyTime_t deadline = _PyDeadline_Init(timeout);
    for (;;) {
        struct timespec time;
        siginfo_t info;
        int result, error;
        if (_PyTime_AsTimespec(timeout, &time) < 0) {
            return NULL;
        }
        Py_BEGIN_ALLOW_THREADS
        result = sigtimedwait(&set, &info, &time);
        error = errno;
        Py_END_ALLOW_THREADS
        if (result != -1) {
            return make_siginfo(module, &info);
        }
        if (error == EAGAIN) {
            Py_RETURN_NONE;
        }
        if (error != EINTR) {
            errno = error;
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
signal_valid_signals(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    sigset_t mask;
    if (sigemptyset(&mask) != 0 || sigfillset(&mask) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return _Py_Sigset_AsSet(mask);
}

/* -- Interval timers --------------------------------------------------------------------------------------------------- */

static int
timeval_arg(PyObject *seconds, struct timeval *tv)
{
    *tv = (struct timeval){0};
    if (seconds == NULL) {
        return 0;
    }
    PyTime_t time;
    return _PyTime_FromSecondsObject(&time, seconds, _PyTime_ROUND_CEILING) < 0
               ? -1
               : _PyTime_AsTimeval(time, tv, _PyTime_ROUND_CEILING);
}

static PyObject *
itimer_pair(const struct itimerval *timer)
{
    return Py_BuildValue("(dd)", (double)timer->it_value.tv_sec + (double)timer->it_value.tv_usec / 1e6,
                         (double)timer->it_interval.tv_sec + (double)timer->it_interval.tv_usec / 1e6);
}

static PyObject *
signal_setitimer(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    struct itimerval timer, old;
    if (!_PyArg_CheckPositional("setitimer", nargs, 2, 3)) {
        return NULL;
    }
    int which = PyLong_AsInt(args[0]);
    if ((which == -1 && PyErr_Occurred()) || timeval_arg(args[1], &timer.it_value) < 0 ||
        timeval_arg(nargs > 2 ? args[2] : NULL, &timer.it_interval) < 0) {
        return NULL;
    }
    if (setitimer(which, &timer, &old) != 0) {
        return PyErr_SetFromErrno(STATE(module)->itimer_error);
    }
    return itimer_pair(&old);
}

static PyObject *
signal_getitimer(PyObject *module, PyObject *arg)
{
    struct itimerval timer;
    int which = PyLong_AsInt(arg);
    if (which == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (getitimer(which, &timer) != 0) {
        return PyErr_SetFromErrno(STATE(module)->itimer_error);
    }
    return itimer_pair(&timer);
}

/* -- Tables -------------------------------------------------------------------------------------------------------------- */

#define FAST METH_FASTCALL

static PyMethodDef signal_methods[] = {
    PY_METHOD(signal, default_int_handler, FAST, "($module, signalnum, frame, /)",
              "Raise KeyboardInterrupt: the handler of SIGINT at the start."),
    PY_METHOD(signal, alarm, METH_O, "($module, seconds, /)", "Send SIGALRM in so many seconds; return those of the last alarm."),
    PY_METHOD(signal, setitimer, FAST, "($module, which, seconds, interval=0.0, /)",
              "Start a timer that fires after some seconds and then at intervals; return its former values."),
    PY_METHOD(signal, getitimer, METH_O, "($module, which, /)", "Return a timer's (seconds left, interval)."),
    PY_METHOD(signal, signal, FAST, "($module, signalnum, handler, /)",
              "Set what happens on a signal: SIG_DFL, SIG_IGN or a function of two arguments.  Return the former handler.\n\n"
              "Only in the main thread."),
    PY_METHOD(signal, raise_signal, METH_O, "($module, signalnum, /)", "Send a signal to this process."),
    PY_METHOD(signal, strsignal, METH_O, "($module, signalnum, /)", "Return the system's description of a signal, or None."),
    PY_METHOD(signal, getsignal, METH_O, "($module, signalnum, /)",
              "Return a signal's handler: SIG_DFL, SIG_IGN, a function, or None: not Python's."),
    PY_METHOD(signal, set_wakeup_fd, FAST | METH_KEYWORDS, "($module, fd, /, *, warn_on_full_buffer=True)",
              "Set a descriptor to which the number of each signal is written; -1: none.  Return the former one."),
    PY_METHOD(signal, siginterrupt, FAST, "($module, signalnum, flag, /)",
              "Set whether a signal interrupts system calls or lets them start again."),
    PY_METHOD(signal, pause, METH_NOARGS, "($module, /)", "Wait for a signal."),
    PY_METHOD(signal, pthread_kill, FAST, "($module, thread_id, signalnum, /)", "Send a signal to a thread."),
    PY_METHOD(signal, pthread_sigmask, FAST, "($module, how, mask, /)",
              "Change which signals this thread blocks; return the former set."),
    PY_METHOD(signal, sigpending, METH_NOARGS, "($module, /)", "Return the blocked signals that have come."),
    PY_METHOD(signal, sigwait, METH_O, "($module, sigset, /)", "Wait for a signal of the set; return its number."),
    PY_METHOD(signal, sigwaitinfo, METH_O, "($module, sigset, /)", "Wait for a signal of the set; return a struct_siginfo."),
    PY_METHOD(signal, sigtimedwait, FAST, "($module, sigset, timeout, /)",
              "Wait for a signal of the set, at most some seconds; return a struct_siginfo, or None."),
    PY_METHOD(signal, valid_signals, METH_NOARGS, "($module, /)", "Return the numbers that are signals here."),
#if defined(__linux__) && defined(__NR_pidfd_send_signal)
    PY_METHOD(signal, pidfd_send_signal, FAST, "($module, pidfd, signalnum, siginfo=None, flags=0, /)",
              "Send a signal to the process that a descriptor stands for."),
#endif
    {0},
};

static PyStructSequence_Field siginfo_fields[] = {
    {"si_signo", "number of the signal"},
    {"si_code", "where it comes from"},
    {"si_errno", "error number of it"},
    {"si_pid", "process that sent it"},
    {"si_uid", "user who sent it"},
    {"si_status", "exit status or signal"},
    {"si_band", "event of SIGPOLL"},
    {0},
};

static PyStructSequence_Desc siginfo_desc = {
    .name = "signal.struct_siginfo",
    .doc = "struct_siginfo: what sigwaitinfo() and sigtimedwait() tell of a signal.",
    .fields = siginfo_fields,
    .n_in_sequence = 7,
};

static const struct {
    const char *name;
    int value;
} signal_constants[] = {
#define S(name) {#name, name},
    S(SIG_BLOCK) S(SIG_UNBLOCK) S(SIG_SETMASK)
    S(SIGHUP) S(SIGINT) S(SIGQUIT) S(SIGILL) S(SIGTRAP) S(SIGIOT) S(SIGABRT) S(SIGFPE) S(SIGKILL) S(SIGBUS) S(SIGSEGV)
    S(SIGSYS) S(SIGPIPE) S(SIGALRM) S(SIGTERM) S(SIGUSR1) S(SIGUSR2)
#ifdef SIGCLD
    S(SIGCLD)
#endif
    S(SIGCHLD)
#ifdef SIGPWR
    S(SIGPWR)
#endif
    S(SIGIO) S(SIGURG) S(SIGWINCH)
#ifdef SIGPOLL
    S(SIGPOLL)
#endif
    S(SIGSTOP) S(SIGTSTP) S(SIGCONT) S(SIGTTIN) S(SIGTTOU) S(SIGVTALRM) S(SIGPROF) S(SIGXCPU) S(SIGXFSZ)
#ifdef SIGSTKFLT
    S(SIGSTKFLT)
#endif
#ifdef SIGINFO
    S(SIGINFO)
#endif
    S(ITIMER_REAL) S(ITIMER_VIRTUAL) S(ITIMER_PROF)
#undef S
    {"NSIG", Py_NSIG},
};

/* Python's handler of SIGINT, unless somebody has set another one. */
static int
install_int_handler(PyObject *module)
{
    PyObject *current = _PySignal_GetHandler(SIGINT), *old = NULL;
    int result = 0;
    if (current == _PyRuntime.signals.default_handler) {
        PyObject *function = PyDict_GetItemString(PyModule_GetDict(module), "default_int_handler");
        result = function != NULL ? _PySignal_SetHandler(SIGINT, function, &old) : -1;
        Py_XDECREF(old);
    }
    Py_XDECREF(current);
    return result;
}

static int
signal_exec(PyObject *module)
{
    signal_state *state = STATE(module);
    if (_PySignal_InitState() < 0 ||
        PyModule_AddObjectRef(module, "SIG_DFL", _PyRuntime.signals.default_handler) < 0 ||
        PyModule_AddObjectRef(module, "SIG_IGN", _PyRuntime.signals.ignore_handler) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(signal_constants); i++) {
        if (PyModule_AddIntConstant(module, signal_constants[i].name, signal_constants[i].value) < 0) {
            return -1;
        }
    }
#ifdef SIGRTMIN
    if (PyModule_AddIntConstant(module, "SIGRTMIN", SIGRTMIN) < 0 ||
        PyModule_AddIntConstant(module, "SIGRTMAX", SIGRTMAX) < 0) {
        return -1;
    }
#endif
    state->itimer_error = PyErr_NewException("signal.ItimerError", PyExc_OSError, NULL);
    state->siginfo_type = PyStructSequence_NewType(&siginfo_desc);
    if (state->itimer_error == NULL || PyModule_AddObjectRef(module, "ItimerError", state->itimer_error) < 0 ||
        state->siginfo_type == NULL || PyModule_AddType(module, state->siginfo_type) < 0) {
        return -1;
    }
    return _Py_IsMainInterpreter(_PyInterpreterState_GET()) ? install_int_handler(module) : 0;
}

static int
signal_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(STATE(module)->siginfo_type);
    Py_VISIT(STATE(module)->itimer_error);
    return 0;
}

static int
signal_clear(PyObject *module)
{
    Py_CLEAR(STATE(module)->siginfo_type);
    Py_CLEAR(STATE(module)->itimer_error);
    return 0;
}

static void
signal_free(void *module)
{
    (void)signal_clear(module);
}

static PyModuleDef_Slot signal_slots[] = {
    {Py_mod_exec, signal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef signal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_signal",
    .m_doc = "Signals of the system: handlers, masks, waiting, timers.",
    .m_size = sizeof(signal_state),
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

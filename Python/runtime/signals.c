/* Signals: the C handler that only takes a note, and the table of Python handlers that the main thread runs later.

   A C handler sets `tripped` of its signal, then `is_tripped`, then a bit of the main thread's eval breaker; the main thread
   takes them in the opposite order, so that no signal is lost.
   Locking: `func` of a handler is changed and counted under handlers_mutex; the other fields are atomic words, because the
   other party is a signal handler. */
#include "Python.h"
#include "pycore_ceval.h"
#include "pycore_fileutils.h"
#include "pycore_frame.h"
#include "pycore_gc.h"
#include "pycore_import.h"
#include "pycore_interp.h"
#include "pycore_lock.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"
#include "pycore_signal.h"

#include <errno.h>
#include <unistd.h>

#define SIGNALS (_PyRuntime.signals)
#define HANDLERS (_PyRuntime.signals.handlers)

static_assert(Py_ARRAY_LENGTH(((struct _signals_runtime_state *)0)->handlers) == Py_NSIG, "one entry for each signal");

static PyMutex handlers_mutex;

/* -- System handlers ----------------------------------------------------------------------------------------- */

PyOS_sighandler_t
PyOS_getsig(int sig)
{
    struct sigaction action;
    return sigaction(sig, NULL, &action) == -1 ? SIG_ERR : action.sa_handler;
}

/* Interrupts system calls; runs on the alternate stack if there is one. */
PyOS_sighandler_t
PyOS_setsig(int sig, PyOS_sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK}, old;
    sigemptyset(&action.sa_mask);
    return sigaction(sig, &action, &old) == -1 ? SIG_ERR : old.sa_handler;
}

void
_Py_RestoreSignals(void)
{
    PyOS_setsig(SIGPIPE, SIG_DFL);
    PyOS_setsig(SIGXFSZ, SIG_DFL);
}

/* -- Taking a note ---------------------------------------------------------------------------------------------- */

/* Pending calls, in the main thread. */
static int
report_write_error(void *data)
{
    PyObject *exc = PyErr_GetRaisedException();
    errno = (int)(intptr_t)data;
    PyErr_SetFromErrno(PyExc_OSError);
    PyErr_FormatUnraisable("Exception ignored while trying to write to the signal wakeup fd");
    PyErr_SetRaisedException(exc);
    return 0;
}

/* Async-signal-safe, and called by PyErr_SetInterruptEx(). */
static void
trip_signal(int sig)
{
    __atomic_store_n(&HANDLERS[sig].tripped, 1, __ATOMIC_RELAXED);
    /* Release: whoever sees is_tripped sees the line above.  Pairs with the exchange in _PyErr_CheckSignalsTstate(). */
    __atomic_store_n(&SIGNALS.is_tripped, 1, __ATOMIC_RELEASE);
    _PyEval_SignalReceived();

    /* After the flags: whom the descriptor wakes will look at them. */
    int fd = __atomic_load_n(&SIGNALS.wakeup.fd, __ATOMIC_RELAXED);
    if (fd == -1) {
        return;
    }
    unsigned char byte = (unsigned char)sig;
    if (_Py_write_noraise(fd, &byte, 1) < 0 &&
        (SIGNALS.wakeup.warn_on_full_buffer || (errno != EWOULDBLOCK && errno != EAGAIN))) {
        _PyEval_AddPendingCall(_PyInterpreterState_Main(), report_write_error, (void *)(intptr_t)errno,
                               _Py_PENDING_MAINTHREADONLY);
    }
}

static void
signal_handler(int sig)
{
    int saved = errno;
    trip_signal(sig);
    errno = saved;
}

/* -- Python's handlers -------------------------------------------------------------------------------------------- */

/* New reference or NULL. */
static PyObject *
handler_get(int sig)
{
    PyMutex_LockFlags(&handlers_mutex, _Py_LOCK_DONT_DETACH);
    PyObject *func = Py_XNewRef(HANDLERS[sig].func);
    PyMutex_Unlock(&handlers_mutex);
    return func;
}

/* Steals func; the former handler belongs to the caller. */
static PyObject *
handler_exchange(int sig, PyObject *func)
{
    PyMutex_LockFlags(&handlers_mutex, _Py_LOCK_DONT_DETACH);
    PyObject *old = HANDLERS[sig].func;
    HANDLERS[sig].func = func;
    PyMutex_Unlock(&handlers_mutex);
    return old;
}

static int
is_python_handler(PyObject *func)
{
    return func != NULL && func != Py_None && func != SIGNALS.default_handler && func != SIGNALS.ignore_handler;
}

PyObject *
_PySignal_GetHandler(int sig)
{
    return handler_get(sig);
}

int
_PySignal_SetHandler(int sig, PyObject *func, PyObject **old)
{
    PyOS_sighandler_t handler = func == SIGNALS.default_handler  ? SIG_DFL
                                : func == SIGNALS.ignore_handler ? SIG_IGN
                                                                 : signal_handler;
    if (PyOS_setsig(sig, handler) == SIG_ERR) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    *old = handler_exchange(sig, Py_NewRef(func));
    return 0;
}

/* Of the running frame, or None; borrowed. */
static PyObject *
running_frame(PyThreadState *tstate)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    PyObject *object = frame != NULL ? (PyObject *)_PyFrame_GetFrameObject(frame) : NULL;
    if (object == NULL) {
        PyErr_Clear();
        object = Py_None;
    }
    return object;
}

static int
run_handler(PyThreadState *tstate, int sig)
{
    PyObject *func = handler_get(sig);
    if (!is_python_handler(func)) {
        /* signal.signal() was faster. */
        Py_XDECREF(func);
        _PyErr_Format(tstate, PyExc_OSError, "Signal %i ignored due to race condition", sig);
        PyErr_FormatUnraisable("Exception ignored while running signal handler");
        return 0;
    }
    PyObject *number = PyLong_FromLong(sig), *result = NULL;
    if (number != NULL) {
        PyObject *frame = Py_NewRef(running_frame(tstate));
        PyObject *stack[2] = {number, frame};
        result = PyObject_Vectorcall(func, stack, 2, NULL);
        Py_DECREF(frame);
        Py_DECREF(number);
    }
    Py_DECREF(func);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* Runs the handlers of signals that have come; main thread only. */
int
_PyErr_CheckSignalsTstate(PyThreadState *tstate)
{
    if (!__atomic_load_n(&SIGNALS.is_tripped, __ATOMIC_RELAXED)) {
        return 0;
    }
    /* Before the table is read: what comes later sets it again. */
    __atomic_exchange_n(&SIGNALS.is_tripped, 0, __ATOMIC_SEQ_CST);
    for (int sig = 1; sig < Py_NSIG; sig++) {
        if (!__atomic_load_n(&HANDLERS[sig].tripped, __ATOMIC_RELAXED)) {
            continue;
        }
        __atomic_store_n(&HANDLERS[sig].tripped, 0, __ATOMIC_RELAXED);
        if (run_handler(tstate, sig) < 0) {
            /* The rest is for the next time. */
            __atomic_store_n(&SIGNALS.is_tripped, 1, __ATOMIC_RELEASE);
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
    /* Long work in C looks here often: a good place for a collection that is due. */
    if (_Py_eval_breaker_bit_is_set(tstate, _PY_GC_SCHEDULED_BIT)) {
        _Py_unset_eval_breaker_bit(tstate, _PY_GC_SCHEDULED_BIT);
        _Py_RunGC(tstate);
    }
    return _Py_ThreadCanHandleSignals(tstate->interp) ? _PyErr_CheckSignalsTstate(tstate) : 0;
}

/* As if the signal had come; -1 if there is none of that number. */
int
PyErr_SetInterruptEx(int sig)
{
    if (sig < 1 || sig >= Py_NSIG) {
        return -1;
    }
    /* No reference is taken: this may run without a thread state.  The pointer is only compared. */
    PyObject *func = __atomic_load_n(&HANDLERS[sig].func, __ATOMIC_RELAXED);
    if (func != SIGNALS.ignore_handler && func != SIGNALS.default_handler) {
        trip_signal(sig);
    }
    return 0;
}

void
PyErr_SetInterrupt(void)
{
    (void)PyErr_SetInterruptEx(SIGINT);
}

/* Takes a SIGINT that has come but has not been handled; needs no thread state. */
int
_PyOS_InterruptOccurred(PyThreadState *tstate)
{
    return _Py_ThreadCanHandleSignals(tstate->interp) &&
           __atomic_exchange_n(&HANDLERS[SIGINT].tripped, 0, __ATOMIC_RELAXED);
}

int
PyOS_InterruptOccurred(void)
{
    return _PyOS_InterruptOccurred(_PyThreadState_GET());
}

int
PySignal_SetWakeupFd(int fd)
{
    SIGNALS.wakeup.warn_on_full_buffer = 1;
    return __atomic_exchange_n(&SIGNALS.wakeup.fd, fd < 0 ? -1 : fd, __ATOMIC_RELAXED);
}

/* -- Start and end ----------------------------------------------------------------------------------------------------- */

/* What is installed now, in Python's terms; borrowed. */
static PyObject *
name_of_system_handler(int sig)
{
    PyOS_sighandler_t handler = PyOS_getsig(sig);
    return handler == SIG_DFL ? SIGNALS.default_handler : handler == SIG_IGN ? SIGNALS.ignore_handler : Py_None;
}

int
_PySignal_InitState(void)
{
    if (SIGNALS.default_handler != NULL) {
        return 0;
    }
    SIGNALS.default_handler = PyLong_FromVoidPtr((void *)SIG_DFL);
    SIGNALS.ignore_handler = PyLong_FromVoidPtr((void *)SIG_IGN);
    if (SIGNALS.default_handler == NULL || SIGNALS.ignore_handler == NULL) {
        return -1;
    }
    SIGNALS.wakeup.fd = -1;
    for (int sig = 1; sig < Py_NSIG; sig++) {
        HANDLERS[sig].tripped = 0;
        HANDLERS[sig].func = Py_NewRef(name_of_system_handler(sig));
    }
    return 0;
}

int
_PySignal_Init(int install_signal_handlers)
{
    if (_PySignal_InitState() < 0) {
        return -1;
    }
    if (!install_signal_handlers) {
        return 0;
    }
    PyOS_setsig(SIGPIPE, SIG_IGN);      /* writing to a closed pipe is an exception */
    PyOS_setsig(SIGXFSZ, SIG_IGN);
    /* Its start installs default_int_handler() for SIGINT. */
    PyObject *module = PyImport_ImportModule("_signal");
    Py_XDECREF(module);
    return module != NULL ? 0 : -1;
}

void
_PySignal_AfterFork(void)
{
    if (!__atomic_load_n(&SIGNALS.is_tripped, __ATOMIC_RELAXED)) {
        return;
    }
    __atomic_store_n(&SIGNALS.is_tripped, 0, __ATOMIC_RELAXED);
    for (int sig = 1; sig < Py_NSIG; sig++) {
        __atomic_store_n(&HANDLERS[sig].tripped, 0, __ATOMIC_RELAXED);
    }
}

void
_PySignal_Fini(void)
{
    for (int sig = 1; sig < Py_NSIG; sig++) {
        PyObject *func = handler_exchange(sig, NULL);
        __atomic_store_n(&HANDLERS[sig].tripped, 0, __ATOMIC_RELAXED);
        if (is_python_handler(func)) {
            PyOS_setsig(sig, SIG_DFL);
        }
        Py_XDECREF(func);
    }
    Py_CLEAR(SIGNALS.default_handler);
    Py_CLEAR(SIGNALS.ignore_handler);
}

/* The global interpreter lock.

   A mutex and a condition, not a bare mutex, so that who waits can ask the holder to let go after the switch
   interval; the holder then waits until somebody else has taken it (forced switching), because schedulers let
   the releasing thread win most races.
   In the free-threaded build the lock is there but switched off, unless PYTHON_GIL, -X gil or an extension
   module switches it on: `enabled` changes only while the world is stopped. */
#include "Python.h"
#include "pycore_ceval.h"     // _Py_set_eval_breaker_bit
#include "pycore_gil.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <time.h>

#define DEFAULT_INTERVAL 5000  // microseconds

static void
check(int err, const char *what)
{
    if (err != 0) {
        Py_FatalError(what);
    }
}

static void
cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    check(pthread_condattr_init(&attr), "pthread_condattr_init failed");
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    check(pthread_cond_init(cond, &attr), "pthread_cond_init failed");
    pthread_condattr_destroy(&attr);
}

static int
gil_created(struct _gil_runtime_state *gil)
{
    return gil != NULL && __atomic_load_n(&gil->locked, __ATOMIC_ACQUIRE) >= 0;
}

static void
gil_create(struct _gil_runtime_state *gil)
{
    check(pthread_mutex_init(&gil->mutex, NULL), "pthread_mutex_init failed");
    check(pthread_mutex_init(&gil->switch_mutex, NULL), "pthread_mutex_init failed");
    cond_init(&gil->cond);
    cond_init(&gil->switch_cond);
    gil->last_holder = NULL;
    gil->switch_number = 0;
    if (gil->interval == 0) {
        gil->interval = DEFAULT_INTERVAL;
    }
    __atomic_store_n(&gil->locked, 0, __ATOMIC_RELEASE);
}

static void
gil_destroy(struct _gil_runtime_state *gil)
{
    pthread_cond_destroy(&gil->cond);
    pthread_cond_destroy(&gil->switch_cond);
    pthread_mutex_destroy(&gil->mutex);
    pthread_mutex_destroy(&gil->switch_mutex);
    __atomic_store_n(&gil->locked, -1, __ATOMIC_RELEASE);
}

static int
gil_is_off(struct _gil_runtime_state *gil)
{
#ifdef Py_GIL_DISABLED
    return !_PyEval_IsGILEnabled_gil(gil);
#else
    (void)gil;
    return 0;
#endif
}

/* -- Taking and dropping ---------------- */

static void
drop_gil(PyInterpreterState *interp, PyThreadState *tstate, int final_release)
{
    struct _gil_runtime_state *gil = interp->ceval.gil;
    if (gil == NULL || !gil_created(gil)) {
        return;
    }
    if (tstate != NULL && !tstate->holds_gil) {
        return;  // it is off, or was switched on while this thread was detached
    }
    pthread_mutex_lock(&gil->mutex);
    if (tstate != NULL) {
        __atomic_store_n(&gil->last_holder, tstate, __ATOMIC_RELAXED);
        tstate->holds_gil = 0;
    }
    __atomic_store_n(&gil->locked, 0, __ATOMIC_RELAXED);
    pthread_cond_signal(&gil->cond);
    pthread_mutex_unlock(&gil->mutex);

    /* After the final release the thread state is no longer ours to look at. */
    if (!final_release && tstate != NULL && _Py_eval_breaker_bit_is_set(tstate, _PY_GIL_DROP_REQUEST_BIT)) {
        pthread_mutex_lock(&gil->switch_mutex);
        if (__atomic_load_n(&gil->last_holder, __ATOMIC_RELAXED) == tstate) {
            _Py_unset_eval_breaker_bit(tstate, _PY_GIL_DROP_REQUEST_BIT);
            pthread_cond_wait(&gil->switch_cond, &gil->switch_mutex);
        }
        pthread_mutex_unlock(&gil->switch_mutex);
    }
}

/* 0: signalled, 1: the interval has passed. */
static int
wait_for_release(struct _gil_runtime_state *gil, unsigned long interval)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_nsec += (long)(interval % 1000000) * 1000;
    ts.tv_sec += (time_t)(interval / 1000000) + ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;
    return pthread_cond_timedwait(&gil->cond, &gil->mutex, &ts) == ETIMEDOUT;
}

/* 0: the GIL is off and was not taken. */
static int
take_gil(PyThreadState *tstate)
{
    if (_PyThreadState_MustExit(tstate)) {
        _PyThreadState_HangThread(tstate);
    }
    PyInterpreterState *interp = tstate->interp;
    struct _gil_runtime_state *gil = interp->ceval.gil;
    if (gil == NULL || !gil_created(gil) || gil_is_off(gil)) {
        return 0;
    }
    int requested = 0;
    pthread_mutex_lock(&gil->mutex);
    while (gil->locked) {
        unsigned long switches = gil->switch_number;
        unsigned long interval = __atomic_load_n(&gil->interval, __ATOMIC_RELAXED);
        int timed_out = wait_for_release(gil, interval < 1 ? 1 : interval);
        /* The holder has had its interval: ask it. */
        if (timed_out && gil->locked && gil->switch_number == switches) {
            if (_PyThreadState_MustExit(tstate)) {
                pthread_mutex_unlock(&gil->mutex);
                _PyThreadState_HangThread(tstate);
            }
            PyThreadState *holder = __atomic_load_n(&gil->last_holder, __ATOMIC_RELAXED);
            if (holder != NULL) {
                _Py_set_eval_breaker_bit(holder, _PY_GIL_DROP_REQUEST_BIT);
                requested = 1;
            }
        }
    }
    if (gil_is_off(gil)) {
        /* Switched off while we waited: wake the next one, who will find the same. */
        pthread_cond_signal(&gil->cond);
        pthread_mutex_unlock(&gil->mutex);
        return 0;
    }
    pthread_mutex_lock(&gil->switch_mutex);
    __atomic_store_n(&gil->locked, 1, __ATOMIC_RELAXED);
    if (gil->last_holder != tstate) {
        __atomic_store_n(&gil->last_holder, tstate, __ATOMIC_RELAXED);
        gil->switch_number++;
    }
    pthread_cond_signal(&gil->switch_cond);
    pthread_mutex_unlock(&gil->switch_mutex);
    tstate->holds_gil = 1;
    _Py_unset_eval_breaker_bit(tstate, _PY_GIL_DROP_REQUEST_BIT);
    (void)requested;
    pthread_mutex_unlock(&gil->mutex);

    if (_PyThreadState_MustExit(tstate)) {
        /* Finalization began while we waited. */
        drop_gil(interp, tstate, 1);
        _PyThreadState_HangThread(tstate);
    }
    return 1;
}

void
_PyEval_AcquireLock(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    take_gil(tstate);
}

void
_PyEval_ReleaseLock(PyInterpreterState *interp, PyThreadState *tstate, int final_release)
{
    drop_gil(interp, tstate, final_release);
}

/* -- Life ---------------- */

void
_PyEval_InitGIL(PyThreadState *tstate, int own_gil)
{
    PyInterpreterState *interp = tstate->interp;
    if (!own_gil) {
        /* Shares the main interpreter's. */
        interp->ceval.gil = _PyRuntime.interpreters.main->ceval.gil;
        interp->ceval.own_gil = 0;
    }
    else {
        struct _gil_runtime_state *gil;
        if (_Py_IsMainInterpreter(interp)) {
            gil = &_PyRuntime.gil_state;
        }
        else {
            gil = PyMem_RawCalloc(1, sizeof(*gil));
            if (gil == NULL) {
                Py_FatalError("cannot allocate an interpreter's lock");
            }
            gil->interval = _PyEval_GetSwitchInterval();
#ifdef Py_GIL_DISABLED
            gil->enabled = _PyRuntime.gil_state.enabled;
#endif
        }
#ifdef Py_GIL_DISABLED
        const PyConfig *config = _PyInterpreterState_GetConfig(interp);
        if (config->enable_gil == 1) {  // -X gil=1
            gil->enabled = INT_MAX;
        }
#endif
        gil_create(gil);
        interp->ceval.gil = gil;
        interp->ceval.own_gil = 1;
    }
    if (_Py_IsMainInterpreter(interp) && _PyRuntime.main_tstate == NULL) {
        /* Signals and Py_AddPendingCall() go to it. */
        __atomic_store_n(&_PyRuntime.main_tstate, tstate, __ATOMIC_RELEASE);
    }
    _PyThreadState_Attach(tstate);
}

void
_PyEval_FiniGIL(PyInterpreterState *interp)
{
    struct _gil_runtime_state *gil = interp->ceval.gil;
    if (gil == NULL) {
        return;
    }
    if (interp->ceval.own_gil && gil_created(gil)) {
        gil_destroy(gil);
        if (gil != &_PyRuntime.gil_state) {
            PyMem_RawFree(gil);
        }
    }
    interp->ceval.gil = NULL;
    interp->ceval.own_gil = 0;
}

/* After fork in the child: the locks are made anew and taken. */
void
_PyEval_ReInitGIL(PyThreadState *tstate)
{
    struct _gil_runtime_state *gil = tstate->interp->ceval.gil;
    if (gil == NULL || !gil_created(gil)) {
        return;
    }
    gil_create(gil);
    tstate->holds_gil = 0;
    take_gil(tstate);
}

void
_PyEval_SetSwitchInterval(unsigned long microseconds)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _gil_runtime_state *gil = interp->ceval.gil;
    __atomic_store_n(&gil->interval, microseconds, __ATOMIC_RELAXED);
}

unsigned long
_PyEval_GetSwitchInterval(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    struct _gil_runtime_state *gil = tstate == NULL || tstate->interp->ceval.gil == NULL
        ? &_PyRuntime.gil_state : tstate->interp->ceval.gil;
    unsigned long interval = __atomic_load_n(&gil->interval, __ATOMIC_RELAXED);
    return interval == 0 ? DEFAULT_INTERVAL : interval;
}

/* -- Switching it on and off ---------------- */

#ifdef Py_GIL_DISABLED

int
_PyEval_IsGILEnabled(PyThreadState *tstate)
{
    struct _gil_runtime_state *gil = tstate->interp->ceval.gil;
    return gil != NULL && _PyEval_IsGILEnabled_gil(gil);
}

static int
config_forbids(PyThreadState *tstate)
{
    /* -X gil=0 (or 1, which is in force since the start) decides for good; -1 leaves it to the modules. */
    return _PyInterpreterState_GetConfig(tstate->interp)->enable_gil != -1;
}

int
_PyEval_EnableGILTransient(PyThreadState *tstate)
{
    struct _gil_runtime_state *gil = tstate->interp->ceval.gil;
    if (config_forbids(tstate) || __atomic_load_n(&gil->enabled, __ATOMIC_RELAXED) == INT_MAX) {
        return 0;
    }
    _PyEval_StopTheWorldAll(&_PyRuntime);
    int was = gil->enabled;
    int now_enabled = was == INT_MAX ? INT_MAX : was + 1;
    if (was == 0) {
        /* Everyone else is detached or suspended and will have to take it; we hold it from the start. */
        pthread_mutex_lock(&gil->mutex);
        gil->locked = 1;
        gil->last_holder = tstate;
        pthread_mutex_unlock(&gil->mutex);
        tstate->holds_gil = 1;
    }
    __atomic_store_n(&gil->enabled, now_enabled, __ATOMIC_RELEASE);
    _PyEval_StartTheWorldAll(&_PyRuntime);
    return was != INT_MAX;
}

int
_PyEval_EnableGILPermanent(PyThreadState *tstate)
{
    struct _gil_runtime_state *gil = tstate->interp->ceval.gil;
    if (config_forbids(tstate)) {
        return 0;
    }
    assert(_PyEval_IsGILEnabled(tstate));
    if (gil->enabled == INT_MAX) {
        return 0;
    }
    __atomic_store_n(&gil->enabled, INT_MAX, __ATOMIC_RELEASE);
    return 1;
}

int
_PyEval_DisableGIL(PyThreadState *tstate)
{
    struct _gil_runtime_state *gil = tstate->interp->ceval.gil;
    if (config_forbids(tstate) || gil->enabled == 0 || gil->enabled == INT_MAX) {
        return 0;
    }
    int enabled = gil->enabled - 1;
    __atomic_store_n(&gil->enabled, enabled, __ATOMIC_RELEASE);
    if (enabled == 0) {
        /* Whoever waits for it finds it switched off. */
        pthread_mutex_lock(&gil->mutex);
        gil->locked = 0;
        tstate->holds_gil = 0;
        pthread_cond_broadcast(&gil->cond);
        pthread_mutex_unlock(&gil->mutex);
        return 1;
    }
    return 0;
}

#endif  // Py_GIL_DISABLED

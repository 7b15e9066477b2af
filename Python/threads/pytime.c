/* Time: conversions between PyTime_t (nanoseconds, 64 bits), Python objects and the system's structures, and the
   clocks.

   Conversions round as asked and clamp or raise OverflowError on what does not fit, as their names say. */
#include "Python.h"
#include "pycore_time.h"

#include <math.h>
#include <errno.h>

#define SEC_TO_NS 1000000000LL
#define MS_TO_NS 1000000LL
#define US_TO_NS 1000LL

/* -- Arithmetic ---------------- */

static int
add_clamp(PyTime_t *t, PyTime_t other)
{
    PyTime_t sum;
    if (__builtin_add_overflow(*t, other, &sum)) {
        *t = other > 0 ? PyTime_MAX : PyTime_MIN;
        return -1;
    }
    *t = sum;
    return 0;
}

static int
mul_clamp(PyTime_t *t, PyTime_t factor)
{
    PyTime_t product;
    if (__builtin_mul_overflow(*t, factor, &product)) {
        *t = (*t >= 0) == (factor >= 0) ? PyTime_MAX : PyTime_MIN;
        return -1;
    }
    *t = product;
    return 0;
}

PyTime_t
_PyTime_Add(PyTime_t t1, PyTime_t t2)
{
    (void)add_clamp(&t1, t2);
    return t1;
}

static void
overflow(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp out of range for C PyTime_t");
}

static void
time_t_overflow(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp out of range for platform time_t");
}

static PyTime_t
divide(PyTime_t t, PyTime_t k, _PyTime_round_t round)
{
    PyTime_t q = t / k, r = t % k;
    switch (round) {
    case _PyTime_ROUND_HALF_EVEN: {
        PyTime_t twice = r < 0 ? -r : r;
        if (twice > k / 2 || (twice == k / 2 && k % 2 == 0 && (q & 1))) {
            q += t >= 0 ? 1 : -1;
        }
        return q;
    }
    case _PyTime_ROUND_CEILING:
        return r > 0 ? q + 1 : q;
    case _PyTime_ROUND_FLOOR:
        return r < 0 ? q - 1 : q;
    default:
        return r > 0 ? q + 1 : r < 0 ? q - 1 : q;
    }
}

static double
round_half_even(double x)
{
    double rounded = round(x);
    if (fabs(x - rounded) == 0.5) {
        rounded = 2.0 * round(x / 2.0);
    }
    return rounded;
}

static double
round_double(double x, _PyTime_round_t how)
{
    switch (how) {
    case _PyTime_ROUND_HALF_EVEN:
        return round_half_even(x);
    case _PyTime_ROUND_CEILING:
        return ceil(x);
    case _PyTime_ROUND_FLOOR:
        return floor(x);
    default:
        return x >= 0.0 ? ceil(x) : floor(x);
    }
}

/* -- time_t ---------------- */

time_t
_PyLong_AsTime_t(PyObject *obj)
{
    long long value = PyLong_AsLongLong(obj);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            time_t_overflow();
        }
        return -1;
    }
    return (time_t)value;
}

PyObject *
_PyLong_FromTime_t(time_t sec)
{
    return PyLong_FromLongLong((long long)sec);
}

static int
fits_time_t(double whole)
{
    return whole >= -9223372036854775808.0 && whole < 9223372036854775808.0;
}

static int
double_to_denominator(double d, time_t *sec, long *numerator, long denominator, _PyTime_round_t how)
{
    double whole, fraction = modf(d, &whole);
    fraction = round_double(fraction * (double)denominator, how);
    if (fraction >= (double)denominator) {
        fraction -= (double)denominator;
        whole += 1.0;
    }
    else if (fraction < 0.0) {
        fraction += (double)denominator;
        whole -= 1.0;
    }
    if (!fits_time_t(whole)) {
        time_t_overflow();
        return -1;
    }
    *sec = (time_t)whole;
    *numerator = (long)fraction;
    return 0;
}

static int
object_to_denominator(PyObject *obj, time_t *sec, long *numerator, long denominator, _PyTime_round_t how)
{
    if (PyFloat_Check(obj)) {
        double d = PyFloat_AsDouble(obj);
        if (isnan(d)) {
            *numerator = 0;
            PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
            return -1;
        }
        return double_to_denominator(d, sec, numerator, denominator, how);
    }
    *sec = _PyLong_AsTime_t(obj);
    *numerator = 0;
    if (*sec == (time_t)-1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "argument must be int or float, not %T", obj);
        }
        return -1;
    }
    return 0;
}

int
_PyTime_ObjectToTime_t(PyObject *obj, time_t *sec, _PyTime_round_t how)
{
    if (PyFloat_Check(obj)) {
        double d = PyFloat_AsDouble(obj);
        if (isnan(d)) {
            PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
            return -1;
        }
        double whole;
        (void)modf(round_double(d, how), &whole);
        if (!fits_time_t(whole)) {
            time_t_overflow();
            return -1;
        }
        *sec = (time_t)whole;
        return 0;
    }
    *sec = _PyLong_AsTime_t(obj);
    return *sec == (time_t)-1 && PyErr_Occurred() ? -1 : 0;
}

int
_PyTime_ObjectToTimespec(PyObject *obj, time_t *sec, long *nsec, _PyTime_round_t how)
{
    return object_to_denominator(obj, sec, nsec, 1000000000, how);
}

int
_PyTime_ObjectToTimeval(PyObject *obj, time_t *sec, long *usec, _PyTime_round_t how)
{
    return object_to_denominator(obj, sec, usec, 1000000, how);
}

/* -- To and from PyTime_t ---------------- */

PyTime_t
_PyTime_FromSeconds(int seconds)
{
    return (PyTime_t)seconds * SEC_TO_NS;
}

PyTime_t
_PyTime_FromMicrosecondsClamp(PyTime_t us)
{
    (void)mul_clamp(&us, US_TO_NS);
    return us;
}

int
_PyTime_FromLong(PyTime_t *tp, PyObject *obj)
{
    if (!PyLong_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expect int, got %s", Py_TYPE(obj)->tp_name);
        return -1;
    }
    long long ns = PyLong_AsLongLong(obj);
    if (ns == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            overflow();
        }
        return -1;
    }
    *tp = ns;
    return 0;
}

PyObject *
_PyTime_AsLong(PyTime_t t)
{
    return PyLong_FromLongLong(t);
}

static int
from_double(PyTime_t *t, double value, _PyTime_round_t how, long long unit)
{
    double ns = round_double(value * (double)unit, how);
    if (!(ns >= -9223372036854775808.0 && ns < 9223372036854775808.0)) {
        *t = 0;
        overflow();
        return -1;
    }
    *t = (PyTime_t)ns;
    return 0;
}

static int
from_object(PyTime_t *t, PyObject *obj, _PyTime_round_t how, long long unit)
{
    if (PyFloat_Check(obj)) {
        double d = PyFloat_AsDouble(obj);
        if (isnan(d)) {
            PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
            return -1;
        }
        return from_double(t, d, how, unit);
    }
    long long value = PyLong_AsLongLong(obj);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            overflow();
        }
        else if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "'%T' object cannot be interpreted as an integer or float", obj);
        }
        return -1;
    }
    *t = value;
    if (mul_clamp(t, unit) < 0) {
        overflow();
        return -1;
    }
    return 0;
}

int
_PyTime_FromSecondsObject(PyTime_t *t, PyObject *obj, _PyTime_round_t how)
{
    return from_object(t, obj, how, SEC_TO_NS);
}

int
_PyTime_FromSecondsDouble(double seconds, _PyTime_round_t how, PyTime_t *result)
{
    return from_double(result, seconds, how, SEC_TO_NS);
}

int
_PyTime_FromMillisecondsObject(PyTime_t *t, PyObject *obj, _PyTime_round_t how)
{
    return from_object(t, obj, how, MS_TO_NS);
}

double
PyTime_AsSecondsDouble(PyTime_t t)
{
    /* Whole seconds exactly where that is possible. */
    if (t % SEC_TO_NS == 0) {
        return (double)(t / SEC_TO_NS);
    }
    return (double)t / 1e9;
}

PyTime_t
_PyTime_AsMilliseconds(PyTime_t t, _PyTime_round_t how)
{
    return divide(t, MS_TO_NS, how);
}

PyTime_t
_PyTime_AsMicroseconds(PyTime_t t, _PyTime_round_t how)
{
    return divide(t, US_TO_NS, how);
}

int
_PyTime_FromTimespec(PyTime_t *tp, const struct timespec *ts)
{
    PyTime_t t = ts->tv_sec;
    if (mul_clamp(&t, SEC_TO_NS) < 0 || add_clamp(&t, ts->tv_nsec) < 0) {
        *tp = t;
        overflow();
        return -1;
    }
    *tp = t;
    return 0;
}

int
_PyTime_FromTimeval(PyTime_t *tp, struct timeval *tv)
{
    PyTime_t t = tv->tv_sec;
    if (mul_clamp(&t, SEC_TO_NS) < 0 || add_clamp(&t, (PyTime_t)tv->tv_usec * US_TO_NS) < 0) {
        *tp = t;
        overflow();
        return -1;
    }
    *tp = t;
    return 0;
}

/* Seconds and a remainder that is never negative. */
static void
split(PyTime_t t, PyTime_t per_second, PyTime_t *sec, PyTime_t *rest)
{
    *sec = t / per_second;
    *rest = t % per_second;
    if (*rest < 0) {
        *rest += per_second;
        *sec -= 1;
    }
}

int
_PyTime_AsTimeval(PyTime_t t, struct timeval *tv, _PyTime_round_t how)
{
    PyTime_t sec, us;
    split(_PyTime_AsMicroseconds(t, how), 1000000, &sec, &us);
    tv->tv_sec = (time_t)sec;
    tv->tv_usec = (suseconds_t)us;
    return 0;
}

void
_PyTime_AsTimeval_clamp(PyTime_t t, struct timeval *tv, _PyTime_round_t how)
{
    (void)_PyTime_AsTimeval(t, tv, how);
}

int
_PyTime_AsTimevalTime_t(PyTime_t t, time_t *secs, int *us, _PyTime_round_t how)
{
    struct timeval tv;
    (void)_PyTime_AsTimeval(t, &tv, how);
    *secs = tv.tv_sec;
    *us = (int)tv.tv_usec;
    return 0;
}

int
_PyTime_AsTimespec(PyTime_t t, struct timespec *ts)
{
    PyTime_t sec, ns;
    split(t, SEC_TO_NS, &sec, &ns);
    ts->tv_sec = (time_t)sec;
    ts->tv_nsec = (long)ns;
    return 0;
}

void
_PyTime_AsTimespec_clamp(PyTime_t t, struct timespec *ts)
{
    (void)_PyTime_AsTimespec(t, ts);
}

/* -- Clocks ---------------- */

static int
read_clock(clockid_t id, const char *name, PyTime_t *t, _Py_clock_info_t *info, int raise)
{
    struct timespec ts;
    *t = 0;
    if (clock_gettime(id, &ts) != 0) {
        if (raise) {
            PyErr_SetFromErrno(PyExc_OSError);
        }
        return -1;
    }
    PyTime_t value = ts.tv_sec;
    if (mul_clamp(&value, SEC_TO_NS) < 0 || add_clamp(&value, ts.tv_nsec) < 0) {
        if (raise) {
            overflow();
        }
        return -1;
    }
    *t = value;
    if (info != NULL) {
        struct timespec resolution;
        info->implementation = name;
        info->monotonic = id != CLOCK_REALTIME;
        info->adjustable = id == CLOCK_REALTIME;
        info->resolution = clock_getres(id, &resolution) == 0
            ? (double)resolution.tv_sec + (double)resolution.tv_nsec * 1e-9 : 1e-9;
    }
    return 0;
}

#define REALTIME CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)"
#define MONOTONIC CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)"

int
PyTime_Time(PyTime_t *result)
{
    return read_clock(REALTIME, result, NULL, 1);
}

int
PyTime_TimeRaw(PyTime_t *result)
{
    return read_clock(REALTIME, result, NULL, 0);
}

int
PyTime_Monotonic(PyTime_t *result)
{
    return read_clock(MONOTONIC, result, NULL, 1);
}

int
PyTime_MonotonicRaw(PyTime_t *result)
{
    return read_clock(MONOTONIC, result, NULL, 0);
}

int
PyTime_PerfCounter(PyTime_t *result)
{
    return PyTime_Monotonic(result);
}

int
PyTime_PerfCounterRaw(PyTime_t *result)
{
    return PyTime_MonotonicRaw(result);
}

int
_PyTime_TimeWithInfo(PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(REALTIME, t, info, 1);
}

int
_PyTime_MonotonicWithInfo(PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(MONOTONIC, t, info, 1);
}

int
_PyTime_PerfCounterWithInfo(PyTime_t *t, _Py_clock_info_t *info)
{
    return _PyTime_MonotonicWithInfo(t, info);
}

PyStatus
_PyTime_Init(void)
{
    PyTime_t t;
    if (PyTime_TimeRaw(&t) < 0 || PyTime_MonotonicRaw(&t) < 0) {
        return PyStatus_Error("a system clock cannot be read");
    }
    return PyStatus_Ok();
}

PyTime_t
_PyDeadline_Init(PyTime_t timeout)
{
    PyTime_t now;
    (void)PyTime_MonotonicRaw(&now);
    return _PyTime_Add(now, timeout);
}

PyTime_t
_PyDeadline_Get(PyTime_t deadline)
{
    PyTime_t now;
    (void)PyTime_MonotonicRaw(&now);
    return deadline - now;
}

int
_PyTime_localtime(time_t t, struct tm *tm)
{
    errno = 0;
    if (localtime_r(&t, tm) == NULL) {
        if (errno == 0) {
            errno = EINVAL;
        }
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

int
_PyTime_gmtime(time_t t, struct tm *tm)
{
    errno = 0;
    if (gmtime_r(&t, tm) == NULL) {
        if (errno == 0) {
            errno = EINVAL;
        }
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

/* -- Fractions ---------------- */

static PyTime_t
gcd(PyTime_t x, PyTime_t y)
{
    while (y != 0) {
        PyTime_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

int
_PyTimeFraction_Set(_PyTimeFraction *frac, PyTime_t numer, PyTime_t denom)
{
    if (numer < 1 || denom < 1) {
        return -1;
    }
    PyTime_t divisor = gcd(numer, denom);
    frac->numer = numer / divisor;
    frac->denom = denom / divisor;
    return 0;
}

PyTime_t
_PyTimeFraction_Mul(PyTime_t ticks, const _PyTimeFraction *frac)
{
    if (frac->denom == 1) {
        (void)mul_clamp(&ticks, frac->numer);
        return ticks;
    }
    /* Whole and rest apart, so that the product overflows as late as possible. */
    PyTime_t whole = ticks / frac->denom;
    PyTime_t rest = ticks % frac->denom;
    (void)mul_clamp(&rest, frac->numer);
    rest /= frac->denom;
    (void)mul_clamp(&whole, frac->numer);
    return _PyTime_Add(whole, rest);
}

double
_PyTimeFraction_Resolution(const _PyTimeFraction *frac)
{
    return (double)frac->numer / (double)frac->denom / 1e9;
}

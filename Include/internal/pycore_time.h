/* Time: PyTime_t is nanoseconds in 64 bits (Python/threads/pytime.c). */
#ifndef Py_INTERNAL_TIME_H
#define Py_INTERNAL_TIME_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include <sys/time.h>
#include <time.h>

typedef enum {
    _PyTime_ROUND_FLOOR = 0,      // towards minus infinity
    _PyTime_ROUND_CEILING = 1,    // towards infinity
    _PyTime_ROUND_HALF_EVEN = 2,
    _PyTime_ROUND_UP = 3,         // away from zero
    _PyTime_ROUND_TIMEOUT = _PyTime_ROUND_UP,
} _PyTime_round_t;

#define _SIZEOF_PYTIME_T 8

extern time_t _PyLong_AsTime_t(PyObject *obj);
extern PyObject *_PyLong_FromTime_t(time_t sec);
extern int _PyTime_ObjectToTime_t(PyObject *obj, time_t *sec, _PyTime_round_t);
extern int _PyTime_ObjectToTimeval(PyObject *obj, time_t *sec, long *usec, _PyTime_round_t);
extern int _PyTime_ObjectToTimespec(PyObject *obj, time_t *sec, long *nsec, _PyTime_round_t);
extern PyTime_t _PyTime_FromSeconds(int seconds);
extern PyTime_t _PyTime_FromMicrosecondsClamp(PyTime_t us);
extern int _PyTime_FromLong(PyTime_t *t, PyObject *obj);
extern PyObject *_PyTime_AsLong(PyTime_t t);
extern int _PyTime_FromSecondsObject(PyTime_t *t, PyObject *obj, _PyTime_round_t round);
extern int _PyTime_FromSecondsDouble(double seconds, _PyTime_round_t round, PyTime_t *result);
extern int _PyTime_FromMillisecondsObject(PyTime_t *t, PyObject *obj, _PyTime_round_t round);
extern PyTime_t _PyTime_AsMilliseconds(PyTime_t t, _PyTime_round_t round);
extern PyTime_t _PyTime_AsMicroseconds(PyTime_t t, _PyTime_round_t round);
extern int _PyTime_FromTimeval(PyTime_t *tp, struct timeval *tv);
extern int _PyTime_AsTimeval(PyTime_t t, struct timeval *tv, _PyTime_round_t round);
extern void _PyTime_AsTimeval_clamp(PyTime_t t, struct timeval *tv, _PyTime_round_t round);
extern int _PyTime_AsTimevalTime_t(PyTime_t t, time_t *secs, int *us, _PyTime_round_t round);
extern int _PyTime_FromTimespec(PyTime_t *tp, const struct timespec *ts);
extern int _PyTime_AsTimespec(PyTime_t t, struct timespec *ts);
extern void _PyTime_AsTimespec_clamp(PyTime_t t, struct timespec *ts);
extern PyTime_t _PyTime_Add(PyTime_t t1, PyTime_t t2);

typedef struct {
    const char *implementation;
    int monotonic;
    int adjustable;
    double resolution;
} _Py_clock_info_t;

extern int _PyTime_TimeWithInfo(PyTime_t *t, _Py_clock_info_t *info);
extern int _PyTime_MonotonicWithInfo(PyTime_t *t, _Py_clock_info_t *info);
extern int _PyTime_PerfCounterWithInfo(PyTime_t *t, _Py_clock_info_t *info);
extern int _PyTime_localtime(time_t t, struct tm *tm);
extern int _PyTime_gmtime(time_t t, struct tm *tm);
extern PyTime_t _PyDeadline_Init(PyTime_t timeout);
extern PyTime_t _PyDeadline_Get(PyTime_t deadline);

typedef struct {
    PyTime_t numer;
    PyTime_t denom;
} _PyTimeFraction;
extern int _PyTimeFraction_Set(_PyTimeFraction *frac, PyTime_t numer, PyTime_t denom);
extern PyTime_t _PyTimeFraction_Mul(PyTime_t ticks, const _PyTimeFraction *frac);
extern double _PyTimeFraction_Resolution(const _PyTimeFraction *frac);
extern PyStatus _PyTime_Init(void);

#endif  // Py_INTERNAL_TIME_H

/* The time module: clocks, broken-down time, its text, sleeping.  Conversions of units are in pytime.c.

   Locking: none of its own; the C library's time zone is the process's, and tzset() changes it for all threads.
   pytime reads clocks without the thread state being left: they are system calls of nanoseconds. */
#ifndef _GNU_SOURCE
#  define _GNU_SOURCE 1
#endif
#include "Python.h"
#include "pycore_args.h"
#include "pycore_initconfig.h"
#include "pycore_modsupport.h"
#include "pycore_namespace.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_time.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    PyTypeObject *struct_time_type;
} time_state;

#define STATE(module) ((time_state *)PyModule_GetState(module))
#define NOARGS PyObject *module, PyObject *Py_UNUSED(ignored)

/* -- Clocks -------------------------------------------------------------------------------------------------- */

static PyObject *
float_from_pytime(PyTime_t t)
{
    return PyFloat_FromDouble(PyTime_AsSecondsDouble(t));
}

#define CLOCK_FUNCTIONS(name, read)                                    \
    static PyObject *time_##name(NOARGS)                               \
    {                                                                  \
        PyTime_t t;                                                    \
        return read(&t) < 0 ? NULL : float_from_pytime(t);             \
    }                                                                  \
    static PyObject *time_##name##_ns(NOARGS)                          \
    {                                                                  \
        PyTime_t t;                                                    \
        return read(&t) < 0 ? NULL : _PyTime_AsLong(t);                \
    }

/* With the resolution in *info, if it is not NULL. */
static int
cpu_clock(clockid_t id, const char *name, PyTime_t *t, _Py_clock_info_t *info)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    if (info != NULL) {
        struct timespec resolution;
        info->implementation = name;
        info->monotonic = 1;
        info->adjustable = 0;
        if (clock_getres(id, &resolution) != 0) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        info->resolution = (double)resolution.tv_sec + (double)resolution.tv_nsec * 1e-9;
    }
    return _PyTime_FromTimespec(t, &ts);
}

static int
process_clock(PyTime_t *t)
{
    return cpu_clock(CLOCK_PROCESS_CPUTIME_ID, NULL, t, NULL);
}

static int
thread_clock(PyTime_t *t)
{
    return cpu_clock(CLOCK_THREAD_CPUTIME_ID, NULL, t, NULL);
}

CLOCK_FUNCTIONS(time, PyTime_Time)
CLOCK_FUNCTIONS(monotonic, PyTime_Monotonic)
CLOCK_FUNCTIONS(perf_counter, PyTime_PerfCounter)
CLOCK_FUNCTIONS(process_time, process_clock)
CLOCK_FUNCTIONS(thread_time, thread_clock)

static int
clock_arg(PyObject *arg, clockid_t *id)
{
    int overflow;
    long value = PyLong_Check(arg) ? PyLong_AsLongAndOverflow(arg, &overflow) : -1;
    if (!PyLong_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "clk_id should be integer, not %s", Py_TYPE(arg)->tp_name);
        return -1;
    }
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow || value < INT_MIN || value > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "clk_id value is out of range");
        return -1;
    }
    *id = (clockid_t)value;
    return 0;
}

static int
read_clock(PyObject *arg, struct timespec *ts, int (*function)(clockid_t, struct timespec *))
{
    clockid_t id;
    if (clock_arg(arg, &id) < 0) {
        return -1;
    }
    if (function(id, ts) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

static PyObject *
time_clock_gettime(PyObject *module, PyObject *arg)
{
    struct timespec ts;
    return read_clock(arg, &ts, clock_gettime) < 0
               ? NULL
               : PyFloat_FromDouble((double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}

static PyObject *
time_clock_gettime_ns(PyObject *module, PyObject *arg)
{
    struct timespec ts;
    PyTime_t t;
    return read_clock(arg, &ts, clock_gettime) < 0 || _PyTime_FromTimespec(&t, &ts) < 0 ? NULL : _PyTime_AsLong(t);
}

static PyObject *
time_clock_getres(PyObject *module, PyObject *args)
{
    PyObject *id;
    struct timespec ts;
    if (!PyArg_ParseTuple(args, "O:clock_getres", &id) || read_clock(id, &ts, clock_getres) < 0) {
        return NULL;
    }
    return PyFloat_FromDouble((double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}

static PyObject *
set_clock(PyObject *clock, PyTime_t t)
{
    clockid_t id;
    struct timespec ts;
    if (clock_arg(clock, &id) < 0 || _PyTime_AsTimespec(t, &ts) < 0) {
        return NULL;
    }
    if (clock_settime(id, &ts) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyObject *
time_clock_settime(PyObject *module, PyObject *args)
{
    PyObject *clock, *value;
    PyTime_t t;
    if (!PyArg_ParseTuple(args, "OO:clock_settime", &clock, &value) ||
        _PyTime_FromSecondsObject(&t, value, _PyTime_ROUND_FLOOR) < 0) {
        return NULL;
    }
    return set_clock(clock, t);
}

static PyObject *
time_clock_settime_ns(PyObject *module, PyObject *args)
{
    PyObject *clock, *value;
    PyTime_t t;
    if (!PyArg_ParseTuple(args, "OO:clock_settime", &clock, &value) || _PyTime_FromLong(&t, value) < 0) {
        return NULL;
    }
    return set_clock(clock, t);
}

static PyObject *
time_pthread_getcpuclockid(PyObject *module, PyObject *args)
{
    unsigned long thread;
    clockid_t id;
    if (!PyArg_ParseTuple(args, "k:pthread_getcpuclockid", &thread)) {
        return NULL;
    }
    int error = pthread_getcpuclockid((pthread_t)thread, &id);
    if (error != 0) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(id);
}

static PyObject *
time_get_clock_info(PyObject *module, PyObject *args)
{
    const char *name;
    _Py_clock_info_t info = {.implementation = ""};
    PyTime_t t;
    int status;
    if (!PyArg_ParseTuple(args, "s:get_clock_info", &name)) {
        return NULL;
    }
    if (strcmp(name, "time") == 0) {
        status = _PyTime_TimeWithInfo(&t, &info);
    }
    else if (strcmp(name, "monotonic") == 0) {
        status = _PyTime_MonotonicWithInfo(&t, &info);
    }
    else if (strcmp(name, "perf_counter") == 0) {
        status = _PyTime_PerfCounterWithInfo(&t, &info);
    }
    else if (strcmp(name, "process_time") == 0) {
        status = cpu_clock(CLOCK_PROCESS_CPUTIME_ID, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", &t, &info);
    }
    else if (strcmp(name, "thread_time") == 0) {
        status = cpu_clock(CLOCK_THREAD_CPUTIME_ID, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", &t, &info);
    }
    else {
        PyErr_SetString(PyExc_ValueError, "unknown clock");
        return NULL;
    }
    if (status < 0) {
        return NULL;
    }
    PyObject *dict = Py_BuildValue("{s:s,s:O,s:O,s:d}", "implementation", info.implementation, "monotonic",
                                   info.monotonic ? Py_True : Py_False, "adjustable",
                                   info.adjustable ? Py_True : Py_False, "resolution", info.resolution);
    PyObject *result = dict != NULL ? _PyNamespace_New(dict) : NULL;
    Py_XDECREF(dict);
    return result;
}

/* -- Sleeping --------------------------------------------------------------------------------------------------- */

/* Until a point of the monotonic clock, so that signals on the way do not make it longer. */
static int
sleep_for(PyTime_t timeout)
{
    PyTime_t now, deadline;
    struct timespec until;
    if (PyTime_Monotonic(&now) < 0) {
        return -1;
    }
    deadline = _PyTime_Add(now, timeout);
    if (_PyTime_AsTimespec(deadline, &until) < 0) {
        return -1;
    }
    for (;;) {
        int error;
        Py_BEGIN_ALLOW_THREADS
        error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        Py_END_ALLOW_THREADS
        if (error == 0) {
            return 0;
        }
        if (error != EINTR) {
            errno = error;
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
}

static PyObject *
time_sleep(PyObject *module, PyObject *seconds)
{
    PyTime_t timeout;
    if (PySys_Audit("time.sleep", "O", seconds) < 0 ||
        _PyTime_FromSecondsObject(&timeout, seconds, _PyTime_ROUND_TIMEOUT) < 0) {
        return NULL;
    }
    if (timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "sleep length must be non-negative");
        return NULL;
    }
    return sleep_for(timeout) < 0 ? NULL : Py_NewRef(Py_None);
}

/* -- Broken-down time ------------------------------------------------------------------------------------------------ */

static PyStructSequence_Field struct_time_fields[] = {
    {"tm_year", "year, for example, 1993"},
    {"tm_mon", "month of year, range [1, 12]"},
    {"tm_mday", "day of month, range [1, 31]"},
    {"tm_hour", "hours, range [0, 23]"},
    {"tm_min", "minutes, range [0, 59]"},
    {"tm_sec", "seconds, range [0, 61])"},
    {"tm_wday", "day of week, range [0, 6], Monday is 0"},
    {"tm_yday", "day of year, range [1, 366]"},
    {"tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"},
    {"tm_zone", "abbreviation of timezone name"},
    {"tm_gmtoff", "offset from UTC in seconds"},
    {0},
};

static PyStructSequence_Desc struct_time_desc = {
    .name = "time.struct_time",
    .doc = "A date and a time of day, as gmtime(), localtime() and strptime() give them: a sequence of nine integers.\n\n"
           "Years are complete, months and days of the year count from 1.",
    .fields = struct_time_fields,
    .n_in_sequence = 9,
};

static PyObject *
struct_time_new(PyObject *module, const struct tm *tm, const char *zone, long gmtoff)
{
    PyObject *result = PyStructSequence_New(STATE(module)->struct_time_type);
    if (result == NULL) {
        return NULL;
    }
    const long values[] = {(long)tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour,    tm->tm_min,
                           tm->tm_sec,               (tm->tm_wday + 6) % 7, tm->tm_yday + 1, tm->tm_isdst};
    for (Py_ssize_t i = 0; i < 9; i++) {
        PyStructSequence_SetItem(result, i, PyLong_FromLong(values[i]));
    }
    PyStructSequence_SetItem(result, 9, PyUnicode_DecodeLocale(zone, "surrogateescape"));
    PyStructSequence_SetItem(result, 10, PyLong_FromLong(gmtoff));
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

/* Seconds since the epoch, now if the argument is missing or None. */
static int
seconds_arg(PyObject *args, const char *format, time_t *when)
{
    PyObject *seconds = NULL;
    if (!PyArg_ParseTuple(args, format, &seconds)) {
        return -1;
    }
    if (seconds == NULL || seconds == Py_None) {
        *when = time(NULL);
        return 0;
    }
    return _PyTime_ObjectToTime_t(seconds, when, _PyTime_ROUND_FLOOR);
}

static PyObject *
time_gmtime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (seconds_arg(args, "|O:gmtime", &when) < 0 || _PyTime_gmtime(when, &tm) != 0) {
        return NULL;
    }
    return struct_time_new(module, &tm, tm.tm_zone, tm.tm_gmtoff);
}

static PyObject *
time_localtime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (seconds_arg(args, "|O:localtime", &when) < 0 || _PyTime_localtime(when, &tm) != 0) {
        return NULL;
    }
    return struct_time_new(module, &tm, tm.tm_zone, tm.tm_gmtoff);
}

/* A tuple of nine to *tm.  *owner keeps the text of tm_zone. */
static int
tuple_to_tm(PyObject *module, PyObject *args, struct tm *tm, const char *format, PyObject **owner)
{
    int year;
    memset(tm, 0, sizeof *tm);
    *owner = NULL;
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "Tuple or struct_time argument required");
        return -1;
    }
    /* Only the visible nine. */
    PyObject *nine = Py_IS_TYPE(args, STATE(module)->struct_time_type) ? PyTuple_GetSlice(args, 0, 9) : Py_NewRef(args);
    if (nine == NULL) {
        return -1;
    }
    int ok = PyArg_ParseTuple(nine, format, &year, &tm->tm_mon, &tm->tm_mday, &tm->tm_hour, &tm->tm_min, &tm->tm_sec,
                              &tm->tm_wday, &tm->tm_yday, &tm->tm_isdst);
    Py_DECREF(nine);
    if (!ok) {
        return -1;
    }
    if (year < INT_MIN + 1900) {
        PyErr_SetString(PyExc_OverflowError, "year out of range");
        return -1;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon--;
    tm->tm_wday = (tm->tm_wday + 1) % 7;
    tm->tm_yday--;
    if (Py_IS_TYPE(args, STATE(module)->struct_time_type)) {
        PyObject *zone = PyStructSequence_GetItem(args, 9), *offset = PyStructSequence_GetItem(args, 10);
        if (zone != NULL && zone != Py_None) {
            *owner = PyUnicode_EncodeLocale(zone, "surrogateescape");
            if (*owner == NULL) {
                return -1;
            }
            tm->tm_zone = PyBytes_AS_STRING(*owner);
        }
        if (offset != NULL && offset != Py_None) {
            tm->tm_gmtoff = PyLong_AsLong(offset);
            if (PyErr_Occurred()) {
                Py_CLEAR(*owner);
                return -1;
            }
        }
    }
    return 0;
}

static int
out_of_range(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

/* Ranges, because the C library may crash on others.  Zeros of month and days mean the first. */
static int
check_tm(struct tm *tm)
{
    if (tm->tm_mon == -1) {
        tm->tm_mon = 0;
    }
    else if (tm->tm_mon < 0 || tm->tm_mon > 11) {
        return out_of_range("month out of range");
    }
    if (tm->tm_mday == 0) {
        tm->tm_mday = 1;
    }
    else if (tm->tm_mday < 0 || tm->tm_mday > 31) {
        return out_of_range("day of month out of range");
    }
    if (tm->tm_hour < 0 || tm->tm_hour > 23) {
        return out_of_range("hour out of range");
    }
    if (tm->tm_min < 0 || tm->tm_min > 59) {
        return out_of_range("minute out of range");
    }
    if (tm->tm_sec < 0 || tm->tm_sec > 61) {
        return out_of_range("seconds out of range");
    }
    if (tm->tm_wday < 0) {
        return out_of_range("day of week out of range");
    }
    if (tm->tm_yday == -1) {
        tm->tm_yday = 0;
    }
    else if (tm->tm_yday < 0 || tm->tm_yday > 365) {
        return out_of_range("day of year out of range");
    }
    return 0;
}

/* -- Text --------------------------------------------------------------------------------------------------------------- */

/* Formats a run of ASCII without null characters and appends it. */
static int
append_formatted(PyUnicodeWriter *writer, const char *format, size_t length, const struct tm *tm)
{
    for (size_t size = 256 > 2 * length ? 256 : 2 * length;; size *= 2) {
        char *buffer = PyMem_Malloc(size);
        if (buffer == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        errno = 0;
        size_t written = strftime(buffer, size, format, tm);
        /* 0 means too small, or nothing to write, as %Z may be: no directive makes more than 256 bytes. */
        if (written > 0 || size >= 256 * length) {
            PyObject *text = PyUnicode_DecodeLocaleAndSize(buffer, (Py_ssize_t)written, "surrogateescape");
            PyMem_Free(buffer);
            int result = text != NULL ? PyUnicodeWriter_WriteStr(writer, text) : -1;
            Py_XDECREF(text);
            return result;
        }
        PyMem_Free(buffer);
    }
}

/* The C function sees runs of ASCII only; other characters, and null, are copied. */
static int
format_all(PyUnicodeWriter *writer, PyObject *format, const struct tm *tm)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(format);
    char *run = PyMem_Malloc((size_t)length + 1);
    if (run == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < length;) {
        size_t count = 0;
        Py_UCS4 ch = 0;
        while (i < length && (ch = PyUnicode_READ_CHAR(format, i)) > 0 && ch < 128) {
            run[count++] = (char)ch;
            i++;
        }
        if (count > 0) {
            run[count] = '\0';
            result = append_formatted(writer, run, count, tm);
        }
        else {
            result = PyUnicodeWriter_WriteChar(writer, ch);
            i++;
        }
    }
    PyMem_Free(run);
    return result;
}

static PyObject *
time_strftime(PyObject *module, PyObject *args)
{
    PyObject *format, *tuple = NULL, *owner = NULL, *result = NULL;
    struct tm tm;
    if (!PyArg_ParseTuple(args, "U|O:strftime", &format, &tuple)) {
        return NULL;
    }
    if (tuple == NULL) {
        if (_PyTime_localtime(time(NULL), &tm) != 0) {
            return NULL;
        }
    }
    else if (tuple_to_tm(module, tuple, &tm, "iiiiiiiii;strftime(): illegal time tuple argument", &owner) < 0 ||
             check_tm(&tm) < 0) {
        goto done;
    }
    /* Some C libraries look names up with it. */
    if (tm.tm_isdst < -1) {
        tm.tm_isdst = -1;
    }
    else if (tm.tm_isdst > 1) {
        tm.tm_isdst = 1;
    }
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(0);
    if (writer == NULL) {
        goto done;
    }
    if (format_all(writer, format, &tm) < 0) {
        PyUnicodeWriter_Discard(writer);
        goto done;
    }
    result = PyUnicodeWriter_Finish(writer);
done:
    Py_XDECREF(owner);
    return result;
}

static PyObject *
time_strptime(PyObject *module, PyObject *args)
{
    PyObject *function = PyImport_ImportModuleAttrString("_strptime", "_strptime_time");
    PyObject *result = function != NULL ? PyObject_Call(function, args, NULL) : NULL;
    Py_XDECREF(function);
    return result;
}

static PyObject *
tm_to_text(const struct tm *tm)
{
    /* Not the C library's: its names follow the locale, its years have four digits. */
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return PyUnicode_FromFormat("%s %s%3d %.2d:%.2d:%.2d %ld", days[tm->tm_wday], months[tm->tm_mon], tm->tm_mday,
                                tm->tm_hour, tm->tm_min, tm->tm_sec, 1900 + (long)tm->tm_year);
}

static PyObject *
time_asctime(PyObject *module, PyObject *args)
{
    PyObject *tuple = NULL, *owner = NULL;
    struct tm tm;
    if (!PyArg_UnpackTuple(args, "asctime", 0, 1, &tuple)) {
        return NULL;
    }
    if (tuple == NULL) {
        return _PyTime_localtime(time(NULL), &tm) != 0 ? NULL : tm_to_text(&tm);
    }
    int status = tuple_to_tm(module, tuple, &tm, "iiiiiiiii;asctime(): illegal time tuple argument", &owner);
    Py_XDECREF(owner);
    return status < 0 || check_tm(&tm) < 0 ? NULL : tm_to_text(&tm);
}

static PyObject *
time_ctime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (seconds_arg(args, "|O:ctime", &when) < 0 || _PyTime_localtime(when, &tm) != 0) {
        return NULL;
    }
    return tm_to_text(&tm);
}

static PyObject *
time_mktime(PyObject *module, PyObject *tuple)
{
    struct tm tm;
    PyObject *owner;
    int status = tuple_to_tm(module, tuple, &tm, "iiiiiiiii;mktime(): illegal time tuple argument", &owner);
    Py_XDECREF(owner);
    if (status < 0) {
        return NULL;
    }
    tm.tm_zone = NULL;
    tm.tm_wday = -1;        /* -1 is also a second before 1970: then this is filled in */
    time_t when = mktime(&tm);
    if (when == (time_t)-1 && tm.tm_wday == -1) {
        PyErr_SetString(PyExc_OverflowError, "mktime argument out of range");
        return NULL;
    }
    return PyFloat_FromDouble((double)when);
}

/* -- Time zone ---------------------------------------------------------------------------------------------------------------- */

/* West of Greenwich in seconds, and the name, at a time. */
static int
zone_at(time_t when, long *west, char name[100])
{
    struct tm tm;
    if (_PyTime_localtime(when, &tm) != 0) {
        return -1;
    }
    strncpy(name, tm.tm_zone != NULL ? tm.tm_zone : "   ", 99);
    name[99] = '\0';
    *west = -tm.tm_gmtoff;
    return 0;
}

/* Winter and summer of this year, on either hemisphere. */
static int
add_timezone(PyObject *module)
{
    static const time_t year = (365 * 24 + 6) * 3600;
    time_t january = time(NULL) / year * year;
    long winter, summer;
    char winter_name[100], summer_name[100];
    if (zone_at(january, &winter, winter_name) < 0 || zone_at(january + year / 2, &summer, summer_name) < 0) {
        return -1;
    }
    int south = winter < summer;
    if (PyModule_AddIntConstant(module, "timezone", south ? summer : winter) < 0 ||
        PyModule_AddIntConstant(module, "altzone", south ? winter : summer) < 0 ||
        PyModule_AddIntConstant(module, "daylight", winter != summer) < 0) {
        return -1;
    }
    PyObject *first = PyUnicode_DecodeLocale(south ? summer_name : winter_name, "surrogateescape");
    PyObject *second = PyUnicode_DecodeLocale(south ? winter_name : summer_name, "surrogateescape");
    PyObject *names = first != NULL && second != NULL ? PyTuple_Pack(2, first, second) : NULL;
    Py_XDECREF(first);
    Py_XDECREF(second);
    return PyModule_Add(module, "tzname", names);
}

static PyObject *
time_tzset(NOARGS)
{
    tzset();
    return add_timezone(module) < 0 ? NULL : Py_NewRef(Py_None);
}

/* -- Module ----------------------------------------------------------------------------------------------------------------------- */

#define CLOCK_ROWS(name, doc)                                                            \
    PY_METHOD(time, name, METH_NOARGS, "($self, /)", #name "() -> float\n\n" doc),       \
    PY_METHOD(time, name##_ns, METH_NOARGS, "($self, /)", #name "_ns() -> int\n\n" doc ", in nanoseconds.")

static PyMethodDef time_methods[] = {
    CLOCK_ROWS(time, "Seconds since the epoch"),
    PY_METHOD(time, clock_gettime, METH_O, "($module, clk_id, /)", "Return the time of a clock, in seconds."),
    PY_METHOD(time, clock_gettime_ns, METH_O, "($module, clk_id, /)", "Return the time of a clock, in nanoseconds."),
    PY_METHOD_NOSIG("clock_settime", time_clock_settime, METH_VARARGS, "clock_settime(clk_id, time)\n\nSet a clock."),
    PY_METHOD_NOSIG("clock_settime_ns", time_clock_settime_ns, METH_VARARGS,
                    "clock_settime_ns(clk_id, time)\n\nSet a clock, in nanoseconds."),
    PY_METHOD_NOSIG("clock_getres", time_clock_getres, METH_VARARGS,
                    "clock_getres(clk_id) -> float\n\nThe resolution of a clock, in seconds."),
    PY_METHOD_NOSIG("pthread_getcpuclockid", time_pthread_getcpuclockid, METH_VARARGS,
                    "pthread_getcpuclockid(thread_id) -> int\n\nThe clock of a thread's processor time."),
    PY_METHOD(time, sleep, METH_O, "($self, object, /)", "sleep(seconds)\n\nWait; signals are handled meanwhile."),
    PY_METHOD_NOSIG("gmtime", time_gmtime, METH_VARARGS, "gmtime([seconds]) -> struct_time\n\nBroken-down time in UTC."),
    PY_METHOD_NOSIG("localtime", time_localtime, METH_VARARGS,
                    "localtime([seconds]) -> struct_time\n\nBroken-down time in the local time zone."),
    PY_METHOD_NOSIG("asctime", time_asctime, METH_VARARGS,
                    "asctime([time_tuple]) -> string\n\nText such as 'Sat Jun 06 16:26:11 1998'."),
    PY_METHOD_NOSIG("ctime", time_ctime, METH_VARARGS, "ctime([seconds]) -> string\n\nasctime(localtime(seconds))"),
    PY_METHOD(time, mktime, METH_O, "($self, object, /)", "mktime(time_tuple) -> float\n\nSeconds of a local time."),
    PY_METHOD_NOSIG("strftime", time_strftime, METH_VARARGS,
                    "strftime(format[, time_tuple]) -> string\n\nText by the directives of C's strftime()."),
    PY_METHOD_NOSIG("strptime", time_strptime, METH_VARARGS,
                    "strptime(string[, format]) -> struct_time\n\nRead a time from text."),
    PY_METHOD(time, tzset, METH_NOARGS, "($self, /)", "tzset()\n\nRead the environment variable TZ again."),
    CLOCK_ROWS(monotonic, "Seconds of a clock that never goes back"),
    CLOCK_ROWS(process_time, "Seconds of processor time that the process has used"),
    CLOCK_ROWS(thread_time, "Seconds of processor time that the thread has used"),
    CLOCK_ROWS(perf_counter, "Seconds of the finest clock, for measuring"),
    PY_METHOD_NOSIG("get_clock_info", time_get_clock_info, METH_VARARGS,
                    "get_clock_info(name: str) -> namespace\n\nWhat is known about a clock."),
    {0},
};

static const struct {
    const char *name;
    int id;
} clocks[] = {
#define C(name) {#name, name},
    C(CLOCK_REALTIME) C(CLOCK_MONOTONIC)
#ifdef CLOCK_MONOTONIC_RAW
    C(CLOCK_MONOTONIC_RAW)
#endif
#ifdef CLOCK_HIGHRES
    C(CLOCK_HIGHRES)
#endif
    C(CLOCK_PROCESS_CPUTIME_ID) C(CLOCK_THREAD_CPUTIME_ID)
#ifdef CLOCK_PROF
    C(CLOCK_PROF)
#endif
#ifdef CLOCK_BOOTTIME
    C(CLOCK_BOOTTIME)
#endif
#ifdef CLOCK_TAI
    C(CLOCK_TAI)
#endif
#ifdef CLOCK_UPTIME
    C(CLOCK_UPTIME)
#endif
#undef C
};

static int
time_exec(PyObject *module)
{
    if (add_timezone(module) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(clocks); i++) {
        if (PyModule_AddIntConstant(module, clocks[i].name, clocks[i].id) < 0) {
            return -1;
        }
    }
    time_state *state = STATE(module);
    state->struct_time_type = PyStructSequence_NewType(&struct_time_desc);
    if (state->struct_time_type == NULL || PyModule_AddType(module, state->struct_time_type) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "_STRUCT_TM_ITEMS", 11);
}

static int
time_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(STATE(module)->struct_time_type);
    return 0;
}

static int
time_clear(PyObject *module)
{
    Py_CLEAR(STATE(module)->struct_time_type);
    return 0;
}

static void
time_free(void *module)
{
    (void)time_clear(module);
}

static PyModuleDef_Slot time_slots[] = {
    {Py_mod_exec, time_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef time_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "time",
    .m_doc = "Clocks, dates and times of day, sleeping.\n\n"
             "Times are seconds since the epoch (1970, UTC), or tuples of nine integers (struct_time).",
    .m_size = sizeof(time_state),
    .m_methods = time_methods,
    .m_slots = time_slots,
    .m_traverse = time_traverse,
    .m_clear = time_clear,
    .m_free = time_free,
};

PyMODINIT_FUNC
PyInit_time(void)
{
    return PyModuleDef_Init(&time_module);
}

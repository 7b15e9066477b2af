/* Descriptors and files: calls of the system that retry when a signal interrupts them, run the signal's handler, and do
   not leak descriptors to child processes.

   Locking: nothing shared but _Py_open_cloexec_works, which is written with the one value that it can have. */
#ifndef _GNU_SOURCE
#  define _GNU_SOURCE 1
#endif
#include "Python.h"
#include "pycore_fileutils.h"
#include "pycore_pymem.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* -1: not known, 0: the kernel ignores O_CLOEXEC, 1: it works. */
int _Py_open_cloexec_works = -1;

/* -- Inheritance ------------------------------------------------------------------------------------------- */

static int
get_inheritable(int fd, int raise)
{
    int flags = fcntl(fd, F_GETFD, 0);
    if (flags == -1) {
        if (raise) {
            PyErr_SetFromErrno(PyExc_OSError);
        }
        return -1;
    }
    return !(flags & FD_CLOEXEC);
}

int
_Py_get_inheritable(int fd)
{
    return get_inheritable(fd, 1);
}

/* *atomic_flag_works, if given: whether the descriptor was opened with O_CLOEXEC and that worked; -1: to be found out. */
static int
set_inheritable(int fd, int inheritable, int raise, int *atomic_flag_works)
{
    if (atomic_flag_works != NULL && !inheritable) {
        if (__atomic_load_n(atomic_flag_works, __ATOMIC_RELAXED) == -1) {
            int inherited = get_inheritable(fd, raise);
            if (inherited == -1) {
                return -1;
            }
            __atomic_store_n(atomic_flag_works, !inherited, __ATOMIC_RELAXED);
        }
        if (__atomic_load_n(atomic_flag_works, __ATOMIC_RELAXED)) {
            return 0;
        }
    }
#if defined(FIOCLEX) && defined(FIONCLEX)
    /* One call instead of two, where the descriptor is not opened with O_PATH. */
    if (raise && ioctl(fd, inheritable ? FIONCLEX : FIOCLEX, NULL) == 0) {
        return 0;
    }
#endif
    int flags = fcntl(fd, F_GETFD);
    int wanted = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    if (flags < 0 || (wanted != flags && fcntl(fd, F_SETFD, wanted) < 0)) {
        if (raise) {
            PyErr_SetFromErrno(PyExc_OSError);
        }
        return -1;
    }
    return 0;
}

int
_Py_set_inheritable(int fd, int inheritable, int *atomic_flag_works)
{
    return set_inheritable(fd, inheritable, 1, atomic_flag_works);
}

int
_Py_set_inheritable_async_safe(int fd, int inheritable, int *atomic_flag_works)
{
    return set_inheritable(fd, inheritable, 0, atomic_flag_works);
}

/* -- Opening ------------------------------------------------------------------------------------------------- */

static int
close_keeping_errno(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int
_Py_open_noraise(const char *pathname, int flags)
{
    int fd = open(pathname, flags | O_CLOEXEC);
    if (fd >= 0 && set_inheritable(fd, 0, 0, &_Py_open_cloexec_works) < 0) {
        return close_keeping_errno(fd);
    }
    return fd;
}

int
_Py_open(const char *pathname, int flags)
{
    if (PySys_Audit("open", "sOi", pathname, Py_None, flags) < 0) {
        return -1;
    }
    int fd, failed = 0;
    do {
        Py_BEGIN_ALLOW_THREADS
        fd = open(pathname, flags | O_CLOEXEC);
        Py_END_ALLOW_THREADS
    } while (fd < 0 && errno == EINTR && !(failed = PyErr_CheckSignals()));
    if (failed) {
        return -1;
    }
    if (fd < 0) {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, pathname);
        return -1;
    }
    if (set_inheritable(fd, 0, 1, &_Py_open_cloexec_works) < 0) {
        return close_keeping_errno(fd);
    }
    return fd;
}

/* "wb" with the flag that keeps the descriptor from children. */
static FILE *
open_stream(const char *path, const char *mode)
{
    char with_flag[16];
    snprintf(with_flag, sizeof with_flag, "%.12se", mode);
    return fopen(path, with_flag);
}

FILE *
_Py_wfopen(const wchar_t *path, const wchar_t *mode)
{
    if (PySys_Audit("open", "uui", path, mode, 0) < 0) {
        return NULL;
    }
    char narrow_mode[10];
    if (wcstombs(narrow_mode, mode, sizeof narrow_mode) >= sizeof narrow_mode) {
        errno = EINVAL;
        return NULL;
    }
    char *name = Py_EncodeLocale(path, NULL);
    if (name == NULL) {
        return NULL;
    }
    FILE *stream = open_stream(name, narrow_mode);
    PyMem_Free(name);
    return stream;
}

FILE *
Py_fopen(PyObject *path, const char *mode)
{
    if (PySys_Audit("open", "Osi", path, mode, 0) < 0) {
        return NULL;
    }
    PyObject *bytes = NULL;
    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    FILE *stream;
    int failed = 0;
    do {
        Py_BEGIN_ALLOW_THREADS
        stream = open_stream(PyBytes_AS_STRING(bytes), mode);
        Py_END_ALLOW_THREADS
    } while (stream == NULL && errno == EINTR && !(failed = PyErr_CheckSignals()));
    Py_DECREF(bytes);
    if (stream == NULL && !failed) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    return stream;
}

int
Py_fclose(FILE *file)
{
    return fclose(file);
}

int
_Py_dup(int fd)
{
    int copy;
    Py_BEGIN_ALLOW_THREADS
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    Py_END_ALLOW_THREADS
    if (copy < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return copy;
}

void
_Py_closerange(int first, int last)
{
    if (first < 0) {
        first = 0;
    }
    if (first > last) {
        return;
    }
#if defined(HAVE_CLOSE_RANGE)
    if (close_range((unsigned)first, (unsigned)last, 0) == 0) {
        return;
    }
#endif
#if defined(HAVE_CLOSEFROM)
    if (last >= sysconf(_SC_OPEN_MAX)) {
        closefrom(first);
        return;
    }
#endif
    for (int fd = first; fd <= last; fd++) {
        (void)close(fd);
    }
}

/* -- Reading and writing ---------------------------------------------------------------------------------------- */

/* At most INT_MAX-ish parts: Linux moves no more than 0x7ffff000 bytes anyway. */
Py_ssize_t
_Py_read(int fd, void *buf, size_t count)
{
    ssize_t size;
    int error, failed = 0;
    if (count > _PY_READ_MAX) {
        count = _PY_READ_MAX;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        size = read(fd, buf, count);
        error = errno;
        Py_END_ALLOW_THREADS
    } while (size < 0 && error == EINTR && !(failed = PyErr_CheckSignals()));
    if (failed) {
        errno = error;
        return -1;
    }
    if (size < 0) {
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
        errno = error;
    }
    return size;
}

Py_ssize_t
_Py_write(int fd, const void *buf, size_t count)
{
    ssize_t size;
    int error, failed = 0;
    if (count > _PY_WRITE_MAX) {
        count = _PY_WRITE_MAX;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        size = write(fd, buf, count);
        error = errno;
        Py_END_ALLOW_THREADS
    } while (size < 0 && error == EINTR && !(failed = PyErr_CheckSignals()));
    if (failed) {
        errno = error;
        return -1;
    }
    if (size < 0) {
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
        errno = error;
    }
    return size;
}

/* For signal handlers and after fatal errors: keeps the thread, runs no handlers. */
Py_ssize_t
_Py_write_noraise(int fd, const void *buf, size_t count)
{
    ssize_t size;
    if (count > _PY_WRITE_MAX) {
        count = _PY_WRITE_MAX;
    }
    do {
        errno = 0;
        size = write(fd, buf, count);
    } while (size < 0 && errno == EINTR);
    return size;
}

int
_Py_get_blocking(int fd)
{
    int flags;
    Py_BEGIN_ALLOW_THREADS
    flags = fcntl(fd, F_GETFL, 0);
    Py_END_ALLOW_THREADS
    if (flags < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return !(flags & O_NONBLOCK);
}

int
_Py_set_blocking(int fd, int blocking)
{
    int result;
    Py_BEGIN_ALLOW_THREADS
    int arg = !blocking;
    result = ioctl(fd, FIONBIO, &arg);
    Py_END_ALLOW_THREADS
    if (result < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return result < 0 ? -1 : 0;
}

int
_Py_isatty(int fd)
{
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = isatty(fd);
    Py_END_ALLOW_THREADS
    return result;
}

/* -- Facts --------------------------------------------------------------------------------------------------------- */

int
_Py_fstat_noraise(int fd, struct _Py_stat_struct *status)
{
    return fstat(fd, status);
}

int
_Py_fstat(int fd, struct _Py_stat_struct *status)
{
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = fstat(fd, status);
    Py_END_ALLOW_THREADS
    if (result != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

/* 0, -1 with errno, -2 with an exception. */
int
_Py_stat(PyObject *path, struct stat *status)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(path);
    if (bytes == NULL) {
        return -2;
    }
    char *name;
    int result = PyBytes_AsStringAndSize(bytes, &name, NULL) < 0 ? -2 : stat(name, status);
    Py_DECREF(bytes);
    return result;
}

int
_Py_wstat(const wchar_t *path, struct stat *status)
{
    char *name = Py_EncodeLocale(path, NULL);
    if (name == NULL) {
        errno = EINVAL;
        return -1;
    }
    int result = stat(name, status);
    PyMem_Free(name);
    return result;
}

/* The wide form of text into buf; -1 if it does not fit or cannot be decoded. */
static int
widen(const char *text, wchar_t *buf, size_t size)
{
    size_t length;
    wchar_t *wide = Py_DecodeLocale(text, &length);
    if (wide == NULL || length + 1 > size) {
        PyMem_RawFree(wide);
        errno = EINVAL;
        return -1;
    }
    wcsncpy(buf, wide, length + 1);
    PyMem_RawFree(wide);
    return (int)length;
}

int
_Py_wreadlink(const wchar_t *path, wchar_t *buf, size_t buflen)
{
    char target[PATH_MAX], *name = Py_EncodeLocale(path, NULL);
    if (name == NULL) {
        errno = EINVAL;
        return -1;
    }
    ssize_t size = readlink(name, target, sizeof target);
    PyMem_Free(name);
    if (size < 0) {
        return -1;
    }
    if ((size_t)size >= sizeof target) {
        errno = EINVAL;
        return -1;
    }
    target[size] = '\0';
    return widen(target, buf, buflen);
}

wchar_t *
_Py_wrealpath(const wchar_t *path, wchar_t *resolved, size_t size)
{
    char target[PATH_MAX], *name = Py_EncodeLocale(path, NULL);
    if (name == NULL) {
        errno = EINVAL;
        return NULL;
    }
    char *found = realpath(name, target);
    PyMem_Free(name);
    return found != NULL && widen(target, resolved, size) >= 0 ? resolved : NULL;
}

wchar_t *
_Py_wgetcwd(wchar_t *buf, size_t buflen)
{
    char folder[PATH_MAX];
    return getcwd(folder, sizeof folder) != NULL && widen(folder, buf, buflen) >= 0 ? buf : NULL;
}

int
_Py_isabs(const wchar_t *path)
{
    return path[0] == L'/';
}

/* -- Normal form of a path ------------------------------------------------------------------------------------------- */

/* POSIX: two slashes at the start stay two, three or more are one.  Components go to `out` one after the other; ".."
   takes the last one back where there is one to take. */
wchar_t *
_Py_normpath_and_size(wchar_t *path, Py_ssize_t size, Py_ssize_t *length)
{
    Py_ssize_t end = size >= 0 ? size : (Py_ssize_t)wcslen(path), in = 0, out = 0, root;
    if (end == 0 || path[0] == L'\0') {
        *length = 0;
        return path;
    }
    for (Py_ssize_t i = 0; i < end; i++) {
        if (path[i] == L'\0') {
            end = i;
        }
    }
    while (in < end && path[in] == L'/') {
        in++;
    }
    root = in == 2 ? 2 : in > 0;
    out = root;
    while (in < end) {
        Py_ssize_t start = in;
        while (in < end && path[in] != L'/') {
            in++;
        }
        Py_ssize_t count = in - start;
        while (in < end && path[in] == L'/') {
            in++;
        }
        if (count == 0 || (count == 1 && path[start] == L'.')) {
            continue;
        }
        if (count == 2 && path[start] == L'.' && path[start + 1] == L'.') {
            Py_ssize_t last = out;      /* start of the last component written */
            while (last > root && path[last - 1] != L'/') {
                last--;
            }
            int last_is_up = out - last == 2 && path[last] == L'.' && path[last + 1] == L'.';
            if (out > root && !last_is_up) {
                out = last > root ? last - 1 : root;
                continue;
            }
            if (root > 0) {
                continue;               /* above the root is the root */
            }
        }
        if (out > root) {
            path[out++] = L'/';
        }
        wmemmove(path + out, path + start, (size_t)count);
        out += count;
    }
    if (out < end || size < 0) {
        path[out] = L'\0';
    }
    *length = out;
    return path;
}

wchar_t *
_Py_normpath(wchar_t *path, Py_ssize_t size)
{
    Py_ssize_t length;
    return _Py_normpath_and_size(path, size, &length);
}

/* -- Locale ------------------------------------------------------------------------------------------------------------- */

/* The decimal point and the thousands separator as str.  They may be in LC_NUMERIC's encoding, which need not be that of
   LC_CTYPE: then LC_CTYPE is changed for a moment, as other threads can see. */
int
_Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point, PyObject **thousands_sep)
{
    const char *texts[2] = {lc->decimal_point, lc->thousands_sep};
    int change = 0;
    for (int i = 0; i < 2; i++) {
        change |= strlen(texts[i]) > 1 || ((unsigned char)texts[i][0]) > 127;
    }
    char *old = NULL;
    if (change) {
        const char *current = setlocale(LC_CTYPE, NULL), *numeric = setlocale(LC_NUMERIC, NULL);
        if (current != NULL) {
            old = _PyMem_Strdup(current);
            if (old == NULL) {
                PyErr_NoMemory();
                return -1;
            }
        }
        if (numeric != NULL && old != NULL && strcmp(numeric, old) != 0) {
            setlocale(LC_CTYPE, numeric);
        }
        else {
            PyMem_Free(old);
            old = NULL;
        }
        lc = localeconv();
    }
    int result = -1;
    *decimal_point = PyUnicode_DecodeLocale(lc->decimal_point, NULL);
    if (*decimal_point != NULL) {
        *thousands_sep = PyUnicode_DecodeLocale(lc->thousands_sep, NULL);
        if (*thousands_sep != NULL) {
            result = 0;
        }
    }
    if (old != NULL) {
        setlocale(LC_CTYPE, old);
        PyMem_Free(old);
    }
    return result;
}

/* Descriptors and files, with interrupted calls retried, signals handled and descriptors not inherited. */
#ifndef Py_INTERNAL_FILEUTILS_H
#define Py_INTERNAL_FILEUTILS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_codecs.h"  // _Py_error_handler
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>

/* One system call may not move more. */
#define _PY_READ_MAX PY_SSIZE_T_MAX
#define _PY_WRITE_MAX PY_SSIZE_T_MAX

/* How open files and sockets are made not inheritable: unknown, not in one step, in one step. */
extern int _Py_open_cloexec_works;

#define _Py_stat_struct stat

/* -- Opening; all but the noraise forms release the thread while they wait ------------------------------------- */

PyAPI_FUNC(int) _Py_open(const char *pathname, int flags);
PyAPI_FUNC(int) _Py_open_noraise(const char *pathname, int flags);
extern FILE *_Py_wfopen(const wchar_t *path, const wchar_t *mode);
PyAPI_FUNC(int) _Py_dup(int fd);
PyAPI_FUNC(int) _Py_set_inheritable(int fd, int inheritable, int *atomic_flag_works);
PyAPI_FUNC(int) _Py_set_inheritable_async_safe(int fd, int inheritable, int *atomic_flag_works);
extern int _Py_get_inheritable(int fd);
PyAPI_FUNC(void) _Py_closerange(int first, int last);

/* -- Reading and writing ----------------------------------------------------------------------------------------- */

extern Py_ssize_t _Py_read(int fd, void *buf, size_t count);
PyAPI_FUNC(Py_ssize_t) _Py_write(int fd, const void *buf, size_t count);
PyAPI_FUNC(Py_ssize_t) _Py_write_noraise(int fd, const void *buf, size_t count);
extern int _Py_get_blocking(int fd);
extern int _Py_set_blocking(int fd, int blocking);
extern int _Py_isatty(int fd);

/* -- Facts ---------------------------------------------------------------------------------------------------------- */

PyAPI_FUNC(int) _Py_fstat(int fd, struct _Py_stat_struct *status);
PyAPI_FUNC(int) _Py_fstat_noraise(int fd, struct _Py_stat_struct *status);
PyAPI_FUNC(int) _Py_stat(PyObject *path, struct stat *status);
extern int _Py_wstat(const wchar_t *path, struct stat *status);
extern int _Py_wreadlink(const wchar_t *path, wchar_t *buf, size_t buflen);
extern wchar_t *_Py_wrealpath(const wchar_t *path, wchar_t *resolved, size_t size);
extern wchar_t *_Py_wgetcwd(wchar_t *buf, size_t buflen);
extern int _Py_isabs(const wchar_t *path);
/* Resolves . and .. in place; the result may be shorter. */
PyAPI_FUNC(wchar_t *) _Py_normpath(wchar_t *path, Py_ssize_t size);
extern wchar_t *_Py_normpath_and_size(wchar_t *path, Py_ssize_t size, Py_ssize_t *length);

/* -- Locale ---------------------------------------------------------------------------------------------------------- */

extern int _Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point, PyObject **thousands_sep);
#endif

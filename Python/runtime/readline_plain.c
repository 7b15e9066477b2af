/* Reading a line from a terminal: PyOS_Readline() and the plain reader that it uses unless an extension has put its own
   into PyOS_ReadlineFunctionPointer.

   Locking: one thread reads at a time, under a mutex; it is detached meanwhile. */
#include "Python.h"
#include "pycore_fileutils.h"
#include "pycore_lock.h"
#include "pycore_pymem.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

PyAPI_DATA(PyThreadState *) _PyOS_ReadlineTState;
PyThreadState *_PyOS_ReadlineTState;    /* atomic: the thread that reads now */

int (*PyOS_InputHook)(void);
char *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *);

static PyMutex readline_mutex;

enum read_result { READ_OK, READ_END, READ_INTERRUPTED, READ_FAILED };

/* fgets(), detached; an interrupting signal runs its handler, which may raise. */
static enum read_result
read_part(PyThreadState *tstate, char *buffer, int size, FILE *stream)
{
    for (;;) {
        if (PyOS_InputHook != NULL) {
            (void)PyOS_InputHook();
        }
        errno = 0;
        clearerr(stream);
        if (fgets(buffer, size, stream) != NULL) {
            return READ_OK;
        }
        int error = errno;
        if (feof(stream)) {
            clearerr(stream);
            return READ_END;
        }
        if (error == EINTR) {
            PyEval_RestoreThread(tstate);
            int failed = PyErr_CheckSignals();
            PyEval_SaveThread();
            if (failed < 0) {
                return READ_INTERRUPTED;
            }
            continue;
        }
        if (_PyOS_InterruptOccurred(tstate)) {
            return READ_INTERRUPTED;
        }
        return READ_FAILED;
    }
}

static void
set_error(PyThreadState *tstate, void (*raise)(void))
{
    PyEval_RestoreThread(tstate);
    raise();
    PyEval_SaveThread();
}

static void
raise_no_memory(void)
{
    PyErr_NoMemory();
}

static void
raise_too_long(void)
{
    PyErr_SetString(PyExc_OverflowError, "input line too long");
}

/* Runs detached.  A raw-malloc'ed line with its newline, "" at the end of input, NULL: interrupted or failed. */
static char *
read_plainly(FILE *in, FILE *out, const char *prompt)
{
    PyThreadState *tstate = __atomic_load_n(&_PyOS_ReadlineTState, __ATOMIC_RELAXED);
    fflush(out);
    if (prompt != NULL) {
        fprintf(stderr, "%s", prompt);
    }
    fflush(stderr);
    char *line = NULL;
    size_t used = 0;
    do {
        size_t step = used > 0 ? used + 2 : 100;
        if (step > INT_MAX) {
            PyMem_RawFree(line);
            set_error(tstate, raise_too_long);
            return NULL;
        }
        char *larger = PyMem_RawRealloc(line, used + step);
        if (larger == NULL) {
            PyMem_RawFree(line);
            set_error(tstate, raise_no_memory);
            return NULL;
        }
        line = larger;
        line[used] = '\0';
        enum read_result result = read_part(tstate, line + used, (int)step, in);
        if (result == READ_INTERRUPTED) {
            PyMem_RawFree(line);
            return NULL;
        }
        if (result != READ_OK) {
            break;              /* what has been read so far is the last line */
        }
        used += strlen(line + used);
    } while (used == 0 || line[used - 1] != '\n');
    return line;
}

/* A line in memory from PyMem_Malloc, or NULL: interrupted, perhaps with an exception. */
char *
PyOS_Readline(FILE *in, FILE *out, const char *prompt)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (__atomic_load_n(&_PyOS_ReadlineTState, __ATOMIC_RELAXED) == tstate) {
        PyErr_SetString(PyExc_RuntimeError, "can't re-enter readline");
        return NULL;
    }
    if (PyOS_ReadlineFunctionPointer == NULL) {
        PyOS_ReadlineFunctionPointer = read_plainly;
    }
    char *line;
    PyEval_SaveThread();
    PyMutex_LockFlags(&readline_mutex, _Py_LOCK_DONT_DETACH);
    __atomic_store_n(&_PyOS_ReadlineTState, tstate, __ATOMIC_RELAXED);
    if (!isatty(fileno(in)) || !isatty(fileno(out)) || !_Py_IsMainInterpreter(tstate->interp)) {
        line = read_plainly(in, out, prompt);
    }
    else {
        line = PyOS_ReadlineFunctionPointer(in, out, prompt);
    }
    __atomic_store_n(&_PyOS_ReadlineTState, NULL, __ATOMIC_RELAXED);
    PyMutex_Unlock(&readline_mutex);
    PyEval_RestoreThread(tstate);
    if (line == NULL) {
        return NULL;
    }
    size_t size = strlen(line) + 1;
    char *result = PyMem_Malloc(size);
    if (result != NULL) {
        memcpy(result, line, size);
    }
    else {
        PyErr_NoMemory();
    }
    PyMem_RawFree(line);
    return result;
}

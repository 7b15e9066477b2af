/* The standard streams: sys.stdin, sys.stdout and sys.stderr over the descriptors 0, 1 and 2, and builtins.open.

   Locking: runs once for each interpreter, at its start. */
#include "Python.h"
#include "pycore_global_ids.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_sysmodule.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
fd_is_open(int fd)
{
    return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}

/* The binary stream, and in *raw the unbuffered one below it (new references). */
static PyObject *
open_binary(PyObject *io, int fd, int writes, int buffered, const char *name, PyObject **raw)
{
    *raw = NULL;
    PyObject *buffer = PyObject_CallMethod(io, "open", "isiOOOO", fd, writes ? "wb" : "rb", writes && !buffered ? 0 : -1,
                                           Py_None, Py_None, Py_None, Py_False);
    if (buffer == NULL) {
        return NULL;
    }
    *raw = writes && !buffered ? Py_NewRef(buffer) : PyObject_GetAttr(buffer, _Py_ID(raw));
    PyObject *text = PyUnicode_FromString(name);
    if (*raw == NULL || text == NULL || PyObject_SetAttr(*raw, _Py_ID(name), text) < 0) {
        Py_CLEAR(buffer);
    }
    Py_XDECREF(text);
    return buffer;
}

/* Whether the failure to open a stream only means that nobody gave us one. */
static int
is_bad_descriptor(void)
{
    if (!PyErr_ExceptionMatches(PyExc_OSError)) {
        return 0;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *number = PyObject_GetAttrString(exc, "errno");
    int bad = number != NULL && PyLong_Check(number) && PyLong_AsLong(number) == EBADF;
    PyErr_Clear();
    Py_XDECREF(number);
    PyErr_SetRaisedException(exc);
    return bad;
}

static PyObject *
open_stream(const PyConfig *config, PyObject *io, int fd, int writes, const char *name, const wchar_t *encoding,
            const wchar_t *errors)
{
    if (!fd_is_open(fd)) {
        Py_RETURN_NONE;
    }
    PyObject *raw = NULL, *stream = NULL, *terminal = NULL, *encoding_text = NULL, *errors_text = NULL, *mode = NULL;
    PyObject *buffer = open_binary(io, fd, writes, config->buffered_stdio, name, &raw);
    if (buffer == NULL || (terminal = PyObject_CallMethodNoArgs(raw, _Py_ID(isatty))) == NULL) {
        goto done;
    }
    int is_terminal = PyObject_IsTrue(terminal);
    encoding_text = PyUnicode_FromWideChar(encoding, -1);
    errors_text = PyUnicode_FromWideChar(errors, -1);
    mode = PyUnicode_FromString(writes ? "w" : "r");
    if (is_terminal < 0 || encoding_text == NULL || errors_text == NULL || mode == NULL) {
        goto done;
    }
    /* Errors are seen at once even in a file. */
    PyObject *by_line = config->buffered_stdio && (is_terminal || fd == fileno(stderr)) ? Py_True : Py_False;
    PyObject *write_through = config->buffered_stdio ? Py_False : Py_True;
    stream = PyObject_CallMethod(io, "TextIOWrapper", "OOOsOO", buffer, encoding_text, errors_text, "\n", by_line,
                                 write_through);
    if (stream != NULL && PyObject_SetAttr(stream, _Py_ID(mode), mode) < 0) {
        Py_CLEAR(stream);
    }
done:
    Py_XDECREF(buffer);
    Py_XDECREF(raw);
    Py_XDECREF(terminal);
    Py_XDECREF(encoding_text);
    Py_XDECREF(errors_text);
    Py_XDECREF(mode);
    if (stream == NULL && is_bad_descriptor()) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    return stream;
}

/* sys.NAME and sys.__NAME__; steals stream. */
static int
set_stream(const char *name, PyObject *stream)
{
    char original[32];
    snprintf(original, sizeof original, "__%s__", name);
    int result = stream == NULL || PySys_SetObject(original, stream) < 0 || PySys_SetObject(name, stream) < 0 ? -1 : 0;
    Py_XDECREF(stream);
    return result;
}

static int
install(PyThreadState *tstate, PyObject *io)
{
    const PyConfig *config = _PyInterpreterState_GetConfig(tstate->interp);
    const wchar_t *encoding = config->stdio_encoding, *errors = config->stdio_errors;
    PyObject *open = PyObject_GetAttr(io, _Py_ID(open));
    if (open == NULL) {
        return -1;
    }
    int result = PyDict_SetItem(tstate->interp->builtins, _Py_ID(open), open);
    Py_DECREF(open);
    if (result < 0 ||
        set_stream("stdin", open_stream(config, io, fileno(stdin), 0, "<stdin>", encoding, errors)) < 0 ||
        set_stream("stdout", open_stream(config, io, fileno(stdout), 1, "<stdout>", encoding, errors)) < 0) {
        return -1;
    }
    return set_stream("stderr",
                      open_stream(config, io, fileno(stderr), 1, "<stderr>", encoding, L"backslashreplace"));
}

/* BRING-UP ONLY, to be removed when Modules/_io is there: streams that write text to the descriptors and read nothing. */
static int
install_printers(void)
{
    PyErr_Clear();
    return set_stream("stdin", Py_NewRef(Py_None)) < 0 || set_stream("stdout", PyFile_NewStdPrinter(1)) < 0
               ? -1
               : set_stream("stderr", PyFile_NewStdPrinter(2));
}

int
_Py_InstallStdStreams(PyThreadState *tstate)
{
    struct stat status;
    if (fstat(fileno(stdin), &status) == 0 && S_ISDIR(status.st_mode)) {
        PyErr_SetString(PyExc_RuntimeError, "<stdin> is a directory, cannot continue");
        return -1;
    }
    PyObject *io = PyImport_ImportModule("_io");
    if (io == NULL) {
        return PyErr_ExceptionMatches(PyExc_ModuleNotFoundError) ? install_printers() : -1;
    }
    PyObject *facade = PyImport_ImportModule("io");     /* registers the abstract classes of streams */
    int result = facade != NULL ? install(tstate, io) : -1;
    Py_XDECREF(facade);
    Py_DECREF(io);
    return result;
}

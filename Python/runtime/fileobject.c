/* Files as C code sees them: calls of methods of io objects, the hook for source files, and the printer that stands in for
   sys.stderr until io is there.

   Locking: nothing shared but the open-code hook, which is set once before threads exist. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_fileutils.h"
#include "pycore_global_ids.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_runtime.h"
#include "pycore_unicodeobject.h"

#include <errno.h>
#include <unistd.h>

/* -- io objects ----------------------------------------------------------------------------------------------- */

PyObject *
PyFile_FromFd(int fd, const char *name, const char *mode, int buffering, const char *encoding, const char *errors,
              const char *newline, int closefd)
{
    PyObject *open = PyImport_ImportModuleAttrString("_io", "open");
    if (open == NULL) {
        return NULL;
    }
    PyObject *stream = PyObject_CallFunction(open, "isisssO", fd, mode, buffering, encoding, errors, newline,
                                             closefd ? Py_True : Py_False);
    Py_DECREF(open);
    return stream;      /* its name is the descriptor, whatever `name` says */
}

/* Without its newline; steals line. */
static PyObject *
line_without_end(PyObject *line)
{
    Py_ssize_t size = PyBytes_Check(line) ? PyBytes_GET_SIZE(line) : PyUnicode_GET_LENGTH(line);
    if (size == 0) {
        Py_DECREF(line);
        PyErr_SetString(PyExc_EOFError, "EOF when reading a line");
        return NULL;
    }
    if (PyBytes_Check(line) ? PyBytes_AS_STRING(line)[size - 1] != '\n' : PyUnicode_READ_CHAR(line, size - 1) != '\n') {
        return line;
    }
    PyObject *result = PyBytes_Check(line) ? PyBytes_FromStringAndSize(PyBytes_AS_STRING(line), size - 1)
                                           : PyUnicode_Substring(line, 0, size - 1);
    Py_DECREF(line);
    return result;
}

/* n > 0: at most n characters; 0: a line of any length; below 0: the same without its end, EOFError if there is none. */
PyObject *
PyFile_GetLine(PyObject *file, int n)
{
    if (file == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *line = n <= 0 ? PyObject_CallMethodNoArgs(file, _Py_ID(readline))
                            : PyObject_CallMethod(file, "readline", "i", n);
    if (line == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(line) && !PyUnicode_Check(line)) {
        Py_DECREF(line);
        PyErr_SetString(PyExc_TypeError, "object.readline() returned non-string");
        return NULL;
    }
    return n < 0 ? line_without_end(line) : line;
}

int
PyFile_WriteObject(PyObject *object, PyObject *file, int flags)
{
    if (file == NULL) {
        PyErr_SetString(PyExc_TypeError, "writeobject with NULL file");
        return -1;
    }
    PyObject *write = PyObject_GetAttr(file, _Py_ID(write));
    if (write == NULL) {
        return -1;
    }
    PyObject *text = flags & Py_PRINT_RAW ? PyObject_Str(object) : PyObject_Repr(object);
    PyObject *result = text != NULL ? PyObject_CallOneArg(write, text) : NULL;
    Py_XDECREF(text);
    Py_DECREF(write);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

int
PyFile_WriteString(const char *string, PyObject *file)
{
    if (file == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null file for PyFile_WriteString");
        }
        return -1;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    PyObject *text = PyUnicode_FromString(string);
    int result = text != NULL ? PyFile_WriteObject(text, file, Py_PRINT_RAW) : -1;
    Py_XDECREF(text);
    return result;
}

int
PyObject_AsFileDescriptor(PyObject *object)
{
    int fd;
    PyObject *method = NULL;
    if (PyLong_Check(object)) {
        if (PyBool_Check(object) &&
            PyErr_WarnEx(PyExc_RuntimeWarning, "bool is used as a file descriptor", 1) < 0) {
            return -1;
        }
        fd = PyLong_AsInt(object);
    }
    else if (PyObject_GetOptionalAttr(object, _Py_ID(fileno), &method) < 0) {
        return -1;
    }
    else if (method == NULL) {
        PyErr_SetString(PyExc_TypeError, "argument must be an int, or have a fileno() method.");
        return -1;
    }
    else {
        PyObject *number = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        if (number == NULL) {
            return -1;
        }
        if (!PyLong_Check(number)) {
            Py_DECREF(number);
            PyErr_SetString(PyExc_TypeError, "fileno() returned a non-integer");
            return -1;
        }
        fd = PyLong_AsInt(number);
        Py_DECREF(number);
    }
    if (fd == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (fd < 0) {
        PyErr_Format(PyExc_ValueError, "file descriptor cannot be a negative integer (%i)", fd);
        return -1;
    }
    return fd;
}

int
_PyLong_FileDescriptor_Converter(PyObject *object, void *result)
{
    int fd = PyObject_AsFileDescriptor(object);
    *(int *)result = fd;
    return fd != -1;
}

/* fgets() that reads \r and \r\n as \n.  The last argument is of another age and unused. */
char *
_Py_UniversalNewlineFgetsWithSize(char *buf, int n, FILE *stream, PyObject *Py_UNUSED(object), size_t *size)
{
    char *at = buf;
    int skip = 0, c = 0;
    flockfile(stream);
    while (--n > 0 && (c = getc_unlocked(stream)) != EOF) {
        if (skip) {
            skip = 0;
            if (c == '\n') {
                c = getc_unlocked(stream);
                if (c == EOF) {
                    break;
                }
            }
        }
        if (c == '\r') {
            skip = 1;
            c = '\n';
        }
        *at++ = (char)c;
        if (c == '\n') {
            break;
        }
    }
    if (skip) {
        /* \r at the end of a line: what follows may be its \n. */
        int next = getc_unlocked(stream);
        if (next != '\n') {
            ungetc(next, stream);
        }
    }
    funlockfile(stream);
    *at = '\0';
    if (at == buf) {
        return NULL;
    }
    if (size != NULL) {
        *size = (size_t)(at - buf);
    }
    return buf;
}

char *
Py_UniversalNewlineFgets(char *buf, int n, FILE *stream, PyObject *object)
{
    return _Py_UniversalNewlineFgetsWithSize(buf, n, stream, object, NULL);
}

/* -- The printer -------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    int fd;
} PyStdPrinter_Object;

#define PRINTER_FD(op) (((PyStdPrinter_Object *)(op))->fd)

PyObject *
PyFile_NewStdPrinter(int fd)
{
    if (fd != fileno(stdout) && fd != fileno(stderr)) {
        /* Not for sys.stdin or anything else. */
        PyErr_BadInternalCall();
        return NULL;
    }
    PyStdPrinter_Object *self = PyObject_New(PyStdPrinter_Object, &PyStdPrinter_Type);
    if (self != NULL) {
        self->fd = fd;
    }
    return (PyObject *)self;
}

static PyObject *
stdprinter_write(PyObject *self, PyObject *text)
{
    if (PRINTER_FD(self) < 0) {
        Py_RETURN_NONE;         /* a stream that is closed when the process starts takes everything */
    }
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "write() argument must be str, not %.50s", Py_TYPE(text)->tp_name);
        return NULL;
    }
    PyObject *bytes = _PyUnicode_AsUTF8String(text, "backslashreplace");
    if (bytes == NULL) {
        return NULL;
    }
    Py_ssize_t written = _Py_write(PRINTER_FD(self), PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    int error = errno;
    Py_DECREF(bytes);
    if (written == -1) {
        if (error == EAGAIN) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    return PyLong_FromSsize_t(written);
}

static PyObject *
stdprinter_fileno(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(PRINTER_FD(self));
}

static PyObject *
stdprinter_isatty(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(PRINTER_FD(self) >= 0 && _Py_isatty(PRINTER_FD(self)));
}

static PyObject *
stdprinter_flush(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_RETURN_NONE;
}

static PyObject *
stdprinter_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<stdprinter(fd=%d) object at %p>", PRINTER_FD(self), self);
}

static PyObject *
stdprinter_encoding(PyObject *self, void *Py_UNUSED(closure))
{
    Py_RETURN_NONE;
}

static PyObject *
stdprinter_mode(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("w");
}

static PyObject *
stdprinter_closed(PyObject *self, void *Py_UNUSED(closure))
{
    Py_RETURN_FALSE;
}

static PyMethodDef stdprinter_methods[] = {
    PY_METHOD_NOSIG("close", stdprinter_flush, METH_NOARGS, ""),
    PY_METHOD_NOSIG("flush", stdprinter_flush, METH_NOARGS, ""),
    PY_METHOD_NOSIG("fileno", stdprinter_fileno, METH_NOARGS, ""),
    PY_METHOD_NOSIG("isatty", stdprinter_isatty, METH_NOARGS, ""),
    PY_METHOD_NOSIG("write", stdprinter_write, METH_O, ""),
    {0},
};

static PyGetSetDef stdprinter_getset[] = {
    {"closed", stdprinter_closed},
    {"encoding", stdprinter_encoding},
    {"mode", stdprinter_mode},
    {0},
};

PyTypeObject PyStdPrinter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "stderrprinter",
    .tp_basicsize = sizeof(PyStdPrinter_Object),
    .tp_repr = stdprinter_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = stdprinter_methods,
    .tp_getset = stdprinter_getset,
    .tp_free = PyObject_Free,
};

/* -- Source files ----------------------------------------------------------------------------------------------------- */

int
PyFile_SetOpenCodeHook(Py_OpenCodeHookFunction hook, void *data)
{
    if (Py_IsInitialized() && PySys_Audit("setopencodehook", NULL) < 0) {
        return -1;
    }
    if (_PyRuntime.open_code_hook != NULL) {
        if (Py_IsInitialized()) {
            PyErr_SetString(PyExc_SystemError, "failed to change existing open_code hook");
        }
        return -1;
    }
    _PyRuntime.open_code_hook = hook;
    _PyRuntime.open_code_userdata = data;
    return 0;
}

PyObject *
PyFile_OpenCodeObject(PyObject *path)
{
    if (!PyUnicode_Check(path)) {
        PyErr_Format(PyExc_TypeError, "'path' must be 'str', not '%.200s'", Py_TYPE(path)->tp_name);
        return NULL;
    }
    if (_PyRuntime.open_code_hook != NULL) {
        return _PyRuntime.open_code_hook(path, _PyRuntime.open_code_userdata);
    }
    PyObject *open = PyImport_ImportModuleAttrString("_io", "open");
    PyObject *stream = open != NULL ? PyObject_CallFunction(open, "Os", path, "rb") : NULL;
    Py_XDECREF(open);
    return stream;
}

PyObject *
PyFile_OpenCode(const char *utf8path)
{
    PyObject *path = PyUnicode_FromString(utf8path);
    PyObject *stream = path != NULL ? PyFile_OpenCodeObject(path) : NULL;
    Py_XDECREF(path);
    return stream;
}

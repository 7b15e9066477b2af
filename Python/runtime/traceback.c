/* Tracebacks: the objects that say where an exception has passed, and their plain text.

   A chain goes from the frame that caught the exception to the one that raised it.
   Locking: tb_next is guarded by the object's critical section; tb_frame and tb_lasti are const; tb_lineno is a cache that
   any thread may fill with the same value. */
#include "Python.h"
#include "frameobject.h"
#include "pycore_args.h"
#include "pycore_atomic_ft.h"
#include "pycore_frame.h"
#include "pycore_global_ids.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_sysmodule.h"
#include "pycore_traceback.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define TB(op) ((PyTracebackObject *)(op))

/* -- Making --------------------------------------------------------------------------------------------- */

/* Takes its own references. */
static PyObject *
tb_create(PyObject *next, PyFrameObject *frame, int lasti, int lineno)
{
    PyTracebackObject *tb = PyObject_GC_New(PyTracebackObject, &PyTraceBack_Type);
    if (tb == NULL) {
        return NULL;
    }
    tb->tb_next = TB(Py_XNewRef(next));
    tb->tb_frame = (PyFrameObject *)Py_XNewRef(frame);
    tb->tb_lasti = lasti;
    tb->tb_lineno = lineno;
    PyObject_GC_Track(tb);
    return (PyObject *)tb;
}

PyObject *
_PyTraceBack_FromFrame(PyObject *tb_next, PyFrameObject *frame)
{
    assert(tb_next == NULL || PyTraceBack_Check(tb_next));
    return tb_create(tb_next, frame, PyFrame_GetLasti(frame), -1);
}

/* Adds the frame to the traceback of the current exception. */
int
PyTraceBack_Here(PyFrameObject *frame)
{
    PyObject *exc = PyErr_GetRaisedException();
    assert(exc != NULL && PyExceptionInstance_Check(exc));
    PyObject *old = PyException_GetTraceback(exc);
    PyObject *tb = _PyTraceBack_FromFrame(old, frame);
    Py_XDECREF(old);
    if (tb == NULL) {
        _PyErr_ChainExceptions1(exc);
        return -1;
    }
    PyException_SetTraceback(exc, tb);
    Py_DECREF(tb);
    PyErr_SetRaisedException(exc);
    return 0;
}

void
_PyTraceback_Add(const char *funcname, const char *filename, int lineno)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *globals = PyDict_New();
    PyCodeObject *code = globals != NULL ? PyCode_NewEmpty(filename, funcname, lineno) : NULL;
    PyFrameObject *frame = code != NULL ? PyFrame_New(PyThreadState_Get(), code, globals, NULL) : NULL;
    Py_XDECREF(code);
    Py_XDECREF(globals);
    if (frame == NULL) {
        _PyErr_ChainExceptions1(exc);
        return;
    }
    frame->f_lineno = lineno;
    PyErr_SetRaisedException(exc);
    PyTraceBack_Here(frame);
    Py_DECREF(frame);
}

static PyObject *
tb_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"tb_next", "tb_frame", "tb_lasti", "tb_lineno", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "traceback"};
    PyObject *buffer[4];
    PyObject *const *values = _PyArg_UnpackKeywords(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL,
                                                    &parser, 4, 4, 0, 0, buffer);
    if (values == NULL) {
        return NULL;
    }
    if (!PyFrame_Check(values[1])) {
        _PyArg_BadArgument("traceback", "argument 'tb_frame'", "frame", values[1]);
        return NULL;
    }
    int lasti = PyLong_AsInt(values[2]);
    if (lasti == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int lineno = PyLong_AsInt(values[3]);
    if (lineno == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *next = values[0] == Py_None ? NULL : values[0];
    if (next != NULL && !PyTraceBack_Check(next)) {
        PyErr_Format(PyExc_TypeError, "traceback_new() expected traceback object or None, not '%s'",
                     Py_TYPE(next)->tp_name);
        return NULL;
    }
    return tb_create(next, (PyFrameObject *)values[1], lasti, lineno);
}

static void
tb_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(TB(self)->tb_next);
    Py_XDECREF(TB(self)->tb_frame);
    PyObject_GC_Del(self);
}

static int
tb_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(TB(self)->tb_next);
    Py_VISIT(TB(self)->tb_frame);
    return 0;
}

static int
tb_clear(PyObject *self)
{
    Py_CLEAR(TB(self)->tb_next);
    Py_CLEAR(TB(self)->tb_frame);
    return 0;
}

/* -- Attributes -------------------------------------------------------------------------------------------- */

/* New reference or NULL. */
static PyTracebackObject *
tb_next(PyTracebackObject *tb)
{
    PyTracebackObject *next;
    Py_BEGIN_CRITICAL_SECTION(tb);
    next = TB(Py_XNewRef(tb->tb_next));
    Py_END_CRITICAL_SECTION();
    return next;
}

static int
tb_line(PyTracebackObject *tb)
{
    int lineno = FT_ATOMIC_LOAD_INT_RELAXED(tb->tb_lineno);
    if (lineno == -1 && tb->tb_frame != NULL) {
        PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
        lineno = PyCode_Addr2Line(code, tb->tb_lasti);
        Py_DECREF(code);
        FT_ATOMIC_STORE_INT_RELAXED(tb->tb_lineno, lineno);
    }
    return lineno;
}

static PyObject *
tb_get_next(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *next = (PyObject *)tb_next(TB(self));
    return next != NULL ? next : Py_NewRef(Py_None);
}

static int
tb_set_next(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete tb_next attribute");
        return -1;
    }
    if (value == Py_None) {
        value = NULL;
    }
    else if (!PyTraceBack_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected traceback object, got '%s'", Py_TYPE(value)->tp_name);
        return -1;
    }
    PyTracebackObject *cursor = TB(Py_XNewRef(value));
    while (cursor != NULL) {
        if ((PyObject *)cursor == self) {
            Py_DECREF(cursor);
            PyErr_SetString(PyExc_ValueError, "traceback loop detected");
            return -1;
        }
        PyTracebackObject *next = tb_next(cursor);
        Py_DECREF(cursor);
        cursor = next;
    }
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(self);
    old = (PyObject *)TB(self)->tb_next;
    TB(self)->tb_next = TB(Py_XNewRef(value));
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
    return 0;
}

static PyObject *
tb_get_lineno(PyObject *self, void *Py_UNUSED(closure))
{
    int lineno = tb_line(TB(self));
    return lineno == -1 ? Py_NewRef(Py_None) : PyLong_FromLong(lineno);
}

static PyObject *
tb___dir__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("[ssss]", "tb_frame", "tb_next", "tb_lasti", "tb_lineno");
}

static PyMethodDef tb_methods[] = {
    PY_METHOD_NOSIG("__dir__", tb___dir__, METH_NOARGS, NULL),
    {0},
};

static PyMemberDef tb_members[] = {
    {"tb_frame", Py_T_OBJECT_EX, offsetof(PyTracebackObject, tb_frame), Py_READONLY | Py_AUDIT_READ},
    {"tb_lasti", Py_T_INT, offsetof(PyTracebackObject, tb_lasti), Py_READONLY},
    {0},
};

static PyGetSetDef tb_getset[] = {
    {"tb_next", tb_get_next, tb_set_next},
    {"tb_lineno", tb_get_lineno},
    {0},
};

PyTypeObject PyTraceBack_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "traceback",
    .tp_basicsize = sizeof(PyTracebackObject),
    .tp_dealloc = tb_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "traceback(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\nOne step of an exception's way.",
    .tp_traverse = tb_traverse,
    .tp_clear = tb_clear,
    .tp_methods = tb_methods,
    .tp_members = tb_members,
    .tp_getset = tb_getset,
    .tp_new = tb_new,
};

/* -- Text --------------------------------------------------------------------------------------------------- */

#define REPEATS_SHOWN 3
#define DEFAULT_LIMIT 1000

int
_Py_WriteIndent(int indent, PyObject *file)
{
    static const char blanks[] = "          ";
    while (indent > 0) {
        int step = indent < (int)sizeof blanks - 1 ? indent : (int)sizeof blanks - 1;
        if (PyFile_WriteString(blanks + sizeof blanks - 1 - step, file) < 0) {
            return -1;
        }
        indent -= step;
    }
    return 0;
}

/* The source line as new str; NULL without an exception if it cannot be had. */
static PyObject *
source_line(PyObject *filename, int lineno)
{
    PyObject *line = PyErr_ProgramTextObject(filename, lineno);
    if (line != NULL || PyErr_Occurred()) {
        PyErr_Clear();
        return line;
    }
    /* A relative name of old: somewhere on sys.path, by its last part. */
    PyObject *path;
    if (_PySys_GetOptionalAttrString("path", &path) <= 0 || !PyList_Check(path)) {
        PyErr_Clear();
        Py_XDECREF(path);
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(filename), slash = PyUnicode_FindChar(filename, '/', 0, length, -1);
    PyObject *tail = PyUnicode_Substring(filename, slash + 1, length);
    for (Py_ssize_t i = 0; line == NULL && tail != NULL; i++) {
        PyObject *folder = PyList_GetItemRef(path, i);
        if (folder == NULL) {
            break;
        }
        PyObject *candidate = PyUnicode_Check(folder) && PyUnicode_GET_LENGTH(folder) > 0
                                  ? PyUnicode_FromFormat("%U/%U", folder, tail)
                                  : NULL;
        Py_DECREF(folder);
        if (candidate != NULL) {
            line = PyErr_ProgramTextObject(candidate, lineno);
            Py_DECREF(candidate);
        }
    }
    PyErr_Clear();
    Py_XDECREF(tail);
    Py_DECREF(path);
    return line;
}

int
_Py_DisplaySourceLine(PyObject *file, PyObject *filename, int lineno, int indent, int *truncation, PyObject **result)
{
    if (filename == NULL) {
        return 0;
    }
    PyObject *line = source_line(filename, lineno);
    if (line == NULL) {
        return 0;
    }
    Py_ssize_t start = 0, end = PyUnicode_GET_LENGTH(line);
    while (start < end && strchr(" \t\014", (int)PyUnicode_READ_CHAR(line, start)) != NULL) {
        start++;
    }
    while (end > start && Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(line, end - 1))) {
        end--;
    }
    if (truncation != NULL) {
        *truncation = (int)start;
    }
    int status = 0;
    if (start < end) {
        PyObject *text = PyUnicode_Substring(line, start, end);
        status = text == NULL || _Py_WriteIndent(indent, file) < 0 || PyFile_WriteObject(text, file, Py_PRINT_RAW) < 0 ||
                         PyFile_WriteString("\n", file) < 0
                     ? -1
                     : 0;
        Py_XDECREF(text);
    }
    if (result != NULL) {
        *result = line;
    }
    else {
        Py_DECREF(line);
    }
    return status;
}

static int
write_entry(PyObject *file, PyCodeObject *code, int lineno)
{
    PyObject *text = PyUnicode_FromFormat("  File \"%U\", line %d, in %U\n", code->co_filename, lineno, code->co_name);
    int status = text != NULL ? PyFile_WriteObject(text, file, Py_PRINT_RAW) : -1;
    Py_XDECREF(text);
    if (status == 0) {
        status = _Py_DisplaySourceLine(file, code->co_filename, lineno, 4, NULL, NULL);
    }
    return status;
}

static int
write_repeats(PyObject *file, long count)
{
    if (count <= REPEATS_SHOWN) {
        return 0;
    }
    count -= REPEATS_SHOWN;
    PyObject *text = PyUnicode_FromFormat(count > 1 ? "  [Previous line repeated %ld more times]\n"
                                                    : "  [Previous line repeated %ld more time]\n", count);
    int status = text != NULL ? PyFile_WriteObject(text, file, Py_PRINT_RAW) : -1;
    Py_XDECREF(text);
    return status;
}

/* The last `limit` entries; a frame that repeats itself is shown three times. */
static int
write_entries(PyTracebackObject *tb, PyObject *file, long limit)
{
    long depth = 0, repeats = 0;
    int status = 0, last_line = -1;
    PyCodeObject *last = NULL;       /* owned */
    Py_INCREF(tb);
    for (PyTracebackObject *at = (PyTracebackObject *)Py_NewRef(tb); at != NULL; depth++) {
        PyTracebackObject *next = tb_next(at);
        Py_DECREF(at);
        at = next;
    }
    while (tb != NULL && status == 0) {
        if (depth-- <= limit) {
            PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
            int lineno = tb_line(tb);
            if (last == NULL || code->co_filename != last->co_filename || lineno != last_line ||
                code->co_name != last->co_name) {
                status = write_repeats(file, repeats);
                repeats = 0;
            }
            last_line = lineno;
            Py_XSETREF(last, code);
            repeats++;
            if (status == 0 && repeats <= REPEATS_SHOWN) {
                status = write_entry(file, code, lineno);
            }
            if (status == 0) {
                status = PyErr_CheckSignals();
            }
        }
        PyTracebackObject *next = tb_next(tb);
        Py_DECREF(tb);
        tb = next;
    }
    Py_XDECREF(tb);
    Py_XDECREF(last);
    return status == 0 ? write_repeats(file, repeats) : status;
}

int
_PyTraceBack_Print(PyObject *tb, const char *header, PyObject *file)
{
    if (tb == NULL) {
        return 0;
    }
    if (!PyTraceBack_Check(tb)) {
        PyErr_BadInternalCall();
        return -1;
    }
    long limit = DEFAULT_LIMIT;
    PyObject *value;
    if (_PySys_GetOptionalAttrString("tracebacklimit", &value) < 0) {
        return -1;
    }
    if (value != NULL && PyLong_Check(value)) {
        int overflow;
        limit = PyLong_AsLongAndOverflow(value, &overflow);
        if (overflow > 0) {
            limit = LONG_MAX;
        }
    }
    Py_XDECREF(value);
    if (limit <= 0) {
        return 0;
    }
    if (PyFile_WriteString(header, file) < 0) {
        return -1;
    }
    return write_entries(TB(tb), file, limit);
}

int
PyTraceBack_Print(PyObject *tb, PyObject *file)
{
    return _PyTraceBack_Print(tb, EXCEPTION_TB_HEADER, file);
}

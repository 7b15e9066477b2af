/* OSError: attributes, and the subclass that stands for an errno.

   OSError(errno, ...) makes an instance of that subclass in __new__; a subclass that overrides __init__ alone
   still gets its arguments parsed, by __init__. */
#include "internal.h"
#include "pycore_abstract.h"
#include "pycore_interp.h"

#include <errno.h>

/* -- Arguments ------------------------------------------------------------------------------------------------------ */

struct oserror_args {
    PyObject *myerrno, *strerror, *filename, *filename2;      /* borrowed, NULL if not given */
};

/* Two to five arguments are unpacked; *args_p is not touched. */
static int
parse_args(PyObject *args, struct oserror_args *parsed)
{
    *parsed = (struct oserror_args){0};
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs < 2 || nargs > 5) {
        return 0;
    }
    PyObject *winerror = NULL;      /* the fourth is for Windows */
    return PyArg_UnpackTuple(args, "OSError", 2, 5, &parsed->myerrno, &parsed->strerror, &parsed->filename, &winerror,
                             &parsed->filename2) ? 0 : -1;
}

/* Fills self; args is what self.args becomes. */
static int
fill(PyObject *op, PyObject *args, const struct oserror_args *parsed)
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    PyObject *new_args = Py_NewRef(args);
    PyObject *filename = parsed->filename;
    if (filename && filename != Py_None) {
        if (Py_IS_TYPE(self, (PyTypeObject *)PyExc_BlockingIOError) && PyNumber_Check(filename)) {
            /* The third argument is the number of characters written. */
            self->written = PyNumber_AsSsize_t(filename, PyExc_ValueError);
            if (self->written == -1 && PyErr_Occurred()) {
                Py_DECREF(new_args);
                return -1;
            }
        }
        else {
            _PySlot_Set(op, &self->filename, Py_NewRef(filename));
            if (parsed->filename2 && parsed->filename2 != Py_None) {
                _PySlot_Set(op, &self->filename2, Py_NewRef(parsed->filename2));
            }
            if (nargs >= 2 && nargs <= 5) {
                /* The file name is not part of args. */
                Py_SETREF(new_args, PyTuple_GetSlice(args, 0, 2));
                if (new_args == NULL) {
                    return -1;
                }
            }
        }
    }
    _PySlot_Set(op, &self->myerrno, Py_XNewRef(parsed->myerrno));
    _PySlot_Set(op, &self->strerror, Py_XNewRef(parsed->strerror));
    _PySlot_Set(op, &self->args, new_args);
    return 0;
}

static int OSError_init(PyObject *op, PyObject *args, PyObject *kwds);
static PyObject *OSError_new(PyTypeObject *type, PyObject *args, PyObject *kwds);

/* Is everything left to __init__? */
static int
use_init(PyTypeObject *type)
{
    return type->tp_init != OSError_init && type->tp_new == OSError_new;
}

static PyObject *
OSError_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *self;
    if (use_init(type)) {
        self = type->tp_alloc(type, 0);
        if (self == NULL) {
            return NULL;
        }
        ((PyOSErrorObject *)self)->written = -1;
        ((PyOSErrorObject *)self)->args = PyTuple_New(0);
        if (((PyOSErrorObject *)self)->args == NULL) {
            Py_DECREF(self);
            return NULL;
        }
        return self;
    }
    if (!_PyArg_NoKeywords(type->tp_name, kwds)) {
        return NULL;
    }
    struct oserror_args parsed;
    if (parse_args(args, &parsed) < 0) {
        return NULL;
    }
    PyObject *errnomap = _PyInterpreterState_GET()->exc_state.errnomap;
    if (parsed.myerrno && errnomap && type == (PyTypeObject *)PyExc_OSError) {
        PyObject *newtype = PyDict_GetItemWithError(errnomap, parsed.myerrno);
        if (newtype) {
            type = (PyTypeObject *)newtype;
        }
        else if (PyErr_Occurred()) {
            return NULL;
        }
    }
    self = type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    ((PyOSErrorObject *)self)->written = -1;
    if (fill(self, args, &parsed) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static int
OSError_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    PyTypeObject *type = Py_TYPE(op);
    if (!use_init(type)) {
        return 0;      /* __new__ has done it */
    }
    if (!_PyArg_NoKeywords(type->tp_name, kwds)) {
        return -1;
    }
    struct oserror_args parsed;
    return parse_args(args, &parsed) < 0 ? -1 : fill(op, args, &parsed);
}

/* -- GC, text ------------------------------------------------------------------------------------------------------------ */

static int
OSError_clear(PyObject *op)
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    Py_CLEAR(self->myerrno);
    Py_CLEAR(self->strerror);
    Py_CLEAR(self->filename);
    Py_CLEAR(self->filename2);
    return _PyExc_BaseClear(op);
}

static int
OSError_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    Py_VISIT(self->myerrno);
    Py_VISIT(self->strerror);
    Py_VISIT(self->filename);
    Py_VISIT(self->filename2);
    return _PyExc_BaseTraverse(op, visit, arg);
}

EXC_DEALLOC(OSError)

static PyObject *
OSError_str(PyObject *op)
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    PyObject *number = _PySlot_GetRef(op, &self->myerrno);
    PyObject *text = _PySlot_GetRef(op, &self->strerror);
    PyObject *filename = _PySlot_GetRef(op, &self->filename);
    PyObject *filename2 = _PySlot_GetRef(op, &self->filename2);
#define OR_NONE(x) ((x) ? (x) : Py_None)
    PyObject *res;
    if (filename && filename2) {
        res = PyUnicode_FromFormat("[Errno %S] %S: %R -> %R", OR_NONE(number), OR_NONE(text), filename, filename2);
    }
    else if (filename) {
        res = PyUnicode_FromFormat("[Errno %S] %S: %R", OR_NONE(number), OR_NONE(text), filename);
    }
    else if (number && text) {
        res = PyUnicode_FromFormat("[Errno %S] %S", number, text);
    }
    else {
        res = _PyExc_BaseStr(op);
    }
    Py_XDECREF(number);
    Py_XDECREF(text);
    Py_XDECREF(filename);
    Py_XDECREF(filename2);
    return res;
}

/* The file names are put back into the arguments. */
static PyObject *
OSError___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    PyObject *args = PyException_GetArgs(op);
    PyObject *filename = _PySlot_GetRef(op, &self->filename);
    PyObject *filename2 = _PySlot_GetRef(op, &self->filename2);
    if (args != NULL && PyTuple_GET_SIZE(args) == 2 && filename) {
        PyObject *a0 = PyTuple_GET_ITEM(args, 0), *a1 = PyTuple_GET_ITEM(args, 1);
        PyObject *full = filename2 ? PyTuple_Pack(5, a0, a1, filename, Py_None, filename2)
                                   : PyTuple_Pack(3, a0, a1, filename);
        Py_SETREF(args, full);
    }
    Py_XDECREF(filename);
    Py_XDECREF(filename2);
    if (args == NULL) {
        return NULL;
    }
    PyObject *dict = _PySlot_GetRef(op, &self->dict);
    PyObject *res = dict ? PyTuple_Pack(3, Py_TYPE(self), args, dict) : PyTuple_Pack(2, Py_TYPE(self), args);
    Py_DECREF(args);
    Py_XDECREF(dict);
    return res;
}

/* -- Attributes ------------------------------------------------------------------------------------------------------------- */

static PyObject *
get_written(PyObject *op, void *Py_UNUSED(context))
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    Py_ssize_t written = FT_ATOMIC_LOAD_SSIZE_RELAXED(self->written);
    if (written == -1) {
        PyErr_SetString(PyExc_AttributeError, "characters_written");
        return NULL;
    }
    return PyLong_FromSsize_t(written);
}

static int
set_written(PyObject *op, PyObject *arg, void *Py_UNUSED(context))
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    if (arg == NULL) {
        if (FT_ATOMIC_LOAD_SSIZE_RELAXED(self->written) == -1) {
            PyErr_SetString(PyExc_AttributeError, "characters_written");
            return -1;
        }
        FT_ATOMIC_STORE_SSIZE_RELAXED(self->written, -1);
        return 0;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(arg, PyExc_ValueError);
    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    FT_ATOMIC_STORE_SSIZE_RELAXED(self->written, n);
    return 0;
}

static PyMemberDef OSError_members[] = {
    {"errno", _Py_T_OBJECT, offsetof(PyOSErrorObject, myerrno), 0, PyDoc_STR("POSIX exception code")},
    {"strerror", _Py_T_OBJECT, offsetof(PyOSErrorObject, strerror), 0, PyDoc_STR("exception strerror")},
    {"filename", _Py_T_OBJECT, offsetof(PyOSErrorObject, filename), 0, PyDoc_STR("exception filename")},
    {"filename2", _Py_T_OBJECT, offsetof(PyOSErrorObject, filename2), 0, PyDoc_STR("second exception filename")},
    {0}
};

static PyMethodDef OSError_methods[] = {
    PY_METHOD_NOSIG("__reduce__", OSError___reduce__, METH_NOARGS, NULL),
    {0}
};

static PyGetSetDef OSError_getset[] = {
    {"characters_written", get_written, set_written, NULL, NULL},
    {0}
};

EXC_TYPE(OSError, PyOSErrorObject, Exception, "Base class for I/O related errors.", OSError_new, OSError_init,
         .tp_str = OSError_str, .tp_methods = OSError_methods,
         .tp_members = OSError_members, .tp_getset = OSError_getset);

/* -- errno to subclass ------------------------------------------------------------------------------------------------------- */

static const struct {
    int code;
    PyObject **type;
} errno_types[] = {
    {EAGAIN, &PyExc_BlockingIOError},
    {EALREADY, &PyExc_BlockingIOError},
    {EINPROGRESS, &PyExc_BlockingIOError},
    {EWOULDBLOCK, &PyExc_BlockingIOError},
    {EPIPE, &PyExc_BrokenPipeError},
    {ESHUTDOWN, &PyExc_BrokenPipeError},
    {ECHILD, &PyExc_ChildProcessError},
    {ECONNABORTED, &PyExc_ConnectionAbortedError},
    {ECONNREFUSED, &PyExc_ConnectionRefusedError},
    {ECONNRESET, &PyExc_ConnectionResetError},
    {EEXIST, &PyExc_FileExistsError},
    {ENOENT, &PyExc_FileNotFoundError},
    {EISDIR, &PyExc_IsADirectoryError},
    {ENOTDIR, &PyExc_NotADirectoryError},
    {EINTR, &PyExc_InterruptedError},
    {EACCES, &PyExc_PermissionError},
    {EPERM, &PyExc_PermissionError},
    {ESRCH, &PyExc_ProcessLookupError},
    {ETIMEDOUT, &PyExc_TimeoutError},
};

int
_PyExc_InitErrnoMap(struct _Py_exc_state *state)
{
    state->errnomap = PyDict_New();
    if (!state->errnomap) {
        return -1;
    }
    _PyObject_SetShared(state->errnomap);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(errno_types); i++) {
        PyObject *code = PyLong_FromLong(errno_types[i].code);
        if (!code) {
            return -1;
        }
        int err = PyDict_SetItem(state->errnomap, code, *errno_types[i].type);
        Py_DECREF(code);
        if (err < 0) {
            return -1;
        }
    }
    return 0;
}

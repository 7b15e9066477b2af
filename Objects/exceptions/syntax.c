/* SyntaxError and where it is. */
#include "internal.h"
#include "pycore_long.h"

static int
SyntaxError_clear(PyObject *op)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    Py_CLEAR(self->msg);
    Py_CLEAR(self->filename);
    Py_CLEAR(self->lineno);
    Py_CLEAR(self->offset);
    Py_CLEAR(self->end_lineno);
    Py_CLEAR(self->end_offset);
    Py_CLEAR(self->text);
    Py_CLEAR(self->print_file_and_line);
    Py_CLEAR(self->metadata);
    return _PyExc_BaseClear(op);
}

static int
SyntaxError_traverse(PyObject *op, visitproc visit, void *arg)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    Py_VISIT(self->msg);
    Py_VISIT(self->filename);
    Py_VISIT(self->lineno);
    Py_VISIT(self->offset);
    Py_VISIT(self->end_lineno);
    Py_VISIT(self->end_offset);
    Py_VISIT(self->text);
    Py_VISIT(self->print_file_and_line);
    Py_VISIT(self->metadata);
    return _PyExc_BaseTraverse(op, visit, arg);
}

EXC_DEALLOC(SyntaxError)

static int
SyntaxError_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    Py_ssize_t lenargs = PyTuple_GET_SIZE(args);
    if (_PyExc_BaseInit(op, args, kwds) == -1) {
        return -1;
    }
    if (lenargs >= 1) {
        _PySlot_Set(op, &self->msg, Py_NewRef(PyTuple_GET_ITEM(args, 0)));
    }
    if (lenargs != 2) {
        return 0;
    }
    PyObject *info = PySequence_Tuple(PyTuple_GET_ITEM(args, 1));
    if (!info) {
        return -1;
    }
    PyObject *filename, *lineno, *offset, *text, *end_lineno = NULL, *end_offset = NULL, *metadata = NULL;
    if (!PyArg_ParseTuple(info, "OOOO|OOO", &filename, &lineno, &offset, &text, &end_lineno, &end_offset, &metadata)) {
        Py_DECREF(info);
        return -1;
    }
    _PySlot_Set(op, &self->filename, Py_NewRef(filename));
    _PySlot_Set(op, &self->lineno, Py_NewRef(lineno));
    _PySlot_Set(op, &self->offset, Py_NewRef(offset));
    _PySlot_Set(op, &self->text, Py_NewRef(text));
    _PySlot_Set(op, &self->end_lineno, Py_XNewRef(end_lineno));
    _PySlot_Set(op, &self->end_offset, Py_XNewRef(end_offset));
    _PySlot_Set(op, &self->metadata, Py_XNewRef(metadata));
    int incomplete = end_lineno != NULL && end_offset == NULL;
    Py_DECREF(info);
    if (incomplete) {
        PyErr_SetString(PyExc_TypeError, "end_offset must be provided when end_lineno is provided");
        return -1;
    }
    return 0;
}

/* The name behind the last slash. */
static PyObject *
my_basename(PyObject *name)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(name);
    Py_ssize_t slash = PyUnicode_FindChar(name, '/', 0, size, -1);
    return slash < 0 ? Py_NewRef(name) : PyUnicode_Substring(name, slash + 1, size);
}

static PyObject *
SyntaxError_str(PyObject *op)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    PyObject *msg = _PySlot_GetRef(op, &self->msg);
    PyObject *file = _PySlot_GetRef(op, &self->filename);
    PyObject *line = _PySlot_GetRef(op, &self->lineno);
    PyObject *basename = NULL, *result = NULL;
    if (file && PyUnicode_Check(file)) {
        basename = my_basename(file);
        if (basename == NULL) {
            goto done;
        }
    }
    PyObject *text = msg ? msg : Py_None;
    int have_lineno = line != NULL && PyLong_CheckExact(line);
    int overflow = 0;
    long number = have_lineno ? PyLong_AsLongAndOverflow(line, &overflow) : 0;
    if (basename && have_lineno) {
        result = PyUnicode_FromFormat("%S (%U, line %ld)", text, basename, number);
    }
    else if (basename) {
        result = PyUnicode_FromFormat("%S (%U)", text, basename);
    }
    else if (have_lineno) {
        result = PyUnicode_FromFormat("%S (line %ld)", text, number);
    }
    else {
        result = PyObject_Str(text);
    }
done:
    Py_XDECREF(msg);
    Py_XDECREF(file);
    Py_XDECREF(line);
    Py_XDECREF(basename);
    return result;
}

#define MEMBER(name, doc) {#name, _Py_T_OBJECT, offsetof(PySyntaxErrorObject, name), 0, PyDoc_STR(doc)}
static PyMemberDef SyntaxError_members[] = {
    MEMBER(msg, "exception msg"),
    MEMBER(filename, "exception filename"),
    MEMBER(lineno, "exception lineno"),
    MEMBER(offset, "exception offset"),
    MEMBER(text, "exception text"),
    MEMBER(end_lineno, "exception end lineno"),
    MEMBER(end_offset, "exception end offset"),
    MEMBER(print_file_and_line, "exception print_file_and_line"),
    {"_metadata", _Py_T_OBJECT, offsetof(PySyntaxErrorObject, metadata), 0, PyDoc_STR("exception private metadata")},
    {0}
};

EXC_TYPE(SyntaxError, PySyntaxErrorObject, Exception, "Invalid syntax.", _PyExc_BaseNew, SyntaxError_init,
         .tp_str = SyntaxError_str, .tp_members = SyntaxError_members);

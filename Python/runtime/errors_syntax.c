/* Where a syntax error is: attributes of the exception, and the line of the program. */
#include "Python.h"
#include "pycore_modsupport.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_unicodeobject.h"

#include <stdio.h>

/* -- Attributes ------------------------------------------------------------------------------------------------------------ */

/* exc.name = value (stolen; NULL is an error that is dropped). */
static void
set_attr(PyThreadState *tstate, PyObject *exc, PyObject *name, PyObject *value)
{
    if (value == NULL || PyObject_SetAttr(exc, name, value) < 0) {
        _PyErr_Clear(tstate);
    }
    Py_XDECREF(value);
}

static PyObject *
int_or_none(int value)
{
    return value == -1 ? Py_NewRef(Py_None) : PyLong_FromLong(value);
}

static void
syntax_location(PyObject *filename, int lineno, int col_offset, int end_lineno, int end_col_offset)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    if (exc == NULL) {
        return;
    }
    set_attr(tstate, exc, _Py_ID(lineno), PyLong_FromLong(lineno));
    set_attr(tstate, exc, _Py_ID(offset), col_offset >= 0 ? PyLong_FromLong(col_offset) : Py_NewRef(Py_None));
    set_attr(tstate, exc, _Py_ID(end_lineno), int_or_none(end_lineno));
    set_attr(tstate, exc, _Py_ID(end_offset), int_or_none(end_col_offset));
    if (filename != NULL) {
        set_attr(tstate, exc, _Py_ID(filename), Py_NewRef(filename));
        PyObject *text = PyErr_ProgramTextObject(filename, lineno);
        if (text != NULL) {
            set_attr(tstate, exc, _Py_ID(text), text);
        }
        else {
            _PyErr_Clear(tstate);
        }
    }
    if (!Py_IS_TYPE(exc, (PyTypeObject *)PyExc_SyntaxError)) {
        int rc = PyObject_HasAttrWithError(exc, _Py_ID(msg));
        if (rc < 0) {
            _PyErr_Clear(tstate);
        }
        else if (!rc) {
            set_attr(tstate, exc, _Py_ID(msg), PyObject_Str(exc));
        }
        rc = PyObject_HasAttrWithError(exc, _Py_ID(print_file_and_line));
        if (rc < 0) {
            _PyErr_Clear(tstate);
        }
        else if (!rc) {
            set_attr(tstate, exc, _Py_ID(print_file_and_line), Py_NewRef(Py_None));
        }
    }
    _PyErr_SetRaisedException(tstate, exc);
}

void
PyErr_SyntaxLocationObject(PyObject *filename, int lineno, int col_offset)
{
    syntax_location(filename, lineno, col_offset, lineno, -1);
}

void
PyErr_RangedSyntaxLocationObject(PyObject *filename, int lineno, int col_offset, int end_lineno, int end_col_offset)
{
    syntax_location(filename, lineno, col_offset, end_lineno, end_col_offset);
}

void
PyErr_SyntaxLocationEx(const char *filename, int lineno, int col_offset)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *fileobj = NULL;
    if (filename != NULL) {
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        fileobj = PyUnicode_DecodeFSDefault(filename);
        if (fileobj == NULL) {
            _PyErr_Clear(tstate);
        }
        _PyErr_SetRaisedException(tstate, exc);
    }
    PyErr_SyntaxLocationObject(fileobj, lineno, col_offset);
    Py_XDECREF(fileobj);
}

void
PyErr_SyntaxLocation(const char *filename, int lineno)
{
    PyErr_SyntaxLocationEx(filename, lineno, -1);
}

/* -- Raising -------------------------------------------------------------------------------------------------------------------- */

void
_PyErr_RaiseSyntaxError(PyObject *msg, PyObject *filename, int lineno, int col_offset, int end_lineno,
                        int end_col_offset)
{
    PyObject *text = PyErr_ProgramTextObject(filename, lineno);
    if (text == NULL) {
        PyErr_Clear();
        text = Py_NewRef(Py_None);
    }
    PyObject *args = Py_BuildValue("O(OiiNii)", msg, filename, lineno, col_offset, text, end_lineno, end_col_offset);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
        Py_DECREF(args);
    }
}

int
_PyErr_EmitSyntaxWarning(PyObject *msg, PyObject *filename, int lineno, int col_offset, int end_lineno,
                         int end_col_offset)
{
    if (PyErr_WarnExplicitObject(PyExc_SyntaxWarning, msg, filename, lineno, NULL, NULL) == 0) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_SyntaxWarning)) {
        /* A SyntaxError has a place, the warning has none. */
        PyErr_Clear();
        _PyErr_RaiseSyntaxError(msg, filename, lineno, col_offset, end_lineno, end_col_offset);
    }
    return -1;
}

/* -- Program text ---------------------------------------------------------------------------------------------------------------- */

/* Reads line lineno (from 1) into a fresh buffer of *length bytes; NULL when there is none.  No Python exceptions. */
static char *
read_line(FILE *fp, int lineno, size_t *length)
{
    char *line = NULL;
    size_t size = 0;
    for (int i = 1; i <= lineno; i++) {
        Py_ssize_t n = getline(&line, &size, fp);
        if (n < 0) {
            free(line);
            return NULL;
        }
        *length = (size_t)n;
    }
    return line;
}

static PyObject *
err_programtext(FILE *fp, int lineno, const char *encoding)
{
    size_t length = 0;
    char *line = lineno > 0 ? read_line(fp, lineno, &length) : NULL;
    fclose(fp);
    if (line == NULL) {
        return NULL;
    }
    /* Universal newlines: \r\n becomes \n. */
    if (length >= 2 && line[length - 1] == '\n' && line[length - 2] == '\r') {
        line[length - 2] = '\n';
        length--;
    }
    const char *start = line;
    if (lineno == 1 && length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
        start += 3;
        length -= 3;
    }
    PyObject *res = PyUnicode_Decode(start, (Py_ssize_t)length, encoding == NULL ? "utf-8" : encoding, "replace");
    free(line);
    if (res == NULL) {
        PyErr_Clear();
    }
    return res;
}

PyObject *
PyErr_ProgramText(const char *filename, int lineno)
{
    if (filename == NULL || *filename == '\0' || lineno <= 0) {
        return NULL;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *filename_obj = PyUnicode_DecodeFSDefault(filename);
    if (filename_obj == NULL) {
        _PyErr_Clear(tstate);
        return NULL;
    }
    PyObject *res = PyErr_ProgramTextObject(filename_obj, lineno);
    Py_DECREF(filename_obj);
    return res;
}

PyObject *
_PyErr_ProgramDecodedTextObject(PyObject *filename, int lineno, const char *encoding)
{
    if (filename == NULL || lineno <= 0) {
        return NULL;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    FILE *fp = Py_fopen(filename, "r");
    if (fp == NULL) {
        _PyErr_Clear(tstate);
        return NULL;
    }
    return err_programtext(fp, lineno, encoding);
}

PyObject *
PyErr_ProgramTextObject(PyObject *filename, int lineno)
{
    return _PyErr_ProgramDecodedTextObject(filename, lineno, NULL);
}

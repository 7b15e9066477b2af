/* print() and input().

   Locking: streams guard themselves; nothing is kept here. */
#include "Python.h"
#include "builtins.h"
#include "pycore_args.h"
#include "pycore_global_ids.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_sysmodule.h"    // _PySys_GetRequiredAttr

#include <string.h>
#include <unistd.h>

/* -- print ------------------------------------------------------------------------------------------ */

/* NULL for None; -1 unless it is a str. */
static int
separator_arg(const char *name, PyObject **value)
{
    if (*value == Py_None) {
        *value = NULL;
    }
    if (*value != NULL && !PyUnicode_Check(*value)) {
        PyErr_Format(PyExc_TypeError, "%s must be None or a string, not %.200s", name, Py_TYPE(*value)->tp_name);
        return -1;
    }
    return 0;
}

PyObject *
builtin_print(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"sep", "end", "file", "flush", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "print"};
    PyObject *sep = NULL, *end = NULL, *file = NULL, *flush = NULL;
    if (kwnames != NULL) {
        PyObject *buffer[4];
        PyObject *const *named = _PyArg_UnpackKeywords(args + nargs, 0, NULL, kwnames, &parser, 0, 0, 0, 0, buffer);
        if (named == NULL) {
            return NULL;
        }
        sep = named[0], end = named[1], file = named[2], flush = named[3];
    }
    int must_flush = flush == NULL ? 0 : PyObject_IsTrue(flush);
    if (must_flush < 0) {
        return NULL;
    }
    if (file == NULL || file == Py_None) {
        file = _PySys_GetRequiredAttr(_Py_ID(stdout));
        if (file == NULL) {
            return NULL;
        }
        if (file == Py_None) {
            Py_DECREF(file);
            Py_RETURN_NONE;
        }
    }
    else {
        Py_INCREF(file);
    }

    PyObject *result = NULL;
    if (separator_arg("sep", &sep) < 0 || separator_arg("end", &end) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (i > 0 && (sep == NULL ? PyFile_WriteString(" ", file) : PyFile_WriteObject(sep, file, Py_PRINT_RAW)) < 0) {
            goto done;
        }
        if (PyFile_WriteObject(args[i], file, Py_PRINT_RAW) < 0) {
            goto done;
        }
    }
    if ((end == NULL ? PyFile_WriteString("\n", file) : PyFile_WriteObject(end, file, Py_PRINT_RAW)) < 0) {
        goto done;
    }
    if (must_flush) {
        PyObject *value = PyObject_CallMethodNoArgs(file, _Py_ID(flush));
        if (value == NULL) {
            goto done;
        }
        Py_DECREF(value);
    }
    result = Py_NewRef(Py_None);
done:
    Py_DECREF(file);
    return result;
}

/* -- input ------------------------------------------------------------------------------------------ */

/* sys.name, which must be there. */
static PyObject *
stream_or_lost(PyObject *name)
{
    PyObject *stream = _PySys_GetRequiredAttr(name);
    if (stream == Py_None) {
        Py_DECREF(stream);
        PyErr_Format(PyExc_RuntimeError, "lost sys.%U", name);
        return NULL;
    }
    return stream;
}

static void
flush_quietly(PyObject *stream)
{
    PyObject *value = PyObject_CallMethodNoArgs(stream, _Py_ID(flush));
    if (value == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(value);
}

/* Whether the stream's descriptor is expected and a terminal; errors mean no. */
static int
is_terminal(PyObject *stream, int expected)
{
    PyObject *value = PyObject_CallMethodNoArgs(stream, _Py_ID(fileno));
    if (value == NULL) {
        PyErr_Clear();
        return 0;
    }
    int fd = PyLong_AsInt(value);
    Py_DECREF(value);
    if (fd == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return fd == expected && isatty(fd);
}

/* stream.name as new str, or NULL: it has none. */
static PyObject *
text_attribute(PyObject *stream, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(stream, name);
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_Clear();
        Py_CLEAR(value);
    }
    return value;
}

/* A line from a terminal, with the C library's or readline's editing.  NULL without exception: the streams' encoding is not
   usable, the caller reads by the stream's own method. */
static PyObject *
read_from_terminal(PyObject *in, PyObject *out, PyObject *prompt)
{
    PyObject *in_encoding = text_attribute(in, _Py_ID(encoding)), *in_errors = text_attribute(in, _Py_ID(errors));
    PyObject *out_encoding = NULL, *out_errors = NULL, *prompt_bytes = NULL, *result = NULL;
    const char *prompt_text = "";
    if (in_encoding == NULL || in_errors == NULL) {
        goto done;
    }
    flush_quietly(out);
    if (prompt != NULL) {
        out_encoding = text_attribute(out, _Py_ID(encoding));
        out_errors = text_attribute(out, _Py_ID(errors));
        if (out_encoding == NULL || out_errors == NULL) {
            goto done;
        }
        PyObject *text = PyObject_Str(prompt);
        if (text == NULL) {
            goto done;
        }
        prompt_bytes = PyUnicode_AsEncodedString(text, PyUnicode_AsUTF8(out_encoding), PyUnicode_AsUTF8(out_errors));
        Py_DECREF(text);
        if (prompt_bytes == NULL) {
            goto done;
        }
        prompt_text = PyBytes_AS_STRING(prompt_bytes);
        if (strlen(prompt_text) != (size_t)PyBytes_GET_SIZE(prompt_bytes)) {
            PyErr_SetString(PyExc_ValueError, "input: prompt string cannot contain null characters");
            goto done;
        }
    }
    char *line = PyOS_Readline(stdin, stdout, prompt_text);
    if (line == NULL) {
        PyErr_CheckSignals();
        if (!PyErr_Occurred()) {
            PyErr_SetNone(PyExc_KeyboardInterrupt);
        }
        goto done;
    }
    size_t size = strlen(line);
    if (size == 0) {
        PyErr_SetNone(PyExc_EOFError);
    }
    else if (size > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "input: input too long");
    }
    else {
        size -= line[size - 1] == '\n';
        result = PyUnicode_Decode(line, (Py_ssize_t)size, PyUnicode_AsUTF8(in_encoding), PyUnicode_AsUTF8(in_errors));
    }
    PyMem_Free(line);
    if (result != NULL && PySys_Audit("builtins.input/result", "O", result) < 0) {
        Py_CLEAR(result);
    }
done:
    Py_XDECREF(in_encoding);
    Py_XDECREF(in_errors);
    Py_XDECREF(out_encoding);
    Py_XDECREF(out_errors);
    Py_XDECREF(prompt_bytes);
    return result;
}

PyObject *
builtin_input(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("input", nargs, 0, 1)) {
        return NULL;
    }
    PyObject *prompt = nargs ? args[0] : NULL, *in = NULL, *out = NULL, *err = NULL, *result = NULL;
    if ((in = stream_or_lost(_Py_ID(stdin))) == NULL || (out = stream_or_lost(_Py_ID(stdout))) == NULL ||
        (err = stream_or_lost(_Py_ID(stderr))) == NULL) {
        goto done;
    }
    if (PySys_Audit("builtins.input", "O", prompt ? prompt : Py_None) < 0) {
        goto done;
    }
    flush_quietly(err);
    if (is_terminal(in, fileno(stdin)) && is_terminal(out, fileno(stdout))) {
        result = read_from_terminal(in, out, prompt);
        if (result != NULL || PyErr_Occurred()) {
            goto done;
        }
    }
    if (prompt != NULL && PyFile_WriteObject(prompt, out, Py_PRINT_RAW) < 0) {
        goto done;
    }
    flush_quietly(out);
    result = PyFile_GetLine(in, -1);
done:
    Py_XDECREF(in);
    Py_XDECREF(out);
    Py_XDECREF(err);
    return result;
}

/* Errors and warnings that the tokenizer reports itself: always about the current line. */
#include "Python.h"
#include "tokenizer.h"

/* Number of characters in the first `size` bytes of the line. */
static int
characters(tokenizer *tok, int size)
{
    int count = 0;
    for (int i = 0; i < size; i++) {
        count += (tok->line_start[i] & 0xc0) != 0x80;
    }
    return count;
}

static int
set_error(tokenizer *tok, int col, int end_col, const char *format, va_list args)
{
    if (tok->status == TOK_ERROR && PyErr_Occurred()) {
        return ERRORTOKEN;
    }
    PyObject *message = PyUnicode_FromFormatV(format, args), *text = NULL;
    if (message == NULL) {
        goto done;
    }
    text = PyUnicode_DecodeUTF8(tok->line_start, tok->cur - tok->line_start, "replace");
    if (text == NULL) {
        goto done;
    }
    col = col == -1 ? (int)PyUnicode_GET_LENGTH(text) : characters(tok, col);
    end_col = end_col == -1 ? col : characters(tok, end_col);
    Py_SETREF(text, PyUnicode_DecodeUTF8(tok->line_start, strcspn(tok->line_start, "\n"), "replace"));
    if (text == NULL) {
        goto done;
    }
    PyObject *info = Py_BuildValue("(O(OiiOii))", message, tok->filename ? tok->filename : Py_None,
                                   tok->lineno, col, text, tok->lineno, end_col);
    if (info != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, info);
        Py_DECREF(info);
    }
done:
    Py_XDECREF(message);
    Py_XDECREF(text);
    tok->status = TOK_ERROR;
    return ERRORTOKEN;
}

int
_PyTokenizer_SyntaxError(tokenizer *tok, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int kind = set_error(tok, -1, -1, format, args);
    va_end(args);
    return kind;
}

int
_PyTokenizer_SyntaxErrorRange(tokenizer *tok, int col, int end_col, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int kind = set_error(tok, col, end_col, format, args);
    va_end(args);
    return kind;
}

int
_PyTokenizer_Warn(tokenizer *tok, PyObject *category, const char *format, ...)
{
    if (!tok->report_warnings) {
        return 0;
    }
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args);
    va_end(args);
    if (message == NULL) {
        tok->status = TOK_ERROR;
        return -1;
    }
    int result = PyErr_WarnExplicitObject(category, message, tok->filename, tok->lineno, NULL, NULL);
    if (result < 0) {
        if (PyErr_ExceptionMatches(category)) {
            /* A warning that is an error gets the place and form of one. */
            PyErr_Clear();
            _PyTokenizer_SyntaxError(tok, "%U", message);
        }
        tok->status = TOK_ERROR;
    }
    Py_DECREF(message);
    return result;
}

int
_PyTokenizer_WarnInvalidEscape(tokenizer *tok, int c)
{
    if (!tok->report_warnings) {
        return 0;
    }
    PyObject *message = PyUnicode_FromFormat(
        "\"\\%c\" is an invalid escape sequence. Such sequences will not work in the future. "
        "Did you mean \"\\\\%c\"? A raw string is also an option.", c, c);
    if (message == NULL) {
        tok->status = TOK_ERROR;
        return -1;
    }
    int result = PyErr_WarnExplicitObject(PyExc_SyntaxWarning, message, tok->filename, tok->lineno, NULL, NULL);
    Py_DECREF(message);
    if (result < 0) {
        if (PyErr_ExceptionMatches(PyExc_SyntaxWarning)) {
            PyErr_Clear();
            _PyTokenizer_SyntaxError(tok, "\"\\%c\" is an invalid escape sequence. "
                                     "Did you mean \"\\\\%c\"? A raw string is also an option.", c, c);
        }
        tok->status = TOK_ERROR;
    }
    return result;
}

/* Parser: from the text of a string token to its value. */
#include "Python.h"
#include "parser.h"

/* -- Escapes ------------------------------------------------------------- */

/* The decoders of str and bytes would warn themselves about escapes that they do not know, without the
   place.  So such escapes get a second backslash before, and the first of them is remembered. */

struct escapes {
    char *out;
    const char *first_invalid;    /* behind the backslash, or NULL */
};

static void
note_invalid(struct escapes *escapes, const char *c)
{
    if (escapes->first_invalid == NULL) {
        escapes->first_invalid = c;
    }
}

static int
octal_value(const char *c, const char *end, int *length)
{
    int value = 0;
    *length = 0;
    while (*length < 3 && c < end && *c >= '0' && *c <= '7') {
        value = value * 8 + (*c++ - '0');
        ++*length;
    }
    return value;
}

/* Copies one escape; *text is behind the backslash and moves behind the escape.  At most six bytes come
   out for two that went in. */
static void
copy_escape(struct escapes *escapes, const char **text, const char *end, bool bytes)
{
    const char *c = *text;
    if (c < end && *c >= '4' && *c <= '7') {
        int length, value = octal_value(c, end, &length);
        if (value > 0377) {
            note_invalid(escapes, c);
            escapes->out += bytes ? sprintf(escapes->out, "\\x%02x", value & 0xff)
                                  : sprintf(escapes->out, "\\u%04x", value);
            *text = c + length;
            return;
        }
    }
    *escapes->out++ = '\\';
    if (c == end || (!bytes && (unsigned char)*c >= 128)) {
        *escapes->out++ = '\\';
        return;                   /* before a replacement field, or a character outside ASCII */
    }
    if (strchr(bytes ? "\n\\'\"abfnrtv01234567x" : "\n\\'\"abfnrtv01234567xuUN", *c) == NULL) {
        note_invalid(escapes, c);
        *escapes->out++ = '\\';
        return;                   /* the character follows as itself */
    }
    *escapes->out++ = *c;
    *text = c + 1;
}

/* A character outside ASCII as \UXXXXXXXX, which is how the decoder of str wants it. */
static bool
copy_wide(struct escapes *escapes, const char **text, const char *end)
{
    const char *c = *text;
    do {
        c++;
    } while (c < end && ((unsigned char)*c & 0xc0) == 0x80);
    PyObject *decoded = PyUnicode_DecodeUTF8(*text, c - *text, NULL);
    if (decoded == NULL) {
        return false;
    }
    escapes->out += sprintf(escapes->out, "\\U%08x", (unsigned)PyUnicode_READ_CHAR(decoded, 0));
    Py_DECREF(decoded);
    *text = c;
    return true;
}

/* Reports the failure of a decoder at the token. */
static void
decode_problem(parser *p, const struct token *token)
{
    const char *what = PyErr_ExceptionMatches(PyExc_UnicodeError) ? "unicode error"
                     : PyErr_ExceptionMatches(PyExc_ValueError) ? "value error" : NULL;
    if (what != NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        if (token->kind == STRING) {
            RAISE_SYNTAX_ERROR("(%s) %S", what, exc);
        }
        else {
            RAISE_AT(token, "(%s) %S", what, exc);
        }
        Py_DECREF(exc);
    }
    p->error = true;
}

static PyObject *
decode_escapes(parser *p, const char *text, Py_ssize_t size, bool bytes, const struct token *token)
{
    if (size > (PY_SSIZE_T_MAX - 16) / 6) {
        PyErr_NoMemory();
        p->error = true;
        return NULL;
    }
    char *buffer = PyMem_Malloc(size * 6 + 16);
    if (buffer == NULL) {
        PyErr_NoMemory();
        p->error = true;
        return NULL;
    }
    struct escapes escapes = {buffer, NULL};
    const char *end = text + size;
    bool ok = true;
    while (text < end && ok) {
        if (*text == '\\') {
            text++;
            copy_escape(&escapes, &text, end, bytes);
        }
        else if (!bytes && (unsigned char)*text >= 128) {
            ok = copy_wide(&escapes, &text, end);
        }
        else {
            *escapes.out++ = *text++;
        }
    }
    PyObject *result = NULL;
    if (ok) {
        Py_ssize_t length = escapes.out - buffer;
        result = bytes ? PyBytes_DecodeEscape(buffer, length, NULL, 0, NULL)
                       : PyUnicode_DecodeUnicodeEscape(buffer, length, NULL);
    }
    PyMem_Free(buffer);
    if (result == NULL) {
        decode_problem(p, token);
        return NULL;
    }
    if (escapes.first_invalid != NULL && _PyParser_WarnInvalidEscape(p, escapes.first_invalid, token) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

PyObject *
_PyParser_DecodeText(parser *p, bool raw, const char *text, Py_ssize_t size, const struct token *token)
{
    PyObject *result;
    if (raw || memchr(text, '\\', size) == NULL) {
        result = PyUnicode_DecodeUTF8(text, size, NULL);
    }
    else {
        struct token copy = *token;       /* the array may move meanwhile */
        result = decode_escapes(p, text, size, false, &copy);
    }
    return _PyParser_Keep(p, result);
}

static PyObject *
decode_bytes(parser *p, bool raw, const char *text, Py_ssize_t size, const struct token *token)
{
    for (Py_ssize_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] >= 128) {
            return RAISE_AT(token, "bytes can only contain ASCII literal characters");
        }
    }
    PyObject *result = raw || memchr(text, '\\', size) == NULL
                           ? PyBytes_FromStringAndSize(text, size)
                           : decode_escapes(p, text, size, true, token);
    return _PyParser_Keep(p, result);
}

/* -- STRING tokens ------------------------------------------------------- */

PyObject *
_PyParser_StringValue(parser *p, const struct token *token, bool *bytes)
{
    const char *text = token_text(p, token), *end = p->tok->src + token->end;
    bool raw = false;
    *bytes = false;
    while (*text != '\'' && *text != '"') {
        *bytes |= *text == 'b' || *text == 'B';
        raw |= *text == 'r' || *text == 'R';
        text++;
    }
    int quotes = end - text >= 6 && text[1] == text[0] && text[2] == text[0] ? 3 : 1;
    text += quotes;
    end -= quotes;
    struct token copy = *token;
    return *bytes ? decode_bytes(p, raw, text, end - text, &copy)
                  : _PyParser_DecodeText(p, raw, text, end - text, &copy);
}

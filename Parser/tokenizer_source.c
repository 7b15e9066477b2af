/* Where a tokenizer's text comes from: a string, a file, a terminal, or a Python callable; and in
   which encoding.  Everything becomes UTF-8 with '\n' newlines before the first token (except for
   the callable, whose newlines tokenize.py wants to see as they are). */
#include "Python.h"
#include "tokenizer.h"

#include <errno.h>
#include <unistd.h>           // read

/* -- Buffer -------------------------------------------------------------- */

/* Makes room for `extra` more bytes and the final 0; pointers into the buffer move with it. */
static bool
source_reserve(tokenizer *tok, Py_ssize_t extra)
{
    if (tok->len + extra + 1 <= tok->capacity) {
        return true;
    }
    if (extra > PY_SSIZE_T_MAX / 2 - tok->len) {
        tok->status = TOK_NO_MEMORY;
        return false;
    }
    Py_ssize_t capacity = (tok->len + extra) * 2 + 256;
    char *old = tok->src;
    char *fresh = PyMem_Realloc(old, capacity);
    if (fresh == NULL) {
        tok->status = TOK_NO_MEMORY;
        return false;
    }
    tok->src = fresh;
    tok->capacity = capacity;
#define MOVE(pointer) (tok->pointer = tok->pointer == NULL ? NULL : fresh + (tok->pointer - old))
    MOVE(cur);
    MOVE(inp);
    MOVE(line_start);
    MOVE(multi_line_start);
    MOVE(start);
    MOVE(read_start);
#undef MOVE
    return true;
}

static bool
source_append(tokenizer *tok, const char *text, Py_ssize_t size)
{
    if (!source_reserve(tok, size)) {
        return false;
    }
    memcpy(tok->src + tok->len, text, size);
    tok->len += size;
    tok->src[tok->len] = '\0';
    return true;
}

/* Appends text with \r\n and \r turned into \n; adds a last newline if asked to. */
static bool
source_append_translated(tokenizer *tok, const char *text, Py_ssize_t size, bool finish_line)
{
    if (!source_reserve(tok, size + 1)) {
        return false;
    }
    char *out = tok->src + tok->len;
    const char *end = text + size;
    while (text < end) {
        const char *cr = memchr(text, '\r', end - text);
        Py_ssize_t plain = (cr == NULL ? end : cr) - text;
        memcpy(out, text, plain);
        out += plain;
        text += plain;
        if (cr != NULL) {
            *out++ = '\n';
            text++;
            if (text < end && *text == '\n') {
                text++;
            }
        }
    }
    if (finish_line && out > tok->src + tok->len && out[-1] != '\n') {
        *out++ = '\n';
        tok->implicit_newline = true;
    }
    tok->len = out - tok->src;
    *out = '\0';
    return true;
}

bool
_PyTokenizer_NextLine(tokenizer *tok)
{
    if (tok->status != TOK_OK) {
        return false;
    }
    char *end = tok->src + tok->len;
    if (tok->inp == end) {
        if (tok->refill == NULL) {
            tok->status = TOK_EOF;
            return false;
        }
        if (!tok->refill(tok)) {
            if (tok->status == TOK_OK) {
                tok->status = TOK_EOF;
            }
            return false;
        }
        end = tok->src + tok->len;
    }
    if (tok->start == NULL) {
        tok->read_start = tok->cur;
    }
    tok->line_start = tok->cur;
    char *newline = memchr(tok->inp, '\n', end - tok->inp);
    tok->inp = newline == NULL ? end : newline + 1;
    tok->lineno++;
    if (tok->inp - tok->cur >= INT_MAX) {
        tok->status = TOK_COLUMN_OVERFLOW;
        return false;
    }
    return true;
}

PyObject *
_PyTokenizer_LineText(tokenizer *tok, int lineno)
{
    const char *line = tok->src;
    const char *end = tok->src + tok->len;
    int number = tok->starts_at_second_line ? 2 : 1;
    for (; number < lineno; number++) {
        const char *newline = memchr(line, '\n', end - line);
        if (newline == NULL) {
            break;
        }
        line = newline + 1;
    }
    const char *newline = memchr(line, '\n', end - line);
    if (newline != NULL) {
        end = newline;
    }
    return PyUnicode_DecodeUTF8(line, end - line, "replace");
}

/* -- Encodings ----------------------------------------------------------- */

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\014';
}

static const char *
line_end(const char *line, const char *end)
{
    while (line < end && *line != '\n' && *line != '\r') {
        line++;
    }
    return line;
}

static bool
is_encoding_char(char c)
{
    return Py_ISALNUM(c) || c == '-' || c == '_' || c == '.';
}

/* Finds "coding[:=] *NAME" in a comment line; *size is 0 if there is none.  False if the line holds
   anything but a comment, so that the next line may not have a cookie. */
static bool
find_cookie(const char *line, const char *end, const char **name, Py_ssize_t *size)
{
    *size = 0;
    while (line < end && is_space(*line)) {
        line++;
    }
    if (line == end) {
        return true;
    }
    if (*line != '#') {
        return false;
    }
    for (; end - line >= 7; line++) {
        if (memcmp(line, "coding", 6) != 0 || (line[6] != ':' && line[6] != '=')) {
            continue;
        }
        const char *p = line + 7;
        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }
        const char *begin = p;
        while (p < end && is_encoding_char(*p)) {
            p++;
        }
        if (begin < p) {
            *name = begin;
            *size = p - begin;
            return true;
        }
    }
    return true;
}

/* Both common spellings of the two encodings that need no codec look-up get one name. */
static void
normalize_encoding(const char *name, Py_ssize_t size, char *out, size_t out_size)
{
    char buffer[13];
    Py_ssize_t i;
    for (i = 0; i < size && i < 12; i++) {
        buffer[i] = name[i] == '_' ? '-' : Py_TOLOWER(name[i]);
    }
    buffer[i] = '\0';
    static const char *const latin[] = {"latin-1", "iso-8859-1", "iso-latin-1"};
    const char *result = NULL;
    if (strcmp(buffer, "utf-8") == 0 || strncmp(buffer, "utf-8-", 6) == 0) {
        result = "utf-8";
    }
    for (size_t k = 0; k < Py_ARRAY_LENGTH(latin); k++) {
        size_t n = strlen(latin[k]);
        if (strncmp(buffer, latin[k], n) == 0 && (buffer[n] == '\0' || buffer[n] == '-')) {
            result = "iso-8859-1";
        }
    }
    if (result != NULL) {
        PyOS_snprintf(out, out_size, "%s", result);
    }
    else {
        Py_ssize_t n = size < (Py_ssize_t)out_size - 1 ? size : (Py_ssize_t)out_size - 1;
        memcpy(out, name, n);
        out[n] = '\0';
    }
}

enum { ENCODING_NAME_MAX = 128 };

struct source_encoding {
    bool bom;
    bool declared;
    int lineno;                        /* of the cookie */
    const char *line, *line_end;       /* of the cookie */
    char name[ENCODING_NAME_MAX];      /* "utf-8" if nothing is declared */
};

/* What a byte order mark and the first two lines tell.  Advances *text past the mark. */
static void
detect_encoding(const char **text, Py_ssize_t *size, struct source_encoding *out)
{
    memset(out, 0, sizeof(*out));
    strcpy(out->name, "utf-8");
    if (*size >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
        out->bom = true;
        *text += 3;
        *size -= 3;
    }
    const char *line = *text, *end = *text + *size;
    for (int lineno = 1; lineno <= 2 && line < end; lineno++) {
        const char *stop = line_end(line, end), *name = NULL;
        Py_ssize_t name_size;
        bool comment = find_cookie(line, stop, &name, &name_size);
        if (name_size > 0) {
            out->declared = true;
            out->lineno = lineno;
            out->line = line;
            out->line_end = stop;
            normalize_encoding(name, name_size, out->name, sizeof(out->name));
            return;
        }
        if (!comment) {
            return;
        }
        line = stop + (stop < end);
        if (stop < end && *stop == '\r' && line < end && *line == '\n') {
            line++;
        }
    }
}

/* Length of the valid UTF-8 sequence at p, 0 if there is none. */
static int
utf8_sequence(const unsigned char *p, const unsigned char *end)
{
    unsigned char c = p[0];
    if (c < 0x80) {
        return 1;
    }
    if (c < 0xc2 || c > 0xf4) {
        return 0;
    }
    int n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (end - p < n) {
        return 0;
    }
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] >= 0xa0) ||
        (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] >= 0x90)) {
        return 0;
    }
    return n;
}

/* First byte that is not UTF-8, or NULL. */
static const char *
find_invalid_utf8(const char *text, Py_ssize_t size)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + size;
    while (p < end) {
        if (*p < 0x80) {
            if (end - p >= 8) {
                uint64_t word;
                memcpy(&word, p, 8);
                if ((word & 0x8080808080808080ULL) == 0) {
                    p += 8;
                    continue;
                }
            }
            p++;
            continue;
        }
        int n = utf8_sequence(p, end);
        if (n == 0) {
            return (const char *)p;
        }
        p += n;
    }
    return NULL;
}

static void
set_syntax_error_at(PyObject *message, PyObject *filename, int lineno, Py_ssize_t col, Py_ssize_t end_col,
                    const char *line, const char *stop)
{
    PyObject *text = PyUnicode_DecodeUTF8(line, stop - line, "replace");
    if (text != NULL && message != NULL) {
        PyObject *args = Py_BuildValue("(O(OinOin))", message, filename ? filename : Py_None, lineno, col,
                                       text, lineno, end_col);
        if (args != NULL) {
            PyErr_SetObject(PyExc_SyntaxError, args);
            Py_DECREF(args);
        }
    }
    Py_XDECREF(text);
}

/* `text` is the source, `bad` the byte in it that is not UTF-8. */
static void
set_utf8_error(const char *text, Py_ssize_t size, const char *bad, PyObject *filename, bool from_file, bool declared)
{
    int lineno = 1;
    const char *line = text;
    for (const char *p = text; p < bad; p++) {
        if (*p == '\n') {
            lineno++;
            line = p + 1;
        }
    }
    const char *stop = line_end(line, text + size);
    PyObject *before = PyUnicode_DecodeUTF8(line, bad - line, "replace");
    if (before == NULL) {
        return;
    }
    Py_ssize_t col = PyUnicode_GET_LENGTH(before) + 1;
    Py_DECREF(before);
    PyObject *message;
    if (from_file && declared) {
        PyObject *decoded = PyUnicode_DecodeUTF8(line, stop - line, NULL);
        Py_XDECREF(decoded);
        PyObject *exc = PyErr_GetRaisedException();
        message = exc == NULL ? NULL : PyUnicode_FromFormat("(unicode error) %S", exc);
        Py_XDECREF(exc);
        col = 0;
    }
    else if (from_file && filename != NULL) {
        message = PyUnicode_FromFormat(
            "Non-UTF-8 code starting with '\\x%.2x' in file %V on line %i, but no encoding declared; "
            "see https://peps.python.org/pep-0263/ for details",
            (unsigned char)*bad, filename, "<file>", lineno);
    }
    else {
        message = PyUnicode_FromFormat(
            "Non-UTF-8 code starting with '\\x%.2x' on line %i, but no encoding declared; "
            "see https://peps.python.org/pep-0263/ for details",
            (unsigned char)*bad, lineno);
    }
    set_syntax_error_at(message, filename, lineno, col, col, line, stop);
    Py_XDECREF(message);
}

/* An error of a codec becomes a SyntaxError without a place. */
static void
convert_codec_error(PyObject *filename)
{
    if (!PyErr_ExceptionMatches(PyExc_LookupError) && !PyErr_ExceptionMatches(PyExc_SyntaxError) &&
        !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        return;
    }
    if (PyErr_ExceptionMatches(PyExc_SyntaxError)) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *message = PyObject_Str(exc);
    Py_DECREF(exc);
    if (message == NULL) {
        return;
    }
    PyObject *args = Py_BuildValue("(N(OiiO))", message, filename ? filename : Py_None, 0, -1, Py_None);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
        Py_DECREF(args);
    }
}

static char *
copy_name(const char *name)
{
    size_t size = strlen(name) + 1;
    char *copy = PyMem_Malloc(size);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return memcpy(copy, name, size);
}

/* Decodes the bytes of a source and appends them translated.  `known` is an encoding that overrides
   what the text declares, or NULL. */
static bool
source_append_bytes(tokenizer *tok, const char *text, Py_ssize_t size, const char *known,
                    bool whole_file, bool from_file)
{
    struct source_encoding encoding;
    const char *original = text;
    Py_ssize_t original_size = size;
    detect_encoding(&text, &size, &encoding);
    if (known != NULL) {
        normalize_encoding(known, strlen(known), encoding.name, sizeof(encoding.name));
        if (strcmp(encoding.name, "utf-8") != 0) {
            text = original;
            size = original_size;
        }
    }
    else if (encoding.bom && strcmp(encoding.name, "utf-8") != 0) {
        PyObject *message = PyUnicode_FromFormat("encoding problem: %s with BOM", encoding.name);
        /* The name is told as written. */
        const char *name;
        Py_ssize_t name_size;
        find_cookie(encoding.line, encoding.line_end, &name, &name_size);
        Py_XSETREF(message, PyUnicode_FromFormat("encoding problem: %.*s with BOM", (int)name_size, name));
        set_syntax_error_at(message, tok->filename, encoding.lineno, 0, encoding.line_end - encoding.line,
                            encoding.line, encoding.line_end);
        Py_XDECREF(message);
        return false;
    }
    tok->encoding = copy_name(encoding.name);
    if (tok->encoding == NULL) {
        return false;
    }
    if (strcmp(encoding.name, "utf-8") == 0) {
        const char *bad = find_invalid_utf8(text, size);
        if (bad != NULL) {
            set_utf8_error(text, size, bad, tok->filename, from_file, encoding.bom || encoding.declared);
            return false;
        }
        return source_append_translated(tok, text, size, whole_file);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(text, size);
    PyObject *decoded = bytes == NULL ? NULL : PyUnicode_FromEncodedObject(bytes, encoding.name, NULL);
    Py_XDECREF(bytes);
    if (decoded == NULL) {
        convert_codec_error(tok->filename);
        return false;
    }
    Py_ssize_t utf8_size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(decoded, &utf8_size);
    bool ok = utf8 != NULL && source_append_translated(tok, utf8, utf8_size, whole_file);
    Py_DECREF(decoded);
    return ok;
}

/* -- Interactive input --------------------------------------------------- */

static bool
refill_interactive(tokenizer *tok)
{
    if (tok->stop_interactive) {
        tok->status = TOK_INTERACTIVE_STOP;
        return false;
    }
    char *line = PyOS_Readline(tok->fp ? tok->fp : stdin, stdout, tok->prompt);
    if (tok->next_prompt != NULL) {
        tok->prompt = tok->next_prompt;
    }
    if (line == NULL) {
        if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            tok->status = TOK_ERROR;
        }
        else {
            tok->status = TOK_INTERRUPTED;
        }
        return false;
    }
    if (line[0] == '\0') {
        PyMem_Free(line);
        tok->status = TOK_EOF;
        return false;
    }
    bool ok;
    size_t size = strlen(line);
    if (tok->encoding != NULL && strcmp(tok->encoding, "utf-8") != 0) {
        PyObject *decoded = PyUnicode_Decode(line, size, tok->encoding, NULL);
        Py_ssize_t utf8_size = 0;
        const char *utf8 = decoded == NULL ? NULL : PyUnicode_AsUTF8AndSize(decoded, &utf8_size);
        ok = utf8 != NULL && source_append_translated(tok, utf8, utf8_size, false);
        Py_XDECREF(decoded);
    }
    else {
        const char *bad = find_invalid_utf8(line, size);
        if (bad != NULL) {
            set_utf8_error(line, size, bad, tok->filename, false, false);
        }
        ok = bad == NULL && source_append_translated(tok, line, size, false);
    }
    PyMem_Free(line);
    if (!ok) {
        if (tok->status == TOK_OK) {
            tok->status = TOK_ERROR;
        }
        tok->decoding_failed = true;
    }
    return ok;
}

/* -- Lines from a callable ----------------------------------------------- */

static bool
append_line_object(tokenizer *tok, PyObject *line)
{
    if (tok->encoding != NULL) {
        if (!PyBytes_Check(line)) {
            PyErr_SetString(PyExc_TypeError, "readline() returned a non-bytes object");
            return false;
        }
        PyObject *text = PyUnicode_Decode(PyBytes_AS_STRING(line), PyBytes_GET_SIZE(line), tok->encoding,
                                          "replace");
        if (text == NULL) {
            return false;
        }
        Py_ssize_t size;
        const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
        bool ok = utf8 != NULL && source_append(tok, utf8, size);
        Py_DECREF(text);
        return ok;
    }
    if (!PyUnicode_Check(line)) {
        PyErr_SetString(PyExc_TypeError, "readline() returned a non-string object");
        return false;
    }
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(line, &size);
    return utf8 != NULL && source_append(tok, utf8, size);
}

static bool
refill_readline(tokenizer *tok)
{
    PyObject *line = PyObject_CallNoArgs(tok->readline);
    if (line == NULL && PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        return false;
    }
    Py_ssize_t before = tok->len;
    bool ok = line != NULL && append_line_object(tok, line);
    Py_XDECREF(line);
    if (!ok) {
        if (tok->status == TOK_OK) {
            tok->status = TOK_ERROR;
        }
        return false;
    }
    if (tok->len == before) {
        return false;
    }
    tok->implicit_newline = false;
    if (tok->src[tok->len - 1] != '\n') {
        tok->implicit_newline = true;
        return source_append(tok, "\n", 1);
    }
    return true;
}

/* -- Life ---------------------------------------------------------------- */

static tokenizer *
tokenizer_new(PyObject *filename)
{
    tokenizer *tok = PyMem_Calloc(1, sizeof(tokenizer));
    if (tok == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    tok->filename = Py_XNewRef(filename);
    tok->at_line_start = true;
    tok->report_warnings = true;
    tok->modes[0].expression_depth = -1;
    return tok;
}

/* Places the reading pointers at the start of the buffer. */
static void
tokenizer_rewind(tokenizer *tok)
{
    tok->cur = tok->inp = tok->line_start = tok->multi_line_start = tok->read_start = tok->src;
}

void
_PyTokenizer_Free(tokenizer *tok)
{
    Py_XDECREF(tok->filename);
    Py_XDECREF(tok->readline);
    PyMem_Free(tok->encoding);
    PyMem_Free(tok->src);
    PyMem_Free(tok);
}

static void
raise_no_memory(tokenizer *tok)
{
    if (tok->status == TOK_NO_MEMORY && !PyErr_Occurred()) {
        PyErr_NoMemory();
    }
}

tokenizer *
_PyTokenizer_FromString(const char *text, bool whole_file, bool is_utf8, PyObject *filename)
{
    tokenizer *tok = tokenizer_new(filename);
    if (tok == NULL) {
        return NULL;
    }
    Py_ssize_t size = strlen(text);
    bool ok = source_reserve(tok, 0);
    if (ok) {
        tok->src[0] = '\0';
        if (is_utf8) {
            tok->encoding = copy_name("utf-8");
            ok = tok->encoding != NULL && source_append_translated(tok, text, size, whole_file);
        }
        else {
            ok = source_append_bytes(tok, text, size, NULL, whole_file, false);
        }
    }
    if (!ok) {
        raise_no_memory(tok);
        _PyTokenizer_Free(tok);
        return NULL;
    }
    tokenizer_rewind(tok);
    return tok;
}

/* The rest of the file as PyMem memory with a final 0. */
static char *
read_file(FILE *fp, Py_ssize_t *size)
{
    Py_ssize_t capacity = 8192, used = 0;
    char *buffer = PyMem_Malloc(capacity + 1);
    while (buffer != NULL) {
        size_t n;
        int error;
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = fread(buffer + used, 1, capacity - used, fp);
        error = ferror(fp) ? errno : 0;
        Py_END_ALLOW_THREADS
        used += n;
        if (error == EINTR) {
            clearerr(fp);
            if (PyErr_CheckSignals() < 0) {
                PyMem_Free(buffer);
                return NULL;
            }
            continue;
        }
        if (error != 0) {
            errno = error;
            PyErr_SetFromErrno(PyExc_OSError);
            PyMem_Free(buffer);
            return NULL;
        }
        if (n == 0) {
            buffer[used] = '\0';
            *size = used;
            return buffer;
        }
        if (used == capacity) {
            capacity *= 2;
            char *fresh = PyMem_Realloc(buffer, capacity + 1);
            if (fresh == NULL) {
                PyMem_Free(buffer);
                buffer = NULL;
            }
            else {
                buffer = fresh;
            }
        }
    }
    PyErr_NoMemory();
    return NULL;
}

static void
set_null_byte_error(const char *text, const char *null, PyObject *filename)
{
    int lineno = 1;
    for (const char *p = text; p < null; p++) {
        lineno += *p == '\n';
    }
    PyObject *message = PyUnicode_FromString("source code cannot contain null bytes");
    set_syntax_error_at(message, filename, lineno, 0, 0, null, null);
    Py_XDECREF(message);
}

tokenizer *
_PyTokenizer_FromFile(FILE *fp, const char *encoding, const char *ps1, const char *ps2, PyObject *filename)
{
    tokenizer *tok = tokenizer_new(filename);
    if (tok == NULL) {
        return NULL;
    }
    bool ok = source_reserve(tok, 0);
    if (ok && (ps1 != NULL || ps2 != NULL)) {
        tok->src[0] = '\0';
        tok->fp = fp;
        tok->prompt = ps1;
        tok->next_prompt = ps2;
        tok->refill = refill_interactive;
        if (encoding != NULL) {
            tok->encoding = copy_name(encoding);
            ok = tok->encoding != NULL;
        }
    }
    else if (ok) {
        tok->src[0] = '\0';
        Py_ssize_t size = 0;
        char *text = read_file(fp, &size);
        ok = text != NULL;
        const char *null = ok ? memchr(text, '\0', size) : NULL;
        if (null != NULL) {
            set_null_byte_error(text, null, filename);
            ok = false;
        }
        ok = ok && source_append_bytes(tok, text, size, encoding, true, true);
        PyMem_Free(text);
    }
    if (!ok) {
        raise_no_memory(tok);
        _PyTokenizer_Free(tok);
        return NULL;
    }
    tokenizer_rewind(tok);
    return tok;
}

tokenizer *
_PyTokenizer_FromReadline(PyObject *readline, const char *encoding, PyObject *filename)
{
    tokenizer *tok = tokenizer_new(filename);
    if (tok == NULL) {
        return NULL;
    }
    tok->readline = Py_NewRef(readline);
    tok->refill = refill_readline;
    bool ok = source_reserve(tok, 0);
    if (ok && encoding != NULL) {
        tok->encoding = copy_name(encoding);
        ok = tok->encoding != NULL;
    }
    if (!ok) {
        raise_no_memory(tok);
        _PyTokenizer_Free(tok);
        return NULL;
    }
    tok->src[0] = '\0';
    tokenizer_rewind(tok);
    return tok;
}

/* -- For others ---------------------------------------------------------- */

char *
_PyTokenizer_FindEncodingFilename(int fd, PyObject *filename)
{
    char buffer[4096];
    Py_ssize_t used = 0;
    while (used < (Py_ssize_t)sizeof(buffer)) {
        Py_ssize_t n = read(fd, buffer + used, sizeof(buffer) - used);
        if (n <= 0) {
            break;
        }
        used += n;
    }
    struct source_encoding encoding;
    const char *text = buffer;
    detect_encoding(&text, &used, &encoding);
    return copy_name(encoding.name);
}

PyObject *
_PyParser_DecodeSource(const char *bytes, Py_ssize_t size, PyObject *filename)
{
    tokenizer *tok = tokenizer_new(filename);
    if (tok == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (source_reserve(tok, 0) && source_append_bytes(tok, bytes, size, NULL, false, false)) {
        result = PyUnicode_DecodeUTF8(tok->src, tok->len, NULL);
    }
    raise_no_memory(tok);
    _PyTokenizer_Free(tok);
    return result;
}

/* Strs made from strs: replace, strip, padding, tabs, translate, decimal digits.

   Reads only, except for what it makes.  Takes no lock.  translate calls Python code. */
#include "unicode_impl.h"

/* -- Replace ------------------------------------------------------------------------------- */

/* Replaces single characters by single characters of one width class. */
static PyObject *
replace_char(PyObject *self, Py_UCS4 old, Py_UCS4 new, Py_ssize_t maxcount)
{
    int kind = KIND(self);
    Py_ssize_t length = LENGTH(self);
    Py_ssize_t at = search_find_char(kind, DATA(self), length, old);
    if (at < 0) {
        return unicode_result_unchanged(self);
    }
    Py_UCS4 self_max = PyUnicode_MAX_CHAR_VALUE(self);
    PyObject *result = PyUnicode_New(length, Py_MAX(self_max, new));
    if (result == NULL) {
        return NULL;
    }
    kind = KIND(result);
    void *data = DATA(result);
    _PyUnicode_FastCopyCharacters(result, 0, self, 0, length);
    while (at >= 0 && maxcount-- > 0) {
        WRITE(kind, data, at, new);
        at++;
        Py_ssize_t next = search_find_char(kind, CHAR_PTR(kind, data, at), length - at, old);
        at = next < 0 ? -1 : at + next;
    }
    if (old > 0x7f && old > new) {
        /* The widest character may be gone. */
        PyObject *narrow = PyUnicode_FromKindAndData(kind, data, length);
        Py_DECREF(result);
        return narrow;
    }
    return _PyUnicode_Result(result);
}

/* Puts new between the characters (and at the ends), up to maxcount times. */
static PyObject *
replace_interleave(PyObject *self, PyObject *new, Py_ssize_t maxcount)
{
    Py_ssize_t length = LENGTH(self), n = LENGTH(new);
    Py_ssize_t count = maxcount > length ? length + 1 : maxcount;
    if (count == 0 || n == 0) {
        return unicode_result_unchanged(self);
    }
    if (n > (PY_SSIZE_T_MAX - length) / count) {
        PyErr_SetString(PyExc_OverflowError, "replace string is too long");
        return NULL;
    }
    Py_UCS4 self_max = PyUnicode_MAX_CHAR_VALUE(self), new_max = PyUnicode_MAX_CHAR_VALUE(new);
    PyObject *result = PyUnicode_New(length + count * n, Py_MAX(self_max, new_max));
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        _PyUnicode_FastCopyCharacters(result, at, new, 0, n);
        at += n;
        if (i < length) {
            _PyUnicode_FastCopyCharacters(result, at, self, i, 1);
            at++;
        }
    }
    if (count <= length) {
        _PyUnicode_FastCopyCharacters(result, at, self, count, length - count);
    }
    return _PyUnicode_Result(result);
}

static PyObject *
replace_substring(PyObject *self, PyObject *old, PyObject *new, Py_ssize_t maxcount)
{
    int kind = KIND(self);
    Py_ssize_t length = LENGTH(self), m = LENGTH(old), n = LENGTH(new);
    const void *data = DATA(self), *sub = DATA(old);
    void *wide = NULL;
    PyObject *result = NULL;
    if (KIND(old) != kind) {
        wide = unicode_askind(KIND(old), sub, m, kind);
        if (wide == NULL) {
            return NULL;
        }
        sub = wide;
    }
    Py_ssize_t count = search_count(kind, data, length, sub, m, maxcount);
    if (count == 0) {
        result = unicode_result_unchanged(self);
        goto done;
    }
    if (n > m && n - m > (PY_SSIZE_T_MAX - length) / count) {
        PyErr_SetString(PyExc_OverflowError, "replace string is too long");
        goto done;
    }
    Py_ssize_t total = length + count * (n - m);
    if (total == 0) {
        result = _Py_STR(empty);
        goto done;
    }
    Py_UCS4 self_max = PyUnicode_MAX_CHAR_VALUE(self), new_max = PyUnicode_MAX_CHAR_VALUE(new);
    Py_UCS4 maxchar = Py_MAX(self_max, new_max);
    int may_shrink = PyUnicode_MAX_CHAR_VALUE(old) > 0x7f && new_max < self_max;
    PyObject *out = PyUnicode_New(total, maxchar);
    if (out == NULL) {
        goto done;
    }
    Py_ssize_t from = 0, to = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t found = search_find(kind, CHAR_PTR(kind, data, from), length - from, sub, m);
        assert(found >= 0);
        _PyUnicode_FastCopyCharacters(out, to, self, from, found);
        to += found;
        from += found + m;
        _PyUnicode_FastCopyCharacters(out, to, new, 0, n);
        to += n;
    }
    _PyUnicode_FastCopyCharacters(out, to, self, from, length - from);
    if (may_shrink) {
        result = PyUnicode_FromKindAndData(KIND(out), DATA(out), total);
        Py_DECREF(out);
    }
    else {
        result = _PyUnicode_Result(out);
    }
done:
    PyMem_Free(wide);
    return result;
}

PyObject *
unicode_replace_all(PyObject *self, PyObject *old, PyObject *new, Py_ssize_t maxcount)
{
    if (maxcount < 0) {
        maxcount = PY_SSIZE_T_MAX;
    }
    Py_ssize_t length = LENGTH(self), m = LENGTH(old);
    if (maxcount == 0 || length < m || KIND(old) > KIND(self) || old == new) {
        return unicode_result_unchanged(self);
    }
    if (m == 0) {
        return replace_interleave(self, new, maxcount);
    }
    if (m == 1 && LENGTH(new) == 1) {
        return replace_char(self, PyUnicode_READ_CHAR(old, 0), PyUnicode_READ_CHAR(new, 0),
                            maxcount);
    }
    return replace_substring(self, old, new, maxcount);
}

PyObject *
PyUnicode_Replace(PyObject *str, PyObject *substr, PyObject *replstr, Py_ssize_t maxcount)
{
    if (ensure_unicode(str) < 0 || ensure_unicode(substr) < 0 || ensure_unicode(replstr) < 0) {
        return NULL;
    }
    return unicode_replace_all(str, substr, replstr, maxcount);
}

/* -- Strip --------------------------------------------------------------------------------- */

PyObject *
_PyUnicode_XStrip(PyObject *self, int striptype, PyObject *sepobj)
{
    int kind = KIND(self), sep_kind = KIND(sepobj);
    const void *data = DATA(self), *sep = DATA(sepobj);
    Py_ssize_t length = LENGTH(self), sep_length = LENGTH(sepobj);
    Py_ssize_t i = 0, j = length;
    uint64_t bloom = 0;  // low six bits of the characters to strip
    for (Py_ssize_t k = 0; k < sep_length; k++) {
        bloom |= (uint64_t)1 << (READ(sep_kind, sep, k) & 63);
    }
#define STRIPPED(ch) \
    ((bloom >> ((ch) & 63) & 1) && search_find_char(sep_kind, sep, sep_length, (ch)) >= 0)
    if (striptype != 1) {
        while (i < j && STRIPPED(READ(kind, data, i))) {
            i++;
        }
    }
    if (striptype != 0) {
        while (j > i && STRIPPED(READ(kind, data, j - 1))) {
            j--;
        }
    }
#undef STRIPPED
    return PyUnicode_Substring(self, i, j);
}

/* -- Padding ------------------------------------------------------------------------------- */

PyObject *
unicode_pad(PyObject *self, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill)
{
    left = Py_MAX(left, 0);
    right = Py_MAX(right, 0);
    if (left == 0 && right == 0) {
        return unicode_result_unchanged(self);
    }
    Py_ssize_t length = LENGTH(self);
    if (left > PY_SSIZE_T_MAX - length || right > PY_SSIZE_T_MAX - (left + length)) {
        PyErr_SetString(PyExc_OverflowError, "padded string is too long");
        return NULL;
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(self);
    PyObject *result = PyUnicode_New(left + length + right, Py_MAX(maxchar, fill));
    if (result == NULL) {
        return NULL;
    }
    _PyUnicode_FastFill(result, 0, left, fill);
    _PyUnicode_FastFill(result, left + length, right, fill);
    _PyUnicode_FastCopyCharacters(result, left, self, 0, length);
    return _PyUnicode_Result(result);
}

PyObject *
unicode_expand_tabs(PyObject *self, int tabsize)
{
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_ssize_t length = LENGTH(self), total = 0, column = 0;
    int found = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        Py_ssize_t add = 1;
        if (ch == '\t') {
            found = 1;
            add = tabsize > 0 ? tabsize - column % tabsize : 0;
            column += add;
        }
        else {
            column = ch == '\n' || ch == '\r' ? 0 : column + 1;
        }
        if (total > PY_SSIZE_T_MAX - add) {
            PyErr_SetString(PyExc_OverflowError, "new string is too long");
            return NULL;
        }
        total += add;
    }
    if (!found) {
        return unicode_result_unchanged(self);
    }
    PyObject *result = PyUnicode_New(total, PyUnicode_MAX_CHAR_VALUE(self));
    if (result == NULL) {
        return NULL;
    }
    void *out = DATA(result);
    Py_ssize_t at = 0;
    column = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (ch == '\t') {
            Py_ssize_t add = tabsize > 0 ? tabsize - column % tabsize : 0;
            _PyUnicode_FastFill(result, at, add, ' ');
            at += add;
            column += add;
        }
        else {
            WRITE(kind, out, at, ch);
            at++;
            column = ch == '\n' || ch == '\r' ? 0 : column + 1;
        }
    }
    return _PyUnicode_Result(result);
}

/* -- Translate ----------------------------------------------------------------------------- */

/* What mapping says about ch: 1 with *item = int or str or NULL (delete); 0: not mapped; -1. */
static int
translate_lookup(Py_UCS4 ch, PyObject *mapping, PyObject **item)
{
    PyObject *key = PyLong_FromLong((long)ch);
    if (key == NULL) {
        return -1;
    }
    PyObject *x = PyObject_GetItem(mapping, key);
    Py_DECREF(key);
    *item = NULL;
    if (x == NULL) {
        if (PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    if (x == Py_None) {
        Py_DECREF(x);
        return 1;
    }
    if (PyLong_Check(x)) {
        long value = PyLong_AsLong(x);
        if (value < 0 || value > MAX_UNICODE) {
            PyErr_Format(PyExc_ValueError, "character mapping must be in range(0x%x)",
                         MAX_UNICODE + 1);
            Py_DECREF(x);
            return -1;
        }
        *item = x;
        return 1;
    }
    if (PyUnicode_Check(x)) {
        *item = x;
        return 1;
    }
    PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
    Py_DECREF(x);
    return -1;
}

/* Writes the translation of ch: 1 done, 0 it maps to None, -1 error. */
static int
translate_char(Py_UCS4 ch, PyObject *mapping, _PyUnicodeWriter *writer)
{
    PyObject *item;
    int mapped = translate_lookup(ch, mapping, &item);
    if (mapped < 0) {
        return -1;
    }
    if (mapped == 0) {
        return _PyUnicodeWriter_WriteCharInline(writer, ch) < 0 ? -1 : 1;
    }
    if (item == NULL) {
        return 0;
    }
    int result = PyLong_Check(item)
        ? _PyUnicodeWriter_WriteCharInline(writer, (Py_UCS4)PyLong_AsLong(item))
        : _PyUnicodeWriter_WriteStr(writer, item);
    Py_DECREF(item);
    return result < 0 ? -1 : 1;
}

/* ASCII to ASCII with a 128-entry cache: 0xff not looked up yet, 0xfe deleted.  Returns the number
   of characters translated before something else was met, -1 on error. */
static Py_ssize_t
translate_ascii(PyObject *input, PyObject *mapping, unsigned char *out, Py_ssize_t *written)
{
    unsigned char table[128];
    memset(table, 0xff, sizeof(table));
    const Py_UCS1 *in = PyUnicode_1BYTE_DATA(input);
    Py_ssize_t length = LENGTH(input), i, n = 0;
    for (i = 0; i < length; i++) {
        unsigned char ch = in[i], to = table[ch];
        if (to == 0xff) {
            PyObject *item;
            int mapped = translate_lookup(ch, mapping, &item);
            if (mapped < 0) {
                return -1;
            }
            if (mapped == 0) {
                to = ch;
            }
            else if (item == NULL) {
                to = 0xfe;
            }
            else {
                Py_UCS4 value = MAX_UNICODE + 1;
                if (PyLong_Check(item)) {
                    value = (Py_UCS4)PyLong_AsLong(item);
                }
                else if (LENGTH(item) == 1) {
                    value = PyUnicode_READ_CHAR(item, 0);
                }
                Py_DECREF(item);
                if (value > 127) {
                    break;
                }
                to = (unsigned char)value;
            }
            table[ch] = to;
        }
        if (to != 0xfe) {
            out[n++] = to;
        }
    }
    *written = n;
    return i;
}

/* Replacement from the error handler for untranslatable input[start:end]. */
static PyObject *
translate_call_errorhandler(const char *errors, PyObject **handler, const char *reason,
                            PyObject *unicode, PyObject **exception, Py_ssize_t start,
                            Py_ssize_t end, Py_ssize_t *newpos)
{
    if (*handler == NULL) {
        *handler = PyCodec_LookupError(errors);
        if (*handler == NULL) {
            return NULL;
        }
    }
    PyObject *exc = PyObject_CallFunction(PyExc_UnicodeTranslateError, "Onns", unicode, start, end,
                                          reason);
    if (exc == NULL) {
        return NULL;
    }
    Py_XSETREF(*exception, exc);
    PyObject *pair = PyObject_CallOneArg(*handler, exc);
    if (pair == NULL) {
        return NULL;
    }
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, "translating error handler must return (str, int) tuple");
        Py_DECREF(pair);
        return NULL;
    }
    PyObject *replacement;
    if (!PyArg_ParseTuple(pair, "O!n;translating error handler must return (str, int) tuple",
                          &PyUnicode_Type, &replacement, newpos)) {
        Py_DECREF(pair);
        return NULL;
    }
    if (*newpos < 0) {
        *newpos += LENGTH(unicode);
    }
    if (*newpos < 0 || *newpos > LENGTH(unicode)) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", *newpos);
        Py_DECREF(pair);
        return NULL;
    }
    Py_INCREF(replacement);
    Py_DECREF(pair);
    return replacement;
}

PyObject *
_PyUnicode_TranslateCharmap(PyObject *input, PyObject *mapping, const char *errors)
{
    if (mapping == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    Py_ssize_t length = LENGTH(input), i = 0;
    if (length == 0) {
        return PyUnicode_FromObject(input);
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = length;
    PyObject *handler = NULL, *exception = NULL;
    if (_PyUnicodeWriter_Prepare(&writer, length, 127) < 0) {
        goto fail;
    }
    if (PyUnicode_IS_ASCII(input)) {
        Py_ssize_t written = 0;
        i = translate_ascii(input, mapping, writer.data, &written);
        if (i < 0) {
            goto fail;
        }
        writer.pos = written;
        if (i == length) {
            return _PyUnicodeWriter_Finish(&writer);
        }
    }
    writer.overallocate = 1;
    int ignore = errors != NULL && strcmp(errors, "ignore") == 0;
    int kind = KIND(input);
    const void *data = DATA(input);
    while (i < length) {
        int done = translate_char(READ(kind, data, i), mapping, &writer);
        if (done < 0) {
            goto fail;
        }
        if (done) {
            i++;
            continue;
        }
        if (ignore) {
            i++;
            continue;
        }
        /* A run of characters that map to None is one error. */
        Py_ssize_t start = i++;
        while (i < length) {
            PyObject *item;
            int mapped = translate_lookup(READ(kind, data, i), mapping, &item);
            if (mapped < 0) {
                goto fail;
            }
            Py_XDECREF(item);
            if (mapped == 0 || item != NULL) {
                break;
            }
            i++;
        }
        PyObject *text = translate_call_errorhandler(errors, &handler,
                                                     "character maps to <undefined>", input,
                                                     &exception, start, i, &i);
        if (text == NULL) {
            goto fail;
        }
        int failed = _PyUnicodeWriter_WriteStr(&writer, text);
        Py_DECREF(text);
        if (failed) {
            goto fail;
        }
    }
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    return _PyUnicodeWriter_Finish(&writer);
fail:
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
PyUnicode_Translate(PyObject *str, PyObject *mapping, const char *errors)
{
    if (ensure_unicode(str) < 0) {
        return NULL;
    }
    return _PyUnicode_TranslateCharmap(str, mapping, errors);
}

/* str.maketrans(x[, y[, z]]). */
PyObject *
unicode_maketrans_table(PyObject *x, PyObject *y, PyObject *z)
{
    PyObject *table = PyDict_New();
    if (table == NULL) {
        return NULL;
    }
    PyObject *key = NULL, *value = NULL;
    if (y != NULL) {
        if (!PyUnicode_Check(x)) {
            PyErr_SetString(PyExc_TypeError,
                            "first maketrans argument must be a string if there is a second argument");
            goto fail;
        }
        if (LENGTH(x) != LENGTH(y)) {
            PyErr_SetString(PyExc_ValueError,
                            "the first two maketrans arguments must have equal length");
            goto fail;
        }
        for (Py_ssize_t i = 0; i < LENGTH(x); i++) {
            key = PyLong_FromLong((long)PyUnicode_READ_CHAR(x, i));
            value = PyLong_FromLong((long)PyUnicode_READ_CHAR(y, i));
            if (key == NULL || value == NULL || PyDict_SetItem(table, key, value) < 0) {
                goto fail;
            }
            Py_CLEAR(key);
            Py_CLEAR(value);
        }
        for (Py_ssize_t i = 0; z != NULL && i < LENGTH(z); i++) {
            key = PyLong_FromLong((long)PyUnicode_READ_CHAR(z, i));
            if (key == NULL || PyDict_SetItem(table, key, Py_None) < 0) {
                goto fail;
            }
            Py_CLEAR(key);
        }
        return table;
    }
    if (!PyDict_CheckExact(x)) {
        PyErr_SetString(PyExc_TypeError,
                        "if you give only one argument to maketrans it must be a dict");
        goto fail;
    }
    /* A copy: nothing another thread does can disturb the iteration. */
    PyObject *source = PyDict_Copy(x);
    if (source == NULL) {
        goto fail;
    }
    Py_ssize_t pos = 0;
    PyObject *k, *v;
    int failed = 0;
    while (!failed && PyDict_Next(source, &pos, &k, &v)) {
        if (PyUnicode_Check(k)) {
            if (LENGTH(k) != 1) {
                PyErr_SetString(PyExc_ValueError,
                                "string keys in translate table must be of length 1");
                failed = 1;
                break;
            }
            PyObject *code = PyLong_FromLong((long)PyUnicode_READ_CHAR(k, 0));
            failed = code == NULL || PyDict_SetItem(table, code, v) < 0;
            Py_XDECREF(code);
        }
        else if (PyLong_Check(k)) {
            failed = PyDict_SetItem(table, k, v) < 0;
        }
        else {
            PyErr_SetString(PyExc_TypeError,
                            "keys in translate table must be strings or integers");
            failed = 1;
        }
    }
    Py_DECREF(source);
    if (failed) {
        goto fail;
    }
    return table;
fail:
    Py_XDECREF(key);
    Py_XDECREF(value);
    Py_DECREF(table);
    return NULL;
}

/* -- Digits -------------------------------------------------------------------------------- */

PyObject *
_PyUnicode_TransformDecimalAndSpaceToASCII(PyObject *unicode)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyUnicode_IS_ASCII(unicode)) {
        return PyUnicode_FromObject(unicode);
    }
    Py_ssize_t length = LENGTH(unicode);
    PyObject *result = PyUnicode_New(length, 127);
    if (result == NULL) {
        return NULL;
    }
    Py_UCS1 *out = PyUnicode_1BYTE_DATA(result);
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (ch < 127) {
            out[i] = (Py_UCS1)ch;
        }
        else if (Py_UNICODE_ISSPACE(ch)) {
            out[i] = ' ';
        }
        else {
            int decimal = Py_UNICODE_TODECIMAL(ch);
            if (decimal < 0) {
                /* The parser of numbers stops there; the rest does not matter. */
                out[i] = '?';
                out[i + 1] = '\0';
                ASCII_CAST(result)->length = i + 1;
                break;
            }
            out[i] = (Py_UCS1)('0' + decimal);
        }
    }
    return result;
}

/* -- Dedent, for -c ------------------------------------------------------------------------ */

/* Length of a UTF-8 line (with its newline) starting at s. */
static Py_ssize_t
line_length(const char *s, const char *end)
{
    const char *newline = memchr(s, '\n', (size_t)(end - s));
    return newline == NULL ? end - s : newline + 1 - s;
}

/* Leading blanks of a line; -1 for a line of white space only. */
static Py_ssize_t
line_indent(const char *s, Py_ssize_t n)
{
    Py_ssize_t i = 0;
    while (i < n && (s[i] == ' ' || s[i] == '\t')) {
        i++;
    }
    return i == n || s[i] == '\n' ? -1 : i;
}

PyObject *
_PyUnicode_Dedent(PyObject *unicode)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(unicode, &size);
    if (text == NULL) {
        return NULL;
    }
    const char *end = text + size, *margin = NULL;
    Py_ssize_t common = 0, n;
    for (const char *line = text; line < end; line += n) {
        n = line_length(line, end);
        Py_ssize_t indent = line_indent(line, n);
        if (indent < 0) {
            continue;
        }
        if (margin == NULL) {
            margin = line;
            common = indent;
        }
        else {
            Py_ssize_t i = 0;
            while (i < Py_MIN(common, indent) && margin[i] == line[i]) {
                i++;
            }
            common = i;
        }
        if (common == 0) {
            break;
        }
    }
    if (margin == NULL || common == 0) {
        return Py_NewRef(unicode);
    }
    char *out = PyMem_Malloc((size_t)size + 1);
    if (out == NULL) {
        return PyErr_NoMemory();
    }
    Py_ssize_t written = 0;
    for (const char *line = text; line < end; line += n) {
        n = line_length(line, end);
        if (line_indent(line, n) < 0) {
            /* White space only: just its newline is left. */
            if (line[n - 1] == '\n') {
                out[written++] = '\n';
            }
            continue;
        }
        memcpy(out + written, line + common, (size_t)(n - common));
        written += n - common;
    }
    PyObject *result = PyUnicode_FromStringAndSize(out, written);
    PyMem_Free(out);
    return result;
}

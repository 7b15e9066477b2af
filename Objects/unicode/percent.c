/* str % args, and the grouping of digits that str.format() of numbers needs.

   Formatting calls Python code: arguments are counted while they are used. */
#include "unicode_impl.h"
#include "pycore_long.h"  // _PyLong_Format

#define F_LJUST (1 << 0)
#define F_SIGN  (1 << 1)
#define F_BLANK (1 << 2)
#define F_ALT   (1 << 3)
#define F_ZERO  (1 << 4)

/* Where formatting stands. */
struct percent {
    PyObject *format;      // borrowed
    int kind;              // of format
    const void *data;
    Py_ssize_t length, pos;
    PyObject *args;        // tuple, or the one argument
    Py_ssize_t arglen;     // -1: args is the one argument
    Py_ssize_t argidx;     // -2: the one argument has not been used
    int args_owned;
    PyObject *dict;        // mapping for %(key)s, borrowed; NULL if args is none
    _PyUnicodeWriter writer;
};

/* One conversion. */
struct directive {
    Py_UCS4 ch;
    int flags;
    Py_ssize_t width;      // -1: none
    int prec;              // -1: none
    int sign;              // the result starts with a sign when it is a number
};

/* New reference to the next argument. */
static PyObject *
next_arg(struct percent *ctx)
{
    Py_ssize_t index = ctx->argidx;
    if (index < ctx->arglen) {
        ctx->argidx++;
        return Py_NewRef(ctx->arglen < 0 ? ctx->args : PyTuple_GET_ITEM(ctx->args, index));
    }
    PyErr_SetString(PyExc_TypeError, "not enough arguments for format string");
    return NULL;
}

/* -- Numbers ------------------------------------------------------------------------------- */

PyObject *
_PyUnicode_FormatLong(PyObject *val, int alt, int prec, int type)
{
    if (prec > INT_MAX - 3) {
        PyErr_SetString(PyExc_OverflowError, "precision too large");
        return NULL;
    }
    PyObject *text;
    int prefix = 0;  // "0x" and the like in front of the digits
    switch (type) {
    case 'd': case 'i': case 'u':
        text = PyLong_Type.tp_str(val);
        break;
    case 'o':
        text = _PyLong_Format(val, 8);
        prefix = 2;
        break;
    default:
        text = _PyLong_Format(val, 16);
        prefix = 2;
    }
    if (text == NULL) {
        return NULL;
    }
    const char *s = (const char *)PyUnicode_1BYTE_DATA(text);
    Py_ssize_t n = LENGTH(text);
    if (n > INT_MAX) {
        Py_DECREF(text);
        PyErr_SetString(PyExc_ValueError, "string too large in _PyUnicode_FormatLong");
        return NULL;
    }
    int negative = s[0] == '-';
    Py_ssize_t digits = n - negative - prefix;
    Py_ssize_t zeros = Py_MAX(prec - digits, 0);
    Py_ssize_t kept = alt ? prefix : 0;
    PyObject *result = PyUnicode_New(negative + kept + zeros + digits, 127);
    if (result == NULL) {
        Py_DECREF(text);
        return NULL;
    }
    char *out = (char *)PyUnicode_1BYTE_DATA(result);
    if (negative) {
        *out++ = '-';
    }
    if (kept) {
        memcpy(out, s + negative, (size_t)kept);
        out += kept;
    }
    memset(out, '0', (size_t)zeros);
    out += zeros;
    memcpy(out, s + negative + prefix, (size_t)digits);
    if (type == 'X') {
        char *start = (char *)PyUnicode_1BYTE_DATA(result);
        for (char *p = start; p < out + digits; p++) {
            if (*p >= 'a' && *p <= 'x') {
                *p -= 'a' - 'A';
            }
        }
    }
    Py_DECREF(text);
    return _PyUnicode_Result(result);
}

/* Text of a number, with sign and prefix. */
static PyObject *
format_integer(PyObject *v, const struct directive *d)
{
    PyObject *number;
    int index = d->ch == 'o' || d->ch == 'x' || d->ch == 'X';
    if (!PyNumber_Check(v)) {
        goto wrong_type;
    }
    if (PyLong_Check(v)) {
        number = Py_NewRef(v);
    }
    else {
        number = index ? PyNumber_Index(v) : PyNumber_Long(v);
        if (number == NULL) {
            if (PyErr_ExceptionMatches(PyExc_TypeError)) {
                goto wrong_type;
            }
            return NULL;
        }
    }
    PyObject *text = _PyUnicode_FormatLong(number, d->flags & F_ALT, d->prec, (int)d->ch);
    Py_DECREF(number);
    return text;
wrong_type:
    PyErr_Format(PyExc_TypeError,
                 index ? "%%%c format: an integer is required, not %.200s"
                       : "%%%c format: a real number is required, not %.200s",
                 (int)d->ch, Py_TYPE(v)->tp_name);
    return NULL;
}

static PyObject *
format_float(PyObject *v, const struct directive *d)
{
    double x = PyFloat_AsDouble(v);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    char *p = PyOS_double_to_string(x, (char)d->ch, d->prec < 0 ? 6 : d->prec,
                                    d->flags & F_ALT ? Py_DTSF_ALT : 0, NULL);
    if (p == NULL) {
        return NULL;
    }
    PyObject *text = _PyUnicode_FromASCII(p, (Py_ssize_t)strlen(p));
    PyMem_Free(p);
    return text;
}

static PyObject *
format_char(PyObject *v)
{
    if (PyUnicode_Check(v)) {
        if (LENGTH(v) == 1) {
            return Py_NewRef(v);
        }
        PyErr_Format(PyExc_TypeError,
                     "%%c requires an int or a unicode character, "
                     "not a string of length %zd", LENGTH(v));
        return NULL;
    }
    int overflow;
    PyObject *number = PyNumber_Index(v);
    if (number == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError,
                         "%%c requires an int or a unicode character, not %T", v);
        }
        return NULL;
    }
    long x = PyLong_AsLongAndOverflow(number, &overflow);
    Py_DECREF(number);
    if (x == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (x < 0 || x > MAX_UNICODE) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(0x110000)");
        return NULL;
    }
    return unicode_char((Py_UCS4)x);
}

/* -- One conversion ------------------------------------------------------------------------ */

/* Takes the next character of the format; 0 on success. */
static int
take_char(struct percent *ctx, Py_UCS4 *ch)
{
    if (ctx->pos >= ctx->length) {
        PyErr_SetString(PyExc_ValueError, "incomplete format");
        return -1;
    }
    *ch = READ(ctx->kind, ctx->data, ctx->pos++);
    return 0;
}

/* %(key): the value becomes the argument. */
static int
take_key(struct percent *ctx)
{
    if (ctx->dict == NULL) {
        PyErr_SetString(PyExc_TypeError, "format requires a mapping");
        return -1;
    }
    Py_ssize_t start = ctx->pos;
    int depth = 1;
    while (depth > 0 && ctx->pos < ctx->length) {
        Py_UCS4 ch = READ(ctx->kind, ctx->data, ctx->pos++);
        depth += ch == '(' ? 1 : ch == ')' ? -1 : 0;
    }
    if (depth > 0) {
        PyErr_SetString(PyExc_ValueError, "incomplete format key");
        return -1;
    }
    PyObject *key = PyUnicode_Substring(ctx->format, start, ctx->pos - 1);
    if (key == NULL) {
        return -1;
    }
    PyObject *value = PyObject_GetItem(ctx->dict, key);
    Py_DECREF(key);
    if (value == NULL) {
        return -1;
    }
    if (ctx->args_owned) {
        Py_DECREF(ctx->args);
    }
    ctx->args = value;
    ctx->args_owned = 1;
    ctx->arglen = -1;
    ctx->argidx = -2;
    return 0;
}

/* The int argument that stands for a '*'. */
static PyObject *
take_star(struct percent *ctx)
{
    PyObject *v = next_arg(ctx);
    if (v != NULL && !PyLong_Check(v)) {
        PyErr_SetString(PyExc_TypeError, "* wants int");
        Py_CLEAR(v);
    }
    return v;
}

static int
parse_directive(struct percent *ctx, struct directive *d)
{
    Py_UCS4 ch;
    if (take_char(ctx, &ch) < 0) {
        return -1;
    }
    if (ch == '(') {
        if (take_key(ctx) < 0 || take_char(ctx, &ch) < 0) {
            return -1;
        }
    }
    for (;;) {
        int flag = ch == '-' ? F_LJUST : ch == '+' ? F_SIGN : ch == ' ' ? F_BLANK
                 : ch == '#' ? F_ALT : ch == '0' ? F_ZERO : 0;
        if (flag == 0) {
            break;
        }
        d->flags |= flag;
        if (take_char(ctx, &ch) < 0) {
            return -1;
        }
    }
    if (ch == '*') {
        PyObject *v = take_star(ctx);
        if (v == NULL) {
            return -1;
        }
        d->width = PyLong_AsSsize_t(v);
        Py_DECREF(v);
        if (d->width == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (d->width < 0) {
            d->flags |= F_LJUST;
            d->width = -d->width;
        }
        if (take_char(ctx, &ch) < 0) {
            return -1;
        }
    }
    else if (ch >= '0' && ch <= '9') {
        d->width = 0;
        while (ch >= '0' && ch <= '9') {
            if (d->width > (PY_SSIZE_T_MAX - (Py_ssize_t)(ch - '0')) / 10) {
                PyErr_SetString(PyExc_ValueError, "width too big");
                return -1;
            }
            d->width = d->width * 10 + (Py_ssize_t)(ch - '0');
            if (take_char(ctx, &ch) < 0) {
                return -1;
            }
        }
    }
    if (ch == '.') {
        d->prec = 0;
        if (take_char(ctx, &ch) < 0) {
            return -1;
        }
        if (ch == '*') {
            PyObject *v = take_star(ctx);
            if (v == NULL) {
                return -1;
            }
            d->prec = PyLong_AsInt(v);
            Py_DECREF(v);
            if (d->prec == -1 && PyErr_Occurred()) {
                return -1;
            }
            d->prec = Py_MAX(d->prec, 0);
            if (take_char(ctx, &ch) < 0) {
                return -1;
            }
        }
        else {
            while (ch >= '0' && ch <= '9') {
                if (d->prec > (INT_MAX - (int)(ch - '0')) / 10) {
                    PyErr_SetString(PyExc_ValueError, "precision too big");
                    return -1;
                }
                d->prec = d->prec * 10 + (int)(ch - '0');
                if (take_char(ctx, &ch) < 0) {
                    return -1;
                }
            }
        }
    }
    if (ch == 'h' || ch == 'l' || ch == 'L') {
        if (take_char(ctx, &ch) < 0) {
            return -1;
        }
    }
    d->ch = ch;
    return 0;
}

/* Writes text with sign, prefix and padding as d says. */
static int
write_padded(_PyUnicodeWriter *writer, const struct directive *d, PyObject *text)
{
    int kind = KIND(text);
    const void *data = DATA(text);
    Py_ssize_t length = LENGTH(text), skip = 0;
    Py_UCS4 sign = 0, first = length > 0 ? READ(kind, data, 0) : 0;
    if (d->sign) {
        if (first == '-' || first == '+') {
            sign = first;
            skip = 1;
        }
        else if (d->flags & F_SIGN) {
            sign = '+';
        }
        else if (d->flags & F_BLANK) {
            sign = ' ';
        }
    }
    Py_ssize_t prefix = d->sign && (d->flags & F_ALT)
        && (d->ch == 'x' || d->ch == 'X' || d->ch == 'o') ? 2 : 0;
    if (!d->sign && d->prec >= 0) {
        length = Py_MIN(length, d->prec);
    }
    Py_ssize_t body = length - skip;
    Py_ssize_t total = body + (sign != 0);
    Py_ssize_t pad = Py_MAX(d->width - total, 0);
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(text);
    if (maxchar > writer->maxchar && length < LENGTH(text)) {
        maxchar = _PyUnicode_FindMaxChar(text, 0, length);
    }
    if (pad > PY_SSIZE_T_MAX - total) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyUnicodeWriter_Prepare(writer, total + pad, maxchar) < 0) {
        return -1;
    }
    int zeros = d->sign && (d->flags & F_ZERO) && !(d->flags & F_LJUST);
#define FILL(n, ch)                                                      \
    do {                                                                 \
        _PyUnicode_FastFill(writer->buffer, writer->pos, (n), (ch));     \
        writer->pos += (n);                                              \
    } while (0)
    if (pad > 0 && !(d->flags & F_LJUST) && !zeros) {
        FILL(pad, ' ');
    }
    if (sign != 0) {
        FILL(1, sign);
    }
    if (zeros && pad > 0) {
        if (prefix > 0) {
            _PyUnicode_FastCopyCharacters(writer->buffer, writer->pos, text, skip, prefix);
            writer->pos += prefix;
            skip += prefix;
            body -= prefix;
        }
        FILL(pad, '0');
    }
    _PyUnicode_FastCopyCharacters(writer->buffer, writer->pos, text, skip, body);
    writer->pos += body;
    if (pad > 0 && (d->flags & F_LJUST)) {
        FILL(pad, ' ');
    }
#undef FILL
    return 0;
}

/* The text of argument v for conversion d. */
static PyObject *
format_value(struct percent *ctx, struct directive *d, PyObject *v)
{
    switch (d->ch) {
    case 's':
        return PyUnicode_CheckExact(v) ? Py_NewRef(v) : PyObject_Str(v);
    case 'r':
        return PyObject_Repr(v);
    case 'a':
        return PyObject_ASCII(v);
    case 'i':
    case 'd':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        d->sign = 1;
        return format_integer(v, d);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        d->sign = 1;
        return format_float(v, d);
    case 'c':
        d->prec = -1;
        return format_char(v);
    default:
        PyErr_Format(PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                     31 <= d->ch && d->ch <= 126 ? (char)d->ch : '?', (int)d->ch, ctx->pos - 1);
        return NULL;
    }
}

static int
format_directive(struct percent *ctx)
{
    struct directive d = {.width = -1, .prec = -1};
    if (parse_directive(ctx, &d) < 0) {
        return -1;
    }
    if (d.ch == '%') {
        return _PyUnicodeWriter_WriteCharInline(&ctx->writer, '%');
    }
    PyObject *v = next_arg(ctx);
    if (v == NULL) {
        return -1;
    }
    if (ctx->pos == ctx->length) {
        ctx->writer.overallocate = 0;
    }
    PyObject *text = format_value(ctx, &d, v);
    Py_DECREF(v);
    if (text == NULL) {
        return -1;
    }
    int plain = d.width < 0 && (d.sign ? !(d.flags & (F_SIGN | F_BLANK)) : d.prec < 0);
    int result = plain ? _PyUnicodeWriter_WriteStr(&ctx->writer, text)
                       : write_padded(&ctx->writer, &d, text);
    Py_DECREF(text);
    return result;
}

PyObject *
PyUnicode_Format(PyObject *format, PyObject *args)
{
    if (format == NULL || args == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (ensure_unicode(format) < 0) {
        return NULL;
    }
    struct percent ctx = {.format = format, .kind = KIND(format), .data = DATA(format),
                          .length = LENGTH(format), .args = args};
    _PyUnicodeWriter_Init(&ctx.writer);
    ctx.writer.min_length = ctx.length + 100;
    ctx.writer.overallocate = 1;
    if (PyTuple_Check(args)) {
        ctx.arglen = PyTuple_GET_SIZE(args);
        ctx.argidx = 0;
    }
    else {
        ctx.arglen = -1;
        ctx.argidx = -2;
    }
    if (PyMapping_Check(args) && !PyTuple_Check(args) && !PyUnicode_Check(args)) {
        ctx.dict = args;
    }
    while (ctx.pos < ctx.length) {
        Py_ssize_t start = ctx.pos;
        Py_ssize_t percent = search_find_char(ctx.kind, CHAR_PTR(ctx.kind, ctx.data, start),
                                              ctx.length - start, '%');
        Py_ssize_t end = percent < 0 ? ctx.length : start + percent;
        if (end == ctx.length) {
            ctx.writer.overallocate = 0;
        }
        if (_PyUnicodeWriter_WriteSubstring(&ctx.writer, format, start, end) < 0) {
            goto fail;
        }
        ctx.pos = end;
        if (ctx.pos < ctx.length) {
            ctx.pos++;
            if (format_directive(&ctx) < 0) {
                goto fail;
            }
        }
    }
    if (ctx.argidx < ctx.arglen && ctx.dict == NULL) {
        PyErr_SetString(PyExc_TypeError, "not all arguments converted during string formatting");
        goto fail;
    }
    if (ctx.args_owned) {
        Py_DECREF(ctx.args);
    }
    return _PyUnicodeWriter_Finish(&ctx.writer);
fail:
    if (ctx.args_owned) {
        Py_DECREF(ctx.args);
    }
    _PyUnicodeWriter_Dealloc(&ctx.writer);
    return NULL;
}

/* -- Grouping of digits -------------------------------------------------------------------- */

/* Sizes of the groups as localeconv() gives them: each byte one group, the last one repeats,
   CHAR_MAX ends grouping. */
struct grouping {
    const char *sizes;
    char previous;
    Py_ssize_t i;
};

static Py_ssize_t
grouping_next(struct grouping *g)
{
    char c = g->sizes[g->i];
    if (c == 0) {
        return g->previous;
    }
    if (c == CHAR_MAX) {
        return 0;
    }
    g->previous = c;
    g->i++;
    return c;
}

/* Output of one group: first a separator (if any before it), then digits, then zeros, written
   backwards from *pos (forwards for fractions). */
struct group_output {
    _PyUnicodeWriter *writer;    // NULL: count only
    PyObject *digits, *separator;
    Py_ssize_t digits_pos, pos;
    int forward;
};

static void
group_write(struct group_output *o, int with_separator, Py_ssize_t n_chars, Py_ssize_t n_zeros,
            Py_UCS4 *maxchar)
{
    if (o->writer == NULL) {
        if (with_separator) {
            Py_UCS4 m = PyUnicode_MAX_CHAR_VALUE(o->separator);
            *maxchar = Py_MAX(*maxchar, m);
        }
        return;
    }
    PyObject *buffer = o->writer->buffer;
    Py_ssize_t n = LENGTH(o->separator);
    if (o->forward) {
        if (with_separator) {
            _PyUnicode_FastCopyCharacters(buffer, o->pos, o->separator, 0, n);
            o->pos += n;
        }
        _PyUnicode_FastCopyCharacters(buffer, o->pos, o->digits, o->digits_pos, n_chars);
        o->pos += n_chars;
        o->digits_pos += n_chars;
        return;
    }
    if (with_separator) {
        o->pos -= n;
        _PyUnicode_FastCopyCharacters(buffer, o->pos, o->separator, 0, n);
    }
    o->pos -= n_chars;
    o->digits_pos -= n_chars;
    _PyUnicode_FastCopyCharacters(buffer, o->pos, o->digits, o->digits_pos, n_chars);
    o->pos -= n_zeros;
    if (n_zeros > 0) {
        _PyUnicode_FastFill(buffer, o->pos, n_zeros, '0');
    }
}

Py_ssize_t
_PyUnicode_InsertThousandsGrouping(_PyUnicodeWriter *writer, Py_ssize_t n_buffer, PyObject *digits,
                                   Py_ssize_t d_pos, Py_ssize_t n_digits, Py_ssize_t min_width,
                                   const char *grouping, PyObject *thousands_sep,
                                   Py_UCS4 *maxchar, int forward)
{
    min_width = Py_MAX(0, min_width);
    struct group_output o = {.writer = writer, .digits = digits, .separator = thousands_sep,
                             .forward = forward};
    if (writer != NULL) {
        o.digits_pos = forward ? d_pos : d_pos + n_digits;
        o.pos = forward ? writer->pos : writer->pos + n_buffer;
    }
    else {
        *maxchar = 127;
    }
    struct grouping groups = {.sizes = grouping};
    Py_ssize_t count = 0, remaining = n_digits, width, n_sep = LENGTH(thousands_sep);
    int with_separator = 0;
    while ((width = grouping_next(&groups)) > 0) {
        width = Py_MIN(width, Py_MAX(Py_MAX(remaining, min_width), 1));
        Py_ssize_t n_zeros = Py_MAX(0, width - remaining);
        Py_ssize_t n_chars = Py_MAX(0, Py_MIN(remaining, width));
        count += (with_separator ? n_sep : 0) + n_zeros + n_chars;
        group_write(&o, with_separator, n_chars, n_zeros, maxchar);
        with_separator = 1;
        remaining -= n_chars;
        min_width -= width;
        if (remaining <= 0 && min_width <= 0) {
            return count;
        }
        min_width -= n_sep;
    }
    /* No more groups: the rest is one. */
    width = Py_MAX(Py_MAX(remaining, min_width), 1);
    Py_ssize_t n_zeros = Py_MAX(0, width - remaining);
    Py_ssize_t n_chars = Py_MAX(0, Py_MIN(remaining, width));
    count += (with_separator ? n_sep : 0) + n_zeros + n_chars;
    group_write(&o, with_separator, n_chars, n_zeros, maxchar);
    return count;
}

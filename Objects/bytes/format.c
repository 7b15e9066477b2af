/* Formatting into bytes: PyBytes_FromFormat, and the % operator of bytes and bytearray. */
#include "Python.h"
#include "pycore_bytesobject.h"
#include "pycore_unicodeobject.h"  // _PyUnicode_FormatLong

/* Room for size bytes at p, then n of them copied; the new end or NULL. */
static char *
put(_PyBytesWriter *writer, char *p, const void *bytes, Py_ssize_t n)
{
    p = _PyBytesWriter_Reserve(writer, p, n);
    if (p != NULL) {
        memcpy(p, bytes, (size_t)n);
        p += n;
    }
    return p;
}

static char *
put_fill(_PyBytesWriter *writer, char *p, char fill, Py_ssize_t n)
{
    if (n <= 0) {
        return p;
    }
    p = _PyBytesWriter_Reserve(writer, p, n);
    if (p != NULL) {
        memset(p, fill, (size_t)n);
        p += n;
    }
    return p;
}

/* -- PyBytes_FromFormat -------------------------------------------------------------------- */

/* One conversion at *pf (behind '%'); 0 unknown, 1 done (p may be NULL with an exception). */
static int
c_format_one(_PyBytesWriter *writer, char **pp, const char **pf, va_list *vargs)
{
    const char *f = *pf;
    Py_ssize_t precision = 0;
    while (Py_ISDIGIT((unsigned char)*f)) {
        f++;  // a width is read and ignored
    }
    if (*f == '.') {
        for (f++; Py_ISDIGIT((unsigned char)*f); f++) {
            precision = precision * 10 + (*f - '0');
        }
    }
    while (*f != '\0' && *f != '%' && !Py_ISALPHA((unsigned char)*f)) {
        f++;
    }
    int is_long = 0, is_size = 0;
    if (*f == 'l' && (f[1] == 'd' || f[1] == 'u')) {
        is_long = 1;
        f++;
    }
    else if (*f == 'z' && (f[1] == 'd' || f[1] == 'u')) {
        is_size = 1;
        f++;
    }
    char buffer[32];
    switch (*f) {
    case 'c': {
        int c = va_arg(*vargs, int);
        if (c < 0 || c > 255) {
            PyErr_SetString(PyExc_OverflowError,
                            "PyBytes_FromFormatV(): %c format "
                            "expects an integer in range [0; 255]");
            *pp = NULL;
            return 1;
        }
        buffer[0] = (char)c;
        *pp = put(writer, *pp, buffer, 1);
        break;
    }
    case 'd':
        if (is_long) {
            snprintf(buffer, sizeof(buffer), "%ld", va_arg(*vargs, long));
        }
        else if (is_size) {
            snprintf(buffer, sizeof(buffer), "%zd", va_arg(*vargs, Py_ssize_t));
        }
        else {
            snprintf(buffer, sizeof(buffer), "%d", va_arg(*vargs, int));
        }
        *pp = put(writer, *pp, buffer, (Py_ssize_t)strlen(buffer));
        break;
    case 'u':
        if (is_long) {
            snprintf(buffer, sizeof(buffer), "%lu", va_arg(*vargs, unsigned long));
        }
        else if (is_size) {
            snprintf(buffer, sizeof(buffer), "%zu", va_arg(*vargs, size_t));
        }
        else {
            snprintf(buffer, sizeof(buffer), "%u", va_arg(*vargs, unsigned int));
        }
        *pp = put(writer, *pp, buffer, (Py_ssize_t)strlen(buffer));
        break;
    case 'i':
        snprintf(buffer, sizeof(buffer), "%i", va_arg(*vargs, int));
        *pp = put(writer, *pp, buffer, (Py_ssize_t)strlen(buffer));
        break;
    case 'x':
        snprintf(buffer, sizeof(buffer), "%x", va_arg(*vargs, unsigned int));
        *pp = put(writer, *pp, buffer, (Py_ssize_t)strlen(buffer));
        break;
    case 's': {
        const char *s = va_arg(*vargs, const char *);
        size_t n = precision <= 0 ? strlen(s) : strnlen(s, (size_t)precision);
        *pp = put(writer, *pp, s, (Py_ssize_t)n);
        break;
    }
    case 'p':
        snprintf(buffer, sizeof(buffer), "0x%zx", (size_t)(uintptr_t)va_arg(*vargs, void *));
        *pp = put(writer, *pp, buffer, (Py_ssize_t)strlen(buffer));
        break;
    case '%':
        *pp = put(writer, *pp, "%", 1);
        break;
    default:
        return 0;
    }
    *pf = f + 1;
    return 1;
}

PyObject *
PyBytes_FromFormatV(const char *format, va_list vargs)
{
    va_list args;
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    writer.overallocate = 1;
    char *p = _PyBytesWriter_Alloc(&writer, (Py_ssize_t)strlen(format));
    va_copy(args, vargs);
    for (const char *f = format; p != NULL && *f != '\0';) {
        if (*f != '%') {
            p = put(&writer, p, f++, 1);
            continue;
        }
        const char *at = f++;
        if (!c_format_one(&writer, &p, &f, &args)) {
            /* Unknown: the rest of the format is copied as it is. */
            p = put(&writer, p, at, (Py_ssize_t)strlen(at));
            break;
        }
    }
    va_end(args);
    if (p == NULL) {
        _PyBytesWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyBytesWriter_Finish(&writer, p);
}

PyObject *
PyBytes_FromFormat(const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    PyObject *result = PyBytes_FromFormatV(format, vargs);
    va_end(vargs);
    return result;
}

/* -- The % operator ------------------------------------------------------------------------ */

#define F_LJUST (1 << 0)
#define F_SIGN  (1 << 1)
#define F_BLANK (1 << 2)
#define F_ALT   (1 << 3)
#define F_ZERO  (1 << 4)

struct percent {
    const char *f, *end;     // what is left of the format
    PyObject *args;          // tuple, or the one argument
    Py_ssize_t arglen;       // -1: args is the one argument
    Py_ssize_t argidx;       // -2: it has not been used
    int args_owned;
    PyObject *dict;          // mapping for %(key)s, borrowed
};

struct directive {
    char ch;
    int flags;
    Py_ssize_t width;        // -1: none
    int prec;                // -1: none
};

/* The text of one conversion. */
struct piece {
    const char *s;
    Py_ssize_t n;
    int number;              // has a sign, is padded with zeros
    char byte;
    PyObject *owner;         // keeps s alive
    Py_buffer view;          // the same; view.obj NULL: not used
};

/* Borrowed from the tuple (which the caller holds). */
static PyObject *
next_arg(struct percent *ctx)
{
    Py_ssize_t index = ctx->argidx;
    if (index < ctx->arglen) {
        ctx->argidx++;
        return ctx->arglen < 0 ? ctx->args : PyTuple_GET_ITEM(ctx->args, index);
    }
    PyErr_SetString(PyExc_TypeError, "not enough arguments for format string");
    return NULL;
}

static int
take_char(struct percent *ctx, char *ch)
{
    if (ctx->f >= ctx->end) {
        PyErr_SetString(PyExc_ValueError, "incomplete format");
        return -1;
    }
    *ch = *ctx->f++;
    return 0;
}

static int
take_key(struct percent *ctx)
{
    if (ctx->dict == NULL) {
        PyErr_SetString(PyExc_TypeError, "format requires a mapping");
        return -1;
    }
    const char *start = ctx->f;
    int depth = 1;
    while (depth > 0 && ctx->f < ctx->end) {
        char c = *ctx->f++;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    if (depth > 0) {
        PyErr_SetString(PyExc_ValueError, "incomplete format key");
        return -1;
    }
    PyObject *key = PyBytes_FromStringAndSize(start, ctx->f - 1 - start);
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

static PyObject *
take_star(struct percent *ctx)
{
    PyObject *v = next_arg(ctx);
    if (v != NULL && !PyLong_Check(v)) {
        PyErr_SetString(PyExc_TypeError, "* wants int");
        return NULL;
    }
    return v;
}

static int
parse_directive(struct percent *ctx, struct directive *d)
{
    char c;
    if (take_char(ctx, &c) < 0) {
        return -1;
    }
    if (c == '(' && (take_key(ctx) < 0 || take_char(ctx, &c) < 0)) {
        return -1;
    }
    for (;;) {
        int flag = c == '-' ? F_LJUST : c == '+' ? F_SIGN : c == ' ' ? F_BLANK
                 : c == '#' ? F_ALT : c == '0' ? F_ZERO : 0;
        if (flag == 0) {
            break;
        }
        d->flags |= flag;
        if (take_char(ctx, &c) < 0) {
            return -1;
        }
    }
    if (c == '*') {
        PyObject *v = take_star(ctx);
        if (v == NULL) {
            return -1;
        }
        d->width = PyLong_AsSsize_t(v);
        if (d->width == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (d->width < 0) {
            d->flags |= F_LJUST;
            d->width = -d->width;
        }
        if (take_char(ctx, &c) < 0) {
            return -1;
        }
    }
    else if (Py_ISDIGIT((unsigned char)c)) {
        d->width = 0;
        while (Py_ISDIGIT((unsigned char)c)) {
            if (d->width > (PY_SSIZE_T_MAX - (c - '0')) / 10) {
                PyErr_SetString(PyExc_ValueError, "width too big");
                return -1;
            }
            d->width = d->width * 10 + (c - '0');
            if (take_char(ctx, &c) < 0) {
                return -1;
            }
        }
    }
    if (c == '.') {
        d->prec = 0;
        if (take_char(ctx, &c) < 0) {
            return -1;
        }
        if (c == '*') {
            PyObject *v = take_star(ctx);
            if (v == NULL) {
                return -1;
            }
            d->prec = PyLong_AsInt(v);
            if (d->prec == -1 && PyErr_Occurred()) {
                return -1;
            }
            d->prec = Py_MAX(d->prec, 0);
            if (take_char(ctx, &c) < 0) {
                return -1;
            }
        }
        else {
            while (Py_ISDIGIT((unsigned char)c)) {
                if (d->prec > (INT_MAX - (c - '0')) / 10) {
                    PyErr_SetString(PyExc_ValueError, "prec too big");
                    return -1;
                }
                d->prec = d->prec * 10 + (c - '0');
                if (take_char(ctx, &c) < 0) {
                    return -1;
                }
            }
        }
    }
    if ((c == 'h' || c == 'l' || c == 'L') && take_char(ctx, &c) < 0) {
        return -1;
    }
    d->ch = c;
    return 0;
}

/* The ASCII of a str (reference stolen). */
static int
piece_from_text(struct piece *piece, PyObject *text)
{
    if (text == NULL) {
        return -1;
    }
    piece->owner = text;
    if (!PyUnicode_IS_ASCII(text)) {
        piece->owner = PyUnicode_AsEncodedString(text, "ascii", "backslashreplace");
        Py_DECREF(text);
        if (piece->owner == NULL) {
            return -1;
        }
        piece->s = PyBytes_AS_STRING(piece->owner);
        piece->n = PyBytes_GET_SIZE(piece->owner);
        return 0;
    }
    piece->s = (const char *)PyUnicode_1BYTE_DATA(text);
    piece->n = PyUnicode_GET_LENGTH(text);
    return 0;
}

static int
piece_bytes(struct piece *piece, PyObject *v)
{
    if (PyBytes_Check(v)) {
        piece->owner = Py_NewRef(v);
        piece->s = PyBytes_AS_STRING(v);
        piece->n = PyBytes_GET_SIZE(v);
        return 0;
    }
    if (PyObject_CheckBuffer(v) && !PyUnicode_Check(v)) {
        PyObject *copy = PyBytes_FromObject(v);
        if (copy == NULL) {
            return -1;
        }
        piece->owner = copy;
        piece->s = PyBytes_AS_STRING(copy);
        piece->n = PyBytes_GET_SIZE(copy);
        return 0;
    }
    PyObject *func;
    if (PyObject_GetOptionalAttr((PyObject *)Py_TYPE(v), _Py_ID(__bytes__), &func) < 0) {
        return -1;
    }
    if (func != NULL) {
        PyObject *result = PyObject_CallOneArg(func, v);
        Py_DECREF(func);
        if (result == NULL) {
            return -1;
        }
        if (!PyBytes_Check(result)) {
            PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)",
                         Py_TYPE(result)->tp_name);
            Py_DECREF(result);
            return -1;
        }
        piece->owner = result;
        piece->s = PyBytes_AS_STRING(result);
        piece->n = PyBytes_GET_SIZE(result);
        return 0;
    }
    PyErr_Format(PyExc_TypeError,
                 "%%b requires a bytes-like object, or an object that implements __bytes__, "
                 "not '%.100s'", Py_TYPE(v)->tp_name);
    return -1;
}

static int
piece_integer(struct piece *piece, PyObject *v, const struct directive *d)
{
    int index = d->ch == 'o' || d->ch == 'x' || d->ch == 'X';
    PyObject *number = NULL;
    if (PyLong_Check(v)) {
        number = Py_NewRef(v);
    }
    else if (PyNumber_Check(v)) {
        number = index ? PyNumber_Index(v) : PyNumber_Long(v);
        if (number == NULL && !PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
    }
    if (number == NULL) {
        PyErr_Format(PyExc_TypeError,
                     index ? "%%%c format: an integer is required, not %.200s"
                           : "%%%c format: a real number is required, not %.200s",
                     d->ch, Py_TYPE(v)->tp_name);
        return -1;
    }
    PyObject *text = _PyUnicode_FormatLong(number, d->flags & F_ALT, d->prec, d->ch);
    Py_DECREF(number);
    piece->number = 1;
    return piece_from_text(piece, text);
}

static int
piece_float(struct piece *piece, PyObject *v, const struct directive *d)
{
    double x = PyFloat_AsDouble(v);
    if (x == -1.0 && PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "float argument required, not %.200s", Py_TYPE(v)->tp_name);
        return -1;
    }
    char *p = PyOS_double_to_string(x, d->ch, d->prec < 0 ? 6 : d->prec,
                                    d->flags & F_ALT ? Py_DTSF_ALT : 0, NULL);
    if (p == NULL) {
        return -1;
    }
    PyObject *text = PyBytes_FromString(p);
    PyMem_Free(p);
    if (text == NULL) {
        return -1;
    }
    piece->number = 1;
    piece->owner = text;
    piece->s = PyBytes_AS_STRING(text);
    piece->n = PyBytes_GET_SIZE(text);
    return 0;
}

static int
piece_char(struct piece *piece, PyObject *v)
{
    piece->s = &piece->byte;
    piece->n = 1;
    if (PyBytes_Check(v) || PyByteArray_Check(v)) {
        Py_ssize_t n = PyBytes_Check(v) ? PyBytes_GET_SIZE(v) : PyByteArray_GET_SIZE(v);
        if (n != 1) {
            PyErr_Format(PyExc_TypeError,
                         "%%c requires an integer in range(256) or "
                         "a single byte, not a %s object of length %zd",
                         PyBytes_Check(v) ? "bytes" : "bytearray", n);
            return -1;
        }
        piece->byte = PyBytes_Check(v) ? PyBytes_AS_STRING(v)[0] : PyByteArray_AS_STRING(v)[0];
        return 0;
    }
    PyObject *number = PyNumber_Index(v);
    if (number == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError,
                         "%%c requires an integer in range(256) or a single byte, not %T", v);
        }
        return -1;
    }
    int overflow;
    long value = PyLong_AsLongAndOverflow(number, &overflow);
    Py_DECREF(number);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value > 255) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(256)");
        return -1;
    }
    piece->byte = (char)value;
    return 0;
}

static char *
format_directive(struct percent *ctx, _PyBytesWriter *writer, char *p, const char *format)
{
    struct directive d = {.width = -1, .prec = -1};
    struct piece piece = {0};
    if (parse_directive(ctx, &d) < 0) {
        return NULL;
    }
    if (d.ch == '%') {
        return put(writer, p, "%", 1);
    }
    PyObject *v = next_arg(ctx);
    if (v == NULL) {
        return NULL;
    }
    int failed, cut = 0;
    switch (d.ch) {
    case 'r':
    case 'a':
        failed = piece_from_text(&piece, PyObject_ASCII(v));
        cut = 1;
        break;
    case 's':
    case 'b':
        failed = piece_bytes(&piece, v);
        cut = 1;
        break;
    case 'i': case 'd': case 'u': case 'o': case 'x': case 'X':
        failed = piece_integer(&piece, v, &d);
        break;
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        failed = piece_float(&piece, v, &d);
        break;
    case 'c':
        failed = piece_char(&piece, v);
        break;
    default:
        PyErr_Format(PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                     d.ch, d.ch, ctx->f - 1 - format);
        return NULL;
    }
    if (failed < 0) {
        return NULL;
    }
    const char *s = piece.s;
    Py_ssize_t n = piece.n;
    if (cut && d.prec >= 0) {
        n = Py_MIN(n, d.prec);
    }
    char sign = 0;
    if (piece.number) {
        if (n > 0 && (*s == '-' || *s == '+')) {
            sign = *s++;
            n--;
        }
        else if (d.flags & F_SIGN) {
            sign = '+';
        }
        else if (d.flags & F_BLANK) {
            sign = ' ';
        }
    }
    Py_ssize_t fill = Py_MAX(d.width - n - (sign != 0), 0);
    int zeros = piece.number && (d.flags & F_ZERO) && !(d.flags & F_LJUST);
    Py_ssize_t prefix = piece.number && (d.flags & F_ALT)
        && (d.ch == 'x' || d.ch == 'X' || d.ch == 'o') ? 2 : 0;
    if (!(d.flags & F_LJUST) && !zeros) {
        p = put_fill(writer, p, ' ', fill);
    }
    if (p != NULL && sign != 0) {
        p = put(writer, p, &sign, 1);
    }
    if (p != NULL && zeros) {
        p = put(writer, p, s, prefix);
        s += prefix;
        n -= prefix;
        if (p != NULL) {
            p = put_fill(writer, p, '0', fill);
        }
    }
    if (p != NULL) {
        p = put(writer, p, s, n);
    }
    if (p != NULL && (d.flags & F_LJUST)) {
        p = put_fill(writer, p, ' ', fill);
    }
    Py_XDECREF(piece.owner);
    return p;
}

PyObject *
_PyBytes_FormatEx(const char *format, Py_ssize_t format_len, PyObject *args, int use_bytearray)
{
    if (args == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    struct percent ctx = {.f = format, .end = format + format_len, .args = args,
                          .arglen = -1, .argidx = -2};
    if (PyTuple_Check(args)) {
        ctx.arglen = PyTuple_GET_SIZE(args);
        ctx.argidx = 0;
    }
    if (PyMapping_Check(args) && !PyTuple_Check(args) && !PyBytes_Check(args)
            && !PyUnicode_Check(args) && !PyByteArray_Check(args)) {
        ctx.dict = args;
    }
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    writer.use_bytearray = use_bytearray;
    writer.overallocate = 1;
    char *p = _PyBytesWriter_Alloc(&writer, format_len);
    while (p != NULL && ctx.f < ctx.end) {
        const char *percent = memchr(ctx.f, '%', (size_t)(ctx.end - ctx.f));
        const char *stop = percent == NULL ? ctx.end : percent;
        p = put(&writer, p, ctx.f, stop - ctx.f);
        ctx.f = stop;
        if (p != NULL && ctx.f < ctx.end) {
            ctx.f++;
            p = format_directive(&ctx, &writer, p, format);
        }
    }
    if (p != NULL && ctx.argidx < ctx.arglen && ctx.dict == NULL) {
        PyErr_SetString(PyExc_TypeError, "not all arguments converted during bytes formatting");
        p = NULL;
    }
    if (ctx.args_owned) {
        Py_DECREF(ctx.args);
    }
    if (p == NULL) {
        _PyBytesWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyBytesWriter_Finish(&writer, p);
}

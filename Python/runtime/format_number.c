/* The format mini-language applied to int, float and complex.

   A number is first made ASCII text; the parts of that text (sign, digits, fraction, rest) are then laid out
   with separators and padding. */
#include "Python.h"
#include "format_int.h"
#include "pycore_floatobject.h"  // _PyFloat_FormatAdvancedWriter
#include "pycore_long.h"         // _PyLong_FormatText

#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>

/* -- Separators ----------------------------------------------------------- */

/* Owned strings; grouping as in localeconv(): group sizes from the point outwards. */
struct separators {
    PyObject *point;
    PyObject *thousands, *fraction;   /* NULL: no grouping */
    const char *grouping;
    char *grouping_memory;
};

static void
separators_free(struct separators *s)
{
    Py_XDECREF(s->point);
    Py_XDECREF(s->thousands);
    Py_XDECREF(s->fraction);
    PyMem_Free(s->grouping_memory);
}

static PyObject *
latin1(char c)
{
    return Py_NewRef(_Py_LATIN1_CHR((Py_UCS1)c));
}

static int
separators_from_locale(struct separators *s)
{
    struct lconv *lc = localeconv();
    size_t size = strlen(lc->grouping) + 1;
    s->grouping_memory = PyMem_Malloc(size);
    if (s->grouping_memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(s->grouping_memory, lc->grouping, size);
    s->grouping = s->grouping_memory;
    s->point = PyUnicode_DecodeLocale(lc->decimal_point, NULL);
    if (s->point == NULL) {
        return -1;
    }
    s->thousands = PyUnicode_DecodeLocale(lc->thousands_sep, NULL);
    return s->thousands == NULL ? -1 : 0;
}

/* -1 with an exception; separators_free() is due in any case. */
static int
separators_init(struct separators *s, enum separator grouping, enum separator fraction)
{
    *s = (struct separators){.grouping = "\3"};
    if (fraction) {
        s->fraction = latin1(fraction == SEPARATOR_COMMA ? ',' : '_');
    }
    if (grouping == SEPARATOR_LOCALE) {
        return separators_from_locale(s);
    }
    s->point = latin1('.');
    if (grouping) {
        s->thousands = latin1(grouping == SEPARATOR_COMMA ? ',' : '_');
        if (grouping == SEPARATOR_FOURS) {
            s->grouping = "\4";
        }
    }
    return 0;
}

/* -- Grouped digits ------------------------------------------------------- */

static void
put_text(_PyUnicodeWriter *writer, Py_ssize_t pos, PyObject *text)
{
    _PyUnicode_FastCopyCharacters(writer->buffer, pos, text, 0, PyUnicode_GET_LENGTH(text));
}

static void
put_ascii(_PyUnicodeWriter *writer, Py_ssize_t pos, const char *s, Py_ssize_t size, bool upper)
{
    for (Py_ssize_t i = 0; i < size; i++) {
        char c = upper ? (char)Py_TOUPPER(s[i]) : s[i];
        PyUnicode_WRITE(writer->kind, writer->data, pos + i, (unsigned char)c);
    }
}

/* `size` digits, filled up with zeros to min_width characters, grouped from the right.  Their length is returned;
   with a writer they are written so that they end before `end`. */
static Py_ssize_t
group_digits(_PyUnicodeWriter *writer, Py_ssize_t end, const char *digits, Py_ssize_t size,
             Py_ssize_t min_width, const struct separators *s, bool upper)
{
    Py_ssize_t separator_size = s->thousands ? PyUnicode_GET_LENGTH(s->thousands) : 0;
    const char *grouping = s->thousands ? s->grouping : "";
    Py_ssize_t group = 0, length = 0, remaining = size;
    bool separate = false, last = false;
    while (!last) {
        if (*grouping == CHAR_MAX || (*grouping == '\0' && group == 0)) {
            group = PY_SSIZE_T_MAX;
        }
        else if (*grouping != '\0') {
            group = *grouping++;
        }
        Py_ssize_t l = remaining > min_width ? remaining : min_width;
        if (l < 1) {
            l = 1;
        }
        if (l > group) {
            l = group;
        }
        Py_ssize_t chars = remaining < l ? remaining : l;
        if (separate) {
            length += separator_size;
            if (writer) {
                put_text(writer, end - length, s->thousands);
            }
        }
        length += l;
        if (writer) {
            remaining -= chars;
            put_ascii(writer, end - length + (l - chars), digits + remaining, chars, upper);
            if (l > chars) {
                _PyUnicode_FastFill(writer->buffer, end - length, l - chars, '0');
            }
        }
        else {
            remaining -= chars;
        }
        separate = true;
        min_width -= l;
        last = remaining <= 0 && min_width <= 0;
        min_width -= separator_size;
    }
    return length;
}

/* Digits behind the point, in threes from the left. */
static Py_ssize_t
group_fraction(_PyUnicodeWriter *writer, Py_ssize_t pos, const char *digits, Py_ssize_t size,
               const struct separators *s)
{
    if (s->fraction == NULL) {
        if (writer) {
            put_ascii(writer, pos, digits, size, false);
        }
        return size;
    }
    Py_ssize_t start = pos;
    for (Py_ssize_t i = 0; i < size; i += 3) {
        Py_ssize_t l = size - i < 3 ? size - i : 3;
        if (i) {
            if (writer) {
                put_text(writer, pos, s->fraction);
            }
            pos += PyUnicode_GET_LENGTH(s->fraction);
        }
        if (writer) {
            put_ascii(writer, pos, digits + i, l, false);
        }
        pos += l;
    }
    return pos - start;
}

/* -- Layout of one number ------------------------------------------------- */

/* Parts of the ASCII text of a number. */
struct parts {
    bool negative;
    const char *prefix;
    Py_ssize_t prefix_size;
    const char *digits;
    Py_ssize_t digits_size;
    bool point;
    const char *fraction;
    Py_ssize_t fraction_size;
    const char *rest;         /* exponent, percent sign, "inf" */
    Py_ssize_t rest_size;
    Py_UCS4 rest_char;        /* for 'c': a character instead of rest, if rest is NULL */
    bool upper;
};

/* How wide everything gets. */
struct widths {
    Py_ssize_t left, inner, right;  /* padding; inner is between sign and digits */
    Py_UCS4 sign;                   /* or 0 */
    Py_ssize_t min_digits;
    Py_ssize_t digits, fraction;    /* grouped */
    Py_ssize_t total;
    Py_UCS4 maxchar;
};

/* Splits text without sign into digits, fraction and rest. */
static void
split_float(const char *s, Py_ssize_t size, struct parts *p)
{
    const char *end = s + size;
    p->digits = s;
    while (s < end && Py_ISDIGIT(*s)) {
        s++;
    }
    p->digits_size = s - p->digits;
    p->point = s < end && *s == '.';
    if (p->point) {
        s++;
    }
    p->fraction = s;
    if (p->point) {
        while (s < end && Py_ISDIGIT(*s)) {
            s++;
        }
    }
    p->fraction_size = s - p->fraction;
    p->rest = s;
    p->rest_size = end - s;
}

static Py_UCS4
wider(Py_UCS4 maxchar, PyObject *text)
{
    Py_UCS4 c = PyUnicode_MAX_CHAR_VALUE(text);
    return c > maxchar ? c : maxchar;
}

static void
measure(struct widths *w, const struct parts *p, const struct separators *s, const struct format_spec *spec)
{
    *w = (struct widths){.maxchar = 127};
    if (spec->sign == '+' || spec->sign == ' ') {
        w->sign = p->negative ? '-' : spec->sign;
    }
    else if (p->negative) {
        w->sign = '-';
    }
    if (p->fraction_size) {
        w->fraction = group_fraction(NULL, 0, NULL, p->fraction_size, s);
    }
    Py_ssize_t fixed = (w->sign != 0) + p->prefix_size + (p->point ? PyUnicode_GET_LENGTH(s->point) : 0)
                       + w->fraction + p->rest_size;
    if (spec->fill == '0' && spec->align == '=') {
        w->min_digits = spec->width - fixed;
    }
    if (p->digits_size) {
        w->digits = group_digits(NULL, 0, NULL, p->digits_size, w->min_digits, s, false);
    }
    Py_ssize_t padding = spec->width - fixed - w->digits;
    if (padding > 0) {
        if (spec->align == '=') {
            w->inner = padding;
        }
        else {
            _PyFormat_Padding(fixed + w->digits, spec->width, spec->align, &w->left, &w->right);
        }
        if (spec->fill > w->maxchar) {
            w->maxchar = spec->fill;
        }
    }
    if (p->point) {
        w->maxchar = wider(w->maxchar, s->point);
    }
    if (s->thousands) {
        w->maxchar = wider(w->maxchar, s->thousands);
    }
    if (p->rest_char > w->maxchar) {
        w->maxchar = p->rest_char;
    }
    w->total = fixed + w->digits + (padding > 0 ? padding : 0);
}

/* The writer has been prepared for w->total characters up to w->maxchar. */
static void
put_number(_PyUnicodeWriter *writer, const struct widths *w, const struct parts *p, const struct separators *s,
           const struct format_spec *spec)
{
    _PyFormat_Fill(writer, spec->fill, w->left);
    if (w->sign) {
        PyUnicode_WRITE(writer->kind, writer->data, writer->pos, w->sign);
        writer->pos++;
    }
    put_ascii(writer, writer->pos, p->prefix, p->prefix_size, p->upper);
    writer->pos += p->prefix_size;
    _PyFormat_Fill(writer, spec->fill, w->inner);
    if (p->digits_size) {
        group_digits(writer, writer->pos + w->digits, p->digits, p->digits_size, w->min_digits, s, p->upper);
        writer->pos += w->digits;
    }
    if (p->point) {
        put_text(writer, writer->pos, s->point);
        writer->pos += PyUnicode_GET_LENGTH(s->point);
    }
    if (p->fraction_size) {
        group_fraction(writer, writer->pos, p->fraction, p->fraction_size, s);
        writer->pos += w->fraction;
    }
    if (p->rest != NULL) {
        put_ascii(writer, writer->pos, p->rest, p->rest_size, false);
    }
    else if (p->rest_size) {
        PyUnicode_WRITE(writer->kind, writer->data, writer->pos, p->rest_char);
    }
    writer->pos += p->rest_size;
    _PyFormat_Fill(writer, spec->fill, w->right);
}

static int
write_number(_PyUnicodeWriter *writer, const struct parts *p, const struct format_spec *spec)
{
    struct separators s;
    int status = separators_init(&s, spec->type == 'n' ? SEPARATOR_LOCALE : spec->grouping, spec->fraction_grouping);
    if (status == 0) {
        struct widths w;
        measure(&w, p, &s, spec);
        status = _PyUnicodeWriter_Prepare(writer, w.total, w.maxchar);
        if (status == 0) {
            put_number(writer, &w, p, &s, spec);
        }
    }
    separators_free(&s);
    return status;
}

/* -- int ------------------------------------------------------------------ */

static int
not_for_int(const char *what)
{
    PyErr_Format(PyExc_ValueError, "%s not allowed in integer format specifier", what);
    return -1;
}

static int
format_character(PyObject *value, const struct format_spec *spec, _PyUnicodeWriter *writer)
{
    if (spec->sign || spec->alternate) {
        PyErr_Format(PyExc_ValueError, "%s not allowed with integer format specifier 'c'",
                     spec->sign ? "Sign" : "Alternate form (#)");
        return -1;
    }
    long c = PyLong_AsLong(value);
    if (c == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (c < 0 || c > 0x10ffff) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(0x110000)");
        return -1;
    }
    struct parts p = {.rest_size = 1, .rest_char = (Py_UCS4)c};
    return write_number(writer, &p, spec);
}

static int
format_int(PyObject *value, const struct format_spec *spec, _PyUnicodeWriter *writer)
{
    if (spec->precision != -1) {
        return not_for_int("Precision");
    }
    if (spec->no_negative_zero) {
        return not_for_int("Negative zero coercion (z)");
    }
    if (spec->type == 'c') {
        return format_character(value, spec, writer);
    }
    int base = spec->type == 'b' ? 2 : spec->type == 'o' ? 8 : spec->type == 'x' || spec->type == 'X' ? 16 : 10;
    if (base == 10 && spec->sign == 0 && spec->width == -1 && !spec->grouping && spec->type == 'd') {
        return _PyLong_FormatWriter(writer, value, 10, 0);
    }
    struct _PyLong_Text t;
    int status = _PyLong_FormatText(&t, value, base, spec->alternate);
    if (status == 0) {
        struct parts p = {.digits = t.start, .digits_size = t.size, .upper = spec->type == 'X'};
        if (*p.digits == '-') {
            p.negative = true;
            p.digits++;
            p.digits_size--;
        }
        if (spec->alternate && base != 10) {
            p.prefix = p.digits;
            p.prefix_size = 2;
            p.digits += 2;
            p.digits_size -= 2;
        }
        status = write_number(writer, &p, spec);
    }
    _PyLong_FreeText(&t);
    return status;
}

/* -- float ---------------------------------------------------------------- */

static int
check_precision(const struct format_spec *spec)
{
    if (spec->precision > INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "precision too big");
        return -1;
    }
    return 0;
}

static int
string_flags(const struct format_spec *spec)
{
    return (spec->alternate ? Py_DTSF_ALT : 0) | (spec->no_negative_zero ? Py_DTSF_NO_NEG_0 : 0);
}

static int
format_float(PyObject *value, const struct format_spec *spec, _PyUnicodeWriter *writer)
{
    if (check_precision(spec) < 0) {
        return -1;
    }
    int precision = (int)spec->precision, default_precision = 6, flags = string_flags(spec);
    char type = (char)spec->type;
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    bool percent = type == '%';
    if (type == '\0') {
        /* repr(), unless there is a precision: then 'g' with a digit behind the point */
        flags |= Py_DTSF_ADD_DOT_0;
        type = 'r';
        default_precision = 0;
    }
    else if (type == 'n') {
        type = 'g';
    }
    else if (percent) {
        type = 'f';
        x *= 100;
    }
    if (precision < 0) {
        precision = default_precision;
    }
    else if (type == 'r') {
        type = 'g';
    }
    char *text = PyOS_double_to_string(x, type, precision, flags, NULL);
    if (text == NULL) {
        return -1;
    }
    size_t size = strlen(text);
    if (percent) {
        text[size++] = '%';  /* in place of the terminator */
    }
    struct parts p = {.negative = text[0] == '-'};
    split_float(text + p.negative, (Py_ssize_t)size - p.negative, &p);
    int status = write_number(writer, &p, spec);
    PyMem_Free(text);
    return status;
}

/* -- complex -------------------------------------------------------------- */

static int
format_complex(PyObject *value, const struct format_spec *spec, _PyUnicodeWriter *writer)
{
    if (check_precision(spec) < 0) {
        return -1;
    }
    if (spec->fill == '0') {
        PyErr_SetString(PyExc_ValueError, "Zero padding is not allowed in complex format specifier");
        return -1;
    }
    if (spec->align == '=') {
        PyErr_SetString(PyExc_ValueError, "'=' alignment flag is not allowed in complex format specifier");
        return -1;
    }
    int precision = (int)spec->precision, default_precision = 6, flags = string_flags(spec);
    char type = (char)spec->type;
    Py_complex z = ((PyComplexObject *)value)->cval;
    bool brackets = false, pure = false;
    if (type == '\0') {
        type = 'r';
        default_precision = 0;
        pure = z.real == 0.0 && !signbit(z.real);
        brackets = !pure;
    }
    else if (type == 'n') {
        type = 'g';
    }
    if (precision < 0) {
        precision = default_precision;
    }
    else if (type == 'r') {
        type = 'g';
    }
    char *real = PyOS_double_to_string(z.real, type, precision, flags, NULL);
    if (real == NULL) {
        return -1;
    }
    char *imag = PyOS_double_to_string(z.imag, type, precision, flags, NULL);
    if (imag == NULL) {
        PyMem_Free(real);
        return -1;
    }
    struct separators s;
    int status = separators_init(&s, spec->type == 'n' ? SEPARATOR_LOCALE : spec->grouping, spec->fraction_grouping);
    if (status < 0) {
        goto done;
    }
    struct parts a = {.negative = *real == '-'}, b = {.negative = *imag == '-'};
    split_float(real + a.negative, (Py_ssize_t)strlen(real) - a.negative, &a);
    split_float(imag + b.negative, (Py_ssize_t)strlen(imag) - b.negative, &b);
    /* The parts are not padded; the whole is. */
    struct format_spec part = *spec;
    part.fill = '\0';
    part.align = '<';
    part.width = -1;
    struct widths wa = {.total = 0}, wb;
    if (!pure) {
        measure(&wa, &a, &s, &part);
        part.sign = '+';
    }
    measure(&wb, &b, &s, &part);
    Py_ssize_t left, right;
    Py_ssize_t total = _PyFormat_Padding(wa.total + wb.total + 1 + 2 * brackets, spec->width, spec->align, &left, &right);
    Py_UCS4 maxchar = wa.maxchar > wb.maxchar ? wa.maxchar : wb.maxchar;
    if ((left || right) && spec->fill > maxchar) {
        maxchar = spec->fill;
    }
    status = _PyUnicodeWriter_Prepare(writer, total, maxchar);
    if (status < 0) {
        goto done;
    }
    _PyFormat_Fill(writer, spec->fill, left);
    if (brackets) {
        _PyFormat_Fill(writer, '(', 1);
    }
    if (!pure) {
        part.sign = spec->sign;
        put_number(writer, &wa, &a, &s, &part);
    }
    put_number(writer, &wb, &b, &s, &part);
    _PyFormat_Fill(writer, 'j', 1);
    if (brackets) {
        _PyFormat_Fill(writer, ')', 1);
    }
    _PyFormat_Fill(writer, spec->fill, right);
done:
    separators_free(&s);
    PyMem_Free(real);
    PyMem_Free(imag);
    return status;
}

/* -- Entry points --------------------------------------------------------- */

static int
write_str_of(_PyUnicodeWriter *writer, PyObject *obj)
{
    PyObject *text = PyObject_Str(obj);
    if (text == NULL) {
        return -1;
    }
    int status = _PyUnicodeWriter_WriteStr(writer, text);
    Py_DECREF(text);
    return status;
}

int
_PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec, Py_ssize_t start,
                             Py_ssize_t end)
{
    if (start == end) {
        return PyLong_CheckExact(obj) ? _PyLong_FormatWriter(writer, obj, 10, 0) : write_str_of(writer, obj);
    }
    struct format_spec spec;
    if (_PyFormat_ParseSpec(obj, format_spec, start, end, &spec, 'd', '>') < 0) {
        return -1;
    }
    switch (spec.type) {
    case 'b':
    case 'c':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
    case 'n':
        return format_int(obj, &spec, writer);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case '%': {
        PyObject *number = PyNumber_Float(obj);
        if (number == NULL) {
            return -1;
        }
        int status = format_float(number, &spec, writer);
        Py_DECREF(number);
        return status;
    }
    default:
        return _PyFormat_UnknownType(spec.type, Py_TYPE(obj)->tp_name);
    }
}

int
_PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec, Py_ssize_t start,
                              Py_ssize_t end)
{
    if (start == end) {
        return write_str_of(writer, obj);
    }
    struct format_spec spec;
    if (_PyFormat_ParseSpec(obj, format_spec, start, end, &spec, '\0', '>') < 0) {
        return -1;
    }
    switch (spec.type) {
    case '\0':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'n':
    case '%':
        return format_float(obj, &spec, writer);
    default:
        return _PyFormat_UnknownType(spec.type, Py_TYPE(obj)->tp_name);
    }
}

int
_PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec, Py_ssize_t start,
                                Py_ssize_t end)
{
    if (start == end) {
        return write_str_of(writer, obj);
    }
    struct format_spec spec;
    if (_PyFormat_ParseSpec(obj, format_spec, start, end, &spec, '\0', '>') < 0) {
        return -1;
    }
    switch (spec.type) {
    case '\0':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'n':
        return format_complex(obj, &spec, writer);
    default:
        return _PyFormat_UnknownType(spec.type, Py_TYPE(obj)->tp_name);
    }
}

/* The format mini-language: parsing of a specification, and its application to str. */
#include "Python.h"
#include "format_int.h"

/* -- Errors --------------------------------------------------------------- */

int
_PyFormat_UnknownType(Py_UCS4 type, const char *type_name)
{
    if (type > 32 && type < 128) {
        PyErr_Format(PyExc_ValueError, "Unknown format code '%c' for object of type '%.200s'", (int)type, type_name);
    }
    else {
        PyErr_Format(PyExc_ValueError, "Unknown format code '\\x%x' for object of type '%.200s'", (unsigned)type,
                     type_name);
    }
    return -1;
}

static int
separator_and_type(char separator, Py_UCS4 type)
{
    if (type > 32 && type < 128) {
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '%c'.", separator, (int)type);
    }
    else {
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '\\x%x'.", separator, (unsigned)type);
    }
    return -1;
}

static int
both_separators(void)
{
    PyErr_SetString(PyExc_ValueError, "Cannot specify both ',' and '_'.");
    return -1;
}

/* -- Parsing -------------------------------------------------------------- */

static inline bool
is_alignment(Py_UCS4 c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

/* Decimal digits at *pos; their number, or -1 with ValueError. */
static Py_ssize_t
parse_integer(PyObject *text, Py_ssize_t *pos, Py_ssize_t end, Py_ssize_t *result)
{
    Py_ssize_t value = 0, start = *pos;
    for (; *pos < end; (*pos)++) {
        int digit = Py_UNICODE_TODECIMAL(PyUnicode_READ_CHAR(text, *pos));
        if (digit < 0) {
            break;
        }
        if (value > (PY_SSIZE_T_MAX - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, "Too many decimal digits in format string");
            return -1;
        }
        value = value * 10 + digit;
    }
    *result = value;
    return *pos - start;
}

/* An optional ',' or '_' at *pos.  1 if there was one, -1 with an exception if there were both. */
static int
parse_separator(PyObject *text, Py_ssize_t *pos, Py_ssize_t end, enum separator *result)
{
    int found = 0;
    if (*pos < end && PyUnicode_READ_CHAR(text, *pos) == ',') {
        *result = SEPARATOR_COMMA;
        ++*pos;
        found = 1;
    }
    if (*pos < end && PyUnicode_READ_CHAR(text, *pos) == '_') {
        if (found) {
            return both_separators();
        }
        *result = SEPARATOR_UNDERSCORE;
        ++*pos;
        found = 1;
    }
    if (*pos < end && PyUnicode_READ_CHAR(text, *pos) == ',' && *result == SEPARATOR_UNDERSCORE) {
        return both_separators();
    }
    return found;
}

static int
check_separators(struct format_spec *spec)
{
    if (spec->grouping) {
        switch (spec->type) {
        case 'd':
        case 'e':
        case 'f':
        case 'g':
        case 'E':
        case 'G':
        case '%':
        case 'F':
        case '\0':
            break;
        case 'b':
        case 'o':
        case 'x':
        case 'X':
            if (spec->grouping == SEPARATOR_UNDERSCORE) {
                spec->grouping = SEPARATOR_FOURS;
                break;
            }
            /* fall through */
        default:
            return separator_and_type(spec->grouping == SEPARATOR_COMMA ? ',' : '_', spec->type);
        }
    }
    if (spec->type == 'n' && spec->fraction_grouping) {
        return separator_and_type(spec->fraction_grouping == SEPARATOR_COMMA ? ',' : '_', spec->type);
    }
    return 0;
}

int
_PyFormat_ParseSpec(PyObject *obj, PyObject *text, Py_ssize_t start, Py_ssize_t end, struct format_spec *spec,
                    Py_UCS4 default_type, Py_UCS4 default_align)
{
    Py_ssize_t pos = start;
    bool fill_given = false, align_given = false;

#define HAVE(n) (end - pos >= (n))
#define READ(at) PyUnicode_READ_CHAR(text, at)
    *spec = (struct format_spec){.fill = ' ', .align = default_align, .width = -1, .precision = -1,
                                 .type = default_type};
    if (HAVE(2) && is_alignment(READ(pos + 1))) {
        spec->fill = READ(pos);
        spec->align = READ(pos + 1);
        fill_given = align_given = true;
        pos += 2;
    }
    else if (HAVE(1) && is_alignment(READ(pos))) {
        spec->align = READ(pos);
        align_given = true;
        pos++;
    }
    if (HAVE(1) && (READ(pos) == '+' || READ(pos) == '-' || READ(pos) == ' ')) {
        spec->sign = READ(pos);
        pos++;
    }
    if (HAVE(1) && READ(pos) == 'z') {
        spec->no_negative_zero = true;
        pos++;
    }
    if (HAVE(1) && READ(pos) == '#') {
        spec->alternate = true;
        pos++;
    }
    if (!fill_given && HAVE(1) && READ(pos) == '0') {
        spec->fill = '0';
        if (!align_given && default_align == '>') {
            spec->align = '=';
        }
        pos++;
    }
    Py_ssize_t digits = parse_integer(text, &pos, end, &spec->width);
    if (digits < 0) {
        return -1;
    }
    if (digits == 0) {
        spec->width = -1;
    }
    if (parse_separator(text, &pos, end, &spec->grouping) < 0) {
        return -1;
    }
    if (HAVE(1) && READ(pos) == '.') {
        pos++;
        digits = parse_integer(text, &pos, end, &spec->precision);
        if (digits < 0) {
            return -1;
        }
        if (digits == 0) {
            spec->precision = -1;
        }
        int found = parse_separator(text, &pos, end, &spec->fraction_grouping);
        if (found < 0) {
            return -1;
        }
        if (digits == 0 && !found) {
            PyErr_SetString(PyExc_ValueError, "Format specifier missing precision");
            return -1;
        }
    }
    if (HAVE(2)) {
        PyObject *shown = PyUnicode_Substring(text, start, end);
        if (shown != NULL) {
            PyErr_Format(PyExc_ValueError, "Invalid format specifier '%U' for object of type '%.200s'", shown,
                         Py_TYPE(obj)->tp_name);
            Py_DECREF(shown);
        }
        return -1;
    }
    if (HAVE(1)) {
        spec->type = READ(pos);
    }
#undef HAVE
#undef READ
    return check_separators(spec);
}

/* -- Padding -------------------------------------------------------------- */

Py_ssize_t
_PyFormat_Padding(Py_ssize_t size, Py_ssize_t width, Py_UCS4 align, Py_ssize_t *left, Py_ssize_t *right)
{
    Py_ssize_t total = width > size ? width : size;
    if (align == '>') {
        *left = total - size;
    }
    else if (align == '^') {
        *left = (total - size) / 2;
    }
    else {
        *left = 0;
    }
    *right = total - size - *left;
    return total;
}

void
_PyFormat_Fill(_PyUnicodeWriter *writer, Py_UCS4 c, Py_ssize_t count)
{
    if (count > 0) {
        _PyUnicode_FastFill(writer->buffer, writer->pos, count, c);
        writer->pos += count;
    }
}

/* -- str ------------------------------------------------------------------ */

static int
not_for_str(const char *what)
{
    PyErr_Format(PyExc_ValueError, "%s not allowed in string format specifier", what);
    return -1;
}

static int
format_str(PyObject *value, const struct format_spec *spec, _PyUnicodeWriter *writer)
{
    if (spec->sign) {
        return not_for_str(spec->sign == ' ' ? "Space" : "Sign");
    }
    if (spec->no_negative_zero) {
        return not_for_str("Negative zero coercion (z)");
    }
    if (spec->alternate) {
        return not_for_str("Alternate form (#)");
    }
    if (spec->align == '=') {
        return not_for_str("'=' alignment");
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(value);
    if (spec->precision >= 0 && size > spec->precision) {
        size = spec->precision;
    }
    if (spec->width <= size) {
        return _PyUnicodeWriter_WriteSubstring(writer, value, 0, size);
    }
    Py_ssize_t left, right;
    Py_ssize_t total = _PyFormat_Padding(size, spec->width, spec->align, &left, &right);
    Py_UCS4 maxchar = _PyUnicode_FindMaxChar(value, 0, size);
    if (spec->fill > maxchar) {
        maxchar = spec->fill;
    }
    if (_PyUnicodeWriter_Prepare(writer, total, maxchar) < 0) {
        return -1;
    }
    _PyFormat_Fill(writer, spec->fill, left);
    if (size) {
        _PyUnicode_FastCopyCharacters(writer->buffer, writer->pos, value, 0, size);
        writer->pos += size;
    }
    _PyFormat_Fill(writer, spec->fill, right);
    return 0;
}

int
_PyUnicode_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec, Py_ssize_t start,
                                Py_ssize_t end)
{
    if (start == end) {
        if (PyUnicode_CheckExact(obj)) {
            return _PyUnicodeWriter_WriteStr(writer, obj);
        }
        PyObject *text = PyObject_Str(obj);
        if (text == NULL) {
            return -1;
        }
        int status = _PyUnicodeWriter_WriteStr(writer, text);
        Py_DECREF(text);
        return status;
    }
    struct format_spec spec;
    if (_PyFormat_ParseSpec(obj, format_spec, start, end, &spec, 's', '<') < 0) {
        return -1;
    }
    if (spec.type != 's') {
        return _PyFormat_UnknownType(spec.type, Py_TYPE(obj)->tp_name);
    }
    return format_str(obj, &spec, writer);
}

/* PyUnicode_FromFormat: C's idea of formatting, with Python objects.

   %c %d %i %u %o %x %X (h.. not, l ll z j t), %p %s %ls %U %V %lV %S %R %A %T %#T %N %#N %%. */
#include "unicode_impl.h"
#include "pycore_typeobject.h"  // _PyType_GetFullyQualifiedName

enum size_modifier { MOD_INT, MOD_LONG, MOD_LONGLONG, MOD_SIZE, MOD_MAX, MOD_PTRDIFF };

struct c_format {
    int left;                 // flag '-'
    int zero;                 // flag '0'
    int alternate;            // flag '#'
    Py_ssize_t width;         // -1: none
    Py_ssize_t precision;     // -1: none
    enum size_modifier size;
};

/* -- Writing ------------------------------------------------------------------------------- */

/* str, cut to precision characters and padded. */
static int
write_str(_PyUnicodeWriter *writer, PyObject *str, const struct c_format *f)
{
    Py_ssize_t length = LENGTH(str);
    if (f->precision >= 0) {
        length = Py_MIN(length, f->precision);
    }
    Py_ssize_t pad = Py_MAX(f->width - length, 0);
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str) > writer->maxchar
        ? _PyUnicode_FindMaxChar(str, 0, length) : writer->maxchar;
    if (length + pad == 0) {
        return 0;
    }
    if (_PyUnicodeWriter_Prepare(writer, length + pad, maxchar) < 0) {
        return -1;
    }
    if (pad > 0 && !f->left) {
        _PyUnicode_FastFill(writer->buffer, writer->pos, pad, ' ');
        writer->pos += pad;
    }
    _PyUnicode_FastCopyCharacters(writer->buffer, writer->pos, str, 0, length);
    writer->pos += length;
    if (pad > 0 && f->left) {
        _PyUnicode_FastFill(writer->buffer, writer->pos, pad, ' ');
        writer->pos += pad;
    }
    return 0;
}

static int
write_object(_PyUnicodeWriter *writer, PyObject *str, const struct c_format *f)
{
    if (str == NULL) {
        return -1;
    }
    int result = f->width < 0 && f->precision < 0 ? _PyUnicodeWriter_WriteStr(writer, str)
                                                  : write_str(writer, str, f);
    Py_DECREF(str);
    return result;
}

/* UTF-8 with errors replaced; precision counts bytes, and a sequence that it cuts is left out. */
static int
write_utf8(_PyUnicodeWriter *writer, const char *s, const struct c_format *f)
{
    Py_ssize_t length, *consumed = NULL;
    if (f->precision < 0) {
        length = (Py_ssize_t)strlen(s);
    }
    else {
        length = 0;
        while (length < f->precision && s[length] != '\0') {
            length++;
        }
        if (length == f->precision) {
            consumed = &length;
        }
    }
    PyObject *str = PyUnicode_DecodeUTF8Stateful(s, length, "replace", consumed);
    struct c_format whole = *f;
    whole.precision = -1;
    return write_object(writer, str, &whole);
}

static int
write_wide(_PyUnicodeWriter *writer, const wchar_t *s, const struct c_format *f)
{
    Py_ssize_t length = 0;
    if (f->precision < 0) {
        length = (Py_ssize_t)wcslen(s);
    }
    else {
        while (length < f->precision && s[length] != L'\0') {
            length++;
        }
    }
    struct c_format whole = *f;
    whole.precision = -1;
    return write_object(writer, PyUnicode_FromWideChar(s, length), &whole);
}

/* Digits with sign, precision (least number of digits), width. */
static int
write_number(_PyUnicodeWriter *writer, const char *digits, Py_ssize_t n, int negative,
             const struct c_format *f)
{
    Py_ssize_t zeros = Py_MAX(f->precision - n, 0);
    Py_ssize_t total = n + zeros + negative;
    Py_ssize_t pad = Py_MAX(f->width - total, 0);
    if (f->zero && !f->left) {
        zeros += pad;
        pad = 0;
    }
    if (_PyUnicodeWriter_Prepare(writer, n + zeros + negative + pad, 127) < 0) {
        return -1;
    }
    if (pad > 0 && !f->left) {
        _PyUnicode_FastFill(writer->buffer, writer->pos, pad, ' ');
        writer->pos += pad;
    }
    if (negative) {
        WRITE(writer->kind, writer->data, writer->pos, '-');
        writer->pos++;
    }
    if (zeros > 0) {
        _PyUnicode_FastFill(writer->buffer, writer->pos, zeros, '0');
        writer->pos += zeros;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        WRITE(writer->kind, writer->data, writer->pos, (unsigned char)digits[i]);
        writer->pos++;
    }
    if (pad > 0 && f->left) {
        _PyUnicode_FastFill(writer->buffer, writer->pos, pad, ' ');
        writer->pos += pad;
    }
    return 0;
}

static int
write_integer(_PyUnicodeWriter *writer, uintmax_t value, int negative, char conversion,
              const struct c_format *f)
{
    char buffer[3 * sizeof(uintmax_t)];
    char *end = buffer + sizeof(buffer), *p = end;
    unsigned base = conversion == 'o' ? 8 : conversion == 'x' || conversion == 'X' ? 16 : 10;
    const char *digits = conversion == 'X' ? "0123456789ABCDEF" : Py_hexdigits;
    do {
        *--p = digits[value % base];
        value /= base;
    } while (value != 0);
    return write_number(writer, p, end - p, negative, f);
}

/* -- Parsing ------------------------------------------------------------------------------- */

/* A decimal number or '*'; -2 on overflow. */
static Py_ssize_t
parse_number(const char **pf, va_list *vargs, const char *what)
{
    const char *f = *pf;
    Py_ssize_t n = 0;
    if (*f == '*') {
        n = va_arg(*vargs, int);
        f++;
    }
    else {
        while (Py_ISDIGIT((unsigned char)*f)) {
            if (n > (PY_SSIZE_T_MAX - (*f - '0')) / 10) {
                PyErr_Format(PyExc_ValueError, "%s too big", what);
                return -2;
            }
            n = n * 10 + (*f++ - '0');
        }
    }
    *pf = f;
    return n;
}

static int
write_integer_arg(_PyUnicodeWriter *writer, char conversion, const struct c_format *f,
                  va_list *vargs)
{
    if (conversion == 'd' || conversion == 'i') {
        intmax_t value;
        switch (f->size) {
        case MOD_LONG: value = va_arg(*vargs, long); break;
        case MOD_LONGLONG: value = va_arg(*vargs, long long); break;
        case MOD_SIZE: value = va_arg(*vargs, Py_ssize_t); break;
        case MOD_MAX: value = va_arg(*vargs, intmax_t); break;
        case MOD_PTRDIFF: value = va_arg(*vargs, ptrdiff_t); break;
        default: value = va_arg(*vargs, int);
        }
        return write_integer(writer, value < 0 ? -(uintmax_t)value : (uintmax_t)value, value < 0,
                             conversion, f);
    }
    uintmax_t value;
    switch (f->size) {
    case MOD_LONG: value = va_arg(*vargs, unsigned long); break;
    case MOD_LONGLONG: value = va_arg(*vargs, unsigned long long); break;
    case MOD_SIZE: value = va_arg(*vargs, size_t); break;
    case MOD_MAX: value = va_arg(*vargs, uintmax_t); break;
    case MOD_PTRDIFF: value = (uintmax_t)va_arg(*vargs, ptrdiff_t); break;
    default: value = va_arg(*vargs, unsigned int);
    }
    return write_integer(writer, value, 0, conversion, f);
}

static int
write_pointer(_PyUnicodeWriter *writer, void *pointer, const struct c_format *f)
{
    char buffer[2 + 2 * sizeof(void *) + 1];
    snprintf(buffer, sizeof(buffer), "0x%zx", (size_t)(uintptr_t)pointer);
    struct c_format whole = *f;
    whole.precision = -1;
    return write_number(writer, buffer, (Py_ssize_t)strlen(buffer), 0, &whole);
}

/* One conversion at f (behind '%'); where to go on, or NULL. */
static const char *
format_one(_PyUnicodeWriter *writer, const char *f, va_list *vargs)
{
    const char *start = f - 1;
    struct c_format spec = {.width = -1, .precision = -1, .size = MOD_INT};
    for (;; f++) {
        if (*f == '-') {
            spec.left = 1;
        }
        else if (*f == '0') {
            spec.zero = 1;
        }
        else if (*f == '#') {
            spec.alternate = 1;
        }
        else {
            break;
        }
    }
    if (*f == '*' || Py_ISDIGIT((unsigned char)*f)) {
        spec.width = parse_number(&f, vargs, "width");
        if (spec.width == -2 && PyErr_Occurred()) {
            return NULL;
        }
        if (spec.width < 0) {
            spec.left = 1;
            spec.width = -spec.width;
        }
    }
    if (*f == '.') {
        f++;
        spec.precision = parse_number(&f, vargs, "precision");
        if (spec.precision == -2 && PyErr_Occurred()) {
            return NULL;
        }
        if (spec.precision < 0) {
            spec.precision = -2;  // none
        }
    }
    switch (*f) {
    case 'l':
        spec.size = f[1] == 'l' ? MOD_LONGLONG : MOD_LONG;
        f += f[1] == 'l' ? 2 : 1;
        break;
    case 'z': spec.size = MOD_SIZE; f++; break;
    case 'j': spec.size = MOD_MAX; f++; break;
    case 't': spec.size = MOD_PTRDIFF; f++; break;
    default: break;
    }
    char conversion = *f;
    if (conversion == '\0') {
        goto invalid;
    }
    if (f[1] == '\0') {
        writer->overallocate = 0;
    }
    int wide = spec.size == MOD_LONG;
    /* Modifiers mean something for integers, and l for s and V. */
    if (spec.size != MOD_INT && strchr("diouxX", conversion) == NULL
            && !(wide && (conversion == 's' || conversion == 'V'))) {
        goto invalid;
    }
    int failed;
    switch (conversion) {
    case 'c': {
        int ordinal = va_arg(*vargs, int);
        if (ordinal < 0 || ordinal > MAX_UNICODE) {
            PyErr_SetString(PyExc_OverflowError, "character argument not in range(0x110000)");
            return NULL;
        }
        failed = _PyUnicodeWriter_WriteCharInline(writer, (Py_UCS4)ordinal);
        break;
    }
    case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
        failed = write_integer_arg(writer, conversion, &spec, vargs);
        break;
    case 'p':
        failed = write_pointer(writer, va_arg(*vargs, void *), &spec);
        break;
    case 's':
        failed = wide ? write_wide(writer, va_arg(*vargs, const wchar_t *), &spec)
                      : write_utf8(writer, va_arg(*vargs, const char *), &spec);
        break;
    case 'U':
        failed = write_object(writer, Py_NewRef(va_arg(*vargs, PyObject *)), &spec);
        break;
    case 'V': {
        PyObject *obj = va_arg(*vargs, PyObject *);
        const void *str = va_arg(*vargs, const void *);
        failed = obj != NULL ? write_object(writer, Py_NewRef(obj), &spec)
               : wide ? write_wide(writer, str, &spec) : write_utf8(writer, str, &spec);
        break;
    }
    case 'S':
        failed = write_object(writer, PyObject_Str(va_arg(*vargs, PyObject *)), &spec);
        break;
    case 'R':
        failed = write_object(writer, PyObject_Repr(va_arg(*vargs, PyObject *)), &spec);
        break;
    case 'A':
        failed = write_object(writer, PyObject_ASCII(va_arg(*vargs, PyObject *)), &spec);
        break;
    case 'T':
    case 'N': {
        PyObject *obj = va_arg(*vargs, PyObject *);
        PyTypeObject *type = conversion == 'T' ? Py_TYPE(obj) : (PyTypeObject *)obj;
        if (!PyType_Check(type)) {
            PyErr_SetString(PyExc_TypeError, "%N argument must be a type");
            return NULL;
        }
        failed = write_object(writer,
                              _PyType_GetFullyQualifiedName(type, spec.alternate ? ':' : '.'),
                              &spec);
        break;
    }
    default:
        goto invalid;
    }
    return failed < 0 ? NULL : f + 1;
invalid:
    PyErr_Format(PyExc_SystemError, "invalid format string: %s", start);
    return NULL;
}

/* -- Functions ----------------------------------------------------------------------------- */

static int
unicode_from_format(_PyUnicodeWriter *writer, const char *format, va_list vargs)
{
    va_list args;
    int result = -1;
    writer->min_length += (Py_ssize_t)strlen(format) + 100;
    writer->overallocate = 1;
    va_copy(args, vargs);
    for (const char *f = format; *f != '\0';) {
        if (*f == '%') {
            if (f[1] == '%') {
                if (_PyUnicodeWriter_WriteCharInline(writer, '%') < 0) {
                    goto done;
                }
                f += 2;
                continue;
            }
            f = format_one(writer, f + 1, &args);
            if (f == NULL) {
                goto done;
            }
            continue;
        }
        const char *p = f;
        while (*p != '\0' && *p != '%') {
            if ((unsigned char)*p > 127) {
                PyErr_Format(PyExc_ValueError,
                             "PyUnicode_FromFormatV() expects an ASCII-encoded format "
                             "string, got a non-ASCII byte: 0x%02x", (unsigned char)*p);
                goto done;
            }
            p++;
        }
        if (*p == '\0') {
            writer->overallocate = 0;
        }
        if (_PyUnicodeWriter_WriteASCIIString(writer, f, p - f) < 0) {
            goto done;
        }
        f = p;
    }
    result = 0;
done:
    va_end(args);
    return result;
}

PyObject *
PyUnicode_FromFormatV(const char *format, va_list vargs)
{
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (unicode_from_format(&writer, format, vargs) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

PyObject *
PyUnicode_FromFormat(const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    PyObject *result = PyUnicode_FromFormatV(format, vargs);
    va_end(vargs);
    return result;
}

int
PyUnicodeWriter_Format(PyUnicodeWriter *pwriter, const char *format, ...)
{
    _PyUnicodeWriter *writer = (_PyUnicodeWriter *)pwriter;
    Py_ssize_t old_pos = writer->pos;
    va_list vargs;
    va_start(vargs, format);
    int result = unicode_from_format(writer, format, vargs);
    va_end(vargs);
    writer->overallocate = 1;
    if (result < 0) {
        writer->pos = old_pos;
    }
    return result;
}

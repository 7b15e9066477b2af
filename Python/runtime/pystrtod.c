/* The public functions between doubles and decimal text, independent of the locale. */
#include "Python.h"
#include "pycore_dtoa.h"

#include <errno.h>
#include <stdbool.h>

/* -- Reading -------------------------------------------------------------- */

static bool
matches(const char *s, const char *word)
{
    while (*word != '\0' && Py_TOLOWER(*s) == *word) {
        s++;
        word++;
    }
    return *word == '\0';
}

double
_Py_parse_inf_or_nan(const char *text, char **end)
{
    const char *s = text;
    bool negative = *s == '-';
    if (*s == '-' || *s == '+') {
        s++;
    }
    double value;
    if (matches(s, "inf")) {
        s += matches(s + 3, "inity") ? 8 : 3;
        value = Py_INFINITY;
    }
    else if (matches(s, "nan")) {
        s += 3;
        value = fabs(Py_NAN);
    }
    else {
        *end = (char *)text;
        return -1.0;
    }
    *end = (char *)s;
    return negative ? -value : value;
}

double
PyOS_string_to_double(const char *s, char **endptr, PyObject *overflow_exception)
{
    char *end;
    errno = 0;
    double x = _Py_dg_strtod(s, &end);
    int error = errno;
    if (end == s) {
        x = _Py_parse_inf_or_nan(s, &end);
        error = 0;
    }
    double result = -1.0;
    if (end == s || (endptr == NULL && *end != '\0')) {
        PyErr_Format(PyExc_ValueError, "could not convert string to float: '%.200s'", s);
    }
    else if (error == ERANGE && fabs(x) >= 1.0 && overflow_exception != NULL) {
        PyErr_Format(overflow_exception, "value too large to convert to float: '%.200s'", s);
    }
    else {
        result = x;
    }
    if (endptr != NULL) {
        *endptr = end;
    }
    return result;
}

PyObject *
_Py_string_to_number_with_underscores(const char *text, Py_ssize_t size, const char *what,
                                      PyObject *shown, void *arg,
                                      PyObject *(*parse)(const char *, Py_ssize_t, void *))
{
    assert(text[size] == '\0');
    if (strchr(text, '_') == NULL) {
        return parse(text, size, arg);
    }
    char *copy = PyMem_Malloc((size_t)size + 1);
    if (copy == NULL) {
        return PyErr_NoMemory();
    }
    char *out = copy, previous = '\0';
    const char *p = text;
    bool valid = true;
    for (; *p != '\0' && valid; p++) {
        if (*p == '_') {
            valid = Py_ISDIGIT(previous);
        }
        else {
            *out++ = *p;
            valid = previous != '_' || Py_ISDIGIT(*p);
        }
        previous = *p;
    }
    valid = valid && previous != '_' && p == text + size;
    PyObject *result = NULL;
    if (valid) {
        *out = '\0';
        result = parse(copy, out - copy, arg);
    }
    else {
        PyErr_Format(PyExc_ValueError, "could not convert string to %s: %R", what, shown);
    }
    PyMem_Free(copy);
    return result;
}

/* -- Writing -------------------------------------------------------------- */

/* How the digits of a finite number become text. */
struct layout {
    const char *digits;
    Py_ssize_t size;        /* of digits */
    Py_ssize_t point;       /* place of the point: before digits[point] */
    Py_ssize_t start, end;  /* written range of digit places; zeros where there are no digits */
    int exponent;
    char exponent_char;     /* 'e', 'E' or 0 */
    char sign;              /* '-', '+' or 0 */
    bool keep_point;        /* also when nothing follows it */
};

static char *
fill(char *p, char c, Py_ssize_t count)
{
    if (count > 0) {
        memset(p, c, (size_t)count);
        p += count;
    }
    return p;
}

static char *
layout_write(const struct layout *t, char *p)
{
    if (t->sign) {
        *p++ = t->sign;
    }
    if (t->point <= 0) {
        p = fill(p, '0', t->point - t->start);
        *p++ = '.';
        p = fill(p, '0', -t->point);
    }
    if (t->point > 0 && t->point <= t->size) {
        memcpy(p, t->digits, (size_t)t->point);
        p += t->point;
        *p++ = '.';
        memcpy(p, t->digits + t->point, (size_t)(t->size - t->point));
        p += t->size - t->point;
    }
    else {
        memcpy(p, t->digits, (size_t)t->size);
        p += t->size;
    }
    if (t->size < t->point) {
        p = fill(p, '0', t->point - t->size);
        *p++ = '.';
        p = fill(p, '0', t->end - t->point);
    }
    else {
        p = fill(p, '0', t->end - t->size);
    }
    if (p[-1] == '.' && !t->keep_point) {
        p--;
    }
    if (t->exponent_char) {
        *p++ = t->exponent_char;
        int e = t->exponent;
        *p++ = e < 0 ? '-' : '+';
        if (e < 0) {
            e = -e;
        }
        if (e >= 100) {
            *p++ = (char)('0' + e / 100);
            e %= 100;
        }
        *p++ = (char)('0' + e / 10);
        *p++ = (char)('0' + e % 10);
    }
    return p;
}

/* code: 'e', 'f', 'g' or 'r'; digits holds the digits on return. */
static void
layout_init(struct layout *t, char *digits, double x, char code, int precision, int flags)
{
    int decpt, mode = code == 'r' ? 0 : code == 'f' ? 3 : 2;
    bool dot_0 = flags & Py_DTSF_ADD_DOT_0, use_exponent = false;
    Py_ssize_t wanted = precision;
    if (code == 'e') {
        wanted++;
    }
    else if (code == 'g' && precision == 0) {
        wanted = 1;
    }
    int ndigits = wanted > INT_MAX ? INT_MAX : (int)wanted;
    t->digits = digits;
    t->size = _Py_dtoa_digits(fabs(x), mode, ndigits, digits, &decpt);
    bool is_zero = t->size == 0 || digits[0] == '0';
    t->sign = signbit(x) && !(is_zero && (flags & Py_DTSF_NO_NEG_0)) ? '-' : flags & Py_DTSF_SIGN ? '+' : 0;
    t->point = decpt;
    t->end = t->size;
    switch (code) {
    case 'e':
        use_exponent = true;
        t->end = wanted;
        break;
    case 'f':
        t->end = t->point + wanted;
        break;
    case 'g':
        use_exponent = t->point <= -4 || t->point > wanted - (dot_0 ? 1 : 0);
        if (flags & Py_DTSF_ALT) {
            t->end = wanted;
        }
        break;
    default:
        use_exponent = t->point <= -4 || t->point > 16;
        break;
    }
    t->exponent_char = use_exponent ? 'e' : 0;
    if (use_exponent) {
        t->exponent = decpt - 1;
        t->point = 1;
    }
    t->start = t->point <= 0 ? t->point - 1 : 0;
    Py_ssize_t least = t->point + (!use_exponent && dot_0 ? 1 : 0);
    if (t->end < least) {
        t->end = least;
    }
    t->keep_point = flags & Py_DTSF_ALT;
}

static size_t
layout_size(const struct layout *t)
{
    return 3 + (size_t)(t->end - t->start) + (t->exponent_char ? 5 : 0);
}

static int
write_special(char *p, double x, bool upper, int flags)
{
    char *start = p;
    if (isinf(x)) {
        if (x < 0) {
            *p++ = '-';
        }
        else if (flags & Py_DTSF_SIGN) {
            *p++ = '+';
        }
        memcpy(p, upper ? "INF" : "inf", 3);
    }
    else {
        if (flags & Py_DTSF_SIGN) {
            *p++ = '+';
        }
        memcpy(p, upper ? "NAN" : "nan", 3);
    }
    return (int)(p + 3 - start);
}

char *
PyOS_double_to_string(double x, char format_code, int precision, int flags, int *type)
{
    bool upper = false;
    char code = format_code;
    switch (code) {
    case 'E':
    case 'F':
    case 'G':
        upper = true;
        code = (char)(code - 'A' + 'a');
        break;
    case 'e':
    case 'f':
    case 'g':
        break;
    case 'r':
        if (precision == 0) {
            break;
        }
        /* fall through */
    default:
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!isfinite(x)) {
        char *result = PyMem_Malloc(8);
        if (result == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        result[write_special(result, x, upper, flags)] = '\0';
        if (type != NULL) {
            *type = isinf(x) ? Py_DTST_INFINITE : Py_DTST_NAN;
        }
        return result;
    }
    char digits[_Py_DTOA_BUFFER];
    struct layout t;
    layout_init(&t, digits, x, code, precision, flags);
    if (upper && t.exponent_char) {
        t.exponent_char = 'E';
    }
    char *result = PyMem_Malloc(layout_size(&t) + 1);
    if (result == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    *layout_write(&t, result) = '\0';
    if (type != NULL) {
        *type = Py_DTST_FINITE;
    }
    return result;
}

int
_Py_double_repr(double x, char *buffer)
{
    if (!isfinite(x)) {
        return write_special(buffer, x, false, 0);
    }
    char digits[24];
    struct layout t;
    layout_init(&t, digits, x, 'r', 0, Py_DTSF_ADD_DOT_0);
    return (int)(layout_write(&t, buffer) - buffer);
}

/* Text to int. */
#include "long_int.h"
#include "pycore_unicodeobject.h"  // _PyUnicode_TransformDecimalAndSpaceToASCII

/* Value of an ASCII character as a digit, 37 if it is none. */
#define X 37
unsigned char _PyLong_DigitValue[256] = {
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, X, X, X, X, X, X,
    X, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, X, X, X, X, X,
    X, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
#undef X

/* -- Magnitudes ----------------------------------------------------------- */

/* `count` digits among underscores, in a base that is a power of two. */
static PyObject *
parse_bits(const char *s, const char *end, Py_ssize_t count, unsigned bits, bool negative)
{
    if ((size_t)count > (SIZE_MAX / 2 - 64) / bits) {
        PyErr_SetString(PyExc_ValueError, "int string too large to convert");
        return NULL;
    }
    Py_ssize_t size = (Py_ssize_t)(((size_t)count * bits + PyLong_SHIFT - 1) / PyLong_SHIFT);
    PyLongObject *z = _PyLong_Alloc(size);
    if (z == NULL) {
        return NULL;
    }
    twodigits accumulator = 0;
    unsigned have = 0;
    Py_ssize_t i = 0;
    while (end > s) {
        if (*--end == '_') {
            continue;
        }
        accumulator |= (twodigits)_PyLong_DigitValue[Py_CHARMASK(*end)] << have;
        have += bits;
        if (have >= PyLong_SHIFT) {
            DIGITS(z)[i++] = (digit)(accumulator & PyLong_MASK);
            accumulator >>= PyLong_SHIFT;
            have -= PyLong_SHIFT;
        }
    }
    if (have) {
        DIGITS(z)[i++] = (digit)accumulator;
    }
    assert(i <= size);
    while (i < size) {
        DIGITS(z)[i++] = 0;
    }
    _PyLong_SetSignAndDigitCount(z, negative ? -1 : 1, size);
    return _PyLong_Finish(z);
}

static PyObject *
parse_digits(const char *s, const char *end, Py_ssize_t count, int base, bool negative)
{
    if (count <= 18 && base == 10) {
        int64_t value = 0;
        for (; s < end; s++) {
            if (*s != '_') {
                value = value * 10 + (*s - '0');
            }
        }
        return _PyLong_FromInt64Fast(negative ? -value : value);
    }
    if (count > _PY_LONG_MAX_STR_DIGITS_THRESHOLD) {
        int limit = _PyLong_MaxStrDigits();
        if (limit > 0 && count > limit) {
            PyErr_Format(PyExc_ValueError,
                         "Exceeds the limit (%d digits) for integer string conversion: value has %zd digits; "
                         "use sys.set_int_max_str_digits() to increase the limit",
                         limit, count);
            return NULL;
        }
    }
    size_t room = _PyLimbs_PARSE_SIZE((size_t)count);
    unsigned char stack[128], *digits = count <= 128 ? stack : PyMem_Malloc((size_t)count);
    struct limb_buffer buffer;
    if (digits == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    if (limb_buffer_init(&buffer, room) == 0) {
        unsigned char *p = digits;
        for (; s < end; s++) {
            if (*s != '_') {
                *p++ = _PyLong_DigitValue[Py_CHARMASK(*s)];
            }
        }
        ptrdiff_t n = _PyLimbs_FromDigits(buffer.limbs, digits, (size_t)count, base);
        if (n < 0) {
            PyErr_NoMemory();
        }
        else {
            result = _PyLong_FromLimbs(buffer.limbs, (size_t)n, negative);
        }
        limb_buffer_free(&buffer);
    }
    if (digits != stack) {
        PyMem_Free(digits);
    }
    return result;
}

/* Digits and single underscores between them.  Returns the end, NULL if the text is malformed. */
static const char *
scan_digits(const char *s, int base, Py_ssize_t *count)
{
    const char *start = s;
    Py_ssize_t n = 0;
    while (1) {
        if (_PyLong_DigitValue[Py_CHARMASK(*s)] < base) {
            n++;
        }
        else if (*s != '_' || s == start || s[-1] == '_') {
            break;
        }
        s++;
    }
    if (n == 0 || s[-1] == '_') {
        return NULL;
    }
    *count = n;
    return s;
}

/* -- Entry points --------------------------------------------------------- */

PyObject *
PyLong_FromString(const char *text, char **pend, int base)
{
    const char *s = text;
    bool negative = false, must_be_zero = false;
    int given_base = base;
    if (base != 0 && (base < 2 || base > 36)) {
        PyErr_SetString(PyExc_ValueError, "int() arg 2 must be >= 2 and <= 36");
        return NULL;
    }
    while (Py_ISSPACE(*s)) {
        s++;
    }
    if (*s == '+' || *s == '-') {
        negative = *s == '-';
        s++;
    }
    char letter = s[0] == '0' ? (char)Py_TOLOWER(s[1]) : '\0';
    int prefixed = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (base == 0) {
        if (prefixed) {
            base = prefixed;
        }
        else {
            /* "0", "00" are zero; any other number with a leading zero is an error */
            must_be_zero = s[0] == '0';
            base = 10;
        }
    }
    if (prefixed == base) {
        s += 2;
        if (*s == '_') {
            s++;
        }
    }
    Py_ssize_t count = 0;
    const char *end = scan_digits(s, base, &count);
    if (end == NULL) {
        if (prefixed == base) {
            s -= s[-1] == '_' ? 3 : 2;
        }
        goto malformed;
    }
    PyObject *result;
    if ((base & (base - 1)) == 0) {
        result = parse_bits(s, end, count, (unsigned)__builtin_ctz((unsigned)base), negative);
    }
    else {
        result = parse_digits(s, end, count, base, negative);
    }
    if (result == NULL) {
        if (pend != NULL) {
            *pend = NULL;
        }
        return NULL;
    }
    s = end;
    if (must_be_zero && !_PyLong_IsZero(LONG(result))) {
        Py_DECREF(result);
        goto malformed;
    }
    while (Py_ISSPACE(*s)) {
        s++;
    }
    if (*s == '\0' || pend != NULL) {
        if (pend != NULL) {
            *pend = (char *)s;
        }
        return result;
    }
    Py_DECREF(result);
malformed:
    if (pend != NULL) {
        *pend = (char *)s;
    }
    size_t size = strlen(text);
    PyObject *shown = PyUnicode_FromStringAndSize(text, size < 200 ? (Py_ssize_t)size : 200);
    if (shown != NULL) {
        PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R", given_base, shown);
        Py_DECREF(shown);
    }
    return NULL;
}

PyObject *
_PyLong_FromBytes(const char *s, Py_ssize_t size, int base)
{
    char *end = NULL;
    PyObject *result = PyLong_FromString(s, &end, base);
    if (end == NULL || (result != NULL && end == s + size)) {
        return result;
    }
    Py_XDECREF(result);
    PyObject *shown = PyBytes_FromStringAndSize(s, size < 200 ? size : 200);
    if (shown != NULL) {
        PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R", base, shown);
        Py_DECREF(shown);
    }
    return NULL;
}

PyObject *
PyLong_FromUnicodeObject(PyObject *text, int base)
{
    PyObject *ascii = _PyUnicode_TransformDecimalAndSpaceToASCII(text);
    if (ascii == NULL) {
        return NULL;
    }
    Py_ssize_t size;
    const char *buffer = PyUnicode_AsUTF8AndSize(ascii, &size);
    assert(buffer != NULL);
    char *end = NULL;
    PyObject *result = PyLong_FromString(buffer, &end, base);
    if (end == NULL || (result != NULL && end == buffer + size)) {
        Py_DECREF(ascii);
        return result;
    }
    Py_DECREF(ascii);
    Py_XDECREF(result);
    PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R", base, text);
    return NULL;
}

/* -- C's own strtol in Python's clothes ----------------------------------- */

/* Digits with an optional prefix, unsigned; ERANGE and the maximum on overflow. */
unsigned long
PyOS_strtoul(const char *text, char **end, int base)
{
    const char *s = text;
    unsigned long value = 0;
    bool overflow = false;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    char letter = s[0] == '0' ? (char)Py_TOLOWER(s[1]) : '\0';
    int prefixed = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (base == 0) {
        if (prefixed) {
            base = prefixed;
        }
        else if (s[0] == '0') {
            /* only zeros are a number */
            while (*s == '0') {
                s++;
            }
            while (Py_ISSPACE(*s)) {
                s++;
            }
            if (end != NULL) {
                *end = (char *)s;
            }
            return 0;
        }
        else {
            base = 10;
        }
    }
    if (base < 2 || base > 36) {
        if (end != NULL) {
            *end = (char *)s;
        }
        return 0;
    }
    if (prefixed == base) {
        if (_PyLong_DigitValue[Py_CHARMASK(s[2])] >= base) {
            if (end != NULL) {
                *end = (char *)(s + 1);
            }
            return 0;
        }
        s += 2;
    }
    for (; _PyLong_DigitValue[Py_CHARMASK(*s)] < base; s++) {
        unsigned long product;
        if (__builtin_mul_overflow(value, (unsigned long)base, &product)
            || __builtin_add_overflow(product, (unsigned long)_PyLong_DigitValue[Py_CHARMASK(*s)], &value)) {
            overflow = true;
        }
    }
    if (end != NULL) {
        *end = (char *)s;
    }
    if (overflow) {
        errno = ERANGE;
        return (unsigned long)-1;
    }
    return value;
}

long
PyOS_strtol(const char *s, char **end, int base)
{
    while (*s && Py_ISSPACE(*s)) {
        s++;
    }
    char sign = *s;
    if (sign == '+' || sign == '-') {
        s++;
    }
    unsigned long value = PyOS_strtoul(s, end, base);
    if (value <= LONG_MAX) {
        return sign == '-' ? -(long)value : (long)value;
    }
    if (sign == '-' && value == (unsigned long)LONG_MAX + 1) {
        return LONG_MIN;
    }
    errno = ERANGE;
    return LONG_MAX;
}

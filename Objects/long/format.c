/* int to text: decimal by the limb algorithms, bases 2, 8, 16 bit by bit. */
#include "long_int.h"
#include "pycore_unicodeobject.h"  // _PyUnicode_FromASCII

/* -- Digits in a buffer --------------------------------------------------- */

static int
text_reserve(struct _PyLong_Text *t, size_t size)
{
    if (size <= sizeof(t->stack)) {
        t->start = t->stack;
        return 0;
    }
    t->start = t->memory = PyMem_Malloc(size);
    if (t->memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static int
limit_exceeded(int limit)
{
    PyErr_Format(PyExc_ValueError,
                 "Exceeds the limit (%d digits) for integer string conversion; "
                 "use sys.set_int_max_str_digits() to increase the limit",
                 limit);
    return -1;
}

static void
format_word(struct _PyLong_Text *t, uint64_t magnitude, bool negative)
{
    char *p = t->stack + sizeof(t->stack), *end = p;
    do {
        *--p = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude);
    if (negative) {
        *--p = '-';
    }
    t->start = p;
    t->size = end - p;
}

static int
format_decimal(struct _PyLong_Text *t, const PyLongObject *v)
{
    int64_t value;
    bool negative = _PyLong_IsNegative(v);
    if (_PyLong_TryInt60((PyObject *)v, &value)) {
        format_word(t, negative ? (uint64_t)-value : (uint64_t)value, negative);
        return 0;
    }
    Py_ssize_t ndigits = _PyLong_DigitCount(v);
    int limit = 0;
    if (ndigits >= 10 * _PY_LONG_MAX_STR_DIGITS_THRESHOLD / (3 * PyLong_SHIFT) + 2) {
        /* Refuse before the work what is certainly too long. */
        limit = _PyLong_MaxStrDigits();
        if (limit > 0 && limit / (3 * PyLong_SHIFT) <= (ndigits - 11) / 10) {
            return limit_exceeded(limit);
        }
    }
    size_t n = LIMBS_OF_DIGITS(ndigits);
    struct limb_buffer buffer;
    if (limb_buffer_init(&buffer, n) < 0) {
        return -1;
    }
    int status = -1;
    n = _PyLong_ToLimbs(buffer.limbs, v);
    if (text_reserve(t, 1 + _PyLimbs_DECIMAL_SIZE(n)) == 0) {
        t->start[0] = '-';
        ptrdiff_t size = _PyLimbs_ToDecimal(t->start + negative, buffer.limbs, n);
        if (size < 0) {
            PyErr_NoMemory();
        }
        else if (limit > 0 && size > limit) {
            limit_exceeded(limit);
        }
        else {
            t->size = size + negative;
            status = 0;
        }
    }
    limb_buffer_free(&buffer);
    return status;
}

static int
format_bits(struct _PyLong_Text *t, const PyLongObject *v, unsigned bits, int alternate)
{
    static const char letters[] = "0123456789abcdef";
    bool negative = _PyLong_IsNegative(v);
    int64_t width = _PyLong_BitLength(v);
    int64_t count = width ? (width + bits - 1) / bits : 1;
    size_t size = (size_t)count + negative + (alternate ? 2 : 0);
    if (text_reserve(t, size) < 0) {
        return -1;
    }
    t->size = (Py_ssize_t)size;
    char *p = t->start + size;
    twodigits accumulator = 0;
    unsigned have = 0;
    Py_ssize_t i = 0, n = _PyLong_DigitCount(v);
    for (; count > 0; count--) {
        if (have < bits && i < n) {
            accumulator |= (twodigits)DIGITS(v)[i++] << have;
            have += PyLong_SHIFT;
        }
        *--p = letters[accumulator & ((1u << bits) - 1)];
        accumulator >>= bits;
        have = have > bits ? have - bits : 0;
    }
    if (alternate) {
        *--p = bits == 4 ? 'x' : bits == 3 ? 'o' : 'b';
        *--p = '0';
    }
    if (negative) {
        *--p = '-';
    }
    return 0;
}

int
_PyLong_FormatText(struct _PyLong_Text *t, PyObject *op, int base, int alternate)
{
    t->memory = NULL;
    if (op == NULL || !PyLong_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    switch (base) {
    case 10:
        return format_decimal(t, LONG(op));
    case 16:
        return format_bits(t, LONG(op), 4, alternate);
    case 8:
        return format_bits(t, LONG(op), 3, alternate);
    default:
        assert(base == 2);
        return format_bits(t, LONG(op), 1, alternate);
    }
}

/* -- Users ---------------------------------------------------------------- */

PyObject *
_PyLong_Format(PyObject *op, int base)
{
    struct _PyLong_Text t;
    PyObject *result = NULL;
    /* hex(), oct() and bin() of Python want the prefix */
    if (_PyLong_FormatText(&t, op, base, 1) == 0) {
        result = _PyUnicode_FromASCII(t.start, t.size);
    }
    _PyLong_FreeText(&t);
    return result;
}

int
_PyLong_FormatWriter(_PyUnicodeWriter *writer, PyObject *op, int base, int alternate)
{
    struct _PyLong_Text t;
    int status = -1;
    if (_PyLong_FormatText(&t, op, base, alternate) == 0) {
        status = _PyUnicodeWriter_WriteASCIIString(writer, t.start, t.size);
    }
    _PyLong_FreeText(&t);
    return status;
}

PyObject *
_PyLong_Repr(PyObject *op)
{
    int64_t value;
    if (_PyLong_TryInt60(op, &value) && (uint64_t)value < 10) {
        return Py_NewRef(_Py_LATIN1_CHR((Py_UCS1)('0' + value)));
    }
    return _PyLong_Format(op, 10);
}

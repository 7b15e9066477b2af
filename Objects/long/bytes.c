/* int and bytes: two's complement in either order, native buffers, export and import of digits. */
#include "long_int.h"
#include "pycore_abstract.h"  // _PyNumber_Index

/* -- Two's complement ----------------------------------------------------- */

PyObject *
_PyLong_FromByteArray(const unsigned char *bytes, size_t n, int little_endian, int is_signed)
{
    if (n == 0) {
        return _PyLong_GetZero();
    }
    const unsigned char *p = little_endian ? bytes : bytes + n - 1;
    ptrdiff_t step = little_endian ? 1 : -1;
    bool negative = is_signed && (p[(ptrdiff_t)(n - 1) * step] & 0x80);
    /* Without the bytes that only repeat the sign. */
    unsigned char filler = negative ? 0xff : 0;
    while (n > 0 && p[(ptrdiff_t)(n - 1) * step] == filler) {
        n--;
    }
    if (n <= 7) {
        uint64_t value = negative ? ~(uint64_t)0 : 0;
        for (size_t i = n; i-- > 0;) {
            value = (value << 8) | p[(ptrdiff_t)i * step];
        }
        return _PyLong_FromInt64Fast((int64_t)value);
    }
    n += negative;  /* room for the carry: 0xff 0x00 0x00 */
    if (n > (size_t)PY_SSIZE_T_MAX / 8) {
        PyErr_SetString(PyExc_OverflowError, "byte array too long to convert to int");
        return NULL;
    }
    PyLongObject *v = _PyLong_Alloc((Py_ssize_t)((n * 8 + PyLong_SHIFT - 1) / PyLong_SHIFT));
    if (v == NULL) {
        return NULL;
    }
    twodigits accumulator = 0;
    unsigned have = 0, carry = negative;
    Py_ssize_t k = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned byte = i < n - negative ? p[(ptrdiff_t)i * step] : filler;
        if (negative) {
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
            byte &= 0xff;
        }
        accumulator |= (twodigits)byte << have;
        have += 8;
        if (have >= PyLong_SHIFT) {
            DIGITS(v)[k++] = (digit)(accumulator & PyLong_MASK);
            accumulator >>= PyLong_SHIFT;
            have -= PyLong_SHIFT;
        }
    }
    if (have) {
        DIGITS(v)[k++] = (digit)accumulator;
    }
    _PyLong_SetSignAndDigitCount(v, negative ? -1 : 1, k);
    return _PyLong_Finish(v);
}

/* Fills the buffer with the low n bytes; false if the value needs more. */
static bool
store_bytes(const PyLongObject *v, unsigned char *bytes, size_t n, int little_endian, int is_signed)
{
    unsigned char *p = little_endian ? bytes : bytes + n - 1;
    ptrdiff_t step = little_endian ? 1 : -1;
    Py_ssize_t ndigits = _PyLong_DigitCount(v), k = 0;
    bool negative = _PyLong_IsNegative(v);
    twodigits accumulator = 0;
    unsigned have = 0, carry = negative, last = 0;
    for (size_t i = 0; i < n; i++) {
        if (have < 8 && k < ndigits) {
            accumulator |= (twodigits)DIGITS(v)[k++] << have;
            have += PyLong_SHIFT;
        }
        unsigned byte = (unsigned)(accumulator & 0xff);
        accumulator >>= 8;
        have = have > 8 ? have - 8 : 0;
        if (negative) {
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
            byte &= 0xff;
        }
        p[(ptrdiff_t)i * step] = (unsigned char)byte;
        last = byte;
    }
    int64_t bits = _PyLong_BitLength(v);
    if (!is_signed) {
        return bits <= (int64_t)n * 8;
    }
    if (n == 0) {
        return bits == 0;
    }
    /* The sign bit says what it should, or the value is exactly -2**(8n - 1). */
    return bits < (int64_t)n * 8 || (bits == (int64_t)n * 8 && negative && last >= 0x80);
}

int
_PyLong_AsByteArray(PyLongObject *v, unsigned char *bytes, size_t n, int little_endian, int is_signed,
                    int with_exceptions)
{
    assert(v != NULL && PyLong_Check(v));
    if (_PyLong_IsNegative(v) && !is_signed) {
        if (with_exceptions) {
            PyErr_SetString(PyExc_OverflowError, "can't convert negative int to unsigned");
        }
        return -1;
    }
    if (!store_bytes(v, bytes, n, little_endian, is_signed)) {
        if (with_exceptions) {
            PyErr_SetString(PyExc_OverflowError, "int too big to convert");
        }
        return -1;
    }
    return 0;
}

/* -- Native bytes --------------------------------------------------------- */

static inline int
flags_little_endian(int flags)
{
    if (flags == -1 || (flags & 2)) {
        return PY_LITTLE_ENDIAN;
    }
    return flags & 1;
}

Py_ssize_t
PyLong_AsNativeBytes(PyObject *op, void *buffer, Py_ssize_t n, int flags)
{
    if (op == NULL || n < 0) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *index = NULL;
    if (!PyLong_Check(op)) {
        if (flags == -1 || !(flags & Py_ASNATIVEBYTES_ALLOW_INDEX)) {
            PyErr_Format(PyExc_TypeError, "expect int, got %T", op);
            return -1;
        }
        op = index = _PyNumber_Index(op);
        if (op == NULL) {
            return -1;
        }
    }
    const PyLongObject *v = LONG(op);
    if (flags != -1 && (flags & Py_ASNATIVEBYTES_REJECT_NEGATIVE) && _PyLong_IsNegative(v)) {
        PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
        Py_XDECREF(index);
        return -1;
    }
    bool fits = false;
    if (n > 0) {
        fits = store_bytes(v, buffer, (size_t)n, flags_little_endian(flags), 1);
        /* A positive value may use the sign bit if the caller reads the buffer as unsigned. */
        if (!fits && !_PyLong_IsNegative(v) && (flags == -1 || (flags & Py_ASNATIVEBYTES_UNSIGNED_BUFFER))) {
            fits = _PyLong_BitLength(v) <= (int64_t)n * 8;
        }
    }
    Py_ssize_t result = n;
    if (!fits) {
        result = _PyLong_IsCompact(v) ? (Py_ssize_t)sizeof(size_t)
                                      : (Py_ssize_t)(_PyLong_BitLength(v) / 8 + 1);
    }
    Py_XDECREF(index);
    return result;
}

PyObject *
PyLong_FromNativeBytes(const void *buffer, size_t n, int flags)
{
    if (buffer == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    int is_signed = flags == -1 || !(flags & Py_ASNATIVEBYTES_UNSIGNED_BUFFER);
    return _PyLong_FromByteArray(buffer, n, flags_little_endian(flags), is_signed);
}

PyObject *
PyLong_FromUnsignedNativeBytes(const void *buffer, size_t n, int flags)
{
    if (buffer == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return _PyLong_FromByteArray(buffer, n, flags_little_endian(flags), 0);
}

/* -- Export and import of digits ------------------------------------------ */

static const PyLongLayout native_layout = {
    .bits_per_digit = PyLong_SHIFT,
    .digit_size = sizeof(digit),
    .digits_order = -1,
    .digit_endianness = PY_LITTLE_ENDIAN ? -1 : 1,
};

const PyLongLayout *
PyLong_GetNativeLayout(void)
{
    return &native_layout;
}

int
PyLong_Export(PyObject *op, PyLongExport *out)
{
    if (!PyLong_Check(op)) {
        memset(out, 0, sizeof(*out));
        PyErr_Format(PyExc_TypeError, "expect int, got %T", op);
        return -1;
    }
    int64_t value;
    if (_PyLong_TryInt64(op, &value)) {
        out->value = value;
        out->negative = 0;
        out->ndigits = 0;
        out->digits = NULL;
        out->_reserved = 0;
        return 0;
    }
    out->value = 0;
    out->negative = _PyLong_IsNegative(LONG(op));
    out->ndigits = _PyLong_DigitCount(LONG(op));
    if (out->ndigits == 0) {
        out->ndigits = 1;
    }
    out->digits = DIGITS(LONG(op));
    out->_reserved = (Py_uintptr_t)Py_NewRef(op);
    return 0;
}

void
PyLong_FreeExport(PyLongExport *export)
{
    PyObject *op = (PyObject *)export->_reserved;
    if (op != NULL) {
        export->_reserved = 0;
        Py_DECREF(op);
    }
}

/* A writer is the unfinished int itself. */
PyLongWriter *
PyLongWriter_Create(int negative, Py_ssize_t ndigits, void **digits)
{
    if (ndigits <= 0) {
        PyErr_SetString(PyExc_ValueError, "ndigits must be positive");
        *digits = NULL;
        return NULL;
    }
    PyLongObject *v = _PyLong_Alloc(ndigits);
    if (v == NULL) {
        *digits = NULL;
        return NULL;
    }
    _PyLong_SetSignAndDigitCount(v, negative ? -1 : 1, ndigits);
    memset(DIGITS(v), 0, (size_t)ndigits * sizeof(digit));
    *digits = DIGITS(v);
    return (PyLongWriter *)v;
}

void
PyLongWriter_Discard(PyLongWriter *writer)
{
    if (writer != NULL) {
        Py_DECREF((PyObject *)writer);
    }
}

PyObject *
PyLongWriter_Finish(PyLongWriter *writer)
{
    PyLongObject *v = (PyLongObject *)writer;
    assert(Py_REFCNT(v) == 1);
    return _PyLong_Finish(v);
}

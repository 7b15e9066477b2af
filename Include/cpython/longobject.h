/* int objects: tests, private conversions, export and import of digits. */
#if !defined(Py_CPYTHON_LONGOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_LONGOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#define PyUnstable_Long_IsCompact    PyUnstable_Long_IsCompact
#define PyUnstable_Long_CompactValue PyUnstable_Long_CompactValue

PyAPI_FUNC(Py_ssize_t) PyUnstable_Long_CompactValue(const PyLongObject *integer);
PyAPI_FUNC(int) PyUnstable_Long_IsCompact(const PyLongObject *integer);

/* -- Tests and private conversions -- */
PyAPI_FUNC(PyObject *) PyLong_FromUnicodeObject(PyObject *integer, int flag);
PyAPI_FUNC(int) PyLong_GetSign(PyObject *integer, int *sign);
PyAPI_FUNC(int) PyLong_IsNegative(PyObject *integer);
PyAPI_FUNC(int) PyLong_IsPositive(PyObject *integer);
PyAPI_FUNC(int) PyLong_IsZero(PyObject *integer);
PyAPI_FUNC(int) _PyLong_AsByteArray(
    PyLongObject *integer, unsigned char *bytes, size_t n, int little_endian, int is_signed,
    int with_exceptions);
PyAPI_FUNC(PyObject *) _PyLong_FromByteArray(
    const unsigned char *bytes, size_t n, int little_endian, int is_signed);
PyAPI_FUNC(PyObject *) _PyLong_GCD(PyObject *integer, PyObject *other);
PyAPI_FUNC(int64_t) _PyLong_NumBits(PyObject *integer);
Py_DEPRECATED(3.14) PyAPI_FUNC(int) _PyLong_Sign(PyObject *integer);

/* -- Export: digits of a size and order that the layout tells -- */
typedef struct PyLongLayout {
    uint8_t bits_per_digit;
    uint8_t digit_size;
    int8_t digits_order;  /* 1: most significant first, -1: least significant first */
    int8_t digit_endianness;  /* as digits_order, for the bytes of a digit */
} PyLongLayout;

typedef struct PyLongExport {
    int64_t value;  /* where digits is NULL */
    uint8_t negative;
    Py_ssize_t ndigits;
    const void *digits;
    Py_uintptr_t _reserved;
} PyLongExport;

PyAPI_FUNC(int) PyLong_Export(PyObject *integer, PyLongExport *exported);
PyAPI_FUNC(void) PyLong_FreeExport(PyLongExport *exported);
PyAPI_FUNC(const PyLongLayout *) PyLong_GetNativeLayout(void);

/* -- Import -- */
typedef struct PyLongWriter PyLongWriter;
PyAPI_FUNC(PyLongWriter *) PyLongWriter_Create(int negative, Py_ssize_t ndigits, void **digits);
PyAPI_FUNC(void) PyLongWriter_Discard(PyLongWriter *writer);
PyAPI_FUNC(PyObject *) PyLongWriter_Finish(PyLongWriter *writer);

#ifdef __cplusplus
}
#endif
#endif

/* Layout of int objects: sign, number of digits, digits of 30 bits, the least significant first. */
#if !defined(Py_CPYTHON_LONGINTREPR_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_LONGINTREPR_H

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t digit;
typedef int32_t sdigit;
typedef uint64_t twodigits;
typedef int64_t stwodigits;

#define PyLong_SHIFT 30
#define PyLong_BASE  ((digit)1 << PyLong_SHIFT)
#define PyLong_MASK  ((digit)(PyLong_BASE - 1))

#define _PyLong_DECIMAL_SHIFT 9
#define _PyLong_DECIMAL_BASE  ((digit)1000000000)

/* lv_tag: number of digits << 3, a bit of our own, and two bits: 0 positive, 1 zero, 2 negative. */
#define _PyLong_SIGN_MASK     3
#define _PyLong_NON_SIZE_BITS 3

typedef struct _PyLongValue {
    uintptr_t lv_tag;
    digit ob_digit[1];  /* as many as lv_tag tells, at least one */
} _PyLongValue;

struct _longobject {
    PyObject_HEAD
    _PyLongValue long_value;
};

PyAPI_FUNC(PyObject *) _PyLong_Copy(PyLongObject *integer);
Py_DEPRECATED(3.14) PyAPI_FUNC(PyLongObject *) _PyLong_FromDigits(
    int flag, Py_ssize_t n, digit *digits);
Py_DEPRECATED(3.14) PyAPI_FUNC(PyLongObject *) _PyLong_New(Py_ssize_t n);

#define _PyLong_CAST(op) (assert(PyLong_Check(op)), _Py_CAST(PyLongObject*, (op)))

/* Compact: at most one digit. */
static inline int
_PyLong_IsCompact(const PyLongObject *op)
{
    assert(PyType_HasFeature(op->ob_base.ob_type, Py_TPFLAGS_LONG_SUBCLASS));
    return op->long_value.lv_tag < (2 << _PyLong_NON_SIZE_BITS);
}

static inline Py_ssize_t
_PyLong_CompactValue(const PyLongObject *op)
{
    assert(PyType_HasFeature(op->ob_base.ob_type, Py_TPFLAGS_LONG_SUBCLASS));
    assert(_PyLong_IsCompact(op));
    Py_ssize_t sign = 1 - (Py_ssize_t)(op->long_value.lv_tag & _PyLong_SIGN_MASK);
    return sign * (Py_ssize_t)op->long_value.ob_digit[0];
}

#undef PyUnstable_Long_IsCompact
#undef PyUnstable_Long_CompactValue
#define PyUnstable_Long_IsCompact    _PyLong_IsCompact
#define PyUnstable_Long_CompactValue _PyLong_CompactValue

#ifdef __cplusplus
}
#endif
#endif

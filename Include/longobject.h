/* int objects: conversions from and to C integers. */
#ifndef Py_LONGOBJECT_H
#define Py_LONGOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#define PyLong_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_LONG_SUBCLASS)
#define PyLong_CheckExact(op) Py_IS_TYPE((op), &PyLong_Type)

/* -- From C -- */
PyAPI_FUNC(PyObject *) PyLong_FromDouble(double x);
PyAPI_FUNC(PyObject *) PyLong_FromLong(long value);
PyAPI_FUNC(PyObject *) PyLong_FromLongLong(long long value);
PyAPI_FUNC(PyObject *) PyLong_FromSize_t(size_t size);
PyAPI_FUNC(PyObject *) PyLong_FromSsize_t(Py_ssize_t n);
PyAPI_FUNC(PyObject *) PyLong_FromString(const char *str, char **end, int base);
PyAPI_FUNC(PyObject *) PyLong_FromUnsignedLong(unsigned long value);
PyAPI_FUNC(PyObject *) PyLong_FromUnsignedLongLong(unsigned long long value);
PyAPI_FUNC(PyObject *) PyLong_FromVoidPtr(void *data);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030e0000
PyAPI_FUNC(PyObject *) PyLong_FromInt32(int32_t offset);
PyAPI_FUNC(PyObject *) PyLong_FromInt64(int64_t arg);
PyAPI_FUNC(PyObject *) PyLong_FromNativeBytes(const void *buffer, size_t n_bytes, int flags);
PyAPI_FUNC(PyObject *) PyLong_FromUInt32(uint32_t arg);
PyAPI_FUNC(PyObject *) PyLong_FromUInt64(uint64_t arg);
PyAPI_FUNC(PyObject *) PyLong_FromUnsignedNativeBytes(
    const void *buffer, size_t n_bytes, int flags);
#endif

/* -- To C: -1 with an exception on failure.  The Mask functions wrap around. -- */
PyAPI_FUNC(double) PyLong_AsDouble(PyObject *integer);
PyAPI_FUNC(long) PyLong_AsLong(PyObject *integer);
PyAPI_FUNC(long) PyLong_AsLongAndOverflow(PyObject *integer, int *overflow);
PyAPI_FUNC(long long) PyLong_AsLongLong(PyObject *integer);
PyAPI_FUNC(long long) PyLong_AsLongLongAndOverflow(PyObject *integer, int *overflow);
PyAPI_FUNC(size_t) PyLong_AsSize_t(PyObject *integer);
PyAPI_FUNC(Py_ssize_t) PyLong_AsSsize_t(PyObject *integer);
PyAPI_FUNC(unsigned long) PyLong_AsUnsignedLong(PyObject *integer);
PyAPI_FUNC(unsigned long long) PyLong_AsUnsignedLongLong(PyObject *integer);
PyAPI_FUNC(unsigned long long) PyLong_AsUnsignedLongLongMask(PyObject *integer);
PyAPI_FUNC(unsigned long) PyLong_AsUnsignedLongMask(PyObject *integer);
PyAPI_FUNC(void *) PyLong_AsVoidPtr(PyObject *integer);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030d0000
PyAPI_FUNC(int) PyLong_AsInt(PyObject *integer);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030e0000
PyAPI_FUNC(int) PyLong_AsInt32(PyObject *integer, int32_t *p_value);
PyAPI_FUNC(int) PyLong_AsInt64(PyObject *integer, int64_t *p_value);
PyAPI_FUNC(Py_ssize_t) PyLong_AsNativeBytes(
    PyObject *integer, void *buffer, Py_ssize_t n_bytes, int flags);
PyAPI_FUNC(int) PyLong_AsUInt32(PyObject *integer, uint32_t *p_value);
PyAPI_FUNC(int) PyLong_AsUInt64(PyObject *integer, uint64_t *p_value);
#endif

#define PyLong_AS_LONG(op) PyLong_AsLong(op)

PyAPI_FUNC(PyObject *) PyLong_GetInfo(void);

/* -- Flags of the native bytes functions -- */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030e0000
#define Py_ASNATIVEBYTES_DEFAULTS        (-1)
#define Py_ASNATIVEBYTES_BIG_ENDIAN      0
#define Py_ASNATIVEBYTES_LITTLE_ENDIAN   1
#define Py_ASNATIVEBYTES_NATIVE_ENDIAN   3
#define Py_ASNATIVEBYTES_UNSIGNED_BUFFER 4
#define Py_ASNATIVEBYTES_REJECT_NEGATIVE 8
#define Py_ASNATIVEBYTES_ALLOW_INDEX     16
#endif

/* -- pid_t and pointers, and the letters that parse them -- */
#define _Py_PARSE_PID "i"
#define PyLong_FromPid PyLong_FromLong
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030d0000
#  define PyLong_AsPid PyLong_AsInt
#elif SIZEOF_INT == SIZEOF_LONG
#  define PyLong_AsPid PyLong_AsLong
#else
static inline int
PyLong_AsPid(PyObject *obj)
{
    int overflow;
    long result = PyLong_AsLongAndOverflow(obj, &overflow);
    if (overflow || result > INT_MAX || result < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "the integer does not fit in a C int");
        return -1;
    }
    return (int)result;
}
#endif
#define _Py_PARSE_INTPTR "l"
#define _Py_PARSE_UINTPTR "k"

/* -- strtol() that is the same in all locales -- */
PyAPI_FUNC(long) PyOS_strtol(const char *str, char **strs, int flag);
PyAPI_FUNC(unsigned long) PyOS_strtoul(const char *str, char **strs, int flag);

#include "cpython/longobject.h"

#ifdef __cplusplus
}
#endif
#endif

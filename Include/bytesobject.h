/* bytes objects. */
#ifndef Py_BYTESOBJECT_H
#define Py_BYTESOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyBytesIter_Type;
PyAPI_DATA(PyTypeObject) PyBytes_Type;

#define PyBytes_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_BYTES_SUBCLASS)
#define PyBytes_CheckExact(op) Py_IS_TYPE((op), &PyBytes_Type)

/* The two Concat functions replace *p_bytes, by NULL on failure. */
PyAPI_FUNC(char *) PyBytes_AsString(PyObject *bytes);
PyAPI_FUNC(int) PyBytes_AsStringAndSize(PyObject *bytes, char **p_str, Py_ssize_t *p_size);
PyAPI_FUNC(void) PyBytes_Concat(PyObject **p_bytes, PyObject *right);
PyAPI_FUNC(void) PyBytes_ConcatAndDel(PyObject **p_bytes, PyObject *right);
PyAPI_FUNC(PyObject *) PyBytes_DecodeEscape(
    const char *str, Py_ssize_t n, const char *str2, Py_ssize_t n2, const char *str3);
PyAPI_FUNC(PyObject *) PyBytes_FromFormat(const char *format, ...);
PyAPI_FUNC(PyObject *) PyBytes_FromFormatV(const char *format, va_list vargs);
PyAPI_FUNC(PyObject *) PyBytes_FromObject(PyObject *bytes);
PyAPI_FUNC(PyObject *) PyBytes_FromString(const char *str);
PyAPI_FUNC(PyObject *) PyBytes_FromStringAndSize(const char *str, Py_ssize_t size);
PyAPI_FUNC(PyObject *) PyBytes_Repr(PyObject *bytes, int smartquotes);
PyAPI_FUNC(Py_ssize_t) PyBytes_Size(PyObject *bytes);

#include "cpython/bytesobject.h"

#ifdef __cplusplus
}
#endif
#endif

/* bytearray objects. */
#ifndef Py_BYTEARRAYOBJECT_H
#define Py_BYTEARRAYOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyByteArrayIter_Type;
PyAPI_DATA(PyTypeObject) PyByteArray_Type;

#define PyByteArray_Check(self) PyObject_TypeCheck((self), &PyByteArray_Type)
#define PyByteArray_CheckExact(self) Py_IS_TYPE((self), &PyByteArray_Type)

PyAPI_FUNC(char *) PyByteArray_AsString(PyObject *bytearray);
PyAPI_FUNC(PyObject *) PyByteArray_Concat(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyByteArray_FromObject(PyObject *bytearray);
PyAPI_FUNC(PyObject *) PyByteArray_FromStringAndSize(const char *str, Py_ssize_t size);
PyAPI_FUNC(int) PyByteArray_Resize(PyObject *bytearray, Py_ssize_t newsize);
PyAPI_FUNC(Py_ssize_t) PyByteArray_Size(PyObject *bytearray);

#include "cpython/bytearrayobject.h"

#ifdef __cplusplus
}
#endif
#endif

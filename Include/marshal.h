/* Reading and writing the format of .pyc files. */
#ifndef Py_MARSHAL_H
#define Py_MARSHAL_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API

#define Py_MARSHAL_VERSION 5

/* version: of the format, at most Py_MARSHAL_VERSION */
PyAPI_FUNC(void) PyMarshal_WriteLongToFile(long value, FILE *fp, int flag);
PyAPI_FUNC(void) PyMarshal_WriteObjectToFile(PyObject *op, FILE *fp, int flag);
PyAPI_FUNC(PyObject *) PyMarshal_WriteObjectToString(PyObject *op, int flag);

PyAPI_FUNC(PyObject *) PyMarshal_ReadLastObjectFromFile(FILE *fp);
PyAPI_FUNC(long) PyMarshal_ReadLongFromFile(FILE *fp);
PyAPI_FUNC(PyObject *) PyMarshal_ReadObjectFromFile(FILE *fp);
PyAPI_FUNC(PyObject *) PyMarshal_ReadObjectFromString(const char *str, Py_ssize_t n);
PyAPI_FUNC(int) PyMarshal_ReadShortFromFile(FILE *fp);

#endif

#ifdef __cplusplus
}
#endif
#endif

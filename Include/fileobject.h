/* File objects, as the io module makes them. */
#ifndef Py_FILEOBJECT_H
#define Py_FILEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#define PY_STDIOTEXTMODE "b"

PyAPI_FUNC(PyObject *) PyFile_FromFd(
    int fd, const char *name, const char *mode, int buffering, const char *encoding,
    const char *errors, const char *newline, int closefd);
PyAPI_FUNC(PyObject *) PyFile_GetLine(PyObject *file, int flag);
PyAPI_FUNC(int) PyFile_WriteObject(PyObject *file, PyObject *other, int flag);
PyAPI_FUNC(int) PyFile_WriteString(const char *str, PyObject *file);
PyAPI_FUNC(int) PyObject_AsFileDescriptor(PyObject *obj);
PyAPI_DATA(const char *) Py_FileSystemDefaultEncoding;
PyAPI_DATA(int) Py_HasFileSystemDefaultEncoding;
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03060000
PyAPI_DATA(const char *) Py_FileSystemDefaultEncodeErrors;
#endif

#include "cpython/fileobject.h"

#ifdef __cplusplus
}
#endif
#endif

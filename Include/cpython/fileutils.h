/* Files whose name is an object. */
#if !defined(Py_CPYTHON_FILEUTILS_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_FILEUTILS_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) Py_fclose(FILE *fp);
PyAPI_FUNC(FILE *) Py_fopen(PyObject *op, const char *str);

Py_DEPRECATED(3.14) static inline FILE *
_Py_fopen_obj(PyObject *path, const char *mode)
{
    return Py_fopen(path, mode);
}

#ifdef __cplusplus
}
#endif
#endif

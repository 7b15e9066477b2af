/* The sys module. */
#ifndef Py_SYSMODULE_H
#define Py_SYSMODULE_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(void) PySys_FormatStderr(const char *str, ...);
PyAPI_FUNC(void) PySys_FormatStdout(const char *str, ...);
PyAPI_FUNC(PyObject *) PySys_GetObject(const char *name);
PyAPI_FUNC(PyObject *) PySys_GetXOptions(void);
Py_DEPRECATED(3.11) PyAPI_FUNC(void) PySys_ResetWarnOptions(void);
Py_DEPRECATED(3.11) PyAPI_FUNC(void) PySys_SetArgv(int flag, wchar_t **wstrs);
Py_DEPRECATED(3.11) PyAPI_FUNC(void) PySys_SetArgvEx(int flag, wchar_t **wstrs, int flag2);
PyAPI_FUNC(int) PySys_SetObject(const char *name, PyObject *value);
PyAPI_FUNC(void) PySys_WriteStderr(const char *str, ...);
PyAPI_FUNC(void) PySys_WriteStdout(const char *str, ...);

/* audit.h has the rest. */

#ifdef __cplusplus
}
#endif
#endif

/* Running and compiling source, printing exceptions. */
#ifndef Py_PYTHONRUN_H
#define Py_PYTHONRUN_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(PyObject *) Py_CompileString(const char *str, const char *str2, int flag);

/* -- Printing exceptions -- */
PyAPI_FUNC(void) PyErr_Display(PyObject *type, PyObject *value, PyObject *traceback);
PyAPI_FUNC(void) PyErr_Print(void);
PyAPI_FUNC(void) PyErr_PrintEx(int set_sys_last_vars);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
PyAPI_FUNC(void) PyErr_DisplayException(PyObject *exc);
#endif

PyAPI_DATA(int) (*PyOS_InputHook)(void);

#include "cpython/pythonrun.h"

#ifdef __cplusplus
}
#endif
#endif

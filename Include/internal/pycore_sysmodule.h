/* The sys module from the inside. */
#ifndef Py_INTERNAL_SYSMODULE_H
#define Py_INTERNAL_SYSMODULE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* -- Attributes of sys; new references ------------------------------------------------------------- */

/* 1 and a new reference, 0 and NULL, -1 with an exception. */
PyAPI_FUNC(int) _PySys_GetOptionalAttr(PyObject *name, PyObject **value);
PyAPI_FUNC(int) _PySys_GetOptionalAttrString(const char *name, PyObject **value);
/* RuntimeError "lost sys.name" if it is not there. */
PyAPI_FUNC(PyObject *) _PySys_GetRequiredAttr(PyObject *name);
PyAPI_FUNC(PyObject *) _PySys_GetRequiredAttrString(const char *name);
extern int _PySys_SetAttr(PyObject *name, PyObject *value);

/* -- Objects ---------------------------------------------------------------------------------------- */

/* What sys.getsizeof() gives, (size_t)-1 with an exception. */
PyAPI_FUNC(size_t) _PySys_GetSizeOf(PyObject *object);
/* A new sys.flags; the type and the version are made by sys_info.c. */
extern int _PySys_AddInfo(PyThreadState *tstate, PyObject *sysdict);
extern PyObject *_PySys_MakeFlags(PyInterpreterState *interp);
extern PyObject *_PySys_MakeAsyncgenHooks(PyObject *firstiter, PyObject *finalizer);
extern int _PySys_SetIntMaxStrDigits(int maxdigits);
extern int _PySys_SetFlagInt(const char *name, int value);

/* -- Audit ------------------------------------------------------------------------------------------- */

extern int _PySys_Audit(PyThreadState *tstate, const char *event, const char *format, ...);
extern void _PySys_ClearAuditHooks(PyThreadState *tstate);
extern PyObject *_PySys_AddPythonAuditHook(PyObject *hook);

/* Whether anybody listens: sys.addaudithook() or PySys_AddAuditHook(). */
extern int _PySys_AuditIsOn(void);

/* -- Names ------------------------------------------------------------------------------------------- */

/* frozenset of the names in stdlib_names.def. */
extern PyObject *_PySys_StdlibModuleNames(void);
extern void _PySys_ClearXOptions(void);
#endif

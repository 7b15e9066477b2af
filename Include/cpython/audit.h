/* Hooks that see audit events. */
#if !defined(Py_CPYTHON_AUDIT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_AUDIT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef int (*Py_AuditHookFunction)(const char *, PyObject *, void *);

PyAPI_FUNC(int) PySys_AddAuditHook(Py_AuditHookFunction arg, void *data);

#ifdef __cplusplus
}
#endif
#endif

/* Source files, the hook that opens them, and the printer used before io is there. */
#if !defined(Py_CPYTHON_FILEOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_FILEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(PyObject *) PyFile_NewStdPrinter(int flag);
PyAPI_FUNC(PyObject *) PyFile_OpenCode(const char *str);
PyAPI_FUNC(PyObject *) PyFile_OpenCodeObject(PyObject *file);
PyAPI_DATA(PyTypeObject) PyStdPrinter_Type;
PyAPI_FUNC(char *) Py_UniversalNewlineFgets(char *buf, int flag, FILE *fp, PyObject *op);

typedef PyObject *(*Py_OpenCodeHookFunction)(PyObject *, void *);
PyAPI_FUNC(int) PyFile_SetOpenCodeHook(Py_OpenCodeHookFunction arg, void *data);

#ifdef __cplusplus
}
#endif
#endif

/* Running and compiling source, with every variant of the arguments. */
#if !defined(Py_CPYTHON_PYTHONRUN_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYTHONRUN_H

#ifdef __cplusplus
extern "C" {
#endif

/* -- Running -- */
PyAPI_FUNC(int) PyRun_AnyFile(FILE *fp, const char *str);
PyAPI_FUNC(int) PyRun_AnyFileEx(FILE *fp, const char *str, int flag);
PyAPI_FUNC(int) PyRun_AnyFileExFlags(FILE *fp, const char *str, int flag, PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_AnyFileFlags(FILE *fp, const char *str, PyCompilerFlags *flags);
PyAPI_FUNC(PyObject *) PyRun_File(
    FILE *fp, const char *str, int flag, PyObject *op, PyObject *other);
PyAPI_FUNC(PyObject *) PyRun_FileEx(
    FILE *fp, const char *str, int flag, PyObject *op, PyObject *other, int flag2);
PyAPI_FUNC(PyObject *) PyRun_FileExFlags(
    FILE *fp, const char *str, int flag, PyObject *op, PyObject *other, int flag2,
    PyCompilerFlags *flags);
PyAPI_FUNC(PyObject *) PyRun_FileFlags(
    FILE *fp, const char *str, int flag, PyObject *op, PyObject *other, PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_InteractiveLoop(FILE *fp, const char *str);
PyAPI_FUNC(int) PyRun_InteractiveLoopFlags(FILE *fp, const char *str, PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_InteractiveOne(FILE *fp, const char *str);
PyAPI_FUNC(int) PyRun_InteractiveOneFlags(FILE *fp, const char *str, PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_InteractiveOneObject(FILE *fp, PyObject *op, PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_SimpleFile(FILE *fp, const char *str);
PyAPI_FUNC(int) PyRun_SimpleFileEx(FILE *fp, const char *str, int flag);
PyAPI_FUNC(int) PyRun_SimpleFileExFlags(
    FILE *fp, const char *str, int flag, PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_SimpleString(const char *str);
PyAPI_FUNC(int) PyRun_SimpleStringFlags(const char *str, PyCompilerFlags *flags);
PyAPI_FUNC(PyObject *) PyRun_String(const char *str, int flag, PyObject *op, PyObject *other);
PyAPI_FUNC(PyObject *) PyRun_StringFlags(
    const char *str, int flag, PyObject *op, PyObject *other, PyCompilerFlags *flags);

#define PyRun_String(str, s, g, l)        PyRun_StringFlags((str), (s), (g), (l), NULL)
#define PyRun_AnyFile(fp, name)           PyRun_AnyFileExFlags((fp), (name), 0, NULL)
#define PyRun_AnyFileEx(fp, name, closeit) PyRun_AnyFileExFlags((fp), (name), (closeit), NULL)
#define PyRun_AnyFileFlags(fp, name, flags) PyRun_AnyFileExFlags((fp), (name), 0, (flags))
#define PyRun_SimpleString(s)             PyRun_SimpleStringFlags((s), NULL)
#define PyRun_SimpleFile(f, p)            PyRun_SimpleFileExFlags((f), (p), 0, NULL)
#define PyRun_SimpleFileEx(f, p, c)       PyRun_SimpleFileExFlags((f), (p), (c), NULL)
#define PyRun_InteractiveOne(f, p)        PyRun_InteractiveOneFlags((f), (p), NULL)
#define PyRun_InteractiveLoop(f, p)       PyRun_InteractiveLoopFlags((f), (p), NULL)
#define PyRun_File(fp, p, s, g, l)        PyRun_FileExFlags((fp), (p), (s), (g), (l), 0, NULL)
#define PyRun_FileEx(fp, p, s, g, l, c)   PyRun_FileExFlags((fp), (p), (s), (g), (l), (c), NULL)
#define PyRun_FileFlags(fp, p, s, g, l, flags) \
    PyRun_FileExFlags((fp), (p), (s), (g), (l), 0, (flags))

/* -- Compiling -- */
PyAPI_FUNC(PyObject *) Py_CompileStringExFlags(
    const char *str, const char *str2, int flag, PyCompilerFlags *flags, int flag2);
PyAPI_FUNC(PyObject *) Py_CompileStringFlags(
    const char *str, const char *str2, int flag, PyCompilerFlags *flags);
PyAPI_FUNC(PyObject *) Py_CompileStringObject(
    const char *str, PyObject *op, int flag, PyCompilerFlags *flags, int flag2);

#define Py_CompileString(str, p, s)         Py_CompileStringExFlags((str), (p), (s), NULL, -1)
#define Py_CompileStringFlags(str, p, s, f) Py_CompileStringExFlags((str), (p), (s), (f), -1)

/* -- Reading lines -- */
PyAPI_FUNC(char *) PyOS_Readline(FILE *fp, FILE *fp2, const char *str);
PyAPI_DATA(char *) (*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *);

#ifdef __cplusplus
}
#endif
#endif

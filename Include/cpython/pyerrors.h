/* Layouts of the exception objects, and calls that are not in the limited API. */
#if !defined(Py_CPYTHON_PYERRORS_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYERRORS_H

#ifdef __cplusplus
extern "C" {
#endif

#define PyException_HEAD \
    PyObject_HEAD \
    PyObject *dict; \
    PyObject *args; \
    PyObject *notes; \
    PyObject *traceback; \
    PyObject *context; \
    PyObject *cause; \
    char suppress_context;

typedef struct {
    PyException_HEAD
} PyBaseExceptionObject;

typedef struct {
    PyException_HEAD
    PyObject *msg;
    PyObject *excs;
    PyObject *excs_str;
} PyBaseExceptionGroupObject;

typedef struct {
    PyException_HEAD
    PyObject *msg;
    PyObject *filename;
    PyObject *lineno;
    PyObject *offset;
    PyObject *end_lineno;
    PyObject *end_offset;
    PyObject *text;
    PyObject *print_file_and_line;
    PyObject *metadata;
} PySyntaxErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *msg;
    PyObject *name;
    PyObject *path;
    PyObject *name_from;
} PyImportErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *encoding;
    PyObject *object;
    Py_ssize_t start;
    Py_ssize_t end;
    PyObject *reason;
} PyUnicodeErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *code;
} PySystemExitObject;

typedef struct {
    PyException_HEAD
    PyObject *myerrno;
    PyObject *strerror;
    PyObject *filename;
    PyObject *filename2;
    Py_ssize_t written;  /* of BlockingIOError; -1: unknown */
} PyOSErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *value;
} PyStopIterationObject;

typedef struct {
    PyException_HEAD
    PyObject *name;
} PyNameErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *obj;
    PyObject *name;
} PyAttributeErrorObject;

typedef PyOSErrorObject PyEnvironmentErrorObject;

PyAPI_FUNC(void) PyErr_FormatUnraisable(const char *format, ...);
PyAPI_FUNC(PyObject *) PyErr_ProgramTextObject(PyObject *exc, int flag);
PyAPI_FUNC(void) PyErr_RangedSyntaxLocationObject(
    PyObject *exc, int flag, int flag2, int flag3, int flag4);
PyAPI_FUNC(void) PyErr_SyntaxLocationObject(PyObject *exc, int flag, int flag2);
PyAPI_DATA(PyObject *) PyExc_PythonFinalizationError;
PyAPI_FUNC(int) PySignal_SetWakeupFd(int flag);
PyAPI_FUNC(PyObject *) PyUnstable_Exc_PrepReraiseStar(PyObject *op, PyObject *other);
PyAPI_FUNC(void) _PyErr_ChainExceptions1(PyObject *op);

#ifdef __cplusplus
}
#endif
#endif

/* The argument parser that remembers what it found out about its format. */
#if !defined(Py_CPYTHON_MODSUPPORT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_MODSUPPORT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t v;
} _PyOnceFlag;

typedef struct _PyArg_Parser {
    const char *format;
    const char *const *keywords;
    const char *fname;
    const char *custom_msg;
    _PyOnceFlag once;  /* guards what follows */
    int is_kwtuple_owned;
    int pos;  /* positional-only arguments */
    int min;
    int max;
    PyObject *kwtuple;  /* names, interned */
    struct _PyArg_Parser *next;  /* list of all, to free them */
} _PyArg_Parser;

PyAPI_FUNC(int) _PyArg_ParseTupleAndKeywordsFast(
    PyObject *args, PyObject *kwargs, struct _PyArg_Parser *parser, ...);

#ifdef __cplusplus
}
#endif
#endif

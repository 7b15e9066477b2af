/* Layout of traceback objects. */
#if !defined(Py_CPYTHON_TRACEBACK_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_TRACEBACK_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _traceback PyTracebackObject;

struct _traceback {
    PyObject_HEAD
    PyTracebackObject *tb_next;     /* towards the place that raised */
    PyFrameObject *tb_frame;
    int tb_lasti;
    int tb_lineno;                  /* -1: to be computed from tb_lasti */
};

#ifdef __cplusplus
}
#endif
#endif

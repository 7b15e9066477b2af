/* Evaluation: of code, of frames; recursion, pending calls, and giving up the GIL. */
#ifndef Py_CEVAL_H
#define Py_CEVAL_H

#ifdef __cplusplus
extern "C" {
#endif

/* -- Evaluating -- */
PyAPI_FUNC(PyObject *) PyEval_EvalCode(PyObject *code, PyObject *globals, PyObject *locals);
PyAPI_FUNC(PyObject *) PyEval_EvalCodeEx(
    PyObject *code, PyObject *globals, PyObject *locals, PyObject *const *args, int argcount,
    PyObject *const *kws, int kwcount, PyObject *const *defs, int defcount, PyObject *kwdefs,
    PyObject *closure);
PyAPI_FUNC(PyObject *) PyEval_EvalFrame(PyFrameObject *frame);
PyAPI_FUNC(PyObject *) PyEval_EvalFrameEx(PyFrameObject *frame, int flag);

/* -- What runs now -- */
PyAPI_FUNC(PyObject *) PyEval_GetBuiltins(void);
PyAPI_FUNC(PyFrameObject *) PyEval_GetFrame(void);
PyAPI_FUNC(PyObject *) PyEval_GetFrameBuiltins(void);
PyAPI_FUNC(PyObject *) PyEval_GetFrameGlobals(void);
PyAPI_FUNC(PyObject *) PyEval_GetFrameLocals(void);
PyAPI_FUNC(const char *) PyEval_GetFuncDesc(PyObject *op);
PyAPI_FUNC(const char *) PyEval_GetFuncName(PyObject *op);
PyAPI_FUNC(PyObject *) PyEval_GetGlobals(void);
PyAPI_FUNC(PyObject *) PyEval_GetLocals(void);

/* -- Pending calls -- */
PyAPI_FUNC(int) Py_AddPendingCall(int (*func)(void *), void *data);
PyAPI_FUNC(int) Py_MakePendingCalls(void);

/* -- Recursion: 0, or -1 with a RecursionError -- */
PyAPI_FUNC(int) Py_EnterRecursiveCall(const char *str);
PyAPI_FUNC(int) Py_GetRecursionLimit(void);
PyAPI_FUNC(void) Py_LeaveRecursiveCall(void);
PyAPI_FUNC(void) Py_SetRecursionLimit(int flag);

/* -- Detaching the thread state around code that waits and touches no object -- */
PyAPI_FUNC(void) PyEval_AcquireThread(PyThreadState *tstate);
Py_DEPRECATED(3.9) PyAPI_FUNC(void) PyEval_InitThreads(void);
PyAPI_FUNC(void) PyEval_ReleaseThread(PyThreadState *tstate);
PyAPI_FUNC(void) PyEval_RestoreThread(PyThreadState *tstate);
PyAPI_FUNC(PyThreadState *) PyEval_SaveThread(void);

#define Py_BEGIN_ALLOW_THREADS { \
                        PyThreadState *_save; \
                        _save = PyEval_SaveThread();
#define Py_BLOCK_THREADS        PyEval_RestoreThread(_save);
#define Py_UNBLOCK_THREADS      _save = PyEval_SaveThread();
#define Py_END_ALLOW_THREADS    PyEval_RestoreThread(_save); \
                 }

/* -- Conversions and formats of FORMAT_VALUE, as the stable ABI has them -- */
#define FVC_MASK      0x3
#define FVC_NONE      0x0
#define FVC_STR       0x1
#define FVC_REPR      0x2
#define FVC_ASCII     0x3
#define FVS_MASK      0x4
#define FVS_HAVE_SPEC 0x4

#include "cpython/ceval.h"

#ifdef __cplusplus
}
#endif
#endif

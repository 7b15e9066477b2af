/* Making frames, and the synchronisation of locals of old, which does nothing since 3.13. */
#if !defined(Py_CPYTHON_FRAMEOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_FRAMEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(void) PyFrame_FastToLocals(PyFrameObject *frame);
PyAPI_FUNC(int) PyFrame_FastToLocalsWithError(PyFrameObject *frame);
PyAPI_FUNC(void) PyFrame_LocalsToFast(PyFrameObject *frame, int flag);
PyAPI_FUNC(PyFrameObject *) PyFrame_New(
    PyThreadState *tstate, PyCodeObject *code, PyObject *op, PyObject *other);
PyAPI_FUNC(int) _PyFrame_IsEntryFrame(PyFrameObject *frame);

/* What frame.f_locals gives for a function. */
typedef struct {
    PyObject_HEAD
    PyFrameObject *frame;
} PyFrameLocalsProxyObject;

#ifdef __cplusplus
}
#endif
#endif

/* Frame objects, the proxy of their locals, and the frames behind the objects. */
#if !defined(Py_CPYTHON_PYFRAME_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYFRAME_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyFrameLocalsProxy_Type;
PyAPI_DATA(PyTypeObject) PyFrame_Type;

#define PyFrame_Check(op) Py_IS_TYPE((op), &PyFrame_Type)
#define PyFrameLocalsProxy_Check(op) Py_IS_TYPE((op), &PyFrameLocalsProxy_Type)

PyAPI_FUNC(PyFrameObject *) PyFrame_GetBack(PyFrameObject *frame);
PyAPI_FUNC(PyObject *) PyFrame_GetBuiltins(PyFrameObject *frame);
PyAPI_FUNC(PyObject *) PyFrame_GetGenerator(PyFrameObject *frame);
PyAPI_FUNC(PyObject *) PyFrame_GetGlobals(PyFrameObject *frame);
PyAPI_FUNC(int) PyFrame_GetLasti(PyFrameObject *frame);
PyAPI_FUNC(PyObject *) PyFrame_GetLocals(PyFrameObject *frame);
PyAPI_FUNC(PyObject *) PyFrame_GetVar(PyFrameObject *frame, PyObject *op);
PyAPI_FUNC(PyObject *) PyFrame_GetVarString(PyFrameObject *frame, const char *str);

/* -- Frames as the interpreter keeps them -- */
struct _PyInterpreterFrame;

PyAPI_FUNC(PyObject *) PyUnstable_InterpreterFrame_GetCode(struct _PyInterpreterFrame *frame);
PyAPI_FUNC(int) PyUnstable_InterpreterFrame_GetLasti(struct _PyInterpreterFrame *frame);
PyAPI_FUNC(int) PyUnstable_InterpreterFrame_GetLine(struct _PyInterpreterFrame *frame);

/* Types that can stand in a frame's place of executable; indexed by the kinds. */
#define PyUnstable_EXECUTABLE_KIND_SKIP              0
#define PyUnstable_EXECUTABLE_KIND_PY_FUNCTION       1
#define PyUnstable_EXECUTABLE_KIND_BUILTIN_FUNCTION  3
#define PyUnstable_EXECUTABLE_KIND_METHOD_DESCRIPTOR 4
#define PyUnstable_EXECUTABLE_KINDS                  5

PyAPI_DATA(const PyTypeObject *const) PyUnstable_ExecutableKinds[6];

#ifdef __cplusplus
}
#endif
#endif

/* Generators, coroutines and asynchronous generators; their layouts are not public. */
#if !defined(Py_CPYTHON_GENOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_GENOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _PyGenObject PyGenObject;

PyAPI_DATA(PyTypeObject) PyGen_Type;

#define PyGen_Check(op) PyObject_TypeCheck((op), &PyGen_Type)
#define PyGen_CheckExact(op) Py_IS_TYPE((op), &PyGen_Type)

PyAPI_FUNC(PyCodeObject *) PyGen_GetCode(PyGenObject *gen);
PyAPI_FUNC(PyObject *) PyGen_New(PyFrameObject *frame);
PyAPI_FUNC(PyObject *) PyGen_NewWithQualName(PyFrameObject *frame, PyObject *op, PyObject *other);

typedef struct _PyCoroObject PyCoroObject;

PyAPI_DATA(PyTypeObject) PyCoro_Type;

#define PyCoro_CheckExact(op) Py_IS_TYPE((op), &PyCoro_Type)

PyAPI_FUNC(PyObject *) PyCoro_New(PyFrameObject *frame, PyObject *op, PyObject *other);

typedef struct _PyAsyncGenObject PyAsyncGenObject;

PyAPI_DATA(PyTypeObject) PyAsyncGen_Type;
PyAPI_DATA(PyTypeObject) _PyAsyncGenASend_Type;

#define PyAsyncGen_CheckExact(op) Py_IS_TYPE((op), &PyAsyncGen_Type)
#define PyAsyncGenASend_CheckExact(op) Py_IS_TYPE((op), &_PyAsyncGenASend_Type)

PyAPI_FUNC(PyObject *) PyAsyncGen_New(PyFrameObject *frame, PyObject *op, PyObject *other);

#ifdef __cplusplus
}
#endif
#endif

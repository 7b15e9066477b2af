/* Functions of the stable ABI that the headers define inline: for extensions that call them as symbols. */
#include "Python.h"

#undef Py_Is
#undef Py_IsNone
#undef Py_IsTrue
#undef Py_IsFalse
#undef Py_TYPE
#undef PyType_SUPPORTS_WEAKREFS
#undef PyObject_GET_WEAKREFS_LISTPTR

PyAPI_FUNC(int)
Py_Is(PyObject *x, PyObject *y)
{
    return x == y;
}

PyAPI_FUNC(int)
Py_IsNone(PyObject *x)
{
    return x == Py_None;
}

PyAPI_FUNC(int)
Py_IsTrue(PyObject *x)
{
    return x == Py_True;
}

PyAPI_FUNC(int)
Py_IsFalse(PyObject *x)
{
    return x == Py_False;
}

PyAPI_FUNC(PyObject *)
PyCFunction_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(callable, args, kwargs);
}

PyAPI_FUNC(PyTypeObject *)
Py_TYPE(PyObject *op)
{
    return _Py_TYPE(op);
}

PyAPI_FUNC(int)
PyType_SUPPORTS_WEAKREFS(PyTypeObject *type)
{
    return type->tp_weaklistoffset != 0;
}

PyAPI_FUNC(PyObject **)
PyObject_GET_WEAKREFS_LISTPTR(PyObject *op)
{
    return (PyObject **)((char *)op + _Py_TYPE(op)->tp_weaklistoffset);
}

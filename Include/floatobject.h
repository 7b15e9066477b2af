/* float objects. */
#ifndef Py_FLOATOBJECT_H
#define Py_FLOATOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyFloat_Type;

#define PyFloat_Check(op) PyObject_TypeCheck((op), &PyFloat_Type)
#define PyFloat_CheckExact(op) Py_IS_TYPE((op), &PyFloat_Type)

#define Py_RETURN_NAN return PyFloat_FromDouble(Py_NAN)
#define Py_RETURN_INF(sign) \
    do { \
        if (copysign(1., (sign)) == 1.) { \
            return PyFloat_FromDouble(Py_INFINITY); \
        } \
        return PyFloat_FromDouble(-Py_INFINITY); \
    } while (0)

PyAPI_FUNC(double) PyFloat_AsDouble(PyObject *obj);
PyAPI_FUNC(PyObject *) PyFloat_FromDouble(double x);
PyAPI_FUNC(PyObject *) PyFloat_FromString(PyObject *obj);
PyAPI_FUNC(PyObject *) PyFloat_GetInfo(void);
PyAPI_FUNC(double) PyFloat_GetMax(void);
PyAPI_FUNC(double) PyFloat_GetMin(void);

#include "cpython/floatobject.h"

#ifdef __cplusplus
}
#endif
#endif

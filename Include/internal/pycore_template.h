/* Template strings (PEP 750). */
#ifndef Py_INTERNAL_TEMPLATE_H
#define Py_INTERNAL_TEMPLATE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _PyTemplate_Type;
extern PyTypeObject _PyTemplateIter_Type;
extern PyTypeObject _PyInterpolation_Type;
#define _PyTemplate_CheckExact(op) Py_IS_TYPE((op), &_PyTemplate_Type)
#define _PyTemplateIter_CheckExact(op) Py_IS_TYPE((op), &_PyTemplateIter_Type)
#define _PyInterpolation_CheckExact(op) Py_IS_TYPE((op), &_PyInterpolation_Type)

PyAPI_FUNC(PyObject *) _PyTemplate_Build(PyObject *strings, PyObject *interpolations);
extern PyObject *_PyTemplate_Concat(PyObject *self, PyObject *other);
extern PyStatus _PyInterpolation_InitTypes(PyInterpreterState *interp);
/* conversion: the oparg of the instruction: 0 none, 1 str, 2 repr, 3 ascii. */
PyAPI_FUNC(PyObject *) _PyInterpolation_Build(PyObject *value, PyObject *str, int conversion, PyObject *format_spec);
extern PyObject *_PyInterpolation_GetValueRef(PyObject *interpolation);

#endif

/* Descriptors: property's layout, and the objects made from method, member and getset tables. */
#ifndef Py_INTERNAL_DESCROBJECT_H
#define Py_INTERNAL_DESCROBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct {
    PyObject_HEAD
    PyObject *prop_get;
    PyObject *prop_set;
    PyObject *prop_del;
    PyObject *prop_doc;
    PyObject *prop_name;
    int getter_doc;                    /* the docstring was taken from the getter */
} propertyobject;
typedef propertyobject _PyPropertyObject;

extern PyTypeObject _PyMethodWrapper_Type;
extern PyObject *_PyMember_GetOffset(PyObject *obj, PyMemberDef *mp);
extern PyObject *_PyClassMethod_GetFunc(PyObject *cm);     /* borrowed */
extern PyObject *_PyStaticMethod_GetFunc(PyObject *sm);    /* borrowed */
extern PyObject *_PyMethodDescr_Vectorcall(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames);

#endif

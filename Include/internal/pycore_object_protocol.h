/* What every object answers to: attributes, special methods, text forms; for use in the core.

   pycore_object.h has what every object is made of.  No locking rule of its own: each function says what it
   returns, and the containers underneath follow PROTOCOLS P2. */
#ifndef Py_INTERNAL_OBJECT_PROTOCOL_H
#define Py_INTERNAL_OBJECT_PROTOCOL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_object.h"

/* -- Special methods, looked up in the type ----------------------------------------------------- */

/* Bound: new reference; NULL without an exception if the type has none. */
PyAPI_FUNC(PyObject *) _PyObject_LookupSpecial(PyObject *self, PyObject *attr);
extern PyObject *_PyObject_LookupSpecialId(PyObject *self, _Py_Identifier *attr);
/* In: pair[1] owns self.  Out: pair[0] owns the method; pair[1] owns self if it is to be passed, else is NULL. */
PyAPI_FUNC(int) _PyObject_LookupSpecialMethod(PyObject *attr, PyObject **pair);
/* Calls the special method if there is one; NULL without an exception if not. */
PyAPI_FUNC(PyObject *) _PyObject_MaybeCallSpecialNoArgs(PyObject *self, PyObject *attr);
PyAPI_FUNC(PyObject *) _PyObject_MaybeCallSpecialOneArg(PyObject *self, PyObject *attr, PyObject *arg);

/* -- Attributes -------------------------------------------------------------------------------- */

/* 1: *method is an unbound function to be called with obj first; 0: *method is the attribute, or NULL with an
   exception. */
PyAPI_FUNC(int) _PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method);
extern PyObject *_PyObject_GetAttrId(PyObject *obj, _Py_Identifier *name);
PyAPI_FUNC(PyObject *) _PyObject_GenericGetAttrWithDict(PyObject *obj, PyObject *name, PyObject *dict, int suppress);
PyAPI_FUNC(int) _PyObject_GenericSetAttrWithDict(PyObject *obj, PyObject *name, PyObject *value, PyObject *dict);
extern PyObject *_PyObject_GenericTryGetAttr(PyObject *obj, PyObject *name);
PyAPI_FUNC(PyObject **) _PyObject_GetDictPtr(PyObject *obj);
extern PyObject **_PyObject_ComputedDictPointer(PyObject *obj);
/* "'T' object has no attribute 'n'", with name and obj set on the exception. */
extern void _PyObject_SetAttributeErrorContext(PyObject *obj, PyObject *name);
extern int _PyObject_IsAbstract(PyObject *obj);
/* "module.qualname()" of a function, for messages; else its str. */
PyAPI_FUNC(PyObject *) _PyObject_FunctionStr(PyObject *func);
extern PyObject *_PyObject_NextNotImplemented(PyObject *self);

PyAPI_DATA(PyTypeObject) _PyNone_Type;
PyAPI_DATA(PyTypeObject) _PyNotImplemented_Type;

/* -- Constants --------------------------------------------------------------------------------- */

extern PyStatus _PyObject_InitConstants(PyInterpreterState *interp);   /* Py_GetConstant */
extern const int _Py_SwappedOp_table[];                                   /* Py_LT <-> Py_GT, ... */

/* -- Debugging --------------------------------------------------------------------------------- */

PyAPI_FUNC(void) _PyObject_Dump(PyObject *op);
PyAPI_FUNC(int) _PyObject_IsFreed(PyObject *op);
extern int _PyObject_CheckConsistency(PyObject *op, int check_content);

#endif

/* Type parameters: TypeVar, ParamSpec, TypeVarTuple, type aliases, Generic. */
#ifndef Py_INTERNAL_TYPEVAROBJECT_H
#define Py_INTERNAL_TYPEVAROBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* The eval loop's intrinsics call these. */
extern PyObject *_Py_make_typevar(PyObject *name, PyObject *evaluate_bound, PyObject *evaluate_constraints);
extern PyObject *_Py_make_paramspec(PyThreadState *tstate, PyObject *name);
extern PyObject *_Py_make_typevartuple(PyThreadState *tstate, PyObject *name);
extern PyObject *_Py_make_typealias(PyThreadState *tstate, PyObject *name_params_value);
extern PyObject *_Py_subscript_generic(PyThreadState *tstate, PyObject *params);
extern PyObject *_Py_set_typeparam_default(PyThreadState *tstate, PyObject *typeparam, PyObject *evaluate_default);
extern int _Py_initialize_generic(PyInterpreterState *interp);
extern void _Py_clear_generic_types(PyInterpreterState *interp);
extern int _Py_typing_type_repr(PyUnicodeWriter *writer, PyObject *obj);

extern PyTypeObject _PyTypeAlias_Type;
extern PyTypeObject _PyNoDefault_Type;
extern PyObject _Py_NoDefaultStruct;

struct _Py_typing_state {              /* one per interpreter; const after start-up */
    PyTypeObject *generic_type;
    PyTypeObject *typevar_type;
    PyTypeObject *typevartuple_type;
    PyTypeObject *paramspec_type;
    PyTypeObject *paramspecargs_type;
    PyTypeObject *paramspeckwargs_type;
    PyTypeObject *constevaluator_type;
};

#endif

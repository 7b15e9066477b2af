/* Help for modules: parsing arguments, building values, filling and making modules. */
#ifndef Py_MODSUPPORT_H
#define Py_MODSUPPORT_H

#ifdef __cplusplus
extern "C" {
#endif

/* -- Arguments: 1, or 0 with an exception -- */
PyAPI_FUNC(int) PyArg_Parse(PyObject *args, const char *format, ...);
PyAPI_FUNC(int) PyArg_ParseTuple(PyObject *args, const char *format, ...);
PyAPI_FUNC(int) PyArg_ParseTupleAndKeywords(
    PyObject *args, PyObject *kwargs, const char *format, char *const *kwlist, ...);
PyAPI_FUNC(int) PyArg_UnpackTuple(
    PyObject *args, const char *name, Py_ssize_t min, Py_ssize_t max, ...);
PyAPI_FUNC(int) PyArg_VaParse(PyObject *args, const char *format, va_list vargs);
PyAPI_FUNC(int) PyArg_VaParseTupleAndKeywords(
    PyObject *args, PyObject *kwargs, const char *format, char *const *kwlist, va_list vargs);
PyAPI_FUNC(int) PyArg_ValidateKeywordArguments(PyObject *args);

/* A converter of "O&" may ask to be called again with NULL when a later argument fails. */
#define Py_CLEANUP_SUPPORTED 0x20000

/* -- Values -- */
PyAPI_FUNC(PyObject *) Py_BuildValue(const char *format, ...);
PyAPI_FUNC(PyObject *) Py_VaBuildValue(const char *format, va_list vargs);

/* -- Contents of modules; PyModule_AddObject steals the reference if it succeeds -- */
PyAPI_FUNC(int) PyModule_AddIntConstant(PyObject *module, const char *name, long value);
PyAPI_FUNC(int) PyModule_AddObject(PyObject *module, const char *name, PyObject *value);
PyAPI_FUNC(int) PyModule_AddStringConstant(PyObject *module, const char *name, const char *value);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(int) PyModule_AddFunctions(PyObject *module, PyMethodDef *methods);
PyAPI_FUNC(int) PyModule_SetDocString(PyObject *module, const char *doc);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_FUNC(int) PyModule_AddType(PyObject *module, PyTypeObject *type);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
PyAPI_FUNC(int) PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030d0000
PyAPI_FUNC(int) PyModule_Add(PyObject *module, const char *name, PyObject *value);
#endif

#define PyModule_AddIntMacro(m, c)    PyModule_AddIntConstant((m), #c, c)
#define PyModule_AddStringMacro(m, c) PyModule_AddStringConstant((m), #c, c)

/* -- Making modules -- */
#define PYTHON_API_VERSION 1013
#define PYTHON_API_STRING  "1013"
/* Of the stable ABI. */
#define PYTHON_ABI_VERSION 3
#define PYTHON_ABI_STRING  "3"

PyAPI_FUNC(PyObject *) PyModule_Create2(PyModuleDef *def, int api_version);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(int) PyModule_ExecDef(PyObject *module, PyModuleDef *def);
PyAPI_FUNC(PyObject *) PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, int api_version);
#endif

#ifdef Py_LIMITED_API
#  define PyModule_Create(module) PyModule_Create2((module), PYTHON_ABI_VERSION)
#else
#  define PyModule_Create(module) PyModule_Create2((module), PYTHON_API_VERSION)
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
#  ifdef Py_LIMITED_API
#    define PyModule_FromDefAndSpec(module, spec) \
        PyModule_FromDefAndSpec2((module), (spec), PYTHON_ABI_VERSION)
#  else
#    define PyModule_FromDefAndSpec(module, spec) \
        PyModule_FromDefAndSpec2((module), (spec), PYTHON_API_VERSION)
#  endif
#endif

#include "cpython/modsupport.h"

#ifdef __cplusplus
}
#endif
#endif

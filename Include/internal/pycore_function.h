/* Functions from the inside.

   Locking: function objects are born SHARED; fields that code may reassign (func_code, defaults, ...) change under the
   function's critical section, are read with acquire, and what they held is retired. */
#ifndef Py_INTERNAL_FUNCTION_H
#define Py_INTERNAL_FUNCTION_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define FUNC_MAX_WATCHERS 8

#define FUNC_VERSION_UNSET 0
#define FUNC_VERSION_CLEARED 1
#define FUNC_VERSION_FIRST_VALID 2

/* Values of MAKE_FUNCTION's and SET_FUNCTION_ATTRIBUTE's x. */
#define MAKE_FUNCTION_DEFAULTS 0x01
#define MAKE_FUNCTION_KWDEFAULTS 0x02
#define MAKE_FUNCTION_ANNOTATIONS 0x04
#define MAKE_FUNCTION_CLOSURE 0x08
#define MAKE_FUNCTION_ANNOTATE 0x10

struct _py_func_state {
    uint32_t next_version;                              /* atomic: 0 when versions have run out */
    PyFunction_WatchCallback watchers[FUNC_MAX_WATCHERS];
    uint8_t active_watchers;                            /* atomic */
};

extern PyFunctionObject *_PyFunction_FromConstructor(PyFrameConstructor *constr);
/* Calls a function with positional and keyword arguments by pushing its frame into the eval loop. */
PyAPI_FUNC(PyObject *) _PyFunction_Vectorcall(PyObject *func, PyObject *const *stack, size_t nargsf,
                                              PyObject *kwnames);
#define _PyFunction_IsVersionValid(v) ((v) >= FUNC_VERSION_FIRST_VALID)
/* 0 when there is none. */
extern uint32_t _PyFunction_GetVersionForCurrentState(PyFunctionObject *func);
extern void _PyFunction_ClearCodeByVersion(uint32_t version);
extern PyObject *_Py_set_function_type_params(PyThreadState *unused, PyObject *func, PyObject *type_params);
extern PyObject *_PyFunction_GetDefaultsRef(PyObject *func);

/* The name of a staticmethod's or classmethod's function, for their repr and attributes. */
extern PyObject *_PyClassMethod_GetFunc(PyObject *);
extern PyObject *_PyStaticMethod_GetFunc(PyObject *);
#endif

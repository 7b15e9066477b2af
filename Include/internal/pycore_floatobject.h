/* Floats (and what complex shares with them), as the rest of the core sees them. */
#ifndef Py_INTERNAL_FLOATOBJECT_H
#define Py_INTERNAL_FLOATOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE"
#endif

#include "Python.h"
#include "pycore_dtoa.h"         // _Py_parse_inf_or_nan
#include "pycore_unicodeobject.h"  // _PyUnicodeWriter

extern PyStatus _PyFloat_InitTypes(PyInterpreterState *interp);
extern void _PyFloat_FiniTypes(PyInterpreterState *interp);
PyAPI_FUNC(void) _PyFloat_ExactDealloc(PyObject *op);

/* Arithmetic on doubles as float does it, for the eval loop.  b is not zero. */
extern double _PyFloat_RemainderDoubles(double a, double b);
extern double _PyFloat_FloorDivideDoubles(double a, double b);
/* a ** b; NULL with an exception.  The result is complex for a negative base and a fractional exponent. */
extern PyObject *_PyFloat_PowerDoubles(double a, double b);
/* Exact comparison of a finite or infinite (not NaN) double with an int: -1, 0, 1; -2 with an exception. */
extern int _PyFloat_CompareInt(double a, PyLongObject *b);

extern PyObject *_PyFloat_Repr(PyObject *op);
extern int _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec,
                                         Py_ssize_t start, Py_ssize_t end);
extern int _PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec,
                                           Py_ssize_t start, Py_ssize_t end);

#endif

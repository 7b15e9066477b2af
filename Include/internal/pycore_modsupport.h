/* Help for C modules and C functions: unpacking arguments, building values. */
#ifndef Py_INTERNAL_MODSUPPORT_H
#define Py_INTERNAL_MODSUPPORT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* -- Checks ------------------------------------------------------------------------------------ */

PyAPI_FUNC(int) _PyArg_NoKeywords(const char *funcname, PyObject *kwargs);
PyAPI_FUNC(int) _PyArg_NoPositional(const char *funcname, PyObject *args);
#define _PyArg_NoKeywords(funcname, kwargs) ((kwargs) == NULL || (_PyArg_NoKeywords)((funcname), (kwargs)))
#define _PyArg_NoPositional(funcname, args) ((args) == NULL || (_PyArg_NoPositional)((funcname), (args)))
extern int _PyArg_NoKwnames(const char *funcname, PyObject *kwnames);
#define _PyArg_NoKwnames(funcname, kwnames) ((kwnames) == NULL || (_PyArg_NoKwnames)((funcname), (kwnames)))

PyAPI_FUNC(void) _PyArg_BadArgument(const char *fname, const char *displayname, const char *expected, PyObject *arg);
PyAPI_FUNC(int) _PyArg_CheckPositional(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max);
#define _Py_ANY_VARARGS(n) ((n) == PY_SSIZE_T_MAX)
#define _PyArg_CheckPositional(funcname, nargs, min, max) \
    ((!_Py_ANY_VARARGS(max) && (min) <= (nargs) && (nargs) <= (max)) || \
     (_PyArg_CheckPositional)((funcname), (nargs), (min), (max)))

/* -- Keyword parsing --------------------------------------------------------------------------- */

/* A static description of a function's parameters, completed at first use.
   (struct _PyArg_Parser is public: cpython/modsupport.h)

   _PyArg_UnpackKeywords fills buf (one slot for every parameter) with borrowed arguments, NULL where none was
   given, and returns it; NULL with an exception.  varpos: *args is the caller's (buf has the named ones). */
PyAPI_FUNC(PyObject *const *) _PyArg_UnpackKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
                                                    PyObject *kwnames, struct _PyArg_Parser *parser, int minpos,
                                                    int maxpos, int minkw, int varpos, PyObject **buf);

PyAPI_FUNC(int) _PyArg_ParseStackAndKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                                             struct _PyArg_Parser *, ...);
PyAPI_FUNC(int) _PyArg_ParseTupleAndKeywordsFast(PyObject *, PyObject *, struct _PyArg_Parser *, ...);
PyAPI_FUNC(int) _PyArg_ParseStack(PyObject *const *args, Py_ssize_t nargs, const char *format, ...);
extern int _PyArg_UnpackStack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min,
                              Py_ssize_t max, ...);
extern int _PyArg_VaParseTupleAndKeywordsFast(PyObject *, PyObject *, struct _PyArg_Parser *, va_list);
extern PyObject *_PyArg_KeywordsTuple(struct _PyArg_Parser *parser);
extern void _PyArg_Fini(void);

/* -- Building ---------------------------------------------------------------------------------- */

extern PyObject **_Py_VaBuildStack(PyObject **small_stack, Py_ssize_t small_stack_len, const char *format, va_list va,
                                   Py_ssize_t *p_nargs);
PyAPI_FUNC(PyObject *) _PyModule_CreateInitialized(PyModuleDef *, int apiver);
PyAPI_FUNC(int) _PyModule_Add(PyObject *, const char *, PyObject *);   /* steals value; in any case */

#endif

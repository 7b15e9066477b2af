/* The functions of the builtins module, by the file that holds them. */
#ifndef LADON_BUILTINS_H
#define LADON_BUILTINS_H

#include "Python.h"

#define BUILTIN_FAST(name) PyObject *builtin_##name(PyObject *, PyObject *const *, Py_ssize_t)
#define BUILTIN_KEYWORDS(name) PyObject *builtin_##name(PyObject *, PyObject *const *, Py_ssize_t, PyObject *)
#define BUILTIN_ONE(name) PyObject *builtin_##name(PyObject *, PyObject *)

/* code.c */
BUILTIN_KEYWORDS(__build_class__);
BUILTIN_KEYWORDS(__import__);
BUILTIN_KEYWORDS(compile);
BUILTIN_KEYWORDS(eval);
BUILTIN_KEYWORDS(exec);
BUILTIN_ONE(globals);
BUILTIN_ONE(locals);
BUILTIN_FAST(vars);
BUILTIN_FAST(dir);
BUILTIN_KEYWORDS(breakpoint);

/* iterators.c */
extern PyTypeObject PyFilter_Type, PyMap_Type, PyZip_Type;
BUILTIN_FAST(iter);
BUILTIN_FAST(next);
BUILTIN_ONE(aiter);
BUILTIN_FAST(anext);
BUILTIN_ONE(all);
BUILTIN_ONE(any);
BUILTIN_KEYWORDS(min);
BUILTIN_KEYWORDS(max);
BUILTIN_KEYWORDS(sum);
BUILTIN_KEYWORDS(sorted);

/* input.c */
BUILTIN_KEYWORDS(print);
BUILTIN_FAST(input);
#endif

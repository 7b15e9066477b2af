/* What the files of the math module share. */
#ifndef MATH_INT_H
#define MATH_INT_H

#include "Python.h"

/* integer.c */
extern PyObject *math_gcd(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
extern PyObject *math_lcm(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
extern PyObject *math_factorial(PyObject *module, PyObject *arg);
extern PyObject *math_perm(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
extern PyObject *math_comb(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
extern PyObject *math_isqrt(PyObject *module, PyObject *n);

/* sums.c */
extern PyObject *math_fsum(PyObject *module, PyObject *iterable);
extern PyObject *math_sumprod(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
extern PyObject *math_prod(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
extern PyObject *math_hypot(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
extern PyObject *math_dist(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif

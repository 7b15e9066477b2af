/* What the files of float share among themselves. */
#ifndef FLOAT_INT_H
#define FLOAT_INT_H

#include "Python.h"

extern PyObject *_PyFloat_Round(PyObject *self, PyObject *ndigits);
extern PyObject *_PyFloat_Hex(double x);
/* -1.0 with an exception if the text is no number */
extern double _PyFloat_ParseHex(const char *text, Py_ssize_t size);

#endif

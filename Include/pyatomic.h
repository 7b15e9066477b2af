/* Atomic operations on memory, for the interpreter and for inline code of these headers. */
#ifndef Py_PYATOMIC_H
#define Py_PYATOMIC_H
#include "cpython/pyatomic.h"
#endif

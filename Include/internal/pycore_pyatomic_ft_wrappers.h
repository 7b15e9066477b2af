/* CPython's name for pycore_atomic_ft.h. */
#ifndef Py_INTERNAL_PYATOMIC_FT_WRAPPERS_H
#define Py_INTERNAL_PYATOMIC_FT_WRAPPERS_H

#include "pycore_atomic_ft.h"  // FT_ATOMIC_LOAD_PTR

#endif  // Py_INTERNAL_PYATOMIC_FT_WRAPPERS_H

/* Frame objects: what is not in Python.h. */
#ifndef Py_FRAMEOBJECT_H
#define Py_FRAMEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#include "pyframe.h"
#include "cpython/frameobject.h"

#ifdef __cplusplus
}
#endif
#endif

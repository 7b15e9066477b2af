/* Hash algorithms and parameters. */
#ifndef Py_PYHASH_H
#define Py_PYHASH_H

#ifdef __cplusplus
extern "C" {
#endif

#define Py_HASH_CUTOFF 0

#define Py_HASH_EXTERNAL  0
#define Py_HASH_SIPHASH24 1
#define Py_HASH_FNV       2
#define Py_HASH_SIPHASH13 3

#ifndef Py_HASH_ALGORITHM
#  define Py_HASH_ALGORITHM Py_HASH_SIPHASH13
#endif

#include "cpython/pyhash.h"

#ifdef __cplusplus
}
#endif
#endif

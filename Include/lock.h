/* Mutexes of one byte; not a part of the limited API. */
#ifndef Py_LOCK_H
#define Py_LOCK_H
#include "cpython/lock.h"
#endif

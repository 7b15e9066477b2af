/* Weak references (Objects/weakref*.c). */
#ifndef Py_INTERNAL_WEAKREF_H
#define Py_INTERNAL_WEAKREF_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"    // PyMutex
#include "pycore_object.h"  // _Py_TryIncref

/* Lists of weak references are guarded by these mutexes, chosen by the referent's address (free-threaded build). */
#define _Py_NUM_WEAKREF_LOCKS 127

/* A new reference to the referent; NULL without an exception if it is dead. */
extern PyObject *_PyWeakref_GET_REF(PyObject *ref);
extern int _PyWeakref_IS_DEAD(PyObject *ref);
extern Py_ssize_t _PyWeakref_GetWeakrefCount(PyObject *obj);
/* New list of the weak references to obj that are alive. */
extern PyObject *_PyWeakref_GetWeakrefs(PyObject *obj);
extern void _PyWeakref_ClearRef(PyWeakReference *self);
/* Clears all of a dying type's or garbage object's references, without calling callbacks. */
extern void _PyWeakref_ClearWeakRefsNoCallbacks(PyObject *obj);
#define _PyStaticType_ClearWeakRefs_common(type) _PyWeakref_ClearWeakRefsNoCallbacks((PyObject *)(type))
extern int _PyWeakref_IsDead(PyObject *ref);

#endif  // Py_INTERNAL_WEAKREF_H

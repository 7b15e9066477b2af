/* Arena: memory and objects that live as long as one syntax tree.

   Memory is never given back piecewise; objects are held by one reference each.  An arena belongs
   to the thread that parses or compiles: no locking. */
#ifndef Py_INTERNAL_PYARENA_H
#define Py_INTERNAL_PYARENA_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct _arena PyArena;

extern PyArena *_PyArena_New(void);
extern void _PyArena_Free(PyArena *arena);

/* Memory of the size, aligned for any node; NULL with MemoryError. */
extern void *_PyArena_Malloc(PyArena *arena, size_t size);

/* Steals a reference to the object; 0, or -1 with an exception (then the caller keeps it). */
extern int _PyArena_AddPyObject(PyArena *arena, PyObject *object);

#endif

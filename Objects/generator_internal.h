/* What generator.c, coroutine.c and asyncgen.c share. */
#ifndef GENERATOR_INTERNAL_H
#define GENERATOR_INTERNAL_H

#include "Python.h"
#include "pycore_genobject.h"

extern PyObject *_PyGen_FromFrameObject(PyTypeObject *type, PyFrameObject *f, PyObject *name, PyObject *qualname);
extern PySendResult _PyGen_AmSend(PyObject *self, PyObject *arg, PyObject **result);
extern PyObject *_PyGen_SendEx(PyGenObject *gen, PyObject *arg, int exc, int closing);
extern PyObject *_PyGen_IterNext(PyObject *self);
extern PyObject *_PyGen_Close(PyObject *self, PyObject *ignored);
extern PyObject *_PyGen_Throw(PyGenObject *gen, int close_on_genexit, PyObject *type, PyObject *value, PyObject *tb);
extern PyObject *_PyGen_ThrowMethod(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
extern void _PyGen_Dealloc(PyObject *self);
extern int _PyGen_Traverse(PyObject *self, visitproc visit, void *arg);
extern PyObject *_PyGen_GetName(PyObject *self, void *closure);
extern int _PyGen_SetName(PyObject *self, PyObject *value, void *closure);
extern PyObject *_PyGen_GetQualname(PyObject *self, void *closure);
extern int _PyGen_SetQualname(PyObject *self, PyObject *value, void *closure);
extern PyObject *_PyGen_GetYieldFrom(PyObject *self, void *closure);
extern PyObject *_PyGen_GetRunning(PyObject *self, void *closure);
extern PyObject *_PyGen_GetSuspended(PyObject *self, void *closure);
extern PyObject *_PyGen_GetFrame(PyObject *self, void *closure);
extern PyObject *_PyGen_GetCodeAttribute(PyObject *self, void *closure);
extern PyObject *_PyGen_Sizeof(PyObject *self, PyObject *ignored);
/* A generator function decorated by types.coroutine. */
extern bool _PyGen_IsIterableCoroutine(PyObject *op);
#endif

/* Functions of the sys module that sys_hooks.c defines and sysmodule.c lists. */
#ifndef LADON_SYS_PRIVATE_H
#define LADON_SYS_PRIVATE_H

#include "Python.h"

PyObject *sys_displayhook(PyObject *, PyObject *);
PyObject *sys_excepthook(PyObject *, PyObject *const *, Py_ssize_t);
PyObject *sys_unraisablehook(PyObject *, PyObject *);
PyObject *sys_breakpointhook(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
PyObject *sys_exception(PyObject *, PyObject *);
PyObject *sys_exc_info(PyObject *, PyObject *);
PyObject *sys_exit(PyObject *, PyObject *const *, Py_ssize_t);
PyObject *sys_settrace(PyObject *, PyObject *);
PyObject *sys__settraceallthreads(PyObject *, PyObject *);
PyObject *sys_gettrace(PyObject *, PyObject *);
PyObject *sys_setprofile(PyObject *, PyObject *);
PyObject *sys__setprofileallthreads(PyObject *, PyObject *);
PyObject *sys_getprofile(PyObject *, PyObject *);
#endif

/* Module objects: layout and attribute lookup.

   md_dict is born SHARED; md_def and md_state are const once the module has been executed. */
#ifndef Py_INTERNAL_MODULEOBJECT_H
#define Py_INTERNAL_MODULEOBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct {
    PyObject_HEAD
    PyObject *md_dict;
    PyModuleDef *md_def;
    void *md_state;
    PyObject *md_weaklist;
    PyObject *md_name;                 /* for weak use after the dict is gone */
#ifdef Py_GIL_DISABLED
    void *md_gil;                      /* Py_MOD_GIL_* */
#endif
} PyModuleObject;

/* Notes what the module says about the GIL (Py_MOD_GIL_*). */
static inline void
_PyModule_SetGIL(PyObject *mod, void *gil)
{
#ifdef Py_GIL_DISABLED
    ((PyModuleObject *)mod)->md_gil = gil;
#else
    (void)mod, (void)gil;
#endif
}

extern void _PyModule_Clear(PyObject *);
extern void _PyModule_ClearDict(PyObject *);
extern int _PyModuleSpec_IsInitializing(PyObject *);
extern int _PyModuleSpec_GetFileOrigin(PyObject *, PyObject **);
extern int _PyModuleSpec_IsUninitializedSubmodule(PyObject *, PyObject *);
extern int _PyModule_IsExtension(PyObject *obj);
extern int _PyModule_IsPossiblyShadowing(PyObject *);
extern PyObject *_Py_module_getattro_impl(PyModuleObject *m, PyObject *name, int suppress);
extern PyObject *_Py_module_getattro(PyObject *m, PyObject *name);

static inline PyModuleDef *
_PyModule_GetDef(PyObject *mod)
{
    assert(PyModule_Check(mod));
    return ((PyModuleObject *)mod)->md_def;
}

static inline void *
_PyModule_GetState(PyObject *mod)
{
    assert(PyModule_Check(mod));
    return ((PyModuleObject *)mod)->md_state;
}

static inline PyObject *
_PyModule_GetDict(PyObject *mod)       /* borrowed */
{
    assert(PyModule_Check(mod));
    return ((PyModuleObject *)mod)->md_dict;
}

#endif

/* What the files of _functools share. */
#ifndef FUNCTOOLS_PRIVATE_H
#define FUNCTOOLS_PRIVATE_H

#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_container.h"    // Py_BEGIN_CRITICAL_SECTION
#include "pycore_dict.h"         // _PyDict_GetItemRef_KnownHash
#include "pycore_global_ids.h"   // _Py_ID
#include "pycore_modsupport.h"   // _PyArg_UnpackKeywords
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_tuple.h"        // _PyTuple_ITEMS
#include <stddef.h>              // offsetof

typedef struct {
    PyObject *kwd_mark;                 // separates keywords in a key; const after the module was made, as the rest
    PyObject *placeholder;
    PyTypeObject *placeholder_type;
    PyTypeObject *partial_type;
    PyTypeObject *keyobject_type;
    PyTypeObject *lru_link_type;
    PyTypeObject *lru_cache_type;
} functools_state;

extern struct PyModuleDef _PyFunctools_module;
extern PyType_Spec _PyPartial_spec, _PyPlaceholder_spec, _PyKeyObject_spec, _PyLruLink_spec, _PyLruCache_spec;

extern PyObject *_PyFunctools_Reduce(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
extern PyObject *_PyFunctools_CmpToKey(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

static inline functools_state *
functools_get_state(PyObject *module)
{
    return (functools_state *)PyModule_GetState(module);
}

static inline functools_state *
functools_state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &_PyFunctools_module);
    return module == NULL ? NULL : functools_get_state(module);
}

#endif

/* What the files of _collections share: the module's state and the specs of its types. */
#ifndef COLLECTIONS_PRIVATE_H
#define COLLECTIONS_PRIVATE_H

#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_container.h"    // Py_BEGIN_CRITICAL_SECTION
#include "pycore_modsupport.h"   // _PyArg_CheckPositional
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_global_ids.h"   // _Py_ID
#include <stddef.h>              // offsetof

typedef struct {
    PyTypeObject *deque_type;            // const after the module was made, as the others
    PyTypeObject *defdict_type;
    PyTypeObject *dequeiter_type;
    PyTypeObject *dequereviter_type;
    PyTypeObject *tuplegetter_type;
} collections_state;

extern struct PyModuleDef _PyCollections_module;
extern PyType_Spec _PyDeque_spec, _PyDequeIter_spec, _PyDequeRevIter_spec, _PyDefDict_spec, _PyTupleGetter_spec;

static inline collections_state *
collections_get_state(PyObject *module)
{
    return (collections_state *)PyModule_GetState(module);
}

/* The state that made type or one of its bases; type is one of ours or a subclass. */
static inline collections_state *
collections_state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &_PyCollections_module);
    assert(module != NULL);
    return collections_get_state(module);
}

#endif

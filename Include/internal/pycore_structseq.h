/* Tuples with named fields. */
#ifndef Py_INTERNAL_STRUCTSEQ_H
#define Py_INTERNAL_STRUCTSEQ_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

PyAPI_FUNC(PyTypeObject *) _PyStructSequence_NewType(PyStructSequence_Desc *desc, unsigned long tp_flags);
extern int _PyStructSequence_InitBuiltinWithFlags(PyInterpreterState *interp, PyTypeObject *type,
                                                  PyStructSequence_Desc *desc, unsigned long tp_flags);
static inline int
_PyStructSequence_InitBuiltin(PyInterpreterState *interp, PyTypeObject *type, PyStructSequence_Desc *desc)
{
    return _PyStructSequence_InitBuiltinWithFlags(interp, type, desc, 0);
}
extern void _PyStructSequence_FiniBuiltin(PyInterpreterState *interp, PyTypeObject *type);

#endif

/* Set internals.

   The table is open addressing, linear probes of ten then a perturbed jump, as the ABI's PySetObject
   shows it (table, mask, smalltable).  An entry is free (key NULL), a dummy, or live.  A set that
   other threads read keeps its table in a block with the mask in a hidden word before it, so that
   table and mask are read as one. */
#ifndef Py_INTERNAL_SETOBJECT_H
#define Py_INTERNAL_SETOBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_container.h"

extern PyObject *_PySet_Dummy;

/* Borrowed key; the Ref form counts it.  1 while there is another. */
extern int _PySet_NextEntry(PyObject *set, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash);
extern int _PySet_NextEntryRef(PyObject *set, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash);
extern int _PySet_Update(PyObject *set, PyObject *iterable);
extern int _PySet_AddTakeRef(PySetObject *so, PyObject *key);
extern int _PySet_Contains(PySetObject *so, PyObject *key);
extern void _PySet_ClearInternal(PySetObject *so);

#endif

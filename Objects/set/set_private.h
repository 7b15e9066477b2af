/* What the files of Objects/set share.

   The table: an entry is free (key NULL), live, or a dummy that a deletion left and an addition may use again.  A reader
   loads the key, then the hash, which is stored before the key: a hash that does not belong to the key belongs to a
   later one, so the key has been deleted.  A table outside the object has its mask in a hidden word, so
   that a reader without the lock cannot combine a table with the mask of another; a set with readers never goes back to
   the table inside the object. */
#ifndef SET_PRIVATE_H
#define SET_PRIVATE_H

#include "Python.h"
#include "pycore_setobject.h"
#include "pycore_dict.h"         // _PyDict_Next
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_pyerrors.h"     // _PyErr_SetKeyError

#define SET(op) ((PySetObject *)(op))
#define SMALL_MASK (PySet_MINSIZE - 1)

typedef struct {
    Py_ssize_t mask;         // const: entries minus one
    Py_ssize_t unused;       // keeps the entries aligned
    setentry entries[];
} set_block;

static inline set_block *
set_block_of(setentry *table)
{
    return (set_block *)((char *)table - offsetof(set_block, entries));
}

/* The mask that belongs to a table that was loaded without the lock. */
static inline Py_ssize_t
set_mask_of(PySetObject *so, setentry *table)
{
    return table == so->smalltable ? SMALL_MASK : set_block_of(table)->mask;
}

static inline Py_ssize_t
set_used(PyObject *op)
{
    return FT_ATOMIC_LOAD_SSIZE_RELAXED(SET(op)->used);
}

static inline int
set_is_live(PyObject *key)
{
    return key != NULL && key != _PySet_Dummy;
}

static inline Py_hash_t
set_entry_hash(setentry *entry)
{
    return FT_ATOMIC_LOAD_SSIZE_RELAXED(entry->hash);
}

/* Hash of a would-be element, or -1 with "cannot use 'T' as a set element (...)". */
extern Py_hash_t _PySet_HashKey(PyObject *key);

/* A new set or frozenset; iterable may be NULL. */
extern PyObject *_PySet_Make(PyTypeObject *type, PyObject *iterable);
/* set or frozenset, as so's base type. */
extern PyObject *_PySet_MakeBase(PySetObject *so, PyObject *iterable);

/* -- With so's mutex held (table.c) ------------------------------------ */

/* 1 there, 0 not, -1 error. */
extern int _PySet_ContainsEntry_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash);
/* Counts key if it is added. */
extern int _PySet_AddEntry_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash);
/* 1 removed, 0 not there, -1 error. */
extern int _PySet_DiscardEntry_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash);
extern void _PySet_Clear_lock_held(PySetObject *so);
extern int _PySet_Resize_lock_held(PySetObject *so, Py_ssize_t minimum);
/* Both mutexes are held. */
extern int _PySet_Merge_lock_held(PySetObject *so, PySetObject *other);
/* so gets the elements of fresh, which nobody else knows and which is left with so's or none. */
extern int _PySet_Adopt_lock_held(PySetObject *so, PySetObject *fresh);

/* -- With locks taken inside -------------------------------------------- */

extern int _PySet_ContainsHashed(PySetObject *so, PyObject *key, Py_hash_t hash);
extern int _PySet_AddHashed(PySetObject *so, PyObject *key, Py_hash_t hash);
extern int _PySet_DiscardHashed(PySetObject *so, PyObject *key, Py_hash_t hash);
/* The next element from *pos on, counted; reads without a lock. */
extern int _PySet_NextRef(PySetObject *so, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash);

/* -- Operations (ops.c) -------------------------------------------------- */

extern PyMethodDef _PySet_methods[], _PyFrozenSet_methods[];
extern PyNumberMethods _PySet_as_number, _PyFrozenSet_as_number;
extern PyObject *_PySet_RichCompare(PyObject *v, PyObject *w, int op);
extern PyObject *_PySet_Copy(PyObject *so);
extern int _PySet_ContainsKey(PyObject *so, PyObject *key);
extern PyObject *_PySet_Iter(PyObject *so);

#endif

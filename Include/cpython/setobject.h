/* Layout of set objects: a hash table with open addressing. */
#if !defined(Py_CPYTHON_SETOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_SETOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#define PySet_MINSIZE 8

typedef struct {
    PyObject *key;  /* NULL: free; a dummy: deleted */
    Py_hash_t hash;
} setentry;

typedef struct {
    PyObject_HEAD
    Py_ssize_t fill;  /* entries in use, with the deleted ones */
    Py_ssize_t used;  /* items */
    Py_ssize_t mask;  /* size of the table less one */
    setentry *table;  /* smalltable or memory */
    Py_hash_t hash;  /* of a frozenset; -1: not yet known */
    Py_ssize_t finger;  /* where pop() goes on */
    setentry smalltable[8];
    PyObject *weakreflist;
} PySetObject;

#define _PySet_CAST(so) (assert(PyAnySet_Check(so)), _Py_CAST(PySetObject*, so))

static inline Py_ssize_t
PySet_GET_SIZE(PyObject *so)
{
#ifdef Py_GIL_DISABLED
    return _Py_atomic_load_ssize_relaxed(&(_PySet_CAST(so)->used));
#else
    return _PySet_CAST(so)->used;
#endif
}
#define PySet_GET_SIZE(so) PySet_GET_SIZE(_PyObject_CAST(so))

#ifdef __cplusplus
}
#endif
#endif

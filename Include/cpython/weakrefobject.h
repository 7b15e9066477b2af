/* Layout of weak references. */
#if !defined(Py_CPYTHON_WEAKREFOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_WEAKREFOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

struct _PyWeakReference {
    PyObject_HEAD
    PyObject *wr_object;        /* borrowed; None once it is dead */
    PyObject *wr_callback;      /* or NULL */
    Py_hash_t hash;             /* of the object; -1: not yet known */
    PyWeakReference *wr_prev;   /* list of all to one object; guarded by weakrefs_lock */
    PyWeakReference *wr_next;
    vectorcallfunc vectorcall;
#ifdef Py_GIL_DISABLED
    PyMutex *weakrefs_lock;     /* in the interpreter's table of locks */
#endif
};

PyAPI_FUNC(int) PyWeakref_IsDead(PyObject *ref);
PyAPI_FUNC(void) _PyWeakref_ClearRef(PyWeakReference *ref);

#define _PyWeakref_CAST(op) (assert(PyWeakref_Check(op)), _Py_CAST(PyWeakReference*, (op)))

/* A borrowed reference to an object that other threads may release: PyWeakref_GetRef() is safe. */
Py_DEPRECATED(3.13) static inline PyObject *
PyWeakref_GET_OBJECT(PyObject *ref_obj)
{
    PyObject *obj = _PyWeakref_CAST(ref_obj)->wr_object;
    /* Zero: the object is in its deallocator and has not yet cleared its references. */
    if (Py_REFCNT(obj) > 0) {
        return obj;
    }
    return Py_None;
}
#define PyWeakref_GET_OBJECT(ref) PyWeakref_GET_OBJECT(_PyObject_CAST(ref))

#ifdef __cplusplus
}
#endif
#endif

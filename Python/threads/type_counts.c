/* Counts of heap types, one per thread: what instances add to and take from their type must not be one word that
   all threads write.

   A deferred heap type has a number (unique_id, from 1).  Each thread counts its instances' references in an array
   by that number; the collector adds them up, with the world stopped, before it looks at a type's count.  A type
   gives its number back when it stops being deferred.
   Locking: interp->type_ids.mutex guards the table; a thread's array belongs to the thread, or to whoever has
   stopped the world.  Source: the idea is CPython 3.14's (PEP 703's per-thread reference counts). */
#include "Python.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_type_counts.h"

#ifdef Py_GIL_DISABLED

static struct _Py_type_ids *
ids_of(PyInterpreterState *interp)
{
    return &interp->type_ids;
}

static Py_ssize_t
take_id_lock_held(struct _Py_type_ids *ids, PyObject *type)
{
    if (ids->num_free > 0) {
        Py_ssize_t index = ids->free_ids[--ids->num_free];
        ids->types[index] = type;
        return index + 1;
    }
    if (ids->count == ids->capacity) {
        Py_ssize_t capacity = ids->capacity ? ids->capacity * 2 : 256;
        PyObject **types = PyMem_RawRealloc(ids->types, (size_t)capacity * sizeof(PyObject *));
        if (types == NULL) {
            return 0;
        }
        ids->types = types;
        Py_ssize_t *free_ids = PyMem_RawRealloc(ids->free_ids, (size_t)capacity * sizeof(Py_ssize_t));
        if (free_ids == NULL) {
            return 0;
        }
        ids->free_ids = free_ids;
        ids->capacity = capacity;
    }
    ids->types[ids->count++] = type;
    return ids->count;
}

/* The type is not known to other threads yet.  Without memory it stays without a number, and is counted as any
   other object. */
void
_PyType_AssignCountId(PyTypeObject *type)
{
    PyHeapTypeObject *heap_type = (PyHeapTypeObject *)type;
    if (heap_type->unique_id > 0) {
        return;
    }
    struct _Py_type_ids *ids = ids_of(_PyInterpreterState_GET());
    PyMutex_LockFlags(&ids->mutex, _Py_LOCK_DONT_DETACH);
    heap_type->unique_id = take_id_lock_held(ids, (PyObject *)type);
    PyMutex_Unlock(&ids->mutex);
}

/* The world is stopped and the counts have been merged. */
void
_PyType_ReleaseCountId(PyInterpreterState *interp, PyTypeObject *type)
{
    PyHeapTypeObject *heap_type = (PyHeapTypeObject *)type;
    struct _Py_type_ids *ids = ids_of(interp);
    if (heap_type->unique_id > 0) {
        Py_ssize_t index = heap_type->unique_id - 1;
        heap_type->unique_id = 0;
        ids->types[index] = NULL;
        ids->free_ids[ids->num_free++] = index;
    }
}

static int
grow_counts(_PyThreadStateImpl *impl, Py_ssize_t id)
{
    struct _Py_type_ids *ids = ids_of(impl->base.interp);
    Py_ssize_t size = __atomic_load_n(&ids->capacity, __ATOMIC_RELAXED);
    if (size < id) {
        size = id;
    }
    Py_ssize_t *values = PyMem_RawRealloc(impl->type_counts.values, (size_t)size * sizeof(Py_ssize_t));
    if (values == NULL) {
        return -1;
    }
    memset(values + impl->type_counts.size, 0, (size_t)(size - impl->type_counts.size) * sizeof(Py_ssize_t));
    impl->type_counts.values = values;
    impl->type_counts.size = size;
    return 0;
}

void
_PyType_AddCountSlow(PyTypeObject *type, Py_ssize_t delta)
{
    Py_ssize_t id = ((PyHeapTypeObject *)type)->unique_id;
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)_PyThreadState_GET();
    if (id > 0 && (id <= impl->type_counts.size || grow_counts(impl, id) == 0)) {
        impl->type_counts.values[id - 1] += delta;
    }
    else if (delta > 0) {
        Py_INCREF(type);
    }
    else {
        Py_DECREF(type);
    }
}

static void
merge_thread(struct _Py_type_ids *ids, _PyThreadStateImpl *impl)
{
    for (Py_ssize_t i = 0; i < impl->type_counts.size; i++) {
        Py_ssize_t delta = impl->type_counts.values[i];
        if (delta != 0) {
            impl->type_counts.values[i] = 0;
            assert(ids->types[i] != NULL);
            __atomic_fetch_add(&ids->types[i]->ob_ref_shared, delta * (1 << _Py_REF_SHARED_SHIFT),
                               __ATOMIC_RELAXED);
        }
    }
}

void
_PyType_MergeCounts(PyInterpreterState *interp)
{
    _Py_FOR_EACH_TSTATE_BEGIN(interp, t) {
        merge_thread(ids_of(interp), (_PyThreadStateImpl *)t);
    }
    _Py_FOR_EACH_TSTATE_END(interp);
}

/* The thread ends. */
void
_PyType_FiniThreadCounts(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    struct _Py_type_ids *ids = ids_of(tstate->interp);
    PyMutex_LockFlags(&ids->mutex, _Py_LOCK_DONT_DETACH);
    merge_thread(ids, impl);
    PyMutex_Unlock(&ids->mutex);
    PyMem_RawFree(impl->type_counts.values);
    impl->type_counts.values = NULL;
    impl->type_counts.size = 0;
}

void
_PyType_FiniCountIds(PyInterpreterState *interp)
{
    struct _Py_type_ids *ids = ids_of(interp);
    PyMem_RawFree(ids->types);
    PyMem_RawFree(ids->free_ids);
    *ids = (struct _Py_type_ids){0};
}

#endif  // Py_GIL_DISABLED

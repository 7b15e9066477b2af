/* Birth, counts off the fast path, immortality, resurrection and death of objects. */
#include "Python.h"
#include "pycore_ceval.h"          // _Py_RecursionLimit_GetMargin
#include "pycore_gc.h"             // _PyObject_Promote
#include "pycore_hot.h"
#include "pycore_object.h"
#include "pycore_object_alloc.h"
#include "pycore_pyerrors.h"
#include "pycore_pymem.h"          // _PyMem_IsPtrFreed
#include "pycore_pystate.h"

/* -- Birth ---------------- */

static inline void
new_reference(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    op->ob_tid = _Py_ThreadId();
    op->ob_flags = 0;
    op->ob_mutex = (PyMutex){0};
    op->ob_gc_bits = 0;
    op->ob_ref_local = 1;
    op->ob_ref_shared = 0;
#else
    op->ob_refcnt_full = 1;  // and no flags, no GC bits
#endif
}

void
_Py_NewReference(PyObject *op)
{
    new_reference(op);
}

void
_Py_NewReferenceNoTotal(PyObject *op)
{
    new_reference(op);
}

PyAPI_FUNC(void) _Py_ForgetReference(PyObject *op);

void
_Py_ForgetReference(PyObject *op)
{
    (void)op;
}

PyObject *
PyObject_Init(PyObject *op, PyTypeObject *type)
{
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init(op, type);
    return op;
}

PyVarObject *
PyObject_InitVar(PyVarObject *op, PyTypeObject *type, Py_ssize_t size)
{
    if (op == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    _PyObject_InitVar(op, type, size);
    return op;
}

PyObject *
_PyObject_New(PyTypeObject *type)
{
    PyObject *op = PyObject_Malloc(_PyObject_SIZE(type));
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init(op, type);
    return op;
}

PyVarObject *
_PyObject_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    PyVarObject *op = PyObject_Malloc(_PyObject_VAR_SIZE(type, nitems));
    if (op == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    _PyObject_InitVar(op, type, nitems);
    return op;
}

/* -- Counts ---------------- */

#undef Py_NewRef
#undef Py_XNewRef
PyObject *
Py_NewRef(PyObject *op)
{
    return _Py_NewRef(op);
}

PyObject *
Py_XNewRef(PyObject *op)
{
    return _Py_XNewRef(op);
}

void
Py_IncRef(PyObject *op)
{
    Py_XINCREF(op);
}

void
Py_DecRef(PyObject *op)
{
    Py_XDECREF(op);
}

void
_Py_IncRef(PyObject *op)
{
    Py_INCREF(op);
}

void
_Py_DecRef(PyObject *op)
{
    Py_DECREF(op);
}

#undef Py_REFCNT
PyAPI_FUNC(Py_ssize_t) Py_REFCNT(PyObject *op);

Py_ssize_t
Py_REFCNT(PyObject *op)
{
    return _Py_REFCNT(op);
}

void
_Py_SetRefcnt(PyObject *op, Py_ssize_t refcnt)
{
    Py_SET_REFCNT(op, refcnt);
}

#undef _Py_RefcntAdd
void
_Py_RefcntAdd(PyObject *op, Py_ssize_t n)
{
    if (_Py_IsImmortal(op)) {
        return;
    }
#ifdef Py_GIL_DISABLED
    if (_Py_IsOwnedByCurrentThread(op)) {
        uint32_t local = op->ob_ref_local;
        Py_ssize_t sum = (Py_ssize_t)local + n;
        if (sum < (Py_ssize_t)UINT32_MAX) {
            __atomic_store_n(&op->ob_ref_local, (uint32_t)sum, __ATOMIC_RELAXED);
            return;
        }
    }
    __atomic_fetch_add(&op->ob_ref_shared, n << _Py_REF_SHARED_SHIFT, __ATOMIC_RELAXED);
#else
    Py_SET_REFCNT(op, Py_REFCNT(op) + n);
#endif
}

void
_Py_FatalRefcountErrorFunc(const char *func, const char *message)
{
    _Py_FatalErrorFunc(func, message);
}

/* -- Immortality ---------------- */

void
_Py_SetImmortalUntracked(PyObject *op)
{
    if (_Py_IsImmortal(op)) {
        return;
    }
#ifdef Py_GIL_DISABLED
    op->ob_tid = _Py_UNOWNED_TID;
    op->ob_ref_local = _Py_IMMORTAL_REFCNT_LOCAL;
    op->ob_ref_shared = 0;
    _PyObject_AND_NOT_GC_BITS(op, _PyGC_BITS_DEFERRED);
#else
    op->ob_flags |= _Py_IMMORTAL_FLAGS;
    op->ob_refcnt = _Py_IMMORTAL_INITIAL_REFCNT;
#endif
}

void
_Py_SetImmortal(PyObject *op)
{
    if (_PyObject_IS_GC(op) && _PyObject_GC_IS_TRACKED(op)) {
        _PyObject_GC_UNTRACK(op);
    }
    _Py_SetImmortalUntracked(op);
}

void
_Py_SetMortal(PyObject *op, short refcnt)
{
#ifdef Py_GIL_DISABLED
    op->ob_tid = _Py_UNOWNED_TID;
    op->ob_ref_local = 0;
    op->ob_ref_shared = _Py_REF_SHARED((Py_ssize_t)refcnt, _Py_REF_MERGED);
#else
    op->ob_refcnt = (uint32_t)refcnt;
    op->ob_flags &= (uint16_t)~_Py_IMMORTAL_FLAGS;
#endif
}

int
PyUnstable_IsImmortal(PyObject *op)
{
    return _Py_IsImmortal(op);
}

/* -- What extensions may ask ---------------- */

int
PyUnstable_Object_IsUniquelyReferenced(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    return _Py_IsOwnedByCurrentThread(op)
        && __atomic_load_n(&op->ob_ref_local, __ATOMIC_RELAXED) == 1
        && __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED) == 0;
#else
    return Py_REFCNT(op) == 1;
#endif
}

int
PyUnstable_TryIncRef(PyObject *op)
{
    return _Py_TryIncref(op);
}

void
PyUnstable_EnableTryIncRef(PyObject *op)
{
    _PyObject_SetMaybeWeakref(op);
}

int
PyUnstable_Object_EnableDeferredRefcount(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    if (!_PyObject_IS_GC(op) || _Py_IsImmortal(op) || !_Py_IsOwnedByCurrentThread(op)
        || _PyObject_HasDeferredRefcount(op)) {
        return 0;
    }
    _PyObject_SetDeferredRefcount(op);
    return 1;
#else
    (void)op;
    return 0;
#endif
}

/* -- Resurrection ---------------- */

void
_Py_ResurrectReference(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    op->ob_tid = _Py_ThreadId();
    op->ob_ref_local = 1;
    op->ob_ref_shared = 0;
#else
    op->ob_refcnt = 1;
#endif
}

void
_PyObject_ResurrectStart(PyObject *op)
{
    assert(Py_REFCNT(op) == 0);
#ifdef Py_GIL_DISABLED
    __atomic_store_n(&op->ob_tid, _Py_ThreadId(), __ATOMIC_RELAXED);
    __atomic_store_n(&op->ob_ref_local, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&op->ob_ref_shared, 0, __ATOMIC_RELAXED);
#else
    Py_SET_REFCNT(op, 1);
#endif
}

int
_PyObject_ResurrectEndSlow(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    if (_Py_IsImmortal(op)) {
        return 1;
    }
    if (_Py_IsOwnedByCurrentThread(op)) {
        uint32_t local = op->ob_ref_local - 1;
        __atomic_store_n(&op->ob_ref_local, local, __ATOMIC_RELAXED);
        if (local != 0) {
            return 1;
        }
        /* Merge without deallocating: that is the caller's business. */
        Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, __ATOMIC_ACQUIRE);
        if (shared == 0) {
            return 0;
        }
        return _Py_ExplicitMergeRefcount(op, 0) != 0;
    }
    /* Merged meanwhile. */
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED);
    Py_ssize_t updated;
    do {
        updated = shared - ((Py_ssize_t)1 << _Py_REF_SHARED_SHIFT);
    } while (!__atomic_compare_exchange_n(&op->ob_ref_shared, &shared, updated, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    return updated != _Py_REF_MERGED;
#else
    Py_ssize_t refcnt = Py_REFCNT(op);
    Py_SET_REFCNT(op, refcnt - 1);
    return refcnt - 1 > 0;
#endif
}

int
_PyObject_ResurrectEnd(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    if (_Py_IsOwnedByCurrentThread(op) && op->ob_ref_local == 1
        && __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED) == 0) {
        op->ob_ref_local = 0;
        return 0;
    }
#else
    if (Py_REFCNT(op) == 1) {
        Py_SET_REFCNT(op, 0);
        return 0;
    }
#endif
    return _PyObject_ResurrectEndSlow(op);
}

void
PyObject_CallFinalizer(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (type->tp_finalize == NULL) {
        return;
    }
    /* Once per object, for those that can remember it. */
    if (_PyType_IS_GC(type) && _PyGC_FINALIZED(self)) {
        return;
    }
    type->tp_finalize(self);
    if (_PyType_IS_GC(type)) {
        _PyGC_SET_FINALIZED(self);
    }
}

int
PyObject_CallFinalizerFromDealloc(PyObject *self)
{
    if (Py_REFCNT(self) != 0) {
        _PyObject_ASSERT_FAILED_MSG(self, "PyObject_CallFinalizerFromDealloc called on object with a non-zero refcount");
    }
    _PyObject_ResurrectStart(self);
    PyObject_CallFinalizer(self);
    if (_PyObject_ResurrectEnd(self)) {
        return -1;  // alive again
    }
    return 0;
}

/* -- Death ---------------- */

/* An object whose deallocation would need more stack than there is: it waits until the outer ones are done. */
void
_PyTrash_thread_deposit_object(PyThreadState *tstate, PyObject *op)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    if (impl->trash_count == impl->trash_capacity) {
        Py_ssize_t capacity = impl->trash_capacity ? impl->trash_capacity * 2 : 64;
        PyObject **items = PyMem_RawRealloc(impl->trash, (size_t)capacity * sizeof(PyObject *));
        if (items == NULL) {
            Py_TYPE(op)->tp_dealloc(op);  // and hope that the stack suffices
            return;
        }
        impl->trash = items;
        impl->trash_capacity = capacity;
    }
    /* A collection must not find it. */
    uintptr_t item = (uintptr_t)op;
    if (_PyObject_GC_IS_TRACKED(op)) {
        _PyObject_GC_UNTRACK(op);
        item |= 1;
    }
    impl->trash[impl->trash_count++] = (PyObject *)item;
    tstate->delete_later = op;
}

void
_PyTrash_thread_destroy_chain(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;
    if (impl->trash_running) {
        return;
    }
    impl->trash_running = 1;
    while (impl->trash_count > 0) {
        uintptr_t item = (uintptr_t)impl->trash[--impl->trash_count];
        PyObject *op = (PyObject *)(item & ~(uintptr_t)1);
        if (impl->trash_count == 0) {
            tstate->delete_later = NULL;
        }
        if (item & 1) {
            _PyObject_GC_TRACK(op);  // as its deallocator expects
        }
        Py_TYPE(op)->tp_dealloc(op);
    }
    impl->trash_running = 0;
}

#ifdef Py_DEBUG
static void
check_dealloc_kept_exception(PyThreadState *tstate, PyTypeObject *type, PyObject *before)
{
    if (tstate != NULL && tstate->current_exception != before) {
        fprintf(stderr, "Deallocator of type '%s' changed the current exception\n", type->tp_name);
        Py_FatalError("a deallocator raised or cleared an exception");
    }
}
#endif

void
_Py_Dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    destructor dealloc = type->tp_dealloc;
    PyThreadState *tstate = _PyThreadState_GET();
    if (__builtin_expect(tstate == NULL, 0)) {
        dealloc(op);
        return;
    }
    intptr_t margin = _Py_RecursionLimit_GetMargin(tstate);
    if (__builtin_expect(margin < 2, 0) && _PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC)) {
        _PyTrash_thread_deposit_object(tstate, op);
        return;
    }
#ifdef Py_DEBUG
    PyObject *exception = tstate->current_exception;
    Py_XINCREF(exception);
#endif
    dealloc(op);
#ifdef Py_DEBUG
    check_dealloc_kept_exception(tstate, type, exception);
    Py_XDECREF(exception);
#endif
    if (__builtin_expect(tstate->delete_later != NULL, 0) && margin >= 4) {
        _PyTrash_thread_destroy_chain(tstate);
    }
}

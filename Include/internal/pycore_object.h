/* Object headers: reference counts of both builds, the GC byte, pre-headers, retiring references.

   The GC byte stands in ob_gc_bits (free-threaded build) or in the high byte of ob_flags (GIL build); no object
   has a GC prefix.  Bits are set by the thread that creates or destroys the object, by anyone under the object's
   mutex (SHARED), or while the world is stopped; a change that may race uses the atomic forms below. */
#ifndef Py_INTERNAL_OBJECT_H
#define Py_INTERNAL_OBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_atomic_ft.h"  // FT_ATOMIC_LOAD_PTR_ACQUIRE
#include "pycore_current.h"    // _PyThreadState_GET
#include "pycore_lock.h"       // _Py_multithreaded
#include "pycore_tstate.h"     // _PyThreadStateImpl

/* -- The GC byte ---------------- */

#define _PyGC_BITS_TRACKED     (1 << 0)  // the collector knows it
#define _PyGC_BITS_FINALIZED   (1 << 1)  // tp_finalize has run
#define _PyGC_BITS_UNREACHABLE (1 << 2)  // found to be garbage by the running collection
#define _PyGC_BITS_FROZEN      (1 << 3)  // gc.freeze(): ignored
#define _PyGC_BITS_SHARED      (1 << 4)  // a container that other threads may read without a lock (P2)
#define _PyGC_BITS_DEFERRED    (1 << 5)  // the shared count carries _Py_REF_DEFERRED (P5)
#define _PyGC_BITS_OLD         (1 << 6)  // has survived a collection
#define _PyGC_BITS_PROMOTED    (1 << 7)  // deferred because many threads counted it; on the promoted list

#ifdef Py_GIL_DISABLED
#  define _PyObject_GC_BYTE(op) (&_PyObject_CAST(op)->ob_gc_bits)
#else
#  define _PyObject_GC_BYTE(op) (((uint8_t *)(op)) + 7)
#endif

static inline uint8_t
_PyObject_GC_BITS(PyObject *op)
{
    /* Relaxed: each bit stands for itself, and what it says is ordered by a lock or a stopped world. */
    return __atomic_load_n(_PyObject_GC_BYTE(op), __ATOMIC_RELAXED);
}

static inline int
_PyObject_HAS_GC_BITS(PyObject *op, uint8_t bits)
{
    return (_PyObject_GC_BITS(op) & bits) != 0;
}

/* Plain set and clear: no other thread can change the byte now. */
static inline void
_PyObject_SET_GC_BITS(PyObject *op, uint8_t bits)
{
    __atomic_store_n(_PyObject_GC_BYTE(op), (uint8_t)(_PyObject_GC_BITS(op) | bits), __ATOMIC_RELAXED);
}

static inline void
_PyObject_CLEAR_GC_BITS(PyObject *op, uint8_t bits)
{
    __atomic_store_n(_PyObject_GC_BYTE(op), (uint8_t)(_PyObject_GC_BITS(op) & ~bits), __ATOMIC_RELAXED);
}

/* The same against racing changes of other bits. */
static inline void
_PyObject_OR_GC_BITS(PyObject *op, uint8_t bits)
{
#ifdef Py_GIL_DISABLED
    if (_Py_multithreaded) {
        __atomic_fetch_or(_PyObject_GC_BYTE(op), bits, __ATOMIC_RELEASE);
        return;
    }
#endif
    _PyObject_SET_GC_BITS(op, bits);
}

static inline void
_PyObject_AND_NOT_GC_BITS(PyObject *op, uint8_t bits)
{
#ifdef Py_GIL_DISABLED
    if (_Py_multithreaded) {
        __atomic_fetch_and(_PyObject_GC_BYTE(op), (uint8_t)~bits, __ATOMIC_RELEASE);
        return;
    }
#endif
    _PyObject_CLEAR_GC_BITS(op, bits);
}

static inline int
_PyObject_GC_IS_TRACKED(PyObject *op)
{
    return _PyObject_HAS_GC_BITS(op, _PyGC_BITS_TRACKED);
}
#define _PyObject_GC_IS_TRACKED(op) _PyObject_GC_IS_TRACKED(_PyObject_CAST(op))

static inline int
_PyGC_FINALIZED(PyObject *op)
{
    return _PyObject_HAS_GC_BITS(op, _PyGC_BITS_FINALIZED);
}
#define _PyGC_FINALIZED(op) _PyGC_FINALIZED(_PyObject_CAST(op))

static inline void
_PyGC_SET_FINALIZED(PyObject *op)
{
    _PyObject_OR_GC_BITS(op, _PyGC_BITS_FINALIZED);
}
#define _PyGC_SET_FINALIZED(op) _PyGC_SET_FINALIZED(_PyObject_CAST(op))

static inline void
_PyGC_CLEAR_FINALIZED(PyObject *op)
{
    _PyObject_AND_NOT_GC_BITS(op, _PyGC_BITS_FINALIZED);
}
#define _PyGC_CLEAR_FINALIZED(op) _PyGC_CLEAR_FINALIZED(_PyObject_CAST(op))

/* The object must be complete: from here on a collection may traverse it. */
static inline void
_PyObject_GC_TRACK(PyObject *op)
{
    assert(!(_PyObject_GC_IS_TRACKED)(op));
    _PyObject_SET_GC_BITS(op, _PyGC_BITS_TRACKED);
}
#define _PyObject_GC_TRACK(op) _PyObject_GC_TRACK(_PyObject_CAST(op))

static inline void
_PyObject_GC_UNTRACK(PyObject *op)
{
    assert((_PyObject_GC_IS_TRACKED)(op));
    _PyObject_CLEAR_GC_BITS(op, _PyGC_BITS_TRACKED);
}
#define _PyObject_GC_UNTRACK(op) _PyObject_GC_UNTRACK(_PyObject_CAST(op))

/* -- Types ---------------- */

static inline int
_PyType_HasFeature(PyTypeObject *type, unsigned long feature)
{
    return (FT_ATOMIC_LOAD_ULONG_RELAXED(type->tp_flags) & feature) != 0;
}

#define _PyType_IS_GC(t) _PyType_HasFeature((t), Py_TPFLAGS_HAVE_GC)

static inline int
_PyObject_IS_GC(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    return _PyType_IS_GC(type) && (type->tp_is_gc == NULL || type->tp_is_gc(op));
}

static inline int
_PyObject_GC_MAY_BE_TRACKED(PyObject *op)
{
    return _PyObject_IS_GC(op) && (!PyTuple_CheckExact(op) || (_PyObject_GC_IS_TRACKED)(op));
}

/* Bytes in front of an instance: one word for the managed dict at [-1], one for the weak references at [-2]; both
   are there when the type has either flag. */
static inline size_t
_PyType_PreHeaderSize(PyTypeObject *type)
{
    return _PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT | Py_TPFLAGS_MANAGED_WEAKREF)
        ? 2 * sizeof(PyObject *) : 0;
}
#define _PyObject_PreHeaderSize(type) _PyType_PreHeaderSize(type)
#define _PyType_PREHEADER_SIZE(type) _PyType_PreHeaderSize(type)

#define MANAGED_DICT_OFFSET    (-(Py_ssize_t)sizeof(PyObject *))
#define MANAGED_WEAKREF_OFFSET (-2 * (Py_ssize_t)sizeof(PyObject *))

typedef union {
    PyDictObject *dict;
} PyManagedDictPointer;

static inline PyManagedDictPointer *
_PyObject_ManagedDictPointer(PyObject *obj)
{
    assert(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT);
    return (PyManagedDictPointer *)obj - 1;
}

static inline PyDictObject *
_PyObject_GetManagedDict(PyObject *obj)
{
    return (PyDictObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(_PyObject_ManagedDictPointer(obj)->dict);
}

typedef struct _dictvalues PyDictValues;

static inline PyDictValues *
_PyObject_InlineValues(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    assert(type->tp_basicsize > 0 && type->tp_basicsize % (Py_ssize_t)sizeof(PyObject *) == 0);
    assert(type->tp_flags & Py_TPFLAGS_INLINE_VALUES);
    return (PyDictValues *)((char *)obj + type->tp_basicsize);
}

#define _PyType_SUPPORTS_WEAKREFS(type) ((type)->tp_weaklistoffset != 0)

static inline PyObject **
_PyObject_GET_WEAKREFS_LISTPTR(PyObject *op)
{
    return (PyObject **)((char *)op + Py_TYPE(op)->tp_weaklistoffset);
}
#define _PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(op) \
    ((struct _PyWeakReference **)((char *)(op) + Py_TYPE(op)->tp_weaklistoffset))

/* The head of the list of weak references, NULL if the type has none. */
static inline PyObject **
_PyObject_GetWeakRefsSlot(PyObject *op)
{
    return Py_TYPE(op)->tp_weaklistoffset ? _PyObject_GET_WEAKREFS_LISTPTR(op) : NULL;
}

static inline PyObject *
_PyObject_GetWeakRefs(PyObject *op)
{
    PyObject **slot = _PyObject_GetWeakRefsSlot(op);
    return slot == NULL ? NULL : (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*slot);
}

/* -- Immortal objects ---------------- */

#ifdef Py_GIL_DISABLED
#  define _PyObject_HEAD_INIT(type) {                        \
        .ob_flags = _Py_STATICALLY_ALLOCATED_FLAG,           \
        .ob_ref_local = _Py_IMMORTAL_REFCNT_LOCAL,           \
        .ob_type = (type) }
#else
#  define _PyObject_HEAD_INIT(type) {                        \
        .ob_refcnt_full = _Py_STATIC_IMMORTAL_INITIAL_REFCNT, \
        .ob_type = (type) }
#endif
#define _PyVarObject_HEAD_INIT(type, size) { .ob_base = _PyObject_HEAD_INIT(type), .ob_size = (size) }

/* The caller is the only one that knows the object, or the world is stopped. */
extern void _Py_SetImmortal(PyObject *op);
extern void _Py_SetImmortalUntracked(PyObject *op);
extern void _Py_SetMortal(PyObject *op, short refcnt);

static inline void
_Py_ClearImmortal(PyObject *op)
{
    assert(op == NULL || _Py_IsImmortal(op));
    if (op != NULL) {
        _Py_SetMortal(op, 1);
        Py_DECREF(op);
    }
}
#define _Py_ClearImmortal(op) \
    do { (_Py_ClearImmortal)(_PyObject_CAST(op)); (op) = NULL; } while (0)

/* -- Counting ---------------- */

/* What a deferred object's shared count carries on top of its references. */
#define _Py_REF_DEFERRED (PY_SSIZE_T_MAX / 8)

#ifdef Py_GIL_DISABLED

#  define _Py_REF_SHARED(refcnt, flags) \
    (((refcnt) << _Py_REF_SHARED_SHIFT) + (flags))

/* Number of references, without the deferred constant; exact only while the world is stopped. */
extern Py_ssize_t _PyObject_RealRefcount(PyObject *op);

/* Moves the local count into the shared one and adds extra.  Returns the count after it.  Owner only, or with the
   world stopped, or when nobody owns the object. */
extern Py_ssize_t _Py_ExplicitMergeRefcount(PyObject *op, Py_ssize_t extra);

extern int _Py_TryIncRefShared(PyObject *op);
extern int _Py_IsOwnedByCurrentThread_Slow(PyObject *op);

static inline int
_Py_TryIncrefFast(PyObject *op)
{
    uint32_t local = __atomic_load_n(&op->ob_ref_local, __ATOMIC_RELAXED) + 1;
    if (local == 0) {
        return 1;  // immortal
    }
    if (_Py_IsOwnedByCurrentThread(op)) {
        __atomic_store_n(&op->ob_ref_local, local, __ATOMIC_RELAXED);
        return 1;
    }
    return 0;
}

/* Counts op unless it is dead already.  The memory must still be an object's: a grace period or a lock says so. */
static inline int
_Py_TryIncref(PyObject *op)
{
    return _Py_TryIncrefFast(op) || _Py_TryIncRefShared(op);
}

/* From now on weak references and other uncounted pointers may try to count op. */
static inline void
_PyObject_SetMaybeWeakref(PyObject *op)
{
    if (_Py_IsImmortal(op)) {
        return;
    }
    Py_ssize_t shared = __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED);
    do {
        if ((shared & _Py_REF_SHARED_FLAG_MASK) != 0) {
            return;  // it says so already, or is queued or merged
        }
    } while (!__atomic_compare_exchange_n(&op->ob_ref_shared, &shared, shared | _Py_REF_MAYBE_WEAKREF, 0,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
}

static inline int
_Py_TryIncrefCompare(PyObject **src, PyObject *op)
{
    if (_Py_TryIncrefFast(op)) {
        return 1;
    }
    if (!_Py_TryIncRefShared(op)) {
        return 0;
    }
    if (op != (PyObject *)__atomic_load_n(src, __ATOMIC_ACQUIRE)) {
        Py_DECREF(op);
        return 0;
    }
    return 1;
}

static inline int
_PyObject_HasDeferredRefcount(PyObject *op)
{
    return _PyObject_HAS_GC_BITS(op, _PyGC_BITS_DEFERRED);
}

/* A new reference to *slot of a container that the caller may read without its lock, or NULL.  Nothing is
   retried: what a writer unlinks stays alive until our next quiescent point. */
static inline PyObject *
_Py_XGetRef(PyObject **slot)
{
    PyObject *op = (PyObject *)__atomic_load_n(slot, __ATOMIC_ACQUIRE);
    Py_XINCREF(op);
    return op;
}

static inline PyObject *
_Py_NewRefWithLock(PyObject *op)
{
    Py_INCREF(op);
    return op;
}

extern void _PyObject_SetDeferredRefcount(PyObject *op);

#else  // GIL build

static inline Py_ssize_t
_PyObject_RealRefcount(PyObject *op)
{
    return Py_REFCNT(op);
}

static inline int
_Py_TryIncref(PyObject *op)
{
    if (Py_REFCNT(op) > 0) {
        Py_INCREF(op);
        return 1;
    }
    return 0;
}

static inline int
_Py_TryIncrefFast(PyObject *op)
{
    return _Py_TryIncref(op);
}

static inline int
_Py_TryIncrefCompare(PyObject **src, PyObject *op)
{
    (void)src;
    return _Py_TryIncref(op);
}

static inline void
_PyObject_SetMaybeWeakref(PyObject *Py_UNUSED(op))
{
}

static inline int
_PyObject_HasDeferredRefcount(PyObject *Py_UNUSED(op))
{
    return 0;
}

static inline PyObject *
_Py_XGetRef(PyObject **slot)
{
    return Py_XNewRef(*slot);
}

static inline PyObject *
_Py_NewRefWithLock(PyObject *op)
{
    return Py_NewRef(op);
}

static inline void
_PyObject_SetDeferredRefcount(PyObject *Py_UNUSED(op))
{
}

#endif

static inline PyObject *
_Py_TryXGetRef(PyObject **slot)
{
    return _Py_XGetRef(slot);
}

static inline PyObject *
_Py_XNewRefWithLock(PyObject *op)
{
    return op == NULL ? NULL : _Py_NewRefWithLock(op);
}

/* Leaves op to the collector: only meant for objects that live long and that many threads use.  Nobody else knows
   the object yet, or the caller holds its mutex. */
#define _PyObject_SetDeferred(op) _PyObject_SetDeferredRefcount(_PyObject_CAST(op))

extern void _Py_RefcntAdd(PyObject *op, Py_ssize_t n);
#define _Py_RefcntAdd(op, n) (_Py_RefcntAdd)(_PyObject_CAST(op), (n))

/* The reference of an instance to its heap type: counted in an array of the thread's own, so that threads which
   make instances of one type do not write one word (pycore_type_counts.h).  A static type is immortal. */
#ifdef Py_GIL_DISABLED
static inline void
_PyType_AddCount(PyTypeObject *type, Py_ssize_t delta)
{
    if (!_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return;
    }
    Py_ssize_t id = ((PyHeapTypeObject *)type)->unique_id;
    _PyThreadStateImpl *impl = (_PyThreadStateImpl *)_PyThreadState_GET();
    if (__builtin_expect(id > 0 && id <= impl->type_counts.size, 1)) {
        impl->type_counts.values[id - 1] += delta;
    }
    else {
        _PyType_AddCountSlow(type, delta);
    }
}
#  define _Py_INCREF_TYPE(type) _PyType_AddCount((type), 1)
#  define _Py_DECREF_TYPE(type) _PyType_AddCount((type), -1)
#else
static inline void
_Py_INCREF_TYPE(PyTypeObject *type)
{
    Py_INCREF(type);
}

static inline void
_Py_DECREF_TYPE(PyTypeObject *type)
{
    Py_DECREF(type);
}
#endif

/* The caller knows that another reference exists. */
static inline void
_Py_DECREF_NO_DEALLOC(PyObject *op)
{
    Py_DECREF(op);
}

static inline void
_Py_DECREF_SPECIALIZED(PyObject *op, const destructor destruct)
{
    (void)destruct;
    Py_DECREF(op);
}

/* -- Birth ---------------- */

static inline void
_PyObject_Init(PyObject *op, PyTypeObject *type)
{
    assert(op != NULL);
    Py_SET_TYPE(op, type);
    if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        _Py_INCREF_TYPE(type);
    }
    _Py_NewReference(op);
}

static inline void
_PyObject_InitVar(PyVarObject *op, PyTypeObject *type, Py_ssize_t size)
{
    assert(op != NULL);
    Py_SET_SIZE(op, size);
    _PyObject_Init((PyObject *)op, type);
}

/* Gives the object one reference without the bookkeeping of new objects: it was resurrected. */
extern void _Py_ResurrectReference(PyObject *op);
/* Between the two a dying object has one reference and may be handed to Python code; 1: somebody kept it. */
extern void _PyObject_ResurrectStart(PyObject *op);
extern int _PyObject_ResurrectEnd(PyObject *op);
extern int _PyObject_ResurrectEndSlow(PyObject *op);

extern void _Py_NO_RETURN _Py_FatalRefcountErrorFunc(const char *func, const char *message);
#define _Py_FatalRefcountError(message) _Py_FatalRefcountErrorFunc(__func__, (message))

extern int _PyObject_CheckConsistency(PyObject *op, int check_content);
extern void _PyObject_Dump(PyObject *op);
extern int _PyObject_IsFreed(PyObject *op);
extern Py_ssize_t _Py_GetRefTotal(PyInterpreterState *interp);
extern Py_ssize_t _Py_GetGlobalRefTotal(void);

/* -- Shared containers and retiring (P2) ---------------- */

#ifdef Py_GIL_DISABLED

extern void _Py_RetireRefSlow(PyObject *old);
extern void _Py_RetireMemSlow(void *mem);
/* Calls fn(arg) after a grace period (now, when there is one thread). */
extern void _Py_RetireCall(void (*fn)(void *), void *arg);

/* May this thread read container op without its lock? */
static inline int
_PyObject_CanReadLockfree(PyObject *op)
{
    return _Py_IsOwnedByCurrentThread(op) || (_PyObject_GC_BITS(op) & _PyGC_BITS_SHARED)
        || !_Py_multithreaded;
}

static inline int
_PyObject_IsShared(PyObject *op)
{
    return (_PyObject_GC_BITS(op) & _PyGC_BITS_SHARED) != 0;
}

/* Marks container op as read by other threads: at its creation, or under its mutex. */
static inline void
_PyObject_SetShared(PyObject *op)
{
    if (!_PyObject_IsShared(op)) {
        _PyObject_OR_GC_BITS(op, _PyGC_BITS_SHARED);
    }
}

static inline int
_PyObject_MustRetire(PyObject *op)
{
    return _Py_multithreaded && (_PyObject_IsShared(op) || !_Py_IsOwnedByCurrentThread(op));
}

/* Releases a reference (or NULL) that was unlinked from container op: now if nobody can be reading it, else after
   a grace period.  May run Python code. */
static inline void
_Py_RetireRef(PyObject *op, PyObject *old)
{
    if (old != NULL) {
        if (_PyObject_MustRetire(op)) {
            _Py_RetireRefSlow(old);
        }
        else {
            Py_DECREF(old);
        }
    }
}

/* PyMem_Free(mem), in the same way, for an array or a table that belonged to container op. */
static inline void
_Py_RetireMem(PyObject *op, void *mem)
{
    if (_PyObject_MustRetire(op)) {
        _Py_RetireMemSlow(mem);
    }
    else {
        PyMem_Free(mem);
    }
}

#else  // GIL build

static inline int
_PyObject_CanReadLockfree(PyObject *Py_UNUSED(op))
{
    return 1;
}

static inline int
_PyObject_IsShared(PyObject *Py_UNUSED(op))
{
    return 0;
}

static inline void
_PyObject_SetShared(PyObject *Py_UNUSED(op))
{
}

static inline int
_PyObject_MustRetire(PyObject *Py_UNUSED(op))
{
    return 0;
}

static inline void
_Py_RetireRef(PyObject *Py_UNUSED(op), PyObject *old)
{
    Py_XDECREF(old);
}

static inline void
_Py_RetireMem(PyObject *Py_UNUSED(op), void *mem)
{
    PyMem_Free(mem);
}

static inline void
_Py_RetireCall(void (*fn)(void *), void *arg)
{
    fn(arg);
}

#endif

#define _PyObject_CanReadLockfree(op) _PyObject_CanReadLockfree(_PyObject_CAST(op))
#define _PyObject_IsShared(op) _PyObject_IsShared(_PyObject_CAST(op))
#define _PyObject_SetShared(op) _PyObject_SetShared(_PyObject_CAST(op))
#define _PyObject_MustRetire(op) _PyObject_MustRetire(_PyObject_CAST(op))
#define _Py_RetireRef(op, old) _Py_RetireRef(_PyObject_CAST(op), _PyObject_CAST(old))
#define _Py_RetireMem(op, mem) _Py_RetireMem(_PyObject_CAST(op), (mem))

/* The one reference to op is the caller's, and no other thread can come by another. */
static inline int
_PyObject_IsUnique(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    return op->ob_ref_local == 1 && _Py_IsOwnedByCurrentThread(op)
        && __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED) == 0;
#else
    return Py_REFCNT(op) == 1;
#endif
}

/* Container op is read by this thread only: nobody else can be looking at what its slots refer to. */
static inline int
_PyObject_IsPrivate(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    return _Py_IsOwnedByCurrentThread(op) && !(_PyObject_GC_BITS(op) & _PyGC_BITS_SHARED);
#else
    (void)op;
    return 1;
#endif
}

#define _PyObject_SET_GC_SHARED(op) _PyObject_SetShared(op)

/* Stores value in *p (a slot of container op) and retires what was there. */
#define _Py_XSETREF_RETIRE(op, dst, src)                                    \
    do {                                                                    \
        PyObject *_old_ = (PyObject *)(dst);                                \
        FT_ATOMIC_STORE_PTR_RELEASE(dst, src);                              \
        _Py_RetireRef(op, _old_);                                           \
    } while (0)

/* 1 if op has one reference and nobody else can get at it: it may be changed in place. */
static inline int
_PyObject_IsUniquelyReferenced(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    return __atomic_load_n(&op->ob_ref_local, __ATOMIC_RELAXED) == 1
        && __atomic_load_n(&op->ob_ref_shared, __ATOMIC_RELAXED) == 0
        && _Py_IsOwnedByCurrentThread(op);
#else
    return Py_REFCNT(op) == 1;
#endif
}

#include "pycore_object_protocol.h"  // _PyObject_LookupSpecial

#endif  // Py_INTERNAL_OBJECT_H

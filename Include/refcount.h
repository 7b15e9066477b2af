/* Reference counts: immortality, Py_INCREF and Py_DECREF, and macros that replace a reference.

   GIL: the count is 32 bits; bit 31 marks an immortal object, whose count is left alone.
   Free-threaded: the owner counts in ob_ref_local, other threads in ob_ref_shared; two low bits of
   the latter tell whether the object may have weak references or waits for its owner, or whether
   both counts were merged.  Source: "Biased reference counting" (J. Choi et al., 2018).
   All of this is compiled into extensions and therefore can not change. */
#ifndef Py_REFCOUNT_H
#define Py_REFCOUNT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(void) Py_DecRef(PyObject *op);
PyAPI_FUNC(void) Py_IncRef(PyObject *op);
PyAPI_FUNC(void) _Py_Dealloc(PyObject *op);
PyAPI_FUNC(void) _Py_DecRef(PyObject *op);
PyAPI_FUNC(void) _Py_IncRef(PyObject *op);
PyAPI_FUNC(void) _Py_SetRefcnt(PyObject *ob, Py_ssize_t refcnt);

PyAPI_FUNC(Py_ssize_t) Py_REFCNT(PyObject *op);

#ifdef Py_GIL_DISABLED
#define _Py_UNOWNED_TID           0
#define _Py_IMMORTAL_REFCNT_LOCAL UINT32_MAX
#define _Py_REF_SHARED_SHIFT      2
#define _Py_REF_SHARED_FLAG_MASK  0x3
#define _Py_REF_SHARED_INIT       0x0
#define _Py_REF_MAYBE_WEAKREF     0x1
#define _Py_REF_QUEUED            0x2
#define _Py_REF_MERGED            0x3
#define _Py_REF_SHARED(refcnt, flags) (((refcnt) << _Py_REF_SHARED_SHIFT) + (flags))

PyAPI_FUNC(void) _Py_DecRefShared(PyObject *op);
PyAPI_FUNC(void) _Py_DecRefSharedDebug(PyObject *op, const char *str, int flag);
PyAPI_FUNC(uintptr_t) _Py_GetThreadLocal_Addr(void);
PyAPI_FUNC(void) _Py_MergeZeroLocalRefcount(PyObject *op);

/* An address that no two living threads share: the thread pointer. */
static inline uintptr_t
_Py_ThreadId(void)
{
#if defined(__x86_64__)
    uintptr_t tid;
    __asm__("movq %%fs:0, %0" : "=r" (tid));
    return tid;
#elif defined(__aarch64__)
    uintptr_t tid;
    __asm__("mrs %0, tpidr_el0" : "=r" (tid));
    return tid;
#elif _Py__has_builtin(__builtin_thread_pointer)
    return (uintptr_t)__builtin_thread_pointer();
#else
    return _Py_GetThreadLocal_Addr();
#endif
}

static inline Py_ALWAYS_INLINE int
_Py_IsOwnedByCurrentThread(PyObject *ob)
{
    /* Relaxed: only the thread itself makes itself the owner. */
    return _Py_atomic_load_uintptr_relaxed(&ob->ob_tid) == _Py_ThreadId();
}
#endif

/* -- Reading -- */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030e0000
static inline Py_ssize_t
_Py_REFCNT(PyObject *ob)
{
#ifdef Py_GIL_DISABLED
    uint32_t local = _Py_atomic_load_uint32_relaxed(&ob->ob_ref_local);
    if (local == _Py_IMMORTAL_REFCNT_LOCAL) {
        return (Py_ssize_t)_Py_IMMORTAL_INITIAL_REFCNT;
    }
    Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&ob->ob_ref_shared);
    return (Py_ssize_t)local + Py_ARITHMETIC_RIGHT_SHIFT(Py_ssize_t, shared, _Py_REF_SHARED_SHIFT);
#else
    return (Py_ssize_t)ob->ob_refcnt;
#endif
}
#  define Py_REFCNT(ob) _Py_REFCNT(_PyObject_CAST(ob))
#endif

static inline Py_ALWAYS_INLINE int
_Py_IsImmortal(PyObject *op)
{
#ifdef Py_GIL_DISABLED
    return _Py_atomic_load_uint32_relaxed(&op->ob_ref_local) == _Py_IMMORTAL_REFCNT_LOCAL;
#else
    return (int32_t)op->ob_refcnt < 0;
#endif
}
#define _Py_IsImmortal(op) _Py_IsImmortal(_PyObject_CAST(op))

static inline Py_ALWAYS_INLINE int
_Py_IsStaticImmortal(PyObject *op)
{
    return (op->ob_flags & _Py_STATICALLY_ALLOCATED_FLAG) != 0;
}
#define _Py_IsStaticImmortal(op) _Py_IsStaticImmortal(_PyObject_CAST(op))

/* -- Setting; an immortal object stays as it is -- */
static inline void
Py_SET_REFCNT(PyObject *ob, Py_ssize_t refcnt)
{
    assert(refcnt >= 0);
#if defined(Py_LIMITED_API) && Py_LIMITED_API+0 >= 0x030d0000
    _Py_SetRefcnt(ob, refcnt);
#else
    if (_Py_IsImmortal(ob)) {
        return;
    }
#ifndef Py_GIL_DISABLED
    ob->ob_refcnt = (uint32_t)refcnt;
#else
    if (_Py_IsOwnedByCurrentThread(ob)) {
        if ((size_t)refcnt > (size_t)UINT32_MAX) {
            /* More than the local count can hold: immortal from now on. */
            ob->ob_tid = _Py_UNOWNED_TID;
            ob->ob_ref_local = _Py_IMMORTAL_REFCNT_LOCAL;
            ob->ob_ref_shared = 0;
        }
        else {
            ob->ob_ref_local = (uint32_t)refcnt;
            ob->ob_ref_shared &= _Py_REF_SHARED_FLAG_MASK;
        }
    }
    else {
        ob->ob_tid = _Py_UNOWNED_TID;
        ob->ob_ref_local = 0;
        ob->ob_ref_shared = _Py_REF_SHARED(refcnt, _Py_REF_MERGED);
    }
#endif
#endif
}
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define Py_SET_REFCNT(ob, refcnt) Py_SET_REFCNT(_PyObject_CAST(ob), (refcnt))
#endif

/* -- Counting -- */
static inline Py_ALWAYS_INLINE void
Py_INCREF(PyObject *op)
{
#if defined(Py_LIMITED_API) && Py_LIMITED_API+0 >= 0x030c0000
    _Py_IncRef(op);
#elif defined(Py_GIL_DISABLED)
    uint32_t local = _Py_atomic_load_uint32_relaxed(&op->ob_ref_local) + 1;
    if (local == 0) {
        return;         /* immortal */
    }
    if (_Py_IsOwnedByCurrentThread(op)) {
        /* Relaxed: others only ask whether it is UINT32_MAX. */
        _Py_atomic_store_uint32_relaxed(&op->ob_ref_local, local);
    }
    else {
        _Py_atomic_add_ssize(&op->ob_ref_shared, ((Py_ssize_t)1 << _Py_REF_SHARED_SHIFT));
    }
#else
    uint32_t refcnt = op->ob_refcnt;
    if (refcnt >= _Py_IMMORTAL_INITIAL_REFCNT) {
        return;
    }
    op->ob_refcnt = refcnt + 1;
#endif
}
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define Py_INCREF(op) Py_INCREF(_PyObject_CAST(op))
#endif

static inline Py_ALWAYS_INLINE void
Py_DECREF(PyObject *op)
{
#if defined(Py_LIMITED_API) && Py_LIMITED_API+0 >= 0x030c0000
    _Py_DecRef(op);
#elif defined(Py_GIL_DISABLED)
    uint32_t local = _Py_atomic_load_uint32_relaxed(&op->ob_ref_local);
    if (local == _Py_IMMORTAL_REFCNT_LOCAL) {
        return;
    }
    if (_Py_IsOwnedByCurrentThread(op)) {
        local--;
        _Py_atomic_store_uint32_relaxed(&op->ob_ref_local, local);
        if (local == 0) {
            _Py_MergeZeroLocalRefcount(op);
        }
    }
    else {
        _Py_DecRefShared(op);
    }
#else
    if (_Py_IsImmortal(op)) {
        return;
    }
    if (--op->ob_refcnt == 0) {
        _Py_Dealloc(op);
    }
#endif
}
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define Py_DECREF(op) Py_DECREF(_PyObject_CAST(op))
#endif

/* -- The same for a pointer that may be NULL -- */
static inline void
Py_XINCREF(PyObject *op)
{
    if (op != _Py_NULL) {
        Py_INCREF(op);
    }
}

static inline void
Py_XDECREF(PyObject *op)
{
    if (op != _Py_NULL) {
        Py_DECREF(op);
    }
}
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define Py_XINCREF(op) Py_XINCREF(_PyObject_CAST(op))
#  define Py_XDECREF(op) Py_XDECREF(_PyObject_CAST(op))
#endif

/* -- A new reference as a value -- */
PyAPI_FUNC(PyObject *) Py_NewRef(PyObject *op);
PyAPI_FUNC(PyObject *) Py_XNewRef(PyObject *op);

static inline PyObject *
_Py_NewRef(PyObject *obj)
{
    Py_INCREF(obj);
    return obj;
}

static inline PyObject *
_Py_XNewRef(PyObject *obj)
{
    Py_XINCREF(obj);
    return obj;
}

/* In the limited API before 3.11 the arguments were cast, too. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define Py_NewRef(obj)  _Py_NewRef(_PyObject_CAST(obj))
#  define Py_XNewRef(obj) _Py_XNewRef(_PyObject_CAST(obj))
#else
#  define Py_NewRef(obj)  _Py_NewRef(obj)
#  define Py_XNewRef(obj) _Py_XNewRef(obj)
#endif

/* -- Replacing what a variable holds.  The variable gets its new value before the old object is
      released, as that can run code which looks at the variable. -- */
#define Py_CLEAR(op) \
    do { \
        _Py_TYPEOF(op) *_py_tmp_p = &(op); \
        _Py_TYPEOF(op) _py_tmp_old = *_py_tmp_p; \
        if (_py_tmp_old != _Py_NULL) { \
            *_py_tmp_p = _Py_NULL; \
            Py_DECREF(_PyObject_CAST(_py_tmp_old)); \
        } \
    } while (0)

#ifndef Py_LIMITED_API
#define Py_SETREF(dst, src) \
    do { \
        _Py_TYPEOF(dst) *_py_tmp_p = &(dst); \
        _Py_TYPEOF(dst) _py_tmp_old = *_py_tmp_p; \
        *_py_tmp_p = (src); \
        Py_DECREF(_py_tmp_old); \
    } while (0)

#define Py_XSETREF(dst, src) \
    do { \
        _Py_TYPEOF(dst) *_py_tmp_p = &(dst); \
        _Py_TYPEOF(dst) _py_tmp_old = *_py_tmp_p; \
        *_py_tmp_p = (src); \
        Py_XDECREF(_py_tmp_old); \
    } while (0)

/* -- For caches that meet dying objects, and for those who mutate what they alone hold -- */
PyAPI_FUNC(void) PyUnstable_EnableTryIncRef(PyObject *op);
PyAPI_FUNC(int) PyUnstable_IsImmortal(PyObject *op);
PyAPI_FUNC(int) PyUnstable_Object_EnableDeferredRefcount(PyObject *op);
PyAPI_FUNC(int) PyUnstable_Object_IsUniqueReferencedTemporary(PyObject *op);
PyAPI_FUNC(int) PyUnstable_Object_IsUniquelyReferenced(PyObject *op);
PyAPI_FUNC(int) PyUnstable_TryIncRef(PyObject *op);
#endif

#ifdef __cplusplus
}
#endif
#endif

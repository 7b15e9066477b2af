/* The object header, the type object's outline and the operations that all objects share. */
#ifndef Py_OBJECT_H
#define Py_OBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* -- Constants that the object header starts with; what they mean is in refcount.h -- */
#define _Py_IMMORTAL_INITIAL_REFCNT (3ULL << 30)
#define _Py_IMMORTAL_MINIMUM_REFCNT (1ULL << 31)
#define _Py_IMMORTAL_FLAGS          (1 << 0)
#define _Py_STATICALLY_ALLOCATED_FLAG (1 << 2)
#define _Py_STATIC_FLAG_BITS        ((Py_ssize_t)(_Py_STATICALLY_ALLOCATED_FLAG | _Py_IMMORTAL_FLAGS))
#define _Py_STATIC_IMMORTAL_INITIAL_REFCNT \
    ((Py_ssize_t)_Py_IMMORTAL_INITIAL_REFCNT | (_Py_STATIC_FLAG_BITS << 48))

/* -- Headers of structures and of static objects -- */
#define PyObject_HEAD     PyObject ob_base;
#define PyObject_VAR_HEAD PyVarObject ob_base;
#define Py_INVALID_SIZE   ((Py_ssize_t)-1)

#ifdef Py_GIL_DISABLED
#  define PyObject_HEAD_INIT(type) \
    { 0, _Py_STATICALLY_ALLOCATED_FLAG, { 0 }, 0, UINT32_MAX, 0, (type) },
#else
#  define PyObject_HEAD_INIT(type) \
    { { _Py_STATIC_IMMORTAL_INITIAL_REFCNT }, (type) },
#endif
#define PyVarObject_HEAD_INIT(type, size) { PyObject_HEAD_INIT(type) (size) },
/* Nothing comes before the count; debug builds of old had links there. */
#define _PyObject_EXTRA_INIT

#ifndef Py_GIL_DISABLED
struct _object {
    __extension__ union {
        int64_t ob_refcnt_full;         /* all eight bytes at once, for static initialisers */
        __extension__ struct {
#if PY_BIG_ENDIAN
            uint16_t ob_flags;
            uint16_t ob_overflow;
            uint32_t ob_refcnt;
#else
            uint32_t ob_refcnt;         /* bit 31: immortal */
            uint16_t ob_overflow;
            uint16_t ob_flags;
#endif
        };
        _Py_ALIGNED_DEF(_PyObject_MIN_ALIGNMENT, char) _aligner;
    };
    PyTypeObject *ob_type;
};
#else
/* Biased reference counting: the owner counts in ob_ref_local without atomic operations, other
   threads in ob_ref_shared.  All fields but ob_type are atomic. */
struct _object {
    uintptr_t ob_tid;            /* owner, or 0 */
    uint16_t ob_flags;
    PyMutex ob_mutex;           /* of critical sections */
    uint8_t ob_gc_bits;
    uint32_t ob_ref_local;      /* the owner stores; UINT32_MAX: immortal */
    Py_ssize_t ob_ref_shared;   /* count << 2 and two bits of state */
    PyTypeObject *ob_type;
};
#endif

#define _PyObject_CAST(op) _Py_CAST(PyObject*, (op))

typedef struct {
    PyObject ob_base;
    Py_ssize_t ob_size;     /* number of items */
} PyVarObject;

#define _PyVarObject_CAST(op) _Py_CAST(PyVarObject*, (op))

/* -- Identity -- */
PyAPI_FUNC(int) Py_Is(PyObject *x, PyObject *y);
#define Py_Is(x, y) ((x) == (y))

/* -- Type, size -- */
PyAPI_DATA(PyTypeObject) PyLong_Type;
PyAPI_DATA(PyTypeObject) PyBool_Type;

PyAPI_FUNC(PyTypeObject *) Py_TYPE(PyObject *op);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030e0000
static inline PyTypeObject *
_Py_TYPE(PyObject *ob)
{
    return ob->ob_type;
}
#  define Py_TYPE(ob) _Py_TYPE(_PyObject_CAST(ob))
#endif

static inline int
Py_IS_TYPE(PyObject *ob, PyTypeObject *type)
{
    return Py_TYPE(ob) == type;
}

/* Not for ints, which keep their size elsewhere. */
static inline Py_ssize_t
Py_SIZE(PyObject *ob)
{
    assert(Py_TYPE(ob) != &PyLong_Type);
    assert(Py_TYPE(ob) != &PyBool_Type);
    return _PyVarObject_CAST(ob)->ob_size;
}

static inline void
Py_SET_TYPE(PyObject *ob, PyTypeObject *type)
{
    ob->ob_type = type;
}

static inline void
Py_SET_SIZE(PyVarObject *ob, Py_ssize_t size)
{
    assert(Py_TYPE(_PyObject_CAST(ob)) != &PyLong_Type);
    assert(Py_TYPE(_PyObject_CAST(ob)) != &PyBool_Type);
#ifdef Py_GIL_DISABLED
    /* Relaxed: readers without a lock take the size as a hint. */
    _Py_atomic_store_ssize_relaxed(&ob->ob_size, size);
#else
    ob->ob_size = size;
#endif
}

/* Arguments of any object structure; from 3.11 on the limited API wants the right type. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define Py_IS_TYPE(ob, type)  Py_IS_TYPE(_PyObject_CAST(ob), (type))
#  define Py_SIZE(ob)           Py_SIZE(_PyObject_CAST(ob))
#  define Py_SET_TYPE(ob, type) Py_SET_TYPE(_PyObject_CAST(ob), type)
#  define Py_SET_SIZE(ob, size) Py_SET_SIZE(_PyVarObject_CAST(ob), (size))
#endif

/* -- Function types of the slots -- */
typedef PyObject *(*unaryfunc)(PyObject *);
typedef PyObject *(*binaryfunc)(PyObject *, PyObject *);
typedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*inquiry)(PyObject *);
typedef Py_ssize_t (*lenfunc)(PyObject *);
typedef PyObject *(*ssizeargfunc)(PyObject *, Py_ssize_t);
typedef PyObject *(*ssizessizeargfunc)(PyObject *, Py_ssize_t, Py_ssize_t);
typedef int (*ssizeobjargproc)(PyObject *, Py_ssize_t, PyObject *);
typedef int (*ssizessizeobjargproc)(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
typedef int (*objobjargproc)(PyObject *, PyObject *, PyObject *);

typedef int (*objobjproc)(PyObject *, PyObject *);
typedef int (*visitproc)(PyObject *, void *);
typedef int (*traverseproc)(PyObject *, visitproc, void *);

typedef void (*freefunc)(void *);
typedef void (*destructor)(PyObject *);
typedef PyObject *(*getattrfunc)(PyObject *, char *);
typedef PyObject *(*getattrofunc)(PyObject *, PyObject *);
typedef int (*setattrfunc)(PyObject *, char *, PyObject *);
typedef int (*setattrofunc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*reprfunc)(PyObject *);
typedef Py_hash_t (*hashfunc)(PyObject *);
typedef PyObject *(*richcmpfunc)(PyObject *, PyObject *, int);
typedef PyObject *(*getiterfunc)(PyObject *);
typedef PyObject *(*iternextfunc)(PyObject *);
typedef PyObject *(*descrgetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*descrsetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*initproc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *);
typedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *);
#endif

/* -- Types made from a description -- */
typedef struct {
    int slot;  /* Py_tp_... and the like, of typeslots.h */
    void *pfunc;
} PyType_Slot;

typedef struct {
    const char *name;
    int basicsize;  /* negative: so much more than the base */
    int itemsize;
    unsigned int flags;  /* Py_TPFLAGS_... */
    PyType_Slot *slots;  /* ends with slot 0 */
} PyType_Spec;

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030e0000
#  define Py_TP_USE_SPEC NULL
#endif

PyAPI_FUNC(PyObject *) PyType_FromSpec(PyType_Spec *spec);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03030000
PyAPI_FUNC(PyObject *) PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03040000
PyAPI_FUNC(void *) PyType_GetSlot(PyTypeObject *type, int slot);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_FUNC(PyObject *) PyType_FromModuleAndSpec(
    PyObject *module, PyType_Spec *spec, PyObject *bases);
PyAPI_FUNC(PyObject *) PyType_GetModule(PyTypeObject *type);
PyAPI_FUNC(void *) PyType_GetModuleState(PyTypeObject *type);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_FUNC(PyObject *) PyType_GetName(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GetQualName(PyTypeObject *type);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
PyAPI_FUNC(void *) PyObject_GetTypeData(PyObject *obj, PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_FromMetaclass(
    PyTypeObject *metaclass, PyObject *module, PyType_Spec *spec, PyObject *bases);
PyAPI_FUNC(Py_ssize_t) PyType_GetTypeDataSize(PyTypeObject *type);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030d0000
PyAPI_FUNC(PyObject *) PyType_GetFullyQualifiedName(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def);
PyAPI_FUNC(PyObject *) PyType_GetModuleName(PyTypeObject *type);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030e0000
PyAPI_FUNC(int) PyType_Freeze(PyTypeObject *type);
PyAPI_FUNC(int) PyType_GetBaseByToken(PyTypeObject *type, void *token, PyTypeObject **result);
#endif

/* -- Types -- */
PyAPI_DATA(PyTypeObject) PyBaseObject_Type;
PyAPI_DATA(PyTypeObject) PySuper_Type;
PyAPI_FUNC(unsigned int) PyType_ClearCache(void);
PyAPI_FUNC(PyObject *) PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t nitems);
PyAPI_FUNC(PyObject *) PyType_GenericNew(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyAPI_FUNC(unsigned long) PyType_GetFlags(PyTypeObject *type);
PyAPI_FUNC(int) PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b);
PyAPI_FUNC(void) PyType_Modified(PyTypeObject *type);
PyAPI_FUNC(int) PyType_Ready(PyTypeObject *type);
PyAPI_DATA(PyTypeObject) PyType_Type;

static inline int PyType_HasFeature(PyTypeObject *type, unsigned long feature);

static inline int
PyObject_TypeCheck(PyObject *ob, PyTypeObject *type)
{
    return Py_IS_TYPE(ob, type) || PyType_IsSubtype(Py_TYPE(ob), type);
}
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define PyObject_TypeCheck(ob, type) PyObject_TypeCheck(_PyObject_CAST(ob), (type))
#endif

/* -- What any object can do -- */
PyAPI_FUNC(int) PyCallable_Check(PyObject *op);
PyAPI_FUNC(PyObject *) PyObject_ASCII(PyObject *obj);
PyAPI_FUNC(PyObject *) PyObject_Bytes(PyObject *obj);
PyAPI_FUNC(void) PyObject_ClearWeakRefs(PyObject *obj);
PyAPI_FUNC(int) PyObject_DelAttr(PyObject *obj, PyObject *name);
PyAPI_FUNC(int) PyObject_DelAttrString(PyObject *obj, const char *name);
PyAPI_FUNC(PyObject *) PyObject_Dir(PyObject *obj);
PyAPI_FUNC(PyObject *) PyObject_GenericGetAttr(PyObject *obj, PyObject *name);
PyAPI_FUNC(int) PyObject_GenericSetAttr(PyObject *obj, PyObject *name, PyObject *value);
PyAPI_FUNC(PyObject *) PyObject_GetAttr(PyObject *obj, PyObject *name);
PyAPI_FUNC(PyObject *) PyObject_GetAttrString(PyObject *obj, const char *name);
PyAPI_FUNC(int) PyObject_HasAttr(PyObject *obj, PyObject *name);
PyAPI_FUNC(int) PyObject_HasAttrString(PyObject *obj, const char *name);
PyAPI_FUNC(Py_hash_t) PyObject_Hash(PyObject *obj);
PyAPI_FUNC(Py_hash_t) PyObject_HashNotImplemented(PyObject *obj);
PyAPI_FUNC(int) PyObject_IsTrue(PyObject *obj);
PyAPI_FUNC(int) PyObject_Not(PyObject *obj);
PyAPI_FUNC(PyObject *) PyObject_Repr(PyObject *obj);
PyAPI_FUNC(PyObject *) PyObject_RichCompare(PyObject *a, PyObject *b, int op);
PyAPI_FUNC(int) PyObject_RichCompareBool(PyObject *a, PyObject *b, int op);
PyAPI_FUNC(PyObject *) PyObject_SelfIter(PyObject *obj);
PyAPI_FUNC(int) PyObject_SetAttr(PyObject *obj, PyObject *name, PyObject *value);
PyAPI_FUNC(int) PyObject_SetAttrString(PyObject *obj, const char *name, PyObject *value);
PyAPI_FUNC(PyObject *) PyObject_Str(PyObject *obj);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03030000
PyAPI_FUNC(int) PyObject_GenericSetDict(PyObject *obj, PyObject *other, void *data);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
PyAPI_FUNC(PyObject *) PyObject_GenericGetDict(PyObject *obj, void *data);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030d0000
PyAPI_FUNC(int) PyObject_GetOptionalAttr(PyObject *obj, PyObject *name, PyObject **result);
PyAPI_FUNC(int) PyObject_GetOptionalAttrString(PyObject *obj, const char *name, PyObject **result);
PyAPI_FUNC(int) PyObject_HasAttrStringWithError(PyObject *obj, const char *name);
PyAPI_FUNC(int) PyObject_HasAttrWithError(PyObject *obj, PyObject *name);
#endif

/* -- Guard of recursive representations -- */
PyAPI_FUNC(int) Py_ReprEnter(PyObject *op);
PyAPI_FUNC(void) Py_ReprLeave(PyObject *op);

/* -- Flags of types: tp_flags -- */
#ifndef Py_LIMITED_API
#define _Py_TPFLAGS_STATIC_BUILTIN (1 << 1)
#define Py_TPFLAGS_INLINE_VALUES   (1 << 2)
#define Py_TPFLAGS_MANAGED_WEAKREF (1 << 3)
#define Py_TPFLAGS_MANAGED_DICT    (1 << 4)
#define Py_TPFLAGS_PREHEADER       (Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_MANAGED_DICT)
#define Py_TPFLAGS_SEQUENCE        (1 << 5)
#define Py_TPFLAGS_MAPPING         (1 << 6)
#endif
#define Py_TPFLAGS_HAVE_STACKLESS_EXTENSION 0
#define Py_TPFLAGS_DEFAULT         (Py_TPFLAGS_HAVE_STACKLESS_EXTENSION | 0)
#define Py_TPFLAGS_HAVE_FINALIZE            (1UL << 0)
#define Py_TPFLAGS_DISALLOW_INSTANTIATION   (1UL << 7)
#define Py_TPFLAGS_IMMUTABLETYPE            (1UL << 8)
#define Py_TPFLAGS_HEAPTYPE                 (1UL << 9)
#define Py_TPFLAGS_BASETYPE                 (1UL << 10)
#define Py_TPFLAGS_READY                    (1UL << 12)
#define Py_TPFLAGS_READYING                 (1UL << 13)
#define Py_TPFLAGS_HAVE_GC                  (1UL << 14)
#define Py_TPFLAGS_METHOD_DESCRIPTOR        (1UL << 17)
#define Py_TPFLAGS_HAVE_VERSION_TAG         (1UL << 18)
#define Py_TPFLAGS_VALID_VERSION_TAG        (1UL << 19)
#define Py_TPFLAGS_IS_ABSTRACT              (1UL << 20)
#define _Py_TPFLAGS_MATCH_SELF              (1UL << 22)
#define Py_TPFLAGS_ITEMS_AT_END             (1UL << 23)
#define Py_TPFLAGS_LONG_SUBCLASS            (1UL << 24)
#define Py_TPFLAGS_LIST_SUBCLASS            (1UL << 25)
#define Py_TPFLAGS_TUPLE_SUBCLASS           (1UL << 26)
#define Py_TPFLAGS_BYTES_SUBCLASS           (1UL << 27)
#define Py_TPFLAGS_UNICODE_SUBCLASS         (1UL << 28)
#define Py_TPFLAGS_DICT_SUBCLASS            (1UL << 29)
#define Py_TPFLAGS_BASE_EXC_SUBCLASS        (1UL << 30)
#define Py_TPFLAGS_TYPE_SUBCLASS            (1UL << 31)
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
#define Py_TPFLAGS_HAVE_VECTORCALL          (1UL << 11)
#endif
#ifndef Py_LIMITED_API
#  define _Py_TPFLAGS_HAVE_VECTORCALL Py_TPFLAGS_HAVE_VECTORCALL
#endif

/* -- Values of Py_GetConstant() -- */
#define Py_CONSTANT_NONE            0
#define Py_CONSTANT_FALSE           1
#define Py_CONSTANT_TRUE            2
#define Py_CONSTANT_ELLIPSIS        3
#define Py_CONSTANT_NOT_IMPLEMENTED 4
#define Py_CONSTANT_ZERO            5
#define Py_CONSTANT_ONE             6
#define Py_CONSTANT_EMPTY_STR       7
#define Py_CONSTANT_EMPTY_BYTES     8
#define Py_CONSTANT_EMPTY_TUPLE     9
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030d0000
PyAPI_FUNC(PyObject *) Py_GetConstant(unsigned int number);
PyAPI_FUNC(PyObject *) Py_GetConstantBorrowed(unsigned int number);
#endif

/* -- None and NotImplemented, immortal -- */
PyAPI_DATA(PyObject) _Py_NoneStruct;
PyAPI_DATA(PyObject) _Py_NotImplementedStruct;
#if defined(Py_LIMITED_API) && Py_LIMITED_API+0 >= 0x030d0000
#  define Py_None           Py_GetConstantBorrowed(Py_CONSTANT_NONE)
#  define Py_NotImplemented Py_GetConstantBorrowed(Py_CONSTANT_NOT_IMPLEMENTED)
#else
#  define Py_None           (&_Py_NoneStruct)
#  define Py_NotImplemented (&_Py_NotImplementedStruct)
#endif
PyAPI_FUNC(int) Py_IsNone(PyObject *op);
#define Py_IsNone(x) Py_Is((x), Py_None)

#define Py_RETURN_NONE           return Py_None
#define Py_RETURN_NOTIMPLEMENTED return Py_NotImplemented

/* -- Comparisons -- */
#define Py_PRINT_RAW 1    /* str() instead of repr() */
#define Py_LT 0
#define Py_LE 1
#define Py_EQ 2
#define Py_NE 3
#define Py_GT 4
#define Py_GE 5

/* Returns the truth of (val1 op val2) for values that C can compare. */
#define Py_RETURN_RICHCOMPARE(val1, val2, op) \
    do { \
        switch (op) { \
        case Py_EQ: if ((val1) == (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_NE: if ((val1) != (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_LT: if ((val1) < (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_GT: if ((val1) > (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_LE: if ((val1) <= (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_GE: if ((val1) >= (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        default: Py_UNREACHABLE(); \
        } \
    } while (0)

/* -- Result of PyIter_Send() -- */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
typedef enum {
    PYGEN_RETURN = 0,
    PYGEN_ERROR = -1,
    PYGEN_NEXT = 1,
} PySendResult;
typedef PySendResult (*sendfunc)(PyObject *, PyObject *, PyObject **);
#endif

#include "cpython/object.h"

/* -- Checks by flags of the type -- */
static inline int
PyType_HasFeature(PyTypeObject *type, unsigned long feature)
{
    unsigned long flags;
#ifdef Py_LIMITED_API
    flags = PyType_GetFlags(type);
#elif defined(Py_GIL_DISABLED)
    /* Relaxed: the bits that are asked for never change once the type is published. */
    flags = _Py_atomic_load_ulong_relaxed(&type->tp_flags);
#else
    flags = type->tp_flags;
#endif
    return (flags & feature) != 0;
}

#define PyType_FastSubclass(type, flag) PyType_HasFeature((type), (flag))

static inline int
PyType_Check(PyObject *op)
{
    return PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_TYPE_SUBCLASS);
}

#define _PyType_CAST(op) \
    (assert(PyType_Check(op)), _Py_CAST(PyTypeObject*, (op)))

static inline int
PyType_CheckExact(PyObject *op)
{
    return Py_IS_TYPE(op, &PyType_Type);
}
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define PyType_Check(op)      PyType_Check(_PyObject_CAST(op))
#  define PyType_CheckExact(op) PyType_CheckExact(_PyObject_CAST(op))
#endif

#ifdef __cplusplus
}
#endif
#endif

/* Types: lookup, version tags, the type lock, creation of static types.

   Invariants: a type's version tag is 0 or a number that no other type and no other state of this type ever
   had; changing a type, one of its bases or the dict of either sets the tag to 0 first.
   Locking: types change under the type lock (_PyType_Lock); lookups take no lock. */
#ifndef Py_INTERNAL_TYPEOBJECT_H
#define Py_INTERNAL_TYPEOBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_object.h"  // _PyType_HasFeature

/* -- State ------------------------------------------------------------------------------------ */

#define TYPE_MAX_WATCHERS 8
#define TYPE_VERSION_MAX_PER_CLASS 1000   /* past it the type is looked up without a cache (as tp_versions_used) */
#define _Py_MAX_GLOBAL_TYPE_VERSION_TAG UINT32_MAX

struct _Py_types_state {                  /* one per interpreter */
    PyType_WatchCallback watchers[TYPE_MAX_WATCHERS];   /* guarded by the type lock */
};

/* One thread's lookup cache.  An entry is right while its version is the type's version tag: tags are never
   reused and a changed type has another one.  No other thread reads it. */
#define TYPE_CACHE_SIZE_EXP 12
struct _Py_type_cache_entry {
    unsigned int version;                 /* 0: empty */
    PyObject *name;                       /* interned str, counted */
    PyObject *value;                      /* borrowed from the type's dict, or NULL: not found */
};
struct _Py_type_cache {
    struct _Py_type_cache_entry entries[1 << TYPE_CACHE_SIZE_EXP];
};

/* Frees tstate's lookup cache; the thread state's end calls it. */
extern void _PyType_FreeThreadCache(PyThreadState *tstate);
/* Empties the current thread's lookup cache. */
extern unsigned int _PyType_ClearCache(PyInterpreterState *interp);

/* The one lock under which types change.  May be taken again by its holder.  No Python code runs under it. */
#ifdef Py_GIL_DISABLED
#  include "pycore_lock.h"  // _PyRecursiveMutex
extern _PyRecursiveMutex _Py_types_lock;
#  define _PyType_Lock() _PyRecursiveMutex_Lock(&_Py_types_lock)
#  define _PyType_Unlock() _PyRecursiveMutex_Unlock(&_Py_types_lock)
#  define _PyType_LockHeld() _PyRecursiveMutex_IsLockedByCurrentThread(&_Py_types_lock)
#  define _PyType_LockAfterFork() ((void)(_Py_types_lock = (_PyRecursiveMutex){0}))
#else
#  define _PyType_Lock() ((void)0)
#  define _PyType_Unlock() ((void)0)
#  define _PyType_LockHeld() 1
#  define _PyType_LockAfterFork() ((void)0)
#endif

/* -- Start and end ---------------------------------------------------------------------------- */

extern PyStatus _PyTypes_InitTypes(PyInterpreterState *interp);
extern void _PyTypes_FiniTypes(PyInterpreterState *interp);
extern void _PyTypes_FiniExtTypes(PyInterpreterState *interp);
extern PyStatus _PyTypes_InitSlotDefs(PyInterpreterState *interp);
extern void _PyTypes_Fini(PyInterpreterState *interp);
extern void _PyTypes_AfterFork(void);

extern int _PyStaticType_InitBuiltin(PyInterpreterState *interp, PyTypeObject *type);
extern void _PyStaticType_FiniBuiltin(PyInterpreterState *interp, PyTypeObject *type);
PyAPI_FUNC(int) _PyStaticType_InitForExtension(PyInterpreterState *interp, PyTypeObject *type);
PyAPI_FUNC(PyObject *) _PyStaticType_GetBuiltins(void);

/* -- Lookup ----------------------------------------------------------------------------------- */

/* Borrowed; valid until the caller's next quiescent point.  No exception is set on failure. */
PyAPI_FUNC(PyObject *) _PyType_Lookup(PyTypeObject *type, PyObject *name);
/* New reference or NULL without an exception. */
PyAPI_FUNC(PyObject *) _PyType_LookupRef(PyTypeObject *type, PyObject *name);
/* As _PyType_Lookup, with the version tag for which the answer holds (0: not to be cached). */
extern PyObject *_PyType_LookupByVersion(PyTypeObject *type, PyObject *name, unsigned int *version);
/* As above, new reference. */
extern PyObject *_PyType_LookupRefAndVersion(PyTypeObject *type, PyObject *name, unsigned int *version);
/* Searches the MRO, no cache.  Returns 1 and a new reference, 0, or -1 with an exception. */
extern int _PyType_FindNameInMRO(PyTypeObject *type, PyObject *name, PyObject **result);

/* Gives type a version tag if it has none.  1 if it has one now. */
extern int _PyType_AssignVersionTag(PyTypeObject *type);
PyAPI_FUNC(void) _PyType_SetVersion(PyTypeObject *tp, unsigned int version);
/* The type which has this version tag now, new reference, or NULL. */
extern PyTypeObject *_PyType_LookupByVersionTag(unsigned int version);
extern unsigned int _PyType_GetVersionForCurrentState(PyTypeObject *tp);

PyAPI_FUNC(PyObject *) _PyType_GetDict(PyTypeObject *type);      /* borrowed */
extern PyObject *_PyType_GetBases(PyTypeObject *type);           /* borrowed */
extern PyObject *_PyType_GetMRO(PyTypeObject *type);             /* new reference or NULL, no exception */
extern PyObject *_PyType_GetSubclasses(PyTypeObject *type);      /* list */
extern int _PyType_HasSubclasses(PyTypeObject *type);
PyAPI_FUNC(const char *) _PyType_Name(PyTypeObject *type);       /* tp_name after its last dot */
PyAPI_FUNC(PyObject *) _PyType_GetSlotWrapperNames(void);

/* Docstrings of C functions and types may begin with "name(signature)\n--\n\n". */
extern const char *_PyType_DocWithoutSignature(const char *name, const char *internal_doc);
extern PyObject *_PyType_GetDocFromInternalDoc(const char *name, const char *internal_doc);
extern PyObject *_PyType_GetTextSignatureFromInternalDoc(const char *name, const char *internal_doc, int flags);

/* Module of the first class in type's MRO whose module has this definition; borrowed, no exception. */
extern PyObject *_PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def);
extern PyObject *_PyType_GetModuleByDef2(PyTypeObject *left, PyTypeObject *right, PyModuleDef *def);
extern PyTypeObject *_PyType_GetBaseByToken_Borrow_internal(PyTypeObject *type, void *token);
PyAPI_FUNC(PyTypeObject *) _PyType_GetBaseByToken_Borrow(PyTypeObject *type, void *token);
extern PyTypeObject *_PyType_CalculateMetaclass(PyTypeObject *winner, PyObject *bases);

extern PyObject *_PyType_GetFullyQualifiedName(PyTypeObject *type, char separator);
/* "module.qualname" of an object with both, else its repr. */
extern PyObject *_PyType_GetModuleName(PyTypeObject *type);

static inline int
_PyType_IsReady(PyTypeObject *type)
{
    return _PyType_GetDict(type) != NULL;
}

static inline void *
_PyType_GetModuleState(PyTypeObject *type)
{
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    return PyModule_GetState(heap->ht_module);
}

/* True if type's attribute access is the ordinary one. */
static inline int
_PyType_HasGenericGetattro(PyTypeObject *type)
{
    return type->tp_getattro == PyObject_GenericGetAttr;
}

/* -- Change ----------------------------------------------------------------------------------- */

/* The type was changed: forgets its version tag and those of its subclasses, tells watchers. */
extern void _PyType_Modified_lock_held(PyTypeObject *type);
extern int _PyType_Watch_lock_held(int watcher_id, PyTypeObject *type);
extern int _PyType_AddMethod(PyTypeObject *type, PyMethodDef *meth);
extern void _PyType_SetFlagsRecursive(PyTypeObject *self, unsigned long mask, unsigned long flags);
/* Sets slots after a dunder attribute of type changed. */
extern int _PyType_UpdateSlot(PyTypeObject *type, PyObject *name);
/* Caches for specialised instructions in heap types (the eval loop's). */
extern int _PyType_CacheInitForSpecialization(PyHeapTypeObject *type, PyObject *init, unsigned int version);
extern int _PyType_CacheGetItemForSpecialization(PyHeapTypeObject *type, PyObject *getitem, uint32_t version);
typedef int (*_py_validate_type)(PyTypeObject *);
extern int _PyType_Validate(PyTypeObject *type, _py_validate_type validate, unsigned int *version);

/* -- Instances -------------------------------------------------------------------------------- */

PyAPI_FUNC(PyObject *) _PyType_AllocNoTrack(PyTypeObject *type, Py_ssize_t nitems);
PyAPI_FUNC(PyObject *) _PyType_NewManagedObject(PyTypeObject *type);
PyAPI_FUNC(PyObject *) _PyObject_GetState(PyObject *obj);
extern PyObject *_PyType_BaseObject_New(PyTypeObject *type, PyObject *args, PyObject *kwds);
extern void _PyObject_SubtypeDealloc(PyObject *self);
/* The generic slot functions which call Python methods. */
extern PyObject *_Py_slot_tp_getattr_hook(PyObject *self, PyObject *name);
extern PyObject *_Py_slot_tp_getattro(PyObject *self, PyObject *name);
extern PyObject *_Py_type_getattro(PyObject *type, PyObject *name);
extern PyObject *_Py_type_getattro_impl(PyTypeObject *type, PyObject *name, int *suppress_missing_attribute);
extern PyObject *_Py_BaseObject_RichCompare(PyObject *self, PyObject *other, int op);

/* super(type, obj).name; new reference.  If meth_found is not NULL and the attribute is a method, the function
   itself is returned and *meth_found is 1. */
PyAPI_FUNC(PyObject *) _PySuper_Lookup(PyTypeObject *su_type, PyObject *su_obj, PyObject *name, int *meth_found);

extern PyTypeObject _PyBufferWrapper_Type;
extern PyObject *_PyType_NewBufferWrapper(PyObject *obj);
extern int _Py_slot_bf_getbuffer_from_python(PyObject *self, Py_buffer *buffer, int flags);
extern void _Py_slot_bf_releasebuffer_from_python(PyObject *self, Py_buffer *buffer);

#endif

/* Looking names up in types: version tags, the per-thread cache, watchers.

   A lookup asks the thread's own cache: version tag, name -> value.  A tag stands for one state of one type for
   ever, so an entry needs no invalidation and no lock; the value is borrowed from a type dict, which is SHARED,
   so that whoever removes it retires it (PROTOCOLS P1).
   Locking: tags are given and taken away under the type lock; a reader loads a tag with acquire before it reads
   the dicts, and a writer clears the tag before it changes them, so an entry made from new contents can only be
   filed under a dead tag.  */
#include "internal.h"
#include "pycore_dict.h"             // _PyDict_GetItemRef_KnownHash
#include "pycore_interp.h"
#include "pycore_lock.h"
#include "pycore_weakref.h"

#ifdef Py_GIL_DISABLED
_PyRecursiveMutex _Py_types_lock;
#endif

/* The last tag given out; guarded by the type lock.  Tags up to 2**16 are left to static types' fixed use. */
static unsigned int last_version_tag = 1;

/* -- Version tags ------------------------------------------------------------------------------------------- */

/* Types by the tag they have now, for specialised code that only stores the tag.  An entry is a hint; guarded by
   the type lock. */
#define TYPE_VERSION_CACHE_SIZE (1 << 12)
static PyTypeObject *version_cache[TYPE_VERSION_CACHE_SIZE];

static void
set_version_lock_held(PyTypeObject *type, unsigned int version)
{
    ASSERT_TYPE_LOCK_HELD();
    unsigned int old = type->tp_version_tag;
    if (old != 0) {
        PyTypeObject **slot = &version_cache[old % TYPE_VERSION_CACHE_SIZE];
        if (*slot == type) {
            *slot = NULL;
        }
    }
    if (version != 0) {
        version_cache[version % TYPE_VERSION_CACHE_SIZE] = type;
    }
    /* Release: who sees the tag sees the state it stands for.  Pairs with the acquire in lookups. */
    FT_ATOMIC_STORE_UINT_RELEASE(type->tp_version_tag, version);
}

/* 1 if type has a tag afterwards.  A type's tag changes with its bases, so they must have tags too. */
static int
assign_version_lock_held(PyTypeObject *type)
{
    ASSERT_TYPE_LOCK_HELD();
    if (type->tp_version_tag != 0) {
        return 1;
    }
    if (!_PyType_HasFeature(type, Py_TPFLAGS_READY)) {
        return 0;
    }
    if (type->tp_versions_used >= TYPE_VERSION_MAX_PER_CLASS) {
        return 0;       /* it changes all the time: tags are not for it */
    }
    PyObject *bases = type_bases(type);
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!assign_version_lock_held((PyTypeObject *)PyTuple_GET_ITEM(bases, i))) {
            return 0;
        }
    }
    if (last_version_tag == _Py_MAX_GLOBAL_TYPE_VERSION_TAG) {
        return 0;       /* used up; specialisation of new types stops */
    }
    type->tp_versions_used++;
    set_version_lock_held(type, ++last_version_tag);
    return 1;
}

int
_PyType_AssignVersionTag(PyTypeObject *type)
{
    _PyType_Lock();
    int assigned = assign_version_lock_held(type);
    _PyType_Unlock();
    return assigned;
}

int
PyUnstable_Type_AssignVersionTag(PyTypeObject *type)
{
    return _PyType_AssignVersionTag(type);
}

unsigned int
_PyType_GetVersionForCurrentState(PyTypeObject *tp)
{
    return FT_ATOMIC_LOAD_UINT_ACQUIRE(tp->tp_version_tag);
}

void
_PyType_SetVersion(PyTypeObject *tp, unsigned int version)
{
    _PyType_Lock();
    set_version_lock_held(tp, version);
    _PyType_Unlock();
}

PyTypeObject *
_PyType_LookupByVersionTag(unsigned int version)
{
    PyTypeObject *type = NULL;
    if (version != 0) {
        _PyType_Lock();
        type = version_cache[version % TYPE_VERSION_CACHE_SIZE];
        if (type != NULL && type->tp_version_tag == version && _Py_TryIncref((PyObject *)type)) {
            /* counted */
        }
        else {
            type = NULL;
        }
        _PyType_Unlock();
    }
    return type;
}

/* Runs validate(type) and reports the tag it is valid for, under the type lock. */
int
_PyType_Validate(PyTypeObject *type, _py_validate_type validate, unsigned int *tp_version)
{
    int err;
    _PyType_Lock();
    err = validate(type);
    if (!err) {
        if (assign_version_lock_held(type)) {
            *tp_version = type->tp_version_tag;
        }
        else {
            err = -1;
        }
    }
    _PyType_Unlock();
    return err;
}

/* -- Change ------------------------------------------------------------------------------------------------- */

static void
call_watchers(PyTypeObject *type)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    int bits = type->tp_watched;
    for (int i = 0; bits; i++, bits >>= 1) {
        if (!(bits & 1)) {
            continue;
        }
        PyType_WatchCallback cb = interp->types.watchers[i];
        if (cb != NULL && cb(type) < 0) {
            PyErr_FormatUnraisable("Exception ignored in type watcher callback #%d for %R", i, type);
        }
    }
}

void
_PyType_Modified_lock_held(PyTypeObject *type)
{
    ASSERT_TYPE_LOCK_HELD();
    /* Without a tag nobody can have cached anything, and no subclass has a tag either. */
    if (type->tp_version_tag == 0) {
        return;
    }
    PyObject *subclasses = type->tp_subclasses;
    if (subclasses != NULL) {
        assert(PyDict_CheckExact(subclasses));
        Py_ssize_t i = 0;
        PyObject *ref;
        while (PyDict_Next(subclasses, &i, NULL, &ref)) {
            PyTypeObject *subclass = (PyTypeObject *)_PyWeakref_GET_REF(ref);
            if (subclass == NULL) {
                continue;
            }
            _PyType_Modified_lock_held(subclass);
            Py_DECREF(subclass);
        }
    }
    if (type->tp_watched) {
        call_watchers(type);
    }
    set_version_lock_held(type, 0);
    if (PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        /* The field is protected by the tag. */
        FT_ATOMIC_STORE_PTR_RELAXED(((PyHeapTypeObject *)type)->_spec_cache.getitem, NULL);
    }
}

void
PyType_Modified(PyTypeObject *type)
{
    if (FT_ATOMIC_LOAD_UINT_ACQUIRE(type->tp_version_tag) == 0) {
        return;
    }
    _PyType_Lock();
    _PyType_Modified_lock_held(type);
    _PyType_Unlock();
}

/* Does type, or one of its bases' metatypes, override mro() in a way that makes tp_mro contain strangers?  Such
   types are never cached, because a change of a stranger does not reach them. */
int
_PyType_MroModified(PyTypeObject *type, PyObject *bases)
{
    ASSERT_TYPE_LOCK_HELD();
    int custom = !Py_IS_TYPE(type, &PyType_Type);
    if (custom) {
        PyObject *mro_meth, *type_mro_meth;
        mro_meth = _PyType_LookupRef(Py_TYPE(type), _Py_ID(mro));
        type_mro_meth = _PyType_LookupRef(&PyType_Type, _Py_ID(mro));
        int overridden = mro_meth != type_mro_meth;
        Py_XDECREF(mro_meth);
        Py_XDECREF(type_mro_meth);
        if (overridden) {
            goto uncacheable;
        }
    }
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (!_PyType_IsSubtypeNoMRO(type, base) && !PyType_IsSubtype(type, base)) {
            goto uncacheable;
        }
    }
    return 0;
uncacheable:
    _PyType_Modified_lock_held(type);
    set_version_lock_held(type, 0);
    type->tp_versions_used = TYPE_VERSION_MAX_PER_CLASS;
    return 0;
}

/* -- The cache ---------------------------------------------------------------------------------------------- */

/* Strings with more characters are not cached. */
#define MAX_CACHED_NAME 100

static inline struct _Py_type_cache_entry *
cache_entry(struct _Py_type_cache *cache, unsigned int version, PyObject *name)
{
    uintptr_t hash = ((uintptr_t)name >> 4) ^ version;
    return &cache->entries[hash & ((1 << TYPE_CACHE_SIZE_EXP) - 1)];
}

static inline struct _Py_type_cache *
thread_cache(PyThreadState *tstate)
{
    return (struct _Py_type_cache *)((_PyThreadStateImpl *)tstate)->type_cache;
}

static struct _Py_type_cache *
thread_cache_new(PyThreadState *tstate)
{
    struct _Py_type_cache *cache = PyMem_RawCalloc(1, sizeof(*cache));
    ((_PyThreadStateImpl *)tstate)->type_cache = cache;
    return cache;      /* NULL: no cache for now */
}

void
_PyType_FreeThreadCache(PyThreadState *tstate)
{
    struct _Py_type_cache *cache = thread_cache(tstate);
    if (cache == NULL) {
        return;
    }
    ((_PyThreadStateImpl *)tstate)->type_cache = NULL;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(cache->entries); i++) {
        Py_XDECREF(cache->entries[i].name);
    }
    PyMem_RawFree(cache);
}

unsigned int
_PyType_ClearCache(PyInterpreterState *interp)
{
    _PyType_FreeThreadCache(_PyThreadState_GET());
    return last_version_tag;
}

unsigned int
PyType_ClearCache(void)
{
    return _PyType_ClearCache(_PyInterpreterState_GET());
}

static inline Py_hash_t
name_hash(PyObject *name)
{
    if (PyUnicode_CheckExact(name)) {
        Py_hash_t hash = FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyASCIIObject *)name)->hash);
        if (hash != -1) {
            return hash;
        }
    }
    return PyObject_Hash(name);
}

/* Borrowed (until the caller's next quiescent point), NULL when absent or on error; *error says which: then an
   exception is set. */
static PyObject *
find_in_mro(PyTypeObject *type, PyObject *name, int *error)
{
    *error = 0;
    Py_hash_t hash = name_hash(name);
    if (hash == -1) {
        *error = -1;
        return NULL;
    }
    PyObject *mro = type_mro(type);
    if (mro == NULL) {
        return NULL;
    }
    int exact = PyUnicode_CheckExact(name);
    Py_ssize_t n = PyTuple_GET_SIZE(mro);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *dict = type_dict((PyTypeObject *)PyTuple_GET_ITEM(mro, i));
        if (dict == NULL) {
            continue;      /* not ready yet */
        }
        PyObject *value;
        int found = exact ? _PyDict_LookupBorrowed_lockfree(dict, name, hash, &value) : -1;
        if (found < 0) {
            /* Undecided without the lock; may run Python code, so the MRO and what was found must be counted. */
            Py_INCREF(mro);
            found = _PyDict_GetItemRef_KnownHash((PyDictObject *)dict, name, hash, &value);
            if (found > 0) {
                /* The dict is SHARED: our reference may go, the dict's or the retired one remains. */
                _Py_RetireRef(dict, value);
            }
            _Py_RetireRef((PyObject *)type, mro);
            if (found < 0) {
                *error = -1;
                return NULL;
            }
        }
        if (found > 0) {
            return value;
        }
    }
    return NULL;
}

int
_PyType_FindNameInMRO(PyTypeObject *type, PyObject *name, PyObject **result)
{
    int error;
    *result = Py_XNewRef(find_in_mro(type, name, &error));
    return error < 0 ? -1 : *result != NULL;
}

static PyObject *
lookup_slow(PyTypeObject *type, PyObject *name, unsigned int *p_version)
{
    /* The tag must be loaded before the dicts. */
    unsigned int version = FT_ATOMIC_LOAD_UINT_ACQUIRE(type->tp_version_tag);
    if (version == 0 && type->tp_versions_used < TYPE_VERSION_MAX_PER_CLASS && _PyType_AssignVersionTag(type)) {
        version = FT_ATOMIC_LOAD_UINT_ACQUIRE(type->tp_version_tag);
    }
    int error;
    PyObject *res = find_in_mro(type, name, &error);
    if (error < 0) {
        /* This interface cannot report errors; a name that is not an exact str got in and its hash or
           comparison failed. */
        PyErr_Clear();
        *p_version = 0;
        return NULL;
    }
    *p_version = version;
    if (version == 0 || !PyUnicode_CheckExact(name) || !PyUnicode_CHECK_INTERNED(name)
        || PyUnicode_GET_LENGTH(name) > MAX_CACHED_NAME) {
        return res;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    struct _Py_type_cache *cache = thread_cache(tstate);
    if (cache == NULL && (cache = thread_cache_new(tstate)) == NULL) {
        return res;
    }
    struct _Py_type_cache_entry *entry = cache_entry(cache, version, name);
    PyObject *old_name = entry->name;
    entry->version = version;
    entry->value = res;
    if (old_name != name) {
        entry->name = Py_NewRef(name);
        Py_XDECREF(old_name);     /* a str: runs no code */
    }
    return res;
}

PyObject *
_PyType_LookupByVersion(PyTypeObject *type, PyObject *name, unsigned int *p_version)
{
    struct _Py_type_cache *cache = thread_cache(_PyThreadState_GET());
    if (cache != NULL) {
        unsigned int version = FT_ATOMIC_LOAD_UINT_ACQUIRE(type->tp_version_tag);
        struct _Py_type_cache_entry *entry = cache_entry(cache, version, name);
        if (entry->version == version && entry->name == name && version != 0) {
            *p_version = version;
            return entry->value;
        }
    }
    return lookup_slow(type, name, p_version);
}

PyObject *
_PyType_Lookup(PyTypeObject *type, PyObject *name)
{
    unsigned int version;
    return _PyType_LookupByVersion(type, name, &version);
}

PyObject *
_PyType_LookupRef(PyTypeObject *type, PyObject *name)
{
    unsigned int version;
    return Py_XNewRef(_PyType_LookupByVersion(type, name, &version));
}

PyObject *
_PyType_LookupRefAndVersion(PyTypeObject *type, PyObject *name, unsigned int *version)
{
    return Py_XNewRef(_PyType_LookupByVersion(type, name, version));
}

/* -- Caches for specialised instructions --------------------------------------------------------------------- */

int
_PyType_CacheInitForSpecialization(PyHeapTypeObject *type, PyObject *init, unsigned int tp_version)
{
    if (!init || !tp_version) {
        return 0;
    }
    int can_cache;
    _PyType_Lock();
    can_cache = ((PyTypeObject *)type)->tp_version_tag == tp_version
                && _PyObject_HasDeferredRefcount(init);
#ifndef Py_GIL_DISABLED
    can_cache = ((PyTypeObject *)type)->tp_version_tag == tp_version;
#endif
    if (can_cache) {
        FT_ATOMIC_STORE_PTR_RELEASE(type->_spec_cache.init, init);
    }
    _PyType_Unlock();
    return can_cache;
}

int
_PyType_CacheGetItemForSpecialization(PyHeapTypeObject *ht, PyObject *descriptor, uint32_t tp_version)
{
    if (!descriptor || !tp_version) {
        return 0;
    }
    int can_cache;
    _PyType_Lock();
    can_cache = ((PyTypeObject *)ht)->tp_version_tag == tp_version;
    if (can_cache) {
        FT_ATOMIC_STORE_PTR_RELEASE(ht->_spec_cache.getitem, descriptor);
    }
    _PyType_Unlock();
    return can_cache;
}

/* -- Watchers ------------------------------------------------------------------------------------------------- */

int
PyType_AddWatcher(PyType_WatchCallback callback)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    int id = -1;
    _PyType_Lock();
    /* 0 is reserved for the runtime's own use. */
    for (int i = 1; i < TYPE_MAX_WATCHERS; i++) {
        if (interp->types.watchers[i] == NULL) {
            interp->types.watchers[i] = callback;
            id = i;
            break;
        }
    }
    _PyType_Unlock();
    if (id < 0) {
        PyErr_SetString(PyExc_RuntimeError, "no more type watcher IDs available");
    }
    return id;
}

static int
validate_watcher_id(PyInterpreterState *interp, int watcher_id)
{
    if (watcher_id < 0 || watcher_id >= TYPE_MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid type watcher ID %d", watcher_id);
        return -1;
    }
    if (interp->types.watchers[watcher_id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No type watcher set for ID %d", watcher_id);
        return -1;
    }
    return 0;
}

int
PyType_ClearWatcher(int watcher_id)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (validate_watcher_id(interp, watcher_id) < 0) {
        return -1;
    }
    interp->types.watchers[watcher_id] = NULL;
    return 0;
}

int
PyType_Watch(int watcher_id, PyObject *obj)
{
    if (!PyType_Check(obj)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-type");
        return -1;
    }
    PyTypeObject *type = (PyTypeObject *)obj;
    if (validate_watcher_id(_PyInterpreterState_GET(), watcher_id) < 0) {
        return -1;
    }
    _PyType_Lock();
    assign_version_lock_held(type);      /* so that the next change is noticed */
    type->tp_watched |= (unsigned char)(1 << watcher_id);
    _PyType_Unlock();
    return 0;
}

int
PyType_Unwatch(int watcher_id, PyObject *obj)
{
    if (!PyType_Check(obj)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-type");
        return -1;
    }
    if (validate_watcher_id(_PyInterpreterState_GET(), watcher_id) < 0) {
        return -1;
    }
    _PyType_Lock();
    ((PyTypeObject *)obj)->tp_watched &= (unsigned char)~(1 << watcher_id);
    _PyType_Unlock();
    return 0;
}

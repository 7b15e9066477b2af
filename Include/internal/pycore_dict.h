/* Dict internals: key tables, inline values, lock-free lookups.

   A key table has an index (hash -> entry number, 1, 2, 4 or 8 bytes a slot) and an array of entries
   in insertion order.  Three kinds: GENERAL (any keys, hash stored), UNICODE (exact str keys only,
   hash in the str) and SPLIT (unicode keys shared by the instances of one class; values live in a
   PyDictValues of each instance).

   Locking.  Mutations hold the dict's mutex; additions to a SPLIT table also hold dk_mutex (a leaf).
   Readers need no lock (PROTOCOLS P2): entries are append-only within a table, an entry is complete
   before its index slot is stored (release), a deletion clears the value, then the index slot.  A
   table that outgrows itself is replaced and retired, never shrunk in place.
   Whether ma_values counts is told by the kind of the table, not by the pointer: the way from split
   to combined is one-way, and a reader who finds a SPLIT table without values retries under the lock. */
#ifndef Py_INTERNAL_DICT_H
#define Py_INTERNAL_DICT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_container.h"
#include "pycore_lock.h"       // PyMutex_LockFlags

/* -- Key tables ------------------------------------------------------ */

typedef struct {
    Py_hash_t me_hash;       // const once the index slot is published
    PyObject *me_key;        // const until the table dies; NULL in an entry that was deleted
    PyObject *me_value;      // atomic: stored release under the mutex, loaded acquire
} PyDictKeyEntry;

typedef struct {
    PyObject *me_key;        // exact str
    PyObject *me_value;
} PyDictUnicodeEntry;

#define DKIX_EMPTY       (-1)
#define DKIX_DUMMY       (-2)    // an index slot whose entry was deleted
#define DKIX_ERROR       (-3)    // the comparison raised
#define DKIX_KEY_CHANGED (-4)    // undecided without the lock

typedef enum {
    DICT_KEYS_GENERAL = 0,
    DICT_KEYS_UNICODE = 1,
    DICT_KEYS_SPLIT = 2
} DictKeysKind;

struct _dictkeysobject {
    uint32_t dk_refcnt;            // atomic: dicts and the class that share a SPLIT table; else 1
    uint8_t dk_log2_size;          // const: index slots
    uint8_t dk_log2_index_bytes;   // const
    uint8_t dk_kind;               // const
    PyMutex dk_mutex;              // SPLIT: additions
    uint32_t dk_version;           // atomic: 0 none; never reused; reset before the table changes
    uint8_t dk_inline_capacity;    // SPLIT, atomic: value slots of new instances; only falls, entry numbers stay below
    uint8_t dk_instances;          // SPLIT, relaxed: instances made until the capacity is settled (a hint)
    uint16_t dk_unused;
    Py_ssize_t dk_usable;          // guarded: entries that may still be added
    Py_ssize_t dk_nentries;        // atomic: stored release after the entry is complete
    char dk_indices[];             // then the entries
};

/* Locks of a SPLIT table: a leaf, so it waits without detaching. */
#ifdef Py_GIL_DISABLED
#  define _PyDictKeys_Lock(dk) \
    do { if (_Py_multithreaded) { PyMutex_LockFlags(&(dk)->dk_mutex, _Py_LOCK_DONT_DETACH); } } while (0)
#  define _PyDictKeys_Unlock(dk) do { if (_Py_multithreaded) { PyMutex_Unlock(&(dk)->dk_mutex); } } while (0)
#else
#  define _PyDictKeys_Lock(dk) ((void)(dk))
#  define _PyDictKeys_Unlock(dk) ((void)(dk))
#endif

#define DK_LOG_SIZE(dk) ((dk)->dk_log2_size)
#define DK_SIZE(dk)     (((Py_ssize_t)1) << DK_LOG_SIZE(dk))
#define DK_MASK(dk)     (DK_SIZE(dk) - 1)
#define DK_IS_UNICODE(dk) ((dk)->dk_kind != DICT_KEYS_GENERAL)
#define DK_IS_SPLIT(dk)   ((dk)->dk_kind == DICT_KEYS_SPLIT)

static inline void *
_DK_ENTRIES(PyDictKeysObject *dk)
{
    return &dk->dk_indices[(size_t)1 << dk->dk_log2_index_bytes];
}

static inline PyDictKeyEntry *
DK_ENTRIES(PyDictKeysObject *dk)
{
    assert(dk->dk_kind == DICT_KEYS_GENERAL);
    return (PyDictKeyEntry *)_DK_ENTRIES(dk);
}

static inline PyDictUnicodeEntry *
DK_UNICODE_ENTRIES(PyDictKeysObject *dk)
{
    assert(dk->dk_kind != DICT_KEYS_GENERAL);
    return (PyDictUnicodeEntry *)_DK_ENTRIES(dk);
}

/* Key and value of entry ix, whatever the kind. */
static inline PyObject **
_PyDictKeys_KeySlot(PyDictKeysObject *dk, Py_ssize_t ix)
{
    return DK_IS_UNICODE(dk) ? &DK_UNICODE_ENTRIES(dk)[ix].me_key : &DK_ENTRIES(dk)[ix].me_key;
}

static inline PyObject **
_PyDictKeys_ValueSlot(PyDictKeysObject *dk, Py_ssize_t ix)
{
    return DK_IS_UNICODE(dk) ? &DK_UNICODE_ENTRIES(dk)[ix].me_value : &DK_ENTRIES(dk)[ix].me_value;
}

extern PyDictKeysObject _PyDict_EmptyKeys;     // immortal, usable 0
#define Py_EMPTY_KEYS (&_PyDict_EmptyKeys)

/* -- Values of a split table ----------------------------------------- */

#define SHARED_KEYS_MAX_SIZE 30
#define NEXT_LOG2_KEYS_MAX_SIZE 6

/* After the values come `capacity` bytes: entry numbers in the order in which this instance set them. */
struct _dictvalues {
    uint8_t capacity;        // const
    uint8_t size;            // guarded: length of the insertion order
    uint8_t embedded;        // guarded: lies inside an object
    uint8_t valid;           // atomic: 0 once a dict of its own holds the attributes
    PyObject *values[1];     // atomic: stored release under the mutex, loaded acquire
};

#define DICT_VALUES_SIZE(values) ((values)->capacity)
#define DICT_VALUES_VALID(v) FT_ATOMIC_LOAD_UINT8_ACQUIRE((v)->valid)

/* In _ma_watcher_tag, above the watcher and modification bits: ma_values lies inside an object.  Readers check it
   before they load ma_values; it is cleared after ma_values has been replaced (release). */
#define DICT_EMBEDDED_VALUES ((uint64_t)1 << 16)

static inline uint8_t *
get_insertion_order_array(PyDictValues *values)
{
    return (uint8_t *)&values->values[values->capacity];
}

/* Slots that a new instance of a class with this table gets.  It only falls, so memory measured with an
   earlier answer is large enough. */
static inline size_t
shared_keys_usable_size(PyDictKeysObject *keys)
{
    return FT_ATOMIC_LOAD_UINT8_RELAXED(keys->dk_inline_capacity);
}

static inline size_t
_PyInlineValuesSize(PyTypeObject *tp)
{
    PyDictKeysObject *keys = ((PyHeapTypeObject *)tp)->ht_cached_keys;
    assert(keys != NULL);
    size_t size = shared_keys_usable_size(keys);
    size_t prefix = offsetof(PyDictValues, values);
    size_t total = prefix + size * sizeof(PyObject *) + size;
    return (total + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
}

extern void _PyDictValues_AddToInsertionOrder(PyDictValues *values, Py_ssize_t ix);

/* -- Per-interpreter state, watchers --------------------------------- */

#define DICT_MAX_WATCHERS 8
#define DICT_WATCHED_MUTATION_BITS 4
#define DICT_WATCHER_MASK ((1u << DICT_MAX_WATCHERS) - 1)
#define DICT_WATCHER_AND_MODIFICATION_MASK \
    ((1u << (DICT_MAX_WATCHERS + DICT_WATCHED_MUTATION_BITS)) - 1)

struct _Py_dict_state {
    uint32_t next_keys_version;    // atomic
    PyDict_WatchCallback watchers[DICT_MAX_WATCHERS];
};
#define _Py_DICT_STATE_INIT {.next_keys_version = 2}

extern void _PyDict_SendEvent(int watcher_bits, PyDict_WatchEvent event, PyDictObject *mp,
                              PyObject *key, PyObject *value);

static inline void
_PyDict_NotifyEvent(PyDict_WatchEvent event, PyDictObject *mp, PyObject *key, PyObject *value)
{
    int watcher_bits = (int)(mp->_ma_watcher_tag & DICT_WATCHER_MASK);
    if (watcher_bits) {
        _PyDict_SendEvent(watcher_bits, event, mp, key, value);
    }
}

/* -- Lookups --------------------------------------------------------- */

/* No lock, no Python code, no exception.  1: *value is borrowed and valid until the caller's next
   quiescent point.  0: absent.  -1: undecided (also when this thread must first touch the dict), take the
   ordinary path.  hash may not be -1. */
extern int _PyDict_LookupBorrowed_lockfree(PyObject *dict, PyObject *key, Py_hash_t hash,
                                           PyObject **value);

/* The same as one pointer; NULL is absent or undecided, without an exception. */
static inline PyObject *
_PyDict_GetItemBorrowed_lockfree(PyObject *dict, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    return _PyDict_LookupBorrowed_lockfree(dict, key, hash, &value) > 0 ? value : NULL;
}

/* Entry number, or DKIX_EMPTY, DKIX_ERROR.  *value is borrowed.  The caller holds the mutex. */
extern Py_ssize_t _Py_dict_lookup(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value);
/* Any thread; *value is a new reference. */
extern Py_ssize_t _Py_dict_lookup_threadsafe(PyDictObject *mp, PyObject *key, Py_hash_t hash,
                                             PyObject **value);
extern Py_ssize_t _PyDict_LookupIndex(PyDictObject *, PyObject *key);
/* *value is borrowed, NULL when absent. */
extern Py_ssize_t _PyDict_LookupIndexAndValue(PyDictObject *, PyObject *key, PyObject **value);
/* Exact str key in a table of str keys: entry number, or DKIX_EMPTY (also for other kinds). */
extern Py_ssize_t _PyDictKeys_StringLookup(PyDictKeysObject *, PyObject *key);
extern Py_ssize_t _PyDictKeys_StringLookupSplit(PyDictKeysObject *, PyObject *key);
extern Py_ssize_t _PyDictKeys_StringLookupAndVersion(PyDictKeysObject *, PyObject *key,
                                                     uint32_t *version);

/* globals[key], else builtins[key].  New reference; NULL without an exception when in neither. */
PyAPI_FUNC(PyObject *) _PyDict_LoadGlobal(PyDictObject *globals, PyDictObject *builtins,
                                          PyObject *key);
/* The same, borrowed until the next quiescent point; exact dicts and an exact str key only.
   NULL: in neither, or undecided. */
extern PyObject *_PyDict_LoadGlobalBorrowed_lockfree(PyDictObject *globals, PyDictObject *builtins,
                                                     PyObject *key);

extern PyObject *_PyDict_GetItemWithError(PyObject *dict, PyObject *key);
PyAPI_FUNC(int) _PyDict_GetItemRef_KnownHash_LockHeld(PyDictObject *, PyObject *key, Py_hash_t hash,
                                                      PyObject **result);
extern int _PyDict_GetItemRef_KnownHash(PyDictObject *, PyObject *key, Py_hash_t hash,
                                        PyObject **result);
extern int _PyDict_GetItemRef_Unicode_LockHeld(PyDictObject *, PyObject *key, PyObject **result);
extern int _PyDict_Contains_KnownHash(PyObject *, PyObject *key, Py_hash_t hash);
extern int _PyDict_ContainsId(PyObject *, PyObject *name);

/* -- Mutations ------------------------------------------------------- */

PyAPI_FUNC(int) _PyDict_SetItem_KnownHash(PyObject *, PyObject *key, PyObject *value, Py_hash_t hash);
PyAPI_FUNC(int) _PyDict_SetItem_KnownHash_LockHeld(PyDictObject *, PyObject *key, PyObject *value,
                                                   Py_hash_t hash);
/* value NULL deletes. */
extern int _PyDict_SetItem_LockHeld(PyDictObject *, PyObject *key, PyObject *value);
/* Steals key and value, also on failure. */
PyAPI_FUNC(int) _PyDict_SetItem_Take2(PyDictObject *, PyObject *key, PyObject *value);
PyAPI_FUNC(int) _PyDict_DelItem_KnownHash(PyObject *, PyObject *key, Py_hash_t hash);
extern int _PyDict_DelItem_KnownHash_LockHeld(PyObject *, PyObject *key, Py_hash_t hash);
/* Deletes if predicate(value, arg) says 1 (it runs with the mutex held and may not call Python).
   1 deleted, 0 not, -1 error; a missing key is 0. */
PyAPI_FUNC(int) _PyDict_DelItemIf(PyObject *, PyObject *key,
                                  int (*predicate)(PyObject *value, void *arg), void *arg);
/* 1: *result (if result is not NULL) is the value; 0: absent, *result NULL; -1: error. */
extern int _PyDict_Pop_KnownHash(PyDictObject *, PyObject *key, Py_hash_t hash, PyObject **result);
/* KeyError if there is neither key nor default. */
extern PyObject *_PyDict_PopDefault(PyObject *, PyObject *key, PyObject *default_value);
extern void _PyDict_Clear_LockHeld(PyObject *);
/* override: 0 first wins, 1 last wins, 2 a repeated key is a KeyError (for f(**a, **b)). */
PyAPI_FUNC(int) _PyDict_MergeEx(PyObject *a, PyObject *b, int override);
extern int _PyDict_MergeFromSeq2(PyObject *a, PyObject *seq2, int override);

PyAPI_FUNC(PyObject *) _PyDict_FromItems(PyObject *const *keys, Py_ssize_t keys_offset,
                                         PyObject *const *values, Py_ssize_t values_offset,
                                         Py_ssize_t length);
extern PyObject *_PyDict_FromKeys(PyObject *cls, PyObject *iterable, PyObject *value);

/* -- Whole dicts ----------------------------------------------------- */

/* PyDict_Next with the hash. */
extern int _PyDict_Next(PyObject *, Py_ssize_t *pos, PyObject **key, PyObject **value, Py_hash_t *hash);
extern int _PyDict_HasOnlyStringKeys(PyObject *);
PyAPI_FUNC(Py_ssize_t) _PyDict_SizeOf(PyDictObject *);
extern Py_ssize_t _PyDict_SizeOf_LockHeld(PyDictObject *);
extern size_t _PyDict_KeysSize(PyDictKeysObject *);
extern Py_ssize_t _PyDict_MaybeUntrack(PyObject *);
extern int _PyDict_CheckConsistency(PyObject *, int check_content);
extern void _PyDict_DebugMallocStats(FILE *out);

/* True: reads need no mutex (owner, or SHARED from now on). */
#define _PyDict_EnsureSharedOnRead(mp) _PyContainer_Touch((PyObject *)(mp))

/* -- Versions for guards --------------------------------------------- */

/* 0 when versions have run out. */
extern uint32_t _PyDictKeys_GetVersionForCurrentState(PyInterpreterState *, PyDictKeysObject *);
extern uint32_t _PyDict_GetKeysVersionForCurrentState(PyInterpreterState *, PyDictObject *);

static inline uint32_t
_PyDictKeys_Version(PyDictKeysObject *dk)
{
    return FT_ATOMIC_LOAD_UINT32_ACQUIRE(dk->dk_version);
}

/* The table as a lock-free reader sees it. */
static inline PyDictKeysObject *
_PyDict_Keys_lockfree(PyDictObject *mp)
{
    return (PyDictKeysObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(mp->ma_keys);
}

/* -- Instances ------------------------------------------------------- */

/* _PyObject_ManagedDictPointer, _PyObject_GetManagedDict, _PyObject_InlineValues: pycore_object.h.  The dict they
   give is borrowed until the next quiescent point; readers touch obj first.

   A dict made for an instance is born SHARED, because its values may be those inside the object, which
   readers of the object load under the object's SHARED bit. */

extern PyDictKeysObject *_PyDict_NewKeysForClass(PyHeapTypeObject *);
extern void _PyDictKeys_DecRef(PyDictKeysObject *);
/* The types room calls this on fresh memory; it also clears the dict pointer. */
extern void _PyObject_InitInlineValues(PyObject *obj, PyTypeObject *tp);

/* obj's dict, made if need be.  Borrowed; NULL with an exception. */
extern PyDictObject *_PyObject_MaterializeManagedDict(PyObject *obj);
/* obj.__dict__ for a managed dict, counted. */
extern PyObject *_PyObject_GetOrMakeManagedDictRef(PyObject *obj);
/* Replaces (or, with NULL, deletes) obj's dict.  new_dict is counted. */
extern int _PyObject_SetManagedDict(PyObject *obj, PyObject *new_dict);
/* The dict that outlives obj gets a copy of obj's inline values. */
extern int _PyDict_DetachFromObject(PyDictObject *dict, PyObject *obj);

/* True if the inline values decide; then *attr is the counted value or NULL for "not set".
   False: look into the dict. */
extern bool _PyObject_TryGetInstanceAttribute(PyObject *obj, PyObject *name, PyObject **attr);
/* obj.name = value (NULL deletes) for a type with inline values.  0, or -1 with an exception
   (AttributeError for deleting what is not there). */
extern int _PyObject_StoreInstanceAttribute(PyObject *obj, PyObject *name, PyObject *value);
extern bool _PyObject_IsInstanceDictEmpty(PyObject *obj);
/* obj.__dict__ item set or deleted for any kind of dict slot (the types room's generic setattr). */
extern int _PyObjectDict_SetItem(PyTypeObject *tp, PyObject *obj, PyObject **dictptr, PyObject *name,
                                 PyObject *value);
/* New dict for instances of tp, split if the type has shared keys. */
extern PyObject *_PyObject_NewInstanceDict(PyTypeObject *tp);

/* -- Views ----------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyDictObject *dv_dict;     // const
} _PyDictViewObject;

extern PyObject *_PyDictView_New(PyObject *dict, PyTypeObject *type);
extern PyObject *_PyDictView_Intersect(PyObject *view, PyObject *other);


#endif

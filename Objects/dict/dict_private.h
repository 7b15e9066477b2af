/* What the files of Objects/dict share: access to key tables, the lookups, the steps of a mutation. */
#ifndef DICT_PRIVATE_H
#define DICT_PRIVATE_H

#include "Python.h"
#include "pycore_dict.h"
#include "pycore_object.h"     // _PyObject_GC_TRACK
#include "pycore_pyerrors.h"   // _PyErr_SetKeyError
#include "pycore_pystate.h"    // _PyInterpreterState_GET

#define PERTURB_SHIFT 5
#define DICT_LOG_MINSIZE 3
/* Entries for n index slots: two thirds keep probes short (D. Knuth, TAOCP 3, 6.4). */
#define USABLE_FRACTION(n) (((n) << 1) / 3)
#define ESTIMATE_SIZE(n) (((n) * 3 + 1) / 2)
#define GROWTH_RATE(d) ((d)->ma_used * 3)

#define dict_has_split_table(mp) ((mp)->ma_keys->dk_kind == DICT_KEYS_SPLIT)

/* -- Index slots ------------------------------------------------------ */

/* Acquire: the entry that the index names is complete. */
static inline Py_ssize_t
dk_get_index(const PyDictKeysObject *dk, size_t i)
{
    int log2size = dk->dk_log2_size;
    if (log2size < 8) {
        return _FT_LOAD(((const int8_t *)dk->dk_indices)[i], __ATOMIC_ACQUIRE);
    }
    if (log2size < 16) {
        return _FT_LOAD(((const int16_t *)dk->dk_indices)[i], __ATOMIC_ACQUIRE);
    }
    if (log2size >= 32) {
        return _FT_LOAD(((const int64_t *)dk->dk_indices)[i], __ATOMIC_ACQUIRE);
    }
    return _FT_LOAD(((const int32_t *)dk->dk_indices)[i], __ATOMIC_ACQUIRE);
}

/* Release: pairs with the load above. */
static inline void
dk_set_index(PyDictKeysObject *dk, size_t i, Py_ssize_t ix)
{
    int log2size = dk->dk_log2_size;
    assert(ix >= DKIX_DUMMY);
    if (log2size < 8) {
        _FT_STORE(((int8_t *)dk->dk_indices)[i], ix, __ATOMIC_RELEASE);
    }
    else if (log2size < 16) {
        _FT_STORE(((int16_t *)dk->dk_indices)[i], ix, __ATOMIC_RELEASE);
    }
    else if (log2size >= 32) {
        _FT_STORE(((int64_t *)dk->dk_indices)[i], ix, __ATOMIC_RELEASE);
    }
    else {
        _FT_STORE(((int32_t *)dk->dk_indices)[i], ix, __ATOMIC_RELEASE);
    }
}

#define LOAD_SLOT(slot)     ((PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(slot))
#define STORE_SLOT(slot, v) FT_ATOMIC_STORE_PTR_RELEASE(slot, v)

/* -- Hashes and comparisons ------------------------------------------- */

static inline Py_hash_t
unicode_get_hash(PyObject *str)
{
    /* Relaxed: everybody computes the same value. */
    return FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyASCIIObject *)str)->hash);
}

static inline Py_hash_t
key_hash(PyObject *key)
{
    if (PyUnicode_CheckExact(key)) {
        Py_hash_t hash = unicode_get_hash(key);
        if (hash != -1) {
            return hash;
        }
    }
    return PyObject_Hash(key);
}

static inline int
unicode_same_text(PyObject *a, PyObject *b)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(a);
    if (length != PyUnicode_GET_LENGTH(b) || PyUnicode_KIND(a) != PyUnicode_KIND(b)) {
        return 0;
    }
    return memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)length * PyUnicode_KIND(a)) == 0;
}

/* Hash of a key of a dict operation, or -1 with "cannot use 'T' as a dict key (...)". */
extern Py_hash_t _PyDict_HashKey(PyObject *key);

static inline Py_hash_t
dict_hash(PyObject *key)
{
    if (PyUnicode_CheckExact(key)) {
        Py_hash_t hash = unicode_get_hash(key);
        if (hash != -1) {
            return hash;
        }
    }
    return _PyDict_HashKey(key);
}

/* -- Key tables (keys.c) ---------------------------------------------- */

extern PyDictKeysObject *_PyDictKeys_New(int log2_size, int unicode);
/* Releases the table's memory only. */
extern void _PyDictKeys_FreeMem(PyDictKeysObject *dk);
/* Index slot where a key with this hash may be put. */
extern size_t _PyDictKeys_FindFreeSlot(PyDictKeysObject *dk, Py_hash_t hash);
/* Fills the index from entries 0..n-1, which have keys. */
extern void _PyDictKeys_BuildIndex(PyDictKeysObject *dk, Py_ssize_t n);
/* Smallest log2 of a size >= minsize; for n entries. */
extern int _PyDict_Log2Size(Py_ssize_t minsize);
extern int _PyDict_Log2SizeForEntries(Py_ssize_t n);
/* Adds key to a SPLIT table if there is room; entry number or DKIX_EMPTY. */
extern Py_ssize_t _PyDictKeys_InsertSplit(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash);

static inline void
dk_invalidate_version(PyDictKeysObject *dk)
{
    if (dk->dk_version != 0) {
        FT_ATOMIC_STORE_UINT32_RELEASE(dk->dk_version, 0);
    }
}

static inline void
dk_incref(PyDictKeysObject *dk)
{
    if (dk != Py_EMPTY_KEYS) {
        _FT_ADD(dk->dk_refcnt, 1, __ATOMIC_RELAXED);
    }
}

/* Hash of entry ix. */
static inline Py_hash_t
dk_entry_hash(PyDictKeysObject *dk, Py_ssize_t ix)
{
    return DK_IS_UNICODE(dk) ? unicode_get_hash(DK_UNICODE_ENTRIES(dk)[ix].me_key)
                             : DK_ENTRIES(dk)[ix].me_hash;
}

/* -- Lookups (lookup.c) ----------------------------------------------- */

/* Exact str in a table of str keys; no lock needed. */
extern Py_ssize_t _PyDictKeys_LookupUnicode(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash);
/* Index slot of entry ix, which is there. */
extern size_t _PyDictKeys_FindSlotOf(PyDictKeysObject *dk, Py_hash_t hash, Py_ssize_t ix);
/* 1 found (new reference), 0 absent, -1 error: lock-free first, then under the mutex. */
extern int _PyDict_FindRef(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value);

/* -- Steps of a mutation (insert.c); the caller holds the mutex ------- */

/* Steals key and value, also on failure. */
extern int _PyDict_Insert_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value);
/* Unlinks entry ix with this value.  The reference to the value passes to the caller. */
extern int _PyDict_Unlink_lock_held(PyDictObject *mp, Py_hash_t hash, Py_ssize_t ix, PyObject *value);
extern int _PyDict_Resize_lock_held(PyDictObject *mp, int log2_size, int unicode);
/* 1, 0 absent, -1 error. */
extern int _PyDict_Del_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash);
extern void _PyDict_Clear_lock_held(PyDictObject *mp);
extern PyObject *_PyDict_Copy_lock_held(PyDictObject *mp);
extern int _PyDict_Merge(PyObject *a, PyObject *b, int override);
extern int _PyDict_SetDefault_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash,
                                        PyObject *value, PyObject **result);

extern PyObject *_PyDict_NewFromKeys(PyDictKeysObject *dk, PyDictValues *values, Py_ssize_t used);

/* Entries in iteration order, mutex held.  *pos starts at 0; key and value are borrowed. */
extern int _PyDict_Next_lock_held(PyDictObject *mp, Py_ssize_t *pos, PyObject **key, PyObject **value,
                                  Py_hash_t *hash);

static inline Py_ssize_t
dict_used(PyObject *op)
{
    return FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyDictObject *)op)->ma_used);
}

static inline void
dict_set_used(PyDictObject *mp, Py_ssize_t used)
{
    FT_ATOMIC_STORE_SSIZE_RELAXED(mp->ma_used, used);
}

/* -- Split values (split.c) ------------------------------------------- */

extern PyDictValues *_PyDictValues_New(Py_ssize_t capacity);
extern void _PyDictValues_DeleteFromOrder(PyDictValues *values, Py_ssize_t ix);
/* The dict no longer uses its values: retires heap values, or marks embedded ones invalid. */
extern void _PyDict_DropValues_lock_held(PyDictObject *mp, PyDictValues *values);

static inline int
dict_values_embedded(PyDictObject *mp)
{
    return (FT_ATOMIC_LOAD_UINT64_ACQUIRE(mp->_ma_watcher_tag) & DICT_EMBEDDED_VALUES) != 0;
}

/* -- Tables of the type (methods.c, views.c, iter.c) ------------------- */

extern PyMethodDef _PyDict_methods[];
extern PyObject *_PyDict_Iter(PyObject *self);
extern PyObject *_PyDict_ReverseKeys(PyObject *self, PyObject *ignored);
extern PyObject *_PyDict_NewIterator(PyDictObject *dict, PyTypeObject *itertype);
extern PyObject *_PyDict_ViewReversed(PyObject *view, PyTypeObject *itertype);

/* -- Shared by the type and its methods (object.c) --------------------- */

extern PyObject *_PyDict_Subscript(PyObject *self, PyObject *key);
extern int _PyDict_UpdateCommon(PyObject *self, PyObject *args, PyObject *kwds, const char *name);

#endif

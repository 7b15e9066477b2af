/* Finding a key.

   Three ways.  A str among strs needs no lock and runs no Python code.  Keys of plain builtin types compare without
   Python code too, so that a lock-free reader can decide.  Everything else is compared with the mutex held, and the
   probe starts again if the comparison changed the table.

   Source of the probe sequence: Knuth, TAOCP 3, 6.4 (double hashing), with all bits of the hash mixed in. */
#include "dict_private.h"
#include "pycore_long.h"    // _PyLong_IsCompact

/* -- Comparisons without Python code ---------------------------------- */

enum plain_kind { NOT_PLAIN, PLAIN_STR, PLAIN_BYTES, PLAIN_NUMBER, PLAIN_TUPLE, PLAIN_NONE };

static enum plain_kind
plain_kind(PyObject *key)
{
    PyTypeObject *type = Py_TYPE(key);
    if (type == &PyUnicode_Type) {
        return PLAIN_STR;
    }
    if (type == &PyLong_Type || type == &PyFloat_Type || type == &PyBool_Type) {
        return PLAIN_NUMBER;
    }
    if (type == &PyTuple_Type) {
        return PLAIN_TUPLE;
    }
    if (type == &PyBytes_Type) {
        return PLAIN_BYTES;
    }
    return key == Py_None ? PLAIN_NONE : NOT_PLAIN;
}

static int
compare_plain_numbers(PyObject *a, PyObject *b)
{
    if (PyLong_CheckExact(a) && PyLong_CheckExact(b)
        && PyUnstable_Long_IsCompact((PyLongObject *)a) && PyUnstable_Long_IsCompact((PyLongObject *)b)) {
        return PyUnstable_Long_CompactValue((PyLongObject *)a)
            == PyUnstable_Long_CompactValue((PyLongObject *)b);
    }
    PyObject *answer = Py_TYPE(a)->tp_richcompare(a, b, Py_EQ);
    if (answer == Py_NotImplemented) {
        answer = Py_TYPE(b)->tp_richcompare(b, a, Py_EQ);
    }
    if (answer == NULL) {
        PyErr_Clear();
        return -1;
    }
    return answer == Py_True;      // the answers are immortal
}

static int compare_plain(PyObject *a, PyObject *b, int depth);

static int
compare_plain_tuples(PyObject *a, PyObject *b, int depth)
{
    Py_ssize_t n = PyTuple_GET_SIZE(a);
    if (depth == 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n && i < PyTuple_GET_SIZE(b); i++) {
        int same = compare_plain(PyTuple_GET_ITEM(a, i), PyTuple_GET_ITEM(b, i), depth - 1);
        if (same <= 0) {
            return same;
        }
    }
    return n == PyTuple_GET_SIZE(b);
}

static int
compare_plain(PyObject *a, PyObject *b, int depth)
{
    if (a == b) {
        return 1;
    }
    enum plain_kind kind = plain_kind(a), other = plain_kind(b);
    if (kind == NOT_PLAIN || other == NOT_PLAIN) {
        return -1;
    }
    if (kind != other) {
        /* bytes against str may warn (-b), and a warning is Python code */
        return kind == PLAIN_BYTES || other == PLAIN_BYTES ? -1 : 0;
    }
    switch (kind) {
    case PLAIN_STR:
        return unicode_same_text(a, b);
    case PLAIN_BYTES:
        return PyBytes_GET_SIZE(a) == PyBytes_GET_SIZE(b)
            && memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), (size_t)PyBytes_GET_SIZE(a)) == 0;
    case PLAIN_NUMBER:
        return compare_plain_numbers(a, b);
    case PLAIN_TUPLE:
        return compare_plain_tuples(a, b, depth);
    default:
        return 0;
    }
}

int
_PyContainer_ComparePlain(PyObject *a, PyObject *b)
{
    return compare_plain(a, b, 3);
}

Py_hash_t
_PyDict_HashKey(PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        PyObject *exc = PyErr_GetRaisedException();
        if (!Py_IS_TYPE(exc, (PyTypeObject *)PyExc_TypeError)) {
            PyErr_SetRaisedException(exc);
            return -1;
        }
        PyErr_Format(PyExc_TypeError, "cannot use '%T' as a dict key (%S)", key, exc);
        Py_DECREF(exc);
    }
    return hash;
}

/* -- One table -------------------------------------------------------- */

Py_ssize_t
_PyDictKeys_LookupUnicode(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash)
{
    assert(PyUnicode_CheckExact(key) && dk->dk_kind != DICT_KEYS_GENERAL);
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(dk);
    const size_t mask = (size_t)DK_MASK(dk);
    size_t i = (size_t)hash & mask;
    for (size_t perturb = (size_t)hash;;) {
        Py_ssize_t ix = dk_get_index(dk, i);
        if (ix >= 0) {
            PyObject *found = LOAD_SLOT(entries[ix].me_key);
            if (found == key) {
                return ix;
            }
            if (found != NULL && unicode_get_hash(found) == hash && unicode_same_text(found, key)) {
                return ix;
            }
        }
        else if (ix == DKIX_EMPTY) {
            return DKIX_EMPTY;
        }
        perturb >>= PERTURB_SHIFT;
        i = mask & (i * 5 + perturb + 1);
    }
}

/* Any key in a GENERAL table, without Python code: DKIX_KEY_CHANGED is "undecided". */
static Py_ssize_t
keys_lookup_plain(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash)
{
    PyDictKeyEntry *entries = DK_ENTRIES(dk);
    const size_t mask = (size_t)DK_MASK(dk);
    size_t i = (size_t)hash & mask;
    for (size_t perturb = (size_t)hash;;) {
        Py_ssize_t ix = dk_get_index(dk, i);
        if (ix >= 0) {
            PyDictKeyEntry *entry = &entries[ix];
            PyObject *found = LOAD_SLOT(entry->me_key);
            if (found == key) {
                return ix;
            }
            if (found != NULL && entry->me_hash == hash) {
                int same = _PyContainer_ComparePlain(found, key);
                if (same != 0) {
                    return same > 0 ? ix : DKIX_KEY_CHANGED;
                }
            }
        }
        else if (ix == DKIX_EMPTY) {
            return DKIX_EMPTY;
        }
        perturb >>= PERTURB_SHIFT;
        i = mask & (i * 5 + perturb + 1);
    }
}

/* == of two keys with the mutex held; may run Python code, then looks whether entry and table are what they
   were.  1, 0, DKIX_ERROR or DKIX_KEY_CHANGED. */
static int
compare_keys_lock_held(PyDictObject *mp, PyDictKeysObject *dk, size_t mask, PyObject **slot, PyObject *key)
{
    PyObject *found = *slot;
    int same = _PyContainer_ComparePlain(found, key);
    if (same >= 0) {
        return same;
    }
    Py_INCREF(found);
    same = PyObject_RichCompareBool(found, key, Py_EQ);
    Py_DECREF(found);
    if (same < 0) {
        return DKIX_ERROR;
    }
    if (mp->ma_keys != dk || (size_t)DK_MASK(dk) != mask || *slot != found) {
        return DKIX_KEY_CHANGED;
    }
    return same;
}

static Py_ssize_t
keys_lookup_lock_held(PyDictObject *mp, PyDictKeysObject *dk, PyObject *key, Py_hash_t hash)
{
    const size_t mask = (size_t)DK_MASK(dk);
    size_t i = (size_t)hash & mask;
    for (size_t perturb = (size_t)hash;;) {
        Py_ssize_t ix = dk_get_index(dk, i);
        if (ix >= 0) {
            PyObject **slot = _PyDictKeys_KeySlot(dk, ix);
            if (*slot == key) {
                return ix;
            }
            if (*slot != NULL && dk_entry_hash(dk, ix) == hash) {
                int same = compare_keys_lock_held(mp, dk, mask, slot, key);
                if (same != 0) {
                    return same > 0 ? ix : same;
                }
            }
        }
        else if (ix == DKIX_EMPTY) {
            return DKIX_EMPTY;
        }
        perturb >>= PERTURB_SHIFT;
        i = mask & (i * 5 + perturb + 1);
    }
}

/* -- One dict --------------------------------------------------------- */

static inline PyObject *
value_at(PyDictObject *mp, PyDictKeysObject *dk, Py_ssize_t ix)
{
    if (DK_IS_SPLIT(dk)) {
        PyDictValues *values = mp->ma_values;
        return ix < values->capacity ? values->values[ix] : NULL;
    }
    return *_PyDictKeys_ValueSlot(dk, ix);
}

/* As the header says; *value may be NULL with an entry number: a name the instance has not set. */
Py_ssize_t
_Py_dict_lookup(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value)
{
    _Py_CRITICAL_SECTION_ASSERT_OBJECT_LOCKED(mp);
    Py_ssize_t ix;
    PyDictKeysObject *dk;
    do {
        dk = mp->ma_keys;
        if (DK_IS_UNICODE(dk) && PyUnicode_CheckExact(key)) {
            ix = _PyDictKeys_LookupUnicode(dk, key, hash);
        }
        else {
            ix = keys_lookup_lock_held(mp, dk, key, hash);
        }
    } while (ix == DKIX_KEY_CHANGED);
    *value = ix >= 0 ? value_at(mp, dk, ix) : NULL;
    return ix;
}

/* 1: *value read; 0: the slot is empty; -1: the values lie inside an object whose end would not wait for us. */
static inline int
split_value_lockfree(PyDictObject *mp, Py_ssize_t ix, PyObject **value)
{
#ifdef Py_GIL_DISABLED
    if (dict_values_embedded(mp)) {
        return -1;
    }
#endif
    PyDictValues *values = (PyDictValues *)FT_ATOMIC_LOAD_PTR_ACQUIRE(mp->ma_values);
    if (values == NULL) {
        return -1;      // between two states of a writer
    }
    *value = ix < values->capacity ? LOAD_SLOT(values->values[ix]) : NULL;
    return *value != NULL;
}

int
_PyDict_LookupBorrowed_lockfree(PyObject *op, PyObject *key, Py_hash_t hash, PyObject **value)
{
    PyDictObject *mp = (PyDictObject *)op;
    *value = NULL;
    if (!_PyObject_CanReadLockfree(op)) {
        return -1;
    }
    PyDictKeysObject *dk = _PyDict_Keys_lockfree(mp);
    Py_ssize_t ix;
    if (DK_IS_UNICODE(dk)) {
        if (!PyUnicode_CheckExact(key)) {
            enum plain_kind kind = plain_kind(key);
            return kind == NOT_PLAIN || kind == PLAIN_BYTES ? -1 : 0;
        }
        ix = _PyDictKeys_LookupUnicode(dk, key, hash);
        if (ix < 0) {
            return 0;
        }
        if (DK_IS_SPLIT(dk)) {
            return split_value_lockfree(mp, ix, value);
        }
        *value = LOAD_SLOT(DK_UNICODE_ENTRIES(dk)[ix].me_value);
        return *value != NULL;
    }
    ix = keys_lookup_plain(dk, key, hash);
    if (ix < 0) {
        return ix == DKIX_EMPTY ? 0 : -1;
    }
    *value = LOAD_SLOT(DK_ENTRIES(dk)[ix].me_value);
    return *value != NULL;
}

static Py_ssize_t
dict_lookup_ref_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value)
{
    _PyContainer_Write(mp);     // sets SHARED, so that we need no lock next time
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, value);
    Py_XINCREF(*value);
    return ix;
}

Py_ssize_t
_Py_dict_lookup_threadsafe(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value)
{
    Py_ssize_t ix;
    Py_BEGIN_CRITICAL_SECTION(mp);
    ix = dict_lookup_ref_lock_held(mp, key, hash, value);
    Py_END_CRITICAL_SECTION();
    return ix;
}

int
_PyDict_FindRef(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value)
{
    int found = _PyDict_LookupBorrowed_lockfree((PyObject *)mp, key, hash, value);
    if (found >= 0) {
        Py_XINCREF(*value);
        return found;
    }
    if (_Py_dict_lookup_threadsafe(mp, key, hash, value) == DKIX_ERROR) {
        return -1;
    }
    return *value != NULL;
}

/* -- For guards and caches -------------------------------------------- */

Py_ssize_t
_PyDict_LookupIndexAndValue(PyDictObject *mp, PyObject *key, PyObject **value)
{
    Py_hash_t hash = key_hash(key);
    *value = NULL;
    if (hash == -1) {
        return DKIX_ERROR;
    }
    Py_ssize_t ix;
    Py_BEGIN_CRITICAL_SECTION(mp);
    _PyContainer_Write(mp);     // the borrowed value outlives the section
    ix = _Py_dict_lookup(mp, key, hash, value);
    Py_END_CRITICAL_SECTION();
    return ix;
}

Py_ssize_t
_PyDict_LookupIndex(PyDictObject *mp, PyObject *key)
{
    PyObject *value;
    return _PyDict_LookupIndexAndValue(mp, key, &value);
}

Py_ssize_t
_PyDictKeys_StringLookup(PyDictKeysObject *dk, PyObject *key)
{
    if (!PyUnicode_CheckExact(key) || dk->dk_kind == DICT_KEYS_GENERAL) {
        return DKIX_EMPTY;
    }
    Py_hash_t hash = key_hash(key);
    return _PyDictKeys_LookupUnicode(dk, key, hash);
}

Py_ssize_t
_PyDictKeys_StringLookupSplit(PyDictKeysObject *dk, PyObject *key)
{
    assert(dk->dk_kind == DICT_KEYS_SPLIT);
    return _PyDictKeys_StringLookup(dk, key);
}

/* The version is drawn under the lock that additions hold, so it describes the state that was searched. */
Py_ssize_t
_PyDictKeys_StringLookupAndVersion(PyDictKeysObject *dk, PyObject *key, uint32_t *version)
{
    Py_ssize_t ix;
    _PyDictKeys_Lock(dk);
    ix = _PyDictKeys_StringLookup(dk, key);
    *version = _PyDictKeys_GetVersionForCurrentState(_PyInterpreterState_GET(), dk);
    _PyDictKeys_Unlock(dk);
    return ix;
}

PyObject *
_PyDict_LoadGlobalBorrowed_lockfree(PyDictObject *globals, PyDictObject *builtins, PyObject *key)
{
    PyObject *value;
    Py_hash_t hash = key_hash(key);
    int found = _PyDict_LookupBorrowed_lockfree((PyObject *)globals, key, hash, &value);
    if (found == 0) {
        found = _PyDict_LookupBorrowed_lockfree((PyObject *)builtins, key, hash, &value);
    }
    return found > 0 ? value : NULL;
}

PyObject *
_PyDict_LoadGlobal(PyDictObject *globals, PyDictObject *builtins, PyObject *key)
{
    PyObject *value;
    Py_hash_t hash = key_hash(key);
    if (hash == -1) {
        return NULL;
    }
    int found = _PyDict_FindRef(globals, key, hash, &value);
    if (found == 0) {
        found = _PyDict_FindRef(builtins, key, hash, &value);
    }
    return found > 0 ? value : NULL;
}

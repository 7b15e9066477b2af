/* Key tables of dicts: memory, index, versions, and what a class shares with its instances.

   A table is private to its dict and guarded by the dict's mutex, except a SPLIT table: any number of dicts
   and instances use it, it only grows, and additions hold dk_mutex. */
#include "dict_private.h"

/* -- Memory ----------------------------------------------------------- */

PyDictKeysObject _PyDict_EmptyKeys = {
    .dk_refcnt = 1,
    .dk_log2_size = 0,
    .dk_log2_index_bytes = 3,
    .dk_kind = DICT_KEYS_UNICODE,
    .dk_version = 1,                      // the version of "no keys at all"
    .dk_indices = {DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY,
                   DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY},
};

static size_t
entry_size(PyDictKeysObject *dk)
{
    return dk->dk_kind == DICT_KEYS_GENERAL ? sizeof(PyDictKeyEntry) : sizeof(PyDictUnicodeEntry);
}

static int
log2_index_bytes(int log2_size)
{
    if (log2_size < 8) {
        return log2_size;
    }
    if (log2_size < 16) {
        return log2_size + 1;
    }
    return log2_size < 32 ? log2_size + 2 : log2_size + 3;
}

PyDictKeysObject *
_PyDictKeys_New(int log2_size, int unicode)
{
    assert(log2_size >= DICT_LOG_MINSIZE);
    int log2_bytes = log2_index_bytes(log2_size);
    if (log2_size >= (int)SIZEOF_SIZE_T * 8 - 8) {
        PyErr_NoMemory();
        return NULL;
    }
    Py_ssize_t usable = USABLE_FRACTION((Py_ssize_t)1 << log2_size);
    size_t entry = unicode ? sizeof(PyDictUnicodeEntry) : sizeof(PyDictKeyEntry);
    size_t index_bytes = (size_t)1 << log2_bytes;
    PyDictKeysObject *dk = PyMem_Malloc(sizeof(PyDictKeysObject) + index_bytes
                                        + entry * (size_t)usable);
    if (dk == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    dk->dk_refcnt = 1;
    dk->dk_log2_size = (uint8_t)log2_size;
    dk->dk_log2_index_bytes = (uint8_t)log2_bytes;
    dk->dk_kind = unicode ? DICT_KEYS_UNICODE : DICT_KEYS_GENERAL;
    memset(&dk->dk_mutex, 0, sizeof(dk->dk_mutex));
    dk->dk_version = 0;
    dk->dk_inline_capacity = 0;
    dk->dk_instances = 0;
    dk->dk_unused = 0;
    dk->dk_usable = usable;
    dk->dk_nentries = 0;
    memset(dk->dk_indices, 0xff, index_bytes);     // DKIX_EMPTY in every width
    memset(&dk->dk_indices[index_bytes], 0, entry * (size_t)usable);
    return dk;
}

void
_PyDictKeys_FreeMem(PyDictKeysObject *dk)
{
    if (dk != Py_EMPTY_KEYS) {
        PyMem_Free(dk);
    }
}

/* Releases one use of the table; nobody can be reading it when the last one goes. */
void
_PyDictKeys_DecRef(PyDictKeysObject *dk)
{
    if (dk == Py_EMPTY_KEYS) {
        return;
    }
    if (dk->dk_kind == DICT_KEYS_SPLIT) {
#ifdef __GNUC__
        /* Release and acquire: what others did with the table comes before its end. */
        if (__atomic_fetch_sub(&dk->dk_refcnt, 1, __ATOMIC_ACQ_REL) != 1) {
            return;
        }
#endif
    }
    Py_ssize_t n = dk->dk_nentries;
    if (DK_IS_UNICODE(dk)) {
        PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < n; i++, entry++) {
            Py_XDECREF(entry->me_key);
            Py_XDECREF(entry->me_value);
        }
    }
    else {
        PyDictKeyEntry *entry = DK_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < n; i++, entry++) {
            Py_XDECREF(entry->me_key);
            Py_XDECREF(entry->me_value);
        }
    }
    PyMem_Free(dk);
}

size_t
_PyDict_KeysSize(PyDictKeysObject *dk)
{
    size_t entries = dk == Py_EMPTY_KEYS ? 0 : (size_t)USABLE_FRACTION(DK_SIZE(dk));
    return sizeof(PyDictKeysObject) + ((size_t)1 << dk->dk_log2_index_bytes)
         + entries * entry_size(dk);
}

int
_PyDict_Log2Size(Py_ssize_t minsize)
{
    int log2_size = DICT_LOG_MINSIZE;
    while (((Py_ssize_t)1 << log2_size) < minsize) {
        log2_size++;
    }
    return log2_size;
}

int
_PyDict_Log2SizeForEntries(Py_ssize_t n)
{
    return _PyDict_Log2Size(ESTIMATE_SIZE(n));
}

/* -- Index ------------------------------------------------------------ */

size_t
_PyDictKeys_FindFreeSlot(PyDictKeysObject *dk, Py_hash_t hash)
{
    const size_t mask = (size_t)DK_MASK(dk);
    size_t i = (size_t)hash & mask;
    for (size_t perturb = (size_t)hash; dk_get_index(dk, i) >= 0;) {
        perturb >>= PERTURB_SHIFT;
        i = (i * 5 + perturb + 1) & mask;
    }
    return i;
}

void
_PyDictKeys_BuildIndex(PyDictKeysObject *dk, Py_ssize_t n)
{
    const size_t mask = (size_t)DK_MASK(dk);
    for (Py_ssize_t ix = 0; ix < n; ix++) {
        Py_hash_t hash = dk_entry_hash(dk, ix);
        size_t i = (size_t)hash & mask;
        for (size_t perturb = (size_t)hash; dk_get_index(dk, i) != DKIX_EMPTY;) {
            perturb >>= PERTURB_SHIFT;
            i = mask & (i * 5 + perturb + 1);
        }
        dk_set_index(dk, i, ix);
    }
}

size_t
_PyDictKeys_FindSlotOf(PyDictKeysObject *dk, Py_hash_t hash, Py_ssize_t index)
{
    const size_t mask = (size_t)DK_MASK(dk);
    size_t i = (size_t)hash & mask;
    for (size_t perturb = (size_t)hash;;) {
        Py_ssize_t ix = dk_get_index(dk, i);
        if (ix == index) {
            return i;
        }
        assert(ix != DKIX_EMPTY);
        perturb >>= PERTURB_SHIFT;
        i = mask & (i * 5 + perturb + 1);
    }
}

/* -- Versions --------------------------------------------------------- */

uint32_t
_PyDictKeys_GetVersionForCurrentState(PyInterpreterState *interp, PyDictKeysObject *dk)
{
    uint32_t version = FT_ATOMIC_LOAD_UINT32_ACQUIRE(dk->dk_version);
    if (version != 0) {
        return version;
    }
    uint32_t *next = &interp->dict_state.next_keys_version;
    uint32_t mine = __atomic_load_n(next, __ATOMIC_RELAXED);
    do {
        if (mine == 0) {
            return 0;       // run out: specialisation stops
        }
        /* Relaxed: the number only has to be new; others that draw one may interfere. */
    } while (!__atomic_compare_exchange_n(next, &mine, mine + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    FT_ATOMIC_STORE_UINT32_RELEASE(dk->dk_version, mine);
    return mine;
}

static uint32_t
dict_keys_version_lock_held(PyInterpreterState *interp, PyDictObject *mp)
{
    return _PyDictKeys_GetVersionForCurrentState(interp, mp->ma_keys);
}

uint32_t
_PyDict_GetKeysVersionForCurrentState(PyInterpreterState *interp, PyDictObject *mp)
{
    uint32_t version;
    Py_BEGIN_CRITICAL_SECTION(mp);
    version = dict_keys_version_lock_held(interp, mp);
    Py_END_CRITICAL_SECTION();
    return version;
}

/* -- Tables shared by the instances of a class ------------------------ */

/* After so many instances the number of inline slots is settled. */
#define SETTLE_AFTER_INSTANCES 24

static Py_ssize_t
insert_split_lock_held(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash)
{
    Py_ssize_t ix = _PyDictKeys_LookupUnicode(dk, key, hash);
    if (ix != DKIX_EMPTY || dk->dk_usable <= 0) {
        return ix;
    }
    ix = dk->dk_nentries;
    dk_invalidate_version(dk);
    STORE_SLOT(DK_UNICODE_ENTRIES(dk)[ix].me_key, Py_NewRef(key));
    dk_set_index(dk, _PyDictKeys_FindFreeSlot(dk, hash), ix);
    FT_ATOMIC_STORE_SSIZE_RELEASE(dk->dk_usable, dk->dk_usable - 1);
    FT_ATOMIC_STORE_SSIZE_RELEASE(dk->dk_nentries, ix + 1);
    return ix;
}

Py_ssize_t
_PyDictKeys_InsertSplit(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash)
{
    assert(PyUnicode_CheckExact(key));
    Py_ssize_t ix = _PyDictKeys_LookupUnicode(dk, key, hash);
    if (ix == DKIX_EMPTY) {
        _PyDictKeys_Lock(dk);
        ix = insert_split_lock_held(dk, key, hash);
        _PyDictKeys_Unlock(dk);
    }
    return ix;
}

static void
add_static_attributes(PyDictKeysObject *dk, PyObject *type_dict)
{
    PyObject *names;
    if (PyDict_GetItemRef(type_dict, _Py_ID(__static_attributes__), &names) < 0) {
        PyErr_Clear();
        return;
    }
    if (names != NULL && PyTuple_Check(names)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
            PyObject *name = PyTuple_GET_ITEM(names, i);
            Py_hash_t hash;
            if (PyUnicode_CheckExact(name) && (hash = PyObject_Hash(name)) != -1) {
                insert_split_lock_held(dk, name, hash);
            }
        }
    }
    Py_XDECREF(names);
}

/* The table of a new class, filled with the names that its methods assign to.  NULL (without an
   exception): no memory, the class goes without. */
PyDictKeysObject *
_PyDict_NewKeysForClass(PyHeapTypeObject *cls)
{
    PyDictKeysObject *dk = _PyDictKeys_New(NEXT_LOG2_KEYS_MAX_SIZE, 1);
    if (dk == NULL) {
        PyErr_Clear();
        return NULL;
    }
    dk->dk_usable = SHARED_KEYS_MAX_SIZE;
    dk->dk_kind = DICT_KEYS_SPLIT;
    dk->dk_inline_capacity = SHARED_KEYS_MAX_SIZE;
    if (cls->ht_type.tp_dict != NULL) {
        add_static_attributes(dk, cls->ht_type.tp_dict);
    }
    return dk;
}

/* The first instances have room for thirty attributes; what they used tells what later ones need.  Both the
   capacity and the room in the table fall together, so an entry number always fits every instance. */
static void
settle_capacity_lock_held(PyDictKeysObject *dk)
{
    Py_ssize_t n = dk->dk_nentries;
    Py_ssize_t capacity = n + n / 4 + 2;
    if (capacity < dk->dk_inline_capacity) {
        dk->dk_usable = capacity - n;
        FT_ATOMIC_STORE_UINT8_RELAXED(dk->dk_inline_capacity, (uint8_t)capacity);
    }
}

static void
count_instance(PyDictKeysObject *dk)
{
    uint8_t count = FT_ATOMIC_LOAD_UINT8_RELAXED(dk->dk_instances);
    if (count > SETTLE_AFTER_INSTANCES) {
        return;
    }
    FT_ATOMIC_STORE_UINT8_RELAXED(dk->dk_instances, (uint8_t)(count + 1));
    if (count == SETTLE_AFTER_INSTANCES) {
        _PyDictKeys_Lock(dk);
        settle_capacity_lock_held(dk);
        _PyDictKeys_Unlock(dk);
    }
}

void
_PyObject_InitInlineValues(PyObject *obj, PyTypeObject *tp)
{
    PyDictKeysObject *dk = ((PyHeapTypeObject *)tp)->ht_cached_keys;
    count_instance(dk);
    /* Loaded once, after the caller measured the object: it can only have fallen. */
    size_t capacity = shared_keys_usable_size(dk);
    PyDictValues *values = (PyDictValues *)((char *)obj + tp->tp_basicsize);
    values->capacity = (uint8_t)capacity;
    values->size = 0;
    values->embedded = 1;
    values->valid = 1;
    memset(values->values, 0, capacity * sizeof(PyObject *));
    _PyObject_ManagedDictPointer(obj)->dict = NULL;
}

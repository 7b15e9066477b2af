/* Changing a dict: insert, replace, delete, grow, clear, copy.

   Every function here runs with the dict's mutex held.  Order of stores for lock-free readers: a new entry before its
   index slot; in a deletion the value, then the index slot, then the key; a new table complete before ma_keys.
   References are released last, because that may run Python code. */
#include "dict_private.h"

/* -- Growing ---------------------------------------------------------- */

/* The dict leaves dk behind, whose references it has moved or that others share. */
static void
retire_table(PyDictObject *mp, PyDictKeysObject *dk)
{
    if (dk == Py_EMPTY_KEYS) {
        return;
    }
    if (!DK_IS_SPLIT(dk)) {
        _Py_RetireMem(mp, dk);
    }
    else if (_PyContainer_HasReaders(mp)) {
        _Py_RetireCall((void (*)(void *))_PyDictKeys_DecRef, dk);
    }
    else {
        _PyDictKeys_DecRef(dk);
    }
}

static void
move_split_entries(PyDictKeysObject *to, PyDictKeysObject *from, PyDictValues *values)
{
    PyDictUnicodeEntry *old = DK_UNICODE_ENTRIES(from);
    const uint8_t *order = get_insertion_order_array(values);
    Py_ssize_t n = values->size;
    if (DK_IS_UNICODE(to)) {
        PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(to);
        for (Py_ssize_t i = 0; i < n; i++, entry++) {
            entry->me_key = Py_NewRef(old[order[i]].me_key);
            entry->me_value = values->values[order[i]];
        }
    }
    else {
        PyDictKeyEntry *entry = DK_ENTRIES(to);
        for (Py_ssize_t i = 0; i < n; i++, entry++) {
            entry->me_key = Py_NewRef(old[order[i]].me_key);
            entry->me_hash = unicode_get_hash(entry->me_key);
            entry->me_value = values->values[order[i]];
        }
    }
}

static void
move_unicode_entries(PyDictKeysObject *to, PyDictKeysObject *from, Py_ssize_t used)
{
    PyDictUnicodeEntry *old = DK_UNICODE_ENTRIES(from);
    PyDictUnicodeEntry *end = old + from->dk_nentries;
    if (DK_IS_UNICODE(to)) {
        PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(to);
        if (from->dk_nentries == used) {
            memcpy(entry, old, (size_t)used * sizeof(*entry));
            return;
        }
        for (; old < end; old++) {
            if (old->me_value != NULL) {
                *entry++ = *old;
            }
        }
        return;
    }
    PyDictKeyEntry *entry = DK_ENTRIES(to);
    for (; old < end; old++) {
        if (old->me_value != NULL) {
            entry->me_key = old->me_key;
            entry->me_hash = unicode_get_hash(old->me_key);
            entry->me_value = old->me_value;
            entry++;
        }
    }
}

static void
move_general_entries(PyDictKeysObject *to, PyDictKeysObject *from, Py_ssize_t used)
{
    PyDictKeyEntry *old = DK_ENTRIES(from), *entry = DK_ENTRIES(to);
    PyDictKeyEntry *end = old + from->dk_nentries;
    if (from->dk_nentries == used) {
        memcpy(entry, old, (size_t)used * sizeof(*entry));
        return;
    }
    for (; old < end; old++) {
        if (old->me_value != NULL) {
            *entry++ = *old;
        }
    }
}

/* A fresh combined table with the same items.  unicode is ignored when there are other keys. */
int
_PyDict_Resize_lock_held(PyDictObject *mp, int log2_size, int unicode)
{
    PyDictKeysObject *from = mp->ma_keys;
    PyDictKeysObject *to = _PyDictKeys_New(log2_size, unicode && DK_IS_UNICODE(from));
    if (to == NULL) {
        return -1;
    }
    _PyContainer_Write(mp);
    Py_ssize_t used = mp->ma_used;
    assert(to->dk_usable >= used);
    PyDictValues *values = NULL;
    if (DK_IS_SPLIT(from)) {
        values = mp->ma_values;
        move_split_entries(to, from, values);
    }
    else if (DK_IS_UNICODE(from)) {
        move_unicode_entries(to, from, used);
    }
    else {
        move_general_entries(to, from, used);
    }
    _PyDictKeys_BuildIndex(to, used);
    to->dk_usable -= used;
    to->dk_nentries = used;
    /* Release: the table is complete.  Pairs with _PyDict_Keys_lockfree(). */
    FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_keys, to);
    if (values != NULL) {
        _PyDict_DropValues_lock_held(mp, values);
    }
    retire_table(mp, from);
    return 0;
}

static int
grow(PyDictObject *mp, int unicode)
{
    return _PyDict_Resize_lock_held(mp, _PyDict_Log2Size(GROWTH_RATE(mp)), unicode);
}

/* -- Inserting -------------------------------------------------------- */

static int
discard(PyObject *key, PyObject *value, int result)
{
    Py_DECREF(key);
    Py_DECREF(value);
    return result;
}

/* There is room, and the key is not there.  Steals both. */
static void
append_entry(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyDictKeysObject *dk = mp->ma_keys;
    Py_ssize_t ix = dk->dk_nentries;
    assert(dk->dk_usable > 0 && !DK_IS_SPLIT(dk));
    _PyDict_NotifyEvent(PyDict_EVENT_ADDED, mp, key, value);
    dk_invalidate_version(dk);
    if (DK_IS_UNICODE(dk)) {
        PyDictUnicodeEntry *entry = &DK_UNICODE_ENTRIES(dk)[ix];
        STORE_SLOT(entry->me_key, key);
        STORE_SLOT(entry->me_value, value);
    }
    else {
        PyDictKeyEntry *entry = &DK_ENTRIES(dk)[ix];
        entry->me_hash = hash;
        STORE_SLOT(entry->me_key, key);
        STORE_SLOT(entry->me_value, value);
    }
    dk_set_index(dk, _PyDictKeys_FindFreeSlot(dk, hash), ix);
    dk->dk_usable--;
    FT_ATOMIC_STORE_SSIZE_RELEASE(dk->dk_nentries, ix + 1);
    dict_set_used(mp, mp->ma_used + 1);
}

static int
insert_first(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyDictKeysObject *dk = _PyDictKeys_New(DICT_LOG_MINSIZE, PyUnicode_CheckExact(key));
    if (dk == NULL) {
        return discard(key, value, -1);
    }
    _PyDict_NotifyEvent(PyDict_EVENT_ADDED, mp, key, value);
    if (DK_IS_UNICODE(dk)) {
        DK_UNICODE_ENTRIES(dk)->me_key = key;
        DK_UNICODE_ENTRIES(dk)->me_value = value;
    }
    else {
        DK_ENTRIES(dk)->me_hash = hash;
        DK_ENTRIES(dk)->me_key = key;
        DK_ENTRIES(dk)->me_value = value;
    }
    dk_set_index(dk, (size_t)hash & (size_t)DK_MASK(dk), 0);
    dk->dk_usable--;
    dk->dk_nentries = 1;
    FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_keys, dk);
    dict_set_used(mp, 1);
    return 0;
}

/* Steals value; old is in the slot. */
static void
replace_value(PyDictObject *mp, PyObject *key, PyObject **slot, PyObject *old, PyObject *value)
{
    if (old == value) {
        Py_DECREF(value);
        return;
    }
    _PyDict_NotifyEvent(PyDict_EVENT_MODIFIED, mp, key, value);
    STORE_SLOT(*slot, value);
    _Py_RetireRef(mp, old);
}

/* 1: done; 0: the shared table has no room for the key. */
static int
insert_split(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyDictValues *values = mp->ma_values;
    Py_ssize_t ix = _PyDictKeys_InsertSplit(mp->ma_keys, key, hash);
    if (ix < 0 || ix >= values->capacity) {
        return 0;
    }
    PyObject *old = values->values[ix];
    if (old != NULL) {
        replace_value(mp, key, &values->values[ix], old, value);
    }
    else {
        _PyDict_NotifyEvent(PyDict_EVENT_ADDED, mp, key, value);
        STORE_SLOT(values->values[ix], value);
        _PyDictValues_AddToInsertionOrder(values, ix);
        dict_set_used(mp, mp->ma_used + 1);
    }
    Py_DECREF(key);
    return 1;
}

int
_PyDict_Insert_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value)
{
    _Py_CRITICAL_SECTION_ASSERT_OBJECT_LOCKED(mp);
    _PyContainer_Write(mp);
    if (mp->ma_keys == Py_EMPTY_KEYS) {
        return insert_first(mp, key, hash, value);
    }
    const int is_str = PyUnicode_CheckExact(key);
    if (!is_str && DK_IS_UNICODE(mp->ma_keys) && grow(mp, 0) < 0) {
        return discard(key, value, -1);
    }
    if (dict_has_split_table(mp)) {
        if (insert_split(mp, key, hash, value)) {
            return 0;
        }
        if (grow(mp, 1) < 0) {
            return discard(key, value, -1);
        }
    }
    PyObject *old;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &old);
    if (ix >= 0) {
        replace_value(mp, key, _PyDictKeys_ValueSlot(mp->ma_keys, ix), old, value);
        Py_DECREF(key);
        return 0;
    }
    if (ix == DKIX_ERROR) {
        return discard(key, value, -1);
    }
    if (mp->ma_keys->dk_usable <= 0 && grow(mp, 1) < 0) {
        return discard(key, value, -1);
    }
    if (!is_str && DK_IS_UNICODE(mp->ma_keys)) {
        /* The comparison ran Python code that emptied the dict. */
        return _PyDict_Insert_lock_held(mp, key, hash, value);
    }
    append_entry(mp, key, hash, value);
    return 0;
}

int
_PyDict_SetDefault_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value,
                             PyObject **result)
{
    PyObject *old;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &old);
    if (ix == DKIX_ERROR) {
        *result = NULL;
        return -1;
    }
    if (old != NULL) {
        *result = Py_NewRef(old);
        return 1;
    }
    *result = Py_NewRef(value);
    if (_PyDict_Insert_lock_held(mp, Py_NewRef(key), hash, Py_NewRef(value)) < 0) {
        Py_CLEAR(*result);
        return -1;
    }
    return 0;
}

/* -- Deleting --------------------------------------------------------- */

int
_PyDict_Unlink_lock_held(PyDictObject *mp, Py_hash_t hash, Py_ssize_t ix, PyObject *value)
{
    _PyContainer_Write(mp);
    PyDictKeysObject *dk = mp->ma_keys;
    assert(value != NULL);
    if (DK_IS_SPLIT(dk)) {
        STORE_SLOT(mp->ma_values->values[ix], NULL);
        _PyDictValues_DeleteFromOrder(mp->ma_values, ix);
        dict_set_used(mp, mp->ma_used - 1);
        return 0;
    }
    dk_invalidate_version(dk);
    PyObject **key_slot = _PyDictKeys_KeySlot(dk, ix);
    PyObject *key = *key_slot;
    STORE_SLOT(*_PyDictKeys_ValueSlot(dk, ix), NULL);
    dk_set_index(dk, _PyDictKeys_FindSlotOf(dk, hash, ix), DKIX_DUMMY);
    STORE_SLOT(*key_slot, NULL);
    dict_set_used(mp, mp->ma_used - 1);
    _Py_RetireRef(mp, key);
    return 0;
}

int
_PyDict_Del_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash)
{
    PyObject *old;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &old);
    if (ix == DKIX_ERROR) {
        return -1;
    }
    if (old == NULL) {
        return 0;
    }
    _PyDict_NotifyEvent(PyDict_EVENT_DELETED, mp, key, NULL);
    _PyDict_Unlink_lock_held(mp, hash, ix, old);
    _Py_RetireRef(mp, old);
    return 1;
}

/* -- Clearing --------------------------------------------------------- */

/* The values stay where they are, inside the object, and become empty. */
static void
clear_embedded_values(PyDictObject *mp, PyDictValues *values)
{
    PyObject *old[UINT8_MAX];
    Py_ssize_t n = values->capacity;
    for (Py_ssize_t i = 0; i < n; i++) {
        old[i] = values->values[i];
        STORE_SLOT(values->values[i], NULL);
    }
    values->size = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        _Py_RetireRef(mp, old[i]);
    }
}

static void
release_table(PyDictObject *mp, PyDictKeysObject *dk)
{
    if (!_PyContainer_HasReaders(mp)) {
        _PyDictKeys_DecRef(dk);
        return;
    }
    for (Py_ssize_t i = 0; i < dk->dk_nentries; i++) {
        PyObject *key = *_PyDictKeys_KeySlot(dk, i);
        PyObject *value = *_PyDictKeys_ValueSlot(dk, i);
        _Py_RetireRef(mp, key);
        _Py_RetireRef(mp, value);
    }
    _Py_RetireMem(mp, dk);
}

void
_PyDict_Clear_lock_held(PyDictObject *mp)
{
    PyDictKeysObject *dk = mp->ma_keys;
    PyDictValues *values = mp->ma_values;
    if (dk == Py_EMPTY_KEYS) {
        return;
    }
    _PyDict_NotifyEvent(PyDict_EVENT_CLEARED, mp, NULL, NULL);
    _PyContainer_Write(mp);
    dict_set_used(mp, 0);
    if (!DK_IS_SPLIT(dk)) {
        dk_invalidate_version(dk);
        FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_keys, Py_EMPTY_KEYS);
        release_table(mp, dk);
    }
    else if (values->embedded) {
        clear_embedded_values(mp, values);
    }
    else {
        FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_keys, Py_EMPTY_KEYS);
        FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_values, NULL);
        for (Py_ssize_t i = 0; i < values->capacity; i++) {
            _Py_RetireRef(mp, values->values[i]);
        }
        _Py_RetireMem(mp, values);
        retire_table(mp, dk);
    }
}

/* -- Copying ---------------------------------------------------------- */

/* The same table again, holes included; nobody else can see it. */
static PyDictKeysObject *
clone_table(PyDictKeysObject *from)
{
    size_t size = _PyDict_KeysSize(from);
    PyDictKeysObject *dk = PyMem_Malloc(size);
    if (dk == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(dk, from, size);
    dk->dk_refcnt = 1;
    dk->dk_version = 0;
    for (Py_ssize_t i = 0; i < dk->dk_nentries; i++) {
        Py_XINCREF(*_PyDictKeys_KeySlot(dk, i));
        Py_XINCREF(*_PyDictKeys_ValueSlot(dk, i));
    }
    return dk;
}

static PyObject *
copy_split(PyDictObject *mp)
{
    PyDictValues *from = mp->ma_values;
    PyDictValues *values = _PyDictValues_New(from->capacity);
    if (values == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < from->capacity; i++) {
        values->values[i] = Py_XNewRef(from->values[i]);
    }
    values->size = from->size;
    memcpy(get_insertion_order_array(values), get_insertion_order_array(from), from->size);
    dk_incref(mp->ma_keys);
    return _PyDict_NewFromKeys(mp->ma_keys, values, mp->ma_used);
}

PyObject *
_PyDict_Copy_lock_held(PyDictObject *mp)
{
    PyDictKeysObject *dk = mp->ma_keys;
    if (mp->ma_used == 0) {
        return PyDict_New();
    }
    if (DK_IS_SPLIT(dk)) {
        return copy_split(mp);
    }
    if (mp->ma_used >= (dk->dk_nentries * 2) / 3) {
        PyDictKeysObject *clone = clone_table(dk);
        return clone == NULL ? NULL : _PyDict_NewFromKeys(clone, NULL, mp->ma_used);
    }
    PyObject *copy = PyDict_New();
    if (copy != NULL && _PyDict_Merge(copy, (PyObject *)mp, 1) < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}

/* -- Merging ---------------------------------------------------------- */

static int
merge_one(PyDictObject *a, PyObject *key, Py_hash_t hash, PyObject *value, int override)
{
    if (override == 1) {
        return _PyDict_Insert_lock_held(a, Py_NewRef(key), hash, Py_NewRef(value));
    }
    PyObject *old;
    if (_Py_dict_lookup(a, key, hash, &old) == DKIX_ERROR) {
        return -1;
    }
    if (old == NULL) {
        return _PyDict_Insert_lock_held(a, Py_NewRef(key), hash, Py_NewRef(value));
    }
    if (override != 0) {
        _PyErr_SetKeyError(key);
        return -1;
    }
    return 0;
}

static int
can_take_clone(PyDictObject *a, PyDictObject *b, int override)
{
    PyDictKeysObject *dk = b->ma_keys;
    return a->ma_keys == Py_EMPTY_KEYS && override == 1 && !DK_IS_SPLIT(dk)
        && b->ma_used == dk->dk_nentries
        && (DK_LOG_SIZE(dk) == DICT_LOG_MINSIZE || USABLE_FRACTION(DK_SIZE(dk) / 2) < b->ma_used);
}

/* Room for b's items, taking them as new. */
static int
reserve_for_merge(PyDictObject *a, PyDictObject *b)
{
    if (USABLE_FRACTION(DK_SIZE(a->ma_keys)) >= b->ma_used) {
        return 0;
    }
    int unicode = DK_IS_UNICODE(b->ma_keys);
    return _PyDict_Resize_lock_held(a, _PyDict_Log2SizeForEntries(a->ma_used + b->ma_used), unicode);
}

/* Both mutexes are held. */
static int
merge_dicts_lock_held(PyDictObject *a, PyDictObject *b, int override)
{
    if (a == b || b->ma_used == 0) {
        return 0;
    }
    _PyContainer_Write(a);
    if (can_take_clone(a, b, override)) {
        PyDictKeysObject *clone = clone_table(b->ma_keys);
        if (clone == NULL) {
            return -1;
        }
        _PyDict_NotifyEvent(PyDict_EVENT_CLONED, a, (PyObject *)b, NULL);
        FT_ATOMIC_STORE_PTR_RELEASE(a->ma_keys, clone);
        dict_set_used(a, b->ma_used);
        return 0;
    }
    if (reserve_for_merge(a, b) < 0) {
        return -1;
    }
    PyDictKeysObject *seen = b->ma_keys;
    Py_ssize_t nentries = seen->dk_nentries;
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (_PyDict_Next_lock_held(b, &pos, &key, &value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int error = merge_one(a, key, hash, value, override);
        Py_DECREF(key);
        Py_DECREF(value);
        if (error < 0) {
            return -1;
        }
        if (b->ma_keys != seen || (!DK_IS_SPLIT(seen) && seen->dk_nentries != nentries)) {
            PyErr_SetString(PyExc_RuntimeError, "dict mutated during update");
            return -1;
        }
    }
    return 0;
}

/* Any object with keys(). */
static int
merge_mapping(PyDictObject *a, PyObject *b, int override)
{
    PyObject *keys = PyMapping_Keys(b);
    if (keys == NULL) {
        return -1;
    }
    PyObject *iter = PyObject_GetIter(keys);
    Py_DECREF(keys);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    int error = 0;
    while (error == 0 && (key = PyIter_Next(iter)) != NULL) {
        if (override != 1) {
            int there = PyDict_Contains((PyObject *)a, key);
            if (there != 0) {
                if (there > 0 && override != 0) {
                    _PyErr_SetKeyError(key);
                    there = -1;
                }
                error = there < 0 ? -1 : 0;
                Py_DECREF(key);
                continue;
            }
        }
        PyObject *value = PyObject_GetItem(b, key);
        error = value == NULL ? -1 : PyDict_SetItem((PyObject *)a, key, value);
        Py_XDECREF(value);
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    return error < 0 || PyErr_Occurred() ? -1 : 0;
}

int
_PyDict_Merge(PyObject *a, PyObject *b, int override)
{
    if (a == NULL || !PyDict_Check(a) || b == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    int result;
    if (PyDict_Check(b) && Py_TYPE(b)->tp_iter == _PyDict_Iter) {
        Py_BEGIN_CRITICAL_SECTION2(a, b);
        result = merge_dicts_lock_held((PyDictObject *)a, (PyDictObject *)b, override);
        Py_END_CRITICAL_SECTION2();
    }
    else {
        result = merge_mapping((PyDictObject *)a, b, override);
    }
    return result;
}

/* -- Walking ---------------------------------------------------------- */

static int
next_split(PyDictObject *mp, Py_ssize_t *pos, PyObject **key, PyObject **value, Py_hash_t *hash)
{
    PyDictValues *values = mp->ma_values;
    Py_ssize_t i = *pos;
    if (i < 0 || i >= values->size) {
        return 0;
    }
    Py_ssize_t ix = get_insertion_order_array(values)[i];
    *key = LOAD_SLOT(DK_UNICODE_ENTRIES(mp->ma_keys)[ix].me_key);
    *value = LOAD_SLOT(values->values[ix]);
    *hash = unicode_get_hash(*key);
    *pos = i + 1;
    return 1;
}

/* Also right for a reader without the mutex if the table is not SPLIT. */
int
_PyDict_Next_lock_held(PyDictObject *mp, Py_ssize_t *pos, PyObject **key, PyObject **value, Py_hash_t *hash)
{
    PyDictKeysObject *dk = _PyDict_Keys_lockfree(mp);
    if (DK_IS_SPLIT(dk)) {
        return next_split(mp, pos, key, value, hash);
    }
    Py_ssize_t n = FT_ATOMIC_LOAD_SSIZE_ACQUIRE(dk->dk_nentries);
    Py_ssize_t i = *pos;
    if (i < 0) {
        return 0;
    }
    for (; i < n; i++) {
        PyObject *v = LOAD_SLOT(*_PyDictKeys_ValueSlot(dk, i));
        PyObject *k = LOAD_SLOT(*_PyDictKeys_KeySlot(dk, i));
        if (v != NULL && k != NULL) {
            *key = k;
            *value = v;
            *hash = DK_IS_UNICODE(dk) ? unicode_get_hash(k) : DK_ENTRIES(dk)[i].me_hash;
            *pos = i + 1;
            return 1;
        }
    }
    *pos = n;
    return 0;
}

/* The hash table of sets: probing, growing, changing.

   Order of stores for readers without the lock: the hash before the key of a new entry; a table complete before its address.
   Source of the probes: runs of ten neighbours (they share cache lines), then a jump that mixes in the rest of the hash
   (R. Hettinger's measurements for CPython, 2013). */
#include "set_private.h"

#define LINEAR_PROBES 9
#define PERTURB_SHIFT 5

static PyObject dummy_object = _PyObject_HEAD_INIT(&PyBaseObject_Type);
PyObject *_PySet_Dummy = &dummy_object;

Py_hash_t
_PySet_HashKey(PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        PyObject *exc = PyErr_GetRaisedException();
        if (!Py_IS_TYPE(exc, (PyTypeObject *)PyExc_TypeError)) {
            PyErr_SetRaisedException(exc);
            return -1;
        }
        PyErr_Format(PyExc_TypeError, "cannot use '%T' as a set element (%S)", key, exc);
        Py_DECREF(exc);
    }
    return hash;
}

/* -- Probing ---------------------------------------------------------- */

/* Walks the entries where a key of this hash may be.  BODY sees `entry`; it leaves by return or goto. */
#define PROBE(table, mask, hash, BODY)                                              \
    do {                                                                            \
        size_t _perturb = (size_t)(hash);                                           \
        size_t _i = (size_t)(hash) & (size_t)(mask);                                \
        for (;;) {                                                                  \
            setentry *entry = &(table)[_i];                                         \
            int _probes = _i + LINEAR_PROBES <= (size_t)(mask) ? LINEAR_PROBES : 0; \
            do {                                                                    \
                BODY                                                                \
                entry++;                                                            \
            } while (_probes--);                                                    \
            _perturb >>= PERTURB_SHIFT;                                             \
            _i = (_i * 5 + 1 + _perturb) & (size_t)(mask);                          \
        }                                                                           \
    } while (0)

/* 1 there, 0 not, -1 undecided: == could run Python code, or we may not read yet. */
static int
contains_lockfree(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    if (!_PyObject_CanReadLockfree(so)) {
        return -1;
    }
    setentry *table = (setentry *)FT_ATOMIC_LOAD_PTR_ACQUIRE(so->table);
    Py_ssize_t mask = set_mask_of(so, table);
    PROBE(table, mask, hash, {
        PyObject *found = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(entry->key);
        if (found == NULL) {
            return 0;
        }
        if (found == key) {
            return 1;
        }
        if (set_entry_hash(entry) == hash && found != _PySet_Dummy) {
            int same = _PyContainer_ComparePlain(found, key);
            if (same != 0) {
                return same;
            }
        }
    });
}

/* The live entry that equals key, or the free one where the search ended; NULL with an exception.  *dummy is the last
   dummy on the way, or NULL.  Comparing may run Python code; the search starts again if the table or the entry is
   not what it was. */
static setentry *
find_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash, setentry **dummy)
{
again:;
    setentry *table = so->table;
    Py_ssize_t mask = so->mask;
    *dummy = NULL;
    PROBE(table, mask, hash, {
        PyObject *found = entry->key;
        if (found == _PySet_Dummy) {
            *dummy = entry;
        }
        else if (found == NULL || found == key) {
            return entry;
        }
        else if (entry->hash == hash) {
            int same = _PyContainer_ComparePlain(found, key);
            if (same < 0) {
                Py_INCREF(found);
                same = PyObject_RichCompareBool(found, key, Py_EQ);
                Py_DECREF(found);
                if (same < 0) {
                    return NULL;
                }
                if (so->table != table || so->mask != mask || entry->key != found) {
                    goto again;
                }
            }
            if (same > 0) {
                return entry;
            }
        }
    });
}

/* -- Growing ---------------------------------------------------------- */

static void
insert_clean(setentry *table, Py_ssize_t mask, PyObject *key, Py_hash_t hash)
{
    PROBE(table, mask, hash, {
        if (entry->key == NULL) {
            entry->hash = hash;
            entry->key = key;
            return;
        }
    });
}

static setentry *
new_table(Py_ssize_t size)
{
    if ((size_t)size > ((size_t)PY_SSIZE_T_MAX - sizeof(set_block)) / sizeof(setentry)) {
        PyErr_NoMemory();
        return NULL;
    }
    set_block *block = PyMem_Calloc(1, sizeof(set_block) + (size_t)size * sizeof(setentry));
    if (block == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    block->mask = size - 1;
    return block->entries;
}

static void
release_table(PySetObject *so, setentry *table)
{
    if (table != so->smalltable) {
        _Py_RetireMem(so, set_block_of(table));
    }
}

static void
publish_table(PySetObject *so, setentry *table, Py_ssize_t mask)
{
    so->mask = mask;
    /* Release: the entries are complete. */
    FT_ATOMIC_STORE_PTR_RELEASE(so->table, table);
}

/* A table with more than `minimum` entries, without dummies. */
int
_PySet_Resize_lock_held(PySetObject *so, Py_ssize_t minimum)
{
    size_t size = PySet_MINSIZE;
    while (size <= (size_t)minimum) {
        size <<= 1;
    }
    setentry *old = so->table;
    Py_ssize_t old_mask = so->mask;
    setentry copy[PySet_MINSIZE];
    setentry *from = old, *to;
    if (size == PySet_MINSIZE && !_PyContainer_HasReaders(so)) {
        to = so->smalltable;
        if (old == to) {
            if (so->fill == so->used) {
                return 0;
            }
            memcpy(copy, old, sizeof(copy));
            from = copy;
        }
        memset(to, 0, sizeof(so->smalltable));
    }
    else if ((to = new_table((Py_ssize_t)size)) == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i <= old_mask; i++) {
        if (set_is_live(from[i].key)) {
            insert_clean(to, (Py_ssize_t)size - 1, from[i].key, from[i].hash);
        }
    }
    so->fill = so->used;
    publish_table(so, to, (Py_ssize_t)size - 1);
    if (old != to) {
        release_table(so, old);
    }
    return 0;
}

/* -- Changing --------------------------------------------------------- */

static inline void
store_entry(setentry *entry, PyObject *key, Py_hash_t hash)
{
    FT_ATOMIC_STORE_SSIZE_RELAXED(entry->hash, hash);
    /* Release: the hash comes first.  A reader who saw the key before this one (a dummy's) compares the wrong hash
       with the right result: that key was deleted. */
    FT_ATOMIC_STORE_PTR_RELEASE(entry->key, key);
}

int
_PySet_ContainsEntry_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    setentry *dummy;
    setentry *entry = find_lock_held(so, key, hash, &dummy);
    return entry == NULL ? -1 : entry->key != NULL;
}

int
_PySet_AddEntry_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    Py_INCREF(key);      // a comparison may release the caller's
    setentry *entry, *dummy;
    do {
        entry = find_lock_held(so, key, hash, &dummy);
        if (entry == NULL || entry->key != NULL) {
            Py_DECREF(key);
            return entry == NULL ? -1 : 0;
        }
        /* A comparison after the dummy may have led to its use. */
    } while (dummy != NULL && dummy->key != _PySet_Dummy);
    _PyContainer_Write(so);
    FT_ATOMIC_STORE_SSIZE_RELAXED(so->used, so->used + 1);
    if (dummy != NULL) {
        store_entry(dummy, key, hash);
        return 0;
    }
    so->fill++;
    store_entry(entry, key, hash);
    if ((size_t)so->fill * 5 < (size_t)so->mask * 3) {
        return 0;
    }
    return _PySet_Resize_lock_held(so, so->used > 50000 ? so->used * 2 : so->used * 4);
}

static PyObject *
unlink_entry(PySetObject *so, setentry *entry)
{
    _PyContainer_Write(so);
    PyObject *old = entry->key;
    FT_ATOMIC_STORE_SSIZE_RELAXED(entry->hash, -1);
    FT_ATOMIC_STORE_PTR_RELEASE(entry->key, _PySet_Dummy);
    FT_ATOMIC_STORE_SSIZE_RELAXED(so->used, so->used - 1);
    return old;
}

int
_PySet_DiscardEntry_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    setentry *dummy;
    setentry *entry = find_lock_held(so, key, hash, &dummy);
    if (entry == NULL || entry->key == NULL) {
        return entry == NULL ? -1 : 0;
    }
    PyObject *old = unlink_entry(so, entry);
    _Py_RetireRef(so, old);
    return 1;
}

/* Memory for an empty table may be missing: then the entries become dummies. */
static void
clear_with_readers(PySetObject *so)
{
    setentry *old = so->table;
    Py_ssize_t mask = so->mask;
    setentry *table = new_table(PySet_MINSIZE);
    FT_ATOMIC_STORE_SSIZE_RELAXED(so->used, 0);
    if (table != NULL) {
        so->fill = 0;
        publish_table(so, table, SMALL_MASK);
    }
    else {
        PyErr_Clear();
    }
    for (Py_ssize_t i = 0; i <= mask; i++) {
        PyObject *key = old[i].key;
        if (set_is_live(key)) {
            if (table == NULL) {
                FT_ATOMIC_STORE_PTR_RELEASE(old[i].key, _PySet_Dummy);
            }
            _Py_RetireRef(so, key);
        }
    }
    if (table != NULL) {
        release_table(so, old);
    }
}

/* The entries leave the set before any of them is released, because that may run Python code. */
void
_PySet_Clear_lock_held(PySetObject *so)
{
    if (so->fill == 0 && so->table == so->smalltable) {
        return;
    }
    _PyContainer_Write(so);
    if (_PyContainer_HasReaders(so)) {
        clear_with_readers(so);
        return;
    }
    setentry copy[PySet_MINSIZE];
    setentry *table = so->table;
    Py_ssize_t mask = so->mask;
    if (table == so->smalltable) {
        memcpy(copy, table, sizeof(copy));
        table = copy;
    }
    so->fill = 0;
    so->used = 0;
    memset(so->smalltable, 0, sizeof(so->smalltable));
    publish_table(so, so->smalltable, SMALL_MASK);
    for (Py_ssize_t i = 0; i <= mask; i++) {
        if (set_is_live(table[i].key)) {
            Py_DECREF(table[i].key);
        }
    }
    if (table != copy) {
        PyMem_Free(set_block_of(table));
    }
}

void
_PySet_ClearInternal(PySetObject *so)
{
    _PySet_Clear_lock_held(so);
}

int
_PySet_Merge_lock_held(PySetObject *so, PySetObject *other)
{
    if (so == other || other->used == 0) {
        return 0;
    }
    _PyContainer_Write(so);
    if ((so->fill + other->used) * 5 >= so->mask * 3
        && _PySet_Resize_lock_held(so, (so->used + other->used) * 2) < 0) {
        return -1;
    }
    if (so->fill == 0 && so->mask == other->mask && other->fill == other->used) {
        /* The same places are free. */
        for (Py_ssize_t i = 0; i <= other->mask; i++) {
            PyObject *key = other->table[i].key;
            if (key != NULL) {
                store_entry(&so->table[i], Py_NewRef(key), other->table[i].hash);
            }
        }
        so->fill = other->used;
        FT_ATOMIC_STORE_SSIZE_RELAXED(so->used, other->used);
        return 0;
    }
    if (so->fill == 0) {
        /* No key can be equal to another: no comparisons. */
        for (Py_ssize_t i = 0; i <= other->mask; i++) {
            PyObject *key = other->table[i].key;
            if (set_is_live(key)) {
                Py_hash_t hash = other->table[i].hash;
                Py_INCREF(key);
                PROBE(so->table, so->mask, hash, {
                    if (entry->key == NULL) {
                        store_entry(entry, key, hash);
                        goto stored;
                    }
                });
            stored:;
            }
        }
        so->fill = other->used;
        FT_ATOMIC_STORE_SSIZE_RELAXED(so->used, other->used);
        return 0;
    }
    /* Comparisons may change other: go by position. */
    for (Py_ssize_t i = 0; i <= other->mask; i++) {
        PyObject *key = other->table[i].key;
        if (set_is_live(key) && _PySet_AddEntry_lock_held(so, key, other->table[i].hash) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Both tables outside the objects, so that they can change hands. */
static int
move_out(PySetObject *so)
{
    if (so->table != so->smalltable) {
        return 0;
    }
    setentry *table = new_table(PySet_MINSIZE);
    if (table == NULL) {
        return -1;
    }
    memcpy(table, so->smalltable, sizeof(so->smalltable));
    publish_table(so, table, SMALL_MASK);
    return 0;
}

int
_PySet_Adopt_lock_held(PySetObject *so, PySetObject *fresh)
{
    _PyContainer_Write(so);
    if (move_out(fresh) < 0) {
        return -1;
    }
    setentry *old = so->table;
    Py_ssize_t old_mask = so->mask;
    so->fill = fresh->fill;
    FT_ATOMIC_STORE_SSIZE_RELAXED(so->used, fresh->used);
    publish_table(so, fresh->table, fresh->mask);
    fresh->fill = fresh->used = 0;
    memset(fresh->smalltable, 0, sizeof(fresh->smalltable));
    publish_table(fresh, fresh->smalltable, SMALL_MASK);
    so->hash = -1;
    for (Py_ssize_t i = 0; i <= old_mask; i++) {
        if (set_is_live(old[i].key)) {
            _Py_RetireRef(so, old[i].key);
        }
    }
    release_table(so, old);
    return 0;
}

/* -- With locks taken inside ---------------------------------------------- */

static int
contains_touch_lock_held(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    _PyContainer_Write(so);      // sets SHARED: no lock next time
    return _PySet_ContainsEntry_lock_held(so, key, hash);
}

int
_PySet_ContainsHashed(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    int there = contains_lockfree(so, key, hash);
    if (there < 0) {
        Py_BEGIN_CRITICAL_SECTION(so);
        there = contains_touch_lock_held(so, key, hash);
        Py_END_CRITICAL_SECTION();
    }
    return there;
}

int
_PySet_AddHashed(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    int error;
    Py_BEGIN_CRITICAL_SECTION(so);
    error = _PySet_AddEntry_lock_held(so, key, hash);
    Py_END_CRITICAL_SECTION();
    return error;
}

int
_PySet_DiscardHashed(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(so);
    result = _PySet_DiscardEntry_lock_held(so, key, hash);
    Py_END_CRITICAL_SECTION();
    return result;
}

int
_PySet_NextRef(PySetObject *so, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash)
{
    _PyContainer_Touch(so);
    setentry *table = (setentry *)FT_ATOMIC_LOAD_PTR_ACQUIRE(so->table);
    Py_ssize_t mask = set_mask_of(so, table);
    for (Py_ssize_t i = *pos; i <= mask; i++) {
        PyObject *found = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(table[i].key);
        Py_hash_t h = set_entry_hash(&table[i]);
        if (set_is_live(found)) {
            *key = Py_NewRef(found);
            *hash = h;
            *pos = i + 1;
            return 1;
        }
    }
    *pos = mask + 1;
    return 0;
}

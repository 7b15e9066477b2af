/* Hash table of pointers in plain C memory: buckets of linked entries, doubled past three entries for four buckets.

   Locking: none; the user locks. */
#include "Python.h"
#include "pycore_hashtable.h"

#include <string.h>

#define MIN_BUCKETS 16

Py_uhash_t
_Py_hashtable_hash_ptr(const void *key)
{
    return (Py_uhash_t)Py_HashPointer(key);
}

int
_Py_hashtable_compare_direct(const void *key1, const void *key2)
{
    return key1 == key2;
}

/* -- Buckets ------------------------------------------------------------------------------------------------ */

static _Py_hashtable_entry_t **
bucket_of(const _Py_hashtable_t *ht, Py_uhash_t hash)
{
    return &ht->buckets[hash & (ht->nbuckets - 1)];
}

/* The link that points to key's entry, or to NULL. */
static _Py_hashtable_entry_t **
find_link(_Py_hashtable_t *ht, const void *key, Py_uhash_t hash)
{
    _Py_hashtable_entry_t **link = bucket_of(ht, hash);
    while (*link != NULL && !((*link)->key_hash == hash && ht->compare_func(key, (*link)->key))) {
        link = &(*link)->next;
    }
    return link;
}

static int
resize(_Py_hashtable_t *ht, size_t nbuckets)
{
    size_t size = nbuckets * sizeof(_Py_hashtable_entry_t *);
    _Py_hashtable_entry_t **buckets = ht->alloc.malloc(size), **old = ht->buckets;
    size_t old_count = ht->nbuckets;
    if (buckets == NULL) {
        return -1;
    }
    memset(buckets, 0, size);
    ht->buckets = buckets;
    ht->nbuckets = nbuckets;
    for (size_t i = 0; i < old_count; i++) {
        _Py_hashtable_entry_t *entry = old[i];
        while (entry != NULL) {
            _Py_hashtable_entry_t *next = entry->next, **bucket = bucket_of(ht, entry->key_hash);
            entry->next = *bucket;
            *bucket = entry;
            entry = next;
        }
    }
    ht->alloc.free(old);
    return 0;
}

static void
shrink_if_sparse(_Py_hashtable_t *ht)
{
    if (ht->nbuckets > MIN_BUCKETS && ht->nentries < ht->nbuckets / 10) {
        size_t wanted = MIN_BUCKETS;
        while (wanted < ht->nentries * 2) {
            wanted *= 2;
        }
        (void)resize(ht, wanted);       /* without memory it stays as it is */
    }
}

/* -- Use --------------------------------------------------------------------------------------------------------- */

_Py_hashtable_t *
_Py_hashtable_new_full(_Py_hashtable_hash_func hash_func, _Py_hashtable_compare_func compare_func,
                       _Py_hashtable_destroy_func key_destroy_func, _Py_hashtable_destroy_func value_destroy_func,
                       _Py_hashtable_allocator_t *allocator)
{
    _Py_hashtable_allocator_t alloc = {PyMem_Malloc, PyMem_Free};
    if (allocator != NULL) {
        alloc = *allocator;
    }
    _Py_hashtable_t *ht = alloc.malloc(sizeof *ht);
    if (ht == NULL) {
        return NULL;
    }
    *ht = (_Py_hashtable_t){.hash_func = hash_func, .compare_func = compare_func, .key_destroy_func = key_destroy_func,
                            .value_destroy_func = value_destroy_func, .alloc = alloc};
    if (resize(ht, MIN_BUCKETS) < 0) {
        alloc.free(ht);
        return NULL;
    }
    return ht;
}

_Py_hashtable_t *
_Py_hashtable_new(_Py_hashtable_hash_func hash_func, _Py_hashtable_compare_func compare_func)
{
    return _Py_hashtable_new_full(hash_func, compare_func, NULL, NULL, NULL);
}

static void
drop_entries(_Py_hashtable_t *ht)
{
    for (size_t i = 0; i < ht->nbuckets; i++) {
        _Py_hashtable_entry_t *entry = ht->buckets[i];
        ht->buckets[i] = NULL;
        while (entry != NULL) {
            _Py_hashtable_entry_t *next = entry->next;
            if (ht->key_destroy_func != NULL) {
                ht->key_destroy_func(entry->key);
            }
            if (ht->value_destroy_func != NULL) {
                ht->value_destroy_func(entry->value);
            }
            ht->alloc.free(entry);
            entry = next;
        }
    }
    ht->nentries = 0;
}

void
_Py_hashtable_clear(_Py_hashtable_t *ht)
{
    drop_entries(ht);
    shrink_if_sparse(ht);
}

void
_Py_hashtable_destroy(_Py_hashtable_t *ht)
{
    drop_entries(ht);
    ht->alloc.free(ht->buckets);
    ht->alloc.free(ht);
}

size_t
_Py_hashtable_size(const _Py_hashtable_t *ht)
{
    return sizeof *ht + ht->nbuckets * sizeof(_Py_hashtable_entry_t *) + ht->nentries * sizeof(_Py_hashtable_entry_t);
}

size_t
_Py_hashtable_len(const _Py_hashtable_t *ht)
{
    return ht->nentries;
}

_Py_hashtable_entry_t *
_Py_hashtable_get_entry(_Py_hashtable_t *ht, const void *key)
{
    return *find_link(ht, key, ht->hash_func(key));
}

void *
_Py_hashtable_get(_Py_hashtable_t *ht, const void *key)
{
    _Py_hashtable_entry_t *entry = _Py_hashtable_get_entry(ht, key);
    return entry != NULL ? entry->value : NULL;
}

int
_Py_hashtable_set(_Py_hashtable_t *ht, const void *key, void *value)
{
    _Py_hashtable_entry_t *entry = ht->alloc.malloc(sizeof *entry);
    if (entry == NULL) {
        return -1;
    }
    if (ht->nentries + 1 > ht->nbuckets / 4 * 3 && resize(ht, ht->nbuckets * 2) < 0) {
        ht->alloc.free(entry);
        return -1;
    }
    Py_uhash_t hash = ht->hash_func(key);
    _Py_hashtable_entry_t **bucket = bucket_of(ht, hash);
    *entry = (_Py_hashtable_entry_t){.next = *bucket, .key_hash = hash, .key = (void *)key, .value = value};
    *bucket = entry;
    ht->nentries++;
    return 0;
}

void *
_Py_hashtable_steal(_Py_hashtable_t *ht, const void *key)
{
    _Py_hashtable_entry_t **link = find_link(ht, key, ht->hash_func(key)), *entry = *link;
    if (entry == NULL) {
        return NULL;
    }
    void *value = entry->value;
    *link = entry->next;
    ht->alloc.free(entry);
    ht->nentries--;
    shrink_if_sparse(ht);
    return value;
}

int
_Py_hashtable_foreach(_Py_hashtable_t *ht, _Py_hashtable_foreach_func func, void *user_data)
{
    for (size_t i = 0; i < ht->nbuckets; i++) {
        for (_Py_hashtable_entry_t *entry = ht->buckets[i]; entry != NULL; entry = entry->next) {
            int result = func(ht, entry->key, entry->value, user_data);
            if (result != 0) {
                return result;
            }
        }
    }
    return 0;
}

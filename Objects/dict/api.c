/* The C API of dicts, public and internal.  Borrowed results stay valid until the caller's next quiescent point, also
   when another thread removes the item. */
#include "dict_private.h"
#include "pycore_pyerrors.h"   // _PyErr_FormatNote
#include "pycore_tuple.h"      // _PyTuple_FromPairSteal

#define DICT(op) ((PyDictObject *)(op))

/* 1 if op is a dict; else 0 with SystemError. */
static int
check_dict(PyObject *op)
{
    if (op != NULL && PyDict_Check(op)) {
        return 1;
    }
    PyErr_BadInternalCall();
    return 0;
}

/* -- Reading ---------------------------------------------------------- */

int
_PyDict_GetItemRef_KnownHash(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **result)
{
    return _PyDict_FindRef(mp, key, hash, result);
}

int
PyDict_GetItemRef(PyObject *op, PyObject *key, PyObject **result)
{
    *result = NULL;
    if (!check_dict(op)) {
        return -1;
    }
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? -1 : _PyDict_FindRef(DICT(op), key, hash, result);
}

int
_PyDict_GetItemRef_KnownHash_LockHeld(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **result)
{
    if (_Py_dict_lookup(mp, key, hash, result) == DKIX_ERROR) {
        *result = NULL;
        return -1;
    }
    Py_XINCREF(*result);
    return *result != NULL;
}

int
_PyDict_GetItemRef_Unicode_LockHeld(PyDictObject *mp, PyObject *key, PyObject **result)
{
    assert(PyUnicode_CheckExact(key));
    Py_hash_t hash = key_hash(key);
    return _PyDict_GetItemRef_KnownHash_LockHeld(mp, key, hash, result);
}

static Py_ssize_t
lookup_borrowed_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value)
{
    _PyContainer_Write((PyObject *)mp);     // sets SHARED: what is unlinked later waits for us
    return _Py_dict_lookup(mp, key, hash, value);
}

PyObject *
_PyDict_GetItem_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    if (!check_dict(op)) {
        return NULL;
    }
    if (_PyDict_LookupBorrowed_lockfree(op, key, hash, &value) < 0) {
        Py_ssize_t ix;
        Py_BEGIN_CRITICAL_SECTION(op);
        ix = lookup_borrowed_lock_held(DICT(op), key, hash, &value);
        Py_END_CRITICAL_SECTION();
        (void)ix;
    }
    return value;
}

PyObject *
PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    if (!check_dict(op)) {
        return NULL;
    }
    Py_hash_t hash = key_hash(key);
    return hash == -1 ? NULL : _PyDict_GetItem_KnownHash(op, key, hash);
}

PyObject *
_PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    Py_hash_t hash = key_hash(key);
    return hash == -1 ? NULL : _PyDict_GetItem_KnownHash(op, key, hash);
}

/* Any error is reported as unraisable and the answer is NULL; an exception that was set stays. */
PyObject *
PyDict_GetItem(PyObject *op, PyObject *key)
{
    if (op == NULL || !PyDict_Check(op)) {
        return NULL;
    }
    PyObject *before = PyErr_GetRaisedException();
    PyObject *value = PyDict_GetItemWithError(op, key);
    if (value == NULL && PyErr_Occurred()) {
        PyErr_FormatUnraisable("Exception ignored in PyDict_GetItem(); consider using "
                               "PyDict_GetItemRef() or PyDict_GetItemWithError()");
    }
    PyErr_SetRaisedException(before);
    return value;
}

PyObject *
PyDict_GetItemString(PyObject *op, const char *key)
{
    PyObject *before = PyErr_GetRaisedException();
    PyObject *name = PyUnicode_FromString(key);
    PyObject *value = name == NULL ? NULL : PyDict_GetItemWithError(op, name);
    Py_XDECREF(name);
    if (value == NULL && PyErr_Occurred()) {
        PyErr_FormatUnraisable("Exception ignored in PyDict_GetItemString(); consider using "
                               "PyDict_GetItemRefString()");
    }
    PyErr_SetRaisedException(before);
    return value;
}

int
PyDict_GetItemStringRef(PyObject *op, const char *key, PyObject **result)
{
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        *result = NULL;
        return -1;
    }
    int found = PyDict_GetItemRef(op, name, result);
    Py_DECREF(name);
    return found;
}

PyObject *
_PyDict_GetItemStringWithError(PyObject *op, const char *key)
{
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return NULL;
    }
    PyObject *value = PyDict_GetItemWithError(op, name);
    Py_DECREF(name);
    return value;
}

int
_PyDict_Contains_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    int found = _PyDict_LookupBorrowed_lockfree(op, key, hash, &value);
    if (found < 0) {
        found = _PyDict_FindRef(DICT(op), key, hash, &value);
        if (found > 0) {
            Py_DECREF(value);
        }
    }
    return found;
}

int
PyDict_Contains(PyObject *op, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? -1 : _PyDict_Contains_KnownHash(op, key, hash);
}

int
PyDict_ContainsString(PyObject *op, const char *key)
{
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return -1;
    }
    int found = PyDict_Contains(op, name);
    Py_DECREF(name);
    return found;
}

int
_PyDict_ContainsId(PyObject *op, PyObject *name)
{
    return PyDict_Contains(op, name);
}

Py_ssize_t
PyDict_Size(PyObject *op)
{
    return check_dict(op) ? dict_used(op) : -1;
}

int
_PyDict_Next(PyObject *op, Py_ssize_t *pos, PyObject **pkey, PyObject **pvalue, Py_hash_t *phash)
{
    PyObject *key, *value;
    Py_hash_t hash;
    if (!PyDict_Check(op)) {
        return 0;
    }
    _PyContainer_Touch(op);
    if (!_PyDict_Next_lock_held(DICT(op), pos, &key, &value, &hash)) {
        return 0;
    }
    if (pkey != NULL) {
        *pkey = key;
    }
    if (pvalue != NULL) {
        *pvalue = value;
    }
    if (phash != NULL) {
        *phash = hash;
    }
    return 1;
}

int
PyDict_Next(PyObject *op, Py_ssize_t *pos, PyObject **key, PyObject **value)
{
    return _PyDict_Next(op, pos, key, value, NULL);
}

static int
only_string_keys_lock_held(PyDictObject *mp)
{
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    if (DK_IS_UNICODE(mp->ma_keys)) {
        return 1;
    }
    while (_PyDict_Next_lock_held(mp, &pos, &key, &value, &hash)) {
        if (!PyUnicode_Check(key)) {
            return 0;
        }
    }
    return 1;
}

int
_PyDict_HasOnlyStringKeys(PyObject *op)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = only_string_keys_lock_held(DICT(op));
    Py_END_CRITICAL_SECTION();
    return result;
}

/* -- Setting ---------------------------------------------------------- */

static int
set_item_take2(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(mp);
    result = _PyDict_Insert_lock_held(mp, key, hash, value);
    Py_END_CRITICAL_SECTION();
    return result;
}

int
_PyDict_SetItem_Take2(PyDictObject *mp, PyObject *key, PyObject *value)
{
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        Py_DECREF(key);
        Py_DECREF(value);
        return -1;
    }
    return set_item_take2(mp, key, hash, value);
}

int
PyDict_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    if (!check_dict(op)) {
        return -1;
    }
    assert(key != NULL && value != NULL);
    return _PyDict_SetItem_Take2(DICT(op), Py_NewRef(key), Py_NewRef(value));
}

int
_PyDict_SetItem_KnownHash(PyObject *op, PyObject *key, PyObject *value, Py_hash_t hash)
{
    if (!check_dict(op)) {
        return -1;
    }
    return set_item_take2(DICT(op), Py_NewRef(key), hash, Py_NewRef(value));
}

int
_PyDict_SetItem_KnownHash_LockHeld(PyDictObject *mp, PyObject *key, PyObject *value, Py_hash_t hash)
{
    return _PyDict_Insert_lock_held(mp, Py_NewRef(key), hash, Py_NewRef(value));
}

static int
del_or_key_error_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash)
{
    int deleted = _PyDict_Del_lock_held(mp, key, hash);
    if (deleted == 0) {
        _PyErr_SetKeyError(key);
    }
    return deleted > 0 ? 0 : -1;
}

int
_PyDict_SetItem_LockHeld(PyDictObject *mp, PyObject *key, PyObject *value)
{
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    return value == NULL ? del_or_key_error_lock_held(mp, key, hash)
                         : _PyDict_SetItem_KnownHash_LockHeld(mp, key, value, hash);
}

/* Interned, as the name will be looked up again. */
int
PyDict_SetItemString(PyObject *op, const char *key, PyObject *value)
{
    PyObject *name = PyUnicode_InternFromString(key);
    if (name == NULL) {
        return -1;
    }
    int error = PyDict_SetItem(op, name, value);
    Py_DECREF(name);
    return error;
}

int
PyDict_SetDefaultRef(PyObject *op, PyObject *key, PyObject *default_value, PyObject **result)
{
    PyObject *value = NULL;
    int found = -1;
    if (check_dict(op)) {
        Py_hash_t hash = dict_hash(key);
        if (hash != -1) {
            found = _PyDict_LookupBorrowed_lockfree(op, key, hash, &value);
            if (found > 0) {
                Py_INCREF(value);
            }
            else {
                Py_BEGIN_CRITICAL_SECTION(op);
                found = _PyDict_SetDefault_lock_held(DICT(op), key, hash, default_value, &value);
                Py_END_CRITICAL_SECTION();
            }
        }
    }
    if (result != NULL) {
        *result = value;
    }
    else {
        Py_XDECREF(value);
    }
    return found;
}

PyObject *
PyDict_SetDefault(PyObject *op, PyObject *key, PyObject *default_value)
{
    PyObject *value;
    PyDict_SetDefaultRef(op, key, default_value, &value);
    Py_XDECREF(value);      // the dict holds it
    return value;
}

/* -- Deleting --------------------------------------------------------- */

int
_PyDict_DelItem_KnownHash_LockHeld(PyObject *op, PyObject *key, Py_hash_t hash)
{
    return del_or_key_error_lock_held(DICT(op), key, hash);
}

int
_PyDict_DelItem_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    int result;
    if (!check_dict(op)) {
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(op);
    result = del_or_key_error_lock_held(DICT(op), key, hash);
    Py_END_CRITICAL_SECTION();
    return result;
}

int
PyDict_DelItem(PyObject *op, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? -1 : _PyDict_DelItem_KnownHash(op, key, hash);
}

int
PyDict_DelItemString(PyObject *op, const char *key)
{
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return -1;
    }
    int error = PyDict_DelItem(op, name);
    Py_DECREF(name);
    return error;
}

static int
del_if_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash, int (*predicate)(PyObject *, void *), void *arg)
{
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &value);
    if (ix == DKIX_ERROR) {
        return -1;
    }
    if (value == NULL) {
        return 0;
    }
    int wanted = predicate(value, arg);
    if (wanted <= 0) {
        return wanted;
    }
    _PyDict_NotifyEvent(PyDict_EVENT_DELETED, mp, key, NULL);
    _PyDict_Unlink_lock_held(mp, hash, ix, value);
    _Py_RetireRef(mp, value);
    return 1;
}

int
_PyDict_DelItemIf(PyObject *op, PyObject *key, int (*predicate)(PyObject *value, void *arg), void *arg)
{
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    int result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = del_if_lock_held(DICT(op), key, hash, predicate, arg);
    Py_END_CRITICAL_SECTION();
    return result;
}

static int
pop_lock_held(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **result)
{
    PyObject *value;
    if (mp->ma_used == 0) {
        return 0;
    }
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &value);
    if (ix == DKIX_ERROR) {
        return -1;
    }
    if (value == NULL) {
        return 0;
    }
    _PyDict_NotifyEvent(PyDict_EVENT_DELETED, mp, key, NULL);
    _PyDict_Unlink_lock_held(mp, hash, ix, value);
    *result = _PyContainer_Take(mp, value);
    return 1;
}

int
_PyDict_Pop_KnownHash(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **result)
{
    PyObject *value = NULL;
    int found;
    Py_BEGIN_CRITICAL_SECTION(mp);
    found = pop_lock_held(mp, key, hash, &value);
    Py_END_CRITICAL_SECTION();
    if (result != NULL) {
        *result = value;
    }
    else {
        Py_XDECREF(value);
    }
    return found;
}

int
PyDict_Pop(PyObject *op, PyObject *key, PyObject **result)
{
    if (result != NULL) {
        *result = NULL;
    }
    if (!check_dict(op)) {
        return -1;
    }
    if (dict_used(op) == 0) {
        return 0;
    }
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? -1 : _PyDict_Pop_KnownHash(DICT(op), key, hash, result);
}

int
PyDict_PopString(PyObject *op, const char *key, PyObject **result)
{
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        if (result != NULL) {
            *result = NULL;
        }
        return -1;
    }
    int found = PyDict_Pop(op, name, result);
    Py_DECREF(name);
    return found;
}

PyObject *
_PyDict_PopDefault(PyObject *op, PyObject *key, PyObject *default_value)
{
    PyObject *value;
    int found = PyDict_Pop(op, key, &value);
    if (found != 0) {
        return value;
    }
    if (default_value == NULL) {
        _PyErr_SetKeyError(key);
        return NULL;
    }
    return Py_NewRef(default_value);
}

PyObject *
_PyDict_Pop(PyObject *op, PyObject *key, PyObject *default_value)
{
    return _PyDict_PopDefault(op, key, default_value);
}

void
_PyDict_Clear_LockHeld(PyObject *op)
{
    _PyDict_Clear_lock_held(DICT(op));
}

void
PyDict_Clear(PyObject *op)
{
    if (!PyDict_Check(op)) {
        return;
    }
    Py_BEGIN_CRITICAL_SECTION(op);
    _PyDict_Clear_lock_held(DICT(op));
    Py_END_CRITICAL_SECTION();
}

/* -- Whole dicts ------------------------------------------------------ */

PyObject *
PyDict_Copy(PyObject *op)
{
    if (!check_dict(op)) {
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = _PyDict_Copy_lock_held(DICT(op));
    Py_END_CRITICAL_SECTION();
    return result;
}

int
PyDict_Update(PyObject *a, PyObject *b)
{
    return _PyDict_Merge(a, b, 1);
}

int
PyDict_Merge(PyObject *a, PyObject *b, int override)
{
    return _PyDict_Merge(a, b, override != 0);
}

int
_PyDict_MergeEx(PyObject *a, PyObject *b, int override)
{
    return _PyDict_Merge(a, b, override);
}

/* Sets one pair of a sequence of pairs. */
static int
merge_pair(PyObject *dict, PyObject *item, Py_ssize_t i, int override)
{
    PyObject *pair = PySequence_Fast(item, "object is not iterable");
    if (pair == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            _PyErr_FormatNote("Cannot convert dictionary update sequence element #%zd to a sequence", i);
        }
        return -1;
    }
    int error = -1;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(pair);
    if (n != 2) {
        PyErr_Format(PyExc_ValueError,
                     "dictionary update sequence element #%zd has length %zd; 2 is required", i, n);
    }
    else {
        PyObject *key = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 0));
        PyObject *value = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 1));
        error = override ? PyDict_SetItem(dict, key, value)
                         : PyDict_SetDefaultRef(dict, key, value, NULL);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    Py_DECREF(pair);
    return error < 0 ? -1 : 0;
}

int
PyDict_MergeFromSeq2(PyObject *op, PyObject *seq2, int override)
{
    PyObject *iter = PyObject_GetIter(seq2);
    if (iter == NULL) {
        return -1;
    }
    int error = 0;
    PyObject *item;
    for (Py_ssize_t i = 0; error == 0 && (item = PyIter_Next(iter)) != NULL; i++) {
        error = merge_pair(op, item, i, override);
        Py_DECREF(item);
    }
    Py_DECREF(iter);
    return error < 0 || PyErr_Occurred() ? -1 : 0;
}

int
_PyDict_MergeFromSeq2(PyObject *op, PyObject *seq2, int override)
{
    return PyDict_MergeFromSeq2(op, seq2, override);
}

static int
all_exact_str(PyObject *const *keys, Py_ssize_t offset, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyUnicode_CheckExact(keys[i * offset])) {
            return 0;
        }
    }
    return 1;
}

PyObject *
_PyDict_FromItems(PyObject *const *keys, Py_ssize_t keys_offset, PyObject *const *values,
                  Py_ssize_t values_offset, Py_ssize_t length)
{
    if (length == 0) {
        return PyDict_New();
    }
    PyDictKeysObject *dk = _PyDictKeys_New(_PyDict_Log2SizeForEntries(length),
                                           all_exact_str(keys, keys_offset, length));
    PyObject *dict = dk == NULL ? NULL : _PyDict_NewFromKeys(dk, NULL, 0);
    for (Py_ssize_t i = 0; dict != NULL && i < length; i++) {
        if (PyDict_SetItem(dict, keys[i * keys_offset], values[i * values_offset]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

PyObject *
_PyDict_FromKeys(PyObject *cls, PyObject *iterable, PyObject *value)
{
    PyObject *dict = PyObject_CallNoArgs(cls);
    PyObject *iter = dict == NULL ? NULL : PyObject_GetIter(iterable);
    if (iter == NULL) {
        Py_XDECREF(dict);
        return NULL;
    }
    const int exact = PyDict_CheckExact(dict);
    PyObject *key;
    int error = 0;
    while (error == 0 && (key = PyIter_Next(iter)) != NULL) {
        error = exact ? PyDict_SetItem(dict, key, value) : PyObject_SetItem(dict, key, value);
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    if (error < 0 || PyErr_Occurred()) {
        Py_CLEAR(dict);
    }
    return dict;
}

/* -- Lists of keys, values, items -------------------------------------- */

enum { TAKE_KEY, TAKE_VALUE, TAKE_ITEM };

/* No allocation happens here, so the dict stays as large as the list was made for. */
static void
fill_list_lock_held(PyDictObject *mp, PyObject *list, int what)
{
    Py_ssize_t pos = 0, i = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (_PyDict_Next_lock_held(mp, &pos, &key, &value, &hash)) {
        if (what == TAKE_ITEM) {
            PyObject *pair = PyList_GET_ITEM(list, i);
            PyTuple_SET_ITEM(pair, 0, Py_NewRef(key));
            PyTuple_SET_ITEM(pair, 1, Py_NewRef(value));
        }
        else {
            PyList_SET_ITEM(list, i, Py_NewRef(what == TAKE_KEY ? key : value));
        }
        i++;
    }
}

static PyObject *
new_list(Py_ssize_t n, int what)
{
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list != NULL && what == TAKE_ITEM && i < n; i++) {
        PyObject *pair = PyTuple_New(2);
        if (pair == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, pair);
    }
    return list;
}

static int
fill_if_size_lock_held(PyDictObject *mp, PyObject *list, Py_ssize_t n, int what)
{
    if (mp->ma_used != n) {
        return 0;
    }
    fill_list_lock_held(mp, list, what);
    return 1;
}

static PyObject *
list_of(PyObject *op, int what)
{
    if (!check_dict(op)) {
        return NULL;
    }
    for (;;) {
        Py_ssize_t n = dict_used(op);
        PyObject *list = new_list(n, what);
        if (list == NULL) {
            return NULL;
        }
        int done;
        Py_BEGIN_CRITICAL_SECTION(op);
        done = fill_if_size_lock_held(DICT(op), list, n, what);
        Py_END_CRITICAL_SECTION();
        if (done) {
            return list;
        }
        Py_DECREF(list);      // the dict has changed size since
    }
}

PyObject *
PyDict_Keys(PyObject *op)
{
    return list_of(op, TAKE_KEY);
}

PyObject *
PyDict_Values(PyObject *op)
{
    return list_of(op, TAKE_VALUE);
}

PyObject *
PyDict_Items(PyObject *op)
{
    return list_of(op, TAKE_ITEM);
}

/* -- Sizes and statistics ---------------------------------------------- */

Py_ssize_t
_PyDict_SizeOf_LockHeld(PyDictObject *mp)
{
    size_t size = _PyObject_SIZE(Py_TYPE(mp));
    PyDictKeysObject *dk = mp->ma_keys;
    if (DK_IS_SPLIT(dk)) {
        size += offsetof(PyDictValues, values)
              + (size_t)mp->ma_values->capacity * (sizeof(PyObject *) + 1);
    }
    else if (dk != Py_EMPTY_KEYS) {
        size += _PyDict_KeysSize(dk);
    }
    return (Py_ssize_t)size;
}

Py_ssize_t
_PyDict_SizeOf(PyDictObject *mp)
{
    Py_ssize_t size;
    Py_BEGIN_CRITICAL_SECTION(mp);
    size = _PyDict_SizeOf_LockHeld(mp);
    Py_END_CRITICAL_SECTION();
    return size;
}

/* Dicts stay tracked: looking whether they could be untracked costs more than it wins. */
Py_ssize_t
_PyDict_MaybeUntrack(PyObject *Py_UNUSED(op))
{
    return 0;
}

void
_PyDict_DebugMallocStats(FILE *Py_UNUSED(out))
{
}

/* -- Watchers --------------------------------------------------------- */

static int
check_watcher_id(PyInterpreterState *interp, int id)
{
    if (id < 0 || id >= DICT_MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid dict watcher ID %d", id);
        return -1;
    }
    if (interp->dict_state.watchers[id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No dict watcher set for ID %d", id);
        return -1;
    }
    return 0;
}

/* The first two ids are the runtime's own. */
int
PyDict_AddWatcher(PyDict_WatchCallback callback)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 2; i < DICT_MAX_WATCHERS; i++) {
        if (interp->dict_state.watchers[i] == NULL) {
            interp->dict_state.watchers[i] = callback;
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more dict watcher IDs available");
    return -1;
}

int
PyDict_ClearWatcher(int id)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (check_watcher_id(interp, id) < 0) {
        return -1;
    }
    interp->dict_state.watchers[id] = NULL;
    return 0;
}

static int
change_watch(int id, PyObject *op, int on)
{
    if (!PyDict_Check(op)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-dictionary");
        return -1;
    }
    if (check_watcher_id(_PyInterpreterState_GET(), id) < 0) {
        return -1;
    }
    uint64_t bit = (uint64_t)1 << id;
    Py_BEGIN_CRITICAL_SECTION(op);
    uint64_t tag = DICT(op)->_ma_watcher_tag;
    FT_ATOMIC_STORE_UINT64_RELEASE(DICT(op)->_ma_watcher_tag, on ? tag | bit : tag & ~bit);
    Py_END_CRITICAL_SECTION();
    return 0;
}

int
PyDict_Watch(int id, PyObject *op)
{
    return change_watch(id, op, 1);
}

int
PyDict_Unwatch(int id, PyObject *op)
{
    return change_watch(id, op, 0);
}

static const char *
event_name(PyDict_WatchEvent event)
{
    static const char *const names[] = {
#define NAME(event) "PyDict_EVENT_" #event,
        PY_FOREACH_DICT_EVENT(NAME)
#undef NAME
    };
    return names[event];
}

void
_PyDict_SendEvent(int bits, PyDict_WatchEvent event, PyDictObject *mp, PyObject *key, PyObject *value)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 0; i < DICT_MAX_WATCHERS; i++) {
        PyDict_WatchCallback callback = interp->dict_state.watchers[i];
        if ((bits & (1 << i)) && callback != NULL
            && callback(event, (PyObject *)mp, key, value) < 0) {
            /* The dict may be dying: its address has to do. */
            PyErr_FormatUnraisable("Exception ignored in %s watcher callback for <dict at %p>",
                                   event_name(event), mp);
        }
    }
}

/* Attributes of instances: values inside the object, and the dict that may come to stand for them.

   While an object has no dict, its inline values are guarded by the object's mutex.  Once a dict has been made
   (materialised) the dict's mutex guards them; the dict may use the inline values itself (embedded) or have moved on
   to a table of its own (then `valid` is 0).  Readers of the object load `valid`, then the slot, and need no lock.
   Readers of the dict take its mutex while the values are embedded, because the object may end before the dict. */
#include "dict_private.h"
#include "pycore_object_protocol.h"   // _PyObject_SetAttributeErrorContext

/* -- Values ----------------------------------------------------------- */

PyDictValues *
_PyDictValues_New(Py_ssize_t capacity)
{
    size_t size = offsetof(PyDictValues, values) + (size_t)capacity * (sizeof(PyObject *) + 1);
    PyDictValues *values = PyMem_Malloc(size);
    if (values == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    values->capacity = (uint8_t)capacity;
    values->size = 0;
    values->embedded = 0;
    values->valid = 1;
    memset(values->values, 0, (size_t)capacity * sizeof(PyObject *));
    return values;
}

void
_PyDictValues_AddToInsertionOrder(PyDictValues *values, Py_ssize_t ix)
{
    assert(ix < values->capacity && values->size < values->capacity);
    get_insertion_order_array(values)[values->size++] = (uint8_t)ix;
}

void
_PyDictValues_DeleteFromOrder(PyDictValues *values, Py_ssize_t ix)
{
    uint8_t *order = get_insertion_order_array(values);
    int i = 0;
    while (order[i] != ix) {
        i++;
        assert(i < values->size);
    }
    memmove(order + i, order + i + 1, (size_t)(values->size - i - 1));
    values->size--;
}

static void
set_embedded(PyDictObject *mp, int embedded)
{
    uint64_t tag = mp->_ma_watcher_tag;
    tag = embedded ? tag | DICT_EMBEDDED_VALUES : tag & ~DICT_EMBEDDED_VALUES;
    FT_ATOMIC_STORE_UINT64_RELEASE(mp->_ma_watcher_tag, tag);
}

static void
invalidate(PyDictValues *values)
{
    FT_ATOMIC_STORE_UINT8_RELEASE(values->valid, 0);
}

void
_PyDict_DropValues_lock_held(PyDictObject *mp, PyDictValues *values)
{
    FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_values, NULL);
    if (values->embedded) {
        invalidate(values);
        set_embedded(mp, 0);
    }
    else {
        _Py_RetireMem(mp, values);
    }
}

static PyDictKeysObject *
cached_keys(PyTypeObject *tp)
{
    assert(tp->tp_flags & Py_TPFLAGS_HEAPTYPE);
    return ((PyHeapTypeObject *)tp)->ht_cached_keys;
}

/* -- Materialising ---------------------------------------------------- */

PyObject *
_PyObject_NewInstanceDict(PyTypeObject *tp)
{
    PyDictKeysObject *dk = (tp->tp_flags & Py_TPFLAGS_HEAPTYPE) ? cached_keys(tp) : NULL;
    if (dk == NULL) {
        return PyDict_New();
    }
    PyDictValues *values = _PyDictValues_New((Py_ssize_t)shared_keys_usable_size(dk));
    if (values == NULL) {
        return NULL;
    }
    dk_incref(dk);
    return _PyDict_NewFromKeys(dk, values, 0);
}

/* A dict over obj's inline values. */
static PyObject *
dict_over_inline_values(PyObject *obj)
{
    PyDictKeysObject *dk = cached_keys(Py_TYPE(obj));
    PyDictValues *values = _PyObject_InlineValues(obj);
    dk_incref(dk);
    PyDictObject *mp = (PyDictObject *)_PyDict_NewFromKeys(dk, values, values->size);
    if (mp != NULL) {
        set_embedded(mp, 1);
    }
    return (PyObject *)mp;
}

static PyDictObject *
materialize_lock_held(PyObject *obj)
{
    PyDictObject *mp = _PyObject_GetManagedDict(obj);
    if (mp != NULL) {
        return mp;
    }
    PyTypeObject *tp = Py_TYPE(obj);
    if (!(tp->tp_flags & Py_TPFLAGS_INLINE_VALUES)) {
        mp = (PyDictObject *)_PyObject_NewInstanceDict(tp);
    }
    else if (DICT_VALUES_VALID(_PyObject_InlineValues(obj))) {
        mp = (PyDictObject *)dict_over_inline_values(obj);
    }
    else {
        mp = (PyDictObject *)PyDict_New();
    }
    if (mp != NULL) {
        _PyContainer_Write(obj);
        _PyObject_SetShared(mp);
        FT_ATOMIC_STORE_PTR_RELEASE(_PyObject_ManagedDictPointer(obj)->dict, mp);
    }
    return mp;
}

PyDictObject *
_PyObject_MaterializeManagedDict(PyObject *obj)
{
    _PyContainer_Touch(obj);
    PyDictObject *mp = _PyObject_GetManagedDict(obj);
    if (mp != NULL) {
        return mp;
    }
    Py_BEGIN_CRITICAL_SECTION(obj);
    mp = materialize_lock_held(obj);
    Py_END_CRITICAL_SECTION();
    return mp;
}

PyObject *
_PyObject_GetOrMakeManagedDictRef(PyObject *obj)
{
    return Py_XNewRef(_PyObject_MaterializeManagedDict(obj));
}

/* -- Taking object and dict apart -------------------------------------- */

struct loose_values {
    Py_ssize_t n;
    PyObject *values[UINT8_MAX];
};

/* Empties inline values into loose; they are no longer valid. */
static void
take_inline_values(PyDictValues *values, struct loose_values *loose)
{
    loose->n = values->capacity;
    invalidate(values);
    for (Py_ssize_t i = 0; i < loose->n; i++) {
        loose->values[i] = values->values[i];
        STORE_SLOT(values->values[i], NULL);
    }
    values->size = 0;
}

/* obj's dying or living decides: nobody can be reading an object without references. */
static void
release_loose(PyObject *obj, struct loose_values *loose)
{
    const int dead = Py_REFCNT(obj) == 0;
    for (Py_ssize_t i = 0; i < loose->n; i++) {
        if (dead) {
            Py_XDECREF(loose->values[i]);
        }
        else {
            _Py_RetireRef(obj, loose->values[i]);
        }
    }
}

static int
detach_lock_held(PyDictObject *mp, PyObject *obj, struct loose_values *loose)
{
    if (!(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_INLINE_VALUES)) {
        return 0;
    }
    PyDictValues *inline_values = _PyObject_InlineValues(obj);
    if (mp->ma_values != inline_values) {
        return 0;
    }
    if (Py_REFCNT(mp) == 1) {
        /* It dies with this reference: nothing to save. */
        PyDictKeysObject *dk = mp->ma_keys;
        FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_keys, Py_EMPTY_KEYS);
        FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_values, NULL);
        set_embedded(mp, 0);
        dict_set_used(mp, 0);
        take_inline_values(inline_values, loose);
        _PyDictKeys_DecRef(dk);     // the class holds the table too
        return 0;
    }
    PyDictValues *values = _PyDictValues_New(inline_values->capacity);
    if (values == NULL) {
        return -1;
    }
    size_t slots = inline_values->capacity;
    memcpy(values->values, inline_values->values, slots * sizeof(PyObject *));
    memcpy(get_insertion_order_array(values), get_insertion_order_array(inline_values), slots);
    values->size = inline_values->size;
    FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_values, values);
    invalidate(inline_values);
    set_embedded(mp, 0);
    return 0;
}

int
_PyDict_DetachFromObject(PyDictObject *mp, PyObject *obj)
{
    struct loose_values loose = {.n = 0};
    int error;
    Py_BEGIN_CRITICAL_SECTION(mp);
    error = detach_lock_held(mp, obj, &loose);
    Py_END_CRITICAL_SECTION();
    release_loose(obj, &loose);
    return error;
}

/* 1 done, 0 obj has another dict by now, -1 no memory. */
static int
exchange_dict_lock_held(PyObject *obj, PyDictObject *old, PyObject *new_dict, struct loose_values *loose)
{
    PyManagedDictPointer *slot = _PyObject_ManagedDictPointer(obj);
    if (slot->dict != old) {
        return 0;
    }
    _PyContainer_Write(obj);
    if (old != NULL) {
        if (detach_lock_held(old, obj, loose) < 0) {
            return -1;
        }
    }
    else if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
        PyDictValues *values = _PyObject_InlineValues(obj);
        if (values->valid) {
            take_inline_values(values, loose);
        }
    }
    FT_ATOMIC_STORE_PTR_RELEASE(slot->dict, (PyDictObject *)Py_XNewRef(new_dict));
    return 1;
}

int
_PyObject_SetManagedDict(PyObject *obj, PyObject *new_dict)
{
    struct loose_values loose = {.n = 0};
    PyDictObject *old;
    int done;
    if (new_dict != NULL) {
        _PyObject_SetShared(new_dict);
    }
    do {
        old = _PyObject_GetManagedDict(obj);
        PyObject *second = old != NULL ? (PyObject *)old : obj;
        Py_BEGIN_CRITICAL_SECTION2(obj, second);
        done = exchange_dict_lock_held(obj, old, new_dict, &loose);
        Py_END_CRITICAL_SECTION2();
        (void)second;
    } while (done == 0);
    if (done < 0) {
        return -1;
    }
    release_loose(obj, &loose);
    if (old != NULL) {
        if (Py_REFCNT(obj) == 0) {
            Py_DECREF(old);
        }
        else {
            _Py_RetireRef(obj, old);
        }
    }
    return 0;
}

void
PyObject_ClearManagedDict(PyObject *obj)
{
    if (!(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return;
    }
    if (_PyObject_SetManagedDict(obj, NULL) == 0) {
        return;
    }
    /* No memory for a copy of the values: the dict that lives on becomes empty. */
    PyErr_FormatUnraisable("Exception ignored while clearing an object managed dict");
    PyDictObject *mp = _PyObject_GetManagedDict(obj);
    PyDict_Clear((PyObject *)mp);
    Py_BEGIN_CRITICAL_SECTION(mp);
    PyDictKeysObject *dk = mp->ma_keys;
    FT_ATOMIC_STORE_PTR_RELEASE(mp->ma_keys, Py_EMPTY_KEYS);
    _PyDict_DropValues_lock_held(mp, mp->ma_values);
    _PyDictKeys_DecRef(dk);
    Py_END_CRITICAL_SECTION();
    (void)_PyObject_SetManagedDict(obj, NULL);
}

int
PyObject_VisitManagedDict(PyObject *obj, visitproc visit, void *arg)
{
    PyTypeObject *tp = Py_TYPE(obj);
    if (!(tp->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return 0;
    }
    if (tp->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
        PyDictValues *values = _PyObject_InlineValues(obj);
        if (values->valid) {
            for (Py_ssize_t i = 0; i < values->capacity; i++) {
                Py_VISIT(values->values[i]);
            }
        }
    }
    Py_VISIT(_PyObject_ManagedDictPointer(obj)->dict);
    return 0;
}

/* -- Attributes ------------------------------------------------------- */

bool
_PyObject_TryGetInstanceAttribute(PyObject *obj, PyObject *name, PyObject **attr)
{
    *attr = NULL;
    PyDictValues *values = _PyObject_InlineValues(obj);
    _PyContainer_Touch(obj);
    if (!DICT_VALUES_VALID(values)) {
        return false;
    }
    Py_ssize_t ix = _PyDictKeys_StringLookupSplit(cached_keys(Py_TYPE(obj)), name);
    if (ix < 0) {
        /* A str subclass may be equal to a name all the same. */
        return PyUnicode_CheckExact(name) && DICT_VALUES_VALID(values);
    }
    if (ix >= values->capacity) {
        return DICT_VALUES_VALID(values);
    }
    PyObject *value = LOAD_SLOT(values->values[ix]);
    if (value == NULL) {
        return DICT_VALUES_VALID(values);     // emptied slots count only if the values do
    }
    *attr = Py_NewRef(value);
    return true;
}

static int
no_such_attribute(PyObject *obj, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'", Py_TYPE(obj)->tp_name, name);
    _PyObject_SetAttributeErrorContext(obj, name);
    return -1;
}

/* 1: the slot was changed, *old is what it held.  0: the dict has to do it, *dict is counted.  -1: error. */
static int
store_inline_lock_held(PyObject *obj, PyObject *name, PyObject *value, PyObject **old, PyDictObject **dict)
{
    PyDictObject *mp = _PyObject_GetManagedDict(obj);
    PyDictValues *values = _PyObject_InlineValues(obj);
    if (mp == NULL && values->valid && PyUnicode_CheckExact(name)) {
        PyDictKeysObject *dk = cached_keys(Py_TYPE(obj));
        Py_hash_t hash = key_hash(name);
        if (hash == -1) {
            return -1;
        }
        Py_ssize_t ix = value != NULL ? _PyDictKeys_InsertSplit(dk, name, hash)
                                      : _PyDictKeys_LookupUnicode(dk, name, hash);
        if (ix >= 0 && ix < values->capacity) {
            _PyContainer_Write(obj);
            *old = values->values[ix];
            if (*old == NULL && value == NULL) {
                return no_such_attribute(obj, name);
            }
            STORE_SLOT(values->values[ix], Py_XNewRef(value));
            if (*old == NULL) {
                _PyDictValues_AddToInsertionOrder(values, ix);
            }
            else if (value == NULL) {
                _PyDictValues_DeleteFromOrder(values, ix);
            }
            return 1;
        }
        if (value == NULL) {
            return no_such_attribute(obj, name);
        }
    }
    if (mp == NULL && (mp = materialize_lock_held(obj)) == NULL) {
        return -1;
    }
    *dict = (PyDictObject *)Py_NewRef(mp);
    return 0;
}

/* The dict's KeyError becomes obj's AttributeError. */
static int
set_in_dict(PyObject *obj, PyObject *dict, PyObject *name, PyObject *value)
{
    if (value != NULL) {
        return PyDict_SetItem(dict, name, value);
    }
    int deleted = PyDict_Pop(dict, name, NULL);
    if (deleted == 0) {
        return no_such_attribute(obj, name);
    }
    return deleted < 0 ? -1 : 0;
}

int
_PyObject_StoreInstanceAttribute(PyObject *obj, PyObject *name, PyObject *value)
{
    PyObject *old = NULL;
    PyDictObject *dict = NULL;
    int result;
    Py_BEGIN_CRITICAL_SECTION(obj);
    result = store_inline_lock_held(obj, name, value, &old, &dict);
    Py_END_CRITICAL_SECTION();
    if (result > 0) {
        _Py_RetireRef(obj, old);
        return 0;
    }
    if (result == 0) {
        result = set_in_dict(obj, (PyObject *)dict, name, value);
        Py_DECREF(dict);
    }
    return result;
}

bool
_PyObject_IsInstanceDictEmpty(PyObject *obj)
{
    PyTypeObject *tp = Py_TYPE(obj);
    if (tp->tp_dictoffset == 0) {
        return true;
    }
    PyObject *dict;
    if (tp->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
        PyDictValues *values = _PyObject_InlineValues(obj);
        _PyContainer_Touch(obj);
        if (DICT_VALUES_VALID(values)) {
            for (Py_ssize_t i = 0; i < values->capacity; i++) {
                if (LOAD_SLOT(values->values[i]) != NULL) {
                    return false;
                }
            }
            return true;
        }
        dict = (PyObject *)_PyObject_GetManagedDict(obj);
    }
    else if (tp->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        _PyContainer_Touch(obj);
        dict = (PyObject *)_PyObject_GetManagedDict(obj);
    }
    else {
        PyObject **slot = _PyObject_ComputedDictPointer(obj);
        _PyContainer_Touch(obj);
        dict = slot == NULL ? NULL : LOAD_SLOT(*slot);
    }
    return dict == NULL || dict_used(dict) == 0;
}

/* -- Dict slots that the type placed itself ---------------------------- */

static PyObject *
ensure_dict_lock_held(PyTypeObject *tp, PyObject *obj, PyObject **dictptr)
{
    PyObject *dict = *dictptr;
    if (dict == NULL) {
        dict = _PyObject_NewInstanceDict(tp);
        if (dict == NULL) {
            return NULL;
        }
        _PyContainer_Write(obj);
        _PyObject_SetShared(dict);
        STORE_SLOT(*dictptr, dict);
    }
    return Py_NewRef(dict);
}

int
_PyObjectDict_SetItem(PyTypeObject *tp, PyObject *obj, PyObject **dictptr, PyObject *name, PyObject *value)
{
    PyObject *dict;
    Py_BEGIN_CRITICAL_SECTION(obj);
    dict = ensure_dict_lock_held(tp, obj, dictptr);
    Py_END_CRITICAL_SECTION();
    if (dict == NULL) {
        return -1;
    }
    int result = value != NULL ? PyDict_SetItem(dict, name, value) : PyDict_DelItem(dict, name);
    Py_DECREF(dict);
    return result;
}

/* The __dict__ getter of types that have the slot. */
PyObject *
PyObject_GenericGetDict(PyObject *obj, void *Py_UNUSED(context))
{
    PyTypeObject *tp = Py_TYPE(obj);
    if (tp->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return _PyObject_GetOrMakeManagedDictRef(obj);
    }
    PyObject **dictptr = _PyObject_ComputedDictPointer(obj);
    if (dictptr == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return NULL;
    }
    PyObject *dict;
    Py_BEGIN_CRITICAL_SECTION(obj);
    dict = ensure_dict_lock_held(tp, obj, dictptr);
    Py_END_CRITICAL_SECTION();
    return dict;
}

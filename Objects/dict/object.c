/* The dict type: birth, death, comparison, text form, the mapping and sequence slots.

   Locking: see pycore_dict.h.  What compares or prints items holds the mutex and counts what it uses, because other
   code may run in between and change the dict. */
#include "dict_private.h"
#include "pycore_abstract.h"     // PyObject_LengthHint
#include "pycore_modsupport.h"   // _PyArg_CheckPositional

/* -- Birth and death -------------------------------------------------- */

static PyObject *
dict_init_fields(PyDictObject *mp, PyDictKeysObject *dk, PyDictValues *values, Py_ssize_t used)
{
    mp->ma_used = used;
    mp->_ma_watcher_tag = 0;
    mp->ma_keys = dk;
    mp->ma_values = values;
    return (PyObject *)mp;
}

/* Owns dk and values from now on, also on failure. */
PyObject *
_PyDict_NewFromKeys(PyDictKeysObject *dk, PyDictValues *values, Py_ssize_t used)
{
    PyDictObject *mp = PyObject_GC_New(PyDictObject, &PyDict_Type);
    if (mp == NULL) {
        if (values != NULL && !values->embedded) {
            for (Py_ssize_t i = 0; i < values->capacity; i++) {
                Py_XDECREF(values->values[i]);
            }
            PyMem_Free(values);
        }
        _PyDictKeys_DecRef(dk);
        return NULL;
    }
    dict_init_fields(mp, dk, values, used);
    _PyObject_GC_TRACK(mp);
    return (PyObject *)mp;
}

PyObject *
PyDict_New(void)
{
    return _PyDict_NewFromKeys(Py_EMPTY_KEYS, NULL, 0);
}

PyObject *
_PyDict_NewPresized(Py_ssize_t n)
{
    if (n <= USABLE_FRACTION(1 << DICT_LOG_MINSIZE)) {
        return PyDict_New();
    }
    /* A hint may be wrong by much: past this size the table grows by itself. */
    int log2_size = _PyDict_Log2SizeForEntries(Py_MIN(n, USABLE_FRACTION(128 * 1024)));
    PyDictKeysObject *dk = _PyDictKeys_New(log2_size, 1);
    return dk == NULL ? NULL : _PyDict_NewFromKeys(dk, NULL, 0);
}

static PyObject *
dict_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    PyObject *self = type->tp_alloc(type, 0);
    return self == NULL ? NULL : dict_init_fields((PyDictObject *)self, Py_EMPTY_KEYS, NULL, 0);
}

static void
dict_dealloc(PyObject *self)
{
    PyDictObject *mp = (PyDictObject *)self;
    if (mp->_ma_watcher_tag & DICT_WATCHER_MASK) {
        _PyObject_ResurrectStart(self);
        _PyDict_NotifyEvent(PyDict_EVENT_DEALLOCATED, mp, NULL, NULL);
        if (_PyObject_ResurrectEnd(self)) {
            return;
        }
    }
    PyObject_GC_UnTrack(self);
    PyDictValues *values = mp->ma_values;
    if (values != NULL && !values->embedded) {
        for (Py_ssize_t i = 0; i < values->capacity; i++) {
            Py_XDECREF(values->values[i]);
        }
        PyMem_Free(values);
    }
    _PyDictKeys_DecRef(mp->ma_keys);
    Py_TYPE(self)->tp_free(self);
}

static int
dict_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyDictObject *mp = (PyDictObject *)self;
    PyDictKeysObject *dk = mp->ma_keys;
    Py_ssize_t n = dk->dk_nentries;
    if (DK_IS_SPLIT(dk)) {
        PyDictValues *values = mp->ma_values;
        if (!values->embedded) {     // else the object visits them
            for (Py_ssize_t i = 0; i < values->capacity; i++) {
                Py_VISIT(values->values[i]);
            }
        }
    }
    else if (DK_IS_UNICODE(dk)) {
        PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_VISIT(entry[i].me_value);
        }
    }
    else {
        PyDictKeyEntry *entry = DK_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_VISIT(entry[i].me_value);
            Py_VISIT(entry[i].me_key);
        }
    }
    return 0;
}

static int
dict_tp_clear(PyObject *self)
{
    PyDict_Clear(self);
    return 0;
}

/* -- Filling ---------------------------------------------------------- */

/* dict(arg) and d.update(arg): a mapping has keys(), anything else gives pairs. */
static int
dict_update_arg(PyObject *self, PyObject *arg)
{
    if (PyDict_CheckExact(arg)) {
        return _PyDict_Merge(self, arg, 1);
    }
    int has_keys = PyObject_HasAttrWithError(arg, _Py_ID(keys));
    if (has_keys < 0) {
        return -1;
    }
    return has_keys ? _PyDict_Merge(self, arg, 1) : PyDict_MergeFromSeq2(self, arg, 1);
}

int
_PyDict_UpdateCommon(PyObject *self, PyObject *args, PyObject *kwds, const char *name)
{
    PyObject *arg = NULL;
    if (!PyArg_UnpackTuple(args, name, 0, 1, &arg)) {
        return -1;
    }
    if (arg != NULL && dict_update_arg(self, arg) < 0) {
        return -1;
    }
    if (kwds == NULL) {
        return 0;
    }
    return PyArg_ValidateKeywordArguments(kwds) ? _PyDict_Merge(self, kwds, 1) : -1;
}

static int
dict_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return _PyDict_UpdateCommon(self, args, kwds, "dict");
}

static PyObject *
dict_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_CheckPositional("dict", nargs, 0, 1)) {
        return NULL;
    }
    PyObject *self = type == (PyObject *)&PyDict_Type ? PyDict_New()
                                                      : dict_new((PyTypeObject *)type, NULL, NULL);
    if (self == NULL) {
        return NULL;
    }
    if (nargs == 1) {
        if (dict_update_arg(self, args[0]) < 0) {
            Py_DECREF(self);
            return NULL;
        }
        args++;
    }
    for (Py_ssize_t i = 0; kwnames != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyDict_SetItem(self, PyTuple_GET_ITEM(kwnames, i), args[i]) < 0) {
            Py_DECREF(self);
            return NULL;
        }
    }
    return self;
}

/* -- Text form -------------------------------------------------------- */

static int
write_item(PyUnicodeWriter *writer, PyObject *key, PyObject *value)
{
    return PyUnicodeWriter_WriteRepr(writer, key) < 0
        || PyUnicodeWriter_WriteChar(writer, ':') < 0
        || PyUnicodeWriter_WriteChar(writer, ' ') < 0
        || PyUnicodeWriter_WriteRepr(writer, value) < 0 ? -1 : 0;
}

static int
write_items_lock_held(PyDictObject *mp, PyUnicodeWriter *writer)
{
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    for (int first = 1; _PyDict_Next_lock_held(mp, &pos, &key, &value, &hash); first = 0) {
        Py_INCREF(key);
        Py_INCREF(value);
        int error = first ? 0 : PyUnicodeWriter_WriteASCII(writer, ", ", 2);
        if (error == 0) {
            error = write_item(writer, key, value);
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (error < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
dict_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("{...}") : NULL;
    }
    PyObject *result = NULL;
    PyUnicodeWriter *writer;
    if (dict_used(self) == 0) {
        result = PyUnicode_FromString("{}");
        goto done;
    }
    /* "{", the shortest item "1: 2", ", 3: 4" for each other, "}" */
    writer = PyUnicodeWriter_Create(1 + 4 + 6 * (dict_used(self) - 1) + 1);
    if (writer == NULL) {
        goto done;
    }
    int error = PyUnicodeWriter_WriteChar(writer, '{');
    if (error == 0) {
        Py_BEGIN_CRITICAL_SECTION(self);
        error = write_items_lock_held((PyDictObject *)self, writer);
        Py_END_CRITICAL_SECTION();
    }
    if (error == 0) {
        error = PyUnicodeWriter_WriteChar(writer, '}');
    }
    if (error < 0) {
        PyUnicodeWriter_Discard(writer);
    }
    else {
        result = PyUnicodeWriter_Finish(writer);
    }
done:
    Py_ReprLeave(self);
    return result;
}

/* -- Comparing -------------------------------------------------------- */

/* 1, 0, -1: does b have key with an equal value? */
static int
has_equal_item(PyDictObject *b, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyObject *other;
    if (_Py_dict_lookup(b, key, hash, &other) == DKIX_ERROR) {
        return -1;
    }
    if (other == NULL) {
        return 0;
    }
    Py_INCREF(other);
    int same = PyObject_RichCompareBool(value, other, Py_EQ);
    Py_DECREF(other);
    return same;
}

static int
dict_equal_lock_held(PyDictObject *a, PyDictObject *b)
{
    if (a->ma_used != b->ma_used) {
        return 0;
    }
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (_PyDict_Next_lock_held(a, &pos, &key, &value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int same = has_equal_item(b, key, hash, value);
        Py_DECREF(key);
        Py_DECREF(value);
        if (same <= 0) {
            return same;
        }
    }
    return 1;
}

static PyObject *
dict_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyDict_Check(self) || !PyDict_Check(other) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int same;
    Py_BEGIN_CRITICAL_SECTION2(self, other);
    same = dict_equal_lock_held((PyDictObject *)self, (PyDictObject *)other);
    Py_END_CRITICAL_SECTION2();
    return same < 0 ? NULL : PyBool_FromLong(same == (op == Py_EQ));
}

/* -- Mapping, sequence and number slots -------------------------------- */

static Py_ssize_t
dict_length(PyObject *self)
{
    return dict_used(self);
}

static PyObject *
dict_missing(PyObject *self, PyObject *key)
{
    if (!PyDict_CheckExact(self)) {
        PyObject *missing = _PyObject_LookupSpecial(self, _Py_ID(__missing__));
        if (missing != NULL) {
            PyObject *value = PyObject_CallOneArg(missing, key);
            Py_DECREF(missing);
            return value;
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    _PyErr_SetKeyError(key);
    return NULL;
}

PyObject *
_PyDict_Subscript(PyObject *self, PyObject *key)
{
    PyObject *value;
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return NULL;
    }
    int found = _PyDict_FindRef((PyDictObject *)self, key, hash, &value);
    if (found < 0) {
        return NULL;
    }
    return found ? value : dict_missing(self, key);
}

static int
dict_ass_sub(PyObject *self, PyObject *key, PyObject *value)
{
    return value == NULL ? PyDict_DelItem(self, key) : PyDict_SetItem(self, key, value);
}

static PyObject *
dict_or(PyObject *self, PyObject *other)
{
    if (!PyDict_Check(self) || !PyDict_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = PyDict_Copy(self);
    if (result != NULL && dict_update_arg(result, other) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
dict_ior(PyObject *self, PyObject *other)
{
    return dict_update_arg(self, other) < 0 ? NULL : Py_NewRef(self);
}

static PyMappingMethods dict_as_mapping = {
    .mp_length = dict_length,
    .mp_subscript = _PyDict_Subscript,
    .mp_ass_subscript = dict_ass_sub,
};

static PySequenceMethods dict_as_sequence = {
    .sq_contains = PyDict_Contains,
};

static PyNumberMethods dict_as_number = {
    .nb_or = dict_or,
    .nb_inplace_or = dict_ior,
};

PyDoc_STRVAR(dict_doc,
"dict() -> new empty dictionary\n"
"dict(mapping) -> the items of a mapping object\n"
"dict(iterable) -> one item for each (key, value) pair\n"
"dict(**kwargs) -> one item for each keyword argument, as in dict(one=1, two=2)");

PyTypeObject PyDict_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict",
    .tp_basicsize = sizeof(PyDictObject),
    .tp_dealloc = dict_dealloc,
    .tp_repr = dict_repr,
    .tp_as_number = &dict_as_number,
    .tp_as_sequence = &dict_as_sequence,
    .tp_as_mapping = &dict_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
              | Py_TPFLAGS_DICT_SUBCLASS | _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_MAPPING,
    .tp_doc = dict_doc,
    .tp_traverse = dict_traverse,
    .tp_clear = dict_tp_clear,
    .tp_richcompare = dict_richcompare,
    .tp_iter = _PyDict_Iter,
    .tp_methods = _PyDict_methods,
    .tp_init = dict_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = dict_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = dict_vectorcall,
};

/* -- Checks of the debug build ----------------------------------------- */

#define CHECK(expr) \
    do { if (!(expr)) { _PyObject_ASSERT_FAILED_MSG((PyObject *)mp, #expr); } } while (0)

int
_PyDict_CheckConsistency(PyObject *op, int check_content)
{
    PyDictObject *mp = (PyDictObject *)op;
    PyDictKeysObject *dk = mp->ma_keys;
    CHECK(PyDict_Check(op));
    CHECK(mp->ma_used >= 0);
    CHECK(dk->dk_nentries >= 0 && dk->dk_usable >= 0);
    CHECK(dk->dk_nentries + dk->dk_usable <= USABLE_FRACTION(DK_SIZE(dk)) || dk == Py_EMPTY_KEYS);
    if (DK_IS_SPLIT(dk)) {
        CHECK(mp->ma_values != NULL);
        CHECK(mp->ma_used == mp->ma_values->size);
        CHECK(dk->dk_nentries <= SHARED_KEYS_MAX_SIZE);
    }
    else {
        CHECK(mp->ma_values == NULL);
        CHECK(mp->ma_used <= dk->dk_nentries);
    }
    if (!check_content) {
        return 1;
    }
    for (Py_ssize_t i = 0; i < DK_SIZE(dk); i++) {
        Py_ssize_t ix = dk_get_index(dk, (size_t)i);
        CHECK(ix >= DKIX_DUMMY && ix < dk->dk_nentries);
        if (ix >= 0) {
            CHECK(*_PyDictKeys_KeySlot(dk, ix) != NULL);
            CHECK(!DK_IS_UNICODE(dk) || PyUnicode_CheckExact(*_PyDictKeys_KeySlot(dk, ix)));
        }
    }
    return 1;
}

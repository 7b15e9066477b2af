/* set and frozenset: birth, death, text form, the C API, the iterator.

   A frozenset does not change once its constructor has returned.  A set's changes hold its mutex (set_private.h). */
#include "set_private.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_ceval.h"        // _PyEval_GetBuiltin
#include "pycore_modsupport.h"   // _PyArg_NoKeywords

/* -- Birth and death -------------------------------------------------- */

PyObject *
_PySet_Make(PyTypeObject *type, PyObject *iterable)
{
    PySetObject *so = (PySetObject *)type->tp_alloc(type, 0);
    if (so == NULL) {
        return NULL;
    }
    so->fill = 0;
    so->used = 0;
    so->mask = SMALL_MASK;
    so->table = so->smalltable;
    so->hash = -1;
    so->finger = 0;
    so->weakreflist = NULL;
    if (iterable != NULL && _PySet_Update((PyObject *)so, iterable) < 0) {
        Py_DECREF(so);
        return NULL;
    }
    return (PyObject *)so;
}

PyObject *
_PySet_MakeBase(PySetObject *so, PyObject *iterable)
{
    return _PySet_Make(PySet_Check(so) ? &PySet_Type : &PyFrozenSet_Type, iterable);
}

static void
set_dealloc(PyObject *self)
{
    PySetObject *so = SET(self);
    PyObject_GC_UnTrack(self);
    if (so->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_ssize_t used = so->used;
    for (setentry *entry = so->table; used > 0; entry++) {
        if (set_is_live(entry->key)) {
            used--;
            Py_DECREF(entry->key);
        }
    }
    if (so->table != so->smalltable) {
        PyMem_Free(set_block_of(so->table));
    }
    Py_TYPE(self)->tp_free(self);
}

static int
set_traverse(PyObject *self, visitproc visit, void *arg)
{
    PySetObject *so = SET(self);
    for (Py_ssize_t i = 0; i <= so->mask; i++) {
        if (so->table[i].key != _PySet_Dummy) {
            Py_VISIT(so->table[i].key);
        }
    }
    return 0;
}

static int
set_tp_clear(PyObject *self)
{
    Py_BEGIN_CRITICAL_SECTION(self);
    _PySet_Clear_lock_held(SET(self));
    Py_END_CRITICAL_SECTION();
    return 0;
}

static PyObject *
set_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    return _PySet_Make(type, NULL);
}

static int
set_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *iterable = NULL;
    if (!_PyArg_NoKeywords("set", kwds) || !PyArg_UnpackTuple(args, Py_TYPE(self)->tp_name, 0, 1, &iterable)) {
        return -1;
    }
    if (SET(self)->fill != 0) {
        set_tp_clear(self);
    }
    return iterable == NULL ? 0 : _PySet_Update(self, iterable);
}

static PyObject *
set_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("set", kwnames) || !_PyArg_CheckPositional("set", nargs, 0, 1)) {
        return NULL;
    }
    return _PySet_Make((PyTypeObject *)type, nargs == 0 ? NULL : args[0]);
}

static PyObject *
make_frozenset(PyTypeObject *type, PyObject *iterable)
{
    if (type == &PyFrozenSet_Type && iterable != NULL && PyFrozenSet_CheckExact(iterable)) {
        return Py_NewRef(iterable);
    }
    return _PySet_Make(type, iterable);
}

static PyObject *
frozenset_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *iterable = NULL;
    if ((type == &PyFrozenSet_Type || type->tp_init == PyFrozenSet_Type.tp_init)
        && !_PyArg_NoKeywords("frozenset", kwds)) {
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, type->tp_name, 0, 1, &iterable)) {
        return NULL;
    }
    return make_frozenset(type, iterable);
}

static PyObject *
frozenset_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("frozenset", kwnames) || !_PyArg_CheckPositional("frozenset", nargs, 0, 1)) {
        return NULL;
    }
    return make_frozenset((PyTypeObject *)type, nargs == 0 ? NULL : args[0]);
}

/* -- Text form and hash -------------------------------------------------- */

static PyObject *
set_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name) : NULL;
    }
    PyObject *result = NULL;
    if (set_used(self) == 0) {
        result = PyUnicode_FromFormat("%s()", Py_TYPE(self)->tp_name);
    }
    else {
        PyObject *list = PySequence_List(self);
        PyObject *text = list == NULL ? NULL : PyObject_Repr(list);
        Py_XDECREF(list);
        PyObject *inner = text == NULL ? NULL : PyUnicode_Substring(text, 1, PyUnicode_GET_LENGTH(text) - 1);
        Py_XDECREF(text);
        if (inner != NULL) {
            result = PySet_CheckExact(self) ? PyUnicode_FromFormat("{%U}", inner)
                                            : PyUnicode_FromFormat("%s({%U})", Py_TYPE(self)->tp_name, inner);
            Py_DECREF(inner);
        }
    }
    Py_ReprLeave(self);
    return result;
}

/* Spreads nearby hashes, so that sets of neighbouring numbers do not cancel out. */
static Py_uhash_t
shuffle_bits(Py_uhash_t h)
{
    return ((h ^ 89869747UL) ^ (h << 16)) * 3644798167UL;
}

static Py_hash_t
frozenset_hash(PyObject *self)
{
    PySetObject *so = SET(self);
    Py_hash_t known = FT_ATOMIC_LOAD_SSIZE_RELAXED(so->hash);
    if (known != -1) {
        return known;
    }
    Py_uhash_t hash = 0;
    for (Py_ssize_t i = 0; i <= so->mask; i++) {
        if (set_is_live(so->table[i].key)) {
            hash ^= shuffle_bits((Py_uhash_t)so->table[i].hash);
        }
    }
    hash ^= ((Py_uhash_t)so->used + 1) * 1927868237UL;
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash * 69069U + 907133923UL;
    if (hash == (Py_uhash_t)-1) {
        hash = 590923713UL;
    }
    FT_ATOMIC_STORE_SSIZE_RELAXED(so->hash, (Py_hash_t)hash);
    return (Py_hash_t)hash;
}

static Py_ssize_t
set_length(PyObject *self)
{
    return set_used(self);
}

static PySequenceMethods set_as_sequence = {
    .sq_length = set_length,
    .sq_contains = _PySet_ContainsKey,
};

/* -- The types -------------------------------------------------------- */

#define SET_SLOTS(name)                                            \
    PyVarObject_HEAD_INIT(&PyType_Type, 0)                         \
    .tp_name = name,                                               \
    .tp_basicsize = sizeof(PySetObject),                           \
    .tp_dealloc = set_dealloc,                                     \
    .tp_repr = set_repr,                                           \
    .tp_as_sequence = &set_as_sequence,                            \
    .tp_getattro = PyObject_GenericGetAttr,                        \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF, \
    .tp_traverse = set_traverse,                                   \
    .tp_richcompare = _PySet_RichCompare,                          \
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),       \
    .tp_iter = _PySet_Iter,                                        \
    .tp_alloc = PyType_GenericAlloc,                               \
    .tp_free = PyObject_GC_Del

PyDoc_STRVAR(set_doc, "set(iterable=(), /)\n--\n\nA collection of different elements, in no order.");
PyDoc_STRVAR(frozenset_doc, "frozenset(iterable=(), /)\n--\n\nA set that does not change and has a hash.");

PyTypeObject PySet_Type = {
    SET_SLOTS("set"),
    .tp_as_number = &_PySet_as_number,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_doc = set_doc,
    .tp_clear = set_tp_clear,
    .tp_methods = _PySet_methods,
    .tp_init = set_init,
    .tp_new = set_new,
    .tp_vectorcall = set_vectorcall,
};

PyTypeObject PyFrozenSet_Type = {
    SET_SLOTS("frozenset"),
    .tp_as_number = &_PyFrozenSet_as_number,
    .tp_hash = frozenset_hash,
    .tp_doc = frozenset_doc,
    .tp_clear = set_tp_clear,
    .tp_methods = _PyFrozenSet_methods,
    .tp_new = frozenset_new,
    .tp_vectorcall = frozenset_vectorcall,
};

/* -- The iterator -------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PySetObject *si_set;     // atomic: NULL when exhausted
    Py_ssize_t si_used;      // relaxed: -1 after the set changed size
    Py_ssize_t si_pos;       // relaxed
    Py_ssize_t si_left;      // relaxed: for __length_hint__
} setiterobject;

#define ITER(op) ((setiterobject *)(op))

PyObject *
_PySet_Iter(PyObject *so)
{
    setiterobject *si = PyObject_GC_New(setiterobject, &PySetIter_Type);
    if (si == NULL) {
        return NULL;
    }
    si->si_set = (PySetObject *)Py_NewRef(so);
    si->si_used = set_used(so);
    si->si_left = si->si_used;
    si->si_pos = 0;
    _PyObject_GC_TRACK(si);
    return (PyObject *)si;
}

static void
setiter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(ITER(self)->si_set);
    PyObject_GC_Del(self);
}

static int
setiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(ITER(self)->si_set);
    return 0;
}

static PyObject *
setiter_next(PyObject *self)
{
    setiterobject *si = ITER(self);
    _PyContainer_Touch(self);
    PySetObject *so = (PySetObject *)_PyContainer_PeekContainer(si->si_set);
    if (so == NULL) {
        return NULL;
    }
    if (FT_ATOMIC_LOAD_SSIZE_RELAXED(si->si_used) != set_used((PyObject *)so)) {
        PyErr_SetString(PyExc_RuntimeError, "Set changed size during iteration");
        FT_ATOMIC_STORE_SSIZE_RELAXED(si->si_used, -1);     // and stays wrong
        return NULL;
    }
    Py_ssize_t pos = FT_ATOMIC_LOAD_SSIZE_RELAXED(si->si_pos);
    PyObject *key;
    Py_hash_t hash;
    if (_PySet_NextRef(so, &pos, &key, &hash)) {
        FT_ATOMIC_STORE_SSIZE_RELAXED(si->si_pos, pos);
        FT_ATOMIC_STORE_SSIZE_RELAXED(si->si_left, FT_ATOMIC_LOAD_SSIZE_RELAXED(si->si_left) - 1);
        return key;
    }
    FT_ATOMIC_STORE_SSIZE_RELAXED(si->si_pos, pos);
    _PyContainer_ClearSlot(si, si->si_set);
    return NULL;
}

static PyObject *
setiter___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t left = 0;
    _PyContainer_Touch(self);
    PyObject *so = _PyContainer_Peek(ITER(self)->si_set);
    if (so != NULL && FT_ATOMIC_LOAD_SSIZE_RELAXED(ITER(self)->si_used) == set_used(so)) {
        left = FT_ATOMIC_LOAD_SSIZE_RELAXED(ITER(self)->si_left);
    }
    return PyLong_FromSsize_t(left);
}

/* A list of what is left; self does not move. */
static PyObject *
setiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyContainer_Touch(self);
    PyObject *so = Py_XNewRef(_PyContainer_Peek(ITER(self)->si_set));
    PyObject *list;
    if (so == NULL) {
        list = PyList_New(0);
    }
    else {
        setiterobject *twin = ITER(_PySet_Iter(so));
        Py_DECREF(so);
        if (twin == NULL) {
            return NULL;
        }
        twin->si_used = ITER(self)->si_used;
        twin->si_pos = ITER(self)->si_pos;
        twin->si_left = ITER(self)->si_left;
        list = PySequence_List((PyObject *)twin);
        Py_DECREF(twin);
    }
    return list == NULL ? NULL : Py_BuildValue("N(N)", _PyEval_GetBuiltin(_Py_ID(iter)), list);
}

static PyMethodDef setiter_methods[] = {
    PY_METHOD(setiter, __length_hint__, METH_NOARGS, "($self, /)", "Number of elements that are left, as a guess."),
    PY_METHOD(setiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

PyTypeObject PySetIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "set_iterator",
    .tp_basicsize = sizeof(setiterobject),
    .tp_dealloc = setiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = setiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = setiter_next,
    .tp_methods = setiter_methods,
};

/* -- The C API -------------------------------------------------------- */

static int
check_any_set(PyObject *op)
{
    if (PyAnySet_Check(op)) {
        return 1;
    }
    PyErr_BadInternalCall();
    return 0;
}

PyObject *
PySet_New(PyObject *iterable)
{
    return _PySet_Make(&PySet_Type, iterable);
}

PyObject *
PyFrozenSet_New(PyObject *iterable)
{
    return make_frozenset(&PyFrozenSet_Type, iterable);
}

Py_ssize_t
PySet_Size(PyObject *op)
{
    return check_any_set(op) ? set_used(op) : -1;
}

int
PySet_Clear(PyObject *op)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_tp_clear(op);
}

int
PySet_Contains(PyObject *op, PyObject *key)
{
    if (!check_any_set(op)) {
        return -1;
    }
    Py_hash_t hash = _PySet_HashKey(key);
    return hash == -1 ? -1 : _PySet_ContainsHashed(SET(op), key, hash);
}

int
_PySet_Contains(PySetObject *so, PyObject *key)
{
    return _PySet_ContainsKey((PyObject *)so, key);
}

int
PySet_Discard(PyObject *op, PyObject *key)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = _PySet_HashKey(key);
    return hash == -1 ? -1 : _PySet_DiscardHashed(SET(op), key, hash);
}

/* A frozenset too, while the caller is the only one that knows it. */
int
PySet_Add(PyObject *op, PyObject *key)
{
    if (!PySet_Check(op) && (!PyFrozenSet_Check(op) || Py_REFCNT(op) != 1)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = _PySet_HashKey(key);
    return hash == -1 ? -1 : _PySet_AddHashed(SET(op), key, hash);
}

int
_PySet_AddTakeRef(PySetObject *so, PyObject *key)
{
    Py_hash_t hash = _PySet_HashKey(key);
    int error = hash == -1 ? -1 : _PySet_AddHashed(so, key, hash);
    Py_DECREF(key);
    return error;
}

int
_PySet_NextEntry(PyObject *op, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash)
{
    if (!check_any_set(op)) {
        return -1;
    }
    if (!_PySet_NextRef(SET(op), pos, key, hash)) {
        return 0;
    }
    Py_DECREF(*key);      // borrowed: the set holds it
    return 1;
}

int
_PySet_NextEntryRef(PyObject *op, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash)
{
    if (!check_any_set(op)) {
        return -1;
    }
    return _PySet_NextRef(SET(op), pos, key, hash);
}

static PyObject *
pop_lock_held(PySetObject *so)
{
    if (so->used == 0) {
        PyErr_SetString(PyExc_KeyError, "pop from an empty set");
        return NULL;
    }
    /* The finger remembers where the last pop stopped, so that popping all is linear. */
    setentry *entry = so->table + (so->finger & so->mask);
    setentry *last = so->table + so->mask;
    while (!set_is_live(entry->key)) {
        entry = entry < last ? entry + 1 : so->table;
    }
    _PyContainer_Write(so);
    PyObject *key = entry->key;
    FT_ATOMIC_STORE_SSIZE_RELAXED(entry->hash, -1);
    FT_ATOMIC_STORE_PTR_RELEASE(entry->key, _PySet_Dummy);
    FT_ATOMIC_STORE_SSIZE_RELAXED(so->used, so->used - 1);
    so->finger = entry - so->table + 1;
    return _PyContainer_Take(so, key);
}

PyObject *
PySet_Pop(PyObject *op)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *key;
    Py_BEGIN_CRITICAL_SECTION(op);
    key = pop_lock_held(SET(op));
    Py_END_CRITICAL_SECTION();
    return key;
}

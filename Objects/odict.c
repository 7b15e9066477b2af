/* OrderedDict: a dict whose order can be changed.

   The order is a doubly linked list of nodes, one for each key.  A node is found through the dict: od_nodes has a slot for
   each entry number of the key table it was made for (od_table); when the dict has another table by now, or a slot does not
   fit its entry, the slots are made again.  Whoever changes the dict behind our back (dict.__setitem__ on an
   OrderedDict) leaves keys without nodes or nodes without keys: those are errors where they are met, not crashes.

   Locking: nodes, slots and od_state are guarded by the object's mutex, like the dict part.
   Idea of the slots: E. Snow's C version of OrderedDict for CPython 3.5. */
#include "Python.h"
#include "dict/dict_private.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_ceval.h"        // _PyEval_GetBuiltin
#include "pycore_modsupport.h"   // _PyArg_UnpackKeywords
#include "pycore_pyerrors.h"     // _PyErr_SetKeyError
#include "pycore_tuple.h"        // _PyTuple_FromPairSteal
#include "pycore_typeobject.h"   // _PyType_Name, _PyObject_GetState
#include <stddef.h>              // offsetof

typedef struct odict_node {
    PyObject *key;
    Py_hash_t hash;
    struct odict_node *next;
    struct odict_node *prev;
} odict_node;

struct _odictobject {
    PyDictObject od_dict;            // first
    odict_node **od_nodes;           // by entry number of od_table
    Py_ssize_t od_nodes_size;
    PyDictKeysObject *od_table;      // compared only, never read
    odict_node *od_first;
    odict_node *od_last;
    size_t od_state;                 // changes with every change of the order
    PyObject *od_inst_dict;          // __dict__
    PyObject *od_weakreflist;
};

#define OD(op) ((PyODictObject *)(op))
#define OD_KEYS(od) ((od)->od_dict.ma_keys)

/* -- Nodes (mutex held) ------------------------------------------------ */

static int
rebuild_slots(PyODictObject *od)
{
    PyDictKeysObject *dk = OD_KEYS(od);
    Py_ssize_t size = dk->dk_nentries + dk->dk_usable;
    odict_node **slots = PyMem_Calloc((size_t)Py_MAX(size, 1), sizeof(odict_node *));
    if (slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (odict_node *node = od->od_first; node != NULL; node = node->next) {
        PyObject *value;
        Py_ssize_t ix = _Py_dict_lookup(&od->od_dict, node->key, node->hash, &value);
        if (ix == DKIX_ERROR || (dk != OD_KEYS(od))) {
            PyMem_Free(slots);
            if (ix != DKIX_ERROR) {
                PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            }
            return -1;
        }
        if (ix >= 0 && ix < size) {
            slots[ix] = node;
        }
    }
    PyMem_Free(od->od_nodes);
    od->od_nodes = slots;
    od->od_nodes_size = size;
    od->od_table = dk;
    return 0;
}

static int
slots_fit(PyODictObject *od, Py_ssize_t ix)
{
    if (od->od_table != OD_KEYS(od) || ix >= od->od_nodes_size) {
        return 0;
    }
    odict_node *node = od->od_nodes[ix];
    return node == NULL || node->key == *_PyDictKeys_KeySlot(OD_KEYS(od), ix);
}

/* Entry number of key with slots that fit it, DKIX_EMPTY, or DKIX_ERROR. */
static Py_ssize_t
find_index(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup(&od->od_dict, key, hash, &value);
    if (ix < 0 || slots_fit(od, ix)) {
        return ix;
    }
    return rebuild_slots(od) < 0 ? DKIX_ERROR : ix;
}

/* NULL, perhaps with an exception. */
static odict_node *
find_node(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    if (od->od_first == NULL) {
        return NULL;
    }
    Py_ssize_t ix = find_index(od, key, hash);
    return ix < 0 ? NULL : od->od_nodes[ix];
}

static void
link_last(PyODictObject *od, odict_node *node)
{
    node->next = NULL;
    node->prev = od->od_last;
    if (od->od_last == NULL) {
        od->od_first = node;
    }
    else {
        od->od_last->next = node;
    }
    od->od_last = node;
    od->od_state++;
}

static void
link_first(PyODictObject *od, odict_node *node)
{
    node->prev = NULL;
    node->next = od->od_first;
    if (od->od_first == NULL) {
        od->od_last = node;
    }
    else {
        od->od_first->prev = node;
    }
    od->od_first = node;
    od->od_state++;
}

static void
unlink_node(PyODictObject *od, odict_node *node)
{
    *(node->prev == NULL ? &od->od_first : &node->prev->next) = node->next;
    *(node->next == NULL ? &od->od_last : &node->next->prev) = node->prev;
    node->prev = node->next = NULL;
    od->od_state++;
}

static void
free_node(odict_node *node)
{
    Py_DECREF(node->key);
    PyMem_Free(node);
}

/* key is in the dict; it gets a node if it has none. */
static int
ensure_node(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    Py_ssize_t ix = find_index(od, key, hash);
    if (ix < 0) {
        if (ix == DKIX_EMPTY) {
            _PyErr_SetKeyError(key);
        }
        return -1;
    }
    if (od->od_table != OD_KEYS(od) && rebuild_slots(od) < 0) {
        return -1;
    }
    if (od->od_nodes[ix] != NULL) {
        return 0;
    }
    odict_node *node = PyMem_Malloc(sizeof(odict_node));
    if (node == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    /* The dict's own key object, so that slots_fit() can compare by identity. */
    node->key = Py_NewRef(*_PyDictKeys_KeySlot(OD_KEYS(od), ix));
    node->hash = hash;
    link_last(od, node);
    od->od_nodes[ix] = node;
    return 0;
}

/* Takes key's node out; no error if there is none.  The node is freed by the caller. */
static int
take_node(PyODictObject *od, PyObject *key, Py_hash_t hash, odict_node **taken)
{
    *taken = NULL;
    if (od->od_first == NULL) {
        return 0;
    }
    Py_ssize_t ix = find_index(od, key, hash);
    if (ix < 0) {
        return ix == DKIX_ERROR ? -1 : 0;
    }
    odict_node *node = od->od_nodes[ix];
    if (node != NULL) {
        od->od_nodes[ix] = NULL;
        unlink_node(od, node);
        *taken = node;
    }
    return 0;
}

static void
clear_nodes(PyODictObject *od)
{
    PyMem_Free(od->od_nodes);
    od->od_nodes = NULL;
    od->od_nodes_size = 0;
    od->od_table = NULL;
    odict_node *node = od->od_first;
    od->od_first = od->od_last = NULL;
    od->od_state++;
    while (node != NULL) {
        odict_node *next = node->next;
        free_node(node);
        node = next;
    }
}

/* -- Items ------------------------------------------------------------ */

static int
set_item_lock_held(PyODictObject *od, PyObject *key, PyObject *value, Py_hash_t hash)
{
    if (_PyDict_SetItem_KnownHash_LockHeld(&od->od_dict, key, value, hash) < 0) {
        return -1;
    }
    if (ensure_node(od, key, hash) < 0) {
        /* Leave no key without a place. */
        PyObject *exc = PyErr_GetRaisedException();
        if (_PyDict_DelItem_KnownHash_LockHeld((PyObject *)od, key, hash) < 0) {
            PyErr_Clear();
        }
        PyErr_SetRaisedException(exc);
        return -1;
    }
    return 0;
}

int
PyODict_SetItem(PyObject *od, PyObject *key, PyObject *value)
{
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    int error;
    Py_BEGIN_CRITICAL_SECTION(od);
    error = set_item_lock_held(OD(od), key, value, hash);
    Py_END_CRITICAL_SECTION();
    return error;
}

static int
del_item_lock_held(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    odict_node *node;
    if (take_node(od, key, hash, &node) < 0) {
        return -1;
    }
    int error = _PyDict_DelItem_KnownHash_LockHeld((PyObject *)od, key, hash);
    if (node != NULL) {
        free_node(node);
    }
    return error;
}

int
PyODict_DelItem(PyObject *od, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    int error;
    Py_BEGIN_CRITICAL_SECTION(od);
    error = del_item_lock_held(OD(od), key, hash);
    Py_END_CRITICAL_SECTION();
    return error;
}

PyObject *
PyODict_New(void)
{
    return PyDict_Type.tp_new(&PyODict_Type, NULL, NULL);
}

static int
odict_ass_sub(PyObject *od, PyObject *key, PyObject *value)
{
    return value == NULL ? PyODict_DelItem(od, key) : PyODict_SetItem(od, key, value);
}

static PyMappingMethods odict_as_mapping = {.mp_ass_subscript = odict_ass_sub};

/* -- Update ------------------------------------------------------------- */

/* self[key] = value for a pair. */
static int
add_pair(PyObject *self, PyObject *pair)
{
    PyObject *iter = PyObject_GetIter(pair);
    if (iter == NULL) {
        return -1;
    }
    PyObject *parts[3] = {NULL, NULL, NULL};
    int n = 0, error = -1;
    while (n < 3 && (parts[n] = PyIter_Next(iter)) != NULL) {
        n++;
    }
    if (!PyErr_Occurred()) {
        if (n == 2) {
            error = PyObject_SetItem(self, parts[0], parts[1]);
        }
        else if (n > 2) {
            PyErr_SetString(PyExc_ValueError, "too many values to unpack (expected 2)");
        }
        else {
            PyErr_Format(PyExc_ValueError, "need more than %d value%s to unpack", n, n == 1 ? "" : "s");
        }
    }
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(parts[i]);
    }
    Py_DECREF(iter);
    return error;
}

static int
add_pairs(PyObject *self, PyObject *pairs)
{
    PyObject *iter = PyObject_GetIter(pairs);
    if (iter == NULL) {
        return -1;
    }
    PyObject *pair;
    int error = 0;
    while (error == 0 && (pair = PyIter_Next(iter)) != NULL) {
        error = add_pair(self, pair);
        Py_DECREF(pair);
    }
    Py_DECREF(iter);
    return error < 0 || PyErr_Occurred() ? -1 : 0;
}

/* Steals keys. */
static int
add_from_keys(PyObject *self, PyObject *other, PyObject *keys)
{
    PyObject *iter = keys == NULL ? NULL : PyObject_GetIter(keys);
    Py_XDECREF(keys);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    int error = 0;
    while (error == 0 && (key = PyIter_Next(iter)) != NULL) {
        PyObject *value = PyObject_GetItem(other, key);
        error = value == NULL ? -1 : PyObject_SetItem(self, key, value);
        Py_XDECREF(value);
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    return error < 0 || PyErr_Occurred() ? -1 : 0;
}

/* Steals items. */
static int
add_from_items(PyObject *self, PyObject *items)
{
    if (items == NULL) {
        return -1;
    }
    int error = add_pairs(self, items);
    Py_DECREF(items);
    return error;
}

/* As MutableMapping.update(other): always through self's __setitem__. */
static int
update_arg(PyObject *self, PyObject *other)
{
    if (PyDict_CheckExact(other)) {
        return add_from_items(self, PyDict_Items(other));
    }
    PyObject *method;
    int there = PyObject_GetOptionalAttr(other, _Py_ID(keys), &method);
    if (there > 0) {
        PyObject *keys = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        return add_from_keys(self, other, keys);
    }
    if (there == 0) {
        there = PyObject_GetOptionalAttr(other, _Py_ID(items), &method);
        if (there > 0) {
            PyObject *items = PyObject_CallNoArgs(method);
            Py_DECREF(method);
            return add_from_items(self, items);
        }
    }
    return there < 0 ? -1 : add_pairs(self, other);
}

static int
update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) == 1) {
        PyObject *other = Py_NewRef(PyTuple_GET_ITEM(args, 0));
        int error = update_arg(self, other);
        Py_DECREF(other);
        if (error < 0) {
            return -1;
        }
    }
    return kwargs == NULL ? 0 : add_from_items(self, PyDict_Items(kwargs));
}

static PyObject *
odict_update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 1) {
        PyErr_Format(PyExc_TypeError, "update() takes at most 1 positional argument (%zd given)",
                     PyTuple_GET_SIZE(args));
        return NULL;
    }
    return update(self, args, kwargs) < 0 ? NULL : Py_NewRef(Py_None);
}

static int
odict_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 1) {
        PyErr_Format(PyExc_TypeError, "expected at most 1 argument, got %zd", n);
        return -1;
    }
    return update(self, args, kwds);
}

/* -- Methods ---------------------------------------------------------- */

/* Unpacks up to two arguments named key and `second`; key is required. */
static int
unpack_key_and(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser, int required,
               PyObject **first, PyObject **second)
{
    PyObject *buffer[2];
    PyObject *const *parsed = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, parser, required, 2, 0, 0, buffer);
    if (parsed == NULL) {
        return -1;
    }
    *first = parsed[0];
    *second = parsed[1];
    return 0;
}

static PyObject *
odict_fromkeys(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"iterable", "value", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "fromkeys"};
    PyObject *iterable, *value;
    if (unpack_key_and(args, nargs, kwnames, &parser, 1, &iterable, &value) < 0) {
        return NULL;
    }
    return _PyDict_FromKeys(type, iterable, value == NULL ? Py_None : value);
}

static PyObject *
odict___sizeof___lock_held(PyODictObject *od)
{
    Py_ssize_t size = _PyDict_SizeOf_LockHeld(&od->od_dict);
    size += od->od_nodes_size * (Py_ssize_t)sizeof(odict_node *);
    for (odict_node *node = od->od_first; node != NULL; node = node->next) {
        size += (Py_ssize_t)sizeof(odict_node);
    }
    return PyLong_FromSsize_t(size);
}
PY_LOCKED_NOARGS(odict, __sizeof__, PyODictObject)

static PyObject *
odict___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) {
        return NULL;
    }
    PyObject *items = PyObject_CallMethodNoArgs(self, _Py_ID(items));
    PyObject *iter = items == NULL ? NULL : PyObject_GetIter(items);
    Py_XDECREF(items);
    if (iter == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    return Py_BuildValue("O()NON", Py_TYPE(self), state, Py_None, iter);
}

static PyObject *
setdefault_exact_lock_held(PyODictObject *od, PyObject *key, PyObject *value, Py_hash_t hash)
{
    PyObject *old;
    int found = _PyDict_GetItemRef_KnownHash_LockHeld(&od->od_dict, key, hash, &old);
    if (found != 0) {
        return old;
    }
    return set_item_lock_held(od, key, value, hash) < 0 ? NULL : Py_NewRef(value);
}

static PyObject *
odict_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "default", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "setdefault"};
    PyObject *key, *value, *result;
    if (unpack_key_and(args, nargs, kwnames, &parser, 1, &key, &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        value = Py_None;
    }
    if (PyODict_CheckExact(self)) {
        Py_hash_t hash = dict_hash(key);
        if (hash == -1) {
            return NULL;
        }
        Py_BEGIN_CRITICAL_SECTION(self);
        result = setdefault_exact_lock_held(OD(self), key, value, hash);
        Py_END_CRITICAL_SECTION();
        return result;
    }
    int there = PySequence_Contains(self, key);
    if (there < 0) {
        return NULL;
    }
    if (there) {
        return PyObject_GetItem(self, key);
    }
    return PyObject_SetItem(self, key, value) < 0 ? NULL : Py_NewRef(value);
}

/* 1, 0, -1 as _PyDict_Pop_KnownHash. */
static int
pop_exact_lock_held(PyODictObject *od, PyObject *key, Py_hash_t hash, PyObject **value)
{
    odict_node *node;
    if (take_node(od, key, hash, &node) < 0) {
        return -1;
    }
    int found = _PyDict_Pop_KnownHash(&od->od_dict, key, hash, value);
    if (node != NULL) {
        free_node(node);
    }
    return found;
}

/* Through the methods of a subclass. */
static int
pop_by_methods(PyObject *self, PyObject *key, PyObject **value)
{
    int there = PySequence_Contains(self, key);
    if (there <= 0) {
        return there;
    }
    *value = PyObject_GetItem(self, key);
    if (*value == NULL) {
        return -1;
    }
    if (PyObject_DelItem(self, key) < 0) {
        Py_CLEAR(*value);
        return -1;
    }
    return 1;
}

static PyObject *
pop_key(PyObject *self, PyObject *key, PyObject *default_value)
{
    PyObject *value = NULL;
    int found;
    if (PyODict_CheckExact(self)) {
        Py_hash_t hash = dict_hash(key);
        if (hash == -1) {
            return NULL;
        }
        Py_BEGIN_CRITICAL_SECTION(self);
        found = pop_exact_lock_held(OD(self), key, hash, &value);
        Py_END_CRITICAL_SECTION();
    }
    else {
        found = pop_by_methods(self, key, &value);
    }
    if (found != 0) {
        return value;
    }
    if (default_value == NULL) {
        _PyErr_SetKeyError(key);
        return NULL;
    }
    return Py_NewRef(default_value);
}

static PyObject *
odict_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "default", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "pop"};
    PyObject *key, *value;
    if (unpack_key_and(args, nargs, kwnames, &parser, 1, &key, &value) < 0) {
        return NULL;
    }
    return pop_key(self, key, value);
}

static PyObject *
end_key_lock_held(PyODictObject *od, int last)
{
    odict_node *node = last ? od->od_last : od->od_first;
    return node == NULL ? NULL : Py_NewRef(node->key);
}

static PyObject *
odict_popitem(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"last", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "popitem"};
    PyObject *buffer[1], *key;
    PyObject *const *parsed = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, 0, buffer);
    int last = parsed == NULL ? -1 : parsed[0] == NULL ? 1 : PyObject_IsTrue(parsed[0]);
    if (last < 0) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    key = end_key_lock_held(OD(self), last);
    Py_END_CRITICAL_SECTION();
    if (key == NULL) {
        PyErr_SetString(PyExc_KeyError, "dictionary is empty");
        return NULL;
    }
    PyObject *value = pop_key(self, key, NULL);
    if (value == NULL) {
        Py_DECREF(key);
        return NULL;
    }
    return _PyTuple_FromPairSteal(key, value);
}

static int
move_to_end_lock_held(PyODictObject *od, PyObject *key, Py_hash_t hash, int last)
{
    odict_node *node = find_node(od, key, hash);
    if (node == NULL) {
        if (!PyErr_Occurred()) {
            _PyErr_SetKeyError(key);
        }
        return -1;
    }
    if (node != (last ? od->od_last : od->od_first)) {
        unlink_node(od, node);
        if (last) {
            link_last(od, node);
        }
        else {
            link_first(od, node);
        }
    }
    return 0;
}

static PyObject *
odict_move_to_end(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "last", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "move_to_end"};
    PyObject *key, *flag;
    if (unpack_key_and(args, nargs, kwnames, &parser, 1, &key, &flag) < 0) {
        return NULL;
    }
    int last = flag == NULL ? 1 : PyObject_IsTrue(flag);
    Py_hash_t hash = last < 0 ? -1 : dict_hash(key);
    if (hash == -1) {
        return NULL;
    }
    int error;
    Py_BEGIN_CRITICAL_SECTION(self);
    error = move_to_end_lock_held(OD(self), key, hash, last);
    Py_END_CRITICAL_SECTION();
    return error < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
odict_clear_lock_held(PyODictObject *od)
{
    _PyDict_Clear_LockHeld((PyObject *)od);
    clear_nodes(od);
    Py_RETURN_NONE;
}
PY_LOCKED_NOARGS(odict, clear, PyODictObject)

static int
copy_one(PyODictObject *od, PyObject *copy, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    int error;
    if (!PyODict_CheckExact(od)) {
        value = PyObject_GetItem((PyObject *)od, key);
        error = value == NULL ? -1 : PyObject_SetItem(copy, key, value);
    }
    else {
        error = _PyDict_GetItemRef_KnownHash_LockHeld(&od->od_dict, key, hash, &value);
        if (error == 0) {
            _PyErr_SetKeyError(key);
        }
        error = error <= 0 ? -1 : PyODict_SetItem(copy, key, value);
    }
    Py_XDECREF(value);
    return error;
}

static PyObject *
odict_copy_lock_held(PyODictObject *od)
{
    PyObject *copy = PyODict_CheckExact(od) ? PyODict_New() : PyObject_CallNoArgs((PyObject *)Py_TYPE(od));
    size_t state = od->od_state;
    odict_node *node = od->od_first;
    while (copy != NULL && node != NULL) {
        PyObject *key = Py_NewRef(node->key);
        int error = copy_one(od, copy, key, node->hash);
        Py_DECREF(key);
        if (error == 0 && od->od_state != state) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            error = -1;
        }
        if (error < 0) {
            Py_CLEAR(copy);
            break;
        }
        node = node->next;
    }
    return copy;
}
PY_LOCKED_NOARGS(odict, copy, PyODictObject)

static PyObject *
odict_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyODictKeys_Type);
}

static PyObject *
odict_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyODictValues_Type);
}

static PyObject *
odict_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyODictItems_Type);
}

static PyObject *odict___reversed__(PyObject *self, PyObject *ignored);

static PyMethodDef odict_methods[] = {
    PY_METHOD(odict, fromkeys, METH_FASTCALL | METH_KEYWORDS | METH_CLASS, "($type, /, iterable, value=None)",
              "Return a new ordered dictionary with keys from iterable, all of the same value."),
    PY_METHOD(odict, __sizeof__, METH_NOARGS, "($self, /)", "Return the size in memory, in bytes."),
    PY_METHOD(odict, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD(odict, setdefault, METH_FASTCALL | METH_KEYWORDS, "($self, /, key, default=None)",
              "Return the value for key; if there is none, insert default first."),
    PY_METHOD(odict, pop, METH_FASTCALL | METH_KEYWORDS, "($self, /, key, default=<unrepresentable>)",
              "Remove the key and return its value.\n\n"
              "Without the key, return default if it is given and raise KeyError if not."),
    PY_METHOD(odict, popitem, METH_FASTCALL | METH_KEYWORDS, "($self, /, last=True)",
              "Remove the last item, or the first, and return it as a (key, value) tuple."),
    PY_METHOD(odict, keys, METH_NOARGS, "($self, /)", "Return a view of the keys."),
    PY_METHOD(odict, values, METH_NOARGS, "($self, /)", "Return a view of the values."),
    PY_METHOD(odict, items, METH_NOARGS, "($self, /)", "Return a view of the (key, value) pairs."),
    PY_METHOD_NOSIG("update", odict_update, METH_VARARGS | METH_KEYWORDS,
                    "D.update([E, ]**F) -> None: set items from mapping or iterable E and from F."),
    PY_METHOD(odict, clear, METH_NOARGS, "($self, /)", "Remove all items."),
    PY_METHOD(odict, copy, METH_NOARGS, "($self, /)", "Return a shallow copy."),
    PY_METHOD(odict, __reversed__, METH_NOARGS, "($self, /)", "Return an iterator over the keys, last first."),
    PY_METHOD(odict, move_to_end, METH_FASTCALL | METH_KEYWORDS, "($self, /, key, last=True)",
              "Move the key to the end, or to the beginning; KeyError if it is not there."),
    {0}
};

/* -- Slots ------------------------------------------------------------ */

static void
odict_dealloc(PyObject *self)
{
    PyODictObject *od = OD(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(od->od_inst_dict);
    if (od->od_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    clear_nodes(od);
    PyDict_Type.tp_dealloc(self);
}

static int
odict_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyODictObject *od = OD(self);
    Py_VISIT(od->od_inst_dict);
    for (odict_node *node = od->od_first; node != NULL; node = node->next) {
        Py_VISIT(node->key);
    }
    return PyDict_Type.tp_traverse(self, visit, arg);
}

static int
odict_tp_clear(PyObject *self)
{
    Py_CLEAR(OD(self)->od_inst_dict);
    Py_XDECREF(odict_clear(self, NULL));
    return 0;
}

static PyObject *
repr_of_items(PyObject *self)
{
    PyObject *items = PyObject_CallMethodNoArgs(self, _Py_ID(items));
    PyObject *plain = items == NULL ? NULL : PyDict_New();
    PyObject *result = NULL;
    if (plain != NULL && PyDict_MergeFromSeq2(plain, items, 1) == 0) {
        result = PyUnicode_FromFormat("%s(%R)", _PyType_Name(Py_TYPE(self)), plain);
    }
    Py_XDECREF(items);
    Py_XDECREF(plain);
    return result;
}

static PyObject *
odict_repr(PyObject *self)
{
    if (dict_used(self) == 0) {
        return PyUnicode_FromFormat("%s()", _PyType_Name(Py_TYPE(self)));
    }
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("...") : NULL;
    }
    PyObject *result = repr_of_items(self);
    Py_ReprLeave(self);
    return result;
}

/* 1, 0, -1 */
static int
same_order_lock_held(PyODictObject *a, PyODictObject *b)
{
    if (a == b) {
        return 1;
    }
    size_t state_a = a->od_state, state_b = b->od_state;
    odict_node *x = a->od_first, *y = b->od_first;
    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        PyObject *key = Py_NewRef(x->key), *other = Py_NewRef(y->key);
        int same = PyObject_RichCompareBool(key, other, Py_EQ);
        Py_DECREF(key);
        Py_DECREF(other);
        if (same <= 0) {
            return same;
        }
        if (a->od_state != state_a || b->od_state != state_b) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            return -1;
        }
    }
    return x == NULL && y == NULL;
}

static PyObject *
odict_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PyODict_Check(v) || !PyDict_Check(w) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *items = PyDict_Type.tp_richcompare(v, w, op);
    if (items == NULL || !PyODict_Check(w) || items == (op == Py_EQ ? Py_False : Py_True)) {
        return items;
    }
    Py_DECREF(items);
    int same;
    Py_BEGIN_CRITICAL_SECTION2(v, w);
    same = same_order_lock_held(OD(v), OD(w));
    Py_END_CRITICAL_SECTION2();
    return same < 0 ? NULL : PyBool_FromLong(same == (op == Py_EQ));
}

static PyObject *
odict_or(PyObject *left, PyObject *right)
{
    if (!PyDict_Check(left) || !PyDict_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyTypeObject *type = PyODict_Check(left) ? Py_TYPE(left) : Py_TYPE(right);
    PyObject *result = PyObject_CallOneArg((PyObject *)type, left);
    if (result != NULL && update_arg(result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
odict_ior(PyObject *self, PyObject *other)
{
    return update_arg(self, other) < 0 ? NULL : Py_NewRef(self);
}

static PyNumberMethods odict_as_number = {
    .nb_or = odict_or,
    .nb_inplace_or = odict_ior,
};

static PyGetSetDef odict_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {0}
};

static PyObject *odict_iter(PyObject *self);

PyTypeObject PyODict_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections.OrderedDict",
    .tp_basicsize = sizeof(PyODictObject),
    .tp_dealloc = odict_dealloc,
    .tp_repr = odict_repr,
    .tp_as_number = &odict_as_number,
    .tp_as_mapping = &odict_as_mapping,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "A dictionary whose items keep the order in which they were inserted, and can be moved.",
    .tp_traverse = odict_traverse,
    .tp_clear = odict_tp_clear,
    .tp_richcompare = odict_richcompare,
    .tp_weaklistoffset = offsetof(PyODictObject, od_weakreflist),
    .tp_iter = odict_iter,
    .tp_methods = odict_methods,
    .tp_getset = odict_getset,
    .tp_dictoffset = offsetof(PyODictObject, od_inst_dict),
    .tp_base = &PyDict_Type,
    .tp_init = odict_init,
    .tp_alloc = PyType_GenericAlloc,
};

/* -- The iterator -------------------------------------------------------- */

#define ITER_REVERSED 1
#define ITER_KEYS     2
#define ITER_VALUES   4
#define ITER_ITEMS    (ITER_KEYS | ITER_VALUES)

typedef struct {
    PyObject_HEAD
    int kind;                    // const
    PyODictObject *di_odict;     // atomic: NULL when exhausted
    Py_ssize_t di_size;          // guarded, as the rest, by the iterator's mutex
    size_t di_state;
    PyObject *di_current;        // the key that comes next
} odictiterobject;

#define ITER(op) ((odictiterobject *)(op))

static PyObject *
odictiter_new(PyObject *od, int kind)
{
    odictiterobject *di = PyObject_GC_New(odictiterobject, &PyODictIter_Type);
    if (di == NULL) {
        return NULL;
    }
    di->kind = kind;
    di->di_odict = (PyODictObject *)Py_NewRef(od);
    Py_BEGIN_CRITICAL_SECTION(od);
    di->di_current = end_key_lock_held(OD(od), kind & ITER_REVERSED);
    di->di_size = dict_used(od);
    di->di_state = OD(od)->od_state;
    Py_END_CRITICAL_SECTION();
    _PyObject_GC_TRACK(di);
    return (PyObject *)di;
}

static void
odictiter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(ITER(self)->di_odict);
    Py_XDECREF(ITER(self)->di_current);
    PyObject_GC_Del(self);
}

static int
odictiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(ITER(self)->di_odict);
    Py_VISIT(ITER(self)->di_current);
    return 0;
}

/* Both mutexes are held.  The current key, counted; di_current moves on.  NULL: end or exception. */
static PyObject *
step_lock_held(odictiterobject *di, PyODictObject *od)
{
    PyObject *key = di->di_current;
    if (key == NULL) {
        return NULL;
    }
    if (od->od_state != di->di_state) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
        di->di_current = NULL;
        Py_DECREF(key);
        return NULL;
    }
    if (di->di_size != od->od_dict.ma_used) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict changed size during iteration");
        di->di_size = -1;      // and stays wrong
        return NULL;
    }
    di->di_current = NULL;
    Py_hash_t hash = key_hash(key);
    odict_node *node = hash == -1 ? NULL : find_node(od, key, hash);
    if (node == NULL) {
        if (!PyErr_Occurred()) {
            _PyErr_SetKeyError(key);
        }
        Py_DECREF(key);
        return NULL;
    }
    node = di->kind & ITER_REVERSED ? node->prev : node->next;
    di->di_current = node == NULL ? NULL : Py_NewRef(node->key);
    return key;
}

static PyObject *
odictiter_next(PyObject *self)
{
    odictiterobject *di = ITER(self);
    _PyContainer_Touch(self);
    PyObject *od = Py_XNewRef(_PyContainer_Peek(di->di_odict));
    if (od == NULL) {
        return NULL;
    }
    PyObject *key, *value = NULL, *result = NULL;
    Py_BEGIN_CRITICAL_SECTION2(self, od);
    _PyContainer_Write(self);
    key = step_lock_held(di, OD(od));
    Py_END_CRITICAL_SECTION2();
    if (key == NULL) {
        if (!PyErr_Occurred()) {
            _PyContainer_ClearSlot(di, di->di_odict);
        }
        goto done;
    }
    if (!(di->kind & ITER_VALUES)) {
        result = key;
        goto done;
    }
    if (PyDict_GetItemRef(od, key, &value) <= 0) {
        if (!PyErr_Occurred()) {
            _PyErr_SetKeyError(key);
        }
        Py_DECREF(key);
        _PyContainer_ClearSlot(di, di->di_odict);
    }
    else if (di->kind & ITER_KEYS) {
        result = _PyTuple_FromPairSteal(key, value);
    }
    else {
        Py_DECREF(key);
        result = value;
    }
done:
    Py_DECREF(od);
    return result;
}

/* A list of what is left; self does not move. */
static PyObject *
odictiter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    odictiterobject *di = ITER(self), *twin = PyObject_GC_New(odictiterobject, &PyODictIter_Type);
    if (twin == NULL) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    twin->kind = di->kind;
    twin->di_odict = (PyODictObject *)Py_XNewRef(_PyContainer_Peek(di->di_odict));
    twin->di_size = di->di_size;
    twin->di_state = di->di_state;
    twin->di_current = Py_XNewRef(di->di_current);
    Py_END_CRITICAL_SECTION();
    _PyObject_GC_TRACK(twin);
    PyObject *list = PySequence_List((PyObject *)twin);
    Py_DECREF(twin);
    return list == NULL ? NULL : Py_BuildValue("N(N)", _PyEval_GetBuiltin(_Py_ID(iter)), list);
}

static PyMethodDef odictiter_methods[] = {
    PY_METHOD(odictiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

PyTypeObject PyODictIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "odict_iterator",
    .tp_basicsize = sizeof(odictiterobject),
    .tp_dealloc = odictiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = odictiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = odictiter_next,
    .tp_methods = odictiter_methods,
};

static PyObject *
odict_iter(PyObject *self)
{
    return odictiter_new(self, ITER_KEYS);
}

static PyObject *
odict___reversed__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return odictiter_new(self, ITER_KEYS | ITER_REVERSED);
}

/* -- Views ------------------------------------------------------------ */

#define VIEW_OD(view) ((PyObject *)((_PyDictViewObject *)(view))->dv_dict)

/* One view: its two iterators and its type, over the dict's view type. */
#define ODICT_VIEW(name, Type, Base, text, iter_kind)                                                   \
    static PyObject *                                                                                   \
    name##_iter(PyObject *view)                                                                         \
    {                                                                                                   \
        return odictiter_new(VIEW_OD(view), iter_kind);                                                 \
    }                                                                                                   \
    static PyObject *                                                                                   \
    name##_reversed(PyObject *view, PyObject *Py_UNUSED(ignored))                                       \
    {                                                                                                   \
        return odictiter_new(VIEW_OD(view), (iter_kind) | ITER_REVERSED);                               \
    }                                                                                                   \
    static PyMethodDef name##_methods[] = {                                                             \
        PY_METHOD_AS("__reversed__", name##_reversed, METH_NOARGS, "($self, /)",                        \
                     "Return an iterator, last item first."),                                           \
        {0}                                                                                             \
    };                                                                                                  \
    PyTypeObject Type = {                                                                               \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                                          \
        .tp_name = text,                                                                                \
        .tp_iter = name##_iter,                                                                         \
        .tp_methods = name##_methods,                                                                   \
        .tp_base = &Base,                                                                               \
    }

ODICT_VIEW(odictkeys, PyODictKeys_Type, PyDictKeys_Type, "odict_keys", ITER_KEYS);
ODICT_VIEW(odictvalues, PyODictValues_Type, PyDictValues_Type, "odict_values", ITER_VALUES);
ODICT_VIEW(odictitems, PyODictItems_Type, PyDictItems_Type, "odict_items", ITER_ITEMS);

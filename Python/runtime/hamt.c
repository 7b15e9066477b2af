/* Persistent hash map.  "Ideal Hash Trees" (P. Bagwell, 2001), with immutable nodes as in Clojure.

   The hash is 32 bits, five of them choose an entry on each level.  A bitmap node has a bit for each entry that is there
   and a pair of words for each bit: key and value, or NULL and the node of the next level.  Below the last level stands a
   collision node: pairs whose keys have the same hash.  Unlike Bagwell's there is no uncompressed node: 32 entries are 512
   bytes, and contexts are small.
   Invariant: no node but the root is empty, and none but the root is a lone pair: that stands in its parent.
   Locking: none; nothing changes after it has been made. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_context.h"
#include "pycore_gc.h"
#include "pycore_hamt.h"
#include "pycore_object.h"

#include <stddef.h>
#include <string.h>

#define LEVEL_BITS 5
#define MAX_LEVELS 7        /* of bitmap nodes: 35 bits hold 32 */
#define MAX_DEPTH (MAX_LEVELS + 1)

typedef struct {
    PyObject_VAR_HEAD       /* ob_size: number of words in pairs */
    uint32_t bits;          /* which entries are there; collision node: the hash */
    PyObject *pairs[];
} node_t;

#define NODE(op) ((node_t *)(op))
#define IS_COLLISION(node) Py_IS_TYPE((PyObject *)(node), &_PyHamt_CollisionNode_Type)

static uint32_t
fold_hash(Py_hash_t hash)
{
    uint32_t folded = (uint32_t)hash ^ (uint32_t)((uint64_t)hash >> 32);
    return folded == (uint32_t)-1 ? (uint32_t)-2 : folded;
}

static int
key_hash(PyObject *key, uint32_t *hash)
{
    Py_hash_t value = PyObject_Hash(key);
    *hash = fold_hash(value);
    return value == -1 ? -1 : 0;
}

static uint32_t
bit_of(uint32_t hash, int shift)
{
    return (uint32_t)1 << (shift < 32 ? (hash >> shift) & 31 : 0);
}

/* Index in pairs of the entry with that bit. */
static Py_ssize_t
slot_of(const node_t *node, uint32_t bit)
{
    return 2 * __builtin_popcount(node->bits & (bit - 1));
}

/* -- Nodes -------------------------------------------------------------------------------------------------- */

/* Not tracked yet; words are NULL. */
static node_t *
node_new(PyTypeObject *type, Py_ssize_t words, uint32_t bits)
{
    node_t *node = PyObject_GC_NewVar(node_t, type, words);
    if (node != NULL) {
        node->bits = bits;
        memset(node->pairs, 0, (size_t)words * sizeof(PyObject *));
    }
    return node;
}

static PyObject *
node_finish(node_t *node)
{
    PyObject_GC_Track(node);
    return (PyObject *)node;
}

/* Copies count words with their references. */
static void
copy_words(PyObject **to, PyObject *const *from, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        to[i] = Py_XNewRef(from[i]);
    }
}

/* A copy of node with `words` more (2) or fewer (-2) at index. */
static node_t *
node_copy(const node_t *node, Py_ssize_t index, int words, uint32_t bits)
{
    Py_ssize_t size = Py_SIZE(node);
    node_t *copy = node_new(Py_TYPE(node), size + words, bits);
    if (copy == NULL) {
        return NULL;
    }
    Py_ssize_t rest = words < 0 ? index - words : index;
    copy_words(copy->pairs, node->pairs, index);
    copy_words(copy->pairs + rest + words, node->pairs + rest, size - rest);
    return copy;
}

static void
node_put(node_t *node, Py_ssize_t index, PyObject *key, PyObject *value)
{
    Py_XSETREF(node->pairs[index], Py_XNewRef(key));
    Py_XSETREF(node->pairs[index + 1], Py_NewRef(value));
}

static PyObject *node_with(PyObject *op, int shift, uint32_t hash, PyObject *key, PyObject *value, int *added);

/* A node for two different keys. */
static PyObject *
node_of_two(int shift, uint32_t hash1, PyObject *key1, PyObject *value1, uint32_t hash2, PyObject *key2, PyObject *value2)
{
    if (hash1 == hash2) {
        node_t *node = node_new(&_PyHamt_CollisionNode_Type, 4, hash1);
        if (node == NULL) {
            return NULL;
        }
        node_put(node, 0, key1, value1);
        node_put(node, 2, key2, value2);
        return node_finish(node);
    }
    node_t *empty = node_new(&_PyHamt_BitmapNode_Type, 0, 0);
    if (empty == NULL) {
        return NULL;
    }
    int added;
    PyObject *one = node_with((PyObject *)empty, shift, hash1, key1, value1, &added), *two = NULL;
    Py_DECREF(empty);
    if (one != NULL) {
        two = node_with(one, shift, hash2, key2, value2, &added);
        Py_DECREF(one);
    }
    return two;
}

/* The index of key among the pairs of a collision node, -1: not there, -2: error. */
static Py_ssize_t
collision_index(node_t *node, PyObject *key)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(node); i += 2) {
        int equal = PyObject_RichCompareBool(key, node->pairs[i], Py_EQ);
        if (equal != 0) {
            return equal > 0 ? i : -2;
        }
    }
    return -1;
}

/* A copy whose pair at index has another value. */
static PyObject *
node_replace(node_t *node, Py_ssize_t index, PyObject *key, PyObject *value)
{
    node_t *copy = node_copy(node, 0, 0, node->bits);
    if (copy == NULL) {
        return NULL;
    }
    node_put(copy, index, key, value);
    return node_finish(copy);
}

static PyObject *
node_insert(node_t *node, Py_ssize_t index, PyObject *key, PyObject *value, uint32_t bits)
{
    node_t *copy = node_copy(node, index, 2, bits);
    if (copy == NULL) {
        return NULL;
    }
    node_put(copy, index, key, value);
    return node_finish(copy);
}

static PyObject *
collision_with(node_t *node, int shift, uint32_t hash, PyObject *key, PyObject *value, int *added)
{
    if (hash != node->bits) {
        /* They part on this level after all: hang the node into a bitmap node. */
        node_t *parent = node_new(&_PyHamt_BitmapNode_Type, 2, bit_of(node->bits, shift));
        if (parent == NULL) {
            return NULL;
        }
        node_put(parent, 0, NULL, (PyObject *)node);
        PyObject *result = node_with((PyObject *)parent, shift, hash, key, value, added);
        Py_DECREF(parent);
        return result;
    }
    Py_ssize_t index = collision_index(node, key);
    if (index == -2) {
        return NULL;
    }
    if (index == -1) {
        *added = 1;
        return node_insert(node, Py_SIZE(node), key, value, node->bits);
    }
    return node->pairs[index + 1] == value ? Py_NewRef(node) : node_replace(node, index, node->pairs[index], value);
}

/* A node like op in which key is mapped to value; op itself if it is so already. */
static PyObject *
node_with(PyObject *op, int shift, uint32_t hash, PyObject *key, PyObject *value, int *added)
{
    node_t *node = NODE(op);
    if (IS_COLLISION(node)) {
        return collision_with(node, shift, hash, key, value, added);
    }
    uint32_t bit = bit_of(hash, shift);
    Py_ssize_t index = slot_of(node, bit);
    if (!(node->bits & bit)) {
        *added = 1;
        return node_insert(node, index, key, value, node->bits | bit);
    }
    PyObject *old_key = node->pairs[index], *old_value = node->pairs[index + 1];
    if (old_key == NULL) {
        PyObject *child = node_with(old_value, shift + LEVEL_BITS, hash, key, value, added);
        PyObject *result = child == NULL ? NULL
                           : child == old_value ? Py_NewRef(op)
                                                : node_replace(node, index, NULL, child);
        Py_XDECREF(child);
        return result;
    }
    int equal = PyObject_RichCompareBool(key, old_key, Py_EQ);
    if (equal < 0) {
        return NULL;
    }
    if (equal) {
        return old_value == value ? Py_NewRef(op) : node_replace(node, index, old_key, value);
    }
    uint32_t old_hash;
    if (key_hash(old_key, &old_hash) < 0) {
        return NULL;
    }
    PyObject *child = node_of_two(shift + LEVEL_BITS, old_hash, old_key, old_value, hash, key, value);
    if (child == NULL) {
        return NULL;
    }
    *added = 1;
    PyObject *result = node_replace(node, index, NULL, child);
    Py_DECREF(child);
    return result;
}

enum without { WITHOUT_ERROR, WITHOUT_NOT_FOUND, WITHOUT_EMPTY, WITHOUT_NEW };

static enum without
node_drop(node_t *node, Py_ssize_t index, uint32_t bits, PyObject **result)
{
    if (Py_SIZE(node) == 2) {
        return WITHOUT_EMPTY;
    }
    node_t *copy = node_copy(node, index, -2, bits);
    if (copy == NULL) {
        return WITHOUT_ERROR;
    }
    *result = node_finish(copy);
    return WITHOUT_NEW;
}

/* *result: the node that op becomes without key. */
static enum without
node_without(PyObject *op, int shift, uint32_t hash, PyObject *key, PyObject **result)
{
    node_t *node = NODE(op);
    if (IS_COLLISION(node)) {
        Py_ssize_t index = hash == node->bits ? collision_index(node, key) : -1;
        return index == -2 ? WITHOUT_ERROR : index == -1 ? WITHOUT_NOT_FOUND
                                                         : node_drop(node, index, node->bits, result);
    }
    uint32_t bit = bit_of(hash, shift);
    if (!(node->bits & bit)) {
        return WITHOUT_NOT_FOUND;
    }
    Py_ssize_t index = slot_of(node, bit);
    PyObject *old_key = node->pairs[index];
    if (old_key != NULL) {
        int equal = PyObject_RichCompareBool(key, old_key, Py_EQ);
        return equal < 0 ? WITHOUT_ERROR : !equal ? WITHOUT_NOT_FOUND
                                                  : node_drop(node, index, node->bits & ~bit, result);
    }
    PyObject *child = NULL;
    enum without outcome = node_without(node->pairs[index + 1], shift + LEVEL_BITS, hash, key, &child);
    if (outcome == WITHOUT_EMPTY) {
        return node_drop(node, index, node->bits & ~bit, result);
    }
    if (outcome != WITHOUT_NEW) {
        return outcome;
    }
    /* What is left of the child may be a lone pair, which moves here. */
    int lone = Py_SIZE(child) == 2 && NODE(child)->pairs[0] != NULL;
    *result = lone ? node_replace(node, index, NODE(child)->pairs[0], NODE(child)->pairs[1])
                   : node_replace(node, index, NULL, child);
    Py_DECREF(child);
    return *result != NULL ? WITHOUT_NEW : WITHOUT_ERROR;
}

static int
node_find(PyObject *op, uint32_t hash, PyObject *key, PyObject **value)
{
    for (int shift = 0;; shift += LEVEL_BITS) {
        node_t *node = NODE(op);
        Py_ssize_t index;
        if (IS_COLLISION(node)) {
            index = hash == node->bits ? collision_index(node, key) : -1;
            if (index < 0) {
                return index == -2 ? -1 : 0;
            }
            *value = node->pairs[index + 1];
            return 1;
        }
        uint32_t bit = bit_of(hash, shift);
        if (!(node->bits & bit)) {
            return 0;
        }
        index = slot_of(node, bit);
        if (node->pairs[index] != NULL) {
            int equal = PyObject_RichCompareBool(key, node->pairs[index], Py_EQ);
            *value = node->pairs[index + 1];
            return equal;
        }
        op = node->pairs[index + 1];
    }
}

static int
node_traverse(PyObject *op, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        Py_VISIT(NODE(op)->pairs[i]);
    }
    return 0;
}

static void
node_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        Py_XDECREF(NODE(op)->pairs[i]);
    }
    Py_TYPE(op)->tp_free(op);
}

#define NODE_TYPE(name)                                             \
    {                                                               \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                      \
        .tp_name = (name),                                          \
        .tp_basicsize = sizeof(node_t),                             \
        .tp_itemsize = sizeof(PyObject *),                          \
        .tp_dealloc = node_dealloc,                                 \
        .tp_getattro = PyObject_GenericGetAttr,                     \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, \
        .tp_traverse = node_traverse,                               \
        .tp_free = PyObject_GC_Del,                                 \
        .tp_hash = PyObject_HashNotImplemented,                     \
    }

PyTypeObject _PyHamt_BitmapNode_Type = NODE_TYPE("hamt_bitmap_node");
PyTypeObject _PyHamt_CollisionNode_Type = NODE_TYPE("hamt_collision_node");

/* -- Maps -------------------------------------------------------------------------------------------------------- */

/* Steals root. */
static PyHamtObject *
hamt_new(PyObject *root, Py_ssize_t count)
{
    PyHamtObject *map = PyObject_GC_New(PyHamtObject, &_PyHamt_Type);
    if (map == NULL) {
        Py_XDECREF(root);
        return NULL;
    }
    map->h_root = root;
    map->h_weakreflist = NULL;
    map->h_count = count;
    PyObject_GC_Track(map);
    return map;
}

PyHamtObject *
_PyHamt_New(void)
{
    return hamt_new(NULL, 0);
}

PyHamtObject *
_PyHamt_Assoc(PyHamtObject *map, PyObject *key, PyObject *value)
{
    uint32_t hash;
    int added = 0;
    PyObject *root;
    if (key_hash(key, &hash) < 0) {
        return NULL;
    }
    if (map->h_root == NULL) {
        PyObject *empty = (PyObject *)node_new(&_PyHamt_BitmapNode_Type, 0, 0);
        root = empty != NULL ? node_with(empty, 0, hash, key, value, &added) : NULL;
        Py_XDECREF(empty);
    }
    else {
        root = node_with(map->h_root, 0, hash, key, value, &added);
    }
    if (root == NULL) {
        return NULL;
    }
    if (root == map->h_root) {
        Py_DECREF(root);
        return (PyHamtObject *)Py_NewRef(map);
    }
    return hamt_new(root, map->h_count + added);
}

PyHamtObject *
_PyHamt_Without(PyHamtObject *map, PyObject *key)
{
    uint32_t hash;
    PyObject *root = NULL;
    if (key_hash(key, &hash) < 0) {
        return NULL;
    }
    if (map->h_root == NULL) {
        return (PyHamtObject *)Py_NewRef(map);
    }
    switch (node_without(map->h_root, 0, hash, key, &root)) {
        case WITHOUT_NOT_FOUND:
            return (PyHamtObject *)Py_NewRef(map);
        case WITHOUT_EMPTY:
            return _PyHamt_New();
        case WITHOUT_NEW:
            return hamt_new(root, map->h_count - 1);
        default:
            return NULL;
    }
}

/* Borrowed result. */
static int
hamt_find(PyHamtObject *map, PyObject *key, PyObject **value)
{
    uint32_t hash;
    if (map->h_count == 0) {
        return 0;
    }
    return key_hash(key, &hash) < 0 ? -1 : node_find(map->h_root, hash, key, value);
}

int
_PyHamt_Find(PyHamtObject *map, PyObject *key, PyObject **value)
{
    int found = hamt_find(map, key, value);
    if (found > 0) {
        Py_INCREF(*value);
    }
    else {
        *value = NULL;
    }
    return found;
}

/* -- Iteration ------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject *nodes[MAX_DEPTH];         /* borrowed: the map keeps them */
    Py_ssize_t positions[MAX_DEPTH];
    int depth;                          /* -1: at the end */
} cursor_t;

static void
cursor_init(cursor_t *cursor, PyHamtObject *map)
{
    cursor->depth = map->h_root != NULL ? 0 : -1;
    cursor->nodes[0] = map->h_root;
    cursor->positions[0] = 0;
}

/* 1: the next pair, borrowed; 0: at the end. */
static int
cursor_next(cursor_t *cursor, PyObject **key, PyObject **value)
{
    while (cursor->depth >= 0) {
        node_t *node = NODE(cursor->nodes[cursor->depth]);
        Py_ssize_t position = cursor->positions[cursor->depth];
        if (position >= Py_SIZE(node)) {
            cursor->depth--;
            continue;
        }
        cursor->positions[cursor->depth] = position + 2;
        if (node->pairs[position] != NULL) {
            *key = node->pairs[position];
            *value = node->pairs[position + 1];
            return 1;
        }
        cursor->depth++;
        assert(cursor->depth < MAX_DEPTH);
        cursor->nodes[cursor->depth] = node->pairs[position + 1];
        cursor->positions[cursor->depth] = 0;
    }
    return 0;
}

int
_PyHamt_Eq(PyHamtObject *v, PyHamtObject *w)
{
    if (v == w) {
        return 1;
    }
    if (v->h_count != w->h_count) {
        return 0;
    }
    cursor_t cursor;
    PyObject *key, *value, *other;
    cursor_init(&cursor, v);
    while (cursor_next(&cursor, &key, &value)) {
        int result = hamt_find(w, key, &other);
        if (result > 0) {
            result = PyObject_RichCompareBool(value, other, Py_EQ);
        }
        if (result <= 0) {
            return result;
        }
    }
    return 1;
}

typedef struct {
    PyObject_HEAD
    PyHamtObject *map;          /* owned; NULL: cleared by the collector */
    cursor_t cursor;            /* guarded by the critical section */
} hamt_iterator;

#define ITERATOR(op) ((hamt_iterator *)(op))

static PyObject *
iterator_new(PyTypeObject *type, PyHamtObject *map)
{
    hamt_iterator *it = PyObject_GC_New(hamt_iterator, type);
    if (it == NULL) {
        return NULL;
    }
    it->map = (PyHamtObject *)Py_NewRef(map);
    cursor_init(&it->cursor, map);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static void
iterator_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(ITERATOR(op)->map);
    PyObject_GC_Del(op);
}

static int
iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(ITERATOR(op)->map);
    return 0;
}

static int
iterator_clear(PyObject *op)
{
    ITERATOR(op)->cursor.depth = -1;
    Py_CLEAR(ITERATOR(op)->map);
    return 0;
}

static Py_ssize_t
iterator_len(PyObject *op)
{
    return ITERATOR(op)->map != NULL ? ITERATOR(op)->map->h_count : 0;
}

static PyObject *
iterator_next(PyObject *op)
{
    PyObject *key, *value;
    int found;
    Py_BEGIN_CRITICAL_SECTION(op);
    found = cursor_next(&ITERATOR(op)->cursor, &key, &value);
    Py_END_CRITICAL_SECTION();
    if (!found) {
        return NULL;
    }
    return Py_IS_TYPE(op, &_PyHamtKeys_Type)     ? Py_NewRef(key)
           : Py_IS_TYPE(op, &_PyHamtValues_Type) ? Py_NewRef(value)
                                                 : PyTuple_Pack(2, key, value);
}

static PyMappingMethods iterator_as_mapping = {.mp_length = iterator_len};

#define ITERATOR_TYPE(name)                                         \
    {                                                               \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                      \
        .tp_name = (name),                                          \
        .tp_basicsize = sizeof(hamt_iterator),                      \
        .tp_dealloc = iterator_dealloc,                             \
        .tp_as_mapping = &iterator_as_mapping,                      \
        .tp_getattro = PyObject_GenericGetAttr,                     \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, \
        .tp_traverse = iterator_traverse,                           \
        .tp_clear = iterator_clear,                                 \
        .tp_iter = PyObject_SelfIter,                               \
        .tp_iternext = iterator_next,                               \
    }

PyTypeObject _PyHamtKeys_Type = ITERATOR_TYPE("keys");
PyTypeObject _PyHamtValues_Type = ITERATOR_TYPE("values");
PyTypeObject _PyHamtItems_Type = ITERATOR_TYPE("items");

PyObject *
_PyHamt_NewIterKeys(PyHamtObject *map)
{
    return iterator_new(&_PyHamtKeys_Type, map);
}

PyObject *
_PyHamt_NewIterValues(PyHamtObject *map)
{
    return iterator_new(&_PyHamtValues_Type, map);
}

PyObject *
_PyHamt_NewIterItems(PyHamtObject *map)
{
    return iterator_new(&_PyHamtItems_Type, map);
}

/* -- The type: contexts do not show their map, tests do ------------------------------------------------------------- */

#define MAP(op) ((PyHamtObject *)(op))

static void
hamt_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (MAP(self)->h_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(MAP(self)->h_root);
    PyObject_GC_Del(self);
}

static int
hamt_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(MAP(self)->h_root);
    return 0;
}

static int
hamt_clear(PyObject *self)
{
    MAP(self)->h_count = 0;
    Py_CLEAR(MAP(self)->h_root);
    return 0;
}

static PyObject *
hamt_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return (PyObject *)_PyHamt_New();
}

static PyObject *
hamt_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PyHamt_Check(v) || !PyHamt_Check(w) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = _PyHamt_Eq(MAP(v), MAP(w));
    return equal < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static Py_ssize_t
hamt_len(PyObject *self)
{
    return MAP(self)->h_count;
}

static int
hamt_contains(PyObject *self, PyObject *key)
{
    PyObject *value;
    return hamt_find(MAP(self), key, &value);
}

static PyObject *
hamt_subscript(PyObject *self, PyObject *key)
{
    PyObject *value;
    int found = _PyHamt_Find(MAP(self), key, &value);
    if (found == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return value;
}

static PyObject *
hamt_iter(PyObject *self)
{
    return _PyHamt_NewIterKeys(MAP(self));
}

static PyObject *
hamt_set(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return _PyArg_CheckPositional("set", nargs, 2, 2) ? (PyObject *)_PyHamt_Assoc(MAP(self), args[0], args[1]) : NULL;
}

static PyObject *
hamt_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value;
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) {
        return NULL;
    }
    int found = _PyHamt_Find(MAP(self), args[0], &value);
    return found == 0 ? Py_NewRef(nargs > 1 ? args[1] : Py_None) : value;
}

static PyObject *
hamt_delete(PyObject *self, PyObject *key)
{
    PyHamtObject *result = _PyHamt_Without(MAP(self), key);
    if ((PyObject *)result == self && hamt_contains(self, key) == 0) {
        Py_DECREF(result);
        PyErr_SetObject(PyExc_KeyError, key);
        return NULL;
    }
    return (PyObject *)result;
}

static PyObject *
hamt_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyHamt_NewIterItems(MAP(self));
}

static PyObject *
hamt_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyHamt_NewIterKeys(MAP(self));
}

static PyObject *
hamt_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyHamt_NewIterValues(MAP(self));
}

static PyMethodDef hamt_methods[] = {
    PY_METHOD_NOSIG("set", hamt_set, METH_FASTCALL, NULL),
    PY_METHOD_NOSIG("get", hamt_get, METH_FASTCALL, NULL),
    PY_METHOD_NOSIG("delete", hamt_delete, METH_O, NULL),
    PY_METHOD_NOSIG("items", hamt_items, METH_NOARGS, NULL),
    PY_METHOD_NOSIG("keys", hamt_keys, METH_NOARGS, NULL),
    PY_METHOD_NOSIG("values", hamt_values, METH_NOARGS, NULL),
    {0},
};

static PySequenceMethods hamt_as_sequence = {.sq_contains = hamt_contains};
static PyMappingMethods hamt_as_mapping = {.mp_length = hamt_len, .mp_subscript = hamt_subscript};

PyTypeObject _PyHamt_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "hamt",
    .tp_basicsize = sizeof(PyHamtObject),
    .tp_dealloc = hamt_dealloc,
    .tp_as_sequence = &hamt_as_sequence,
    .tp_as_mapping = &hamt_as_mapping,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = hamt_traverse,
    .tp_clear = hamt_clear,
    .tp_richcompare = hamt_richcompare,
    .tp_weaklistoffset = offsetof(PyHamtObject, h_weakreflist),
    .tp_iter = hamt_iter,
    .tp_methods = hamt_methods,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = hamt_tp_new,
    .tp_free = PyObject_GC_Del,
};

PyObject *
_PyContext_NewHamtForTests(void)
{
    return (PyObject *)_PyHamt_New();
}

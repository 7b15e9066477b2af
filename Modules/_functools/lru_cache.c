/* functools.lru_cache: results by arguments.

   The cache maps keys to results (no limit) or to links (limited), which stand in a ring around root from the least to the
   most recently used.  The dict owns the links, the ring does not count them.
   Locking: the ring is guarded by the wrapper's mutex; the dict by its own.  The user's function is called with no lock,
   so threads compute in parallel; the first result for a key stays. */
#include "functools_private.h"

typedef struct lru_link {
    PyObject_HEAD
    struct lru_link *prev, *next;    // guarded by the wrapper's mutex; next NULL: not in the ring
    Py_hash_t hash;                  // const, as the rest
    PyObject *key;
    PyObject *result;
} lru_link;

typedef struct {
    PyObject_HEAD
    lru_link *first;                 // least recently used
    lru_link *last;
    PyObject *func;                  // const
    PyObject *cache;                 // const: dict
    PyObject *cache_info_type;       // const
    PyObject *kwd_mark;              // const
    PyTypeObject *link_type;         // const
    Py_ssize_t maxsize;              // const; -1: no limit
    Py_ssize_t hits, misses;         // relaxed
    int typed;                       // const
    PyObject *dict;                  // __dict__
    PyObject *weakreflist;
    vectorcallfunc vectorcall;       // const: by maxsize
} lru_cache_object;

#define CACHE(op) ((lru_cache_object *)(op))

static inline void
count_up(Py_ssize_t *counter)
{
    FT_ATOMIC_STORE_SSIZE_RELAXED(*counter, FT_ATOMIC_LOAD_SSIZE_RELAXED(*counter) + 1);
}

/* -- Links ------------------------------------------------------------------ */

static void
lru_link_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((lru_link *)self)->key);
    Py_XDECREF(((lru_link *)self)->result);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot lru_link_slots[] = {
    {Py_tp_dealloc, lru_link_dealloc},
    {0, NULL}
};

PyType_Spec _PyLruLink_spec = {
    .name = "functools._lru_list_elem",
    .basicsize = sizeof(lru_link),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = lru_link_slots,
};

static lru_link *
link_new(lru_cache_object *self, PyObject *key, Py_hash_t hash, PyObject *result)
{
    lru_link *link = PyObject_New(lru_link, self->link_type);
    if (link != NULL) {
        link->prev = link->next = NULL;
        link->hash = hash;
        link->key = Py_NewRef(key);
        link->result = Py_NewRef(result);
    }
    return link;
}

/* In a ring of one, next is the link itself; so next tells whether a link is in the ring. */
static void
ring_append(lru_cache_object *self, lru_link *link)
{
    link->prev = self->last;
    link->next = link;
    if (self->last == NULL) {
        self->first = link;
    }
    else {
        self->last->next = link;
    }
    self->last = link;
}

static void
ring_remove(lru_cache_object *self, lru_link *link)
{
    lru_link *next = link->next == link ? NULL : link->next;
    if (link->prev == NULL) {
        self->first = next;
    }
    else {
        link->prev->next = next == NULL ? link->prev : next;
    }
    if (next == NULL) {
        self->last = link->prev;
    }
    else {
        next->prev = link->prev;
    }
    link->prev = link->next = NULL;
}

static void
ring_clear(lru_cache_object *self)
{
    lru_link *link = self->first;
    self->first = self->last = NULL;
    while (link != NULL) {
        lru_link *next = link->next == link ? NULL : link->next;
        link->prev = link->next = NULL;
        link = next;
    }
}

/* -- Keys ----------------------------------------------------------------- */

static int
is_own_key(PyObject *arg)
{
    return PyUnicode_CheckExact(arg) || PyLong_CheckExact(arg);
}

/* One str or int is its own key; else the arguments in a tuple, a mark before the keywords, types at the end. */
static PyObject *
make_key(lru_cache_object *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    if (nkw == 0 && !self->typed) {
        return nargs == 1 && is_own_key(args[0]) ? Py_NewRef(args[0]) : _PyTuple_FromArray(args, nargs);
    }
    Py_ssize_t size = nargs + (nkw ? 1 + 2 * nkw : 0);
    PyObject *key = PyTuple_New(self->typed ? size + nargs + nkw : size);
    if (key == NULL) {
        return NULL;
    }
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef(args[i]));
    }
    if (nkw > 0) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef(self->kwd_mark));
    }
    for (Py_ssize_t i = 0; i < nkw; i++) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef(PyTuple_GET_ITEM(kwnames, i)));
        PyTuple_SET_ITEM(key, at++, Py_NewRef(args[nargs + i]));
    }
    for (Py_ssize_t i = 0; self->typed && i < nargs + nkw; i++) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef(Py_TYPE(args[i])));
    }
    return key;
}

/* -- Calls ------------------------------------------------------------------ */

static PyObject *
call_uncached(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    count_up(&CACHE(op)->misses);
    return PyObject_Vectorcall(CACHE(op)->func, args, nargsf, kwnames);
}

static PyObject *
call_unlimited(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    lru_cache_object *self = CACHE(op);
    PyObject *result, *key = make_key(self, args, PyVectorcall_NARGS(nargsf), kwnames);
    if (key == NULL) {
        return NULL;
    }
    Py_hash_t hash = PyObject_Hash(key);
    int found = hash == -1 ? -1 : _PyDict_GetItemRef_KnownHash((PyDictObject *)self->cache, key, hash, &result);
    if (found != 0) {
        Py_DECREF(key);
        if (found > 0) {
            count_up(&self->hits);
        }
        return found > 0 ? result : NULL;
    }
    count_up(&self->misses);
    result = PyObject_Vectorcall(self->func, args, nargsf, kwnames);
    if (result != NULL && _PyDict_SetItem_KnownHash(self->cache, key, result, hash) < 0) {
        Py_CLEAR(result);
    }
    Py_DECREF(key);
    return result;
}

/* 1: *result; 0: not there; -1: error.  A link that is found becomes the most recently used. */
static int
find_lock_held(lru_cache_object *self, PyObject *key, Py_hash_t hash, PyObject **result)
{
    PyObject *found;
    int there = _PyDict_GetItemRef_KnownHash((PyDictObject *)self->cache, key, hash, &found);
    if (there <= 0) {
        return there;
    }
    lru_link *link = (lru_link *)found;
    if (link->next != NULL) {       // the comparison of keys may have removed it
        ring_remove(self, link);
        ring_append(self, link);
    }
    *result = Py_NewRef(link->result);
    Py_DECREF(link);
    return 1;
}

/* Drops the least recently used. */
static int
evict_lock_held(lru_cache_object *self, PyObject **evicted)
{
    lru_link *link = self->first;
    *evicted = NULL;
    if (link == NULL) {
        return 0;
    }
    Py_INCREF(link);
    ring_remove(self, link);
    int popped = _PyDict_Pop_KnownHash((PyDictObject *)self->cache, link->key, link->hash, evicted);
    Py_DECREF(link);
    return popped < 0 ? -1 : 0;
}

static int
store_lock_held(lru_cache_object *self, PyObject *key, Py_hash_t hash, PyObject *result, PyObject **evicted)
{
    PyObject *other;
    *evicted = NULL;
    int there = _PyDict_GetItemRef_KnownHash((PyDictObject *)self->cache, key, hash, &other);
    if (there != 0) {       // a nested call or another thread was first
        Py_XDECREF(other);
        return there < 0 ? -1 : 0;
    }
    if (PyDict_GET_SIZE(self->cache) >= self->maxsize && evict_lock_held(self, evicted) < 0) {
        return -1;
    }
    lru_link *link = link_new(self, key, hash, result);
    if (link == NULL) {
        return -1;
    }
    int error = _PyDict_SetItem_KnownHash(self->cache, key, (PyObject *)link, hash);
    if (error == 0) {
        ring_append(self, link);
    }
    Py_DECREF(link);
    return error;
}

static PyObject *
call_limited(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    lru_cache_object *self = CACHE(op);
    PyObject *result = NULL, *evicted, *key = make_key(self, args, PyVectorcall_NARGS(nargsf), kwnames);
    if (key == NULL) {
        return NULL;
    }
    Py_hash_t hash = PyObject_Hash(key);
    int found = -1;
    if (hash != -1) {
        Py_BEGIN_CRITICAL_SECTION(op);
        found = find_lock_held(self, key, hash, &result);
        Py_END_CRITICAL_SECTION();
    }
    if (found != 0) {
        if (found > 0) {
            count_up(&self->hits);
        }
        goto done;
    }
    count_up(&self->misses);
    result = PyObject_Vectorcall(self->func, args, nargsf, kwnames);
    if (result != NULL) {
        int error;
        Py_BEGIN_CRITICAL_SECTION(op);
        error = store_lock_held(self, key, hash, result, &evicted);
        Py_END_CRITICAL_SECTION();
        Py_XDECREF(evicted);
        if (error < 0) {
            Py_CLEAR(result);
        }
    }
done:
    Py_DECREF(key);
    return result;
}

/* -- Birth and death ----------------------------------------------------------- */

static int
read_maxsize(PyObject *arg, Py_ssize_t *maxsize)
{
    if (arg == Py_None) {
        *maxsize = -1;
        return 0;
    }
    if (!PyIndex_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "maxsize should be integer or None");
        return -1;
    }
    *maxsize = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (*maxsize == -1 && PyErr_Occurred()) {
        return -1;
    }
    *maxsize = Py_MAX(*maxsize, 0);
    return 0;
}

static PyObject *
lru_cache_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
    static char *keywords[] = {"user_function", "maxsize", "typed", "cache_info_type", NULL};
    PyObject *func, *maxsize_object, *cache_info_type;
    Py_ssize_t maxsize;
    int typed;
    if (!PyArg_ParseTupleAndKeywords(args, kw, "OOpO:lru_cache", keywords, &func, &maxsize_object, &typed,
                                     &cache_info_type)) {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    functools_state *state = functools_state_of(type);
    if (state == NULL || read_maxsize(maxsize_object, &maxsize) < 0) {
        return NULL;
    }
    PyObject *cache = PyDict_New();
    lru_cache_object *self = cache == NULL ? NULL : (lru_cache_object *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(cache);
        return NULL;
    }
    _PyObject_SetShared(cache);
    self->func = Py_NewRef(func);
    self->cache = cache;
    self->cache_info_type = Py_NewRef(cache_info_type);
    self->kwd_mark = Py_NewRef(state->kwd_mark);
    self->link_type = (PyTypeObject *)Py_NewRef(state->lru_link_type);
    self->maxsize = maxsize;
    self->typed = typed;
    self->vectorcall = maxsize == 0 ? call_uncached : maxsize < 0 ? call_unlimited : call_limited;
    return (PyObject *)self;
}

static int
lru_cache_tp_clear(PyObject *op)
{
    lru_cache_object *self = CACHE(op);
    ring_clear(self);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->func);
    Py_CLEAR(self->kwd_mark);
    Py_CLEAR(self->link_type);
    Py_CLEAR(self->cache_info_type);
    Py_CLEAR(self->dict);
    return 0;
}

static int
lru_cache_traverse(PyObject *op, visitproc visit, void *arg)
{
    lru_cache_object *self = CACHE(op);
    Py_VISIT(Py_TYPE(op));
    for (lru_link *link = self->first; link != NULL; link = link->next == link ? NULL : link->next) {
        Py_VISIT(link->key);        // the links themselves are not tracked
        Py_VISIT(link->result);
        Py_VISIT(Py_TYPE(link));
    }
    Py_VISIT(self->cache);
    Py_VISIT(self->func);
    Py_VISIT(self->kwd_mark);
    Py_VISIT(self->link_type);
    Py_VISIT(self->cache_info_type);
    Py_VISIT(self->dict);
    return 0;
}

static void
lru_cache_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (CACHE(op)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    lru_cache_tp_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
lru_cache_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    return obj == Py_None || obj == NULL ? Py_NewRef(self) : PyMethod_New(self, obj);
}

/* -- Methods ---------------------------------------------------------------------- */

static PyObject *
lru_cache_cache_info_lock_held(lru_cache_object *self)
{
    Py_ssize_t size = PyDict_GET_SIZE(self->cache);
    if (self->maxsize < 0) {
        return PyObject_CallFunction(self->cache_info_type, "nnOn", self->hits, self->misses, Py_None, size);
    }
    return PyObject_CallFunction(self->cache_info_type, "nnnn", self->hits, self->misses, self->maxsize, size);
}
PY_LOCKED_NOARGS(lru_cache, cache_info, lru_cache_object)

static PyObject *
lru_cache_cache_clear_lock_held(lru_cache_object *self)
{
    ring_clear(self);
    FT_ATOMIC_STORE_SSIZE_RELAXED(self->hits, 0);
    FT_ATOMIC_STORE_SSIZE_RELAXED(self->misses, 0);
    PyDict_Clear(self->cache);
    Py_RETURN_NONE;
}
PY_LOCKED_NOARGS(lru_cache, cache_clear, lru_cache_object)

static PyObject *
lru_cache___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_GetAttr(self, _Py_ID(__qualname__));
}

static PyObject *
lru_cache___copy__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static PyObject *
lru_cache___deepcopy__(PyObject *self, PyObject *Py_UNUSED(memo))
{
    return Py_NewRef(self);
}

static PyMethodDef lru_cache_methods[] = {
    PY_METHOD(lru_cache, cache_info, METH_NOARGS, "($self, /)", "Hits, misses, limit and size so far."),
    PY_METHOD(lru_cache, cache_clear, METH_NOARGS, "($self, /)", "Forget all results, and the statistics."),
    PY_METHOD(lru_cache, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD_NOSIG("__copy__", lru_cache___copy__, METH_VARARGS, NULL),
    PY_METHOD_NOSIG("__deepcopy__", lru_cache___deepcopy__, METH_VARARGS, NULL),
    {0}
};

static PyMemberDef lru_cache_members[] = {
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(lru_cache_object, dict), Py_READONLY},
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(lru_cache_object, weakreflist), Py_READONLY},
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(lru_cache_object, vectorcall), Py_READONLY},
    {0}
};

static PyGetSetDef lru_cache_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {0}
};

static PyType_Slot lru_cache_slots[] = {
    {Py_tp_dealloc, lru_cache_dealloc},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_doc, "A function that remembers its results; made by functools.lru_cache().\n\n"
                "cache_info() tells how well that works, cache_clear() starts anew, __wrapped__ is the function itself."},
    {Py_tp_traverse, lru_cache_traverse},
    {Py_tp_clear, lru_cache_tp_clear},
    {Py_tp_methods, lru_cache_methods},
    {Py_tp_members, lru_cache_members},
    {Py_tp_getset, lru_cache_getset},
    {Py_tp_descr_get, lru_cache_descr_get},
    {Py_tp_new, lru_cache_new},
    {0, NULL}
};

PyType_Spec _PyLruCache_spec = {
    .name = "functools._lru_cache_wrapper",
    .basicsize = sizeof(lru_cache_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_IMMUTABLETYPE
           | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = lru_cache_slots,
};

/* itertools: groupby, tee and the module. */
#include "itertools_private.h"

/* -- groupby ---------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *it;             // const
    PyObject *keyfunc;        // const
    PyObject *tgtkey;         // key of the group that was given last
    PyObject *currkey;        // key of currvalue
    PyObject *currvalue;      // item that was read and not given yet
    const void *currgrouper;  // compared only: the group that may still give items
} groupbyobject;

typedef struct {
    PyObject_HEAD
    PyObject *parent;         // const
    PyObject *tgtkey;         // const
} grouperobject;

ITERTOOL_OBJECT(groupby, groupbyobject, it, currvalue)

static PyObject *
groupby_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KEYWORDS("groupby", "iterable", "key");
    PyObject *buffer[2];
    PyObject *const *parsed = by_keywords(args, kwds, &parser, 1, 2, buffer);
    PyObject *it = parsed == NULL ? NULL : PyObject_GetIter(parsed[0]);
    groupbyobject *self = it == NULL ? NULL : (groupbyobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(it);
        return NULL;
    }
    self->it = it;
    self->keyfunc = Py_NewRef(parsed[1] == NULL ? Py_None : parsed[1]);
    return (PyObject *)self;
}

/* Reads an item and its key. */
static int
groupby_step(groupbyobject *self)
{
    PyObject *value = next_of(self->it);
    if (value == NULL) {
        return -1;
    }
    PyObject *key = self->keyfunc == Py_None ? Py_NewRef(value) : PyObject_CallOneArg(self->keyfunc, value);
    if (key == NULL) {
        Py_DECREF(value);
        return -1;
    }
    Py_XSETREF(self->currvalue, value);
    Py_XSETREF(self->currkey, key);
    return 0;
}

/* 1, 0, -1: is the item that was read last of this group? */
static int
same_group(groupbyobject *self, PyObject *tgtkey)
{
    PyObject *currkey = Py_NewRef(self->currkey);
    Py_INCREF(tgtkey);
    int same = PyObject_RichCompareBool(tgtkey, currkey, Py_EQ);
    Py_DECREF(tgtkey);
    Py_DECREF(currkey);
    return same;
}

static PyObject *
new_grouper(groupbyobject *parent)
{
    itertools_state *state = itertools_state_of(Py_TYPE(parent));
    grouperobject *group = PyObject_GC_New(grouperobject, state->grouper_type);
    if (group == NULL) {
        return NULL;
    }
    group->parent = Py_NewRef(parent);
    group->tgtkey = Py_NewRef(parent->tgtkey);
    parent->currgrouper = group;      // borrowed
    _PyObject_GC_TRACK(group);
    return (PyObject *)group;
}

static PyObject *
groupby_next_lock_held(groupbyobject *self)
{
    self->currgrouper = NULL;
    /* Skip what is left of the group before. */
    for (;;) {
        if (self->currkey != NULL) {
            if (self->tgtkey == NULL) {
                break;
            }
            int same = same_group(self, self->tgtkey);
            if (same < 0) {
                return NULL;
            }
            if (!same) {
                break;
            }
        }
        if (groupby_step(self) < 0) {
            return NULL;
        }
    }
    Py_XSETREF(self->tgtkey, Py_NewRef(self->currkey));
    PyObject *group = new_grouper(self);
    return group == NULL ? NULL : _PyTuple_FromPairSteal(Py_NewRef(self->currkey), group);
}
ITERTOOL_NEXT(groupby, groupbyobject)

ITERTOOL_TYPE(_PyGroupby_spec, groupby, groupbyobject, "groupby",
    "groupby(iterable, key=None)\n--\n\n"
    "Pairs (key, items) for each stretch of items with the same key; key(item) if key is given, else the item.",)

ITERTOOL_OBJECT(grouper, grouperobject, parent, tgtkey)

static PyObject *
grouper_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *parent, *tgtkey;
    itertools_state *state = itertools_state_of(type);
    if (!_PyArg_NoKeywords("_grouper", kwds)
        || !PyArg_ParseTuple(args, "O!O:_grouper", state->groupby_type, &parent, &tgtkey)) {
        return NULL;
    }
    grouperobject *self = (grouperobject *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->parent = Py_NewRef(parent);
        self->tgtkey = Py_NewRef(tgtkey);
    }
    return (PyObject *)self;
}

/* The parent's mutex is held. */
static PyObject *
grouper_step(grouperobject *self, groupbyobject *parent)
{
    if (parent->currgrouper != self) {
        return NULL;
    }
    if (parent->currvalue == NULL && groupby_step(parent) < 0) {
        return NULL;
    }
    int same = same_group(parent, self->tgtkey);
    if (same <= 0 || parent->currvalue == NULL) {
        return NULL;
    }
    PyObject *value = parent->currvalue;
    parent->currvalue = NULL;
    return value;
}

static PyObject *
grouper_next(PyObject *op)
{
    grouperobject *self = (grouperobject *)op;
    PyObject *result, *parent = self->parent;
    Py_BEGIN_CRITICAL_SECTION(parent);
    result = grouper_step(self, (groupbyobject *)parent);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyType_Slot grouper_slots[] = {
    {Py_tp_dealloc, grouper_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, grouper_traverse},
    {Py_tp_clear, grouper_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, grouper_next},
    {Py_tp_new, grouper_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

PyType_Spec _PyGrouper_spec = {
    .name = "itertools._grouper",
    .basicsize = sizeof(grouperobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = grouper_slots,
};

/* -- tee -------------------------------------------------------------------------- */

#define LINK_CELLS 57       // so that a link is 64 words

/* A stretch of the items; guarded by its mutex. */
typedef struct {
    PyObject_HEAD
    PyObject *it;             // const
    PyObject *next_link;      // NULL until somebody gets there
    int numread;
    int running;              // somebody is inside next(it)
    PyObject *values[LINK_CELLS];
} teedataobject;

typedef struct {
    PyObject_HEAD
    PyObject *link;           // guarded by the mutex: where we are
    int index;
    PyObject *weakreflist;
} teeobject;

static PyObject *
teedata_make(itertools_state *state, PyObject *it)
{
    teedataobject *self = PyObject_GC_New(teedataobject, state->teedata_type);
    if (self == NULL) {
        return NULL;
    }
    self->running = 0;
    self->numread = 0;
    self->next_link = NULL;
    self->it = Py_NewRef(it);
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

static int
teedata_traverse(PyObject *op, visitproc visit, void *arg)
{
    teedataobject *self = (teedataobject *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->it);
    for (int i = 0; i < self->numread; i++) {
        Py_VISIT(self->values[i]);
    }
    Py_VISIT(self->next_link);
    return 0;
}

/* A long chain is released link by link, not by recursion. */
static void
release_chain(PyObject *link)
{
    while (link != NULL && Py_REFCNT(link) == 1) {
        PyObject *next = ((teedataobject *)link)->next_link;
        ((teedataobject *)link)->next_link = NULL;
        Py_DECREF(link);
        link = next;
    }
    Py_XDECREF(link);
}

static int
teedata_clear(PyObject *op)
{
    teedataobject *self = (teedataobject *)op;
    Py_CLEAR(self->it);
    int n = self->numread;
    self->numread = 0;
    for (int i = 0; i < n; i++) {
        Py_DECREF(self->values[i]);
    }
    PyObject *next = self->next_link;
    self->next_link = NULL;
    release_chain(next);
    return 0;
}

ITERTOOL_DEALLOC(teedata, (void)0)

static PyObject *
teedata_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *it, *values, *next;
    itertools_state *state = itertools_state_of(type);
    if (!_PyArg_NoKeywords("_tee_dataobject", kwds)
        || !PyArg_ParseTuple(args, "OO!O:_tee_dataobject", &it, &PyList_Type, &values, &next)) {
        return NULL;
    }
    teedataobject *self = (teedataobject *)teedata_make(state, it);
    if (self == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(values);
    if (n > LINK_CELLS || (n < LINK_CELLS && next != Py_None)
        || (next != Py_None && !Py_IS_TYPE(next, state->teedata_type))) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_ValueError, "Invalid arguments");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        self->values[i] = Py_NewRef(PyList_GET_ITEM(values, i));
        self->numread++;
    }
    if (next != Py_None) {
        self->next_link = Py_NewRef(next);
    }
    return (PyObject *)self;
}

static PyType_Slot teedata_slots[] = {
    {Py_tp_dealloc, teedata_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, "A stretch of the items that tee iterators share."},
    {Py_tp_traverse, teedata_traverse},
    {Py_tp_clear, teedata_clear},
    {Py_tp_new, teedata_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

PyType_Spec _PyTeedata_spec = {
    .name = "itertools._tee_dataobject",
    .basicsize = sizeof(teedataobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = teedata_slots,
};

static PyObject *
teedata_item_lock_held(teedataobject *self, int i)
{
    if (i < self->numread) {
        return Py_NewRef(self->values[i]);
    }
    assert(i == self->numread);
    if (self->running) {
        PyErr_SetString(PyExc_RuntimeError, "cannot re-enter the tee iterator");
        return NULL;
    }
    self->running = 1;
    PyObject *value = next_of_field(self->it);
    self->running = 0;
    if (value != NULL) {
        self->values[self->numread++] = Py_NewRef(value);
    }
    return value;
}

static PyObject *
teedata_item(PyObject *link, int i)
{
    PyObject *item;
    Py_BEGIN_CRITICAL_SECTION(link);
    item = teedata_item_lock_held((teedataobject *)link, i);
    Py_END_CRITICAL_SECTION();
    return item;
}

static PyObject *
teedata_jump_lock_held(itertools_state *state, teedataobject *self)
{
    if (self->next_link == NULL) {
        self->next_link = teedata_make(state, self->it);
    }
    return Py_XNewRef(self->next_link);
}

static PyObject *
teedata_jump(itertools_state *state, PyObject *link)
{
    PyObject *next;
    Py_BEGIN_CRITICAL_SECTION(link);
    next = teedata_jump_lock_held(state, (teedataobject *)link);
    Py_END_CRITICAL_SECTION();
    return next;
}

static PyObject *
tee_next_lock_held(teeobject *self)
{
    if (self->index >= LINK_CELLS) {
        PyObject *link = teedata_jump(itertools_state_of(Py_TYPE(self)), self->link);
        if (link == NULL) {
            return NULL;
        }
        Py_SETREF(self->link, link);
        self->index = 0;
    }
    PyObject *link = Py_NewRef(self->link);
    PyObject *item = teedata_item(link, self->index);
    Py_DECREF(link);
    if (item != NULL) {
        self->index++;
    }
    return item;
}
ITERTOOL_NEXT(tee, teeobject)

ITERTOOL_REFERENCES(tee, teeobject, link, link)

static void
tee_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((teeobject *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    tee_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* At the same place of the same items. */
static PyObject *
tee___copy___lock_held(teeobject *self)
{
    teeobject *copy = PyObject_GC_New(teeobject, Py_TYPE(self));
    if (copy == NULL) {
        return NULL;
    }
    copy->link = Py_NewRef(self->link);
    copy->index = self->index;
    copy->weakreflist = NULL;
    _PyObject_GC_TRACK(copy);
    return (PyObject *)copy;
}
PY_LOCKED_NOARGS(tee, __copy__, teeobject)

static PyObject *
tee_from_iterable(itertools_state *state, PyObject *iterable)
{
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return NULL;
    }
    teeobject *result = NULL;
    if (PyObject_TypeCheck(it, state->tee_type)) {
        result = (teeobject *)tee___copy__(it, NULL);
    }
    else {
        PyObject *link = teedata_make(state, it);
        result = link == NULL ? NULL : PyObject_GC_New(teeobject, state->tee_type);
        if (result == NULL) {
            Py_XDECREF(link);
        }
        else {
            result->link = link;
            result->index = 0;
            result->weakreflist = NULL;
            _PyObject_GC_TRACK(result);
        }
    }
    Py_DECREF(it);
    return (PyObject *)result;
}

static PyObject *
tee_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *iterable;
    if (!_PyArg_NoKeywords("_tee", kwds) || !PyArg_UnpackTuple(args, "_tee", 1, 1, &iterable)) {
        return NULL;
    }
    return tee_from_iterable(itertools_state_of(type), iterable);
}

static PyMethodDef tee_methods[] = {
    PY_METHOD(tee, __copy__, METH_NOARGS, "($self, /)", "Return an independent iterator at the same place."),
    {0}
};

static PyMemberDef tee_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(teeobject, weakreflist), Py_READONLY},
    {0}
};

static PyType_Slot tee_slots[] = {
    {Py_tp_dealloc, tee_dealloc},
    {Py_tp_doc, "_tee(iterable, /)\n--\n\nAn iterator that can be copied."},
    {Py_tp_traverse, tee_traverse},
    {Py_tp_clear, tee_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, tee_next},
    {Py_tp_methods, tee_methods},
    {Py_tp_members, tee_members},
    {Py_tp_new, tee_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

PyType_Spec _PyTee_spec = {
    .name = "itertools._tee",
    .basicsize = sizeof(teeobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = tee_slots,
};

PyObject *
_PyItertools_Tee(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n = 2;
    if (!_PyArg_CheckPositional("tee", nargs, 1, 2) || (nargs > 1 && index_as_ssize(args[1], &n) < 0)) {
        return NULL;
    }
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "n must be >= 0");
        return NULL;
    }
    PyObject *result = PyTuple_New(n);
    if (result == NULL || n == 0) {
        return result;
    }
    PyObject *first = tee_from_iterable((itertools_state *)PyModule_GetState(module), args[0]);
    if (first == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    PyTuple_SET_ITEM(result, 0, first);
    for (Py_ssize_t i = 1; i < n; i++) {
        PyObject *copy = tee___copy__(first, NULL);
        if (copy == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyTuple_SET_ITEM(result, i, copy);
    }
    return result;
}

/* -- The module -------------------------------------------------------------------- */

static PyMethodDef itertools_methods[] = {
    PY_METHOD_AS("tee", _PyItertools_Tee, METH_FASTCALL, "($module, iterable, n=2, /)",
                 "Return a tuple of n independent iterators over the same items."),
    {0}
};

static int
itertools_traverse(PyObject *module, visitproc visit, void *arg)
{
    itertools_state *state = PyModule_GetState(module);
    Py_VISIT(state->groupby_type);
    Py_VISIT(state->grouper_type);
    Py_VISIT(state->tee_type);
    Py_VISIT(state->teedata_type);
    return 0;
}

static int
itertools_clear(PyObject *module)
{
    itertools_state *state = PyModule_GetState(module);
    Py_CLEAR(state->groupby_type);
    Py_CLEAR(state->grouper_type);
    Py_CLEAR(state->tee_type);
    Py_CLEAR(state->teedata_type);
    return 0;
}

static void
itertools_free(void *module)
{
    (void)itertools_clear((PyObject *)module);
}

static PyTypeObject *
add_type(PyObject *module, PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type != NULL && PyModule_AddType(module, type) < 0) {
        Py_CLEAR(type);
    }
    return type;
}

static int
itertools_exec(PyObject *module)
{
    itertools_state *state = PyModule_GetState(module);
    static PyType_Spec *const specs[] = {
        &_PyAccumulate_spec, &_PyBatched_spec, &_PyCombinations_spec, &_PyCwr_spec, &_PyCycle_spec, &_PyDropwhile_spec,
        &_PyTakewhile_spec, &_PyIslice_spec, &_PyStarmap_spec, &_PyChain_spec, &_PyCompress_spec, &_PyFilterfalse_spec,
        &_PyCount_spec, &_PyPairwise_spec, &_PyZipLongest_spec, &_PyPermutations_spec, &_PyProduct_spec, &_PyRepeat_spec,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        PyTypeObject *type = add_type(module, specs[i]);
        if (type == NULL) {
            return -1;
        }
        Py_DECREF(type);
    }
    state->groupby_type = add_type(module, &_PyGroupby_spec);
    state->grouper_type = add_type(module, &_PyGrouper_spec);
    state->tee_type = add_type(module, &_PyTee_spec);
    state->teedata_type = add_type(module, &_PyTeedata_spec);
    return state->groupby_type == NULL || state->grouper_type == NULL || state->tee_type == NULL
        || state->teedata_type == NULL ? -1 : 0;
}

static PyModuleDef_Slot itertools_slots[] = {
    {Py_mod_exec, itertools_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

struct PyModuleDef _PyItertools_module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "itertools",
    .m_doc = "Iterators made from iterators: endless ones, filters, combinations.",
    .m_size = sizeof(itertools_state),
    .m_methods = itertools_methods,
    .m_slots = itertools_slots,
    .m_traverse = itertools_traverse,
    .m_clear = itertools_clear,
    .m_free = itertools_free,
};

PyMODINIT_FUNC
PyInit_itertools(void)
{
    return PyModuleDef_Init(&_PyItertools_module);
}

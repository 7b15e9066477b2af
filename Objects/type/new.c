/* type(name, bases, dict): making a class.

   The order is that of the language reference: metaclass, best base, slots, type object, attributes from the
   namespace, PyType_Ready, slots from methods, __set_name__, __init_subclass__.  Until the last two the type
   is known to this thread only. */
#include "internal.h"
#include "slot_functions.h"
#include "pycore_call.h"             // _PyObject_VectorcallTstate
#include "pycore_dict.h"
#include "pycore_modsupport.h"
#include "pycore_symtable.h"         // _Py_Mangle
#include "pycore_unicodeobject.h"

/* -- Metaclass and best base -------------------------------------------------------------------------------------------- */

PyTypeObject *
_PyType_CalculateMetaclass(PyTypeObject *metatype, PyObject *bases)
{
    PyTypeObject *winner = metatype;
    Py_ssize_t nbases = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < nbases; i++) {
        PyTypeObject *tmptype = Py_TYPE(PyTuple_GET_ITEM(bases, i));
        if (PyType_IsSubtype(winner, tmptype)) {
            continue;
        }
        if (PyType_IsSubtype(tmptype, winner)) {
            winner = tmptype;
            continue;
        }
        PyErr_SetString(PyExc_TypeError,
                        "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                        "metaclasses of all its bases");
        return NULL;
    }
    return winner;
}

static int
shape_differs(PyTypeObject *t1, PyTypeObject *t2)
{
    return t1->tp_basicsize != t2->tp_basicsize || t1->tp_itemsize != t2->tp_itemsize;
}

/* The last class on the way to object that added something to the layout. */
PyTypeObject *
_PyType_SolidBase(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base ? _PyType_SolidBase(type->tp_base) : &PyBaseObject_Type;
    return shape_differs(type, base) ? type : base;
}

PyTypeObject *
_PyType_BestBase(PyObject *bases)
{
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    assert(n > 0);
    PyTypeObject *base = NULL, *winner = NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *base_proto = PyTuple_GET_ITEM(bases, i);
        if (!PyType_Check(base_proto)) {
            PyErr_SetString(PyExc_TypeError, "bases must be types");
            return NULL;
        }
        PyTypeObject *base_i = (PyTypeObject *)base_proto;
        if (!_PyType_IsReady(base_i) && PyType_Ready(base_i) < 0) {
            return NULL;
        }
        if (!_PyType_HasFeature(base_i, Py_TPFLAGS_BASETYPE)) {
            PyErr_Format(PyExc_TypeError, "type '%.100s' is not an acceptable base type", base_i->tp_name);
            return NULL;
        }
        PyTypeObject *candidate = _PyType_SolidBase(base_i);
        if (winner == NULL) {
            winner = candidate;
            base = base_i;
        }
        else if (PyType_IsSubtype(winner, candidate)) {
            /* what we have will do */
        }
        else if (PyType_IsSubtype(candidate, winner)) {
            winner = candidate;
            base = base_i;
        }
        else {
            PyErr_SetString(PyExc_TypeError, "multiple bases have instance lay-out conflict");
            return NULL;
        }
    }
    return base;
}

/* -- Context -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyTypeObject *metatype;
    PyObject *args;
    PyObject *kwds;
    PyObject *orig_dict;       /* borrowed */
    PyObject *name;            /* borrowed */
    PyObject *bases;           /* owned */
    PyTypeObject *base;        /* borrowed from bases */
    PyObject *slots;           /* owned: tuple of member names, or NULL */
    Py_ssize_t nslot;
    int add_dict, add_weak;    /* instances get them from this class */
    int may_add_dict, may_add_weak;
} new_ctx;

/* -- __slots__ -------------------------------------------------------------------------------------------------------------- */

static PyObject *
get_slots(PyObject *dict)
{
    PyObject *slots;
    if (PyDict_GetItemRef(dict, _Py_ID(__slots__), &slots) <= 0) {
        return NULL;
    }
    PyObject *tuple = PyUnicode_Check(slots) ? PyTuple_Pack(1, slots) : PySequence_Tuple(slots);
    Py_DECREF(slots);
    return tuple;
}

/* Checks the names and notes __dict__ and __weakref__: 0, -1. */
static int
visit_slots(new_ctx *ctx)
{
    PyObject *slots = ctx->slots;
    for (Py_ssize_t i = 0; i < ctx->nslot; i++) {
        PyObject *name = PyTuple_GET_ITEM(slots, i);
        if (!PyUnicode_Check(name)) {
            PyErr_Format(PyExc_TypeError, "__slots__ items must be strings, not '%.200s'", Py_TYPE(name)->tp_name);
            return -1;
        }
        if (!PyUnicode_IsIdentifier(name)) {
            PyErr_SetString(PyExc_TypeError, "__slots__ must be identifiers");
            return -1;
        }
        if (_PyUnicode_Equal(name, _Py_ID(__dict__))) {
            if (!ctx->may_add_dict || ctx->add_dict != 0) {
                PyErr_SetString(PyExc_TypeError, "__dict__ slot disallowed: we already got one");
                return -1;
            }
            ctx->add_dict++;
        }
        if (_PyUnicode_Equal(name, _Py_ID(__weakref__))) {
            if (!ctx->may_add_weak || ctx->add_weak != 0) {
                PyErr_SetString(PyExc_TypeError, "__weakref__ slot disallowed: we already got one");
                return -1;
            }
            ctx->add_weak++;
        }
    }
    return 0;
}

/* Mangled names of the slots that become members, sorted, so that the same set gives the same layout. */
static PyObject *
sorted_slots(new_ctx *ctx, PyObject *dict)
{
    Py_ssize_t nslot = ctx->nslot - ctx->add_dict - ctx->add_weak;
    PyObject *newslots = PyList_New(nslot);
    if (newslots == NULL) {
        return NULL;
    }
    Py_ssize_t j = 0;
    for (Py_ssize_t i = 0; i < ctx->nslot; i++) {
        PyObject *slot = PyTuple_GET_ITEM(ctx->slots, i);
        if ((ctx->add_dict && _PyUnicode_Equal(slot, _Py_ID(__dict__)))
            || (ctx->add_weak && _PyUnicode_Equal(slot, _Py_ID(__weakref__)))) {
            continue;
        }
        slot = _Py_Mangle(ctx->name, slot);
        if (slot == NULL) {
            goto fail;
        }
        PyList_SET_ITEM(newslots, j, slot);
        int r = PyDict_Contains(dict, slot);
        if (r < 0) {
            goto fail;
        }
        if (r > 0
            /* The compiler puts these into the namespace; they are removed below. */
            && !_PyUnicode_Equal(slot, _Py_ID(__qualname__)) && !_PyUnicode_Equal(slot, _Py_ID(__classcell__))
            && !_PyUnicode_Equal(slot, _Py_ID(__classdictcell__))) {
            PyErr_Format(PyExc_ValueError, "%R in __slots__ conflicts with class variable", slot);
            goto fail;
        }
        j++;
    }
    assert(j == nslot);
    if (PyList_Sort(newslots) < 0) {
        goto fail;
    }
    PyObject *tuple = PyList_AsTuple(newslots);
    Py_DECREF(newslots);
    return tuple;
fail:
    Py_DECREF(newslots);
    return NULL;
}

/* Bases other than the best one may have brought __dict__ or __weakref__. */
static void
slots_of_other_bases(new_ctx *ctx)
{
    Py_ssize_t nbases = PyTuple_GET_SIZE(ctx->bases);
    if (nbases <= 1
        || !((ctx->may_add_dict && ctx->add_dict == 0) || (ctx->may_add_weak && ctx->add_weak == 0))) {
        return;
    }
    for (Py_ssize_t i = 0; i < nbases; i++) {
        PyTypeObject *type = (PyTypeObject *)PyTuple_GET_ITEM(ctx->bases, i);
        if (type == ctx->base) {
            continue;
        }
        if (ctx->may_add_dict && ctx->add_dict == 0 && type->tp_dictoffset != 0) {
            ctx->add_dict++;
        }
        if (ctx->may_add_weak && ctx->add_weak == 0 && type->tp_weaklistoffset != 0) {
            ctx->add_weak++;
        }
    }
}

static int
handle_slots(new_ctx *ctx, PyObject *dict)
{
    ctx->add_dict = ctx->add_weak = 0;
    ctx->may_add_dict = ctx->base->tp_dictoffset == 0;
    ctx->may_add_weak = ctx->base->tp_weaklistoffset == 0 && ctx->base->tp_itemsize == 0;
    ctx->slots = get_slots(dict);
    if (ctx->slots == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        ctx->nslot = 0;
        ctx->add_dict = ctx->may_add_dict;
        ctx->add_weak = ctx->may_add_weak;
        return 0;
    }
    ctx->nslot = PyTuple_GET_SIZE(ctx->slots);
    if (ctx->nslot > 0 && ctx->base->tp_itemsize != 0) {
        PyErr_Format(PyExc_TypeError, "nonempty __slots__ not supported for subtype of '%s'", ctx->base->tp_name);
        return -1;
    }
    if (visit_slots(ctx) < 0) {
        return -1;
    }
    PyObject *sorted = sorted_slots(ctx, dict);
    if (sorted == NULL) {
        return -1;
    }
    Py_SETREF(ctx->slots, sorted);
    ctx->nslot = PyTuple_GET_SIZE(sorted);
    slots_of_other_bases(ctx);
    return 0;
}

/* -- The type object --------------------------------------------------------------------------------------------------------- */

static PyTypeObject *
alloc_type(new_ctx *ctx, PyObject *dict)
{
    PyTypeObject *metatype = ctx->metatype;
    PyTypeObject *type = (PyTypeObject *)metatype->tp_alloc(metatype, ctx->nslot);
    if (type == NULL) {
        return NULL;
    }
    PyHeapTypeObject *et = (PyHeapTypeObject *)type;
    type->tp_dict = Py_NewRef(dict);
    type->tp_bases = Py_NewRef(ctx->bases);
    type->tp_base = (PyTypeObject *)Py_NewRef(ctx->base);
    type_set_flags(type, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_BASETYPE
                             | (ctx->base->tp_flags & Py_TPFLAGS_HAVE_GC));
    type->tp_as_async = &et->as_async;
    type->tp_as_sequence = &et->as_sequence;
    type->tp_as_mapping = &et->as_mapping;
    type->tp_as_buffer = &et->as_buffer;
    type->tp_as_number = &et->as_number;
    et->ht_name = Py_NewRef(ctx->name);
    et->ht_slots = Py_XNewRef(ctx->slots);
    et->ht_module = NULL;
    et->_ht_tpname = NULL;
    et->ht_token = NULL;
#ifdef Py_GIL_DISABLED
    et->unique_id = 0;
#endif
    return type;
}

static int
set_name(new_ctx *ctx, PyTypeObject *type)
{
    Py_ssize_t name_size;
    type->tp_name = PyUnicode_AsUTF8AndSize(ctx->name, &name_size);
    if (!type->tp_name) {
        return -1;
    }
    if (strlen(type->tp_name) != (size_t)name_size) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    return 0;
}

/* -- Attributes from the namespace -------------------------------------------------------------------------------------------- */

/* __module__ is the __name__ of the globals where the class statement runs. */
static int
set_module(PyObject *dict)
{
    int r = PyDict_Contains(dict, _Py_ID(__module__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    PyObject *globals = PyEval_GetGlobals();
    if (globals == NULL) {
        return 0;
    }
    PyObject *module;
    r = PyDict_GetItemRef(globals, _Py_ID(__name__), &module);
    if (module) {
        r = PyDict_SetItem(dict, _Py_ID(__module__), module);
        Py_DECREF(module);
    }
    return r < 0 ? -1 : 0;
}

/* __qualname__ moves from the namespace into the type. */
static int
set_qualname(PyHeapTypeObject *et, PyObject *dict)
{
    PyObject *qualname;
    int found = PyDict_GetItemRef(dict, _Py_ID(__qualname__), &qualname);
    if (found < 0) {
        return -1;
    }
    if (found == 0) {
        et->ht_qualname = Py_NewRef(et->ht_name);
        return 0;
    }
    if (!PyUnicode_Check(qualname)) {
        PyErr_Format(PyExc_TypeError, "type __qualname__ must be a str, not %s", Py_TYPE(qualname)->tp_name);
        Py_DECREF(qualname);
        return -1;
    }
    et->ht_qualname = qualname;
    return PyDict_DelItem(dict, _Py_ID(__qualname__));
}

/* tp_doc is a copy of a str __doc__. */
static int
set_doc(PyTypeObject *type, PyObject *dict)
{
    PyObject *doc;
    int found = PyDict_GetItemRef(dict, _Py_ID(__doc__), &doc);
    if (found <= 0) {
        return found;
    }
    if (!PyUnicode_Check(doc)) {
        Py_DECREF(doc);
        return 0;
    }
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(doc, &size);
    if (text == NULL) {
        Py_DECREF(doc);
        return -1;
    }
    char *copy = PyMem_Malloc((size_t)size + 1);
    if (copy == NULL) {
        Py_DECREF(doc);
        PyErr_NoMemory();
        return -1;
    }
    memcpy(copy, text, (size_t)size + 1);
    Py_DECREF(doc);
    type->tp_doc = copy;
    return 0;
}

/* A plain function becomes a static or class method. */
static int
wrap_function(PyObject *dict, PyObject *attr, PyObject *(*wrap)(PyObject *))
{
    PyObject *func;
    int found = PyDict_GetItemRef(dict, attr, &func);
    if (found <= 0) {
        return found;
    }
    if (!PyFunction_Check(func)) {
        Py_DECREF(func);
        return 0;
    }
    PyObject *method = wrap(func);
    Py_DECREF(func);
    if (method == NULL) {
        return -1;
    }
    int r = PyDict_SetItem(dict, attr, method);
    Py_DECREF(method);
    return r;
}

/* Members for the slots; where __dict__ and __weakref__ are; sizes. */
static int
set_layout(new_ctx *ctx, PyTypeObject *type)
{
    PyHeapTypeObject *et = (PyHeapTypeObject *)type;
    Py_ssize_t slotoffset = ctx->base->tp_basicsize;
    if (et->ht_slots != NULL) {
        PyMemberDef *mp = _PyType_HeapMembers(type);
        Py_ssize_t nslot = PyTuple_GET_SIZE(et->ht_slots);
        for (Py_ssize_t i = 0; i < nslot; i++, mp++) {
            mp->name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(et->ht_slots, i));
            if (mp->name == NULL) {
                return -1;
            }
            mp->type = Py_T_OBJECT_EX;
            mp->offset = slotoffset;
            slotoffset += (Py_ssize_t)sizeof(PyObject *);
        }
    }
    if (ctx->add_weak) {
        assert((ctx->base->tp_flags & Py_TPFLAGS_MANAGED_WEAKREF) == 0);
        type_add_flags(type, Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_HAVE_GC);
        type->tp_weaklistoffset = MANAGED_WEAKREF_OFFSET;
    }
    if (ctx->add_dict) {
        assert((ctx->base->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0);
        type_add_flags(type, Py_TPFLAGS_MANAGED_DICT | Py_TPFLAGS_HAVE_GC);
        type->tp_dictoffset = -1;
    }
    type->tp_basicsize = slotoffset;
    type->tp_itemsize = ctx->base->tp_itemsize;
    type->tp_members = _PyType_HeapMembers(type);
    type->tp_getset = ctx->add_dict && ctx->add_weak ? _PyType_SubtypeGetsetFull
                    : ctx->add_dict ? _PyType_SubtypeGetsetDictOnly
                    : ctx->add_weak ? _PyType_SubtypeGetsetWeakrefOnly : NULL;
    /* Slots may form cycles. */
    if (type->tp_basicsize > ctx->base->tp_basicsize) {
        type_add_flags(type, Py_TPFLAGS_HAVE_GC);
    }
    return 0;
}

static void
set_memory_functions(PyTypeObject *type)
{
    type->tp_dealloc = _PyObject_SubtypeDealloc;
    type->tp_alloc = PyType_GenericAlloc;
    if (type->tp_flags & Py_TPFLAGS_HAVE_GC) {
        type->tp_free = PyObject_GC_Del;
        type->tp_traverse = _PyType_SubtypeTraverse;
        type->tp_clear = _PyType_SubtypeClear;
    }
    else {
        type->tp_free = PyObject_Free;
    }
}

/* The cell that methods read __class__ from. */
static int
set_classcell(PyTypeObject *type, PyObject *dict)
{
    PyObject *cell;
    int found = PyDict_GetItemRef(dict, _Py_ID(__classcell__), &cell);
    if (found <= 0) {
        return found;
    }
    if (!PyCell_Check(cell)) {
        PyErr_Format(PyExc_TypeError, "__classcell__ must be a nonlocal cell, not %.200R", Py_TYPE(cell));
        Py_DECREF(cell);
        return -1;
    }
    int r = PyCell_Set(cell, (PyObject *)type);
    Py_DECREF(cell);
    return r < 0 ? -1 : PyDict_DelItem(dict, _Py_ID(__classcell__));
}

/* The cell that annotation scopes read the class namespace from. */
static int
set_classdictcell(PyObject *dict)
{
    PyObject *cell;
    int found = PyDict_GetItemRef(dict, _Py_ID(__classdictcell__), &cell);
    if (found <= 0) {
        return found;
    }
    if (!PyCell_Check(cell)) {
        PyErr_Format(PyExc_TypeError, "__classdictcell__ must be a nonlocal cell, not %.200R", Py_TYPE(cell));
        Py_DECREF(cell);
        return -1;
    }
    int r = PyCell_Set(cell, dict);
    Py_DECREF(cell);
    return r < 0 ? -1 : PyDict_DelItem(dict, _Py_ID(__classdictcell__));
}

static int
set_attributes(new_ctx *ctx, PyTypeObject *type)
{
    PyObject *dict = type->tp_dict;
    if (set_name(ctx, type) < 0
        || set_module(dict) < 0
        || set_qualname((PyHeapTypeObject *)type, dict) < 0
        || set_doc(type, dict) < 0
        || wrap_function(dict, _Py_ID(__new__), PyStaticMethod_New) < 0
        || wrap_function(dict, _Py_ID(__init_subclass__), PyClassMethod_New) < 0
        || wrap_function(dict, _Py_ID(__class_getitem__), PyClassMethod_New) < 0
        || set_layout(ctx, type) < 0) {
        return -1;
    }
    set_memory_functions(type);
    return set_classcell(type, dict) < 0 || set_classdictcell(dict) < 0 ? -1 : 0;
}

/* -- Hooks ---------------------------------------------------------------------------------------------------------------------- */

/* Calls __set_name__ of every attribute that has it. */
int
_PyType_SetNames(PyTypeObject *type, PyObject *names_to_set)
{
    Py_ssize_t i = 0;
    PyObject *key, *value;
    while (PyDict_Next(names_to_set, &i, &key, &value)) {
        PyObject *set_name = _PyObject_LookupSpecial(value, _Py_ID(__set_name__));
        if (set_name == NULL) {
            if (PyErr_Occurred()) {
                return -1;
            }
            continue;
        }
        PyObject *res = PyObject_CallFunctionObjArgs(set_name, type, key, NULL);
        Py_DECREF(set_name);
        if (res == NULL) {
            _PyErr_FormatNote("Error calling __set_name__ on '%.100s' instance %R in '%.100s'",
                              Py_TYPE(value)->tp_name, key, type->tp_name);
            return -1;
        }
        Py_DECREF(res);
    }
    return 0;
}

/* super(type, type).__init_subclass__(**kwds) */
int
_PyType_InitSubclass(PyTypeObject *type, PyObject *kwds)
{
    PyObject *func = _PySuper_Lookup(type, (PyObject *)type, _Py_ID(__init_subclass__), NULL);
    if (func == NULL) {
        return -1;
    }
    PyObject *result = PyObject_VectorcallDict(func, NULL, 0, kwds);
    Py_DECREF(func);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

/* -- All of it -------------------------------------------------------------------------------------------------------------------- */

/* 1: go on; 0: *result is what another metaclass made; -1. */
static int
find_bases(new_ctx *ctx, PyObject **result)
{
    PyObject *bases = PyTuple_GET_ITEM(ctx->args, 1);
    Py_ssize_t nbases = PyTuple_GET_SIZE(bases);
    if (nbases == 0) {
        ctx->base = &PyBaseObject_Type;
        ctx->bases = PyTuple_Pack(1, ctx->base);
        return ctx->bases == NULL ? -1 : 1;
    }
    for (Py_ssize_t i = 0; i < nbases; i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (PyType_Check(base)) {
            continue;
        }
        int rc = PyObject_HasAttrWithError(base, _Py_ID(__mro_entries__));
        if (rc < 0) {
            return -1;
        }
        if (rc) {
            PyErr_SetString(PyExc_TypeError, "type() doesn't support MRO entry resolution; use types.new_class()");
            return -1;
        }
    }
    PyTypeObject *winner = _PyType_CalculateMetaclass(ctx->metatype, bases);
    if (winner == NULL) {
        return -1;
    }
    if (winner != ctx->metatype) {
        if (winner->tp_new != _PyType_New) {
            *result = winner->tp_new(winner, ctx->args, ctx->kwds);
            return *result == NULL ? -1 : 0;
        }
        ctx->metatype = winner;
    }
    ctx->base = _PyType_BestBase(bases);
    if (ctx->base == NULL) {
        return -1;
    }
    ctx->bases = Py_NewRef(bases);
    return 1;
}

static PyObject *
new_impl(new_ctx *ctx)
{
    PyTypeObject *type = NULL;
    PyObject *names = NULL;
    PyObject *dict = PyDict_Copy(ctx->orig_dict);
    if (dict == NULL) {
        return NULL;
    }
    if (handle_slots(ctx, dict) < 0) {
        goto fail;
    }
    type = alloc_type(ctx, dict);
    if (type == NULL || set_attributes(ctx, type) < 0) {
        goto fail;
    }
    if (PyType_Ready(type) < 0) {
        goto fail;
    }
    _PyType_FixupSlots(type);
    _PyObject_SetDeferred((PyObject *)type);

    names = PyDict_Copy(dict);
    if (names == NULL || _PyType_SetNames(type, names) < 0 || _PyType_InitSubclass(type, ctx->kwds) < 0) {
        goto fail;
    }
    Py_DECREF(names);
    Py_DECREF(dict);
    return (PyObject *)type;
fail:
    Py_XDECREF(names);
    Py_DECREF(dict);
    Py_XDECREF(type);
    return NULL;
}

PyObject *
_PyType_New(PyTypeObject *metatype, PyObject *args, PyObject *kwds)
{
    assert(args != NULL && PyTuple_Check(args));
    assert(kwds == NULL || PyDict_Check(kwds));
    PyObject *name, *bases, *orig_dict;
    if (!PyArg_ParseTuple(args, "UO!O!:type.__new__", &name, &PyTuple_Type, &bases, &PyDict_Type, &orig_dict)) {
        return NULL;
    }
    new_ctx ctx = {
        .metatype = metatype,
        .args = args,
        .kwds = kwds,
        .orig_dict = orig_dict,
        .name = name,
    };
    PyObject *type = NULL;
    int res = find_bases(&ctx, &type);
    if (res > 0) {
        type = new_impl(&ctx);
    }
    Py_XDECREF(ctx.bases);
    Py_XDECREF(ctx.slots);
    return type;
}

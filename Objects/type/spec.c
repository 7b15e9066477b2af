/* Heap types made from C (PyType_FromSpec and its family), and what the stable ABI may ask of a type. */
#include "internal.h"
#include "pycore_modsupport.h"
#include "pycore_moduleobject.h"
#include "pycore_unicodeobject.h"

/* -- Slot numbers ------------------------------------------------------------------------------------------------------ */

#define SLOT(suite, name) [Py_##name] = (short)offsetof(PyHeapTypeObject, suite.name) + 1
#define TP(name) [Py_##name] = (short)offsetof(PyTypeObject, name) + 1

/* Offset in PyHeapTypeObject plus one; 0: no such number, or one that is handled specially. */
static const short slot_offsets[] = {
    SLOT(as_buffer, bf_getbuffer), SLOT(as_buffer, bf_releasebuffer),
    SLOT(as_mapping, mp_ass_subscript), SLOT(as_mapping, mp_length), SLOT(as_mapping, mp_subscript),
    SLOT(as_number, nb_absolute), SLOT(as_number, nb_add), SLOT(as_number, nb_and), SLOT(as_number, nb_bool),
    SLOT(as_number, nb_divmod), SLOT(as_number, nb_float), SLOT(as_number, nb_floor_divide),
    SLOT(as_number, nb_index), SLOT(as_number, nb_inplace_add), SLOT(as_number, nb_inplace_and),
    SLOT(as_number, nb_inplace_floor_divide), SLOT(as_number, nb_inplace_lshift),
    SLOT(as_number, nb_inplace_multiply), SLOT(as_number, nb_inplace_or), SLOT(as_number, nb_inplace_power),
    SLOT(as_number, nb_inplace_remainder), SLOT(as_number, nb_inplace_rshift),
    SLOT(as_number, nb_inplace_subtract), SLOT(as_number, nb_inplace_true_divide),
    SLOT(as_number, nb_inplace_xor), SLOT(as_number, nb_int), SLOT(as_number, nb_invert),
    SLOT(as_number, nb_lshift), SLOT(as_number, nb_multiply), SLOT(as_number, nb_negative),
    SLOT(as_number, nb_or), SLOT(as_number, nb_positive), SLOT(as_number, nb_power),
    SLOT(as_number, nb_remainder), SLOT(as_number, nb_rshift), SLOT(as_number, nb_subtract),
    SLOT(as_number, nb_true_divide), SLOT(as_number, nb_xor),
    SLOT(as_number, nb_matrix_multiply), SLOT(as_number, nb_inplace_matrix_multiply),
    SLOT(as_sequence, sq_ass_item), SLOT(as_sequence, sq_concat), SLOT(as_sequence, sq_contains),
    SLOT(as_sequence, sq_inplace_concat), SLOT(as_sequence, sq_inplace_repeat), SLOT(as_sequence, sq_item),
    SLOT(as_sequence, sq_length), SLOT(as_sequence, sq_repeat),
    SLOT(as_async, am_await), SLOT(as_async, am_aiter), SLOT(as_async, am_anext), SLOT(as_async, am_send),
    TP(tp_alloc), TP(tp_base), TP(tp_bases), TP(tp_call), TP(tp_clear), TP(tp_dealloc), TP(tp_del),
    TP(tp_descr_get), TP(tp_descr_set), TP(tp_doc), TP(tp_getattr), TP(tp_getattro), TP(tp_hash), TP(tp_init),
    TP(tp_is_gc), TP(tp_iter), TP(tp_iternext), TP(tp_methods), TP(tp_new), TP(tp_repr), TP(tp_richcompare),
    TP(tp_setattr), TP(tp_setattro), TP(tp_str), TP(tp_traverse), TP(tp_members), TP(tp_getset), TP(tp_free),
    TP(tp_finalize), TP(tp_vectorcall),
    [Py_tp_token] = (short)offsetof(PyHeapTypeObject, ht_token) + 1,
};
#define SLOT_COUNT ((int)Py_ARRAY_LENGTH(slot_offsets))

/* The suite of an offset, as another pointer of the type: 0 if the slot is the type's own. */
static Py_ssize_t
suite_of_offset(short offset, Py_ssize_t *start)
{
#define SUITE(suite, pointer)                                                                              \
    if (offset >= (short)offsetof(PyHeapTypeObject, suite)                                                 \
        && offset < (short)(offsetof(PyHeapTypeObject, suite) + sizeof(((PyHeapTypeObject *)0)->suite))) { \
        *start = (Py_ssize_t)offsetof(PyHeapTypeObject, suite);                                            \
        return (Py_ssize_t)offsetof(PyTypeObject, pointer);                                                \
    }
    SUITE(as_async, tp_as_async)
    SUITE(as_number, tp_as_number)
    SUITE(as_mapping, tp_as_mapping)
    SUITE(as_sequence, tp_as_sequence)
    SUITE(as_buffer, tp_as_buffer)
#undef SUITE
    return 0;
}

/* -- Reading a specification ------------------------------------------------------------------------------------------------ */

typedef struct {
    PyType_Spec *spec;
    Py_ssize_t nmembers;
    const PyMemberDef *members;
    Py_ssize_t weaklistoffset, dictoffset, vectorcalloffset;
    int has_relative;
    char *doc;                /* copy, or NULL */
    PyObject *bases;          /* tuple, owned */
    PyTypeObject *base;       /* borrowed from bases */
    void *token;
    int has_token;
} spec_ctx;

static int
special_offset_from_member(const PyMemberDef *memb, Py_ssize_t type_data_offset, Py_ssize_t *dest)
{
    if (memb->type != Py_T_PYSSIZET) {
        PyErr_Format(PyExc_SystemError, "type of %s must be Py_T_PYSSIZET", memb->name);
        return -1;
    }
    if (memb->flags == Py_READONLY) {
        *dest = memb->offset;
    }
    else if (memb->flags == (Py_READONLY | Py_RELATIVE_OFFSET)) {
        *dest = memb->offset + type_data_offset;
    }
    else {
        PyErr_Format(PyExc_SystemError, "flags for %s must be Py_READONLY or (Py_READONLY | Py_RELATIVE_OFFSET)",
                     memb->name);
        return -1;
    }
    return 0;
}

/* First look: what is there, and copies of texts. */
static int
spec_scan(spec_ctx *ctx)
{
    for (const PyType_Slot *slot = ctx->spec->slots; slot->slot; slot++) {
        if (slot->slot < 0 || slot->slot >= SLOT_COUNT || slot_offsets[slot->slot] == 0) {
            PyErr_SetString(PyExc_RuntimeError, "invalid slot offset");
            return -1;
        }
        switch (slot->slot) {
        case Py_tp_members:
            if (ctx->nmembers != 0) {
                PyErr_SetString(PyExc_SystemError, "Multiple Py_tp_members slots are not supported.");
                return -1;
            }
            for (const PyMemberDef *memb = slot->pfunc; memb->name != NULL; memb++) {
                ctx->nmembers++;
                ctx->has_relative |= (memb->flags & Py_RELATIVE_OFFSET) != 0;
                if (memb->flags & Py_RELATIVE_OFFSET) {
                    if (ctx->spec->basicsize > 0) {
                        PyErr_SetString(PyExc_SystemError, "With Py_RELATIVE_OFFSET, basicsize must be negative.");
                        return -1;
                    }
                    if (memb->offset < 0 || memb->offset >= -(Py_ssize_t)ctx->spec->basicsize) {
                        PyErr_SetString(PyExc_SystemError, "Member offset out of range (0..-basicsize)");
                        return -1;
                    }
                }
            }
            ctx->members = slot->pfunc;
            break;
        case Py_tp_doc:
            if (ctx->doc != NULL) {
                PyErr_SetString(PyExc_SystemError, "Multiple Py_tp_doc slots are not supported.");
                return -1;
            }
            if (slot->pfunc != NULL) {
                size_t len = strlen(slot->pfunc) + 1;
                ctx->doc = PyMem_Malloc(len);
                if (ctx->doc == NULL) {
                    PyErr_NoMemory();
                    return -1;
                }
                memcpy(ctx->doc, slot->pfunc, len);
            }
            break;
        case Py_tp_token:
            ctx->has_token = 1;
            ctx->token = slot->pfunc == Py_TP_USE_SPEC ? (void *)ctx->spec : slot->pfunc;
            break;
        }
    }
    if (ctx->spec->name == NULL) {
        PyErr_SetString(PyExc_SystemError, "Type spec does not define the name field.");
        return -1;
    }
    return 0;
}

/* The tuple of bases: argument, slot Py_tp_bases, slot Py_tp_base, object. */
static int
spec_bases(spec_ctx *ctx, PyObject *bases_in)
{
    if (bases_in != NULL) {
        ctx->bases = PyTuple_Check(bases_in) ? Py_NewRef(bases_in) : PyTuple_Pack(1, bases_in);
        return ctx->bases == NULL ? -1 : 0;
    }
    PyObject *base = (PyObject *)&PyBaseObject_Type;
    PyObject *bases = NULL;
    for (const PyType_Slot *slot = ctx->spec->slots; slot->slot; slot++) {
        if (slot->slot == Py_tp_base) {
            base = slot->pfunc;
        }
        else if (slot->slot == Py_tp_bases) {
            bases = slot->pfunc;
        }
    }
    if (bases != NULL) {
        if (!PyTuple_Check(bases)) {
            PyErr_SetString(PyExc_SystemError, "Py_tp_bases is not a tuple");
            return -1;
        }
        ctx->bases = Py_NewRef(bases);
    }
    else {
        ctx->bases = PyTuple_Pack(1, base);
    }
    return ctx->bases == NULL ? -1 : 0;
}

static int
check_immutable_bases(const char *type_name, PyObject *bases)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *b = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (!b) {
            return -1;
        }
        if (!_PyType_HasFeature(b, Py_TPFLAGS_IMMUTABLETYPE)) {
            PyErr_Format(PyExc_TypeError, "Creating immutable type %s from mutable base %N", type_name, b);
            return -1;
        }
    }
    return 0;
}

static Py_ssize_t
max_align(Py_ssize_t size)
{
    const Py_ssize_t alignment = (Py_ssize_t)_Alignof(max_align_t);
    return (size + alignment - 1) & ~(alignment - 1);
}

/* tp_basicsize and where the type's own data begin: 0, -1. */
static int
spec_size(spec_ctx *ctx, Py_ssize_t *basicsize, Py_ssize_t *type_data_offset)
{
    PyTypeObject *base = ctx->base;
    *basicsize = ctx->spec->basicsize;
    *type_data_offset = ctx->spec->basicsize;
    if (*basicsize == 0) {
        *basicsize = base->tp_basicsize;
    }
    else if (*basicsize < 0) {
        /* Added to the base's. */
        *type_data_offset = max_align(base->tp_basicsize);
        *basicsize = *type_data_offset + max_align(-*basicsize);
        if (base->tp_itemsize != 0 && !(base->tp_flags & Py_TPFLAGS_ITEMS_AT_END)) {
            PyErr_SetString(PyExc_SystemError, "Cannot extend variable-size class without Py_TPFLAGS_ITEMS_AT_END.");
            return -1;
        }
    }
    return 0;
}

/* -- Making the type --------------------------------------------------------------------------------------------------------- */

static int
spec_set_names(spec_ctx *ctx, PyHeapTypeObject *res)
{
    const char *s = strrchr(ctx->spec->name, '.');
    s = s == NULL ? ctx->spec->name : s + 1;
    res->ht_name = PyUnicode_FromString(s);
    if (res->ht_name == NULL) {
        return -1;
    }
    res->ht_qualname = Py_NewRef(res->ht_name);
    /* The text of the specification need not live as long as the type. */
    size_t name_size = strlen(ctx->spec->name) + 1;
    res->_ht_tpname = PyMem_Malloc(name_size);
    if (res->_ht_tpname == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(res->_ht_tpname, ctx->spec->name, name_size);
    res->ht_type.tp_name = res->_ht_tpname;
    return 0;
}

static void
spec_copy_slots(spec_ctx *ctx, PyHeapTypeObject *res)
{
    char *res_start = (char *)res;
    for (const PyType_Slot *slot = ctx->spec->slots; slot->slot; slot++) {
        switch (slot->slot) {
        case Py_tp_base: case Py_tp_bases: case Py_tp_doc: case Py_tp_members: case Py_tp_token:
            break;
        default: {
            /* Function pointers are copied as words. */
            short offset = (short)(slot_offsets[slot->slot] - 1);
            *(void **)(res_start + offset) = slot->pfunc;
            break;
        }
        }
    }
}

static void
spec_copy_members(spec_ctx *ctx, PyTypeObject *type, Py_ssize_t type_data_offset)
{
    if (ctx->nmembers == 0) {
        return;
    }
    PyMemberDef *memb = _PyType_HeapMembers(type);
    memcpy(memb, ctx->members, (size_t)ctx->nmembers * sizeof(PyMemberDef));
    type->tp_members = memb;
    for (Py_ssize_t i = 0; i < ctx->nmembers; i++) {
        if (memb[i].flags & Py_RELATIVE_OFFSET) {
            memb[i].flags &= ~Py_RELATIVE_OFFSET;
            memb[i].offset += type_data_offset;
        }
    }
}

static int
spec_special_offsets(spec_ctx *ctx, Py_ssize_t type_data_offset)
{
    for (Py_ssize_t i = 0; i < ctx->nmembers; i++) {
        const PyMemberDef *memb = &ctx->members[i];
        Py_ssize_t *dest = strcmp(memb->name, "__weaklistoffset__") == 0 ? &ctx->weaklistoffset
                         : strcmp(memb->name, "__dictoffset__") == 0 ? &ctx->dictoffset
                         : strcmp(memb->name, "__vectorcalloffset__") == 0 ? &ctx->vectorcalloffset : NULL;
        if (dest != NULL && special_offset_from_member(memb, type_data_offset, dest) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
check_offset(PyTypeObject *type, Py_ssize_t offset, const char *what)
{
    if (offset > 0 && (offset < 0 || offset > type->tp_basicsize - (Py_ssize_t)sizeof(void *))) {
        PyErr_Format(PyExc_TypeError, "%s offset %zd is out of bounds for type '%s' (tp_basicsize = %zd)", what, offset,
                     type->tp_name, type->tp_basicsize);
        return -1;
    }
    return 0;
}

static int
spec_set_module(PyTypeObject *type, const char *name)
{
    PyObject *dict = type->tp_dict;
    int r = PyDict_Contains(dict, _Py_ID(__module__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    const char *s = strrchr(name, '.');
    if (s == NULL) {
        return PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "builtin type %.200s has no __module__ attribute", name)
               ? -1 : 0;
    }
    PyObject *modname = PyUnicode_FromStringAndSize(name, (Py_ssize_t)(s - name));
    if (modname == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&modname);
    r = PyDict_SetItem(dict, _Py_ID(__module__), modname);
    Py_DECREF(modname);
    return r;
}

static PyTypeObject *
spec_choose_metaclass(spec_ctx *ctx, PyTypeObject *metaclass)
{
    if (metaclass == NULL) {
        metaclass = &PyType_Type;
    }
    metaclass = _PyType_CalculateMetaclass(metaclass, ctx->bases);
    if (metaclass == NULL) {
        return NULL;
    }
    if (!PyType_Check((PyObject *)metaclass)) {
        PyErr_Format(PyExc_TypeError, "Metaclass '%R' is not a subclass of 'type'.", metaclass);
        return NULL;
    }
    if (metaclass->tp_new && metaclass->tp_new != PyType_Type.tp_new) {
        PyErr_SetString(PyExc_TypeError, "Metaclasses with custom tp_new are not supported.");
        return NULL;
    }
    return metaclass;
}

static PyTypeObject *
spec_make(spec_ctx *ctx, PyTypeObject *metaclass, PyObject *module)
{
    PyTypeObject *base = ctx->base;
    Py_ssize_t basicsize, type_data_offset;
    if (spec_size(ctx, &basicsize, &type_data_offset) < 0 || spec_special_offsets(ctx, type_data_offset) < 0) {
        return NULL;
    }
    PyHeapTypeObject *res = (PyHeapTypeObject *)metaclass->tp_alloc(metaclass, ctx->nmembers);
    if (res == NULL) {
        return NULL;
    }
    PyTypeObject *type = &res->ht_type;
    type_set_flags(type, ctx->spec->flags | Py_TPFLAGS_HEAPTYPE);
    type->tp_as_async = &res->as_async;
    type->tp_as_number = &res->as_number;
    type->tp_as_sequence = &res->as_sequence;
    type->tp_as_mapping = &res->as_mapping;
    type->tp_as_buffer = &res->as_buffer;
    type->tp_base = (PyTypeObject *)Py_NewRef(base);
    type->tp_bases = Py_NewRef(ctx->bases);
    type->tp_basicsize = basicsize;
    type->tp_itemsize = ctx->spec->itemsize;
    type->tp_doc = ctx->doc;
    ctx->doc = NULL;
    res->ht_module = Py_XNewRef(module);
    res->ht_token = ctx->token;
    if (spec_set_names(ctx, res) < 0) {
        goto fail;
    }
    spec_copy_slots(ctx, res);
    spec_copy_members(ctx, type, type_data_offset);

    if (type->tp_dealloc == NULL) {
        /* The type adds nothing that needs more. */
        type->tp_dealloc = _PyObject_SubtypeDealloc;
    }
    type->tp_weaklistoffset = ctx->weaklistoffset;
    type->tp_dictoffset = ctx->dictoffset;
    type->tp_vectorcall_offset = ctx->vectorcalloffset;
    if (type->tp_basicsize < base->tp_basicsize) {
        PyErr_Format(PyExc_TypeError, "tp_basicsize for type '%s' (%zd) is too small for base '%s' (%zd)",
                     type->tp_name, type->tp_basicsize, base->tp_name, base->tp_basicsize);
        goto fail;
    }
    if (check_offset(type, ctx->weaklistoffset, "weaklist") < 0 || check_offset(type, ctx->dictoffset, "dict") < 0
        || check_offset(type, ctx->vectorcalloffset, "vectorcall") < 0) {
        goto fail;
    }
    if (PyType_Ready(type) < 0) {
        goto fail;
    }
    if (spec_set_module(type, ctx->spec->name) < 0) {
        goto fail;
    }
    _PyObject_SetDeferred((PyObject *)type);
    return type;
fail:
    Py_DECREF(res);
    return NULL;
}

PyObject *
PyType_FromMetaclass(PyTypeObject *metaclass, PyObject *module, PyType_Spec *spec, PyObject *bases_in)
{
    spec_ctx ctx = {.spec = spec};
    PyTypeObject *res = NULL;
    if (spec_scan(&ctx) < 0 || spec_bases(&ctx, bases_in) < 0) {
        goto done;
    }
    if ((spec->flags & Py_TPFLAGS_IMMUTABLETYPE) && check_immutable_bases(spec->name, ctx.bases) < 0) {
        goto done;
    }
    metaclass = spec_choose_metaclass(&ctx, metaclass);
    if (metaclass == NULL) {
        goto done;
    }
    ctx.base = _PyType_BestBase(ctx.bases);
    if (ctx.base == NULL) {
        goto done;
    }
    res = spec_make(&ctx, metaclass, module);
done:
    PyMem_Free(ctx.doc);
    Py_XDECREF(ctx.bases);
    return (PyObject *)res;
}

PyObject *
PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, module, spec, bases);
}

PyObject *
PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, NULL, spec, bases);
}

PyObject *
PyType_FromSpec(PyType_Spec *spec)
{
    return PyType_FromMetaclass(NULL, NULL, spec, NULL);
}

int
PyType_Freeze(PyTypeObject *type)
{
    PyObject *mro = _PyType_GetMRO(type);
    if (mro == NULL) {
        PyErr_SetString(PyExc_TypeError, "unable to get the type MRO");
        return -1;
    }
    /* The type itself is first. */
    PyObject *bases = PyTuple_GetSlice(mro, 1, PyTuple_GET_SIZE(mro));
    Py_DECREF(mro);
    if (bases == NULL) {
        return -1;
    }
    int check = check_immutable_bases(type->tp_name, bases);
    Py_DECREF(bases);
    if (check < 0) {
        return -1;
    }
    _PyType_Lock();
    type_add_flags(type, Py_TPFLAGS_IMMUTABLETYPE);
    _PyType_Modified_lock_held(type);
    _PyType_Unlock();
    return 0;
}

/* -- Questions to a type -------------------------------------------------------------------------------------------------------- */

void *
PyType_GetSlot(PyTypeObject *type, int slot)
{
    if (slot < 0 || slot >= SLOT_COUNT || slot_offsets[slot] == 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    short offset = (short)(slot_offsets[slot] - 1);
    if (slot == Py_tp_token) {
        return _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) ? ((PyHeapTypeObject *)type)->ht_token : NULL;
    }
    Py_ssize_t start;
    Py_ssize_t pointer = suite_of_offset(offset, &start);
    if (pointer != 0) {
        char *suite = *(char **)((char *)type + pointer);
        return suite == NULL ? NULL : *(void **)(suite + (offset - start));
    }
    return *(void **)((char *)type + offset);
}

PyObject *
PyType_GetModule(PyTypeObject *type)
{
    assert(PyType_Check(type));
    if (!_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        PyErr_Format(PyExc_TypeError, "PyType_GetModule: Type '%s' is not a heap type", type->tp_name);
        return NULL;
    }
    PyHeapTypeObject *et = (PyHeapTypeObject *)type;
    if (!et->ht_module) {
        PyErr_Format(PyExc_TypeError, "PyType_GetModule: Type '%s' has no associated module", type->tp_name);
        return NULL;
    }
    return et->ht_module;
}

void *
PyType_GetModuleState(PyTypeObject *type)
{
    PyObject *m = PyType_GetModule(type);
    return m == NULL ? NULL : _PyModule_GetState(m);
}

PyObject *
_PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    PyObject *mro = type_mro(type);
    if (mro == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(mro);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTypeObject *super = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (!_PyType_HasFeature(super, Py_TPFLAGS_HEAPTYPE)) {
            continue;
        }
        PyObject *module = ((PyHeapTypeObject *)super)->ht_module;
        if (module != NULL && PyModule_Check(module) && _PyModule_GetDef(module) == def) {
            return module;
        }
    }
    return NULL;
}

PyObject *
PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    PyObject *module = _PyType_GetModuleByDef(type, def);
    if (module == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "PyType_GetModuleByDef: No superclass of '%s' has the given module", type->tp_name);
    }
    return module;
}

PyObject *
_PyType_GetModuleByDef2(PyTypeObject *left, PyTypeObject *right, PyModuleDef *def)
{
    PyObject *module = _PyType_GetModuleByDef(left, def);
    if (module == NULL) {
        module = _PyType_GetModuleByDef(right, def);
    }
    if (module == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "PyType_GetModuleByDef: No superclass of '%s' nor '%s' has the given module", left->tp_name,
                     right->tp_name);
    }
    return module;
}

PyTypeObject *
_PyType_GetBaseByToken_Borrow(PyTypeObject *type, void *token)
{
    assert(token != NULL);
    PyObject *mro = type_mro(type);
    if (mro == NULL) {
        for (; type != NULL; type = type->tp_base) {
            if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && ((PyHeapTypeObject *)type)->ht_token == token) {
                return type;
            }
        }
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (_PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE) && ((PyHeapTypeObject *)base)->ht_token == token) {
            return base;
        }
    }
    return NULL;
}

int
PyType_GetBaseByToken(PyTypeObject *type, void *token, PyTypeObject **result)
{
    if (result != NULL) {
        *result = NULL;
    }
    if (token == NULL) {
        PyErr_Format(PyExc_SystemError, "PyType_GetBaseByToken called with token=NULL");
        return -1;
    }
    if (!PyType_Check(type)) {
        PyErr_Format(PyExc_TypeError, "expected a type, got a '%T' object", type);
        return -1;
    }
    PyTypeObject *base = _PyType_GetBaseByToken_Borrow(type, token);
    if (base == NULL) {
        return 0;
    }
    if (result != NULL) {
        *result = (PyTypeObject *)Py_NewRef(base);
    }
    return 1;
}

void *
PyObject_GetTypeData(PyObject *obj, PyTypeObject *cls)
{
    assert(PyObject_TypeCheck(obj, cls));
    return (char *)obj + max_align(cls->tp_base->tp_basicsize);
}

Py_ssize_t
PyType_GetTypeDataSize(PyTypeObject *cls)
{
    Py_ssize_t result = cls->tp_basicsize - max_align(cls->tp_base->tp_basicsize);
    return result < 0 ? 0 : result;
}

void *
PyObject_GetItemData(PyObject *obj)
{
    if (!PyType_HasFeature(Py_TYPE(obj), Py_TPFLAGS_ITEMS_AT_END)) {
        PyErr_Format(PyExc_TypeError, "type '%s' does not have Py_TPFLAGS_ITEMS_AT_END", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    return (char *)obj + Py_TYPE(obj)->tp_basicsize;
}

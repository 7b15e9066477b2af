/* PyType_Ready(): completes a type from what its definition gives and its bases have.

   Called once for each type, by one thread, before others can know the type; for heap types at the end of their
   making.  Takes the type lock for what it changes in other types. */
#include "internal.h"
#include "pycore_dict.h"
#include "pycore_interp.h"
#include "pycore_lock.h"
#include "pycore_weakref.h"

/* -- tp_dict ---------------------------------------------------------------------------------------------------------- */

/* A dict in which everything is set once: readers take no lock from the start. */
static int
ensure_dict(PyTypeObject *type)
{
    if (type->tp_dict == NULL) {
        PyObject *dict = PyDict_New();
        if (dict == NULL) {
            return -1;
        }
        type->tp_dict = dict;
    }
    _PyObject_SetShared(type->tp_dict);
    return 0;
}

static int
add_method(PyTypeObject *type, PyMethodDef *meth)
{
    PyObject *descr;
    int isdescr = 1;
    if (meth->ml_flags & METH_CLASS) {
        if (meth->ml_flags & METH_STATIC) {
            PyErr_SetString(PyExc_ValueError, "method cannot be both class and static");
            return -1;
        }
        descr = PyDescr_NewClassMethod(type, meth);
    }
    else if (meth->ml_flags & METH_STATIC) {
        PyObject *cfunc = PyCFunction_NewEx(meth, (PyObject *)type, NULL);
        if (cfunc == NULL) {
            return -1;
        }
        descr = PyStaticMethod_New(cfunc);
        isdescr = 0;
        Py_DECREF(cfunc);
    }
    else {
        descr = PyDescr_NewMethod(type, meth);
    }
    if (descr == NULL) {
        return -1;
    }
    PyObject *name = isdescr ? Py_NewRef(PyDescr_NAME(descr)) : PyUnicode_InternFromString(meth->ml_name);
    if (name == NULL) {
        Py_DECREF(descr);
        return -1;
    }
    int err = meth->ml_flags & METH_COEXIST ? PyDict_SetItem(type->tp_dict, name, descr)
                                            : PyDict_SetDefaultRef(type->tp_dict, name, descr, NULL);
    Py_DECREF(name);
    Py_DECREF(descr);
    return err < 0 ? -1 : 0;
}

int
_PyType_AddMethod(PyTypeObject *type, PyMethodDef *meth)
{
    return add_method(type, meth);
}

/* Steals descr. */
static int
add_descr(PyTypeObject *type, PyObject *descr)
{
    if (descr == NULL) {
        return -1;
    }
    int err = PyDict_SetDefaultRef(type->tp_dict, PyDescr_NAME(descr), descr, NULL);
    Py_DECREF(descr);
    return err < 0 ? -1 : 0;
}

int
_PyType_AddMethodsAndMembers(PyTypeObject *type)
{
    for (PyMethodDef *meth = type->tp_methods; meth && meth->ml_name != NULL; meth++) {
        if (add_method(type, meth) < 0) {
            return -1;
        }
    }
    for (PyMemberDef *memb = type->tp_members; memb && memb->name != NULL; memb++) {
        if (add_descr(type, PyDescr_NewMember(type, memb)) < 0) {
            return -1;
        }
    }
    for (PyGetSetDef *gsp = type->tp_getset; gsp && gsp->name != NULL; gsp++) {
        if (add_descr(type, PyDescr_NewGetSet(type, gsp)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* -- __doc__ and text signatures ------------------------------------------------------------------------------------------ */

/* The text after "name(" of an internal docstring up to the signature's end marker; NULL if it has none. */
static const char *
find_signature(const char *name, const char *doc)
{
    if (!doc || !name) {
        return NULL;
    }
    const char *dot = strrchr(name, '.');
    if (dot) {
        name = dot + 1;
    }
    size_t length = strlen(name);
    if (strncmp(doc, name, length)) {
        return NULL;
    }
    doc += length;
    return *doc == '(' ? doc : NULL;
}

#define SIGNATURE_END_MARKER ")\n--\n\n"

/* Behind the end marker, or NULL. */
static const char *
skip_signature(const char *doc)
{
    for (; *doc; doc++) {
        if (*doc == SIGNATURE_END_MARKER[0]
            && !strncmp(doc, SIGNATURE_END_MARKER, sizeof(SIGNATURE_END_MARKER) - 1)) {
            return doc + sizeof(SIGNATURE_END_MARKER) - 1;
        }
        if (*doc == '\n' && doc[1] == '\n') {
            return NULL;
        }
    }
    return NULL;
}

/* The docstring without the signature. */
const char *
_PyType_DocWithoutSignature(const char *name, const char *internal_doc)
{
    const char *doc = find_signature(name, internal_doc);
    if (doc) {
        doc = skip_signature(doc);
        if (doc) {
            return doc;
        }
    }
    return internal_doc;
}

PyObject *
_PyType_GetDocFromInternalDoc(const char *name, const char *internal_doc)
{
    const char *doc = _PyType_DocWithoutSignature(name, internal_doc);
    if (!doc || *doc == '\0') {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(doc);
}

PyObject *
_PyType_GetTextSignatureFromInternalDoc(const char *name, const char *internal_doc, int Py_UNUSED(flags))
{
    const char *start = find_signature(name, internal_doc);
    const char *end = start ? skip_signature(start) : NULL;
    if (!end) {
        Py_RETURN_NONE;
    }
    end -= sizeof(SIGNATURE_END_MARKER) - 1;
    end++;      /* with the parenthesis */
    return PyUnicode_FromStringAndSize(start, end - start);
}

/* __doc__ of every type, so that none inherits its base's. */
static int
set_doc(PyTypeObject *type)
{
    int r = PyDict_Contains(type->tp_dict, _Py_ID(__doc__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    if (type->tp_doc == NULL) {
        return PyDict_SetItem(type->tp_dict, _Py_ID(__doc__), Py_None);
    }
    PyObject *doc = PyUnicode_FromString(_PyType_DocWithoutSignature(type->tp_name, type->tp_doc));
    if (doc == NULL) {
        return -1;
    }
    r = PyDict_SetItem(type->tp_dict, _Py_ID(__doc__), doc);
    Py_DECREF(doc);
    return r;
}

/* -- Bases ------------------------------------------------------------------------------------------------------------------ */

static int
set_base_and_bases(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (base == NULL && type != &PyBaseObject_Type) {
        base = &PyBaseObject_Type;
        type->tp_base = (PyTypeObject *)(is_static_type(type) ? (PyObject *)base : Py_NewRef(base));
    }
    if (base != NULL && !_PyType_IsReady(base) && PyType_Ready(base) < 0) {
        return -1;
    }
    /* ob_type of an extension's static type may be NULL: some compilers cannot write it down. */
    if (Py_IS_TYPE(type, NULL) && base != NULL) {
        Py_SET_TYPE(type, Py_TYPE(base));
    }
    if (type->tp_bases == NULL) {
        PyObject *bases = base == NULL ? PyTuple_New(0) : PyTuple_Pack(1, base);
        if (bases == NULL) {
            return -1;
        }
        type->tp_bases = bases;
    }
    return 0;
}

/* Every base that is not static may be freed before a static type is. */
static int
check_static_bases(PyTypeObject *type)
{
    if (!is_static_type(type)) {
        return 0;
    }
    PyObject *mro = type_mro(type);
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *b = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (PyType_Check(b) && (b->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
            PyErr_Format(PyExc_TypeError, "type '%.100s' is not dynamically allocated but its base type '%.100s' "
                         "is dynamically allocated", type->tp_name, b->tp_name);
            return -1;
        }
    }
    return 0;
}

#define COLLECTION_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

/* -- Inheritance --------------------------------------------------------------------------------------------------------------- */

/* Sizes, GC functions and flags, from the one base whose layout type extends. */
static void
inherit_special(PyTypeObject *type, PyTypeObject *base)
{
    if (!(type->tp_flags & Py_TPFLAGS_HAVE_GC) && (base->tp_flags & Py_TPFLAGS_HAVE_GC)
        && !type->tp_traverse && !type->tp_clear) {
        type_add_flags(type, Py_TPFLAGS_HAVE_GC);
        type->tp_traverse = base->tp_traverse;
        type->tp_clear = base->tp_clear;
    }
    type_add_flags(type, base->tp_flags & Py_TPFLAGS_PREHEADER);
    if (type->tp_basicsize == 0) {
        type->tp_basicsize = base->tp_basicsize;
    }
#define COPYVAL(SLOT) if (type->SLOT == 0) type->SLOT = base->SLOT
    COPYVAL(tp_itemsize);
    COPYVAL(tp_weaklistoffset);
    COPYVAL(tp_dictoffset);
#undef COPYVAL
    static PyTypeObject *const fast_types[] = {
        &PyLong_Type, &PyBytes_Type, &PyUnicode_Type, &PyTuple_Type, &PyList_Type, &PyDict_Type, &PyType_Type,
    };
    static const unsigned long fast_flags[] = {
        Py_TPFLAGS_LONG_SUBCLASS, Py_TPFLAGS_BYTES_SUBCLASS, Py_TPFLAGS_UNICODE_SUBCLASS, Py_TPFLAGS_TUPLE_SUBCLASS,
        Py_TPFLAGS_LIST_SUBCLASS, Py_TPFLAGS_DICT_SUBCLASS, Py_TPFLAGS_TYPE_SUBCLASS,
    };
    if (PyType_IsSubtype(base, (PyTypeObject *)PyExc_BaseException)) {
        type_add_flags(type, Py_TPFLAGS_BASE_EXC_SUBCLASS);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fast_types); i++) {
        if (PyType_IsSubtype(base, fast_types[i])) {
            type_add_flags(type, fast_flags[i]);
        }
    }
    if (_PyType_HasFeature(base, _Py_TPFLAGS_MATCH_SELF)) {
        type_add_flags(type, _Py_TPFLAGS_MATCH_SELF);
    }
    if (_PyType_HasFeature(base, Py_TPFLAGS_ITEMS_AT_END)) {
        type_add_flags(type, Py_TPFLAGS_ITEMS_AT_END);
    }
}

static int
inherit(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (base != NULL) {
        inherit_special(type, base);
    }
    /* Slots along the whole MRO, type itself first. */
    PyObject *mro = type_mro(type);
    Py_ssize_t n = PyTuple_GET_SIZE(mro);
    for (Py_ssize_t i = 1; i < n; i++) {
        PyObject *b = PyTuple_GET_ITEM(mro, i);
        if (PyType_Check(b)) {
            _PyType_InheritSlots(type, (PyTypeObject *)b);
        }
    }
    if (base != NULL) {
        /* Suites that type does not have are its base's. */
        if (type->tp_as_async == NULL) {
            type->tp_as_async = base->tp_as_async;
        }
        if (type->tp_as_number == NULL) {
            type->tp_as_number = base->tp_as_number;
        }
        if (type->tp_as_sequence == NULL) {
            type->tp_as_sequence = base->tp_as_sequence;
        }
        if (type->tp_as_mapping == NULL) {
            type->tp_as_mapping = base->tp_as_mapping;
        }
        if (type->tp_as_buffer == NULL) {
            type->tp_as_buffer = base->tp_as_buffer;
        }
        /* Sequence or mapping for match statements. */
        if (!(type->tp_flags & COLLECTION_FLAGS)) {
            type_add_flags(type, base->tp_flags & COLLECTION_FLAGS);
        }
    }
    return 0;
}

static int
set_new(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    /* A static extension type without tp_new whose base is object cannot be made from Python: the object.__new__
       it would inherit knows nothing of its layout. */
    if (type->tp_new == NULL && base == &PyBaseObject_Type && is_static_type(type)) {
        type_add_flags(type, Py_TPFLAGS_DISALLOW_INSTANTIATION);
    }
    if (type->tp_flags & Py_TPFLAGS_DISALLOW_INSTANTIATION) {
        type->tp_new = NULL;
    }
    else if (type->tp_new != NULL) {
        /* Its own: the method __new__ calls it. */
        return _PyType_AddTpNewWrapper(type);
    }
    else {
        type->tp_new = base->tp_new;
    }
    return 0;
}

static int
check_gc(PyTypeObject *type)
{
    if (!(type->tp_flags & Py_TPFLAGS_HAVE_GC)) {
        if (type->tp_flags & (Py_TPFLAGS_MANAGED_DICT | Py_TPFLAGS_MANAGED_WEAKREF)) {
            if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
                PyErr_Format(PyExc_SystemError,
                             "type %s has the Py_TPFLAGS_MANAGED_DICT flag but not Py_TPFLAGS_HAVE_GC flag",
                             type->tp_name);
                return -1;
            }
        }
        return 0;
    }
    if (type->tp_free == PyObject_Free) {
        type->tp_free = PyObject_GC_Del;
    }
    if (type->tp_traverse == NULL) {
        PyErr_Format(PyExc_SystemError, "type %s has the Py_TPFLAGS_HAVE_GC flag but has no traverse function",
                     type->tp_name);
        return -1;
    }
    return 0;
}

static int
check_managed_dict(PyTypeObject *type)
{
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (type->tp_dictoffset == 0) {
            type->tp_dictoffset = -1;
        }
        if (type->tp_dictoffset != -1) {
            PyErr_Format(PyExc_SystemError,
                         "type %s has the Py_TPFLAGS_MANAGED_DICT flag but tp_dictoffset is set to incompatible value",
                         type->tp_name);
            return -1;
        }
        if (is_static_type(type)) {
            PyErr_Format(PyExc_SystemError,
                         "type %s has the Py_TPFLAGS_MANAGED_DICT flag but not Py_TPFLAGS_HEAPTYPE flag", type->tp_name);
            return -1;
        }
        PyHeapTypeObject *et = (PyHeapTypeObject *)type;
        if (et->ht_cached_keys == NULL) {
            et->ht_cached_keys = _PyDict_NewKeysForClass(et);
            if (et->ht_cached_keys == NULL) {
                return -1;
            }
        }
        /* Values behind the object itself; there is no place for them behind items. */
        if (type->tp_itemsize == 0) {
            type_add_flags(type, Py_TPFLAGS_INLINE_VALUES);
        }
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_WEAKREF) {
        if (type->tp_weaklistoffset == 0) {
            type->tp_weaklistoffset = MANAGED_WEAKREF_OFFSET;
        }
        if (type->tp_weaklistoffset != MANAGED_WEAKREF_OFFSET) {
            PyErr_Format(PyExc_SystemError, "type %s has the Py_TPFLAGS_MANAGED_WEAKREF flag but tp_weaklistoffset is "
                         "set to incompatible value", type->tp_name);
            return -1;
        }
    }
    return 0;
}

static int
set_hash(PyTypeObject *type)
{
    if (type->tp_hash != NULL) {
        return 0;
    }
    int r = PyDict_Contains(type->tp_dict, _Py_ID(__hash__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    if (PyDict_SetItem(type->tp_dict, _Py_ID(__hash__), Py_None) < 0) {
        return -1;
    }
    type->tp_hash = PyObject_HashNotImplemented;
    return 0;
}

/* -- Ready ---------------------------------------------------------------------------------------------------------------------- */

static int
type_ready(PyTypeObject *type)
{
    assert(!(type->tp_flags & Py_TPFLAGS_READYING));
    type_add_flags(type, Py_TPFLAGS_READYING);
    if (type->tp_name == NULL) {
        PyErr_Format(PyExc_SystemError, "Type does not define the tp_name field.");
        goto fail;
    }
    if (ensure_dict(type) < 0 || set_base_and_bases(type) < 0) {
        goto fail;
    }
    /* Readers hold no reference to a type whose MRO they walk. */
    _PyObject_SetShared((PyObject *)type);
    if (set_new(type) < 0
        || _PyType_AddSlotWrappers(type) < 0
        || _PyType_AddMethodsAndMembers(type) < 0
        || set_doc(type) < 0
        || _PyType_ComputeMRO(type, NULL) < 0
        || check_static_bases(type) < 0
        || inherit(type) < 0
        || check_gc(type) < 0
        || set_hash(type) < 0
        || check_managed_dict(type) < 0) {
        goto fail;
    }
    int res;
    _PyType_Lock();
    res = _PyType_AddAllSubclasses(type, type_bases(type));
    _PyType_Unlock();
    if (res < 0) {
        goto fail;
    }
    type_set_flags(type, (type->tp_flags & ~Py_TPFLAGS_READYING) | Py_TPFLAGS_READY);
    return 0;
fail:
    type_clear_flags(type, Py_TPFLAGS_READYING);
    return -1;
}

int
PyType_Ready(PyTypeObject *type)
{
    if (type->tp_flags & Py_TPFLAGS_READY) {
        return 0;
    }
    _PyType_InitSlotNames();
    /* A static type cannot be freed, and nobody may change it from Python. */
    if (is_static_type(type)) {
        type_add_flags(type, Py_TPFLAGS_IMMUTABLETYPE);
#ifdef Py_GIL_DISABLED
        _Py_SetImmortalUntracked((PyObject *)type);
#endif
    }
    return type_ready(type);
}

int
_PyStaticType_InitBuiltin(PyInterpreterState *interp, PyTypeObject *type)
{
    if (!_Py_IsMainInterpreter(interp) && (type->tp_flags & Py_TPFLAGS_READY)) {
        return 0;      /* static types are the same in all interpreters */
    }
    type_add_flags(type, Py_TPFLAGS_IMMUTABLETYPE | _Py_TPFLAGS_STATIC_BUILTIN);
    return PyType_Ready(type);
}

int
_PyStaticType_InitForExtension(PyInterpreterState *interp, PyTypeObject *type)
{
    return _PyStaticType_InitBuiltin(interp, type);
}

/* Undoes PyType_Ready() so that the runtime can be started again. */
void
_PyStaticType_FiniBuiltin(PyInterpreterState *interp, PyTypeObject *type)
{
    if (!_Py_IsMainInterpreter(interp)) {
        return;
    }
    _PyType_TypeDeallocCommon(type);
    Py_CLEAR(type->tp_dict);
    Py_CLEAR(type->tp_bases);
    Py_CLEAR(type->tp_mro);
    Py_CLEAR(type->tp_cache);
    PyObject *subclasses = type->tp_subclasses;
    type->tp_subclasses = NULL;
    Py_XDECREF(subclasses);
    _PyWeakref_ClearWeakRefsNoCallbacks((PyObject *)type);
    type_clear_flags(type, Py_TPFLAGS_READY);
    _PyType_SetVersion(type, 0);
}

/* -- All of them ------------------------------------------------------------------------------------------------------------------ */

#define BUILTIN_TYPE(type) extern PyTypeObject type;
#include "builtin_types.def"
#undef BUILTIN_TYPE

static PyTypeObject *const builtin_types[] = {
#define BUILTIN_TYPE(type) &type,
#include "builtin_types.def"
#undef BUILTIN_TYPE
};

PyStatus
_PyTypes_InitSlotDefs(PyInterpreterState *Py_UNUSED(interp))
{
    _PyType_InitSlotNames();
    return PyStatus_Ok();
}

PyStatus
_PyTypes_InitTypes(PyInterpreterState *interp)
{
    _PyType_InitSlotNames();
    for (size_t i = 0; i < Py_ARRAY_LENGTH(builtin_types); i++) {
        PyTypeObject *type = builtin_types[i];
        if (_PyStaticType_InitBuiltin(interp, type) < 0) {
            PyErr_Clear();
            fprintf(stderr, "cannot make builtin type ready: %s\n", type->tp_name ? type->tp_name : "?");
            return PyStatus_Error("Can't initialize builtin type");
        }
    }
    return PyStatus_Ok();
}

void
_PyTypes_FiniTypes(PyInterpreterState *interp)
{
    /* Last to first: subclasses go before their bases. */
    for (size_t i = Py_ARRAY_LENGTH(builtin_types); i-- > 0;) {
        _PyStaticType_FiniBuiltin(interp, builtin_types[i]);
    }
}

void
_PyTypes_FiniExtTypes(PyInterpreterState *Py_UNUSED(interp))
{
}

void
_PyTypes_Fini(PyInterpreterState *interp)
{
    memset(interp->types.watchers, 0, sizeof(interp->types.watchers));
}

void
_PyTypes_AfterFork(void)
{
    _PyType_LockAfterFork();
}

PyObject *
_PyStaticType_GetBuiltins(void)
{
    PyObject *list = PyList_New((Py_ssize_t)Py_ARRAY_LENGTH(builtin_types));
    if (list == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(builtin_types); i++) {
        PyList_SET_ITEM(list, (Py_ssize_t)i, Py_NewRef(builtin_types[i]));
    }
    return list;
}

/* From special methods to slots and back.

   A class that defines __add__ gets nb_add; a C type that has nb_add gets the method __add__; a class that
   inherits both keeps the C function as long as the method found in its MRO is the wrapper of that function.
   Locking: slots change under the type lock.  Callers load a slot as one word, so they see either function;
   both answer for the class as it was at some moment of the call. */
#include "slot_functions.h"
#include "pycore_descrobject.h"
#include "pycore_unicodeobject.h"    // _PyUnicode_InternImmortal
#include "pycore_weakref.h"

/* -- The table --------------------------------------------------------------------------------------------------- */

#define ROW(name, offset, function, wrapper, signature, doc, flags) \
    {name, (int)(offset), (void *)(function), (wrapperfunc)(void (*)(void))(wrapper), \
     name signature "\n--\n\n" doc, (flags), NULL},
#define TPSLOT(name, slot, f, w, s, d) ROW(name, offsetof(PyTypeObject, slot), f, w, s, d, 0)
#define KWSLOT(name, slot, f, w, s, d) ROW(name, offsetof(PyTypeObject, slot), f, w, s, d, PyWrapperFlag_KEYWORDS)
#define AMSLOT(name, slot, f, w, s, d) ROW(name, offsetof(PyHeapTypeObject, as_async.slot), f, w, s, d, 0)
#define NBSLOT(name, slot, f, w, s, d) ROW(name, offsetof(PyHeapTypeObject, as_number.slot), f, w, s, d, 0)
#define MPSLOT(name, slot, f, w, s, d) ROW(name, offsetof(PyHeapTypeObject, as_mapping.slot), f, w, s, d, 0)
#define SQSLOT(name, slot, f, w, s, d) ROW(name, offsetof(PyHeapTypeObject, as_sequence.slot), f, w, s, d, 0)
#define BFSLOT(name, slot, f, w, s, d) ROW(name, offsetof(PyHeapTypeObject, as_buffer.slot), f, w, s, d, 0)

static pytype_slotdef slotdefs[] = {
#include "slotdefs.def"
    {NULL, 0, NULL, NULL, NULL, 0, NULL}
};
#define SLOTDEF_COUNT (Py_ARRAY_LENGTH(slotdefs) - 1)

/* Rows of the same method name, at most that many. */
#define MAX_EQUIV 10

void
_PyType_InitSlotNames(void)
{
    if (slotdefs[0].name_strobj != NULL) {
        return;
    }
    for (pytype_slotdef *p = slotdefs; p->name; p++) {
        assert(!p[1].name || p->offset <= p[1].offset);
        PyObject *name = PyUnicode_FromString(p->name);
        if (name == NULL) {
            Py_FatalError("out of memory in the table of slots");
        }
        _PyUnicode_InternImmortal(_PyInterpreterState_GET(), &name);
        p->name_strobj = name;
    }
}

PyObject *
_PyType_GetSlotWrapperNames(void)
{
    PyObject *names = PyList_New((Py_ssize_t)SLOTDEF_COUNT);
    if (names == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < SLOTDEF_COUNT; i++) {
        PyList_SET_ITEM(names, (Py_ssize_t)i, Py_NewRef(slotdefs[i].name_strobj));
    }
    return names;
}

/* Address of the slot at this offset of PyHeapTypeObject, or NULL if type lacks the suite. */
static void **
slotptr(PyTypeObject *type, int ioffset)
{
    long offset = ioffset;
    char *ptr;
    assert(offset >= 0 && (size_t)offset < offsetof(PyHeapTypeObject, as_buffer) + sizeof(PyBufferProcs));
    if ((size_t)offset >= offsetof(PyHeapTypeObject, as_buffer)) {
        ptr = (char *)type->tp_as_buffer;
        offset -= (long)offsetof(PyHeapTypeObject, as_buffer);
    }
    else if ((size_t)offset >= offsetof(PyHeapTypeObject, as_sequence)) {
        ptr = (char *)type->tp_as_sequence;
        offset -= (long)offsetof(PyHeapTypeObject, as_sequence);
    }
    else if ((size_t)offset >= offsetof(PyHeapTypeObject, as_mapping)) {
        ptr = (char *)type->tp_as_mapping;
        offset -= (long)offsetof(PyHeapTypeObject, as_mapping);
    }
    else if ((size_t)offset >= offsetof(PyHeapTypeObject, as_number)) {
        ptr = (char *)type->tp_as_number;
        offset -= (long)offsetof(PyHeapTypeObject, as_number);
    }
    else if ((size_t)offset >= offsetof(PyHeapTypeObject, as_async)) {
        ptr = (char *)type->tp_as_async;
        offset -= (long)offsetof(PyHeapTypeObject, as_async);
    }
    else {
        ptr = (char *)type;
    }
    return ptr == NULL ? NULL : (void **)(ptr + offset);
}

/* -- From methods to slots ----------------------------------------------------------------------------------------- */

/* The one slot that is set among those which this method name fills; NULL if none or several are. */
static void **
resolve_slotdups(PyTypeObject *type, PyObject *name)
{
    void **res = NULL;
    for (pytype_slotdef *p = slotdefs; p->name_strobj; p++) {
        if (p->name_strobj != name) {
            continue;
        }
        void **ptr = slotptr(type, p->offset);
        if (ptr == NULL || *ptr == NULL) {
            continue;
        }
        if (res != NULL) {
            return NULL;
        }
        res = ptr;
    }
    return res;
}

/* Sets the slot of the group that starts at p by what its methods are in type's MRO.  Returns the next group. */
static pytype_slotdef *
update_one_slot(PyTypeObject *type, pytype_slotdef *p)
{
    ASSERT_TYPE_LOCK_HELD();
    int offset = p->offset;
    void **ptr = slotptr(type, offset);
    if (ptr == NULL) {
        do {
            ++p;
        } while (p->offset == offset);
        return p;
    }
    void *generic = NULL;       /* calls the Python method */
    void *specific = NULL;      /* the C function behind the methods that were found */
    int use_generic = 0;
    /* The rows of this slot may be filled by one C function each; if they differ, the generic one must decide. */
    do {
        PyObject *descr;
        int found = _PyType_FindNameInMRO(type, p->name_strobj, &descr);
        if (found <= 0) {
            if (found < 0) {
                PyErr_Clear();
            }
            if (ptr == (void **)&type->tp_iternext) {
                specific = (void *)_PyObject_NextNotImplemented;
            }
            continue;
        }
        if (Py_IS_TYPE(descr, &PyWrapperDescr_Type)
            && ((PyWrapperDescrObject *)descr)->d_base->name_strobj == p->name_strobj) {
            PyWrapperDescrObject *d = (PyWrapperDescrObject *)descr;
            void **tptr = resolve_slotdups(type, p->name_strobj);
            if (tptr == NULL || tptr == ptr) {
                generic = p->function;
            }
            if ((specific == NULL || specific == d->d_wrapped)
                && d->d_base->wrapper == p->wrapper
                && PyType_IsSubtype(type, PyDescr_TYPE(d))) {
                specific = d->d_wrapped;
            }
            else {
                use_generic = 1;
            }
        }
        else if (Py_IS_TYPE(descr, &PyCFunction_Type)
                 && PyCFunction_GET_FUNCTION(descr) == (PyCFunction)(void (*)(void))_PyType_TpNewWrapper
                 && ptr == (void **)&type->tp_new) {
            /* __new__ of a C type is a builtin function with that type as self.  Its tp_new has been inherited;
               which one is right when there are several C bases, type_ready has decided. */
            specific = (void *)type->tp_new;
        }
        else if (descr == Py_None && ptr == (void **)&type->tp_hash) {
            /* __hash__ = None */
            specific = (void *)PyObject_HashNotImplemented;
        }
        else {
            use_generic = 1;
            generic = p->function;
            if (p->function == (void *)slot_tp_call) {
                /* Python's __call__ knows nothing of vectorcall. */
                type_clear_flags(type, Py_TPFLAGS_HAVE_VECTORCALL);
            }
        }
        Py_DECREF(descr);
    } while ((++p)->offset == offset);

    void *value = specific && !use_generic ? specific : generic;
    /* Release: the function answers for state written before. */
    if (*ptr != value) {
        FT_ATOMIC_STORE_PTR_RELEASE(*ptr, value);
    }
    return p;
}

int
_PyType_FixupSlots(PyTypeObject *type)
{
    _PyType_Lock();
    for (pytype_slotdef *p = slotdefs; p->name;) {
        p = update_one_slot(type, p);
    }
    _PyType_Unlock();
    return 0;
}

/* The starts of the groups that this method name has rows in. */
static int
groups_of_name(PyObject *name, pytype_slotdef *groups[MAX_EQUIV])
{
    int n = 0;
    for (pytype_slotdef *p = slotdefs; p->name; p++) {
        if (p->name_strobj != name && !_PyUnicode_Equal(p->name_strobj, name)) {
            continue;
        }
        pytype_slotdef *start = p;
        while (start > slotdefs && (start - 1)->offset == start->offset) {
            start--;
        }
        if (n == 0 || groups[n - 1] != start) {
            assert(n < MAX_EQUIV);
            groups[n++] = start;
        }
    }
    return n;
}

/* Updates type and the subclasses that do not define the method themselves.  name NULL: all slots. */
static int
update_slots_tree(PyTypeObject *type, PyObject *name, pytype_slotdef *const *groups, int ngroups)
{
    ASSERT_TYPE_LOCK_HELD();
    if (name == NULL) {
        for (pytype_slotdef *p = slotdefs; p->name;) {
            p = update_one_slot(type, p);
        }
    }
    for (int i = 0; i < ngroups; i++) {
        update_one_slot(type, groups[i]);
    }
    PyObject *subclasses = type->tp_subclasses;
    if (subclasses == NULL) {
        return 0;
    }
    Py_ssize_t i = 0;
    PyObject *ref;
    while (PyDict_Next(subclasses, &i, NULL, &ref)) {
        PyTypeObject *subclass = (PyTypeObject *)_PyWeakref_GET_REF(ref);
        if (subclass == NULL) {
            continue;
        }
        int overridden = 0;
        if (name != NULL && type_dict(subclass) != NULL) {
            overridden = PyDict_Contains(type_dict(subclass), name);
        }
        int err = overridden < 0 ? -1 : overridden ? 0 : update_slots_tree(subclass, name, groups, ngroups);
        Py_DECREF(subclass);
        if (err < 0) {
            return -1;
        }
    }
    return 0;
}

int
_PyType_UpdateSlotsRecursive(PyTypeObject *type, PyObject *name)
{
    ASSERT_TYPE_LOCK_HELD();
    pytype_slotdef *groups[MAX_EQUIV];
    int n = groups_of_name(name, groups);
    return n == 0 ? 0 : update_slots_tree(type, name, groups, n);
}

int
_PyType_UpdateSlot(PyTypeObject *type, PyObject *name)
{
    int res;
    _PyType_Lock();
    res = _PyType_UpdateSlotsRecursive(type, name);
    _PyType_Unlock();
    return res;
}

/* After __bases__ changed. */
int
_PyType_UpdateAllSlots(PyTypeObject *type)
{
    ASSERT_TYPE_LOCK_HELD();
    _PyType_Modified_lock_held(type);
    return update_slots_tree(type, NULL, NULL, 0);
}

int
_PyType_IsDunder(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (!PyUnicode_IS_ASCII(name) || length < 4) {
        return 0;
    }
    const char *chars = (const char *)PyUnicode_1BYTE_DATA(name);
    return chars[length - 2] == '_' && chars[length - 1] == '_' && chars[0] == '_' && chars[1] == '_';
}

/* -- From slots to methods -------------------------------------------------------------------------------------------- */

int
_PyType_AddSlotWrappers(PyTypeObject *type)
{
    PyObject *dict = type_dict(type);
    for (pytype_slotdef *p = slotdefs; p->name; p++) {
        if (p->wrapper == NULL) {
            continue;
        }
        void **ptr = slotptr(type, p->offset);
        if (!ptr || !*ptr) {
            continue;
        }
        int r = PyDict_Contains(dict, p->name_strobj);
        if (r > 0) {
            continue;
        }
        if (r < 0) {
            return -1;
        }
        if (*ptr == (void *)PyObject_HashNotImplemented) {
            /* Says "not hashable" to those who look. */
            if (PyDict_SetItem(dict, p->name_strobj, Py_None) < 0) {
                return -1;
            }
            continue;
        }
        PyObject *descr = PyDescr_NewWrapper(type, p, *ptr);
        if (descr == NULL) {
            return -1;
        }
        r = PyDict_SetItem(dict, p->name_strobj, descr);
        Py_DECREF(descr);
        if (r < 0) {
            return -1;
        }
    }
    return 0;
}

/* -- Inheriting slots of C types ---------------------------------------------------------------------------------------- */

static int
overrides_hash(PyTypeObject *type)
{
    PyObject *dict = type_dict(type);
    int r = PyDict_Contains(dict, _Py_ID(__eq__));
    if (r == 0) {
        r = PyDict_Contains(dict, _Py_ID(__hash__));
    }
    if (r < 0) {
        PyErr_Clear();
        return 0;
    }
    return r;
}

/* Slots that type leaves empty, from base.  A slot is taken only if base did not itself take it from its base:
   the MRO will reach the one that defines it. */
void
_PyType_InheritSlots(PyTypeObject *type, PyTypeObject *base)
{
    PyTypeObject *basebase = NULL;

#define SLOTDEFINED(SLOT) (base->SLOT != 0 && (basebase == NULL || base->SLOT != basebase->SLOT))
#define COPYSLOT(SLOT) if (!type->SLOT && SLOTDEFINED(SLOT)) type->SLOT = base->SLOT
#define COPYASYNC(SLOT) COPYSLOT(tp_as_async->SLOT)
#define COPYNUM(SLOT) COPYSLOT(tp_as_number->SLOT)
#define COPYSEQ(SLOT) COPYSLOT(tp_as_sequence->SLOT)
#define COPYMAP(SLOT) COPYSLOT(tp_as_mapping->SLOT)
#define COPYBUF(SLOT) COPYSLOT(tp_as_buffer->SLOT)

    if (type->tp_as_number != NULL && base->tp_as_number != NULL) {
        basebase = base->tp_base;
        if (basebase != NULL && basebase->tp_as_number == NULL) {
            basebase = NULL;
        }
        COPYNUM(nb_add); COPYNUM(nb_subtract); COPYNUM(nb_multiply); COPYNUM(nb_remainder); COPYNUM(nb_divmod);
        COPYNUM(nb_power); COPYNUM(nb_negative); COPYNUM(nb_positive); COPYNUM(nb_absolute); COPYNUM(nb_bool);
        COPYNUM(nb_invert); COPYNUM(nb_lshift); COPYNUM(nb_rshift); COPYNUM(nb_and); COPYNUM(nb_xor);
        COPYNUM(nb_or); COPYNUM(nb_int); COPYNUM(nb_float);
        COPYNUM(nb_inplace_add); COPYNUM(nb_inplace_subtract); COPYNUM(nb_inplace_multiply);
        COPYNUM(nb_inplace_remainder); COPYNUM(nb_inplace_power); COPYNUM(nb_inplace_lshift);
        COPYNUM(nb_inplace_rshift); COPYNUM(nb_inplace_and); COPYNUM(nb_inplace_xor); COPYNUM(nb_inplace_or);
        COPYNUM(nb_true_divide); COPYNUM(nb_floor_divide); COPYNUM(nb_inplace_true_divide);
        COPYNUM(nb_inplace_floor_divide); COPYNUM(nb_index); COPYNUM(nb_matrix_multiply);
        COPYNUM(nb_inplace_matrix_multiply);
    }
    if (type->tp_as_async != NULL && base->tp_as_async != NULL) {
        basebase = base->tp_base;
        if (basebase != NULL && basebase->tp_as_async == NULL) {
            basebase = NULL;
        }
        COPYASYNC(am_await); COPYASYNC(am_aiter); COPYASYNC(am_anext); COPYASYNC(am_send);
    }
    if (type->tp_as_sequence != NULL && base->tp_as_sequence != NULL) {
        basebase = base->tp_base;
        if (basebase != NULL && basebase->tp_as_sequence == NULL) {
            basebase = NULL;
        }
        COPYSEQ(sq_item); COPYSEQ(sq_concat); COPYSEQ(sq_repeat); COPYSEQ(sq_ass_item); COPYSEQ(sq_contains);
        COPYSEQ(sq_inplace_concat); COPYSEQ(sq_inplace_repeat); COPYSEQ(sq_length);
    }
    if (type->tp_as_mapping != NULL && base->tp_as_mapping != NULL) {
        basebase = base->tp_base;
        if (basebase != NULL && basebase->tp_as_mapping == NULL) {
            basebase = NULL;
        }
        COPYMAP(mp_length); COPYMAP(mp_subscript); COPYMAP(mp_ass_subscript);
    }
    if (type->tp_as_buffer != NULL && base->tp_as_buffer != NULL) {
        basebase = base->tp_base;
        if (basebase != NULL && basebase->tp_as_buffer == NULL) {
            basebase = NULL;
        }
        COPYBUF(bf_getbuffer); COPYBUF(bf_releasebuffer);
    }

    basebase = base->tp_base;
    COPYSLOT(tp_dealloc);
    if (type->tp_getattr == NULL && type->tp_getattro == NULL) {
        type->tp_getattr = base->tp_getattr;
        type->tp_getattro = base->tp_getattro;
    }
    if (type->tp_setattr == NULL && type->tp_setattro == NULL) {
        type->tp_setattr = base->tp_setattr;
        type->tp_setattro = base->tp_setattro;
    }
    COPYSLOT(tp_repr);
    /* tp_hash goes with tp_richcompare. */
    {
        /* A heap type clears the flag when __call__ is defined in Python; a static one must say it has its own. */
        COPYSLOT(tp_vectorcall_offset);
        COPYSLOT(tp_call);
        if (type->tp_call == base->tp_call && _PyType_HasFeature(base, Py_TPFLAGS_HAVE_VECTORCALL)
            && !_PyType_HasFeature(type, Py_TPFLAGS_HAVE_VECTORCALL)
            && type->tp_vectorcall_offset == base->tp_vectorcall_offset
            && (is_static_type(type) || _PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)
                || _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE))) {
            type_add_flags(type, Py_TPFLAGS_HAVE_VECTORCALL);
        }
    }
    COPYSLOT(tp_str);
    if (type->tp_richcompare == NULL && type->tp_hash == NULL && !overrides_hash(type)) {
        type->tp_richcompare = base->tp_richcompare;
        type->tp_hash = base->tp_hash;
    }
    COPYSLOT(tp_iter);
    COPYSLOT(tp_iternext);
    COPYSLOT(tp_descr_get);
    /* Methods stay methods only as long as __get__ is the same. */
    if (base->tp_descr_get && type->tp_descr_get == base->tp_descr_get
        && _PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)
        && _PyType_HasFeature(base, Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        type_add_flags(type, Py_TPFLAGS_METHOD_DESCRIPTOR);
    }
    COPYSLOT(tp_descr_set);
    COPYSLOT(tp_dictoffset);
    COPYSLOT(tp_init);
    COPYSLOT(tp_alloc);
    COPYSLOT(tp_is_gc);
    COPYSLOT(tp_finalize);
    if ((type->tp_flags & Py_TPFLAGS_HAVE_GC) == (base->tp_flags & Py_TPFLAGS_HAVE_GC)) {
        COPYSLOT(tp_free);       /* both of the same kind */
    }
    else if ((type->tp_flags & Py_TPFLAGS_HAVE_GC) && type->tp_free == NULL && base->tp_free == PyObject_Free) {
        /* GC was added: the allocator's pair too. */
        type->tp_free = PyObject_GC_Del;
    }
}

/* -- __new__ ------------------------------------------------------------------------------------------------------------- */

/* The builtin function T.__new__: self is T, the first argument the class to make an instance of. */
PyObject *
_PyType_TpNewWrapper(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (self == NULL || !PyType_Check(self)) {
        PyErr_Format(PyExc_SystemError, "__new__() called with non-type 'self'");
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)self;
    if (!PyTuple_Check(args) || PyTuple_GET_SIZE(args) < 1) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(): not enough arguments", type->tp_name);
        return NULL;
    }
    PyObject *arg0 = PyTuple_GET_ITEM(args, 0);
    if (!PyType_Check(arg0)) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(X): X is not a type object (%s)", type->tp_name,
                     Py_TYPE(arg0)->tp_name);
        return NULL;
    }
    PyTypeObject *subtype = (PyTypeObject *)arg0;
    if (!PyType_IsSubtype(subtype, type)) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(%s): %s is not a subtype of %s", type->tp_name, subtype->tp_name,
                     subtype->tp_name, type->tp_name);
        return NULL;
    }
    /* The most derived base that is not made in Python must be the one whose __new__ this is: else object.__new__
       could make an int with nothing inside. */
    PyTypeObject *staticbase = subtype;
    while (staticbase && staticbase->tp_new == slot_tp_new) {
        staticbase = staticbase->tp_base;
    }
    if (staticbase && staticbase->tp_new != type->tp_new) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()", type->tp_name, subtype->tp_name,
                     staticbase->tp_name);
        return NULL;
    }
    args = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (args == NULL) {
        return NULL;
    }
    PyObject *res = type->tp_new(subtype, args, kwds);
    Py_DECREF(args);
    return res;
}

static PyMethodDef tp_new_methoddef[] = {
    {"__new__", (PyCFunction)(void (*)(void))_PyType_TpNewWrapper, METH_VARARGS | METH_KEYWORDS,
     "__new__($type, *args, **kwargs)\n--\n\nCreate and return a new object.  See help(type) for accurate signature."},
    {0}
};

int
_PyType_AddTpNewWrapper(PyTypeObject *type)
{
    PyObject *dict = type_dict(type);
    int r = PyDict_Contains(dict, _Py_ID(__new__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    PyObject *func = PyCFunction_NewEx(tp_new_methoddef, (PyObject *)type, NULL);
    if (func == NULL) {
        return -1;
    }
    r = PyDict_SetItem(dict, _Py_ID(__new__), func);
    Py_DECREF(func);
    return r;
}

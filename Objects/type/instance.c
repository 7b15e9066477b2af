/* Instances of classes: memory, destruction, traversal, __dict__ and __weakref__.

   What a class made at run time adds to its C base (slots, dict, weak references) is handled here; the rest of
   an object is the business of the base's own functions, which are called last. */
#include "internal.h"
#include "pycore_critical_section.h"
#include "pycore_dict.h"             // _PyInlineValuesSize, _PyObject_InitInlineValues
#include "pycore_gc.h"               // _PyObject_AllocInstance

/* -- Birth ------------------------------------------------------------------------------------------------------- */

PyObject *
_PyType_AllocNoTrack(PyTypeObject *type, Py_ssize_t nitems)
{
    /* One more item, for those who end with a null. */
    size_t size = _PyObject_VAR_SIZE(type, type->tp_itemsize ? nitems + 1 : 0);
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        size += _PyInlineValuesSize(type);
    }
    PyObject *obj = _PyObject_AllocInstance(type, size);
    if (obj == NULL) {
        return NULL;
    }
    if (type->tp_itemsize == 0) {
        _PyObject_Init(obj, type);
    }
    else {
        _PyObject_InitVar((PyVarObject *)obj, type, nitems);
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        _PyObject_InitInlineValues(obj, type);
    }
    return obj;
}

PyObject *
PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t nitems)
{
    PyObject *obj = _PyType_AllocNoTrack(type, nitems);
    if (obj != NULL && _PyType_IS_GC(type)) {
        _PyObject_GC_TRACK(obj);
    }
    return obj;
}

PyObject *
_PyType_NewManagedObject(PyTypeObject *type)
{
    assert(type->tp_flags & Py_TPFLAGS_INLINE_VALUES);
    assert(_PyType_IS_GC(type) && type->tp_new == PyBaseObject_Type.tp_new);
    assert(type->tp_alloc == PyType_GenericAlloc && type->tp_itemsize == 0);
    return PyType_GenericAlloc(type, 0);
}

PyObject *
PyType_GenericNew(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    return type->tp_alloc(type, 0);
}

/* -- Slots --------------------------------------------------------------------------------------------------------- */

/* The members that __slots__ made lie behind the type object. */
PyMemberDef *
_PyType_HeapMembers(PyTypeObject *type)
{
    return (PyMemberDef *)((char *)type + Py_TYPE(type)->tp_basicsize);
}

static int
traverse_slots(PyTypeObject *type, PyObject *self, visitproc visit, void *arg)
{
    Py_ssize_t n = Py_SIZE(type);
    PyMemberDef *mp = _PyType_HeapMembers(type);
    for (Py_ssize_t i = 0; i < n; i++, mp++) {
        if (mp->type == Py_T_OBJECT_EX) {
            PyObject *obj = *(PyObject **)((char *)self + mp->offset);
            if (obj != NULL) {
                int err = visit(obj, arg);
                if (err) {
                    return err;
                }
            }
        }
    }
    return 0;
}

static void
clear_slots(PyTypeObject *type, PyObject *self)
{
    Py_ssize_t n = Py_SIZE(type);
    PyMemberDef *mp = _PyType_HeapMembers(type);
    for (Py_ssize_t i = 0; i < n; i++, mp++) {
        if (mp->type == Py_T_OBJECT_EX && !(mp->flags & Py_READONLY)) {
            PyObject **slot = (PyObject **)((char *)self + mp->offset);
            PyObject *obj = *slot;
            if (obj != NULL) {
                *slot = NULL;
                Py_DECREF(obj);
            }
        }
    }
}

/* -- Traversal -------------------------------------------------------------------------------------------------------- */

int
_PyType_SubtypeTraverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *type = Py_TYPE(self);
    PyTypeObject *base = type;
    traverseproc basetraverse;
    /* The nearest base with another traverse function, and the slots on the way. */
    while ((basetraverse = base->tp_traverse) == _PyType_SubtypeTraverse) {
        if (Py_SIZE(base)) {
            int err = traverse_slots(base, self, visit, arg);
            if (err) {
                return err;
            }
        }
        base = base->tp_base;
        assert(base);
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (!(base->tp_flags & Py_TPFLAGS_MANAGED_DICT) || basetraverse == NULL) {
            int err = PyObject_VisitManagedDict(self, visit, arg);
            if (err) {
                return err;
            }
        }
    }
    else if (type->tp_dictoffset != base->tp_dictoffset) {
        PyObject **dictptr = _PyObject_ComputedDictPointer(self);
        if (dictptr && *dictptr) {
            Py_VISIT(*dictptr);
        }
    }
    /* A heap type is owned by its instances; a heap base's own function visits it. */
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE && (!basetraverse || !(base->tp_flags & Py_TPFLAGS_HEAPTYPE))) {
        Py_VISIT(type);
    }
    return basetraverse ? basetraverse(self, visit, arg) : 0;
}

int
_PyType_SubtypeClear(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyTypeObject *base = type;
    inquiry baseclear;
    while ((baseclear = base->tp_clear) == _PyType_SubtypeClear) {
        if (Py_SIZE(base)) {
            clear_slots(base, self);
        }
        base = base->tp_base;
        assert(base);
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (!(base->tp_flags & Py_TPFLAGS_MANAGED_DICT) || baseclear == NULL) {
            PyObject_ClearManagedDict(self);
        }
    }
    else if (type->tp_dictoffset != base->tp_dictoffset) {
        PyObject **dictptr = _PyObject_ComputedDictPointer(self);
        if (dictptr && *dictptr) {
            Py_CLEAR(*dictptr);
        }
    }
    return baseclear ? baseclear(self) : 0;
}

/* -- Death --------------------------------------------------------------------------------------------------------------- */

static void
subtype_dealloc_plain(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (type->tp_finalize && PyObject_CallFinalizerFromDealloc(self) < 0) {
        return;
    }
    if (type->tp_del) {
        type->tp_del(self);
        if (Py_REFCNT(self) > 0) {
            return;
        }
    }
    PyTypeObject *base = type;
    destructor basedealloc;
    while ((basedealloc = base->tp_dealloc) == _PyObject_SubtypeDealloc) {
        base = base->tp_base;
        assert(base);
    }
    /* __class__ may have been assigned by the finalizer. */
    type = Py_TYPE(self);
    int type_needs_decref = (type->tp_flags & Py_TPFLAGS_HEAPTYPE) && !(base->tp_flags & Py_TPFLAGS_HEAPTYPE);
    basedealloc(self);
    if (type_needs_decref) {
        _Py_DECREF_TYPE(type);
    }
}

void
_PyObject_SubtypeDealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    assert(type->tp_flags & Py_TPFLAGS_HEAPTYPE);
    if (!_PyType_IS_GC(type)) {
        subtype_dealloc_plain(self);
        return;
    }
    PyObject_GC_UnTrack(self);

    PyTypeObject *base = type;
    destructor basedealloc;
    int has_slots = 0;
    while ((basedealloc = base->tp_dealloc) == _PyObject_SubtypeDealloc) {
        has_slots |= Py_SIZE(base) != 0;
        base = base->tp_base;
        assert(base);
    }
    if (type->tp_finalize) {
        _PyObject_GC_TRACK(self);
        if (PyObject_CallFinalizerFromDealloc(self) < 0) {
            return;      /* resurrected */
        }
        PyObject_GC_UnTrack(self);
    }
    /* Weak references first: their callbacks may look at anything else. */
    if (type->tp_weaklistoffset && !base->tp_weaklistoffset) {
        PyObject_ClearWeakRefs(self);
    }
    if (type->tp_del) {
        _PyObject_GC_TRACK(self);
        type->tp_del(self);
        if (Py_REFCNT(self) > 0) {
            return;
        }
        PyObject_GC_UnTrack(self);
        /* It may have made weak references again. */
        if (type->tp_weaklistoffset && !base->tp_weaklistoffset) {
            PyObject_ClearWeakRefs(self);
        }
    }
    if (has_slots) {
        for (PyTypeObject *t = type; t->tp_dealloc == _PyObject_SubtypeDealloc; t = t->tp_base) {
            if (Py_SIZE(t)) {
                clear_slots(t, self);
            }
        }
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyObject_ClearManagedDict(self);
    }
    else if (type->tp_dictoffset && !base->tp_dictoffset) {
        PyObject **dictptr = _PyObject_ComputedDictPointer(self);
        if (dictptr != NULL) {
            PyObject *dict = *dictptr;
            if (dict != NULL) {
                *dictptr = NULL;
                Py_DECREF(dict);
            }
        }
    }
    /* Finalizers may have assigned __class__. */
    type = Py_TYPE(self);
    /* The base's function expects a tracked object if its type is one with GC. */
    if (_PyType_IS_GC(base)) {
        _PyObject_GC_TRACK(self);
    }
    int type_needs_decref = (type->tp_flags & Py_TPFLAGS_HEAPTYPE) && !(base->tp_flags & Py_TPFLAGS_HEAPTYPE);
    assert(basedealloc);
    basedealloc(self);
    if (type_needs_decref) {
        _Py_DECREF_TYPE(type);
    }
}

/* -- __dict__ and __weakref__ ------------------------------------------------------------------------------------------------ */

/* A C base of type that has a dict of its own. */
static PyTypeObject *
builtin_base_with_dict(PyTypeObject *type)
{
    while (type->tp_base != NULL) {
        if (type->tp_dictoffset != 0 && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
            return type;
        }
        type = type->tp_base;
    }
    return NULL;
}

/* That base's own __dict__ descriptor; borrowed or NULL. */
static PyObject *
dict_descriptor(PyTypeObject *type)
{
    PyObject *descr = _PyType_Lookup(type, _Py_ID(__dict__));
    return descr != NULL && PyDescr_IsData(descr) ? descr : NULL;
}

static void
raise_dict_descr_error(PyObject *obj)
{
    PyErr_Format(PyExc_TypeError, "this __dict__ descriptor does not support '%.200s' objects",
                 Py_TYPE(obj)->tp_name);
}

static PyObject *
subtype_dict(PyObject *obj, void *context)
{
    PyTypeObject *base = builtin_base_with_dict(Py_TYPE(obj));
    if (base == NULL) {
        return PyObject_GenericGetDict(obj, context);
    }
    PyObject *descr = dict_descriptor(base);
    descrgetfunc func = descr == NULL ? NULL : Py_TYPE(descr)->tp_descr_get;
    if (func == NULL) {
        raise_dict_descr_error(obj);
        return NULL;
    }
    Py_INCREF(descr);
    PyObject *dict = func(descr, obj, (PyObject *)Py_TYPE(obj));
    Py_DECREF(descr);
    return dict;
}

static int
subtype_setdict(PyObject *obj, PyObject *value, void *context)
{
    PyTypeObject *base = builtin_base_with_dict(Py_TYPE(obj));
    if (base != NULL) {
        PyObject *descr = dict_descriptor(base);
        descrsetfunc func = descr == NULL ? NULL : Py_TYPE(descr)->tp_descr_set;
        if (func == NULL) {
            raise_dict_descr_error(obj);
            return -1;
        }
        Py_INCREF(descr);
        int res = func(descr, obj, value);
        Py_DECREF(descr);
        return res;
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%.200s'", Py_TYPE(value)->tp_name);
        return -1;
    }
    if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return _PyObject_SetManagedDict(obj, value);
    }
    PyObject **dictptr = _PyObject_ComputedDictPointer(obj);
    if (dictptr == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return -1;
    }
    _PySlot_Set(obj, dictptr, Py_XNewRef(value));
    return 0;
}

static PyObject *
subtype_getweakref(PyObject *obj, void *Py_UNUSED(context))
{
    PyTypeObject *type = Py_TYPE(obj);
    if (type->tp_weaklistoffset == 0) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __weakref__");
        return NULL;
    }
    PyObject **weaklistptr = (PyObject **)((char *)obj + type->tp_weaklistoffset);
    PyObject *result = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*weaklistptr);
    return Py_NewRef(result == NULL ? Py_None : result);
}

#define DICT_ROW {"__dict__", subtype_dict, subtype_setdict, PyDoc_STR("dictionary for instance variables"), NULL}
#define WEAKREF_ROW {"__weakref__", subtype_getweakref, NULL, PyDoc_STR("list of weak references to the object"), NULL}

PyGetSetDef _PyType_SubtypeGetsetFull[] = {DICT_ROW, WEAKREF_ROW, {0}};
PyGetSetDef _PyType_SubtypeGetsetDictOnly[] = {DICT_ROW, {0}};
PyGetSetDef _PyType_SubtypeGetsetWeakrefOnly[] = {WEAKREF_ROW, {0}};

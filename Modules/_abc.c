/* _abc: what abc.ABCMeta does in C: registered classes and the caches of issubclass().

   Each abstract base class has an _abc_data with three sets of weak references.  The sets are made at first use
   under the _abc_data's critical section and never replaced; a set looks after itself.  The invalidation
   counter is atomic: register() raises it, which makes every negative cache stale. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_critical_section.h"
#include "pycore_dict.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"
#include "pycore_typeobject.h"
#include "pycore_weakref.h"

typedef struct {
    PyTypeObject *data_type;
    uint64_t invalidation_counter;      /* atomic, relaxed: compared for equality only */
} abc_state;

static struct PyModuleDef abc_module;

static inline abc_state *
get_state(PyObject *module)
{
    return (abc_state *)PyModule_GetState(module);
}

static inline uint64_t
counter_load(abc_state *state)
{
    return __atomic_load_n(&state->invalidation_counter, __ATOMIC_RELAXED);
}

/* -- _abc_data ------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *registry;          /* sets of weak references, NULL while empty */
    PyObject *cache;
    PyObject *negative_cache;
    uint64_t negative_version;   /* atomic: the counter for which negative_cache holds */
} abc_data;

static int
abc_data_traverse(PyObject *op, visitproc visit, void *arg)
{
    abc_data *self = (abc_data *)op;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->registry);
    Py_VISIT(self->cache);
    Py_VISIT(self->negative_cache);
    return 0;
}

static int
abc_data_clear(PyObject *op)
{
    abc_data *self = (abc_data *)op;
    Py_CLEAR(self->registry);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->negative_cache);
    return 0;
}

static void
abc_data_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    PyTypeObject *tp = Py_TYPE(op);
    (void)abc_data_clear(op);
    tp->tp_free(op);
    Py_DECREF(tp);
}

static PyObject *
abc_data_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    abc_data *self = (abc_data *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->negative_version = counter_load(PyType_GetModuleState(type));
    return (PyObject *)self;
}

static PyType_Slot abc_data_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("Internal state held by ABC machinery.")},
    {Py_tp_new, abc_data_new},
    {Py_tp_dealloc, abc_data_dealloc},
    {Py_tp_traverse, abc_data_traverse},
    {Py_tp_clear, abc_data_clear},
    {0, NULL},
};

static PyType_Spec abc_data_spec = {
    .name = "_abc._abc_data",
    .basicsize = sizeof(abc_data),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = abc_data_slots,
};

/* The state of an abstract base class: new reference. */
static abc_data *
get_impl(PyObject *module, PyObject *self)
{
    PyObject *impl = PyObject_GetAttr(self, _Py_ID(_abc_impl));
    if (impl == NULL) {
        return NULL;
    }
    if (!Py_IS_TYPE(impl, get_state(module)->data_type)) {
        PyErr_SetString(PyExc_TypeError, "_abc_impl is set to a wrong type");
        Py_DECREF(impl);
        return NULL;
    }
    return (abc_data *)impl;
}

/* -- Sets of weak references --------------------------------------------------------------------------------------------- */

/* The set: new reference, or NULL without an exception. */
static PyObject *
weak_set(abc_data *impl, PyObject **slot)
{
    return _PySlot_GetRef((PyObject *)impl, slot);
}

static int
in_weak_set(abc_data *impl, PyObject **slot, PyObject *obj)
{
    PyObject *set = weak_set(impl, slot);
    if (set == NULL || PySet_GET_SIZE(set) == 0) {
        Py_XDECREF(set);
        return 0;
    }
    int res;
    PyObject *ref = PyWeakref_NewRef(obj, NULL);
    if (ref == NULL) {
        /* What cannot be weakly referenced is not in it. */
        res = PyErr_ExceptionMatches(PyExc_TypeError) ? (PyErr_Clear(), 0) : -1;
    }
    else {
        res = PySet_Contains(set, ref);
        Py_DECREF(ref);
    }
    Py_DECREF(set);
    return res;
}

/* Called when a class dies: takes its reference out of the set that setweakref refers to. */
static PyObject *
destroy_entry(PyObject *setweakref, PyObject *objweakref)
{
    PyObject *set = _PyWeakref_GET_REF(setweakref);
    if (set == NULL) {
        Py_RETURN_NONE;
    }
    int err = PySet_Discard(set, objweakref);
    Py_DECREF(set);
    return err < 0 ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef destroy_def = {"_destroy", destroy_entry, METH_O, NULL};

static int
add_to_weak_set(abc_data *impl, PyObject **slot, PyObject *obj)
{
    PyObject *set = weak_set(impl, slot);
    if (set == NULL) {
        PyObject *fresh = PySet_New(NULL);
        if (fresh == NULL) {
            return -1;
        }
        _PyObject_SetShared(fresh);
        set = Py_NewRef(_PySlot_SetOnce((PyObject *)impl, slot, fresh));
    }
    int res = -1;
    PyObject *ref = NULL, *callback = NULL;
    PyObject *wr = PyWeakref_NewRef(set, NULL);
    if (wr == NULL) {
        goto done;
    }
    callback = PyCFunction_NewEx(&destroy_def, wr, NULL);
    if (callback == NULL) {
        goto done;
    }
    ref = PyWeakref_NewRef(obj, callback);
    if (ref != NULL) {
        res = PySet_Add(set, ref);
    }
done:
    Py_XDECREF(wr);
    Py_XDECREF(callback);
    Py_XDECREF(ref);
    Py_DECREF(set);
    return res;
}

/* -- Maintenance ------------------------------------------------------------------------------------------------------------ */

static int
clear_weak_set(abc_data *impl, PyObject **slot)
{
    PyObject *set = weak_set(impl, slot);
    int res = set == NULL ? 0 : PySet_Clear(set);
    Py_XDECREF(set);
    return res;
}

static PyObject *
_abc__reset_registry(PyObject *module, PyObject *self)
{
    abc_data *impl = get_impl(module, self);
    if (impl == NULL) {
        return NULL;
    }
    int err = clear_weak_set(impl, &impl->registry);
    Py_DECREF(impl);
    return err < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
_abc__reset_caches(PyObject *module, PyObject *self)
{
    abc_data *impl = get_impl(module, self);
    if (impl == NULL) {
        return NULL;
    }
    int err = clear_weak_set(impl, &impl->cache) < 0 || clear_weak_set(impl, &impl->negative_cache) < 0;
    Py_DECREF(impl);
    return err ? NULL : Py_NewRef(Py_None);
}

static PyObject *
_abc__get_dump(PyObject *module, PyObject *self)
{
    abc_data *impl = get_impl(module, self);
    if (impl == NULL) {
        return NULL;
    }
    PyObject *parts[3];
    PyObject **slots[] = {&impl->registry, &impl->cache, &impl->negative_cache};
    for (int i = 0; i < 3; i++) {
        PyObject *set = weak_set(impl, slots[i]);
        parts[i] = PySet_New(set);
        Py_XDECREF(set);
        if (parts[i] == NULL) {
            while (--i >= 0) {
                Py_DECREF(parts[i]);
            }
            Py_DECREF(impl);
            return NULL;
        }
    }
    uint64_t version = __atomic_load_n(&impl->negative_version, __ATOMIC_RELAXED);
    Py_DECREF(impl);
    return Py_BuildValue("NNNK", parts[0], parts[1], parts[2], (unsigned long long)version);
}

/* -- Abstract methods --------------------------------------------------------------------------------------------------------- */

static int
add_if_abstract(PyObject *abstracts, PyObject *key, PyObject *value)
{
    int is_abstract = _PyObject_IsAbstract(value);
    if (is_abstract <= 0) {
        return is_abstract;
    }
    return PySet_Add(abstracts, key);
}

static int
abstracts_of_namespace(PyObject *self, PyObject *abstracts)
{
    PyObject *ns = PyObject_GetAttr(self, _Py_ID(__dict__));
    if (ns == NULL) {
        return -1;
    }
    /* A copy of the items: evaluating __isabstractmethod__ may change the class. */
    PyObject *items = PyMapping_Items(ns);
    Py_DECREF(ns);
    if (items == NULL) {
        return -1;
    }
    int err = 0;
    for (Py_ssize_t pos = 0; pos < PyList_GET_SIZE(items) && err == 0; pos++) {
        PyObject *it = PySequence_Fast(PyList_GET_ITEM(items, pos), "items() returned non-iterable");
        if (it == NULL) {
            err = -1;
            break;
        }
        if (PySequence_Fast_GET_SIZE(it) != 2) {
            PyErr_SetString(PyExc_TypeError, "items() returned item which size is not 2");
            err = -1;
        }
        else {
            err = add_if_abstract(abstracts, PySequence_Fast_GET_ITEM(it, 0), PySequence_Fast_GET_ITEM(it, 1));
        }
        Py_DECREF(it);
    }
    Py_DECREF(items);
    return err;
}

/* Names that base left abstract and self has not defined. */
static int
abstracts_of_base(PyObject *self, PyObject *base, PyObject *abstracts)
{
    PyObject *base_abstracts;
    if (PyObject_GetOptionalAttr(base, _Py_ID(__abstractmethods__), &base_abstracts) < 0) {
        return -1;
    }
    if (base_abstracts == NULL) {
        return 0;
    }
    PyObject *iter = PyObject_GetIter(base_abstracts);
    Py_DECREF(base_abstracts);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    int err = 0;
    while (err == 0 && (key = PyIter_Next(iter))) {
        PyObject *value;
        err = PyObject_GetOptionalAttr(self, key, &value) < 0 ? -1 : 0;
        if (value != NULL) {
            err = add_if_abstract(abstracts, key, value);
            Py_DECREF(value);
        }
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    return err < 0 || PyErr_Occurred() ? -1 : 0;
}

static int
compute_abstract_methods(PyObject *self)
{
    int ret = -1;
    PyObject *bases = NULL;
    PyObject *abstracts = PyFrozenSet_New(NULL);
    if (abstracts == NULL) {
        return -1;
    }
    if (abstracts_of_namespace(self, abstracts) < 0) {
        goto done;
    }
    bases = PyObject_GetAttr(self, _Py_ID(__bases__));
    if (bases == NULL) {
        goto done;
    }
    if (!PyTuple_Check(bases)) {
        PyErr_SetString(PyExc_TypeError, "__bases__ is not tuple");
        goto done;
    }
    for (Py_ssize_t pos = 0; pos < PyTuple_GET_SIZE(bases); pos++) {
        if (abstracts_of_base(self, PyTuple_GET_ITEM(bases, pos), abstracts) < 0) {
            goto done;
        }
    }
    ret = PyObject_SetAttr(self, _Py_ID(__abstractmethods__), abstracts);
done:
    Py_XDECREF(bases);
    Py_DECREF(abstracts);
    return ret < 0 ? -1 : 0;
}

#define COLLECTION_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

/* __abc_tpflags__ says how match statements see instances; it is taken out of the namespace. */
static int
set_collection_flags(PyTypeObject *cls)
{
    PyObject *dict = _PyType_GetDict(cls);
    PyObject *flags;
    if (PyDict_Pop(dict, _Py_ID(__abc_tpflags__), &flags) < 0) {
        return -1;
    }
    if (flags == NULL || !PyLong_CheckExact(flags)) {
        Py_XDECREF(flags);
        return 0;
    }
    long val = PyLong_AsLong(flags);
    Py_DECREF(flags);
    if (val == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (((unsigned long)val & COLLECTION_FLAGS) == COLLECTION_FLAGS) {
        PyErr_SetString(PyExc_TypeError,
                        "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
        return -1;
    }
    if ((unsigned long)val & COLLECTION_FLAGS) {
        _PyType_SetFlagsRecursive(cls, COLLECTION_FLAGS, (unsigned long)val & COLLECTION_FLAGS);
    }
    PyType_Modified(cls);
    return 0;
}

static PyObject *
_abc__abc_init(PyObject *module, PyObject *self)
{
    abc_state *state = get_state(module);
    if (compute_abstract_methods(self) < 0) {
        return NULL;
    }
    PyObject *data = abc_data_new(state->data_type, NULL, NULL);
    if (data == NULL) {
        return NULL;
    }
    int err = PyObject_SetAttr(self, _Py_ID(_abc_impl), data);
    Py_DECREF(data);
    if (err < 0) {
        return NULL;
    }
    if (PyType_Check(self) && set_collection_flags((PyTypeObject *)self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* -- Registration and checks ----------------------------------------------------------------------------------------------------- */

static PyObject *
_abc__abc_register(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_register", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *self = args[0], *subclass = args[1];
    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "Can only register classes");
        return NULL;
    }
    int result = PyObject_IsSubclass(subclass, self);
    if (result > 0) {
        return Py_NewRef(subclass);      /* already */
    }
    if (result < 0) {
        return NULL;
    }
    /* After the check above, which may have cached; a cycle would make issubclass() recurse for ever. */
    result = PyObject_IsSubclass(self, subclass);
    if (result > 0) {
        PyErr_SetString(PyExc_RuntimeError, "Refusing to create an inheritance cycle");
        return NULL;
    }
    if (result < 0) {
        return NULL;
    }
    abc_data *impl = get_impl(module, self);
    if (impl == NULL) {
        return NULL;
    }
    int err = add_to_weak_set(impl, &impl->registry, subclass);
    Py_DECREF(impl);
    if (err < 0) {
        return NULL;
    }
    __atomic_fetch_add(&get_state(module)->invalidation_counter, 1, __ATOMIC_RELAXED);
    if (PyType_Check(self)) {
        unsigned long flags = PyType_GetFlags((PyTypeObject *)self) & COLLECTION_FLAGS;
        if (flags) {
            _PyType_SetFlagsRecursive((PyTypeObject *)subclass, COLLECTION_FLAGS, flags);
        }
    }
    return Py_NewRef(subclass);
}

static PyObject *
_abc__abc_instancecheck(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_instancecheck", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *self = args[0], *instance = args[1];
    PyObject *result = NULL, *subtype = NULL;
    abc_data *impl = get_impl(module, self);
    if (impl == NULL) {
        return NULL;
    }
    PyObject *subclass = PyObject_GetAttr(instance, _Py_ID(__class__));
    if (subclass == NULL) {
        Py_DECREF(impl);
        return NULL;
    }
    int incache = in_weak_set(impl, &impl->cache, subclass);
    if (incache < 0) {
        goto done;
    }
    if (incache > 0) {
        result = Py_NewRef(Py_True);
        goto done;
    }
    subtype = Py_NewRef(Py_TYPE(instance));
    if (subtype == subclass) {
        if (__atomic_load_n(&impl->negative_version, __ATOMIC_RELAXED) == counter_load(get_state(module))) {
            incache = in_weak_set(impl, &impl->negative_cache, subclass);
            if (incache < 0) {
                goto done;
            }
            if (incache > 0) {
                result = Py_NewRef(Py_False);
                goto done;
            }
        }
        /* Fall back to the subclass check. */
        result = PyObject_CallMethodOneArg(self, _Py_ID(__subclasscheck__), subclass);
        goto done;
    }
    result = PyObject_CallMethodOneArg(self, _Py_ID(__subclasscheck__), subclass);
    if (!result) {
        goto done;
    }
    switch (PyObject_IsTrue(result)) {
    case -1:
        Py_SETREF(result, NULL);
        break;
    case 0:
        Py_DECREF(result);
        result = PyObject_CallMethodOneArg(self, _Py_ID(__subclasscheck__), subtype);
        break;
    default:
        break;
    }
done:
    Py_XDECREF(subtype);
    Py_DECREF(subclass);
    Py_DECREF(impl);
    return result;
}

/* Is subclass a subclass of a registered class?  1 (cached), 0, -1. */
static int
check_registry(abc_data *impl, PyObject *subclass)
{
    int ret = in_weak_set(impl, &impl->registry, subclass);
    if (ret != 0) {
        return ret;
    }
    PyObject *registry = weak_set(impl, &impl->registry);
    if (registry == NULL) {
        return 0;
    }
    /* A copy: the checks below may run anything. */
    PyObject *copy = PySequence_List(registry);
    Py_DECREF(registry);
    if (copy == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(copy) && ret == 0; i++) {
        PyObject *rkey = _PyWeakref_GET_REF(PyList_GET_ITEM(copy, i));
        if (rkey == NULL) {
            continue;
        }
        int r = PyObject_IsSubclass(subclass, rkey);
        Py_DECREF(rkey);
        if (r < 0) {
            ret = -1;
        }
        else if (r > 0) {
            ret = add_to_weak_set(impl, &impl->cache, subclass) < 0 ? -1 : 1;
        }
    }
    Py_DECREF(copy);
    return ret;
}

/* Is self in subclass.__mro__? */
static int
check_mro(PyObject *self, PyObject *subclass)
{
    PyObject *mro = _PyType_GetMRO((PyTypeObject *)subclass);
    if (mro == NULL) {
        return 0;
    }
    int found = 0;
    for (Py_ssize_t pos = 0; pos < PyTuple_GET_SIZE(mro) && !found; pos++) {
        found = PyTuple_GET_ITEM(mro, pos) == self;
    }
    Py_DECREF(mro);
    return found;
}

static int
check_subclasses(PyObject *self, PyObject *subclass)
{
    PyObject *subclasses = PyObject_CallMethod(self, "__subclasses__", NULL);
    if (subclasses == NULL) {
        return -1;
    }
    if (!PyList_Check(subclasses)) {
        PyErr_SetString(PyExc_TypeError, "__subclasses__() must return a list");
        Py_DECREF(subclasses);
        return -1;
    }
    int r = 0;
    for (Py_ssize_t pos = 0; pos < PyList_GET_SIZE(subclasses) && r == 0; pos++) {
        PyObject *scls = PyList_GetItemRef(subclasses, pos);
        if (scls == NULL) {
            r = -1;
            break;
        }
        r = PyObject_IsSubclass(subclass, scls);
        Py_DECREF(scls);
    }
    Py_DECREF(subclasses);
    return r;
}

/* 1, 0, -1; fills the caches. */
static int
subclasscheck(PyObject *module, abc_data *impl, PyObject *self, PyObject *subclass)
{
    int incache = in_weak_set(impl, &impl->cache, subclass);
    if (incache != 0) {
        return incache;
    }
    uint64_t counter = counter_load(get_state(module));
    if (__atomic_load_n(&impl->negative_version, __ATOMIC_RELAXED) < counter) {
        if (clear_weak_set(impl, &impl->negative_cache) < 0) {
            return -1;
        }
        __atomic_store_n(&impl->negative_version, counter, __ATOMIC_RELAXED);
    }
    else {
        incache = in_weak_set(impl, &impl->negative_cache, subclass);
        if (incache != 0) {
            return incache < 0 ? -1 : 0;
        }
    }
    PyObject *ok = PyObject_CallMethodOneArg((PyObject *)self, _Py_ID(__subclasshook__), subclass);
    if (ok == NULL) {
        return -1;
    }
    Py_DECREF(ok);      /* compared by identity only */
    if (ok == Py_True) {
        return add_to_weak_set(impl, &impl->cache, subclass) < 0 ? -1 : 1;
    }
    if (ok == Py_False) {
        return add_to_weak_set(impl, &impl->negative_cache, subclass) < 0 ? -1 : 0;
    }
    if (ok != Py_NotImplemented) {
        PyErr_SetString(PyExc_AssertionError, "__subclasshook__ must return either False, True, or NotImplemented");
        return -1;
    }
    int found = check_mro(self, subclass);
    if (found == 0) {
        found = check_registry(impl, subclass);
        if (found != 0) {
            return found;
        }
        found = check_subclasses(self, subclass);
    }
    if (found < 0) {
        return -1;
    }
    PyObject **slot = found ? &impl->cache : &impl->negative_cache;
    return add_to_weak_set(impl, slot, subclass) < 0 ? -1 : found;
}

static PyObject *
_abc__abc_subclasscheck(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_subclasscheck", nargs, 2, 2)) {
        return NULL;
    }
    if (!PyType_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "issubclass() arg 1 must be a class");
        return NULL;
    }
    abc_data *impl = get_impl(module, args[0]);
    if (impl == NULL) {
        return NULL;
    }
    int res = subclasscheck(module, impl, args[0], args[1]);
    Py_DECREF(impl);
    return res < 0 ? NULL : PyBool_FromLong(res);
}

static PyObject *
_abc_get_cache_token(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLongLong(counter_load(get_state(module)));
}

/* -- The module ---------------------------------------------------------------------------------------------------------------------- */

static PyMethodDef abc_methods[] = {
    PY_METHOD(_abc, get_cache_token, METH_NOARGS, "($module, /)",
              "Returns the current ABC cache token.\n\nIt changes with every call of register() on any ABC."),
    PY_METHOD(_abc, _abc_init, METH_O, "($module, self, /)", "Internal ABC helper for class set-up."),
    PY_METHOD(_abc, _reset_registry, METH_O, "($module, self, /)", "Internal ABC helper to reset registry of a given class."),
    PY_METHOD(_abc, _reset_caches, METH_O, "($module, self, /)", "Internal ABC helper to reset both caches of a given class."),
    PY_METHOD(_abc, _get_dump, METH_O, "($module, self, /)", "Internal ABC helper for cache and registry debugging."),
    PY_METHOD(_abc, _abc_register, METH_FASTCALL, "($module, self, subclass, /)", "Internal ABC helper for subclass registration."),
    PY_METHOD(_abc, _abc_instancecheck, METH_FASTCALL, "($module, self, instance, /)", "Internal ABC helper for instance checks."),
    PY_METHOD(_abc, _abc_subclasscheck, METH_FASTCALL, "($module, self, subclass, /)", "Internal ABC helper for subclass checks."),
    {0}
};

static int
abc_exec(PyObject *module)
{
    abc_state *state = get_state(module);
    state->invalidation_counter = 0;
    state->data_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &abc_data_spec, NULL);
    return state->data_type == NULL ? -1 : 0;
}

static int
abc_traverse(PyObject *module, visitproc visit, void *arg)
{
    abc_state *state = get_state(module);
    Py_VISIT(state->data_type);
    return 0;
}

static int
abc_clear(PyObject *module)
{
    abc_state *state = get_state(module);
    Py_CLEAR(state->data_type);
    return 0;
}

static void
abc_free(void *module)
{
    (void)abc_clear((PyObject *)module);
}

static PyModuleDef_Slot abc_slots[] = {
    {Py_mod_exec, abc_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef abc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_abc",
    .m_doc = PyDoc_STR("Module contains faster implementation of abc.ABCMeta"),
    .m_size = sizeof(abc_state),
    .m_methods = abc_methods,
    .m_slots = abc_slots,
    .m_traverse = abc_traverse,
    .m_clear = abc_clear,
    .m_free = abc_free,
};

PyMODINIT_FUNC
PyInit__abc(void)
{
    return PyModuleDef_Init(&abc_module);
}

/* Bases, method resolution order (C3), subclasses.

   tp_bases and tp_mro are tuples that readers load without a lock; they are replaced under the type lock and
   retired.  tp_subclasses is a dict {address: weak reference}, guarded by the type lock.
   Source of the algorithm: "A Monotonic Superclass Linearization for Dylan" (K. Barrett and others, 1996). */
#include "internal.h"
#include "pycore_call.h"             // _PyObject_CallNoArgs
#include "pycore_tuple.h"
#include "pycore_weakref.h"          // _PyWeakref_GET_REF

/* -- Subtypes ---------------------------------------------------------------------------------------------- */

/* Along tp_base only: for types whose MRO does not exist yet. */
int
_PyType_IsSubtypeNoMRO(PyTypeObject *a, PyTypeObject *b)
{
    do {
        if (a == b) {
            return 1;
        }
        a = a->tp_base;
    } while (a != NULL);
    return b == &PyBaseObject_Type;
}

int
PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b)
{
    if (a == b) {
        return 1;
    }
    PyObject *mro = type_mro(a);
    if (mro == NULL) {
        return _PyType_IsSubtypeNoMRO(a, b);
    }
    assert(PyTuple_Check(mro));
    Py_ssize_t n = PyTuple_GET_SIZE(mro);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyTuple_GET_ITEM(mro, i) == (PyObject *)b) {
            return 1;
        }
    }
    return 0;
}

PyObject *
_PyType_GetMRO(PyTypeObject *type)
{
    return Py_XNewRef(type_mro(type));
}

PyObject *
_PyType_GetBases(PyTypeObject *self)
{
    return type_bases(self);
}

/* -- Subclasses -------------------------------------------------------------------------------------------- */

int
_PyType_AddSubclass(PyTypeObject *base, PyTypeObject *type)
{
    ASSERT_TYPE_LOCK_HELD();
    PyObject *key = PyLong_FromVoidPtr((void *)type);
    if (key == NULL) {
        return -1;
    }
    int result = -1;
    PyObject *ref = PyWeakref_NewRef((PyObject *)type, NULL);
    if (ref == NULL) {
        goto done;
    }
    if (base->tp_subclasses == NULL) {
        PyObject *dict = PyDict_New();
        if (dict == NULL) {
            goto done;
        }
        _PyObject_SetShared(dict);
        base->tp_subclasses = dict;
    }
    result = PyDict_SetItem((PyObject *)base->tp_subclasses, key, ref);
done:
    Py_DECREF(key);
    Py_XDECREF(ref);
    return result;
}

int
_PyType_AddAllSubclasses(PyTypeObject *type, PyObject *bases)
{
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (_PyType_AddSubclass((PyTypeObject *)PyTuple_GET_ITEM(bases, i), type) < 0) {
            return -1;
        }
    }
    return 0;
}

void
_PyType_RemoveSubclass(PyTypeObject *base, PyTypeObject *type)
{
    ASSERT_TYPE_LOCK_HELD();
    PyObject *subclasses = base->tp_subclasses;
    if (subclasses == NULL) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *key = PyLong_FromVoidPtr((void *)type);
    if (key == NULL || PyDict_Pop(subclasses, key, NULL) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(key);
    PyErr_SetRaisedException(exc);
    if (PyDict_GET_SIZE(subclasses) == 0) {
        base->tp_subclasses = NULL;
        _Py_RetireRef((PyObject *)base, subclasses);
    }
}

void
_PyType_RemoveAllSubclasses(PyTypeObject *type, PyObject *bases)
{
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (PyType_Check(base)) {
            _PyType_RemoveSubclass((PyTypeObject *)base, type);
        }
    }
}

int
_PyType_HasSubclasses(PyTypeObject *self)
{
    return self->tp_subclasses != NULL;
}

PyObject *
_PyType_GetSubclasses(PyTypeObject *self)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int err = 0;
    _PyType_Lock();
    PyObject *subclasses = self->tp_subclasses;
    if (subclasses != NULL) {
        Py_ssize_t i = 0;
        PyObject *ref;
        while (!err && PyDict_Next(subclasses, &i, NULL, &ref)) {
            PyObject *obj = _PyWeakref_GET_REF(ref);
            if (obj != NULL) {
                err = PyList_Append(list, obj);
                Py_DECREF(obj);
            }
        }
    }
    _PyType_Unlock();
    if (err < 0) {
        Py_DECREF(list);
        return NULL;
    }
    return list;
}

PyObject *
_PyType_SubclassesMethod(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyType_GetSubclasses((PyTypeObject *)self);
}

/* -- C3 ------------------------------------------------------------------------------------------------------ */

/* Is o in tuple after position whence? */
static int
tail_contains(PyObject *tuple, Py_ssize_t whence, PyObject *o)
{
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    for (Py_ssize_t j = whence + 1; j < size; j++) {
        if (PyTuple_GET_ITEM(tuple, j) == o) {
            return 1;
        }
    }
    return 0;
}

static PyObject *
class_name(PyObject *cls)
{
    PyObject *name;
    if (PyObject_GetOptionalAttr(cls, _Py_ID(__name__), &name) == 0) {
        name = PyObject_Repr(cls);
    }
    return name;
}

static int
check_duplicates(PyObject *tuple)
{
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *o = PyTuple_GET_ITEM(tuple, i);
        if (!tail_contains(tuple, i, o)) {
            continue;
        }
        PyObject *name = class_name(o);
        if (name != NULL) {
            if (PyUnicode_Check(name)) {
                PyErr_Format(PyExc_TypeError, "duplicate base class %U", name);
            }
            else {
                PyErr_SetString(PyExc_TypeError, "duplicate base class");
            }
            Py_DECREF(name);
        }
        return -1;
    }
    return 0;
}

/* The heads that are left could not be ordered: names them. */
static void
set_mro_error(PyObject **to_merge, Py_ssize_t to_merge_size, const Py_ssize_t *remain)
{
    PyObject *set = PyDict_New();
    if (set == NULL) {
        return;
    }
    for (Py_ssize_t i = 0; i < to_merge_size; i++) {
        PyObject *list = to_merge[i];
        if (remain[i] < PyTuple_GET_SIZE(list)) {
            if (PyDict_SetItem(set, PyTuple_GET_ITEM(list, remain[i]), Py_None) < 0) {
                Py_DECREF(set);
                return;
            }
        }
    }
    PyObject *text = NULL;
    PyObject *k, *v;
    Py_ssize_t i = 0;
    while (PyDict_Next(set, &i, &k, &v)) {
        PyObject *name = class_name(k);
        if (name == NULL) {
            goto done;
        }
        PyObject *next = text == NULL ? PyUnicode_FromFormat("%S", name)
                                      : PyUnicode_FromFormat("%U, %S", text, name);
        Py_DECREF(name);
        Py_XSETREF(text, next);
        if (text == NULL) {
            goto done;
        }
    }
    PyErr_Format(PyExc_TypeError, "Cannot create a consistent method resolution order (MRO) for bases %U", text);
done:
    Py_XDECREF(text);
    Py_DECREF(set);
}

/* Merges the sequences: takes the first head that is in no tail, until none is left. */
static int
pmerge(PyObject *acc, PyObject **to_merge, Py_ssize_t to_merge_size)
{
    Py_ssize_t *remain = PyMem_Calloc((size_t)to_merge_size, sizeof(Py_ssize_t));
    if (remain == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int res = 0;
again:;
    Py_ssize_t empty = 0;
    for (Py_ssize_t i = 0; i < to_merge_size; i++) {
        PyObject *current = to_merge[i];
        if (remain[i] >= PyTuple_GET_SIZE(current)) {
            empty++;
            continue;
        }
        PyObject *candidate = PyTuple_GET_ITEM(current, remain[i]);
        int in_tail = 0;
        for (Py_ssize_t j = 0; j < to_merge_size && !in_tail; j++) {
            in_tail = tail_contains(to_merge[j], remain[j], candidate);
        }
        if (in_tail) {
            continue;
        }
        res = PyList_Append(acc, candidate);
        if (res < 0) {
            goto done;
        }
        for (Py_ssize_t j = 0; j < to_merge_size; j++) {
            PyObject *other = to_merge[j];
            if (remain[j] < PyTuple_GET_SIZE(other) && PyTuple_GET_ITEM(other, remain[j]) == candidate) {
                remain[j]++;
            }
        }
        goto again;
    }
    if (empty != to_merge_size) {
        set_mro_error(to_merge, to_merge_size, remain);
        res = -1;
    }
done:
    PyMem_Free(remain);
    return res;
}

/* C3 of type and its bases: a new tuple. */
static PyObject *
mro_implementation(PyTypeObject *type)
{
    PyObject *bases = Py_NewRef(type_bases(type));
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (type_mro(base) == NULL) {
            PyErr_Format(PyExc_TypeError, "Cannot extend an incomplete type '%.100s'", base->tp_name);
            goto done;
        }
        assert(PyTuple_Check(type_mro(base)));
    }
    if (n == 1) {
        /* The common case. */
        PyObject *base_mro = Py_NewRef(type_mro((PyTypeObject *)PyTuple_GET_ITEM(bases, 0)));
        Py_ssize_t k = PyTuple_GET_SIZE(base_mro);
        result = PyTuple_New(k + 1);
        if (result != NULL) {
            PyTuple_SET_ITEM(result, 0, Py_NewRef(type));
            for (Py_ssize_t i = 0; i < k; i++) {
                PyTuple_SET_ITEM(result, i + 1, Py_NewRef(PyTuple_GET_ITEM(base_mro, i)));
            }
        }
        Py_DECREF(base_mro);
        goto done;
    }
    if (check_duplicates(bases)) {
        goto done;
    }
    PyObject **to_merge = PyMem_New(PyObject *, n + 1);
    if (to_merge == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        to_merge[i] = Py_NewRef(type_mro((PyTypeObject *)PyTuple_GET_ITEM(bases, i)));
    }
    to_merge[n] = bases;
    PyObject *acc = PyList_New(1);
    if (acc != NULL) {
        PyList_SET_ITEM(acc, 0, Py_NewRef(type));
        if (pmerge(acc, to_merge, n + 1) == 0) {
            result = PyList_AsTuple(acc);
        }
        Py_DECREF(acc);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(to_merge[i]);
    }
    PyMem_Free(to_merge);
done:
    Py_DECREF(bases);
    return result;
}

PyObject *
_PyType_MroMethod(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *mro;
    _PyType_Lock();
    mro = mro_implementation((PyTypeObject *)self);
    _PyType_Unlock();
    if (mro == NULL) {
        return NULL;
    }
    PyObject *list = PySequence_List(mro);
    Py_DECREF(mro);
    return list;
}

/* What a metaclass's mro() returned must be types that share type's layout. */
static int
mro_check(PyTypeObject *type, PyObject *mro)
{
    PyTypeObject *solid = _PyType_SolidBase(type);
    Py_ssize_t n = PyTuple_GET_SIZE(mro);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *obj = PyTuple_GET_ITEM(mro, i);
        if (!PyType_Check(obj)) {
            PyErr_Format(PyExc_TypeError, "mro() returned a non-class ('%.500s')", Py_TYPE(obj)->tp_name);
            return -1;
        }
        PyTypeObject *base = (PyTypeObject *)obj;
        if (!PyType_IsSubtype(solid, _PyType_SolidBase(base))) {
            PyErr_Format(PyExc_TypeError, "mro() returned base with unsuitable layout ('%.500s')", base->tp_name);
            return -1;
        }
    }
    return 0;
}

/* The MRO by the metaclass's mro().  Called without the type lock if it may run Python code. */
static PyObject *
mro_invoke(PyTypeObject *type)
{
    const int custom = !Py_IS_TYPE(type, &PyType_Type);
    if (!custom) {
        PyObject *mro;
        _PyType_Lock();
        mro = mro_implementation(type);
        _PyType_Unlock();
        return mro;
    }
    PyObject *method = _PyObject_LookupSpecial((PyObject *)type, _Py_ID(mro));
    if (method == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_AttributeError, "mro");
        }
        return NULL;
    }
    PyObject *mro_result = _PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (mro_result == NULL) {
        return NULL;
    }
    PyObject *new_mro = PySequence_Tuple(mro_result);
    Py_DECREF(mro_result);
    if (new_mro == NULL) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(new_mro) == 0) {
        Py_DECREF(new_mro);
        PyErr_Format(PyExc_TypeError, "type MRO must not be empty");
        return NULL;
    }
    if (mro_check(type, new_mro) < 0) {
        Py_DECREF(new_mro);
        return NULL;
    }
    return new_mro;
}

/* Sets tp_mro.  A custom mro() may itself change the type: then the inner call has won and 0 is returned. */
int
_PyType_ComputeMRO(PyTypeObject *type, PyObject **p_old_mro)
{
    PyObject *old_mro = Py_XNewRef(type_mro(type));
    PyObject *new_mro = mro_invoke(type);
    int reent = type_mro(type) != old_mro;
    if (new_mro == NULL) {
        Py_XDECREF(old_mro);
        return -1;
    }
    if (reent) {
        Py_DECREF(new_mro);
        Py_XDECREF(old_mro);
        return 0;
    }
    _PyType_Lock();
    FT_ATOMIC_STORE_PTR_RELEASE(type->tp_mro, new_mro);
    _PyType_MroModified(type, type_mro(type));
    _PyType_MroModified(type, type_bases(type));
    /* A custom mro() may look the type's own attributes up and so have given it a tag. */
    _PyType_Modified_lock_held(type);
    _PyType_Unlock();
    /* type's own reference to the old one: the caller's now, who may put it back. */
    if (p_old_mro != NULL) {
        *p_old_mro = old_mro;
        if (old_mro != NULL) {
            _Py_RetireRef((PyObject *)type, old_mro);
        }
    }
    else if (old_mro != NULL) {
        Py_DECREF(old_mro);
        _Py_RetireRef((PyObject *)type, old_mro);
    }
    return 1;
}

/* -- Changing __bases__ ---------------------------------------------------------------------------------------- */

/* Adds (type, new, old) to temp for type and all its subclasses: 0, -1. */
static int
mro_hierarchy(PyTypeObject *type, PyObject *temp)
{
    PyObject *old_mro = NULL;
    int res = _PyType_ComputeMRO(type, &old_mro);
    if (res <= 0) {
        return res;
    }
    PyObject *tuple = old_mro != NULL ? PyTuple_Pack(3, type, type_mro(type), old_mro)
                                      : PyTuple_Pack(2, type, type_mro(type));
    if (tuple == NULL) {
        FT_ATOMIC_STORE_PTR_RELEASE(type->tp_mro, old_mro);     /* back again */
        return -1;
    }
    Py_XDECREF(old_mro);
    res = PyList_Append(temp, tuple);
    Py_DECREF(tuple);
    if (res < 0) {
        return -1;
    }
    PyObject *subclasses = _PyType_GetSubclasses(type);
    if (subclasses == NULL) {
        return -1;
    }
    Py_ssize_t n = PyList_GET_SIZE(subclasses);
    for (Py_ssize_t i = 0; i < n && res >= 0; i++) {
        res = mro_hierarchy((PyTypeObject *)PyList_GET_ITEM(subclasses, i), temp);
    }
    Py_DECREF(subclasses);
    return res < 0 ? -1 : 0;
}

static int
check_new_bases(PyTypeObject *type, PyObject *new_bases)
{
    if (!PyTuple_Check(new_bases)) {
        PyErr_Format(PyExc_TypeError, "can only assign tuple to %s.__bases__, not %s", type->tp_name,
                     Py_TYPE(new_bases)->tp_name);
        return -1;
    }
    if (PyTuple_GET_SIZE(new_bases) == 0) {
        PyErr_Format(PyExc_TypeError, "can only assign non-empty tuple to %s.__bases__, not ()", type->tp_name);
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(new_bases); i++) {
        PyObject *ob = PyTuple_GET_ITEM(new_bases, i);
        if (!PyType_Check(ob)) {
            PyErr_Format(PyExc_TypeError, "%s.__bases__ must be tuple of classes, not '%s'", type->tp_name,
                         Py_TYPE(ob)->tp_name);
            return -1;
        }
        PyTypeObject *base = (PyTypeObject *)ob;
        if (PyType_IsSubtype(base, type)
            /* A custom mro() may hide the relation from the MRO. */
            || (type_mro(base) != NULL && _PyType_IsSubtypeNoMRO(base, type) && type != &PyBaseObject_Type)) {
            PyErr_SetString(PyExc_TypeError, "a __bases__ item causes an inheritance cycle");
            return -1;
        }
    }
    return 0;
}

int
_PyType_SetBases(PyTypeObject *type, PyObject *new_bases)
{
    if (check_new_bases(type, new_bases) < 0) {
        return -1;
    }
    PyTypeObject *new_base = _PyType_BestBase(new_bases);
    if (new_base == NULL) {
        return -1;
    }
    if (!_PyType_CheckLayout(type->tp_base, new_base, "__bases__")) {
        return -1;
    }
    PyObject *old_bases = type_bases(type);
    PyTypeObject *old_base = type->tp_base;
    assert(old_bases != NULL);

    _PyType_Lock();
    _PyType_Modified_lock_held(type);
    FT_ATOMIC_STORE_PTR_RELEASE(type->tp_bases, Py_NewRef(new_bases));
    FT_ATOMIC_STORE_PTR_RELEASE(type->tp_base, (PyTypeObject *)Py_NewRef(new_base));
    _PyType_Unlock();

    PyObject *temp = PyList_New(0);
    if (temp == NULL || mro_hierarchy(type, temp) < 0) {
        goto undo;
    }
    Py_DECREF(temp);

    /* A custom mro() may have changed the bases again: then that change stands. */
    int res = 0;
    if (type_bases(type) == new_bases) {
        assert(type->tp_base == new_base);
        _PyType_Lock();
        _PyType_RemoveAllSubclasses(type, old_bases);
        res = _PyType_AddAllSubclasses(type, new_bases);
        if (_PyType_UpdateAllSlots(type) < 0) {
            res = -1;
        }
        /* Flags that come from the bases. */
        if (!(type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE)) {
            _PyType_Modified_lock_held(type);
        }
        _PyType_Unlock();
    }
    _Py_RetireRef((PyObject *)type, old_bases);
    _Py_RetireRef((PyObject *)type, (PyObject *)old_base);
    return res;

undo:
    if (temp != NULL) {
        for (Py_ssize_t i = PyList_GET_SIZE(temp) - 1; i >= 0; i--) {
            PyObject *entry = PyList_GET_ITEM(temp, i);
            PyTypeObject *cls = (PyTypeObject *)PyTuple_GET_ITEM(entry, 0);
            PyObject *new_mro = PyTuple_GET_ITEM(entry, 1);
            PyObject *old_mro = PyTuple_GET_SIZE(entry) > 2 ? PyTuple_GET_ITEM(entry, 2) : NULL;
            /* Leave a type alone that has got another MRO meanwhile. */
            if (type_mro(cls) == new_mro) {
                FT_ATOMIC_STORE_PTR_RELEASE(cls->tp_mro, Py_XNewRef(old_mro));
                _Py_RetireRef((PyObject *)cls, new_mro);
            }
        }
        Py_DECREF(temp);
    }
    if (type_bases(type) == new_bases) {
        assert(type->tp_base == new_base);
        FT_ATOMIC_STORE_PTR_RELEASE(type->tp_bases, old_bases);
        FT_ATOMIC_STORE_PTR_RELEASE(type->tp_base, old_base);
        _Py_RetireRef((PyObject *)type, new_bases);
        _Py_RetireRef((PyObject *)type, (PyObject *)new_base);
    }
    else {
        _Py_RetireRef((PyObject *)type, old_bases);
        _Py_RetireRef((PyObject *)type, (PyObject *)old_base);
    }
    PyType_Modified(type);
    return -1;
}

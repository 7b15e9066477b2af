/* Set algebra: methods, operators, comparison.

   Results are built in a fresh set that nobody else knows.  A walk over the other operand reads it entry by entry, because
   comparing keys may run Python code that changes it. */
#include "set_private.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_modsupport.h"   // _PyArg_NoKwnames
#include "pycore_typeobject.h"   // _PyObject_GetState

/* -- Walking any iterable ------------------------------------------------- */

/* Calls visit(arg, key, hash) for each element until it is not 0; that, or -1 on an error, is the result. */
typedef int (*visit_key)(PySetObject *arg, PyObject *key, Py_hash_t hash);

static int
walk_set(PySetObject *other, visit_key visit, PySetObject *arg)
{
    Py_ssize_t pos = 0;
    PyObject *key;
    Py_hash_t hash;
    while (_PySet_NextRef(other, &pos, &key, &hash)) {
        int result = visit(arg, key, hash);
        Py_DECREF(key);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

static int
walk_dict_lock_held(PyObject *dict, visit_key visit, PySetObject *arg)
{
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (_PyDict_Next(dict, &pos, &key, &value, &hash)) {
        Py_INCREF(key);
        int result = visit(arg, key, hash);
        Py_DECREF(key);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

static int
walk(PyObject *other, visit_key visit, PySetObject *arg)
{
    int result = 0;
    if (PyAnySet_Check(other)) {
        return walk_set(SET(other), visit, arg);
    }
    if (PyDict_CheckExact(other)) {
        Py_BEGIN_CRITICAL_SECTION(other);
        result = walk_dict_lock_held(other, visit, arg);
        Py_END_CRITICAL_SECTION();
        return result;
    }
    PyObject *iter = PyObject_GetIter(other);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    while (result == 0 && (key = PyIter_Next(iter)) != NULL) {
        Py_hash_t hash = _PySet_HashKey(key);
        result = hash == -1 ? -1 : visit(arg, key, hash);
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    return result == 0 && PyErr_Occurred() ? -1 : result;
}

static int
visit_add(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    return _PySet_AddHashed(so, key, hash);
}

static int
visit_discard(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    return _PySet_DiscardHashed(so, key, hash) < 0 ? -1 : 0;
}

static int
visit_contains(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    return _PySet_ContainsHashed(so, key, hash);
}

static int
visit_missing(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    int there = _PySet_ContainsHashed(so, key, hash);
    return there < 0 ? -1 : !there;
}

/* Removes the key, or adds it if it was not there. */
static int
visit_toggle(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    int removed = _PySet_DiscardHashed(so, key, hash);
    if (removed == 0) {
        return _PySet_AddHashed(so, key, hash);
    }
    return removed < 0 ? -1 : 0;
}

/* -- Union --------------------------------------------------------------- */

int
_PySet_Update(PyObject *self, PyObject *other)
{
    if (PyAnySet_Check(other)) {
        int error;
        Py_BEGIN_CRITICAL_SECTION2(self, other);
        error = _PySet_Merge_lock_held(SET(self), SET(other));
        Py_END_CRITICAL_SECTION2();
        return error;
    }
    return walk(other, visit_add, SET(self)) < 0 ? -1 : 0;
}

static PyObject *
set_update(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (_PySet_Update(self, args[i]) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

PyObject *
_PySet_Copy(PyObject *self)
{
    return _PySet_MakeBase(SET(self), self);
}

static PyObject *
set_union(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *result = _PySet_Copy(self);
    for (Py_ssize_t i = 0; result != NULL && i < nargs; i++) {
        if (args[i] != self && _PySet_Update(result, args[i]) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

/* -- Intersection ---------------------------------------------------------- */


static int
add_if_in(PySetObject *result, PySetObject *from, PyObject *key, Py_hash_t hash)
{
    int there = _PySet_ContainsHashed(from, key, hash);
    return there <= 0 ? there : _PySet_AddHashed(result, key, hash);
}

static int
intersect_into(PySetObject *result, PySetObject *so, PyObject *other)
{
    if (PyAnySet_Check(other)) {
        if (set_used(other) > set_used((PyObject *)so)) {      // walk the smaller
            PySetObject *swap = so;
            so = SET(other);
            other = (PyObject *)swap;
        }
        Py_ssize_t pos = 0;
        PyObject *key;
        Py_hash_t hash;
        int error = 0;
        while (error == 0 && _PySet_NextRef(SET(other), &pos, &key, &hash)) {
            error = add_if_in(result, so, key, hash);
            Py_DECREF(key);
        }
        return error;
    }
    PyObject *iter = PyObject_GetIter(other);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    int error = 0;
    while (error == 0 && (key = PyIter_Next(iter)) != NULL) {
        Py_hash_t hash = _PySet_HashKey(key);
        error = hash == -1 ? -1 : add_if_in(result, so, key, hash);
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    return error < 0 || PyErr_Occurred() ? -1 : 0;
}

static PyObject *
intersection(PyObject *self, PyObject *other)
{
    if (self == other) {
        return _PySet_Copy(self);
    }
    PyObject *result = _PySet_MakeBase(SET(self), NULL);
    if (result != NULL && intersect_into(SET(result), SET(self), other) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
set_intersection(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) {
        return _PySet_Copy(self);
    }
    PyObject *result = Py_NewRef(self);
    for (Py_ssize_t i = 0; result != NULL && i < nargs; i++) {
        Py_SETREF(result, intersection(result, args[i]));
    }
    return result;
}

/* Steals fresh. */
static int
adopt(PyObject *self, PyObject *fresh)
{
    int error;
    if (fresh == NULL) {
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    error = _PySet_Adopt_lock_held(SET(self), SET(fresh));
    Py_END_CRITICAL_SECTION();
    Py_DECREF(fresh);
    return error;
}

static PyObject *
set_intersection_update(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *fresh = set_intersection(self, args, nargs);
    return adopt(self, fresh) < 0 ? NULL : Py_NewRef(Py_None);
}

/* -- Difference ----------------------------------------------------------- */

static void
shed_dummies_lock_held(PySetObject *so)
{
    if ((size_t)(so->fill - so->used) > (size_t)so->mask / 4
        && _PySet_Resize_lock_held(so, so->used > 50000 ? so->used * 2 : so->used * 4) < 0) {
        PyErr_Clear();
    }
}

static int
difference_update(PyObject *self, PyObject *other)
{
    if (self == other) {
        return PySet_Clear(self);
    }
    int error = 0;
    if (PyAnySet_Check(other) && set_used(other) >> 3 > set_used(self)) {
        /* Much smaller than what is taken away: walk ourselves. */
        PyObject *both = intersection(self, other);
        error = both == NULL ? -1 : walk(both, visit_discard, SET(self));
        Py_XDECREF(both);
    }
    else {
        error = walk(other, visit_discard, SET(self));
    }
    if (error == 0) {
        Py_BEGIN_CRITICAL_SECTION(self);
        shed_dummies_lock_held(SET(self));
        Py_END_CRITICAL_SECTION();
    }
    return error;
}

static PyObject *
set_difference_update(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (difference_update(self, args[i]) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
copy_and_remove(PyObject *self, PyObject *other)
{
    PyObject *result = _PySet_Copy(self);
    if (result != NULL && walk(other, visit_discard, SET(result)) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static int
is_in_other(PyObject *other, PyObject *key, Py_hash_t hash)
{
    return PyDict_CheckExact(other) ? _PyDict_Contains_KnownHash(other, key, hash)
                                    : _PySet_ContainsHashed(SET(other), key, hash);
}

static PyObject *
difference(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other) && !PyDict_CheckExact(other)) {
        return copy_and_remove(self, other);
    }
    Py_ssize_t other_size = PyAnySet_Check(other) ? set_used(other) : PyDict_GET_SIZE(other);
    if (set_used(self) >> 2 > other_size) {
        return copy_and_remove(self, other);
    }
    PyObject *result = _PySet_MakeBase(SET(self), NULL);
    Py_ssize_t pos = 0;
    PyObject *key;
    Py_hash_t hash;
    while (result != NULL && _PySet_NextRef(SET(self), &pos, &key, &hash)) {
        int there = is_in_other(other, key, hash);
        if (there < 0 || (there == 0 && _PySet_AddHashed(SET(result), key, hash) < 0)) {
            Py_CLEAR(result);
        }
        Py_DECREF(key);
    }
    return result;
}

static PyObject *
set_difference(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) {
        return _PySet_Copy(self);
    }
    PyObject *result = difference(self, args[0]);
    for (Py_ssize_t i = 1; result != NULL && i < nargs; i++) {
        if (difference_update(result, args[i]) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

/* -- Symmetric difference --------------------------------------------------- */

static int
symmetric_difference_update(PyObject *self, PyObject *other)
{
    if (self == other) {
        return PySet_Clear(self);
    }
    if (PyAnySet_Check(other) || PyDict_CheckExact(other)) {
        return walk(other, visit_toggle, SET(self));
    }
    /* An iterable may name an element twice. */
    PyObject *unique = _PySet_Make(&PySet_Type, other);
    if (unique == NULL) {
        return -1;
    }
    int error = walk(unique, visit_toggle, SET(self));
    Py_DECREF(unique);
    return error;
}

static PyObject *
set_symmetric_difference_update(PyObject *self, PyObject *other)
{
    return symmetric_difference_update(self, other) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
set_symmetric_difference(PyObject *self, PyObject *other)
{
    PyObject *result = _PySet_MakeBase(SET(self), other);
    if (result != NULL && walk(self, visit_toggle, SET(result)) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* -- Questions -------------------------------------------------------------- */

/* 1, 0, -1 */
static int
is_subset(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        PyObject *both = intersection(self, other);
        if (both == NULL) {
            return -1;
        }
        int answer = set_used(both) == set_used(self);
        Py_DECREF(both);
        return answer;
    }
    if (set_used(self) > set_used(other)) {
        return 0;
    }
    int missing = walk_set(SET(self), visit_missing, SET(other));
    return missing < 0 ? -1 : !missing;
}

static PyObject *
as_bool(int answer)
{
    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

static PyObject *
set_issubset(PyObject *self, PyObject *other)
{
    return as_bool(is_subset(self, other));
}

static PyObject *
set_issuperset(PyObject *self, PyObject *other)
{
    if (PyAnySet_Check(other)) {
        return as_bool(is_subset(other, self));
    }
    int missing = walk(other, visit_missing, SET(self));
    return missing < 0 ? NULL : PyBool_FromLong(!missing);
}

static PyObject *
set_isdisjoint(PyObject *self, PyObject *other)
{
    if (self == other) {
        return PyBool_FromLong(set_used(self) == 0);
    }
    if (PyAnySet_CheckExact(other) && set_used(other) > set_used(self)) {
        PyObject *swap = self;
        self = other;
        other = swap;
    }
    int common = walk(other, visit_contains, SET(self));
    return common < 0 ? NULL : PyBool_FromLong(!common);
}

static int
are_equal(PyObject *v, PyObject *w)
{
    if (set_used(v) != set_used(w)) {
        return 0;
    }
    Py_hash_t hash_v = FT_ATOMIC_LOAD_SSIZE_RELAXED(SET(v)->hash);
    Py_hash_t hash_w = FT_ATOMIC_LOAD_SSIZE_RELAXED(SET(w)->hash);
    if (hash_v != -1 && hash_w != -1 && hash_v != hash_w) {
        return 0;
    }
    return is_subset(v, w);
}

PyObject *
_PySet_RichCompare(PyObject *v, PyObject *w, int op)
{
    int answer;
    if (!PyAnySet_Check(w)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    switch (op) {
    case Py_EQ:
        return as_bool(are_equal(v, w));
    case Py_NE:
        answer = are_equal(v, w);
        return answer < 0 ? NULL : PyBool_FromLong(!answer);
    case Py_LE:
        return as_bool(is_subset(v, w));
    case Py_GE:
        return as_bool(is_subset(w, v));
    case Py_LT:
        return as_bool(set_used(v) >= set_used(w) ? 0 : is_subset(v, w));
    case Py_GT:
        return as_bool(set_used(v) <= set_used(w) ? 0 : is_subset(w, v));
    }
    Py_RETURN_NOTIMPLEMENTED;
}

/* -- Single elements --------------------------------------------------------- */

/* A set that is looked for stands for the frozenset of its elements.  NULL without an exception if key is not such a
   set; the TypeError of its hash is then still set. */
static PyObject *
frozen_key(PyObject *key)
{
    if (!PySet_Check(key) || !PyErr_ExceptionMatches(PyExc_TypeError)) {
        return NULL;
    }
    PyErr_Clear();
    return _PySet_Make(&PyFrozenSet_Type, key);
}

typedef int (*key_operation)(PySetObject *, PyObject *, Py_hash_t);

static int
with_frozen_key(PyObject *self, PyObject *key, key_operation operation)
{
    Py_hash_t hash = _PySet_HashKey(key);
    if (hash != -1) {
        return operation(SET(self), key, hash);
    }
    PyObject *frozen = frozen_key(key);
    if (frozen == NULL) {
        return -1;
    }
    hash = PyObject_Hash(frozen);
    int result = hash == -1 ? -1 : operation(SET(self), frozen, hash);
    Py_DECREF(frozen);
    return result;
}

int
_PySet_ContainsKey(PyObject *self, PyObject *key)
{
    return with_frozen_key(self, key, _PySet_ContainsHashed);
}

static PyObject *
set___contains__(PyObject *self, PyObject *key)
{
    return as_bool(_PySet_ContainsKey(self, key));
}

static PyObject *
set_add(PyObject *self, PyObject *key)
{
    Py_hash_t hash = _PySet_HashKey(key);
    if (hash == -1 || _PySet_AddHashed(SET(self), key, hash) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
set_remove(PyObject *self, PyObject *key)
{
    int removed = with_frozen_key(self, key, _PySet_DiscardHashed);
    if (removed == 0) {
        _PyErr_SetKeyError(key);
    }
    return removed <= 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
set_discard(PyObject *self, PyObject *key)
{
    return with_frozen_key(self, key, _PySet_DiscardHashed) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
set_pop(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PySet_Pop(self);
}

static PyObject *
set_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PySet_Clear(self) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
set_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PySet_Copy(self);
}

static PyObject *
frozenset_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyFrozenSet_CheckExact(self) ? Py_NewRef(self) : _PySet_Copy(self);
}

static PyObject *
set___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *keys = PySequence_List(self);
    PyObject *state = keys == NULL ? NULL : _PyObject_GetState(self);
    if (state == NULL) {
        Py_XDECREF(keys);
        return NULL;
    }
    return Py_BuildValue("O(N)N", Py_TYPE(self), keys, state);
}

static PyObject *
set___sizeof___lock_held(PySetObject *so)
{
    size_t size = _PyObject_SIZE(Py_TYPE(so));
    if (so->table != so->smalltable) {
        size += ((size_t)so->mask + 1) * sizeof(setentry);
    }
    return PyLong_FromSize_t(size);
}
PY_LOCKED_NOARGS(set, __sizeof__, PySetObject)

/* -- Operators ---------------------------------------------------------------- */

#define BOTH_ARE_SETS(v, w) \
    if (!PyAnySet_Check(v) || !PyAnySet_Check(w)) { Py_RETURN_NOTIMPLEMENTED; }

static PyObject *
set_or(PyObject *v, PyObject *w)
{
    BOTH_ARE_SETS(v, w);
    return set_union(v, &w, 1);
}

static PyObject *
set_and(PyObject *v, PyObject *w)
{
    BOTH_ARE_SETS(v, w);
    return intersection(v, w);
}

static PyObject *
set_sub(PyObject *v, PyObject *w)
{
    BOTH_ARE_SETS(v, w);
    return difference(v, w);
}

static PyObject *
set_xor(PyObject *v, PyObject *w)
{
    BOTH_ARE_SETS(v, w);
    PyObject *result = _PySet_Copy(v);
    if (result != NULL && symmetric_difference_update(result, w) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* The in-place operators: self after step(self, other). */
static PyObject *
in_place(PyObject *self, PyObject *other, int (*step)(PyObject *, PyObject *))
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return step(self, other) < 0 ? NULL : Py_NewRef(self);
}

static int
intersection_update_one(PyObject *self, PyObject *other)
{
    return adopt(self, intersection(self, other));
}

static PyObject *set_ior(PyObject *v, PyObject *w) { return in_place(v, w, _PySet_Update); }
static PyObject *set_iand(PyObject *v, PyObject *w) { return in_place(v, w, intersection_update_one); }
static PyObject *set_isub(PyObject *v, PyObject *w) { return in_place(v, w, difference_update); }
static PyObject *set_ixor(PyObject *v, PyObject *w) { return in_place(v, w, symmetric_difference_update); }

PyNumberMethods _PySet_as_number = {
    .nb_subtract = set_sub,
    .nb_and = set_and,
    .nb_xor = set_xor,
    .nb_or = set_or,
    .nb_inplace_subtract = set_isub,
    .nb_inplace_and = set_iand,
    .nb_inplace_xor = set_ixor,
    .nb_inplace_or = set_ior,
};

PyNumberMethods _PyFrozenSet_as_number = {
    .nb_subtract = set_sub,
    .nb_and = set_and,
    .nb_xor = set_xor,
    .nb_or = set_or,
};

/* -- Method tables -------------------------------------------------------------- */

#define METHODS_OF_BOTH(copy_function)                                                                           \
    PY_METHOD(set, __contains__, METH_O | METH_COEXIST, "($self, object, /)", "True if object is an element."),  \
    PY_METHOD_AS("copy", copy_function, METH_NOARGS, "($self, /)", "Return a shallow copy."),                    \
    PY_METHOD(set, difference, METH_FASTCALL, "($self, /, *others)", "Return the elements that are in no other."), \
    PY_METHOD(set, intersection, METH_FASTCALL, "($self, /, *others)", "Return the elements that are in all others."), \
    PY_METHOD(set, isdisjoint, METH_O, "($self, other, /)", "True if there is no common element."),              \
    PY_METHOD(set, issubset, METH_O, "($self, other, /)", "True if every element is in other."),                 \
    PY_METHOD(set, issuperset, METH_O, "($self, other, /)", "True if every element of other is in self."),       \
    PY_METHOD(set, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),                                \
    PY_METHOD(set, __sizeof__, METH_NOARGS, "($self, /)", "Return the size of the set in memory, in bytes."),    \
    PY_METHOD(set, symmetric_difference, METH_O, "($self, other, /)", "Return the elements that are in one of the two."), \
    PY_METHOD(set, union, METH_FASTCALL, "($self, /, *others)", "Return the elements of self and all others."),  \
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",                \
                 "The type with a type of elements, for annotations.")

PyMethodDef _PySet_methods[] = {
    METHODS_OF_BOTH(set_copy),
    PY_METHOD(set, add, METH_O, "($self, object, /)", "Add an element."),
    PY_METHOD(set, clear, METH_NOARGS, "($self, /)", "Remove all elements."),
    PY_METHOD(set, discard, METH_O, "($self, object, /)", "Remove an element if it is there."),
    PY_METHOD(set, remove, METH_O, "($self, object, /)", "Remove an element; KeyError if it is not there."),
    PY_METHOD(set, pop, METH_NOARGS, "($self, /)", "Remove any element and return it; KeyError if there is none."),
    PY_METHOD(set, update, METH_FASTCALL, "($self, /, *others)", "Add the elements of all others."),
    PY_METHOD(set, difference_update, METH_FASTCALL, "($self, /, *others)", "Remove the elements of all others."),
    PY_METHOD(set, intersection_update, METH_FASTCALL, "($self, /, *others)",
              "Keep the elements that are in all others."),
    PY_METHOD(set, symmetric_difference_update, METH_O, "($self, other, /)",
              "Keep the elements that are in one of the two."),
    {0}
};

PyMethodDef _PyFrozenSet_methods[] = {METHODS_OF_BOTH(frozenset_copy), {0}};

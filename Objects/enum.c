/* enumerate and reversed.

   An enumerate that one thread uses counts in C and uses its result tuple again when nobody kept it; one that several
   threads use takes its mutex for the count. */
#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_container.h"    // _PyContainer_ClearSlot
#include "pycore_global_ids.h"   // _Py_ID
#include "pycore_long.h"         // _PyLong_GetOne
#include "pycore_modsupport.h"   // _PyArg_CheckPositional
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_object_protocol.h"  // _PyObject_LookupSpecial
#include "pycore_tuple.h"        // _PyTuple_Recycle

/* -- enumerate ---------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t en_index;      // guarded: next number; PY_SSIZE_T_MAX when en_longindex counts
    PyObject *en_iter;        // const
    PyObject *en_result;      // pair of the last step
    PyObject *en_longindex;   // guarded: next number past PY_SSIZE_T_MAX, or NULL
} enumobject;

#define ENUM(op) ((enumobject *)(op))

static PyObject *
enum_make(PyTypeObject *type, PyObject *iterable, PyObject *start)
{
    enumobject *en = (enumobject *)type->tp_alloc(type, 0);
    if (en == NULL) {
        return NULL;
    }
    if (start != NULL) {
        PyObject *number = PyNumber_Index(start);
        if (number == NULL) {
            Py_DECREF(en);
            return NULL;
        }
        en->en_index = PyLong_AsSsize_t(number);
        if (en->en_index == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            en->en_index = PY_SSIZE_T_MAX;
            en->en_longindex = number;
        }
        else {
            Py_DECREF(number);
        }
    }
    en->en_iter = PyObject_GetIter(iterable);
    en->en_result = en->en_iter == NULL ? NULL : _PyTuple_FromPair(Py_None, Py_None);
    if (en->en_result == NULL) {
        Py_DECREF(en);
        return NULL;
    }
    return (PyObject *)en;
}

static PyObject *
enum_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *keywords[] = {"iterable", "start", NULL};
    PyObject *iterable, *start = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|O:enumerate", keywords, &iterable, &start)) {
        return NULL;
    }
    return enum_make(type, iterable, start);
}

static int
keyword_is(PyObject *kwnames, Py_ssize_t i, const char *name)
{
    return PyUnicode_EqualToUTF8(PyTuple_GET_ITEM(kwnames, i), name);
}

static PyObject *
bad_keyword(PyObject *name)
{
    PyErr_Format(PyExc_TypeError, "'%.200U' is an invalid keyword argument for enumerate()", name);
    return NULL;
}

static PyObject *
enumerate_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyTypeObject *tp = (PyTypeObject *)type;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    if (nargs + nkw == 2) {
        if (nkw == 0) {
            return enum_make(tp, args[0], args[1]);
        }
        if (nkw == 1) {
            if (keyword_is(kwnames, 0, "start")) {
                return enum_make(tp, args[0], args[1]);
            }
            return bad_keyword(PyTuple_GET_ITEM(kwnames, 0));
        }
        int first = keyword_is(kwnames, 0, "iterable") ? 0 : 1;
        if (!keyword_is(kwnames, first, "iterable")) {
            return bad_keyword(PyTuple_GET_ITEM(kwnames, 0));
        }
        if (!keyword_is(kwnames, 1 - first, "start")) {
            return bad_keyword(PyTuple_GET_ITEM(kwnames, 1 - first));
        }
        return enum_make(tp, args[first], args[1 - first]);
    }
    if (nargs + nkw == 1) {
        if (nkw == 1 && !keyword_is(kwnames, 0, "iterable")) {
            return bad_keyword(PyTuple_GET_ITEM(kwnames, 0));
        }
        return enum_make(tp, args[0], NULL);
    }
    if (nargs + nkw == 0) {
        PyErr_SetString(PyExc_TypeError, "enumerate() missing required argument 'iterable'");
        return NULL;
    }
    PyErr_Format(PyExc_TypeError, "enumerate() takes at most %d arguments (%zd given)", 2, nargs + nkw);
    return NULL;
}

static void
enum_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(ENUM(self)->en_iter);
    Py_XDECREF(ENUM(self)->en_result);
    Py_XDECREF(ENUM(self)->en_longindex);
    Py_TYPE(self)->tp_free(self);
}

static int
enum_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(ENUM(self)->en_iter);
    Py_VISIT(ENUM(self)->en_result);
    Py_VISIT(ENUM(self)->en_longindex);
    return 0;
}

static PyObject *
take_long_index_lock_held(enumobject *en)
{
    if (en->en_longindex == NULL) {
        en->en_longindex = PyLong_FromSsize_t(PY_SSIZE_T_MAX);
        if (en->en_longindex == NULL) {
            return NULL;
        }
    }
    PyObject *next = PyNumber_Add(en->en_longindex, _PyLong_GetOne());
    if (next == NULL) {
        return NULL;
    }
    PyObject *index = en->en_longindex;
    en->en_longindex = next;
    return index;
}

static PyObject *
take_index_lock_held(enumobject *en)
{
    if (en->en_index == PY_SSIZE_T_MAX) {
        return take_long_index_lock_held(en);
    }
    return PyLong_FromSsize_t(en->en_index++);
}

static PyObject *
enum_next(PyObject *self)
{
    enumobject *en = ENUM(self);
    PyObject *item = Py_TYPE(en->en_iter)->tp_iternext(en->en_iter);
    if (item == NULL) {
        return NULL;
    }
    PyObject *index;
    Py_BEGIN_CRITICAL_SECTION(self);
    _PyContainer_Write(self);
    index = take_index_lock_held(en);
    Py_END_CRITICAL_SECTION();
    if (index == NULL) {
        Py_DECREF(item);
        return NULL;
    }
    PyObject *pair = en->en_result;
    if (Py_REFCNT(pair) != 1 || _PyContainer_HasReaders(self)) {
        return _PyTuple_FromPairSteal(index, item);
    }
    PyObject *old_index = PyTuple_GET_ITEM(pair, 0), *old_item = PyTuple_GET_ITEM(pair, 1);
    PyTuple_SET_ITEM(pair, 0, index);
    PyTuple_SET_ITEM(pair, 1, item);
    Py_INCREF(pair);
    _PyTuple_Recycle(pair);
    Py_DECREF(old_index);
    Py_DECREF(old_item);
    return pair;
}

static PyObject *
enum___reduce___lock_held(enumobject *en)
{
    if (en->en_longindex != NULL) {
        return Py_BuildValue("O(OO)", Py_TYPE(en), en->en_iter, en->en_longindex);
    }
    return Py_BuildValue("O(On)", Py_TYPE(en), en->en_iter, en->en_index);
}
PY_LOCKED_NOARGS(enum, __reduce__, enumobject)

static PyMethodDef enum_methods[] = {
    PY_METHOD(enum, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "enumerate[T], for annotations."),
    {0}
};

PyDoc_STRVAR(enum_doc,
"enumerate(iterable, start=0)\n--\n\n"
"Iterate over pairs (number, item), the numbers counting from start.");

PyTypeObject PyEnum_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "enumerate",
    .tp_basicsize = sizeof(enumobject),
    .tp_dealloc = enum_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = enum_doc,
    .tp_traverse = enum_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = enum_next,
    .tp_methods = enum_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = enum_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = enumerate_vectorcall,
};

/* -- reversed ------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;     // relaxed
    PyObject *seq;        // atomic: NULL when exhausted
} reversedobject;

#define REVERSED(op) ((reversedobject *)(op))
#define LOAD_INDEX(it)     FT_ATOMIC_LOAD_SSIZE_RELAXED((it)->index)
#define STORE_INDEX(it, i) FT_ATOMIC_STORE_SSIZE_RELAXED((it)->index, i)

static PyObject *
reversed_make(PyTypeObject *type, PyObject *seq)
{
    PyObject *method = _PyObject_LookupSpecial(seq, _Py_ID(__reversed__));
    if (method == Py_None) {
        Py_DECREF(method);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not reversible", Py_TYPE(seq)->tp_name);
        return NULL;
    }
    if (method != NULL) {
        PyObject *result = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        return result;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (!PySequence_Check(seq)) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not reversible", Py_TYPE(seq)->tp_name);
        return NULL;
    }
    Py_ssize_t n = PySequence_Size(seq);
    reversedobject *ro = n < 0 ? NULL : (reversedobject *)type->tp_alloc(type, 0);
    if (ro == NULL) {
        return NULL;
    }
    ro->index = n - 1;
    ro->seq = Py_NewRef(seq);
    return (PyObject *)ro;
}

static PyObject *
reversed_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *seq;
    if ((type == &PyReversed_Type || type->tp_init == PyReversed_Type.tp_init)
        && !_PyArg_NoKeywords("reversed", kwds)) {
        return NULL;
    }
    return PyArg_UnpackTuple(args, "reversed", 1, 1, &seq) ? reversed_make(type, seq) : NULL;
}

static PyObject *
reversed_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("reversed", kwnames) || !_PyArg_CheckPositional("reversed", nargs, 1, 1)) {
        return NULL;
    }
    return reversed_make((PyTypeObject *)type, args[0]);
}

static void
reversed_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(REVERSED(self)->seq);
    Py_TYPE(self)->tp_free(self);
}

static int
reversed_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(REVERSED(self)->seq);
    return 0;
}

static PyObject *
reversed_next(PyObject *self)
{
    reversedobject *ro = REVERSED(self);
    _PyContainer_Touch(self);
    Py_ssize_t i = LOAD_INDEX(ro);
    PyObject *seq = i < 0 ? NULL : Py_XNewRef(_PyContainer_Peek(ro->seq));
    if (seq != NULL) {
        PyObject *item = PySequence_GetItem(seq, i);
        Py_DECREF(seq);
        if (item != NULL) {
            STORE_INDEX(ro, i - 1);
            return item;
        }
        if (!PyErr_ExceptionMatches(PyExc_IndexError) && !PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return NULL;
        }
        PyErr_Clear();
    }
    STORE_INDEX(ro, -1);
    _PyContainer_ClearSlot(ro, ro->seq);
    return NULL;
}

static PyObject *
reversed___length_hint__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyContainer_Touch(self);
    PyObject *seq = Py_XNewRef(_PyContainer_Peek(REVERSED(self)->seq));
    if (seq == NULL) {
        return PyLong_FromLong(0);
    }
    Py_ssize_t size = PySequence_Size(seq);
    Py_DECREF(seq);
    if (size == -1) {
        return NULL;
    }
    Py_ssize_t left = LOAD_INDEX(REVERSED(self)) + 1;
    return PyLong_FromSsize_t(size < left ? 0 : left);
}

static PyObject *
reversed___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyContainer_Touch(self);
    PyObject *seq = _PyContainer_Peek(REVERSED(self)->seq);
    if (seq == NULL) {
        return Py_BuildValue("O(())", Py_TYPE(self));
    }
    return Py_BuildValue("O(O)n", Py_TYPE(self), seq, LOAD_INDEX(REVERSED(self)));
}

static PyObject *
reversed___setstate__(PyObject *self, PyObject *state)
{
    Py_ssize_t i = PyLong_AsSsize_t(state);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyContainer_Touch(self);
    PyObject *seq = Py_XNewRef(_PyContainer_Peek(REVERSED(self)->seq));
    if (seq != NULL) {
        Py_ssize_t n = PySequence_Size(seq);
        Py_DECREF(seq);
        if (n < 0) {
            return NULL;
        }
        STORE_INDEX(REVERSED(self), Py_MAX(-1, Py_MIN(i, n - 1)));
    }
    Py_RETURN_NONE;
}

static PyMethodDef reversed_methods[] = {
    PY_METHOD(reversed, __length_hint__, METH_NOARGS, "($self, /)", "Number of items that are left, as a guess."),
    PY_METHOD(reversed, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD(reversed, __setstate__, METH_O, "($self, object, /)", "Set the state from pickling."),
    {0}
};

PyDoc_STRVAR(reversed_doc,
"reversed(sequence, /)\n--\n\n"
"Iterate over the items of a sequence, last first.");

PyTypeObject PyReversed_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "reversed",
    .tp_basicsize = sizeof(reversedobject),
    .tp_dealloc = reversed_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = reversed_doc,
    .tp_traverse = reversed_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = reversed_next,
    .tp_methods = reversed_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = reversed_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = reversed_vectorcall,
};

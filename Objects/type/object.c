/* The type `object`: construction, comparison, text forms, __class__, __dir__, __format__, __sizeof__, and the
   check of layouts that assignments to __class__ and __bases__ need. */
#include "internal.h"
#include "slot_functions.h"
#include "pycore_call.h"
#include "pycore_critical_section.h"
#include "pycore_dict.h"
#include "pycore_args.h"             // PY_METHOD
#include "pycore_stoptheworld.h"     // _PyEval_StopTheWorld
#include "pycore_tuple.h"
#include "pycore_unicodeobject.h"

/* -- Construction --------------------------------------------------------------------------------------------------------- */

static int
excess_args(PyObject *args, PyObject *kwds)
{
    return PyTuple_GET_SIZE(args) || (kwds && PyDict_Check(kwds) && PyDict_GET_SIZE(kwds));
}

/* Arguments are for the other of __new__ and __init__, if that is overridden; else nobody wants them. */
int
_PyObject_TpInit(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyTypeObject *type = Py_TYPE(self);
    if (excess_args(args, kwds)) {
        if (type->tp_init != _PyObject_TpInit) {
            PyErr_SetString(PyExc_TypeError,
                            "object.__init__() takes exactly one argument (the instance to initialize)");
            return -1;
        }
        if (type->tp_new == _PyObject_TpNew) {
            PyErr_Format(PyExc_TypeError, "%.200s.__init__() takes exactly one argument (the instance to initialize)",
                         type->tp_name);
            return -1;
        }
    }
    return 0;
}

static void
abstract_error(PyTypeObject *type)
{
    PyObject *methods = PyObject_GetAttr((PyObject *)type, _Py_ID(__abstractmethods__));
    PyObject *sorted = NULL, *sep = NULL, *joined = NULL;
    if (methods == NULL) {
        return;
    }
    sorted = PySequence_List(methods);
    if (sorted == NULL || PyList_Sort(sorted)) {
        goto done;
    }
    sep = PyUnicode_FromString("', '");
    joined = sep == NULL ? NULL : PyUnicode_Join(sep, sorted);
    if (joined == NULL) {
        goto done;
    }
    Py_ssize_t count = PyList_GET_SIZE(sorted);
    PyErr_Format(PyExc_TypeError,
                 "Can't instantiate abstract class %s without an implementation for abstract method%s '%U'",
                 type->tp_name, count > 1 ? "s" : "", joined);
done:
    Py_DECREF(methods);
    Py_XDECREF(sorted);
    Py_XDECREF(sep);
    Py_XDECREF(joined);
}

PyObject *
_PyObject_TpNew(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (excess_args(args, kwds)) {
        if (type->tp_new != _PyObject_TpNew) {
            PyErr_SetString(PyExc_TypeError, "object.__new__() takes exactly one argument (the type to instantiate)");
            return NULL;
        }
        if (type->tp_init == _PyObject_TpInit) {
            PyErr_Format(PyExc_TypeError, "%.200s() takes no arguments", type->tp_name);
            return NULL;
        }
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT)) {
        abstract_error(type);
        return NULL;
    }
    return type->tp_alloc(type, 0);
}

PyObject *
_PyType_BaseObject_New(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return _PyObject_TpNew(type, args, kwds);
}

static PyObject *
object_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (PyVectorcall_NARGS(nargsf) != 0 || (kwnames && PyTuple_GET_SIZE(kwnames) != 0)) {
        PyErr_Format(PyExc_TypeError, "object() takes no arguments");
        return NULL;
    }
    return ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
}

static void
object_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}

/* -- Text and comparison ------------------------------------------------------------------------------------------------------ */

static PyObject *
object_repr(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *mod = PyType_GetModuleName(type);
    if (mod == NULL) {
        PyErr_Clear();
    }
    else if (!PyUnicode_Check(mod)) {
        Py_CLEAR(mod);
    }
    PyObject *name = PyType_GetQualName(type);
    if (name == NULL) {
        Py_XDECREF(mod);
        return NULL;
    }
    PyObject *rtn;
    if (mod != NULL && !_PyUnicode_Equal(mod, _Py_ID(builtins))) {
        rtn = PyUnicode_FromFormat("<%U.%U object at %p>", mod, name, self);
    }
    else {
        rtn = PyUnicode_FromFormat("<%s object at %p>", type->tp_name, self);
    }
    Py_XDECREF(mod);
    Py_DECREF(name);
    return rtn;
}

static PyObject *
object_str(PyObject *self)
{
    unaryfunc f = Py_TYPE(self)->tp_repr;
    if (f == NULL) {
        f = object_repr;
    }
    return f(self);
}

static PyObject *
object_richcompare(PyObject *self, PyObject *other, int op)
{
    PyObject *res;
    switch (op) {
    case Py_EQ:
        /* NotImplemented, not False: the other operand may know better. */
        res = Py_NewRef(self == other ? Py_True : Py_NotImplemented);
        break;
    case Py_NE:
        /* The contrary of ==, if that is defined. */
        if (Py_TYPE(self)->tp_richcompare == NULL) {
            res = Py_NewRef(Py_NotImplemented);
            break;
        }
        res = (*Py_TYPE(self)->tp_richcompare)(self, other, Py_EQ);
        if (res != NULL && res != Py_NotImplemented) {
            int ok = PyObject_IsTrue(res);
            Py_DECREF(res);
            res = ok < 0 ? NULL : Py_NewRef(ok ? Py_False : Py_True);
        }
        break;
    default:
        res = Py_NewRef(Py_NotImplemented);
        break;
    }
    return res;
}

PyObject *
_Py_BaseObject_RichCompare(PyObject *self, PyObject *other, int op)
{
    return object_richcompare(self, other, op);
}

/* -- __class__ -------------------------------------------------------------------------------------------------------------------- */

/* Does child add nothing to its base that an instance would show? */
static int
compatible_with_tp_base(PyTypeObject *child)
{
    PyTypeObject *parent = child->tp_base;
    return parent != NULL && child->tp_basicsize == parent->tp_basicsize && child->tp_itemsize == parent->tp_itemsize
           && child->tp_dictoffset == parent->tp_dictoffset && child->tp_weaklistoffset == parent->tp_weaklistoffset
           && (child->tp_flags & Py_TPFLAGS_HAVE_GC) == (parent->tp_flags & Py_TPFLAGS_HAVE_GC)
           && (child->tp_clear == _PyType_SubtypeClear || child->tp_clear == parent->tp_clear);
}

/* Do both add the same slots, in the same places, to the same base? */
static int
same_slots_added(PyTypeObject *a, PyTypeObject *b)
{
    PyTypeObject *base = a->tp_base;
    if (base != b->tp_base) {
        return 0;
    }
    Py_ssize_t size = base->tp_basicsize;
    if (a->tp_dictoffset == size && b->tp_dictoffset == size) {
        size += (Py_ssize_t)sizeof(PyObject *);
    }
    if (a->tp_weaklistoffset == size && b->tp_weaklistoffset == size) {
        size += (Py_ssize_t)sizeof(PyObject *);
    }
    if (!(a->tp_flags & Py_TPFLAGS_HEAPTYPE) || !(b->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        return size == a->tp_basicsize && size == b->tp_basicsize;
    }
    /* Mangled and sorted tuples of str. */
    PyObject *slots_a = ((PyHeapTypeObject *)a)->ht_slots;
    PyObject *slots_b = ((PyHeapTypeObject *)b)->ht_slots;
    if (slots_a && slots_b) {
        if (PyObject_RichCompareBool(slots_a, slots_b, Py_EQ) != 1) {
            return 0;
        }
        size += (Py_ssize_t)sizeof(PyObject *) * PyTuple_GET_SIZE(slots_a);
    }
    return size == a->tp_basicsize && size == b->tp_basicsize;
}

int
_PyType_CheckLayout(PyTypeObject *oldto, PyTypeObject *newto, const char *attr)
{
    if (newto->tp_free != oldto->tp_free) {
        PyErr_Format(PyExc_TypeError, "%s assignment: '%s' deallocator differs from '%s'", attr, newto->tp_name,
                     oldto->tp_name);
        return 0;
    }
    PyTypeObject *newbase = newto;
    PyTypeObject *oldbase = oldto;
    while (compatible_with_tp_base(newbase)) {
        newbase = newbase->tp_base;
    }
    while (compatible_with_tp_base(oldbase)) {
        oldbase = oldbase->tp_base;
    }
    const unsigned long layout_flags = Py_TPFLAGS_PREHEADER | Py_TPFLAGS_INLINE_VALUES;
    if ((newbase != oldbase && (newbase->tp_base != oldbase->tp_base || !same_slots_added(newbase, oldbase)))
        || ((newto->tp_flags ^ oldto->tp_flags) & layout_flags)) {
        PyErr_Format(PyExc_TypeError, "%s assignment: '%s' object layout differs from '%s'", attr, newto->tp_name,
                     oldto->tp_name);
        return 0;
    }
    return 1;
}

static PyObject *
object_get_class(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(Py_TYPE(self));
}

static int
object_set_class(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete __class__ attribute");
        return -1;
    }
    if (!PyType_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__class__ must be set to a class, not '%s' object", Py_TYPE(value)->tp_name);
        return -1;
    }
    PyTypeObject *newto = (PyTypeObject *)value;
    if (PySys_Audit("object.__setattr__", "OsO", self, "__class__", value) < 0) {
        return -1;
    }
    PyTypeObject *oldto = Py_TYPE(self);
    /* Immutable types may rely on what their instances are; modules are meant to be customised. */
    if (!(PyType_IsSubtype(newto, &PyModule_Type) && PyType_IsSubtype(oldto, &PyModule_Type))
        && (_PyType_HasFeature(newto, Py_TPFLAGS_IMMUTABLETYPE)
            || _PyType_HasFeature(oldto, Py_TPFLAGS_IMMUTABLETYPE))) {
        PyErr_Format(PyExc_TypeError, "__class__ assignment only supported for mutable types or ModuleType subclasses");
        return -1;
    }
    if (!_PyType_CheckLayout(oldto, newto, "__class__")) {
        return -1;
    }
    if (oldto->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
        /* The inline values are laid out by the old class's keys: they move into the dict. */
        PyDictObject *dict = _PyObject_MaterializeManagedDict(self);
        if (dict == NULL) {
            return -1;
        }
        int err;
        Py_BEGIN_CRITICAL_SECTION2(self, dict);
        err = _PyDict_DetachFromObject(dict, self);
        Py_END_CRITICAL_SECTION2();
        if (err < 0) {
            return -1;
        }
    }
    if (newto->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        Py_INCREF(newto);
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    /* Release: pairs with readers of ob_type, who may then read the new layout. */
    FT_ATOMIC_STORE_PTR_RELEASE(self->ob_type, newto);
    Py_END_CRITICAL_SECTION();
    if (oldto->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        /* Another thread may be about to use it through self. */
        _Py_RetireRef(self, (PyObject *)oldto);
    }
    return 0;
}

static PyGetSetDef object_getsets[] = {
    {"__class__", object_get_class, object_set_class, PyDoc_STR("the object's class"), NULL},
    {0}
};

/* -- Methods ------------------------------------------------------------------------------------------------------------------------ */

static PyObject *
object_init_subclass(PyObject *Py_UNUSED(cls), PyObject *Py_UNUSED(args))
{
    Py_RETURN_NONE;
}

static PyObject *
object_subclasshook(PyObject *Py_UNUSED(cls), PyObject *Py_UNUSED(args))
{
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
object_format(PyObject *self, PyObject *format_spec)
{
    if (!PyUnicode_Check(format_spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", format_spec);
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(format_spec) > 0) {
        PyErr_Format(PyExc_TypeError, "unsupported format string passed to %.200s.__format__", Py_TYPE(self)->tp_name);
        return NULL;
    }
    return PyObject_Str(self);
}

static PyObject *
object_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t res = 0;
    if (type->tp_itemsize > 0) {
        Py_ssize_t len = PyLong_CheckExact(self) ? 1 : Py_SIZE(self);
        res = (len < 0 ? -len : len) * type->tp_itemsize;
    }
    res += type->tp_basicsize;
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        res += (Py_ssize_t)_PyInlineValuesSize(type);
    }
    return PyLong_FromSsize_t(res);
}

/* Names of the instance, its class and the bases. */
static PyObject *
object_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *result = NULL, *dict = NULL, *cls = NULL;
    if (PyObject_GetOptionalAttr(self, _Py_ID(__dict__), &dict) < 0) {
        return NULL;
    }
    if (dict == NULL) {
        dict = PyDict_New();
    }
    else if (!PyDict_Check(dict)) {
        Py_SETREF(dict, PyDict_New());
    }
    else {
        Py_SETREF(dict, PyDict_Copy(dict));
    }
    if (dict == NULL) {
        return NULL;
    }
    if (PyObject_GetOptionalAttr(self, _Py_ID(__class__), &cls) < 0) {
        goto done;
    }
    if (cls != NULL && _PyType_MergeClassDict(dict, cls) < 0) {
        goto done;
    }
    result = PyDict_Keys(dict);
done:
    Py_XDECREF(cls);
    Py_DECREF(dict);
    return result;
}

PyObject *
_PyObject_GetStateMethod(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyObject_GetStateDefault(self);
}

static PyMethodDef object_methods[] = {
    PY_METHOD_AS("__reduce_ex__", _PyObject_ReduceEx, METH_O, "($self, protocol, /)", "Helper for pickle."),
    PY_METHOD_AS("__reduce__", _PyObject_Reduce, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD_AS("__getstate__", _PyObject_GetStateMethod, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD_NOSIG("__subclasshook__", object_subclasshook, METH_CLASS | METH_O,
                    "Abstract classes can override this to customize issubclass().\n\n"
                    "ABCMeta calls it; any answer but NotImplemented is final."),
    PY_METHOD_NOSIG("__init_subclass__", object_init_subclass, METH_CLASS | METH_NOARGS,
                    "This method is called when a class is subclassed.\n\nThe default does nothing."),
    PY_METHOD_AS("__format__", object_format, METH_O, "($self, format_spec, /)",
                 "Default object formatter: str(self) if format_spec is empty, else TypeError."),
    PY_METHOD_AS("__sizeof__", object_sizeof, METH_NOARGS, "($self, /)", "Size of object in memory, in bytes."),
    PY_METHOD_AS("__dir__", object_dir, METH_NOARGS, "($self, /)", "Default dir() implementation."),
    {0}
};

PyDoc_STRVAR(object_doc,
"object()\n--\n\n"
"The base class of the class hierarchy.\n\n"
"An instance has no attributes of its own; calling it takes no arguments.");

PyTypeObject PyBaseObject_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "object",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = object_dealloc,
    .tp_repr = object_repr,
    .tp_hash = PyObject_GenericHash,
    .tp_str = object_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = object_doc,
    .tp_richcompare = object_richcompare,
    .tp_methods = object_methods,
    .tp_getset = object_getsets,
    .tp_init = _PyObject_TpInit,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = _PyObject_TpNew,
    .tp_free = PyObject_Free,
    .tp_vectorcall = object_vectorcall,
};

/* The type `type`: calling classes, attributes of classes, destruction.

   Locking: a class's namespace and the slots that depend on it change together under the type lock; reading
   takes no lock. */
#include "internal.h"
#include "slot_functions.h"
#include "pycore_abstract.h"         // _PyObject_RealIsInstance
#include "pycore_call.h"             // _PyObject_VectorcallTstate
#include "pycore_critical_section.h"
#include "pycore_dict.h"
#include "pycore_modsupport.h"
#include "pycore_unicodeobject.h"
#include "pycore_unionobject.h"      // _Py_union_type_or
#include "pycore_args.h"             // PY_METHOD
#include "pycore_weakref.h"

/* -- Names -------------------------------------------------------------------------------------------------------------- */

const char *
_PyType_Name(PyTypeObject *type)
{
    assert(type->tp_name != NULL);
    const char *s = strrchr(type->tp_name, '.');
    return s == NULL ? type->tp_name : s + 1;
}

/* An attribute of an immutable type may be neither set nor deleted. */
static int
check_set_special_type_attr(PyTypeObject *type, PyObject *value, const char *name)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_Format(PyExc_TypeError, "cannot set '%s' attribute of immutable type '%s'", name, type->tp_name);
        return 0;
    }
    if (!value) {
        PyErr_Format(PyExc_TypeError, "cannot delete '%s' attribute of immutable type '%s'", name, type->tp_name);
        return 0;
    }
    return PySys_Audit("object.__setattr__", "OsO", type, name, value) >= 0;
}

static PyObject *
type_name(PyObject *self, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        return _PySlot_GetRef(self, &((PyHeapTypeObject *)type)->ht_name);
    }
    return PyUnicode_FromString(_PyType_Name(type));
}

static PyObject *
type_qualname(PyObject *self, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        return _PySlot_GetRef(self, &((PyHeapTypeObject *)type)->ht_qualname);
    }
    return PyUnicode_FromString(_PyType_Name(type));
}

PyObject *
PyType_GetName(PyTypeObject *type)
{
    return type_name((PyObject *)type, NULL);
}

PyObject *
PyType_GetQualName(PyTypeObject *type)
{
    return type_qualname((PyObject *)type, NULL);
}

static int
type_set_name(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!check_set_special_type_attr(type, value, "__name__")) {
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign string to %s.__name__, not '%s'", type->tp_name,
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_ssize_t name_size;
    const char *tp_name = PyUnicode_AsUTF8AndSize(value, &name_size);
    if (tp_name == NULL) {
        return -1;
    }
    if (strlen(tp_name) != (size_t)name_size) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    _PyType_Lock();
    FT_ATOMIC_STORE_PTR_RELEASE(type->tp_name, tp_name);
    PyObject *old = ((PyHeapTypeObject *)type)->ht_name;
    FT_ATOMIC_STORE_PTR_RELEASE(((PyHeapTypeObject *)type)->ht_name, Py_NewRef(value));
    _PyType_Unlock();
    /* tp_name points into it: readers are done with both at the same time. */
    _Py_RetireRef(self, old);
    return 0;
}

static int
type_set_qualname(PyObject *self, PyObject *value, void *context)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!check_set_special_type_attr(type, value, "__qualname__")) {
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign string to %s.__qualname__, not '%s'", type->tp_name,
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    _PySlot_Set(self, &((PyHeapTypeObject *)type)->ht_qualname, Py_NewRef(value));
    return 0;
}

static PyObject *
type_module(PyTypeObject *type)
{
    PyObject *mod;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        if (PyDict_GetItemRef(type_dict(type), _Py_ID(__module__), &mod) == 0) {
            PyErr_Format(PyExc_AttributeError, "__module__");
        }
        return mod;
    }
    const char *s = strrchr(type->tp_name, '.');
    if (s != NULL) {
        mod = PyUnicode_FromStringAndSize(type->tp_name, (Py_ssize_t)(s - type->tp_name));
        if (mod != NULL) {
            PyUnicode_InternInPlace(&mod);
        }
        return mod;
    }
    return Py_NewRef(_Py_ID(builtins));
}

static PyObject *
type_get_module(PyObject *self, void *context)
{
    return type_module((PyTypeObject *)self);
}

PyObject *
PyType_GetModuleName(PyTypeObject *type)
{
    return type_module(type);
}

PyObject *
_PyType_GetModuleName(PyTypeObject *type)
{
    return type_module(type);
}

static int type_dict_set(PyTypeObject *type, PyObject *name, PyObject *value);

static int
type_set_module(PyObject *self, PyObject *value, void *context)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!check_set_special_type_attr(type, value, "__module__")) {
        return -1;
    }
    if (type_dict_set(type, _Py_ID(__module__), value) < 0) {
        return -1;
    }
    /* Where the class statement was is not known any more. */
    return PyDict_Pop(type_dict(type), _Py_ID(__firstlineno__), NULL) < 0 ? -1 : 0;
}

/* "module.qualname"; only the qualname for builtins and __main__. */
PyObject *
_PyType_GetFullyQualifiedName(PyTypeObject *type, char sep)
{
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        return PyUnicode_FromString(type->tp_name);
    }
    PyObject *qualname = type_qualname((PyObject *)type, NULL);
    if (qualname == NULL) {
        return NULL;
    }
    PyObject *module = type_module(type);
    if (module == NULL) {
        Py_DECREF(qualname);
        return NULL;
    }
    PyObject *result;
    if (PyUnicode_Check(module) && !_PyUnicode_Equal(module, _Py_ID(builtins))
        && !_PyUnicode_Equal(module, _Py_ID(__main__))) {
        result = PyUnicode_FromFormat("%U%c%U", module, sep, qualname);
    }
    else {
        result = Py_NewRef(qualname);
    }
    Py_DECREF(module);
    Py_DECREF(qualname);
    return result;
}

PyObject *
PyType_GetFullyQualifiedName(PyTypeObject *type)
{
    return _PyType_GetFullyQualifiedName(type, '.');
}

static PyObject *
type_repr(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (type->tp_name == NULL) {
        /* A static type before PyType_Ready(). */
        return PyUnicode_FromFormat("<class at %p>", type);
    }
    PyObject *mod = type_module(type);
    if (mod == NULL) {
        PyErr_Clear();
    }
    else if (!PyUnicode_Check(mod)) {
        Py_CLEAR(mod);
    }
    PyObject *name = type_qualname(self, NULL);
    if (name == NULL) {
        Py_XDECREF(mod);
        return NULL;
    }
    PyObject *result;
    if (mod != NULL && !_PyUnicode_Equal(mod, _Py_ID(builtins))) {
        result = PyUnicode_FromFormat("<class '%U.%U'>", mod, name);
    }
    else {
        result = PyUnicode_FromFormat("<class '%s'>", type->tp_name);
    }
    Py_XDECREF(mod);
    Py_DECREF(name);
    return result;
}

/* -- The namespace ------------------------------------------------------------------------------------------------------------ */

PyObject *
_PyType_GetDict(PyTypeObject *self)
{
    return type_dict(self);
}

PyObject *
PyType_GetDict(PyTypeObject *self)
{
    return Py_XNewRef(type_dict(self));
}

/* Sets or deletes (NULL) a name of the namespace with what depends on it: 0, -1 (KeyError when missing). */
static int
type_dict_set(PyTypeObject *type, PyObject *name, PyObject *value)
{
    int res;
    PyObject *old = NULL;
    _PyType_Lock();
    _PyType_Modified_lock_held(type);
    PyObject *dict = type_dict(type);
    if (PyUnicode_CheckExact(name)) {
        /* Keep the old value beyond the lock: its destructor may run code. */
        (void)PyDict_GetItemRef(dict, name, &old);
    }
    res = value == NULL ? PyDict_DelItem(dict, name) : PyDict_SetItem(dict, name, value);
    if (res == 0 && PyUnicode_CheckExact(name) && _PyType_IsDunder(name)) {
        res = _PyType_UpdateSlotsRecursive(type, name);
    }
    _PyType_Unlock();
    Py_XDECREF(old);
    return res;
}

static int
type_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        PyErr_Format(PyExc_TypeError, "cannot set %R attribute of immutable type '%s'", name, type->tp_name);
        return -1;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(name)->tp_name);
        return -1;
    }
    if (PyUnicode_CheckExact(name)) {
        Py_INCREF(name);
    }
    else {
        name = _PyUnicode_Copy(name);
        if (name == NULL) {
            return -1;
        }
    }
    PyUnicode_InternInPlace(&name);

    int res;
    PyTypeObject *metatype = Py_TYPE(type);
    PyObject *descr = _PyType_LookupRef(metatype, name);
    descrsetfunc set = descr == NULL ? NULL : Py_TYPE(descr)->tp_descr_set;
    if (set != NULL) {
        res = set(descr, self, value);
        goto done;
    }
    if (!_PyType_IsReady(type) && PyType_Ready(type) < 0) {
        res = -1;
        goto done;
    }
    res = type_dict_set(type, name, value);
    if (res < 0 && value == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Format(PyExc_AttributeError, "type object '%.100s' has no attribute '%U'", type->tp_name, name);
        _PyObject_SetAttributeErrorContext(self, name);
    }
done:
    Py_XDECREF(descr);
    Py_DECREF(name);
    return res;
}

/* As tp_getattro; *suppressed (if not NULL) is set and no exception raised when the attribute is missing. */
PyObject *
_Py_type_getattro_impl(PyTypeObject *type, PyObject *name, int *suppressed)
{
    PyTypeObject *metatype = Py_TYPE(type);
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(name)->tp_name);
        return NULL;
    }
    if (!_PyType_IsReady(type) && PyType_Ready(type) < 0) {
        return NULL;
    }
    descrgetfunc meta_get = NULL;
    PyObject *meta_attribute = _PyType_LookupRef(metatype, name);
    PyObject *res;
    if (meta_attribute != NULL) {
        meta_get = Py_TYPE(meta_attribute)->tp_descr_get;
        if (meta_get != NULL && PyDescr_IsData(meta_attribute)) {
            res = meta_get(meta_attribute, (PyObject *)type, (PyObject *)metatype);
            Py_DECREF(meta_attribute);
            return res;
        }
    }
    /* The class and its bases. */
    PyObject *attribute = _PyType_LookupRef(type, name);
    if (attribute != NULL) {
        descrgetfunc local_get = Py_TYPE(attribute)->tp_descr_get;
        Py_XDECREF(meta_attribute);
        if (local_get != NULL) {
            res = local_get(attribute, NULL, (PyObject *)type);
            Py_DECREF(attribute);
            return res;
        }
        return attribute;
    }
    if (meta_get != NULL) {
        res = meta_get(meta_attribute, (PyObject *)type, (PyObject *)metatype);
        Py_DECREF(meta_attribute);
        return res;
    }
    if (meta_attribute != NULL) {
        return meta_attribute;
    }
    if (suppressed == NULL) {
        PyErr_Format(PyExc_AttributeError, "type object '%.100s' has no attribute '%U'", type->tp_name, name);
    }
    else {
        *suppressed = 1;
    }
    return NULL;
}

PyObject *
_Py_type_getattro(PyObject *tp, PyObject *name)
{
    return _Py_type_getattro_impl((PyTypeObject *)tp, name, NULL);
}

/* -- Other attributes ------------------------------------------------------------------------------------------------------------- */

static PyObject *
type_get_bases(PyObject *self, void *context)
{
    PyObject *bases = type_bases((PyTypeObject *)self);
    return Py_NewRef(bases == NULL ? Py_None : bases);
}

static int
type_set_bases(PyObject *self, PyObject *value, void *context)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!check_set_special_type_attr(type, value, "__bases__")) {
        return -1;
    }
    return _PyType_SetBases(type, value);
}

static PyObject *
type_get_mro(PyObject *self, void *context)
{
    PyObject *mro = type_mro((PyTypeObject *)self);
    return Py_NewRef(mro == NULL ? Py_None : mro);
}

static PyObject *
type_get_dict(PyObject *self, void *context)
{
    PyObject *dict = type_dict((PyTypeObject *)self);
    if (dict == NULL) {
        Py_RETURN_NONE;
    }
    return PyDictProxy_New(dict);
}

static PyObject *
type_abstractmethods(PyObject *self, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *res = NULL;
    /* type itself has a descriptor of that name, which is not a list of methods. */
    if (type == &PyType_Type || PyDict_GetItemRef(type_dict(type), _Py_ID(__abstractmethods__), &res) == 0) {
        PyErr_SetObject(PyExc_AttributeError, _Py_ID(__abstractmethods__));
    }
    return res;
}

static int
type_set_abstractmethods(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    int abstract = 0;
    if (value != NULL) {
        abstract = PyObject_IsTrue(value);
        if (abstract < 0) {
            return -1;
        }
    }
    if (type_dict_set(type, _Py_ID(__abstractmethods__), value) < 0) {
        if (value == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetObject(PyExc_AttributeError, _Py_ID(__abstractmethods__));
        }
        return -1;
    }
    _PyType_Lock();
    if (abstract) {
        type_add_flags(type, Py_TPFLAGS_IS_ABSTRACT);
    }
    else {
        type_clear_flags(type, Py_TPFLAGS_IS_ABSTRACT);
    }
    _PyType_Unlock();
    return 0;
}

static PyObject *
type_get_doc(PyObject *self, void *Py_UNUSED(context))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE) && type->tp_doc != NULL) {
        return _PyType_GetDocFromInternalDoc(type->tp_name, type->tp_doc);
    }
    PyObject *result;
    int found = PyDict_GetItemRef(type_dict(type), _Py_ID(__doc__), &result);
    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        Py_RETURN_NONE;
    }
    descrgetfunc get = Py_TYPE(result)->tp_descr_get;
    if (get) {
        Py_SETREF(result, get(result, NULL, (PyObject *)type));
    }
    return result;
}

static int
type_set_doc(PyObject *self, PyObject *value, void *Py_UNUSED(context))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!check_set_special_type_attr(type, value, "__doc__")) {
        return -1;
    }
    return type_dict_set(type, _Py_ID(__doc__), value);
}

static PyObject *
type_get_text_signature(PyObject *self, void *Py_UNUSED(context))
{
    PyTypeObject *type = (PyTypeObject *)self;
    return _PyType_GetTextSignatureFromInternalDoc(type->tp_name, type->tp_doc, 0);
}

/* -- Annotations (PEP 649) ------------------------------------------------------------------------------------------------------------ */

/* The raw value under either name of the namespace: new reference, NULL (with or without an exception). */
static PyObject *
namespace_either(PyTypeObject *type, PyObject *first, PyObject *second)
{
    PyObject *value;
    int found = PyDict_GetItemRef(type_dict(type), first, &value);
    if (found == 0) {
        found = PyDict_GetItemRef(type_dict(type), second, &value);
    }
    return found > 0 ? value : NULL;
}

static PyObject *
bind_to_type(PyObject *value, PyTypeObject *type)      /* steals value */
{
    descrgetfunc get = Py_TYPE(value)->tp_descr_get;
    if (get) {
        Py_SETREF(value, get(value, NULL, (PyObject *)type));
    }
    return value;
}

static PyObject *
type_get_annotate(PyObject *self, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        PyErr_Format(PyExc_AttributeError, "type object '%s' has no attribute '__annotate__'", type->tp_name);
        return NULL;
    }
    PyObject *annotate = namespace_either(type, _Py_ID(__annotate_func__), _Py_ID(__annotate__));
    if (annotate != NULL) {
        return bind_to_type(annotate, type);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (type_dict_set(type, _Py_ID(__annotate_func__), Py_None) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
type_set_annotate(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __annotate__ attribute");
        return -1;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_Format(PyExc_TypeError, "cannot set '__annotate__' attribute of immutable type '%s'", type->tp_name);
        return -1;
    }
    if (!Py_IsNone(value) && !PyCallable_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ must be callable or None");
        return -1;
    }
    if (type_dict_set(type, _Py_ID(__annotate_func__), value) < 0) {
        return -1;
    }
    if (!Py_IsNone(value)) {
        PyObject *dict = type_dict(type);
        if (PyDict_Pop(dict, _Py_ID(__annotations_cache__), NULL) < 0
            || PyDict_Pop(dict, _Py_ID(__annotations__), NULL) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
type_get_annotations(PyObject *self, void *Py_UNUSED(context))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        PyErr_Format(PyExc_AttributeError, "type object '%s' has no attribute '__annotations__'", type->tp_name);
        return NULL;
    }
    PyObject *annotations = namespace_either(type, _Py_ID(__annotations__), _Py_ID(__annotations_cache__));
    if (annotations != NULL) {
        return bind_to_type(annotations, type);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *annotate = PyObject_GetAttr((PyObject *)type, _Py_ID(__annotate__));
    if (annotate == NULL) {
        return NULL;
    }
    if (PyCallable_Check(annotate)) {
        PyObject *one = PyLong_FromLong(1);      /* annotationlib.Format.VALUE */
        annotations = PyObject_CallOneArg(annotate, one);
        Py_DECREF(one);
        if (annotations != NULL && !PyDict_Check(annotations)) {
            PyErr_Format(PyExc_TypeError, "__annotate__ returned non-dict of type '%.100s'",
                         Py_TYPE(annotations)->tp_name);
            Py_CLEAR(annotations);
        }
    }
    else {
        annotations = PyDict_New();
    }
    Py_DECREF(annotate);
    if (annotations != NULL && type_dict_set(type, _Py_ID(__annotations_cache__), annotations) < 0) {
        Py_CLEAR(annotations);
    }
    return annotations;
}

static int
type_set_annotations(PyObject *self, PyObject *value, void *Py_UNUSED(context))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_Format(PyExc_TypeError, "cannot set '__annotations__' attribute of immutable type '%s'", type->tp_name);
        return -1;
    }
    PyObject *dict = type_dict(type);
    int has_own = PyDict_Contains(dict, _Py_ID(__annotations__));
    if (has_own < 0) {
        return -1;
    }
    if (value != NULL) {
        if (type_dict_set(type, has_own ? _Py_ID(__annotations__) : _Py_ID(__annotations_cache__), value) < 0) {
            return -1;
        }
    }
    else {
        int popped = PyDict_Pop(dict, _Py_ID(__annotations__), NULL);
        if (popped == 0) {
            popped = PyDict_Pop(dict, _Py_ID(__annotations_cache__), NULL);
        }
        if (popped < 0) {
            return -1;
        }
        if (popped == 0) {
            PyErr_SetString(PyExc_AttributeError, "__annotations__");
            return -1;
        }
        PyType_Modified(type);
    }
    if (PyDict_Pop(dict, _Py_ID(__annotate_func__), NULL) < 0 || PyDict_Pop(dict, _Py_ID(__annotate__), NULL) < 0) {
        return -1;
    }
    PyType_Modified(type);
    return 0;
}

static PyObject *
type_get_type_params(PyObject *self, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (type == &PyType_Type) {
        return PyTuple_New(0);
    }
    PyObject *params;
    int found = PyDict_GetItemRef(type_dict(type), _Py_ID(__type_params__), &params);
    return found == 0 ? PyTuple_New(0) : params;
}

static int
type_set_type_params(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!check_set_special_type_attr(type, value, "__type_params__")) {
        return -1;
    }
    return type_dict_set(type, _Py_ID(__type_params__), value);
}

static PyGetSetDef type_getsets[] = {
    {"__name__", type_name, type_set_name, NULL, NULL},
    {"__qualname__", type_qualname, type_set_qualname, NULL, NULL},
    {"__bases__", type_get_bases, type_set_bases, NULL, NULL},
    {"__mro__", type_get_mro, NULL, NULL, NULL},
    {"__module__", type_get_module, type_set_module, NULL, NULL},
    {"__abstractmethods__", type_abstractmethods, type_set_abstractmethods, NULL, NULL},
    {"__dict__", type_get_dict, NULL, NULL, NULL},
    {"__doc__", type_get_doc, type_set_doc, NULL, NULL},
    {"__text_signature__", type_get_text_signature, NULL, NULL, NULL},
    {"__annotations__", type_get_annotations, type_set_annotations, NULL, NULL},
    {"__annotate__", type_get_annotate, type_set_annotate, NULL, NULL},
    {"__type_params__", type_get_type_params, type_set_type_params, NULL, NULL},
    {0}
};

static PyMemberDef type_members[] = {
    {"__basicsize__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_basicsize), Py_READONLY, NULL},
    {"__itemsize__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_itemsize), Py_READONLY, NULL},
    {"__flags__", Py_T_ULONG, offsetof(PyTypeObject, tp_flags), Py_READONLY, NULL},
    {"__weakrefoffset__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_weaklistoffset), Py_READONLY, NULL},
    {"__base__", _Py_T_OBJECT, offsetof(PyTypeObject, tp_base), Py_READONLY, NULL},
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_dictoffset), Py_READONLY, NULL},
    {0}
};

/* -- Calling ------------------------------------------------------------------------------------------------------------------------------ */

static PyObject *
type_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    /* type(x): only for type itself. */
    if (type == &PyType_Type) {
        Py_ssize_t nargs = PyTuple_GET_SIZE(args);
        if (nargs == 1 && (kwds == NULL || !PyDict_GET_SIZE(kwds))) {
            return Py_NewRef(Py_TYPE(PyTuple_GET_ITEM(args, 0)));
        }
        if (nargs != 3) {
            PyErr_SetString(PyExc_TypeError, "type() takes 1 or 3 arguments");
            return NULL;
        }
    }
    if (type->tp_new == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
        return NULL;
    }
    PyObject *obj = type->tp_new(type, args, kwds);
    obj = _Py_CheckFunctionResult(tstate, self, obj, NULL);
    if (obj == NULL) {
        return NULL;
    }
    /* __new__ may return anything; what is not an instance is not initialised. */
    if (!PyObject_TypeCheck(obj, type)) {
        return obj;
    }
    type = Py_TYPE(obj);
    if (type->tp_init != NULL) {
        int res = type->tp_init(obj, args, kwds);
        if (res < 0) {
            assert(_PyErr_Occurred(tstate));
            Py_SETREF(obj, NULL);
        }
        else {
            assert(!_PyErr_Occurred(tstate));
        }
    }
    return obj;
}

static PyObject *
type_vectorcall(PyObject *metatype, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (nargs == 1 && metatype == (PyObject *)&PyType_Type) {
        if (!_PyArg_NoKwnames("type", kwnames)) {
            return NULL;
        }
        return Py_NewRef(Py_TYPE(args[0]));
    }
    return _PyObject_MakeTpCall(_PyThreadState_GET(), metatype, args, nargs, kwnames);
}

static int
type_init(PyObject *cls, PyObject *args, PyObject *kwds)
{
    assert(args != NULL && PyTuple_Check(args));
    assert(kwds == NULL || PyDict_Check(kwds));
    if (kwds != NULL && PyTuple_GET_SIZE(args) == 1 && PyDict_GET_SIZE(kwds) != 0) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes no keyword arguments");
        return -1;
    }
    if (PyTuple_GET_SIZE(args) != 1 && PyTuple_GET_SIZE(args) != 3) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes 1 or 3 arguments");
        return -1;
    }
    return 0;
}

/* -- Methods -------------------------------------------------------------------------------------------------------------------------------- */

static PyObject *
type_prepare(PyObject *Py_UNUSED(self), PyObject *const *Py_UNUSED(args), Py_ssize_t Py_UNUSED(nargs),
             PyObject *Py_UNUSED(kwnames))
{
    return PyDict_New();
}

/* Adds the names of a class and its bases to dict: 0, -1. */
int
_PyType_MergeClassDict(PyObject *dict, PyObject *aclass)
{
    PyObject *classdict;
    if (PyObject_GetOptionalAttr(aclass, _Py_ID(__dict__), &classdict) < 0) {
        return -1;
    }
    if (classdict != NULL) {
        int status = PyDict_Update(dict, classdict);
        Py_DECREF(classdict);
        if (status < 0) {
            return -1;
        }
    }
    PyObject *bases;
    if (PyObject_GetOptionalAttr(aclass, _Py_ID(__bases__), &bases) < 0) {
        return -1;
    }
    if (bases == NULL) {
        return 0;
    }
    Py_ssize_t n = PySequence_Size(bases);
    if (n < 0) {
        Py_DECREF(bases);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *base = PySequence_GetItem(bases, i);
        int status = base == NULL ? -1 : _PyType_MergeClassDict(dict, base);
        Py_XDECREF(base);
        if (status < 0) {
            Py_DECREF(bases);
            return -1;
        }
    }
    Py_DECREF(bases);
    return 0;
}

static PyObject *
type_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *result = NULL;
    PyObject *dict = PyDict_New();
    if (dict != NULL && _PyType_MergeClassDict(dict, self) == 0) {
        result = PyDict_Keys(dict);
    }
    Py_XDECREF(dict);
    return result;
}

static PyObject *
type_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyTypeObject *type = (PyTypeObject *)self;
    size_t size;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        PyHeapTypeObject *et = (PyHeapTypeObject *)type;
        size = sizeof(PyHeapTypeObject);
        if (et->ht_cached_keys) {
            size += _PyDict_KeysSize(et->ht_cached_keys);
        }
    }
    else {
        size = sizeof(PyTypeObject);
    }
    return PyLong_FromSize_t(size);
}

static PyObject *
type_instancecheck(PyObject *self, PyObject *instance)
{
    int r = _PyObject_RealIsInstance(instance, self);
    return r < 0 ? NULL : PyBool_FromLong(r);
}

static PyObject *
type_subclasscheck(PyObject *self, PyObject *subclass)
{
    int r = _PyObject_RealIsSubclass(subclass, self);
    return r < 0 ? NULL : PyBool_FromLong(r);
}

static PyMethodDef type_methods[] = {
    PY_METHOD_AS("mro", _PyType_MroMethod, METH_NOARGS, "($self, /)", "Return a type's method resolution order."),
    PY_METHOD_AS("__subclasses__", _PyType_SubclassesMethod, METH_NOARGS, "($self, /)",
                 "Return a list of immediate subclasses."),
    PY_METHOD_AS("__prepare__", type_prepare, METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
                 "($cls, name, bases, /, **kwds)", "Create the namespace for the class statement."),
    PY_METHOD_AS("__instancecheck__", type_instancecheck, METH_O, "($self, instance, /)",
                 "Check if an object is an instance."),
    PY_METHOD_AS("__subclasscheck__", type_subclasscheck, METH_O, "($self, subclass, /)",
                 "Check if a class is a subclass."),
    PY_METHOD_AS("__dir__", type_dir, METH_NOARGS, "($self, /)", "Specialized __dir__ implementation for types."),
    PY_METHOD_AS("__sizeof__", type_sizeof, METH_NOARGS, "($self, /)", "Return memory consumption of the type object."),
    {0}
};

/* -- Death ------------------------------------------------------------------------------------------------------------------------------------ */

void
_PyType_TypeDeallocCommon(PyTypeObject *type)
{
    PyObject *bases = type_bases(type);
    if (bases) {
        PyObject *exc = PyErr_GetRaisedException();
        _PyType_Lock();
        _PyType_RemoveAllSubclasses(type, bases);
        _PyType_Unlock();
        PyErr_SetRaisedException(exc);
    }
}

static void
type_dealloc(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    assert(type->tp_flags & Py_TPFLAGS_HEAPTYPE);
    _PyObject_GC_UNTRACK(type);
    _PyType_TypeDeallocCommon(type);
    /* Weak references of a type are cleared before its parts: callbacks may ask for its name. */
    PyObject_ClearWeakRefs(self);
    _PyType_SetVersion(type, 0);

    Py_XDECREF(type->tp_base);
    Py_XDECREF(type->tp_dict);
    Py_XDECREF(type->tp_bases);
    Py_XDECREF(type->tp_mro);
    Py_XDECREF(type->tp_cache);
    Py_XDECREF((PyObject *)type->tp_subclasses);
    PyMem_Free((char *)type->tp_doc);

    PyHeapTypeObject *et = (PyHeapTypeObject *)type;
    Py_XDECREF(et->ht_name);
    Py_XDECREF(et->ht_qualname);
    Py_XDECREF(et->ht_slots);
    if (et->ht_cached_keys) {
        _PyDictKeys_DecRef(et->ht_cached_keys);
    }
    Py_XDECREF(et->ht_module);
    PyMem_Free(et->_ht_tpname);
    et->ht_token = NULL;
    Py_TYPE(type)->tp_free(self);
}

static int
type_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *type = (PyTypeObject *)self;
    /* Static types are not collected. */
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        char msg[200];
        PyOS_snprintf(msg, sizeof(msg), "type_traverse() called on non-heap type '%.100s'", type->tp_name);
        _PyObject_ASSERT_FAILED_MSG(self, msg);
    }
    Py_VISIT(type->tp_dict);
    Py_VISIT(type->tp_cache);
    Py_VISIT(type->tp_mro);
    Py_VISIT(type->tp_bases);
    Py_VISIT(type->tp_base);
    Py_VISIT(((PyHeapTypeObject *)type)->ht_module);
    /* tp_subclasses: weak references.  ht_name, ht_qualname, ht_slots: strings. */
    return 0;
}

static int
type_clear(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    assert(type->tp_flags & Py_TPFLAGS_HEAPTYPE);
    /* What type_dealloc() itself needs stays: bases, and the base.  Instances still need the slots while they
       die, and those were taken from the bases. */
    PyType_Modified(type);
    PyObject *dict = type_dict(type);
    if (dict) {
        PyDict_Clear(dict);
    }
    Py_CLEAR(((PyHeapTypeObject *)type)->ht_module);
    Py_CLEAR(type->tp_mro);
    return 0;
}

/* A heap type is a GC object; a static one is not. */
static int
type_is_gc(PyObject *type)
{
    return ((PyTypeObject *)type)->tp_flags & Py_TPFLAGS_HEAPTYPE;
}

static PyNumberMethods type_as_number = {.nb_or = _Py_union_type_or};

PyDoc_STRVAR(type_doc,
"type(object) -> the object's type\n"
"type(name, bases, dict, **kwds) -> a new type");

PyTypeObject PyType_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "type",
    .tp_basicsize = sizeof(PyHeapTypeObject),
    .tp_itemsize = sizeof(PyMemberDef),
    .tp_dealloc = type_dealloc,
    .tp_vectorcall_offset = offsetof(PyTypeObject, tp_vectorcall),
    .tp_repr = type_repr,
    .tp_as_number = &type_as_number,
    .tp_call = type_call,
    .tp_getattro = _Py_type_getattro,
    .tp_setattro = type_setattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_TYPE_SUBCLASS
                | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_ITEMS_AT_END,
    .tp_doc = type_doc,
    .tp_traverse = type_traverse,
    .tp_clear = type_clear,
    .tp_weaklistoffset = offsetof(PyTypeObject, tp_weaklist),
    .tp_methods = type_methods,
    .tp_members = type_members,
    .tp_getset = type_getsets,
    .tp_dictoffset = offsetof(PyTypeObject, tp_dict),
    .tp_init = type_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = _PyType_New,
    .tp_free = PyObject_GC_Del,
    .tp_is_gc = type_is_gc,
    .tp_vectorcall = type_vectorcall,
};

/* -- Flags ---------------------------------------------------------------------------------------------------------------------------------------- */

#undef PyType_GetFlags
unsigned long
PyType_GetFlags(PyTypeObject *type)
{
    return FT_ATOMIC_LOAD_ULONG_RELAXED(type->tp_flags);
}

static void
set_flags_recursive(PyTypeObject *self, unsigned long mask, unsigned long flags)
{
    ASSERT_TYPE_LOCK_HELD();
    if (_PyType_HasFeature(self, Py_TPFLAGS_IMMUTABLETYPE) || (self->tp_flags & mask) == flags) {
        return;
    }
    type_set_flags(self, (self->tp_flags & ~mask) | flags);
    PyObject *children = _PyType_GetSubclasses(self);
    if (children == NULL) {
        PyErr_Clear();
        return;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(children); i++) {
        set_flags_recursive((PyTypeObject *)PyList_GET_ITEM(children, i), mask, flags);
    }
    Py_DECREF(children);
}

void
_PyType_SetFlagsRecursive(PyTypeObject *self, unsigned long mask, unsigned long flags)
{
    _PyType_Lock();
    _PyType_Modified_lock_held(self);
    set_flags_recursive(self, mask, flags);
    _PyType_Unlock();
}

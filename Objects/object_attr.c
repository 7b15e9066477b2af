/* Attributes of objects: the generic lookup, and the functions that every access goes through.

   The order is Python's: data descriptor of the type, instance, other class attribute.  The type part is
   lock-free (_PyType_LookupRef); the instance part is the dict room's (inline values, managed dict). */
#include "Python.h"
#include "pycore_call.h"             // _PyObject_VectorcallTstate
#include "pycore_dict.h"             // _PyObject_TryGetInstanceAttribute
#include "pycore_moduleobject.h"     // _Py_module_getattro
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"          // _PySlot_GetRef
#include "pycore_typeobject.h"       // _PyType_LookupRef
#include "pycore_unicodeobject.h"

/* -- Where an instance keeps its dict ------------------------------------------------------------- */

/* The slot of a dict that is not managed, or NULL. */
PyObject **
_PyObject_ComputedDictPointer(PyObject *obj)
{
    PyTypeObject *tp = Py_TYPE(obj);
    assert((tp->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0);

    Py_ssize_t offset = tp->tp_dictoffset;
    if (offset == 0) {
        return NULL;
    }
    if (offset < 0) {
        assert(offset != -1);
        Py_ssize_t size = Py_SIZE(obj);
        if (PyLong_Check(obj)) {
            size = (Py_ssize_t)(((PyLongObject *)obj)->long_value.lv_tag >> 3);
        }
        if (size < 0) {
            size = -size;
        }
        offset += (Py_ssize_t)_PyObject_VAR_SIZE(tp, size);
        assert(offset > 0 && offset % SIZEOF_VOID_P == 0);
    }
    return (PyObject **)((char *)obj + offset);
}

PyObject **
_PyObject_GetDictPtr(PyObject *obj)
{
    if ((Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0) {
        return _PyObject_ComputedDictPointer(obj);
    }
    if (_PyObject_MaterializeManagedDict(obj) == NULL) {
        PyErr_Clear();
        return NULL;
    }
    return (PyObject **)&_PyObject_ManagedDictPointer(obj)->dict;
}

/* obj's dict if it has one now, counted; for types without inline values. */
static PyObject *
instance_dict_ref(PyObject *obj, PyTypeObject *tp)
{
    if (tp->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return _PySlot_GetRef(obj, (PyObject **)&_PyObject_ManagedDictPointer(obj)->dict);
    }
    PyObject **slot = _PyObject_ComputedDictPointer(obj);
    return slot == NULL ? NULL : _PySlot_GetRef(obj, slot);
}

int
_PyObject_SetDict(PyObject *obj, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __dict__");
        return -1;
    }
    if (!PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return _PyObject_SetManagedDict(obj, value);
    }
    PyObject **slot = _PyObject_ComputedDictPointer(obj);
    if (slot == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return -1;
    }
    _PySlot_Set(obj, slot, Py_NewRef(value));
    return 0;
}

int
PyObject_GenericSetDict(PyObject *obj, PyObject *value, void *Py_UNUSED(context))
{
    return _PyObject_SetDict(obj, value);
}

/* -- Errors --------------------------------------------------------------------------------------- */

void
_PyObject_SetAttributeErrorContext(PyObject *obj, PyObject *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(_PyErr_Occurred(tstate));
    if (!_PyErr_ExceptionMatches(tstate, PyExc_AttributeError)) {
        return;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    if (PyErr_GivenExceptionMatches(exc, PyExc_AttributeError)) {
        PyAttributeErrorObject *error = (PyAttributeErrorObject *)exc;
        if (error->name == NULL && error->obj == NULL) {
            /* The exception is ours alone until it is set again. */
            error->name = Py_NewRef(name);
            error->obj = Py_NewRef(obj);
        }
    }
    _PyErr_SetRaisedException(tstate, exc);
}

static void
name_type_error(PyObject *name)
{
    PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(name)->tp_name);
}

static void
no_attribute_error(PyObject *obj, PyTypeObject *tp, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'", tp->tp_name, name);
    _PyObject_SetAttributeErrorContext(obj, name);
}

/* -- Generic get ---------------------------------------------------------------------------------- */

/* obj's own attribute: 1, 0, -1. */
static int
instance_get(PyObject *obj, PyTypeObject *tp, PyObject *name, PyObject *dict, PyObject **result)
{
    *result = NULL;
    if (dict != NULL) {
        return PyDict_GetItemRef(dict, name, result);
    }
    if ((tp->tp_flags & Py_TPFLAGS_INLINE_VALUES)
        && _PyObject_TryGetInstanceAttribute(obj, name, result)) {
        return *result != NULL;
    }
    dict = instance_dict_ref(obj, tp);
    if (dict == NULL) {
        return 0;
    }
    int found = PyDict_GetItemRef(dict, name, result);
    Py_DECREF(dict);
    return found;
}

/* suppress: no AttributeError for a missing attribute, NULL alone. */
PyObject *
_PyObject_GenericGetAttrWithDict(PyObject *obj, PyObject *name, PyObject *dict, int suppress)
{
    PyTypeObject *tp = Py_TYPE(obj);
    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return NULL;
    }
    if (!_PyType_IsReady(tp) && PyType_Ready(tp) < 0) {
        return NULL;
    }
    Py_INCREF(name);

    PyObject *res = NULL;
    descrgetfunc get = NULL;
    PyObject *descr = _PyType_LookupRef(tp, name);
    if (descr != NULL) {
        get = Py_TYPE(descr)->tp_descr_get;
        if (get != NULL && PyDescr_IsData(descr)) {
            res = get(descr, obj, (PyObject *)tp);
            if (res == NULL && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) {
                PyErr_Clear();
            }
            goto done;
        }
    }
    int found = instance_get(obj, tp, name, dict, &res);
    if (found != 0) {
        if (found < 0 && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
        }
        goto done;
    }
    if (get != NULL) {
        res = get(descr, obj, (PyObject *)tp);
        if (res == NULL && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
        }
        goto done;
    }
    if (descr != NULL) {
        res = descr;
        descr = NULL;
        goto done;
    }
    if (!suppress) {
        no_attribute_error(obj, tp, name);
    }
done:
    Py_XDECREF(descr);
    Py_DECREF(name);
    return res;
}

PyObject *
PyObject_GenericGetAttr(PyObject *obj, PyObject *name)
{
    return _PyObject_GenericGetAttrWithDict(obj, name, NULL, 0);
}

PyObject *
_PyObject_GenericTryGetAttr(PyObject *obj, PyObject *name)
{
    return _PyObject_GenericGetAttrWithDict(obj, name, NULL, 1);
}

/* -- Generic set ---------------------------------------------------------------------------------- */

static void
cannot_set_error(PyObject *obj, PyTypeObject *tp, PyObject *name, PyObject *descr)
{
    if (descr != NULL) {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object attribute '%U' is read-only", tp->tp_name, name);
    }
    else if (tp->tp_setattro == PyObject_GenericSetAttr) {
        PyErr_Format(PyExc_AttributeError,
                     "'%.100s' object has no attribute '%U' and no __dict__ for setting new attributes",
                     tp->tp_name, name);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'", tp->tp_name, name);
    }
    _PyObject_SetAttributeErrorContext(obj, name);
}

/* Stores into obj itself: 0, -1. */
static int
instance_set(PyObject *obj, PyTypeObject *tp, PyObject *name, PyObject *value, PyObject *descr)
{
    if (tp->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
        return _PyObject_StoreInstanceAttribute(obj, name, value);
    }
    PyObject **dictptr;
    if (tp->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        dictptr = (PyObject **)&_PyObject_ManagedDictPointer(obj)->dict;
    }
    else {
        dictptr = _PyObject_ComputedDictPointer(obj);
    }
    if (dictptr == NULL) {
        cannot_set_error(obj, tp, name, descr);
        return -1;
    }
    return _PyObjectDict_SetItem(tp, obj, dictptr, name, value);
}

int
_PyObject_GenericSetAttrWithDict(PyObject *obj, PyObject *name, PyObject *value, PyObject *dict)
{
    PyTypeObject *tp = Py_TYPE(obj);
    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return -1;
    }
    if (!_PyType_IsReady(tp) && PyType_Ready(tp) < 0) {
        return -1;
    }
    Py_INCREF(name);
    Py_INCREF(tp);      /* a descriptor may change obj's class */

    int res;
    PyObject *descr = _PyType_LookupRef(tp, name);
    if (descr != NULL) {
        descrsetfunc set = Py_TYPE(descr)->tp_descr_set;
        if (set != NULL) {
            res = set(descr, obj, value);
            goto done;
        }
    }
    if (dict == NULL) {
        res = instance_set(obj, tp, name, value, descr);
    }
    else {
        Py_INCREF(dict);
        res = value == NULL ? PyDict_DelItem(dict, name) : PyDict_SetItem(dict, name, value);
        Py_DECREF(dict);
    }
    if (res < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
        if (PyType_IsSubtype(tp, &PyType_Type)) {
            PyErr_Format(PyExc_AttributeError, "type object '%.50s' has no attribute '%U'",
                         ((PyTypeObject *)obj)->tp_name, name);
            _PyObject_SetAttributeErrorContext(obj, name);
        }
        else {
            no_attribute_error(obj, tp, name);
        }
    }
done:
    Py_XDECREF(descr);
    Py_DECREF(tp);
    Py_DECREF(name);
    return res;
}

int
PyObject_GenericSetAttr(PyObject *obj, PyObject *name, PyObject *value)
{
    return _PyObject_GenericSetAttrWithDict(obj, name, value, NULL);
}

/* -- Get ------------------------------------------------------------------------------------------- */

PyObject *
PyObject_GetAttr(PyObject *v, PyObject *name)
{
    PyTypeObject *tp = Py_TYPE(v);
    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return NULL;
    }
    PyObject *result = NULL;
    if (tp->tp_getattro != NULL) {
        result = (*tp->tp_getattro)(v, name);
    }
    else if (tp->tp_getattr != NULL) {
        const char *name_str = PyUnicode_AsUTF8(name);
        if (name_str == NULL) {
            return NULL;
        }
        result = (*tp->tp_getattr)(v, (char *)name_str);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'", tp->tp_name, name);
    }
    if (result == NULL) {
        _PyObject_SetAttributeErrorContext(v, name);
    }
    return result;
}

int
PyObject_GetOptionalAttr(PyObject *v, PyObject *name, PyObject **result)
{
    PyTypeObject *tp = Py_TYPE(v);
    *result = NULL;
    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return -1;
    }
    if (tp->tp_getattro == PyObject_GenericGetAttr) {
        *result = _PyObject_GenericGetAttrWithDict(v, name, NULL, 1);
        if (*result != NULL) {
            return 1;
        }
        return PyErr_Occurred() ? -1 : 0;
    }
    if (tp->tp_getattro == _Py_type_getattro) {
        int suppressed = 0;
        *result = _Py_type_getattro_impl((PyTypeObject *)v, name, &suppressed);
        if (*result != NULL) {
            return 1;
        }
        if (suppressed) {
            return 0;
        }
        if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    if (tp->tp_getattro == _Py_module_getattro) {
        *result = _Py_module_getattro_impl((PyModuleObject *)v, name, 1);
        if (*result != NULL) {
            return 1;
        }
        if (PyErr_Occurred()) {
            if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
                PyErr_Clear();
                return 0;
            }
            return -1;
        }
        return 0;
    }
    *result = PyObject_GetAttr(v, name);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

PyObject *
PyObject_GetAttrString(PyObject *v, const char *name)
{
    if (Py_TYPE(v)->tp_getattr != NULL && Py_TYPE(v)->tp_getattro == NULL) {
        return (*Py_TYPE(v)->tp_getattr)(v, (char *)name);
    }
    PyObject *w = PyUnicode_FromString(name);
    if (w == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_GetAttr(v, w);
    Py_DECREF(w);
    return res;
}

int
PyObject_GetOptionalAttrString(PyObject *obj, const char *name, PyObject **result)
{
    PyObject *oname = PyUnicode_FromString(name);
    if (oname == NULL) {
        *result = NULL;
        return -1;
    }
    int rc = PyObject_GetOptionalAttr(obj, oname, result);
    Py_DECREF(oname);
    return rc;
}

int
PyObject_HasAttrWithError(PyObject *obj, PyObject *name)
{
    PyObject *res;
    int rc = PyObject_GetOptionalAttr(obj, name, &res);
    Py_XDECREF(res);
    return rc;
}

int
PyObject_HasAttrStringWithError(PyObject *obj, const char *name)
{
    PyObject *res;
    int rc = PyObject_GetOptionalAttrString(obj, name, &res);
    Py_XDECREF(res);
    return rc;
}

int
PyObject_HasAttr(PyObject *obj, PyObject *name)
{
    int rc = PyObject_HasAttrWithError(obj, name);
    if (rc < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyObject_HasAttr(); consider using "
                               "PyObject_HasAttrWithError(), PyObject_GetOptionalAttr() or PyObject_GetAttr()");
        return 0;
    }
    return rc;
}

int
PyObject_HasAttrString(PyObject *obj, const char *name)
{
    int rc = PyObject_HasAttrStringWithError(obj, name);
    if (rc < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyObject_HasAttrString(); consider using "
                               "PyObject_HasAttrStringWithError(), PyObject_GetOptionalAttrString() or "
                               "PyObject_GetAttrString()");
        return 0;
    }
    return rc;
}

PyObject *
_PyObject_GetAttrId(PyObject *v, _Py_Identifier *name)
{
    PyObject *oname = _PyUnicode_FromId(name);   /* borrowed */
    return oname == NULL ? NULL : PyObject_GetAttr(v, oname);
}

/* -- Set ------------------------------------------------------------------------------------------- */

int
PyObject_SetAttr(PyObject *v, PyObject *name, PyObject *value)
{
    PyTypeObject *tp = Py_TYPE(v);
    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return -1;
    }
    Py_INCREF(name);
    PyUnicode_InternInPlace(&name);
    int err;
    if (tp->tp_setattro != NULL) {
        err = (*tp->tp_setattro)(v, name, value);
        Py_DECREF(name);
        return err;
    }
    if (tp->tp_setattr != NULL) {
        const char *name_str = PyUnicode_AsUTF8(name);
        err = name_str == NULL ? -1 : (*tp->tp_setattr)(v, (char *)name_str, value);
        Py_DECREF(name);
        return err;
    }
    PyErr_Format(PyExc_TypeError,
                 tp->tp_getattr == NULL && tp->tp_getattro == NULL
                     ? "'%.100s' object has no attributes (%s .%U)"
                     : "'%.100s' object has only read-only attributes (%s .%U)",
                 tp->tp_name, value == NULL ? "del" : "assign to", name);
    Py_DECREF(name);
    return -1;
}

int
PyObject_SetAttrString(PyObject *v, const char *name, PyObject *w)
{
    if (Py_TYPE(v)->tp_setattr != NULL && Py_TYPE(v)->tp_setattro == NULL) {
        return (*Py_TYPE(v)->tp_setattr)(v, (char *)name, w);
    }
    PyObject *s = PyUnicode_InternFromString(name);
    if (s == NULL) {
        return -1;
    }
    int res = PyObject_SetAttr(v, s, w);
    Py_DECREF(s);
    return res;
}

int
PyObject_DelAttr(PyObject *v, PyObject *name)
{
    return PyObject_SetAttr(v, name, NULL);
}

int
PyObject_DelAttrString(PyObject *v, const char *name)
{
    return PyObject_SetAttrString(v, name, NULL);
}

/* -- Methods and special methods -------------------------------------------------------------------- */

int
_PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method)
{
    PyTypeObject *tp = Py_TYPE(obj);
    *method = NULL;
    if (!_PyType_IsReady(tp) && PyType_Ready(tp) < 0) {
        return 0;
    }
    if (tp->tp_getattro != PyObject_GenericGetAttr || !PyUnicode_CheckExact(name)) {
        *method = PyObject_GetAttr(obj, name);
        return 0;
    }
    descrgetfunc get = NULL;
    int is_method = 0;
    PyObject *descr = _PyType_LookupRef(tp, name);
    if (descr != NULL) {
        if (_PyType_HasFeature(Py_TYPE(descr), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
            is_method = 1;
        }
        else {
            get = Py_TYPE(descr)->tp_descr_get;
            if (get != NULL && PyDescr_IsData(descr)) {
                *method = get(descr, obj, (PyObject *)tp);
                Py_DECREF(descr);
                return 0;
            }
        }
    }
    PyObject *own;
    int found = instance_get(obj, tp, name, NULL, &own);
    if (found != 0) {
        *method = own;
        Py_XDECREF(descr);
        return 0;
    }
    if (is_method) {
        *method = descr;
        return 1;
    }
    if (get != NULL) {
        *method = get(descr, obj, (PyObject *)tp);
        Py_DECREF(descr);
        return 0;
    }
    if (descr != NULL) {
        *method = descr;
        return 0;
    }
    no_attribute_error(obj, tp, name);
    return 0;
}

PyObject *
_PyObject_LookupSpecial(PyObject *self, PyObject *attr)
{
    PyTypeObject *tp = Py_TYPE(self);
    PyObject *res = _PyType_LookupRef(tp, attr);
    if (res != NULL) {
        descrgetfunc get = Py_TYPE(res)->tp_descr_get;
        if (get != NULL) {
            PyObject *descr = res;
            res = get(descr, self, (PyObject *)tp);
            Py_DECREF(descr);
        }
    }
    return res;
}

PyObject *
_PyObject_LookupSpecialId(PyObject *self, _Py_Identifier *attrid)
{
    PyObject *attr = _PyUnicode_FromId(attrid);
    return attr == NULL ? NULL : _PyObject_LookupSpecial(self, attr);
}

/* In: pair[1] owns self.  Out: pair[0] owns the method; pair[1] still owns self if the method is to be called
   with it, else it is NULL.  0 (pair unchanged but for pair[0] NULL): no such method. */
int
_PyObject_LookupSpecialMethod(PyObject *attr, PyObject **pair)
{
    PyObject *self = pair[1];
    PyTypeObject *tp = Py_TYPE(self);
    PyObject *method = _PyType_LookupRef(tp, attr);
    pair[0] = method;
    if (method == NULL) {
        return 0;
    }
    if (_PyType_HasFeature(Py_TYPE(method), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        return 1;
    }
    descrgetfunc get = Py_TYPE(method)->tp_descr_get;
    if (get == NULL) {
        pair[1] = NULL;
        Py_DECREF(self);
        return 1;
    }
    pair[0] = get(method, self, (PyObject *)tp);
    Py_DECREF(method);
    if (pair[0] == NULL) {
        return -1;
    }
    pair[1] = NULL;
    Py_DECREF(self);
    return 1;
}

PyObject *
_PyObject_MaybeCallSpecialNoArgs(PyObject *self, PyObject *attr)
{
    PyObject *pair[2] = {NULL, Py_NewRef(self)};
    PyObject *result = NULL;
    int found = _PyObject_LookupSpecialMethod(attr, pair);
    if (found > 0) {
        if (pair[1] != NULL) {
            result = PyObject_Vectorcall(pair[0], &pair[1], 1, NULL);
        }
        else {
            result = PyObject_Vectorcall(pair[0], NULL, 0, NULL);
        }
    }
    Py_XDECREF(pair[0]);
    Py_XDECREF(pair[1]);
    return result;
}

PyObject *
_PyObject_MaybeCallSpecialOneArg(PyObject *self, PyObject *attr, PyObject *arg)
{
    PyObject *pair[2] = {NULL, Py_NewRef(self)};
    PyObject *result = NULL;
    int found = _PyObject_LookupSpecialMethod(attr, pair);
    if (found > 0) {
        PyObject *args[2] = {pair[1], arg};
        if (pair[1] != NULL) {
            result = PyObject_Vectorcall(pair[0], args, 2, NULL);
        }
        else {
            result = PyObject_Vectorcall(pair[0], args + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        }
    }
    Py_XDECREF(pair[0]);
    Py_XDECREF(pair[1]);
    return result;
}

/* -- Others ---------------------------------------------------------------------------------------- */

int
_PyObject_IsAbstract(PyObject *obj)
{
    if (obj == NULL) {
        return 0;
    }
    PyObject *isabstract;
    int res = PyObject_GetOptionalAttr(obj, _Py_ID(__isabstractmethod__), &isabstract);
    if (res > 0) {
        res = PyObject_IsTrue(isabstract);
        Py_DECREF(isabstract);
    }
    return res;
}

PyObject *
PyObject_SelfIter(PyObject *obj)
{
    return Py_NewRef(obj);
}

/* tp_iternext of a class that sets __next__ = None. */
PyObject *
_PyObject_NextNotImplemented(PyObject *self)
{
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
    return NULL;
}

/* How objects are copied and pickled by default: object.__reduce__, __reduce_ex__, __getstate__. */
#include "internal.h"
#include "pycore_call.h"
#include "pycore_dict.h"             // _PyObject_IsInstanceDictEmpty
#include "pycore_modsupport.h"

/* -- copyreg ------------------------------------------------------------------------------------------------------------ */

static PyObject *
import_copyreg(void)
{
    return PyImport_ImportModule("copyreg");
}

/* Names of the slots of a class (copyreg caches them), or None. */
static PyObject *
slotnames_of(PyTypeObject *cls)
{
    PyObject *slotnames;
    int found = PyDict_GetItemRef(type_dict(cls), _Py_ID(__slotnames__), &slotnames);
    if (found < 0) {
        return NULL;
    }
    if (found > 0) {
        if (slotnames != Py_None && !PyList_Check(slotnames)) {
            PyErr_Format(PyExc_TypeError, "%.200s.__slotnames__ should be a list or None, not %.200s", cls->tp_name,
                         Py_TYPE(slotnames)->tp_name);
            Py_DECREF(slotnames);
            return NULL;
        }
        return slotnames;
    }
    PyObject *copyreg = import_copyreg();
    if (copyreg == NULL) {
        return NULL;
    }
    slotnames = PyObject_CallMethodOneArg(copyreg, _Py_ID(_slotnames), (PyObject *)cls);
    Py_DECREF(copyreg);
    if (slotnames != NULL && slotnames != Py_None && !PyList_Check(slotnames)) {
        PyErr_SetString(PyExc_TypeError, "copyreg._slotnames didn't return a list or None");
        Py_CLEAR(slotnames);
    }
    return slotnames;
}

/* -- State ------------------------------------------------------------------------------------------------------------------ */

static PyObject *
get_dict_or_none(PyObject *obj)
{
    if (_PyObject_IsInstanceDictEmpty(obj)) {
        Py_RETURN_NONE;
    }
    return PyObject_GenericGetDict(obj, NULL);
}

/* {name: value} of the slots that are set; NULL on error. */
static PyObject *
slots_state(PyObject *obj, PyObject *slotnames)
{
    PyObject *slots = PyDict_New();
    if (slots == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(slotnames);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *name = PyList_GetItemRef(slotnames, i);
        if (name == NULL) {
            goto fail;
        }
        PyObject *value;
        if (PyObject_GetOptionalAttr(obj, name, &value) < 0) {
            Py_DECREF(name);
            goto fail;
        }
        int err = value == NULL ? 0 : PyDict_SetItem(slots, name, value);
        Py_DECREF(name);
        Py_XDECREF(value);
        if (err) {
            goto fail;
        }
        if (n != PyList_GET_SIZE(slotnames)) {
            PyErr_Format(PyExc_RuntimeError, "__slotsname__ changed size during iteration");
            goto fail;
        }
    }
    return slots;
fail:
    Py_DECREF(slots);
    return NULL;
}

/* required: an object with C data behind that nobody saves is an error. */
static PyObject *
getstate_default(PyObject *obj, int required)
{
    if (required && Py_TYPE(obj)->tp_itemsize) {
        PyErr_Format(PyExc_TypeError, "cannot pickle %.200s objects", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    PyObject *state = get_dict_or_none(obj);
    if (state == NULL) {
        return NULL;
    }
    PyObject *slotnames = slotnames_of(Py_TYPE(obj));
    if (slotnames == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    Py_ssize_t nslots = slotnames == Py_None ? 0 : PyList_GET_SIZE(slotnames);
    if (required) {
        Py_ssize_t basicsize = PyBaseObject_Type.tp_basicsize;
        if (Py_TYPE(obj)->tp_dictoffset != 0 && (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0) {
            basicsize += (Py_ssize_t)sizeof(PyObject *);
        }
        if (Py_TYPE(obj)->tp_weaklistoffset > 0) {
            basicsize += (Py_ssize_t)sizeof(PyObject *);
        }
        basicsize += (Py_ssize_t)sizeof(PyObject *) * nslots;
        if (Py_TYPE(obj)->tp_basicsize > basicsize) {
            Py_DECREF(slotnames);
            Py_DECREF(state);
            PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", Py_TYPE(obj)->tp_name);
            return NULL;
        }
    }
    if (nslots > 0) {
        PyObject *slots = slots_state(obj, slotnames);
        if (slots == NULL) {
            Py_DECREF(slotnames);
            Py_DECREF(state);
            return NULL;
        }
        /* A pair, if there is something in the slots. */
        if (PyDict_GET_SIZE(slots) > 0) {
            Py_SETREF(state, PyTuple_Pack(2, state, slots));
        }
        Py_DECREF(slots);
    }
    Py_DECREF(slotnames);
    return state;
}

PyObject *
_PyObject_GetStateDefault(PyObject *obj)
{
    return getstate_default(obj, 0);
}

static PyObject *
getstate(PyObject *obj, int required)
{
    PyObject *meth = PyObject_GetAttr(obj, _Py_ID(__getstate__));
    if (meth == NULL) {
        return NULL;
    }
    PyObject *state;
    if (PyCFunction_Check(meth) && PyCFunction_GET_SELF(meth) == obj
        && PyCFunction_GET_FUNCTION(meth) == _PyObject_GetStateMethod) {
        state = getstate_default(obj, required);
    }
    else {
        state = _PyObject_CallNoArgs(meth);
    }
    Py_DECREF(meth);
    return state;
}

PyObject *
_PyObject_GetState(PyObject *obj)
{
    return getstate(obj, 0);
}

/* -- __getnewargs__ --------------------------------------------------------------------------------------------------------------- */

/* Arguments for __new__: 0 (either may be NULL: none), -1. */
static int
get_new_arguments(PyObject *obj, PyObject **args, PyObject **kwargs)
{
    PyObject *getnewargs_ex = _PyObject_LookupSpecial(obj, _Py_ID(__getnewargs_ex__));
    if (getnewargs_ex != NULL) {
        PyObject *newargs = _PyObject_CallNoArgs(getnewargs_ex);
        Py_DECREF(getnewargs_ex);
        if (newargs == NULL) {
            return -1;
        }
        if (!PyTuple_Check(newargs)) {
            PyErr_Format(PyExc_TypeError, "__getnewargs_ex__ should return a tuple, not '%.200s'",
                         Py_TYPE(newargs)->tp_name);
            Py_DECREF(newargs);
            return -1;
        }
        if (PyTuple_GET_SIZE(newargs) != 2) {
            PyErr_Format(PyExc_ValueError, "__getnewargs_ex__ should return a tuple of length 2, not %zd",
                         PyTuple_GET_SIZE(newargs));
            Py_DECREF(newargs);
            return -1;
        }
        *args = Py_NewRef(PyTuple_GET_ITEM(newargs, 0));
        *kwargs = Py_NewRef(PyTuple_GET_ITEM(newargs, 1));
        Py_DECREF(newargs);
        if (!PyTuple_Check(*args)) {
            PyErr_Format(PyExc_TypeError, "first item of the tuple returned by __getnewargs_ex__ must be a tuple, "
                         "not '%.200s'", Py_TYPE(*args)->tp_name);
            Py_CLEAR(*args);
            Py_CLEAR(*kwargs);
            return -1;
        }
        if (!PyDict_Check(*kwargs)) {
            PyErr_Format(PyExc_TypeError, "second item of the tuple returned by __getnewargs_ex__ must be a dict, "
                         "not '%.200s'", Py_TYPE(*kwargs)->tp_name);
            Py_CLEAR(*args);
            Py_CLEAR(*kwargs);
            return -1;
        }
        return 0;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    PyObject *getnewargs = _PyObject_LookupSpecial(obj, _Py_ID(__getnewargs__));
    *kwargs = NULL;
    *args = NULL;
    if (getnewargs == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    *args = _PyObject_CallNoArgs(getnewargs);
    Py_DECREF(getnewargs);
    if (*args == NULL) {
        return -1;
    }
    if (!PyTuple_Check(*args)) {
        PyErr_Format(PyExc_TypeError, "__getnewargs__ should return a tuple, not '%.200s'", Py_TYPE(*args)->tp_name);
        Py_CLEAR(*args);
        return -1;
    }
    return 0;
}

/* Iterators over what a list or dict subclass contains, else None. */
static int
get_items_iter(PyObject *obj, PyObject **listitems, PyObject **dictitems)
{
    *listitems = PyList_Check(obj) ? PyObject_GetIter(obj) : Py_NewRef(Py_None);
    if (*listitems == NULL) {
        return -1;
    }
    if (!PyDict_Check(obj)) {
        *dictitems = Py_NewRef(Py_None);
        return 0;
    }
    *dictitems = NULL;
    PyObject *items = PyObject_CallMethodNoArgs(obj, _Py_ID(items));
    if (items != NULL) {
        *dictitems = PyObject_GetIter(items);
        Py_DECREF(items);
    }
    if (*dictitems == NULL) {
        Py_CLEAR(*listitems);
        return -1;
    }
    return 0;
}

/* -- Reduce --------------------------------------------------------------------------------------------------------------------------- */

/* (copyreg.__newobj__, (cls, *args)) or (copyreg.__newobj_ex__, (cls, args, kwargs)) */
static int
new_object_call(PyObject *obj, PyObject *args, PyObject *kwargs, PyObject **newobj, PyObject **newargs)
{
    *newobj = *newargs = NULL;
    PyObject *copyreg = import_copyreg();
    if (copyreg == NULL) {
        return -1;
    }
    PyObject *cls = (PyObject *)Py_TYPE(obj);
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        *newobj = PyObject_GetAttr(copyreg, _Py_ID(__newobj__));
        Py_ssize_t n = args ? PyTuple_GET_SIZE(args) : 0;
        *newargs = PyTuple_New(n + 1);
        if (*newargs != NULL) {
            PyTuple_SET_ITEM(*newargs, 0, Py_NewRef(cls));
            for (Py_ssize_t i = 0; i < n; i++) {
                PyTuple_SET_ITEM(*newargs, i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
            }
        }
    }
    else if (args != NULL) {
        *newobj = PyObject_GetAttr(copyreg, _Py_ID(__newobj_ex__));
        *newargs = PyTuple_Pack(3, cls, args, kwargs);
    }
    else {
        PyErr_BadInternalCall();
    }
    Py_DECREF(copyreg);
    if (*newobj == NULL || *newargs == NULL) {
        Py_CLEAR(*newobj);
        Py_CLEAR(*newargs);
        return -1;
    }
    return 0;
}

/* Protocols 2 and up. */
static PyObject *
reduce_newobj(PyObject *obj)
{
    PyObject *args = NULL, *kwargs = NULL, *newobj = NULL, *newargs = NULL;
    PyObject *state = NULL, *listitems = NULL, *dictitems = NULL, *result = NULL;
    if (Py_TYPE(obj)->tp_new == NULL) {
        PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    if (get_new_arguments(obj, &args, &kwargs) < 0) {
        return NULL;
    }
    int hasargs = args != NULL;
    if (new_object_call(obj, args, kwargs, &newobj, &newargs) < 0) {
        goto done;
    }
    state = getstate(obj, !(hasargs || PyList_Check(obj) || PyDict_Check(obj)));
    if (state == NULL || get_items_iter(obj, &listitems, &dictitems) < 0) {
        goto done;
    }
    result = PyTuple_Pack(5, newobj, newargs, state, listitems, dictitems);
done:
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(newobj);
    Py_XDECREF(newargs);
    Py_XDECREF(state);
    Py_XDECREF(listitems);
    Py_XDECREF(dictitems);
    return result;
}

static PyObject *
common_reduce(PyObject *self, int proto)
{
    if (proto >= 2) {
        return reduce_newobj(self);
    }
    PyObject *copyreg = import_copyreg();
    if (copyreg == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethod(copyreg, "_reduce_ex", "Oi", self, proto);
    Py_DECREF(copyreg);
    return res;
}

PyObject *
_PyObject_Reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return common_reduce(self, 0);
}

/* An overridden __reduce__ is called; else the default for the protocol. */
PyObject *
_PyObject_ReduceEx(PyObject *self, PyObject *arg)
{
    int protocol = PyLong_AsInt(arg);
    if (protocol == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *objreduce = PyDict_GetItemWithError(type_dict(&PyBaseObject_Type), _Py_ID(__reduce__));
    if (objreduce == NULL && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *reduce;
    if (PyObject_GetOptionalAttr(self, _Py_ID(__reduce__), &reduce) < 0) {
        return NULL;
    }
    if (reduce != NULL) {
        PyObject *clsreduce = PyObject_GetAttr((PyObject *)Py_TYPE(self), _Py_ID(__reduce__));
        if (clsreduce == NULL) {
            Py_DECREF(reduce);
            return NULL;
        }
        int override = clsreduce != objreduce;
        Py_DECREF(clsreduce);
        if (override) {
            PyObject *res = _PyObject_CallNoArgs(reduce);
            Py_DECREF(reduce);
            return res;
        }
        Py_DECREF(reduce);
    }
    return common_reduce(self, protocol);
}

/* property. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_descrobject.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"
#include "pycore_unicodeobject.h"

static PyMemberDef property_members[] = {
    {"fget", _Py_T_OBJECT, offsetof(propertyobject, prop_get), Py_READONLY, NULL},
    {"fset", _Py_T_OBJECT, offsetof(propertyobject, prop_set), Py_READONLY, NULL},
    {"fdel", _Py_T_OBJECT, offsetof(propertyobject, prop_del), Py_READONLY, NULL},
    {"__doc__", _Py_T_OBJECT, offsetof(propertyobject, prop_doc), 0, NULL},
    {0}
};

/* -- Copies with another function ------------------------------------------------------------------------------------------ */

/* property_copy(self, ...): functions that are NULL or None are self's own. */
static PyObject *
property_copy(PyObject *self, PyObject *get, PyObject *set, PyObject *del)
{
    propertyobject *old = (propertyobject *)self;
    PyObject *type = (PyObject *)Py_TYPE(self);
    get = get == NULL || get == Py_None ? _PySlot_GetRef(self, &old->prop_get) : Py_NewRef(get);
    set = set == NULL || set == Py_None ? _PySlot_GetRef(self, &old->prop_set) : Py_NewRef(set);
    del = del == NULL || del == Py_None ? _PySlot_GetRef(self, &old->prop_del) : Py_NewRef(del);
    /* A docstring of the getter is taken from the new getter. */
    PyObject *doc = old->getter_doc && get != NULL && get != Py_None ? Py_NewRef(Py_None)
                                                                      : _PySlot_GetRef(self, &old->prop_doc);
    PyObject *none = Py_None;
    PyObject *newprop = PyObject_CallFunctionObjArgs(type, get ? get : none, set ? set : none, del ? del : none,
                                                     doc ? doc : none, NULL);
    Py_XDECREF(get);
    Py_XDECREF(set);
    Py_XDECREF(del);
    Py_XDECREF(doc);
    if (newprop == NULL) {
        return NULL;
    }
    if (PyObject_TypeCheck(newprop, &PyProperty_Type)) {
        PyObject *name = _PySlot_GetRef(self, &old->prop_name);
        _PySlot_Set(newprop, &((propertyobject *)newprop)->prop_name, name);
    }
    return newprop;
}

static PyObject *
property_getter(PyObject *self, PyObject *getter)
{
    return property_copy(self, getter, NULL, NULL);
}

static PyObject *
property_setter(PyObject *self, PyObject *setter)
{
    return property_copy(self, NULL, setter, NULL);
}

static PyObject *
property_deleter(PyObject *self, PyObject *deleter)
{
    return property_copy(self, NULL, NULL, deleter);
}

static PyObject *
property_set_name(PyObject *self, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) != 2) {
        PyErr_Format(PyExc_TypeError, "__set_name__() takes 2 positional arguments but %zd were given",
                     PyTuple_GET_SIZE(args));
        return NULL;
    }
    _PySlot_Set(self, &((propertyobject *)self)->prop_name, Py_NewRef(PyTuple_GET_ITEM(args, 1)));
    Py_RETURN_NONE;
}

static PyMethodDef property_methods[] = {
    PY_METHOD_NOSIG("getter", property_getter, METH_O, "Descriptor to obtain a copy of the property with a different getter."),
    PY_METHOD_NOSIG("setter", property_setter, METH_O, "Descriptor to obtain a copy of the property with a different setter."),
    PY_METHOD_NOSIG("deleter", property_deleter, METH_O, "Descriptor to obtain a copy of the property with a different deleter."),
    PY_METHOD_AS("__set_name__", property_set_name, METH_VARARGS, "($self, owner, name, /)", "Remember the name."),
    {0}
};

/* -- Name -------------------------------------------------------------------------------------------------------------------- */

/* The name of the property, or of its getter: 1, 0, -1. */
static int
property_name(propertyobject *prop, PyObject **name)
{
    *name = _PySlot_GetRef((PyObject *)prop, &prop->prop_name);
    if (*name != NULL) {
        return 1;
    }
    PyObject *get = _PySlot_GetRef((PyObject *)prop, &prop->prop_get);
    if (get == NULL || get == Py_None) {
        Py_XDECREF(get);
        return 0;
    }
    int res = PyObject_GetOptionalAttr(get, _Py_ID(__name__), name);
    Py_DECREF(get);
    return res;
}

static PyObject *
property_get__name__(PyObject *self, void *Py_UNUSED(ignored))
{
    PyObject *name;
    if (property_name((propertyobject *)self, &name) == 0) {
        PyErr_SetString(PyExc_AttributeError, "'property' object has no attribute '__name__'");
    }
    return name;
}

static int
property_set__name__(PyObject *self, PyObject *value, void *Py_UNUSED(ignored))
{
    _PySlot_Set(self, &((propertyobject *)self)->prop_name, Py_XNewRef(value));
    return 0;
}

static PyObject *
property_get___isabstractmethod__(PyObject *self, void *Py_UNUSED(closure))
{
    propertyobject *prop = (propertyobject *)self;
    PyObject **slots[] = {&prop->prop_get, &prop->prop_set, &prop->prop_del};
    for (int i = 0; i < 3; i++) {
        PyObject *func = _PySlot_GetRef(self, slots[i]);
        int res = _PyObject_IsAbstract(func);
        Py_XDECREF(func);
        if (res < 0) {
            return NULL;
        }
        if (res) {
            Py_RETURN_TRUE;
        }
    }
    Py_RETURN_FALSE;
}

static PyGetSetDef property_getsetlist[] = {
    {"__name__", property_get__name__, property_set__name__, NULL, NULL},
    {"__isabstractmethod__", property_get___isabstractmethod__, NULL, NULL, NULL},
    {0}
};

/* -- Descriptor --------------------------------------------------------------------------------------------------------------- */

/* "property 'x' of 'C' object has no getter" */
static void
no_function_error(propertyobject *prop, PyObject *obj, const char *what)
{
    PyObject *name;
    if (property_name(prop, &name) < 0) {
        return;
    }
    PyObject *qualname = NULL;
    if (obj != NULL) {
        qualname = PyType_GetQualName(Py_TYPE(obj));
        if (qualname == NULL) {
            Py_XDECREF(name);
            return;
        }
    }
    if (name != NULL && qualname != NULL) {
        PyErr_Format(PyExc_AttributeError, "property %R of %R object has no %s", name, qualname, what);
    }
    else if (qualname != NULL) {
        PyErr_Format(PyExc_AttributeError, "property of %R object has no %s", qualname, what);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "property has no %s", what);
    }
    Py_XDECREF(name);
    Py_XDECREF(qualname);
}

static PyObject *
property_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    if (obj == NULL || obj == Py_None) {
        return Py_NewRef(self);
    }
    propertyobject *prop = (propertyobject *)self;
    PyObject *get = _PySlot_GetRef(self, &prop->prop_get);
    if (get == NULL) {
        no_function_error(prop, obj, "getter");
        return NULL;
    }
    PyObject *res = PyObject_CallOneArg(get, obj);
    Py_DECREF(get);
    return res;
}

static int
property_descr_set(PyObject *self, PyObject *obj, PyObject *value)
{
    propertyobject *prop = (propertyobject *)self;
    PyObject *func = _PySlot_GetRef(self, value == NULL ? &prop->prop_del : &prop->prop_set);
    if (func == NULL) {
        no_function_error(prop, obj, value == NULL ? "deleter" : "setter");
        return -1;
    }
    PyObject *res;
    if (value == NULL) {
        res = PyObject_CallOneArg(func, obj);
    }
    else {
        PyObject *args[] = {obj, value};
        res = PyObject_Vectorcall(func, args, 2, NULL);
    }
    Py_DECREF(func);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

/* -- Construction ---------------------------------------------------------------------------------------------------------------- */

static PyObject *
none_as_null(PyObject *func)
{
    return func == Py_None ? NULL : func;
}

static int
property_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"fget", "fset", "fdel", "doc", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|OOOO:property"};
    PyObject *fget = NULL, *fset = NULL, *fdel = NULL, *doc = NULL;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &fget, &fset, &fdel, &doc)) {
        return -1;
    }
    fget = none_as_null(fget);
    propertyobject *prop = (propertyobject *)self;
    _PySlot_Set(self, &prop->prop_get, Py_XNewRef(fget));
    _PySlot_Set(self, &prop->prop_set, Py_XNewRef(none_as_null(fset)));
    _PySlot_Set(self, &prop->prop_del, Py_XNewRef(none_as_null(fdel)));
    _PySlot_Set(self, &prop->prop_doc, NULL);
    _PySlot_Set(self, &prop->prop_name, NULL);
    prop->getter_doc = 0;

    PyObject *prop_doc = NULL;
    if (doc != NULL && doc != Py_None) {
        prop_doc = Py_NewRef(doc);
    }
    else if (fget != NULL) {
        /* No docstring given: the getter's. */
        int rc = PyObject_GetOptionalAttr(fget, _Py_ID(__doc__), &prop_doc);
        if (rc < 0) {
            return -1;
        }
        if (prop_doc == Py_None) {
            Py_CLEAR(prop_doc);
        }
        if (prop_doc != NULL) {
            prop->getter_doc = 1;
        }
    }
    if (Py_IS_TYPE(self, &PyProperty_Type)) {
        _PySlot_Set(self, &prop->prop_doc, prop_doc);
        return 0;
    }
    /* In a subclass __doc__ of the class hides the member: it goes into the instance, if that has a place. */
    if (prop_doc == NULL) {
        prop_doc = Py_NewRef(Py_None);
    }
    int err = PyObject_SetAttr(self, _Py_ID(__doc__), prop_doc);
    Py_DECREF(prop_doc);
    if (err < 0) {
        assert(PyErr_Occurred());
        if (!prop->getter_doc && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            /* No place: the docstring is lost, as it has always been. */
            return 0;
        }
        return -1;
    }
    return 0;
}

static void
property_dealloc(PyObject *self)
{
    propertyobject *gs = (propertyobject *)self;
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(gs->prop_get);
    Py_XDECREF(gs->prop_set);
    Py_XDECREF(gs->prop_del);
    Py_XDECREF(gs->prop_doc);
    Py_XDECREF(gs->prop_name);
    Py_TYPE(self)->tp_free(self);
}

static int
property_traverse(PyObject *self, visitproc visit, void *arg)
{
    propertyobject *pp = (propertyobject *)self;
    Py_VISIT(pp->prop_get);
    Py_VISIT(pp->prop_set);
    Py_VISIT(pp->prop_del);
    Py_VISIT(pp->prop_doc);
    Py_VISIT(pp->prop_name);
    return 0;
}

static int
property_clear(PyObject *self)
{
    Py_CLEAR(((propertyobject *)self)->prop_doc);
    return 0;
}

PyDoc_STRVAR(property_doc,
"property(fget=None, fset=None, fdel=None, doc=None)\n--\n\n"
"Property attribute.\n\n"
"  fget\n    function to be used for getting an attribute value\n"
"  fset\n    function to be used for setting an attribute value\n"
"  fdel\n    function to be used for del'ing an attribute\n"
"  doc\n    docstring\n\n"
"Usually made by a decorator: @property for the getter, then @name.setter and\n@name.deleter.");

PyTypeObject PyProperty_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "property",
    .tp_basicsize = sizeof(propertyobject),
    .tp_dealloc = property_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = property_doc,
    .tp_traverse = property_traverse,
    .tp_clear = property_clear,
    .tp_methods = property_methods,
    .tp_members = property_members,
    .tp_getset = property_getsetlist,
    .tp_descr_get = property_descr_get,
    .tp_descr_set = property_descr_set,
    .tp_init = property_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

/* super: attribute lookup in the MRO of an object's class, behind a given class. */
#include "internal.h"
#include "pycore_call.h"
#include "pycore_dict.h"
#include "pycore_frame.h"            // _PyInterpreterFrame
#include "pycore_modsupport.h"

/* Both are set once by __init__; a second __init__ replaces them under the object's mutex. */
typedef struct {
    PyObject_HEAD
    PyTypeObject *type;
    PyObject *obj;
    PyTypeObject *obj_type;
} superobject;

static PyMemberDef super_members[] = {
    {"__thisclass__", _Py_T_OBJECT, offsetof(superobject, type), Py_READONLY, "the class invoking super()"},
    {"__self__", _Py_T_OBJECT, offsetof(superobject, obj), Py_READONLY,
     "the instance invoking super(); may be None"},
    {"__self_class__", _Py_T_OBJECT, offsetof(superobject, obj_type), Py_READONLY,
     "the type of the instance invoking super(); may be None"},
    {0}
};

static void
super_dealloc(PyObject *self)
{
    superobject *su = (superobject *)self;
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(su->obj);
    Py_XDECREF(su->type);
    Py_XDECREF(su->obj_type);
    Py_TYPE(self)->tp_free(self);
}

static int
super_traverse(PyObject *self, visitproc visit, void *arg)
{
    superobject *su = (superobject *)self;
    Py_VISIT(su->obj);
    Py_VISIT(su->type);
    Py_VISIT(su->obj_type);
    return 0;
}

static PyObject *
super_repr(PyObject *self)
{
    superobject *su = (superobject *)self;
    const char *name = su->type ? su->type->tp_name : "NULL";
    if (su->obj_type) {
        return PyUnicode_FromFormat("<super: <class '%s'>, <%s object>>", name, su->obj_type->tp_name);
    }
    return PyUnicode_FromFormat("<super: <class '%s'>, NULL>", name);
}

/* -- Lookup ------------------------------------------------------------------------------------------------------------- */

/* The attribute behind su_type in the MRO of su_obj_type: new reference; NULL without an exception if there is
   none.  *method: the function itself is returned, not bound. */
static PyObject *
lookup_descr(PyTypeObject *su_type, PyTypeObject *su_obj_type, PyObject *name)
{
    PyObject *mro = _PyType_GetMRO(su_obj_type);
    if (mro == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(mro);
    Py_ssize_t i = 0;
    while (i + 1 < n && (PyObject *)su_type != PyTuple_GET_ITEM(mro, i)) {
        i++;
    }
    PyObject *res = NULL;
    for (i++; i < n; i++) {
        PyObject *dict = type_dict((PyTypeObject *)PyTuple_GET_ITEM(mro, i));
        if (dict == NULL) {
            continue;
        }
        if (PyDict_GetItemRef(dict, name, &res) != 0) {
            break;
        }
    }
    Py_DECREF(mro);
    return res;
}

static PyObject *
do_super_lookup(superobject *su, PyTypeObject *su_type, PyObject *su_obj, PyTypeObject *su_obj_type, PyObject *name,
                int *method)
{
    if (su_obj_type == NULL) {
        goto generic;
    }
    /* super().__class__ is super, not the next class's descriptor. */
    if (PyUnicode_Check(name) && PyUnicode_GET_LENGTH(name) == 9 && PyUnicode_Compare(name, _Py_ID(__class__)) == 0) {
        goto generic;
    }
    PyObject *res = lookup_descr(su_type, su_obj_type, name);
    if (res != NULL) {
        if (method && _PyType_HasFeature(Py_TYPE(res), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
            *method = 1;
            return res;
        }
        descrgetfunc f = Py_TYPE(res)->tp_descr_get;
        if (f != NULL) {
            /* For a class, the descriptor is bound to no instance. */
            Py_SETREF(res, f(res, su_obj == (PyObject *)su_obj_type ? NULL : su_obj, (PyObject *)su_obj_type));
        }
        return res;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
generic:
    if (su != NULL) {
        return PyObject_GenericGetAttr((PyObject *)su, name);
    }
    PyObject *args[] = {NULL, (PyObject *)su_type, su_obj};
    PyObject *super = PyObject_Vectorcall((PyObject *)&PySuper_Type, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                          NULL);
    if (super == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GenericGetAttr(super, name);
    Py_DECREF(super);
    return result;
}

static PyObject *
super_getattro(PyObject *self, PyObject *name)
{
    superobject *su = (superobject *)self;
    return do_super_lookup(su, su->type, su->obj, su->obj_type, name, NULL);
}

/* The class of obj for super(type, obj): obj itself if it is a subclass, else its class, else obj.__class__. */
static PyTypeObject *
supercheck(PyTypeObject *type, PyObject *obj)
{
    if (PyType_Check(obj) && PyType_IsSubtype((PyTypeObject *)obj, type)) {
        return (PyTypeObject *)Py_NewRef(obj);
    }
    if (PyType_IsSubtype(Py_TYPE(obj), type)) {
        return (PyTypeObject *)Py_NewRef(Py_TYPE(obj));
    }
    PyObject *class_attr;
    if (PyObject_GetOptionalAttr(obj, _Py_ID(__class__), &class_attr) < 0) {
        return NULL;
    }
    if (class_attr != NULL && PyType_Check(class_attr) && (PyTypeObject *)class_attr != Py_TYPE(obj)) {
        if (PyType_IsSubtype((PyTypeObject *)class_attr, type)) {
            return (PyTypeObject *)class_attr;
        }
    }
    Py_XDECREF(class_attr);
    const char *type_or_instance, *obj_str;
    if (PyType_Check(obj)) {
        type_or_instance = "type";
        obj_str = ((PyTypeObject *)obj)->tp_name;
    }
    else {
        type_or_instance = "instance of";
        obj_str = Py_TYPE(obj)->tp_name;
    }
    PyErr_Format(PyExc_TypeError, "super(type, obj): obj (%s %.200s) is not an instance or subtype of type (%.200s).",
                 type_or_instance, obj_str, type->tp_name);
    return NULL;
}

PyObject *
_PySuper_Lookup(PyTypeObject *su_type, PyObject *su_obj, PyObject *name, int *method)
{
    PyTypeObject *su_obj_type = supercheck(su_type, su_obj);
    if (su_obj_type == NULL) {
        return NULL;
    }
    PyObject *res = do_super_lookup(NULL, su_type, su_obj, su_obj_type, name, method);
    Py_DECREF(su_obj_type);
    return res;
}

static PyObject *
super_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    superobject *su = (superobject *)self;
    if (obj == NULL || obj == Py_None || su->obj != NULL) {
        return Py_NewRef(self);      /* not binding to an object, or bound already */
    }
    if (!Py_IS_TYPE(su, &PySuper_Type)) {
        /* A subclass: call its type. */
        return PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(su), su->type, obj, NULL);
    }
    PyTypeObject *obj_type = supercheck(su->type, obj);
    if (obj_type == NULL) {
        return NULL;
    }
    superobject *newobj = (superobject *)PySuper_Type.tp_new(&PySuper_Type, NULL, NULL);
    if (newobj == NULL) {
        Py_DECREF(obj_type);
        return NULL;
    }
    newobj->type = (PyTypeObject *)Py_XNewRef(su->type);
    newobj->obj = Py_NewRef(obj);
    newobj->obj_type = obj_type;
    return (PyObject *)newobj;
}

/* -- Construction ------------------------------------------------------------------------------------------------------------- */

static int
super_init_impl(PyObject *self, PyTypeObject *type, PyObject *obj)
{
    superobject *su = (superobject *)self;
    PyTypeObject *obj_type = NULL;
    if (type == NULL) {
        /* super(): the class from the cell __class__, the object from the first argument. */
        PyObject *cls, *first;
        if (_PyFrame_GetSuperArgs(&cls, &first) < 0) {
            return -1;
        }
        type = (PyTypeObject *)cls;
        obj = first;
    }
    else {
        Py_INCREF(type);
        Py_XINCREF(obj);
    }
    if (obj == Py_None) {
        Py_DECREF(obj);
        obj = NULL;
    }
    if (obj != NULL) {
        obj_type = supercheck(type, obj);
        if (obj_type == NULL) {
            Py_DECREF(type);
            Py_DECREF(obj);
            return -1;
        }
    }
    _PySlot_Set(self, (PyObject **)&su->type, (PyObject *)type);
    _PySlot_Set(self, &su->obj, obj);
    _PySlot_Set(self, (PyObject **)&su->obj_type, (PyObject *)obj_type);
    return 0;
}

static int
super_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyTypeObject *type = NULL;
    PyObject *obj = NULL;
    if (!_PyArg_NoKeywords("super", kwds)) {
        return -1;
    }
    if (!PyArg_ParseTuple(args, "|O!O:super", &PyType_Type, &type, &obj)) {
        return -1;
    }
    return super_init_impl(self, type, obj);
}

static PyObject *
super_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("super", kwnames)) {
        return NULL;
    }
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_CheckPositional("super()", nargs, 0, 2)) {
        return NULL;
    }
    PyTypeObject *type = NULL;
    PyObject *obj = NULL;
    PyTypeObject *self_type = (PyTypeObject *)self;
    PyObject *su = self_type->tp_alloc(self_type, 0);
    if (su == NULL) {
        return NULL;
    }
    if (nargs > 0) {
        if (!PyType_Check(args[0])) {
            PyErr_Format(PyExc_TypeError, "super() argument 1 must be a type, not %.200s", Py_TYPE(args[0])->tp_name);
            goto fail;
        }
        type = (PyTypeObject *)args[0];
    }
    if (nargs > 1) {
        obj = args[1];
    }
    if (super_init_impl(su, type, obj) != 0) {
        goto fail;
    }
    return su;
fail:
    Py_DECREF(su);
    return NULL;
}

PyDoc_STRVAR(super_doc,
"super() -> same as super(__class__, <first argument>)\n"
"super(type) -> unbound super object\n"
"super(type, obj) -> bound super object; requires isinstance(obj, type)\n"
"super(type, type2) -> bound super object; requires issubclass(type2, type)\n\n"
"Looks attributes up in the classes behind type in the method resolution order.");

PyTypeObject PySuper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "super",
    .tp_basicsize = sizeof(superobject),
    .tp_dealloc = super_dealloc,
    .tp_repr = super_repr,
    .tp_getattro = super_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = super_doc,
    .tp_traverse = super_traverse,
    .tp_members = super_members,
    .tp_descr_get = super_descr_get,
    .tp_init = super_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = super_vectorcall,
};

/* Bound methods, and instance methods (the wrapper that makes any callable bind like a function).

   Both are immutable; only the list of weak references changes, under the weakref room's lock. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_freelist.h"
#include "pycore_function.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_typeobject.h"
#include "pycore_unicodeobject.h"
#include "pycore_weakref.h"

#define METHOD(op) ((PyMethodObject *)(op))

/* -- Calls -------------------------------------------------------------------------------------------------- */

static PyObject *
method_vectorcall(PyObject *method, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *self = METHOD(method)->im_self;
    PyObject *func = METHOD(method)->im_func;
    return _PyObject_VectorcallPrepend(tstate, func, self, args, nargsf, kwnames);
}

PyObject *
PyMethod_Function(PyObject *op)
{
    if (!PyMethod_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return METHOD(op)->im_func;
}

PyObject *
PyMethod_Self(PyObject *op)
{
    if (!PyMethod_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return METHOD(op)->im_self;
}

PyObject *
PyMethod_New(PyObject *func, PyObject *self)
{
    if (self == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyMethodObject *method = PyObject_GC_New(PyMethodObject, &PyMethod_Type);
    if (method == NULL) {
        return NULL;
    }
    method->im_weakreflist = NULL;
    method->im_func = Py_NewRef(func);
    method->im_self = Py_NewRef(self);
    method->vectorcall = method_vectorcall;
    _PyObject_GC_TRACK(method);
    return (PyObject *)method;
}

/* -- Bound methods ------------------------------------------------------------------------------------------- */

static PyObject *
method___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *name = PyObject_GetAttr(PyMethod_GET_FUNCTION(self), _Py_ID(__name__));
    if (name == NULL) {
        return NULL;
    }
    PyObject *getattr = _PyEval_GetBuiltin(_Py_ID(getattr));
    if (getattr == NULL) {
        Py_DECREF(name);
        return NULL;
    }
    return Py_BuildValue("N(ON)", getattr, PyMethod_GET_SELF(self), name);
}

static PyMethodDef method_methods[] = {
    PY_METHOD(method, __reduce__, METH_NOARGS, "($self, /)", "Describe the method for pickle."),
    {0}
};

static PyMemberDef method_members[] = {
    {"__func__", _Py_T_OBJECT, offsetof(PyMethodObject, im_func), Py_READONLY, "the function that is called"},
    {"__self__", _Py_T_OBJECT, offsetof(PyMethodObject, im_self), Py_READONLY, "the instance it is bound to"},
    {0}
};

static PyObject *
method_get_doc(PyObject *self, void *Py_UNUSED(closure))
{
    return PyObject_GetAttr(METHOD(self)->im_func, _Py_ID(__doc__));
}

static PyGetSetDef method_getset[] = {
    {"__doc__", method_get_doc, NULL, NULL, NULL},
    {0}
};

/* What the type does not have comes from the function. */
static PyObject *
method_getattro(PyObject *self, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *descr = _PyType_LookupRef(type, name);
    if (descr != NULL) {
        descrgetfunc get = Py_TYPE(descr)->tp_descr_get;
        if (get == NULL) {
            return descr;
        }
        PyObject *result = get(descr, self, (PyObject *)type);
        Py_DECREF(descr);
        return result;
    }
    return PyObject_GetAttr(METHOD(self)->im_func, name);
}

static PyObject *
method_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *func, *instance;
    if (!_PyArg_NoKeywords("method", kwargs) || !PyArg_UnpackTuple(args, "method", 2, 2, &func, &instance)) {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    if (instance == Py_None) {
        PyErr_SetString(PyExc_TypeError, "instance must not be None");
        return NULL;
    }
    return PyMethod_New(func, instance);
}

static void
method_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (METHOD(self)->im_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_DECREF(METHOD(self)->im_func);
    Py_XDECREF(METHOD(self)->im_self);
    PyObject_GC_Del(self);
}

static PyObject *
method_repr(PyObject *self)
{
    PyObject *func = METHOD(self)->im_func;
    PyObject *name;
    if (PyObject_GetOptionalAttr(func, _Py_ID(__qualname__), &name) < 0
        || (name == NULL && PyObject_GetOptionalAttr(func, _Py_ID(__name__), &name) < 0)) {
        return NULL;
    }
    if (name != NULL && !PyUnicode_Check(name)) {
        Py_CLEAR(name);
    }
    PyObject *result = PyUnicode_FromFormat("<bound method %V of %R>", name, "?", METHOD(self)->im_self);
    Py_XDECREF(name);
    return result;
}

static int
method_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(METHOD(self)->im_func);
    Py_VISIT(METHOD(self)->im_self);
    return 0;
}

static PyObject *
method_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyMethod_Check(a) || !PyMethod_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = PyObject_RichCompareBool(METHOD(a)->im_func, METHOD(b)->im_func, Py_EQ);
    if (equal < 0) {
        return NULL;
    }
    equal = equal && METHOD(a)->im_self == METHOD(b)->im_self;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
method_hash(PyObject *self)
{
    Py_hash_t x = PyObject_GenericHash(METHOD(self)->im_self);
    Py_hash_t y = PyObject_Hash(METHOD(self)->im_func);
    if (y == -1) {
        return -1;
    }
    x ^= y;
    return x == -1 ? -2 : x;
}

static PyObject *
method_descr_get(PyObject *self, PyObject *Py_UNUSED(obj), PyObject *Py_UNUSED(type))
{
    return Py_NewRef(self);
}

PyTypeObject PyMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "method",
    .tp_basicsize = sizeof(PyMethodObject),
    .tp_dealloc = method_dealloc,
    .tp_vectorcall_offset = offsetof(PyMethodObject, vectorcall),
    .tp_repr = method_repr,
    .tp_hash = method_hash,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = method_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "method(function, instance, /)\n--\n\nA function bound to its first argument.",
    .tp_traverse = method_traverse,
    .tp_richcompare = method_richcompare,
    .tp_weaklistoffset = offsetof(PyMethodObject, im_weakreflist),
    .tp_methods = method_methods,
    .tp_members = method_members,
    .tp_getset = method_getset,
    .tp_descr_get = method_descr_get,
    .tp_new = method_new,
};

/* -- Instance methods ------------------------------------------------------------------------------------------ */

#define INSTANCE_METHOD(op) ((PyInstanceMethodObject *)(op))

PyObject *
PyInstanceMethod_New(PyObject *func)
{
    PyInstanceMethodObject *method = PyObject_GC_New(PyInstanceMethodObject, &PyInstanceMethod_Type);
    if (method == NULL) {
        return NULL;
    }
    method->func = Py_NewRef(func);
    _PyObject_GC_TRACK(method);
    return (PyObject *)method;
}

PyObject *
PyInstanceMethod_Function(PyObject *op)
{
    if (!PyInstanceMethod_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return INSTANCE_METHOD(op)->func;
}

static PyMemberDef instancemethod_members[] = {
    {"__func__", _Py_T_OBJECT, offsetof(PyInstanceMethodObject, func), Py_READONLY, "the callable that is wrapped"},
    {0}
};

static PyObject *
instancemethod_get_doc(PyObject *self, void *Py_UNUSED(closure))
{
    return PyObject_GetAttr(INSTANCE_METHOD(self)->func, _Py_ID(__doc__));
}

static PyGetSetDef instancemethod_getset[] = {
    {"__doc__", instancemethod_get_doc, NULL, NULL, NULL},
    {0}
};

static PyObject *
instancemethod_getattro(PyObject *self, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *descr = _PyType_LookupRef(type, name);
    if (descr != NULL) {
        descrgetfunc get = Py_TYPE(descr)->tp_descr_get;
        if (get == NULL) {
            return descr;
        }
        PyObject *result = get(descr, self, (PyObject *)type);
        Py_DECREF(descr);
        return result;
    }
    return PyObject_GetAttr(INSTANCE_METHOD(self)->func, name);
}

static void
instancemethod_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_DECREF(INSTANCE_METHOD(self)->func);
    PyObject_GC_Del(self);
}

static int
instancemethod_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(INSTANCE_METHOD(self)->func);
    return 0;
}

static PyObject *
instancemethod_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(INSTANCE_METHOD(self)->func, args, kwargs);
}

static PyObject *
instancemethod_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyObject *func = INSTANCE_METHOD(self)->func;
    return obj == NULL ? Py_NewRef(func) : PyMethod_New(func, obj);
}

static PyObject *
instancemethod_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyInstanceMethod_Check(a) || !PyInstanceMethod_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = PyObject_RichCompareBool(INSTANCE_METHOD(a)->func, INSTANCE_METHOD(b)->func, Py_EQ);
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *
instancemethod_repr(PyObject *self)
{
    PyObject *func = INSTANCE_METHOD(self)->func;
    PyObject *name;
    if (PyObject_GetOptionalAttr(func, _Py_ID(__name__), &name) < 0) {
        return NULL;
    }
    if (name != NULL && !PyUnicode_Check(name)) {
        Py_CLEAR(name);
    }
    PyObject *result = PyUnicode_FromFormat("<instancemethod %V at %p>", name, "?", self);
    Py_XDECREF(name);
    return result;
}

static PyObject *
instancemethod_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *func;
    if (!_PyArg_NoKeywords("instancemethod", kwargs)
        || !PyArg_UnpackTuple(args, "instancemethod", 1, 1, &func)) {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    return PyInstanceMethod_New(func);
}

PyTypeObject PyInstanceMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "instancemethod",
    .tp_basicsize = sizeof(PyInstanceMethodObject),
    .tp_dealloc = instancemethod_dealloc,
    .tp_repr = instancemethod_repr,
    .tp_call = instancemethod_call,
    .tp_getattro = instancemethod_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "instancemethod(function, /)\n--\n\nMake any callable bind to instances.",
    .tp_traverse = instancemethod_traverse,
    .tp_richcompare = instancemethod_richcompare,
    .tp_members = instancemethod_members,
    .tp_getset = instancemethod_getset,
    .tp_descr_get = instancemethod_descr_get,
    .tp_new = instancemethod_new,
};

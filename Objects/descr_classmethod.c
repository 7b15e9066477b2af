/* classmethod and staticmethod.

   The wrapped callable is set by __init__ and can be replaced by another __init__; readers take no lock. */
#include "Python.h"
#include "pycore_call.h"
#include "pycore_descrobject.h"
#include "pycore_dict.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"

/* The two types have the same layout. */
typedef struct {
    PyObject_HEAD
    PyObject *callable;
    PyObject *dict;
} wrapped_callable;

static inline PyObject *
callable_ref(PyObject *self)
{
    return _PySlot_GetRef(self, &((wrapped_callable *)self)->callable);
}

static void
wrapped_dealloc(PyObject *self)
{
    wrapped_callable *w = (wrapped_callable *)self;
    _PyObject_GC_UNTRACK(w);
    Py_XDECREF(w->callable);
    Py_XDECREF(w->dict);
    Py_TYPE(self)->tp_free(self);
}

static int
wrapped_traverse(PyObject *self, visitproc visit, void *arg)
{
    wrapped_callable *w = (wrapped_callable *)self;
    Py_VISIT(w->dict);
    Py_VISIT(w->callable);
    return 0;
}

static int
wrapped_clear(PyObject *self)
{
    wrapped_callable *w = (wrapped_callable *)self;
    Py_CLEAR(w->callable);
    Py_CLEAR(w->dict);
    return 0;
}

static int
copy_attr(PyObject *wrapper, PyObject *wrapped, PyObject *name)
{
    PyObject *value;
    if (PyObject_GetOptionalAttr(wrapped, name, &value) < 0) {
        return -1;
    }
    if (value == NULL) {
        return 0;
    }
    int res = PyObject_SetAttr(wrapper, name, value);
    Py_DECREF(value);
    return res;
}

/* As functools.wraps(), without annotations, which are fetched when asked for. */
static int
copy_attrs(PyObject *wrapper, PyObject *wrapped)
{
    return copy_attr(wrapper, wrapped, _Py_ID(__module__)) < 0 || copy_attr(wrapper, wrapped, _Py_ID(__name__)) < 0
           || copy_attr(wrapper, wrapped, _Py_ID(__qualname__)) < 0
           || copy_attr(wrapper, wrapped, _Py_ID(__doc__)) < 0
           ? -1 : 0;
}

static int
wrapped_init(PyObject *self, PyObject *args, PyObject *kwds, const char *name)
{
    PyObject *callable;
    if (!_PyArg_NoKeywords(name, kwds) || !PyArg_UnpackTuple(args, name, 1, 1, &callable)) {
        return -1;
    }
    _PySlot_Set(self, &((wrapped_callable *)self)->callable, Py_NewRef(callable));
    return copy_attrs(self, callable);
}

static PyObject *
wrapped_repr(PyObject *self, const char *name)
{
    PyObject *callable = callable_ref(self);
    PyObject *res = PyUnicode_FromFormat("<%s(%R)>", name, callable);
    Py_XDECREF(callable);
    return res;
}

static PyMemberDef wrapped_members[] = {
    {"__func__", _Py_T_OBJECT, offsetof(wrapped_callable, callable), Py_READONLY, NULL},
    {"__wrapped__", _Py_T_OBJECT, offsetof(wrapped_callable, callable), Py_READONLY, NULL},
    {0}
};

static PyObject *
wrapped_get_isabstractmethod(PyObject *self, void *Py_UNUSED(ignored))
{
    PyObject *callable = callable_ref(self);
    int res = _PyObject_IsAbstract(callable);
    Py_XDECREF(callable);
    return res < 0 ? NULL : PyBool_FromLong(res);
}

/* Annotations of the callable, kept in the wrapper's dict once somebody asked or set them. */
static PyObject *
wrapped_descriptor_get(PyObject *self, PyObject *name)
{
    PyObject *dict = PyObject_GenericGetDict(self, NULL);
    if (dict == NULL) {
        return NULL;
    }
    PyObject *res;
    if (PyDict_GetItemRef(dict, name, &res) != 0) {
        Py_DECREF(dict);
        return res;
    }
    PyObject *callable = callable_ref(self);
    res = callable == NULL ? NULL : PyObject_GetAttr(callable, name);
    if (callable == NULL) {
        PyErr_SetObject(PyExc_AttributeError, name);
    }
    Py_XDECREF(callable);
    if (res != NULL && PyDict_SetItem(dict, name, res) < 0) {
        Py_CLEAR(res);
    }
    Py_DECREF(dict);
    return res;
}

static int
wrapped_descriptor_set(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *dict = PyObject_GenericGetDict(self, NULL);
    if (dict == NULL) {
        return -1;
    }
    int res;
    if (value != NULL) {
        res = PyDict_SetItem(dict, name, value);
    }
    else {
        res = PyDict_DelItem(dict, name);
        if (res < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_Clear();
            PyErr_Format(PyExc_AttributeError, "'%.200s' object has no attribute '%U'", Py_TYPE(self)->tp_name, name);
        }
    }
    Py_DECREF(dict);
    return res;
}

static PyObject *
wrapped_get_annotations(PyObject *self, void *Py_UNUSED(closure))
{
    return wrapped_descriptor_get(self, _Py_ID(__annotations__));
}

static int
wrapped_set_annotations(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    return wrapped_descriptor_set(self, _Py_ID(__annotations__), value);
}

static PyObject *
wrapped_get_annotate(PyObject *self, void *Py_UNUSED(closure))
{
    return wrapped_descriptor_get(self, _Py_ID(__annotate__));
}

static int
wrapped_set_annotate(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    return wrapped_descriptor_set(self, _Py_ID(__annotate__), value);
}

static PyGetSetDef wrapped_getset[] = {
    {"__isabstractmethod__", wrapped_get_isabstractmethod, NULL, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"__annotations__", wrapped_get_annotations, wrapped_set_annotations, NULL, NULL},
    {"__annotate__", wrapped_get_annotate, wrapped_set_annotate, NULL, NULL},
    {0}
};

/* classmethod[int] */
static PyMethodDef wrapped_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {0}
};

/* -- classmethod ----------------------------------------------------------------------------------------------------------- */

static PyObject *
cm_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyObject *callable = callable_ref(self);
    if (callable == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized classmethod object");
        return NULL;
    }
    if (type == NULL) {
        type = (PyObject *)Py_TYPE(obj);
    }
    PyObject *res = PyMethod_New(callable, type);
    Py_DECREF(callable);
    return res;
}

static int
cm_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return wrapped_init(self, args, kwds, "classmethod");
}

static PyObject *
cm_repr(PyObject *self)
{
    return wrapped_repr(self, "classmethod");
}

PyDoc_STRVAR(classmethod_doc,
"classmethod(function, /)\n--\n\n"
"Convert a function to be a class method.\n\n"
"It gets the class as its first argument, whether it is called on the class or on\nan instance.");

PyTypeObject PyClassMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "classmethod",
    .tp_basicsize = sizeof(wrapped_callable),
    .tp_dealloc = wrapped_dealloc,
    .tp_repr = cm_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = classmethod_doc,
    .tp_traverse = wrapped_traverse,
    .tp_clear = wrapped_clear,
    .tp_methods = wrapped_methods,
    .tp_members = wrapped_members,
    .tp_getset = wrapped_getset,
    .tp_descr_get = cm_descr_get,
    .tp_dictoffset = offsetof(wrapped_callable, dict),
    .tp_init = cm_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

static PyObject *
wrapped_new(PyTypeObject *type, PyObject *callable)
{
    wrapped_callable *w = (wrapped_callable *)PyType_GenericAlloc(type, 0);
    if (w != NULL) {
        w->callable = Py_NewRef(callable);
        _PyObject_SetDeferred((PyObject *)w);
    }
    return (PyObject *)w;
}

PyObject *
PyClassMethod_New(PyObject *callable)
{
    return wrapped_new(&PyClassMethod_Type, callable);
}

PyObject *
_PyClassMethod_GetFunc(PyObject *self)
{
    return ((wrapped_callable *)self)->callable;
}

/* -- staticmethod ------------------------------------------------------------------------------------------------------------ */

static PyObject *
sm_descr_get(PyObject *self, PyObject *Py_UNUSED(obj), PyObject *Py_UNUSED(type))
{
    PyObject *callable = callable_ref(self);
    if (callable == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized staticmethod object");
    }
    return callable;
}

static int
sm_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return wrapped_init(self, args, kwds, "staticmethod");
}

static PyObject *
sm_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *callable = sm_descr_get(self, NULL, NULL);
    if (callable == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_Call(callable, args, kwargs);
    Py_DECREF(callable);
    return res;
}

static PyObject *
sm_repr(PyObject *self)
{
    return wrapped_repr(self, "staticmethod");
}

PyDoc_STRVAR(staticmethod_doc,
"staticmethod(function, /)\n--\n\n"
"Convert a function to be a static method.\n\n"
"It gets neither the instance nor the class; it can also be called itself.");

PyTypeObject PyStaticMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "staticmethod",
    .tp_basicsize = sizeof(wrapped_callable),
    .tp_dealloc = wrapped_dealloc,
    .tp_repr = sm_repr,
    .tp_call = sm_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = staticmethod_doc,
    .tp_traverse = wrapped_traverse,
    .tp_clear = wrapped_clear,
    .tp_methods = wrapped_methods,
    .tp_members = wrapped_members,
    .tp_getset = wrapped_getset,
    .tp_descr_get = sm_descr_get,
    .tp_dictoffset = offsetof(wrapped_callable, dict),
    .tp_init = sm_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

PyObject *
PyStaticMethod_New(PyObject *callable)
{
    return wrapped_new(&PyStaticMethod_Type, callable);
}

PyObject *
_PyStaticMethod_GetFunc(PyObject *self)
{
    return ((wrapped_callable *)self)->callable;
}

/* None, NotImplemented and Ellipsis, and the numbered constants of the stable ABI (Py_GetConstant).

   All are immortal and have no state; the number slots of NotImplemented and None are their truth values. */
#include "Python.h"
#include "pycore_args.h"             // PY_METHOD, _PyArg_NoKeywords
#include "pycore_object.h"           // _PyObject_HEAD_INIT, _Py_SetImmortal
#include "pycore_object_protocol.h"
#include "pycore_typeobject.h"

/* -- None ------------------------------------------------------------------------------------------ */

static PyObject *
none_repr(PyObject *Py_UNUSED(op))
{
    return PyUnicode_FromString("None");
}

static void
singleton_dealloc(PyObject *self)
{
    /* A faulty extension released a reference too many. */
    _Py_SetImmortal(self);
}

/* The constructor of a singleton's type takes no arguments and returns the singleton. */
static PyObject *
singleton_new(PyTypeObject *type, PyObject *args, PyObject *kwargs, const char *name, PyObject *singleton)
{
    if (PyTuple_GET_SIZE(args) || (kwargs != NULL && PyDict_GET_SIZE(kwargs))) {
        PyErr_Format(PyExc_TypeError, "%s takes no arguments", name);
        return NULL;
    }
    return singleton;
}

static PyObject *
none_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return singleton_new(type, args, kwargs, "NoneType", Py_None);
}

static int
none_bool(PyObject *Py_UNUSED(v))
{
    return 0;
}

/* A fixed number, so that sets of None and others iterate alike in every run. */
static Py_hash_t
none_hash(PyObject *Py_UNUSED(v))
{
    return 0xFCA86420;
}

static PyNumberMethods none_as_number = {.nb_bool = none_bool};

PyTypeObject _PyNone_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NoneType",
    .tp_dealloc = singleton_dealloc,
    .tp_repr = none_repr,
    .tp_as_number = &none_as_number,
    .tp_hash = none_hash,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("The type of the None singleton."),
    .tp_new = none_new,
};

PyObject _Py_NoneStruct = _PyObject_HEAD_INIT(&_PyNone_Type);

/* -- NotImplemented -------------------------------------------------------------------------------- */

static PyObject *
notimplemented_repr(PyObject *Py_UNUSED(op))
{
    return PyUnicode_FromString("NotImplemented");
}

static PyObject *
notimplemented_reduce(PyObject *Py_UNUSED(op), PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromString("NotImplemented");
}

static PyMethodDef notimplemented_methods[] = {
    PY_METHOD_NOSIG("__reduce__", notimplemented_reduce, METH_NOARGS, NULL),
    {NULL, NULL, 0, NULL},
};

static PyObject *
notimplemented_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return singleton_new(type, args, kwargs, "NotImplementedType", Py_NotImplemented);
}

static int
notimplemented_bool(PyObject *Py_UNUSED(v))
{
    PyErr_SetString(PyExc_TypeError, "NotImplemented should not be used in a boolean context");
    return -1;
}

static PyNumberMethods notimplemented_as_number = {.nb_bool = notimplemented_bool};

PyTypeObject _PyNotImplemented_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NotImplementedType",
    .tp_dealloc = singleton_dealloc,
    .tp_repr = notimplemented_repr,
    .tp_as_number = &notimplemented_as_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("The type of the NotImplemented singleton."),
    .tp_methods = notimplemented_methods,
    .tp_new = notimplemented_new,
};

PyObject _Py_NotImplementedStruct = _PyObject_HEAD_INIT(&_PyNotImplemented_Type);

/* -- Ellipsis -------------------------------------------------------------------------------------- */

static PyObject *
ellipsis_repr(PyObject *Py_UNUSED(op))
{
    return PyUnicode_FromString("Ellipsis");
}

static PyObject *
ellipsis_reduce(PyObject *Py_UNUSED(op), PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromString("Ellipsis");
}

static PyObject *
ellipsis_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return singleton_new(type, args, kwargs, "EllipsisType", Py_Ellipsis);
}

static PyMethodDef ellipsis_methods[] = {
    PY_METHOD_NOSIG("__reduce__", ellipsis_reduce, METH_NOARGS, NULL),
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyEllipsis_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "ellipsis",
    .tp_dealloc = singleton_dealloc,
    .tp_repr = ellipsis_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("The type of the Ellipsis singleton."),
    .tp_methods = ellipsis_methods,
    .tp_new = ellipsis_new,
};

PyObject _Py_EllipsisObject = _PyObject_HEAD_INIT(&PyEllipsis_Type);

/* -- Numbered constants ---------------------------------------------------------------------------- */

PyObject *
Py_GetConstantBorrowed(unsigned int constant_id)
{
    switch (constant_id) {
    case Py_CONSTANT_NONE: return Py_None;
    case Py_CONSTANT_FALSE: return Py_False;
    case Py_CONSTANT_TRUE: return Py_True;
    case Py_CONSTANT_ELLIPSIS: return Py_Ellipsis;
    case Py_CONSTANT_NOT_IMPLEMENTED: return Py_NotImplemented;
    }
    /* The rest are immortal too: the reference that the constructor returns counts nothing. */
    PyObject *constant;
    switch (constant_id) {
    case Py_CONSTANT_ZERO: constant = PyLong_FromLong(0); break;
    case Py_CONSTANT_ONE: constant = PyLong_FromLong(1); break;
    case Py_CONSTANT_EMPTY_STR: constant = PyUnicode_New(0, 0); break;
    case Py_CONSTANT_EMPTY_BYTES: constant = PyBytes_FromStringAndSize(NULL, 0); break;
    case Py_CONSTANT_EMPTY_TUPLE: constant = PyTuple_New(0); break;
    default:
        PyErr_BadInternalCall();
        return NULL;
    }
    assert(constant != NULL && _Py_IsImmortal(constant));
    return constant;
}

PyObject *
Py_GetConstant(unsigned int constant_id)
{
    return Py_XNewRef(Py_GetConstantBorrowed(constant_id));
}

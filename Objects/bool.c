/* bool: True and False are two static ints with a type of their own. */
#include "Python.h"
#include "pycore_args.h"             // PY_METHOD
#include "pycore_global_ids.h"       // _Py_ID
#include "pycore_long.h"             // _PyLong_TRUE_TAG
#include "pycore_modsupport.h"       // _PyArg_NoKeywords
#include "pycore_object.h"           // _Py_SetImmortal

static PyObject *
bool_repr(PyObject *self)
{
    return self == Py_True ? _Py_ID(True) : _Py_ID(False);
}

PyObject *
PyBool_FromLong(long value)
{
    return value ? Py_True : Py_False;
}

static PyObject *
bool_of(PyObject *x)
{
    int truth = PyObject_IsTrue(x);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

static PyObject *
bool_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (!_PyArg_NoKeywords("bool", kwargs) || !_PyArg_CheckPositional("bool", nargs, 0, 1)) {
        return NULL;
    }
    return nargs ? bool_of(PyTuple_GET_ITEM(args, 0)) : Py_False;
}

static PyObject *
bool_vectorcall(PyObject *Py_UNUSED(type), PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("bool", kwnames) || !_PyArg_CheckPositional("bool", nargs, 0, 1)) {
        return NULL;
    }
    return nargs ? bool_of(args[0]) : Py_False;
}

static PyObject *
bool_invert(PyObject *v)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Bitwise inversion '~' on bool is deprecated and will be removed in "
                     "Python 3.16. This returns the bitwise inversion of the underlying int "
                     "object and is usually not what you expect from negating "
                     "a bool. Use the 'not' operator for boolean negation or "
                     "~int(x) if you really want the bitwise inversion of the "
                     "underlying int.",
                     1) < 0) {
        return NULL;
    }
    return PyLong_Type.tp_as_number->nb_invert(v);
}

/* Two bools give a bool, anything else is int's business. */
#define BOOL_SLOT(name, op, slot)                                   \
    static PyObject *name(PyObject *a, PyObject *b)                 \
    {                                                               \
        if (!PyBool_Check(a) || !PyBool_Check(b)) {                 \
            return PyLong_Type.tp_as_number->slot(a, b);            \
        }                                                           \
        return PyBool_FromLong((a == Py_True) op (b == Py_True));   \
    }

BOOL_SLOT(bool_and, &, nb_and)
BOOL_SLOT(bool_or, |, nb_or)
BOOL_SLOT(bool_xor, ^, nb_xor)

static void
bool_dealloc(PyObject *self)
{
    /* Only code that does not know immortal objects gets here. */
    _Py_SetImmortal(self);
}

PyDoc_STRVAR(bool_doc,
"bool(object=False, /)\n--\n\n"
"True if the object counts as true, False otherwise.\n"
"There are no other instances, and no subclasses.");

static PyNumberMethods bool_as_number = {
    .nb_invert = bool_invert,
    .nb_and = bool_and,
    .nb_xor = bool_xor,
    .nb_or = bool_or,
};

PyTypeObject PyBool_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bool",
    .tp_basicsize = offsetof(struct _longobject, long_value.ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_dealloc = bool_dealloc,
    .tp_repr = bool_repr,
    .tp_as_number = &bool_as_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = bool_doc,
    .tp_base = &PyLong_Type,
    .tp_new = bool_new,
    .tp_vectorcall = bool_vectorcall,
};

struct _longobject _Py_FalseStruct = {
    .ob_base = PyObject_HEAD_INIT(&PyBool_Type)
    .long_value = {.lv_tag = _PyLong_FALSE_TAG, .ob_digit = {0}},
};

struct _longobject _Py_TrueStruct = {
    .ob_base = PyObject_HEAD_INIT(&PyBool_Type)
    .long_value = {.lv_tag = _PyLong_TRUE_TAG, .ob_digit = {1}},
};

/* weakref.proxy: an object that does as its referent does, as long as that is alive.

   Every operation takes a reference to the referent (or raises ReferenceError) and repeats itself on it; operands
   that are proxies are replaced by their referents as well. */
#include "Python.h"
#include "pycore_args.h"           // PY_METHOD_NOSIG
#include "pycore_global_ids.h"     // _Py_ID
#include "pycore_object.h"
#include "pycore_weakref.h"        // _PyWeakref_GET_REF
#include "weakref_int.h"

/* A new reference to what op stands for: a proxy's referent, or op itself. */
static PyObject *
unwrap(PyObject *op)
{
    if (!PyWeakref_CheckProxy(op)) {
        return Py_NewRef(op);
    }
    PyObject *referent = _PyWeakref_GET_REF(op);
    if (referent == NULL) {
        PyErr_SetString(PyExc_ReferenceError, "weakly-referenced object no longer exists");
    }
    return referent;
}

/* UNARY(name, f): PyObject *proxy_name(self) is f(referent).  BINARY and TERNARY unwrap all operands. */
#define UNARY(name, function)                        \
    static PyObject *proxy_##name(PyObject *self)    \
    {                                                \
        PyObject *x = unwrap(self), *result;         \
        if (x == NULL) {                             \
            return NULL;                             \
        }                                            \
        result = function(x);                        \
        Py_DECREF(x);                                \
        return result;                               \
    }

#define BINARY(name, function)                                   \
    static PyObject *proxy_##name(PyObject *a, PyObject *b)      \
    {                                                            \
        PyObject *x = unwrap(a);                                 \
        if (x == NULL) {                                         \
            return NULL;                                         \
        }                                                        \
        PyObject *y = unwrap(b), *result = NULL;                 \
        if (y != NULL) {                                         \
            result = function(x, y);                             \
        }                                                        \
        Py_DECREF(x);                                            \
        Py_XDECREF(y);                                           \
        return result;                                           \
    }

#define TERNARY(name, function)                                              \
    static PyObject *proxy_##name(PyObject *a, PyObject *b, PyObject *c)     \
    {                                                                        \
        PyObject *x = unwrap(a), *y = NULL, *z = NULL, *result = NULL;       \
        if (x != NULL && (y = unwrap(b)) != NULL                             \
            && (c == NULL || (z = unwrap(c)) != NULL)) {                     \
            result = function(x, y, z);                                      \
        }                                                                    \
        Py_XDECREF(x);                                                       \
        Py_XDECREF(y);                                                       \
        Py_XDECREF(z);                                                       \
        return result;                                                       \
    }

static PyObject *
call_bytes(PyObject *x)
{
    return PyObject_CallMethodNoArgs(x, _Py_ID(__bytes__));
}

static PyObject *
call_reversed(PyObject *x)
{
    return PyObject_CallMethodNoArgs(x, _Py_ID(__reversed__));
}

UNARY(str, PyObject_Str)
UNARY(neg, PyNumber_Negative)
UNARY(pos, PyNumber_Positive)
UNARY(abs, PyNumber_Absolute)
UNARY(invert, PyNumber_Invert)
UNARY(int, PyNumber_Long)
UNARY(float, PyNumber_Float)
UNARY(index, PyNumber_Index)
UNARY(bytes_value, call_bytes)
UNARY(reversed_value, call_reversed)
BINARY(getattr, PyObject_GetAttr)
BINARY(add, PyNumber_Add)
BINARY(sub, PyNumber_Subtract)
BINARY(mul, PyNumber_Multiply)
BINARY(floor_div, PyNumber_FloorDivide)
BINARY(true_div, PyNumber_TrueDivide)
BINARY(mod, PyNumber_Remainder)
BINARY(divmod, PyNumber_Divmod)
BINARY(lshift, PyNumber_Lshift)
BINARY(rshift, PyNumber_Rshift)
BINARY(and, PyNumber_And)
BINARY(xor, PyNumber_Xor)
BINARY(or, PyNumber_Or)
BINARY(matmul, PyNumber_MatrixMultiply)
BINARY(iadd, PyNumber_InPlaceAdd)
BINARY(isub, PyNumber_InPlaceSubtract)
BINARY(imul, PyNumber_InPlaceMultiply)
BINARY(ifloor_div, PyNumber_InPlaceFloorDivide)
BINARY(itrue_div, PyNumber_InPlaceTrueDivide)
BINARY(imod, PyNumber_InPlaceRemainder)
BINARY(ilshift, PyNumber_InPlaceLshift)
BINARY(irshift, PyNumber_InPlaceRshift)
BINARY(iand, PyNumber_InPlaceAnd)
BINARY(ixor, PyNumber_InPlaceXor)
BINARY(ior, PyNumber_InPlaceOr)
BINARY(imatmul, PyNumber_InPlaceMatrixMultiply)
BINARY(getitem, PyObject_GetItem)

static PyObject *
power(PyObject *x, PyObject *y, PyObject *z)
{
    return PyNumber_Power(x, y, z == NULL ? Py_None : z);
}

static PyObject *
inplace_power(PyObject *x, PyObject *y, PyObject *z)
{
    return PyNumber_InPlacePower(x, y, z == NULL ? Py_None : z);
}

TERNARY(pow, power)
TERNARY(ipow, inplace_power)
TERNARY(call, PyObject_Call)

static PyObject *
proxy_bytes(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return proxy_bytes_value(self);
}

static PyObject *
proxy_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return proxy_reversed_value(self);
}

static PyObject *
proxy_repr(PyObject *self)
{
    PyObject *obj = _PyWeakref_GET_REF(self);
    if (obj == NULL) {
        return PyUnicode_FromFormat("<weakproxy at %p; dead>", self);
    }
    PyObject *repr = PyUnicode_FromFormat("<weakproxy at %p; to '%T' at %p>", self, obj, obj);
    Py_DECREF(obj);
    return repr;
}

static int
proxy_setattr(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *x = unwrap(self);
    if (x == NULL) {
        return -1;
    }
    int result = PyObject_SetAttr(x, name, value);
    Py_DECREF(x);
    return result;
}

static PyObject *
proxy_richcompare(PyObject *a, PyObject *b, int op)
{
    PyObject *x = unwrap(a);
    if (x == NULL) {
        return NULL;
    }
    PyObject *y = unwrap(b);
    PyObject *result = y == NULL ? NULL : PyObject_RichCompare(x, y, op);
    Py_DECREF(x);
    Py_XDECREF(y);
    return result;
}

static int
proxy_bool(PyObject *self)
{
    PyObject *x = unwrap(self);
    if (x == NULL) {
        return -1;
    }
    int result = PyObject_IsTrue(x);
    Py_DECREF(x);
    return result;
}

static int
proxy_contains(PyObject *self, PyObject *value)
{
    PyObject *x = unwrap(self);
    if (x == NULL) {
        return -1;
    }
    int result = PySequence_Contains(x, value);
    Py_DECREF(x);
    return result;
}

static Py_ssize_t
proxy_length(PyObject *self)
{
    PyObject *x = unwrap(self);
    if (x == NULL) {
        return -1;
    }
    Py_ssize_t result = PyObject_Length(x);
    Py_DECREF(x);
    return result;
}

static int
proxy_setitem(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *x = unwrap(self);
    if (x == NULL) {
        return -1;
    }
    int result = value == NULL ? PyObject_DelItem(x, key) : PyObject_SetItem(x, key, value);
    Py_DECREF(x);
    return result;
}

static PyObject *
proxy_iter(PyObject *self)
{
    PyObject *x = unwrap(self);
    if (x == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetIter(x);
    Py_DECREF(x);
    return result;
}

static PyObject *
proxy_iternext(PyObject *self)
{
    PyObject *x = unwrap(self);
    if (x == NULL) {
        return NULL;
    }
    if (!PyIter_Check(x)) {
        PyErr_Format(PyExc_TypeError, "Weakref proxy referenced a non-iterator '%.200s' object",
                     Py_TYPE(x)->tp_name);
        Py_DECREF(x);
        return NULL;
    }
    PyObject *result = PyIter_Next(x);
    Py_DECREF(x);
    return result;
}

static int
proxy_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyWeakReference *)op)->wr_callback);
    return 0;
}

static int
proxy_clear(PyObject *op)
{
    return _PyWeakref_RefType.tp_clear(op);
}

static void
proxy_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    proxy_clear(op);
    PyObject_GC_Del(op);
}

static PyMethodDef proxy_methods[] = {
    PY_METHOD_NOSIG("__bytes__", proxy_bytes, METH_NOARGS, NULL),
    PY_METHOD_NOSIG("__reversed__", proxy_reversed, METH_NOARGS, NULL),
    {0}
};

static PyNumberMethods proxy_as_number = {
    .nb_add = proxy_add,
    .nb_subtract = proxy_sub,
    .nb_multiply = proxy_mul,
    .nb_remainder = proxy_mod,
    .nb_divmod = proxy_divmod,
    .nb_power = proxy_pow,
    .nb_negative = proxy_neg,
    .nb_positive = proxy_pos,
    .nb_absolute = proxy_abs,
    .nb_bool = proxy_bool,
    .nb_invert = proxy_invert,
    .nb_lshift = proxy_lshift,
    .nb_rshift = proxy_rshift,
    .nb_and = proxy_and,
    .nb_xor = proxy_xor,
    .nb_or = proxy_or,
    .nb_int = proxy_int,
    .nb_float = proxy_float,
    .nb_inplace_add = proxy_iadd,
    .nb_inplace_subtract = proxy_isub,
    .nb_inplace_multiply = proxy_imul,
    .nb_inplace_remainder = proxy_imod,
    .nb_inplace_power = proxy_ipow,
    .nb_inplace_lshift = proxy_ilshift,
    .nb_inplace_rshift = proxy_irshift,
    .nb_inplace_and = proxy_iand,
    .nb_inplace_xor = proxy_ixor,
    .nb_inplace_or = proxy_ior,
    .nb_floor_divide = proxy_floor_div,
    .nb_true_divide = proxy_true_div,
    .nb_inplace_floor_divide = proxy_ifloor_div,
    .nb_inplace_true_divide = proxy_itrue_div,
    .nb_index = proxy_index,
    .nb_matrix_multiply = proxy_matmul,
    .nb_inplace_matrix_multiply = proxy_imatmul,
};

static PySequenceMethods proxy_as_sequence = {
    .sq_length = proxy_length,
    .sq_contains = proxy_contains,
};

static PyMappingMethods proxy_as_mapping = {
    .mp_length = proxy_length,
    .mp_subscript = proxy_getitem,
    .mp_ass_subscript = proxy_setitem,
};

/* What both proxy types have. */
#define PROXY_SLOTS                                                                        \
    .tp_basicsize = sizeof(PyWeakReference),                                               \
    .tp_dealloc = proxy_dealloc,                                                           \
    .tp_repr = proxy_repr,                                                                 \
    .tp_as_number = &proxy_as_number,                                                      \
    .tp_as_sequence = &proxy_as_sequence,                                                  \
    .tp_as_mapping = &proxy_as_mapping,                                                    \
    .tp_hash = PyObject_HashNotImplemented,                                                \
    .tp_str = proxy_str,                                                                   \
    .tp_getattro = proxy_getattr,                                                          \
    .tp_setattro = proxy_setattr,                                                          \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, \
    .tp_traverse = proxy_traverse,                                                         \
    .tp_clear = proxy_clear,                                                               \
    .tp_richcompare = proxy_richcompare,                                                   \
    .tp_iter = proxy_iter,                                                                 \
    .tp_iternext = proxy_iternext,                                                         \
    .tp_alloc = PyType_GenericAlloc,                                                       \
    .tp_free = PyObject_GC_Del

PyTypeObject _PyWeakref_ProxyType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.ProxyType",
    PROXY_SLOTS,
    .tp_methods = proxy_methods,
};

PyTypeObject _PyWeakref_CallableProxyType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.CallableProxyType",
    PROXY_SLOTS,
    .tp_call = proxy_call,
};

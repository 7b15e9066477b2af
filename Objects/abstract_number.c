/* Number protocol: operators on two operands by the rules of PEP 207/208, conversions to int and float.

   Each operator is a row of OPERATORS: its slot, its in-place slot and its text in messages. */
#include "Python.h"
#include "pycore_abstract.h"         // _PyIndex_Check
#include "pycore_long.h"             // _PyLong_FromBytes, _PyLong_Format
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"

#define NB_SLOT(name) offsetof(PyNumberMethods, name)
#define BINARY_SLOT(methods, offset) (*(binaryfunc *)((char *)(methods) + (offset)))
#define TERNARY_SLOT(methods, offset) (*(ternaryfunc *)((char *)(methods) + (offset)))

static PyObject *
null_error(void)
{
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    }
    return NULL;
}

int
PyNumber_Check(PyObject *o)
{
    if (o == NULL) {
        return 0;
    }
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb != NULL && (nb->nb_index || nb->nb_int || nb->nb_float || PyComplex_Check(o));
}

/* -- Two operands ----------------------------------------------------------------------------------- */

static inline binaryfunc
binary_slot_of(PyObject *o, size_t offset)
{
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb == NULL ? NULL : BINARY_SLOT(nb, offset);
}

/* The result, NotImplemented (counted), or NULL with an exception.  The right operand comes first if its type
   is a subclass of the left one's with another implementation. */
static PyObject *
binary_op1(PyObject *v, PyObject *w, size_t offset)
{
    binaryfunc slotv = binary_slot_of(v, offset);
    binaryfunc slotw = NULL;
    if (!Py_IS_TYPE(w, Py_TYPE(v))) {
        slotw = binary_slot_of(w, offset);
        if (slotw == slotv) {
            slotw = NULL;
        }
    }
    if (slotv != NULL) {
        PyObject *x;
        if (slotw != NULL && PyType_IsSubtype(Py_TYPE(w), Py_TYPE(v))) {
            x = slotw(v, w);
            if (x != Py_NotImplemented) {
                return x;
            }
            Py_DECREF(x);
            slotw = NULL;
        }
        x = slotv(v, w);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    if (slotw != NULL) {
        PyObject *x = slotw(v, w);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    return Py_NewRef(Py_NotImplemented);
}

static PyObject *
binary_type_error(PyObject *v, PyObject *w, const char *op_name)
{
    PyErr_Format(PyExc_TypeError, "unsupported operand type(s) for %.100s: '%.100s' and '%.100s'", op_name,
                 Py_TYPE(v)->tp_name, Py_TYPE(w)->tp_name);
    return NULL;
}

static PyObject *
binary_op(PyObject *v, PyObject *w, size_t offset, const char *op_name)
{
    PyObject *result = binary_op1(v, w, offset);
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    return binary_type_error(v, w, op_name);
}

static PyObject *
binary_iop1(PyObject *v, PyObject *w, size_t inplace, size_t offset)
{
    binaryfunc slot = binary_slot_of(v, inplace);
    if (slot != NULL) {
        PyObject *x = slot(v, w);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    return binary_op1(v, w, offset);
}

static PyObject *
binary_iop(PyObject *v, PyObject *w, size_t inplace, size_t offset, const char *op_name)
{
    PyObject *result = binary_iop1(v, w, inplace, offset);
    if (result == Py_NotImplemented) {
        Py_DECREF(result);
        return binary_type_error(v, w, op_name);
    }
    return result;
}

/* BINARY(Subtract, subtract, "-") defines PyNumber_Subtract and PyNumber_InPlaceSubtract. */
#define BINARY(Name, slot, text)                                                                     \
    PyObject *PyNumber_##Name(PyObject *v, PyObject *w)                                              \
    {                                                                                                \
        return binary_op(v, w, NB_SLOT(nb_##slot), text);                                            \
    }                                                                                                \
    INPLACE(Name, slot, text "=")
#define INPLACE(Name, slot, text)                                                                    \
    PyObject *PyNumber_InPlace##Name(PyObject *v, PyObject *w)                                       \
    {                                                                                                \
        return binary_iop(v, w, NB_SLOT(nb_inplace_##slot), NB_SLOT(nb_##slot), text);               \
    }

BINARY(Or, or, "|")
BINARY(Xor, xor, "^")
BINARY(And, and, "&")
BINARY(Lshift, lshift, "<<")
BINARY(Rshift, rshift, ">>")
BINARY(Subtract, subtract, "-")
BINARY(MatrixMultiply, matrix_multiply, "@")
BINARY(FloorDivide, floor_divide, "//")
BINARY(TrueDivide, true_divide, "/")
BINARY(Remainder, remainder, "%")

PyObject *
PyNumber_Divmod(PyObject *v, PyObject *w)
{
    return binary_op(v, w, NB_SLOT(nb_divmod), "divmod()");
}

PyObject *
PyNumber_Add(PyObject *v, PyObject *w)
{
    PyObject *result = binary_op1(v, w, NB_SLOT(nb_add));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *m = Py_TYPE(v)->tp_as_sequence;
    if (m != NULL && m->sq_concat != NULL) {
        return (*m->sq_concat)(v, w);
    }
    return binary_type_error(v, w, "+");
}

PyObject *
PyNumber_InPlaceAdd(PyObject *v, PyObject *w)
{
    PyObject *result = binary_iop1(v, w, NB_SLOT(nb_inplace_add), NB_SLOT(nb_add));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *m = Py_TYPE(v)->tp_as_sequence;
    if (m != NULL) {
        binaryfunc concat = m->sq_inplace_concat != NULL ? m->sq_inplace_concat : m->sq_concat;
        if (concat != NULL) {
            return concat(v, w);
        }
    }
    return binary_type_error(v, w, "+=");
}

static PyObject *
sequence_repeat(ssizeargfunc repeat, PyObject *seq, PyObject *n)
{
    if (!_PyIndex_Check(n)) {
        PyErr_Format(PyExc_TypeError, "can't multiply sequence by non-int of type '%.200s'", Py_TYPE(n)->tp_name);
        return NULL;
    }
    Py_ssize_t count = PyNumber_AsSsize_t(n, PyExc_OverflowError);
    if (count == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return repeat(seq, count);
}

PyObject *
PyNumber_Multiply(PyObject *v, PyObject *w)
{
    PyObject *result = binary_op1(v, w, NB_SLOT(nb_multiply));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *mv = Py_TYPE(v)->tp_as_sequence;
    PySequenceMethods *mw = Py_TYPE(w)->tp_as_sequence;
    if (mv != NULL && mv->sq_repeat != NULL) {
        return sequence_repeat(mv->sq_repeat, v, w);
    }
    if (mw != NULL && mw->sq_repeat != NULL) {
        return sequence_repeat(mw->sq_repeat, w, v);
    }
    return binary_type_error(v, w, "*");
}

PyObject *
PyNumber_InPlaceMultiply(PyObject *v, PyObject *w)
{
    PyObject *result = binary_iop1(v, w, NB_SLOT(nb_inplace_multiply), NB_SLOT(nb_multiply));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *mv = Py_TYPE(v)->tp_as_sequence;
    PySequenceMethods *mw = Py_TYPE(w)->tp_as_sequence;
    if (mv != NULL) {
        ssizeargfunc repeat = mv->sq_inplace_repeat != NULL ? mv->sq_inplace_repeat : mv->sq_repeat;
        if (repeat != NULL) {
            return sequence_repeat(repeat, v, w);
        }
    }
    else if (mw != NULL && mw->sq_repeat != NULL) {
        /* The right operand must not change: not in place. */
        return sequence_repeat(mw->sq_repeat, w, v);
    }
    return binary_type_error(v, w, "*=");
}

/* -- Power ------------------------------------------------------------------------------------------ */

static inline ternaryfunc
power_slot_of(PyObject *o)
{
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb == NULL ? NULL : nb->nb_power;
}

static PyObject *
ternary_op(PyObject *v, PyObject *w, PyObject *z, const char *op_name)
{
    ternaryfunc slotv = power_slot_of(v);
    ternaryfunc slotw = NULL;
    PyObject *x;
    if (!Py_IS_TYPE(w, Py_TYPE(v))) {
        slotw = power_slot_of(w);
        if (slotw == slotv) {
            slotw = NULL;
        }
    }
    if (slotv != NULL) {
        if (slotw != NULL && PyType_IsSubtype(Py_TYPE(w), Py_TYPE(v))) {
            x = slotw(v, w, z);
            if (x != Py_NotImplemented) {
                return x;
            }
            Py_DECREF(x);
            slotw = NULL;
        }
        x = slotv(v, w, z);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    if (slotw != NULL) {
        x = slotw(v, w, z);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    ternaryfunc slotz = power_slot_of(z);
    if (slotz == slotv || slotz == slotw) {
        slotz = NULL;
    }
    if (slotz != NULL) {
        x = slotz(v, w, z);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    if (z == Py_None) {
        return binary_type_error(v, w, op_name);
    }
    PyErr_Format(PyExc_TypeError, "unsupported operand type(s) for %.100s: '%.100s', '%.100s', '%.100s'", op_name,
                 Py_TYPE(v)->tp_name, Py_TYPE(w)->tp_name, Py_TYPE(z)->tp_name);
    return NULL;
}

PyObject *
PyNumber_Power(PyObject *v, PyObject *w, PyObject *z)
{
    return ternary_op(v, w, z, "** or pow()");
}

PyObject *
_PyNumber_PowerNoMod(PyObject *lhs, PyObject *rhs)
{
    return PyNumber_Power(lhs, rhs, Py_None);
}

PyObject *
PyNumber_InPlacePower(PyObject *v, PyObject *w, PyObject *z)
{
    PyNumberMethods *nb = Py_TYPE(v)->tp_as_number;
    if (nb != NULL && nb->nb_inplace_power != NULL) {
        PyObject *x = nb->nb_inplace_power(v, w, z);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    return ternary_op(v, w, z, "**=");
}

PyObject *
_PyNumber_InPlacePowerNoMod(PyObject *lhs, PyObject *rhs)
{
    return PyNumber_InPlacePower(lhs, rhs, Py_None);
}

/* -- One operand ------------------------------------------------------------------------------------ */

#define UNARY(Name, slot, text)                                                                      \
    PyObject *PyNumber_##Name(PyObject *o)                                                           \
    {                                                                                                \
        if (o == NULL) {                                                                             \
            return null_error();                                                                     \
        }                                                                                            \
        PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;                                              \
        if (nb != NULL && nb->slot != NULL) {                                                        \
            return (*nb->slot)(o);                                                                   \
        }                                                                                            \
        PyErr_Format(PyExc_TypeError, "bad operand type for " text ": '%.200s'",                     \
                     Py_TYPE(o)->tp_name);                                                           \
        return NULL;                                                                                 \
    }

UNARY(Negative, nb_negative, "unary -")
UNARY(Positive, nb_positive, "unary +")
UNARY(Invert, nb_invert, "unary ~")
UNARY(Absolute, nb_absolute, "abs()")

/* -- Conversions ------------------------------------------------------------------------------------ */

int
PyIndex_Check(PyObject *obj)
{
    return _PyIndex_Check(obj);
}

/* What a conversion method returned must be an int; an instance of a subclass is deprecated.  Steals result. */
static PyObject *
check_int_result(PyObject *result, const char *method)
{
    if (result == NULL || PyLong_CheckExact(result)) {
        return result;
    }
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "%s returned non-int (type %.200s)", method, Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "%s returned non-int (type %.200s).  "
                         "The ability to return an instance of a strict subclass of int is deprecated, "
                         "and may not be supported in a future version of Python.",
                         method, Py_TYPE(result)->tp_name)) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

PyObject *
_PyNumber_Index(PyObject *item)
{
    if (item == NULL) {
        return null_error();
    }
    if (PyLong_Check(item)) {
        return Py_NewRef(item);
    }
    if (!_PyIndex_Check(item)) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object cannot be interpreted as an integer", Py_TYPE(item)->tp_name);
        return NULL;
    }
    return check_int_result(Py_TYPE(item)->tp_as_number->nb_index(item), "__index__");
}

static PyObject *
exact_int(PyObject *result)
{
    if (result != NULL && !PyLong_CheckExact(result)) {
        Py_SETREF(result, _PyLong_Copy((PyLongObject *)result));
    }
    return result;
}

PyObject *
PyNumber_Index(PyObject *item)
{
    return exact_int(_PyNumber_Index(item));
}

Py_ssize_t
PyNumber_AsSsize_t(PyObject *item, PyObject *err)
{
    PyObject *value = _PyNumber_Index(item);
    if (value == NULL) {
        return -1;
    }
    Py_ssize_t result = PyLong_AsSsize_t(value);
    if (result != -1) {
        goto done;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *runerr = _PyErr_Occurred(tstate);
    if (runerr == NULL || !PyErr_GivenExceptionMatches(runerr, PyExc_OverflowError)) {
        goto done;
    }
    _PyErr_Clear(tstate);
    if (err == NULL) {
        result = _PyLong_IsNegative((PyLongObject *)value) ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    }
    else {
        _PyErr_Format(tstate, err, "cannot fit '%.200s' into an index-sized integer", Py_TYPE(item)->tp_name);
    }
done:
    Py_DECREF(value);
    return result;
}

PyObject *
PyNumber_Long(PyObject *o)
{
    if (o == NULL) {
        return null_error();
    }
    if (PyLong_CheckExact(o)) {
        return Py_NewRef(o);
    }
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    if (nb != NULL && nb->nb_int != NULL) {
        return exact_int(check_int_result(nb->nb_int(o), "__int__"));
    }
    if (nb != NULL && nb->nb_index != NULL) {
        return PyNumber_Index(o);
    }
    if (PyUnicode_Check(o)) {
        return PyLong_FromUnicodeObject(o, 10);
    }
    if (PyBytes_Check(o)) {
        return _PyLong_FromBytes(PyBytes_AS_STRING(o), PyBytes_GET_SIZE(o), 10);
    }
    if (PyByteArray_Check(o)) {
        return _PyLong_FromBytes(PyByteArray_AS_STRING(o), PyByteArray_GET_SIZE(o), 10);
    }
    Py_buffer view;
    if (PyObject_GetBuffer(o, &view, PyBUF_SIMPLE) == 0) {
        PyObject *bytes = PyBytes_FromStringAndSize((const char *)view.buf, view.len);
        PyObject *result = NULL;
        if (bytes != NULL) {
            result = _PyLong_FromBytes(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), 10);
            Py_DECREF(bytes);
        }
        PyBuffer_Release(&view);
        return result;
    }
    PyErr_Format(PyExc_TypeError,
                 "int() argument must be a string, a bytes-like object or a real number, not '%.200s'",
                 Py_TYPE(o)->tp_name);
    return NULL;
}

PyObject *
PyNumber_Float(PyObject *o)
{
    if (o == NULL) {
        return null_error();
    }
    if (PyFloat_CheckExact(o)) {
        return Py_NewRef(o);
    }
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    if (nb != NULL && nb->nb_float != NULL) {
        PyObject *res = nb->nb_float(o);
        if (res == NULL || PyFloat_CheckExact(res)) {
            return res;
        }
        if (!PyFloat_Check(res)) {
            PyErr_Format(PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)", Py_TYPE(o)->tp_name,
                         Py_TYPE(res)->tp_name);
            Py_DECREF(res);
            return NULL;
        }
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                             "%.50s.__float__ returned non-float (type %.50s).  "
                             "The ability to return an instance of a strict subclass of float is deprecated, "
                             "and may not be supported in a future version of Python.",
                             Py_TYPE(o)->tp_name, Py_TYPE(res)->tp_name)) {
            Py_DECREF(res);
            return NULL;
        }
        double val = PyFloat_AS_DOUBLE(res);
        Py_DECREF(res);
        return PyFloat_FromDouble(val);
    }
    if (nb != NULL && nb->nb_index != NULL) {
        PyObject *index = _PyNumber_Index(o);
        if (index == NULL) {
            return NULL;
        }
        double val = PyLong_AsDouble(index);
        Py_DECREF(index);
        return val == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(val);
    }
    if (PyFloat_Check(o)) {
        return PyFloat_FromDouble(PyFloat_AS_DOUBLE(o));
    }
    return PyFloat_FromString(o);
}

PyObject *
PyNumber_ToBase(PyObject *n, int base)
{
    if (!(base == 2 || base == 8 || base == 10 || base == 16)) {
        PyErr_SetString(PyExc_SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16");
        return NULL;
    }
    PyObject *index = _PyNumber_Index(n);
    if (index == NULL) {
        return NULL;
    }
    PyObject *res = _PyLong_Format(index, base);
    Py_DECREF(index);
    return res;
}

int
_Py_convert_optional_to_ssize_t(PyObject *obj, void *result)
{
    if (obj == Py_None) {
        return 1;
    }
    if (!_PyIndex_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not %.200s", Py_TYPE(obj)->tp_name);
        return 0;
    }
    Py_ssize_t limit = PyNumber_AsSsize_t(obj, PyExc_OverflowError);
    if (limit == -1 && PyErr_Occurred()) {
        return 0;
    }
    *(Py_ssize_t *)result = limit;
    return 1;
}

int
_Py_convert_optional_to_non_negative_ssize_t(PyObject *obj, void *result)
{
    if (obj == Py_None) {
        return 1;
    }
    if (!_Py_convert_optional_to_ssize_t(obj, result)) {
        return 0;
    }
    if (*(Py_ssize_t *)result < 0) {
        PyErr_SetString(PyExc_ValueError, "argument cannot be negative");
        return 0;
    }
    return 1;
}

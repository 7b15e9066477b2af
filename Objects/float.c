/* float: the type, its arithmetic and comparison.  Text is in float_text.c, IEEE formats in float_pack.c.

   A float never changes once made. */
#include "Python.h"
#include "float_int.h"
#include "pycore_abstract.h"      // _PyNumber_Index
#include "pycore_args.h"          // PY_METHOD
#include "pycore_call.h"          // _PyObject_MakeTpCall
#include "pycore_floatobject.h"
#include "pycore_initconfig.h"    // _PyStatus_OK
#include "pycore_long.h"          // _PyLong_TryInt64
#include "pycore_modsupport.h"    // _PyArg_CheckPositional
#include "pycore_object.h"        // _PyObject_Init
#include "pycore_structseq.h"     // _PyStructSequence_InitBuiltin

#include <errno.h>
#include <float.h>
#include <math.h>

/* -- Memory --------------------------------------------------------------- */

PyObject *
PyFloat_FromDouble(double value)
{
    PyFloatObject *op = PyObject_Malloc(sizeof(PyFloatObject));
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init((PyObject *)op, &PyFloat_Type);
    op->ob_fval = value;
    return (PyObject *)op;
}

void
_PyFloat_ExactDealloc(PyObject *op)
{
    PyObject_Free(op);
}

static void
float_dealloc(PyObject *op)
{
    if (PyFloat_CheckExact(op)) {
        PyObject_Free(op);
    }
    else {
        Py_TYPE(op)->tp_free(op);
    }
}

/* -- Conversion ----------------------------------------------------------- */

double
PyFloat_AsDouble(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadArgument();
        return -1;
    }
    if (PyFloat_Check(op)) {
        return ((PyFloatObject *)op)->ob_fval;
    }
    PyNumberMethods *number = Py_TYPE(op)->tp_as_number;
    if (number == NULL || number->nb_float == NULL) {
        if (number != NULL && number->nb_index != NULL) {
            PyObject *index = _PyNumber_Index(op);
            if (index == NULL) {
                return -1;
            }
            double value = PyLong_AsDouble(index);
            Py_DECREF(index);
            return value;
        }
        PyErr_Format(PyExc_TypeError, "must be real number, not %.50s", Py_TYPE(op)->tp_name);
        return -1;
    }
    PyObject *result = number->nb_float(op);
    if (result == NULL) {
        return -1;
    }
    if (!PyFloat_CheckExact(result)) {
        if (!PyFloat_Check(result)) {
            PyErr_Format(PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)",
                         Py_TYPE(op)->tp_name, Py_TYPE(result)->tp_name);
            Py_DECREF(result);
            return -1;
        }
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                             "%.50s.__float__ returned non-float (type %.50s).  "
                             "The ability to return an instance of a strict subclass of float "
                             "is deprecated, and may not be supported in a future version of Python.",
                             Py_TYPE(op)->tp_name, Py_TYPE(result)->tp_name)) {
            Py_DECREF(result);
            return -1;
        }
    }
    double value = ((PyFloatObject *)result)->ob_fval;
    Py_DECREF(result);
    return value;
}

/* 1 with the value, 0 if op is no real number of ours, -1 with an exception */
static inline int
to_double(PyObject *op, double *value)
{
    if (PyFloat_Check(op)) {
        *value = ((PyFloatObject *)op)->ob_fval;
        return 1;
    }
    if (PyLong_Check(op)) {
        *value = PyLong_AsDouble(op);
        return *value == -1.0 && PyErr_Occurred() ? -1 : 1;
    }
    return 0;
}

/* Both operands as doubles, or return from the slot. */
#define OPERANDS(v, a, w, b)                                                  \
    double a, b;                                                              \
    do {                                                                      \
        int status = to_double(v, &a);                                        \
        if (status > 0) {                                                     \
            status = to_double(w, &b);                                        \
        }                                                                     \
        if (status <= 0) {                                                    \
            return status < 0 ? NULL : Py_NewRef(Py_NotImplemented);          \
        }                                                                     \
    } while (0)

/* -- Arithmetic ----------------------------------------------------------- */

static PyObject *
float_add(PyObject *v, PyObject *w)
{
    OPERANDS(v, a, w, b);
    return PyFloat_FromDouble(a + b);
}

static PyObject *
float_subtract(PyObject *v, PyObject *w)
{
    OPERANDS(v, a, w, b);
    return PyFloat_FromDouble(a - b);
}

static PyObject *
float_multiply(PyObject *v, PyObject *w)
{
    OPERANDS(v, a, w, b);
    return PyFloat_FromDouble(a * b);
}

static PyObject *
zero_division(void)
{
    PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
    return NULL;
}

static PyObject *
float_true_divide(PyObject *v, PyObject *w)
{
    OPERANDS(v, a, w, b);
    return b == 0.0 ? zero_division() : PyFloat_FromDouble(a / b);
}

double
_PyFloat_RemainderDoubles(double a, double b)
{
    double mod = fmod(a, b);
    if (mod == 0.0) {
        return copysign(0.0, b);
    }
    return (b < 0) != (mod < 0) ? mod + b : mod;
}

static void
div_mod(double a, double b, double *floor_quotient, double *remainder)
{
    double mod = fmod(a, b);
    /* a - mod is very nearly a multiple of b, so the quotient is within rounding of an integer */
    double quotient = (a - mod) / b;
    if (mod != 0.0) {
        if ((b < 0) != (mod < 0)) {
            mod += b;
            quotient -= 1.0;
        }
    }
    else {
        mod = copysign(0.0, b);
    }
    if (quotient != 0.0) {
        *floor_quotient = floor(quotient);
        if (quotient - *floor_quotient > 0.5) {
            *floor_quotient += 1.0;
        }
    }
    else {
        *floor_quotient = copysign(0.0, a / b);
    }
    *remainder = mod;
}

double
_PyFloat_FloorDivideDoubles(double a, double b)
{
    double quotient, remainder;
    div_mod(a, b, &quotient, &remainder);
    return quotient;
}

static PyObject *
float_remainder(PyObject *v, PyObject *w)
{
    OPERANDS(v, a, w, b);
    return b == 0.0 ? zero_division() : PyFloat_FromDouble(_PyFloat_RemainderDoubles(a, b));
}

static PyObject *
float_floor_divide(PyObject *v, PyObject *w)
{
    OPERANDS(v, a, w, b);
    return b == 0.0 ? zero_division() : PyFloat_FromDouble(_PyFloat_FloorDivideDoubles(a, b));
}

static PyObject *
float_divmod(PyObject *v, PyObject *w)
{
    OPERANDS(v, a, w, b);
    if (b == 0.0) {
        return zero_division();
    }
    double quotient, remainder;
    div_mod(a, b, &quotient, &remainder);
    return Py_BuildValue("(dd)", quotient, remainder);
}

static inline bool
is_odd_integer(double x)
{
    return fmod(fabs(x), 2.0) == 1.0;
}

PyObject *
_PyFloat_PowerDoubles(double a, double b)
{
    bool negate = false;
    if (b == 0) {
        return PyFloat_FromDouble(1.0);
    }
    if (isnan(a)) {
        return PyFloat_FromDouble(a);
    }
    if (isnan(b)) {
        return PyFloat_FromDouble(a == 1.0 ? 1.0 : b);
    }
    if (isinf(b)) {
        a = fabs(a);
        if (a == 1.0) {
            return PyFloat_FromDouble(1.0);
        }
        return PyFloat_FromDouble((b > 0.0) == (a > 1.0) ? fabs(b) : 0.0);
    }
    if (isinf(a)) {
        bool odd = is_odd_integer(b);
        if (b > 0.0) {
            return PyFloat_FromDouble(odd ? a : fabs(a));
        }
        return PyFloat_FromDouble(odd ? copysign(0.0, a) : 0.0);
    }
    if (a == 0.0) {
        if (b < 0.0) {
            PyErr_SetString(PyExc_ZeroDivisionError, "zero to a negative power");
            return NULL;
        }
        return PyFloat_FromDouble(is_odd_integer(b) ? a : 0.0);
    }
    if (a < 0.0) {
        if (b != floor(b)) {
            PyObject *x = PyComplex_FromDoubles(a, 0.0), *y = PyComplex_FromDoubles(b, 0.0);
            PyObject *result = NULL;
            if (x != NULL && y != NULL) {
                result = PyComplex_Type.tp_as_number->nb_power(x, y, Py_None);
            }
            Py_XDECREF(x);
            Py_XDECREF(y);
            return result;
        }
        a = -a;
        negate = is_odd_integer(b);
    }
    if (a == 1.0) {
        return PyFloat_FromDouble(negate ? -1.0 : 1.0);
    }
    errno = 0;
    double x = pow(a, b);
    _Py_ADJUST_ERANGE1(x);
    if (errno != 0) {
        PyErr_SetFromErrno(errno == ERANGE ? PyExc_OverflowError : PyExc_ValueError);
        return NULL;
    }
    return PyFloat_FromDouble(negate ? -x : x);
}

static PyObject *
float_power(PyObject *v, PyObject *w, PyObject *z)
{
    if (z != Py_None) {
        PyErr_SetString(PyExc_TypeError,
                        "pow() 3rd argument not allowed unless all arguments are integers");
        return NULL;
    }
    OPERANDS(v, a, w, b);
    return _PyFloat_PowerDoubles(a, b);
}

static PyObject *
float_negative(PyObject *v)
{
    return PyFloat_FromDouble(-((PyFloatObject *)v)->ob_fval);
}

static PyObject *
float_absolute(PyObject *v)
{
    return PyFloat_FromDouble(fabs(((PyFloatObject *)v)->ob_fval));
}

static PyObject *
float_exact(PyObject *v)
{
    return PyFloat_CheckExact(v) ? Py_NewRef(v) : PyFloat_FromDouble(((PyFloatObject *)v)->ob_fval);
}

static int
float_bool(PyObject *v)
{
    return ((PyFloatObject *)v)->ob_fval != 0.0;
}

static PyObject *
float_int(PyObject *v)
{
    return PyLong_FromDouble(((PyFloatObject *)v)->ob_fval);
}

/* -- Comparison and hash -------------------------------------------------- */

int
_PyFloat_CompareInt(double a, PyLongObject *b)
{
    int64_t word;
    if (_PyLong_TryInt64((PyObject *)b, &word)) {
        if (a >= 0x1p63) {
            return 1;
        }
        if (a < -0x1p63) {
            return -1;
        }
        int64_t whole = (int64_t)a;
        if (whole != word) {
            return whole < word ? -1 : 1;
        }
        double fraction = a - (double)whole;
        return (fraction > 0) - (fraction < 0);
    }
    if (isinf(a) || fabs(a) < 0x1p63) {
        return isinf(a) ? (a > 0 ? 1 : -1) : (_PyLong_IsNegative(b) ? 1 : -1);
    }
    PyObject *whole = PyLong_FromDouble(a);
    if (whole == NULL) {
        return -2;
    }
    int order = _PyLong_Compare((PyLongObject *)whole, b);
    Py_DECREF(whole);
    return order;
}

static PyObject *
float_richcompare(PyObject *v, PyObject *w, int op)
{
    double a = ((PyFloatObject *)v)->ob_fval, b;
    if (PyFloat_Check(w)) {
        b = ((PyFloatObject *)w)->ob_fval;
    }
    else if (!PyLong_Check(w)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    else if (isnan(a)) {
        b = 0.0;
    }
    else {
        int order = _PyFloat_CompareInt(a, (PyLongObject *)w);
        if (order == -2) {
            return NULL;
        }
        a = order;
        b = 0.0;
    }
    Py_RETURN_RICHCOMPARE(a, b, op);
}

static Py_hash_t
float_hash(PyObject *v)
{
    return _Py_HashDouble(v, ((PyFloatObject *)v)->ob_fval);
}

/* -- Construction --------------------------------------------------------- */

static PyObject *
float_from(PyTypeObject *type, PyObject *x)
{
    if (type != &PyFloat_Type) {
        PyObject *plain = float_from(&PyFloat_Type, x);
        if (plain == NULL) {
            return NULL;
        }
        PyObject *result = type->tp_alloc(type, 0);
        if (result != NULL) {
            ((PyFloatObject *)result)->ob_fval = ((PyFloatObject *)plain)->ob_fval;
        }
        Py_DECREF(plain);
        return result;
    }
    if (x == NULL) {
        return PyFloat_FromDouble(0.0);
    }
    return PyUnicode_CheckExact(x) ? PyFloat_FromString(x) : PyNumber_Float(x);
}

static PyObject *
float_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (type == &PyFloat_Type || type->tp_init == PyFloat_Type.tp_init) {
        if (!_PyArg_NoKeywords("float", kwargs)) {
            return NULL;
        }
    }
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (!_PyArg_CheckPositional("float", nargs, 0, 1)) {
        return NULL;
    }
    return float_from(type, nargs ? PyTuple_GET_ITEM(args, 0) : NULL);
}

static PyObject *
float_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("float", kwnames) || !_PyArg_CheckPositional("float", nargs, 0, 1)) {
        return NULL;
    }
    return float_from((PyTypeObject *)type, nargs ? args[0] : NULL);
}

/* -- Methods -------------------------------------------------------------- */

static PyObject *
float_is_integer(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    double x = ((PyFloatObject *)self)->ob_fval;
    return PyBool_FromLong(isfinite(x) && floor(x) == x);
}

static PyObject *
float_trunc(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromDouble(((PyFloatObject *)self)->ob_fval);
}

static PyObject *
float_floor(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromDouble(floor(((PyFloatObject *)self)->ob_fval));
}

static PyObject *
float_ceil(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromDouble(ceil(((PyFloatObject *)self)->ob_fval));
}

static PyObject *
float_round(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__round__", nargs, 0, 1)) {
        return NULL;
    }
    return _PyFloat_Round(self, nargs ? args[0] : NULL);
}

static PyObject *
float_conjugate(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return float_exact(self);
}

static PyObject *
float_as_integer_ratio(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    double x = ((PyFloatObject *)self)->ob_fval;
    if (isinf(x)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert Infinity to integer ratio");
        return NULL;
    }
    if (isnan(x)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert NaN to integer ratio");
        return NULL;
    }
    int exponent;
    double fraction = frexp(x, &exponent);
    /* The mantissa as an odd integer. */
    int64_t mantissa = (int64_t)ldexp(fraction, DBL_MANT_DIG);
    exponent -= DBL_MANT_DIG;
    if (mantissa == 0) {
        exponent = 0;
    }
    else {
        int zeros = __builtin_ctzll((uint64_t)mantissa);
        mantissa /= (int64_t)1 << zeros;
        exponent += zeros;
    }
    PyObject *numerator = PyLong_FromInt64(mantissa), *denominator = _PyLong_GetOne(), *result = NULL;
    if (numerator != NULL && exponent > 0) {
        Py_SETREF(numerator, _PyLong_Lshift(numerator, exponent));
    }
    else if (exponent < 0) {
        denominator = _PyLong_Lshift(_PyLong_GetOne(), -exponent);
    }
    if (numerator != NULL && denominator != NULL) {
        result = PyTuple_Pack(2, numerator, denominator);
    }
    Py_XDECREF(numerator);
    Py_XDECREF(denominator);
    return result;
}

static PyObject *
float_hex(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyFloat_Hex(((PyFloatObject *)self)->ob_fval);
}

/* x as an instance of type, which may be a subclass; steals x. */
static PyObject *
in_type(PyObject *type, PyObject *x)
{
    if (x != NULL && type != (PyObject *)&PyFloat_Type) {
        Py_SETREF(x, PyObject_CallOneArg(type, x));
    }
    return x;
}

static PyObject *
float_fromhex(PyObject *type, PyObject *string)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(string, &size);
    if (text == NULL) {
        return NULL;
    }
    double x = _PyFloat_ParseHex(text, size);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return in_type(type, PyFloat_FromDouble(x));
}

static PyObject *
float_from_number(PyObject *type, PyObject *number)
{
    if (PyFloat_CheckExact(number) && type == (PyObject *)&PyFloat_Type) {
        return Py_NewRef(number);
    }
    double x = PyFloat_AsDouble(number);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return in_type(type, PyFloat_FromDouble(x));
}

static PyObject *
float_getnewargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(d)", ((PyFloatObject *)self)->ob_fval);
}

static PyObject *
float_getformat(PyObject *Py_UNUSED(type), PyObject *typestr)
{
    if (!PyUnicode_Check(typestr)) {
        _PyArg_BadArgument("__getformat__", "argument", "str", typestr);
        return NULL;
    }
    if (!_PyUnicode_EqualToASCIIString(typestr, "double") && !_PyUnicode_EqualToASCIIString(typestr, "float")) {
        PyErr_SetString(PyExc_ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
        return NULL;
    }
    return PyUnicode_FromString(PY_LITTLE_ENDIAN ? "IEEE, little-endian" : "IEEE, big-endian");
}

static PyObject *
float_format(PyObject *self, PyObject *format_spec)
{
    if (!PyUnicode_Check(format_spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", format_spec);
        return NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyFloat_FormatAdvancedWriter(&writer, self, format_spec, 0, PyUnicode_GET_LENGTH(format_spec)) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

static PyObject *
float_get_real(PyObject *self, void *Py_UNUSED(closure))
{
    return float_exact(self);
}

static PyObject *
float_get_imag(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyFloat_FromDouble(0.0);
}

static PyMethodDef float_methods[] = {
    PY_METHOD(float, from_number, METH_O | METH_CLASS, "($type, number, /)",
              "Make a float of a real number; text is refused."),
    PY_METHOD(float, conjugate, METH_NOARGS, "($self, /)", "Return the number itself; its imaginary part is zero."),
    PY_METHOD_AS("__trunc__", float_trunc, METH_NOARGS, "($self, /)", "Cut to an int, towards zero."),
    PY_METHOD_AS("__floor__", float_floor, METH_NOARGS, "($self, /)", "The greatest int that is not greater."),
    PY_METHOD_AS("__ceil__", float_ceil, METH_NOARGS, "($self, /)", "The least int that is not less."),
    PY_METHOD_AS("__round__", float_round, METH_FASTCALL, "($self, ndigits=None, /)",
                 "Round to ndigits places, halves to even; to an int without ndigits."),
    PY_METHOD(float, as_integer_ratio, METH_NOARGS, "($self, /)",
              "Return a pair of ints, in lowest terms, whose ratio is exactly the number."),
    PY_METHOD(float, fromhex, METH_O | METH_CLASS, "($type, string, /)", "Make a float of hexadecimal text."),
    PY_METHOD(float, hex, METH_NOARGS, "($self, /)", "Return the exact value as hexadecimal text."),
    PY_METHOD(float, is_integer, METH_NOARGS, "($self, /)", "Tell whether the number has no fraction."),
    PY_METHOD_AS("__getnewargs__", float_getnewargs, METH_NOARGS, "($self, /)", "Arguments that make a copy."),
    PY_METHOD_AS("__getformat__", float_getformat, METH_O | METH_CLASS, "($type, typestr, /)",
                 "Tell how the C type 'double' or 'float' is stored; for the test suite."),
    PY_METHOD_AS("__format__", float_format, METH_O, "($self, format_spec, /)",
                 "Format as the specification says."),
    {NULL},
};

static PyGetSetDef float_getset[] = {
    {"real", float_get_real, NULL, "real part: the number itself", NULL},
    {"imag", float_get_imag, NULL, "imaginary part: zero", NULL},
    {NULL},
};

static PyNumberMethods float_as_number = {
    .nb_add = float_add,
    .nb_subtract = float_subtract,
    .nb_multiply = float_multiply,
    .nb_remainder = float_remainder,
    .nb_divmod = float_divmod,
    .nb_power = float_power,
    .nb_negative = float_negative,
    .nb_positive = float_exact,
    .nb_absolute = float_absolute,
    .nb_bool = float_bool,
    .nb_int = float_int,
    .nb_float = float_exact,
    .nb_floor_divide = float_floor_divide,
    .nb_true_divide = float_true_divide,
};

PyDoc_STRVAR(float_doc, "float(x=0, /)\n--\n\nConvert a number or text to a floating-point number.");

PyTypeObject PyFloat_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "float",
    .tp_basicsize = sizeof(PyFloatObject),
    .tp_dealloc = float_dealloc,
    .tp_repr = _PyFloat_Repr,
    .tp_as_number = &float_as_number,
    .tp_hash = float_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = float_doc,
    .tp_richcompare = float_richcompare,
    .tp_methods = float_methods,
    .tp_getset = float_getset,
    .tp_new = float_new,
    .tp_vectorcall = float_vectorcall,
};

/* -- sys.float_info ------------------------------------------------------- */

double
PyFloat_GetMax(void)
{
    return DBL_MAX;
}

double
PyFloat_GetMin(void)
{
    return DBL_MIN;
}

static PyTypeObject float_info_type;

static PyStructSequence_Field float_info_fields[] = {
    {"max", "the largest finite number"},
    {"max_exp", "the largest e such that radix**(e-1) is finite"},
    {"max_10_exp", "the largest e such that 10**e is finite"},
    {"min", "the smallest positive normalised number"},
    {"min_exp", "the smallest e such that radix**(e-1) is normalised"},
    {"min_10_exp", "the smallest e such that 10**e is normalised"},
    {"dig", "decimal digits that survive a round trip through a float"},
    {"mant_dig", "digits of the mantissa, in the radix"},
    {"epsilon", "distance from 1 to the next float"},
    {"radix", "radix of the exponent"},
    {"rounds", "rounding mode of addition"},
    {NULL, NULL},
};

static PyStructSequence_Desc float_info_desc = {
    .name = "sys.float_info",
    .doc = "Facts about the floating-point type.",
    .fields = float_info_fields,
    .n_in_sequence = 11,
};

PyObject *
PyFloat_GetInfo(void)
{
    PyObject *info = PyStructSequence_New(&float_info_type);
    if (info == NULL) {
        return NULL;
    }
    int i = 0;
    PyStructSequence_SetItem(info, i++, PyFloat_FromDouble(DBL_MAX));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(DBL_MAX_EXP));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(DBL_MAX_10_EXP));
    PyStructSequence_SetItem(info, i++, PyFloat_FromDouble(DBL_MIN));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(DBL_MIN_EXP));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(DBL_MIN_10_EXP));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(DBL_DIG));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(DBL_MANT_DIG));
    PyStructSequence_SetItem(info, i++, PyFloat_FromDouble(DBL_EPSILON));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(FLT_RADIX));
    PyStructSequence_SetItem(info, i++, PyLong_FromLong(FLT_ROUNDS));
    if (PyErr_Occurred()) {
        Py_CLEAR(info);
    }
    return info;
}

PyStatus
_PyFloat_InitTypes(PyInterpreterState *interp)
{
    if (_PyStructSequence_InitBuiltin(interp, &float_info_type, &float_info_desc) < 0) {
        return _PyStatus_ERR("cannot make the type of sys.float_info");
    }
    return _PyStatus_OK();
}

void
_PyFloat_FiniTypes(PyInterpreterState *interp)
{
    _PyStructSequence_FiniBuiltin(interp, &float_info_type);
}

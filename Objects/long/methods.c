/* int: the constructor, the methods, the type object, sys.int_info. */
#include "long_int.h"
#include "pycore_abstract.h"        // _PyNumber_Index
#include "pycore_args.h"            // PY_METHOD
#include "pycore_initconfig.h"      // _PyStatus_OK
#include "pycore_interp.h"          // long_state
#include "pycore_modsupport.h"      // _PyArg_UnpackKeywords
#include "pycore_call.h"            // _PyObject_MakeTpCall
#include "pycore_object.h"          // _Py_SetImmortal
#include "pycore_structseq.h"       // _PyStructSequence_InitBuiltin
#include "pycore_unicodeobject.h"   // _PyUnicodeWriter

/* -- Construction --------------------------------------------------------- */

static PyObject *int_from(PyTypeObject *type, PyObject *x, PyObject *base);

/* An instance of a subclass with the value that int itself would have. */
static PyObject *
int_subtype_new(PyTypeObject *type, PyObject *x, PyObject *base)
{
    PyObject *plain = int_from(&PyLong_Type, x, base);
    if (plain == NULL) {
        return NULL;
    }
    const PyLongObject *v = LONG(plain);
    Py_ssize_t n = _PyLong_DigitCount(v);
    if (n == 0) {
        n = 1;
    }
    PyLongObject *result = (PyLongObject *)type->tp_alloc(type, n);
    if (result != NULL) {
        result->long_value.lv_tag = v->long_value.lv_tag;
        memcpy(DIGITS(result), DIGITS(v), (size_t)n * sizeof(digit));
    }
    Py_DECREF(plain);
    return (PyObject *)result;
}

/* int(x) and int(x, base); NULL for what was not given. */
static PyObject *
int_from(PyTypeObject *type, PyObject *x, PyObject *base)
{
    if (type != &PyLong_Type) {
        return int_subtype_new(type, x, base);
    }
    if (x == NULL) {
        if (base != NULL) {
            PyErr_SetString(PyExc_TypeError, "int() missing string argument");
            return NULL;
        }
        return _PyLong_GetZero();
    }
    if (base == NULL) {
        return PyLong_CheckExact(x) ? Py_NewRef(x) : PyNumber_Long(x);
    }
    Py_ssize_t number = PyNumber_AsSsize_t(base, NULL);
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if ((number != 0 && number < 2) || number > 36) {
        PyErr_SetString(PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
        return NULL;
    }
    if (PyUnicode_Check(x)) {
        return PyLong_FromUnicodeObject(x, (int)number);
    }
    if (PyByteArray_Check(x)) {
        return _PyLong_FromBytes(PyByteArray_AS_STRING(x), PyByteArray_GET_SIZE(x), (int)number);
    }
    if (PyBytes_Check(x)) {
        return _PyLong_FromBytes(PyBytes_AS_STRING(x), PyBytes_GET_SIZE(x), (int)number);
    }
    PyErr_SetString(PyExc_TypeError, "int() can't convert non-string with explicit base");
    return NULL;
}

static const char *const int_new_keywords[] = {"", "base", NULL};
static _PyArg_Parser int_new_parser = {.keywords = int_new_keywords, .fname = "int"};

static PyObject *
int_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *buffer[2] = {NULL, NULL};
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs == 0 && kwargs == NULL) {
        return int_from(type, NULL, NULL);
    }
    PyObject *const *items = _PyArg_UnpackKeywords(&PyTuple_GET_ITEM(args, 0), nargs, kwargs, NULL,
                                                   &int_new_parser, 0, 2, 0, 0, buffer);
    if (items == NULL) {
        return NULL;
    }
    return int_from(type, nargs > 0 ? items[0] : NULL,
                    nargs > 1 || items == buffer ? items[1] : NULL);
}

static PyObject *
int_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames != NULL) {
        PyThreadState *tstate = PyThreadState_Get();
        return _PyObject_MakeTpCall(tstate, type, args, nargs, kwnames);
    }
    switch (nargs) {
    case 0:
        return _PyLong_GetZero();
    case 1:
        return int_from((PyTypeObject *)type, args[0], NULL);
    case 2:
        return int_from((PyTypeObject *)type, args[0], args[1]);
    default:
        return PyErr_Format(PyExc_TypeError, "int expected at most 2 arguments, got %zd", nargs);
    }
}

static void
int_dealloc(PyObject *self)
{
    if (PyLong_CheckExact(self) && _PyLong_IsSmallInt(LONG(self))) {
        /* Code built for a Python without immortal objects counted it down: it stays. */
        _Py_SetImmortal(self);
        return;
    }
    Py_TYPE(self)->tp_free(self);
}

/* -- Slots ---------------------------------------------------------------- */

/* A number slot that calls _PyLong_X on two ints. */
#define BINARY_SLOT(name, function)                 \
    static PyObject *name(PyObject *a, PyObject *b) \
    {                                               \
        CHECK_BINOP(a, b);                          \
        return function(LONG(a), LONG(b));          \
    }

BINARY_SLOT(int_add, _PyLong_Add)
BINARY_SLOT(int_subtract, _PyLong_Subtract)
BINARY_SLOT(int_multiply, _PyLong_Multiply)
BINARY_SLOT(int_remainder, _PyLong_Remainder)
BINARY_SLOT(int_floor_divide, _PyLong_FloorDivide)
BINARY_SLOT(int_true_divide, _PyLong_TrueDivide)
BINARY_SLOT(int_and, _PyLong_And)
BINARY_SLOT(int_or, _PyLong_Or)
BINARY_SLOT(int_xor, _PyLong_Xor)

static PyObject *
int_negative(PyObject *v)
{
    return _PyLong_Negate(LONG(v));
}

static PyObject *
int_exact(PyObject *v)
{
    return _PyLong_Exact(LONG(v));
}

static PyObject *
int_absolute(PyObject *v)
{
    return _PyLong_IsNegative(LONG(v)) ? _PyLong_Negate(LONG(v)) : _PyLong_Exact(LONG(v));
}

static int
int_bool(PyObject *v)
{
    return !_PyLong_IsZero(LONG(v));
}

static PyObject *
int_float(PyObject *v)
{
    double value = PyLong_AsDouble(v);
    if (value == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyFloat_FromDouble(value);
}

static PyObject *
int_richcompare(PyObject *a, PyObject *b, int op)
{
    CHECK_BINOP(a, b);
    if (op == Py_EQ) {
        return PyBool_FromLong(_PyLong_Equal(LONG(a), LONG(b)));
    }
    if (op == Py_NE) {
        return PyBool_FromLong(!_PyLong_Equal(LONG(a), LONG(b)));
    }
    int order = a == b ? 0 : _PyLong_Compare(LONG(a), LONG(b));
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

/* -- Methods -------------------------------------------------------------- */

static PyObject *
int_conjugate(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyLong_Exact(LONG(self));
}

static PyObject *
int_bit_length(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyLong_FromInt64Fast(_PyLong_BitLength(LONG(self)));
}

static PyObject *
int_bit_count(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    const PyLongObject *v = LONG(self);
    int64_t count = 0;
    for (Py_ssize_t i = _PyLong_DigitCount(v); i-- > 0;) {
        count += __builtin_popcount(DIGITS(v)[i]);
    }
    return _PyLong_FromInt64Fast(count);
}

static PyObject *
int_as_integer_ratio(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *numerator = _PyLong_Exact(LONG(self));
    if (numerator == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_Pack(2, numerator, _PyLong_GetOne());
    Py_DECREF(numerator);
    return result;
}

static PyObject *
int_is_integer(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    Py_RETURN_TRUE;
}

static PyObject *
int_getnewargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *copy = _PyLong_Copy(LONG(self));
    if (copy == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_Pack(1, copy);
    Py_DECREF(copy);
    return result;
}

static PyObject *
int_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t ndigits = _PyLong_DigitCount(LONG(self));
    Py_ssize_t size = Py_TYPE(self)->tp_basicsize + Py_TYPE(self)->tp_itemsize * (ndigits ? ndigits : 1);
    return PyLong_FromSsize_t(size);
}

static PyObject *
int_round(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__round__", nargs, 0, 1)) {
        return NULL;
    }
    return _PyLong_Round(self, nargs ? args[0] : NULL);
}

static PyObject *
int_format(PyObject *self, PyObject *format_spec)
{
    if (!PyUnicode_Check(format_spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", format_spec);
        return NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyLong_FormatAdvancedWriter(&writer, self, format_spec, 0, PyUnicode_GET_LENGTH(format_spec)) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

/* 1 little, 0 big, -1 with an exception; NULL means the default, big. */
static int
byte_order(const char *function, PyObject *order)
{
    if (order == NULL) {
        return 0;
    }
    if (!PyUnicode_Check(order)) {
        _PyArg_BadArgument(function, "argument 'byteorder'", "str", order);
        return -1;
    }
    if (_PyUnicode_EqualToASCIIString(order, "little")) {
        return 1;
    }
    if (_PyUnicode_EqualToASCIIString(order, "big")) {
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, "byteorder must be either 'little' or 'big'");
    return -1;
}

static const char *const to_bytes_keywords[] = {"length", "byteorder", "signed", NULL};
static _PyArg_Parser to_bytes_parser = {.keywords = to_bytes_keywords, .fname = "to_bytes"};

static PyObject *
int_to_bytes(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[3] = {NULL, NULL, NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &to_bytes_parser, 0, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    PyObject *length_arg = nargs > 0 || kwnames != NULL ? args[0] : NULL;
    PyObject *order_arg = nargs > 1 || kwnames != NULL ? args[1] : NULL;
    PyObject *signed_arg = kwnames != NULL ? args[2] : NULL;
    Py_ssize_t length = 1;
    if (length_arg != NULL) {
        PyObject *index = _PyNumber_Index(length_arg);
        if (index == NULL) {
            return NULL;
        }
        length = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (length == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    int little = byte_order("to_bytes", order_arg);
    if (little < 0) {
        return NULL;
    }
    int is_signed = signed_arg ? PyObject_IsTrue(signed_arg) : 0;
    if (is_signed < 0) {
        return NULL;
    }
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "length argument must be non-negative");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    if (bytes == NULL) {
        return NULL;
    }
    if (_PyLong_AsByteArray(LONG(self), (unsigned char *)PyBytes_AS_STRING(bytes), (size_t)length, little,
                            is_signed, 1) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    return bytes;
}

static const char *const from_bytes_keywords[] = {"bytes", "byteorder", "signed", NULL};
static _PyArg_Parser from_bytes_parser = {.keywords = from_bytes_keywords, .fname = "from_bytes"};

static PyObject *
int_from_bytes(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[3] = {NULL, NULL, NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &from_bytes_parser, 1, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int little = byte_order("from_bytes", nargs > 1 || kwnames != NULL ? args[1] : NULL);
    if (little < 0) {
        return NULL;
    }
    int is_signed = kwnames != NULL && args[2] != NULL ? PyObject_IsTrue(args[2]) : 0;
    if (is_signed < 0) {
        return NULL;
    }
    PyObject *result;
    if (PyBytes_CheckExact(args[0])) {
        result = _PyLong_FromByteArray((unsigned char *)PyBytes_AS_STRING(args[0]),
                                       (size_t)PyBytes_GET_SIZE(args[0]), little, is_signed);
    }
    else {
        PyObject *bytes = PyObject_Bytes(args[0]);
        if (bytes == NULL) {
            return NULL;
        }
        result = _PyLong_FromByteArray((unsigned char *)PyBytes_AS_STRING(bytes),
                                       (size_t)PyBytes_GET_SIZE(bytes), little, is_signed);
        Py_DECREF(bytes);
    }
    if (result != NULL && type != (PyObject *)&PyLong_Type) {
        Py_SETREF(result, PyObject_CallOneArg(type, result));
    }
    return result;
}

static PyObject *
int_get_zero(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return _PyLong_GetZero();
}

static PyObject *
int_get_one(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return _PyLong_GetOne();
}

static PyObject *
int_get_self(PyObject *self, void *Py_UNUSED(closure))
{
    return _PyLong_Exact(LONG(self));
}

static PyMethodDef int_methods[] = {
    PY_METHOD(int, conjugate, METH_NOARGS, "($self, /)", "Return the number itself; its imaginary part is zero."),
    PY_METHOD(int, bit_length, METH_NOARGS, "($self, /)",
              "Count the binary digits of the absolute value; zero has none."),
    PY_METHOD(int, bit_count, METH_NOARGS, "($self, /)", "Count the ones among the bits of the absolute value."),
    PY_METHOD(int, to_bytes, METH_FASTCALL | METH_KEYWORDS,
              "($self, /, length=1, byteorder='big', *, signed=False)",
              "Return the number as an array of bytes; OverflowError if it does not fit."),
    PY_METHOD(int, from_bytes, METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
              "($type, /, bytes, byteorder='big', *, signed=False)", "Make an int of an array of bytes."),
    PY_METHOD(int, as_integer_ratio, METH_NOARGS, "($self, /)", "Return the pair (number, 1)."),
    PY_METHOD(int, is_integer, METH_NOARGS, "($self, /)", "Return True: present for the sake of float's method."),
    PY_METHOD_AS("__trunc__", int_conjugate, METH_NOARGS, "($self, /)", "The number itself."),
    PY_METHOD_AS("__floor__", int_conjugate, METH_NOARGS, "($self, /)", "The number itself."),
    PY_METHOD_AS("__ceil__", int_conjugate, METH_NOARGS, "($self, /)", "The number itself."),
    PY_METHOD_AS("__round__", int_round, METH_FASTCALL, "($self, ndigits=None, /)",
                 "Round to a power of ten, given by the negative of its exponent; halves go to even."),
    PY_METHOD_AS("__getnewargs__", int_getnewargs, METH_NOARGS, "($self, /)", "Arguments that make a copy."),
    PY_METHOD_AS("__format__", int_format, METH_O, "($self, format_spec, /)", "Format as the specification says."),
    PY_METHOD_AS("__sizeof__", int_sizeof, METH_NOARGS, "($self, /)", "Size in memory, in bytes."),
    {NULL},
};

static PyGetSetDef int_getset[] = {
    {"real", int_get_self, NULL, "real part: the number itself", NULL},
    {"imag", int_get_zero, NULL, "imaginary part: zero", NULL},
    {"numerator", int_get_self, NULL, "numerator as a fraction: the number itself", NULL},
    {"denominator", int_get_one, NULL, "denominator as a fraction: one", NULL},
    {NULL},
};

static PyNumberMethods int_as_number = {
    .nb_add = int_add,
    .nb_subtract = int_subtract,
    .nb_multiply = int_multiply,
    .nb_remainder = int_remainder,
    .nb_divmod = _PyLong_DivmodSlot,
    .nb_power = _PyLong_PowSlot,
    .nb_negative = int_negative,
    .nb_positive = int_exact,
    .nb_absolute = int_absolute,
    .nb_bool = int_bool,
    .nb_invert = _PyLong_Invert,
    .nb_lshift = _PyLong_LShift,
    .nb_rshift = _PyLong_RShift,
    .nb_and = int_and,
    .nb_xor = int_xor,
    .nb_or = int_or,
    .nb_int = int_exact,
    .nb_float = int_float,
    .nb_floor_divide = int_floor_divide,
    .nb_true_divide = int_true_divide,
    .nb_index = int_exact,
};

PyDoc_STRVAR(int_doc,
"int(number=0) -> int\n"
"int(text, base=10) -> int\n"
"\n"
"Convert a number or text to an integer.  A number is cut towards zero.\n"
"Text may be str, bytes or bytearray: an optional sign and digits of the\n"
"base (2 to 36), with single underscores between them if you like; base 0\n"
"takes the base from a prefix, as integer literals do.");

PyTypeObject PyLong_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "int",
    .tp_basicsize = offsetof(PyLongObject, long_value.ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_dealloc = int_dealloc,
    .tp_repr = _PyLong_Repr,
    .tp_as_number = &int_as_number,
    .tp_hash = _PyLong_Hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_LONG_SUBCLASS | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = int_doc,
    .tp_richcompare = int_richcompare,
    .tp_methods = int_methods,
    .tp_getset = int_getset,
    .tp_new = int_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = int_vectorcall,
};

/* -- sys.int_info --------------------------------------------------------- */

static PyTypeObject int_info_type;

static PyStructSequence_Field int_info_fields[] = {
    {"bits_per_digit", "bits of a digit of the internal representation"},
    {"sizeof_digit", "bytes of the C type that holds a digit"},
    {"default_max_str_digits", "default limit of digits in conversions from and to text"},
    {"str_digits_check_threshold", "the smallest limit that can be set"},
    {NULL, NULL},
};

static PyStructSequence_Desc int_info_desc = {
    .name = "sys.int_info",
    .doc = "Facts about the implementation of integers.",
    .fields = int_info_fields,
    .n_in_sequence = 4,
};

PyObject *
PyLong_GetInfo(void)
{
    PyObject *info = PyStructSequence_New(&int_info_type);
    if (info == NULL) {
        return NULL;
    }
    const int values[] = {PyLong_SHIFT, sizeof(digit), _PY_LONG_DEFAULT_MAX_STR_DIGITS,
                          _PY_LONG_MAX_STR_DIGITS_THRESHOLD};
    for (int i = 0; i < 4; i++) {
        PyStructSequence_SetItem(info, i, PyLong_FromLong(values[i]));
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(info);
    }
    return info;
}

PyStatus
_PyLong_InitTypes(PyInterpreterState *interp)
{
    int limit = interp->config.int_max_str_digits;
    interp->long_state.max_str_digits = limit < 0 ? _PY_LONG_DEFAULT_MAX_STR_DIGITS : limit;
    if (_PyStructSequence_InitBuiltin(interp, &int_info_type, &int_info_desc) < 0) {
        return _PyStatus_ERR("cannot make the type of sys.int_info");
    }
    return _PyStatus_OK();
}

void
_PyLong_FiniTypes(PyInterpreterState *interp)
{
    _PyStructSequence_FiniBuiltin(interp, &int_info_type);
}

/* complex: pairs of doubles.

   Arithmetic follows Annex G of the C standard: products and quotients recover infinities, and a real
   operand is not first made complex.  A complex never changes once made. */
#include "Python.h"
#include "pycore_args.h"          // PY_METHOD
#include "pycore_floatobject.h"   // _PyFloat_CompareInt, _Py_parse_inf_or_nan
#include "pycore_global_ids.h"    // _Py_ID
#include "pycore_long.h"          // _PyLong_GetZero
#include "pycore_modsupport.h"    // _PyArg_UnpackKeywords
#include "pycore_object.h"        // _PyObject_Init
#include "pycore_object_protocol.h"  // _PyObject_LookupSpecial

#include <errno.h>
#include <math.h>

#define CVAL(op) (((PyComplexObject *)(op))->cval)

/* -- Arithmetic on C values ----------------------------------------------- */

Py_complex
_Py_c_sum(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real + b.real, a.imag + b.imag};
}

Py_complex
_Py_c_diff(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real - b.real, a.imag - b.imag};
}

Py_complex
_Py_c_neg(Py_complex a)
{
    return (Py_complex){-a.real, -a.imag};
}

/* Infinite parts to +-1, finite ones to +-0 */
static inline Py_complex
box_infinity(Py_complex z)
{
    return (Py_complex){copysign(isinf(z.real) ? 1.0 : 0.0, z.real),
                        copysign(isinf(z.imag) ? 1.0 : 0.0, z.imag)};
}

static inline Py_complex
nan_to_zero(Py_complex z)
{
    return (Py_complex){isnan(z.real) ? copysign(0.0, z.real) : z.real,
                        isnan(z.imag) ? copysign(0.0, z.imag) : z.imag};
}

static inline bool
is_infinite(Py_complex z)
{
    return isinf(z.real) || isinf(z.imag);
}

Py_complex
_Py_c_prod(Py_complex z, Py_complex w)
{
    double a = z.real, b = z.imag, c = w.real, d = w.imag;
    double ac = a * c, bd = b * d, ad = a * d, bc = b * c;
    Py_complex r = {ac - bd, ad + bc};
    if (!isnan(r.real) || !isnan(r.imag)) {
        return r;
    }
    bool recalculate = false;
    if (is_infinite(z)) {
        z = box_infinity(z);
        w = nan_to_zero(w);
        recalculate = true;
    }
    if (is_infinite(w)) {
        w = box_infinity(w);
        z = nan_to_zero(z);
        recalculate = true;
    }
    if (!recalculate && (isinf(ac) || isinf(bd) || isinf(ad) || isinf(bc))) {
        z = nan_to_zero(z);
        w = nan_to_zero(w);
        recalculate = true;
    }
    if (recalculate) {
        r.real = Py_INFINITY * (z.real * w.real - z.imag * w.imag);
        r.imag = Py_INFINITY * (z.real * w.imag + z.imag * w.real);
    }
    return r;
}

/* Smith's algorithm ("Algorithm 116", 1962); division by zero sets EDOM. */
Py_complex
_Py_c_quot(Py_complex a, Py_complex b)
{
    Py_complex r;
    double size_real = fabs(b.real), size_imag = fabs(b.imag);
    if (size_real >= size_imag) {
        if (size_real == 0.0) {
            errno = EDOM;
            return (Py_complex){0.0, 0.0};
        }
        double ratio = b.imag / b.real, denominator = b.real + b.imag * ratio;
        r.real = (a.real + a.imag * ratio) / denominator;
        r.imag = (a.imag - a.real * ratio) / denominator;
    }
    else if (size_imag >= size_real) {
        double ratio = b.real / b.imag, denominator = b.real * ratio + b.imag;
        r.real = (a.real * ratio + a.imag) / denominator;
        r.imag = (a.imag * ratio - a.real) / denominator;
    }
    else {
        r.real = r.imag = Py_NAN;  /* b has a NaN */
    }
    if (isnan(r.real) && isnan(r.imag)) {
        if (is_infinite(a) && isfinite(b.real) && isfinite(b.imag)) {
            Py_complex x = box_infinity(a);
            r.real = Py_INFINITY * (x.real * b.real + x.imag * b.imag);
            r.imag = Py_INFINITY * (x.imag * b.real - x.real * b.imag);
        }
        else if (is_infinite(b) && isfinite(a.real) && isfinite(a.imag)) {
            Py_complex x = box_infinity(b);
            r.real = 0.0 * (a.real * x.real + a.imag * x.imag);
            r.imag = 0.0 * (a.imag * x.real - a.real * x.imag);
        }
    }
    return r;
}

/* a / b for real a */
static Py_complex
real_quotient(double a, Py_complex b)
{
    Py_complex r;
    double size_real = fabs(b.real), size_imag = fabs(b.imag);
    if (size_real >= size_imag) {
        if (size_real == 0.0) {
            errno = EDOM;
            return (Py_complex){0.0, 0.0};
        }
        double ratio = b.imag / b.real, denominator = b.real + b.imag * ratio;
        r.real = a / denominator;
        r.imag = (-a * ratio) / denominator;
    }
    else if (size_imag >= size_real) {
        double ratio = b.real / b.imag, denominator = b.real * ratio + b.imag;
        r.real = (a * ratio) / denominator;
        r.imag = (-a) / denominator;
    }
    else {
        r.real = r.imag = Py_NAN;
    }
    if (isnan(r.real) && isnan(r.imag) && isfinite(a) && is_infinite(b)) {
        Py_complex x = box_infinity(b);
        r.real = 0.0 * (a * x.real);
        r.imag = 0.0 * (-a * x.imag);
    }
    return r;
}

Py_complex
_Py_c_pow(Py_complex a, Py_complex b)
{
    if (b.real == 0.0 && b.imag == 0.0) {
        return (Py_complex){1.0, 0.0};
    }
    if (a.real == 0.0 && a.imag == 0.0) {
        if (b.imag != 0.0 || b.real < 0.0) {
            errno = EDOM;
        }
        return (Py_complex){0.0, 0.0};
    }
    double size = hypot(a.real, a.imag);
    double length = pow(size, b.real);
    double angle = atan2(a.imag, a.real);
    double phase = angle * b.real;
    if (b.imag != 0.0) {
        length *= exp(-angle * b.imag);
        phase += b.imag * log(size);
    }
    Py_complex r = {length * cos(phase), length * sin(phase)};
    if (errno == 0 && (isinf(r.real) || isinf(r.imag))) {
        errno = ERANGE;
    }
    else if (errno == ERANGE && isfinite(r.real) && isfinite(r.imag)) {
        errno = 0;
    }
    return r;
}

/* a ** n for 0 <= n, by repeated squaring */
static Py_complex
integer_power(Py_complex a, long n)
{
    Py_complex r = {1.0, 0.0}, p = a;
    for (long mask = 1; mask > 0 && n >= mask; mask <<= 1) {
        if (n & mask) {
            r = _Py_c_prod(r, p);
        }
        p = _Py_c_prod(p, p);
    }
    return r;
}

double
_Py_c_abs(Py_complex z)
{
    errno = 0;
    if (!isfinite(z.real) || !isfinite(z.imag)) {
        if (is_infinite(z)) {
            return Py_INFINITY;
        }
        return fabs(Py_NAN);
    }
    double result = hypot(z.real, z.imag);
    errno = isfinite(result) ? 0 : ERANGE;
    return result;
}

/* -- Objects and C values ------------------------------------------------- */

PyObject *
PyComplex_FromCComplex(Py_complex value)
{
    PyComplexObject *op = PyObject_Malloc(sizeof(PyComplexObject));
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init((PyObject *)op, &PyComplex_Type);
    op->cval = value;
    return (PyObject *)op;
}

static PyObject *
in_type(PyTypeObject *type, Py_complex value)
{
    if (type == &PyComplex_Type) {
        return PyComplex_FromCComplex(value);
    }
    PyObject *op = type->tp_alloc(type, 0);
    if (op != NULL) {
        CVAL(op) = value;
    }
    return op;
}

PyObject *
PyComplex_FromDoubles(double real, double imag)
{
    return PyComplex_FromCComplex((Py_complex){real, imag});
}

/* The result of __complex__, or NULL with or without an exception. */
static PyObject *
call_complex_method(PyObject *op)
{
    if (PyComplex_CheckExact(op)) {
        return Py_NewRef(op);
    }
    PyObject *method = _PyObject_LookupSpecial(op, _Py_ID(__complex__));
    if (method == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result == NULL || PyComplex_CheckExact(result)) {
        return result;
    }
    if (!PyComplex_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__complex__ returned non-complex (type %.200s)", Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "__complex__ returned non-complex (type %.200s).  "
                         "The ability to return an instance of a strict subclass of complex "
                         "is deprecated, and may be removed in a future version of Python.",
                         Py_TYPE(result)->tp_name)) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

Py_complex
PyComplex_AsCComplex(PyObject *op)
{
    if (PyComplex_Check(op)) {
        return CVAL(op);
    }
    Py_complex value = {-1.0, 0.0};
    PyObject *result = call_complex_method(op);
    if (result != NULL) {
        value = CVAL(result);
        Py_DECREF(result);
    }
    else if (!PyErr_Occurred()) {
        value.real = PyFloat_AsDouble(op);
    }
    return value;
}

double
PyComplex_RealAsDouble(PyObject *op)
{
    Py_complex value = PyComplex_AsCComplex(op);
    return value.real;
}

double
PyComplex_ImagAsDouble(PyObject *op)
{
    if (PyComplex_Check(op)) {
        return CVAL(op).imag;
    }
    PyObject *result = call_complex_method(op);
    double imag = 0.0;
    if (result != NULL) {
        imag = CVAL(result).imag;
        Py_DECREF(result);
    }
    else if (PyErr_Occurred()) {
        return -1.0;
    }
    else {
        PyFloat_AsDouble(op);
        if (PyErr_Occurred()) {
            return -1.0;
        }
    }
    return imag;
}

/* -- Number slots --------------------------------------------------------- */

enum operand {
    FAILED = -1,  /* an exception is set */
    FOREIGN,      /* not a number of ours */
    REAL,         /* in .real */
    COMPLEX,
};

static enum operand
get_operand(PyObject *op, Py_complex *value)
{
    if (PyComplex_Check(op)) {
        *value = CVAL(op);
        return COMPLEX;
    }
    value->imag = 0.0;
    if (PyFloat_Check(op)) {
        value->real = PyFloat_AS_DOUBLE(op);
        return REAL;
    }
    if (PyLong_Check(op)) {
        value->real = PyLong_AsDouble(op);
        return value->real == -1.0 && PyErr_Occurred() ? FAILED : REAL;
    }
    return FOREIGN;
}

#define OPERANDS                                                              \
    Py_complex a, b, r;                                                       \
    enum operand kind_a = get_operand(v, &a), kind_b = FOREIGN;               \
    if (kind_a > FOREIGN) {                                                   \
        kind_b = get_operand(w, &b);                                          \
    }                                                                         \
    if (kind_a == FAILED || kind_b == FAILED) {                               \
        return NULL;                                                          \
    }                                                                         \
    if (kind_a == FOREIGN || kind_b == FOREIGN) {                             \
        Py_RETURN_NOTIMPLEMENTED;                                             \
    }

static PyObject *
complex_add(PyObject *v, PyObject *w)
{
    OPERANDS;
    r.real = a.real + b.real;
    r.imag = kind_a == REAL ? b.imag : kind_b == REAL ? a.imag : a.imag + b.imag;
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_subtract(PyObject *v, PyObject *w)
{
    OPERANDS;
    r.real = a.real - b.real;
    r.imag = kind_a == REAL ? -b.imag : kind_b == REAL ? a.imag : a.imag - b.imag;
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_multiply(PyObject *v, PyObject *w)
{
    OPERANDS;
    if (kind_a == REAL) {
        r = (Py_complex){a.real * b.real, a.real * b.imag};
    }
    else if (kind_b == REAL) {
        r = (Py_complex){a.real * b.real, a.imag * b.real};
    }
    else {
        r = _Py_c_prod(a, b);
    }
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_true_divide(PyObject *v, PyObject *w)
{
    OPERANDS;
    errno = 0;
    if (kind_b == REAL) {
        if (b.real == 0.0) {
            errno = EDOM;
        }
        else {
            r = (Py_complex){a.real / b.real, a.imag / b.real};
        }
    }
    else {
        r = kind_a == REAL ? real_quotient(a.real, b) : _Py_c_quot(a, b);
    }
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
        return NULL;
    }
    return PyComplex_FromCComplex(r);
}

#define INTEGER_POWER_MAX 100  /* larger exponents lose less through the logarithm */

static PyObject *
complex_power(PyObject *v, PyObject *w, PyObject *z)
{
    OPERANDS;
    if (z != Py_None) {
        PyErr_SetString(PyExc_ValueError, "complex modulo");
        return NULL;
    }
    errno = 0;
    if (b.imag == 0.0 && b.real == floor(b.real) && fabs(b.real) <= INTEGER_POWER_MAX) {
        long n = (long)b.real;
        r = n >= 0 ? integer_power(a, n) : real_quotient(1.0, integer_power(a, -n));
        if (errno == 0 && (isinf(r.real) || isinf(r.imag))) {
            errno = ERANGE;
        }
        else if (errno == ERANGE && isfinite(r.real) && isfinite(r.imag)) {
            errno = 0;
        }
    }
    else {
        r = _Py_c_pow(a, b);
    }
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError, "zero to a negative or complex power");
        return NULL;
    }
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "complex exponentiation");
        return NULL;
    }
    return PyComplex_FromCComplex(r);
}

static PyObject *
complex_negative(PyObject *v)
{
    return PyComplex_FromCComplex(_Py_c_neg(CVAL(v)));
}

static PyObject *
complex_positive(PyObject *v)
{
    return PyComplex_CheckExact(v) ? Py_NewRef(v) : PyComplex_FromCComplex(CVAL(v));
}

static PyObject *
complex_absolute(PyObject *v)
{
    double result = _Py_c_abs(CVAL(v));
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "absolute value too large");
        return NULL;
    }
    return PyFloat_FromDouble(result);
}

static int
complex_bool(PyObject *v)
{
    return CVAL(v).real != 0.0 || CVAL(v).imag != 0.0;
}

static PyObject *
complex_richcompare(PyObject *v, PyObject *w, int op)
{
    if (op != Py_EQ && op != Py_NE) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_complex a = CVAL(v);
    bool equal;
    if (PyLong_Check(w)) {
        equal = false;
        if (a.imag == 0.0 && !isnan(a.real)) {
            int order = _PyFloat_CompareInt(a.real, (PyLongObject *)w);
            if (order == -2) {
                return NULL;
            }
            equal = order == 0;
        }
    }
    else if (PyFloat_Check(w)) {
        equal = a.real == PyFloat_AS_DOUBLE(w) && a.imag == 0.0;
    }
    else if (PyComplex_Check(w)) {
        equal = a.real == CVAL(w).real && a.imag == CVAL(w).imag;
    }
    else {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
complex_hash(PyObject *op)
{
    Py_uhash_t real = (Py_uhash_t)_Py_HashDouble(op, CVAL(op).real);
    if (real == (Py_uhash_t)-1) {
        return -1;
    }
    Py_uhash_t imag = (Py_uhash_t)_Py_HashDouble(op, CVAL(op).imag);
    if (imag == (Py_uhash_t)-1) {
        return -1;
    }
    Py_hash_t hash = (Py_hash_t)(real + PyHASH_IMAG * imag);
    return hash == -1 ? -2 : hash;
}

/* -- Text ----------------------------------------------------------------- */

/* A double as repr shows it inside a complex: no ".0", sign on demand. */
static int
write_part(char *p, double x, bool sign)
{
    char *start = p;
    if (sign && !signbit(x)) {
        *p++ = '+';
    }
    else if (sign && isnan(x)) {
        *p++ = '+';
    }
    int size = _Py_double_repr(x, p);
    p += size;
    if (size > 2 && p[-1] == '0' && p[-2] == '.') {
        p -= 2;
    }
    return (int)(p - start);
}

static PyObject *
complex_repr(PyObject *op)
{
    Py_complex z = CVAL(op);
    char buffer[80], *p = buffer;
    bool pure = z.real == 0.0 && !signbit(z.real);
    if (pure) {
        p += write_part(p, z.imag, false);
        *p++ = 'j';
    }
    else {
        *p++ = '(';
        p += write_part(p, z.real, false);
        p += write_part(p, z.imag, true);
        *p++ = 'j';
        *p++ = ')';
    }
    return _PyUnicode_FromASCII(buffer, p - buffer);
}

/* A float at s; *end == s if there is none. */
static double
parse_float(const char *s, char **end)
{
    double x = _Py_dg_strtod(s, end);
    return *end == s ? _Py_parse_inf_or_nan(s, end) : x;
}

static PyObject *
parse_complex(const char *start, Py_ssize_t size, void *type)
{
    const char *s = start;
    char *end;
    double x = 0.0, y = 0.0;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    bool bracket = *s == '(';
    if (bracket) {
        s++;
        while (Py_ISSPACE(*s)) {
            s++;
        }
    }
    double z = parse_float(s, &end);
    bool imaginary = true;
    if (end != s) {
        s = end;
        if (*s == '+' || *s == '-') {
            x = z;
            y = parse_float(s, &end);
            if (end == s) {
                y = *s == '+' ? 1.0 : -1.0;
                end++;
            }
            s = end;
        }
        else if (*s == 'j' || *s == 'J') {
            y = z;
        }
        else {
            x = z;
            imaginary = false;
        }
    }
    else {
        y = *s == '-' ? -1.0 : 1.0;
        if (*s == '+' || *s == '-') {
            s++;
        }
    }
    if (imaginary) {
        if (*s != 'j' && *s != 'J') {
            goto malformed;
        }
        s++;
    }
    while (Py_ISSPACE(*s)) {
        s++;
    }
    if (bracket) {
        if (*s != ')') {
            goto malformed;
        }
        s++;
        while (Py_ISSPACE(*s)) {
            s++;
        }
    }
    if (s - start == size) {
        return in_type(type, (Py_complex){x, y});
    }
malformed:
    PyErr_SetString(PyExc_ValueError, "complex() arg is a malformed string");
    return NULL;
}

static PyObject *
complex_from_text(PyTypeObject *type, PyObject *text)
{
    PyObject *ascii = _PyUnicode_TransformDecimalAndSpaceToASCII(text);
    if (ascii == NULL) {
        return NULL;
    }
    Py_ssize_t size;
    const char *s = PyUnicode_AsUTF8AndSize(ascii, &size);
    PyObject *result = NULL;
    if (s != NULL) {
        result = _Py_string_to_number_with_underscores(s, size, "complex", text, type, parse_complex);
    }
    Py_DECREF(ascii);
    return result;
}

/* -- Construction --------------------------------------------------------- */

static bool
has_float(PyObject *op)
{
    PyNumberMethods *number = Py_TYPE(op)->tp_as_number;
    return number != NULL && (number->nb_float != NULL || number->nb_index != NULL);
}

static int
number_to_double(PyObject *op, double *out)
{
    PyObject *number = PyNumber_Float(op);
    if (number == NULL) {
        return -1;
    }
    *out = PyFloat_AS_DOUBLE(number);
    Py_DECREF(number);
    return 0;
}

static PyObject *
complex_from_one(PyTypeObject *type, PyObject *x)
{
    if (PyComplex_CheckExact(x) && type == &PyComplex_Type) {
        return Py_NewRef(x);
    }
    if (PyUnicode_Check(x)) {
        return complex_from_text(type, x);
    }
    Py_complex value = {0.0, 0.0};
    PyObject *made = call_complex_method(x);
    if (made != NULL) {
        value = CVAL(made);
        Py_DECREF(made);
    }
    else if (PyErr_Occurred()) {
        return NULL;
    }
    else if (PyComplex_Check(x)) {
        value = CVAL(x);
    }
    else if (has_float(x)) {
        value.real = PyFloat_AsDouble(x);
        if (value.real == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "complex() argument must be a string or a number, not %T", x);
        return NULL;
    }
    return in_type(type, value);
}

static PyObject *
bad_part(const char *name, PyObject *op)
{
    PyErr_Format(PyExc_TypeError, "complex() argument '%s' must be a real number, not %T", name, op);
    return NULL;
}

static int
warn_part(const char *name, PyObject *op)
{
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                            "complex() argument '%s' must be a real number, not %T", name, op);
}

/* complex(real, imag), either may be NULL; complex parts are on their way out */
static PyObject *
complex_from_parts(PyTypeObject *type, PyObject *real, PyObject *imag)
{
    PyObject *r = real ? real : _PyLong_GetZero(), *made = call_complex_method(r);
    if (made == NULL && PyErr_Occurred()) {
        return NULL;
    }
    Py_complex a = {0.0, 0.0}, b = {0.0, 0.0};
    bool a_complex = made != NULL || PyComplex_Check(r), b_complex = false;
    PyObject *result = NULL;
    if (!a_complex && !has_float(r)) {
        return bad_part("real", r);
    }
    if (imag != NULL) {
        b_complex = PyComplex_Check(imag);
        if (!b_complex && !has_float(imag)) {
            bad_part("imag", imag);
            goto done;
        }
    }
    if (a_complex) {
        a = CVAL(made ? made : r);
        if (!has_float(r) && warn_part("real", r) < 0) {
            goto done;
        }
    }
    else if (number_to_double(r, &a.real) < 0) {
        goto done;
    }
    if (imag == NULL) {
        b.real = a.imag;
    }
    else {
        if (b_complex) {
            if (warn_part("imag", imag) < 0) {
                goto done;
            }
            b = CVAL(imag);
            a.real -= b.imag;
        }
        else if (number_to_double(imag, &b.real) < 0) {
            goto done;
        }
        if (a_complex) {
            b.real += a.imag;
        }
    }
    result = in_type(type, (Py_complex){a.real, b.real});
done:
    Py_XDECREF(made);
    return result;
}

static const char *const complex_keywords[] = {"real", "imag", NULL};
static _PyArg_Parser complex_parser = {.keywords = complex_keywords, .fname = "complex"};

static PyObject *
complex_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs <= 1 && (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0)) {
        if (nargs == 0) {
            return in_type(type, (Py_complex){0.0, 0.0});
        }
        return complex_from_one(type, PyTuple_GET_ITEM(args, 0));
    }
    PyObject *buffer[2] = {NULL, NULL};
    PyObject *const *items = _PyArg_UnpackKeywords(&PyTuple_GET_ITEM(args, 0), nargs, kwargs, NULL,
                                                   &complex_parser, 0, 2, 0, 0, buffer);
    return items == NULL ? NULL : complex_from_parts(type, items[0], items[1]);
}

/* -- Methods -------------------------------------------------------------- */

static PyObject *
complex_conjugate(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyComplex_FromDoubles(CVAL(self).real, -CVAL(self).imag);
}

static PyObject *
complex_self(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return complex_positive(self);
}

static PyObject *
complex_getnewargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(dd)", CVAL(self).real, CVAL(self).imag);
}

static PyObject *
complex_format(PyObject *self, PyObject *format_spec)
{
    if (!PyUnicode_Check(format_spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", format_spec);
        return NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyComplex_FormatAdvancedWriter(&writer, self, format_spec, 0, PyUnicode_GET_LENGTH(format_spec)) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

static PyObject *
complex_from_number(PyObject *type, PyObject *number)
{
    if (PyComplex_CheckExact(number) && type == (PyObject *)&PyComplex_Type) {
        return Py_NewRef(number);
    }
    Py_complex value = PyComplex_AsCComplex(number);
    if (value.real == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *result = PyComplex_FromCComplex(value);
    if (result != NULL && type != (PyObject *)&PyComplex_Type) {
        Py_SETREF(result, PyObject_CallOneArg(type, result));
    }
    return result;
}

static PyMethodDef complex_methods[] = {
    PY_METHOD(complex, from_number, METH_O | METH_CLASS, "($type, number, /)",
              "Make a complex of a number; text is refused."),
    PY_METHOD(complex, conjugate, METH_NOARGS, "($self, /)", "Return the number mirrored at the real axis."),
    PY_METHOD_AS("__complex__", complex_self, METH_NOARGS, "($self, /)", "The number itself."),
    PY_METHOD_AS("__getnewargs__", complex_getnewargs, METH_NOARGS, "($self, /)", "Arguments that make a copy."),
    PY_METHOD_AS("__format__", complex_format, METH_O, "($self, format_spec, /)",
                 "Format as the specification says."),
    {NULL},
};

static PyMemberDef complex_members[] = {
    {"real", Py_T_DOUBLE, offsetof(PyComplexObject, cval.real), Py_READONLY, "the real part"},
    {"imag", Py_T_DOUBLE, offsetof(PyComplexObject, cval.imag), Py_READONLY, "the imaginary part"},
    {NULL},
};

static PyNumberMethods complex_as_number = {
    .nb_add = complex_add,
    .nb_subtract = complex_subtract,
    .nb_multiply = complex_multiply,
    .nb_power = complex_power,
    .nb_negative = complex_negative,
    .nb_positive = complex_positive,
    .nb_absolute = complex_absolute,
    .nb_bool = complex_bool,
    .nb_true_divide = complex_true_divide,
};

PyDoc_STRVAR(complex_doc,
"complex(real=0, imag=0)\n--\n\n"
"Make a complex number of text, of a number, or of two real parts.");

PyTypeObject PyComplex_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "complex",
    .tp_basicsize = sizeof(PyComplexObject),
    .tp_repr = complex_repr,
    .tp_as_number = &complex_as_number,
    .tp_hash = complex_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = complex_doc,
    .tp_richcompare = complex_richcompare,
    .tp_methods = complex_methods,
    .tp_members = complex_members,
    .tp_new = complex_new,
    .tp_free = PyObject_Free,
};

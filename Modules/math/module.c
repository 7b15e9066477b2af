/* math: the functions of real numbers, from the C library, with Python's errors.

   The library's own error reporting is not relied on: a NaN that comes from no NaN, or an infinity from finite
   arguments, is the error. */
#include "math_int.h"
#include "pycore_args.h"              // PY_METHOD_AS
#include "pycore_global_ids.h"        // _Py_ID
#include "pycore_long.h"              // _PyLong_Frexp
#include "pycore_modsupport.h"        // _PyArg_CheckPositional
#include "pycore_object_protocol.h"   // _PyObject_MaybeCallSpecialNoArgs
#include "pycore_pymath.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

/* -- Errors --------------------------------------------------------------- */

static PyObject *
domain_error(void)
{
    PyErr_SetString(PyExc_ValueError, "math domain error");
    return NULL;
}

static PyObject *
range_error(void)
{
    PyErr_SetString(PyExc_OverflowError, "math range error");
    return NULL;
}

/* expected: a message with %s for the offending number, or NULL. */
static PyObject *
unexpected_argument(const char *expected, double x)
{
    if (expected == NULL) {
        return domain_error();
    }
    char *shown = PyOS_double_to_string(x, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (shown != NULL) {
        PyErr_Format(PyExc_ValueError, expected, shown);
        PyMem_Free(shown);
    }
    return NULL;
}

/* -- Functions of one number ---------------------------------------------- */

static PyObject *
apply(PyObject *arg, double (*function)(double), bool can_overflow, const char *expected)
{
    double x = PyFloat_AsDouble(arg);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double r = function(x);
    if (isnan(r) && !isnan(x)) {
        return unexpected_argument(expected, x);
    }
    if (isinf(r) && isfinite(x)) {
        return can_overflow ? range_error() : unexpected_argument(expected, x);
    }
    return PyFloat_FromDouble(r);
}

/* math_NAME(module, arg) from the library's function of the same name. */
#define FUNCTION(name, library, can_overflow, expected)                       \
    static PyObject *math_##name(PyObject *Py_UNUSED(module), PyObject *arg)  \
    {                                                                         \
        return apply(arg, library, can_overflow, expected);                   \
    }

#define UNIT "expected a number in range from -1 up to 1, got %s"
#define FINITE "expected a finite input, got %s"
#define POSITIVE "expected a positive input, got %s"
#define NO_POLE "expected a noninteger or positive integer, got %s"

FUNCTION(acos, acos, false, UNIT)
FUNCTION(acosh, acosh, false, "expected argument value not less than 1, got %s")
FUNCTION(asin, asin, false, UNIT)
FUNCTION(asinh, asinh, false, NULL)
FUNCTION(atan, atan, false, NULL)
FUNCTION(atanh, atanh, false, "expected a number between -1 and 1, got %s")
FUNCTION(cbrt, cbrt, false, NULL)
FUNCTION(cos, cos, false, FINITE)
FUNCTION(cosh, cosh, true, NULL)
FUNCTION(erf, erf, false, NULL)
FUNCTION(erfc, erfc, false, NULL)
FUNCTION(exp, exp, true, NULL)
FUNCTION(exp2, exp2, true, NULL)
FUNCTION(expm1, expm1, true, NULL)
FUNCTION(fabs, fabs, false, NULL)
FUNCTION(log1p, log1p, false, "expected argument value > -1, got %s")
FUNCTION(sin, sin, false, FINITE)
FUNCTION(sinh, sinh, true, NULL)
FUNCTION(sqrt, sqrt, false, "expected a nonnegative input, got %s")
FUNCTION(tan, tan, false, FINITE)
FUNCTION(tanh, tanh, false, NULL)

static bool
is_pole(double x)
{
    return x == -HUGE_VAL || (x <= 0.0 && x == floor(x));
}

static double
log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

static double
real_gamma(double x)
{
    /* factorials are exact as far as they go */
    static const double factorials[] = {
        1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600, 6227020800,
        87178291200, 1307674368000, 20922789888000, 355687428096000, 6402373705728000,
        121645100408832000, 2432902008176640000, 51090942171709440000.0, 1124000727777607680000.0,
    };
    if (x >= 1 && x <= 23 && x == floor(x)) {
        return factorials[(int)x - 1];
    }
    return tgamma(x);
}

static PyObject *
apply_gamma(PyObject *arg, double (*function)(double))
{
    double x = PyFloat_AsDouble(arg);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    if (is_pole(x) && (isfinite(x) || function == real_gamma)) {
        return unexpected_argument(NO_POLE, x);
    }
    double r = function(x);
    return isinf(r) && isfinite(x) ? range_error() : PyFloat_FromDouble(r);
}

static PyObject *
math_gamma(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return apply_gamma(arg, real_gamma);
}

static PyObject *
math_lgamma(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return apply_gamma(arg, log_gamma);
}

/* -- Functions of two numbers --------------------------------------------- */

static int
two_doubles(const char *name, PyObject *const *args, Py_ssize_t nargs, double *x, double *y)
{
    if (!_PyArg_CheckPositional(name, nargs, 2, 2)) {
        return -1;
    }
    *x = PyFloat_AsDouble(args[0]);
    if (*x == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    *y = PyFloat_AsDouble(args[1]);
    return *y == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *
apply2(const char *name, PyObject *const *args, Py_ssize_t nargs, double (*function)(double, double))
{
    double x, y;
    if (two_doubles(name, args, nargs, &x, &y) < 0) {
        return NULL;
    }
    double r = function(x, y);
    if (isnan(r) && !isnan(x) && !isnan(y)) {
        return domain_error();
    }
    if (isinf(r) && isfinite(x) && isfinite(y)) {
        return range_error();
    }
    return PyFloat_FromDouble(r);
}

#define FUNCTION2(name, library)                                                              \
    static PyObject *math_##name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs) \
    {                                                                                         \
        return apply2(#name, args, nargs, library);                                           \
    }

FUNCTION2(atan2, atan2)
FUNCTION2(copysign, copysign)
FUNCTION2(fmod, fmod)
FUNCTION2(remainder, remainder)

static PyObject *
math_pow(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double x, y;
    if (two_doubles("pow", args, nargs, &x, &y) < 0) {
        return NULL;
    }
    double r = pow(x, y);
    if (isfinite(x) && isfinite(y)) {
        if (isnan(r) || (isinf(r) && x == 0.0)) {
            return domain_error();
        }
        if (isinf(r)) {
            return range_error();
        }
    }
    return PyFloat_FromDouble(r);
}

static PyObject *
math_fma(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double v[3];
    if (!_PyArg_CheckPositional("fma", nargs, 3, 3)) {
        return NULL;
    }
    for (int i = 0; i < 3; i++) {
        v[i] = PyFloat_AsDouble(args[i]);
        if (v[i] == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
    }
    double r = fma(v[0], v[1], v[2]);
    if (isnan(r) && !isnan(v[0]) && !isnan(v[1]) && !isnan(v[2])) {
        PyErr_SetString(PyExc_ValueError, "invalid operation in fma");
        return NULL;
    }
    if (isinf(r) && isfinite(v[0]) && isfinite(v[1]) && isfinite(v[2])) {
        PyErr_SetString(PyExc_OverflowError, "overflow in fma");
        return NULL;
    }
    return PyFloat_FromDouble(r);
}

/* -- Logarithms ----------------------------------------------------------- */

/* Ints may be larger than any double. */
static PyObject *
logarithm(PyObject *arg, double (*function)(double))
{
    if (!PyLong_Check(arg)) {
        double x = PyFloat_AsDouble(arg);
        if (x == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        if (x <= 0.0) {
            return unexpected_argument(POSITIVE, x);
        }
        return PyFloat_FromDouble(function(x));
    }
    if (!_PyLong_IsPositive((PyLongObject *)arg)) {
        PyErr_SetString(PyExc_ValueError, "expected a positive input");
        return NULL;
    }
    int64_t exponent;
    double x = _PyLong_Frexp((PyLongObject *)arg, &exponent);
    if (exponent <= DBL_MAX_EXP) {
        double whole = ldexp(x, (int)exponent);
        if (isfinite(whole)) {
            return PyFloat_FromDouble(function(whole));
        }
    }
    return PyFloat_FromDouble(function(x) + function(2.0) * (double)exponent);
}

static PyObject *
math_log(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("log", nargs, 1, 2)) {
        return NULL;
    }
    PyObject *numerator = logarithm(args[0], log);
    if (numerator == NULL || nargs == 1) {
        return numerator;
    }
    PyObject *denominator = logarithm(args[1], log), *result = NULL;
    if (denominator != NULL) {
        result = PyNumber_TrueDivide(numerator, denominator);
        Py_DECREF(denominator);
    }
    Py_DECREF(numerator);
    return result;
}

static PyObject *
math_log2(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return logarithm(arg, log2);
}

static PyObject *
math_log10(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return logarithm(arg, log10);
}

/* -- To integers ---------------------------------------------------------- */

static PyObject *
to_integer(PyObject *arg, PyObject *method, double (*function)(double))
{
    double x;
    if (PyFloat_CheckExact(arg)) {
        x = PyFloat_AS_DOUBLE(arg);
    }
    else {
        PyObject *result = _PyObject_MaybeCallSpecialNoArgs(arg, method);
        if (result != NULL || PyErr_Occurred()) {
            return result;
        }
        x = PyFloat_AsDouble(arg);
        if (x == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
    }
    return PyLong_FromDouble(function(x));
}

static PyObject *
math_ceil(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return to_integer(arg, _Py_ID(__ceil__), ceil);
}

static PyObject *
math_floor(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return to_integer(arg, _Py_ID(__floor__), floor);
}

static PyObject *
math_trunc(PyObject *Py_UNUSED(module), PyObject *arg)
{
    if (PyFloat_CheckExact(arg)) {
        return PyLong_FromDouble(PyFloat_AS_DOUBLE(arg));
    }
    PyObject *result = _PyObject_MaybeCallSpecialNoArgs(arg, _Py_ID(__trunc__));
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __trunc__ method", Py_TYPE(arg)->tp_name);
    }
    return result;
}

/* -- Taking apart --------------------------------------------------------- */

static PyObject *
math_frexp(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x = PyFloat_AsDouble(arg);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    int exponent = 0;
    if (isfinite(x) && x != 0.0) {
        x = frexp(x, &exponent);
    }
    return Py_BuildValue("(di)", x, exponent);
}

static PyObject *
math_ldexp(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("ldexp", nargs, 2, 2)) {
        return NULL;
    }
    double x = PyFloat_AsDouble(args[0]);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    if (!PyLong_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "Expected an int as second argument to ldexp.");
        return NULL;
    }
    int overflow;
    long exponent = PyLong_AsLongAndOverflow(args[1], &overflow);
    if (overflow) {
        exponent = overflow < 0 ? INT_MIN : INT_MAX;
    }
    if (x == 0.0 || !isfinite(x)) {
        return PyFloat_FromDouble(x);
    }
    if (exponent > INT_MAX) {
        return range_error();
    }
    double r = ldexp(x, exponent < INT_MIN ? INT_MIN : (int)exponent);
    return isinf(r) ? range_error() : PyFloat_FromDouble(r);
}

static PyObject *
math_modf(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double whole, x = PyFloat_AsDouble(arg);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double fraction = modf(x, &whole);
    return Py_BuildValue("(dd)", fraction, whole);
}

static PyObject *
math_degrees(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x = PyFloat_AsDouble(arg);
    return x == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(x * (180.0 / Py_MATH_PI));
}

static PyObject *
math_radians(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x = PyFloat_AsDouble(arg);
    return x == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(x * (Py_MATH_PI / 180.0));
}

#define PREDICATE(name)                                                       \
    static PyObject *math_##name(PyObject *Py_UNUSED(module), PyObject *arg)  \
    {                                                                         \
        double x = PyFloat_AsDouble(arg);                                     \
        return x == -1.0 && PyErr_Occurred() ? NULL : PyBool_FromLong(name(x)); \
    }

PREDICATE(isfinite)
PREDICATE(isinf)
PREDICATE(isnan)

static PyObject *
math_ulp(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x = PyFloat_AsDouble(arg);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    x = fabs(x);
    if (!isfinite(x)) {
        return PyFloat_FromDouble(x);
    }
    double next = nextafter(x, HUGE_VAL);
    return PyFloat_FromDouble(isinf(next) ? x - nextafter(x, 0.0) : next - x);
}

/* -- Neighbours ----------------------------------------------------------- */

/* x moved `steps` representable numbers towards y. */
static double
step_towards(double x, double y, uint64_t steps)
{
    const uint64_t sign = (uint64_t)1 << 63;
    if (isnan(x)) {
        return x;
    }
    if (isnan(y)) {
        return y;
    }
    uint64_t bx = _Py_double_bits(x), by = _Py_double_bits(y);
    if (bx == by || steps == 0) {
        return x;
    }
    uint64_t ax = bx & ~sign, ay = by & ~sign;
    if (((bx ^ by) & sign) == 0) {
        if (ax > ay) {
            return ax - ay > steps ? _Py_double_from_bits(bx - steps) : y;
        }
        return ay - ax > steps ? _Py_double_from_bits(bx + steps) : y;
    }
    /* through zero */
    if (steps >= ax + ay) {
        return y;
    }
    if (ax > steps) {
        return _Py_double_from_bits(bx - steps);
    }
    return _Py_double_from_bits((by & sign) | (steps - ax));
}

static const char *const nextafter_keywords[] = {"", "", "steps", NULL};
static _PyArg_Parser nextafter_parser = {.keywords = nextafter_keywords, .fname = "nextafter"};

static PyObject *
math_nextafter(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[3] = {NULL, NULL, NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &nextafter_parser, 2, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    double x = PyFloat_AsDouble(args[0]);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double y = PyFloat_AsDouble(args[1]);
    if (y == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *steps = kwnames != NULL ? args[2] : NULL;
    if (steps == NULL || steps == Py_None) {
        return PyFloat_FromDouble(nextafter(x, y));
    }
    steps = PyNumber_Index(steps);
    if (steps == NULL) {
        return NULL;
    }
    if (_PyLong_IsNegative((PyLongObject *)steps)) {
        PyErr_SetString(PyExc_ValueError, "steps must be a non-negative integer");
        Py_DECREF(steps);
        return NULL;
    }
    uint64_t count = PyLong_AsUnsignedLongLong(steps);
    Py_DECREF(steps);
    if (count == (uint64_t)-1 && PyErr_Occurred()) {
        PyErr_Clear();  /* more than there are doubles */
    }
    return PyFloat_FromDouble(step_towards(x, y, count));
}

static const char *const isclose_keywords[] = {"a", "b", "rel_tol", "abs_tol", NULL};
static _PyArg_Parser isclose_parser = {.keywords = isclose_keywords, .fname = "isclose"};

static PyObject *
math_isclose(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[4] = {NULL, NULL, NULL, NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &isclose_parser, 2, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    double v[4] = {0, 0, 1e-9, 0.0};  /* a, b, rel_tol, abs_tol */
    for (int i = 0; i < (kwnames != NULL ? 4 : 2); i++) {
        if (args[i] != NULL) {
            v[i] = PyFloat_AsDouble(args[i]);
            if (v[i] == -1.0 && PyErr_Occurred()) {
                return NULL;
            }
        }
    }
    if (v[2] < 0.0 || v[3] < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return NULL;
    }
    if (v[0] == v[1]) {
        Py_RETURN_TRUE;
    }
    if (isinf(v[0]) || isinf(v[1])) {
        Py_RETURN_FALSE;
    }
    double difference = fabs(v[1] - v[0]);
    return PyBool_FromLong(difference <= fabs(v[2] * v[1]) || difference <= fabs(v[2] * v[0])
                           || difference <= v[3]);
}

/* -- The module ----------------------------------------------------------- */

#define ROW1(name, doc) PY_METHOD(math, name, METH_O, "($module, x, /)", doc)
#define ROW2(name, signature, doc) PY_METHOD(math, name, METH_FASTCALL, signature, doc)

static PyMethodDef math_methods[] = {
    ROW1(acos, "Angle in radians whose cosine is x, from 0 to pi."),
    ROW1(acosh, "Inverse hyperbolic cosine."),
    ROW1(asin, "Angle in radians whose sine is x, from -pi/2 to pi/2."),
    ROW1(asinh, "Inverse hyperbolic sine."),
    ROW1(atan, "Angle in radians whose tangent is x, from -pi/2 to pi/2."),
    ROW2(atan2, "($module, y, x, /)", "Angle in radians of the point (x, y), in the right quadrant."),
    ROW1(atanh, "Inverse hyperbolic tangent."),
    ROW1(cbrt, "Cube root."),
    ROW1(ceil, "The least integer that is not less than x."),
    ROW2(comb, "($module, n, k, /)", "Number of ways to choose k of n things, without regard to order."),
    ROW2(copysign, "($module, x, y, /)", "A float with the size of x and the sign of y."),
    ROW1(cos, "Cosine of an angle in radians."),
    ROW1(cosh, "Hyperbolic cosine."),
    ROW1(degrees, "Convert an angle from radians to degrees."),
    ROW2(dist, "($module, p, q, /)", "Euclidean distance of two points, given as sequences of coordinates."),
    ROW1(erf, "Error function."),
    ROW1(erfc, "Complementary error function."),
    ROW1(exp, "e to the power of x."),
    ROW1(exp2, "2 to the power of x."),
    ROW1(expm1, "exp(x) - 1, precise also for small x."),
    ROW1(fabs, "Absolute value, as a float."),
    PY_METHOD(math, factorial, METH_O, "($module, n, /)", "Product of the integers from 1 to n."),
    ROW1(floor, "The greatest integer that is not greater than x."),
    ROW2(fma, "($module, x, y, z, /)", "x * y + z, rounded once."),
    ROW2(fmod, "($module, x, y, /)", "Remainder of x / y with the sign of x."),
    ROW1(frexp, "Take x apart: a pair (m, e) with x == m * 2**e and 0.5 <= abs(m) < 1."),
    PY_METHOD(math, fsum, METH_O, "($module, seq, /)", "Sum of floats without loss of precision on the way."),
    ROW1(gamma, "Gamma function."),
    ROW2(gcd, "($module, *integers)", "Greatest common divisor."),
    ROW2(hypot, "($module, *coordinates)", "Euclidean distance of a point from the origin."),
    PY_METHOD(math, isclose, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
              "Tell whether two numbers differ by no more than one of the tolerances."),
    ROW1(isfinite, "Tell whether x is neither infinite nor a NaN."),
    ROW1(isinf, "Tell whether x is infinite."),
    ROW1(isnan, "Tell whether x is a NaN."),
    PY_METHOD(math, isqrt, METH_O, "($module, n, /)", "Integer part of the square root."),
    ROW2(lcm, "($module, *integers)", "Least common multiple."),
    ROW2(ldexp, "($module, x, i, /)", "x * 2**i"),
    ROW1(lgamma, "Natural logarithm of the absolute value of the gamma function."),
    PY_METHOD_NOSIG("log", math_log, METH_FASTCALL,
                    "log(x, [base=math.e])\n\nLogarithm to the given base, the natural one by default."),
    ROW1(log10, "Logarithm to base 10."),
    ROW1(log1p, "log(1 + x), precise also for small x."),
    ROW1(log2, "Logarithm to base 2."),
    ROW1(modf, "Fraction and integer part of x, both with its sign, as floats."),
    PY_METHOD(math, nextafter, METH_FASTCALL | METH_KEYWORDS, "($module, x, y, /, *, steps=None)",
              "The float so many steps after x on the way to y; one step by default."),
    ROW2(perm, "($module, n, k=None, /)", "Number of ways to choose k of n things in order; all n by default."),
    ROW2(pow, "($module, x, y, /)", "x to the power of y, in floats."),
    PY_METHOD(math, prod, METH_FASTCALL | METH_KEYWORDS, "($module, iterable, /, *, start=1)",
              "Product of the start value and all elements."),
    ROW1(radians, "Convert an angle from degrees to radians."),
    ROW2(remainder, "($module, x, y, /)", "x minus the multiple of y that is nearest to it."),
    ROW1(sin, "Sine of an angle in radians."),
    ROW1(sinh, "Hyperbolic sine."),
    ROW1(sqrt, "Square root."),
    ROW2(sumprod, "($module, p, q, /)", "Sum of the products of corresponding elements."),
    ROW1(tan, "Tangent of an angle in radians."),
    ROW1(tanh, "Hyperbolic tangent."),
    ROW1(trunc, "Cut x to an integer, towards zero."),
    ROW1(ulp, "Value of the least significant bit of x."),
    {NULL},
};

static int
math_exec(PyObject *module)
{
    if (PyModule_Add(module, "pi", PyFloat_FromDouble(Py_MATH_PI)) < 0
        || PyModule_Add(module, "e", PyFloat_FromDouble(Py_MATH_E)) < 0
        || PyModule_Add(module, "tau", PyFloat_FromDouble(Py_MATH_TAU)) < 0
        || PyModule_Add(module, "inf", PyFloat_FromDouble(Py_INFINITY)) < 0
        || PyModule_Add(module, "nan", PyFloat_FromDouble(fabs(Py_NAN))) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot math_slots[] = {
    {Py_mod_exec, math_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static struct PyModuleDef math_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "math",
    .m_doc = "Mathematical functions of real numbers.",
    .m_methods = math_methods,
    .m_slots = math_slots,
};

PyMODINIT_FUNC
PyInit_math(void)
{
    return PyModuleDef_Init(&math_module);
}

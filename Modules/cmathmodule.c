/* cmath: functions of complex numbers.

   The C library computes them, with the special values of Annex G of the C standard; the errors are ours: poles
   and infinite angles are ValueErrors, infinite results of finite arguments OverflowErrors. */
#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_modsupport.h"   // _PyArg_CheckPositional

#include <complex.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>

#undef I  /* a name for others */

static inline double complex
native(Py_complex z)
{
    return CMPLX(z.real, z.imag);
}

static inline bool
is_finite(Py_complex z)
{
    return isfinite(z.real) && isfinite(z.imag);
}

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

/* -- Functions of one number ---------------------------------------------- */

/* A function and the arguments it refuses. */
static PyObject *
apply(PyObject *arg, double complex (*function)(double complex), bool (*outside)(Py_complex))
{
    Py_complex z = PyComplex_AsCComplex(arg);
    if (z.real == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    if (outside != NULL && outside(z)) {
        return domain_error();
    }
    double complex r = function(native(z));
    Py_complex result = {creal(r), cimag(r)};
    if (is_finite(z) && !is_finite(result)) {
        return range_error();
    }
    return PyComplex_FromCComplex(result);
}

static bool
outside_atan(Py_complex z)
{
    return z.real == 0.0 && fabs(z.imag) == 1.0;
}

static bool
outside_atanh(Py_complex z)
{
    return z.imag == 0.0 && fabs(z.real) == 1.0;
}

static bool
outside_cosh(Py_complex z)
{
    return isinf(z.imag) && !isnan(z.real);
}

static bool
outside_cos(Py_complex z)
{
    return isinf(z.real) && !isnan(z.imag);
}

static bool
outside_tanh(Py_complex z)
{
    return isinf(z.imag) && isfinite(z.real);
}

static bool
outside_tan(Py_complex z)
{
    return isinf(z.real) && isfinite(z.imag);
}

static bool
outside_exp(Py_complex z)
{
    return isinf(z.imag) && (isfinite(z.real) || (isinf(z.real) && z.real > 0));
}

static bool
outside_log(Py_complex z)
{
    return z.real == 0.0 && z.imag == 0.0;
}

static double complex
log_base_10(double complex z)
{
    double complex r = clog(z);
    return CMPLX(creal(r) / 2.302585092994045684, cimag(r) / 2.302585092994045684);
}

#define FUNCTION(name, library, outside)                                       \
    static PyObject *cmath_##name(PyObject *Py_UNUSED(module), PyObject *arg)  \
    {                                                                          \
        return apply(arg, library, outside);                                   \
    }

FUNCTION(acos, cacos, NULL)
FUNCTION(acosh, cacosh, NULL)
FUNCTION(asin, casin, NULL)
FUNCTION(asinh, casinh, NULL)
FUNCTION(atan, catan, outside_atan)
FUNCTION(atanh, catanh, outside_atanh)
FUNCTION(cos, ccos, outside_cos)
FUNCTION(cosh, ccosh, outside_cosh)
FUNCTION(exp, cexp, outside_exp)
FUNCTION(log10, log_base_10, outside_log)
FUNCTION(sin, csin, outside_cos)
FUNCTION(sinh, csinh, outside_cosh)
FUNCTION(sqrt, csqrt, NULL)
FUNCTION(tan, ctan, outside_tan)
FUNCTION(tanh, ctanh, outside_tanh)

static PyObject *
cmath_log(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("log", nargs, 1, 2)) {
        return NULL;
    }
    Py_complex r[2];
    for (Py_ssize_t i = 0; i < nargs; i++) {
        Py_complex z = PyComplex_AsCComplex(args[i]);
        if (z.real == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        if (outside_log(z)) {
            if (i == 0 && nargs == 2) {
                /* the base may be of a wrong type, which matters more */
                z = PyComplex_AsCComplex(args[1]);
                if (z.real == -1.0 && PyErr_Occurred()) {
                    return NULL;
                }
            }
            return domain_error();
        }
        double complex logarithm = clog(native(z));
        r[i] = (Py_complex){creal(logarithm), cimag(logarithm)};
    }
    if (nargs == 2) {
        errno = 0;
        r[0] = _Py_c_quot(r[0], r[1]);
        if (errno == EDOM) {
            return domain_error();
        }
    }
    return PyComplex_FromCComplex(r[0]);
}

/* -- Polar coordinates ---------------------------------------------------- */

static PyObject *
cmath_phase(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_complex z = PyComplex_AsCComplex(arg);
    if (z.real == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyFloat_FromDouble(atan2(z.imag, z.real));
}

static PyObject *
cmath_polar(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_complex z = PyComplex_AsCComplex(arg);
    if (z.real == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double r = _Py_c_abs(z);
    if (errno == ERANGE) {
        return range_error();
    }
    return Py_BuildValue("dd", r, atan2(z.imag, z.real));
}

/* r and phi where one of them is not finite */
static Py_complex
rect_special(double r, double phi)
{
    if (isfinite(phi) && phi != 0.0 && isinf(r)) {
        double x = copysign(Py_INFINITY, cos(phi)), y = copysign(Py_INFINITY, sin(phi));
        return r > 0 ? (Py_complex){x, y} : (Py_complex){-x, -y};
    }
    if (phi == 0.0) {
        /* r infinite or NaN: on the real axis */
        double imag = isnan(r) ? 0.0 : copysign(0.0, phi) * (r > 0 ? 1.0 : -1.0);
        return (Py_complex){r, imag};
    }
    if (r == 0.0) {
        return (Py_complex){0.0, 0.0};
    }
    if (isinf(r)) {
        return (Py_complex){Py_INFINITY, fabs(Py_NAN)};
    }
    return (Py_complex){fabs(Py_NAN), fabs(Py_NAN)};
}

static PyObject *
cmath_rect(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("rect", nargs, 2, 2)) {
        return NULL;
    }
    double r = PyFloat_AsDouble(args[0]);
    if (r == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double phi = PyFloat_AsDouble(args[1]);
    if (phi == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    if (isinf(phi) && r != 0.0 && !isnan(r)) {
        return domain_error();
    }
    Py_complex z;
    if (!isfinite(r) || !isfinite(phi)) {
        z = rect_special(r, phi);
    }
    else if (phi == 0.0) {
        z = (Py_complex){r, r * phi};
    }
    else {
        z = (Py_complex){r * cos(phi), r * sin(phi)};
    }
    return PyComplex_FromCComplex(z);
}

/* -- Predicates ----------------------------------------------------------- */

#define PREDICATE(name, expression)                                            \
    static PyObject *cmath_##name(PyObject *Py_UNUSED(module), PyObject *arg)  \
    {                                                                          \
        Py_complex z = PyComplex_AsCComplex(arg);                              \
        if (z.real == -1.0 && PyErr_Occurred()) {                              \
            return NULL;                                                       \
        }                                                                      \
        return PyBool_FromLong(expression);                                    \
    }

PREDICATE(isfinite, is_finite(z))
PREDICATE(isinf, isinf(z.real) || isinf(z.imag))
PREDICATE(isnan, isnan(z.real) || isnan(z.imag))

static const char *const isclose_keywords[] = {"a", "b", "rel_tol", "abs_tol", NULL};
static _PyArg_Parser isclose_parser = {.keywords = isclose_keywords, .fname = "isclose"};

static PyObject *
cmath_isclose(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[4] = {NULL, NULL, NULL, NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &isclose_parser, 2, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    Py_complex z[2];
    for (int i = 0; i < 2; i++) {
        z[i] = PyComplex_AsCComplex(args[i]);
        if (z[i].real == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
    }
    double tolerance[2] = {1e-9, 0.0};
    for (int i = 0; i < 2 && kwnames != NULL; i++) {
        if (args[2 + i] != NULL) {
            tolerance[i] = PyFloat_AsDouble(args[2 + i]);
            if (tolerance[i] == -1.0 && PyErr_Occurred()) {
                return NULL;
            }
        }
    }
    if (tolerance[0] < 0.0 || tolerance[1] < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return NULL;
    }
    Py_complex a = z[0], b = z[1];
    if (a.real == b.real && a.imag == b.imag) {
        Py_RETURN_TRUE;
    }
    if (isinf(a.real) || isinf(a.imag) || isinf(b.real) || isinf(b.imag)) {
        Py_RETURN_FALSE;
    }
    double difference = _Py_c_abs(_Py_c_diff(a, b));
    return PyBool_FromLong(difference <= tolerance[0] * _Py_c_abs(b)
                           || difference <= tolerance[0] * _Py_c_abs(a) || difference <= tolerance[1]);
}

/* -- The module ----------------------------------------------------------- */

#define ROW(name, doc) PY_METHOD(cmath, name, METH_O, "($module, z, /)", doc)

static PyMethodDef cmath_methods[] = {
    ROW(acos, "Inverse cosine."),
    ROW(acosh, "Inverse hyperbolic cosine."),
    ROW(asin, "Inverse sine."),
    ROW(asinh, "Inverse hyperbolic sine."),
    ROW(atan, "Inverse tangent."),
    ROW(atanh, "Inverse hyperbolic tangent."),
    ROW(cos, "Cosine."),
    ROW(cosh, "Hyperbolic cosine."),
    ROW(exp, "e to the power of z."),
    PY_METHOD(cmath, isclose, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
              "Tell whether two numbers are no further apart than one of the tolerances."),
    ROW(isfinite, "Tell whether both parts are finite."),
    ROW(isinf, "Tell whether a part is infinite."),
    ROW(isnan, "Tell whether a part is a NaN."),
    PY_METHOD_NOSIG("log", cmath_log, METH_FASTCALL,
                    "log(z[, base]) -> the logarithm of z to the given base, the natural one by default."),
    ROW(log10, "Logarithm to base 10."),
    ROW(phase, "Angle between the number and the positive real axis."),
    ROW(polar, "Polar coordinates: distance from zero, and phase."),
    PY_METHOD(cmath, rect, METH_FASTCALL, "($module, r, phi, /)", "The number with the given polar coordinates."),
    ROW(sin, "Sine."),
    ROW(sinh, "Hyperbolic sine."),
    ROW(sqrt, "Square root."),
    ROW(tan, "Tangent."),
    ROW(tanh, "Hyperbolic tangent."),
    {NULL},
};

static int
cmath_exec(PyObject *module)
{
    const double nan = fabs(Py_NAN);
    if (PyModule_Add(module, "pi", PyFloat_FromDouble(Py_MATH_PI)) < 0
        || PyModule_Add(module, "e", PyFloat_FromDouble(Py_MATH_E)) < 0
        || PyModule_Add(module, "tau", PyFloat_FromDouble(Py_MATH_TAU)) < 0
        || PyModule_Add(module, "inf", PyFloat_FromDouble(Py_INFINITY)) < 0
        || PyModule_Add(module, "infj", PyComplex_FromDoubles(0.0, Py_INFINITY)) < 0
        || PyModule_Add(module, "nan", PyFloat_FromDouble(nan)) < 0
        || PyModule_Add(module, "nanj", PyComplex_FromDoubles(0.0, nan)) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot cmath_slots[] = {
    {Py_mod_exec, cmath_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static struct PyModuleDef cmath_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cmath",
    .m_doc = "Mathematical functions of complex numbers.",
    .m_methods = cmath_methods,
    .m_slots = cmath_slots,
};

PyMODINIT_FUNC
PyInit_cmath(void)
{
    return PyModuleDef_Init(&cmath_module);
}

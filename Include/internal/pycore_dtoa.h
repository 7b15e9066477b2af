/* Binary doubles and decimal digits, correctly rounded in both directions (Python/runtime/dtoa.c). */
#ifndef Py_INTERNAL_DTOA_H
#define Py_INTERNAL_DTOA_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE"
#endif

#include "Python.h"
#include "pycore_pymath.h"

/* Room for the digits of any double in any mode. */
#define _Py_DTOA_BUFFER 1600

/* Significant decimal digits of a finite x >= 0 without trailing zeros, into digits (no terminator).
   mode 0: the shortest that read back as x;  mode 2: at most ndigits of them;  mode 3: up to
   ndigits places after the point (before it if negative).  Their number is returned; the value is
   0.DIGITS * 10**decpt.  Zero is one digit "0" with decpt 1, except that a nonzero x that
   rounds to zero in mode 3 has no digits and decpt == -ndigits. */
extern int _Py_dtoa_digits(double x, int mode, int ndigits, char *digits, int *decpt);

/* The same behind the interface of netlib's dtoa: a fresh string, NULL without memory. */
extern char *_Py_dg_dtoa(double x, int mode, int ndigits, int *decpt, int *sign, char **end);
extern void _Py_dg_freedtoa(char *s);

/* Decimal literal (sign, digits, point, exponent; no infinities or NaNs) to double.
   *end is text if there is no number.  Overflow: infinity with errno ERANGE. */
extern double _Py_dg_strtod(const char *text, char **end);

/* top * 2**exponent rounded half to even; top has its high bit set, its lowest bit stands for all that is
   below.  HUGE_VAL if it is too large. */
extern double _Py_round_to_double(uint64_t top, int exponent);

/* repr() of a double into a buffer of 32 bytes; its length is returned. */
extern int _Py_double_repr(double x, char *buffer);
/* "inf", "infinity" or "nan" in any case, with a sign: *end is text if it is none of them. */
extern double _Py_parse_inf_or_nan(const char *text, char **end);
/* Calls parse on the text without its underscores, which must stand between digits. */
extern PyObject *_Py_string_to_number_with_underscores(
    const char *text, Py_ssize_t size, const char *what, PyObject *shown, void *arg,
    PyObject *(*parse)(const char *, Py_ssize_t, void *));

#endif

/* Helpers for floating point. */
#ifndef Py_INTERNAL_PYMATH_H
#define Py_INTERNAL_PYMATH_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE"
#endif

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t
_Py_double_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static inline double
_Py_double_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* errno as the C standard's functions leave it differs between libraries: ERANGE for an infinite result,
   nothing for underflow. */
#define _Py_ADJUST_ERANGE1(x)                       \
    do {                                            \
        if (errno == 0) {                           \
            if ((x) == HUGE_VAL || (x) == -HUGE_VAL) { \
                errno = ERANGE;                     \
            }                                       \
        }                                           \
        else if (errno == ERANGE && (x) == 0.0) {   \
            errno = 0;                              \
        }                                           \
    } while (0)

#endif

/* Floats in IEEE 754 formats of 2, 4 and 8 bytes, in either byte order.

   Done on the bits, so that the payload and the quiet bit of NaNs survive. */
#include "Python.h"
#include "pycore_pymath.h"

#define MANTISSA_MASK (((uint64_t)1 << 52) - 1)

static void
store(uint64_t value, char *p, int size, int le)
{
    for (int i = 0; i < size; i++) {
        p[le ? i : size - 1 - i] = (char)(value >> (8 * i));
    }
}

static uint64_t
load(const char *p, int size, int le)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++) {
        value |= (uint64_t)(unsigned char)p[le ? i : size - 1 - i] << (8 * i);
    }
    return value;
}

/* x in a format with `fraction` bits of mantissa and the given exponent width; 0, or -1 if it is too large. */
static int
narrow(double x, int fraction, int exponent_bits, uint64_t *out)
{
    uint64_t bits = _Py_double_bits(x), mantissa = bits & MANTISSA_MASK;
    int biased = (int)(bits >> 52) & 0x7ff;
    uint64_t sign = (bits >> 63) << (fraction + exponent_bits);
    int all_ones = (1 << exponent_bits) - 1;
    if (biased == 0x7ff) {
        uint64_t payload = mantissa >> (52 - fraction);
        if (mantissa != 0 && payload == 0) {
            payload = 1;  /* a NaN stays one */
        }
        *out = sign | (uint64_t)all_ones << fraction | payload;
        return 0;
    }
    int exponent = biased - 1023 + (all_ones >> 1);
    uint64_t value = biased ? mantissa | (uint64_t)1 << 52 : mantissa << 1;
    int drop = 52 - fraction;
    if (exponent <= 0) {
        drop += 1 - exponent;
        exponent = 0;
        if (drop > 54) {
            drop = 54;
            value = value != 0;
        }
    }
    uint64_t kept = value >> drop, rest = value & (((uint64_t)1 << drop) - 1), half = (uint64_t)1 << (drop - 1);
    kept += rest > half || (rest == half && (kept & 1));
    if (exponent > 0) {
        kept += (uint64_t)(exponent - 1) << fraction;  /* the hidden bit counts one exponent up */
    }
    if (kept >> fraction >= (uint64_t)all_ones) {
        return -1;
    }
    *out = sign | kept;
    return 0;
}

static double
widen(uint64_t bits, int fraction, int exponent_bits)
{
    int all_ones = (1 << exponent_bits) - 1;
    int exponent = (int)(bits >> fraction) & all_ones;
    uint64_t mantissa = bits & (((uint64_t)1 << fraction) - 1);
    uint64_t sign = bits >> (fraction + exponent_bits) << 63;
    if (exponent == all_ones) {
        return _Py_double_from_bits(sign | (uint64_t)0x7ff << 52 | mantissa << (52 - fraction));
    }
    if (exponent == 0) {
        double x = ldexp((double)mantissa, 1 - (all_ones >> 1) - fraction);
        return sign ? -x : x;
    }
    exponent += 1023 - (all_ones >> 1);
    return _Py_double_from_bits(sign | (uint64_t)exponent << 52 | mantissa << (52 - fraction));
}

int
PyFloat_Pack2(double x, char *p, int le)
{
    uint64_t bits;
    if (narrow(x, 10, 5, &bits) < 0) {
        PyErr_SetString(PyExc_OverflowError, "float too large to pack with e format");
        return -1;
    }
    store(bits, p, 2, le);
    return 0;
}

int
PyFloat_Pack4(double x, char *p, int le)
{
    uint64_t bits;
    if (narrow(x, 23, 8, &bits) < 0) {
        PyErr_SetString(PyExc_OverflowError, "float too large to pack with f format");
        return -1;
    }
    store(bits, p, 4, le);
    return 0;
}

int
PyFloat_Pack8(double x, char *p, int le)
{
    store(_Py_double_bits(x), p, 8, le);
    return 0;
}

double
PyFloat_Unpack2(const char *p, int le)
{
    return widen(load(p, 2, le), 10, 5);
}

double
PyFloat_Unpack4(const char *p, int le)
{
    return widen(load(p, 4, le), 23, 8);
}

double
PyFloat_Unpack8(const char *p, int le)
{
    return _Py_double_from_bits(load(p, 8, le));
}

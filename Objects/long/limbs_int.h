/* What the limb files share among themselves. */
#ifndef LIMBS_INT_H
#define LIMBS_INT_H

#include "pycore_limbs.h"

/* Product by number-theoretic transforms; an >= bn, both large. */
extern int _PyLimbs_MulNTT(_Py_limb *r, const _Py_limb *a, size_t an, const _Py_limb *b, size_t bn);

/* Reciprocal of a normalised limb: floor((2**128 - 1) / d) - 2**64. */
static inline _Py_limb
limb_reciprocal(_Py_limb d)
{
    return (_Py_limb)(~(_Py_limb2)0 / d - ((_Py_limb2)1 << 64));
}

/* (high, low) / d with high < d, d normalised, v its reciprocal.
   Source: Moeller and Granlund, "Improved division by invariant integers" (2011), algorithm 4. */
static inline _Py_limb
limb_divide_2by1(_Py_limb *remainder, _Py_limb high, _Py_limb low, _Py_limb d, _Py_limb v)
{
    _Py_limb2 q = (_Py_limb2)high * v + (((_Py_limb2)(high + 1) << 64) | low);
    _Py_limb q1 = (_Py_limb)(q >> 64);
    _Py_limb r = low - q1 * d;
    if (r > (_Py_limb)q) {
        q1--;
        r += d;
    }
    if (r >= d) {
        q1++;
        r -= d;
    }
    *remainder = r;
    return q1;
}

#endif

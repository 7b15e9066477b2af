/* Natural numbers as arrays of 64-bit limbs, least significant first: the arithmetic below int and float.

   Pure functions on memory of the caller; no Python objects, no locks.  Those that need scratch
   memory return -1 when there is none.  Sizes are in limbs; operands may have leading zeros unless
   said otherwise; results never overlap operands unless said otherwise. */
#ifndef Py_INTERNAL_LIMBS_H
#define Py_INTERNAL_LIMBS_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t _Py_limb;
typedef unsigned __int128 _Py_limb2;

/* r = a + b, carry returned; r may be a or b.  an >= bn. */
extern _Py_limb _PyLimbs_AddN(_Py_limb *r, const _Py_limb *a, const _Py_limb *b, size_t n);
extern _Py_limb _PyLimbs_Add(_Py_limb *r, const _Py_limb *a, size_t an, const _Py_limb *b, size_t bn);
extern _Py_limb _PyLimbs_SubN(_Py_limb *r, const _Py_limb *a, const _Py_limb *b, size_t n);
extern _Py_limb _PyLimbs_Sub(_Py_limb *r, const _Py_limb *a, size_t an, const _Py_limb *b, size_t bn);
extern int _PyLimbs_Cmp(const _Py_limb *a, const _Py_limb *b, size_t n);
/* r = a * b (+ add), carry limb returned; r may be a. */
extern _Py_limb _PyLimbs_Mul1(_Py_limb *r, const _Py_limb *a, size_t n, _Py_limb b, _Py_limb add);
extern _Py_limb _PyLimbs_AddMul1(_Py_limb *r, const _Py_limb *a, size_t n, _Py_limb b);
extern _Py_limb _PyLimbs_SubMul1(_Py_limb *r, const _Py_limb *a, size_t n, _Py_limb b);
/* 0 <= count < 64; r may be a.  Bits shifted out are returned (in the low / high end). */
extern _Py_limb _PyLimbs_Shl(_Py_limb *r, const _Py_limb *a, size_t n, unsigned count);
extern _Py_limb _PyLimbs_Shr(_Py_limb *r, const _Py_limb *a, size_t n, unsigned count);
/* q = a / d, remainder returned; q may be a. */
extern _Py_limb _PyLimbs_DivRem1(_Py_limb *q, const _Py_limb *a, size_t n, _Py_limb d);

/* r[0 .. an+bn) = a * b; any sizes >= 1.  a == b with the same size is recognised as a square. */
extern int _PyLimbs_Mul(_Py_limb *r, const _Py_limb *a, size_t an, const _Py_limb *b, size_t bn);
/* q[0 .. an-bn+1) and r[0 .. bn): a = q * b + r.  an >= bn >= 1, b[bn-1] != 0.  q or r may be NULL. */
extern int _PyLimbs_DivRem(_Py_limb *q, _Py_limb *r, const _Py_limb *a, size_t an,
                           const _Py_limb *b, size_t bn);
/* r[0 .. n) = base ** exponent mod m[0 .. n), m odd, base < m. */
extern int _PyLimbs_PowModOdd(_Py_limb *r, const _Py_limb *base, const _Py_limb *exponent,
                              size_t exponent_size, const _Py_limb *m, size_t n);

/* Upper bound of decimal digits of n limbs. */
#define _PyLimbs_DECIMAL_SIZE(n) ((size_t)((n) * 19.2659197 + 2))
/* Decimal digits of a (n >= 1) without leading zeros, into out; their number, or -1.  Clobbers a. */
extern ptrdiff_t _PyLimbs_ToDecimal(char *out, _Py_limb *a, size_t n);
/* Value of `size` digits in base (2 <= base <= 36, each byte already a digit value), into
   r[0 .. returned); r must hold _PyLimbs_PARSE_SIZE(size, base) limbs.  -1 without memory. */
#define _PyLimbs_PARSE_SIZE(size) ((size_t)((size) * 0.0809) + 3)
extern ptrdiff_t _PyLimbs_FromDigits(_Py_limb *r, const unsigned char *digits, size_t size, int base);

static inline size_t
_PyLimbs_Normalize(const _Py_limb *a, size_t n)
{
    while (n > 0 && a[n - 1] == 0) {
        n--;
    }
    return n;
}

static inline unsigned
_PyLimbs_CountLeadingZeros(_Py_limb a)
{
    return (unsigned)__builtin_clzll(a);
}

#endif

/* Limb division: schoolbook for small divisors, recursive for large ones.

   Inside this file the divisor is normalised (top bit set) and the dividend is replaced by the remainder.
   Sources: Knuth, TAOCP volume 2, algorithm D, with the 3-by-2 quotient of Moeller and Granlund,
   "Improved division by invariant integers" (2011); Burnikel and Ziegler, "Fast recursive division" (1998). */
#include "limbs_int.h"

#include <stdlib.h>
#include <string.h>

typedef _Py_limb limb;
typedef _Py_limb2 limb2;

#define BZ_MIN 48

limb
_PyLimbs_DivRem1(limb *q, const limb *a, size_t n, limb d)
{
    unsigned shift = _PyLimbs_CountLeadingZeros(d);
    d <<= shift;
    limb v = limb_reciprocal(d), r = 0;
    if (shift == 0) {
        for (size_t i = n; i-- > 0;) {
            q[i] = limb_divide_2by1(&r, r, a[i], d, v);
        }
        return r;
    }
    limb high = n ? a[n - 1] : 0;
    r = high >> (64 - shift);
    for (size_t i = n; i-- > 0;) {
        limb next = i > 0 ? a[i - 1] : 0;
        limb low = (high << shift) | (next >> (64 - shift));
        q[i] = limb_divide_2by1(&r, r, low, d, v);
        high = next;
    }
    return r >> shift;
}

/* -- Schoolbook ----------------------------------------------------------- */

static limb
reciprocal_3by2(limb d1, limb d0)
{
    limb v = limb_reciprocal(d1);
    limb p = d1 * v + d0;
    if (p < d0) {
        v--;
        if (p >= d1) {
            v--;
            p -= d1;
        }
        p -= d1;
    }
    limb2 t = (limb2)v * d0;
    p += (limb)(t >> 64);
    if (p < (limb)(t >> 64)) {
        v--;
        if (p > d1 || (p == d1 && (limb)t >= d0)) {
            v--;
        }
    }
    return v;
}

/* Quotient of (u2, u1, u0) / (d1, d0), where (u2, u1) < (d1, d0). */
static inline limb
divide_3by2(limb u2, limb u1, limb u0, limb d1, limb d0, limb v)
{
    limb2 q = (limb2)u2 * v + (((limb2)u2 << 64) | u1);
    limb q1 = (limb)(q >> 64), q0 = (limb)q;
    limb2 d = ((limb2)d1 << 64) | d0;
    limb2 r = ((limb2)(u1 - q1 * d1) << 64) | u0;
    r -= (limb2)d0 * q1 + d;
    q1++;
    if ((limb)(r >> 64) >= q0) {
        q1--;
        r += d;
    }
    if (r >= d) {
        q1++;
    }
    return q1;
}

/* q[0 .. an-n) = a / b; remainder in a[0 .. n), rest of a zeroed.  Requires a[an-n ..] < b; n >= 2. */
static void
divide_base(limb *q, limb *a, size_t an, const limb *b, size_t n)
{
    limb d1 = b[n - 1], d0 = b[n - 2];
    limb v = reciprocal_3by2(d1, d0);
    for (size_t j = an - n; j-- > 0;) {
        limb u2 = a[j + n], u1 = a[j + n - 1];
        limb digit;
        if (u2 == d1 && u1 >= d0) {
            digit = ~(limb)0;
        }
        else {
            digit = divide_3by2(u2, u1, a[j + n - 2], d1, d0, v);
        }
        limb borrow = _PyLimbs_SubMul1(a + j, b, n, digit);
        if (borrow > u2) {
            limb carry;
            do {
                digit--;
                carry = _PyLimbs_AddN(a + j, a + j, b, n);
                borrow -= carry;
            } while (borrow > u2);
        }
        a[j + n] = 0;
        q[j] = digit;
    }
}

/* -- Recursive ------------------------------------------------------------ */

static int divide_2n_1n(limb *q, limb *a, const limb *b, size_t n, limb *t);

/* q[0 .. h) = a[0 .. 3h) / b[0 .. 2h), remainder in a[0 .. 2h).  t: 2h limbs. */
static int
divide_3h_2h(limb *q, limb *a, const limb *b, size_t h, limb *t)
{
    limb top = 0;  /* a[2h], the limb above the partial remainder */
    if (_PyLimbs_Cmp(a + 2 * h, b + h, h) < 0) {
        if (divide_2n_1n(q, a + h, b + h, h, t) < 0) {
            return -1;
        }
    }
    else {
        /* quotient B**h - 1: a1 - q * b1 = a1 - b1 * B**h + b1 */
        _PyLimbs_SubN(a + 2 * h, a + 2 * h, b + h, h);
        top = _PyLimbs_AddN(a + h, a + h, b + h, h);
        top += a[2 * h];
        memset(q, 0xff, h * sizeof(limb));
    }
    if (_PyLimbs_Mul(t, q, h, b, h) < 0) {
        return -1;
    }
    limb borrow = _PyLimbs_SubN(a, a, t, 2 * h);
    while (borrow > top) {
        limb carry = _PyLimbs_AddN(a, a, b, 2 * h);
        top += carry;
        for (size_t i = 0; i < h && q[i]-- == 0; i++) {
        }
    }
    a[2 * h] = 0;
    return 0;
}

/* q[0 .. n) = a[0 .. 2n) / b[0 .. n), remainder in a[0 .. n), the rest of a zero.
   Requires a[n .. 2n) < b.  t: 2n limbs. */
static int
divide_2n_1n(limb *q, limb *a, const limb *b, size_t n, limb *t)
{
    if (n % 2 != 0 || n < BZ_MIN) {
        divide_base(q, a, 2 * n, b, n);
        return 0;
    }
    size_t h = n / 2;
    if (divide_3h_2h(q + h, a + h, b, h, t) < 0) {
        return -1;
    }
    memset(a + 3 * h, 0, h * sizeof(limb));
    if (divide_3h_2h(q, a, b, h, t) < 0) {
        return -1;
    }
    memset(a + 2 * h, 0, h * sizeof(limb));
    return 0;
}

/* -- Any sizes ------------------------------------------------------------ */

static int
divide_small(limb *q, limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    limb stack[200];
    size_t need = an + 1 + bn + (an - bn + 1);
    limb *memory = need <= 200 ? stack : malloc(need * sizeof(limb));
    if (memory == NULL) {
        return -1;
    }
    limb *x = memory, *d = x + an + 1, *quotient = d + bn;
    unsigned shift = _PyLimbs_CountLeadingZeros(b[bn - 1]);
    _PyLimbs_Shl(d, b, bn, shift);
    x[an] = _PyLimbs_Shl(x, a, an, shift);
    divide_base(quotient, x, an + 1, d, bn);
    if (q != NULL) {
        memcpy(q, quotient, (an - bn + 1) * sizeof(limb));
    }
    if (r != NULL) {
        _PyLimbs_Shr(r, x, bn, shift);
    }
    if (memory != stack) {
        free(memory);
    }
    return 0;
}

static int
divide_blocks(limb *q, limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    /* Pad the divisor to n = j * 2**k limbs with j < BZ_MIN. */
    size_t k = 0;
    while (((bn - 1) >> k) + 1 >= BZ_MIN) {
        k++;
    }
    size_t n = (((bn - 1) >> k) + 1) << k;
    size_t pad = n - bn;
    unsigned shift = _PyLimbs_CountLeadingZeros(b[bn - 1]);
    size_t blocks = (an + pad + 1 + n - 1) / n;
    if (blocks < 2) {
        blocks = 2;
    }
    /* x: the dividend; d: divisor; quotient: (blocks - 1) * n; t: scratch */
    limb *memory = malloc((blocks * n + n + (blocks - 1) * n + 2 * n) * sizeof(limb));
    if (memory == NULL) {
        return -1;
    }
    limb *x = memory, *d = x + blocks * n, *quotient = d + n, *t = quotient + (blocks - 1) * n;
    memset(d, 0, pad * sizeof(limb));
    _PyLimbs_Shl(d + pad, b, bn, shift);
    memset(x, 0, blocks * n * sizeof(limb));
    x[pad + an] = _PyLimbs_Shl(x + pad, a, an, shift);
    int status = 0;
    if (_PyLimbs_Cmp(x + (blocks - 1) * n, d, n) >= 0) {
        /* cannot be: x has a spare limb on top, and d is normalised */
        status = -1;
    }
    for (size_t i = blocks - 1; status == 0 && i-- > 0;) {
        status = divide_2n_1n(quotient + i * n, x + i * n, d, n, t);
    }
    if (status == 0) {
        if (q != NULL) {
            size_t size = an - bn + 1, have = (blocks - 1) * n;
            if (have > size) {
                have = size;
            }
            memcpy(q, quotient, have * sizeof(limb));
            memset(q + have, 0, (size - have) * sizeof(limb));
        }
        if (r != NULL) {
            _PyLimbs_Shr(r, x + pad, bn, shift);
        }
    }
    free(memory);
    return status;
}

/* A quotient much shorter than the divisor: divide the leading parts, then correct. */
static int
divide_short_quotient(limb *q, limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    size_t qn = an - bn + 1;
    size_t part = qn + 1;              /* limbs of the divisor that decide, up to a correction */
    size_t skip = bn - part;
    size_t size = an - skip;           /* limbs of the dividend above the skipped ones */
    limb *memory = malloc((qn + (qn + bn) + (an + 1)) * sizeof(limb));
    if (memory == NULL) {
        return -1;
    }
    limb *quotient = memory, *product = quotient + qn, *x = product + qn + bn;
    int status = _PyLimbs_DivRem(quotient, NULL, a + skip, size, b + skip, part);
    if (status == 0) {
        status = _PyLimbs_Mul(product, b, bn, quotient, qn);
    }
    if (status == 0) {
        memcpy(x, a, an * sizeof(limb));
        x[an] = 0;
        size_t pn = qn + bn;           /* == an + 1 */
        limb borrow = _PyLimbs_SubN(x, x, product, pn);
        while (borrow) {
            borrow -= _PyLimbs_Add(x, x, pn, b, bn);
            for (size_t i = 0; i < qn && quotient[i]-- == 0; i++) {
            }
        }
        if (q != NULL) {
            memcpy(q, quotient, qn * sizeof(limb));
        }
        if (r != NULL) {
            memcpy(r, x, bn * sizeof(limb));
        }
    }
    free(memory);
    return status;
}

int
_PyLimbs_DivRem(limb *q, limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    if (bn == 1) {
        limb stack[64];
        limb *quotient = q;
        if (quotient == NULL) {
            quotient = an <= 64 ? stack : malloc(an * sizeof(limb));
            if (quotient == NULL) {
                return -1;
            }
        }
        limb remainder = _PyLimbs_DivRem1(quotient, a, an, b[0]);
        if (r != NULL) {
            r[0] = remainder;
        }
        if (quotient != q && quotient != stack) {
            free(quotient);
        }
        return 0;
    }
    if (bn < BZ_MIN || an - bn < BZ_MIN) {
        return divide_small(q, r, a, an, b, bn);
    }
    if (an - bn + 1 < bn / 3 * 2) {
        return divide_short_quotient(q, r, a, an, b, bn);
    }
    return divide_blocks(q, r, a, an, b, bn);
}

/* Limb arithmetic: addition, shifts, multiplication up to Karatsuba, modular powers.

   See pycore_limbs.h for the contract.  Larger products go to limbs_ntt.c, quotients are in limbs_div.c.
   Sources: Karatsuba and Ofman (1962); Montgomery, "Modular Multiplication Without Trial Division" (1985). */
#include "limbs_int.h"

#include <stdlib.h>
#include <string.h>

typedef _Py_limb limb;
typedef _Py_limb2 limb2;

/* -- Addition and subtraction --------------------------------------------- */

static inline limb
add_carry(limb a, limb b, limb *carry)
{
    limb sum;
    limb c1 = __builtin_add_overflow(a, b, &sum);
    limb c2 = __builtin_add_overflow(sum, *carry, &sum);
    *carry = c1 | c2;
    return sum;
}

static inline limb
sub_borrow(limb a, limb b, limb *borrow)
{
    limb difference;
    limb b1 = __builtin_sub_overflow(a, b, &difference);
    limb b2 = __builtin_sub_overflow(difference, *borrow, &difference);
    *borrow = b1 | b2;
    return difference;
}

limb
_PyLimbs_AddN(limb *r, const limb *a, const limb *b, size_t n)
{
    limb carry = 0;
    for (size_t i = 0; i < n; i++) {
        r[i] = add_carry(a[i], b[i], &carry);
    }
    return carry;
}

limb
_PyLimbs_SubN(limb *r, const limb *a, const limb *b, size_t n)
{
    limb borrow = 0;
    for (size_t i = 0; i < n; i++) {
        r[i] = sub_borrow(a[i], b[i], &borrow);
    }
    return borrow;
}

limb
_PyLimbs_Add(limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    limb carry = _PyLimbs_AddN(r, a, b, bn);
    size_t i = bn;
    for (; carry && i < an; i++) {
        r[i] = a[i] + 1;
        carry = r[i] == 0;
    }
    if (r != a) {
        memcpy(r + i, a + i, (an - i) * sizeof(limb));
    }
    return carry;
}

limb
_PyLimbs_Sub(limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    limb borrow = _PyLimbs_SubN(r, a, b, bn);
    size_t i = bn;
    for (; borrow && i < an; i++) {
        limb old = a[i];
        r[i] = old - 1;
        borrow = old == 0;
    }
    if (r != a) {
        memcpy(r + i, a + i, (an - i) * sizeof(limb));
    }
    return borrow;
}

int
_PyLimbs_Cmp(const limb *a, const limb *b, size_t n)
{
    while (n-- > 0) {
        if (a[n] != b[n]) {
            return a[n] < b[n] ? -1 : 1;
        }
    }
    return 0;
}

/* -- One limb at a time --------------------------------------------------- */

limb
_PyLimbs_Mul1(limb *r, const limb *a, size_t n, limb b, limb add)
{
    limb carry = add;
    for (size_t i = 0; i < n; i++) {
        limb2 t = (limb2)a[i] * b + carry;
        r[i] = (limb)t;
        carry = (limb)(t >> 64);
    }
    return carry;
}

limb
_PyLimbs_AddMul1(limb *r, const limb *a, size_t n, limb b)
{
    limb carry = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        limb2 t0 = (limb2)a[i] * b + r[i] + carry;
        r[i] = (limb)t0;
        limb2 t1 = (limb2)a[i + 1] * b + r[i + 1] + (limb)(t0 >> 64);
        r[i + 1] = (limb)t1;
        limb2 t2 = (limb2)a[i + 2] * b + r[i + 2] + (limb)(t1 >> 64);
        r[i + 2] = (limb)t2;
        limb2 t3 = (limb2)a[i + 3] * b + r[i + 3] + (limb)(t2 >> 64);
        r[i + 3] = (limb)t3;
        carry = (limb)(t3 >> 64);
    }
    for (; i < n; i++) {
        limb2 t = (limb2)a[i] * b + r[i] + carry;
        r[i] = (limb)t;
        carry = (limb)(t >> 64);
    }
    return carry;
}

limb
_PyLimbs_SubMul1(limb *r, const limb *a, size_t n, limb b)
{
    limb carry = 0;
    for (size_t i = 0; i < n; i++) {
        limb2 t = (limb2)a[i] * b + carry;
        limb low = (limb)t;
        carry = (limb)(t >> 64) + (r[i] < low);
        r[i] -= low;
    }
    return carry;
}

limb
_PyLimbs_Shl(limb *r, const limb *a, size_t n, unsigned count)
{
    if (count == 0) {
        memmove(r, a, n * sizeof(limb));
        return 0;
    }
    if (n == 0) {
        return 0;
    }
    limb out = a[n - 1] >> (64 - count);
    for (size_t i = n - 1; i > 0; i--) {
        r[i] = (a[i] << count) | (a[i - 1] >> (64 - count));
    }
    r[0] = a[0] << count;
    return out;
}

limb
_PyLimbs_Shr(limb *r, const limb *a, size_t n, unsigned count)
{
    if (count == 0) {
        memmove(r, a, n * sizeof(limb));
        return 0;
    }
    if (n == 0) {
        return 0;
    }
    limb out = a[0] << (64 - count);
    for (size_t i = 0; i + 1 < n; i++) {
        r[i] = (a[i] >> count) | (a[i + 1] << (64 - count));
    }
    r[n - 1] = a[n - 1] >> count;
    return out;
}

/* -- Products ------------------------------------------------------------- */

#define KARATSUBA_MIN 28
#define KARATSUBA_SQUARE_MIN 40
#define NTT_MIN 1400

static void
mul_base(limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    r[an] = _PyLimbs_Mul1(r, a, an, b[0], 0);
    for (size_t j = 1; j < bn; j++) {
        r[an + j] = _PyLimbs_AddMul1(r + j, a, an, b[j]);
    }
}

static void
square_base(limb *r, const limb *a, size_t n)
{
    if (n == 1) {
        limb2 t = (limb2)a[0] * a[0];
        r[0] = (limb)t;
        r[1] = (limb)(t >> 64);
        return;
    }
    /* The products above the diagonal once, doubled, then the diagonal. */
    r[n] = _PyLimbs_Mul1(r + 1, a + 1, n - 1, a[0], 0);
    for (size_t i = 1; i + 1 < n; i++) {
        r[n + i] = _PyLimbs_AddMul1(r + 2 * i + 1, a + i + 1, n - 1 - i, a[i]);
    }
    r[0] = 0;
    r[2 * n - 1] = _PyLimbs_Shl(r + 1, r + 1, 2 * n - 2, 1);
    limb carry = 0;
    for (size_t i = 0; i < n; i++) {
        limb2 t = (limb2)a[i] * a[i];
        r[2 * i] = add_carry(r[2 * i], (limb)t, &carry);
        r[2 * i + 1] = add_carry(r[2 * i + 1], (limb)(t >> 64), &carry);
    }
}

/* |a - b| where a has n limbs and b has m <= n; true if a < b. */
static int
absolute_difference(limb *r, const limb *a, size_t n, const limb *b, size_t m)
{
    size_t top = _PyLimbs_Normalize(a + m, n - m);
    if (top == 0 && _PyLimbs_Cmp(a, b, m) < 0) {
        _PyLimbs_SubN(r, b, a, m);
        memset(r + m, 0, (n - m) * sizeof(limb));
        return 1;
    }
    _PyLimbs_Sub(r, a, n, b, m);
    return 0;
}

#define KARATSUBA_SCRATCH(n) (2 * (n) + 256)

/* a and b of n limbs each. */
static void
karatsuba(limb *r, const limb *a, const limb *b, size_t n, limb *scratch)
{
    if (a == b) {
        if (n < KARATSUBA_SQUARE_MIN) {
            square_base(r, a, n);
            return;
        }
    }
    else if (n < KARATSUBA_MIN) {
        mul_base(r, a, n, b, n);
        return;
    }
    size_t h = (n + 1) / 2, l = n - h;
    limb *t = scratch;
    int negative = 0;
    if (a == b) {
        absolute_difference(r, a, h, a + h, l);
        karatsuba(t, r, r, h, scratch + 2 * h);
    }
    else {
        negative = absolute_difference(r, a, h, a + h, l);
        negative ^= absolute_difference(r + h, b, h, b + h, l);
        karatsuba(t, r, r + h, h, scratch + 2 * h);
    }
    karatsuba(r, a, b, h, scratch + 2 * h);
    karatsuba(r + 2 * h, a + h, b + h, l, scratch + 2 * h);

    /* middle = low + high -/+ t, which is never negative */
    limb carry;
    if (negative) {
        carry = _PyLimbs_AddN(t, t, r, 2 * h);
        carry += _PyLimbs_Add(t, t, 2 * h, r + 2 * h, 2 * l);
    }
    else {
        limb borrow = _PyLimbs_SubN(t, r, t, 2 * h);
        carry = _PyLimbs_Add(t, t, 2 * h, r + 2 * h, 2 * l) - borrow;
    }
    carry += _PyLimbs_AddN(r + h, r + h, t, 2 * h);
    for (size_t i = 3 * h; carry && i < 2 * n; i++) {
        r[i] += carry;
        carry = r[i] < carry;
    }
}

/* an >= bn, and a is cut in pieces of bn limbs. */
static int
mul_unbalanced(limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    limb *piece = malloc(2 * bn * sizeof(limb));
    if (piece == NULL) {
        return -1;
    }
    int status = _PyLimbs_Mul(r, a, bn, b, bn);
    size_t done = bn;
    while (status == 0 && done < an) {
        size_t size = an - done < bn ? an - done : bn;
        status = _PyLimbs_Mul(piece, a + done, size, b, bn);
        if (status < 0) {
            break;
        }
        /* r holds done + bn limbs so far. */
        limb carry = _PyLimbs_AddN(r + done, r + done, piece, bn);
        memcpy(r + done + bn, piece + bn, size * sizeof(limb));
        for (size_t i = done + bn; carry && i < done + bn + size; i++) {
            r[i] += 1;
            carry = r[i] == 0;
        }
        done += size;
    }
    free(piece);
    return status;
}

int
_PyLimbs_Mul(limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    if (an < bn) {
        const limb *t = a;
        a = b;
        b = t;
        size_t tn = an;
        an = bn;
        bn = tn;
    }
    if (a == b && an == bn && an < KARATSUBA_SQUARE_MIN) {
        square_base(r, a, an);
        return 0;
    }
    if (bn < KARATSUBA_MIN) {
        mul_base(r, a, an, b, bn);
        return 0;
    }
    if (bn >= NTT_MIN && an < 4 * bn) {
        return _PyLimbs_MulNTT(r, a, an, b, bn);
    }
    if (an != bn) {
        return mul_unbalanced(r, a, an, b, bn);
    }
    limb stack[KARATSUBA_SCRATCH(64)];
    if (an <= 64) {
        karatsuba(r, a, b, an, stack);
        return 0;
    }
    limb *scratch = malloc(KARATSUBA_SCRATCH(an) * sizeof(limb));
    if (scratch == NULL) {
        return -1;
    }
    karatsuba(r, a, b, an, scratch);
    free(scratch);
    return 0;
}

/* -- Modular powers ------------------------------------------------------- */

/* t[0 .. 2n) / 2**(64 n) mod m, into r; t is clobbered. */
static void
montgomery_reduce(limb *r, limb *t, const limb *m, size_t n, limb inverse)
{
    limb carry = 0;
    for (size_t i = 0; i < n; i++) {
        limb q = t[i] * inverse;
        limb c = _PyLimbs_AddMul1(t + i, m, n, q);
        limb sum = t[n + i] + carry;
        carry = sum < carry;
        sum += c;
        carry += sum < c;
        t[n + i] = sum;
    }
    if (carry || _PyLimbs_Cmp(t + n, m, n) >= 0) {
        _PyLimbs_SubN(r, t + n, m, n);
    }
    else {
        memcpy(r, t + n, n * sizeof(limb));
    }
}

#define POW_WINDOW 5

static inline unsigned
exponent_bit(const limb *e, size_t i)
{
    return (unsigned)(e[i / 64] >> (i % 64)) & 1;
}

int
_PyLimbs_PowModOdd(limb *r, const limb *base, const limb *exponent, size_t exponent_size,
                   const limb *m, size_t n)
{
    int status = -1;
    size_t table_size = (size_t)1 << (POW_WINDOW - 1);
    limb inverse = m[0];  /* Newton: five steps give 64 bits of the inverse */
    for (int i = 0; i < 5; i++) {
        inverse *= 2 - m[0] * inverse;
    }
    inverse = -inverse;
    limb *memory = malloc((4 * n + 1 + (table_size + 1) * n) * sizeof(limb));
    if (memory == NULL) {
        return -1;
    }
    limb *t = memory, *acc = t + 2 * n + 1, *tmp = acc + n, *table = tmp + n;

    /* table[i] = base ** (2 i + 1), acc = 1, all times 2**(64 n) */
    memset(t, 0, 2 * n * sizeof(limb));
    memcpy(t + n, base, n * sizeof(limb));
    if (_PyLimbs_DivRem(NULL, table, t, 2 * n, m, n) < 0) {
        goto done;
    }
    memset(t, 0, (2 * n + 1) * sizeof(limb));
    t[n] = 1;
    if (_PyLimbs_DivRem(NULL, acc, t, n + 1, m, n) < 0) {
        goto done;
    }
    if (_PyLimbs_Mul(t, table, n, table, n) < 0) {
        goto done;
    }
    montgomery_reduce(tmp, t, m, n, inverse);
    for (size_t i = 1; i < table_size; i++) {
        if (_PyLimbs_Mul(t, table + (i - 1) * n, n, tmp, n) < 0) {
            goto done;
        }
        montgomery_reduce(table + i * n, t, m, n, inverse);
    }
    exponent_size = _PyLimbs_Normalize(exponent, exponent_size);
    size_t i = exponent_size == 0 ? 0
               : exponent_size * 64 - _PyLimbs_CountLeadingZeros(exponent[exponent_size - 1]);
    while (i > 0) {
        size_t squarings = 1, value = 0;
        if (exponent_bit(exponent, i - 1)) {
            /* the widest window that ends in a one */
            size_t low = i >= POW_WINDOW ? i - POW_WINDOW : 0;
            while (!exponent_bit(exponent, low)) {
                low++;
            }
            squarings = i - low;
            for (size_t j = i; j > low; j--) {
                value = value * 2 + exponent_bit(exponent, j - 1);
            }
        }
        i -= squarings;
        while (squarings-- > 0) {
            if (_PyLimbs_Mul(t, acc, n, acc, n) < 0) {
                goto done;
            }
            montgomery_reduce(acc, t, m, n, inverse);
        }
        if (value) {
            if (_PyLimbs_Mul(t, acc, n, table + (value / 2) * n, n) < 0) {
                goto done;
            }
            montgomery_reduce(acc, t, m, n, inverse);
        }
    }
    memset(t, 0, 2 * n * sizeof(limb));
    memcpy(t, acc, n * sizeof(limb));
    montgomery_reduce(r, t, m, n, inverse);
    status = 0;
done:
    free(memory);
    return status;
}

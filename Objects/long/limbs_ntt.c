/* Products of huge numbers by number-theoretic transforms.

   The limbs are the coefficients; the cyclic convolution is computed modulo three 62-bit primes of the
   form k * 3 * 2**44 + 1 and put together by the Chinese remainder theorem.  Transform lengths are 2**k and
   3 * 2**k.  Residues are kept lazily in [0, 2p); products are Montgomery's, with R = 2**64.
   Source: Harvey, "Faster arithmetic for number-theoretic transforms" (2014). */
#include "limbs_int.h"

#include <stdlib.h>
#include <string.h>

typedef _Py_limb limb;
typedef _Py_limb2 limb2;

struct field {
    limb p;
    limb generator;
    limb inverse;   /* 1 / p mod R */
    limb r1;        /* R mod p, that is, one in Montgomery form */
    limb r2;        /* R * R mod p */
};

static const limb primes[3][2] = {
    {UINT64_C(0x3fffc00000000001), 11},
    {UINT64_C(0x3ffd500000000001), 5},
    {UINT64_C(0x3ffa500000000001), 7},
};

/* x * y / R mod p in [0, 2p); x * y < p * R. */
static inline limb
mont_mul(limb x, limb y, const struct field *f)
{
    limb2 t = (limb2)x * y;
    limb q = (limb)t * f->inverse;
    return (limb)(t >> 64) - (limb)(((limb2)q * f->p) >> 64) + f->p;
}

static inline limb
reduce_once(limb x, limb m)
{
    return x >= m ? x - m : x;
}

static limb
mont_pow(limb base, limb exponent, const struct field *f)
{
    limb result = f->r1;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1) {
            result = reduce_once(mont_mul(result, base, f), f->p);
        }
        base = reduce_once(mont_mul(base, base, f), f->p);
    }
    return result;
}

static void
field_init(struct field *f, int index)
{
    f->p = primes[index][0];
    limb inverse = f->p;
    for (int i = 0; i < 5; i++) {
        inverse *= 2 - f->p * inverse;
    }
    f->inverse = inverse;
    f->r1 = (limb)(((limb2)1 << 64) % f->p);
    f->r2 = (limb)((limb2)f->r1 * f->r1 % f->p);
    f->generator = (limb)((limb2)primes[index][1] * f->r1 % f->p);
}

/* Twiddles of all levels: those of length `len` (len / 2 of them) start at w[len / 2]. */
static void
twiddles_fill(limb *w, size_t n, limb root, const struct field *f)
{
    for (size_t half = n / 2; half >= 1; half /= 2) {
        limb x = f->r1;
        for (size_t j = 0; j < half; j++) {
            w[half + j] = x;
            x = reduce_once(mont_mul(x, root, f), f->p);
        }
        root = reduce_once(mont_mul(root, root, f), f->p);
    }
}

#define BLOCK 4096  /* words that stay in the first-level cache */

static inline void
forward_level(limb *x, size_t half, const limb *w, const struct field *f)
{
    const limb p2 = 2 * f->p;
    for (size_t j = 0; j < half; j++) {
        limb u = x[j], v = x[j + half];
        x[j] = reduce_once(u + v, p2);
        x[j + half] = mont_mul(u - v + p2, w[j], f);
    }
}

static inline void
inverse_level(limb *x, size_t half, const limb *w, const struct field *f)
{
    const limb p2 = 2 * f->p;
    for (size_t j = 0; j < half; j++) {
        limb u = x[j], v = mont_mul(x[j + half], w[j], f);
        x[j] = reduce_once(u + v, p2);
        x[j + half] = reduce_once(u - v + p2, p2);
    }
}

/* Decimation in frequency, result in bit-reversed order. */
static void
forward(limb *x, size_t n, const limb *w, const struct field *f)
{
    if (n > BLOCK) {
        forward_level(x, n / 2, w + n / 2, f);
        forward(x, n / 2, w, f);
        forward(x + n / 2, n / 2, w, f);
        return;
    }
    for (size_t half = n / 2; half >= 1; half /= 2) {
        for (size_t i = 0; i < n; i += 2 * half) {
            forward_level(x + i, half, w + half, f);
        }
    }
}

/* The inverse (without the division by n), with w made from the inverse root. */
static void
inverse(limb *x, size_t n, const limb *w, const struct field *f)
{
    if (n > BLOCK) {
        inverse(x, n / 2, w, f);
        inverse(x + n / 2, n / 2, w, f);
        inverse_level(x, n / 2, w + n / 2, f);
        return;
    }
    for (size_t half = 1; half < n; half *= 2) {
        for (size_t i = 0; i < n; i += 2 * half) {
            inverse_level(x + i, half, w + half, f);
        }
    }
}

/* The radix-3 step of lengths 3 * m: `root` has order 3 m, `third` order 3. */
static void
forward3(limb *x, size_t m, limb root, limb third, const struct field *f)
{
    const limb p2 = 2 * f->p;
    limb w = f->r1, third2 = reduce_once(mont_mul(third, third, f), f->p);
    for (size_t j = 0; j < m; j++) {
        limb a = x[j], b = x[j + m], c = x[j + 2 * m];
        limb w2 = reduce_once(mont_mul(w, w, f), f->p);
        x[j] = reduce_once(reduce_once(a + b, p2) + c, p2);
        limb s = reduce_once(mont_mul(b, third, f) + mont_mul(c, third2, f), p2);
        limb t = reduce_once(mont_mul(b, third2, f) + mont_mul(c, third, f), p2);
        x[j + m] = mont_mul(reduce_once(a + s, p2), w, f);
        x[j + 2 * m] = mont_mul(reduce_once(a + t, p2), w2, f);
        w = reduce_once(mont_mul(w, root, f), f->p);
    }
}

static void
inverse3(limb *x, size_t m, limb root, limb third, const struct field *f)
{
    const limb p2 = 2 * f->p;
    limb w = f->r1, third2 = reduce_once(mont_mul(third, third, f), f->p);
    for (size_t j = 0; j < m; j++) {
        limb w2 = reduce_once(mont_mul(w, w, f), f->p);
        limb a = x[j], b = mont_mul(x[j + m], w, f), c = mont_mul(x[j + 2 * m], w2, f);
        x[j] = reduce_once(reduce_once(a + b, p2) + c, p2);
        limb s = reduce_once(mont_mul(b, third, f) + mont_mul(c, third2, f), p2);
        limb t = reduce_once(mont_mul(b, third2, f) + mont_mul(c, third, f), p2);
        x[j + m] = reduce_once(a + s, p2);
        x[j + 2 * m] = reduce_once(a + t, p2);
        w = reduce_once(mont_mul(w, root, f), f->p);
    }
}

struct plan {
    struct field f;
    size_t length, m;       /* length is m or 3 * m; m is a power of two */
    limb root, third;       /* roots of order length and 3 (Montgomery form) */
};

static void
plan_init(struct plan *plan, int index, size_t length, size_t m, int inverted)
{
    field_init(&plan->f, index);
    const struct field *f = &plan->f;
    plan->length = length;
    plan->m = m;
    limb g = f->generator;
    if (inverted) {
        g = mont_pow(g, f->p - 2, f);
    }
    plan->root = mont_pow(g, (f->p - 1) / length, f);
    plan->third = mont_pow(g, (f->p - 1) / 3, f);
}

static limb
plan_root_m(const struct plan *plan)
{
    return plan->length == plan->m ? plan->root : mont_pow(plan->root, 3, &plan->f);
}

static void
transform(limb *x, const struct plan *plan, const limb *w)
{
    if (plan->length != plan->m) {
        forward3(x, plan->m, plan->root, plan->third, &plan->f);
    }
    for (size_t i = 0; i < plan->length; i += plan->m) {
        forward(x + i, plan->m, w, &plan->f);
    }
}

static void
transform_back(limb *x, const struct plan *plan, const limb *w)
{
    for (size_t i = 0; i < plan->length; i += plan->m) {
        inverse(x + i, plan->m, w, &plan->f);
    }
    if (plan->length != plan->m) {
        inverse3(x, plan->m, plan->root, plan->third, &plan->f);
    }
}

static void
load(limb *x, const limb *a, size_t n, size_t length, const struct field *f)
{
    const limb p2 = 2 * f->p;
    for (size_t i = 0; i < n; i++) {
        x[i] = reduce_once(reduce_once(a[i], p2), p2);
    }
    memset(x + n, 0, (length - n) * sizeof(limb));
}

/* Residues modulo one prime of the convolution of a and b, into x; y and w are scratch. */
static void
convolve(limb *x, limb *y, limb *w, int index, size_t length, size_t m,
         const limb *a, size_t an, const limb *b, size_t bn)
{
    struct plan plan;
    plan_init(&plan, index, length, m, 0);
    const struct field *f = &plan.f;
    twiddles_fill(w, m, plan_root_m(&plan), f);
    load(x, a, an, length, f);
    transform(x, &plan, w);
    const limb *other = x;
    if (a != b || an != bn) {
        load(y, b, bn, length, f);
        transform(y, &plan, w);
        other = y;
    }
    for (size_t i = 0; i < length; i++) {
        x[i] = mont_mul(reduce_once(x[i], f->p), other[i], f);
    }
    plan_init(&plan, index, length, m, 1);
    twiddles_fill(w, m, plan_root_m(&plan), f);
    transform_back(x, &plan, w);
    /* The product above left a factor 1 / R, the transforms a factor `length`. */
    limb n_mont = (limb)((limb2)(limb)length * f->r1 % f->p);
    limb scale = reduce_once(mont_mul(mont_pow(n_mont, f->p - 2, f), f->r2, f), f->p);
    for (size_t i = 0; i < length; i++) {
        x[i] = reduce_once(mont_mul(x[i], scale, f), f->p);
    }
}

/* 1 / p1 mod p2 and 1 / (p1 p2) mod p3 */
#define INVERSE_P1_P2 UINT64_C(0x2c4ce89d89d8834a)
#define INVERSE_P12_P3 UINT64_C(0x2e30dbf72d1e3b5a)

/* r = sum of coefficient[i] * 2**(64 i), `size` limbs. */
static void
recombine(limb *r, size_t size, const limb *x1, const limb *x2, const limb *x3, size_t terms)
{
    struct field f2, f3;
    field_init(&f2, 1);
    field_init(&f3, 2);
    const limb p1 = primes[0][0], p2 = f2.p, p3 = f3.p;
    const limb inverse_p1 = (limb)((limb2)INVERSE_P1_P2 * f2.r1 % p2);
    const limb inverse_p12 = (limb)((limb2)INVERSE_P12_P3 * f3.r1 % p3);
    const limb p1_in_3 = (limb)((limb2)p1 * f3.r1 % p3);
    const limb2 p12 = (limb2)p1 * p2;
    const limb p12_low = (limb)p12, p12_high = (limb)(p12 >> 64);
    limb c0 = 0, c1 = 0, c2 = 0;  /* carry of three limbs */

    for (size_t i = 0; i < size; i++) {
        if (i < terms) {
            limb v1 = x1[i];
            limb v2 = reduce_once(mont_mul(x2[i] + 2 * p2 - v1, inverse_p1, &f2), p2);
            limb t = reduce_once(mont_mul(v2, p1_in_3, &f3), p3);
            t = x3[i] + 3 * p3 - v1 - t;  /* v1 < 2 p3, t < p3 */
            limb v3 = reduce_once(mont_mul(t, inverse_p12, &f3), p3);
            /* v1 + v2 * p1 + v3 * p12, three limbs */
            limb2 s = (limb2)v2 * p1 + v1;
            limb2 low = (limb2)v3 * p12_low;
            limb2 high = (limb2)v3 * p12_high;
            limb2 sum0 = (limb2)(limb)s + (limb)low;
            limb2 sum1 = (limb2)(limb)(s >> 64) + (limb)(low >> 64) + (limb)high + (limb)(sum0 >> 64);
            limb top = (limb)(high >> 64) + (limb)(sum1 >> 64);
            limb2 a0 = (limb2)c0 + (limb)sum0;
            limb2 a1 = (limb2)c1 + (limb)sum1 + (limb)(a0 >> 64);
            c0 = (limb)a0;
            c1 = (limb)a1;
            c2 += top + (limb)(a1 >> 64);
        }
        r[i] = c0;
        c0 = c1;
        c1 = c2;
        c2 = 0;
    }
}

int
_PyLimbs_MulNTT(limb *r, const limb *a, size_t an, const limb *b, size_t bn)
{
    size_t terms = an + bn - 1, m = 1;
    while (m < terms) {
        m *= 2;
    }
    size_t length = m;
    if (m / 4 * 3 >= terms) {
        m /= 4;
        length = 3 * m;
    }
    if (length > SIZE_MAX / 5 / sizeof(limb)) {
        return -1;
    }
    limb *memory = malloc((4 * length + m) * sizeof(limb));
    if (memory == NULL) {
        return -1;
    }
    limb *y = memory + 3 * length, *w = y + length;
    for (int i = 0; i < 3; i++) {
        convolve(memory + (size_t)i * length, y, w, i, length, m, a, an, b, bn);
    }
    recombine(r, an + bn, memory, memory + length, memory + 2 * length, terms);
    free(memory);
    return 0;
}

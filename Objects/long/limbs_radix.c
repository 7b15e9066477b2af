/* Limbs to decimal digits, and digits of any base to limbs, both by divide and conquer.

   The powers base ** (chunk * 2**k) are made once per conversion by repeated squaring.
   Source: Brent and Zimmermann, "Modern Computer Arithmetic" (2010), section 1.7. */
#include "limbs_int.h"

#include <stdlib.h>
#include <string.h>

typedef _Py_limb limb;
typedef _Py_limb2 limb2;

#define MAX_LEVELS 60
#define DECIMAL_CHUNK 19
#define DECIMAL_CHUNK_VALUE UINT64_C(10000000000000000000)
#define TO_DECIMAL_MIN 30      /* limbs; below: repeated division by 10**19 */
#define FROM_DIGITS_MIN 24     /* chunks; below: repeated multiplication */

struct powers {
    int count;
    limb *value[MAX_LEVELS];
    size_t size[MAX_LEVELS];
};

static void
powers_free(struct powers *p)
{
    for (int i = 0; i < p->count; i++) {
        free(p->value[i]);
    }
}

/* value[k] = first ** (2 ** k), for all k whose size is at most `limit` limbs (and one at least). */
static int
powers_init(struct powers *p, limb first, size_t limit)
{
    p->count = 0;
    p->value[0] = malloc(sizeof(limb));
    if (p->value[0] == NULL) {
        return -1;
    }
    p->value[0][0] = first;
    p->size[0] = 1;
    p->count = 1;
    while (p->count < MAX_LEVELS) {
        int k = p->count;
        size_t n = p->size[k - 1];
        if (2 * n > limit + 1) {
            break;
        }
        limb *square = malloc(2 * n * sizeof(limb));
        if (square == NULL || _PyLimbs_Mul(square, p->value[k - 1], n, p->value[k - 1], n) < 0) {
            free(square);
            powers_free(p);
            return -1;
        }
        p->value[k] = square;
        p->size[k] = _PyLimbs_Normalize(square, 2 * n);
        p->count = k + 1;
    }
    return 0;
}

/* -- To decimal ----------------------------------------------------------- */

static const char digit_pairs[201] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* The last `count` decimal digits of value, ending before `end`. */
static void
put_digits(char *end, limb value, int count)
{
    for (; count >= 2; count -= 2) {
        limb quotient = value / 100;
        end -= 2;
        memcpy(end, digit_pairs + 2 * (value - quotient * 100), 2);
        value = quotient;
    }
    if (count) {
        end[-1] = (char)('0' + value % 10);
    }
}

static int
count_digits(limb value)
{
    int count = 1;
    while (value >= 10) {
        value /= 10;
        count++;
    }
    return count;
}

/* Writes a in `width` digits, or as many as it has if width is 0.  Returns the end. */
static char *
to_decimal_base(char *out, limb *a, size_t n, size_t width)
{
    limb chunks[TO_DECIMAL_MIN * 2];
    size_t count = 0;
    n = _PyLimbs_Normalize(a, n);
    while (n > 0) {
        chunks[count++] = _PyLimbs_DivRem1(a, a, n, DECIMAL_CHUNK_VALUE);
        n = _PyLimbs_Normalize(a, n);
    }
    size_t size;
    if (count == 0) {
        size = 0;
    }
    else {
        size = (count - 1) * DECIMAL_CHUNK + (size_t)count_digits(chunks[count - 1]);
    }
    if (width == 0) {
        width = size;
    }
    memset(out, '0', width - size);
    char *end = out + width;
    char *p = end;
    for (size_t i = 0; i < count; i++) {
        int digits = i + 1 < count ? DECIMAL_CHUNK : (int)(size - (count - 1) * DECIMAL_CHUNK);
        put_digits(p, chunks[i], digits);
        p -= digits;
    }
    return end;
}

static char *
to_decimal(char *out, limb *a, size_t n, size_t width, const struct powers *p, int level)
{
    n = _PyLimbs_Normalize(a, n);
    if (n < TO_DECIMAL_MIN) {
        return to_decimal_base(out, a, n, width);
    }
    while (level > 0 && p->size[level] > (n + 1) / 2 + 1) {
        level--;
    }
    const limb *d = p->value[level];
    size_t dn = p->size[level];
    size_t low_width = (size_t)DECIMAL_CHUNK << level;
    limb *q = malloc((n - dn + 1 + dn) * sizeof(limb));
    if (q == NULL) {
        return NULL;
    }
    limb *r = q + (n - dn + 1);
    if (_PyLimbs_DivRem(q, r, a, n, d, dn) < 0) {
        free(q);
        return NULL;
    }
    size_t qn = _PyLimbs_Normalize(q, n - dn + 1);
    if (qn > 0 || width > 0) {
        out = to_decimal(out, q, qn, width ? width - low_width : 0, p, level);
        width = low_width;
    }
    if (out != NULL) {
        out = to_decimal(out, r, dn, width, p, level);
    }
    free(q);
    return out;
}

ptrdiff_t
_PyLimbs_ToDecimal(char *out, limb *a, size_t n)
{
    n = _PyLimbs_Normalize(a, n);
    if (n == 0) {
        out[0] = '0';
        return 1;
    }
    if (n < TO_DECIMAL_MIN) {
        return to_decimal_base(out, a, n, 0) - out;
    }
    struct powers p;
    if (powers_init(&p, DECIMAL_CHUNK_VALUE, (n + 1) / 2 + 1) < 0) {
        return -1;
    }
    char *end = to_decimal(out, a, n, 0, &p, p.count - 1);
    powers_free(&p);
    return end == NULL ? -1 : end - out;
}

/* -- From digits ---------------------------------------------------------- */

/* Digits that fit in a limb, for each base, and base ** that. */
static int
chunk_of(int base, limb *value)
{
    int count = 0;
    limb power = 1;
    while (power <= ~(limb)0 / (limb)base) {
        power *= (limb)base;
        count++;
    }
    *value = power;
    return count;
}

static size_t
from_digits_base(limb *r, const unsigned char *digits, size_t size, int base, int chunk,
                 limb chunk_value)
{
    size_t n = 0, first = size % (size_t)chunk;
    const unsigned char *p = digits, *end = digits + size;
    if (first == 0) {
        first = (size_t)chunk;
    }
    while (p < end) {
        limb value = 0;
        const unsigned char *stop = p + (p == digits ? first : (size_t)chunk);
        for (; p < stop; p++) {
            value = value * (limb)base + *p;
        }
        limb carry = _PyLimbs_Mul1(r, r, n, chunk_value, value);
        if (carry) {
            r[n++] = carry;
        }
    }
    return n;
}

static ptrdiff_t
from_digits(limb *r, const unsigned char *digits, size_t size, int base, int chunk,
            const struct powers *p, int level)
{
    if (size <= (size_t)chunk * FROM_DIGITS_MIN) {
        return (ptrdiff_t)from_digits_base(r, digits, size, base, chunk, p->value[0][0]);
    }
    while (level > 0 && ((size_t)chunk << level) >= size) {
        level--;
    }
    size_t low_size = (size_t)chunk << level;
    size_t high_room = _PyLimbs_PARSE_SIZE(size - low_size);
    size_t low_room = _PyLimbs_PARSE_SIZE(low_size);
    limb *high = malloc((high_room + low_room) * sizeof(limb));
    if (high == NULL) {
        return -1;
    }
    limb *low = high + high_room;
    ptrdiff_t result = -1;
    ptrdiff_t hn = from_digits(high, digits, size - low_size, base, chunk, p, level);
    ptrdiff_t ln = hn < 0 ? -1
                   : from_digits(low, digits + (size - low_size), low_size, base, chunk, p, level);
    if (ln < 0) {
        goto done;
    }
    if (hn == 0) {
        memcpy(r, low, (size_t)ln * sizeof(limb));
        result = ln;
        goto done;
    }
    size_t rn = (size_t)hn + p->size[level];
    if (_PyLimbs_Mul(r, high, (size_t)hn, p->value[level], p->size[level]) < 0) {
        goto done;
    }
    /* low < base ** low_size, so it is no longer than the power, and the sum cannot overflow */
    _PyLimbs_Add(r, r, rn, low, (size_t)ln);
    result = (ptrdiff_t)_PyLimbs_Normalize(r, rn);
done:
    free(high);
    return result;
}

ptrdiff_t
_PyLimbs_FromDigits(limb *r, const unsigned char *digits, size_t size, int base)
{
    limb chunk_value;
    int chunk = chunk_of(base, &chunk_value);
    if (size <= (size_t)chunk * FROM_DIGITS_MIN) {
        return (ptrdiff_t)from_digits_base(r, digits, size, base, chunk, chunk_value);
    }
    struct powers p;
    if (powers_init(&p, chunk_value, size / (size_t)chunk / 2 + 1) < 0) {
        return -1;
    }
    ptrdiff_t n = from_digits(r, digits, size, base, chunk, &p, p.count - 1);
    powers_free(&p);
    return n;
}

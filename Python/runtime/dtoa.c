/* Doubles to decimal and back, always correctly rounded.

   Shortest digits: Schubfach (R. Giulietti, 2020).  Given digits: exact integers, of 128 bits where they are
   enough, limbs otherwise.  Reading: Clinger's exact case, then Eisel-Lemire ("Number parsing at a
   gigabyte per second", D. Lemire 2021), then exact division of limbs.
   The table of 128-bit powers of ten is computed once, at its first use, from exact integers. */
#include "Python.h"
#include "pycore_dtoa.h"
#include "pycore_limbs.h"
#include "pycore_lock.h"  // _PyOnceFlag_CallOnce

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

typedef _Py_limb limb;
typedef unsigned __int128 uint128;

/* -- Powers of ten -------------------------------------------------------- */

#define POWER_MIN (-342)
#define POWER_MAX 324
#define POWER_EXACT_MAX 55  /* 5**55 < 2**128 */

/* power_table[k - POWER_MIN] = floor(10**k / 2**(floor(log2(10**k)) - 127)) */
static uint128 power_table[POWER_MAX - POWER_MIN + 1];
static _PyOnceFlag power_once;

static uint128
leading_128(const limb *a, size_t n)
{
    n = _PyLimbs_Normalize(a, n);
    limb x0 = a[n - 1], x1 = n > 1 ? a[n - 2] : 0, x2 = n > 2 ? a[n - 3] : 0;
    unsigned shift = _PyLimbs_CountLeadingZeros(x0);
    uint128 value = ((uint128)x0 << 64) | x1;
    if (shift) {
        value = (value << shift) | (x2 >> (64 - shift));
    }
    return value;
}

static int
fill_power_table(void *Py_UNUSED(arg))
{
    limb a[20] = {1};
    size_t n = 1;
    for (int k = 0; k <= POWER_MAX; k++) {
        power_table[k - POWER_MIN] = leading_128(a, n);
        limb carry = _PyLimbs_Mul1(a, a, n, 5, 0);
        if (carry) {
            a[n++] = carry;
        }
    }
    /* floor(floor(x / 5) / 5) == floor(x / 25): divide 2**1152 again and again. */
    memset(a, 0, sizeof(a));
    a[18] = 1;
    n = 19;
    for (int k = -1; k >= POWER_MIN; k--) {
        _PyLimbs_DivRem1(a, a, n, 5);
        n = _PyLimbs_Normalize(a, n);
        power_table[k - POWER_MIN] = leading_128(a, n);
    }
    return 0;
}

static inline uint128
power_of_ten(int k)
{
    (void)_PyOnceFlag_CallOnce(&power_once, fill_power_table, NULL);
    return power_table[k - POWER_MIN];
}

static const double small_powers[] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
};

static const uint64_t word_powers[] = {
    UINT64_C(1), UINT64_C(10), UINT64_C(100), UINT64_C(1000), UINT64_C(10000), UINT64_C(100000),
    UINT64_C(1000000), UINT64_C(10000000), UINT64_C(100000000), UINT64_C(1000000000),
    UINT64_C(10000000000), UINT64_C(100000000000), UINT64_C(1000000000000), UINT64_C(10000000000000),
    UINT64_C(100000000000000), UINT64_C(1000000000000000), UINT64_C(10000000000000000),
    UINT64_C(100000000000000000), UINT64_C(1000000000000000000), UINT64_C(10000000000000000000),
};

static uint128
wide_power(int k)
{
    assert(k >= 0 && k <= 38);
    return k <= 19 ? word_powers[k] : (uint128)word_powers[19] * word_powers[k - 19];
}

/* a = 5**k, its size returned */
static size_t
limbs_power_of_five(limb *a, int k)
{
    size_t n = 1;
    a[0] = 1;
    while (k > 0) {
        int step = k < 27 ? k : 27;
        limb factor = 1;
        for (int i = 0; i < step; i++) {
            factor *= 5;
        }
        limb carry = _PyLimbs_Mul1(a, a, n, factor, 0);
        if (carry) {
            a[n++] = carry;
        }
        k -= step;
    }
    return n;
}

/* a <<= count, in place; the new size is returned. */
static size_t
limbs_shift_left(limb *a, size_t n, size_t count)
{
    size_t words = count / 64;
    limb out = _PyLimbs_Shl(a, a, n, count % 64);
    if (out) {
        a[n++] = out;
    }
    if (words) {
        memmove(a + words, a, n * sizeof(limb));
        memset(a, 0, words * sizeof(limb));
    }
    return n + words;
}

/* -- Decomposition -------------------------------------------------------- */

#define MANTISSA_BITS 52
#define HIDDEN_BIT ((uint64_t)1 << MANTISSA_BITS)
#define EXPONENT_BIAS 1075  /* of the integer mantissa */

/* x = mantissa * 2**exponent, x > 0 and finite */
static inline uint64_t
decompose(double x, int *exponent)
{
    uint64_t bits = _Py_double_bits(x);
    uint64_t mantissa = bits & (HIDDEN_BIT - 1);
    int biased = (int)(bits >> MANTISSA_BITS) & 0x7ff;
    if (biased != 0) {
        mantissa |= HIDDEN_BIT;
        *exponent = biased - EXPONENT_BIAS;
    }
    else {
        *exponent = 1 - EXPONENT_BIAS;
    }
    return mantissa;
}

/* -- Shortest digits ------------------------------------------------------ */

static inline int
floor_log10_pow2(int e)
{
    return (e * 1262611) >> 22;
}

static inline int
floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* High 64 bits of g * c with a sticky lowest bit. */
static inline uint64_t
round_to_odd(uint128 g, uint64_t c)
{
    uint128 low = (uint128)(uint64_t)g * c;
    uint128 high = (uint128)(uint64_t)(g >> 64) * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The shortest decimal * 10**k that reads back as x; x > 0 and finite. */
static uint64_t
shortest(double x, int *k_out)
{
    int q;
    uint64_t c = decompose(x, &q);
    if (q <= 0 && q > -53 && (c & (((uint64_t)1 << -q) - 1)) == 0) {
        *k_out = 0;  /* an integer below 2**53 */
        return c >> -q;
    }
    bool odd = c & 1;
    /* Below a power of two the neighbour is nearer. */
    bool closer = c == HIDDEN_BIT && q > 1 - EXPONENT_BIAS;
    uint64_t low = 4 * c - 2 + closer, mid = 4 * c, high = 4 * c + 2;
    int k = (q * 1262611 - (closer ? 524031 : 0)) >> 22;
    int h = q + floor_log2_pow10(-k) + 1;
    uint128 g = power_of_ten(-k);
    if (-k < 0 || -k > POWER_EXACT_MAX) {
        g++;
    }
    uint64_t low_bound = round_to_odd(g, low << h) + odd;
    uint64_t value = round_to_odd(g, mid << h);
    uint64_t high_bound = round_to_odd(g, high << h) - odd;
    uint64_t s = value / 4;
    if (s >= 10) {
        uint64_t t = s / 10;
        bool under = low_bound <= 40 * t, over = 40 * t + 40 <= high_bound;
        if (under != over) {
            *k_out = k + 1;
            return t + over;
        }
    }
    *k_out = k;
    bool under = low_bound <= 4 * s, over = 4 * s + 4 <= high_bound;
    if (under != over) {
        return s + over;
    }
    uint64_t middle = 4 * s + 2;
    return s + (value > middle || (value == middle && (s & 1)));
}

static const char digit_pairs[201] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* Decimal digits of value, their number returned. */
static int
write_word(char *out, uint64_t value)
{
    char buffer[20], *p = buffer + sizeof(buffer);
    while (value >= 100) {
        uint64_t rest = value / 100;
        p -= 2;
        memcpy(p, digit_pairs + 2 * (value - rest * 100), 2);
        value = rest;
    }
    if (value >= 10) {
        p -= 2;
        memcpy(p, digit_pairs + 2 * value, 2);
    }
    else {
        *--p = (char)('0' + value);
    }
    int size = (int)(buffer + sizeof(buffer) - p);
    memcpy(out, p, (size_t)size);
    return size;
}

static int
write_wide(char *out, uint128 value)
{
    if (value >> 64 == 0) {
        return write_word(out, (uint64_t)value);
    }
    uint128 head = value / word_powers[19];
    uint64_t tail = (uint64_t)(value - head * word_powers[19]);
    int size = write_wide(out, head);
    for (int i = 18; i >= 0; i--) {
        out[size + i] = (char)('0' + tail % 10);
        tail /= 10;
    }
    return size + 19;
}

/* -- A given number of digits --------------------------------------------- */

static inline uint128
round_half_even(uint128 quotient, uint128 remainder, uint128 half_up, bool tie)
{
    return quotient + (remainder > half_up || (tie && remainder == half_up && (quotient & 1)));
}

/* N = m * 2**e * 10**nd rounded half to even, in exact integers of 128 bits; false if they are too short. */
static bool
scaled_wide(uint64_t m, int e, int nd, uint128 *n)
{
    if (nd >= 0) {
        if (e >= 0 || nd > 22) {
            return false;
        }
        uint128 product = (uint128)m * wide_power(nd);
        int s = -e;
        if (s > 127) {
            *n = 0;  /* product < 2**127 */
            return true;
        }
        uint128 quotient = product >> s, remainder = product - (quotient << s);
        *n = round_half_even(quotient, remainder, (uint128)1 << (s - 1), true);
        return true;
    }
    if (nd < -19) {
        return false;
    }
    uint128 numerator = m, denominator = word_powers[-nd];
    if (e >= 0) {
        if (e > 74) {
            return false;
        }
        numerator <<= e;
    }
    else {
        if (e < -63) {
            return false;
        }
        denominator <<= -e;
    }
    uint128 quotient = numerator / denominator, remainder = numerator - quotient * denominator;
    uint128 half = denominator >> 1;  /* 10**j is even */
    *n = round_half_even(quotient, remainder, half, true);
    return true;
}

#define BIG 72

/* Digits of N (as above) by limbs. */
static int
scaled_big(char *out, uint64_t m, int e, int nd)
{
    limb a[BIG], b[BIG], q[BIG], r[BIG];
    size_t n;
    int binary = e + nd;
    if (nd >= 0) {
        n = limbs_power_of_five(a, nd);
        limb carry = _PyLimbs_Mul1(a, a, n, m, 0);
        if (carry) {
            a[n++] = carry;
        }
        if (binary >= 0) {
            n = limbs_shift_left(a, n, (size_t)binary);
        }
        else {
            size_t s = (size_t)-binary, words = s / 64, bits = s % 64;
            if (words >= n + 1) {
                return 0;
            }
            /* remainder against half: the bit below the cut, and whether anything is below that */
            size_t below = s - 1;
            bool half = below / 64 < n && (a[below / 64] >> (below % 64) & 1), more = false;
            for (size_t i = 0; i < below / 64 && i < n && !more; i++) {
                more = a[i] != 0;
            }
            if (below / 64 < n && !more) {
                more = (a[below / 64] & (((limb)1 << (below % 64)) - 1)) != 0;
            }
            if (words < n) {
                n -= words;
                _PyLimbs_Shr(a, a + words, n, (unsigned)bits);
            }
            else {
                n = 1;
                a[0] = 0;
            }
            if (half && (more || (a[0] & 1))) {
                limb one = 1;
                a[n] = _PyLimbs_Add(a, a, n, &one, 1);
                n += a[n];
            }
        }
    }
    else {
        size_t bn = limbs_power_of_five(b, -nd);
        a[0] = m;
        n = 1;
        if (binary >= 0) {
            n = limbs_shift_left(a, n, (size_t)binary);
        }
        else {
            bn = limbs_shift_left(b, bn, (size_t)-binary);
        }
        bn = _PyLimbs_Normalize(b, bn);
        n = _PyLimbs_Normalize(a, n);
        size_t qn = 1;
        q[0] = 0;
        if (n < bn) {
            memset(r, 0, bn * sizeof(limb));
            memcpy(r, a, n * sizeof(limb));
        }
        else {
            qn = n - bn + 1;
            if (_PyLimbs_DivRem(q, r, a, n, b, bn) < 0) {
                return -1;
            }
        }
        r[bn] = _PyLimbs_Shl(r, r, bn, 1);
        int order = r[bn] ? 1 : _PyLimbs_Cmp(r, b, bn);
        if (order > 0 || (order == 0 && (q[0] & 1))) {
            limb one = 1;
            q[qn] = _PyLimbs_Add(q, q, qn, &one, 1);
            qn += q[qn];
        }
        memcpy(a, q, qn * sizeof(limb));
        n = qn;
    }
    n = _PyLimbs_Normalize(a, n);
    return n == 0 ? 0 : (int)_PyLimbs_ToDecimal(out, a, n);
}

/* Digits of m * 2**e * 10**nd rounded to an integer; none for zero. */
static int
scaled_digits(char *out, uint64_t m, int e, int nd)
{
    uint128 wide;
    if (nd < -330) {
        return 0;
    }
    if (scaled_wide(m, e, nd, &wide)) {
        return wide == 0 ? 0 : write_wide(out, wide);
    }
    return scaled_big(out, m, e, nd);
}

static int
strip_zeros(const char *digits, int size)
{
    while (size > 1 && digits[size - 1] == '0') {
        size--;
    }
    return size;
}

int
_Py_dtoa_digits(double x, int mode, int ndigits, char *digits, int *decpt)
{
    if (x == 0) {
        digits[0] = '0';
        *decpt = 1;
        return 1;
    }
    if (mode < 2) {
        int k;
        int size = write_word(digits, shortest(x, &k));
        *decpt = size + k;
        return strip_zeros(digits, size);
    }
    int e;
    uint64_t m = decompose(x, &e);
    /* Digits past these are zeros. */
    int last = e >= 0 ? 0 : -e;
    if (mode == 3) {
        int nd = ndigits < last ? ndigits : last;
        int size = scaled_digits(digits, m, e, nd);
        if (size == 0) {
            *decpt = -ndigits;
            return 0;
        }
        *decpt = size - nd;
        return strip_zeros(digits, size);
    }
    if (ndigits < 1) {
        ndigits = 1;
    }
    if (ndigits > 800) {
        ndigits = 800;
    }
    int bits = e + 64 - __builtin_clzll(m);
    int k = floor_log10_pow2(bits - 1);  /* floor(log10(x)), or one less */
    int nd = ndigits - 1 - k;
    if (nd > last) {
        nd = last;
    }
    int size = scaled_digits(digits, m, e, nd);
    if (size > ndigits) {
        nd--;
        size = scaled_digits(digits, m, e, nd);
    }
    *decpt = size - nd;
    return strip_zeros(digits, size);
}

char *
_Py_dg_dtoa(double x, int mode, int ndigits, int *decpt, int *sign, char **end)
{
    char digits[_Py_DTOA_BUFFER];
    int size;
    *sign = signbit(x) != 0;
    if (!isfinite(x)) {
        const char *name = isinf(x) ? "Infinity" : "NaN";
        size = (int)strlen(name);
        memcpy(digits, name, (size_t)size);
        *decpt = 9999;
    }
    else {
        size = _Py_dtoa_digits(fabs(x), mode, ndigits, digits, decpt);
    }
    char *result = PyMem_Malloc((size_t)size + 1);
    if (result == NULL) {
        return NULL;
    }
    memcpy(result, digits, (size_t)size);
    result[size] = '\0';
    if (end != NULL) {
        *end = result + size;
    }
    return result;
}

void
_Py_dg_freedtoa(char *s)
{
    PyMem_Free(s);
}

/* -- Reading -------------------------------------------------------------- */

/* top * 2**exponent, top with its high bit set and a sticky low bit, rounded half to even. */
double
_Py_round_to_double(uint64_t top, int exponent)
{
    int biased = exponent + 63 + 1023;
    int drop = 11;
    if (biased <= 0) {
        drop += 1 - biased;
        biased = 0;
        if (drop > 65) {
            return 0.0;
        }
    }
    uint64_t mantissa, rest, half;
    if (drop >= 64) {
        mantissa = 0;
        rest = drop == 64 ? top : 1;
        half = drop == 64 ? (uint64_t)1 << 63 : 2;
    }
    else {
        mantissa = top >> drop;
        rest = top & (((uint64_t)1 << drop) - 1);
        half = (uint64_t)1 << (drop - 1);
    }
    mantissa += rest > half || (rest == half && (mantissa & 1));
    if (biased == 0) {
        return _Py_double_from_bits(mantissa);  /* 2**52 is the smallest normal number, as it should be */
    }
    if (mantissa == HIDDEN_BIT * 2) {
        mantissa = HIDDEN_BIT;
        biased++;
    }
    if (biased >= 0x7ff) {
        return HUGE_VAL;
    }
    return _Py_double_from_bits((uint64_t)biased << MANTISSA_BITS | (mantissa & (HIDDEN_BIT - 1)));
}

/* The leading 64 bits of a, made odd if anything follows; a * 2**0 == result * 2**exponent. */
static uint64_t
leading_64(const limb *a, size_t n, bool sticky, int *exponent)
{
    unsigned shift = _PyLimbs_CountLeadingZeros(a[n - 1]);
    uint64_t top = a[n - 1] << shift;
    bool rest = sticky;
    size_t i = n - 1;
    if (i > 0 && shift) {
        i--;
        top |= a[i] >> (64 - shift);
        rest |= (a[i] << shift) != 0;
    }
    while (i > 0 && !rest) {
        rest = a[--i] != 0;
    }
    *exponent = (int)(n - 1) * 64 - (int)shift;
    return top | rest;
}

/* Digits that decide: a boundary between doubles has at most 767, one more tells that something follows. */
#define MAX_DIGITS 800
#define READ_BIG 96

/* digits * 10**exponent exactly; digits are values 0..9 without leading zeros. */
static double
read_exact(const unsigned char *digits, int size, long exponent)
{
    limb a[2 * READ_BIG], b[READ_BIG], q[2 * READ_BIG], r[READ_BIG];
    ptrdiff_t parsed = _PyLimbs_FromDigits(a, digits, (size_t)size, 10);
    if (parsed <= 0) {
        return parsed == 0 ? 0.0 : -1.0;
    }
    size_t n = (size_t)parsed;
    int binary;
    if (exponent >= 0) {
        size_t bn = limbs_power_of_five(b, (int)exponent);
        if (_PyLimbs_Mul(q, a, n, b, bn) < 0) {
            return -1.0;
        }
        n = _PyLimbs_Normalize(q, n + bn);
        uint64_t top = leading_64(q, n, false, &binary);
        return _Py_round_to_double(top, binary + (int)exponent);
    }
    size_t bn = limbs_power_of_five(b, (int)-exponent);
    /* Scale so that the quotient has two limbs or more. */
    size_t words = n >= bn + 2 ? 0 : bn + 2 - n;
    memmove(a + words, a, n * sizeof(limb));
    memset(a, 0, words * sizeof(limb));
    n += words;
    if (_PyLimbs_DivRem(q, r, a, n, b, bn) < 0) {
        return -1.0;
    }
    size_t qn = _PyLimbs_Normalize(q, n - bn + 1);
    bool sticky = _PyLimbs_Normalize(r, bn) != 0;
    uint64_t top = leading_64(q, qn, sticky, &binary);
    return _Py_round_to_double(top, binary - (int)words * 64 + (int)exponent);
}

/* w * 10**q by one or two products with the table; false if that does not decide. */
static bool
eisel_lemire(uint64_t w, int q, double *result)
{
    if (w == 0 || q < POWER_MIN) {
        *result = 0.0;
        return true;
    }
    if (q > 308) {
        *result = HUGE_VAL;
        return true;
    }
    int lz = __builtin_clzll(w);
    w <<= lz;
    uint128 power = power_of_ten(q);
    if (q < 0 && q >= -27) {
        power++;
    }
    uint128 product = (uint128)w * (uint64_t)(power >> 64);
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if ((high & 0x1ff) == 0x1ff) {
        uint64_t second = (uint64_t)(((uint128)w * (uint64_t)power) >> 64);
        low += second;
        high += low < second;
    }
    if (low == ~(uint64_t)0 && (q < -27 || q > POWER_EXACT_MAX)) {
        return false;
    }
    int upper = (int)(high >> 63);
    uint64_t mantissa = high >> (upper + 9);
    int biased = floor_log2_pow10(q) + 64 + upper - lz + 1022;
    if (biased <= 0) {
        if (1 - biased >= 64) {
            *result = 0.0;
            return true;
        }
        mantissa >>= 1 - biased;
        mantissa += mantissa & 1;
        mantissa >>= 1;
        *result = _Py_double_from_bits(mantissa);
        return true;
    }
    if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << (upper + 9) == high) {
        mantissa &= ~(uint64_t)1;  /* exactly half way, and even below */
    }
    mantissa += mantissa & 1;
    mantissa >>= 1;
    if (mantissa >= 2 * HIDDEN_BIT) {
        mantissa = HIDDEN_BIT;
        biased++;
    }
    *result = biased >= 0x7ff ? HUGE_VAL
              : _Py_double_from_bits((uint64_t)biased << MANTISSA_BITS | (mantissa & (HIDDEN_BIT - 1)));
    return true;
}

/* The text between the first significant digit and the end of the digits, again, digit by digit.
   fraction: all of it is behind the point. */
static double
read_slow(const char *first, const char *end, long exponent, bool fraction)
{
    unsigned char digits[MAX_DIGITS + 1];
    int size = 0;
    long dropped = 0;
    bool sticky = false;
    for (const char *p = first; p < end; p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        if (size < MAX_DIGITS) {
            digits[size++] = (unsigned char)(*p - '0');
            exponent -= fraction;
        }
        else {
            sticky |= *p != '0';
            dropped += !fraction;
        }
    }
    exponent += dropped;
    if (sticky) {
        digits[size++] = 1;
        exponent--;
    }
    return read_exact(digits, size, exponent);
}

double
_Py_dg_strtod(const char *text, char **end)
{
    const char *s = text;
    bool negative = false;
    if (*s == '-' || *s == '+') {
        negative = *s == '-';
        s++;
    }
    const char *start = s;
    while (*s == '0') {
        s++;
    }
    bool zeros = s != start;
    const char *first = s;       /* first significant digit, or the point before it */
    uint64_t w = 0;
    int kept = 0;                /* significant digits in w, 19 at most */
    long seen = 0;               /* significant digits in all */
    long point = 0;              /* decimal exponent of w's last digit */
    long skipped = 0;            /* zeros between the point and the first significant digit */
    bool behind_point = false;   /* no significant digit before the point */
    for (; *s >= '0' && *s <= '9'; s++) {
        if (kept < 19) {
            w = 10 * w + (uint64_t)(*s - '0');
            kept++;
        }
        else {
            point++;
        }
        seen++;
    }
    if (*s == '.') {
        s++;
        const char *fraction = s;
        if (seen == 0) {
            while (*s == '0') {
                s++;
            }
            zeros |= s != fraction;
            first = s;
            behind_point = true;
            skipped = (long)(s - fraction);
            point -= skipped;
        }
        for (; *s >= '0' && *s <= '9'; s++) {
            if (kept < 19) {
                w = 10 * w + (uint64_t)(*s - '0');
                kept++;
                point--;
            }
            seen++;
        }
    }
    if (seen == 0 && !zeros) {
        *end = (char *)text;
        return 0.0;
    }
    const char *digits_end = s;
    long written = 0;
    if (*s == 'e' || *s == 'E') {
        const char *p = s + 1;
        bool minus = *p == '-';
        if (*p == '-' || *p == '+') {
            p++;
        }
        if (*p >= '0' && *p <= '9') {
            for (; *p >= '0' && *p <= '9'; p++) {
                if (written < LONG_MAX / 16) {
                    written = 10 * written + (*p - '0');
                }
            }
            if (minus) {
                written = -written;
            }
            s = p;
        }
    }
    *end = (char *)s;
    double result;
    if (w == 0) {
        return negative ? -0.0 : 0.0;
    }
    long exponent = point + written;  /* value is about w * 10**exponent */
    if (exponent > 400) {
        result = HUGE_VAL;
    }
    else if (exponent < -400) {
        result = 0.0;
    }
    else {
        bool whole = seen <= 19;
        if (whole && w <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
            /* Both factors are exact, so the one rounding is right (Clinger). */
            result = (double)w;
            result = exponent < 0 ? result / small_powers[-exponent] : result * small_powers[exponent];
        }
        else {
            double above = 0.0;
            bool decided = eisel_lemire(w, (int)exponent, &result);
            if (decided && !whole) {
                decided = eisel_lemire(w + 1, (int)exponent, &above) && above == result;
            }
            if (!decided) {
                result = read_slow(first, digits_end, written - skipped, behind_point);
            }
        }
    }
    if (result == HUGE_VAL) {
        errno = ERANGE;
    }
    return negative ? -result : result;
}

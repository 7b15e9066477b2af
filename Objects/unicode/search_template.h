/* Body of search.c for one character size: CHAR is the type, NAME(x) adds the suffix.

   The skip loop is Sunday's (D. M. Sunday, 1990) with a 64-bit set of the needle's characters in
   place of a full table. */

#if CHAR_SIZE == 1 && defined(__GLIBC__)
#define SEARCH_BY_MEMMEM 1  // the C library has a linear search for bytes
#else
#define SEARCH_BY_MEMMEM 0
#endif

#define BLOOM_BIT(ch) ((uint64_t)1 << ((ch) & 63))

#if !SEARCH_BY_MEMMEM
/* Start of the maximal suffix of p under < (or > when reversed), and its period. */
static Py_ssize_t
NAME(maximal_suffix)(const CHAR *p, Py_ssize_t m, Py_ssize_t *period, int reversed)
{
    Py_ssize_t suffix = 0, candidate = 1, k = 0;
    *period = 1;
    while (candidate + k < m) {
        CHAR a = p[candidate + k], b = p[suffix + k];
        if (reversed ? b < a : a < b) {
            candidate += k + 1;
            k = 0;
            *period = candidate - suffix;
        }
        else if (a == b) {
            if (k + 1 != *period) {
                k++;
            }
            else {
                candidate += *period;
                k = 0;
            }
        }
        else {
            suffix = candidate;
            candidate++;
            k = 0;
            *period = 1;
        }
    }
    return suffix;
}

/* Two-Way: compares the right part left to right, then the left part right to left; a periodic
   needle remembers how much of it is known to match. */
static Py_ssize_t
NAME(find_two_way)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m)
{
    Py_ssize_t period1, period2;
    Py_ssize_t cut1 = NAME(maximal_suffix)(p, m, &period1, 0);
    Py_ssize_t cut2 = NAME(maximal_suffix)(p, m, &period2, 1);
    Py_ssize_t cut = cut1 > cut2 ? cut1 : cut2;
    Py_ssize_t period = cut1 > cut2 ? period1 : period2;
    int periodic = cut + period <= m && memcmp(p, p + period, (size_t)cut * sizeof(CHAR)) == 0;
    if (!periodic) {
        period = Py_MAX(cut, m - cut) + 1;
    }
    Py_ssize_t known = 0;  // leading characters known to match (periodic needles)
    for (Py_ssize_t i = 0; i <= n - m;) {
        Py_ssize_t j = Py_MAX(cut, known);
        while (j < m && p[j] == s[i + j]) {
            j++;
        }
        if (j < m) {
            i += j - cut + 1;
            known = 0;
            continue;
        }
        j = cut;
        while (j > known && p[j - 1] == s[i + j - 1]) {
            j--;
        }
        if (j <= known) {
            return i;
        }
        i += period;
        known = periodic ? m - period : 0;
    }
    return -1;
}
#endif

Py_ssize_t
NAME(search_find_char)(const CHAR *s, Py_ssize_t n, CHAR ch)
{
#if CHAR_SIZE == 1
    const CHAR *p = memchr(s, ch, (size_t)n);
    return p == NULL ? -1 : p - s;
#else
    const CHAR *p = s, *end = s + n;
    /* Long runs: let memchr look for the byte that tells most, and verify.  Characters whose low
       byte is common as another byte of the text would stop it too often; give up after some. */
    unsigned char low = (unsigned char)(ch & 0xff);
    int false_hits = 0;
    while (end - p > 40 && low != 0 && false_hits < 4) {
        const void *hit = memchr(p, low, (size_t)(end - p) * sizeof(CHAR));
        if (hit == NULL) {
            return -1;
        }
        const CHAR *at = s + ((const char *)hit - (const char *)s) / (Py_ssize_t)sizeof(CHAR);
        if (*at == ch) {
            return at - s;
        }
        if (at - p < 16) {
            false_hits++;
        }
        p = at + 1;
    }
    for (; p < end; p++) {
        if (*p == ch) {
            return p - s;
        }
    }
    return -1;
#endif
}

Py_ssize_t
NAME(search_rfind_char)(const CHAR *s, Py_ssize_t n, CHAR ch)
{
#if CHAR_SIZE == 1 && defined(HAVE_MEMRCHR)
    const CHAR *p = memrchr(s, ch, (size_t)n);
    return p == NULL ? -1 : p - s;
#else
    while (--n >= 0) {
        if (s[n] == ch) {
            return n;
        }
    }
    return -1;
#endif
}

Py_ssize_t
NAME(search_count_char)(const CHAR *s, Py_ssize_t n, CHAR ch, Py_ssize_t maxcount)
{
    Py_ssize_t count = 0;
    if (maxcount >= n) {
        for (Py_ssize_t i = 0; i < n; i++) {
            count += s[i] == ch;
        }
        return count;
    }
    for (Py_ssize_t i = 0; i < n && count < maxcount; i++) {
        count += s[i] == ch;
    }
    return count;
}

Py_ssize_t
NAME(search_find)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m)
{
    assert(m >= 1);
    if (m > n) {
        return -1;
    }
    if (m == 1) {
        return NAME(search_find_char)(s, n, p[0]);
    }
#if SEARCH_BY_MEMMEM
    const CHAR *hit = memmem(s, (size_t)n, p, (size_t)m);
    return hit == NULL ? -1 : hit - s;
#else
    const Py_ssize_t last = m - 1;
    uint64_t bloom = 0;
    Py_ssize_t gap = last;  // distance from the last character to its previous occurrence, less 1
    for (Py_ssize_t i = 0; i < last; i++) {
        bloom |= BLOOM_BIT(p[i]);
        if (p[i] == p[last]) {
            gap = last - i - 1;
        }
    }
    bloom |= BLOOM_BIT(p[last]);
    /* Work that the skip loop may do before Two-Way takes over; keeps the total linear. */
    Py_ssize_t budget = 4 * n + 1000;
    for (Py_ssize_t i = 0; i <= n - m; i++) {
        if (s[i + last] == p[last]) {
            Py_ssize_t j = 0;
            while (j < last && s[i + j] == p[j]) {
                j++;
            }
            if (j == last) {
                return i;
            }
            budget -= j + 1;
            if (budget < 0) {
                i++;
                if (i > n - m) {
                    return -1;
                }
                Py_ssize_t found = NAME(find_two_way)(s + i, n - i, p, m);
                return found < 0 ? -1 : found + i;
            }
            if (i + m < n && !(bloom & BLOOM_BIT(s[i + m]))) {
                i += m;
            }
            else {
                i += gap;
            }
        }
        else if (i + m < n && !(bloom & BLOOM_BIT(s[i + m]))) {
            i += m;
        }
    }
    return -1;
#endif
}

Py_ssize_t
NAME(search_rfind)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m)
{
    assert(m >= 1);
    if (m > n) {
        return -1;
    }
    if (m == 1) {
        return NAME(search_rfind_char)(s, n, p[0]);
    }
    uint64_t bloom = BLOOM_BIT(p[0]);
    Py_ssize_t gap = m - 1;  // distance from the first character to its next occurrence, less 1
    for (Py_ssize_t i = m - 1; i > 0; i--) {
        bloom |= BLOOM_BIT(p[i]);
        if (p[i] == p[0]) {
            gap = i - 1;
        }
    }
    for (Py_ssize_t i = n - m; i >= 0; i--) {
        if (s[i] == p[0]) {
            Py_ssize_t j = m - 1;
            while (j > 0 && s[i + j] == p[j]) {
                j--;
            }
            if (j == 0) {
                return i;
            }
            if (i > 0 && !(bloom & BLOOM_BIT(s[i - 1]))) {
                i -= m;
            }
            else {
                i -= gap;
            }
        }
        else if (i > 0 && !(bloom & BLOOM_BIT(s[i - 1]))) {
            i -= m;
        }
    }
    return -1;
}

Py_ssize_t
NAME(search_count)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m, Py_ssize_t maxcount)
{
    if (m == 1) {
        return NAME(search_count_char)(s, n, p[0], maxcount);
    }
    Py_ssize_t count = 0;
    for (Py_ssize_t at = 0; count < maxcount && n - at >= m; count++) {
        Py_ssize_t found = NAME(search_find)(s + at, n - at, p, m);
        if (found < 0) {
            break;
        }
        at += found + m;
    }
    return count;
}

#undef BLOOM_BIT
#undef SEARCH_BY_MEMMEM

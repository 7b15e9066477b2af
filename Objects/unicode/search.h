/* Substring search over runs of 1, 2 or 4 byte characters; bytes and str use the same code.

   find and count take linear time in the worst case: needles that defeat the skip loop are given
   to the Two-Way algorithm (M. Crochemore, D. Perrin, "Two-way string-matching", 1991).
   rfind is the mirrored skip loop only. */
#ifndef Ly_SEARCH_H
#define Ly_SEARCH_H

#include "Python.h"

#define SEARCH_DECLARE(CHAR, SUFFIX)                                                          \
    /* Index of the first or last match, or -1.  m >= 1. */                                   \
    extern Py_ssize_t search_find_##SUFFIX(const CHAR *s, Py_ssize_t n, const CHAR *p,        \
                                           Py_ssize_t m);                                     \
    extern Py_ssize_t search_rfind_##SUFFIX(const CHAR *s, Py_ssize_t n, const CHAR *p,       \
                                            Py_ssize_t m);                                    \
    /* Matches that do not overlap, counted up to maxcount.  m >= 1. */                       \
    extern Py_ssize_t search_count_##SUFFIX(const CHAR *s, Py_ssize_t n, const CHAR *p,       \
                                            Py_ssize_t m, Py_ssize_t maxcount);               \
    extern Py_ssize_t search_find_char_##SUFFIX(const CHAR *s, Py_ssize_t n, CHAR ch);        \
    extern Py_ssize_t search_rfind_char_##SUFFIX(const CHAR *s, Py_ssize_t n, CHAR ch);       \
    extern Py_ssize_t search_count_char_##SUFFIX(const CHAR *s, Py_ssize_t n, CHAR ch,        \
                                                 Py_ssize_t maxcount);

SEARCH_DECLARE(Py_UCS1, ucs1)
SEARCH_DECLARE(Py_UCS2, ucs2)
SEARCH_DECLARE(Py_UCS4, ucs4)

/* The same by kind; both runs of that kind. */
static inline Py_ssize_t
search_find(int kind, const void *s, Py_ssize_t n, const void *p, Py_ssize_t m)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND: return search_find_ucs1(s, n, p, m);
    case PyUnicode_2BYTE_KIND: return search_find_ucs2(s, n, p, m);
    default: return search_find_ucs4(s, n, p, m);
    }
}

static inline Py_ssize_t
search_rfind(int kind, const void *s, Py_ssize_t n, const void *p, Py_ssize_t m)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND: return search_rfind_ucs1(s, n, p, m);
    case PyUnicode_2BYTE_KIND: return search_rfind_ucs2(s, n, p, m);
    default: return search_rfind_ucs4(s, n, p, m);
    }
}

static inline Py_ssize_t
search_count(int kind, const void *s, Py_ssize_t n, const void *p, Py_ssize_t m,
             Py_ssize_t maxcount)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND: return search_count_ucs1(s, n, p, m, maxcount);
    case PyUnicode_2BYTE_KIND: return search_count_ucs2(s, n, p, m, maxcount);
    default: return search_count_ucs4(s, n, p, m, maxcount);
    }
}

/* Index of a character in data of any kind, or -1; characters too wide for the kind are absent. */
static inline Py_ssize_t
search_find_char(int kind, const void *s, Py_ssize_t n, Py_UCS4 ch)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND: return ch > 0xff ? -1 : search_find_char_ucs1(s, n, (Py_UCS1)ch);
    case PyUnicode_2BYTE_KIND: return ch > 0xffff ? -1 : search_find_char_ucs2(s, n, (Py_UCS2)ch);
    default: return search_find_char_ucs4(s, n, ch);
    }
}

static inline Py_ssize_t
search_rfind_char(int kind, const void *s, Py_ssize_t n, Py_UCS4 ch)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND: return ch > 0xff ? -1 : search_rfind_char_ucs1(s, n, (Py_UCS1)ch);
    case PyUnicode_2BYTE_KIND: return ch > 0xffff ? -1 : search_rfind_char_ucs2(s, n, (Py_UCS2)ch);
    default: return search_rfind_char_ucs4(s, n, ch);
    }
}

#endif

/* Classes and case of ASCII characters, whatever the locale says. */
#include "Python.h"

/* The table is written by hand of ranges, which the compiler expands. */
#define LOWER (PY_CTF_LOWER)
#define UPPER (PY_CTF_UPPER)

const unsigned int _Py_ctype_table[256] = {
    ['\t' ... '\r'] = PY_CTF_SPACE,
    [' '] = PY_CTF_SPACE,
    ['0' ... '9'] = PY_CTF_DIGIT | PY_CTF_XDIGIT,
    ['A' ... 'F'] = UPPER | PY_CTF_XDIGIT,
    ['G' ... 'Z'] = UPPER,
    ['a' ... 'f'] = LOWER | PY_CTF_XDIGIT,
    ['g' ... 'z'] = LOWER,
};

#define ROW(first, letter) \
    first(letter), first(letter + 1), first(letter + 2), first(letter + 3), first(letter + 4), first(letter + 5), \
    first(letter + 6), first(letter + 7), first(letter + 8), first(letter + 9), first(letter + 10), \
    first(letter + 11), first(letter + 12), first(letter + 13), first(letter + 14), first(letter + 15)
#define TABLE(f) \
    ROW(f, 0x00), ROW(f, 0x10), ROW(f, 0x20), ROW(f, 0x30), ROW(f, 0x40), ROW(f, 0x50), ROW(f, 0x60), ROW(f, 0x70), \
    ROW(f, 0x80), ROW(f, 0x90), ROW(f, 0xa0), ROW(f, 0xb0), ROW(f, 0xc0), ROW(f, 0xd0), ROW(f, 0xe0), ROW(f, 0xf0)
#define TO_LOWER(c) ((c) >= 'A' && (c) <= 'Z' ? (c) + 32 : (c))
#define TO_UPPER(c) ((c) >= 'a' && (c) <= 'z' ? (c) - 32 : (c))

const unsigned char _Py_ctype_tolower[256] = {TABLE(TO_LOWER)};
const unsigned char _Py_ctype_toupper[256] = {TABLE(TO_UPPER)};

/* The marshal format: type bytes and limits, shared by writer and reader. */
#ifndef LADON_MARSHAL_FORMAT_H
#define LADON_MARSHAL_FORMAT_H

enum marshal_type {
    TYPE_NULL = '0',
    TYPE_NONE = 'N',
    TYPE_FALSE = 'F',
    TYPE_TRUE = 'T',
    TYPE_STOPITER = 'S',
    TYPE_ELLIPSIS = '.',
    TYPE_BINARY_FLOAT = 'g',      /* version 2 */
    TYPE_BINARY_COMPLEX = 'y',    /* version 2 */
    TYPE_FLOAT = 'f',
    TYPE_COMPLEX = 'x',
    TYPE_INT = 'i',
    TYPE_LONG = 'l',
    TYPE_STRING = 's',            /* bytes */
    TYPE_TUPLE = '(',
    TYPE_LIST = '[',
    TYPE_DICT = '{',
    TYPE_CODE = 'c',
    TYPE_UNICODE = 'u',
    TYPE_UNKNOWN = '?',
    TYPE_SET = '<',               /* version 2 */
    TYPE_FROZENSET = '>',         /* version 2 */
    TYPE_INTERNED = 't',          /* version 1 */
    TYPE_REF = 'r',               /* version 3 */
    TYPE_SMALL_TUPLE = ')',       /* version 4 */
    TYPE_ASCII = 'a',             /* version 4 */
    TYPE_ASCII_INTERNED = 'A',    /* version 4 */
    TYPE_SHORT_ASCII = 'z',       /* version 4 */
    TYPE_SHORT_ASCII_INTERNED = 'Z', /* version 4 */
    TYPE_SLICE = ':',             /* version 5 */
};

/* Set in the type byte: later references by number may mean this object. */
enum { FLAG_REF = 0x80 };

/* Containers inside each other: far from what the C stack can take, and above what code needs. */
enum { MARSHAL_MAX_DEPTH = 2000 };

/* Integers are written in digits of 15 bits. */
enum { MARSHAL_DIGIT_BITS = 15, MARSHAL_DIGIT_BASE = 1 << 15 };

#endif

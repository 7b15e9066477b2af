/* Static strings: the initialiser of an immortal compact string, and the tables of the empty
   string, of the 256 Latin-1 characters, and of static_strings.def.

   Everything here is immutable but for the cached hash and the interned state, which
   _PyUnicode_InitGlobalObjects() and _PyUnicode_InternStaticStrings() set before a second thread
   can exist. */
#ifndef Py_INTERNAL_RUNTIME_INIT_STRINGS_H
#define Py_INTERNAL_RUNTIME_INIT_STRINGS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Initialiser of the PyASCIIObject in front of the data of a static compact ASCII string. */
#define _PyASCIIObject_HEAD_INIT(LENGTH)        \
    {                                           \
        .ob_base = PyObject_HEAD_INIT(&PyUnicode_Type) \
        .length = (LENGTH),                     \
        .hash = -1,                             \
        .state = {                              \
            .kind = PyUnicode_1BYTE_KIND,       \
            .compact = 1,                       \
            .ascii = 1,                         \
            .statically_allocated = 1,          \
        },                                      \
    }

/* Initialiser of struct { PyASCIIObject _ascii; uint8_t _data[sizeof(LITERAL)]; }. */
#define _PyASCIIObject_INIT(LITERAL)                                    \
    {                                                                   \
        ._ascii = _PyASCIIObject_HEAD_INIT(sizeof(LITERAL) - 1),        \
        ._data = LITERAL,                                               \
    }

#define _PyStaticASCII_STRUCT(SIZE) \
    struct {                        \
        PyASCIIObject _ascii;       \
        uint8_t _data[SIZE];        \
    }

struct _Py_static_strings {
    _PyStaticASCII_STRUCT(1) str_empty;
#define STATIC_STRING(NAME, LITERAL) _PyStaticASCII_STRUCT(sizeof(LITERAL)) str_##NAME;
#include "static_strings.def"
#undef STATIC_STRING
    _PyStaticASCII_STRUCT(2) ascii[128];
    struct {
        PyCompactUnicodeObject _latin1;
        uint8_t _data[2];
    } latin1[128];
};

extern struct _Py_static_strings _Py_static_strings;

/* Immortal string for a name of static_strings.def, or for empty. */
#define _Py_STR(NAME) ((PyObject *)&_Py_static_strings.str_##NAME)

/* The immortal one-character string of a code below 256. */
static inline PyObject *
_Py_Latin1Chr(Py_UCS4 ch)
{
    assert(ch < 256);
    return ch < 128 ? (PyObject *)&_Py_static_strings.ascii[ch]
                    : (PyObject *)&_Py_static_strings.latin1[ch - 128];
}
#define _Py_LATIN1_CHR(CH) _Py_Latin1Chr(CH)

#endif

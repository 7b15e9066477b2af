/* How the core asks unicodedata for character names (\N{...}, namereplace). */
#ifndef Py_INTERNAL_UCNHASH_H
#define Py_INTERNAL_UCNHASH_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define PyUnicodeData_CAPSULE_NAME "unicodedata._ucnhash_CAPI"

typedef struct {
    /* Writes the name of code to buffer; 1 if it has one that fits. */
    int (*getname)(Py_UCS4 code, char *buffer, int buflen, int with_alias_and_seq);
    /* Code point of a name (any case); 1 if found. */
    int (*getcode)(const char *name, int namelen, Py_UCS4 *code, int with_named_seq);
} _PyUnicode_Name_CAPI;

#endif

/* Substring search: search_template.h for the three character sizes.  No state, no locks. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1  // memmem, memrchr
#endif
#include "Python.h"
#include "search.h"

#define CHAR Py_UCS1
#define CHAR_SIZE 1
#define NAME(x) x##_ucs1
#include "search_template.h"
#undef CHAR
#undef CHAR_SIZE
#undef NAME

#define CHAR Py_UCS2
#define CHAR_SIZE 2
#define NAME(x) x##_ucs2
#include "search_template.h"
#undef CHAR
#undef CHAR_SIZE
#undef NAME

#define CHAR Py_UCS4
#define CHAR_SIZE 4
#define NAME(x) x##_ucs4
#include "search_template.h"

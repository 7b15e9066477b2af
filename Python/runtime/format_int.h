/* What the two files of the format mini-language share. */
#ifndef FORMAT_INT_H
#define FORMAT_INT_H

#include "Python.h"
#include "pycore_unicodeobject.h"  // _PyUnicodeWriter

#include <stdbool.h>

enum separator {
    SEPARATOR_NONE = 0,
    SEPARATOR_LOCALE,      /* 'n': the locale's separators, grouping and decimal point */
    SEPARATOR_COMMA,
    SEPARATOR_UNDERSCORE,
    SEPARATOR_FOURS,       /* underscores between groups of four */
};

/* [[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type] */
struct format_spec {
    Py_UCS4 fill;
    Py_UCS4 align;
    bool alternate;
    bool no_negative_zero;
    Py_UCS4 sign;              /* 0 if not given */
    Py_ssize_t width;          /* -1 if not given */
    enum separator grouping, fraction_grouping;
    Py_ssize_t precision;      /* -1 if not given */
    Py_UCS4 type;
};

/* Parses text[start:end]; -1 with ValueError. */
extern int _PyFormat_ParseSpec(PyObject *obj, PyObject *text, Py_ssize_t start, Py_ssize_t end,
                               struct format_spec *spec, Py_UCS4 default_type, Py_UCS4 default_align);
/* Raises ValueError; returns -1. */
extern int _PyFormat_UnknownType(Py_UCS4 type, const char *type_name);
/* Padding on both sides of `size` characters. */
extern Py_ssize_t _PyFormat_Padding(Py_ssize_t size, Py_ssize_t width, Py_UCS4 align, Py_ssize_t *left,
                                    Py_ssize_t *right);
/* count characters at the writer's position, which must have been prepared */
extern void _PyFormat_Fill(_PyUnicodeWriter *writer, Py_UCS4 c, Py_ssize_t count);

#endif

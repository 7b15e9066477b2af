/* The str type: its methods, slots and constructor.

   Reads only.  What is longer than a few lines is in the file of its subject. */
#include "unicode_impl.h"
#include "pycore_abstract.h"    // _PyIndex_Check
#include "pycore_args.h"        // PY_METHOD
#include "pycore_ceval.h"       // _PyEval_SliceIndex
#include "pycore_modsupport.h"  // _PyArg_UnpackKeywords
#include "pycore_tuple.h"       // _PyTuple_ITEMS

extern destructor const _PyUnicode_Dealloc;
extern PyObject *_PyUnicode_TranslateCharmap(PyObject *input, PyObject *mapping,
                                             const char *errors);

/* -- Arguments ----------------------------------------------------------------------------- */

/* int argument as Py_ssize_t through __index__. */
static int
arg_ssize(PyObject *arg, Py_ssize_t *result)
{
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) {
        return -1;
    }
    *result = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return *result == -1 && PyErr_Occurred() ? -1 : 0;
}

/* The one character of a fill argument. */
static int
arg_fillchar(PyObject *arg, Py_UCS4 *ch)
{
    if (!PyUnicode_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "The fill character must be a unicode character, not %.100s",
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    if (LENGTH(arg) != 1) {
        PyErr_SetString(PyExc_TypeError, "The fill character must be exactly one character long");
        return -1;
    }
    *ch = PyUnicode_READ_CHAR(arg, 0);
    return 0;
}

/* sub[, start[, end]] with slice semantics for the positions. */
static int
arg_range(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *start, Py_ssize_t *end)
{
    *start = 0;
    *end = PY_SSIZE_T_MAX;
    if (nargs >= 2 && !_PyEval_SliceIndex(args[1], start)) {
        return -1;
    }
    if (nargs >= 3 && !_PyEval_SliceIndex(args[2], end)) {
        return -1;
    }
    return 0;
}

int
unicode_parse_find_args(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject **sub,
                        Py_ssize_t *start, Py_ssize_t *end)
{
    if (!_PyArg_CheckPositional(name, nargs, 1, 3)) {
        return -1;
    }
    if (!PyUnicode_Check(args[0])) {
        _PyArg_BadArgument(name, "argument 1", "str", args[0]);
        return -1;
    }
    *sub = args[0];
    return arg_range(args, nargs, start, end);
}

/* Text of a str argument that must not contain NUL. */
static const char *
arg_cstring(const char *fname, const char *display, PyObject *arg)
{
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument(fname, display, "str", arg);
        return NULL;
    }
    return _PyUnicode_AsUTF8NoNUL(arg);
}

/* -- Properties of the whole string -------------------------------------------------------- */

/* All characters (and at least one) satisfy a predicate: one function per method. */
#define ALL_CHARACTERS(NAME, PREDICATE)                                             \
    static PyObject *                                                               \
    str_##NAME(PyObject *self, PyObject *Py_UNUSED(ignored))                        \
    {                                                                               \
        int kind = KIND(self);                                                      \
        const void *data = DATA(self);                                              \
        Py_ssize_t length = LENGTH(self);                                           \
        for (Py_ssize_t i = 0; i < length; i++) {                                   \
            if (!PREDICATE(READ(kind, data, i))) {                                  \
                Py_RETURN_FALSE;                                                    \
            }                                                                       \
        }                                                                           \
        return PyBool_FromLong(length > 0);                                         \
    }

ALL_CHARACTERS(isspace, Py_UNICODE_ISSPACE)
ALL_CHARACTERS(isalpha, Py_UNICODE_ISALPHA)
ALL_CHARACTERS(isalnum, Py_UNICODE_ISALNUM)
ALL_CHARACTERS(isdecimal, Py_UNICODE_ISDECIMAL)
ALL_CHARACTERS(isdigit, Py_UNICODE_ISDIGIT)
ALL_CHARACTERS(isnumeric, Py_UNICODE_ISNUMERIC)

static PyObject *
str_isascii(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(PyUnicode_IS_ASCII(self));
}

static PyObject *
str_isprintable(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int kind = KIND(self);
    const void *data = DATA(self);
    for (Py_ssize_t i = 0; i < LENGTH(self); i++) {
        if (!Py_UNICODE_ISPRINTABLE(READ(kind, data, i))) {
            Py_RETURN_FALSE;
        }
    }
    Py_RETURN_TRUE;
}

static PyObject *
str_islower(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int cased = 0, kind = KIND(self);
    const void *data = DATA(self);
    for (Py_ssize_t i = 0; i < LENGTH(self); i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (Py_UNICODE_ISUPPER(ch) || Py_UNICODE_ISTITLE(ch)) {
            Py_RETURN_FALSE;
        }
        cased |= Py_UNICODE_ISLOWER(ch);
    }
    return PyBool_FromLong(cased);
}

static PyObject *
str_isupper(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int cased = 0, kind = KIND(self);
    const void *data = DATA(self);
    for (Py_ssize_t i = 0; i < LENGTH(self); i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (Py_UNICODE_ISLOWER(ch) || Py_UNICODE_ISTITLE(ch)) {
            Py_RETURN_FALSE;
        }
        cased |= Py_UNICODE_ISUPPER(ch);
    }
    return PyBool_FromLong(cased);
}

static PyObject *
str_istitle(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int cased = 0, previous_cased = 0, kind = KIND(self);
    const void *data = DATA(self);
    for (Py_ssize_t i = 0; i < LENGTH(self); i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (Py_UNICODE_ISUPPER(ch) || Py_UNICODE_ISTITLE(ch)) {
            if (previous_cased) {
                Py_RETURN_FALSE;
            }
            previous_cased = cased = 1;
        }
        else if (Py_UNICODE_ISLOWER(ch)) {
            if (!previous_cased) {
                Py_RETURN_FALSE;
            }
            previous_cased = cased = 1;
        }
        else {
            previous_cased = 0;
        }
    }
    return PyBool_FromLong(cased);
}

Py_ssize_t
_PyUnicode_ScanIdentifier(PyObject *self)
{
    Py_ssize_t length = LENGTH(self);
    if (length == 0) {
        return 0;
    }
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_UCS4 ch = READ(kind, data, 0);
    if (!_PyUnicode_IsXidStart(ch) && ch != '_') {
        return 0;
    }
    Py_ssize_t i = 1;
    while (i < length && _PyUnicode_IsXidContinue(READ(kind, data, i))) {
        i++;
    }
    return i;
}

int
PyUnicode_IsIdentifier(PyObject *self)
{
    Py_ssize_t length = LENGTH(self);
    return length > 0 && _PyUnicode_ScanIdentifier(self) == length;
}

static PyObject *
str_isidentifier(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(PyUnicode_IsIdentifier(self));
}

/* -- Case ---------------------------------------------------------------------------------- */

#define CASE_METHOD(NAME, FUNCTION)                                \
    static PyObject *                                              \
    str_##NAME(PyObject *self, PyObject *Py_UNUSED(ignored))       \
    {                                                              \
        return FUNCTION(self);                                     \
    }

CASE_METHOD(lower, unicode_case_lower)
CASE_METHOD(upper, unicode_case_upper)
CASE_METHOD(title, unicode_case_title)
CASE_METHOD(casefold, unicode_case_fold)
CASE_METHOD(swapcase, unicode_case_swap)

static PyObject *
str_capitalize(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return LENGTH(self) == 0 ? unicode_result_unchanged(self) : unicode_case_capitalize(self);
}

/* -- Searching ----------------------------------------------------------------------------- */

static PyObject *
find_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, const char *name,
            int direction, int must_find)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (unicode_parse_find_args(name, args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t found = PyUnicode_Find(self, sub, start, end, direction);
    if (found == -2) {
        return NULL;
    }
    if (found < 0 && must_find) {
        PyErr_SetString(PyExc_ValueError, "substring not found");
        return NULL;
    }
    return PyLong_FromSsize_t(found);
}

static PyObject *
str_find(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return find_method(self, args, nargs, "find", 1, 0);
}

static PyObject *
str_rfind(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return find_method(self, args, nargs, "rfind", -1, 0);
}

static PyObject *
str_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return find_method(self, args, nargs, "index", 1, 1);
}

static PyObject *
str_rindex(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return find_method(self, args, nargs, "rindex", -1, 1);
}

static PyObject *
str_count(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (unicode_parse_find_args("count", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t count = PyUnicode_Count(self, sub, start, end);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
tailmatch_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, const char *name,
                 int direction)
{
    Py_ssize_t start, end;
    if (!_PyArg_CheckPositional(name, nargs, 1, 3) || arg_range(args, nargs, &start, &end) < 0) {
        return NULL;
    }
    PyObject *sub = args[0];
    if (PyTuple_Check(sub)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(sub); i++) {
            PyObject *item = PyTuple_GET_ITEM(sub, i);
            if (!PyUnicode_Check(item)) {
                PyErr_Format(PyExc_TypeError, "tuple for %s must only contain str, not %.100s",
                             name, Py_TYPE(item)->tp_name);
                return NULL;
            }
            if (PyUnicode_Tailmatch(self, item, start, end, direction)) {
                Py_RETURN_TRUE;
            }
        }
        Py_RETURN_FALSE;
    }
    if (!PyUnicode_Check(sub)) {
        PyErr_Format(PyExc_TypeError,
                     "%s first arg must be str or a tuple of str, not %.100s", name,
                     Py_TYPE(sub)->tp_name);
        return NULL;
    }
    return PyBool_FromLong(PyUnicode_Tailmatch(self, sub, start, end, direction) > 0);
}

static PyObject *
str_startswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return tailmatch_method(self, args, nargs, "startswith", -1);
}

static PyObject *
str_endswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return tailmatch_method(self, args, nargs, "endswith", 1);
}

static PyObject *
str_removeprefix(PyObject *self, PyObject *prefix)
{
    if (!PyUnicode_Check(prefix)) {
        _PyArg_BadArgument("removeprefix", "argument", "str", prefix);
        return NULL;
    }
    if (PyUnicode_Tailmatch(self, prefix, 0, PY_SSIZE_T_MAX, -1) > 0) {
        return PyUnicode_Substring(self, LENGTH(prefix), LENGTH(self));
    }
    return unicode_result_unchanged(self);
}

static PyObject *
str_removesuffix(PyObject *self, PyObject *suffix)
{
    if (!PyUnicode_Check(suffix)) {
        _PyArg_BadArgument("removesuffix", "argument", "str", suffix);
        return NULL;
    }
    if (PyUnicode_Tailmatch(self, suffix, 0, PY_SSIZE_T_MAX, 1) > 0) {
        return PyUnicode_Substring(self, 0, LENGTH(self) - LENGTH(suffix));
    }
    return unicode_result_unchanged(self);
}

/* -- Splitting and joining ----------------------------------------------------------------- */

static PyObject *
split_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
             struct _PyArg_Parser *parser, int reverse)
{
    PyObject *buf[2];
    Py_ssize_t maxsplit = -1;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, parser, 0, 2, 0, 0, buf);
    if (args == NULL || (args[1] != NULL && arg_ssize(args[1], &maxsplit) < 0)) {
        return NULL;
    }
    PyObject *sep = args[0];
    if (sep == NULL || sep == Py_None) {
        return unicode_split_any(self, NULL, maxsplit, reverse);
    }
    if (!PyUnicode_Check(sep)) {
        PyErr_Format(PyExc_TypeError, "must be str or None, not %.100s", Py_TYPE(sep)->tp_name);
        return NULL;
    }
    return unicode_split_any(self, sep, maxsplit, reverse);
}

static PyObject *
str_split(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"sep", "maxsplit", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "split"};
    return split_method(self, args, nargs, kwnames, &parser, 0);
}

static PyObject *
str_rsplit(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"sep", "maxsplit", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "rsplit"};
    return split_method(self, args, nargs, kwnames, &parser, 1);
}

static PyObject *
str_splitlines(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"keepends", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "splitlines"};
    PyObject *buf[1];
    int keepends = 0;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (args[0] != NULL) {
        keepends = PyObject_IsTrue(args[0]);
        if (keepends < 0) {
            return NULL;
        }
    }
    return PyUnicode_Splitlines(self, keepends);
}

static PyObject *
str_partition(PyObject *self, PyObject *sep)
{
    return PyUnicode_Partition(self, sep);
}

static PyObject *
str_rpartition(PyObject *self, PyObject *sep)
{
    return PyUnicode_RPartition(self, sep);
}

static PyObject *
str_join(PyObject *self, PyObject *iterable)
{
    return PyUnicode_Join(self, iterable);
}

/* -- Padding, stripping, replacing --------------------------------------------------------- */

/* width[, fillchar] */
static int
arg_width(const char *name, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *width,
          Py_UCS4 *fill)
{
    *fill = ' ';
    if (!_PyArg_CheckPositional(name, nargs, 1, 2) || arg_ssize(args[0], width) < 0) {
        return -1;
    }
    return nargs < 2 ? 0 : arg_fillchar(args[1], fill);
}

static PyObject *
str_center(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t width;
    Py_UCS4 fill;
    if (arg_width("center", args, nargs, &width, &fill) < 0) {
        return NULL;
    }
    Py_ssize_t margin = width - LENGTH(self);
    if (width <= LENGTH(self)) {
        return unicode_result_unchanged(self);
    }
    Py_ssize_t left = margin / 2 + (margin & width & 1);
    return unicode_pad(self, left, margin - left, fill);
}

static PyObject *
str_ljust(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t width;
    Py_UCS4 fill;
    if (arg_width("ljust", args, nargs, &width, &fill) < 0) {
        return NULL;
    }
    return width <= LENGTH(self) ? unicode_result_unchanged(self)
                                 : unicode_pad(self, 0, width - LENGTH(self), fill);
}

static PyObject *
str_rjust(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t width;
    Py_UCS4 fill;
    if (arg_width("rjust", args, nargs, &width, &fill) < 0) {
        return NULL;
    }
    return width <= LENGTH(self) ? unicode_result_unchanged(self)
                                 : unicode_pad(self, width - LENGTH(self), 0, fill);
}

static PyObject *
str_zfill(PyObject *self, PyObject *arg)
{
    Py_ssize_t width;
    if (arg_ssize(arg, &width) < 0) {
        return NULL;
    }
    if (LENGTH(self) >= width) {
        return unicode_result_unchanged(self);
    }
    Py_ssize_t fill = width - LENGTH(self);
    PyObject *result = unicode_pad(self, fill, 0, '0');
    if (result == NULL || LENGTH(self) == 0) {
        return result;
    }
    int kind = KIND(result);
    void *data = DATA(result);
    Py_UCS4 sign = READ(kind, data, fill);
    if (sign == '+' || sign == '-') {
        WRITE(kind, data, 0, sign);
        WRITE(kind, data, fill, '0');
    }
    return result;
}

static PyObject *
str_expandtabs(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"tabsize", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "expandtabs"};
    PyObject *buf[1];
    int tabsize = 8;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (args[0] != NULL) {
        tabsize = PyLong_AsInt(args[0]);
        if (tabsize == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    return unicode_expand_tabs(self, tabsize);
}

static PyObject *
strip_whitespace(PyObject *self, int striptype)
{
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_ssize_t i = 0, j = LENGTH(self);
    if (striptype != 1) {
        while (i < j && Py_UNICODE_ISSPACE(READ(kind, data, i))) {
            i++;
        }
    }
    if (striptype != 0) {
        while (j > i && Py_UNICODE_ISSPACE(READ(kind, data, j - 1))) {
            j--;
        }
    }
    return PyUnicode_Substring(self, i, j);
}

static PyObject *
strip_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, int striptype,
             const char *name)
{
    if (!_PyArg_CheckPositional(name, nargs, 0, 1)) {
        return NULL;
    }
    if (nargs == 0 || args[0] == Py_None) {
        return strip_whitespace(self, striptype);
    }
    if (!PyUnicode_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "%s arg must be None or str", name);
        return NULL;
    }
    return _PyUnicode_XStrip(self, striptype, args[0]);
}

static PyObject *
str_strip(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return strip_method(self, args, nargs, 2, "strip");
}

static PyObject *
str_lstrip(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return strip_method(self, args, nargs, 0, "lstrip");
}

static PyObject *
str_rstrip(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return strip_method(self, args, nargs, 1, "rstrip");
}

static PyObject *
str_replace(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "", "count", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "replace"};
    PyObject *buf[3];
    Py_ssize_t count = -1;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 2, 3, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument("replace", i == 0 ? "argument 1" : "argument 2", "str", args[i]);
            return NULL;
        }
    }
    if (args[2] != NULL && arg_ssize(args[2], &count) < 0) {
        return NULL;
    }
    return unicode_replace_all(self, args[0], args[1], count);
}

static PyObject *
str_translate(PyObject *self, PyObject *table)
{
    return _PyUnicode_TranslateCharmap(self, table, "ignore");
}

static PyObject *
str_maketrans(PyObject *Py_UNUSED(null), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("maketrans", nargs, 1, 3)) {
        return NULL;
    }
    for (Py_ssize_t i = 1; i < nargs; i++) {
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument("maketrans", i == 1 ? "argument 2" : "argument 3", "str", args[i]);
            return NULL;
        }
    }
    return unicode_maketrans_table(args[0], nargs > 1 ? args[1] : NULL, nargs > 2 ? args[2] : NULL);
}

/* -- Formatting, encoding, the rest -------------------------------------------------------- */

static PyObject *
str_format(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return _PyUnicode_DoFormat(self, args, kwargs);
}

static PyObject *
str_format_map(PyObject *self, PyObject *mapping)
{
    return _PyUnicode_DoFormat(self, NULL, mapping);
}

static PyObject *
str___format__(PyObject *self, PyObject *format_spec)
{
    if (!PyUnicode_Check(format_spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", format_spec);
        return NULL;
    }
    if (LENGTH(format_spec) == 0) {
        return PyUnicode_CheckExact(self) ? Py_NewRef(self) : PyObject_Str(self);
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyUnicode_FormatAdvancedWriter(&writer, self, format_spec, 0, LENGTH(format_spec)) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

static PyObject *
str_encode(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "encode"};
    PyObject *buf[2];
    const char *encoding = NULL, *errors = NULL;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 2, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (args[0] != NULL
            && (encoding = arg_cstring("encode", "argument 'encoding'", args[0])) == NULL) {
        return NULL;
    }
    if (args[1] != NULL
            && (errors = arg_cstring("encode", "argument 'errors'", args[1])) == NULL) {
        return NULL;
    }
    return PyUnicode_AsEncodedString(self, encoding, errors);
}

static PyObject *
str___sizeof__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t size;
    if (PyUnicode_IS_COMPACT_ASCII(self)) {
        size = (Py_ssize_t)sizeof(PyASCIIObject) + LENGTH(self) + 1;
    }
    else if (PyUnicode_IS_COMPACT(self)) {
        size = (Py_ssize_t)sizeof(PyCompactUnicodeObject) + (LENGTH(self) + 1) * KIND(self);
    }
    else {
        size = (Py_ssize_t)sizeof(PyUnicodeObject) + (LENGTH(self) + 1) * KIND(self);
    }
    if (!PyUnicode_IS_COMPACT_ASCII(self)) {
        const char *utf8 = unicode_utf8_cached(self);
        if (utf8 != NULL && utf8 != DATA(self)) {
            size += unicode_utf8_cached_length(self) + 1;
        }
    }
    return PyLong_FromSsize_t(size);
}

static PyObject *
str___getnewargs__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *copy = _PyUnicode_Copy(self);
    return copy == NULL ? NULL : Py_BuildValue("(N)", copy);
}

#define POSITIONS "[, start[, end]]"

static PyMethodDef str_methods[] = {
    PY_METHOD(str, encode, METH_FASTCALL | METH_KEYWORDS,
              "($self, /, encoding='utf-8', errors='strict')",
              "The string as bytes in an encoding.\n\nerrors names the handler of characters that "
              "the encoding does not have."),
    PY_METHOD(str, replace, METH_FASTCALL | METH_KEYWORDS, "($self, old, new, /, count=-1)",
              "Copy with occurrences of old replaced by new.\n\ncount limits how many, from the "
              "left; -1 means all."),
    PY_METHOD(str, split, METH_FASTCALL | METH_KEYWORDS, "($self, /, sep=None, maxsplit=-1)",
              "List of the parts between separators, from the left.\n\nWithout sep, runs of white "
              "space separate and there are no empty parts."),
    PY_METHOD(str, rsplit, METH_FASTCALL | METH_KEYWORDS, "($self, /, sep=None, maxsplit=-1)",
              "List of the parts between separators, splitting from the right."),
    PY_METHOD(str, join, METH_O, "($self, iterable, /)",
              "The strings of iterable, put together with this string between them."),
    PY_METHOD(str, capitalize, METH_NOARGS, "($self, /)",
              "Copy with the first character in title case and the rest in lower case."),
    PY_METHOD(str, casefold, METH_NOARGS, "($self, /)", "Copy for comparisons that ignore case."),
    PY_METHOD(str, title, METH_NOARGS, "($self, /)",
              "Copy in which words start in title case and go on in lower case."),
    PY_METHOD(str, center, METH_FASTCALL, "($self, width, fillchar=\' \', /)",
              "Copy padded on both sides to width."),
    PY_METHOD_NOSIG("count", (PyCFunction)(void (*)(void))str_count, METH_FASTCALL,
                    "S.count(sub" POSITIONS ") -> int\n\nHow often sub occurs in S[start:end], "
                    "without overlapping."),
    PY_METHOD(str, expandtabs, METH_FASTCALL | METH_KEYWORDS, "($self, /, tabsize=8)",
              "Copy with tabs expanded to spaces."),
    PY_METHOD_NOSIG("find", (PyCFunction)(void (*)(void))str_find, METH_FASTCALL,
                    "S.find(sub" POSITIONS ") -> int\n\nLowest index of sub in S[start:end], "
                    "-1 if it is not there."),
    PY_METHOD(str, partition, METH_O, "($self, sep, /)",
              "What is before the first sep, sep, and what is behind it.\n\nWithout sep in the "
              "string: the string and two empty ones."),
    PY_METHOD_NOSIG("index", (PyCFunction)(void (*)(void))str_index, METH_FASTCALL,
                    "S.index(sub" POSITIONS ") -> int\n\nLowest index of sub in S[start:end]; "
                    "ValueError if it is not there."),
    PY_METHOD(str, ljust, METH_FASTCALL, "($self, width, fillchar=\' \', /)",
              "Copy padded on the right to width."),
    PY_METHOD(str, lower, METH_NOARGS, "($self, /)", "Copy in lower case."),
    PY_METHOD(str, lstrip, METH_FASTCALL, "($self, chars=None, /)",
              "Copy without leading white space, or leading characters of chars."),
    PY_METHOD_NOSIG("rfind", (PyCFunction)(void (*)(void))str_rfind, METH_FASTCALL,
                    "S.rfind(sub" POSITIONS ") -> int\n\nHighest index of sub in S[start:end], "
                    "-1 if it is not there."),
    PY_METHOD_NOSIG("rindex", (PyCFunction)(void (*)(void))str_rindex, METH_FASTCALL,
                    "S.rindex(sub" POSITIONS ") -> int\n\nHighest index of sub in S[start:end]; "
                    "ValueError if it is not there."),
    PY_METHOD(str, rjust, METH_FASTCALL, "($self, width, fillchar=\' \', /)",
              "Copy padded on the left to width."),
    PY_METHOD(str, rstrip, METH_FASTCALL, "($self, chars=None, /)",
              "Copy without trailing white space, or trailing characters of chars."),
    PY_METHOD(str, rpartition, METH_O, "($self, sep, /)",
              "What is before the last sep, sep, and what is behind it.\n\nWithout sep in the "
              "string: two empty ones and the string."),
    PY_METHOD(str, splitlines, METH_FASTCALL | METH_KEYWORDS, "($self, /, keepends=False)",
              "List of the lines, without their ends unless keepends is true."),
    PY_METHOD(str, strip, METH_FASTCALL, "($self, chars=None, /)",
              "Copy without white space, or characters of chars, at both ends."),
    PY_METHOD(str, swapcase, METH_NOARGS, "($self, /)",
              "Copy with upper case made lower and lower case made upper."),
    PY_METHOD(str, translate, METH_O, "($self, table, /)",
              "Copy with each character replaced by what table[code] says.\n\ntable gives code "
              "points, strings, or None to delete; LookupError keeps the character."),
    PY_METHOD(str, upper, METH_NOARGS, "($self, /)", "Copy in upper case."),
    PY_METHOD_NOSIG("startswith", (PyCFunction)(void (*)(void))str_startswith, METH_FASTCALL,
                    "S.startswith(prefix" POSITIONS ") -> bool\n\nWhether S[start:end] starts with "
                    "prefix, or one of a tuple of prefixes."),
    PY_METHOD_NOSIG("endswith", (PyCFunction)(void (*)(void))str_endswith, METH_FASTCALL,
                    "S.endswith(suffix" POSITIONS ") -> bool\n\nWhether S[start:end] ends with "
                    "suffix, or one of a tuple of suffixes."),
    PY_METHOD(str, removeprefix, METH_O, "($self, prefix, /)",
              "Copy without prefix, if the string starts with it."),
    PY_METHOD(str, removesuffix, METH_O, "($self, suffix, /)",
              "Copy without suffix, if the string ends with it."),
    PY_METHOD(str, isascii, METH_NOARGS, "($self, /)", "Whether all characters are ASCII."),
    PY_METHOD(str, islower, METH_NOARGS, "($self, /)",
              "Whether there are cased characters and all are lower case."),
    PY_METHOD(str, isupper, METH_NOARGS, "($self, /)",
              "Whether there are cased characters and all are upper case."),
    PY_METHOD(str, istitle, METH_NOARGS, "($self, /)",
              "Whether words start in upper or title case and go on in lower case."),
    PY_METHOD(str, isspace, METH_NOARGS, "($self, /)",
              "Whether there are characters and all are white space."),
    PY_METHOD(str, isdecimal, METH_NOARGS, "($self, /)",
              "Whether there are characters and all are decimal digits."),
    PY_METHOD(str, isdigit, METH_NOARGS, "($self, /)",
              "Whether there are characters and all are digits."),
    PY_METHOD(str, isnumeric, METH_NOARGS, "($self, /)",
              "Whether there are characters and all are numeric."),
    PY_METHOD(str, isalpha, METH_NOARGS, "($self, /)",
              "Whether there are characters and all are letters."),
    PY_METHOD(str, isalnum, METH_NOARGS, "($self, /)",
              "Whether there are characters and all are letters or numeric."),
    PY_METHOD(str, isidentifier, METH_NOARGS, "($self, /)",
              "Whether the string is a valid identifier (reserved words are)."),
    PY_METHOD(str, isprintable, METH_NOARGS, "($self, /)",
              "Whether repr() would escape no character."),
    PY_METHOD(str, zfill, METH_O, "($self, width, /)",
              "Copy padded with zeros on the left, behind a sign, to width."),
    PY_METHOD(str, format, METH_VARARGS | METH_KEYWORDS, "($self, /, *args, **kwargs)",
              "The string with its {fields} filled from the arguments."),
    PY_METHOD(str, format_map, METH_O, "($self, mapping, /)",
              "The string with its {fields} filled from mapping."),
    PY_METHOD(str, __format__, METH_O, "($self, format_spec, /)",
              "The string formatted as format_spec says."),
    PY_METHOD_NOSIG("maketrans", (PyCFunction)(void (*)(void))str_maketrans,
                    METH_FASTCALL | METH_STATIC,
                    "Make a table for translate().\n\nOne argument: a dict from characters or code "
                    "points to replacements.  Two: strings of equal length, character by "
                    "character.  Three: the third has the characters to delete."),
    PY_METHOD(str, __sizeof__, METH_NOARGS, "($self, /)", "Size of the string in memory, in bytes."),
    PY_METHOD(str, __getnewargs__, METH_NOARGS, "($self, /)", "Arguments for copying."),
    {0}
};

/* -- Protocols ----------------------------------------------------------------------------- */

static Py_ssize_t
unicode_length(PyObject *self)
{
    return LENGTH(self);
}

static PyObject *
unicode_getitem(PyObject *self, Py_ssize_t index)
{
    if ((size_t)index >= (size_t)LENGTH(self)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    return unicode_char(PyUnicode_READ_CHAR(self, index));
}

static PyObject *
unicode_slice(PyObject *self, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(LENGTH(self), &start, &stop, step);
    if (n <= 0) {
        return _Py_STR(empty);
    }
    if (step == 1) {
        return PyUnicode_Substring(self, start, start + n);
    }
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(self);
    if (maxchar > 0x7f) {
        Py_UCS4 seen = 0;
        for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
            Py_UCS4 ch = READ(kind, data, at);
            seen = Py_MAX(seen, ch);
        }
        maxchar = seen;
    }
    PyObject *result = PyUnicode_New(n, maxchar);
    if (result == NULL) {
        return NULL;
    }
    int rkind = KIND(result);
    void *out = DATA(result);
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        WRITE(rkind, out, i, READ(kind, data, at));
    }
    return _PyUnicode_Result(result);
}

static PyObject *
unicode_subscript(PyObject *self, PyObject *item)
{
    if (_PyIndex_Check(item)) {
        Py_ssize_t i = PyNumber_AsSsize_t(item, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return unicode_getitem(self, i < 0 ? i + LENGTH(self) : i);
    }
    if (PySlice_Check(item)) {
        return unicode_slice(self, item);
    }
    PyErr_Format(PyExc_TypeError, "string indices must be integers, not '%.200s'",
                 Py_TYPE(item)->tp_name);
    return NULL;
}

static PyObject *
unicode_mod(PyObject *v, PyObject *w)
{
    if (!PyUnicode_Check(v)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyUnicode_Format(v, w);
}

static PyObject *
unicode_str(PyObject *self)
{
    return unicode_result_unchanged(self);
}

static Py_hash_t
unicode_hash(PyObject *self)
{
    return _PyUnicode_Hash(self);
}

static PySequenceMethods unicode_as_sequence = {
    .sq_length = unicode_length,
    .sq_concat = PyUnicode_Concat,
    .sq_repeat = unicode_concatenate_repeat,
    .sq_item = unicode_getitem,
    .sq_contains = PyUnicode_Contains,
};

static PyMappingMethods unicode_as_mapping = {
    .mp_length = unicode_length,
    .mp_subscript = unicode_subscript,
};

static PyNumberMethods unicode_as_number = {
    .nb_remainder = unicode_mod,
};

/* -- Construction -------------------------------------------------------------------------- */

/* An instance of a subclass with the characters of unicode: header and characters apart. */
static PyObject *
unicode_subtype_new(PyTypeObject *type, PyObject *unicode)
{
    assert(PyType_IsSubtype(type, &PyUnicode_Type));
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    int kind = KIND(unicode), is_ascii = PyUnicode_IS_ASCII(unicode) != 0;
    Py_ssize_t length = LENGTH(unicode);
    PyASCIIObject *ascii = ASCII_CAST(self);
    ascii->length = length;
    ascii->hash = PyUnicode_HASH(unicode);
    memset(&ascii->state, 0, sizeof(ascii->state));
    ascii->state.kind = (unsigned)kind;
    ascii->state.ascii = (unsigned)is_ascii;
    COMPACT_CAST(self)->utf8 = NULL;
    COMPACT_CAST(self)->utf8_length = 0;
    ((PyUnicodeObject *)self)->data.any = NULL;

    void *data = length > PY_SSIZE_T_MAX / kind - 1 ? NULL
        : PyMem_Malloc((size_t)((length + 1) * kind));
    if (data == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    ((PyUnicodeObject *)self)->data.any = data;
    memcpy(data, DATA(unicode), (size_t)((length + 1) * kind));
    if (is_ascii) {
        COMPACT_CAST(self)->utf8 = data;
        COMPACT_CAST(self)->utf8_length = length;
    }
    assert(_PyUnicode_CheckConsistency(self, 1));
    return self;
}

/* str(x, encoding, errors) as an instance of type; encoding and errors are given together with x. */
static PyObject *
unicode_new_impl(PyTypeObject *type, PyObject *x, const char *encoding, const char *errors)
{
    PyObject *unicode;
    if (x == NULL) {
        unicode = _Py_STR(empty);
    }
    else if (encoding == NULL && errors == NULL) {
        unicode = PyObject_Str(x);
    }
    else {
        unicode = PyUnicode_FromEncodedObject(x, encoding, errors);
    }
    if (unicode != NULL && type != &PyUnicode_Type) {
        Py_SETREF(unicode, unicode_subtype_new(type, unicode));
    }
    return unicode;
}

static PyObject *
unicode_new_args(PyTypeObject *type, PyObject *const *args)
{
    const char *encoding = NULL, *errors = NULL;
    if (args[1] != NULL
            && (encoding = arg_cstring("str", "argument 'encoding'", args[1])) == NULL) {
        return NULL;
    }
    if (args[2] != NULL && (errors = arg_cstring("str", "argument 'errors'", args[2])) == NULL) {
        return NULL;
    }
    return unicode_new_impl(type, args[0], encoding, errors);
}

static const char *const str_keywords[] = {"object", "encoding", "errors", NULL};
static _PyArg_Parser str_parser = {.keywords = str_keywords, .fname = "str"};

static PyObject *
unicode_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *buf[3];
    PyObject *const *fast = _PyArg_UnpackKeywords(_PyTuple_ITEMS(args), PyTuple_GET_SIZE(args),
                                                  kwargs, NULL, &str_parser, 0, 3, 0, 0, buf);
    return fast == NULL ? NULL : unicode_new_args(type, fast);
}

static PyObject *
unicode_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames == NULL && nargs == 1) {
        return PyObject_Str(args[0]);
    }
    PyObject *buf[3];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &str_parser, 0, 3, 0, 0, buf);
    return args == NULL ? NULL : unicode_new_args((PyTypeObject *)type, args);
}

static void
unicode_dealloc(PyObject *self)
{
    _PyUnicode_Dealloc(self);
}

PyTypeObject PyUnicode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "str",
    .tp_basicsize = sizeof(PyUnicodeObject),
    .tp_dealloc = unicode_dealloc,
    .tp_repr = unicode_repr,
    .tp_as_number = &unicode_as_number,
    .tp_as_sequence = &unicode_as_sequence,
    .tp_as_mapping = &unicode_as_mapping,
    .tp_hash = unicode_hash,
    .tp_str = unicode_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_UNICODE_SUBCLASS
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "str(object='') -> str\n"
              "str(bytes_or_buffer[, encoding[, errors]]) -> str\n\n"
              "The text of object as its __str__() or repr() gives it; or, with encoding or errors, "
              "the text\nthat the bytes stand for (encoding 'utf-8' and errors 'strict' unless "
              "given).",
    .tp_richcompare = PyUnicode_RichCompare,
    .tp_iter = unicode_iter,
    .tp_methods = str_methods,
    .tp_base = &PyBaseObject_Type,
    .tp_new = unicode_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = unicode_vectorcall,
};

PyStatus
_PyUnicode_InitTypes(PyInterpreterState *Py_UNUSED(interp))
{
    /* The types themselves are rows of builtin_types.def. */
    return PyStatus_Ok();
}

void
_PyUnicode_FiniTypes(PyInterpreterState *Py_UNUSED(interp))
{
}

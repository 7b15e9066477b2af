/* Argument parsers with keywords.

   Both kinds of description end in a struct kwspec: the names (empty ones are positional-only), how many
   arguments are required, how many may be positional.  A static struct _PyArg_Parser computes its own once; the
   names are then interned, so that a keyword is found by identity first. */
#include "Python.h"
#include "getargs.h"
#include "pycore_dict.h"
#include "pycore_lock.h"             // _PyOnceFlag_CallOnce
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"         // _Py_CalculateSuggestions
#include "pycore_pystate.h"
#include "pycore_tuple.h"            // _PyTuple_ITEMS
#include "pycore_unicodeobject.h"    // _PyUnicode_EqualToASCIIString

#define FNAME(name) ((name) == NULL ? "function" : (name)), ((name) == NULL ? "" : "()")

/* -- Names of keywords ------------------------------------------------------------------------------------ */

int
PyArg_ValidateKeywordArguments(PyObject *kwargs)
{
    if (!PyDict_Check(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (!_PyDict_HasOnlyStringKeys(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "keywords must be strings");
        return 0;
    }
    return 1;
}

/* The value of keyword key in a vector call's values, borrowed, or NULL. */
static PyObject *
find_keyword(PyObject *kwnames, PyObject *const *kwstack, PyObject *key)
{
    Py_ssize_t nkwargs = PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < nkwargs; i++) {
        if (PyTuple_GET_ITEM(kwnames, i) == key) {
            return kwstack[i];       /* interned names */
        }
    }
    for (Py_ssize_t i = 0; i < nkwargs; i++) {
        PyObject *kwname = PyTuple_GET_ITEM(kwnames, i);
        assert(PyUnicode_Check(kwname));
        if (_PyUnicode_Equal(kwname, key)) {
            return kwstack[i];
        }
    }
    return NULL;
}

/* Reports the first given keyword that kwtuple does not have. */
static void
error_unexpected_keyword_arg(PyObject *kwargs, PyObject *kwnames, PyObject *kwtuple, const char *fname)
{
    Py_ssize_t pos = 0;
    for (;;) {
        PyObject *keyword;
        if (kwargs != NULL) {
            if (!PyDict_Next(kwargs, &pos, &keyword, NULL)) {
                break;
            }
        }
        else {
            if (pos >= PyTuple_GET_SIZE(kwnames)) {
                break;
            }
            keyword = PyTuple_GET_ITEM(kwnames, pos);
            pos++;
        }
        if (!PyUnicode_Check(keyword)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return;
        }
        int match = PySequence_Contains(kwtuple, keyword);
        if (match > 0) {
            continue;
        }
        if (match < 0) {
            return;
        }
        Py_INCREF(keyword);
        PyObject *suggestion = NULL;
        PyObject *candidates = PySequence_List(kwtuple);
        if (candidates != NULL) {
            suggestion = _Py_CalculateSuggestions(candidates, keyword);
            Py_DECREF(candidates);
        }
        if (suggestion != NULL) {
            PyErr_Format(PyExc_TypeError, "%.200s%s got an unexpected keyword argument '%S'. Did you mean '%S'?",
                         fname == NULL ? "this function" : fname, fname == NULL ? "" : "()", keyword, suggestion);
            Py_DECREF(suggestion);
        }
        else if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "%.200s%s got an unexpected keyword argument '%S'",
                         fname == NULL ? "this function" : fname, fname == NULL ? "" : "()", keyword);
        }
        Py_DECREF(keyword);
        return;
    }
    /* All of them are known: a str subclass that compares strangely. */
    PyErr_Format(PyExc_TypeError, "invalid keyword argument for %.200s%s", fname == NULL ? "this function" : fname,
                 fname == NULL ? "" : "()");
}

static void
error_too_many(const char *fname, Py_ssize_t len, Py_ssize_t nargs, Py_ssize_t nkwargs)
{
    /* "keyword" when none was given by position: the caller knows only keywords. */
    PyErr_Format(PyExc_TypeError, "%.200s%s takes at most %d %sargument%s (%zd given)", FNAME(fname), (int)len,
                 nargs == 0 ? "keyword " : "", len == 1 ? "" : "s", nargs + nkwargs);
}

static void
error_positional(const char *fname, const char *how, int bound, Py_ssize_t nargs)
{
    PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", FNAME(fname), how, bound,
                 bound == 1 ? "" : "s", nargs);
}

/* -- PyArg_ParseTupleAndKeywords -------------------------------------------------------------------------- */

static int
parse_tuple_and_keywords(PyObject *args, PyObject *kwargs, const char *format, char *const *kwlist, va_list *p_va)
{
    if (args == NULL || !PyTuple_Check(args) || (kwargs != NULL && !PyDict_Check(kwargs)) || format == NULL
        || kwlist == NULL || p_va == NULL) {
        PyErr_BadInternalCall();
        return 0;
    }
    const char *fname = strchr(format, ':');
    const char *custom_msg = NULL;
    if (fname != NULL) {
        fname++;
    }
    else {
        custom_msg = strchr(format, ';');
        if (custom_msg != NULL) {
            custom_msg++;
        }
    }
    int pos, len;
    for (pos = 0; kwlist[pos] && !*kwlist[pos]; pos++) {
    }
    for (len = pos; kwlist[len]; len++) {
        if (!*kwlist[len]) {
            PyErr_SetString(PyExc_SystemError, "Empty keyword parameter name");
            return 0;
        }
    }
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    Py_ssize_t nkwargs = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    if (nargs + nkwargs > len) {
        error_too_many(fname, len, nargs, nkwargs);
        return 0;
    }

    struct _getargs_cleanups cleanups;
    if (_PyGetargs_CleanupInit(&cleanups, _PyGetargs_CountUnits(format)) < 0) {
        return 0;
    }
    int min = INT_MAX, max = INT_MAX;
    int skip = 0;           /* arguments are exhausted, only the format is checked */
    const char *msg;
    char msgbuf[512];
    int levels[32];

    for (int i = 0; i < len; i++) {
        if (*format == '|') {
            if (min != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, "Invalid format string (| specified twice)");
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
            min = i;
            format++;
            if (max != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, "Invalid format string ($ before |)");
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
        }
        if (*format == '$') {
            if (max != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, "Invalid format string ($ specified twice)");
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
            max = i;
            format++;
            if (max < pos) {
                PyErr_SetString(PyExc_SystemError, "Empty parameter name after $");
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
            if (skip) {
                /* Now the bounds are known; the error is reported below. */
                break;
            }
            if (max < nargs) {
                if (max == 0) {
                    PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments", FNAME(fname));
                }
                else {
                    error_positional(fname, min < max ? "at most" : "exactly", max, nargs);
                }
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
        }
        if (*format == '\0' || *format == ';' || *format == ':') {
            PyErr_Format(PyExc_SystemError, "More keyword list entries (%d) than format specifiers (%d)", len, i);
            return _PyGetargs_Cleanup(&cleanups, 0);
        }
        if (!skip) {
            PyObject *current_arg;
            if (i < nargs) {
                current_arg = Py_NewRef(PyTuple_GET_ITEM(args, i));
            }
            else if (nkwargs && i >= pos) {
                if (PyDict_GetItemStringRef(kwargs, kwlist[i], &current_arg) < 0) {
                    return _PyGetargs_Cleanup(&cleanups, 0);
                }
                if (current_arg) {
                    --nkwargs;
                }
            }
            else {
                current_arg = NULL;
            }
            if (current_arg) {
                levels[0] = 0;
                msg = _PyGetargs_ConvertItem(current_arg, &format, p_va, levels, msgbuf, sizeof(msgbuf), &cleanups);
                Py_DECREF(current_arg);     /* args or kwargs keeps it */
                if (msg) {
                    _PyGetargs_SetError(i + 1, msg, levels, fname, custom_msg);
                    return _PyGetargs_Cleanup(&cleanups, 0);
                }
                continue;
            }
            if (i < min) {
                if (i < pos) {
                    assert(min == INT_MAX && max == INT_MAX);
                    skip = 1;
                    /* The number of required ones is not known before '|' or the end. */
                }
                else {
                    PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%s' (pos %d)", FNAME(fname),
                                 kwlist[i], i + 1);
                    return _PyGetargs_Cleanup(&cleanups, 0);
                }
            }
            /* All given ones have been converted and what is left is optional: done. */
            if (!nkwargs && !skip) {
                return _PyGetargs_Cleanup(&cleanups, 1);
            }
        }
        msg = _PyGetargs_SkipItem(&format, p_va);
        if (msg) {
            PyErr_Format(PyExc_SystemError, "%s: '%s'", msg, format);
            return _PyGetargs_Cleanup(&cleanups, 0);
        }
    }

    if (skip) {
        error_positional(fname, Py_MIN(pos, min) < max ? "at least" : "exactly", Py_MIN(pos, min), nargs);
        return _PyGetargs_Cleanup(&cleanups, 0);
    }
    if (*format != '\0' && *format != ';' && *format != ':' && *format != '|' && *format != '$') {
        PyErr_Format(PyExc_SystemError, "more argument specifiers than keyword list entries (remaining format:'%s')",
                     format);
        return _PyGetargs_Cleanup(&cleanups, 0);
    }
    if (nkwargs > 0) {
        /* A keyword repeats a positional argument, or is unknown. */
        for (int i = pos; i < nargs; i++) {
            PyObject *current_arg;
            if (PyDict_GetItemStringRef(kwargs, kwlist[i], &current_arg) < 0) {
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
            if (current_arg) {
                Py_DECREF(current_arg);
                PyErr_Format(PyExc_TypeError, "argument for %.200s%s given by name ('%s') and position (%d)",
                             FNAME(fname), kwlist[i], i + 1);
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
        }
        PyObject *names = PyTuple_New(len - pos);
        if (names == NULL) {
            return _PyGetargs_Cleanup(&cleanups, 0);
        }
        for (int i = pos; i < len; i++) {
            PyObject *name = PyUnicode_FromString(kwlist[i]);
            if (name == NULL) {
                Py_DECREF(names);
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
            PyTuple_SET_ITEM(names, i - pos, name);
        }
        error_unexpected_keyword_arg(kwargs, NULL, names, fname);
        Py_DECREF(names);
        return _PyGetargs_Cleanup(&cleanups, 0);
    }
    return _PyGetargs_Cleanup(&cleanups, 1);
}

int
PyArg_VaParseTupleAndKeywords(PyObject *args, PyObject *keywords, const char *format, char *const *kwlist, va_list va)
{
    va_list lva;
    va_copy(lva, va);
    int retval = parse_tuple_and_keywords(args, keywords, format, kwlist, &lva);
    va_end(lva);
    return retval;
}

int
PyArg_ParseTupleAndKeywords(PyObject *args, PyObject *keywords, const char *format, char *const *kwlist, ...)
{
    va_list va;
    va_start(va, kwlist);
    int retval = parse_tuple_and_keywords(args, keywords, format, kwlist, &va);
    va_end(va);
    return retval;
}

PyAPI_FUNC(int)
_PyArg_ParseTupleAndKeywords_SizeT(PyObject *args, PyObject *keywords, const char *format, char *const *kwlist, ...)
{
    va_list va;
    va_start(va, kwlist);
    int retval = parse_tuple_and_keywords(args, keywords, format, kwlist, &va);
    va_end(va);
    return retval;
}

PyAPI_FUNC(int)
_PyArg_VaParseTupleAndKeywords_SizeT(PyObject *args, PyObject *keywords, const char *format, char *const *kwlist,
                                     va_list va)
{
    return PyArg_VaParseTupleAndKeywords(args, keywords, format, kwlist, va);
}

/* -- Static parsers ----------------------------------------------------------------------------------------- */

/* All parsers that own their tuple of names; guarded by the lock. */
static struct {
    PyMutex mutex;
    struct _PyArg_Parser *head;
} parsers;

/* Reads the bounds from the format: 0, or -1 with SystemError. */
static int
parser_scan_format(struct _PyArg_Parser *parser, int pos, int len)
{
    const char *format = parser->format;
    parser->min = parser->max = INT_MAX;
    parser->fname = strchr(format, ':');
    if (parser->fname) {
        parser->fname++;
        parser->custom_msg = NULL;
    }
    else {
        parser->custom_msg = strchr(format, ';');
        if (parser->custom_msg) {
            parser->custom_msg++;
        }
    }
    int i = 0;
    int level = 0;
    const char *p = format;
    for (; *p != '\0' && *p != ':' && *p != ';'; p++) {
        if (*p == '|') {
            if (parser->min != INT_MAX || parser->max != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, parser->max != INT_MAX
                                ? "Invalid format string ($ before |)" : "Invalid format string (| specified twice)");
                return -1;
            }
            parser->min = i;
        }
        else if (*p == '$') {
            if (parser->max != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, "Invalid format string ($ specified twice)");
                return -1;
            }
            if (i < pos) {
                PyErr_SetString(PyExc_SystemError, "Empty parameter name after $");
                return -1;
            }
            parser->max = i;
        }
        else if (*p == '(') {
            i += level == 0;
            level++;
        }
        else if (*p == ')') {
            level--;
        }
        else if (Py_ISALPHA(*p)) {
            i += level == 0;
            if (*p == 'e') {
                p++;
            }
        }
    }
    if (i != len) {
        PyErr_Format(PyExc_SystemError, "More keyword list entries (%d) than format specifiers (%d)", len, i);
        return -1;
    }
    parser->min = Py_MIN(parser->min, len);
    parser->max = Py_MIN(parser->max, len);
    return 0;
}

static int
parser_complete(void *arg)
{
    struct _PyArg_Parser *parser = arg;
    const char *const *keywords = parser->keywords;
    assert(keywords != NULL || parser->kwtuple != NULL);
    int pos = 0, len;
    if (keywords != NULL) {
        while (keywords[pos] && !*keywords[pos]) {
            pos++;
        }
        for (len = pos; keywords[len]; len++) {
            if (!*keywords[len]) {
                PyErr_SetString(PyExc_SystemError, "Empty keyword parameter name");
                return -1;
            }
        }
    }
    else {
        len = (int)PyTuple_GET_SIZE(parser->kwtuple);
    }
    if (parser->format && parser_scan_format(parser, pos, len) < 0) {
        return -1;
    }
    parser->pos = pos;
    if (parser->kwtuple != NULL) {
        parser->is_kwtuple_owned = 0;
        return 0;
    }
    PyObject *kwtuple = PyTuple_New(len - pos);
    if (kwtuple == NULL) {
        return -1;
    }
    for (int i = pos; i < len; i++) {
        PyObject *str = PyUnicode_FromString(keywords[i]);
        if (str == NULL) {
            Py_DECREF(kwtuple);
            return -1;
        }
        _PyUnicode_InternImmortal(_PyInterpreterState_GET(), &str);
        PyTuple_SET_ITEM(kwtuple, i - pos, str);
    }
    /* All interpreters and threads use it. */
    _Py_SetImmortal(kwtuple);
    parser->kwtuple = kwtuple;
    parser->is_kwtuple_owned = 1;
    PyMutex_Lock(&parsers.mutex);
    parser->next = parsers.head;
    parsers.head = parser;
    PyMutex_Unlock(&parsers.mutex);
    return 0;
}

static inline int
parser_init(struct _PyArg_Parser *parser)
{
    return _PyOnceFlag_CallOnce(&parser->once, &parser_complete, parser);
}

void
_PyArg_Fini(void)
{
    struct _PyArg_Parser *s = parsers.head;
    while (s) {
        struct _PyArg_Parser *next = s->next;
        s->next = NULL;
        if (s->is_kwtuple_owned && s->kwtuple) {
            for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(s->kwtuple); i++) {
                PyTuple_SET_ITEM(s->kwtuple, i, NULL);      /* immortal strings */
            }
            _Py_ClearImmortal(s->kwtuple);
        }
        memset(&s->once, 0, sizeof(s->once));
        s = next;
    }
    parsers.head = NULL;
}

/* One argument of a call: positional, by vector keyword, or by dict. */
struct given {
    PyObject *const *args;
    Py_ssize_t nargs;
    PyObject *kwargs;                 /* dict or NULL */
    PyObject *kwnames;                /* tuple or NULL */
    PyObject *const *kwstack;
};

/* Looks the keyword up: 1 and a borrowed *value, 0, -1. */
static int
given_by_name(const struct given *g, PyObject *keyword, PyObject **value)
{
    if (g->kwargs != NULL) {
        int found = PyDict_GetItemRef(g->kwargs, keyword, value);
        if (found > 0) {
            Py_DECREF(*value);        /* the dict is the call's own and keeps it */
        }
        return found;
    }
    *value = find_keyword(g->kwnames, g->kwstack, keyword);
    return *value != NULL;
}

/* After all parameters were handled, nkwargs keywords are left over. */
static void
error_left_over(const struct given *g, struct _PyArg_Parser *parser, Py_ssize_t from, Py_ssize_t to)
{
    for (Py_ssize_t i = from; i < to; i++) {
        PyObject *keyword = PyTuple_GET_ITEM(parser->kwtuple, i - parser->pos);
        PyObject *value;
        int found = given_by_name(g, keyword, &value);
        if (found < 0) {
            return;
        }
        if (found) {
            PyErr_Format(PyExc_TypeError, "argument for %.200s%s given by name ('%U') and position (%d)",
                         FNAME(parser->fname), keyword, (int)(i + 1));
            return;
        }
    }
    error_unexpected_keyword_arg(g->kwargs, g->kwnames, parser->kwtuple, parser->fname);
}

static int
parse_with_parser(struct given *g, struct _PyArg_Parser *parser, va_list *p_va)
{
    if (parser_init(parser) < 0) {
        return 0;
    }
    PyObject *kwtuple = parser->kwtuple;
    int pos = parser->pos;
    int len = pos + (int)PyTuple_GET_SIZE(kwtuple);
    Py_ssize_t nargs = g->nargs;
    Py_ssize_t nkwargs = g->kwargs != NULL ? PyDict_GET_SIZE(g->kwargs)
                       : g->kwnames != NULL ? PyTuple_GET_SIZE(g->kwnames) : 0;
    if (nargs + nkwargs > len) {
        error_too_many(parser->fname, len, nargs, nkwargs);
        return 0;
    }
    if (parser->max < nargs) {
        if (parser->max == 0) {
            PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments", FNAME(parser->fname));
        }
        else {
            error_positional(parser->fname, parser->min < parser->max ? "at most" : "exactly", parser->max, nargs);
        }
        return 0;
    }
    const char *format = parser->format;
    struct _getargs_cleanups cleanups;
    if (_PyGetargs_CleanupInit(&cleanups, _PyGetargs_CountUnits(format)) < 0) {
        return 0;
    }
    char msgbuf[512];
    int levels[32];
    for (int i = 0; i < len; i++) {
        if (*format == '|') {
            format++;
        }
        if (*format == '$') {
            format++;
        }
        PyObject *current_arg = NULL;
        if (i < nargs) {
            current_arg = g->args[i];
        }
        else if (nkwargs && i >= pos) {
            if (given_by_name(g, PyTuple_GET_ITEM(kwtuple, i - pos), &current_arg) < 0) {
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
            if (current_arg) {
                --nkwargs;
            }
        }
        if (current_arg) {
            levels[0] = 0;
            const char *msg = _PyGetargs_ConvertItem(current_arg, &format, p_va, levels, msgbuf, sizeof(msgbuf),
                                                     &cleanups);
            if (msg) {
                _PyGetargs_SetError(i + 1, msg, levels, parser->fname, parser->custom_msg);
                return _PyGetargs_Cleanup(&cleanups, 0);
            }
            continue;
        }
        if (i < parser->min) {
            if (i < pos) {
                int min = Py_MIN(pos, parser->min);
                error_positional(parser->fname, min < parser->max ? "at least" : "exactly", min, nargs);
            }
            else {
                PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%U' (pos %d)",
                             FNAME(parser->fname), PyTuple_GET_ITEM(kwtuple, i - pos), i + 1);
            }
            return _PyGetargs_Cleanup(&cleanups, 0);
        }
        if (!nkwargs) {
            return _PyGetargs_Cleanup(&cleanups, 1);
        }
        const char *msg = _PyGetargs_SkipItem(&format, p_va);
        if (msg) {
            PyErr_Format(PyExc_SystemError, "%s: '%s'", msg, format);
            return _PyGetargs_Cleanup(&cleanups, 0);
        }
    }
    if (nkwargs > 0) {
        error_left_over(g, parser, pos, nargs);
        return _PyGetargs_Cleanup(&cleanups, 0);
    }
    return _PyGetargs_Cleanup(&cleanups, 1);
}

int
_PyArg_VaParseTupleAndKeywordsFast(PyObject *args, PyObject *keywords, struct _PyArg_Parser *parser, va_list va)
{
    if (args == NULL || !PyTuple_Check(args) || (keywords != NULL && !PyDict_Check(keywords)) || parser == NULL) {
        PyErr_BadInternalCall();
        return 0;
    }
    struct given g = {.args = _PyTuple_ITEMS(args), .nargs = PyTuple_GET_SIZE(args), .kwargs = keywords};
    va_list lva;
    va_copy(lva, va);
    int retval = parse_with_parser(&g, parser, &lva);
    va_end(lva);
    return retval;
}

int
_PyArg_ParseTupleAndKeywordsFast(PyObject *args, PyObject *keywords, struct _PyArg_Parser *parser, ...)
{
    va_list va;
    va_start(va, parser);
    int retval = _PyArg_VaParseTupleAndKeywordsFast(args, keywords, parser, va);
    va_end(va);
    return retval;
}

int
_PyArg_ParseStackAndKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, struct _PyArg_Parser *parser,
                             ...)
{
    if ((kwnames != NULL && !PyTuple_Check(kwnames)) || parser == NULL) {
        PyErr_BadInternalCall();
        return 0;
    }
    struct given g = {.args = args, .nargs = nargs, .kwnames = kwnames, .kwstack = args + nargs};
    va_list va;
    va_start(va, parser);
    int retval = parse_with_parser(&g, parser, &va);
    va_end(va);
    return retval;
}

/* -- Unpacking keywords into an array ------------------------------------------------------------------------ */

/* Every parameter's argument (borrowed, NULL when not given) in order, in buf.
   minkw: required keyword-only ones.  varpos: the function takes *args, which the caller handles itself. */
PyObject *const *
_PyArg_UnpackKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject *kwnames,
                      struct _PyArg_Parser *parser, int minpos, int maxpos, int minkw, int varpos, PyObject **buf)
{
    assert(kwargs == NULL || PyDict_Check(kwargs));
    assert(kwargs == NULL || kwnames == NULL);
    if (parser == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (kwnames != NULL && !PyTuple_Check(kwnames)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (args == NULL && nargs == 0) {
        args = buf;
    }
    if (parser_init(parser) < 0) {
        return NULL;
    }
    PyObject *kwtuple = parser->kwtuple;
    int posonly = parser->pos;
    int maxargs = posonly + (int)PyTuple_GET_SIZE(kwtuple);
    int minposonly = Py_MIN(posonly, minpos);
    int reqlimit = minkw ? maxpos + minkw : minpos;

    struct given g = {.args = args, .nargs = nargs};
    Py_ssize_t nkwargs = 0;
    if (kwargs != NULL) {
        g.kwargs = kwargs;
        nkwargs = PyDict_GET_SIZE(kwargs);
    }
    else if (kwnames != NULL) {
        g.kwnames = kwnames;
        g.kwstack = args + nargs;
        nkwargs = PyTuple_GET_SIZE(kwnames);
    }
    if (!varpos && nargs + nkwargs > maxargs) {
        error_too_many(parser->fname, maxargs, nargs, nkwargs);
        return NULL;
    }
    if (!varpos && nargs > maxpos) {
        if (maxpos == 0) {
            PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments", FNAME(parser->fname));
        }
        else {
            error_positional(parser->fname, minpos < maxpos ? "at most" : "exactly", maxpos, nargs);
        }
        return NULL;
    }
    if (nargs < minposonly) {
        error_positional(parser->fname, minposonly < maxpos ? "at least" : "exactly", minposonly, nargs);
        return NULL;
    }
    /* With *args the positional parameters come first and the rest of args belongs to the caller. */
    Py_ssize_t npos = varpos ? Py_MIN((Py_ssize_t)maxpos, nargs) : nargs;
    if (args != buf) {
        for (Py_ssize_t i = 0; i < npos; i++) {
            buf[i] = args[i];
        }
    }
    for (int i = (int)Py_MAX(npos, (Py_ssize_t)posonly); i < maxargs; i++) {
        PyObject *current_arg = NULL;
        if (nkwargs) {
            if (given_by_name(&g, PyTuple_GET_ITEM(kwtuple, i - posonly), &current_arg) < 0) {
                return NULL;
            }
        }
        buf[i] = current_arg;
        if (current_arg) {
            --nkwargs;
        }
        else if (i < minpos || (maxpos <= i && i < reqlimit)) {
            PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%U' (pos %d)", FNAME(parser->fname),
                         PyTuple_GET_ITEM(kwtuple, i - posonly), i + 1);
            return NULL;
        }
    }
    for (Py_ssize_t i = npos; i < posonly; i++) {
        buf[i] = NULL;
    }
    if (nkwargs > 0) {
        error_left_over(&g, parser, posonly, npos);
        return NULL;
    }
    return buf;
}

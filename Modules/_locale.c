/* The _locale module: the C library's locale, collation, conventions and message catalogues.

   The locale is the process's: setlocale() changes it for all threads, as in every C program.  Where a category's encoding may
   differ from LC_CTYPE's, LC_CTYPE is changed for a moment to decode. */
#ifndef _GNU_SOURCE
#  define _GNU_SOURCE 1
#endif
#include "Python.h"
#include "pycore_args.h"
#include "pycore_fileutils.h"
#include "pycore_pymem.h"
#include "pycore_unicodeobject.h"

#include <errno.h>
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

extern PyObject *_Py_GetLocaleEncodingObject(void);

typedef struct {
    PyObject *Error;
} locale_state;

#define STATE(module) ((locale_state *)PyModule_GetState(module))

static PyObject *
locale_error(PyObject *module, const char *message)
{
    PyErr_SetString(STATE(module)->Error, message);
    return NULL;
}

/* -- LC_CTYPE for a moment ------------------------------------------------------------------------------------------ */

static int
is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 128) {
        text++;
    }
    return *text == '\0';
}

/* Sets LC_CTYPE to category's locale; *old is to be given to ctype_restore(). */
static int
ctype_of(int category, char **old)
{
    *old = NULL;
    const char *ctype = setlocale(LC_CTYPE, NULL), *wanted = setlocale(category, NULL);
    if (ctype == NULL || wanted == NULL || strcmp(ctype, wanted) == 0) {
        return 0;
    }
    /* The strings may be overwritten by the next call. */
    char *ctype_copy = _PyMem_Strdup(ctype), *wanted_copy = _PyMem_Strdup(wanted);
    if (ctype_copy == NULL || wanted_copy == NULL) {
        PyMem_Free(ctype_copy);
        PyMem_Free(wanted_copy);
        PyErr_NoMemory();
        return -1;
    }
    setlocale(LC_CTYPE, wanted_copy);
    PyMem_Free(wanted_copy);
    *old = ctype_copy;
    return 0;
}

static void
ctype_restore(char *old)
{
    if (old != NULL) {
        setlocale(LC_CTYPE, old);
        PyMem_Free(old);
    }
}

/* -- Locale and conventions ----------------------------------------------------------------------------------------- */

static PyObject *
locale_setlocale(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("setlocale", nargs, 1, 2)) {
        return NULL;
    }
    int category = PyLong_AsInt(args[0]);
    if (category == -1 && PyErr_Occurred()) {
        return NULL;
    }
    const char *name = NULL;
    if (nargs > 1 && args[1] != Py_None) {
        if (!PyUnicode_Check(args[1])) {
            _PyArg_BadArgument("setlocale", "argument 2", "str or None", args[1]);
            return NULL;
        }
        Py_ssize_t size;
        name = PyUnicode_AsUTF8AndSize(args[1], &size);
        if (name == NULL) {
            return NULL;
        }
        if (strlen(name) != (size_t)size) {
            PyErr_SetString(PyExc_ValueError, "embedded null character");
            return NULL;
        }
    }
    const char *result = setlocale(category, name);
    if (result == NULL) {
        return locale_error(module, name != NULL ? "unsupported locale setting" : "locale query failed");
    }
    return PyUnicode_DecodeLocale(result, NULL);
}

/* [3, 3, 0]: sizes of groups of digits. */
static PyObject *
grouping_list(const char *grouping)
{
    PyObject *list = PyList_New(0);
    if (list == NULL || grouping[0] == '\0') {
        return list;            /* no grouping */
    }
    for (size_t i = 0; list != NULL; i++) {
        int last = grouping[i] == '\0' || grouping[i] == CHAR_MAX;
        PyObject *number = PyLong_FromLong(grouping[i]);
        if (number == NULL || PyList_Append(list, number) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(number);
        if (last) {
            break;
        }
    }
    return list;
}

/* Steals value. */
static int
put(PyObject *dict, const char *name, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

static int
put_monetary(PyObject *dict, const struct lconv *lc)
{
    const struct {
        const char *name, *text;
    } texts[] = {
        {"int_curr_symbol", lc->int_curr_symbol},       {"currency_symbol", lc->currency_symbol},
        {"mon_decimal_point", lc->mon_decimal_point},   {"mon_thousands_sep", lc->mon_thousands_sep},
        {"positive_sign", lc->positive_sign},           {"negative_sign", lc->negative_sign},
    };
    const struct {
        const char *name;
        char value;
    } numbers[] = {
        {"int_frac_digits", lc->int_frac_digits}, {"frac_digits", lc->frac_digits},
        {"p_cs_precedes", lc->p_cs_precedes},     {"p_sep_by_space", lc->p_sep_by_space},
        {"n_cs_precedes", lc->n_cs_precedes},     {"n_sep_by_space", lc->n_sep_by_space},
        {"p_sign_posn", lc->p_sign_posn},         {"n_sign_posn", lc->n_sign_posn},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(texts); i++) {
        if (put(dict, texts[i].name, PyUnicode_DecodeLocale(texts[i].text, NULL)) < 0) {
            return -1;
        }
        if (i == 3 && put(dict, "mon_grouping", grouping_list(lc->mon_grouping)) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(numbers); i++) {
        if (put(dict, numbers[i].name, PyLong_FromLong(numbers[i].value)) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
locale_localeconv(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *dict = PyDict_New(), *point = NULL, *separator = NULL;
    if (dict == NULL) {
        return NULL;
    }
    const struct lconv *lc = localeconv();
    char *old = NULL;
    int plain = is_ascii(lc->int_curr_symbol) && is_ascii(lc->currency_symbol) && is_ascii(lc->mon_decimal_point) &&
                is_ascii(lc->mon_thousands_sep);
    if (!plain && ctype_of(LC_MONETARY, &old) < 0) {
        goto fail;
    }
    lc = localeconv();
    int result = put_monetary(dict, lc);
    ctype_restore(old);
    if (result < 0) {
        goto fail;
    }
    struct lconv *numeric = localeconv();
    if (_Py_GetLocaleconvNumeric(numeric, &point, &separator) < 0) {
        Py_XDECREF(point);
        goto fail;
    }
    if (put(dict, "decimal_point", point) < 0) {
        Py_DECREF(separator);
        goto fail;
    }
    if (put(dict, "thousands_sep", separator) < 0 ||
        put(dict, "grouping", grouping_list(localeconv()->grouping)) < 0) {
        goto fail;
    }
    return dict;
fail:
    Py_DECREF(dict);
    return NULL;
}

/* -- Collation ---------------------------------------------------------------------------------------------------------- */

static PyObject *
locale_strcoll(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("strcoll", nargs, 2, 2)) {
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument("strcoll", i == 0 ? "argument 1" : "argument 2", "str", args[i]);
            return NULL;
        }
    }
    PyObject *result = NULL;
    wchar_t *first = PyUnicode_AsWideCharString(args[0], NULL), *second = NULL;
    if (first != NULL && (second = PyUnicode_AsWideCharString(args[1], NULL)) != NULL) {
        result = PyLong_FromLong(wcscoll(first, second));
    }
    PyMem_Free(first);
    PyMem_Free(second);
    return result;
}

static PyObject *
locale_strxfrm(PyObject *module, PyObject *arg)
{
    Py_ssize_t length;
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument("strxfrm", "argument", "str", arg);
        return NULL;
    }
    wchar_t *text = PyUnicode_AsWideCharString(arg, &length), *key = NULL;
    PyObject *result = NULL;
    if (text == NULL) {
        return NULL;
    }
    if (wcslen(text) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        goto done;
    }
    for (size_t size = (size_t)length + 1;;) {
        wchar_t *larger = PyMem_Realloc(key, size * sizeof(wchar_t));
        if (larger == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        key = larger;
        errno = 0;
        size_t needed = wcsxfrm(key, text, size);
        if (errno != 0 && errno != ERANGE) {
            PyErr_SetFromErrno(PyExc_OSError);
            goto done;
        }
        if (needed < size) {
            result = PyUnicode_FromWideChar(key, (Py_ssize_t)needed);
            goto done;
        }
        size = needed + 1;
    }
done:
    PyMem_Free(key);
    PyMem_Free(text);
    return result;
}

/* -- langinfo ---------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int key;
    int category;
} langinfo_items[] = {
#define TIME(name) {#name, name, LC_TIME},
    TIME(DAY_1) TIME(DAY_2) TIME(DAY_3) TIME(DAY_4) TIME(DAY_5) TIME(DAY_6) TIME(DAY_7)
    TIME(ABDAY_1) TIME(ABDAY_2) TIME(ABDAY_3) TIME(ABDAY_4) TIME(ABDAY_5) TIME(ABDAY_6) TIME(ABDAY_7)
    TIME(MON_1) TIME(MON_2) TIME(MON_3) TIME(MON_4) TIME(MON_5) TIME(MON_6) TIME(MON_7) TIME(MON_8) TIME(MON_9)
    TIME(MON_10) TIME(MON_11) TIME(MON_12)
    TIME(ABMON_1) TIME(ABMON_2) TIME(ABMON_3) TIME(ABMON_4) TIME(ABMON_5) TIME(ABMON_6) TIME(ABMON_7) TIME(ABMON_8)
    TIME(ABMON_9) TIME(ABMON_10) TIME(ABMON_11) TIME(ABMON_12)
    {"RADIXCHAR", RADIXCHAR, LC_NUMERIC}, {"THOUSEP", THOUSEP, LC_NUMERIC},
    {"CRNCYSTR", CRNCYSTR, LC_MONETARY},
    TIME(D_FMT) TIME(D_T_FMT) TIME(T_FMT) TIME(AM_STR) TIME(PM_STR)
    {"CODESET", CODESET, LC_CTYPE},
    TIME(T_FMT_AMPM) TIME(ERA) TIME(ERA_D_FMT) TIME(ERA_D_T_FMT) TIME(ERA_T_FMT) TIME(ALT_DIGITS)
    {"YESEXPR", YESEXPR, LC_MESSAGES}, {"NOEXPR", NOEXPR, LC_MESSAGES},
#undef TIME
};

/* ERA and ALT_DIGITS are lists of strings, one after the other; a null ends each, an empty one the list. */
static PyObject *
decode_list(const char *text, int key)
{
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(0);
    if (writer == NULL) {
        return NULL;
    }
    /* ALT_DIGITS has up to a hundred entries, some of which may be empty; the C library does not tell how many. */
    int limit = key == ALT_DIGITS ? 100 : INT_MAX;
    for (int i = 0; i < limit && text[0] != '\0'; i++) {
        PyObject *item = PyUnicode_DecodeLocale(text, NULL);
        int failed = item == NULL || (i > 0 && PyUnicodeWriter_WriteChar(writer, ';') < 0) ||
                     PyUnicodeWriter_WriteStr(writer, item) < 0;
        Py_XDECREF(item);
        if (failed) {
            PyUnicodeWriter_Discard(writer);
            return NULL;
        }
        text += strlen(text) + 1;
    }
    return PyUnicodeWriter_Finish(writer);
}

static PyObject *
locale_nl_langinfo(PyObject *module, PyObject *arg)
{
    int key = PyLong_AsInt(arg);
    if (key == -1 && PyErr_Occurred()) {
        return NULL;
    }
    size_t i = 0;
    while (i < Py_ARRAY_LENGTH(langinfo_items) && langinfo_items[i].key != key) {
        i++;
    }
    if (i == Py_ARRAY_LENGTH(langinfo_items)) {
        PyErr_SetString(PyExc_ValueError, "unsupported langinfo constant");
        return NULL;
    }
    const char *text = nl_langinfo(key);
    int is_list = key == ERA || key == ALT_DIGITS;
    char *old = NULL;
    text = text != NULL ? text : "";
    if (langinfo_items[i].category != LC_CTYPE && (is_list ? text[0] != '\0' : !is_ascii(text))) {
        if (ctype_of(langinfo_items[i].category, &old) < 0) {
            return NULL;
        }
        text = nl_langinfo(key);
    }
    PyObject *result = is_list ? decode_list(text, key) : PyUnicode_DecodeLocale(text, NULL);
    ctype_restore(old);
    return result;
}

/* -- Message catalogues ------------------------------------------------------------------------------------------------------ */

/* The text of a str argument, or NULL for None where that is allowed; -1 with an exception. */
static int
text_arg(const char *function, int number, PyObject *arg, int or_none, const char **text)
{
    *text = NULL;
    if (arg == Py_None && or_none) {
        return 0;
    }
    if (!PyUnicode_Check(arg)) {
        char name[20];
        PyOS_snprintf(name, sizeof name, number ? "argument %d" : "argument", number);
        _PyArg_BadArgument(function, name, or_none ? "str or None" : "str", arg);
        return -1;
    }
    Py_ssize_t size;
    *text = PyUnicode_AsUTF8AndSize(arg, &size);
    if (*text == NULL) {
        return -1;
    }
    if (strlen(*text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    return 0;
}

static PyObject *
locale_gettext(PyObject *module, PyObject *arg)
{
    const char *message;
    return text_arg("gettext", 0, arg, 0, &message) < 0 ? NULL : PyUnicode_DecodeLocale(gettext(message), NULL);
}

static PyObject *
locale_dgettext(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain, *message;
    if (!_PyArg_CheckPositional("dgettext", nargs, 2, 2) || text_arg("dgettext", 1, args[0], 1, &domain) < 0 ||
        text_arg("dgettext", 2, args[1], 0, &message) < 0) {
        return NULL;
    }
    return PyUnicode_DecodeLocale(dgettext(domain, message), NULL);
}

static PyObject *
locale_dcgettext(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain, *message;
    if (!_PyArg_CheckPositional("dcgettext", nargs, 3, 3) || text_arg("dcgettext", 1, args[0], 1, &domain) < 0 ||
        text_arg("dcgettext", 2, args[1], 0, &message) < 0) {
        return NULL;
    }
    int category = PyLong_AsInt(args[2]);
    if (category == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyUnicode_DecodeLocale(dcgettext(domain, message, category), NULL);
}

static PyObject *
locale_textdomain(PyObject *module, PyObject *arg)
{
    const char *domain;
    if (text_arg("textdomain", 0, arg, 1, &domain) < 0) {
        return NULL;
    }
    domain = textdomain(domain);
    return domain != NULL ? PyUnicode_DecodeLocale(domain, NULL) : PyErr_SetFromErrno(PyExc_OSError);
}

static PyObject *
locale_bindtextdomain(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain;
    if (!_PyArg_CheckPositional("bindtextdomain", nargs, 2, 2) ||
        text_arg("bindtextdomain", 1, args[0], 0, &domain) < 0) {
        return NULL;
    }
    if (domain[0] == '\0') {
        return locale_error(module, "domain must be a non-empty string");
    }
    PyObject *folder = NULL;
    if (args[1] != Py_None && !PyUnicode_FSConverter(args[1], &folder)) {
        return NULL;
    }
    const char *current = bindtextdomain(domain, folder != NULL ? PyBytes_AS_STRING(folder) : NULL);
    PyObject *result = current != NULL ? PyUnicode_DecodeLocale(current, NULL) : PyErr_SetFromErrno(PyExc_OSError);
    Py_XDECREF(folder);
    return result;
}

static PyObject *
locale_bind_textdomain_codeset(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain, *codeset;
    if (!_PyArg_CheckPositional("bind_textdomain_codeset", nargs, 2, 2) ||
        text_arg("bind_textdomain_codeset", 1, args[0], 0, &domain) < 0 ||
        text_arg("bind_textdomain_codeset", 2, args[1], 1, &codeset) < 0) {
        return NULL;
    }
    codeset = bind_textdomain_codeset(domain, codeset);
    if (codeset == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeLocale(codeset, NULL);
}

static PyObject *
locale_getencoding(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return _Py_GetLocaleEncodingObject();
}

/* -- Module ---------------------------------------------------------------------------------------------------------------------- */

static PyMethodDef locale_methods[] = {
    PY_METHOD(locale, setlocale, METH_FASTCALL, "($module, category, locale=None, /)",
              "Set a category of the locale, or ask for it.  Return its name."),
    PY_METHOD(locale, localeconv, METH_NOARGS, "($module, /)", "Return a dict of the conventions for numbers and money."),
    PY_METHOD(locale, strcoll, METH_FASTCALL, "($module, os1, os2, /)", "Compare two strings by the locale."),
    PY_METHOD(locale, strxfrm, METH_O, "($module, string, /)", "Return a key that sorts as the locale has it."),
    PY_METHOD(locale, nl_langinfo, METH_O, "($module, key, /)", "Return an item of what the locale says."),
    PY_METHOD(locale, gettext, METH_O, "($module, msg, /)", "Return the translation of a message."),
    PY_METHOD(locale, dgettext, METH_FASTCALL, "($module, domain, msg, /)",
              "Return the translation of a message by a catalogue."),
    PY_METHOD(locale, dcgettext, METH_FASTCALL, "($module, domain, msg, category, /)",
              "Return the translation of a message by a catalogue of a category."),
    PY_METHOD(locale, textdomain, METH_O, "($module, domain, /)", "Set the catalogue of gettext(), or ask for it."),
    PY_METHOD(locale, bindtextdomain, METH_FASTCALL, "($module, domain, dir, /)",
              "Set the folder of a catalogue, or ask for it."),
    PY_METHOD(locale, bind_textdomain_codeset, METH_FASTCALL, "($module, domain, codeset, /)",
              "Set the encoding of a catalogue's translations, or ask for it."),
    PY_METHOD(locale, getencoding, METH_NOARGS, "($module, /)", "Return the encoding of the locale."),
    {0},
};

static int
locale_exec(PyObject *module)
{
    static const struct {
        const char *name;
        int value;
    } constants[] = {
#define C(name) {#name, name},
        C(LC_CTYPE) C(LC_TIME) C(LC_COLLATE) C(LC_MONETARY) C(LC_MESSAGES) C(LC_NUMERIC) C(LC_ALL) C(CHAR_MAX)
#undef C
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(langinfo_items); i++) {
        if (PyModule_AddIntConstant(module, langinfo_items[i].name, langinfo_items[i].key) < 0) {
            return -1;
        }
    }
    STATE(module)->Error = PyErr_NewException("locale.Error", NULL, NULL);
    return PyModule_AddObjectRef(module, "Error", STATE(module)->Error);
}

static int
locale_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(STATE(module)->Error);
    return 0;
}

static int
locale_clear(PyObject *module)
{
    Py_CLEAR(STATE(module)->Error);
    return 0;
}

static void
locale_free(void *module)
{
    (void)locale_clear(module);
}

static PyModuleDef_Slot locale_slots[] = {
    {Py_mod_exec, locale_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef locale_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_locale",
    .m_doc = "Locales as POSIX has them.",
    .m_size = sizeof(locale_state),
    .m_methods = locale_methods,
    .m_slots = locale_slots,
    .m_traverse = locale_traverse,
    .m_clear = locale_clear,
    .m_free = locale_free,
};

PyMODINIT_FUNC
PyInit__locale(void)
{
    return PyModuleDef_Init(&locale_module);
}

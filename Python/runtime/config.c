/* PyConfig and PyPreConfig: defaults, setters, reading of the environment and the -X options.

   One table, pycore_config.def, tells every option; this file does not list them again.
   Locking: a PyConfig belongs to one thread until the interpreter runs, and is constant afterwards. */
#include "Python.h"
#include "pycore_initconfig.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

PyPreConfig _Py_preconfig;
int _Py_preinitialized;

/* -- Status --------------------------------------------------------------------------------- */

PyStatus
PyStatus_Ok(void)
{
    return _PyStatus_OK();
}

PyStatus
PyStatus_Error(const char *message)
{
    return (PyStatus){._type = _PyStatus_TYPE_ERROR, .err_msg = message};
}

PyStatus
PyStatus_NoMemory(void)
{
    return PyStatus_Error("memory allocation failed");
}

PyStatus
PyStatus_Exit(int exitcode)
{
    return _PyStatus_EXIT(exitcode);
}

int
PyStatus_IsError(PyStatus status)
{
    return _PyStatus_IS_ERROR(status);
}

int
PyStatus_IsExit(PyStatus status)
{
    return _PyStatus_IS_EXIT(status);
}

int
PyStatus_Exception(PyStatus status)
{
    return _PyStatus_EXCEPTION(status);
}

/* -- Lists of wide strings ------------------------------------------------------------------- */

void
_PyWideStringList_Clear(PyWideStringList *list)
{
    for (Py_ssize_t i = 0; i < list->length; i++) {
        PyMem_RawFree(list->items[i]);
    }
    PyMem_RawFree(list->items);
    list->length = 0;
    list->items = NULL;
}

static wchar_t *
wide_copy(const wchar_t *text)
{
    size_t size = (wcslen(text) + 1) * sizeof(wchar_t);
    wchar_t *copy = PyMem_RawMalloc(size);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

PyStatus
PyWideStringList_Insert(PyWideStringList *list, Py_ssize_t index, const wchar_t *item)
{
    if (index < 0) {
        return _PyStatus_ERR("PyWideStringList_Insert index must be >= 0");
    }
    if (index > list->length) {
        index = list->length;
    }
    wchar_t *copy = wide_copy(item);
    wchar_t **items = PyMem_RawRealloc(list->items, (size_t)(list->length + 1) * sizeof *items);
    if (copy == NULL || items == NULL) {
        PyMem_RawFree(copy);
        return _PyStatus_NO_MEMORY();
    }
    memmove(items + index + 1, items + index, (size_t)(list->length - index) * sizeof *items);
    items[index] = copy;
    list->items = items;
    list->length++;
    return _PyStatus_OK();
}

PyStatus
PyWideStringList_Append(PyWideStringList *list, const wchar_t *item)
{
    return PyWideStringList_Insert(list, list->length, item);
}

PyStatus
_PyWideStringList_Extend(PyWideStringList *to, const PyWideStringList *from)
{
    for (Py_ssize_t i = 0; i < from->length; i++) {
        PyStatus status = PyWideStringList_Append(to, from->items[i]);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    return _PyStatus_OK();
}

PyStatus
_PyWideStringList_Copy(PyWideStringList *to, const PyWideStringList *from)
{
    PyWideStringList copy = {0, NULL};
    PyStatus status = _PyWideStringList_Extend(&copy, from);
    if (_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&copy);
        return status;
    }
    _PyWideStringList_Clear(to);
    *to = copy;
    return status;
}

PyObject *
_PyWideStringList_AsTuple(const PyWideStringList *list)
{
    PyObject *tuple = PyTuple_New(list->length);
    for (Py_ssize_t i = 0; tuple != NULL && i < list->length; i++) {
        PyObject *item = PyUnicode_FromWideChar(list->items[i], -1);
        if (item == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, item);
    }
    return tuple;
}

PyObject *
_PyWideStringList_AsList(const PyWideStringList *list)
{
    PyObject *tuple = _PyWideStringList_AsTuple(list);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *result = PySequence_List(tuple);
    Py_DECREF(tuple);
    return result;
}

/* -- Defaults, copies and setters --------------------------------------------------------------- */

#define SET_DEFAULT_INT(field, value) config->field = (value);
#define SET_DEFAULT_UINT SET_DEFAULT_INT
#define SET_DEFAULT_BOOL SET_DEFAULT_INT
#define SET_DEFAULT_ULONG SET_DEFAULT_INT
#define SET_DEFAULT_WSTR(field, value)
#define SET_DEFAULT_LIST(field, value)

static void
config_set_defaults(PyConfig *config)
{
    memset(config, 0, sizeof *config);
#define CONFIG(kind, field, value, visibility, attribute) SET_DEFAULT_##kind(field, value)
#define CONFIG_FT CONFIG_FT_ROW
#include "pycore_config.def"
}

void
PyConfig_InitPythonConfig(PyConfig *config)
{
    config_set_defaults(config);
}

void
PyConfig_InitIsolatedConfig(PyConfig *config)
{
    config_set_defaults(config);
    config->_config_init = _PyConfig_ISOLATED;
    config->isolated = 1;
    config->use_environment = 0;
    config->user_site_directory = 0;
    config->dev_mode = 0;
    config->install_signal_handlers = 0;
    config->use_hash_seed = 0;
    config->tracemalloc = 0;
    config->perf_profiling = 0;
    config->faulthandler = 0;
    config->safe_path = 1;
    config->pathconfig_warnings = 0;
    config->parse_argv = 0;
    config->configure_c_stdio = 0;
    config->thread_inherit_context = -1;
}

void
_PyConfig_InitCompatConfig(PyConfig *config)
{
    config_set_defaults(config);
    config->_config_init = _PyConfig_COMPAT;
    config->parse_argv = 0;
    config->configure_c_stdio = 0;
}

#define CLEAR_INT(field)
#define CLEAR_UINT(field)
#define CLEAR_BOOL(field)
#define CLEAR_ULONG(field)
#define CLEAR_WSTR(field)             \
    PyMem_RawFree(config->field);     \
    config->field = NULL;
#define CLEAR_LIST(field) _PyWideStringList_Clear(&config->field);

void
PyConfig_Clear(PyConfig *config)
{
#define CONFIG(kind, field, value, visibility, attribute) CLEAR_##kind(field)
#define CONFIG_FT CONFIG_FT_ROW
#include "pycore_config.def"
}

PyStatus
PyConfig_SetString(PyConfig *config, wchar_t **field, const wchar_t *text)
{
    wchar_t *copy = NULL;
    if (text != NULL && (copy = wide_copy(text)) == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    PyMem_RawFree(*field);
    *field = copy;
    return _PyStatus_OK();
}

static PyStatus
decode_argument(const char *text, wchar_t **result)
{
    size_t length;
    *result = Py_DecodeLocale(text, &length);
    if (*result == NULL) {
        return length == (size_t)-2 ? _PyStatus_ERR("cannot decode a string with the locale encoding")
                                    : _PyStatus_NO_MEMORY();
    }
    return _PyStatus_OK();
}

PyStatus
PyConfig_SetBytesString(PyConfig *config, wchar_t **field, const char *text)
{
    wchar_t *wide = NULL;
    if (text != NULL) {
        PyStatus status = decode_argument(text, &wide);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    PyMem_RawFree(*field);
    *field = wide;
    return _PyStatus_OK();
}

PyStatus
PyConfig_SetWideStringList(PyConfig *config, PyWideStringList *list, Py_ssize_t length, wchar_t **items)
{
    const PyWideStringList source = {length, items};
    return _PyWideStringList_Copy(list, &source);
}

PyStatus
PyConfig_SetArgv(PyConfig *config, Py_ssize_t argc, wchar_t *const *argv)
{
    return PyConfig_SetWideStringList(config, &config->argv, argc, (wchar_t **)argv);
}

PyStatus
PyConfig_SetBytesArgv(PyConfig *config, Py_ssize_t argc, char *const *argv)
{
    PyStatus status = Py_PreInitialize(NULL);
    PyWideStringList list = {0, NULL};
    for (Py_ssize_t i = 0; i < argc && !_PyStatus_EXCEPTION(status); i++) {
        wchar_t *wide = NULL;
        status = decode_argument(argv[i], &wide);
        if (!_PyStatus_EXCEPTION(status)) {
            status = PyWideStringList_Append(&list, wide);
            PyMem_RawFree(wide);
        }
    }
    if (_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&list);
        return status;
    }
    _PyWideStringList_Clear(&config->argv);
    config->argv = list;
    return status;
}

#define COPY_INT(field) to->field = from->field;
#define COPY_UINT COPY_INT
#define COPY_BOOL COPY_INT
#define COPY_ULONG COPY_INT
#define COPY_WSTR(field)                                           \
    status = PyConfig_SetString(to, &to->field, from->field);      \
    if (_PyStatus_EXCEPTION(status)) {                             \
        return status;                                             \
    }
#define COPY_LIST(field)                                           \
    status = _PyWideStringList_Copy(&to->field, &from->field);     \
    if (_PyStatus_EXCEPTION(status)) {                             \
        return status;                                             \
    }

PyStatus
_PyConfig_Copy(PyConfig *to, const PyConfig *from)
{
    PyStatus status;
#define CONFIG(kind, field, value, visibility, attribute) COPY_##kind(field)
#define CONFIG_FT CONFIG_FT_ROW
#include "pycore_config.def"
    return _PyStatus_OK();
}

/* -- Options as Python objects --------------------------------------------------------------------- */

static PyObject *
wide_or_none(const wchar_t *text)
{
    return text == NULL ? Py_NewRef(Py_None) : PyUnicode_FromWideChar(text, -1);
}

#define AS_OBJECT_INT(value) PyLong_FromLong(value)
#define AS_OBJECT_UINT(value) PyLong_FromLong(value)
#define AS_OBJECT_BOOL(value) PyLong_FromLong(value)
#define AS_OBJECT_ULONG(value) PyLong_FromUnsignedLong(value)
#define AS_OBJECT_WSTR(value) wide_or_none(value)
#define AS_OBJECT_LIST(value) _PyWideStringList_AsList(&(value))

PyObject *
_PyConfig_AsDict(const PyConfig *config)
{
    PyObject *dict = PyDict_New(), *item;
    if (dict == NULL) {
        return NULL;
    }
#define CONFIG(kind, field, value, visibility, attribute)                           \
    item = AS_OBJECT_##kind(config->field);                                         \
    if (item == NULL || PyDict_SetItemString(dict, #field, item) < 0) {             \
        goto fail;                                                                  \
    }                                                                               \
    Py_DECREF(item);
#define CONFIG_FT CONFIG_FT_ROW
#include "pycore_config.def"
    return dict;
fail:
    Py_XDECREF(item);
    Py_DECREF(dict);
    return NULL;
}

enum visibility { VISIBILITY_INIT, VISIBILITY_READ_ONLY, VISIBILITY_PUBLIC };
enum option_kind { KIND_INT, KIND_UINT, KIND_BOOL, KIND_ULONG, KIND_WSTR, KIND_LIST };

struct option_row {
    const char *name;
    size_t offset;
    enum option_kind kind;
    enum visibility visibility;
    const char *attribute;      /* of sys, which holds the value in force; NULL: the configuration does */
};

static const struct option_row option_rows[] = {
#define CONFIG(kind, field, value, visibility, attribute) \
    {#field, offsetof(PyConfig, field), KIND_##kind, VISIBILITY_##visibility, attribute},
#define CONFIG_FT CONFIG_FT_ROW
#include "pycore_config.def"
};

static const struct option_row *
option_find(const char *name)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(option_rows); i++) {
        if (strcmp(option_rows[i].name, name) == 0) {
            return &option_rows[i];
        }
    }
    return NULL;
}

static PyObject *
option_as_object(const struct option_row *row, const PyConfig *config)
{
    const char *field = (const char *)config + row->offset;
    switch (row->kind) {
    case KIND_INT:
    case KIND_UINT:
        return PyLong_FromLong(*(const int *)field);
    case KIND_BOOL:
        return PyBool_FromLong(*(const int *)field);
    case KIND_ULONG:
        return PyLong_FromUnsignedLong(*(const unsigned long *)field);
    case KIND_WSTR:
        return wide_or_none(*(wchar_t *const *)field);
    case KIND_LIST:
        return _PyWideStringList_AsTuple((const PyWideStringList *)field);
    }
    Py_UNREACHABLE();
}

PyObject *
PyConfig_Get(const char *name)
{
    const struct option_row *row = option_find(name);
    if (row == NULL || row->visibility == VISIBILITY_INIT) {
        PyErr_Format(PyExc_ValueError, "unknown config option name: %s", name);
        return NULL;
    }
    if (row->attribute != NULL) {
        PyObject *value = PySys_GetObject(row->attribute);
        if (value != NULL) {
            return Py_NewRef(value);
        }
    }
    return option_as_object(row, _Py_GetConfig());
}

int
PyConfig_GetInt(const char *name, int *value)
{
    PyObject *object = PyConfig_Get(name);
    if (object == NULL) {
        return -1;
    }
    if (!PyLong_Check(object)) {
        PyErr_Format(PyExc_TypeError, "config option %s is not an int", name);
        Py_DECREF(object);
        return -1;
    }
    *value = PyLong_AsInt(object);
    Py_DECREF(object);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

PyObject *
PyConfig_Names(void)
{
    PyObject *names = PyFrozenSet_New(NULL);
    for (size_t i = 0; names != NULL && i < Py_ARRAY_LENGTH(option_rows); i++) {
        if (option_rows[i].visibility == VISIBILITY_INIT) {
            continue;
        }
        PyObject *name = PyUnicode_FromString(option_rows[i].name);
        if (name == NULL || PySet_Add(names, name) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    return names;
}

int
PyConfig_Set(const char *name, PyObject *value)
{
    if (PySys_Audit("cpython.PyConfig_Set", "sO", name, value) < 0) {
        return -1;
    }
    const struct option_row *row = option_find(name);
    if (row == NULL || row->visibility == VISIBILITY_INIT) {
        PyErr_Format(PyExc_ValueError, "unknown config option name: %s", name);
        return -1;
    }
    if (row->visibility != VISIBILITY_PUBLIC) {
        PyErr_Format(PyExc_ValueError, "cannot set read-only option %s", name);
        return -1;
    }
    if (row->kind == KIND_INT || row->kind == KIND_UINT || row->kind == KIND_BOOL) {
        if (!PyLong_Check(value)) {
            PyErr_Format(PyExc_TypeError, "expected int or bool, got %T", value);
            return -1;
        }
        int number = PyLong_AsInt(value);
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (number < 0 && row->kind != KIND_INT) {
            PyErr_Format(PyExc_ValueError, "value must be >= 0");
            return -1;
        }
        *(int *)((char *)_Py_GetConfig() + row->offset) = row->kind == KIND_BOOL ? number != 0 : number;
        return 0;
    }
    if (row->kind == KIND_WSTR && value != Py_None && !PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected str or None, got %T", value);
        return -1;
    }
    if (row->kind == KIND_LIST && !PyList_Check(value) && !PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected list[str], got %T", value);
        return -1;
    }
    return PySys_SetObject(row->attribute, value);
}

/* -- Environment and -X options ------------------------------------------------------------------------ */

const char *
_Py_GetEnv(int use_environment, const char *name)
{
    if (!use_environment) {
        return NULL;
    }
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

const wchar_t *
_Py_get_xoption(const PyWideStringList *xoptions, const wchar_t *name)
{
    size_t length = wcslen(name);
    for (Py_ssize_t i = 0; i < xoptions->length; i++) {
        const wchar_t *option = xoptions->items[i];
        if (wcsncmp(option, name, length) == 0 && (option[length] == 0 || option[length] == L'=')) {
            return option[length] == 0 ? option + length : option + length + 1;
        }
    }
    return NULL;
}

/* 1 and the number in *value, or 0 when text is no int. */
static int
parse_int(const char *text, long *value)
{
    char *end;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= INT_MIN && *value <= INT_MAX;
}

static int
parse_wide_int(const wchar_t *text, long *value)
{
    wchar_t *end;
    errno = 0;
    *value = wcstol(text, &end, 10);
    return errno == 0 && end != text && *end == 0 && *value >= INT_MIN && *value <= INT_MAX;
}

static void
env_flag(const PyConfig *config, int *flag, const char *name)
{
    const char *text = _Py_GetEnv(config->use_environment, name);
    long value;
    if (text == NULL) {
        return;
    }
    if (!parse_int(text, &value) || value < 0) {
        value = 1;      /* PYTHONDEBUG=text is the same as PYTHONDEBUG=1 */
    }
    if (*flag < value) {
        *flag = (int)value;
    }
}

static PyStatus
env_string(PyConfig *config, wchar_t **field, const char *name)
{
    const char *text = *field == NULL ? _Py_GetEnv(config->use_environment, name) : NULL;
    return text == NULL ? _PyStatus_OK() : PyConfig_SetBytesString(config, field, text);
}

/* An option that is on when -X name (or name=1) or the variable (1) says so; off with 0. */
static PyStatus
read_switch(const PyConfig *config, int *field, const wchar_t *option, const char *variable,
            const char *error)
{
    const wchar_t *x = _Py_get_xoption(&config->xoptions, option);
    const char *text = variable != NULL ? _Py_GetEnv(config->use_environment, variable) : NULL;
    if (x != NULL) {
        if (x[0] == 0 || wcscmp(x, L"1") == 0) {
            *field = 1;
        }
        else if (wcscmp(x, L"0") == 0) {
            *field = 0;
        }
        else {
            return PyStatus_Error(error);
        }
    }
    else if (text != NULL) {
        if (strcmp(text, "1") == 0) {
            *field = 1;
        }
        else if (strcmp(text, "0") == 0) {
            *field = 0;
        }
        else {
            return PyStatus_Error(error);
        }
    }
    return _PyStatus_OK();
}

static PyStatus
read_hash_seed(PyConfig *config)
{
    const char *text = _Py_GetEnv(config->use_environment, "PYTHONHASHSEED");
    if (config->use_hash_seed >= 0) {
        return _PyStatus_OK();
    }
    config->use_hash_seed = 0;
    config->hash_seed = 0;
    if (text != NULL && strcmp(text, "random") != 0) {
        char *end;
        errno = 0;
        unsigned long seed = strtoul(text, &end, 10);
        if (*end != '\0' || seed > 4294967295UL || errno == ERANGE || text[0] == '-') {
            return PyStatus_Error("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]");
        }
        config->use_hash_seed = 1;
        config->hash_seed = seed;
    }
    return _PyStatus_OK();
}

static PyStatus
read_max_str_digits(PyConfig *config)
{
    long value;
    const char *text = _Py_GetEnv(config->use_environment, "PYTHONINTMAXSTRDIGITS");
    const wchar_t *x = _Py_get_xoption(&config->xoptions, L"int_max_str_digits");
    if (config->int_max_str_digits >= 0) {
        return _PyStatus_OK();
    }
    config->int_max_str_digits = 4300;
    if (text != NULL) {
        if (!parse_int(text, &value) || value < 0 || (value != 0 && value < 640)) {
            return PyStatus_Error("PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited.");
        }
        config->int_max_str_digits = (int)value;
    }
    if (x != NULL) {
        if (!parse_wide_int(x, &value) || value < 0 || (value != 0 && value < 640)) {
            return PyStatus_Error("-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited.");
        }
        config->int_max_str_digits = (int)value;
    }
    return _PyStatus_OK();
}

static PyStatus
read_tracemalloc(PyConfig *config)
{
    long value;
    const char *text = _Py_GetEnv(config->use_environment, "PYTHONTRACEMALLOC");
    const wchar_t *x = _Py_get_xoption(&config->xoptions, L"tracemalloc");
    if (config->tracemalloc >= 0) {
        return _PyStatus_OK();
    }
    config->tracemalloc = 0;
    if (text != NULL) {
        if (!parse_int(text, &value) || value < 0) {
            return PyStatus_Error("PYTHONTRACEMALLOC: invalid number of frames");
        }
        config->tracemalloc = (int)value;
    }
    if (x != NULL) {
        value = 1;
        if (x[0] != 0 && (!parse_wide_int(x, &value) || value < 0)) {
            return PyStatus_Error("-X tracemalloc=NFRAME: invalid number of frames");
        }
        config->tracemalloc = (int)value;
    }
    return _PyStatus_OK();
}

static PyStatus
read_cpu_count(PyConfig *config)
{
    long value;
    const char *text = _Py_GetEnv(config->use_environment, "PYTHON_CPU_COUNT");
    const wchar_t *x = _Py_get_xoption(&config->xoptions, L"cpu_count");
    if (text != NULL && strcmp(text, "default") != 0) {
        if (!parse_int(text, &value) || value < 1) {
            return PyStatus_Error("PYTHON_CPU_COUNT=<CPU COUNT>: n must be greater than 0");
        }
        config->cpu_count = (int)value;
    }
    if (x != NULL) {
        if (wcscmp(x, L"default") == 0) {
            config->cpu_count = -1;
        }
        else if (!parse_wide_int(x, &value) || value < 1) {
            return PyStatus_Error("-X cpu_count=n option: n is missing or an invalid number, "
                                  "n must be greater than 0");
        }
        else {
            config->cpu_count = (int)value;
        }
    }
    return _PyStatus_OK();
}

#ifdef Py_GIL_DISABLED
static PyStatus
read_gil(PyConfig *config)
{
    const char *text = _Py_GetEnv(config->use_environment, "PYTHON_GIL");
    const wchar_t *x = _Py_get_xoption(&config->xoptions, L"gil");
    if (text != NULL) {
        if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0) {
            return PyStatus_Error("PYTHON_GIL / -X gil must be \"0\" or \"1\"");
        }
        config->enable_gil = text[0] == '1';
    }
    if (x != NULL) {
        if (wcscmp(x, L"0") != 0 && wcscmp(x, L"1") != 0) {
            return PyStatus_Error("PYTHON_GIL / -X gil must be \"0\" or \"1\"");
        }
        config->enable_gil = x[0] == L'1';
    }
    if (config->tlbc_enabled < 0) {
        config->tlbc_enabled = 1;
    }
    return _PyStatus_OK();
}
#else
static PyStatus
read_gil(PyConfig *config)
{
    const char *text = _Py_GetEnv(config->use_environment, "PYTHON_GIL");
    const wchar_t *x = _Py_get_xoption(&config->xoptions, L"gil");
    if ((text != NULL && strcmp(text, "0") == 0) || (x != NULL && wcscmp(x, L"0") == 0)) {
        return PyStatus_Error("Disabling the GIL is not supported by this build");
    }
    if ((text != NULL && strcmp(text, "1") != 0) || (x != NULL && wcscmp(x, L"1") != 0)) {
        return PyStatus_Error("PYTHON_GIL / -X gil must be \"0\" or \"1\"");
    }
    return _PyStatus_OK();
}
#endif

#ifdef Py_GIL_DISABLED
#define FREE_THREADED 1
#else
#define FREE_THREADED 0
#endif

/* Options with a -X form.  The first error wins. */
static PyStatus
read_complex_options(PyConfig *config)
{
    PyStatus status;
    const wchar_t *frozen = _Py_get_xoption(&config->xoptions, L"frozen_modules");
    const char *frozen_variable = _Py_GetEnv(config->use_environment, "PYTHON_FROZEN_MODULES");

#define TRY(call)                          \
    status = call;                         \
    if (_PyStatus_EXCEPTION(status)) {     \
        return status;                     \
    }
    TRY(read_hash_seed(config))
    TRY(read_max_str_digits(config))
    TRY(read_tracemalloc(config))
    TRY(read_cpu_count(config))
    TRY(read_gil(config))
    if (config->import_time < 0) {
        config->import_time = 0;
        const wchar_t *x = _Py_get_xoption(&config->xoptions, L"importtime");
        if (x != NULL || _Py_GetEnv(config->use_environment, "PYTHONPROFILEIMPORTTIME")) {
            config->import_time = x != NULL && wcscmp(x, L"2") == 0 ? 2 : 1;
        }
    }
    if (config->thread_inherit_context < 0) {
        config->thread_inherit_context = FREE_THREADED;
    }
    TRY(read_switch(config, &config->thread_inherit_context, L"thread_inherit_context",
                    "PYTHON_THREAD_INHERIT_CONTEXT",
                    "-X thread_inherit_context: invalid value; must be 0 or 1"))
    if (config->context_aware_warnings < 0) {
        config->context_aware_warnings = FREE_THREADED;
    }
    TRY(read_switch(config, &config->context_aware_warnings, L"context_aware_warnings",
                    "PYTHON_CONTEXT_AWARE_WARNINGS",
                    "-X context_aware_warnings: invalid value; must be 0 or 1"))
    if (config->perf_profiling < 0) {
        config->perf_profiling = 0;
    }
    if (config->remote_debug < 0) {
        config->remote_debug = 1;
    }
    if (_Py_get_xoption(&config->xoptions, L"disable_remote_debug") ||
        _Py_GetEnv(config->use_environment, "PYTHON_DISABLE_REMOTE_DEBUG")) {
        config->remote_debug = 0;
    }
    if (_Py_get_xoption(&config->xoptions, L"no_debug_ranges") ||
        _Py_GetEnv(config->use_environment, "PYTHONNODEBUGRANGES")) {
        config->code_debug_ranges = 0;
    }
    if (_Py_get_xoption(&config->xoptions, L"warn_default_encoding") ||
        _Py_GetEnv(config->use_environment, "PYTHONWARNDEFAULTENCODING")) {
        config->warn_default_encoding = 1;
    }
    if (config->use_frozen_modules < 0) {
        config->use_frozen_modules = !config->_is_python_build;
    }
    if (frozen != NULL || frozen_variable != NULL) {
        int on = frozen != NULL ? wcscmp(frozen, L"off") != 0 : strcmp(frozen_variable, "off") != 0;
        config->use_frozen_modules = on;
    }
    if (config->pycache_prefix == NULL) {
        const wchar_t *prefix = _Py_get_xoption(&config->xoptions, L"pycache_prefix");
        if (prefix != NULL && prefix[0] != 0) {
            TRY(PyConfig_SetString(config, &config->pycache_prefix, prefix))
        }
        else if (prefix == NULL) {
            TRY(env_string(config, &config->pycache_prefix, "PYTHONPYCACHEPREFIX"))
        }
    }
#undef TRY
    return _PyStatus_OK();
}

static void
read_environment_flags(PyConfig *config)
{
    int no_write = 0, unbuffered = 0, no_user_site = 0;
    env_flag(config, &config->parser_debug, "PYTHONDEBUG");
    env_flag(config, &config->verbose, "PYTHONVERBOSE");
    env_flag(config, &config->optimization_level, "PYTHONOPTIMIZE");
    env_flag(config, &config->inspect, "PYTHONINSPECT");
    env_flag(config, &no_write, "PYTHONDONTWRITEBYTECODE");
    env_flag(config, &no_user_site, "PYTHONNOUSERSITE");
    env_flag(config, &unbuffered, "PYTHONUNBUFFERED");
    if (no_write) {
        config->write_bytecode = 0;
    }
    if (no_user_site) {
        config->user_site_directory = 0;
    }
    if (unbuffered) {
        config->buffered_stdio = 0;
    }
    if (_Py_GetEnv(config->use_environment, "PYTHONSAFEPATH")) {
        config->safe_path = 1;
    }
    if (config->dev_mode < 0) {
        config->dev_mode = _Py_get_xoption(&config->xoptions, L"dev") != NULL ||
                           _Py_GetEnv(config->use_environment, "PYTHONDEVMODE") != NULL;
    }
    if (config->faulthandler < 0) {
        config->faulthandler = config->dev_mode ||
                               _Py_get_xoption(&config->xoptions, L"faulthandler") != NULL ||
                               _Py_GetEnv(config->use_environment, "PYTHONFAULTHANDLER") != NULL;
    }
    if (config->malloc_stats < 0) {
        config->malloc_stats = _Py_GetEnv(config->use_environment, "PYTHONMALLOCSTATS") != NULL;
    }
}

/* PYTHONIOENCODING=encoding:errors; then the rules for C and POSIX locales. */
static PyStatus
read_stdio_encoding(PyConfig *config)
{
    const char *text = _Py_GetEnv(config->use_environment, "PYTHONIOENCODING");
    PyStatus status = _PyStatus_OK();
    if (text != NULL && config->stdio_encoding == NULL) {
        const char *colon = strchr(text, ':');
        char encoding[64];
        size_t length = colon ? (size_t)(colon - text) : strlen(text);
        if (length >= sizeof encoding) {
            return PyStatus_Error("PYTHONIOENCODING is too long");
        }
        memcpy(encoding, text, length);
        encoding[length] = '\0';
        if (length != 0) {
            status = PyConfig_SetBytesString(config, &config->stdio_encoding, encoding);
        }
        if (!_PyStatus_EXCEPTION(status) && colon != NULL && colon[1] != '\0') {
            status = PyConfig_SetBytesString(config, &config->stdio_errors, colon + 1);
        }
        else if (!_PyStatus_EXCEPTION(status) && length != 0 && config->stdio_errors == NULL) {
            status = PyConfig_SetString(config, &config->stdio_errors, L"strict");
        }
    }
    if (!_PyStatus_EXCEPTION(status) && config->stdio_encoding == NULL) {
        const char *codeset = nl_langinfo(CODESET);
        status = _Py_preconfig.utf8_mode || codeset == NULL || codeset[0] == '\0'
                     ? PyConfig_SetString(config, &config->stdio_encoding, L"utf-8")
                     : PyConfig_SetBytesString(config, &config->stdio_encoding, codeset);
    }
    if (!_PyStatus_EXCEPTION(status) && config->stdio_errors == NULL) {
        const char *locale = setlocale(LC_CTYPE, NULL);
        int lenient = _Py_preconfig.utf8_mode ||
                      (locale != NULL && (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0 ||
                                          strncmp(locale, "C.", 2) == 0));
        status = PyConfig_SetString(config, &config->stdio_errors,
                                    lenient ? L"surrogateescape" : L"strict");
    }
    return status;
}

static PyStatus
read_filesystem_encoding(PyConfig *config)
{
    PyStatus status = _PyStatus_OK();
    if (config->filesystem_encoding == NULL) {
        const char *codeset = nl_langinfo(CODESET);
        if (_Py_preconfig.utf8_mode || codeset == NULL || codeset[0] == '\0' ||
            strcmp(codeset, "UTF-8") == 0) {
            status = PyConfig_SetString(config, &config->filesystem_encoding, L"utf-8");
        }
        else if (strcmp(codeset, "ANSI_X3.4-1968") == 0) {
            status = PyConfig_SetString(config, &config->filesystem_encoding, L"ascii");
        }
        else {
            status = PyConfig_SetBytesString(config, &config->filesystem_encoding, codeset);
        }
    }
    if (!_PyStatus_EXCEPTION(status) && config->filesystem_errors == NULL) {
        status = PyConfig_SetString(config, &config->filesystem_errors, L"surrogateescape");
    }
    return status;
}

static PyStatus
read_warnoptions(PyConfig *config, const PyWideStringList *command_line)
{
    PyWideStringList options = {0, NULL};
    PyStatus status = _PyStatus_OK();
    if (config->dev_mode) {
        status = PyWideStringList_Append(&options, L"default");
    }
    const char *text = _Py_GetEnv(config->use_environment, "PYTHONWARNINGS");
    wchar_t *wide = NULL;
    if (text != NULL && !_PyStatus_EXCEPTION(status)) {
        status = decode_argument(text, &wide);
        wchar_t *state = NULL;
        for (wchar_t *part = wide ? wcstok(wide, L",", &state) : NULL;
             part != NULL && !_PyStatus_EXCEPTION(status); part = wcstok(NULL, L",", &state)) {
            status = PyWideStringList_Append(&options, part);
        }
        PyMem_RawFree(wide);
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = _PyWideStringList_Extend(&options, command_line);
    }
    if (!_PyStatus_EXCEPTION(status) && config->bytes_warning) {
        status = PyWideStringList_Append(&options, config->bytes_warning > 1 ? L"error::BytesWarning"
                                                                            : L"default::BytesWarning");
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = _PyWideStringList_Extend(&options, &config->warnoptions);
    }
    if (_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&options);
        return status;
    }
    _PyWideStringList_Clear(&config->warnoptions);
    config->warnoptions = options;
    return status;
}

PyStatus
PyConfig_Read(PyConfig *config)
{
    PyStatus status = Py_PreInitialize(NULL);
    PyWideStringList warnoptions = {0, NULL};
    int show_help = 0;

#define TRY(call)                          \
    if (!_PyStatus_EXCEPTION(status)) {    \
        status = call;                     \
    }
    if (config->orig_argv.length == 0) {
        TRY(_PyWideStringList_Copy(&config->orig_argv, &config->argv))
    }
    if (config->isolated > 0) {
        config->safe_path = 1;
        config->use_environment = 0;
        config->user_site_directory = 0;
    }
    TRY(_PyConfig_ParseArguments(config, &warnoptions, &show_help))
    if (!_PyStatus_EXCEPTION(status)) {
        read_environment_flags(config);
    }
    TRY(read_complex_options(config))
    TRY(env_string(config, &config->home, "PYTHONHOME"))
    TRY(env_string(config, &config->pythonpath_env, "PYTHONPATH"))
    TRY(env_string(config, &config->platlibdir, "PYTHONPLATLIBDIR"))
    if (config->check_hash_pycs_mode == NULL) {
        TRY(PyConfig_SetString(config, &config->check_hash_pycs_mode, L"default"))
    }
    if (config->argv.length < 1) {
        TRY(PyWideStringList_Append(&config->argv, L""))
    }
    TRY(read_warnoptions(config, &warnoptions))
    TRY(read_filesystem_encoding(config))
    TRY(read_stdio_encoding(config))
    if (config->_install_importlib) {
        TRY(_PyConfig_ComputePaths(config))
    }
    if (config->use_hash_seed < 0) {
        config->use_hash_seed = 0;
    }
#undef TRY
    _PyWideStringList_Clear(&warnoptions);
    return status;
}

/* -- Preconfiguration: locale and UTF-8 mode ---------------------------------------------------------- */

void
PyPreConfig_InitPythonConfig(PyPreConfig *config)
{
    *config = (PyPreConfig){
        ._config_init = _PyConfig_PYTHON,
        .parse_argv = 1,
        .isolated = 0,
        .use_environment = 1,
        .configure_locale = 1,
        .coerce_c_locale = -1,
        .coerce_c_locale_warn = -1,
        .utf8_mode = -1,
        .dev_mode = -1,
        .allocator = PYMEM_ALLOCATOR_NOT_SET,
    };
}

void
PyPreConfig_InitIsolatedConfig(PyPreConfig *config)
{
    *config = (PyPreConfig){
        ._config_init = _PyConfig_ISOLATED,
        .isolated = 1,
        .coerce_c_locale = 0,
        .utf8_mode = 0,
        .dev_mode = 0,
        .allocator = PYMEM_ALLOCATOR_NOT_SET,
    };
}

static int
locale_is_c(void)
{
    const char *locale = setlocale(LC_CTYPE, NULL);
    return locale != NULL && (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0);
}

/* PEP 538: a C locale becomes a UTF-8 one where the system has it. */
static void
coerce_c_locale(int warn)
{
    static const char *const targets[] = {"C.UTF-8", "C.utf8", "UTF-8"};
    const char *all = getenv("LC_ALL");
    if (all != NULL && *all != '\0') {
        return;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(targets); i++) {
        if (setlocale(LC_CTYPE, targets[i]) != NULL) {
            if (setenv("LC_CTYPE", targets[i], 1) == 0 && warn) {
                fprintf(stderr, "Python detected LC_CTYPE=C: LC_CTYPE coerced to %.20s (set another "
                        "locale or PYTHONCOERCECLOCALE=0 to disable this locale coercion behavior).\n",
                        targets[i]);
            }
            setlocale(LC_ALL, "");
            return;
        }
    }
}

/* Look in the arguments for what matters this early: -I, -E, -X utf8, -X dev. */
static PyStatus
preconfig_scan_arguments(PyPreConfig *config, Py_ssize_t argc, char **argv)
{
    for (Py_ssize_t i = 1; i < argc; i++) {
        const char *argument = argv[i];
        if (argument[0] != '-' || argument[1] == '\0' || argument[1] == '-') {
            break;
        }
        for (const char *p = argument + 1; *p != '\0'; p++) {
            if (*p == 'c' || *p == 'm') {
                return _PyStatus_OK();
            }
            if (*p == 'I' || *p == 'E') {
                config->use_environment = 0;
                config->isolated |= *p == 'I';
            }
            else if (*p == 'W') {
                i += p[1] == '\0';
                break;
            }
            else if (*p == 'X') {
                const char *option = p[1] != '\0' ? p + 1 : i + 1 < argc ? argv[++i] : "";
                if (strcmp(option, "utf8") == 0 || strcmp(option, "utf8=1") == 0) {
                    config->utf8_mode = 1;
                }
                else if (strcmp(option, "utf8=0") == 0) {
                    config->utf8_mode = 0;
                }
                else if (strncmp(option, "utf8=", 5) == 0) {
                    return PyStatus_Error("invalid -X utf8 option value");
                }
                else if (strcmp(option, "dev") == 0) {
                    config->dev_mode = 1;
                }
                break;
            }
        }
    }
    return _PyStatus_OK();
}

PyStatus
Py_PreInitializeFromBytesArgs(const PyPreConfig *source, Py_ssize_t argc, char **argv)
{
    if (_Py_preinitialized) {
        return _PyStatus_OK();
    }
    PyPreConfig config;
    PyPreConfig_InitPythonConfig(&config);
    if (source != NULL) {
        config = *source;
    }
    if (config.parse_argv && argc > 0) {
        PyStatus status = preconfig_scan_arguments(&config, argc, argv);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    if (config.configure_locale) {
        setlocale(LC_CTYPE, "");
    }
    const char *coerce = _Py_GetEnv(config.use_environment, "PYTHONCOERCECLOCALE");
    int warn = config.coerce_c_locale_warn > 0 || (coerce != NULL && strcmp(coerce, "warn") == 0);
    const char *utf8 = _Py_GetEnv(config.use_environment, "PYTHONUTF8");
    if (config.utf8_mode < 0 && utf8 != NULL) {
        if (strcmp(utf8, "1") != 0 && strcmp(utf8, "0") != 0) {
            return PyStatus_Error("invalid PYTHONUTF8 environment variable value");
        }
        config.utf8_mode = utf8[0] == '1';
    }
    if (config.utf8_mode < 0) {
        config.utf8_mode = locale_is_c();
    }
    if (config.coerce_c_locale < 0) {
        config.coerce_c_locale = coerce != NULL && strcmp(coerce, "0") == 0 ? 0 : locale_is_c();
    }
    if (config.coerce_c_locale && config.configure_locale) {
        coerce_c_locale(warn);
    }
    if (config.dev_mode < 0) {
        config.dev_mode = _Py_GetEnv(config.use_environment, "PYTHONDEVMODE") != NULL;
    }
    _Py_preconfig = config;
    _Py_preinitialized = 1;
    return _PyStatus_OK();
}

PyStatus
Py_PreInitialize(const PyPreConfig *config)
{
    return Py_PreInitializeFromBytesArgs(config, 0, NULL);
}

PyStatus
Py_PreInitializeFromArgs(const PyPreConfig *config, Py_ssize_t argc, wchar_t **argv)
{
    char **narrow = PyMem_RawCalloc((size_t)argc + 1, sizeof *narrow);
    PyStatus status = _PyStatus_OK();
    if (narrow == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    for (Py_ssize_t i = 0; i < argc && !_PyStatus_EXCEPTION(status); i++) {
        size_t size = wcslen(argv[i]) * 4 + 1;
        narrow[i] = PyMem_RawCalloc(size, 1);
        if (narrow[i] == NULL) {
            status = _PyStatus_NO_MEMORY();
        }
        for (size_t k = 0; narrow[i] != NULL && argv[i][k] != 0; k++) {
            narrow[i][k] = argv[i][k] < 128 ? (char)argv[i][k] : '?';   /* only ASCII options matter here */
        }
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = Py_PreInitializeFromBytesArgs(config, argc, narrow);
    }
    for (Py_ssize_t i = 0; i < argc; i++) {
        PyMem_RawFree(narrow[i]);
    }
    PyMem_RawFree(narrow);
    return status;
}

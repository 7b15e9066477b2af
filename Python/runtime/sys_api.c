/* C's access to sys: attributes, writing to its streams, options of the command line, argv.

   Locking: the module's dict has its own lock; functions that return borrowed references (PySys_GetObject) are safe until
   the caller's next quiescent point. */
#include "Python.h"
#include "pycore_global_ids.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_sysmodule.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* -- Attributes ------------------------------------------------------------------------------------------ */

int
_PySys_GetOptionalAttr(PyObject *name, PyObject **value)
{
    PyObject *sysdict = _PyInterpreterState_GET()->sysdict;
    if (sysdict == NULL) {
        *value = NULL;
        return 0;
    }
    return PyDict_GetItemRef(sysdict, name, value);
}

int
_PySys_GetOptionalAttrString(const char *name, PyObject **value)
{
    PyObject *sysdict = _PyInterpreterState_GET()->sysdict;
    if (sysdict == NULL) {
        *value = NULL;
        return 0;
    }
    return PyDict_GetItemStringRef(sysdict, name, value);
}

PyObject *
_PySys_GetRequiredAttr(PyObject *name)
{
    PyObject *value;
    if (_PySys_GetOptionalAttr(name, &value) == 0) {
        PyErr_Format(PyExc_RuntimeError, "lost sys.%U", name);
    }
    return value;
}

PyObject *
_PySys_GetRequiredAttrString(const char *name)
{
    PyObject *value;
    if (_PySys_GetOptionalAttrString(name, &value) == 0) {
        PyErr_Format(PyExc_RuntimeError, "lost sys.%s", name);
    }
    return value;
}

/* Borrowed; never raises, and keeps the exception that is set. */
PyObject *
PySys_GetObject(const char *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *pending = _PyErr_GetRaisedException(tstate), *value = NULL;
    if (tstate->interp->sysdict != NULL && PyDict_GetItemStringRef(tstate->interp->sysdict, name, &value) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PySys_GetObject()");
    }
    Py_XDECREF(value);      /* sys.__dict__ keeps it */
    _PyErr_SetRaisedException(tstate, pending);
    return value;
}

int
_PySys_SetAttr(PyObject *name, PyObject *value)
{
    PyObject *sysdict = _PyInterpreterState_GET()->sysdict;
    if (sysdict == NULL) {
        return -1;
    }
    return value != NULL ? PyDict_SetItem(sysdict, name, value) : PyDict_Pop(sysdict, name, NULL) < 0 ? -1 : 0;
}

int
PySys_SetObject(const char *text, PyObject *value)
{
    PyObject *name = PyUnicode_InternFromString(text);
    if (name == NULL) {
        return -1;
    }
    int result = _PySys_SetAttr(name, value);
    Py_DECREF(name);
    return result;
}

/* At the end of an interpreter: sys.name = None. */
void
_PySys_ClearAttrString(PyInterpreterState *interp, const char *name, int verbose)
{
    if (verbose) {
        PySys_WriteStderr("# clear sys.%s\n", name);
    }
    if (PyDict_SetItemString(interp->sysdict, name, Py_None) < 0) {
        PyErr_Clear();
    }
}

/* -- Writing ------------------------------------------------------------------------------------------------- */

static int
write_text(PyObject *text, PyObject *stream)
{
    if (stream == NULL || stream == Py_None) {
        return -1;
    }
    PyObject *result = PyObject_CallMethodOneArg(stream, _Py_ID(write), text);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

static int
write_chars(const char *chars, PyObject *stream)
{
    PyObject *text = PyUnicode_FromString(chars);
    int result = text != NULL ? write_text(text, stream) : -1;
    Py_XDECREF(text);
    return result;
}

/* At most 1,000 bytes; what sys's stream does not take goes to C's. */
static void
write_limited(PyObject *name, FILE *fallback, const char *format, va_list va)
{
    char buffer[1001];
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *pending = _PyErr_GetRaisedException(tstate), *stream = NULL;
    int written = PyOS_vsnprintf(buffer, sizeof buffer, format, va);
    if (_PySys_GetOptionalAttr(name, &stream) < 0 || write_chars(buffer, stream) < 0) {
        _PyErr_Clear(tstate);
        fputs(buffer, fallback);
    }
    if (written < 0 || (size_t)written >= sizeof buffer) {
        const char *cut = "... truncated";
        if (write_chars(cut, stream) < 0) {
            _PyErr_Clear(tstate);
            fputs(cut, fallback);
        }
    }
    Py_XDECREF(stream);
    _PyErr_SetRaisedException(tstate, pending);
}

void
PySys_WriteStdout(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    write_limited(_Py_ID(stdout), stdout, format, va);
    va_end(va);
}

void
PySys_WriteStderr(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    write_limited(_Py_ID(stderr), stderr, format, va);
    va_end(va);
}

static void
write_formatted(PyObject *name, FILE *fallback, const char *format, va_list va)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *pending = _PyErr_GetRaisedException(tstate), *stream = NULL;
    PyObject *text = PyUnicode_FromFormatV(format, va);
    if (text != NULL) {
        if (_PySys_GetOptionalAttr(name, &stream) < 0 || write_text(text, stream) < 0) {
            _PyErr_Clear(tstate);
            const char *utf8 = PyUnicode_AsUTF8(text);
            if (utf8 != NULL) {
                fputs(utf8, fallback);
            }
            else {
                _PyErr_Clear(tstate);
            }
        }
        Py_DECREF(text);
    }
    Py_XDECREF(stream);
    _PyErr_SetRaisedException(tstate, pending);
}

void
PySys_FormatStdout(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    write_formatted(_Py_ID(stdout), stdout, format, va);
    va_end(va);
}

void
PySys_FormatStderr(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    write_formatted(_Py_ID(stderr), stderr, format, va);
    va_end(va);
}

/* -- Options ------------------------------------------------------------------------------------------------ */

/* The list sys.warnoptions, borrowed, made if need be. */
static PyObject *
warn_options(void)
{
    PyObject *options = PySys_GetObject("warnoptions");
    if (options == NULL || !PyList_Check(options)) {
        options = PyList_New(0);
        if (options == NULL || PySys_SetObject("warnoptions", options) < 0) {
            Py_XDECREF(options);
            return NULL;
        }
        Py_DECREF(options);
    }
    return options;
}

/* Options that PySys_AddWarnOption() and PySys_AddXOption() get before the runtime starts. */
static PyWideStringList early_warn_options, early_x_options;

void
PySys_ResetWarnOptions(void)
{
    if (_PyThreadState_GET() == NULL) {
        _PyWideStringList_Clear(&early_warn_options);
        return;
    }
    PyObject *options = PySys_GetObject("warnoptions");
    if (options != NULL && PyList_Check(options) && PyList_SetSlice(options, 0, PyList_GET_SIZE(options), NULL) < 0) {
        PyErr_Clear();
    }
}

PyAPI_FUNC(void) PySys_AddWarnOptionUnicode(PyObject *option);
void
PySys_AddWarnOptionUnicode(PyObject *option)
{
    PyObject *options = warn_options();
    if (options == NULL || PyList_Append(options, option) < 0) {
        PyErr_Clear();
    }
}

PyAPI_FUNC(void) PySys_AddWarnOption(const wchar_t *option);
void
PySys_AddWarnOption(const wchar_t *option)
{
    if (_PyThreadState_GET() == NULL) {
        (void)PyWideStringList_Append(&early_warn_options, option);
        return;
    }
    PyObject *text = PyUnicode_FromWideChar(option, -1);
    if (text == NULL) {
        PyErr_Clear();
        return;
    }
    PySys_AddWarnOptionUnicode(text);
    Py_DECREF(text);
}

PyAPI_FUNC(int) PySys_HasWarnOptions(void);
int
PySys_HasWarnOptions(void)
{
    PyObject *options = PySys_GetObject("warnoptions");
    return options != NULL && PyList_Check(options) && PyList_GET_SIZE(options) > 0;
}

PyStatus
_PySys_ReadPreinitWarnOptions(PyWideStringList *options)
{
    PyStatus status = _PyWideStringList_Extend(options, &early_warn_options);
    if (!_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&early_warn_options);
    }
    return status;
}

/* Stores "name=value", or "name" with True, in the dict. */
static int
add_x_option(PyObject *options, const wchar_t *option)
{
    const wchar_t *equals = wcschr(option, L'=');
    PyObject *name = PyUnicode_FromWideChar(option, equals != NULL ? equals - option : -1);
    PyObject *value = equals != NULL ? PyUnicode_FromWideChar(equals + 1, -1) : Py_NewRef(Py_True);
    int result = name != NULL && value != NULL ? PyDict_SetItem(options, name, value) : -1;
    Py_XDECREF(name);
    Py_XDECREF(value);
    return result;
}

PyObject *
PySys_GetXOptions(void)
{
    PyObject *options = PySys_GetObject("_xoptions");
    if (options == NULL || !PyDict_Check(options)) {
        options = PyDict_New();
        if (options == NULL || PySys_SetObject("_xoptions", options) < 0) {
            Py_XDECREF(options);
            return NULL;
        }
        Py_DECREF(options);
    }
    return options;
}

PyAPI_FUNC(void) PySys_AddXOption(const wchar_t *option);
void
PySys_AddXOption(const wchar_t *option)
{
    if (_PyThreadState_GET() == NULL) {
        (void)PyWideStringList_Append(&early_x_options, option);
        return;
    }
    PyObject *options = PySys_GetXOptions();
    if (options == NULL || add_x_option(options, option) < 0) {
        PyErr_Clear();
    }
}

/* -- What the configuration says ------------------------------------------------------------------------------- */

static int
set_steal(PyObject *sysdict, const char *name, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(sysdict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

/* None for NULL. */
static int
set_text(PyObject *sysdict, const char *name, const wchar_t *text)
{
    return set_steal(sysdict, name, text != NULL ? PyUnicode_FromWideChar(text, -1) : Py_NewRef(Py_None));
}

static PyObject *
x_options_dict(const PyConfig *config)
{
    PyObject *options = PyDict_New();
    for (Py_ssize_t i = 0; options != NULL && i < early_x_options.length; i++) {
        if (add_x_option(options, early_x_options.items[i]) < 0) {
            Py_CLEAR(options);
        }
    }
    for (Py_ssize_t i = 0; options != NULL && i < config->xoptions.length; i++) {
        if (add_x_option(options, config->xoptions.items[i]) < 0) {
            Py_CLEAR(options);
        }
    }
    return options;
}

/* Brings sys up to date with the interpreter's configuration. */
int
_PySys_UpdateConfig(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *sysdict = interp->sysdict;
    const PyConfig *config = _PyInterpreterState_GetConfig(interp);
    PyObject *flags;

#define COPY_LIST(name, list) (set_steal(sysdict, name, _PyWideStringList_AsList(&(list))) < 0)
#define COPY_TEXT(name, text) ((text) != NULL && set_text(sysdict, name, (text)) < 0)
    if ((config->module_search_paths_set && COPY_LIST("path", config->module_search_paths)) ||
        COPY_TEXT("executable", config->executable) || COPY_TEXT("_base_executable", config->base_executable) ||
        COPY_TEXT("prefix", config->prefix) || COPY_TEXT("base_prefix", config->base_prefix) ||
        COPY_TEXT("exec_prefix", config->exec_prefix) || COPY_TEXT("base_exec_prefix", config->base_exec_prefix) ||
        COPY_TEXT("platlibdir", config->platlibdir) || set_text(sysdict, "pycache_prefix", config->pycache_prefix) < 0 ||
        set_text(sysdict, "_stdlib_dir", config->stdlib_dir) < 0 || COPY_LIST("argv", config->argv) ||
        COPY_LIST("orig_argv", config->orig_argv) || COPY_LIST("warnoptions", config->warnoptions) ||
        set_steal(sysdict, "_xoptions", x_options_dict(config)) < 0 ||
        set_steal(sysdict, "dont_write_bytecode", PyBool_FromLong(!config->write_bytecode)) < 0) {
        return -1;
    }
#undef COPY_LIST
#undef COPY_TEXT
    flags = _PySys_MakeFlags(interp);
    if (set_steal(sysdict, "flags", flags) < 0) {
        return -1;
    }
    return _PyErr_Occurred(tstate) ? -1 : 0;
}

/* -- argv ------------------------------------------------------------------------------------------------------- */

/* The folder of argv[0], links followed; "" for -c or nothing, the working folder for -m. */
static PyObject *
script_folder(int argc, wchar_t **argv)
{
    char resolved[PATH_MAX];
    if (argc > 0 && wcscmp(argv[0], L"-m") == 0) {
        return getcwd(resolved, sizeof resolved) != NULL ? PyUnicode_DecodeFSDefault(resolved) : NULL;
    }
    if (argc == 0 || argv[0][0] == L'\0' || wcscmp(argv[0], L"-c") == 0) {
        return PyUnicode_FromString("");
    }
    char *name = Py_EncodeLocale(argv[0], NULL);
    if (name == NULL) {
        return PyUnicode_FromString("");
    }
    const char *path = realpath(name, resolved) != NULL ? resolved : name;
    const char *slash = strrchr(path, '/');
    PyObject *folder = PyUnicode_DecodeFSDefaultAndSize(path, slash == NULL ? 0 : slash == path ? 1 : slash - path);
    PyMem_Free(name);
    return folder;
}

static void
set_argv(int argc, wchar_t **argv, int update_path)
{
    static wchar_t empty[] = L"";
    wchar_t *nothing[] = {empty};
    if (argc < 1 || argv == NULL) {
        argc = 1;
        argv = nothing;
    }
    const PyWideStringList list = {.length = argc, .items = argv};
    PyObject *object = _PyWideStringList_AsList(&list);
    if (object == NULL || PySys_SetObject("argv", object) < 0) {
        Py_FatalError("can't assign sys.argv");
    }
    Py_DECREF(object);
    if (!update_path) {
        return;
    }
    PyObject *folder = script_folder(argc, argv), *path = PySys_GetObject("path");
    if (folder != NULL && path != NULL && PyList_Check(path) && PyList_Insert(path, 0, folder) < 0) {
        Py_FatalError("can't prepend path0 to sys.path");
    }
    PyErr_Clear();
    Py_XDECREF(folder);
}

void
PySys_SetArgvEx(int argc, wchar_t **argv, int update_path)
{
    set_argv(argc, argv, update_path);
}

void
PySys_SetArgv(int argc, wchar_t **argv)
{
    set_argv(argc, argv, _Py_GetConfig()->isolated == 0);
}

PyAPI_FUNC(void) PySys_SetPath(const wchar_t *path);
void
PySys_SetPath(const wchar_t *path)
{
    PyObject *list = PyList_New(0);
    for (const wchar_t *at = path; list != NULL; at++) {
        const wchar_t *end = wcschr(at, L':');
        PyObject *item = PyUnicode_FromWideChar(at, end != NULL ? end - at : -1);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
        if (end == NULL) {
            break;
        }
        at = end;
    }
    if (list == NULL || PySys_SetObject("path", list) < 0) {
        Py_FatalError("can't assign sys.path");
    }
    Py_DECREF(list);
}

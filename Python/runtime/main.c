/* The main program: what the command line asks to run, and the exit status. */
#include "Python.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern int _PyRun_SimpleStringFlagsWithName(const char *text, const char *name, PyCompilerFlags *flags);
extern int _PyRun_AnyFile(FILE *file, PyObject *filename, int close, PyCompilerFlags *flags);

static int
exit_status_of_error(void)
{
    int exitcode;
    if (_Py_HandleSystemExitAndKeyboardInterrupt(&exitcode)) {
        return exitcode;
    }
    PyErr_Print();
    return 1;
}

/* sys.path[0]: the script's folder, "" for -c and interactive use, the working folder for -m. */
static int
compute_path0(const PyConfig *config, PyObject **result)
{
    *result = NULL;
    if (config->safe_path) {
        return 0;
    }
    if (config->run_module != NULL) {
        char folder[4096];
        if (getcwd(folder, sizeof folder) == NULL) {
            return 0;
        }
        *result = PyUnicode_DecodeFSDefault(folder);
        return *result != NULL ? 1 : -1;
    }
    if (config->run_filename == NULL) {
        *result = PyUnicode_FromString("");
        return *result != NULL ? 1 : -1;
    }
    char *name = Py_EncodeLocale(config->run_filename, NULL), resolved[4096];
    if (name == NULL) {
        return 0;
    }
    char link[4096];
    ssize_t length = readlink(name, link, sizeof link - 1);
    strncpy(resolved, name, sizeof resolved - 1);
    resolved[sizeof resolved - 1] = '\0';
    if (length > 0) {
        link[length] = '\0';
        char *slash = strrchr(resolved, '/');
        if (link[0] == '/' || slash == NULL) {
            strcpy(resolved, link);
        }
        else if ((size_t)(slash + 1 - resolved) + (size_t)length < sizeof resolved) {
            strcpy(slash + 1, link);
        }
    }
    PyMem_Free(name);
    char absolute[4096];
    if (realpath(resolved, absolute) != NULL) {
        strcpy(resolved, absolute);
    }
    char *slash = strrchr(resolved, '/');
    if (slash == NULL) {
        resolved[0] = '\0';
    }
    else {
        slash[slash == resolved] = '\0';
    }
    *result = PyUnicode_DecodeFSDefault(resolved);
    return *result != NULL ? 1 : -1;
}

static int
prepend_sys_path(PyObject *path0)
{
    PyObject *path = PySys_GetObject("path");
    if (path == NULL || !PyList_Check(path)) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.path");
        return -1;
    }
    return PyList_Insert(path, 0, path0);
}

/* An importer for the file name, when it is a folder or an archive with a __main__. */
static int
main_importer(const wchar_t *filename, PyObject **importer_path)
{
    *importer_path = NULL;
    PyObject *path = PyUnicode_FromWideChar(filename, -1);
    if (path == NULL) {
        return -1;
    }
    PyObject *importer = PyImport_GetImporter(path);
    if (importer == NULL) {
        Py_DECREF(path);
        return -1;
    }
    int found = importer != Py_None;
    Py_DECREF(importer);
    if (found) {
        *importer_path = path;
    }
    else {
        Py_DECREF(path);
    }
    return found;
}

static int
run_command(const wchar_t *command, PyCompilerFlags *flags)
{
    PyObject *text = PyUnicode_FromWideChar(command, -1);
    if (text == NULL) {
        return exit_status_of_error();
    }
    if (PySys_Audit("cpython.run_command", "O", text) < 0) {
        Py_DECREF(text);
        return exit_status_of_error();
    }
    /* A program given with -c may be indented as a whole. */
    PyObject *dedented = NULL, *dedent = NULL;
    if (command[0] == L' ' || command[0] == L'\t' || command[0] == L'\n') {
        dedent = PyImport_ImportModuleAttrString("textwrap", "dedent");
    }
    if (dedent != NULL) {
        dedented = PyObject_CallOneArg(dedent, text);
        Py_DECREF(dedent);
    }
    if (dedented == NULL) {
        PyErr_Clear();
    }
    else {
        Py_SETREF(text, dedented);
    }
    PyObject *bytes = PyUnicode_AsUTF8String(text);
    Py_DECREF(text);
    if (bytes == NULL) {
        return exit_status_of_error();
    }
    flags->cf_flags |= PyCF_IGNORE_COOKIE;
    int status = _PyRun_SimpleStringFlagsWithName(PyBytes_AS_STRING(bytes), "<string>", flags) != 0;
    Py_DECREF(bytes);
    return status;
}

static int
run_module(const wchar_t *name, int set_argv0)
{
    PyObject *module = PyUnicode_FromWideChar(name, -1);
    PyObject *function = module ? PyImport_ImportModuleAttrString("runpy", "_run_module_as_main") : NULL;
    PyObject *value = NULL;
    if (function != NULL && PySys_Audit("cpython.run_module", "O", module) == 0) {
        value = PyObject_CallFunction(function, "OO", module, set_argv0 ? Py_True : Py_False);
    }
    Py_XDECREF(module);
    Py_XDECREF(function);
    if (value == NULL) {
        if (PyErr_Occurred() == PyExc_KeyboardInterrupt) {
            _Py_UnhandledKeyboardInterrupt = 1;
        }
        return exit_status_of_error();
    }
    Py_DECREF(value);
    return 0;
}

static int
run_script(const PyConfig *config, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_FromWideChar(config->run_filename, -1);
    if (filename == NULL || PySys_Audit("cpython.run_file", "O", filename) < 0) {
        Py_XDECREF(filename);
        return exit_status_of_error();
    }
    int status = 2;
    char *name = Py_EncodeLocale(config->run_filename, NULL);
    FILE *file = name ? fopen(name, "rbe") : NULL;
    struct stat st;
    if (file == NULL) {
        fprintf(stderr, "%ls: can't open file ", config->program_name);
        PyObject *repr = PyObject_Repr(filename);
        fprintf(stderr, "%s: [Errno %d] %s\n", repr ? PyUnicode_AsUTF8(repr) : "?", errno, strerror(errno));
        Py_XDECREF(repr);
        goto done;
    }
    if (config->skip_source_first_line) {
        int c;
        while ((c = getc(file)) != EOF && c != '\n') {
        }
        if (c == '\n') {
            ungetc(c, file);    /* the line numbers stay right */
        }
    }
    if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode)) {
        PyObject *repr = PyObject_Repr(filename);
        fprintf(stderr, "%ls: %s is a directory, cannot continue\n", config->program_name,
                repr ? PyUnicode_AsUTF8(repr) : "?");
        Py_XDECREF(repr);
        fclose(file);
        status = 1;
        goto done;
    }
    if (Py_MakePendingCalls() < 0) {
        fclose(file);
        status = exit_status_of_error();
        goto done;
    }
    status = _PyRun_AnyFile(file, filename, 1, flags) != 0;
done:
    PyMem_Free(name);
    Py_DECREF(filename);
    return status;
}

static void
run_startup_file(const PyConfig *config, PyCompilerFlags *flags)
{
    const char *name = _Py_GetEnv(config->use_environment, "PYTHONSTARTUP");
    if (name == NULL) {
        return;
    }
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        int error = errno;
        PySys_WriteStderr("Could not open PYTHONSTARTUP\n");
        errno = error;
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, name);
        PyErr_Print();
        return;
    }
    (void)PyRun_SimpleFileExFlags(file, name, 0, flags);
    PyErr_Clear();
    fclose(file);
}

static void
run_interactive_hook(void)
{
    PyObject *hook = PySys_GetObject("__interactivehook__");
    if (hook == NULL) {
        return;
    }
    Py_INCREF(hook);
    PyObject *value = PySys_Audit("cpython.run_interactivehook", "O", hook) < 0 ? NULL : PyObject_CallNoArgs(hook);
    if (value == NULL) {
        PySys_WriteStderr("Failed calling sys.__interactivehook__\n");
        PyErr_Print();
    }
    Py_XDECREF(value);
    Py_DECREF(hook);
}

/* The interactive loop of the library where there is a terminal, else the plain one. */
static int
run_interactive(const PyConfig *config, PyCompilerFlags *flags)
{
    if (PySys_Audit("cpython.run_stdin", NULL) < 0) {
        return exit_status_of_error();
    }
    if (!_Py_GetEnv(config->use_environment, "PYTHON_BASIC_REPL") && isatty(fileno(stdin)) && isatty(fileno(stdout))) {
        return run_module(L"_pyrepl", 0);
    }
    PyObject *filename = PyUnicode_FromString("<stdin>");
    if (filename == NULL) {
        return exit_status_of_error();
    }
    int status = _PyRun_AnyFile(stdin, filename, 0, flags);
    Py_DECREF(filename);
    return status != 0;
}

static void
print_banner(const PyConfig *config)
{
    if (config->quiet || (config->inspect && (config->run_command || config->run_filename || config->run_module))) {
        return;
    }
    fprintf(stderr, "Python %s on %s\n", Py_GetVersion(), Py_GetPlatform());
    if (config->site_import) {
        fprintf(stderr, "Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n");
    }
}

int
_Py_RunMainWithoutFinalize(void)
{
    PyConfig *config = &_PyInterpreterState_GET()->config;
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    PyObject *importer_path = NULL, *path0 = NULL;
    int status;

    if (config->run_filename != NULL && main_importer(config->run_filename, &importer_path) < 0) {
        return exit_status_of_error();
    }
    if (importer_path != NULL) {
        status = prepend_sys_path(importer_path);
    }
    else {
        status = compute_path0(config, &path0);
        if (status > 0) {
            status = prepend_sys_path(path0);
        }
        Py_XDECREF(path0);
    }
    if (status < 0) {
        Py_XDECREF(importer_path);
        return exit_status_of_error();
    }

    int interactive_stdin = config->run_command == NULL && config->run_module == NULL && config->run_filename == NULL &&
                            (isatty(fileno(stdin)) || config->interactive);
    if (interactive_stdin) {
        print_banner(config);
    }
    if (config->run_command != NULL) {
        status = run_command(config->run_command, &flags);
    }
    else if (config->run_module != NULL) {
        status = run_module(config->run_module, 1);
    }
    else if (importer_path != NULL) {
        status = run_module(L"__main__", 0);
    }
    else if (config->run_filename != NULL) {
        status = run_script(config, &flags);
    }
    else {
        if (interactive_stdin) {
            Py_InspectFlag = 0;
            config->inspect = 0;
            run_startup_file(config, &flags);
            run_interactive_hook();
        }
        status = run_interactive(config, &flags);
    }
    Py_XDECREF(importer_path);

    /* -i, or PYTHONINSPECT set by the program itself */
    if ((config->inspect || Py_InspectFlag ||
         (_Py_GetEnv(config->use_environment, "PYTHONINSPECT") && config->run_filename != NULL)) &&
        !interactive_stdin && (isatty(fileno(stdin)) || config->interactive)) {
        config->inspect = 0;
        Py_InspectFlag = 0;
        run_interactive_hook();
        status = run_interactive(config, &flags);
    }
    return status;
}

/* A program that ends by Ctrl-C dies by the signal, so that a calling shell sees it. */
static int
exit_sigint(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    if (sigaction(SIGINT, &action, NULL) == 0) {
        kill(getpid(), SIGINT);
    }
    return SIGINT + 128;
}

int
Py_RunMain(void)
{
    _Py_UnhandledKeyboardInterrupt = 0;
    int status = _Py_RunMainWithoutFinalize();
    if (Py_FinalizeEx() < 0) {
        status = 120;
    }
    if (_Py_UnhandledKeyboardInterrupt) {
        status = exit_sigint();
    }
    return status;
}

static int
run_with_config(PyConfig *config, PyStatus status)
{
    if (!_PyStatus_EXCEPTION(status)) {
        status = Py_InitializeFromConfig(config);
    }
    PyConfig_Clear(config);
    if (_PyStatus_IS_EXIT(status)) {
        return status.exitcode;
    }
    if (_PyStatus_IS_ERROR(status)) {
        Py_ExitStatusException(status);
    }
    return Py_RunMain();
}

int
Py_Main(int argc, wchar_t **argv)
{
    PyPreConfig preconfig;
    PyPreConfig_InitPythonConfig(&preconfig);
    PyStatus status = Py_PreInitializeFromArgs(&preconfig, argc, argv);
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    if (!_PyStatus_EXCEPTION(status)) {
        status = PyConfig_SetArgv(&config, argc, argv);
    }
    return run_with_config(&config, status);
}

int
Py_BytesMain(int argc, char **argv)
{
    PyPreConfig preconfig;
    PyPreConfig_InitPythonConfig(&preconfig);
    PyStatus status = Py_PreInitializeFromBytesArgs(&preconfig, argc, argv);
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    if (!_PyStatus_EXCEPTION(status)) {
        status = PyConfig_SetBytesArgv(&config, argc, argv);
    }
    return run_with_config(&config, status);
}

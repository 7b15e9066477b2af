/* Where the interpreter and its library are: executable, prefixes, sys.path.

   The rules are those of the documentation of sys and site: pyvenv.cfg beside or above the executable gives a virtual
   environment; otherwise the landmark lib/pythonX.Yt/os.py is looked for from the executable upwards; a build folder is known by
   the landmark `lib` next to the executable's Makefile.  PYTHONHOME overrides the search.
   Locking: runs once, before there is a second thread. */
#include "Python.h"
#include "pycore_initconfig.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#define PATH_SIZE 4096

struct paths {
    char executable[PATH_SIZE];         /* as called, absolute */
    char real_executable[PATH_SIZE];    /* links resolved */
    char base_executable[PATH_SIZE];
    char venv_prefix[PATH_SIZE];        /* folder of pyvenv.cfg, or empty */
    char prefix[PATH_SIZE];
    char exec_prefix[PATH_SIZE];
    char stdlib[PATH_SIZE];
    char dynload[PATH_SIZE];
    int build_folder;
};

static int
path_join(char *buffer, const char *folder, const char *name)
{
    int length = snprintf(buffer, PATH_SIZE, "%s%s%s", folder,
                          folder[0] != '\0' && folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return length > 0 && length < PATH_SIZE;
}

static void
path_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == path) {
        path[slash[1] == '\0' ? 0 : 1] = '\0';
    }
    else if (slash != NULL) {
        *slash = '\0';
    }
    else {
        path[0] = '\0';
    }
}

static int
is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int
is_executable(const char *path)
{
    return is_file(path) && access(path, X_OK) == 0;
}

static PyStatus
narrow(const wchar_t *wide, char *buffer)
{
    char *text = Py_EncodeLocale(wide, NULL);
    if (text == NULL) {
        return _PyStatus_ERR("cannot encode a path");
    }
    int fits = strlen(text) < PATH_SIZE;
    if (fits) {
        strcpy(buffer, text);
    }
    PyMem_Free(text);
    return fits ? _PyStatus_OK() : _PyStatus_ERR("a path is too long");
}

/* -- Executable ------------------------------------------------------------------------------ */

static void
make_absolute(char *path)
{
    char folder[PATH_SIZE], joined[PATH_SIZE];
    if (path[0] != '/' && path[0] != '\0' && getcwd(folder, sizeof folder) != NULL &&
        path_join(joined, folder, strncmp(path, "./", 2) == 0 ? path + 2 : path)) {
        strcpy(path, joined);
    }
}

static PyStatus
find_executable(PyConfig *config, struct paths *paths)
{
    char program[PATH_SIZE] = "";
    PyStatus status = narrow(config->executable ? config->executable : config->program_name, program);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    if (strchr(program, '/') != NULL) {
        strcpy(paths->executable, program);
    }
    else {
        const char *search = getenv("PATH");
        char candidate[PATH_SIZE], folder[PATH_SIZE];
        while (search != NULL && *search != '\0') {
            size_t length = strcspn(search, ":");
            if (length < sizeof folder) {
                memcpy(folder, search, length);
                folder[length] = '\0';
                if (path_join(candidate, length ? folder : ".", program) && is_executable(candidate)) {
                    strcpy(paths->executable, candidate);
                    break;
                }
            }
            search += length + (search[length] == ':');
        }
    }
    make_absolute(paths->executable);
    if (realpath(paths->executable, paths->real_executable) == NULL) {
        strcpy(paths->real_executable, paths->executable);
    }
    return _PyStatus_OK();
}

/* -- Virtual environments ---------------------------------------------------------------------- */

/* The value of `key = value` in an open pyvenv.cfg. */
static int
venv_value(FILE *file, const char *key, char *value)
{
    char line[PATH_SIZE];
    rewind(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *equals = strchr(line, '=');
        if (equals == NULL) {
            continue;
        }
        char *end = equals;
        while (end > line && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        }
        *end = '\0';
        char *text = equals + 1 + strspn(equals + 1, " \t");
        text[strcspn(text, "\r\n")] = '\0';
        for (char *last = text + strlen(text); last > text && (last[-1] == ' ' || last[-1] == '\t');) {
            *--last = '\0';
        }
        if (strcasecmp(line, key) == 0) {
            strcpy(value, text);
            return 1;
        }
    }
    return 0;
}

static void
find_virtual_environment(struct paths *paths)
{
    char folder[PATH_SIZE], candidate[PATH_SIZE], home[PATH_SIZE];
    strcpy(paths->base_executable, paths->executable);
    strcpy(folder, paths->executable);
    for (int up = 0; up < 2 && folder[0] != '\0'; up++) {
        path_parent(folder);
        if (!path_join(candidate, folder, "pyvenv.cfg")) {
            return;
        }
        FILE *file = fopen(candidate, "r");
        if (file == NULL) {
            continue;
        }
        strcpy(paths->venv_prefix, folder);
        if (venv_value(file, "executable", candidate) && is_executable(candidate)) {
            strcpy(paths->base_executable, candidate);
        }
        else if (venv_value(file, "home", home)) {
            const char *name = strrchr(paths->executable, '/');
            if (path_join(candidate, home, name ? name + 1 : "python3") && is_executable(candidate)) {
                strcpy(paths->base_executable, candidate);
            }
        }
        if (venv_value(file, "home", home)) {
            /* the search for the library starts there */
            const char *name = strrchr(paths->base_executable, '/');
            if (path_join(candidate, home, name ? name + 1 : "python3") &&
                realpath(candidate, paths->real_executable) == NULL) {
                strcpy(paths->real_executable, candidate);
            }
        }
        fclose(file);
        return;
    }
}

/* -- Library ---------------------------------------------------------------------------------------- */

/* Is folder/<platlibdir>/python3.14t a library?  Sets stdlib and dynload. */
static int
try_prefix(struct paths *paths, const char *folder, const char *platlibdir)
{
    char library[PATH_SIZE], landmark[PATH_SIZE];
    if (!path_join(library, folder, platlibdir) ||
        !path_join(paths->stdlib, library, "python" VERSION ABIFLAGS_THREADED) ||
        !path_join(landmark, paths->stdlib, "os.py")) {
        return 0;
    }
    if (!is_file(landmark)) {
        return 0;
    }
    strcpy(paths->prefix, folder);
    strcpy(paths->exec_prefix, folder);
    return path_join(paths->dynload, paths->stdlib, "lib-dynload");
}

static void
find_library(PyConfig *config, struct paths *paths, const char *platlibdir)
{
    char folder[PATH_SIZE], landmark[PATH_SIZE];
    if (config->home != NULL && !_PyStatus_EXCEPTION(narrow(config->home, folder))) {
        char *colon = strchr(folder, ':');
        if (colon != NULL) {
            *colon = '\0';
        }
        if (!try_prefix(paths, folder, platlibdir)) {
            strcpy(paths->prefix, folder);
        }
        strcpy(paths->exec_prefix, colon != NULL ? colon + 1 : paths->prefix);
        return;
    }
    strcpy(folder, paths->real_executable);
    path_parent(folder);
    if (path_join(landmark, folder, "config.status") && is_file(landmark)) {
        paths->build_folder = 1;
    }
    for (;;) {
        if (try_prefix(paths, folder, platlibdir)) {
            return;
        }
        if (folder[0] == '\0' || strcmp(folder, "/") == 0) {
            break;
        }
        path_parent(folder);
    }
    if (try_prefix(paths, PREFIX, platlibdir)) {
        return;
    }
    strcpy(paths->prefix, PREFIX);
    strcpy(paths->exec_prefix, EXEC_PREFIX);
    if (config->pathconfig_warnings && !config->module_search_paths_set) {
        fputs("Could not find platform independent libraries <prefix>\n", stderr);
    }
}

/* -- Results ------------------------------------------------------------------------------------------ */

static PyStatus
set_default(PyConfig *config, wchar_t **field, const char *text)
{
    return *field != NULL ? _PyStatus_OK() : PyConfig_SetBytesString(config, field, text);
}

static PyStatus
append_search_path(PyConfig *config, const char *text)
{
    wchar_t *wide = Py_DecodeLocale(text, NULL);
    if (wide == NULL) {
        return _PyStatus_ERR("cannot decode a path");
    }
    PyStatus status = PyWideStringList_Append(&config->module_search_paths, wide);
    PyMem_RawFree(wide);
    return status;
}

static PyStatus
compute_search_path(PyConfig *config, const struct paths *paths, const char *platlibdir)
{
    PyStatus status = _PyStatus_OK();
    if (config->pythonpath_env != NULL) {
        wchar_t *copy = NULL;
        status = PyConfig_SetString(config, &copy, config->pythonpath_env);
        wchar_t *start = copy;
        while (start != NULL && !_PyStatus_EXCEPTION(status)) {
            wchar_t *colon = wcschr(start, L':');
            if (colon != NULL) {
                *colon = 0;
            }
            status = PyWideStringList_Append(&config->module_search_paths, start);
            start = colon != NULL ? colon + 1 : NULL;
        }
        PyMem_RawFree(copy);
    }
    char zip[PATH_SIZE];
    if (!_PyStatus_EXCEPTION(status) &&
        snprintf(zip, sizeof zip, "%s/%s/python314%s.zip", paths->prefix, platlibdir, ABIFLAGS_THREADED) <
            (int)sizeof zip) {
        status = append_search_path(config, zip);
    }
    if (!_PyStatus_EXCEPTION(status) && paths->stdlib[0] != '\0') {
        status = append_search_path(config, paths->stdlib);
    }
    if (!_PyStatus_EXCEPTION(status) && paths->dynload[0] != '\0') {
        status = append_search_path(config, paths->dynload);
    }
    config->module_search_paths_set = 1;
    return status;
}

PyStatus
_PyConfig_ComputePaths(PyConfig *config)
{
    struct paths *paths = PyMem_RawCalloc(1, sizeof *paths);
    if (paths == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    char platlibdir[PATH_SIZE] = PLATLIBDIR;
    PyStatus status = find_executable(config, paths);
    if (!_PyStatus_EXCEPTION(status) && config->platlibdir != NULL) {
        status = narrow(config->platlibdir, platlibdir);
    }
    if (_PyStatus_EXCEPTION(status)) {
        goto done;
    }
    find_virtual_environment(paths);
    find_library(config, paths, platlibdir);
    config->_is_python_build = paths->build_folder;

    struct { wchar_t **field; const char *text; } rows[] = {
        {&config->executable, paths->executable},
        {&config->base_executable, paths->base_executable},
        {&config->base_prefix, paths->prefix},
        {&config->base_exec_prefix, paths->exec_prefix},
        {&config->prefix, paths->venv_prefix[0] ? paths->venv_prefix : paths->prefix},
        {&config->exec_prefix, paths->venv_prefix[0] ? paths->venv_prefix : paths->exec_prefix},
        {&config->platlibdir, platlibdir},
        {&config->stdlib_dir, paths->stdlib[0] ? paths->stdlib : NULL},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rows) && !_PyStatus_EXCEPTION(status); i++) {
        status = set_default(config, rows[i].field, rows[i].text);
    }
    if (!_PyStatus_EXCEPTION(status) && !config->module_search_paths_set) {
        status = compute_search_path(config, paths, platlibdir);
    }
done:
    PyMem_RawFree(paths);
    return status;
}

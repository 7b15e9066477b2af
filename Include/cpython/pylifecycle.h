/* Start from a configuration, and configurations of subinterpreters. */
#if !defined(Py_CPYTHON_PYLIFECYCLE_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYLIFECYCLE_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(void) _Py_NO_RETURN Py_ExitStatusException(PyStatus status);
PyAPI_FUNC(int) Py_FdIsInteractive(FILE *fp, const char *str);
PyAPI_FUNC(int) Py_FrozenMain(int flag, char **strs);
PyAPI_FUNC(PyStatus) Py_InitializeFromConfig(const PyConfig *config);
PyAPI_FUNC(uint32_t) (Py_PACK_FULL_VERSION)(int flag, int flag2, int flag3, int flag4, int flag5);
PyAPI_FUNC(PyStatus) Py_PreInitialize(const PyPreConfig *config);
PyAPI_FUNC(PyStatus) Py_PreInitializeFromArgs(
    const PyPreConfig *config, Py_ssize_t n, wchar_t **wstrs);
PyAPI_FUNC(PyStatus) Py_PreInitializeFromBytesArgs(
    const PyPreConfig *config, Py_ssize_t n, char **strs);
PyAPI_FUNC(int) Py_RunMain(void);

/* -- Subinterpreters -- */
#define PyInterpreterConfig_DEFAULT_GIL 0
#define PyInterpreterConfig_SHARED_GIL  1
#define PyInterpreterConfig_OWN_GIL     2

typedef struct {
    int use_main_obmalloc;
    int allow_fork;
    int allow_exec;
    int allow_threads;
    int allow_daemon_threads;
    int check_multi_interp_extensions;  /* refuse modules that are not ready for it */
    int gil;  /* PyInterpreterConfig_..._GIL */
} PyInterpreterConfig;

#define _PyInterpreterConfig_INIT { \
        .use_main_obmalloc = 0, \
        .allow_fork = 0, \
        .allow_exec = 0, \
        .allow_threads = 1, \
        .allow_daemon_threads = 0, \
        .check_multi_interp_extensions = 1, \
        .gil = PyInterpreterConfig_OWN_GIL, \
    }

/* Without a GIL, modules that hold state for the process can not be allowed. */
#ifdef Py_GIL_DISABLED
#  define _PyInterpreterConfig_LEGACY_CHECK_MULTI_INTERP_EXTENSIONS 1
#else
#  define _PyInterpreterConfig_LEGACY_CHECK_MULTI_INTERP_EXTENSIONS 0
#endif
#define _PyInterpreterConfig_LEGACY_INIT { \
        .use_main_obmalloc = 1, \
        .allow_fork = 1, \
        .allow_exec = 1, \
        .allow_threads = 1, \
        .allow_daemon_threads = 1, \
        .check_multi_interp_extensions = _PyInterpreterConfig_LEGACY_CHECK_MULTI_INTERP_EXTENSIONS, \
        .gil = PyInterpreterConfig_SHARED_GIL, \
    }

PyAPI_FUNC(PyStatus) Py_NewInterpreterFromConfig(
    PyThreadState **arg, const PyInterpreterConfig *arg2);

#ifdef __cplusplus
}
#endif
#endif

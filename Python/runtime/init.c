/* Start and end of the runtime and of interpreters.

   Order matters: allocation, thread state, hash seed, static strings and types, sys and builtins, the import system,
   codecs and standard streams, site.  The end goes the other way round.
   Locking: one thread starts and ends the runtime; further interpreters start under their own thread state. */
#include "Python.h"
#include "pycore_ceval.h"          // _Py_FinishPendingCalls
#include "pycore_floatobject.h"    // _PyFloat_InitTypes
#include "pycore_gc.h"             // _PyGC_Init
#include "pycore_long.h"           // _PyLong_InitTypes
#include "pycore_global_ids.h"
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_moduleobject.h"   // _PyModule_Clear
#include "pycore_pyerrors.h"       // _PyErr_Print
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"
#include "pycore_template.h"       // _PyInterpolation_InitTypes
#include "pycore_typeobject.h"     // _PyTypes_InitTypes
#include "pycore_typevarobject.h"  // _Py_initialize_generic
#include "pycore_unicodeobject.h"  // _PyUnicode_InitGlobalObjects

#include <stdlib.h>
#include <unistd.h>

/* -- The historic flags -------------------------------------------------------------------------- */

int Py_DebugFlag, Py_VerboseFlag, Py_QuietFlag, Py_InteractiveFlag, Py_InspectFlag, Py_OptimizeFlag, Py_NoSiteFlag,
    Py_BytesWarningFlag, Py_FrozenFlag, Py_IgnoreEnvironmentFlag, Py_DontWriteBytecodeFlag, Py_NoUserSiteDirectory,
    Py_UnbufferedStdioFlag, Py_HashRandomizationFlag, Py_IsolatedFlag, Py_UTF8Mode;

void
_Py_SetGlobalFlags(const PyConfig *config)
{
    Py_DebugFlag = config->parser_debug;
    Py_VerboseFlag = config->verbose;
    Py_QuietFlag = config->quiet;
    Py_InteractiveFlag = config->interactive;
    Py_InspectFlag = config->inspect;
    Py_OptimizeFlag = config->optimization_level;
    Py_NoSiteFlag = !config->site_import;
    Py_BytesWarningFlag = config->bytes_warning;
    Py_IgnoreEnvironmentFlag = !config->use_environment;
    Py_DontWriteBytecodeFlag = !config->write_bytecode;
    Py_NoUserSiteDirectory = !config->user_site_directory;
    Py_UnbufferedStdioFlag = !config->buffered_stdio;
    Py_HashRandomizationFlag = config->use_hash_seed == 0 || config->hash_seed != 0;
    Py_IsolatedFlag = config->isolated > 0;
    Py_UTF8Mode = _Py_preconfig.utf8_mode > 0;
}

int
Py_IsInitialized(void)
{
    return _PyRuntime.initialized;
}

int
Py_IsFinalizing(void)
{
    return _PyRuntimeState_GetFinalizing(&_PyRuntime) != NULL;
}

/* -- Start --------------------------------------------------------------------------------------- */

static PyStatus
status_of(int result, const char *what)
{
    return result < 0 ? PyStatus_Error(what) : _PyStatus_OK();
}

#define TRY(call)                          \
    status = (call);                       \
    if (_PyStatus_EXCEPTION(status)) {     \
        return status;                     \
    }

/* Types, singletons and exceptions of an interpreter; sys and builtins come after. */
static PyStatus
init_objects(PyThreadState *tstate)
{
    PyStatus status;
    PyInterpreterState *interp = tstate->interp;
    TRY(_PyUnicode_InitGlobalObjects(interp))
    TRY(_PyTypes_InitTypes(interp))
    TRY(_PyUnicode_InitTypes(interp))
    TRY(_PyLong_InitTypes(interp))
    TRY(_PyFloat_InitTypes(interp))
    TRY(_PyErr_InitTypes(interp))
    TRY(status_of(_PyExc_InitTypes(interp), "failed to initialize an exception type"))
    TRY(status_of(_PyExc_InitGlobalObjects(interp), "failed to initialize exceptions"))
    TRY(status_of(_PyExc_InitState(interp), "failed to initialize exceptions"))
    TRY(_PyInterpolation_InitTypes(interp))
    TRY(status_of(_Py_initialize_generic(interp), "failed to initialize type parameters"))
    TRY(_PyGC_Init(interp))
    return _PyStatus_OK();
}

static PyStatus
init_modules(PyThreadState *tstate)
{
    PyStatus status;
    PyInterpreterState *interp = tstate->interp;
    PyObject *sysmod = NULL;
    TRY(_PySys_Create(tstate, &sysmod))
    TRY(status_of(_PyWarnings_InitState(interp), "can't initialize warnings"))
    PyObject *builtins = _PyBuiltin_Init(interp);
    TRY(status_of(builtins == NULL ? -1 : 0, "can't initialize builtins module"))
    TRY(status_of(_PyBuiltins_AddExceptions(builtins), "failed to add exceptions to builtins"))
    interp->builtins = Py_NewRef(PyModule_GetDict(builtins));
    TRY(status_of(PyDict_SetItemString(interp->imports.modules, "builtins", builtins), "can't add builtins module"))
    Py_DECREF(builtins);
    TRY(_PyImport_InitCore(tstate, sysmod, interp->config._install_importlib))
    Py_DECREF(sysmod);
    return _PyStatus_OK();
}

static PyStatus
add_main_module(PyInterpreterState *interp)
{
    PyObject *module = PyImport_AddModuleRef("__main__");
    if (module == NULL) {
        return PyStatus_Error("can't create __main__ module");
    }
    PyObject *dict = PyModule_GetDict(module);
    PyObject *annotations = NULL, *loader = NULL;
    PyStatus status = _PyStatus_OK();
    if (PyDict_GetItemStringRef(dict, "__builtins__", &annotations) == 0) {
        PyObject *builtins = PyImport_ImportModule("builtins");
        if (builtins == NULL || PyDict_SetItemString(dict, "__builtins__", builtins) < 0) {
            status = PyStatus_Error("Failed to initialize __main__.__builtins__");
        }
        Py_XDECREF(builtins);
    }
    Py_XDECREF(annotations);
    if (PyDict_GetItemStringRef(dict, "__loader__", &loader) >= 0 && (loader == NULL || loader == Py_None) &&
        interp->imports.importlib != NULL) {
        PyObject *importer = PyObject_GetAttrString(interp->imports.importlib, "BuiltinImporter");
        if (importer == NULL || PyDict_SetItemString(dict, "__loader__", importer) < 0) {
            status = PyStatus_Error("Failed to initialize __main__.__loader__");
        }
        Py_XDECREF(importer);
    }
    Py_XDECREF(loader);
    Py_DECREF(module);
    return status;
}

static PyStatus
init_import_site(void)
{
    PyObject *module = PyImport_ImportModule("site");
    if (module == NULL) {
        return PyStatus_Error("Failed to import the site module");
    }
    Py_DECREF(module);
    return _PyStatus_OK();
}

/* What needs Python code: path importers, codecs, streams, __main__, site. */
static PyStatus
init_main(PyThreadState *tstate)
{
    PyStatus status;
    PyInterpreterState *interp = tstate->interp;
    const PyConfig *config = &interp->config;
    int is_main = _Py_IsMainInterpreter(interp);

    if (!config->_install_importlib) {
        return _PyStatus_OK();
    }
    TRY(status_of(_PySys_UpdateConfig(tstate), "failed to update the Python config"))
    TRY(_PyImport_InitExternal(tstate))
    if (is_main) {
        TRY(_PyFaulthandler_Init(config->faulthandler))
    }
    TRY(_PyUnicode_InitEncodings(tstate))
    if (is_main) {
        if (config->install_signal_handlers) {
            TRY(status_of(_PySignal_Init(1), "can't initialize signals"))
        }
        if (config->tracemalloc) {
            TRY(status_of(_PyTraceMalloc_Start(config->tracemalloc), "can't start tracemalloc"))
        }
    }
    TRY(status_of(_Py_InstallStdStreams(tstate), "can't initialize sys standard streams"))
    TRY(add_main_module(interp))
    if (is_main) {
        PyObject *options = PySys_GetObject("warnoptions");
        if (options != NULL && PyList_Check(options) && PyList_GET_SIZE(options) > 0) {
            PyObject *module = PyImport_ImportModule("warnings");
            if (module == NULL) {
                fprintf(stderr, "'import warnings' failed; traceback:\n");
                _PyErr_Print(tstate);
            }
            Py_XDECREF(module);
        }
        _PyRuntime.initialized = 1;
    }
    if (config->site_import) {
        TRY(init_import_site())
    }
    return _PyStatus_OK();
}

static PyStatus
interpreter_start(PyInterpreterState *interp, PyThreadState **tstate_p)
{
    PyStatus status;
    PyThreadState *tstate = _PyThreadState_New(interp, _PyThreadState_WHENCE_INIT);
    if (tstate == NULL) {
        return PyStatus_Error("can't make first thread");
    }
    _PyThreadState_Bind(tstate);
    *tstate_p = tstate;
    _PyEval_InitGIL(tstate, 1);
    TRY(init_objects(tstate))
    return init_modules(tstate);
}

PyStatus
Py_InitializeFromConfig(const PyConfig *source)
{
    PyStatus status;
    if (source == NULL) {
        return _PyStatus_ERR("initialization config is NULL");
    }
    TRY(_PyRuntime_Initialize())
    if (_PyRuntime.initialized) {
        return _PyStatus_OK();
    }
    TRY(Py_PreInitialize(NULL))

    PyInterpreterState *interp;
    TRY(_PyInterpreterState_Enable(&_PyRuntime))
    TRY(_PyInterpreterState_NewStatus(NULL, &interp))
    PyConfig *config = &interp->config;
    TRY(_PyConfig_Copy(config, source))
    TRY(PyConfig_Read(config))
    _Py_SetGlobalFlags(config);
    TRY(_Py_HashRandomization_Init(config))

    PyThreadState *tstate;
    TRY(interpreter_start(interp, &tstate))
    _PyRuntime.core_initialized = 1;
    if (config->_init_main) {
        TRY(init_main(tstate))
    }
    return _PyStatus_OK();
}

void
Py_InitializeEx(int install_signal_handlers)
{
    if (_PyRuntime.initialized) {
        return;
    }
    PyConfig config;
    _PyConfig_InitCompatConfig(&config);
    config.install_signal_handlers = install_signal_handlers;
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (_PyStatus_EXCEPTION(status)) {
        Py_ExitStatusException(status);
    }
}

void
Py_Initialize(void)
{
    Py_InitializeEx(1);
}

/* -- End ------------------------------------------------------------------------------------------ */

static int
flush_stream(const char *name, int report)
{
    PyObject *stream = PySys_GetObject(name);
    if (stream == NULL || stream == Py_None) {
        return 0;
    }
    Py_INCREF(stream);
    int result = 0;
    PyObject *closed = PyObject_GetAttrString(stream, "closed");
    int is_closed = closed != NULL && PyObject_IsTrue(closed) > 0;
    if (closed == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(closed);
    if (!is_closed) {
        PyObject *value = PyObject_CallMethodNoArgs(stream, _Py_ID(flush));
        if (value == NULL) {
            if (report) {
                PyErr_FormatUnraisable("Exception ignored while flushing sys.%s", name);
            }
            else {
                PyErr_Clear();
            }
            result = -1;
        }
        Py_XDECREF(value);
    }
    Py_DECREF(stream);
    return result;
}

static int
flush_std_files(void)
{
    int result = flush_stream("stdout", 1);
    return flush_stream("stderr", 0) < 0 ? -1 : result;
}

void
_Py_FlushStdFiles(void)
{
    PyObject *exc = PyErr_GetRaisedException();
    flush_std_files();
    PyErr_SetRaisedException(exc);
}

/* threading._shutdown(): waits for the threads that are not daemons. */
static void
wait_for_thread_shutdown(void)
{
    PyObject *threading = PyImport_GetModule(_Py_ID(threading));
    if (threading == NULL) {
        PyErr_Clear();
        return;
    }
    PyObject *result = PyObject_CallMethodNoArgs(threading, _Py_ID(_shutdown));
    if (result == NULL) {
        PyErr_FormatUnraisable("Exception ignored on threading shutdown");
    }
    Py_XDECREF(result);
    Py_DECREF(threading);
}

/* Modules are cleared in the order of the reference: first sys's references to user objects, then every module is dropped
   from sys.modules and collected; those that live on lose their dict's contents. */
static void
finalize_modules(PyThreadState *tstate)
{
    static const char *const sys_names[] = {
        "path", "argv", "ps1", "ps2", "last_exc", "last_type", "last_value", "last_traceback", "path_hooks",
        "path_importer_cache", "meta_path", "__interactivehook__", NULL};
    PyInterpreterState *interp = tstate->interp;
    PyObject *modules = interp->imports.modules;
    if (modules == NULL) {
        return;
    }
    PyObject *sysdict = interp->sysdict;
    for (const char *const *name = sys_names; *name != NULL; name++) {
        if (PyDict_SetItemString(sysdict, *name, Py_None) < 0) {
            PyErr_Clear();
        }
    }
    static const char *const streams[] = {"stdin", "__stdin__", "stdout", "__stdout__", "stderr", "__stderr__"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(streams); i += 2) {
        PyObject *original = PyDict_GetItemString(sysdict, streams[i + 1]);
        if (PyDict_SetItemString(sysdict, streams[i], original ? original : Py_None) < 0) {
            PyErr_Clear();
        }
    }
    PyObject *copy = PyDict_Copy(modules);
    PyObject *weak = PyList_New(0);
    PyObject *name, *module;
    Py_ssize_t position = 0;
    while (copy != NULL && weak != NULL && PyDict_Next(copy, &position, &name, &module)) {
        if (PyModule_Check(module) && PyUnicode_Check(name)) {
            PyObject *reference = PyWeakref_NewRef(module, NULL);
            PyObject *pair = reference ? PyTuple_Pack(2, name, reference) : NULL;
            if (pair == NULL || PyList_Append(weak, pair) < 0) {
                PyErr_Clear();
            }
            Py_XDECREF(pair);
            Py_XDECREF(reference);
        }
        if (PyDict_SetItem(modules, name, Py_None) < 0) {
            PyErr_Clear();
        }
    }
    Py_XDECREF(copy);
    PyDict_Clear(modules);
    _PyGC_CollectNoFail(tstate);
    for (Py_ssize_t i = weak ? PyList_GET_SIZE(weak) - 1 : -1; i >= 0; i--) {
        PyObject *pair = PyList_GET_ITEM(weak, i), *alive = NULL;
        if (PyWeakref_GetRef(PyTuple_GET_ITEM(pair, 1), &alive) > 0) {
            PyObject *dict = PyModule_GetDict(alive);
            if (dict != sysdict && dict != interp->builtins) {
                _PyModule_Clear(alive);
            }
            Py_DECREF(alive);
        }
    }
    Py_XDECREF(weak);
    _PyGC_CollectNoFail(tstate);
    _PyModule_ClearDict(sysdict);
    _PyGC_CollectNoFail(tstate);
}

int
Py_FinalizeEx(void)
{
    if (!_PyRuntime.initialized) {
        return 0;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyInterpreterState *interp = tstate->interp;

    wait_for_thread_shutdown();
    _Py_FinishPendingCalls(tstate);
    _PyAtExit_Call(interp);
    int status = flush_std_files();

    /* From here on other threads hang when they try to attach. */
    _PyInterpreterState_SetFinalizing(interp, tstate);
    _PyRuntimeState_SetFinalizing(&_PyRuntime, tstate);
    _PyRuntime.initialized = 0;
    _PyRuntime.core_initialized = 0;
    _PySignal_Fini();
    _PyEval_StopTheWorldAll(&_PyRuntime);
    PyThreadState *others = _PyThreadState_RemoveExcept(tstate);
    _PyEval_StartTheWorldAll(&_PyRuntime);
    _PyThreadState_DeleteList(others, 0);

    PyGC_Collect();
    finalize_modules(tstate);
    status = flush_std_files() < 0 ? -1 : status;
    _PyTraceMalloc_Fini();
    _PyFaulthandler_Fini();
    _PyAtExit_Fini(interp);
    /* Static types, immortal objects and pages of objects stay: the process ends, or the runtime starts again on them. */
    return status;
}

void
Py_Finalize(void)
{
    (void)Py_FinalizeEx();
}

/* -- Further interpreters --------------------------------------------------------------------------- */

PyStatus
Py_NewInterpreterFromConfig(PyThreadState **result, const PyInterpreterConfig *options)
{
    PyStatus status;
    *result = NULL;
    if (!_PyRuntime.initialized) {
        return _PyStatus_ERR("Py_Initialize must be called first");
    }
    PyThreadState *saved = _PyThreadState_GET();
    PyInterpreterState *interp = PyInterpreterState_New();
    if (interp == NULL) {
        return _PyStatus_OK();
    }
    TRY(_PyConfig_Copy(&interp->config, _PyInterpreterState_GetConfig(
                                            saved != NULL ? saved->interp : _PyInterpreterState_Main())))
    if (saved != NULL) {
        PyThreadState_Swap(NULL);
    }
    PyThreadState *tstate;
    status = interpreter_start(interp, &tstate);
    if (!_PyStatus_EXCEPTION(status)) {
        status = init_main(tstate);
    }
    if (_PyStatus_EXCEPTION(status)) {
        if (saved != NULL) {
            PyThreadState_Swap(saved);
        }
        return status;
    }
    *result = tstate;
    return status;
}

PyThreadState *
Py_NewInterpreter(void)
{
    PyThreadState *tstate = NULL;
    const PyInterpreterConfig config = _PyInterpreterConfig_LEGACY_INIT;
    PyStatus status = Py_NewInterpreterFromConfig(&tstate, &config);
    if (_PyStatus_EXCEPTION(status)) {
        Py_ExitStatusException(status);
    }
    return tstate;
}

void
Py_EndInterpreter(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    wait_for_thread_shutdown();
    _PyAtExit_Call(interp);
    _PyInterpreterState_SetFinalizing(interp, tstate);
    finalize_modules(tstate);
    PyInterpreterState_Clear(interp);
    PyThreadState_Swap(NULL);
    PyInterpreterState_Delete(interp);
}

/* -- Fatal errors and exits --------------------------------------------------------------------------- */

void
Py_ExitStatusException(PyStatus status)
{
    if (_PyStatus_IS_EXIT(status)) {
        exit(status.exitcode);
    }
    if (_PyStatus_IS_ERROR(status)) {
        fflush(stdout);
        fprintf(stderr, "Fatal Python error: ");
        if (status.func != NULL) {
            fprintf(stderr, "%s: ", status.func);
        }
        fprintf(stderr, "%s\n", status.err_msg != NULL ? status.err_msg : "<message not set>");
        PyThreadState *tstate = _PyThreadState_GET();
        if (tstate != NULL && tstate->current_exception != NULL) {
            _PyErr_Print(tstate);
        }
        fprintf(stderr, "\n");
        exit(1);
    }
    Py_FatalError("Py_ExitStatusException() must not be called on success");
}

void
Py_Exit(int status)
{
    if (_PyThreadState_GET() != NULL && Py_FinalizeEx() < 0) {
        status = 120;
    }
    exit(status);
}

int
Py_AtExit(void (*function)(void))
{
    return atexit(function) == 0 ? 0 : -1;
}

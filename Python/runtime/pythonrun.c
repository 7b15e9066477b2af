/* Running source text: compile and execute strings and files, the plain interactive loop, printing of uncaught exceptions.

   Locking: nothing shared; works under the caller's thread state. */
#include "Python.h"
#include "pycore_ast.h"
#include "pycore_compile.h"      // _PyAST_Compile
#include "pycore_global_ids.h"
#include "pycore_interp.h"
#include "pycore_import.h"
#include "pycore_parser.h"
#include "pycore_pyarena.h"
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_traceback.h"

#include "errcode.h"
#include "marshal.h"

#include <string.h>
#include <sys/stat.h>

int _Py_UnhandledKeyboardInterrupt;

/* -- Compilation ---------------------------------------------------------------------------------- */

PyObject *
Py_CompileStringObject(const char *text, PyObject *filename, int start, PyCompilerFlags *flags, int optimize)
{
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    mod_ty tree = _PyParser_ASTFromString(text, filename, start, flags, arena);
    if (tree == NULL) {
        goto done;
    }
    if (flags != NULL && (flags->cf_flags & PyCF_ONLY_AST)) {
        int optimized = (flags->cf_flags & PyCF_OPTIMIZED_AST) == PyCF_OPTIMIZED_AST;
        if (!optimized || _PyCompile_AstPreprocess(tree, filename, flags, optimize, arena, 0) == 0) {
            result = PyAST_mod2obj(tree);
        }
        goto done;
    }
    result = (PyObject *)_PyAST_Compile(tree, filename, flags, optimize, arena);
done:
    _PyArena_Free(arena);
    return result;
}

PyObject *
Py_CompileStringExFlags(const char *text, const char *filename, int start, PyCompilerFlags *flags, int optimize)
{
    PyObject *object = PyUnicode_DecodeFSDefault(filename);
    if (object == NULL) {
        return NULL;
    }
    PyObject *code = Py_CompileStringObject(text, object, start, flags, optimize);
    Py_DECREF(object);
    return code;
}

PyObject *(Py_CompileString)(const char *text, const char *filename, int start)
{
    return Py_CompileStringExFlags(text, filename, start, NULL, -1);
}

/* Text of a str, bytes or buffer given to compile(), eval() or exec(); *owner keeps it alive. */
const char *
_Py_SourceAsString(PyObject *command, const char *function, const char *what, PyCompilerFlags *flags, PyObject **owner)
{
    const char *text;
    Py_ssize_t size;
    Py_buffer view;
    *owner = NULL;
    if (PyUnicode_Check(command)) {
        flags->cf_flags |= PyCF_IGNORE_COOKIE;
        text = PyUnicode_AsUTF8AndSize(command, &size);
        if (text == NULL) {
            return NULL;
        }
    }
    else if (PyBytes_Check(command)) {
        text = PyBytes_AS_STRING(command);
        size = PyBytes_GET_SIZE(command);
    }
    else if (PyByteArray_Check(command)) {
        *owner = PyBytes_FromObject(command);
        if (*owner == NULL) {
            return NULL;
        }
        text = PyBytes_AS_STRING(*owner);
        size = PyBytes_GET_SIZE(*owner);
    }
    else if (PyObject_GetBuffer(command, &view, PyBUF_SIMPLE) == 0) {
        *owner = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
        if (*owner == NULL) {
            return NULL;
        }
        text = PyBytes_AS_STRING(*owner);
        size = PyBytes_GET_SIZE(*owner);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s() arg 1 must be a %s object", function, what);
        return NULL;
    }
    if (strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_SyntaxError, "source code string cannot contain null bytes");
        Py_CLEAR(*owner);
        return NULL;
    }
    return text;
}

/* -- Execution ------------------------------------------------------------------------------------- */

static PyObject *
run_code(PyObject *code, PyObject *globals, PyObject *locals)
{
    PyThreadState *tstate = _PyThreadState_GET();
    /* The globals need builtins before code can run. */
    int has = PyDict_Contains(globals, _Py_ID(__builtins__));
    if (has < 0 || (has == 0 && PyDict_SetItem(globals, _Py_ID(__builtins__), tstate->interp->builtins) < 0)) {
        return NULL;
    }
    PyObject *value = PyEval_EvalCode(code, globals, locals);
    if (value == NULL && PyErr_Occurred() == PyExc_KeyboardInterrupt) {
        _Py_UnhandledKeyboardInterrupt = 1;
    }
    return value;
}

static PyObject *
run_tree(mod_ty tree, PyObject *filename, PyObject *globals, PyObject *locals, PyCompilerFlags *flags, PyArena *arena,
         PyObject *interactive_source)
{
    PyObject *code = (PyObject *)_PyAST_Compile(tree, filename, flags, -1, arena);
    if (code == NULL) {
        return NULL;
    }
    if (PySys_Audit("exec", "O", code) < 0) {
        Py_DECREF(code);
        return NULL;
    }
    if (interactive_source != NULL) {
        /* Tracebacks find interactive source through linecache. */
        PyObject *function = PyImport_ImportModuleAttrString("linecache", "_register_code");
        PyObject *value = function ? PyObject_CallFunctionObjArgs(function, code, interactive_source, filename, NULL)
                                   : NULL;
        if (value == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(value);
        Py_XDECREF(function);
    }
    PyObject *value = run_code(code, globals, locals);
    Py_DECREF(code);
    return value;
}

static PyObject *
run_text(const char *text, PyObject *filename, int start, PyObject *globals, PyObject *locals, PyCompilerFlags *flags,
         int register_source)
{
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    PyObject *value = NULL, *source = NULL;
    mod_ty tree = _PyParser_ASTFromString(text, filename, start, flags, arena);
    if (tree != NULL && register_source) {
        source = PyUnicode_FromString(text);
        if (source == NULL) {
            PyErr_Clear();
        }
    }
    if (tree != NULL) {
        value = run_tree(tree, filename, globals, locals, flags, arena, source);
    }
    Py_XDECREF(source);
    _PyArena_Free(arena);
    return value;
}

PyObject *
PyRun_StringFlags(const char *text, int start, PyObject *globals, PyObject *locals, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_FromString("<string>");
    if (filename == NULL) {
        return NULL;
    }
    PyObject *value = run_text(text, filename, start, globals, locals, flags, 0);
    Py_DECREF(filename);
    return value;
}

PyObject *
PyRun_FileExFlags(FILE *file, const char *name, int start, PyObject *globals, PyObject *locals, int close,
                  PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name), *value = NULL;
    PyArena *arena = filename ? _PyArena_New() : NULL;
    if (arena != NULL) {
        mod_ty tree = _PyParser_ASTFromFile(file, filename, NULL, start, NULL, NULL, flags, NULL, arena);
        if (close) {
            fclose(file);
        }
        if (tree != NULL) {
            value = run_tree(tree, filename, globals, locals, flags, arena, NULL);
        }
        _PyArena_Free(arena);
    }
    else if (close) {
        fclose(file);
    }
    Py_XDECREF(filename);
    return value;
}

static PyObject *
main_dict(void)
{
    PyObject *module = PyImport_AddModule("__main__");
    return module ? PyModule_GetDict(module) : NULL;
}

/* Runs text in __main__; name (may be NULL) is what tracebacks call it. */
int
_PyRun_SimpleStringFlagsWithName(const char *text, const char *name, PyCompilerFlags *flags)
{
    PyObject *dict = main_dict();
    PyObject *filename = PyUnicode_FromString(name ? name : "<string>");
    PyObject *value = NULL;
    if (dict != NULL && filename != NULL) {
        value = run_text(text, filename, Py_file_input, dict, dict, flags, name != NULL);
    }
    Py_XDECREF(filename);
    if (value == NULL) {
        PyErr_Print();
        return -1;
    }
    Py_DECREF(value);
    return 0;
}

int
PyRun_SimpleStringFlags(const char *text, PyCompilerFlags *flags)
{
    return _PyRun_SimpleStringFlagsWithName(text, NULL, flags);
}

/* A .pyc file given as the script: by its name, or by the magic number at its start. */
static int
looks_like_pyc(FILE *file, PyObject *filename)
{
    if (PyUnicode_Tailmatch(filename, _Py_ID(pyc), 0, PY_SSIZE_T_MAX, 1) == 1 && PyUnicode_GET_LENGTH(filename) > 4 &&
        PyUnicode_READ_CHAR(filename, PyUnicode_GET_LENGTH(filename) - 4) == '.') {
        return 1;
    }
    struct stat st;
    if (fstat(fileno(file), &st) < 0 || !S_ISREG(st.st_mode) || ftell(file) != 0) {
        return 0;
    }
    unsigned char head[2];
    int found = fread(head, 1, 2, file) == 2 &&
                ((unsigned)head[1] << 8 | head[0]) == (PYC_MAGIC_NUMBER_TOKEN & 0xFFFF);
    rewind(file);
    return found;
}

static PyObject *
run_pyc(FILE *file, PyObject *dict)
{
    long magic = PyMarshal_ReadLongFromFile(file);
    if ((uint32_t)magic != PYC_MAGIC_NUMBER_TOKEN) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "Bad magic number in .pyc file");
        }
        return NULL;
    }
    for (int i = 0; i < 3; i++) {
        (void)PyMarshal_ReadLongFromFile(file);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *code = PyMarshal_ReadLastObjectFromFile(file);
    if (code == NULL || !PyCode_Check(code)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "Bad code object in .pyc file");
        }
        Py_XDECREF(code);
        return NULL;
    }
    PyObject *value = run_code(code, dict, dict);
    Py_DECREF(code);
    return value;
}

static int
set_main_loader(PyObject *dict, PyObject *filename, const char *loader_name)
{
    PyObject *external = PyImport_GetModule(_Py_ID(_frozen_importlib_external));
    if (external == NULL) {
        return -1;
    }
    PyObject *type = PyObject_GetAttrString(external, loader_name);
    Py_DECREF(external);
    PyObject *loader = type ? PyObject_CallFunction(type, "sO", "__main__", filename) : NULL;
    Py_XDECREF(type);
    int result = loader ? PyDict_SetItemString(dict, "__loader__", loader) : -1;
    Py_XDECREF(loader);
    return result;
}

/* Runs an open script in __main__, with __file__ and __loader__ set while it runs.  0 or -1, the error printed. */
int
_PyRun_SimpleFile(FILE *file, PyObject *filename, int close, PyCompilerFlags *flags)
{
    int result = -1, set_file = 0;
    PyObject *dict = main_dict(), *value = NULL;
    if (dict == NULL) {
        return -1;
    }
    int has_file = PyDict_ContainsString(dict, "__file__");
    if (has_file < 0) {
        goto done;
    }
    if (!has_file) {
        if (PyDict_SetItemString(dict, "__file__", filename) < 0) {
            goto done;
        }
        set_file = 1;
    }
    int pyc = looks_like_pyc(file, filename);
    if (set_main_loader(dict, filename, pyc ? "SourcelessFileLoader" : "SourceFileLoader") < 0) {
        goto done;
    }
    if (pyc) {
        value = run_pyc(file, dict);
        if (close) {
            fclose(file);
        }
    }
    else {
        PyArena *arena = _PyArena_New();
        mod_ty tree = arena ? _PyParser_ASTFromFile(file, filename, NULL, Py_file_input, NULL, NULL, flags, NULL, arena)
                            : NULL;
        if (close) {
            fclose(file);
        }
        if (tree != NULL) {
            value = run_tree(tree, filename, dict, dict, flags, arena, NULL);
        }
        if (arena != NULL) {
            _PyArena_Free(arena);
        }
    }
    _Py_FlushStdFiles();
    result = value != NULL ? 0 : -1;
    Py_XDECREF(value);
done:
    if (result < 0) {
        PyErr_Print();
    }
    if (set_file && PyDict_PopString(dict, "__file__", NULL) < 0) {
        PyErr_Print();
    }
    return result;
}

int
PyRun_SimpleFileExFlags(FILE *file, const char *name, int close, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name);
    if (filename == NULL) {
        return -1;
    }
    int result = _PyRun_SimpleFile(file, filename, close, flags);
    Py_DECREF(filename);
    return result;
}

/* -- The plain interactive loop ------------------------------------------------------------------------ */

static char *
prompt_of(const char *name, PyObject **owner)
{
    PyObject *value = PySys_GetObject(name);
    *owner = value != NULL ? PyObject_Str(value) : NULL;
    if (*owner == NULL) {
        PyErr_Clear();
        return "";
    }
    const char *text = PyUnicode_AsUTF8(*owner);
    if (text == NULL) {
        PyErr_Clear();
        return "";
    }
    return (char *)text;
}

/* One statement.  0 done, E_EOF at the end, -1 error (not printed). */
static int
interactive_one(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyObject *ps1_owner, *ps2_owner, *encoding_object = NULL;
    const char *encoding = NULL;
    int error = 0, result = -1;
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return -1;
    }
    if (file == stdin) {
        PyObject *stream = PySys_GetObject("stdin");
        encoding_object = stream && stream != Py_None ? PyObject_GetAttr(stream, _Py_ID(encoding)) : NULL;
        if (encoding_object != NULL && PyUnicode_Check(encoding_object)) {
            encoding = PyUnicode_AsUTF8(encoding_object);
        }
        PyErr_Clear();
    }
    char *ps1 = prompt_of("ps1", &ps1_owner), *ps2 = prompt_of("ps2", &ps2_owner);
    PyObject *source = NULL;
    mod_ty tree = _PyParser_InteractiveASTFromFile(file, filename, encoding, Py_single_input, ps1, ps2, flags, &error,
                                                   &source, arena);
    Py_XDECREF(ps1_owner);
    Py_XDECREF(ps2_owner);
    if (tree == NULL) {
        if (error == E_EOF) {
            PyErr_Clear();
            result = E_EOF;
        }
        goto done;
    }
    PyObject *dict = main_dict();
    PyObject *value = dict ? run_tree(tree, filename, dict, dict, flags, arena, source) : NULL;
    if (value != NULL) {
        result = 0;
        Py_DECREF(value);
    }
    _Py_FlushStdFiles();
done:
    Py_XDECREF(source);
    Py_XDECREF(encoding_object);
    _PyArena_Free(arena);
    return result;
}

int
PyRun_InteractiveOneObject(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyCompilerFlags local = _PyCompilerFlags_INIT;
    int result = interactive_one(file, filename, flags ? flags : &local);
    if (result == -1) {
        PyErr_Print();
        _Py_FlushStdFiles();
    }
    return result;
}

int
PyRun_InteractiveOneFlags(FILE *file, const char *name, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name);
    if (filename == NULL) {
        PyErr_Print();
        return -1;
    }
    int result = PyRun_InteractiveOneObject(file, filename, flags);
    Py_DECREF(filename);
    return result;
}

static void
default_prompt(const char *name, const char *text)
{
    if (PySys_GetObject(name) == NULL) {
        PyObject *object = PyUnicode_FromString(text);
        if (object == NULL || PySys_SetObject(name, object) < 0) {
            PyErr_Clear();
        }
        Py_XDECREF(object);
    }
}

int
_PyRun_InteractiveLoopObject(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyCompilerFlags local = _PyCompilerFlags_INIT;
    if (flags == NULL) {
        flags = &local;
    }
    default_prompt("ps1", ">>> ");
    default_prompt("ps2", "... ");
    int out_of_memory = 0, result = 0;
    for (;;) {
        int status = interactive_one(file, filename, flags);
        if (status == E_EOF) {
            return result;
        }
        if (status == -1) {
            /* A loop that has no memory to go on with ends. */
            out_of_memory = PyErr_ExceptionMatches(PyExc_MemoryError) ? out_of_memory + 1 : 0;
            if (out_of_memory > 16) {
                PyErr_Clear();
                return -1;
            }
            PyErr_Print();
            _Py_FlushStdFiles();
        }
        else {
            out_of_memory = 0;
        }
    }
}

int
PyRun_InteractiveLoopFlags(FILE *file, const char *name, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name);
    if (filename == NULL) {
        PyErr_Print();
        return -1;
    }
    int result = _PyRun_InteractiveLoopObject(file, filename, flags);
    Py_DECREF(filename);
    return result;
}

int
Py_FdIsInteractive(FILE *file, const char *name)
{
    if (isatty(fileno(file))) {
        return 1;
    }
    return Py_InteractiveFlag && (name == NULL || strcmp(name, "<stdin>") == 0 || strcmp(name, "???") == 0);
}

int
_Py_FdIsInteractive(FILE *file, PyObject *filename)
{
    return Py_FdIsInteractive(file, filename ? PyUnicode_AsUTF8(filename) : NULL);
}

int
_PyRun_AnyFile(FILE *file, PyObject *filename, int close, PyCompilerFlags *flags)
{
    if (_Py_FdIsInteractive(file, filename)) {
        int result = _PyRun_InteractiveLoopObject(file, filename, flags);
        if (close) {
            fclose(file);
        }
        return result;
    }
    return _PyRun_SimpleFile(file, filename, close, flags);
}

int
PyRun_AnyFileExFlags(FILE *file, const char *name, int close, PyCompilerFlags *flags)
{
    PyObject *filename = name ? PyUnicode_DecodeFSDefault(name) : PyUnicode_FromString("???");
    if (filename == NULL) {
        PyErr_Print();
        return -1;
    }
    int result = _PyRun_AnyFile(file, filename, close, flags);
    Py_DECREF(filename);
    return result;
}

/* -- Uncaught exceptions ---------------------------------------------------------------------------- */

/* Exit code of a SystemExit's code; what is neither None nor an int is printed to stderr. */
static int
exit_code_of(PyObject *value)
{
    if (value == NULL || value == Py_None) {
        return 0;
    }
    if (PyLong_Check(value)) {
        int code = (int)PyLong_AsLong(value);
        if (PyErr_Occurred()) {
            PyErr_Clear();
            code = -1;
        }
        return code;
    }
    PyObject *stream = PySys_GetObject("stderr");
    PyErr_Clear();
    if (stream != NULL && stream != Py_None) {
        if (PyFile_WriteObject(value, stream, Py_PRINT_RAW) < 0) {
            PyErr_Clear();
        }
    }
    else {
        PyObject_Print(value, stderr, Py_PRINT_RAW);
        fflush(stderr);
    }
    PySys_WriteStderr("\n");
    return 1;
}

int
_Py_HandleSystemExitAndKeyboardInterrupt(int *exitcode)
{
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        _Py_UnhandledKeyboardInterrupt = 1;
        return 0;
    }
    if (Py_InspectFlag || !PyErr_ExceptionMatches(PyExc_SystemExit)) {
        return 0;
    }
    fflush(stdout);
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *code = PyObject_GetAttrString(exc, "code");
    if (code == NULL) {
        PyErr_Clear();
    }
    *exitcode = exit_code_of(code);
    Py_XDECREF(code);
    Py_XDECREF(exc);
    return 1;
}

static void
set_last_exception(PyThreadState *tstate, PyObject *exc)
{
    PyObject *traceback = PyException_GetTraceback(exc);
    PyObject *values[] = {exc, (PyObject *)Py_TYPE(exc), exc, traceback ? traceback : Py_None};
    static const char *const names[] = {"last_exc", "last_type", "last_value", "last_traceback"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (PySys_SetObject(names[i], values[i]) < 0) {
            PyErr_Clear();
        }
    }
    Py_XDECREF(traceback);
}

void
_PyErr_PrintEx(PyThreadState *tstate, int set_last)
{
    int exitcode;
    if (_Py_HandleSystemExitAndKeyboardInterrupt(&exitcode)) {
        Py_Exit(exitcode);
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL) {
        return;
    }
    PyObject *traceback = PyException_GetTraceback(exc);
    if (traceback == NULL) {
        traceback = Py_NewRef(Py_None);
    }
    if (set_last) {
        set_last_exception(tstate, exc);
    }
    PyObject *hook = NULL;
    PyObject *sysdict = tstate->interp->sysdict;
    if (PyDict_GetItemRef(sysdict, _Py_ID(excepthook), &hook) < 0) {
        PyErr_Clear();
    }
    if (PySys_Audit("sys.excepthook", "OOOO", hook ? hook : Py_None, (PyObject *)Py_TYPE(exc), exc, traceback) < 0) {
        if (PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            PyErr_Clear();
            goto done;
        }
        PyErr_FormatUnraisable("Exception ignored in audit hook");
    }
    if (hook != NULL) {
        PyObject *args[] = {(PyObject *)Py_TYPE(exc), exc, traceback};
        PyObject *value = PyObject_Vectorcall(hook, args, 3, NULL);
        if (value == NULL) {
            if (_Py_HandleSystemExitAndKeyboardInterrupt(&exitcode)) {
                Py_Exit(exitcode);
            }
            PyObject *second = PyErr_GetRaisedException();
            fflush(stdout);
            PySys_WriteStderr("Error in sys.excepthook:\n");
            PyErr_DisplayException(second);
            PySys_WriteStderr("\nOriginal exception was:\n");
            PyErr_DisplayException(exc);
            Py_XDECREF(second);
        }
        Py_XDECREF(value);
    }
    else {
        PySys_WriteStderr("sys.excepthook is missing\n");
        PyErr_DisplayException(exc);
    }
done:
    Py_XDECREF(hook);
    Py_DECREF(exc);
    Py_DECREF(traceback);
}

void
_PyErr_Print(PyThreadState *tstate)
{
    _PyErr_PrintEx(tstate, 1);
}

void
PyErr_PrintEx(int set_last)
{
    _PyErr_PrintEx(_PyThreadState_GET(), set_last);
}

void
PyErr_Print(void)
{
    PyErr_PrintEx(1);
}

/* Through traceback.py, which knows every format; plain text when that fails. */
static int
display_with_traceback_module(PyObject *file, PyObject *exc)
{
    PyObject *print = PyImport_ImportModuleAttrString("traceback", "_print_exception_bltin");
    if (print == NULL || !PyCallable_Check(print)) {
        Py_XDECREF(print);
        return -1;
    }
    PyObject *value = PyObject_CallOneArg(print, exc);
    Py_DECREF(print);
    Py_XDECREF(value);
    return value == NULL ? -1 : 0;
}

static void
display_plainly(PyObject *file, PyObject *exc, int depth)
{
    PyObject *cause = PyException_GetCause(exc), *context = PyException_GetContext(exc);
    if (depth < 50 && cause != NULL) {
        display_plainly(file, cause, depth + 1);
        PyFile_WriteString("\nThe above exception was the direct cause of the following exception:\n\n", file);
    }
    else if (depth < 50 && context != NULL && !((PyBaseExceptionObject *)exc)->suppress_context) {
        display_plainly(file, context, depth + 1);
        PyFile_WriteString("\nDuring handling of the above exception, another exception occurred:\n\n", file);
    }
    Py_XDECREF(cause);
    Py_XDECREF(context);
    PyObject *traceback = PyException_GetTraceback(exc);
    if (traceback != NULL && PyTraceBack_Print(traceback, file) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(traceback);
    PyObject *name = PyType_GetQualName(Py_TYPE(exc));
    PyObject *module = PyObject_GetAttr((PyObject *)Py_TYPE(exc), _Py_ID(__module__));
    PyErr_Clear();
    if (module != NULL && PyUnicode_Check(module) && !PyUnicode_EqualToUTF8(module, "builtins") &&
        !PyUnicode_EqualToUTF8(module, "__main__")) {
        PyFile_WriteObject(module, file, Py_PRINT_RAW);
        PyFile_WriteString(".", file);
    }
    Py_XDECREF(module);
    PyFile_WriteObject(name ? name : Py_None, file, Py_PRINT_RAW);
    Py_XDECREF(name);
    PyObject *text = PyObject_Str(exc);
    if (text == NULL) {
        PyErr_Clear();
        PyFile_WriteString(": <exception str() failed>", file);
    }
    else if (PyUnicode_GET_LENGTH(text) > 0) {
        PyFile_WriteString(": ", file);
        PyFile_WriteObject(text, file, Py_PRINT_RAW);
    }
    Py_XDECREF(text);
    PyFile_WriteString("\n", file);
    PyErr_Clear();
}

void
_PyErr_DisplayException(PyObject *file, PyObject *exc)
{
    if (display_with_traceback_module(file, exc) == 0) {
        return;
    }
    PyErr_Clear();
    display_plainly(file, exc, 0);
    PyObject *value = PyObject_CallMethodNoArgs(file, _Py_ID(flush));
    if (value == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(value);
}

void
_PyErr_Display(PyObject *file, PyObject *type, PyObject *value, PyObject *traceback)
{
    if (PyExceptionInstance_Check(value) && traceback != NULL && PyTraceBack_Check(traceback)) {
        PyObject *current = PyException_GetTraceback(value);
        if (current == NULL) {
            PyException_SetTraceback(value, traceback);
        }
        Py_XDECREF(current);
    }
    if (!PyExceptionInstance_Check(value)) {
        PyFile_WriteString("TypeError: print_exception(): Exception expected for value, ", file);
        PyFile_WriteString(Py_TYPE(value)->tp_name, file);
        PyFile_WriteString(" found\n", file);
        PyErr_Clear();
        return;
    }
    _PyErr_DisplayException(file, value);
}

void
PyErr_Display(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyObject *file = PySys_GetObject("stderr");
    if (file == NULL) {
        PyObject_Print(value, stderr, 0);
        fprintf(stderr, "\nlost sys.stderr\n");
        return;
    }
    if (file == Py_None) {
        return;
    }
    Py_INCREF(file);
    _PyErr_Display(file, type, value, traceback);
    Py_DECREF(file);
}

void
PyErr_DisplayException(PyObject *exc)
{
    PyErr_Display(NULL, exc, NULL);
}

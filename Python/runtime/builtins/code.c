/* builtins that make and run code: __build_class__, __import__, compile, eval, exec, globals, locals, vars, dir, breakpoint.

   Locking: nothing shared; each works on its arguments and the caller's frame. */
#include "Python.h"
#include "builtins.h"
#include "pycore_args.h"
#include "pycore_ast.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_compile.h"
#include "pycore_function.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"
#include "pycore_modsupport.h"
#include "pycore_pyarena.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_tuple.h"
#include "pycore_typeobject.h"

extern const char *_Py_SourceAsString(PyObject *, const char *, const char *, PyCompilerFlags *, PyObject **);

/* -- Classes ------------------------------------------------------------------------------------- */

/* bases with every object that has __mro_entries__ replaced by what that gives; a new tuple, or bases itself. */
static PyObject *
update_bases(PyObject *bases)
{
    PyObject *list = NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i), *method = NULL, *entries = NULL;
        if (!PyType_Check(base)) {
            if (PyObject_GetOptionalAttr(base, _Py_ID(__mro_entries__), &method) < 0) {
                goto fail;
            }
        }
        if (method == NULL) {
            if (list != NULL && PyList_Append(list, base) < 0) {
                goto fail;
            }
            continue;
        }
        entries = PyObject_CallOneArg(method, bases);
        Py_DECREF(method);
        if (entries == NULL) {
            goto fail;
        }
        if (!PyTuple_Check(entries)) {
            PyErr_SetString(PyExc_TypeError, "__mro_entries__ must return a tuple");
            Py_DECREF(entries);
            goto fail;
        }
        if (list == NULL) {
            PyObject *head = PyTuple_GetSlice(bases, 0, i);
            list = head ? PySequence_List(head) : NULL;
            Py_XDECREF(head);
        }
        int failed = list == NULL || PyList_SetSlice(list, PyList_GET_SIZE(list), PyList_GET_SIZE(list), entries) < 0;
        Py_DECREF(entries);
        if (failed) {
            goto fail;
        }
    }
    if (list == NULL) {
        return Py_NewRef(bases);
    }
    PyObject *result = PyList_AsTuple(list);
    Py_DECREF(list);
    return result;
fail:
    Py_XDECREF(list);
    return NULL;
}

/* The metaclass: the one given, or the type of the first base; then the most derived of it and the bases' types. */
static PyObject *
choose_metaclass(PyObject *keywords, PyObject *bases, int *is_class)
{
    PyObject *meta = NULL;
    *is_class = 0;
    if (keywords != NULL && PyDict_Pop(keywords, _Py_ID(metaclass), &meta) < 0) {
        return NULL;
    }
    if (meta != NULL) {
        *is_class = PyType_Check(meta);
    }
    else {
        meta = PyTuple_GET_SIZE(bases) == 0 ? (PyObject *)&PyType_Type : (PyObject *)Py_TYPE(PyTuple_GET_ITEM(bases, 0));
        Py_INCREF(meta);
        *is_class = 1;
    }
    if (*is_class) {
        PyTypeObject *winner = _PyType_CalculateMetaclass((PyTypeObject *)meta, bases);
        if (winner == NULL) {
            Py_DECREF(meta);
            return NULL;
        }
        Py_SETREF(meta, Py_NewRef(winner));
    }
    return meta;
}

static PyObject *
prepare_namespace(PyObject *meta, int is_class, PyObject *name, PyObject *bases, PyObject *keywords)
{
    PyObject *prepare = NULL, *namespace = NULL;
    if (PyObject_GetOptionalAttr(meta, _Py_ID(__prepare__), &prepare) < 0) {
        return NULL;
    }
    if (prepare == NULL) {
        return PyDict_New();
    }
    PyObject *args[] = {name, bases};
    namespace = PyObject_VectorcallDict(prepare, args, 2, keywords);
    Py_DECREF(prepare);
    if (namespace != NULL && !PyMapping_Check(namespace)) {
        PyErr_Format(PyExc_TypeError, "%.200s.__prepare__() must return a mapping, not %.200s",
                     is_class ? ((PyTypeObject *)meta)->tp_name : "<metaclass>", Py_TYPE(namespace)->tp_name);
        Py_CLEAR(namespace);
    }
    return namespace;
}

/* The cell that the class body returned for `__class__` must hold the class by now. */
static int
check_class_cell(PyObject *cls, PyObject *cell, PyObject *name)
{
    if (cls == NULL || !PyType_Check(cls) || cell == NULL || !PyCell_Check(cell)) {
        return 0;
    }
    PyObject *held = PyCell_Get(cell);
    Py_XDECREF(held);
    if (held == cls) {
        return 0;
    }
    if (held == NULL) {
        PyErr_Format(PyExc_RuntimeError, "__class__ not set defining %.200R as %.200R. "
                     "Was __classcell__ propagated to type.__new__?", name, cls);
    }
    else {
        PyErr_Format(PyExc_TypeError, "__class__ set to %.200R defining %.200R as %.200R", held, name, cls);
    }
    return -1;
}

PyObject *
builtin___build_class__(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *original = NULL, *bases = NULL, *keywords = NULL, *meta = NULL, *namespace = NULL, *cell = NULL,
             *cls = NULL;
    int is_class;
    if (nargs < 2) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: not enough arguments");
        return NULL;
    }
    PyObject *function = args[0], *name = args[1];
    if (!PyFunction_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: func must be a function");
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: name is not a string");
        return NULL;
    }
    original = _PyTuple_FromArray(args + 2, nargs - 2);
    if (original == NULL || (bases = update_bases(original)) == NULL ||
        (kwnames != NULL && (keywords = _PyStack_AsDict(args + nargs, kwnames)) == NULL) ||
        (meta = choose_metaclass(keywords, bases, &is_class)) == NULL ||
        (namespace = prepare_namespace(meta, is_class, name, bases, keywords)) == NULL) {
        goto done;
    }
    cell = _PyEval_Vector(_PyThreadState_GET(), (PyFunctionObject *)function, namespace, NULL, 0, NULL);
    if (cell == NULL || (bases != original && PyMapping_SetItemString(namespace, "__orig_bases__", original) < 0)) {
        goto done;
    }
    PyObject *call_args[] = {name, bases, namespace};
    cls = PyObject_VectorcallDict(meta, call_args, 3, keywords);
    if (check_class_cell(cls, cell, name) < 0) {
        Py_CLEAR(cls);
    }
done:
    Py_XDECREF(original);
    Py_XDECREF(bases);
    Py_XDECREF(keywords);
    Py_XDECREF(meta);
    Py_XDECREF(namespace);
    Py_XDECREF(cell);
    return cls;
}

/* -- Import -------------------------------------------------------------------------------------------- */

PyObject *
builtin___import__(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"name", "globals", "locals", "fromlist", "level", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "__import__"};
    PyObject *buffer[5];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 5, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int level = args[4] != NULL ? PyLong_AsInt(args[4]) : 0;
    if (level == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyImport_ImportModuleLevelObject(args[0], args[1], args[2], args[3], level);
}

/* -- compile, eval, exec ---------------------------------------------------------------------------------- */

static int
check_optimize(PyObject *value, int *optimize)
{
    if (value == NULL) {
        return 0;
    }
    *optimize = PyLong_AsInt(value);
    if (*optimize == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*optimize < -1 || *optimize > 2) {
        PyErr_SetString(PyExc_ValueError, "compile(): invalid optimize value");
        return -1;
    }
    return 0;
}

/* compile() of an AST. */
static PyObject *
compile_tree(PyObject *source, PyObject *filename, int mode, PyCompilerFlags *flags, int optimize)
{
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    int only_ast = flags->cf_flags & PyCF_ONLY_AST;
    int optimized = (flags->cf_flags & PyCF_OPTIMIZED_AST) == PyCF_OPTIMIZED_AST;
    if (only_ast && !optimized) {
        mod_ty tree = PyAST_obj2mod(source, arena, mode);
        result = tree != NULL && _PyAST_Validate(tree) ? Py_NewRef(source) : NULL;
        goto done;
    }
    mod_ty tree = PyAST_obj2mod(source, arena, mode);
    if (tree == NULL || !_PyAST_Validate(tree)) {
        goto done;
    }
    if (only_ast) {
        if (_PyCompile_AstPreprocess(tree, filename, flags, optimize, arena, 0) == 0) {
            result = PyAST_mod2obj(tree);
        }
    }
    else {
        result = (PyObject *)_PyAST_Compile(tree, filename, flags, optimize, arena);
    }
done:
    _PyArena_Free(arena);
    return result;
}

PyObject *
builtin_compile(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"source", "filename", "mode", "flags", "dont_inherit", "optimize",
                                           "_feature_version", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "compile"};
    static const int starts[] = {Py_file_input, Py_eval_input, Py_single_input, Py_func_type_input};
    PyObject *buffer[7], *filename = NULL, *owner = NULL, *result = NULL;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 3, 6, 0, 0, buffer);
    if (args == NULL || !PyUnicode_FSDecoder(args[1], &filename)) {
        return NULL;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    int optimize = -1, inherit = 1, kind, is_ast;
    if (!PyUnicode_Check(args[2])) {
        _PyArg_BadArgument("compile", "argument 'mode'", "str", args[2]);
        goto done;
    }
    const char *mode = PyUnicode_AsUTF8(args[2]);
    if (mode == NULL || check_optimize(args[5], &optimize) < 0) {
        goto done;
    }
    if (args[3] != NULL) {
        flags.cf_flags = PyLong_AsInt(args[3]);
        if (flags.cf_flags == -1 && PyErr_Occurred()) {
            goto done;
        }
    }
    if (args[4] != NULL) {
        int dont = PyObject_IsTrue(args[4]);
        if (dont < 0) {
            goto done;
        }
        inherit = !dont;
    }
    if (args[6] != NULL) {
        int version = PyLong_AsInt(args[6]);
        if (version == -1 && PyErr_Occurred()) {
            goto done;
        }
        if (version >= 0 && (flags.cf_flags & PyCF_ONLY_AST)) {
            flags.cf_feature_version = version;
        }
    }
    if (flags.cf_flags & ~(PyCF_MASK | PyCF_MASK_OBSOLETE | PyCF_COMPILE_MASK)) {
        PyErr_SetString(PyExc_ValueError, "compile(): unrecognised flags");
        goto done;
    }
    flags.cf_flags |= PyCF_SOURCE_IS_UTF8;
    if (inherit) {
        PyEval_MergeCompilerFlags(&flags);
    }
    kind = strcmp(mode, "exec") == 0 ? 0 : strcmp(mode, "eval") == 0 ? 1 : strcmp(mode, "single") == 0 ? 2
           : strcmp(mode, "func_type") == 0 ? 3 : -1;
    if (kind == 3 && !(flags.cf_flags & PyCF_ONLY_AST)) {
        PyErr_SetString(PyExc_ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
        goto done;
    }
    if (kind < 0) {
        PyErr_SetString(PyExc_ValueError, flags.cf_flags & PyCF_ONLY_AST
                                              ? "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
                                              : "compile() mode must be 'exec', 'eval' or 'single'");
        goto done;
    }
    is_ast = PyAST_Check(args[0]);
    if (is_ast < 0) {
        goto done;
    }
    if (is_ast) {
        result = compile_tree(args[0], filename, kind, &flags, optimize);
        goto done;
    }
    const char *text = _Py_SourceAsString(args[0], "compile", "string, bytes or AST", &flags, &owner);
    if (text != NULL) {
        result = Py_CompileStringObject(text, filename, starts[kind], &flags, optimize);
    }
done:
    Py_XDECREF(owner);
    Py_DECREF(filename);
    return result;
}

/* The namespaces of eval() and exec(): those given, else the caller's.  New references in *globals and *locals. */
static int
choose_namespaces(const char *function, PyObject **globals, PyObject **locals)
{
    PyObject *g = *globals == Py_None ? NULL : *globals, *l = *locals == Py_None ? NULL : *locals;
    *globals = *locals = NULL;
    if (g == NULL) {
        PyObject *current = PyEval_GetGlobals();
        if (current == NULL) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_SystemError, "globals and locals cannot be NULL");
            }
            return -1;
        }
        *globals = Py_NewRef(current);
        *locals = l != NULL ? Py_NewRef(l) : PyEval_GetFrameLocals();
        return *locals == NULL ? -1 : 0;
    }
    *globals = Py_NewRef(g);
    *locals = Py_NewRef(l != NULL ? l : g);
    return 0;
}

static int
ensure_builtins(PyObject *globals)
{
    int has = PyDict_Contains(globals, _Py_ID(__builtins__));
    if (has != 0) {
        return has < 0 ? -1 : 0;
    }
    return PyDict_SetItem(globals, _Py_ID(__builtins__), PyEval_GetBuiltins());
}

PyObject *
builtin_eval(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "globals", "locals", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "eval"};
    PyObject *buffer[3], *owner = NULL, *result = NULL;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 3, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    PyObject *source = args[0], *globals = args[1] ? args[1] : Py_None, *locals = args[2] ? args[2] : Py_None;
    if (locals != Py_None && !PyMapping_Check(locals)) {
        PyErr_SetString(PyExc_TypeError, "locals must be a mapping");
        return NULL;
    }
    if (globals != Py_None && !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError, PyMapping_Check(globals) ? "globals must be a real dict; try eval(code, {}, mapping)"
                                                                  : "globals must be a dict");
        return NULL;
    }
    if (choose_namespaces("eval", &globals, &locals) < 0 || ensure_builtins(globals) < 0) {
        goto done;
    }
    if (PyCode_Check(source)) {
        if (PySys_Audit("exec", "O", source) < 0) {
            goto done;
        }
        if (PyCode_GetNumFree((PyCodeObject *)source) > 0) {
            PyErr_SetString(PyExc_TypeError, "code object passed to eval() may not contain free variables");
            goto done;
        }
        result = PyEval_EvalCode(source, globals, locals);
        goto done;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8;
    const char *text = _Py_SourceAsString(source, "eval", "string, bytes or code", &flags, &owner);
    if (text == NULL) {
        goto done;
    }
    text += strspn(text, " \t");
    (void)PyEval_MergeCompilerFlags(&flags);
    result = PyRun_StringFlags(text, Py_eval_input, globals, locals, &flags);
done:
    Py_XDECREF(owner);
    Py_XDECREF(globals);
    Py_XDECREF(locals);
    return result;
}

/* exec() of a code object with free variables needs a tuple of that many cells. */
static int
check_closure(PyCodeObject *code, PyObject *closure)
{
    Py_ssize_t count = PyCode_GetNumFree(code);
    if (count == 0) {
        if (closure != NULL) {
            PyErr_SetString(PyExc_TypeError, "cannot use a closure with this code object");
            return -1;
        }
        return 0;
    }
    int good = closure != NULL && PyTuple_CheckExact(closure) && PyTuple_GET_SIZE(closure) == count;
    for (Py_ssize_t i = 0; good && i < count; i++) {
        good = PyCell_Check(PyTuple_GET_ITEM(closure, i));
    }
    if (!good) {
        PyErr_Format(PyExc_TypeError, "code object requires a closure of exactly length %zd", count);
        return -1;
    }
    return 0;
}

PyObject *
builtin_exec(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "globals", "locals", "closure", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "exec"};
    PyObject *buffer[4], *owner = NULL, *result = NULL;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 3, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    PyObject *source = args[0], *globals = args[1] ? args[1] : Py_None, *locals = args[2] ? args[2] : Py_None;
    PyObject *closure = args[3] == Py_None ? NULL : args[3];
    if (globals != Py_None && !PyDict_Check(globals)) {
        PyErr_Format(PyExc_TypeError, "exec() globals must be a dict, not %.100s", Py_TYPE(globals)->tp_name);
        return NULL;
    }
    if (locals != Py_None && !PyMapping_Check(locals)) {
        PyErr_Format(PyExc_TypeError, "locals must be a mapping or None, not %.100s", Py_TYPE(locals)->tp_name);
        return NULL;
    }
    if (choose_namespaces("exec", &globals, &locals) < 0 || ensure_builtins(globals) < 0) {
        goto done;
    }
    if (PyCode_Check(source)) {
        if (check_closure((PyCodeObject *)source, closure) < 0 || PySys_Audit("exec", "O", source) < 0) {
            goto done;
        }
        result = closure == NULL ? PyEval_EvalCode(source, globals, locals)
                                 : PyEval_EvalCodeEx(source, globals, locals, NULL, 0, NULL, 0, NULL, 0, NULL, closure);
        goto done;
    }
    if (closure != NULL) {
        PyErr_SetString(PyExc_TypeError, "closure can only be used when source is a code object");
        goto done;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8;
    const char *text = _Py_SourceAsString(source, "exec", "string, bytes or code", &flags, &owner);
    if (text == NULL) {
        goto done;
    }
    (void)PyEval_MergeCompilerFlags(&flags);
    result = PyRun_StringFlags(text, Py_file_input, globals, locals, &flags);
done:
    Py_XDECREF(owner);
    Py_XDECREF(globals);
    Py_XDECREF(locals);
    if (result == NULL) {
        return NULL;
    }
    Py_DECREF(result);
    Py_RETURN_NONE;
}

/* -- Namespaces ----------------------------------------------------------------------------------------------- */

PyObject *
builtin_globals(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *globals = PyEval_GetGlobals();
    return globals != NULL ? Py_NewRef(globals) : PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyObject *
builtin_locals(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyEval_GetFrameLocals();
}

PyObject *
builtin_vars(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("vars", nargs, 0, 1)) {
        return NULL;
    }
    if (nargs == 0) {
        return PyEval_GetFrameLocals();
    }
    PyObject *dict = NULL;
    if (PyObject_GetOptionalAttr(args[0], _Py_ID(__dict__), &dict) == 0) {
        PyErr_SetString(PyExc_TypeError, "vars() argument must have __dict__ attribute");
    }
    return dict;
}

PyObject *
builtin_dir(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("dir", nargs, 0, 1)) {
        return NULL;
    }
    return PyObject_Dir(nargs ? args[0] : NULL);
}

PyObject *
builtin_breakpoint(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *hook = PySys_GetObject("breakpointhook");
    if (hook == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.breakpointhook");
        return NULL;
    }
    if (PySys_Audit("builtins.breakpoint", "O", hook) < 0) {
        return NULL;
    }
    Py_INCREF(hook);
    PyObject *result = PyObject_Vectorcall(hook, args, nargs, kwnames);
    Py_DECREF(hook);
    return result;
}

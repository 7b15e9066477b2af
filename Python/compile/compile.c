/* The compiler's entry: from a syntax tree to the code object of a module.

   Steps: future statements, preparation and folding of the tree, symbol table, code generation, assembly.
   Locking: a compilation belongs to one thread; nothing is shared. */
#include "codegen.h"
#include "pycore_initconfig.h"  // _Py_GetConfig
#include "pycore_pystate.h"

/* -- Docstrings ------------------------------------------------------------------------------------------ */

/* Width of the indentation common to all lines but the first that are not blank; -1 if there is no such line. */
static Py_ssize_t
common_indentation(PyObject *doc)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(doc), margin = -1, i = 0;
    while (i < length && PyUnicode_READ_CHAR(doc, i) != '\n') {
        i++;
    }
    while (i < length) {
        Py_ssize_t start = ++i;
        while (i < length && PyUnicode_READ_CHAR(doc, i) == ' ') {
            i++;
        }
        if (i < length && PyUnicode_READ_CHAR(doc, i) != '\n' && (margin < 0 || i - start < margin)) {
            margin = i - start;
        }
        while (i < length && PyUnicode_READ_CHAR(doc, i) != '\n') {
            i++;
        }
    }
    return margin;
}

PyObject *
_PyCompile_CleanDoc(PyObject *doc)
{
    PyObject *expanded = PyObject_CallMethod(doc, "expandtabs", NULL);
    if (expanded == NULL) {
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(expanded), margin = common_indentation(expanded), i = 0;
    while (i < length && PyUnicode_READ_CHAR(expanded, i) == ' ') {
        i++;
    }
    if (i == 0 && margin <= 0) {
        return expanded;
    }
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(length);
    if (writer == NULL) {
        Py_DECREF(expanded);
        return NULL;
    }
    int failed = 0;
    while (!failed && i <= length) {
        Py_ssize_t end = i;
        while (end < length && PyUnicode_READ_CHAR(expanded, end) != '\n') {
            end++;
        }
        failed = PyUnicodeWriter_WriteSubstring(writer, expanded, i, end) < 0 ||
                 (end < length && PyUnicodeWriter_WriteChar(writer, '\n') < 0);
        if (end >= length) {
            break;
        }
        i = end + 1;
        for (Py_ssize_t k = 0; k < margin && i < length && PyUnicode_READ_CHAR(expanded, i) == ' '; k++) {
            i++;
        }
    }
    Py_DECREF(expanded);
    if (failed) {
        PyUnicodeWriter_Discard(writer);
        return NULL;
    }
    return PyUnicodeWriter_Finish(writer);
}

/* -- Modules ------------------------------------------------------------------------------------------------ */

static PyCodeObject *
compile_module(struct compiler *c, mod_ty tree)
{
    PyObject *name = PyUnicode_InternFromString("<module>");
    int entered = name ? unit_enter(c, name, UNIT_MODULE, tree, 1, NULL) : -1;
    Py_XDECREF(name);
    if (entered < 0) {
        return NULL;
    }
    location start = {0, 0, 0, 0}, none = NO_LOCATION;
    PyCodeObject *code = NULL;
    int failed;
    switch (tree->kind) {
    case Module_kind:
    case Interactive_kind: {
        asdl_stmt_seq *statements = tree->kind == Module_kind ? tree->v.Module.body : tree->v.Interactive.body;
        c->interactive = tree->kind == Interactive_kind;
        int annotate = c->u->entry->ste_annotation_block != NULL, make = -1, begin = -1;
        failed = 0;
        if (annotate) {
            /* __annotate__ exists before the first statement: it is made at the end of the code, called for at its start */
            make = new_label(c);
            begin = new_label(c);
            failed = make < 0 || begin < 0 || emit_jump(c, none, OP_JUMP, 0, 0, 0, 0, make) < 0;
            if (!failed) {
                c->u->labels[begin].used = 1;
                use_label(c, begin);
            }
        }
        failed = failed || class_or_module_body(c, statements, start) < 0 || emit_return_const(c, none, Py_None) < 0;
        if (!failed && annotate) {
            use_label(c, make);
            failed = finish_annotations(c, start, tree) < 0 ||
                     emit_jump(c, none, OP_JUMP_BACK, 0, 0, 0, 0, begin) < 0;
        }
        break;
    }
    case Expression_kind: {
        int value = operand(c, tree->v.Expression.body, NULL);
        failed = value < 0 || emit(c, LOC(tree->v.Expression.body), OP_RETURN, 0, value, 0, 0) < 0;
        break;
    }
    default:
        PyErr_Format(PyExc_SystemError, "module kind %d should not be possible", tree->kind);
        failed = 1;
    }
    if (!failed) {
        if (c->u->is_generator) {
            failed = wrap_stopiteration(c) < 0;
        }
        if (!failed) {
            code = assemble(c);
        }
    }
    while (c->u != NULL) {
        unit_exit(c);
    }
    return code;
}

static int
effective_optimization(int optimize)
{
    return optimize == -1 ? _Py_GetConfig()->optimization_level : optimize;
}

PyCodeObject *
_PyAST_Compile(mod_ty tree, PyObject *filename, PyCompilerFlags *flags, int optimize, PyArena *arena)
{
    struct compiler c = {.filename = filename, .arena = arena, .optimize = effective_optimization(optimize)};
    PyCompilerFlags local = _PyCompilerFlags_INIT;
    PyCodeObject *code = NULL;
    if (!_PyFuture_FromAST(tree, filename, &c.future)) {
        return NULL;
    }
    if (flags == NULL) {
        flags = &local;
    }
    int merged = c.future.ff_features | flags->cf_flags;
    c.future.ff_features = merged;
    flags->cf_flags = merged;
    c.flags = *flags;
    if (!_PyAST_Preprocess(tree, arena, filename, c.optimize, merged, 0, 1)) {
        return NULL;
    }
    c.constant_cache = PyDict_New();
    c.table = _PySymtable_Build(tree, filename, &c.future);
    if (c.table != NULL && c.constant_cache != NULL && _PyAST_Fold(tree, arena) == 0) {
        code = compile_module(&c, tree);
    }
    if (c.table != NULL) {
        _PySymtable_Free(c.table);
    }
    Py_XDECREF(c.constant_cache);
    assert(code != NULL || PyErr_Occurred());
    return code;
}

int
_PyCompile_AstPreprocess(mod_ty tree, PyObject *filename, PyCompilerFlags *flags, int optimize, PyArena *arena,
                         int syntax_check_only)
{
    _PyFutureFeatures future;
    if (!_PyFuture_FromAST(tree, filename, &future)) {
        return -1;
    }
    int merged = future.ff_features | (flags ? flags->cf_flags : 0);
    return _PyAST_Preprocess(tree, arena, filename, effective_optimization(optimize), merged, syntax_check_only, 1) ? 0
                                                                                                                   : -1;
}

/* -- Opcodes ----------------------------------------------------------------------------------------------------- */

int
_PyCompile_OpcodeIsValid(int opcode)
{
    return opcode >= 0 && opcode < OPCODE_COUNT;
}

int
PyCompile_OpcodeStackEffect(int opcode, int oparg)
{
    return PyCompile_OpcodeStackEffectWithJump(opcode, oparg, -1);
}

/* Registers have no stack: every valid instruction leaves its height as it is. */
int
PyCompile_OpcodeStackEffectWithJump(int opcode, int oparg, int jump)
{
    return _PyCompile_OpcodeIsValid(opcode) ? 0 : PY_INVALID_STACK_EFFECT;
}

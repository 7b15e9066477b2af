/* Future statements: which features a module asks for, and whether they stand at its top.  PEP 236. */
#include "Python.h"
#include "pycore_pyerrors.h"
#include "pycore_symtable.h"

#include <string.h>

static int
future_error(PyObject *filename, stmt_ty s, const char *message, const char *name)
{
    PyObject *text = PyUnicode_FromFormat(message, name);
    if (text != NULL) {
        _PyErr_RaiseSyntaxError(text, filename, s->lineno, s->col_offset + 1, s->end_lineno, s->end_col_offset + 1);
        Py_DECREF(text);
    }
    return -1;
}

static int
future_feature(PyObject *filename, stmt_ty s, _PyFutureFeatures *features)
{
    static const struct { const char *name; int flag; } rows[] = {
        {"nested_scopes", 0}, {"generators", 0}, {"division", 0}, {"absolute_import", 0}, {"with_statement", 0},
        {"print_function", 0}, {"unicode_literals", 0}, {"generator_stop", 0},
        {"barry_as_FLUFL", CO_FUTURE_BARRY_AS_BDFL}, {"annotations", CO_FUTURE_ANNOTATIONS},
    };
    asdl_alias_seq *names = s->v.ImportFrom.names;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(names); i++) {
        const char *name = PyUnicode_AsUTF8(asdl_seq_GET(names, i)->name);
        size_t k = 0;
        if (name == NULL) {
            return -1;
        }
        while (k < Py_ARRAY_LENGTH(rows) && strcmp(rows[k].name, name) != 0) {
            k++;
        }
        if (k < Py_ARRAY_LENGTH(rows)) {
            features->ff_features |= rows[k].flag;
        }
        else if (strcmp(name, "braces") == 0) {
            return future_error(filename, s, "not a chance", NULL);
        }
        else {
            return future_error(filename, s, "future feature %.100s is not defined", name);
        }
    }
    return 0;
}

int
_PyFuture_FromAST(mod_ty tree, PyObject *filename, _PyFutureFeatures *features)
{
    *features = (_PyFutureFeatures){0, -1, -1, -1, -1};
    asdl_stmt_seq *body;
    if (tree->kind == Module_kind) {
        body = tree->v.Module.body;
    }
    else if (tree->kind == Interactive_kind) {
        body = tree->v.Interactive.body;
    }
    else {
        return 1;
    }
    Py_ssize_t start = _PyAST_GetDocString(body) != NULL ? 1 : 0;
    for (Py_ssize_t i = start; i < asdl_seq_LEN(body); i++) {
        stmt_ty s = asdl_seq_GET(body, i);
        /* Statements after this point may not be future statements; the compiler reports those. */
        if (s->kind != ImportFrom_kind || s->v.ImportFrom.level != 0 || s->v.ImportFrom.module == NULL ||
            !PyUnicode_EqualToUTF8(s->v.ImportFrom.module, "__future__")) {
            return 1;
        }
        if (future_feature(filename, s, features) < 0) {
            return 0;
        }
        features->lineno = s->lineno;
        features->col_offset = s->col_offset;
        features->end_lineno = s->end_lineno;
        features->end_col_offset = s->end_col_offset;
    }
    return 1;
}

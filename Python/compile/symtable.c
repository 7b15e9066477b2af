/* Symbol tables, first half: one walk over the tree that enters every block and notes what it does with each name.

   Invariant: st_cur is the top of st_stack; each entry's children are in source order.
   Locking: a table belongs to the thread that builds it. */
#include "Python.h"
#include "pycore_compile.h"      // _Py_SymtableStringObjectFlags
#include "pycore_global_ids.h"
#include "pycore_parser.h"
#include "pycore_pyarena.h"
#include "pycore_pyerrors.h"
#include "symtable_private.h"

#include <structmember.h>

#define DUPLICATE_PARAMETER "duplicate parameter '%U' in function definition"
#define WALRUS_IN_ITERABLE "assignment expression cannot be used in a comprehension iterable expression"

#define LOCATION(node) ((_Py_SourceLocation){(node)->lineno, (node)->col_offset, (node)->end_lineno, (node)->end_col_offset})

/* -- Entries -------------------------------------------------------------------------------------- */

static void
ste_dealloc(PyObject *op)
{
    PySTEntryObject *self = (PySTEntryObject *)op;
    Py_XDECREF(self->ste_id);
    Py_XDECREF(self->ste_symbols);
    Py_XDECREF(self->ste_name);
    Py_XDECREF(self->ste_varnames);
    Py_XDECREF(self->ste_children);
    Py_XDECREF(self->ste_directives);
    Py_XDECREF(self->ste_mangled_names);
    Py_XDECREF(self->ste_annotation_block);
    PyObject_Free(self);
}

static PyObject *
ste_repr(PyObject *op)
{
    PySTEntryObject *self = (PySTEntryObject *)op;
    return PyUnicode_FromFormat("<symtable entry %U(%R), line %d>", self->ste_name, self->ste_id, self->ste_loc.lineno);
}

#define STE(field) offsetof(PySTEntryObject, field)
static PyMemberDef ste_members[] = {
    {"id", Py_T_OBJECT_EX, STE(ste_id), Py_READONLY},
    {"name", Py_T_OBJECT_EX, STE(ste_name), Py_READONLY},
    {"symbols", Py_T_OBJECT_EX, STE(ste_symbols), Py_READONLY},
    {"varnames", Py_T_OBJECT_EX, STE(ste_varnames), Py_READONLY},
    {"children", Py_T_OBJECT_EX, STE(ste_children), Py_READONLY},
    {"nested", Py_T_INT, STE(ste_nested), Py_READONLY},
    {"type", Py_T_INT, STE(ste_type), Py_READONLY},
    {"lineno", Py_T_INT, STE(ste_loc.lineno), Py_READONLY},
    {NULL}
};

PyTypeObject PySTEntry_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "symtable entry",
    .tp_basicsize = sizeof(PySTEntryObject),
    .tp_dealloc = ste_dealloc,
    .tp_repr = ste_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = ste_members,
};

int
_PyST_IsFunctionLike(PySTEntryObject *entry)
{
    return entry->ste_type != ClassBlock && entry->ste_type != ModuleBlock;
}

long
_PyST_GetSymbol(PySTEntryObject *entry, PyObject *name)
{
    PyObject *value = PyDict_GetItemWithError(entry->ste_symbols, name);
    return value != NULL ? PyLong_AsLong(value) : PyErr_Occurred() ? -1 : 0;
}

int
_PyST_GetScope(PySTEntryObject *entry, PyObject *name)
{
    long flags = _PyST_GetSymbol(entry, name);
    return flags < 0 ? -1 : (int)SYMBOL_TO_SCOPE(flags);
}

/* -- Errors ---------------------------------------------------------------------------------------- */

int
_PySymtable_Error(struct symtable *table, _Py_SourceLocation where, const char *message, PyObject *name)
{
    PyObject *text = PyUnicode_FromFormat(message, name);
    if (text != NULL) {
        _PyErr_RaiseSyntaxError(text, table->st_filename, where.lineno, where.col_offset + 1, where.end_lineno,
                                where.end_col_offset + 1);
        Py_DECREF(text);
    }
    return -1;
}

/* -- Blocks ------------------------------------------------------------------------------------------ */

static PySTEntryObject *
entry_new(struct symtable *table, PyObject *name, _Py_block_ty type, void *key, _Py_SourceLocation where)
{
    PySTEntryObject *entry = PyObject_New(PySTEntryObject, &PySTEntry_Type);
    if (entry == NULL) {
        return NULL;
    }
    memset((char *)entry + sizeof(PyObject), 0, sizeof *entry - sizeof(PyObject));
    entry->ste_table = table;
    entry->ste_type = type;
    entry->ste_loc = where;
    entry->ste_name = Py_NewRef(name);
    entry->ste_id = PyLong_FromVoidPtr(key);
    entry->ste_symbols = PyDict_New();
    entry->ste_varnames = PyList_New(0);
    entry->ste_children = PyList_New(0);
    PySTEntryObject *outer = table->st_cur;
    if (outer != NULL && (outer->ste_nested || _PyST_IsFunctionLike(outer))) {
        entry->ste_nested = 1;
    }
    if (entry->ste_id == NULL || entry->ste_symbols == NULL || entry->ste_varnames == NULL ||
        entry->ste_children == NULL) {
        Py_CLEAR(entry);
    }
    return entry;
}

/* Makes entry the current block; the stack keeps it. */
static int
push_entry(struct symtable *table, PySTEntryObject *entry)
{
    if (PyList_Append(table->st_stack, (PyObject *)entry) < 0) {
        return -1;
    }
    table->st_cur = entry;
    return 0;
}

static int
enter_block(struct symtable *table, PyObject *name, _Py_block_ty type, void *key, _Py_SourceLocation where)
{
    PySTEntryObject *outer = table->st_cur;
    PySTEntryObject *entry = entry_new(table, name, type, key, where);
    if (entry == NULL) {
        return -1;
    }
    int result = PyDict_SetItem(table->st_blocks, entry->ste_id, (PyObject *)entry);
    if (result == 0 && outer != NULL) {
        if (outer->ste_comp_iter_expr > 0) {
            entry->ste_comp_iter_expr = outer->ste_comp_iter_expr;
        }
        entry->ste_method = outer->ste_type == ClassBlock && type == FunctionBlock;
        if (type != AnnotationBlock || outer->ste_type != AnnotationBlock) {
            result = PyList_Append(outer->ste_children, (PyObject *)entry);
        }
    }
    if (result == 0) {
        result = push_entry(table, entry);
    }
    if (result == 0 && outer == NULL) {
        table->st_top = entry;
        table->st_global = entry->ste_symbols;
    }
    Py_DECREF(entry);
    return result;
}

static int
exit_block(struct symtable *table)
{
    Py_ssize_t size = PyList_GET_SIZE(table->st_stack);
    if (PyList_SetSlice(table->st_stack, size - 1, size, NULL) < 0) {
        return -1;
    }
    table->st_cur = size >= 2 ? (PySTEntryObject *)PyList_GET_ITEM(table->st_stack, size - 2) : NULL;
    return 0;
}

/* -- Names -------------------------------------------------------------------------------------------- */

PyObject *
_Py_Mangle(PyObject *class_name, PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (class_name == NULL || length < 3 || PyUnicode_READ_CHAR(name, 0) != '_' || PyUnicode_READ_CHAR(name, 1) != '_' ||
        (PyUnicode_READ_CHAR(name, length - 1) == '_' && PyUnicode_READ_CHAR(name, length - 2) == '_') ||
        PyUnicode_FindChar(name, '.', 0, length, 1) != -1) {
        return Py_NewRef(name);
    }
    Py_ssize_t skip = 0, class_length = PyUnicode_GET_LENGTH(class_name);
    while (skip < class_length && PyUnicode_READ_CHAR(class_name, skip) == '_') {
        skip++;
    }
    if (skip == class_length) {
        return Py_NewRef(name);
    }
    PyObject *stripped = PyUnicode_Substring(class_name, skip, class_length);
    PyObject *mangled = stripped ? PyUnicode_FromFormat("_%U%U", stripped, name) : NULL;
    Py_XDECREF(stripped);
    if (mangled != NULL) {
        PyUnicode_InternInPlace(&mangled);
    }
    return mangled;
}

PyObject *
_Py_MaybeMangle(PyObject *class_name, PySTEntryObject *entry, PyObject *name)
{
    /* In the type parameters of a class only these are mangled: the rest belongs to the outer block. */
    if (entry != NULL && entry->ste_mangled_names != NULL) {
        int has = PySet_Contains(entry->ste_mangled_names, name);
        if (has <= 0) {
            return has < 0 ? NULL : Py_NewRef(name);
        }
    }
    return _Py_Mangle(class_name, name);
}

static long
lookup(struct symtable *table, PyObject *name)
{
    PyObject *mangled = _Py_MaybeMangle(table->st_private, table->st_cur, name);
    if (mangled == NULL) {
        return -1;
    }
    long flags = _PyST_GetSymbol(table->st_cur, mangled);
    Py_DECREF(mangled);
    return flags;
}

static int
add_flags(PyObject *symbols, PyObject *mangled, long flags)
{
    PyObject *old = PyDict_GetItemWithError(symbols, mangled);
    if (old == NULL && PyErr_Occurred()) {
        return -1;
    }
    PyObject *value = PyLong_FromLong(flags | (old ? PyLong_AsLong(old) : 0));
    int result = value ? PyDict_SetItem(symbols, mangled, value) : -1;
    Py_XDECREF(value);
    return result;
}

static int
add_def_to(struct symtable *table, PyObject *name, long flag, PySTEntryObject *entry, _Py_SourceLocation where)
{
    PyObject *mangled = _Py_MaybeMangle(table->st_private, table->st_cur, name);
    if (mangled == NULL) {
        return -1;
    }
    int result = -1;
    long old = _PyST_GetSymbol(entry, mangled);
    if (old < 0) {
        goto done;
    }
    if ((flag & DEF_PARAM) && (old & DEF_PARAM)) {
        _PySymtable_Error(table, where, DUPLICATE_PARAMETER, name);
        goto done;
    }
    if ((flag & DEF_TYPE_PARAM) && (old & DEF_TYPE_PARAM)) {
        _PySymtable_Error(table, where, "duplicate type parameter '%U'", name);
        goto done;
    }
    long value = flag;
    if (entry->ste_comp_iter_target) {
        /* An iteration variable must not be a name that a walrus binds outside. */
        if (old & (DEF_GLOBAL | DEF_NONLOCAL)) {
            _PySymtable_Error(table, where, "comprehension inner loop cannot rebind assignment expression target '%U'",
                              name);
            goto done;
        }
        value |= DEF_COMP_ITER;
    }
    result = add_flags(entry->ste_symbols, mangled, value);
    if (result == 0 && (flag & DEF_PARAM)) {
        result = PyList_Append(entry->ste_varnames, mangled);
    }
    else if (result == 0 && (flag & DEF_GLOBAL)) {
        result = add_flags(table->st_global, mangled, DEF_GLOBAL);
    }
done:
    Py_DECREF(mangled);
    return result;
}

static int
check_forbidden(struct symtable *table, PyObject *name, int store, _Py_SourceLocation where)
{
    if (PyUnicode_EqualToUTF8(name, "__debug__")) {
        return _PySymtable_Error(table, where, store == Del ? "cannot delete __debug__" : "cannot assign to __debug__",
                                 NULL);
    }
    return 0;
}

static int
add_def(struct symtable *table, PyObject *name, long flag, _Py_SourceLocation where)
{
    if ((flag & (DEF_LOCAL | DEF_PARAM | DEF_IMPORT)) && check_forbidden(table, name, Store, where) < 0) {
        return -1;
    }
    if ((flag & DEF_TYPE_PARAM) && table->st_cur->ste_mangled_names != NULL &&
        PySet_Add(table->st_cur->ste_mangled_names, name) < 0) {
        return -1;
    }
    return add_def_to(table, name, flag, table->st_cur, where);
}

/* -- Walk -------------------------------------------------------------------------------------------------- */

static int visit_stmt(struct symtable *, stmt_ty);
static int visit_expr(struct symtable *, expr_ty);
static int visit_pattern(struct symtable *, pattern_ty);

#define TRY(call)          \
    do {                   \
        if ((call) < 0) {  \
            return -1;     \
        }                  \
    } while (0)

#define TRY_SEQ(visit, sequence)                                         \
    do {                                                                 \
        for (Py_ssize_t i_ = 0; i_ < asdl_seq_LEN(sequence); i_++) {     \
            if (asdl_seq_GET(sequence, i_) != NULL) {                    \
                TRY(visit(table, asdl_seq_GET(sequence, i_)));           \
            }                                                            \
        }                                                                \
    } while (0)

static int
visit_optional(struct symtable *table, expr_ty e)
{
    return e == NULL ? 0 : visit_expr(table, e);
}

/* Statements that may not run: annotations in them are conditional. */
static int
visit_conditional(struct symtable *table, asdl_stmt_seq *body)
{
    int saved = table->st_cur->ste_in_conditional_block;
    table->st_cur->ste_in_conditional_block = 1;
    TRY_SEQ(visit_stmt, body);
    table->st_cur->ste_in_conditional_block = saved;
    return 0;
}

static int
visit_keyword(struct symtable *table, keyword_ty keyword)
{
    if (keyword->arg != NULL) {
        TRY(check_forbidden(table, keyword->arg, Store, LOCATION(keyword)));
    }
    return visit_expr(table, keyword->value);
}

/* -- Walk: annotations ---------------------------------------------------------------------------------------- */

/* Enter the annotation block of the current block; made at first use.  Its key is the address `key`. */
static int
enter_annotations(struct symtable *table, void *key, _Py_SourceLocation where)
{
    PySTEntryObject *outer = table->st_cur;
    if (outer->ste_annotation_block != NULL) {
        return push_entry(table, outer->ste_annotation_block);
    }
    TRY(enter_block(table, _Py_ID(__annotate__), AnnotationBlock, key, where));
    outer->ste_annotation_block = (PySTEntryObject *)Py_NewRef(table->st_cur);
    if (outer->ste_type == ClassBlock || outer->ste_can_see_class_scope) {
        table->st_cur->ste_can_see_class_scope = 1;
        TRY(add_def(table, _Py_ID(__classdict__), USE, where));
    }
    PyObject *format = PyUnicode_InternFromString(".format");
    int result = format ? add_def(table, format, DEF_PARAM, where) : -1;
    Py_XDECREF(format);
    TRY(result);
    return format ? add_def(table, format, USE, where) : -1;
}

static int
visit_annotation(struct symtable *table, expr_ty annotation)
{
    PySTEntryObject *outer = table->st_cur;
    int future = table->st_future->ff_features & CO_FUTURE_ANNOTATIONS;
    int is_function = outer->ste_type == FunctionBlock;
    if (!future && !is_function && !outer->ste_has_conditional_annotations &&
        (outer->ste_in_conditional_block || outer->ste_type == ModuleBlock)) {
        outer->ste_has_conditional_annotations = 1;
        TRY(add_def(table, _Py_ID(__conditional_annotations__), outer->ste_type == ClassBlock ? DEF_LOCAL | USE : DEF_LOCAL | USE,
                    LOCATION(annotation)));
    }
    if (future) {
        /* Never evaluated: a block that only the symbol table sees. */
        TRY(enter_block(table, _Py_ID(__annotate__), AnnotationBlock, annotation, LOCATION(annotation)));
        table->st_cur->ste_scope_info = "an annotation";
        TRY(visit_expr(table, annotation));
        return exit_block(table);
    }
    TRY(enter_annotations(table, (char *)outer + 1, LOCATION(annotation)));
    if (is_function) {
        table->st_cur->ste_in_unevaluated_annotation = 1;
    }
    const char *saved = table->st_cur->ste_scope_info;
    table->st_cur->ste_scope_info = "an annotation";
    TRY(visit_expr(table, annotation));
    if (outer->ste_has_conditional_annotations && !is_function) {
        TRY(add_def(table, _Py_ID(__conditional_annotations__), USE, LOCATION(annotation)));
    }
    table->st_cur->ste_scope_info = saved;
    table->st_cur->ste_in_unevaluated_annotation = 0;
    return exit_block(table);
}

static int
visit_arg_annotation(struct symtable *table, arg_ty arg)
{
    if (arg != NULL && arg->annotation != NULL) {
        table->st_cur->ste_annotations_used = 1;
        return visit_expr(table, arg->annotation);
    }
    return 0;
}

/* Annotations of a function: a block beside the function's, keyed by its arguments node. */
static int
visit_function_annotations(struct symtable *table, stmt_ty s, arguments_ty args, expr_ty returns)
{
    PySTEntryObject *outer = table->st_cur;
    TRY(enter_block(table, _Py_ID(__annotate__), AnnotationBlock, args, LOCATION(s)));
    Py_XSETREF(outer->ste_annotation_block, outer->ste_annotation_block);
    int future = table->st_future->ff_features & CO_FUTURE_ANNOTATIONS;
    if (!future && (outer->ste_type == ClassBlock || outer->ste_can_see_class_scope)) {
        table->st_cur->ste_can_see_class_scope = 1;
        TRY(add_def(table, _Py_ID(__classdict__), USE, LOCATION(s)));
    }
    table->st_cur->ste_scope_info = "an annotation";
    PyObject *format = PyUnicode_InternFromString(".format");
    int result = format ? add_def(table, format, DEF_PARAM, LOCATION(s)) : -1;
    result = result < 0 ? -1 : add_def(table, format, USE, LOCATION(s));
    Py_XDECREF(format);
    TRY(result);
    TRY_SEQ(visit_arg_annotation, args->posonlyargs);
    TRY_SEQ(visit_arg_annotation, args->args);
    TRY(visit_arg_annotation(table, args->vararg));
    TRY_SEQ(visit_arg_annotation, args->kwonlyargs);
    TRY(visit_arg_annotation(table, args->kwarg));
    if (returns != NULL) {
        table->st_cur->ste_annotations_used = 1;
        TRY(visit_expr(table, returns));
    }
    return exit_block(table);
}

/* -- Walk: functions and classes ----------------------------------------------------------------------------- */

static int
visit_param(struct symtable *table, arg_ty arg)
{
    return add_def(table, arg->arg, DEF_PARAM, LOCATION(arg));
}

static int
visit_arguments(struct symtable *table, arguments_ty args)
{
    TRY_SEQ(visit_param, args->posonlyargs);
    TRY_SEQ(visit_param, args->args);
    TRY_SEQ(visit_param, args->kwonlyargs);
    if (args->vararg != NULL) {
        TRY(visit_param(table, args->vararg));
        table->st_cur->ste_varargs = 1;
    }
    if (args->kwarg != NULL) {
        TRY(visit_param(table, args->kwarg));
        table->st_cur->ste_varkeywords = 1;
    }
    return 0;
}

static int visit_type_param(struct symtable *, type_param_ty);

/* The block of type parameters around a function, class or alias; keyed by the type_params sequence. */
static int
enter_type_params(struct symtable *table, PyObject *name, void *key, int has_defaults, int has_kwdefaults,
                  enum _stmt_kind kind, _Py_SourceLocation where)
{
    int in_class = table->st_cur->ste_type == ClassBlock;
    TRY(enter_block(table, name, TypeParametersBlock, key, where));
    if (in_class) {
        table->st_cur->ste_can_see_class_scope = 1;
        TRY(add_def(table, _Py_ID(__classdict__), USE, where));
    }
    static const char *const names_class[] = {".type_params", ".generic_base", NULL};
    static const char *const names_alias[] = {NULL};
    const char *const *implicit = kind == ClassDef_kind ? names_class : names_alias;
    for (; *implicit != NULL; implicit++) {
        PyObject *text = PyUnicode_InternFromString(*implicit);
        int result = text == NULL || add_def(table, text, DEF_LOCAL, where) < 0 || add_def(table, text, USE, where) < 0;
        Py_XDECREF(text);
        if (result) {
            return -1;
        }
    }
    static const char *const names_defaults[] = {".defaults", ".kwdefaults"};
    int wanted[] = {has_defaults, has_kwdefaults};
    for (int i = 0; i < 2; i++) {
        PyObject *text = wanted[i] ? PyUnicode_InternFromString(names_defaults[i]) : NULL;
        if (wanted[i] && (text == NULL || add_def(table, text, DEF_PARAM, where) < 0)) {
            Py_XDECREF(text);
            return -1;
        }
        Py_XDECREF(text);
    }
    return 0;
}

static int
has_kwonly_defaults(asdl_expr_seq *kw_defaults)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(kw_defaults); i++) {
        if (asdl_seq_GET(kw_defaults, i) != NULL) {
            return 1;
        }
    }
    return 0;
}

static int
visit_function(struct symtable *table, stmt_ty s, PyObject *name, arguments_ty args, asdl_stmt_seq *body,
               asdl_expr_seq *decorators, expr_ty returns, asdl_type_param_seq *type_params, int is_async)
{
    TRY(add_def(table, name, DEF_LOCAL, LOCATION(s)));
    TRY_SEQ(visit_expr, args->defaults);
    TRY_SEQ(visit_expr, args->kw_defaults);
    TRY_SEQ(visit_expr, decorators);
    if (asdl_seq_LEN(type_params) > 0) {
        TRY(enter_type_params(table, name, type_params, asdl_seq_LEN(args->defaults) > 0,
                              has_kwonly_defaults(args->kw_defaults), s->kind, LOCATION(s)));
        TRY_SEQ(visit_type_param, type_params);
    }
    TRY(visit_function_annotations(table, s, args, returns));
    TRY(enter_block(table, name, FunctionBlock, s, LOCATION(s)));
    table->st_cur->ste_coroutine = is_async;
    table->st_cur->ste_has_docstring = _PyAST_GetDocString(body) != NULL;
    TRY(visit_arguments(table, args));
    TRY_SEQ(visit_stmt, body);
    TRY(exit_block(table));
    return asdl_seq_LEN(type_params) > 0 ? exit_block(table) : 0;
}

static int
visit_class(struct symtable *table, stmt_ty s)
{
    PyObject *saved_private = table->st_private;
    int generic = asdl_seq_LEN(s->v.ClassDef.type_params) > 0;
    TRY(add_def(table, s->v.ClassDef.name, DEF_LOCAL, LOCATION(s)));
    TRY_SEQ(visit_expr, s->v.ClassDef.decorator_list);
    if (generic) {
        TRY(enter_type_params(table, s->v.ClassDef.name, s->v.ClassDef.type_params, 0, 0, s->kind, LOCATION(s)));
        table->st_private = s->v.ClassDef.name;
        table->st_cur->ste_mangled_names = PySet_New(NULL);
        if (table->st_cur->ste_mangled_names == NULL) {
            return -1;
        }
        TRY_SEQ(visit_type_param, s->v.ClassDef.type_params);
    }
    TRY_SEQ(visit_expr, s->v.ClassDef.bases);
    TRY_SEQ(visit_keyword, s->v.ClassDef.keywords);
    TRY(enter_block(table, s->v.ClassDef.name, ClassBlock, s, LOCATION(s)));
    table->st_private = s->v.ClassDef.name;
    if (generic) {
        TRY(add_def(table, _Py_ID(__type_params__), DEF_LOCAL, LOCATION(s)));
        PyObject *name = PyUnicode_InternFromString(".type_params");
        int result = name ? add_def(table, name, USE, LOCATION(s)) : -1;
        Py_XDECREF(name);
        TRY(result);
    }
    table->st_cur->ste_has_docstring = _PyAST_GetDocString(s->v.ClassDef.body) != NULL;
    TRY_SEQ(visit_stmt, s->v.ClassDef.body);
    TRY(exit_block(table));
    if (generic) {
        TRY(exit_block(table));
    }
    table->st_private = saved_private;
    return 0;
}

/* A bound, default or alias value: a function block of its own, keyed by key. */
static int
visit_lazy_value(struct symtable *table, expr_ty e, PyObject *name, void *key, _Py_block_ty type, const char *info,
                 int in_class)
{
    TRY(enter_block(table, name, type, key, LOCATION(e)));
    table->st_cur->ste_scope_info = info;
    if (in_class) {
        table->st_cur->ste_can_see_class_scope = 1;
        TRY(add_def(table, _Py_ID(__classdict__), USE, LOCATION(e)));
    }
    PyObject *format = PyUnicode_InternFromString(".format");
    int result = format == NULL || add_def(table, format, DEF_PARAM, LOCATION(e)) < 0 ||
                 add_def(table, format, USE, LOCATION(e)) < 0;
    Py_XDECREF(format);
    if (result) {
        return -1;
    }
    TRY(visit_expr(table, e));
    return exit_block(table);
}

static int
visit_type_param(struct symtable *table, type_param_ty p)
{
    PyObject *name;
    expr_ty bound = NULL, fallback;
    const char *bound_info = NULL, *default_info;
    if (p->kind == TypeVar_kind) {
        name = p->v.TypeVar.name;
        bound = p->v.TypeVar.bound;
        fallback = p->v.TypeVar.default_value;
        bound_info = bound != NULL && bound->kind == Tuple_kind ? "a TypeVar constraint" : "a TypeVar bound";
        default_info = "a TypeVar default";
    }
    else if (p->kind == ParamSpec_kind) {
        name = p->v.ParamSpec.name;
        fallback = p->v.ParamSpec.default_value;
        default_info = "a ParamSpec default";
    }
    else {
        name = p->v.TypeVarTuple.name;
        fallback = p->v.TypeVarTuple.default_value;
        default_info = "a TypeVarTuple default";
    }
    TRY(add_def(table, name, DEF_TYPE_PARAM | DEF_LOCAL, LOCATION(p)));
    int in_class = table->st_cur->ste_can_see_class_scope;
    if (bound != NULL) {
        TRY(visit_lazy_value(table, bound, name, p, TypeVariableBlock, bound_info, in_class));
    }
    if (fallback != NULL) {
        TRY(visit_lazy_value(table, fallback, name, (char *)p + 1, TypeVariableBlock, default_info, in_class));
    }
    return 0;
}

static int
visit_type_alias(struct symtable *table, stmt_ty s)
{
    PyObject *name = s->v.TypeAlias.name->v.Name.id;
    int in_class = table->st_cur->ste_type == ClassBlock;
    int generic = asdl_seq_LEN(s->v.TypeAlias.type_params) > 0;
    TRY(visit_expr(table, s->v.TypeAlias.name));
    if (generic) {
        TRY(enter_type_params(table, name, s->v.TypeAlias.type_params, 0, 0, s->kind, LOCATION(s)));
        TRY_SEQ(visit_type_param, s->v.TypeAlias.type_params);
    }
    TRY(visit_lazy_value(table, s->v.TypeAlias.value, name, s, TypeAliasBlock, "a type alias", in_class));
    return generic ? exit_block(table) : 0;
}

/* -- Walk: statements -------------------------------------------------------------------------------------------- */

static int
add_directive(struct symtable *table, PyObject *name, _Py_SourceLocation where)
{
    PySTEntryObject *entry = table->st_cur;
    if (entry->ste_directives == NULL && (entry->ste_directives = PyList_New(0)) == NULL) {
        return -1;
    }
    PyObject *mangled = _Py_MaybeMangle(table->st_private, entry, name);
    PyObject *row = mangled ? Py_BuildValue("(Niiii)", mangled, where.lineno, where.col_offset, where.end_lineno,
                                            where.end_col_offset) : NULL;
    int result = row ? PyList_Append(entry->ste_directives, row) : -1;
    Py_XDECREF(row);
    return result;
}

static int
visit_scope_statement(struct symtable *table, stmt_ty s, asdl_identifier_seq *names, int flag)
{
    const char *word = flag == DEF_GLOBAL ? "global" : "nonlocal";
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(names); i++) {
        PyObject *name = asdl_seq_GET(names, i);
        long old = lookup(table, name);
        if (old < 0) {
            return -1;
        }
        if (old & (DEF_PARAM | DEF_LOCAL | USE | DEF_ANNOT)) {
            char message[128];
            const char *format = old & DEF_PARAM ? "name '%%U' is parameter and %s"
                                 : old & USE     ? "name '%%U' is used prior to %s declaration"
                                 : old & DEF_ANNOT ? "annotated name '%%U' can't be %s"
                                                   : "name '%%U' is assigned to before %s declaration";
            snprintf(message, sizeof message, format, word);
            return _PySymtable_Error(table, LOCATION(s), message, name);
        }
        TRY(add_def(table, name, flag, LOCATION(s)));
        TRY(add_directive(table, name, LOCATION(s)));
    }
    return 0;
}

static int
visit_ann_assign(struct symtable *table, stmt_ty s)
{
    expr_ty target = s->v.AnnAssign.target;
    table->st_cur->ste_annotations_used = 1;
    if (target->kind == Name_kind) {
        long old = lookup(table, target->v.Name.id);
        if (old < 0) {
            return -1;
        }
        if ((old & (DEF_GLOBAL | DEF_NONLOCAL)) && table->st_cur->ste_symbols != table->st_global &&
            s->v.AnnAssign.simple) {
            return _PySymtable_Error(table, LOCATION(s), old & DEF_GLOBAL ? "annotated name '%U' can't be global"
                                                                          : "annotated name '%U' can't be nonlocal",
                                     target->v.Name.id);
        }
        if (s->v.AnnAssign.simple) {
            TRY(add_def(table, target->v.Name.id, DEF_ANNOT | DEF_LOCAL, LOCATION(target)));
        }
        else if (s->v.AnnAssign.value != NULL) {
            TRY(add_def(table, target->v.Name.id, DEF_LOCAL, LOCATION(target)));
        }
    }
    else {
        TRY(visit_expr(table, target));
    }
    TRY(visit_annotation(table, s->v.AnnAssign.annotation));
    return visit_optional(table, s->v.AnnAssign.value);
}

static int
visit_alias(struct symtable *table, alias_ty a)
{
    PyObject *name = a->asname != NULL ? a->asname : a->name;
    if (PyUnicode_EqualToUTF8(name, "*")) {
        if (table->st_cur->ste_type != ModuleBlock) {
            return _PySymtable_Error(table, LOCATION(a), "import * only allowed at module level", NULL);
        }
        return 0;
    }
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), 1);
    PyObject *bound = dot < 0 ? Py_NewRef(name) : PyUnicode_Substring(name, 0, dot);
    int result = bound ? add_def(table, bound, DEF_IMPORT, LOCATION(a)) : -1;
    Py_XDECREF(bound);
    return result;
}

static int
visit_handler(struct symtable *table, excepthandler_ty h)
{
    TRY(visit_optional(table, h->v.ExceptHandler.type));
    if (h->v.ExceptHandler.name != NULL) {
        TRY(add_def(table, h->v.ExceptHandler.name, DEF_LOCAL, LOCATION(h)));
    }
    TRY_SEQ(visit_stmt, h->v.ExceptHandler.body);
    return 0;
}

static int
visit_withitem(struct symtable *table, withitem_ty item)
{
    TRY(visit_expr(table, item->context_expr));
    return visit_optional(table, item->optional_vars);
}

static int
visit_case(struct symtable *table, match_case_ty c)
{
    TRY(visit_pattern(table, c->pattern));
    TRY(visit_optional(table, c->guard));
    TRY_SEQ(visit_stmt, c->body);
    return 0;
}

static int
visit_for(struct symtable *table, expr_ty target, expr_ty iter, asdl_stmt_seq *body, asdl_stmt_seq *orelse)
{
    TRY(visit_expr(table, target));
    TRY(visit_expr(table, iter));
    TRY(visit_conditional(table, body));
    return visit_conditional(table, orelse);
}

static int
visit_try(struct symtable *table, asdl_stmt_seq *body, asdl_excepthandler_seq *handlers, asdl_stmt_seq *orelse,
          asdl_stmt_seq *finalbody)
{
    int saved = table->st_cur->ste_in_conditional_block;
    table->st_cur->ste_in_conditional_block = 1;
    TRY_SEQ(visit_stmt, body);
    TRY_SEQ(visit_handler, handlers);
    TRY_SEQ(visit_stmt, orelse);
    TRY_SEQ(visit_stmt, finalbody);
    table->st_cur->ste_in_conditional_block = saved;
    return 0;
}

static int
visit_with(struct symtable *table, asdl_withitem_seq *items, asdl_stmt_seq *body)
{
    TRY_SEQ(visit_withitem, items);
    return visit_conditional(table, body);
}

static int
visit_stmt_inner(struct symtable *table, stmt_ty s)
{
    switch (s->kind) {
    case FunctionDef_kind:
        return visit_function(table, s, s->v.FunctionDef.name, s->v.FunctionDef.args, s->v.FunctionDef.body,
                              s->v.FunctionDef.decorator_list, s->v.FunctionDef.returns, s->v.FunctionDef.type_params, 0);
    case AsyncFunctionDef_kind:
        return visit_function(table, s, s->v.AsyncFunctionDef.name, s->v.AsyncFunctionDef.args,
                              s->v.AsyncFunctionDef.body, s->v.AsyncFunctionDef.decorator_list,
                              s->v.AsyncFunctionDef.returns, s->v.AsyncFunctionDef.type_params, 1);
    case ClassDef_kind:
        return visit_class(table, s);
    case TypeAlias_kind:
        return visit_type_alias(table, s);
    case Return_kind:
        table->st_cur->ste_returns_value |= s->v.Return.value != NULL;
        return visit_optional(table, s->v.Return.value);
    case Delete_kind:
        TRY_SEQ(visit_expr, s->v.Delete.targets);
        return 0;
    case Assign_kind:
        TRY_SEQ(visit_expr, s->v.Assign.targets);
        return visit_expr(table, s->v.Assign.value);
    case AnnAssign_kind:
        return visit_ann_assign(table, s);
    case AugAssign_kind:
        TRY(visit_expr(table, s->v.AugAssign.target));
        return visit_expr(table, s->v.AugAssign.value);
    case For_kind:
        return visit_for(table, s->v.For.target, s->v.For.iter, s->v.For.body, s->v.For.orelse);
    case AsyncFor_kind:
        return visit_for(table, s->v.AsyncFor.target, s->v.AsyncFor.iter, s->v.AsyncFor.body, s->v.AsyncFor.orelse);
    case While_kind:
        TRY(visit_expr(table, s->v.While.test));
        TRY(visit_conditional(table, s->v.While.body));
        return visit_conditional(table, s->v.While.orelse);
    case If_kind:
        TRY(visit_expr(table, s->v.If.test));
        TRY(visit_conditional(table, s->v.If.body));
        return visit_conditional(table, s->v.If.orelse);
    case Match_kind: {
        TRY(visit_expr(table, s->v.Match.subject));
        int saved = table->st_cur->ste_in_conditional_block;
        table->st_cur->ste_in_conditional_block = 1;
        TRY_SEQ(visit_case, s->v.Match.cases);
        table->st_cur->ste_in_conditional_block = saved;
        return 0;
    }
    case Raise_kind:
        TRY(visit_optional(table, s->v.Raise.exc));
        return visit_optional(table, s->v.Raise.cause);
    case Try_kind:
        return visit_try(table, s->v.Try.body, s->v.Try.handlers, s->v.Try.orelse, s->v.Try.finalbody);
    case TryStar_kind:
        return visit_try(table, s->v.TryStar.body, s->v.TryStar.handlers, s->v.TryStar.orelse, s->v.TryStar.finalbody);
    case Assert_kind:
        TRY(visit_expr(table, s->v.Assert.test));
        return visit_optional(table, s->v.Assert.msg);
    case Import_kind:
        TRY_SEQ(visit_alias, s->v.Import.names);
        return 0;
    case ImportFrom_kind:
        TRY_SEQ(visit_alias, s->v.ImportFrom.names);
        return 0;
    case Global_kind:
        return visit_scope_statement(table, s, s->v.Global.names, DEF_GLOBAL);
    case Nonlocal_kind:
        return visit_scope_statement(table, s, s->v.Nonlocal.names, DEF_NONLOCAL);
    case Expr_kind:
        return visit_expr(table, s->v.Expr.value);
    case With_kind:
        return visit_with(table, s->v.With.items, s->v.With.body);
    case AsyncWith_kind:
        return visit_with(table, s->v.AsyncWith.items, s->v.AsyncWith.body);
    case Pass_kind:
    case Break_kind:
    case Continue_kind:
    default:
        return 0;
    }
}

static int
visit_stmt(struct symtable *table, stmt_ty s)
{
    TRY(Py_EnterRecursiveCall(" during compilation"));
    int result = visit_stmt_inner(table, s);
    Py_LeaveRecursiveCall();
    return result;
}

static int
visit_pattern(struct symtable *table, pattern_ty p)
{
    switch (p->kind) {
    case MatchValue_kind:
        return visit_expr(table, p->v.MatchValue.value);
    case MatchSequence_kind:
        TRY_SEQ(visit_pattern, p->v.MatchSequence.patterns);
        return 0;
    case MatchStar_kind:
        return p->v.MatchStar.name ? add_def(table, p->v.MatchStar.name, DEF_LOCAL, LOCATION(p)) : 0;
    case MatchMapping_kind:
        TRY_SEQ(visit_expr, p->v.MatchMapping.keys);
        TRY_SEQ(visit_pattern, p->v.MatchMapping.patterns);
        return p->v.MatchMapping.rest ? add_def(table, p->v.MatchMapping.rest, DEF_LOCAL, LOCATION(p)) : 0;
    case MatchClass_kind:
        TRY(visit_expr(table, p->v.MatchClass.cls));
        TRY_SEQ(visit_pattern, p->v.MatchClass.patterns);
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(p->v.MatchClass.kwd_attrs); i++) {
            TRY(check_forbidden(table, asdl_seq_GET(p->v.MatchClass.kwd_attrs, i), Store, LOCATION(p)));
        }
        TRY_SEQ(visit_pattern, p->v.MatchClass.kwd_patterns);
        return 0;
    case MatchAs_kind:
        if (p->v.MatchAs.pattern != NULL) {
            TRY(visit_pattern(table, p->v.MatchAs.pattern));
        }
        return p->v.MatchAs.name ? add_def(table, p->v.MatchAs.name, DEF_LOCAL, LOCATION(p)) : 0;
    case MatchOr_kind:
        TRY_SEQ(visit_pattern, p->v.MatchOr.patterns);
        return 0;
    default:
        return 0;
    }
}

/* -- Walk: expressions --------------------------------------------------------------------------------------------- */

/* yield, await, walrus may not stand in annotation scopes. */
static int
forbid_in_annotations(struct symtable *table, expr_ty e, const char *what)
{
    char message[160];
    PySTEntryObject *entry = table->st_cur;
    switch (entry->ste_type) {
    case AnnotationBlock:
        snprintf(message, sizeof message, "%s cannot be used within an annotation", what);
        break;
    case TypeVariableBlock:
        snprintf(message, sizeof message, "%s cannot be used within %s", what,
                 entry->ste_scope_info ? entry->ste_scope_info : "a TypeVar bound");
        break;
    case TypeAliasBlock:
        snprintf(message, sizeof message, "%s cannot be used within a type alias", what);
        break;
    case TypeParametersBlock:
        snprintf(message, sizeof message, "%s cannot be used within the definition of a generic", what);
        break;
    default:
        return 0;
    }
    return _PySymtable_Error(table, LOCATION(e), message, NULL);
}

static int
forbid_in_comprehension(struct symtable *table, expr_ty e)
{
    static const char *const kinds[] = {
        [ListComprehension] = "'yield' inside list comprehension",
        [SetComprehension] = "'yield' inside set comprehension",
        [DictComprehension] = "'yield' inside dict comprehension",
        [GeneratorExpression] = "'yield' inside generator expression",
    };
    return _PySymtable_Error(table, LOCATION(e), kinds[table->st_cur->ste_comprehension], NULL);
}

/* The target of a walrus in a comprehension belongs to the block around all comprehensions. */
static int
extend_walrus_scope(struct symtable *table, expr_ty e)
{
    PyObject *name = e->v.Name.id;
    for (Py_ssize_t i = PyList_GET_SIZE(table->st_stack) - 1; i >= 0; i--) {
        PySTEntryObject *entry = (PySTEntryObject *)PyList_GET_ITEM(table->st_stack, i);
        if (entry->ste_comprehension != NoComprehension) {
            PyObject *mangled = _Py_MaybeMangle(table->st_private, table->st_cur, name);
            long flags = mangled ? _PyST_GetSymbol(entry, mangled) : -1;
            Py_XDECREF(mangled);
            if (flags < 0) {
                return -1;
            }
            if (flags & DEF_COMP_ITER && flags & DEF_LOCAL) {
                return _PySymtable_Error(table, LOCATION(e), "assignment expression cannot rebind comprehension "
                                         "iteration variable '%U'", name);
            }
            continue;
        }
        if (_PyST_IsFunctionLike(entry) && entry->ste_type == FunctionBlock) {
            PyObject *mangled = _Py_MaybeMangle(table->st_private, table->st_cur, name);
            long flags = mangled ? _PyST_GetSymbol(entry, mangled) : -1;
            Py_XDECREF(mangled);
            if (flags < 0) {
                return -1;
            }
            TRY(add_def(table, name, flags & DEF_GLOBAL ? DEF_GLOBAL : DEF_NONLOCAL, LOCATION(e)));
            TRY(add_directive(table, name, LOCATION(e)));
            return flags & DEF_GLOBAL ? 0 : add_def_to(table, name, DEF_LOCAL, entry, LOCATION(e));
        }
        if (entry->ste_type == ModuleBlock) {
            TRY(add_def(table, name, DEF_GLOBAL, LOCATION(e)));
            TRY(add_directive(table, name, LOCATION(e)));
            return add_def_to(table, name, DEF_GLOBAL, entry, LOCATION(e));
        }
        const char *message = entry->ste_type == ClassBlock
            ? "assignment expression within a comprehension cannot be used in a class body"
            : entry->ste_type == TypeParametersBlock
            ? "assignment expression within a comprehension cannot be used within the definition of a generic"
            : entry->ste_type == TypeAliasBlock
            ? "assignment expression within a comprehension cannot be used in a type alias"
            : entry->ste_type == TypeVariableBlock
            ? "assignment expression within a comprehension cannot be used in a TypeVar bound"
            : "assignment expression within a comprehension cannot be used within an annotation";
        return _PySymtable_Error(table, LOCATION(e), message, NULL);
    }
    return 0;
}

static int
visit_walrus(struct symtable *table, expr_ty e)
{
    if (table->st_cur->ste_comp_iter_expr > 0) {
        return _PySymtable_Error(table, LOCATION(e), WALRUS_IN_ITERABLE, NULL);
    }
    if (table->st_cur->ste_comprehension != NoComprehension) {
        TRY(extend_walrus_scope(table, e->v.NamedExpr.target));
    }
    TRY(visit_expr(table, e->v.NamedExpr.value));
    return visit_expr(table, e->v.NamedExpr.target);
}

static int
visit_generator(struct symtable *table, comprehension_ty c, int is_first)
{
    PySTEntryObject *entry = table->st_cur;
    entry->ste_comp_iter_target = 1;
    TRY(visit_expr(table, c->target));
    entry->ste_comp_iter_target = 0;
    if (!is_first) {
        entry->ste_comp_iter_expr++;
        TRY(visit_expr(table, c->iter));
        entry->ste_comp_iter_expr--;
    }
    TRY_SEQ(visit_expr, c->ifs);
    if (c->is_async) {
        entry->ste_coroutine = 1;
    }
    return 0;
}

static int
visit_comprehension(struct symtable *table, expr_ty e, const char *name, asdl_comprehension_seq *generators, expr_ty element,
                    expr_ty value, _Py_comprehension_ty kind)
{
    comprehension_ty first = asdl_seq_GET(generators, 0);
    /* The first iterable is evaluated in the block around. */
    table->st_cur->ste_comp_iter_expr++;
    TRY(visit_expr(table, first->iter));
    table->st_cur->ste_comp_iter_expr--;
    PySTEntryObject *outer = table->st_cur;
    int in_annotation_of_class = outer->ste_can_see_class_scope;
    PyObject *block_name = PyUnicode_InternFromString(name);
    int result = block_name ? enter_block(table, block_name, FunctionBlock, e, LOCATION(e)) : -1;
    Py_XDECREF(block_name);
    TRY(result);
    PySTEntryObject *entry = table->st_cur;
    entry->ste_comprehension = kind;
    entry->ste_comp_iter_expr = outer->ste_comp_iter_expr;
    if (in_annotation_of_class) {
        entry->ste_can_see_class_scope = 1;
        TRY(add_def(table, _Py_ID(__classdict__), USE, LOCATION(e)));
    }
    entry->ste_coroutine = first->is_async;
    PyObject *dot_zero = PyUnicode_InternFromString(".0");
    result = dot_zero ? add_def_to(table, dot_zero, DEF_PARAM, entry, LOCATION(e)) : -1;
    Py_XDECREF(dot_zero);
    TRY(result);
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(generators); i++) {
        TRY(visit_generator(table, asdl_seq_GET(generators, i), i == 0));
    }
    if (value != NULL) {
        TRY(visit_expr(table, value));
    }
    TRY(visit_expr(table, element));
    entry->ste_generator = kind == GeneratorExpression;
    int is_async = entry->ste_coroutine && kind != GeneratorExpression;
    TRY(exit_block(table));
    if (is_async) {
        table->st_cur->ste_coroutine = 1;
    }
    return 0;
}

static int
visit_lambda(struct symtable *table, expr_ty e)
{
    arguments_ty args = e->v.Lambda.args;
    TRY_SEQ(visit_expr, args->defaults);
    TRY_SEQ(visit_expr, args->kw_defaults);
    PyObject *name = PyUnicode_InternFromString("<lambda>");
    int in_class = table->st_cur->ste_can_see_class_scope;
    int result = name ? enter_block(table, name, FunctionBlock, e, LOCATION(e)) : -1;
    Py_XDECREF(name);
    TRY(result);
    if (in_class) {
        table->st_cur->ste_can_see_class_scope = 1;
        TRY(add_def(table, _Py_ID(__classdict__), USE, LOCATION(e)));
    }
    TRY(visit_arguments(table, args));
    TRY(visit_expr(table, e->v.Lambda.body));
    return exit_block(table);
}

static int
visit_name(struct symtable *table, expr_ty e)
{
    PyObject *name = e->v.Name.id;
    if (e->v.Name.ctx == Load) {
        if (table->st_cur->ste_in_unevaluated_annotation) {
            return 0;
        }
        TRY(add_def(table, name, USE, LOCATION(e)));
        /* super() needs __class__. */
        if (table->st_cur->ste_type == FunctionBlock && PyUnicode_EqualToUTF8(name, "super")) {
            return add_def(table, _Py_ID(__class__), USE, LOCATION(e));
        }
        return 0;
    }
    TRY(check_forbidden(table, name, e->v.Name.ctx, LOCATION(e)));
    return add_def(table, name, DEF_LOCAL, LOCATION(e));
}

static int
visit_expr_inner(struct symtable *table, expr_ty e)
{
    switch (e->kind) {
    case NamedExpr_kind:
        TRY(forbid_in_annotations(table, e, "named expression"));
        return visit_walrus(table, e);
    case BoolOp_kind:
        TRY_SEQ(visit_expr, e->v.BoolOp.values);
        return 0;
    case BinOp_kind:
        TRY(visit_expr(table, e->v.BinOp.left));
        return visit_expr(table, e->v.BinOp.right);
    case UnaryOp_kind:
        return visit_expr(table, e->v.UnaryOp.operand);
    case Lambda_kind:
        return visit_lambda(table, e);
    case IfExp_kind:
        TRY(visit_expr(table, e->v.IfExp.test));
        TRY(visit_expr(table, e->v.IfExp.body));
        return visit_expr(table, e->v.IfExp.orelse);
    case Dict_kind:
        TRY_SEQ(visit_expr, e->v.Dict.keys);
        TRY_SEQ(visit_expr, e->v.Dict.values);
        return 0;
    case Set_kind:
        TRY_SEQ(visit_expr, e->v.Set.elts);
        return 0;
    case GeneratorExp_kind:
        return visit_comprehension(table, e, "<genexpr>", e->v.GeneratorExp.generators, e->v.GeneratorExp.elt, NULL,
                                   GeneratorExpression);
    case ListComp_kind:
        return visit_comprehension(table, e, "<listcomp>", e->v.ListComp.generators, e->v.ListComp.elt, NULL,
                                   ListComprehension);
    case SetComp_kind:
        return visit_comprehension(table, e, "<setcomp>", e->v.SetComp.generators, e->v.SetComp.elt, NULL,
                                   SetComprehension);
    case DictComp_kind:
        return visit_comprehension(table, e, "<dictcomp>", e->v.DictComp.generators, e->v.DictComp.key,
                                   e->v.DictComp.value, DictComprehension);
    case Yield_kind:
    case YieldFrom_kind:
        TRY(forbid_in_annotations(table, e, "yield expression"));
        TRY(visit_optional(table, e->kind == Yield_kind ? e->v.Yield.value : e->v.YieldFrom.value));
        table->st_cur->ste_generator = 1;
        return table->st_cur->ste_comprehension != NoComprehension ? forbid_in_comprehension(table, e) : 0;
    case Await_kind:
        TRY(forbid_in_annotations(table, e, "await expression"));
        TRY(visit_expr(table, e->v.Await.value));
        table->st_cur->ste_coroutine = 1;
        return 0;
    case Compare_kind:
        TRY(visit_expr(table, e->v.Compare.left));
        TRY_SEQ(visit_expr, e->v.Compare.comparators);
        return 0;
    case Call_kind:
        TRY(visit_expr(table, e->v.Call.func));
        TRY_SEQ(visit_expr, e->v.Call.args);
        TRY_SEQ(visit_keyword, e->v.Call.keywords);
        return 0;
    case FormattedValue_kind:
        TRY(visit_expr(table, e->v.FormattedValue.value));
        return visit_optional(table, e->v.FormattedValue.format_spec);
    case Interpolation_kind:
        TRY(visit_expr(table, e->v.Interpolation.value));
        return visit_optional(table, e->v.Interpolation.format_spec);
    case JoinedStr_kind:
        TRY_SEQ(visit_expr, e->v.JoinedStr.values);
        return 0;
    case TemplateStr_kind:
        TRY_SEQ(visit_expr, e->v.TemplateStr.values);
        return 0;
    case Attribute_kind:
        if (e->v.Attribute.ctx != Load) {
            TRY(check_forbidden(table, e->v.Attribute.attr, e->v.Attribute.ctx, LOCATION(e)));
        }
        return visit_expr(table, e->v.Attribute.value);
    case Subscript_kind:
        TRY(visit_expr(table, e->v.Subscript.value));
        return visit_expr(table, e->v.Subscript.slice);
    case Starred_kind:
        return visit_expr(table, e->v.Starred.value);
    case Slice_kind:
        TRY(visit_optional(table, e->v.Slice.lower));
        TRY(visit_optional(table, e->v.Slice.upper));
        return visit_optional(table, e->v.Slice.step);
    case Name_kind:
        return visit_name(table, e);
    case List_kind:
        TRY_SEQ(visit_expr, e->v.List.elts);
        return 0;
    case Tuple_kind:
        TRY_SEQ(visit_expr, e->v.Tuple.elts);
        return 0;
    case Constant_kind:
    default:
        return 0;
    }
}

static int
visit_expr(struct symtable *table, expr_ty e)
{
    TRY(Py_EnterRecursiveCall(" during compilation"));
    int result = visit_expr_inner(table, e);
    Py_LeaveRecursiveCall();
    return result;
}

/* -- Tables ------------------------------------------------------------------------------------------------------------ */

static int
visit_module(struct symtable *table, mod_ty tree)
{
    switch (tree->kind) {
    case Module_kind:
        table->st_cur->ste_has_docstring = _PyAST_GetDocString(tree->v.Module.body) != NULL;
        TRY_SEQ(visit_stmt, tree->v.Module.body);
        return 0;
    case Expression_kind:
        return visit_expr(table, tree->v.Expression.body);
    case Interactive_kind:
        TRY_SEQ(visit_stmt, tree->v.Interactive.body);
        return 0;
    default:
        PyErr_SetString(PyExc_RuntimeError, "this compiler does not handle FunctionTypes");
        return -1;
    }
}

struct symtable *
_PySymtable_Build(mod_ty tree, PyObject *filename, _PyFutureFeatures *future)
{
    struct symtable *table = PyMem_Calloc(1, sizeof *table);
    if (table == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    table->st_filename = Py_NewRef(filename);
    table->st_future = future;
    table->st_stack = PyList_New(0);
    table->st_blocks = PyDict_New();
    PyObject *name = PyUnicode_InternFromString("top");
    int result = -1;
    if (table->st_stack != NULL && table->st_blocks != NULL && name != NULL) {
        result = enter_block(table, name, ModuleBlock, tree, (_Py_SourceLocation){0, 0, 0, 0});
    }
    Py_XDECREF(name);
    if (result == 0) {
        result = visit_module(table, tree);
    }
    if (result == 0 && (result = exit_block(table)) == 0) {
        result = _PySymtable_Analyze(table);
    }
    if (result < 0) {
        _PySymtable_Free(table);
        return NULL;
    }
    return table;
}

void
_PySymtable_Free(struct symtable *table)
{
    Py_XDECREF(table->st_filename);
    Py_XDECREF(table->st_blocks);
    Py_XDECREF(table->st_stack);
    PyMem_Free(table);
}

int
_PySymtable_LookupOptional(struct symtable *table, void *key, PySTEntryObject **entry)
{
    PyObject *number = PyLong_FromVoidPtr(key);
    if (number == NULL) {
        return -1;
    }
    int result = PyDict_GetItemRef(table->st_blocks, number, (PyObject **)entry);
    Py_DECREF(number);
    return result;
}

PySTEntryObject *
_PySymtable_Lookup(struct symtable *table, void *key)
{
    PySTEntryObject *entry;
    if (_PySymtable_LookupOptional(table, key, &entry) == 0) {
        PyErr_SetString(PyExc_KeyError, "unknown symbol table entry");
    }
    return entry;
}

struct symtable *
_Py_SymtableStringObjectFlags(const char *text, PyObject *filename, int start, PyCompilerFlags *flags)
{
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    struct symtable *table = NULL;
    _PyFutureFeatures future;
    mod_ty tree = _PyParser_ASTFromString(text, filename, start, flags, arena);
    if (tree != NULL && _PyFuture_FromAST(tree, filename, &future)) {
        future.ff_features |= flags->cf_flags;
        table = _PySymtable_Build(tree, filename, &future);
        if (table != NULL) {
            table->st_future = NULL;
        }
    }
    _PyArena_Free(arena);
    return table;
}

/* What is done to a syntax tree before the compiler sees it: docstrings are dropped at -OO, __debug__
   becomes a constant, "..." % (...) with simple fields becomes an f-string, number patterns become
   constants; and control flow that leaves a `finally` block is warned about.

   The tree is walked by the class descriptions (ast_info.h); the functions below the walk treat the few
   classes that need something. */
#include "Python.h"
#include "ast_info.h"
#include "pycore_pyerrors.h"  // _PyErr_EmitSyntaxWarning

struct preprocess {
    PyArena *arena;
    PyObject *filename;
    int optimize;
    bool future_annotations;  /* annotations are not evaluated, so they stay as written */
    bool only_check;          /* change nothing */
    bool warn;
    /* Where the statement being looked at is, as far as `finally` is concerned. */
    bool in_finally;
    bool in_function;
    bool in_loop;
};

static bool visit(struct preprocess *state, enum ast_class class, void *node);

/* -- Walk ---------------------------------------------------------------- */

static bool
visit_seq(struct preprocess *state, enum ast_class class, void *seq)
{
    asdl_generic_seq *items = seq;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(items); i++) {
        void *item = asdl_seq_GET(items, i);
        if (item != NULL && !visit(state, class, item)) {
            return false;
        }
    }
    return true;
}

static bool
has_parts(enum ast_class class)
{
    return _PyAST_Classes[class].role == AST_ROLE_SUM || _PyAST_Classes[class].role == AST_ROLE_PRODUCT;
}

/* Visits the fields of a concrete class. */
static bool
visit_fields(struct preprocess *state, enum ast_class class, void *base)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    for (int i = 0; i < info->field_count; i++) {
        const struct ast_field_info *field = &info->fields()[i];
        if (!has_parts(field->type)) {
            continue;
        }
        void *value = *(void **)((char *)base + field->offset);
        if (value == NULL) {
            continue;
        }
        bool sequence = field->count == AST_COUNT_SEQ || field->count == AST_COUNT_SEQOPT;
        if (!(sequence ? visit_seq(state, field->type, value) : visit(state, field->type, value))) {
            return false;
        }
    }
    return true;
}

static bool
visit_expr_fields(struct preprocess *state, expr_ty node)
{
    return visit_fields(state, AST_CLASS_expr + node->kind, &node->v);
}

/* -- Expressions --------------------------------------------------------- */

/* Makes the node a constant; the reference to `value` is stolen.  A failed computation is left for run
   time. */
static bool
make_constant(struct preprocess *state, expr_ty node, PyObject *value)
{
    if (value == NULL) {
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            return false;
        }
        PyErr_Clear();
        return true;
    }
    if (_PyArena_AddPyObject(state->arena, value) < 0) {
        Py_DECREF(value);
        return false;
    }
    node->kind = Constant_kind;
    node->v.Constant.value = value;
    node->v.Constant.kind = NULL;
    return true;
}

/* One field of a format: flags, width, precision, conversion; *position is behind the '%'. */
struct format_field {
    bool left;
    Py_ssize_t width, precision;      /* -1: absent */
    Py_UCS4 conversion;
};

enum { MAX_FORMAT_DIGITS = 3 };

static bool
parse_digits(PyObject *format, Py_ssize_t *position, Py_ssize_t *value)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(format), digits = 0;
    *value = 0;
    while (*position < length && Py_UNICODE_ISDIGIT(PyUnicode_READ_CHAR(format, *position)) &&
           PyUnicode_READ_CHAR(format, *position) < 128) {
        *value = *value * 10 + (PyUnicode_READ_CHAR(format, *position) - '0');
        ++*position;
        if (++digits > MAX_FORMAT_DIGITS) {
            return false;
        }
    }
    return true;
}

/* False: not one of the simple fields. */
static bool
parse_format_field(PyObject *format, Py_ssize_t *position, struct format_field *field)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(format);
    *field = (struct format_field){false, -1, -1, 0};
    for (; *position < length; ++*position) {
        Py_UCS4 c = PyUnicode_READ_CHAR(format, *position);
        if (c == '-') {
            field->left = true;
        }
        else if (c != '+' && c != ' ' && c != '#' && c != '0') {
            break;
        }
    }
    Py_ssize_t before = *position, value;
    if (!parse_digits(format, position, &value)) {
        return false;
    }
    if (*position > before) {
        field->width = value;
    }
    if (*position < length && PyUnicode_READ_CHAR(format, *position) == '.') {
        ++*position;
        if (!parse_digits(format, position, &value)) {
            return false;
        }
        field->precision = value;
    }
    if (*position >= length) {
        return false;
    }
    field->conversion = PyUnicode_READ_CHAR(format, (*position)++);
    return field->conversion == 's' || field->conversion == 'r' || field->conversion == 'a';
}

static expr_ty
text_constant(struct preprocess *state, PyObject *text)
{
    if (text == NULL || _PyArena_AddPyObject(state->arena, text) < 0) {
        Py_XDECREF(text);
        return NULL;
    }
    return _PyAST_Constant(text, NULL, -1, -1, -1, -1, state->arena);
}

static expr_ty
formatted_value(struct preprocess *state, const struct format_field *field, expr_ty value)
{
    expr_ty spec = NULL;
    if (field->width >= 0 || field->precision >= 0) {
        char text[2 * MAX_FORMAT_DIGITS + 8];
        int used = 0;
        if (field->width >= 0) {
            used = sprintf(text, "%s%d", field->left ? "" : ">", (int)field->width);
        }
        if (field->precision >= 0) {
            used += sprintf(text + used, ".%d", (int)field->precision);
        }
        spec = text_constant(state, PyUnicode_FromStringAndSize(text, used));
        if (spec == NULL) {
            return NULL;
        }
    }
    return _PyAST_FormattedValue(value, (int)field->conversion, spec, value->lineno, value->col_offset,
                                 value->end_lineno, value->end_col_offset, state->arena);
}

/* Literal text up to a field; "%%" is '%'.  *text is a new str, NULL with an exception. */
static void
parse_literal(PyObject *format, Py_ssize_t *position, PyObject **text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(format);
    *text = PyUnicode_FromStringAndSize(NULL, 0);
    while (*position < length && *text != NULL) {
        Py_ssize_t percent = PyUnicode_FindChar(format, '%', *position, length, 1);
        if (percent < 0) {
            percent = length;
        }
        bool doubled = percent + 1 < length && PyUnicode_READ_CHAR(format, percent + 1) == '%';
        PyUnicode_AppendAndDel(text, PyUnicode_Substring(format, *position, percent + doubled));
        *position = doubled ? percent + 2 : percent;
        if (!doubled) {
            return;
        }
    }
}

/* "format" % (values): an f-string if every field is %s, %r or %a and the numbers agree. */
static bool
fold_format(struct preprocess *state, expr_ty node, PyObject *format, asdl_expr_seq *values)
{
    Py_ssize_t count = asdl_seq_LEN(values), used = 0, out = 0, position = 0;
    Py_ssize_t length = PyUnicode_GET_LENGTH(format);
    asdl_expr_seq *parts = _Py_asdl_expr_seq_new(2 * count + 1, state->arena);
    if (parts == NULL) {
        return false;
    }
    for (;;) {
        PyObject *text;
        parse_literal(format, &position, &text);
        if (text == NULL) {
            return false;
        }
        if (PyUnicode_GET_LENGTH(text) > 0) {
            expr_ty literal = text_constant(state, text);
            if (literal == NULL) {
                return false;
            }
            asdl_seq_SET(parts, out++, literal);
        }
        else {
            Py_DECREF(text);
        }
        if (position >= length) {
            break;
        }
        struct format_field field;
        position++;
        if (used >= count || !parse_format_field(format, &position, &field)) {
            return true;
        }
        expr_ty value = formatted_value(state, &field, asdl_seq_GET(values, used++));
        if (value == NULL) {
            return false;
        }
        asdl_seq_SET(parts, out++, value);
    }
    if (used < count) {
        return true;
    }
    parts->size = out;
    node->kind = JoinedStr_kind;
    node->v.JoinedStr.values = parts;
    return true;
}

static bool
fold_binary(struct preprocess *state, expr_ty node)
{
    expr_ty left = node->v.BinOp.left, right = node->v.BinOp.right;
    if (state->only_check || node->v.BinOp.op != Mod || left->kind != Constant_kind ||
        right->kind != Tuple_kind || !PyUnicode_Check(left->v.Constant.value)) {
        return true;
    }
    asdl_expr_seq *values = right->v.Tuple.elts;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(values); i++) {
        if (asdl_seq_GET(values, i)->kind == Starred_kind) {
            return true;
        }
    }
    return fold_format(state, node, left->v.Constant.value, values);
}

static bool
visit_expr(struct preprocess *state, expr_ty node)
{
    if (node->kind == Name_kind) {
        if (!state->only_check && node->v.Name.ctx == Load &&
            PyUnicode_EqualToUTF8(node->v.Name.id, "__debug__")) {
            return make_constant(state, node, PyBool_FromLong(state->optimize == 0));
        }
        return true;
    }
    if (node->kind == Constant_kind) {
        return true;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool ok = visit_expr_fields(state, node) && (node->kind != BinOp_kind || fold_binary(state, node));
    Py_LeaveRecursiveCall();
    return ok;
}

/* -- Patterns ------------------------------------------------------------ */

/* -1, 1+2j and the like become constants. */
static bool
fold_number(struct preprocess *state, expr_ty node)
{
    if (state->only_check) {
        return true;
    }
    if (node->kind == UnaryOp_kind && node->v.UnaryOp.op == USub &&
        node->v.UnaryOp.operand->kind == Constant_kind) {
        return make_constant(state, node, PyNumber_Negative(node->v.UnaryOp.operand->v.Constant.value));
    }
    if (node->kind == BinOp_kind && (node->v.BinOp.op == Add || node->v.BinOp.op == Sub) &&
        node->v.BinOp.right->kind == Constant_kind) {
        if (!fold_number(state, node->v.BinOp.left)) {
            return false;
        }
        if (node->v.BinOp.left->kind == Constant_kind) {
            PyObject *left = node->v.BinOp.left->v.Constant.value;
            PyObject *right = node->v.BinOp.right->v.Constant.value;
            return make_constant(state, node, node->v.BinOp.op == Add ? PyNumber_Add(left, right)
                                                                     : PyNumber_Subtract(left, right));
        }
    }
    return true;
}

static bool
visit_pattern(struct preprocess *state, pattern_ty node)
{
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool ok = true;
    if (node->kind == MatchValue_kind) {
        ok = fold_number(state, node->v.MatchValue.value);
    }
    else if (node->kind == MatchMapping_kind) {
        asdl_expr_seq *keys = node->v.MatchMapping.keys;
        for (Py_ssize_t i = 0; ok && i < asdl_seq_LEN(keys); i++) {
            expr_ty key = asdl_seq_GET(keys, i);
            ok = key == NULL || fold_number(state, key);
        }
        ok = ok && visit_seq(state, AST_CLASS_pattern, node->v.MatchMapping.patterns);
    }
    else {
        ok = visit_fields(state, AST_CLASS_pattern + node->kind, &node->v);
    }
    Py_LeaveRecursiveCall();
    return ok;
}

/* -- Bodies -------------------------------------------------------------- */

PyObject *
_PyAST_GetDocString(asdl_stmt_seq *body)
{
    if (asdl_seq_LEN(body) == 0) {
        return NULL;
    }
    stmt_ty first = asdl_seq_GET(body, 0);
    if (first->kind != Expr_kind) {
        return NULL;
    }
    expr_ty value = first->v.Expr.value;
    return value->kind == Constant_kind && PyUnicode_CheckExact(value->v.Constant.value)
               ? value->v.Constant.value : NULL;
}

/* Takes the docstring out; a body does not become empty. */
static bool
remove_docstring(struct preprocess *state, asdl_stmt_seq *body)
{
    if (body->size == 1) {
        stmt_ty first = asdl_seq_GET(body, 0);
        stmt_ty pass = _PyAST_Pass(first->lineno, first->col_offset, first->end_lineno, first->end_col_offset,
                                   state->arena);
        if (pass == NULL) {
            return false;
        }
        asdl_seq_SET(body, 0, pass);
        return true;
    }
    memmove(body->typed_elements, body->typed_elements + 1, (body->size - 1) * sizeof(body->typed_elements[0]));
    body->size--;
    return true;
}

/* Body of a module, function or class. */
static bool
visit_body(struct preprocess *state, asdl_stmt_seq *body)
{
    bool docstring = _PyAST_GetDocString(body) != NULL;
    if (docstring && state->optimize >= 2 && !state->only_check) {
        if (!remove_docstring(state, body)) {
            return false;
        }
        docstring = false;
    }
    if (!visit_seq(state, AST_CLASS_stmt, body)) {
        return false;
    }
    if (!docstring && !state->only_check && _PyAST_GetDocString(body) != NULL) {
        /* A string that only came to stand first is no docstring: hide it in an f-string. */
        expr_ty value = asdl_seq_GET(body, 0)->v.Expr.value;
        asdl_expr_seq *values = _Py_asdl_expr_seq_new(1, state->arena);
        if (values == NULL) {
            return false;
        }
        asdl_seq_SET(values, 0, value);
        expr_ty hidden = _PyAST_JoinedStr(values, value->lineno, value->col_offset, value->end_lineno,
                                          value->end_col_offset, state->arena);
        if (hidden == NULL) {
            return false;
        }
        asdl_seq_GET(body, 0)->v.Expr.value = hidden;
    }
    return true;
}

/* -- Statements ---------------------------------------------------------- */

static bool
warn_leaves_finally(struct preprocess *state, stmt_ty node, const char *what)
{
    if (!state->warn) {
        return true;
    }
    PyObject *message = PyUnicode_FromFormat("'%s' in a 'finally' block", what);
    if (message == NULL) {
        return false;
    }
    int result = _PyErr_EmitSyntaxWarning(message, state->filename, node->lineno, node->col_offset + 1,
                                          node->end_lineno, node->end_col_offset + 1);
    Py_DECREF(message);
    return result >= 0;
}

/* Visits statements in another place. */
static bool
visit_stmts_in(struct preprocess *state, asdl_stmt_seq *body, bool in_finally, bool in_function, bool in_loop)
{
    struct preprocess saved = *state;
    state->in_finally = in_finally;
    state->in_function = in_function;
    state->in_loop = in_loop;
    bool ok = in_function ? visit_body(state, body) : visit_seq(state, AST_CLASS_stmt, body);
    state->in_finally = saved.in_finally;
    state->in_function = saved.in_function;
    state->in_loop = saved.in_loop;
    return ok;
}

static bool
visit_annotation(struct preprocess *state, expr_ty annotation)
{
    return annotation == NULL || state->future_annotations || visit_expr(state, annotation);
}

static bool
visit_arg(struct preprocess *state, arg_ty arg)
{
    return arg == NULL || visit_annotation(state, arg->annotation);
}

/* Functions of both kinds have the same fields. */
static bool
visit_function(struct preprocess *state, stmt_ty node)
{
    static_assert(sizeof(struct _AST_FunctionDef_fields) == sizeof(struct _AST_AsyncFunctionDef_fields),
                  "one is read as the other");
    struct _AST_FunctionDef_fields *f = &node->v.FunctionDef;
    return visit_seq(state, AST_CLASS_type_param, f->type_params) && visit(state, AST_CLASS_arguments, f->args) &&
           visit_stmts_in(state, f->body, false, true, false) &&
           visit_seq(state, AST_CLASS_expr, f->decorator_list) && visit_annotation(state, f->returns);
}

static bool
visit_class(struct preprocess *state, stmt_ty node)
{
    struct _AST_ClassDef_fields *c = &node->v.ClassDef;
    return visit_seq(state, AST_CLASS_type_param, c->type_params) && visit_seq(state, AST_CLASS_expr, c->bases) &&
           visit_seq(state, AST_CLASS_keyword, c->keywords) && visit_body(state, c->body) &&
           visit_seq(state, AST_CLASS_expr, c->decorator_list);
}

static bool
visit_for(struct preprocess *state, stmt_ty node)
{
    struct _AST_For_fields *f = &node->v.For;
    return visit_expr(state, f->target) && visit_expr(state, f->iter) &&
           visit_stmts_in(state, f->body, false, false, true) && visit_seq(state, AST_CLASS_stmt, f->orelse);
}

static bool
visit_while(struct preprocess *state, stmt_ty node)
{
    struct _AST_While_fields *w = &node->v.While;
    return visit_expr(state, w->test) && visit_stmts_in(state, w->body, false, false, true) &&
           visit_seq(state, AST_CLASS_stmt, w->orelse);
}

static bool
visit_try(struct preprocess *state, stmt_ty node)
{
    struct _AST_Try_fields *t = &node->v.Try;
    return visit_seq(state, AST_CLASS_stmt, t->body) && visit_seq(state, AST_CLASS_excepthandler, t->handlers) &&
           visit_seq(state, AST_CLASS_stmt, t->orelse) &&
           visit_stmts_in(state, t->finalbody, true, false, false);
}

static bool
visit_stmt_raw(struct preprocess *state, stmt_ty node)
{
    switch (node->kind) {
        case FunctionDef_kind:
        case AsyncFunctionDef_kind:
            return visit_function(state, node);
        case ClassDef_kind:
            return visit_class(state, node);
        case For_kind:
        case AsyncFor_kind:
            return visit_for(state, node);
        case While_kind:
            return visit_while(state, node);
        case Try_kind:
        case TryStar_kind:
            return visit_try(state, node);
        case AnnAssign_kind:
            return visit_expr(state, node->v.AnnAssign.target) &&
                   visit_annotation(state, node->v.AnnAssign.annotation) &&
                   (node->v.AnnAssign.value == NULL || visit_expr(state, node->v.AnnAssign.value));
        case Return_kind:
            if (state->in_finally && !state->in_function && !warn_leaves_finally(state, node, "return")) {
                return false;
            }
            break;
        case Break_kind:
        case Continue_kind:
            if (state->in_finally && !state->in_function && !state->in_loop) {
                return warn_leaves_finally(state, node, node->kind == Break_kind ? "break" : "continue");
            }
            return true;
        default:
            break;
    }
    return visit_fields(state, AST_CLASS_stmt + node->kind, &node->v);
}

static bool
visit_stmt(struct preprocess *state, stmt_ty node)
{
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool ok = visit_stmt_raw(state, node);
    Py_LeaveRecursiveCall();
    return ok;
}

/* `class` is a sum or a product. */
static bool
visit(struct preprocess *state, enum ast_class class, void *node)
{
    switch ((int)class) {
        case AST_CLASS_expr:
            return visit_expr(state, node);
        case AST_CLASS_stmt:
            return visit_stmt(state, node);
        case AST_CLASS_pattern:
            return visit_pattern(state, node);
        case AST_CLASS_arg:
            return visit_arg(state, node);
        default:
            break;
    }
    const struct ast_class_info *info = &_PyAST_Classes[class];
    if (info->role == AST_ROLE_SUM) {
        return visit_fields(state, class + *(int *)node, (char *)node + info->union_offset);
    }
    return visit_fields(state, class, node);
}

int
_PyAST_Preprocess(mod_ty tree, PyArena *arena, PyObject *filename, int optimize, int ff_features,
                  int syntax_check_only, int enable_warnings)
{
    struct preprocess state = {
        .arena = arena,
        .filename = filename,
        .optimize = optimize,
        .future_annotations = (ff_features & CO_FUTURE_ANNOTATIONS) != 0,
        .only_check = syntax_check_only != 0,
        .warn = enable_warnings != 0,
    };
    if (tree->kind == Module_kind) {
        return visit_body(&state, tree->v.Module.body);
    }
    return tree->kind == FunctionType_kind || visit(&state, AST_CLASS_mod, tree);
}

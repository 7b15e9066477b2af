/* Checks of syntax trees that programs build: what the parser guarantees and the compiler relies on.

   Each validate_xxx returns false with an exception. */
#include "Python.h"
#include "pycore_ast.h"

#include <stdbool.h>

static bool validate_stmt(stmt_ty stmt);
static bool validate_expr(expr_ty expr, expr_context_ty ctx);
static bool validate_pattern(pattern_ty pattern, bool star_ok);

/* -- Small checks -------------------------------------------------------- */

static bool
value_error(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return false;
}

static bool
validate_position(int lineno, int col, int end_lineno, int end_col)
{
    if (lineno > end_lineno) {
        PyErr_Format(PyExc_ValueError, "AST node line range (%d, %d) is not valid", lineno, end_lineno);
        return false;
    }
    if ((lineno < 0 && end_lineno != lineno) || (col < 0 && col != end_col)) {
        PyErr_Format(PyExc_ValueError, "AST node column range (%d, %d) for line range (%d, %d) is not valid",
                     col, end_col, lineno, end_lineno);
        return false;
    }
    if (lineno == end_lineno && col > end_col) {
        PyErr_Format(PyExc_ValueError, "line %d, column %d-%d is not a valid range", lineno, col, end_col);
        return false;
    }
    return true;
}

#define VALIDATE_POSITION(node) \
    validate_position((node)->lineno, (node)->col_offset, (node)->end_lineno, (node)->end_col_offset)

/* None, True and False are no names. */
static bool
validate_name(PyObject *name)
{
    static const char *const forbidden[] = {"None", "True", "False"};
    assert(PyUnicode_Check(name));
    for (size_t i = 0; i < Py_ARRAY_LENGTH(forbidden); i++) {
        if (PyUnicode_EqualToUTF8(name, forbidden[i])) {
            PyErr_Format(PyExc_ValueError, "identifier field can't represent '%s' constant", forbidden[i]);
            return false;
        }
    }
    return true;
}

static bool
nonempty(Py_ssize_t size, const char *what, const char *owner)
{
    if (size > 0) {
        return true;
    }
    PyErr_Format(PyExc_ValueError, "empty %s on %s", what, owner);
    return false;
}

static const char *
context_name(expr_context_ty ctx)
{
    return ctx == Load ? "Load" : ctx == Store ? "Store" : "Del";
}

/* -- Constants ----------------------------------------------------------- */

static bool validate_constant(PyObject *value);

static bool
validate_constant_items(PyObject *value)
{
    PyObject *iterator = PyObject_GetIter(value), *item;
    if (iterator == NULL) {
        return false;
    }
    bool ok = true;
    while (ok && (item = PyIter_Next(iterator)) != NULL) {
        ok = validate_constant(item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return ok && !PyErr_Occurred();
}

static bool
validate_constant(PyObject *value)
{
    assert(!PyErr_Occurred());
    if (value == Py_None || value == Py_Ellipsis || PyLong_CheckExact(value) || PyFloat_CheckExact(value) ||
        PyComplex_CheckExact(value) || PyBool_Check(value) || PyUnicode_CheckExact(value) ||
        PyBytes_CheckExact(value)) {
        return true;
    }
    if (PyTuple_CheckExact(value) || PyFrozenSet_CheckExact(value)) {
        if (Py_EnterRecursiveCall(" during compilation")) {
            return false;
        }
        bool ok = validate_constant_items(value);
        Py_LeaveRecursiveCall();
        return ok;
    }
    PyErr_Format(PyExc_TypeError, "got an invalid type in Constant: %s", Py_TYPE(value)->tp_name);
    return false;
}

/* -- Parts of expressions ------------------------------------------------ */

static bool
validate_exprs(asdl_expr_seq *exprs, expr_context_ty ctx, bool null_ok)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(exprs); i++) {
        expr_ty expr = asdl_seq_GET(exprs, i);
        if (expr != NULL) {
            if (!validate_expr(expr, ctx)) {
                return false;
            }
        }
        else if (!null_ok) {
            return value_error("None disallowed in expression list");
        }
    }
    return true;
}

static bool
optional_expr(expr_ty expr)
{
    return expr == NULL || validate_expr(expr, Load);
}

static bool
validate_comprehension(asdl_comprehension_seq *clauses)
{
    if (asdl_seq_LEN(clauses) == 0) {
        return value_error("comprehension with no generators");
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(clauses); i++) {
        comprehension_ty clause = asdl_seq_GET(clauses, i);
        if (!validate_expr(clause->target, Store) || !validate_expr(clause->iter, Load) ||
            !validate_exprs(clause->ifs, Load, false)) {
            return false;
        }
    }
    return true;
}

static bool
validate_keywords(asdl_keyword_seq *keywords)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(keywords); i++) {
        keyword_ty keyword = asdl_seq_GET(keywords, i);
        if (!VALIDATE_POSITION(keyword) || !validate_expr(keyword->value, Load)) {
            return false;
        }
    }
    return true;
}

static bool
validate_arg(arg_ty arg)
{
    return arg == NULL || (VALIDATE_POSITION(arg) && optional_expr(arg->annotation));
}

static bool
validate_args(asdl_arg_seq *args)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(args); i++) {
        if (!validate_arg(asdl_seq_GET(args, i))) {
            return false;
        }
    }
    return true;
}

static bool
validate_arguments(arguments_ty args)
{
    if (!validate_args(args->posonlyargs) || !validate_args(args->args) || !validate_arg(args->vararg) ||
        !validate_args(args->kwonlyargs) || !validate_arg(args->kwarg)) {
        return false;
    }
    if (asdl_seq_LEN(args->defaults) > asdl_seq_LEN(args->posonlyargs) + asdl_seq_LEN(args->args)) {
        return value_error("more positional defaults than args on arguments");
    }
    if (asdl_seq_LEN(args->kw_defaults) != asdl_seq_LEN(args->kwonlyargs)) {
        return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
    }
    return validate_exprs(args->defaults, Load, false) && validate_exprs(args->kw_defaults, Load, true);
}

/* -- Expressions --------------------------------------------------------- */

/* The node's context, or Load if it has none; *fixed: it has none. */
static expr_context_ty
context_of(expr_ty expr, bool *fixed)
{
    *fixed = false;
    switch (expr->kind) {
        case Attribute_kind: return expr->v.Attribute.ctx;
        case Subscript_kind: return expr->v.Subscript.ctx;
        case Starred_kind: return expr->v.Starred.ctx;
        case Name_kind: return expr->v.Name.ctx;
        case List_kind: return expr->v.List.ctx;
        case Tuple_kind: return expr->v.Tuple.ctx;
        default:
            *fixed = true;
            return Load;
    }
}

static bool
validate_context(expr_ty expr, expr_context_ty ctx)
{
    bool fixed;
    expr_context_ty actual = context_of(expr, &fixed);
    if (expr->kind == Name_kind && !validate_name(expr->v.Name.id)) {
        return false;
    }
    if (fixed && ctx != Load) {
        PyErr_Format(PyExc_ValueError, "expression which can't be assigned to in %s context", context_name(ctx));
        return false;
    }
    if (!fixed && actual != ctx) {
        PyErr_Format(PyExc_ValueError, "expression must have %s context but has %s instead", context_name(ctx),
                     context_name(actual));
        return false;
    }
    return true;
}

static bool
validate_dict(expr_ty expr)
{
    if (asdl_seq_LEN(expr->v.Dict.keys) != asdl_seq_LEN(expr->v.Dict.values)) {
        return value_error("Dict doesn't have the same number of keys as values");
    }
    return validate_exprs(expr->v.Dict.keys, Load, true) && validate_exprs(expr->v.Dict.values, Load, false);
}

static bool
validate_compare(expr_ty expr)
{
    if (asdl_seq_LEN(expr->v.Compare.comparators) == 0) {
        return value_error("Compare has no comparators");
    }
    if (asdl_seq_LEN(expr->v.Compare.comparators) != asdl_seq_LEN(expr->v.Compare.ops)) {
        return value_error("Compare has a different number of comparators and operands");
    }
    return validate_exprs(expr->v.Compare.comparators, Load, false) && validate_expr(expr->v.Compare.left, Load);
}

static bool
validate_expr_raw(expr_ty expr, expr_context_ty ctx)
{
    switch (expr->kind) {
        case BoolOp_kind:
            if (asdl_seq_LEN(expr->v.BoolOp.values) < 2) {
                return value_error("BoolOp with less than 2 values");
            }
            return validate_exprs(expr->v.BoolOp.values, Load, false);
        case BinOp_kind:
            return validate_expr(expr->v.BinOp.left, Load) && validate_expr(expr->v.BinOp.right, Load);
        case UnaryOp_kind:
            return validate_expr(expr->v.UnaryOp.operand, Load);
        case Lambda_kind:
            return validate_arguments(expr->v.Lambda.args) && validate_expr(expr->v.Lambda.body, Load);
        case IfExp_kind:
            return validate_expr(expr->v.IfExp.test, Load) && validate_expr(expr->v.IfExp.body, Load) &&
                   validate_expr(expr->v.IfExp.orelse, Load);
        case Dict_kind:
            return validate_dict(expr);
        case Set_kind:
            return validate_exprs(expr->v.Set.elts, Load, false);
        case ListComp_kind:
            return validate_comprehension(expr->v.ListComp.generators) && validate_expr(expr->v.ListComp.elt, Load);
        case SetComp_kind:
            return validate_comprehension(expr->v.SetComp.generators) && validate_expr(expr->v.SetComp.elt, Load);
        case GeneratorExp_kind:
            return validate_comprehension(expr->v.GeneratorExp.generators) &&
                   validate_expr(expr->v.GeneratorExp.elt, Load);
        case DictComp_kind:
            return validate_comprehension(expr->v.DictComp.generators) &&
                   validate_expr(expr->v.DictComp.key, Load) && validate_expr(expr->v.DictComp.value, Load);
        case Yield_kind:
            return optional_expr(expr->v.Yield.value);
        case YieldFrom_kind:
            return validate_expr(expr->v.YieldFrom.value, Load);
        case Await_kind:
            return validate_expr(expr->v.Await.value, Load);
        case Compare_kind:
            return validate_compare(expr);
        case Call_kind:
            return validate_expr(expr->v.Call.func, Load) && validate_exprs(expr->v.Call.args, Load, false) &&
                   validate_keywords(expr->v.Call.keywords);
        case Constant_kind:
            return validate_constant(expr->v.Constant.value);
        case JoinedStr_kind:
            return validate_exprs(expr->v.JoinedStr.values, Load, false);
        case TemplateStr_kind:
            return validate_exprs(expr->v.TemplateStr.values, Load, false);
        case FormattedValue_kind:
            return validate_expr(expr->v.FormattedValue.value, Load) &&
                   optional_expr(expr->v.FormattedValue.format_spec);
        case Interpolation_kind:
            return validate_expr(expr->v.Interpolation.value, Load) &&
                   optional_expr(expr->v.Interpolation.format_spec);
        case Attribute_kind:
            return validate_expr(expr->v.Attribute.value, Load);
        case Subscript_kind:
            return validate_expr(expr->v.Subscript.slice, Load) && validate_expr(expr->v.Subscript.value, Load);
        case Starred_kind:
            return validate_expr(expr->v.Starred.value, ctx);
        case List_kind:
            return validate_exprs(expr->v.List.elts, ctx, false);
        case Tuple_kind:
            return validate_exprs(expr->v.Tuple.elts, ctx, false);
        case NamedExpr_kind:
            if (expr->v.NamedExpr.target->kind != Name_kind) {
                PyErr_SetString(PyExc_TypeError, "NamedExpr target must be a Name");
                return false;
            }
            return validate_expr(expr->v.NamedExpr.value, Load);
        case Slice_kind:
            return optional_expr(expr->v.Slice.lower) && optional_expr(expr->v.Slice.upper) &&
                   optional_expr(expr->v.Slice.step);
        case Name_kind:
            return true;
        default:
            PyErr_SetString(PyExc_SystemError, "unexpected expression");
            return false;
    }
}

static bool
validate_expr(expr_ty expr, expr_context_ty ctx)
{
    if (!VALIDATE_POSITION(expr)) {
        return false;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool ok = validate_context(expr, ctx) && validate_expr_raw(expr, ctx);
    Py_LeaveRecursiveCall();
    return ok;
}

/* -- Patterns ------------------------------------------------------------ */

/* -1, 1+2j, ... */
static bool
is_number_pattern(expr_ty expr, bool ints, bool floats, bool complexes)
{
    if (expr->kind == UnaryOp_kind && expr->v.UnaryOp.op == USub) {
        expr = expr->v.UnaryOp.operand;
    }
    if (expr->kind != Constant_kind) {
        return false;
    }
    PyObject *value = expr->v.Constant.value;
    return (ints && PyLong_CheckExact(value)) || (floats && PyFloat_CheckExact(value)) ||
           (complexes && PyComplex_CheckExact(value));
}

static bool
validate_match_value(expr_ty expr)
{
    if (!validate_expr(expr, Load)) {
        return false;
    }
    switch (expr->kind) {
        case Constant_kind: {
            PyObject *value = expr->v.Constant.value;
            if (value == Py_Ellipsis) {
                return value_error("unexpected constant inside of a literal pattern");
            }
            if (PyLong_CheckExact(value) || PyFloat_CheckExact(value) || PyBytes_CheckExact(value) ||
                PyComplex_CheckExact(value) || PyUnicode_CheckExact(value)) {
                return true;
            }
            return value_error("unexpected constant inside of a literal pattern");
        }
        case Attribute_kind:
            return true;          /* Constants and attributes are all that is allowed of names. */
        case UnaryOp_kind:
            if (is_number_pattern(expr, true, true, true)) {
                return true;
            }
            break;
        case BinOp_kind: {
            operator_ty op = expr->v.BinOp.op;
            expr_ty right = expr->v.BinOp.right;
            if ((op == Add || op == Sub) && is_number_pattern(expr->v.BinOp.left, true, true, false) &&
                right->kind == Constant_kind && is_number_pattern(right, false, false, true)) {
                return true;
            }
            break;
        }
        case JoinedStr_kind:
        case TemplateStr_kind:
            return true;          /* the compiler tells */
        default:
            break;
    }
    return value_error("patterns may only match literals and attribute lookups");
}

static bool
validate_capture(PyObject *name)
{
    if (PyUnicode_EqualToUTF8(name, "_")) {
        return value_error("can't capture name '_' in patterns");
    }
    return validate_name(name);
}

static bool
validate_patterns(asdl_pattern_seq *patterns, bool star_ok)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(patterns); i++) {
        if (!validate_pattern(asdl_seq_GET(patterns, i), star_ok)) {
            return false;
        }
    }
    return true;
}

static bool
validate_mapping_pattern(pattern_ty pattern)
{
    asdl_expr_seq *keys = pattern->v.MatchMapping.keys;
    if (asdl_seq_LEN(keys) != asdl_seq_LEN(pattern->v.MatchMapping.patterns)) {
        return value_error("MatchMapping doesn't have the same number of keys as patterns");
    }
    if (pattern->v.MatchMapping.rest != NULL && !validate_capture(pattern->v.MatchMapping.rest)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(keys); i++) {
        expr_ty key = asdl_seq_GET(keys, i);
        if (key->kind == Constant_kind) {
            PyObject *value = key->v.Constant.value;
            if (value == Py_None || value == Py_True || value == Py_False) {
                continue;         /* allowed as keys, not as values */
            }
        }
        if (!validate_match_value(key)) {
            return false;
        }
    }
    return validate_patterns(pattern->v.MatchMapping.patterns, false);
}

static bool
validate_class_pattern(pattern_ty pattern)
{
    asdl_identifier_seq *names = pattern->v.MatchClass.kwd_attrs;
    if (asdl_seq_LEN(names) != asdl_seq_LEN(pattern->v.MatchClass.kwd_patterns)) {
        return value_error("MatchClass doesn't have the same number of keyword attributes as patterns");
    }
    if (!validate_expr(pattern->v.MatchClass.cls, Load)) {
        return false;
    }
    for (expr_ty cls = pattern->v.MatchClass.cls; cls->kind != Name_kind; cls = cls->v.Attribute.value) {
        if (cls->kind != Attribute_kind) {
            return value_error("MatchClass cls field can only contain Name or Attribute nodes.");
        }
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(names); i++) {
        if (!validate_name(asdl_seq_GET(names, i))) {
            return false;
        }
    }
    return validate_patterns(pattern->v.MatchClass.patterns, false) &&
           validate_patterns(pattern->v.MatchClass.kwd_patterns, false);
}

static bool
validate_as_pattern(pattern_ty pattern)
{
    if (pattern->v.MatchAs.name != NULL && !validate_capture(pattern->v.MatchAs.name)) {
        return false;
    }
    if (pattern->v.MatchAs.pattern == NULL) {
        return true;
    }
    if (pattern->v.MatchAs.name == NULL) {
        return value_error("MatchAs must specify a target name if a pattern is given");
    }
    return validate_pattern(pattern->v.MatchAs.pattern, false);
}

static bool
validate_pattern_raw(pattern_ty pattern, bool star_ok)
{
    switch (pattern->kind) {
        case MatchValue_kind:
            return validate_match_value(pattern->v.MatchValue.value);
        case MatchSingleton_kind: {
            PyObject *value = pattern->v.MatchSingleton.value;
            if (value == Py_None || value == Py_True || value == Py_False) {
                return true;
            }
            return value_error("MatchSingleton can only contain True, False and None");
        }
        case MatchSequence_kind:
            return validate_patterns(pattern->v.MatchSequence.patterns, true);
        case MatchMapping_kind:
            return validate_mapping_pattern(pattern);
        case MatchClass_kind:
            return validate_class_pattern(pattern);
        case MatchStar_kind:
            if (!star_ok) {
                return value_error("can't use MatchStar here");
            }
            return pattern->v.MatchStar.name == NULL || validate_capture(pattern->v.MatchStar.name);
        case MatchAs_kind:
            return validate_as_pattern(pattern);
        case MatchOr_kind:
            if (asdl_seq_LEN(pattern->v.MatchOr.patterns) < 2) {
                return value_error("MatchOr requires at least 2 patterns");
            }
            return validate_patterns(pattern->v.MatchOr.patterns, false);
        default:
            PyErr_SetString(PyExc_SystemError, "unexpected pattern");
            return false;
    }
}

static bool
validate_pattern(pattern_ty pattern, bool star_ok)
{
    if (!VALIDATE_POSITION(pattern)) {
        return false;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool ok = validate_pattern_raw(pattern, star_ok);
    Py_LeaveRecursiveCall();
    return ok;
}

/* -- Statements ---------------------------------------------------------- */

static bool
validate_stmts(asdl_stmt_seq *stmts)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(stmts); i++) {
        stmt_ty stmt = asdl_seq_GET(stmts, i);
        if (stmt == NULL) {
            return value_error("None disallowed in statement list");
        }
        if (!validate_stmt(stmt)) {
            return false;
        }
    }
    return true;
}

static bool
validate_body(asdl_stmt_seq *body, const char *owner)
{
    return nonempty(asdl_seq_LEN(body), "body", owner) && validate_stmts(body);
}

static bool
validate_targets(asdl_expr_seq *targets, expr_context_ty ctx)
{
    return nonempty(asdl_seq_LEN(targets), "targets", ctx == Del ? "Delete" : "Assign") &&
           validate_exprs(targets, ctx, false);
}

static bool
validate_type_params(asdl_type_param_seq *params)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(params); i++) {
        type_param_ty param = asdl_seq_GET(params, i);
        if (param == NULL) {
            continue;
        }
        if (!VALIDATE_POSITION(param)) {
            return false;
        }
        PyObject *name;
        expr_ty bound = NULL, value;
        switch (param->kind) {
            case TypeVar_kind:
                name = param->v.TypeVar.name;
                bound = param->v.TypeVar.bound;
                value = param->v.TypeVar.default_value;
                break;
            case ParamSpec_kind:
                name = param->v.ParamSpec.name;
                value = param->v.ParamSpec.default_value;
                break;
            default:
                name = param->v.TypeVarTuple.name;
                value = param->v.TypeVarTuple.default_value;
                break;
        }
        if (!validate_name(name) || !optional_expr(bound) || !optional_expr(value)) {
            return false;
        }
    }
    return true;
}

/* Functions of both kinds have the same fields. */
static bool
validate_function(stmt_ty stmt, const char *owner)
{
    struct _AST_FunctionDef_fields *f = &stmt->v.FunctionDef;
    return validate_body(f->body, owner) && validate_type_params(f->type_params) &&
           validate_arguments(f->args) && validate_exprs(f->decorator_list, Load, false) &&
           optional_expr(f->returns);
}

static bool
validate_class(stmt_ty stmt)
{
    struct _AST_ClassDef_fields *c = &stmt->v.ClassDef;
    return validate_body(c->body, "ClassDef") && validate_type_params(c->type_params) &&
           validate_exprs(c->bases, Load, false) && validate_keywords(c->keywords) &&
           validate_exprs(c->decorator_list, Load, false);
}

static bool
validate_type_alias(stmt_ty stmt)
{
    if (stmt->v.TypeAlias.name->kind != Name_kind) {
        PyErr_SetString(PyExc_TypeError, "TypeAlias with non-Name name");
        return false;
    }
    return validate_expr(stmt->v.TypeAlias.name, Store) && validate_type_params(stmt->v.TypeAlias.type_params) &&
           validate_expr(stmt->v.TypeAlias.value, Load);
}

static bool
validate_ann_assign(stmt_ty stmt)
{
    if (stmt->v.AnnAssign.target->kind != Name_kind && stmt->v.AnnAssign.simple) {
        PyErr_SetString(PyExc_TypeError, "AnnAssign with simple non-Name target");
        return false;
    }
    return validate_expr(stmt->v.AnnAssign.target, Store) && optional_expr(stmt->v.AnnAssign.value) &&
           validate_expr(stmt->v.AnnAssign.annotation, Load);
}

static bool
validate_for(stmt_ty stmt, const char *owner)
{
    struct _AST_For_fields *f = &stmt->v.For;
    return validate_expr(f->target, Store) && validate_expr(f->iter, Load) && validate_body(f->body, owner) &&
           validate_stmts(f->orelse);
}

static bool
validate_with(stmt_ty stmt, const char *owner)
{
    asdl_withitem_seq *items = stmt->v.With.items;
    if (!nonempty(asdl_seq_LEN(items), "items", owner)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(items); i++) {
        withitem_ty item = asdl_seq_GET(items, i);
        if (!validate_expr(item->context_expr, Load) ||
            (item->optional_vars != NULL && !validate_expr(item->optional_vars, Store))) {
            return false;
        }
    }
    return validate_body(stmt->v.With.body, owner);
}

static bool
validate_match(stmt_ty stmt)
{
    asdl_match_case_seq *cases = stmt->v.Match.cases;
    if (!validate_expr(stmt->v.Match.subject, Load) || !nonempty(asdl_seq_LEN(cases), "cases", "Match")) {
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(cases); i++) {
        match_case_ty item = asdl_seq_GET(cases, i);
        if (!validate_pattern(item->pattern, false) || !optional_expr(item->guard) ||
            !validate_body(item->body, "match_case")) {
            return false;
        }
    }
    return true;
}

/* Both kinds of try have the same fields. */
static bool
validate_try(stmt_ty stmt, const char *owner)
{
    struct _AST_Try_fields *t = &stmt->v.Try;
    if (!validate_body(t->body, owner)) {
        return false;
    }
    if (asdl_seq_LEN(t->handlers) == 0 && asdl_seq_LEN(t->finalbody) == 0) {
        PyErr_Format(PyExc_ValueError, "%s has neither handlers nor finalbody", owner);
        return false;
    }
    if (asdl_seq_LEN(t->handlers) == 0 && asdl_seq_LEN(t->orelse) > 0) {
        PyErr_Format(PyExc_ValueError, "%s has orelse but no except handlers", owner);
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(t->handlers); i++) {
        excepthandler_ty handler = asdl_seq_GET(t->handlers, i);
        if (!VALIDATE_POSITION(handler) || !optional_expr(handler->v.ExceptHandler.type) ||
            !validate_body(handler->v.ExceptHandler.body, "ExceptHandler")) {
            return false;
        }
    }
    return (asdl_seq_LEN(t->finalbody) == 0 || validate_stmts(t->finalbody)) &&
           (asdl_seq_LEN(t->orelse) == 0 || validate_stmts(t->orelse));
}

static bool
validate_stmt_raw(stmt_ty stmt)
{
    switch (stmt->kind) {
        case FunctionDef_kind:
            return validate_function(stmt, "FunctionDef");
        case AsyncFunctionDef_kind:
            return validate_function(stmt, "AsyncFunctionDef");
        case ClassDef_kind:
            return validate_class(stmt);
        case Return_kind:
            return optional_expr(stmt->v.Return.value);
        case Delete_kind:
            return validate_targets(stmt->v.Delete.targets, Del);
        case Assign_kind:
            return validate_targets(stmt->v.Assign.targets, Store) && validate_expr(stmt->v.Assign.value, Load);
        case TypeAlias_kind:
            return validate_type_alias(stmt);
        case AugAssign_kind:
            return validate_expr(stmt->v.AugAssign.target, Store) && validate_expr(stmt->v.AugAssign.value, Load);
        case AnnAssign_kind:
            return validate_ann_assign(stmt);
        case For_kind:
            return validate_for(stmt, "For");
        case AsyncFor_kind:
            return validate_for(stmt, "AsyncFor");
        case While_kind:
            return validate_expr(stmt->v.While.test, Load) && validate_body(stmt->v.While.body, "While") &&
                   validate_stmts(stmt->v.While.orelse);
        case If_kind:
            return validate_expr(stmt->v.If.test, Load) && validate_body(stmt->v.If.body, "If") &&
                   validate_stmts(stmt->v.If.orelse);
        case With_kind:
            return validate_with(stmt, "With");
        case AsyncWith_kind:
            return validate_with(stmt, "AsyncWith");
        case Match_kind:
            return validate_match(stmt);
        case Raise_kind:
            if (stmt->v.Raise.exc == NULL && stmt->v.Raise.cause != NULL) {
                return value_error("Raise with cause but no exception");
            }
            return optional_expr(stmt->v.Raise.exc) && optional_expr(stmt->v.Raise.cause);
        case Try_kind:
            return validate_try(stmt, "Try");
        case TryStar_kind:
            return validate_try(stmt, "TryStar");
        case Assert_kind:
            return validate_expr(stmt->v.Assert.test, Load) && optional_expr(stmt->v.Assert.msg);
        case Import_kind:
            return nonempty(asdl_seq_LEN(stmt->v.Import.names), "names", "Import");
        case ImportFrom_kind:
            if (stmt->v.ImportFrom.level < 0) {
                return value_error("Negative ImportFrom level");
            }
            return nonempty(asdl_seq_LEN(stmt->v.ImportFrom.names), "names", "ImportFrom");
        case Global_kind:
            return nonempty(asdl_seq_LEN(stmt->v.Global.names), "names", "Global");
        case Nonlocal_kind:
            return nonempty(asdl_seq_LEN(stmt->v.Nonlocal.names), "names", "Nonlocal");
        case Expr_kind:
            return validate_expr(stmt->v.Expr.value, Load);
        case Pass_kind:
        case Break_kind:
        case Continue_kind:
            return true;
        default:
            PyErr_SetString(PyExc_SystemError, "unexpected statement");
            return false;
    }
}

static bool
validate_stmt(stmt_ty stmt)
{
    if (!VALIDATE_POSITION(stmt)) {
        return false;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool ok = validate_stmt_raw(stmt);
    Py_LeaveRecursiveCall();
    return ok;
}

int
_PyAST_Validate(mod_ty tree)
{
    assert(!PyErr_Occurred());
    switch (tree->kind) {
        case Module_kind:
            return validate_stmts(tree->v.Module.body);
        case Interactive_kind:
            return validate_stmts(tree->v.Interactive.body);
        case Expression_kind:
            return validate_expr(tree->v.Expression.body, Load);
        case FunctionType_kind:
            return validate_exprs(tree->v.FunctionType.argtypes, Load, false) &&
                   validate_expr(tree->v.FunctionType.returns, Load);
        default:
            PyErr_SetString(PyExc_SystemError, "impossible module node");
            return 0;
    }
}

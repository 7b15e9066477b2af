/* From an expression tree back to source text, as annotations show it under
   `from __future__ import annotations`.

   Each write_xxx appends to the writer and returns false with an exception.  `level` is how tightly the
   surroundings bind: what binds less is put in parentheses. */
#include "Python.h"
#include "pycore_ast.h"

#include <float.h>            // DBL_MAX_10_EXP
#include <stdbool.h>

enum level {
    LEVEL_TUPLE,
    LEVEL_TEST,               /* conditional expression, lambda */
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_EXPR,
    LEVEL_BIT_OR = LEVEL_EXPR,
    LEVEL_BIT_XOR,
    LEVEL_BIT_AND,
    LEVEL_SHIFT,
    LEVEL_SUM,
    LEVEL_TERM,
    LEVEL_FACTOR,
    LEVEL_POWER,
    LEVEL_AWAIT,
    LEVEL_ATOM,
};

static bool write_expr(PyUnicodeWriter *writer, expr_ty e, int level);
static PyObject *formatted_body(asdl_expr_seq *values);

static bool
write_text(PyUnicodeWriter *writer, const char *text)
{
    return PyUnicodeWriter_WriteUTF8(writer, text, -1) == 0;
}

static bool
write_str(PyUnicodeWriter *writer, PyObject *text)
{
    return PyUnicodeWriter_WriteStr(writer, text) == 0;
}

static bool
write_if(PyUnicodeWriter *writer, bool condition, const char *text)
{
    return !condition || write_text(writer, text);
}

/* -- Sequences ----------------------------------------------------------- */

static bool
write_exprs(PyUnicodeWriter *writer, asdl_expr_seq *items, int level)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(items); i++) {
        if (!write_if(writer, i > 0, ", ") || !write_expr(writer, asdl_seq_GET(items, i), level)) {
            return false;
        }
    }
    return true;
}

static bool
write_tuple(PyUnicodeWriter *writer, expr_ty e, int level)
{
    asdl_expr_seq *items = e->v.Tuple.elts;
    if (asdl_seq_LEN(items) == 0) {
        return write_text(writer, "()");
    }
    bool parens = level > LEVEL_TUPLE;
    return write_if(writer, parens, "(") && write_exprs(writer, items, LEVEL_TEST) &&
           write_if(writer, asdl_seq_LEN(items) == 1, ",") && write_if(writer, parens, ")");
}

static bool
write_dict(PyUnicodeWriter *writer, expr_ty e)
{
    if (!write_text(writer, "{")) {
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(e->v.Dict.values); i++) {
        expr_ty key = asdl_seq_GET(e->v.Dict.keys, i), value = asdl_seq_GET(e->v.Dict.values, i);
        if (!write_if(writer, i > 0, ", ")) {
            return false;
        }
        bool ok = key != NULL ? write_expr(writer, key, LEVEL_TEST) && write_text(writer, ": ") &&
                                    write_expr(writer, value, LEVEL_TEST)
                              : write_text(writer, "**") && write_expr(writer, value, LEVEL_EXPR);
        if (!ok) {
            return false;
        }
    }
    return write_text(writer, "}");
}

static bool
write_clauses(PyUnicodeWriter *writer, asdl_comprehension_seq *clauses)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(clauses); i++) {
        comprehension_ty clause = asdl_seq_GET(clauses, i);
        if (!write_text(writer, clause->is_async ? " async for " : " for ") ||
            !write_expr(writer, clause->target, LEVEL_TUPLE) || !write_text(writer, " in ") ||
            !write_expr(writer, clause->iter, LEVEL_TEST + 1)) {
            return false;
        }
        for (Py_ssize_t k = 0; k < asdl_seq_LEN(clause->ifs); k++) {
            if (!write_text(writer, " if ") ||
                !write_expr(writer, asdl_seq_GET(clause->ifs, k), LEVEL_TEST + 1)) {
                return false;
            }
        }
    }
    return true;
}

static bool
write_comprehension(PyUnicodeWriter *writer, const char *open, expr_ty element,
                    asdl_comprehension_seq *clauses, const char *close)
{
    return write_text(writer, open) && write_expr(writer, element, LEVEL_TEST) &&
           write_clauses(writer, clauses) && write_text(writer, close);
}

/* -- Operators ----------------------------------------------------------- */

static bool
write_bool_op(PyUnicodeWriter *writer, expr_ty e, int level)
{
    int own = e->v.BoolOp.op == And ? LEVEL_AND : LEVEL_OR;
    asdl_expr_seq *values = e->v.BoolOp.values;
    if (!write_if(writer, level > own, "(")) {
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(values); i++) {
        if (!write_if(writer, i > 0, e->v.BoolOp.op == And ? " and " : " or ") ||
            !write_expr(writer, asdl_seq_GET(values, i), own + 1)) {
            return false;
        }
    }
    return write_if(writer, level > own, ")");
}

static bool
write_binary(PyUnicodeWriter *writer, expr_ty e, int level)
{
    static const struct {
        const char *text;
        int level;
    } operators[] = {
        [Add] = {" + ", LEVEL_SUM},           [Sub] = {" - ", LEVEL_SUM},
        [Mult] = {" * ", LEVEL_TERM},         [MatMult] = {" @ ", LEVEL_TERM},
        [Div] = {" / ", LEVEL_TERM},          [Mod] = {" % ", LEVEL_TERM},
        [LShift] = {" << ", LEVEL_SHIFT},     [RShift] = {" >> ", LEVEL_SHIFT},
        [BitOr] = {" | ", LEVEL_BIT_OR},      [BitXor] = {" ^ ", LEVEL_BIT_XOR},
        [BitAnd] = {" & ", LEVEL_BIT_AND},    [FloorDiv] = {" // ", LEVEL_TERM},
        [Pow] = {" ** ", LEVEL_POWER},
    };
    int own = operators[e->v.BinOp.op].level;
    bool right_first = e->v.BinOp.op == Pow;
    return write_if(writer, level > own, "(") && write_expr(writer, e->v.BinOp.left, own + right_first) &&
           write_text(writer, operators[e->v.BinOp.op].text) &&
           write_expr(writer, e->v.BinOp.right, own + !right_first) && write_if(writer, level > own, ")");
}

static bool
write_unary(PyUnicodeWriter *writer, expr_ty e, int level)
{
    static const char *const operators[] = {[Invert] = "~", [Not] = "not ", [UAdd] = "+", [USub] = "-"};
    int own = e->v.UnaryOp.op == Not ? LEVEL_NOT : LEVEL_FACTOR;
    return write_if(writer, level > own, "(") && write_text(writer, operators[e->v.UnaryOp.op]) &&
           write_expr(writer, e->v.UnaryOp.operand, own) && write_if(writer, level > own, ")");
}

static bool
write_compare(PyUnicodeWriter *writer, expr_ty e, int level)
{
    static const char *const operators[] = {
        [Eq] = " == ", [NotEq] = " != ", [Lt] = " < ", [LtE] = " <= ", [Gt] = " > ", [GtE] = " >= ",
        [Is] = " is ", [IsNot] = " is not ", [In] = " in ", [NotIn] = " not in ",
    };
    bool parens = level > LEVEL_COMPARE;
    if (!write_if(writer, parens, "(") || !write_expr(writer, e->v.Compare.left, LEVEL_COMPARE + 1)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(e->v.Compare.comparators); i++) {
        if (!write_text(writer, operators[asdl_seq_GET(e->v.Compare.ops, i)]) ||
            !write_expr(writer, asdl_seq_GET(e->v.Compare.comparators, i), LEVEL_COMPARE + 1)) {
            return false;
        }
    }
    return write_if(writer, parens, ")");
}

static bool
write_conditional(PyUnicodeWriter *writer, expr_ty e, int level)
{
    bool parens = level > LEVEL_TEST;
    return write_if(writer, parens, "(") && write_expr(writer, e->v.IfExp.body, LEVEL_TEST + 1) &&
           write_text(writer, " if ") && write_expr(writer, e->v.IfExp.test, LEVEL_TEST + 1) &&
           write_text(writer, " else ") && write_expr(writer, e->v.IfExp.orelse, LEVEL_TEST) &&
           write_if(writer, parens, ")");
}

/* -- Functions ----------------------------------------------------------- */

static bool
write_arg(PyUnicodeWriter *writer, arg_ty arg)
{
    return write_str(writer, arg->arg) &&
           (arg->annotation == NULL ||
            (write_text(writer, ": ") && write_expr(writer, arg->annotation, LEVEL_TEST)));
}

static bool
write_default(PyUnicodeWriter *writer, expr_ty value)
{
    return value == NULL || (write_text(writer, "=") && write_expr(writer, value, LEVEL_TEST));
}

static bool
write_comma(PyUnicodeWriter *writer, bool *first)
{
    bool ok = write_if(writer, !*first, ", ");
    *first = false;
    return ok;
}

static bool
write_arguments(PyUnicodeWriter *writer, arguments_ty args)
{
    bool first = true;
    Py_ssize_t posonly = asdl_seq_LEN(args->posonlyargs), count = posonly + asdl_seq_LEN(args->args);
    Py_ssize_t defaults = asdl_seq_LEN(args->defaults);
    for (Py_ssize_t i = 0; i < count; i++) {
        arg_ty arg = i < posonly ? asdl_seq_GET(args->posonlyargs, i) : asdl_seq_GET(args->args, i - posonly);
        Py_ssize_t d = i - (count - defaults);
        if (!write_comma(writer, &first) || !write_arg(writer, arg) ||
            !write_default(writer, d >= 0 ? asdl_seq_GET(args->defaults, d) : NULL) ||
            !write_if(writer, i + 1 == posonly, ", /")) {
            return false;
        }
    }
    if (args->vararg != NULL || asdl_seq_LEN(args->kwonlyargs) > 0) {
        if (!write_comma(writer, &first) || !write_text(writer, "*") ||
            (args->vararg != NULL && !write_arg(writer, args->vararg))) {
            return false;
        }
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(args->kwonlyargs); i++) {
        if (!write_comma(writer, &first) || !write_arg(writer, asdl_seq_GET(args->kwonlyargs, i)) ||
            !write_default(writer, asdl_seq_GET(args->kw_defaults, i))) {
            return false;
        }
    }
    return args->kwarg == NULL ||
           (write_comma(writer, &first) && write_text(writer, "**") && write_arg(writer, args->kwarg));
}

static bool
write_lambda(PyUnicodeWriter *writer, expr_ty e, int level)
{
    arguments_ty args = e->v.Lambda.args;
    bool parens = level > LEVEL_TEST;
    bool any = asdl_seq_LEN(args->posonlyargs) > 0 || asdl_seq_LEN(args->args) > 0 ||
               args->vararg != NULL || asdl_seq_LEN(args->kwonlyargs) > 0 || args->kwarg != NULL;
    return write_if(writer, parens, "(") && write_text(writer, any ? "lambda " : "lambda") &&
           write_arguments(writer, args) && write_text(writer, ": ") &&
           write_expr(writer, e->v.Lambda.body, LEVEL_TEST) && write_if(writer, parens, ")");
}

static bool
write_call(PyUnicodeWriter *writer, expr_ty e)
{
    asdl_expr_seq *args = e->v.Call.args;
    if (!write_expr(writer, e->v.Call.func, LEVEL_ATOM)) {
        return false;
    }
    if (asdl_seq_LEN(args) == 1 && asdl_seq_LEN(e->v.Call.keywords) == 0 &&
        asdl_seq_GET(args, 0)->kind == GeneratorExp_kind) {
        return write_expr(writer, asdl_seq_GET(args, 0), LEVEL_TEST);
    }
    bool first = asdl_seq_LEN(args) == 0;
    if (!write_text(writer, "(") || !write_exprs(writer, args, LEVEL_TEST)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(e->v.Call.keywords); i++) {
        keyword_ty keyword = asdl_seq_GET(e->v.Call.keywords, i);
        if (!write_comma(writer, &first) ||
            !(keyword->arg == NULL ? write_text(writer, "**")
                                   : write_str(writer, keyword->arg) && write_text(writer, "=")) ||
            !write_expr(writer, keyword->value, LEVEL_TEST)) {
            return false;
        }
    }
    return write_text(writer, ")");
}

/* -- Constants and strings ----------------------------------------------- */

/* Infinity has no literal: a number too large for a float stands for it. */
static bool
write_repr(PyUnicodeWriter *writer, PyObject *value)
{
    PyObject *text = PyObject_Repr(value);
    if (text != NULL && (PyFloat_CheckExact(value) || PyComplex_CheckExact(value))) {
        char number[16];
        PyOS_snprintf(number, sizeof(number), "1e%d", DBL_MAX_10_EXP + 1);
        PyObject *inf = PyUnicode_FromString("inf"), *large = PyUnicode_FromString(number);
        Py_SETREF(text, inf == NULL || large == NULL ? NULL : PyUnicode_Replace(text, inf, large, -1));
        Py_XDECREF(inf);
        Py_XDECREF(large);
    }
    bool ok = text != NULL && write_str(writer, text);
    Py_XDECREF(text);
    return ok;
}

static bool
write_constant(PyUnicodeWriter *writer, PyObject *value)
{
    if (value == Py_Ellipsis) {
        return write_text(writer, "...");
    }
    if (!PyTuple_CheckExact(value)) {
        return write_repr(writer, value);
    }
    Py_ssize_t size = PyTuple_GET_SIZE(value);
    if (!write_text(writer, "(")) {
        return false;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        if (!write_if(writer, i > 0, ", ") || !write_constant(writer, PyTuple_GET_ITEM(value, i))) {
            return false;
        }
    }
    return write_if(writer, size == 1, ",") && write_text(writer, ")");
}

static PyObject *
replace_text(PyObject *text, const char *from, const char *to)
{
    PyObject *a = PyUnicode_FromString(from), *b = PyUnicode_FromString(to);
    PyObject *result = text == NULL || a == NULL || b == NULL ? NULL : PyUnicode_Replace(text, a, b, -1);
    Py_XDECREF(text);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static PyObject *
expr_text(expr_ty e, int level)
{
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(0);
    if (writer == NULL) {
        return NULL;
    }
    if (!write_expr(writer, e, level)) {
        PyUnicodeWriter_Discard(writer);
        return NULL;
    }
    return PyUnicodeWriter_Finish(writer);
}

/* '{' text ['!' conversion] [':' spec] '}'; steals text. */
static bool
write_replacement(PyUnicodeWriter *writer, PyObject *text, int conversion, expr_ty spec)
{
    if (text == NULL) {
        return false;
    }
    /* "{{" would be an escape. */
    bool brace = PyUnicode_GET_LENGTH(text) > 0 && PyUnicode_READ_CHAR(text, 0) == '{';
    bool ok = write_text(writer, brace ? "{ " : "{") && write_str(writer, text);
    Py_DECREF(text);
    if (ok && conversion > 0) {
        char mark[] = {'!', (char)conversion, '\0'};
        ok = write_text(writer, mark);
    }
    if (ok && spec != NULL) {
        PyObject *body = spec->kind == JoinedStr_kind ? formatted_body(spec->v.JoinedStr.values)
                                                      : replace_text(replace_text(Py_NewRef(spec->v.Constant.value), "{", "{{"), "}", "}}");
        ok = body != NULL && write_text(writer, ":") && write_str(writer, body);
        Py_XDECREF(body);
    }
    return ok && write_text(writer, "}");
}

static bool
write_part(PyUnicodeWriter *writer, expr_ty e)
{
    switch (e->kind) {
        case Constant_kind: {
            PyObject *text = replace_text(replace_text(Py_NewRef(e->v.Constant.value), "{", "{{"), "}", "}}");
            bool ok = text != NULL && write_str(writer, text);
            Py_XDECREF(text);
            return ok;
        }
        case FormattedValue_kind:
            /* A lambda or a conditional expression needs parentheses: it could have a ':'. */
            return write_replacement(writer, expr_text(e->v.FormattedValue.value, LEVEL_TEST + 1),
                                     e->v.FormattedValue.conversion, e->v.FormattedValue.format_spec);
        case Interpolation_kind:
            return write_replacement(writer, Py_NewRef(e->v.Interpolation.str), e->v.Interpolation.conversion,
                                     e->v.Interpolation.format_spec);
        case JoinedStr_kind: {
            PyObject *body = formatted_body(e->v.JoinedStr.values);
            bool ok = body != NULL && write_str(writer, body);
            Py_XDECREF(body);
            return ok;
        }
        default:
            PyErr_SetString(PyExc_SystemError, "unknown expression kind inside f-string or t-string");
            return false;
    }
}

/* What stands between the quotes, before escaping. */
static PyObject *
formatted_body(asdl_expr_seq *values)
{
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(0);
    if (writer == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(values); i++) {
        if (!write_part(writer, asdl_seq_GET(values, i))) {
            PyUnicodeWriter_Discard(writer);
            return NULL;
        }
    }
    return PyUnicodeWriter_Finish(writer);
}

static bool
write_formatted(PyUnicodeWriter *writer, const char *prefix, asdl_expr_seq *values)
{
    PyObject *body = formatted_body(values);
    bool ok = body != NULL && write_text(writer, prefix) && PyUnicodeWriter_WriteRepr(writer, body) == 0;
    Py_XDECREF(body);
    return ok;
}

/* -- Other expressions --------------------------------------------------- */

static bool
write_attribute(PyUnicodeWriter *writer, expr_ty e)
{
    expr_ty value = e->v.Attribute.value;
    /* "1.real" would be a float. */
    bool number = value->kind == Constant_kind && PyLong_CheckExact(value->v.Constant.value);
    return write_expr(writer, value, LEVEL_ATOM) && write_text(writer, number ? " ." : ".") &&
           write_str(writer, e->v.Attribute.attr);
}

static bool
write_slice(PyUnicodeWriter *writer, expr_ty e)
{
    expr_ty lower = e->v.Slice.lower, upper = e->v.Slice.upper, step = e->v.Slice.step;
    return (lower == NULL || write_expr(writer, lower, LEVEL_TEST)) && write_text(writer, ":") &&
           (upper == NULL || write_expr(writer, upper, LEVEL_TEST)) &&
           (step == NULL || (write_text(writer, ":") && write_expr(writer, step, LEVEL_TEST)));
}

static bool
write_yield(PyUnicodeWriter *writer, const char *keyword, expr_ty value)
{
    return write_text(writer, keyword) &&
           (value == NULL || (write_text(writer, " ") && write_expr(writer, value, LEVEL_TEST))) &&
           write_text(writer, ")");
}

static bool
write_expr_raw(PyUnicodeWriter *writer, expr_ty e, int level)
{
    switch (e->kind) {
        case BoolOp_kind:
            return write_bool_op(writer, e, level);
        case BinOp_kind:
            return write_binary(writer, e, level);
        case UnaryOp_kind:
            return write_unary(writer, e, level);
        case Lambda_kind:
            return write_lambda(writer, e, level);
        case IfExp_kind:
            return write_conditional(writer, e, level);
        case Dict_kind:
            return write_dict(writer, e);
        case Set_kind:
            return write_text(writer, "{") && write_exprs(writer, e->v.Set.elts, LEVEL_TEST) &&
                   write_text(writer, "}");
        case GeneratorExp_kind:
            return write_comprehension(writer, "(", e->v.GeneratorExp.elt, e->v.GeneratorExp.generators, ")");
        case ListComp_kind:
            return write_comprehension(writer, "[", e->v.ListComp.elt, e->v.ListComp.generators, "]");
        case SetComp_kind:
            return write_comprehension(writer, "{", e->v.SetComp.elt, e->v.SetComp.generators, "}");
        case DictComp_kind:
            return write_text(writer, "{") && write_expr(writer, e->v.DictComp.key, LEVEL_TEST) &&
                   write_text(writer, ": ") && write_expr(writer, e->v.DictComp.value, LEVEL_TEST) &&
                   write_clauses(writer, e->v.DictComp.generators) && write_text(writer, "}");
        case Yield_kind:
            return write_yield(writer, "(yield", e->v.Yield.value);
        case YieldFrom_kind:
            return write_yield(writer, "(yield from", e->v.YieldFrom.value);
        case Await_kind:
            return write_if(writer, level > LEVEL_AWAIT, "(") && write_text(writer, "await ") &&
                   write_expr(writer, e->v.Await.value, LEVEL_ATOM) &&
                   write_if(writer, level > LEVEL_AWAIT, ")");
        case Compare_kind:
            return write_compare(writer, e, level);
        case Call_kind:
            return write_call(writer, e);
        case Constant_kind:
            return (e->v.Constant.kind == NULL || write_str(writer, e->v.Constant.kind)) &&
                   write_constant(writer, e->v.Constant.value);
        case JoinedStr_kind:
            return write_formatted(writer, "f", e->v.JoinedStr.values);
        case TemplateStr_kind:
            return write_formatted(writer, "t", e->v.TemplateStr.values);
        case FormattedValue_kind:
        case Interpolation_kind:
            return write_part(writer, e);
        case Attribute_kind:
            return write_attribute(writer, e);
        case Starred_kind:
            return write_text(writer, "*") && write_expr(writer, e->v.Starred.value, LEVEL_EXPR);
        case Name_kind:
            return write_str(writer, e->v.Name.id);
        case List_kind:
            return write_text(writer, "[") && write_exprs(writer, e->v.List.elts, LEVEL_TEST) &&
                   write_text(writer, "]");
        case Tuple_kind:
            return write_tuple(writer, e, level);
        case Subscript_kind:
            return write_expr(writer, e->v.Subscript.value, LEVEL_ATOM) && write_text(writer, "[") &&
                   write_expr(writer, e->v.Subscript.slice, LEVEL_TUPLE) && write_text(writer, "]");
        case Slice_kind:
            return write_slice(writer, e);
        case NamedExpr_kind:
            return write_if(writer, level > LEVEL_TUPLE, "(") &&
                   write_expr(writer, e->v.NamedExpr.target, LEVEL_ATOM) && write_text(writer, " := ") &&
                   write_expr(writer, e->v.NamedExpr.value, LEVEL_ATOM) &&
                   write_if(writer, level > LEVEL_TUPLE, ")");
        default:
            PyErr_SetString(PyExc_SystemError, "unknown expression kind");
            return false;
    }
}

static bool
write_expr(PyUnicodeWriter *writer, expr_ty e, int level)
{
    if (Py_EnterRecursiveCall(" during compilation")) {
        return false;
    }
    bool ok = write_expr_raw(writer, e, level);
    Py_LeaveRecursiveCall();
    return ok;
}

PyObject *
_PyAST_ExprAsUnicode(expr_ty expr)
{
    return expr_text(expr, LEVEL_TEST);
}

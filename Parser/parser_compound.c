/* Parser: compound statements. */
#include "Python.h"
#include "parser.h"

/* Up to the last token that is not layout. */
#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN_TEXT(begin)))

/* In the second pass the mistakes of a statement are looked for before the statement itself. */
#define LOOK_FOR(mistake, ...)                    \
    do {                                          \
        if (mistakes(p)) {                        \
            int look_mark = p->mark;              \
            int look_size = p->stack_size;        \
            mistake(p __VA_OPT__(, ) __VA_ARGS__); \
            if (p->error) {                       \
                return NULL;                      \
            }                                     \
            p->mark = look_mark;                  \
            p->stack_size = look_size;            \
        }                                         \
    } while (0)

/* -- if and while -------------------------------------------------------- */

/* ['else' ':' block]; NULL also if there is none. */
static asdl_stmt_seq *
else_block(parser *p)
{
    LOOK_FOR(_PyParser_InvalidElse);
    if (!accept(p, KW_ELSE) || !_PyParser_Require(p, COLON, ":")) {
        return NULL;
    }
    return _PyParser_Block(p);
}

static asdl_stmt_seq *
optional_else(parser *p)
{
    int here = p->mark, size = p->stack_size;
    if (peek(p) != KW_ELSE) {
        return NULL;
    }
    asdl_stmt_seq *result = else_block(p);
    if (result == NULL) {
        p->mark = here;
        p->stack_size = size;
    }
    return result;
}

/* From `if` or `elif` on. */
static stmt_ty
if_stmt(parser *p, int keyword)
{
    int begin = p->mark;
    LOOK_FOR(_PyParser_InvalidIf, keyword);
    p->mark++;
    expr_ty test = _PyParser_NamedExpression(p);
    if (test == NULL || !accept(p, COLON)) {
        return NULL;
    }
    asdl_stmt_seq *body = _PyParser_Block(p), *orelse = NULL;
    if (body == NULL) {
        return NULL;
    }
    if (peek(p) == KW_ELIF) {
        int here = p->mark, size = p->stack_size;
        if (!enter(p)) {
            return NULL;
        }
        stmt_ty elif = if_stmt(p, KW_ELIF);
        leave(p);
        if (elif != NULL) {
            orelse = _PyParser_Singleton(p, elif);
        }
        else {
            p->mark = here;
            p->stack_size = size;
        }
    }
    else {
        orelse = optional_else(p);
    }
    return p->error ? NULL : MAKE(If, begin, test, body, orelse);
}

static stmt_ty
while_stmt(parser *p)
{
    int begin = p->mark;
    LOOK_FOR(_PyParser_InvalidIf, KW_WHILE);
    p->mark++;
    expr_ty test = _PyParser_NamedExpression(p);
    if (test == NULL || !accept(p, COLON)) {
        return NULL;
    }
    asdl_stmt_seq *body = _PyParser_Block(p);
    if (body == NULL) {
        return NULL;
    }
    asdl_stmt_seq *orelse = optional_else(p);
    return p->error ? NULL : MAKE(While, begin, test, body, orelse);
}

/* -- for and with -------------------------------------------------------- */

/* [TYPE_COMMENT]; NULL also without an error. */
static PyObject *
optional_type_comment(parser *p)
{
    return peek(p) == TYPE_COMMENT ? _PyParser_TypeCommentText(p) : NULL;
}

static stmt_ty
for_stmt(parser *p)
{
    int begin = p->mark;
    LOOK_FOR(_PyParser_InvalidFor);
    bool is_async = accept(p, KW_ASYNC);
    if (!accept(p, KW_FOR)) {
        return NULL;
    }
    expr_ty target = _PyParser_StarTargets(p);
    if (target != NULL && accept(p, KW_IN)) {
        /* From here on it can be nothing else. */
        expr_ty iter = _PyParser_StarExpressions(p);
        if (iter == NULL || !accept(p, COLON)) {
            return NULL;
        }
        PyObject *comment = optional_type_comment(p);
        asdl_stmt_seq *body = p->error ? NULL : _PyParser_Block(p);
        if (body == NULL) {
            return NULL;
        }
        asdl_stmt_seq *orelse = optional_else(p);
        if (p->error || (is_async && !_PyParser_CheckVersion(p, 5, "Async for loops are"))) {
            return NULL;
        }
        return is_async ? MAKE(AsyncFor, begin, target, iter, body, orelse, comment)
                        : MAKE(For, begin, target, iter, body, orelse, comment);
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidForTarget(p);
    }
    return NULL;
}

static withitem_ty
with_item(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    expr_ty context = _PyParser_Expression(p);
    if (context == NULL) {
        return NULL;
    }
    int here = p->mark;
    if (accept(p, KW_AS)) {
        expr_ty target = _PyParser_StarTarget(p);
        if (target != NULL) {
            int kind = peek(p);
            if (kind == COMMA || kind == RPAR || kind == COLON) {
                return checked(p, _PyAST_withitem(context, target, p->arena));
            }
        }
        p->stack_size = size;
        if (p->error) {
            return NULL;
        }
        if (mistakes(p)) {
            p->mark = begin;
            _PyParser_InvalidWithItem(p);
            if (p->error) {
                return NULL;
            }
        }
        p->mark = here;
    }
    return p->error ? NULL : checked(p, _PyAST_withitem(context, NULL, p->arena));
}

/* Items with ',' between; the position is behind the last one. */
static asdl_withitem_seq *
with_items(parser *p)
{
    int base = p->stack_size, here;
    withitem_ty first = with_item(p);
    if (first == NULL || !_PyParser_Push(p, first)) {
        return NULL;
    }
    for (;;) {
        here = p->mark;
        int size = p->stack_size;
        withitem_ty next = accept(p, COMMA) ? with_item(p) : NULL;
        if (next == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, next)) {
            return NULL;
        }
    }
    return p->error ? NULL : TAKE(withitem, base);
}

static stmt_ty
with_body(parser *p, int begin, bool is_async, asdl_withitem_seq *items)
{
    PyObject *comment = optional_type_comment(p);
    asdl_stmt_seq *body = p->error ? NULL : _PyParser_Block(p);
    if (body == NULL) {
        return NULL;
    }
    if (is_async && !_PyParser_CheckVersion(p, 5, "Async with statements are")) {
        return NULL;
    }
    return is_async ? MAKE(AsyncWith, begin, items, body, comment) : MAKE(With, begin, items, body, comment);
}

static stmt_ty
with_stmt(parser *p)
{
    int begin = p->mark;
    LOOK_FOR(_PyParser_InvalidWithIndent);
    bool is_async = accept(p, KW_ASYNC);
    if (!accept(p, KW_WITH)) {
        return NULL;
    }
    int here = p->mark, size = p->stack_size;
    asdl_withitem_seq *items;
    if (accept(p, LPAR)) {
        items = with_items(p);
        if (items != NULL) {
            accept(p, COMMA);
            if (accept(p, RPAR) && accept(p, COLON)) {
                stmt_ty result = with_body(p, begin, is_async, items);
                if (result != NULL || p->error) {
                    return p->error || !_PyParser_CheckVersion(p, 9, "Parenthesized context managers are")
                               ? NULL : result;
                }
            }
        }
        if (p->error) {
            return NULL;
        }
        p->mark = here;
        p->stack_size = size;
    }
    items = with_items(p);
    if (items != NULL && accept(p, COLON)) {
        stmt_ty result = with_body(p, begin, is_async, items);
        if (result != NULL) {
            return result;
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        p->stack_size = size;
        _PyParser_InvalidWith(p);
    }
    return NULL;
}

/* -- try ----------------------------------------------------------------- */

/* 'except' ['*'] [expression ['as' NAME] | expressions] ':' block. */
static excepthandler_ty
except_clause(parser *p, bool star)
{
    int begin = p->mark++;
    if (star && !accept(p, STAR)) {
        return NULL;
    }
    expr_ty type = NULL;
    PyObject *name = NULL;
    if (star || peek(p) != COLON) {
        int here = p->mark, size = p->stack_size;
        type = _PyParser_Expression(p);
        if (type == NULL) {
            return NULL;
        }
        if (accept(p, KW_AS)) {
            if (peek(p) != NAME) {
                return NULL;
            }
            p->mark++;
            name = _PyParser_TokenIdentifier(p, token_before(p));
            if (name == NULL) {
                return NULL;
            }
        }
        else if (peek(p) == COMMA) {
            p->mark = here;
            p->stack_size = size;
            type = _PyParser_Expressions(p);
            if (type == NULL ||
                (peek(p) == COLON &&
                 !_PyParser_CheckVersion(p, 14, "except expressions without parentheses are"))) {
                return NULL;
            }
        }
    }
    if (!accept(p, COLON)) {
        return NULL;
    }
    asdl_stmt_seq *body = _PyParser_Block(p);
    return body == NULL ? NULL : MAKE(ExceptHandler, begin, type, name, body);
}

excepthandler_ty
_PyParser_ExceptBlock(parser *p, bool star)
{
    int begin = p->mark, size = p->stack_size;
    if (peek(p) != KW_EXCEPT) {
        return NULL;
    }
    LOOK_FOR(_PyParser_InvalidExceptIndent, star);
    excepthandler_ty result = except_clause(p, star);
    if (result == NULL && mistakes(p) && !p->error) {
        p->mark = begin;
        p->stack_size = size;
        _PyParser_InvalidExcept(p, star);
    }
    return p->error ? NULL : result;
}

static asdl_stmt_seq *
finally_block(parser *p)
{
    LOOK_FOR(_PyParser_InvalidFinally);
    if (!accept(p, KW_FINALLY) || !_PyParser_Require(p, COLON, ":")) {
        return NULL;
    }
    return _PyParser_Block(p);
}

static asdl_excepthandler_seq *
handlers(parser *p, bool star)
{
    int base = p->stack_size;
    while (peek(p) == KW_EXCEPT) {
        int here = p->mark, size = p->stack_size;
        if (!p->look_for_mistakes && (peek_second(p) == STAR) != star) {
            break;
        }
        excepthandler_ty handler = _PyParser_ExceptBlock(p, star);
        if (handler == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, handler)) {
            return NULL;
        }
    }
    return p->error || p->stack_size == base ? NULL : TAKE(excepthandler, base);
}

static stmt_ty
try_stmt(parser *p)
{
    int begin = p->mark;
    LOOK_FOR(_PyParser_InvalidTry);
    p->mark++;
    if (!_PyParser_Require(p, COLON, ":")) {
        return NULL;
    }
    asdl_stmt_seq *body = _PyParser_Block(p), *orelse = NULL, *final = NULL;
    if (body == NULL) {
        return NULL;
    }
    int here = p->mark, size = p->stack_size;
    if (peek(p) == KW_FINALLY) {
        final = finally_block(p);
        return final == NULL ? NULL : MAKE(Try, begin, body, NULL, NULL, final);
    }
    bool star = false;
    asdl_excepthandler_seq *clauses = handlers(p, false);
    if (clauses == NULL && !p->error) {
        p->mark = here;
        p->stack_size = size;
        star = true;
        clauses = handlers(p, true);
    }
    if (clauses == NULL) {
        return NULL;
    }
    orelse = optional_else(p);
    if (!p->error && peek(p) == KW_FINALLY) {
        here = p->mark;
        size = p->stack_size;
        final = finally_block(p);
        if (final == NULL) {
            p->mark = here;
            p->stack_size = size;
        }
    }
    if (p->error || (star && !_PyParser_CheckVersion(p, 11, "Exception groups are"))) {
        return NULL;
    }
    return star ? MAKE(TryStar, begin, body, clauses, orelse, final)
                : MAKE(Try, begin, body, clauses, orelse, final);
}

/* -- def and class ------------------------------------------------------- */

/* A type comment behind the ':', or alone on the first line of the body. */
static PyObject *
func_type_comment(parser *p)
{
    if (peek(p) == NEWLINE && (p->flags & PARSE_TYPE_COMMENTS)) {
        int here = p->mark;
        if (peek_second(p) == TYPE_COMMENT) {
            p->mark += 2;
            int comment = p->mark - 1;
            if (peek(p) == NEWLINE && peek_second(p) == INDENT) {
                return _PyParser_TokenText(p, &p->tokens[comment]);
            }
        }
        p->mark = here;
    }
    if (peek(p) == TYPE_COMMENT) {
        LOOK_FOR(_PyParser_InvalidDoubleTypeComments);
    }
    return optional_type_comment(p);
}

static stmt_ty
function_def(parser *p, asdl_expr_seq *decorators)
{
    int begin = p->mark;
    LOOK_FOR(_PyParser_InvalidDef);
    bool is_async = accept(p, KW_ASYNC);
    if (!accept(p, KW_DEF) || peek(p) != NAME) {
        return NULL;
    }
    p->mark++;
    PyObject *name = _PyParser_TokenIdentifier(p, token_before(p));
    asdl_type_param_seq *type_params = NULL;
    if (name == NULL) {
        return NULL;
    }
    int here = p->mark, size = p->stack_size;
    if (peek(p) == LSQB && (type_params = _PyParser_TypeParams(p)) == NULL) {
        p->mark = here;
        p->stack_size = size;
    }
    if (!_PyParser_Require(p, LPAR, "(")) {
        return NULL;
    }
    here = p->mark;
    size = p->stack_size;
    arguments_ty args = _PyParser_Params(p);
    if (args == NULL) {
        p->mark = here;
        p->stack_size = size;
    }
    if (p->error || !accept(p, RPAR) || args == NULL) {
        return NULL;
    }
    expr_ty returns = NULL;
    here = p->mark;
    if (accept(p, RARROW) && (returns = _PyParser_Expression(p)) == NULL) {
        p->mark = here;
    }
    if (!_PyParser_Require(p, COLON, ":")) {
        return NULL;
    }
    PyObject *comment = func_type_comment(p);
    asdl_stmt_seq *body = p->error ? NULL : _PyParser_Block(p);
    if (body == NULL) {
        return NULL;
    }
    if (is_async) {
        return _PyParser_CheckVersion(p, 5, "Async functions are")
                   ? MAKE(AsyncFunctionDef, begin, name, args, body, decorators, returns, comment, type_params)
                   : NULL;
    }
    return MAKE(FunctionDef, begin, name, args, body, decorators, returns, comment, type_params);
}

static stmt_ty
class_def(parser *p, asdl_expr_seq *decorators)
{
    int begin = p->mark;
    LOOK_FOR(_PyParser_InvalidClass);
    p->mark++;
    if (peek(p) != NAME) {
        return NULL;
    }
    p->mark++;
    PyObject *name = _PyParser_TokenIdentifier(p, token_before(p));
    asdl_type_param_seq *type_params = NULL;
    int here = p->mark, size = p->stack_size;
    if (name == NULL) {
        return NULL;
    }
    if (peek(p) == LSQB && (type_params = _PyParser_TypeParams(p)) == NULL) {
        p->mark = here;
        p->stack_size = size;
    }
    expr_ty arguments = NULL;
    if (accept(p, LPAR)) {
        here = p->mark;
        size = p->stack_size;
        if (peek(p) != RPAR) {
            arguments = _PyParser_Arguments(p);
            if (arguments == NULL) {
                p->mark = here;
                p->stack_size = size;
            }
        }
        if (p->error || !accept(p, RPAR)) {
            return NULL;
        }
    }
    if (!accept(p, COLON)) {
        return NULL;
    }
    asdl_stmt_seq *body = _PyParser_Block(p);
    if (body == NULL) {
        return NULL;
    }
    return MAKE(ClassDef, begin, name, arguments == NULL ? NULL : arguments->v.Call.args,
                arguments == NULL ? NULL : arguments->v.Call.keywords, body, decorators, type_params);
}

/* ('@' expression NEWLINE)+ */
static asdl_expr_seq *
decorators(parser *p)
{
    int base = p->stack_size;
    while (accept(p, AT)) {
        expr_ty expr = _PyParser_NamedExpression(p);
        if (expr == NULL || !accept(p, NEWLINE) || !_PyParser_Push(p, expr)) {
            return NULL;
        }
    }
    return p->error ? NULL : TAKE(expr, base);
}

static stmt_ty
decorated(parser *p)
{
    asdl_expr_seq *list = decorators(p);
    if (list == NULL) {
        return NULL;
    }
    int kind = peek(p);
    if (kind == KW_CLASS) {
        return class_def(p, list);
    }
    return kind == KW_DEF || kind == KW_ASYNC ? function_def(p, list) : NULL;
}

/* -- Choice -------------------------------------------------------------- */

static stmt_ty
async_stmt(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    stmt_ty result = NULL;
    for (int choice = 0; choice < 3 && result == NULL && !p->error; choice++) {
        p->mark = begin;
        p->stack_size = size;
        result = choice == 0 ? function_def(p, NULL) : choice == 1 ? with_stmt(p) : for_stmt(p);
    }
    return result;
}

stmt_ty
_PyParser_CompoundStmt(parser *p)
{
    switch (peek(p)) {
        case KW_DEF: return function_def(p, NULL);
        case KW_CLASS: return class_def(p, NULL);
        case AT: return decorated(p);
        case KW_ASYNC: return async_stmt(p);
        case KW_IF: return if_stmt(p, KW_IF);
        case KW_WITH: return with_stmt(p);
        case KW_FOR: return for_stmt(p);
        case KW_TRY: return try_stmt(p);
        case KW_WHILE: return while_stmt(p);
        case NAME:
            return token_here(p)->soft == SOFT_MATCH ? _PyParser_MatchStmt(p) : NULL;
        default: return NULL;
    }
}

/* Parser: known mistakes in statements and patterns, for the second pass.

   Each function looks for one family of mistakes at the position, in the reference's order, raises if
   it finds one, and leaves the position where it was. */
#include "Python.h"
#include "parser.h"

struct place {
    int mark;
    int stack_size;
};

static struct place
here(parser *p)
{
    return (struct place){p->mark, p->stack_size};
}

static void
go_back(parser *p, struct place place)
{
    p->mark = place.mark;
    p->stack_size = place.stack_size;
}

/* -- Ends of headers ----------------------------------------------------- */

/* A line ends where the ':' of a compound statement should be. */
static bool
missing_colon(parser *p)
{
    if (!accept(p, NEWLINE)) {
        return false;
    }
    RAISE_SYNTAX_ERROR("expected ':'");
    return true;
}

/* ':' and the end of the line, but the next line is not indented.  `begin` is the token whose line the
   message tells. */
static void
missing_block(parser *p, int begin, const char *what)
{
    if (accept(p, COLON) && accept(p, NEWLINE) && peek(p) != INDENT && !p->error) {
        RAISE_INDENTATION_ERROR("expected an indented block after %s on line %d", what,
                                p->tokens[begin].lineno);
    }
}

/* -- Assignment ---------------------------------------------------------- */

/* A list or a tuple, maybe in parentheses. */
static expr_ty
list_or_tuple(parser *p)
{
    struct place begin = here(p);
    expr_ty result = _PyParser_List(p);
    if (result == NULL && !p->error) {
        go_back(p, begin);
        result = _PyParser_Tuple(p);
    }
    if (result == NULL && !p->error) {
        go_back(p, begin);
        if (accept(p, LPAR)) {
            result = list_or_tuple(p);
            if (result != NULL && !accept(p, RPAR)) {
                result = NULL;
            }
        }
    }
    return result;
}

static void
skip_targets(parser *p)
{
    for (;;) {
        struct place last = here(p);
        if (_PyParser_StarTargets(p) == NULL || !accept(p, EQUAL)) {
            go_back(p, last);
            return;
        }
    }
}

static void
bad_annotation_target(parser *p)
{
    struct place begin = here(p);
    expr_ty target = list_or_tuple(p);
    if (target != NULL && accept(p, COLON) && _PyParser_Expression(p) != NULL) {
        RAISE_AT(target, "only single target (not %s) can be annotated", _PyParser_ExprName(target));
    }
    go_back(p, begin);
    if (p->error) {
        return;
    }
    target = _PyParser_StarNamedExpression(p);
    if (target != NULL && accept(p, COMMA)) {
        struct place after = here(p);
        while (_PyParser_StarNamedExpressions(p) != NULL) {
            after = here(p);
        }
        go_back(p, after);
        if (!p->error && accept(p, COLON) && _PyParser_Expression(p) != NULL) {
            RAISE_AT(target, "only single target (not tuple) can be annotated");
        }
    }
    go_back(p, begin);
    if (p->error) {
        return;
    }
    target = _PyParser_Expression(p);
    if (target != NULL && accept(p, COLON) && _PyParser_Expression(p) != NULL) {
        RAISE_AT(target, "illegal target for annotation");
    }
    go_back(p, begin);
}

void
_PyParser_InvalidAssignment(parser *p)
{
    struct place begin = here(p);
    bad_annotation_target(p);
    if (p->error) {
        return;
    }
    skip_targets(p);
    expr_ty target = p->error ? NULL : _PyParser_StarExpressions(p);
    if (target != NULL && accept(p, EQUAL)) {
        _PyParser_RaiseInvalidTarget(p, STAR_TARGETS, target);
    }
    go_back(p, begin);
    if (p->error) {
        return;
    }
    skip_targets(p);
    target = p->error ? NULL : _PyParser_YieldExpr(p);
    if (target != NULL && accept(p, EQUAL)) {
        RAISE_AT(target, "assignment to yield expression not possible");
    }
    go_back(p, begin);
    if (p->error) {
        return;
    }
    operator_ty op;
    target = _PyParser_StarExpressions(p);
    if (target != NULL && _PyParser_AugAssign(p, &op) && _PyParser_AnnotatedRhs(p) != NULL) {
        RAISE_AT(target, "'%s' is an illegal expression for augmented assignment", _PyParser_ExprName(target));
    }
    go_back(p, begin);
}

/* -- Simple statements --------------------------------------------------- */

void
_PyParser_InvalidDel(parser *p)
{
    struct place begin = here(p);
    if (accept(p, KW_DEL)) {
        expr_ty targets = _PyParser_StarExpressions(p);
        if (targets != NULL) {
            _PyParser_RaiseInvalidTarget(p, DEL_TARGETS, targets);
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidImport(parser *p)
{
    struct place begin = here(p);
    if (accept(p, KW_IMPORT)) {
        if (accept(p, NEWLINE)) {
            RAISE_STARTING_FROM(token_before(p), "Expected one or more names after 'import'");
            return;
        }
        if (_PyParser_DottedName(p) != NULL) {
            for (;;) {
                struct place last = here(p);
                if (!accept(p, COMMA) || _PyParser_DottedName(p) == NULL) {
                    go_back(p, last);
                    break;
                }
            }
            if (!p->error && accept(p, KW_FROM) && _PyParser_DottedName(p) != NULL) {
                RAISE_STARTING_FROM(&p->tokens[begin.mark], "Did you mean to use 'from ... import ...' instead?");
            }
        }
    }
    go_back(p, begin);
}

/* `import a as b.c`; `dotted`: the name may have dots. */
void
_PyParser_InvalidImportTarget(parser *p, bool dotted)
{
    struct place begin = here(p);
    expr_ty name = dotted ? _PyParser_DottedName(p) : _PyParser_Name(p, Load);
    if (name != NULL && accept(p, KW_AS)) {
        if (peek(p) == NAME) {
            int second = peek_second(p);
            if (second == COMMA || second == RPAR || second == NEWLINE) {
                go_back(p, begin);
                return;
            }
        }
        expr_ty target = p->error ? NULL : _PyParser_Expression(p);
        if (target != NULL) {
            RAISE_AT(target, "cannot use %s as import target", _PyParser_ExprName(target));
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidImportFromTargets(parser *p)
{
    struct place begin = here(p);
    if (_PyParser_ImportFromAsNames(p) != NULL && accept(p, COMMA) && accept(p, NEWLINE)) {
        RAISE_SYNTAX_ERROR("trailing comma not allowed without surrounding parentheses");
    }
    go_back(p, begin);
    if (!p->error && accept(p, NEWLINE)) {
        RAISE_STARTING_FROM(token_before(p), "Expected one or more names after 'import'");
    }
    go_back(p, begin);
}

void
_PyParser_InvalidBlock(parser *p)
{
    struct place begin = here(p);
    if (accept(p, NEWLINE) && peek(p) != INDENT && !p->error) {
        RAISE_INDENTATION_ERROR("expected an indented block");
    }
    go_back(p, begin);
}

/* -- if, while, for ------------------------------------------------------ */

/* `if`, `elif` and `while`. */
void
_PyParser_InvalidIf(parser *p, int keyword)
{
    struct place begin = here(p);
    if (accept(p, keyword) && _PyParser_NamedExpression(p) != NULL && !missing_colon(p)) {
        missing_block(p, begin.mark, keyword == KW_IF ? "'if' statement"
                                     : keyword == KW_ELIF ? "'elif' statement" : "'while' statement");
    }
    go_back(p, begin);
}

void
_PyParser_InvalidElse(parser *p)
{
    struct place begin = here(p);
    if (accept(p, KW_ELSE)) {
        missing_block(p, begin.mark, "'else' statement");
    }
    go_back(p, begin);
    if (!p->error && accept(p, KW_ELSE) && accept(p, COLON) && _PyParser_Block(p) != NULL &&
        accept(p, KW_ELIF)) {
        RAISE_SYNTAX_ERROR("'elif' block follows an 'else' block");
    }
    go_back(p, begin);
}

void
_PyParser_InvalidFor(parser *p)
{
    struct place begin = here(p);
    accept(p, KW_ASYNC);
    int keyword = p->mark;
    if (accept(p, KW_FOR) && _PyParser_StarTargets(p) != NULL && accept(p, KW_IN) &&
        _PyParser_StarExpressions(p) != NULL && !missing_colon(p)) {
        missing_block(p, keyword, "'for' statement");
    }
    go_back(p, begin);
}

/* -- with ---------------------------------------------------------------- */

void
_PyParser_InvalidWithItem(parser *p)
{
    struct place begin = here(p);
    if (_PyParser_Expression(p) != NULL && accept(p, KW_AS)) {
        expr_ty target = _PyParser_Expression(p);
        if (target != NULL) {
            int kind = peek(p);
            if (kind == COMMA || kind == RPAR || kind == COLON) {
                _PyParser_RaiseInvalidTarget(p, STAR_TARGETS, target);
            }
        }
    }
    go_back(p, begin);
}

/* expression ['as' target] (',' ...)*; in parentheses the expressions may be tuples. */
static bool
skip_with_items(parser *p, bool parenthesized)
{
    bool any = false;
    struct place last = here(p);
    for (;;) {
        expr_ty context = parenthesized ? _PyParser_Expressions(p) : _PyParser_Expression(p);
        if (context == NULL) {
            break;
        }
        any = true;
        last = here(p);
        if (accept(p, KW_AS) && _PyParser_StarTarget(p) != NULL) {
            last = here(p);
        }
        if (p->error) {
            return false;
        }
        go_back(p, last);
        if (!accept(p, COMMA)) {
            break;
        }
    }
    go_back(p, last);
    return any && !p->error;
}

/* Steps over the header up to its end, for one of the two forms. */
static bool
skip_with_header(parser *p, bool parenthesized, int *keyword)
{
    accept(p, KW_ASYNC);
    *keyword = p->mark;
    if (!accept(p, KW_WITH)) {
        return false;
    }
    if (!parenthesized) {
        return skip_with_items(p, false);
    }
    if (!accept(p, LPAR) || !skip_with_items(p, true)) {
        return false;
    }
    accept(p, COMMA);
    return accept(p, RPAR);
}

void
_PyParser_InvalidWith(parser *p)
{
    struct place begin = here(p);
    int keyword;
    for (int form = 0; form < 2 && !p->error; form++) {
        if (skip_with_header(p, form == 1, &keyword)) {
            missing_colon(p);
        }
        go_back(p, begin);
    }
}

void
_PyParser_InvalidWithIndent(parser *p)
{
    struct place begin = here(p);
    int keyword;
    for (int form = 0; form < 2 && !p->error; form++) {
        if (skip_with_header(p, form == 1, &keyword)) {
            missing_block(p, keyword, "'with' statement");
        }
        go_back(p, begin);
    }
}

/* -- try ----------------------------------------------------------------- */

/* ['as' NAME] */
static bool
skip_as_name(parser *p)
{
    if (peek(p) == KW_AS && peek_second(p) == NAME) {
        p->mark += 2;
        return true;
    }
    return false;
}

/* Steps over handlers of one kind; their number. */
static int
skip_handlers(parser *p, bool star)
{
    int count = 0;
    for (;;) {
        struct place last = here(p);
        if (p->error || _PyParser_ExceptBlock(p, star) == NULL) {
            go_back(p, last);
            return count;
        }
        count++;
    }
}

/* A handler's header of the other kind behind the handlers. */
static void
mixed_handlers(parser *p, bool star)
{
    if (skip_handlers(p, star) == 0 || p->error || !accept(p, KW_EXCEPT)) {
        return;
    }
    int except = p->mark - 1;
    bool other = accept(p, STAR);
    if (other == star) {
        return;
    }
    int last = p->mark - 1;
    struct place behind = here(p);
    if (_PyParser_Expression(p) != NULL) {
        skip_as_name(p);
    }
    else if (other) {
        return;
    }
    else {
        go_back(p, behind);
    }
    if (!p->error && accept(p, COLON)) {
        RAISE_RANGE(&p->tokens[except], &p->tokens[last],
                    "cannot have both 'except' and 'except*' on the same 'try'");
    }
}

void
_PyParser_InvalidTry(parser *p)
{
    struct place begin = here(p);
    if (!accept(p, KW_TRY)) {
        return;
    }
    missing_block(p, begin.mark, "'try' statement");
    go_back(p, begin);
    if (p->error) {
        return;
    }
    p->mark++;
    if (accept(p, COLON)) {
        struct place behind = here(p);
        if (_PyParser_Block(p) != NULL) {
            int kind = peek(p);
            if (kind != KW_EXCEPT && kind != KW_FINALLY && !p->error) {
                RAISE_SYNTAX_ERROR("expected 'except' or 'finally' block");
            }
            behind = here(p);
        }
        while (!p->error && _PyParser_Block(p) != NULL) {
            behind = here(p);
        }
        for (int star = 0; star < 2 && !p->error; star++) {
            go_back(p, behind);
            mixed_handlers(p, star);
        }
    }
    go_back(p, begin);
}

/* The header of a handler of the kind that `star` tells, with one of several mistakes. */
void
_PyParser_InvalidExcept(parser *p, bool star)
{
    struct place begin = here(p);
    if (!accept(p, KW_EXCEPT) || accept(p, STAR) != star) {
        go_back(p, begin);
        return;
    }
    struct place behind = here(p);
    expr_ty type = _PyParser_Expression(p);
    if (type != NULL && accept(p, COMMA) && _PyParser_Expressions(p) != NULL && accept(p, KW_AS) &&
        accept(p, NAME) && accept(p, COLON)) {
        RAISE_STARTING_FROM(type, "multiple exception types must be parenthesized when using 'as'");
    }
    go_back(p, behind);
    if (!p->error && _PyParser_Expression(p) != NULL) {
        skip_as_name(p);
        missing_colon(p);
    }
    go_back(p, behind);
    if (p->error) {
        return;
    }
    if (!star) {
        missing_colon(p);
    }
    else if (peek(p) == NEWLINE || peek(p) == COLON) {
        p->mark++;
        RAISE_SYNTAX_ERROR("expected one or more exception types");
    }
    go_back(p, behind);
    if (p->error) {
        return;
    }
    if (_PyParser_Expression(p) != NULL && accept(p, KW_AS)) {
        expr_ty target = _PyParser_Expression(p);
        if (target != NULL && accept(p, COLON) && _PyParser_Block(p) != NULL) {
            RAISE_AT(target, "cannot use %s statement with %s", star ? "except*" : "except",
                     _PyParser_ExprName(target));
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidExceptIndent(parser *p, bool star)
{
    struct place begin = here(p);
    if (!accept(p, KW_EXCEPT) || accept(p, STAR) != star) {
        go_back(p, begin);
        return;
    }
    struct place behind = here(p);
    const char *what = star ? "'except*' statement" : "'except' statement";
    if (_PyParser_Expression(p) != NULL) {
        skip_as_name(p);
        missing_block(p, begin.mark, what);
    }
    go_back(p, behind);
    if (!p->error && !star) {
        missing_block(p, begin.mark, what);
    }
    go_back(p, begin);
}

void
_PyParser_InvalidFinally(parser *p)
{
    struct place begin = here(p);
    if (accept(p, KW_FINALLY)) {
        missing_block(p, begin.mark, "'finally' statement");
    }
    go_back(p, begin);
}

/* -- match --------------------------------------------------------------- */

void
_PyParser_InvalidMatch(parser *p)
{
    struct place begin = here(p);
    if (accept_soft(p, SOFT_MATCH) && _PyParser_SubjectExpr(p) != NULL) {
        if (accept(p, NEWLINE)) {
            if (_PyParser_CheckVersion(p, 10, "Pattern matching is")) {
                RAISE_SYNTAX_ERROR("expected ':'");
            }
        }
        else if (!p->error) {
            missing_block(p, begin.mark, "'match' statement");
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidCase(parser *p)
{
    struct place begin = here(p);
    expr_ty guard;
    if (accept_soft(p, SOFT_CASE) && _PyParser_Patterns(p) != NULL && _PyParser_Guard(p, &guard) &&
        !missing_colon(p)) {
        missing_block(p, begin.mark, "'case' statement");
    }
    go_back(p, begin);
}

void
_PyParser_InvalidAsPattern(parser *p)
{
    struct place begin = here(p);
    if (_PyParser_OrPattern(p) != NULL && accept(p, KW_AS)) {
        if (accept_soft(p, SOFT_UNDERSCORE)) {
            RAISE_AT(token_before(p), "cannot use '_' as a target");
        }
        else {
            expr_ty target = p->error ? NULL : _PyParser_Expression(p);
            if (target != NULL) {
                RAISE_AT(target, "cannot use %s as pattern target", _PyParser_ExprName(target));
            }
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidClassPattern(parser *p)
{
    struct place begin = here(p);
    if (_PyParser_NameOrAttr(p) != NULL && accept(p, LPAR)) {
        struct place inside = here(p);
        if (_PyParser_PositionalPatterns(p) == NULL || !accept(p, COMMA)) {
            go_back(p, inside);
        }
        if (!p->error && _PyParser_KeywordPatterns(p) && accept(p, COMMA)) {
            asdl_pattern_seq *bad = _PyParser_PositionalPatterns(p);
            if (bad != NULL) {
                RAISE_RANGE(asdl_seq_GET(bad, 0), asdl_seq_GET(bad, asdl_seq_LEN(bad) - 1),
                            "positional patterns follow keyword patterns");
            }
        }
    }
    go_back(p, begin);
}

/* -- def and class ------------------------------------------------------- */

void
_PyParser_InvalidDef(parser *p)
{
    struct place begin = here(p);
    accept(p, KW_ASYNC);
    int keyword = p->mark;
    if (accept(p, KW_DEF) && accept(p, NAME)) {
        struct place name = here(p);
        if (peek(p) == LSQB && _PyParser_TypeParams(p) == NULL) {
            go_back(p, name);
        }
        if (!p->error && accept(p, LPAR)) {
            struct place params = here(p);
            if (_PyParser_Params(p) == NULL) {
                go_back(p, params);
            }
            if (!p->error && accept(p, RPAR)) {
                struct place arrow = here(p);
                if (!accept(p, RARROW) || _PyParser_Expression(p) == NULL) {
                    go_back(p, arrow);
                }
                if (!p->error) {
                    missing_block(p, keyword, "function definition");
                }
            }
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidClass(parser *p)
{
    struct place begin = here(p);
    if (accept(p, KW_CLASS) && accept(p, NAME)) {
        struct place name = here(p);
        if (peek(p) == LSQB && _PyParser_TypeParams(p) == NULL) {
            go_back(p, name);
        }
        bool ok = !p->error;
        struct place open = here(p);
        if (ok && accept(p, LPAR)) {
            struct place inside = here(p);
            if (peek(p) != RPAR && _PyParser_Arguments(p) == NULL) {
                go_back(p, inside);
            }
            if (!p->error && !accept(p, RPAR)) {
                go_back(p, open);
            }
        }
        if (!p->error && !missing_colon(p)) {
            missing_block(p, begin.mark, "class definition");
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidDoubleTypeComments(parser *p)
{
    struct place begin = here(p);
    if (accept(p, TYPE_COMMENT) && accept(p, NEWLINE) && accept(p, TYPE_COMMENT) && accept(p, NEWLINE) &&
        accept(p, INDENT)) {
        RAISE_SYNTAX_ERROR("Cannot have two type comments on def");
    }
    go_back(p, begin);
}

/* Parser: known mistakes in expressions, for the second pass.

   Each function looks for one family of mistakes at the position, in the reference's order, raises if
   it finds one, and leaves the position where it was. */
#include "Python.h"
#include "parser.h"

/* Where a look began, to go back to. */
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

/* -- Expression ---------------------------------------------------------- */

/* Statements of Python 2: `print x`, `exec x`. */
static bool
is_legacy_statement(expr_ty name)
{
    return name->kind == Name_kind && (PyUnicode_EqualToUTF8(name->v.Name.id, "print") ||
                                       PyUnicode_EqualToUTF8(name->v.Name.id, "exec"));
}

/* "one string" words of it "the rest": quotes inside a string. */
static void
words_between_strings(parser *p)
{
    if (!accept(p, STRING)) {
        return;
    }
    expr_ty first = NULL, last = NULL;
    for (;;) {
        struct place next = here(p);
        expr_ty words = peek(p) == STRING ? NULL : _PyParser_ExpressionWithoutInvalid(p);
        if (words == NULL) {
            go_back(p, next);
            break;
        }
        first = first == NULL ? words : first;
        last = words;
    }
    if (first != NULL && !p->error && accept(p, STRING)) {
        RAISE_RANGE(first, last, "invalid syntax. Is this intended to be part of the string?");
    }
}

/* Two expressions side by side. */
static void
missing_comma(parser *p)
{
    if (peek(p) == NAME) {
        /* f"": a bad prefix is told otherwise; `match x` may be the start of a statement. */
        enum soft_keyword soft = token_here(p)->soft;
        if (soft != SOFT_NONE || peek_second(p) == STRING) {
            return;
        }
    }
    expr_ty left = _PyParser_Disjunction(p);
    if (left == NULL) {
        return;
    }
    expr_ty right = _PyParser_ExpressionWithoutInvalid(p);
    if (right != NULL && !p->error && !is_legacy_statement(left) && token_before(p)->level != 0) {
        RAISE_RANGE(left, right, "invalid syntax. Perhaps you forgot a comma?");
    }
}

/* `a if b` without a good else. */
static void
conditional_without_else(parser *p)
{
    expr_ty body = _PyParser_Disjunction(p);
    if (body == NULL || !accept(p, KW_IF)) {
        return;
    }
    expr_ty test = _PyParser_Disjunction(p);
    if (test == NULL || p->error) {
        return;
    }
    int kind = peek(p);
    if (kind != KW_ELSE && kind != COLON) {
        RAISE_RANGE(body, test, "expected 'else' after 'if' expression");
        return;
    }
    if (!accept(p, KW_ELSE)) {
        return;
    }
    struct place after = here(p);
    if (_PyParser_Expression(p) == NULL && !p->error) {
        go_back(p, after);
        RAISE_ON_NEXT_TOKEN("expected expression after 'else', but statement is given");
    }
}

/* `pass if a else b`. */
static void
statement_before_if(parser *p)
{
    int begin = p->mark, kind = peek(p);
    if (kind != KW_PASS && kind != KW_BREAK && kind != KW_CONTINUE) {
        return;
    }
    p->mark++;
    if (accept(p, KW_IF) && _PyParser_Disjunction(p) != NULL && accept(p, KW_ELSE) &&
        _PyParser_SimpleStmt(p) != NULL) {
        RAISE_AT(&p->tokens[begin], "expected expression before 'if', but statement is given");
    }
}

/* f"{lambda x: 1}": the colon ends the expression. */
static void
lambda_in_replacement_field(parser *p)
{
    int begin = p->mark;
    if (!accept(p, KW_LAMBDA)) {
        return;
    }
    if (_PyParser_LambdaParams(p) == NULL) {
        if (p->error) {
            return;
        }
        p->mark = begin + 1;
    }
    if (accept(p, COLON)) {
        int colon = p->mark - 1, kind = peek(p);
        if (kind == FSTRING_MIDDLE || kind == TSTRING_MIDDLE) {
            RAISE_RANGE(&p->tokens[begin], &p->tokens[colon],
                        "%c-string: lambda expressions are not allowed without parentheses",
                        kind == FSTRING_MIDDLE ? 'f' : 't');
        }
    }
}

void
_PyParser_InvalidExpression(parser *p)
{
    static void (*const looks[])(parser *) = {
        words_between_strings, missing_comma, conditional_without_else, statement_before_if, lambda_in_replacement_field,
    };
    struct place begin = here(p);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(looks) && !p->error; i++) {
        looks[i](p);
        go_back(p, begin);
    }
}

void
_PyParser_InvalidLegacyExpression(parser *p)
{
    struct place begin = here(p);
    expr_ty name = _PyParser_Name(p, Load);
    if (name != NULL && peek(p) != LPAR) {
        expr_ty rest = _PyParser_StarExpressions(p);
        if (rest != NULL && is_legacy_statement(name)) {
            RAISE_RANGE(name, rest, "Missing parentheses in call to '%U'. Did you mean %U(...)?",
                        name->v.Name.id, name->v.Name.id);
        }
    }
    go_back(p, begin);
}

/* -- Named expression ---------------------------------------------------- */

static bool
is_display_or_constant(parser *p)
{
    struct place begin = here(p);
    int kind = peek(p);
    bool result = kind == KW_TRUE || kind == KW_FALSE || kind == KW_NONE || _PyParser_List(p) != NULL;
    go_back(p, begin);
    if (!result && !p->error) {
        result = _PyParser_Tuple(p) != NULL;
        go_back(p, begin);
    }
    if (!result && !p->error) {
        result = _PyParser_Genexp(p) != NULL;
        go_back(p, begin);
    }
    return result;
}

static bool
assignment_follows(parser *p)
{
    return peek(p) == EQUAL || peek(p) == COLONEQUAL;
}

void
_PyParser_InvalidNamedExpression(parser *p)
{
    struct place begin = here(p);
    void *known;
    if (_PyParser_Recall(p, RULE_INVALID_NAMED_EXPRESSION, &known)) {
        go_back(p, begin);
        return;
    }
    expr_ty left = _PyParser_Expression(p);
    if (left != NULL && accept(p, COLONEQUAL) && _PyParser_Expression(p) != NULL) {
        RAISE_AT(left, "cannot use assignment expressions with %s", _PyParser_ExprName(left));
    }
    go_back(p, begin);
    if (p->error) {
        return;
    }
    left = _PyParser_Name(p, Load);
    if (left != NULL && accept(p, EQUAL)) {
        expr_ty right = _PyParser_BitwiseOr(p);
        if (right != NULL && !assignment_follows(p)) {
            RAISE_RANGE(left, right, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        }
    }
    go_back(p, begin);
    if (!p->error && !is_display_or_constant(p) && !p->error) {
        left = _PyParser_BitwiseOr(p);
        if (left != NULL && accept(p, EQUAL) && _PyParser_BitwiseOr(p) != NULL && !assignment_follows(p)) {
            RAISE_AT(left, "cannot assign to %s here. Maybe you meant '==' instead of '='?",
                     _PyParser_ExprName(left));
        }
    }
    go_back(p, begin);
    _PyParser_Remember(p, RULE_INVALID_NAMED_EXPRESSION, begin.mark, NULL);
}

/* -- Arithmetic ---------------------------------------------------------- */

/* `a + not b`. */
void
_PyParser_InvalidArithmetic(parser *p)
{
    struct place begin = here(p);
    if (_PyParser_Sum(p) != NULL) {
        int kind = peek(p);
        if ((kind == PLUS || kind == MINUS || kind == STAR || kind == SLASH || kind == PERCENT ||
             kind == DOUBLESLASH || kind == AT) && peek_second(p) == KW_NOT) {
            int not = ++p->mark;
            p->mark++;
            expr_ty operand = _PyParser_Inversion(p);
            if (operand != NULL) {
                RAISE_RANGE(&p->tokens[not], operand, "'not' after an operator must be parenthesized");
            }
        }
    }
    go_back(p, begin);
}

/* `-not b`. */
void
_PyParser_InvalidFactor(parser *p)
{
    struct place begin = here(p);
    int kind = peek(p);
    if ((kind == PLUS || kind == MINUS || kind == TILDE) && peek_second(p) == KW_NOT) {
        int not = ++p->mark;
        p->mark++;
        expr_ty operand = _PyParser_Factor(p);
        if (operand != NULL) {
            RAISE_RANGE(&p->tokens[not], operand, "'not' after an operator must be parenthesized");
        }
    }
    go_back(p, begin);
}

/* -- Arguments ----------------------------------------------------------- */

/* Range of a generator expression that lacks its parentheses. */
static void
raise_bare_genexp(parser *p, expr_ty element, asdl_comprehension_seq *clauses)
{
    comprehension_ty last = asdl_seq_GET(clauses, asdl_seq_LEN(clauses) - 1);
    Py_ssize_t ifs = asdl_seq_LEN(last->ifs);
    expr_ty end = ifs == 0 ? last->iter : asdl_seq_GET(last->ifs, ifs - 1);
    RAISE_RANGE(element, end, "Generator expression must be parenthesized");
}

/* name '=' value clauses */
static void
assignment_in_genexp(parser *p)
{
    int begin = p->mark;
    if (peek(p) == NAME && peek_second(p) == EQUAL) {
        p->mark += 2;
        if (_PyParser_Expression(p) != NULL && _PyParser_ForIfClauses(p) != NULL) {
            RAISE_RANGE(&p->tokens[begin], &p->tokens[begin + 1],
                        "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        }
    }
}

/* positional arguments, then keyword unpacking, then iterable unpacking */
static void
iterable_after_keyword_unpacking(parser *p)
{
    /* The positional arguments may be missing. */
    struct place last = here(p);
    while (_PyParser_PositionalArgument(p) != NULL) {
        if (!accept(p, COMMA)) {
            return;
        }
        last = here(p);
    }
    if (p->error) {
        return;
    }
    go_back(p, last);
    if (!_PyParser_Kwargs(p)) {
        return;
    }
    int comma = p->mark;
    if (!accept(p, COMMA) || peek(p) != STAR) {
        return;
    }
    do {
        if (peek(p) != STAR || _PyParser_StarredExpression(p) == NULL || peek(p) == EQUAL) {
            if (p->error) {
                return;
            }
            break;
        }
        if (!p->error) {
            RAISE_STARTING_FROM(&p->tokens[comma],
                                "iterable argument unpacking follows keyword argument unpacking");
            return;
        }
    } while (accept(p, COMMA));
}

/* element clauses ',' [more] */
static void
genexp_before_comma(parser *p)
{
    expr_ty element = _PyParser_Expression(p);
    asdl_comprehension_seq *clauses = element == NULL ? NULL : _PyParser_ForIfClauses(p);
    if (clauses == NULL || !accept(p, COMMA)) {
        return;
    }
    struct place after = here(p);
    if (_PyParser_Args(p) == NULL && !p->error) {
        go_back(p, after);
        if (_PyParser_Expression(p) != NULL) {
            _PyParser_ForIfClauses(p);
        }
    }
    if (!p->error) {
        raise_bare_genexp(p, element, clauses);
    }
}

/* name '=' without a value */
static void
missing_argument_value(parser *p)
{
    struct place begin = here(p);
    if (_PyParser_Args(p) == NULL || !accept(p, COMMA)) {
        if (p->error) {
            return;
        }
        go_back(p, begin);
    }
    if (peek(p) == NAME && peek_second(p) == EQUAL) {
        int name = p->mark;
        p->mark += 2;
        if (peek(p) == COMMA || peek(p) == RPAR) {
            RAISE_RANGE(&p->tokens[name], &p->tokens[name + 1], "expected argument value expression");
        }
    }
}

/* arguments, the last of which has clauses */
static void
genexp_behind_arguments(parser *p)
{
    expr_ty args = _PyParser_Args(p);
    asdl_comprehension_seq *clauses = args == NULL ? NULL : _PyParser_ForIfClauses(p);
    if (clauses == NULL) {
        return;
    }
    Py_ssize_t count = asdl_seq_LEN(args->v.Call.args);
    if (count > 1) {
        raise_bare_genexp(p, asdl_seq_GET(args->v.Call.args, count - 1), clauses);
    }
}

/* arguments ',' element clauses */
static void
genexp_after_comma(parser *p)
{
    if (_PyParser_Args(p) == NULL || !accept(p, COMMA)) {
        return;
    }
    expr_ty element = _PyParser_Expression(p);
    asdl_comprehension_seq *clauses = element == NULL ? NULL : _PyParser_ForIfClauses(p);
    if (clauses != NULL) {
        RAISE_RANGE(element, asdl_seq_GET(clauses, asdl_seq_LEN(clauses) - 1)->target,
                    "Generator expression must be parenthesized");
    }
}

/* arguments ',' arguments: the first ones ended where no more may come */
static void
positional_after_keyword(parser *p)
{
    expr_ty args = _PyParser_Args(p);
    if (args == NULL || !accept(p, COMMA) || _PyParser_Args(p) == NULL) {
        return;
    }
    bool unpacking = false;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(args->v.Call.keywords); i++) {
        unpacking |= asdl_seq_GET(args->v.Call.keywords, i)->arg == NULL;
    }
    RAISE_SYNTAX_ERROR(unpacking ? "positional argument follows keyword argument unpacking"
                                 : "positional argument follows keyword argument");
}

void
_PyParser_InvalidArguments(parser *p)
{
    static void (*const looks[])(parser *) = {
        iterable_after_keyword_unpacking, assignment_in_genexp, genexp_before_comma, missing_argument_value,
        genexp_behind_arguments, genexp_after_comma, positional_after_keyword,
    };
    struct place begin = here(p);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(looks) && !p->error; i++) {
        looks[i](p);
        go_back(p, begin);
    }
}

void
_PyParser_InvalidKwarg(parser *p)
{
    struct place begin = here(p);
    int kind = peek(p);
    if ((kind == KW_TRUE || kind == KW_FALSE || kind == KW_NONE) && peek_second(p) == EQUAL) {
        RAISE_RANGE(&p->tokens[p->mark], &p->tokens[p->mark + 1], "cannot assign to %s",
                    kind == KW_TRUE ? "True" : kind == KW_FALSE ? "False" : "None");
        return;
    }
    assignment_in_genexp(p);
    go_back(p, begin);
    if (p->error || (kind == NAME && peek_second(p) == EQUAL)) {
        return;
    }
    expr_ty left = _PyParser_Expression(p);
    if (left != NULL && peek(p) == EQUAL) {
        RAISE_RANGE(left, token_here(p),
                    "expression cannot contain assignment, perhaps you meant \"==\"?");
    }
    go_back(p, begin);
    if (!p->error && accept(p, DOUBLESTAR) && _PyParser_Expression(p) != NULL && accept(p, EQUAL)) {
        expr_ty value = _PyParser_Expression(p);
        if (value != NULL) {
            RAISE_RANGE(&p->tokens[begin.mark], value, "cannot assign to keyword argument unpacking");
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidStarredUnpacking(parser *p)
{
    struct place begin = here(p);
    if (accept(p, STAR) && _PyParser_Expression(p) != NULL && accept(p, EQUAL)) {
        expr_ty value = _PyParser_Expression(p);
        if (value != NULL) {
            RAISE_RANGE(&p->tokens[begin.mark], value, "cannot assign to iterable argument unpacking");
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidStarred(parser *p)
{
    struct place begin = here(p);
    if (accept(p, STAR)) {
        RAISE_SYNTAX_ERROR("Invalid star expression");
    }
    go_back(p, begin);
}

/* -- Displays and comprehensions ----------------------------------------- */

void
_PyParser_InvalidComprehension(parser *p)
{
    struct place begin = here(p);
    int open = peek(p);
    p->mark++;
    if (peek(p) == STAR) {
        expr_ty starred = _PyParser_StarredExpression(p);
        if (starred != NULL && _PyParser_ForIfClauses(p) != NULL) {
            RAISE_AT(starred, "iterable unpacking cannot be used in comprehension");
        }
    }
    if (open == LPAR || p->error) {
        go_back(p, begin);
        return;
    }
    p->mark = begin.mark + 1;
    expr_ty first = _PyParser_StarNamedExpression(p);
    if (first != NULL && accept(p, COMMA)) {
        int comma = p->mark - 1;
        struct place after = here(p);
        asdl_expr_seq *rest = _PyParser_StarNamedExpressions(p);
        if (rest != NULL && _PyParser_ForIfClauses(p) != NULL) {
            RAISE_RANGE(first, asdl_seq_GET(rest, asdl_seq_LEN(rest) - 1),
                        "did you forget parentheses around the comprehension target?");
        }
        else if (!p->error) {
            go_back(p, after);
            if (_PyParser_ForIfClauses(p) != NULL) {
                RAISE_RANGE(first, &p->tokens[comma],
                            "did you forget parentheses around the comprehension target?");
            }
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidDictComprehension(parser *p)
{
    struct place begin = here(p);
    if (accept(p, LBRACE) && accept(p, DOUBLESTAR) && _PyParser_BitwiseOr(p) != NULL &&
        _PyParser_ForIfClauses(p) != NULL && accept(p, RBRACE)) {
        RAISE_AT(&p->tokens[begin.mark + 1], "dict unpacking cannot be used in dict comprehension");
    }
    go_back(p, begin);
}

void
_PyParser_InvalidGroup(parser *p)
{
    struct place begin = here(p);
    if (accept(p, LPAR)) {
        if (peek(p) == STAR) {
            expr_ty starred = _PyParser_StarredExpression(p);
            if (starred != NULL && accept(p, RPAR)) {
                RAISE_AT(starred, "cannot use starred expression here");
            }
        }
        else if (accept(p, DOUBLESTAR)) {
            int stars = p->mark - 1;
            if (_PyParser_Expression(p) != NULL && accept(p, RPAR)) {
                RAISE_AT(&p->tokens[stars], "cannot use double starred expression here");
            }
        }
    }
    go_back(p, begin);
}

/* key ':' with a bad value, or nothing */
static void
bad_dict_value(parser *p)
{
    struct place begin = here(p);
    if (_PyParser_Expression(p) != NULL && accept(p, COLON)) {
        int colon = p->mark - 1;
        if (accept(p, STAR)) {
            int star = p->mark - 1;
            if (_PyParser_BitwiseOr(p) != NULL) {
                RAISE_STARTING_FROM(&p->tokens[star], "cannot use a starred expression in a dictionary value");
            }
        }
        else if (peek(p) == RBRACE || peek(p) == COMMA) {
            RAISE_AT(&p->tokens[colon], "expression expected after dictionary key and ':'");
        }
    }
    go_back(p, begin);
}

/* The position is behind the '{'.  The reference looks for these in its first pass already. */
void
_PyParser_InvalidKvpairs(parser *p)
{
    struct place begin = here(p), last = begin;
    expr_ty key, value;
    bool any = false;
    while (!p->error && _PyParser_DoubleStarredKeyValue(p, &key, &value)) {
        any = true;
        last = here(p);
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (p->error) {
        return;
    }
    go_back(p, last);
    if (any && accept(p, COMMA)) {
        struct place pair = here(p);
        key = _PyParser_Expression(p);
        if (key != NULL && peek(p) != COLON && !p->error) {
            _PyParser_RaiseAt(p, PyExc_SyntaxError, key->lineno, key->end_col_offset - 1, key->end_lineno, -1,
                              "':' expected after dictionary key");
        }
        go_back(p, pair);
        if (!p->error) {
            bad_dict_value(p);
        }
    }
    go_back(p, begin);
    if (!p->error) {
        bad_dict_value(p);
    }
}

void
_PyParser_InvalidForIfClause(parser *p)
{
    struct place begin = here(p);
    accept(p, KW_ASYNC);
    if (accept(p, KW_FOR) && _PyParser_BitwiseOr(p) != NULL) {
        for (;;) {
            struct place last = here(p);
            if (!accept(p, COMMA)) {
                break;
            }
            if (_PyParser_BitwiseOr(p) == NULL) {
                go_back(p, last);
                accept(p, COMMA);
                break;
            }
        }
        if (!p->error && peek(p) != KW_IN) {
            RAISE_SYNTAX_ERROR("'in' expected after for-loop variables");
        }
    }
    go_back(p, begin);
}

void
_PyParser_InvalidForTarget(parser *p)
{
    struct place begin = here(p);
    accept(p, KW_ASYNC);
    if (accept(p, KW_FOR)) {
        expr_ty target = _PyParser_StarExpressions(p);
        if (target != NULL) {
            _PyParser_RaiseInvalidTarget(p, FOR_TARGETS, target);
        }
    }
    go_back(p, begin);
}

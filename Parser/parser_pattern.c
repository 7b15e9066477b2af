/* Parser: match statements and patterns. */
#include "Python.h"
#include "parser.h"

#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))

static pattern_ty pattern(parser *p);

/* -- Numbers ------------------------------------------------------------- */

/* NUMBER or '-' NUMBER. */
static expr_ty
signed_number(parser *p)
{
    int begin = p->mark;
    if (!accept(p, MINUS)) {
        return _PyParser_Number(p);
    }
    expr_ty number = _PyParser_Number(p);
    return number == NULL ? NULL : MAKE(UnaryOp, begin, USub, number);
}

/* A number, or the sum or difference of a real and an imaginary one. */
static expr_ty
number_literal(parser *p)
{
    int begin = p->mark;
    expr_ty real = signed_number(p);
    if (real == NULL) {
        return NULL;
    }
    int kind = peek(p);
    if (kind != PLUS && kind != MINUS) {
        return p->error ? NULL : real;
    }
    expr_ty digits = real->kind == UnaryOp_kind ? real->v.UnaryOp.operand : real;
    if (PyComplex_CheckExact(digits->v.Constant.value)) {
        return RAISE_AT(digits, "real number required in complex literal");
    }
    p->mark++;
    expr_ty imaginary = _PyParser_Number(p);
    if (imaginary == NULL) {
        return NULL;
    }
    if (!PyComplex_CheckExact(imaginary->v.Constant.value)) {
        return RAISE_AT(imaginary, "imaginary number required in complex literal");
    }
    return MAKE(BinOp, begin, real, kind == PLUS ? Add : Sub, imaginary);
}

static expr_ty
singleton(parser *p, PyObject *value)
{
    int begin = p->mark++;
    return MAKE(Constant, begin, value, NULL);
}

/* A literal as an expression: a key of a mapping pattern. */
static expr_ty
literal_expr(parser *p)
{
    switch (peek(p)) {
        case NUMBER:
        case MINUS: return number_literal(p);
        case STRING:
        case FSTRING_START:
        case TSTRING_START: return _PyParser_Strings(p);
        case KW_NONE: return singleton(p, Py_None);
        case KW_TRUE: return singleton(p, Py_True);
        case KW_FALSE: return singleton(p, Py_False);
        default: return NULL;
    }
}

/* -- Names --------------------------------------------------------------- */

/* A name that captures: not "_", and no attribute, call or keyword follows. */
static PyObject *
capture_target(parser *p)
{
    if (peek(p) != NAME || token_here(p)->soft == SOFT_UNDERSCORE) {
        return NULL;
    }
    int second = peek_second(p);
    if (second == DOT || second == LPAR || second == EQUAL) {
        return NULL;
    }
    p->mark++;
    return _PyParser_TokenIdentifier(p, token_before(p));
}

/* NAME ('.' NAME)*. */
expr_ty
_PyParser_NameOrAttr(parser *p)
{
    int begin = p->mark;
    expr_ty result = _PyParser_Name(p, Load);
    while (result != NULL && peek(p) == DOT && peek_second(p) == NAME) {
        p->mark += 2;
        PyObject *name = _PyParser_TokenIdentifier(p, token_before(p));
        result = name == NULL ? NULL : MAKE(Attribute, begin, result, name, Load);
    }
    return p->error ? NULL : result;
}

/* -- Sequences ----------------------------------------------------------- */

/* '*' and a name or "_". */
static pattern_ty
star_pattern(parser *p)
{
    int begin = p->mark++;
    if (accept_soft(p, SOFT_UNDERSCORE)) {
        return MAKE(MatchStar, begin, NULL);
    }
    PyObject *name = capture_target(p);
    return name == NULL ? NULL : MAKE(MatchStar, begin, name);
}

static pattern_ty
maybe_star_pattern(parser *p)
{
    return peek(p) == STAR ? star_pattern(p) : pattern(p);
}

/* Pushes items behind a first one; stops before what is no ',' or item. */
static bool
push_more_patterns(parser *p)
{
    while (accept(p, COMMA)) {
        int here = p->mark, size = p->stack_size;
        pattern_ty next = maybe_star_pattern(p);
        if (next == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, next)) {
            return false;
        }
    }
    return !p->error;
}

/* '(' ... ')': a group, or a sequence if there is a comma or nothing; '[' ... ']': a sequence. */
static pattern_ty
group_or_sequence(parser *p, int close)
{
    int begin = p->mark++, base = p->stack_size;
    if (peek(p) != close) {
        bool star = peek(p) == STAR;
        pattern_ty first = maybe_star_pattern(p);
        if (first == NULL) {
            return NULL;
        }
        if (close == RPAR && peek(p) != COMMA) {
            return !star && accept(p, RPAR) ? first : NULL;
        }
        if (!_PyParser_Push(p, first) || !push_more_patterns(p)) {
            return NULL;
        }
    }
    asdl_pattern_seq *items = accept(p, close) ? TAKE(pattern, base) : NULL;
    return items == NULL ? NULL : MAKE(MatchSequence, begin, items);
}

/* -- Mappings ------------------------------------------------------------ */

static bool
push_key_value(parser *p)
{
    expr_ty key;
    if (peek(p) == NAME) {
        key = _PyParser_NameOrAttr(p);
        if (key != NULL && key->kind != Attribute_kind) {
            return false;
        }
    }
    else {
        key = literal_expr(p);
    }
    if (key == NULL || !accept(p, COLON)) {
        return false;
    }
    pattern_ty value = pattern(p);
    return value != NULL && _PyParser_Push(p, key) && _PyParser_Push(p, value);
}

static pattern_ty
mapping_pattern(parser *p)
{
    int begin = p->mark++, base = p->stack_size;
    PyObject *rest = NULL;
    while (peek(p) != RBRACE) {
        if (accept(p, DOUBLESTAR)) {
            rest = capture_target(p);
            if (rest == NULL) {
                return NULL;
            }
            accept(p, COMMA);
            break;
        }
        if (!push_key_value(p)) {
            return NULL;
        }
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (!accept(p, RBRACE)) {
        return NULL;
    }
    int count = (p->stack_size - base) / 2;
    asdl_expr_seq *keys = checked(p, _Py_asdl_expr_seq_new(count, p->arena));
    asdl_pattern_seq *values = checked(p, _Py_asdl_pattern_seq_new(count, p->arena));
    if (keys == NULL || values == NULL) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        asdl_seq_SET(keys, i, p->stack[base + 2 * i]);
        asdl_seq_SET(values, i, p->stack[base + 2 * i + 1]);
    }
    p->stack_size = base;
    return MAKE(MatchMapping, begin, keys, values, rest);
}

/* -- Classes ------------------------------------------------------------- */

/* ','.pattern+, without a trailing comma. */
asdl_pattern_seq *
_PyParser_PositionalPatterns(parser *p)
{
    int base = p->stack_size;
    int here = p->mark, size = base;
    do {
        pattern_ty item = peek(p) == NAME && peek_second(p) == EQUAL ? NULL : pattern(p);
        if (item == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, item)) {
            return NULL;
        }
        here = p->mark;
        size = p->stack_size;
    } while (accept(p, COMMA));
    if (p->error || size == base) {
        return NULL;
    }
    return TAKE(pattern, base);
}

/* Pushes (name, pattern) pairs, without a trailing comma; false if there is none. */
bool
_PyParser_KeywordPatterns(parser *p)
{
    bool any = false;
    int here = p->mark;
    while (peek(p) == NAME && peek_second(p) == EQUAL) {
        int size = p->stack_size;
        PyObject *name = _PyParser_TokenIdentifier(p, token_here(p));
        p->mark += 2;
        pattern_ty value = name == NULL ? NULL : pattern(p);
        if (value == NULL) {
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, name) || !_PyParser_Push(p, value)) {
            return false;
        }
        any = true;
        here = p->mark;
        if (!accept(p, COMMA)) {
            break;
        }
    }
    p->mark = here;
    return any && !p->error;
}

/* Behind name_or_attr '('. */
static pattern_ty
class_pattern(parser *p, int begin, expr_ty cls)
{
    int base = p->stack_size;
    asdl_pattern_seq *positional = NULL;
    if (peek(p) != RPAR) {
        int here = p->mark;
        positional = _PyParser_PositionalPatterns(p);
        if (positional == NULL) {
            p->mark = here;
            p->stack_size = base;
        }
        if (!p->error && (positional == NULL || accept(p, COMMA)) && _PyParser_KeywordPatterns(p)) {
            accept(p, COMMA);
        }
        if (p->error) {
            return NULL;
        }
    }
    int count = (p->stack_size - base) / 2;
    if (!accept(p, RPAR)) {
        return NULL;
    }
    asdl_identifier_seq *names = checked(p, _Py_asdl_identifier_seq_new(count, p->arena));
    asdl_pattern_seq *values = checked(p, _Py_asdl_pattern_seq_new(count, p->arena));
    if (names == NULL || values == NULL) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        asdl_seq_SET(names, i, p->stack[base + 2 * i]);
        asdl_seq_SET(values, i, p->stack[base + 2 * i + 1]);
    }
    p->stack_size = base;
    return MAKE(MatchClass, begin, cls, positional, names, values);
}

/* -- Patterns ------------------------------------------------------------ */

static pattern_ty
name_pattern(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    PyObject *name = capture_target(p);
    if (name != NULL) {
        return MAKE(MatchAs, begin, NULL, name);
    }
    if (p->error) {
        return NULL;
    }
    p->mark = begin;
    if (accept_soft(p, SOFT_UNDERSCORE)) {
        int kind = peek(p);
        if (kind != LPAR || p->error) {
            return p->error ? NULL : MAKE(MatchAs, begin, NULL, NULL);
        }
        /* The reference takes the wildcard and then stumbles on the parenthesis. */
        return MAKE(MatchAs, begin, NULL, NULL);
    }
    expr_ty value = _PyParser_NameOrAttr(p);
    if (value == NULL) {
        return NULL;
    }
    int kind = peek(p);
    if (kind == LPAR) {
        p->mark++;
        pattern_ty result = class_pattern(p, begin, value);
        if (result == NULL && mistakes(p) && !p->error) {
            p->mark = begin;
            p->stack_size = size;
            _PyParser_InvalidClassPattern(p);
        }
        return result;
    }
    if (value->kind != Attribute_kind || kind == DOT || kind == EQUAL || p->error) {
        return NULL;
    }
    return MAKE(MatchValue, begin, value);
}

static pattern_ty
closed_pattern(parser *p)
{
    int begin = p->mark;
    switch (peek(p)) {
        case NAME:
            return name_pattern(p);
        case LPAR:
            return group_or_sequence(p, RPAR);
        case LSQB:
            return group_or_sequence(p, RSQB);
        case LBRACE:
            return mapping_pattern(p);
        case KW_NONE:
            p->mark++;
            return MAKE(MatchSingleton, begin, Py_None);
        case KW_TRUE:
            p->mark++;
            return MAKE(MatchSingleton, begin, Py_True);
        case KW_FALSE:
            p->mark++;
            return MAKE(MatchSingleton, begin, Py_False);
        default: {
            expr_ty value = literal_expr(p);
            return value == NULL ? NULL : MAKE(MatchValue, begin, value);
        }
    }
}

pattern_ty
_PyParser_OrPattern(parser *p)
{
    int begin = p->mark, base = p->stack_size;
    pattern_ty first = closed_pattern(p);
    if (first == NULL || peek(p) != VBAR) {
        return p->error ? NULL : first;
    }
    int here = p->mark, size;
    if (!_PyParser_Push(p, first)) {
        return NULL;
    }
    size = p->stack_size;
    while (accept(p, VBAR)) {
        pattern_ty next = closed_pattern(p);
        if (next == NULL) {
            break;
        }
        if (!_PyParser_Push(p, next)) {
            return NULL;
        }
        here = p->mark;
        size = p->stack_size;
    }
    p->mark = here;
    p->stack_size = size;
    if (p->error) {
        return NULL;
    }
    if (size == base + 1) {
        p->stack_size = base;
        return first;
    }
    asdl_pattern_seq *choices = TAKE(pattern, base);
    return choices == NULL ? NULL : MAKE(MatchOr, begin, choices);
}

static pattern_ty
pattern(parser *p)
{
    int begin = p->mark;
    if (!enter(p)) {
        return NULL;
    }
    pattern_ty result = _PyParser_OrPattern(p);
    leave(p);
    if (result == NULL || peek(p) != KW_AS) {
        return p->error ? NULL : result;
    }
    int here = p->mark++;
    PyObject *name = capture_target(p);
    if (name != NULL) {
        return MAKE(MatchAs, begin, result, name);
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidAsPattern(p);
    }
    p->mark = here;
    return p->error ? NULL : result;
}

/* What stands behind `case`: also a sequence without brackets. */
pattern_ty
_PyParser_Patterns(parser *p)
{
    int begin = p->mark, base = p->stack_size;
    bool star = peek(p) == STAR;
    pattern_ty first = maybe_star_pattern(p);
    if (first == NULL || peek(p) != COMMA) {
        return star || p->error ? NULL : first;
    }
    if (!_PyParser_Push(p, first) || !push_more_patterns(p)) {
        return NULL;
    }
    asdl_pattern_seq *items = TAKE(pattern, base);
    return items == NULL ? NULL : MAKE(MatchSequence, begin, items);
}

/* -- Statement ----------------------------------------------------------- */

expr_ty
_PyParser_SubjectExpr(parser *p)
{
    int begin = p->mark, base = p->stack_size;
    expr_ty first = _PyParser_StarNamedExpression(p);
    if (first != NULL && accept(p, COMMA)) {
        if (!_PyParser_Push(p, first)) {
            return NULL;
        }
        int here = p->mark;
        asdl_expr_seq *rest = _PyParser_StarNamedExpressions(p);
        p->stack_size = base + 1;
        if (rest == NULL) {
            if (p->error) {
                return NULL;
            }
            p->mark = here;
        }
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(rest); i++) {
            if (!_PyParser_Push(p, asdl_seq_GET(rest, i))) {
                return NULL;
            }
        }
        asdl_expr_seq *items = TAKE(expr, base);
        return items == NULL ? NULL : MAKE(Tuple, begin, items, Load);
    }
    if (p->error) {
        return NULL;
    }
    p->mark = begin;
    p->stack_size = base;
    return _PyParser_NamedExpression(p);
}

/* ['if' condition]; false only with an error or if the condition is missing. */
bool
_PyParser_Guard(parser *p, expr_ty *guard)
{
    *guard = NULL;
    int here = p->mark;
    if (accept(p, KW_IF)) {
        *guard = _PyParser_NamedExpression(p);
        if (*guard == NULL) {
            p->mark = here;
        }
    }
    return !p->error;
}

static match_case_ty
case_block(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    if (mistakes(p)) {
        _PyParser_InvalidCase(p);
        if (p->error) {
            return NULL;
        }
        p->mark = begin;
        p->stack_size = size;
    }
    if (!accept_soft(p, SOFT_CASE)) {
        return NULL;
    }
    pattern_ty chosen = _PyParser_Patterns(p);
    expr_ty guard;
    if (chosen == NULL || !_PyParser_Guard(p, &guard) || !accept(p, COLON)) {
        return NULL;
    }
    asdl_stmt_seq *body = _PyParser_Block(p);
    return body == NULL ? NULL : checked(p, _PyAST_match_case(chosen, guard, body, p->arena));
}

stmt_ty
_PyParser_MatchStmt(parser *p)
{
    int begin = p->mark++, base = p->stack_size;
    expr_ty subject = _PyParser_SubjectExpr(p);
    if (subject != NULL && accept(p, COLON) && accept(p, NEWLINE) && accept(p, INDENT)) {
        while (peek_soft(p) == SOFT_CASE || p->look_for_mistakes) {
            int here = p->mark, size = p->stack_size;
            match_case_ty block = case_block(p);
            if (block == NULL) {
                p->mark = here;
                p->stack_size = size;
                break;
            }
            if (!_PyParser_Push(p, block)) {
                return NULL;
            }
        }
        if (!p->error && p->stack_size > base && accept(p, DEDENT)) {
            if (!_PyParser_CheckVersion(p, 10, "Pattern matching is")) {
                return NULL;
            }
            asdl_match_case_seq *cases = TAKE(match_case, base);
            return cases == NULL ? NULL : checked(p, _PyAST_Match(subject, cases, SPAN_TEXT(begin)));
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        p->stack_size = base;
        _PyParser_InvalidMatch(p);
    }
    return NULL;
}

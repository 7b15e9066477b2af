/* Parser: expressions, from the loosest binding (lists of expressions) down to unary operators. */
#include "Python.h"
#include "parser.h"

/* A node that starts with the token `begin` and ends with the last one taken. */
#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))

/* -- Arithmetic ---------------------------------------------------------- */

/* Binary operators by level of binding; 0: the token is none. */
enum { LEVEL_OR = 1, LEVEL_XOR, LEVEL_AND, LEVEL_SHIFT, LEVEL_SUM, LEVEL_TERM };

static inline int
binary_operator(int kind, operator_ty *op)
{
    switch (kind) {
        case VBAR: *op = BitOr; return LEVEL_OR;
        case CIRCUMFLEX: *op = BitXor; return LEVEL_XOR;
        case AMPER: *op = BitAnd; return LEVEL_AND;
        case LEFTSHIFT: *op = LShift; return LEVEL_SHIFT;
        case RIGHTSHIFT: *op = RShift; return LEVEL_SHIFT;
        case PLUS: *op = Add; return LEVEL_SUM;
        case MINUS: *op = Sub; return LEVEL_SUM;
        case STAR: *op = Mult; return LEVEL_TERM;
        case SLASH: *op = Div; return LEVEL_TERM;
        case PERCENT: *op = Mod; return LEVEL_TERM;
        case DOUBLESLASH: *op = FloorDiv; return LEVEL_TERM;
        case AT: *op = MatMult; return LEVEL_TERM;
        default: return 0;
    }
}

static expr_ty
power(parser *p)
{
    int begin = p->mark;
    expr_ty base;
    if (accept(p, KW_AWAIT)) {
        expr_ty value = _PyParser_Primary(p);
        if (value == NULL || !_PyParser_CheckVersion(p, 5, "Await expressions are")) {
            return NULL;
        }
        base = MAKE(Await, begin, value);
    }
    else {
        base = _PyParser_Primary(p);
    }
    if (base == NULL || peek(p) != DOUBLESTAR) {
        return p->error ? NULL : base;
    }
    int here = p->mark++;
    expr_ty exponent = _PyParser_Factor(p);
    if (exponent == NULL) {
        p->mark = here;
        return p->error ? NULL : base;
    }
    return MAKE(BinOp, begin, base, Pow, exponent);
}

static expr_ty
factor_raw(parser *p)
{
    unaryop_ty op;
    switch (peek(p)) {
        case PLUS: op = UAdd; break;
        case MINUS: op = USub; break;
        case TILDE: op = Invert; break;
        default: return power(p);
    }
    int begin = p->mark++;
    expr_ty operand = _PyParser_Factor(p);
    return operand == NULL ? NULL : MAKE(UnaryOp, begin, op, operand);
}

expr_ty
_PyParser_Factor(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (p->look_for_mistakes && _PyParser_Recall(p, RULE_FACTOR, &result)) {
        return result;
    }
    if (!enter(p)) {
        return NULL;
    }
    result = factor_raw(p);
    leave(p);
    return p->look_for_mistakes ? _PyParser_Remember(p, RULE_FACTOR, begin, result) : result;
}

/* The first operand of a product, which is where a sign before `not` is noticed. */
static expr_ty
first_operand(parser *p)
{
    if (mistakes(p)) {
        _PyParser_InvalidFactor(p);
    }
    return p->error ? NULL : _PyParser_Factor(p);
}

/* Operators of at least `level`, by precedence climbing: a loop for the left operand, recursion for
   the right one. */
static expr_ty
binary(parser *p, int level)
{
    int begin = p->mark;
    if (level <= LEVEL_SHIFT && mistakes(p)) {
        _PyParser_InvalidArithmetic(p);
    }
    expr_ty left = p->error ? NULL : first_operand(p);
    if (left == NULL) {
        return NULL;
    }
    for (;;) {
        operator_ty op = Add;
        int here = p->mark, found = binary_operator(peek(p), &op);
        if (found < level || p->error) {
            return p->error ? NULL : left;
        }
        p->mark++;
        /* Operands of a product are factors; a sum's operands are products, and so on. */
        expr_ty right = found == LEVEL_TERM ? _PyParser_Factor(p) : binary(p, found + 1);
        if (right == NULL) {
            p->mark = here;
            return p->error ? NULL : left;
        }
        if (op == MatMult && !_PyParser_CheckVersion(p, 5, "The '@' operator is")) {
            return NULL;
        }
        left = MAKE(BinOp, begin, left, op, right);
        if (left == NULL) {
            return NULL;
        }
    }
}

expr_ty
_PyParser_Sum(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (p->look_for_mistakes && _PyParser_Recall(p, RULE_SUM, &result)) {
        return result;
    }
    result = binary(p, LEVEL_SUM);
    return p->look_for_mistakes ? _PyParser_Remember(p, RULE_SUM, begin, result) : result;
}

expr_ty
_PyParser_BitwiseOr(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        return binary(p, LEVEL_OR);
    }
    if (_PyParser_Recall(p, RULE_BITWISE_OR, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_BITWISE_OR, begin, binary(p, LEVEL_OR));
}

/* -- Comparison and logic ------------------------------------------------ */

/* "!=" is "<>" under `from __future__ import barry_as_FLUFL`, and never else. */
static bool
check_not_equal(parser *p)
{
    const char *text = token_text(p, token_before(p));
    if (p->flags & PARSE_BARRY_AS_BDFL) {
        if (text[0] == '<') {
            return true;
        }
        RAISE_SYNTAX_ERROR("with Barry as BDFL, use '<>' instead of '!='");
        return false;
    }
    if (text[0] == '<' && mistakes(p)) {
        RAISE_AT(token_before(p), "invalid syntax.  Maybe you meant '!=' instead of '<>'?");
    }
    return text[0] == '!';
}

/* Takes a comparison operator. */
static bool
comparison_operator(parser *p, cmpop_ty *op)
{
    switch (peek(p)) {
        case EQEQUAL: *op = Eq; break;
        case LESS: *op = Lt; break;
        case GREATER: *op = Gt; break;
        case LESSEQUAL: *op = LtE; break;
        case GREATEREQUAL: *op = GtE; break;
        case KW_IN: *op = In; break;
        case NOTEQUAL:
            *op = NotEq;
            p->mark++;
            return check_not_equal(p);
        case KW_NOT:
            *op = NotIn;
            p->mark++;
            return accept(p, KW_IN);
        case KW_IS:
            p->mark++;
            *op = accept(p, KW_NOT) ? IsNot : Is;
            return true;
        default:
            return false;
    }
    p->mark++;
    return true;
}

static expr_ty
comparison(parser *p)
{
    int begin = p->mark, here;
    expr_ty left = _PyParser_BitwiseOr(p);
    if (left == NULL) {
        return NULL;
    }
    int kind = peek(p);
    if (!(kind >= LESS && kind <= GREATER) && !(kind >= EQEQUAL && kind <= GREATEREQUAL) &&
        kind != KW_IN && kind != KW_IS && kind != KW_NOT) {
        return p->error ? NULL : left;
    }
    int base = p->stack_size, count = 0;
    for (;; count++) {
        cmpop_ty op;
        here = p->mark;
        if (!comparison_operator(p, &op)) {
            break;
        }
        expr_ty right = _PyParser_BitwiseOr(p);
        if (right == NULL) {
            /* "is not x" may also be "is" (not x), which is an error of its own. */
            break;
        }
        if (!_PyParser_Push(p, (void *)(intptr_t)op) || !_PyParser_Push(p, right)) {
            return NULL;
        }
    }
    p->mark = here;
    if (p->error) {
        return NULL;
    }
    if (count == 0) {
        p->stack_size = base;
        return left;
    }
    asdl_int_seq *ops = checked(p, _Py_asdl_int_seq_new(count, p->arena));
    asdl_expr_seq *comparators = checked(p, _Py_asdl_expr_seq_new(count, p->arena));
    if (ops == NULL || comparators == NULL) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        asdl_seq_SET(ops, i, (int)(intptr_t)p->stack[base + 2 * i]);
        asdl_seq_SET(comparators, i, p->stack[base + 2 * i + 1]);
    }
    p->stack_size = base;
    return MAKE(Compare, begin, left, ops, comparators);
}

expr_ty
_PyParser_Inversion(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (p->look_for_mistakes && _PyParser_Recall(p, RULE_INVERSION, &result)) {
        return result;
    }
    if (peek(p) == KW_NOT) {
        if (!enter(p)) {
            return NULL;
        }
        p->mark++;
        expr_ty operand = _PyParser_Inversion(p);
        leave(p);
        result = operand == NULL ? NULL : MAKE(UnaryOp, begin, Not, operand);
    }
    else {
        result = comparison(p);
    }
    return p->look_for_mistakes ? _PyParser_Remember(p, RULE_INVERSION, begin, result) : result;
}

/* a OP b OP c ...: one BoolOp. */
static expr_ty
bool_op(parser *p, int keyword, boolop_ty op, expr_ty (*operand)(parser *))
{
    int begin = p->mark;
    expr_ty first = operand(p);
    if (first == NULL || peek(p) != keyword) {
        return p->error ? NULL : first;
    }
    int base = p->stack_size;
    if (!_PyParser_Push(p, first)) {
        return NULL;
    }
    int here, count = 1;
    for (;; count++) {
        here = p->mark;
        if (!accept(p, keyword)) {
            break;
        }
        expr_ty next = operand(p);
        if (next == NULL) {
            break;
        }
        if (!_PyParser_Push(p, next)) {
            return NULL;
        }
    }
    p->mark = here;
    if (p->error) {
        return NULL;
    }
    if (count == 1) {
        p->stack_size = base;
        return first;
    }
    p->stack_size = base + count;
    asdl_expr_seq *values = TAKE(expr, base);
    return values == NULL ? NULL : MAKE(BoolOp, begin, op, values);
}

static expr_ty
conjunction(parser *p)
{
    return bool_op(p, KW_AND, And, _PyParser_Inversion);
}

expr_ty
_PyParser_Disjunction(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        return bool_op(p, KW_OR, Or, conjunction);
    }
    if (_PyParser_Recall(p, RULE_DISJUNCTION, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_DISJUNCTION, begin, bool_op(p, KW_OR, Or, conjunction));
}

/* -- Expression ---------------------------------------------------------- */

/* Conditional expression, disjunction or lambda. */
static expr_ty
expression_plain(parser *p)
{
    int begin = p->mark;
    if (peek(p) == KW_LAMBDA) {
        return _PyParser_Lambda(p);
    }
    expr_ty body = _PyParser_Disjunction(p);
    if (body == NULL || peek(p) != KW_IF) {
        return p->error ? NULL : body;
    }
    int here = p->mark++;
    expr_ty test = _PyParser_Disjunction(p), orelse;
    if (test != NULL && accept(p, KW_ELSE) && (orelse = _PyParser_Expression(p)) != NULL) {
        return MAKE(IfExp, begin, test, body, orelse);
    }
    p->mark = here;
    return p->error ? NULL : body;
}

expr_ty
_PyParser_ExpressionWithoutInvalid(parser *p)
{
    bool saved = p->without_invalid;
    p->without_invalid = true;
    expr_ty result = expression_plain(p);
    p->without_invalid = saved;
    return result;
}

static expr_ty
expression_raw(parser *p)
{
    if (mistakes(p)) {
        _PyParser_InvalidExpression(p);
        if (!p->error) {
            _PyParser_InvalidLegacyExpression(p);
        }
        if (p->error) {
            return NULL;
        }
    }
    return expression_plain(p);
}

expr_ty
_PyParser_Expression(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (p->look_for_mistakes && _PyParser_Recall(p, RULE_EXPRESSION, &result)) {
        return result;
    }
    if (!enter(p)) {
        return NULL;
    }
    result = expression_raw(p);
    leave(p);
    return p->look_for_mistakes ? _PyParser_Remember(p, RULE_EXPRESSION, begin, result) : result;
}

/* NAME ':=' expression. */
expr_ty
_PyParser_AssignmentExpression(parser *p)
{
    if (peek(p) != NAME || peek_second(p) != COLONEQUAL) {
        return NULL;
    }
    int begin = p->mark;
    expr_ty target = _PyParser_Name(p, Store);
    p->mark++;
    expr_ty value = target == NULL ? NULL : _PyParser_Expression(p);
    if (value == NULL || !_PyParser_CheckVersion(p, 8, "Assignment expressions are")) {
        return NULL;
    }
    return MAKE(NamedExpr, begin, target, value);
}

static expr_ty
named_expression_raw(parser *p)
{
    int begin = p->mark;
    expr_ty result = _PyParser_AssignmentExpression(p);
    if (result != NULL || p->error) {
        return result;
    }
    p->mark = begin;
    if (mistakes(p)) {
        _PyParser_InvalidNamedExpression(p);
        if (p->error) {
            return NULL;
        }
    }
    result = _PyParser_Expression(p);
    return result != NULL && peek(p) != COLONEQUAL && !p->error ? result : NULL;
}

expr_ty
_PyParser_NamedExpression(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        return named_expression_raw(p);
    }
    if (_PyParser_Recall(p, RULE_NAMED_EXPRESSION, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_NAMED_EXPRESSION, begin, named_expression_raw(p));
}

/* -- Lists of expressions ------------------------------------------------ */

/* '*' bitwise_or, as a Starred. */
static expr_ty
starred_bitwise_or(parser *p)
{
    int begin = p->mark++;
    expr_ty value = _PyParser_BitwiseOr(p);
    return value == NULL ? NULL : MAKE(Starred, begin, value, Load);
}

/* '*' expression, as an argument or in a subscript. */
expr_ty
_PyParser_StarredExpression(parser *p)
{
    int begin = p->mark;
    if (mistakes(p)) {
        _PyParser_InvalidStarredUnpacking(p);
        if (p->error) {
            return NULL;
        }
    }
    if (accept(p, STAR)) {
        expr_ty value = _PyParser_Expression(p);
        if (value != NULL) {
            return MAKE(Starred, begin, value, Load);
        }
        p->mark = begin;
    }
    if (mistakes(p) && !p->error) {
        _PyParser_InvalidStarred(p);
    }
    return NULL;
}

expr_ty
_PyParser_StarExpression(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        return peek(p) == STAR ? starred_bitwise_or(p) : _PyParser_Expression(p);
    }
    if (_PyParser_Recall(p, RULE_STAR_EXPRESSION, &result)) {
        return result;
    }
    result = peek(p) == STAR ? starred_bitwise_or(p) : NULL;
    if (result == NULL && !p->error) {
        p->mark = begin;
        result = _PyParser_Expression(p);
    }
    return _PyParser_Remember(p, RULE_STAR_EXPRESSION, begin, result);
}

expr_ty
_PyParser_StarNamedExpression(parser *p)
{
    int begin = p->mark;
    if (peek(p) == STAR) {
        expr_ty result = starred_bitwise_or(p);
        if (result != NULL || p->error || !p->look_for_mistakes) {
            return result;
        }
        p->mark = begin;
    }
    return _PyParser_NamedExpression(p);
}

/* Pushes ','-separated items, with an optional trailing comma, behind a first one that was pushed.
   The position is behind the last item or comma. */
static bool
push_more(parser *p, expr_ty (*item)(parser *))
{
    for (;;) {
        if (!accept(p, COMMA)) {
            return !p->error;
        }
        int here = p->mark, size = p->stack_size;
        expr_ty next = item(p);
        if (next == NULL) {
            p->mark = here;
            p->stack_size = size;
            return !p->error;
        }
        if (!_PyParser_Push(p, next)) {
            return false;
        }
    }
}

/* A tuple without parentheses, or the one item if no comma follows. */
static expr_ty
tuple_or_one(parser *p, expr_ty (*item)(parser *))
{
    int begin = p->mark;
    expr_ty first = item(p);
    if (first == NULL || peek(p) != COMMA) {
        return p->error ? NULL : first;
    }
    int base = p->stack_size;
    if (!_PyParser_Push(p, first) || !push_more(p, item)) {
        return NULL;
    }
    asdl_expr_seq *items = TAKE(expr, base);
    return items == NULL ? NULL : MAKE(Tuple, begin, items, Load);
}

expr_ty
_PyParser_StarExpressions(parser *p)
{
    return tuple_or_one(p, _PyParser_StarExpression);
}

expr_ty
_PyParser_Expressions(parser *p)
{
    return tuple_or_one(p, _PyParser_Expression);
}

asdl_expr_seq *
_PyParser_StarNamedExpressions(parser *p)
{
    int base = p->stack_size;
    expr_ty first = _PyParser_StarNamedExpression(p);
    if (first == NULL || !_PyParser_Push(p, first) || !push_more(p, _PyParser_StarNamedExpression)) {
        return NULL;
    }
    return TAKE(expr, base);
}

expr_ty
_PyParser_YieldExpr(parser *p)
{
    int begin = p->mark;
    if (!accept(p, KW_YIELD)) {
        return NULL;
    }
    int here = p->mark;
    if (accept(p, KW_FROM)) {
        expr_ty value = _PyParser_Expression(p);
        if (value != NULL) {
            return MAKE(YieldFrom, begin, value);
        }
        if (p->error) {
            return NULL;
        }
        p->mark = here;
    }
    expr_ty value = _PyParser_StarExpressions(p);
    if (value == NULL) {
        if (p->error) {
            return NULL;
        }
        p->mark = here;
    }
    return MAKE(Yield, begin, value);
}

/* What may stand right of '=', or in a replacement field. */
expr_ty
_PyParser_AnnotatedRhs(parser *p)
{
    return peek(p) == KW_YIELD ? _PyParser_YieldExpr(p) : _PyParser_StarExpressions(p);
}

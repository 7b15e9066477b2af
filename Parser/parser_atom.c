/* Parser: primaries (attributes, calls, subscripts), atoms, displays and comprehensions. */
#include "Python.h"
#include "parser.h"
#include "pycore_long.h"      // _PyLong_GetZero

#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))

/* -- Names and numbers --------------------------------------------------- */

expr_ty
_PyParser_Name(parser *p, expr_context_ty ctx)
{
    if (peek(p) != NAME) {
        return NULL;
    }
    int begin = p->mark++;
    PyObject *id = _PyParser_TokenIdentifier(p, &p->tokens[begin]);
    return id == NULL ? NULL : MAKE(Name, begin, id, ctx);
}

static expr_ty
keyword_constant(parser *p, PyObject *value)
{
    int begin = p->mark++;
    return MAKE(Constant, begin, value, NULL);
}

/* Small decimal numbers without more ado. */
static PyObject *
small_number(const char *text, Py_ssize_t size)
{
    if (size > 9 || (size > 1 && text[0] == '0')) {
        return NULL;
    }
    long value = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        if (!Py_ISDIGIT(text[i])) {
            return NULL;
        }
        value = value * 10 + (text[i] - '0');
    }
    return PyLong_FromLong(value);
}

/* `text` ends with a 0 and has no underscores. */
static PyObject *
number_value(const char *text)
{
    size_t size = strlen(text);
    char last = text[size - 1];
    bool based = text[0] == '0' && size > 1 && Py_ISALPHA(text[1]) && text[1] != 'e' && text[1] != 'E' &&
                 text[1] != 'j' && text[1] != 'J';
    if (based || strpbrk(text, ".eEjJ") == NULL) {
        return PyLong_FromString(text, NULL, 0);
    }
    char *end;
    double value = PyOS_string_to_double(text, &end, NULL);
    if (value == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return last == 'j' || last == 'J' ? PyComplex_FromDoubles(0.0, value) : PyFloat_FromDouble(value);
}

/* An integer with too many decimal digits: the message also tells the line. */
static void
explain_long_number(parser *p, struct token *token)
{
    if (!PyErr_ExceptionMatches(PyExc_ValueError) || token->kind != NUMBER) {
        p->error = true;
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    RAISE_AT(token, "%S - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.",
             exc);
    Py_DECREF(exc);
    p->error = true;
}

expr_ty
_PyParser_Number(parser *p)
{
    if (peek(p) != NUMBER) {
        return NULL;
    }
    int begin = p->mark++;
    struct token *token = &p->tokens[begin];
    const char *text = token_text(p, token);
    Py_ssize_t size = token->end - token->start;
    PyObject *value = small_number(text, size);
    if (value == NULL && !PyErr_Occurred()) {
        bool underscores = memchr(text, '_', size) != NULL;
        if (underscores && !_PyParser_CheckVersion(p, 6, "Underscores in numeric literals are")) {
            return NULL;
        }
        char *clean = PyMem_Malloc(size + 1), *out = clean;
        if (clean == NULL) {
            PyErr_NoMemory();
            p->error = true;
            return NULL;
        }
        for (Py_ssize_t i = 0; i < size; i++) {
            if (text[i] != '_') {
                *out++ = text[i];
            }
        }
        *out = '\0';
        value = number_value(clean);
        PyMem_Free(clean);
        if (value == NULL) {
            explain_long_number(p, token);
            return NULL;
        }
    }
    if (_PyParser_Keep(p, value) == NULL) {
        return NULL;
    }
    return MAKE(Constant, begin, value, NULL);
}

/* -- Comprehensions ------------------------------------------------------ */

static comprehension_ty
for_if_clause(parser *p)
{
    int begin = p->mark;
    int is_async = accept(p, KW_ASYNC);
    if (accept(p, KW_FOR)) {
        expr_ty target = _PyParser_StarTargets(p);
        if (target != NULL && accept(p, KW_IN)) {
            /* From here on it can be nothing else. */
            expr_ty iter = _PyParser_Disjunction(p);
            if (iter == NULL) {
                return NULL;
            }
            int base = p->stack_size;
            for (;;) {
                int here = p->mark;
                if (!accept(p, KW_IF)) {
                    break;
                }
                int size = p->stack_size;
                expr_ty condition = _PyParser_Disjunction(p);
                if (condition == NULL) {
                    p->mark = here;
                    p->stack_size = size;
                    break;
                }
                if (!_PyParser_Push(p, condition)) {
                    return NULL;
                }
            }
            asdl_expr_seq *ifs = p->error ? NULL : TAKE(expr, base);
            if (ifs == NULL || (is_async && !_PyParser_CheckVersion(p, 6, "Async comprehensions are"))) {
                return NULL;
            }
            return checked(p, _PyAST_comprehension(target, iter, ifs, is_async, p->arena));
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidForIfClause(p);
        if (!p->error) {
            _PyParser_InvalidForTarget(p);
        }
    }
    return NULL;
}

static asdl_comprehension_seq *
for_if_clauses_raw(parser *p)
{
    int base = p->stack_size;
    for (;;) {
        int here = p->mark, size = p->stack_size;
        int kind = peek(p);
        if (kind != KW_FOR && kind != KW_ASYNC) {
            break;
        }
        comprehension_ty clause = for_if_clause(p);
        if (clause == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, clause)) {
            return NULL;
        }
    }
    if (p->error || p->stack_size == base) {
        p->stack_size = base;
        return NULL;
    }
    return TAKE(comprehension, base);
}

asdl_comprehension_seq *
_PyParser_ForIfClauses(parser *p)
{
    int begin = p->mark;
    asdl_comprehension_seq *result;
    if (!p->look_for_mistakes) {
        return for_if_clauses_raw(p);
    }
    if (_PyParser_Recall(p, RULE_FOR_IF_CLAUSES, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_FOR_IF_CLAUSES, begin, for_if_clauses_raw(p));
}

static bool
starts_comprehension(int kind)
{
    return kind == KW_FOR || kind == KW_ASYNC;
}

/* -- Parentheses --------------------------------------------------------- */

/* '(' ... as a tuple. */
expr_ty
_PyParser_Tuple(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LPAR)) {
        return NULL;
    }
    int base = p->stack_size, here = p->mark;
    expr_ty first = peek(p) == RPAR ? NULL : _PyParser_StarNamedExpression(p);
    if (p->error) {
        return NULL;
    }
    if (first != NULL && accept(p, COMMA)) {
        if (!_PyParser_Push(p, first)) {
            return NULL;
        }
        here = p->mark;
        asdl_expr_seq *rest = peek(p) == RPAR ? NULL : _PyParser_StarNamedExpressions(p);
        if (rest == NULL) {
            if (p->error) {
                return NULL;
            }
            p->mark = here;
        }
        p->stack_size = base + 1;
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(rest); i++) {
            if (!_PyParser_Push(p, asdl_seq_GET(rest, i))) {
                return NULL;
            }
        }
    }
    else {
        p->mark = here;
        p->stack_size = base;
    }
    if (!accept(p, RPAR)) {
        return NULL;
    }
    asdl_expr_seq *items = TAKE(expr, base);
    return items == NULL ? NULL : MAKE(Tuple, begin, items, Load);
}

static expr_ty
group(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LPAR)) {
        return NULL;
    }
    expr_ty inner = peek(p) == KW_YIELD ? _PyParser_YieldExpr(p) : _PyParser_NamedExpression(p);
    if (inner != NULL && accept(p, RPAR)) {
        return inner;
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidGroup(p);
    }
    return NULL;
}

/* '(' element clauses ')'. */
expr_ty
_PyParser_Genexp(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LPAR)) {
        return NULL;
    }
    int here = p->mark;
    expr_ty element = _PyParser_AssignmentExpression(p);
    if (element == NULL && !p->error) {
        p->mark = here;
        element = _PyParser_Expression(p);
        if (element != NULL && peek(p) == COLONEQUAL) {
            element = NULL;
        }
    }
    if (element != NULL && starts_comprehension(peek(p))) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses != NULL && accept(p, RPAR)) {
            return MAKE(GeneratorExp, begin, element, clauses);
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidComprehension(p);
    }
    return NULL;
}

/* First pass: one look at what follows the first element tells what it is. */
static expr_ty
parenthesized_fast(parser *p)
{
    int begin = p->mark++;
    if (accept(p, RPAR)) {
        asdl_expr_seq *none = checked(p, _Py_asdl_expr_seq_new(0, p->arena));
        return none == NULL ? NULL : MAKE(Tuple, begin, none, Load);
    }
    if (peek(p) == KW_YIELD) {
        expr_ty inner = _PyParser_YieldExpr(p);
        return inner != NULL && accept(p, RPAR) ? inner : NULL;
    }
    bool starred = peek(p) == STAR;
    int base = p->stack_size;
    expr_ty first = _PyParser_StarNamedExpression(p);
    if (first == NULL) {
        return NULL;
    }
    int kind = peek(p);
    if (kind == RPAR && !starred) {
        p->mark++;
        return first;
    }
    if (starts_comprehension(kind) && !starred) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses == NULL || !accept(p, RPAR)) {
            return NULL;
        }
        return MAKE(GeneratorExp, begin, first, clauses);
    }
    if (kind != COMMA || !_PyParser_Push(p, first)) {
        return NULL;
    }
    while (accept(p, COMMA) && peek(p) != RPAR) {
        expr_ty next = _PyParser_StarNamedExpression(p);
        if (next == NULL || !_PyParser_Push(p, next)) {
            return NULL;
        }
    }
    if (!accept(p, RPAR)) {
        return NULL;
    }
    asdl_expr_seq *items = TAKE(expr, base);
    return items == NULL ? NULL : MAKE(Tuple, begin, items, Load);
}

/* Tries constructs in order, each from the same token. */
static expr_ty
first_of(parser *p, expr_ty (*const choices[])(parser *), int count)
{
    int begin = p->mark, size = p->stack_size;
    for (int i = 0; i < count; i++) {
        p->mark = begin;
        p->stack_size = size;
        expr_ty result = choices[i](p);
        if (result != NULL || p->error) {
            return result;
        }
    }
    return NULL;
}

static expr_ty
parenthesized(parser *p)
{
    static expr_ty (*const choices[])(parser *) = {_PyParser_Tuple, group, _PyParser_Genexp};
    return p->look_for_mistakes ? first_of(p, choices, 3) : parenthesized_fast(p);
}

/* -- Brackets ------------------------------------------------------------ */

expr_ty
_PyParser_List(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LSQB)) {
        return NULL;
    }
    asdl_expr_seq *items = NULL;
    if (peek(p) != RSQB) {
        items = _PyParser_StarNamedExpressions(p);
    }
    else {
        items = checked(p, _Py_asdl_expr_seq_new(0, p->arena));
    }
    return items != NULL && accept(p, RSQB) ? MAKE(List, begin, items, Load) : NULL;
}

static expr_ty
list_comprehension(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LSQB)) {
        return NULL;
    }
    expr_ty element = _PyParser_NamedExpression(p);
    if (element != NULL && starts_comprehension(peek(p))) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses != NULL && accept(p, RSQB)) {
            return MAKE(ListComp, begin, element, clauses);
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidComprehension(p);
    }
    return NULL;
}

/* Items behind a first one, up to the closing bracket. */
static asdl_expr_seq *
items_after(parser *p, expr_ty first, int close)
{
    int base = p->stack_size;
    if (!_PyParser_Push(p, first)) {
        return NULL;
    }
    while (accept(p, COMMA) && peek(p) != close) {
        expr_ty next = _PyParser_StarNamedExpression(p);
        if (next == NULL || !_PyParser_Push(p, next)) {
            return NULL;
        }
    }
    return accept(p, close) ? TAKE(expr, base) : NULL;
}

static expr_ty
bracketed_fast(parser *p)
{
    int begin = p->mark++;
    if (accept(p, RSQB)) {
        asdl_expr_seq *none = checked(p, _Py_asdl_expr_seq_new(0, p->arena));
        return none == NULL ? NULL : MAKE(List, begin, none, Load);
    }
    bool starred = peek(p) == STAR;
    expr_ty first = _PyParser_StarNamedExpression(p);
    if (first == NULL) {
        return NULL;
    }
    if (!starred && starts_comprehension(peek(p))) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses == NULL || !accept(p, RSQB)) {
            return NULL;
        }
        return MAKE(ListComp, begin, first, clauses);
    }
    asdl_expr_seq *items = items_after(p, first, RSQB);
    return items == NULL ? NULL : MAKE(List, begin, items, Load);
}

static expr_ty
bracketed(parser *p)
{
    static expr_ty (*const choices[])(parser *) = {_PyParser_List, list_comprehension};
    return p->look_for_mistakes ? first_of(p, choices, 2) : bracketed_fast(p);
}

/* -- Braces -------------------------------------------------------------- */

bool
_PyParser_KeyValue(parser *p, expr_ty *key, expr_ty *value)
{
    *key = _PyParser_Expression(p);
    if (*key == NULL || !accept(p, COLON)) {
        return false;
    }
    *value = _PyParser_Expression(p);
    return *value != NULL;
}

/* '**' bitwise_or (then the key is NULL) or key ':' value. */
bool
_PyParser_DoubleStarredKeyValue(parser *p, expr_ty *key, expr_ty *value)
{
    int begin = p->mark;
    if (accept(p, DOUBLESTAR)) {
        *key = NULL;
        *value = _PyParser_BitwiseOr(p);
        if (*value != NULL || p->error) {
            return *value != NULL;
        }
        p->mark = begin;
    }
    return _PyParser_KeyValue(p, key, value);
}

/* Pairs of keys and values were pushed above `base`. */
static expr_ty
make_dict(parser *p, int begin, int base)
{
    int count = (p->stack_size - base) / 2;
    asdl_expr_seq *keys = checked(p, _Py_asdl_expr_seq_new(count, p->arena));
    asdl_expr_seq *values = checked(p, _Py_asdl_expr_seq_new(count, p->arena));
    if (keys == NULL || values == NULL) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        asdl_seq_SET(keys, i, p->stack[base + 2 * i]);
        asdl_seq_SET(values, i, p->stack[base + 2 * i + 1]);
    }
    p->stack_size = base;
    return MAKE(Dict, begin, keys, values);
}

static expr_ty
dict_display(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LBRACE)) {
        return NULL;
    }
    int base = p->stack_size, inside = p->mark, here = p->mark;
    expr_ty key, value;
    while (peek(p) != RBRACE) {
        int size = p->stack_size;
        if (!_PyParser_DoubleStarredKeyValue(p, &key, &value)) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, key) || !_PyParser_Push(p, value)) {
            return NULL;
        }
        here = p->mark;
        if (!accept(p, COMMA)) {
            break;
        }
        here = p->mark;
    }
    if (p->error) {
        return NULL;
    }
    if (accept(p, RBRACE)) {
        return make_dict(p, begin, base);
    }
    if (!p->error) {
        p->mark = inside;
        p->stack_size = base;
        _PyParser_InvalidKvpairs(p);
    }
    return NULL;
}

static expr_ty
set_display(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LBRACE)) {
        return NULL;
    }
    asdl_expr_seq *items = _PyParser_StarNamedExpressions(p);
    return items != NULL && accept(p, RBRACE) ? MAKE(Set, begin, items) : NULL;
}

static expr_ty
dict_comprehension(parser *p)
{
    int begin = p->mark;
    expr_ty key, value;
    if (!accept(p, LBRACE)) {
        return NULL;
    }
    if (_PyParser_KeyValue(p, &key, &value) && starts_comprehension(peek(p))) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses != NULL && accept(p, RBRACE)) {
            return MAKE(DictComp, begin, key, value, clauses);
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidDictComprehension(p);
    }
    return NULL;
}

static expr_ty
set_comprehension(parser *p)
{
    int begin = p->mark;
    if (!accept(p, LBRACE)) {
        return NULL;
    }
    expr_ty element = _PyParser_NamedExpression(p);
    if (element != NULL && starts_comprehension(peek(p))) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses != NULL && accept(p, RBRACE)) {
            return MAKE(SetComp, begin, element, clauses);
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidComprehension(p);
    }
    return NULL;
}

/* First pass: the first element and its ':' are read; the rest of a dict or its comprehension. */
static expr_ty
dict_fast(parser *p, int begin, expr_ty key)
{
    expr_ty value = _PyParser_Expression(p);
    if (value == NULL) {
        return NULL;
    }
    if (starts_comprehension(peek(p))) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses == NULL || !accept(p, RBRACE)) {
            return NULL;
        }
        return MAKE(DictComp, begin, key, value, clauses);
    }
    int base = p->stack_size;
    if (!_PyParser_Push(p, key) || !_PyParser_Push(p, value)) {
        return NULL;
    }
    while (accept(p, COMMA) && peek(p) != RBRACE) {
        if (!_PyParser_DoubleStarredKeyValue(p, &key, &value) || !_PyParser_Push(p, key) ||
            !_PyParser_Push(p, value)) {
            return NULL;
        }
    }
    return accept(p, RBRACE) ? make_dict(p, begin, base) : NULL;
}

static expr_ty
braced_fast(parser *p)
{
    int begin = p->mark;
    int second = peek_second(p);
    if (second == RBRACE || second == DOUBLESTAR) {
        return dict_display(p);
    }
    p->mark++;
    bool named = peek(p) == NAME && peek_second(p) == COLONEQUAL;
    expr_ty first = _PyParser_StarNamedExpression(p);
    if (first == NULL) {
        return NULL;
    }
    if (second != STAR) {
        if (!named && accept(p, COLON)) {
            expr_ty dict = dict_fast(p, begin, first);
            if (dict == NULL && !p->error) {
                p->mark = begin + 1;
                _PyParser_InvalidKvpairs(p);
            }
            return dict;
        }
        if (starts_comprehension(peek(p))) {
            asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
            if (clauses == NULL || !accept(p, RBRACE)) {
                return NULL;
            }
            return MAKE(SetComp, begin, first, clauses);
        }
    }
    asdl_expr_seq *items = items_after(p, first, RBRACE);
    return items == NULL ? NULL : MAKE(Set, begin, items);
}

static expr_ty
braced(parser *p)
{
    static expr_ty (*const choices[])(parser *) = {
        dict_display, set_display, dict_comprehension, set_comprehension,
    };
    return p->look_for_mistakes ? first_of(p, choices, 4) : braced_fast(p);
}

/* -- Atoms --------------------------------------------------------------- */

static expr_ty
atom_raw(parser *p)
{
    expr_ty result = NULL;
    switch (peek(p)) {
        case NAME: return _PyParser_Name(p, Load);
        case KW_TRUE: return keyword_constant(p, Py_True);
        case KW_FALSE: return keyword_constant(p, Py_False);
        case KW_NONE: return keyword_constant(p, Py_None);
        case ELLIPSIS: return keyword_constant(p, Py_Ellipsis);
        case NUMBER: return _PyParser_Number(p);
        case STRING:
        case FSTRING_START:
        case TSTRING_START: return _PyParser_Strings(p);
        case LPAR:
        case LSQB:
        case LBRACE:
            if (!enter(p)) {
                return NULL;
            }
            result = peek(p) == LPAR ? parenthesized(p) : peek(p) == LSQB ? bracketed(p) : braced(p);
            leave(p);
            return result;
        default: return NULL;
    }
}

expr_ty
_PyParser_Atom(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        return atom_raw(p);
    }
    if (_PyParser_Recall(p, RULE_ATOM, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_ATOM, begin, atom_raw(p));
}

/* -- Subscripts ---------------------------------------------------------- */

/* Behind the first ':'. */
static expr_ty
slice_rest(parser *p, int begin, expr_ty lower)
{
    expr_ty upper = NULL, step = NULL;
    int kind = peek(p), here = p->mark;
    if (kind != COLON && kind != COMMA && kind != RSQB) {
        upper = _PyParser_Expression(p);
        if (upper == NULL) {
            if (p->error) {
                return NULL;
            }
            p->mark = here;
        }
    }
    if (accept(p, COLON)) {
        kind = peek(p);
        here = p->mark;
        if (kind != COMMA && kind != RSQB) {
            step = _PyParser_Expression(p);
            if (step == NULL) {
                if (p->error) {
                    return NULL;
                }
                p->mark = here;
            }
        }
    }
    return p->error ? NULL : MAKE(Slice, begin, lower, upper, step);
}

static expr_ty
slice(parser *p)
{
    int begin = p->mark;
    if (accept(p, COLON)) {
        return slice_rest(p, begin, NULL);
    }
    if (p->look_for_mistakes) {
        expr_ty lower = _PyParser_Expression(p);
        if (lower != NULL && accept(p, COLON)) {
            return slice_rest(p, begin, lower);
        }
        if (p->error) {
            return NULL;
        }
        p->mark = begin;
        return _PyParser_NamedExpression(p);
    }
    bool named = peek(p) == NAME && peek_second(p) == COLONEQUAL;
    expr_ty lower = _PyParser_NamedExpression(p);
    if (lower != NULL && !named && accept(p, COLON)) {
        return slice_rest(p, begin, lower);
    }
    return lower;
}

static expr_ty
slice_or_starred(parser *p)
{
    if (peek(p) == STAR) {
        return _PyParser_StarredExpression(p);
    }
    return slice(p);
}

expr_ty
_PyParser_Slices(parser *p)
{
    int begin = p->mark;
    bool starred = peek(p) == STAR;
    expr_ty first = slice_or_starred(p);
    if (first == NULL || (!starred && peek(p) != COMMA)) {
        return p->error ? NULL : first;
    }
    int base = p->stack_size;
    if (!_PyParser_Push(p, first)) {
        return NULL;
    }
    while (accept(p, COMMA)) {
        int here = p->mark, size = p->stack_size;
        if (peek(p) == RSQB) {
            break;
        }
        expr_ty next = slice_or_starred(p);
        if (next == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, next)) {
            return NULL;
        }
    }
    if (p->error) {
        return NULL;
    }
    asdl_expr_seq *items = TAKE(expr, base);
    return items == NULL ? NULL : MAKE(Tuple, begin, items, Load);
}

/* -- Primaries ----------------------------------------------------------- */

/* func '(' [arguments] ')'; the position is at the parenthesis. */
static expr_ty
call(parser *p, int begin, expr_ty func)
{
    if (!p->look_for_mistakes) {
        return _PyParser_CallFast(p, begin, func);
    }
    p->mark++;
    int here = p->mark;
    if (accept(p, RPAR)) {
        return MAKE(Call, begin, func, NULL, NULL);
    }
    expr_ty arguments = _PyParser_Arguments(p);
    if (arguments == NULL) {
        if (p->error) {
            return NULL;
        }
        p->mark = here;
    }
    if (!accept(p, RPAR)) {
        return NULL;
    }
    if (arguments == NULL) {
        return MAKE(Call, begin, func, NULL, NULL);
    }
    return MAKE(Call, begin, func, arguments->v.Call.args, arguments->v.Call.keywords);
}

static expr_ty
call_genexp(parser *p, int begin, expr_ty func)
{
    expr_ty genexp = _PyParser_Genexp(p);
    if (genexp == NULL) {
        return NULL;
    }
    asdl_expr_seq *args = _PyParser_Singleton(p, genexp);
    return args == NULL ? NULL : MAKE(Call, begin, func, args, NULL);
}

/* One trailer behind `value`; NULL and the position unchanged if there is none. */
static expr_ty
trailer(parser *p, int begin, expr_ty value)
{
    int here = p->mark, size = p->stack_size;
    expr_ty result = NULL;
    switch (peek(p)) {
        case DOT: {
            p->mark++;
            if (peek(p) == NAME) {
                PyObject *name = _PyParser_TokenIdentifier(p, token_here(p));
                p->mark++;
                result = name == NULL ? NULL : MAKE(Attribute, begin, value, name, Load);
            }
            break;
        }
        case LPAR:
            if (p->look_for_mistakes) {
                result = call_genexp(p, begin, value);
                if (result != NULL || p->error) {
                    break;
                }
                p->mark = here;
                p->stack_size = size;
            }
            result = call(p, begin, value);
            break;
        case LSQB: {
            p->mark++;
            expr_ty index = _PyParser_Slices(p);
            if (index != NULL && accept(p, RSQB)) {
                result = MAKE(Subscript, begin, value, index, Load);
            }
            break;
        }
        default:
            break;
    }
    if (result == NULL) {
        p->mark = here;
        p->stack_size = size;
    }
    return p->error ? NULL : result;
}

static expr_ty
primary_raw(parser *p)
{
    int begin = p->mark;
    expr_ty result = _PyParser_Atom(p);
    while (result != NULL) {
        int kind = peek(p);
        if (kind != DOT && kind != LPAR && kind != LSQB) {
            break;
        }
        expr_ty longer = trailer(p, begin, result);
        if (longer == NULL) {
            break;
        }
        result = longer;
    }
    return p->error ? NULL : result;
}

expr_ty
_PyParser_Primary(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        return primary_raw(p);
    }
    if (_PyParser_Recall(p, RULE_PRIMARY, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_PRIMARY, begin, primary_raw(p));
}

/* Does another trailer follow? */
static bool
trailer_follows(parser *p)
{
    int kind = peek(p);
    return kind == DOT || kind == LPAR || kind == LSQB;
}

/* The longest primary that a further trailer follows: what stands left of the last trailer of a target. */
static expr_ty
target_primary_raw(parser *p)
{
    int begin = p->mark;
    expr_ty result = _PyParser_Atom(p);
    if (result == NULL || !trailer_follows(p)) {
        return NULL;
    }
    for (;;) {
        int here = p->mark;
        expr_ty longer = trailer(p, begin, result);
        if (longer == NULL || !trailer_follows(p)) {
            p->mark = here;
            return p->error ? NULL : result;
        }
        result = longer;
    }
}

expr_ty
_PyParser_TargetPrimary(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (_PyParser_Recall(p, RULE_TARGET_PRIMARY, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_TARGET_PRIMARY, begin, target_primary_raw(p));
}

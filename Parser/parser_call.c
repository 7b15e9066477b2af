/* Parser: arguments of calls and class definitions. */
#include "Python.h"
#include "parser.h"

#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))

/* NAME '=' expression. */
static keyword_ty
named_argument(parser *p)
{
    if (peek(p) != NAME || peek_second(p) != EQUAL) {
        return NULL;
    }
    int begin = p->mark;
    PyObject *name = _PyParser_TokenIdentifier(p, token_here(p));
    p->mark += 2;
    expr_ty value = name == NULL ? NULL : _PyParser_Expression(p);
    return value == NULL ? NULL : MAKE(keyword, begin, name, value);
}

/* '**' expression. */
static keyword_ty
double_starred_argument(parser *p)
{
    int begin = p->mark;
    if (!accept(p, DOUBLESTAR)) {
        return NULL;
    }
    expr_ty value = _PyParser_Expression(p);
    return value == NULL ? NULL : MAKE(keyword, begin, NULL, value);
}

/* -- First pass ---------------------------------------------------------- */

/* Sorts what was pushed above `base`, (keyword, expression) pairs, into args and keywords. */
static bool
split_arguments(parser *p, int base, asdl_expr_seq **args, asdl_keyword_seq **keywords)
{
    int arg_count = 0, total = (p->stack_size - base) / 2;
    for (int i = 0; i < total; i++) {
        arg_count += p->stack[base + 2 * i] == NULL;
    }
    *args = NULL;
    *keywords = NULL;
    if ((arg_count > 0 && (*args = checked(p, _Py_asdl_expr_seq_new(arg_count, p->arena))) == NULL) ||
        (total > arg_count &&
         (*keywords = checked(p, _Py_asdl_keyword_seq_new(total - arg_count, p->arena))) == NULL)) {
        return false;
    }
    int next_arg = 0, next_keyword = 0;
    for (int i = 0; i < total; i++) {
        void *keyword = p->stack[base + 2 * i];
        if (keyword == NULL) {
            asdl_seq_SET(*args, next_arg++, p->stack[base + 2 * i + 1]);
        }
        else {
            asdl_seq_SET(*keywords, next_keyword++, keyword);
        }
    }
    p->stack_size = base;
    return true;
}

/* Which kinds of argument may still come. */
enum { ANY_ARGUMENT, NO_POSITIONAL, NO_STARRED };

/* Pushes one argument. */
static bool
argument_fast(parser *p, int *state)
{
    keyword_ty keyword = NULL;
    expr_ty value = NULL;
    int kind = peek(p);
    if (kind == STAR && *state != NO_STARRED) {
        value = _PyParser_StarredExpression(p);
    }
    else if (kind == DOUBLESTAR) {
        keyword = double_starred_argument(p);
        *state = NO_STARRED;
    }
    else if (kind == NAME && peek_second(p) == EQUAL) {
        keyword = named_argument(p);
        *state = *state == ANY_ARGUMENT ? NO_POSITIONAL : *state;
    }
    else if (*state == ANY_ARGUMENT) {
        value = _PyParser_NamedExpression(p);
    }
    return (keyword != NULL || value != NULL) && _PyParser_Push(p, keyword) && _PyParser_Push(p, value);
}

/* Pushes arguments up to the parenthesis, which is not taken. */
static bool
arguments_fast(parser *p)
{
    int state = ANY_ARGUMENT;
    do {
        if (!argument_fast(p, &state)) {
            return false;
        }
    } while (accept(p, COMMA) && peek(p) != RPAR);
    return peek(p) == RPAR;
}

expr_ty
_PyParser_CallFast(parser *p, int begin, expr_ty func)
{
    int open = p->mark++, base = p->stack_size;
    if (accept(p, RPAR)) {
        return MAKE(Call, begin, func, NULL, NULL);
    }
    int kind = peek(p), state = ANY_ARGUMENT;
    if (!argument_fast(p, &state)) {
        return NULL;
    }
    if ((peek(p) == KW_FOR || peek(p) == KW_ASYNC) && kind != STAR && state == ANY_ARGUMENT) {
        expr_ty element = p->stack[p->stack_size - 1];
        p->stack_size = base;
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses == NULL || !accept(p, RPAR)) {
            return NULL;
        }
        expr_ty genexp = MAKE(GeneratorExp, open, element, clauses);
        asdl_expr_seq *args = genexp == NULL ? NULL : _PyParser_Singleton(p, genexp);
        return args == NULL ? NULL : MAKE(Call, begin, func, args, NULL);
    }
    while (accept(p, COMMA) && peek(p) != RPAR) {
        if (!argument_fast(p, &state)) {
            return NULL;
        }
    }
    asdl_expr_seq *args;
    asdl_keyword_seq *keywords;
    if (!accept(p, RPAR) || !split_arguments(p, base, &args, &keywords)) {
        return NULL;
    }
    return MAKE(Call, begin, func, args, keywords);
}

/* -- Second pass --------------------------------------------------------- */

expr_ty
_PyParser_PositionalArgument(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (peek(p) == STAR) {
        result = _PyParser_StarredExpression(p);
        if (result != NULL || p->error) {
            return result;
        }
        p->mark = begin;
    }
    result = _PyParser_AssignmentExpression(p);
    if (result == NULL && !p->error) {
        p->mark = begin;
        result = _PyParser_Expression(p);
        if (result != NULL && peek(p) == COLONEQUAL) {
            result = NULL;
        }
    }
    return result != NULL && peek(p) != EQUAL && !p->error ? result : NULL;
}

/* NAME '=' expression, or '*' or '**' with an expression. */
static bool
push_kwarg(parser *p, int star)
{
    int begin = p->mark, size = p->stack_size;
    if (mistakes(p)) {
        _PyParser_InvalidKwarg(p);
        if (p->error) {
            return false;
        }
    }
    expr_ty value = NULL;
    keyword_ty keyword = named_argument(p);
    if (keyword == NULL && !p->error) {
        p->mark = begin;
        p->stack_size = size;
        if (star == DOUBLESTAR) {
            keyword = double_starred_argument(p);
        }
        else {
            value = _PyParser_StarredExpression(p);
        }
    }
    return (keyword != NULL || value != NULL) && _PyParser_Push(p, keyword) && _PyParser_Push(p, value);
}

/* One or more, with ',' between; the position is behind the last one. */
static bool
push_kwargs(parser *p, int star)
{
    if (!push_kwarg(p, star)) {
        return false;
    }
    for (;;) {
        int here = p->mark, size = p->stack_size;
        if (!accept(p, COMMA)) {
            return !p->error;
        }
        if (!push_kwarg(p, star)) {
            p->mark = here;
            p->stack_size = size;
            return !p->error;
        }
    }
}

bool
_PyParser_Kwargs(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    if (push_kwargs(p, STAR)) {
        int here = p->mark;
        size = p->stack_size;
        if (accept(p, COMMA) && push_kwargs(p, DOUBLESTAR)) {
            return true;
        }
        p->mark = here;
        p->stack_size = size;
        return !p->error;
    }
    p->mark = begin;
    p->stack_size = size;
    return !p->error && push_kwargs(p, DOUBLESTAR);
}

static expr_ty
args_raw(parser *p)
{
    int begin = p->mark, base = p->stack_size, here = begin, size = base;
    for (;;) {
        expr_ty value = _PyParser_PositionalArgument(p);
        if (value == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, NULL) || !_PyParser_Push(p, value)) {
            return NULL;
        }
        here = p->mark;
        size = p->stack_size;
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (p->error) {
        return NULL;
    }
    p->mark = here;
    if (size == base) {
        if (!_PyParser_Kwargs(p)) {
            return NULL;
        }
    }
    else if (accept(p, COMMA) && !_PyParser_Kwargs(p)) {
        p->mark = here;
        p->stack_size = size;
    }
    if (p->error) {
        return NULL;
    }
    asdl_expr_seq *args;
    asdl_keyword_seq *keywords;
    PyObject *name = _PyParser_NewIdentifier(p, "", 0);
    expr_ty func = name == NULL ? NULL : checked(p, _PyAST_Name(name, Load, 1, 0, 1, 0, p->arena));
    if (func == NULL || !split_arguments(p, base, &args, &keywords)) {
        return NULL;
    }
    return MAKE(Call, begin, func, args, keywords);
}

expr_ty
_PyParser_Args(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (_PyParser_Recall(p, RULE_ARGS, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_ARGS, begin, args_raw(p));
}

static expr_ty
arguments_raw(parser *p)
{
    int begin = p->mark;
    expr_ty result = _PyParser_Args(p);
    if (result != NULL) {
        accept(p, COMMA);
        if (peek(p) == RPAR) {
            return result;
        }
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidArguments(p);
    }
    return NULL;
}

expr_ty
_PyParser_Arguments(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        int base = p->stack_size;
        asdl_expr_seq *args;
        asdl_keyword_seq *keywords;
        if (!arguments_fast(p) || !split_arguments(p, base, &args, &keywords)) {
            return NULL;
        }
        PyObject *name = _PyParser_NewIdentifier(p, "", 0);
        expr_ty func = name == NULL ? NULL : checked(p, _PyAST_Name(name, Load, 1, 0, 1, 0, p->arena));
        return func == NULL ? NULL : MAKE(Call, begin, func, args, keywords);
    }
    if (_PyParser_Recall(p, RULE_ARGUMENTS, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_ARGUMENTS, begin, arguments_raw(p));
}

/* Parser: parameters of functions and lambdas, type parameters, and the mistakes made in them. */
#include "Python.h"
#include "parser.h"

#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))

/* -- One parameter ------------------------------------------------------- */

/* `lambda` parameters end before ':' and have no annotations; those of `def` end before ')'. */
static int
end_kind(bool lambda)
{
    return lambda ? COLON : RPAR;
}

/* NAME [':' annotation]; `star` allows "*args: *annotation". */
static arg_ty
param(parser *p, bool lambda, bool star)
{
    int begin = p->mark;
    if (peek(p) != NAME) {
        return NULL;
    }
    PyObject *name = _PyParser_TokenIdentifier(p, token_here(p));
    p->mark++;
    expr_ty annotation = NULL;
    if (name == NULL) {
        return NULL;
    }
    if (!lambda && accept(p, COLON)) {
        int here = p->mark;
        bool starred = star && peek(p) == STAR;
        annotation = starred ? _PyParser_StarExpression(p) : _PyParser_Expression(p);
        if (annotation == NULL) {
            if (p->error) {
                return NULL;
            }
            p->mark = here - 1;
        }
        else if (starred && !_PyParser_CheckVersion(p, 11, "Starred parameter annotations are")) {
            return NULL;
        }
    }
    return MAKE(arg, begin, name, annotation, NULL);
}

/* '=' expression; true without a value if there is no '='. */
static bool
optional_default(parser *p, expr_ty *value)
{
    *value = NULL;
    int here = p->mark, size = p->stack_size;
    if (!accept(p, EQUAL)) {
        return !p->error;
    }
    *value = _PyParser_Expression(p);
    if (*value != NULL || p->error) {
        return *value != NULL;
    }
    p->mark = here;
    p->stack_size = size;
    if (mistakes(p)) {
        _PyParser_InvalidDefault(p);
    }
    return !p->error;
}

/* What must follow a parameter: a comma or the end; between or behind them a type comment. */
static bool
param_end(parser *p, bool lambda, arg_ty arg)
{
    bool comma = accept(p, COMMA);
    if (!lambda && peek(p) == TYPE_COMMENT) {
        PyObject *comment = _PyParser_TypeCommentText(p);
        if (comment == NULL) {
            return false;
        }
        if (arg != NULL) {
            arg->type_comment = comment;
        }
    }
    return comma || peek(p) == end_kind(lambda);
}

static arg_ty
param_no_default(parser *p, bool lambda)
{
    arg_ty arg = param(p, lambda, false);
    return arg != NULL && param_end(p, lambda, arg) ? arg : NULL;
}

/* -- All parameters ------------------------------------------------------ */

struct params {
    bool lambda;
    int base;                 /* of the parser's stack */
    asdl_arg_seq *posonly;
    asdl_arg_seq *args;
    arg_ty vararg;
    asdl_arg_seq *kwonly;
    arg_ty kwarg;
    int arg_count;            /* positional so far */
    int default_count;
    int kwonly_count;
};

/* The stack holds (arg, default) pairs; takes `count` of them into sequences. */
static asdl_arg_seq *
take_args(parser *p, int base, int count)
{
    asdl_arg_seq *args = checked(p, _Py_asdl_arg_seq_new(count, p->arena));
    for (int i = 0; args != NULL && i < count; i++) {
        asdl_seq_SET(args, i, p->stack[base + 2 * i]);
    }
    return args;
}

/* `first_default` is the index of the first pair that has one (absent ones count if `all`). */
static asdl_expr_seq *
take_defaults(parser *p, int base, int count, bool all)
{
    int defaults = 0;
    for (int i = 0; i < count; i++) {
        defaults += all || p->stack[base + 2 * i + 1] != NULL;
    }
    asdl_expr_seq *result = checked(p, _Py_asdl_expr_seq_new(defaults, p->arena));
    int next = 0;
    for (int i = 0; result != NULL && i < count; i++) {
        if (all || p->stack[base + 2 * i + 1] != NULL) {
            asdl_seq_SET(result, next++, p->stack[base + 2 * i + 1]);
        }
    }
    return result;
}

/* '**' param. */
static bool
double_star_param(parser *p, struct params *params)
{
    if (mistakes(p)) {
        _PyParser_InvalidKwds(p, params->lambda);
        if (p->error) {
            return false;
        }
    }
    p->mark++;
    params->kwarg = param_no_default(p, params->lambda);
    return params->kwarg != NULL;
}

/* '*' [param] and the keyword-only parameters. */
static bool
star_param(parser *p, struct params *params)
{
    if (mistakes(p)) {
        _PyParser_InvalidStarEtc(p, params->lambda);
        if (p->error) {
            return false;
        }
    }
    p->mark++;
    bool bare = accept(p, COMMA);
    if (!bare) {
        params->vararg = param(p, params->lambda, true);
        if (params->vararg == NULL || !param_end(p, params->lambda, params->vararg)) {
            return false;
        }
    }
    while (peek(p) == NAME) {
        expr_ty value;
        arg_ty arg = param(p, params->lambda, false);
        if (arg == NULL || !optional_default(p, &value) ||
            !param_end(p, params->lambda, arg) || !_PyParser_Push(p, arg) || !_PyParser_Push(p, value)) {
            return false;
        }
        params->kwonly_count++;
    }
    if (bare && params->kwonly_count == 0) {
        return false;
    }
    return peek(p) == DOUBLESTAR ? double_star_param(p, params) : !p->error;
}

/* One token decides at each step.  Stops at the end token. */
static bool
all_params(parser *p, struct params *params)
{
    for (;;) {
        int kind = peek(p);
        if (kind == NAME) {
            expr_ty value;
            arg_ty arg = param(p, params->lambda, false);
            if (arg == NULL || !optional_default(p, &value) ||
                (value == NULL && params->default_count > 0) || !param_end(p, params->lambda, arg) ||
                !_PyParser_Push(p, arg) || !_PyParser_Push(p, value)) {
                return false;
            }
            params->arg_count++;
            params->default_count += value != NULL;
        }
        else if (kind == SLASH) {
            if (params->posonly != NULL || params->arg_count == 0) {
                return false;
            }
            p->mark++;
            if (!accept(p, COMMA) && peek(p) != end_kind(params->lambda)) {
                return false;
            }
            if (!_PyParser_CheckVersion(p, 8, "Positional-only parameters are")) {
                return false;
            }
            params->posonly = take_args(p, params->base, params->arg_count);
            if (params->posonly == NULL) {
                return false;
            }
        }
        else if (kind == STAR) {
            return star_param(p, params);
        }
        else if (kind == DOUBLESTAR) {
            return double_star_param(p, params);
        }
        else {
            return !p->error && kind == end_kind(params->lambda);
        }
    }
}

static arguments_ty
make_arguments(parser *p, struct params *params)
{
    int base = params->base;
    int posonly = (int)asdl_seq_LEN(params->posonly);
    if (params->posonly == NULL) {
        params->posonly = take_args(p, base, 0);
    }
    params->args = take_args(p, base + 2 * posonly, params->arg_count - posonly);
    asdl_expr_seq *defaults = take_defaults(p, base, params->arg_count, false);
    int kwonly_base = base + 2 * params->arg_count;
    params->kwonly = take_args(p, kwonly_base, params->kwonly_count);
    asdl_expr_seq *kw_defaults = take_defaults(p, kwonly_base, params->kwonly_count, true);
    p->stack_size = base;
    if (p->error) {
        return NULL;
    }
    return checked(p, _PyAST_arguments(params->posonly, params->args, params->vararg, params->kwonly,
                                       kw_defaults, params->kwarg, defaults, p->arena));
}

static arguments_ty
params_of(parser *p, bool lambda)
{
    struct params params = {.lambda = lambda, .base = p->stack_size};
    if (peek(p) != end_kind(lambda)) {
        int begin = p->mark;
        if (mistakes(p)) {
            _PyParser_InvalidParameters(p, lambda);
            if (p->error) {
                return NULL;
            }
            p->mark = begin;
            p->stack_size = params.base;
        }
        if (!all_params(p, &params)) {
            return NULL;
        }
    }
    return make_arguments(p, &params);
}

arguments_ty
_PyParser_Params(parser *p)
{
    return params_of(p, false);
}

arguments_ty
_PyParser_LambdaParams(parser *p)
{
    return params_of(p, true);
}

expr_ty
_PyParser_Lambda(parser *p)
{
    int begin = p->mark++;
    arguments_ty args = _PyParser_LambdaParams(p);
    if (args == NULL || !accept(p, COLON)) {
        return NULL;
    }
    expr_ty body = _PyParser_Expression(p);
    return body == NULL ? NULL : MAKE(Lambda, begin, args, body);
}

/* -- Type parameters ----------------------------------------------------- */

static expr_ty
type_param_default(parser *p, bool star)
{
    if (!accept(p, EQUAL)) {
        return NULL;
    }
    expr_ty value = star ? _PyParser_StarExpression(p) : _PyParser_Expression(p);
    if (value == NULL) {
        p->mark--;
        return NULL;
    }
    return _PyParser_CheckVersion(p, 13, "Type parameter defaults are") ? value : NULL;
}

static type_param_ty
type_param(parser *p)
{
    int begin = p->mark;
    int kind = peek(p);
    if (kind != NAME && mistakes(p)) {
        _PyParser_InvalidTypeParam(p);
        if (p->error) {
            return NULL;
        }
        p->mark = begin;
    }
    if (kind == STAR || kind == DOUBLESTAR) {
        p->mark++;
    }
    else if (kind != NAME) {
        return NULL;
    }
    if (peek(p) != NAME) {
        return NULL;
    }
    PyObject *name = _PyParser_TokenIdentifier(p, token_here(p));
    p->mark++;
    expr_ty bound = NULL;
    int here = p->mark;
    if (kind == NAME && accept(p, COLON)) {
        bound = _PyParser_Expression(p);
        if (bound == NULL) {
            p->mark = here;
        }
    }
    here = p->mark;
    expr_ty value = p->error ? NULL : type_param_default(p, kind == STAR);
    if (p->error) {
        return NULL;
    }
    if (value == NULL) {
        p->mark = here;
    }
    return kind == NAME ? MAKE(TypeVar, begin, name, bound, value)
         : kind == STAR ? MAKE(TypeVarTuple, begin, name, value)
                        : MAKE(ParamSpec, begin, name, value);
}

asdl_type_param_seq *
_PyParser_TypeParams(parser *p)
{
    if (!accept(p, LSQB)) {
        return NULL;
    }
    if (mistakes(p) && peek(p) == RSQB) {
        p->mark++;
        return RAISE_STARTING_FROM(token_before(p), "Type parameter list cannot be empty");
    }
    int base = p->stack_size;
    do {
        type_param_ty item = type_param(p);
        if (item == NULL || !_PyParser_Push(p, item)) {
            return NULL;
        }
    } while (accept(p, COMMA) && peek(p) != RSQB);
    if (!accept(p, RSQB) || !_PyParser_CheckVersion(p, 12, "Type parameter lists are")) {
        return NULL;
    }
    return TAKE(type_param, base);
}

void
_PyParser_InvalidTypeParam(parser *p)
{
    int begin = p->mark;
    bool tuple = accept(p, STAR);
    if (!tuple && !accept(p, DOUBLESTAR)) {
        return;
    }
    if (accept(p, NAME) && accept(p, COLON)) {
        struct token *colon = token_before(p);
        int colon_index = (int)(colon - p->tokens);
        expr_ty bound = _PyParser_Expression(p);
        if (bound != NULL) {
            RAISE_STARTING_FROM(&p->tokens[colon_index], "cannot use %s with %s",
                                bound->kind == Tuple_kind ? "constraints" : "bound",
                                tuple ? "TypeVarTuple" : "ParamSpec");
        }
    }
    p->mark = begin;
}

/* -- Mistakes ------------------------------------------------------------ */

/* Each of these steps over its construct, or leaves the position where it was and is false. */

static bool
skip_no_default(parser *p, bool lambda)
{
    int begin = p->mark;
    if (param_no_default(p, lambda) != NULL) {
        return true;
    }
    p->mark = begin;
    return false;
}

static bool
skip_with_default(parser *p, bool lambda)
{
    int begin = p->mark;
    expr_ty value;
    if (param(p, lambda, false) != NULL && peek(p) == EQUAL && optional_default(p, &value) &&
        value != NULL && param_end(p, lambda, NULL)) {
        return true;
    }
    p->mark = begin;
    return false;
}

static bool
skip_maybe_default(parser *p, bool lambda)
{
    int begin = p->mark;
    expr_ty value;
    if (param(p, lambda, false) != NULL && optional_default(p, &value) &&
        param_end(p, lambda, NULL)) {
        return true;
    }
    p->mark = begin;
    return false;
}

static int
skip_all(parser *p, bool lambda, bool (*skip)(parser *, bool))
{
    int count = 0;
    while (!p->error && skip(p, lambda)) {
        count++;
    }
    return count;
}

/* Positional-only parameters and their '/'. */
static bool
skip_slash(parser *p, bool lambda, bool with_defaults)
{
    int begin = p->mark;
    int count = skip_all(p, lambda, skip_no_default);
    if (with_defaults) {
        count = skip_all(p, lambda, skip_with_default);
    }
    if (count > 0 && accept(p, SLASH) && (accept(p, COMMA) || peek(p) == end_kind(lambda))) {
        return true;
    }
    p->mark = begin;
    return false;
}

static bool
skip_either_slash(parser *p, bool lambda)
{
    return skip_slash(p, lambda, false) || (!p->error && skip_slash(p, lambda, true));
}

static void
parameter_without_default(parser *p, bool lambda)
{
    skip_slash(p, lambda, false);
    skip_all(p, lambda, skip_no_default);
    if (p->error) {
        return;
    }
    if (!skip_slash(p, lambda, true) && (p->error || skip_all(p, lambda, skip_with_default) == 0)) {
        return;
    }
    arg_ty arg = p->error ? NULL : param_no_default(p, lambda);
    if (arg != NULL) {
        RAISE_AT(arg, "parameter without a default follows parameter with a default");
    }
}

static void
parenthesized_parameters(parser *p, bool lambda)
{
    skip_all(p, lambda, skip_no_default);
    int open = p->mark;
    if (p->error || !accept(p, LPAR)) {
        return;
    }
    if (lambda) {
        do {
            if (param(p, true, false) == NULL) {
                return;
            }
        } while (accept(p, COMMA) && peek(p) == NAME);
    }
    else if (skip_all(p, false, skip_no_default) == 0) {
        return;
    }
    accept(p, COMMA);
    if (accept(p, RPAR)) {
        RAISE_RANGE(&p->tokens[open], token_before(p), "%s cannot be parenthesized",
                    lambda ? "Lambda expression parameters" : "Function parameters");
    }
}

static void
slash_behind_star(parser *p, bool lambda)
{
    if (!skip_either_slash(p, lambda) && p->error) {
        return;
    }
    skip_all(p, lambda, skip_maybe_default);
    if (p->error || !accept(p, STAR) || (!accept(p, COMMA) && !skip_no_default(p, lambda))) {
        return;
    }
    skip_all(p, lambda, skip_maybe_default);
    if (!p->error && accept(p, SLASH)) {
        RAISE_AT(token_before(p), "/ must be ahead of *");
    }
}

void
_PyParser_InvalidParameters(parser *p, bool lambda)
{
    int begin = p->mark;
    if (accept(p, SLASH) && peek(p) == COMMA) {
        RAISE_AT(token_before(p), "at least one argument must precede /");
        return;
    }
    p->mark = begin;
    if (skip_either_slash(p, lambda)) {
        skip_all(p, lambda, skip_maybe_default);
        if (!p->error && accept(p, SLASH)) {
            RAISE_AT(token_before(p), "/ may appear only once");
        }
    }
    static void (*const looks[])(parser *, bool) = {
        parameter_without_default, parenthesized_parameters, slash_behind_star,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(looks) && !p->error; i++) {
        p->mark = begin;
        looks[i](p, lambda);
    }
    if (!p->error) {
        p->mark = begin;
        if (skip_all(p, lambda, skip_maybe_default) > 0 && !p->error && accept(p, SLASH) && accept(p, STAR)) {
            RAISE_AT(token_before(p), "expected comma between / and *");
        }
    }
    p->mark = begin;
}

void
_PyParser_InvalidDefault(parser *p)
{
    int begin = p->mark;
    if (accept(p, EQUAL)) {
        int kind = peek(p);
        if (kind == COMMA || kind == RPAR) {
            RAISE_AT(token_before(p), "expected default value expression");
        }
    }
    p->mark = begin;
}

/* The position is at a '*'. */
void
_PyParser_InvalidStarEtc(parser *p, bool lambda)
{
    int begin = p->mark++;
    int end = end_kind(lambda);
    bool bare = peek(p) == end || (peek(p) == COMMA && (peek_second(p) == end || peek_second(p) == DOUBLESTAR));
    if (bare && !p->error) {
        if (lambda) {
            if (peek(p) == COMMA) {
                p->mark++;
            }
            RAISE_SYNTAX_ERROR("named arguments must follow bare *");
        }
        else {
            RAISE_AT(&p->tokens[begin], "named arguments must follow bare *");
        }
        return;
    }
    if (!lambda && peek(p) == COMMA && peek_second(p) == TYPE_COMMENT) {
        RAISE_SYNTAX_ERROR("bare * has associated type comment");
        return;
    }
    if (param(p, lambda, false) != NULL && accept(p, EQUAL)) {
        RAISE_AT(token_before(p), "var-positional argument cannot have default value");
        return;
    }
    p->mark = begin + 1;
    if (!p->error && (skip_no_default(p, lambda) || accept(p, COMMA))) {
        skip_all(p, lambda, skip_maybe_default);
        int star = p->mark;
        if (!p->error && accept(p, STAR) && (skip_no_default(p, lambda) || accept(p, COMMA))) {
            RAISE_AT(&p->tokens[star], "* argument may appear only once");
        }
    }
    p->mark = begin;
}

/* The position is at a '**'. */
void
_PyParser_InvalidKwds(parser *p, bool lambda)
{
    int begin = p->mark++;
    if (param(p, lambda, false) != NULL) {
        if (accept(p, EQUAL)) {
            RAISE_AT(token_before(p), "var-keyword argument cannot have default value");
            return;
        }
        if (!p->error && accept(p, COMMA)) {
            arg_ty arg = param(p, lambda, false);
            if (arg != NULL) {
                RAISE_AT(arg, "arguments cannot follow var-keyword argument");
            }
            else if (!p->error && (accept(p, STAR) || accept(p, DOUBLESTAR) || accept(p, SLASH))) {
                RAISE_AT(token_before(p), "arguments cannot follow var-keyword argument");
            }
        }
    }
    p->mark = begin;
}

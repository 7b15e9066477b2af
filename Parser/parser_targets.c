/* Parser: what may stand left of '=', after `for`, `as` and `del`. */
#include "Python.h"
#include "parser.h"

#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))

/* -- Contexts ------------------------------------------------------------ */

static bool
make_targets(parser *p, asdl_expr_seq *items)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(items); i++) {
        if (!_PyParser_MakeTarget(p, asdl_seq_GET(items, i))) {
            return false;
        }
    }
    return true;
}

bool
_PyParser_MakeTarget(parser *p, expr_ty node)
{
    switch (node->kind) {
        case Name_kind:
            node->v.Name.ctx = Store;
            return true;
        case Attribute_kind:
            node->v.Attribute.ctx = Store;
            return true;
        case Subscript_kind:
            node->v.Subscript.ctx = Store;
            return true;
        case Starred_kind:
            node->v.Starred.ctx = Store;
            return node->v.Starred.value->kind != Starred_kind && _PyParser_MakeTarget(p, node->v.Starred.value);
        case Tuple_kind:
            node->v.Tuple.ctx = Store;
            return make_targets(p, node->v.Tuple.elts);
        case List_kind:
            node->v.List.ctx = Store;
            return make_targets(p, node->v.List.elts);
        default:
            return false;
    }
}

static asdl_expr_seq *
set_contexts(parser *p, asdl_expr_seq *items, expr_context_ty ctx)
{
    Py_ssize_t size = asdl_seq_LEN(items);
    asdl_expr_seq *result = checked(p, _Py_asdl_expr_seq_new(size, p->arena));
    for (Py_ssize_t i = 0; result != NULL && i < size; i++) {
        expr_ty item = _PyParser_SetContext(p, asdl_seq_GET(items, i), ctx);
        if (item == NULL) {
            return NULL;
        }
        asdl_seq_SET(result, i, item);
    }
    return result;
}

expr_ty
_PyParser_SetContext(parser *p, expr_ty node, expr_context_ty ctx)
{
    expr_ty copy = checked(p, _PyArena_Malloc(p->arena, sizeof(*copy)));
    if (copy == NULL) {
        return NULL;
    }
    *copy = *node;
    switch (node->kind) {
        case Name_kind:
            copy->v.Name.ctx = ctx;
            break;
        case Attribute_kind:
            copy->v.Attribute.ctx = ctx;
            break;
        case Subscript_kind:
            copy->v.Subscript.ctx = ctx;
            break;
        case Starred_kind:
            copy->v.Starred.ctx = ctx;
            copy->v.Starred.value = _PyParser_SetContext(p, node->v.Starred.value, ctx);
            break;
        case Tuple_kind:
            copy->v.Tuple.ctx = ctx;
            copy->v.Tuple.elts = set_contexts(p, node->v.Tuple.elts, ctx);
            break;
        case List_kind:
            copy->v.List.ctx = ctx;
            copy->v.List.elts = set_contexts(p, node->v.List.elts, ctx);
            break;
        default:
            break;
    }
    return p->error ? NULL : copy;
}

/* -- Single targets ------------------------------------------------------ */

static bool
trailer_follows(parser *p)
{
    int kind = peek(p);
    return kind == DOT || kind == LPAR || kind == LSQB;
}

/* An attribute or a subscript, with that context. */
static expr_ty
attribute_or_subscript(parser *p, expr_context_ty ctx)
{
    int begin = p->mark;
    if (peek(p) == NAME) {
        /* Most targets are names: see quickly that this is one. */
        int second = peek_second(p);
        if (second != DOT && second != LPAR && second != LSQB) {
            return NULL;
        }
    }
    expr_ty value = _PyParser_TargetPrimary(p);
    if (value == NULL) {
        return NULL;
    }
    if (accept(p, DOT)) {
        if (peek(p) != NAME) {
            return NULL;
        }
        PyObject *name = _PyParser_TokenIdentifier(p, token_here(p));
        p->mark++;
        if (name == NULL || trailer_follows(p)) {
            return NULL;
        }
        return MAKE(Attribute, begin, value, name, ctx);
    }
    if (accept(p, LSQB)) {
        expr_ty index = _PyParser_Slices(p);
        if (index == NULL || !accept(p, RSQB) || trailer_follows(p)) {
            return NULL;
        }
        return MAKE(Subscript, begin, value, index, ctx);
    }
    return NULL;
}

expr_ty
_PyParser_SingleSubscriptAttributeTarget(parser *p)
{
    return attribute_or_subscript(p, Store);
}

expr_ty
_PyParser_SingleTarget(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    expr_ty result = attribute_or_subscript(p, Store);
    if (result != NULL || p->error) {
        return result;
    }
    p->mark = begin;
    p->stack_size = size;
    if (peek(p) == NAME) {
        return _PyParser_Name(p, Store);
    }
    if (!accept(p, LPAR)) {
        return NULL;
    }
    result = _PyParser_SingleTarget(p);
    return result != NULL && accept(p, RPAR) ? result : NULL;
}

/* -- Targets with stars and tuples --------------------------------------- */

static expr_ty target_with_star_atom(parser *p);

/* Pushes targets with ',' between and an optional last ','; *commas counts them. */
static bool
push_targets(parser *p, expr_ty (*target)(parser *), int *commas)
{
    *commas = 0;
    expr_ty first = target(p);
    if (first == NULL || !_PyParser_Push(p, first)) {
        return false;
    }
    while (accept(p, COMMA)) {
        ++*commas;
        int here = p->mark, size = p->stack_size;
        expr_ty next = target(p);
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

static expr_ty
star_atom(parser *p)
{
    int begin = p->mark, base = p->stack_size, commas;
    switch (peek(p)) {
        case NAME:
            return _PyParser_Name(p, Store);
        case LPAR: {
            p->mark++;
            int here = p->mark;
            expr_ty inner = target_with_star_atom(p);
            if (inner != NULL && accept(p, RPAR)) {
                return _PyParser_SetContext(p, inner, Store);
            }
            p->mark = here;
            p->stack_size = base;
            if (p->error) {
                return NULL;
            }
            if (peek(p) != RPAR && (!push_targets(p, _PyParser_StarTarget, &commas) || commas == 0)) {
                return NULL;
            }
            asdl_expr_seq *items = accept(p, RPAR) ? TAKE(expr, base) : NULL;
            return items == NULL ? NULL : MAKE(Tuple, begin, items, Store);
        }
        case LSQB: {
            p->mark++;
            if (peek(p) != RSQB && !push_targets(p, _PyParser_StarTarget, &commas)) {
                return NULL;
            }
            asdl_expr_seq *items = accept(p, RSQB) ? TAKE(expr, base) : NULL;
            return items == NULL ? NULL : MAKE(List, begin, items, Store);
        }
        default:
            return NULL;
    }
}

static expr_ty
target_with_star_atom(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    expr_ty result;
    if (_PyParser_Recall(p, RULE_TARGET_WITH_STAR_ATOM, &result)) {
        return result;
    }
    if (!enter(p)) {
        return NULL;
    }
    result = attribute_or_subscript(p, Store);
    if (result == NULL && !p->error) {
        p->mark = begin;
        p->stack_size = size;
        result = star_atom(p);
    }
    leave(p);
    return _PyParser_Remember(p, RULE_TARGET_WITH_STAR_ATOM, begin, result);
}

expr_ty
_PyParser_StarTarget(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    expr_ty result;
    if (_PyParser_Recall(p, RULE_STAR_TARGET, &result)) {
        return result;
    }
    if (accept(p, STAR)) {
        expr_ty value = peek(p) == STAR ? NULL : _PyParser_StarTarget(p);
        if (value != NULL && (value = _PyParser_SetContext(p, value, Store)) != NULL) {
            result = MAKE(Starred, begin, value, Store);
            return _PyParser_Remember(p, RULE_STAR_TARGET, begin, result);
        }
        p->mark = begin;
        p->stack_size = size;
    }
    return _PyParser_Remember(p, RULE_STAR_TARGET, begin, p->error ? NULL : target_with_star_atom(p));
}

expr_ty
_PyParser_StarTargets(parser *p)
{
    int begin = p->mark, base = p->stack_size, commas;
    if (!push_targets(p, _PyParser_StarTarget, &commas)) {
        return NULL;
    }
    if (commas == 0) {
        expr_ty only = p->stack[base];
        p->stack_size = base;
        return only;
    }
    asdl_expr_seq *items = TAKE(expr, base);
    return items == NULL ? NULL : MAKE(Tuple, begin, items, Store);
}

/* -- Targets of del ------------------------------------------------------ */

static expr_ty
del_target(parser *p)
{
    int begin = p->mark, base = p->stack_size, commas;
    expr_ty result;
    if (_PyParser_Recall(p, RULE_DEL_TARGET, &result)) {
        return result;
    }
    result = attribute_or_subscript(p, Del);
    if (result == NULL && !p->error) {
        p->mark = begin;
        p->stack_size = base;
        asdl_expr_seq *items;
        switch (peek(p)) {
            case NAME:
                result = _PyParser_Name(p, Del);
                break;
            case LPAR: {
                p->mark++;
                expr_ty inner = del_target(p);
                if (inner != NULL && accept(p, RPAR)) {
                    result = _PyParser_SetContext(p, inner, Del);
                    break;
                }
                if (p->error) {
                    break;
                }
                p->mark = begin + 1;
                p->stack_size = base;
                if ((peek(p) == RPAR || push_targets(p, del_target, &commas)) && accept(p, RPAR) &&
                    (items = TAKE(expr, base)) != NULL) {
                    result = MAKE(Tuple, begin, items, Del);
                }
                break;
            }
            case LSQB:
                p->mark++;
                if ((peek(p) == RSQB || push_targets(p, del_target, &commas)) && accept(p, RSQB) &&
                    (items = TAKE(expr, base)) != NULL) {
                    result = MAKE(List, begin, items, Del);
                }
                break;
            default:
                break;
        }
    }
    return _PyParser_Remember(p, RULE_DEL_TARGET, begin, result);
}

asdl_expr_seq *
_PyParser_DelTargets(parser *p)
{
    int base = p->stack_size, commas;
    return push_targets(p, del_target, &commas) ? TAKE(expr, base) : NULL;
}

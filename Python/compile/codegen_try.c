/* Code generation: try, except*, with, and what leaving them by a jump has to undo.

   A handler entered with `depth` surviving temporaries finds the exception in the next one (and the index of the raising
   instruction after it, where lasti is set).  Layout of an except or finally block, d being that first register:
     d      the exception       d + 1  the exception handled before (PUSH_EXC_INFO)
   A second handler around such a block restores the handled exception and raises the new one. */
#include "codegen.h"

/* -- Leaving by a jump -------------------------------------------------------------------------------- */

static int
call_exit_with_none(struct compiler *c, location loc, int exit, int is_async)
{
    /* exit, self, None, None, None in a fresh block: the argument registers may be in use by a value to keep */
    int base = c->u->depth, block = push_temps(c, 5);
    TRY(block);
    TRY(emit(c, loc, OP_MOVE, 0, block, exit, 0));
    TRY(emit(c, loc, OP_MOVE, 0, block + 1, exit + 1, 0));
    for (int i = 2; i < 5; i++) {
        TRY(emit_const(c, loc, block + i, Py_None));
    }
    TRY(emit(c, loc, OP_CALL, 0, block, block, 3));
    if (is_async) {
        TRY(emit_await(c, loc, block, 2));
    }
    c->u->depth = base;
    return emit(c, loc, OP_CLEAR, 0, block, 0, 0);
}

static int
end_handler_name(struct compiler *c, location loc, PyObject *name)
{
    int value = push_temps(c, 1);
    TRY(value);
    TRY(emit_const(c, loc, value, Py_None));
    c->u->depth--;
    TRY(store_name(c, loc, name, value));
    return delete_name(c, loc, name);
}

int
unwind_one(struct compiler *c, location loc, struct fblock *block, int preserve)
{
    int depth = c->u->depth, saved;
    switch (block->kind) {
    case FB_WHILE:
    case FB_TRY_EXCEPT:
    case FB_STOP_ITERATION:
    case FB_EXCEPT_STAR:
        return 0;
    case FB_FOR:
    case FB_ASYNC_FOR:
        /* only when returning, and RETURN releases everything: but a finally body after this may run long */
        return emit(c, loc, OP_CLEAR, 0, block->reg, 0, 0);
    case FB_FINALLY_TRY:
        saved = c->no_warnings;
        c->no_warnings = 1;
        if (preserve < 0) {
            /* temporaries of the inner blocks are gone */
            c->u->depth = block->reg - REG_TEMP;
        }
        TRY(body(c, block->node));
        c->no_warnings = saved;
        c->u->depth = depth;
        return 0;
    case FB_FINALLY_END:
    case FB_HANDLER:
        TRY(emit(c, loc, OP_POP_EXCEPT, 0, block->reg + 1, 0, 0));
        return emit(c, loc, OP_CLEAR, 0, block->reg, 0, 0);
    case FB_HANDLER_NAME:
        return end_handler_name(c, loc, block->node);
    case FB_WITH:
    case FB_ASYNC_WITH:
        if (preserve < 0) {
            c->u->depth = block->reg - REG_TEMP + 2;
        }
        TRY(call_exit_with_none(c, block->loc, block->reg, block->kind == FB_ASYNC_WITH));
        c->u->depth = depth;
        /* the jump itself counts as the statement's line again */
        return emit(c, loc, OP_NOP, 0, 0, 0, 0);
    }
    return 0;
}

/* -- Helpers of handlers ---------------------------------------------------------------------------------- */

/* At a label: the handler that puts the handled exception back and raises the new one again.  first: register of the old
   exception. */
static int
emit_cleanup_handler(struct compiler *c, int label, int first)
{
    use_label(c, label);
    TRY(emit(c, NO_LOCATION, OP_POP_EXCEPT, 0, first + 1, 0, 0));
    return emit(c, NO_LOCATION, OP_RERAISE, 1, first + 2, first + 3, 0);
}

/* Enter a handler at its label: the exception is in the register that is returned and becomes the handled one. */
static int
enter_handler(struct compiler *c, location loc, int label, int depth, int cleanup)
{
    struct unit *u = c->u;
    u->reachable = 0;
    use_label(c, label);
    u->depth = depth;
    int exc = push_temps(c, 2);
    TRY(exc);
    u->handler = new_handler(c, cleanup, depth + 2, 1);
    TRY(u->handler);
    TRY(emit(c, loc, OP_PUSH_EXC_INFO, 0, exc + 1, exc, 0));
    return exc;
}

/* -- try ----------------------------------------------------------------------------------------------------- */

static int try_except(struct compiler *, stmt_ty);

static int
try_finally(struct compiler *c, stmt_ty s, asdl_stmt_seq *try_body, int has_handlers, asdl_stmt_seq *final,
            int (*inner)(struct compiler *, stmt_ty))
{
    struct unit *u = c->u;
    location loc = LOC(s);
    int base = u->depth, outer = u->handler;
    int handler = new_label(c), cleanup = new_label(c), end = new_label(c);
    if (handler < 0 || cleanup < 0 || end < 0) {
        return -1;
    }
    TRY(push_fblock(c, loc, FB_FINALLY_TRY, handler, end, REG_TEMP + base, final));
    u->handler = new_handler(c, handler, base, 0);
    TRY(u->handler);
    TRY(has_handlers ? inner(c, s) : body(c, try_body));
    pop_fblock(c);
    u->handler = outer;
    TRY(body(c, final));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));

    int exc = enter_handler(c, NO_LOCATION, handler, base, cleanup);
    TRY(exc);
    int inside = u->handler, saved = c->no_warnings;
    u->handler = outer;
    TRY(push_fblock(c, loc, FB_FINALLY_END, -1, -1, exc, NULL));
    u->handler = inside;
    c->no_warnings = 1;
    TRY(body(c, final));
    c->no_warnings = saved;
    pop_fblock(c);
    TRY(emit(c, NO_LOCATION, OP_RERAISE, 0, exc, 0, 0));
    u->handler = outer;
    TRY(emit_cleanup_handler(c, cleanup, exc));
    u->depth = base;
    use_label(c, end);
    return 0;
}

/* The body of `except T as name`: name is unbound afterwards, however that is left. */
static int
named_handler_body(struct compiler *c, location loc, PyObject *name, asdl_stmt_seq *statements, int exc)
{
    struct unit *u = c->u;
    int outer = u->handler, depth = u->depth, cleanup = new_label(c), end = new_label(c);
    if (cleanup < 0 || end < 0) {
        return -1;
    }
    TRY(store_name(c, loc, name, exc | KEEP));
    TRY(push_fblock(c, loc, FB_HANDLER_NAME, -1, -1, exc, name));
    u->handler = new_handler(c, cleanup, depth, 1);
    TRY(u->handler);
    TRY(body(c, statements));
    pop_fblock(c);
    u->handler = outer;
    TRY(end_handler_name(c, NO_LOCATION, name));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));
    u->reachable = 0;
    use_label(c, cleanup);
    int raised = push_temps(c, 2);
    TRY(raised);
    TRY(end_handler_name(c, NO_LOCATION, name));
    TRY(emit(c, NO_LOCATION, OP_RERAISE, 1, raised, raised + 1, 0));
    u->depth = depth;
    use_label(c, end);
    return 0;
}

static int
try_except(struct compiler *c, stmt_ty s)
{
    struct unit *u = c->u;
    location loc = LOC(s);
    int base = u->depth, outer = u->handler;
    int handler = new_label(c), cleanup = new_label(c), end = new_label(c);
    Py_ssize_t count = asdl_seq_LEN(s->v.Try.handlers);
    if (handler < 0 || cleanup < 0 || end < 0) {
        return -1;
    }
    TRY(push_fblock(c, loc, FB_TRY_EXCEPT, handler, -1, REG_TEMP + base, NULL));
    u->handler = new_handler(c, handler, base, 0);
    TRY(u->handler);
    TRY(body(c, s->v.Try.body));
    pop_fblock(c);
    u->handler = outer;
    TRY(body(c, s->v.Try.orelse));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));

    int exc = enter_handler(c, NO_LOCATION, handler, base, cleanup);
    TRY(exc);
    int inside = u->handler;
    u->handler = outer;
    TRY(push_fblock(c, loc, FB_HANDLER, -1, -1, exc, NULL));
    u->handler = inside;
    for (Py_ssize_t i = 0; i < count; i++) {
        excepthandler_ty h = asdl_seq_GET(s->v.Try.handlers, i);
        location at = LOC(h);
        expr_ty type = h->v.ExceptHandler.type;
        int next = new_label(c);
        TRY(next);
        if (type == NULL && i < count - 1) {
            return error_at(c, at, "default 'except:' must be last");
        }
        if (type != NULL) {
            int depth = u->depth, t = operand(c, type, NULL);
            TRY(t);
            u->depth = depth;
            int match = push_temps(c, 1);
            TRY(match);
            TRY(emit(c, at, OP_CHECK_EXC_MATCH, 0, match, exc, t));
            u->depth = depth;
            TRY(emit_jump(c, at, OP_JUMP_IF_FALSE, 0, match, 0, 0, next));
        }
        if (h->v.ExceptHandler.name != NULL) {
            TRY(named_handler_body(c, at, h->v.ExceptHandler.name, h->v.ExceptHandler.body, exc));
        }
        else {
            TRY(body(c, h->v.ExceptHandler.body));
        }
        u->handler = outer;
        TRY(emit(c, NO_LOCATION, OP_POP_EXCEPT, 0, exc + 1, 0, 0));
        TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, exc, 0, 0));
        TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));
        u->handler = inside;
        u->reachable = 0;
        use_label(c, next);
    }
    pop_fblock(c);
    TRY(emit(c, NO_LOCATION, OP_RERAISE, 0, exc, 0, 0));
    u->handler = outer;
    TRY(emit_cleanup_handler(c, cleanup, exc));
    u->depth = base;
    use_label(c, end);
    return 0;
}

int
try_stmt(struct compiler *c, stmt_ty s)
{
    if (asdl_seq_LEN(s->v.Try.finalbody) > 0) {
        return try_finally(c, s, s->v.Try.body, asdl_seq_LEN(s->v.Try.handlers) > 0, s->v.Try.finalbody, try_except);
    }
    return try_except(c, s);
}

/* -- except* ------------------------------------------------------------------------------------------------------ */

/* Registers from exc on: the original exception, the handled one before, the list of what was raised and not matched, the
   rest that is not matched yet, a match. */
static int
try_except_star(struct compiler *c, stmt_ty s)
{
    struct unit *u = c->u;
    location loc = LOC(s);
    int base = u->depth, outer = u->handler;
    int handler = new_label(c), cleanup = new_label(c), end = new_label(c), reraise = new_label(c);
    Py_ssize_t count = asdl_seq_LEN(s->v.TryStar.handlers);
    if (handler < 0 || cleanup < 0 || end < 0 || reraise < 0) {
        return -1;
    }
    TRY(push_fblock(c, loc, FB_TRY_EXCEPT, handler, -1, REG_TEMP + base, NULL));
    u->handler = new_handler(c, handler, base, 0);
    TRY(u->handler);
    TRY(body(c, s->v.TryStar.body));
    pop_fblock(c);
    u->handler = outer;
    TRY(body(c, s->v.TryStar.orelse));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));

    int exc = enter_handler(c, NO_LOCATION, handler, base, cleanup);
    TRY(exc);
    int inside = u->handler;
    u->handler = outer;
    TRY(push_fblock(c, loc, FB_EXCEPT_STAR, -1, -1, exc, NULL));
    u->handler = inside;
    int results = push_temps(c, 1), rest = push_temps(c, 1);
    TRY(results);
    TRY(rest);
    TRY(emit(c, loc, OP_BUILD_LIST, 0, results, results, 0));
    TRY(emit(c, loc, OP_MOVE, 0, rest, exc | KEEP, 0));
    int depth = u->depth;
    for (Py_ssize_t i = 0; i < count; i++) {
        excepthandler_ty h = asdl_seq_GET(s->v.TryStar.handlers, i);
        location at = LOC(h);
        int no_match = new_label(c), next = new_label(c), failed = new_label(c);
        if (no_match < 0 || next < 0 || failed < 0) {
            return -1;
        }
        int t = push_expr(c, h->v.ExceptHandler.type);
        TRY(t);
        u->depth = depth;
        int pair = push_temps(c, 2);       /* rest, match */
        TRY(pair);
        TRY(emit(c, at, OP_CHECK_EG_MATCH, 0, pair, rest, t));
        TRY(emit(c, at, OP_MOVE, 0, rest, pair, 0));
        int match = pair + 1;
        TRY(emit_jump(c, at, OP_JUMP_IF_NONE, 0, match | KEEP, 0, 0, no_match));
        /* What the body raises is collected. */
        u->handler = new_handler(c, failed, match - REG_TEMP + 1, 1);
        TRY(u->handler);
        if (h->v.ExceptHandler.name != NULL) {
            TRY(named_handler_body(c, at, h->v.ExceptHandler.name, h->v.ExceptHandler.body, match));
        }
        else {
            TRY(body(c, h->v.ExceptHandler.body));
        }
        u->handler = inside;
        TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, match, 0, 0));
        TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, next));
        u->reachable = 0;
        use_label(c, failed);
        TRY(emit(c, NO_LOCATION, OP_LIST_APPEND, 0, results, match + 1, 0));
        TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, match + 2, 0, 0));
        TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, match, 0, 0));
        TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, next));
        use_label(c, no_match);
        TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, match, 0, 0));
        use_label(c, next);
        u->depth = depth;
    }
    pop_fblock(c);
    TRY(emit(c, NO_LOCATION, OP_LIST_APPEND, 0, results, rest, 0));
    TRY(emit(c, NO_LOCATION, OP_CALL_INTRINSIC_2, INTRINSIC_PREP_RERAISE_STAR, results, exc | KEEP, results));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP_IF_NOT_NONE, 0, results | KEEP, 0, 0, reraise));
    TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, results, 0, 0));
    TRY(emit(c, NO_LOCATION, OP_POP_EXCEPT, 0, exc + 1, 0, 0));
    TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, exc, 0, 0));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));
    u->reachable = 0;
    use_label(c, reraise);
    u->handler = outer;
    TRY(emit(c, NO_LOCATION, OP_POP_EXCEPT, 0, exc + 1, 0, 0));
    TRY(emit(c, NO_LOCATION, OP_RERAISE, 0, results, 0, 0));
    TRY(emit_cleanup_handler(c, cleanup, exc));
    u->depth = base;
    use_label(c, end);
    return 0;
}

int
try_star_stmt(struct compiler *c, stmt_ty s)
{
    if (asdl_seq_LEN(s->v.TryStar.finalbody) > 0) {
        return try_finally(c, s, s->v.TryStar.body, 1, s->v.TryStar.finalbody, try_except_star);
    }
    return try_except_star(c, s);
}

/* -- with ------------------------------------------------------------------------------------------------------------ */

int
with_stmt(struct compiler *c, stmt_ty s, Py_ssize_t index, int is_async)
{
    struct unit *u = c->u;
    asdl_withitem_seq *items = is_async ? s->v.AsyncWith.items : s->v.With.items;
    withitem_ty item = asdl_seq_GET(items, index);
    location loc = LOC(item->context_expr);
    int base = u->depth, outer = u->handler;
    int handler = new_label(c), cleanup = new_label(c), end = new_label(c), suppress = new_label(c);
    if (handler < 0 || cleanup < 0 || end < 0 || suppress < 0) {
        return -1;
    }
    if (is_async && u->kind != UNIT_ASYNC_FUNCTION &&
        !(c->flags.cf_flags & PyCF_ALLOW_TOP_LEVEL_AWAIT && u->kind == UNIT_MODULE)) {
        return error_at(c, LOC(s), "'async with' outside async function");
    }
    /* exit function and its self, kept below; then the manager, which becomes the result of enter */
    int exit = push_temps(c, 2);
    TRY(exit);
    int manager = push_expr(c, item->context_expr);
    TRY(manager);
    TRY(emit(c, loc, OP_LOAD_SPECIAL, 0, exit, manager | KEEP, is_async ? 3 : 1));
    TRY(emit(c, loc, OP_LOAD_SPECIAL, 0, manager, manager, is_async ? 2 : 0));
    TRY(push_temps(c, 1));
    TRY(emit(c, loc, OP_CALL, 0, manager, manager, 0));
    u->depth = base + 3;
    if (is_async) {
        TRY(emit_await(c, loc, manager, 1));
    }
    u->handler = new_handler(c, handler, base + 2, 0);
    TRY(u->handler);
    int inside = u->handler;
    if (item->optional_vars != NULL) {
        TRY(store_target(c, item->optional_vars, manager));
    }
    else {
        TRY(emit(c, loc, OP_CLEAR, 0, manager, 0, 0));
    }
    u->depth = base + 2;
    u->handler = outer;
    TRY(push_fblock(c, loc, is_async ? FB_ASYNC_WITH : FB_WITH, -1, -1, exit, s));
    u->handler = inside;
    if (index + 1 == asdl_seq_LEN(items)) {
        TRY(body(c, is_async ? s->v.AsyncWith.body : s->v.With.body));
    }
    else {
        TRY(with_stmt(c, s, index + 1, is_async));
    }
    pop_fblock(c);
    u->handler = outer;
    TRY(call_exit_with_none(c, loc, exit, is_async));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));

    int exc = enter_handler(c, loc, handler, base + 2, cleanup);
    TRY(exc);
    int result = push_temps(c, 1);
    TRY(result);
    TRY(emit(c, loc, OP_WITH_EXCEPT_START, 0, result, exit, exc));
    if (is_async) {
        TRY(emit_await(c, loc, result, 2));
    }
    TRY(emit_jump(c, loc, OP_JUMP_IF_TRUE, 0, result, 0, 0, suppress));
    TRY(emit(c, loc, OP_RERAISE, 0, exc, 0, 0));
    use_label(c, suppress);
    u->handler = outer;
    TRY(emit(c, NO_LOCATION, OP_POP_EXCEPT, 0, exc + 1, 0, 0));
    TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, exc, 0, 0));
    TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, exit, 0, 0));
    TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, exit + 1, 0, 0));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));
    u->reachable = 0;
    TRY(emit_cleanup_handler(c, cleanup, exc));
    u->depth = base;
    use_label(c, end);
    return 0;
}

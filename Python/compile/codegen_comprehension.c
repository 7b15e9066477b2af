/* Code generation: comprehensions and generator expressions.

   List, set and dict comprehensions are compiled into the function around them (PEP 709): their variables get registers of
   their own, so nothing has to be saved.  Generator expressions (and comprehensions in annotation scopes of a class) are
   functions whose argument is the first iterator. */
#include "codegen.h"

struct parts {
    asdl_comprehension_seq *generators;
    expr_ty element, value;         /* value: of a dict comprehension, whose key is element */
    enum _expr_kind kind;
    const char *name;
};

static struct parts
parts_of(expr_ty e)
{
    switch (e->kind) {
    case ListComp_kind:
        return (struct parts){e->v.ListComp.generators, e->v.ListComp.elt, NULL, e->kind, "<listcomp>"};
    case SetComp_kind:
        return (struct parts){e->v.SetComp.generators, e->v.SetComp.elt, NULL, e->kind, "<setcomp>"};
    case DictComp_kind:
        return (struct parts){e->v.DictComp.generators, e->v.DictComp.key, e->v.DictComp.value, e->kind, "<dictcomp>"};
    default:
        return (struct parts){e->v.GeneratorExp.generators, e->v.GeneratorExp.elt, NULL, e->kind, "<genexpr>"};
    }
}

/* One item more: appended to the collection, or yielded. */
static int
emit_element(struct compiler *c, location loc, const struct parts *p, int collection)
{
    int base = c->u->depth;
    switch (p->kind) {
    case DictComp_kind: {
        int key = operand(c, p->element, p->value);
        TRY(key);
        int value = operand(c, p->value, NULL);
        TRY(value);
        c->u->depth = base;
        return emit(c, loc, OP_MAP_ADD, 0, collection, key, value);
    }
    case GeneratorExp_kind: {
        int value = operand(c, p->element, NULL);
        TRY(value);
        c->u->depth = base;
        if (c->u->entry->ste_coroutine) {
            TRY(emit(c, loc, OP_CALL_INTRINSIC_1, INTRINSIC_ASYNC_GEN_WRAP, top(c), value, 0));
            value = top(c);
        }
        int sent = top(c);
        TRY(emit(c, loc, OP_YIELD_VALUE, 0, sent, value, 0));
        TRY(emit(c, loc, OP_RESUME, 1, 0, 0, 0));
        return emit(c, NO_LOCATION, OP_CLEAR, 0, sent, 0, 0);
    }
    default: {
        int value = operand(c, p->element, NULL);
        TRY(value);
        c->u->depth = base;
        return emit(c, loc, p->kind == ListComp_kind ? OP_LIST_APPEND : OP_SET_ADD, 0, collection, value, 0);
    }
    }
}

static int comprehension_loop(struct compiler *, location, const struct parts *, Py_ssize_t, int, int);

/* Conditions of one `for`, then the next one or the element. */
static int
loop_body(struct compiler *c, location loc, const struct parts *p, Py_ssize_t index, int collection, int next)
{
    comprehension_ty g = asdl_seq_GET(p->generators, index);
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(g->ifs); i++) {
        TRY(jump_if(c, asdl_seq_GET(g->ifs, i), next, 0));
    }
    if (index + 1 < asdl_seq_LEN(p->generators)) {
        return comprehension_loop(c, loc, p, index + 1, collection, -1);
    }
    location at = {p->element->lineno, p->element->col_offset, p->element->end_lineno, p->element->end_col_offset};
    if (p->value != NULL) {
        at.end_lineno = p->value->end_lineno;
        at.end_col_offset = p->value->end_col_offset;
    }
    return emit_element(c, at, p, collection);
}

/* A single-item display as iterable, `for y in [f(x)]`, is an assignment. */
static expr_ty
single_item(comprehension_ty g)
{
    asdl_expr_seq *elements = g->iter->kind == Tuple_kind ? g->iter->v.Tuple.elts
                              : g->iter->kind == List_kind ? g->iter->v.List.elts : NULL;
    if (elements != NULL && asdl_seq_LEN(elements) == 1 && asdl_seq_GET(elements, 0)->kind != Starred_kind) {
        return asdl_seq_GET(elements, 0);
    }
    return NULL;
}

/* iterator: register of the first iterator, made already; -1 for inner loops. */
static int
comprehension_loop(struct compiler *c, location loc, const struct parts *p, Py_ssize_t index, int collection, int iterator)
{
    struct unit *u = c->u;
    comprehension_ty g = asdl_seq_GET(p->generators, index);
    location iter_loc = LOC(g->iter), target_loc = LOC(g->target);
    int base = u->depth, start = new_label(c), next = new_label(c), end = new_label(c), outer = u->handler;
    if (start < 0 || next < 0 || end < 0) {
        return -1;
    }
    expr_ty single = iterator < 0 && !g->is_async ? single_item(g) : NULL;
    if (single != NULL) {
        int value = push_expr(c, single);
        TRY(value);
        TRY(store_target(c, g->target, value));
        u->depth = base;
        TRY(loop_body(c, loc, p, index, collection, next));
        use_label(c, next);
        return 0;
    }
    if (iterator < 0) {
        iterator = push_expr(c, g->iter);
        TRY(iterator);
        TRY(emit(c, iter_loc, g->is_async ? OP_GET_AITER : OP_GET_ITER, 0, iterator, iterator, 0));
    }
    int depth = u->depth, except = -1;
    use_label(c, start);
    int item = push_temps(c, 1);
    TRY(item);
    if (g->is_async) {
        except = new_label(c);
        TRY(except);
        u->handler = new_handler(c, except, depth, 0);
        TRY(u->handler);
        TRY(emit(c, iter_loc, OP_GET_ANEXT, 0, item, iterator, 0));
        TRY(emit_await(c, iter_loc, item, 0));
        u->handler = outer;
    }
    else {
        TRY(emit_jump(c, iter_loc, OP_FOR_ITER, 0, iterator, 0, item, end));
    }
    (void)target_loc;
    TRY(store_target(c, g->target, item));
    u->depth = depth;
    TRY(loop_body(c, loc, p, index, collection, next));
    use_label(c, next);
    TRY(emit_jump(c, loc, OP_JUMP_BACK, 0, 0, 0, 0, start));
    u->reachable = 0;
    if (g->is_async) {
        use_label(c, except);
        u->depth = depth + 1;
        TRY(emit(c, iter_loc, OP_END_ASYNC_FOR, 0, REG_TEMP + depth, iterator, 0));
    }
    use_label(c, end);
    u->depth = base;
    return 0;
}

static int
check_async(struct compiler *c, expr_ty e, PySTEntryObject *entry)
{
    if (!entry->ste_coroutine || e->kind == GeneratorExp_kind) {
        return 0;
    }
    if (c->flags.cf_flags & PyCF_ALLOW_TOP_LEVEL_AWAIT && c->u->kind == UNIT_MODULE) {
        return 0;
    }
    if (c->u->kind != UNIT_ASYNC_FUNCTION && c->u->kind != UNIT_COMPREHENSION && c->u->kind != UNIT_ANNOTATIONS) {
        return error_at(c, LOC(e), "asynchronous comprehension outside of an asynchronous function");
    }
    return 0;
}

/* Hidden registers for the comprehension's own variables; captured ones become cells. */
static int
declare_variables(struct compiler *c, struct inlined *in)
{
    PyObject *name, *flags;
    Py_ssize_t position = 0;
    while (PyDict_Next(in->entry->ste_symbols, &position, &name, &flags)) {
        int scope = SYMBOL_TO_SCOPE(PyLong_AsLong(flags));
        if ((scope != LOCAL && scope != CELL) || PyUnicode_EqualToUTF8(name, ".0")) {
            continue;
        }
        int reg = new_hidden(c, name);
        PyObject *value = reg < 0 ? NULL : PyLong_FromLong(reg);
        int result = value ? PyDict_SetItem(in->registers, name, value) : -1;
        Py_XDECREF(value);
        TRY(result);
        if (scope == CELL) {
            TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, reg, 0, 0));
            TRY(emit(c, NO_LOCATION, OP_MAKE_CELL, 0, reg, 0, 0));
        }
    }
    return 0;
}

static int
clear_variables(struct compiler *c, struct inlined *in)
{
    PyObject *name, *reg;
    Py_ssize_t position = 0;
    while (PyDict_Next(in->registers, &position, &name, &reg)) {
        TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, (int)PyLong_AsLong(reg), 0, 0));
    }
    return 0;
}

static int
inlined_body(struct compiler *c, expr_ty e, const struct parts *p, struct inlined *in, int collection, int iterator,
             int dest)
{
    struct unit *u = c->u;
    location loc = LOC(e), none = NO_LOCATION;
    int depth = u->depth, outer = u->handler, cleanup = new_label(c), end = new_label(c);
    if (cleanup < 0 || end < 0) {
        return -1;
    }
    TRY(declare_variables(c, in));
    static const int builders[] = {[ListComp_kind] = OP_BUILD_LIST, [SetComp_kind] = OP_BUILD_SET,
                                   [DictComp_kind] = OP_BUILD_MAP};
    TRY(emit(c, loc, builders[p->kind], 0, collection, collection, 0));
    /* An exception must not leave the variables behind. */
    u->handler = new_handler(c, cleanup, depth, 1);
    TRY(u->handler);
    TRY(comprehension_loop(c, loc, p, 0, collection, iterator));
    u->handler = outer;
    TRY(clear_variables(c, in));
    TRY(emit_jump(c, none, OP_JUMP, 0, 0, 0, 0, end));
    u->reachable = 0;
    use_label(c, cleanup);
    u->depth = depth;
    int exc = push_temps(c, 2);
    TRY(exc);
    TRY(clear_variables(c, in));
    TRY(emit(c, none, OP_RERAISE, 1, exc, exc + 1, 0));
    u->depth = depth;
    use_label(c, end);
    return dest == collection ? 0 : emit(c, loc, OP_MOVE, 0, dest, collection, 0);
}

static int
function_comprehension(struct compiler *c, expr_ty e, const struct parts *p, PySTEntryObject *entry, int dest)
{
    location loc = LOC(e), none = NO_LOCATION;
    comprehension_ty first = asdl_seq_GET(p->generators, 0);
    int base = c->u->depth, block = push_temps(c, 2), is_async = entry->ste_coroutine;
    TRY(block);
    PyObject *name = PyUnicode_InternFromString(p->name);
    int entered = name ? unit_enter(c, name, is_async ? UNIT_ASYNC_FUNCTION : UNIT_COMPREHENSION, e, e->lineno,
                                    c->u->private) : -1;
    Py_XDECREF(name);
    TRY(entered);
    c->u->argcount = c->u->posonlyargcount = 1;
    int failed = 0, collection = 0;
    if (c->u->is_generator) {
        int label = new_label(c);
        c->u->handler = label < 0 ? -1 : new_handler(c, label, 0, 1);
        failed = c->u->handler < 0;
    }
    if (!failed && p->kind != GeneratorExp_kind) {
        collection = push_temps(c, 1);
        failed = collection < 0 ||
                 emit(c, loc, p->kind == ListComp_kind ? OP_BUILD_LIST : p->kind == SetComp_kind ? OP_BUILD_SET
                                                                                               : OP_BUILD_MAP,
                      0, collection, collection, 0) < 0;
    }
    /* the iterator moves from the argument to a temporary, as every other loop has it */
    int iterator = failed ? -1 : push_temps(c, 1);
    failed = iterator < 0 || emit(c, loc, OP_MOVE, 0, iterator, REG_LOCAL, 0) < 0 ||
             comprehension_loop(c, loc, p, 0, collection, iterator) < 0;
    if (!failed && p->kind != GeneratorExp_kind) {
        failed = emit(c, loc, OP_RETURN, 0, collection, 0, 0) < 0;
    }
    if (failed) {
        unit_exit(c);
        return -1;
    }
    PyCodeObject *code = NULL;
    if ((p->kind != GeneratorExp_kind || emit_return_const(c, none, Py_None) == 0) &&
        (!c->u->is_generator || wrap_stopiteration(c) == 0)) {
        code = assemble(c);
    }
    unit_exit(c);
    if (code == NULL) {
        return -1;
    }
    int result = make_closure(c, loc, code, block);
    Py_DECREF(code);
    TRY(result);
    TRY(emit(c, loc, OP_CLEAR, 0, block + 1, 0, 0));
    int argument = push_expr(c, first->iter);
    TRY(argument);
    if (first->is_async) {
        TRY(emit(c, LOC(first->iter), OP_GET_AITER, 0, argument, argument, 0));
    }
    else {
        TRY(emit(c, LOC(first->iter), OP_GET_ITER, 0, argument, argument, 0));
    }
    c->u->depth = base;
    TRY(emit(c, loc, OP_CALL, 0, block, block, 1));
    if (is_async && p->kind != GeneratorExp_kind) {
        TRY(push_temps(c, 1));
        TRY(emit_await(c, loc, block, 0));
        c->u->depth = base;
    }
    return dest == block ? 0 : emit(c, loc, OP_MOVE, 0, dest, block, 0);
}

int
comprehension_into(struct compiler *c, expr_ty e, int dest)
{
    struct parts p = parts_of(e);
    PySTEntryObject *entry = _PySymtable_Lookup(c->table, e);
    if (entry == NULL) {
        return -1;
    }
    int result = -1;
    if (check_async(c, e, entry) < 0) {
        goto done;
    }
    if (!entry->ste_comp_inlined) {
        result = function_comprehension(c, e, &p, entry, dest);
        goto done;
    }
    comprehension_ty first = asdl_seq_GET(p.generators, 0);
    int base = c->u->depth, collection = push_temps(c, 1), iterator = collection < 0 ? -1 : push_expr(c, first->iter);
    if (iterator < 0 || emit(c, LOC(first->iter), first->is_async ? OP_GET_AITER : OP_GET_ITER, 0, iterator, iterator,
                             0) < 0) {
        goto done;
    }
    struct inlined in = {entry, PyDict_New(), c->u->inlined};
    if (in.registers != NULL) {
        c->u->inlined = &in;
        result = inlined_body(c, e, &p, &in, collection, iterator, dest);
        c->u->inlined = in.outer;
        Py_DECREF(in.registers);
    }
    c->u->depth = base;
done:
    Py_DECREF(entry);
    return result;
}

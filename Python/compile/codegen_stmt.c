/* Code generation: simple statements, loops and targets. */
#include "codegen.h"

/* -- Targets --------------------------------------------------------------------------------------- */

static int
unpack_into(struct compiler *c, location loc, asdl_expr_seq *elements, int source)
{
    Py_ssize_t count = asdl_seq_LEN(elements), star = -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (asdl_seq_GET(elements, i)->kind == Starred_kind) {
            if (star >= 0) {
                return error_at(c, LOC(asdl_seq_GET(elements, i)), "multiple starred expressions in assignment");
            }
            star = i;
        }
    }
    /* The values go to registers above the source, which dies by being unpacked. */
    int base = c->u->depth, first = push_temps(c, (int)count);
    TRY(first);
    if (star >= 0) {
        if (star >= (1 << 8) * 64 || count - star - 1 > 255) {
            return error_at(c, loc, "too many expressions in star-unpacking assignment");
        }
        TRY(emit(c, loc, OP_UNPACK_EX, (int)(count - star - 1), first, source, (int)star));
    }
    else {
        TRY(emit(c, loc, OP_UNPACK_SEQUENCE, 0, first, source, (int)count));
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        expr_ty element = asdl_seq_GET(elements, i);
        TRY(store_target(c, element->kind == Starred_kind ? element->v.Starred.value : element, first + (int)i));
    }
    c->u->depth = base;
    return 0;
}

static int
is_two_part_slice(expr_ty e)
{
    return e->kind == Slice_kind && e->v.Slice.step == NULL;
}

/* Pushes the two ends of a slice. */
static int
push_slice_ends(struct compiler *c, expr_ty slice)
{
    expr_ty parts[2] = {slice->v.Slice.lower, slice->v.Slice.upper};
    int first = top(c);
    for (int i = 0; i < 2; i++) {
        if (parts[i] != NULL) {
            TRY(push_expr(c, parts[i]));
        }
        else {
            TRY(emit_const(c, LOC(slice), top(c), Py_None));
            TRY(push_temps(c, 1));
        }
    }
    return first;
}

int
store_target(struct compiler *c, expr_ty target, int source)
{
    location loc = LOC(target);
    int base = c->u->depth;
    switch (target->kind) {
    case Name_kind:
        return store_name(c, loc, target->v.Name.id, source);
    case Attribute_kind: {
        int object = operand(c, target->v.Attribute.value, NULL);
        TRY(object);
        c->u->depth = base;
        Py_ssize_t name = add_name(c, target->v.Attribute.attr);
        return name < 0 ? -1 : emit(c, loc, OP_STORE_ATTR, (int)(name >> 16), object, source, (int)(name & 0xFFFF));
    }
    case Subscript_kind: {
        expr_ty slice = target->v.Subscript.slice;
        int object = operand(c, target->v.Subscript.value, slice);
        TRY(object);
        if (is_two_part_slice(slice)) {
            int ends = push_slice_ends(c, slice);
            TRY(ends);
            c->u->depth = base;
            return emit(c, loc, OP_SETSLICE, 0, object, source, ends);
        }
        int index = operand(c, slice, NULL);
        TRY(index);
        c->u->depth = base;
        return emit(c, loc, OP_SETITEM, 0, object, index, source);
    }
    case Tuple_kind:
        return unpack_into(c, loc, target->v.Tuple.elts, source);
    case List_kind:
        return unpack_into(c, loc, target->v.List.elts, source);
    case Starred_kind:
        return error_at(c, loc, "starred assignment target must be in a list or tuple");
    default:
        PyErr_Format(PyExc_SystemError, "unexpected target kind %d", target->kind);
        return -1;
    }
}

/* A class records the attributes that its methods set on self. */
static int
note_static_attribute(struct compiler *c, expr_ty target)
{
    if (target->kind == Tuple_kind || target->kind == List_kind) {
        asdl_expr_seq *elements = target->kind == Tuple_kind ? target->v.Tuple.elts : target->v.List.elts;
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(elements); i++) {
            TRY(note_static_attribute(c, asdl_seq_GET(elements, i)));
        }
        return 0;
    }
    if (target->kind != Attribute_kind || target->v.Attribute.value->kind != Name_kind ||
        !PyUnicode_EqualToUTF8(target->v.Attribute.value->v.Name.id, "self")) {
        return 0;
    }
    for (struct unit *u = c->u; u != NULL; u = u->outer) {
        if (u->static_attributes != NULL) {
            return PySet_Add(u->static_attributes, target->v.Attribute.attr);
        }
    }
    return 0;
}

/* The local register that a Name target is kept in, -1 if it is elsewhere, -2 on error. */
static int
local_target(struct compiler *c, expr_ty target)
{
    if (target->kind != Name_kind) {
        return -1;
    }
    enum access access;
    int reg, result = -2;
    PyObject *mangled = mangle(c, target->v.Name.id);
    if (mangled != NULL && resolve(c, mangled, &access, &reg) == 0) {
        result = access == ACCESS_FAST ? reg : -1;
    }
    Py_XDECREF(mangled);
    return result;
}

/* a, b = c, d with plain elements: no tuple is built. */
static int
swap_assignment(struct compiler *c, stmt_ty s, int *done)
{
    expr_ty target = asdl_seq_GET(s->v.Assign.targets, 0), value = s->v.Assign.value;
    *done = 0;
    if (asdl_seq_LEN(s->v.Assign.targets) != 1 || value->kind != Tuple_kind ||
        (target->kind != Tuple_kind && target->kind != List_kind)) {
        return 0;
    }
    asdl_expr_seq *left = target->kind == Tuple_kind ? target->v.Tuple.elts : target->v.List.elts;
    asdl_expr_seq *right = value->v.Tuple.elts;
    Py_ssize_t count = asdl_seq_LEN(left);
    if (count != asdl_seq_LEN(right) || count > 8 || count == 0) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (asdl_seq_GET(left, i)->kind == Starred_kind || asdl_seq_GET(right, i)->kind == Starred_kind) {
            return 0;
        }
    }
    int base = c->u->depth, first = top(c);
    for (Py_ssize_t i = 0; i < count; i++) {
        TRY(push_expr(c, asdl_seq_GET(right, i)));
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        TRY(store_target(c, asdl_seq_GET(left, i), first + (int)i));
    }
    c->u->depth = base;
    *done = 1;
    return 0;
}

static int
assign_stmt(struct compiler *c, stmt_ty s)
{
    Py_ssize_t count = asdl_seq_LEN(s->v.Assign.targets);
    int base = c->u->depth, done;
    for (Py_ssize_t i = 0; i < count; i++) {
        TRY(note_static_attribute(c, asdl_seq_GET(s->v.Assign.targets, i)));
    }
    TRY(swap_assignment(c, s, &done));
    if (done) {
        return 0;
    }
    if (count == 1) {
        expr_ty target = asdl_seq_GET(s->v.Assign.targets, 0);
        int reg = local_target(c, target);
        if (reg == -2) {
            return -1;
        }
        if (reg >= 0) {
            return expr_into(c, s->v.Assign.value, reg);
        }
        /* Attribute and item targets may take a local as it is; unpacking copies it first. */
        int plain = target->kind == Attribute_kind || target->kind == Subscript_kind || target->kind == Name_kind;
        int value = plain ? operand(c, s->v.Assign.value,
                                    target->kind == Subscript_kind ? target->v.Subscript.slice : NULL)
                          : push_expr(c, s->v.Assign.value);
        TRY(value);
        TRY(store_target(c, target, value));
        c->u->depth = base;
        return 0;
    }
    int value = push_expr(c, s->v.Assign.value);
    TRY(value);
    for (Py_ssize_t i = 0; i < count; i++) {
        expr_ty target = asdl_seq_GET(s->v.Assign.targets, i);
        int last = i == count - 1;
        TRY(store_target(c, target, last ? value : value | KEEP));
    }
    c->u->depth = base;
    return 0;
}

static int
aug_assign_stmt(struct compiler *c, stmt_ty s)
{
    static const int opcodes[] = {
        [Add] = OP_BINARY_ADD, [Sub] = OP_BINARY_SUB, [Mult] = OP_BINARY_MUL, [MatMult] = OP_BINARY_MATMUL,
        [Div] = OP_BINARY_TRUEDIV, [Mod] = OP_BINARY_MOD, [Pow] = OP_BINARY_POW, [LShift] = OP_BINARY_LSHIFT,
        [RShift] = OP_BINARY_RSHIFT, [BitOr] = OP_BINARY_OR, [BitXor] = OP_BINARY_XOR, [BitAnd] = OP_BINARY_AND,
        [FloorDiv] = OP_BINARY_FLOORDIV};
    expr_ty target = s->v.AugAssign.target, value_expr = s->v.AugAssign.value;
    location loc = LOC(s), target_loc = LOC(target);
    int base = c->u->depth, op = opcodes[s->v.AugAssign.op], left, object = -1, index = -1;
    TRY(note_static_attribute(c, target));
    int local = local_target(c, target);
    if (local == -2) {
        return -1;
    }
    switch (target->kind) {
    case Name_kind:
        if (local >= 0) {
            TRY(emit(c, target_loc, OP_CHECK_BOUND, 0, local, 0, 0));
            left = local;
        }
        else {
            TRY(load_name(c, target_loc, target->v.Name.id, top(c)));
            left = push_temps(c, 1);
        }
        break;
    case Attribute_kind:
        object = operand(c, target->v.Attribute.value, value_expr);
        TRY(object);
        TRY(emit_named(c, target_loc, OP_LOAD_ATTR, top(c), object | KEEP, target->v.Attribute.attr));
        left = push_temps(c, 1);
        break;
    case Subscript_kind:
        object = operand(c, target->v.Subscript.value, NULL);
        TRY(object);
        if (!IS_TEMP(object)) {
            TRY(emit(c, target_loc, OP_MOVE, 0, top(c), object, 0));
            object = push_temps(c, 1);
        }
        if (is_two_part_slice(target->v.Subscript.slice)) {
            /* x[a:b] op= v reads and writes through a slice object. */
            int ends = push_slice_ends(c, target->v.Subscript.slice);
            TRY(ends);
            c->u->depth = ends - REG_TEMP;
            TRY(emit(c, target_loc, OP_BUILD_SLICE, 0, ends, ends, 2));
            index = push_temps(c, 1);
        }
        else {
            index = push_expr(c, target->v.Subscript.slice);
        }
        TRY(index);
        TRY(emit(c, target_loc, OP_GETITEM, 0, top(c), object | KEEP, index | KEEP));
        left = push_temps(c, 1);
        break;
    default:
        PyErr_Format(PyExc_SystemError, "invalid target of an augmented assignment");
        return -1;
    }
    TRY(left);
    int dest = local >= 0 ? local : left;
    if (value_expr->kind == Constant_kind && c->u->reachable) {
        Py_ssize_t k = add_const(c, value_expr->v.Constant.value);
        if (k < 0) {
            return -1;
        }
        if (k <= 0xFFFF) {
            TRY(emit(c, loc, op + 1, 1, dest, left, (int)k));
            goto store;
        }
    }
    if (local >= 0 && may_bind(value_expr, target->v.Name.id)) {
        /* `x += (x := 1)`: the old x counts */
        TRY(emit(c, target_loc, OP_MOVE, 0, top(c), local, 0));
        left = push_temps(c, 1);
        TRY(left);
    }
    int right = operand(c, value_expr, NULL);
    TRY(right);
    TRY(emit(c, loc, op, 1, dest, left, right));
store:
    if (local >= 0) {
        c->u->depth = base;
        return 0;
    }
    if (target->kind == Name_kind) {
        TRY(store_name(c, target_loc, target->v.Name.id, left));
    }
    else if (target->kind == Attribute_kind) {
        Py_ssize_t name = add_name(c, target->v.Attribute.attr);
        TRY(name < 0 ? -1 : emit(c, target_loc, OP_STORE_ATTR, (int)(name >> 16), object, left, (int)(name & 0xFFFF)));
    }
    else {
        TRY(emit(c, target_loc, OP_SETITEM, 0, object, index, left));
    }
    c->u->depth = base;
    return 0;
}

static int
delete_target(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    int base = c->u->depth;
    switch (e->kind) {
    case Name_kind:
        return delete_name(c, loc, e->v.Name.id);
    case Attribute_kind: {
        int object = operand(c, e->v.Attribute.value, NULL);
        TRY(object);
        c->u->depth = base;
        return emit_named(c, loc, OP_DELETE_ATTR, object, 0, e->v.Attribute.attr);
    }
    case Subscript_kind: {
        int object = operand(c, e->v.Subscript.value, e->v.Subscript.slice);
        TRY(object);
        int index = operand(c, e->v.Subscript.slice, NULL);
        TRY(index);
        c->u->depth = base;
        return emit(c, loc, OP_DELITEM, 0, object, index, 0);
    }
    case Tuple_kind:
    case List_kind: {
        asdl_expr_seq *elements = e->kind == Tuple_kind ? e->v.Tuple.elts : e->v.List.elts;
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(elements); i++) {
            TRY(delete_target(c, asdl_seq_GET(elements, i)));
        }
        return 0;
    }
    default:
        return error_at(c, loc, "cannot delete this expression");
    }
}

/* -- Annotated assignment ------------------------------------------------------------------------------ */

static int
evaluate_and_drop(struct compiler *c, expr_ty e)
{
    int base = c->u->depth, value = push_expr(c, e);
    TRY(value);
    c->u->depth = base;
    return emit(c, LOC(e), OP_CLEAR, 0, value, 0, 0);
}

static int
ann_assign_stmt(struct compiler *c, stmt_ty s)
{
    expr_ty target = s->v.AnnAssign.target;
    int base = c->u->depth;
    if (s->v.AnnAssign.value != NULL) {
        int reg = local_target(c, target);
        if (reg == -2) {
            return -1;
        }
        TRY(note_static_attribute(c, target));
        if (reg >= 0) {
            TRY(expr_into(c, s->v.AnnAssign.value, reg));
        }
        else {
            int value = push_expr(c, s->v.AnnAssign.value);
            TRY(value);
            TRY(store_target(c, target, value));
            c->u->depth = base;
        }
    }
    switch (target->kind) {
    case Name_kind:
        if (s->v.AnnAssign.simple && !_PyST_IsFunctionLike(c->u->entry)) {
            return annotation_of(c, s);
        }
        return 0;
    case Attribute_kind:
        return s->v.AnnAssign.value == NULL ? evaluate_and_drop(c, target->v.Attribute.value) : 0;
    case Subscript_kind:
        if (s->v.AnnAssign.value == NULL) {
            TRY(evaluate_and_drop(c, target->v.Subscript.value));
            expr_ty slice = target->v.Subscript.slice;
            if (slice->kind != Slice_kind) {
                return evaluate_and_drop(c, slice);
            }
            expr_ty parts[] = {slice->v.Slice.lower, slice->v.Slice.upper, slice->v.Slice.step};
            for (int i = 0; i < 3; i++) {
                if (parts[i] != NULL) {
                    TRY(evaluate_and_drop(c, parts[i]));
                }
            }
        }
        return 0;
    default:
        PyErr_Format(PyExc_SystemError, "invalid target of an annotated assignment");
        return -1;
    }
}

/* -- Leaving blocks ------------------------------------------------------------------------------------------ */

/* Undo statement blocks from the innermost out: all of them, or up to the innermost loop (returned in *loop, not undone).
   preserve: a temporary that must survive, or -1. */
int
unwind_fblocks(struct compiler *c, location loc, int preserve, int to_loop, struct fblock **loop)
{
    struct unit *u = c->u;
    if (u->nfblocks == 0) {
        return 0;
    }
    struct fblock *block = &u->fblocks[u->nfblocks - 1];
    if (to_loop && (block->kind == FB_WHILE || block->kind == FB_FOR || block->kind == FB_ASYNC_FOR)) {
        *loop = block;
        return 0;
    }
    struct fblock copy = *block;
    int saved_handler = u->handler;
    u->nfblocks--;
    u->handler = copy.handler;
    TRY(unwind_one(c, loc, &copy, preserve));
    TRY(unwind_fblocks(c, loc, preserve, to_loop, loop));
    u->fblocks[u->nfblocks++] = copy;
    u->handler = saved_handler;
    return 0;
}

/* The pointer that unwind_fblocks gives back may be to a popped entry: the loop is looked up again. */
static struct fblock *
innermost_loop(struct unit *u, int *through_star)
{
    for (int i = u->nfblocks - 1; i >= 0; i--) {
        enum fblock_kind kind = u->fblocks[i].kind;
        if (kind == FB_WHILE || kind == FB_FOR || kind == FB_ASYNC_FOR) {
            return &u->fblocks[i];
        }
        *through_star |= kind == FB_EXCEPT_STAR;
    }
    return NULL;
}

static int
break_or_continue(struct compiler *c, location loc, int is_break)
{
    int star = 0;
    struct fblock *loop = innermost_loop(c->u, &star), *unused = NULL;
    if (star) {
        return error_at(c, loc, "'break', 'continue' and 'return' cannot appear in an except* block");
    }
    if (loop == NULL) {
        return error_at(c, loc, is_break ? "'break' outside loop" : "'continue' not properly in loop");
    }
    struct fblock target = *loop;
    int depth = c->u->depth, handler = c->u->handler;
    TRY(emit(c, loc, OP_NOP, 0, 0, 0, 0));
    TRY(unwind_fblocks(c, loc, -1, 1, &unused));
    c->u->handler = target.handler;
    if (is_break && target.kind != FB_WHILE) {
        TRY(emit(c, loc, OP_CLEAR, 0, target.reg, 0, 0));
    }
    TRY(emit_jump(c, loc, is_break ? OP_JUMP : OP_JUMP_BACK, 0, 0, 0, 0, is_break ? target.exit : target.start));
    c->u->depth = depth;
    c->u->handler = handler;
    return 0;
}

static int
return_stmt(struct compiler *c, stmt_ty s)
{
    struct unit *u = c->u;
    location loc = LOC(s);
    expr_ty value = s->v.Return.value;
    struct fblock *unused;
    int base = u->depth, handler = u->handler;
    if (!_PyST_IsFunctionLike(u->entry)) {
        return error_at(c, loc, "'return' outside function");
    }
    if (value != NULL && u->entry->ste_coroutine && u->entry->ste_generator) {
        return error_at(c, loc, "'return' with value in async generator");
    }
    for (int i = 0; i < u->nfblocks; i++) {
        if (u->fblocks[i].kind == FB_EXCEPT_STAR) {
            return error_at(c, loc, "'break', 'continue' and 'return' cannot appear in an except* block");
        }
    }
    int constant = value == NULL || value->kind == Constant_kind, reg = -1;
    int simple = 1;     /* nothing to undo that could run code */
    for (int i = 0; i < u->nfblocks; i++) {
        enum fblock_kind kind = u->fblocks[i].kind;
        simple = simple && (kind == FB_WHILE || kind == FB_FOR || kind == FB_ASYNC_FOR || kind == FB_TRY_EXCEPT ||
                            kind == FB_STOP_ITERATION);
    }
    if (!constant) {
        reg = simple ? operand(c, value, NULL) : push_expr(c, value);
        TRY(reg);
    }
    else if (value != NULL && value->lineno != s->lineno) {
        TRY(emit(c, LOC(value), OP_NOP, 0, 0, 0, 0));
    }
    TRY(unwind_fblocks(c, loc, reg, 0, &unused));
    if (constant) {
        TRY(emit_return_const(c, loc, value ? value->v.Constant.value : Py_None));
    }
    else {
        TRY(emit(c, loc, OP_RETURN, 0, reg, 0, 0));
    }
    u->depth = base;
    u->handler = handler;
    return 0;
}

/* -- Conditions and loops ----------------------------------------------------------------------------------- */

static int
if_stmt(struct compiler *c, stmt_ty s)
{
    int end = new_label(c), otherwise = end;
    TRY(end);
    if (asdl_seq_LEN(s->v.If.orelse) > 0) {
        otherwise = new_label(c);
        TRY(otherwise);
    }
    TRY(jump_if(c, s->v.If.test, otherwise, 0));
    TRY(body(c, s->v.If.body));
    if (otherwise != end) {
        TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));
        use_label(c, otherwise);
        TRY(body(c, s->v.If.orelse));
    }
    use_label(c, end);
    return 0;
}

static int
while_stmt(struct compiler *c, stmt_ty s)
{
    int start = new_label(c), loop = new_label(c), otherwise = new_label(c), end = new_label(c);
    if (start < 0 || loop < 0 || otherwise < 0 || end < 0) {
        return -1;
    }
    /* The condition stands before the loop and again at its end, so that each turn has one branch. */
    int truth = constant_truth(s->v.While.test);
    TRY(jump_if(c, s->v.While.test, otherwise, 0));
    int entered = c->u->reachable;
    use_label(c, loop);
    c->u->reachable = entered;
    TRY(push_fblock(c, LOC(s), FB_WHILE, start, end, 0, NULL));
    TRY(body(c, s->v.While.body));
    pop_fblock(c);
    use_label(c, start);
    if (truth == 1) {
        TRY(emit_jump(c, NO_LOCATION, OP_JUMP_BACK, 0, 0, 0, 0, loop));
    }
    else {
        int saved = c->no_warnings;
        c->no_warnings = 1;
        int result = jump_if(c, s->v.While.test, otherwise, 0);
        c->no_warnings = saved;
        TRY(result);
        TRY(emit_jump(c, LOC(s->v.While.test), OP_JUMP_BACK, 0, 0, 0, 0, loop));
    }
    use_label(c, otherwise);
    TRY(body(c, s->v.While.orelse));
    use_label(c, end);
    return 0;
}

static int
for_stmt(struct compiler *c, stmt_ty s)
{
    int base = c->u->depth, start = new_label(c), cleanup = new_label(c), end = new_label(c);
    if (start < 0 || cleanup < 0 || end < 0) {
        return -1;
    }
    expr_ty iter = s->v.For.iter;
    int source = operand(c, iter, NULL);
    TRY(source);
    c->u->depth = base;
    int iterator = top(c);
    TRY(emit(c, LOC(iter), OP_GET_ITER, 0, iterator, source, 0));
    TRY(push_temps(c, 1));
    use_label(c, start);
    int entered = c->u->reachable;
    int reg = local_target(c, s->v.For.target);
    if (reg == -2) {
        return -1;
    }
    int item = reg >= 0 ? reg : push_temps(c, 1);
    TRY(item);
    TRY(emit_jump(c, LOC(iter), OP_FOR_ITER, 0, iterator, 0, item, cleanup));
    TRY(push_fblock(c, LOC(s), FB_FOR, start, end, iterator, NULL));
    if (reg < 0) {
        TRY(store_target(c, s->v.For.target, item));
        c->u->depth = base + 1;
    }
    TRY(body(c, s->v.For.body));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP_BACK, 0, 0, 0, 0, start));
    pop_fblock(c);
    c->u->depth = base;
    c->u->reachable = 0;
    (void)entered;
    use_label(c, cleanup);
    TRY(body(c, s->v.For.orelse));
    use_label(c, end);
    return 0;
}

static int
async_for_stmt(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    struct unit *u = c->u;
    int base = u->depth, start = new_label(c), except = new_label(c), end = new_label(c);
    if (start < 0 || except < 0 || end < 0) {
        return -1;
    }
    if (u->kind != UNIT_ASYNC_FUNCTION && !(c->flags.cf_flags & PyCF_ALLOW_TOP_LEVEL_AWAIT && u->kind == UNIT_MODULE)) {
        return error_at(c, loc, "'async for' outside async function");
    }
    int iterator = push_expr(c, s->v.AsyncFor.iter);
    TRY(iterator);
    TRY(emit(c, LOC(s->v.AsyncFor.iter), OP_GET_AITER, 0, iterator, iterator, 0));
    use_label(c, start);
    TRY(push_fblock(c, loc, FB_ASYNC_FOR, start, end, iterator, NULL));
    int outer = u->handler;
    u->handler = new_handler(c, except, base + 1, 0);
    TRY(u->handler);
    int item = push_temps(c, 1);
    TRY(item);
    TRY(emit(c, loc, OP_GET_ANEXT, 0, item, iterator, 0));
    TRY(emit_await(c, loc, item, 0));
    u->handler = outer;
    TRY(store_target(c, s->v.AsyncFor.target, item));
    u->depth = base + 1;
    TRY(body(c, s->v.AsyncFor.body));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP_BACK, 0, 0, 0, 0, start));
    pop_fblock(c);
    u->reachable = 0;
    use_label(c, except);
    u->depth = base + 2;
    TRY(emit(c, LOC(s->v.AsyncFor.iter), OP_END_ASYNC_FOR, 0, REG_TEMP + base + 1, iterator, 0));
    u->depth = base;
    TRY(body(c, s->v.AsyncFor.orelse));
    use_label(c, end);
    return 0;
}

/* -- Imports ------------------------------------------------------------------------------------------------------ */

static int
emit_import(struct compiler *c, location loc, int level, PyObject *fromlist, PyObject *name)
{
    int base = c->u->depth, first = push_temps(c, 2);
    TRY(first);
    TRY(emit_const_steal(c, loc, first, PyLong_FromLong(level)));
    TRY(emit_const(c, loc, first + 1, fromlist));
    c->u->depth = base;
    /* module names are not mangled */
    PyObject *saved = c->u->private;
    c->u->private = NULL;
    int result = emit_named(c, loc, OP_IMPORT_NAME, first, first, name);
    c->u->private = saved;
    TRY(result);
    return push_temps(c, 1);
}

static int
import_stmt(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(s->v.Import.names); i++) {
        alias_ty alias = asdl_seq_GET(s->v.Import.names, i);
        int base = c->u->depth, module = emit_import(c, loc, 0, Py_None, alias->name);
        TRY(module);
        Py_ssize_t length = PyUnicode_GET_LENGTH(alias->name);
        Py_ssize_t dot = PyUnicode_FindChar(alias->name, '.', 0, length, 1);
        if (alias->asname == NULL) {
            PyObject *top_name = dot < 0 ? Py_NewRef(alias->name) : PyUnicode_Substring(alias->name, 0, dot);
            int result = top_name ? store_name(c, loc, top_name, module) : -1;
            Py_XDECREF(top_name);
            TRY(result);
        }
        else {
            /* import a.b.c as m: m is a.b.c, found from a by its attributes */
            while (dot >= 0) {
                Py_ssize_t start = dot + 1;
                dot = PyUnicode_FindChar(alias->name, '.', start, length, 1);
                PyObject *part = PyUnicode_Substring(alias->name, start, dot < 0 ? length : dot);
                int submodule = push_temps(c, 1);
                int result = part && submodule >= 0 ? emit_named(c, loc, OP_IMPORT_FROM, submodule, module, part) : -1;
                Py_XDECREF(part);
                TRY(result);
                TRY(emit(c, loc, OP_CLEAR, 0, module, 0, 0));
                TRY(emit(c, loc, OP_MOVE, 0, module, submodule, 0));
                c->u->depth--;
            }
            TRY(store_name(c, loc, alias->asname, module));
        }
        c->u->depth = base;
    }
    return 0;
}

static int
import_from_stmt(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    asdl_alias_seq *names = s->v.ImportFrom.names;
    Py_ssize_t count = asdl_seq_LEN(names);
    if (s->lineno > c->future.lineno && s->v.ImportFrom.module != NULL && s->v.ImportFrom.level == 0 &&
        PyUnicode_EqualToUTF8(s->v.ImportFrom.module, "__future__")) {
        return error_at(c, loc, "from __future__ imports must occur at the beginning of the file");
    }
    PyObject *list = PyTuple_New(count);
    if (list == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyTuple_SET_ITEM(list, i, Py_NewRef(asdl_seq_GET(names, i)->name));
    }
    PyObject *empty = PyUnicode_FromStringAndSize(NULL, 0);
    int base = c->u->depth;
    int module = empty ? emit_import(c, loc, s->v.ImportFrom.level, list,
                                     s->v.ImportFrom.module ? s->v.ImportFrom.module : empty) : -1;
    Py_XDECREF(empty);
    Py_DECREF(list);
    TRY(module);
    for (Py_ssize_t i = 0; i < count; i++) {
        alias_ty alias = asdl_seq_GET(names, i);
        if (i == 0 && PyUnicode_EqualToUTF8(alias->name, "*")) {
            TRY(emit(c, loc, OP_CALL_INTRINSIC_1, INTRINSIC_IMPORT_STAR, module, module, 0));
            break;
        }
        int value = push_temps(c, 1);
        TRY(value);
        PyObject *saved = c->u->private;
        c->u->private = NULL;
        int result = emit_named(c, loc, OP_IMPORT_FROM, value, module, alias->name);
        c->u->private = saved;
        TRY(result);
        c->u->depth--;
        TRY(store_name(c, loc, alias->asname ? alias->asname : alias->name, value));
    }
    c->u->depth = base;
    return emit(c, loc, OP_CLEAR, 0, module, 0, 0);
}

/* -- Others ---------------------------------------------------------------------------------------------------------- */

static int
assert_stmt(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    expr_ty test = s->v.Assert.test;
    if ((test->kind == Tuple_kind && asdl_seq_LEN(test->v.Tuple.elts) > 0) ||
        (test->kind == Constant_kind && PyTuple_Check(test->v.Constant.value) &&
         PyTuple_GET_SIZE(test->v.Constant.value) > 0)) {
        TRY(warn_at(c, loc, "assertion is always true, perhaps remove parentheses?"));
    }
    if (c->optimize > 0) {
        return 0;
    }
    int end = new_label(c), base = c->u->depth, exc = top(c);
    TRY(end);
    TRY(jump_if(c, test, end, 1));
    TRY(emit(c, LOC(test), OP_LOAD_COMMON_CONSTANT, 0, exc, 0, 0));
    TRY(push_temps(c, 1));
    if (s->v.Assert.msg != NULL) {
        int self = push_temps(c, 1);
        TRY(self);
        TRY(emit(c, loc, OP_CLEAR, 0, self, 0, 0));
        TRY(push_expr(c, s->v.Assert.msg));
        TRY(emit(c, LOC(test), OP_CALL, 0, exc, exc, 1));
    }
    c->u->depth = base;
    TRY(emit(c, LOC(test), OP_RAISE, 1, exc, 0, 0));
    use_label(c, end);
    return 0;
}

static int
raise_stmt(struct compiler *c, stmt_ty s)
{
    int base = c->u->depth, exc = 0, cause = 0, count = 0;
    if (s->v.Raise.exc != NULL) {
        exc = operand(c, s->v.Raise.exc, s->v.Raise.cause);
        TRY(exc);
        count = 1;
        if (s->v.Raise.cause != NULL) {
            cause = operand(c, s->v.Raise.cause, NULL);
            TRY(cause);
            count = 2;
        }
    }
    c->u->depth = base;
    return emit(c, LOC(s), OP_RAISE, count, exc, cause, 0);
}

static int
expr_stmt(struct compiler *c, stmt_ty s)
{
    expr_ty e = s->v.Expr.value;
    int base = c->u->depth;
    if (c->interactive && c->u->outer == NULL && c->u->nfblocks == 0) {
        int value = push_expr(c, e);
        TRY(value);
        TRY(emit(c, LOC(s), OP_CALL_INTRINSIC_1, INTRINSIC_PRINT, value, value, 0));
        c->u->depth = base;
        return emit(c, NO_LOCATION, OP_CLEAR, 0, value, 0, 0);
    }
    if (e->kind == Constant_kind) {
        return emit(c, LOC(s), OP_NOP, 0, 0, 0, 0);
    }
    int value = push_expr(c, e);
    TRY(value);
    c->u->depth = base;
    return emit(c, NO_LOCATION, OP_CLEAR, 0, value, 0, 0);
}

int
body(struct compiler *c, asdl_stmt_seq *statements)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(statements); i++) {
        TRY(stmt(c, asdl_seq_GET(statements, i)));
    }
    return 0;
}

static int
stmt_inner(struct compiler *c, stmt_ty s)
{
    switch (s->kind) {
    case FunctionDef_kind:
        return function_def(c, s, 0);
    case AsyncFunctionDef_kind:
        return function_def(c, s, 1);
    case ClassDef_kind:
        return class_def(c, s);
    case TypeAlias_kind:
        return type_alias(c, s);
    case Return_kind:
        return return_stmt(c, s);
    case Delete_kind:
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(s->v.Delete.targets); i++) {
            TRY(delete_target(c, asdl_seq_GET(s->v.Delete.targets, i)));
        }
        return 0;
    case Assign_kind:
        return assign_stmt(c, s);
    case AugAssign_kind:
        return aug_assign_stmt(c, s);
    case AnnAssign_kind:
        return ann_assign_stmt(c, s);
    case For_kind:
        return for_stmt(c, s);
    case AsyncFor_kind:
        return async_for_stmt(c, s);
    case While_kind:
        return while_stmt(c, s);
    case If_kind:
        return if_stmt(c, s);
    case Match_kind:
        return match_stmt(c, s);
    case Raise_kind:
        return raise_stmt(c, s);
    case Try_kind:
        return try_stmt(c, s);
    case TryStar_kind:
        return try_star_stmt(c, s);
    case Assert_kind:
        return assert_stmt(c, s);
    case Import_kind:
        return import_stmt(c, s);
    case ImportFrom_kind:
        return import_from_stmt(c, s);
    case Expr_kind:
        return expr_stmt(c, s);
    case Break_kind:
        return break_or_continue(c, LOC(s), 1);
    case Continue_kind:
        return break_or_continue(c, LOC(s), 0);
    case With_kind:
        return with_stmt(c, s, 0, 0);
    case AsyncWith_kind:
        return with_stmt(c, s, 0, 1);
    case Pass_kind:
    case Global_kind:
    case Nonlocal_kind:
        return s->kind == Pass_kind ? emit(c, LOC(s), OP_NOP, 0, 0, 0, 0) : 0;
    default:
        PyErr_Format(PyExc_SystemError, "unexpected statement kind %d", s->kind);
        return -1;
    }
}

int
stmt(struct compiler *c, stmt_ty s)
{
    TRY(Py_EnterRecursiveCall(" during compilation"));
    int depth = c->u->depth, result = stmt_inner(c, s);
    assert(result < 0 || c->u->depth == depth);
    (void)depth;
    Py_LeaveRecursiveCall();
    return result;
}

/* Code generation: expressions. */
#include "codegen.h"

static int compare_into(struct compiler *c, expr_ty e, int dest);

/* -- Helpers ------------------------------------------------------------------------------------------ */

static int
may_bind_seq(asdl_expr_seq *seq, PyObject *name)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(seq); i++) {
        if (asdl_seq_GET(seq, i) != NULL && may_bind(asdl_seq_GET(seq, i), name)) {
            return 1;
        }
    }
    return 0;
}

int
may_bind(expr_ty e, PyObject *name)
{
    if (e == NULL) {
        return 0;
    }
    switch (e->kind) {
    case Constant_kind:
    case Name_kind:
        return 0;
    case NamedExpr_kind:
        return PyUnicode_Compare(e->v.NamedExpr.target->v.Name.id, name) == 0 || may_bind(e->v.NamedExpr.value, name);
    case Attribute_kind:
        return may_bind(e->v.Attribute.value, name);
    case BinOp_kind:
        return may_bind(e->v.BinOp.left, name) || may_bind(e->v.BinOp.right, name);
    case UnaryOp_kind:
        return may_bind(e->v.UnaryOp.operand, name);
    case Subscript_kind:
        return may_bind(e->v.Subscript.value, name) || may_bind(e->v.Subscript.slice, name);
    case Compare_kind:
        return may_bind(e->v.Compare.left, name) || may_bind_seq(e->v.Compare.comparators, name);
    case BoolOp_kind:
        return may_bind_seq(e->v.BoolOp.values, name);
    case Call_kind: {
        if (may_bind(e->v.Call.func, name) || may_bind_seq(e->v.Call.args, name)) {
            return 1;
        }
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(e->v.Call.keywords); i++) {
            if (may_bind(asdl_seq_GET(e->v.Call.keywords, i)->value, name)) {
                return 1;
            }
        }
        return 0;
    }
    case Tuple_kind:
        return may_bind_seq(e->v.Tuple.elts, name);
    case List_kind:
        return may_bind_seq(e->v.List.elts, name);
    case Lambda_kind:
        return may_bind_seq(e->v.Lambda.args->defaults, name);
    default:
        return 1;       /* rare shapes: say yes */
    }
}

/* The register of e when it is a plain local here; -1 if it is not, -2 on error. */
static int
plain_local(struct compiler *c, expr_ty e)
{
    if (e->kind != Name_kind || e->v.Name.ctx != Load) {
        return -1;
    }
    enum access access;
    int reg, result = -1;
    PyObject *mangled = mangle(c, e->v.Name.id);
    if (mangled == NULL || resolve(c, mangled, &access, &reg) < 0) {
        Py_XDECREF(mangled);
        return -2;
    }
    if (access == ACCESS_FAST) {
        result = reg;
    }
    Py_DECREF(mangled);
    return result;
}

int
push_expr(struct compiler *c, expr_ty e)
{
    int dest = top(c);
    TRY(expr_into(c, e, dest));
    return push_temps(c, 1);
}

int
operand(struct compiler *c, expr_ty e, expr_ty next)
{
    int reg = plain_local(c, e);
    if (reg == -2) {
        return -1;
    }
    if (reg >= 0 && (next == NULL || !may_bind(next, e->v.Name.id))) {
        TRY(emit(c, LOC(e), OP_CHECK_BOUND, 0, reg, 0, 0));
        return reg;
    }
    return push_expr(c, e);
}

static int
push_const(struct compiler *c, location loc, PyObject *value)
{
    TRY(emit_const(c, loc, top(c), value));
    return push_temps(c, 1);
}

static int
move(struct compiler *c, location loc, int dest, int source)
{
    return dest == source ? 0 : emit(c, loc, OP_MOVE, 0, dest, source, 0);
}

int
constant_truth(expr_ty e)
{
    if (e->kind == Constant_kind) {
        int truth = PyObject_IsTrue(e->v.Constant.value);
        if (truth < 0) {
            PyErr_Clear();
        }
        return truth;
    }
    return -1;
}

/* The index of e as a constant operand of a _K instruction, or -1 if it is not fit for one; -2 on error. */
static Py_ssize_t
constant_operand(struct compiler *c, expr_ty e)
{
    if (e->kind != Constant_kind || !c->u->reachable) {
        return -1;
    }
    Py_ssize_t index = add_const(c, e->v.Constant.value);
    return index < 0 ? -2 : index <= 0xFFFF ? index : -1;
}

/* -- Warnings about expressions that are surely wrong ---------------------------------------------------- */

static PyTypeObject *
infer_type(expr_ty e)
{
    switch (e->kind) {
    case Tuple_kind: return &PyTuple_Type;
    case List_kind:
    case ListComp_kind: return &PyList_Type;
    case Dict_kind:
    case DictComp_kind: return &PyDict_Type;
    case Set_kind:
    case SetComp_kind: return &PySet_Type;
    case GeneratorExp_kind: return &PyGen_Type;
    case Lambda_kind: return &PyFunction_Type;
    case JoinedStr_kind:
    case FormattedValue_kind: return &PyUnicode_Type;
    case Constant_kind: return Py_TYPE(e->v.Constant.value);
    default: return NULL;
    }
}

static int
check_caller(struct compiler *c, expr_ty e)
{
    switch (e->kind) {
    case Constant_kind:
    case Tuple_kind:
    case List_kind:
    case ListComp_kind:
    case Dict_kind:
    case DictComp_kind:
    case Set_kind:
    case SetComp_kind:
    case GeneratorExp_kind:
    case JoinedStr_kind:
    case TemplateStr_kind:
    case FormattedValue_kind:
    case Interpolation_kind:
        return warn_at(c, LOC(e), "'%.200s' object is not callable; perhaps you missed a comma?",
                       infer_type(e) ? infer_type(e)->tp_name : "string.templatelib.Template");
    default:
        return 0;
    }
}

static int
check_subscripter(struct compiler *c, expr_ty e)
{
    switch (e->kind) {
    case Constant_kind: {
        PyObject *v = e->v.Constant.value;
        if (!(v == Py_None || v == Py_Ellipsis || PyLong_Check(v) || PyFloat_Check(v) || PyComplex_Check(v) ||
              PyAnySet_Check(v))) {
            return 0;
        }
        break;
    }
    case Set_kind:
    case SetComp_kind:
    case GeneratorExp_kind:
    case Lambda_kind:
        break;
    default:
        return 0;
    }
    return warn_at(c, LOC(e), "'%.200s' object is not subscriptable; perhaps you missed a comma?",
                   infer_type(e)->tp_name);
}

static int
check_index(struct compiler *c, expr_ty value, expr_ty index)
{
    PyTypeObject *type = infer_type(index);
    if (type == NULL || PyType_IsSubtype(type, &PyLong_Type) || type == &PySlice_Type) {
        return 0;
    }
    switch (value->kind) {
    case Constant_kind:
        if (!(PyUnicode_Check(value->v.Constant.value) || PyBytes_Check(value->v.Constant.value) ||
              PyTuple_Check(value->v.Constant.value))) {
            return 0;
        }
        break;
    case Tuple_kind:
    case List_kind:
    case ListComp_kind:
    case JoinedStr_kind:
    case FormattedValue_kind:
        break;
    default:
        return 0;
    }
    return warn_at(c, LOC(value), "%.200s indices must be integers or slices, not %.200s; perhaps you missed a comma?",
                   infer_type(value)->tp_name, type->tp_name);
}

static int
is_literal(expr_ty e, int *singleton)
{
    *singleton = 0;
    if (e->kind == Constant_kind) {
        PyObject *v = e->v.Constant.value;
        *singleton = v == Py_None || v == Py_False || v == Py_True || v == Py_Ellipsis;
        return !*singleton;
    }
    return 0;
}

static int
check_compare(struct compiler *c, expr_ty e)
{
    expr_ty left = e->v.Compare.left;
    int unused;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(e->v.Compare.ops); i++) {
        cmpop_ty op = (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, i);
        expr_ty right = asdl_seq_GET(e->v.Compare.comparators, i);
        if (op == Is || op == IsNot) {
            int left_literal = is_literal(left, &unused), right_literal = is_literal(right, &unused);
            if (left_literal || right_literal) {
                expr_ty literal = left_literal ? left : right;
                return warn_at(c, LOC(e), op == Is ? "\"is\" with '%.200s' literal. Did you mean \"==\"?"
                                                   : "\"is not\" with '%.200s' literal. Did you mean \"!=\"?",
                               infer_type(literal)->tp_name);
            }
        }
        left = right;
    }
    return 0;
}

/* -- Operators ------------------------------------------------------------------------------------------------ */

static const int binary_opcodes[] = {
    [Add] = OP_BINARY_ADD, [Sub] = OP_BINARY_SUB, [Mult] = OP_BINARY_MUL, [MatMult] = OP_BINARY_MATMUL,
    [Div] = OP_BINARY_TRUEDIV, [Mod] = OP_BINARY_MOD, [Pow] = OP_BINARY_POW, [LShift] = OP_BINARY_LSHIFT,
    [RShift] = OP_BINARY_RSHIFT, [BitOr] = OP_BINARY_OR, [BitXor] = OP_BINARY_XOR, [BitAnd] = OP_BINARY_AND,
    [FloorDiv] = OP_BINARY_FLOORDIV,
};
static_assert(OP_BINARY_ADD_K == OP_BINARY_ADD + 1, "the constant form of an operator follows it");
static_assert(OP_COMPARE_LT_K == OP_COMPARE_LT + 1 && OP_JUMP_LT == OP_COMPARE_LT + 2 && OP_JUMP_LT_K == OP_JUMP_LT + 1,
              "the four forms of a comparison stand together");

/* `%` of a constant str and a tuple: the f-string it stands for is left to run time. */
static int
binary_into(struct compiler *c, expr_ty e, int dest)
{
    int base = c->u->depth, op = binary_opcodes[e->v.BinOp.op];
    int left = operand(c, e->v.BinOp.left, e->v.BinOp.right);
    TRY(left);
    Py_ssize_t k = constant_operand(c, e->v.BinOp.right);
    if (k == -2) {
        return -1;
    }
    if (k >= 0) {
        c->u->depth = base;
        return emit(c, LOC(e), op + 1, 0, dest, left, (int)k);
    }
    int right = operand(c, e->v.BinOp.right, NULL);
    TRY(right);
    c->u->depth = base;
    return emit(c, LOC(e), op, 0, dest, left, right);
}

static int
unary_into(struct compiler *c, expr_ty e, int dest)
{
    static const int opcodes[] = {[Invert] = OP_UNARY_INVERT, [Not] = OP_UNARY_NOT, [UAdd] = OP_UNARY_POS,
                                  [USub] = OP_UNARY_NEG};
    int base = c->u->depth, value = operand(c, e->v.UnaryOp.operand, NULL);
    TRY(value);
    c->u->depth = base;
    return emit(c, LOC(e), opcodes[e->v.UnaryOp.op], 0, dest, value, 0);
}

static int
bool_op_into(struct compiler *c, expr_ty e, int dest)
{
    /* The value is built in a temporary: a local may be read by the later operands. */
    int base = c->u->depth, end = new_label(c), value = top(c);
    TRY(end);
    int jump = e->v.BoolOp.op == And ? OP_JUMP_IF_FALSE : OP_JUMP_IF_TRUE;
    Py_ssize_t count = asdl_seq_LEN(e->v.BoolOp.values);
    for (Py_ssize_t i = 0; i < count; i++) {
        expr_ty operand_expr = asdl_seq_GET(e->v.BoolOp.values, i);
        TRY(expr_into(c, operand_expr, value));
        if (i < count - 1) {
            TRY(push_temps(c, 1));
            TRY(emit_jump(c, LOC(e), jump, 0, value | KEEP, 0, 0, end));
            TRY(emit(c, LOC(e), OP_CLEAR, 0, value, 0, 0));
            c->u->depth = base;
        }
    }
    use_label(c, end);
    return move(c, LOC(e), dest, value);
}

static int
if_exp_into(struct compiler *c, expr_ty e, int dest)
{
    int otherwise = new_label(c), end = new_label(c);
    TRY(otherwise);
    TRY(end);
    TRY(jump_if(c, e->v.IfExp.test, otherwise, 0));
    TRY(expr_into(c, e->v.IfExp.body, dest));
    TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));
    use_label(c, otherwise);
    TRY(expr_into(c, e->v.IfExp.orelse, dest));
    use_label(c, end);
    return 0;
}

/* -- Comparisons and conditions ------------------------------------------------------------------------------------ */

static int
compare_opcode(cmpop_ty op)
{
    switch (op) {
    case Lt: return OP_COMPARE_LT;
    case LtE: return OP_COMPARE_LE;
    case Eq: return OP_COMPARE_EQ;
    case NotEq: return OP_COMPARE_NE;
    case Gt: return OP_COMPARE_GT;
    case GtE: return OP_COMPARE_GE;
    default: return -1;
    }
}

static int
emit_compare(struct compiler *c, location loc, cmpop_ty op, int dest, int left, int right)
{
    switch (op) {
    case Is:
    case IsNot:
        return emit(c, loc, OP_IS, op == IsNot, dest, left, right);
    case In:
    case NotIn:
        return emit(c, loc, OP_CONTAINS, op == NotIn, dest, left, right);
    default:
        return emit(c, loc, compare_opcode(op), 0, dest, left, right);
    }
}

/* Jump to label if (left op right) == condition. */
static int
emit_compare_jump(struct compiler *c, location loc, cmpop_ty op, int left, int right, int label, int condition)
{
    switch (op) {
    case Is:
    case IsNot:
        return emit_jump(c, loc, OP_JUMP_IF_IS, (op == Is) == condition, left, right, 0, label);
    case In:
    case NotIn:
        return emit_jump(c, loc, OP_JUMP_IF_CONTAINS, (op == In) == condition, left, right, 0, label);
    default:
        return emit_jump(c, loc, compare_opcode(op) + 2, condition, left, right, 0, label);
    }
}

/* A chain a < b < c: middle values stay in a temporary. */
static int
compare_chain_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth, result = push_temps(c, 1), end = new_label(c);
    Py_ssize_t last = asdl_seq_LEN(e->v.Compare.ops) - 1;
    TRY(result);
    TRY(end);
    int left = push_expr(c, e->v.Compare.left);
    TRY(left);
    for (Py_ssize_t i = 0; i <= last; i++) {
        cmpop_ty op = (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, i);
        int right = push_expr(c, asdl_seq_GET(e->v.Compare.comparators, i));
        TRY(right);
        TRY(emit_compare(c, loc, op, result, left, i == last ? right : right | KEEP));
        if (i < last) {
            int next = new_label(c);
            TRY(next);
            TRY(emit_jump(c, loc, OP_JUMP_IF_TRUE, 0, result | KEEP, 0, 0, next));
            TRY(emit(c, loc, OP_CLEAR, 0, right, 0, 0));
            TRY(emit_jump(c, loc, OP_JUMP, 0, 0, 0, 0, end));
            use_label(c, next);
            TRY(emit(c, loc, OP_CLEAR, 0, result, 0, 0));
            TRY(emit(c, loc, OP_MOVE, 0, left, right, 0));
            c->u->depth--;
        }
    }
    use_label(c, end);
    c->u->depth = base;
    return move(c, loc, dest, result);
}

/* Is the right side of `in` a display that can be a constant?  Replaces list and set displays of constants. */
static int
fold_container(struct compiler *c, expr_ty *right)
{
    expr_ty e = *right;
    if (e->kind != List_kind && e->kind != Set_kind) {
        return 0;
    }
    asdl_expr_seq *elements = e->kind == List_kind ? e->v.List.elts : e->v.Set.elts;
    Py_ssize_t count = asdl_seq_LEN(elements);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (asdl_seq_GET(elements, i)->kind != Constant_kind) {
            return 0;
        }
    }
    PyObject *value = PyTuple_New(count);
    if (value == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyTuple_SET_ITEM(value, i, Py_NewRef(asdl_seq_GET(elements, i)->v.Constant.value));
    }
    if (e->kind == Set_kind) {
        Py_SETREF(value, PyFrozenSet_New(value));
    }
    if (value == NULL || _PyArena_AddPyObject(c->arena, value) < 0) {
        Py_XDECREF(value);
        return -1;
    }
    *right = _PyAST_Constant(value, NULL, e->lineno, e->col_offset, e->end_lineno, e->end_col_offset, c->arena);
    return *right == NULL ? -1 : 0;
}

/* One comparison: into dest, or (dest < 0) as a jump to label. */
static int
compare_one(struct compiler *c, expr_ty e, int dest, int label, int condition)
{
    cmpop_ty op = (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, 0);
    expr_ty right_expr = asdl_seq_GET(e->v.Compare.comparators, 0), left_expr = e->v.Compare.left;
    location loc = LOC(e);
    int base = c->u->depth;
    if (op == In || op == NotIn) {
        TRY(fold_container(c, &right_expr));
    }
    if ((op == Is || op == IsNot) && dest < 0 && right_expr->kind == Constant_kind &&
        right_expr->v.Constant.value == Py_None) {
        int left = operand(c, left_expr, NULL);
        TRY(left);
        c->u->depth = base;
        return emit_jump(c, loc, (op == Is) == condition ? OP_JUMP_IF_NONE : OP_JUMP_IF_NOT_NONE, 0, left, 0, 0, label);
    }
    int left = operand(c, left_expr, right_expr);
    TRY(left);
    int opcode = compare_opcode(op);
    Py_ssize_t k = opcode >= 0 ? constant_operand(c, right_expr) : -1;
    if (k == -2) {
        return -1;
    }
    if (k >= 0) {
        c->u->depth = base;
        return dest >= 0 ? emit(c, loc, opcode + 1, 0, dest, left, (int)k)
                         : emit_jump(c, loc, opcode + 3, condition, left, (int)k, 0, label);
    }
    int right = operand(c, right_expr, NULL);
    TRY(right);
    c->u->depth = base;
    return dest >= 0 ? emit_compare(c, loc, op, dest, left, right)
                     : emit_compare_jump(c, loc, op, left, right, label, condition);
}

static int
compare_into(struct compiler *c, expr_ty e, int dest)
{
    TRY(check_compare(c, e));
    return asdl_seq_LEN(e->v.Compare.ops) == 1 ? compare_one(c, e, dest, -1, 0) : compare_chain_into(c, e, dest);
}

int
jump_if(struct compiler *c, expr_ty e, int label, int condition)
{
    int base = c->u->depth;
    switch (e->kind) {
    case UnaryOp_kind:
        if (e->v.UnaryOp.op == Not) {
            return jump_if(c, e->v.UnaryOp.operand, label, !condition);
        }
        break;
    case BoolOp_kind: {
        Py_ssize_t last = asdl_seq_LEN(e->v.BoolOp.values) - 1;
        int is_or = e->v.BoolOp.op == Or, skip = label;
        if (is_or != condition) {
            skip = new_label(c);
            TRY(skip);
        }
        for (Py_ssize_t i = 0; i < last; i++) {
            TRY(jump_if(c, asdl_seq_GET(e->v.BoolOp.values, i), skip, is_or));
        }
        TRY(jump_if(c, asdl_seq_GET(e->v.BoolOp.values, last), label, condition));
        if (skip != label) {
            use_label(c, skip);
        }
        return 0;
    }
    case IfExp_kind: {
        int otherwise = new_label(c), end = new_label(c);
        TRY(otherwise);
        TRY(end);
        TRY(jump_if(c, e->v.IfExp.test, otherwise, 0));
        TRY(jump_if(c, e->v.IfExp.body, label, condition));
        TRY(emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end));
        use_label(c, otherwise);
        TRY(jump_if(c, e->v.IfExp.orelse, label, condition));
        use_label(c, end);
        return 0;
    }
    case Compare_kind:
        if (asdl_seq_LEN(e->v.Compare.ops) == 1) {
            TRY(check_compare(c, e));
            return compare_one(c, e, -1, label, condition);
        }
        break;
    case Constant_kind: {
        int truth = constant_truth(e);
        if (truth >= 0) {
            return truth == condition ? emit_jump(c, LOC(e), OP_JUMP, 0, 0, 0, 0, label) : 0;
        }
        break;
    }
    default:
        break;
    }
    int value = operand(c, e, NULL);
    TRY(value);
    c->u->depth = base;
    return emit_jump(c, LOC(e), condition ? OP_JUMP_IF_TRUE : OP_JUMP_IF_FALSE, 0, value, 0, 0, label);
}

/* -- Displays -------------------------------------------------------------------------------------------------------- */

#define BLOCK_LIMIT 30      /* registers for one BUILD instruction; longer displays grow step by step */

static int
has_star(asdl_expr_seq *elements)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(elements); i++) {
        if (asdl_seq_GET(elements, i)->kind == Starred_kind) {
            return 1;
        }
    }
    return 0;
}

/* A tuple of the constants [from, to) of elements, or NULL without an error if not all are constant. */
static PyObject *
constants_tuple(asdl_expr_seq *elements)
{
    Py_ssize_t count = asdl_seq_LEN(elements);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (asdl_seq_GET(elements, i)->kind != Constant_kind) {
            return NULL;
        }
    }
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple != NULL && i < count; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(asdl_seq_GET(elements, i)->v.Constant.value));
    }
    return tuple;
}

/* A tuple, list or set display; `given` values are already pushed, from register `first` on. */
static int
sequence_display(struct compiler *c, location loc, asdl_expr_seq *elements, enum _expr_kind kind, int first, int given,
                 int dest)
{
    Py_ssize_t count = asdl_seq_LEN(elements);
    int base = first - REG_TEMP;
    if (count + given <= BLOCK_LIMIT && !has_star(elements)) {
        if (given == 0 && count > 2 && kind != Tuple_kind) {
            PyObject *tuple = constants_tuple(elements);
            if (tuple == NULL && PyErr_Occurred()) {
                return -1;
            }
            if (tuple != NULL) {
                if (kind == Set_kind) {
                    Py_SETREF(tuple, PyFrozenSet_New(tuple));
                    if (tuple == NULL) {
                        PyErr_Clear();      /* an unhashable item raises at run time */
                    }
                }
                if (tuple != NULL) {
                    int result = push_temps(c, 1), value = result < 0 ? -1 : top(c);
                    int failed = result < 0 ||
                                 emit(c, loc, kind == List_kind ? OP_BUILD_LIST : OP_BUILD_SET, 0, result, result, 0) < 0 ||
                                 emit_const(c, loc, value, tuple) < 0 ||
                                 emit(c, loc, kind == List_kind ? OP_LIST_EXTEND : OP_SET_UPDATE, 0, result, value, 0) < 0;
                    Py_DECREF(tuple);
                    c->u->depth = base;
                    return failed ? -1 : move(c, loc, dest, result);
                }
            }
        }
        for (Py_ssize_t i = 0; i < count; i++) {
            TRY(push_expr(c, asdl_seq_GET(elements, i)));
        }
        c->u->depth = base;
        int op = kind == Tuple_kind ? OP_BUILD_TUPLE : kind == List_kind ? OP_BUILD_LIST : OP_BUILD_SET;
        return emit(c, loc, op, 0, dest, first, (int)count + given);
    }
    /* Grow a list or set; a tuple is made of the list at the end. */
    int is_set = kind == Set_kind, started = 0, collection = first;
    Py_ssize_t i = 0;
    for (; i < count && !started; i++) {
        expr_ty e = asdl_seq_GET(elements, i);
        if (e->kind == Starred_kind || i + given == BLOCK_LIMIT) {
            break;
        }
        TRY(push_expr(c, e));
    }
    TRY(emit(c, loc, is_set ? OP_BUILD_SET : OP_BUILD_LIST, 0, collection, first, (int)i + given));
    c->u->depth = base;
    TRY(push_temps(c, 1));
    for (; i < count; i++) {
        expr_ty e = asdl_seq_GET(elements, i);
        int star = e->kind == Starred_kind, depth = c->u->depth;
        int value = operand(c, star ? e->v.Starred.value : e, NULL);
        TRY(value);
        c->u->depth = depth;
        TRY(emit(c, loc, star ? (is_set ? OP_SET_UPDATE : OP_LIST_EXTEND) : (is_set ? OP_SET_ADD : OP_LIST_APPEND), 0,
                 collection, value, 0));
    }
    c->u->depth = base;
    return kind == Tuple_kind ? emit(c, loc, OP_LIST_TO_TUPLE, 0, dest, collection, 0) : move(c, loc, dest, collection);
}

static int
dict_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth, dict = top(c), started = 0;
    Py_ssize_t count = asdl_seq_LEN(e->v.Dict.values), pending = 0;
    for (Py_ssize_t i = 0; i <= count; i++) {
        expr_ty key = i < count ? asdl_seq_GET(e->v.Dict.keys, i) : NULL;
        int unpack = i < count && key == NULL;
        if (i == count || unpack || (pending + 1) * 2 > BLOCK_LIMIT) {
            /* Close the block of pairs. */
            if (!started) {
                TRY(emit(c, loc, OP_BUILD_MAP, 0, dict, dict, (int)pending));
                c->u->depth = base;
                TRY(push_temps(c, 1));
                started = 1;
            }
            pending = 0;
        }
        if (i == count) {
            break;
        }
        int depth = c->u->depth;
        if (unpack) {
            int value = operand(c, asdl_seq_GET(e->v.Dict.values, i), NULL);
            TRY(value);
            c->u->depth = depth;
            TRY(emit(c, loc, OP_DICT_UPDATE, 0, dict, value, 0));
        }
        else if (started) {
            int k = operand(c, key, asdl_seq_GET(e->v.Dict.values, i));
            TRY(k);
            int value = operand(c, asdl_seq_GET(e->v.Dict.values, i), NULL);
            TRY(value);
            c->u->depth = depth;
            TRY(emit(c, loc, OP_MAP_ADD, 0, dict, k, value));
        }
        else {
            TRY(push_expr(c, key));
            TRY(push_expr(c, asdl_seq_GET(e->v.Dict.values, i)));
            pending++;
        }
    }
    c->u->depth = base;
    return move(c, loc, dest, dict);
}

/* -- Strings ------------------------------------------------------------------------------------------------------------ */

static int
conversion_code(int conversion)
{
    return conversion == 's' ? 1 : conversion == 'r' ? 2 : conversion == 'a' ? 3 : 0;
}

static int
formatted_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth, conversion = conversion_code(e->v.FormattedValue.conversion);
    expr_ty spec = e->v.FormattedValue.format_spec;
    int value = operand(c, e->v.FormattedValue.value, spec);
    TRY(value);
    if (conversion) {
        c->u->depth = base;
        TRY(emit(c, loc, OP_CONVERT_VALUE, conversion, top(c), value, 0));
        value = push_temps(c, 1);
        TRY(value);
    }
    if (spec == NULL) {
        c->u->depth = base;
        return emit(c, loc, OP_FORMAT_SIMPLE, 0, dest, value, 0);
    }
    int spec_reg = operand(c, spec, NULL);
    TRY(spec_reg);
    c->u->depth = base;
    return emit(c, loc, OP_FORMAT_WITH_SPEC, 0, dest, value, spec_reg);
}

static int
joined_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    asdl_expr_seq *values = e->v.JoinedStr.values;
    Py_ssize_t count = asdl_seq_LEN(values);
    int base = c->u->depth, first = top(c);
    if (count == 0) {
        return emit_const_steal(c, loc, dest, PyUnicode_FromStringAndSize(NULL, 0));
    }
    if (count == 1) {
        return expr_into(c, asdl_seq_GET(values, 0), dest);
    }
    if (count > 4000) {
        /* ''.join(list) */
        TRY(emit_const_steal(c, loc, top(c), PyUnicode_FromStringAndSize(NULL, 0)));
        int text = push_temps(c, 1);
        TRY(text);
        TRY(emit_named(c, loc, OP_LOAD_METHOD, text, text, _Py_ID(join)));
        TRY(push_temps(c, 1));
        TRY(sequence_display(c, loc, values, List_kind, top(c), 0, top(c)));
        c->u->depth = base;
        return emit(c, loc, OP_CALL, 0, dest, text, 1);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        TRY(push_expr(c, asdl_seq_GET(values, i)));
    }
    c->u->depth = base;
    return emit(c, loc, OP_BUILD_STRING, 0, dest, first, (int)count);
}

static int
interpolation_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth;
    int value = push_expr(c, e->v.Interpolation.value);
    TRY(value);
    TRY(push_const(c, loc, e->v.Interpolation.str));
    int has_spec = e->v.Interpolation.format_spec != NULL;
    if (has_spec) {
        TRY(push_expr(c, e->v.Interpolation.format_spec));
    }
    c->u->depth = base;
    return emit(c, loc, OP_BUILD_INTERPOLATION, has_spec, dest, value, conversion_code(e->v.Interpolation.conversion));
}

/* A t-string: strings and interpolations alternate, strings first and last. */
static int
template_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    asdl_expr_seq *values = e->v.TemplateStr.values;
    int base = c->u->depth, after_string = 0;
    PyObject *strings = PyList_New(0), *empty = PyUnicode_FromStringAndSize(NULL, 0);
    int failed = strings == NULL || empty == NULL;
    Py_ssize_t interpolations = 0;
    for (Py_ssize_t i = 0; !failed && i < asdl_seq_LEN(values); i++) {
        expr_ty item = asdl_seq_GET(values, i);
        if (item->kind == Interpolation_kind) {
            failed = !after_string && PyList_Append(strings, empty) < 0;
            after_string = 0;
            interpolations++;
        }
        else {
            failed = PyList_Append(strings, item->v.Constant.value) < 0;
            after_string = 1;
        }
    }
    failed = failed || (!after_string && PyList_Append(strings, empty) < 0);
    PyObject *tuple = failed ? NULL : PyList_AsTuple(strings);
    Py_XDECREF(strings);
    Py_XDECREF(empty);
    int text = top(c);
    TRY(emit_const_steal(c, loc, text, tuple));
    TRY(push_temps(c, 1));
    int first = top(c);
    if (interpolations <= BLOCK_LIMIT) {
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(values); i++) {
            if (asdl_seq_GET(values, i)->kind == Interpolation_kind) {
                TRY(push_expr(c, asdl_seq_GET(values, i)));
            }
        }
        TRY(emit(c, loc, OP_BUILD_TUPLE, 0, first, first, (int)interpolations));
    }
    else {
        TRY(emit(c, loc, OP_BUILD_LIST, 0, first, first, 0));
        TRY(push_temps(c, 1));
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(values); i++) {
            if (asdl_seq_GET(values, i)->kind == Interpolation_kind) {
                int value = push_expr(c, asdl_seq_GET(values, i));
                TRY(value);
                c->u->depth--;
                TRY(emit(c, loc, OP_LIST_APPEND, 0, first, value, 0));
            }
        }
        TRY(emit(c, loc, OP_LIST_TO_TUPLE, 0, first, first, 0));
    }
    c->u->depth = base;
    return emit(c, loc, OP_BUILD_TEMPLATE, 0, dest, text, first);
}

/* -- Calls ---------------------------------------------------------------------------------------------------------------- */

static int
has_unpacking(asdl_expr_seq *args, asdl_keyword_seq *keywords)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(keywords); i++) {
        if (asdl_seq_GET(keywords, i)->arg == NULL) {
            return 1;
        }
    }
    return has_star(args) || asdl_seq_LEN(args) + asdl_seq_LEN(keywords) > 4000;
}

static int
check_keywords(struct compiler *c, asdl_keyword_seq *keywords)
{
    Py_ssize_t count = asdl_seq_LEN(keywords);
    for (Py_ssize_t i = 0; i < count; i++) {
        keyword_ty key = asdl_seq_GET(keywords, i);
        if (key->arg == NULL) {
            continue;
        }
        for (Py_ssize_t k = i + 1; k < count; k++) {
            keyword_ty other = asdl_seq_GET(keywords, k);
            if (other->arg != NULL && PyUnicode_Compare(key->arg, other->arg) == 0) {
                return error_at(c, LOC(other), "keyword argument repeated: %U", key->arg);
            }
        }
    }
    return 0;
}

/* The dict of keyword arguments where ** is among them; pushed at the top. */
static int
keyword_dict(struct compiler *c, location loc, asdl_keyword_seq *keywords, int callable)
{
    int dict = push_temps(c, 1), started = 0;
    TRY(dict);
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(keywords); i++) {
        keyword_ty key = asdl_seq_GET(keywords, i);
        int depth = c->u->depth;
        if (!started) {
            TRY(emit(c, loc, OP_BUILD_MAP, 0, dict, dict, 0));
            started = 1;
        }
        if (key->arg == NULL) {
            int value = operand(c, key->value, NULL);
            TRY(value);
            TRY(emit(c, loc, OP_DICT_MERGE, 0, dict, value, callable));
        }
        else {
            /* a dict of one, merged, so that duplicates are found */
            int pair = top(c);
            TRY(push_const(c, LOC(key), key->arg));
            TRY(push_expr(c, key->value));
            TRY(emit(c, loc, OP_BUILD_MAP, 0, pair, pair, 1));
            TRY(emit(c, loc, OP_DICT_MERGE, 0, dict, pair, callable));
        }
        c->u->depth = depth;
    }
    return 0;
}

/* base and base + 1 hold the callable and self; `given` arguments follow already.  depth is just after those. */
int
call_arguments(struct compiler *c, location loc, int base, Py_ssize_t given, asdl_expr_seq *args,
               asdl_keyword_seq *keywords, int dest)
{
    Py_ssize_t nargs = asdl_seq_LEN(args), nkeywords = asdl_seq_LEN(keywords);
    TRY(check_keywords(c, keywords));
    if (!has_unpacking(args, keywords)) {
        for (Py_ssize_t i = 0; i < nargs; i++) {
            TRY(push_expr(c, asdl_seq_GET(args, i)));
        }
        if (nkeywords == 0) {
            c->u->depth = base - REG_TEMP;
            return emit(c, loc, OP_CALL, 0, dest, base, (int)(nargs + given));
        }
        PyObject *names = PyTuple_New(nkeywords);
        if (names == NULL) {
            return -1;
        }
        for (Py_ssize_t i = 0; i < nkeywords; i++) {
            keyword_ty key = asdl_seq_GET(keywords, i);
            PyTuple_SET_ITEM(names, i, Py_NewRef(key->arg));
            if (push_expr(c, key->value) < 0) {
                Py_DECREF(names);
                return -1;
            }
        }
        TRY(emit_const_steal(c, loc, top(c), names));
        TRY(push_temps(c, 1));
        c->u->depth = base - REG_TEMP;
        return emit(c, loc, OP_CALL_KW, 0, dest, base, (int)(nargs + nkeywords + given));
    }
    /* f(*args, **keywords): the positional ones in one tuple (or the single starred value itself). */
    int positional = base + 2;
    if (given == 0 && nargs == 1 && asdl_seq_GET(args, 0)->kind == Starred_kind) {
        TRY(push_expr(c, asdl_seq_GET(args, 0)->v.Starred.value));
    }
    else {
        TRY(sequence_display(c, loc, args, Tuple_kind, positional, (int)given, positional));
        TRY(push_temps(c, 1));
    }
    if (nkeywords > 0) {
        TRY(keyword_dict(c, loc, keywords, base));
    }
    else {
        TRY(emit(c, loc, OP_CLEAR, 0, base + 3, 0, 0));
    }
    c->u->depth = base - REG_TEMP;
    return emit(c, loc, OP_CALL_EX, 0, dest, base, 0);
}

/* The place of a method's name: errors point there. */
static location
attribute_location(expr_ty e)
{
    location loc = LOC(e);
    if (loc.lineno != loc.end_lineno) {
        loc.lineno = loc.end_lineno;
        Py_ssize_t length = PyUnicode_GET_LENGTH(e->v.Attribute.attr);
        if (length <= loc.end_col_offset) {
            loc.col_offset = loc.end_col_offset - (int)length;
        }
        else {
            loc.col_offset = loc.end_col_offset = -1;
        }
    }
    return loc;
}

/* super().name inside a method: the class cell and the first argument are known here. */
static int
is_zero_super(struct compiler *c, expr_ty e)
{
    if (e->kind != Attribute_kind || e->v.Attribute.ctx != Load || e->v.Attribute.value->kind != Call_kind) {
        return 0;
    }
    expr_ty call = e->v.Attribute.value, func = call->v.Call.func;
    if (func->kind != Name_kind || !PyUnicode_EqualToUTF8(func->v.Name.id, "super") ||
        asdl_seq_LEN(call->v.Call.keywords) > 0 || c->u->inlined != NULL) {
        return 0;
    }
    int scope = _PyST_GetScope(c->u->entry, func->v.Name.id);
    if (scope != GLOBAL_IMPLICIT || _PyST_GetScope(c->table->st_top, func->v.Name.id) > GLOBAL_IMPLICIT) {
        return 0;
    }
    long top_flags = _PyST_GetSymbol(c->table->st_top, func->v.Name.id);
    if (top_flags > 0 && (top_flags & DEF_BOUND)) {
        return 0;       /* the module has its own super */
    }
    Py_ssize_t nargs = asdl_seq_LEN(call->v.Call.args);
    if (nargs == 2) {
        return !has_star(call->v.Call.args);
    }
    return nargs == 0 && c->u->argcount > 0 && _PyST_GetScope(c->u->entry, _Py_ID(__class__)) == FREE;
}

/* Pushes super, class and self; the first register.  *explicit: both arguments were written. */
static int
push_super(struct compiler *c, expr_ty call, int *explicit)
{
    int first = push_expr(c, call->v.Call.func);
    location loc = LOC(call->v.Call.func);
    TRY(first);
    *explicit = asdl_seq_LEN(call->v.Call.args) == 2;
    if (*explicit) {
        TRY(push_expr(c, asdl_seq_GET(call->v.Call.args, 0)));
        TRY(push_expr(c, asdl_seq_GET(call->v.Call.args, 1)));
        return first;
    }
    TRY(emit(c, loc, OP_LOAD_DEREF, 0, top(c), cell_register(c, _Py_ID(__class__)), 0));
    TRY(push_temps(c, 1));
    PyObject *self = PyList_GET_ITEM(c->u->entry->ste_varnames, 0);
    TRY(load_name(c, loc, self, top(c)));
    TRY(push_temps(c, 1));
    return first;
}

static int
emit_super(struct compiler *c, location loc, int op, int dest, int first, PyObject *attribute, int explicit)
{
    Py_ssize_t name = add_name(c, attribute);
    if (name < 0 || name > 0xFFFF) {
        return -1;
    }
    return emit(c, loc, op, explicit, dest, first, (int)name);
}

static int
call_into(struct compiler *c, expr_ty e, int dest)
{
    expr_ty func = e->v.Call.func;
    int base = top(c), explicit;
    TRY(check_caller(c, func));
    if (func->kind == Attribute_kind && func->v.Attribute.ctx == Load && !has_unpacking(e->v.Call.args, e->v.Call.keywords)) {
        location at = attribute_location(func);
        if (is_zero_super(c, func)) {
            TRY(push_super(c, func->v.Attribute.value, &explicit));
            c->u->depth = base - REG_TEMP;
            TRY(emit_super(c, at, OP_LOAD_SUPER_METHOD, base, base, func->v.Attribute.attr, explicit));
        }
        else {
            int object = operand(c, func->v.Attribute.value, NULL);
            TRY(object);
            c->u->depth = base - REG_TEMP;
            TRY(emit_named(c, at, OP_LOAD_METHOD, base, object, func->v.Attribute.attr));
        }
        TRY(push_temps(c, 2));
    }
    else {
        TRY(push_expr(c, func));
        TRY(push_temps(c, 1));      /* no self: a dead register holds no object */
    }
    location loc = LOC(e);
    if (func->kind == Attribute_kind && loc.lineno != loc.end_lineno) {
        location at = attribute_location(func);
        loc.lineno = at.lineno;
        loc.col_offset = at.col_offset;
    }
    return call_arguments(c, loc, base, 0, e->v.Call.args, e->v.Call.keywords, dest);
}

/* -- Attributes and items ------------------------------------------------------------------------------------------------ */

static int
attribute_into(struct compiler *c, expr_ty e, int dest)
{
    int base = c->u->depth, explicit;
    if (is_zero_super(c, e)) {
        int first = push_super(c, e->v.Attribute.value, &explicit);
        TRY(first);
        c->u->depth = base;
        return emit_super(c, attribute_location(e), OP_LOAD_SUPER_ATTR, dest, first, e->v.Attribute.attr, explicit);
    }
    int object = operand(c, e->v.Attribute.value, NULL);
    TRY(object);
    c->u->depth = base;
    return emit_named(c, attribute_location(e), OP_LOAD_ATTR, dest, object, e->v.Attribute.attr);
}

/* Slices of constants are constants; others are built. */
static int
slice_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth, first = top(c);
    expr_ty parts[3] = {e->v.Slice.lower, e->v.Slice.upper, e->v.Slice.step};
    int constant = 1;
    PyObject *values[3];
    for (int i = 0; i < 3; i++) {
        constant = constant && (parts[i] == NULL || parts[i]->kind == Constant_kind);
        values[i] = parts[i] == NULL ? Py_None : constant ? parts[i]->v.Constant.value : NULL;
    }
    if (constant) {
        return emit_const_steal(c, loc, dest, PySlice_New(values[0], values[1], values[2]));
    }
    int count = parts[2] != NULL ? 3 : 2;
    for (int i = 0; i < count; i++) {
        if (parts[i] != NULL) {
            TRY(push_expr(c, parts[i]));
        }
        else {
            TRY(push_const(c, loc, Py_None));
        }
    }
    c->u->depth = base;
    return emit(c, loc, OP_BUILD_SLICE, 0, dest, first, count);
}

static int
is_simple_slice(expr_ty e)
{
    return e->kind == Slice_kind && e->v.Slice.step == NULL &&
           !((e->v.Slice.lower == NULL || e->v.Slice.lower->kind == Constant_kind) &&
             (e->v.Slice.upper == NULL || e->v.Slice.upper->kind == Constant_kind));
}

static int
subscript_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth;
    expr_ty index_expr = e->v.Subscript.slice;
    TRY(check_subscripter(c, e->v.Subscript.value));
    TRY(check_index(c, e->v.Subscript.value, index_expr));
    int object = operand(c, e->v.Subscript.value, index_expr);
    TRY(object);
    if (is_simple_slice(index_expr)) {
        int first = top(c);
        expr_ty parts[2] = {index_expr->v.Slice.lower, index_expr->v.Slice.upper};
        for (int i = 0; i < 2; i++) {
            if (parts[i] != NULL) {
                TRY(push_expr(c, parts[i]));
            }
            else {
                TRY(push_const(c, loc, Py_None));
            }
        }
        c->u->depth = base;
        return emit(c, loc, OP_GETSLICE, 0, dest, object, first);
    }
    Py_ssize_t k = constant_operand(c, index_expr);
    if (k == -2) {
        return -1;
    }
    if (k >= 0) {
        c->u->depth = base;
        return emit(c, loc, OP_GETITEM_K, 0, dest, object, (int)k);
    }
    int index = operand(c, index_expr, NULL);
    TRY(index);
    c->u->depth = base;
    return emit(c, loc, OP_GETITEM, 0, dest, object, index);
}

/* -- Generators and coroutines --------------------------------------------------------------------------------------------- */

/* The value in temporary reg (an iterator) is driven to its end; its result takes its place.  kind: 2 yield from, 3 await. */
static int
emit_send_loop(struct compiler *c, location loc, int reg, int kind)
{
    struct unit *u = c->u;
    int send = new_label(c), end = new_label(c), fail = new_label(c), thrown = reg + 2, value = reg + 1;
    if (send < 0 || end < 0 || fail < 0) {
        return -1;
    }
    u->depth = reg - REG_TEMP + 1;
    TRY(push_temps(c, 2));
    TRY(emit_const(c, loc, value, Py_None));
    int start_reachable = u->reachable;
    use_label(c, send);
    TRY(emit_jump(c, loc, OP_SEND, 0, reg | KEEP, value, value, end));
    int outer = u->handler;
    u->handler = new_handler(c, fail, reg - REG_TEMP + 2, 0);
    TRY(u->handler);
    TRY(emit(c, loc, OP_YIELD_VALUE, 1, value, value, 0));
    u->handler = outer;
    TRY(emit(c, loc, OP_RESUME, kind, 0, 0, 0));
    TRY(emit_jump(c, loc, OP_JUMP_BACK, 0, 0, 0, 0, send));
    u->reachable = 0;
    use_label(c, fail);
    TRY(emit(c, loc, OP_CLEANUP_THROW, 0, value, reg | KEEP, thrown));
    use_label(c, end);
    u->reachable = start_reachable;
    u->depth = reg - REG_TEMP + 1;
    return emit(c, loc, OP_MOVE, 0, reg, value, 0);
}

int
emit_await(struct compiler *c, location loc, int reg, int kind)
{
    TRY(emit(c, loc, OP_GET_AWAITABLE, kind, reg, reg, 0));
    return emit_send_loop(c, loc, reg, 3);
}

static int
check_await(struct compiler *c, expr_ty e)
{
    if (c->flags.cf_flags & PyCF_ALLOW_TOP_LEVEL_AWAIT && c->u->kind == UNIT_MODULE) {
        return 0;
    }
    if (!_PyST_IsFunctionLike(c->u->entry)) {
        return error_at(c, LOC(e), "'await' outside function");
    }
    if (c->u->kind != UNIT_ASYNC_FUNCTION && c->u->kind != UNIT_COMPREHENSION) {
        return error_at(c, LOC(e), "'await' outside async function");
    }
    return 0;
}

static int
yield_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth, value = top(c);
    if (!_PyST_IsFunctionLike(c->u->entry)) {
        return error_at(c, loc, "'yield' outside function");
    }
    if (e->v.Yield.value != NULL) {
        value = operand(c, e->v.Yield.value, NULL);
        TRY(value);
    }
    else {
        TRY(push_const(c, loc, Py_None));
    }
    c->u->depth = base;
    if (c->u->kind == UNIT_ASYNC_FUNCTION) {
        TRY(emit(c, loc, OP_CALL_INTRINSIC_1, INTRINSIC_ASYNC_GEN_WRAP, top(c), value, 0));
        value = top(c);
    }
    int sent = IS_TEMP(dest) ? dest : top(c);
    TRY(emit(c, loc, OP_YIELD_VALUE, 0, sent, value, 0));
    TRY(emit(c, loc, OP_RESUME, 1, 0, 0, 0));
    return move(c, loc, dest, sent);
}

static int
yield_from_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    int base = c->u->depth;
    if (!_PyST_IsFunctionLike(c->u->entry)) {
        return error_at(c, loc, "'yield from' outside function");
    }
    if (c->u->kind == UNIT_ASYNC_FUNCTION) {
        return error_at(c, loc, "'yield from' inside async function");
    }
    int reg = push_expr(c, e->v.YieldFrom.value);
    TRY(reg);
    TRY(emit(c, loc, OP_GET_YIELD_FROM_ITER, 0, reg, reg, 0));
    TRY(emit_send_loop(c, loc, reg, 2));
    c->u->depth = base;
    return move(c, loc, dest, reg);
}

static int
await_into(struct compiler *c, expr_ty e, int dest)
{
    int base = c->u->depth;
    TRY(check_await(c, e));
    int reg = push_expr(c, e->v.Await.value);
    TRY(reg);
    TRY(emit_await(c, LOC(e), reg, 0));
    c->u->depth = base;
    return move(c, LOC(e), dest, reg);
}

/* -- All kinds ----------------------------------------------------------------------------------------------------------------- */

static int
named_into(struct compiler *c, expr_ty e, int dest)
{
    int base = c->u->depth, value = push_expr(c, e->v.NamedExpr.value);
    TRY(value);
    TRY(store_name(c, LOC(e->v.NamedExpr.target), e->v.NamedExpr.target->v.Name.id, value | KEEP));
    c->u->depth = base;
    return move(c, LOC(e), dest, value);
}

static int
expr_inner(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    switch (e->kind) {
    case Constant_kind:
        return emit_const(c, loc, dest, e->v.Constant.value);
    case Name_kind:
        return load_name(c, loc, e->v.Name.id, dest);
    case NamedExpr_kind:
        return named_into(c, e, dest);
    case BoolOp_kind:
        return bool_op_into(c, e, dest);
    case BinOp_kind:
        return binary_into(c, e, dest);
    case UnaryOp_kind:
        return unary_into(c, e, dest);
    case Lambda_kind:
        return lambda_into(c, e, dest);
    case IfExp_kind:
        return if_exp_into(c, e, dest);
    case Dict_kind:
        return dict_into(c, e, dest);
    case Set_kind:
        return sequence_display(c, loc, e->v.Set.elts, Set_kind, top(c), 0, dest);
    case List_kind:
        return sequence_display(c, loc, e->v.List.elts, List_kind, top(c), 0, dest);
    case Tuple_kind: {
        PyObject *tuple = asdl_seq_LEN(e->v.Tuple.elts) <= 0 || !has_star(e->v.Tuple.elts)
                              ? constants_tuple(e->v.Tuple.elts) : NULL;
        if (tuple != NULL) {
            return emit_const_steal(c, loc, dest, tuple);
        }
        return PyErr_Occurred() ? -1 : sequence_display(c, loc, e->v.Tuple.elts, Tuple_kind, top(c), 0, dest);
    }
    case ListComp_kind:
    case SetComp_kind:
    case DictComp_kind:
    case GeneratorExp_kind:
        return comprehension_into(c, e, dest);
    case Await_kind:
        return await_into(c, e, dest);
    case Yield_kind:
        return yield_into(c, e, dest);
    case YieldFrom_kind:
        return yield_from_into(c, e, dest);
    case Compare_kind:
        return compare_into(c, e, dest);
    case Call_kind:
        return call_into(c, e, dest);
    case FormattedValue_kind:
        return formatted_into(c, e, dest);
    case JoinedStr_kind:
        return joined_into(c, e, dest);
    case Interpolation_kind:
        return interpolation_into(c, e, dest);
    case TemplateStr_kind:
        return template_into(c, e, dest);
    case Attribute_kind:
        return attribute_into(c, e, dest);
    case Subscript_kind:
        return subscript_into(c, e, dest);
    case Slice_kind:
        return slice_into(c, e, dest);
    case Starred_kind:
        return error_at(c, loc, e->v.Starred.ctx == Store ? "starred assignment target must be in a list or tuple"
                                                          : "can't use starred expression here");
    default:
        PyErr_Format(PyExc_SystemError, "unexpected expression kind %d", e->kind);
        return -1;
    }
}

int
expr_into(struct compiler *c, expr_ty e, int dest)
{
    TRY(Py_EnterRecursiveCall(" during compilation"));
    if (IS_TEMP(dest) && dest - REG_TEMP + 1 > c->u->max_depth) {
        c->u->max_depth = dest - REG_TEMP + 1;
    }
    int result = expr_inner(c, e, dest);
    Py_LeaveRecursiveCall();
    return result;
}

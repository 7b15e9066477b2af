/* Constant folding: operators on constants, tuples of constants, items of constants, replaced in the tree.

   Results that would be large are left to run time (limits below, those of the reference).  An operation that raises is left
   alone, so that it raises when it runs.  The walk comes from the table of nodes. */
#include "codegen.h"

enum { MAX_INT_BITS = 128, MAX_COLLECTION = 256, MAX_STRING = 4096, MAX_TOTAL_ITEMS = 1024 };

#define REMEMBER_RECURSION(call)                                 \
    do {                                                         \
        if (Py_EnterRecursiveCall(" during compilation")) {      \
            return -1;                                           \
        }                                                        \
        int result_ = (call);                                    \
        Py_LeaveRecursiveCall();                                 \
        return result_;                                          \
    } while (0)

/* -- Limits ------------------------------------------------------------------------------------------ */

static Py_ssize_t
count_items(PyObject *value, Py_ssize_t limit)
{
    if (PyTuple_Check(value)) {
        limit -= PyTuple_GET_SIZE(value);
        for (Py_ssize_t i = 0; limit >= 0 && i < PyTuple_GET_SIZE(value); i++) {
            limit = count_items(PyTuple_GET_ITEM(value, i), limit);
        }
    }
    else if (PyFrozenSet_Check(value)) {
        limit -= PySet_GET_SIZE(value);
    }
    return limit;
}

static Py_ssize_t
bit_length(PyObject *value)
{
    int64_t bits = _PyLong_NumBits(value);
    if (bits < 0) {
        PyErr_Clear();
        return MAX_INT_BITS + 1;
    }
    return (Py_ssize_t)bits;
}

static int
small_product(PyObject *a, PyObject *b)
{
    if (PyLong_Check(a) && PyLong_Check(b)) {
        return bit_length(a) + bit_length(b) <= MAX_INT_BITS;
    }
    if (PyLong_Check(a) && !PyLong_Check(b)) {
        PyObject *swap = a;
        a = b;
        b = swap;
    }
    if (!PyLong_Check(b)) {
        return 1;
    }
    Py_ssize_t size = PyTuple_Check(a) ? PyTuple_GET_SIZE(a) : PyUnicode_Check(a) ? PyUnicode_GET_LENGTH(a)
                      : PyBytes_Check(a) ? PyBytes_GET_SIZE(a) : -1;
    if (size <= 0) {
        return 1;
    }
    long n = PyLong_AsLong(b);
    if (n == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    Py_ssize_t limit = PyTuple_Check(a) ? MAX_COLLECTION : MAX_STRING;
    if (n < 0 || n > limit / size) {
        return 0;
    }
    return !PyTuple_Check(a) || n == 0 || count_items(a, MAX_TOTAL_ITEMS / n) >= 0;
}

static int
small_power(PyObject *a, PyObject *b)
{
    if (PyLong_Check(a) && PyLong_Check(b) && bit_length(b) > 0 && PyObject_IsTrue(a) > 0) {
        Py_ssize_t bits = bit_length(a);
        Py_ssize_t exponent = PyLong_AsSsize_t(b);
        if (exponent == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return 0;
        }
        return exponent < 0 || bits <= MAX_INT_BITS / (exponent ? exponent : 1);
    }
    return 1;
}

static int
small_shift(PyObject *a, PyObject *b)
{
    if (PyLong_Check(a) && PyLong_Check(b)) {
        Py_ssize_t shift = PyLong_AsSsize_t(b);
        if (shift == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return 0;
        }
        return shift >= 0 && shift <= MAX_INT_BITS && bit_length(a) + shift <= MAX_INT_BITS;
    }
    return 1;
}

/* -- Operations --------------------------------------------------------------------------------------------- */

/* The node becomes a constant; value is consumed.  A failed operation leaves the node. */
static int
become_constant(expr_ty e, PyObject *value, PyArena *arena)
{
    if (value == NULL) {
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (_PyArena_AddPyObject(arena, value) < 0) {
        Py_DECREF(value);
        return -1;
    }
    e->kind = Constant_kind;
    e->v.Constant.value = value;
    e->v.Constant.kind = NULL;
    return 0;
}

static PyObject *
binary_value(operator_ty op, PyObject *a, PyObject *b)
{
    switch (op) {
    case Add: return PyNumber_Add(a, b);
    case Sub: return PyNumber_Subtract(a, b);
    case Mult: return small_product(a, b) ? PyNumber_Multiply(a, b) : NULL;
    case Div: return PyNumber_TrueDivide(a, b);
    case FloorDiv: return PyNumber_FloorDivide(a, b);
    case Mod: return PyUnicode_Check(a) || PyBytes_Check(a) ? NULL : PyNumber_Remainder(a, b);
    case Pow: return small_power(a, b) ? PyNumber_Power(a, b, Py_None) : NULL;
    case LShift: return small_shift(a, b) ? PyNumber_Lshift(a, b) : NULL;
    case RShift: return PyNumber_Rshift(a, b);
    case BitOr: return PyNumber_Or(a, b);
    case BitXor: return PyNumber_Xor(a, b);
    case BitAnd: return PyNumber_And(a, b);
    default: return NULL;
    }
}

static int
fold_here(expr_ty e, PyArena *arena)
{
    switch (e->kind) {
    case BinOp_kind: {
        expr_ty left = e->v.BinOp.left, right = e->v.BinOp.right;
        if (left->kind != Constant_kind || right->kind != Constant_kind) {
            return 0;
        }
        PyObject *value = binary_value(e->v.BinOp.op, left->v.Constant.value, right->v.Constant.value);
        return value == NULL && !PyErr_Occurred() ? 0 : become_constant(e, value, arena);
    }
    case UnaryOp_kind: {
        expr_ty operand = e->v.UnaryOp.operand;
        if (operand->kind != Constant_kind) {
            return 0;
        }
        PyObject *a = operand->v.Constant.value;
        switch (e->v.UnaryOp.op) {
        case Invert:
            /* ~True warns at run time */
            return PyBool_Check(a) ? 0 : become_constant(e, PyNumber_Invert(a), arena);
        case Not: {
            int truth = PyObject_IsTrue(a);
            return truth < 0 ? become_constant(e, NULL, arena) : become_constant(e, PyBool_FromLong(!truth), arena);
        }
        case UAdd: return become_constant(e, PyNumber_Positive(a), arena);
        default: return become_constant(e, PyNumber_Negative(a), arena);
        }
    }
    case Tuple_kind: {
        asdl_expr_seq *elements = e->v.Tuple.elts;
        Py_ssize_t count = asdl_seq_LEN(elements);
        if (e->v.Tuple.ctx != Load) {
            return 0;
        }
        for (Py_ssize_t i = 0; i < count; i++) {
            if (asdl_seq_GET(elements, i)->kind != Constant_kind) {
                return 0;
            }
        }
        PyObject *tuple = PyTuple_New(count);
        for (Py_ssize_t i = 0; tuple != NULL && i < count; i++) {
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(asdl_seq_GET(elements, i)->v.Constant.value));
        }
        return become_constant(e, tuple, arena);
    }
    case Subscript_kind: {
        expr_ty value = e->v.Subscript.value, index = e->v.Subscript.slice;
        if (e->v.Subscript.ctx != Load || value->kind != Constant_kind || index->kind != Constant_kind) {
            return 0;
        }
        return become_constant(e, PyObject_GetItem(value->v.Constant.value, index->v.Constant.value), arena);
    }
    default:
        return 0;
    }
}

/* -- The walk, from the table ---------------------------------------------------------------------------------- */

#define WALKED(type) static int walk_##type(type##_ty, PyArena *);
WALKED(expr)
WALKED(stmt)
WALKED(comprehension)
WALKED(excepthandler)
WALKED(arguments)
WALKED(arg)
WALKED(keyword)
WALKED(withitem)
WALKED(match_case)
WALKED(pattern)
WALKED(type_param)
#undef WALKED
#define IGNORED(type)                                        \
    static inline int walk_##type(type##_ty x, PyArena *arena) \
    {                                                        \
        (void)x, (void)arena;                                \
        return 0;                                            \
    }
IGNORED(identifier)
#define walk_string walk_identifier
#define walk_constant walk_identifier
IGNORED(int)
IGNORED(alias)
IGNORED(boolop)
IGNORED(operator)
IGNORED(unaryop)
IGNORED(expr_context)
#undef IGNORED

#define WALK_ONE(type, x) if (walk_##type((x), arena) < 0) { return -1; }
#define WALK_OPT(type, x) if ((x) && walk_##type((x), arena) < 0) { return -1; }
#define WALK_SEQ(type, x)                                                                        \
    for (Py_ssize_t i_ = 0; i_ < asdl_seq_LEN(x); i_++) {                                        \
        if (asdl_seq_GET(x, i_) && walk_##type(asdl_seq_GET(x, i_), arena) < 0) { return -1; }   \
    }
#define WALK_SEQOPT WALK_SEQ
static inline int walk_cmpop(int x, PyArena *arena) { (void)x, (void)arena; return 0; }

#define FIELD(type, field, count) WALK_##count(type, node->field)
#define CASE(name)                                              \
    case name##_kind: {                                         \
        struct _AST_##name##_fields *node = &tree->v.name;      \
        (void)node;                                             \
        AST_FIELDS_##name(FIELD)                                \
        break;                                                  \
    }
#define CASE_mod(name)
#define CASE_stmt(name)
#define CASE_expr(name)
#define CASE_excepthandler(name)
#define CASE_pattern(name)
#define CASE_type_ignore(name)
#define CASE_type_param(name)

static int
walk_expr_fields(expr_ty tree, PyArena *arena)
{
    switch (tree->kind) {
#undef CASE_expr
#define CASE_expr CASE
#define AST_NODE(sum, name) CASE_##sum(name)
#include "../../Parser/ast_nodes.def"
#undef CASE_expr
#define CASE_expr(name)
    default: break;
    }
    return fold_here(tree, arena);
}

static int
walk_expr(expr_ty e, PyArena *arena)
{
    if (e->kind == Constant_kind || e->kind == Name_kind) {
        return 0;
    }
    REMEMBER_RECURSION(walk_expr_fields(e, arena));
}

static int
walk_stmt_fields(stmt_ty tree, PyArena *arena)
{
    switch (tree->kind) {
#undef CASE_stmt
#define CASE_stmt CASE
#define AST_NODE(sum, name) CASE_##sum(name)
#include "../../Parser/ast_nodes.def"
#undef CASE_stmt
#define CASE_stmt(name)
    default: break;
    }
    return 0;
}

static int
walk_stmt(stmt_ty s, PyArena *arena)
{
    REMEMBER_RECURSION(walk_stmt_fields(s, arena));
}

static int
walk_excepthandler(excepthandler_ty tree, PyArena *arena)
{
    switch (tree->kind) {
    CASE(ExceptHandler)
    default: break;
    }
    return 0;
}

static int
walk_pattern_fields(pattern_ty tree, PyArena *arena)
{
    switch (tree->kind) {
#undef CASE_pattern
#define CASE_pattern CASE
#define AST_NODE(sum, name) CASE_##sum(name)
#include "../../Parser/ast_nodes.def"
#undef CASE_pattern
#define CASE_pattern(name)
    default: break;
    }
    return 0;
}

static int
walk_pattern(pattern_ty p, PyArena *arena)
{
    REMEMBER_RECURSION(walk_pattern_fields(p, arena));
}

static int
walk_type_param(type_param_ty tree, PyArena *arena)
{
    switch (tree->kind) {
    CASE(TypeVar)
    CASE(ParamSpec)
    CASE(TypeVarTuple)
    default: break;
    }
    return 0;
}

#define PRODUCT(name)                                    \
    static int walk_##name(name##_ty node, PyArena *arena) \
    {                                                    \
        AST_FIELDS_##name(FIELD)                         \
        return 0;                                        \
    }
PRODUCT(comprehension)
PRODUCT(arguments)
PRODUCT(arg)
PRODUCT(keyword)
PRODUCT(withitem)
PRODUCT(match_case)

int
_PyAST_Fold(mod_ty tree, PyArena *arena)
{
    asdl_stmt_seq *statements = NULL;
    switch (tree->kind) {
    case Module_kind: statements = tree->v.Module.body; break;
    case Interactive_kind: statements = tree->v.Interactive.body; break;
    case Expression_kind: return walk_expr(tree->v.Expression.body, arena);
    default: return 0;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(statements); i++) {
        if (walk_stmt(asdl_seq_GET(statements, i), arena) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Parser: start rules and simple statements. */
#include "Python.h"
#include "parser.h"
#include "errcode.h"          // E_EOF

#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))
#define MAKE_EMPTY(name, begin) checked(p, _PyAST_##name(SPAN(begin)))

PyObject *
_PyParser_TypeCommentText(parser *p)
{
    p->mark++;
    return _PyParser_TokenText(p, token_before(p));
}

/* [TYPE_COMMENT]; NULL also without an error. */
static PyObject *
optional_type_comment(parser *p)
{
    return peek(p) == TYPE_COMMENT ? _PyParser_TypeCommentText(p) : NULL;
}

/* -- Assignment ---------------------------------------------------------- */

bool
_PyParser_AugAssign(parser *p, operator_ty *op)
{
    switch (peek(p)) {
        case PLUSEQUAL: *op = Add; break;
        case MINEQUAL: *op = Sub; break;
        case STAREQUAL: *op = Mult; break;
        case ATEQUAL: *op = MatMult; break;
        case SLASHEQUAL: *op = Div; break;
        case PERCENTEQUAL: *op = Mod; break;
        case AMPEREQUAL: *op = BitAnd; break;
        case VBAREQUAL: *op = BitOr; break;
        case CIRCUMFLEXEQUAL: *op = BitXor; break;
        case LEFTSHIFTEQUAL: *op = LShift; break;
        case RIGHTSHIFTEQUAL: *op = RShift; break;
        case DOUBLESTAREQUAL: *op = Pow; break;
        case DOUBLESLASHEQUAL: *op = FloorDiv; break;
        default: return false;
    }
    p->mark++;
    return *op != MatMult || _PyParser_CheckVersion(p, 5, "The '@' operator is");
}

static bool
is_single_target(expr_ty expr)
{
    return expr->kind == Name_kind || expr->kind == Attribute_kind || expr->kind == Subscript_kind;
}

/* Behind "target:". */
static stmt_ty
annotated_assignment(parser *p, int begin, expr_ty target, int simple)
{
    expr_ty annotation = _PyParser_Expression(p), value = NULL;
    if (annotation == NULL) {
        return NULL;
    }
    int here = p->mark;
    if (accept(p, EQUAL)) {
        value = _PyParser_AnnotatedRhs(p);
        if (value == NULL) {
            p->mark = here;
        }
    }
    if (p->error || !_PyParser_CheckVersion(p, 6, "Variable annotation syntax is")) {
        return NULL;
    }
    return MAKE(AnnAssign, begin, target, annotation, value, simple);
}

/* First pass: the first target is read, and '=' comes next. */
static stmt_ty
chain_fast(parser *p, int begin, expr_ty value)
{
    int base = p->stack_size;
    while (accept(p, EQUAL)) {
        if (!_PyParser_MakeTarget(p, value) || !_PyParser_Push(p, value)) {
            return NULL;
        }
        value = _PyParser_AnnotatedRhs(p);
        if (value == NULL) {
            return NULL;
        }
    }
    PyObject *comment = optional_type_comment(p);
    asdl_expr_seq *targets = p->error ? NULL : TAKE(expr, base);
    return targets == NULL ? NULL : MAKE(Assign, begin, targets, value, comment);
}

/* First pass: reads an expression, then sees whether it was a target. */
static stmt_ty
expression_or_assignment_fast(parser *p)
{
    int begin = p->mark;
    expr_ty first = _PyParser_StarExpressions(p);
    if (first == NULL) {
        return NULL;
    }
    int kind = peek(p);
    if (kind == NEWLINE || kind == SEMI) {
        return MAKE(Expr, begin, first);
    }
    if (kind == EQUAL) {
        return chain_fast(p, begin, first);
    }
    if (kind == COLON) {
        if (!is_single_target(first)) {
            return NULL;
        }
        p->mark++;
        _PyParser_MakeTarget(p, first);
        return annotated_assignment(p, begin, first, p->tokens[begin].kind == NAME && first->kind == Name_kind);
    }
    operator_ty op;
    if (_PyParser_AugAssign(p, &op)) {
        if (!is_single_target(first)) {
            p->mark--;
            return NULL;
        }
        _PyParser_MakeTarget(p, first);
        expr_ty value = _PyParser_AnnotatedRhs(p);
        return value == NULL ? NULL : MAKE(AugAssign, begin, first, op, value);
    }
    return p->error ? NULL : MAKE(Expr, begin, first);
}

/* Second pass: '(' single_target ')', or an attribute or a subscript. */
static expr_ty
annotated_target(parser *p)
{
    int begin = p->mark;
    if (accept(p, LPAR)) {
        expr_ty inner = _PyParser_SingleTarget(p);
        if (inner != NULL && accept(p, RPAR)) {
            return inner;
        }
        if (p->error) {
            return NULL;
        }
        p->mark = begin;
    }
    return _PyParser_SingleSubscriptAttributeTarget(p);
}

/* Second pass: (targets '=')+ value. */
static stmt_ty
chain(parser *p)
{
    int begin = p->mark, base = p->stack_size, here = begin;
    for (;;) {
        int size = p->stack_size;
        expr_ty targets = _PyParser_StarTargets(p);
        if (targets == NULL || !accept(p, EQUAL)) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, targets)) {
            return NULL;
        }
        here = p->mark;
    }
    if (p->error || p->stack_size == base) {
        return NULL;
    }
    int size = p->stack_size;
    expr_ty value = _PyParser_AnnotatedRhs(p);
    if (value == NULL || peek(p) == EQUAL) {
        return NULL;
    }
    p->stack_size = size;
    PyObject *comment = optional_type_comment(p);
    asdl_expr_seq *targets = p->error ? NULL : TAKE(expr, base);
    return targets == NULL ? NULL : MAKE(Assign, begin, targets, value, comment);
}

/* Second pass, in the reference's order. */
static stmt_ty
assignment(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    stmt_ty result;
    if (peek(p) == NAME && peek_second(p) == COLON) {
        expr_ty target = _PyParser_Name(p, Store);
        p->mark++;
        result = target == NULL ? NULL : annotated_assignment(p, begin, target, 1);
        if (result != NULL || p->error) {
            return result;
        }
        p->mark = begin;
        p->stack_size = size;
    }
    expr_ty target = annotated_target(p);
    if (target != NULL && accept(p, COLON)) {
        result = annotated_assignment(p, begin, target, 0);
        if (result != NULL || p->error) {
            return result;
        }
    }
    if (p->error) {
        return NULL;
    }
    p->mark = begin;
    p->stack_size = size;
    result = chain(p);
    if (result != NULL || p->error) {
        return result;
    }
    p->mark = begin;
    p->stack_size = size;
    target = _PyParser_SingleTarget(p);
    operator_ty op;
    if (target != NULL && _PyParser_AugAssign(p, &op)) {
        expr_ty value = _PyParser_AnnotatedRhs(p);
        return value == NULL ? NULL : MAKE(AugAssign, begin, target, op, value);
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        p->stack_size = size;
        _PyParser_InvalidAssignment(p);
    }
    return NULL;
}

/* -- Imports ------------------------------------------------------------- */

/* NAME ('.' NAME)* as a Name whose id has the dots. */
expr_ty
_PyParser_DottedName(parser *p)
{
    int begin = p->mark;
    if (!accept(p, NAME)) {
        return NULL;
    }
    while (peek(p) == DOT && peek_second(p) == NAME) {
        p->mark += 2;
    }
    if (p->error) {
        return NULL;
    }
    PyObject *id = _PyParser_TokenIdentifier(p, &p->tokens[begin]);
    if (id != NULL && p->mark - begin > 1) {
        id = Py_NewRef(id);
        for (int i = begin + 1; i < p->mark && id != NULL; i += 2) {
            PyObject *part = _PyParser_TokenIdentifier(p, &p->tokens[i + 1]);
            Py_XSETREF(id, part == NULL ? NULL : PyUnicode_FromFormat("%U.%U", id, part));
        }
        if (id != NULL) {
            PyUnicode_InternInPlace(&id);
        }
        id = _PyParser_Keep(p, id);
    }
    return id == NULL ? NULL : MAKE(Name, begin, id, Load);
}

/* ['as' NAME]; false if `as` has no name. */
static bool
optional_as(parser *p, PyObject **asname)
{
    *asname = NULL;
    if (!accept(p, KW_AS)) {
        return !p->error;
    }
    if (peek(p) != NAME) {
        return false;
    }
    p->mark++;
    *asname = _PyParser_TokenIdentifier(p, token_before(p));
    return *asname != NULL;
}

static alias_ty
import_alias(parser *p, bool dotted)
{
    int begin = p->mark;
    if (mistakes(p)) {
        _PyParser_InvalidImportTarget(p, dotted);
        if (p->error) {
            return NULL;
        }
        p->mark = begin;
    }
    expr_ty name = dotted ? _PyParser_DottedName(p) : _PyParser_Name(p, Load);
    PyObject *asname;
    int here = p->mark;
    if (name == NULL) {
        return NULL;
    }
    if (!optional_as(p, &asname)) {
        if (p->error) {
            return NULL;
        }
        p->mark = here;
    }
    return MAKE(alias, begin, name->v.Name.id, asname);
}

/* Names with ',' between; the position is behind the last one. */
static asdl_alias_seq *
import_aliases(parser *p, bool dotted)
{
    int base = p->stack_size, here;
    alias_ty first = import_alias(p, dotted);
    if (first == NULL || !_PyParser_Push(p, first)) {
        return NULL;
    }
    for (;;) {
        here = p->mark;
        int size = p->stack_size;
        alias_ty next = accept(p, COMMA) ? import_alias(p, dotted) : NULL;
        if (next == NULL) {
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, next)) {
            return NULL;
        }
    }
    return p->error ? NULL : TAKE(alias, base);
}

asdl_alias_seq *
_PyParser_ImportFromAsNames(parser *p)
{
    return import_aliases(p, false);
}

static asdl_alias_seq *
import_from_targets(parser *p)
{
    int begin = p->mark;
    asdl_alias_seq *names;
    switch (peek(p)) {
        case STAR: {
            p->mark++;
            PyObject *star = _PyParser_NewIdentifier(p, "*", 1);
            alias_ty alias = star == NULL ? NULL : MAKE(alias, begin, star, NULL);
            return alias == NULL ? NULL : _PyParser_Singleton(p, alias);
        }
        case LPAR:
            p->mark++;
            names = import_aliases(p, false);
            if (names != NULL) {
                accept(p, COMMA);
            }
            if (names != NULL && accept(p, RPAR)) {
                return names;
            }
            break;
        default:
            names = import_aliases(p, false);
            if (names != NULL && peek(p) != COMMA) {
                return p->error ? NULL : names;
            }
            break;
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidImportFromTargets(p);
    }
    return NULL;
}

/* `from __future__ import barry_as_FLUFL` changes the meaning of "!=" at once. */
static void
note_future_import(parser *p, PyObject *module, asdl_alias_seq *names)
{
    if (module == NULL || !PyUnicode_EqualToUTF8(module, "__future__")) {
        return;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(names); i++) {
        if (PyUnicode_EqualToUTF8(asdl_seq_GET(names, i)->name, "barry_as_FLUFL")) {
            p->flags |= PARSE_BARRY_AS_BDFL;
        }
    }
}

static stmt_ty
import_from(parser *p)
{
    int begin = p->mark++, level = 0;
    for (;; p->mark++) {
        int kind = peek(p);
        if (kind == DOT) {
            level++;
        }
        else if (kind == ELLIPSIS) {
            level += 3;
        }
        else {
            break;
        }
    }
    expr_ty module = NULL;
    if (peek(p) != KW_IMPORT || level == 0) {
        module = _PyParser_DottedName(p);
        if (module == NULL) {
            return NULL;
        }
    }
    if (!accept(p, KW_IMPORT)) {
        return NULL;
    }
    asdl_alias_seq *names = import_from_targets(p);
    if (names == NULL) {
        return NULL;
    }
    PyObject *id = module == NULL ? NULL : module->v.Name.id;
    note_future_import(p, id, names);
    return MAKE(ImportFrom, begin, id, names, level);
}

static stmt_ty
import_stmt(parser *p)
{
    int begin = p->mark;
    if (mistakes(p)) {
        _PyParser_InvalidImport(p);
        if (p->error) {
            return NULL;
        }
        p->mark = begin;
    }
    if (peek(p) == KW_FROM) {
        return import_from(p);
    }
    p->mark++;
    asdl_alias_seq *names = import_aliases(p, true);
    return names == NULL ? NULL : MAKE(Import, begin, names);
}

/* -- Small statements ---------------------------------------------------- */

static stmt_ty
return_stmt(parser *p)
{
    int begin = p->mark++;
    int kind = peek(p), here = p->mark;
    expr_ty value = NULL;
    if (kind != NEWLINE && kind != SEMI) {
        value = _PyParser_StarExpressions(p);
        if (value == NULL) {
            p->mark = here;
        }
    }
    return p->error ? NULL : MAKE(Return, begin, value);
}

static stmt_ty
raise_stmt(parser *p)
{
    int begin = p->mark++;
    expr_ty exc = NULL, cause = NULL;
    int kind = peek(p);
    if (kind != NEWLINE && kind != SEMI) {
        exc = _PyParser_Expression(p);
        if (exc == NULL) {
            p->mark = begin + 1;
        }
    }
    int here = p->mark;
    if (exc != NULL && accept(p, KW_FROM)) {
        cause = _PyParser_Expression(p);
        if (cause == NULL) {
            p->mark = here;
        }
    }
    return p->error ? NULL : MAKE(Raise, begin, exc, cause);
}

static stmt_ty
assert_stmt(parser *p)
{
    int begin = p->mark++;
    expr_ty test = _PyParser_Expression(p), message = NULL;
    if (test == NULL) {
        return NULL;
    }
    int here = p->mark;
    if (accept(p, COMMA)) {
        message = _PyParser_Expression(p);
        if (message == NULL) {
            p->mark = here;
        }
    }
    return p->error ? NULL : MAKE(Assert, begin, test, message);
}

static stmt_ty
del_stmt(parser *p)
{
    int begin = p->mark++;
    asdl_expr_seq *targets = _PyParser_DelTargets(p);
    if (targets != NULL && (peek(p) == SEMI || peek(p) == NEWLINE)) {
        return MAKE(Delete, begin, targets);
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidDel(p);
    }
    return NULL;
}

static asdl_identifier_seq *
name_list(parser *p)
{
    int base = p->stack_size, here;
    do {
        here = p->mark;
        if (peek(p) != NAME) {
            break;
        }
        p->mark++;
        PyObject *name = _PyParser_TokenIdentifier(p, token_before(p));
        if (name == NULL || !_PyParser_Push(p, name)) {
            return NULL;
        }
        here = p->mark;
    } while (accept(p, COMMA));
    if (p->error || p->stack_size == base) {
        return NULL;
    }
    p->mark = here;
    return TAKE(identifier, base);
}

static stmt_ty
global_stmt(parser *p)
{
    int begin = p->mark++;
    asdl_identifier_seq *names = name_list(p);
    return names == NULL ? NULL : MAKE(Global, begin, names);
}

static stmt_ty
nonlocal_stmt(parser *p)
{
    int begin = p->mark++;
    asdl_identifier_seq *names = name_list(p);
    return names == NULL ? NULL : MAKE(Nonlocal, begin, names);
}

/* "type" NAME [type parameters] '=' expression. */
static stmt_ty
type_alias(parser *p)
{
    int begin = p->mark++;
    expr_ty name = _PyParser_Name(p, Store);
    if (name == NULL) {
        return NULL;
    }
    asdl_type_param_seq *params = NULL;
    if (peek(p) == LSQB && (params = _PyParser_TypeParams(p)) == NULL) {
        return NULL;
    }
    if (!accept(p, EQUAL)) {
        return NULL;
    }
    expr_ty value = _PyParser_Expression(p);
    if (value == NULL || !_PyParser_CheckVersion(p, 12, "Type statement is")) {
        return NULL;
    }
    return MAKE(TypeAlias, begin, name, params, value);
}

static stmt_ty
yield_stmt(parser *p)
{
    int begin = p->mark;
    expr_ty value = _PyParser_YieldExpr(p);
    return value == NULL ? NULL : MAKE(Expr, begin, value);
}

/* Statements that a keyword starts. */
static stmt_ty
keyword_stmt(parser *p)
{
    int begin = p->mark;
    switch (peek(p)) {
        case KW_RETURN: return return_stmt(p);
        case KW_IMPORT:
        case KW_FROM: return import_stmt(p);
        case KW_RAISE: return raise_stmt(p);
        case KW_PASS:
            p->mark++;
            return MAKE_EMPTY(Pass, begin);
        case KW_DEL: return del_stmt(p);
        case KW_YIELD: return yield_stmt(p);
        case KW_ASSERT: return assert_stmt(p);
        case KW_BREAK:
            p->mark++;
            return MAKE_EMPTY(Break, begin);
        case KW_CONTINUE:
            p->mark++;
            return MAKE_EMPTY(Continue, begin);
        case KW_GLOBAL: return global_stmt(p);
        case KW_NONLOCAL: return nonlocal_stmt(p);
        default: return NULL;
    }
}

static stmt_ty
simple_stmt_fast(parser *p)
{
    switch (peek(p)) {
        case KW_RETURN: case KW_IMPORT: case KW_FROM: case KW_RAISE: case KW_PASS: case KW_DEL:
        case KW_YIELD: case KW_ASSERT: case KW_BREAK: case KW_CONTINUE: case KW_GLOBAL: case KW_NONLOCAL:
            return keyword_stmt(p);
        default:
            break;
    }
    if (peek_soft(p) == SOFT_TYPE && peek_second(p) == NAME) {
        int begin = p->mark, size = p->stack_size;
        stmt_ty alias = type_alias(p);
        if (alias != NULL || p->error) {
            return alias;
        }
        p->mark = begin;
        p->stack_size = size;
    }
    return expression_or_assignment_fast(p);
}

static stmt_ty
simple_stmt_careful(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    stmt_ty result = assignment(p);
    if (result != NULL || p->error) {
        return result;
    }
    p->mark = begin;
    p->stack_size = size;
    if (peek_soft(p) == SOFT_TYPE) {
        result = type_alias(p);
        if (result != NULL || p->error) {
            return result;
        }
        p->mark = begin;
        p->stack_size = size;
    }
    expr_ty value = _PyParser_StarExpressions(p);
    if (value != NULL || p->error) {
        return p->error ? NULL : MAKE(Expr, begin, value);
    }
    p->mark = begin;
    p->stack_size = size;
    return keyword_stmt(p);
}

stmt_ty
_PyParser_SimpleStmt(parser *p)
{
    int begin = p->mark;
    stmt_ty result;
    if (!p->look_for_mistakes) {
        return simple_stmt_fast(p);
    }
    if (_PyParser_Recall(p, RULE_SIMPLE_STMT, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_SIMPLE_STMT, begin, simple_stmt_careful(p));
}

/* Pushes the statements of one line. */
static bool
push_simple_stmts(parser *p)
{
    do {
        int size = p->stack_size;
        stmt_ty stmt = _PyParser_SimpleStmt(p);
        if (stmt == NULL) {
            return false;
        }
        p->stack_size = size;
        if (!_PyParser_Push(p, stmt)) {
            return false;
        }
    } while (accept(p, SEMI) && peek(p) != NEWLINE);
    return accept(p, NEWLINE);
}

asdl_stmt_seq *
_PyParser_SimpleStmts(parser *p)
{
    int base = p->stack_size;
    return push_simple_stmts(p) ? TAKE(stmt, base) : NULL;
}

/* -- Blocks -------------------------------------------------------------- */

/* Pushes statements as long as there are any. */
static bool
push_statements(parser *p)
{
    for (;;) {
        int kind = peek(p), here = p->mark, size = p->stack_size;
        if (kind == DEDENT || kind == ENDMARKER || p->error) {
            return !p->error;
        }
        stmt_ty compound = _PyParser_CompoundStmt(p);
        if (p->error) {
            return false;
        }
        p->stack_size = size;
        if (compound != NULL) {
            if (!_PyParser_Push(p, compound)) {
                return false;
            }
            continue;
        }
        p->mark = here;
        if (!push_simple_stmts(p)) {
            p->mark = here;
            p->stack_size = size;
            return !p->error;
        }
    }
}

asdl_stmt_seq *
_PyParser_Statements(parser *p)
{
    int base = p->stack_size;
    if (!push_statements(p) || p->stack_size == base) {
        return NULL;
    }
    return TAKE(stmt, base);
}

static asdl_stmt_seq *
block_raw(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    asdl_stmt_seq *result = NULL;
    if (peek(p) != NEWLINE) {
        result = p->error ? NULL : _PyParser_SimpleStmts(p);
    }
    else {
        p->mark++;
        if (accept(p, INDENT)) {
            result = _PyParser_Statements(p);
            if (result != NULL && accept(p, DEDENT)) {
                return result;
            }
            result = NULL;
        }
        if (mistakes(p) && !p->error) {
            p->mark = begin;
            p->stack_size = size;
            _PyParser_InvalidBlock(p);
        }
    }
    return p->error ? NULL : result;
}

asdl_stmt_seq *
_PyParser_Block(parser *p)
{
    int begin = p->mark;
    asdl_stmt_seq *result;
    if (!p->look_for_mistakes) {
        if (!enter(p)) {
            return NULL;
        }
        result = block_raw(p);
        leave(p);
        return result;
    }
    if (_PyParser_Recall(p, RULE_BLOCK, &result)) {
        return result;
    }
    if (!enter(p)) {
        return NULL;
    }
    result = block_raw(p);
    leave(p);
    return _PyParser_Remember(p, RULE_BLOCK, begin, result);
}

/* -- Start rules --------------------------------------------------------- */

static asdl_type_ignore_seq *
collected_type_ignores(parser *p)
{
    int count = p->type_ignore_count;
    asdl_type_ignore_seq *result = checked(p, _Py_asdl_type_ignore_seq_new(count, p->arena));
    for (int i = 0; result != NULL && i < count; i++) {
        struct type_ignore *item = &p->type_ignores[i];
        PyObject *tag = _PyParser_SourceText(p, item->start, item->end);
        type_ignore_ty node = tag == NULL ? NULL : checked(p, _PyAST_TypeIgnore(item->lineno, tag, p->arena));
        if (node == NULL) {
            return NULL;
        }
        asdl_seq_SET(result, i, node);
    }
    return result;
}

static mod_ty
start_file(parser *p)
{
    asdl_stmt_seq *body = _PyParser_Statements(p);
    if (p->error) {
        return NULL;
    }
    if (body == NULL) {
        p->mark = 0;
        body = checked(p, _Py_asdl_stmt_seq_new(0, p->arena));
    }
    if (body == NULL || !accept(p, ENDMARKER)) {
        return NULL;
    }
    asdl_type_ignore_seq *ignores = collected_type_ignores(p);
    return ignores == NULL ? NULL : checked(p, _PyAST_Module(body, ignores, p->arena));
}

static mod_ty
start_interactive(parser *p)
{
    asdl_stmt_seq *body = NULL;
    int begin = p->mark, size = p->stack_size;
    stmt_ty compound = _PyParser_CompoundStmt(p);
    if (compound != NULL && accept(p, NEWLINE)) {
        body = _PyParser_Singleton(p, compound);
    }
    if (body == NULL && !p->error) {
        p->mark = begin;
        p->stack_size = size;
        body = _PyParser_SimpleStmts(p);
    }
    if (body == NULL && !p->error) {
        p->mark = begin;
        p->stack_size = size;
        if (accept(p, NEWLINE)) {
            stmt_ty pass = MAKE_EMPTY(Pass, begin);
            body = pass == NULL ? NULL : _PyParser_Singleton(p, pass);
        }
        else if (accept(p, ENDMARKER) && p->errcode != NULL) {
            *p->errcode = E_EOF;
        }
    }
    return body == NULL ? NULL : checked(p, _PyAST_Interactive(body, p->arena));
}

static mod_ty
start_eval(parser *p)
{
    expr_ty body = _PyParser_Expressions(p);
    if (body == NULL) {
        return NULL;
    }
    while (accept(p, NEWLINE)) {
    }
    return accept(p, ENDMARKER) ? checked(p, _PyAST_Expression(body, p->arena)) : NULL;
}

/* '(' [argument types] ')' '->' type, as type comments have it. */
static mod_ty
start_func_type(parser *p)
{
    int base = p->stack_size, stars = 0;
    if (!accept(p, LPAR)) {
        return NULL;
    }
    if (peek(p) != RPAR) {
        do {
            int kind = peek(p);
            if (kind == STAR || kind == DOUBLESTAR) {
                if (stars >= (kind == STAR ? 1 : 2)) {
                    return NULL;
                }
                stars = kind == STAR ? 1 : 2;
                p->mark++;
            }
            else if (stars > 0) {
                return NULL;
            }
            expr_ty type = _PyParser_Expression(p);
            if (type == NULL || !_PyParser_Push(p, type)) {
                return NULL;
            }
        } while (accept(p, COMMA));
    }
    asdl_expr_seq *types = accept(p, RPAR) && accept(p, RARROW) ? TAKE(expr, base) : NULL;
    expr_ty returns = types == NULL ? NULL : _PyParser_Expression(p);
    if (returns == NULL) {
        return NULL;
    }
    while (accept(p, NEWLINE)) {
    }
    return accept(p, ENDMARKER) ? checked(p, _PyAST_FunctionType(types, returns, p->arena)) : NULL;
}

mod_ty
_PyParser_Start(parser *p)
{
    switch (p->start_rule) {
        case Py_single_input: return start_interactive(p);
        case Py_eval_input: return start_eval(p);
        case Py_func_type_input: return start_func_type(p);
        default: return start_file(p);
    }
}

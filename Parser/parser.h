/* Parser: tokens to a syntax tree, by recursive descent.

   Two passes.  The first is fast: each function decides by the next token or two and gives up at the
   first token that fits nothing.  If it fails, the second pass parses the same tokens again in the
   order of the reference's grammar, with backtracking and memory (memo), and at the same places looks
   for known mistakes (the invalid_xxx functions, parser_invalid_*.c) so that the message is the one
   that users of the reference know.

   Conventions: a function returns NULL (or false) when its construct is not here; then the position is
   undefined and a caller with another choice resets it.  p->error means that an exception is set and
   nothing more may be tried.  All nodes live in p->arena.
   Locking: none; a parser belongs to one thread. */
#ifndef LADON_PARSER_PARSER_H
#define LADON_PARSER_PARSER_H

#include "Python.h"
#include "pycore_ast.h"
#include "pycore_parser.h"
#include "tokenizer.h"

#include <stdbool.h>

/* Names that are keywords in some places only. */
enum soft_keyword { SOFT_NONE, SOFT_MATCH, SOFT_CASE, SOFT_TYPE, SOFT_UNDERSCORE };

/* Rules whose outcome at a token is remembered in the second pass. */
enum memo_rule {
    RULE_EXPRESSION,
    RULE_STAR_EXPRESSION,
    RULE_STAR_NAMED_EXPRESSION,
    RULE_NAMED_EXPRESSION,
    RULE_INVALID_NAMED_EXPRESSION,
    RULE_INVALID_EXPRESSION,
    RULE_DISJUNCTION,
    RULE_INVERSION,
    RULE_BITWISE_OR,
    RULE_SUM,
    RULE_FACTOR,
    RULE_PRIMARY,
    RULE_TARGET_PRIMARY,
    RULE_ATOM,
    RULE_ARGUMENTS,
    RULE_ARGS,
    RULE_STRINGS,
    RULE_STAR_TARGETS,
    RULE_STAR_TARGET,
    RULE_TARGET_WITH_STAR_ATOM,
    RULE_DEL_TARGET,
    RULE_SIMPLE_STMT,
    RULE_BLOCK,
    RULE_LAMBDEF,
    RULE_FOR_IF_CLAUSES,
};

struct memo {
    struct memo *next;
    void *node;               /* NULL: the rule does not match here */
    int rule;
    int end;                  /* token behind the match */
};

struct token {
    int kind;
    enum soft_keyword soft;
    int level;                /* open brackets behind the token */
    int lineno;
    int col_offset;           /* bytes; -1 if the token has no text */
    int end_lineno;
    int end_col_offset;
    Py_ssize_t start;         /* offsets into the source */
    Py_ssize_t end;
    struct memo *memo;
};

struct type_ignore {
    int lineno;
    Py_ssize_t start, end;
};

/* Behaviour that compile() flags ask for. */
enum parser_flags {
    PARSE_DONT_IMPLY_DEDENT = 0x0002,
    PARSE_BARRY_AS_BDFL = 0x0020,
    PARSE_TYPE_COMMENTS = 0x0040,
    PARSE_ALLOW_INCOMPLETE = 0x0100,
};

/* Identifiers seen recently, so that a name is made and interned once. */
enum { NAME_CACHE_SIZE = 512 };

typedef struct parser {
    tokenizer *tok;
    struct token *tokens;
    int fill;                 /* tokens read */
    int capacity;
    int mark;                 /* the next token */
    bool error;               /* an exception is set */
    bool look_for_mistakes;   /* second pass */
    bool without_invalid;     /* in the second pass: not here */
    int depth;                /* of recursion */
    PyArena *arena;

    int start_rule;           /* Py_file_input, ... */
    int flags;
    int feature_version;
    bool parsing_started;     /* Py_single_input: there is something to end with a NEWLINE */
    int *errcode;

    /* Items of the sequences under construction. */
    void **stack;
    int stack_size;
    int stack_capacity;

    struct type_ignore *type_ignores;
    int type_ignore_count;
    int type_ignore_capacity;

    PyObject *name_cache[NAME_CACHE_SIZE];
} parser;

/* -- Tokens (parser.c) --------------------------------------------------- */

/* Reads one more token; false with p->error set. */
extern bool _PyParser_FillToken(parser *p);

/* Kind of the next token; ERRORTOKEN if there is none for an error. */
static inline int
peek(parser *p)
{
    if (p->mark >= p->fill && !_PyParser_FillToken(p)) {
        return ERRORTOKEN;
    }
    return p->tokens[p->mark].kind;
}

/* Kind of the token behind the next one, which must have been peeked at. */
static inline int
peek_second(parser *p)
{
    if (p->mark + 1 >= p->fill && !_PyParser_FillToken(p)) {
        return ERRORTOKEN;
    }
    return p->tokens[p->mark + 1].kind;
}

static inline bool
accept(parser *p, int kind)
{
    if (peek(p) != kind) {
        return false;
    }
    p->mark++;
    return true;
}

/* The next token; only after peek(). */
static inline struct token *
token_here(parser *p)
{
    return &p->tokens[p->mark];
}

/* The token just taken. */
static inline struct token *
token_before(parser *p)
{
    return &p->tokens[p->mark - 1];
}

static inline struct token *
accept_token(parser *p, int kind)
{
    return accept(p, kind) ? token_before(p) : NULL;
}

static inline enum soft_keyword
peek_soft(parser *p)
{
    return peek(p) == NAME ? token_here(p)->soft : SOFT_NONE;
}

static inline bool
accept_soft(parser *p, enum soft_keyword soft)
{
    if (peek_soft(p) != soft) {
        return false;
    }
    p->mark++;
    return true;
}

/* Are mistakes looked for here? */
static inline bool
mistakes(const parser *p)
{
    return p->look_for_mistakes && !p->without_invalid;
}

/* The kind must come next; the second pass tells "expected 'x'" if it does not. */
extern bool _PyParser_Require(parser *p, int kind, const char *text);

/* Position arguments of a constructor: from the token with index `begin` up to the last taken one. */
#define SPAN(begin)                                              \
    p->tokens[begin].lineno, p->tokens[begin].col_offset,        \
    token_before(p)->end_lineno, token_before(p)->end_col_offset, p->arena

/* The same from the start of a node. */
#define SPAN_FROM(node)                                          \
    (node)->lineno, (node)->col_offset,                          \
    token_before(p)->end_lineno, token_before(p)->end_col_offset, p->arena

/* The same up to the last token that is not layout: for compound statements. */
#define SPAN_TEXT(begin)                                         \
    p->tokens[begin].lineno, p->tokens[begin].col_offset,        \
    _PyParser_LastText(p)->end_lineno, _PyParser_LastText(p)->end_col_offset, p->arena
extern struct token *_PyParser_LastText(parser *p);

/* A failed allocation or constructor ends parsing. */
static inline void *
checked(parser *p, void *node)
{
    if (node == NULL) {
        p->error = true;
    }
    return node;
}

/* Identifiers: interned, held by the arena. */
extern PyObject *_PyParser_NewIdentifier(parser *p, const char *text, Py_ssize_t size);
extern PyObject *_PyParser_TokenIdentifier(parser *p, const struct token *token);
/* The token's text as a str held by the arena. */
extern PyObject *_PyParser_TokenText(parser *p, const struct token *token);
/* Text between two offsets of the source. */
extern PyObject *_PyParser_SourceText(parser *p, Py_ssize_t start, Py_ssize_t end);
/* The object now belongs to the arena; returns it, or NULL with p->error. */
extern PyObject *_PyParser_Keep(parser *p, PyObject *object);

static inline const char *
token_text(parser *p, const struct token *token)
{
    return p->tok->src + token->start;
}

/* -- Sequences ----------------------------------------------------------- */
/* base = p->stack_size; push...; take the items above base as a sequence of the type.  Whoever goes on
   after a function that failed sets stack_size back to what it was before, as it does with mark. */
extern bool _PyParser_Push(parser *p, void *item);
extern void *_PyParser_TakeSeq(parser *p, int base);

#define TAKE(type, base) ((asdl_##type##_seq *)_PyParser_TakeSeq(p, (base)))

/* One-item sequence. */
extern void *_PyParser_Singleton(parser *p, void *item);

/* -- Memo ---------------------------------------------------------------- */
/* True if the outcome is known: *node is set and the position moved. */
extern bool _PyParser_Recall(parser *p, enum memo_rule rule, void *node_out);
/* Remembers the outcome of a rule that began at token `begin`; returns node. */
extern void *_PyParser_Remember(parser *p, enum memo_rule rule, int begin, void *node);

/* -- Recursion ----------------------------------------------------------- */
extern bool _PyParser_TooDeep(parser *p);

/* Counts one level of recursion; false, with MemoryError, if there are too many. */
static inline bool
enter(parser *p)
{
    return ++p->depth <= 4000 || _PyParser_TooDeep(p);
}

static inline void
leave(parser *p)
{
    p->depth--;
}

/* -- Grammar ------------------------------------------------------------- */
/* parser_expr.c, parser_atom.c, parser_call.c */
extern expr_ty _PyParser_Expression(parser *p);
extern expr_ty _PyParser_ExpressionWithoutInvalid(parser *p);
extern expr_ty _PyParser_NamedExpression(parser *p);
extern expr_ty _PyParser_AssignmentExpression(parser *p);
extern expr_ty _PyParser_Expressions(parser *p);
extern expr_ty _PyParser_StarExpression(parser *p);
extern expr_ty _PyParser_StarExpressions(parser *p);
extern expr_ty _PyParser_StarNamedExpression(parser *p);
extern asdl_expr_seq *_PyParser_StarNamedExpressions(parser *p);
extern expr_ty _PyParser_StarredExpression(parser *p);
extern expr_ty _PyParser_AnnotatedRhs(parser *p);
extern expr_ty _PyParser_YieldExpr(parser *p);
extern expr_ty _PyParser_Disjunction(parser *p);
extern expr_ty _PyParser_Inversion(parser *p);
extern expr_ty _PyParser_BitwiseOr(parser *p);
extern expr_ty _PyParser_Sum(parser *p);
extern expr_ty _PyParser_Factor(parser *p);
extern expr_ty _PyParser_Primary(parser *p);
extern expr_ty _PyParser_Atom(parser *p);
extern expr_ty _PyParser_Tuple(parser *p);
extern expr_ty _PyParser_List(parser *p);
extern expr_ty _PyParser_Genexp(parser *p);
extern expr_ty _PyParser_Slices(parser *p);
extern asdl_comprehension_seq *_PyParser_ForIfClauses(parser *p);
extern expr_ty _PyParser_Name(parser *p, expr_context_ty ctx);
extern expr_ty _PyParser_Number(parser *p);
extern bool _PyParser_KeyValue(parser *p, expr_ty *key, expr_ty *value);
extern bool _PyParser_DoubleStarredKeyValue(parser *p, expr_ty *key, expr_ty *value);

/* Arguments of a call (parser_call.c): a Call node whose func is a dummy. */
extern expr_ty _PyParser_Arguments(parser *p);
extern expr_ty _PyParser_Args(parser *p);
/* Pushes (keyword or NULL, starred expression or NULL) pairs. */
extern bool _PyParser_Kwargs(parser *p);
/* First pass: a call of `func`, which began at token `begin`; the position is at the parenthesis. */
extern expr_ty _PyParser_CallFast(parser *p, int begin, expr_ty func);
/* [assignment expression or expression] not followed by '=', or a starred expression. */
extern expr_ty _PyParser_PositionalArgument(parser *p);

/* Parameters (parser_params.c). */
extern arguments_ty _PyParser_Params(parser *p);          /* of def: also if there are none */
extern arguments_ty _PyParser_LambdaParams(parser *p);
extern expr_ty _PyParser_Lambda(parser *p);
extern asdl_type_param_seq *_PyParser_TypeParams(parser *p);

/* Targets (parser_targets.c). */
extern expr_ty _PyParser_StarTargets(parser *p);
extern expr_ty _PyParser_StarTarget(parser *p);
extern expr_ty _PyParser_SingleTarget(parser *p);
extern expr_ty _PyParser_SingleSubscriptAttributeTarget(parser *p);
extern asdl_expr_seq *_PyParser_DelTargets(parser *p);
extern expr_ty _PyParser_TargetPrimary(parser *p);
/* A copy of the node, and of the parts of a tuple, list or starred one, with that context. */
extern expr_ty _PyParser_SetContext(parser *p, expr_ty node, expr_context_ty ctx);
/* Makes a Load expression a target in place; false if it cannot be one. */
extern bool _PyParser_MakeTarget(parser *p, expr_ty node);

/* Strings (parser_strings.c, string_parser.c). */
extern expr_ty _PyParser_Strings(parser *p);
/* The value of a STRING token; *bytes_mode tells which. */
extern PyObject *_PyParser_StringValue(parser *p, const struct token *token, bool *bytes_mode);
/* Text of an f- or t-string part, with escapes decoded unless raw. */
extern PyObject *_PyParser_DecodeText(parser *p, bool raw, const char *text, Py_ssize_t size,
                                      const struct token *token);

/* Patterns (parser_pattern.c). */
extern stmt_ty _PyParser_MatchStmt(parser *p);
extern pattern_ty _PyParser_Patterns(parser *p);
extern pattern_ty _PyParser_OrPattern(parser *p);
extern expr_ty _PyParser_SubjectExpr(parser *p);
extern expr_ty _PyParser_NameOrAttr(parser *p);
extern bool _PyParser_Guard(parser *p, expr_ty *guard);
extern asdl_pattern_seq *_PyParser_PositionalPatterns(parser *p);
extern bool _PyParser_KeywordPatterns(parser *p);

/* Statements (parser_simple.c, parser_compound.c). */
extern mod_ty _PyParser_Start(parser *p);
extern asdl_stmt_seq *_PyParser_Statements(parser *p);
extern asdl_stmt_seq *_PyParser_SimpleStmts(parser *p);
extern stmt_ty _PyParser_SimpleStmt(parser *p);
extern asdl_stmt_seq *_PyParser_Block(parser *p);

extern stmt_ty _PyParser_CompoundStmt(parser *p);
extern excepthandler_ty _PyParser_ExceptBlock(parser *p, bool star);
extern bool _PyParser_AugAssign(parser *p, operator_ty *op);
extern expr_ty _PyParser_DottedName(parser *p);
extern asdl_alias_seq *_PyParser_ImportFromAsNames(parser *p);
extern PyObject *_PyParser_TypeCommentText(parser *p);

/* -- Errors (parser_errors.c) -------------------------------------------- */
/* All set p->error and return NULL.  Positions are those of the tree: lines from 1, byte columns
   from 0; CURRENT_POS as an end means where the tokenizer stands. */
enum { CURRENT_POS = -5 };

extern void *_PyParser_RaiseAt(parser *p, PyObject *type, int lineno, int col, int end_lineno, int end_col,
                               const char *format, ...);
/* At the last token that was read (use_mark: at the next one). */
extern void *_PyParser_Raise(parser *p, PyObject *type, bool use_mark, const char *format, ...);

#define RAISE_SYNTAX_ERROR(...) _PyParser_Raise(p, PyExc_SyntaxError, false, __VA_ARGS__)
#define RAISE_INDENTATION_ERROR(...) _PyParser_Raise(p, PyExc_IndentationError, false, __VA_ARGS__)
#define RAISE_ON_NEXT_TOKEN(...) _PyParser_Raise(p, PyExc_SyntaxError, true, __VA_ARGS__)
/* From the start of a to the end of b; both are nodes or tokens. */
#define RAISE_RANGE(a, b, ...)                                                              \
    _PyParser_RaiseAt(p, PyExc_SyntaxError, (a)->lineno, (a)->col_offset, (b)->end_lineno,  \
                      (b)->end_col_offset, __VA_ARGS__)
#define RAISE_AT(a, ...) RAISE_RANGE(a, a, __VA_ARGS__)
#define RAISE_STARTING_FROM(a, ...)                                                         \
    _PyParser_RaiseAt(p, PyExc_SyntaxError, (a)->lineno, (a)->col_offset, CURRENT_POS,      \
                      CURRENT_POS, __VA_ARGS__)

/* False, with a SyntaxError, if the syntax is newer than the version asked for. */
extern bool _PyParser_CheckVersion(parser *p, int minor, const char *what);
/* A tokenizer's failure becomes an exception. */
extern void _PyParser_TokenizerError(parser *p);
extern void _PyParser_UnclosedBracket(parser *p);
/* The exception for a failed second pass. */
extern void _PyParser_GenericError(parser *p, struct token *last_token);
/* Reads the rest of the source: an error in it is more important than the one set. */
extern void _PyParser_CheckRest(parser *p);
/* What messages call the expression. */
extern const char *_PyParser_ExprName(expr_ty expr);
/* Warns at a place; 0, or -1 with p->error set. */
extern int _PyParser_WarnInvalidEscape(parser *p, const char *first_invalid, const struct token *token);

enum target_kind { STAR_TARGETS, DEL_TARGETS, FOR_TARGETS };
/* The innermost part that cannot be a target, or NULL. */
extern expr_ty _PyParser_InvalidTarget(expr_ty expr, enum target_kind kind);
/* Raises for that part; NULL without an error if all of it can. */
extern void *_PyParser_RaiseInvalidTarget(parser *p, enum target_kind kind, expr_ty expr);

/* -- Mistakes (parser_invalid_expr.c, parser_invalid_stmt.c) ------------- */
/* Each raises if it sees its mistake at the position, and leaves the position as it was. */
extern void _PyParser_InvalidExpression(parser *p);
extern void _PyParser_InvalidLegacyExpression(parser *p);
extern void _PyParser_InvalidNamedExpression(parser *p);
extern void _PyParser_InvalidArguments(parser *p);
extern void _PyParser_InvalidKwarg(parser *p);
extern void _PyParser_InvalidStarredUnpacking(parser *p);
extern void _PyParser_InvalidStarred(parser *p);
extern void _PyParser_InvalidComprehension(parser *p);
extern void _PyParser_InvalidDictComprehension(parser *p);
extern void _PyParser_InvalidGroup(parser *p);
extern void _PyParser_InvalidKvpairs(parser *p);
extern void _PyParser_InvalidForIfClause(parser *p);
extern void _PyParser_InvalidForTarget(parser *p);
extern void _PyParser_InvalidArithmetic(parser *p);
extern void _PyParser_InvalidFactor(parser *p);
extern void _PyParser_InvalidReplacementField(parser *p, bool template);
extern void _PyParser_InvalidTstringConcat(parser *p);
extern void _PyParser_InvalidParameters(parser *p, bool lambda);
extern void _PyParser_InvalidStarEtc(parser *p, bool lambda);
extern void _PyParser_InvalidKwds(parser *p, bool lambda);
extern void _PyParser_InvalidDefault(parser *p);
extern void _PyParser_InvalidTypeParam(parser *p);
extern void _PyParser_InvalidAssignment(parser *p);
extern void _PyParser_InvalidBlock(parser *p);
extern void _PyParser_InvalidDel(parser *p);
extern void _PyParser_InvalidImport(parser *p);
extern void _PyParser_InvalidImportTarget(parser *p, bool dotted);
extern void _PyParser_InvalidImportFromTargets(parser *p);
extern void _PyParser_InvalidWithItem(parser *p);
extern void _PyParser_InvalidWith(parser *p);
extern void _PyParser_InvalidWithIndent(parser *p);
extern void _PyParser_InvalidTry(parser *p);
extern void _PyParser_InvalidExcept(parser *p, bool star);
extern void _PyParser_InvalidExceptIndent(parser *p, bool star);
extern void _PyParser_InvalidFinally(parser *p);
extern void _PyParser_InvalidMatch(parser *p);
extern void _PyParser_InvalidCase(parser *p);
extern void _PyParser_InvalidAsPattern(parser *p);
extern void _PyParser_InvalidClassPattern(parser *p);
extern void _PyParser_InvalidIf(parser *p, int keyword);
extern void _PyParser_InvalidElse(parser *p);
extern void _PyParser_InvalidFor(parser *p);
extern void _PyParser_InvalidDef(parser *p);
extern void _PyParser_InvalidClass(parser *p);
extern void _PyParser_InvalidDoubleTypeComments(parser *p);

#endif

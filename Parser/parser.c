/* Parser: tokens, names, sequences, memory of the second pass, and the entry points. */
#include "Python.h"
#include "parser.h"
#include "pycore_pyerrors.h"  // PyExc_IncompleteInputError
#include "errcode.h"          // E_EOF

#include <stddef.h>

/* -- Keywords ------------------------------------------------------------ */

struct keyword {
    unsigned char size;
    int kind;
    const char *text;
};

static const struct keyword keywords[] = {
#define KEYWORD(name, text) {sizeof(text) - 1, name, text},
#include "tokens.def"
};

/* For each first character the keywords that start with it: index of the first one, plus 1.  The
   table is in alphabetical order, so they stand together. */
static const unsigned char *
keyword_index(void)
{
    static const unsigned char index[128] = {
        ['F'] = 1, ['N'] = 2, ['T'] = 3, ['a'] = 4, ['b'] = 9, ['c'] = 10, ['d'] = 12, ['e'] = 14,
        ['f'] = 17, ['g'] = 20, ['i'] = 21, ['l'] = 25, ['n'] = 26, ['o'] = 28, ['p'] = 29,
        ['r'] = 30, ['t'] = 32, ['w'] = 33, ['y'] = 35,
    };
    return index;
}

/* Kind of a name: a keyword's, or NAME with *soft. */
static int
classify_name(const char *text, Py_ssize_t size, enum soft_keyword *soft)
{
    *soft = SOFT_NONE;
    unsigned char first = (unsigned char)text[0];
    if (size < 2 || size > 8 || first >= 128) {
        if (size == 1 && first == '_') {
            *soft = SOFT_UNDERSCORE;
        }
        return NAME;
    }
    int i = keyword_index()[first];
    if (i != 0) {
        const struct keyword *k = &keywords[i - 1];
        for (; k < keywords + Py_ARRAY_LENGTH(keywords) && k->text[0] == (char)first; k++) {
            if (k->size == size && memcmp(k->text, text, size) == 0) {
                return k->kind;
            }
        }
    }
    if (size == 5 && memcmp(text, "match", 5) == 0) {
        *soft = SOFT_MATCH;
    }
    else if (size == 4 && memcmp(text, "case", 4) == 0) {
        *soft = SOFT_CASE;
    }
    else if (size == 4 && memcmp(text, "type", 4) == 0) {
        *soft = SOFT_TYPE;
    }
    return NAME;
}

/* -- Tokens -------------------------------------------------------------- */

static bool
grow(void **array, int *capacity, size_t item_size, int minimum)
{
    int fresh_capacity = *capacity == 0 ? minimum : *capacity * 2;
    void *fresh = (size_t)fresh_capacity > (size_t)INT_MAX / item_size
                      ? NULL : PyMem_Realloc(*array, fresh_capacity * item_size);
    if (fresh == NULL) {
        PyErr_NoMemory();
        return false;
    }
    *array = fresh;
    *capacity = fresh_capacity;
    return true;
}

static bool
add_type_ignore(parser *p, const struct tok_token *token)
{
    if (p->type_ignore_count == p->type_ignore_capacity &&
        !grow((void **)&p->type_ignores, &p->type_ignore_capacity, sizeof(struct type_ignore), 16)) {
        return false;
    }
    p->type_ignores[p->type_ignore_count++] =
        (struct type_ignore){token->lineno, token->start, token->end};
    return true;
}

/* At the end of one interactive statement a NEWLINE, and the DEDENTs, are made up. */
static void
finish_single_input(parser *p, struct tok_token *token)
{
    if (token->kind == ENDMARKER && p->parsing_started) {
        token->kind = NEWLINE;
        p->parsing_started = false;
        if (p->tok->indent && !(p->flags & PARSE_DONT_IMPLY_DEDENT)) {
            p->tok->pending = -p->tok->indent;
            p->tok->indent = 0;
        }
    }
    else {
        p->parsing_started = true;
    }
}

bool
_PyParser_FillToken(parser *p)
{
    if (p->error) {
        return false;
    }
    if (p->fill == p->capacity &&
        !grow((void **)&p->tokens, &p->capacity, sizeof(struct token), 256)) {
        p->error = true;
        return false;
    }
    struct tok_token read;
    for (;;) {
        _PyTokenizer_Next(p->tok, &read);
        if (read.kind != TYPE_IGNORE) {
            break;
        }
        if (!add_type_ignore(p, &read)) {
            p->error = true;
            return false;
        }
    }
    if (p->start_rule == Py_single_input) {
        finish_single_input(p, &read);
    }
    struct token *token = &p->tokens[p->fill++];
    token->soft = SOFT_NONE;
    token->kind = read.kind == NAME ? classify_name(p->tok->src + read.start, read.end - read.start, &token->soft)
                                    : read.kind;
    token->level = read.level;
    token->lineno = read.lineno;
    token->end_lineno = read.end_lineno;
    token->col_offset = (int)read.col;
    token->end_col_offset = (int)read.end_col;
    token->start = read.start;
    token->end = read.end;
    token->memo = NULL;
    if (read.kind == ERRORTOKEN) {
        _PyParser_TokenizerError(p);
        p->error = true;
        return false;
    }
    return true;
}

bool
_PyParser_Require(parser *p, int kind, const char *text)
{
    if (p->error) {
        return false;
    }
    if (accept(p, kind)) {
        return true;
    }
    if (p->look_for_mistakes && !p->error) {
        RAISE_AT(token_here(p), "expected '%s'", text);
    }
    return false;
}

struct token *
_PyParser_LastText(parser *p)
{
    int i = p->mark - 1;
    while (i > 0 && (p->tokens[i].kind == ENDMARKER ||
                     (p->tokens[i].kind >= NEWLINE && p->tokens[i].kind <= DEDENT))) {
        i--;
    }
    return &p->tokens[i];
}

/* -- Names and texts ----------------------------------------------------- */

PyObject *
_PyParser_Keep(parser *p, PyObject *object)
{
    if (object == NULL) {
        p->error = true;
        return NULL;
    }
    if (_PyArena_AddPyObject(p->arena, object) < 0) {
        Py_DECREF(object);
        p->error = true;
        return NULL;
    }
    return object;
}

/* Names outside ASCII are compared in normal form KC. */
static PyObject *
normalize_identifier(PyObject *name)
{
    PyObject *normalize = PyImport_ImportModuleAttrString("unicodedata", "normalize");
    if (normalize == NULL) {
        Py_DECREF(name);
        return NULL;
    }
    PyObject *result = PyObject_CallFunction(normalize, "sO", "NFKC", name);
    Py_DECREF(normalize);
    Py_DECREF(name);
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError, "unicodedata.normalize() must return a string, not %.200s",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

PyObject *
_PyParser_NewIdentifier(parser *p, const char *text, Py_ssize_t size)
{
    uint32_t hash = (uint32_t)size;
    for (Py_ssize_t i = 0; i < size; i++) {
        hash = hash * 31 + (unsigned char)text[i];
    }
    hash ^= hash >> 15;
    PyObject **slot = &p->name_cache[hash % NAME_CACHE_SIZE];
    if (*slot != NULL && PyUnicode_IS_COMPACT_ASCII(*slot) && PyUnicode_GET_LENGTH(*slot) == size &&
        memcmp(PyUnicode_1BYTE_DATA(*slot), text, size) == 0) {
        return *slot;
    }
    PyObject *name = PyUnicode_DecodeUTF8(text, size, NULL);
    if (name != NULL && !PyUnicode_IS_ASCII(name)) {
        name = normalize_identifier(name);
    }
    if (name != NULL) {
        PyUnicode_InternInPlace(&name);
    }
    if (_PyParser_Keep(p, name) != NULL) {
        *slot = name;
        return name;
    }
    return NULL;
}

PyObject *
_PyParser_TokenIdentifier(parser *p, const struct token *token)
{
    return _PyParser_NewIdentifier(p, token_text(p, token), token->end - token->start);
}

PyObject *
_PyParser_SourceText(parser *p, Py_ssize_t start, Py_ssize_t end)
{
    return _PyParser_Keep(p, PyUnicode_DecodeUTF8(p->tok->src + start, end - start, NULL));
}

PyObject *
_PyParser_TokenText(parser *p, const struct token *token)
{
    return _PyParser_SourceText(p, token->start, token->end);
}

/* -- Sequences ----------------------------------------------------------- */

bool
_PyParser_Push(parser *p, void *item)
{
    if (p->stack_size == p->stack_capacity &&
        !grow((void **)&p->stack, &p->stack_capacity, sizeof(void *), 256)) {
        p->error = true;
        return false;
    }
    p->stack[p->stack_size++] = item;
    return true;
}

void *
_PyParser_TakeSeq(parser *p, int base)
{
    int size = p->stack_size - base;
    asdl_generic_seq *seq = checked(p, _Py_asdl_generic_seq_new(size, p->arena));
    if (seq != NULL && size > 0) {
        memcpy(seq->typed_elements, p->stack + base, size * sizeof(void *));
    }
    p->stack_size = base;
    return seq;
}

void *
_PyParser_Singleton(parser *p, void *item)
{
    asdl_generic_seq *seq = checked(p, _Py_asdl_generic_seq_new(1, p->arena));
    if (seq != NULL) {
        seq->typed_elements[0] = item;
    }
    return seq;
}

/* -- Memo ---------------------------------------------------------------- */

bool
_PyParser_Recall(parser *p, enum memo_rule rule, void *node_out)
{
    if (p->mark >= p->fill && !_PyParser_FillToken(p)) {
        *(void **)node_out = NULL;
        return true;
    }
    for (struct memo *memo = p->tokens[p->mark].memo; memo != NULL; memo = memo->next) {
        if (memo->rule == (int)rule) {
            p->mark = memo->end;
            *(void **)node_out = memo->node;
            return true;
        }
    }
    return false;
}

void *
_PyParser_Remember(parser *p, enum memo_rule rule, int begin, void *node)
{
    if (p->error) {
        return NULL;
    }
    struct memo *memo = checked(p, _PyArena_Malloc(p->arena, sizeof(*memo)));
    if (memo == NULL) {
        return NULL;
    }
    *memo = (struct memo){p->tokens[begin].memo, node, rule, p->mark};
    p->tokens[begin].memo = memo;
    return node;
}

bool
_PyParser_TooDeep(parser *p)
{
    if (!p->error) {
        PyErr_SetString(PyExc_MemoryError, "Parser stack overflowed - Python source too complex to parse");
        p->error = true;
    }
    return false;
}

/* -- Running ------------------------------------------------------------- */

/* Text behind a single statement, other than comments? */
static bool
more_than_one_statement(parser *p)
{
    const char *c = p->tok->cur;
    for (;;) {
        while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\014') {
            c++;
        }
        if (*c == '\0') {
            return false;
        }
        if (*c != '#') {
            return true;
        }
        while (*c != '\0' && *c != '\n') {
            c++;
        }
    }
}

static void
second_pass(parser *p)
{
    p->mark = 0;
    p->depth = 0;
    p->stack_size = 0;
    p->look_for_mistakes = true;
    p->without_invalid = false;
    p->tok->stop_interactive = true;
    for (int i = 0; i < p->fill; i++) {
        p->tokens[i].memo = NULL;
    }
    _PyParser_Start(p);
}

static mod_ty
run(parser *p)
{
    mod_ty tree = _PyParser_Start(p);
    if (tree != NULL && !p->error) {
        if (p->start_rule == Py_single_input && more_than_one_statement(p)) {
            return RAISE_SYNTAX_ERROR("multiple statements found while compiling a single statement");
        }
        return tree;
    }
    if ((p->flags & PARSE_ALLOW_INCOMPLETE) && (p->tok->status == TOK_EOF || p->tok->ended_in_string)) {
        PyErr_Clear();
        p->error = false;
        return _PyParser_Raise(p, PyExc_IncompleteInputError, false, "incomplete input");
    }
    if (PyErr_Occurred()) {
        if (p->tok->status == TOK_OK && PyErr_ExceptionMatches(PyExc_SyntaxError)) {
            _PyParser_CheckRest(p);
        }
        return NULL;
    }
    int last = p->fill - 1;
    second_pass(p);
    _PyParser_GenericError(p, last >= 0 ? &p->tokens[last] : NULL);
    return NULL;
}

static void
parser_init(parser *p, tokenizer *tok, int mode, PyCompilerFlags *flags, int *errcode, PyArena *arena)
{
    memset(p, 0, sizeof(*p));
    p->tok = tok;
    p->arena = arena;
    p->start_rule = mode;
    p->errcode = errcode;
    p->feature_version = PY_MINOR_VERSION;
    if (flags != NULL) {
        int cf = flags->cf_flags;
        if (cf & PyCF_DONT_IMPLY_DEDENT) {
            p->flags |= PARSE_DONT_IMPLY_DEDENT;
        }
        if (cf & CO_FUTURE_BARRY_AS_BDFL) {
            p->flags |= PARSE_BARRY_AS_BDFL;
        }
        if (cf & PyCF_TYPE_COMMENTS) {
            p->flags |= PARSE_TYPE_COMMENTS;
        }
        if (cf & PyCF_ALLOW_INCOMPLETE_INPUT) {
            p->flags |= PARSE_ALLOW_INCOMPLETE;
        }
        if (cf & PyCF_ONLY_AST) {
            p->feature_version = flags->cf_feature_version;
        }
    }
    tok->type_comments = (p->flags & PARSE_TYPE_COMMENTS) != 0;
}

static mod_ty
run_tokenizer(tokenizer *tok, int mode, PyCompilerFlags *flags, int *errcode, PyArena *arena)
{
    parser *p = PyMem_Malloc(sizeof(parser));
    if (p == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    parser_init(p, tok, mode, flags, errcode, arena);
    mod_ty tree = run(p);
    assert(tree != NULL || PyErr_Occurred());
    PyMem_Free(p->tokens);
    PyMem_Free(p->stack);
    PyMem_Free(p->type_ignores);
    PyMem_Free(p);
    return tree;
}

/* -- Entry points -------------------------------------------------------- */

mod_ty
_PyParser_ASTFromString(const char *str, PyObject *filename, int mode, PyCompilerFlags *flags, PyArena *arena)
{
    if (PySys_Audit("compile", "yO", str, filename) < 0) {
        return NULL;
    }
    bool utf8 = flags != NULL && (flags->cf_flags & PyCF_IGNORE_COOKIE) != 0;
    tokenizer *tok = _PyTokenizer_FromString(str, mode == Py_file_input, utf8, filename);
    if (tok == NULL) {
        return NULL;
    }
    mod_ty tree = run_tokenizer(tok, mode, flags, NULL, arena);
    _PyTokenizer_Free(tok);
    return tree;
}

mod_ty
_PyParser_InteractiveASTFromFile(FILE *fp, PyObject *filename_ob, const char *enc, int mode, const char *ps1,
                                 const char *ps2, PyCompilerFlags *flags, int *errcode,
                                 PyObject **interactive_source, PyArena *arena)
{
    if (PySys_Audit("compile", "OO", Py_None, filename_ob) < 0) {
        return NULL;
    }
    tokenizer *tok = _PyTokenizer_FromFile(fp, enc, ps1, ps2, filename_ob);
    if (tok == NULL) {
        return NULL;
    }
    mod_ty tree = run_tokenizer(tok, mode, flags, errcode, arena);
    if (tree != NULL && interactive_source != NULL && tok->prompt != NULL) {
        *interactive_source = PyUnicode_DecodeUTF8(tok->src, tok->len, "replace");
        if (*interactive_source == NULL) {
            tree = NULL;
        }
    }
    _PyTokenizer_Free(tok);
    return tree;
}

mod_ty
_PyParser_ASTFromFile(FILE *fp, PyObject *filename_ob, const char *enc, int mode, const char *ps1,
                      const char *ps2, PyCompilerFlags *flags, int *errcode, PyArena *arena)
{
    return _PyParser_InteractiveASTFromFile(fp, filename_ob, enc, mode, ps1, ps2, flags, errcode, NULL, arena);
}

/* Parser: adjacent string literals, f-strings and t-strings. */
#include "Python.h"
#include "parser.h"

#define MAKE(name, begin, ...) checked(p, _PyAST_##name(__VA_ARGS__, SPAN(begin)))

/* -- Parts of f- and t-strings ------------------------------------------- */

static bool
is_string_constant(expr_ty expr)
{
    return expr->kind == Constant_kind && PyUnicode_CheckExact(expr->v.Constant.value);
}

static bool
is_empty_constant(expr_ty expr)
{
    return is_string_constant(expr) && PyUnicode_GET_LENGTH(expr->v.Constant.value) == 0;
}

/* Pushes the literal text of a MIDDLE token, unless it is empty. */
static bool
push_middle(parser *p, bool raw)
{
    int begin = p->mark++;
    const struct token *token = &p->tokens[begin];
    const char *text = token_text(p, token);
    Py_ssize_t size = token->end - token->start;
    PyObject *value = _PyParser_DecodeText(p, raw, text, size, token);
    if (value == NULL) {
        return false;
    }
    if (PyUnicode_GET_LENGTH(value) == 0) {
        return true;
    }
    token = &p->tokens[begin];
    text = token_text(p, token);
    /* Of a doubled brace the token holds one; the node spans both. */
    bool doubled = size > 0 && (text[size - 1] == '{' || text[size - 1] == '}') && text[size] == text[size - 1];
    expr_ty node = checked(p, _PyAST_Constant(value, NULL, token->lineno, token->col_offset, token->end_lineno,
                                              token->end_col_offset + doubled, p->arena));
    return node != NULL && _PyParser_Push(p, node);
}

/* Joins neighbouring str constants among the items above `base`; the rest stays.  Empty ones vanish. */
static bool
join_constants(parser *p, int base)
{
    int out = base;
    for (int i = base; i < p->stack_size; i++) {
        expr_ty item = p->stack[i];
        if (!is_string_constant(item)) {
            p->stack[out++] = item;
            continue;
        }
        int last = i;
        while (last + 1 < p->stack_size && is_string_constant(p->stack[last + 1])) {
            last++;
        }
        if (last > i) {
            PyObject *joined = PyUnicode_FromStringAndSize(NULL, 0);
            for (int k = i; k <= last && joined != NULL; k++) {
                PyUnicode_Append(&joined, ((expr_ty)p->stack[k])->v.Constant.value);
            }
            if (_PyParser_Keep(p, joined) == NULL) {
                return false;
            }
            expr_ty end = p->stack[last];
            item = checked(p, _PyAST_Constant(joined, item->v.Constant.kind, item->lineno, item->col_offset,
                                              end->end_lineno, end->end_col_offset, p->arena));
            if (item == NULL) {
                return false;
            }
        }
        i = last;
        if (!is_empty_constant(item)) {
            p->stack[out++] = item;
        }
    }
    p->stack_size = out;
    return true;
}

/* Source of an expression without the comments in it: a new str held by the arena. */
static PyObject *
text_without_comments(parser *p, Py_ssize_t start, Py_ssize_t end)
{
    const char *text = p->tok->src + start;
    Py_ssize_t size = end - start;
    if (memchr(text, '#', size) == NULL) {
        return _PyParser_SourceText(p, start, end);
    }
    char *copy = PyMem_Malloc(size + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        p->error = true;
        return NULL;
    }
    Py_ssize_t used = 0;
    char quote = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        char c = text[i];
        if (quote == 0 && c == '#') {
            while (i < size && text[i] != '\n') {
                i++;
            }
            if (i < size) {
                copy[used++] = '\n';
            }
            continue;
        }
        if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        }
        else if (quote == c) {
            quote = 0;
        }
        else if (quote != 0 && c == '\\' && i + 1 < size) {
            copy[used++] = c;
            c = text[++i];
        }
        copy[used++] = c;
    }
    PyObject *result = PyUnicode_DecodeUTF8(copy, used, NULL);
    PyMem_Free(copy);
    return _PyParser_Keep(p, result);
}

/* The text of t"{expression=}" without the '=' and what follows it. */
static PyObject *
strip_debug_mark(parser *p, PyObject *text)
{
    Py_ssize_t mark = PyUnicode_FindChar(text, '=', 0, PyUnicode_GET_LENGTH(text), -1);
    return _PyParser_Keep(p, PyUnicode_Substring(text, 0, mark));
}

/* '!' NAME: the conversion character, or -1 with p->error set or without. */
static int
conversion(parser *p, bool template)
{
    int mark = p->mark++;
    if (peek(p) != NAME) {
        return -1;
    }
    struct token *name = token_here(p), *exclamation = &p->tokens[mark];
    char letter = template ? 't' : 'f';
    if (exclamation->lineno != name->lineno || exclamation->end_col_offset != name->col_offset) {
        RAISE_RANGE(exclamation, name, "%c-string: conversion type must come right after the exclamation mark",
                    letter);
        return -1;
    }
    const char *text = token_text(p, name);
    p->mark++;
    if (name->end - name->start != 1 || strchr("sra", text[0]) == NULL) {
        PyObject *shown = _PyParser_TokenIdentifier(p, name);
        if (shown != NULL) {
            RAISE_AT(name, "%c-string: invalid conversion character %R: expected 's', 'r', or 'a'", letter, shown);
        }
        return -1;
    }
    return (unsigned char)text[0];
}

static bool push_replacement(parser *p, bool raw, bool template, bool in_spec);

/* ':' and what follows, up to the '}'; NULL if the text is not well-formed. */
static expr_ty
format_spec(parser *p, bool raw, bool template)
{
    int begin = p->mark++, base = p->stack_size;
    int middle = template ? TSTRING_MIDDLE : FSTRING_MIDDLE;
    for (;;) {
        int kind = peek(p);
        if (kind == middle) {
            if (!push_middle(p, raw)) {
                return NULL;
            }
        }
        else if (kind == LBRACE) {
            int here = p->mark, size = p->stack_size;
            if (!push_replacement(p, raw, template, true)) {
                p->mark = here;
                p->stack_size = size;
                break;
            }
        }
        else {
            break;
        }
    }
    if (p->error || !join_constants(p, base)) {
        return NULL;
    }
    asdl_expr_seq *values = TAKE(expr, base);
    return values == NULL ? NULL : MAKE(JoinedStr, begin, values);
}

/* Behind '{' expression. */
static bool
push_replacement_rest(parser *p, bool raw, bool template, bool in_spec, int begin, expr_ty value)
{
    bool debug = accept(p, EQUAL);
    int end = p->mark;
    int kind = peek(p), convert = -1;
    expr_ty spec = NULL;
    if (kind == EXCLAMATION) {
        convert = conversion(p, template);
        if (convert < 0) {
            return false;
        }
        kind = peek(p);
    }
    if (kind == COLON) {
        spec = format_spec(p, raw, template);
        if (spec == NULL) {
            return false;
        }
    }
    if (!accept(p, RBRACE)) {
        return false;
    }
    PyObject *text = NULL;
    bool interpolation = template && !in_spec;
    if (debug || interpolation) {
        text = text_without_comments(p, p->tokens[begin].end, p->tokens[end].start);
        if (text == NULL) {
            return false;
        }
    }
    if (debug) {
        expr_ty shown = checked(p, _PyAST_Constant(text, NULL, p->tokens[begin].lineno,
                                                   p->tokens[begin].col_offset + 1, p->tokens[end].lineno,
                                                   p->tokens[end].col_offset, p->arena));
        if (shown == NULL || !_PyParser_Push(p, shown)) {
            return false;
        }
        if (convert < 0 && spec == NULL) {
            convert = 'r';
        }
    }
    expr_ty node;
    if (interpolation) {
        if (debug && (text = strip_debug_mark(p, text)) == NULL) {
            return false;
        }
        node = MAKE(Interpolation, begin, value, text, convert, spec);
    }
    else {
        node = MAKE(FormattedValue, begin, value, convert, spec);
    }
    return node != NULL && _PyParser_Push(p, node);
}

/* '{' expression ['='] ['!' conversion] [':' spec] '}'.  In a format spec, also that of a t-string, the
   fields are those of f-strings. */
static bool
push_replacement(parser *p, bool raw, bool template, bool in_spec)
{
    int begin = p->mark++;
    expr_ty value = _PyParser_AnnotatedRhs(p);
    if (value != NULL && push_replacement_rest(p, raw, template, in_spec, begin, value)) {
        return true;
    }
    if (mistakes(p) && !p->error) {
        p->mark = begin;
        _PyParser_InvalidReplacementField(p, template);
    }
    return false;
}

/* A whole f- or t-string. */
static expr_ty
fstring(parser *p)
{
    int begin = p->mark++, base = p->stack_size;
    const struct token *start = &p->tokens[begin];
    bool template = start->kind == TSTRING_START, raw = false;
    const char *text = token_text(p, start);
    for (; *text != '\'' && *text != '"'; text++) {
        raw |= *text == 'r' || *text == 'R';
    }
    if (!enter(p)) {
        return NULL;
    }
    int middle = template ? TSTRING_MIDDLE : FSTRING_MIDDLE;
    bool ok = true;
    for (;;) {
        int kind = peek(p);
        if (kind == middle) {
            ok = push_middle(p, raw);
        }
        else if (kind == LBRACE) {
            ok = push_replacement(p, raw, template, false);
        }
        else {
            break;
        }
        if (!ok) {
            break;
        }
    }
    leave(p);
    if (!ok || !accept(p, template ? TSTRING_END : FSTRING_END)) {
        return NULL;
    }
    asdl_expr_seq *values = TAKE(expr, base);
    if (values == NULL) {
        return NULL;
    }
    return template ? MAKE(TemplateStr, begin, values) : MAKE(JoinedStr, begin, values);
}

static expr_ty
plain_string(parser *p)
{
    int begin = p->mark++;
    bool bytes;
    PyObject *value = _PyParser_StringValue(p, &p->tokens[begin], &bytes);
    if (value == NULL) {
        return NULL;
    }
    PyObject *kind = NULL;
    if (*token_text(p, &p->tokens[begin]) == 'u') {
        kind = _PyParser_NewIdentifier(p, "u", 1);
        if (kind == NULL) {
            return NULL;
        }
    }
    return MAKE(Constant, begin, value, kind);
}

/* -- Concatenation ------------------------------------------------------- */

static expr_ty
join_bytes(parser *p, int begin, int base)
{
    PyObject *joined = PyBytes_FromStringAndSize(NULL, 0);
    for (int i = base; i < p->stack_size && joined != NULL; i++) {
        PyBytes_Concat(&joined, ((expr_ty)p->stack[i])->v.Constant.value);
    }
    p->stack_size = base;
    return _PyParser_Keep(p, joined) == NULL ? NULL : MAKE(Constant, begin, joined, NULL);
}

/* Literals above `base`: checks that bytes stand alone. */
static expr_ty
join_literals(parser *p, int begin, int base)
{
    int count = p->stack_size - base, bytes = 0;
    bool formatted = false, template = false;
    for (int i = base; i < p->stack_size; i++) {
        expr_ty item = p->stack[i];
        bytes += item->kind == Constant_kind && PyBytes_CheckExact(item->v.Constant.value);
        formatted |= item->kind == JoinedStr_kind;
        template |= item->kind == TemplateStr_kind;
    }
    if (bytes != 0) {
        if (bytes != count) {
            return RAISE_SYNTAX_ERROR("cannot mix bytes and nonbytes literals");
        }
        return count == 1 ? p->stack[--p->stack_size] : join_bytes(p, begin, base);
    }
    if (count == 1 && !formatted && !template) {
        return p->stack[--p->stack_size];
    }
    /* Replace each f-string by its parts, behind the literals, and move them down. */
    for (int i = base; i < base + count; i++) {
        expr_ty item = p->stack[i];
        if (item->kind == Constant_kind) {
            if (!_PyParser_Push(p, item)) {
                return NULL;
            }
            continue;
        }
        asdl_expr_seq *values = item->kind == JoinedStr_kind ? item->v.JoinedStr.values : item->v.TemplateStr.values;
        for (Py_ssize_t k = 0; k < asdl_seq_LEN(values); k++) {
            if (!_PyParser_Push(p, asdl_seq_GET(values, k))) {
                return NULL;
            }
        }
    }
    int parts = base + count;
    if (!formatted && !template) {
        /* Plain strings make one constant, be it empty. */
        expr_ty first = p->stack[parts];
        PyObject *joined = PyUnicode_FromStringAndSize(NULL, 0);
        for (int i = parts; i < p->stack_size && joined != NULL; i++) {
            PyUnicode_Append(&joined, ((expr_ty)p->stack[i])->v.Constant.value);
        }
        p->stack_size = base;
        return _PyParser_Keep(p, joined) == NULL ? NULL : MAKE(Constant, begin, joined, first->v.Constant.kind);
    }
    if (!join_constants(p, parts)) {
        return NULL;
    }
    asdl_expr_seq *values = TAKE(expr, parts);
    p->stack_size = base;
    if (values == NULL) {
        return NULL;
    }
    return template ? MAKE(TemplateStr, begin, values) : MAKE(JoinedStr, begin, values);
}

static expr_ty
strings_raw(parser *p)
{
    int begin = p->mark, base = p->stack_size;
    if (mistakes(p)) {
        _PyParser_InvalidTstringConcat(p);
        if (p->error) {
            return NULL;
        }
    }
    bool template = peek(p) == TSTRING_START;
    for (;;) {
        int here = p->mark, size = p->stack_size;
        int kind = peek(p);
        if (template ? kind != TSTRING_START : kind != STRING && kind != FSTRING_START) {
            break;
        }
        expr_ty item = kind == STRING ? plain_string(p) : fstring(p);
        if (item == NULL) {
            if (p->error || size == base) {
                return NULL;
            }
            p->mark = here;
            p->stack_size = size;
            break;
        }
        if (!_PyParser_Push(p, item)) {
            return NULL;
        }
    }
    if (p->error) {
        return NULL;
    }
    if (template && !_PyParser_CheckVersion(p, 14, "t-strings are")) {
        return NULL;
    }
    return join_literals(p, begin, base);
}

expr_ty
_PyParser_Strings(parser *p)
{
    int begin = p->mark;
    expr_ty result;
    if (!p->look_for_mistakes) {
        return strings_raw(p);
    }
    if (_PyParser_Recall(p, RULE_STRINGS, &result)) {
        return result;
    }
    return _PyParser_Remember(p, RULE_STRINGS, begin, strings_raw(p));
}

/* -- Mistakes ------------------------------------------------------------ */

/* Literals up to one of the other kind: t-strings go with t-strings only. */
void
_PyParser_InvalidTstringConcat(parser *p)
{
    int begin = p->mark, size = p->stack_size;
    bool template = peek(p) == TSTRING_START;
    for (;;) {
        int kind = peek(p);
        if (kind != STRING && kind != FSTRING_START && kind != TSTRING_START) {
            break;
        }
        expr_ty item = kind == STRING ? plain_string(p) : fstring(p);
        if (item == NULL) {
            break;
        }
        if ((kind == TSTRING_START) != template) {
            RAISE_RANGE(&p->tokens[begin], token_before(p),
                        "cannot mix t-string literals with string or bytes literals");
            break;
        }
    }
    p->mark = begin;
    p->stack_size = size;
}

static bool
is_field_end(int kind)
{
    return kind == EXCLAMATION || kind == COLON || kind == RBRACE;
}

static void
invalid_conversion_character(parser *p, char letter)
{
    int kind = peek(p);
    if (kind == COLON || kind == RBRACE) {
        RAISE_ON_NEXT_TOKEN("%c-string: missing conversion character", letter);
    }
    else if (kind != NAME && !p->error) {
        RAISE_ON_NEXT_TOKEN("%c-string: invalid conversion character", letter);
    }
}

/* The position is at the '{'. */
void
_PyParser_InvalidReplacementField(parser *p, bool template)
{
    int begin = p->mark++, size = p->stack_size;
    char letter = template ? 't' : 'f';
    int kind = peek(p);
    if (kind == EQUAL || is_field_end(kind)) {
        RAISE_AT(token_here(p), "%c-string: valid expression required before '%c'", letter,
                 kind == EQUAL ? '=' : kind == EXCLAMATION ? '!' : kind == COLON ? ':' : '}');
        return;
    }
    expr_ty value = _PyParser_AnnotatedRhs(p);
    if (value == NULL) {
        p->mark = begin + 1;
        if (!p->error) {
            RAISE_ON_NEXT_TOKEN("%c-string: expecting a valid expression after '{'", letter);
        }
        return;
    }
    kind = peek(p);
    if (kind != EQUAL && !is_field_end(kind)) {
        RAISE_ON_NEXT_TOKEN("%c-string: expecting '=', or '!', or ':', or '}'", letter);
        return;
    }
    if (accept(p, EQUAL) && !is_field_end(peek(p))) {
        RAISE_ON_NEXT_TOKEN("%c-string: expecting '!', or ':', or '}'", letter);
        return;
    }
    if (accept(p, EXCLAMATION)) {
        invalid_conversion_character(p, letter);
        if (p->error) {
            return;
        }
        accept(p, NAME);
        kind = peek(p);
        if (kind != COLON && kind != RBRACE) {
            RAISE_ON_NEXT_TOKEN("%c-string: expecting ':' or '}'", letter);
            return;
        }
    }
    if (accept(p, COLON)) {
        p->mark--;
        format_spec(p, false, template);
        if (!p->error && peek(p) != RBRACE) {
            RAISE_ON_NEXT_TOKEN("%c-string: expecting '}', or format specs", letter);
        }
    }
    else if (peek(p) != RBRACE) {
        RAISE_ON_NEXT_TOKEN("%c-string: expecting '}'", letter);
    }
    p->mark = begin;
    p->stack_size = size;
}

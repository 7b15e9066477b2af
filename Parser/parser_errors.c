/* Parser: setting exceptions, with the place and the line they show. */
#include "Python.h"
#include "parser.h"
#include "pycore_pyerrors.h"  // _PyErr_ProgramDecodedTextObject

/* -- Places -------------------------------------------------------------- */

/* The line that an error shows: from the file if it can be read, else from the source at hand. */
static PyObject *
error_line(parser *p, int lineno)
{
    tokenizer *tok = p->tok;
    if (p->start_rule == Py_file_input && tok->prompt == NULL && tok->filename != NULL) {
        PyObject *line = _PyErr_ProgramDecodedTextObject(tok->filename, lineno, tok->encoding);
        if (line != NULL) {
            return line;
        }
        if (PyErr_Occurred()) {
            PyErr_Clear();
        }
    }
    if (tok->prompt == NULL && tok->lineno <= lineno && tok->inp > tok->src) {
        return PyUnicode_DecodeUTF8(tok->line_start, tok->inp - tok->line_start, "replace");
    }
    return _PyTokenizer_LineText(tok, lineno);
}

/* Column in characters of a 1-based column in bytes. */
static Py_ssize_t
character_column(PyObject *line, Py_ssize_t col)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(line, &size);
    if (text == NULL) {
        PyErr_Clear();
        return col;
    }
    if (col < 0) {
        return -1;
    }
    if (col > size + 1) {
        col = size + 1;
    }
    PyObject *before = PyUnicode_DecodeUTF8(text, col, "replace");
    if (before == NULL) {
        return -1;
    }
    Py_ssize_t result = PyUnicode_GET_LENGTH(before);
    Py_DECREF(before);
    return result;
}

/* Columns here count bytes from 1; 0 is before the line and -1 is unknown. */
static void
raise_at(parser *p, PyObject *type, int lineno, Py_ssize_t col, int end_lineno, Py_ssize_t end_col,
         const char *format, va_list args)
{
    if (p->error && PyErr_Occurred()) {
        return;
    }
    p->error = true;
    if (end_lineno == CURRENT_POS) {
        end_lineno = p->tok->lineno;
    }
    if (end_col == CURRENT_POS) {
        end_col = p->tok->cur - p->tok->line_start;
    }
    PyObject *message = PyUnicode_FromFormatV(format, args);
    PyObject *line = message == NULL ? NULL : error_line(p, lineno);
    if (line != NULL) {
        Py_ssize_t first = character_column(line, col);
        Py_ssize_t last = end_col > 0 ? character_column(line, end_col) : end_col;
        PyObject *value = Py_BuildValue("(O(OinOin))", message, p->tok->filename ? p->tok->filename : Py_None,
                                        lineno, first, line, end_lineno, last);
        if (value != NULL) {
            PyErr_SetObject(type, value);
            Py_DECREF(value);
        }
    }
    Py_XDECREF(message);
    Py_XDECREF(line);
}

void *
_PyParser_RaiseAt(parser *p, PyObject *type, int lineno, int col, int end_lineno, int end_col,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    raise_at(p, type, lineno, col == CURRENT_POS ? CURRENT_POS : (Py_ssize_t)col + 1, end_lineno,
             end_col == CURRENT_POS ? CURRENT_POS : (Py_ssize_t)end_col + 1, format, args);
    va_end(args);
    return NULL;
}

void
_PyParser_UnclosedBracket(parser *p)
{
    tokenizer *tok = p->tok;
    int lineno = tok->bracket_lines[tok->level - 1];
    int col = tok->bracket_cols[tok->level - 1];
    _PyParser_RaiseAt(p, PyExc_SyntaxError, lineno, col, lineno, -1, "'%c' was never closed",
                      tok->brackets[tok->level - 1]);
}

void *
_PyParser_Raise(parser *p, PyObject *type, bool use_mark, const char *format, ...)
{
    va_list args;
    if (p->error && PyErr_Occurred()) {
        return NULL;
    }
    va_start(args, format);
    if (p->fill == 0) {
        raise_at(p, type, 0, 0, 0, -1, format, args);
        va_end(args);
        return NULL;
    }
    struct token *last = &p->tokens[p->fill - 1];
    if (last->kind == ERRORTOKEN && p->tok->status == TOK_EOF && p->tok->level > 0) {
        va_end(args);
        _PyParser_UnclosedBracket(p);
        return NULL;
    }
    struct token *token = use_mark && p->mark < p->fill ? &p->tokens[p->mark] : last;
    Py_ssize_t col, end_col = -1;
    if (token->col_offset == -1) {
        col = p->tok->cur - p->tok->line_start;
    }
    else {
        col = token->col_offset + 1;
    }
    if (token->end_col_offset != -1) {
        end_col = token->end_col_offset + 1;
    }
    raise_at(p, type, token->lineno, col, token->end_lineno, end_col, format, args);
    va_end(args);
    return NULL;
}

/* -- Failures of the tokenizer ------------------------------------------- */

void
_PyParser_TokenizerError(parser *p)
{
    if (PyErr_Occurred()) {
        p->error = true;
        return;
    }
    PyObject *type = PyExc_SyntaxError;
    const char *message;
    int col = 0;
    tokenizer *tok = p->tok;
    switch (tok->status) {
        case TOK_EOF:
            if (tok->level > 0) {
                _PyParser_UnclosedBracket(p);
            }
            else {
                RAISE_SYNTAX_ERROR("unexpected EOF while parsing");
            }
            return;
        case TOK_BAD_DEDENT:
            RAISE_INDENTATION_ERROR("unindent does not match any outer indentation level");
            return;
        case TOK_INTERRUPTED:
            PyErr_SetNone(PyExc_KeyboardInterrupt);
            p->error = true;
            return;
        case TOK_NO_MEMORY:
            PyErr_NoMemory();
            p->error = true;
            return;
        case TOK_COLUMN_OVERFLOW:
            PyErr_SetString(PyExc_OverflowError, "Parser column offset overflow - source line is too big");
            p->error = true;
            return;
        case TOK_TABS_AND_SPACES:
            type = PyExc_TabError;
            message = "inconsistent use of tabs and spaces in indentation";
            break;
        case TOK_TOO_DEEP:
            type = PyExc_IndentationError;
            message = "too many levels of indentation";
            break;
        case TOK_BAD_CONTINUATION:
            /* Counted from the first of the joined lines, as the reference does. */
            col = (int)(tok->cur - tok->read_start) - 1;
            message = "unexpected character after line continuation character";
            break;
        default:
            message = "unknown parsing error";
            break;
    }
    _PyParser_RaiseAt(p, type, tok->lineno, col >= 0 ? col : 0, tok->lineno, -1, "%s", message);
}

/* An error in text behind the one that stopped the parser is often its cause: an unclosed bracket, a
   bad token.  But a terminal is not read on. */
void
_PyParser_CheckRest(parser *p)
{
    tokenizer *tok = p->tok;
    if (tok->prompt != NULL || p->fill == 0) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    int error_lineno = p->tokens[p->fill - 1].lineno;
    struct tok_token token;
    do {
        _PyTokenizer_Next(tok, &token);
    } while (token.kind != ERRORTOKEN && token.kind != ENDMARKER);
    if (token.kind == ERRORTOKEN && tok->mode_index > 0) {
        /* Inside an f-string the tokenizer may only have lost its way. */
        PyErr_Clear();
    }
    else if (token.kind == ERRORTOKEN && !PyErr_Occurred() && tok->level != 0 &&
        error_lineno > tok->bracket_lines[tok->level - 1]) {
        p->error = false;
        _PyParser_UnclosedBracket(p);
    }
    if (PyErr_Occurred()) {
        Py_XDECREF(exc);
    }
    else {
        PyErr_SetRaisedException(exc);
    }
}

void
_PyParser_GenericError(parser *p, struct token *last)
{
    if (PyErr_Occurred()) {
        if (p->tok->status == TOK_OK && PyErr_ExceptionMatches(PyExc_SyntaxError)) {
            _PyParser_CheckRest(p);
        }
        return;
    }
    p->error = false;
    if (last == NULL) {
        RAISE_SYNTAX_ERROR("error at start before reading any input");
        return;
    }
    if (last->kind == ERRORTOKEN && p->tok->status == TOK_EOF) {
        if (p->tok->level > 0) {
            _PyParser_UnclosedBracket(p);
        }
        else {
            RAISE_SYNTAX_ERROR("unexpected EOF while parsing");
        }
        return;
    }
    if (last->kind == INDENT || last->kind == DEDENT) {
        RAISE_INDENTATION_ERROR(last->kind == INDENT ? "unexpected indent" : "unexpected unindent");
        return;
    }
    RAISE_AT(last, "invalid syntax");
    _PyParser_CheckRest(p);
}

/* -- Checks that can raise ----------------------------------------------- */

bool
_PyParser_CheckVersion(parser *p, int minor, const char *what)
{
    if (p->feature_version >= minor) {
        return true;
    }
    RAISE_SYNTAX_ERROR("%s only supported in Python 3.%i and greater", what, minor);
    return false;
}

const char *
_PyParser_ExprName(expr_ty expr)
{
    switch (expr->kind) {
        case Attribute_kind: return "attribute";
        case Subscript_kind: return "subscript";
        case Starred_kind: return "starred";
        case Name_kind: return "name";
        case List_kind: return "list";
        case Tuple_kind: return "tuple";
        case Lambda_kind: return "lambda";
        case Call_kind: return "function call";
        case BoolOp_kind:
        case BinOp_kind:
        case UnaryOp_kind: return "expression";
        case GeneratorExp_kind: return "generator expression";
        case Yield_kind:
        case YieldFrom_kind: return "yield expression";
        case Await_kind: return "await expression";
        case ListComp_kind: return "list comprehension";
        case SetComp_kind: return "set comprehension";
        case DictComp_kind: return "dict comprehension";
        case Dict_kind: return "dict literal";
        case Set_kind: return "set display";
        case JoinedStr_kind:
        case FormattedValue_kind: return "f-string expression";
        case TemplateStr_kind:
        case Interpolation_kind: return "t-string expression";
        case Constant_kind: {
            PyObject *value = expr->v.Constant.value;
            return value == Py_None ? "None" : value == Py_False ? "False" : value == Py_True ? "True"
                 : value == Py_Ellipsis ? "ellipsis" : "literal";
        }
        case Compare_kind: return "comparison";
        case IfExp_kind: return "conditional expression";
        case NamedExpr_kind: return "named expression";
        default: return "expression";
    }
}

static expr_ty
invalid_target_in(asdl_expr_seq *items, enum target_kind kind)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(items); i++) {
        expr_ty bad = _PyParser_InvalidTarget(asdl_seq_GET(items, i), kind);
        if (bad != NULL) {
            return bad;
        }
    }
    return NULL;
}

expr_ty
_PyParser_InvalidTarget(expr_ty expr, enum target_kind kind)
{
    if (expr == NULL) {
        return NULL;
    }
    switch (expr->kind) {
        case List_kind:
            return invalid_target_in(expr->v.List.elts, kind);
        case Tuple_kind:
            return invalid_target_in(expr->v.Tuple.elts, kind);
        case Starred_kind:
            return kind == DEL_TARGETS ? expr : _PyParser_InvalidTarget(expr->v.Starred.value, kind);
        case Compare_kind:
            /* In `for a in b` the target was read together with what follows. */
            if (kind == FOR_TARGETS && asdl_seq_GET(expr->v.Compare.ops, 0) == In) {
                return _PyParser_InvalidTarget(expr->v.Compare.left, kind);
            }
            return kind == FOR_TARGETS ? NULL : expr;
        case Name_kind:
        case Subscript_kind:
        case Attribute_kind:
            return NULL;
        default:
            return expr;
    }
}

void *
_PyParser_RaiseInvalidTarget(parser *p, enum target_kind kind, expr_ty expr)
{
    expr_ty bad = _PyParser_InvalidTarget(expr, kind);
    if (bad != NULL) {
        RAISE_AT(bad, kind == DEL_TARGETS ? "cannot delete %s" : "cannot assign to %s", _PyParser_ExprName(bad));
    }
    return NULL;
}

/* `first_invalid` points to the character behind the backslash. */
int
_PyParser_WarnInvalidEscape(parser *p, const char *first_invalid, const struct token *token)
{
    unsigned char c = (unsigned char)*first_invalid;
    bool octal = c >= '4' && c <= '7';
    if (p->look_for_mistakes) {
        return 0;                 /* the first pass has told */
    }
    if ((token->kind == FSTRING_MIDDLE || token->kind == TSTRING_MIDDLE) && (c == '{' || c == '}')) {
        return 0;                 /* the tokenizer has told */
    }
    PyObject *message = octal ? PyUnicode_FromFormat(
        "\"\\%.3s\" is an invalid octal escape sequence. Such sequences will not work in the future. "
        "Did you mean \"\\\\%.3s\"? A raw string is also an option.", first_invalid, first_invalid)
    : PyUnicode_FromFormat(
        "\"\\%c\" is an invalid escape sequence. Such sequences will not work in the future. "
        "Did you mean \"\\\\%c\"? A raw string is also an option.", c, c);
    if (message == NULL) {
        p->error = true;
        return -1;
    }
    PyObject *category = p->feature_version >= 12 ? PyExc_SyntaxWarning : PyExc_DeprecationWarning;
    int result = PyErr_WarnExplicitObject(category, message, p->tok->filename, token->lineno, NULL, NULL);
    Py_DECREF(message);
    if (result < 0) {
        if (PyErr_ExceptionMatches(category)) {
            PyErr_Clear();
            if (octal) {
                RAISE_AT(token, "\"\\%.3s\" is an invalid octal escape sequence. Did you mean \"\\\\%.3s\"? "
                         "A raw string is also an option.", first_invalid, first_invalid);
            }
            else {
                RAISE_AT(token, "\"\\%c\" is an invalid escape sequence. Did you mean \"\\\\%c\"? "
                         "A raw string is also an option.", c, c);
            }
        }
        p->error = true;
    }
    return result;
}

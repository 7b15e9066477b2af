/* Tokenizer: the lexical rules.

   Each tok_xxx function reads one kind of token, tells where it ends through tok->cur and returns
   the kind; tok->start is where the token starts.  An error returns ERRORTOKEN with tok->status set. */
#include "Python.h"
#include "tokenizer.h"

enum { END = -1 };                /* no more characters */

/* -- Characters ---------------------------------------------------------- */

static inline int
next_char(tokenizer *tok)
{
    if (tok->cur == tok->inp && !_PyTokenizer_NextLine(tok)) {
        tok->cur = tok->inp;
        return END;
    }
    return (unsigned char)*tok->cur++;
}

/* Takes back the last character; END needs nothing. */
static inline void
back(tokenizer *tok, int c)
{
    if (c != END) {
        tok->cur--;
    }
}

enum { IDENTIFIER_START = 1, IDENTIFIER_PART = 2, DIGIT = 4, HEX_DIGIT = 8 };

static const unsigned char char_class[256] = {
    ['0' ... '9'] = IDENTIFIER_PART | DIGIT | HEX_DIGIT,
    ['a' ... 'f'] = IDENTIFIER_START | IDENTIFIER_PART | HEX_DIGIT,
    ['g' ... 'z'] = IDENTIFIER_START | IDENTIFIER_PART,
    ['A' ... 'F'] = IDENTIFIER_START | IDENTIFIER_PART | HEX_DIGIT,
    ['G' ... 'Z'] = IDENTIFIER_START | IDENTIFIER_PART,
    ['_'] = IDENTIFIER_START | IDENTIFIER_PART,
    [128 ... 255] = IDENTIFIER_START | IDENTIFIER_PART,
};

static inline bool
is_class(int c, int class)
{
    return c != END && (char_class[c] & class) != 0;
}

/* The letter in messages about f- and t-strings. */
static char
string_letter(const struct tok_mode *mode)
{
    return mode->template ? 't' : 'f';
}

/* -- Names --------------------------------------------------------------- */

/* A name with characters outside ASCII: is it one?  An error is placed on the first bad character. */
static bool
verify_identifier(tokenizer *tok)
{
    if (tok->extra_tokens) {
        return true;
    }
    PyObject *name = PyUnicode_DecodeUTF8(tok->start, tok->cur - tok->start, NULL);
    if (name == NULL) {
        tok->status = TOK_ERROR;
        return false;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(name), valid = length;
    if (!PyUnicode_IsIdentifier(name)) {
        for (valid = 1; valid <= length; valid++) {
            PyObject *prefix = PyUnicode_Substring(name, 0, valid);
            if (prefix == NULL) {
                tok->status = TOK_ERROR;
                Py_DECREF(name);
                return false;
            }
            bool ok = PyUnicode_IsIdentifier(prefix);
            Py_DECREF(prefix);
            if (!ok) {
                break;
            }
        }
        valid--;
    }
    if (valid < length) {
        Py_UCS4 c = PyUnicode_READ_CHAR(name, valid);
        PyObject *through = PyUnicode_Substring(name, 0, valid + 1);
        Py_ssize_t size = 0;
        if (through == NULL || PyUnicode_AsUTF8AndSize(through, &size) == NULL) {
            tok->status = TOK_ERROR;
        }
        else {
            tok->cur = tok->start + size;
            if (Py_UNICODE_ISPRINTABLE(c)) {
                _PyTokenizer_SyntaxError(tok, "invalid character '%c' (U+%04X)", c, c);
            }
            else {
                _PyTokenizer_SyntaxError(tok, "invalid non-printable character U+%04X", c);
            }
        }
        Py_XDECREF(through);
    }
    Py_DECREF(name);
    return valid == length;
}

/* -- Numbers ------------------------------------------------------------- */

/* Does a keyword follow the number at once, as in "1or"?  `rest` is what is behind its first letter. */
static bool
continues_with(tokenizer *tok, const char *rest)
{
    const char *p = tok->cur;
    while (*rest != '\0') {
        if (p >= tok->inp || *p++ != *rest++) {
            return false;
        }
    }
    return p >= tok->inp || !is_class((unsigned char)*p, IDENTIFIER_PART);
}

/* `c` was read behind a number: it may not continue a name, except a keyword, which gets a warning. */
static bool
verify_end_of_number(tokenizer *tok, int c, const char *kind)
{
    if (tok->extra_tokens) {
        /* tokenize.py looks at what it likes. */
        return true;
    }
    bool keyword = false;
    switch (c) {
        case 'a': keyword = continues_with(tok, "nd"); break;
        case 'e': keyword = continues_with(tok, "lse"); break;
        case 'f': keyword = continues_with(tok, "or"); break;
        case 'i': keyword = tok->cur < tok->inp && (*tok->cur == 'f' || *tok->cur == 'n' || *tok->cur == 's'); break;
        case 'o': keyword = continues_with(tok, "r"); break;
        case 'n': keyword = continues_with(tok, "ot"); break;
        default: break;
    }
    if (keyword) {
        back(tok, c);
        if (_PyTokenizer_Warn(tok, PyExc_SyntaxWarning, "invalid %s literal", kind) < 0) {
            return false;
        }
        next_char(tok);
    }
    else if (c < 128 && is_class(c, IDENTIFIER_PART)) {
        back(tok, c);
        _PyTokenizer_SyntaxError(tok, "invalid %s literal", kind);
        return false;
    }
    return true;
}

/* Reads digits of a class with single underscores between them; the first digit is `*c`, which is
   read.  On success *c is the character behind, read. */
static bool
digits_tail(tokenizer *tok, int *c, int class, const char *kind)
{
    for (;;) {
        do {
            *c = next_char(tok);
        } while (is_class(*c, class));
        if (*c != '_') {
            return true;
        }
        *c = next_char(tok);
        if (!is_class(*c, class)) {
            back(tok, *c);
            _PyTokenizer_SyntaxError(tok, "invalid %s literal", kind);
            return false;
        }
    }
}

static bool
decimal_tail(tokenizer *tok, int *c)
{
    return digits_tail(tok, c, DIGIT, "decimal");
}

/* Binary and octal: the prefix is read, and `max` is the greatest digit. */
static int
tok_small_radix(tokenizer *tok, int max, const char *kind)
{
    int c = next_char(tok);
    do {
        if (c == '_') {
            c = next_char(tok);
        }
        if (!is_class(c, DIGIT) || c > max) {
            if (is_class(c, DIGIT)) {
                return _PyTokenizer_SyntaxError(tok, "invalid digit '%c' in %s literal", c, kind);
            }
            back(tok, c);
            return _PyTokenizer_SyntaxError(tok, "invalid %s literal", kind);
        }
        do {
            c = next_char(tok);
        } while (c >= '0' && c <= max);
    } while (c == '_');
    if (is_class(c, DIGIT)) {
        return _PyTokenizer_SyntaxError(tok, "invalid digit '%c' in %s literal", c, kind);
    }
    if (!verify_end_of_number(tok, c, kind)) {
        return ERRORTOKEN;
    }
    back(tok, c);
    return NUMBER;
}

static int
tok_hexadecimal(tokenizer *tok)
{
    int c = next_char(tok);
    do {
        if (c == '_') {
            c = next_char(tok);
        }
        if (!is_class(c, HEX_DIGIT)) {
            back(tok, c);
            return _PyTokenizer_SyntaxError(tok, "invalid hexadecimal literal");
        }
        do {
            c = next_char(tok);
        } while (is_class(c, HEX_DIGIT));
    } while (c == '_');
    if (!verify_end_of_number(tok, c, "hexadecimal")) {
        return ERRORTOKEN;
    }
    back(tok, c);
    return NUMBER;
}

/* `c`, behind the last digit of a number of that kind, is read. */
static int
tok_number_end(tokenizer *tok, int c, const char *kind)
{
    if (!verify_end_of_number(tok, c, kind)) {
        return ERRORTOKEN;
    }
    back(tok, c);
    return NUMBER;
}

static int
tok_imaginary(tokenizer *tok)
{
    return tok_number_end(tok, next_char(tok), "imaginary");
}

/* The exponent mark `e` is read. */
static int
tok_exponent(tokenizer *tok, int e)
{
    int c = next_char(tok);
    if (c == '+' || c == '-') {
        c = next_char(tok);
        if (!is_class(c, DIGIT)) {
            back(tok, c);
            return _PyTokenizer_SyntaxError(tok, "invalid decimal literal");
        }
    }
    else if (!is_class(c, DIGIT)) {
        back(tok, c);
        if (!verify_end_of_number(tok, e, "decimal")) {
            return ERRORTOKEN;
        }
        back(tok, e);
        return NUMBER;
    }
    if (!decimal_tail(tok, &c)) {
        return ERRORTOKEN;
    }
    if (c == 'j' || c == 'J') {
        return tok_imaginary(tok);
    }
    return tok_number_end(tok, c, "decimal");
}

/* The point is read. */
static int
tok_fraction(tokenizer *tok)
{
    int c = next_char(tok);
    if (is_class(c, DIGIT) && !decimal_tail(tok, &c)) {
        return ERRORTOKEN;
    }
    if (c == 'e' || c == 'E') {
        return tok_exponent(tok, c);
    }
    if (c == 'j' || c == 'J') {
        return tok_imaginary(tok);
    }
    return tok_number_end(tok, c, "decimal");
}

/* What may follow the digits of a decimal number; `c` is read. */
static int
tok_after_decimal(tokenizer *tok, int c)
{
    if (c == '.') {
        return tok_fraction(tok);
    }
    if (c == 'e' || c == 'E') {
        return tok_exponent(tok, c);
    }
    if (c == 'j' || c == 'J') {
        return tok_imaginary(tok);
    }
    return tok_number_end(tok, c, "decimal");
}

/* A 0 is read. */
static int
tok_zero(tokenizer *tok)
{
    int c = next_char(tok);
    switch (c) {
        case 'x': case 'X': return tok_hexadecimal(tok);
        case 'o': case 'O': return tok_small_radix(tok, '7', "octal");
        case 'b': case 'B': return tok_small_radix(tok, '1', "binary");
        default: break;
    }
    for (;;) {
        if (c == '_') {
            c = next_char(tok);
            if (!is_class(c, DIGIT)) {
                back(tok, c);
                return _PyTokenizer_SyntaxError(tok, "invalid decimal literal");
            }
        }
        if (c != '0') {
            break;
        }
        c = next_char(tok);
    }
    Py_ssize_t zeros_end = tok->cur - tok->line_start;
    bool nonzero = false;
    if (is_class(c, DIGIT)) {
        nonzero = true;
        if (!decimal_tail(tok, &c)) {
            return ERRORTOKEN;
        }
    }
    if (c == '.' || c == 'e' || c == 'E' || c == 'j' || c == 'J') {
        return tok_after_decimal(tok, c);
    }
    if (nonzero && !tok->extra_tokens) {
        back(tok, c);
        return _PyTokenizer_SyntaxErrorRange(
            tok, (int)(tok->start + 1 - tok->line_start), (int)zeros_end,
            "leading zeros in decimal integer literals are not permitted; "
            "use an 0o prefix for octal integers");
    }
    return tok_number_end(tok, c, "decimal");
}

/* The first digit is read. */
static int
tok_number(tokenizer *tok, int c)
{
    if (c == '0') {
        return tok_zero(tok);
    }
    if (!decimal_tail(tok, &c)) {
        return ERRORTOKEN;
    }
    return tok_after_decimal(tok, c);
}

/* -- Strings ------------------------------------------------------------- */

/* Moves to the first quote of an unterminated string, for the message. */
static int
rewind_to_string_start(tokenizer *tok, Py_ssize_t start, Py_ssize_t line_start, int first_lineno)
{
    int detected = tok->lineno;
    tok->cur = tok->src + start + 1;
    tok->line_start = tok->src + line_start;
    tok->lineno = first_lineno;
    return detected;
}

static int
unterminated_string(tokenizer *tok, int quote, int quote_size, bool escaped_quote)
{
    int detected = rewind_to_string_start(tok, tok->start - tok->src, tok->multi_line_start - tok->src,
                                          tok->first_lineno);
    if (tok->mode_index > 0) {
        /* The quote that opened "this string" may well be the one that ends the f-string around it. */
        struct tok_mode *mode = tok_current_mode(tok);
        if (mode->quote == quote && mode->quote_size == quote_size) {
            return _PyTokenizer_SyntaxError(tok, "%c-string: expecting '}'", string_letter(mode));
        }
    }
    if (quote_size == 3) {
        tok->ended_in_string = true;
        return _PyTokenizer_SyntaxError(tok, "unterminated triple-quoted string literal"
                                        " (detected at line %d)", detected);
    }
    if (escaped_quote) {
        return _PyTokenizer_SyntaxError(tok, "unterminated string literal (detected at line %d); "
                                        "perhaps you escaped the end quote?", detected);
    }
    return _PyTokenizer_SyntaxError(tok, "unterminated string literal (detected at line %d)", detected);
}

/* The prefix and the first quote are read. */
static int
tok_string(tokenizer *tok, int quote)
{
    tok->first_lineno = tok->lineno;
    tok->multi_line_start = tok->line_start;
    int quote_size = 1, end_quotes = 0;
    bool escaped_quote = false;

    int c = next_char(tok);
    if (c == quote) {
        c = next_char(tok);
        if (c != quote) {
            back(tok, c);
            return STRING;
        }
        quote_size = 3;
    }
    else {
        back(tok, c);
    }
    while (end_quotes != quote_size) {
        c = next_char(tok);
        if (tok->status == TOK_ERROR) {
            return ERRORTOKEN;
        }
        if (c == END || (quote_size == 1 && c == '\n')) {
            if (c == END && tok->status != TOK_EOF) {
                return ERRORTOKEN;
            }
            return unterminated_string(tok, quote, quote_size, escaped_quote);
        }
        if (c == quote) {
            end_quotes++;
            continue;
        }
        end_quotes = 0;
        if (c == '\\') {
            c = next_char(tok);
            escaped_quote |= c == quote;
            if (c == '\r') {
                next_char(tok);
            }
        }
    }
    return STRING;
}

/* The prefix and the first quote of an f- or t-string are read. */
static int
tok_fstring_start(tokenizer *tok, int quote, bool raw, bool template)
{
    tok->first_lineno = tok->lineno;
    tok->multi_line_start = tok->line_start;
    int quote_size = 1;
    int c = next_char(tok);
    if (c == quote) {
        int c2 = next_char(tok);
        if (c2 == quote) {
            quote_size = 3;
        }
        else {
            back(tok, c2);
            back(tok, c);
        }
    }
    else {
        back(tok, c);
    }
    if (tok->mode_index + 1 >= TOK_MAX_STRINGS) {
        return _PyTokenizer_SyntaxError(tok, "too many nested f-strings or t-strings");
    }
    tok->mode_index++;
    *tok_current_mode(tok) = (struct tok_mode){
        .in_string = true, .raw = raw, .template = template,
        .expression_depth = -1,
        .quote = (char)quote, .quote_size = quote_size,
        .first_lineno = tok->lineno,
        .start = tok->start - tok->src,
        .line_start = tok->line_start - tok->src,
    };
    return template ? TSTRING_START : FSTRING_START;
}

/* Which prefix letters a string has. */
struct prefix {
    bool b, r, u, f, t;
};

/* Does letter c extend the prefix?  "u" stands alone; "b", "f", "t" go with "r" only. */
static bool
prefix_add(struct prefix *prefix, int c)
{
    switch (c) {
        case 'b': case 'B':
            if (prefix->b || prefix->u || prefix->f || prefix->t) return false;
            return prefix->b = true;
        case 'r': case 'R':
            if (prefix->r || prefix->u) return false;
            return prefix->r = true;
        case 'u': case 'U':
            if (prefix->b || prefix->r || prefix->u || prefix->f || prefix->t) return false;
            return prefix->u = true;
        case 'f': case 'F':
            if (prefix->b || prefix->u || prefix->f || prefix->t) return false;
            return prefix->f = true;
        case 't': case 'T':
            if (prefix->b || prefix->u || prefix->f || prefix->t) return false;
            return prefix->t = true;
        default:
            return false;
    }
}

/* A name of letters bfrtu directly before a quote is a bad prefix: say which two do not go together. */
static int
incompatible_prefixes(tokenizer *tok)
{
    bool seen[256] = {false};
    for (const char *p = tok->start; p < tok->cur; p++) {
        int letter = Py_TOLOWER(*p);
        if (strchr("bfrtu", letter) == NULL) {
            return 0;
        }
        seen[letter] = true;
    }
    static const char pairs[][2] = {{'u', 'b'}, {'u', 'r'}, {'u', 'f'}, {'u', 't'}, {'b', 'f'}, {'b', 't'}, {'f', 't'}};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(pairs); i++) {
        if (seen[(int)pairs[i][0]] && seen[(int)pairs[i][1]]) {
            return _PyTokenizer_SyntaxErrorRange(tok, (int)(tok->start + 1 - tok->line_start),
                                                 (int)(tok->cur + 1 - tok->line_start),
                                                 "'%c' and '%c' prefixes are incompatible",
                                                 pairs[i][0], pairs[i][1]);
        }
    }
    return 0;
}

/* The first character is read: a name, or a string with a prefix. */
static int
tok_name_or_string(tokenizer *tok, int c)
{
    struct prefix prefix = {0};
    while (prefix_add(&prefix, c)) {
        c = next_char(tok);
        if (c == '"' || c == '\'') {
            return prefix.f || prefix.t ? tok_fstring_start(tok, c, prefix.r, prefix.t) : tok_string(tok, c);
        }
    }
    /* The rest of a name is on this line, and a line has an end that is no part of it. */
    unsigned char *p = (unsigned char *)tok->cur - (c != END), all = 0;
    while (char_class[*p] & IDENTIFIER_PART) {
        all |= *p++;
    }
    for (char *q = tok->start; q < tok->cur; q++) {
        all |= (unsigned char)*q;
    }
    tok->cur = (char *)p;
    if (all >= 128 && !verify_identifier(tok)) {
        return ERRORTOKEN;
    }
    if ((*p == '"' || *p == '\'') && tok->cur - tok->start <= 4 && !tok->extra_tokens) {
        int error = incompatible_prefixes(tok);
        if (error != 0) {
            return error;
        }
    }
    return NAME;
}

/* -- Text of f- and t-strings -------------------------------------------- */

static int tok_code(tokenizer *tok);

static int
unterminated_fstring(tokenizer *tok)
{
    struct tok_mode *mode = tok_current_mode(tok);
    int detected = rewind_to_string_start(tok, mode->start, mode->line_start, mode->first_lineno);
    tok->ended_in_string = mode->quote_size == 3;
    return _PyTokenizer_SyntaxError(
        tok, mode->quote_size == 3 ? "unterminated triple-quoted %c-string literal (detected at line %d)"
                                   : "unterminated %c-string literal (detected at line %d)",
        string_letter(mode), detected);
}

static int
too_many_replacements(tokenizer *tok, struct tok_mode *mode)
{
    return _PyTokenizer_SyntaxError(tok, "%c-string: expressions nested too deeply", string_letter(mode));
}

/* After a backslash; true if "\N{" was read, whose braces are no replacement field. */
static bool
fstring_escape(tokenizer *tok, struct tok_mode *mode, bool *failed)
{
    int c = next_char(tok);
    if (c == '\r') {
        c = next_char(tok);
    }
    if (c == '{' || c == '}') {
        if (!mode->raw && _PyTokenizer_WarnInvalidEscape(tok, c) < 0) {
            *failed = true;
        }
        back(tok, c);
        return false;
    }
    if (!mode->raw && c == 'N') {
        c = next_char(tok);
        if (c == '{') {
            return true;
        }
        back(tok, c);
    }
    return false;
}

/* Literal text up to a brace or the end of the string.  The second brace of a pair is left out of
   the token, so that the token's text is what the string means. */
static int
tok_fstring_middle(tokenizer *tok, struct tok_mode *mode, Py_ssize_t *end)
{
    int middle = mode->template ? TSTRING_MIDDLE : FSTRING_MIDDLE;
    int end_quotes = 0;
    bool named_escape = false;

    tok->multi_line_start = tok->line_start;
    while (end_quotes != mode->quote_size) {
        int c = next_char(tok);
        if (tok->status == TOK_ERROR) {
            return ERRORTOKEN;
        }
        bool in_format_spec = mode->in_format_spec && mode->expression_depth >= 0;
        if (c == END || (mode->quote_size == 1 && c == '\n')) {
            if (c == END && tok->status != TOK_EOF) {
                return ERRORTOKEN;
            }
            if (in_format_spec && c == '\n') {
                return _PyTokenizer_SyntaxError(
                    tok, "%c-string: newlines are not allowed in format specifiers for single quoted %c-strings",
                    string_letter(mode), string_letter(mode));
            }
            return unterminated_fstring(tok);
        }
        if (c == mode->quote) {
            end_quotes++;
            continue;
        }
        end_quotes = 0;
        if (c == '{') {
            int next = next_char(tok);
            if (next == '{' && !in_format_spec) {
                *end = tok->cur - 1 - tok->src;
                return middle;
            }
            back(tok, next);
            back(tok, c);
            mode->expression_depth++;
            if (mode->expression_depth >= TOK_MAX_REPLACEMENTS) {
                return too_many_replacements(tok, mode);
            }
            mode->in_string = false;
            return middle;
        }
        if (c == '}') {
            if (named_escape) {
                return middle;
            }
            int next = next_char(tok);
            if (next == '}' && !in_format_spec && mode->bracket_depth == 0) {
                *end = tok->cur - 1 - tok->src;
                return middle;
            }
            back(tok, next);
            back(tok, c);
            mode->in_string = false;
            return middle;
        }
        if (c == '\\') {
            bool failed = false;
            named_escape |= fstring_escape(tok, mode, &failed);
            if (failed) {
                return ERRORTOKEN;
            }
        }
    }
    tok->cur -= mode->quote_size;
    return middle;
}

static int
tok_fstring(tokenizer *tok, Py_ssize_t *end)
{
    struct tok_mode *mode = tok_current_mode(tok);
    tok->start = tok->cur;
    tok->first_lineno = tok->lineno;

    int c = next_char(tok);
    if (c == '{') {
        int next = next_char(tok);
        back(tok, next);
        back(tok, c);
        if (next != '{') {
            mode->expression_depth++;
            if (mode->expression_depth >= TOK_MAX_REPLACEMENTS) {
                return too_many_replacements(tok, mode);
            }
            mode->in_string = false;
            return tok_code(tok);
        }
    }
    else {
        back(tok, c);
    }
    int quotes = 0;
    while (quotes < mode->quote_size) {
        c = next_char(tok);
        if (c != mode->quote) {
            back(tok, c);
            break;
        }
        quotes++;
    }
    if (quotes == mode->quote_size) {
        tok->multi_line_start = tok->line_start;
        tok->mode_index--;
        return mode->template ? TSTRING_END : FSTRING_END;
    }
    tok->cur -= quotes;
    return tok_fstring_middle(tok, mode, end);
}

/* -- Layout -------------------------------------------------------------- */

/* A backslash is read: 0 when a line follows, else ERRORTOKEN. */
static int
continue_line(tokenizer *tok)
{
    int c = next_char(tok);
    if (c == '\r') {
        c = next_char(tok);
    }
    if (c != '\n') {
        if (tok->status == TOK_OK || tok->status == TOK_EOF) {
            tok->status = TOK_BAD_CONTINUATION;
        }
        return ERRORTOKEN;
    }
    c = next_char(tok);
    if (c == END) {
        tok->cur = tok->inp;
        return ERRORTOKEN;
    }
    back(tok, c);
    return 0;
}

static int
indent_error(tokenizer *tok)
{
    tok->status = TOK_TABS_AND_SPACES;
    tok->cur = tok->inp;
    return ERRORTOKEN;
}

/* Compares the indentation of a line with that of the lines around it; fills tok->pending. */
static int
change_indentation(tokenizer *tok, int col, int alt_col)
{
    if (col == tok->indents[tok->indent]) {
        return alt_col == tok->alt_indents[tok->indent] ? 0 : indent_error(tok);
    }
    if (col > tok->indents[tok->indent]) {
        if (tok->indent + 1 >= TOK_MAX_INDENT) {
            tok->status = TOK_TOO_DEEP;
            tok->cur = tok->inp;
            return ERRORTOKEN;
        }
        if (alt_col <= tok->alt_indents[tok->indent]) {
            return indent_error(tok);
        }
        tok->pending++;
        tok->indent++;
        tok->indents[tok->indent] = col;
        tok->alt_indents[tok->indent] = alt_col;
        return 0;
    }
    while (tok->indent > 0 && col < tok->indents[tok->indent]) {
        tok->pending--;
        tok->indent--;
    }
    if (col != tok->indents[tok->indent]) {
        tok->status = TOK_BAD_DEDENT;
        tok->cur = tok->inp;
        return ERRORTOKEN;
    }
    return alt_col == tok->alt_indents[tok->indent] ? 0 : indent_error(tok);
}

/* Reads the white space that starts a line.  *blank: the line has nothing for the parser. */
static int
tok_line_start(tokenizer *tok, bool *blank)
{
    int col = 0, alt_col = 0, continued_col = 0, c;
    tok->at_line_start = false;
    for (;;) {
        c = next_char(tok);
        if (c == ' ') {
            col++;
            alt_col++;
        }
        else if (c == '\t') {
            col = (col / 8 + 1) * 8;
            alt_col++;
        }
        else if (c == '\014') {
            col = alt_col = 0;
        }
        else if (c == '\\') {
            /* The indentation is that before the first backslash. */
            continued_col = continued_col ? continued_col : col;
            if (continue_line(tok) == ERRORTOKEN) {
                return ERRORTOKEN;
            }
        }
        else {
            break;
        }
    }
    back(tok, c);
    if (c == '#' || c == '\n' || c == '\r') {
        if (col == 0 && c == '\n' && tok->prompt != NULL) {
            *blank = false;       /* an empty line ends an interactive statement */
        }
        else if (tok->prompt != NULL && tok->lineno == 1) {
            *blank = false;
            col = 0;
            tok->indent = 0;
        }
        else {
            *blank = true;
        }
    }
    if (!*blank && tok->level == 0) {
        if (continued_col) {
            col = alt_col = continued_col;
        }
        return change_indentation(tok, col, alt_col);
    }
    return 0;
}

/* A '#' is read, and the comment behind it: is it a type comment?  0 if not. */
static int
type_comment(tokenizer *tok, Py_ssize_t *start)
{
    /* "# type: ", where each space stands for any number of blanks. */
    const char *p = tok->start + 1, *end = tok->cur;
    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    if (end - p < 5 || memcmp(p, "type:", 5) != 0) {
        return 0;
    }
    p += 5;
    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    if (end - p >= 6 && memcmp(p, "ignore", 6) == 0 &&
        !(end - p > 6 && ((unsigned char)p[6] >= 128 || Py_ISALNUM(p[6])))) {
        *start = p + 6 - tok->src;
        return TYPE_IGNORE;
    }
    *start = p - tok->src;
    return TYPE_COMMENT;
}

/* -- Operators ----------------------------------------------------------- */

static int
one_char_kind(int c)
{
    switch (c) {
        case '!': return EXCLAMATION;
        case '%': return PERCENT;
        case '&': return AMPER;
        case '(': return LPAR;
        case ')': return RPAR;
        case '*': return STAR;
        case '+': return PLUS;
        case ',': return COMMA;
        case '-': return MINUS;
        case '.': return DOT;
        case '/': return SLASH;
        case ':': return COLON;
        case ';': return SEMI;
        case '<': return LESS;
        case '=': return EQUAL;
        case '>': return GREATER;
        case '@': return AT;
        case '[': return LSQB;
        case ']': return RSQB;
        case '^': return CIRCUMFLEX;
        case '{': return LBRACE;
        case '|': return VBAR;
        case '}': return RBRACE;
        case '~': return TILDE;
        default: return OP;
    }
}

#define PAIR(a, b) ((a) << 8 | (b))

static int
two_char_kind(int c, int c2)
{
    switch (PAIR(c, c2)) {
        case PAIR('!', '='): return NOTEQUAL;
        case PAIR('%', '='): return PERCENTEQUAL;
        case PAIR('&', '='): return AMPEREQUAL;
        case PAIR('*', '*'): return DOUBLESTAR;
        case PAIR('*', '='): return STAREQUAL;
        case PAIR('+', '='): return PLUSEQUAL;
        case PAIR('-', '='): return MINEQUAL;
        case PAIR('-', '>'): return RARROW;
        case PAIR('/', '/'): return DOUBLESLASH;
        case PAIR('/', '='): return SLASHEQUAL;
        case PAIR(':', '='): return COLONEQUAL;
        case PAIR('<', '<'): return LEFTSHIFT;
        case PAIR('<', '='): return LESSEQUAL;
        case PAIR('<', '>'): return NOTEQUAL;
        case PAIR('=', '='): return EQEQUAL;
        case PAIR('>', '='): return GREATEREQUAL;
        case PAIR('>', '>'): return RIGHTSHIFT;
        case PAIR('@', '='): return ATEQUAL;
        case PAIR('^', '='): return CIRCUMFLEXEQUAL;
        case PAIR('|', '='): return VBAREQUAL;
        default: return OP;
    }
}

static int
three_char_kind(int two, int c3)
{
    if (c3 != '=') {
        return OP;
    }
    switch (two) {
        case DOUBLESTAR: return DOUBLESTAREQUAL;
        case DOUBLESLASH: return DOUBLESLASHEQUAL;
        case LEFTSHIFT: return LEFTSHIFTEQUAL;
        case RIGHTSHIFT: return RIGHTSHIFTEQUAL;
        default: return OP;
    }
}

static int
open_bracket(tokenizer *tok, int c)
{
    if (tok->level >= TOK_MAX_NESTING) {
        return _PyTokenizer_SyntaxError(tok, "too many nested parentheses");
    }
    tok->brackets[tok->level] = (char)c;
    tok->bracket_lines[tok->level] = tok->lineno;
    tok->bracket_cols[tok->level] = (int)(tok->start - tok->line_start);
    tok->level++;
    if (tok->mode_index > 0) {
        tok_current_mode(tok)->bracket_depth++;
    }
    return 0;
}

static bool
brackets_match(int open, int close)
{
    return (open == '(' && close == ')') || (open == '[' && close == ']') || (open == '{' && close == '}');
}

static int
close_bracket(tokenizer *tok, int c)
{
    struct tok_mode *mode = tok_current_mode(tok);
    bool in_fstring = tok->mode_index > 0;
    if (in_fstring && mode->bracket_depth == 0 && c == '}') {
        return _PyTokenizer_SyntaxError(tok, "%c-string: single '}' is not allowed", string_letter(mode));
    }
    if (!tok->extra_tokens && tok->level == 0) {
        return _PyTokenizer_SyntaxError(tok, "unmatched '%c'", c);
    }
    if (tok->level > 0) {
        tok->level--;
        int open = tok->brackets[tok->level];
        if (!tok->extra_tokens && !brackets_match(open, c)) {
            if (in_fstring && open == '{' && mode->bracket_depth - 1 == mode->expression_depth) {
                return _PyTokenizer_SyntaxError(tok, "%c-string: unmatched '%c'", string_letter(mode), c);
            }
            if (tok->bracket_lines[tok->level] != tok->lineno) {
                return _PyTokenizer_SyntaxError(
                    tok, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %d",
                    c, open, tok->bracket_lines[tok->level]);
            }
            return _PyTokenizer_SyntaxError(
                tok, "closing parenthesis '%c' does not match opening parenthesis '%c'", c, open);
        }
    }
    if (in_fstring) {
        mode->bracket_depth--;
        if (c == '}' && mode->bracket_depth == mode->expression_depth) {
            mode->expression_depth--;
            mode->in_string = true;
            mode->in_format_spec = false;
        }
    }
    return 0;
}

/* The first character is read. */
static int
tok_operator(tokenizer *tok, int c)
{
    struct tok_mode *mode = tok_current_mode(tok);
    if (c == ':' && mode->expression_depth >= 0 && mode->bracket_depth - 1 == mode->expression_depth) {
        /* Behind this colon a replacement field has literal text. */
        mode->in_string = true;
        mode->in_format_spec = true;
        return COLON;
    }
    int c2 = next_char(tok);
    int kind = c2 == END ? OP : two_char_kind(c, c2);
    if (kind != OP) {
        int c3 = next_char(tok);
        int longer = three_char_kind(kind, c3);
        if (longer != OP) {
            return longer;
        }
        back(tok, c3);
        return kind;
    }
    back(tok, c2);

    int error = 0;
    if (c == '(' || c == '[' || c == '{') {
        error = open_bracket(tok, c);
    }
    else if (c == ')' || c == ']' || c == '}') {
        error = close_bracket(tok, c);
    }
    if (error != 0) {
        return error;
    }
    if (!Py_UNICODE_ISPRINTABLE(c)) {
        return _PyTokenizer_SyntaxError(tok, "invalid non-printable character U+%04X", c);
    }
    return one_char_kind(c);
}

/* -- Code ---------------------------------------------------------------- */

static int
tok_dot(tokenizer *tok)
{
    int c = next_char(tok);
    if (is_class(c, DIGIT)) {
        back(tok, c);
        return tok_fraction(tok);
    }
    if (c == '.') {
        int c3 = next_char(tok);
        if (c3 == '.') {
            return ELLIPSIS;
        }
        back(tok, c3);
    }
    back(tok, c);
    return DOT;
}

/* One token of plain code, or of the code in a replacement field. */
static int
tok_code(tokenizer *tok)
{
    for (;;) {
        bool blank = false;
        tok->start = NULL;
        if (tok->at_line_start && tok_line_start(tok, &blank) == ERRORTOKEN) {
            return ERRORTOKEN;
        }
        tok->start = NULL;
        if (tok->pending != 0) {
            if (tok->extra_tokens) {
                tok->start = tok->cur;
            }
            if (tok->pending < 0) {
                tok->pending++;
                return DEDENT;
            }
            tok->pending--;
            return INDENT;
        }
        int c;
    again:
        do {
            c = next_char(tok);
        } while (c == ' ' || c == '\t' || c == '\014');
        tok->start = c == END ? NULL : tok->cur - 1;

        if (is_class(c, IDENTIFIER_START)) {
            return tok_name_or_string(tok, c);
        }
        if (c == '#') {
            while (c != END && c != '\n' && c != '\r') {
                c = next_char(tok);
            }
            back(tok, c);
            if (tok->type_comments) {
                Py_ssize_t start;
                int kind = type_comment(tok, &start);
                if (kind != 0) {
                    tok->start = tok->src + start;
                    if (kind == TYPE_IGNORE && blank) {
                        next_char(tok);       /* alone on its line: the newline belongs to it */
                        tok->at_line_start = true;
                    }
                    return kind;
                }
            }
            if (tok->extra_tokens) {
                tok->comment_newline = blank;
                return COMMENT;
            }
            c = next_char(tok);
        }
        if (tok->status == TOK_INTERACTIVE_STOP) {
            return ENDMARKER;
        }
        if (c == END) {
            tok->start = NULL;
            return tok->level == 0 && tok->status == TOK_EOF ? ENDMARKER : ERRORTOKEN;
        }
        if (c == '\r') {
            c = next_char(tok);
        }
        if (c == '\n') {
            tok->at_line_start = true;
            if (blank || tok->level > 0) {
                if (tok->extra_tokens) {
                    return NL;
                }
                continue;
            }
            if (tok->comment_newline && tok->extra_tokens) {
                tok->comment_newline = false;
                return NL;
            }
            return NEWLINE;
        }
        if (c == '.') {
            return tok_dot(tok);
        }
        if (is_class(c, DIGIT)) {
            return tok_number(tok, c);
        }
        if (c == '"' || c == '\'') {
            return tok_string(tok, c);
        }
        if (c == '\\') {
            if (continue_line(tok) == ERRORTOKEN) {
                return ERRORTOKEN;
            }
            goto again;
        }
        return tok_operator(tok, c);
    }
}

/* -- Tokens -------------------------------------------------------------- */

static bool
is_string_kind(int kind)
{
    return kind == STRING || (kind >= FSTRING_START && kind <= TSTRING_END);
}

void
_PyTokenizer_Next(tokenizer *tok, struct tok_token *token)
{
    Py_ssize_t end = -1;
    int kind;
    tok->start = NULL;
    kind = tok_current_mode(tok)->in_string ? tok_fstring(tok, &end) : tok_code(tok);
    if (kind == ERRORTOKEN && tok->status == TOK_OK) {
        tok->status = TOK_ERROR;
    }
    token->kind = kind;
    token->level = tok->level;
    token->end_lineno = tok->lineno;
    if (tok->start == NULL || kind == ERRORTOKEN || (!tok->extra_tokens && (kind == INDENT || kind == DEDENT))) {
        token->lineno = tok->lineno;
        token->start = token->end = token->col = token->end_col = -1;
        return;
    }
    if (end == -1) {
        end = tok->cur - tok->src;
    }
    bool string = is_string_kind(kind);
    token->lineno = string ? tok->first_lineno : tok->lineno;
    token->start = tok->start - tok->src;
    token->end = end;
    token->col = tok->start - (string ? tok->multi_line_start : tok->line_start);
    token->end_col = tok->src + end - tok->line_start;
}

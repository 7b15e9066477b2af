/* Tokenizer: text to tokens, one line at a time.

   The whole text read so far stays in one buffer, so a token is a pair of offsets into it and error
   messages can show any line.  Sources differ only in `refill`, which appends the next line.

   Invariants: line_start <= cur <= inp <= src + len; src[len] == 0; `inp` is the end of the current
   line (behind its newline); `lineno` is the number of that line.
   Locking: none; a tokenizer belongs to one parser, or to a TokenizerIter that locks itself. */
#ifndef LADON_PARSER_TOKENIZER_H
#define LADON_PARSER_TOKENIZER_H

#include "Python.h"
#include "pycore_tokenizer.h"

#include <stdbool.h>

enum token_kind {
#define TOKEN(name) name,
#define TOKEN_OP(name, text) name,
#define KEYWORD(name, text) name,
#include "tokens.def"
};

/* How far the tokenizer has come; the first is the only state in which it goes on. */
enum tok_status {
    TOK_OK,
    TOK_EOF,              /* end of input */
    TOK_INTERRUPTED,      /* KeyboardInterrupt */
    TOK_NO_MEMORY,
    TOK_ERROR,            /* an exception is set */
    TOK_TABS_AND_SPACES,
    TOK_TOO_DEEP,
    TOK_BAD_DEDENT,
    TOK_BAD_CONTINUATION,
    TOK_COLUMN_OVERFLOW,
    TOK_INTERACTIVE_STOP  /* enough input for one interactive statement */
};

#define TOK_MAX_INDENT 100        /* levels of indentation */
#define TOK_MAX_NESTING 200       /* open brackets */
#define TOK_MAX_STRINGS 150       /* f- and t-strings inside each other */
#define TOK_MAX_REPLACEMENTS 3    /* format specs inside each other */

/* What is being read: plain code, or an f- or t-string. */
struct tok_mode {
    bool in_string;               /* reading literal text, not code */
    bool raw;
    bool template;                /* t-string */
    bool in_format_spec;
    int bracket_depth;            /* brackets open since the string began */
    int expression_depth;         /* bracket_depth at which the current field's braces stand; -1 in text */
    int quote_size;
    char quote;
    int first_lineno;
    Py_ssize_t start;             /* offset of the prefix */
    Py_ssize_t line_start;        /* offset of the first line of the string */
};

typedef struct tokenizer {
    /* Source. */
    char *src;
    Py_ssize_t len;
    Py_ssize_t capacity;
    char *cur;
    char *inp;
    char *line_start;
    char *multi_line_start;       /* line on which the current token began */
    char *start;                  /* first character of the current token, NULL between tokens */
    char *read_start;             /* line on which the token being read began, for error texts */
    bool (*refill)(struct tokenizer *);   /* false: end of input or error (status says which) */
    bool implicit_newline;        /* the last newline was added */

    enum tok_status status;
    int lineno;
    int first_lineno;             /* line on which the current token began */

    /* Layout. */
    bool at_line_start;
    int pending;                  /* INDENTs (> 0) or DEDENTs (< 0) to deliver */
    int indent;
    int indents[TOK_MAX_INDENT];
    int alt_indents[TOK_MAX_INDENT];      /* the same with a tab of one column */

    int level;
    char brackets[TOK_MAX_NESTING];
    int bracket_lines[TOK_MAX_NESTING];
    int bracket_cols[TOK_MAX_NESTING];

    int mode_index;
    struct tok_mode modes[TOK_MAX_STRINGS];

    /* What the user of the tokenizer wants. */
    bool extra_tokens;            /* COMMENT and NL, no errors for unmatched brackets */
    bool type_comments;
    bool comment_newline;         /* extra_tokens: the newline after a comment-only line comes next */
    bool report_warnings;
    bool starts_at_second_line;

    PyObject *filename;           /* may be NULL */
    char *encoding;               /* of the file, PyMem memory, or NULL */
    const char *prompt;           /* not NULL: interactive; of the next line */
    const char *next_prompt;
    FILE *fp;                     /* interactive */
    PyObject *readline;           /* TokenizerIter's source of lines */
    bool decoding_failed;
    bool stop_interactive;        /* read no more lines from the terminal */
    bool ended_in_string;         /* the input ended in a triple-quoted string */
} tokenizer;

struct tok_token {
    int kind;
    int level;
    int lineno;
    int end_lineno;
    Py_ssize_t col;               /* bytes; -1 if the token has no text */
    Py_ssize_t end_col;
    Py_ssize_t start;             /* offsets into the source; -1 if the token has no text */
    Py_ssize_t end;
};

static inline struct tok_mode *
tok_current_mode(tokenizer *tok)
{
    return &tok->modes[tok->mode_index];
}

/* -- Life (tokenizer_source.c) ------------------------------------------- */
/* All return NULL with an exception. */
extern tokenizer *_PyTokenizer_FromString(const char *text, bool whole_file, bool is_utf8, PyObject *filename);
extern tokenizer *_PyTokenizer_FromFile(FILE *fp, const char *encoding, const char *ps1, const char *ps2,
                                        PyObject *filename);
extern tokenizer *_PyTokenizer_FromReadline(PyObject *readline, const char *encoding, PyObject *filename);
extern void _PyTokenizer_Free(tokenizer *tok);

/* Makes the next line current; false at the end of input or after an error (tok->status). */
extern bool _PyTokenizer_NextLine(tokenizer *tok);

/* Text of line `lineno` (from 1), without its newline, bytes that are not UTF-8 replaced. */
extern PyObject *_PyTokenizer_LineText(tokenizer *tok, int lineno);

/* -- Tokens (tokenizer.c) ------------------------------------------------ */
/* Fills *token; its kind is ERRORTOKEN if tok->status tells of an error. */
extern void _PyTokenizer_Next(tokenizer *tok, struct tok_token *token);

/* -- Errors (tokenizer_errors.c) ----------------------------------------- */
/* Set a SyntaxError on the current line and return ERRORTOKEN.  Columns count bytes from 1; -1 for
   where the tokenizer stands. */
extern int _PyTokenizer_SyntaxError(tokenizer *tok, const char *format, ...);
extern int _PyTokenizer_SyntaxErrorRange(tokenizer *tok, int col, int end_col, const char *format, ...);
/* 0, or -1 with an exception.  */
extern int _PyTokenizer_Warn(tokenizer *tok, PyObject *category, const char *format, ...);
extern int _PyTokenizer_WarnInvalidEscape(tokenizer *tok, int first_invalid_char);

#endif

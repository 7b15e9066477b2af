/* The code generator's own header: units, operands, emission.

   One walk over the tree emits instructions of a unit (module, class, function body) into a linear list with labels; the
   assembler then removes what is not needed, numbers the registers and writes the code object.

   Registers while generating are virtual: locals, cells, free variables, hidden variables (of inlined comprehensions) and
   temporaries each have a range of numbers; the assembler packs them.  Temporaries are a stack: unit->depth is the number of
   live ones.  The convention of every expression function: on return the depth is what it was on entry, and the value is in the
   destination; push_* functions leave one more temporary.
   Locking: a compilation belongs to one thread. */
#ifndef LADON_CODEGEN_H
#define LADON_CODEGEN_H

#include "Python.h"
#include "pycore_ast.h"
#include "pycore_code.h"
#include "pycore_compile.h"
#include "pycore_global_ids.h"
#include "pycore_intrinsics.h"
#include "pycore_symtable.h"

typedef _Py_SourceLocation location;
#define LOC(node) ((location){(node)->lineno, (node)->col_offset, (node)->end_lineno, (node)->end_col_offset})
#define NO_LOCATION ((location){-1, -1, -1, -1})

/* -- Virtual registers ------------------------------------------------------------------------ */

enum {
    REG_LOCAL = 0,
    REG_CELL = 0x2000,
    REG_FREE = 0x2800,
    REG_HIDDEN = 0x3000,
    REG_TEMP = 0x4000,
    REG_END = 0x8000,
    KEEP = 0x10000,         /* or-ed to an operand: this use of a temporary does not consume it */
};
#define IS_TEMP(reg) ((reg) >= REG_TEMP)

/* -- Units -------------------------------------------------------------------------------------- */

struct instruction {
    uint8_t op;
    uint8_t x;
    uint16_t a, b, c;       /* virtual registers (with OPERAND_LAST_USE), indices or numbers */
    int target;             /* label, or -1 */
    int handler;            /* row of unit->handlers, or -1 */
    location loc;
};

struct handler {
    int label;
    int depth;              /* temporaries that survive */
    int lasti;
};

struct label {
    int position;           /* instruction index, or -1 */
    int used;               /* jumped to, or entry of a handler in use */
};

enum fblock_kind {
    FB_WHILE, FB_FOR, FB_ASYNC_FOR, FB_TRY_EXCEPT, FB_FINALLY_TRY, FB_FINALLY_END, FB_WITH, FB_ASYNC_WITH, FB_HANDLER,
    FB_HANDLER_NAME, FB_EXCEPT_STAR, FB_STOP_ITERATION,
};

/* What a jump out of a statement has to undo. */
struct fblock {
    enum fblock_kind kind;
    int start, exit;        /* labels of continue and break */
    int reg;                /* first temporary of the statement (iterator, exit function, exception) */
    int handler;            /* handler outside the statement */
    void *node;             /* finally body, or name of the except clause */
    location loc;
};

enum unit_kind {
    UNIT_MODULE, UNIT_CLASS, UNIT_FUNCTION, UNIT_ASYNC_FUNCTION, UNIT_LAMBDA, UNIT_COMPREHENSION, UNIT_ANNOTATIONS
};

/* A comprehension being compiled into its outer unit: its own variables have hidden registers. */
struct inlined {
    PySTEntryObject *entry;     /* borrowed */
    PyObject *registers;        /* dict: mangled name -> virtual register */
    struct inlined *outer;
};

struct unit {
    struct unit *outer;
    PySTEntryObject *entry;
    enum unit_kind kind;
    PyObject *name, *qualname;
    PyObject *private;          /* class name for mangling, or NULL */
    PyObject *names, *varnames, *cellvars, *freevars;   /* dicts: name -> index */
    PyObject *constants;        /* dict: key -> index */
    PyObject *constant_list;
    PyObject *hidden_names;     /* list */
    PyObject *static_attributes;    /* set, of a class */
    PyObject *deferred_annotations; /* list of (int: address of AnnAssign, condition index or None), or NULL */
    int next_conditional_annotation;
    int argcount, posonlyargcount, kwonlyargcount;
    int firstlineno;
    int has_docstring;
    int is_generator;           /* generator, coroutine or asynchronous generator */
    struct inlined *inlined;

    struct instruction *code;
    int ncode, code_capacity;
    struct label *labels;
    int nlabels, label_capacity;
    struct handler *handlers;
    int nhandlers, handler_capacity;
    int handler;                /* of the instructions emitted now */
    int depth, max_depth;
    int reachable;              /* can control reach the next instruction? */
    struct fblock fblocks[20];
    int nfblocks;
    int in_finally_unwind;
};

struct compiler {
    PyObject *filename;
    struct symtable *table;
    _PyFutureFeatures future;
    PyCompilerFlags flags;
    int optimize;
    int interactive;
    int no_warnings;            /* the tree part being compiled was compiled before (finally bodies) */
    PyArena *arena;
    struct unit *u;
    PyObject *constant_cache;   /* dict: key -> constant, of the whole module */
};

#define TRY(call)          \
    do {                   \
        if ((call) < 0) {  \
            return -1;     \
        }                  \
    } while (0)

/* -- unit.c -------------------------------------------------------------------------------------- */

int unit_enter(struct compiler *c, PyObject *name, enum unit_kind kind, void *key, int firstlineno, PyObject *private);
void unit_exit(struct compiler *c);
int error_at(struct compiler *c, location loc, const char *format, ...);
int warn_at(struct compiler *c, location loc, const char *format, ...);

int new_label(struct compiler *c);
void use_label(struct compiler *c, int label);
int new_handler(struct compiler *c, int label, int depth, int lasti);

/* One instruction; source temporaries get their last-use bit.  0 or -1. */
int emit(struct compiler *c, location loc, int op, int x, int a, int b, int operand_c);
int emit_wide(struct compiler *c, location loc, int op, int a, uint32_t wide);
int emit_jump(struct compiler *c, location loc, int op, int x, int b, int operand_c, int a, int label);
int emit_const(struct compiler *c, location loc, int dest, PyObject *value);
int emit_const_steal(struct compiler *c, location loc, int dest, PyObject *value);
int emit_named(struct compiler *c, location loc, int op, int a, int b, PyObject *name);
int emit_return_const(struct compiler *c, location loc, PyObject *value);

/* Reserve temporaries: the first one's register. */
int push_temps(struct compiler *c, int count);
static inline int
top(struct compiler *c)
{
    return REG_TEMP + c->u->depth;
}

Py_ssize_t add_const(struct compiler *c, PyObject *value);
Py_ssize_t add_name(struct compiler *c, PyObject *name);        /* mangles */
PyObject *mangle(struct compiler *c, PyObject *name);

enum access { ACCESS_FAST, ACCESS_DEREF, ACCESS_GLOBAL, ACCESS_NAME, ACCESS_CLASS_DEREF, ACCESS_CLASSDICT_DEREF,
              ACCESS_CLASSDICT_GLOBAL };
/* How a mangled name is reached from here, and its register where it has one. */
int resolve(struct compiler *c, PyObject *mangled, enum access *access, int *reg);
/* The register that holds the cell of a name of the current unit. */
int cell_register(struct compiler *c, PyObject *mangled);
int load_name(struct compiler *c, location loc, PyObject *name, int dest);
int store_name(struct compiler *c, location loc, PyObject *name, int source);
int delete_name(struct compiler *c, location loc, PyObject *name);
int local_register(struct compiler *c, PyObject *mangled);
int new_hidden(struct compiler *c, PyObject *name);

int push_fblock(struct compiler *c, location loc, enum fblock_kind kind, int start, int exit, int reg, void *node);
void pop_fblock(struct compiler *c);

/* -- assemble.c ------------------------------------------------------------------------------------ */

PyCodeObject *assemble(struct compiler *c);

/* -- codegen_expr.c -------------------------------------------------------------------------------- */

int expr_into(struct compiler *c, expr_ty e, int dest);
int push_expr(struct compiler *c, expr_ty e);           /* the temporary, or -1 */
int operand(struct compiler *c, expr_ty e, expr_ty next);     /* a local, or a pushed temporary; next is evaluated after it */
int jump_if(struct compiler *c, expr_ty e, int label, int condition);
int emit_await(struct compiler *c, location loc, int reg, int kind);      /* value in temporary reg becomes its result */
/* Could evaluating e bind the local `name` of this unit (by a walrus)?  Then an operand read before must be copied. */
int may_bind(expr_ty e, PyObject *name);
int constant_truth(expr_ty e);                           /* 1, 0, or -1: not constant */
int build_string_parts(struct compiler *c, expr_ty e, int dest);
int call_arguments(struct compiler *c, location loc, int base, Py_ssize_t given, asdl_expr_seq *args,
                   asdl_keyword_seq *keywords, int dest);

/* -- codegen_stmt.c ---------------------------------------------------------------------------------- */

int stmt(struct compiler *c, stmt_ty s);
int body(struct compiler *c, asdl_stmt_seq *statements);
int store_target(struct compiler *c, expr_ty target, int source);    /* consumes source when it is a temporary */
int unwind_fblocks(struct compiler *c, location loc, int preserve, int to_loop, struct fblock **loop);

/* -- codegen_function.c -------------------------------------------------------------------------------- */

int function_def(struct compiler *c, stmt_ty s, int is_async);
int class_def(struct compiler *c, stmt_ty s);
int type_alias(struct compiler *c, stmt_ty s);
int lambda_into(struct compiler *c, expr_ty e, int dest);
int make_closure(struct compiler *c, location loc, PyCodeObject *code, int dest);
int annotation_of(struct compiler *c, stmt_ty s);
int finish_annotations(struct compiler *c, location loc, void *key);
int wrap_stopiteration(struct compiler *c);
int class_or_module_body(struct compiler *c, asdl_stmt_seq *statements, location loc);

/* -- codegen_comprehension.c ---------------------------------------------------------------------------- */

int comprehension_into(struct compiler *c, expr_ty e, int dest);

/* -- codegen_pattern.c ------------------------------------------------------------------------------------ */

int match_stmt(struct compiler *c, stmt_ty s);

/* -- codegen_try.c ------------------------------------------------------------------------------------------ */

int try_stmt(struct compiler *c, stmt_ty s);
int try_star_stmt(struct compiler *c, stmt_ty s);
int with_stmt(struct compiler *c, stmt_ty s, Py_ssize_t index, int is_async);
int unwind_one(struct compiler *c, location loc, struct fblock *block, int preserve);
#endif

/* Symbol tables: which scope each name of each block belongs to.

   A table is built from a syntax tree by one thread and read by the compiler and by `symtable`.  Entries are Python objects,
   one for each block (module, class, function, comprehension, annotation scopes); the table maps AST nodes to entries. */
#ifndef Py_INTERNAL_SYMTABLE_H
#define Py_INTERNAL_SYMTABLE_H

#include "Python.h"
#include "pycore_ast.h"  // mod_ty

typedef struct {
    int ff_features;                    /* CO_FUTURE_* flags */
    int lineno, col_offset, end_lineno, end_col_offset;     /* of the last future statement, or -1 */
} _PyFutureFeatures;

extern int _PyFuture_FromAST(mod_ty tree, PyObject *filename, _PyFutureFeatures *features);

typedef enum _block_type {
    FunctionBlock, ClassBlock, ModuleBlock,
    AnnotationBlock,        /* annotations of a function, class or module (PEP 649) */
    TypeVariableBlock,      /* bound or default of a type parameter */
    TypeAliasBlock,         /* value of a type alias */
    TypeParametersBlock,    /* type parameters of a function, class or alias */
} _Py_block_ty;

typedef enum _comprehension_type {
    NoComprehension = 0, ListComprehension = 1, DictComprehension = 2, SetComprehension = 3, GeneratorExpression = 4
} _Py_comprehension_ty;

typedef struct {
    int lineno, col_offset, end_lineno, end_col_offset;
} _Py_SourceLocation;

struct symtable;

typedef struct _symtable_entry {
    PyObject_HEAD
    PyObject *ste_id;               /* int: key of the AST node */
    PyObject *ste_symbols;          /* dict: mangled name -> flags */
    PyObject *ste_name;
    PyObject *ste_varnames;         /* list: parameters */
    PyObject *ste_children;         /* list of entries */
    PyObject *ste_directives;       /* list of (name, positions) of global and nonlocal, or NULL */
    PyObject *ste_mangled_names;    /* set: names to mangle in the type parameters of a class, or NULL */
    const char *ste_scope_info;     /* words for a message about annotation scopes, or NULL */
    _Py_block_ty ste_type;
    _Py_comprehension_ty ste_comprehension;
    int ste_nested;
    unsigned ste_generator : 1;
    unsigned ste_coroutine : 1;
    unsigned ste_varargs : 1;
    unsigned ste_varkeywords : 1;
    unsigned ste_returns_value : 1;
    unsigned ste_needs_class_closure : 1;       /* class: __class__ cell */
    unsigned ste_needs_classdict : 1;           /* class: __classdict__ cell */
    unsigned ste_comp_inlined : 1;              /* comprehension compiled into its outer block */
    unsigned ste_comp_iter_target : 1;          /* visiting the target of a comprehension */
    unsigned ste_can_see_class_scope : 1;       /* annotation scope directly inside a class */
    unsigned ste_method : 1;                    /* function directly inside a class */
    unsigned ste_has_docstring : 1;
    unsigned ste_in_conditional_block : 1;
    unsigned ste_has_conditional_annotations : 1;
    unsigned ste_in_unevaluated_annotation : 1;
    unsigned ste_annotations_used : 1;
    int ste_comp_iter_expr;                     /* depth of iterable expressions of comprehensions being visited */
    _Py_SourceLocation ste_loc;
    struct _symtable_entry *ste_annotation_block;   /* of this block's annotations; owned, or NULL */
    struct symtable *ste_table;                 /* while the table lives */
} PySTEntryObject;

struct symtable {
    PyObject *st_filename;
    PySTEntryObject *st_cur;        /* borrowed: top of st_stack */
    PySTEntryObject *st_top;        /* borrowed: module */
    PyObject *st_blocks;            /* dict: int(node address) -> entry */
    PyObject *st_stack;             /* list of entries */
    PyObject *st_global;            /* borrowed: symbols of st_top */
    PyObject *st_private;           /* borrowed: name of the class being visited, or NULL */
    _PyFutureFeatures *st_future;
    int recursion_depth;
};

extern PyTypeObject PySTEntry_Type;

/* NULL with SyntaxError or another exception. */
extern struct symtable *_PySymtable_Build(mod_ty tree, PyObject *filename, _PyFutureFeatures *future);
extern void _PySymtable_Free(struct symtable *table);
/* New reference to the entry of a node; KeyError if there is none.  LookupOptional: 1, 0, -1. */
extern PySTEntryObject *_PySymtable_Lookup(struct symtable *table, void *key);
extern int _PySymtable_LookupOptional(struct symtable *table, void *key, PySTEntryObject **entry);
extern struct symtable *_Py_SymtableStringObjectFlags(const char *text, PyObject *filename, int start,
                                                      PyCompilerFlags *flags);
/* Scope of a mangled name (LOCAL ...), 0 if it is not in the block, -1 with an exception. */
extern int _PyST_GetScope(PySTEntryObject *entry, PyObject *name);
extern long _PyST_GetSymbol(PySTEntryObject *entry, PyObject *name);
extern int _PyST_IsFunctionLike(PySTEntryObject *entry);
extern PyObject *_Py_Mangle(PyObject *class_name, PyObject *name);
extern PyObject *_Py_MaybeMangle(PyObject *class_name, PySTEntryObject *entry, PyObject *name);

/* Flags of a symbol. */
#define DEF_GLOBAL 1
#define DEF_LOCAL 2
#define DEF_PARAM (2 << 1)
#define DEF_NONLOCAL (2 << 2)
#define USE (2 << 3)
#define DEF_FREE_CLASS (2 << 5)     /* free, and a class variable of the same name too */
#define DEF_IMPORT (2 << 6)
#define DEF_ANNOT (2 << 7)
#define DEF_COMP_ITER (2 << 8)      /* iteration variable of a comprehension */
#define DEF_TYPE_PARAM (2 << 9)
#define DEF_COMP_CELL (2 << 10)
#define DEF_BOUND (DEF_LOCAL | DEF_PARAM | DEF_IMPORT)

#define SCOPE_OFFSET 12
#define SCOPE_MASK (DEF_GLOBAL | DEF_LOCAL | DEF_PARAM | DEF_NONLOCAL)
#define SYMBOL_TO_SCOPE(flags) (((flags) >> SCOPE_OFFSET) & SCOPE_MASK)

#define LOCAL 1
#define GLOBAL_EXPLICIT 2
#define GLOBAL_IMPLICIT 3
#define FREE 4
#define CELL 5
#endif

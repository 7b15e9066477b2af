/* Syntax tree: node structures and constructors, made from Parser/ast_nodes.def.

   For a sum such as expr there are `enum _expr_kind` (Name_kind, ...), `struct _expr` with `kind`,
   a union `v` with one member per node class, and the position; `expr_ty` points to it.  A product
   such as arguments is a plain structure.  Enums such as expr_context_ty start at 1.
   All nodes live in an arena, which holds their objects: every reference in a node is borrowed. */
#ifndef Py_INTERNAL_AST_H
#define Py_INTERNAL_AST_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_asdl.h"  // asdl_seq

/* -- Pointer types, enums, sequence types -------------------------------- */
#define AST_SUM(name, attrs) typedef struct _##name *name##_ty;
#define AST_PRODUCT(name, attrs) typedef struct _##name *name##_ty;
#define AST_ENUM(name) typedef enum _##name {_AST_##name##_BEFORE_FIRST = 0,
#define AST_VALUE(enumeration, name) name,
#define AST_ENUM_END(name) } name##_ty;
#include "../../Parser/ast_nodes.def"

#define AST_SUM(name, attrs) _ASDL_SEQ_TYPE(asdl_##name##_seq, name##_ty);
#define AST_PRODUCT(name, attrs) _ASDL_SEQ_TYPE(asdl_##name##_seq, name##_ty);
#include "../../Parser/ast_nodes.def"

#define AST_SUM(name, attrs) \
    extern asdl_##name##_seq *_Py_asdl_##name##_seq_new(Py_ssize_t size, PyArena *arena);
#define AST_PRODUCT(name, attrs) \
    extern asdl_##name##_seq *_Py_asdl_##name##_seq_new(Py_ssize_t size, PyArena *arena);
#include "../../Parser/ast_nodes.def"

/* Enums in sequences are stored as int. */
typedef asdl_int_seq asdl_cmpop_seq;

/* C type of a field: AST_FIELD_TYPE_COUNT(type). */
typedef int int_ty;
typedef PyObject *identifier_ty;
typedef PyObject *string_ty;
typedef PyObject *constant_ty;
#define AST_FIELD_TYPE_ONE(type) type##_ty
#define AST_FIELD_TYPE_OPT(type) type##_ty
#define AST_FIELD_TYPE_SEQ(type) asdl_##type##_seq *
#define AST_FIELD_TYPE_SEQOPT(type) asdl_##type##_seq *

/* -- Structures ---------------------------------------------------------- */
#define AST_SUM(name, attrs) enum _##name##_kind {_AST_##name##_NO_KIND = 0,
#define AST_NODE(sum, name) name##_kind,
#define AST_SUM_END(name) };
#include "../../Parser/ast_nodes.def"

#define _AST_MEMBER(type, field, count) AST_FIELD_TYPE_##count(type) field;
#define _AST_POSITION_BARE
#define _AST_POSITION_PLACED \
    int lineno;              \
    int col_offset;          \
    int end_lineno;          \
    int end_col_offset;
#define _AST_POSITION_SPAN _AST_POSITION_PLACED

#define AST_NODE(sum, name) struct _AST_##name##_fields { AST_FIELDS_##name(_AST_MEMBER) };
#include "../../Parser/ast_nodes.def"

#define AST_SUM(name, attrs)        \
    struct _##name {                \
        enum _##name##_kind kind;   \
        _AST_POSITION_##attrs       \
        union {
#define AST_NODE(sum, name) struct _AST_##name##_fields name;
#define AST_SUM_END(name) } v; };
#define AST_PRODUCT(name, attrs)          \
    struct _##name {                      \
        AST_FIELDS_##name(_AST_MEMBER)    \
        _AST_POSITION_##attrs             \
    };
#include "../../Parser/ast_nodes.def"
#undef _AST_MEMBER

/* -- Constructors -------------------------------------------------------- */
/* _PyAST_Name(fields..., position..., arena): NULL with an exception when a required field is
   missing or there is no memory. */
#define _AST_PARAMETER(type, field, count) AST_FIELD_TYPE_##count(type) field,
#define _AST_POSITION_PARAMETERS_BARE
#define _AST_POSITION_PARAMETERS_PLACED int lineno, int col_offset, int end_lineno, int end_col_offset,
#define _AST_POSITION_PARAMETERS_SPAN _AST_POSITION_PARAMETERS_PLACED
#define _AST_POSITION_OF_mod BARE
#define _AST_POSITION_OF_stmt PLACED
#define _AST_POSITION_OF_expr PLACED
#define _AST_POSITION_OF_excepthandler PLACED
#define _AST_POSITION_OF_pattern PLACED
#define _AST_POSITION_OF_type_ignore BARE
#define _AST_POSITION_OF_type_param PLACED
#define _AST_JOIN_(a, b) a##b
#define _AST_JOIN(a, b) _AST_JOIN_(a, b)

#define AST_NODE(sum, name)                                                    \
    extern sum##_ty _PyAST_##name(                                             \
        AST_FIELDS_##name(_AST_PARAMETER)                                      \
        _AST_JOIN(_AST_POSITION_PARAMETERS_, _AST_POSITION_OF_##sum)           \
        PyArena *arena);
#define AST_PRODUCT(name, attrs)                                               \
    extern name##_ty _PyAST_##name(                                            \
        AST_FIELDS_##name(_AST_PARAMETER)                                      \
        _AST_POSITION_PARAMETERS_##attrs                                       \
        PyArena *arena);
#include "../../Parser/ast_nodes.def"

/* -- Operations on trees ------------------------------------------------- */
/* Trees as Python objects of the ast module, and back. */
extern PyObject *PyAST_mod2obj(mod_ty tree);
extern mod_ty PyAST_obj2mod(PyObject *ast, PyArena *arena, int mode);
/* 1, 0, or -1 with an exception: is it an ast.AST? */
extern int PyAST_Check(PyObject *obj);
extern PyObject *_PyAST_Module_Fill(PyObject *module);

/* Checks a tree that a program built: 1, or 0 with an exception. */
extern int _PyAST_Validate(mod_ty tree);

/* Prepares a tree for the compiler (docstrings, __debug__, formatting, constant patterns; warns about
   control flow that leaves finally): 1, or 0 with an exception.  syntax_check_only leaves the tree as
   it is and only warns. */
extern int _PyAST_Preprocess(mod_ty tree, PyArena *arena, PyObject *filename, int optimize,
                             int ff_features, int syntax_check_only, int enable_warnings);

/* Source text of an expression, as annotations show it. */
extern PyObject *_PyAST_ExprAsUnicode(expr_ty expr);

/* The docstring of a body: borrowed, NULL without an exception if it has none. */
extern PyObject *_PyAST_GetDocString(asdl_stmt_seq *body);

#endif

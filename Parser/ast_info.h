/* Descriptions of the syntax tree's classes at run time, made from ast_nodes.def, and the classes of
   the `ast` module that go with them.

   `enum ast_class` numbers every class; the concrete classes of a sum follow it in order, so the class
   of a node is `sum + kind`.  The per-interpreter state is built on first use and then const. */
#ifndef LADON_PARSER_AST_INFO_H
#define LADON_PARSER_AST_INFO_H

#include "Python.h"
#include "pycore_ast.h"

#include <stdbool.h>

enum ast_class {
    AST_CLASS_identifier,
    AST_CLASS_string,
    AST_CLASS_constant,
    AST_CLASS_int,
#define AST_SUM(name, attrs) AST_CLASS_##name,
#define AST_NODE(sum, name) AST_CLASS_##name,
#define AST_PRODUCT(name, attrs) AST_CLASS_##name,
#define AST_ENUM(name) AST_CLASS_##name,
#define AST_VALUE(enumeration, name) AST_CLASS_##name,
#include "ast_nodes.def"
    AST_CLASS_COUNT
};

enum ast_count { AST_COUNT_ONE, AST_COUNT_OPT, AST_COUNT_SEQ, AST_COUNT_SEQOPT };

enum ast_position { AST_POSITION_BARE, AST_POSITION_PLACED, AST_POSITION_SPAN };

enum ast_role {
    AST_ROLE_NONE,            /* identifier, int, ... */
    AST_ROLE_SUM,
    AST_ROLE_NODE,
    AST_ROLE_PRODUCT,
    AST_ROLE_ENUM,
    AST_ROLE_VALUE,
};

struct ast_field_info {
    const char *name;
    enum ast_class type;
    enum ast_count count;
    size_t offset;            /* in the node's union member, or in the product */
};

struct ast_class_info {
    const char *name;
    enum ast_role role;
    enum ast_class base;      /* sum of a node, enum of a value; else the class itself */
    enum ast_position position;
    int field_count;
    const struct ast_field_info *(*fields)(void);
    size_t size;              /* of the C structure */
    size_t position_offset;   /* of lineno and the three integers behind it */
    size_t union_offset;      /* of the fields of a sum's nodes */
};

extern const struct ast_class_info _PyAST_Classes[AST_CLASS_COUNT];

/* Longest list of fields. */
enum { AST_MAX_FIELDS = 7 };

struct ast_state {
    PyObject *base;                                        /* ast.AST */
    PyObject *types[AST_CLASS_COUNT];
    PyObject *singletons[AST_CLASS_COUNT];                 /* of enum values */
    PyObject *field_names[AST_CLASS_COUNT][AST_MAX_FIELDS];
    PyObject *position_names[4];
    PyObject *fields, *attributes, *field_types, *match_args, *dict_name;
};

/* NULL with an exception. */
extern struct ast_state *_PyAST_State(void);
extern void _PyAST_Fini(PyInterpreterState *interp);

#endif

/* Constructors of syntax tree nodes and of their sequences, made from ast_nodes.def. */
#include "Python.h"
#include "pycore_ast.h"

#include <stddef.h>           // offsetof

/* -- Sequences ----------------------------------------------------------- */

void *
_Py_asdl_seq_alloc(Py_ssize_t size, size_t head_size, size_t item_size, PyArena *arena)
{
    if (size < 0 || (size_t)size > ((size_t)PY_SSIZE_T_MAX - head_size) / item_size) {
        PyErr_NoMemory();
        return NULL;
    }
    /* A sequence type is declared with one item, so an empty one has room for it too. */
    size_t bytes = head_size + (size_t)(size > 0 ? size : 1) * item_size;
    asdl_seq *seq = _PyArena_Malloc(arena, bytes);
    if (seq == NULL) {
        return NULL;
    }
    memset(seq, 0, bytes);
    seq->size = size;
    seq->elements = (void **)((char *)seq + head_size);
    return seq;
}

#define SEQ_CONSTRUCTOR(name)                                                          \
    asdl_##name##_seq *                                                                \
    _Py_asdl_##name##_seq_new(Py_ssize_t size, PyArena *arena)                         \
    {                                                                                  \
        return _Py_asdl_seq_alloc(size, offsetof(asdl_##name##_seq, typed_elements),   \
                                  sizeof(((asdl_##name##_seq *)NULL)->typed_elements[0]), \
                                  arena);                                              \
    }

SEQ_CONSTRUCTOR(generic)
SEQ_CONSTRUCTOR(identifier)
SEQ_CONSTRUCTOR(int)

#define AST_SUM(name, attrs) SEQ_CONSTRUCTOR(name)
#define AST_PRODUCT(name, attrs) SEQ_CONSTRUCTOR(name)
#include "ast_nodes.def"

/* -- Nodes --------------------------------------------------------------- */

static void
missing_field(const char *field, const char *node)
{
    PyErr_Format(PyExc_ValueError, "field '%s' is required for %s", field, node);
}

/* Is a required field there?  Numbers always are. */
#define PRESENT_ONE(value) _Generic((value), int : 1, default : (value) != 0)
#define PRESENT_OPT(value) 1
#define PRESENT_SEQ(value) 1
#define PRESENT_SEQOPT(value) 1

#define PARAMETER(type, field, count) AST_FIELD_TYPE_##count(type) field,
#define CHECK(type, field, count)                         \
    if (!PRESENT_##count(field)) {       \
        missing_field(#field, node_name);                 \
        return NULL;                                      \
    }
#define STORE(type, field, count) fields->field = field;

#define STORE_POSITION_BARE
#define STORE_POSITION_PLACED             \
    node->lineno = lineno;                \
    node->col_offset = col_offset;        \
    node->end_lineno = end_lineno;        \
    node->end_col_offset = end_col_offset;
#define STORE_POSITION_SPAN STORE_POSITION_PLACED

#define AST_NODE(sum, name)                                                     \
    sum##_ty                                                                    \
    _PyAST_##name(AST_FIELDS_##name(PARAMETER)                                  \
                  _AST_JOIN(_AST_POSITION_PARAMETERS_, _AST_POSITION_OF_##sum)  \
                  PyArena *arena)                                               \
    {                                                                           \
        const char *node_name = #name;                                          \
        AST_FIELDS_##name(CHECK)                                                \
        sum##_ty node = _PyArena_Malloc(arena, sizeof(*node));                  \
        if (node == NULL) {                                                     \
            return NULL;                                                        \
        }                                                                       \
        (void)node_name;                                                        \
        node->kind = name##_kind;                                               \
        struct _AST_##name##_fields *fields = &node->v.name;                    \
        (void)fields;                                                           \
        AST_FIELDS_##name(STORE)                                                \
        _AST_JOIN(STORE_POSITION_, _AST_POSITION_OF_##sum)                      \
        return node;                                                            \
    }
#define AST_PRODUCT(name, attrs)                                                \
    name##_ty                                                                   \
    _PyAST_##name(AST_FIELDS_##name(PARAMETER)                                  \
                  _AST_POSITION_PARAMETERS_##attrs                              \
                  PyArena *arena)                                               \
    {                                                                           \
        const char *node_name = #name;                                          \
        AST_FIELDS_##name(CHECK)                                                \
        name##_ty node = _PyArena_Malloc(arena, sizeof(*node));                 \
        if (node == NULL) {                                                     \
            return NULL;                                                        \
        }                                                                       \
        (void)node_name;                                                        \
        struct _##name *fields = node;                                          \
        AST_FIELDS_##name(STORE)                                                \
        STORE_POSITION_##attrs                                                  \
        return node;                                                            \
    }
#include "ast_nodes.def"

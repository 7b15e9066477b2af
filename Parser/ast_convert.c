/* Syntax trees between C and Python: both directions by walking the class descriptions. */
#include "Python.h"
#include "ast_info.h"

/* -- C to Python --------------------------------------------------------- */

static PyObject *to_object(struct ast_state *state, enum ast_class class, const void *node);

static PyObject *
item_to_object(struct ast_state *state, const struct ast_field_info *field, void *item)
{
    switch (field->type) {
        case AST_CLASS_identifier:
        case AST_CLASS_string:
        case AST_CLASS_constant:
            return Py_NewRef(item == NULL ? Py_None : (PyObject *)item);
        default:
            return to_object(state, field->type, item);
    }
}

static PyObject *
sequence_to_list(struct ast_state *state, const struct ast_field_info *field, const asdl_seq *seq)
{
    Py_ssize_t size = asdl_seq_LEN(seq);
    PyObject *list = PyList_New(size);
    bool enumeration = _PyAST_Classes[field->type].role == AST_ROLE_ENUM;
    for (Py_ssize_t i = 0; list != NULL && i < size; i++) {
        PyObject *value;
        if (enumeration) {
            value = Py_NewRef(state->singletons[field->type + ((const asdl_int_seq *)seq)->typed_elements[i]]);
        }
        else {
            value = item_to_object(state, field, ((const asdl_generic_seq *)seq)->typed_elements[i]);
        }
        if (value == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, value);
    }
    return list;
}

static PyObject *
field_to_object(struct ast_state *state, const struct ast_field_info *field, const char *base)
{
    const void *place = base + field->offset;
    if (field->count == AST_COUNT_SEQ || field->count == AST_COUNT_SEQOPT) {
        return sequence_to_list(state, field, *(asdl_seq *const *)place);
    }
    if (field->type == AST_CLASS_int) {
        return PyLong_FromLong(*(const int *)place);
    }
    if (_PyAST_Classes[field->type].role == AST_ROLE_ENUM) {
        return Py_NewRef(state->singletons[field->type + *(const int *)place]);
    }
    return item_to_object(state, field, *(void *const *)place);
}

static int
set_and_release(PyObject *object, PyObject *name, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    int result = PyObject_SetAttr(object, name, value);
    Py_DECREF(value);
    return result;
}

static int
fill_object(struct ast_state *state, PyObject *object, enum ast_class class, const void *node)
{
    const struct ast_class_info *outer = &_PyAST_Classes[class], *info = outer;
    const char *base = node;
    if (outer->role == AST_ROLE_SUM) {
        class += *(const int *)node;
        info = &_PyAST_Classes[class];
        base += outer->union_offset;
    }
    for (int i = 0; i < info->field_count; i++) {
        PyObject *value = field_to_object(state, &info->fields()[i], base);
        if (set_and_release(object, state->field_names[class][i], value) < 0) {
            return -1;
        }
    }
    if (outer->position != AST_POSITION_BARE) {
        const int *position = (const int *)((const char *)node + outer->position_offset);
        for (int i = 0; i < 4; i++) {
            if (set_and_release(object, state->position_names[i], PyLong_FromLong(position[i])) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* `class` is a sum or a product. */
static PyObject *
to_object(struct ast_state *state, enum ast_class class, const void *node)
{
    if (node == NULL) {
        return Py_NewRef(Py_None);
    }
    if (Py_EnterRecursiveCall(" during ast construction")) {
        return NULL;
    }
    enum ast_class concrete = class;
    if (_PyAST_Classes[class].role == AST_ROLE_SUM) {
        concrete += *(const int *)node;
    }
    PyObject *object = PyType_GenericNew((PyTypeObject *)state->types[concrete], NULL, NULL);
    if (object != NULL && fill_object(state, object, class, node) < 0) {
        Py_CLEAR(object);
    }
    Py_LeaveRecursiveCall();
    return object;
}

PyObject *
PyAST_mod2obj(mod_ty tree)
{
    struct ast_state *state = _PyAST_State();
    return state == NULL ? NULL : to_object(state, AST_CLASS_mod, tree);
}

/* -- Python to C --------------------------------------------------------- */

static int from_object(struct ast_state *state, PyArena *arena, enum ast_class class, PyObject *object,
                       void **out);

static int
keep(PyArena *arena, PyObject *object, void **out)
{
    if (_PyArena_AddPyObject(arena, Py_NewRef(object)) < 0) {
        Py_DECREF(object);
        return -1;
    }
    *out = object;
    return 0;
}

static int
string_from_object(PyArena *arena, const char *what, PyObject *object, void **out)
{
    if (object == Py_None) {
        *out = NULL;
        return 0;
    }
    if (!PyUnicode_CheckExact(object)) {
        PyErr_Format(PyExc_TypeError, "AST %s must be of type str", what);
        return -1;
    }
    return keep(arena, object, out);
}

static int
int_from_object(PyObject *object, int *out)
{
    if (!PyLong_Check(object)) {
        PyErr_Format(PyExc_ValueError, "invalid integer value: %R", object);
        return -1;
    }
    int value = PyLong_AsInt(object);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    *out = value;
    return 0;
}

static int
enum_from_object(struct ast_state *state, enum ast_class class, PyObject *object, int *out)
{
    for (int member = class + 1; member < AST_CLASS_COUNT && _PyAST_Classes[member].role == AST_ROLE_VALUE;
         member++) {
        int found = PyObject_IsInstance(object, state->types[member]);
        if (found != 0) {
            *out = member - (int)class;
            return found < 0 ? -1 : 0;
        }
    }
    PyErr_Format(PyExc_TypeError, "expected some sort of %s, but got %R", _PyAST_Classes[class].name, object);
    return -1;
}

/* Identifiers, strings, constants and nodes. */
static int
item_from_object(struct ast_state *state, PyArena *arena, enum ast_class class, PyObject *object, void **out)
{
    switch (class) {
        case AST_CLASS_identifier:
            return string_from_object(arena, "identifier", object, out);
        case AST_CLASS_string:
            return string_from_object(arena, "string", object, out);
        case AST_CLASS_constant:
            return keep(arena, object, out);
        default:
            return from_object(state, arena, class, object, out);
    }
}

static int
list_from_object(struct ast_state *state, PyArena *arena, const char *owner, const struct ast_field_info *field,
                 PyObject *object, void **out)
{
    if (!PyList_Check(object)) {
        PyErr_Format(PyExc_TypeError, "%s field \"%s\" must be a list, not a %.200s", owner, field->name,
                     Py_TYPE(object)->tp_name);
        return -1;
    }
    Py_ssize_t size = PyList_GET_SIZE(object);
    bool enumeration = _PyAST_Classes[field->type].role == AST_ROLE_ENUM;
    asdl_seq *seq = enumeration ? (asdl_seq *)_Py_asdl_int_seq_new(size, arena)
                                : (asdl_seq *)_Py_asdl_generic_seq_new(size, arena);
    if (seq == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PyList_GetItemRef(object, i);
        int result = -1;
        if (item == NULL) {
            PyErr_Clear();
        }
        else if (Py_EnterRecursiveCall(" during  ast construction") == 0) {
            result = enumeration
                ? enum_from_object(state, field->type, item, &((asdl_int_seq *)seq)->typed_elements[i])
                : item_from_object(state, arena, field->type, item,
                                   &((asdl_generic_seq *)seq)->typed_elements[i]);
            Py_LeaveRecursiveCall();
        }
        Py_XDECREF(item);
        if (result < 0 && PyErr_Occurred()) {
            return -1;
        }
        if (result < 0 || PyList_GET_SIZE(object) != size) {
            PyErr_Format(PyExc_RuntimeError, "%s field \"%s\" changed size during iteration", owner,
                         field->name);
            return -1;
        }
    }
    *out = seq;
    return 0;
}

static int
missing_field(const char *field, const char *owner)
{
    PyErr_Format(PyExc_TypeError, "required field \"%s\" missing from %s", field, owner);
    return -1;
}

/* One field whose value is there. */
static int
field_from_value(struct ast_state *state, PyArena *arena, const char *owner, const struct ast_field_info *field,
                 PyObject *value, void *place)
{
    if (field->count == AST_COUNT_SEQ || field->count == AST_COUNT_SEQOPT) {
        return list_from_object(state, arena, owner, field, value, place);
    }
    if (field->type == AST_CLASS_int) {
        return int_from_object(value, place);
    }
    if (_PyAST_Classes[field->type].role == AST_ROLE_ENUM) {
        return enum_from_object(state, field->type, value, place);
    }
    return item_from_object(state, arena, field->type, value, place);
}

static int
field_from_object(struct ast_state *state, PyArena *arena, const char *owner,
                  const struct ast_field_info *field, PyObject *name, PyObject *object, char *base)
{
    void *place = base + field->offset;
    PyObject *value;
    if (PyObject_GetOptionalAttr(object, name, &value) < 0) {
        return -1;
    }
    bool list = field->count == AST_COUNT_SEQ || field->count == AST_COUNT_SEQOPT;
    if (value == NULL && list) {
        value = PyList_New(0);
        if (value == NULL) {
            return -1;
        }
    }
    if (value == NULL && field->count == AST_COUNT_ONE) {
        return missing_field(field->name, owner);
    }
    if (value == NULL || (value == Py_None && field->count == AST_COUNT_OPT)) {
        Py_XDECREF(value);
        return 0;                 /* the structure is zeroed */
    }
    int result = -1;
    char where[64];
    PyOS_snprintf(where, sizeof(where), " while traversing '%s' node", owner);
    if (Py_EnterRecursiveCall(where) == 0) {
        result = field_from_value(state, arena, owner, field, value, place);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(value);
    if (result == 0 && field->count == AST_COUNT_ONE && field->type != AST_CLASS_int &&
        _PyAST_Classes[field->type].role != AST_ROLE_ENUM && *(void **)place == NULL) {
        PyErr_Format(PyExc_ValueError, "field '%s' is required for %s", field->name, owner);
        return -1;
    }
    return result;
}

static int
fields_from_object(struct ast_state *state, PyArena *arena, enum ast_class class, PyObject *object, char *base)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    for (int i = 0; i < info->field_count; i++) {
        if (field_from_object(state, arena, info->name, &info->fields()[i], state->field_names[class][i],
                              object, base) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
position_from_object(struct ast_state *state, enum ast_class class, PyObject *object, char *node)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    if (info->position == AST_POSITION_BARE) {
        return 0;
    }
    int *position = (int *)(node + info->position_offset);
    for (int i = 0; i < 4; i++) {
        PyObject *value;
        if (PyObject_GetOptionalAttr(object, state->position_names[i], &value) < 0) {
            return -1;
        }
        bool optional = i >= 2 && info->position == AST_POSITION_SPAN;
        if (value == NULL && !optional) {
            return missing_field(PyUnicode_AsUTF8(state->position_names[i]), info->name);
        }
        int result = 0;
        if (value == NULL || (value == Py_None && optional)) {
            position[i] = position[i - 2];
        }
        else {
            result = int_from_object(value, &position[i]);
        }
        Py_XDECREF(value);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

static int
from_object_of_sum(struct ast_state *state, PyArena *arena, enum ast_class class, PyObject *object, char *node)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    if (position_from_object(state, class, object, node) < 0) {
        return -1;
    }
    for (int member = class + 1; member < AST_CLASS_COUNT && _PyAST_Classes[member].role == AST_ROLE_NODE;
         member++) {
        int found = PyObject_IsInstance(object, state->types[member]);
        if (found < 0) {
            return -1;
        }
        if (found) {
            *(int *)node = member - (int)class;
            return fields_from_object(state, arena, member, object, node + info->union_offset);
        }
    }
    PyErr_Format(PyExc_TypeError, "expected some sort of %s, but got %R", info->name, object);
    return -1;
}

/* `class` is a sum or a product.  None is NULL for a sum. */
static int
from_object(struct ast_state *state, PyArena *arena, enum ast_class class, PyObject *object, void **out)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    if (object == Py_None && info->role == AST_ROLE_SUM) {
        *out = NULL;
        return 0;
    }
    char *node = _PyArena_Malloc(arena, info->size);
    if (node == NULL) {
        return -1;
    }
    memset(node, 0, info->size);
    if (info->role == AST_ROLE_SUM) {
        if (from_object_of_sum(state, arena, class, object, node) < 0) {
            return -1;
        }
    }
    else if (fields_from_object(state, arena, class, object, node) < 0 ||
             position_from_object(state, class, object, node) < 0) {
        return -1;
    }
    *out = node;
    return 0;
}

mod_ty
PyAST_obj2mod(PyObject *ast, PyArena *arena, int mode)
{
    static const enum ast_class required[] = {AST_CLASS_Module, AST_CLASS_Expression, AST_CLASS_Interactive};
    if (PySys_Audit("compile", "OO", ast, Py_None) < 0) {
        return NULL;
    }
    struct ast_state *state = _PyAST_State();
    if (state == NULL) {
        return NULL;
    }
    assert(0 <= mode && mode <= 2);
    int fits = PyObject_IsInstance(ast, state->types[required[mode]]);
    if (fits < 0) {
        return NULL;
    }
    if (!fits) {
        PyErr_Format(PyExc_TypeError, "expected %s node, got %.400s", _PyAST_Classes[required[mode]].name,
                     Py_TYPE(ast)->tp_name);
        return NULL;
    }
    void *tree;
    return from_object(state, arena, AST_CLASS_mod, ast, &tree) < 0 ? NULL : tree;
}

int
PyAST_Check(PyObject *obj)
{
    struct ast_state *state = _PyAST_State();
    return state == NULL ? -1 : PyObject_IsInstance(obj, state->base);
}

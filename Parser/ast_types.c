/* The classes of the `ast` module: AST itself, and one class for each row of ast_nodes.def.

   The classes are made once per interpreter, on first use.  Two threads may do so at the same time; the
   one that comes second throws its copy away.
   Locking: none here; a published state is const. */
#include "Python.h"
#include "ast_info.h"
#include "pycore_args.h"      // PY_METHOD_AS
#include "pycore_interp.h"    // interp->ast_state
#include "pycore_pystate.h"   // _PyInterpreterState_GET
#include "pycore_unionobject.h"  // _PyUnion_Check

#include <stddef.h>

/* -- Descriptions -------------------------------------------------------- */

/* A function per class, because the field macro knows the structure only by the name of a local type. */
#define FIELD(type, field, count) {#field, AST_CLASS_##type, AST_COUNT_##count, offsetof(structure, field)},
#define FIELDS_FUNCTION(name, tag)                          \
    static const struct ast_field_info *                    \
    fields_of_##name(void)                                  \
    {                                                       \
        typedef struct tag structure;                       \
        static const struct ast_field_info fields[] = {     \
            AST_FIELDS_##name(FIELD)                        \
            {NULL, 0, 0, sizeof(structure)},                \
        };                                                  \
        return fields;                                      \
    }
#define AST_NODE(sum, name) FIELDS_FUNCTION(name, _AST_##name##_fields)
#define AST_PRODUCT(name, attrs) FIELDS_FUNCTION(name, _##name)
#include "ast_nodes.def"

#define ONE_MORE(type, field, count) +1
#define POSITION_OFFSET_BARE(name) 0
#define POSITION_OFFSET_PLACED(name) offsetof(struct _##name, lineno)
#define POSITION_OFFSET_SPAN(name) offsetof(struct _##name, lineno)

const struct ast_class_info _PyAST_Classes[AST_CLASS_COUNT] = {
#define AST_SUM(sum, attrs)                                                                   \
    [AST_CLASS_##sum] = {#sum, AST_ROLE_SUM, AST_CLASS_##sum, AST_POSITION_##attrs, 0, NULL,  \
                         sizeof(struct _##sum), POSITION_OFFSET_##attrs(sum),                 \
                         offsetof(struct _##sum, v)},
#define AST_NODE(sum, node)                                                                   \
    [AST_CLASS_##node] = {#node, AST_ROLE_NODE, AST_CLASS_##sum, 0,                           \
                          0 AST_FIELDS_##node(ONE_MORE), fields_of_##node, 0, 0, 0},
#define AST_PRODUCT(product, attrs)                                                           \
    [AST_CLASS_##product] = {#product, AST_ROLE_PRODUCT, AST_CLASS_##product, AST_POSITION_##attrs, \
                             0 AST_FIELDS_##product(ONE_MORE), fields_of_##product,           \
                             sizeof(struct _##product), POSITION_OFFSET_##attrs(product), 0},
#define AST_ENUM(name) \
    [AST_CLASS_##name] = {#name, AST_ROLE_ENUM, AST_CLASS_##name, 0, 0, NULL, 0, 0, 0},
#define AST_VALUE(enumeration, name) \
    [AST_CLASS_##name] = {#name, AST_ROLE_VALUE, AST_CLASS_##enumeration, 0, 0, NULL, 0, 0, 0},
#include "ast_nodes.def"
};

#define AST_NODE(sum, name) static_assert(0 AST_FIELDS_##name(ONE_MORE) <= AST_MAX_FIELDS, #name);
#define AST_PRODUCT(name, attrs) static_assert(0 AST_FIELDS_##name(ONE_MORE) <= AST_MAX_FIELDS, #name);
#include "ast_nodes.def"

/* -- Instances ----------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *dict;
} ast_object;

static void
ast_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, ast_dealloc)
    Py_CLEAR(((ast_object *)self)->dict);
    freefunc release = PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static int
ast_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((ast_object *)self)->dict);
    return 0;
}

static int
ast_clear(PyObject *self)
{
    Py_CLEAR(((ast_object *)self)->dict);
    return 0;
}

/* A sequence attribute of the type as a new tuple or list; *result is NULL if there is none. */
static Py_ssize_t
type_names(PyObject *type, PyObject *attribute, PyObject **result)
{
    if (PyObject_GetOptionalAttr(type, attribute, result) < 0) {
        return -1;
    }
    if (*result == NULL) {
        return 0;
    }
    Py_ssize_t size = PySequence_Size(*result);
    if (size < 0) {
        Py_CLEAR(*result);
    }
    return size;
}

static int
warn_deprecated(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args);
    va_end(args);
    if (message == NULL) {
        return -1;
    }
    int result = PyErr_WarnEx(PyExc_DeprecationWarning, PyUnicode_AsUTF8(message), 1);
    Py_DECREF(message);
    return result;
}

/* A generic alias such as list[ast.stmt]? */
static bool
is_list_type(PyObject *type)
{
    return Py_IS_TYPE(type, &Py_GenericAliasType);
}

/* Gives a field that the constructor was not told its default. */
static int
set_missing_field(struct ast_state *state, PyObject *self, PyObject *field, PyObject *field_types)
{
    PyObject *type;
    if (PyMapping_GetOptionalItem(field_types, field, &type) < 0) {
        return -1;
    }
    const char *name = Py_TYPE(self)->tp_name;
    if (type == NULL) {
        return warn_deprecated("Field %R is missing from %.400s._field_types. "
                               "This will become an error in Python 3.15.", field, name);
    }
    int result = 0;
    if (_PyUnion_Check(type)) {
        /* Optional: the class attribute None shows through. */
    }
    else if (is_list_type(type)) {
        PyObject *empty = PyList_New(0);
        result = empty == NULL ? -1 : PyObject_SetAttr(self, field, empty);
        Py_XDECREF(empty);
    }
    else if (type == state->types[AST_CLASS_expr_context]) {
        result = PyObject_SetAttr(self, field, state->singletons[AST_CLASS_Load]);
    }
    else {
        result = warn_deprecated("%.400s.__init__ missing 1 required positional argument: %R. "
                                 "This will become an error in Python 3.15.", name, field);
    }
    Py_DECREF(type);
    return result;
}

static int
set_missing_fields(struct ast_state *state, PyObject *self, PyObject *missing)
{
    PyObject *field_types;
    int result = PyObject_GetOptionalAttr((PyObject *)Py_TYPE(self), state->field_types, &field_types);
    if (field_types == NULL) {
        return result;
    }
    result = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(missing) && result == 0; i++) {
        result = set_missing_field(state, self, PyList_GET_ITEM(missing, i), field_types);
    }
    Py_DECREF(field_types);
    return result;
}

static int
set_positional(PyObject *self, PyObject *args, PyObject *fields, PyObject *missing)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *name = PySequence_GetItem(fields, i);
        if (name == NULL) {
            return -1;
        }
        int result = PyObject_SetAttr(self, name, PyTuple_GET_ITEM(args, i));
        if (result == 0) {
            Py_ssize_t index = PySequence_Index(missing, name);
            result = index < 0 ? -1 : PyList_SetSlice(missing, index, index + 1, NULL);
        }
        Py_DECREF(name);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

/* The name of the type without its module. */
static const char *
short_name(PyTypeObject *type)
{
    const char *dot = strrchr(type->tp_name, '.');
    return dot == NULL ? type->tp_name : dot + 1;
}

static int
set_keyword(struct ast_state *state, PyObject *self, PyObject *key, PyObject *value, PyObject *fields,
            Py_ssize_t positional, PyObject *missing)
{
    int is_field = fields == NULL ? 0 : PySequence_Contains(fields, key);
    if (is_field < 0) {
        return -1;
    }
    if (is_field) {
        Py_ssize_t index = PySequence_Index(fields, key);
        if (index < 0) {
            return -1;
        }
        if (index < positional) {
            PyErr_Format(PyExc_TypeError, "%.400s got multiple values for argument %R",
                         short_name(Py_TYPE(self)), key);
            return -1;
        }
        Py_ssize_t at = PySequence_Index(missing, key);
        if (at < 0) {
            PyErr_Clear();
        }
        else if (PyList_SetSlice(missing, at, at + 1, NULL) < 0) {
            return -1;
        }
    }
    else {
        PyObject *attributes;
        if (type_names((PyObject *)Py_TYPE(self), state->attributes, &attributes) < 0) {
            return -1;
        }
        int known = attributes == NULL ? 0 : PySequence_Contains(attributes, key);
        Py_XDECREF(attributes);
        if (known < 0 || (!known && warn_deprecated(
                "%.400s.__init__ got an unexpected keyword argument %R. Support for arbitrary keyword "
                "arguments is deprecated and will be removed in Python 3.15.",
                Py_TYPE(self)->tp_name, key) < 0)) {
            return -1;
        }
    }
    return PyObject_SetAttr(self, key, value);
}

static int
ast_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    struct ast_state *state = _PyAST_State();
    PyObject *fields = NULL, *missing = NULL;
    int result = -1;
    if (state == NULL) {
        return -1;
    }
    Py_ssize_t field_count = type_names((PyObject *)Py_TYPE(self), state->fields, &fields);
    if (field_count < 0) {
        goto done;
    }
    missing = fields == NULL ? PyList_New(0) : PySequence_List(fields);
    if (missing == NULL) {
        goto done;
    }
    if (PyTuple_GET_SIZE(args) > field_count) {
        PyErr_Format(PyExc_TypeError, "%.400s constructor takes at most %zd positional argument%s",
                     short_name(Py_TYPE(self)), field_count, field_count == 1 ? "" : "s");
        goto done;
    }
    if (set_positional(self, args, fields, missing) < 0) {
        goto done;
    }
    Py_ssize_t position = 0;
    PyObject *key, *value;
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &key, &value)) {
        if (set_keyword(state, self, key, value, fields, PyTuple_GET_SIZE(args), missing) < 0) {
            goto done;
        }
    }
    result = PyList_GET_SIZE(missing) == 0 ? 0 : set_missing_fields(state, self, missing);
done:
    Py_XDECREF(fields);
    Py_XDECREF(missing);
    return result;
}

/* -- Pickling and copying ------------------------------------------------ */

/* The constructor gets a None for each leading field that is set, so that it does not warn; then the
   real values come with the dict. */
static PyObject *
ast_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct ast_state *state = _PyAST_State();
    PyObject *dict = NULL, *fields = NULL, *placeholders = NULL, *result = NULL;
    if (state == NULL || PyObject_GetOptionalAttr(self, state->dict_name, &dict) < 0) {
        return NULL;
    }
    if (dict == NULL) {
        return Py_BuildValue("O()", Py_TYPE(self));
    }
    Py_ssize_t count = type_names((PyObject *)Py_TYPE(self), state->fields, &fields), set = 0;
    if (count < 0) {
        goto done;
    }
    for (; set < count; set++) {
        PyObject *name = PySequence_GetItem(fields, set), *value = NULL;
        int found = name == NULL ? -1 : PyMapping_GetOptionalItem(dict, name, &value);
        Py_XDECREF(name);
        Py_XDECREF(value);
        if (found < 0) {
            goto done;
        }
        if (found == 0) {
            break;
        }
    }
    placeholders = PyTuple_New(set);
    for (Py_ssize_t i = 0; placeholders != NULL && i < set; i++) {
        PyTuple_SET_ITEM(placeholders, i, Py_None);
    }
    if (placeholders != NULL) {
        result = Py_BuildValue("OOO", Py_TYPE(self), placeholders, dict);
    }
done:
    Py_XDECREF(dict);
    Py_XDECREF(fields);
    Py_XDECREF(placeholders);
    return result;
}

/* Takes the names in `names` out of the set; with `unexpected` not NULL also those that it lacks. */
static int
discard_names(PyObject *set, PyObject *names)
{
    Py_ssize_t count = names == NULL ? 0 : PySequence_Size(names);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *name = PySequence_GetItem(names, i);
        int result = name == NULL ? -1 : PySet_Discard(set, name);
        Py_XDECREF(name);
        if (result < 0) {
            return -1;
        }
    }
    return count < 0 ? -1 : 0;
}

/* Optional fields may be missing. */
static int
discard_optional(struct ast_state *state, PyObject *type, PyObject *missing)
{
    PyObject *field_types;
    if (PyObject_GetOptionalAttr(type, state->field_types, &field_types) < 0) {
        return -1;
    }
    int result = 0;
    Py_ssize_t position = 0;
    PyObject *name, *field_type;
    while (result == 0 && field_types != NULL && PyDict_Check(field_types) &&
           PyDict_Next(field_types, &position, &name, &field_type)) {
        if (_PyUnion_Check(field_type)) {
            result = PySet_Discard(missing, name) < 0 ? -1 : 0;
        }
    }
    Py_XDECREF(field_types);
    return result;
}

static PyObject *
sorted_reprs(PyObject *set)
{
    PyObject *names = PySequence_List(set), *comma = PyUnicode_FromString(", "), *result = NULL;
    if (names != NULL && comma != NULL && PyList_Sort(names) == 0) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
            PyObject *shown = PyObject_Repr(PyList_GET_ITEM(names, i));
            if (shown == NULL || PyList_SetItem(names, i, shown) < 0) {
                goto done;
            }
        }
        result = PyUnicode_Join(comma, names);
    }
done:
    Py_XDECREF(names);
    Py_XDECREF(comma);
    return result;
}

/* May the node be copied with these keyword arguments?  0, or -1 with an exception. */
static int
replace_check(struct ast_state *state, PyObject *self, PyObject *dict, PyObject *kwargs)
{
    PyObject *type = (PyObject *)Py_TYPE(self);
    PyObject *fields = NULL, *attributes = NULL, *missing = NULL, *key, *value;
    Py_ssize_t position = 0;
    int result = -1;
    if (type_names(type, state->fields, &fields) < 0 || type_names(type, state->attributes, &attributes) < 0 ||
        (missing = PySet_New(fields)) == NULL) {
        goto done;
    }
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &key, &value)) {
        int known = fields == NULL ? 0 : PySequence_Contains(fields, key);
        if (known == 0 && attributes != NULL) {
            known = PySequence_Contains(attributes, key);
        }
        if (known == 0) {
            PyErr_Format(PyExc_TypeError, "%.400s.__replace__ got an unexpected keyword argument %R.",
                         Py_TYPE(self)->tp_name, key);
        }
        if (known <= 0 || PySet_Discard(missing, key) < 0) {
            goto done;
        }
    }
    position = 0;
    while (dict != NULL && PyDict_Next(dict, &position, &key, &value)) {
        if (PySet_Discard(missing, key) < 0) {
            goto done;
        }
    }
    if (discard_names(missing, attributes) < 0 || discard_optional(state, type, missing) < 0) {
        goto done;
    }
    Py_ssize_t count = PySet_GET_SIZE(missing);
    if (count > 0) {
        PyObject *names = sorted_reprs(missing);
        if (names != NULL) {
            PyErr_Format(PyExc_TypeError, "%.400s.__replace__ missing %zd keyword argument%s: %U.",
                         Py_TYPE(self)->tp_name, count, count == 1 ? "" : "s", names);
            Py_DECREF(names);
        }
        goto done;
    }
    result = 0;
done:
    Py_XDECREF(fields);
    Py_XDECREF(attributes);
    Py_XDECREF(missing);
    return result;
}

static PyObject *
ast_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    struct ast_state *state = _PyAST_State();
    PyObject *dict = NULL, *payload = NULL, *empty = NULL, *result = NULL;
    if (state == NULL) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) > 0) {
        PyErr_SetString(PyExc_TypeError, "__replace__() takes no positional arguments");
        return NULL;
    }
    if (PyObject_GetOptionalAttr(self, state->dict_name, &dict) < 0 ||
        replace_check(state, self, dict, kwargs) < 0 || (payload = PyDict_New()) == NULL) {
        goto done;
    }
    /* Only fields and attributes go into the copy. */
    PyObject *const name_lists[] = {state->fields, state->attributes};
    for (int k = 0; k < 2 && dict != NULL; k++) {
        PyObject *names;
        Py_ssize_t count = type_names((PyObject *)Py_TYPE(self), name_lists[k], &names);
        for (Py_ssize_t i = 0; i < count; i++) {
            PyObject *name = PySequence_GetItem(names, i), *value = NULL;
            if (name == NULL || PyMapping_GetOptionalItem(dict, name, &value) < 0 ||
                (value != NULL && PyDict_SetItem(payload, name, value) < 0)) {
                count = -1;
            }
            Py_XDECREF(name);
            Py_XDECREF(value);
        }
        Py_XDECREF(names);
        if (count < 0) {
            goto done;
        }
    }
    if (kwargs != NULL && PyDict_Update(payload, kwargs) < 0) {
        goto done;
    }
    empty = PyTuple_New(0);
    if (empty != NULL) {
        result = PyObject_Call((PyObject *)Py_TYPE(self), empty, payload);
    }
done:
    Py_XDECREF(dict);
    Py_XDECREF(payload);
    Py_XDECREF(empty);
    return result;
}

/* -- Representation ------------------------------------------------------ */

static PyObject *repr_to_depth(PyObject *self, int depth);

static PyObject *
repr_value(struct ast_state *state, PyObject *value, int depth)
{
    return PyObject_TypeCheck(value, (PyTypeObject *)state->base) ? repr_to_depth(value, depth) : PyObject_Repr(value);
}

/* The first and the last item. */
static PyObject *
repr_sequence(struct ast_state *state, PyObject *sequence, int depth)
{
    bool tuple = PyTuple_Check(sequence);
    Py_ssize_t size = PySequence_Size(sequence);
    if (size <= 0) {
        return size < 0 ? NULL : PyObject_Repr(sequence);
    }
    PyObject *first = PySequence_GetItem(sequence, 0), *last = PySequence_GetItem(sequence, size - 1);
    PyObject *first_text = NULL, *last_text = NULL, *result = NULL;
    if (first != NULL && last != NULL && (first_text = repr_value(state, first, depth)) != NULL &&
        (size == 1 || (last_text = repr_value(state, last, depth)) != NULL)) {
        const char *open = tuple ? "(" : "[", *close = tuple ? ")" : "]";
        result = size == 1 ? PyUnicode_FromFormat("%s%U%s", open, first_text, close)
                           : PyUnicode_FromFormat("%s%U, %s%U%s", open, first_text, size > 2 ? "..., " : "",
                                                  last_text, close);
    }
    Py_XDECREF(first);
    Py_XDECREF(last);
    Py_XDECREF(first_text);
    Py_XDECREF(last_text);
    return result;
}

static PyObject *
repr_fields(struct ast_state *state, PyObject *self, PyObject *fields, Py_ssize_t count, int depth)
{
    PyObject *parts = PyList_New(0), *comma = NULL, *joined = NULL, *result = NULL;
    for (Py_ssize_t i = 0; parts != NULL && i < count; i++) {
        PyObject *name = PySequence_GetItem(fields, i);
        PyObject *value = name == NULL ? NULL : PyObject_GetAttr(self, name);
        PyObject *text = value == NULL ? NULL
                       : PyList_Check(value) || PyTuple_Check(value) ? repr_sequence(state, value, depth - 1)
                                                                     : repr_value(state, value, depth - 1);
        PyObject *part = text == NULL ? NULL : PyUnicode_FromFormat("%U=%U", name, text);
        if (part == NULL || PyList_Append(parts, part) < 0) {
            Py_CLEAR(parts);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
        Py_XDECREF(text);
        Py_XDECREF(part);
    }
    if (parts != NULL && (comma = PyUnicode_FromString(", ")) != NULL &&
        (joined = PyUnicode_Join(comma, parts)) != NULL) {
        result = PyUnicode_FromFormat("%s(%U)", Py_TYPE(self)->tp_name, joined);
    }
    Py_XDECREF(parts);
    Py_XDECREF(comma);
    Py_XDECREF(joined);
    return result;
}

static PyObject *
repr_to_depth(PyObject *self, int depth)
{
    if (depth <= 0) {
        return PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name);
    }
    struct ast_state *state = _PyAST_State();
    if (state == NULL) {
        return NULL;
    }
    int status = Py_ReprEnter(self);
    if (status != 0) {
        return status < 0 ? NULL : PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name);
    }
    PyObject *fields, *result = NULL;
    Py_ssize_t count = type_names((PyObject *)Py_TYPE(self), state->fields, &fields);
    if (count == 0) {
        result = PyUnicode_FromFormat("%s()", Py_TYPE(self)->tp_name);
    }
    else if (count > 0) {
        result = repr_fields(state, self, fields, count, depth);
    }
    Py_XDECREF(fields);
    Py_ReprLeave(self);
    return result;
}

static PyObject *
ast_repr(PyObject *self)
{
    return repr_to_depth(self, 3);
}

/* -- The base class ------------------------------------------------------ */

static PyMethodDef ast_methods[] = {
    PY_METHOD_NOSIG("__reduce__", ast_reduce, METH_NOARGS, NULL),
    PY_METHOD_AS("__replace__", ast_replace, METH_VARARGS | METH_KEYWORDS, "($self, /, **fields)",
                 "Return a copy with other values for some fields."),
    {0}
};

static PyGetSetDef ast_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {0}
};

static PyMemberDef ast_members[] = {
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(ast_object, dict), Py_READONLY, NULL},
    {0}
};

static PyType_Slot ast_slots[] = {
    {Py_tp_dealloc, ast_dealloc},
    {Py_tp_repr, ast_repr},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_traverse, ast_traverse},
    {Py_tp_clear, ast_clear},
    {Py_tp_members, ast_members},
    {Py_tp_methods, ast_methods},
    {Py_tp_getset, ast_getset},
    {Py_tp_init, ast_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL},
};

static PyType_Spec ast_spec = {
    .name = "ast.AST",
    .basicsize = sizeof(ast_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = ast_slots,
};

/* -- Signatures ---------------------------------------------------------- */

/* Room for the longest __doc__, that of stmt. */
enum { DOC_SIZE = 4096 };

static size_t
append(char *text, size_t used, const char *more)
{
    size_t size = strlen(more);
    assert(used + size < DOC_SIZE);
    memcpy(text + used, more, size + 1);
    return used + size;
}

/* "Name(identifier id, expr_context ctx)", or only the name if there are no fields. */
static size_t
append_signature(char *text, size_t used, const struct ast_class_info *info)
{
    static const char *const marks[] = {"", "?", "*", "?*"};
    used = append(text, used, info->name);
    for (int i = 0; i < info->field_count; i++) {
        const struct ast_field_info *field = &info->fields()[i];
        static const char *const plain[] = {"identifier", "string", "constant", "int"};
        used = append(text, used, i == 0 ? "(" : ", ");
        used = append(text, used, field->type <= AST_CLASS_int ? plain[field->type]
                                                               : _PyAST_Classes[field->type].name);
        used = append(text, used, marks[field->count]);
        used = append(text, used, " ");
        used = append(text, used, field->name);
    }
    return info->field_count > 0 ? append(text, used, ")") : used;
}

/* For an abstract class the signatures of its subclasses, one a line if they have fields. */
static void
make_doc(enum ast_class class, char *text)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    if (info->role != AST_ROLE_SUM && info->role != AST_ROLE_ENUM) {
        append_signature(text, 0, info);
        return;
    }
    size_t used = append(text, 0, info->name);
    used = append(text, used, " = ");
    for (int member = class + 1; member < AST_CLASS_COUNT && (int)_PyAST_Classes[member].base == (int)class &&
                                 member != (int)_PyAST_Classes[member].base; member++) {
        if (member > (int)class + 1) {
            if (info->role == AST_ROLE_SUM) {
                used = append(text, used, "\n");
                for (size_t i = 0; i <= strlen(info->name); i++) {
                    used = append(text, used, " ");
                }
                used = append(text, used, "| ");
            }
            else {
                used = append(text, used, " | ");
            }
        }
        used = append_signature(text, used, &_PyAST_Classes[member]);
    }
}

/* -- Making the classes -------------------------------------------------- */

static PyObject *
names_tuple(PyObject *const *names, int count)
{
    PyObject *tuple = PyTuple_New(count);
    for (int i = 0; tuple != NULL && i < count; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(names[i]));
    }
    return tuple;
}

/* The Python type of a field: list[ast.stmt], str | None, ... */
static PyObject *
field_type(struct ast_state *state, const struct ast_field_info *field)
{
    PyObject *type = NULL;
    switch (field->type) {
        case AST_CLASS_identifier:
        case AST_CLASS_string:
            type = (PyObject *)&PyUnicode_Type;
            break;
        case AST_CLASS_int:
            type = (PyObject *)&PyLong_Type;
            break;
        case AST_CLASS_constant:
            type = (PyObject *)&PyBaseObject_Type;
            break;
        default:
            type = state->types[field->type];
            break;
    }
    if (field->count == AST_COUNT_SEQ || field->count == AST_COUNT_SEQOPT) {
        return Py_GenericAlias((PyObject *)&PyList_Type, type);
    }
    return field->count == AST_COUNT_OPT ? PyNumber_Or(type, Py_None) : Py_NewRef(type);
}

static int
set_annotations(struct ast_state *state, enum ast_class class)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    PyObject *types = PyDict_New(), *copy = NULL;
    int result = types == NULL ? -1 : 0;
    for (int i = 0; i < info->field_count && result == 0; i++) {
        PyObject *type = field_type(state, &info->fields()[i]);
        result = type == NULL ? -1 : PyDict_SetItem(types, state->field_names[class][i], type);
        Py_XDECREF(type);
    }
    if (result == 0) {
        copy = PyDict_Copy(types);
        result = copy == NULL ? -1
               : PyObject_SetAttr(state->types[class], state->field_types, types) < 0 ? -1
               : PyObject_SetAttrString(state->types[class], "__annotations__", copy);
    }
    Py_XDECREF(types);
    Py_XDECREF(copy);
    return result;
}

/* Class attributes None for what may be absent. */
static int
set_optional_defaults(struct ast_state *state, enum ast_class class)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    for (int i = 0; i < info->field_count; i++) {
        if (info->fields()[i].count == AST_COUNT_OPT &&
            PyObject_SetAttr(state->types[class], state->field_names[class][i], Py_None) < 0) {
            return -1;
        }
    }
    if (info->position == AST_POSITION_SPAN) {
        for (int i = 2; i < 4; i++) {
            if (PyObject_SetAttr(state->types[class], state->position_names[i], Py_None) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int
make_class(struct ast_state *state, enum ast_class class)
{
    const struct ast_class_info *info = &_PyAST_Classes[class];
    for (int i = 0; i < info->field_count; i++) {
        state->field_names[class][i] = PyUnicode_InternFromString(info->fields()[i].name);
        if (state->field_names[class][i] == NULL) {
            return -1;
        }
    }
    bool derived = info->role == AST_ROLE_NODE || info->role == AST_ROLE_VALUE;
    PyObject *base = derived ? state->types[info->base] : state->base;
    PyObject *fields = names_tuple(state->field_names[class], info->field_count);
    char doc[DOC_SIZE];
    make_doc(class, doc);
    PyObject *type = fields == NULL ? NULL
        : PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){OOOOssss}", info->name, base, state->fields,
                                fields, state->match_args, fields, "__module__", "ast", "__doc__", doc);
    Py_XDECREF(fields);
    if (type == NULL) {
        return -1;
    }
    state->types[class] = type;
    if (!derived) {
        PyObject *attributes = names_tuple(state->position_names, info->position == AST_POSITION_BARE ? 0 : 4);
        int result = attributes == NULL ? -1 : PyObject_SetAttr(type, state->attributes, attributes);
        Py_XDECREF(attributes);
        if (result < 0) {
            return -1;
        }
    }
    if (set_optional_defaults(state, class) < 0) {
        return -1;
    }
    if (info->role == AST_ROLE_VALUE) {
        state->singletons[class] = PyType_GenericNew((PyTypeObject *)type, NULL, NULL);
        return state->singletons[class] == NULL ? -1 : 0;
    }
    return 0;
}

static int
make_base(struct ast_state *state)
{
    state->base = PyType_FromSpec(&ast_spec);
    PyObject *empty = PyTuple_New(0);
    int result = -1;
    if (state->base != NULL && empty != NULL && PyObject_SetAttr(state->base, state->fields, empty) == 0 &&
        PyObject_SetAttr(state->base, state->match_args, empty) == 0 &&
        PyObject_SetAttr(state->base, state->attributes, empty) == 0) {
        result = 0;
    }
    Py_XDECREF(empty);
    return result;
}

static int
state_fill(struct ast_state *state)
{
    static const char *const position[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};
    for (int i = 0; i < 4; i++) {
        state->position_names[i] = PyUnicode_InternFromString(position[i]);
    }
    state->fields = PyUnicode_InternFromString("_fields");
    state->attributes = PyUnicode_InternFromString("_attributes");
    state->field_types = PyUnicode_InternFromString("_field_types");
    state->match_args = PyUnicode_InternFromString("__match_args__");
    state->dict_name = PyUnicode_InternFromString("__dict__");
    if (PyErr_Occurred() || make_base(state) < 0) {
        return -1;
    }
    for (int class = AST_CLASS_int + 1; class < AST_CLASS_COUNT; class++) {
        if (make_class(state, class) < 0) {
            return -1;
        }
    }
    for (int class = AST_CLASS_int + 1; class < AST_CLASS_COUNT; class++) {
        enum ast_role role = _PyAST_Classes[class].role;
        if ((role == AST_ROLE_NODE || role == AST_ROLE_PRODUCT || role == AST_ROLE_VALUE) &&
            set_annotations(state, class) < 0) {
            return -1;
        }
    }
    return 0;
}

static void
state_free(struct ast_state *state)
{
    for (int class = 0; class < AST_CLASS_COUNT; class++) {
        Py_CLEAR(state->singletons[class]);
        Py_CLEAR(state->types[class]);
        for (int i = 0; i < AST_MAX_FIELDS; i++) {
            Py_CLEAR(state->field_names[class][i]);
        }
    }
    for (int i = 0; i < 4; i++) {
        Py_CLEAR(state->position_names[i]);
    }
    Py_CLEAR(state->base);
    Py_CLEAR(state->fields);
    Py_CLEAR(state->attributes);
    Py_CLEAR(state->field_types);
    Py_CLEAR(state->match_args);
    Py_CLEAR(state->dict_name);
    PyMem_RawFree(state);
}

struct ast_state *
_PyAST_State(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    /* Acquire: pairs with the exchange below, so that the state is seen complete. */
    struct ast_state *state = _Py_atomic_load_ptr_acquire(&interp->ast_state);
    if (state != NULL) {
        return state;
    }
    state = PyMem_RawCalloc(1, sizeof(*state));
    if (state == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (state_fill(state) < 0) {
        state_free(state);
        return NULL;
    }
    void *expected = NULL;
    if (!_Py_atomic_compare_exchange_ptr(&interp->ast_state, &expected, state)) {
        state_free(state);
        return expected;
    }
    return state;
}

void
_PyAST_Fini(PyInterpreterState *interp)
{
    struct ast_state *state = interp->ast_state;
    interp->ast_state = NULL;
    if (state != NULL) {
        state_free(state);
    }
}

/* str.format(), str.format_map(), and the parsers that the string module uses.

   A field is `{name!conversion:spec}`; name is `first(.attr | [item])*`.  Formatting calls Python
   code; everything is kept counted meanwhile. */
#include "unicode_impl.h"
#include "pycore_call.h"   // _PyObject_...
#include "pycore_long.h"   // _PyLong_FormatAdvancedWriter

/* Numbers' own writers; Python/runtime/format*.c. */
extern int _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                         PyObject *format_spec, Py_ssize_t start, Py_ssize_t end);
extern int _PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                           PyObject *format_spec, Py_ssize_t start,
                                           Py_ssize_t end);

/* Characters [start, end) of a str (borrowed; NULL: nothing). */
struct slice {
    PyObject *str;
    Py_ssize_t start, end;
};

static inline int
slice_is_empty(const struct slice *s)
{
    return s->start >= s->end;
}

static PyObject *
slice_new(const struct slice *s)
{
    return s->str == NULL ? NULL : PyUnicode_Substring(s->str, s->start, s->end);
}

/* "" for nothing. */
static PyObject *
slice_new_or_empty(const struct slice *s)
{
    return s->str == NULL || slice_is_empty(s) ? _Py_STR(empty) : slice_new(s);
}

/* The value of a slice of decimal digits, -1 if it is something else, -2 on overflow. */
static Py_ssize_t
slice_integer(const struct slice *s)
{
    if (slice_is_empty(s)) {
        return -1;
    }
    Py_ssize_t value = 0;
    for (Py_ssize_t i = s->start; i < s->end; i++) {
        int digit = Py_UNICODE_TODECIMAL(PyUnicode_READ_CHAR(s->str, i));
        if (digit < 0) {
            return -1;
        }
        if (value > (PY_SSIZE_T_MAX - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, "Too many decimal digits in format string");
            return -2;
        }
        value = value * 10 + digit;
    }
    return value;
}

/* -- Automatic numbering ------------------------------------------------------------------- */

enum numbering { NUMBERING_UNKNOWN, NUMBERING_AUTO, NUMBERING_MANUAL };

struct auto_number {
    enum numbering state;
    Py_ssize_t next;
};

static int
numbering_check(struct auto_number *numbers, int is_auto)
{
    if (numbers->state == NUMBERING_UNKNOWN) {
        numbers->state = is_auto ? NUMBERING_AUTO : NUMBERING_MANUAL;
    }
    if (numbers->state == NUMBERING_MANUAL && is_auto) {
        PyErr_SetString(PyExc_ValueError, "cannot switch from manual field specification to "
                                          "automatic field numbering");
        return -1;
    }
    if (numbers->state == NUMBERING_AUTO && !is_auto) {
        PyErr_SetString(PyExc_ValueError, "cannot switch from automatic field numbering to "
                                          "manual field specification");
        return -1;
    }
    return 0;
}

/* -- Field names --------------------------------------------------------------------------- */

/* What follows the first part of a field name. */
struct field_rest {
    struct slice str;
    Py_ssize_t at;
};

/* The next part: 2 found, 1 the end, 0 exception. */
static int
field_rest_next(struct field_rest *rest, int *is_attribute, Py_ssize_t *index, struct slice *name)
{
    if (rest->at >= rest->str.end) {
        return 1;
    }
    PyObject *str = rest->str.str;
    Py_UCS4 ch = PyUnicode_READ_CHAR(str, rest->at++);
    *index = -1;
    name->str = str;
    name->start = rest->at;
    if (ch == '.') {
        *is_attribute = 1;
        while (rest->at < rest->str.end) {
            Py_UCS4 c = PyUnicode_READ_CHAR(str, rest->at);
            if (c == '.' || c == '[') {
                break;
            }
            rest->at++;
        }
        name->end = rest->at;
    }
    else if (ch == '[') {
        *is_attribute = 0;
        while (rest->at < rest->str.end && PyUnicode_READ_CHAR(str, rest->at) != ']') {
            rest->at++;
        }
        if (rest->at >= rest->str.end) {
            PyErr_SetString(PyExc_ValueError, "Missing ']' in format string");
            return 0;
        }
        name->end = rest->at++;
        *index = slice_integer(name);
        if (*index == -2) {
            return 0;
        }
    }
    else {
        PyErr_SetString(PyExc_ValueError,
                        "Only '.' or '[' may follow ']' in format field specifier");
        return 0;
    }
    if (slice_is_empty(name)) {
        PyErr_SetString(PyExc_ValueError, "Empty attribute in format string");
        return 0;
    }
    return 2;
}

/* Splits a name; *index is the number of the argument or -1.  numbers is NULL for parsers. */
static int
field_name_split(PyObject *str, Py_ssize_t start, Py_ssize_t end, struct slice *first,
                 Py_ssize_t *index, struct field_rest *rest, struct auto_number *numbers)
{
    Py_ssize_t i = start;
    while (i < end) {
        Py_UCS4 c = PyUnicode_READ_CHAR(str, i);
        if (c == '.' || c == '[') {
            break;
        }
        i++;
    }
    *first = (struct slice){str, start, i};
    rest->str = (struct slice){str, i, end};
    rest->at = i;
    *index = slice_integer(first);
    if (*index == -2) {
        return -1;
    }
    int is_empty = slice_is_empty(first);
    if (numbers != NULL && (is_empty || *index != -1)) {
        if (numbering_check(numbers, is_empty) < 0) {
            return -1;
        }
        if (is_empty) {
            *index = numbers->next++;
        }
    }
    return 0;
}

/* The object a field name stands for. */
static PyObject *
field_object(const struct slice *field, PyObject *args, PyObject *kwargs,
             struct auto_number *numbers)
{
    struct slice first;
    struct field_rest rest;
    Py_ssize_t index;
    if (field_name_split(field->str, field->start, field->end, &first, &index, &rest,
                         numbers) < 0) {
        return NULL;
    }
    PyObject *obj;
    if (index == -1) {
        PyObject *key = slice_new(&first);
        if (key == NULL) {
            return NULL;
        }
        if (kwargs == NULL) {
            PyErr_SetObject(PyExc_KeyError, key);
            Py_DECREF(key);
            return NULL;
        }
        obj = PyObject_GetItem(kwargs, key);
        Py_DECREF(key);
        if (obj == NULL) {
            return NULL;
        }
    }
    else {
        if (args == NULL) {
            PyErr_SetString(PyExc_ValueError, "Format string contains positional fields");
            return NULL;
        }
        if (index >= PyTuple_GET_SIZE(args)) {
            PyErr_Format(PyExc_IndexError,
                         "Replacement index %zd out of range for positional args tuple", index);
            return NULL;
        }
        obj = Py_NewRef(PyTuple_GET_ITEM(args, index));
    }
    struct slice name;
    int is_attribute, more;
    while ((more = field_rest_next(&rest, &is_attribute, &index, &name)) == 2) {
        PyObject *key, *next = NULL;
        if (is_attribute || index == -1) {
            key = slice_new(&name);
        }
        else {
            key = PyLong_FromSsize_t(index);
        }
        if (key != NULL) {
            next = is_attribute ? PyObject_GetAttr(obj, key) : PyObject_GetItem(obj, key);
            Py_DECREF(key);
        }
        Py_DECREF(obj);
        if (next == NULL) {
            return NULL;
        }
        obj = next;
    }
    if (more == 0) {
        Py_DECREF(obj);
        return NULL;
    }
    return obj;
}

/* -- Markup -------------------------------------------------------------------------------- */

/* A format string being taken apart. */
struct markup {
    struct slice str;   // str.start moves
};

struct field {
    int present;
    struct slice name, spec;
    Py_UCS4 conversion;         // 0: none
    int spec_needs_expanding;   // it has fields of its own
};

/* Parses what follows a '{'; 0 with an exception, else 1. */
static int
markup_field(struct markup *m, struct field *field)
{
    PyObject *str = m->str.str;
    Py_UCS4 c = 0;
    field->present = 1;
    field->name = (struct slice){str, m->str.start, m->str.start};
    while (m->str.start < m->str.end) {
        c = PyUnicode_READ_CHAR(str, m->str.start++);
        if (c == '{') {
            PyErr_SetString(PyExc_ValueError, "unexpected '{' in field name");
            return 0;
        }
        if (c == '[') {
            /* Up to the bracket nothing has a meaning. */
            while (m->str.start < m->str.end && PyUnicode_READ_CHAR(str, m->str.start) != ']') {
                m->str.start++;
            }
            continue;
        }
        if (c == '}' || c == ':' || c == '!') {
            break;
        }
    }
    field->name.end = m->str.start - 1;
    if (c == '}') {
        return 1;
    }
    if (c != '!' && c != ':') {
        PyErr_SetString(PyExc_ValueError, "expected '}' before end of string");
        return 0;
    }
    if (c == '!') {
        if (m->str.start >= m->str.end) {
            PyErr_SetString(PyExc_ValueError,
                            "end of string while looking for conversion specifier");
            return 0;
        }
        field->conversion = PyUnicode_READ_CHAR(str, m->str.start++);
        if (m->str.start < m->str.end) {
            c = PyUnicode_READ_CHAR(str, m->str.start++);
            if (c == '}') {
                return 1;
            }
            if (c != ':') {
                PyErr_SetString(PyExc_ValueError, "expected ':' after conversion specifier");
                return 0;
            }
        }
    }
    field->spec = (struct slice){str, m->str.start, m->str.end - 1};
    int depth = 1;
    while (m->str.start < m->str.end) {
        c = PyUnicode_READ_CHAR(str, m->str.start++);
        if (c == '{') {
            field->spec_needs_expanding = 1;
            depth++;
        }
        else if (c == '}') {
            depth--;
            if (depth == 0) {
                field->spec.end = m->str.start - 1;
                return 1;
            }
        }
    }
    PyErr_SetString(PyExc_ValueError, "unmatched '{' in format spec");
    return 0;
}

/* The next literal text and field: 2 found, 1 the end, 0 exception. */
static int
markup_next(struct markup *m, struct slice *literal, struct field *field)
{
    PyObject *str = m->str.str;
    memset(field, 0, sizeof(*field));
    if (m->str.start >= m->str.end) {
        return 1;
    }
    Py_ssize_t start = m->str.start;
    Py_UCS4 c = 0;
    int markup_follows = 0;
    while (m->str.start < m->str.end) {
        c = PyUnicode_READ_CHAR(str, m->str.start++);
        if (c == '{' || c == '}') {
            markup_follows = 1;
            break;
        }
    }
    int at_end = m->str.start >= m->str.end;
    Py_ssize_t length = m->str.start - start;
    if (c == '}' && (at_end || PyUnicode_READ_CHAR(str, m->str.start) != '}')) {
        PyErr_SetString(PyExc_ValueError, "Single '}' encountered in format string");
        return 0;
    }
    if (at_end && c == '{') {
        PyErr_SetString(PyExc_ValueError, "Single '{' encountered in format string");
        return 0;
    }
    if (!at_end && markup_follows) {
        if (c == PyUnicode_READ_CHAR(str, m->str.start)) {
            /* Doubled: one of them is text. */
            m->str.start++;
            markup_follows = 0;
        }
        else {
            length--;
        }
    }
    *literal = (struct slice){str, start, start + length};
    if (!markup_follows) {
        return 2;
    }
    return markup_field(m, field) ? 2 : 0;
}

/* -- Formatting ---------------------------------------------------------------------------- */

static PyObject *
do_conversion(PyObject *obj, Py_UCS4 conversion)
{
    switch (conversion) {
    case 'r': return PyObject_Repr(obj);
    case 's': return PyObject_Str(obj);
    case 'a': return PyObject_ASCII(obj);
    default:
        PyErr_Format(PyExc_ValueError,
                     conversion > 32 && conversion < 127
                         ? "Unknown conversion specifier %c" : "Unknown conversion specifier \\x%x",
                     (int)conversion);
        return NULL;
    }
}

/* Writes obj formatted by spec. */
static int
render_field(PyObject *obj, const struct slice *spec, _PyUnicodeWriter *writer)
{
    PyTypeObject *type = Py_TYPE(obj);
    PyObject *text = spec->str == NULL ? _Py_STR(empty) : spec->str;
    Py_ssize_t start = spec->str == NULL ? 0 : spec->start;
    Py_ssize_t end = spec->str == NULL ? 0 : spec->end;
    if (type == &PyUnicode_Type) {
        return _PyUnicode_FormatAdvancedWriter(writer, obj, text, start, end);
    }
    if (type == &PyLong_Type) {
        return _PyLong_FormatAdvancedWriter(writer, obj, text, start, end);
    }
    if (type == &PyFloat_Type) {
        return _PyFloat_FormatAdvancedWriter(writer, obj, text, start, end);
    }
    if (type == &PyComplex_Type) {
        return _PyComplex_FormatAdvancedWriter(writer, obj, text, start, end);
    }
    PyObject *spec_obj = slice_new_or_empty(spec);
    if (spec_obj == NULL) {
        return -1;
    }
    PyObject *result = PyObject_Format(obj, spec_obj);
    Py_DECREF(spec_obj);
    if (result == NULL) {
        return -1;
    }
    int failed = _PyUnicodeWriter_WriteStr(writer, result);
    Py_DECREF(result);
    return failed;
}

static PyObject *build_string(const struct slice *input, PyObject *args, PyObject *kwargs,
                              int depth, struct auto_number *numbers);

static int
output_field(const struct field *field, PyObject *args, PyObject *kwargs, int depth,
             struct auto_number *numbers, _PyUnicodeWriter *writer)
{
    PyObject *expanded = NULL;
    int result = -1;
    PyObject *obj = field_object(&field->name, args, kwargs, numbers);
    if (obj == NULL) {
        return -1;
    }
    if (field->conversion != 0) {
        PyObject *converted = do_conversion(obj, field->conversion);
        if (converted == NULL) {
            goto done;
        }
        Py_SETREF(obj, converted);
    }
    struct slice spec = field->spec;
    if (field->spec_needs_expanding) {
        expanded = build_string(&field->spec, args, kwargs, depth - 1, numbers);
        if (expanded == NULL) {
            goto done;
        }
        spec = (struct slice){expanded, 0, LENGTH(expanded)};
    }
    result = render_field(obj, &spec, writer);
done:
    Py_DECREF(obj);
    Py_XDECREF(expanded);
    return result;
}

/* Formats input; depth levels of fields inside specs are left. */
static PyObject *
build_string(const struct slice *input, PyObject *args, PyObject *kwargs, int depth,
             struct auto_number *numbers)
{
    if (depth <= 0) {
        PyErr_SetString(PyExc_ValueError, "Max string recursion exceeded");
        return NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    writer.min_length = input->end - input->start + 100;
    struct markup m = {*input};
    struct slice literal;
    struct field field;
    int more;
    while ((more = markup_next(&m, &literal, &field)) == 2) {
        if (!slice_is_empty(&literal)) {
            if (!field.present && m.str.start >= m.str.end) {
                writer.overallocate = 0;
            }
            if (_PyUnicodeWriter_WriteSubstring(&writer, literal.str, literal.start,
                                                literal.end) < 0) {
                goto fail;
            }
        }
        if (field.present) {
            if (m.str.start >= m.str.end) {
                writer.overallocate = 0;
            }
            if (output_field(&field, args, kwargs, depth, numbers, &writer) < 0) {
                goto fail;
            }
        }
    }
    if (more == 0) {
        goto fail;
    }
    return _PyUnicodeWriter_Finish(&writer);
fail:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
_PyUnicode_DoFormat(PyObject *self, PyObject *args, PyObject *kwargs)
{
    struct slice input = {self, 0, LENGTH(self)};
    struct auto_number numbers = {NUMBERING_UNKNOWN, 0};
    return build_string(&input, args, kwargs, 2, &numbers);
}

/* -- Iterators for the string module --------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *str;          // const
    struct markup markup;   // guarded by the iterator's mutex
} formatter_iter;

static void
formatter_iter_dealloc(PyObject *op)
{
    Py_XDECREF(((formatter_iter *)op)->str);
    PyObject_Free(op);
}

/* (literal, field name, format spec, conversion). */
static PyObject *
formatter_iter_next_lock_held(formatter_iter *it)
{
    struct slice literal = {0};
    struct field field;
    if (markup_next(&it->markup, &literal, &field) != 2) {
        return NULL;
    }
    PyObject *literal_str = NULL, *name = NULL, *spec = NULL, *conversion = NULL, *tuple = NULL;
    literal_str = slice_new(&literal);
    if (field.present) {
        name = slice_new(&field.name);
        spec = slice_new_or_empty(&field.spec);
        conversion = field.conversion == 0 ? Py_NewRef(Py_None) : unicode_char(field.conversion);
    }
    else {
        name = Py_NewRef(Py_None);
        spec = Py_NewRef(Py_None);
        conversion = Py_NewRef(Py_None);
    }
    if (literal_str != NULL && name != NULL && spec != NULL && conversion != NULL) {
        tuple = PyTuple_Pack(4, literal_str, name, spec, conversion);
    }
    Py_XDECREF(literal_str);
    Py_XDECREF(name);
    Py_XDECREF(spec);
    Py_XDECREF(conversion);
    return tuple;
}

static PyObject *
formatter_iter_next(PyObject *op)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = formatter_iter_next_lock_held((formatter_iter *)op);
    Py_END_CRITICAL_SECTION();
    return result;
}

PyTypeObject _PyFormatterIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "formatteriterator",
    .tp_basicsize = sizeof(formatter_iter),
    .tp_dealloc = formatter_iter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = formatter_iter_next,
};

PyObject *
_PyUnicode_FormatterParser(PyObject *Py_UNUSED(module), PyObject *self)
{
    if (!PyUnicode_Check(self)) {
        PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(self)->tp_name);
        return NULL;
    }
    formatter_iter *it = PyObject_New(formatter_iter, &_PyFormatterIter_Type);
    if (it != NULL) {
        it->str = Py_NewRef(self);
        it->markup.str = (struct slice){self, 0, LENGTH(self)};
    }
    return (PyObject *)it;
}

typedef struct {
    PyObject_HEAD
    PyObject *str;            // const
    struct field_rest rest;   // guarded by the iterator's mutex
} field_name_iter;

static void
field_name_iter_dealloc(PyObject *op)
{
    Py_XDECREF(((field_name_iter *)op)->str);
    PyObject_Free(op);
}

/* (is attribute, name or index). */
static PyObject *
field_name_iter_next_lock_held(field_name_iter *it)
{
    int is_attribute;
    Py_ssize_t index;
    struct slice name;
    if (field_rest_next(&it->rest, &is_attribute, &index, &name) != 2) {
        return NULL;
    }
    PyObject *obj = index != -1 ? PyLong_FromSsize_t(index) : slice_new(&name);
    if (obj == NULL) {
        return NULL;
    }
    PyObject *tuple = PyTuple_Pack(2, is_attribute ? Py_True : Py_False, obj);
    Py_DECREF(obj);
    return tuple;
}

static PyObject *
field_name_iter_next(PyObject *op)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = field_name_iter_next_lock_held((field_name_iter *)op);
    Py_END_CRITICAL_SECTION();
    return result;
}

PyTypeObject _PyFieldNameIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "fieldnameiterator",
    .tp_basicsize = sizeof(field_name_iter),
    .tp_dealloc = field_name_iter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = field_name_iter_next,
};

PyObject *
_PyUnicode_FormatterFieldNameSplit(PyObject *Py_UNUSED(module), PyObject *self)
{
    if (!PyUnicode_Check(self)) {
        PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(self)->tp_name);
        return NULL;
    }
    field_name_iter *it = PyObject_New(field_name_iter, &_PyFieldNameIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->str = Py_NewRef(self);
    struct slice first;
    Py_ssize_t index;
    PyObject *first_obj = NULL, *result = NULL;
    if (field_name_split(self, 0, LENGTH(self), &first, &index, &it->rest, NULL) < 0) {
        goto done;
    }
    first_obj = index != -1 ? PyLong_FromSsize_t(index) : slice_new_or_empty(&first);
    if (first_obj != NULL) {
        result = PyTuple_Pack(2, first_obj, it);
    }
done:
    Py_DECREF(it);
    Py_XDECREF(first_obj);
    return result;
}

/* t'...': template strings and their interpolations (PEP 750).

   Both are immutable.  A template has one string more than interpolations. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_critical_section.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_template.h"
#include "pycore_tuple.h"
#include "pycore_typeobject.h"       // _PyType_Name
#include "pycore_unicodeobject.h"

/* -- Interpolation ------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *value;
    PyObject *expression;
    PyObject *conversion;      /* 's', 'r', 'a' or None */
    PyObject *format_spec;
} interpolationobject;

#define INTERPOLATION(op) ((interpolationobject *)(op))

/* A conversion given by the caller: 0 with TypeError or ValueError. */
static int
check_conversion(PyObject *arg)
{
    if (arg == Py_None) {
        return 1;
    }
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument("Interpolation", "argument 'conversion'", "str", arg);
        return 0;
    }
    if (PyUnicode_GET_LENGTH(arg) == 1) {
        Py_UCS4 c = PyUnicode_READ_CHAR(arg, 0);
        if (c == 's' || c == 'r' || c == 'a') {
            return 1;
        }
    }
    PyErr_SetString(PyExc_ValueError, "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'");
    return 0;
}

static PyObject *
interpolation_alloc(PyTypeObject *type, PyObject *value, PyObject *expression, PyObject *conversion,
                    PyObject *format_spec)
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self != NULL) {
        INTERPOLATION(self)->value = Py_NewRef(value);
        INTERPOLATION(self)->expression = Py_NewRef(expression);
        INTERPOLATION(self)->conversion = Py_NewRef(conversion);
        INTERPOLATION(self)->format_spec = Py_NewRef(format_spec);
    }
    return self;
}

static PyObject *
interpolation_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"value", "expression", "conversion", "format_spec", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O|UOU:Interpolation"};
    PyObject *empty = Py_GetConstantBorrowed(Py_CONSTANT_EMPTY_STR);
    PyObject *value, *expression = empty, *conversion = Py_None, *format_spec = empty;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwds, &parser, &value, &expression, &conversion, &format_spec)
        || !check_conversion(conversion)) {
        return NULL;
    }
    return interpolation_alloc(type, value, expression, conversion, format_spec);
}

static int
interpolation_clear(PyObject *op)
{
    interpolationobject *self = INTERPOLATION(op);
    Py_CLEAR(self->value);
    Py_CLEAR(self->expression);
    Py_CLEAR(self->conversion);
    Py_CLEAR(self->format_spec);
    return 0;
}

static void
interpolation_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    (void)interpolation_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static int
interpolation_traverse(PyObject *op, visitproc visit, void *arg)
{
    interpolationobject *self = INTERPOLATION(op);
    Py_VISIT(self->value);
    Py_VISIT(self->expression);
    Py_VISIT(self->conversion);
    Py_VISIT(self->format_spec);
    return 0;
}

static PyObject *
interpolation_repr(PyObject *op)
{
    interpolationobject *self = INTERPOLATION(op);
    return PyUnicode_FromFormat("%s(%R, %R, %R, %R)", _PyType_Name(Py_TYPE(self)), self->value, self->expression,
                                self->conversion, self->format_spec);
}

static PyMemberDef interpolation_members[] = {
    {"value", Py_T_OBJECT_EX, offsetof(interpolationobject, value), Py_READONLY, "Value"},
    {"expression", Py_T_OBJECT_EX, offsetof(interpolationobject, expression), Py_READONLY, "Expression"},
    {"conversion", Py_T_OBJECT_EX, offsetof(interpolationobject, conversion), Py_READONLY, "Conversion"},
    {"format_spec", Py_T_OBJECT_EX, offsetof(interpolationobject, format_spec), Py_READONLY, "Format specifier"},
    {0}
};

static PyObject *
interpolation_reduce(PyObject *op, PyObject *Py_UNUSED(dummy))
{
    interpolationobject *self = INTERPOLATION(op);
    return Py_BuildValue("(O(OOOO))", Py_TYPE(op), self->value, self->expression, self->conversion,
                         self->format_spec);
}

static PyMethodDef interpolation_methods[] = {
    PY_METHOD_AS("__reduce__", interpolation_reduce, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD_NOSIG("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"),
    {0}
};

PyTypeObject _PyInterpolation_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "string.templatelib.Interpolation",
    .tp_doc = PyDoc_STR("Interpolation object"),
    .tp_basicsize = sizeof(interpolationobject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = interpolation_new,
    .tp_alloc = PyType_GenericAlloc,
    .tp_dealloc = interpolation_dealloc,
    .tp_clear = interpolation_clear,
    .tp_free = PyObject_GC_Del,
    .tp_repr = interpolation_repr,
    .tp_members = interpolation_members,
    .tp_methods = interpolation_methods,
    .tp_traverse = interpolation_traverse,
};

PyStatus
_PyInterpolation_InitTypes(PyInterpreterState *Py_UNUSED(interp))
{
    PyObject *tuple = Py_BuildValue("(ssss)", "value", "expression", "conversion", "format_spec");
    if (tuple == NULL) {
        return PyStatus_NoMemory();
    }
    int status = PyDict_SetItemString(_PyType_GetDict(&_PyInterpolation_Type), "__match_args__", tuple);
    Py_DECREF(tuple);
    return status < 0 ? PyStatus_NoMemory() : PyStatus_Ok();
}

PyObject *
_PyInterpolation_Build(PyObject *value, PyObject *str, int conversion, PyObject *format_spec)
{
    static const char letters[] = "\0sra";
    PyObject *letter;
    if (conversion == 0) {
        letter = Py_NewRef(Py_None);
    }
    else if (conversion >= 1 && conversion <= 3) {
        letter = PyUnicode_FromOrdinal(letters[conversion]);
    }
    else {
        PyErr_SetString(PyExc_SystemError, "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'");
        return NULL;
    }
    if (letter == NULL) {
        return NULL;
    }
    PyObject *result = interpolation_alloc(&_PyInterpolation_Type, value, str, letter, format_spec);
    Py_DECREF(letter);
    return result;
}

PyObject *
_PyInterpolation_GetValueRef(PyObject *interpolation)
{
    return Py_NewRef(INTERPOLATION(interpolation)->value);
}

/* -- Iterator over a template ------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *strings;             /* iterators; the flag is guarded by the object's mutex */
    PyObject *interpolations;
    int from_strings;
} templateiterobject;

#define ITER(op) ((templateiterobject *)(op))

static PyObject *
templateiter_next_lock_held(templateiterobject *self)
{
    if (self->from_strings) {
        PyObject *item = PyIter_Next(self->strings);
        self->from_strings = 0;
        if (item == NULL) {
            return NULL;
        }
        if (PyUnicode_GET_LENGTH(item) > 0) {
            return item;
        }
        Py_DECREF(item);      /* empty strings are left out */
    }
    PyObject *item = PyIter_Next(self->interpolations);
    self->from_strings = 1;
    return item;
}

static PyObject *
templateiter_next(PyObject *op)
{
    PyObject *item;
    Py_BEGIN_CRITICAL_SECTION(op);
    item = templateiter_next_lock_held(ITER(op));
    Py_END_CRITICAL_SECTION();
    return item;
}

static int
templateiter_clear(PyObject *op)
{
    Py_CLEAR(ITER(op)->strings);
    Py_CLEAR(ITER(op)->interpolations);
    return 0;
}

static void
templateiter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    (void)templateiter_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static int
templateiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(ITER(op)->strings);
    Py_VISIT(ITER(op)->interpolations);
    return 0;
}

PyTypeObject _PyTemplateIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "string.templatelib.TemplateIter",
    .tp_doc = PyDoc_STR("Template iterator object"),
    .tp_basicsize = sizeof(templateiterobject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_alloc = PyType_GenericAlloc,
    .tp_dealloc = templateiter_dealloc,
    .tp_clear = templateiter_clear,
    .tp_free = PyObject_GC_Del,
    .tp_traverse = templateiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = templateiter_next,
};

/* -- Template -------------------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *strings;             /* tuple of str, one more than interpolations */
    PyObject *interpolations;      /* tuple */
} templateobject;

#define TEMPLATE(op) ((templateobject *)(op))

static PyObject *
template_alloc(PyTypeObject *type, PyObject *strings, PyObject *interpolations)
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self != NULL) {
        TEMPLATE(self)->strings = Py_NewRef(strings);
        TEMPLATE(self)->interpolations = Py_NewRef(interpolations);
    }
    return self;
}

PyObject *
_PyTemplate_Build(PyObject *strings, PyObject *interpolations)
{
    return template_alloc(&_PyTemplate_Type, strings, interpolations);
}

/* list[-1] += text */
static int
append_to_last(PyObject *list, PyObject *text)
{
    Py_ssize_t last = PyList_GET_SIZE(list) - 1;
    PyObject *joined = PyUnicode_Concat(PyList_GET_ITEM(list, last), text);
    return joined == NULL ? -1 : PyList_SetItem(list, last, joined);
}

static PyObject *
template_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (kwds != NULL) {
        PyErr_SetString(PyExc_TypeError, "Template.__new__ only accepts *args arguments");
        return NULL;
    }
    PyObject *self = NULL, *string_tuple = NULL, *interpolation_tuple = NULL;
    PyObject *empty = Py_GetConstantBorrowed(Py_CONSTANT_EMPTY_STR);
    PyObject *interpolations = PyList_New(0);
    PyObject *strings = PyList_New(0);
    if (strings == NULL || interpolations == NULL || PyList_Append(strings, empty) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *item = PyTuple_GET_ITEM(args, i);
        int err;
        if (PyUnicode_Check(item)) {
            err = append_to_last(strings, item);
        }
        else if (PyObject_TypeCheck(item, &_PyInterpolation_Type)) {
            err = PyList_Append(interpolations, item) < 0 || PyList_Append(strings, empty) < 0 ? -1 : 0;
        }
        else {
            PyErr_Format(PyExc_TypeError, "Template.__new__ *args need to be of type 'str' or 'Interpolation', got %T",
                         item);
            err = -1;
        }
        if (err < 0) {
            goto done;
        }
    }
    string_tuple = PyList_AsTuple(strings);
    interpolation_tuple = PyList_AsTuple(interpolations);
    if (string_tuple != NULL && interpolation_tuple != NULL) {
        self = template_alloc(type, string_tuple, interpolation_tuple);
    }
done:
    Py_XDECREF(strings);
    Py_XDECREF(interpolations);
    Py_XDECREF(string_tuple);
    Py_XDECREF(interpolation_tuple);
    return self;
}

static int
template_clear(PyObject *op)
{
    Py_CLEAR(TEMPLATE(op)->strings);
    Py_CLEAR(TEMPLATE(op)->interpolations);
    return 0;
}

static void
template_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    (void)template_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static int
template_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(TEMPLATE(op)->strings);
    Py_VISIT(TEMPLATE(op)->interpolations);
    return 0;
}

static PyObject *
template_repr(PyObject *op)
{
    return PyUnicode_FromFormat("%s(strings=%R, interpolations=%R)", _PyType_Name(Py_TYPE(op)), TEMPLATE(op)->strings,
                                TEMPLATE(op)->interpolations);
}

static PyObject *
template_iter(PyObject *op)
{
    templateiterobject *iter = PyObject_GC_New(templateiterobject, &_PyTemplateIter_Type);
    if (iter == NULL) {
        return NULL;
    }
    iter->strings = PyObject_GetIter(TEMPLATE(op)->strings);
    iter->interpolations = PyObject_GetIter(TEMPLATE(op)->interpolations);
    iter->from_strings = 1;
    PyObject_GC_Track(iter);
    if (iter->strings == NULL || iter->interpolations == NULL) {
        Py_DECREF(iter);
        return NULL;
    }
    return (PyObject *)iter;
}

/* The last string of the left one and the first of the right one become one. */
static PyObject *
concat_strings(PyObject *left, PyObject *right)
{
    Py_ssize_t n = PyTuple_GET_SIZE(left), m = PyTuple_GET_SIZE(right);
    PyObject *middle = PyUnicode_Concat(PyTuple_GET_ITEM(left, n - 1), PyTuple_GET_ITEM(right, 0));
    if (middle == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_New(n + m - 1);
    if (result == NULL) {
        Py_DECREF(middle);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n - 1; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(left, i)));
    }
    PyTuple_SET_ITEM(result, n - 1, middle);
    for (Py_ssize_t i = 1; i < m; i++) {
        PyTuple_SET_ITEM(result, n - 1 + i, Py_NewRef(PyTuple_GET_ITEM(right, i)));
    }
    return result;
}

PyObject *
_PyTemplate_Concat(PyObject *self, PyObject *other)
{
    if (!_PyTemplate_CheckExact(self) || !_PyTemplate_CheckExact(other)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate string.templatelib.Template (not \"%T\") to "
                     "string.templatelib.Template", other);
        return NULL;
    }
    PyObject *strings = concat_strings(TEMPLATE(self)->strings, TEMPLATE(other)->strings);
    if (strings == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *interpolations = PySequence_Concat(TEMPLATE(self)->interpolations, TEMPLATE(other)->interpolations);
    if (interpolations != NULL) {
        result = _PyTemplate_Build(strings, interpolations);
        Py_DECREF(interpolations);
    }
    Py_DECREF(strings);
    return result;
}

static PyObject *
template_values(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *interpolations = TEMPLATE(op)->interpolations;
    Py_ssize_t n = PyTuple_GET_SIZE(interpolations);
    PyObject *values = PyTuple_New(n);
    for (Py_ssize_t i = 0; values != NULL && i < n; i++) {
        PyTuple_SET_ITEM(values, i, _PyInterpolation_GetValueRef(PyTuple_GET_ITEM(interpolations, i)));
    }
    return values;
}

static PyMemberDef template_members[] = {
    {"strings", Py_T_OBJECT_EX, offsetof(templateobject, strings), Py_READONLY, "Strings"},
    {"interpolations", Py_T_OBJECT_EX, offsetof(templateobject, interpolations), Py_READONLY, "Interpolations"},
    {0}
};

static PyGetSetDef template_getset[] = {
    {"values", template_values, NULL, PyDoc_STR("Values of interpolations"), NULL},
    {0}
};

static PySequenceMethods template_as_sequence = {.sq_concat = _PyTemplate_Concat};

static PyObject *
template_reduce(PyObject *op, PyObject *Py_UNUSED(dummy))
{
    PyObject *func = PyImport_ImportModuleAttrString("string.templatelib", "_template_unpickle");
    if (func == NULL) {
        return NULL;
    }
    return Py_BuildValue("N(OO)", func, TEMPLATE(op)->strings, TEMPLATE(op)->interpolations);
}

static PyMethodDef template_methods[] = {
    PY_METHOD_AS("__reduce__", template_reduce, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD_NOSIG("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"),
    {0}
};

PyTypeObject _PyTemplate_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "string.templatelib.Template",
    .tp_doc = PyDoc_STR("Template object"),
    .tp_basicsize = sizeof(templateobject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_as_sequence = &template_as_sequence,
    .tp_new = template_new,
    .tp_alloc = PyType_GenericAlloc,
    .tp_dealloc = template_dealloc,
    .tp_clear = template_clear,
    .tp_free = PyObject_GC_Del,
    .tp_repr = template_repr,
    .tp_members = template_members,
    .tp_getset = template_getset,
    .tp_methods = template_methods,
    .tp_iter = template_iter,
    .tp_traverse = template_traverse,
};

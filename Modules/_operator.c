/* _operator: the operators as functions, itemgetter, attrgetter and methodcaller.  The three are immutable. */
#include "Python.h"
#include "pycore_abstract.h"     // _PySequence_IterSearch
#include "pycore_args.h"         // PY_METHOD
#include "pycore_call.h"         // _PY_FASTCALL_SMALL_STACK
#include "pycore_global_ids.h"   // _Py_ID
#include "pycore_modsupport.h"   // _PyArg_CheckPositional
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_tuple.h"        // _PyTuple_ITEMS
#include "pycore_typeobject.h"   // _PyType_Name
#include <stddef.h>              // offsetof

typedef struct {
    PyTypeObject *itemgetter_type;      // const after the module was made
    PyTypeObject *attrgetter_type;
    PyTypeObject *methodcaller_type;
} operator_state;

static struct PyModuleDef operatormodule;

static operator_state *
state_of(PyTypeObject *type)
{
    return (operator_state *)PyType_GetModuleState(type);
}

/* -- Operators ---------------------------------------------------------------- */

#define UNARY(name, call)                                                       \
    static PyObject *                                                           \
    operator_##name(PyObject *Py_UNUSED(module), PyObject *a)                   \
    {                                                                           \
        return call;                                                            \
    }

#define BINARY(name, call)                                                              \
    static PyObject *                                                                   \
    operator_##name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs) \
    {                                                                                   \
        if (!_PyArg_CheckPositional(#name, nargs, 2, 2)) {                              \
            return NULL;                                                                \
        }                                                                               \
        PyObject *a = args[0], *b = args[1];                                            \
        return call;                                                                    \
    }

static PyObject *
truth_or_error(int answer)
{
    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

static PyObject *
negated_truth(int answer)
{
    return answer < 0 ? NULL : PyBool_FromLong(!answer);
}

static PyObject *
none_or_error(int error)
{
    return error < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
index_or_error(Py_ssize_t i)
{
    return i < 0 ? NULL : PyLong_FromSsize_t(i);
}

UNARY(truth, truth_or_error(PyObject_IsTrue(a)))
UNARY(not_, negated_truth(PyObject_IsTrue(a)))
UNARY(neg, PyNumber_Negative(a))
UNARY(pos, PyNumber_Positive(a))
UNARY(abs, PyNumber_Absolute(a))
UNARY(inv, PyNumber_Invert(a))
UNARY(invert, PyNumber_Invert(a))
UNARY(index, PyNumber_Index(a))
UNARY(is_none, PyBool_FromLong(Py_IsNone(a)))
UNARY(is_not_none, PyBool_FromLong(!Py_IsNone(a)))

BINARY(add, PyNumber_Add(a, b))
BINARY(sub, PyNumber_Subtract(a, b))
BINARY(mul, PyNumber_Multiply(a, b))
BINARY(matmul, PyNumber_MatrixMultiply(a, b))
BINARY(floordiv, PyNumber_FloorDivide(a, b))
BINARY(truediv, PyNumber_TrueDivide(a, b))
BINARY(mod, PyNumber_Remainder(a, b))
BINARY(pow, PyNumber_Power(a, b, Py_None))
BINARY(lshift, PyNumber_Lshift(a, b))
BINARY(rshift, PyNumber_Rshift(a, b))
BINARY(and_, PyNumber_And(a, b))
BINARY(or_, PyNumber_Or(a, b))
BINARY(xor, PyNumber_Xor(a, b))
BINARY(iadd, PyNumber_InPlaceAdd(a, b))
BINARY(isub, PyNumber_InPlaceSubtract(a, b))
BINARY(imul, PyNumber_InPlaceMultiply(a, b))
BINARY(imatmul, PyNumber_InPlaceMatrixMultiply(a, b))
BINARY(ifloordiv, PyNumber_InPlaceFloorDivide(a, b))
BINARY(itruediv, PyNumber_InPlaceTrueDivide(a, b))
BINARY(imod, PyNumber_InPlaceRemainder(a, b))
BINARY(ipow, PyNumber_InPlacePower(a, b, Py_None))
BINARY(ilshift, PyNumber_InPlaceLshift(a, b))
BINARY(irshift, PyNumber_InPlaceRshift(a, b))
BINARY(iand, PyNumber_InPlaceAnd(a, b))
BINARY(ior, PyNumber_InPlaceOr(a, b))
BINARY(ixor, PyNumber_InPlaceXor(a, b))
BINARY(concat, PySequence_Concat(a, b))
BINARY(iconcat, PySequence_InPlaceConcat(a, b))
BINARY(contains, truth_or_error(PySequence_Contains(a, b)))
BINARY(indexOf, index_or_error(PySequence_Index(a, b)))
BINARY(countOf, index_or_error(PySequence_Count(a, b)))
BINARY(getitem, PyObject_GetItem(a, b))
BINARY(delitem, none_or_error(PyObject_DelItem(a, b)))
BINARY(is_, PyBool_FromLong(Py_Is(a, b)))
BINARY(is_not, PyBool_FromLong(!Py_Is(a, b)))
BINARY(lt, PyObject_RichCompare(a, b, Py_LT))
BINARY(le, PyObject_RichCompare(a, b, Py_LE))
BINARY(eq, PyObject_RichCompare(a, b, Py_EQ))
BINARY(ne, PyObject_RichCompare(a, b, Py_NE))
BINARY(gt, PyObject_RichCompare(a, b, Py_GT))
BINARY(ge, PyObject_RichCompare(a, b, Py_GE))

static PyObject *
operator_setitem(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("setitem", nargs, 3, 3)) {
        return NULL;
    }
    return none_or_error(PyObject_SetItem(args[0], args[1], args[2]));
}

static PyObject *
operator_length_hint(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t otherwise = 0;
    if (!_PyArg_CheckPositional("length_hint", nargs, 1, 2)) {
        return NULL;
    }
    if (nargs == 2) {
        PyObject *number = PyNumber_Index(args[1]);
        if (number == NULL) {
            return NULL;
        }
        otherwise = PyLong_AsSsize_t(number);
        Py_DECREF(number);
        if (otherwise == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    Py_ssize_t hint = PyObject_LengthHint(args[0], otherwise);
    return hint == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(hint);
}

static PyObject *
operator_call(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (!_PyArg_CheckPositional("call", nargs, 1, PY_SSIZE_T_MAX)) {
        return NULL;
    }
    return PyObject_Vectorcall(args[0], args + 1, (size_t)(nargs - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
}

/* -- _compare_digest ------------------------------------------------------------- */

/* The time depends on the length of b only: nobody can learn from it where a differs.  volatile keeps the compiler from
   leaving early. */
static int
timing_safe_equal(const unsigned char *a, const unsigned char *b, Py_ssize_t len_a, Py_ssize_t len_b)
{
    volatile Py_ssize_t length = len_b;
    volatile const unsigned char *left = len_a == len_b ? a : b, *right = b;
    volatile unsigned char differ = len_a == len_b ? 0 : 1;
    for (Py_ssize_t i = 0; i < length; i++) {
        differ = (unsigned char)(differ | (left[i] ^ right[i]));
    }
    return differ == 0;
}

static int
contiguous_bytes(PyObject *op, Py_buffer *view)
{
    if (PyObject_GetBuffer(op, view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view->ndim > 1) {
        PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

static PyObject *
operator__compare_digest(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_compare_digest", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *a = args[0], *b = args[1];
    if (PyUnicode_Check(a) && PyUnicode_Check(b)) {
        if (!PyUnicode_IS_ASCII(a) || !PyUnicode_IS_ASCII(b)) {
            PyErr_SetString(PyExc_TypeError, "comparing strings with non-ASCII characters is not supported");
            return NULL;
        }
        return PyBool_FromLong(timing_safe_equal(PyUnicode_DATA(a), PyUnicode_DATA(b), PyUnicode_GET_LENGTH(a),
                                                 PyUnicode_GET_LENGTH(b)));
    }
    if (!PyObject_CheckBuffer(a) && !PyObject_CheckBuffer(b)) {
        PyErr_Format(PyExc_TypeError, "unsupported operand types(s) or combination of types: '%.100s' and '%.100s'",
                     Py_TYPE(a)->tp_name, Py_TYPE(b)->tp_name);
        return NULL;
    }
    Py_buffer view_a, view_b;
    if (contiguous_bytes(a, &view_a) < 0) {
        return NULL;
    }
    if (contiguous_bytes(b, &view_b) < 0) {
        PyBuffer_Release(&view_a);
        return NULL;
    }
    int same = timing_safe_equal(view_a.buf, view_b.buf, view_a.len, view_b.len);
    PyBuffer_Release(&view_a);
    PyBuffer_Release(&view_b);
    return PyBool_FromLong(same);
}

/* -- itemgetter ---------------------------------------------------------------------- */

/* The parts of the three types: references from first to last. */
#define GETTER_OBJECT(name, ctype, first, last)                                    \
    static int                                                                     \
    name##_traverse(PyObject *self, visitproc visit, void *arg)                    \
    {                                                                              \
        Py_VISIT(Py_TYPE(self));                                                   \
        for (PyObject **p = &((ctype *)self)->first; p <= &((ctype *)self)->last; p++) { \
            Py_VISIT(*p);                                                          \
        }                                                                          \
        return 0;                                                                  \
    }                                                                              \
    static int                                                                     \
    name##_clear(PyObject *self)                                                   \
    {                                                                              \
        for (PyObject **p = &((ctype *)self)->first; p <= &((ctype *)self)->last; p++) { \
            Py_CLEAR(*p);                                                          \
        }                                                                          \
        return 0;                                                                  \
    }                                                                              \
    static void                                                                    \
    name##_dealloc(PyObject *self)                                                 \
    {                                                                              \
        PyTypeObject *type = Py_TYPE(self);                                        \
        PyObject_GC_UnTrack(self);                                                 \
        name##_clear(self);                                                        \
        type->tp_free(self);                                                       \
        Py_DECREF(type);                                                           \
    }

static PyObject *
getter_text_signature(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("(obj, /)");
}

static PyGetSetDef getter_getset[] = {
    {"__text_signature__", getter_text_signature, NULL, NULL, NULL},
    {0}
};

/* All three are called with one object. */
static int
check_one_argument(const char *name, size_t nargsf, PyObject *kwnames)
{
    return _PyArg_CheckPositional(name, PyVectorcall_NARGS(nargsf), 1, 1) && _PyArg_NoKwnames(name, kwnames);
}

typedef struct {
    PyObject_HEAD
    PyObject *items;             // const: tuple
    Py_ssize_t index;            // const: the only item, if it is an index that needs no arithmetic; else -1
    vectorcallfunc vectorcall;   // const
} itemgetterobject;

#define ITEMGETTER(op) ((itemgetterobject *)(op))

GETTER_OBJECT(itemgetter, itemgetterobject, items, items)

static PyObject *
itemgetter_one(PyObject *self, PyObject *obj)
{
    Py_ssize_t index = ITEMGETTER(self)->index;
    if (index >= 0 && PyTuple_CheckExact(obj) && index < PyTuple_GET_SIZE(obj)) {
        return Py_NewRef(PyTuple_GET_ITEM(obj, index));
    }
    return PyObject_GetItem(obj, PyTuple_GET_ITEM(ITEMGETTER(self)->items, 0));
}

static PyObject *
itemgetter_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("itemgetter", kwnames) || !check_one_argument("itemgetter", nargsf, kwnames)) {
        return NULL;
    }
    PyObject *items = ITEMGETTER(self)->items;
    Py_ssize_t n = PyTuple_GET_SIZE(items);
    if (n == 1) {
        return itemgetter_one(self, args[0]);
    }
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *value = PyObject_GetItem(args[0], PyTuple_GET_ITEM(items, i));
        if (value == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

static PyObject *
itemgetter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoKeywords("itemgetter", kwds)) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (!_PyArg_CheckPositional("itemgetter", n, 1, n <= 1 ? 1 : PY_SSIZE_T_MAX)) {
        return NULL;
    }
    itemgetterobject *self = PyObject_GC_New(itemgetterobject, state_of(type)->itemgetter_type);
    if (self == NULL) {
        return NULL;
    }
    self->items = Py_NewRef(args);
    self->index = -1;
    PyObject *item = PyTuple_GET_ITEM(args, 0);
    if (n == 1 && PyLong_CheckExact(item)) {
        self->index = PyLong_AsSsize_t(item);
        if (self->index < 0) {
            PyErr_Clear();
            self->index = -1;
        }
    }
    self->vectorcall = itemgetter_vectorcall;
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

/* "name(repr of each argument)" */
static PyObject *
getter_repr(PyObject *self, PyObject *args)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name);
    }
    PyObject *text = PyObject_Repr(args), *inner = NULL, *result = NULL;
    if (text != NULL) {
        Py_ssize_t end = PyUnicode_GET_LENGTH(text) - (PyTuple_GET_SIZE(args) == 1 ? 2 : 1);
        inner = PyUnicode_Substring(text, 1, end);
        Py_DECREF(text);
    }
    if (inner != NULL) {
        result = PyUnicode_FromFormat("%s(%U)", Py_TYPE(self)->tp_name, inner);
        Py_DECREF(inner);
    }
    Py_ReprLeave(self);
    return result;
}

static PyObject *
itemgetter_repr(PyObject *self)
{
    return getter_repr(self, ITEMGETTER(self)->items);
}

static PyObject *
itemgetter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyTuple_Pack(2, Py_TYPE(self), ITEMGETTER(self)->items);
}

static PyMethodDef itemgetter_methods[] = {
    PY_METHOD(itemgetter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

static PyMemberDef itemgetter_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(itemgetterobject, vectorcall), Py_READONLY},
    {0}
};

#define GETTER_TYPE(type_name, ctype, doc)                                         \
    static PyType_Slot type_name##_slots[] = {                                     \
        {Py_tp_doc, (void *)(doc)},                                                \
        {Py_tp_dealloc, type_name##_dealloc},                                      \
        {Py_tp_call, PyVectorcall_Call},                                           \
        {Py_tp_traverse, type_name##_traverse},                                    \
        {Py_tp_clear, type_name##_clear},                                          \
        {Py_tp_methods, type_name##_methods},                                      \
        {Py_tp_members, type_name##_members},                                      \
        {Py_tp_getset, getter_getset},                                             \
        {Py_tp_new, type_name##_new},                                              \
        {Py_tp_getattro, PyObject_GenericGetAttr},                                 \
        {Py_tp_repr, type_name##_repr},                                            \
        {0, NULL}                                                                  \
    };                                                                             \
    static PyType_Spec type_name##_spec = {                                        \
        .name = "operator." #type_name,                                            \
        .basicsize = sizeof(ctype),                                                \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE \
               | Py_TPFLAGS_HAVE_VECTORCALL,                                       \
        .slots = type_name##_slots,                                                \
    };

GETTER_TYPE(itemgetter, itemgetterobject,
    "itemgetter(item, /, *items)\n--\n\n"
    "A function that gets the item of its argument, or a tuple of several.")

/* -- attrgetter ------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *attrs;             // const: tuple; each a str, or a tuple of the parts of a dotted name
    vectorcallfunc vectorcall;   // const
} attrgetterobject;

#define ATTRGETTER(op) ((attrgetterobject *)(op))

GETTER_OBJECT(attrgetter, attrgetterobject, attrs, attrs)

/* A str without dots, interned, or a tuple of such. */
static PyObject *
split_name(PyObject *name)
{
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), 1);
    if (dot == -2) {
        return NULL;
    }
    if (dot == -1) {
        PyObject *interned = Py_NewRef(name);
        PyUnicode_InternInPlace(&interned);
        return interned;
    }
    PyObject *separator = PyUnicode_FromString(".");
    PyObject *parts = separator == NULL ? NULL : PyUnicode_Split(name, separator, -1);
    Py_XDECREF(separator);
    if (parts == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_New(PyList_GET_SIZE(parts));
    for (Py_ssize_t i = 0; result != NULL && i < PyList_GET_SIZE(parts); i++) {
        PyObject *part = Py_NewRef(PyList_GET_ITEM(parts, i));
        PyUnicode_InternInPlace(&part);
        PyTuple_SET_ITEM(result, i, part);
    }
    Py_DECREF(parts);
    return result;
}

static PyObject *
get_dotted(PyObject *obj, PyObject *name)
{
    if (PyUnicode_CheckExact(name)) {
        return PyObject_GetAttr(obj, name);
    }
    Py_INCREF(obj);
    for (Py_ssize_t i = 0; obj != NULL && i < PyTuple_GET_SIZE(name); i++) {
        Py_SETREF(obj, PyObject_GetAttr(obj, PyTuple_GET_ITEM(name, i)));
    }
    return obj;
}

static PyObject *
attrgetter_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("attrgetter", kwnames) || !check_one_argument("attrgetter", nargsf, kwnames)) {
        return NULL;
    }
    PyObject *attrs = ATTRGETTER(self)->attrs;
    Py_ssize_t n = PyTuple_GET_SIZE(attrs);
    if (n == 1) {
        return get_dotted(args[0], PyTuple_GET_ITEM(attrs, 0));
    }
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *value = get_dotted(args[0], PyTuple_GET_ITEM(attrs, i));
        if (value == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

static PyObject *
attrgetter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoKeywords("attrgetter", kwds)) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (!_PyArg_CheckPositional("attrgetter", n, 1, n <= 1 ? 1 : PY_SSIZE_T_MAX)) {
        return NULL;
    }
    PyObject *attrs = PyTuple_New(n);
    for (Py_ssize_t i = 0; attrs != NULL && i < n; i++) {
        PyObject *name = PyTuple_GET_ITEM(args, i), *split = NULL;
        if (!PyUnicode_Check(name)) {
            PyErr_SetString(PyExc_TypeError, "attribute name must be a string");
        }
        else {
            split = split_name(name);
        }
        if (split == NULL) {
            Py_CLEAR(attrs);
            break;
        }
        PyTuple_SET_ITEM(attrs, i, split);
    }
    attrgetterobject *self = attrs == NULL ? NULL
                           : PyObject_GC_New(attrgetterobject, state_of(type)->attrgetter_type);
    if (self == NULL) {
        Py_XDECREF(attrs);
        return NULL;
    }
    self->attrs = attrs;
    self->vectorcall = attrgetter_vectorcall;
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

/* The names as they were given. */
static PyObject *
joined_names(attrgetterobject *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->attrs);
    PyObject *names = PyTuple_New(n), *dot = PyUnicode_FromString(".");
    for (Py_ssize_t i = 0; names != NULL && i < n; i++) {
        PyObject *attr = PyTuple_GET_ITEM(self->attrs, i);
        PyObject *name = dot == NULL ? NULL : PyTuple_CheckExact(attr) ? PyUnicode_Join(dot, attr) : Py_NewRef(attr);
        if (name == NULL) {
            Py_CLEAR(names);
            break;
        }
        PyTuple_SET_ITEM(names, i, name);
    }
    Py_XDECREF(dot);
    return names;
}

static PyObject *
attrgetter_repr(PyObject *self)
{
    PyObject *names = joined_names(ATTRGETTER(self));
    PyObject *result = names == NULL ? NULL : getter_repr(self, names);
    Py_XDECREF(names);
    return result;
}

static PyObject *
attrgetter___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *names = joined_names(ATTRGETTER(self));
    return names == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(self), names);
}

static PyMethodDef attrgetter_methods[] = {
    PY_METHOD(attrgetter, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

static PyMemberDef attrgetter_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(attrgetterobject, vectorcall), Py_READONLY},
    {0}
};

GETTER_TYPE(attrgetter, attrgetterobject,
    "attrgetter(attr, /, *attrs)\n--\n\n"
    "A function that gets the attribute of its argument, or a tuple of several; dots are followed.")

/* -- methodcaller ------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *name;              // const: interned
    PyObject *args;              // const: tuple of positional arguments, then values of kwnames
    PyObject *kwds;              // const: dict, or NULL
    PyObject *kwnames;           // const: tuple, or NULL
    vectorcallfunc vectorcall;   // const
} methodcallerobject;

#define METHODCALLER(op) ((methodcallerobject *)(op))

GETTER_OBJECT(methodcaller, methodcallerobject, name, kwnames)

static PyObject *
methodcaller_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    methodcallerobject *self = METHODCALLER(op);
    if (!check_one_argument("methodcaller", nargsf, kwnames)) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(self->args);
    Py_ssize_t nkw = self->kwnames == NULL ? 0 : PyTuple_GET_SIZE(self->kwnames);
    PyObject *few[8], **stack = few;
    if (n + 1 > (Py_ssize_t)Py_ARRAY_LENGTH(few) && (stack = PyMem_New(PyObject *, n + 1)) == NULL) {
        return PyErr_NoMemory();
    }
    stack[0] = args[0];
    memcpy(stack + 1, _PyTuple_ITEMS(self->args), (size_t)n * sizeof(PyObject *));
    PyObject *result = PyObject_VectorcallMethod(self->name, stack, (size_t)(1 + n - nkw), self->kwnames);
    if (stack != few) {
        PyMem_Free(stack);
    }
    return result;
}

/* args[1:], then the values of kwds; their names go to *kwnames. */
static PyObject *
flat_arguments(PyObject *args, PyObject *kwds, PyObject **kwnames)
{
    Py_ssize_t npos = PyTuple_GET_SIZE(args) - 1, nkw = kwds == NULL ? 0 : PyDict_GET_SIZE(kwds);
    PyObject *flat = PyTuple_New(npos + nkw), *key, *value;
    *kwnames = nkw == 0 ? NULL : PyTuple_New(nkw);
    if (flat == NULL || (nkw > 0 && *kwnames == NULL)) {
        Py_XDECREF(flat);
        Py_CLEAR(*kwnames);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < npos; i++) {
        PyTuple_SET_ITEM(flat, i, Py_NewRef(PyTuple_GET_ITEM(args, i + 1)));
    }
    Py_ssize_t pos = 0, i = 0;
    while (nkw > 0 && i < nkw && PyDict_Next(kwds, &pos, &key, &value)) {
        PyTuple_SET_ITEM(*kwnames, i, Py_NewRef(key));
        PyTuple_SET_ITEM(flat, npos + i, Py_NewRef(value));
        i++;
    }
    return flat;
}

static PyObject *
methodcaller_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_SetString(PyExc_TypeError, "methodcaller needs at least one argument, the method name");
        return NULL;
    }
    PyObject *name = PyTuple_GET_ITEM(args, 0), *kwnames;
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "method name must be a string");
        return NULL;
    }
    PyObject *flat = flat_arguments(args, kwds, &kwnames);
    methodcallerobject *self = flat == NULL ? NULL
                             : PyObject_GC_New(methodcallerobject, state_of(type)->methodcaller_type);
    if (self == NULL) {
        Py_XDECREF(flat);
        Py_XDECREF(kwnames);
        return NULL;
    }
    self->name = Py_NewRef(name);
    PyUnicode_InternInPlace(&self->name);
    self->args = flat;
    self->kwds = kwnames == NULL ? NULL : Py_NewRef(kwds);
    self->kwnames = kwnames;
    self->vectorcall = methodcaller_vectorcall;
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

static Py_ssize_t
count_positional(methodcallerobject *self)
{
    return PyTuple_GET_SIZE(self->args) - (self->kwnames == NULL ? 0 : PyTuple_GET_SIZE(self->kwnames));
}

static PyObject *
arguments_text(methodcallerobject *self)
{
    Py_ssize_t npos = count_positional(self);
    PyObject *text = PyObject_Repr(self->name);
    for (Py_ssize_t i = 0; text != NULL && i < PyTuple_GET_SIZE(self->args); i++) {
        PyObject *value = PyTuple_GET_ITEM(self->args, i);
        Py_SETREF(text, i < npos
                  ? PyUnicode_FromFormat("%U, %R", text, value)
                  : PyUnicode_FromFormat("%U, %U=%R", text, PyTuple_GET_ITEM(self->kwnames, i - npos), value));
    }
    return text;
}

static PyObject *
methodcaller_repr(PyObject *op)
{
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromFormat("%s(...)", Py_TYPE(op)->tp_name);
    }
    PyObject *text = arguments_text(METHODCALLER(op));
    PyObject *result = text == NULL ? NULL : PyUnicode_FromFormat("%s(%U)", Py_TYPE(op)->tp_name, text);
    Py_XDECREF(text);
    Py_ReprLeave(op);
    return result;
}

/* (name, *positional arguments) */
static PyObject *
constructor_arguments(methodcallerobject *self)
{
    Py_ssize_t npos = count_positional(self);
    PyObject *args = PyTuple_New(1 + npos);
    if (args != NULL) {
        PyTuple_SET_ITEM(args, 0, Py_NewRef(self->name));
        for (Py_ssize_t i = 0; i < npos; i++) {
            PyTuple_SET_ITEM(args, i + 1, Py_NewRef(PyTuple_GET_ITEM(self->args, i)));
        }
    }
    return args;
}

/* With keywords the constructor is wrapped in a partial, because a reduce value has no place for them. */
static PyObject *
methodcaller___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    methodcallerobject *self = METHODCALLER(op);
    PyObject *args = constructor_arguments(self);
    if (args == NULL || self->kwnames == NULL) {
        return args == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(op), args);
    }
    PyObject *partial = PyImport_ImportModuleAttrString("functools", "partial");
    PyObject *full = PyTuple_New(1 + PyTuple_GET_SIZE(args)), *constructor = NULL;
    if (partial != NULL && full != NULL) {
        PyTuple_SET_ITEM(full, 0, Py_NewRef(Py_TYPE(op)));
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
            PyTuple_SET_ITEM(full, i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
        }
        constructor = PyObject_Call(partial, full, self->kwds);
    }
    Py_XDECREF(partial);
    Py_XDECREF(full);
    Py_DECREF(args);
    return constructor == NULL ? NULL : Py_BuildValue("N()", constructor);
}

static PyMethodDef methodcaller_methods[] = {
    PY_METHOD(methodcaller, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

static PyMemberDef methodcaller_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(methodcallerobject, vectorcall), Py_READONLY},
    {0}
};

GETTER_TYPE(methodcaller, methodcallerobject,
    "methodcaller(name, /, *args, **kwargs)\n--\n\n"
    "A function that calls the method of this name of its argument.")

/* -- The module ---------------------------------------------------------------------------- */

#define UNARY_ROW(name, doc)  PY_METHOD(operator, name, METH_O, "($module, a, /)", doc)
#define BINARY_ROW(name, doc) PY_METHOD(operator, name, METH_FASTCALL, "($module, a, b, /)", doc)

static PyMethodDef operator_methods[] = {
    UNARY_ROW(truth, "True if a is true, False otherwise."),
    UNARY_ROW(not_, "Same as not a."),
    UNARY_ROW(neg, "Same as -a."),
    UNARY_ROW(pos, "Same as +a."),
    UNARY_ROW(abs, "Same as abs(a)."),
    UNARY_ROW(inv, "Same as ~a."),
    UNARY_ROW(invert, "Same as ~a."),
    UNARY_ROW(index, "Same as a.__index__()."),
    UNARY_ROW(is_none, "Same as a is None."),
    UNARY_ROW(is_not_none, "Same as a is not None."),
    BINARY_ROW(add, "Same as a + b."),
    BINARY_ROW(sub, "Same as a - b."),
    BINARY_ROW(mul, "Same as a * b."),
    BINARY_ROW(matmul, "Same as a @ b."),
    BINARY_ROW(floordiv, "Same as a // b."),
    BINARY_ROW(truediv, "Same as a / b."),
    BINARY_ROW(mod, "Same as a % b."),
    BINARY_ROW(pow, "Same as a ** b."),
    BINARY_ROW(lshift, "Same as a << b."),
    BINARY_ROW(rshift, "Same as a >> b."),
    BINARY_ROW(and_, "Same as a & b."),
    BINARY_ROW(or_, "Same as a | b."),
    BINARY_ROW(xor, "Same as a ^ b."),
    BINARY_ROW(iadd, "Same as a += b."),
    BINARY_ROW(isub, "Same as a -= b."),
    BINARY_ROW(imul, "Same as a *= b."),
    BINARY_ROW(imatmul, "Same as a @= b."),
    BINARY_ROW(ifloordiv, "Same as a //= b."),
    BINARY_ROW(itruediv, "Same as a /= b."),
    BINARY_ROW(imod, "Same as a %= b."),
    BINARY_ROW(ipow, "Same as a **= b."),
    BINARY_ROW(ilshift, "Same as a <<= b."),
    BINARY_ROW(irshift, "Same as a >>= b."),
    BINARY_ROW(iand, "Same as a &= b."),
    BINARY_ROW(ior, "Same as a |= b."),
    BINARY_ROW(ixor, "Same as a ^= b."),
    BINARY_ROW(concat, "Same as a + b, for sequences."),
    BINARY_ROW(iconcat, "Same as a += b, for sequences."),
    BINARY_ROW(contains, "Same as b in a; note the order."),
    BINARY_ROW(indexOf, "Index of the first b in a."),
    BINARY_ROW(countOf, "How many items of a are b or equal it."),
    BINARY_ROW(getitem, "Same as a[b]."),
    BINARY_ROW(delitem, "Same as del a[b]."),
    BINARY_ROW(is_, "Same as a is b."),
    BINARY_ROW(is_not, "Same as a is not b."),
    BINARY_ROW(lt, "Same as a < b."),
    BINARY_ROW(le, "Same as a <= b."),
    BINARY_ROW(eq, "Same as a == b."),
    BINARY_ROW(ne, "Same as a != b."),
    BINARY_ROW(gt, "Same as a > b."),
    BINARY_ROW(ge, "Same as a >= b."),
    PY_METHOD(operator, setitem, METH_FASTCALL, "($module, a, b, c, /)", "Same as a[b] = c."),
    PY_METHOD(operator, length_hint, METH_FASTCALL, "($module, obj, default=0, /)",
              "Number of items to expect from obj: its length, its __length_hint__(), or default."),
    PY_METHOD(operator, call, METH_FASTCALL | METH_KEYWORDS, "($module, obj, /, *args, **kwargs)",
              "Same as obj(*args, **kwargs)."),
    PY_METHOD(operator, _compare_digest, METH_FASTCALL, "($module, a, b, /)",
              "Same as a == b, in a time that does not depend on where they differ.\n\n"
              "For ASCII strings or bytes-like objects; their lengths may show."),
    {0}
};

static int
operator_traverse(PyObject *module, visitproc visit, void *arg)
{
    operator_state *state = PyModule_GetState(module);
    Py_VISIT(state->itemgetter_type);
    Py_VISIT(state->attrgetter_type);
    Py_VISIT(state->methodcaller_type);
    return 0;
}

static int
operator_clear(PyObject *module)
{
    operator_state *state = PyModule_GetState(module);
    Py_CLEAR(state->itemgetter_type);
    Py_CLEAR(state->attrgetter_type);
    Py_CLEAR(state->methodcaller_type);
    return 0;
}

static void
operator_free(void *module)
{
    (void)operator_clear((PyObject *)module);
}

static int
add_type(PyObject *module, PyTypeObject **slot, PyType_Spec *spec)
{
    *slot = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *slot == NULL ? -1 : PyModule_AddType(module, *slot);
}

static int
operator_exec(PyObject *module)
{
    operator_state *state = PyModule_GetState(module);
    return add_type(module, &state->attrgetter_type, &attrgetter_spec) < 0
        || add_type(module, &state->itemgetter_type, &itemgetter_spec) < 0
        || add_type(module, &state->methodcaller_type, &methodcaller_spec) < 0 ? -1 : 0;
}

static PyModuleDef_Slot operator_slots[] = {
    {Py_mod_exec, operator_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef operatormodule = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_operator",
    .m_doc = "The operators as functions.",
    .m_size = sizeof(operator_state),
    .m_methods = operator_methods,
    .m_slots = operator_slots,
    .m_traverse = operator_traverse,
    .m_clear = operator_clear,
    .m_free = operator_free,
};

PyMODINIT_FUNC
PyInit__operator(void)
{
    return PyModuleDef_Init(&operatormodule);
}

/* Struct sequences: tuples whose items have names as well (os.stat_result, time.struct_time, sys.flags).

   Some fields may be visible by name only: they stand behind the tuple's length.  The type's dict tells the numbers.
   Locking: as tuples; the items are constant after creation. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_global_ids.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_structseq.h"
#include "pycore_tuple.h"
#include "pycore_typeobject.h"

#include <structmember.h>

const char *const PyStructSequence_UnnamedField = "unnamed field";

/* -- Numbers of fields, kept in the type ------------------------------------------------------------- */

static Py_ssize_t
type_number(PyTypeObject *type, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    PyObject *value = key ? _PyType_Lookup(type, key) : NULL;
    Py_XDECREF(key);
    if (value == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "Missed attribute '%s' of type %s", name, type->tp_name);
        }
        return -1;
    }
    return PyLong_AsSsize_t(value);
}

#define VISIBLE_SIZE(op) Py_SIZE(op)
#define REAL_SIZE(op) type_number(Py_TYPE(op), "n_fields")
#define UNNAMED_FIELDS(op) type_number(Py_TYPE(op), "n_unnamed_fields")

/* -- Objects --------------------------------------------------------------------------------------------- */

PyObject *
PyStructSequence_New(PyTypeObject *type)
{
    Py_ssize_t size = type_number(type, "n_fields"), visible = type_number(type, "n_sequence_fields");
    if (size < 0 || visible < 0) {
        return NULL;
    }
    PyTupleObject *self = PyObject_GC_NewVar(PyTupleObject, type, size);
    if (self == NULL) {
        return NULL;
    }
    Py_SET_SIZE(self, visible);
    self->ob_hash = -1;
    for (Py_ssize_t i = 0; i < size; i++) {
        self->ob_item[i] = NULL;
    }
    return (PyObject *)self;
}

void
PyStructSequence_SetItem(PyObject *op, Py_ssize_t index, PyObject *value)
{
    PyTupleObject *self = (PyTupleObject *)op;
    assert(0 <= index && index < REAL_SIZE(op));
    assert(self->ob_item[index] == NULL);
    self->ob_item[index] = value;
}

PyObject *
PyStructSequence_GetItem(PyObject *op, Py_ssize_t index)
{
    assert(0 <= index && index < REAL_SIZE(op));
    return ((PyTupleObject *)op)->ob_item[index];
}

static int
structseq_traverse(PyObject *op, visitproc visit, void *arg)
{
    if (Py_TYPE(op)->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        Py_VISIT(Py_TYPE(op));
    }
    Py_ssize_t size = REAL_SIZE(op);
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_VISIT(((PyTupleObject *)op)->ob_item[i]);
    }
    return 0;
}

static void
structseq_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_ssize_t size = REAL_SIZE(op);
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_XDECREF(((PyTupleObject *)op)->ob_item[i]);
    }
    PyObject_GC_Del(op);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        Py_DECREF(type);
    }
}

/* structseq(sequence, dict): items by position, then invisible ones by position or from the dict, else None. */
static PyObject *
structseq_make(PyTypeObject *type, PyObject *source, PyObject *dict)
{
    Py_ssize_t minimum = type_number(type, "n_sequence_fields"), maximum = type_number(type, "n_fields"),
               unnamed = type_number(type, "n_unnamed_fields");
    if (minimum < 0 || maximum < 0 || unnamed < 0) {
        return NULL;
    }
    source = PySequence_Fast(source, "constructor requires a sequence");
    if (source == NULL) {
        return NULL;
    }
    Py_ssize_t given = PySequence_Fast_GET_SIZE(source), used = 0;
    PyObject *self = NULL;
    if (given < minimum || given > maximum) {
        const char *words = minimum == maximum ? "a" : given < minimum ? "an at least" : "an at most";
        PyErr_Format(PyExc_TypeError, "%.500s() takes %s %zd-sequence (%zd-sequence given)", type->tp_name, words,
                     given < minimum ? minimum : maximum, given);
        goto done;
    }
    self = PyStructSequence_New(type);
    if (self == NULL) {
        goto done;
    }
    PyObject **items = ((PyTupleObject *)self)->ob_item;
    for (Py_ssize_t i = 0; i < given; i++) {
        items[i] = Py_NewRef(PySequence_Fast_GET_ITEM(source, i));
    }
    for (Py_ssize_t i = given; i < maximum; i++) {
        PyObject *value = NULL;
        if (dict != NULL) {
            if (PyDict_GetItemStringRef(dict, type->tp_members[i - unnamed].name, &value) < 0) {
                Py_CLEAR(self);
                goto done;
            }
            used += value != NULL;
        }
        items[i] = value != NULL ? value : Py_NewRef(Py_None);
    }
    if (dict != NULL && PyDict_GET_SIZE(dict) > used) {
        PyErr_Format(PyExc_TypeError, "%.500s() got duplicate or unexpected field name(s)", type->tp_name);
        Py_CLEAR(self);
        goto done;
    }
    _PyObject_GC_TRACK(self);
done:
    Py_DECREF(source);
    return self;
}

static PyObject *
structseq_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *keywords[] = {"sequence", "dict", NULL};
    PyObject *source, *dict = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|O:structseq", keywords, &source, &dict)) {
        return NULL;
    }
    if (dict != NULL && !PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes a dict as second arg, if any", type->tp_name);
        return NULL;
    }
    return structseq_make(type, source, dict);
}

static PyObject *
structseq_repr(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(64);
    if (writer == NULL) {
        return NULL;
    }
    int failed = PyUnicodeWriter_WriteUTF8(writer, type->tp_name, -1) < 0 || PyUnicodeWriter_WriteChar(writer, '(') < 0;
    for (Py_ssize_t i = 0; !failed && i < VISIBLE_SIZE(op); i++) {
        const char *name = type->tp_members[i].name;
        PyObject *value = PyStructSequence_GetItem(op, i);
        failed = name == NULL || (i > 0 && PyUnicodeWriter_WriteUTF8(writer, ", ", 2) < 0) ||
                 PyUnicodeWriter_WriteUTF8(writer, name, -1) < 0 || PyUnicodeWriter_WriteChar(writer, '=') < 0 ||
                 PyUnicodeWriter_WriteRepr(writer, value) < 0;
        if (name == NULL) {
            PyErr_Format(PyExc_SystemError, "In structseq_repr(), member %zd name is NULL for type %.500s", i, type->tp_name);
        }
    }
    if (failed || PyUnicodeWriter_WriteChar(writer, ')') < 0) {
        PyUnicodeWriter_Discard(writer);
        return NULL;
    }
    return PyUnicodeWriter_Finish(writer);
}

static PyObject *
structseq___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t size = REAL_SIZE(op), visible = VISIBLE_SIZE(op), unnamed = UNNAMED_FIELDS(op);
    if (size < 0 || unnamed < 0) {
        return NULL;
    }
    PyObject *tuple = _PyTuple_FromArray(((PyTupleObject *)op)->ob_item, visible), *dict = PyDict_New();
    for (Py_ssize_t i = visible; tuple != NULL && dict != NULL && i < size; i++) {
        if (PyDict_SetItemString(dict, Py_TYPE(op)->tp_members[i - unnamed].name,
                                 ((PyTupleObject *)op)->ob_item[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    PyObject *result = tuple && dict ? Py_BuildValue("(O(OO))", Py_TYPE(op), tuple, dict) : NULL;
    Py_XDECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

static PyObject *
structseq___replace__(PyObject *op, PyObject *args, PyObject *kwds)
{
    Py_ssize_t size = REAL_SIZE(op), unnamed = UNNAMED_FIELDS(op);
    if (!_PyArg_NoPositional("__replace__", args) || size < 0 || unnamed < 0) {
        return NULL;
    }
    if (unnamed > 0) {
        PyErr_Format(PyExc_TypeError, "__replace__() is not supported for %.500s because it has unnamed field(s)",
                     Py_TYPE(op)->tp_name);
        return NULL;
    }
    PyObject *result = PyStructSequence_New(Py_TYPE(op)), *rest = kwds ? PyDict_Copy(kwds) : PyDict_New();
    for (Py_ssize_t i = 0; result != NULL && rest != NULL && i < size; i++) {
        PyObject *value = NULL;
        PyObject *key = PyUnicode_FromString(Py_TYPE(op)->tp_members[i].name);
        if (key == NULL || PyDict_Pop(rest, key, &value) < 0) {
            Py_CLEAR(result);
        }
        else {
            ((PyTupleObject *)result)->ob_item[i] = value ? value : Py_XNewRef(((PyTupleObject *)op)->ob_item[i]);
        }
        Py_XDECREF(key);
    }
    if (result != NULL && rest != NULL && PyDict_GET_SIZE(rest) > 0) {
        PyObject *names = PyDict_Keys(rest);
        if (names != NULL) {
            PyErr_Format(PyExc_TypeError, "Got unexpected field name(s): %R", names);
            Py_DECREF(names);
        }
        Py_CLEAR(result);
    }
    if (rest == NULL) {
        Py_CLEAR(result);
    }
    Py_XDECREF(rest);
    if (result != NULL) {
        _PyObject_GC_TRACK(result);
    }
    return result;
}

static PyMethodDef structseq_methods[] = {
    PY_METHOD_NOSIG("__reduce__", structseq___reduce__, METH_NOARGS, "__reduce__($self, /)\n--\n\nState for pickle."),
    PY_METHOD_NOSIG("__replace__", structseq___replace__, METH_VARARGS | METH_KEYWORDS,
                    "__replace__($self, /, **changes)\n--\n\nA copy with changed fields."),
    {0}
};

/* -- Types ----------------------------------------------------------------------------------------------------- */

static Py_ssize_t
count_fields(PyStructSequence_Desc *desc, Py_ssize_t *unnamed)
{
    Py_ssize_t i = 0;
    *unnamed = 0;
    for (; desc->fields[i].name != NULL; i++) {
        *unnamed += desc->fields[i].name == PyStructSequence_UnnamedField;
    }
    return i;
}

static PyMemberDef *
make_members(PyStructSequence_Desc *desc, Py_ssize_t count, Py_ssize_t unnamed)
{
    PyMemberDef *members = PyMem_Calloc((size_t)(count - unnamed + 1), sizeof *members);
    if (members == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0, k = 0; i < count; i++) {
        if (desc->fields[i].name == PyStructSequence_UnnamedField) {
            continue;
        }
        members[k++] = (PyMemberDef){
            .name = desc->fields[i].name, .type = _Py_T_OBJECT, .flags = Py_READONLY, .doc = desc->fields[i].doc,
            .offset = (Py_ssize_t)(offsetof(PyTupleObject, ob_item) + (size_t)i * sizeof(PyObject *))};
    }
    return members;
}

static int
set_numbers(PyStructSequence_Desc *desc, PyTypeObject *type, Py_ssize_t count, Py_ssize_t unnamed)
{
    PyObject *dict = _PyType_GetDict(type);
    const char *names[] = {"n_sequence_fields", "n_fields", "n_unnamed_fields"};
    Py_ssize_t values[] = {desc->n_in_sequence, count, unnamed};
    for (int i = 0; i < 3; i++) {
        PyObject *value = PyLong_FromSsize_t(values[i]);
        int result = value ? PyDict_SetItemString(dict, names[i], value) : -1;
        Py_XDECREF(value);
        if (result < 0) {
            return -1;
        }
    }
    PyObject *match = PyTuple_New(desc->n_in_sequence);
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; match != NULL && i < desc->n_in_sequence; i++) {
        if (desc->fields[i].name == PyStructSequence_UnnamedField) {
            continue;
        }
        PyObject *name = PyUnicode_FromString(desc->fields[i].name);
        if (name == NULL) {
            Py_CLEAR(match);
            break;
        }
        PyTuple_SET_ITEM(match, k++, name);
    }
    if (match != NULL && k < desc->n_in_sequence && _PyTuple_Resize(&match, k) < 0) {
        match = NULL;
    }
    int result = match ? PyDict_SetItemString(dict, "__match_args__", match) : -1;
    Py_XDECREF(match);
    PyType_Modified(type);
    return result;
}

static void
fill_type(PyTypeObject *type, PyStructSequence_Desc *desc, PyMemberDef *members, unsigned long flags)
{
    type->tp_name = desc->name;
    type->tp_basicsize = sizeof(PyTupleObject) - sizeof(PyObject *);
    type->tp_itemsize = sizeof(PyObject *);
    type->tp_dealloc = structseq_dealloc;
    type->tp_repr = structseq_repr;
    type->tp_doc = desc->doc;
    type->tp_base = &PyTuple_Type;
    type->tp_methods = structseq_methods;
    type->tp_new = structseq_new;
    type->tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | flags;
    type->tp_traverse = structseq_traverse;
    type->tp_members = members;
}

int
_PyStructSequence_InitBuiltinWithFlags(PyInterpreterState *interp, PyTypeObject *type, PyStructSequence_Desc *desc,
                                       unsigned long flags)
{
    Py_ssize_t unnamed, count = count_fields(desc, &unnamed);
    if (type->tp_flags & Py_TPFLAGS_READY) {
        return _PyStaticType_InitBuiltin(interp, type);
    }
    PyMemberDef *members = make_members(desc, count, unnamed);
    if (members == NULL) {
        return -1;
    }
    fill_type(type, desc, members, flags);
    if (_PyStaticType_InitBuiltin(interp, type) < 0) {
        PyMem_Free(members);
        return -1;
    }
    return set_numbers(desc, type, count, unnamed);
}

void
_PyStructSequence_FiniBuiltin(PyInterpreterState *interp, PyTypeObject *type)
{
    /* The type and its members live as long as the process. */
}

int
PyStructSequence_InitType2(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    if (Py_REFCNT(type) != 1 && !_Py_IsImmortal(type)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t unnamed, count = count_fields(desc, &unnamed);
    PyMemberDef *members = make_members(desc, count, unnamed);
    if (members == NULL) {
        return -1;
    }
    fill_type(type, desc, members, 0);
    Py_SET_TYPE(type, &PyType_Type);
    if (PyType_Ready(type) < 0) {
        PyMem_Free(members);
        return -1;
    }
    return set_numbers(desc, type, count, unnamed);
}

void
PyStructSequence_InitType(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    (void)PyStructSequence_InitType2(type, desc);
}

PyTypeObject *
_PyStructSequence_NewType(PyStructSequence_Desc *desc, unsigned long flags)
{
    Py_ssize_t unnamed, count = count_fields(desc, &unnamed);
    PyMemberDef *members = make_members(desc, count, unnamed);
    if (members == NULL) {
        return NULL;
    }
    PyType_Slot slots[] = {
        {Py_tp_dealloc, structseq_dealloc}, {Py_tp_repr, structseq_repr}, {Py_tp_methods, structseq_methods},
        {Py_tp_new, structseq_new}, {Py_tp_members, members}, {Py_tp_traverse, structseq_traverse},
        {desc->doc ? Py_tp_doc : 0, (void *)desc->doc}, {0, NULL}};
    PyType_Spec spec = {desc->name, sizeof(PyTupleObject) - sizeof(PyObject *), sizeof(PyObject *),
                        (unsigned int)(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | flags), slots};
    PyTypeObject *type = (PyTypeObject *)PyType_FromSpecWithBases(&spec, (PyObject *)&PyTuple_Type);
    PyMem_Free(members);
    if (type != NULL && set_numbers(desc, type, count, unnamed) < 0) {
        Py_CLEAR(type);
    }
    return type;
}

PyTypeObject *
PyStructSequence_NewType(PyStructSequence_Desc *desc)
{
    return _PyStructSequence_NewType(desc, 0);
}

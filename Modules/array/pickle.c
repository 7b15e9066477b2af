/* array: pickles of arrays, which may come from another machine.

   A pickle names the format of its bytes by a number.  Bytes in this machine's format are taken as they are. */
#include "array_int.h"
#include "pycore_modsupport.h"   // _PyArg_CheckPositional

/* The row of a format; its number is the index. */
static const struct machine_format {
    uint8_t size;
    bool is_signed, big;
    char kind;  /* 'i' integer, 'f' float, 'u' text */
} machine_formats[] = {
    {1, false, false, 'i'}, {1, true, false, 'i'},
    {2, false, false, 'i'}, {2, false, true, 'i'}, {2, true, false, 'i'}, {2, true, true, 'i'},
    {4, false, false, 'i'}, {4, false, true, 'i'}, {4, true, false, 'i'}, {4, true, true, 'i'},
    {8, false, false, 'i'}, {8, false, true, 'i'}, {8, true, false, 'i'}, {8, true, true, 'i'},
    {4, false, false, 'f'}, {4, false, true, 'f'}, {8, false, false, 'f'}, {8, false, true, 'f'},
    {2, false, false, 'u'}, {2, false, true, 'u'}, {4, false, false, 'u'}, {4, false, true, 'u'},
};

#define FORMATS ((int)Py_ARRAY_LENGTH(machine_formats))

int
_PyArray_MachineFormat(const struct item_type *type)
{
    char kind = type->is_integer ? 'i' : is_text(type) ? 'u' : 'f';
    for (int i = 0; i < FORMATS; i++) {
        const struct machine_format *f = &machine_formats[i];
        if (f->kind == kind && f->size == type->size && f->is_signed == type->is_signed
            && (f->size == 1 || f->big == PY_BIG_ENDIAN)) {
            return i;
        }
    }
    return -1;
}

static PyObject *
decode_item(const struct machine_format *f, const char *p)
{
    if (f->kind == 'i') {
        return _PyLong_FromByteArray((const unsigned char *)p, f->size, !f->big, f->is_signed);
    }
    return PyFloat_FromDouble(f->size == 4 ? PyFloat_Unpack4(p, !f->big) : PyFloat_Unpack8(p, !f->big));
}

static PyObject *
array_from_items(PyTypeObject *type, const struct item_type *item_type, PyObject *items,
                 const struct machine_format *f)
{
    if (f->kind == 'i') {
        /* A type of this machine with the same values, if there is one. */
        for (const struct item_type *t = _PyArray_ItemTypes; t->code; t++) {
            if (t->is_integer && t->size == f->size && t->is_signed == f->is_signed) {
                item_type = t;
                break;
            }
        }
    }
    Py_ssize_t count = PyBytes_GET_SIZE(items) / f->size;
    ArrayObject *array = _PyArray_New(type, count, item_type);
    for (Py_ssize_t i = 0; array != NULL && i < count; i++) {
        PyObject *item = decode_item(f, PyBytes_AS_STRING(items) + i * f->size);
        if (item == NULL || item_type->pack(item, array->items + i * item_type->size) < 0) {
            Py_CLEAR(array);
        }
        Py_XDECREF(item);
    }
    return (PyObject *)array;
}

static PyObject *
array_from_text(PyTypeObject *type, const struct item_type *item_type, PyObject *items,
                const struct machine_format *f)
{
    int order = f->big ? 1 : -1;
    PyObject *text = f->size == 2
        ? PyUnicode_DecodeUTF16(PyBytes_AS_STRING(items), PyBytes_GET_SIZE(items), "strict", &order)
        : PyUnicode_DecodeUTF32(PyBytes_AS_STRING(items), PyBytes_GET_SIZE(items), "strict", &order);
    if (text == NULL) {
        return NULL;
    }
    Py_ssize_t count = PyUnicode_GET_LENGTH(text);
    ArrayObject *array = _PyArray_New(type, count, item_type);
    for (Py_ssize_t i = 0; array != NULL && i < count; i++) {
        PyObject *c = PyUnicode_FromOrdinal((int)PyUnicode_READ_CHAR(text, i));
        if (c == NULL || item_type->pack(c, array->items + i * item_type->size) < 0) {
            Py_CLEAR(array);
        }
        Py_XDECREF(c);
    }
    Py_DECREF(text);
    return (PyObject *)array;
}

PyObject *
array__array_reconstructor(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    array_module_state *state = PyModule_GetState(module);
    if (!_PyArg_CheckPositional("_array_reconstructor", nargs, 4, 4)) {
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)args[0];
    PyObject *items = args[3];
    if (!PyUnicode_Check(args[1])) {
        _PyArg_BadArgument("_array_reconstructor", "argument 2", "a unicode character", args[1]);
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(args[1]) != 1) {
        return PyErr_Format(PyExc_TypeError,
                            "_array_reconstructor(): argument 2 must be a unicode character, "
                            "not a string of length %zd", PyUnicode_GET_LENGTH(args[1]));
    }
    int number = PyLong_AsInt(args[2]);
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (!PyType_Check(args[0])) {
        return PyErr_Format(PyExc_TypeError, "first argument must be a type object, not %T", args[0]);
    }
    if (!PyType_IsSubtype(type, state->array_type)) {
        return PyErr_Format(PyExc_TypeError, "%.200s is not a subtype of %.200s", type->tp_name,
                            state->array_type->tp_name);
    }
    const struct item_type *item_type = find_item_type(PyUnicode_READ_CHAR(args[1], 0));
    if (item_type == NULL) {
        PyErr_SetString(PyExc_ValueError, "second argument must be a valid type code");
        return NULL;
    }
    if (number < 0 || number >= FORMATS) {
        PyErr_SetString(PyExc_ValueError, "third argument must be a valid machine format code.");
        return NULL;
    }
    if (!PyBytes_Check(items)) {
        return PyErr_Format(PyExc_TypeError, "fourth argument should be bytes, not %T", items);
    }
    const struct machine_format *f = &machine_formats[number];
    if (number == _PyArray_MachineFormat(item_type)) {
        Py_ssize_t size = PyBytes_GET_SIZE(items);
        if (size % item_type->size != 0) {
            PyErr_SetString(PyExc_ValueError, "bytes length not a multiple of item size");
            return NULL;
        }
        ArrayObject *array = _PyArray_New(type, size / item_type->size, item_type);
        if (array != NULL && size > 0) {
            memcpy(array->items, PyBytes_AS_STRING(items), (size_t)size);
        }
        return (PyObject *)array;
    }
    if (PyBytes_GET_SIZE(items) % f->size != 0) {
        PyErr_SetString(PyExc_ValueError, "string length not a multiple of item size");
        return NULL;
    }
    if (f->kind == 'u') {
        return array_from_text(type, item_type, items, f);
    }
    return array_from_items(type, item_type, items, f);
}

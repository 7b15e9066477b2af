/* Marshal: writing objects.

   Every object that can be referred to again gets a number when it is first written, in order; the second
   time only the number is written.  So the output depends on the objects alone, not on who else holds them.
   Mutable containers are written from a copy: another thread may change them meanwhile.
   Locking: none; a writer belongs to one thread. */
#include "Python.h"
#include "pycore_marshal.h"
#include "marshal.h"
#include "marshal_format.h"

#include <stdbool.h>

enum write_error {
    WRITE_OK,
    WRITE_UNMARSHALLABLE,
    WRITE_TOO_DEEP,
    WRITE_NO_MEMORY,
    WRITE_CODE_NOT_ALLOWED,
    WRITE_EXCEPTION,              /* one is set */
};

struct reference {
    PyObject *object;             /* strong; NULL: a free slot */
    int number;
};

struct _PyMarshalWriter {
    char *buffer;
    Py_ssize_t size;
    Py_ssize_t capacity;
    enum write_error error;
    int depth;
    int version;
    bool allow_code;
    struct reference *references; /* open addressing; capacity is a power of two */
    int reference_count;
    int reference_capacity;
};

/* -- Output -------------------------------------------------------------- */

static void
fail(_PyMarshalWriter *w, enum write_error error)
{
    if (w->error == WRITE_OK) {
        w->error = PyErr_Occurred() ? WRITE_EXCEPTION : error;
    }
}

static char *
writer_reserve(_PyMarshalWriter *w, Py_ssize_t size)
{
    if (w->error != WRITE_OK) {
        return NULL;
    }
    if (size > w->capacity - w->size) {
        if (size > PY_SSIZE_T_MAX / 2 - w->size) {
            fail(w, WRITE_NO_MEMORY);
            return NULL;
        }
        Py_ssize_t capacity = (w->size + size) + (w->size + size) / 2 + 64;
        char *fresh = PyMem_Realloc(w->buffer, capacity);
        if (fresh == NULL) {
            fail(w, WRITE_NO_MEMORY);
            return NULL;
        }
        w->buffer = fresh;
        w->capacity = capacity;
    }
    char *place = w->buffer + w->size;
    w->size += size;
    return place;
}

static void
write_raw(_PyMarshalWriter *w, const void *bytes, Py_ssize_t size)
{
    char *place = writer_reserve(w, size);
    if (place != NULL && size > 0) {
        memcpy(place, bytes, size);
    }
}

static void
write_integer(_PyMarshalWriter *w, unsigned long value, int size)
{
    unsigned char *place = (unsigned char *)writer_reserve(w, size);
    for (int i = 0; place != NULL && i < size; i++) {
        place[i] = (unsigned char)(value >> (8 * i));
    }
}

void
_PyMarshal_WriteByte(_PyMarshalWriter *w, int value)
{
    write_integer(w, (unsigned long)value, 1);
}

void
_PyMarshal_WriteShort(_PyMarshalWriter *w, int value)
{
    write_integer(w, (unsigned long)value, 2);
}

void
_PyMarshal_WriteLong(_PyMarshalWriter *w, long value)
{
    write_integer(w, (unsigned long)value, 4);
}

/* Sizes have 32 bits, signed. */
static bool
write_size(_PyMarshalWriter *w, Py_ssize_t size)
{
    if (size > INT32_MAX) {
        fail(w, WRITE_UNMARSHALLABLE);
        return false;
    }
    _PyMarshal_WriteLong(w, (long)size);
    return w->error == WRITE_OK;
}

void
_PyMarshal_WriteBytes(_PyMarshalWriter *w, const void *bytes, Py_ssize_t size)
{
    if (write_size(w, size)) {
        write_raw(w, bytes, size);
    }
}

/* -- References ---------------------------------------------------------- */

static struct reference *
find_reference(_PyMarshalWriter *w, PyObject *object)
{
    size_t mask = (size_t)w->reference_capacity - 1;
    size_t i = ((uintptr_t)object >> 4) * 0x9E3779B97F4A7C15ULL >> 20 & mask;
    while (w->references[i].object != NULL && w->references[i].object != object) {
        i = (i + 1) & mask;
    }
    return &w->references[i];
}

static bool
grow_references(_PyMarshalWriter *w)
{
    struct reference *old = w->references;
    int old_capacity = w->reference_capacity;
    w->reference_capacity = old_capacity == 0 ? 64 : old_capacity * 2;
    w->references = PyMem_Calloc(w->reference_capacity, sizeof(struct reference));
    if (w->references == NULL) {
        w->references = old;
        w->reference_capacity = old_capacity;
        fail(w, WRITE_NO_MEMORY);
        return false;
    }
    for (int i = 0; i < old_capacity; i++) {
        if (old[i].object != NULL) {
            *find_reference(w, old[i].object) = old[i];
        }
    }
    PyMem_Free(old);
    return true;
}

/* Writes a reference if the object was written before; else gives it the next number and sets *flag. */
static bool
write_reference(_PyMarshalWriter *w, PyObject *object, int *flag)
{
    *flag = 0;
    if (w->version < 3) {
        return false;
    }
    if (w->reference_count * 2 >= w->reference_capacity && !grow_references(w)) {
        return true;
    }
    struct reference *place = find_reference(w, object);
    if (place->object != NULL) {
        _PyMarshal_WriteByte(w, TYPE_REF);
        _PyMarshal_WriteLong(w, place->number);
        return true;
    }
    place->object = Py_NewRef(object);
    place->number = w->reference_count++;
    *flag = FLAG_REF;
    return false;
}

/* -- Objects ------------------------------------------------------------- */

static void
write_type(_PyMarshalWriter *w, int type, int flag)
{
    _PyMarshal_WriteByte(w, type | flag);
}

/* Digits of 15 bits, least first; the sign is that of their number. */
static void
write_big_int(_PyMarshalWriter *w, PyObject *value)
{
    int negative = PyLong_IsNegative(value);
    PyObject *magnitude = PyNumber_Absolute(value);
    Py_ssize_t size = magnitude == NULL ? -1 : PyLong_AsNativeBytes(magnitude, NULL, 0, Py_ASNATIVEBYTES_LITTLE_ENDIAN | Py_ASNATIVEBYTES_UNSIGNED_BUFFER);
    unsigned char *bytes = size < 0 ? NULL : PyMem_Calloc(size + 4, 1);
    if (bytes == NULL || PyLong_AsNativeBytes(magnitude, bytes, size, Py_ASNATIVEBYTES_LITTLE_ENDIAN |
                                              Py_ASNATIVEBYTES_UNSIGNED_BUFFER) < 0) {
        fail(w, WRITE_NO_MEMORY);
        goto done;
    }
    while (size > 0 && bytes[size - 1] == 0) {
        size--;
    }
    Py_ssize_t bits = size * 8;
    while (bits > 0 && !(bytes[(bits - 1) / 8] >> ((bits - 1) % 8) & 1)) {
        bits--;
    }
    Py_ssize_t digits = (bits + MARSHAL_DIGIT_BITS - 1) / MARSHAL_DIGIT_BITS;
    if (digits > INT32_MAX) {
        fail(w, WRITE_UNMARSHALLABLE);
        goto done;
    }
    _PyMarshal_WriteLong(w, negative ? -(long)digits : (long)digits);
    for (Py_ssize_t i = 0; i < digits; i++) {
        Py_ssize_t at = i * MARSHAL_DIGIT_BITS;
        uint32_t word = bytes[at / 8] | (uint32_t)bytes[at / 8 + 1] << 8 | (uint32_t)bytes[at / 8 + 2] << 16;
        _PyMarshal_WriteShort(w, (int)(word >> (at % 8) & (MARSHAL_DIGIT_BASE - 1)));
    }
done:
    Py_XDECREF(magnitude);
    PyMem_Free(bytes);
}

static void
write_int(_PyMarshalWriter *w, PyObject *value, int flag)
{
    int overflow;
    long small = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow == 0 && small >= INT32_MIN && small <= INT32_MAX) {
        write_type(w, TYPE_INT, flag);
        _PyMarshal_WriteLong(w, small);
    }
    else {
        write_type(w, TYPE_LONG, flag);
        write_big_int(w, value);
    }
}

/* Old versions write the decimal digits, with a one-byte size. */
static void
write_double_text(_PyMarshalWriter *w, double value)
{
    char *text = PyOS_double_to_string(value, 'g', 17, 0, NULL);
    if (text == NULL) {
        fail(w, WRITE_NO_MEMORY);
        return;
    }
    _PyMarshal_WriteByte(w, (int)strlen(text));
    write_raw(w, text, strlen(text));
    PyMem_Free(text);
}

static void
write_double(_PyMarshalWriter *w, double value)
{
    char bytes[8];
    if (w->version <= 1) {
        write_double_text(w, value);
    }
    else if (PyFloat_Pack8(value, bytes, 1) < 0) {
        fail(w, WRITE_UNMARSHALLABLE);
    }
    else {
        write_raw(w, bytes, 8);
    }
}

static void
write_str(_PyMarshalWriter *w, PyObject *text, int flag)
{
    bool interned = PyUnicode_CHECK_INTERNED(text) != 0;
    if (w->version >= 4 && PyUnicode_IS_ASCII(text)) {
        Py_ssize_t size = PyUnicode_GET_LENGTH(text);
        bool is_short = size < 256;
        write_type(w, is_short ? (interned ? TYPE_SHORT_ASCII_INTERNED : TYPE_SHORT_ASCII)
                               : (interned ? TYPE_ASCII_INTERNED : TYPE_ASCII), flag);
        if (is_short) {
            _PyMarshal_WriteByte(w, (int)size);
            write_raw(w, PyUnicode_1BYTE_DATA(text), size);
        }
        else {
            _PyMarshal_WriteBytes(w, PyUnicode_1BYTE_DATA(text), size);
        }
        return;
    }
    PyObject *utf8 = PyUnicode_AsEncodedString(text, "utf8", "surrogatepass");
    if (utf8 == NULL) {
        fail(w, WRITE_UNMARSHALLABLE);
        return;
    }
    write_type(w, w->version >= 3 && interned ? TYPE_INTERNED : TYPE_UNICODE, flag);
    _PyMarshal_WriteBytes(w, PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8));
    Py_DECREF(utf8);
}

static void
write_items(_PyMarshalWriter *w, PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        _PyMarshal_WriteObject(w, PyTuple_GET_ITEM(tuple, i));
    }
}

static void
write_tuple(_PyMarshalWriter *w, PyObject *tuple, int flag)
{
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    if (w->version >= 4 && size < 256) {
        write_type(w, TYPE_SMALL_TUPLE, flag);
        _PyMarshal_WriteByte(w, (int)size);
    }
    else {
        write_type(w, TYPE_TUPLE, flag);
        if (!write_size(w, size)) {
            return;
        }
    }
    write_items(w, tuple);
}

static void
write_list(_PyMarshalWriter *w, PyObject *list, int flag)
{
    PyObject *items = PyList_AsTuple(list);
    if (items == NULL) {
        fail(w, WRITE_NO_MEMORY);
        return;
    }
    write_type(w, TYPE_LIST, flag);
    if (write_size(w, PyTuple_GET_SIZE(items))) {
        write_items(w, items);
    }
    Py_DECREF(items);
}

static void
write_dict(_PyMarshalWriter *w, PyObject *dict, int flag)
{
    PyObject *copy = PyDict_Copy(dict), *key, *value;
    Py_ssize_t position = 0;
    if (copy == NULL) {
        fail(w, WRITE_NO_MEMORY);
        return;
    }
    write_type(w, TYPE_DICT, flag);
    while (PyDict_Next(copy, &position, &key, &value)) {
        _PyMarshal_WriteObject(w, key);
        _PyMarshal_WriteObject(w, value);
    }
    _PyMarshal_WriteObject(w, NULL);
    Py_DECREF(copy);
}

static PyObject *object_to_bytes(PyObject *object, int version, bool allow_code);

/* The items in the order of their bytes, so that equal sets give equal output. */
static PyObject *
sorted_set_items(_PyMarshalWriter *w, PyObject *set)
{
    PyObject *items = PySequence_List(set);
    for (Py_ssize_t i = 0; items != NULL && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        PyObject *bytes = object_to_bytes(item, w->version, w->allow_code);
        PyObject *pair = bytes == NULL ? NULL : PyTuple_Pack(2, bytes, item);
        Py_XDECREF(bytes);
        if (pair == NULL || PyList_SetItem(items, i, pair) < 0) {
            Py_CLEAR(items);
        }
    }
    if (items != NULL && PyList_Sort(items) < 0) {
        Py_CLEAR(items);
    }
    return items;
}

static void
write_set(_PyMarshalWriter *w, PyObject *set, int flag)
{
    PyObject *items = sorted_set_items(w, set);
    if (items == NULL) {
        fail(w, WRITE_UNMARSHALLABLE);
        return;
    }
    write_type(w, PyFrozenSet_CheckExact(set) ? TYPE_FROZENSET : TYPE_SET, flag);
    if (write_size(w, PyList_GET_SIZE(items))) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
            _PyMarshal_WriteObject(w, PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1));
        }
    }
    Py_DECREF(items);
}

static void
write_buffer(_PyMarshalWriter *w, PyObject *object, int flag)
{
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) {
        write_type(w, TYPE_UNKNOWN, 0);
        fail(w, WRITE_UNMARSHALLABLE);
        return;
    }
    write_type(w, TYPE_STRING, flag);
    _PyMarshal_WriteBytes(w, view.buf, view.len);
    PyBuffer_Release(&view);
}

static void
write_code(_PyMarshalWriter *w, PyObject *code, int flag)
{
    if (!w->allow_code) {
        fail(w, WRITE_CODE_NOT_ALLOWED);
        return;
    }
    write_type(w, TYPE_CODE, flag);
    if (_PyCode_MarshalWrite((PyCodeObject *)code, w) < 0) {
        fail(w, WRITE_UNMARSHALLABLE);
    }
}

static void
write_complex_object(_PyMarshalWriter *w, PyObject *object, int flag)
{
    if (PyLong_CheckExact(object)) {
        write_int(w, object, flag);
    }
    else if (PyFloat_CheckExact(object)) {
        write_type(w, w->version > 1 ? TYPE_BINARY_FLOAT : TYPE_FLOAT, flag);
        write_double(w, PyFloat_AS_DOUBLE(object));
    }
    else if (PyComplex_CheckExact(object)) {
        write_type(w, w->version > 1 ? TYPE_BINARY_COMPLEX : TYPE_COMPLEX, flag);
        write_double(w, PyComplex_RealAsDouble(object));
        write_double(w, PyComplex_ImagAsDouble(object));
    }
    else if (PyBytes_CheckExact(object)) {
        write_type(w, TYPE_STRING, flag);
        _PyMarshal_WriteBytes(w, PyBytes_AS_STRING(object), PyBytes_GET_SIZE(object));
    }
    else if (PyUnicode_CheckExact(object)) {
        write_str(w, object, flag);
    }
    else if (PyTuple_CheckExact(object)) {
        write_tuple(w, object, flag);
    }
    else if (PyList_CheckExact(object)) {
        write_list(w, object, flag);
    }
    else if (PyDict_CheckExact(object)) {
        write_dict(w, object, flag);
    }
    else if (PyAnySet_CheckExact(object)) {
        write_set(w, object, flag);
    }
    else if (PyCode_Check(object)) {
        write_code(w, object, flag);
    }
    else if (PySlice_Check(object) && w->version >= 5) {
        PySliceObject *slice = (PySliceObject *)object;
        write_type(w, TYPE_SLICE, flag);
        _PyMarshal_WriteObject(w, slice->start);
        _PyMarshal_WriteObject(w, slice->stop);
        _PyMarshal_WriteObject(w, slice->step);
    }
    else if (PyObject_CheckBuffer(object)) {
        write_buffer(w, object, flag);
    }
    else {
        write_type(w, TYPE_UNKNOWN, 0);
        fail(w, WRITE_UNMARSHALLABLE);
    }
}

void
_PyMarshal_WriteObject(_PyMarshalWriter *w, PyObject *object)
{
    if (w->error != WRITE_OK) {
        return;
    }
    int type = object == NULL ? TYPE_NULL : object == Py_None ? TYPE_NONE
             : object == PyExc_StopIteration ? TYPE_STOPITER : object == Py_Ellipsis ? TYPE_ELLIPSIS
             : object == Py_False ? TYPE_FALSE : object == Py_True ? TYPE_TRUE : 0;
    int flag;
    if (type != 0) {
        _PyMarshal_WriteByte(w, type);
        return;
    }
    if (w->depth >= MARSHAL_MAX_DEPTH) {
        fail(w, WRITE_TOO_DEEP);
        return;
    }
    w->depth++;
    if (!write_reference(w, object, &flag)) {
        write_complex_object(w, object, flag);
    }
    w->depth--;
}

/* -- Entry points -------------------------------------------------------- */

static void
writer_clear(_PyMarshalWriter *w)
{
    for (int i = 0; i < w->reference_capacity; i++) {
        Py_XDECREF(w->references[i].object);
    }
    PyMem_Free(w->references);
    PyMem_Free(w->buffer);
}

static void
raise_write_error(enum write_error error)
{
    switch (error) {
        case WRITE_NO_MEMORY:
            PyErr_NoMemory();
            break;
        case WRITE_TOO_DEEP:
            PyErr_SetString(PyExc_ValueError, "object too deeply nested to marshal");
            break;
        case WRITE_CODE_NOT_ALLOWED:
            PyErr_SetString(PyExc_ValueError, "marshalling code objects is disallowed");
            break;
        case WRITE_UNMARSHALLABLE:
            PyErr_SetString(PyExc_ValueError, "unmarshallable object");
            break;
        default:
            break;
    }
}

static PyObject *
object_to_bytes(PyObject *object, int version, bool allow_code)
{
    _PyMarshalWriter w = {.version = version, .allow_code = allow_code};
    PyObject *result = NULL;
    _PyMarshal_WriteObject(&w, object);
    if (w.error == WRITE_EXCEPTION && PyErr_ExceptionMatches(PyExc_BufferError)) {
        PyErr_Clear();
        w.error = WRITE_UNMARSHALLABLE;
    }
    if (w.error == WRITE_OK) {
        result = PyBytes_FromStringAndSize(w.buffer, w.size);
    }
    else {
        raise_write_error(w.error);
    }
    writer_clear(&w);
    return result;
}

PyObject *
_PyMarshal_ObjectToBytes(PyObject *object, int version, int allow_code)
{
    if (PySys_Audit("marshal.dumps", "Oi", object, version) < 0) {
        return NULL;
    }
    return object_to_bytes(object, version, allow_code != 0);
}

PyObject *
PyMarshal_WriteObjectToString(PyObject *op, int flag)
{
    return _PyMarshal_ObjectToBytes(op, flag, 1);
}

void
PyMarshal_WriteLongToFile(long value, FILE *fp, int Py_UNUSED(flag))
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++) {
        bytes[i] = (unsigned char)((unsigned long)value >> (8 * i));
    }
    fwrite(bytes, 1, 4, fp);
}

void
PyMarshal_WriteObjectToFile(PyObject *op, FILE *fp, int flag)
{
    PyObject *bytes = _PyMarshal_ObjectToBytes(op, flag, 1);
    if (bytes != NULL) {
        fwrite(PyBytes_AS_STRING(bytes), 1, PyBytes_GET_SIZE(bytes), fp);
        Py_DECREF(bytes);
    }
}

/* Marshal: reading objects.

   Nothing in the data is believed: sizes are checked against what is left before memory is allocated for
   strings, containers grow no faster than the data allows, and every failure is a clean exception.
   Locking: none; a reader belongs to one thread. */
#include "Python.h"
#include "pycore_marshal.h"
#include "marshal.h"
#include "marshal_format.h"

#include <stdbool.h>
#include <sys/stat.h>         // fstat

struct _PyMarshalReader {
    const char *here, *end;       /* text in memory */
    FILE *fp;                     /* or a file */
    PyObject *readable;           /* or an object with readinto() */
    char *buffer;                 /* last piece of a file */
    Py_ssize_t buffer_size;
    int depth;
    bool allow_code;
    PyObject *references;         /* list; Py_None stands for one that is not complete */
};

/* -- Input --------------------------------------------------------------- */

static void
too_short(void)
{
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_EOFError, "marshal data too short");
    }
}

static PyObject *
bad_data(const char *what)
{
    PyErr_Format(PyExc_ValueError, "bad marshal data (%s)", what);
    return NULL;
}

/* Fills the buffer from the readable object; the number of bytes, or -1. */
static Py_ssize_t
read_from_object(_PyMarshalReader *r, Py_ssize_t size)
{
    PyObject *view = PyMemoryView_FromMemory(r->buffer, size, PyBUF_WRITE);
    PyObject *result = view == NULL ? NULL : PyObject_CallMethod(r->readable, "readinto", "O", view);
    Py_XDECREF(view);
    if (result == NULL) {
        return -1;
    }
    Py_ssize_t got = PyNumber_AsSsize_t(result, PyExc_ValueError);
    Py_DECREF(result);
    if (got > size) {
        PyErr_Format(PyExc_ValueError, "read() returned too much data: %zd bytes requested, %zd returned", size, got);
        return -1;
    }
    return got;
}

/* The next `size` bytes, valid until the next call; NULL with an exception. */
static const char *
read_raw(_PyMarshalReader *r, Py_ssize_t size)
{
    if (r->here != NULL) {
        if (size > r->end - r->here) {
            too_short();
            return NULL;
        }
        const char *bytes = r->here;
        r->here += size;
        return bytes;
    }
    if (size > r->buffer_size) {
        char *fresh = PyMem_Realloc(r->buffer, size);
        if (fresh == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        r->buffer = fresh;
        r->buffer_size = size;
    }
    Py_ssize_t got = r->fp != NULL ? (Py_ssize_t)fread(r->buffer, 1, size, r->fp) : read_from_object(r, size);
    if (got != size) {
        too_short();
        return NULL;
    }
    return r->buffer;
}

int
_PyMarshal_ReadByte(_PyMarshalReader *r)
{
    const char *bytes = read_raw(r, 1);
    return bytes == NULL ? -1 : (unsigned char)bytes[0];
}

int
_PyMarshal_ReadShort(_PyMarshalReader *r)
{
    const unsigned char *bytes = (const unsigned char *)read_raw(r, 2);
    return bytes == NULL ? -1 : (int16_t)(bytes[0] | bytes[1] << 8);
}

long
_PyMarshal_ReadLong(_PyMarshalReader *r)
{
    const unsigned char *bytes = (const unsigned char *)read_raw(r, 4);
    return bytes == NULL ? -1
         : (int32_t)(bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
}

/* A size of 32 bits; -1 with an exception that names what it is the size of. */
static Py_ssize_t
read_size(_PyMarshalReader *r, const char *what)
{
    long size = _PyMarshal_ReadLong(r);
    if (size < 0 && !PyErr_Occurred()) {
        PyErr_Format(PyExc_ValueError, "bad marshal data (%s size out of range)", what);
    }
    return PyErr_Occurred() ? -1 : size;
}

const char *
_PyMarshal_ReadBytes(_PyMarshalReader *r, Py_ssize_t *size)
{
    *size = read_size(r, "bytes object");
    return *size < 0 ? NULL : read_raw(r, *size);
}

/* -- References ---------------------------------------------------------- */

/* Reserves the next number for an object that does not exist yet: its index, or -1. */
static Py_ssize_t
reserve_reference(_PyMarshalReader *r, int flag)
{
    if (!flag) {
        return 0;
    }
    Py_ssize_t index = PyList_GET_SIZE(r->references);
    if (index >= INT32_MAX) {
        bad_data("index list too large");
        return -1;
    }
    return PyList_Append(r->references, Py_None) < 0 ? -1 : index;
}

/* The object of a reserved number; passes `object` on, or releases it and returns NULL. */
static PyObject *
insert_reference(_PyMarshalReader *r, PyObject *object, Py_ssize_t index, int flag)
{
    if (object != NULL && flag && PyList_SetItem(r->references, index, Py_NewRef(object)) < 0) {
        Py_CLEAR(object);
    }
    return object;
}

static PyObject *
add_reference(_PyMarshalReader *r, PyObject *object, int flag)
{
    if (object != NULL && flag && PyList_Append(r->references, object) < 0) {
        Py_CLEAR(object);
    }
    return object;
}

static PyObject *
read_reference(_PyMarshalReader *r)
{
    long index = _PyMarshal_ReadLong(r);
    if (index < 0 || index >= PyList_GET_SIZE(r->references)) {
        return PyErr_Occurred() ? NULL : bad_data("invalid reference");
    }
    PyObject *object = PyList_GET_ITEM(r->references, index);
    return object == Py_None ? bad_data("invalid reference") : Py_NewRef(object);
}

/* -- Objects ------------------------------------------------------------- */

static PyObject *
null_object(const char *container)
{
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "NULL object in marshal data for %s", container);
    }
    return NULL;
}

static PyObject *
read_big_int(_PyMarshalReader *r)
{
    long count = _PyMarshal_ReadLong(r);
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (count == 0) {
        return PyLong_FromLong(0);
    }
    if (count < -INT32_MAX) {
        return bad_data("long size out of range");
    }
    Py_ssize_t digits = count < 0 ? -count : count;
    const unsigned char *data = (const unsigned char *)read_raw(r, digits * 2);
    if (data == NULL) {
        return NULL;
    }
    Py_ssize_t size = (digits * MARSHAL_DIGIT_BITS + 7) / 8 + 2;
    unsigned char *bytes = PyMem_Calloc(size + 1, 1);
    if (bytes == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < digits; i++) {
        uint32_t digit = data[2 * i] | (uint32_t)data[2 * i + 1] << 8;
        if (digit >= MARSHAL_DIGIT_BASE) {
            bad_data("digit out of range in long");
            goto done;
        }
        if (digit == 0 && i == digits - 1) {
            bad_data("unnormalized long data");
            goto done;
        }
        Py_ssize_t at = i * MARSHAL_DIGIT_BITS;
        uint32_t shifted = digit << (at % 8);
        bytes[at / 8] |= (unsigned char)shifted;
        bytes[at / 8 + 1] |= (unsigned char)(shifted >> 8);
        bytes[at / 8 + 2] |= (unsigned char)(shifted >> 16);
    }
    result = PyLong_FromUnsignedNativeBytes(bytes, size, Py_ASNATIVEBYTES_LITTLE_ENDIAN);
    if (result != NULL && count < 0) {
        Py_SETREF(result, PyNumber_Negative(result));
    }
done:
    PyMem_Free(bytes);
    return result;
}

static double
read_double(_PyMarshalReader *r)
{
    const char *bytes = read_raw(r, 8);
    return bytes == NULL ? -1.0 : PyFloat_Unpack8(bytes, 1);
}

/* Decimal digits behind a one-byte size. */
static double
read_double_text(_PyMarshalReader *r)
{
    char text[256];
    int size = _PyMarshal_ReadByte(r);
    const char *bytes = size < 0 ? NULL : read_raw(r, size);
    if (bytes == NULL) {
        return -1.0;
    }
    memcpy(text, bytes, size);
    text[size] = '\0';
    return PyOS_string_to_double(text, NULL, NULL);
}

static PyObject *
read_float(_PyMarshalReader *r, bool binary)
{
    double value = binary ? read_double(r) : read_double_text(r);
    return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
}

static PyObject *
read_complex(_PyMarshalReader *r, bool binary)
{
    double real = binary ? read_double(r) : read_double_text(r);
    if (real == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double imaginary = binary ? read_double(r) : read_double_text(r);
    return imaginary == -1.0 && PyErr_Occurred() ? NULL : PyComplex_FromDoubles(real, imaginary);
}

static PyObject *
read_bytes(_PyMarshalReader *r)
{
    Py_ssize_t size;
    const char *bytes = _PyMarshal_ReadBytes(r, &size);
    return bytes == NULL ? NULL : PyBytes_FromStringAndSize(bytes, size);
}

static PyObject *
read_str(_PyMarshalReader *r, bool ascii, bool is_short, bool interned)
{
    Py_ssize_t size = is_short ? _PyMarshal_ReadByte(r) : read_size(r, "string");
    const char *bytes = size < 0 ? NULL : read_raw(r, size);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *text = ascii ? PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, bytes, size)
                           : PyUnicode_DecodeUTF8(bytes, size, "surrogatepass");
    if (text != NULL && interned) {
        PyUnicode_InternInPlace(&text);
    }
    return text;
}

static PyObject *
read_tuple(_PyMarshalReader *r, Py_ssize_t size, int flag)
{
    if (size < 0) {
        return NULL;
    }
    if (r->here != NULL && size > r->end - r->here) {
        too_short();              /* each item takes at least a byte */
        return NULL;
    }
    PyObject *tuple = add_reference(r, PyTuple_New(size), flag);
    for (Py_ssize_t i = 0; tuple != NULL && i < size; i++) {
        PyObject *item = _PyMarshal_ReadObject(r);
        if (item == NULL) {
            Py_CLEAR(tuple);
            return null_object("tuple");
        }
        PyTuple_SET_ITEM(tuple, i, item);
    }
    return tuple;
}

static PyObject *
read_list(_PyMarshalReader *r, int flag)
{
    Py_ssize_t size = read_size(r, "list");
    if (size < 0) {
        return NULL;
    }
    PyObject *list = add_reference(r, PyList_New(0), flag);
    for (Py_ssize_t i = 0; list != NULL && i < size; i++) {
        PyObject *item = _PyMarshal_ReadObject(r);
        if (item == NULL) {
            Py_DECREF(list);
            return null_object("list");
        }
        if (PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_DECREF(item);
    }
    return list;
}

static PyObject *
read_dict(_PyMarshalReader *r, int flag)
{
    PyObject *dict = add_reference(r, PyDict_New(), flag);
    while (dict != NULL) {
        PyObject *key = _PyMarshal_ReadObject(r);
        if (key == NULL) {
            break;
        }
        PyObject *value = _PyMarshal_ReadObject(r);
        if (value == NULL) {
            Py_DECREF(key);
            break;
        }
        int result = PyDict_SetItem(dict, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
        if (result < 0) {
            break;
        }
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
read_set(_PyMarshalReader *r, bool frozen, int flag)
{
    Py_ssize_t size = read_size(r, "set");
    if (size < 0) {
        return NULL;
    }
    if (size == 0 && frozen) {
        return add_reference(r, PyFrozenSet_New(NULL), flag);
    }
    PyObject *set = frozen ? PyFrozenSet_New(NULL) : PySet_New(NULL);
    Py_ssize_t index = 0;
    if (set != NULL && frozen) {
        Py_SETREF(set, PySet_New(NULL));      /* collected in a set, which is made frozen at the end */
        index = reserve_reference(r, flag);
        if (index < 0) {
            Py_CLEAR(set);
        }
    }
    else {
        set = add_reference(r, set, flag);
    }
    for (Py_ssize_t i = 0; set != NULL && i < size; i++) {
        PyObject *item = _PyMarshal_ReadObject(r);
        if (item == NULL) {
            Py_DECREF(set);
            return null_object("set");
        }
        if (PySet_Add(set, item) < 0) {
            Py_CLEAR(set);
        }
        Py_DECREF(item);
    }
    if (set != NULL && frozen) {
        Py_SETREF(set, PyFrozenSet_New(set));
        set = insert_reference(r, set, index, flag);
    }
    return set;
}

static PyObject *
read_code(_PyMarshalReader *r, int flag)
{
    if (!r->allow_code) {
        PyErr_SetString(PyExc_ValueError, "unmarshalling code objects is disallowed");
        return NULL;
    }
    Py_ssize_t index = reserve_reference(r, flag);
    return index < 0 ? NULL : insert_reference(r, _PyCode_MarshalRead(r), index, flag);
}

static PyObject *
read_slice(_PyMarshalReader *r, int flag)
{
    Py_ssize_t index = reserve_reference(r, flag);
    PyObject *start = NULL, *stop = NULL, *step = NULL, *slice = NULL;
    if (index < 0) {
        return NULL;
    }
    if ((start = _PyMarshal_ReadObject(r)) != NULL && (stop = _PyMarshal_ReadObject(r)) != NULL &&
        (step = _PyMarshal_ReadObject(r)) != NULL) {
        slice = insert_reference(r, PySlice_New(start, stop, step), index, flag);
    }
    else {
        null_object("slice");
    }
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    return slice;
}

static PyObject *
read_object_of_type(_PyMarshalReader *r, int type, int flag)
{
    switch (type) {
        case TYPE_NULL: return NULL;
        case TYPE_NONE: return Py_NewRef(Py_None);
        case TYPE_STOPITER: return Py_NewRef(PyExc_StopIteration);
        case TYPE_ELLIPSIS: return Py_NewRef(Py_Ellipsis);
        case TYPE_FALSE: return Py_NewRef(Py_False);
        case TYPE_TRUE: return Py_NewRef(Py_True);
        case TYPE_INT: {
            long value = _PyMarshal_ReadLong(r);
            return PyErr_Occurred() ? NULL : add_reference(r, PyLong_FromLong(value), flag);
        }
        case TYPE_LONG: return add_reference(r, read_big_int(r), flag);
        case TYPE_FLOAT: return add_reference(r, read_float(r, false), flag);
        case TYPE_BINARY_FLOAT: return add_reference(r, read_float(r, true), flag);
        case TYPE_COMPLEX: return add_reference(r, read_complex(r, false), flag);
        case TYPE_BINARY_COMPLEX: return add_reference(r, read_complex(r, true), flag);
        case TYPE_STRING: return add_reference(r, read_bytes(r), flag);
        case TYPE_ASCII: return add_reference(r, read_str(r, true, false, false), flag);
        case TYPE_ASCII_INTERNED: return add_reference(r, read_str(r, true, false, true), flag);
        case TYPE_SHORT_ASCII: return add_reference(r, read_str(r, true, true, false), flag);
        case TYPE_SHORT_ASCII_INTERNED: return add_reference(r, read_str(r, true, true, true), flag);
        case TYPE_UNICODE: return add_reference(r, read_str(r, false, false, false), flag);
        case TYPE_INTERNED: return add_reference(r, read_str(r, false, false, true), flag);
        case TYPE_SMALL_TUPLE: return read_tuple(r, _PyMarshal_ReadByte(r), flag);
        case TYPE_TUPLE: return read_tuple(r, read_size(r, "tuple"), flag);
        case TYPE_LIST: return read_list(r, flag);
        case TYPE_DICT: return read_dict(r, flag);
        case TYPE_SET: return read_set(r, false, flag);
        case TYPE_FROZENSET: return read_set(r, true, flag);
        case TYPE_CODE: return read_code(r, flag);
        case TYPE_SLICE: return read_slice(r, flag);
        case TYPE_REF: return read_reference(r);
        default: return bad_data("unknown type code");
    }
}

PyObject *
_PyMarshal_ReadObject(_PyMarshalReader *r)
{
    if (PyErr_Occurred()) {
        return NULL;
    }
    int byte = _PyMarshal_ReadByte(r);
    if (byte < 0) {
        if (PyErr_ExceptionMatches(PyExc_EOFError)) {
            PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
        }
        return NULL;
    }
    if (r->depth >= MARSHAL_MAX_DEPTH) {
        PyErr_SetString(PyExc_ValueError, "recursion limit exceeded");
        return NULL;
    }
    r->depth++;
    PyObject *object = read_object_of_type(r, byte & ~FLAG_REF, byte & FLAG_REF);
    r->depth--;
    return object;
}

/* -- Entry points -------------------------------------------------------- */

/* One whole object. */
static PyObject *
read_whole(_PyMarshalReader *r)
{
    if (PyErr_Occurred()) {
        return NULL;
    }
    r->references = PyList_New(0);
    PyObject *object = r->references == NULL ? NULL : _PyMarshal_ReadObject(r);
    if (object == NULL && !PyErr_Occurred()) {
        null_object("object");
    }
    Py_CLEAR(r->references);
    PyMem_Free(r->buffer);
    return object;
}

PyObject *
_PyMarshal_ObjectFromMemory(const char *text, Py_ssize_t size, int allow_code)
{
    _PyMarshalReader r = {.here = text, .end = text + size, .allow_code = allow_code != 0};
    return read_whole(&r);
}

PyObject *
_PyMarshal_ObjectFromReadable(PyObject *readable, int allow_code)
{
    _PyMarshalReader r = {.readable = readable, .allow_code = allow_code != 0};
    return read_whole(&r);
}

PyObject *
PyMarshal_ReadObjectFromString(const char *str, Py_ssize_t n)
{
    if (PySys_Audit("marshal.loads", "y#", str, n) < 0) {
        return NULL;
    }
    return _PyMarshal_ObjectFromMemory(str, n, 1);
}

PyObject *
PyMarshal_ReadObjectFromFile(FILE *fp)
{
    _PyMarshalReader r = {.fp = fp, .allow_code = true};
    return read_whole(&r);
}

/* May read ahead: nothing behind the object is wanted. */
PyObject *
PyMarshal_ReadLastObjectFromFile(FILE *fp)
{
    struct stat status;
    if (fstat(fileno(fp), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        char *text = PyMem_Malloc(status.st_size);
        if (text != NULL) {
            size_t size = fread(text, 1, status.st_size, fp);
            PyObject *object = _PyMarshal_ObjectFromMemory(text, size, 1);
            PyMem_Free(text);
            return object;
        }
    }
    return PyMarshal_ReadObjectFromFile(fp);
}

int
PyMarshal_ReadShortFromFile(FILE *fp)
{
    _PyMarshalReader r = {.fp = fp};
    int value = _PyMarshal_ReadShort(&r);
    PyMem_Free(r.buffer);
    return value;
}

long
PyMarshal_ReadLongFromFile(FILE *fp)
{
    _PyMarshalReader r = {.fp = fp};
    long value = _PyMarshal_ReadLong(&r);
    PyMem_Free(r.buffer);
    return value;
}

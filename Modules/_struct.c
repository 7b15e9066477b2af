/* _struct: values packed into bytes and unpacked again, as a format tells.

   A format is compiled once, into an immutable record that any thread may read.  Struct.__init__ may replace the
   record; old ones stay alive as long as the Struct, because another thread may be in the middle of one. */
#include "Python.h"
#include "pycore_abstract.h"     // _PyNumber_Index
#include "pycore_args.h"         // PY_METHOD
#include "pycore_atomic_ft.h"    // FT_ATOMIC_LOAD_PTR_ACQUIRE
#include "pycore_critical_section.h"
#include "pycore_long.h"         // _PyLong_TryInt64
#include "pycore_modsupport.h"   // _PyArg_CheckPositional
#include "pycore_moduleobject.h" // PyModule_GetState
#include "pycore_object.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    PyObject *cache;               /* dict: format -> Struct */
    PyTypeObject *struct_type;
    PyTypeObject *iterator_type;
    PyObject *error;
} struct_module_state;

static struct PyModuleDef struct_module;

static inline struct_module_state *
get_state(PyObject *module)
{
    return PyModule_GetState(module);
}

/* -- Formats -------------------------------------------------------------- */

enum kind {
    PAD = 1, CHAR, BOOL, SIGNED, UNSIGNED, FLOAT, COMPLEX, STRING, PASCAL, POINTER,
};

struct format {
    char letter;
    uint8_t kind, size, alignment;
};

#define NATIVE(letter, kind, type) {letter, kind, sizeof(type), _Alignof(type)}

static const struct format native_formats[] = {
    {'x', PAD, 1, 0}, {'c', CHAR, 1, 0}, {'s', STRING, 1, 0}, {'p', PASCAL, 1, 0},
    {'b', SIGNED, 1, 0}, {'B', UNSIGNED, 1, 0},
    NATIVE('h', SIGNED, short), NATIVE('H', UNSIGNED, unsigned short),
    NATIVE('i', SIGNED, int), NATIVE('I', UNSIGNED, unsigned),
    NATIVE('l', SIGNED, long), NATIVE('L', UNSIGNED, unsigned long),
    NATIVE('q', SIGNED, long long), NATIVE('Q', UNSIGNED, unsigned long long),
    NATIVE('n', SIGNED, Py_ssize_t), NATIVE('N', UNSIGNED, size_t),
    NATIVE('?', BOOL, _Bool), NATIVE('P', POINTER, void *),
    {'e', FLOAT, 2, _Alignof(short)}, NATIVE('f', FLOAT, float), NATIVE('d', FLOAT, double),
    {'F', COMPLEX, 2 * sizeof(float), _Alignof(float)}, {'D', COMPLEX, 2 * sizeof(double), _Alignof(double)},
    {0},
};

static const struct format standard_formats[] = {
    {'x', PAD, 1, 0}, {'c', CHAR, 1, 0}, {'s', STRING, 1, 0}, {'p', PASCAL, 1, 0},
    {'b', SIGNED, 1, 0}, {'B', UNSIGNED, 1, 0}, {'h', SIGNED, 2, 0}, {'H', UNSIGNED, 2, 0},
    {'i', SIGNED, 4, 0}, {'I', UNSIGNED, 4, 0}, {'l', SIGNED, 4, 0}, {'L', UNSIGNED, 4, 0},
    {'q', SIGNED, 8, 0}, {'Q', UNSIGNED, 8, 0}, {'?', BOOL, 1, 0},
    {'e', FLOAT, 2, 0}, {'f', FLOAT, 4, 0}, {'d', FLOAT, 8, 0}, {'F', COMPLEX, 8, 0}, {'D', COMPLEX, 16, 0},
    {0},
};

/* One item of a compiled format: `repeat` values of `size` bytes, or one string of `size` bytes. */
struct code {
    const struct format *format;
    Py_ssize_t offset, size, repeat;
};

struct layout {
    Py_ssize_t size;           /* bytes in all */
    Py_ssize_t count;          /* values in all */
    Py_ssize_t ncodes;
    bool little;
    PyObject *text;            /* the format, bytes */
    struct layout *previous;   /* replaced ones */
    struct code codes[];
};

typedef struct {
    PyObject_HEAD
    struct layout *layout;     /* NULL until __init__; stored with release, loaded with acquire */
} StructObject;

static const struct format *
find_format(const struct format *table, char letter)
{
    for (; table->letter; table++) {
        if (table->letter == letter) {
            return table;
        }
    }
    return NULL;
}

static int
too_long(struct_module_state *state)
{
    PyErr_SetString(state->error, "total struct size too long");
    return -1;
}

/* One pass over the format; writes codes if there is room for them.  0, or -1 with an exception. */
static int
scan_format(struct_module_state *state, const char *s, struct layout *layout, bool write)
{
    const struct format *table = standard_formats;
    layout->little = PY_LITTLE_ENDIAN;
    switch (*s) {
    case '<':
        layout->little = true;
        s++;
        break;
    case '>':
    case '!':
        layout->little = false;
        s++;
        break;
    case '=':
        s++;
        break;
    case '@':
        s++;
        /* fall through */
    default:
        table = native_formats;
        break;
    }
    Py_ssize_t size = 0, count = 0, ncodes = 0;
    for (char c; (c = *s) != '\0'; s++) {
        if (Py_ISSPACE(c)) {
            continue;
        }
        Py_ssize_t repeat = 1;
        if (Py_ISDIGIT(c)) {
            repeat = 0;
            for (; Py_ISDIGIT(*s); s++) {
                if (repeat > (PY_SSIZE_T_MAX - (*s - '0')) / 10) {
                    return too_long(state);
                }
                repeat = repeat * 10 + (*s - '0');
            }
            c = *s;
            if (c == '\0') {
                PyErr_SetString(state->error, "repeat count given without format specifier");
                return -1;
            }
        }
        const struct format *format = find_format(table, c);
        if (format == NULL) {
            PyErr_SetString(state->error, "bad char in struct format");
            return -1;
        }
        if (format->alignment && size > 0) {
            if (size > PY_SSIZE_T_MAX - format->alignment) {
                return too_long(state);
            }
            size = (size + format->alignment - 1) / format->alignment * format->alignment;
        }
        if (repeat > (PY_SSIZE_T_MAX - size) / format->size) {
            return too_long(state);
        }
        bool one = format->kind == STRING || format->kind == PASCAL;
        if (one || (format->kind != PAD && repeat > 0)) {
            if (write) {
                layout->codes[ncodes] = (struct code){
                    .format = format, .offset = size, .size = one ? repeat : format->size, .repeat = one ? 1 : repeat};
            }
            ncodes++;
            count += one ? 1 : repeat;
        }
        size += repeat * format->size;
    }
    layout->size = size;
    layout->count = count;
    layout->ncodes = ncodes;
    return 0;
}

static struct layout *
layout_new(struct_module_state *state, PyObject *text)
{
    const char *s = PyBytes_AS_STRING(text);
    if (strlen(s) != (size_t)PyBytes_GET_SIZE(text)) {
        PyErr_SetString(state->error, "embedded null character");
        return NULL;
    }
    struct layout measured, *layout;
    if (scan_format(state, s, &measured, false) < 0) {
        return NULL;
    }
    if ((size_t)measured.ncodes > (PY_SSIZE_T_MAX - sizeof(struct layout)) / sizeof(struct code)) {
        PyErr_NoMemory();
        return NULL;
    }
    layout = PyMem_Malloc(sizeof(struct layout) + (size_t)measured.ncodes * sizeof(struct code));
    if (layout == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    scan_format(state, s, layout, true);
    layout->text = Py_NewRef(text);
    layout->previous = NULL;
    return layout;
}

/* -- One value ------------------------------------------------------------ */

static inline uint64_t
load_bytes(const char *p, size_t size, bool little)
{
    uint64_t value = 0;
    if (little == PY_LITTLE_ENDIAN) {
        switch (size) {
        case 1: {
            return (unsigned char)*p;
        }
        case 2: {
            uint16_t x;
            memcpy(&x, p, 2);
            return x;
        }
        case 4: {
            uint32_t x;
            memcpy(&x, p, 4);
            return x;
        }
        default:
            memcpy(&value, p, 8);
            return value;
        }
    }
    for (size_t i = 0; i < size; i++) {
        value |= (uint64_t)(unsigned char)p[little ? i : size - 1 - i] << (8 * i);
    }
    return value;
}

static inline void
store_bytes(char *p, uint64_t value, size_t size, bool little)
{
    for (size_t i = 0; i < size; i++) {
        p[little ? i : size - 1 - i] = (char)(value >> (8 * i));
    }
}

static double
load_double(const char *p, size_t size, bool little)
{
    return size == 8 ? PyFloat_Unpack8(p, little) : size == 4 ? PyFloat_Unpack4(p, little)
                                                              : PyFloat_Unpack2(p, little);
}

static int
store_double(char *p, double x, size_t size, bool little)
{
    return size == 8 ? PyFloat_Pack8(x, p, little) : size == 4 ? PyFloat_Pack4(x, p, little)
                                                               : PyFloat_Pack2(x, p, little);
}

static PyObject *
unpack_value(const struct code *code, const char *p, bool little)
{
    size_t size = (size_t)code->size;
    switch (code->format->kind) {
    case SIGNED: {
        uint64_t value = load_bytes(p, size, little);
        unsigned shift = 64 - 8 * (unsigned)size;
        return PyLong_FromInt64((int64_t)(value << shift) >> shift);
    }
    case UNSIGNED:
    case POINTER:
        return PyLong_FromUInt64(load_bytes(p, size, little));
    case BOOL:
        return PyBool_FromLong(load_bytes(p, size, little) != 0);
    case FLOAT:
        return PyFloat_FromDouble(load_double(p, size, little));
    case COMPLEX: {
        double real = load_double(p, size / 2, little);
        return PyComplex_FromDoubles(real, load_double(p + size / 2, size / 2, little));
    }
    case CHAR:
        return PyBytes_FromStringAndSize(p, 1);
    case PASCAL: {
        Py_ssize_t n = 0;
        if (code->size > 0) {
            n = (unsigned char)*p;
            if (n >= code->size) {
                n = code->size - 1;
            }
        }
        return PyBytes_FromStringAndSize(p + (n > 0), n);
    }
    default:
        assert(code->format->kind == STRING);
        return PyBytes_FromStringAndSize(p, code->size);
    }
}

/* v as an int (a new reference), through __index__ */
static PyObject *
get_int(struct_module_state *state, PyObject *v)
{
    if (PyLong_Check(v)) {
        return Py_NewRef(v);
    }
    if (PyIndex_Check(v)) {
        return _PyNumber_Index(v);
    }
    PyErr_SetString(state->error, "required argument is not an integer");
    return NULL;
}

static int
range_error(struct_module_state *state, const struct format *format)
{
    unsigned bits = 8 * format->size;
    if (format->kind == UNSIGNED) {
        PyErr_Format(state->error, "'%c' format requires 0 <= number <= %llu", format->letter,
                     ~0ULL >> (64 - bits));
    }
    else {
        long long max = (long long)(~0ULL >> (65 - bits));
        PyErr_Format(state->error, "'%c' format requires %lld <= number <= %lld", format->letter, -max - 1, max);
    }
    return -1;
}

static int
pack_int(struct_module_state *state, const struct code *code, char *p, PyObject *v, bool little)
{
    PyObject *n = get_int(state, v);
    if (n == NULL) {
        return -1;
    }
    const struct format *format = code->format;
    size_t size = (size_t)code->size;
    int status = 0;
    int64_t value;
    if (_PyLong_TryInt64(n, &value)) {
        unsigned bits = 8 * (unsigned)size;
        bool fits;
        if (format->kind == UNSIGNED) {
            fits = value >= 0 && (bits == 64 || (uint64_t)value >> bits == 0);
        }
        else {
            fits = bits == 64 || (value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1));
        }
        if (fits) {
            store_bytes(p, (uint64_t)value, size, little);
        }
        else {
            status = range_error(state, format);
        }
    }
    else if (format->kind == UNSIGNED && size == 8
             && _PyLong_AsByteArray((PyLongObject *)n, (unsigned char *)p, 8, little, 0, 0) == 0) {
        /* done: above the signed range */
    }
    else {
        status = range_error(state, format);
    }
    Py_DECREF(n);
    return status;
}

static int
pack_pointer(struct_module_state *state, char *p, PyObject *v)
{
    PyObject *n = get_int(state, v);
    if (n == NULL) {
        return -1;
    }
    void *x = PyLong_AsVoidPtr(n);
    Py_DECREF(n);
    if (x == NULL && PyErr_Occurred()) {
        return -1;
    }
    if (x == (void *)-1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(state->error, "int too large to convert");
        }
        return -1;
    }
    memcpy(p, &x, sizeof(x));
    return 0;
}

/* Copies a string value into a field that is all zeros. */
static int
pack_string(struct_module_state *state, const struct code *code, char *p, PyObject *v)
{
    const char *source;
    Py_ssize_t n;
    bool pascal = code->format->kind == PASCAL;
    if (PyBytes_Check(v)) {
        source = PyBytes_AS_STRING(v);
        n = PyBytes_GET_SIZE(v);
    }
    else if (PyByteArray_Check(v)) {
        source = PyByteArray_AS_STRING(v);
        n = PyByteArray_GET_SIZE(v);
    }
    else {
        PyErr_Format(state->error, "argument for '%c' must be a bytes object", code->format->letter);
        return -1;
    }
    Py_ssize_t room = code->size - pascal;
    if (n > room) {
        n = room;
    }
    if (n > 0) {
        memcpy(p + pascal, source, (size_t)n);
    }
    if (pascal && code->size > 0) {
        *p = (char)(n > 255 ? 255 : n);
    }
    return 0;
}

static int
pack_value(struct_module_state *state, const struct code *code, char *p, PyObject *v, bool little)
{
    size_t size = (size_t)code->size;
    switch (code->format->kind) {
    case SIGNED:
    case UNSIGNED:
        return pack_int(state, code, p, v, little);
    case POINTER:
        return pack_pointer(state, p, v);
    case BOOL: {
        int truth = PyObject_IsTrue(v);
        if (truth < 0) {
            return -1;
        }
        store_bytes(p, (uint64_t)truth, size, little);
        return 0;
    }
    case FLOAT: {
        double x = PyFloat_AsDouble(v);
        if (x == -1.0 && PyErr_Occurred()) {
            PyErr_SetString(state->error, "required argument is not a float");
            return -1;
        }
        return store_double(p, x, size, little);
    }
    case COMPLEX: {
        Py_complex z = PyComplex_AsCComplex(v);
        if (z.real == -1.0 && PyErr_Occurred()) {
            PyErr_SetString(state->error, "required argument is not a complex");
            return -1;
        }
        if (store_double(p, z.real, size / 2, little) < 0) {
            return -1;
        }
        return store_double(p + size / 2, z.imag, size / 2, little);
    }
    case CHAR:
        if (!PyBytes_Check(v) || PyBytes_GET_SIZE(v) != 1) {
            PyErr_SetString(state->error, "char format requires a bytes object of length 1");
            return -1;
        }
        *p = *PyBytes_AS_STRING(v);
        return 0;
    default: {
        /* A bytearray may be resized by its other users. */
        int status;
        Py_BEGIN_CRITICAL_SECTION(v);
        status = pack_string(state, code, p, v);
        Py_END_CRITICAL_SECTION();
        return status;
    }
    }
}

/* -- All values ----------------------------------------------------------- */

static PyObject *
unpack_all(const struct layout *layout, const char *start)
{
    PyObject *result = PyTuple_New(layout->count);
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; i < layout->ncodes; i++) {
        const struct code *code = &layout->codes[i];
        const char *p = start + code->offset;
        for (Py_ssize_t j = code->repeat; j > 0; j--, p += code->size) {
            PyObject *value = unpack_value(code, p, layout->little);
            if (value == NULL) {
                Py_DECREF(result);
                return NULL;
            }
            PyTuple_SET_ITEM(result, k++, value);
        }
    }
    return result;
}

/* Writes layout->count values over the layout->size bytes at start. */
static int
pack_all(struct_module_state *state, const struct layout *layout, PyObject *const *args, char *start)
{
    memset(start, 0, (size_t)layout->size);
    for (Py_ssize_t i = 0; i < layout->ncodes; i++) {
        const struct code *code = &layout->codes[i];
        char *p = start + code->offset;
        for (Py_ssize_t j = code->repeat; j > 0; j--, p += code->size) {
            if (pack_value(state, code, p, *args++, layout->little) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* -- Struct --------------------------------------------------------------- */

static struct_module_state *
state_of(PyObject *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &struct_module);
    return module == NULL ? NULL : get_state(module);
}

/* The compiled format, or NULL with RuntimeError. */
static const struct layout *
layout_of(PyObject *self)
{
    const struct layout *layout = FT_ATOMIC_LOAD_PTR_ACQUIRE(((StructObject *)self)->layout);
    if (layout == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "Struct object is not initialized");
    }
    return layout;
}

static PyObject *
Struct_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return type->tp_alloc(type, 0);
}

static const char *const Struct_keywords[] = {"format", NULL};
static _PyArg_Parser Struct_parser = {.keywords = Struct_keywords, .fname = "Struct"};

static void
Struct_set_layout(StructObject *self, struct layout *layout)
{
    layout->previous = self->layout;
    FT_ATOMIC_STORE_PTR_RELEASE(self->layout, layout);  /* complete before it can be seen */
}

static int
Struct_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *buffer[1] = {NULL};
    PyObject *const *items = _PyArg_UnpackKeywords(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL,
                                                   &Struct_parser, 1, 1, 0, 0, buffer);
    struct_module_state *state = items == NULL ? NULL : state_of(self);
    if (state == NULL) {
        return -1;
    }
    PyObject *text = items[0];
    if (PyUnicode_Check(text)) {
        text = PyUnicode_AsASCIIString(text);
        if (text == NULL) {
            return -1;
        }
    }
    else if (PyBytes_Check(text)) {
        Py_INCREF(text);
    }
    else {
        PyErr_Format(PyExc_TypeError, "Struct() argument 1 must be a str or bytes object, not %.200s",
                     Py_TYPE(text)->tp_name);
        return -1;
    }
    struct layout *layout = layout_new(state, text);
    Py_DECREF(text);
    if (layout == NULL) {
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    Struct_set_layout((StructObject *)self, layout);
    Py_END_CRITICAL_SECTION();
    return 0;
}

static int
Struct_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
Struct_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    struct layout *layout = ((StructObject *)self)->layout;
    while (layout != NULL) {
        struct layout *previous = layout->previous;
        Py_DECREF(layout->text);
        PyMem_Free(layout);
        layout = previous;
    }
    type->tp_free(self);
    Py_DECREF(type);
}

/* Takes a readable buffer whose size must be right; -1 with an exception. */
static int
get_buffer(PyObject *source, Py_buffer *view)
{
    return PyObject_GetBuffer(source, view, PyBUF_SIMPLE);
}

static PyObject *
struct_unpack_impl(struct_module_state *state, PyObject *self, PyObject *source)
{
    const struct layout *layout = layout_of(self);
    Py_buffer view;
    if (layout == NULL || get_buffer(source, &view) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    if (view.len != layout->size) {
        PyErr_Format(state->error, "unpack requires a buffer of %zd bytes", layout->size);
    }
    else {
        result = unpack_all(layout, view.buf);
    }
    PyBuffer_Release(&view);
    return result;
}

/* Makes *offset absolute if layout->size bytes fit there; the words of the errors differ by direction. */
static int
check_offset(struct_module_state *state, const struct layout *layout, Py_ssize_t length, Py_ssize_t *offset,
             bool packing)
{
    Py_ssize_t size = layout->size, at = *offset;
    if (at < 0) {
        if (at + size > 0) {
            PyErr_Format(state->error,
                         packing ? "no space to pack %zd bytes at offset %zd"
                                 : "not enough data to unpack %zd bytes at offset %zd",
                         size, at);
            return -1;
        }
        if (at + length < 0) {
            PyErr_Format(state->error, "offset %zd out of range for %zd-byte buffer", at, length);
            return -1;
        }
        *offset = at + length;
        return 0;
    }
    if (length - at < size) {
        PyErr_Format(state->error,
                     packing ? "pack_into requires a buffer of at least %zu bytes for packing %zd bytes at offset %zd "
                               "(actual buffer size is %zd)"
                             : "unpack_from requires a buffer of at least %zu bytes for unpacking %zd bytes at offset "
                               "%zd (actual buffer size is %zd)",
                     (size_t)size + (size_t)at, size, at, length);
        return -1;
    }
    return 0;
}

static PyObject *
struct_unpack_from_impl(struct_module_state *state, PyObject *self, PyObject *source, PyObject *offset_arg)
{
    const struct layout *layout = layout_of(self);
    Py_ssize_t offset = 0;
    if (layout == NULL) {
        return NULL;
    }
    Py_buffer view;
    if (get_buffer(source, &view) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    if (offset_arg != NULL) {
        PyObject *index = _PyNumber_Index(offset_arg);
        if (index == NULL) {
            goto done;
        }
        offset = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (offset == -1 && PyErr_Occurred()) {
            goto done;
        }
    }
    if (check_offset(state, layout, view.len, &offset, false) == 0) {
        result = unpack_all(layout, (char *)view.buf + offset);
    }
done:
    PyBuffer_Release(&view);
    return result;
}

static PyObject *
struct_pack_impl(struct_module_state *state, PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    const struct layout *layout = layout_of(self);
    if (layout == NULL) {
        return NULL;
    }
    if (nargs != layout->count) {
        PyErr_Format(state->error, "pack expected %zd items for packing (got %zd)", layout->count, nargs);
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, layout->size);
    if (result != NULL && layout->size > 0
        && pack_all(state, layout, args, PyBytes_AS_STRING(result)) < 0) {
        Py_CLEAR(result);
    }
    else if (result != NULL && layout->size == 0) {
        char none;
        if (pack_all(state, layout, args, &none) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

static PyObject *
struct_pack_into_impl(struct_module_state *state, PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    const struct layout *layout = layout_of(self);
    if (layout == NULL) {
        return NULL;
    }
    if (nargs != layout->count + 2) {
        if (nargs == 0) {
            PyErr_SetString(state->error, "pack_into expected buffer argument");
        }
        else if (nargs == 1) {
            PyErr_SetString(state->error, "pack_into expected offset argument");
        }
        else {
            PyErr_Format(state->error, "pack_into expected %zd items for packing (got %zd)", layout->count, nargs - 2);
        }
        return NULL;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(args[0], &view, PyBUF_WRITABLE) < 0) {
        PyErr_Format(PyExc_TypeError, "argument must be read-write bytes-like object, not %.50s",
                     args[0] == Py_None ? "None" : Py_TYPE(args[0])->tp_name);
        return NULL;
    }
    PyObject *result = NULL;
    Py_ssize_t offset = PyNumber_AsSsize_t(args[1], PyExc_IndexError);
    if (offset == -1 && PyErr_Occurred()) {
        goto done;
    }
    if (check_offset(state, layout, view.len, &offset, true) == 0
        && pack_all(state, layout, args + 2, (char *)view.buf + offset) == 0) {
        result = Py_None;
    }
done:
    PyBuffer_Release(&view);
    return result;
}

/* -- The iterator --------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *owner;              /* const: the Struct */
    const struct layout *layout;  /* const: as it was at the start */
    Py_buffer view;               /* guarded by mutex: released at the end */
    Py_ssize_t index;             /* guarded by mutex */
} unpack_iterator;

static PyObject *
struct_iter_unpack_impl(struct_module_state *state, PyObject *self, PyObject *source)
{
    const struct layout *layout = layout_of(self);
    if (layout == NULL) {
        return NULL;
    }
    if (layout->size == 0) {
        PyErr_SetString(state->error, "cannot iteratively unpack with a struct of length 0");
        return NULL;
    }
    unpack_iterator *iterator = (unpack_iterator *)PyType_GenericAlloc(state->iterator_type, 0);
    if (iterator == NULL) {
        return NULL;
    }
    if (get_buffer(source, &iterator->view) < 0) {
        Py_DECREF(iterator);
        return NULL;
    }
    if (iterator->view.len % layout->size != 0) {
        PyErr_Format(state->error, "iterative unpacking requires a buffer of a multiple of %zd bytes", layout->size);
        Py_DECREF(iterator);
        return NULL;
    }
    iterator->owner = Py_NewRef(self);
    iterator->layout = layout;
    return (PyObject *)iterator;
}

static int
iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    unpack_iterator *self = (unpack_iterator *)op;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->owner);
    Py_VISIT(self->view.obj);
    return 0;
}

static void
iterator_dealloc(PyObject *op)
{
    unpack_iterator *self = (unpack_iterator *)op;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->owner);
    PyBuffer_Release(&self->view);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyObject *
iterator_next_lock_held(unpack_iterator *self)
{
    if (self->owner == NULL || self->view.obj == NULL || self->index >= self->view.len) {
        return NULL;
    }
    PyObject *result = unpack_all(self->layout, (char *)self->view.buf + self->index);
    self->index += self->layout->size;
    return result;
}

static PyObject *
iterator_next(PyObject *self)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = iterator_next_lock_held((unpack_iterator *)self);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
iterator_length_hint_lock_held(unpack_iterator *self)
{
    if (self->owner == NULL) {
        return PyLong_FromLong(0);
    }
    return PyLong_FromSsize_t((self->view.len - self->index) / self->layout->size);
}

PY_LOCKED_NOARGS(iterator, length_hint, unpack_iterator)

static PyMethodDef iterator_methods[] = {
    PY_METHOD_NOSIG("__length_hint__", iterator_length_hint, METH_NOARGS, NULL),
    {NULL},
};

static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, iterator_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, iterator_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {Py_tp_methods, iterator_methods},
    {0, NULL},
};

static PyType_Spec iterator_spec = {
    .name = "_struct.unpack_iterator",
    .basicsize = sizeof(unpack_iterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = iterator_slots,
};

/* -- Methods of Struct ---------------------------------------------------- */

static PyObject *
Struct_pack(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    struct_module_state *state = state_of(self);
    return state == NULL ? NULL : struct_pack_impl(state, self, args, nargs);
}

static PyObject *
Struct_pack_into(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    struct_module_state *state = state_of(self);
    return state == NULL ? NULL : struct_pack_into_impl(state, self, args, nargs);
}

static PyObject *
Struct_unpack(PyObject *self, PyObject *buffer)
{
    struct_module_state *state = state_of(self);
    return state == NULL ? NULL : struct_unpack_impl(state, self, buffer);
}

static PyObject *
Struct_iter_unpack(PyObject *self, PyObject *buffer)
{
    struct_module_state *state = state_of(self);
    return state == NULL ? NULL : struct_iter_unpack_impl(state, self, buffer);
}

static const char *const Struct_unpack_from_keywords[] = {"buffer", "offset", NULL};
static _PyArg_Parser Struct_unpack_from_parser = {.keywords = Struct_unpack_from_keywords, .fname = "unpack_from"};

static PyObject *
Struct_unpack_from(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[2] = {NULL, NULL};
    struct_module_state *state = state_of(self);
    if (state == NULL) {
        return NULL;
    }
    PyObject *const *items = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &Struct_unpack_from_parser, 1, 2, 0, 0,
                                                   buffer);
    if (items == NULL) {
        return NULL;
    }
    return struct_unpack_from_impl(state, self, items[0], nargs > 1 || kwnames != NULL ? items[1] : NULL);
}

static PyObject *
Struct_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    const struct layout *layout = FT_ATOMIC_LOAD_PTR_ACQUIRE(((StructObject *)self)->layout);
    /* What the test suite computes: five words beside the header, and four for each code and one more. */
    size_t size = sizeof(PyObject) + 5 * sizeof(void *);
    if (layout != NULL) {
        size += (size_t)(layout->ncodes + 1) * sizeof(struct code);
    }
    return PyLong_FromSize_t(size);
}

static PyObject *
Struct_repr(PyObject *self)
{
    const struct layout *layout = layout_of(self);
    if (layout == NULL) {
        return NULL;
    }
    PyObject *text = PyUnicode_FromStringAndSize(PyBytes_AS_STRING(layout->text), PyBytes_GET_SIZE(layout->text));
    if (text == NULL) {
        return NULL;
    }
    const char *name = strrchr(Py_TYPE(self)->tp_name, '.');
    PyObject *result = PyUnicode_FromFormat("%s(%R)", name ? name + 1 : Py_TYPE(self)->tp_name, text);
    Py_DECREF(text);
    return result;
}

static PyObject *
Struct_get_format(PyObject *self, void *Py_UNUSED(closure))
{
    const struct layout *layout = layout_of(self);
    return layout == NULL ? NULL
           : PyUnicode_FromStringAndSize(PyBytes_AS_STRING(layout->text), PyBytes_GET_SIZE(layout->text));
}

static PyObject *
Struct_get_size(PyObject *self, void *Py_UNUSED(closure))
{
    const struct layout *layout = FT_ATOMIC_LOAD_PTR_ACQUIRE(((StructObject *)self)->layout);
    return PyLong_FromSsize_t(layout == NULL ? -1 : layout->size);
}

static PyMethodDef Struct_methods[] = {
    PY_METHOD(Struct, iter_unpack, METH_O, "($self, buffer, /)",
              "Iterate over the tuples in a buffer whose size is a multiple of self.size."),
    PY_METHOD_NOSIG("pack", Struct_pack, METH_FASTCALL, "S.pack(v1, v2, ...) -> the values packed, as bytes"),
    PY_METHOD_NOSIG("pack_into", Struct_pack_into, METH_FASTCALL,
                    "S.pack_into(buffer, offset, v1, v2, ...)\n\nWrite the packed values into a buffer."),
    PY_METHOD(Struct, unpack, METH_O, "($self, buffer, /)", "Unpack a buffer of exactly self.size bytes into a tuple."),
    PY_METHOD(Struct, unpack_from, METH_FASTCALL | METH_KEYWORDS, "($self, /, buffer, offset=0)",
              "Unpack self.size bytes of a buffer, from an offset on."),
    PY_METHOD_AS("__sizeof__", Struct_sizeof, METH_NOARGS, "($self, /)", "Size in memory, in bytes."),
    {NULL},
};

static PyGetSetDef Struct_getset[] = {
    {"format", Struct_get_format, NULL, "the format string", NULL},
    {"size", Struct_get_size, NULL, "bytes of the packed values", NULL},
    {NULL},
};

PyDoc_STRVAR(Struct_doc,
"Struct(format)\n--\n\n"
"A compiled format: packs values into bytes and unpacks them again.");

static PyType_Slot Struct_slots[] = {
    {Py_tp_dealloc, Struct_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_repr, Struct_repr},
    {Py_tp_doc, (void *)Struct_doc},
    {Py_tp_traverse, Struct_traverse},
    {Py_tp_methods, Struct_methods},
    {Py_tp_getset, Struct_getset},
    {Py_tp_init, Struct_init},
    {Py_tp_new, Struct_new},
    {0, NULL},
};

static PyType_Spec Struct_spec = {
    .name = "_struct.Struct",
    .basicsize = sizeof(StructObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = Struct_slots,
};

/* -- Functions of the module ---------------------------------------------- */

#define CACHE_SIZE 100

/* The Struct of a format, from the cache if it has been used lately. */
static PyObject *
cached_struct(struct_module_state *state, PyObject *format)
{
    if (Py_IS_TYPE(format, state->struct_type)) {
        return Py_NewRef(format);
    }
    PyObject *found;
    if (PyDict_GetItemRef(state->cache, format, &found) < 0) {
        return NULL;
    }
    if (found != NULL) {
        return found;
    }
    found = PyObject_CallOneArg((PyObject *)state->struct_type, format);
    if (found != NULL) {
        if (PyDict_GET_SIZE(state->cache) >= CACHE_SIZE) {
            PyDict_Clear(state->cache);
        }
        if (PyDict_SetItem(state->cache, format, found) < 0) {
            PyErr_Clear();
        }
    }
    return found;
}

static PyObject *
struct__clearcache(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyDict_Clear(get_state(module)->cache);
    Py_RETURN_NONE;
}

static PyObject *
struct_calcsize(PyObject *module, PyObject *format)
{
    PyObject *s = cached_struct(get_state(module), format);
    if (s == NULL) {
        return NULL;
    }
    const struct layout *layout = layout_of(s);
    PyObject *result = layout == NULL ? NULL : PyLong_FromSsize_t(layout->size);
    Py_DECREF(s);
    return result;
}

static PyObject *
struct_pack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "missing format argument");
        return NULL;
    }
    struct_module_state *state = get_state(module);
    PyObject *s = cached_struct(state, args[0]);
    if (s == NULL) {
        return NULL;
    }
    PyObject *result = struct_pack_impl(state, s, args + 1, nargs - 1);
    Py_DECREF(s);
    return result;
}

static PyObject *
struct_pack_into(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "missing format argument");
        return NULL;
    }
    struct_module_state *state = get_state(module);
    PyObject *s = cached_struct(state, args[0]);
    if (s == NULL) {
        return NULL;
    }
    PyObject *result = struct_pack_into_impl(state, s, args + 1, nargs - 1);
    Py_DECREF(s);
    return result;
}

static PyObject *
struct_unpack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("unpack", nargs, 2, 2)) {
        return NULL;
    }
    struct_module_state *state = get_state(module);
    PyObject *s = cached_struct(state, args[0]);
    if (s == NULL) {
        return NULL;
    }
    PyObject *result = struct_unpack_impl(state, s, args[1]);
    Py_DECREF(s);
    return result;
}

static PyObject *
struct_iter_unpack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("iter_unpack", nargs, 2, 2)) {
        return NULL;
    }
    struct_module_state *state = get_state(module);
    PyObject *s = cached_struct(state, args[0]);
    if (s == NULL) {
        return NULL;
    }
    PyObject *result = struct_iter_unpack_impl(state, s, args[1]);
    Py_DECREF(s);
    return result;
}

static const char *const unpack_from_keywords[] = {"", "buffer", "offset", NULL};
static _PyArg_Parser unpack_from_parser = {.keywords = unpack_from_keywords, .fname = "unpack_from"};

static PyObject *
struct_unpack_from(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[3] = {NULL, NULL, NULL};
    PyObject *const *items = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &unpack_from_parser, 2, 3, 0, 0,
                                                   buffer);
    if (items == NULL) {
        return NULL;
    }
    struct_module_state *state = get_state(module);
    PyObject *s = cached_struct(state, items[0]);
    if (s == NULL) {
        return NULL;
    }
    PyObject *result = struct_unpack_from_impl(state, s, items[1], nargs > 2 || kwnames != NULL ? items[2] : NULL);
    Py_DECREF(s);
    return result;
}

static PyMethodDef struct_functions[] = {
    PY_METHOD(struct, _clearcache, METH_NOARGS, "($module, /)", "Forget all compiled formats."),
    PY_METHOD(struct, calcsize, METH_O, "($module, format, /)", "Size in bytes of what a format packs."),
    PY_METHOD(struct, iter_unpack, METH_FASTCALL, "($module, format, buffer, /)",
              "Iterate over the tuples in a buffer whose size is a multiple of the format's."),
    PY_METHOD_NOSIG("pack", struct_pack, METH_FASTCALL,
                    "pack(format, v1, v2, ...) -> the values packed as the format tells, as bytes"),
    PY_METHOD_NOSIG("pack_into", struct_pack_into, METH_FASTCALL,
                    "pack_into(format, buffer, offset, v1, v2, ...)\n\nWrite the packed values into a buffer."),
    PY_METHOD(struct, unpack, METH_FASTCALL, "($module, format, buffer, /)",
              "Unpack a buffer of exactly the format's size into a tuple."),
    PY_METHOD(struct, unpack_from, METH_FASTCALL | METH_KEYWORDS, "($module, format, /, buffer, offset=0)",
              "Unpack part of a buffer, from an offset on."),
    {NULL},
};

/* -- The module ----------------------------------------------------------- */

static int
struct_exec(PyObject *module)
{
    struct_module_state *state = get_state(module);
    state->cache = PyDict_New();
    if (state->cache == NULL) {
        return -1;
    }
    state->struct_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &Struct_spec, NULL);
    if (state->struct_type == NULL || PyModule_AddType(module, state->struct_type) < 0) {
        return -1;
    }
    state->iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &iterator_spec, NULL);
    if (state->iterator_type == NULL) {
        return -1;
    }
    state->error = PyErr_NewException("struct.error", NULL, NULL);
    return state->error == NULL ? -1 : PyModule_AddObjectRef(module, "error", state->error);
}

static int
struct_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct_module_state *state = get_state(module);
    Py_VISIT(state->cache);
    Py_VISIT(state->struct_type);
    Py_VISIT(state->iterator_type);
    Py_VISIT(state->error);
    return 0;
}

static int
struct_clear(PyObject *module)
{
    struct_module_state *state = get_state(module);
    Py_CLEAR(state->cache);
    Py_CLEAR(state->struct_type);
    Py_CLEAR(state->iterator_type);
    Py_CLEAR(state->error);
    return 0;
}

static PyModuleDef_Slot struct_slots[] = {
    {Py_mod_exec, struct_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static struct PyModuleDef struct_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_struct",
    .m_doc = "Conversion between values and packed bytes.\n\n"
             "A format is an optional byte order (@ native with alignment, = native, < little-endian, > or !\n"
             "big-endian) and items: an optional count and a letter.  x: padding; c: bytes of length 1; b B, h H,\n"
             "i I, l L, q Q: signed and unsigned integers of 1, 2, 4, 4 and 8 bytes (native sizes with @); n N: ssize_t\n"
             "and size_t (@ only); ?: bool; e f d: floats of 2, 4, 8 bytes; F D: complex; s: bytes of the given\n"
             "length; p: the same with a length byte in front; P: pointer (@ only).",
    .m_methods = struct_functions,
    .m_size = sizeof(struct_module_state),
    .m_slots = struct_slots,
    .m_traverse = struct_traverse,
    .m_clear = struct_clear,
};

PyMODINIT_FUNC
PyInit__struct(void)
{
    return PyModuleDef_Init(&struct_module);
}

/* The bytes type.

   A bytes object never changes once another thread can see it, but for its cached hash (relaxed;
   every thread computes the same).  The empty one and those of one byte are static. */
#include "shared.h"
#include "pycore_call.h"            // _PyObject_CallNoArgs
#include "pycore_ceval.h"           // _PyEval_GetBuiltin
#include "pycore_global_ids.h"      // _Py_ID
#include "pycore_initconfig.h"      // _Py_GetConfig
#include "pycore_tuple.h"           // _PyTuple_ITEMS
#include "pycore_unicodeobject.h"   // _Py_STR

/* Offset of the bytes, and what an object of length 0 takes with its terminator. */
#define BYTES_SIZE ((Py_ssize_t)(offsetof(PyBytesObject, ob_sval) + 1))

#define DATA(op) PyBytes_AS_STRING(op)
#define SIZE(op) Py_SIZE(op)

/* The cached hash is deprecated as a field; it is ours to use. */
_Py_COMP_DIAG_PUSH
_Py_COMP_DIAG_IGNORE_DEPR_DECLS

/* -- Static objects ------------------------------------------------------------------------ */

#define STATIC_HEAD(N) PyVarObject_HEAD_INIT(&PyBytes_Type, N)
#define CHARACTER(c) {.ob = {STATIC_HEAD(1) .ob_shash = -1, .ob_sval = {(char)(c)}}}
#define REPEAT_4(M, b) M(b), M((b) + 1), M((b) + 2), M((b) + 3)
#define REPEAT_16(M, b) REPEAT_4(M, b), REPEAT_4(M, (b) + 4), REPEAT_4(M, (b) + 8), REPEAT_4(M, (b) + 12)
#define REPEAT_64(M, b) REPEAT_16(M, b), REPEAT_16(M, (b) + 16), REPEAT_16(M, (b) + 32), REPEAT_16(M, (b) + 48)

struct _Py_static_bytes _Py_static_bytes = {
    .characters = {REPEAT_64(CHARACTER, 0), REPEAT_64(CHARACTER, 64), REPEAT_64(CHARACTER, 128),
                   REPEAT_64(CHARACTER, 192)},
    .empty = {STATIC_HEAD(0) .ob_shash = -1, .ob_sval = {0}},
};

/* -- Making -------------------------------------------------------------------------------- */

static PyObject *
bytes_alloc(Py_ssize_t size)
{
    if (size > PY_SSIZE_T_MAX - BYTES_SIZE) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too large");
        return NULL;
    }
    PyBytesObject *op = PyObject_Malloc((size_t)(BYTES_SIZE + size));
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_InitVar((PyVarObject *)op, &PyBytes_Type, size);
    op->ob_shash = -1;
    op->ob_sval[size] = '\0';
    return (PyObject *)op;
}

PyObject *
PyBytes_FromStringAndSize(const char *str, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyBytes_FromStringAndSize");
        return NULL;
    }
    if (size == 0) {
        return _PyBytes_EMPTY;
    }
    if (size == 1 && str != NULL) {
        return _PyBytes_CHAR(*str);
    }
    PyObject *op = bytes_alloc(size);
    if (op != NULL && str != NULL) {
        memcpy(DATA(op), str, (size_t)size);
    }
    return op;
}

PyObject *
PyBytes_FromString(const char *str)
{
    size_t size = strlen(str);
    if (size > (size_t)(PY_SSIZE_T_MAX - BYTES_SIZE)) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too long");
        return NULL;
    }
    return PyBytes_FromStringAndSize(str, (Py_ssize_t)size);
}

int
_PyBytes_Resize(PyObject **pv, Py_ssize_t newsize)
{
    PyObject *v = *pv;
    if (!PyBytes_Check(v) || newsize < 0) {
        *pv = NULL;
        Py_XDECREF(v);
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t oldsize = SIZE(v);
    if (oldsize == newsize) {
        return 0;
    }
    if (oldsize == 0) {
        *pv = bytes_alloc(newsize);
        Py_DECREF(v);
        return *pv == NULL ? -1 : 0;
    }
    if (newsize == 0) {
        *pv = _PyBytes_EMPTY;
        Py_DECREF(v);
        return 0;
    }
    if (!_PyObject_IsUniquelyReferenced(v) || _Py_IsImmortal(v)) {
        if (oldsize < newsize) {
            *pv = bytes_alloc(newsize);
            if (*pv != NULL) {
                memcpy(DATA(*pv), DATA(v), (size_t)oldsize);
            }
        }
        else {
            *pv = PyBytes_FromStringAndSize(DATA(v), newsize);
        }
        Py_DECREF(v);
        return *pv == NULL ? -1 : 0;
    }
    if (newsize > PY_SSIZE_T_MAX - BYTES_SIZE) {
        *pv = NULL;
        Py_DECREF(v);
        PyErr_NoMemory();
        return -1;
    }
    PyObject *moved = PyObject_Realloc(v, (size_t)(BYTES_SIZE + newsize));
    if (moved == NULL) {
        *pv = NULL;
        Py_DECREF(v);
        PyErr_NoMemory();
        return -1;
    }
    Py_SET_SIZE(moved, newsize);
    DATA(moved)[newsize] = '\0';
    ((PyBytesObject *)moved)->ob_shash = -1;
    *pv = moved;
    return 0;
}

/* -- Access -------------------------------------------------------------------------------- */

Py_ssize_t
PyBytes_Size(PyObject *op)
{
    if (!PyBytes_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(op)->tp_name);
        return -1;
    }
    return SIZE(op);
}

char *
PyBytes_AsString(PyObject *op)
{
    if (!PyBytes_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(op)->tp_name);
        return NULL;
    }
    return DATA(op);
}

int
PyBytes_AsStringAndSize(PyObject *obj, char **s, Py_ssize_t *len)
{
    if (s == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyBytes_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(obj)->tp_name);
        return -1;
    }
    *s = DATA(obj);
    if (len != NULL) {
        *len = SIZE(obj);
    }
    else if (strlen(*s) != (size_t)SIZE(obj)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return -1;
    }
    return 0;
}

/* -- Concatenation and repetition ---------------------------------------------------------- */

PyObject *
_PyBytes_Concat(PyObject *a, PyObject *b)
{
    Py_buffer va = {.len = -1}, vb = {.len = -1};
    PyObject *result = NULL;
    if (PyObject_GetBuffer(a, &va, PyBUF_SIMPLE) != 0
            || PyObject_GetBuffer(b, &vb, PyBUF_SIMPLE) != 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(b)->tp_name,
                     Py_TYPE(a)->tp_name);
        goto done;
    }
    if (va.len == 0 && PyBytes_CheckExact(b)) {
        result = Py_NewRef(b);
    }
    else if (vb.len == 0 && PyBytes_CheckExact(a)) {
        result = Py_NewRef(a);
    }
    else if (va.len > PY_SSIZE_T_MAX - vb.len) {
        PyErr_NoMemory();
    }
    else {
        result = PyBytes_FromStringAndSize(NULL, va.len + vb.len);
        if (result != NULL && va.len + vb.len > 0) {
            memcpy(DATA(result), va.buf, (size_t)va.len);
            memcpy(DATA(result) + va.len, vb.buf, (size_t)vb.len);
        }
    }
done:
    if (va.len != -1) {
        PyBuffer_Release(&va);
    }
    if (vb.len != -1) {
        PyBuffer_Release(&vb);
    }
    return result;
}

void
PyBytes_Concat(PyObject **pv, PyObject *w)
{
    if (*pv == NULL) {
        return;
    }
    if (w == NULL) {
        Py_CLEAR(*pv);
        return;
    }
    if (_PyObject_IsUniquelyReferenced(*pv) && PyBytes_CheckExact(*pv) && !_Py_IsImmortal(*pv)) {
        /* In place: nobody else has it. */
        Py_buffer view;
        if (PyObject_GetBuffer(w, &view, PyBUF_SIMPLE) != 0) {
            PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(w)->tp_name,
                         Py_TYPE(*pv)->tp_name);
            Py_CLEAR(*pv);
            return;
        }
        Py_ssize_t oldsize = SIZE(*pv);
        if (oldsize > PY_SSIZE_T_MAX - view.len) {
            PyErr_NoMemory();
            Py_CLEAR(*pv);
        }
        else if (_PyBytes_Resize(pv, oldsize + view.len) == 0 && view.len > 0) {
            memcpy(DATA(*pv) + oldsize, view.buf, (size_t)view.len);
        }
        PyBuffer_Release(&view);
        return;
    }
    PyObject *v = _PyBytes_Concat(*pv, w);
    Py_SETREF(*pv, v);
}

void
PyBytes_ConcatAndDel(PyObject **pv, PyObject *w)
{
    PyBytes_Concat(pv, w);
    Py_XDECREF(w);
}

void
_PyBytes_Repeat(char *dest, Py_ssize_t len_dest, const char *src, Py_ssize_t len_src)
{
    if (len_dest == 0) {
        return;
    }
    if (len_src == 1) {
        memset(dest, src[0], (size_t)len_dest);
        return;
    }
    if (src != dest) {
        memcpy(dest, src, (size_t)len_src);
    }
    /* What is there is doubled. */
    Py_ssize_t copied = len_src;
    while (copied < len_dest) {
        Py_ssize_t n = Py_MIN(copied, len_dest - copied);
        memcpy(dest + copied, dest, (size_t)n);
        copied += n;
    }
}

static PyObject *
bytes_repeat(PyObject *self, Py_ssize_t n)
{
    n = Py_MAX(n, 0);
    if (n > 0 && SIZE(self) > PY_SSIZE_T_MAX / n) {
        PyErr_SetString(PyExc_OverflowError, "repeated bytes are too long");
        return NULL;
    }
    Py_ssize_t size = SIZE(self) * n;
    if (size == SIZE(self) && PyBytes_CheckExact(self)) {
        return Py_NewRef(self);
    }
    if (size <= 1) {
        return PyBytes_FromStringAndSize(DATA(self), size);
    }
    PyObject *op = bytes_alloc(size);
    if (op != NULL) {
        _PyBytes_Repeat(DATA(op), size, DATA(self), SIZE(self));
    }
    return op;
}

PyObject *
PyBytes_Join(PyObject *sep, PyObject *iterable)
{
    if (sep == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyBytes_Check(sep)) {
        PyErr_Format(PyExc_TypeError, "sep: expected bytes, got %T", sep);
        return NULL;
    }
    return join_buffers(sep, DATA(sep), SIZE(sep), iterable, 0);
}

/* -- Comparison and hash ------------------------------------------------------------------- */

static int
bytes_equal(PyObject *a, PyObject *b)
{
    return SIZE(a) == SIZE(b) && DATA(a)[0] == DATA(b)[0]
        && memcmp(DATA(a), DATA(b), (size_t)SIZE(a)) == 0;
}

static PyObject *
bytes_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyBytes_Check(a) || !PyBytes_Check(b)) {
        if (_Py_GetConfig()->bytes_warning && (op == Py_EQ || op == Py_NE)) {
            if (PyUnicode_Check(a) || PyUnicode_Check(b)) {
                if (PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytes and string",
                                 1) < 0) {
                    return NULL;
                }
            }
            if (PyLong_Check(a) || PyLong_Check(b)) {
                if (PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytes and int", 1) < 0) {
                    return NULL;
                }
            }
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (op == Py_EQ || op == Py_NE) {
        int equal = a == b || bytes_equal(a, b);
        return PyBool_FromLong(equal == (op == Py_EQ));
    }
    Py_ssize_t n = Py_MIN(SIZE(a), SIZE(b));
    int order = memcmp(DATA(a), DATA(b), (size_t)n);
    if (order == 0) {
        order = SIZE(a) < SIZE(b) ? -1 : SIZE(a) > SIZE(b);
    }
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static Py_hash_t
bytes_hash(PyObject *self)
{
    PyBytesObject *op = (PyBytesObject *)self;
    Py_hash_t hash = FT_ATOMIC_LOAD_SSIZE_RELAXED(op->ob_shash);
    if (hash == -1) {
        hash = Py_HashBuffer(DATA(self), SIZE(self));
        FT_ATOMIC_STORE_SSIZE_RELAXED(op->ob_shash, hash);
    }
    return hash;
}

/* -- Protocols ----------------------------------------------------------------------------- */

PyObject *
PyBytes_Repr(PyObject *obj, int smartquotes)
{
    return bytes_repr_text(DATA(obj), SIZE(obj), "", "", smartquotes);
}

static PyObject *
bytes_repr(PyObject *self)
{
    return PyBytes_Repr(self, 1);
}

static PyObject *
bytes_str(PyObject *self)
{
    if (_Py_GetConfig()->bytes_warning
            && PyErr_WarnEx(PyExc_BytesWarning, "str() on a bytes instance", 1) < 0) {
        return NULL;
    }
    return bytes_repr(self);
}

static Py_ssize_t
bytes_length(PyObject *self)
{
    return SIZE(self);
}

static PyObject *
bytes_item(PyObject *self, Py_ssize_t i)
{
    if (i < 0 || i >= SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)DATA(self)[i]);
}

static int
bytes_contains(PyObject *self, PyObject *arg)
{
    return _Py_bytes_contains(DATA(self), SIZE(self), arg);
}

static PyObject *
bytes_subscript(PyObject *self, PyObject *item)
{
    if (_PyIndex_Check(item)) {
        Py_ssize_t i = PyNumber_AsSsize_t(item, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return bytes_item(self, i < 0 ? i + SIZE(self) : i);
    }
    if (!PySlice_Check(item)) {
        PyErr_Format(PyExc_TypeError, "byte indices must be integers or slices, not %.200s",
                     Py_TYPE(item)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(item, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(SIZE(self), &start, &stop, step);
    if (n <= 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (start == 0 && step == 1 && n == SIZE(self) && PyBytes_CheckExact(self)) {
        return Py_NewRef(self);
    }
    if (step == 1 || n == 1) {
        return PyBytes_FromStringAndSize(DATA(self) + start, n);
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, n);
    if (result != NULL) {
        for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
            DATA(result)[i] = DATA(self)[at];
        }
    }
    return result;
}

static int
bytes_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, DATA(self), SIZE(self), 1, flags);
}

static PyObject *
bytes_mod(PyObject *self, PyObject *arg)
{
    if (!PyBytes_Check(self)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return _PyBytes_FormatEx(DATA(self), SIZE(self), arg, 0);
}

/* -- Methods ------------------------------------------------------------------------------- */

#define RUN(self) &(struct run){(self), DATA(self), SIZE(self), 0}

#define NOARGS_WRAPPER(name)                                            \
    static PyObject *                                                   \
    bytes_##name(PyObject *self, PyObject *Py_UNUSED(ignored))          \
    {                                                                   \
        return shared_##name(RUN(self));                                \
    }
#define O_WRAPPER(name)                                                 \
    static PyObject *                                                   \
    bytes_##name(PyObject *self, PyObject *arg)                         \
    {                                                                   \
        return shared_##name(RUN(self), arg);                           \
    }
#define FASTCALL_WRAPPER(name)                                                          \
    static PyObject *                                                                   \
    bytes_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs)               \
    {                                                                                   \
        return shared_##name(RUN(self), args, nargs);                                   \
    }
#define KEYWORDS_WRAPPER(name)                                                          \
    static PyObject *                                                                   \
    bytes_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs,               \
                 PyObject *kwnames)                                                     \
    {                                                                                   \
        return shared_##name(RUN(self), args, nargs, kwnames);                          \
    }

/* bytes_find() and its like: one function per row of shared_methods.def. */
#define SHARED_METHOD(name, convention, signature, doc) convention##_WRAPPER(name)
#define SHARED_METHOD_NOSIG(name, convention, doc) convention##_WRAPPER(name)
#include "shared_methods.def"
#undef SHARED_METHOD
#undef SHARED_METHOD_NOSIG

static PyObject *
bytes___getnewargs__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(y#)", DATA(self), SIZE(self));
}

static PyObject *
bytes___bytes__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBytes_CheckExact(self) ? Py_NewRef(self)
                                    : PyBytes_FromStringAndSize(DATA(self), SIZE(self));
}

static PyObject *
bytes_fromhex(PyObject *type, PyObject *string)
{
    PyObject *result = _PyBytes_FromHex(string, 0);
    if (result != NULL && type != (PyObject *)&PyBytes_Type) {
        Py_SETREF(result, PyObject_CallOneArg(type, result));
    }
    return result;
}

static PyMethodDef bytes_methods[] = {
#define SHARED_METHOD(name, convention, signature, doc) \
    PY_METHOD(bytes, name, convention##_FLAGS, signature, doc),
#define SHARED_METHOD_NOSIG(name, convention, doc) \
    PY_METHOD_NOSIG(#name, (PyCFunction)(void (*)(void))bytes_##name, convention##_FLAGS, doc),
#include "shared_methods.def"
#undef SHARED_METHOD
#undef SHARED_METHOD_NOSIG
    PY_METHOD(bytes, __getnewargs__, METH_NOARGS, "($self, /)", "Arguments for copying."),
    PY_METHOD(bytes, __bytes__, METH_NOARGS, "($self, /)", "These bytes as an exact bytes object."),
    PY_METHOD(bytes, fromhex, METH_O | METH_CLASS, "($type, string, /)",
              "Bytes from hexadecimal digits; white space between two bytes is ignored.\n\n"
              "bytes.fromhex('B9 01EF') is b'\\xb9\\x01\\xef'."),
    PY_METHOD_AS("maketrans", bytes_maketrans_method, METH_FASTCALL | METH_STATIC, "(frm, to, /)",
                 "Make a table for translate() that maps each byte of frm to that of to."),
    {0}
};

/* -- Construction -------------------------------------------------------------------------- */

static PyObject *
bytes_from_buffer(PyObject *x)
{
    Py_buffer view;
    if (PyObject_GetBuffer(x, &view, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, view.len);
    if (result != NULL && view.len > 0) {
        if (view.len == 1) {
            char c;
            Py_DECREF(result);
            result = PyBuffer_ToContiguous(&c, &view, 1, 'C') < 0
                ? NULL : PyBytes_FromStringAndSize(&c, 1);
        }
        else if (PyBuffer_ToContiguous(DATA(result), &view, view.len, 'C') < 0) {
            Py_CLEAR(result);
        }
    }
    PyBuffer_Release(&view);
    return result;
}

/* Bytes from the ints that it gives; x is asked how many there might be. */
PyObject *
_PyBytes_FromIterator(PyObject *it, PyObject *x)
{
    Py_ssize_t size = PyObject_LengthHint(x, 64);
    if (size == -1 && PyErr_Occurred()) {
        return NULL;
    }
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    writer.overallocate = 1;
    char *p = _PyBytesWriter_Alloc(&writer, size);
    if (p == NULL) {
        return NULL;
    }
    for (;;) {
        PyObject *item = PyIter_Next(it);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                goto fail;
            }
            return _PyBytesWriter_Finish(&writer, p);
        }
        int value = bytes_value(item, "bytes must be in range(0, 256)");
        Py_DECREF(item);
        if (value < 0) {
            goto fail;
        }
        p = _PyBytesWriter_Reserve(&writer, p, 1);
        if (p == NULL) {
            goto fail;
        }
        *p++ = (char)value;
    }
fail:
    _PyBytesWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
PyBytes_FromObject(PyObject *x)
{
    if (x == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_CheckExact(x)) {
        return Py_NewRef(x);
    }
    if (PyObject_CheckBuffer(x)) {
        return bytes_from_buffer(x);
    }
    if (!PyUnicode_Check(x)) {
        PyObject *it = PyObject_GetIter(x);
        if (it != NULL) {
            PyObject *result = _PyBytes_FromIterator(it, x);
            Py_DECREF(it);
            return result;
        }
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return NULL;
        }
    }
    PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytes", Py_TYPE(x)->tp_name);
    return NULL;
}

/* An instance of a subclass with the bytes of op (stolen). */
static PyObject *
bytes_subtype_new(PyTypeObject *type, PyObject *op)
{
    Py_ssize_t n = SIZE(op);
    PyObject *self = type->tp_alloc(type, n);
    if (self != NULL) {
        memcpy(DATA(self), DATA(op), (size_t)n + 1);
        ((PyBytesObject *)self)->ob_shash = FT_ATOMIC_LOAD_SSIZE_RELAXED(
            ((PyBytesObject *)op)->ob_shash);
    }
    Py_DECREF(op);
    return self;
}

/* bytes(x, encoding, errors) as exact bytes (or what __bytes__ returned). */
static PyObject *
bytes_new_exact(PyObject *x, const char *encoding, const char *errors)
{
    if (x == NULL) {
        if (encoding != NULL || errors != NULL) {
            PyErr_SetString(PyExc_TypeError, encoding != NULL
                            ? "encoding without a string argument"
                            : "errors without a string argument");
            return NULL;
        }
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (encoding != NULL) {
        if (!PyUnicode_Check(x)) {
            PyErr_SetString(PyExc_TypeError, "encoding without a string argument");
            return NULL;
        }
        return PyUnicode_AsEncodedString(x, encoding, errors);
    }
    if (errors != NULL) {
        PyErr_SetString(PyExc_TypeError, PyUnicode_Check(x)
                        ? "string argument without an encoding"
                        : "errors without a string argument");
        return NULL;
    }
    if (PyBytes_CheckExact(x)) {
        return Py_NewRef(x);
    }
    PyObject *func = _PyObject_LookupSpecial(x, _Py_ID(__bytes__));
    if (func != NULL) {
        PyObject *result = _PyObject_CallNoArgs(func);
        Py_DECREF(func);
        if (result != NULL && !PyBytes_Check(result)) {
            PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)",
                         Py_TYPE(result)->tp_name);
            Py_CLEAR(result);
        }
        return result;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (PyUnicode_Check(x)) {
        PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
        return NULL;
    }
    if (_PyIndex_Check(x)) {
        Py_ssize_t size = PyNumber_AsSsize_t(x, PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
                return NULL;
            }
            PyErr_Clear();
            return PyBytes_FromObject(x);
        }
        if (size < 0) {
            PyErr_SetString(PyExc_ValueError, "negative count");
            return NULL;
        }
        if (size == 1) {
            return PyBytes_FromStringAndSize("", 1);
        }
        PyObject *result = PyBytes_FromStringAndSize(NULL, size);
        if (result != NULL) {
            memset(DATA(result), 0, (size_t)size);
        }
        return result;
    }
    return PyBytes_FromObject(x);
}

static const char *const bytes_keywords[] = {"source", "encoding", "errors", NULL};
static _PyArg_Parser bytes_parser = {.keywords = bytes_keywords, .fname = "bytes"};

static PyObject *
bytes_new_args(PyTypeObject *type, PyObject *const *args)
{
    const char *encoding, *errors;
    if (bytes_string_arg("bytes", "argument 'encoding'", args[1], &encoding) < 0
            || bytes_string_arg("bytes", "argument 'errors'", args[2], &errors) < 0) {
        return NULL;
    }
    PyObject *result = bytes_new_exact(args[0], encoding, errors);
    if (result != NULL && type != &PyBytes_Type) {
        result = bytes_subtype_new(type, result);
    }
    return result;
}

static PyObject *
bytes_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *buf[3];
    PyObject *const *fast = _PyArg_UnpackKeywords(_PyTuple_ITEMS(args), PyTuple_GET_SIZE(args),
                                                  kwargs, NULL, &bytes_parser, 0, 3, 0, 0, buf);
    return fast == NULL ? NULL : bytes_new_args(type, fast);
}

static PyObject *
bytes_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *buf[3];
    args = _PyArg_UnpackKeywords(args, PyVectorcall_NARGS(nargsf), NULL, kwnames, &bytes_parser, 0,
                                 3, 0, 0, buf);
    return args == NULL ? NULL : bytes_new_args((PyTypeObject *)type, args);
}

static PyObject *
bytes_tp_alloc(PyTypeObject *self, Py_ssize_t nitems)
{
    PyObject *op = PyType_GenericAlloc(self, nitems);
    if (op != NULL) {
        ((PyBytesObject *)op)->ob_shash = -1;
    }
    return op;
}
_Py_COMP_DIAG_POP

static PyObject *bytes_iter(PyObject *seq);

static PySequenceMethods bytes_as_sequence = {
    .sq_length = bytes_length,
    .sq_concat = _PyBytes_Concat,
    .sq_repeat = bytes_repeat,
    .sq_item = bytes_item,
    .sq_contains = bytes_contains,
};

static PyMappingMethods bytes_as_mapping = {
    .mp_length = bytes_length,
    .mp_subscript = bytes_subscript,
};

static PyBufferProcs bytes_as_buffer = {
    .bf_getbuffer = bytes_getbuffer,
};

static PyNumberMethods bytes_as_number = {
    .nb_remainder = bytes_mod,
};

PyTypeObject PyBytes_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytes",
    .tp_basicsize = BYTES_SIZE,
    .tp_itemsize = sizeof(char),
    .tp_repr = bytes_repr,
    .tp_as_number = &bytes_as_number,
    .tp_as_sequence = &bytes_as_sequence,
    .tp_as_mapping = &bytes_as_mapping,
    .tp_hash = bytes_hash,
    .tp_str = bytes_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &bytes_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_BYTES_SUBCLASS
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "bytes(iterable_of_ints) -> bytes\n"
              "bytes(string, encoding[, errors]) -> bytes\n"
              "bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\n"
              "bytes(int) -> bytes object of size given by the parameter initialized with null "
              "bytes\n"
              "bytes() -> empty bytes object\n\n"
              "An immutable array of bytes.",
    .tp_richcompare = bytes_richcompare,
    .tp_iter = bytes_iter,
    .tp_methods = bytes_methods,
    .tp_base = &PyBaseObject_Type,
    .tp_alloc = bytes_tp_alloc,
    .tp_new = bytes_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = bytes_vectorcall,
    .tp_version_tag = 0,
};

PyStatus
_PyBytes_InitTypes(PyInterpreterState *Py_UNUSED(interp))
{
    return PyStatus_Ok();
}

/* -- Iterator ------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;  // atomic, relaxed; beyond the end: exhausted
    PyObject *it_seq;     // const
} bytesiter;

static void
bytesiter_dealloc(PyObject *op)
{
    _PyObject_GC_UNTRACK(op);
    Py_XDECREF(((bytesiter *)op)->it_seq);
    PyObject_GC_Del(op);
}

static int
bytesiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((bytesiter *)op)->it_seq);
    return 0;
}

static PyObject *
bytesiter_next(PyObject *op)
{
    bytesiter *it = (bytesiter *)op;
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    if (index >= SIZE(it->it_seq)) {
        FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, PY_SSIZE_T_MAX);
        return NULL;
    }
    FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, index + 1);
    return PyLong_FromLong((unsigned char)DATA(it->it_seq)[index]);
}

static PyObject *
bytesiter___length_hint__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    bytesiter *it = (bytesiter *)op;
    Py_ssize_t left = SIZE(it->it_seq) - FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    return PyLong_FromSsize_t(Py_MAX(left, 0));
}

static PyObject *
bytesiter___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    bytesiter *it = (bytesiter *)op;
    PyObject *iter = _PyEval_GetBuiltin(_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
    if (index <= SIZE(it->it_seq)) {
        return Py_BuildValue("N(O)n", iter, it->it_seq, index);
    }
    return Py_BuildValue("N(())", iter);
}

static PyObject *
bytesiter___setstate__(PyObject *op, PyObject *state)
{
    bytesiter *it = (bytesiter *)op;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index) <= SIZE(it->it_seq)) {
        index = Py_MAX(index, 0);
        FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, Py_MIN(index, SIZE(it->it_seq)));
    }
    Py_RETURN_NONE;
}

static PyMethodDef bytesiter_methods[] = {
    PY_METHOD(bytesiter, __length_hint__, METH_NOARGS, "($self, /)", "How many bytes are left."),
    PY_METHOD(bytesiter, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    PY_METHOD(bytesiter, __setstate__, METH_O, "($self, object, /)", "Set the position."),
    {0}
};

PyTypeObject PyBytesIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytes_iterator",
    .tp_basicsize = sizeof(bytesiter),
    .tp_dealloc = bytesiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = bytesiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = bytesiter_next,
    .tp_methods = bytesiter_methods,
};

static PyObject *
bytes_iter(PyObject *seq)
{
    if (!PyBytes_Check(seq)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    bytesiter *it = PyObject_GC_New(bytesiter, &PyBytesIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = 0;
    it->it_seq = Py_NewRef(seq);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

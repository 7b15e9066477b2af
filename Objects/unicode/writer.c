/* Writers: strs built piece by piece.  _PyUnicodeWriter is the old, visible struct; PyUnicodeWriter
   is the same struct on the heap behind an opaque name.

   Invariant: buffer is NULL, or a str that only the writer knows, or (readonly) any str of which the
   writer holds a reference and which is all of the result so far.  kind is that of buffer; while
   readonly it is 0 so that Prepare() never thinks there is room.
   Locking: none; a writer belongs to one thread. */
#include "unicode_impl.h"

/* Over-allocation: a quarter more; test with Tools/bench if you touch it. */
#define OVERALLOCATE_FACTOR 4

static inline void
writer_update(_PyUnicodeWriter *writer)
{
    writer->maxchar = PyUnicode_MAX_CHAR_VALUE(writer->buffer);
    writer->data = DATA(writer->buffer);
    if (!writer->readonly) {
        writer->kind = KIND(writer->buffer);
        writer->size = LENGTH(writer->buffer);
    }
    else {
        writer->kind = 0;
        writer->size = 0;
    }
}

void
_PyUnicodeWriter_Init(_PyUnicodeWriter *writer)
{
    memset(writer, 0, sizeof(*writer));
    writer->min_char = 127;
}

void
_PyUnicodeWriter_InitWithBuffer(_PyUnicodeWriter *writer, PyObject *buffer)
{
    memset(writer, 0, sizeof(*writer));
    writer->buffer = buffer;
    writer_update(writer);
    writer->min_length = writer->size;
}

int
_PyUnicodeWriter_PrepareInternal(_PyUnicodeWriter *writer, Py_ssize_t length, Py_UCS4 maxchar)
{
    assert(length >= 0);
    if (length > PY_SSIZE_T_MAX - writer->pos) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t newlen = writer->pos + length;
    maxchar = Py_MAX(maxchar, writer->min_char);
    if (writer->buffer == NULL) {
        if (writer->overallocate && newlen <= PY_SSIZE_T_MAX - newlen / OVERALLOCATE_FACTOR) {
            newlen += newlen / OVERALLOCATE_FACTOR;
        }
        newlen = Py_MAX(newlen, writer->min_length);
        writer->buffer = PyUnicode_New(newlen, maxchar);
        if (writer->buffer == NULL) {
            return -1;
        }
        if (newlen == 0) {
            /* The static empty str may not be written to. */
            writer->readonly = 0;
        }
        writer_update(writer);
        return 0;
    }
    if (newlen > writer->size) {
        if (writer->overallocate && newlen <= PY_SSIZE_T_MAX - newlen / OVERALLOCATE_FACTOR) {
            newlen += newlen / OVERALLOCATE_FACTOR;
        }
        newlen = Py_MAX(newlen, writer->min_length);
        if (maxchar > writer->maxchar || writer->readonly || newlen == 0
                || ASCII_CAST(writer->buffer)->state.statically_allocated) {
            maxchar = Py_MAX(maxchar, writer->maxchar);
            PyObject *grown = PyUnicode_New(newlen, maxchar);
            if (grown == NULL) {
                return -1;
            }
            _PyUnicode_FastCopyCharacters(grown, 0, writer->buffer, 0, writer->pos);
            Py_SETREF(writer->buffer, grown);
            writer->readonly = 0;
        }
        else {
            PyObject *grown = _PyUnicode_ResizeCompact(writer->buffer, newlen);
            if (grown == NULL) {
                return -1;
            }
            writer->buffer = grown;
        }
        writer_update(writer);
    }
    else if (maxchar > writer->maxchar) {
        assert(!writer->readonly);
        PyObject *wide = PyUnicode_New(writer->size, maxchar);
        if (wide == NULL) {
            return -1;
        }
        _PyUnicode_FastCopyCharacters(wide, 0, writer->buffer, 0, writer->pos);
        Py_SETREF(writer->buffer, wide);
        writer_update(writer);
    }
    return 0;
}

int
_PyUnicodeWriter_PrepareKindInternal(_PyUnicodeWriter *writer, int kind)
{
    assert(writer->kind < kind);
    return _PyUnicodeWriter_PrepareInternal(writer, 0, _PyUnicode_MAX_OF_KIND(kind));
}

int
_PyUnicodeWriter_WriteChar(_PyUnicodeWriter *writer, Py_UCS4 ch)
{
    return _PyUnicodeWriter_WriteCharInline(writer, ch);
}

int
_PyUnicodeWriter_WriteStr(_PyUnicodeWriter *writer, PyObject *str)
{
    assert(PyUnicode_Check(str));
    Py_ssize_t length = LENGTH(str);
    if (length == 0) {
        return 0;
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str);
    if (maxchar > writer->maxchar || length > writer->size - writer->pos) {
        if (writer->buffer == NULL && !writer->overallocate && PyUnicode_CheckExact(str)) {
            writer->readonly = 1;
            writer->buffer = Py_NewRef(str);
            writer_update(writer);
            writer->pos += length;
            return 0;
        }
        if (_PyUnicodeWriter_PrepareInternal(writer, length, maxchar) < 0) {
            return -1;
        }
    }
    _PyUnicode_FastCopyCharacters(writer->buffer, writer->pos, str, 0, length);
    writer->pos += length;
    return 0;
}

int
_PyUnicodeWriter_WriteSubstring(_PyUnicodeWriter *writer, PyObject *str, Py_ssize_t start,
                                Py_ssize_t end)
{
    assert(0 <= start && end <= LENGTH(str) && start <= end);
    if (start == 0 && end == LENGTH(str)) {
        return _PyUnicodeWriter_WriteStr(writer, str);
    }
    Py_ssize_t length = end - start;
    if (length == 0) {
        return 0;
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str) > writer->maxchar
        ? _PyUnicode_FindMaxChar(str, start, end) : writer->maxchar;
    if (_PyUnicodeWriter_Prepare(writer, length, maxchar) < 0) {
        return -1;
    }
    _PyUnicode_FastCopyCharacters(writer->buffer, writer->pos, str, start, length);
    writer->pos += length;
    return 0;
}

int
_PyUnicodeWriter_WriteASCIIString(_PyUnicodeWriter *writer, const char *ascii, Py_ssize_t len)
{
    if (len == -1) {
        len = (Py_ssize_t)strlen(ascii);
    }
    if (len == 0) {
        return 0;
    }
    assert(ascii_prefix(ascii, ascii + len) == len);
    if (writer->buffer == NULL && !writer->overallocate) {
        PyObject *str = _PyUnicode_FromASCII(ascii, len);
        if (str == NULL) {
            return -1;
        }
        writer->readonly = 1;
        writer->buffer = str;
        writer_update(writer);
        writer->pos += len;
        return 0;
    }
    if (_PyUnicodeWriter_Prepare(writer, len, 127) < 0) {
        return -1;
    }
    unicode_convert(writer->kind, CHAR_PTR(writer->kind, writer->data, writer->pos),
                    PyUnicode_1BYTE_KIND, ascii, len);
    writer->pos += len;
    return 0;
}

int
_PyUnicodeWriter_WriteLatin1String(_PyUnicodeWriter *writer, const char *str, Py_ssize_t len)
{
    if (len == 0) {
        return 0;
    }
    Py_UCS4 maxchar = ucs1_find_max_char((const Py_UCS1 *)str, (const Py_UCS1 *)str + len);
    if (_PyUnicodeWriter_Prepare(writer, len, maxchar) < 0) {
        return -1;
    }
    unicode_convert(writer->kind, CHAR_PTR(writer->kind, writer->data, writer->pos),
                    PyUnicode_1BYTE_KIND, str, len);
    writer->pos += len;
    return 0;
}

PyObject *
_PyUnicodeWriter_Finish(_PyUnicodeWriter *writer)
{
    if (writer->pos == 0) {
        Py_CLEAR(writer->buffer);
        return _Py_STR(empty);
    }
    PyObject *str = writer->buffer;
    writer->buffer = NULL;
    if (writer->readonly) {
        assert(LENGTH(str) == writer->pos);
        return str;
    }
    if (LENGTH(str) != writer->pos) {
        PyObject *cut = _PyUnicode_ResizeCompact(str, writer->pos);
        if (cut == NULL) {
            Py_DECREF(str);
            return NULL;
        }
        str = cut;
    }
    return _PyUnicode_Result(str);
}

void
_PyUnicodeWriter_Dealloc(_PyUnicodeWriter *writer)
{
    Py_CLEAR(writer->buffer);
}

/* -- PyUnicodeWriter ----------------------------------------------------------------------- */

#define WRITER(writer) ((_PyUnicodeWriter *)(writer))

PyUnicodeWriter *
PyUnicodeWriter_Create(Py_ssize_t length)
{
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "length must be positive");
        return NULL;
    }
    _PyUnicodeWriter *writer = PyMem_Malloc(sizeof(*writer));
    if (writer == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    _PyUnicodeWriter_Init(writer);
    if (length > 0 && _PyUnicodeWriter_Prepare(writer, length, 127) < 0) {
        PyUnicodeWriter_Discard((PyUnicodeWriter *)writer);
        return NULL;
    }
    writer->overallocate = 1;
    return (PyUnicodeWriter *)writer;
}

void
PyUnicodeWriter_Discard(PyUnicodeWriter *writer)
{
    if (writer != NULL) {
        _PyUnicodeWriter_Dealloc(WRITER(writer));
        PyMem_Free(writer);
    }
}

PyObject *
PyUnicodeWriter_Finish(PyUnicodeWriter *writer)
{
    PyObject *str = _PyUnicodeWriter_Finish(WRITER(writer));
    assert(WRITER(writer)->buffer == NULL);
    PyMem_Free(writer);
    return str;
}

int
PyUnicodeWriter_WriteChar(PyUnicodeWriter *writer, Py_UCS4 ch)
{
    if (ch > MAX_UNICODE) {
        PyErr_SetString(PyExc_ValueError, "character must be in range(0x110000)");
        return -1;
    }
    return _PyUnicodeWriter_WriteCharInline(WRITER(writer), ch);
}

int
PyUnicodeWriter_WriteASCII(PyUnicodeWriter *writer, const char *str, Py_ssize_t size)
{
    assert(writer != NULL);
    if (size < 0) {
        size = (Py_ssize_t)strlen(str);
    }
    return _PyUnicodeWriter_WriteASCIIString(WRITER(writer), str, size);
}

int
PyUnicodeWriter_WriteStr(PyUnicodeWriter *writer, PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (type == &PyUnicode_Type) {
        return _PyUnicodeWriter_WriteStr(WRITER(writer), obj);
    }
    if (type == &PyLong_Type) {
        PyObject *str = PyLong_Type.tp_repr(obj);
        if (str == NULL) {
            return -1;
        }
        int result = _PyUnicodeWriter_WriteStr(WRITER(writer), str);
        Py_DECREF(str);
        return result;
    }
    PyObject *str = PyObject_Str(obj);
    if (str == NULL) {
        return -1;
    }
    int result = _PyUnicodeWriter_WriteStr(WRITER(writer), str);
    Py_DECREF(str);
    return result;
}

int
PyUnicodeWriter_WriteRepr(PyUnicodeWriter *writer, PyObject *obj)
{
    if (obj == NULL) {
        return _PyUnicodeWriter_WriteASCIIString(WRITER(writer), "<NULL>", 6);
    }
    PyObject *repr = PyObject_Repr(obj);
    if (repr == NULL) {
        return -1;
    }
    int result = _PyUnicodeWriter_WriteStr(WRITER(writer), repr);
    Py_DECREF(repr);
    return result;
}

int
PyUnicodeWriter_WriteSubstring(PyUnicodeWriter *writer, PyObject *str, Py_ssize_t start,
                               Py_ssize_t end)
{
    if (!PyUnicode_Check(str)) {
        PyErr_Format(PyExc_TypeError, "expect str, not %T", str);
        return -1;
    }
    if (start < 0 || start > end) {
        PyErr_Format(PyExc_ValueError, "invalid start argument");
        return -1;
    }
    if (end > LENGTH(str)) {
        PyErr_Format(PyExc_ValueError, "invalid end argument");
        return -1;
    }
    return _PyUnicodeWriter_WriteSubstring(WRITER(writer), str, start, end);
}

int
PyUnicodeWriter_WriteUCS4(PyUnicodeWriter *pwriter, Py_UCS4 *str, Py_ssize_t size)
{
    _PyUnicodeWriter *writer = WRITER(pwriter);
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return -1;
    }
    if (size == 0) {
        return 0;
    }
    Py_UCS4 maxchar = ucs4_find_max_char(str, str + size);
    if (_PyUnicodeWriter_Prepare(writer, size, maxchar) < 0) {
        return -1;
    }
    unicode_convert(writer->kind, CHAR_PTR(writer->kind, writer->data, writer->pos),
                    PyUnicode_4BYTE_KIND, str, size);
    writer->pos += size;
    return 0;
}

int
PyUnicodeWriter_WriteWideChar(PyUnicodeWriter *pwriter, const wchar_t *str, Py_ssize_t size)
{
    _PyUnicodeWriter *writer = WRITER(pwriter);
    if (size < 0) {
        size = (Py_ssize_t)wcslen(str);
    }
    if (size == 0) {
        return 0;
    }
    /* Checks the characters, and joins surrogate pairs where wchar_t has 16 bits. */
    PyObject *text = PyUnicode_FromWideChar(str, size);
    if (text == NULL) {
        return -1;
    }
    int result = _PyUnicodeWriter_WriteStr(writer, text);
    Py_DECREF(text);
    return result;
}

/* str objects: allocation, resizing, copies between kinds, and the C API for plain access.

   Locking: none.  What is written to is a str that only its maker knows; see unicode_impl.h. */
#include "unicode_impl.h"

/* -- Checks -------------------------------------------------------------------------------- */

int
_PyUnicode_CheckConsistency(PyObject *op, int check_content)
{
#define CHECK(expr)                                             \
    do {                                                        \
        if (!(expr)) {                                          \
            _PyObject_ASSERT_FAILED_MSG(op, Py_STRINGIFY(expr)); \
        }                                                       \
    } while (0)
    CHECK(PyUnicode_Check(op));
    PyASCIIObject *ascii = ASCII_CAST(op);
    int kind = (int)ascii->state.kind;
    if (ascii->state.ascii == 1 && ascii->state.compact == 1) {
        CHECK(kind == PyUnicode_1BYTE_KIND);
    }
    else {
        PyCompactUnicodeObject *compact = COMPACT_CAST(op);
        CHECK(kind == PyUnicode_1BYTE_KIND || kind == PyUnicode_2BYTE_KIND
              || kind == PyUnicode_4BYTE_KIND);
        if (ascii->state.compact == 1) {
            CHECK(ascii->state.ascii == 0);
            CHECK((void *)compact->utf8 != PyUnicode_DATA(op));
        }
        else {
            CHECK(((PyUnicodeObject *)op)->data.any != NULL);
            if (ascii->state.ascii) {
                CHECK((void *)compact->utf8 == PyUnicode_DATA(op));
                CHECK(compact->utf8_length == ascii->length);
            }
        }
    }
    if (check_content) {
        const void *data = PyUnicode_DATA(op);
        Py_UCS4 maxchar = 0;
        for (Py_ssize_t i = 0; i < ascii->length; i++) {
            Py_UCS4 ch = READ(kind, data, i);
            maxchar = Py_MAX(maxchar, ch);
        }
        if (kind == PyUnicode_1BYTE_KIND) {
            CHECK(ascii->state.ascii == 0 ? maxchar >= 128 : maxchar < 128);
        }
        else {
            CHECK(maxchar >= (kind == PyUnicode_2BYTE_KIND ? 0x100U : 0x10000U));
            CHECK(maxchar <= MAX_UNICODE);
        }
        CHECK(READ(kind, data, ascii->length) == 0);
    }
    return 1;
#undef CHECK
}

static int
unicode_check_modifiable(PyObject *unicode)
{
    if (!_PyUnicode_IsModifiable(unicode)) {
        PyErr_SetString(PyExc_SystemError, "Cannot modify a string currently used");
        return -1;
    }
    return 0;
}

int
_PyUnicode_IsModifiable(PyObject *op)
{
    return PyUnicode_CheckExact(op) && _PyObject_IsUniquelyReferenced(op)
        && PyUnicode_HASH(op) == -1 && !PyUnicode_CHECK_INTERNED(op)
        && !ASCII_CAST(op)->state.statically_allocated;
}

/* -- Widest character ---------------------------------------------------------------------- */

Py_ssize_t
ascii_prefix(const char *s, const char *end)
{
    const char *p = s;
    while (end - p >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        if (word & UINT64_C(0x8080808080808080)) {
            break;
        }
        p += 8;
    }
    while (p < end && !(*p & 0x80)) {
        p++;
    }
    return p - s;
}

Py_UCS4
ucs1_find_max_char(const Py_UCS1 *s, const Py_UCS1 *end)
{
    return ascii_prefix((const char *)s, (const char *)end) == end - s ? 0x7f : 0xff;
}

/* The loops take blocks without branches inside, so that the compiler can vectorise them. */
Py_UCS4
ucs2_find_max_char(const Py_UCS2 *s, const Py_UCS2 *end)
{
    Py_UCS2 seen = 0;
    while (s < end) {
        const Py_UCS2 *stop = end - s > 256 ? s + 256 : end;
        while (s < stop) {
            seen |= *s++;
        }
        if (seen > 0xff) {
            return 0xffff;
        }
    }
    return seen > 0x7f ? 0xff : 0x7f;
}

Py_UCS4
ucs4_find_max_char(const Py_UCS4 *s, const Py_UCS4 *end)
{
    Py_UCS4 seen = 0;
    while (s < end) {
        const Py_UCS4 *stop = end - s > 256 ? s + 256 : end;
        while (s < stop) {
            seen |= *s++;
        }
        if (seen > 0xffff) {
            return MAX_UNICODE;
        }
    }
    return seen > 0xff ? 0xffff : seen > 0x7f ? 0xff : 0x7f;
}

static Py_UCS4
kind_find_max_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND:
        return ucs1_find_max_char((const Py_UCS1 *)data + start, (const Py_UCS1 *)data + end);
    case PyUnicode_2BYTE_KIND:
        return ucs2_find_max_char((const Py_UCS2 *)data + start, (const Py_UCS2 *)data + end);
    default:
        return ucs4_find_max_char((const Py_UCS4 *)data + start, (const Py_UCS4 *)data + end);
    }
}

Py_UCS4
_PyUnicode_FindMaxChar(PyObject *unicode, Py_ssize_t start, Py_ssize_t end)
{
    assert(0 <= start && start <= end && end <= LENGTH(unicode));
    if (start == 0 && end == LENGTH(unicode)) {
        return PyUnicode_MAX_CHAR_VALUE(unicode);
    }
    if (PyUnicode_IS_ASCII(unicode) || start == end) {
        return 127;
    }
    return kind_find_max_char(KIND(unicode), DATA(unicode), start, end);
}

/* -- Conversion between kinds -------------------------------------------------------------- */

#define CONVERT(FROM, TO)                       \
    do {                                        \
        const FROM *src = from;                 \
        TO *dst = to;                           \
        for (Py_ssize_t i = 0; i < n; i++) {    \
            dst[i] = (TO)src[i];                \
        }                                       \
    } while (0)

void
unicode_convert(int to_kind, void *to, int from_kind, const void *from, Py_ssize_t n)
{
    if (to_kind == from_kind) {
        memcpy(to, from, (size_t)(n * to_kind));
    }
    else if (to_kind == PyUnicode_1BYTE_KIND) {
        if (from_kind == PyUnicode_2BYTE_KIND) {
            CONVERT(Py_UCS2, Py_UCS1);
        }
        else {
            CONVERT(Py_UCS4, Py_UCS1);
        }
    }
    else if (to_kind == PyUnicode_2BYTE_KIND) {
        if (from_kind == PyUnicode_1BYTE_KIND) {
            CONVERT(Py_UCS1, Py_UCS2);
        }
        else {
            CONVERT(Py_UCS4, Py_UCS2);
        }
    }
    else if (from_kind == PyUnicode_1BYTE_KIND) {
        CONVERT(Py_UCS1, Py_UCS4);
    }
    else {
        CONVERT(Py_UCS2, Py_UCS4);
    }
}

void *
unicode_askind(int skind, const void *data, Py_ssize_t len, int kind)
{
    assert(skind < kind);
    if (len > PY_SSIZE_T_MAX / kind) {
        PyErr_NoMemory();
        return NULL;
    }
    void *result = PyMem_Malloc((size_t)(len * kind) + 1);
    if (result == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    unicode_convert(kind, result, skind, data, len);
    return result;
}

/* -- Allocation ---------------------------------------------------------------------------- */

PyObject *
_PyUnicode_GetEmpty(void)
{
    return _Py_STR(empty);
}

PyObject *
PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
{
    if (size == 0) {
        return _Py_STR(empty);
    }
    int is_ascii = maxchar < 128;
    int kind;
    Py_ssize_t header = sizeof(PyCompactUnicodeObject);
    if (is_ascii) {
        kind = PyUnicode_1BYTE_KIND;
        header = sizeof(PyASCIIObject);
    }
    else if (maxchar <= MAX_UNICODE) {
        kind = kind_of_maxchar(maxchar);
    }
    else {
        PyErr_SetString(PyExc_SystemError, "invalid maximum character passed to PyUnicode_New");
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyUnicode_New");
        return NULL;
    }
    if (size > (PY_SSIZE_T_MAX - header) / kind - 1) {
        return PyErr_NoMemory();
    }
    PyObject *op = PyObject_Malloc((size_t)(header + (size + 1) * kind));
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init(op, &PyUnicode_Type);
    PyASCIIObject *ascii = ASCII_CAST(op);
    ascii->length = size;
    ascii->hash = -1;
    memset(&ascii->state, 0, sizeof(ascii->state));
    ascii->state.kind = (unsigned)kind;
    ascii->state.compact = 1;
    ascii->state.ascii = (unsigned)is_ascii;
    char *data = (char *)op + header;
    if (!is_ascii) {
        COMPACT_CAST(op)->utf8 = NULL;
        COMPACT_CAST(op)->utf8_length = 0;
    }
    memset(data + size * kind, 0, (size_t)kind);
    return op;
}

/* Block that belongs to op beside its own memory; NULL if none. */
static void *
unicode_own_utf8(PyObject *op)
{
    if (PyUnicode_IS_COMPACT_ASCII(op)) {
        return NULL;
    }
    void *utf8 = COMPACT_CAST(op)->utf8;
    return utf8 == PyUnicode_DATA(op) ? NULL : utf8;
}

void
_PyUnicode_ExactDealloc(PyObject *op)
{
    assert(PyUnicode_CheckExact(op));
    PyUnicode_Type.tp_dealloc(op);
}

static void
unicode_dealloc(PyObject *self)
{
    if (ASCII_CAST(self)->state.statically_allocated) {
        /* Only a wrong decref gets here: an extension took a reference too many away. */
        _Py_SetImmortal(self);
        return;
    }
    int interned = PyUnicode_CHECK_INTERNED(self) != SSTATE_NOT_INTERNED;
    if (interned) {
        unicode_unintern_dying(self);
    }
    if (!PyUnicode_IS_COMPACT_ASCII(self)) {
        void *utf8 = unicode_own_utf8(self);
        if (utf8 != NULL) {
            PyMem_Free(utf8);
        }
        if (!PyUnicode_IS_COMPACT(self)) {
            PyMem_Free(((PyUnicodeObject *)self)->data.any);
        }
    }
    if (interned) {
        _Py_RetireCall(PyObject_Free, self);
    }
    else {
        Py_TYPE(self)->tp_free(self);
    }
}

destructor const _PyUnicode_Dealloc = unicode_dealloc;

PyObject *
_PyUnicode_ResizeCompact(PyObject *unicode, Py_ssize_t length)
{
    assert(PyUnicode_IS_COMPACT(unicode) && _PyUnicode_IsModifiable(unicode));
    int kind = KIND(unicode);
    Py_ssize_t header = PyUnicode_IS_ASCII(unicode) ? (Py_ssize_t)sizeof(PyASCIIObject)
                                                    : (Py_ssize_t)sizeof(PyCompactUnicodeObject);
    if (length > (PY_SSIZE_T_MAX - header) / kind - 1) {
        PyErr_NoMemory();
        return NULL;
    }
    void *utf8 = unicode_own_utf8(unicode);
    if (utf8 != NULL) {
        PyMem_Free(utf8);
        COMPACT_CAST(unicode)->utf8 = NULL;
        COMPACT_CAST(unicode)->utf8_length = 0;
    }
    PyObject *moved = PyObject_Realloc(unicode, (size_t)(header + (length + 1) * kind));
    if (moved == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    ASCII_CAST(moved)->length = length;
    memset((char *)moved + header + length * kind, 0, (size_t)kind);
    return moved;
}

int
PyUnicode_Resize(PyObject **p_unicode, Py_ssize_t length)
{
    if (p_unicode == NULL || *p_unicode == NULL || !PyUnicode_Check(*p_unicode) || length < 0) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *unicode = *p_unicode;
    Py_ssize_t old = LENGTH(unicode);
    if (old == length) {
        return 0;
    }
    if (length == 0) {
        Py_SETREF(*p_unicode, _Py_STR(empty));
        return 0;
    }
    if (!_PyUnicode_IsModifiable(unicode) || !PyUnicode_IS_COMPACT(unicode)) {
        PyObject *copy = PyUnicode_New(length, PyUnicode_MAX_CHAR_VALUE(unicode));
        if (copy == NULL) {
            return -1;
        }
        _PyUnicode_FastCopyCharacters(copy, 0, unicode, 0, Py_MIN(length, old));
        Py_SETREF(*p_unicode, copy);
        return 0;
    }
    PyObject *moved = _PyUnicode_ResizeCompact(unicode, length);
    if (moved == NULL) {
        return -1;
    }
    *p_unicode = moved;
    return 0;
}

/* -- Results ------------------------------------------------------------------------------- */

PyObject *
_PyUnicode_Result(PyObject *unicode)
{
    Py_ssize_t length = LENGTH(unicode);
    if (length == 0) {
        if (unicode != _Py_STR(empty)) {
            Py_DECREF(unicode);
        }
        return _Py_STR(empty);
    }
    if (length == 1 && KIND(unicode) == PyUnicode_1BYTE_KIND) {
        PyObject *one = _Py_LATIN1_CHR(PyUnicode_1BYTE_DATA(unicode)[0]);
        if (one != unicode) {
            Py_DECREF(unicode);
        }
        return one;
    }
    assert(_PyUnicode_CheckConsistency(unicode, 1));
    return unicode;
}

PyObject *
unicode_char(Py_UCS4 ch)
{
    if (ch < 256) {
        return _Py_LATIN1_CHR(ch);
    }
    PyObject *op = PyUnicode_New(1, ch);
    if (op == NULL) {
        return NULL;
    }
    if (ch < 0x10000) {
        PyUnicode_2BYTE_DATA(op)[0] = (Py_UCS2)ch;
    }
    else {
        PyUnicode_4BYTE_DATA(op)[0] = ch;
    }
    return op;
}

PyObject *
PyUnicode_FromOrdinal(int ordinal)
{
    if (ordinal < 0 || ordinal > MAX_UNICODE) {
        PyErr_SetString(PyExc_ValueError, "chr() arg not in range(0x110000)");
        return NULL;
    }
    return unicode_char((Py_UCS4)ordinal);
}

/* -- Making from buffers ------------------------------------------------------------------- */

PyObject *
_PyUnicode_FromASCII(const char *buffer, Py_ssize_t size)
{
    if (size == 1) {
        return _Py_LATIN1_CHR((unsigned char)buffer[0]);
    }
    PyObject *op = PyUnicode_New(size, 127);
    if (op != NULL && size > 0) {
        memcpy(PyUnicode_1BYTE_DATA(op), buffer, (size_t)size);
        assert(_PyUnicode_CheckConsistency(op, 1));
    }
    return op;
}

/* A str with the characters of data, in the narrowest kind. */
static PyObject *
unicode_from_kind(int kind, const void *data, Py_ssize_t size)
{
    if (size == 0) {
        return _Py_STR(empty);
    }
    if (size == 1) {
        return unicode_char(READ(kind, data, 0));
    }
    Py_UCS4 maxchar = kind_find_max_char(kind, data, 0, size);
    PyObject *op = PyUnicode_New(size, maxchar);
    if (op != NULL) {
        unicode_convert(KIND(op), DATA(op), kind, data, size);
        assert(_PyUnicode_CheckConsistency(op, 1));
    }
    return op;
}

PyObject *
_PyUnicode_FromUCS1(const Py_UCS1 *s, Py_ssize_t size)
{
    return unicode_from_kind(PyUnicode_1BYTE_KIND, s, size);
}

PyObject *
_PyUnicode_FromUCS2(const Py_UCS2 *s, Py_ssize_t size)
{
    return unicode_from_kind(PyUnicode_2BYTE_KIND, s, size);
}

PyObject *
_PyUnicode_FromUCS4(const Py_UCS4 *s, Py_ssize_t size)
{
    return unicode_from_kind(PyUnicode_4BYTE_KIND, s, size);
}

PyObject *
PyUnicode_FromKindAndData(int kind, const void *buffer, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    if (kind != PyUnicode_1BYTE_KIND && kind != PyUnicode_2BYTE_KIND
            && kind != PyUnicode_4BYTE_KIND) {
        PyErr_SetString(PyExc_SystemError, "invalid kind");
        return NULL;
    }
    return unicode_from_kind(kind, buffer, size);
}

PyObject *
PyUnicode_FromStringAndSize(const char *u, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyUnicode_FromStringAndSize");
        return NULL;
    }
    if (u != NULL) {
        return PyUnicode_DecodeUTF8Stateful(u, size, NULL, NULL);
    }
    if (size > 0) {
        PyErr_SetString(PyExc_SystemError, "NULL string with positive size with NULL passed to "
                                           "PyUnicode_FromStringAndSize");
        return NULL;
    }
    return _Py_STR(empty);
}

PyObject *
PyUnicode_FromString(const char *u)
{
    size_t size = strlen(u);
    if (size > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "input too long");
        return NULL;
    }
    return PyUnicode_DecodeUTF8Stateful(u, (Py_ssize_t)size, NULL, NULL);
}

PyObject *
_PyUnicode_Copy(PyObject *unicode)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_ssize_t length = LENGTH(unicode);
    if (length == 0) {
        return _Py_STR(empty);
    }
    PyObject *copy = PyUnicode_New(length, PyUnicode_MAX_CHAR_VALUE(unicode));
    if (copy == NULL) {
        return NULL;
    }
    memcpy(DATA(copy), DATA(unicode), (size_t)(length * KIND(unicode)));
    return copy;
}

PyObject *
PyUnicode_FromObject(PyObject *obj)
{
    if (PyUnicode_CheckExact(obj)) {
        return Py_NewRef(obj);
    }
    if (PyUnicode_Check(obj)) {
        return _PyUnicode_Result(_PyUnicode_Copy(obj));
    }
    PyErr_Format(PyExc_TypeError, "Can't convert '%.100s' object to str implicitly",
                 Py_TYPE(obj)->tp_name);
    return NULL;
}

/* -- Copying inside ------------------------------------------------------------------------ */

void
_PyUnicode_FastCopyCharacters(PyObject *to, Py_ssize_t to_start, PyObject *from,
                              Py_ssize_t from_start, Py_ssize_t how_many)
{
    assert(to_start >= 0 && from_start >= 0 && to_start + how_many <= LENGTH(to));
    if (how_many <= 0) {
        return;
    }
    int from_kind = KIND(from), to_kind = KIND(to);
    const void *src = CHAR_PTR(from_kind, DATA(from), from_start);
    void *dst = CHAR_PTR(to_kind, DATA(to), to_start);
    if (from_kind == to_kind) {
        memmove(dst, src, (size_t)(how_many * to_kind));
    }
    else {
        unicode_convert(to_kind, dst, from_kind, src, how_many);
    }
}

Py_ssize_t
PyUnicode_CopyCharacters(PyObject *to, Py_ssize_t to_start, PyObject *from, Py_ssize_t from_start,
                         Py_ssize_t how_many)
{
    if (!PyUnicode_Check(from) || !PyUnicode_Check(to)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)from_start > (size_t)LENGTH(from)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if ((size_t)to_start > (size_t)LENGTH(to)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (how_many < 0) {
        PyErr_SetString(PyExc_SystemError, "how_many cannot be negative");
        return -1;
    }
    how_many = Py_MIN(LENGTH(from) - from_start, how_many);
    if (to_start + how_many > LENGTH(to)) {
        PyErr_Format(PyExc_SystemError,
                     "Cannot write %zi characters at %zi in a string of %zi characters",
                     how_many, to_start, LENGTH(to));
        return -1;
    }
    if (how_many == 0) {
        return 0;
    }
    if (unicode_check_modifiable(to) < 0) {
        return -1;
    }
    Py_UCS4 maxchar = _PyUnicode_FindMaxChar(from, from_start, from_start + how_many);
    if (maxchar > PyUnicode_MAX_CHAR_VALUE(to)) {
        PyErr_Format(PyExc_SystemError,
                     "Cannot copy %s characters into a string of %s characters",
                     KIND(from) == 1 ? (PyUnicode_IS_ASCII(from) ? "ascii" : "latin1")
                     : KIND(from) == 2 ? "UCS2" : "UCS4",
                     KIND(to) == 1 ? (PyUnicode_IS_ASCII(to) ? "ascii" : "latin1")
                     : KIND(to) == 2 ? "UCS2" : "UCS4");
        return -1;
    }
    _PyUnicode_FastCopyCharacters(to, to_start, from, from_start, how_many);
    return how_many;
}

void
_PyUnicode_FastFill(PyObject *unicode, Py_ssize_t start, Py_ssize_t length, Py_UCS4 fill_char)
{
    int kind = KIND(unicode);
    void *data = CHAR_PTR(kind, DATA(unicode), start);
    assert(fill_char <= PyUnicode_MAX_CHAR_VALUE(unicode));
    switch (kind) {
    case PyUnicode_1BYTE_KIND:
        memset(data, (int)fill_char, (size_t)length);
        break;
    case PyUnicode_2BYTE_KIND:
        for (Py_ssize_t i = 0; i < length; i++) {
            ((Py_UCS2 *)data)[i] = (Py_UCS2)fill_char;
        }
        break;
    default:
        for (Py_ssize_t i = 0; i < length; i++) {
            ((Py_UCS4 *)data)[i] = fill_char;
        }
    }
}

Py_ssize_t
PyUnicode_Fill(PyObject *unicode, Py_ssize_t start, Py_ssize_t length, Py_UCS4 fill_char)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (unicode_check_modifiable(unicode) < 0) {
        return -1;
    }
    if (start < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (fill_char > PyUnicode_MAX_CHAR_VALUE(unicode)) {
        PyErr_SetString(PyExc_ValueError,
                        "fill character is bigger than the string maximum character");
        return -1;
    }
    length = Py_MIN(length, LENGTH(unicode) - start);
    if (length <= 0) {
        return 0;
    }
    _PyUnicode_FastFill(unicode, start, length, fill_char);
    return length;
}

/* -- Access -------------------------------------------------------------------------------- */

Py_ssize_t
PyUnicode_GetLength(PyObject *unicode)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return -1;
    }
    return LENGTH(unicode);
}

Py_UCS4
PyUnicode_ReadChar(PyObject *unicode, Py_ssize_t index)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return (Py_UCS4)-1;
    }
    if (index < 0 || index >= LENGTH(unicode)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return (Py_UCS4)-1;
    }
    return PyUnicode_READ_CHAR(unicode, index);
}

int
PyUnicode_WriteChar(PyObject *unicode, Py_ssize_t index, Py_UCS4 ch)
{
    if (!PyUnicode_Check(unicode) || !PyUnicode_IS_COMPACT(unicode)) {
        PyErr_BadArgument();
        return -1;
    }
    if (index < 0 || index >= LENGTH(unicode)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (unicode_check_modifiable(unicode) < 0) {
        return -1;
    }
    if (ch > PyUnicode_MAX_CHAR_VALUE(unicode)) {
        PyErr_SetString(PyExc_ValueError, "character out of range");
        return -1;
    }
    WRITE(KIND(unicode), DATA(unicode), index, ch);
    return 0;
}

PyObject *
PyUnicode_Substring(PyObject *self, Py_ssize_t start, Py_ssize_t end)
{
    Py_ssize_t length = LENGTH(self);
    end = Py_MIN(end, length);
    if (start == 0 && end == length) {
        return unicode_result_unchanged(self);
    }
    if (start < 0 || end < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    if (start >= length || end < start) {
        return _Py_STR(empty);
    }
    length = end - start;
    int kind = KIND(self);
    const void *data = CHAR_PTR(kind, DATA(self), start);
    return PyUnicode_IS_ASCII(self) ? _PyUnicode_FromASCII(data, length)
                                    : unicode_from_kind(kind, data, length);
}

/* Copies the characters as UCS4, with a terminating zero if asked. */
static Py_UCS4 *
unicode_as_ucs4(PyObject *string, Py_UCS4 *target, Py_ssize_t targetsize, int copy_null)
{
    Py_ssize_t length = LENGTH(string);
    if (copy_null && length >= PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Py_UCS4)) {
        PyErr_NoMemory();
        return NULL;
    }
    Py_ssize_t needed = length + (copy_null ? 1 : 0);
    if (target == NULL) {
        target = PyMem_New(Py_UCS4, needed);
        if (target == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    else if (targetsize < needed) {
        PyErr_Format(PyExc_SystemError,
                     "string is longer than the buffer");
        if (copy_null && targetsize > 0) {
            target[0] = 0;
        }
        return NULL;
    }
    unicode_convert(PyUnicode_4BYTE_KIND, target, KIND(string), DATA(string), length);
    if (copy_null) {
        target[length] = 0;
    }
    return target;
}

Py_UCS4 *
PyUnicode_AsUCS4(PyObject *string, Py_UCS4 *target, Py_ssize_t targetsize, int copy_null)
{
    if (target == NULL || targetsize < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return unicode_as_ucs4(string, target, targetsize, copy_null);
}

Py_UCS4 *
PyUnicode_AsUCS4Copy(PyObject *string)
{
    return unicode_as_ucs4(string, NULL, 0, 1);
}

/* Kept for the stable ABI only: the old representation is gone. */
PyAPI_FUNC(Py_ssize_t) PyUnicode_GetSize(PyObject *unicode);
Py_ssize_t
PyUnicode_GetSize(PyObject *unicode)
{
    PyErr_SetString(PyExc_RuntimeError, "PyUnicode_GetSize has been removed.");
    return -1;
}

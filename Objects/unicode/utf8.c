/* UTF-8: decoding, encoding, and the cached UTF-8 form of a str.

   Valid input is decoded in two passes: one that validates, counts and finds the widest character,
   one that writes into a str of the exact size.  Errors go through a writer.
   Locking: the cache is filled under the str's mutex and published with release. */
#include "unicode_impl.h"
#include "pycore_critical_section.h"  // Py_BEGIN_CRITICAL_SECTION

#define IS_TAIL(c) (((c) & 0xc0) == 0x80)

/* Bytes of the sequence at s if it is complete and valid, else 0. */
static inline int
sequence_length(const unsigned char *s, const unsigned char *end)
{
    unsigned char c = s[0];
    if (c < 0x80) {
        return 1;
    }
    if (c < 0xc2) {
        return 0;
    }
    if (c < 0xe0) {
        return end - s >= 2 && IS_TAIL(s[1]) ? 2 : 0;
    }
    if (c < 0xf0) {
        if (end - s < 3 || !IS_TAIL(s[1]) || !IS_TAIL(s[2])
                || (s[1] < 0xa0 ? c == 0xe0 : c == 0xed)) {
            return 0;
        }
        return 3;
    }
    if (c < 0xf5) {
        if (end - s < 4 || !IS_TAIL(s[1]) || !IS_TAIL(s[2]) || !IS_TAIL(s[3])
                || (s[1] < 0x90 ? c == 0xf0 : c == 0xf4)) {
            return 0;
        }
        return 4;
    }
    return 0;
}

/* Skips valid UTF-8.  Adds to *chars the number of characters, raises *maxchar to their class. */
static const unsigned char *
utf8_scan(const unsigned char *s, const unsigned char *end, Py_ssize_t *chars, Py_UCS4 *maxchar)
{
    Py_ssize_t count = *chars;
    unsigned char widest = 0;  // widest lead byte
    while (s < end) {
        if (*s < 0x80) {
            Py_ssize_t n = ascii_prefix((const char *)s, (const char *)end);
            s += n;
            count += n;
            continue;
        }
        int n = sequence_length(s, end);
        if (n == 0) {
            break;
        }
        widest = *s > widest ? *s : widest;
        s += n;
        count++;
    }
    Py_UCS4 class = widest < 0x80 ? 0x7f : widest < 0xc4 ? 0xff : widest < 0xf0 ? 0xffff : MAX_UNICODE;
    *chars = count;
    *maxchar = Py_MAX(*maxchar, class);
    return s;
}

#define UTF8_WRITE(CHAR)                                                                \
    do {                                                                                \
        CHAR *out = (CHAR *)data;                                                       \
        while (s < end) {                                                               \
            unsigned char c = *s;                                                       \
            if (c < 0x80) {                                                             \
                *out++ = c;                                                             \
                s++;                                                                    \
            }                                                                           \
            else if (c < 0xe0) {                                                        \
                *out++ = (CHAR)((c & 0x1f) << 6 | (s[1] & 0x3f));                       \
                s += 2;                                                                 \
            }                                                                           \
            else if (c < 0xf0) {                                                        \
                *out++ = (CHAR)((c & 0x0f) << 12 | (s[1] & 0x3f) << 6 | (s[2] & 0x3f)); \
                s += 3;                                                                 \
            }                                                                           \
            else {                                                                      \
                *out++ = (CHAR)((c & 0x07) << 18 | (s[1] & 0x3f) << 12                  \
                                | (s[2] & 0x3f) << 6 | (s[3] & 0x3f));                  \
                s += 4;                                                                 \
            }                                                                           \
        }                                                                               \
    } while (0)

/* Decodes valid UTF-8 into data of a kind that is wide enough. */
static void
utf8_write(int kind, void *data, const unsigned char *s, const unsigned char *end)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND:
        UTF8_WRITE(Py_UCS1);
        break;
    case PyUnicode_2BYTE_KIND:
        UTF8_WRITE(Py_UCS2);
        break;
    default:
        UTF8_WRITE(Py_UCS4);
    }
}

/* Says what is wrong at s: how many bytes, and why.  0: the input ends inside a sequence. */
static int
utf8_classify_error(const unsigned char *s, const unsigned char *end, const char **reason)
{
    unsigned char c = s[0];
    if (c < 0xc2 || c > 0xf4) {
        *reason = "invalid start byte";
        return 1;
    }
    *reason = "invalid continuation byte";
    if (end - s < 2) {
        *reason = "unexpected end of data";
        return 0;
    }
    int bad_second = !IS_TAIL(s[1])
        || (c >= 0xe0 && c < 0xf0 && (s[1] < 0xa0 ? c == 0xe0 : c == 0xed))
        || (c >= 0xf0 && (s[1] < 0x90 ? c == 0xf0 : c == 0xf4));
    if (bad_second) {
        return 1;
    }
    if (end - s < 3) {
        *reason = "unexpected end of data";
        return 0;
    }
    if (!IS_TAIL(s[2])) {
        return 2;
    }
    if (end - s < 4) {
        *reason = "unexpected end of data";
        return 0;
    }
    return 3;
}

/* Decodes into the writer.  Without consumed, an incomplete end is an error. */
static int
utf8_decode_into(_PyUnicodeWriter *writer, const char *starts, Py_ssize_t size, const char *errors,
                 _Py_error_handler kind, Py_ssize_t *consumed)
{
    const char *s = starts, *end = starts + size;
    PyObject *handler = NULL, *exception = NULL;
    int result = -1;
    if (consumed != NULL) {
        *consumed = 0;
    }
    while (s < end) {
        Py_ssize_t chars = 0;
        Py_UCS4 maxchar = 0;
        const char *stop = (const char *)utf8_scan((const unsigned char *)s,
                                                   (const unsigned char *)end, &chars, &maxchar);
        if (chars > 0) {
            if (_PyUnicodeWriter_Prepare(writer, chars, maxchar) < 0) {
                goto done;
            }
            utf8_write(writer->kind, CHAR_PTR(writer->kind, writer->data, writer->pos),
                       (const unsigned char *)s, (const unsigned char *)stop);
            writer->pos += chars;
            s = stop;
        }
        if (s >= end) {
            break;
        }
        const char *reason;
        int bad = utf8_classify_error((const unsigned char *)s, (const unsigned char *)end,
                                      &reason);
        if (bad == 0 && consumed != NULL) {
            break;
        }
        Py_ssize_t startinpos = s - starts;
        Py_ssize_t endinpos = bad == 0 ? end - starts : startinpos + bad;
        if (kind == _Py_ERROR_UNKNOWN) {
            kind = _Py_GetErrorHandler(errors);
        }
        switch (kind) {
        case _Py_ERROR_IGNORE:
            s = starts + endinpos;
            break;
        case _Py_ERROR_REPLACE:
            if (_PyUnicodeWriter_WriteCharInline(writer, 0xfffd) < 0) {
                goto done;
            }
            s = starts + endinpos;
            break;
        case _Py_ERROR_SURROGATEESCAPE:
            if (_PyUnicodeWriter_Prepare(writer, endinpos - startinpos, 0xffff) < 0) {
                goto done;
            }
            for (Py_ssize_t i = startinpos; i < endinpos; i++) {
                WRITE(writer->kind, writer->data, writer->pos,
                      0xdc00 + (unsigned char)starts[i]);
                writer->pos++;
            }
            s = starts + endinpos;
            break;
        default:
            if (decode_call_errorhandler_writer(errors, &handler, "utf-8", reason, &starts, &end,
                                                &startinpos, &endinpos, &exception, &s,
                                                writer) < 0) {
                goto done;
            }
        }
    }
    if (consumed != NULL) {
        *consumed = s - starts;
    }
    result = 0;
done:
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    return result;
}

PyObject *
PyUnicode_DecodeUTF8Stateful(const char *s, Py_ssize_t size, const char *errors,
                             Py_ssize_t *consumed)
{
    if (size == 0) {
        if (consumed != NULL) {
            *consumed = 0;
        }
        return _Py_STR(empty);
    }
    if (size == 1 && (unsigned char)s[0] < 128) {
        if (consumed != NULL) {
            *consumed = 1;
        }
        return _Py_LATIN1_CHR((unsigned char)s[0]);
    }
    const unsigned char *start = (const unsigned char *)s, *end = start + size;
    Py_ssize_t chars = 0;
    Py_UCS4 maxchar = 0x7f;
    const unsigned char *stop = utf8_scan(start, end, &chars, &maxchar);
    if (stop == end) {
        if (consumed != NULL) {
            *consumed = size;
        }
        PyObject *result;
        if (chars == 1) {
            Py_UCS4 ch;
            utf8_write(PyUnicode_4BYTE_KIND, &ch, start, end);
            return unicode_char(ch);
        }
        result = PyUnicode_New(chars, maxchar);
        if (result == NULL) {
            return NULL;
        }
        if (maxchar == 0x7f) {
            memcpy(PyUnicode_1BYTE_DATA(result), s, (size_t)size);
        }
        else {
            utf8_write(KIND(result), DATA(result), start, end);
        }
        return result;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = size;
    writer.overallocate = 0;
    if (_PyUnicodeWriter_Prepare(&writer, size, maxchar) < 0
            || utf8_decode_into(&writer, s, size, errors, _Py_ERROR_UNKNOWN, consumed) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

PyObject *
PyUnicode_DecodeUTF8(const char *s, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF8Stateful(s, size, errors, NULL);
}

/* -- Into a writer ------------------------------------------------------------------------- */

/* What was written is undone on error. */
int
_PyUnicodeWriter_DecodeUTF8(_PyUnicodeWriter *writer, const char *s, Py_ssize_t size,
                            const char *errors, _Py_error_handler kind, Py_ssize_t *consumed)
{
    if (size == 0) {
        if (consumed != NULL) {
            *consumed = 0;
        }
        return 0;
    }
    Py_ssize_t pos = writer->pos;
    if (utf8_decode_into(writer, s, size, errors, kind, consumed) < 0) {
        writer->pos = pos;
        return -1;
    }
    return 0;
}

int
PyUnicodeWriter_WriteUTF8(PyUnicodeWriter *writer, const char *str, Py_ssize_t size)
{
    if (size < 0) {
        size = (Py_ssize_t)strlen(str);
    }
    return _PyUnicodeWriter_DecodeUTF8((_PyUnicodeWriter *)writer, str, size, NULL,
                                       _Py_ERROR_STRICT, NULL);
}

int
PyUnicodeWriter_DecodeUTF8Stateful(PyUnicodeWriter *writer, const char *string, Py_ssize_t length,
                                   const char *errors, Py_ssize_t *consumed)
{
    if (length < 0) {
        length = (Py_ssize_t)strlen(string);
    }
    return _PyUnicodeWriter_DecodeUTF8((_PyUnicodeWriter *)writer, string, length, errors,
                                       _Py_ERROR_UNKNOWN, consumed);
}

/* -- Encoding ------------------------------------------------------------------------------ */

static inline char *
put_char(char *p, Py_UCS4 ch)
{
    if (ch < 0x80) {
        *p++ = (char)ch;
    }
    else if (ch < 0x800) {
        *p++ = (char)(0xc0 | ch >> 6);
        *p++ = (char)(0x80 | (ch & 0x3f));
    }
    else if (ch < 0x10000) {
        *p++ = (char)(0xe0 | ch >> 12);
        *p++ = (char)(0x80 | (ch >> 6 & 0x3f));
        *p++ = (char)(0x80 | (ch & 0x3f));
    }
    else {
        *p++ = (char)(0xf0 | ch >> 18);
        *p++ = (char)(0x80 | (ch >> 12 & 0x3f));
        *p++ = (char)(0x80 | (ch >> 6 & 0x3f));
        *p++ = (char)(0x80 | (ch & 0x3f));
    }
    return p;
}

/* Size of unicode as UTF-8, or the index of its first surrogate as -1 - index.  A str is never so
   long that four times its length overflows. */
static Py_ssize_t
utf8_encoded_size(PyObject *unicode)
{
    Py_ssize_t length = LENGTH(unicode), size = length;
    const void *data = DATA(unicode);
    switch (KIND(unicode)) {
    case PyUnicode_1BYTE_KIND: {
        const Py_UCS1 *s = data;
        for (Py_ssize_t i = 0; i < length; i++) {
            size += s[i] >> 7;
        }
        return size;
    }
    case PyUnicode_2BYTE_KIND: {
        const Py_UCS2 *s = data;
        for (Py_ssize_t i = 0; i < length; i++) {
            Py_UCS2 ch = s[i];
            if (Py_UNICODE_IS_SURROGATE(ch)) {
                return -1 - i;
            }
            size += (ch >= 0x80) + (ch >= 0x800);
        }
        return size;
    }
    default: {
        const Py_UCS4 *s = data;
        for (Py_ssize_t i = 0; i < length; i++) {
            Py_UCS4 ch = s[i];
            if (Py_UNICODE_IS_SURROGATE(ch)) {
                return -1 - i;
            }
            size += (ch >= 0x80) + (ch >= 0x800) + (ch >= 0x10000);
        }
        return size;
    }
    }
}

/* Writes the UTF-8 of unicode[start:end], which has no surrogates. */
static char *
utf8_put_range(char *p, PyObject *unicode, Py_ssize_t start, Py_ssize_t end)
{
    const void *data = DATA(unicode);
    switch (KIND(unicode)) {
    case PyUnicode_1BYTE_KIND: {
        const Py_UCS1 *s = data;
        for (Py_ssize_t i = start; i < end; i++) {
            p = put_char(p, s[i]);
        }
        break;
    }
    case PyUnicode_2BYTE_KIND: {
        const Py_UCS2 *s = data;
        for (Py_ssize_t i = start; i < end; i++) {
            p = put_char(p, s[i]);
        }
        break;
    }
    default: {
        const Py_UCS4 *s = data;
        for (Py_ssize_t i = start; i < end; i++) {
            p = put_char(p, s[i]);
        }
    }
    }
    return p;
}

/* Encoding of a str with surrogates. */
static PyObject *
utf8_encode_with_errors(PyObject *unicode, const char *errors)
{
    struct encode_errors state;
    encode_errors_init(&state, errors, "utf-8", "surrogates not allowed");
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    writer.overallocate = 1;
    PyObject *result = NULL;
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t length = LENGTH(unicode), i = 0;
    char *p = _PyBytesWriter_Alloc(&writer, length);
    while (p != NULL && i < length) {
        Py_ssize_t start = i;
        while (i < length && !Py_UNICODE_IS_SURROGATE(READ(kind, data, i))) {
            i++;
        }
        if (i > start) {
            if (i - start > PY_SSIZE_T_MAX / 4) {
                PyErr_NoMemory();
                p = NULL;
                break;
            }
            p = _PyBytesWriter_Reserve(&writer, p, (i - start) * 4);
            if (p == NULL) {
                break;
            }
            p = utf8_put_range(p, unicode, start, i);
        }
        if (i == length) {
            break;
        }
        start = i;
        while (i < length && Py_UNICODE_IS_SURROGATE(READ(kind, data, i))) {
            i++;
        }
        if (state.kind == _Py_ERROR_UNKNOWN) {
            state.kind = _Py_GetErrorHandler(errors);
        }
        if (state.kind == _Py_ERROR_SURROGATEPASS) {
            p = _PyBytesWriter_Reserve(&writer, p, (i - start) * 3);
            if (p != NULL) {
                p = utf8_put_range(p, unicode, start, i);
            }
        }
        else {
            p = encode_errors_handle(&state, &writer, p, unicode, start, i, 0x80, &i);
        }
    }
    if (p != NULL) {
        result = _PyBytesWriter_Finish(&writer, p);
    }
    else {
        _PyBytesWriter_Dealloc(&writer);
    }
    encode_errors_clear(&state);
    return result;
}

PyObject *
_PyUnicode_AsUTF8String(PyObject *unicode, const char *errors)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    const char *cached = unicode_utf8_cached(unicode);
    if (cached != NULL) {
        return PyBytes_FromStringAndSize(cached, unicode_utf8_cached_length(unicode));
    }
    Py_ssize_t size = utf8_encoded_size(unicode);
    if (size < 0) {
        return utf8_encode_with_errors(unicode, errors);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes != NULL && size > 0) {
        utf8_put_range(PyBytes_AS_STRING(bytes), unicode, 0, LENGTH(unicode));
    }
    return bytes;
}

PyObject *
PyUnicode_AsUTF8String(PyObject *unicode)
{
    return _PyUnicode_AsUTF8String(unicode, NULL);
}

/* -- Cache --------------------------------------------------------------------------------- */

static int
unicode_fill_utf8_lock_held(PyObject *unicode)
{
    if (COMPACT_CAST(unicode)->utf8 != NULL) {
        return 0;  // another thread was faster
    }
    Py_ssize_t size = utf8_encoded_size(unicode);
    if (size < 0) {
        /* For the exception. */
        PyObject *bytes = utf8_encode_with_errors(unicode, NULL);
        assert(bytes == NULL);
        Py_XDECREF(bytes);
        return -1;
    }
    char *cache = PyMem_Malloc((size_t)size + 1);
    if (cache == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *utf8_put_range(cache, unicode, 0, LENGTH(unicode)) = '\0';
    COMPACT_CAST(unicode)->utf8_length = size;
    /* Release: pairs with the acquire in unicode_utf8_cached(). */
    FT_ATOMIC_STORE_PTR_RELEASE(COMPACT_CAST(unicode)->utf8, cache);
    return 0;
}

static int
unicode_fill_utf8(PyObject *unicode)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(unicode);
    result = unicode_fill_utf8_lock_held(unicode);
    Py_END_CRITICAL_SECTION();
    return result;
}

const char *
PyUnicode_AsUTF8AndSize(PyObject *unicode, Py_ssize_t *psize)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        if (psize != NULL) {
            *psize = -1;
        }
        return NULL;
    }
    const char *cached = unicode_utf8_cached(unicode);
    if (cached == NULL) {
        if (unicode_fill_utf8(unicode) < 0) {
            if (psize != NULL) {
                *psize = -1;
            }
            return NULL;
        }
        cached = unicode_utf8_cached(unicode);
    }
    if (psize != NULL) {
        *psize = unicode_utf8_cached_length(unicode);
    }
    return cached;
}

const char *
PyUnicode_AsUTF8(PyObject *unicode)
{
    return PyUnicode_AsUTF8AndSize(unicode, NULL);
}

const char *
_PyUnicode_AsUTF8NoNUL(PyObject *unicode)
{
    Py_ssize_t size;
    const char *s = PyUnicode_AsUTF8AndSize(unicode, &size);
    if (s != NULL && strlen(s) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return s;
}

/* Codecs of one byte per character: Latin-1, ASCII, and character maps. */
#include "unicode_impl.h"
#include "pycore_dict.h"  // _PyDict_GetItem...

/* -- Latin-1 and ASCII: decoding ----------------------------------------------------------- */

PyObject *
PyUnicode_DecodeLatin1(const char *s, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_FromUCS1((const Py_UCS1 *)s, size);
}

PyObject *
PyUnicode_DecodeASCII(const char *s, Py_ssize_t size, const char *errors)
{
    const char *starts = s, *end = s + size;
    if (size == 0) {
        return _Py_STR(empty);
    }
    Py_ssize_t prefix = ascii_prefix(s, end);
    if (prefix == size) {
        return _PyUnicode_FromASCII(s, size);
    }
    _Py_error_handler kind = _Py_GetErrorHandler(errors);
    PyObject *handler = NULL, *exception = NULL;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = size;
    if (_PyUnicodeWriter_Prepare(&writer, size, 127) < 0) {
        goto fail;
    }
    while (s < end) {
        prefix = ascii_prefix(s, end);
        if (prefix > 0) {
            if (_PyUnicodeWriter_Prepare(&writer, prefix, 127) < 0) {
                goto fail;
            }
            unicode_convert(writer.kind, CHAR_PTR(writer.kind, writer.data, writer.pos),
                            PyUnicode_1BYTE_KIND, s, prefix);
            writer.pos += prefix;
            s += prefix;
            continue;
        }
        switch (kind) {
        case _Py_ERROR_REPLACE:
        case _Py_ERROR_SURROGATEESCAPE:
            if (_PyUnicodeWriter_WriteCharInline(&writer, kind == _Py_ERROR_REPLACE
                    ? 0xfffdU : 0xdc00U + (unsigned char)*s) < 0) {
                goto fail;
            }
            s++;
            break;
        case _Py_ERROR_IGNORE:
            s++;
            break;
        default: {
            Py_ssize_t startinpos = s - starts, endinpos = startinpos + 1;
            if (decode_call_errorhandler_writer(errors, &handler, "ascii",
                                                "ordinal not in range(128)", &starts, &end,
                                                &startinpos, &endinpos, &exception, &s,
                                                &writer) < 0) {
                goto fail;
            }
        }
        }
    }
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    return _PyUnicodeWriter_Finish(&writer);
fail:
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

/* -- Latin-1 and ASCII: encoding ----------------------------------------------------------- */

/* Encodes characters below limit as one byte each. */
static PyObject *
encode_ucs1(PyObject *unicode, const char *errors, Py_UCS4 limit)
{
    struct encode_errors state;
    encode_errors_init(&state, errors, limit == 256 ? "latin-1" : "ascii",
                       limit == 256 ? "ordinal not in range(256)" : "ordinal not in range(128)");
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t length = LENGTH(unicode), i = 0;
    if (length == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    char *p = _PyBytesWriter_Alloc(&writer, length);
    while (p != NULL && i < length) {
        Py_UCS4 ch = READ(kind, data, i);
        if (ch < limit) {
            *p++ = (char)ch;
            i++;
            continue;
        }
        Py_ssize_t start = i++;
        while (i < length && READ(kind, data, i) >= limit) {
            i++;
        }
        writer.overallocate = i < length;
        p = encode_errors_handle(&state, &writer, p, unicode, start, i, limit, &i);
        if (p != NULL) {
            p = _PyBytesWriter_Reserve(&writer, p, length - i);
        }
    }
    PyObject *result = NULL;
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
_PyUnicode_AsLatin1String(PyObject *unicode, const char *errors)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (KIND(unicode) == PyUnicode_1BYTE_KIND) {
        return PyBytes_FromStringAndSize(DATA(unicode), LENGTH(unicode));
    }
    return encode_ucs1(unicode, errors, 256);
}

PyObject *
PyUnicode_AsLatin1String(PyObject *unicode)
{
    return _PyUnicode_AsLatin1String(unicode, NULL);
}

PyObject *
_PyUnicode_AsASCIIString(PyObject *unicode, const char *errors)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_IS_ASCII(unicode)) {
        return PyBytes_FromStringAndSize(DATA(unicode), LENGTH(unicode));
    }
    return encode_ucs1(unicode, errors, 128);
}

PyObject *
PyUnicode_AsASCIIString(PyObject *unicode)
{
    return _PyUnicode_AsASCIIString(unicode, NULL);
}

/* -- Character maps: decoding -------------------------------------------------------------- */

/* Writes what mapping (not a str) has for byte ch: 1 done, 0 undefined, -1 error. */
static int
charmap_decode_one(_PyUnicodeWriter *writer, PyObject *mapping, unsigned char ch)
{
    PyObject *key = PyLong_FromLong(ch);
    if (key == NULL) {
        return -1;
    }
    PyObject *item = PyObject_GetItem(mapping, key);
    Py_DECREF(key);
    if (item == NULL) {
        if (PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    int result = -1;
    if (item == Py_None) {
        result = 0;
    }
    else if (PyLong_Check(item)) {
        long value = PyLong_AsLong(item);
        if (value == 0xfffe) {
            result = 0;
        }
        else if (value < 0 || value > MAX_UNICODE) {
            PyErr_Format(PyExc_TypeError, "character mapping must be in range(0x%x)",
                         MAX_UNICODE + 1);
        }
        else {
            result = _PyUnicodeWriter_WriteCharInline(writer, (Py_UCS4)value) < 0 ? -1 : 1;
        }
    }
    else if (PyUnicode_Check(item)) {
        if (LENGTH(item) == 1 && PyUnicode_READ_CHAR(item, 0) == 0xfffe) {
            result = 0;
        }
        else {
            writer->overallocate = 1;
            result = _PyUnicodeWriter_WriteStr(writer, item) < 0 ? -1 : 1;
        }
    }
    else {
        PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
    }
    Py_DECREF(item);
    return result;
}

PyObject *
PyUnicode_DecodeCharmap(const char *s, Py_ssize_t size, PyObject *mapping, const char *errors)
{
    if (mapping == NULL) {
        return PyUnicode_DecodeLatin1(s, size, errors);
    }
    if (size == 0) {
        return _Py_STR(empty);
    }
    const char *starts = s, *end = s + size;
    PyObject *handler = NULL, *exception = NULL;
    int by_string = PyUnicode_CheckExact(mapping);
    int map_kind = by_string ? KIND(mapping) : 0;
    const void *map_data = by_string ? DATA(mapping) : NULL;
    Py_ssize_t map_length = by_string ? LENGTH(mapping) : 0;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.min_length = size;
    if (_PyUnicodeWriter_Prepare(&writer, size, 127) < 0) {
        goto fail;
    }
    while (s < end) {
        unsigned char ch = (unsigned char)*s;
        int done;
        if (by_string) {
            Py_UCS4 to = ch < map_length ? READ(map_kind, map_data, ch) : 0xfffe;
            done = to != 0xfffe;
            if (done && _PyUnicodeWriter_WriteCharInline(&writer, to) < 0) {
                goto fail;
            }
        }
        else {
            done = charmap_decode_one(&writer, mapping, ch);
        }
        if (done < 0) {
            goto fail;
        }
        if (done) {
            s++;
            continue;
        }
        Py_ssize_t startinpos = s - starts, endinpos = startinpos + 1;
        if (decode_call_errorhandler_writer(errors, &handler, "charmap",
                                            "character maps to <undefined>", &starts, &end,
                                            &startinpos, &endinpos, &exception, &s,
                                            &writer) < 0) {
            goto fail;
        }
    }
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    return _PyUnicodeWriter_Finish(&writer);
fail:
    Py_XDECREF(handler);
    Py_XDECREF(exception);
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

/* -- EncodingMap: a 256-character decoding table turned around -------------------------------- */

/* A trie of three levels over the 16 bits of a character (5 + 4 + 7): level1[32] gives a level 2
   block of 16, which gives a level 3 block of 128 bytes; 0xff and 0 mean "none". */
typedef struct {
    PyObject_HEAD
    unsigned char level1[32];
    int count2, count3;
    unsigned char level23[1];
} encoding_map;

static PyObject *
encoding_map_size(PyObject *obj, PyObject *Py_UNUSED(args))
{
    encoding_map *map = (encoding_map *)obj;
    return PyLong_FromLong((long)sizeof(*map) - 1 + 16 * map->count2 + 128 * map->count3);
}

static PyMethodDef encoding_map_methods[] = {
    {"size", encoding_map_size, METH_NOARGS, "Return the size (in bytes) of this object."},
    {0}
};

PyTypeObject _PyUnicode_EncodingMapType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "EncodingMap",
    .tp_basicsize = sizeof(encoding_map),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = encoding_map_methods,
};

/* The dict {character: byte} for tables that the trie cannot hold. */
static PyObject *
encoding_dict(PyObject *string)
{
    PyObject *result = PyDict_New();
    if (result == NULL) {
        return NULL;
    }
    int kind = KIND(string);
    const void *data = DATA(string);
    Py_ssize_t length = Py_MIN(LENGTH(string), 256);
    for (Py_ssize_t i = 0; i < length; i++) {
        PyObject *key = PyLong_FromLong((long)READ(kind, data, i));
        PyObject *value = PyLong_FromSsize_t(i);
        int failed = key == NULL || value == NULL || PyDict_SetItem(result, key, value) < 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (failed) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

PyObject *
PyUnicode_BuildEncodingMap(PyObject *string)
{
    if (!PyUnicode_Check(string) || LENGTH(string) == 0) {
        PyErr_BadArgument();
        return NULL;
    }
    int kind = KIND(string);
    const void *data = DATA(string);
    Py_ssize_t length = Py_MIN(LENGTH(string), 256);
    unsigned char level1[32], level2[512];
    int count2 = 0, count3 = 0;
    memset(level1, 0xff, sizeof(level1));
    memset(level2, 0xff, sizeof(level2));
    int fits = READ(kind, data, 0) == 0;  // NUL must be byte 0: 0 in level 3 means "none"
    for (Py_ssize_t i = 1; fits && i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (ch == 0 || ch > 0xffff) {
            fits = 0;
            break;
        }
        if (ch == 0xfffe) {
            continue;
        }
        if (level1[ch >> 11] == 0xff) {
            level1[ch >> 11] = (unsigned char)count2++;
        }
        if (level2[ch >> 7] == 0xff) {
            level2[ch >> 7] = (unsigned char)count3++;
        }
    }
    if (!fits || count2 >= 0xff || count3 >= 0xff) {
        return encoding_dict(string);
    }
    size_t extra = (size_t)(16 * count2 + 128 * count3);
    encoding_map *map = PyObject_Malloc(sizeof(*map) + extra);
    if (map == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init((PyObject *)map, &_PyUnicode_EncodingMapType);
    map->count2 = count2;
    map->count3 = count3;
    memcpy(map->level1, level1, sizeof(level1));
    unsigned char *block2 = map->level23, *block3 = map->level23 + 16 * count2;
    memset(block2, 0xff, (size_t)(16 * count2));
    memset(block3, 0, (size_t)(128 * count3));
    count3 = 0;
    for (Py_ssize_t i = 1; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (ch == 0xfffe) {
            continue;
        }
        unsigned char *entry = &block2[16 * level1[ch >> 11] + (ch >> 7 & 15)];
        if (*entry == 0xff) {
            *entry = (unsigned char)count3++;
        }
        block3[128 * *entry + (ch & 127)] = (unsigned char)i;
    }
    return (PyObject *)map;
}

/* Byte of ch, or -1. */
static int
encoding_map_lookup(PyObject *mapping, Py_UCS4 ch)
{
    encoding_map *map = (encoding_map *)mapping;
    if (ch > 0xffff) {
        return -1;
    }
    if (ch == 0) {
        return 0;
    }
    int i = map->level1[ch >> 11];
    if (i == 0xff) {
        return -1;
    }
    i = map->level23[16 * i + (int)(ch >> 7 & 15)];
    if (i == 0xff) {
        return -1;
    }
    i = map->level23[16 * map->count2 + 128 * i + (int)(ch & 127)];
    return i == 0 ? -1 : i;
}

/* -- Character maps: encoding -------------------------------------------------------------- */

/* What mapping has for ch: int, bytes or None (new reference). */
static PyObject *
charmap_encode_lookup(Py_UCS4 ch, PyObject *mapping, unsigned char *replace)
{
    PyObject *key = PyLong_FromLong((long)ch);
    if (key == NULL) {
        return NULL;
    }
    PyObject *item = PyObject_GetItem(mapping, key);
    Py_DECREF(key);
    if (item == NULL) {
        if (PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    if (item == Py_None || PyBytes_Check(item)) {
        return item;
    }
    if (PyLong_Check(item)) {
        long value = PyLong_AsLong(item);
        if (value < 0 || value > 255) {
            PyErr_SetString(PyExc_TypeError, "character mapping must be in range(256)");
            Py_DECREF(item);
            return NULL;
        }
        *replace = (unsigned char)value;
        return item;
    }
    PyErr_Format(PyExc_TypeError,
                 "character mapping must return integer, bytes or None, not %.400s",
                 Py_TYPE(item)->tp_name);
    Py_DECREF(item);
    return NULL;
}

/* Encodes ch at *p: 1 done, 0 undefined, -1 error. */
static int
charmap_encode_one(_PyBytesWriter *writer, char **p, Py_UCS4 ch, PyObject *mapping)
{
    if (Py_IS_TYPE(mapping, &_PyUnicode_EncodingMapType)) {
        int byte = encoding_map_lookup(mapping, ch);
        if (byte < 0) {
            return 0;
        }
        unsigned char c = (unsigned char)byte;
        *p = writer_put(writer, *p, &c, 1);
        return *p == NULL ? -1 : 1;
    }
    unsigned char replace = 0;
    PyObject *item = charmap_encode_lookup(ch, mapping, &replace);
    if (item == NULL) {
        return -1;
    }
    int result = 0;
    if (item != Py_None) {
        *p = PyLong_Check(item)
            ? writer_put(writer, *p, &replace, 1)
            : writer_put(writer, *p, PyBytes_AS_STRING(item),
                                        PyBytes_GET_SIZE(item));
        result = *p == NULL ? -1 : 1;
    }
    Py_DECREF(item);
    return result;
}

/* 1 if ch has an encoding, 0 if not, -1 on error. */
static int
charmap_encodable(Py_UCS4 ch, PyObject *mapping)
{
    if (Py_IS_TYPE(mapping, &_PyUnicode_EncodingMapType)) {
        return encoding_map_lookup(mapping, ch) >= 0;
    }
    unsigned char replace;
    PyObject *item = charmap_encode_lookup(ch, mapping, &replace);
    if (item == NULL) {
        return -1;
    }
    int result = item != Py_None;
    Py_DECREF(item);
    return result;
}

/* Encodes replacement text; each character must be encodable. */
static int
charmap_encode_text(_PyBytesWriter *writer, char **p, PyObject *text, PyObject *mapping,
                    struct encode_errors *state, PyObject *unicode, Py_ssize_t start,
                    Py_ssize_t end)
{
    for (Py_ssize_t i = 0; i < LENGTH(text); i++) {
        int done = charmap_encode_one(writer, p, PyUnicode_READ_CHAR(text, i), mapping);
        if (done < 0) {
            return -1;
        }
        if (!done) {
            raise_encode_exception(&state->exception, state->encoding, unicode, start, end,
                                   state->reason);
            return -1;
        }
    }
    return 0;
}

static int
charmap_encode_error(_PyBytesWriter *writer, char **p, PyObject *unicode, PyObject *mapping,
                     struct encode_errors *state, Py_ssize_t start, Py_ssize_t end,
                     Py_ssize_t *newpos)
{
    if (state->kind == _Py_ERROR_UNKNOWN) {
        state->kind = _Py_GetErrorHandler(state->errors);
    }
    *newpos = end;
    PyObject *text = NULL;
    switch (state->kind) {
    case _Py_ERROR_STRICT:
        raise_encode_exception(&state->exception, state->encoding, unicode, start, end,
                               state->reason);
        return -1;
    case _Py_ERROR_IGNORE:
        return 0;
    case _Py_ERROR_REPLACE:
        text = unicode_concatenate_repeat(_Py_LATIN1_CHR('?'), end - start);
        break;
    case _Py_ERROR_XMLCHARREFREPLACE: {
        _PyUnicodeWriter refs;
        _PyUnicodeWriter_Init(&refs);
        refs.overallocate = 1;
        for (Py_ssize_t i = start; i < end; i++) {
            char buffer[16];
            int n = snprintf(buffer, sizeof(buffer), "&#%d;",
                             (int)PyUnicode_READ_CHAR(unicode, i));
            if (_PyUnicodeWriter_WriteASCIIString(&refs, buffer, n) < 0) {
                _PyUnicodeWriter_Dealloc(&refs);
                return -1;
            }
        }
        text = _PyUnicodeWriter_Finish(&refs);
        break;
    }
    default:
        text = encode_call_errorhandler(state->errors, &state->handler, state->encoding,
                                        state->reason, unicode, &state->exception, start, end,
                                        newpos);
    }
    if (text == NULL) {
        return -1;
    }
    int result;
    if (PyBytes_Check(text)) {
        *p = writer_put(writer, *p, PyBytes_AS_STRING(text),
                                       PyBytes_GET_SIZE(text));
        result = *p == NULL ? -1 : 0;
    }
    else {
        result = charmap_encode_text(writer, p, text, mapping, state, unicode, start, end);
    }
    Py_DECREF(text);
    return result;
}

PyObject *
_PyUnicode_EncodeCharmap(PyObject *unicode, PyObject *mapping, const char *errors)
{
    if (mapping == NULL) {
        return encode_ucs1(unicode, errors, 256);
    }
    Py_ssize_t length = LENGTH(unicode), i = 0;
    if (length == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    struct encode_errors state;
    encode_errors_init(&state, errors, "charmap", "character maps to <undefined>");
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    writer.overallocate = 1;
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    char *p = _PyBytesWriter_Alloc(&writer, length);
    if (p == NULL) {
        goto fail;
    }
    while (i < length) {
        int done = charmap_encode_one(&writer, &p, READ(kind, data, i), mapping);
        if (done < 0) {
            goto fail;
        }
        if (done) {
            i++;
            continue;
        }
        Py_ssize_t start = i++;
        while (i < length) {
            int encodable = charmap_encodable(READ(kind, data, i), mapping);
            if (encodable < 0) {
                goto fail;
            }
            if (encodable) {
                break;
            }
            i++;
        }
        if (charmap_encode_error(&writer, &p, unicode, mapping, &state, start, i, &i) < 0) {
            goto fail;
        }
    }
    encode_errors_clear(&state);
    return _PyBytesWriter_Finish(&writer, p);
fail:
    encode_errors_clear(&state);
    _PyBytesWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
PyUnicode_AsCharmapString(PyObject *unicode, PyObject *mapping)
{
    if (!PyUnicode_Check(unicode) || mapping == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    return _PyUnicode_EncodeCharmap(unicode, mapping, NULL);
}

/* Codec registry and error handlers.

   The registry of an interpreter: a list of search functions, a dict from normalised names to what
   they found, a dict of error handlers.  Lists and dicts have their own locks; a change of the list
   and the forgetting of what it found happen under search_path_mutex.  Everything here may run
   Python code. */
#include "Python.h"
#include "pycore_call.h"           // _PyObject_CallNoArgs
#include "pycore_codecs.h"
#include "pycore_initconfig.h"     // _PyStatus_OK
#include "pycore_interp.h"         // struct _is
#include "pycore_pyerrors.h"       // _PyErr_FormatNote
#include "pycore_pystate.h"        // _PyInterpreterState_GET
#include "pycore_ucnhash.h"        // _PyUnicode_Name_CAPI
#include "pycore_unicodeobject.h"  // _PyUnicode_InternMortal

/* -- Search functions ---------------------------------------------------------------------- */

int
PyCodec_Register(PyObject *search_function)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    assert(interp->codecs.initialized);
    if (search_function == NULL) {
        PyErr_BadArgument();
        return -1;
    }
    if (!PyCallable_Check(search_function)) {
        PyErr_SetString(PyExc_TypeError, "argument must be callable");
        return -1;
    }
    PyMutex_Lock(&interp->codecs.search_path_mutex);
    int result = PyList_Append(interp->codecs.codec_search_path, search_function);
    PyMutex_Unlock(&interp->codecs.search_path_mutex);
    return result;
}

int
PyCodec_Unregister(PyObject *search_function)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (!interp->codecs.initialized) {
        return 0;
    }
    PyObject *path = interp->codecs.codec_search_path;
    PyMutex_Lock(&interp->codecs.search_path_mutex);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(path); i++) {
        PyObject *item = PyList_GetItemRef(path, i);
        int same = item == search_function;
        Py_XDECREF(item);
        if (same) {
            int result = PyList_SetSlice(path, i, i + 1, NULL);
            PyMutex_Unlock(&interp->codecs.search_path_mutex);
            /* Outside the mutex: what is forgotten may run code when it dies. */
            PyDict_Clear(interp->codecs.codec_search_cache);
            return result;
        }
    }
    PyMutex_Unlock(&interp->codecs.search_path_mutex);
    return 0;
}

/* The normalised name as an interned str. */
static PyObject *
normalized_name(const char *encoding)
{
    size_t size = strlen(encoding);
    if (size > PY_SSIZE_T_MAX - 1) {
        PyErr_SetString(PyExc_OverflowError, "string is too large");
        return NULL;
    }
    char *lower = PyMem_Malloc(size + 1);
    if (lower == NULL) {
        return PyErr_NoMemory();
    }
    _Py_normalize_encoding(encoding, lower, size + 1);
    PyObject *name = PyUnicode_FromString(lower);
    PyMem_Free(lower);
    if (name != NULL) {
        _PyUnicode_InternMortal(_PyInterpreterState_GET(), &name);
    }
    return name;
}

/* Asks the search functions in order. */
static PyObject *
search_codec(PyInterpreterState *interp, PyObject *name, const char *encoding)
{
    PyObject *path = interp->codecs.codec_search_path;
    if (PyList_GET_SIZE(path) == 0) {
        PyErr_SetString(PyExc_LookupError,
                        "no codec search functions registered: can't find encoding");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(path); i++) {
        PyObject *function = PyList_GetItemRef(path, i);
        if (function == NULL) {
            PyErr_Clear();  // the list has become shorter
            break;
        }
        PyObject *result = PyObject_CallOneArg(function, name);
        Py_DECREF(function);
        if (result == NULL) {
            return NULL;
        }
        if (result == Py_None) {
            Py_DECREF(result);
            continue;
        }
        if (!PyTuple_Check(result) || PyTuple_GET_SIZE(result) != 4) {
            PyErr_SetString(PyExc_TypeError, "codec search functions must return 4-tuples");
            Py_DECREF(result);
            return NULL;
        }
        return result;
    }
    PyErr_Format(PyExc_LookupError, "unknown encoding: %s", encoding);
    return NULL;
}

PyObject *
_PyCodec_Lookup(const char *encoding)
{
    if (encoding == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (interp->codecs.codec_search_cache == NULL) {
        PyErr_Format(PyExc_LookupError, "unknown encoding: %s", encoding);
        return NULL;
    }
    PyObject *name = normalized_name(encoding), *result = NULL;
    if (name == NULL) {
        return NULL;
    }
    if (PyDict_GetItemRef(interp->codecs.codec_search_cache, name, &result) == 0) {
        result = search_codec(interp, name, encoding);
        if (result != NULL
                && PyDict_SetItem(interp->codecs.codec_search_cache, name, result) < 0) {
            Py_CLEAR(result);
        }
    }
    Py_DECREF(name);
    return result;
}

int
PyCodec_KnownEncoding(const char *encoding)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(codec);
    return 1;
}

/* -- Parts of a codec ---------------------------------------------------------------------- */

static PyObject *
codec_item(const char *encoding, int index)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *item = Py_NewRef(PyTuple_GET_ITEM(codec, index));
    Py_DECREF(codec);
    return item;
}

PyObject *
PyCodec_Encoder(const char *encoding)
{
    return codec_item(encoding, 0);
}

PyObject *
PyCodec_Decoder(const char *encoding)
{
    return codec_item(encoding, 1);
}

/* Calls the codec's factory attribute with errors. */
static PyObject *
incremental_codec(PyObject *codec_info, const char *errors, const char *attribute)
{
    PyObject *factory = PyObject_GetAttrString(codec_info, attribute);
    if (factory == NULL) {
        return NULL;
    }
    PyObject *result = errors != NULL ? PyObject_CallFunction(factory, "s", errors)
                                      : PyObject_CallNoArgs(factory);
    Py_DECREF(factory);
    return result;
}

PyObject *
_PyCodecInfo_GetIncrementalDecoder(PyObject *codec_info, const char *errors)
{
    return incremental_codec(codec_info, errors, "incrementaldecoder");
}

PyObject *
_PyCodecInfo_GetIncrementalEncoder(PyObject *codec_info, const char *errors)
{
    return incremental_codec(codec_info, errors, "incrementalencoder");
}

static PyObject *
incremental_by_name(const char *encoding, const char *errors, const char *attribute)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *result = incremental_codec(codec, errors, attribute);
    Py_DECREF(codec);
    return result;
}

PyObject *
PyCodec_IncrementalEncoder(const char *encoding, const char *errors)
{
    return incremental_by_name(encoding, errors, "incrementalencoder");
}

PyObject *
PyCodec_IncrementalDecoder(const char *encoding, const char *errors)
{
    return incremental_by_name(encoding, errors, "incrementaldecoder");
}

static PyObject *
stream_codec(const char *encoding, PyObject *stream, const char *errors, int index)
{
    PyObject *factory = codec_item(encoding, index);
    if (factory == NULL) {
        return NULL;
    }
    PyObject *result = errors != NULL ? PyObject_CallFunction(factory, "Os", stream, errors)
                                      : PyObject_CallOneArg(factory, stream);
    Py_DECREF(factory);
    return result;
}

PyObject *
PyCodec_StreamReader(const char *encoding, PyObject *stream, const char *errors)
{
    return stream_codec(encoding, stream, errors, 2);
}

PyObject *
PyCodec_StreamWriter(const char *encoding, PyObject *stream, const char *errors)
{
    return stream_codec(encoding, stream, errors, 3);
}

/* -- Encoding and decoding ----------------------------------------------------------------- */

/* Calls an encoder or decoder (reference stolen); the first item of what it returns. */
static PyObject *
call_codec(PyObject *function, PyObject *object, const char *encoding, const char *errors,
           const char *operation, const char *wrong_result)
{
    if (function == NULL) {
        return NULL;
    }
    PyObject *result = errors != NULL ? PyObject_CallFunction(function, "Os", object, errors)
                                      : PyObject_CallOneArg(function, object);
    Py_DECREF(function);
    if (result == NULL) {
        _PyErr_FormatNote("%s with '%s' codec failed", operation, encoding);
        return NULL;
    }
    if (!PyTuple_Check(result) || PyTuple_GET_SIZE(result) != 2) {
        PyErr_SetString(PyExc_TypeError, wrong_result);
        Py_DECREF(result);
        return NULL;
    }
    PyObject *v = Py_NewRef(PyTuple_GET_ITEM(result, 0));
    Py_DECREF(result);
    return v;
}

static PyObject *
call_encoder(PyObject *encoder, PyObject *object, const char *encoding, const char *errors)
{
    return call_codec(encoder, object, encoding, errors, "encoding",
                      "encoder must return a tuple (object, integer)");
}

static PyObject *
call_decoder(PyObject *decoder, PyObject *object, const char *encoding, const char *errors)
{
    return call_codec(decoder, object, encoding, errors, "decoding",
                      "decoder must return a tuple (object,integer)");
}

PyObject *
PyCodec_Encode(PyObject *object, const char *encoding, const char *errors)
{
    return call_encoder(PyCodec_Encoder(encoding), object, encoding, errors);
}

PyObject *
PyCodec_Decode(PyObject *object, const char *encoding, const char *errors)
{
    return call_decoder(PyCodec_Decoder(encoding), object, encoding, errors);
}

PyObject *
_PyCodec_LookupTextEncoding(const char *encoding, const char *alternate_command)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    /* A plain tuple says nothing: it counts as a text encoding. */
    if (codec == NULL || PyTuple_CheckExact(codec)) {
        return codec;
    }
    PyObject *attribute;
    int found = PyObject_GetOptionalAttr(codec, _Py_ID(_is_text_encoding), &attribute);
    if (found > 0) {
        int is_text = PyObject_IsTrue(attribute);
        Py_DECREF(attribute);
        if (is_text > 0) {
            return codec;
        }
        if (is_text == 0) {
            PyErr_Format(PyExc_LookupError,
                         "'%.400s' is not a text encoding; use %s to handle arbitrary codecs",
                         encoding, alternate_command);
        }
        found = -1;
    }
    if (found < 0) {
        Py_DECREF(codec);
        return NULL;
    }
    return codec;
}

static PyObject *
text_codec_item(const char *encoding, const char *alternate_command, int index)
{
    PyObject *codec = _PyCodec_LookupTextEncoding(encoding, alternate_command);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *item = Py_NewRef(PyTuple_GET_ITEM(codec, index));
    Py_DECREF(codec);
    return item;
}

PyObject *
_PyCodec_EncodeText(PyObject *object, const char *encoding, const char *errors)
{
    return call_encoder(text_codec_item(encoding, "codecs.encode()", 0), object, encoding, errors);
}

PyObject *
_PyCodec_DecodeText(PyObject *object, const char *encoding, const char *errors)
{
    return call_decoder(text_codec_item(encoding, "codecs.decode()", 1), object, encoding, errors);
}

/* -- Registry of error handlers ------------------------------------------------------------ */

int
PyCodec_RegisterError(const char *name, PyObject *error)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    assert(interp->codecs.codec_error_registry != NULL);
    if (!PyCallable_Check(error)) {
        PyErr_SetString(PyExc_TypeError, "handler must be callable");
        return -1;
    }
    return PyDict_SetItemString(interp->codecs.codec_error_registry, name, error);
}

PyObject *
PyCodec_LookupError(const char *name)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *handler = NULL;
    if (name == NULL) {
        name = "strict";
    }
    if (interp->codecs.codec_error_registry != NULL
            && PyDict_GetItemStringRef(interp->codecs.codec_error_registry, name, &handler) < 0) {
        return NULL;
    }
    if (handler == NULL) {
        PyErr_Format(PyExc_LookupError, "unknown error handler name '%.400s'", name);
    }
    return handler;
}

static const struct {
    const char *name;
    _Py_error_handler kind;
} known_handlers[] = {
    {"strict", _Py_ERROR_STRICT},
    {"surrogateescape", _Py_ERROR_SURROGATEESCAPE},
    {"replace", _Py_ERROR_REPLACE},
    {"ignore", _Py_ERROR_IGNORE},
    {"backslashreplace", _Py_ERROR_BACKSLASHREPLACE},
    {"surrogatepass", _Py_ERROR_SURROGATEPASS},
    {"xmlcharrefreplace", _Py_ERROR_XMLCHARREFREPLACE},
};

_Py_error_handler
_Py_GetErrorHandler(const char *errors)
{
    if (errors == NULL) {
        return _Py_ERROR_STRICT;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(known_handlers); i++) {
        if (strcmp(errors, known_handlers[i].name) == 0) {
            return known_handlers[i].kind;
        }
    }
    return _Py_ERROR_OTHER;
}

_Py_error_handler
_Py_GetErrorHandlerWide(const wchar_t *errors)
{
    char name[32];
    size_t i = 0;
    if (errors == NULL) {
        return _Py_ERROR_STRICT;
    }
    for (; errors[i] != L'\0'; i++) {
        if (i == sizeof(name) - 1 || errors[i] > 127) {
            return _Py_ERROR_OTHER;
        }
        name[i] = (char)errors[i];
    }
    name[i] = '\0';
    return _Py_GetErrorHandler(name);
}

/* -- What handlers look at ----------------------------------------------------------------- */

enum error_kind { ERROR_ENCODE, ERROR_DECODE, ERROR_TRANSLATE, ERROR_UNKNOWN };

/* The parts of a UnicodeError; object is a new reference, start and end lie inside it. */
struct unicode_error {
    enum error_kind kind;
    PyObject *object;
    Py_ssize_t start, end;
};

static void
wrong_exception(PyObject *exc)
{
    PyErr_Format(PyExc_TypeError, "don't know how to handle %.200s in error callback",
                 Py_TYPE(exc)->tp_name);
}

static enum error_kind
error_kind(PyObject *exc)
{
    return PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeEncodeError) ? ERROR_ENCODE
         : PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeDecodeError) ? ERROR_DECODE
         : PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeTranslateError) ? ERROR_TRANSLATE
         : ERROR_UNKNOWN;
}

static int
error_get(PyObject *exc, struct unicode_error *e)
{
    e->kind = error_kind(exc);
    e->object = NULL;
    int failed = 0;
    switch (e->kind) {
    case ERROR_ENCODE:
        failed = (e->object = PyUnicodeEncodeError_GetObject(exc)) == NULL
            || PyUnicodeEncodeError_GetStart(exc, &e->start) < 0
            || PyUnicodeEncodeError_GetEnd(exc, &e->end) < 0;
        break;
    case ERROR_DECODE:
        failed = (e->object = PyUnicodeDecodeError_GetObject(exc)) == NULL
            || PyUnicodeDecodeError_GetStart(exc, &e->start) < 0
            || PyUnicodeDecodeError_GetEnd(exc, &e->end) < 0;
        break;
    case ERROR_TRANSLATE:
        failed = (e->object = PyUnicodeTranslateError_GetObject(exc)) == NULL
            || PyUnicodeTranslateError_GetStart(exc, &e->start) < 0
            || PyUnicodeTranslateError_GetEnd(exc, &e->end) < 0;
        break;
    default:
        wrong_exception(exc);
        failed = 1;
    }
    if (failed) {
        Py_CLEAR(e->object);
        return -1;
    }
    e->end = Py_MAX(e->end, e->start);
    return 0;
}

/* (text, position); text is stolen. */
static PyObject *
answer(PyObject *text, Py_ssize_t position)
{
    return text == NULL ? NULL : Py_BuildValue("(Nn)", text, position);
}

/* -- Handlers ------------------------------------------------------------------------------ */

PyObject *
PyCodec_StrictErrors(PyObject *exc)
{
    if (PyExceptionInstance_Check(exc)) {
        PyErr_SetObject(PyExceptionInstance_Class(exc), exc);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "codec must pass exception instance");
    }
    return NULL;
}

PyObject *
PyCodec_IgnoreErrors(PyObject *exc)
{
    struct unicode_error e;
    if (error_get(exc, &e) < 0) {
        return NULL;
    }
    Py_DECREF(e.object);
    return answer(_Py_STR(empty), e.end);
}

PyObject *
PyCodec_ReplaceErrors(PyObject *exc)
{
    struct unicode_error e;
    if (error_get(exc, &e) < 0) {
        return NULL;
    }
    Py_DECREF(e.object);
    Py_UCS4 ch = e.kind == ERROR_ENCODE ? '?' : 0xfffd;
    Py_ssize_t n = e.kind == ERROR_DECODE ? 1 : e.end - e.start;
    PyObject *text = PyUnicode_New(n, ch);
    if (text != NULL && n > 0) {
        _PyUnicode_FastFill(text, 0, n, ch);
    }
    return answer(text, e.end);
}

PyObject *
PyCodec_XMLCharRefReplaceErrors(PyObject *exc)
{
    if (error_kind(exc) != ERROR_ENCODE) {
        wrong_exception(exc);
        return NULL;
    }
    struct unicode_error e;
    if (error_get(exc, &e) < 0) {
        return NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    for (Py_ssize_t i = e.start; i < e.end; i++) {
        char buffer[16];
        int n = snprintf(buffer, sizeof(buffer), "&#%d;", (int)PyUnicode_READ_CHAR(e.object, i));
        if (_PyUnicodeWriter_WriteASCIIString(&writer, buffer, n) < 0) {
            _PyUnicodeWriter_Dealloc(&writer);
            Py_DECREF(e.object);
            return NULL;
        }
    }
    Py_DECREF(e.object);
    return answer(_PyUnicodeWriter_Finish(&writer), e.end);
}

/* \xXX, \uXXXX or \UXXXXXXXX in buffer; its length. */
static int
escape_char(char *buffer, Py_UCS4 ch)
{
    return ch < 0x100 ? sprintf(buffer, "\\x%02x", ch)
         : ch < 0x10000 ? sprintf(buffer, "\\u%04x", ch) : sprintf(buffer, "\\U%08x", ch);
}

PyObject *
PyCodec_BackslashReplaceErrors(PyObject *exc)
{
    struct unicode_error e;
    if (error_get(exc, &e) < 0) {
        return NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    for (Py_ssize_t i = e.start; i < e.end; i++) {
        char buffer[16];
        Py_UCS4 ch = e.kind == ERROR_DECODE ? (unsigned char)PyBytes_AS_STRING(e.object)[i]
                                            : PyUnicode_READ_CHAR(e.object, i);
        int n = escape_char(buffer, ch);
        if (_PyUnicodeWriter_WriteASCIIString(&writer, buffer, n) < 0) {
            _PyUnicodeWriter_Dealloc(&writer);
            Py_DECREF(e.object);
            return NULL;
        }
    }
    Py_DECREF(e.object);
    return answer(_PyUnicodeWriter_Finish(&writer), e.end);
}

PyObject *
PyCodec_NameReplaceErrors(PyObject *exc)
{
    if (error_kind(exc) != ERROR_ENCODE) {
        wrong_exception(exc);
        return NULL;
    }
    _PyUnicode_Name_CAPI *names = _PyUnicode_GetNameCAPI();
    if (names == NULL) {
        return NULL;
    }
    struct unicode_error e;
    if (error_get(exc, &e) < 0) {
        return NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    for (Py_ssize_t i = e.start; i < e.end; i++) {
        char buffer[256 + 8], name[256];
        Py_UCS4 ch = PyUnicode_READ_CHAR(e.object, i);
        int n = names->getname(ch, name, sizeof(name), 1)
            ? sprintf(buffer, "\\N{%s}", name) : escape_char(buffer, ch);
        if (_PyUnicodeWriter_WriteASCIIString(&writer, buffer, n) < 0) {
            _PyUnicodeWriter_Dealloc(&writer);
            Py_DECREF(e.object);
            return NULL;
        }
    }
    Py_DECREF(e.object);
    return answer(_PyUnicodeWriter_Finish(&writer), e.end);
}

/* -- Surrogates ---------------------------------------------------------------------------- */

/* How a standard encoding writes a code unit: bytes, and the byte order of more than one. */
struct standard_encoding {
    int size;    // 1 for UTF-8 (whose surrogates take 3 bytes), 2, 4; 0: another encoding
    int big;
};

static struct standard_encoding
standard_encoding(const char *name)
{
    char lower[16];
    struct standard_encoding result = {0, PY_BIG_ENDIAN};
    if (!_Py_normalize_encoding(name, lower, sizeof(lower)) || strncmp(lower, "utf", 3) != 0) {
        if (strcmp(lower, "cp65001") == 0) {
            result.size = 1;
        }
        return result;
    }
    const char *rest = lower + 3;
    rest += *rest == '_';
    if (strcmp(rest, "8") == 0) {
        result.size = 1;
        return result;
    }
    int size = strncmp(rest, "16", 2) == 0 ? 2 : strncmp(rest, "32", 2) == 0 ? 4 : 0;
    if (size == 0) {
        return result;
    }
    rest += 2;
    rest += *rest == '_';
    if (*rest == '\0') {
        result.size = size;
    }
    else if (strcmp(rest, "be") == 0 || strcmp(rest, "le") == 0) {
        result.size = size;
        result.big = rest[0] == 'b';
    }
    return result;
}

static PyObject *
surrogatepass_encode(PyObject *exc, const struct unicode_error *e, struct standard_encoding enc)
{
    int width = enc.size == 1 ? 3 : enc.size;
    if (e->end - e->start > PY_SSIZE_T_MAX / width) {
        return PyErr_NoMemory();
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (e->end - e->start) * width);
    if (bytes == NULL) {
        return NULL;
    }
    unsigned char *out = (unsigned char *)PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = e->start; i < e->end; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(e->object, i);
        if (!Py_UNICODE_IS_SURROGATE(ch)) {
            Py_DECREF(bytes);
            return PyCodec_StrictErrors(exc);
        }
        if (enc.size == 1) {
            *out++ = (unsigned char)(0xe0 | ch >> 12);
            *out++ = (unsigned char)(0x80 | (ch >> 6 & 0x3f));
            *out++ = (unsigned char)(0x80 | (ch & 0x3f));
            continue;
        }
        for (int k = 0; k < enc.size; k++) {
            int shift = 8 * (enc.big ? enc.size - 1 - k : k);
            *out++ = (unsigned char)(ch >> shift);
        }
    }
    return answer(bytes, e->end);
}

static PyObject *
surrogatepass_decode(PyObject *exc, const struct unicode_error *e, struct standard_encoding enc)
{
    int width = enc.size == 1 ? 3 : enc.size;
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(e->object) + e->start;
    Py_UCS4 ch = 0;
    if (PyBytes_GET_SIZE(e->object) - e->start >= width) {
        if (enc.size == 1) {
            if ((p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
                ch = (Py_UCS4)((p[0] & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f));
            }
        }
        else {
            for (int k = 0; k < enc.size; k++) {
                ch |= (Py_UCS4)p[k] << 8 * (enc.big ? enc.size - 1 - k : k);
            }
        }
    }
    if (!Py_UNICODE_IS_SURROGATE(ch)) {
        return PyCodec_StrictErrors(exc);
    }
    return answer(PyUnicode_FromOrdinal((int)ch), e->start + width);
}

static PyObject *
surrogatepass_errors(PyObject *Py_UNUSED(self), PyObject *exc)
{
    enum error_kind kind = error_kind(exc);
    if (kind != ERROR_ENCODE && kind != ERROR_DECODE) {
        wrong_exception(exc);
        return NULL;
    }
    PyObject *encoding = kind == ERROR_ENCODE ? PyUnicodeEncodeError_GetEncoding(exc)
                                              : PyUnicodeDecodeError_GetEncoding(exc);
    if (encoding == NULL) {
        return NULL;
    }
    const char *name = PyUnicode_AsUTF8(encoding);
    if (name == NULL) {
        Py_DECREF(encoding);
        return NULL;
    }
    struct standard_encoding enc = standard_encoding(name);
    Py_DECREF(encoding);
    if (enc.size == 0) {
        return PyCodec_StrictErrors(exc);
    }
    struct unicode_error e;
    if (error_get(exc, &e) < 0) {
        return NULL;
    }
    PyObject *result = kind == ERROR_ENCODE ? surrogatepass_encode(exc, &e, enc)
                                            : surrogatepass_decode(exc, &e, enc);
    Py_DECREF(e.object);
    return result;
}

static PyObject *
surrogateescape_encode(PyObject *exc, const struct unicode_error *e)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, e->end - e->start);
    if (bytes == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = e->start; i < e->end; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(e->object, i);
        if (ch < 0xdc80 || ch > 0xdcff) {
            Py_DECREF(bytes);
            return PyCodec_StrictErrors(exc);
        }
        *out++ = (char)(ch - 0xdc00);
    }
    return answer(bytes, e->end);
}

static PyObject *
surrogateescape_decode(PyObject *exc, const struct unicode_error *e)
{
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(e->object) + e->start;
    Py_UCS2 text[4];
    Py_ssize_t n = 0;
    /* ASCII bytes are never escaped: they might become a security risk. */
    while (n < 4 && n < e->end - e->start && p[n] >= 128) {
        text[n] = (Py_UCS2)(0xdc00 + p[n]);
        n++;
    }
    if (n == 0) {
        return PyCodec_StrictErrors(exc);
    }
    return answer(PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, text, n), e->start + n);
}

static PyObject *
surrogateescape_errors(PyObject *Py_UNUSED(self), PyObject *exc)
{
    enum error_kind kind = error_kind(exc);
    if (kind != ERROR_ENCODE && kind != ERROR_DECODE) {
        wrong_exception(exc);
        return NULL;
    }
    struct unicode_error e;
    if (error_get(exc, &e) < 0) {
        return NULL;
    }
    PyObject *result = kind == ERROR_ENCODE ? surrogateescape_encode(exc, &e)
                                            : surrogateescape_decode(exc, &e);
    Py_DECREF(e.object);
    return result;
}

/* -- The handlers as functions of Python ----------------------------------------------------- */

#define HANDLER_FUNCTION(NAME, FUNCTION)                            \
    static PyObject *                                               \
    NAME##_errors(PyObject *Py_UNUSED(self), PyObject *exc)         \
    {                                                               \
        return FUNCTION(exc);                                       \
    }

HANDLER_FUNCTION(strict, PyCodec_StrictErrors)
HANDLER_FUNCTION(ignore, PyCodec_IgnoreErrors)
HANDLER_FUNCTION(replace, PyCodec_ReplaceErrors)
HANDLER_FUNCTION(xmlcharrefreplace, PyCodec_XMLCharRefReplaceErrors)
HANDLER_FUNCTION(backslashreplace, PyCodec_BackslashReplaceErrors)
HANDLER_FUNCTION(namereplace, PyCodec_NameReplaceErrors)

/* One handler: the name it is registered by, and its function. */
#define HANDLER(NAME, FUNCTION_NAME, DOC) {#NAME, {FUNCTION_NAME, NAME##_errors, METH_O, DOC}}

static struct {
    const char *name;
    PyMethodDef def;
} builtin_handlers[] = {
    HANDLER(strict, "strict_errors", "Error handler 'strict': raises the exception."),
    HANDLER(ignore, "ignore_errors", "Error handler 'ignore': leaves out what is wrong."),
    HANDLER(replace, "replace_errors", "Error handler 'replace': puts a replacement character."),
    HANDLER(xmlcharrefreplace, "xmlcharrefreplace_errors",
            "Error handler 'xmlcharrefreplace': puts XML character references."),
    HANDLER(backslashreplace, "backslashreplace_errors",
            "Error handler 'backslashreplace': puts escapes with backslashes."),
    HANDLER(namereplace, "namereplace_errors",
            "Error handler 'namereplace': puts \\N{...} escapes."),
    HANDLER(surrogatepass, "surrogatepass", "Error handler 'surrogatepass': keeps surrogates."),
    HANDLER(surrogateescape, "surrogateescape",
            "Error handler 'surrogateescape': hides bytes in lone surrogates."),
};

int
_PyCodec_UnregisterError(const char *name)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(builtin_handlers); i++) {
        if (strcmp(name, builtin_handlers[i].name) == 0) {
            PyErr_Format(PyExc_ValueError, "cannot un-register built-in error handler '%s'", name);
            return -1;
        }
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    return PyDict_PopString(interp->codecs.codec_error_registry, name, NULL);
}

/* -- Start and end ------------------------------------------------------------------------- */

PyStatus
_PyCodec_InitRegistry(PyInterpreterState *interp)
{
    if (interp->codecs.initialized) {
        return _PyStatus_OK();
    }
    interp->codecs.codec_search_path = PyList_New(0);
    interp->codecs.codec_search_cache = PyDict_New();
    interp->codecs.codec_error_registry = PyDict_New();
    if (interp->codecs.codec_search_path == NULL || interp->codecs.codec_search_cache == NULL
            || interp->codecs.codec_error_registry == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(builtin_handlers); i++) {
        PyObject *function = PyCFunction_NewEx(&builtin_handlers[i].def, NULL, NULL);
        if (function == NULL
                || PyCodec_RegisterError(builtin_handlers[i].name, function) < 0) {
            Py_XDECREF(function);
            return _PyStatus_ERR("cannot register the error handlers of codecs");
        }
        Py_DECREF(function);
    }
    interp->codecs.initialized = 1;
    /* Registers the search function of the standard library. */
    PyObject *module = PyImport_ImportModule("encodings");
    if (module == NULL) {
        return _PyStatus_ERR("Failed to import encodings module");
    }
    Py_DECREF(module);
    return _PyStatus_OK();
}

void
_PyCodec_Fini(PyInterpreterState *interp)
{
    Py_CLEAR(interp->codecs.codec_search_path);
    Py_CLEAR(interp->codecs.codec_search_cache);
    Py_CLEAR(interp->codecs.codec_error_registry);
    interp->codecs.initialized = 0;
}

/* str <-> bytes by the name of an encoding, and the file system encoding.

   The common encodings are called directly; the rest goes through the codec registry, which may run
   Python code. */
#include "unicode_impl.h"
#include "pycore_initconfig.h"  // _PyStatus_OK
#include "pycore_interp.h"      // struct _is

/* -- Known encodings ----------------------------------------------------------------------- */

enum known_encoding { ENC_OTHER, ENC_UTF8, ENC_UTF16, ENC_UTF32, ENC_ASCII, ENC_LATIN1 };

int
_Py_normalize_encoding(const char *encoding, char *lower, size_t lower_len)
{
    char *out = lower, *end = lower + lower_len - 1;
    int punct = 0;
    for (const char *e = encoding; *e != '\0'; e++) {
        char c = *e;
        if (!Py_ISALNUM(c) && c != '.') {
            punct = 1;
            continue;
        }
        if (punct && out != lower) {
            if (out == end) {
                return 0;
            }
            *out++ = '_';
        }
        punct = 0;
        if (out == end) {
            return 0;
        }
        *out++ = (char)Py_TOLOWER(c);
    }
    *out = '\0';
    return 1;
}

static enum known_encoding
classify_encoding(const char *encoding)
{
    static const struct {
        const char *name;
        enum known_encoding encoding;
    } table[] = {
        {"utf_8", ENC_UTF8}, {"utf8", ENC_UTF8},
        {"utf_16", ENC_UTF16}, {"utf16", ENC_UTF16},
        {"utf_32", ENC_UTF32}, {"utf32", ENC_UTF32},
        {"ascii", ENC_ASCII}, {"us_ascii", ENC_ASCII},
        {"latin1", ENC_LATIN1}, {"latin_1", ENC_LATIN1},
        {"iso_8859_1", ENC_LATIN1}, {"iso8859_1", ENC_LATIN1},
    };
    char lower[12];
    if (encoding == NULL) {
        return ENC_UTF8;
    }
    if (_Py_normalize_encoding(encoding, lower, sizeof(lower))) {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(table); i++) {
            if (strcmp(lower, table[i].name) == 0) {
                return table[i].encoding;
            }
        }
    }
    return ENC_OTHER;
}

/* In development mode, complains about wrong names even where nothing has to be looked up. */
static int
check_encoding_errors(const char *encoding, const char *errors)
{
    if (encoding == NULL && errors == NULL) {
        return 0;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (!interp->config.dev_mode || !interp->codecs.initialized
            || _PyInterpreterState_GetFinalizing(interp) != NULL) {
        return 0;
    }
    if (encoding != NULL && strcmp(encoding, "utf-8") != 0 && strcmp(encoding, "utf8") != 0
            && strcmp(encoding, "ascii") != 0) {
        PyObject *info = _PyCodec_Lookup(encoding);
        if (info == NULL) {
            return -1;
        }
        Py_DECREF(info);
    }
    if (errors != NULL && strcmp(errors, "strict") != 0 && strcmp(errors, "ignore") != 0
            && strcmp(errors, "replace") != 0 && strcmp(errors, "surrogateescape") != 0
            && strcmp(errors, "surrogatepass") != 0) {
        PyObject *handler = PyCodec_LookupError(errors);
        if (handler == NULL) {
            return -1;
        }
        Py_DECREF(handler);
    }
    return 0;
}

/* -- Decoding ------------------------------------------------------------------------------ */

PyObject *
PyUnicode_Decode(const char *s, Py_ssize_t size, const char *encoding, const char *errors)
{
    if (check_encoding_errors(encoding, errors) < 0) {
        return NULL;
    }
    if (size == 0 && classify_encoding(encoding) != ENC_OTHER) {
        return _Py_STR(empty);
    }
    switch (classify_encoding(encoding)) {
    case ENC_UTF8: return PyUnicode_DecodeUTF8Stateful(s, size, errors, NULL);
    case ENC_UTF16: return PyUnicode_DecodeUTF16(s, size, errors, NULL);
    case ENC_UTF32: return PyUnicode_DecodeUTF32(s, size, errors, NULL);
    case ENC_ASCII: return PyUnicode_DecodeASCII(s, size, errors);
    case ENC_LATIN1: return PyUnicode_DecodeLatin1(s, size, errors);
    default: break;
    }
    Py_buffer info;
    if (PyBuffer_FillInfo(&info, NULL, (void *)s, size, 1, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    PyObject *buffer = PyMemoryView_FromBuffer(&info);
    if (buffer == NULL) {
        return NULL;
    }
    PyObject *unicode = _PyCodec_DecodeText(buffer, encoding, errors);
    Py_DECREF(buffer);
    if (unicode == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(unicode)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.400s' decoder returned '%.400s' instead of 'str'; "
                     "use codecs.decode() to decode to arbitrary types",
                     encoding, Py_TYPE(unicode)->tp_name);
        Py_DECREF(unicode);
        return NULL;
    }
    return _PyUnicode_Result(unicode);
}

PyObject *
PyUnicode_FromEncodedObject(PyObject *obj, const char *encoding, const char *errors)
{
    if (obj == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_Check(obj)) {
        if (PyBytes_GET_SIZE(obj) == 0) {
            return check_encoding_errors(encoding, errors) < 0 ? NULL : _Py_STR(empty);
        }
        return PyUnicode_Decode(PyBytes_AS_STRING(obj), PyBytes_GET_SIZE(obj), encoding, errors);
    }
    if (PyUnicode_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "decoding str is not supported");
        return NULL;
    }
    Py_buffer buffer;
    if (PyObject_GetBuffer(obj, &buffer, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError,
                     "decoding to str: need a bytes-like object, %.80s found",
                     Py_TYPE(obj)->tp_name);
        return NULL;
    }
    PyObject *result;
    if (buffer.len == 0) {
        result = check_encoding_errors(encoding, errors) < 0 ? NULL : _Py_STR(empty);
    }
    else {
        result = PyUnicode_Decode(buffer.buf, buffer.len, encoding, errors);
    }
    PyBuffer_Release(&buffer);
    return result;
}

/* -- Encoding ------------------------------------------------------------------------------ */

PyObject *
PyUnicode_AsEncodedString(PyObject *unicode, const char *encoding, const char *errors)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (check_encoding_errors(encoding, errors) < 0) {
        return NULL;
    }
    switch (classify_encoding(encoding)) {
    case ENC_UTF8: return _PyUnicode_AsUTF8String(unicode, errors);
    case ENC_UTF16: return _PyUnicode_EncodeUTF16(unicode, errors, 0);
    case ENC_UTF32: return _PyUnicode_EncodeUTF32(unicode, errors, 0);
    case ENC_ASCII: return _PyUnicode_AsASCIIString(unicode, errors);
    case ENC_LATIN1: return _PyUnicode_AsLatin1String(unicode, errors);
    default: break;
    }
    PyObject *v = _PyCodec_EncodeText(unicode, encoding, errors);
    if (v == NULL || PyBytes_Check(v)) {
        return v;
    }
    if (PyByteArray_Check(v)) {
        PyObject *bytes = NULL;
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                             "encoder %s returned bytearray instead of bytes; "
                             "use codecs.encode() to encode to arbitrary types", encoding) >= 0) {
            bytes = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(v), PyByteArray_GET_SIZE(v));
        }
        Py_DECREF(v);
        return bytes;
    }
    PyErr_Format(PyExc_TypeError,
                 "'%.400s' encoder returned '%.400s' instead of 'bytes'; "
                 "use codecs.encode() to encode to arbitrary types",
                 encoding, Py_TYPE(v)->tp_name);
    Py_DECREF(v);
    return NULL;
}

/* The four old functions of the stable ABI. */

static PyObject *
code_object(PyObject *unicode, const char *encoding, const char *errors, int encode)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    encoding = encoding == NULL ? "utf-8" : encoding;
    return encode ? PyCodec_Encode(unicode, encoding, errors)
                  : PyCodec_Decode(unicode, encoding, errors);
}

static PyObject *
code_unicode(PyObject *unicode, const char *encoding, const char *errors, int encode)
{
    PyObject *v = code_object(unicode, encoding, errors, encode);
    if (v != NULL && !PyUnicode_Check(v)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.400s' %s returned '%.400s' instead of 'str'; "
                     "use codecs.%s() to %s to arbitrary types",
                     encoding, encode ? "encoder" : "decoder", Py_TYPE(v)->tp_name,
                     encode ? "encode" : "decode", encode ? "encode" : "decode");
        Py_CLEAR(v);
    }
    return v;
}

PyObject *
PyUnicode_AsDecodedObject(PyObject *unicode, const char *encoding, const char *errors)
{
    return code_object(unicode, encoding, errors, 0);
}

PyObject *
PyUnicode_AsDecodedUnicode(PyObject *unicode, const char *encoding, const char *errors)
{
    return code_unicode(unicode, encoding, errors, 0);
}

PyObject *
PyUnicode_AsEncodedObject(PyObject *unicode, const char *encoding, const char *errors)
{
    return code_object(unicode, encoding, errors, 1);
}

PyObject *
PyUnicode_AsEncodedUnicode(PyObject *unicode, const char *encoding, const char *errors)
{
    return code_unicode(unicode, encoding, errors, 1);
}

const char *
PyUnicode_GetDefaultEncoding(void)
{
    return "utf-8";
}

/* -- File system encoding ------------------------------------------------------------------ */

const char *Py_FileSystemDefaultEncoding = NULL;
int Py_HasFileSystemDefaultEncoding = 0;
const char *Py_FileSystemDefaultEncodeErrors = NULL;

/* A wide configuration string as a raw char string. */
static char *
encode_config_string(const wchar_t *wstr)
{
    return wstr == NULL ? NULL : _Py_EncodeLocaleRaw(wstr, NULL);
}

void
_PyUnicode_FiniEncodings(struct _Py_unicode_fs_codec *fs_codec)
{
    if (Py_FileSystemDefaultEncoding == fs_codec->encoding) {
        Py_FileSystemDefaultEncoding = NULL;
        Py_FileSystemDefaultEncodeErrors = NULL;
    }
    PyMem_RawFree(fs_codec->encoding);
    PyMem_RawFree(fs_codec->errors);
    fs_codec->encoding = NULL;
    fs_codec->errors = NULL;
    fs_codec->utf8 = 0;
    fs_codec->error_handler = _Py_ERROR_UNKNOWN;
}

/* The codec's own name for a configured encoding, as a raw wide string. */
static wchar_t *
codec_name(const wchar_t *config_encoding)
{
    wchar_t *result = NULL;
    PyObject *codec = NULL, *name = NULL;
    char *encoding = encode_config_string(config_encoding);
    if (encoding == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    codec = _PyCodec_Lookup(encoding);
    PyMem_RawFree(encoding);
    if (codec == NULL) {
        return NULL;
    }
    name = PyObject_GetAttr(codec, _Py_ID(name));
    Py_DECREF(codec);
    if (name == NULL) {
        return NULL;
    }
    wchar_t *wide = PyUnicode_AsWideCharString(name, NULL);
    Py_DECREF(name);
    if (wide != NULL) {
        size_t n = (wcslen(wide) + 1) * sizeof(wchar_t);
        result = PyMem_RawMalloc(n);
        if (result != NULL) {
            memcpy(result, wide, n);
        }
        PyMem_Free(wide);
    }
    return result;
}

PyStatus
_PyUnicode_InitEncodings(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyConfig *config = &interp->config;
    PyStatus status = _PyCodec_InitRegistry(interp);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    if (config->filesystem_encoding == NULL || config->filesystem_errors == NULL) {
        return _PyStatus_ERR("the filesystem encoding is not configured");
    }
    wchar_t *name = codec_name(config->filesystem_encoding);
    if (name == NULL) {
        return _PyStatus_ERR("failed to get the Python codec of the filesystem encoding");
    }
    PyMem_RawFree(config->filesystem_encoding);
    config->filesystem_encoding = name;

    struct _Py_unicode_fs_codec *fs_codec = &interp->unicode.fs_codec;
    _Py_error_handler handler = _Py_GetErrorHandlerWide(config->filesystem_errors);
    if (handler == _Py_ERROR_UNKNOWN) {
        return _PyStatus_ERR("unknown filesystem error handler");
    }
    char *encoding = encode_config_string(config->filesystem_encoding);
    char *errors = encode_config_string(config->filesystem_errors);
    if (encoding == NULL || errors == NULL) {
        PyMem_RawFree(encoding);
        PyMem_RawFree(errors);
        return _PyStatus_NO_MEMORY();
    }
    PyMem_RawFree(fs_codec->encoding);
    PyMem_RawFree(fs_codec->errors);
    fs_codec->encoding = encoding;
    fs_codec->errors = errors;
    fs_codec->utf8 = strcmp(encoding, "utf-8") == 0;
    fs_codec->error_handler = handler;
    if (_Py_IsMainInterpreter(interp)) {
        Py_FileSystemDefaultEncoding = encoding;
        Py_FileSystemDefaultEncodeErrors = errors;
        Py_HasFileSystemDefaultEncoding = 0;
    }
    return _PyStatus_OK();
}

int
_PyUnicode_EnableLegacyWindowsFSEncoding(void)
{
    return 0;  // Windows only
}

PyObject *
PyUnicode_EncodeFSDefault(PyObject *unicode)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _Py_unicode_fs_codec *fs_codec = &interp->unicode.fs_codec;
    if (fs_codec->utf8) {
        return _PyUnicode_AsUTF8String(unicode, fs_codec->errors);
    }
    if (fs_codec->encoding != NULL) {
        return PyUnicode_AsEncodedString(unicode, fs_codec->encoding, fs_codec->errors);
    }
    /* Before the codecs can be imported. */
    return PyUnicode_EncodeLocale(unicode, "surrogateescape");
}

PyObject *
PyUnicode_DecodeFSDefaultAndSize(const char *s, Py_ssize_t size)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _Py_unicode_fs_codec *fs_codec = &interp->unicode.fs_codec;
    if (fs_codec->utf8) {
        return PyUnicode_DecodeUTF8Stateful(s, size, fs_codec->errors, NULL);
    }
    if (fs_codec->encoding != NULL) {
        return PyUnicode_Decode(s, size, fs_codec->encoding, fs_codec->errors);
    }
    return PyUnicode_DecodeLocaleAndSize(s, size, "surrogateescape");
}

PyObject *
PyUnicode_DecodeFSDefault(const char *s)
{
    return PyUnicode_DecodeFSDefaultAndSize(s, (Py_ssize_t)strlen(s));
}

int
PyUnicode_FSConverter(PyObject *arg, void *addr)
{
    if (arg == NULL) {
        Py_DECREF(*(PyObject **)addr);
        *(PyObject **)addr = NULL;
        return 1;
    }
    PyObject *path = PyOS_FSPath(arg), *output;
    if (path == NULL) {
        return 0;
    }
    if (PyBytes_Check(path)) {
        output = path;
    }
    else {
        output = PyUnicode_EncodeFSDefault(path);
        Py_DECREF(path);
        if (output == NULL) {
            return 0;
        }
        assert(PyBytes_Check(output));
    }
    if ((size_t)PyBytes_GET_SIZE(output) != strlen(PyBytes_AS_STRING(output))) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        Py_DECREF(output);
        return 0;
    }
    *(PyObject **)addr = output;
    return Py_CLEANUP_SUPPORTED;
}

int
PyUnicode_FSDecoder(PyObject *arg, void *addr)
{
    if (arg == NULL) {
        Py_DECREF(*(PyObject **)addr);
        *(PyObject **)addr = NULL;
        return 1;
    }
    PyObject *path = PyOS_FSPath(arg), *output;
    if (path == NULL) {
        return 0;
    }
    if (PyUnicode_Check(path)) {
        output = path;
    }
    else {
        output = PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(path), PyBytes_GET_SIZE(path));
        Py_DECREF(path);
        if (output == NULL) {
            return 0;
        }
    }
    if (PyUnicode_FindChar(output, 0, 0, LENGTH(output), 1) >= 0) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        Py_DECREF(output);
        return 0;
    }
    *(PyObject **)addr = output;
    return Py_CLEANUP_SUPPORTED;
}

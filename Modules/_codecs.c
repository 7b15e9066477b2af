/* _codecs: the codec registry, and the codecs of the core as functions.

   Each decoder takes (data, errors, ...) and returns (str, bytes used); each encoder takes
   (str, errors, ...) and returns (bytes, characters used). */
#include "Python.h"
#include "pycore_args.h"           // PY_METHOD
#include "pycore_bytesobject.h"    // _PyBytesWriter
#include "pycore_codecs.h"         // _PyCodec_Lookup
#include "pycore_modsupport.h"     // _PyArg_CheckPositional
#include "pycore_unicodeobject.h"  // _PyUnicode_EncodeUTF16

/* -- Arguments ----------------------------------------------------------------------------- */

/* Text of a str argument without NUL; None gives NULL if none_ok. */
static int
arg_text(const char *fname, int number, PyObject *arg, int none_ok, const char **result)
{
    char display[24];
    *result = NULL;
    if (none_ok && arg == Py_None) {
        return 0;
    }
    if (!PyUnicode_Check(arg)) {
        snprintf(display, sizeof(display), "argument %d", number);
        _PyArg_BadArgument(fname, display, none_ok ? "str or None" : "str", arg);
        return -1;
    }
    *result = _PyUnicode_AsUTF8NoNUL(arg);
    return *result == NULL ? -1 : 0;
}

/* The arguments of a decoder: data, errors, then up to two ints or truths. */
struct decoder_args {
    Py_buffer data;
    const char *errors;
    int numbers[2];
};

/* kinds: one letter for each number, 'i' int or 'b' truth.  text_ok: data may be a str. */
static int
decoder_args(const char *fname, PyObject *const *args, Py_ssize_t nargs, const char *kinds,
             int text_ok, struct decoder_args *a)
{
    Py_ssize_t extra = (Py_ssize_t)strlen(kinds);
    if (!_PyArg_CheckPositional(fname, nargs, 1, 2 + extra)) {
        return -1;
    }
    a->errors = NULL;
    if (nargs > 1 && arg_text(fname, 2, args[1], 1, &a->errors) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < extra && nargs > 2 + i; i++) {
        a->numbers[i] = kinds[i] == 'b' ? PyObject_IsTrue(args[2 + i]) : PyLong_AsInt(args[2 + i]);
        if (a->numbers[i] == -1 && PyErr_Occurred()) {
            return -1;
        }
    }
    if (text_ok && PyUnicode_Check(args[0])) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(args[0], &size);
        return text == NULL ? -1
            : PyBuffer_FillInfo(&a->data, args[0], (void *)text, size, 1, PyBUF_SIMPLE);
    }
    return PyObject_GetBuffer(args[0], &a->data, PyBUF_SIMPLE);
}

/* (object, size); object is stolen. */
static PyObject *
result_tuple(PyObject *object, Py_ssize_t size)
{
    return object == NULL ? NULL : Py_BuildValue("Nn", object, size);
}

/* -- Registry ------------------------------------------------------------------------------ */

static PyObject *
codecs_register(PyObject *Py_UNUSED(module), PyObject *search_function)
{
    if (PyCodec_Register(search_function) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
codecs_unregister(PyObject *Py_UNUSED(module), PyObject *search_function)
{
    if (PyCodec_Unregister(search_function) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
codecs_lookup(PyObject *Py_UNUSED(module), PyObject *arg)
{
    const char *encoding;
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument("lookup", "argument", "str", arg);
        return NULL;
    }
    encoding = _PyUnicode_AsUTF8NoNUL(arg);
    return encoding == NULL ? NULL : _PyCodec_Lookup(encoding);
}

static int
code_args(const char *fname, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
          struct _PyArg_Parser *parser, PyObject **obj, const char **encoding, const char **errors)
{
    PyObject *buf[3];
    *encoding = "utf-8";
    *errors = NULL;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, parser, 1, 3, 0, 0, buf);
    if (args == NULL) {
        return -1;
    }
    *obj = args[0];
    for (int i = 1; i < 3; i++) {
        if (args[i] == NULL) {
            continue;
        }
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument(fname, i == 1 ? "argument 'encoding'" : "argument 'errors'", "str",
                               args[i]);
            return -1;
        }
        const char *text = _PyUnicode_AsUTF8NoNUL(args[i]);
        if (text == NULL) {
            return -1;
        }
        *(i == 1 ? encoding : errors) = text;
    }
    return 0;
}

static PyObject *
codecs_encode(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
              PyObject *kwnames)
{
    static const char *const keywords[] = {"obj", "encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "encode"};
    PyObject *obj;
    const char *encoding, *errors;
    return code_args("encode", args, nargs, kwnames, &parser, &obj, &encoding, &errors) < 0
        ? NULL : PyCodec_Encode(obj, encoding, errors);
}

static PyObject *
codecs_decode(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
              PyObject *kwnames)
{
    static const char *const keywords[] = {"obj", "encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "decode"};
    PyObject *obj;
    const char *encoding, *errors;
    return code_args("decode", args, nargs, kwnames, &parser, &obj, &encoding, &errors) < 0
        ? NULL : PyCodec_Decode(obj, encoding, errors);
}

static PyObject *
codecs_register_error(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *name;
    if (!_PyArg_CheckPositional("register_error", nargs, 2, 2)
            || arg_text("register_error", 1, args[0], 0, &name) < 0
            || PyCodec_RegisterError(name, args[1]) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
codecs__unregister_error(PyObject *Py_UNUSED(module), PyObject *arg)
{
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument("_unregister_error", "argument", "str", arg);
        return NULL;
    }
    const char *name = _PyUnicode_AsUTF8NoNUL(arg);
    int found = name == NULL ? -1 : _PyCodec_UnregisterError(name);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

static PyObject *
codecs_lookup_error(PyObject *Py_UNUSED(module), PyObject *arg)
{
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument("lookup_error", "argument", "str", arg);
        return NULL;
    }
    const char *name = _PyUnicode_AsUTF8NoNUL(arg);
    return name == NULL ? NULL : PyCodec_LookupError(name);
}

/* -- Decoders ------------------------------------------------------------------------------ */

/* One function per decoder: the arguments, then CALL with a and consumed in sight. */
#define DECODER(NAME, KINDS, FIRST, SECOND, TEXT_OK, CALL)                                  \
    static PyObject *                                                                       \
    codecs_##NAME(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)     \
    {                                                                                       \
        struct decoder_args a = {.numbers = {FIRST, SECOND}};                               \
        if (decoder_args(#NAME, args, nargs, KINDS, TEXT_OK, &a) < 0) {                     \
            return NULL;                                                                    \
        }                                                                                   \
        Py_ssize_t consumed = a.data.len;                                                   \
        const char *data = a.data.buf;                                                      \
        PyObject *text = CALL;                                                              \
        PyBuffer_Release(&a.data);                                                          \
        return result_tuple(text, consumed);                                                \
    }

/* With final input nothing may be left over. */
#define CONSUMED(FINAL) ((FINAL) ? NULL : &consumed)

static PyObject *
decode_utf16(const char *data, Py_ssize_t size, const char *errors, int byteorder,
             Py_ssize_t *consumed)
{
    return PyUnicode_DecodeUTF16Stateful(data, size, errors, &byteorder, consumed);
}

static PyObject *
decode_utf32(const char *data, Py_ssize_t size, const char *errors, int byteorder,
             Py_ssize_t *consumed)
{
    return PyUnicode_DecodeUTF32Stateful(data, size, errors, &byteorder, consumed);
}

DECODER(utf_7_decode, "b", 0, 0, 0,
        PyUnicode_DecodeUTF7Stateful(data, a.data.len, a.errors, CONSUMED(a.numbers[0])))
DECODER(utf_8_decode, "b", 0, 0, 0,
        PyUnicode_DecodeUTF8Stateful(data, a.data.len, a.errors, CONSUMED(a.numbers[0])))
DECODER(utf_16_decode, "b", 0, 0, 0,
        decode_utf16(data, a.data.len, a.errors, 0, CONSUMED(a.numbers[0])))
DECODER(utf_16_le_decode, "b", 0, 0, 0,
        decode_utf16(data, a.data.len, a.errors, -1, CONSUMED(a.numbers[0])))
DECODER(utf_16_be_decode, "b", 0, 0, 0,
        decode_utf16(data, a.data.len, a.errors, 1, CONSUMED(a.numbers[0])))
DECODER(utf_32_decode, "b", 0, 0, 0,
        decode_utf32(data, a.data.len, a.errors, 0, CONSUMED(a.numbers[0])))
DECODER(utf_32_le_decode, "b", 0, 0, 0,
        decode_utf32(data, a.data.len, a.errors, -1, CONSUMED(a.numbers[0])))
DECODER(utf_32_be_decode, "b", 0, 0, 0,
        decode_utf32(data, a.data.len, a.errors, 1, CONSUMED(a.numbers[0])))
DECODER(unicode_escape_decode, "b", 1, 0, 1,
        _PyUnicode_DecodeUnicodeEscapeStateful(data, a.data.len, a.errors, CONSUMED(a.numbers[0])))
DECODER(raw_unicode_escape_decode, "b", 1, 0, 1,
        _PyUnicode_DecodeRawUnicodeEscapeStateful(data, a.data.len, a.errors,
                                                  CONSUMED(a.numbers[0])))
DECODER(latin_1_decode, "", 0, 0, 0, PyUnicode_DecodeLatin1(data, a.data.len, a.errors))
DECODER(ascii_decode, "", 0, 0, 0, PyUnicode_DecodeASCII(data, a.data.len, a.errors))
DECODER(escape_decode, "", 0, 0, 1, PyBytes_DecodeEscape(data, a.data.len, a.errors, 0, NULL))

/* (str, bytes used, byte order found). */
#define EX_DECODER(NAME, FUNCTION)                                                          \
    static PyObject *                                                                       \
    codecs_##NAME(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)     \
    {                                                                                       \
        struct decoder_args a = {.numbers = {0, 0}};                                        \
        if (decoder_args(#NAME, args, nargs, "ib", 0, &a) < 0) {                            \
            return NULL;                                                                    \
        }                                                                                   \
        Py_ssize_t consumed = a.data.len;                                                   \
        int byteorder = a.numbers[0];                                                       \
        PyObject *text = FUNCTION(a.data.buf, a.data.len, a.errors, &byteorder,             \
                                  CONSUMED(a.numbers[1]));                                  \
        PyBuffer_Release(&a.data);                                                          \
        return text == NULL ? NULL : Py_BuildValue("Nni", text, consumed, byteorder);       \
    }

EX_DECODER(utf_16_ex_decode, PyUnicode_DecodeUTF16Stateful)
EX_DECODER(utf_32_ex_decode, PyUnicode_DecodeUTF32Stateful)

static PyObject *
codecs_charmap_decode(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    struct decoder_args a = {0};
    if (!_PyArg_CheckPositional("charmap_decode", nargs, 1, 3)
            || decoder_args("charmap_decode", args, Py_MIN(nargs, 2), "", 0, &a) < 0) {
        return NULL;
    }
    PyObject *mapping = nargs > 2 && args[2] != Py_None ? args[2] : NULL;
    Py_ssize_t size = a.data.len;
    PyObject *text = PyUnicode_DecodeCharmap(a.data.buf, size, mapping, a.errors);
    PyBuffer_Release(&a.data);
    return result_tuple(text, size);
}

/* -- Encoders ------------------------------------------------------------------------------ */

static int
encoder_args(const char *fname, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t max,
             const char **errors)
{
    *errors = NULL;
    if (!_PyArg_CheckPositional(fname, nargs, 1, max)) {
        return -1;
    }
    if (!PyUnicode_Check(args[0])) {
        _PyArg_BadArgument(fname, "argument 1", "str", args[0]);
        return -1;
    }
    return nargs > 1 ? arg_text(fname, 2, args[1], 1, errors) : 0;
}

/* One function per encoder: CALL has the str as args[0] and errors in sight. */
#define ENCODER(NAME, CALL)                                                                 \
    static PyObject *                                                                       \
    codecs_##NAME(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)     \
    {                                                                                       \
        const char *errors;                                                                 \
        if (encoder_args(#NAME, args, nargs, 2, &errors) < 0) {                             \
            return NULL;                                                                    \
        }                                                                                   \
        return result_tuple(CALL, PyUnicode_GET_LENGTH(args[0]));                           \
    }

ENCODER(utf_7_encode, _PyUnicode_EncodeUTF7(args[0], errors))
ENCODER(utf_8_encode, _PyUnicode_AsUTF8String(args[0], errors))
ENCODER(utf_16_le_encode, _PyUnicode_EncodeUTF16(args[0], errors, -1))
ENCODER(utf_16_be_encode, _PyUnicode_EncodeUTF16(args[0], errors, 1))
ENCODER(utf_32_le_encode, _PyUnicode_EncodeUTF32(args[0], errors, -1))
ENCODER(utf_32_be_encode, _PyUnicode_EncodeUTF32(args[0], errors, 1))
ENCODER(unicode_escape_encode, PyUnicode_AsUnicodeEscapeString(args[0]))
ENCODER(raw_unicode_escape_encode, PyUnicode_AsRawUnicodeEscapeString(args[0]))
ENCODER(latin_1_encode, _PyUnicode_AsLatin1String(args[0], errors))
ENCODER(ascii_encode, _PyUnicode_AsASCIIString(args[0], errors))

/* With a byte order as third argument. */
#define ORDER_ENCODER(NAME, FUNCTION)                                                       \
    static PyObject *                                                                       \
    codecs_##NAME(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)     \
    {                                                                                       \
        const char *errors;                                                                 \
        int byteorder = 0;                                                                  \
        if (encoder_args(#NAME, args, nargs, 3, &errors) < 0) {                             \
            return NULL;                                                                    \
        }                                                                                   \
        if (nargs > 2) {                                                                    \
            byteorder = PyLong_AsInt(args[2]);                                              \
            if (byteorder == -1 && PyErr_Occurred()) {                                      \
                return NULL;                                                                \
            }                                                                               \
        }                                                                                   \
        return result_tuple(FUNCTION(args[0], errors, byteorder),                           \
                            PyUnicode_GET_LENGTH(args[0]));                                 \
    }

ORDER_ENCODER(utf_16_encode, _PyUnicode_EncodeUTF16)
ORDER_ENCODER(utf_32_encode, _PyUnicode_EncodeUTF32)

static PyObject *
codecs_charmap_encode(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *errors;
    if (encoder_args("charmap_encode", args, nargs, 3, &errors) < 0) {
        return NULL;
    }
    PyObject *mapping = nargs > 2 && args[2] != Py_None ? args[2] : NULL;
    return result_tuple(_PyUnicode_EncodeCharmap(args[0], mapping, errors),
                        PyUnicode_GET_LENGTH(args[0]));
}

static PyObject *
codecs_charmap_build(PyObject *Py_UNUSED(module), PyObject *map)
{
    if (!PyUnicode_Check(map)) {
        _PyArg_BadArgument("charmap_build", "argument", "str", map);
        return NULL;
    }
    return PyUnicode_BuildEncodingMap(map);
}

static PyObject *
codecs_readbuffer_encode(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    struct decoder_args a = {0};
    if (decoder_args("readbuffer_encode", args, nargs, "", 1, &a) < 0) {
        return NULL;
    }
    Py_ssize_t size = a.data.len;
    PyObject *bytes = PyBytes_FromStringAndSize(a.data.buf, size);
    PyBuffer_Release(&a.data);
    return result_tuple(bytes, size);
}

static PyObject *
codecs_escape_encode(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *errors = NULL;
    if (!_PyArg_CheckPositional("escape_encode", nargs, 1, 2)) {
        return NULL;
    }
    if (!PyBytes_Check(args[0])) {
        _PyArg_BadArgument("escape_encode", "argument 1", "bytes", args[0]);
        return NULL;
    }
    if (nargs > 1 && arg_text("escape_encode", 2, args[1], 1, &errors) < 0) {
        return NULL;
    }
    const char *s = PyBytes_AS_STRING(args[0]);
    Py_ssize_t size = PyBytes_GET_SIZE(args[0]), total = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)s[i];
        Py_ssize_t add = c == '\\' || c == '\'' || c == '\t' || c == '\n' || c == '\r' ? 2
                       : c < ' ' || c >= 0x7f ? 4 : 1;
        if (total > PY_SSIZE_T_MAX - add) {
            PyErr_SetString(PyExc_OverflowError, "string is too large to encode");
            return NULL;
        }
        total += add;
    }
    _PyBytesWriter writer;
    _PyBytesWriter_Init(&writer);
    char *p = _PyBytesWriter_Alloc(&writer, total);
    if (p == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)s[i];
        char letter = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r'
                    : c == '\\' || c == '\'' ? (char)c : 0;
        if (letter != 0) {
            *p++ = '\\';
            *p++ = letter;
        }
        else if (c < ' ' || c >= 0x7f) {
            *p++ = '\\';
            *p++ = 'x';
            *p++ = Py_hexdigits[c >> 4];
            *p++ = Py_hexdigits[c & 15];
        }
        else {
            *p++ = (char)c;
        }
    }
    return result_tuple(_PyBytesWriter_Finish(&writer, p), size);
}

/* -- Module -------------------------------------------------------------------------------- */

#define DECODER_ROW(NAME, SIGNATURE, WHAT) \
    PY_METHOD(codecs, NAME, METH_FASTCALL, "($module, data, errors=None, " SIGNATURE "/)", \
              "Decode " WHAT ": the text, and how many bytes it took.")
#define ENCODER_ROW(NAME, SIGNATURE, WHAT) \
    PY_METHOD(codecs, NAME, METH_FASTCALL, "($module, str, errors=None, " SIGNATURE "/)", \
              "Encode as " WHAT ": the bytes, and how many characters were encoded.")

static PyMethodDef codecs_methods[] = {
    PY_METHOD(codecs, register, METH_O, "($module, search_function, /)",
              "Add a function that finds codecs.\n\nIt is called with a normalised name and "
              "returns a CodecInfo or None."),
    PY_METHOD(codecs, unregister, METH_O, "($module, search_function, /)",
              "Remove a search function, and forget what was found."),
    PY_METHOD(codecs, lookup, METH_O, "($module, encoding, /)",
              "The codec of an encoding, as CodecInfo."),
    PY_METHOD(codecs, encode, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, obj, encoding=\'utf-8\', errors=\'strict\')",
              "Encode obj with the codec of an encoding."),
    PY_METHOD(codecs, decode, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, obj, encoding=\'utf-8\', errors=\'strict\')",
              "Decode obj with the codec of an encoding."),
    ENCODER_ROW(utf_8_encode, "", "UTF-8"),
    DECODER_ROW(utf_8_decode, "final=False, ", "UTF-8"),
    ENCODER_ROW(utf_7_encode, "", "UTF-7"),
    DECODER_ROW(utf_7_decode, "final=False, ", "UTF-7"),
    ENCODER_ROW(utf_16_encode, "byteorder=0, ", "UTF-16"),
    ENCODER_ROW(utf_16_le_encode, "", "UTF-16, little endian"),
    ENCODER_ROW(utf_16_be_encode, "", "UTF-16, big endian"),
    DECODER_ROW(utf_16_decode, "final=False, ", "UTF-16"),
    DECODER_ROW(utf_16_le_decode, "final=False, ", "UTF-16, little endian"),
    DECODER_ROW(utf_16_be_decode, "final=False, ", "UTF-16, big endian"),
    DECODER_ROW(utf_16_ex_decode, "byteorder=0, final=False, ",
                "UTF-16 in a byte order, and tell the one that was found"),
    ENCODER_ROW(utf_32_encode, "byteorder=0, ", "UTF-32"),
    ENCODER_ROW(utf_32_le_encode, "", "UTF-32, little endian"),
    ENCODER_ROW(utf_32_be_encode, "", "UTF-32, big endian"),
    DECODER_ROW(utf_32_decode, "final=False, ", "UTF-32"),
    DECODER_ROW(utf_32_le_decode, "final=False, ", "UTF-32, little endian"),
    DECODER_ROW(utf_32_be_decode, "final=False, ", "UTF-32, big endian"),
    DECODER_ROW(utf_32_ex_decode, "byteorder=0, final=False, ",
                "UTF-32 in a byte order, and tell the one that was found"),
    ENCODER_ROW(unicode_escape_encode, "", "escapes of string literals"),
    DECODER_ROW(unicode_escape_decode, "final=True, ", "escapes of string literals"),
    ENCODER_ROW(raw_unicode_escape_encode, "", "Latin-1 with \\u and \\U escapes"),
    DECODER_ROW(raw_unicode_escape_decode, "final=True, ", "Latin-1 with \\u and \\U escapes"),
    ENCODER_ROW(latin_1_encode, "", "Latin-1"),
    DECODER_ROW(latin_1_decode, "", "Latin-1"),
    ENCODER_ROW(ascii_encode, "", "ASCII"),
    DECODER_ROW(ascii_decode, "", "ASCII"),
    ENCODER_ROW(charmap_encode, "mapping=None, ", "a character map says"),
    DECODER_ROW(charmap_decode, "mapping=None, ", "by a character map"),
    PY_METHOD(codecs, charmap_build, METH_O, "($module, map, /)",
              "Make an encoding table of a decoding table (a str of up to 256 characters)."),
    PY_METHOD(codecs, escape_encode, METH_FASTCALL, "($module, data, errors=None, /)",
              "Encode as escapes of bytes literals: the bytes, and how many were encoded."),
    DECODER_ROW(escape_decode, "", "escapes of bytes literals"),
    PY_METHOD(codecs, readbuffer_encode, METH_FASTCALL, "($module, data, errors=None, /)",
              "The bytes of a buffer, and how many there are."),
    PY_METHOD(codecs, register_error, METH_FASTCALL, "($module, errors, handler, /)",
              "Register an error handler under a name.\n\nIt is called with a UnicodeError and "
              "returns (replacement, position to go on from)."),
    PY_METHOD(codecs, _unregister_error, METH_O, "($module, errors, /)",
              "Forget an error handler; whether there was one."),
    PY_METHOD(codecs, lookup_error, METH_O, "($module, name, /)",
              "The error handler of a name; LookupError if there is none."),
    {0}
};

static PyModuleDef_Slot codecs_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef codecs_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs",
    .m_doc = "The codec registry and the codecs of the core.",
    .m_methods = codecs_methods,
    .m_slots = codecs_slots,
};

PyMODINIT_FUNC
PyInit__codecs(void)
{
    return PyModuleDef_Init(&codecs_module);
}

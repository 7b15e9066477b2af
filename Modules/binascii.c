/* binascii: bytes as text in hexadecimal, base64, uuencode and quoted-printable; cyclic redundancy checks. */
#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_bytesobject.h"  // _Py_strhex_bytes_with_sep
#include "pycore_long.h"         // _PyLong_DigitValue
#include "pycore_lock.h"         // _PyOnceFlag_CallOnce
#include "pycore_modsupport.h"   // _PyArg_UnpackKeywords

#include <stdbool.h>

typedef struct {
    PyObject *error;
    PyObject *incomplete;
} binascii_state;

static inline PyObject *
error_type(PyObject *module)
{
    return ((binascii_state *)PyModule_GetState(module))->error;
}

static PyObject *
failed(PyObject *module, const char *message)
{
    PyErr_SetString(error_type(module), message);
    return NULL;
}

/* -- Arguments ------------------------------------------------------------ */

/* The bytes of a buffer or of an ASCII str; -1 with an exception. */
static int
get_ascii(PyObject *op, Py_buffer *view)
{
    if (PyUnicode_Check(op)) {
        if (!PyUnicode_IS_ASCII(op)) {
            PyErr_SetString(PyExc_ValueError, "string argument should contain only ASCII characters");
            return -1;
        }
        return PyBuffer_FillInfo(view, op, PyUnicode_DATA(op), PyUnicode_GET_LENGTH(op), 1, PyBUF_SIMPLE);
    }
    if (PyObject_GetBuffer(op, view, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "argument should be bytes, buffer or ASCII string, not '%.100s'",
                     Py_TYPE(op)->tp_name);
        return -1;
    }
    return 0;
}

/* A truth value from an argument that may be missing. */
static int
get_flag(PyObject *arg, int default_value)
{
    return arg == NULL ? default_value : PyObject_IsTrue(arg);
}

/* _PyArg_UnpackKeywords into out[0 .. n); NULL for what is not given.  false with an exception */
static bool
unpack(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser, int minimum,
       int maximum, PyObject **out, int n)
{
    PyObject *buffer[4] = {NULL, NULL, NULL, NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, parser, minimum, maximum, 0, 0, buffer);
    if (args == NULL) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        out[i] = i < nargs || kwnames != NULL ? args[i] : NULL;
    }
    return true;
}

/* -- Uuencode ------------------------------------------------------------- */

#define UU_LINE_MAX 45  /* bytes */

static PyObject *
uu_decode(PyObject *module, const unsigned char *p, Py_ssize_t size)
{
    if (size == 0) {
        return failed(module, "Missing length byte");
    }
    const unsigned char *end = p + size;
    Py_ssize_t length = (*p++ - ' ') & 077;
    PyObject *result = PyBytes_FromStringAndSize(NULL, length);
    if (result == NULL) {
        return NULL;
    }
    unsigned char *out = (unsigned char *)PyBytes_AS_STRING(result);
    unsigned bits = 0, accumulator = 0;
    for (; length > 0; p++) {
        unsigned value = 0;  /* what is missing at the end are spaces, stripped on the way */
        if (p < end && *p != '\n' && *p != '\r') {
            if (*p < ' ' || *p > ' ' + 64) {
                Py_DECREF(result);
                return failed(module, "Illegal char");
            }
            value = (*p - ' ') & 077;
        }
        accumulator = (accumulator << 6) | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *out++ = (unsigned char)(accumulator >> bits);
            accumulator &= (1u << bits) - 1;
            length--;
        }
    }
    for (; p < end; p++) {
        if (*p != ' ' && *p != ' ' + 64 && *p != '\n' && *p != '\r') {
            Py_DECREF(result);
            return failed(module, "Trailing garbage");
        }
    }
    return result;
}

static PyObject *
binascii_a2b_uu(PyObject *module, PyObject *data)
{
    Py_buffer view;
    if (get_ascii(data, &view) < 0) {
        return NULL;
    }
    PyObject *result = uu_decode(module, view.buf, view.len);
    PyBuffer_Release(&view);
    return result;
}

static inline char
uu_char(unsigned value, bool backtick)
{
    return backtick && value == 0 ? '`' : (char)(value + ' ');
}

static PyObject *
uu_encode(PyObject *module, const unsigned char *p, Py_ssize_t size, bool backtick)
{
    if (size > UU_LINE_MAX) {
        return failed(module, "At most 45 bytes at once");
    }
    char line[2 + (UU_LINE_MAX + 2) / 3 * 4], *out = line;
    *out++ = uu_char((unsigned)size, backtick);
    for (Py_ssize_t i = 0; i < size; i += 3) {
        unsigned group = (unsigned)p[i] << 16;
        if (i + 1 < size) {
            group |= (unsigned)p[i + 1] << 8;
        }
        if (i + 2 < size) {
            group |= p[i + 2];
        }
        for (int shift = 18; shift >= 0; shift -= 6) {
            *out++ = uu_char(group >> shift & 077, backtick);
        }
    }
    *out++ = '\n';
    return PyBytes_FromStringAndSize(line, out - line);
}

static const char *const b2a_uu_keywords[] = {"", "backtick", NULL};
static _PyArg_Parser b2a_uu_parser = {.keywords = b2a_uu_keywords, .fname = "b2a_uu"};

static PyObject *
binascii_b2a_uu(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *arg[2];
    Py_buffer view;
    if (!unpack(args, nargs, kwnames, &b2a_uu_parser, 1, 1, arg, 2)
        || PyObject_GetBuffer(arg[0], &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int backtick = get_flag(arg[1], 0);
    PyObject *result = backtick < 0 ? NULL : uu_encode(module, view.buf, view.len, backtick);
    PyBuffer_Release(&view);
    return result;
}

/* -- Base64 --------------------------------------------------------------- */

static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define NOT_BASE64 0xff

static inline unsigned char
base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned char)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned char)(c - 'a' + 26);
    }
    if (c >= '0' && c <= '9') {
        return (unsigned char)(c - '0' + 52);
    }
    return c == '+' ? 62 : c == '/' ? 63 : NOT_BASE64;
}

/* The value of every byte, filled at the first import. */
static unsigned char base64_values[256];

/* Decodes into out; the number of bytes, or -1 with an exception. */
static Py_ssize_t
base64_decode(PyObject *module, unsigned char *start, const unsigned char *p, Py_ssize_t size, bool strict)
{
    const unsigned char *first = p, *end = p + size;
    unsigned char *out = start;
    unsigned accumulator = 0;
    int position = 0, pads = 0;  /* characters of the present group of four; pads behind them */
    const char *message = NULL;
    while (p < end) {
        /* whole groups without anything special */
        while (position == 0 && end - p >= 4) {
            unsigned a = base64_values[p[0]], b = base64_values[p[1]], c = base64_values[p[2]],
                     d = base64_values[p[3]];
            if ((a | b | c | d) & 0x80 || (strict && pads)) {
                break;
            }
            unsigned group = a << 18 | b << 12 | c << 6 | d;
            *out++ = (unsigned char)(group >> 16);
            *out++ = (unsigned char)(group >> 8);
            *out++ = (unsigned char)group;
            p += 4;
            pads = 0;
        }
        if (p == end) {
            break;
        }
        unsigned char c = *p++;
        if (c == '=') {
            if (position >= 2 && position + ++pads <= 4) {
                continue;
            }
            if (strict) {
                if (position == 1) {
                    break;
                }
                message = p == first + 1 ? "Leading padding not allowed" : "Excess padding not allowed";
                goto error;
            }
            continue;
        }
        unsigned value = base64_values[c];
        if (value == NOT_BASE64) {
            if (strict) {
                message = "Only base64 data is allowed";
                goto error;
            }
            continue;
        }
        if (strict && pads) {
            message = position + pads == 4 ? "Excess data after padding" : "Discontinuous padding not allowed";
            goto error;
        }
        pads = 0;
        accumulator = accumulator << 6 | value;
        switch (position) {
        case 0:
            position = 1;
            break;
        case 1:
            *out++ = (unsigned char)(accumulator >> 4);
            position = 2;
            break;
        case 2:
            *out++ = (unsigned char)(accumulator >> 2);
            position = 3;
            break;
        default:
            *out++ = (unsigned char)accumulator;
            position = 0;
            break;
        }
    }
    if (position == 1) {
        PyErr_Format(error_type(module),
                     "Invalid base64-encoded string: number of data characters (%zd) cannot be 1 more "
                     "than a multiple of 4",
                     (out - start) / 3 * 4 + 1);
        return -1;
    }
    if (position != 0 && position + pads < 4) {
        message = "Incorrect padding";
        goto error;
    }
    return out - start;
error:
    failed(module, message);
    return -1;
}

static const char *const a2b_base64_keywords[] = {"", "strict_mode", NULL};
static _PyArg_Parser a2b_base64_parser = {.keywords = a2b_base64_keywords, .fname = "a2b_base64"};

static PyObject *
binascii_a2b_base64(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *arg[2], *result = NULL;
    Py_buffer view;
    if (!unpack(args, nargs, kwnames, &a2b_base64_parser, 1, 1, arg, 2) || get_ascii(arg[0], &view) < 0) {
        return NULL;
    }
    int strict = get_flag(arg[1], 0);
    if (strict >= 0) {
        result = PyBytes_FromStringAndSize(NULL, (view.len + 3) / 4 * 3);
    }
    if (result != NULL) {
        Py_ssize_t size = base64_decode(module, (unsigned char *)PyBytes_AS_STRING(result), view.buf, view.len,
                                        strict);
        if (size < 0) {
            Py_CLEAR(result);
        }
        else {
            _PyBytes_Resize(&result, size);
        }
    }
    PyBuffer_Release(&view);
    return result;
}

static const char *const b2a_base64_keywords[] = {"", "newline", NULL};
static _PyArg_Parser b2a_base64_parser = {.keywords = b2a_base64_keywords, .fname = "b2a_base64"};

static PyObject *
base64_encode(PyObject *module, const unsigned char *p, Py_ssize_t size, bool newline)
{
    if (size > PY_SSIZE_T_MAX / 4 * 3 - 6) {
        return failed(module, "Too much data for base64 line");
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, (size + 2) / 3 * 4 + newline);
    if (result == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(result);
    for (; size >= 3; size -= 3, p += 3) {
        unsigned group = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
        *out++ = base64_letters[group >> 18];
        *out++ = base64_letters[group >> 12 & 077];
        *out++ = base64_letters[group >> 6 & 077];
        *out++ = base64_letters[group & 077];
    }
    if (size > 0) {
        unsigned group = (unsigned)p[0] << 16 | (size > 1 ? (unsigned)p[1] << 8 : 0);
        *out++ = base64_letters[group >> 18];
        *out++ = base64_letters[group >> 12 & 077];
        *out++ = size > 1 ? base64_letters[group >> 6 & 077] : '=';
        *out++ = '=';
    }
    if (newline) {
        *out++ = '\n';
    }
    return result;
}

static PyObject *
binascii_b2a_base64(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *arg[2];
    Py_buffer view;
    if (!unpack(args, nargs, kwnames, &b2a_base64_parser, 1, 1, arg, 2)
        || PyObject_GetBuffer(arg[0], &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int newline = get_flag(arg[1], 1);
    PyObject *result = newline < 0 ? NULL : base64_encode(module, view.buf, view.len, newline);
    PyBuffer_Release(&view);
    return result;
}

/* -- Hexadecimal ---------------------------------------------------------- */

static const char *const hex_keywords[] = {"data", "sep", "bytes_per_sep", NULL};
static _PyArg_Parser b2a_hex_parser = {.keywords = hex_keywords, .fname = "b2a_hex"};
static _PyArg_Parser hexlify_parser = {.keywords = hex_keywords, .fname = "hexlify"};

static PyObject *
to_hex(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser)
{
    PyObject *arg[3];
    Py_buffer view;
    if (!unpack(args, nargs, kwnames, parser, 1, 3, arg, 3) || PyObject_GetBuffer(arg[0], &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    int group = 1;
    if (arg[2] != NULL) {
        group = PyLong_AsInt(arg[2]);
    }
    if (group != -1 || !PyErr_Occurred()) {
        result = _Py_strhex_bytes_with_sep(view.buf, view.len, arg[1], group);
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *
binascii_b2a_hex(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return to_hex(args, nargs, kwnames, &b2a_hex_parser);
}

static PyObject *
binascii_hexlify(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return to_hex(args, nargs, kwnames, &hexlify_parser);
}

static PyObject *
hex_decode(PyObject *module, const unsigned char *p, Py_ssize_t size)
{
    if (size % 2 != 0) {
        return failed(module, "Odd-length string");
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, size / 2);
    if (result == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(result);
    for (Py_ssize_t i = 0; i < size; i += 2) {
        unsigned high = _PyLong_DigitValue[p[i]], low = _PyLong_DigitValue[p[i + 1]];
        if (high >= 16 || low >= 16) {
            Py_DECREF(result);
            return failed(module, "Non-hexadecimal digit found");
        }
        *out++ = (char)(high << 4 | low);
    }
    return result;
}

static PyObject *
binascii_a2b_hex(PyObject *module, PyObject *hexstr)
{
    Py_buffer view;
    if (get_ascii(hexstr, &view) < 0) {
        return NULL;
    }
    PyObject *result = hex_decode(module, view.buf, view.len);
    PyBuffer_Release(&view);
    return result;
}

/* -- Quoted-printable ----------------------------------------------------- */

#define QP_LINE_MAX 76

static const char *const a2b_qp_keywords[] = {"data", "header", NULL};
static _PyArg_Parser a2b_qp_parser = {.keywords = a2b_qp_keywords, .fname = "a2b_qp"};

static Py_ssize_t
qp_decode(unsigned char *start, const unsigned char *p, Py_ssize_t size, bool header)
{
    const unsigned char *end = p + size;
    unsigned char *out = start;
    while (p < end) {
        if (*p == '=') {
            p++;
            if (p == end) {
                break;
            }
            if (*p == '\n' || *p == '\r') {
                /* a soft line break, up to the line feed */
                while (p < end && *p != '\n') {
                    p++;
                }
                p += p < end;
            }
            else if (*p == '=') {
                *out++ = '=';
                p++;
            }
            else if (end - p > 1 && _PyLong_DigitValue[p[0]] < 16 && _PyLong_DigitValue[p[1]] < 16) {
                *out++ = (unsigned char)(_PyLong_DigitValue[p[0]] << 4 | _PyLong_DigitValue[p[1]]);
                p += 2;
            }
            else {
                *out++ = '=';
            }
        }
        else {
            *out++ = header && *p == '_' ? ' ' : *p;
            p++;
        }
    }
    return out - start;
}

static PyObject *
binascii_a2b_qp(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *arg[2], *result = NULL;
    Py_buffer view;
    if (!unpack(args, nargs, kwnames, &a2b_qp_parser, 1, 2, arg, 2) || get_ascii(arg[0], &view) < 0) {
        return NULL;
    }
    int header = get_flag(arg[1], 0);
    if (header >= 0) {
        result = PyBytes_FromStringAndSize(NULL, view.len);
    }
    if (result != NULL) {
        Py_ssize_t size = qp_decode((unsigned char *)PyBytes_AS_STRING(result), view.buf, view.len, header);
        _PyBytes_Resize(&result, size);
    }
    PyBuffer_Release(&view);
    return result;
}

struct qp_options {
    bool quote_tabs, text, header, crlf;
};

/* Whether data[i] must be written as =XX. */
static bool
qp_must_quote(const unsigned char *data, Py_ssize_t size, Py_ssize_t i, Py_ssize_t column,
              const struct qp_options *o)
{
    unsigned char c = data[i];
    bool last = i + 1 == size;
    if (c > 126 || c == '=' || (o->header && c == '_')) {
        return true;
    }
    if (c == '.' && column == 0 && (last || data[i + 1] == '\n' || data[i + 1] == '\r' || data[i + 1] == 0)) {
        return true;  /* a lone dot ends a mail message */
    }
    if (c == '\r' || c == '\n') {
        return !o->text;
    }
    if (c == '\t' || c == ' ') {
        return last || o->quote_tabs;
    }
    return c < 33;
}

static char *
qp_hex(char *out, unsigned char c)
{
    static const char letters[] = "0123456789ABCDEF";
    *out++ = '=';
    *out++ = letters[c >> 4];
    *out++ = letters[c & 15];
    return out;
}

static char *
qp_newline(char *out, bool crlf)
{
    if (crlf) {
        *out++ = '\r';
    }
    *out++ = '\n';
    return out;
}

/* Returns the end of what was written; `start` has room for 3 bytes for each of the data, and line breaks. */
static char *
qp_encode(char *start, const unsigned char *data, Py_ssize_t size, const struct qp_options *o)
{
    char *out = start;
    Py_ssize_t column = 0, i = 0;
    while (i < size) {
        unsigned char c = data[i];
        if (qp_must_quote(data, size, i, column, o)) {
            if (column + 3 >= QP_LINE_MAX) {
                *out++ = '=';
                out = qp_newline(out, o->crlf);
                column = 0;
            }
            out = qp_hex(out, c);
            column += 3;
            i++;
        }
        else if (o->text && (c == '\n' || (c == '\r' && i + 1 < size && data[i + 1] == '\n'))) {
            if (out > start && (out[-1] == ' ' || out[-1] == '\t')) {
                /* white space at the end of a line would get lost */
                unsigned char space = (unsigned char)out[-1];
                out = qp_hex(out - 1, space);
            }
            out = qp_newline(out, o->crlf);
            column = 0;
            i += c == '\r' ? 2 : 1;
        }
        else {
            if (i + 1 != size && data[i + 1] != '\n' && column + 1 >= QP_LINE_MAX) {
                *out++ = '=';
                out = qp_newline(out, o->crlf);
                column = 0;
            }
            *out++ = o->header && c == ' ' ? '_' : (char)c;
            column++;
            i++;
        }
    }
    return out;
}

static const char *const b2a_qp_keywords[] = {"data", "quotetabs", "istext", "header", NULL};
static _PyArg_Parser b2a_qp_parser = {.keywords = b2a_qp_keywords, .fname = "b2a_qp"};

static PyObject *
binascii_b2a_qp(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *arg[4], *result = NULL;
    Py_buffer view;
    if (!unpack(args, nargs, kwnames, &b2a_qp_parser, 1, 4, arg, 4)
        || PyObject_GetBuffer(arg[0], &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int flags[3];
    for (int i = 0; i < 3; i++) {
        flags[i] = get_flag(arg[1 + i], i == 1);
        if (flags[i] < 0) {
            goto done;
        }
    }
    const unsigned char *data = view.buf;
    struct qp_options o = {.quote_tabs = flags[0], .text = flags[1], .header = flags[2]};
    const unsigned char *newline = view.len ? memchr(data, '\n', (size_t)view.len) : NULL;
    o.crlf = newline != NULL && newline > data && newline[-1] == '\r';
    if (view.len > PY_SSIZE_T_MAX / 4 - 16) {
        PyErr_NoMemory();
        goto done;
    }
    /* three for each, and three more for each line of 25 quoted bytes */
    char *out = PyMem_Malloc((size_t)view.len * 3 + (size_t)view.len / 8 + 16);
    if (out == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    result = PyBytes_FromStringAndSize(out, qp_encode(out, data, view.len, &o) - out);
    PyMem_Free(out);
done:
    PyBuffer_Release(&view);
    return result;
}

/* -- Checksums ------------------------------------------------------------ */

static uint16_t hqx_table[256];       /* x**16 + x**12 + x**5 + 1, high bit first */
static uint32_t crc_table[8][256];    /* the polynomial of ISO 3309, low bit first; slices of eight bytes */

static _PyOnceFlag tables_once;

static int
tables_fill(void *Py_UNUSED(arg))
{
    for (unsigned i = 0; i < 256; i++) {
        uint32_t hqx = i << 8, crc = i;
        for (int bit = 0; bit < 8; bit++) {
            hqx = hqx & 0x8000 ? hqx << 1 ^ 0x1021 : hqx << 1;
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
        }
        hqx_table[i] = (uint16_t)hqx;
        crc_table[0][i] = crc;
        base64_values[i] = base64_value((unsigned char)i);
    }
    for (int k = 1; k < 8; k++) {
        for (int i = 0; i < 256; i++) {
            uint32_t previous = crc_table[k - 1][i];
            crc_table[k][i] = previous >> 8 ^ crc_table[0][previous & 0xff];
        }
    }
    return 0;
}

static PyObject *
binascii_crc_hqx(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("crc_hqx", nargs, 2, 2)) {
        return NULL;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(args[0], &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    unsigned long start = PyLong_AsUnsignedLongMask(args[1]);
    if (start != (unsigned long)-1 || !PyErr_Occurred()) {
        unsigned crc = start & 0xffff;
        const unsigned char *p = view.buf;
        for (Py_ssize_t i = 0; i < view.len; i++) {
            crc = (crc << 8 & 0xff00) ^ hqx_table[crc >> 8 ^ p[i]];
        }
        result = PyLong_FromUnsignedLong(crc);
    }
    PyBuffer_Release(&view);
    return result;
}

/* Source of the method: Kounavis and Berry, "A systematic approach to building high performance software-based
   CRC generators" (2005). */
static uint32_t
crc32_update(uint32_t crc, const unsigned char *p, size_t size)
{
    crc = ~crc;
    for (; size >= 8; size -= 8, p += 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        crc = crc_table[7][low & 0xff] ^ crc_table[6][low >> 8 & 0xff] ^ crc_table[5][low >> 16 & 0xff]
              ^ crc_table[4][low >> 24] ^ crc_table[3][p[4]] ^ crc_table[2][p[5]] ^ crc_table[1][p[6]]
              ^ crc_table[0][p[7]];
    }
    while (size-- > 0) {
        crc = crc >> 8 ^ crc_table[0][(crc ^ *p++) & 0xff];
    }
    return ~crc;
}

#define LONG_WORK 5120  /* bytes from which on other threads may run meanwhile */

static PyObject *
binascii_crc32(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("crc32", nargs, 1, 2)) {
        return NULL;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(args[0], &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    unsigned long start = nargs > 1 ? PyLong_AsUnsignedLongMask(args[1]) : 0;
    if (start != (unsigned long)-1 || !PyErr_Occurred()) {
        uint32_t crc;
        if (view.len > LONG_WORK) {
            Py_BEGIN_ALLOW_THREADS
            crc = crc32_update((uint32_t)start, view.buf, (size_t)view.len);
            Py_END_ALLOW_THREADS
        }
        else {
            crc = crc32_update((uint32_t)start, view.buf, (size_t)view.len);
        }
        result = PyLong_FromUInt32(crc);
    }
    PyBuffer_Release(&view);
    return result;
}

/* -- The module ----------------------------------------------------------- */

static PyMethodDef binascii_methods[] = {
    PY_METHOD(binascii, a2b_uu, METH_O, "($module, data, /)", "Decode a line of uuencoded data."),
    PY_METHOD(binascii, b2a_uu, METH_FASTCALL | METH_KEYWORDS, "($module, data, /, *, backtick=False)",
              "Uuencode a line of at most 45 bytes."),
    PY_METHOD(binascii, a2b_base64, METH_FASTCALL | METH_KEYWORDS, "($module, data, /, *, strict_mode=False)",
              "Decode base64; in strict mode, only the canonical form."),
    PY_METHOD(binascii, b2a_base64, METH_FASTCALL | METH_KEYWORDS, "($module, data, /, *, newline=True)",
              "Encode in base64, in one line."),
    PY_METHOD(binascii, a2b_hex, METH_O, "($module, hexstr, /)", "Decode hexadecimal text."),
    PY_METHOD(binascii, b2a_hex, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)",
              "Encode in hexadecimal, with a separator between groups of bytes if you like.\n\n"
              "Groups are counted from the right, or from the left if bytes_per_sep is negative."),
    PY_METHOD(binascii, hexlify, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)",
              "Encode in hexadecimal, with a separator between groups of bytes if you like.\n\n"
              "Groups are counted from the right, or from the left if bytes_per_sep is negative."),
    PY_METHOD_AS("unhexlify", binascii_a2b_hex, METH_O, "($module, hexstr, /)", "Decode hexadecimal text."),
    PY_METHOD(binascii, crc_hqx, METH_FASTCALL, "($module, data, crc, /)", "16-bit CRC of BinHex, going on from crc."),
    PY_METHOD(binascii, crc32, METH_FASTCALL, "($module, data, crc=0, /)", "32-bit CRC, going on from crc."),
    PY_METHOD(binascii, a2b_qp, METH_FASTCALL | METH_KEYWORDS, "($module, /, data, header=False)",
              "Decode quoted-printable data."),
    PY_METHOD(binascii, b2a_qp, METH_FASTCALL | METH_KEYWORDS,
              "($module, /, data, quotetabs=False, istext=True, header=False)",
              "Encode as quoted-printable data.\n\n"
              "istext keeps line breaks as they are; header turns spaces into underscores."),
    {NULL},
};

static int
binascii_exec(PyObject *module)
{
    binascii_state *state = PyModule_GetState(module);
    if (_PyOnceFlag_CallOnce(&tables_once, tables_fill, NULL) < 0) {
        return -1;
    }
    state->error = PyErr_NewException("binascii.Error", PyExc_ValueError, NULL);
    if (state->error == NULL || PyModule_AddObjectRef(module, "Error", state->error) < 0) {
        return -1;
    }
    state->incomplete = PyErr_NewException("binascii.Incomplete", NULL, NULL);
    return state->incomplete == NULL ? -1 : PyModule_AddObjectRef(module, "Incomplete", state->incomplete);
}

static int
binascii_traverse(PyObject *module, visitproc visit, void *arg)
{
    binascii_state *state = PyModule_GetState(module);
    Py_VISIT(state->error);
    Py_VISIT(state->incomplete);
    return 0;
}

static int
binascii_clear(PyObject *module)
{
    binascii_state *state = PyModule_GetState(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->incomplete);
    return 0;
}

static PyModuleDef_Slot binascii_slots[] = {
    {Py_mod_exec, binascii_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static struct PyModuleDef binascii_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "binascii",
    .m_doc = "Conversion between binary data and various encodings of it as ASCII text.",
    .m_size = sizeof(binascii_state),
    .m_methods = binascii_methods,
    .m_slots = binascii_slots,
    .m_traverse = binascii_traverse,
    .m_clear = binascii_clear,
};

PyMODINIT_FUNC
PyInit_binascii(void)
{
    return PyModuleDef_Init(&binascii_module);
}

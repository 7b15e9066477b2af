/* Wide strings and the C locale.

   The first half works on strs; the second half (Py_DecodeLocale and what is below it) is used
   before there is an interpreter: raw allocator, no exceptions, no Python objects.
   POSIX: wchar_t holds a code point. */
#include "unicode_impl.h"
#include "pycore_initconfig.h"  // _Py_preconfig
#include <langinfo.h>
#include <locale.h>

#if SIZEOF_WCHAR_T != 4 && SIZEOF_WCHAR_T != 2
#  error "wchar_t of an unknown size"
#endif

/* -- str <-> wchar_t ----------------------------------------------------------------------- */

PyObject *
PyUnicode_FromWideChar(const wchar_t *u, Py_ssize_t size)
{
    if (u == NULL && size != 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (size == -1) {
        size = (Py_ssize_t)wcslen(u);
    }
    if (size == 0) {
        return _Py_STR(empty);
    }
#if SIZEOF_WCHAR_T == 4
    Py_UCS4 seen = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_UCS4 ch = (Py_UCS4)u[i];
        seen = Py_MAX(seen, ch);
    }
    if (seen > MAX_UNICODE) {
        PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+%x]", seen,
                     MAX_UNICODE);
        return NULL;
    }
    return _PyUnicode_FromUCS4((const Py_UCS4 *)u, size);
#else
    int order = PY_BIG_ENDIAN ? 1 : -1;
    return PyUnicode_DecodeUTF16((const char *)u, size * 2, "surrogatepass", &order);
#endif
}

/* Number of wchar_t for unicode, without terminator. */
static Py_ssize_t
wide_length(PyObject *unicode)
{
    Py_ssize_t n = LENGTH(unicode);
#if SIZEOF_WCHAR_T == 2
    if (KIND(unicode) == PyUnicode_4BYTE_KIND) {
        const Py_UCS4 *s = PyUnicode_4BYTE_DATA(unicode);
        for (Py_ssize_t i = 0; i < LENGTH(unicode); i++) {
            n += s[i] > 0xffff;
        }
    }
#endif
    return n;
}

/* Writes up to size wchar_t, terminator included if it fits. */
static void
wide_copy(PyObject *unicode, wchar_t *w, Py_ssize_t size)
{
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t length = LENGTH(unicode), n = 0;
    for (Py_ssize_t i = 0; i < length && n < size; i++) {
        Py_UCS4 ch = READ(kind, data, i);
#if SIZEOF_WCHAR_T == 2
        if (ch > 0xffff) {
            w[n++] = (wchar_t)Py_UNICODE_HIGH_SURROGATE(ch);
            if (n < size) {
                w[n++] = (wchar_t)Py_UNICODE_LOW_SURROGATE(ch);
            }
            continue;
        }
#endif
        w[n++] = (wchar_t)ch;
    }
    if (n < size) {
        w[n] = L'\0';
    }
}

Py_ssize_t
PyUnicode_AsWideChar(PyObject *unicode, wchar_t *w, Py_ssize_t size)
{
    if (unicode == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return -1;
    }
    Py_ssize_t length = wide_length(unicode);
    if (w == NULL) {
        return length + 1;
    }
    wide_copy(unicode, w, size);
    return size > length ? length : size;
}

wchar_t *
PyUnicode_AsWideCharString(PyObject *unicode, Py_ssize_t *size)
{
    if (unicode == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadArgument();
        return NULL;
    }
    Py_ssize_t length = wide_length(unicode);
    wchar_t *buffer = PyMem_New(wchar_t, length + 1);
    if (buffer == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    wide_copy(unicode, buffer, length + 1);
    if (size != NULL) {
        *size = length;
    }
    else if (wcslen(buffer) != (size_t)length) {
        PyMem_Free(buffer);
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return buffer;
}

int
_PyUnicode_WideCharString_Converter(PyObject *obj, void *ptr)
{
    wchar_t **p = ptr;
    if (obj == NULL) {
        PyMem_Free(*p);
        *p = NULL;
        return 1;
    }
    if (PyUnicode_Check(obj)) {
        *p = PyUnicode_AsWideCharString(obj, NULL);
        return *p == NULL ? 0 : Py_CLEANUP_SUPPORTED;
    }
    PyErr_Format(PyExc_TypeError, "argument must be str, not %.50s", Py_TYPE(obj)->tp_name);
    return 0;
}

int
_PyUnicode_WideCharString_Opt_Converter(PyObject *obj, void *ptr)
{
    wchar_t **p = ptr;
    if (obj == NULL) {
        PyMem_Free(*p);
        *p = NULL;
        return 1;
    }
    if (obj == Py_None) {
        *p = NULL;
        return 1;
    }
    if (PyUnicode_Check(obj)) {
        *p = PyUnicode_AsWideCharString(obj, NULL);
        return *p == NULL ? 0 : Py_CLEANUP_SUPPORTED;
    }
    PyErr_Format(PyExc_TypeError, "argument must be str or None, not %.50s",
                 Py_TYPE(obj)->tp_name);
    return 0;
}

/* -- Locale codecs on objects -------------------------------------------------------------- */

/* The handlers that the locale codecs know: strict, surrogateescape, surrogatepass. */
static _Py_error_handler
locale_error_handler(const char *errors)
{
    _Py_error_handler handler = _Py_GetErrorHandler(errors);
    switch (handler) {
    case _Py_ERROR_STRICT:
    case _Py_ERROR_SURROGATEESCAPE:
    case _Py_ERROR_SURROGATEPASS:
        return handler;
    default:
        return _Py_ERROR_UNKNOWN;
    }
}

static PyObject *
encode_locale(PyObject *unicode, const char *errors, int current_locale)
{
    Py_ssize_t wlen;
    wchar_t *wstr = PyUnicode_AsWideCharString(unicode, &wlen);
    if (wstr == NULL) {
        return NULL;
    }
    if ((size_t)wlen != wcslen(wstr)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        PyMem_Free(wstr);
        return NULL;
    }
    char *str;
    size_t error_pos;
    const char *reason;
    int result = _Py_EncodeLocaleEx(wstr, &str, &error_pos, &reason, current_locale,
                                    locale_error_handler(errors));
    PyMem_Free(wstr);
    if (result == 0) {
        PyObject *bytes = PyBytes_FromString(str);
        PyMem_RawFree(str);
        return bytes;
    }
    if (result == -2) {
        PyObject *exc = PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", "locale", unicode,
                                              (Py_ssize_t)error_pos, (Py_ssize_t)error_pos + 1,
                                              reason);
        if (exc != NULL) {
            PyCodec_StrictErrors(exc);
            Py_DECREF(exc);
        }
    }
    else if (result == -3) {
        PyErr_SetString(PyExc_ValueError, "unsupported error handler");
    }
    else {
        PyErr_NoMemory();
    }
    return NULL;
}

PyObject *
PyUnicode_EncodeLocale(PyObject *unicode, const char *errors)
{
    return encode_locale(unicode, errors, 1);
}

static PyObject *
decode_locale(const char *str, Py_ssize_t len, const char *errors, int current_locale)
{
    if (str[len] != '\0' || (size_t)len != strlen(str)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return NULL;
    }
    wchar_t *wstr;
    size_t wlen;
    const char *reason;
    int result = _Py_DecodeLocaleEx(str, &wstr, &wlen, &reason, current_locale,
                                    locale_error_handler(errors));
    if (result == 0) {
        PyObject *unicode = PyUnicode_FromWideChar(wstr, (Py_ssize_t)wlen);
        PyMem_RawFree(wstr);
        return unicode;
    }
    if (result == -2) {
        PyObject *exc = PyUnicodeDecodeError_Create("locale", str, len, (Py_ssize_t)wlen,
                                                    (Py_ssize_t)wlen + 1, reason);
        if (exc != NULL) {
            PyCodec_StrictErrors(exc);
            Py_DECREF(exc);
        }
    }
    else if (result == -3) {
        PyErr_SetString(PyExc_ValueError, "unsupported error handler");
    }
    else {
        PyErr_NoMemory();
    }
    return NULL;
}

PyObject *
PyUnicode_DecodeLocaleAndSize(const char *str, Py_ssize_t size, const char *errors)
{
    return decode_locale(str, size, errors, 1);
}

PyObject *
PyUnicode_DecodeLocale(const char *str, const char *errors)
{
    return decode_locale(str, (Py_ssize_t)strlen(str), errors, 1);
}

/* -- Before the interpreter: error handlers -------------------------------------------------- */

/* -1 for handlers that are not supported here. */
static int
raw_error_modes(_Py_error_handler errors, int *surrogateescape, int *surrogatepass)
{
    *surrogateescape = errors == _Py_ERROR_SURROGATEESCAPE;
    *surrogatepass = errors == _Py_ERROR_SURROGATEPASS;
    return errors == _Py_ERROR_STRICT || *surrogateescape || *surrogatepass ? 0 : -1;
}

/* -- Before the interpreter: UTF-8 ----------------------------------------------------------- */

/* Decodes one character at s; its length, or 0 if it is not valid.  Surrogates count as valid if
   surrogatepass. */
static int
raw_utf8_char(const unsigned char *s, size_t left, int surrogatepass, Py_UCS4 *ch)
{
    unsigned char c = s[0];
    int n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (n == 0 || left < (size_t)n) {
        return 0;
    }
    Py_UCS4 value = n == 1 ? c : c & (0x7f >> n);
    for (int i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (s[i] & 0x3f);
    }
    if ((n == 3 && value < 0x800) || (n == 4 && (value < 0x10000 || value > MAX_UNICODE))
            || (!surrogatepass && Py_UNICODE_IS_SURROGATE(value))) {
        return 0;
    }
    *ch = value;
    return n;
}

int
_Py_DecodeUTF8Ex(const char *s, Py_ssize_t size, wchar_t **wstr, size_t *wlen, const char **reason,
                 _Py_error_handler errors)
{
    int surrogateescape, surrogatepass;
    if (raw_error_modes(errors, &surrogateescape, &surrogatepass) < 0) {
        return -3;
    }
    /* A byte becomes at most one wchar_t. */
    if (size > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(wchar_t) - 1) {
        return -1;
    }
    wchar_t *unicode = PyMem_RawMalloc(((size_t)size + 1) * sizeof(wchar_t));
    if (unicode == NULL) {
        return -1;
    }
    size_t n = 0;
    for (Py_ssize_t i = 0; i < size;) {
        Py_UCS4 ch;
        int used = raw_utf8_char((const unsigned char *)s + i, (size_t)(size - i), surrogatepass,
                                 &ch);
        if (used == 0) {
            if (!surrogateescape) {
                PyMem_RawFree(unicode);
                if (reason != NULL) {
                    *reason = (unsigned char)s[i] >= 0xc2 && (unsigned char)s[i] <= 0xf4
                        ? "invalid continuation byte" : "invalid start byte";
                }
                if (wlen != NULL) {
                    *wlen = (size_t)i;
                }
                return -2;
            }
            ch = 0xdc00 + (unsigned char)s[i];
            used = 1;
        }
        i += used;
#if SIZEOF_WCHAR_T == 2
        if (ch > 0xffff) {
            unicode[n++] = (wchar_t)Py_UNICODE_HIGH_SURROGATE(ch);
            ch = Py_UNICODE_LOW_SURROGATE(ch);
        }
#endif
        unicode[n++] = (wchar_t)ch;
    }
    unicode[n] = L'\0';
    *wstr = unicode;
    if (wlen != NULL) {
        *wlen = n;
    }
    return 0;
}

wchar_t *
_Py_DecodeUTF8_surrogateescape(const char *arg, Py_ssize_t arglen, size_t *wlen)
{
    wchar_t *wstr;
    int result = _Py_DecodeUTF8Ex(arg, arglen, &wstr, wlen, NULL, _Py_ERROR_SURROGATEESCAPE);
    if (result != 0) {
        if (wlen != NULL) {
            *wlen = (size_t)(result == -1 ? -1 : -2);
        }
        return NULL;
    }
    return wstr;
}

/* Result strings of the encoders: raw or PyMem. */
static char *
result_alloc(size_t size, int raw_malloc)
{
    return raw_malloc ? PyMem_RawMalloc(size) : PyMem_Malloc(size);
}

static void
result_free(char *result, int raw_malloc)
{
    if (raw_malloc) {
        PyMem_RawFree(result);
    }
    else {
        PyMem_Free(result);
    }
}

int
_Py_EncodeUTF8Ex(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
                 int raw_malloc, _Py_error_handler errors)
{
    int surrogateescape, surrogatepass;
    if (raw_error_modes(errors, &surrogateescape, &surrogatepass) < 0) {
        return -3;
    }
    size_t len = wcslen(text);
    if (len > PY_SSIZE_T_MAX / 4 - 1) {
        return -1;
    }
    char *bytes = result_alloc(len * 4 + 1, raw_malloc);
    if (bytes == NULL) {
        return -1;
    }
    unsigned char *p = (unsigned char *)bytes;
    for (size_t i = 0; i < len; i++) {
        Py_UCS4 ch = (Py_UCS4)text[i];
#if SIZEOF_WCHAR_T == 2
        if (Py_UNICODE_IS_HIGH_SURROGATE(ch) && i + 1 < len
                && Py_UNICODE_IS_LOW_SURROGATE(text[i + 1])) {
            ch = Py_UNICODE_JOIN_SURROGATES(ch, text[i + 1]);
            i++;
        }
#endif
        if (ch < 0x80) {
            *p++ = (unsigned char)ch;
        }
        else if (ch < 0x800) {
            *p++ = (unsigned char)(0xc0 | ch >> 6);
            *p++ = (unsigned char)(0x80 | (ch & 0x3f));
        }
        else if (Py_UNICODE_IS_SURROGATE(ch) && !surrogatepass) {
            if (!surrogateescape || ch < 0xdc80 || ch > 0xdcff) {
                if (error_pos != NULL) {
                    *error_pos = i;
                }
                if (reason != NULL) {
                    *reason = "encoding error";
                }
                result_free(bytes, raw_malloc);
                return -2;
            }
            *p++ = (unsigned char)(ch & 0xff);
        }
        else if (ch < 0x10000) {
            *p++ = (unsigned char)(0xe0 | ch >> 12);
            *p++ = (unsigned char)(0x80 | (ch >> 6 & 0x3f));
            *p++ = (unsigned char)(0x80 | (ch & 0x3f));
        }
        else {
            *p++ = (unsigned char)(0xf0 | ch >> 18);
            *p++ = (unsigned char)(0x80 | (ch >> 12 & 0x3f));
            *p++ = (unsigned char)(0x80 | (ch >> 6 & 0x3f));
            *p++ = (unsigned char)(0x80 | (ch & 0x3f));
        }
    }
    *p++ = '\0';
    size_t size = (size_t)((char *)p - bytes);
    char *exact = raw_malloc ? PyMem_RawRealloc(bytes, size) : PyMem_Realloc(bytes, size);
    *str = exact == NULL ? bytes : exact;
    return 0;
}

/* -- Before the interpreter: the C locale ---------------------------------------------------- */

/* 1 if ASCII is to be used whatever the C library does; -1 not known yet.  Set before threads. */
static int force_ascii = -1;

/* Some systems say "ASCII" for LC_CTYPE "C" and decode bytes above 127 as Latin-1: then os.fsencode
   of what was decoded with surrogateescape would be wrong. */
static int
check_force_ascii(void)
{
    const char *locale = setlocale(LC_CTYPE, NULL);
    if (locale == NULL || (strcmp(locale, "C") != 0 && strcmp(locale, "POSIX") != 0)) {
        return 0;
    }
    const char *codeset = nl_langinfo(CODESET);
    if (codeset == NULL || codeset[0] == '\0') {
        return 1;
    }
    char encoding[20];
    if (!_Py_normalize_encoding(codeset, encoding, sizeof(encoding))) {
        return 1;
    }
    static const char *const ascii_aliases[] = {
        "ascii", "646", "ansi_x3.4_1968", "ansi_x3.4_1986", "ansi_x3_4_1968", "cp367", "csascii",
        "ibm367", "iso646_us", "iso_646.irv_1991", "iso_ir_6", "us", "us_ascii", NULL,
    };
    int is_ascii = 0;
    for (const char *const *alias = ascii_aliases; *alias != NULL; alias++) {
        is_ascii |= strcmp(encoding, *alias) == 0;
    }
    if (!is_ascii) {
        return 0;
    }
    for (unsigned int i = 0x80; i <= 0xff; i++) {
        char ch[1] = {(char)i};
        wchar_t wch[1];
        size_t result = mbstowcs(wch, (char[2]){ch[0], 0}, 1);
        if (result != (size_t)-1 && result != (size_t)-2) {
            return 1;
        }
    }
    return 0;
}

int
_Py_GetForceASCII(void)
{
    if (force_ascii == -1) {
        force_ascii = check_force_ascii();
    }
    return force_ascii;
}

void
_Py_ResetForceASCII(void)
{
    force_ascii = -1;
}

static int
decode_ascii(const char *arg, wchar_t **wstr, size_t *wlen, const char **reason,
             _Py_error_handler errors)
{
    int surrogateescape, surrogatepass;
    if (raw_error_modes(errors, &surrogateescape, &surrogatepass) < 0) {
        return -3;
    }
    size_t size = strlen(arg) + 1;
    if (size > PY_SSIZE_T_MAX / sizeof(wchar_t)) {
        return -1;
    }
    wchar_t *out = PyMem_RawMalloc(size * sizeof(wchar_t));
    if (out == NULL) {
        return -1;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)arg[i];
        if (c >= 128 && !surrogateescape) {
            PyMem_RawFree(out);
            if (wlen != NULL) {
                *wlen = i;
            }
            if (reason != NULL) {
                *reason = "decoding error";
            }
            return -2;
        }
        out[i] = c < 128 ? c : (wchar_t)(0xdc00 + c);
    }
    *wstr = out;
    if (wlen != NULL) {
        *wlen = size - 1;
    }
    return 0;
}

static int
decode_current_locale(const char *arg, wchar_t **wstr, size_t *wlen, const char **reason,
                      _Py_error_handler errors)
{
    int surrogateescape, surrogatepass;
    if (raw_error_modes(errors, &surrogateescape, &surrogatepass) < 0) {
        return -3;
    }
    size_t argsize = strlen(arg) + 1;
    if (argsize > PY_SSIZE_T_MAX / sizeof(wchar_t)) {
        return -1;
    }
    wchar_t *res = PyMem_RawMalloc(argsize * sizeof(wchar_t));
    if (res == NULL) {
        return -1;
    }
    const unsigned char *in = (const unsigned char *)arg;
    size_t left = argsize;
    wchar_t *out = res;
    mbstate_t mbs;
    memset(&mbs, 0, sizeof(mbs));
    while (left > 0) {
        size_t converted = mbrtowc(out, (const char *)in, left, &mbs);
        if (converted == 0) {
            break;  // the terminator has been written
        }
        /* Incomplete, wrong, or a surrogate: not a character. */
        int wrong = converted == (size_t)-2 || converted == (size_t)-1;
        if (!wrong && Py_UNICODE_IS_SURROGATE((Py_UCS4)*out) && !surrogatepass) {
            wrong = 1;
        }
        if (wrong) {
            if (!surrogateescape) {
                PyMem_RawFree(res);
                if (wlen != NULL) {
                    *wlen = (size_t)(in - (const unsigned char *)arg);
                }
                if (reason != NULL) {
                    *reason = "decoding error";
                }
                return -2;
            }
            *out++ = (wchar_t)(0xdc00 + *in++);
            left--;
            memset(&mbs, 0, sizeof(mbs));
            continue;
        }
        in += converted;
        left -= converted;
        out++;
    }
    if (wlen != NULL) {
        *wlen = (size_t)(out - res);
    }
    *wstr = res;
    return 0;
}

int
_Py_DecodeLocaleEx(const char *arg, wchar_t **wstr, size_t *wlen, const char **reason,
                   int current_locale, _Py_error_handler errors)
{
    if (!current_locale) {
        if (_Py_preconfig.utf8_mode > 0) {
            return _Py_DecodeUTF8Ex(arg, (Py_ssize_t)strlen(arg), wstr, wlen, reason, errors);
        }
        if (_Py_GetForceASCII()) {
            return decode_ascii(arg, wstr, wlen, reason, errors);
        }
    }
    return decode_current_locale(arg, wstr, wlen, reason, errors);
}

wchar_t *
Py_DecodeLocale(const char *arg, size_t *wlen)
{
    wchar_t *wstr;
    int result = _Py_DecodeLocaleEx(arg, &wstr, wlen, NULL, 0, _Py_ERROR_SURROGATEESCAPE);
    if (result != 0) {
        if (wlen != NULL) {
            *wlen = (size_t)result;
        }
        return NULL;
    }
    return wstr;
}

static int
encode_ascii(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
             int raw_malloc, _Py_error_handler errors)
{
    int surrogateescape, surrogatepass;
    if (raw_error_modes(errors, &surrogateescape, &surrogatepass) < 0) {
        return -3;
    }
    size_t len = wcslen(text);
    char *out = result_alloc(len + 1, raw_malloc);
    if (out == NULL) {
        return -1;
    }
    for (size_t i = 0; i <= len; i++) {
        Py_UCS4 ch = (Py_UCS4)text[i];
        if (ch <= 0x7f) {
            out[i] = (char)ch;
        }
        else if (surrogateescape && 0xdc80 <= ch && ch <= 0xdcff) {
            out[i] = (char)(ch - 0xdc00);
        }
        else {
            if (error_pos != NULL) {
                *error_pos = i;
            }
            if (reason != NULL) {
                *reason = "encoding error";
            }
            result_free(out, raw_malloc);
            return -2;
        }
    }
    *str = out;
    return 0;
}

static int
encode_current_locale(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
                      int raw_malloc, _Py_error_handler errors)
{
    int surrogateescape, surrogatepass;
    if (raw_error_modes(errors, &surrogateescape, &surrogatepass) < 0) {
        return -3;
    }
    size_t len = wcslen(text), max = (size_t)MB_CUR_MAX;
    if (len > PY_SSIZE_T_MAX / max - 1) {
        return -1;
    }
    char *out = result_alloc((len + 1) * max, raw_malloc);
    if (out == NULL) {
        return -1;
    }
    char *p = out;
    mbstate_t mbs;
    memset(&mbs, 0, sizeof(mbs));
    for (size_t i = 0; i < len; i++) {
        Py_UCS4 ch = (Py_UCS4)text[i];
        if (surrogateescape && 0xdc80 <= ch && ch <= 0xdcff) {
            *p++ = (char)(ch - 0xdc00);
            continue;
        }
        size_t n = wcrtomb(p, text[i], &mbs);
        if (n == (size_t)-1) {
            if (error_pos != NULL) {
                *error_pos = i;
            }
            if (reason != NULL) {
                *reason = "encoding error";
            }
            result_free(out, raw_malloc);
            return -2;
        }
        p += n;
    }
    *p++ = '\0';
    size_t size = (size_t)(p - out);
    char *exact = raw_malloc ? PyMem_RawRealloc(out, size) : PyMem_Realloc(out, size);
    *str = exact == NULL ? out : exact;
    return 0;
}

static int
encode_locale_raw(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
                  int raw_malloc, int current_locale, _Py_error_handler errors)
{
    if (!current_locale) {
        if (_Py_preconfig.utf8_mode > 0) {
            return _Py_EncodeUTF8Ex(text, str, error_pos, reason, raw_malloc, errors);
        }
        if (_Py_GetForceASCII()) {
            return encode_ascii(text, str, error_pos, reason, raw_malloc, errors);
        }
    }
    return encode_current_locale(text, str, error_pos, reason, raw_malloc, errors);
}

int
_Py_EncodeLocaleEx(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
                   int current_locale, _Py_error_handler errors)
{
    return encode_locale_raw(text, str, error_pos, reason, 1, current_locale, errors);
}

char *
Py_EncodeLocale(const wchar_t *text, size_t *error_pos)
{
    char *str;
    if (error_pos != NULL) {
        *error_pos = (size_t)-1;
    }
    return encode_locale_raw(text, &str, error_pos, NULL, 0, 0, _Py_ERROR_SURROGATEESCAPE) == 0
        ? str : NULL;
}

char *
_Py_EncodeLocaleRaw(const wchar_t *text, size_t *error_pos)
{
    char *str;
    if (error_pos != NULL) {
        *error_pos = (size_t)-1;
    }
    return encode_locale_raw(text, &str, error_pos, NULL, 1, 0, _Py_ERROR_SURROGATEESCAPE) == 0
        ? str : NULL;
}

wchar_t *
_Py_GetLocaleEncoding(void)
{
    const char *codeset = nl_langinfo(CODESET);
    if (codeset == NULL || codeset[0] == '\0') {
        codeset = "utf-8";  // macOS and others say nothing when it is UTF-8
    }
    wchar_t *result;
    return decode_current_locale(codeset, &result, NULL, NULL, _Py_ERROR_SURROGATEESCAPE) == 0
        ? result : NULL;
}

PyObject *
_Py_GetLocaleEncodingObject(void)
{
    wchar_t *encoding = _Py_GetLocaleEncoding();
    if (encoding == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *str = PyUnicode_FromWideChar(encoding, -1);
    PyMem_RawFree(encoding);
    return str;
}

/* Methods of bytes and bytearray on a run of bytes, and the search functions behind them.

   The caller keeps the run where it is.  An argument's buffer is held while it is looked at. */
#include "shared.h"
#include "pycore_ceval.h"            // _PyEval_SliceIndex
#include "pycore_critical_section.h" // Py_BEGIN_CRITICAL_SECTION_SEQUENCE_FAST
#include "../unicode/search.h"       // search_find_ucs1

/* -- Making results ------------------------------------------------------------------------ */

PyObject *
run_new(RUN_ARGS, const char *s, Py_ssize_t n)
{
    return r->is_array ? PyByteArray_FromStringAndSize(s, n) : PyBytes_FromStringAndSize(s, n);
}

/* Where a new result can be written. */
static char *
result_data(RUN_ARGS, PyObject *result)
{
    return r->is_array ? PyByteArray_AS_STRING(result) : PyBytes_AS_STRING(result);
}

PyObject *
run_unchanged(RUN_ARGS)
{
    return PyBytes_CheckExact(r->self) ? Py_NewRef(r->self) : run_new(r, r->s, r->n);
}

static PyObject *
run_slice(RUN_ARGS, Py_ssize_t start, Py_ssize_t end)
{
    return start == 0 && end == r->n ? run_unchanged(r) : run_new(r, r->s + start, end - start);
}

/* -- Arguments ----------------------------------------------------------------------------- */

static int
arg_ssize(PyObject *arg, Py_ssize_t *result)
{
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) {
        return -1;
    }
    *result = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return *result == -1 && PyErr_Occurred() ? -1 : 0;
}

int
bytes_value(PyObject *arg, const char *message)
{
    int overflow;
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) {
        return -1;
    }
    long value = PyLong_AsLongAndOverflow(number, &overflow);
    Py_DECREF(number);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow != 0 || value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, message);
        return -1;
    }
    return (int)value;
}

int
bytes_string_arg(const char *fname, const char *display, PyObject *arg, const char **result)
{
    *result = NULL;
    if (arg == NULL) {
        return 0;
    }
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument(fname, display, "str", arg);
        return -1;
    }
    Py_ssize_t n;
    *result = PyUnicode_AsUTF8AndSize(arg, &n);
    if (*result != NULL && strlen(*result) != (size_t)n) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    return *result == NULL ? -1 : 0;
}

/* What is searched for: a buffer, or one byte. */
struct needle {
    const char *s;
    Py_ssize_t n;
    char byte;
    Py_buffer view;    // view.obj is NULL: a byte
};

static int
needle_get(struct needle *needle, PyObject *arg)
{
    needle->view.obj = NULL;
    if (PyObject_CheckBuffer(arg)) {
        if (PyObject_GetBuffer(arg, &needle->view, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        needle->s = needle->view.buf;
        needle->n = needle->view.len;
        return 0;
    }
    if (!_PyIndex_Check(arg)) {
        PyErr_Format(PyExc_TypeError,
                     "argument should be integer or bytes-like object, not '%.200s'",
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    int value = bytes_value(arg, "byte must be in range(0, 256)");
    if (value < 0) {
        return -1;
    }
    needle->byte = (char)value;
    needle->s = &needle->byte;
    needle->n = 1;
    return 0;
}

static void
needle_release(struct needle *needle)
{
    if (needle->view.obj != NULL) {
        PyBuffer_Release(&needle->view);
    }
}

static void
adjust_indices(Py_ssize_t *start, Py_ssize_t *end, Py_ssize_t len)
{
    if (*end > len) {
        *end = len;
    }
    else if (*end < 0) {
        *end = Py_MAX(*end + len, 0);
    }
    if (*start < 0) {
        *start = Py_MAX(*start + len, 0);
    }
}

static int
arg_range(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *start, Py_ssize_t *end)
{
    *start = 0;
    *end = PY_SSIZE_T_MAX;
    return (nargs >= 2 && !_PyEval_SliceIndex(args[1], start))
        || (nargs >= 3 && !_PyEval_SliceIndex(args[2], end)) ? -1 : 0;
}

/* -- Search -------------------------------------------------------------------------------- */

/* Index in s[start:end] (clamped), -1 if absent, -2 with an exception. */
static Py_ssize_t
find_in(const char *s, Py_ssize_t len, PyObject *sub, Py_ssize_t start, Py_ssize_t end,
        int direction)
{
    struct needle needle;
    if (needle_get(&needle, sub) < 0) {
        return -2;
    }
    Py_ssize_t result;
    adjust_indices(&start, &end, len);
    if (end - start < needle.n) {
        result = -1;
    }
    else if (needle.n == 0) {
        result = direction > 0 ? start : end;
    }
    else {
        const Py_UCS1 *h = (const Py_UCS1 *)s + start, *p = (const Py_UCS1 *)needle.s;
        result = direction > 0 ? search_find_ucs1(h, end - start, p, needle.n)
                               : search_rfind_ucs1(h, end - start, p, needle.n);
        result = result < 0 ? -1 : result + start;
    }
    needle_release(&needle);
    return result;
}

static PyObject *
find_result(Py_ssize_t found, int must_find)
{
    if (found == -2) {
        return NULL;
    }
    if (found == -1 && must_find) {
        PyErr_SetString(PyExc_ValueError, "subsection not found");
        return NULL;
    }
    return PyLong_FromSsize_t(found);
}

PyObject *
_Py_bytes_find(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    return find_result(find_in(str, len, sub, start, end, 1), 0);
}

PyObject *
_Py_bytes_index(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    return find_result(find_in(str, len, sub, start, end, 1), 1);
}

PyObject *
_Py_bytes_rfind(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    return find_result(find_in(str, len, sub, start, end, -1), 0);
}

PyObject *
_Py_bytes_rindex(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    return find_result(find_in(str, len, sub, start, end, -1), 1);
}

PyObject *
_Py_bytes_count(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    struct needle needle;
    if (needle_get(&needle, sub) < 0) {
        return NULL;
    }
    Py_ssize_t count = 0;
    adjust_indices(&start, &end, len);
    if (end - start >= needle.n) {
        count = needle.n == 0 ? end - start + 1
            : search_count_ucs1((const Py_UCS1 *)str + start, end - start,
                                (const Py_UCS1 *)needle.s, needle.n, PY_SSIZE_T_MAX);
    }
    needle_release(&needle);
    return PyLong_FromSsize_t(count);
}

int
_Py_bytes_contains(const char *str, Py_ssize_t len, PyObject *arg)
{
    if (_PyIndex_Check(arg)) {
        int value = bytes_value(arg, "byte must be in range(0, 256)");
        if (value >= 0) {
            return len > 0 && memchr(str, value, (size_t)len) != NULL;
        }
        /* An index that is a buffer too. */
        if (!PyErr_ExceptionMatches(PyExc_TypeError) || !PyObject_CheckBuffer(arg)) {
            return -1;
        }
        PyErr_Clear();
    }
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int found = view.len == 0
        || search_find_ucs1((const Py_UCS1 *)str, len, view.buf, view.len) >= 0;
    PyBuffer_Release(&view);
    return found;
}

Py_ssize_t
_PyBytes_Find(const char *haystack, Py_ssize_t len_haystack, const char *needle,
              Py_ssize_t len_needle, Py_ssize_t offset)
{
    if (len_needle == 0) {
        return offset;
    }
    Py_ssize_t found = search_find_ucs1((const Py_UCS1 *)haystack, len_haystack,
                                        (const Py_UCS1 *)needle, len_needle);
    return found < 0 ? -1 : found + offset;
}

Py_ssize_t
_PyBytes_ReverseFind(const char *haystack, Py_ssize_t len_haystack, const char *needle,
                     Py_ssize_t len_needle, Py_ssize_t offset)
{
    if (len_needle == 0) {
        return len_haystack + offset;
    }
    Py_ssize_t found = search_rfind_ucs1((const Py_UCS1 *)haystack, len_haystack,
                                         (const Py_UCS1 *)needle, len_needle);
    return found < 0 ? -1 : found + offset;
}

/* sub[, start[, end]] of the search methods. */
#define FIND_METHOD(NAME)                                                              \
    FASTCALL_SIG(NAME)                                                                 \
    {                                                                                  \
        Py_ssize_t start, end;                                                         \
        if (!_PyArg_CheckPositional(#NAME, nargs, 1, 3)                                \
                || arg_range(args, nargs, &start, &end) < 0) {                         \
            return NULL;                                                               \
        }                                                                              \
        return _Py_bytes_##NAME(r->s, r->n, args[0], start, end);                      \
    }

FIND_METHOD(find)
FIND_METHOD(rfind)
FIND_METHOD(index)
FIND_METHOD(rindex)
FIND_METHOD(count)
FIND_METHOD(startswith)
FIND_METHOD(endswith)

static int
tailmatch(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start, Py_ssize_t end,
          int direction)
{
    Py_buffer view;
    if (PyObject_GetBuffer(sub, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int result = 0;
    adjust_indices(&start, &end, len);
    if (end - start >= view.len) {
        const char *at = direction < 0 ? str + start : str + end - view.len;
        result = memcmp(at, view.buf, (size_t)view.len) == 0;
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *
tailmatch_any(const char *str, Py_ssize_t len, const char *name, PyObject *sub, Py_ssize_t start,
              Py_ssize_t end, int direction)
{
    int result = 0;
    if (PyTuple_Check(sub)) {
        for (Py_ssize_t i = 0; result == 0 && i < PyTuple_GET_SIZE(sub); i++) {
            result = tailmatch(str, len, PyTuple_GET_ITEM(sub, i), start, end, direction);
        }
    }
    else {
        result = tailmatch(str, len, sub, start, end, direction);
        if (result < 0 && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError,
                         "%s first arg must be bytes or a tuple of bytes, not %s", name,
                         Py_TYPE(sub)->tp_name);
        }
    }
    return result < 0 ? NULL : PyBool_FromLong(result);
}

PyObject *
_Py_bytes_startswith(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start,
                     Py_ssize_t end)
{
    return tailmatch_any(str, len, "startswith", sub, start, end, -1);
}

PyObject *
_Py_bytes_endswith(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start,
                   Py_ssize_t end)
{
    return tailmatch_any(str, len, "endswith", sub, start, end, 1);
}

O_SIG(removeprefix)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int match = view.len > 0 && r->n >= view.len && memcmp(r->s, view.buf, (size_t)view.len) == 0;
    Py_ssize_t cut = match ? view.len : 0;
    PyBuffer_Release(&view);
    return run_slice(r, cut, r->n);
}

O_SIG(removesuffix)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int match = view.len > 0 && r->n >= view.len
        && memcmp(r->s + r->n - view.len, view.buf, (size_t)view.len) == 0;
    Py_ssize_t cut = match ? view.len : 0;
    PyBuffer_Release(&view);
    return run_slice(r, 0, r->n - cut);
}

/* -- Properties ---------------------------------------------------------------------------- */

#define ALL_BYTES(NAME, TEST)                               \
    PyObject *                                              \
    _Py_bytes_##NAME(const char *s, Py_ssize_t len)         \
    {                                                       \
        for (Py_ssize_t i = 0; i < len; i++) {              \
            if (!TEST((unsigned char)s[i])) {               \
                Py_RETURN_FALSE;                            \
            }                                               \
        }                                                   \
        return PyBool_FromLong(len > 0);                    \
    }

ALL_BYTES(isspace, Py_ISSPACE)
ALL_BYTES(isalpha, Py_ISALPHA)
ALL_BYTES(isalnum, Py_ISALNUM)
ALL_BYTES(isdigit, Py_ISDIGIT)

PyObject *
_Py_bytes_isascii(const char *s, Py_ssize_t len)
{
    unsigned char seen = 0;
    for (Py_ssize_t i = 0; i < len; i++) {
        seen |= (unsigned char)s[i];
    }
    return PyBool_FromLong(seen < 128);
}

PyObject *
_Py_bytes_islower(const char *s, Py_ssize_t len)
{
    int cased = 0;
    for (Py_ssize_t i = 0; i < len; i++) {
        if (Py_ISUPPER((unsigned char)s[i])) {
            Py_RETURN_FALSE;
        }
        cased |= Py_ISLOWER((unsigned char)s[i]) != 0;
    }
    return PyBool_FromLong(cased);
}

PyObject *
_Py_bytes_isupper(const char *s, Py_ssize_t len)
{
    int cased = 0;
    for (Py_ssize_t i = 0; i < len; i++) {
        if (Py_ISLOWER((unsigned char)s[i])) {
            Py_RETURN_FALSE;
        }
        cased |= Py_ISUPPER((unsigned char)s[i]) != 0;
    }
    return PyBool_FromLong(cased);
}

PyObject *
_Py_bytes_istitle(const char *s, Py_ssize_t len)
{
    int cased = 0, previous = 0;
    for (Py_ssize_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (Py_ISALPHA(c)) {
            if ((Py_ISUPPER(c) != 0) == previous) {
                Py_RETURN_FALSE;
            }
            previous = cased = 1;
        }
        else {
            previous = 0;
        }
    }
    return PyBool_FromLong(cased);
}

#define PROPERTY_METHOD(NAME) NOARGS_SIG(NAME) { return _Py_bytes_##NAME(r->s, r->n); }
PROPERTY_METHOD(isspace)
PROPERTY_METHOD(isalpha)
PROPERTY_METHOD(isalnum)
PROPERTY_METHOD(isascii)
PROPERTY_METHOD(isdigit)
PROPERTY_METHOD(islower)
PROPERTY_METHOD(isupper)
PROPERTY_METHOD(istitle)

/* -- Case ---------------------------------------------------------------------------------- */

void
_Py_bytes_lower(char *result, const char *s, Py_ssize_t len)
{
    for (Py_ssize_t i = 0; i < len; i++) {
        result[i] = (char)Py_TOLOWER((unsigned char)s[i]);
    }
}

void
_Py_bytes_upper(char *result, const char *s, Py_ssize_t len)
{
    for (Py_ssize_t i = 0; i < len; i++) {
        result[i] = (char)Py_TOUPPER((unsigned char)s[i]);
    }
}

void
_Py_bytes_swapcase(char *result, const char *s, Py_ssize_t len)
{
    for (Py_ssize_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        result[i] = (char)(Py_ISALPHA(c) ? c ^ 0x20 : c);
    }
}

void
_Py_bytes_title(char *result, const char *s, Py_ssize_t len)
{
    int previous = 0;
    for (Py_ssize_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        result[i] = (char)(previous ? Py_TOLOWER(c) : Py_TOUPPER(c));
        previous = Py_ISALPHA(c) != 0;
    }
}

void
_Py_bytes_capitalize(char *result, const char *s, Py_ssize_t len)
{
    if (len > 0) {
        result[0] = (char)Py_TOUPPER((unsigned char)s[0]);
        _Py_bytes_lower(result + 1, s + 1, len - 1);
    }
}

#define CASE_METHOD(NAME)                                       \
    NOARGS_SIG(NAME)                                            \
    {                                                           \
        PyObject *result = run_new(r, NULL, r->n);              \
        if (result != NULL && r->n > 0) {                       \
            char *data = result_data(r, result);                \
            if (r->n > 1 || r->is_array) {                      \
                _Py_bytes_##NAME(data, r->s, r->n);             \
            }                                                   \
            else {                                              \
                char c;                                         \
                _Py_bytes_##NAME(&c, r->s, 1);                  \
                Py_SETREF(result, run_new(r, &c, 1));           \
            }                                                   \
        }                                                       \
        return result;                                          \
    }
CASE_METHOD(lower)
CASE_METHOD(upper)
CASE_METHOD(title)
CASE_METHOD(capitalize)
CASE_METHOD(swapcase)

/* -- Padding ------------------------------------------------------------------------------- */

static PyObject *
pad(RUN_ARGS, Py_ssize_t left, Py_ssize_t right, char fill)
{
    left = Py_MAX(left, 0);
    right = Py_MAX(right, 0);
    if (left == 0 && right == 0) {
        return run_unchanged(r);
    }
    if (left > PY_SSIZE_T_MAX - r->n || right > PY_SSIZE_T_MAX - r->n - left) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *result = run_new(r, NULL, left + r->n + right);
    if (result == NULL) {
        return NULL;
    }
    char *data = result_data(r, result);
    memset(data, fill, (size_t)left);
    memcpy(data + left, r->s, (size_t)r->n);
    memset(data + left + r->n, fill, (size_t)right);
    return result;
}

static int
arg_width(const char *name, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *width, char *fill)
{
    *fill = ' ';
    if (!_PyArg_CheckPositional(name, nargs, 1, 2) || arg_ssize(args[0], width) < 0) {
        return -1;
    }
    if (nargs < 2) {
        return 0;
    }
    PyObject *arg = args[1];
    if (!PyBytes_Check(arg) && !PyByteArray_Check(arg)) {
        _PyArg_BadArgument(name, "argument 2", "a byte string of length 1", arg);
        return -1;
    }
    Py_ssize_t n = PyBytes_Check(arg) ? PyBytes_GET_SIZE(arg) : PyByteArray_GET_SIZE(arg);
    if (n != 1) {
        PyErr_Format(PyExc_TypeError,
                     "%s(): argument 2 must be a byte string of length 1, "
                     "not a %s object of length %zd", name,
                     PyBytes_Check(arg) ? "bytes" : "bytearray", n);
        return -1;
    }
    *fill = PyBytes_Check(arg) ? PyBytes_AS_STRING(arg)[0] : PyByteArray_AS_STRING(arg)[0];
    return 0;
}

FASTCALL_SIG(ljust)
{
    Py_ssize_t width;
    char fill;
    return arg_width("ljust", args, nargs, &width, &fill) < 0 ? NULL
        : pad(r, 0, width - r->n, fill);
}

FASTCALL_SIG(rjust)
{
    Py_ssize_t width;
    char fill;
    return arg_width("rjust", args, nargs, &width, &fill) < 0 ? NULL
        : pad(r, width - r->n, 0, fill);
}

FASTCALL_SIG(center)
{
    Py_ssize_t width;
    char fill;
    if (arg_width("center", args, nargs, &width, &fill) < 0) {
        return NULL;
    }
    if (r->n >= width) {
        return run_unchanged(r);
    }
    Py_ssize_t margin = width - r->n;
    Py_ssize_t left = margin / 2 + (margin & width & 1);
    return pad(r, left, margin - left, fill);
}

O_SIG(zfill)
{
    Py_ssize_t width;
    if (arg_ssize(arg, &width) < 0) {
        return NULL;
    }
    if (r->n >= width) {
        return run_unchanged(r);
    }
    Py_ssize_t fill = width - r->n;
    PyObject *result = pad(r, fill, 0, '0');
    if (result != NULL && r->n > 0 && (r->s[0] == '+' || r->s[0] == '-')) {
        char *data = result_data(r, result);
        data[0] = r->s[0];
        data[fill] = '0';
    }
    return result;
}

KEYWORDS_SIG(expandtabs)
{
    static const char *const keywords[] = {"tabsize", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "expandtabs"};
    PyObject *buf[1];
    int tabsize = 8;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (args[0] != NULL) {
        tabsize = PyLong_AsInt(args[0]);
        if (tabsize == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    /* Twice the same loop: measure, then write. */
    PyObject *result = NULL;
    char *out = NULL;
    for (int writing = 0; writing < 2; writing++) {
        Py_ssize_t total = 0, column = 0;
        for (Py_ssize_t i = 0; i < r->n; i++) {
            char c = r->s[i];
            Py_ssize_t add = 1;
            if (c == '\t') {
                add = tabsize > 0 ? tabsize - column % tabsize : 0;
                column += add;
            }
            else {
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
            if (writing) {
                memset(out + total, c == '\t' ? ' ' : c, (size_t)add);
            }
            else if (total > PY_SSIZE_T_MAX - add) {
                PyErr_SetString(PyExc_OverflowError, "result too long");
                return NULL;
            }
            total += add;
        }
        if (!writing) {
            if (total == 1 && r->n == 1 && r->s[0] != '\t') {
                return run_unchanged(r);
            }
            char *blank = total == 1 ? " " : NULL;
            result = run_new(r, blank, total);
            if (result == NULL || total <= 1) {
                return result;
            }
            out = result_data(r, result);
        }
    }
    return result;
}

/* -- Strip --------------------------------------------------------------------------------- */

static PyObject *
strip(RUN_ARGS, PyObject *const *args, Py_ssize_t nargs, const char *name, int left, int right)
{
    if (!_PyArg_CheckPositional(name, nargs, 0, 1)) {
        return NULL;
    }
    Py_buffer view;
    const char *set = "\t\n\r\f\v ";
    Py_ssize_t set_size = 6;
    int have_view = nargs > 0 && args[0] != Py_None;
    if (have_view) {
        if (PyObject_GetBuffer(args[0], &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        set = view.buf;
        set_size = view.len;
    }
    Py_ssize_t i = 0, j = r->n;
    while (left && i < j && memchr(set, (unsigned char)r->s[i], (size_t)set_size) != NULL) {
        i++;
    }
    while (right && j > i && memchr(set, (unsigned char)r->s[j - 1], (size_t)set_size) != NULL) {
        j--;
    }
    if (have_view) {
        PyBuffer_Release(&view);
    }
    return run_slice(r, i, j);
}

FASTCALL_SIG(strip)
{
    return strip(r, args, nargs, "strip", 1, 1);
}

FASTCALL_SIG(lstrip)
{
    return strip(r, args, nargs, "lstrip", 1, 0);
}

FASTCALL_SIG(rstrip)
{
    return strip(r, args, nargs, "rstrip", 0, 1);
}

/* -- Split --------------------------------------------------------------------------------- */

static int
append_slice(PyObject *list, RUN_ARGS, Py_ssize_t start, Py_ssize_t end)
{
    PyObject *part = run_slice(r, start, end);
    if (part == NULL) {
        return -1;
    }
    int result = PyList_Append(list, part);
    Py_DECREF(part);
    return result;
}

static int
split_whitespace(RUN_ARGS, PyObject *list, Py_ssize_t maxcount)
{
    Py_ssize_t i = 0;
#define SPACE(k) Py_ISSPACE((unsigned char)r->s[k])
    while (maxcount-- > 0) {
        while (i < r->n && SPACE(i)) {
            i++;
        }
        if (i == r->n) {
            return 0;
        }
        Py_ssize_t start = i++;
        while (i < r->n && !SPACE(i)) {
            i++;
        }
        if (append_slice(list, r, start, i) < 0) {
            return -1;
        }
    }
    while (i < r->n && SPACE(i)) {
        i++;
    }
    return i < r->n ? append_slice(list, r, i, r->n) : 0;
}

static int
rsplit_whitespace(RUN_ARGS, PyObject *list, Py_ssize_t maxcount)
{
    Py_ssize_t i = r->n;
    while (maxcount-- > 0) {
        while (i > 0 && SPACE(i - 1)) {
            i--;
        }
        if (i == 0) {
            break;
        }
        Py_ssize_t end = i--;
        while (i > 0 && !SPACE(i - 1)) {
            i--;
        }
        if (append_slice(list, r, i, end) < 0) {
            return -1;
        }
    }
    while (i > 0 && SPACE(i - 1)) {
        i--;
    }
#undef SPACE
    if (i > 0 && append_slice(list, r, 0, i) < 0) {
        return -1;
    }
    return PyList_Reverse(list);
}

static int
split_separator(RUN_ARGS, PyObject *list, const char *sep, Py_ssize_t n, Py_ssize_t maxcount)
{
    Py_ssize_t start = 0;
    while (maxcount-- > 0) {
        Py_ssize_t found = search_find_ucs1((const Py_UCS1 *)r->s + start, r->n - start,
                                            (const Py_UCS1 *)sep, n);
        if (found < 0) {
            break;
        }
        if (append_slice(list, r, start, start + found) < 0) {
            return -1;
        }
        start += found + n;
    }
    return append_slice(list, r, start, r->n);
}

static int
rsplit_separator(RUN_ARGS, PyObject *list, const char *sep, Py_ssize_t n, Py_ssize_t maxcount)
{
    Py_ssize_t end = r->n;
    while (maxcount-- > 0) {
        Py_ssize_t found = search_rfind_ucs1((const Py_UCS1 *)r->s, end, (const Py_UCS1 *)sep, n);
        if (found < 0) {
            break;
        }
        if (append_slice(list, r, found + n, end) < 0) {
            return -1;
        }
        end = found;
    }
    if (append_slice(list, r, 0, end) < 0) {
        return -1;
    }
    return PyList_Reverse(list);
}

static PyObject *
split(RUN_ARGS, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
      struct _PyArg_Parser *parser, int reverse)
{
    PyObject *buf[2];
    Py_ssize_t maxsplit = -1;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, parser, 0, 2, 0, 0, buf);
    if (args == NULL || (args[1] != NULL && arg_ssize(args[1], &maxsplit) < 0)) {
        return NULL;
    }
    if (maxsplit < 0) {
        maxsplit = PY_SSIZE_T_MAX;
    }
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int result;
    if (args[0] == NULL || args[0] == Py_None) {
        result = reverse ? rsplit_whitespace(r, list, maxsplit)
                         : split_whitespace(r, list, maxsplit);
    }
    else {
        Py_buffer sep;
        if (PyObject_GetBuffer(args[0], &sep, PyBUF_SIMPLE) < 0) {
            Py_DECREF(list);
            return NULL;
        }
        if (sep.len == 0) {
            PyErr_SetString(PyExc_ValueError, "empty separator");
            result = -1;
        }
        else {
            result = reverse ? rsplit_separator(r, list, sep.buf, sep.len, maxsplit)
                             : split_separator(r, list, sep.buf, sep.len, maxsplit);
        }
        PyBuffer_Release(&sep);
    }
    if (result < 0) {
        Py_CLEAR(list);
    }
    return list;
}

KEYWORDS_SIG(split)
{
    static const char *const keywords[] = {"sep", "maxsplit", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "split"};
    return split(r, args, nargs, kwnames, &parser, 0);
}

KEYWORDS_SIG(rsplit)
{
    static const char *const keywords[] = {"sep", "maxsplit", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "rsplit"};
    return split(r, args, nargs, kwnames, &parser, 1);
}

KEYWORDS_SIG(splitlines)
{
    static const char *const keywords[] = {"keepends", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "splitlines"};
    PyObject *buf[1];
    int keepends = 0;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, 0, buf);
    if (args == NULL || (args[0] != NULL && (keepends = PyObject_IsTrue(args[0])) < 0)) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL && i < r->n;) {
        Py_ssize_t start = i;
        while (i < r->n && r->s[i] != '\n' && r->s[i] != '\r') {
            i++;
        }
        Py_ssize_t end = i;
        if (i < r->n) {
            i += r->s[i] == '\r' && i + 1 < r->n && r->s[i + 1] == '\n' ? 2 : 1;
            end = keepends ? i : end;
        }
        if (append_slice(list, r, start, end) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *
partition(RUN_ARGS, PyObject *sep_obj, int reverse)
{
    Py_buffer sep;
    if (PyObject_GetBuffer(sep_obj, &sep, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *a = NULL, *b = NULL, *c = NULL, *result = NULL;
    if (sep.len == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        goto done;
    }
    Py_ssize_t at = reverse
        ? search_rfind_ucs1((const Py_UCS1 *)r->s, r->n, sep.buf, sep.len)
        : search_find_ucs1((const Py_UCS1 *)r->s, r->n, sep.buf, sep.len);
    if (at < 0) {
        a = reverse ? run_new(r, NULL, 0) : run_unchanged(r);
        b = run_new(r, NULL, 0);
        c = reverse ? run_unchanged(r) : run_new(r, NULL, 0);
    }
    else {
        a = run_new(r, r->s, at);
        b = r->is_array ? run_new(r, sep.buf, sep.len) : Py_NewRef(sep_obj);
        c = run_new(r, r->s + at + sep.len, r->n - at - sep.len);
    }
    if (a != NULL && b != NULL && c != NULL) {
        result = PyTuple_Pack(3, a, b, c);
    }
done:
    PyBuffer_Release(&sep);
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(c);
    return result;
}

O_SIG(partition)
{
    return partition(r, arg, 0);
}

O_SIG(rpartition)
{
    return partition(r, arg, 1);
}

/* -- Join ---------------------------------------------------------------------------------- */

/* Buffers of items are held from the measuring to the copying. */
#define SMALL_JOIN 10

PyObject *
join_buffers(PyObject *sep, const char *sepstr, Py_ssize_t seplen, PyObject *iterable, int is_array)
{
    PyObject *seq = PySequence_Fast(iterable, "can only join an iterable");
    if (seq == NULL) {
        return NULL;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(seq), nbufs = 0, total = 0;
    PyObject *result = NULL;
    Py_buffer small[SMALL_JOIN], *buffers = small;
    if (count == 0) {
        result = is_array ? PyByteArray_FromStringAndSize(NULL, 0)
                          : PyBytes_FromStringAndSize(NULL, 0);
        goto done;
    }
    if (count == 1 && !is_array) {
        PyObject *only = PyList_Check(seq) ? PyList_GetItemRef(seq, 0)
                                           : Py_NewRef(PyTuple_GET_ITEM(seq, 0));
        if (only != NULL && PyBytes_CheckExact(only)) {
            result = only;
            goto done;
        }
        Py_XDECREF(only);
        PyErr_Clear();
    }
    if (count > SMALL_JOIN) {
        buffers = PyMem_New(Py_buffer, count);
        if (buffers == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        /* Another thread may change the list: count the item by the list's own rules. */
        PyObject *item = PyList_Check(seq) ? PyList_GetItemRef(seq, i)
                                           : Py_NewRef(PyTuple_GET_ITEM(seq, i));
        if (item == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "sequence changed size during iteration");
            goto done;
        }
        if (PyBytes_CheckExact(item)) {
            /* The reference is enough; no buffer needs to be asked for. */
            buffers[i].obj = item;
            buffers[i].buf = PyBytes_AS_STRING(item);
            buffers[i].len = PyBytes_GET_SIZE(item);
        }
        else {
            if (PyObject_GetBuffer(item, &buffers[i], PyBUF_SIMPLE) < 0) {
                if (PyErr_ExceptionMatches(PyExc_TypeError)) {
                    PyErr_Format(PyExc_TypeError,
                                 "sequence item %zd: expected a bytes-like object, %.80s found",
                                 i, Py_TYPE(item)->tp_name);
                }
                Py_DECREF(item);
                goto done;
            }
            Py_DECREF(item);
        }
        nbufs = i + 1;
        if (i > 0) {
            if (seplen > PY_SSIZE_T_MAX - total) {
                PyErr_SetString(PyExc_OverflowError, "join() result is too long");
                goto done;
            }
            total += seplen;
        }
        if (buffers[i].len > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "join() result is too long");
            goto done;
        }
        total += buffers[i].len;
        if (count != PySequence_Fast_GET_SIZE(seq)) {
            PyErr_SetString(PyExc_RuntimeError, "sequence changed size during iteration");
            goto done;
        }
    }
    if (total == 1 && !is_array) {
        for (Py_ssize_t i = 0; i < nbufs; i++) {
            if (buffers[i].len == 1) {
                result = PyBytes_FromStringAndSize(buffers[i].buf, 1);
                goto done;
            }
        }
        result = PyBytes_FromStringAndSize(sepstr, 1);
        goto done;
    }
    result = is_array ? PyByteArray_FromStringAndSize(NULL, total)
                      : PyBytes_FromStringAndSize(NULL, total);
    if (result == NULL) {
        goto done;
    }
    char *p = is_array ? PyByteArray_AS_STRING(result) : PyBytes_AS_STRING(result);
    for (Py_ssize_t i = 0; i < nbufs; i++) {
        if (i > 0 && seplen > 0) {
            memcpy(p, sepstr, (size_t)seplen);
            p += seplen;
        }
        if (buffers[i].len > 0) {
            memcpy(p, buffers[i].buf, (size_t)buffers[i].len);
            p += buffers[i].len;
        }
    }
done:
    (void)sep;
    Py_DECREF(seq);
    for (Py_ssize_t i = 0; i < nbufs; i++) {
        if (buffers[i].obj != NULL && PyBytes_CheckExact(buffers[i].obj)) {
            /* A bytes object of ours, or a released view of one: a reference either way. */
            Py_DECREF(buffers[i].obj);
        }
        else {
            PyBuffer_Release(&buffers[i]);
        }
    }
    if (buffers != small) {
        PyMem_Free(buffers);
    }
    return result;
}

O_SIG(join)
{
    return join_buffers(r->self, r->s, r->n, arg, r->is_array);
}

/* -- Replace ------------------------------------------------------------------------------- */

static PyObject *
replace(RUN_ARGS, const char *old, Py_ssize_t m, const char *new, Py_ssize_t n, Py_ssize_t maxcount)
{
    if (maxcount < 0) {
        maxcount = PY_SSIZE_T_MAX;
    }
    const Py_UCS1 *s = (const Py_UCS1 *)r->s;
    Py_ssize_t count;
    if (maxcount == 0 || r->n < m || (m == 0 && n == 0)) {
        return run_unchanged(r);
    }
    if (m == 0) {
        count = maxcount > r->n ? r->n + 1 : maxcount;
    }
    else {
        count = search_count_ucs1(s, r->n, (const Py_UCS1 *)old, m, maxcount);
        if (count == 0) {
            return run_unchanged(r);
        }
    }
    if (n > m && n - m > (PY_SSIZE_T_MAX - r->n) / count) {
        PyErr_SetString(PyExc_OverflowError, "replace bytes is too long");
        return NULL;
    }
    Py_ssize_t total = r->n + count * (n - m);
    char one;
    PyObject *result = run_new(r, NULL, total);
    if (result == NULL || total == 0) {
        return result;
    }
    /* bytes of length one are static: write beside and exchange. */
    char *start = total == 1 && !r->is_array ? &one : result_data(r, result), *out = start;
    Py_ssize_t from = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (m == 0) {
            memcpy(out, new, (size_t)n);
            out += n;
            if (i < r->n) {
                *out++ = r->s[i];
                from = i + 1;
            }
            continue;
        }
        Py_ssize_t found = search_find_ucs1(s + from, r->n - from, (const Py_UCS1 *)old, m);
        memcpy(out, r->s + from, (size_t)found);
        out += found;
        memcpy(out, new, (size_t)n);
        out += n;
        from += found + m;
    }
    memcpy(out, r->s + from, (size_t)(r->n - from));
    if (start == &one) {
        Py_SETREF(result, run_new(r, &one, 1));
    }
    return result;
}

FASTCALL_SIG(replace)
{
    Py_ssize_t count = -1;
    if (!_PyArg_CheckPositional("replace", nargs, 2, 3)) {
        return NULL;
    }
    Py_buffer old, new;
    if (PyObject_GetBuffer(args[0], &old, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    if (PyObject_GetBuffer(args[1], &new, PyBUF_SIMPLE) < 0) {
        PyBuffer_Release(&old);
        return NULL;
    }
    PyObject *result = NULL;
    if (nargs < 3 || arg_ssize(args[2], &count) == 0) {
        result = replace(r, old.buf, old.len, new.buf, new.len, count);
    }
    PyBuffer_Release(&old);
    PyBuffer_Release(&new);
    return result;
}

/* -- Translate ----------------------------------------------------------------------------- */

KEYWORDS_SIG(translate)
{
    static const char *const keywords[] = {"", "delete", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "translate"};
    PyObject *buf[2], *result = NULL;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    Py_buffer table = {0}, delete = {0};
    if (args[0] != Py_None) {
        if (PyObject_GetBuffer(args[0], &table, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        if (table.len != 256) {
            PyErr_SetString(PyExc_ValueError, "translation table must be 256 characters long");
            goto done;
        }
    }
    if (args[1] != NULL && PyObject_GetBuffer(args[1], &delete, PyBUF_SIMPLE) < 0) {
        goto done;
    }
    const unsigned char *map = table.buf;
    unsigned char gone[256] = {0};
    for (Py_ssize_t i = 0; i < delete.len; i++) {
        gone[((const unsigned char *)delete.buf)[i]] = 1;
    }
    char *out = PyMem_Malloc((size_t)r->n + 1);
    if (out == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    Py_ssize_t n = 0;
    int changed = 0;
    for (Py_ssize_t i = 0; i < r->n; i++) {
        unsigned char c = (unsigned char)r->s[i];
        if (gone[c]) {
            changed = 1;
            continue;
        }
        unsigned char to = map == NULL ? c : map[c];
        changed |= to != c;
        out[n++] = (char)to;
    }
    result = changed ? run_new(r, out, n) : run_unchanged(r);
    PyMem_Free(out);
done:
    if (table.obj != NULL) {
        PyBuffer_Release(&table);
    }
    if (delete.obj != NULL) {
        PyBuffer_Release(&delete);
    }
    return result;
}

PyObject *
_Py_bytes_maketrans(Py_buffer *frm, Py_buffer *to)
{
    if (frm->len != to->len) {
        PyErr_SetString(PyExc_ValueError, "maketrans arguments must have same length");
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, 256);
    if (result == NULL) {
        return NULL;
    }
    char *p = PyBytes_AS_STRING(result);
    for (int i = 0; i < 256; i++) {
        p[i] = (char)i;
    }
    for (Py_ssize_t i = 0; i < frm->len; i++) {
        p[((const unsigned char *)frm->buf)[i]] = ((const char *)to->buf)[i];
    }
    return result;
}

PyObject *
bytes_maketrans_method(PyObject *Py_UNUSED(null), PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer frm, to;
    if (!_PyArg_CheckPositional("maketrans", nargs, 2, 2)
            || PyObject_GetBuffer(args[0], &frm, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    if (PyObject_GetBuffer(args[1], &to, PyBUF_SIMPLE) < 0) {
        PyBuffer_Release(&frm);
        return NULL;
    }
    PyObject *result = _Py_bytes_maketrans(&frm, &to);
    PyBuffer_Release(&frm);
    PyBuffer_Release(&to);
    return result;
}

/* -- Text ---------------------------------------------------------------------------------- */

KEYWORDS_SIG(decode)
{
    static const char *const keywords[] = {"encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "decode"};
    PyObject *buf[2];
    const char *encoding, *errors;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 2, 0, 0, buf);
    if (args == NULL
            || bytes_string_arg("decode", "argument 'encoding'", args[0], &encoding) < 0
            || bytes_string_arg("decode", "argument 'errors'", args[1], &errors) < 0) {
        return NULL;
    }
    return PyUnicode_FromEncodedObject(r->self, encoding, errors);
}

KEYWORDS_SIG(hex)
{
    static const char *const keywords[] = {"sep", "bytes_per_sep", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "hex"};
    PyObject *buf[2];
    int group = 1;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 2, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (args[1] != NULL) {
        group = PyLong_AsInt(args[1]);
        if (group == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    return _Py_strhex_with_sep(r->s, r->n, args[0], group);
}

PyObject *
bytes_repr_text(const char *s, Py_ssize_t n, const char *prefix, const char *suffix,
                int smartquotes)
{
    Py_ssize_t total = 0, single = 0, twice = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        Py_ssize_t add = c == '\\' || c == '\t' || c == '\n' || c == '\r' ? 2
                       : c < ' ' || c >= 0x7f ? 4 : 1;
        single += c == '\'';
        twice += c == '"';
        if (total > PY_SSIZE_T_MAX - add) {
            goto overflow;
        }
        total += add;
    }
    char quote = smartquotes && single > 0 && twice == 0 ? '"' : '\'';
    if (quote == '\'') {
        if (total > PY_SSIZE_T_MAX - single) {
            goto overflow;
        }
        total += single;
    }
    Py_ssize_t before = (Py_ssize_t)strlen(prefix), after = (Py_ssize_t)strlen(suffix);
    if (total > PY_SSIZE_T_MAX - before - after - 3) {
        goto overflow;
    }
    PyObject *repr = PyUnicode_New(before + 3 + total + after, 127);
    if (repr == NULL) {
        return NULL;
    }
    char *p = (char *)PyUnicode_1BYTE_DATA(repr);
    memcpy(p, prefix, (size_t)before);
    p += before;
    *p++ = 'b';
    *p++ = quote;
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == quote || c == '\\') {
            *p++ = '\\';
            *p++ = (char)c;
        }
        else if (c == '\t' || c == '\n' || c == '\r') {
            *p++ = '\\';
            *p++ = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
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
    *p++ = quote;
    memcpy(p, suffix, (size_t)after);
    return repr;
overflow:
    PyErr_SetString(PyExc_OverflowError, "bytes object is too large to make repr");
    return NULL;
}

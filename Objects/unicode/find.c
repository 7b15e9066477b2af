/* Comparing and searching strs: equality, order, find, count, contains, startswith, endswith.

   Reads only; takes no lock. */
#include "unicode_impl.h"

/* -- Equality ------------------------------------------------------------------------------ */

int
unicode_eq(PyObject *a, PyObject *b)
{
    Py_ssize_t length = LENGTH(a);
    if (length != LENGTH(b) || KIND(a) != KIND(b)) {
        return 0;
    }
    return memcmp(DATA(a), DATA(b), (size_t)(length * KIND(a))) == 0;
}

int
_PyUnicode_Equal(PyObject *a, PyObject *b)
{
    assert(PyUnicode_Check(a) && PyUnicode_Check(b));
    return a == b || unicode_eq(a, b);
}

int
PyUnicode_Equal(PyObject *a, PyObject *b)
{
    if (!PyUnicode_Check(a)) {
        PyErr_Format(PyExc_TypeError, "first argument must be str, not %T", a);
        return -1;
    }
    if (!PyUnicode_Check(b)) {
        PyErr_Format(PyExc_TypeError, "second argument must be str, not %T", b);
        return -1;
    }
    return _PyUnicode_Equal(a, b);
}

int
_PyUnicode_EqualToASCIIString(PyObject *unicode, const char *str)
{
    assert(PyUnicode_Check(unicode));
    if (!PyUnicode_IS_ASCII(unicode)) {
        return 0;
    }
    size_t length = (size_t)LENGTH(unicode);
    return strlen(str) == length && memcmp(PyUnicode_1BYTE_DATA(unicode), str, length) == 0;
}

int
PyUnicode_EqualToUTF8(PyObject *unicode, const char *str)
{
    return PyUnicode_EqualToUTF8AndSize(unicode, str, (Py_ssize_t)strlen(str));
}

int
PyUnicode_EqualToUTF8AndSize(PyObject *unicode, const char *str, Py_ssize_t size)
{
    assert(PyUnicode_Check(unicode));
    const char *cached = unicode_utf8_cached(unicode);
    if (cached != NULL) {
        return unicode_utf8_cached_length(unicode) == size
            && memcmp(cached, str, (size_t)size) == 0;
    }
    Py_ssize_t length = LENGTH(unicode);
    /* A character takes at most four bytes. */
    if ((size_t)length * 4 < (size_t)size || length > size) {
        return 0;
    }
    const unsigned char *s = (const unsigned char *)str;
    const unsigned char *end = s + size;
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        unsigned char bytes[4];
        int n;
        if (ch < 0x80) {
            bytes[0] = (unsigned char)ch;
            n = 1;
        }
        else if (ch < 0x800) {
            bytes[0] = (unsigned char)(0xc0 | (ch >> 6));
            bytes[1] = (unsigned char)(0x80 | (ch & 0x3f));
            n = 2;
        }
        else if (ch < 0x10000) {
            if (Py_UNICODE_IS_SURROGATE(ch)) {
                return 0;
            }
            bytes[0] = (unsigned char)(0xe0 | (ch >> 12));
            bytes[1] = (unsigned char)(0x80 | ((ch >> 6) & 0x3f));
            bytes[2] = (unsigned char)(0x80 | (ch & 0x3f));
            n = 3;
        }
        else {
            bytes[0] = (unsigned char)(0xf0 | (ch >> 18));
            bytes[1] = (unsigned char)(0x80 | ((ch >> 12) & 0x3f));
            bytes[2] = (unsigned char)(0x80 | ((ch >> 6) & 0x3f));
            bytes[3] = (unsigned char)(0x80 | (ch & 0x3f));
            n = 4;
        }
        if (end - s < n || memcmp(s, bytes, (size_t)n) != 0) {
            return 0;
        }
        s += n;
    }
    return s == end;
}

/* -- Order --------------------------------------------------------------------------------- */

static int
unicode_compare(PyObject *a, PyObject *b)
{
    int kind_a = KIND(a), kind_b = KIND(b);
    const void *data_a = DATA(a), *data_b = DATA(b);
    Py_ssize_t length_a = LENGTH(a), length_b = LENGTH(b);
    Py_ssize_t n = Py_MIN(length_a, length_b);
    if (kind_a == PyUnicode_1BYTE_KIND && kind_b == PyUnicode_1BYTE_KIND) {
        int order = memcmp(data_a, data_b, (size_t)n);
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
    }
    else {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_UCS4 x = READ(kind_a, data_a, i), y = READ(kind_b, data_b, i);
            if (x != y) {
                return x < y ? -1 : 1;
            }
        }
    }
    return length_a == length_b ? 0 : length_a < length_b ? -1 : 1;
}

int
PyUnicode_Compare(PyObject *left, PyObject *right)
{
    if (!PyUnicode_Check(left) || !PyUnicode_Check(right)) {
        PyErr_Format(PyExc_TypeError, "Can't compare %.100s and %.100s",
                     Py_TYPE(left)->tp_name, Py_TYPE(right)->tp_name);
        return -1;
    }
    return left == right ? 0 : unicode_compare(left, right);
}

int
PyUnicode_CompareWithASCIIString(PyObject *uni, const char *str)
{
    int kind = KIND(uni);
    const void *data = DATA(uni);
    Py_ssize_t length = LENGTH(uni), i;
    for (i = 0; i < length && str[i] != 0; i++) {
        Py_UCS4 x = READ(kind, data, i), y = (unsigned char)str[i];
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    /* A NUL inside uni counts as one more character. */
    return i < length ? 1 : str[i] != 0 ? -1 : 0;
}

PyObject *
PyUnicode_RichCompare(PyObject *left, PyObject *right, int op)
{
    if (!PyUnicode_Check(left) || !PyUnicode_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (left == right) {
        switch (op) {
        case Py_EQ:
        case Py_LE:
        case Py_GE:
            Py_RETURN_TRUE;
        case Py_NE:
        case Py_LT:
        case Py_GT:
            Py_RETURN_FALSE;
        default:
            PyErr_BadArgument();
            return NULL;
        }
    }
    if (op == Py_EQ || op == Py_NE) {
        return PyBool_FromLong(unicode_eq(left, right) == (op == Py_EQ));
    }
    Py_RETURN_RICHCOMPARE(unicode_compare(left, right), 0, op);
}

/* -- Find ---------------------------------------------------------------------------------- */

/* Index of substr in str[start:end] (clamped), -1 if absent, -2 with an exception. */
static Py_ssize_t
unicode_find(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end, int direction)
{
    int kind = KIND(str), sub_kind = KIND(substr);
    Py_ssize_t length = LENGTH(str), sub_length = LENGTH(substr);
    adjust_indices(&start, &end, length);
    if (end - start < sub_length || kind < sub_kind) {
        return -1;
    }
    if (sub_length == 0) {
        return direction > 0 ? start : end;
    }
    const void *data = CHAR_PTR(kind, DATA(str), start);
    const void *sub = DATA(substr);
    Py_ssize_t n = end - start, result;
    if (sub_length == 1) {
        Py_UCS4 ch = READ(sub_kind, sub, 0);
        result = direction > 0 ? search_find_char(kind, data, n, ch)
                               : search_rfind_char(kind, data, n, ch);
        return result < 0 ? -1 : result + start;
    }
    void *wide = NULL;
    if (sub_kind != kind) {
        wide = unicode_askind(sub_kind, sub, sub_length, kind);
        if (wide == NULL) {
            return -2;
        }
        sub = wide;
    }
    result = direction > 0 ? search_find(kind, data, n, sub, sub_length)
                           : search_rfind(kind, data, n, sub, sub_length);
    PyMem_Free(wide);
    return result < 0 ? -1 : result + start;
}

Py_ssize_t
PyUnicode_Find(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end, int direction)
{
    if (ensure_unicode(str) < 0 || ensure_unicode(substr) < 0) {
        return -2;
    }
    return unicode_find(str, substr, start, end, direction);
}

Py_ssize_t
PyUnicode_FindChar(PyObject *str, Py_UCS4 ch, Py_ssize_t start, Py_ssize_t end, int direction)
{
    Py_ssize_t length = LENGTH(str);
    adjust_indices(&start, &end, length);
    if (end - start < 1) {
        return -1;
    }
    int kind = KIND(str);
    const void *data = CHAR_PTR(kind, DATA(str), start);
    Py_ssize_t result = direction > 0 ? search_find_char(kind, data, end - start, ch)
                                      : search_rfind_char(kind, data, end - start, ch);
    return result < 0 ? -1 : result + start;
}

static Py_ssize_t
unicode_count(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end)
{
    int kind = KIND(str), sub_kind = KIND(substr);
    Py_ssize_t length = LENGTH(str), sub_length = LENGTH(substr);
    adjust_indices(&start, &end, length);
    if (end - start < sub_length || kind < sub_kind) {
        return 0;
    }
    if (sub_length == 0) {
        return end - start + 1;
    }
    const void *sub = DATA(substr);
    void *wide = NULL;
    if (sub_kind != kind) {
        wide = unicode_askind(sub_kind, sub, sub_length, kind);
        if (wide == NULL) {
            return -1;
        }
        sub = wide;
    }
    Py_ssize_t count = search_count(kind, CHAR_PTR(kind, DATA(str), start), end - start, sub,
                                    sub_length, PY_SSIZE_T_MAX);
    PyMem_Free(wide);
    return count;
}

Py_ssize_t
PyUnicode_Count(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end)
{
    if (ensure_unicode(str) < 0 || ensure_unicode(substr) < 0) {
        return -1;
    }
    return unicode_count(str, substr, start, end);
}

int
PyUnicode_Contains(PyObject *str, PyObject *substr)
{
    if (!PyUnicode_Check(substr)) {
        PyErr_Format(PyExc_TypeError, "'in <string>' requires string as left operand, not %.100s",
                     Py_TYPE(substr)->tp_name);
        return -1;
    }
    if (ensure_unicode(str) < 0) {
        return -1;
    }
    Py_ssize_t found = unicode_find(str, substr, 0, PY_SSIZE_T_MAX, 1);
    return found == -2 ? -1 : found >= 0;
}

/* -- Prefix and suffix --------------------------------------------------------------------- */

static int
unicode_tailmatch(PyObject *self, PyObject *substring, Py_ssize_t start, Py_ssize_t end,
                  int direction)
{
    Py_ssize_t length = LENGTH(self), n = LENGTH(substring);
    adjust_indices(&start, &end, length);
    if (end - start < n) {
        return 0;
    }
    if (n == 0) {
        return 1;
    }
    Py_ssize_t at = direction > 0 ? end - n : start;
    int kind = KIND(self), sub_kind = KIND(substring);
    const void *data = DATA(self), *sub = DATA(substring);
    if (kind == sub_kind) {
        return memcmp(CHAR_PTR(kind, data, at), sub, (size_t)(n * kind)) == 0;
    }
    if (kind < sub_kind) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (READ(kind, data, at + i) != READ(sub_kind, sub, i)) {
            return 0;
        }
    }
    return 1;
}

Py_ssize_t
PyUnicode_Tailmatch(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end,
                    int direction)
{
    if (ensure_unicode(str) < 0 || ensure_unicode(substr) < 0) {
        return -1;
    }
    return unicode_tailmatch(str, substr, start, end, direction);
}

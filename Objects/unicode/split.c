/* Taking strs apart and putting them together: split, splitlines, partition, join, concatenation.

   Reads only; what is built is the caller's.  Takes no lock. */
#include "unicode_impl.h"
#include "pycore_critical_section.h"  // Py_BEGIN_CRITICAL_SECTION_SEQUENCE_FAST

/* -- Split --------------------------------------------------------------------------------- */

/* Appends self[start:end] to list. */
static int
append_slice(PyObject *list, PyObject *self, Py_ssize_t start, Py_ssize_t end)
{
    PyObject *part = PyUnicode_Substring(self, start, end);
    if (part == NULL) {
        return -1;
    }
    int result = PyList_Append(list, part);
    Py_DECREF(part);
    return result;
}

static PyObject *
split_whitespace(PyObject *self, Py_ssize_t maxcount)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_ssize_t length = LENGTH(self), i = 0;
    while (maxcount-- > 0) {
        while (i < length && Py_UNICODE_ISSPACE(READ(kind, data, i))) {
            i++;
        }
        if (i == length) {
            break;
        }
        Py_ssize_t start = i++;
        while (i < length && !Py_UNICODE_ISSPACE(READ(kind, data, i))) {
            i++;
        }
        if (append_slice(list, self, start, i) < 0) {
            goto fail;
        }
    }
    if (i < length) {
        while (i < length && Py_UNICODE_ISSPACE(READ(kind, data, i))) {
            i++;
        }
        if (i != length && append_slice(list, self, i, length) < 0) {
            goto fail;
        }
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *
rsplit_whitespace(PyObject *self, Py_ssize_t maxcount)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_ssize_t i = LENGTH(self);
    while (maxcount-- > 0) {
        while (i > 0 && Py_UNICODE_ISSPACE(READ(kind, data, i - 1))) {
            i--;
        }
        if (i == 0) {
            break;
        }
        Py_ssize_t end = i--;
        while (i > 0 && !Py_UNICODE_ISSPACE(READ(kind, data, i - 1))) {
            i--;
        }
        if (append_slice(list, self, i, end) < 0) {
            goto fail;
        }
    }
    while (i > 0 && Py_UNICODE_ISSPACE(READ(kind, data, i - 1))) {
        i--;
    }
    if (i > 0 && append_slice(list, self, 0, i) < 0) {
        goto fail;
    }
    if (PyList_Reverse(list) < 0) {
        goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

/* Splits at a separator.  sub is in self's kind. */
static PyObject *
split_separator(PyObject *self, const void *sub, Py_ssize_t n, Py_ssize_t maxcount)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_ssize_t length = LENGTH(self), start = 0;
    while (maxcount-- > 0) {
        Py_ssize_t found = length - start < n
            ? -1 : search_find(kind, CHAR_PTR(kind, data, start), length - start, sub, n);
        if (found < 0) {
            break;
        }
        if (append_slice(list, self, start, start + found) < 0) {
            goto fail;
        }
        start += found + n;
    }
    if (append_slice(list, self, start, length) < 0) {
        goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *
rsplit_separator(PyObject *self, const void *sub, Py_ssize_t n, Py_ssize_t maxcount)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int kind = KIND(self);
    const void *data = DATA(self);
    Py_ssize_t end = LENGTH(self);
    while (maxcount-- > 0) {
        Py_ssize_t found = end < n ? -1 : search_rfind(kind, data, end, sub, n);
        if (found < 0) {
            break;
        }
        if (append_slice(list, self, found + n, end) < 0) {
            goto fail;
        }
        end = found;
    }
    if (append_slice(list, self, 0, end) < 0 || PyList_Reverse(list) < 0) {
        goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

PyObject *
unicode_split_any(PyObject *self, PyObject *sep, Py_ssize_t maxcount, int reverse)
{
    if (maxcount < 0) {
        maxcount = PY_SSIZE_T_MAX;
    }
    if (sep == NULL) {
        return reverse ? rsplit_whitespace(self, maxcount) : split_whitespace(self, maxcount);
    }
    int kind = KIND(self), sep_kind = KIND(sep);
    Py_ssize_t n = LENGTH(sep);
    if (n == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    if (kind < sep_kind || LENGTH(self) < n) {
        PyObject *list = PyList_New(0);
        if (list != NULL && append_slice(list, self, 0, LENGTH(self)) < 0) {
            Py_CLEAR(list);
        }
        return list;
    }
    const void *sub = DATA(sep);
    void *wide = NULL;
    if (kind != sep_kind) {
        wide = unicode_askind(sep_kind, sub, n, kind);
        if (wide == NULL) {
            return NULL;
        }
        sub = wide;
    }
    PyObject *list = reverse ? rsplit_separator(self, sub, n, maxcount)
                             : split_separator(self, sub, n, maxcount);
    PyMem_Free(wide);
    return list;
}

PyObject *
PyUnicode_Split(PyObject *s, PyObject *sep, Py_ssize_t maxsplit)
{
    if (ensure_unicode(s) < 0 || (sep != NULL && ensure_unicode(sep) < 0)) {
        return NULL;
    }
    return unicode_split_any(s, sep, maxsplit, 0);
}

PyObject *
PyUnicode_RSplit(PyObject *s, PyObject *sep, Py_ssize_t maxsplit)
{
    if (ensure_unicode(s) < 0 || (sep != NULL && ensure_unicode(sep) < 0)) {
        return NULL;
    }
    return unicode_split_any(s, sep, maxsplit, 1);
}

PyObject *
PyUnicode_Splitlines(PyObject *string, int keepends)
{
    if (ensure_unicode(string) < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int kind = KIND(string);
    const void *data = DATA(string);
    Py_ssize_t length = LENGTH(string), i = 0;
    while (i < length) {
        Py_ssize_t start = i;
        while (i < length && !Py_UNICODE_ISLINEBREAK(READ(kind, data, i))) {
            i++;
        }
        Py_ssize_t end = i;
        if (i < length) {
            i += READ(kind, data, i) == '\r' && i + 1 < length
                 && READ(kind, data, i + 1) == '\n' ? 2 : 1;
            if (keepends) {
                end = i;
            }
        }
        if (append_slice(list, string, start, end) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

/* -- Partition ----------------------------------------------------------------------------- */

static PyObject *
partition_at(PyObject *self, PyObject *sep, Py_ssize_t at)
{
    PyObject *before = PyUnicode_Substring(self, 0, at);
    PyObject *after = PyUnicode_Substring(self, at + LENGTH(sep), LENGTH(self));
    PyObject *result = before == NULL || after == NULL ? NULL
                                                       : PyTuple_Pack(3, before, sep, after);
    Py_XDECREF(before);
    Py_XDECREF(after);
    return result;
}

static PyObject *
unicode_partition(PyObject *self, PyObject *sep, int direction)
{
    if (ensure_unicode(self) < 0 || ensure_unicode(sep) < 0) {
        return NULL;
    }
    if (LENGTH(sep) == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    Py_ssize_t at = PyUnicode_Find(self, sep, 0, PY_SSIZE_T_MAX, direction);
    if (at == -2) {
        return NULL;
    }
    if (at >= 0) {
        return partition_at(self, sep, at);
    }
    PyObject *whole = unicode_result_unchanged(self);
    if (whole == NULL) {
        return NULL;
    }
    PyObject *empty = _Py_STR(empty);
    PyObject *result = direction > 0 ? PyTuple_Pack(3, whole, empty, empty)
                                     : PyTuple_Pack(3, empty, empty, whole);
    Py_DECREF(whole);
    return result;
}

PyObject *
PyUnicode_Partition(PyObject *s, PyObject *sep)
{
    return unicode_partition(s, sep, 1);
}

PyObject *
PyUnicode_RPartition(PyObject *s, PyObject *sep)
{
    return unicode_partition(s, sep, -1);
}

/* -- Join ---------------------------------------------------------------------------------- */

PyObject *
_PyUnicode_JoinArray(PyObject *separator, PyObject *const *items, Py_ssize_t seqlen)
{
    if (seqlen == 0) {
        return _Py_STR(empty);
    }
    if (seqlen == 1 && PyUnicode_CheckExact(items[0])) {
        return Py_NewRef(items[0]);
    }
    PyObject *sep = NULL;  // borrowed; NULL is the empty string
    Py_ssize_t sep_length = 0, total = 0;
    Py_UCS4 maxchar = 0;
    if (separator == NULL) {
        sep = _Py_LATIN1_CHR(' ');
    }
    else {
        if (!PyUnicode_Check(separator)) {
            PyErr_Format(PyExc_TypeError, "separator: expected str instance, %.80s found",
                         Py_TYPE(separator)->tp_name);
            return NULL;
        }
        sep = separator;
    }
    if (seqlen > 1) {
        sep_length = LENGTH(sep);
        if (sep_length > 0) {
            maxchar = PyUnicode_MAX_CHAR_VALUE(sep);
        }
    }
    for (Py_ssize_t i = 0; i < seqlen; i++) {
        PyObject *item = items[i];
        if (!PyUnicode_Check(item)) {
            PyErr_Format(PyExc_TypeError, "sequence item %zd: expected str instance, %.80s found",
                         i, Py_TYPE(item)->tp_name);
            return NULL;
        }
        size_t add = (size_t)LENGTH(item) + (i != 0 ? (size_t)sep_length : 0);
        Py_UCS4 item_max = PyUnicode_MAX_CHAR_VALUE(item);
        maxchar = Py_MAX(maxchar, item_max);
        if (add > (size_t)(PY_SSIZE_T_MAX - total)) {
            PyErr_SetString(PyExc_OverflowError, "join() result is too long for a Python string");
            return NULL;
        }
        total += (Py_ssize_t)add;
    }
    if (total == 0) {
        return _Py_STR(empty);
    }
    PyObject *result = PyUnicode_New(total, maxchar);
    if (result == NULL) {
        return NULL;
    }
    int kind = KIND(result);
    char *out = DATA(result);
    for (Py_ssize_t i = 0; i < seqlen; i++) {
        if (i > 0 && sep_length > 0) {
            if (sep_length == 1) {
                WRITE(kind, out, 0, PyUnicode_READ_CHAR(sep, 0));
            }
            else {
                unicode_convert(kind, out, KIND(sep), DATA(sep), sep_length);
            }
            out += sep_length * kind;
        }
        PyObject *item = items[i];
        Py_ssize_t n = LENGTH(item);
        if (n > 0) {
            unicode_convert(kind, out, KIND(item), DATA(item), n);
            out += n * kind;
        }
    }
    assert(out == (char *)DATA(result) + total * kind);
    assert(_PyUnicode_CheckConsistency(result, 1));
    return result;
}

PyObject *
PyUnicode_Join(PyObject *separator, PyObject *seq)
{
    PyObject *fast = PySequence_Fast(seq, "can only join an iterable");
    if (fast == NULL) {
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION_SEQUENCE_FAST(seq);
    result = _PyUnicode_JoinArray(separator, PySequence_Fast_ITEMS(fast),
                                  PySequence_Fast_GET_SIZE(fast));
    Py_END_CRITICAL_SECTION_SEQUENCE_FAST();
    Py_DECREF(fast);
    return result;
}

/* -- Concatenation ------------------------------------------------------------------------- */

PyObject *
PyUnicode_Concat(PyObject *left, PyObject *right)
{
    if (ensure_unicode(left) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(right)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate str (not \"%.200s\") to str",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    Py_ssize_t left_length = LENGTH(left), right_length = LENGTH(right);
    if (left_length == 0) {
        return PyUnicode_FromObject(right);
    }
    if (right_length == 0) {
        return PyUnicode_FromObject(left);
    }
    if (left_length > PY_SSIZE_T_MAX - right_length) {
        PyErr_SetString(PyExc_OverflowError, "strings are too large to concat");
        return NULL;
    }
    Py_UCS4 left_max = PyUnicode_MAX_CHAR_VALUE(left), right_max = PyUnicode_MAX_CHAR_VALUE(right);
    PyObject *result = PyUnicode_New(left_length + right_length, Py_MAX(left_max, right_max));
    if (result == NULL) {
        return NULL;
    }
    int kind = KIND(result);
    unicode_convert(kind, DATA(result), KIND(left), DATA(left), left_length);
    unicode_convert(kind, CHAR_PTR(kind, DATA(result), left_length), KIND(right), DATA(right),
                    right_length);
    assert(_PyUnicode_CheckConsistency(result, 1));
    return result;
}

void
PyUnicode_Append(PyObject **p_left, PyObject *right)
{
    if (p_left == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return;
    }
    PyObject *left = *p_left;
    if (right == NULL || left == NULL || !PyUnicode_Check(left) || !PyUnicode_Check(right)) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        Py_CLEAR(*p_left);
        return;
    }
    if (LENGTH(left) == 0 && PyUnicode_CheckExact(right)) {
        Py_SETREF(*p_left, Py_NewRef(right));
        return;
    }
    Py_ssize_t left_length = LENGTH(left), right_length = LENGTH(right);
    if (right_length == 0 && PyUnicode_CheckExact(left)) {
        return;
    }
    if (left_length > PY_SSIZE_T_MAX - right_length) {
        PyErr_SetString(PyExc_OverflowError, "strings are too large to concat");
        Py_CLEAR(*p_left);
        return;
    }
    /* In place, if nobody else has left, it can hold right's characters, and an ASCII string stays
       ASCII. */
    if (left != right && PyUnicode_CheckExact(right) && KIND(right) <= KIND(left)
            && PyUnicode_IS_ASCII(left) <= PyUnicode_IS_ASCII(right)
            && PyUnicode_IS_COMPACT(left) && _PyUnicode_IsModifiable(left)) {
        PyObject *grown = _PyUnicode_ResizeCompact(left, left_length + right_length);
        if (grown == NULL) {
            Py_CLEAR(*p_left);
            return;
        }
        _PyUnicode_FastCopyCharacters(grown, left_length, right, 0, right_length);
        *p_left = grown;
        return;
    }
    PyObject *result = PyUnicode_Concat(left, right);
    Py_SETREF(*p_left, result);
}

void
PyUnicode_AppendAndDel(PyObject **pleft, PyObject *right)
{
    PyUnicode_Append(pleft, right);
    Py_XDECREF(right);
}

/* -- Repetition ---------------------------------------------------------------------------- */

PyObject *
unicode_concatenate_repeat(PyObject *str, Py_ssize_t len)
{
    Py_ssize_t length = LENGTH(str);
    if (len < 1 || length == 0) {
        return _Py_STR(empty);
    }
    if (len == 1) {
        return unicode_result_unchanged(str);
    }
    if (length > PY_SSIZE_T_MAX / len) {
        PyErr_SetString(PyExc_OverflowError, "repeated string is too long");
        return NULL;
    }
    Py_ssize_t total = len * length;
    PyObject *result = PyUnicode_New(total, PyUnicode_MAX_CHAR_VALUE(str));
    if (result == NULL) {
        return NULL;
    }
    int kind = KIND(str);
    if (length == 1) {
        _PyUnicode_FastFill(result, 0, total, READ(kind, DATA(str), 0));
    }
    else {
        _PyBytes_Repeat(DATA(result), total * kind, DATA(str), length * kind);
    }
    assert(_PyUnicode_CheckConsistency(result, 1));
    return result;
}

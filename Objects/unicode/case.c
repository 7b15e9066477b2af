/* Case: lower, upper, title, casefold, swapcase, capitalize, with the full mappings of Unicode
   (one character may become three; final sigma depends on its neighbours).

   Reads only; takes no lock. */
#include "unicode_impl.h"

#define FINAL_SIGMA 0x3c2
#define SMALL_SIGMA 0x3c3
#define CAPITAL_SIGMA 0x3a3

/* The Final_Sigma condition of the Unicode standard, table 3-17. */
static Py_UCS4
lower_sigma(int kind, const void *data, Py_ssize_t length, Py_ssize_t i)
{
    Py_ssize_t j = i - 1;
    while (j >= 0 && _PyUnicode_IsCaseIgnorable(READ(kind, data, j))) {
        j--;
    }
    int final = j >= 0 && _PyUnicode_IsCased(READ(kind, data, j));
    if (final) {
        j = i + 1;
        while (j < length && _PyUnicode_IsCaseIgnorable(READ(kind, data, j))) {
            j++;
        }
        final = j == length || !_PyUnicode_IsCased(READ(kind, data, j));
    }
    return final ? FINAL_SIGMA : SMALL_SIGMA;
}

static int
lower_ucs4(int kind, const void *data, Py_ssize_t length, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *mapped)
{
    if (ch == CAPITAL_SIGMA) {
        mapped[0] = lower_sigma(kind, data, length, i);
        return 1;
    }
    return _PyUnicode_ToLowerFull(ch, mapped);
}

/* Each operation fills res (room for three times length) and returns how much it wrote. */
typedef Py_ssize_t (*case_op)(int kind, const void *data, Py_ssize_t length, Py_UCS4 *res);

static Py_ssize_t
op_lower(int kind, const void *data, Py_ssize_t length, Py_UCS4 *res)
{
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        k += lower_ucs4(kind, data, length, i, READ(kind, data, i), res + k);
    }
    return k;
}

static Py_ssize_t
op_upper(int kind, const void *data, Py_ssize_t length, Py_UCS4 *res)
{
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        k += _PyUnicode_ToUpperFull(READ(kind, data, i), res + k);
    }
    return k;
}

static Py_ssize_t
op_fold(int kind, const void *data, Py_ssize_t length, Py_UCS4 *res)
{
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        k += _PyUnicode_ToFoldedFull(READ(kind, data, i), res + k);
    }
    return k;
}

static Py_ssize_t
op_swap(int kind, const void *data, Py_ssize_t length, Py_UCS4 *res)
{
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        if (Py_UNICODE_ISUPPER(ch)) {
            k += lower_ucs4(kind, data, length, i, ch, res + k);
        }
        else if (Py_UNICODE_ISLOWER(ch)) {
            k += _PyUnicode_ToUpperFull(ch, res + k);
        }
        else {
            res[k++] = ch;
        }
    }
    return k;
}

static Py_ssize_t
op_title(int kind, const void *data, Py_ssize_t length, Py_UCS4 *res)
{
    Py_ssize_t k = 0;
    int previous_cased = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        k += previous_cased ? lower_ucs4(kind, data, length, i, ch, res + k)
                            : _PyUnicode_ToTitleFull(ch, res + k);
        previous_cased = _PyUnicode_IsCased(ch);
    }
    return k;
}

static Py_ssize_t
op_capitalize(int kind, const void *data, Py_ssize_t length, Py_UCS4 *res)
{
    Py_ssize_t k = _PyUnicode_ToTitleFull(READ(kind, data, 0), res);
    for (Py_ssize_t i = 1; i < length; i++) {
        k += lower_ucs4(kind, data, length, i, READ(kind, data, i), res + k);
    }
    return k;
}

static PyObject *
case_apply(PyObject *self, case_op op)
{
    Py_ssize_t length = LENGTH(self);
    if (length == 0) {
        return unicode_result_unchanged(self);
    }
    Py_UCS4 small[96];
    Py_UCS4 *res = small;
    if (length > 32) {
        if (length > PY_SSIZE_T_MAX / (3 * (Py_ssize_t)sizeof(Py_UCS4))) {
            PyErr_SetString(PyExc_OverflowError, "string is too long");
            return NULL;
        }
        res = PyMem_Malloc((size_t)length * 3 * sizeof(Py_UCS4));
        if (res == NULL) {
            return PyErr_NoMemory();
        }
    }
    Py_ssize_t n = op(KIND(self), DATA(self), length, res);
    PyObject *result = _PyUnicode_FromUCS4(res, n);
    if (res != small) {
        PyMem_Free(res);
    }
    return result;
}

/* -- ASCII --------------------------------------------------------------------------------- */

static inline unsigned char
ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static inline unsigned char
ascii_upper(unsigned char c)
{
    return c >= 'a' && c <= 'z' ? c & ~0x20 : c;
}

static inline int
ascii_is_letter(unsigned char c)
{
    c |= 0x20;
    return c >= 'a' && c <= 'z';
}

/* A new ASCII str of self's length to write into; *in and *out are its and self's characters. */
static PyObject *
ascii_begin(PyObject *self, const unsigned char **in, unsigned char **out)
{
    PyObject *result = PyUnicode_New(LENGTH(self), 127);
    if (result != NULL) {
        *in = PyUnicode_1BYTE_DATA(self);
        *out = PyUnicode_1BYTE_DATA(result);
    }
    return result;
}

static PyObject *
ascii_map(PyObject *self, int upper)
{
    const unsigned char *in;
    unsigned char *out;
    Py_ssize_t length = LENGTH(self);
    if (length == 0) {
        return _Py_STR(empty);
    }
    PyObject *result = ascii_begin(self, &in, &out);
    if (result == NULL) {
        return NULL;
    }
    if (upper) {
        for (Py_ssize_t i = 0; i < length; i++) {
            out[i] = ascii_upper(in[i]);
        }
    }
    else {
        for (Py_ssize_t i = 0; i < length; i++) {
            out[i] = ascii_lower(in[i]);
        }
    }
    return _PyUnicode_Result(result);
}

/* -- Operations ---------------------------------------------------------------------------- */

PyObject *
unicode_case_lower(PyObject *self)
{
    return PyUnicode_IS_ASCII(self) ? ascii_map(self, 0) : case_apply(self, op_lower);
}

PyObject *
unicode_case_upper(PyObject *self)
{
    return PyUnicode_IS_ASCII(self) ? ascii_map(self, 1) : case_apply(self, op_upper);
}

PyObject *
unicode_case_fold(PyObject *self)
{
    return PyUnicode_IS_ASCII(self) ? ascii_map(self, 0) : case_apply(self, op_fold);
}

PyObject *
unicode_case_swap(PyObject *self)
{
    return case_apply(self, op_swap);
}

PyObject *
unicode_case_title(PyObject *self)
{
    Py_ssize_t length = LENGTH(self);
    if (!PyUnicode_IS_ASCII(self) || length == 0) {
        return case_apply(self, op_title);
    }
    const unsigned char *in;
    unsigned char *out;
    PyObject *result = ascii_begin(self, &in, &out);
    if (result == NULL) {
        return NULL;
    }
    int previous_cased = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        out[i] = previous_cased ? ascii_lower(in[i]) : ascii_upper(in[i]);
        previous_cased = ascii_is_letter(in[i]);
    }
    return _PyUnicode_Result(result);
}

PyObject *
unicode_case_capitalize(PyObject *self)
{
    Py_ssize_t length = LENGTH(self);
    if (!PyUnicode_IS_ASCII(self) || length == 0) {
        return case_apply(self, op_capitalize);
    }
    const unsigned char *in;
    unsigned char *out;
    PyObject *result = ascii_begin(self, &in, &out);
    if (result == NULL) {
        return NULL;
    }
    out[0] = ascii_upper(in[0]);
    for (Py_ssize_t i = 1; i < length; i++) {
        out[i] = ascii_lower(in[i]);
    }
    return _PyUnicode_Result(result);
}

/* repr() of a str: quotes and escapes. */
#include "unicode_impl.h"

PyObject *
unicode_repr(PyObject *unicode)
{
    int kind = KIND(unicode);
    const void *data = DATA(unicode);
    Py_ssize_t length = LENGTH(unicode), total = 0, single = 0, twice = 0;
    Py_UCS4 maxchar = 127;
    int unchanged = PyUnicode_IS_ASCII(unicode);

    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        Py_ssize_t add;
        switch (ch) {
        case '\'': single++; add = 1; break;
        case '"': twice++; add = 1; break;
        case '\\': case '\t': case '\r': case '\n':
            add = 2;
            unchanged = 0;
            break;
        default:
            if (ch < ' ' || ch == 0x7f) {
                add = 4;
                unchanged = 0;
            }
            else if (ch < 0x7f) {
                add = 1;
            }
            else if (Py_UNICODE_ISPRINTABLE(ch)) {
                add = 1;
                maxchar = Py_MAX(maxchar, ch);
            }
            else {
                add = ch < 0x100 ? 4 : ch < 0x10000 ? 6 : 10;
            }
        }
        if (total > PY_SSIZE_T_MAX - add) {
            goto overflow;
        }
        total += add;
    }
    /* Double quotes only where they save escaping. */
    Py_UCS4 quote = '\'';
    int escape_quotes = 0;
    if (single > 0) {
        if (twice > 0) {
            escape_quotes = 1;
            unchanged = 0;
            if (total > PY_SSIZE_T_MAX - single) {
                goto overflow;
            }
            total += single;
        }
        else {
            quote = '"';
        }
    }
    if (total > PY_SSIZE_T_MAX - 2) {
        goto overflow;
    }
    PyObject *repr = PyUnicode_New(total + 2, maxchar);
    if (repr == NULL) {
        return NULL;
    }
    int rkind = KIND(repr);
    void *out = DATA(repr);
    Py_ssize_t o = 1;
    WRITE(rkind, out, 0, quote);
    WRITE(rkind, out, total + 1, quote);
    if (unchanged) {
        _PyUnicode_FastCopyCharacters(repr, 1, unicode, 0, length);
        return repr;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = READ(kind, data, i);
        Py_UCS4 letter = ch == '\t' ? 't' : ch == '\n' ? 'n' : ch == '\r' ? 'r'
                       : ch == '\\' || (ch == '\'' && escape_quotes) ? ch : 0;
        if (letter != 0) {
            WRITE(rkind, out, o, '\\');
            WRITE(rkind, out, o + 1, letter);
            o += 2;
        }
        else if ((ch >= ' ' && ch < 0x7f) || (ch > 0x7f && Py_UNICODE_ISPRINTABLE(ch))) {
            WRITE(rkind, out, o, ch);
            o++;
        }
        else {
            int digits = ch < 0x100 ? 2 : ch < 0x10000 ? 4 : 8;
            WRITE(rkind, out, o, '\\');
            WRITE(rkind, out, o + 1, digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
            o += 2;
            for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
                WRITE(rkind, out, o, (Py_UCS4)Py_hexdigits[ch >> shift & 15]);
                o++;
            }
        }
    }
    assert(o == total + 1);
    assert(_PyUnicode_CheckConsistency(repr, 1));
    return repr;
overflow:
    PyErr_SetString(PyExc_OverflowError, "string is too long to generate repr");
    return NULL;
}

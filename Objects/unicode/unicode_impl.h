/* What the files of Objects/unicode/ share and nobody else needs.

   A compact str holds its characters behind the header, in the narrowest of 1, 2 and 4 bytes that
   fits the widest character ("canonical").  Only subclasses are not compact: their characters are
   in a block of their own.  A new str may be written to until it is published. */
#ifndef Ly_UNICODE_IMPL_H
#define Ly_UNICODE_IMPL_H

#include "Python.h"
#include "pycore_unicodeobject.h"  // everything internal of str
#include "pycore_bytesobject.h"    // _PyBytesWriter
#include "pycore_object.h"         // _PyObject_Init
#include "pycore_pystate.h"        // _PyInterpreterState_GET
#include "search.h"                // search_find_ucs1

#define MAX_UNICODE _Py_MAX_UNICODE

#define ASCII_CAST(op) ((PyASCIIObject *)(op))
#define COMPACT_CAST(op) ((PyCompactUnicodeObject *)(op))
#define LENGTH(op) PyUnicode_GET_LENGTH(op)
#define KIND(op) ((int)PyUnicode_KIND(op))
#define DATA(op) PyUnicode_DATA(op)
#define READ PyUnicode_READ
#define WRITE PyUnicode_WRITE

/* The address of character i in data of a kind (a kind is its size in bytes). */
#define CHAR_PTR(kind, data, i) ((void *)((char *)(data) + (Py_ssize_t)(kind) * (i)))

/* Clamps start and end as slices do, for length len. */
static inline void
adjust_indices(Py_ssize_t *start, Py_ssize_t *end, Py_ssize_t len)
{
    if (*end > len) {
        *end = len;
    }
    else if (*end < 0) {
        *end += len;
        if (*end < 0) {
            *end = 0;
        }
    }
    if (*start < 0) {
        *start += len;
        if (*start < 0) {
            *start = 0;
        }
    }
}

/* Smallest kind for a widest character. */
static inline int
kind_of_maxchar(Py_UCS4 maxchar)
{
    return maxchar < 256 ? PyUnicode_1BYTE_KIND
         : maxchar < 65536 ? PyUnicode_2BYTE_KIND : PyUnicode_4BYTE_KIND;
}

/* TypeError unless obj is a str. */
static inline int
ensure_unicode(PyObject *obj)
{
    if (!PyUnicode_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "must be str, not %.100s", Py_TYPE(obj)->tp_name);
        return -1;
    }
    return 0;
}

/* obj itself if it is an exact str, else a copy as exact str. */
static inline PyObject *
unicode_result_unchanged(PyObject *obj)
{
    return PyUnicode_CheckExact(obj) ? Py_NewRef(obj) : _PyUnicode_Copy(obj);
}

static inline PyObject *
unicode_new_empty(void)
{
    return _Py_STR(empty);
}

/* One-character str. */
extern PyObject *unicode_char(Py_UCS4 ch);

/* Widest character class (0x7f, 0xff, 0xffff, 0x10ffff) of data. */
extern Py_UCS4 ucs1_find_max_char(const Py_UCS1 *s, const Py_UCS1 *end);
extern Py_UCS4 ucs2_find_max_char(const Py_UCS2 *s, const Py_UCS2 *end);
extern Py_UCS4 ucs4_find_max_char(const Py_UCS4 *s, const Py_UCS4 *end);

/* Number of leading ASCII bytes in [s, end). */
extern Py_ssize_t ascii_prefix(const char *s, const char *end);
/* Copies n characters between kinds; the target kind must be able to hold them. */
extern void unicode_convert(int to_kind, void *to, int from_kind, const void *from, Py_ssize_t n);
/* data of op as the wider kind: op's own data if it is of that kind, otherwise a PyMem block that
   the caller frees (result != PyUnicode_DATA(op)). */
extern void *unicode_askind(int skind, const void *data, Py_ssize_t len, int kind);

/* Error callbacks (errors.c). */

/* Makes or updates *exceptionObject. */
extern void make_decode_exception(PyObject **exceptionObject, const char *encoding,
                                  const char *input, Py_ssize_t length, Py_ssize_t startpos,
                                  Py_ssize_t endpos, const char *reason);
extern void make_encode_exception(PyObject **exceptionObject, const char *encoding,
                                  PyObject *unicode, Py_ssize_t startpos, Py_ssize_t endpos,
                                  const char *reason);
extern void raise_encode_exception(PyObject **exceptionObject, const char *encoding,
                                   PyObject *unicode, Py_ssize_t startpos, Py_ssize_t endpos,
                                   const char *reason);
/* Calls the handler for input[*startinpos:*endinpos]; writes the replacement; moves *inptr to
   where decoding goes on.  The handler may replace the input (*input, *inend). */
extern int decode_call_errorhandler_writer(
    const char *errors, PyObject **errorHandler, const char *encoding, const char *reason,
    const char **input, const char **inend, Py_ssize_t *startinpos, Py_ssize_t *endinpos,
    PyObject **exceptionObject, const char **inptr, _PyUnicodeWriter *writer);
/* Calls the handler for unicode[startpos:endpos]; returns the replacement (str or bytes) and the
   position to go on from. */
extern PyObject *encode_call_errorhandler(const char *errors, PyObject **errorHandler,
                                          const char *encoding, const char *reason,
                                          PyObject *unicode, PyObject **exceptionObject,
                                          Py_ssize_t startpos, Py_ssize_t endpos,
                                          Py_ssize_t *newpos);
/* backslashreplace and xmlcharrefreplace into a bytes writer. */
extern char *backslashreplace_into(_PyBytesWriter *writer, char *str, PyObject *unicode,
                                   Py_ssize_t collstart, Py_ssize_t collend);
extern char *xmlcharrefreplace_into(_PyBytesWriter *writer, char *str, PyObject *unicode,
                                    Py_ssize_t collstart, Py_ssize_t collend);

/* Writes n bytes at p of a bytes writer; the new end, or NULL. */
static inline char *
writer_put(_PyBytesWriter *writer, char *p, const void *bytes, Py_ssize_t n)
{
    p = _PyBytesWriter_Reserve(writer, p, n);
    if (p != NULL) {
        memcpy(p, bytes, (size_t)n);
        p += n;
    }
    return p;
}

/* Error handling of one run of an encoder. */
struct encode_errors {
    const char *errors;         // const
    const char *encoding;       // const: for the exception
    const char *reason;         // const: for the exception
    _Py_error_handler kind;     // looked up at the first error
    PyObject *handler;          // looked up when it is not a known one
    PyObject *exception;        // reused from error to error
};
extern void encode_errors_init(struct encode_errors *state, const char *errors,
                               const char *encoding, const char *reason);
extern void encode_errors_clear(struct encode_errors *state);
/* Writes what stands for unicode[start:end]; characters below limit are encoded as one byte.
   Returns the new end of output, or NULL; *newpos is where encoding goes on. */
extern char *encode_errors_handle(struct encode_errors *state, _PyBytesWriter *writer, char *p,
                                  PyObject *unicode, Py_ssize_t start, Py_ssize_t end,
                                  Py_UCS4 limit, Py_ssize_t *newpos);

/* Cached UTF-8 (compact ASCII: the characters themselves); NULL if not made yet. */
static inline const char *
unicode_utf8_cached(PyObject *op)
{
    if (PyUnicode_IS_COMPACT_ASCII(op)) {
        return (const char *)(ASCII_CAST(op) + 1);
    }
    /* Acquire: pairs with the release in unicode_fill_utf8(); length and bytes are complete. */
    return FT_ATOMIC_LOAD_PTR_ACQUIRE(COMPACT_CAST(op)->utf8);
}

static inline Py_ssize_t
unicode_utf8_cached_length(PyObject *op)
{
    return PyUnicode_IS_COMPACT_ASCII(op) ? ASCII_CAST(op)->length : COMPACT_CAST(op)->utf8_length;
}

/* Interned-state bytes, as the ABI has them. */
#ifndef SSTATE_NOT_INTERNED
#define SSTATE_NOT_INTERNED 0
#define SSTATE_INTERNED_MORTAL 1
#define SSTATE_INTERNED_IMMORTAL 2
#define SSTATE_INTERNED_IMMORTAL_STATIC 3
#endif

/* Takes a dying mortal interned str out of the table.  Readers may go on comparing with its
   characters until a grace period is over. */
extern void unicode_unintern_dying(PyObject *op);

/* Internals of methods, by file. */
extern PyObject *unicode_repr(PyObject *unicode);                    // repr.c
extern PyObject *unicode_iter(PyObject *seq);                        // iter.c
extern PyObject *unicode_concatenate_repeat(PyObject *str, Py_ssize_t len);
extern int unicode_parse_find_args(const char *name, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject **sub, Py_ssize_t *start, Py_ssize_t *end);
extern PyObject *unicode_pad(PyObject *self, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill);
extern PyObject *unicode_replace_all(PyObject *self, PyObject *str1, PyObject *str2,
                                     Py_ssize_t maxcount);
extern PyObject *unicode_split_any(PyObject *self, PyObject *sep, Py_ssize_t maxcount, int reverse);
extern PyObject *unicode_expand_tabs(PyObject *self, int tabsize);
extern PyObject *unicode_maketrans_table(PyObject *x, PyObject *y, PyObject *z);

extern PyObject *unicode_case_lower(PyObject *self);
extern PyObject *unicode_case_upper(PyObject *self);
extern PyObject *unicode_case_title(PyObject *self);
extern PyObject *unicode_case_fold(PyObject *self);
extern PyObject *unicode_case_swap(PyObject *self);
extern PyObject *unicode_case_capitalize(PyObject *self);

#endif

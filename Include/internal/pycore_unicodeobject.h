/* str, for ourselves: state, character properties, interning, codec entry points, the writer.

   A str is immutable once another thread can see it, except for three caches that any thread may
   fill: hash (relaxed), utf8 with utf8_length (length first, pointer with release), and the
   interned state (stored under the intern mutex, read relaxed). */
#ifndef Py_INTERNAL_UNICODEOBJECT_H
#define Py_INTERNAL_UNICODEOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_atomic_ft.h"             // FT_ATOMIC_LOAD_SSIZE_RELAXED
#include "pycore_codecs.h"                // _Py_error_handler
#include "pycore_runtime_init_strings.h"  // _Py_STR, _Py_LATIN1_CHR
#include "pycore_ucnhash.h"               // _PyUnicode_Name_CAPI
#if __has_include("pycore_global_ids.h")
#  include "pycore_global_ids.h"          // _Py_ID, made by the build
#endif

#define _Py_MAX_UNICODE 0x10ffff

/* Largest code point that a kind can hold. */
#define _PyUnicode_MAX_OF_KIND(kind) \
    ((kind) == PyUnicode_1BYTE_KIND ? 0xffU : (kind) == PyUnicode_2BYTE_KIND ? 0xffffU : 0x10ffffU)

/* -- State --------------------------------------------------------------------------------- */

struct _Py_unicode_fs_codec {
    char *encoding;    // filesystem encoding, NULL before it is configured
    int utf8;          // encoding is UTF-8
    char *errors;      // error handler name
    _Py_error_handler error_handler;
};

/* Interned strings of one interpreter: open addressing, uncounted references.
   Readers take no lock; writers hold the mutex and publish slots with release. */
struct _Py_intern_slots;
struct _Py_intern_table {
    PyMutex mutex;
    struct _Py_intern_slots *slots;  // atomic: acquire by readers, release under mutex
};

struct _Py_unicode_ids {
    PyMutex mutex;
    Py_ssize_t size;      // guarded by mutex
    PyObject **array;     // guarded by mutex; interned strings by _Py_Identifier.index
};

struct _Py_unicode_state {
    struct _Py_unicode_fs_codec fs_codec;
    struct _Py_intern_table interned;
    struct _Py_unicode_ids ids;
    _PyUnicode_Name_CAPI *ucnhash_capi;  // loaded on first use
};

/* -- Life cycle ---------------------------------------------------------------------------- */

/* Once per process, after the hash seed is known: the static strings become interned. */
extern PyStatus _PyUnicode_InitGlobalObjects(PyInterpreterState *interp);
extern void _PyUnicode_InternStaticStrings(PyInterpreterState *interp);
extern PyStatus _PyUnicode_InitState(PyInterpreterState *interp);
extern PyStatus _PyUnicode_InitTypes(PyInterpreterState *interp);
extern PyStatus _PyUnicode_InitEncodings(PyThreadState *tstate);
extern int _PyUnicode_EnableLegacyWindowsFSEncoding(void);
extern void _PyUnicode_ClearInterned(PyInterpreterState *interp);
extern void _PyUnicode_Fini(PyInterpreterState *interp);
extern void _PyUnicode_FiniTypes(PyInterpreterState *interp);
extern void _PyUnicode_FiniEncodings(struct _Py_unicode_fs_codec *fs_codec);

PyAPI_FUNC(int) _PyUnicode_CheckConsistency(PyObject *op, int check_content);
PyAPI_FUNC(void) _PyUnicode_ExactDealloc(PyObject *op);

/* -- Hash and equality --------------------------------------------------------------------- */

/* The cached hash, or -1. */
#define PyUnicode_HASH(op) FT_ATOMIC_LOAD_SSIZE_RELAXED(_PyASCIIObject_CAST(op)->hash)
#define PyUnicode_SET_HASH(op, h) FT_ATOMIC_STORE_SSIZE_RELAXED(_PyASCIIObject_CAST(op)->hash, (h))

extern Py_hash_t _PyUnicode_Hash(PyObject *op);

/* Hash of an exact str; cannot fail. */
static inline Py_hash_t
_PyObject_HashUnicode(PyObject *op)
{
    Py_hash_t hash = PyUnicode_HASH(op);
    return hash != -1 ? hash : _PyUnicode_Hash(op);
}

/* 1 if the two strs have the same characters; both must be str. */
PyAPI_FUNC(int) _PyUnicode_Equal(PyObject *, PyObject *);
/* The same as an inline function for hot paths. */
extern int unicode_eq(PyObject *str1, PyObject *str2);
PyAPI_FUNC(int) _PyUnicode_EqualToASCIIString(PyObject *left, const char *right);

/* -- Interning ----------------------------------------------------------------------------- */

/* *p becomes the one interned str with its characters (the reference is exchanged).
   Mortal ones die with their last reference; Immortal ones never do. */
PyAPI_FUNC(void) _PyUnicode_InternMortal(PyInterpreterState *interp, PyObject **);
PyAPI_FUNC(void) _PyUnicode_InternImmortal(PyInterpreterState *interp, PyObject **);
PyAPI_FUNC(void) _PyUnicode_InternInPlace(PyInterpreterState *interp, PyObject **p);
extern void _PyUnicode_InternStatic(PyInterpreterState *interp, PyObject **);
extern Py_ssize_t _PyUnicode_InternedSize(void);
extern Py_ssize_t _PyUnicode_InternedSize_Immortal(void);
/* Stores the interned byte or bits; a hint for other threads, so relaxed. */
static inline void
_PyUnicode_SetInternedState(PyObject *op, unsigned int state)
{
#ifdef Py_GIL_DISABLED
    __atomic_store_n(&_PyASCIIObject_CAST(op)->state.interned, (unsigned char)state,
                     __ATOMIC_RELAXED);
#else
    _PyASCIIObject_CAST(op)->state.interned = (unsigned short)state & 3;
#endif
}
/* The interned str equal to op (new reference), or NULL without an exception. */
extern PyObject *_PyUnicode_LookupInterned(PyInterpreterState *interp, PyObject *op);

/* -- Making and copying -------------------------------------------------------------------- */

PyAPI_FUNC(PyObject *) _PyUnicode_FromASCII(const char *buffer, Py_ssize_t size);
extern PyObject *_PyUnicode_FromUCS1(const Py_UCS1 *s, Py_ssize_t size);
extern PyObject *_PyUnicode_FromUCS2(const Py_UCS2 *s, Py_ssize_t size);
extern PyObject *_PyUnicode_FromUCS4(const Py_UCS4 *s, Py_ssize_t size);
PyAPI_FUNC(PyObject *) _PyUnicode_Copy(PyObject *unicode);
extern PyObject *_PyUnicode_ResizeCompact(PyObject *unicode, Py_ssize_t length);
extern PyObject *_PyUnicode_GetEmpty(void);
/* Replaces an empty or one-character latin-1 result by its static string; steals and returns. */
extern PyObject *_PyUnicode_Result(PyObject *unicode);
extern void _PyUnicode_FastCopyCharacters(PyObject *to, Py_ssize_t to_start, PyObject *from,
                                          Py_ssize_t from_start, Py_ssize_t how_many);
extern void _PyUnicode_FastFill(PyObject *unicode, Py_ssize_t start, Py_ssize_t length,
                                Py_UCS4 fill_char);
/* Upper bound (of the character class) of the code points in a range. */
extern Py_UCS4 _PyUnicode_FindMaxChar(PyObject *unicode, Py_ssize_t start, Py_ssize_t end);
/* 1 if op may be changed in place: one reference, not hashed, not interned, exact. */
extern int _PyUnicode_IsModifiable(PyObject *op);

/* -- Character properties ------------------------------------------------------------------ */

extern int _PyUnicode_ToLowerFull(Py_UCS4 ch, Py_UCS4 *res);
extern int _PyUnicode_ToTitleFull(Py_UCS4 ch, Py_UCS4 *res);
extern int _PyUnicode_ToUpperFull(Py_UCS4 ch, Py_UCS4 *res);
extern int _PyUnicode_ToFoldedFull(Py_UCS4 ch, Py_UCS4 *res);
extern int _PyUnicode_IsCaseIgnorable(Py_UCS4 ch);
extern int _PyUnicode_IsCased(Py_UCS4 ch);
PyAPI_FUNC(int) _PyUnicode_IsXidStart(Py_UCS4 ch);
PyAPI_FUNC(int) _PyUnicode_IsXidContinue(Py_UCS4 ch);

/* -- Text operations ----------------------------------------------------------------------- */

PyAPI_FUNC(PyObject *) _PyUnicode_JoinArray(PyObject *separator, PyObject *const *items,
                                            Py_ssize_t seqlen);
/* striptype: 0 left, 1 right, 2 both. */
extern PyObject *_PyUnicode_XStrip(PyObject *self, int striptype, PyObject *sepobj);
PyAPI_FUNC(PyObject *) _PyUnicode_TransformDecimalAndSpaceToASCII(PyObject *unicode);
PyAPI_FUNC(Py_ssize_t) _PyUnicode_ScanIdentifier(PyObject *);
/* Removes the common leading white space of the lines (used by -c). */
extern PyObject *_PyUnicode_Dedent(PyObject *unicode);
/* Digits for %d, %i, %u, %o, %x, %X of an int. */
extern PyObject *_PyUnicode_FormatLong(PyObject *, int alt, int prec, int type);
/* With writer: writes digits with separators; without: returns the length needed and, in
   *maxchar, the widest separator.  forward: group from the left (fractions). */
extern Py_ssize_t _PyUnicode_InsertThousandsGrouping(
    _PyUnicodeWriter *writer, Py_ssize_t n_buffer, PyObject *digits, Py_ssize_t d_pos,
    Py_ssize_t n_digits, Py_ssize_t min_width, const char *grouping, PyObject *thousands_sep,
    Py_UCS4 *maxchar, int forward);
/* str.__format__ into a writer; Python/runtime/format*.c. */
extern int _PyUnicode_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                           PyObject *format_spec, Py_ssize_t start,
                                           Py_ssize_t end);
/* str.format() on arguments, for those who have them unpacked. */
extern PyObject *_PyUnicode_DoFormat(PyObject *self, PyObject *args, PyObject *kwargs);
extern PyObject *_PyUnicode_FormatterParser(PyObject *module, PyObject *self);
extern PyObject *_PyUnicode_FormatterFieldNameSplit(PyObject *module, PyObject *self);

/* -- Codecs -------------------------------------------------------------------------------- */

PyAPI_FUNC(const char *) _PyUnicode_AsUTF8NoNUL(PyObject *);
PyAPI_FUNC(PyObject *) _PyUnicode_AsUTF8String(PyObject *unicode, const char *errors);
extern PyObject *_PyUnicode_AsLatin1String(PyObject *unicode, const char *errors);
extern PyObject *_PyUnicode_AsASCIIString(PyObject *unicode, const char *errors);
extern PyObject *_PyUnicode_EncodeUTF7(PyObject *unicode, const char *errors);
PyAPI_FUNC(PyObject *) _PyUnicode_EncodeUTF16(PyObject *unicode, const char *errors, int byteorder);
PyAPI_FUNC(PyObject *) _PyUnicode_EncodeUTF32(PyObject *object, const char *errors, int byteorder);
extern PyObject *_PyUnicode_EncodeCharmap(PyObject *unicode, PyObject *mapping, const char *errors);
extern PyObject *_PyUnicode_DecodeUnicodeEscapeStateful(const char *string, Py_ssize_t length,
                                                        const char *errors, Py_ssize_t *consumed);
PyAPI_FUNC(PyObject *) _PyUnicode_DecodeUnicodeEscapeInternal2(
    const char *string, Py_ssize_t length, const char *errors, Py_ssize_t *consumed,
    int *first_invalid_escape_char, const char **first_invalid_escape_ptr);
extern PyObject *_PyUnicode_DecodeRawUnicodeEscapeStateful(const char *string, Py_ssize_t length,
                                                           const char *errors,
                                                           Py_ssize_t *consumed);
extern int _PyUnicode_WideCharString_Converter(PyObject *, void *);
extern int _PyUnicode_WideCharString_Opt_Converter(PyObject *, void *);
/* The name CAPI of unicodedata, imported on first use; NULL with an exception. */
extern _PyUnicode_Name_CAPI *_PyUnicode_GetNameCAPI(void);
extern PyTypeObject _PyUnicodeASCIIIter_Type;
extern PyTypeObject _PyUnicode_EncodingMapType;
extern PyTypeObject _PyFormatterIter_Type;
extern PyTypeObject _PyFieldNameIter_Type;

/* -- Locale text, usable before Python is initialised (raw allocator, no exceptions) --------- */

PyAPI_FUNC(int) _Py_DecodeLocaleEx(const char *arg, wchar_t **wstr, size_t *wlen,
                                   const char **reason, int current_locale,
                                   _Py_error_handler errors);
PyAPI_FUNC(int) _Py_EncodeLocaleEx(const wchar_t *text, char **str, size_t *error_pos,
                                   const char **reason, int current_locale,
                                   _Py_error_handler errors);
extern char *_Py_EncodeLocaleRaw(const wchar_t *text, size_t *error_pos);
extern int _Py_DecodeUTF8Ex(const char *arg, Py_ssize_t arglen, wchar_t **wstr, size_t *wlen,
                            const char **reason, _Py_error_handler errors);
extern int _Py_EncodeUTF8Ex(const wchar_t *text, char **str, size_t *error_pos,
                            const char **reason, int raw_malloc, _Py_error_handler errors);
extern wchar_t *_Py_DecodeUTF8_surrogateescape(const char *arg, Py_ssize_t arglen, size_t *wlen);
/* 1 if the C locale's ASCII codec really is something else, so that ASCII is forced. */
extern int _Py_GetForceASCII(void);
extern void _Py_ResetForceASCII(void);
extern wchar_t *_Py_GetLocaleEncoding(void);
extern PyObject *_Py_GetLocaleEncodingObject(void);

/* -- Writer -------------------------------------------------------------------------------- */

/* _PyUnicodeWriter is public but deprecated (cpython/unicodeobject.h); PyUnicodeWriter is the
   same struct behind an opaque name. */
extern void _PyUnicodeWriter_InitWithBuffer(_PyUnicodeWriter *writer, PyObject *buffer);

static inline int
_PyUnicodeWriter_WriteCharInline(_PyUnicodeWriter *writer, Py_UCS4 ch)
{
    assert(ch <= _Py_MAX_UNICODE);
    if (_PyUnicodeWriter_Prepare(writer, 1, ch) < 0) {
        return -1;
    }
    PyUnicode_WRITE(writer->kind, writer->data, writer->pos, ch);
    writer->pos++;
    return 0;
}

#endif

/* bytes, for ourselves: search, repetition, and the growing buffer that encoders write to. */
#ifndef Py_INTERNAL_BYTESOBJECT_H
#define Py_INTERNAL_BYTESOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyStatus _PyBytes_InitTypes(PyInterpreterState *interp);
extern void _PyBytes_InitStatics(void);

/* Static empty and one-byte bytes objects. */
struct _Py_static_bytes {
    struct {
        PyBytesObject ob;
        char eos;
    } characters[256];
    PyBytesObject empty;
};
extern struct _Py_static_bytes _Py_static_bytes;
#define _PyBytes_EMPTY ((PyObject *)&_Py_static_bytes.empty)
#define _PyBytes_CHAR(ch) ((PyObject *)&_Py_static_bytes.characters[(unsigned char)(ch)].ob)

/* bytes % args; also for bytearray (use_bytearray). */
extern PyObject *_PyBytes_FormatEx(const char *format, Py_ssize_t format_len, PyObject *args,
                                   int use_bytearray);
extern PyObject *_PyBytes_FromHex(PyObject *string, int use_bytearray);

PyAPI_FUNC(PyObject *) _PyBytes_DecodeEscape2(const char *s, Py_ssize_t len, const char *errors,
                                              int *first_invalid_escape_char,
                                              const char **first_invalid_escape_ptr);
PyAPI_FUNC(Py_ssize_t) _PyBytes_Find(const char *haystack, Py_ssize_t len_haystack,
                                     const char *needle, Py_ssize_t len_needle, Py_ssize_t offset);
PyAPI_FUNC(Py_ssize_t) _PyBytes_ReverseFind(const char *haystack, Py_ssize_t len_haystack,
                                            const char *needle, Py_ssize_t len_needle,
                                            Py_ssize_t offset);
/* Fills dest[0:len_dest] with copies of src. */
PyAPI_FUNC(void) _PyBytes_Repeat(char *dest, Py_ssize_t len_dest, const char *src,
                                 Py_ssize_t len_src);
/* The items of an iterable, list or tuple as bytes. */
extern PyObject *_PyBytes_FromIterator(PyObject *it, PyObject *x);
extern PyObject *_PyBytes_Concat(PyObject *a, PyObject *b);

/* -- Hexadecimal text (Python/runtime or here) --------------------------------------------- */

extern PyObject *_Py_strhex(const char *argbuf, const Py_ssize_t arglen);
extern PyObject *_Py_strhex_bytes(const char *argbuf, const Py_ssize_t arglen);
extern PyObject *_Py_strhex_with_sep(const char *argbuf, const Py_ssize_t arglen, PyObject *sep,
                                     const int bytes_per_group);
PyAPI_FUNC(PyObject *) _Py_strhex_bytes_with_sep(const char *argbuf, const Py_ssize_t arglen,
                                                 PyObject *sep, const int bytes_per_group);
/* -- Writer -------------------------------------------------------------------------------- */

/* A buffer that starts on the C stack and becomes a bytes or bytearray object when it grows.
   Alloc and Prepare return where to write; Finish takes the end of what was written. */
typedef struct {
    PyObject *buffer;        // bytes or bytearray once the small buffer is outgrown
    Py_ssize_t allocated;    // bytes available in the current buffer
    Py_ssize_t min_size;     // promised minimum size of the result
    int use_bytearray;       // make a bytearray
    int overallocate;        // grow by more than asked
    int use_small_buffer;    // the data are in small_buffer
    char small_buffer[512];
} _PyBytesWriter;

PyAPI_FUNC(void) _PyBytesWriter_Init(_PyBytesWriter *writer);
PyAPI_FUNC(PyObject *) _PyBytesWriter_Finish(_PyBytesWriter *writer, void *str);
PyAPI_FUNC(void) _PyBytesWriter_Dealloc(_PyBytesWriter *writer);
PyAPI_FUNC(void *) _PyBytesWriter_Alloc(_PyBytesWriter *writer, Py_ssize_t size);
PyAPI_FUNC(void *) _PyBytesWriter_Prepare(_PyBytesWriter *writer, void *str, Py_ssize_t size);
/* Room for size bytes at str, whatever was promised before; returns where str has gone. */
extern void *_PyBytesWriter_Reserve(_PyBytesWriter *writer, void *str, Py_ssize_t size);
PyAPI_FUNC(void *) _PyBytesWriter_Resize(_PyBytesWriter *writer, void *str, Py_ssize_t size);
PyAPI_FUNC(void *) _PyBytesWriter_WriteBytes(_PyBytesWriter *writer, void *str, const void *bytes,
                                             Py_ssize_t size);

#endif

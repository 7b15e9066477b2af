/* Methods that bytes and bytearray share; each works on a plain run of bytes. */
#ifndef Py_INTERNAL_BYTES_METHODS_H
#define Py_INTERNAL_BYTES_METHODS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyObject *_Py_bytes_isspace(const char *cptr, Py_ssize_t len);
extern PyObject *_Py_bytes_isalpha(const char *cptr, Py_ssize_t len);
extern PyObject *_Py_bytes_isalnum(const char *cptr, Py_ssize_t len);
extern PyObject *_Py_bytes_isascii(const char *cptr, Py_ssize_t len);
extern PyObject *_Py_bytes_isdigit(const char *cptr, Py_ssize_t len);
extern PyObject *_Py_bytes_islower(const char *cptr, Py_ssize_t len);
extern PyObject *_Py_bytes_isupper(const char *cptr, Py_ssize_t len);
extern PyObject *_Py_bytes_istitle(const char *cptr, Py_ssize_t len);

extern void _Py_bytes_lower(char *result, const char *cptr, Py_ssize_t len);
extern void _Py_bytes_upper(char *result, const char *cptr, Py_ssize_t len);
extern void _Py_bytes_title(char *result, const char *s, Py_ssize_t len);
extern void _Py_bytes_capitalize(char *result, const char *s, Py_ssize_t len);
extern void _Py_bytes_swapcase(char *result, const char *s, Py_ssize_t len);

extern PyObject *_Py_bytes_find(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start,
                                Py_ssize_t end);
extern PyObject *_Py_bytes_index(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start,
                                 Py_ssize_t end);
extern PyObject *_Py_bytes_rfind(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start,
                                 Py_ssize_t end);
extern PyObject *_Py_bytes_rindex(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start,
                                  Py_ssize_t end);
extern PyObject *_Py_bytes_count(const char *str, Py_ssize_t len, PyObject *sub, Py_ssize_t start,
                                 Py_ssize_t end);
extern int _Py_bytes_contains(const char *str, Py_ssize_t len, PyObject *arg);
extern PyObject *_Py_bytes_startswith(const char *str, Py_ssize_t len, PyObject *subobj,
                                      Py_ssize_t start, Py_ssize_t end);
extern PyObject *_Py_bytes_endswith(const char *str, Py_ssize_t len, PyObject *subobj,
                                    Py_ssize_t start, Py_ssize_t end);
extern PyObject *_Py_bytes_maketrans(Py_buffer *frm, Py_buffer *to);

#endif

/* Comparison of C strings that ignores the case of ASCII letters. */
#ifndef Py_PYSTRCMP_H
#define Py_PYSTRCMP_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyOS_mystricmp(const char *str, const char *str2);
PyAPI_FUNC(int) PyOS_mystrnicmp(const char *str, const char *str2, Py_ssize_t n);

#define PyOS_stricmp  PyOS_mystricmp
#define PyOS_strnicmp PyOS_mystrnicmp

#ifdef __cplusplus
}
#endif
#endif

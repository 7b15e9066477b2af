/* Text in the encoding of the locale. */
#ifndef Py_FILEUTILS_H
#define Py_FILEUTILS_H

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(wchar_t *) Py_DecodeLocale(const char *str, size_t *arg);
PyAPI_FUNC(char *) Py_EncodeLocale(const wchar_t *wstr, size_t *arg);
#endif

#include "cpython/fileutils.h"

#ifdef __cplusplus
}
#endif
#endif

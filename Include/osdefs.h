/* Paths of the operating system. */
#ifndef Py_OSDEFS_H
#define Py_OSDEFS_H

#ifdef __cplusplus
extern "C" {
#endif

#define SEP   L'/'
#define DELIM L':'
#ifdef PATH_MAX
#  define MAXPATHLEN PATH_MAX
#else
#  define MAXPATHLEN 4096
#endif

#ifdef __cplusplus
}
#endif
#endif

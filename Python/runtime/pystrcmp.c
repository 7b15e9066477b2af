/* Comparison of C strings that ignores the case of ASCII letters. */
#include "Python.h"

int
PyOS_mystrnicmp(const char *s1, const char *s2, Py_ssize_t size)
{
    if (size == 0) {
        return 0;
    }
    const unsigned char *p1 = (const unsigned char *)s1, *p2 = (const unsigned char *)s2;
    for (; size > 1 && *p1 && *p2 && Py_TOLOWER(*p1) == Py_TOLOWER(*p2); size--) {
        p1++;
        p2++;
    }
    return Py_TOLOWER(*p1) - Py_TOLOWER(*p2);
}

int
PyOS_mystricmp(const char *s1, const char *s2)
{
    const unsigned char *p1 = (const unsigned char *)s1, *p2 = (const unsigned char *)s2;
    while (*p1 && Py_TOLOWER(*p1) == Py_TOLOWER(*p2)) {
        p1++;
        p2++;
    }
    return Py_TOLOWER(*p1) - Py_TOLOWER(*p2);
}

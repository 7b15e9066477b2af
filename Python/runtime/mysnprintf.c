/* snprintf that always terminates its result. */
#include "Python.h"

int
PyOS_vsnprintf(char *str, size_t size, const char *format, va_list va)
{
    assert(str != NULL && size > 0 && format != NULL);
    if (size > INT_MAX - 512) {
        str[size - 1] = '\0';
        return -666;
    }
    int length = vsnprintf(str, size, format, va);
    str[size - 1] = '\0';
    return length;
}

int
PyOS_snprintf(char *str, size_t size, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int length = PyOS_vsnprintf(str, size, format, va);
    va_end(va);
    return length;
}

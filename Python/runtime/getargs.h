/* Shared by getargs.c and getargs_keywords.c. */
#ifndef GETARGS_H
#define GETARGS_H

#include "Python.h"

#define GETARGS_FIXED_CLEANUPS 8

/* What a parse has acquired and gives back if it fails. */
struct _getargs_cleanups {
    int count;
    struct _getargs_cleanup {
        void *item;
        void (*undo)(void *item);
        int (*convert)(PyObject *, void *);   /* called with NULL instead of undo, if not NULL */
    } *entries, fixed[GETARGS_FIXED_CLEANUPS];
};

extern int _PyGetargs_CleanupInit(struct _getargs_cleanups *list, int n);
extern int _PyGetargs_Cleanup(struct _getargs_cleanups *list, int ok);      /* returns ok */
extern int _PyGetargs_CountUnits(const char *format);
extern const char *_PyGetargs_ConvertItem(PyObject *arg, const char **p_format, va_list *p_va, int *levels,
                                          char *msgbuf, size_t bufsize, struct _getargs_cleanups *cleanups);
extern const char *_PyGetargs_SkipItem(const char **p_format, va_list *p_va);
extern void _PyGetargs_SetError(Py_ssize_t iarg, const char *msg, int *levels, const char *fname,
                                const char *message);

#endif

/* Exceptions: raising, catching and chaining them from C.

   Invariant: tstate->current_exception is NULL or one normalised exception instance, owned by tstate.  The stack of
   exceptions being handled is tstate->exc_info, each item owning its exc_value.
   Locking: a thread state's exceptions belong to its own thread. */
#ifndef Py_INTERNAL_PYERRORS_H
#define Py_INTERNAL_PYERRORS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

struct _Py_exc_state {                 /* one per interpreter */
    PyObject *errnomap;                /* dict: errno -> subclass of OSError; const after start-up */
    PyBaseExceptionObject *memerrors_freelist;
    int memerrors_numfree;
    PyMutex memerrors_mutex;           /* guards the two above */
    PyObject *PyExc_ExceptionGroup;
};

extern PyStatus _PyErr_InitTypes(PyInterpreterState *interp);
extern void _PyErr_FiniTypes(PyInterpreterState *interp);
extern int _PyExc_InitTypes(PyInterpreterState *interp);
extern void _PyExc_FiniTypes(PyInterpreterState *interp);
extern int _PyExc_InitGlobalObjects(PyInterpreterState *interp);   /* 0 or -1 */
extern int _PyExc_InitState(PyInterpreterState *interp);
extern void _PyExc_FiniHeapObjects(PyInterpreterState *interp);
extern void _PyExc_Fini(PyInterpreterState *interp);
/* Adds every exception to the builtins module's dict. */
extern int _PyBuiltins_AddExceptions(PyObject *bltinmod);

/* -- The current exception --------------------------------------------------------------------- */

/* The type of the current exception, borrowed, or NULL. */
static inline PyObject *
_PyErr_Occurred(PyThreadState *tstate)
{
    PyObject *exc = tstate->current_exception;
    return exc == NULL ? NULL : (PyObject *)Py_TYPE(exc);
}

static inline void
_PyErr_ClearExcState(_PyErr_StackItem *exc_state)
{
    Py_CLEAR(exc_state->exc_value);
}

PyAPI_FUNC(void) _PyErr_SetRaisedException(PyThreadState *tstate, PyObject *exc);   /* steals */
PyAPI_FUNC(PyObject *) _PyErr_GetRaisedException(PyThreadState *tstate);
extern void _PyErr_Fetch(PyThreadState *tstate, PyObject **type, PyObject **value, PyObject **traceback);
extern void _PyErr_Restore(PyThreadState *tstate, PyObject *type, PyObject *value, PyObject *traceback);
PyAPI_FUNC(void) _PyErr_Clear(PyThreadState *tstate);
PyAPI_FUNC(int) _PyErr_ExceptionMatches(PyThreadState *tstate, PyObject *exc);
extern void _PyErr_NormalizeException(PyThreadState *tstate, PyObject **exc, PyObject **val, PyObject **tb);
extern PyObject *_PyErr_Occurred_slow(PyThreadState *tstate);

extern void _PyErr_SetObject(PyThreadState *tstate, PyObject *type, PyObject *value);
extern void _PyErr_SetNone(PyThreadState *tstate, PyObject *exception);
PyAPI_FUNC(void) _PyErr_SetString(PyThreadState *tstate, PyObject *exception, const char *string);
PyAPI_FUNC(PyObject *) _PyErr_Format(PyThreadState *tstate, PyObject *exception, const char *format, ...);
PyAPI_FUNC(PyObject *) _PyErr_FormatV(PyThreadState *tstate, PyObject *exception, const char *format, va_list vargs);
PyAPI_FUNC(PyObject *) _PyErr_FormatFromCause(PyObject *exception, const char *format, ...);
extern PyObject *_PyErr_FormatFromCauseTstate(PyThreadState *tstate, PyObject *exception, const char *format, ...);
PyAPI_FUNC(void) _PyErr_FormatNote(const char *format, ...);
PyAPI_FUNC(void) _PyErr_SetKeyError(PyObject *key);
PyAPI_FUNC(void) _PyErr_SetLocaleString(PyObject *exception, const char *string);
extern PyObject *_PyErr_NoMemory(PyThreadState *tstate);
/* A MemoryError from the reserve if need be. */
extern PyObject *_PyExc_GetMemoryError(void);
extern void _PyErr_BadInternalCall(const char *filename, int lineno);
PyAPI_FUNC(void) _PyErr_SetFromPyStatus(PyStatus status);
extern int _PyErr_SetModuleNotFoundError(PyObject *name);
extern PyObject *_PyErr_SetImportErrorWithNameFrom(PyObject *msg, PyObject *name, PyObject *path, PyObject *from_name);
extern PyObject *_PyErr_SetImportErrorSubclassWithNameFrom(PyObject *exception, PyObject *msg, PyObject *name,
                                                           PyObject *path, PyObject *from_name);
extern void _PyErr_RaiseSyntaxError(PyObject *msg, PyObject *filename, int lineno, int col_offset, int end_lineno,
                                    int end_col_offset);
extern int _PyErr_EmitSyntaxWarning(PyObject *msg, PyObject *filename, int lineno, int col_offset, int end_lineno,
                                    int end_col_offset);
PyAPI_FUNC(PyObject *) _PyErr_ProgramDecodedTextObject(PyObject *filename, int lineno, const char *encoding);
extern int _PyErr_CheckSignalsTstate(PyThreadState *tstate);
extern int _PyErr_CheckSignals(void);

/* -- Chaining ---------------------------------------------------------------------------------- */

/* exc becomes the __context__ at the end of the current exception's chain, or current if there is none; steals. */
extern void _PyErr_ChainExceptions1Tstate(PyThreadState *tstate, PyObject *exc);
PyAPI_FUNC(void) _PyErr_ChainExceptions1(PyObject *exc);
/* Sets the context of the current exception from stackitem. */
extern void _PyErr_ChainStackItem(void);
extern PyObject *_PyErr_StackItemToExcInfoTuple(_PyErr_StackItem *err_info);
extern PyObject *_PyErr_GetHandledException(PyThreadState *tstate);
extern void _PyErr_SetHandledException(PyThreadState *tstate, PyObject *exc);
extern void _PyErr_GetExcInfo(PyThreadState *tstate, PyObject **type, PyObject **value, PyObject **traceback);
extern _PyErr_StackItem *_PyErr_GetTopmostException(PyThreadState *tstate);

/* -- Reporting --------------------------------------------------------------------------------- */

extern void _PyErr_Print(PyThreadState *tstate);
extern void _PyErr_PrintEx(PyThreadState *tstate, int set_sys_last_vars);
extern void _PyErr_Display(PyObject *file, PyObject *exception, PyObject *value, PyObject *tb);
extern void _PyErr_DisplayException(PyObject *file, PyObject *exc);
PyAPI_FUNC(void) _PyErr_WriteUnraisableMsg(const char *err_msg, PyObject *obj);
extern void _PyErr_WriteUnraisableDefaultHook_init(PyInterpreterState *interp);
extern PyObject *_PyErr_WriteUnraisableDefaultHook(PyObject *unraisable);
extern PyStatus _PyErr_InitUnraisableHookArgs(PyInterpreterState *interp);

extern void _Py_NO_RETURN _Py_FatalErrorFormat(const char *func, const char *format, ...);

/* -- Exception objects ------------------------------------------------------------------------- */

extern PyObject *_PyException_GetCause_borrowed(PyObject *self);
extern int _PyException_AddNote(PyObject *exc, PyObject *note);
extern int _PyUnicodeError_GetParams(PyObject *self, PyObject **obj, Py_ssize_t *objlen, Py_ssize_t *start,
                                     Py_ssize_t *end, Py_ssize_t *slen, int as_bytes);
extern PyObject *_PyUnicodeTranslateError_Create(PyObject *object, Py_ssize_t start, Py_ssize_t end,
                                                 const char *reason);
extern int _PyBaseExceptionGroup_Check_impl(PyObject *exc);
extern PyObject *_PyExc_CreateExceptionGroup(const char *msg, PyObject *excs);
/* The part of exc raised in an except* clause that is to be raised again. */
extern PyObject *_PyExc_PrepReraiseStar(PyObject *orig, PyObject *excs);
/* exc split by except* match_type: *rest, *match (either may be Py_None). */
extern PyObject *PyUnstable_Exc_PrepReraiseStar(PyObject *orig, PyObject *excs);
extern PyObject *_PyExc_ExceptionGroupProjection(PyObject *eg, PyObject *keep);

/* A SyntaxError for input that ends too early (interactive loops ask for more). */
PyAPI_DATA(PyTypeObject) _PyExc_IncompleteInputError;
#define PyExc_IncompleteInputError ((PyObject *)&_PyExc_IncompleteInputError)

/* -- Suggestions and signals ------------------------------------------------------------------- */

extern PyObject *_Py_CalculateSuggestions(PyObject *dir, PyObject *name);
extern PyObject *_Py_Offer_Suggestions(PyObject *exception);
PyAPI_FUNC(Py_ssize_t) _Py_UTF8_Edit_Cost(PyObject *str_a, PyObject *str_b, Py_ssize_t max_cost);

extern void _Py_DumpExtensionModules(int fd, PyInterpreterState *interp);

#endif

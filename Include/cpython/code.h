/* Code objects. */
#if !defined(Py_CPYTHON_CODE_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_CODE_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject *_co_code;
    PyObject *_co_varnames;
    PyObject *_co_cellvars;
    PyObject *_co_freevars;
} _PyCoCached;

/* Code made hot by an optimiser; nothing of it is public. */
typedef struct {
    int size;
    int capacity;
    struct _PyExecutorObject *executors[1];
} _PyExecutorArray;

#ifdef Py_GIL_DISABLED
/* A copy of the instructions for each thread. */
typedef struct {
    Py_ssize_t size;
    char *entries[1];
} _PyCodeArray;
#  define _PyCode_DEF_THREAD_LOCAL_BYTECODE() _PyCodeArray *co_tlbc;
#else
#  define _PyCode_DEF_THREAD_LOCAL_BYTECODE()
#endif

/* The object with SIZE bytes of instructions, for static code objects too. */
#define _PyCode_DEF(SIZE) {\
        PyObject_VAR_HEAD                                                      \
        PyObject *co_consts;                                                   \
        PyObject *co_names;                                                    \
        PyObject *co_exceptiontable;                                           \
        int co_flags;  /* CO_... bits */                                       \
        int co_argcount;                                                       \
        int co_posonlyargcount;                                                \
        int co_kwonlyargcount;                                                 \
        int co_stacksize;                                                      \
        int co_firstlineno;                                                    \
        int co_nlocalsplus;  /* locals, cells and free variables */            \
        int co_framesize;  /* words of a frame */                              \
        int co_nlocals;                                                        \
        int co_ncellvars;                                                      \
        int co_nfreevars;                                                      \
        uint32_t co_version;  /* 0 when none is given */                       \
        PyObject *co_localsplusnames;                                          \
        PyObject *co_localspluskinds;                                          \
        PyObject *co_filename;                                                 \
        PyObject *co_name;                                                     \
        PyObject *co_qualname;                                                 \
        PyObject *co_linetable;  /* positions of the code */                   \
        PyObject *co_weakreflist;                                              \
        _PyExecutorArray *co_executors;                                        \
        _PyCoCached *_co_cached;                                               \
        uintptr_t _co_instrumentation_version;                                 \
        struct _PyCoMonitoringData *_co_monitoring;                            \
        Py_ssize_t _co_unique_id;  /* for per-thread counts */                 \
        int _co_firsttraceable;                                                \
        void *co_extra;  /* of PyUnstable_Code_SetExtra */                     \
        _PyCode_DEF_THREAD_LOCAL_BYTECODE()                                    \
        char co_code_adaptive[(SIZE)];                                         \
    }

struct PyCodeObject _PyCode_DEF(1);

/* -- co_flags -- */
#define CO_OPTIMIZED               (1 << 0)
#define CO_NEWLOCALS               (1 << 1)
#define CO_VARARGS                 (1 << 2)
#define CO_VARKEYWORDS             (1 << 3)
#define CO_NESTED                  (1 << 4)
#define CO_GENERATOR               (1 << 5)
#define CO_COROUTINE               (1 << 7)
#define CO_ITERABLE_COROUTINE      (1 << 8)
#define CO_ASYNC_GENERATOR         (1 << 9)
#define CO_FUTURE_DIVISION         (1 << 17)
#define CO_FUTURE_ABSOLUTE_IMPORT  (1 << 18)
#define CO_FUTURE_WITH_STATEMENT   (1 << 19)
#define CO_FUTURE_PRINT_FUNCTION   (1 << 20)
#define CO_FUTURE_UNICODE_LITERALS (1 << 21)
#define CO_FUTURE_BARRY_AS_BDFL    (1 << 22)
#define CO_FUTURE_GENERATOR_STOP   (1 << 23)
#define CO_FUTURE_ANNOTATIONS      (1 << 24)
#define CO_NO_MONITORING_EVENTS    (1 << 25)
#define CO_HAS_DOCSTRING           (1 << 26)
#define CO_METHOD                  (1 << 27)
/* Blocks that one function can nest. */
#define CO_MAXBLOCKS 21

/* -- Names of __future__ features -- */
#define FUTURE_ABSOLUTE_IMPORT  "absolute_import"
#define FUTURE_ANNOTATIONS      "annotations"
#define FUTURE_BARRY_AS_BDFL    "barry_as_FLUFL"
#define FUTURE_DIVISION         "division"
#define FUTURE_GENERATORS       "generators"
#define FUTURE_GENERATOR_STOP   "generator_stop"
#define FUTURE_NESTED_SCOPES    "nested_scopes"
#define FUTURE_PRINT_FUNCTION   "print_function"
#define FUTURE_UNICODE_LITERALS "unicode_literals"
#define FUTURE_WITH_STATEMENT   "with_statement"
#define PY_PARSER_REQUIRES_FUTURE_KEYWORD

#define MAX_CO_EXTRA_USERS 255

PyAPI_DATA(PyTypeObject) PyCode_Type;

#define PyCode_Check(op) Py_IS_TYPE((op), &PyCode_Type)

static inline Py_ssize_t
PyCode_GetNumFree(PyCodeObject *op)
{
    assert(PyCode_Check(op));
    return op->co_nfreevars;
}

static inline int
PyUnstable_Code_GetFirstFree(PyCodeObject *op)
{
    assert(PyCode_Check(op));
    return op->co_nlocalsplus - op->co_nfreevars;
}

Py_DEPRECATED(3.13) static inline int
PyCode_GetFirstFree(PyCodeObject *op)
{
    return PyUnstable_Code_GetFirstFree(op);
}

/* -- Creation -- */
PyAPI_FUNC(PyCodeObject *) PyCode_NewEmpty(
    const char *filename, const char *funcname, int firstlineno);
PyAPI_FUNC(PyCodeObject *) PyUnstable_Code_New(
    int argcount, int kwonlyargcount, int nlocals, int stacksize, int flags, PyObject *code,
    PyObject *consts, PyObject *names, PyObject *varnames, PyObject *freevars,
    PyObject *cellvars, PyObject *filename, PyObject *name, PyObject *qualname,
    int firstlineno, PyObject *linetable, PyObject *exceptiontable);
PyAPI_FUNC(PyCodeObject *) PyUnstable_Code_NewWithPosOnlyArgs(
    int argcount, int posonlyargcount, int kwonlyargcount, int nlocals, int stacksize,
    int flags, PyObject *code, PyObject *consts, PyObject *names, PyObject *varnames,
    PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
    PyObject *qualname, int firstlineno, PyObject *linetable, PyObject *exceptiontable);

Py_DEPRECATED(3.12) static inline PyCodeObject *
PyCode_New(int argcount, int kwonlyargcount, int nlocals, int stacksize, int flags,
           PyObject *code, PyObject *consts, PyObject *names, PyObject *varnames,
           PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
           PyObject *qualname, int firstlineno, PyObject *linetable, PyObject *exceptiontable)
{
    return PyUnstable_Code_New(argcount, kwonlyargcount, nlocals, stacksize, flags, code, consts,
                               names, varnames, freevars, cellvars, filename, name, qualname,
                               firstlineno, linetable, exceptiontable);
}

Py_DEPRECATED(3.12) static inline PyCodeObject *
PyCode_NewWithPosOnlyArgs(int argcount, int posonlyargcount, int kwonlyargcount, int nlocals,
                          int stacksize, int flags, PyObject *code, PyObject *consts,
                          PyObject *names, PyObject *varnames, PyObject *freevars,
                          PyObject *cellvars, PyObject *filename, PyObject *name,
                          PyObject *qualname, int firstlineno, PyObject *linetable,
                          PyObject *exceptiontable)
{
    return PyUnstable_Code_NewWithPosOnlyArgs(argcount, posonlyargcount, kwonlyargcount, nlocals,
                                              stacksize, flags, code, consts, names, varnames,
                                              freevars, cellvars, filename, name, qualname,
                                              firstlineno, linetable, exceptiontable);
}

/* -- Lines and columns -- */
/* The state of a walk through the line table; _PyCode_CheckLineNumber() moves it. */
struct _opaque {
    int computed_line;
    const uint8_t *lo_next;
    const uint8_t *limit;
};

typedef struct _line_offsets {
    int ar_start;
    int ar_end;
    int ar_line;
    struct _opaque opaque;
} PyCodeAddressRange;

typedef enum _PyCodeLocationInfoKind {
    PY_CODE_LOCATION_INFO_SHORT0 = 0,
    PY_CODE_LOCATION_INFO_ONE_LINE0 = 10,
    PY_CODE_LOCATION_INFO_ONE_LINE1 = 11,
    PY_CODE_LOCATION_INFO_ONE_LINE2 = 12,
    PY_CODE_LOCATION_INFO_NO_COLUMNS = 13,
    PY_CODE_LOCATION_INFO_LONG = 14,
    PY_CODE_LOCATION_INFO_NONE = 15
} _PyCodeLocationInfoKind;

PyAPI_FUNC(int) PyCode_Addr2Line(PyCodeObject *code, int byte_offset);
PyAPI_FUNC(int) PyCode_Addr2Location(
    PyCodeObject *code, int flag, int *p_flag, int *p_flag2, int *p_flag3, int *p_flag4);
PyAPI_FUNC(int) _PyCode_CheckLineNumber(int flag, PyCodeAddressRange *arg);

/* -- Parts, and the optimiser of old, which gives the code back as it is -- */
PyAPI_FUNC(PyObject *) PyCode_GetCellvars(PyCodeObject *code);
PyAPI_FUNC(PyObject *) PyCode_GetCode(PyCodeObject *code);
PyAPI_FUNC(PyObject *) PyCode_GetFreevars(PyCodeObject *code);
PyAPI_FUNC(PyObject *) PyCode_GetVarnames(PyCodeObject *code);
PyAPI_FUNC(PyObject *) PyCode_Optimize(
    PyObject *code, PyObject *other, PyObject *value, PyObject *extra);
PyAPI_FUNC(PyObject *) _PyCode_ConstantKey(PyObject *op);

/* -- Data that others attach to code -- */
PyAPI_FUNC(int) PyUnstable_Code_GetExtra(PyObject *op, Py_ssize_t n, void **arg);
PyAPI_FUNC(int) PyUnstable_Code_SetExtra(PyObject *op, Py_ssize_t n, void *data);
PyAPI_FUNC(Py_ssize_t) PyUnstable_Eval_RequestCodeExtraIndex(freefunc free_func);

Py_DEPRECATED(3.12) static inline Py_ssize_t
_PyEval_RequestCodeExtraIndex(freefunc free_func)
{
    return PyUnstable_Eval_RequestCodeExtraIndex(free_func);
}

Py_DEPRECATED(3.12) static inline int
_PyCode_GetExtra(PyObject *code, Py_ssize_t index, void **extra)
{
    return PyUnstable_Code_GetExtra(code, index, extra);
}

Py_DEPRECATED(3.12) static inline int
_PyCode_SetExtra(PyObject *code, Py_ssize_t index, void *extra)
{
    return PyUnstable_Code_SetExtra(code, index, extra);
}

/* -- Watchers -- */
#define PY_FOREACH_CODE_EVENT(V) \
    V(CREATE) \
    V(DESTROY)

typedef enum {
#define PY_DEF_EVENT(op) PY_CODE_EVENT_##op,
    PY_FOREACH_CODE_EVENT(PY_DEF_EVENT)
#undef PY_DEF_EVENT
} PyCodeEvent;

typedef int (*PyCode_WatchCallback)(PyCodeEvent, PyCodeObject *);
PyAPI_FUNC(int) PyCode_AddWatcher(PyCode_WatchCallback arg);
PyAPI_FUNC(int) PyCode_ClearWatcher(int flag);

#ifdef __cplusplus
}
#endif
#endif

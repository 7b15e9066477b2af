/* contextvars: contexts, variables and tokens. */
#if !defined(Py_CPYTHON_CONTEXT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_CONTEXT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyContextToken_Type;
PyAPI_DATA(PyTypeObject) PyContextVar_Type;
PyAPI_DATA(PyTypeObject) PyContext_Type;

typedef struct _pycontextobject PyContext;
typedef struct _pycontextvarobject PyContextVar;
typedef struct _pycontexttokenobject PyContextToken;

#define PyContext_CheckExact(o) Py_IS_TYPE((o), &PyContext_Type)
#define PyContextVar_CheckExact(o) Py_IS_TYPE((o), &PyContextVar_Type)
#define PyContextToken_CheckExact(o) Py_IS_TYPE((o), &PyContextToken_Type)

/* -- Contexts -- */
PyAPI_FUNC(PyObject *) PyContext_Copy(PyObject *context);
PyAPI_FUNC(PyObject *) PyContext_CopyCurrent(void);
PyAPI_FUNC(int) PyContext_Enter(PyObject *context);
PyAPI_FUNC(int) PyContext_Exit(PyObject *context);
PyAPI_FUNC(PyObject *) PyContext_New(void);

/* -- Variables -- */
PyAPI_FUNC(int) PyContextVar_Get(PyObject *var, PyObject *default_value, PyObject **result);
PyAPI_FUNC(PyObject *) PyContextVar_New(const char *name, PyObject *default_value);
PyAPI_FUNC(int) PyContextVar_Reset(PyObject *var, PyObject *token);
PyAPI_FUNC(PyObject *) PyContextVar_Set(PyObject *var, PyObject *value);

/* -- Watchers -- */
typedef enum {
    Py_CONTEXT_SWITCHED = 1,
} PyContextEvent;

typedef int (*PyContext_WatchCallback)(PyContextEvent, PyObject *);
PyAPI_FUNC(int) PyContext_AddWatcher(PyContext_WatchCallback arg);
PyAPI_FUNC(int) PyContext_ClearWatcher(int flag);

#ifdef __cplusplus
}
#endif
#endif

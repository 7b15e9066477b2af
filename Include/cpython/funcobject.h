/* Python functions, class methods and static methods. */
#if !defined(Py_CPYTHON_FUNCOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_FUNCOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* What a frame needs of a function; func_... of PyFunctionObject are in the same order. */
typedef struct {
    PyObject *fc_globals;
    PyObject *fc_builtins;
    PyObject *fc_name;
    PyObject *fc_qualname;
    PyObject *fc_code;
    PyObject *fc_defaults;
    PyObject *fc_kwdefaults;
    PyObject *fc_closure;
} PyFrameConstructor;

typedef struct {
    PyObject_HEAD
    PyObject *func_globals;
    PyObject *func_builtins;
    PyObject *func_name;
    PyObject *func_qualname;
    PyObject *func_code;
    PyObject *func_defaults;  /* NULL or a tuple */
    PyObject *func_kwdefaults;  /* NULL or a dict */
    PyObject *func_closure;  /* NULL or a tuple of cells */
    PyObject *func_doc;
    PyObject *func_dict;
    PyObject *func_weakreflist;
    PyObject *func_module;
    PyObject *func_annotations;
    PyObject *func_annotate;  /* NULL, None or a callable */
    PyObject *func_typeparams;
    vectorcallfunc vectorcall;
    uint32_t func_version;  /* 0: none given */
} PyFunctionObject;

PyAPI_DATA(PyTypeObject) PyFunction_Type;

#define PyFunction_Check(op) Py_IS_TYPE((op), &PyFunction_Type)

PyAPI_FUNC(PyObject *) PyFunction_GetAnnotations(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetClosure(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetCode(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetDefaults(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetGlobals(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetKwDefaults(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetModule(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_New(PyObject *code, PyObject *globals);
PyAPI_FUNC(PyObject *) PyFunction_NewWithQualName(
    PyObject *code, PyObject *globals, PyObject *qualname);
PyAPI_FUNC(int) PyFunction_SetAnnotations(PyObject *func, PyObject *other);
PyAPI_FUNC(int) PyFunction_SetClosure(PyObject *func, PyObject *other);
PyAPI_FUNC(int) PyFunction_SetDefaults(PyObject *func, PyObject *other);
PyAPI_FUNC(int) PyFunction_SetKwDefaults(PyObject *func, PyObject *other);
PyAPI_FUNC(void) PyFunction_SetVectorcall(PyFunctionObject *func, vectorcallfunc vectorcall);

#define _PyFunction_CAST(func) (assert(PyFunction_Check(func)), _Py_CAST(PyFunctionObject*, (func)))

static inline PyObject *
PyFunction_GET_CODE(PyObject *func)
{
    return _PyFunction_CAST(func)->func_code;
}
#define PyFunction_GET_CODE(func) PyFunction_GET_CODE(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_GLOBALS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_globals;
}
#define PyFunction_GET_GLOBALS(func) PyFunction_GET_GLOBALS(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_MODULE(PyObject *func)
{
    return _PyFunction_CAST(func)->func_module;
}
#define PyFunction_GET_MODULE(func) PyFunction_GET_MODULE(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_DEFAULTS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_defaults;
}
#define PyFunction_GET_DEFAULTS(func) PyFunction_GET_DEFAULTS(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_KW_DEFAULTS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_kwdefaults;
}
#define PyFunction_GET_KW_DEFAULTS(func) PyFunction_GET_KW_DEFAULTS(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_CLOSURE(PyObject *func)
{
    return _PyFunction_CAST(func)->func_closure;
}
#define PyFunction_GET_CLOSURE(func) PyFunction_GET_CLOSURE(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_ANNOTATIONS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_annotations;
}
#define PyFunction_GET_ANNOTATIONS(func) PyFunction_GET_ANNOTATIONS(_PyObject_CAST(func))

/* -- Class methods and static methods -- */
PyAPI_FUNC(PyObject *) PyClassMethod_New(PyObject *op);
PyAPI_DATA(PyTypeObject) PyClassMethod_Type;
PyAPI_FUNC(PyObject *) PyStaticMethod_New(PyObject *op);
PyAPI_DATA(PyTypeObject) PyStaticMethod_Type;

/* -- Watchers -- */
#define PY_FOREACH_FUNC_EVENT(V) \
    V(CREATE) \
    V(DESTROY) \
    V(MODIFY_CODE) \
    V(MODIFY_DEFAULTS) \
    V(MODIFY_KWDEFAULTS)

typedef enum {
#define PY_DEF_EVENT(EVENT) PyFunction_EVENT_##EVENT,
    PY_FOREACH_FUNC_EVENT(PY_DEF_EVENT)
#undef PY_DEF_EVENT
} PyFunction_WatchEvent;

/* Arguments: event, function, new value; the change has not happened yet. */
typedef int (*PyFunction_WatchCallback)(PyFunction_WatchEvent, PyFunctionObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_AddWatcher(PyFunction_WatchCallback arg);
PyAPI_FUNC(int) PyFunction_ClearWatcher(int flag);

#ifdef __cplusplus
}
#endif
#endif

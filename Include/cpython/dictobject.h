/* Layout of dict objects, further operations, watchers. */
#if !defined(Py_CPYTHON_DICTOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_DICTOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _dictkeysobject PyDictKeysObject;
typedef struct _dictvalues PyDictValues;

typedef struct {
    PyObject_HEAD
    Py_ssize_t ma_used;  /* number of items */
    uint64_t _ma_watcher_tag;  /* low bits: which watchers */
    PyDictKeysObject *ma_keys;
    PyDictValues *ma_values;  /* NULL unless the keys are shared */
} PyDictObject;

static inline Py_ssize_t
PyDict_GET_SIZE(PyObject *op)
{
    assert(PyDict_Check(op));
    PyDictObject *dict = _Py_CAST(PyDictObject*, op);
#ifdef Py_GIL_DISABLED
    return _Py_atomic_load_ssize_relaxed(&dict->ma_used);
#else
    return dict->ma_used;
#endif
}
#define PyDict_GET_SIZE(op) PyDict_GET_SIZE(_PyObject_CAST(op))

/* -- Items -- */
PyAPI_FUNC(int) PyDict_ContainsString(PyObject *dict, const char *key);
PyAPI_FUNC(int) PyDict_Pop(PyObject *dict, PyObject *key, PyObject **result);
PyAPI_FUNC(int) PyDict_PopString(PyObject *dict, const char *key, PyObject **result);
PyAPI_FUNC(PyObject *) PyDict_SetDefault(PyObject *dict, PyObject *key, PyObject *default_value);
PyAPI_FUNC(int) PyDict_SetDefaultRef(
    PyObject *dict, PyObject *key, PyObject *default_value, PyObject **result);
Py_DEPRECATED(3.14) PyAPI_FUNC(PyObject *) _PyDict_GetItemStringWithError(
    PyObject *dict, const char *str);
PyAPI_FUNC(PyObject *) _PyDict_GetItem_KnownHash(PyObject *dict, PyObject *other, Py_hash_t hash);
PyAPI_FUNC(PyObject *) _PyDict_NewPresized(Py_ssize_t n);
Py_DEPRECATED(3.14) PyAPI_FUNC(PyObject *) _PyDict_Pop(
    PyObject *dict, PyObject *other, PyObject *value);

/* -- Watchers -- */
#define PY_FOREACH_DICT_EVENT(V) \
    V(ADDED) \
    V(MODIFIED) \
    V(DELETED) \
    V(CLONED) \
    V(CLEARED) \
    V(DEALLOCATED)

typedef enum {
#define PY_DEF_EVENT(EVENT) PyDict_EVENT_##EVENT,
    PY_FOREACH_DICT_EVENT(PY_DEF_EVENT)
#undef PY_DEF_EVENT
} PyDict_WatchEvent;

/* Arguments: event, dict, key, new value; runs with the dict in its old state. */
typedef int (*PyDict_WatchCallback)(PyDict_WatchEvent, PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(int) PyDict_AddWatcher(PyDict_WatchCallback arg);
PyAPI_FUNC(int) PyDict_ClearWatcher(int flag);
PyAPI_FUNC(int) PyDict_Unwatch(int flag, PyObject *dict);
PyAPI_FUNC(int) PyDict_Watch(int flag, PyObject *dict);

#ifdef __cplusplus
}
#endif
#endif

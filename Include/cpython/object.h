/* The type object and its method suites, identifiers, and private calls on objects. */
#if !defined(Py_CPYTHON_OBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_OBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* -- Hooks of the deallocator; for PyObject_Init() and its like -- */
PyAPI_FUNC(void) _Py_ForgetReference(PyObject *op);
PyAPI_FUNC(void) _Py_NewReference(PyObject *op);
PyAPI_FUNC(void) _Py_NewReferenceNoTotal(PyObject *op);
PyAPI_FUNC(void) _Py_ResurrectReference(PyObject *op);

/* -- Identifiers: a C string and, later, the interned str of it -- */
typedef struct _Py_Identifier {
    const char *string;
    Py_ssize_t index;  /* -1 until a slot was given */
    struct {
        uint8_t v;
    } mutex;
} _Py_Identifier;

#define _Py_static_string_init(value) { .string = (value), .index = -1, .mutex = { 0 } }
#define _Py_static_string(varname, value) static _Py_Identifier varname = _Py_static_string_init(value)
#define _Py_IDENTIFIER(varname) _Py_static_string(PyId_##varname, #varname)

/* -- Method suites -- */
typedef struct {
    binaryfunc nb_add;
    binaryfunc nb_subtract;
    binaryfunc nb_multiply;
    binaryfunc nb_remainder;
    binaryfunc nb_divmod;
    ternaryfunc nb_power;
    unaryfunc nb_negative;
    unaryfunc nb_positive;
    unaryfunc nb_absolute;
    inquiry nb_bool;
    unaryfunc nb_invert;
    binaryfunc nb_lshift;
    binaryfunc nb_rshift;
    binaryfunc nb_and;
    binaryfunc nb_xor;
    binaryfunc nb_or;
    unaryfunc nb_int;
    void *nb_reserved;
    unaryfunc nb_float;
    binaryfunc nb_inplace_add;
    binaryfunc nb_inplace_subtract;
    binaryfunc nb_inplace_multiply;
    binaryfunc nb_inplace_remainder;
    ternaryfunc nb_inplace_power;
    binaryfunc nb_inplace_lshift;
    binaryfunc nb_inplace_rshift;
    binaryfunc nb_inplace_and;
    binaryfunc nb_inplace_xor;
    binaryfunc nb_inplace_or;
    binaryfunc nb_floor_divide;
    binaryfunc nb_true_divide;
    binaryfunc nb_inplace_floor_divide;
    binaryfunc nb_inplace_true_divide;
    unaryfunc nb_index;
    binaryfunc nb_matrix_multiply;
    binaryfunc nb_inplace_matrix_multiply;
} PyNumberMethods;

typedef struct {
    lenfunc sq_length;
    binaryfunc sq_concat;
    ssizeargfunc sq_repeat;
    ssizeargfunc sq_item;
    void *was_sq_slice;
    ssizeobjargproc sq_ass_item;
    void *was_sq_ass_slice;
    objobjproc sq_contains;
    binaryfunc sq_inplace_concat;
    ssizeargfunc sq_inplace_repeat;
} PySequenceMethods;

typedef struct {
    lenfunc mp_length;
    binaryfunc mp_subscript;
    objobjargproc mp_ass_subscript;
} PyMappingMethods;

typedef struct {
    unaryfunc am_await;
    unaryfunc am_aiter;
    unaryfunc am_anext;
    sendfunc am_send;
} PyAsyncMethods;

typedef struct {
    getbufferproc bf_getbuffer;
    releasebufferproc bf_releasebuffer;
} PyBufferProcs;

/* 3.8 to 3.11 had it only here. */
typedef Py_ssize_t printfunc;

/* -- The type object -- */
struct _typeobject {
    PyObject_VAR_HEAD
    const char *tp_name;  /* module.name */
    Py_ssize_t tp_basicsize;
    Py_ssize_t tp_itemsize;
    destructor tp_dealloc;
    Py_ssize_t tp_vectorcall_offset;
    getattrfunc tp_getattr;
    setattrfunc tp_setattr;
    PyAsyncMethods *tp_as_async;
    reprfunc tp_repr;
    PyNumberMethods *tp_as_number;
    PySequenceMethods *tp_as_sequence;
    PyMappingMethods *tp_as_mapping;
    hashfunc tp_hash;
    ternaryfunc tp_call;
    reprfunc tp_str;
    getattrofunc tp_getattro;
    setattrofunc tp_setattro;
    PyBufferProcs *tp_as_buffer;
    unsigned long tp_flags;  /* atomic once the type is published */
    const char *tp_doc;
    traverseproc tp_traverse;
    inquiry tp_clear;
    richcmpfunc tp_richcompare;
    Py_ssize_t tp_weaklistoffset;
    getiterfunc tp_iter;
    iternextfunc tp_iternext;
    PyMethodDef *tp_methods;
    PyMemberDef *tp_members;
    PyGetSetDef *tp_getset;
    PyTypeObject *tp_base;
    PyObject *tp_dict;
    descrgetfunc tp_descr_get;
    descrsetfunc tp_descr_set;
    Py_ssize_t tp_dictoffset;
    initproc tp_init;
    allocfunc tp_alloc;
    newfunc tp_new;
    freefunc tp_free;
    inquiry tp_is_gc;
    PyObject *tp_bases;
    PyObject *tp_mro;
    PyObject *tp_cache;
    void *tp_subclasses;  /* of the library */
    PyObject *tp_weaklist;
    destructor tp_del;
    unsigned int tp_version_tag;  /* 0: none given */
    destructor tp_finalize;
    vectorcallfunc tp_vectorcall;
    unsigned char tp_watched;  /* bit n: watcher n */
    uint16_t tp_versions_used;  /* how many version tags it had */
};

/* -- Heap types: the suites stand behind the type -- */
/* What the interpreter remembers for the type's own subscripts and calls. */
struct _specialization_cache {
    PyObject *getitem;
    uint32_t getitem_version;
    PyObject *init;
};

typedef struct _heaptypeobject {
    PyTypeObject ht_type;
    PyAsyncMethods as_async;
    PyNumberMethods as_number;
    PyMappingMethods as_mapping;
    PySequenceMethods as_sequence;
    PyBufferProcs as_buffer;
    PyObject *ht_name;
    PyObject *ht_slots;
    PyObject *ht_qualname;
    struct _dictkeysobject *ht_cached_keys;
    PyObject *ht_module;
    char *_ht_tpname;
    void *ht_token;
    struct _specialization_cache _spec_cache;
#ifdef Py_GIL_DISABLED
    Py_ssize_t unique_id;
#endif
} PyHeapTypeObject;

/* -- Types -- */
PyAPI_FUNC(PyObject *) PyType_GetDict(PyTypeObject *type);
PyAPI_FUNC(int) PyUnstable_Type_AssignVersionTag(PyTypeObject *type);
PyAPI_FUNC(PyObject *) _PyType_Lookup(PyTypeObject *type, PyObject *op);
PyAPI_FUNC(PyObject *) _PyType_LookupRef(PyTypeObject *type, PyObject *op);
PyAPI_FUNC(const char *) _PyType_Name(PyTypeObject *type);

/* -- Printing and debugging -- */
PyAPI_FUNC(int) PyObject_Print(PyObject *obj, FILE *fp, int flag);
PyAPI_FUNC(void) _Py_NO_RETURN _PyObject_AssertFailed(
    PyObject *obj, const char *expr, const char *msg, const char *file, int line,
    const char *function);
PyAPI_FUNC(void) _PyObject_Dump(PyObject *op);
PyAPI_FUNC(PyObject *) _PyObject_FunctionStr(PyObject *op);
PyAPI_FUNC(void) _Py_BreakPoint(void);

#define _PyObject_ASSERT_FAILED_MSG(obj, msg) \
    _PyObject_AssertFailed((obj), NULL, (msg), __FILE__, __LINE__, __func__)
#ifdef NDEBUG
#  define _PyObject_ASSERT_FROM(obj, expr, msg, filename, lineno, func) ((void)0)
#else
#  define _PyObject_ASSERT_FROM(obj, expr, msg, filename, lineno, func) \
    ((expr) ? (void)(0) \
            : _PyObject_AssertFailed((obj), Py_STRINGIFY(expr), (msg), (filename), (lineno), (func)))
#endif
#define _PyObject_ASSERT_WITH_MSG(obj, expr, msg) \
    _PyObject_ASSERT_FROM((obj), expr, (msg), __FILE__, __LINE__, __func__)
#define _PyObject_ASSERT(obj, expr) _PyObject_ASSERT_WITH_MSG((obj), expr, NULL)

/* -- Attributes, dictionaries of instances -- */
PyAPI_FUNC(void) PyObject_ClearManagedDict(PyObject *obj);
PyAPI_FUNC(void *) PyObject_GetItemData(PyObject *obj);
PyAPI_FUNC(int) PyObject_VisitManagedDict(PyObject *obj, visitproc visit, void *data);
PyAPI_FUNC(PyObject *) _PyObject_GenericGetAttrWithDict(
    PyObject *op, PyObject *other, PyObject *value, int flag);
PyAPI_FUNC(int) _PyObject_GenericSetAttrWithDict(
    PyObject *op, PyObject *other, PyObject *value, PyObject *extra);
PyAPI_FUNC(PyObject *) _PyObject_GetAttrId(PyObject *op, _Py_Identifier *id);
PyAPI_FUNC(PyObject **) _PyObject_GetDictPtr(PyObject *op);
PyAPI_FUNC(int) _PyObject_SetManagedDict(PyObject *op, PyObject *other);

/* -- Finalisation -- */
PyAPI_FUNC(void) PyObject_CallFinalizer(PyObject *obj);
PyAPI_FUNC(int) PyObject_CallFinalizerFromDealloc(PyObject *obj);
PyAPI_FUNC(void) PyUnstable_Object_ClearWeakRefsNoCallbacks(PyObject *op);

/* -- Trashcan: chains of deallocations that would exhaust the C stack wait in a list.
      The deallocator's body stands between the two macros. -- */
PyAPI_FUNC(void) _PyTrash_thread_deposit_object(PyThreadState *tstate, PyObject *op);
PyAPI_FUNC(void) _PyTrash_thread_destroy_chain(PyThreadState *tstate);
PyAPI_FUNC(int) _Py_ReachedRecursionLimitWithMargin(PyThreadState *tstate, int flag);

#define Py_TRASHCAN_BEGIN(op, dealloc) \
    do { \
        assert(Py_TYPE(op)->tp_dealloc == (destructor)(dealloc)); \
        PyThreadState *_py_tstate = PyThreadState_Get(); \
        if (_Py_ReachedRecursionLimitWithMargin(_py_tstate, 2)) { \
            _PyTrash_thread_deposit_object(_py_tstate, (PyObject *)(op)); \
            return; \
        }
#define Py_TRASHCAN_END \
        if (_py_tstate->delete_later && !_Py_ReachedRecursionLimitWithMargin(_py_tstate, 4)) { \
            _PyTrash_thread_destroy_chain(_py_tstate); \
        } \
    } while (0);

/* -- Watchers of types -- */
typedef int (*PyType_WatchCallback)(PyTypeObject *);
PyAPI_FUNC(int) PyType_AddWatcher(PyType_WatchCallback arg);
PyAPI_FUNC(int) PyType_ClearWatcher(int flag);
PyAPI_FUNC(int) PyType_Unwatch(int flag, PyObject *type);
PyAPI_FUNC(int) PyType_Watch(int flag, PyObject *type);

/* -- Tracing of creation and destruction -- */
typedef enum {
    PyRefTracer_CREATE = 0,
    PyRefTracer_DESTROY = 1,
} PyRefTracerEvent;
typedef int (*PyRefTracer)(PyObject *, PyRefTracerEvent, void *);
PyAPI_FUNC(PyRefTracer) PyRefTracer_GetTracer(void **arg);
PyAPI_FUNC(int) PyRefTracer_SetTracer(PyRefTracer arg, void *data);

#define _Py_ATTR_CACHE_UNUSED 30000

#ifdef __cplusplus
}
#endif
#endif

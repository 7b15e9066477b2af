/* Function objects.

   A function is born SHARED: any thread may read its fields without a lock.  Fields that code can reassign change under
   the function's critical section and retire what they held.  func_version says "code, defaults and vectorcall are as
   they were when you looked"; it is set to 0 before any of them changes and never takes an old value again. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_ceval.h"
#include "pycore_code.h"
#include "pycore_container.h"
#include "pycore_dict.h"
#include "pycore_eval.h"
#include "pycore_function.h"
#include "pycore_interp.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_unicodeobject.h"
#include "pycore_weakref.h"

#define FUNC(op) ((PyFunctionObject *)(op))

/* A field as a new reference, or NULL. */
#define FIELD_REF(op, field) Py_XNewRef((PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(FUNC(op)->field))

/* -- Watchers ---------------------------------------------------------------------------------------------------- */

static struct _py_func_state *
func_state(void)
{
    return &_PyInterpreterState_GET()->eval_state.func;
}

static const char *
event_name(PyFunction_WatchEvent event)
{
    switch (event) {
    case PyFunction_EVENT_CREATE: return "PyFunction_EVENT_CREATE";
    case PyFunction_EVENT_DESTROY: return "PyFunction_EVENT_DESTROY";
    case PyFunction_EVENT_MODIFY_CODE: return "PyFunction_EVENT_MODIFY_CODE";
    case PyFunction_EVENT_MODIFY_DEFAULTS: return "PyFunction_EVENT_MODIFY_DEFAULTS";
    case PyFunction_EVENT_MODIFY_KWDEFAULTS: return "PyFunction_EVENT_MODIFY_KWDEFAULTS";
    }
    return "unknown event";
}

static void
notify_watchers(struct _py_func_state *state, PyFunction_WatchEvent event, PyFunctionObject *func, PyObject *new_value)
{
    unsigned bits = state->active_watchers;
    for (int i = 0; bits != 0; i++, bits >>= 1) {
        if ((bits & 1) && state->watchers[i](event, func, new_value) < 0) {
            PyErr_FormatUnraisable("Exception ignored in %s watcher callback for function %U at %p",
                                   event_name(event), func->func_qualname, func);
        }
    }
}

static inline void
handle_event(PyFunction_WatchEvent event, PyFunctionObject *func, PyObject *new_value)
{
    struct _py_func_state *state = func_state();
    if (state->active_watchers) {
        notify_watchers(state, event, func, new_value);
    }
}

int
PyFunction_AddWatcher(PyFunction_WatchCallback callback)
{
    struct _py_func_state *state = func_state();
    for (int i = 0; i < FUNC_MAX_WATCHERS; i++) {
        if (state->watchers[i] == NULL) {
            state->watchers[i] = callback;
            state->active_watchers |= (uint8_t)(1 << i);
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more func watcher IDs available");
    return -1;
}

int
PyFunction_ClearWatcher(int watcher_id)
{
    struct _py_func_state *state = func_state();
    if (watcher_id < 0 || watcher_id >= FUNC_MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "invalid func watcher ID %d", watcher_id);
        return -1;
    }
    if (state->watchers[watcher_id] == NULL) {
        PyErr_Format(PyExc_ValueError, "no func watcher set for ID %d", watcher_id);
        return -1;
    }
    state->watchers[watcher_id] = NULL;
    state->active_watchers &= (uint8_t)~(1 << watcher_id);
    return 0;
}

/* -- Versions ------------------------------------------------------------------------------------------------------ */

uint32_t
_PyFunction_GetVersionForCurrentState(PyFunctionObject *func)
{
    uint32_t version = FT_ATOMIC_LOAD_UINT32_ACQUIRE(func->func_version);
    if (version >= FUNC_VERSION_FIRST_VALID) {
        return version;
    }
    if (func->vectorcall != _PyFunction_Vectorcall) {
        return 0;
    }
    uint32_t *next = &func_state()->next_version;
    uint32_t n = __atomic_load_n(next, __ATOMIC_RELAXED);
    do {
        if (n == UINT32_MAX) {
            return 0;            /* versions have run out */
        }
        version = n < FUNC_VERSION_FIRST_VALID ? FUNC_VERSION_FIRST_VALID : n;
    } while (!__atomic_compare_exchange_n(next, &n, version + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    FT_ATOMIC_STORE_UINT32_RELEASE(func->func_version, version);
    return version;
}

static void
clear_version(PyFunctionObject *func)
{
    FT_ATOMIC_STORE_UINT32_RELEASE(func->func_version, FUNC_VERSION_UNSET);
}

void
_PyFunction_ClearCodeByVersion(uint32_t Py_UNUSED(version))
{
}

/* -- Creation ------------------------------------------------------------------------------------------------------ */

PyFunctionObject *
_PyFunction_FromConstructor(PyFrameConstructor *constr)
{
    PyFunctionObject *op = PyObject_GC_New(PyFunctionObject, &PyFunction_Type);
    if (op == NULL) {
        return NULL;
    }
    PyObject *module;
    if (PyDict_GetItemRef(constr->fc_globals, _Py_ID(__name__), &module) < 0) {
        PyObject_GC_Del(op);
        return NULL;
    }
    op->func_globals = Py_NewRef(constr->fc_globals);
    op->func_builtins = Py_NewRef(constr->fc_builtins);
    op->func_name = Py_NewRef(constr->fc_name);
    op->func_qualname = Py_NewRef(constr->fc_qualname);
    op->func_code = Py_NewRef(constr->fc_code);
    op->func_defaults = Py_XNewRef(constr->fc_defaults);
    op->func_kwdefaults = Py_XNewRef(constr->fc_kwdefaults);
    op->func_closure = Py_XNewRef(constr->fc_closure);
    op->func_doc = Py_NewRef(Py_None);
    op->func_dict = NULL;
    op->func_weakreflist = NULL;
    op->func_module = module;
    op->func_annotations = NULL;
    op->func_annotate = NULL;
    op->func_typeparams = NULL;
    op->vectorcall = _PyFunction_Vectorcall;
    op->func_version = FUNC_VERSION_UNSET;
    _PyObject_SetShared(op);
    if ((((PyCodeObject *)constr->fc_code)->co_flags & CO_NESTED) == 0) {
        _PyObject_SetDeferred(op);
    }
    _PyObject_GC_TRACK(op);
    handle_event(PyFunction_EVENT_CREATE, op, NULL);
    return op;
}

PyObject *
PyFunction_NewWithQualName(PyObject *code, PyObject *globals, PyObject *qualname)
{
    assert(globals != NULL && PyDict_Check(globals));
    PyThreadState *tstate = _PyThreadState_GET();
    PyCodeObject *co = (PyCodeObject *)code;
    PyObject *builtins = _PyEval_BuiltinsFromGlobals(tstate, globals);
    if (builtins == NULL) {
        return NULL;
    }
    PyFrameConstructor constr = {
        .fc_globals = globals,
        .fc_builtins = builtins,
        .fc_name = co->co_name,
        .fc_qualname = qualname != NULL ? qualname : co->co_qualname,
        .fc_code = code,
    };
    PyFunctionObject *op = _PyFunction_FromConstructor(&constr);
    if (op == NULL) {
        return NULL;
    }
    if (co->co_flags & CO_HAS_DOCSTRING) {
        PyObject *doc = PyTuple_GET_ITEM(co->co_consts, 0);
        if (PyUnicode_Check(doc)) {
            op->func_doc = Py_NewRef(doc);       /* in place of None, which is immortal */
        }
    }
    return (PyObject *)op;
}

PyObject *
PyFunction_New(PyObject *code, PyObject *globals)
{
    return PyFunction_NewWithQualName(code, globals, NULL);
}

/* -- Fields: C API --------------------------------------------------------------------------------------------------- */

#define FUNCTION_GETTER(name, field)                                          \
    PyObject *PyFunction_Get##name(PyObject *op)                              \
    {                                                                         \
        if (!PyFunction_Check(op)) {                                          \
            PyErr_BadInternalCall();                                          \
            return NULL;                                                      \
        }                                                                     \
        return FUNC(op)->field;                                               \
    }
FUNCTION_GETTER(Code, func_code)
FUNCTION_GETTER(Globals, func_globals)
FUNCTION_GETTER(Module, func_module)
FUNCTION_GETTER(Defaults, func_defaults)
FUNCTION_GETTER(KwDefaults, func_kwdefaults)
FUNCTION_GETTER(Closure, func_closure)

PyObject *
_PyFunction_GetDefaultsRef(PyObject *op)
{
    return FIELD_REF(op, func_defaults);
}

/* Swaps a field under the function's lock; value is stolen and may be NULL. */
static void
set_field(PyFunctionObject *op, PyObject **slot, PyObject *value)
{
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(op);
    old = *slot;
    FT_ATOMIC_STORE_PTR_RELEASE(*slot, value);
    Py_END_CRITICAL_SECTION();
    _Py_RetireRef(op, old);
}

void
PyFunction_SetVectorcall(PyFunctionObject *func, vectorcallfunc vectorcall)
{
    clear_version(func);
    func->vectorcall = vectorcall;
}

/* Py_None stands for NULL; anything but `type` is refused. */
static int
set_optional_field(PyObject *op, PyObject *value, PyTypeObject *type, PyObject **slot, PyFunction_WatchEvent event,
                   const char *message)
{
    if (!PyFunction_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (value == Py_None) {
        value = NULL;
    }
    else if (value == NULL || !PyObject_TypeCheck(value, type)) {
        PyErr_SetString(PyExc_SystemError, message);
        return -1;
    }
    handle_event(event, FUNC(op), value);
    clear_version(FUNC(op));
    set_field(FUNC(op), slot, Py_XNewRef(value));
    return 0;
}

int
PyFunction_SetDefaults(PyObject *op, PyObject *defaults)
{
    return set_optional_field(op, defaults, &PyTuple_Type, &FUNC(op)->func_defaults,
                              PyFunction_EVENT_MODIFY_DEFAULTS, "non-tuple default args");
}

int
PyFunction_SetKwDefaults(PyObject *op, PyObject *defaults)
{
    return set_optional_field(op, defaults, &PyDict_Type, &FUNC(op)->func_kwdefaults,
                              PyFunction_EVENT_MODIFY_KWDEFAULTS, "non-dict keyword only default args");
}

int
PyFunction_SetClosure(PyObject *op, PyObject *closure)
{
    if (!PyFunction_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (closure == Py_None) {
        closure = NULL;
    }
    else if (!PyTuple_Check(closure)) {
        PyErr_Format(PyExc_SystemError, "expected tuple for closure, got '%.100s'", Py_TYPE(closure)->tp_name);
        return -1;
    }
    clear_version(FUNC(op));
    set_field(FUNC(op), &FUNC(op)->func_closure, Py_XNewRef(closure));
    return 0;
}

/* The annotations, made by __annotate__ if need be: new reference; NULL without an exception if there are none. */
static PyObject *
annotations_dict(PyFunctionObject *op)
{
    PyObject *annotations = FIELD_REF(op, func_annotations);
    if (annotations == NULL) {
        PyObject *annotate = FIELD_REF(op, func_annotate);
        if (annotate == NULL || !PyCallable_Check(annotate)) {
            Py_XDECREF(annotate);
            return NULL;
        }
        annotations = PyObject_CallOneArg(annotate, _PyLong_GetSmall(1));
        Py_DECREF(annotate);
        if (annotations == NULL) {
            return NULL;
        }
        if (!PyDict_Check(annotations)) {
            PyErr_Format(PyExc_TypeError, "__annotate__ returned non-dict of type '%.100s'",
                         Py_TYPE(annotations)->tp_name);
            Py_DECREF(annotations);
            return NULL;
        }
        set_field(op, &op->func_annotations, Py_NewRef(annotations));
        return annotations;
    }
    if (PyTuple_CheckExact(annotations)) {
        /* Name, value, name, value, ... as older code generators leave them. */
        PyObject *dict = PyDict_New();
        Py_ssize_t n = PyTuple_GET_SIZE(annotations);
        for (Py_ssize_t i = 0; dict != NULL && i + 1 < n; i += 2) {
            if (PyDict_SetItem(dict, PyTuple_GET_ITEM(annotations, i), PyTuple_GET_ITEM(annotations, i + 1)) < 0) {
                Py_CLEAR(dict);
            }
        }
        Py_DECREF(annotations);
        if (dict != NULL) {
            set_field(op, &op->func_annotations, Py_NewRef(dict));
        }
        return dict;
    }
    return annotations;
}

PyObject *
PyFunction_GetAnnotations(PyObject *op)
{
    if (!PyFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *annotations = annotations_dict(FUNC(op));
    Py_XDECREF(annotations);      /* the function holds it */
    return annotations;
}

int
PyFunction_SetAnnotations(PyObject *op, PyObject *annotations)
{
    if (!PyFunction_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (annotations == Py_None) {
        annotations = NULL;
    }
    else if (annotations == NULL || !PyDict_Check(annotations)) {
        PyErr_SetString(PyExc_SystemError, "non-dict annotations");
        return -1;
    }
    set_field(FUNC(op), &FUNC(op)->func_annotations, Py_XNewRef(annotations));
    set_field(FUNC(op), &FUNC(op)->func_annotate, NULL);
    return 0;
}

PyObject *
_Py_set_function_type_params(PyThreadState *Py_UNUSED(tstate), PyObject *op, PyObject *type_params)
{
    assert(PyFunction_Check(op) && PyTuple_Check(type_params));
    set_field(FUNC(op), &FUNC(op)->func_typeparams, Py_NewRef(type_params));
    return Py_NewRef(op);
}

/* -- Fields: attributes ----------------------------------------------------------------------------------------------- */

static PyMemberDef func_members[] = {
    {"__closure__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_closure), Py_READONLY, NULL},
    {"__doc__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_doc), 0, NULL},
    {"__globals__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_globals), Py_READONLY, NULL},
    {"__module__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_module), 0, NULL},
    {"__builtins__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_builtins), Py_READONLY, NULL},
    {0}
};

static PyObject *
none_for_null(PyObject *value)
{
    return value != NULL ? value : Py_NewRef(Py_None);
}

static PyObject *
func_get_code(PyObject *op, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", op, "__code__") < 0) {
        return NULL;
    }
    return FIELD_REF(op, func_code);
}

static int
func_set_code(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyCode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__code__ must be set to a code object");
        return -1;
    }
    if (PySys_Audit("object.__setattr__", "OsO", op, "__code__", value) < 0) {
        return -1;
    }
    int nfree = ((PyCodeObject *)value)->co_nfreevars;
    PyObject *closure = FUNC(op)->func_closure;
    Py_ssize_t nclosure = closure == NULL ? 0 : PyTuple_GET_SIZE(closure);
    if (nclosure != nfree) {
        PyErr_Format(PyExc_ValueError, "%U() requires a code object with %zd free vars, not %d", FUNC(op)->func_name,
                     nclosure, nfree);
        return -1;
    }
    handle_event(PyFunction_EVENT_MODIFY_CODE, FUNC(op), value);
    clear_version(FUNC(op));
    set_field(FUNC(op), &FUNC(op)->func_code, Py_NewRef(value));
    return 0;
}

static PyObject *
func_get_name(PyObject *op, void *Py_UNUSED(closure))
{
    return FIELD_REF(op, func_name);
}

static int
func_set_name(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be set to a string object");
        return -1;
    }
    set_field(FUNC(op), &FUNC(op)->func_name, Py_NewRef(value));
    return 0;
}

static PyObject *
func_get_qualname(PyObject *op, void *Py_UNUSED(closure))
{
    return FIELD_REF(op, func_qualname);
}

static int
func_set_qualname(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__qualname__ must be set to a string object");
        return -1;
    }
    set_field(FUNC(op), &FUNC(op)->func_qualname, Py_NewRef(value));
    return 0;
}

static PyObject *
func_get_defaults(PyObject *op, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", op, "__defaults__") < 0) {
        return NULL;
    }
    return none_for_null(FIELD_REF(op, func_defaults));
}

static int
func_set_defaults(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyTuple_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__defaults__ must be set to a tuple object");
        return -1;
    }
    if (value != NULL ? PySys_Audit("object.__setattr__", "OsO", op, "__defaults__", value) < 0
                      : PySys_Audit("object.__delattr__", "Os", op, "__defaults__") < 0) {
        return -1;
    }
    return PyFunction_SetDefaults(op, value == NULL ? Py_None : value);
}

static PyObject *
func_get_kwdefaults(PyObject *op, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", op, "__kwdefaults__") < 0) {
        return NULL;
    }
    return none_for_null(FIELD_REF(op, func_kwdefaults));
}

static int
func_set_kwdefaults(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__kwdefaults__ must be set to a dict object");
        return -1;
    }
    if (value != NULL ? PySys_Audit("object.__setattr__", "OsO", op, "__kwdefaults__", value) < 0
                      : PySys_Audit("object.__delattr__", "Os", op, "__kwdefaults__") < 0) {
        return -1;
    }
    return PyFunction_SetKwDefaults(op, value == NULL ? Py_None : value);
}

static PyObject *
func_get_annotate(PyObject *op, void *Py_UNUSED(closure))
{
    return none_for_null(FIELD_REF(op, func_annotate));
}

static int
func_set_annotate(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ cannot be deleted");
        return -1;
    }
    if (Py_IsNone(value)) {
        set_field(FUNC(op), &FUNC(op)->func_annotate, Py_NewRef(value));
        return 0;
    }
    if (!PyCallable_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ must be callable or None");
        return -1;
    }
    set_field(FUNC(op), &FUNC(op)->func_annotate, Py_NewRef(value));
    set_field(FUNC(op), &FUNC(op)->func_annotations, NULL);
    return 0;
}

static PyObject *
func_get_annotations(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *annotations = annotations_dict(FUNC(op));
    if (annotations == NULL && !PyErr_Occurred()) {
        annotations = PyDict_New();
        if (annotations != NULL) {
            set_field(FUNC(op), &FUNC(op)->func_annotations, Py_NewRef(annotations));
        }
    }
    return annotations;
}

static int
func_set_annotations(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotations__ must be set to a dict object");
        return -1;
    }
    set_field(FUNC(op), &FUNC(op)->func_annotations, Py_XNewRef(value));
    set_field(FUNC(op), &FUNC(op)->func_annotate, NULL);
    return 0;
}

static PyObject *
func_get_type_params(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *params = FIELD_REF(op, func_typeparams);
    return params != NULL ? params : PyTuple_New(0);
}

static int
func_set_type_params(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyTuple_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__type_params__ must be set to a tuple");
        return -1;
    }
    set_field(FUNC(op), &FUNC(op)->func_typeparams, Py_NewRef(value));
    return 0;
}

static PyGetSetDef func_getset[] = {
    {"__code__", func_get_code, func_set_code, NULL, NULL},
    {"__defaults__", func_get_defaults, func_set_defaults, NULL, NULL},
    {"__kwdefaults__", func_get_kwdefaults, func_set_kwdefaults, NULL, NULL},
    {"__annotations__", func_get_annotations, func_set_annotations, NULL, NULL},
    {"__annotate__", func_get_annotate, func_set_annotate, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"__name__", func_get_name, func_set_name, NULL, NULL},
    {"__qualname__", func_get_qualname, func_set_qualname, NULL, NULL},
    {"__type_params__", func_get_type_params, func_set_type_params, NULL, NULL},
    {0}
};

/* -- The type ------------------------------------------------------------------------------------------------------------ */

static PyObject *
func_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"code", "globals", "name", "argdefs", "closure", "kwdefaults", NULL};
    PyObject *code, *globals, *name = Py_None, *defaults = Py_None, *closure = Py_None, *kwdefaults = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OOOO:function", keywords, &code, &globals, &name, &defaults,
                                     &closure, &kwdefaults)) {
        return NULL;
    }
    if (!PyCode_Check(code)) {
        _PyArg_BadArgument("function", "argument 'code'", "code", code);
        return NULL;
    }
    if (!PyDict_Check(globals)) {
        _PyArg_BadArgument("function", "argument 'globals'", "dict", globals);
        return NULL;
    }
    PyCodeObject *co = (PyCodeObject *)code;
    if (name != Py_None && !PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "arg 3 (name) must be None or string");
        return NULL;
    }
    if (defaults != Py_None && !PyTuple_Check(defaults)) {
        PyErr_SetString(PyExc_TypeError, "arg 4 (defaults) must be None or tuple");
        return NULL;
    }
    Py_ssize_t nfree = co->co_nfreevars;
    if (!PyTuple_Check(closure)) {
        if (nfree && closure == Py_None) {
            PyErr_SetString(PyExc_TypeError, "arg 5 (closure) must be tuple");
            return NULL;
        }
        if (closure != Py_None) {
            PyErr_SetString(PyExc_TypeError, "arg 5 (closure) must be None or tuple");
            return NULL;
        }
    }
    if (kwdefaults != Py_None && !PyDict_Check(kwdefaults)) {
        PyErr_SetString(PyExc_TypeError, "arg 6 (kwdefaults) must be None or dict");
        return NULL;
    }
    Py_ssize_t nclosure = closure == Py_None ? 0 : PyTuple_GET_SIZE(closure);
    if (nfree != nclosure) {
        PyErr_Format(PyExc_ValueError, "%U requires closure of length %zd, not %zd", co->co_name, nfree, nclosure);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nclosure; i++) {
        PyObject *cell = PyTuple_GET_ITEM(closure, i);
        if (!PyCell_Check(cell)) {
            PyErr_Format(PyExc_TypeError, "arg 5 (closure) expected cell, found %s", Py_TYPE(cell)->tp_name);
            return NULL;
        }
    }
    if (PySys_Audit("function.__new__", "O", code) < 0) {
        return NULL;
    }
    PyFunctionObject *op = FUNC(PyFunction_New(code, globals));
    if (op == NULL) {
        return NULL;
    }
    if (name != Py_None) {
        Py_SETREF(op->func_name, Py_NewRef(name));
    }
    if (defaults != Py_None) {
        op->func_defaults = Py_NewRef(defaults);
    }
    if (closure != Py_None) {
        op->func_closure = Py_NewRef(closure);
    }
    if (kwdefaults != Py_None) {
        op->func_kwdefaults = Py_NewRef(kwdefaults);
    }
    return (PyObject *)op;
}

static int
func_clear(PyObject *self)
{
    PyFunctionObject *op = FUNC(self);
    clear_version(op);
    PyObject *globals = op->func_globals, *builtins = op->func_builtins;
    op->func_globals = NULL;
    op->func_builtins = NULL;
    Py_XDECREF(globals);
    Py_XDECREF(builtins);
    Py_CLEAR(op->func_module);
    Py_CLEAR(op->func_defaults);
    Py_CLEAR(op->func_kwdefaults);
    Py_CLEAR(op->func_doc);
    Py_CLEAR(op->func_dict);
    Py_CLEAR(op->func_closure);
    Py_CLEAR(op->func_annotations);
    Py_CLEAR(op->func_annotate);
    Py_CLEAR(op->func_typeparams);
    /* Name, qualified name and code stay: repr() and calls by others in the cycle still need them. */
    return 0;
}

static void
func_dealloc(PyObject *self)
{
    PyFunctionObject *op = FUNC(self);
    _PyObject_ResurrectStart(self);
    handle_event(PyFunction_EVENT_DESTROY, op, NULL);
    if (_PyObject_ResurrectEnd(self)) {
        return;
    }
    PyObject_GC_UnTrack(self);
    if (op->func_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    (void)func_clear(self);
    Py_DECREF(op->func_code);
    Py_DECREF(op->func_name);
    Py_DECREF(op->func_qualname);
    PyObject_GC_Del(self);
}

static PyObject *
func_repr(PyObject *self)
{
    PyObject *qualname = FIELD_REF(self, func_qualname);
    PyObject *result = PyUnicode_FromFormat("<function %U at %p>", qualname, self);
    Py_DECREF(qualname);
    return result;
}

static int
func_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyFunctionObject *op = FUNC(self);
    Py_VISIT(op->func_code);
    Py_VISIT(op->func_globals);
    Py_VISIT(op->func_builtins);
    Py_VISIT(op->func_module);
    Py_VISIT(op->func_defaults);
    Py_VISIT(op->func_kwdefaults);
    Py_VISIT(op->func_doc);
    Py_VISIT(op->func_name);
    Py_VISIT(op->func_dict);
    Py_VISIT(op->func_closure);
    Py_VISIT(op->func_annotations);
    Py_VISIT(op->func_annotate);
    Py_VISIT(op->func_typeparams);
    Py_VISIT(op->func_qualname);
    return 0;
}

static PyObject *
func_descr_get(PyObject *func, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (obj == Py_None || obj == NULL) {
        return Py_NewRef(func);
    }
    return PyMethod_New(func, obj);
}

PyTypeObject PyFunction_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "function",
    .tp_basicsize = sizeof(PyFunctionObject),
    .tp_dealloc = func_dealloc,
    .tp_vectorcall_offset = offsetof(PyFunctionObject, vectorcall),
    .tp_repr = func_repr,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL
                | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_doc = "function(code, globals, name=None, argdefs=None, closure=None,\n         kwdefaults=None)\n--\n\n"
              "A function made of a code object and its surroundings.",
    .tp_traverse = func_traverse,
    .tp_clear = func_clear,
    .tp_weaklistoffset = offsetof(PyFunctionObject, func_weakreflist),
    .tp_members = func_members,
    .tp_getset = func_getset,
    .tp_descr_get = func_descr_get,
    .tp_dictoffset = offsetof(PyFunctionObject, func_dict),
    .tp_new = func_new,
};

/* Asynchronous generators, the awaitables of their methods, and the awaitable of anext() with a default.

   ag_running_async (gi_running_async) says that an asend(), athrow() or aclose() is under way: one at a time. */
#include "Python.h"
#include "generator_internal.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_frame.h"
#include "pycore_gc.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_unicodeobject.h"
#include "pycore_warnings.h"

#define GEN(op) ((PyGenObject *)(op))

enum awaitable_state { STATE_INIT, STATE_ITER, STATE_CLOSED };

static const char non_init_message[] = "can't send non-None value to a just-started coroutine";
static const char ignored_exit_message[] = "async generator ignored GeneratorExit";

/* -- Values that an asynchronous generator yields are wrapped, so that `await` inside it can be told apart ---------------- */

typedef struct {
    PyObject_HEAD
    PyObject *value;       /* const, owned */
} WrappedValue;

PyObject *
_PyAsyncGenValueWrapperNew(PyThreadState *Py_UNUSED(tstate), PyObject *value)
{
    WrappedValue *self = PyObject_GC_New(WrappedValue, &_PyAsyncGenWrappedValue_Type);
    if (self == NULL) {
        return NULL;
    }
    self->value = Py_NewRef(value);
    _PyObject_GC_TRACK((PyObject *)self);
    return (PyObject *)self;
}

static void
wrapped_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((WrappedValue *)self)->value);
    PyObject_GC_Del(self);
}

static int
wrapped_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((WrappedValue *)self)->value);
    return 0;
}

PyTypeObject _PyAsyncGenWrappedValue_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_wrapped_value",
    .tp_basicsize = sizeof(WrappedValue),
    .tp_dealloc = wrapped_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = wrapped_traverse,
};

#define IS_WRAPPED(op) Py_IS_TYPE((op), &_PyAsyncGenWrappedValue_Type)

/* What the generator's frame gave (stolen): a wrapped value ends the awaitable by StopIteration(value). */
static PyObject *
unwrap_value(PyGenObject *gen, PyObject *result)
{
    if (result == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetNone(PyExc_StopAsyncIteration);
        }
        if (PyErr_ExceptionMatches(PyExc_StopAsyncIteration) || PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
            gen->gi_closed = 1;
        }
        gen->gi_running_async = 0;
        return NULL;
    }
    if (IS_WRAPPED(result)) {
        _PyGen_SetStopIterationValue(((WrappedValue *)result)->value);
        Py_DECREF(result);
        gen->gi_running_async = 0;
        return NULL;
    }
    return result;
}

/* -- asend() and __anext__() ------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyGenObject *gen;           /* const, owned */
    PyObject *value;            /* const, owned or NULL: what to send first */
    enum awaitable_state state;
} ASend;

#define ASEND(op) ((ASend *)(op))

static PyObject *
asend_new(PyGenObject *gen, PyObject *value)
{
    ASend *self = PyObject_GC_New(ASend, &_PyAsyncGenASend_Type);
    if (self == NULL) {
        return NULL;
    }
    self->gen = (PyGenObject *)Py_NewRef(gen);
    self->value = Py_XNewRef(value);
    self->state = STATE_INIT;
    _PyObject_GC_TRACK((PyObject *)self);
    return (PyObject *)self;
}

static void
asend_finalize(PyObject *op)
{
    ASend *self = ASEND(op);
    if (self->state == STATE_INIT && !FRAME_STATE_FINISHED(_PyGen_State(self->gen))) {
        _PyErr_WarnUnawaitedAgenMethod((PyAsyncGenObject *)self->gen, _Py_ID(asend));
    }
}

static void
asend_dealloc(PyObject *op)
{
    if (PyObject_CallFinalizerFromDealloc(op)) {
        return;
    }
    PyObject_GC_UnTrack(op);
    Py_CLEAR(ASEND(op)->gen);
    Py_CLEAR(ASEND(op)->value);
    PyObject_GC_Del(op);
}

static int
asend_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(ASEND(op)->gen);
    Py_VISIT(ASEND(op)->value);
    return 0;
}

/* From INIT to ITER; -1 with an exception. */
static int
asend_start(ASend *self)
{
    if (self->state == STATE_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
        return -1;
    }
    if (self->state == STATE_INIT) {
        if (self->gen->gi_running_async) {
            self->state = STATE_CLOSED;
            PyErr_SetString(PyExc_RuntimeError, "anext(): asynchronous generator is already running");
            return -1;
        }
        self->state = STATE_ITER;
        self->gen->gi_running_async = 1;
    }
    return 0;
}

static PyObject *
asend_send(PyObject *op, PyObject *arg)
{
    ASend *self = ASEND(op);
    bool first = self->state == STATE_INIT;
    if (asend_start(self) < 0) {
        return NULL;
    }
    if (first && (arg == NULL || arg == Py_None) && self->value != NULL) {
        arg = self->value;
    }
    self->gen->gi_running_async = 1;
    PyObject *result = _PyGen_Send(self->gen, arg != NULL ? arg : Py_None);
    result = unwrap_value(self->gen, result);
    if (result == NULL) {
        self->state = STATE_CLOSED;
    }
    return result;
}

static PyObject *
asend_iternext(PyObject *op)
{
    return asend_send(op, NULL);
}

static PyObject *
asend_throw(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    ASend *self = ASEND(op);
    if (asend_start(self) < 0) {
        return NULL;
    }
    PyObject *result = _PyGen_ThrowMethod((PyObject *)self->gen, args, nargs);
    result = unwrap_value(self->gen, result);
    if (result == NULL) {
        self->state = STATE_CLOSED;
    }
    return result;
}

typedef PyObject *(*throw_method)(PyObject *self, PyObject *const *args, Py_ssize_t nargs);

/* close() of an awaitable: throws GeneratorExit, which must not be ignored. */
static PyObject *
close_awaitable(PyObject *op, throw_method throw)
{
    PyObject *result = throw(op, &PyExc_GeneratorExit, 1);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_StopIteration) || PyErr_ExceptionMatches(PyExc_StopAsyncIteration)
            || PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    Py_DECREF(result);
    PyErr_SetString(PyExc_RuntimeError, "coroutine ignored GeneratorExit");
    return NULL;
}

static PyObject *
asend_close(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    if (ASEND(op)->state == STATE_CLOSED) {
        Py_RETURN_NONE;
    }
    return close_awaitable(op, asend_throw);
}

static PyMethodDef asend_methods[] = {
    PY_METHOD(asend, send, METH_O, "($self, object, /)", "Resume the asynchronous generator."),
    PY_METHOD_NOSIG("throw", _PyCFunction_CAST(asend_throw), METH_FASTCALL,
                    "throw(value)\nthrow(type[,value[,tb]])\n\nRaise an exception in the asynchronous generator."),
    PY_METHOD(asend, close, METH_NOARGS, "($self, /)", "Raise GeneratorExit in the asynchronous generator."),
    {0}
};

static PyAsyncMethods asend_as_async = {
    .am_await = PyObject_SelfIter,
};

PyTypeObject _PyAsyncGenASend_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_asend",
    .tp_basicsize = sizeof(ASend),
    .tp_dealloc = asend_dealloc,
    .tp_as_async = &asend_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = asend_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = asend_iternext,
    .tp_methods = asend_methods,
    .tp_finalize = asend_finalize,
};

/* -- athrow() and aclose() ------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyGenObject *gen;           /* const, owned */
    PyObject *type;             /* const, owned; NULL for aclose() */
    PyObject *value;            /* const, owned or NULL */
    PyObject *tb;               /* const, owned or NULL */
    enum awaitable_state state;
} AThrow;

#define ATHROW(op) ((AThrow *)(op))

static PyObject *
athrow_new(PyGenObject *gen, PyObject *type, PyObject *value, PyObject *tb)
{
    AThrow *self = PyObject_GC_New(AThrow, &_PyAsyncGenAThrow_Type);
    if (self == NULL) {
        return NULL;
    }
    self->gen = (PyGenObject *)Py_NewRef(gen);
    self->type = Py_XNewRef(type);
    self->value = Py_XNewRef(value);
    self->tb = Py_XNewRef(tb);
    self->state = STATE_INIT;
    _PyObject_GC_TRACK((PyObject *)self);
    return (PyObject *)self;
}

static void
athrow_finalize(PyObject *op)
{
    AThrow *self = ATHROW(op);
    if (self->state == STATE_INIT && !FRAME_STATE_FINISHED(_PyGen_State(self->gen))) {
        PyObject *method = self->type != NULL ? _Py_ID(athrow) : _Py_ID(aclose);
        _PyErr_WarnUnawaitedAgenMethod((PyAsyncGenObject *)self->gen, method);
    }
}

static void
athrow_dealloc(PyObject *op)
{
    if (PyObject_CallFinalizerFromDealloc(op)) {
        return;
    }
    PyObject_GC_UnTrack(op);
    Py_CLEAR(ATHROW(op)->gen);
    Py_CLEAR(ATHROW(op)->type);
    Py_CLEAR(ATHROW(op)->value);
    Py_CLEAR(ATHROW(op)->tb);
    PyObject_GC_Del(op);
}

static int
athrow_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(ATHROW(op)->gen);
    Py_VISIT(ATHROW(op)->type);
    Py_VISIT(ATHROW(op)->value);
    Py_VISIT(ATHROW(op)->tb);
    return 0;
}

/* aclose() ends well when the generator has let GeneratorExit (or StopAsyncIteration) out. */
static PyObject *
athrow_failed(AThrow *self)
{
    self->gen->gi_running_async = 0;
    self->state = STATE_CLOSED;
    if (self->type == NULL
        && (PyErr_ExceptionMatches(PyExc_StopAsyncIteration) || PyErr_ExceptionMatches(PyExc_GeneratorExit))) {
        PyErr_Clear();
        PyErr_SetNone(PyExc_StopIteration);
    }
    return NULL;
}

static PyObject *
athrow_yielded(AThrow *self)
{
    self->gen->gi_running_async = 0;
    self->state = STATE_CLOSED;
    PyErr_SetString(PyExc_RuntimeError, ignored_exit_message);
    return NULL;
}

/* -1 with an exception: it cannot start. */
static int
athrow_check(AThrow *self)
{
    if (self->gen->gi_running_async) {
        self->state = STATE_CLOSED;
        PyErr_SetString(PyExc_RuntimeError,
                        self->type == NULL ? "aclose(): asynchronous generator is already running"
                        : "athrow(): asynchronous generator is already running");
        return -1;
    }
    return 0;
}

static PyObject *
athrow_begin(AThrow *self, PyObject *arg)
{
    PyGenObject *gen = self->gen;
    if (athrow_check(self) < 0) {
        return NULL;
    }
    if (gen->gi_closed) {
        self->state = STATE_CLOSED;
        PyErr_SetNone(PyExc_StopAsyncIteration);
        return NULL;
    }
    if (arg != Py_None) {
        PyErr_SetString(PyExc_RuntimeError, non_init_message);
        return NULL;
    }
    self->state = STATE_ITER;
    gen->gi_running_async = 1;
    PyObject *result;
    if (self->type == NULL) {
        gen->gi_closed = 1;
        result = _PyGen_Throw(gen, 0, PyExc_GeneratorExit, NULL, NULL);
        if (result != NULL && IS_WRAPPED(result)) {
            Py_DECREF(result);
            return athrow_yielded(self);
        }
    }
    else {
        result = _PyGen_Throw(gen, 0, self->type, self->value, self->tb);
        result = unwrap_value(gen, result);
    }
    return result != NULL ? result : athrow_failed(self);
}

static PyObject *
athrow_send(PyObject *op, PyObject *arg)
{
    AThrow *self = ATHROW(op);
    PyGenObject *gen = self->gen;
    if (self->state == STATE_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    if (FRAME_STATE_FINISHED(_PyGen_State(gen))) {
        self->state = STATE_CLOSED;
        PyErr_SetNone(PyExc_StopIteration);
        return NULL;
    }
    if (self->state == STATE_INIT) {
        return athrow_begin(self, arg);
    }
    PyObject *result = _PyGen_Send(gen, arg);
    if (self->type != NULL) {
        result = unwrap_value(gen, result);
        if (result == NULL) {
            self->state = STATE_CLOSED;
        }
        return result;
    }
    if (result == NULL) {
        return athrow_failed(self);
    }
    if (IS_WRAPPED(result)) {
        Py_DECREF(result);
        return athrow_yielded(self);
    }
    return result;
}

static PyObject *
athrow_iternext(PyObject *op)
{
    return athrow_send(op, Py_None);
}

static PyObject *
athrow_throw(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    AThrow *self = ATHROW(op);
    if (self->state == STATE_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    if (self->state == STATE_INIT) {
        if (athrow_check(self) < 0) {
            return NULL;
        }
        self->state = STATE_ITER;
        self->gen->gi_running_async = 1;
    }
    PyObject *result = _PyGen_ThrowMethod((PyObject *)self->gen, args, nargs);
    if (self->type != NULL) {
        result = unwrap_value(self->gen, result);
        if (result == NULL) {
            self->state = STATE_CLOSED;
        }
        return result;
    }
    if (result != NULL && IS_WRAPPED(result)) {
        Py_DECREF(result);
        return athrow_yielded(self);
    }
    return result != NULL ? result : athrow_failed(self);
}

static PyObject *
athrow_close(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    if (ATHROW(op)->state == STATE_CLOSED) {
        Py_RETURN_NONE;
    }
    return close_awaitable(op, athrow_throw);
}

static PyMethodDef athrow_methods[] = {
    PY_METHOD(athrow, send, METH_O, "($self, object, /)", "Resume the asynchronous generator."),
    PY_METHOD_NOSIG("throw", _PyCFunction_CAST(athrow_throw), METH_FASTCALL,
                    "throw(value)\nthrow(type[,value[,tb]])\n\nRaise an exception in the asynchronous generator."),
    PY_METHOD(athrow, close, METH_NOARGS, "($self, /)", "Raise GeneratorExit in the asynchronous generator."),
    {0}
};

static PyAsyncMethods athrow_as_async = {
    .am_await = PyObject_SelfIter,
};

PyTypeObject _PyAsyncGenAThrow_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_athrow",
    .tp_basicsize = sizeof(AThrow),
    .tp_dealloc = athrow_dealloc,
    .tp_as_async = &athrow_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = athrow_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = athrow_iternext,
    .tp_methods = athrow_methods,
    .tp_finalize = athrow_finalize,
};

/* -- The generator ------------------------------------------------------------------------------------------------------------------ */

/* At the first iteration: remembers the thread's finalizer hook, calls the other one. */
static int
init_hooks(PyGenObject *gen)
{
    if (gen->gi_hooks_inited) {
        return 0;
    }
    gen->gi_hooks_inited = 1;
    PyThreadState *tstate = _PyThreadState_GET();
    gen->gi_origin_or_finalizer = Py_XNewRef(tstate->async_gen_finalizer);
    PyObject *firstiter = tstate->async_gen_firstiter;
    if (firstiter != NULL) {
        Py_INCREF(firstiter);
        PyObject *result = PyObject_CallOneArg(firstiter, (PyObject *)gen);
        Py_DECREF(firstiter);
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
    }
    return 0;
}

static PyObject *
asyncgen_anext(PyObject *self)
{
    return init_hooks(GEN(self)) < 0 ? NULL : asend_new(GEN(self), NULL);
}

static PyObject *
asyncgen_asend(PyObject *self, PyObject *arg)
{
    return init_hooks(GEN(self)) < 0 ? NULL : asend_new(GEN(self), arg);
}

static PyObject *
asyncgen_aclose(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return init_hooks(GEN(self)) < 0 ? NULL : athrow_new(GEN(self), NULL, NULL, NULL);
}

static PyObject *
asyncgen_athrow(PyObject *self, PyObject *args)
{
    PyObject *type = NULL, *value = NULL, *tb = NULL;
    if (PyTuple_GET_SIZE(args) > 1
        && PyErr_WarnEx(PyExc_DeprecationWarning,
                        "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.",
                        1) < 0) {
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, "athrow", 1, 3, &type, &value, &tb) || init_hooks(GEN(self)) < 0) {
        return NULL;
    }
    return athrow_new(GEN(self), type, value, tb);
}

static PyObject *
asyncgen_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<async_generator object %S at %p>", GEN(self)->gi_qualname, self);
}

PyObject *
PyAsyncGen_New(PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    return _PyGen_FromFrameObject(&PyAsyncGen_Type, f, name, qualname);
}

static PyGetSetDef asyncgen_getset[] = {
    {"__name__", _PyGen_GetName, _PyGen_SetName, "name of the asynchronous generator", NULL},
    {"__qualname__", _PyGen_GetQualname, _PyGen_SetQualname, "qualified name of the asynchronous generator", NULL},
    {"ag_await", _PyGen_GetYieldFrom, NULL, "what the generator awaits, or None", NULL},
    {"ag_frame", _PyGen_GetFrame, NULL, NULL, (void *)"ag_frame"},
    {"ag_code", _PyGen_GetCodeAttribute, NULL, NULL, (void *)"ag_code"},
    {"ag_suspended", _PyGen_GetSuspended, NULL, NULL, NULL},
    {0}
};

static PyMemberDef asyncgen_members[] = {
    {"ag_running", Py_T_BOOL, offsetof(PyGenObject, gi_running_async), Py_READONLY, NULL},
    {0}
};

static PyMethodDef asyncgen_methods[] = {
    PY_METHOD(asyncgen, asend, METH_O, "($self, object, /)", "Return an awaitable that sends a value."),
    PY_METHOD_NOSIG("athrow", asyncgen_athrow, METH_VARARGS,
                    "athrow(value)\nathrow(type[,value[,tb]])\n\nReturn an awaitable that raises an exception."),
    PY_METHOD(asyncgen, aclose, METH_NOARGS, "($self, /)", "Return an awaitable that raises GeneratorExit."),
    PY_METHOD_AS("__sizeof__", _PyGen_Sizeof, METH_NOARGS, "($self, /)", "Return the size in bytes."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "Make asynchronous generators generic over their types."),
    {0}
};

static PyAsyncMethods asyncgen_as_async = {
    .am_aiter = PyObject_SelfIter,
    .am_anext = asyncgen_anext,
    .am_send = _PyGen_AmSend,
};

PyTypeObject PyAsyncGen_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator",
    .tp_basicsize = sizeof(PyGenObject),
    .tp_itemsize = sizeof(_PyValue),
    .tp_dealloc = _PyGen_Dealloc,
    .tp_as_async = &asyncgen_as_async,
    .tp_repr = asyncgen_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = _PyGen_Traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_methods = asyncgen_methods,
    .tp_members = asyncgen_members,
    .tp_getset = asyncgen_getset,
    .tp_finalize = _PyGen_Finalize,
};

/* -- anext(iterator, default) ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *wrapped;           /* const, owned: awaitable */
    PyObject *default_value;     /* const, owned */
} AnextAwaitable;

#define ANEXT(op) ((AnextAwaitable *)(op))

PyObject *
PyAnextAwaitable_New(PyObject *awaitable, PyObject *default_value)
{
    AnextAwaitable *self = PyObject_GC_New(AnextAwaitable, &_PyAnextAwaitable_Type);
    if (self == NULL) {
        return NULL;
    }
    self->wrapped = Py_NewRef(awaitable);
    self->default_value = Py_NewRef(default_value);
    _PyObject_GC_TRACK((PyObject *)self);
    return (PyObject *)self;
}

static void
anext_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(ANEXT(op)->wrapped);
    Py_CLEAR(ANEXT(op)->default_value);
    PyObject_GC_Del(op);
}

static int
anext_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(ANEXT(op)->wrapped);
    Py_VISIT(ANEXT(op)->default_value);
    return 0;
}

/* The iterator of the awaitable, new reference. */
static PyObject *
anext_get_iter(AnextAwaitable *self)
{
    PyObject *awaitable = _PyCoro_GetAwaitableIter(self->wrapped);
    if (awaitable == NULL) {
        return NULL;
    }
    if (Py_TYPE(awaitable)->tp_iternext == NULL) {
        /* A coroutine: its wrapper iterates. */
        unaryfunc getter = Py_TYPE(awaitable)->tp_as_async->am_await;
        Py_SETREF(awaitable, getter(awaitable));
        if (awaitable == NULL) {
            return NULL;
        }
        if (!PyIter_Check(awaitable)) {
            PyErr_SetString(PyExc_TypeError, "__await__ must return an iterable");
            Py_CLEAR(awaitable);
        }
    }
    return awaitable;
}

/* StopAsyncIteration becomes the default value. */
static PyObject *
anext_finish(AnextAwaitable *self, PyObject *result)
{
    if (result == NULL && PyErr_ExceptionMatches(PyExc_StopAsyncIteration)) {
        PyErr_Clear();
        _PyGen_SetStopIterationValue(self->default_value);
    }
    return result;
}

static PyObject *
anext_iternext(PyObject *op)
{
    PyObject *iter = anext_get_iter(ANEXT(op));
    if (iter == NULL) {
        return NULL;
    }
    PyObject *result = Py_TYPE(iter)->tp_iternext(iter);
    Py_DECREF(iter);
    return anext_finish(ANEXT(op), result);
}

static PyObject *
anext_proxy(AnextAwaitable *self, PyObject *name, PyObject *args)
{
    PyObject *iter = anext_get_iter(self);
    if (iter == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *method = PyObject_GetAttr(iter, name);
    if (method != NULL) {
        result = PyObject_CallObject(method, args);
        Py_DECREF(method);
    }
    Py_DECREF(iter);
    return anext_finish(self, result);
}

static PyObject *
anext_send(PyObject *op, PyObject *arg)
{
    PyObject *args = PyTuple_Pack(1, arg);
    PyObject *result = args == NULL ? NULL : anext_proxy(ANEXT(op), _Py_ID(send), args);
    Py_XDECREF(args);
    return result;
}

static PyObject *
anext_throw(PyObject *op, PyObject *args)
{
    return anext_proxy(ANEXT(op), _Py_ID(throw), args);
}

static PyObject *
anext_close(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return anext_proxy(ANEXT(op), _Py_ID(close), NULL);
}

static PyMethodDef anext_methods[] = {
    PY_METHOD(anext, send, METH_O, "($self, object, /)", "Resume the awaitable with a value."),
    PY_METHOD_NOSIG("throw", anext_throw, METH_VARARGS,
                    "throw(value)\nthrow(type[,value[,tb]])\n\nRaise an exception in the awaitable."),
    PY_METHOD(anext, close, METH_NOARGS, "($self, /)", "Close the awaitable."),
    {0}
};

static PyAsyncMethods anext_as_async = {
    .am_await = PyObject_SelfIter,
};

PyTypeObject _PyAnextAwaitable_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "anext_awaitable",
    .tp_basicsize = sizeof(AnextAwaitable),
    .tp_dealloc = anext_dealloc,
    .tp_as_async = &anext_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = anext_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = anext_iternext,
    .tp_methods = anext_methods,
};

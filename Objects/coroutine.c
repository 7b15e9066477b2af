/* Coroutines, the iterator that __await__ returns, and finding the iterator of any awaitable. */
#include "Python.h"
#include "generator_internal.h"
#include "pycore_args.h"
#include "pycore_ceval.h"
#include "pycore_frame.h"
#include "pycore_gc.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"

bool
_PyGen_IsIterableCoroutine(PyObject *op)
{
    return PyGen_CheckExact(op)
           && (_PyFrame_GetCode(&((PyGenObject *)op)->gi_iframe)->co_flags & CO_ITERABLE_COROUTINE);
}

PyObject *
_PyCoro_GetAwaitableIter(PyObject *o)
{
    if (PyCoro_CheckExact(o) || _PyGen_IsIterableCoroutine(o)) {
        return Py_NewRef(o);
    }
    PyTypeObject *type = Py_TYPE(o);
    unaryfunc getter = type->tp_as_async != NULL ? type->tp_as_async->am_await : NULL;
    if (getter == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.100s' object can't be awaited", type->tp_name);
        return NULL;
    }
    PyObject *iter = getter(o);
    if (iter == NULL) {
        return NULL;
    }
    if (PyCoro_CheckExact(iter) || _PyGen_IsIterableCoroutine(iter)) {
        PyErr_SetString(PyExc_TypeError, "__await__() returned a coroutine");
        Py_CLEAR(iter);
    }
    else if (!PyIter_Check(iter)) {
        PyErr_Format(PyExc_TypeError, "__await__() returned non-iterator of type '%.100s'", Py_TYPE(iter)->tp_name);
        Py_CLEAR(iter);
    }
    return iter;
}

/* Tuple of (file, line, function) of the innermost origin_depth frames. */
PyObject *
_PyCoro_ComputeOrigin(int origin_depth, _PyInterpreterFrame *frame)
{
    int n = 0;
    _PyInterpreterFrame *first = _PyFrame_GetFirstComplete(frame);
    for (_PyInterpreterFrame *f = first; f != NULL && n < origin_depth; n++) {
        f = _PyFrame_GetFirstComplete(f->previous);
    }
    PyObject *origin = PyTuple_New(n);
    if (origin == NULL) {
        return NULL;
    }
    _PyInterpreterFrame *f = first;
    for (int i = 0; i < n; i++) {
        PyCodeObject *co = _PyFrame_GetCode(f);
        PyObject *entry = Py_BuildValue("OiO", co->co_filename, PyUnstable_InterpreterFrame_GetLine(f), co->co_name);
        if (entry == NULL) {
            Py_DECREF(origin);
            return NULL;
        }
        PyTuple_SET_ITEM(origin, i, entry);
        f = _PyFrame_GetFirstComplete(f->previous);
    }
    return origin;
}

PyObject *
PyCoro_New(PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *coro = _PyGen_FromFrameObject(&PyCoro_Type, f, name, qualname);
    if (coro != NULL && tstate->coroutine_origin_tracking_depth != 0) {
        PyObject *origin = _PyCoro_ComputeOrigin(tstate->coroutine_origin_tracking_depth, tstate->current_frame);
        if (origin == NULL) {
            Py_DECREF(coro);
            return NULL;
        }
        ((PyGenObject *)coro)->gi_origin_or_finalizer = origin;
    }
    return coro;
}

/* -- The coroutine type ------------------------------------------------------------------------------------------------ */

static PyObject *
coro_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<coroutine object %S at %p>", ((PyGenObject *)self)->gi_qualname, self);
}

static PyObject *
coro_send(PyObject *self, PyObject *arg)
{
    return _PyGen_SendEx((PyGenObject *)self, arg, 0, 0);
}

static PyObject *coro_await(PyObject *self);

static PyGetSetDef coro_getset[] = {
    {"__name__", _PyGen_GetName, _PyGen_SetName, "name of the coroutine", NULL},
    {"__qualname__", _PyGen_GetQualname, _PyGen_SetQualname, "qualified name of the coroutine", NULL},
    {"cr_await", _PyGen_GetYieldFrom, NULL, "what the coroutine awaits, or None", NULL},
    {"cr_running", _PyGen_GetRunning, NULL, NULL, NULL},
    {"cr_frame", _PyGen_GetFrame, NULL, NULL, (void *)"cr_frame"},
    {"cr_code", _PyGen_GetCodeAttribute, NULL, NULL, (void *)"cr_code"},
    {"cr_suspended", _PyGen_GetSuspended, NULL, NULL, NULL},
    {0}
};

static PyMemberDef coro_members[] = {
    {"cr_origin", _Py_T_OBJECT, offsetof(PyGenObject, gi_origin_or_finalizer), Py_READONLY, NULL},
    {0}
};

static PyMethodDef coro_methods[] = {
    PY_METHOD(coro, send, METH_O, "($self, object, /)", "Resume with a value as the result of `await`."),
    PY_METHOD_NOSIG("throw", _PyCFunction_CAST(_PyGen_ThrowMethod), METH_FASTCALL,
                    "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise an exception where the coroutine is "
                    "suspended."),
    PY_METHOD_AS("close", _PyGen_Close, METH_NOARGS, "($self, /)", "Raise GeneratorExit in the coroutine."),
    PY_METHOD_AS("__sizeof__", _PyGen_Sizeof, METH_NOARGS, "($self, /)", "Return the size in bytes."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "Make coroutines generic over their types."),
    {0}
};

static PyAsyncMethods coro_as_async = {
    .am_await = coro_await,
    .am_send = _PyGen_AmSend,
};

PyTypeObject PyCoro_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "coroutine",
    .tp_basicsize = sizeof(PyGenObject),
    .tp_itemsize = sizeof(_PyValue),
    .tp_dealloc = _PyGen_Dealloc,
    .tp_as_async = &coro_as_async,
    .tp_repr = coro_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = _PyGen_Traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_methods = coro_methods,
    .tp_members = coro_members,
    .tp_getset = coro_getset,
    .tp_finalize = _PyGen_Finalize,
};

/* -- The wrapper: what `coroutine.__await__()` returns ------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyGenObject *coroutine;       /* const */
} PyCoroWrapper;

#define WRAPPED(op) (((PyCoroWrapper *)(op))->coroutine)

static PyObject *
coro_await(PyObject *self)
{
    PyCoroWrapper *wrapper = PyObject_GC_New(PyCoroWrapper, &_PyCoroWrapper_Type);
    if (wrapper == NULL) {
        return NULL;
    }
    wrapper->coroutine = (PyGenObject *)Py_NewRef(self);
    _PyObject_GC_TRACK((PyObject *)wrapper);
    return (PyObject *)wrapper;
}

static void
wrapper_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(WRAPPED(self));
    PyObject_GC_Del(self);
}

static int
wrapper_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(WRAPPED(self));
    return 0;
}

static PyObject *
wrapper_iternext(PyObject *self)
{
    return _PyGen_IterNext((PyObject *)WRAPPED(self));
}

static PyObject *
wrapper_send(PyObject *self, PyObject *arg)
{
    return _PyGen_SendEx(WRAPPED(self), arg, 0, 0);
}

static PyObject *
wrapper_throw(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return _PyGen_ThrowMethod((PyObject *)WRAPPED(self), args, nargs);
}

static PyObject *
wrapper_close(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyGen_Close((PyObject *)WRAPPED(self), NULL);
}

static PyMethodDef wrapper_methods[] = {
    PY_METHOD(wrapper, send, METH_O, "($self, object, /)", "Resume the coroutine with a value."),
    PY_METHOD_NOSIG("throw", _PyCFunction_CAST(wrapper_throw), METH_FASTCALL,
                    "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise an exception in the coroutine."),
    PY_METHOD(wrapper, close, METH_NOARGS, "($self, /)", "Raise GeneratorExit in the coroutine."),
    {0}
};

PyTypeObject _PyCoroWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "coroutine_wrapper",
    .tp_basicsize = sizeof(PyCoroWrapper),
    .tp_dealloc = wrapper_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "An iterator over a coroutine.",
    .tp_traverse = wrapper_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = wrapper_iternext,
    .tp_methods = wrapper_methods,
};

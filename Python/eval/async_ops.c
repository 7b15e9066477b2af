/* Iterators, awaitables and special methods: GET_ITER, GET_AITER, GET_ANEXT, GET_AWAITABLE, GET_YIELD_FROM_ITER. */
#include "vm.h"
#include "pycore_abstract.h"

int
op_GET_ITER(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *iterable = value_object(frame->regs[W_BI(w)], &temp);
    if (iterable == NULL) {
        return -1;
    }
    PyObject *iter = PyObject_GetIter(iterable);
    Py_XDECREF(temp);
    if (iter == NULL) {
        return -1;
    }
    finish_b(frame->regs, w, _PyValue_Steal(iter));
    return 0;
}

int
op_GET_AITER(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *obj = value_box_in_place(&frame->regs[W_BI(w)]);
    if (obj == NULL) {
        return -1;
    }
    PyTypeObject *type = Py_TYPE(obj);
    unaryfunc getter = type->tp_as_async != NULL ? type->tp_as_async->am_aiter : NULL;
    if (getter == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "'async for' requires an object with __aiter__ method, got %.100s",
                      type->tp_name);
        return -1;
    }
    PyObject *iter = getter(obj);
    if (iter == NULL) {
        return -1;
    }
    if (Py_TYPE(iter)->tp_as_async == NULL || Py_TYPE(iter)->tp_as_async->am_anext == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "'async for' received an object from __aiter__ that does not implement __anext__: %.100s",
                      Py_TYPE(iter)->tp_name);
        Py_DECREF(iter);
        return -1;
    }
    finish_b(frame->regs, w, _PyValue_Steal(iter));
    return 0;
}

int
op_GET_ANEXT(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *aiter = _PyValue_AsObject(frame->regs[W_BI(w)]);
    PyTypeObject *type = Py_TYPE(aiter);
    PyObject *awaitable;
    if (PyAsyncGen_CheckExact(aiter)) {
        awaitable = type->tp_as_async->am_anext(aiter);
        if (awaitable == NULL) {
            return -1;
        }
    }
    else {
        unaryfunc getter = type->tp_as_async != NULL ? type->tp_as_async->am_anext : NULL;
        if (getter == NULL) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "'async for' requires an iterator with __anext__ method, got %.100s", type->tp_name);
            return -1;
        }
        PyObject *next = getter(aiter);
        if (next == NULL) {
            return -1;
        }
        awaitable = _PyCoro_GetAwaitableIter(next);
        if (awaitable == NULL) {
            _PyErr_FormatFromCause(PyExc_TypeError,
                                   "'async for' received an invalid object from __anext__: %.100s",
                                   Py_TYPE(next)->tp_name);
            Py_DECREF(next);
            return -1;
        }
        Py_DECREF(next);
    }
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(awaitable));
    return 0;
}

static void
format_awaitable_error(PyThreadState *tstate, PyTypeObject *type, unsigned kind)
{
    if (type->tp_as_async == NULL || type->tp_as_async->am_await == NULL) {
        if (kind == 1) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "'async with' received an object from __aenter__ that does not implement __await__: %.100s",
                          type->tp_name);
        }
        else if (kind == 2) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "'async with' received an object from __aexit__ that does not implement __await__: %.100s",
                          type->tp_name);
        }
    }
}

int
op_GET_AWAITABLE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *obj = value_box_in_place(&frame->regs[W_BI(w)]);
    if (obj == NULL) {
        return -1;
    }
    PyObject *iter = _PyCoro_GetAwaitableIter(obj);
    if (iter == NULL) {
        format_awaitable_error(tstate, Py_TYPE(obj), W_X(w));
        return -1;
    }
    if (PyCoro_CheckExact(iter)) {
        PyObject *yf = _PyGen_yf((PyGenObject *)iter);
        if (yf != NULL) {
            Py_DECREF(yf);
            Py_DECREF(iter);
            _PyErr_SetString(tstate, PyExc_RuntimeError, "coroutine is being awaited already");
            return -1;
        }
    }
    finish_b(frame->regs, w, _PyValue_Steal(iter));
    return 0;
}

int
op_GET_YIELD_FROM_ITER(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *iterable = value_box_in_place(&frame->regs[W_BI(w)]);
    if (iterable == NULL) {
        return -1;
    }
    if (PyCoro_CheckExact(iterable)) {
        if (!(_PyFrame_GetCode(frame)->co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE))) {
            _PyErr_SetString(tstate, PyExc_TypeError,
                             "cannot 'yield from' a coroutine object in a non-coroutine generator");
            return -1;
        }
        finish_b(frame->regs, w, _PyValue_Steal(Py_NewRef(iterable)));
        return 0;
    }
    if (PyGen_CheckExact(iterable)) {
        finish_b(frame->regs, w, _PyValue_Steal(Py_NewRef(iterable)));
        return 0;
    }
    PyObject *iter = PyObject_GetIter(iterable);
    if (iter == NULL) {
        return -1;
    }
    finish_b(frame->regs, w, _PyValue_Steal(iter));
    return 0;
}

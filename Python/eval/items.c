/* Items and slices: the generic instructions with short ways for exact lists, tuples and dicts. */
#include "vm.h"
#include "pycore_abstract.h"
#include "pycore_dict.h"
#include "pycore_list.h"
#include "pycore_slice.h"
#include "pycore_tuple.h"

/* container[i] without calling out, or dead: no exception. */
static inline _PyValue
getitem_fast(PyObject *container, _PyValue key)
{
    if (_PyValue_IsInt(key)) {
        int64_t i = _PyValue_AsInt(key);
        if (PyList_CheckExact(container)) {
            if (i < 0) {
                i += PyList_GET_SIZE(container);
            }
            PyObject *item = _PyList_GetItemBorrowed_lockfree(container, (Py_ssize_t)i);
            if (item != NULL) {
                return value_load(item);
            }
        }
        else if (PyTuple_CheckExact(container)) {
            if (i < 0) {
                i += PyTuple_GET_SIZE(container);
            }
            if ((uint64_t)i < (uint64_t)PyTuple_GET_SIZE(container)) {
                return value_load(PyTuple_GET_ITEM(container, i));
            }
        }
    }
    return _PyValue_DEAD;
}

/* New value; dead with an exception. */
static _PyValue
getitem(_PyValue v, _PyValue key)
{
    PyObject *temp, *ktemp;
    PyObject *container = value_object(v, &temp);
    if (container == NULL) {
        return _PyValue_DEAD;
    }
    _PyValue result = getitem_fast(container, key);
    if (!_PyValue_IsDead(result)) {
        return result;
    }
    PyObject *k = value_object(key, &ktemp);
    if (k != NULL) {
        result = value_from_number(PyObject_GetItem(container, k));
    }
    Py_XDECREF(temp);
    Py_XDECREF(ktemp);
    return result;
}

int
op_GETITEM(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue result = getitem(frame->regs[W_BI(w)], frame->regs[W_CI(w)]);
    if (_PyValue_IsDead(result)) {
        return -1;
    }
    finish_bc(frame->regs, w, result);
    return 0;
}

int
op_GETITEM_K(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue result = getitem(frame->regs[W_BI(w)], NUMBERS(frame)[W_C(w)]);
    if (_PyValue_IsDead(result)) {
        return -1;
    }
    finish_b(frame->regs, w, result);
    return 0;
}

int
op_SETITEM(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *ctemp = NULL, *ktemp = NULL, *vtemp = NULL;
    int status = -1;
    PyObject *container = value_object(regs[W_AI(w)], &ctemp);
    PyObject *key = value_object(regs[W_BI(w)], &ktemp);
    PyObject *value = value_object(regs[W_CI(w)], &vtemp);
    if (container != NULL && key != NULL && value != NULL) {
        status = PyDict_CheckExact(container) ? PyDict_SetItem(container, key, value)
                                              : PyObject_SetItem(container, key, value);
    }
    Py_XDECREF(ctemp);
    Py_XDECREF(ktemp);
    Py_XDECREF(vtemp);
    if (status < 0) {
        return -1;
    }
    _PyValue a = reg_spent(regs, W_A(w));
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue c = reg_spent(regs, W_C(w));
    _PyValue_Release(a);
    _PyValue_Release(b);
    _PyValue_Release(c);
    return 0;
}

int
op_DELITEM(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *ctemp, *ktemp = NULL;
    int status = -1;
    PyObject *container = value_object(regs[W_AI(w)], &ctemp);
    PyObject *key = value_object(regs[W_BI(w)], &ktemp);
    if (container != NULL && key != NULL) {
        status = PyObject_DelItem(container, key);
    }
    Py_XDECREF(ctemp);
    Py_XDECREF(ktemp);
    if (status < 0) {
        return -1;
    }
    _PyValue a = reg_spent(regs, W_A(w));
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue_Release(a);
    _PyValue_Release(b);
    return 0;
}

/* -- Slices ---------------------------------------------------------------------------------------------- */

static PyObject *
slice_from_block(_PyValue *block)
{
    PyObject *start_temp, *stop_temp = NULL, *slice = NULL;
    PyObject *start = value_object(block[0], &start_temp);
    PyObject *stop = value_object(block[1], &stop_temp);
    if (start != NULL && stop != NULL) {
        slice = PySlice_New(start, stop, NULL);
    }
    Py_XDECREF(start_temp);
    Py_XDECREF(stop_temp);
    return slice;
}

/* An end of a slice that needs no call: *i is set. */
static inline bool
slice_end(_PyValue v, Py_ssize_t when_none, Py_ssize_t *i)
{
    if (_PyValue_IsInt(v)) {
        *i = (Py_ssize_t)_PyValue_AsInt(v);
        return true;
    }
    if (_PyValue_AsObject(v) == Py_None && !_PyValue_IsNumber(v)) {
        *i = when_none;
        return true;
    }
    return false;
}

int
op_GETSLICE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    _PyValue *block = &regs[W_CI(w)];
    PyObject *container = value_box_in_place(&regs[W_BI(w)]);
    if (container == NULL) {
        return -1;
    }
    PyObject *result;
    Py_ssize_t start, stop;
    if ((PyList_CheckExact(container) || PyTuple_CheckExact(container) || PyUnicode_CheckExact(container))
        && slice_end(block[0], 0, &start) && slice_end(block[1], PY_SSIZE_T_MAX, &stop)) {
        if (PyUnicode_CheckExact(container)) {
            PySlice_AdjustIndices(PyUnicode_GET_LENGTH(container), &start, &stop, 1);
            result = PyUnicode_Substring(container, start, stop);
        }
        else if (PyTuple_CheckExact(container)) {
            PySlice_AdjustIndices(PyTuple_GET_SIZE(container), &start, &stop, 1);
            result = PyTuple_GetSlice(container, start, stop);
        }
        else {
            PySlice_AdjustIndices(PyList_GET_SIZE(container), &start, &stop, 1);
            result = PyList_GetSlice(container, start, stop);
        }
    }
    else {
        PyObject *slice = slice_from_block(block);
        if (slice == NULL) {
            return -1;
        }
        result = PyObject_GetItem(container, slice);
        Py_DECREF(slice);
    }
    if (result == NULL) {
        return -1;
    }
    block_clear(block, 2);
    finish_b(regs, w, value_from_number(result));
    return 0;
}

int
op_SETSLICE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    _PyValue *block = &regs[W_CI(w)];
    PyObject *container = value_box_in_place(&regs[W_AI(w)]);
    PyObject *temp;
    PyObject *value = value_object(regs[W_BI(w)], &temp);
    if (container == NULL || value == NULL) {
        return -1;
    }
    PyObject *slice = slice_from_block(block);
    int status = slice == NULL ? -1 : PyObject_SetItem(container, slice, value);
    Py_XDECREF(slice);
    Py_XDECREF(temp);
    if (status < 0) {
        return -1;
    }
    block_clear(block, 2);
    _PyValue a = reg_spent(regs, W_A(w));
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue_Release(a);
    _PyValue_Release(b);
    return 0;
}

int
op_BUILD_SLICE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    unsigned n = W_C(w);
    if (block_own(block, n) < 0) {
        return -1;
    }
    PyObject **items = BLOCK_OBJECTS(block);
    PyObject *slice = PySlice_New(items[0], items[1], n == 3 ? items[2] : NULL);
    if (slice == NULL) {
        return -1;
    }
    block_clear(block, n);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(slice));
    return 0;
}

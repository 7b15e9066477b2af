/* Building containers and strings, unpacking, formatting, making functions. */
#include "vm.h"
#include "pycore_abstract.h"
#include "pycore_dict.h"
#include "pycore_function.h"
#include "pycore_list.h"
#include "pycore_object_protocol.h"
#include "pycore_setobject.h"
#include "pycore_template.h"
#include "pycore_tuple.h"
#include "pycore_unicodeobject.h"

/* The block has been stolen by its new container. */
static inline void
block_forget(_PyValue *block, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        block[i] = _PyValue_DEAD;
    }
}

/* -- Containers ------------------------------------------------------------------------------------------- */

int
op_BUILD_TUPLE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    unsigned n = W_C(w);
    if (block_own(block, n) < 0) {
        return -1;
    }
    PyObject *tuple = PyTuple_New(n);
    if (tuple == NULL) {
        return -1;
    }
    for (unsigned i = 0; i < n; i++) {
        PyTuple_SET_ITEM(tuple, i, BLOCK_OBJECTS(block)[i]);
    }
    block_forget(block, n);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(tuple));
    return 0;
}

int
op_BUILD_LIST(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    unsigned n = W_C(w);
    if (block_own(block, n) < 0) {
        return -1;
    }
    PyObject *list = _PyList_FromArraySteal(BLOCK_OBJECTS(block), n);
    if (list == NULL) {
        return -1;
    }
    block_forget(block, n);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(list));
    return 0;
}

int
op_BUILD_SET(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    unsigned n = W_C(w);
    if (block_own(block, n) < 0) {
        return -1;
    }
    PyObject *set = PySet_New(NULL);
    if (set == NULL) {
        return -1;
    }
    for (unsigned i = 0; i < n; i++) {
        if (PySet_Add(set, BLOCK_OBJECTS(block)[i]) < 0) {
            Py_DECREF(set);
            return -1;
        }
    }
    block_clear(block, n);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(set));
    return 0;
}

int
op_BUILD_MAP(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    unsigned n = W_C(w);
    PyObject *dict;
    if (n == 0) {
        dict = PyDict_New();
    }
    else {
        if (block_own(block, 2 * n) < 0) {
            return -1;
        }
        PyObject **items = BLOCK_OBJECTS(block);
        dict = _PyDict_FromItems(items, 2, items + 1, 2, n);
    }
    if (dict == NULL) {
        return -1;
    }
    block_clear(block, 2 * n);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(dict));
    return 0;
}

int
op_BUILD_STRING(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    unsigned n = W_C(w);
    if (block_own(block, n) < 0) {
        return -1;
    }
    PyObject *str = _PyUnicode_JoinArray(_Py_STR(empty), BLOCK_OBJECTS(block), n);
    if (str == NULL) {
        return -1;
    }
    block_clear(block, n);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(str));
    return 0;
}

int
op_BUILD_INTERPOLATION(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    unsigned n = 2 + (W_X(w) & 1);
    if (block_own(block, n) < 0) {
        return -1;
    }
    PyObject **items = BLOCK_OBJECTS(block);
    PyObject *spec = n == 3 ? items[2] : _Py_STR(empty);
    PyObject *result = _PyInterpolation_Build(items[0], items[1], (int)W_C(w), spec);
    if (result == NULL) {
        return -1;
    }
    block_clear(block, n);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(result));
    return 0;
}

int
op_BUILD_TEMPLATE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *result = _PyTemplate_Build(_PyValue_AsObject(regs[W_BI(w)]), _PyValue_AsObject(regs[W_CI(w)]));
    if (result == NULL) {
        return -1;
    }
    finish_bc(regs, w, _PyValue_Steal(result));
    return 0;
}

/* -- Growing ---------------------------------------------------------------------------------------------- */

/* The list of a comprehension or display is this frame's own: nobody else appends to it now. */
int
op_LIST_APPEND(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *list = _PyValue_AsObject(regs[W_AI(w)]);
    if (value_box_in_place(&regs[W_BI(w)]) == NULL) {
        return -1;
    }
    PyObject *item = _PyValue_Consume(reg_take(regs, W_B(w)));
    return _PyList_AppendTakeRef((PyListObject *)list, item);
}

int
op_SET_ADD(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *temp;
    PyObject *item = value_object(regs[W_BI(w)], &temp);
    if (item == NULL) {
        return -1;
    }
    int status = PySet_Add(_PyValue_AsObject(regs[W_AI(w)]), item);
    Py_XDECREF(temp);
    if (status < 0) {
        return -1;
    }
    _PyValue_Release(reg_spent(regs, W_B(w)));
    return 0;
}

int
op_MAP_ADD(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *ktemp, *vtemp = NULL;
    PyObject *key = value_object(regs[W_BI(w)], &ktemp);
    PyObject *value = key == NULL ? NULL : value_object(regs[W_CI(w)], &vtemp);
    int status = value == NULL ? -1 : PyDict_SetItem(_PyValue_AsObject(regs[W_AI(w)]), key, value);
    Py_XDECREF(ktemp);
    Py_XDECREF(vtemp);
    if (status < 0) {
        return -1;
    }
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue c = reg_spent(regs, W_C(w));
    _PyValue_Release(b);
    _PyValue_Release(c);
    return 0;
}

int
op_LIST_EXTEND(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *iterable = value_box_in_place(&regs[W_BI(w)]);
    if (iterable == NULL) {
        return -1;
    }
    PyObject *none = _PyList_Extend((PyListObject *)_PyValue_AsObject(regs[W_AI(w)]), iterable);
    if (none == NULL) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_TypeError) && Py_TYPE(iterable)->tp_iter == NULL
            && !PySequence_Check(iterable)) {
            _PyErr_Clear(tstate);
            _PyErr_Format(tstate, PyExc_TypeError, "Value after * must be an iterable, not %.200s",
                          Py_TYPE(iterable)->tp_name);
        }
        return -1;
    }
    Py_DECREF(none);
    _PyValue_Release(reg_spent(regs, W_B(w)));
    return 0;
}

int
op_SET_UPDATE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *iterable = value_box_in_place(&regs[W_BI(w)]);
    if (iterable == NULL || _PySet_Update(_PyValue_AsObject(regs[W_AI(w)]), iterable) < 0) {
        return -1;
    }
    _PyValue_Release(reg_spent(regs, W_B(w)));
    return 0;
}

int
op_DICT_UPDATE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *update = value_box_in_place(&regs[W_BI(w)]);
    if (update == NULL) {
        return -1;
    }
    if (PyDict_Update(_PyValue_AsObject(regs[W_AI(w)]), update) < 0) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_AttributeError)) {
            _PyErr_Format(tstate, PyExc_TypeError, "'%.200s' object is not a mapping", Py_TYPE(update)->tp_name);
        }
        return -1;
    }
    _PyValue_Release(reg_spent(regs, W_B(w)));
    return 0;
}

/* Merging keyword arguments failed: say it in terms of the call. */
static void
format_kwargs_error(PyThreadState *tstate, PyObject *func, PyObject *kwargs)
{
    if (_PyErr_ExceptionMatches(tstate, PyExc_AttributeError)) {
        _PyErr_Clear(tstate);
        PyObject *name = _PyObject_FunctionStr(func);
        if (name != NULL) {
            _PyErr_Format(tstate, PyExc_TypeError, "%U argument after ** must be a mapping, not %.200s", name,
                          Py_TYPE(kwargs)->tp_name);
            Py_DECREF(name);
        }
    }
    else if (_PyErr_ExceptionMatches(tstate, PyExc_KeyError)) {
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        PyObject *args = PyException_GetArgs(exc);
        if (PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 1) {
            _PyErr_Clear(tstate);
            PyObject *name = _PyObject_FunctionStr(func);
            if (name != NULL) {
                _PyErr_Format(tstate, PyExc_TypeError, "%U got multiple values for keyword argument '%S'", name,
                              PyTuple_GET_ITEM(args, 0));
                Py_DECREF(name);
            }
            Py_DECREF(exc);
        }
        else {
            _PyErr_SetRaisedException(tstate, exc);
        }
        Py_DECREF(args);
    }
}

int
op_DICT_MERGE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *update = value_box_in_place(&regs[W_BI(w)]);
    if (update == NULL) {
        return -1;
    }
    if (_PyDict_MergeEx(_PyValue_AsObject(regs[W_AI(w)]), update, 2) < 0) {
        PyObject *temp;
        PyObject *func = value_object(regs[W_CI(w)], &temp);
        if (func != NULL) {
            format_kwargs_error(tstate, func, update);
            Py_XDECREF(temp);
        }
        return -1;
    }
    _PyValue_Release(reg_spent(regs, W_B(w)));
    return 0;
}

int
op_LIST_TO_TUPLE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *list = _PyValue_AsObject(regs[W_BI(w)]);
    PyObject *tuple = W_B_LAST(w) ? _PyList_AsTupleAndClear((PyListObject *)list) : PyList_AsTuple(list);
    if (tuple == NULL) {
        return -1;
    }
    finish_b(regs, w, _PyValue_Steal(tuple));
    return 0;
}

/* -- Formatting --------------------------------------------------------------------------------------------- */

int
op_CONVERT_VALUE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *value = value_object(frame->regs[W_BI(w)], &temp);
    if (value == NULL) {
        return -1;
    }
    unsigned x = W_X(w);
    PyObject *result = x == 1 ? PyObject_Str(value) : x == 2 ? PyObject_Repr(value) : PyObject_ASCII(value);
    Py_XDECREF(temp);
    if (result == NULL) {
        return -1;
    }
    finish_b(frame->regs, w, _PyValue_Steal(result));
    return 0;
}

int
op_FORMAT_SIMPLE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue v = frame->regs[W_BI(w)];
    PyObject *temp;
    PyObject *value = value_object(v, &temp);
    if (value == NULL) {
        return -1;
    }
    PyObject *result;
    if (PyUnicode_CheckExact(value)) {
        result = Py_NewRef(value);
    }
    else if (PyLong_CheckExact(value)) {
        result = PyObject_Str(value);
    }
    else {
        result = PyObject_Format(value, NULL);
    }
    Py_XDECREF(temp);
    if (result == NULL) {
        return -1;
    }
    finish_b(frame->regs, w, _PyValue_Steal(result));
    return 0;
}

int
op_FORMAT_WITH_SPEC(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *value = value_object(frame->regs[W_BI(w)], &temp);
    if (value == NULL) {
        return -1;
    }
    PyObject *result = PyObject_Format(value, _PyValue_AsObject(frame->regs[W_CI(w)]));
    Py_XDECREF(temp);
    if (result == NULL) {
        return -1;
    }
    finish_bc(frame->regs, w, _PyValue_Steal(result));
    return 0;
}

/* -- Unpacking ---------------------------------------------------------------------------------------------- */

static void
not_iterable(PyThreadState *tstate, PyObject *v)
{
    if (_PyErr_ExceptionMatches(tstate, PyExc_TypeError) && Py_TYPE(v)->tp_iter == NULL && !PySequence_Check(v)) {
        _PyErr_Format(tstate, PyExc_TypeError, "cannot unpack non-iterable %.200s object", Py_TYPE(v)->tp_name);
    }
}

/* after < 0: exactly before items; else a star between before and after.  Items go to target in order. */
static int
unpack_iterable(PyThreadState *tstate, PyObject *v, int before, int after, _PyValue *target)
{
    PyObject *it = PyObject_GetIter(v);
    if (it == NULL) {
        not_iterable(tstate, v);
        return -1;
    }
    int i = 0;
    PyObject *rest = NULL;
    for (; i < before; i++) {
        PyObject *item = PyIter_Next(it);
        if (item == NULL) {
            if (!_PyErr_Occurred(tstate)) {
                if (after < 0) {
                    _PyErr_Format(tstate, PyExc_ValueError, "not enough values to unpack (expected %d, got %d)",
                                  before, i);
                }
                else {
                    _PyErr_Format(tstate, PyExc_ValueError,
                                  "not enough values to unpack (expected at least %d, got %d)", before + after, i);
                }
            }
            goto fail;
        }
        reg_set(&target[i], _PyValue_Steal(item));
    }
    if (after < 0) {
        PyObject *extra = PyIter_Next(it);
        if (extra == NULL) {
            if (_PyErr_Occurred(tstate)) {
                goto fail;
            }
            Py_DECREF(it);
            return 0;
        }
        Py_DECREF(extra);
        if (PyList_CheckExact(v) || PyTuple_CheckExact(v) || PyDict_CheckExact(v)) {
            Py_ssize_t size = PyDict_CheckExact(v) ? PyDict_Size(v) : Py_SIZE(v);
            if (size > before) {
                _PyErr_Format(tstate, PyExc_ValueError, "too many values to unpack (expected %d, got %zd)", before,
                              size);
                goto fail;
            }
        }
        _PyErr_Format(tstate, PyExc_ValueError, "too many values to unpack (expected %d)", before);
        goto fail;
    }
    rest = PySequence_List(it);
    if (rest == NULL) {
        goto fail;
    }
    Py_ssize_t size = PyList_GET_SIZE(rest);
    if (size < after) {
        _PyErr_Format(tstate, PyExc_ValueError, "not enough values to unpack (expected at least %d, got %zd)",
                      before + after, before + size);
        goto fail;
    }
    for (int j = 0; j < after; j++) {
        reg_set(&target[before + 1 + j], value_new(PyList_GET_ITEM(rest, size - after + j)));
    }
    if (after > 0 && PyList_SetSlice(rest, size - after, size, NULL) < 0) {
        goto fail;
    }
    reg_set(&target[before], _PyValue_Steal(rest));
    Py_DECREF(it);
    return 0;

fail:
    Py_XDECREF(rest);
    Py_DECREF(it);
    block_clear(target, i);
    return -1;
}

int
op_UNPACK_SEQUENCE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *temp;
    PyObject *v = value_object(regs[W_BI(w)], &temp);
    if (v == NULL) {
        return -1;
    }
    unsigned n = W_C(w);
    /* The source may be the first target: it leaves its register first. */
    _PyValue spent = _PyValue_DEAD;
    if (temp == NULL) {
        spent = reg_spent(regs, W_B(w));
    }
    _PyValue *target = &regs[W_AI(w)];
    int status = 0;
    if (PyTuple_CheckExact(v) && PyTuple_GET_SIZE(v) == (Py_ssize_t)n) {
        for (unsigned i = 0; i < n; i++) {
            reg_set(&target[i], value_load(PyTuple_GET_ITEM(v, i)));
        }
    }
    else {
        status = unpack_iterable(tstate, v, (int)n, -1, target);
    }
    Py_XDECREF(temp);
    _PyValue_Release(spent);
    return status;
}

int
op_UNPACK_EX(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *temp;
    PyObject *v = value_object(regs[W_BI(w)], &temp);
    if (v == NULL) {
        return -1;
    }
    _PyValue spent = _PyValue_DEAD;
    if (temp == NULL) {
        spent = reg_spent(regs, W_B(w));
    }
    int status = unpack_iterable(tstate, v, (int)W_C(w), (int)W_X(w), &regs[W_AI(w)]);
    Py_XDECREF(temp);
    _PyValue_Release(spent);
    return status;
}

/* -- Functions ----------------------------------------------------------------------------------------------- */

int
op_MAKE_FUNCTION(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *code = PyTuple_GET_ITEM(_PyFrame_GetCode(frame)->co_consts, W_WIDE(w));
    PyObject *func = PyFunction_New(code, frame->globals);
    if (func == NULL) {
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(func));
    return 0;
}

int
op_SET_FUNCTION_ATTRIBUTE(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyFunctionObject *func = (PyFunctionObject *)_PyValue_AsObject(regs[W_AI(w)]);
    if (value_box_in_place(&regs[W_BI(w)]) == NULL) {
        return -1;
    }
    PyObject *value = _PyValue_Consume(reg_take(regs, W_B(w)));
    PyObject **slot;
    switch (W_X(w)) {
    case MAKE_FUNCTION_DEFAULTS:
        slot = &func->func_defaults;
        break;
    case MAKE_FUNCTION_KWDEFAULTS:
        slot = &func->func_kwdefaults;
        break;
    case MAKE_FUNCTION_ANNOTATIONS:
        slot = &func->func_annotations;
        break;
    case MAKE_FUNCTION_CLOSURE:
        slot = &func->func_closure;
        break;
    default:
        assert(W_X(w) == MAKE_FUNCTION_ANNOTATE);
        slot = &func->func_annotate;
        break;
    }
    /* The function is new: nobody else has seen it. */
    assert(*slot == NULL);
    FT_ATOMIC_STORE_PTR_RELEASE(*slot, value);
    return 0;
}

/* Helpers of the match statement. */
#include "vm.h"
#include "pycore_abstract.h"
#include "pycore_object_protocol.h"
#include "pycore_tuple.h"
#include "pycore_unicodeobject.h"

/* subject.name, unless the pattern has asked for it before.  NULL without an exception: no such attribute. */
static PyObject *
match_attribute(PyThreadState *tstate, PyObject *subject, PyObject *type, PyObject *name, PyObject *seen)
{
    if (PySet_Contains(seen, name) || PySet_Add(seen, name)) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_Format(tstate, PyExc_TypeError, "%s() got multiple sub-patterns for attribute %R",
                          ((PyTypeObject *)type)->tp_name, name);
        }
        return NULL;
    }
    PyObject *value;
    (void)PyObject_GetOptionalAttr(subject, name, &value);
    return value;
}

/* Appends the attributes that positional sub-patterns name.  1 matched so far, 0 no match, -1 error. */
static int
match_positional(PyThreadState *tstate, PyObject *subject, PyObject *type, Py_ssize_t npositional, PyObject *seen,
                 PyObject *attributes)
{
    bool match_self = false;
    PyObject *match_args;
    if (PyObject_GetOptionalAttr(type, _Py_ID(__match_args__), &match_args) < 0) {
        return -1;
    }
    if (match_args != NULL) {
        if (!PyTuple_CheckExact(match_args)) {
            _PyErr_Format(tstate, PyExc_TypeError, "%s.__match_args__ must be a tuple (got %s)",
                          ((PyTypeObject *)type)->tp_name, Py_TYPE(match_args)->tp_name);
            Py_DECREF(match_args);
            return -1;
        }
    }
    else {
        match_args = PyTuple_New(0);
        match_self = PyType_HasFeature((PyTypeObject *)type, _Py_TPFLAGS_MATCH_SELF);
    }
    Py_ssize_t allowed = match_self ? 1 : PyTuple_GET_SIZE(match_args);
    int result = -1;
    if (allowed < npositional) {
        _PyErr_Format(tstate, PyExc_TypeError, "%s() accepts %d positional sub-pattern%s (%d given)",
                      ((PyTypeObject *)type)->tp_name, (int)allowed, allowed == 1 ? "" : "s", (int)npositional);
        goto done;
    }
    if (match_self) {
        result = PyList_Append(attributes, subject) < 0 ? -1 : 1;
        goto done;
    }
    for (Py_ssize_t i = 0; i < npositional; i++) {
        PyObject *name = PyTuple_GET_ITEM(match_args, i);
        if (!PyUnicode_CheckExact(name)) {
            _PyErr_Format(tstate, PyExc_TypeError, "__match_args__ elements must be strings (got %s)",
                          Py_TYPE(name)->tp_name);
            goto done;
        }
        PyObject *value = match_attribute(tstate, subject, type, name, seen);
        if (value == NULL) {
            result = _PyErr_Occurred(tstate) ? -1 : 0;
            goto done;
        }
        int status = PyList_Append(attributes, value);
        Py_DECREF(value);
        if (status < 0) {
            goto done;
        }
    }
    result = 1;
done:
    Py_DECREF(match_args);
    return result;
}

/* Tuple of attributes; NULL without an exception: no match. */
static PyObject *
match_class(PyThreadState *tstate, PyObject *subject, PyObject *type, Py_ssize_t npositional, PyObject *kwnames)
{
    if (!PyType_Check(type)) {
        _PyErr_Format(tstate, PyExc_TypeError, "called match pattern must be a class");
        return NULL;
    }
    if (PyObject_IsInstance(subject, type) <= 0) {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *seen = PySet_New(NULL);
    PyObject *attributes = PyList_New(0);
    if (seen == NULL || attributes == NULL) {
        goto done;
    }
    if (npositional > 0
        && match_positional(tstate, subject, type, npositional, seen, attributes) <= 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
        PyObject *value = match_attribute(tstate, subject, type, PyTuple_GET_ITEM(kwnames, i), seen);
        if (value == NULL) {
            goto done;
        }
        int status = PyList_Append(attributes, value);
        Py_DECREF(value);
        if (status < 0) {
            goto done;
        }
    }
    result = PyList_AsTuple(attributes);
done:
    Py_XDECREF(seen);
    Py_XDECREF(attributes);
    return result;
}

int
op_MATCH_CLASS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    if (block_own(block, 3) < 0) {
        return -1;
    }
    PyObject **items = BLOCK_OBJECTS(block);
    PyObject *result = match_class(tstate, items[0], items[1], W_C(w), items[2]);
    if (result == NULL && _PyErr_Occurred(tstate)) {
        return -1;
    }
    block_clear(block, 3);
    reg_set(&frame->regs[W_A(w)], result == NULL ? VALUE_NONE : _PyValue_Steal(result));
    return 0;
}

/* Tuple of the values of keys, None if one is missing. */
static PyObject *
match_keys(PyThreadState *tstate, PyObject *map, PyObject *keys)
{
    Py_ssize_t n = PyTuple_GET_SIZE(keys);
    if (n == 0) {
        return PyTuple_New(0);
    }
    PyObject *values = NULL, *seen = NULL, *dummy = NULL;
    /* get(key, dummy) does not insert into a defaultdict. */
    PyObject *get = PyObject_GetAttr(map, _Py_ID(get));
    if (get == NULL) {
        return NULL;
    }
    seen = PySet_New(NULL);
    dummy = _PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    values = PyTuple_New(n);
    if (seen == NULL || dummy == NULL || values == NULL) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = PyTuple_GET_ITEM(keys, i);
        if (PySet_Contains(seen, key) || PySet_Add(seen, key)) {
            if (!_PyErr_Occurred(tstate)) {
                _PyErr_Format(tstate, PyExc_ValueError, "mapping pattern checks duplicate key (%R)", key);
            }
            goto fail;
        }
        PyObject *args[3] = {NULL, key, dummy};
        PyObject *value = PyObject_Vectorcall(get, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        if (value == NULL) {
            goto fail;
        }
        if (value == dummy) {
            Py_DECREF(value);
            Py_SETREF(values, Py_NewRef(Py_None));
            break;
        }
        PyTuple_SET_ITEM(values, i, value);
    }
    goto done;
fail:
    Py_CLEAR(values);
done:
    Py_DECREF(get);
    Py_XDECREF(seen);
    Py_XDECREF(dummy);
    return values;
}

int
op_MATCH_KEYS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *result = match_keys(tstate, _PyValue_AsObject(frame->regs[W_BI(w)]),
                                  _PyValue_AsObject(frame->regs[W_CI(w)]));
    if (result == NULL) {
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(result));
    return 0;
}

int
op_GET_LEN(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *op = value_object(frame->regs[W_BI(w)], &temp);
    if (op == NULL) {
        return -1;
    }
    Py_ssize_t length = PyObject_Length(op);
    Py_XDECREF(temp);
    if (length < 0) {
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_from_int64(length));
    return 0;
}

/* Attributes: the generic instructions. */
#include "vm.h"
#include "pycore_object_protocol.h"
#include "pycore_typeobject.h"
#include "pycore_unicodeobject.h"

/* Takes over a reference. */
static inline _PyValue
value_adopt(PyObject *op)
{
    return value_from_number(op);
}

int
op_LOAD_ATTR(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *owner = value_object(frame->regs[W_BI(w)], &temp);
    if (owner == NULL) {
        return -1;
    }
    PyObject *value = PyObject_GetAttr(owner, NAME_AT(frame, W_NAME(w)));
    Py_XDECREF(temp);
    if (value == NULL) {
        return -1;
    }
    finish_b(frame->regs, w, value_adopt(value));
    return 0;
}

/* A block for a call: a function and its self, or a bound attribute and 0.  self is not counted yet. */
static void
store_method(_PyInterpreterFrame *frame, uint64_t w, PyObject *method, int is_method, PyObject *self)
{
    _PyValue *regs = frame->regs;
    _PyValue self_value = _PyValue_DEAD;
    if (is_method) {
        /* A last use hands its reference over. */
        _PyValue b = regs[W_BI(w)];
        if (W_B_LAST(w) && _PyValue_IsObject(b)) {
            regs[W_BI(w)] = _PyValue_DEAD;
            self_value = b;
        }
        else {
            self_value = value_new(self);
        }
    }
    _PyValue spent = reg_spent(regs, W_B(w));
    unsigned a = W_AI(w);
    _PyValue old0 = regs[a], old1 = regs[a + 1];
    regs[a] = object_is_uncounted(method) ? (Py_DECREF(method), _PyValue_Borrow(method)) : _PyValue_Steal(method);
    regs[a + 1] = self_value;
    _PyValue_Release(old0);
    _PyValue_Release(old1);
    _PyValue_Release(spent);
}

int
op_LOAD_METHOD(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *owner = value_object(frame->regs[W_BI(w)], &temp);
    if (owner == NULL) {
        return -1;
    }
    PyObject *method = NULL;
    int is_method = _PyObject_GetMethod(owner, NAME_AT(frame, W_NAME(w)), &method);
    if (method == NULL) {
        Py_XDECREF(temp);
        return -1;
    }
    store_method(frame, w, method, is_method, owner);
    Py_XDECREF(temp);
    return 0;
}

int
op_STORE_ATTR(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *temp, *vtemp;
    PyObject *owner = value_object(regs[W_AI(w)], &temp);
    if (owner == NULL) {
        return -1;
    }
    PyObject *value = value_object(regs[W_BI(w)], &vtemp);
    if (value == NULL) {
        Py_XDECREF(temp);
        return -1;
    }
    int status = PyObject_SetAttr(owner, NAME_AT(frame, W_NAME(w)), value);
    Py_XDECREF(temp);
    Py_XDECREF(vtemp);
    if (status < 0) {
        return -1;
    }
    _PyValue a = reg_spent(regs, W_A(w));
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue_Release(a);
    _PyValue_Release(b);
    return 0;
}

int
op_DELETE_ATTR(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *owner = value_object(frame->regs[W_AI(w)], &temp);
    if (owner == NULL) {
        return -1;
    }
    int status = PyObject_DelAttr(owner, NAME_AT(frame, W_NAME(w)));
    Py_XDECREF(temp);
    if (status < 0) {
        return -1;
    }
    _PyValue_Release(reg_spent(frame->regs, W_A(w)));
    return 0;
}

/* -- super() --------------------------------------------------------------------------------------------- */

/* The attribute of super(block[1], block[2]); *is_method: a function to be called with block[2].  */
static PyObject *
super_lookup(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w, int *is_method)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    PyObject *name = NAME_AT(frame, W_C(w));
    if (block_own(block, 3) < 0) {
        return NULL;
    }
    PyObject *global_super = _PyValue_AsObject(block[0]);
    PyObject *class = _PyValue_AsObject(block[1]);
    PyObject *self = _PyValue_AsObject(block[2]);
    if (global_super == (PyObject *)&PySuper_Type && PyType_Check(class)) {
        return _PySuper_Lookup((PyTypeObject *)class, self, name, is_method);
    }
    if (is_method != NULL) {
        *is_method = 0;
    }
    /* Something else is called `super`: call it as it was written. */
    PyObject *super;
    if (W_X(w) & 1) {
        PyObject *args[3] = {NULL, class, self};
        super = PyObject_Vectorcall(global_super, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    }
    else {
        super = PyObject_CallNoArgs(global_super);
    }
    if (super == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetAttr(super, name);
    Py_DECREF(super);
    return result;
}

int
op_LOAD_SUPER_ATTR(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value = super_lookup(tstate, frame, w, NULL);
    if (value == NULL) {
        return -1;
    }
    block_clear(&frame->regs[W_BI(w)], 3);
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(value));
    return 0;
}

int
op_LOAD_SUPER_METHOD(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    int is_method = 0;
    PyObject *value = super_lookup(tstate, frame, w, &is_method);
    if (value == NULL) {
        return -1;
    }
    unsigned b = W_BI(w), a = W_AI(w);
    _PyValue self = _PyValue_DEAD;
    if (is_method) {
        self = regs[b + 2];
        regs[b + 2] = _PyValue_DEAD;
    }
    block_clear(&regs[b], 3);
    reg_set(&regs[a], _PyValue_Steal(value));
    reg_set(&regs[a + 1], self);
    return 0;
}

/* -- Special methods of `with` ----------------------------------------------------------------------------- */

static PyObject *
special_name(unsigned which)
{
    switch (which) {
    case 0: return _Py_ID(__enter__);
    case 1: return _Py_ID(__exit__);
    case 2: return _Py_ID(__aenter__);
    default: return _Py_ID(__aexit__);
    }
}

static const struct {
    const char *missing;
    const char *suggestion;
} special_messages[4] = {
    {"'%T' object does not support the context manager protocol (missed __enter__ method)",
     "'%T' object does not support the context manager protocol (missed __enter__ method) but it supports the "
     "asynchronous context manager protocol. Did you mean to use 'async with'?"},
    {"'%T' object does not support the context manager protocol (missed __exit__ method)",
     "'%T' object does not support the context manager protocol (missed __exit__ method) but it supports the "
     "asynchronous context manager protocol. Did you mean to use 'async with'?"},
    {"'%T' object does not support the asynchronous context manager protocol (missed __aenter__ method)",
     "'%T' object does not support the asynchronous context manager protocol (missed __aenter__ method) but it "
     "supports the context manager protocol. Did you mean to use 'with'?"},
    {"'%T' object does not support the asynchronous context manager protocol (missed __aexit__ method)",
     "'%T' object does not support the asynchronous context manager protocol (missed __aexit__ method) but it "
     "supports the context manager protocol. Did you mean to use 'with'?"},
};

static bool
type_has(PyTypeObject *type, PyObject *name)
{
    return _PyType_Lookup(type, name) != NULL;
}

static void
special_error(PyThreadState *tstate, PyObject *owner, unsigned which)
{
    PyTypeObject *type = Py_TYPE(owner);
    bool other = which < 2
        ? type_has(type, _Py_ID(__aenter__)) && type_has(type, _Py_ID(__aexit__))
        : type_has(type, _Py_ID(__enter__)) && type_has(type, _Py_ID(__exit__));
    _PyErr_Format(tstate, PyExc_TypeError,
                  other ? special_messages[which].suggestion : special_messages[which].missing, owner);
}

int
op_LOAD_SPECIAL(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    unsigned which = W_C(w) & 3;
    PyObject *owner = value_box_in_place(&frame->regs[W_BI(w)]);
    if (owner == NULL) {
        return -1;
    }
    PyTypeObject *type = Py_TYPE(owner);
    PyObject *method = _PyType_LookupRef(type, special_name(which));
    if (method == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            special_error(tstate, owner, which);
        }
        return -1;
    }
    int is_method = _PyType_HasFeature(Py_TYPE(method), Py_TPFLAGS_METHOD_DESCRIPTOR);
    if (!is_method) {
        descrgetfunc get = Py_TYPE(method)->tp_descr_get;
        if (get != NULL) {
            PyObject *bound = get(method, owner, (PyObject *)type);
            Py_DECREF(method);
            if (bound == NULL) {
                return -1;
            }
            method = bound;
        }
    }
    store_method(frame, w, method, is_method, owner);
    return 0;
}

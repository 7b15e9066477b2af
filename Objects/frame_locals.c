/* Locals of a frame as Python code sees them: the mapping of a class body, or a proxy that reads and writes the registers
   of a function's frame (PEP 667).

   The proxy writes registers of a frame that may be running.  What it overwrites is kept in the frame object until the frame
   has ended, because the instruction that runs may be using it without a count. */
#include "Python.h"
#include "frameobject.h"
#include "pycore_args.h"
#include "pycore_cell.h"
#include "pycore_ceval.h"
#include "pycore_code.h"
#include "pycore_dict.h"
#include "pycore_frame.h"
#include "pycore_long.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_unicodeobject.h"

#define PROXY_FRAME(op) (((PyFrameLocalsProxyObject *)(op))->frame)

static inline int
local_kind(PyCodeObject *co, int i)
{
    return (unsigned char)PyBytes_AS_STRING(co->co_localspluskinds)[i];
}

/* -- Registers as variables -------------------------------------------------------------------------------------------- */

/* The cell of local i, borrowed, or NULL if it is not a cell (yet). */
static PyCellObject *
local_cell(_PyInterpreterFrame *frame, PyCodeObject *co, int i)
{
    if (!(local_kind(co, i) & (CO_FAST_CELL | CO_FAST_FREE))) {
        return NULL;
    }
    PyObject *op = _PyValue_IsObject(frame->regs[i]) ? _PyValue_AsObject(frame->regs[i]) : NULL;
    return op != NULL && PyCell_Check(op) ? (PyCellObject *)op : NULL;
}

PyObject *
_PyFrame_GetLocalValue(_PyInterpreterFrame *frame, int i)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    if (local_kind(co, i) & CO_FAST_FREE && _PyValue_IsDead(frame->regs[i])
        && _PyFrame_GetFunction(frame) != NULL) {
        /* The frame has not copied its closure yet. */
        PyObject *closure = _PyFrame_GetFunction(frame)->func_closure;
        int first = co->co_nlocalsplus - co->co_nfreevars;
        return closure == NULL ? NULL : PyCell_GetRef((PyCellObject *)PyTuple_GET_ITEM(closure, i - first));
    }
    PyCellObject *cell = local_cell(frame, co, i);
    if (cell != NULL) {
        return PyCell_GetRef(cell);
    }
    _PyValue v = frame->regs[i];
    if (_PyValue_IsDead(v)) {
        return NULL;
    }
    return _PyValue_ToNewObject(v);
}

static bool
local_is_visible(PyCodeObject *co, int i)
{
    return !(local_kind(co, i) & CO_FAST_HIDDEN);
}

bool
_PyFrame_HasHiddenLocals(_PyInterpreterFrame *frame)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        if (local_kind(co, i) & CO_FAST_HIDDEN) {
            PyObject *value = _PyFrame_GetLocalValue(frame, i);
            if (value != NULL) {
                Py_DECREF(value);
                return true;
            }
        }
    }
    return false;
}

int
_PyFrame_FastToLocalsWithError(_PyInterpreterFrame *Py_UNUSED(frame))
{
    return 0;
}

PyObject *
_PyFrame_GetLocals(_PyInterpreterFrame *frame)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    if (!(co->co_flags & CO_OPTIMIZED) && !_PyFrame_HasHiddenLocals(frame)) {
        if (frame->locals == NULL) {
            frame->locals = PyDict_New();
            if (frame->locals == NULL) {
                return NULL;
            }
        }
        return Py_NewRef(frame->locals);
    }
    PyFrameObject *f = _PyFrame_GetFrameObject(frame);
    if (f == NULL) {
        return NULL;
    }
    PyFrameLocalsProxyObject *proxy = PyObject_GC_New(PyFrameLocalsProxyObject, &PyFrameLocalsProxy_Type);
    if (proxy == NULL) {
        return NULL;
    }
    proxy->frame = (PyFrameObject *)Py_NewRef(f);
    _PyObject_GC_TRACK((PyObject *)proxy);
    return (PyObject *)proxy;
}

/* -- Finding names --------------------------------------------------------------------------------------------------------- */

/* Number of the visible local called key, -1: none, -2: error (unhashable key). */
static int
find_local(PyFrameObject *f, PyObject *key)
{
    PyCodeObject *co = _PyFrame_GetCode(f->f_frame);
    if (PyObject_Hash(key) == -1) {
        return -2;
    }
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        if (PyTuple_GET_ITEM(co->co_localsplusnames, i) == key && local_is_visible(co, i)) {
            return i;
        }
    }
    if (!PyUnicode_Check(key)) {
        return -1;
    }
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        if (!local_is_visible(co, i)) {
            continue;
        }
        int equal = PyObject_RichCompareBool(PyTuple_GET_ITEM(co->co_localsplusnames, i), key, Py_EQ);
        if (equal != 0) {
            return equal > 0 ? i : -2;
        }
    }
    return -1;
}

/* The value of local or extra name key: 1, 0, -1. */
static int
lookup(PyFrameObject *f, PyObject *key, PyObject **value)
{
    *value = NULL;
    int i = find_local(f, key);
    if (i == -2) {
        return -1;
    }
    if (i >= 0) {
        *value = _PyFrame_GetLocalValue(f->f_frame, i);
        if (*value != NULL) {
            return 1;
        }
        if (PyErr_Occurred()) {
            return -1;
        }
    }
    PyObject *extra = f->f_extra_locals;
    if (extra == NULL) {
        return 0;
    }
    return PyDict_GetItemRef(extra, key, value);
}

/* -- Proxy: mapping ----------------------------------------------------------------------------------------------------------- */

static PyObject *
proxy_getitem(PyObject *self, PyObject *key)
{
    PyObject *value;
    int found = lookup(PROXY_FRAME(self), key, &value);
    if (found == 0) {
        PyErr_Format(PyExc_KeyError, "local variable '%R' is not defined", key);
    }
    return value;
}

static int
set_local(PyFrameObject *f, int i, PyObject *value)
{
    _PyInterpreterFrame *frame = f->f_frame;
    PyCodeObject *co = _PyFrame_GetCode(frame);
    PyCellObject *cell = local_cell(frame, co, i);
    if (cell == NULL && (local_kind(co, i) & CO_FAST_FREE) && _PyFrame_GetFunction(frame) != NULL) {
        PyObject *closure = _PyFrame_GetFunction(frame)->func_closure;
        cell = (PyCellObject *)PyTuple_GET_ITEM(closure, i - (co->co_nlocalsplus - co->co_nfreevars));
    }
    if (cell != NULL) {
        _PyCell_SetTakeRef(cell, Py_NewRef(value));
        return 0;
    }
    _PyValue old = frame->regs[i];
    if (_PyValue_IsOwned(old)) {
        if (f->f_overwritten_fast_locals == NULL) {
            f->f_overwritten_fast_locals = PyList_New(0);
        }
        if (f->f_overwritten_fast_locals == NULL
            || PyList_Append(f->f_overwritten_fast_locals, _PyValue_AsObject(old)) < 0) {
            return -1;
        }
    }
    frame->regs[i] = _PyValue_Steal(Py_NewRef(value));
    _PyValue_Release(old);
    return 0;
}

static int
proxy_setitem_lock_held(PyFrameObject *f, PyObject *key, PyObject *value)
{
    int i = find_local(f, key);
    if (i == -2) {
        return -1;
    }
    if (i >= 0) {
        if (value == NULL) {
            PyErr_SetString(PyExc_ValueError, "cannot remove local variables from FrameLocalsProxy");
            return -1;
        }
        return set_local(f, i, value);
    }
    if (value == NULL) {
        if (f->f_extra_locals == NULL) {
            PyErr_SetObject(PyExc_KeyError, key);
            return -1;
        }
        return PyDict_DelItem(f->f_extra_locals, key);
    }
    if (f->f_extra_locals == NULL) {
        f->f_extra_locals = PyDict_New();
        if (f->f_extra_locals == NULL) {
            return -1;
        }
        if (!_PyObject_GC_IS_TRACKED((PyObject *)f) && f->f_frame_data != NULL) {
            _PyObject_GC_TRACK((PyObject *)f);
        }
    }
    return PyDict_SetItem(f->f_extra_locals, key, value);
}

static int
proxy_setitem(PyObject *self, PyObject *key, PyObject *value)
{
    int status;
    PyFrameObject *f = PROXY_FRAME(self);
    Py_BEGIN_CRITICAL_SECTION(f);
    status = proxy_setitem_lock_held(f, key, value);
    Py_END_CRITICAL_SECTION();
    return status;
}

static int
merge_lock_free(PyObject *self, PyObject *other)
{
    if (!PyDict_Check(other) && !PyFrameLocalsProxy_Check(other)) {
        return -1;
    }
    PyObject *keys = PyMapping_Keys(other);
    if (keys == NULL) {
        return -1;
    }
    PyObject *iter = PyObject_GetIter(keys);
    Py_DECREF(keys);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    int status = 0;
    while (status == 0 && (key = PyIter_Next(iter)) != NULL) {
        PyObject *value = PyObject_GetItem(other, key);
        status = value == NULL ? -1 : proxy_setitem(self, key, value);
        Py_XDECREF(value);
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    return status < 0 || PyErr_Occurred() ? -1 : 0;
}

enum list_of { KEYS, VALUES, ITEMS };

static int
append(PyObject *list, enum list_of what, PyObject *key, PyObject *value)
{
    PyObject *item;
    if (what == ITEMS) {
        item = PyTuple_Pack(2, key, value);
        if (item == NULL) {
            return -1;
        }
    }
    else {
        item = Py_NewRef(what == KEYS ? key : value);
    }
    int status = PyList_Append(list, item);
    Py_DECREF(item);
    return status;
}

static PyObject *
proxy_list(PyObject *self, enum list_of what)
{
    PyFrameObject *f = PROXY_FRAME(self);
    PyCodeObject *co = _PyFrame_GetCode(f->f_frame);
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        if (!local_is_visible(co, i)) {
            continue;
        }
        PyObject *value = _PyFrame_GetLocalValue(f->f_frame, i);
        if (value == NULL) {
            continue;
        }
        int status = append(list, what, PyTuple_GET_ITEM(co->co_localsplusnames, i), value);
        Py_DECREF(value);
        if (status < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    if (f->f_extra_locals != NULL) {
        PyObject *extra = PyDict_Copy(f->f_extra_locals);
        PyObject *key, *value;
        Py_ssize_t pos = 0;
        while (extra != NULL && PyDict_Next(extra, &pos, &key, &value)) {
            if (append(list, what, key, value) < 0) {
                Py_CLEAR(extra);
            }
        }
        if (extra == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        Py_DECREF(extra);
    }
    return list;
}

static PyObject *
proxy_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return proxy_list(self, KEYS);
}

static PyObject *
proxy_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return proxy_list(self, VALUES);
}

static PyObject *
proxy_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return proxy_list(self, ITEMS);
}

static Py_ssize_t
proxy_length(PyObject *self)
{
    PyObject *keys = proxy_list(self, KEYS);
    if (keys == NULL) {
        return -1;
    }
    Py_ssize_t n = PyList_GET_SIZE(keys);
    Py_DECREF(keys);
    return n;
}

static PyObject *
proxy_iter(PyObject *self)
{
    PyObject *keys = proxy_list(self, KEYS);
    PyObject *iter = keys == NULL ? NULL : PyObject_GetIter(keys);
    Py_XDECREF(keys);
    return iter;
}

static int
proxy_contains(PyObject *self, PyObject *key)
{
    PyObject *value;
    int found = lookup(PROXY_FRAME(self), key, &value);
    Py_XDECREF(value);
    return found;
}

static PyObject *
as_dict(PyObject *self)
{
    PyObject *dict = PyDict_New();
    if (dict != NULL && PyDict_Update(dict, self) < 0) {
        Py_CLEAR(dict);
    }
    return dict;
}

/* -- Proxy: methods ---------------------------------------------------------------------------------------------------------- */

static PyObject *
proxy___contains__(PyObject *self, PyObject *key)
{
    int found = proxy_contains(self, key);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

static PyObject *
proxy___getitem__(PyObject *self, PyObject *key)
{
    return proxy_getitem(self, key);
}

static PyObject *
proxy_update(PyObject *self, PyObject *other)
{
    if (merge_lock_free(self, other) < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "update() argument must be dict or another FrameLocalsProxy");
        }
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
proxy___reversed__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *keys = proxy_list(self, KEYS);
    if (keys == NULL || PyList_Reverse(keys) < 0) {
        Py_XDECREF(keys);
        return NULL;
    }
    PyObject *iter = PyObject_GetIter(keys);
    Py_DECREF(keys);
    return iter;
}

static PyObject *
proxy_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return as_dict(self);
}

static PyObject *
proxy_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs < 1 || nargs > 2) {
        PyErr_SetString(PyExc_TypeError, "get expected 1 or 2 arguments");
        return NULL;
    }
    PyObject *value;
    int found = lookup(PROXY_FRAME(self), args[0], &value);
    if (found == 0) {
        value = Py_NewRef(nargs > 1 ? args[1] : Py_None);
    }
    return value;
}

static PyObject *
proxy_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs < 1 || nargs > 2) {
        PyErr_SetString(PyExc_TypeError, "setdefault expected 1 or 2 arguments");
        return NULL;
    }
    PyObject *value;
    int found = lookup(PROXY_FRAME(self), args[0], &value);
    if (found == 0) {
        PyObject *fallback = nargs > 1 ? args[1] : Py_None;
        if (proxy_setitem(self, args[0], fallback) == 0) {
            value = Py_NewRef(fallback);
        }
    }
    return value;
}

static PyObject *
proxy_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("pop", nargs, 1, 2)) {
        return NULL;
    }
    PyFrameObject *f = PROXY_FRAME(self);
    int i = find_local(f, args[0]);
    if (i == -2) {
        return NULL;
    }
    if (i >= 0) {
        PyErr_SetString(PyExc_ValueError, "cannot remove local variables from FrameLocalsProxy");
        return NULL;
    }
    PyObject *value = NULL;
    if (f->f_extra_locals != NULL && PyDict_Pop(f->f_extra_locals, args[0], &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        if (nargs > 1) {
            return Py_NewRef(args[1]);
        }
        PyErr_SetObject(PyExc_KeyError, args[0]);
    }
    return value;
}

static PyMethodDef proxy_methods[] = {
    PY_METHOD(proxy, __contains__, METH_O | METH_COEXIST, "($self, object, /)", "Say whether a variable is bound."),
    PY_METHOD(proxy, __getitem__, METH_O | METH_COEXIST, "($self, object, /)", "Return the value of a variable."),
    PY_METHOD(proxy, update, METH_O, "($self, object, /)", "Set variables from a dict."),
    PY_METHOD(proxy, __reversed__, METH_NOARGS, "($self, /)", "Iterate over the names backwards."),
    PY_METHOD(proxy, copy, METH_NOARGS, "($self, /)", "Return the variables as a dict."),
    PY_METHOD(proxy, keys, METH_NOARGS, "($self, /)", "Return a list of the names."),
    PY_METHOD(proxy, values, METH_NOARGS, "($self, /)", "Return a list of the values."),
    PY_METHOD(proxy, items, METH_NOARGS, "($self, /)", "Return a list of (name, value) pairs."),
    PY_METHOD_NOSIG("get", _PyCFunction_CAST(proxy_get), METH_FASTCALL, "Return a value, or the default."),
    PY_METHOD_NOSIG("pop", _PyCFunction_CAST(proxy_pop), METH_FASTCALL, "Remove a name that is not a local variable."),
    PY_METHOD_NOSIG("setdefault", _PyCFunction_CAST(proxy_setdefault), METH_FASTCALL,
                    "Return a value, setting it to the default first if unbound."),
    {0}
};

/* -- Proxy: the type ----------------------------------------------------------------------------------------------------------- */

static PyObject *
proxy_or(PyObject *a, PyObject *b)
{
    if ((!PyDict_Check(a) && !PyFrameLocalsProxy_Check(a)) || (!PyDict_Check(b) && !PyFrameLocalsProxy_Check(b))) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *dict = as_dict(a);
    if (dict != NULL && PyDict_Update(dict, b) < 0) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
proxy_inplace_or(PyObject *self, PyObject *other)
{
    if (!PyDict_Check(other) && !PyFrameLocalsProxy_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (merge_lock_free(self, other) < 0) {
        return NULL;
    }
    return Py_NewRef(self);
}

static PyObject *
proxy_richcompare(PyObject *a, PyObject *b, int op)
{
    if (PyFrameLocalsProxy_Check(b)) {
        bool same = PROXY_FRAME(a) == PROXY_FRAME(b);
        if (op == Py_EQ) {
            return PyBool_FromLong(same);
        }
        if (op == Py_NE) {
            return PyBool_FromLong(!same);
        }
    }
    else if (PyDict_Check(b)) {
        PyObject *dict = as_dict(a);
        PyObject *result = dict == NULL ? NULL : PyObject_RichCompare(dict, b, op);
        Py_XDECREF(dict);
        return result;
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
proxy_repr(PyObject *self)
{
    int again = Py_ReprEnter((PyObject *)PROXY_FRAME(self));
    if (again != 0) {
        return again > 0 ? PyUnicode_FromString("{...}") : NULL;
    }
    PyObject *dict = as_dict(self);
    PyObject *result = dict == NULL ? NULL : PyObject_Repr(dict);
    Py_XDECREF(dict);
    Py_ReprLeave((PyObject *)PROXY_FRAME(self));
    return result;
}

static PyObject *
proxy_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) != 1) {
        PyErr_Format(PyExc_TypeError, "FrameLocalsProxy expected 1 argument, got %zd", PyTuple_GET_SIZE(args));
        return NULL;
    }
    PyObject *f = PyTuple_GET_ITEM(args, 0);
    if (!PyFrame_Check(f)) {
        PyErr_Format(PyExc_TypeError, "expect frame, not %T", f);
        return NULL;
    }
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
        PyErr_SetString(PyExc_TypeError, "FrameLocalsProxy takes no keyword arguments");
        return NULL;
    }
    PyFrameLocalsProxyObject *self = (PyFrameLocalsProxyObject *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->frame = (PyFrameObject *)Py_NewRef(f);
    }
    return (PyObject *)self;
}

static void
proxy_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(PROXY_FRAME(self));
    PyObject_GC_Del(self);
}

static int
proxy_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(PROXY_FRAME(self));
    return 0;
}

static int
proxy_clear(PyObject *self)
{
    Py_CLEAR(PROXY_FRAME(self));
    return 0;
}

static PyNumberMethods proxy_as_number = {
    .nb_or = proxy_or,
    .nb_inplace_or = proxy_inplace_or,
};

static PySequenceMethods proxy_as_sequence = {
    .sq_contains = proxy_contains,
};

static PyMappingMethods proxy_as_mapping = {
    .mp_length = proxy_length,
    .mp_subscript = proxy_getitem,
    .mp_ass_subscript = proxy_setitem,
};

PyTypeObject PyFrameLocalsProxy_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "FrameLocalsProxy",
    .tp_basicsize = sizeof(PyFrameLocalsProxyObject),
    .tp_dealloc = proxy_dealloc,
    .tp_repr = proxy_repr,
    .tp_as_number = &proxy_as_number,
    .tp_as_sequence = &proxy_as_sequence,
    .tp_as_mapping = &proxy_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING,
    .tp_traverse = proxy_traverse,
    .tp_clear = proxy_clear,
    .tp_richcompare = proxy_richcompare,
    .tp_iter = proxy_iter,
    .tp_methods = proxy_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = proxy_new,
    .tp_free = PyObject_GC_Del,
    .tp_doc = "The local variables of a frame; writing to it changes them.",
};

/* -- C API: one variable, all variables ------------------------------------------------------------------------------------- */

PyObject *
PyFrame_GetVar(PyFrameObject *f, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "name must be str, not %s", Py_TYPE(name)->tp_name);
        return NULL;
    }
    _PyInterpreterFrame *frame = f->f_frame;
    PyCodeObject *co = _PyFrame_GetCode(frame);
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        if (!_PyUnicode_Equal(PyTuple_GET_ITEM(co->co_localsplusnames, i), name)) {
            continue;
        }
        PyObject *value = _PyFrame_GetLocalValue(frame, i);
        if (value != NULL || PyErr_Occurred()) {
            return value;
        }
        break;
    }
    PyErr_Format(PyExc_NameError, "variable %R does not exist", name);
    return NULL;
}

PyObject *
PyFrame_GetVarString(PyFrameObject *f, const char *name)
{
    PyObject *str = PyUnicode_FromString(name);
    PyObject *value = str == NULL ? NULL : PyFrame_GetVar(f, str);
    Py_XDECREF(str);
    return value;
}

/* -- super() ------------------------------------------------------------------------------------------------------------------ */

static PyObject *
super_class(_PyInterpreterFrame *frame, PyCodeObject *co)
{
    for (int i = co->co_nlocalsplus - co->co_nfreevars; i < co->co_nlocalsplus; i++) {
        if (!_PyUnicode_Equal(PyTuple_GET_ITEM(co->co_localsplusnames, i), _Py_ID(__class__))) {
            continue;
        }
        PyObject *cell = _PyValue_IsObject(frame->regs[i]) ? _PyValue_AsObject(frame->regs[i]) : NULL;
        if (cell == NULL || !PyCell_Check(cell)) {
            PyErr_SetString(PyExc_RuntimeError, "super(): bad __class__ cell");
            return NULL;
        }
        PyObject *type = PyCell_GetRef((PyCellObject *)cell);
        if (type == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "super(): empty __class__ cell");
        }
        else if (!PyType_Check(type)) {
            PyErr_Format(PyExc_RuntimeError, "super(): __class__ is not a type (%s)", Py_TYPE(type)->tp_name);
            Py_CLEAR(type);
        }
        return type;
    }
    PyErr_SetString(PyExc_RuntimeError, "super(): __class__ cell not found");
    return NULL;
}

int
_PyFrame_GetSuperArgs(PyObject **cls, PyObject **first)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    if (frame == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "super(): no current frame");
        return -1;
    }
    PyCodeObject *co = _PyFrame_GetCode(frame);
    if (co->co_argcount == 0) {
        PyErr_SetString(PyExc_RuntimeError, "super(): no arguments");
        return -1;
    }
    *first = _PyFrame_GetLocalValue(frame, 0);
    if (*first == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "super(): arg[0] deleted");
        }
        return -1;
    }
    *cls = super_class(frame, co);
    if (*cls == NULL) {
        Py_CLEAR(*first);
        return -1;
    }
    return 0;
}

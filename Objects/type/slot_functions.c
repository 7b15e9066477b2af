/* Slots of classes written in Python: each looks its special method up and calls it.

   A class that defines no such method has the slot of its base instead (slots.c), so a function here normally
   finds one; it may have been deleted meanwhile, and then NotImplemented or an AttributeError is the answer. */
#include "slot_functions.h"
#include "pycore_abstract.h"
#include "pycore_call.h"             // _PyObject_VectorcallTstate
#include "pycore_long.h"             // _PyLong_GetZero

/* -- Looking up and calling -------------------------------------------------------------------------------------- */

/* The method for self: new reference, NULL without an exception if there is none.  *unbound: to be called with
   self first. */
static PyObject *
lookup_maybe_method(PyObject *self, PyObject *attr, int *unbound)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *res = _PyType_LookupRef(type, attr);
    if (res == NULL) {
        return NULL;
    }
    if (_PyType_HasFeature(Py_TYPE(res), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        *unbound = 1;
        return res;
    }
    *unbound = 0;
    descrgetfunc get = Py_TYPE(res)->tp_descr_get;
    if (get != NULL) {
        Py_SETREF(res, get(res, self, (PyObject *)type));
    }
    return res;
}

static PyObject *
lookup_method(PyObject *self, PyObject *attr, int *unbound)
{
    PyObject *res = lookup_maybe_method(self, attr, unbound);
    if (res == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_AttributeError, attr);
    }
    return res;
}

/* args[0] is self. */
static inline PyObject *
vectorcall_unbound(PyThreadState *tstate, int unbound, PyObject *func, PyObject *const *args, Py_ssize_t nargs)
{
    size_t nargsf = (size_t)nargs;
    if (!unbound) {
        args++;
        nargsf = nargsf - 1 + PY_VECTORCALL_ARGUMENTS_OFFSET;
    }
    return _PyObject_VectorcallTstate(tstate, func, args, nargsf, NULL);
}

static PyObject *
call_unbound_noarg(int unbound, PyObject *func, PyObject *self)
{
    return unbound ? PyObject_CallOneArg(func, self) : _PyObject_CallNoArgs(func);
}

/* self.name(*args[1:]), AttributeError if missing. */
static PyObject *
vectorcall_method(PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    int unbound;
    PyObject *func = lookup_method(args[0], name, &unbound);
    if (func == NULL) {
        return NULL;
    }
    PyObject *retval = vectorcall_unbound(_PyThreadState_GET(), unbound, func, args, nargs);
    Py_DECREF(func);
    return retval;
}

/* The same, NotImplemented if missing. */
static PyObject *
vectorcall_maybe(PyThreadState *tstate, PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    int unbound;
    PyObject *func = lookup_maybe_method(args[0], name, &unbound);
    if (func == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_NotImplemented);
    }
    PyObject *retval = vectorcall_unbound(tstate, unbound, func, args, nargs);
    Py_DECREF(func);
    return retval;
}

/* -- Numbers ---------------------------------------------------------------------------------------------------- */

/* Does right's class define the method itself, and not just inherit left's? */
static int
method_is_overloaded(PyObject *left, PyObject *right, PyObject *name)
{
    PyObject *a, *b;
    if (PyObject_GetOptionalAttr((PyObject *)Py_TYPE(right), name, &b) < 0) {
        return -1;
    }
    if (b == NULL) {
        return 0;
    }
    if (PyObject_GetOptionalAttr((PyObject *)Py_TYPE(left), name, &a) < 0) {
        Py_DECREF(b);
        return -1;
    }
    if (a == NULL) {
        Py_DECREF(b);
        return 1;
    }
    int ok = PyObject_RichCompareBool(a, b, Py_NE);
    Py_DECREF(a);
    Py_DECREF(b);
    return ok;
}

/* self OP other[, modulus]: one of the two has slot function this_slot at the offset. */
static PyObject *
call_operator(PyObject *self, PyObject *other, PyObject *modulus, size_t offset, void *this_slot, PyObject *op,
              PyObject *rop)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyNumberMethods *nb_self = Py_TYPE(self)->tp_as_number;
    PyNumberMethods *nb_other = Py_TYPE(other)->tp_as_number;
    Py_ssize_t nargs = modulus == NULL ? 2 : 3;
    PyObject *straight[3] = {self, other, modulus};
    PyObject *reflected[3] = {other, self, modulus};
    int do_other = !Py_IS_TYPE(self, Py_TYPE(other)) && nb_other != NULL
                   && *(void **)((char *)nb_other + offset) == this_slot;
    if (nb_self != NULL && *(void **)((char *)nb_self + offset) == this_slot) {
        PyObject *r;
        if (do_other && PyType_IsSubtype(Py_TYPE(other), Py_TYPE(self))) {
            int ok = method_is_overloaded(self, other, rop);
            if (ok < 0) {
                return NULL;
            }
            if (ok) {
                r = vectorcall_maybe(tstate, rop, reflected, nargs);
                if (r != Py_NotImplemented) {
                    return r;
                }
                Py_DECREF(r);
                do_other = 0;
            }
        }
        r = vectorcall_maybe(tstate, op, straight, nargs);
        if (r != Py_NotImplemented || Py_IS_TYPE(other, Py_TYPE(self))) {
            return r;
        }
        Py_DECREF(r);
    }
    if (do_other) {
        return vectorcall_maybe(tstate, rop, reflected, nargs);
    }
    return Py_NewRef(Py_NotImplemented);
}

#define DEFINE_BINARY(name, op, rop)                                                                       \
    PyObject *slot_##name(PyObject *self, PyObject *other)                                                 \
    {                                                                                                      \
        return call_operator(self, other, NULL, offsetof(PyNumberMethods, name), (void *)slot_##name,      \
                             _Py_ID(op), _Py_ID(rop));                                                     \
    }
BINARY_SLOTS(DEFINE_BINARY)

#define DEFINE_INPLACE(name, op)                                                                           \
    PyObject *slot_##name(PyObject *self, PyObject *arg)                                                   \
    {                                                                                                      \
        PyObject *stack[2] = {self, arg};                                                                  \
        return vectorcall_method(_Py_ID(op), stack, 2);                                                    \
    }
INPLACE_SLOTS(DEFINE_INPLACE)

PyObject *
slot_nb_power(PyObject *self, PyObject *other, PyObject *modulus)
{
    return call_operator(self, other, modulus == Py_None ? NULL : modulus, offsetof(PyNumberMethods, nb_power),
                         (void *)slot_nb_power, _Py_ID(__pow__), _Py_ID(__rpow__));
}

PyObject *
slot_nb_inplace_power(PyObject *self, PyObject *arg, PyObject *Py_UNUSED(modulus))
{
    PyObject *stack[2] = {self, arg};
    return vectorcall_method(_Py_ID(__ipow__), stack, 2);
}

#define DEFINE_NOARG(function, op)                                                                         \
    PyObject *function(PyObject *self)                                                                     \
    {                                                                                                      \
        return vectorcall_method(_Py_ID(op), &self, 1);                                                    \
    }
DEFINE_NOARG(slot_nb_negative, __neg__)
DEFINE_NOARG(slot_nb_positive, __pos__)
DEFINE_NOARG(slot_nb_absolute, __abs__)
DEFINE_NOARG(slot_nb_invert, __invert__)
DEFINE_NOARG(slot_nb_int, __int__)
DEFINE_NOARG(slot_nb_float, __float__)
DEFINE_NOARG(slot_nb_index, __index__)

int
slot_nb_bool(PyObject *self)
{
    int using_len = 0, unbound;
    PyObject *func = lookup_maybe_method(self, _Py_ID(__bool__), &unbound);
    if (func == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        func = lookup_maybe_method(self, _Py_ID(__len__), &unbound);
        if (func == NULL) {
            return PyErr_Occurred() ? -1 : 1;
        }
        using_len = 1;
    }
    PyObject *value = call_unbound_noarg(unbound, func, self);
    Py_DECREF(func);
    if (value == NULL) {
        return -1;
    }
    int result;
    if (using_len) {
        result = PyObject_IsTrue(value);      /* the checks of len() are not made: an empty answer is false */
    }
    else if (PyBool_Check(value)) {
        result = PyObject_IsTrue(value);
    }
    else {
        PyErr_Format(PyExc_TypeError, "__bool__ should return bool, returned %s", Py_TYPE(value)->tp_name);
        result = -1;
    }
    Py_DECREF(value);
    return result;
}

/* -- Containers --------------------------------------------------------------------------------------------------- */

Py_ssize_t
slot_sq_length(PyObject *self)
{
    PyObject *res = vectorcall_method(_Py_ID(__len__), &self, 1);
    if (res == NULL) {
        return -1;
    }
    Py_SETREF(res, _PyNumber_Index(res));
    if (res == NULL) {
        return -1;
    }
    assert(PyLong_Check(res));
    Py_ssize_t len = PyNumber_AsSsize_t(res, PyExc_OverflowError);
    int negative = (len == -1 && PyErr_Occurred()) ? PyObject_RichCompareBool(res, _PyLong_GetZero(), Py_LT) : len < 0;
    Py_DECREF(res);
    if (negative > 0) {
        PyErr_SetString(PyExc_ValueError, "__len__() should return >= 0");
        return -1;
    }
    return len;
}

PyObject *
slot_sq_item(PyObject *self, Py_ssize_t i)
{
    PyObject *ival = PyLong_FromSsize_t(i);
    if (ival == NULL) {
        return NULL;
    }
    PyObject *stack[2] = {self, ival};
    PyObject *retval = vectorcall_method(_Py_ID(__getitem__), stack, 2);
    Py_DECREF(ival);
    return retval;
}

int
slot_mp_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *stack[3] = {self, key, value};
    PyObject *res = value == NULL ? vectorcall_method(_Py_ID(__delitem__), stack, 2)
                                  : vectorcall_method(_Py_ID(__setitem__), stack, 3);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

int
slot_sq_ass_item(PyObject *self, Py_ssize_t index, PyObject *value)
{
    PyObject *ival = PyLong_FromSsize_t(index);
    if (ival == NULL) {
        return -1;
    }
    int res = slot_mp_ass_subscript(self, ival, value);
    Py_DECREF(ival);
    return res;
}

PyObject *
slot_mp_subscript(PyObject *self, PyObject *arg)
{
    PyObject *stack[2] = {self, arg};
    return vectorcall_method(_Py_ID(__getitem__), stack, 2);
}

int
slot_sq_contains(PyObject *self, PyObject *value)
{
    int unbound;
    PyObject *func = lookup_maybe_method(self, _Py_ID(__contains__), &unbound);
    if (func == Py_None) {
        Py_DECREF(func);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not a container", Py_TYPE(self)->tp_name);
        return -1;
    }
    if (func == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        return (int)_PySequence_IterSearch(self, value, PY_ITERSEARCH_CONTAINS);
    }
    PyObject *args[2] = {self, value};
    PyObject *res = vectorcall_unbound(_PyThreadState_GET(), unbound, func, args, 2);
    Py_DECREF(func);
    if (res == NULL) {
        return -1;
    }
    int result = PyObject_IsTrue(res);
    Py_DECREF(res);
    return result;
}

/* -- Text, hash, comparison ----------------------------------------------------------------------------------------- */

PyObject *
slot_tp_repr(PyObject *self)
{
    int unbound;
    PyObject *func = lookup_maybe_method(self, _Py_ID(__repr__), &unbound);
    if (func != NULL) {
        PyObject *res = call_unbound_noarg(unbound, func, self);
        Py_DECREF(func);
        return res;
    }
    PyErr_Clear();
    return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(self)->tp_name, self);
}

DEFINE_NOARG(slot_tp_str, __str__)

Py_hash_t
slot_tp_hash(PyObject *self)
{
    int unbound;
    PyObject *func = lookup_maybe_method(self, _Py_ID(__hash__), &unbound);
    if (func == Py_None) {
        Py_SETREF(func, NULL);
    }
    if (func == NULL) {
        return PyErr_Occurred() ? -1 : PyObject_HashNotImplemented(self);
    }
    PyObject *res = call_unbound_noarg(unbound, func, self);
    Py_DECREF(func);
    if (res == NULL) {
        return -1;
    }
    if (!PyLong_Check(res)) {
        PyErr_SetString(PyExc_TypeError, "__hash__ method should return an integer");
        Py_DECREF(res);
        return -1;
    }
    /* An int too large for a hash value is hashed itself. */
    Py_hash_t h = PyLong_AsSsize_t(res);
    if (h == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        h = PyLong_Type.tp_hash(res);
    }
    Py_DECREF(res);
    return h == -1 ? -2 : h;      /* -1 means failure */
}

PyObject *
slot_tp_richcompare(PyObject *self, PyObject *other, int op)
{
    PyObject *name;
    switch (op) {
    case Py_LT: name = _Py_ID(__lt__); break;
    case Py_LE: name = _Py_ID(__le__); break;
    case Py_EQ: name = _Py_ID(__eq__); break;
    case Py_NE: name = _Py_ID(__ne__); break;
    case Py_GT: name = _Py_ID(__gt__); break;
    default: name = _Py_ID(__ge__); break;
    }
    PyObject *stack[2] = {self, other};
    return vectorcall_maybe(_PyThreadState_GET(), name, stack, 2);
}

/* -- Calls, construction --------------------------------------------------------------------------------------------- */

PyObject *
slot_tp_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int unbound;
    PyObject *meth = lookup_method(self, _Py_ID(__call__), &unbound);
    if (meth == NULL) {
        return NULL;
    }
    PyObject *res = unbound ? _PyObject_Call_Prepend(tstate, meth, self, args, kwds)
                            : _PyObject_Call(tstate, meth, args, kwds);
    Py_DECREF(meth);
    return res;
}

int
slot_tp_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int unbound;
    PyObject *meth = lookup_method(self, _Py_ID(__init__), &unbound);
    if (meth == NULL) {
        return -1;
    }
    PyObject *res = unbound ? _PyObject_Call_Prepend(tstate, meth, self, args, kwds)
                            : _PyObject_Call(tstate, meth, args, kwds);
    Py_DECREF(meth);
    if (res == NULL) {
        return -1;
    }
    if (res != Py_None) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'", Py_TYPE(res)->tp_name);
        Py_DECREF(res);
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

PyObject *
slot_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *func = PyObject_GetAttr((PyObject *)type, _Py_ID(__new__));
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = _PyObject_Call_Prepend(_PyThreadState_GET(), func, (PyObject *)type, args, kwds);
    Py_DECREF(func);
    return result;
}

void
slot_tp_finalize(PyObject *self)
{
    /* The exception that is in flight is none of __del__'s business. */
    PyObject *exc = PyErr_GetRaisedException();
    int unbound;
    PyObject *del = lookup_maybe_method(self, _Py_ID(__del__), &unbound);
    if (del != NULL) {
        PyObject *res = call_unbound_noarg(unbound, del, self);
        if (res == NULL) {
            PyErr_FormatUnraisable("Exception ignored while calling deallocator %R", del);
        }
        else {
            Py_DECREF(res);
        }
        Py_DECREF(del);
    }
    else if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(self);
    }
    PyErr_SetRaisedException(exc);
}

/* -- Attributes ------------------------------------------------------------------------------------------------------- */

/* A class with __getattribute__ only. */
PyObject *
_Py_slot_tp_getattro(PyObject *self, PyObject *name)
{
    PyObject *stack[2] = {self, name};
    return vectorcall_method(_Py_ID(__getattribute__), stack, 2);
}

static PyObject *
call_attribute(PyObject *self, PyObject *attr, PyObject *name)
{
    PyObject *descr = NULL;
    if (_PyType_HasFeature(Py_TYPE(attr), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        PyObject *args[2] = {self, name};
        return PyObject_Vectorcall(attr, args, 2, NULL);
    }
    descrgetfunc f = Py_TYPE(attr)->tp_descr_get;
    if (f != NULL) {
        descr = f(attr, self, (PyObject *)Py_TYPE(self));
        if (descr == NULL) {
            return NULL;
        }
        attr = descr;
    }
    PyObject *res = PyObject_CallOneArg(attr, name);
    Py_XDECREF(descr);
    return res;
}

/* A class with __getattr__ or __getattribute__.  The former is called when the ordinary way finds nothing. */
PyObject *
_Py_slot_tp_getattr_hook(PyObject *self, PyObject *name)
{
    PyTypeObject *tp = Py_TYPE(self);
    PyObject *getattr = _PyType_LookupRef(tp, _Py_ID(__getattr__));
    if (getattr == NULL) {
        /* No hook: use the simpler slot from now on. */
        if (tp->tp_getattro == _Py_slot_tp_getattr_hook) {
            FT_ATOMIC_STORE_PTR_RELAXED(tp->tp_getattro, _Py_slot_tp_getattro);
        }
        return _Py_slot_tp_getattro(self, name);
    }
    /* object.__getattribute__ is called straight; it need not make an AttributeError that nobody sees. */
    PyObject *res;
    PyObject *getattribute = _PyType_LookupRef(tp, _Py_ID(__getattribute__));
    if (getattribute == NULL
        || (Py_IS_TYPE(getattribute, &PyWrapperDescr_Type)
            && ((PyWrapperDescrObject *)getattribute)->d_wrapped == (void *)PyObject_GenericGetAttr)) {
        Py_XDECREF(getattribute);
        res = _PyObject_GenericGetAttrWithDict(self, name, NULL, 1);
        if (res == NULL && !PyErr_Occurred()) {
            res = call_attribute(self, getattr, name);
        }
    }
    else {
        res = call_attribute(self, getattribute, name);
        Py_DECREF(getattribute);
        if (res == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            res = call_attribute(self, getattr, name);
        }
    }
    Py_DECREF(getattr);
    return res;
}

int
slot_tp_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *stack[3] = {self, name, value};
    PyObject *res = value == NULL ? vectorcall_method(_Py_ID(__delattr__), stack, 2)
                                  : vectorcall_method(_Py_ID(__setattr__), stack, 3);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

PyObject *
slot_tp_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyTypeObject *tp = Py_TYPE(self);
    PyObject *get = _PyType_LookupRef(tp, _Py_ID(__get__));
    if (get == NULL) {
        if (tp->tp_descr_get == slot_tp_descr_get) {
            FT_ATOMIC_STORE_PTR_RELAXED(tp->tp_descr_get, NULL);     /* it was deleted */
        }
        return Py_NewRef(self);
    }
    PyObject *stack[3] = {self, obj == NULL ? Py_None : obj, type == NULL ? Py_None : type};
    PyObject *res = PyObject_Vectorcall(get, stack, 3, NULL);
    Py_DECREF(get);
    return res;
}

int
slot_tp_descr_set(PyObject *self, PyObject *target, PyObject *value)
{
    PyObject *stack[3] = {self, target, value};
    PyObject *res = value == NULL ? vectorcall_method(_Py_ID(__delete__), stack, 2)
                                  : vectorcall_method(_Py_ID(__set__), stack, 3);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

/* -- Iteration, coroutines ---------------------------------------------------------------------------------------------- */

PyObject *
slot_tp_iter(PyObject *self)
{
    int unbound;
    PyObject *func = lookup_maybe_method(self, _Py_ID(__iter__), &unbound);
    if (func == Py_None) {
        Py_DECREF(func);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
        return NULL;
    }
    if (func != NULL) {
        PyObject *res = call_unbound_noarg(unbound, func, self);
        Py_DECREF(func);
        return res;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    func = lookup_maybe_method(self, _Py_ID(__getitem__), &unbound);
    if (func == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
        }
        return NULL;
    }
    Py_DECREF(func);
    return PySeqIter_New(self);
}

DEFINE_NOARG(slot_tp_iternext, __next__)

static PyObject *
call_async(PyObject *self, PyObject *name, const char *text)
{
    int unbound;
    PyObject *func = lookup_maybe_method(self, name, &unbound);
    if (func != NULL) {
        PyObject *res = call_unbound_noarg(unbound, func, self);
        Py_DECREF(func);
        return res;
    }
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_AttributeError, "object %.50s does not have %s method", Py_TYPE(self)->tp_name, text);
    }
    return NULL;
}

PyObject *
slot_am_await(PyObject *self)
{
    return call_async(self, _Py_ID(__await__), "__await__");
}

PyObject *
slot_am_aiter(PyObject *self)
{
    return call_async(self, _Py_ID(__aiter__), "__aiter__");
}

PyObject *
slot_am_anext(PyObject *self)
{
    return call_async(self, _Py_ID(__anext__), "__anext__");
}

/* -- Buffers of Python classes -------------------------------------------------------------------------------------------- */

/* self.__release_buffer__(mv); errors cannot be raised. */
static void
call_release_buffer(PyObject *self, PyObject *mv)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *stack[2] = {self, mv};
    PyObject *ret = vectorcall_method(_Py_ID(__release_buffer__), stack, 2);
    if (ret == NULL) {
        PyErr_FormatUnraisable("Exception ignored in __release_buffer__ of %s", Py_TYPE(self)->tp_name);
    }
    else {
        Py_DECREF(ret);
    }
    PyErr_SetRaisedException(exc);
}

/* The exporter of a buffer that __buffer__ provided: keeps the memoryview and its maker. */
typedef struct {
    PyObject_HEAD
    PyObject *mv;
    PyObject *obj;
} bufferwrapper;

static int
bufferwrapper_traverse(PyObject *op, visitproc visit, void *arg)
{
    bufferwrapper *self = (bufferwrapper *)op;
    Py_VISIT(self->mv);
    Py_VISIT(self->obj);
    return 0;
}

static void
bufferwrapper_dealloc(PyObject *op)
{
    bufferwrapper *self = (bufferwrapper *)op;
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(self->mv);
    Py_XDECREF(self->obj);
    Py_TYPE(self)->tp_free(self);
}

static void
bufferwrapper_releasebuf(PyObject *op, Py_buffer *view)
{
    bufferwrapper *self = (bufferwrapper *)op;
    if (self->mv == NULL || self->obj == NULL) {
        return;       /* released already */
    }
    PyObject *mv = self->mv;
    PyObject *obj = self->obj;
    assert(PyMemoryView_Check(mv));
    Py_TYPE(mv)->tp_as_buffer->bf_releasebuffer(mv, view);
    /* A method that C inherited has already been called by the memoryview. */
    if (Py_TYPE(obj)->tp_as_buffer != NULL && Py_TYPE(obj)->tp_as_buffer->bf_releasebuffer == slot_bf_releasebuffer) {
        call_release_buffer(obj, mv);
    }
    self->mv = NULL;
    self->obj = NULL;
    Py_DECREF(mv);
    Py_DECREF(obj);
}

static PyBufferProcs bufferwrapper_as_buffer = {.bf_releasebuffer = bufferwrapper_releasebuf};

PyTypeObject _PyBufferWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_buffer_wrapper",
    .tp_basicsize = sizeof(bufferwrapper),
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
    .tp_traverse = bufferwrapper_traverse,
    .tp_dealloc = bufferwrapper_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_buffer = &bufferwrapper_as_buffer,
};

int
slot_bf_getbuffer(PyObject *self, Py_buffer *buffer, int flags)
{
    PyObject *flags_obj = PyLong_FromLong(flags);
    if (flags_obj == NULL) {
        return -1;
    }
    bufferwrapper *wrapper = NULL;
    PyObject *stack[2] = {self, flags_obj};
    PyObject *ret = vectorcall_method(_Py_ID(__buffer__), stack, 2);
    Py_DECREF(flags_obj);
    if (ret == NULL) {
        return -1;
    }
    if (!PyMemoryView_Check(ret)) {
        PyErr_Format(PyExc_TypeError, "__buffer__ returned non-memoryview object");
        goto fail;
    }
    if (PyObject_GetBuffer(ret, buffer, flags) < 0) {
        goto fail;
    }
    assert(buffer->obj == ret);
    wrapper = PyObject_GC_New(bufferwrapper, &_PyBufferWrapper_Type);
    if (wrapper == NULL) {
        PyBuffer_Release(buffer);
        goto fail;
    }
    wrapper->mv = ret;
    wrapper->obj = Py_NewRef(self);
    _PyObject_GC_TRACK(wrapper);
    /* The view's reference to ret moves into the wrapper; ours goes. */
    buffer->obj = (PyObject *)wrapper;
    Py_DECREF(ret);
    return 0;
fail:
    Py_DECREF(ret);
    return -1;
}

/* The release function that self's class inherited from C, if any. */
static releasebufferproc
inherited_releasebuffer(PyObject *self)
{
    PyTypeObject *self_type = Py_TYPE(self);
    PyObject *mro = type_mro(self_type);
    if (mro == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(mro);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *obj = PyTuple_GET_ITEM(mro, i);
        if (!PyType_Check(obj)) {
            continue;
        }
        PyTypeObject *base_type = (PyTypeObject *)obj;
        if (base_type->tp_as_buffer != NULL && base_type->tp_as_buffer->bf_releasebuffer != NULL
            && base_type->tp_as_buffer->bf_releasebuffer != slot_bf_releasebuffer) {
            return base_type->tp_as_buffer->bf_releasebuffer;
        }
    }
    return NULL;
}

void
slot_bf_releasebuffer(PyObject *self, Py_buffer *buffer)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (buffer->obj != NULL && Py_IS_TYPE(buffer->obj, &_PyBufferWrapper_Type)) {
        /* The memoryview that __buffer__ returned. */
        PyObject *mv = ((bufferwrapper *)buffer->obj)->mv;
        if (mv != NULL) {
            Py_INCREF(mv);
            call_release_buffer(self, mv);
            Py_DECREF(mv);
        }
        goto done;
    }
    /* A C base class made the buffer.  The view lends it to the method and to nobody else. */
    PyObject *mv = PyMemoryView_FromBuffer(buffer);
    if (mv == NULL) {
        PyErr_FormatUnraisable("Exception ignored in bf_releasebuffer of %s", Py_TYPE(self)->tp_name);
        goto done;
    }
    ((PyMemoryViewObject *)mv)->flags |= _Py_MEMORYVIEW_RESTRICTED;
    call_release_buffer(self, mv);
    PyObject *res = PyObject_CallMethodNoArgs(mv, _Py_ID(release));
    if (res == NULL) {
        PyErr_FormatUnraisable("Exception ignored in bf_releasebuffer of %s", Py_TYPE(self)->tp_name);
    }
    else {
        Py_DECREF(res);
    }
    Py_DECREF(mv);
    releasebufferproc base = inherited_releasebuffer(self);
    if (base != NULL) {
        base(self, buffer);
    }
done:
    PyErr_SetRaisedException(exc);
}

/* Object protocol: size, items, format, iteration, isinstance() and issubclass(). */
#include "Python.h"
#include "pycore_abstract.h"
#include "pycore_call.h"             // _PyObject_CallNoArgs
#include "pycore_genobject.h"        // _PyGen_FetchStopIterationValue
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_recursion.h"        // _Py_EnterRecursiveCallTstate
#include "pycore_typeobject.h"
#include "pycore_unionobject.h"      // _PyUnion_Check

static PyObject *
type_error(const char *msg, PyObject *obj)
{
    PyErr_Format(PyExc_TypeError, msg, Py_TYPE(obj)->tp_name);
    return NULL;
}

static PyObject *
null_error(void)
{
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    }
    return NULL;
}

/* -- Type and size ------------------------------------------------------------------------------------ */

PyObject *
PyObject_Type(PyObject *o)
{
    return o == NULL ? null_error() : Py_NewRef((PyObject *)Py_TYPE(o));
}

Py_ssize_t
PyObject_Size(PyObject *o)
{
    if (o == NULL) {
        null_error();
        return -1;
    }
    PySequenceMethods *m = Py_TYPE(o)->tp_as_sequence;
    if (m != NULL && m->sq_length != NULL) {
        Py_ssize_t len = m->sq_length(o);
        assert(len >= 0 || PyErr_Occurred());
        return len;
    }
    PyMappingMethods *mp = Py_TYPE(o)->tp_as_mapping;
    if (mp != NULL && mp->mp_length != NULL) {
        Py_ssize_t len = mp->mp_length(o);
        assert(len >= 0 || PyErr_Occurred());
        return len;
    }
    type_error("object of type '%.200s' has no len()", o);
    return -1;
}

#undef PyObject_Length
Py_ssize_t
PyObject_Length(PyObject *o)
{
    return PyObject_Size(o);
}

int
_PyObject_HasLen(PyObject *o)
{
    return (Py_TYPE(o)->tp_as_sequence != NULL && Py_TYPE(o)->tp_as_sequence->sq_length != NULL)
           || (Py_TYPE(o)->tp_as_mapping != NULL && Py_TYPE(o)->tp_as_mapping->mp_length != NULL);
}

Py_ssize_t
PyObject_LengthHint(PyObject *o, Py_ssize_t defaultvalue)
{
    if (_PyObject_HasLen(o)) {
        Py_ssize_t res = PyObject_Size(o);
        if (res >= 0) {
            return res;
        }
        assert(PyErr_Occurred());
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
        PyErr_Clear();
    }
    PyObject *hint = _PyObject_LookupSpecial(o, _Py_ID(__length_hint__));
    if (hint == NULL) {
        return PyErr_Occurred() ? -1 : defaultvalue;
    }
    PyObject *result = _PyObject_CallNoArgs(hint);
    Py_DECREF(hint);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Clear();
            return defaultvalue;
        }
        return -1;
    }
    if (result == Py_NotImplemented) {
        Py_DECREF(result);
        return defaultvalue;
    }
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__length_hint__ must be an integer, not %.100s", Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return -1;
    }
    Py_ssize_t m = PyLong_AsSsize_t(result);
    Py_DECREF(result);
    if (m < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "__length_hint__() should return >= 0");
        }
        return -1;
    }
    return m;
}

/* -- Items -------------------------------------------------------------------------------------------- */

/* cls[key] for a class whose metaclass does not define __getitem__. */
static PyObject *
class_getitem(PyObject *cls, PyObject *key)
{
    if ((PyTypeObject *)cls == &PyType_Type) {
        return Py_GenericAlias(cls, key);       /* type[int] */
    }
    PyObject *meth;
    if (PyObject_GetOptionalAttr(cls, _Py_ID(__class_getitem__), &meth) < 0) {
        return NULL;
    }
    if (meth != NULL && meth != Py_None) {
        PyObject *result = PyObject_CallOneArg(meth, key);
        Py_DECREF(meth);
        return result;
    }
    Py_XDECREF(meth);
    PyErr_Format(PyExc_TypeError, "type '%.200s' is not subscriptable", ((PyTypeObject *)cls)->tp_name);
    return NULL;
}

PyObject *
PyObject_GetItem(PyObject *o, PyObject *key)
{
    if (o == NULL || key == NULL) {
        return null_error();
    }
    PyMappingMethods *m = Py_TYPE(o)->tp_as_mapping;
    if (m != NULL && m->mp_subscript != NULL) {
        PyObject *item = m->mp_subscript(o, key);
        assert(item != NULL || PyErr_Occurred());
        return item;
    }
    PySequenceMethods *ms = Py_TYPE(o)->tp_as_sequence;
    if (ms != NULL && ms->sq_item != NULL) {
        if (_PyIndex_Check(key)) {
            Py_ssize_t key_value = PyNumber_AsSsize_t(key, PyExc_IndexError);
            if (key_value == -1 && PyErr_Occurred()) {
                return NULL;
            }
            return PySequence_GetItem(o, key_value);
        }
        return type_error("sequence index must be integer, not '%.200s'", key);
    }
    if (PyType_Check(o)) {
        return class_getitem(o, key);
    }
    return type_error("'%.200s' object is not subscriptable", o);
}

/* value NULL deletes. */
static int
object_assign_item(PyObject *o, PyObject *key, PyObject *value, const char *msg)
{
    if (o == NULL || key == NULL) {
        null_error();
        return -1;
    }
    PyMappingMethods *m = Py_TYPE(o)->tp_as_mapping;
    if (m != NULL && m->mp_ass_subscript != NULL) {
        return m->mp_ass_subscript(o, key, value);
    }
    if (Py_TYPE(o)->tp_as_sequence != NULL) {
        if (_PyIndex_Check(key)) {
            Py_ssize_t key_value = PyNumber_AsSsize_t(key, PyExc_IndexError);
            if (key_value == -1 && PyErr_Occurred()) {
                return -1;
            }
            return value == NULL ? PySequence_DelItem(o, key_value) : PySequence_SetItem(o, key_value, value);
        }
        if (Py_TYPE(o)->tp_as_sequence->sq_ass_item != NULL) {
            type_error("sequence index must be integer, not '%.200s'", key);
            return -1;
        }
    }
    type_error(msg, o);
    return -1;
}

int
PyObject_SetItem(PyObject *o, PyObject *key, PyObject *value)
{
    if (value == NULL) {
        null_error();
        return -1;
    }
    return object_assign_item(o, key, value, "'%.200s' object does not support item assignment");
}

int
PyObject_DelItem(PyObject *o, PyObject *key)
{
    return object_assign_item(o, key, NULL, "'%.200s' object does not support item deletion");
}

int
PyObject_DelItemString(PyObject *o, const char *key)
{
    if (o == NULL || key == NULL) {
        null_error();
        return -1;
    }
    PyObject *okey = PyUnicode_FromString(key);
    if (okey == NULL) {
        return -1;
    }
    int ret = PyObject_DelItem(o, okey);
    Py_DECREF(okey);
    return ret;
}

/* -- Format ------------------------------------------------------------------------------------------- */

PyObject *
PyObject_Format(PyObject *obj, PyObject *format_spec)
{
    if (format_spec != NULL && !PyUnicode_Check(format_spec)) {
        PyErr_Format(PyExc_SystemError, "Format specifier must be a string, not %.200s",
                     Py_TYPE(format_spec)->tp_name);
        return NULL;
    }
    /* An empty specification of an exact str or int: its text. */
    if (format_spec == NULL || PyUnicode_GET_LENGTH(format_spec) == 0) {
        if (PyUnicode_CheckExact(obj)) {
            return Py_NewRef(obj);
        }
        if (PyLong_CheckExact(obj)) {
            return PyObject_Str(obj);
        }
    }
    PyObject *spec = format_spec == NULL ? Py_GetConstant(Py_CONSTANT_EMPTY_STR) : Py_NewRef(format_spec);
    PyObject *result = NULL;
    PyObject *meth = _PyObject_LookupSpecial(obj, _Py_ID(__format__));
    if (meth == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "Type %.100s doesn't define __format__", Py_TYPE(obj)->tp_name);
        }
        goto done;
    }
    result = PyObject_CallOneArg(meth, spec);
    Py_DECREF(meth);
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__format__ must return a str, not %.200s", Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
done:
    Py_DECREF(spec);
    return result;
}

/* -- Iteration ---------------------------------------------------------------------------------------- */

int
PyIter_Check(PyObject *obj)
{
    PyTypeObject *tp = Py_TYPE(obj);
    return tp->tp_iternext != NULL && tp->tp_iternext != &_PyObject_NextNotImplemented;
}

int
PyAIter_Check(PyObject *obj)
{
    PyTypeObject *tp = Py_TYPE(obj);
    return tp->tp_as_async != NULL && tp->tp_as_async->am_anext != NULL
           && tp->tp_as_async->am_anext != &_PyObject_NextNotImplemented;
}

PyObject *
PyObject_GetIter(PyObject *o)
{
    getiterfunc f = Py_TYPE(o)->tp_iter;
    if (f == NULL) {
        if (PySequence_Check(o)) {
            return PySeqIter_New(o);
        }
        return type_error("'%.200s' object is not iterable", o);
    }
    PyObject *res = (*f)(o);
    if (res != NULL && !PyIter_Check(res)) {
        PyErr_Format(PyExc_TypeError, "iter() returned non-iterator of type '%.100s'", Py_TYPE(res)->tp_name);
        Py_SETREF(res, NULL);
    }
    return res;
}

PyObject *
PyObject_GetAIter(PyObject *o)
{
    PyTypeObject *t = Py_TYPE(o);
    if (t->tp_as_async == NULL || t->tp_as_async->am_aiter == NULL) {
        return type_error("'%.200s' object is not an async iterable", o);
    }
    PyObject *it = (*t->tp_as_async->am_aiter)(o);
    if (it != NULL && !PyAIter_Check(it)) {
        PyErr_Format(PyExc_TypeError, "aiter() returned not an async iterator of type '%.100s'",
                     Py_TYPE(it)->tp_name);
        Py_SETREF(it, NULL);
    }
    return it;
}

/* 1: *item is new; 0: exhausted; -1: error.  StopIteration is the end, not an error. */
static inline int
iter_next(PyObject *iter, PyObject **item)
{
    iternextfunc tp_iternext = Py_TYPE(iter)->tp_iternext;
    if ((*item = tp_iternext(iter)) != NULL) {
        return 1;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_PyErr_Occurred(tstate)) {
        return 0;
    }
    if (_PyErr_ExceptionMatches(tstate, PyExc_StopIteration)) {
        _PyErr_Clear(tstate);
        return 0;
    }
    return -1;
}

int
PyIter_NextItem(PyObject *iter, PyObject **item)
{
    assert(iter != NULL && item != NULL);
    if (Py_TYPE(iter)->tp_iternext == NULL) {
        *item = NULL;
        PyErr_Format(PyExc_TypeError, "expected an iterator, got '%T'", iter);
        return -1;
    }
    return iter_next(iter, item);
}

int
_PyIter_NextItem(PyObject *iter, PyObject **item)
{
    return iter_next(iter, item);
}

PyObject *
PyIter_Next(PyObject *iter)
{
    PyObject *item;
    (void)iter_next(iter, &item);
    return item;
}

PySendResult
PyIter_Send(PyObject *iter, PyObject *arg, PyObject **result)
{
    assert(arg != NULL && result != NULL);
    PyAsyncMethods *async = Py_TYPE(iter)->tp_as_async;
    if (async != NULL && async->am_send != NULL) {
        return async->am_send(iter, arg, result);
    }
    if (Py_IsNone(arg) && PyIter_Check(iter)) {
        *result = Py_TYPE(iter)->tp_iternext(iter);
    }
    else {
        *result = PyObject_CallMethodOneArg(iter, _Py_ID(send), arg);
    }
    if (*result != NULL) {
        return PYGEN_NEXT;
    }
    return _PyGen_FetchStopIterationValue(result) == 0 ? PYGEN_RETURN : PYGEN_ERROR;
}

/* -- isinstance() and issubclass() -------------------------------------------------------------------- */

/* cls.__bases__ if it is a tuple: new reference; NULL without an exception if not. */
static PyObject *
abstract_get_bases(PyObject *cls)
{
    PyObject *bases;
    (void)PyObject_GetOptionalAttr(cls, _Py_ID(__bases__), &bases);
    if (bases != NULL && !PyTuple_Check(bases)) {
        Py_DECREF(bases);
        return NULL;
    }
    return bases;
}

static int
abstract_issubclass(PyObject *derived, PyObject *cls)
{
    PyObject *bases = NULL;      /* keeps the tuple that derived is borrowed from */
    int r;
    for (;;) {
        if (derived == cls) {
            r = 1;
            break;
        }
        Py_XSETREF(bases, abstract_get_bases(derived));
        if (bases == NULL) {
            return PyErr_Occurred() ? -1 : 0;
        }
        Py_ssize_t n = PyTuple_GET_SIZE(bases);
        if (n == 0) {
            r = 0;
            break;
        }
        if (n == 1) {
            derived = PyTuple_GET_ITEM(bases, 0);      /* no recursion for single inheritance */
            continue;
        }
        r = 0;
        if (_Py_EnterRecursiveCall(" in __issubclass__")) {
            r = -1;
            break;
        }
        for (Py_ssize_t i = 0; i < n && r == 0; i++) {
            r = abstract_issubclass(PyTuple_GET_ITEM(bases, i), cls);
        }
        _Py_LeaveRecursiveCall();
        break;
    }
    Py_XDECREF(bases);
    return r;
}

/* True if cls looks like a class; else false with an exception, TypeError by default. */
static int
check_class(PyObject *cls, const char *error)
{
    PyObject *bases = abstract_get_bases(cls);
    if (bases == NULL) {
        PyThreadState *tstate = _PyThreadState_GET();
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetString(tstate, PyExc_TypeError, error);
        }
        return 0;
    }
    Py_DECREF(bases);
    return 1;
}

static int
object_isinstance(PyObject *inst, PyObject *cls)
{
    if (!PyType_Check(cls)) {
        if (!check_class(cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")) {
            return -1;
        }
    }
    else if (PyObject_TypeCheck(inst, (PyTypeObject *)cls)) {
        return 1;
    }
    PyObject *icls;
    int retval = PyObject_GetOptionalAttr(inst, _Py_ID(__class__), &icls);
    if (icls == NULL) {
        return retval;
    }
    if (PyType_Check(cls)) {
        retval = icls != (PyObject *)Py_TYPE(inst) && PyType_Check(icls)
                 && PyType_IsSubtype((PyTypeObject *)icls, (PyTypeObject *)cls);
    }
    else {
        retval = abstract_issubclass(icls, cls);
    }
    Py_DECREF(icls);
    return retval;
}

static int object_recursive_isinstance(PyThreadState *tstate, PyObject *inst, PyObject *cls);
static int object_issubclass(PyThreadState *tstate, PyObject *derived, PyObject *cls);

/* Asks each class of a tuple. */
static int
any_of_tuple(PyThreadState *tstate, PyObject *obj, PyObject *classes, const char *where,
             int (*check)(PyThreadState *, PyObject *, PyObject *))
{
    if (_Py_EnterRecursiveCallTstate(tstate, where)) {
        return -1;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(classes);
    int r = 0;
    for (Py_ssize_t i = 0; i < n && r == 0; ++i) {
        r = check(tstate, obj, PyTuple_GET_ITEM(classes, i));
    }
    _Py_LeaveRecursiveCallTstate(tstate);
    return r;
}

/* Calls the metaclass's method checker(obj); steals checker. */
static int
call_checker(PyThreadState *tstate, PyObject *checker, PyObject *obj, const char *where)
{
    if (_Py_EnterRecursiveCallTstate(tstate, where)) {
        Py_DECREF(checker);
        return -1;
    }
    PyObject *res = PyObject_CallOneArg(checker, obj);
    _Py_LeaveRecursiveCallTstate(tstate);
    Py_DECREF(checker);
    if (res == NULL) {
        return -1;
    }
    int ok = PyObject_IsTrue(res);
    Py_DECREF(res);
    return ok;
}

static int
object_recursive_isinstance(PyThreadState *tstate, PyObject *inst, PyObject *cls)
{
    if (Py_IS_TYPE(inst, (PyTypeObject *)cls)) {
        return 1;
    }
    if (PyType_CheckExact(cls)) {
        return object_isinstance(inst, cls);
    }
    if (_PyUnion_Check(cls)) {
        cls = _Py_union_args(cls);
    }
    if (PyTuple_Check(cls)) {
        return any_of_tuple(tstate, inst, cls, " in __instancecheck__", object_recursive_isinstance);
    }
    PyObject *checker = _PyObject_LookupSpecial(cls, _Py_ID(__instancecheck__));
    if (checker != NULL) {
        return call_checker(tstate, checker, inst, " in __instancecheck__");
    }
    if (_PyErr_Occurred(tstate)) {
        return -1;
    }
    return object_isinstance(inst, cls);
}

int
PyObject_IsInstance(PyObject *inst, PyObject *cls)
{
    return object_recursive_isinstance(_PyThreadState_GET(), inst, cls);
}

static int
recursive_issubclass(PyObject *derived, PyObject *cls)
{
    if (PyType_Check(cls) && PyType_Check(derived)) {
        return PyType_IsSubtype((PyTypeObject *)derived, (PyTypeObject *)cls);
    }
    if (!check_class(derived, "issubclass() arg 1 must be a class")) {
        return -1;
    }
    if (!_PyUnion_Check(cls)
        && !check_class(cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union")) {
        return -1;
    }
    return abstract_issubclass(derived, cls);
}

static int
object_issubclass(PyThreadState *tstate, PyObject *derived, PyObject *cls)
{
    if (PyType_CheckExact(cls)) {
        return derived == cls ? 1 : recursive_issubclass(derived, cls);
    }
    if (_PyUnion_Check(cls)) {
        cls = _Py_union_args(cls);
    }
    if (PyTuple_Check(cls)) {
        return any_of_tuple(tstate, derived, cls, " in __subclasscheck__", object_issubclass);
    }
    PyObject *checker = _PyObject_LookupSpecial(cls, _Py_ID(__subclasscheck__));
    if (checker != NULL) {
        return call_checker(tstate, checker, derived, " in __subclasscheck__");
    }
    if (_PyErr_Occurred(tstate)) {
        return -1;
    }
    return recursive_issubclass(derived, cls);
}

int
PyObject_IsSubclass(PyObject *derived, PyObject *cls)
{
    return object_issubclass(_PyThreadState_GET(), derived, cls);
}

int
_PyObject_RealIsInstance(PyObject *inst, PyObject *cls)
{
    return object_isinstance(inst, cls);
}

int
_PyObject_RealIsSubclass(PyObject *derived, PyObject *cls)
{
    return recursive_issubclass(derived, cls);
}

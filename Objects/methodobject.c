/* Builtin functions and methods: PyCFunction, and PyCMethod, which knows the class that defines it.

   A function object is constant after creation; its calling convention chose its vectorcall entry then.
   Locking: none. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_global_ids.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_typeobject.h"

#include <structmember.h>

/* -- Calls, one entry for each convention ----------------------------------------------------------- */

static inline PyCFunction
method_of(PyObject *func)
{
    return ((PyCFunctionObject *)func)->m_ml->ml_meth;
}

static int
refuse_keywords(PyObject *func, PyObject *kwnames)
{
    if (kwnames == NULL || PyTuple_GET_SIZE(kwnames) == 0) {
        return 0;
    }
    PyObject *name = _PyObject_FunctionStr(func);
    if (name != NULL) {
        PyErr_Format(PyExc_TypeError, "%U takes no keyword arguments", name);
        Py_DECREF(name);
    }
    return -1;
}

static PyObject *
wrong_count(PyObject *func, const char *wanted, Py_ssize_t nargs)
{
    PyObject *name = _PyObject_FunctionStr(func);
    if (name != NULL) {
        PyErr_Format(PyExc_TypeError, "%U takes %s (%zd given)", name, wanted, nargs);
        Py_DECREF(name);
    }
    return NULL;
}

static inline PyObject *
self_of(PyObject *func)
{
    return PyCFunction_GET_SELF(func);
}

static PyObject *
vectorcall_noargs(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (refuse_keywords(func, kwnames) < 0) {
        return NULL;
    }
    if (nargs != 0) {
        return wrong_count(func, "no arguments", nargs);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyObject *result = method_of(func)(self_of(func), NULL);
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}

static PyObject *
vectorcall_o(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (refuse_keywords(func, kwnames) < 0) {
        return NULL;
    }
    if (nargs != 1) {
        return wrong_count(func, "exactly one argument", nargs);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyObject *result = method_of(func)(self_of(func), args[0]);
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}

static PyObject *
vectorcall_fastcall(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (refuse_keywords(func, kwnames) < 0) {
        return NULL;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyCFunctionFast method = (PyCFunctionFast)(void (*)(void))method_of(func);
    PyObject *result = method(self_of(func), args, PyVectorcall_NARGS(nargsf));
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}

static PyObject *
vectorcall_fastcall_keywords(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyCFunctionFastWithKeywords method = (PyCFunctionFastWithKeywords)(void (*)(void))method_of(func);
    PyObject *result = method(self_of(func), args, PyVectorcall_NARGS(nargsf), kwnames);
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}

static PyObject *
vectorcall_method(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyCMethod method = (PyCMethod)(void (*)(void))method_of(func);
    PyObject *result = method(self_of(func), PyCFunction_GET_CLASS(func), args, (size_t)PyVectorcall_NARGS(nargsf),
                              kwnames);
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}

/* METH_VARARGS, with and without keywords: the arguments come as tuple and dict. */
static PyObject *
cfunction_call(PyObject *func, PyObject *args, PyObject *kwargs)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int flags = PyCFunction_GET_FLAGS(func);
    PyObject *result;
    if (!(flags & METH_VARARGS)) {
        return PyVectorcall_Call(func, args, kwargs);
    }
    if (!(flags & METH_KEYWORDS) && kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
        PyObject *name = _PyObject_FunctionStr(func);
        if (name != NULL) {
            PyErr_Format(PyExc_TypeError, "%U takes no keyword arguments", name);
            Py_DECREF(name);
        }
        return NULL;
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    if (flags & METH_KEYWORDS) {
        result = ((PyCFunctionWithKeywords)(void (*)(void))method_of(func))(self_of(func), args, kwargs);
    }
    else {
        result = method_of(func)(self_of(func), args);
    }
    _Py_LeaveRecursiveCallTstate(tstate);
    return _Py_CheckFunctionResult(tstate, func, result, NULL);
}

/* -- Creation ------------------------------------------------------------------------------------------ */

PyObject *
PyCMethod_New(PyMethodDef *ml, PyObject *self, PyObject *module, PyTypeObject *cls)
{
    vectorcallfunc vectorcall = NULL;
    switch (ml->ml_flags & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD)) {
    case METH_VARARGS:
    case METH_VARARGS | METH_KEYWORDS:
        break;
    case METH_FASTCALL: vectorcall = vectorcall_fastcall; break;
    case METH_FASTCALL | METH_KEYWORDS: vectorcall = vectorcall_fastcall_keywords; break;
    case METH_NOARGS: vectorcall = vectorcall_noargs; break;
    case METH_O: vectorcall = vectorcall_o; break;
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS: vectorcall = vectorcall_method; break;
    default:
        PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", ml->ml_name);
        return NULL;
    }
    PyCFunctionObject *op;
    if (ml->ml_flags & METH_METHOD) {
        if (cls == NULL) {
            PyErr_SetString(PyExc_SystemError, "attempting to create PyCMethod with a METH_METHOD flag but no class");
            return NULL;
        }
        PyCMethodObject *method = PyObject_GC_New(PyCMethodObject, &PyCMethod_Type);
        if (method == NULL) {
            return NULL;
        }
        method->mm_class = (PyTypeObject *)Py_NewRef(cls);
        op = (PyCFunctionObject *)method;
    }
    else {
        if (cls != NULL) {
            PyErr_SetString(PyExc_SystemError, "attempting to create PyCFunction with class but no METH_METHOD flag");
            return NULL;
        }
        op = PyObject_GC_New(PyCFunctionObject, &PyCFunction_Type);
        if (op == NULL) {
            return NULL;
        }
    }
    op->m_weakreflist = NULL;
    op->m_ml = ml;
    op->m_self = Py_XNewRef(self);
    op->m_module = Py_XNewRef(module);
    op->vectorcall = vectorcall;
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

PyObject *(PyCFunction_NewEx)(PyMethodDef *ml, PyObject *self, PyObject *module)
{
    return PyCMethod_New(ml, self, module, NULL);
}

PyObject *(PyCFunction_New)(PyMethodDef *ml, PyObject *self)
{
    return PyCMethod_New(ml, self, NULL, NULL);
}

PyCFunction
PyCFunction_GetFunction(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCFunction_GET_FUNCTION(op);
}

PyObject *
PyCFunction_GetSelf(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCFunction_GET_SELF(op);
}

int
PyCFunction_GetFlags(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return PyCFunction_GET_FLAGS(op);
}

PyObject *
PyCFunction_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(callable, args, kwargs);
}

/* -- The type -------------------------------------------------------------------------------------------- */

static void
meth_dealloc(PyObject *op)
{
    PyCFunctionObject *m = (PyCFunctionObject *)op;
    PyObject_GC_UnTrack(op);
    if (m->m_weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    Py_XDECREF(PyCFunction_GET_CLASS(op));
    Py_XDECREF(m->m_self);
    Py_XDECREF(m->m_module);
    PyObject_GC_Del(op);
}

static int
meth_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyCFunctionObject *m = (PyCFunctionObject *)op;
    Py_VISIT(PyCFunction_GET_CLASS(op));
    Py_VISIT(m->m_self);
    Py_VISIT(m->m_module);
    return 0;
}

static PyObject *
meth_get_doc(PyObject *op, void *unused)
{
    PyMethodDef *ml = ((PyCFunctionObject *)op)->m_ml;
    return _PyType_GetDocFromInternalDoc(ml->ml_name, ml->ml_doc);
}

static PyObject *
meth_get_text_signature(PyObject *op, void *unused)
{
    PyMethodDef *ml = ((PyCFunctionObject *)op)->m_ml;
    return _PyType_GetTextSignatureFromInternalDoc(ml->ml_name, ml->ml_doc, ml->ml_flags);
}

static PyObject *
meth_get_name(PyObject *op, void *unused)
{
    return PyUnicode_FromString(((PyCFunctionObject *)op)->m_ml->ml_name);
}

static PyObject *
meth_get_qualname(PyObject *op, void *unused)
{
    PyCFunctionObject *m = (PyCFunctionObject *)op;
    if (m->m_self == NULL || PyModule_Check(m->m_self)) {
        return PyUnicode_FromString(m->m_ml->ml_name);
    }
    PyObject *type = PyType_Check(m->m_self) ? m->m_self : (PyObject *)Py_TYPE(m->m_self);
    PyObject *qualname = PyObject_GetAttr(type, _Py_ID(__qualname__));
    if (qualname == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (!PyUnicode_Check(qualname)) {
        PyErr_SetString(PyExc_TypeError, "<method>.__class__.__qualname__ is not a unicode object");
    }
    else {
        result = PyUnicode_FromFormat("%S.%s", qualname, m->m_ml->ml_name);
    }
    Py_DECREF(qualname);
    return result;
}

static PyObject *
meth_get_self(PyObject *op, void *unused)
{
    PyObject *self = PyCFunction_GET_SELF(op);
    return Py_NewRef(self != NULL ? self : Py_None);
}

static PyObject *
meth___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyCFunctionObject *m = (PyCFunctionObject *)op;
    if (m->m_self == NULL || PyModule_Check(m->m_self)) {
        return PyUnicode_FromString(m->m_ml->ml_name);
    }
    PyObject *getattr = PyImport_ImportModuleAttrString("builtins", "getattr");
    return getattr ? Py_BuildValue("N(Os)", getattr, m->m_self, m->m_ml->ml_name) : NULL;
}

static PyObject *
meth_repr(PyObject *op)
{
    PyCFunctionObject *m = (PyCFunctionObject *)op;
    if (m->m_self == NULL || PyModule_Check(m->m_self)) {
        return PyUnicode_FromFormat("<built-in function %s>", m->m_ml->ml_name);
    }
    return PyUnicode_FromFormat("<built-in method %s of %s object at %p>", m->m_ml->ml_name,
                                Py_TYPE(m->m_self)->tp_name, m->m_self);
}

static PyObject *
meth_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyCFunction_Check(a) || !PyCFunction_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyCFunctionObject *x = (PyCFunctionObject *)a, *y = (PyCFunctionObject *)b;
    int equal = x->m_self == y->m_self && x->m_ml->ml_meth == y->m_ml->ml_meth;
    return PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static Py_hash_t
meth_hash(PyObject *op)
{
    PyCFunctionObject *m = (PyCFunctionObject *)op;
    Py_hash_t hash = PyObject_GenericHash(m->m_self) ^ Py_HashPointer((void *)m->m_ml->ml_meth);
    return hash == -1 ? -2 : hash;
}

static PyMethodDef meth_methods[] = {
    PY_METHOD(meth, __reduce__, METH_NOARGS, "($self, /)", "State for pickle."),
    {0}
};

static PyGetSetDef meth_getset[] = {
    {"__doc__", meth_get_doc},
    {"__name__", meth_get_name},
    {"__qualname__", meth_get_qualname},
    {"__self__", meth_get_self},
    {"__text_signature__", meth_get_text_signature},
    {NULL}
};

static PyMemberDef meth_members[] = {
    {"__module__", _Py_T_OBJECT, offsetof(PyCFunctionObject, m_module), 0},
    {NULL}
};

PyTypeObject PyCFunction_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "builtin_function_or_method",
    .tp_basicsize = sizeof(PyCFunctionObject),
    .tp_dealloc = meth_dealloc,
    .tp_vectorcall_offset = offsetof(PyCFunctionObject, vectorcall),
    .tp_repr = meth_repr,
    .tp_hash = meth_hash,
    .tp_call = cfunction_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_traverse = meth_traverse,
    .tp_richcompare = meth_richcompare,
    .tp_weaklistoffset = offsetof(PyCFunctionObject, m_weakreflist),
    .tp_methods = meth_methods,
    .tp_members = meth_members,
    .tp_getset = meth_getset,
};

PyTypeObject PyCMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "builtin_method",
    .tp_basicsize = sizeof(PyCMethodObject),
    .tp_base = &PyCFunction_Type,
};

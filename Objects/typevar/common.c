/* Helpers of the type-parameter types: text of types, constant evaluators, NoDefault, Generic. */
#include "internal.h"

/* -- Calling the typing module --------------------------------------------------------------------------------------- */

PyObject *
_PyTyping_Call(const char *name, PyObject **args, size_t nargs)
{
    PyObject *func = PyImport_ImportModuleAttrString("typing", name);
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Vectorcall(func, args, nargs, NULL);
    Py_DECREF(func);
    return result;
}

PyObject *
_PyTyping_TypeCheck(PyObject *arg, const char *msg)
{
    /* None stands for its type. */
    if (Py_IsNone(arg)) {
        return Py_NewRef(&_PyNone_Type);
    }
    PyObject *message = PyUnicode_FromString(msg);
    if (message == NULL) {
        return NULL;
    }
    PyObject *args[2] = {arg, message};
    PyObject *result = _PyTyping_Call("_type_check", args, 2);
    Py_DECREF(message);
    return result;
}

PyObject *
_PyTyping_CallerModule(void)
{
    PyObject *globals = PyEval_GetGlobals();      /* borrowed */
    if (globals == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *name;
    int found = PyDict_GetItemRef(globals, _Py_ID(__name__), &name);
    return found == 0 ? Py_NewRef(Py_None) : name;
}

PyObject *
_PyTyping_Unpack(PyObject *self)
{
    PyObject *unpack = PyImport_ImportModuleAttrString("typing", "Unpack");
    if (unpack == NULL) {
        return NULL;
    }
    PyObject *unpacked = PyObject_GetItem(unpack, self);
    Py_DECREF(unpack);
    return unpacked;
}

PyObject *
_PyTyping_UnpackIter(PyObject *self)
{
    PyObject *unpacked = _PyTyping_Unpack(self);
    if (unpacked == NULL) {
        return NULL;
    }
    PyObject *tuple = PyTuple_Pack(1, unpacked);
    Py_DECREF(unpacked);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetIter(tuple);
    Py_DECREF(tuple);
    return result;
}

PyObject *
_PyTyping_MakeUnion(PyObject *self, PyObject *other)
{
    PyObject *args = PyTuple_Pack(2, self, other);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = _Py_union_from_tuple(args);
    Py_DECREF(args);
    return result;
}

/* -- Text of a type ------------------------------------------------------------------------------------------------------- */

static int
write_repr(PyUnicodeWriter *writer, PyObject *p)
{
    PyObject *r = PyObject_Repr(p);
    if (r == NULL) {
        return -1;
    }
    int rc = PyUnicodeWriter_WriteStr(writer, r);
    Py_DECREF(r);
    return rc;
}

/* As people write it in annotations: classes by name, the others by repr. */
int
_Py_typing_type_repr(PyUnicodeWriter *writer, PyObject *p)
{
    if (p == Py_Ellipsis) {
        return PyUnicodeWriter_WriteASCII(writer, "...", 3);
    }
    if (p == (PyObject *)&_PyNone_Type) {
        return PyUnicodeWriter_WriteASCII(writer, "None", 4);
    }
    int rc = PyObject_HasAttrWithError(p, _Py_ID(__origin__));
    if (rc > 0) {
        rc = PyObject_HasAttrWithError(p, _Py_ID(__args__));
        if (rc > 0) {
            return write_repr(writer, p);
        }
    }
    if (rc < 0) {
        return -1;
    }
    PyObject *qualname, *module = NULL;
    if (PyObject_GetOptionalAttr(p, _Py_ID(__qualname__), &qualname) < 0) {
        return -1;
    }
    if (qualname == NULL) {
        return write_repr(writer, p);
    }
    int err;
    if (PyObject_GetOptionalAttr(p, _Py_ID(__module__), &module) < 0) {
        err = -1;
    }
    else if (module == NULL || module == Py_None) {
        err = write_repr(writer, p);
    }
    else if (PyUnicode_Check(module) && PyUnicode_EqualToUTF8(module, "builtins")) {
        err = PyUnicodeWriter_WriteStr(writer, qualname);
    }
    else {
        err = PyUnicodeWriter_Format(writer, "%S.%S", module, qualname);
    }
    Py_XDECREF(module);
    Py_DECREF(qualname);
    return err;
}

/* -- Evaluators of constants -------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *value;
} constevaluator;

/* annotationlib.Format.STRING */
#define FORMAT_STRING 4

static void
constevaluator_dealloc(PyObject *self)
{
    PyTypeObject *tp = Py_TYPE(self);
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(((constevaluator *)self)->value);
    tp->tp_free(self);
    Py_DECREF(tp);
}

static int
constevaluator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((constevaluator *)self)->value);
    return 0;
}

static int
constevaluator_clear(PyObject *self)
{
    Py_CLEAR(((constevaluator *)self)->value);
    return 0;
}

static PyObject *
constevaluator_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<constevaluator %R>", ((constevaluator *)self)->value);
}

static PyObject *
value_as_string(PyObject *value)
{
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(5);
    if (writer == NULL) {
        return NULL;
    }
    if (PyTuple_Check(value)) {
        if (PyUnicodeWriter_WriteChar(writer, '(') < 0) {
            goto fail;
        }
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
            if (i > 0 && PyUnicodeWriter_WriteASCII(writer, ", ", 2) < 0) {
                goto fail;
            }
            if (_Py_typing_type_repr(writer, PyTuple_GET_ITEM(value, i)) < 0) {
                goto fail;
            }
        }
        if (PyUnicodeWriter_WriteChar(writer, ')') < 0) {
            goto fail;
        }
    }
    else if (_Py_typing_type_repr(writer, value) < 0) {
        goto fail;
    }
    return PyUnicodeWriter_Finish(writer);
fail:
    PyUnicodeWriter_Discard(writer);
    return NULL;
}

static PyObject *
constevaluator_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("constevaluator.__call__", kwargs)) {
        return NULL;
    }
    int format;
    if (!PyArg_ParseTuple(args, "i:constevaluator.__call__", &format)) {
        return NULL;
    }
    PyObject *value = ((constevaluator *)self)->value;
    return format == FORMAT_STRING ? value_as_string(value) : Py_NewRef(value);
}

static PyType_Slot constevaluator_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("_ConstEvaluator()\n--\n\nInternal type for implementing evaluation functions.")},
    {Py_tp_dealloc, constevaluator_dealloc},
    {Py_tp_traverse, constevaluator_traverse},
    {Py_tp_clear, constevaluator_clear},
    {Py_tp_repr, constevaluator_repr},
    {Py_tp_call, constevaluator_call},
    {Py_tp_alloc, PyType_GenericAlloc},
    {0, NULL},
};

static PyType_Spec constevaluator_spec = {
    .name = "_typing._ConstEvaluator",
    .basicsize = sizeof(constevaluator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = constevaluator_slots,
};

int
_PyTyping_InitEvaluator(struct _Py_typing_state *state)
{
    state->constevaluator_type = (PyTypeObject *)PyType_FromSpec(&constevaluator_spec);
    return state->constevaluator_type == NULL ? -1 : 0;
}

PyObject *
_PyTyping_ConstEvaluator(PyObject *value)
{
    PyTypeObject *tp = _PyInterpreterState_GET()->typing.constevaluator_type;
    constevaluator *ce = PyObject_GC_New(constevaluator, tp);
    if (ce == NULL) {
        return NULL;
    }
    ce->value = Py_NewRef(value);
    _PyObject_GC_TRACK(ce);
    return (PyObject *)ce;
}

PyObject *
_PyTyping_Lazy(PyObject *owner, PyObject **value, PyObject *evaluate)
{
    PyObject *current = _PySlot_GetRef(owner, value);
    if (current != NULL || evaluate == NULL) {
        return current;
    }
    PyObject *one = PyLong_FromLong(1);      /* annotationlib.Format.VALUE */
    PyObject *fresh = PyObject_CallOneArg(evaluate, one);
    Py_DECREF(one);
    return fresh == NULL ? NULL : Py_NewRef(_PySlot_SetOnce(owner, value, fresh));
}

PyObject *
_PyTyping_Evaluator(PyObject *owner, PyObject **value, PyObject **evaluate)
{
    PyObject *function = _PySlot_GetRef(owner, evaluate);
    if (function != NULL) {
        return function;
    }
    PyObject *constant = _PySlot_GetRef(owner, value);
    if (constant == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *res = _PyTyping_ConstEvaluator(constant);
    Py_DECREF(constant);
    return res;
}

/* -- NoDefault -------------------------------------------------------------------------------------------------------------------- */

static PyObject *
NoDefault_repr(PyObject *Py_UNUSED(op))
{
    return PyUnicode_FromString("typing.NoDefault");
}

static PyObject *
NoDefault_reduce(PyObject *Py_UNUSED(op), PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromString("NoDefault");
}

static PyMethodDef NoDefault_methods[] = {
    PY_METHOD_NOSIG("__reduce__", NoDefault_reduce, METH_NOARGS, NULL),
    {0}
};

static PyObject *
NoDefault_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) || (kwargs && PyDict_GET_SIZE(kwargs))) {
        PyErr_SetString(PyExc_TypeError, "NoDefaultType takes no arguments");
        return NULL;
    }
    return NO_DEFAULT;
}

static void
NoDefault_dealloc(PyObject *self)
{
    _Py_SetImmortal(self);      /* a faulty extension */
}

PyTypeObject _PyNoDefault_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NoDefaultType",
    .tp_dealloc = NoDefault_dealloc,
    .tp_repr = NoDefault_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("NoDefaultType()\n--\n\nThe type of the NoDefault singleton."),
    .tp_methods = NoDefault_methods,
    .tp_new = NoDefault_new,
};

PyObject _Py_NoDefaultStruct = _PyObject_HEAD_INIT(&_PyNoDefault_Type);

/* -- Generic ------------------------------------------------------------------------------------------------------------------------ */

/* typing.name(cls, *args, **kwargs) */
static PyObject *
call_with_class(const char *name, PyObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *func = PyImport_ImportModuleAttrString("typing", name);
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = _PyObject_Call_Prepend(_PyThreadState_GET(), func, cls, args, kwargs);
    Py_DECREF(func);
    return result;
}

static PyObject *
generic_init_subclass(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    return call_with_class("_generic_init_subclass", cls, args, kwargs);
}

static PyObject *
generic_class_getitem(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    return call_with_class("_generic_class_getitem", cls, args, kwargs);
}

static PyMethodDef generic_methods[] = {
    PY_METHOD_NOSIG("__class_getitem__", generic_class_getitem, METH_VARARGS | METH_KEYWORDS | METH_CLASS,
                    "Parameterizes a generic class.\n\n"
                    "At least, parameterizing a generic class is the *main* thing this does: C[int].\n"
                    "In a class statement, Generic[T] declares the type parameters."),
    PY_METHOD_NOSIG("__init_subclass__", generic_init_subclass, METH_VARARGS | METH_KEYWORDS | METH_CLASS,
                    "Function to initialize subclasses."),
    {0}
};

static void
generic_dealloc(PyObject *self)
{
    PyTypeObject *tp = Py_TYPE(self);
    _PyObject_GC_UNTRACK(self);
    tp->tp_free(self);
    Py_DECREF(tp);
}

static int
generic_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyType_Slot generic_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("Abstract base class for generic types\n\n"
                                  "On Python 3.12 and newer, a class with type parameters has it as a base\n"
                                  "implicitly: class Mapping[KT, VT]: ...; before, Generic[KT, VT] is written out.")},
    {Py_tp_methods, generic_methods},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_dealloc, generic_dealloc},
    {Py_tp_traverse, generic_traverse},
    {0, NULL},
};

static PyType_Spec generic_spec = {
    .name = "typing.Generic",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = generic_slots,
};

int
_Py_initialize_generic(PyInterpreterState *interp)
{
    struct _Py_typing_state *state = &interp->typing;
    state->generic_type = (PyTypeObject *)PyType_FromSpec(&generic_spec);
    if (state->generic_type == NULL) {
        return -1;
    }
    return _PyTyping_InitEvaluator(state) < 0 || _PyTyping_InitTypeVar(state) < 0
           || _PyTyping_InitTypeVarTuple(state) < 0 || _PyTyping_InitParamSpec(state) < 0 ? -1 : 0;
}

void
_Py_clear_generic_types(PyInterpreterState *interp)
{
    struct _Py_typing_state *state = &interp->typing;
    Py_CLEAR(state->generic_type);
    Py_CLEAR(state->typevar_type);
    Py_CLEAR(state->typevartuple_type);
    Py_CLEAR(state->paramspec_type);
    Py_CLEAR(state->paramspecargs_type);
    Py_CLEAR(state->paramspeckwargs_type);
    Py_CLEAR(state->constevaluator_type);
}

/* Generic[*params], the base of a class with type parameters. */
PyObject *
_Py_subscript_generic(PyThreadState *tstate, PyObject *params)
{
    struct _Py_typing_state *state = &tstate->interp->typing;
    assert(PyTuple_Check(params));
    /* A TypeVarTuple is unpacked. */
    Py_ssize_t n = PyTuple_GET_SIZE(params);
    PyObject *unpacked = PyTuple_New(n);
    if (unpacked == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *param = PyTuple_GET_ITEM(params, i);
        param = Py_IS_TYPE(param, state->typevartuple_type) ? _PyTyping_Unpack(param) : Py_NewRef(param);
        if (param == NULL) {
            Py_DECREF(unpacked);
            return NULL;
        }
        PyTuple_SET_ITEM(unpacked, i, param);
    }
    if (state->generic_type == NULL) {
        Py_DECREF(unpacked);
        PyErr_SetString(PyExc_SystemError, "Cannot find Generic type");
        return NULL;
    }
    PyObject *args[2] = {(PyObject *)state->generic_type, unpacked};
    PyObject *result = _PyTyping_Call("_GenericAlias", args, 2);
    Py_DECREF(unpacked);
    return result;
}

/* BaseException, the simple exceptions, and the C API of exception objects.

   Fields are read without a lock (_PySlot_GetRef) and replaced under the object's mutex. */
#include "internal.h"
#include "pycore_call.h"
#include "pycore_critical_section.h"
#include "pycore_dict.h"
#include "pycore_interp.h"
#include "pycore_tuple.h"
#include "pycore_typeobject.h"

#define BASE(op) ((PyBaseExceptionObject *)(op))

/* -- Construction ---------------------------------------------------------------------------------------------------- */

PyObject *
_PyExc_BaseNew(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyBaseExceptionObject *self = BASE(type->tp_alloc(type, 0));
    if (self == NULL) {
        return NULL;
    }
    /* The other fields are NULL and 0 already. */
    if (args) {
        self->args = Py_NewRef(args);
        return (PyObject *)self;
    }
    self->args = PyTuple_New(0);
    if (self->args == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

int
_PyExc_BaseInit(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoKeywords(Py_TYPE(self)->tp_name, kwds)) {
        return -1;
    }
    if (BASE(self)->args != args) {
        _PySlot_Set(self, &BASE(self)->args, Py_NewRef(args));
    }
    return 0;
}

PyObject *
_PyExc_BaseVectorcall(PyObject *type_obj, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyTypeObject *type = (PyTypeObject *)type_obj;
    if (!_PyArg_NoKwnames(type->tp_name, kwnames)) {
        return NULL;
    }
    PyBaseExceptionObject *self = BASE(type->tp_alloc(type, 0));
    if (!self) {
        return NULL;
    }
    self->args = _PyTuple_FromArray(args, PyVectorcall_NARGS(nargsf));
    if (!self->args) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* -- Destruction ------------------------------------------------------------------------------------------------------- */

void
_PyExc_BaseClearFields(PyBaseExceptionObject *self)
{
    Py_CLEAR(self->dict);
    Py_CLEAR(self->args);
    Py_CLEAR(self->notes);
    Py_CLEAR(self->traceback);
    Py_CLEAR(self->cause);
    Py_CLEAR(self->context);
}

int
_PyExc_BaseClear(PyObject *self)
{
    _PyExc_BaseClearFields(BASE(self));
    return 0;
}

static void
BaseException_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    (void)_PyExc_BaseClear(self);
    exc_free(self);
}

int
_PyExc_BaseTraverse(PyObject *op, visitproc visit, void *arg)
{
    PyBaseExceptionObject *self = BASE(op);
    Py_VISIT(self->dict);
    Py_VISIT(self->args);
    Py_VISIT(self->notes);
    Py_VISIT(self->traceback);
    Py_VISIT(self->cause);
    Py_VISIT(self->context);
    return 0;
}

/* -- Text ------------------------------------------------------------------------------------------------------------------ */

PyObject *
_PyExc_BaseStr(PyObject *self)
{
    PyObject *args = _PySlot_GetRef(self, &BASE(self)->args);
    PyObject *out;
    switch (args == NULL ? 0 : PyTuple_GET_SIZE(args)) {
    case 0:
        out = Py_GetConstant(Py_CONSTANT_EMPTY_STR);
        break;
    case 1:
        out = PyObject_Str(PyTuple_GET_ITEM(args, 0));
        break;
    default:
        out = PyObject_Str(args);
        break;
    }
    Py_XDECREF(args);
    return out;
}

PyObject *
_PyExc_BaseRepr(PyObject *self)
{
    const char *name = _PyType_Name(Py_TYPE(self));
    PyObject *args = _PySlot_GetRef(self, &BASE(self)->args);
    PyObject *res = args != NULL && PyTuple_GET_SIZE(args) == 1
        ? PyUnicode_FromFormat("%s(%R)", name, PyTuple_GET_ITEM(args, 0))
        : PyUnicode_FromFormat("%s%R", name, args);
    Py_XDECREF(args);
    return res;
}

/* -- Methods ------------------------------------------------------------------------------------------------------------------ */

static PyObject *
BaseException___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyBaseExceptionObject *self = BASE(op);
    PyObject *args = _PySlot_GetRef(op, &self->args);
    PyObject *dict = _PySlot_GetRef(op, &self->dict);
    PyObject *res = args && dict ? PyTuple_Pack(3, Py_TYPE(self), args, dict) : PyTuple_Pack(2, Py_TYPE(self), args);
    Py_XDECREF(args);
    Py_XDECREF(dict);
    return res;
}

static PyObject *
BaseException___setstate__(PyObject *self, PyObject *state)
{
    if (state == Py_None) {
        Py_RETURN_NONE;
    }
    if (!PyDict_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a dictionary");
        return NULL;
    }
    PyObject *d_key, *d_value;
    Py_ssize_t i = 0;
    while (PyDict_Next(state, &i, &d_key, &d_value)) {
        Py_INCREF(d_key);
        Py_INCREF(d_value);
        int res = PyObject_SetAttr(self, d_key, d_value);
        Py_DECREF(d_value);
        Py_DECREF(d_key);
        if (res < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static int
set_traceback(PyObject *self, PyObject *tb)
{
    if (tb == NULL) {
        PyErr_SetString(PyExc_TypeError, "__traceback__ may not be deleted");
        return -1;
    }
    if (PyTraceBack_Check(tb)) {
        _PySlot_Set(self, &BASE(self)->traceback, Py_NewRef(tb));
    }
    else if (tb == Py_None) {
        _PySlot_Set(self, &BASE(self)->traceback, NULL);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "__traceback__ must be a traceback or None");
        return -1;
    }
    return 0;
}

static PyObject *
BaseException_with_traceback(PyObject *self, PyObject *tb)
{
    return set_traceback(self, tb) < 0 ? NULL : Py_NewRef(self);
}

int
_PyException_AddNote(PyObject *exc, PyObject *note)
{
    if (!PyUnicode_Check(note)) {
        PyErr_Format(PyExc_TypeError, "note must be a str, not '%s'", Py_TYPE(note)->tp_name);
        return -1;
    }
    PyObject *notes;
    if (PyObject_GetOptionalAttr(exc, _Py_ID(__notes__), &notes) < 0) {
        return -1;
    }
    if (notes == NULL) {
        notes = PyList_New(0);
        if (notes == NULL) {
            return -1;
        }
        if (PyObject_SetAttr(exc, _Py_ID(__notes__), notes) < 0) {
            Py_DECREF(notes);
            return -1;
        }
    }
    else if (!PyList_Check(notes)) {
        Py_DECREF(notes);
        PyErr_SetString(PyExc_TypeError, "Cannot add note: __notes__ is not a list");
        return -1;
    }
    int res = PyList_Append(notes, note);
    Py_DECREF(notes);
    return res;
}

static PyObject *
BaseException_add_note(PyObject *self, PyObject *note)
{
    if (!PyUnicode_Check(note)) {
        _PyArg_BadArgument("add_note", "argument", "str", note);
        return NULL;
    }
    return _PyException_AddNote(self, note) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef BaseException_methods[] = {
    PY_METHOD(BaseException, __reduce__, METH_NOARGS, "($self, /)", "Helper for pickle."),
    PY_METHOD(BaseException, __setstate__, METH_O, "($self, state, /)", "Set attributes from a dictionary."),
    PY_METHOD(BaseException, with_traceback, METH_O, "($self, tb, /)",
              "Set self.__traceback__ to tb and return self."),
    PY_METHOD(BaseException, add_note, METH_O, "($self, note, /)", "Add a note to the exception"),
    {0}
};

/* -- Attributes --------------------------------------------------------------------------------------------------------------- */

static PyObject *
get_args(PyObject *self, void *Py_UNUSED(ignored))
{
    PyObject *args = _PySlot_GetRef(self, &BASE(self)->args);
    return args == NULL ? Py_NewRef(Py_None) : args;
}

static int
set_args(PyObject *self, PyObject *val, void *Py_UNUSED(ignored))
{
    if (val == NULL) {
        PyErr_SetString(PyExc_TypeError, "args may not be deleted");
        return -1;
    }
    PyObject *seq = PySequence_Tuple(val);
    if (!seq) {
        return -1;
    }
    _PySlot_Set(self, &BASE(self)->args, seq);
    return 0;
}

static PyObject *
get_tb(PyObject *self, void *Py_UNUSED(ignored))
{
    PyObject *tb = _PySlot_GetRef(self, &BASE(self)->traceback);
    return tb == NULL ? Py_NewRef(Py_None) : tb;
}

static int
set_tb(PyObject *self, PyObject *tb, void *Py_UNUSED(ignored))
{
    return set_traceback(self, tb);
}

static PyObject *
get_context(PyObject *self, void *Py_UNUSED(ignored))
{
    PyObject *res = PyException_GetContext(self);
    return res == NULL ? Py_NewRef(Py_None) : res;
}

/* NULL on failure; else *exc is what to store, counted. */
static int
check_chained(PyObject *arg, PyObject **exc, const char *deleted, const char *wrong)
{
    if (arg == NULL) {
        PyErr_SetString(PyExc_TypeError, deleted);
        return -1;
    }
    if (arg == Py_None) {
        *exc = NULL;
        return 0;
    }
    if (!PyExceptionInstance_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, wrong);
        return -1;
    }
    *exc = Py_NewRef(arg);
    return 0;
}

static int
set_context(PyObject *self, PyObject *arg, void *Py_UNUSED(ignored))
{
    PyObject *exc;
    if (check_chained(arg, &exc, "__context__ may not be deleted",
                      "exception context must be None or derive from BaseException") < 0) {
        return -1;
    }
    PyException_SetContext(self, exc);
    return 0;
}

static PyObject *
get_cause(PyObject *self, void *Py_UNUSED(ignored))
{
    PyObject *res = PyException_GetCause(self);
    return res == NULL ? Py_NewRef(Py_None) : res;
}

static int
set_cause(PyObject *self, PyObject *arg, void *Py_UNUSED(ignored))
{
    PyObject *exc;
    if (check_chained(arg, &exc, "__cause__ may not be deleted",
                      "exception cause must be None or derive from BaseException") < 0) {
        return -1;
    }
    PyException_SetCause(self, exc);
    return 0;
}

static PyGetSetDef BaseException_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"args", get_args, set_args, NULL, NULL},
    {"__traceback__", get_tb, set_tb, NULL, NULL},
    {"__context__", get_context, set_context, NULL, NULL},
    {"__cause__", get_cause, set_cause, NULL, NULL},
    {0}
};

static PyMemberDef BaseException_members[] = {
    {"__suppress_context__", Py_T_BOOL, offsetof(PyBaseExceptionObject, suppress_context), 0, NULL},
    {0}
};

/* -- C API ------------------------------------------------------------------------------------------------------------------------ */

PyObject *
PyException_GetTraceback(PyObject *self)
{
    return _PySlot_GetRef(self, &BASE(self)->traceback);
}

int
PyException_SetTraceback(PyObject *self, PyObject *tb)
{
    return set_traceback(self, tb);
}

PyObject *
PyException_GetCause(PyObject *self)
{
    return _PySlot_GetRef(self, &BASE(self)->cause);
}

/* Steals cause. */
void
PyException_SetCause(PyObject *self, PyObject *cause)
{
    FT_ATOMIC_STORE_UINT8_RELAXED(*(uint8_t *)&BASE(self)->suppress_context, 1);
    _PySlot_Set(self, &BASE(self)->cause, cause);
}

PyObject *
_PyException_GetCause_borrowed(PyObject *self)
{
    return BASE(self)->cause;
}

PyObject *
PyException_GetContext(PyObject *self)
{
    return _PySlot_GetRef(self, &BASE(self)->context);
}

/* Steals context. */
void
PyException_SetContext(PyObject *self, PyObject *context)
{
    _PySlot_Set(self, &BASE(self)->context, context);
}

PyObject *
PyException_GetArgs(PyObject *self)
{
    return _PySlot_GetRef(self, &BASE(self)->args);
}

void
PyException_SetArgs(PyObject *self, PyObject *args)
{
    _PySlot_Set(self, &BASE(self)->args, Py_NewRef(args));
}

const char *
PyExceptionClass_Name(PyObject *ob)
{
    assert(PyExceptionClass_Check(ob));
    return ((PyTypeObject *)ob)->tp_name;
}

/* -- The types ---------------------------------------------------------------------------------------------------------------------- */

PyTypeObject _PyExcType_BaseException = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "BaseException",
    .tp_basicsize = sizeof(PyBaseExceptionObject),
    .tp_dealloc = BaseException_dealloc,
    .tp_repr = _PyExc_BaseRepr,
    .tp_str = _PyExc_BaseStr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASE_EXC_SUBCLASS,
    .tp_doc = PyDoc_STR("Common base class for all exceptions."),
    .tp_traverse = _PyExc_BaseTraverse,
    .tp_clear = _PyExc_BaseClear,
    .tp_methods = BaseException_methods,
    .tp_members = BaseException_members,
    .tp_getset = BaseException_getset,
    .tp_dictoffset = offsetof(PyBaseExceptionObject, dict),
    .tp_init = _PyExc_BaseInit,
    .tp_new = _PyExc_BaseNew,
    .tp_vectorcall = _PyExc_BaseVectorcall,
};

/* Sizes and functions of a simple exception are inherited in _PyExc_InitTypes, base first. */
#define SIMPLE(Name, Base, docstring)                                                                \
    PyTypeObject _PyExcType_##Name = {                                                               \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                                       \
        .tp_name = #Name,                                                                            \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,                    \
        .tp_doc = PyDoc_STR(docstring),                                                              \
        .tp_base = &_PyExcType_##Base,                                                               \
    };
#define COMPLEX(Name, Base, docstring)
#define HIDDEN(Name, Base, docstring)                                                                \
    PyTypeObject _PyExc_##Name = {                                                               \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                                       \
        .tp_name = "_" #Name,                                                                        \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,                    \
        .tp_doc = PyDoc_STR(docstring),                                                              \
        .tp_base = &_PyExcType_##Base,                                                               \
    };
#include "exceptions.def"
#undef SIMPLE
#undef COMPLEX
#undef HIDDEN

#define SIMPLE(Name, Base, doc) PyObject *PyExc_##Name = (PyObject *)&_PyExcType_##Name;
#define COMPLEX(Name, Base, doc) PyObject *PyExc_##Name = (PyObject *)&_PyExcType_##Name;
#define HIDDEN(Name, Base, doc)
#include "exceptions.def"
#undef SIMPLE
#undef COMPLEX
#undef HIDDEN

PyObject *PyExc_EnvironmentError = (PyObject *)&_PyExcType_OSError;
PyObject *PyExc_IOError = (PyObject *)&_PyExcType_OSError;

static PyTypeObject *const exception_types[] = {
#define SIMPLE(Name, Base, doc) &_PyExcType_##Name,
#define COMPLEX(Name, Base, doc) &_PyExcType_##Name,
#define HIDDEN(Name, Base, doc) &_PyExc_##Name,
#include "exceptions.def"
#undef SIMPLE
#undef COMPLEX
#undef HIDDEN
};

/* -- Start and end ----------------------------------------------------------------------------------------------------------------------- */

/* What a simple exception takes from its base before PyType_Ready() looks at it. */
static void
inherit_early(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (base == NULL || type->tp_basicsize != 0) {
        return;
    }
    type->tp_basicsize = base->tp_basicsize;
    type->tp_dealloc = base->tp_dealloc;
    type->tp_traverse = base->tp_traverse;
    type->tp_clear = base->tp_clear;
    type->tp_dictoffset = base->tp_dictoffset;
    type->tp_new = base->tp_new;
    type->tp_init = base->tp_init;
    if (type->tp_new == _PyExc_BaseNew && type->tp_init == _PyExc_BaseInit) {
        type->tp_vectorcall = _PyExc_BaseVectorcall;
    }
}

int
_PyExc_InitTypes(PyInterpreterState *interp)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(exception_types); i++) {
        PyTypeObject *type = exception_types[i];
        inherit_early(type);
        if (_PyStaticType_InitBuiltin(interp, type) < 0) {
            return -1;
        }
    }
    return 0;
}

void
_PyExc_FiniTypes(PyInterpreterState *interp)
{
    for (size_t i = Py_ARRAY_LENGTH(exception_types); i-- > 0;) {
        _PyStaticType_FiniBuiltin(interp, exception_types[i]);
    }
}

int
_PyBuiltins_AddExceptions(PyObject *bltinmod)
{
    PyObject *mod_dict = PyModule_GetDict(bltinmod);
    if (mod_dict == NULL) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(exception_types); i++) {
        PyTypeObject *type = exception_types[i];
        if (PyDict_SetItemString(mod_dict, type->tp_name, (PyObject *)type) < 0) {
            return -1;
        }
    }
    PyObject *group = _PyInterpreterState_GET()->exc_state.PyExc_ExceptionGroup;
    if (group != NULL && PyDict_SetItemString(mod_dict, "ExceptionGroup", group) < 0) {
        return -1;
    }
    if (PyDict_SetItemString(mod_dict, "EnvironmentError", PyExc_OSError) < 0
        || PyDict_SetItemString(mod_dict, "IOError", PyExc_OSError) < 0) {
        return -1;
    }
    return 0;
}

/* Exceptions with a field or two of their own: StopIteration, SystemExit, ImportError, NameError, AttributeError,
   KeyError; and MemoryError, which must be possible when there is no memory. */
#include "internal.h"
#include "pycore_dict.h"
#include "pycore_interp.h"
#include "pycore_lock.h"

/* KEYED_CLEAR(ImportError, CLEAR(msg) CLEAR(name)) defines clear, traverse and dealloc for the fields. */
#define VISIT(field) Py_VISIT(self->field);
#define CLEAR(field) Py_CLEAR(self->field);
#define DEFINE_GC(Name, Struct, FIELDS)                                          \
    static int Name##_clear(PyObject *op)                                        \
    {                                                                            \
        Struct *self = (Struct *)op;                                             \
        FIELDS(CLEAR)                                                            \
        return _PyExc_BaseClear(op);                                             \
    }                                                                            \
    static int Name##_traverse(PyObject *op, visitproc visit, void *arg)         \
    {                                                                            \
        Struct *self = (Struct *)op;                                             \
        FIELDS(VISIT)                                                            \
        return _PyExc_BaseTraverse(op, visit, arg);                              \
    }                                                                            \
    EXC_DEALLOC(Name)

/* -- StopIteration ---------------------------------------------------------------------------------------------------- */

#define FIELDS(X) X(value)
DEFINE_GC(StopIteration, PyStopIterationObject, FIELDS)
#undef FIELDS

static int
StopIteration_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    if (_PyExc_BaseInit(op, args, kwds) == -1) {
        return -1;
    }
    PyObject *value = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : Py_None;
    _PySlot_Set(op, &((PyStopIterationObject *)op)->value, Py_NewRef(value));
    return 0;
}

static PyMemberDef StopIteration_members[] = {
    {"value", _Py_T_OBJECT, offsetof(PyStopIterationObject, value), 0, PyDoc_STR("generator return value")},
    {0}
};

EXC_TYPE(StopIteration, PyStopIterationObject, Exception, "Signal the end from iterator.__next__().", _PyExc_BaseNew, StopIteration_init,
         .tp_members = StopIteration_members);

/* -- SystemExit ----------------------------------------------------------------------------------------------------------- */

#define FIELDS(X) X(code)
DEFINE_GC(SystemExit, PySystemExitObject, FIELDS)
#undef FIELDS

static int
SystemExit_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    if (_PyExc_BaseInit(op, args, kwds) == -1) {
        return -1;
    }
    Py_ssize_t size = PyTuple_GET_SIZE(args);
    if (size > 0) {
        _PySlot_Set(op, &((PySystemExitObject *)op)->code, Py_NewRef(size == 1 ? PyTuple_GET_ITEM(args, 0) : args));
    }
    return 0;
}

static PyMemberDef SystemExit_members[] = {
    {"code", _Py_T_OBJECT, offsetof(PySystemExitObject, code), 0, PyDoc_STR("exception code")},
    {0}
};

EXC_TYPE(SystemExit, PySystemExitObject, BaseException, "Request to exit from the interpreter.", _PyExc_BaseNew, SystemExit_init,
         .tp_members = SystemExit_members);

/* -- State for pickle -------------------------------------------------------------------------------------------------------- */

/* (type, args[, state]); steals state, which may be None or NULL (an error). */
static PyObject *
reduce_with_state(PyObject *self, PyObject *state)
{
    if (state == NULL) {
        return NULL;
    }
    PyObject *args = PyException_GetArgs(self);
    PyObject *res = state == Py_None ? PyTuple_Pack(2, Py_TYPE(self), args) : PyTuple_Pack(3, Py_TYPE(self), args, state);
    Py_XDECREF(args);
    Py_DECREF(state);
    return res;
}

/* The instance's dict with the fields that are set added; None if there is nothing. */
static PyObject *
state_with_fields(PyObject *self, int n, PyObject **const slots[], PyObject *const names[])
{
    PyObject *dict = _PySlot_GetRef(self, &((PyBaseExceptionObject *)self)->dict);
    PyObject *state = NULL;
    for (int i = 0; i < n; i++) {
        PyObject *value = _PySlot_GetRef(self, slots[i]);
        if (value == NULL) {
            continue;
        }
        if (state == NULL) {
            state = dict ? PyDict_Copy(dict) : PyDict_New();
        }
        int err = state == NULL ? -1 : PyDict_SetItem(state, names[i], value);
        Py_DECREF(value);
        if (err < 0) {
            Py_XDECREF(state);
            Py_XDECREF(dict);
            return NULL;
        }
    }
    if (state == NULL) {
        return dict ? dict : Py_NewRef(Py_None);
    }
    Py_XDECREF(dict);
    return state;
}

/* -- ImportError ----------------------------------------------------------------------------------------------------------------- */

#define FIELDS(X) X(msg) X(name) X(path) X(name_from)
DEFINE_GC(ImportError, PyImportErrorObject, FIELDS)
#undef FIELDS

/* The empty tuple as positional arguments: those are BaseException's. */
static int
parse_keywords(PyObject *kwds, _PyArg_Parser *parser, PyObject **a, PyObject **b, PyObject **c)
{
    PyObject *empty = PyTuple_New(0);
    if (empty == NULL) {
        return -1;
    }
    int ok = _PyArg_ParseTupleAndKeywordsFast(empty, kwds, parser, a, b, c);
    Py_DECREF(empty);
    return ok ? 0 : -1;
}

static int
ImportError_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"name", "path", "name_from", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|$OOO:ImportError"};
    if (_PyExc_BaseInit(op, args, NULL) == -1) {
        return -1;
    }
    PyObject *name = NULL, *path = NULL, *name_from = NULL;
    if (parse_keywords(kwds, &parser, &name, &path, &name_from) < 0) {
        return -1;
    }
    PyImportErrorObject *self = (PyImportErrorObject *)op;
    _PySlot_Set(op, &self->name, Py_XNewRef(name));
    _PySlot_Set(op, &self->path, Py_XNewRef(path));
    _PySlot_Set(op, &self->name_from, Py_XNewRef(name_from));
    PyObject *msg = PyTuple_GET_SIZE(args) == 1 ? PyTuple_GET_ITEM(args, 0) : NULL;
    _PySlot_Set(op, &self->msg, Py_XNewRef(msg));
    return 0;
}

static PyObject *
ImportError_str(PyObject *op)
{
    PyObject *msg = _PySlot_GetRef(op, &((PyImportErrorObject *)op)->msg);
    if (msg != NULL && PyUnicode_CheckExact(msg)) {
        return msg;
    }
    Py_XDECREF(msg);
    return _PyExc_BaseStr(op);
}

static PyObject *
ImportError___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyImportErrorObject *self = (PyImportErrorObject *)op;
    PyObject **slots[] = {&self->name, &self->path, &self->name_from};
    PyObject *names[] = {_Py_ID(name), _Py_ID(path), _Py_ID(name_from)};
    return reduce_with_state(op, state_with_fields(op, 3, slots, names));
}

static PyMethodDef ImportError_methods[] = {
    PY_METHOD_NOSIG("__reduce__", ImportError___reduce__, METH_NOARGS, NULL),
    {0}
};

static PyMemberDef ImportError_members[] = {
    {"msg", _Py_T_OBJECT, offsetof(PyImportErrorObject, msg), 0, PyDoc_STR("exception message")},
    {"name", _Py_T_OBJECT, offsetof(PyImportErrorObject, name), 0, PyDoc_STR("module name")},
    {"path", _Py_T_OBJECT, offsetof(PyImportErrorObject, path), 0, PyDoc_STR("module path")},
    {"name_from", _Py_T_OBJECT, offsetof(PyImportErrorObject, name_from), 0, PyDoc_STR("name imported from module")},
    {0}
};

EXC_TYPE(ImportError, PyImportErrorObject, Exception, "Import can't find module, or can't find name in module.", _PyExc_BaseNew, ImportError_init,
         .tp_str = ImportError_str, .tp_methods = ImportError_methods,
         .tp_members = ImportError_members);

/* -- NameError ---------------------------------------------------------------------------------------------------------------------- */

#define FIELDS(X) X(name)
DEFINE_GC(NameError, PyNameErrorObject, FIELDS)
#undef FIELDS

static int
NameError_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"name", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|$O:NameError"};
    if (_PyExc_BaseInit(op, args, NULL) == -1) {
        return -1;
    }
    PyObject *name = NULL, *unused = NULL;
    if (parse_keywords(kwds, &parser, &name, &unused, &unused) < 0) {
        return -1;
    }
    _PySlot_Set(op, &((PyNameErrorObject *)op)->name, Py_XNewRef(name));
    return 0;
}

static PyMemberDef NameError_members[] = {
    {"name", _Py_T_OBJECT, offsetof(PyNameErrorObject, name), 0, PyDoc_STR("name")},
    {0}
};

EXC_TYPE(NameError, PyNameErrorObject, Exception, "Name not found globally.", _PyExc_BaseNew, NameError_init,
         .tp_members = NameError_members);

/* -- AttributeError ------------------------------------------------------------------------------------------------------------------- */

#define FIELDS(X) X(obj) X(name)
DEFINE_GC(AttributeError, PyAttributeErrorObject, FIELDS)
#undef FIELDS

static int
AttributeError_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"name", "obj", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|$OO:AttributeError"};
    if (_PyExc_BaseInit(op, args, NULL) == -1) {
        return -1;
    }
    PyObject *name = NULL, *obj = NULL, *unused = NULL;
    if (parse_keywords(kwds, &parser, &name, &obj, &unused) < 0) {
        return -1;
    }
    PyAttributeErrorObject *self = (PyAttributeErrorObject *)op;
    _PySlot_Set(op, &self->name, Py_XNewRef(name));
    _PySlot_Set(op, &self->obj, Py_XNewRef(obj));
    return 0;
}

/* The object is left out: often it cannot be pickled. */
static PyObject *
AttributeError___getstate__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyAttributeErrorObject *self = (PyAttributeErrorObject *)op;
    PyObject **slots[] = {&self->name, &self->args};
    PyObject *names[] = {_Py_ID(name), _Py_ID(args)};
    return state_with_fields(op, 2, slots, names);
}

static PyObject *
AttributeError___reduce__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyObject *state = AttributeError___getstate__(op, NULL);
    if (state == NULL) {
        return NULL;
    }
    PyObject *args = PyException_GetArgs(op);
    PyObject *res = PyTuple_Pack(3, Py_TYPE(op), args, state);
    Py_XDECREF(args);
    Py_DECREF(state);
    return res;
}

static PyMemberDef AttributeError_members[] = {
    {"name", _Py_T_OBJECT, offsetof(PyAttributeErrorObject, name), 0, PyDoc_STR("attribute name")},
    {"obj", _Py_T_OBJECT, offsetof(PyAttributeErrorObject, obj), 0, PyDoc_STR("object")},
    {0}
};

static PyMethodDef AttributeError_methods[] = {
    PY_METHOD_NOSIG("__getstate__", AttributeError___getstate__, METH_NOARGS, NULL),
    PY_METHOD_NOSIG("__reduce__", AttributeError___reduce__, METH_NOARGS, NULL),
    {0}
};

EXC_TYPE(AttributeError, PyAttributeErrorObject, Exception, "Attribute not found.", _PyExc_BaseNew, AttributeError_init,
         .tp_methods = AttributeError_methods, .tp_members = AttributeError_members);

/* -- KeyError ----------------------------------------------------------------------------------------------------------------------------- */

/* The repr of a single argument: '' would look like no message at all. */
static PyObject *
KeyError_str(PyObject *op)
{
    PyObject *args = PyException_GetArgs(op);
    if (args != NULL && PyTuple_GET_SIZE(args) == 1) {
        PyObject *res = PyObject_Repr(PyTuple_GET_ITEM(args, 0));
        Py_DECREF(args);
        return res;
    }
    Py_XDECREF(args);
    return _PyExc_BaseStr(op);
}

#define KeyError_clear _PyExc_BaseClear
#define KeyError_traverse _PyExc_BaseTraverse
EXC_DEALLOC(KeyError)

EXC_TYPE(KeyError, PyBaseExceptionObject, LookupError, "Mapping key not found.", _PyExc_BaseNew, _PyExc_BaseInit,
         .tp_str = KeyError_str, .tp_vectorcall = _PyExc_BaseVectorcall);

/* -- MemoryError ------------------------------------------------------------------------------------------------------------------------- */

/* Instances in reserve, linked through dict; of the interpreter, guarded by memerrors_mutex. */
#define MEMERRORS_SAVE 16

static PyBaseExceptionObject *
reserve_pop(struct _Py_exc_state *state)
{
    PyMutex_Lock(&state->memerrors_mutex);
    PyBaseExceptionObject *self = state->memerrors_freelist;
    if (self != NULL) {
        state->memerrors_freelist = (PyBaseExceptionObject *)self->dict;
        state->memerrors_numfree--;
        self->dict = NULL;
    }
    PyMutex_Unlock(&state->memerrors_mutex);
    return self;
}

static PyObject *
get_memory_error(PyObject *args)
{
    struct _Py_exc_state *state = &_PyInterpreterState_GET()->exc_state;
    PyBaseExceptionObject *self = reserve_pop(state);
    if (self == NULL) {
        return _PyExc_BaseNew(&_PyExcType_MemoryError, args, NULL);
    }
    self->args = args == NULL ? Py_GetConstant(Py_CONSTANT_EMPTY_TUPLE) : Py_NewRef(args);
    _Py_NewReference((PyObject *)self);
    _PyObject_GC_TRACK(self);
    return (PyObject *)self;
}

PyObject *
_PyExc_GetMemoryError(void)
{
    return get_memory_error(NULL);
}

static PyObject *
MemoryError_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (type != &_PyExcType_MemoryError) {
        return _PyExc_BaseNew(type, args, kwds);
    }
    return get_memory_error(args);
}

#define MemoryError_clear _PyExc_BaseClear
#define MemoryError_traverse _PyExc_BaseTraverse

static void
MemoryError_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    (void)_PyExc_BaseClear(op);
    if (!Py_IS_TYPE(op, &_PyExcType_MemoryError)) {
        exc_free(op);
        return;
    }
    struct _Py_exc_state *state = &_PyInterpreterState_GET()->exc_state;
    PyBaseExceptionObject *self = (PyBaseExceptionObject *)op;
    int kept = 0;
    PyMutex_Lock(&state->memerrors_mutex);
    if (state->memerrors_numfree < MEMERRORS_SAVE) {
        self->suppress_context = 0;
        self->dict = (PyObject *)state->memerrors_freelist;
        state->memerrors_freelist = self;
        state->memerrors_numfree++;
        kept = 1;
    }
    PyMutex_Unlock(&state->memerrors_mutex);
    if (!kept) {
        exc_free(op);
    }
}

EXC_TYPE(MemoryError, PyBaseExceptionObject, Exception, "Out of memory.", MemoryError_new, _PyExc_BaseInit);

int
_PyExc_PreallocateMemoryErrors(void)
{
    PyObject *errors[MEMERRORS_SAVE];
    int i;
    for (i = 0; i < MEMERRORS_SAVE; i++) {
        errors[i] = _PyExc_BaseNew(&_PyExcType_MemoryError, NULL, NULL);
        if (!errors[i]) {
            break;
        }
    }
    int ok = i == MEMERRORS_SAVE;
    while (i > 0) {
        Py_DECREF(errors[--i]);
    }
    return ok ? 0 : -1;
}

void
_PyExc_FreePreallocatedMemoryErrors(struct _Py_exc_state *state)
{
    PyBaseExceptionObject *self;
    while ((self = reserve_pop(state)) != NULL) {
        exc_free((PyObject *)self);
    }
}

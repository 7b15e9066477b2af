/* BaseExceptionGroup and ExceptionGroup: splitting, and what except* raises in the end.

   message and exceptions are const after __new__. */
#include "internal.h"
#include "pycore_call.h"
#include "pycore_interp.h"
#include "pycore_recursion.h"        // _Py_EnterRecursiveCall

#define GROUP(op) ((PyBaseExceptionGroupObject *)(op))

/* -- Construction ---------------------------------------------------------------------------------------------------- */

/* Which class the group really is, or NULL with TypeError: an ExceptionGroup has no BaseExceptions inside. */
static PyTypeObject *
choose_class(PyTypeObject *cls, int nested_base_exceptions)
{
    PyTypeObject *group = (PyTypeObject *)_PyInterpreterState_GET()->exc_state.PyExc_ExceptionGroup;
    if (cls == (PyTypeObject *)PyExc_BaseExceptionGroup) {
        return nested_base_exceptions ? cls : group;
    }
    if (!nested_base_exceptions) {
        return cls;
    }
    if (cls == group) {
        PyErr_SetString(PyExc_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
        return NULL;
    }
    int nested = PyObject_IsSubclass((PyObject *)cls, PyExc_Exception);
    if (nested < 0) {
        return NULL;
    }
    if (nested) {
        PyErr_Format(PyExc_TypeError, "Cannot nest BaseExceptions in '%.200s'", cls->tp_name);
        return NULL;
    }
    return cls;
}

static PyObject *
BaseExceptionGroup_new(PyTypeObject *cls, PyObject *args, PyObject *Py_UNUSED(kwds))
{
    PyObject *message, *exceptions, *excs_str = NULL;
    if (!PyArg_ParseTuple(args, "UO:BaseExceptionGroup.__new__", &message, &exceptions)) {
        return NULL;
    }
    if (!PySequence_Check(exceptions)) {
        PyErr_SetString(PyExc_TypeError, "second argument (exceptions) must be a sequence");
        return NULL;
    }
    /* A list shows as a list; the repr of another sequence is made now, before it changes. */
    if (!PyList_Check(exceptions) && !PyTuple_Check(exceptions)) {
        excs_str = PyObject_Repr(exceptions);
        if (excs_str == NULL) {
            return NULL;
        }
    }
    exceptions = PySequence_Tuple(exceptions);
    if (!exceptions) {
        Py_XDECREF(excs_str);
        return NULL;
    }
    Py_ssize_t numexcs = PyTuple_GET_SIZE(exceptions);
    if (numexcs == 0) {
        PyErr_SetString(PyExc_ValueError, "second argument (exceptions) must be a non-empty sequence");
        goto fail;
    }
    int nested_base_exceptions = 0;
    for (Py_ssize_t i = 0; i < numexcs; i++) {
        PyObject *exc = PyTuple_GET_ITEM(exceptions, i);
        if (!PyExceptionInstance_Check(exc)) {
            PyErr_Format(PyExc_ValueError, "Item %zd of second argument (exceptions) is not an exception", i);
            goto fail;
        }
        int is_nonbase = PyObject_IsInstance(exc, PyExc_Exception);
        if (is_nonbase < 0) {
            goto fail;
        }
        nested_base_exceptions |= is_nonbase == 0;
    }
    cls = choose_class(cls, nested_base_exceptions);
    if (cls == NULL) {
        goto fail;
    }
    PyBaseExceptionGroupObject *self = GROUP(_PyExc_BaseNew(cls, args, NULL));
    if (!self) {
        goto fail;
    }
    self->msg = Py_NewRef(message);
    self->excs = exceptions;
    self->excs_str = excs_str;
    return (PyObject *)self;
fail:
    Py_DECREF(exceptions);
    Py_XDECREF(excs_str);
    return NULL;
}

PyObject *
_PyExc_CreateExceptionGroup(const char *msg_str, PyObject *excs)
{
    PyObject *msg = PyUnicode_FromString(msg_str);
    if (!msg) {
        return NULL;
    }
    PyObject *args = PyTuple_Pack(2, msg, excs);
    Py_DECREF(msg);
    if (!args) {
        return NULL;
    }
    PyObject *result = PyObject_CallObject(PyExc_BaseExceptionGroup, args);
    Py_DECREF(args);
    return result;
}

static int
BaseExceptionGroup_clear(PyObject *op)
{
    PyBaseExceptionGroupObject *self = GROUP(op);
    Py_CLEAR(self->msg);
    Py_CLEAR(self->excs);
    Py_CLEAR(self->excs_str);
    return _PyExc_BaseClear(op);
}

static int
BaseExceptionGroup_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyBaseExceptionGroupObject *self = GROUP(op);
    Py_VISIT(self->msg);
    Py_VISIT(self->excs);
    Py_VISIT(self->excs_str);
    return _PyExc_BaseTraverse(op, visit, arg);
}

EXC_DEALLOC(BaseExceptionGroup)

static PyObject *
BaseExceptionGroup_str(PyObject *op)
{
    PyBaseExceptionGroupObject *self = GROUP(op);
    Py_ssize_t num_excs = PyTuple_GET_SIZE(self->excs);
    return PyUnicode_FromFormat("%S (%zd sub-exception%s)", self->msg, num_excs, num_excs > 1 ? "s" : "");
}

static PyObject *
BaseExceptionGroup_repr(PyObject *op)
{
    PyBaseExceptionGroupObject *self = GROUP(op);
    PyObject *excs_str = Py_XNewRef(self->excs_str);
    if (excs_str == NULL) {
        PyObject *args = PyException_GetArgs(op);
        int as_list = args != NULL && PyTuple_GET_SIZE(args) > 1 && PyList_Check(PyTuple_GET_ITEM(args, 1));
        Py_XDECREF(args);
        PyObject *excs = as_list ? PySequence_List(self->excs) : Py_NewRef(self->excs);
        if (excs == NULL) {
            return NULL;
        }
        excs_str = PyObject_Repr(excs);
        Py_DECREF(excs);
        if (excs_str == NULL) {
            return NULL;
        }
    }
    PyObject *res = PyUnicode_FromFormat("%s(%R, %U)", _PyType_Name(Py_TYPE(self)), self->msg, excs_str);
    Py_DECREF(excs_str);
    return res;
}

/* -- Splitting -------------------------------------------------------------------------------------------------------------- */

static PyObject *
BaseExceptionGroup_derive(PyObject *op, PyObject *excs)
{
    PyObject *init_args = PyTuple_Pack(2, GROUP(op)->msg, excs);
    if (!init_args) {
        return NULL;
    }
    PyObject *eg = PyObject_CallObject(PyExc_BaseExceptionGroup, init_args);
    Py_DECREF(init_args);
    return eg;
}

static int
copy_notes(PyObject *from, PyObject *to)
{
    PyObject *notes;
    if (PyObject_GetOptionalAttr(from, _Py_ID(__notes__), &notes) < 0) {
        return -1;
    }
    if (notes == NULL) {
        return 0;
    }
    int res = 0;
    if (PySequence_Check(notes)) {
        /* A copy: a note added to one part does not belong to the other. */
        PyObject *notes_copy = PySequence_List(notes);
        res = notes_copy == NULL ? -1 : PyObject_SetAttr(to, _Py_ID(__notes__), notes_copy);
        Py_XDECREF(notes_copy);
    }
    Py_DECREF(notes);
    return res;
}

/* A group like orig with other exceptions: *result, or NULL if there are none.  0, -1. */
static int
exceptiongroup_subset(PyObject *orig, PyObject *excs, PyObject **result)
{
    *result = NULL;
    Py_ssize_t num_excs = PySequence_Size(excs);
    if (num_excs < 0) {
        return -1;
    }
    if (num_excs == 0) {
        return 0;
    }
    PyObject *eg = PyObject_CallMethod(orig, "derive", "(O)", excs);
    if (!eg) {
        return -1;
    }
    if (!_PyBaseExceptionGroup_Check(eg)) {
        PyErr_SetString(PyExc_TypeError, "derive must return an instance of BaseExceptionGroup");
        goto fail;
    }
    PyObject *tb = PyException_GetTraceback(orig);
    if (tb) {
        int set_tb_result = PyException_SetTraceback(eg, tb);
        Py_DECREF(tb);
        if (set_tb_result < 0) {
            goto fail;
        }
    }
    PyException_SetContext(eg, PyException_GetContext(orig));
    PyException_SetCause(eg, PyException_GetCause(orig));
    if (copy_notes(orig, eg) < 0) {
        goto fail;
    }
    *result = eg;
    return 0;
fail:
    Py_DECREF(eg);
    return -1;
}

enum matcher_kind {
    MATCH_BY_TYPE,           /* a class or a tuple of classes */
    MATCH_BY_PREDICATE,      /* a callable */
    MATCH_INSTANCES,         /* a set of addresses of leaves, made by ourselves */
};

/* 0, or -1 with TypeError. */
static int
matcher_kind_of(PyObject *value, enum matcher_kind *kind)
{
    if (PyCallable_Check(value) && !PyType_Check(value)) {
        *kind = MATCH_BY_PREDICATE;
        return 0;
    }
    if (PyExceptionClass_Check(value)) {
        *kind = MATCH_BY_TYPE;
        return 0;
    }
    if (PyTuple_CheckExact(value)) {
        Py_ssize_t n = PyTuple_GET_SIZE(value), i = 0;
        while (i < n && PyExceptionClass_Check(PyTuple_GET_ITEM(value, i))) {
            i++;
        }
        if (i == n) {
            *kind = MATCH_BY_TYPE;
            return 0;
        }
    }
    PyErr_SetString(PyExc_TypeError,
                    "expected an exception type, a tuple of exception types, or a callable (other than a class)");
    return -1;
}

/* 1, 0, -1 */
static int
check_match(PyObject *exc, enum matcher_kind kind, PyObject *value)
{
    switch (kind) {
    case MATCH_BY_TYPE:
        return PyErr_GivenExceptionMatches(exc, value);
    case MATCH_BY_PREDICATE: {
        PyObject *res = PyObject_CallOneArg(value, exc);
        if (res == NULL) {
            return -1;
        }
        int is_true = PyObject_IsTrue(res);
        Py_DECREF(res);
        return is_true;
    }
    case MATCH_INSTANCES:
        if (!_PyBaseExceptionGroup_Check(exc)) {
            PyObject *exc_id = PyLong_FromVoidPtr(exc);
            if (exc_id == NULL) {
                return -1;
            }
            int res = PySet_Contains(value, exc_id);
            Py_DECREF(exc_id);
            return res;
        }
        return 0;
    }
    return 0;
}

struct split_result {
    PyObject *match, *rest;      /* owned, or NULL */
};

static int
split_recursive(PyObject *exc, enum matcher_kind kind, PyObject *value, int construct_rest,
                struct split_result *result)
{
    result->match = result->rest = NULL;
    int is_match = check_match(exc, kind, value);
    if (is_match < 0) {
        return -1;
    }
    if (is_match) {
        result->match = Py_NewRef(exc);
        return 0;
    }
    if (!_PyBaseExceptionGroup_Check(exc)) {
        if (construct_rest) {
            result->rest = Py_NewRef(exc);
        }
        return 0;
    }
    PyObject *excs = Py_NewRef(GROUP(exc)->excs);
    Py_ssize_t num_excs = PyTuple_GET_SIZE(excs);
    int retval = -1;
    PyObject *match_list = PyList_New(0);
    PyObject *rest_list = construct_rest ? PyList_New(0) : NULL;
    if (!match_list || (construct_rest && !rest_list)) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < num_excs; i++) {
        struct split_result rec;
        if (_Py_EnterRecursiveCall(" in exceptiongroup_split_recursive")) {
            goto done;
        }
        int err = split_recursive(PyTuple_GET_ITEM(excs, i), kind, value, construct_rest, &rec);
        _Py_LeaveRecursiveCall();
        if (err < 0) {
            goto done;
        }
        err = rec.match ? PyList_Append(match_list, rec.match) : 0;
        if (err == 0 && rec.rest) {
            err = PyList_Append(rest_list, rec.rest);
        }
        Py_XDECREF(rec.match);
        Py_XDECREF(rec.rest);
        if (err < 0) {
            goto done;
        }
    }
    if (exceptiongroup_subset(exc, match_list, &result->match) < 0) {
        goto done;
    }
    if (construct_rest && exceptiongroup_subset(exc, rest_list, &result->rest) < 0) {
        Py_CLEAR(result->match);
        goto done;
    }
    retval = 0;
done:
    Py_DECREF(excs);
    Py_XDECREF(match_list);
    Py_XDECREF(rest_list);
    return retval;
}

static PyObject *
BaseExceptionGroup_split(PyObject *self, PyObject *matcher_value)
{
    enum matcher_kind kind;
    if (matcher_kind_of(matcher_value, &kind) < 0) {
        return NULL;
    }
    struct split_result result;
    if (split_recursive(self, kind, matcher_value, 1, &result) < 0) {
        return NULL;
    }
    PyObject *pair = PyTuple_Pack(2, result.match ? result.match : Py_None, result.rest ? result.rest : Py_None);
    Py_XDECREF(result.match);
    Py_XDECREF(result.rest);
    return pair;
}

static PyObject *
BaseExceptionGroup_subgroup(PyObject *self, PyObject *matcher_value)
{
    enum matcher_kind kind;
    if (matcher_kind_of(matcher_value, &kind) < 0) {
        return NULL;
    }
    struct split_result result;
    if (split_recursive(self, kind, matcher_value, 0, &result) < 0) {
        return NULL;
    }
    assert(result.rest == NULL);
    return result.match ? result.match : Py_NewRef(Py_None);
}

/* -- except* ------------------------------------------------------------------------------------------------------------------ */

/* Adds the addresses of the leaves of exc to the set. */
static int
collect_leaf_ids(PyObject *exc, PyObject *leaf_ids)
{
    if (Py_IsNone(exc)) {
        return 0;
    }
    assert(PyExceptionInstance_Check(exc) && PySet_Check(leaf_ids));
    if (!_PyBaseExceptionGroup_Check(exc)) {
        PyObject *exc_id = PyLong_FromVoidPtr(exc);
        if (exc_id == NULL) {
            return -1;
        }
        int res = PySet_Add(leaf_ids, exc_id);
        Py_DECREF(exc_id);
        return res;
    }
    PyObject *excs = GROUP(exc)->excs;
    Py_ssize_t num_excs = PyTuple_GET_SIZE(excs);
    for (Py_ssize_t i = 0; i < num_excs; i++) {
        if (_Py_EnterRecursiveCall(" in collect_exception_group_leaf_ids")) {
            return -1;
        }
        int res = collect_leaf_ids(PyTuple_GET_ITEM(excs, i), leaf_ids);
        _Py_LeaveRecursiveCall();
        if (res < 0) {
            return -1;
        }
    }
    return 0;
}

/* The part of eg whose leaves occur in the groups of list keep, in eg's structure; None if nothing is left. */
PyObject *
_PyExc_ExceptionGroupProjection(PyObject *eg, PyObject *keep)
{
    assert(PyList_CheckExact(keep));
    PyObject *resulting = NULL;
    PyObject *leaf_ids = PySet_New(NULL);
    if (!leaf_ids) {
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(keep);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (collect_leaf_ids(PyList_GET_ITEM(keep, i), leaf_ids) < 0) {
            goto done;
        }
    }
    struct split_result split;
    if (split_recursive(eg, MATCH_INSTANCES, leaf_ids, 0, &split) < 0) {
        goto done;
    }
    resulting = split.match ? split.match : Py_NewRef(Py_None);
done:
    Py_DECREF(leaf_ids);
    return resulting;
}

/* Were both raised at the same place with the same surroundings, so that one is a part of the other? */
static int
is_same_exception_metadata(PyObject *exc1, PyObject *exc2)
{
    assert(PyExceptionInstance_Check(exc1) && PyExceptionInstance_Check(exc2));
    PyBaseExceptionObject *e1 = (PyBaseExceptionObject *)exc1;
    PyBaseExceptionObject *e2 = (PyBaseExceptionObject *)exc2;
    return e1->notes == e2->notes && e1->traceback == e2->traceback && e1->cause == e2->cause
           && e1->context == e2->context;
}

/* What to raise after the except* clauses of a try statement that caught orig.  excs: exceptions that the clauses
   raised, and last the unhandled part of orig; some may be None.  None: nothing. */
PyObject *
_PyExc_PrepReraiseStar(PyObject *orig, PyObject *excs)
{
    assert(orig == Py_None || PyExceptionInstance_Check(orig));
    assert(PyList_Check(excs));
    Py_ssize_t numexcs = PyList_GET_SIZE(excs);
    if (numexcs == 0) {
        return Py_NewRef(Py_None);
    }
    if (!_PyBaseExceptionGroup_Check(orig)) {
        /* A naked exception was caught: one clause ran at most. */
        PyObject *exc = PyList_GET_ITEM(excs, 0);
        assert(exc == Py_None || PyExceptionInstance_Check(exc));
        return Py_NewRef(exc);
    }
    /* Those that were raised anew, and parts of orig that were not caught or raised again. */
    PyObject *result = NULL, *reraised_eg = NULL;
    PyObject *raised_list = PyList_New(0);
    PyObject *reraised_list = PyList_New(0);
    if (raised_list == NULL || reraised_list == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < numexcs; i++) {
        PyObject *e = PyList_GET_ITEM(excs, i);
        assert(e != NULL);
        if (Py_IsNone(e)) {
            continue;
        }
        int is_reraise = is_same_exception_metadata(e, orig);
        if (PyList_Append(is_reraise ? reraised_list : raised_list, e) < 0) {
            goto done;
        }
    }
    reraised_eg = _PyExc_ExceptionGroupProjection(orig, reraised_list);
    if (reraised_eg == NULL) {
        goto done;
    }
    Py_ssize_t num_raised = PyList_GET_SIZE(raised_list);
    if (num_raised == 0) {
        result = Py_NewRef(reraised_eg);
        goto done;
    }
    if (!Py_IsNone(reraised_eg) && PyList_Append(raised_list, reraised_eg) < 0) {
        goto done;
    }
    if (PyList_GET_SIZE(raised_list) > 1) {
        result = _PyExc_CreateExceptionGroup("", raised_list);
    }
    else {
        result = Py_NewRef(PyList_GET_ITEM(raised_list, 0));
    }
done:
    Py_XDECREF(reraised_eg);
    Py_XDECREF(raised_list);
    Py_XDECREF(reraised_list);
    return result;
}

PyObject *
PyUnstable_Exc_PrepReraiseStar(PyObject *orig, PyObject *excs)
{
    if (orig == NULL || !PyExceptionInstance_Check(orig)) {
        PyErr_SetString(PyExc_TypeError, "orig must be an exception instance");
        return NULL;
    }
    if (excs == NULL || !PyList_Check(excs)) {
        PyErr_SetString(PyExc_TypeError, "excs must be a list of exceptions");
        return NULL;
    }
    Py_ssize_t numexcs = PyList_GET_SIZE(excs);
    for (Py_ssize_t i = 0; i < numexcs; i++) {
        PyObject *exc = PyList_GET_ITEM(excs, i);
        if (exc == NULL || !(PyExceptionInstance_Check(exc) || Py_IsNone(exc))) {
            PyErr_Format(PyExc_TypeError, "item %zd in excs is not an exception", i);
            return NULL;
        }
    }
    /* Items that were raised again have the traceback of orig. */
    return _PyExc_PrepReraiseStar(orig, excs);
}

/* -- Types ------------------------------------------------------------------------------------------------------------------------ */

static PyMemberDef BaseExceptionGroup_members[] = {
    {"message", _Py_T_OBJECT, offsetof(PyBaseExceptionGroupObject, msg), Py_READONLY, PyDoc_STR("exception message")},
    {"exceptions", _Py_T_OBJECT, offsetof(PyBaseExceptionGroupObject, excs), Py_READONLY,
     PyDoc_STR("nested exceptions")},
    {0}
};

static PyMethodDef BaseExceptionGroup_methods[] = {
    PY_METHOD_NOSIG("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"),
    PY_METHOD(BaseExceptionGroup, derive, METH_O, "($self, excs, /)", "Make a group like this one with other exceptions."),
    PY_METHOD(BaseExceptionGroup, split, METH_O, "($self, matcher_value, /)", "Return (part that matches, the rest)."),
    PY_METHOD(BaseExceptionGroup, subgroup, METH_O, "($self, matcher_value, /)", "Return the part that matches, or None."),
    {0}
};

static int
BaseExceptionGroup_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return _PyArg_NoKeywords(Py_TYPE(self)->tp_name, kwds) ? _PyExc_BaseInit(self, args, kwds) : -1;
}

EXC_TYPE(BaseExceptionGroup, PyBaseExceptionGroupObject, BaseException,
         "A combination of multiple unrelated exceptions.", BaseExceptionGroup_new, BaseExceptionGroup_init,
         .tp_str = BaseExceptionGroup_str, .tp_repr = BaseExceptionGroup_repr, .tp_members = BaseExceptionGroup_members,
         .tp_methods = BaseExceptionGroup_methods);

/* ExceptionGroup(BaseExceptionGroup, Exception): multiple inheritance needs a heap type. */
static PyObject *
create_exception_group_class(void)
{
    PyObject *bases = PyTuple_Pack(2, PyExc_BaseExceptionGroup, PyExc_Exception);
    if (bases == NULL) {
        return NULL;
    }
    PyObject *cls = PyErr_NewException("builtins.ExceptionGroup", bases, NULL);
    Py_DECREF(bases);
    return cls;
}

/* -- State of an interpreter ---------------------------------------------------------------------------------------------------------- */

extern int _PyExc_InitErrnoMap(struct _Py_exc_state *state);
extern int _PyExc_PreallocateMemoryErrors(void);
extern void _PyExc_FreePreallocatedMemoryErrors(struct _Py_exc_state *state);

int
_PyExc_InitGlobalObjects(PyInterpreterState *Py_UNUSED(interp))
{
    return _PyExc_PreallocateMemoryErrors();
}

int
_PyExc_InitState(PyInterpreterState *interp)
{
    struct _Py_exc_state *state = &interp->exc_state;
    if (_PyExc_InitErrnoMap(state) < 0) {
        return -1;
    }
    if (state->PyExc_ExceptionGroup == NULL) {
        state->PyExc_ExceptionGroup = create_exception_group_class();
    }
    return state->PyExc_ExceptionGroup == NULL ? -1 : 0;
}

void
_PyExc_FiniHeapObjects(PyInterpreterState *interp)
{
    Py_CLEAR(interp->exc_state.PyExc_ExceptionGroup);
}

void
_PyExc_Fini(PyInterpreterState *interp)
{
    struct _Py_exc_state *state = &interp->exc_state;
    _PyExc_FreePreallocatedMemoryErrors(state);
    Py_CLEAR(state->errnomap);
}

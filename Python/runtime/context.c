/* contextvars: contexts, variables, tokens.

   Each thread has a current context (tstate->context), made when it is first needed.  A context maps variables to values by a
   persistent map, so that copying one costs nothing.
   Locking: a context is entered by one thread at a time, and only that thread changes ctx_vars, in the context's critical
   section; it reads its own without. Other threads read in the critical section. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_atomic_ft.h"
#include "pycore_context.h"
#include "pycore_gc.h"
#include "pycore_global_ids.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"

#include <stddef.h>

#define CONTEXT(op) ((PyContext *)(op))
#define VAR(op) ((PyContextVar *)(op))
#define TOKEN(op) ((PyContextToken *)(op))

/* -- Contexts ---------------------------------------------------------------------------------------------- */

/* Steals vars. */
static PyContext *
context_new(PyHamtObject *vars)
{
    PyContext *context = vars != NULL ? PyObject_GC_New(PyContext, &PyContext_Type) : NULL;
    if (context == NULL) {
        Py_XDECREF(vars);
        return NULL;
    }
    context->ctx_vars = vars;
    context->ctx_prev = NULL;
    context->ctx_weakreflist = NULL;
    context->ctx_entered = 0;
    PyObject_GC_Track(context);
    return context;
}

/* The variables as they are now; new reference. */
static PyHamtObject *
context_vars(PyContext *context)
{
    PyHamtObject *vars;
    Py_BEGIN_CRITICAL_SECTION(context);
    vars = (PyHamtObject *)Py_NewRef(context->ctx_vars);
    Py_END_CRITICAL_SECTION();
    return vars;
}

/* By the thread that has entered it.  Steals vars. */
static void
context_set_vars(PyContext *context, PyHamtObject *vars)
{
    PyHamtObject *old;
    Py_BEGIN_CRITICAL_SECTION(context);
    old = context->ctx_vars;
    context->ctx_vars = vars;
    Py_END_CRITICAL_SECTION();
    Py_DECREF(old);
}

/* Tells the watchers; their errors are reported and forgotten. */
static void
context_switched(PyThreadState *tstate)
{
    tstate->context_ver++;
    PyInterpreterState *interp = tstate->interp;
    uint8_t active = interp->active_context_watchers;
    PyObject *context = tstate->context != NULL ? tstate->context : Py_None;
    for (int i = 0; active != 0; i++, active >>= 1) {
        PyContext_WatchCallback callback = active & 1 ? interp->context_watchers[i] : NULL;
        if (callback != NULL && callback(Py_CONTEXT_SWITCHED, context) < 0) {
            PyErr_FormatUnraisable("Exception ignored in %s watcher callback for %R", "Py_CONTEXT_SWITCHED", context);
        }
    }
}

/* The current context, borrowed, made if need be: the base of its thread counts as entered by it. */
static PyContext *
context_current(PyThreadState *tstate)
{
    if (tstate->context == NULL) {
        PyContext *context = context_new(_PyHamt_New());
        if (context == NULL) {
            return NULL;
        }
        context->ctx_entered = 1;
        tstate->context = (PyObject *)context;
    }
    return CONTEXT(tstate->context);
}

PyObject *
_PyContext_Get(void)
{
    return Py_XNewRef((PyObject *)context_current(_PyThreadState_GET()));
}

PyObject *
PyContext_New(void)
{
    return (PyObject *)context_new(_PyHamt_New());
}

static int
check_context(PyObject *op)
{
    if (!PyContext_CheckExact(op)) {
        PyErr_SetString(PyExc_TypeError, "an instance of Context was expected");
        return -1;
    }
    return 0;
}

PyObject *
PyContext_Copy(PyObject *op)
{
    return check_context(op) < 0 ? NULL : (PyObject *)context_new(context_vars(CONTEXT(op)));
}

PyObject *
PyContext_CopyCurrent(void)
{
    PyContext *context = context_current(_PyThreadState_GET());
    return context == NULL ? NULL : (PyObject *)context_new((PyHamtObject *)Py_NewRef(context->ctx_vars));
}

int
_PyContext_Enter(PyThreadState *tstate, PyObject *op)
{
    if (check_context(op) < 0) {
        return -1;
    }
    PyContext *context = CONTEXT(op);
    int expected = 0;
    /* The other party is a thread that enters it at the same time. */
    if (!__atomic_compare_exchange_n(&context->ctx_entered, &expected, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        _PyErr_Format(tstate, PyExc_RuntimeError, "cannot enter context: %R is already entered", context);
        return -1;
    }
    context->ctx_prev = CONTEXT(tstate->context);      /* moved */
    tstate->context = Py_NewRef(op);
    context_switched(tstate);
    return 0;
}

int
PyContext_Enter(PyObject *op)
{
    return _PyContext_Enter(_PyThreadState_GET(), op);
}

int
_PyContext_Exit(PyThreadState *tstate, PyObject *op)
{
    if (check_context(op) < 0) {
        return -1;
    }
    PyContext *context = CONTEXT(op);
    if (!__atomic_load_n(&context->ctx_entered, __ATOMIC_RELAXED)) {
        PyErr_Format(PyExc_RuntimeError, "cannot exit context: %R has not been entered", context);
        return -1;
    }
    if (tstate->context != op) {
        PyErr_SetString(PyExc_RuntimeError,
                        "cannot exit context: thread state references a different context object");
        return -1;
    }
    tstate->context = (PyObject *)context->ctx_prev;    /* moved back */
    context->ctx_prev = NULL;
    /* Release: the next thread that enters it sees the variables. */
    __atomic_store_n(&context->ctx_entered, 0, __ATOMIC_RELEASE);
    context_switched(tstate);
    Py_DECREF(op);              /* that of tstate->context */
    return 0;
}

int
PyContext_Exit(PyObject *op)
{
    return _PyContext_Exit(_PyThreadState_GET(), op);
}

/* -- Watchers ------------------------------------------------------------------------------------------------ */

#define MAX_WATCHERS ((int)Py_ARRAY_LENGTH(((PyInterpreterState *)0)->context_watchers))

int
PyContext_AddWatcher(PyContext_WatchCallback callback)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 0; i < MAX_WATCHERS; i++) {
        if (interp->context_watchers[i] == NULL) {
            interp->context_watchers[i] = callback;
            interp->active_context_watchers |= (uint8_t)(1 << i);
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more context watcher IDs available");
    return -1;
}

int
PyContext_ClearWatcher(int id)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (id < 0 || id >= MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid context watcher ID %d", id);
        return -1;
    }
    if (interp->context_watchers[id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No context watcher set for ID %d", id);
        return -1;
    }
    interp->context_watchers[id] = NULL;
    interp->active_context_watchers &= (uint8_t)~(1 << id);
    return 0;
}

/* -- The type Context -------------------------------------------------------------------------------------------- */

static PyObject *
context_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0)) {
        PyErr_SetString(PyExc_TypeError, "Context() does not accept any arguments");
        return NULL;
    }
    return PyContext_New();
}

static int
context_tp_clear(PyObject *self)
{
    Py_CLEAR(CONTEXT(self)->ctx_prev);
    Py_CLEAR(CONTEXT(self)->ctx_vars);
    return 0;
}

static int
context_tp_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(CONTEXT(self)->ctx_prev);
    Py_VISIT(CONTEXT(self)->ctx_vars);
    return 0;
}

static void
context_tp_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (CONTEXT(self)->ctx_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    (void)context_tp_clear(self);
    PyObject_GC_Del(self);
}

static PyObject *
context_tp_iter(PyObject *self)
{
    PyHamtObject *vars = context_vars(CONTEXT(self));
    PyObject *iterator = _PyHamt_NewIterKeys(vars);
    Py_DECREF(vars);
    return iterator;
}

static PyObject *
context_tp_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PyContext_CheckExact(v) || !PyContext_CheckExact(w) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyHamtObject *v_vars = context_vars(CONTEXT(v)), *w_vars = context_vars(CONTEXT(w));
    int equal = _PyHamt_Eq(v_vars, w_vars);
    Py_DECREF(v_vars);
    Py_DECREF(w_vars);
    return equal < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static Py_ssize_t
context_tp_len(PyObject *self)
{
    PyHamtObject *vars = context_vars(CONTEXT(self));
    Py_ssize_t count = vars->h_count;
    Py_DECREF(vars);
    return count;
}

/* 1: *value is a new reference; 0; -1. */
static int
context_find(PyObject *self, PyObject *key, PyObject **value)
{
    *value = NULL;
    if (!PyContextVar_CheckExact(key)) {
        PyErr_Format(PyExc_TypeError, "a ContextVar key was expected, got %R", key);
        return -1;
    }
    PyHamtObject *vars = context_vars(CONTEXT(self));
    int found = _PyHamt_Find(vars, key, value);
    Py_DECREF(vars);
    return found;
}

static PyObject *
context_tp_subscript(PyObject *self, PyObject *key)
{
    PyObject *value;
    if (context_find(self, key, &value) == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return value;
}

static int
context_tp_contains(PyObject *self, PyObject *key)
{
    PyObject *value;
    int found = context_find(self, key, &value);
    Py_XDECREF(value);
    return found;
}

static PyObject *
context_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value;
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) {
        return NULL;
    }
    int found = context_find(self, args[0], &value);
    return found == 0 ? Py_NewRef(nargs > 1 ? args[1] : Py_None) : value;
}

#define CONTEXT_VIEW(name, make)                                        \
    static PyObject *context_##name(PyObject *self, PyObject *ignored)  \
    {                                                                   \
        PyHamtObject *vars = context_vars(CONTEXT(self));               \
        PyObject *view = make(vars);                                    \
        Py_DECREF(vars);                                                \
        return view;                                                    \
    }

CONTEXT_VIEW(items, _PyHamt_NewIterItems)
CONTEXT_VIEW(keys, _PyHamt_NewIterKeys)
CONTEXT_VIEW(values, _PyHamt_NewIterValues)

static PyObject *
context_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyContext_Copy(self);
}

static PyObject *
context_run(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (nargs < 1) {
        _PyErr_SetString(tstate, PyExc_TypeError, "run() missing 1 required positional argument");
        return NULL;
    }
    if (_PyContext_Enter(tstate, self) < 0) {
        return NULL;
    }
    PyObject *result = PyObject_Vectorcall(args[0], args + 1, (size_t)(nargs - 1), kwnames);
    if (_PyContext_Exit(tstate, self) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyMethodDef context_methods[] = {
    PY_METHOD(context, get, METH_FASTCALL, "($self, key, default=None, /)", "Return the value of a variable, or default."),
    PY_METHOD(context, items, METH_NOARGS, "($self, /)", "Return all variables with their values, as pairs."),
    PY_METHOD(context, keys, METH_NOARGS, "($self, /)", "Return all variables that have a value."),
    PY_METHOD(context, values, METH_NOARGS, "($self, /)", "Return the values of all variables."),
    PY_METHOD(context, copy, METH_NOARGS, "($self, /)", "Return a copy; it costs nothing."),
    PY_METHOD_NOSIG("run", context_run, METH_FASTCALL | METH_KEYWORDS,
                    "run(callable, *args, **kwargs)\n\nCall with this context as the current one."),
    {0},
};

static PySequenceMethods context_as_sequence = {.sq_contains = context_tp_contains};
static PyMappingMethods context_as_mapping = {.mp_length = context_tp_len, .mp_subscript = context_tp_subscript};

PyTypeObject PyContext_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Context",
    .tp_basicsize = sizeof(PyContext),
    .tp_dealloc = context_tp_dealloc,
    .tp_as_sequence = &context_as_sequence,
    .tp_as_mapping = &context_as_mapping,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = context_tp_traverse,
    .tp_clear = context_tp_clear,
    .tp_richcompare = context_tp_richcompare,
    .tp_weaklistoffset = offsetof(PyContext, ctx_weakreflist),
    .tp_iter = context_tp_iter,
    .tp_methods = context_methods,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_new = context_tp_new,
};

/* -- Variables ------------------------------------------------------------------------------------------------------- */

PyObject *
PyContextVar_New(const char *text, PyObject *def)
{
    PyObject *name = PyUnicode_FromString(text);
    PyContextVar *var = name != NULL ? PyObject_GC_New(PyContextVar, &PyContextVar_Type) : NULL;
    if (var == NULL) {
        Py_XDECREF(name);
        return NULL;
    }
    var->var_name = name;
    var->var_default = Py_XNewRef(def);
    /* The address, mixed so that variables made one after the other differ in the low bits. */
    uint64_t mixed = (uint64_t)(uintptr_t)var >> 4;
    mixed *= 0x9E3779B97F4A7C15u;
    var->var_hash = (Py_hash_t)(mixed >> 3);
    PyObject_GC_Track(var);
    return (PyObject *)var;
}

static int
check_var(PyObject *op)
{
    if (!PyContextVar_CheckExact(op)) {
        PyErr_SetString(PyExc_TypeError, "an instance of ContextVar was expected");
        return -1;
    }
    return 0;
}

/* *value: new reference, or NULL: no value and no default. */
int
PyContextVar_Get(PyObject *op, PyObject *def, PyObject **value)
{
    *value = NULL;
    if (check_var(op) < 0) {
        return -1;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->context != NULL) {
        /* This thread has entered it: nobody else changes ctx_vars. */
        int found = _PyHamt_Find(CONTEXT(tstate->context)->ctx_vars, op, value);
        if (found != 0) {
            return found < 0 ? -1 : 0;
        }
    }
    *value = Py_XNewRef(def != NULL ? def : VAR(op)->var_default);
    return 0;
}

static PyContextToken *
token_new(PyContext *context, PyContextVar *var, PyObject *old)
{
    PyContextToken *token = PyObject_GC_New(PyContextToken, &PyContextToken_Type);
    if (token == NULL) {
        return NULL;
    }
    token->tok_ctx = (PyContext *)Py_NewRef(context);
    token->tok_var = (PyContextVar *)Py_NewRef(var);
    token->tok_oldval = Py_XNewRef(old);
    token->tok_used = 0;
    PyObject_GC_Track(token);
    return token;
}

/* In the current context. */
static int
var_set(PyContext *context, PyObject *var, PyObject *value)
{
    PyHamtObject *vars = _PyHamt_Assoc(context->ctx_vars, var, value);
    if (vars == NULL) {
        return -1;
    }
    context_set_vars(context, vars);
    return 0;
}

static int
var_delete(PyContext *context, PyObject *var)
{
    PyHamtObject *vars = _PyHamt_Without(context->ctx_vars, var);
    if (vars == NULL) {
        return -1;
    }
    if (vars == context->ctx_vars) {
        Py_DECREF(vars);
        PyErr_SetObject(PyExc_KeyError, var);
        return -1;
    }
    context_set_vars(context, vars);
    return 0;
}

PyObject *
PyContextVar_Set(PyObject *op, PyObject *value)
{
    if (check_var(op) < 0) {
        return NULL;
    }
    PyContext *context = context_current(_PyThreadState_GET());
    PyObject *old = NULL;
    if (context == NULL || _PyHamt_Find(context->ctx_vars, op, &old) < 0) {
        return NULL;
    }
    PyContextToken *token = token_new(context, VAR(op), old);
    Py_XDECREF(old);
    if (token != NULL && var_set(context, op, value) < 0) {
        Py_CLEAR(token);
    }
    return (PyObject *)token;
}

int
PyContextVar_Reset(PyObject *op, PyObject *token_op)
{
    if (check_var(op) < 0) {
        return -1;
    }
    PyContextToken *token = TOKEN(token_op);
    if (FT_ATOMIC_LOAD_INT_RELAXED(token->tok_used)) {
        PyErr_Format(PyExc_RuntimeError, "%R has already been used once", token);
        return -1;
    }
    if (VAR(op) != token->tok_var) {
        PyErr_Format(PyExc_ValueError, "%R was created by a different ContextVar", token);
        return -1;
    }
    PyContext *context = context_current(_PyThreadState_GET());
    if (context == NULL) {
        return -1;
    }
    if (context != token->tok_ctx) {
        PyErr_Format(PyExc_ValueError, "%R was created in a different Context", token);
        return -1;
    }
    FT_ATOMIC_STORE_INT_RELAXED(token->tok_used, 1);
    return token->tok_oldval != NULL ? var_set(context, op, token->tok_oldval) : var_delete(context, op);
}

static PyObject *
contextvar_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"", "default", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O|$O:ContextVar"};
    PyObject *name, *def = NULL;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &name, &def)) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "context variable name must be a str");
        return NULL;
    }
    PyObject *var = PyContextVar_New("", def);
    if (var != NULL) {
        Py_SETREF(VAR(var)->var_name, Py_NewRef(name));
    }
    return var;
}

static int
contextvar_tp_clear(PyObject *self)
{
    Py_CLEAR(VAR(self)->var_name);
    Py_CLEAR(VAR(self)->var_default);
    return 0;
}

static int
contextvar_tp_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(VAR(self)->var_name);
    Py_VISIT(VAR(self)->var_default);
    return 0;
}

static void
contextvar_tp_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    (void)contextvar_tp_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static Py_hash_t
contextvar_tp_hash(PyObject *self)
{
    return VAR(self)->var_hash;
}

static PyObject *
contextvar_tp_repr(PyObject *self)
{
    PyContextVar *var = VAR(self);
    /* The default may refer to the variable. */
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("<ContextVar ...>") : NULL;
    }
    PyObject *text = var->var_default != NULL ? PyUnicode_FromFormat("<ContextVar name=%R default=%R at %p>",
                                                                     var->var_name, var->var_default, self)
                                              : PyUnicode_FromFormat("<ContextVar name=%R at %p>", var->var_name, self);
    Py_ReprLeave(self);
    return text;
}

static PyObject *
contextvar_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value;
    if (!_PyArg_CheckPositional("get", nargs, 0, 1) || PyContextVar_Get(self, nargs ? args[0] : NULL, &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        PyErr_SetObject(PyExc_LookupError, self);
    }
    return value;
}

static PyObject *
contextvar_set(PyObject *self, PyObject *value)
{
    return PyContextVar_Set(self, value);
}

static PyObject *
contextvar_reset(PyObject *self, PyObject *token)
{
    if (!PyContextToken_CheckExact(token)) {
        PyErr_Format(PyExc_TypeError, "expected an instance of Token, got %R", token);
        return NULL;
    }
    return PyContextVar_Reset(self, token) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef contextvar_methods[] = {
    PY_METHOD_NOSIG("get", contextvar_get, METH_FASTCALL,
                    "get([default])\n\n"
                    "The value in the current context; else the argument, else the variable's default, else LookupError."),
    PY_METHOD(contextvar, set, METH_O, "($self, value, /)",
              "Set the value in the current context; the token that is returned can undo it by reset()."),
    PY_METHOD(contextvar, reset, METH_O, "($self, token, /)", "Set the value back to what it was before a set()."),
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {0},
};

static PyMemberDef contextvar_members[] = {
    {"name", _Py_T_OBJECT, offsetof(PyContextVar, var_name), Py_READONLY},
    {0},
};

PyTypeObject PyContextVar_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.ContextVar",
    .tp_basicsize = sizeof(PyContextVar),
    .tp_dealloc = contextvar_tp_dealloc,
    .tp_repr = contextvar_tp_repr,
    .tp_hash = contextvar_tp_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = contextvar_tp_traverse,
    .tp_clear = contextvar_tp_clear,
    .tp_methods = contextvar_methods,
    .tp_members = contextvar_members,
    .tp_new = contextvar_tp_new,
    .tp_free = PyObject_GC_Del,
};

/* -- Tokens ------------------------------------------------------------------------------------------------------------- */

static PyObject *
missing_repr(PyObject *self)
{
    return PyUnicode_FromString("<Token.MISSING>");
}

static void
missing_dealloc(PyObject *self)
{
    _Py_SetImmortal(self);
}

PyTypeObject _PyContextTokenMissing_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "Token.MISSING",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = missing_dealloc,
    .tp_repr = missing_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

PyObject _PyContextTokenMissing = _PyObject_HEAD_INIT(&_PyContextTokenMissing_Type);

static PyObject *
token_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyErr_SetString(PyExc_RuntimeError, "Tokens can only be created by ContextVars");
    return NULL;
}

static int
token_tp_clear(PyObject *self)
{
    Py_CLEAR(TOKEN(self)->tok_ctx);
    Py_CLEAR(TOKEN(self)->tok_var);
    Py_CLEAR(TOKEN(self)->tok_oldval);
    return 0;
}

static int
token_tp_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(TOKEN(self)->tok_ctx);
    Py_VISIT(TOKEN(self)->tok_var);
    Py_VISIT(TOKEN(self)->tok_oldval);
    return 0;
}

static void
token_tp_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    (void)token_tp_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *
token_tp_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<Token%s var=%R at %p>", FT_ATOMIC_LOAD_INT_RELAXED(TOKEN(self)->tok_used) ? " used" : "",
                                TOKEN(self)->tok_var, self);
}

static PyObject *
token_get_var(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef((PyObject *)TOKEN(self)->tok_var);
}

static PyObject *
token_get_old_value(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *old = TOKEN(self)->tok_oldval;
    return Py_NewRef(old != NULL ? old : &_PyContextTokenMissing);
}

static PyObject *
token___enter__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static PyObject *
token___exit__(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__exit__", nargs, 3, 3) ||
        PyContextVar_Reset((PyObject *)TOKEN(self)->tok_var, self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef token_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    PY_METHOD(token, __enter__, METH_NOARGS, "($self, /)", "Return the token."),
    PY_METHOD(token, __exit__, METH_FASTCALL, "($self, type, val, tb, /)", "Set the variable back."),
    {0},
};

static PyGetSetDef token_getset[] = {
    {"var", token_get_var},
    {"old_value", token_get_old_value},
    {0},
};

PyTypeObject PyContextToken_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Token",
    .tp_basicsize = sizeof(PyContextToken),
    .tp_dealloc = token_tp_dealloc,
    .tp_repr = token_tp_repr,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = token_tp_traverse,
    .tp_clear = token_tp_clear,
    .tp_methods = token_methods,
    .tp_getset = token_getset,
    .tp_new = token_tp_new,
    .tp_free = PyObject_GC_Del,
};

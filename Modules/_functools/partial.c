/* functools.partial and Placeholder.

   fn, args, kw and phcount change only in __setstate__, under the object's mutex; a call reads them in one section and
   counts what it uses.  kw is a dict that users may change (partial.keywords); it is copied out under its own mutex. */
#include "functools_private.h"
#include "pycore_call.h"         // _PY_FASTCALL_SMALL_STACK

typedef struct {
    PyObject_HEAD
    PyObject *fn;
    PyObject *args;              // exact tuple, perhaps with Placeholders
    PyObject *kw;                // exact dict
    PyObject *dict;              // __dict__
    PyObject *weakreflist;
    PyObject *placeholder;       // const, borrowed from the module's state, which the type keeps alive
    Py_ssize_t phcount;          // Placeholders in args
    vectorcallfunc vectorcall;   // const
} partialobject;

#define PARTIAL(op) ((partialobject *)(op))

/* -- Placeholder ----------------------------------------------------------- */

static PyObject *
placeholder_repr(PyObject *Py_UNUSED(self))
{
    return PyUnicode_FromString("Placeholder");
}

static PyObject *
placeholder___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return placeholder_repr(self);
}

static PyMethodDef placeholder_methods[] = {
    PY_METHOD(placeholder, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    {0}
};

static void
placeholder_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static int
placeholder_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

/* There is one in a module. */
static PyObject *
placeholder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0)) {
        PyErr_SetString(PyExc_TypeError, "PlaceholderType takes no arguments");
        return NULL;
    }
    functools_state *state = functools_state_of(type);
    if (state->placeholder == NULL) {
        state->placeholder = PyType_GenericNew(type, NULL, NULL);
    }
    return Py_XNewRef(state->placeholder);
}

static PyType_Slot placeholder_slots[] = {
    {Py_tp_dealloc, placeholder_dealloc},
    {Py_tp_repr, placeholder_repr},
    {Py_tp_doc, "The type of Placeholder, which stands for an argument of partial() that comes with the call."},
    {Py_tp_methods, placeholder_methods},
    {Py_tp_new, placeholder_new},
    {Py_tp_traverse, placeholder_traverse},
    {0, NULL}
};

PyType_Spec _PyPlaceholder_spec = {
    .name = "functools._PlaceholderType",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = placeholder_slots,
};

/* -- Making one -------------------------------------------------------------- */

static Py_ssize_t
count_placeholders(PyObject *const *args, Py_ssize_t n, PyObject *placeholder)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        count += args[i] == placeholder;
    }
    return count;
}

static int
check_placeholders(PyObject *const *args, Py_ssize_t n, PyObject *kw, PyObject *placeholder)
{
    if (n > 0 && args[n - 1] == placeholder) {
        PyErr_SetString(PyExc_TypeError, "trailing Placeholders are not allowed");
        return -1;
    }
    Py_ssize_t pos = 0;
    PyObject *value;
    while (kw != NULL && PyDict_Next(kw, &pos, NULL, &value)) {
        if (value == placeholder) {
            PyErr_SetString(PyExc_TypeError, "Placeholder cannot be passed as a keyword argument");
            return -1;
        }
    }
    return 0;
}

/* old with its Placeholders filled from the front of more, then the rest of more. */
static PyObject *
merge_args(PyObject *old, PyObject *const *more, Py_ssize_t n, PyObject *placeholder, Py_ssize_t phcount)
{
    Py_ssize_t nold = PyTuple_GET_SIZE(old);
    PyObject *result = PyTuple_New(nold + Py_MAX(n - phcount, 0));
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t used = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(result); i++) {
        PyObject *item = i < nold ? PyTuple_GET_ITEM(old, i) : placeholder;
        if ((i >= nold || item == placeholder) && used < n) {
            item = more[used++];
        }
        PyTuple_SET_ITEM(result, i, Py_NewRef(item));
    }
    return result;
}

static PyObject *
merge_keywords(PyObject *old, PyObject *kw)
{
    PyObject *result = old == NULL ? PyDict_New() : PyDict_Copy(old);
    if (result != NULL && kw != NULL && PyDict_Merge(result, kw, 1) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* A partial of a partial calls the function inside. */
static int
can_flatten(PyObject *func, functools_state *state)
{
    return PyObject_TypeCheck(func, state->partial_type) && Py_TYPE(func)->tp_call == PyVectorcall_Call
        && PARTIAL(func)->dict == NULL;
}

static PyObject *partial_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames);

static PyObject *
partial_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_SetString(PyExc_TypeError, "type 'partial' takes at least one argument");
        return NULL;
    }
    functools_state *state = functools_state_of(type);
    PyObject *func = PyTuple_GET_ITEM(args, 0);
    if (state == NULL) {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    PyObject *const *more = _PyTuple_ITEMS(args) + 1;
    Py_ssize_t n = PyTuple_GET_SIZE(args) - 1;
    if (check_placeholders(more, n, kw, state->placeholder) < 0) {
        return NULL;
    }
    PyObject *old_args = _PyTuple_GetEmpty(), *old_kw = NULL;
    Py_ssize_t phcount = 0;
    if (can_flatten(func, state)) {
        partialobject *inner = PARTIAL(func);
        func = inner->fn;
        old_args = inner->args;
        old_kw = inner->kw;
        phcount = inner->phcount;
    }
    partialobject *self = (partialobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->fn = Py_NewRef(func);
    self->placeholder = state->placeholder;
    self->vectorcall = partial_vectorcall;
    self->args = merge_args(old_args, more, n, state->placeholder, phcount);
    self->kw = self->args == NULL ? NULL : merge_keywords(old_kw, kw);
    if (self->kw == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    self->phcount = count_placeholders(_PyTuple_ITEMS(self->args), PyTuple_GET_SIZE(self->args), state->placeholder);
    return (PyObject *)self;
}

static int
partial_clear(PyObject *self)
{
    Py_CLEAR(PARTIAL(self)->fn);
    Py_CLEAR(PARTIAL(self)->args);
    Py_CLEAR(PARTIAL(self)->kw);
    Py_CLEAR(PARTIAL(self)->dict);
    return 0;
}

static int
partial_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(PARTIAL(self)->fn);
    Py_VISIT(PARTIAL(self)->args);
    Py_VISIT(PARTIAL(self)->kw);
    Py_VISIT(PARTIAL(self)->dict);
    return 0;
}

static void
partial_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (PARTIAL(self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    partial_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* -- Calling -------------------------------------------------------------------- */

/* fn, args and kw, counted and belonging together. */
static void
read_parts(partialobject *self, PyObject **fn, PyObject **args, PyObject **kw, Py_ssize_t *phcount)
{
    Py_BEGIN_CRITICAL_SECTION(self);
    *fn = Py_NewRef(self->fn);
    *args = Py_NewRef(self->args);
    *kw = Py_NewRef(self->kw);
    *phcount = self->phcount;
    Py_END_CRITICAL_SECTION();
}

/* The arguments of a call in one array: positional ones, then the values of *kwnames.  All borrowed, but *kwnames. */
struct call_arguments {
    PyObject **stack;
    Py_ssize_t npos;
    PyObject *kwnames;
    PyObject *few[_PY_FASTCALL_SMALL_STACK * 2 + 1];
};

static int
arguments_make_room(struct call_arguments *call, Py_ssize_t n)
{
    call->stack = call->few + 1;     // one before it, for PY_VECTORCALL_ARGUMENTS_OFFSET
    if (n + 1 > (Py_ssize_t)Py_ARRAY_LENGTH(call->few)) {
        PyObject **many = PyMem_New(PyObject *, n + 1);
        if (many == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        call->stack = many + 1;
    }
    return 0;
}

static void
arguments_free(struct call_arguments *call)
{
    if (call->stack != NULL && call->stack != call->few + 1) {
        PyMem_Free(call->stack - 1);
    }
    Py_XDECREF(call->kwnames);
}

static void
place_positional(struct call_arguments *call, PyObject *own, PyObject *placeholder, PyObject *const *args,
                 Py_ssize_t nargs)
{
    Py_ssize_t used = 0, n = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(own); i++) {
        PyObject *item = PyTuple_GET_ITEM(own, i);
        call->stack[n++] = item == placeholder ? args[used++] : item;
    }
    while (used < nargs) {
        call->stack[n++] = args[used++];
    }
    call->npos = n;
}

/* Our keywords with those of the call over them.  merged holds what it borrows. */
static int
place_keywords(struct call_arguments *call, PyObject *merged)
{
    Py_ssize_t pos = 0, i = 0;
    PyObject *key, *value;
    call->kwnames = PyTuple_New(PyDict_GET_SIZE(merged));
    if (call->kwnames == NULL) {
        return -1;
    }
    while (PyDict_Next(merged, &pos, &key, &value)) {
        PyTuple_SET_ITEM(call->kwnames, i, Py_NewRef(key));
        call->stack[call->npos + i] = value;
        i++;
    }
    return 0;
}

static PyObject *
merge_call_keywords(PyObject *kw, PyObject *const *values, PyObject *kwnames)
{
    PyObject *merged = PyDict_Copy(kw);
    for (Py_ssize_t i = 0; merged != NULL && kwnames != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyDict_SetItem(merged, PyTuple_GET_ITEM(kwnames, i), values[i]) < 0) {
            Py_CLEAR(merged);
        }
    }
    return merged;
}

static PyObject *
partial_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *fn, *own, *kw, *merged = NULL, *result = NULL;
    Py_ssize_t phcount, nargs = PyVectorcall_NARGS(nargsf);
    struct call_arguments call = {.stack = NULL, .kwnames = NULL};
    read_parts(PARTIAL(op), &fn, &own, &kw, &phcount);
    if (nargs < phcount) {
        PyErr_Format(PyExc_TypeError, "missing positional arguments in 'partial' call; expected at least %zd, got %zd",
                     phcount, nargs);
        goto done;
    }
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    Py_ssize_t npos = PyTuple_GET_SIZE(own) + nargs - phcount;
    if (PyDict_GET_SIZE(kw) == 0) {
        if (arguments_make_room(&call, npos + nkw) < 0) {
            goto done;
        }
        place_positional(&call, own, PARTIAL(op)->placeholder, args, nargs);
        for (Py_ssize_t i = 0; i < nkw; i++) {
            call.stack[npos + i] = args[nargs + i];
        }
        call.kwnames = Py_XNewRef(kwnames);
    }
    else {
        merged = merge_call_keywords(kw, args + nargs, kwnames);
        if (merged == NULL || arguments_make_room(&call, npos + PyDict_GET_SIZE(merged)) < 0) {
            goto done;
        }
        place_positional(&call, own, PARTIAL(op)->placeholder, args, nargs);
        if (place_keywords(&call, merged) < 0) {
            goto done;
        }
    }
    result = PyObject_Vectorcall(fn, call.stack, (size_t)npos | PY_VECTORCALL_ARGUMENTS_OFFSET, call.kwnames);
done:
    arguments_free(&call);
    Py_XDECREF(merged);
    Py_DECREF(fn);
    Py_DECREF(own);
    Py_DECREF(kw);
    return result;
}

static PyObject *
partial_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (obj == Py_None || obj == NULL) {
        return Py_NewRef(self);
    }
    return PyMethod_New(self, obj);
}

/* -- Text form and pickling ---------------------------------------------------------- */

static PyObject *
arguments_text(PyObject *args, PyObject *kw)
{
    PyObject *text = PyUnicode_FromString("");
    for (Py_ssize_t i = 0; text != NULL && i < PyTuple_GET_SIZE(args); i++) {
        Py_SETREF(text, PyUnicode_FromFormat("%U, %R", text, PyTuple_GET_ITEM(args, i)));
    }
    /* A copy: repr runs other code. */
    PyObject *items = text == NULL ? NULL : PyDict_Items(kw);
    for (Py_ssize_t i = 0; items != NULL && text != NULL && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        Py_SETREF(text, PyUnicode_FromFormat("%U, %S=%R", text, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1)));
    }
    if (items == NULL) {
        Py_CLEAR(text);
    }
    Py_XDECREF(items);
    return text;
}

static PyObject *
partial_repr(PyObject *self)
{
    PyObject *fn, *args, *kw, *result = NULL;
    Py_ssize_t phcount;
    int entered = Py_ReprEnter(self);
    PyObject *name = entered < 0 ? NULL : PyType_GetFullyQualifiedName(Py_TYPE(self));
    if (name == NULL) {
        if (entered == 0) {
            Py_ReprLeave(self);
        }
        return NULL;
    }
    if (entered > 0) {
        Py_DECREF(name);
        return PyUnicode_FromString("...");
    }
    read_parts(PARTIAL(self), &fn, &args, &kw, &phcount);
    PyObject *text = arguments_text(args, kw);
    if (text != NULL) {
        result = PyUnicode_FromFormat("%U(%R%U)", name, fn, text);
        Py_DECREF(text);
    }
    Py_DECREF(name);
    Py_DECREF(fn);
    Py_DECREF(args);
    Py_DECREF(kw);
    Py_ReprLeave(self);
    return result;
}

static PyObject *
partial___reduce___lock_held(partialobject *self)
{
    return Py_BuildValue("O(O)(OOOO)", Py_TYPE(self), self->fn, self->fn, self->args, self->kw,
                         self->dict != NULL ? self->dict : Py_None);
}
PY_LOCKED_NOARGS(partial, __reduce__, partialobject)

/* Steals the four. */
static void
exchange_parts(partialobject *self, PyObject *fn, PyObject *args, PyObject *kw, PyObject *dict, Py_ssize_t phcount)
{
    PyObject *old[4];
    Py_BEGIN_CRITICAL_SECTION(self);
    old[0] = self->fn;
    old[1] = self->args;
    old[2] = self->kw;
    old[3] = self->dict;
    self->fn = fn;
    self->args = args;
    self->kw = kw;
    self->dict = dict;
    self->phcount = phcount;
    Py_END_CRITICAL_SECTION();
    for (int i = 0; i < 4; i++) {
        _Py_RetireRef(self, old[i]);
    }
}

static PyObject *
partial___setstate__(PyObject *self, PyObject *state)
{
    PyObject *fn, *args, *kw, *dict;
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) != 4
        || !PyArg_ParseTuple(state, "OOOO", &fn, &args, &kw, &dict)
        || !PyCallable_Check(fn) || !PyTuple_Check(args) || (kw != Py_None && !PyDict_Check(kw))) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "invalid partial state");
        }
        return NULL;
    }
    PyObject *placeholder = PARTIAL(self)->placeholder;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (check_placeholders(_PyTuple_ITEMS(args), n, NULL, placeholder) < 0) {
        return NULL;
    }
    Py_ssize_t phcount = count_placeholders(_PyTuple_ITEMS(args), n, placeholder);
    args = PyTuple_CheckExact(args) ? Py_NewRef(args) : PySequence_Tuple(args);
    if (args == NULL) {
        return NULL;
    }
    kw = kw == Py_None ? PyDict_New() : PyDict_CheckExact(kw) ? Py_NewRef(kw) : PyDict_Copy(kw);
    if (kw == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    exchange_parts(PARTIAL(self), Py_NewRef(fn), args, kw, dict == Py_None ? NULL : Py_NewRef(dict), phcount);
    Py_RETURN_NONE;
}

static PyMethodDef partial_methods[] = {
    PY_METHOD(partial, __reduce__, METH_NOARGS, "($self, /)", "State for pickling."),
    PY_METHOD(partial, __setstate__, METH_O, "($self, object, /)", "Set the state from pickling."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "partial[T], for annotations."),
    {0}
};

static PyMemberDef partial_members[] = {
    {"func", _Py_T_OBJECT, offsetof(partialobject, fn), Py_READONLY, "The function that is called."},
    {"args", _Py_T_OBJECT, offsetof(partialobject, args), Py_READONLY, "Positional arguments that come first."},
    {"keywords", _Py_T_OBJECT, offsetof(partialobject, kw), Py_READONLY, "Keyword arguments that are added."},
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(partialobject, weakreflist), Py_READONLY},
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(partialobject, dict), Py_READONLY},
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(partialobject, vectorcall), Py_READONLY},
    {0}
};

static PyGetSetDef partial_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {0}
};

static PyType_Slot partial_slots[] = {
    {Py_tp_dealloc, partial_dealloc},
    {Py_tp_repr, partial_repr},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_doc, "partial(func, /, *args, **keywords)\n--\n\n"
                "A callable: func with some arguments given already.  Placeholder keeps a place free."},
    {Py_tp_traverse, partial_traverse},
    {Py_tp_clear, partial_clear},
    {Py_tp_methods, partial_methods},
    {Py_tp_members, partial_members},
    {Py_tp_getset, partial_getset},
    {Py_tp_descr_get, partial_descr_get},
    {Py_tp_new, partial_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

PyType_Spec _PyPartial_spec = {
    .name = "functools.partial",
    .basicsize = sizeof(partialobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE
           | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = partial_slots,
};

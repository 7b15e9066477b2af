/* _thread._local: an object with a dict of its own in each thread.

   A thread state has a key (any object) and a sentinel (an object that dies with the state).  A local keeps the
   dicts by key, and for each a weak reference to the thread's sentinel whose callback removes it: so a dict dies
   with its thread or with its local, whichever ends first.
   Both maps are dicts, used under their own locks; a key is only ever added by its own thread. */
#include "Python.h"
#include "_thread_int.h"
#include "pycore_args.h"
#include "pycore_dict.h"
#include "pycore_global_ids.h"     // _Py_ID
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_weakref.h"

/* -- The sentinel ---------------- */

typedef struct {
    PyObject_HEAD
} sentinelobject;

static void
sentinel_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static int
sentinel_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyType_Slot sentinel_slots[] = {
    {Py_tp_dealloc, sentinel_dealloc},
    {Py_tp_traverse, sentinel_traverse},
    {0, NULL}
};

PyType_Spec _PyThread_sentinel_spec = {
    .name = "_thread._sentinel",
    .basicsize = sizeof(sentinelobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
        | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = sentinel_slots,
};

/* -- The local ---------------- */

typedef struct {
    PyObject_HEAD
    PyObject *args, *kwargs;   // const: for __init__ in each thread
    PyObject *dicts;           // thread key -> dict
    PyObject *watchers;        // thread key -> weak reference to the thread's sentinel
} localobject;

/* Weak reference callback; self is (weak reference to the local, key). */
static PyObject *
sentinel_died(PyObject *self, PyObject *Py_UNUSED(ref))
{
    PyObject *local = _PyWeakref_GET_REF(PyTuple_GET_ITEM(self, 0));
    if (local == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *key = PyTuple_GET_ITEM(self, 1);
    PyObject *dicts = Py_XNewRef(((localobject *)local)->dicts);
    PyObject *watchers = Py_XNewRef(((localobject *)local)->watchers);
    /* Neither key need be there: the local may be in its own clearing. */
    if ((watchers != NULL && PyDict_Pop(watchers, key, NULL) < 0)
        || (dicts != NULL && PyDict_Pop(dicts, key, NULL) < 0)) {
        PyErr_FormatUnraisable("Exception ignored while clearing a thread's local data");
    }
    Py_XDECREF(dicts);
    Py_XDECREF(watchers);
    Py_DECREF(local);
    Py_RETURN_NONE;
}

static PyMethodDef sentinel_died_def = {"sentinel_died", sentinel_died, METH_O, NULL};

static int
ensure_thread_key(thread_module_state *state, PyThreadState *tstate)
{
    if (tstate->threading_local_key == NULL) {
        tstate->threading_local_key = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
        if (tstate->threading_local_key == NULL) {
            return -1;
        }
    }
    if (tstate->threading_local_sentinel == NULL) {
        tstate->threading_local_sentinel = state->sentinel_type->tp_alloc(state->sentinel_type, 0);
        if (tstate->threading_local_sentinel == NULL) {
            return -1;
        }
    }
    return 0;
}

/* Makes the calling thread's dict of self.  New reference. */
static PyObject *
create_dict(localobject *self, thread_module_state *state, PyThreadState *tstate)
{
    PyObject *dict = NULL, *self_ref = NULL, *pair = NULL, *callback = NULL, *watcher = NULL;
    int ok = 0;

    if (ensure_thread_key(state, tstate) < 0
        || (dict = PyDict_New()) == NULL
        || (self_ref = PyWeakref_NewRef((PyObject *)self, NULL)) == NULL
        || (pair = PyTuple_Pack(2, self_ref, tstate->threading_local_key)) == NULL
        || (callback = PyCFunction_New(&sentinel_died_def, pair)) == NULL
        || (watcher = PyWeakref_NewRef(tstate->threading_local_sentinel, callback)) == NULL
        || PyDict_SetItem(self->dicts, tstate->threading_local_key, dict) < 0
        || PyDict_SetItem(self->watchers, tstate->threading_local_key, watcher) < 0) {
        goto done;
    }
    ok = 1;
done:
    Py_XDECREF(self_ref);
    Py_XDECREF(pair);
    Py_XDECREF(callback);
    Py_XDECREF(watcher);
    if (!ok) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
local_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (type->tp_init == PyBaseObject_Type.tp_init) {
        int given = PyTuple_GET_SIZE(args) > 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0);
        if (given) {
            PyErr_SetString(PyExc_TypeError, "Initialization arguments are not supported");
            return NULL;
        }
    }
    PyObject *module = PyType_GetModuleByDef(type, &_PyThread_module);
    if (module == NULL) {
        return NULL;
    }
    localobject *self = (localobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->args = Py_NewRef(args);
    self->kwargs = Py_XNewRef(kwargs);
    self->dicts = PyDict_New();
    self->watchers = PyDict_New();
    if (self->dicts == NULL || self->watchers == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    /* type.__call__ is about to run __init__ in this thread. */
    PyObject *dict = create_dict(self, get_thread_state(module), _PyThreadState_GET());
    if (dict == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    Py_DECREF(dict);
    return (PyObject *)self;
}

static int
local_traverse(PyObject *op, visitproc visit, void *arg)
{
    localobject *self = (localobject *)op;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->args);
    Py_VISIT(self->kwargs);
    Py_VISIT(self->dicts);
    Py_VISIT(self->watchers);
    return 0;
}

static int
local_clear(PyObject *op)
{
    localobject *self = (localobject *)op;
    Py_CLEAR(self->args);
    Py_CLEAR(self->kwargs);
    Py_CLEAR(self->dicts);
    Py_CLEAR(self->watchers);
    return 0;
}

static void
local_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    (void)local_clear(self);
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* The calling thread's dict, made and initialised if this is its first access.  New reference. */
static PyObject *
local_getdict(localobject *self)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *dict = NULL;
    if (self->dicts == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the thread-local object has been cleared");
        return NULL;
    }
    if (tstate->threading_local_key != NULL
        && PyDict_GetItemRef(self->dicts, tstate->threading_local_key, &dict) < 0) {
        return NULL;
    }
    if (dict != NULL) {
        return dict;
    }
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &_PyThread_module);
    if (module == NULL) {
        return NULL;
    }
    dict = create_dict(self, get_thread_state(module), tstate);
    if (dict == NULL) {
        return NULL;
    }
    if (Py_TYPE(self)->tp_init != PyBaseObject_Type.tp_init
        && Py_TYPE(self)->tp_init((PyObject *)self, self->args, self->kwargs) < 0) {
        /* The next access tries again. */
        PyObject *exc = PyErr_GetRaisedException();
        if (PyDict_Pop(self->dicts, tstate->threading_local_key, NULL) < 0
            || PyDict_Pop(self->watchers, tstate->threading_local_key, NULL) < 0) {
            PyErr_Clear();
        }
        PyErr_SetRaisedException(exc);
        Py_DECREF(dict);
        return NULL;
    }
    return dict;
}

extern PyObject *_PyObject_GenericGetAttrWithDict(PyObject *, PyObject *, PyObject *, int);
extern int _PyObject_GenericSetAttrWithDict(PyObject *, PyObject *, PyObject *, PyObject *);

static int
is_dict_name(PyObject *name)
{
    return PyUnicode_Check(name) && PyUnicode_EqualToUTF8(name, "__dict__");
}

static PyObject *
local_getattro(PyObject *self, PyObject *name)
{
    PyObject *dict = local_getdict((localobject *)self);
    if (dict == NULL) {
        return NULL;
    }
    if (is_dict_name(name)) {
        return dict;
    }
    PyObject *value = _PyObject_GenericGetAttrWithDict(self, name, dict, 0);
    Py_DECREF(dict);
    return value;
}

static int
local_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *dict = local_getdict((localobject *)self);
    if (dict == NULL) {
        return -1;
    }
    int result;
    if (is_dict_name(name)) {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object attribute '%U' is read-only",
                     Py_TYPE(self)->tp_name, name);
        result = -1;
    }
    else {
        result = _PyObject_GenericSetAttrWithDict(self, name, value, dict);
    }
    Py_DECREF(dict);
    return result;
}

static PyType_Slot local_slots[] = {
    {Py_tp_dealloc, local_dealloc},
    {Py_tp_getattro, local_getattro},
    {Py_tp_setattro, local_setattro},
    {Py_tp_doc, "Data of one's own in each thread"},
    {Py_tp_traverse, local_traverse},
    {Py_tp_clear, local_clear},
    {Py_tp_new, local_new},
    {0, NULL}
};

PyType_Spec _PyThread_local_spec = {
    .name = "_thread._local",
    .basicsize = sizeof(localobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
        | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = local_slots,
};

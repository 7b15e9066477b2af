/* Weak references: weakref.ref, the lists of references to an object, clearing and callbacks.

   The references to an object form a list at its tp_weaklistoffset: the plain ref without callback first, then the
   plain proxy, then the others, newest first.  A cleared reference has wr_object == None and is on no list.
   Locking (free-threaded): a list, and wr_object of its members, are guarded by the mutex that the referent's
   address selects; a reader counts the referent under it, by _Py_TryIncref(), which fails once the object's
   deallocation has begun.  With one thread no mutex is taken.  Callbacks run without it. */
#include "Python.h"
#include "pycore_args.h"           // PY_METHOD
#include "pycore_critical_section.h"
#include "pycore_gc.h"
#include "pycore_interp.h"
#include "pycore_modsupport.h"     // _PyArg_NoKwnames
#include "pycore_object.h"
#include "pycore_pyerrors.h"       // _PyErr_GetRaisedException
#include "pycore_pystate.h"
#include "pycore_weakref.h"
#include "weakref_int.h"

/* -- Locks ---------------- */

#ifdef Py_GIL_DISABLED

static PyMutex *
lock_of(PyObject *referent)
{
    uintptr_t address = (uintptr_t)referent;
    return &_PyInterpreterState_GET()->weakref_locks[(address >> 4) % _Py_WEAKREF_LOCKS];
}

/* Nothing under the lock blocks, detaches or runs Python code, so the flag cannot change between the two. */
#  define LOCK(mutex) \
    do { \
        if (_Py_multithreaded) { \
            PyMutex_LockFlags((mutex), _Py_LOCK_DONT_DETACH); \
        } \
    } while (0)
#  define UNLOCK(mutex) \
    do { \
        if (_Py_multithreaded) { \
            PyMutex_Unlock(mutex); \
        } \
    } while (0)
#  define LOCK_REFERENT(op) LOCK(lock_of(op))
#  define UNLOCK_REFERENT(op) UNLOCK(lock_of(op))
#  define LOCK_REF(ref) LOCK((ref)->weakrefs_lock)
#  define UNLOCK_REF(ref) UNLOCK((ref)->weakrefs_lock)

#else

#  define LOCK_REFERENT(op) ((void)(op))
#  define UNLOCK_REFERENT(op) ((void)(op))
#  define LOCK_REF(ref) ((void)(ref))
#  define UNLOCK_REF(ref) ((void)(ref))

#endif

/* -- Lists ---------------- */

static int
is_basic_ref(PyWeakReference *ref)
{
    return ref->wr_callback == NULL && Py_IS_TYPE(ref, &_PyWeakref_RefType);
}

static int
is_basic_proxy(PyWeakReference *ref)
{
    return ref->wr_callback == NULL && PyWeakref_CheckProxy((PyObject *)ref);
}

static void
find_basic_refs(PyWeakReference *head, PyWeakReference **ref, PyWeakReference **proxy)
{
    *ref = *proxy = NULL;
    if (head != NULL && is_basic_ref(head)) {
        *ref = head;
        head = head->wr_next;
    }
    if (head != NULL && is_basic_proxy(head)) {
        *proxy = head;
    }
}

static void
insert_after(PyWeakReference *self, PyWeakReference *prev)
{
    self->wr_prev = prev;
    self->wr_next = prev->wr_next;
    if (self->wr_next != NULL) {
        self->wr_next->wr_prev = self;
    }
    prev->wr_next = self;
}

static void
insert_head(PyWeakReference *self, PyWeakReference **list)
{
    PyWeakReference *head = *list;
    self->wr_prev = NULL;
    self->wr_next = head;
    if (head != NULL) {
        head->wr_prev = self;
    }
    FT_ATOMIC_STORE_PTR(*list, self);
}

static void
insert_in_order(PyWeakReference *self, PyWeakReference **list)
{
    PyWeakReference *ref, *proxy;
    find_basic_refs(*list, &ref, &proxy);
    PyWeakReference *prev = is_basic_ref(self) ? NULL
        : is_basic_proxy(self) ? ref
        : proxy != NULL ? proxy : ref;
    if (prev != NULL) {
        insert_after(self, prev);
    }
    else {
        insert_head(self, list);
    }
}

/* Takes self off its list and marks it dead; the callback stays.  The list's lock is held. */
static void
clear_ref_lock_held(PyWeakReference *self)
{
    if (self->wr_object == Py_None) {
        return;
    }
    PyWeakReference **list = _PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(self->wr_object);
    if (*list == self) {
        FT_ATOMIC_STORE_PTR(*list, self->wr_next);
    }
    FT_ATOMIC_STORE_PTR(self->wr_object, Py_None);
    if (self->wr_prev != NULL) {
        self->wr_prev->wr_next = self->wr_next;
    }
    if (self->wr_next != NULL) {
        self->wr_next->wr_prev = self->wr_prev;
    }
    self->wr_prev = NULL;
    self->wr_next = NULL;
}

static void
clear_ref(PyWeakReference *self)
{
    LOCK_REF(self);
    clear_ref_lock_held(self);
    UNLOCK_REF(self);
}

/* For the collector, with the world stopped: nobody is inside a lock. */
void
_PyWeakref_ClearRef(PyWeakReference *self)
{
    assert(self != NULL && PyWeakref_Check(self));
    clear_ref_lock_held(self);
}

/* A new reference to the referent, or NULL. */
PyObject *
_PyWeakref_GET_REF(PyObject *op)
{
    PyWeakReference *ref = (PyWeakReference *)op;
    PyObject *obj = FT_ATOMIC_LOAD_PTR(ref->wr_object);
    if (obj == Py_None) {
        return NULL;
    }
    LOCK_REF(ref);
    obj = ref->wr_object;
    if (obj != Py_None && !_Py_TryIncref(obj)) {
        obj = Py_None;
    }
    UNLOCK_REF(ref);
    return obj == Py_None ? NULL : obj;
}

int
_PyWeakref_IS_DEAD(PyObject *op)
{
    PyWeakReference *ref = (PyWeakReference *)op;
    PyObject *obj = FT_ATOMIC_LOAD_PTR(ref->wr_object);
    if (obj == Py_None) {
        return 1;
    }
    LOCK_REF(ref);
    /* In its deallocation, before it has cleared its references. */
    int dead = ref->wr_object == Py_None;
#ifdef Py_GIL_DISABLED
    if (!dead && !_Py_IsImmortal(ref->wr_object)) {
        PyObject *target = ref->wr_object;
        dead = __atomic_load_n(&target->ob_ref_local, __ATOMIC_RELAXED) == 0
            && __atomic_load_n(&target->ob_ref_shared, __ATOMIC_RELAXED) == _Py_REF_MERGED;
    }
#else
    if (!dead) {
        dead = Py_REFCNT(ref->wr_object) == 0;
    }
#endif
    UNLOCK_REF(ref);
    return dead;
}

PyAPI_FUNC(int) _PyWeakref_IsDead(PyObject *ref);

int
_PyWeakref_IsDead(PyObject *ref)
{
    return _PyWeakref_IS_DEAD(ref);
}

/* -- Creation ---------------- */

static void
init_ref(PyWeakReference *self, PyObject *referent, PyObject *callback)
{
    self->hash = -1;
    self->wr_object = referent;
    self->wr_prev = NULL;
    self->wr_next = NULL;
    self->wr_callback = Py_XNewRef(callback);
    self->vectorcall = _PyWeakref_Vectorcall;
#ifdef Py_GIL_DISABLED
    self->weakrefs_lock = lock_of(referent);
    _PyObject_SetMaybeWeakref(referent);
    _PyObject_SetMaybeWeakref((PyObject *)self);
#endif
}

static PyWeakReference *
reuse_basic_lock_held(PyWeakReference *head, PyTypeObject *type)
{
    PyWeakReference *ref, *proxy;
    find_basic_refs(head, &ref, &proxy);
    PyWeakReference *found = type == &_PyWeakref_RefType ? ref
        : (type == &_PyWeakref_ProxyType || type == &_PyWeakref_CallableProxyType) ? proxy : NULL;
    return found != NULL && _Py_TryIncref((PyObject *)found) ? found : NULL;
}

/* New reference.  callback: NULL or an object. */
PyWeakReference *
_PyWeakref_Create(PyTypeObject *type, PyObject *referent, PyObject *callback)
{
    if (!_PyType_SUPPORTS_WEAKREFS(Py_TYPE(referent))) {
        PyErr_Format(PyExc_TypeError, "cannot create weak reference to '%s' object",
                     Py_TYPE(referent)->tp_name);
        return NULL;
    }
    PyWeakReference **list = _PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(referent);
    if (callback == NULL) {
        LOCK_REFERENT(referent);
        PyWeakReference *found = reuse_basic_lock_held(*list, type);
        UNLOCK_REFERENT(referent);
        if (found != NULL) {
            return found;
        }
    }
    PyWeakReference *self = (PyWeakReference *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    init_ref(self, referent, callback);
    PyWeakReference *found = NULL;
    LOCK_REFERENT(referent);
    /* Another thread may have made the basic one meanwhile. */
    if (callback == NULL) {
        found = reuse_basic_lock_held(*list, type);
    }
    if (found == NULL) {
        insert_in_order(self, list);
    }
    UNLOCK_REFERENT(referent);
    if (found != NULL) {
        self->wr_object = Py_None;
        Py_DECREF(self);
        return found;
    }
    return self;
}

/* -- The type ---------------- */

static int
weakref_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyWeakReference *)op)->wr_callback);
    return 0;
}

static int
weakref_clear(PyObject *op)
{
    PyWeakReference *self = (PyWeakReference *)op;
    clear_ref(self);
    Py_CLEAR(self->wr_callback);
    return 0;
}

static void
weakref_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    weakref_clear(op);
    Py_TYPE(op)->tp_free(op);
}

PyObject *
_PyWeakref_Vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    (void)args;
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) != 0) {
        PyErr_SetString(PyExc_TypeError, "weakref() takes no keyword arguments");
        return NULL;
    }
    if (!_PyArg_CheckPositional("weakref", PyVectorcall_NARGS(nargsf), 0, 0)) {
        return NULL;
    }
    PyObject *obj = _PyWeakref_GET_REF(self);
    if (obj == NULL) {
        Py_RETURN_NONE;
    }
    return obj;
}

/* Keeps the referent's hash, so that a dead reference still finds its place in a dict. */
static Py_hash_t
weakref_hash(PyObject *op)
{
    PyWeakReference *self = (PyWeakReference *)op;
    Py_hash_t hash = FT_ATOMIC_LOAD_SSIZE_RELAXED(self->hash);
    if (hash != -1) {
        return hash;
    }
    PyObject *obj = _PyWeakref_GET_REF(op);
    if (obj == NULL) {
        PyErr_SetString(PyExc_TypeError, "weak object has gone away");
        return -1;
    }
    hash = PyObject_Hash(obj);
    Py_DECREF(obj);
    /* Relaxed: all threads compute the same number. */
    FT_ATOMIC_STORE_SSIZE_RELAXED(self->hash, hash);
    return hash;
}

static PyObject *
weakref_repr(PyObject *self)
{
    PyObject *obj = _PyWeakref_GET_REF(self);
    if (obj == NULL) {
        return PyUnicode_FromFormat("<weakref at %p; dead>", self);
    }
    PyObject *name, *repr;
    if (PyObject_GetOptionalAttrString(obj, "__name__", &name) < 0) {
        Py_DECREF(obj);
        return NULL;
    }
    if (name == NULL || !PyUnicode_Check(name)) {
        repr = PyUnicode_FromFormat("<weakref at %p; to '%T' at %p>", self, obj, obj);
    }
    else {
        repr = PyUnicode_FromFormat("<weakref at %p; to '%T' at %p (%U)>", self, obj, obj, name);
    }
    Py_DECREF(obj);
    Py_XDECREF(name);
    return repr;
}

/* Live referents compare by themselves; else the references by identity. */
static PyObject *
weakref_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyWeakref_Check(self) || !PyWeakref_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *a = _PyWeakref_GET_REF(self);
    PyObject *b = _PyWeakref_GET_REF(other);
    PyObject *result;
    if (a == NULL || b == NULL) {
        int same = self == other;
        result = PyBool_FromLong(op == Py_EQ ? same : !same);
    }
    else {
        result = PyObject_RichCompare(a, b, op);
    }
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static int
weakref_parse(const char *name, PyObject *args, PyObject **obj, PyObject **callback)
{
    return PyArg_UnpackTuple(args, name, 1, 2, obj, callback);
}

static int
weakref_no_keywords(PyObject *kwargs)
{
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
        PyErr_SetString(PyExc_TypeError, "ref() takes no keyword arguments");
        return 0;
    }
    return 1;
}

static PyObject *
weakref_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *obj, *callback = NULL;
    /* Keywords are __init__'s business: subclasses may take some. */
    if (type == &_PyWeakref_RefType && !weakref_no_keywords(kwargs)) {
        return NULL;
    }
    if (!weakref_parse("__new__", args, &obj, &callback)) {
        return NULL;
    }
    if (callback == Py_None) {
        callback = NULL;
    }
    return (PyObject *)_PyWeakref_Create(type, obj, callback);
}

static int
weakref_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    PyObject *obj, *callback = NULL;
    return weakref_no_keywords(kwargs) && weakref_parse("__init__", args, &obj, &callback) ? 0 : -1;
}

static PyMemberDef weakref_members[] = {
    {"__callback__", _Py_T_OBJECT, offsetof(PyWeakReference, wr_callback), Py_READONLY},
    {0}
};

static PyMethodDef weakref_methods[] = {
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "Return a generic alias: ref[T]."),
    {0}
};

PyTypeObject _PyWeakref_RefType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.ReferenceType",
    .tp_basicsize = sizeof(PyWeakReference),
    .tp_dealloc = weakref_dealloc,
    .tp_vectorcall_offset = offsetof(PyWeakReference, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_repr = weakref_repr,
    .tp_hash = weakref_hash,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_BASETYPE,
    .tp_traverse = weakref_traverse,
    .tp_clear = weakref_clear,
    .tp_richcompare = weakref_richcompare,
    .tp_methods = weakref_methods,
    .tp_members = weakref_members,
    .tp_init = weakref_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = weakref_new,
    .tp_free = PyObject_GC_Del,
};

/* -- The C API ---------------- */

PyObject *
PyWeakref_NewRef(PyObject *ob, PyObject *callback)
{
    return (PyObject *)_PyWeakref_Create(&_PyWeakref_RefType, ob, callback == Py_None ? NULL : callback);
}

PyObject *
PyWeakref_NewProxy(PyObject *ob, PyObject *callback)
{
    PyTypeObject *type = PyCallable_Check(ob) ? &_PyWeakref_CallableProxyType : &_PyWeakref_ProxyType;
    return (PyObject *)_PyWeakref_Create(type, ob, callback == Py_None ? NULL : callback);
}

int
PyWeakref_IsDead(PyObject *ref)
{
    if (ref == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyWeakref_Check(ref)) {
        PyErr_Format(PyExc_TypeError, "expected a weakref, got %T", ref);
        return -1;
    }
    return _PyWeakref_IS_DEAD(ref);
}

int
PyWeakref_GetRef(PyObject *ref, PyObject **pobj)
{
    if (ref == NULL) {
        *pobj = NULL;
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyWeakref_Check(ref)) {
        *pobj = NULL;
        PyErr_SetString(PyExc_TypeError, "expected a weakref");
        return -1;
    }
    *pobj = _PyWeakref_GET_REF(ref);
    return *pobj != NULL;
}

/* Borrowed reference, None if dead. */
PyObject *
PyWeakref_GetObject(PyObject *ref)
{
    if (ref == NULL || !PyWeakref_Check(ref)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *obj = _PyWeakref_GET_REF(ref);
    if (obj == NULL) {
        return Py_None;
    }
    Py_DECREF(obj);
    return obj;
}

Py_ssize_t
_PyWeakref_GetWeakrefCount(PyObject *obj)
{
    if (!_PyType_SUPPORTS_WEAKREFS(Py_TYPE(obj))) {
        return 0;
    }
    Py_ssize_t count = 0;
    LOCK_REFERENT(obj);
    PyWeakReference *ref = *_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(obj);
    for (; ref != NULL; ref = ref->wr_next) {
        count++;
    }
    UNLOCK_REFERENT(obj);
    return count;
}

/* New list of the references that are alive. */
PyObject *
_PyWeakref_GetWeakrefs(PyObject *obj)
{
    PyObject *list = PyList_New(0);
    if (list == NULL || !_PyType_SUPPORTS_WEAKREFS(Py_TYPE(obj))) {
        return list;
    }
    for (;;) {
        /* Gathers counted references under the lock, in as much room as the list has had before. */
        Py_ssize_t room = _PyWeakref_GetWeakrefCount(obj), count = 0;
        PyObject **refs = PyMem_New(PyObject *, room == 0 ? 1 : room);
        if (refs == NULL) {
            Py_DECREF(list);
            return PyErr_NoMemory();
        }
        int more = 0;
        LOCK_REFERENT(obj);
        PyWeakReference *ref = *_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(obj);
        for (; ref != NULL; ref = ref->wr_next) {
            if (count == room) {
                more = 1;
                break;
            }
            if (_Py_TryIncref((PyObject *)ref)) {
                refs[count++] = (PyObject *)ref;
            }
        }
        UNLOCK_REFERENT(obj);
        int failed = 0;
        for (Py_ssize_t i = 0; i < count; i++) {
            if (!more && !failed && PyList_Append(list, refs[i]) < 0) {
                failed = 1;
            }
            Py_DECREF(refs[i]);
        }
        PyMem_Free(refs);
        if (failed) {
            Py_DECREF(list);
            return NULL;
        }
        if (!more) {
            return list;
        }
    }
}

/* -- The referent's death ---------------- */

static void
call_callback(PyObject *ref, PyObject *callback)
{
    PyObject *result = PyObject_CallOneArg(callback, ref);
    if (result == NULL) {
        PyErr_FormatUnraisable("Exception ignored while calling weakref callback %R", callback);
    }
    else {
        Py_DECREF(result);
    }
}

/* A reference with a callback and the callback, both owned. */
struct pending_callback {
    PyObject *ref, *callback;
};

/* Takes the first references off the list, at most `room`; notes those whose callback is to be called. */
static Py_ssize_t
clear_some_lock_held(PyWeakReference **list, struct pending_callback *pending, PyObject **released,
                     Py_ssize_t room, Py_ssize_t *num_released)
{
    Py_ssize_t count = 0;
    while (*list != NULL && count < room && *num_released < room) {
        PyWeakReference *ref = *list;
        clear_ref_lock_held(ref);
        PyObject *callback = ref->wr_callback;
        ref->wr_callback = NULL;
        if (callback == NULL) {
            continue;
        }
        if (_Py_TryIncref((PyObject *)ref)) {
            pending[count].ref = (PyObject *)ref;
            pending[count++].callback = callback;
        }
        else {
            released[(*num_released)++] = callback;  // the reference is dying itself
        }
    }
    return count;
}

#define CALLBACK_BATCH 32

void
PyObject_ClearWeakRefs(PyObject *object)
{
    if (object == NULL || !_PyType_SUPPORTS_WEAKREFS(Py_TYPE(object)) || Py_REFCNT(object) != 0) {
        PyErr_BadInternalCall();
        return;
    }
    PyWeakReference **list = _PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(object);
    if (FT_ATOMIC_LOAD_PTR(*list) == NULL) {
        return;  // nobody can make one any more
    }

    /* All are cleared before the first callback runs. */
    Py_ssize_t room = _PyWeakref_GetWeakrefCount(object);
    struct pending_callback small[CALLBACK_BATCH];
    PyObject *small_released[CALLBACK_BATCH];
    struct pending_callback *pending = small;
    PyObject **released = small_released;
    if (room > CALLBACK_BATCH) {
        pending = PyMem_New(struct pending_callback, room);
        released = PyMem_New(PyObject *, room);
    }
    if (pending == NULL || released == NULL) {
        /* No memory: clear them all and call nothing. */
        PyMem_Free(pending == small ? NULL : pending);
        PyMem_Free(released == small_released ? NULL : released);
        PyErr_NoMemory();
        PyErr_FormatUnraisable("Exception ignored while clearing object weakrefs");
        _PyWeakref_ClearWeakRefsNoCallbacks(object);
        return;
    }
    if (room < CALLBACK_BATCH) {
        room = CALLBACK_BATCH;
    }
    Py_ssize_t num_released = 0;
    LOCK_REFERENT(object);
    Py_ssize_t count = clear_some_lock_held(list, pending, released, room, &num_released);
    UNLOCK_REFERENT(object);

    PyObject *exc = PyErr_GetRaisedException();
    for (Py_ssize_t i = 0; i < count; i++) {
        call_callback(pending[i].ref, pending[i].callback);
        Py_DECREF(pending[i].ref);
        Py_DECREF(pending[i].callback);
    }
    for (Py_ssize_t i = 0; i < num_released; i++) {
        Py_DECREF(released[i]);
    }
    if (pending != small) {
        PyMem_Free(pending);
        PyMem_Free(released);
    }
    assert(!PyErr_Occurred());
    PyErr_SetRaisedException(exc);
}

void
_PyWeakref_ClearWeakRefsNoCallbacks(PyObject *obj)
{
    if (!_PyType_SUPPORTS_WEAKREFS(Py_TYPE(obj))) {
        return;
    }
    PyWeakReference **list = _PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(obj);
    LOCK_REFERENT(obj);
    while (*list != NULL) {
        clear_ref_lock_held(*list);
    }
    UNLOCK_REFERENT(obj);
}

void
PyUnstable_Object_ClearWeakRefsNoCallbacks(PyObject *obj)
{
    _PyWeakref_ClearWeakRefsNoCallbacks(obj);
}

#ifdef Py_DEBUG
int
_PyWeakref_ListIsValid(PyObject *obj)
{
    PyWeakReference *prev = NULL;
    PyWeakReference *ref = *_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(obj);
    for (int i = 0; ref != NULL; i++, prev = ref, ref = ref->wr_next) {
        if (ref->wr_object != obj || ref->wr_prev != prev || (i >= 2 && (is_basic_ref(ref) || is_basic_proxy(ref)))) {
            return 0;
        }
    }
    return 1;
}
#endif

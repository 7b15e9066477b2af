/* The memoryview type: methods, attributes, slots, iterator. */
#include "memory_impl.h"
#include "pycore_args.h"        // PY_METHOD
#include "pycore_bytesobject.h" // _Py_strhex_with_sep
#include "pycore_modsupport.h"  // _PyArg_UnpackKeywords
#include "pycore_tuple.h"       // _PyTuple_ITEMS

extern PyBufferProcs _PyMemoryView_AsBuffer;
extern const destructor _PyMemoryView_Dealloc;
extern const traverseproc _PyMemoryView_Traverse;
extern const inquiry _PyMemoryView_Clear;
extern PyObject *_PyMemoryView_Cast(PyMemoryViewObject *self, PyObject *format, PyObject *shape);
extern PyObject *_PyMemoryView_ToReadonly(PyMemoryViewObject *self);
extern PyObject *_PyMemoryView_FromFlags(PyObject *object, int flags);

/* -- Conversions --------------------------------------------------------------------------- */

PY_LOCKED_NOARGS(memory, tolist, PyMemoryViewObject)

static PyObject *
tobytes_lock_held(PyMemoryViewObject *self, char order)
{
    Py_buffer *src = &self->view;
    if (view_check(self) < 0) {
        return NULL;
    }
    if (src->ndim == 0 || src->len <= 1 || view_is_c_contiguous(self->flags)) {
        if (order != 'F' || src->ndim <= 1) {
            if (view_is_c_contiguous(self->flags)) {
                return PyBytes_FromStringAndSize(src->buf, src->len);
            }
        }
    }
    if (src->len == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    char *mem = PyMem_Malloc((size_t)src->len);
    if (mem == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    if (order == 'A') {
        order = view_is_f_contiguous(self->flags) ? 'F' : 'C';
    }
    if (buffer_to_contiguous(mem, src, order) == 0) {
        result = PyBytes_FromStringAndSize(mem, src->len);
    }
    PyMem_Free(mem);
    return result;
}

static PyObject *
memory_tobytes(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"order", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "tobytes"};
    PyObject *buf[1], *result;
    char order = 'C';
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (args[0] != NULL && args[0] != Py_None) {
        if (!PyUnicode_Check(args[0])) {
            _PyArg_BadArgument("tobytes", "argument 'order'", "str or None", args[0]);
            return NULL;
        }
        const char *text = PyUnicode_AsUTF8(args[0]);
        if (text == NULL) {
            return NULL;
        }
        if (strcmp(text, "F") != 0 && strcmp(text, "C") != 0 && strcmp(text, "A") != 0) {
            PyErr_SetString(PyExc_ValueError, "order must be 'C', 'F' or 'A'");
            return NULL;
        }
        order = text[0];
    }
    if (order == 'A') {
        order = view_is_f_contiguous(MV(self)->flags) && !view_is_c_contiguous(MV(self)->flags)
            ? 'F' : 'C';
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    result = tobytes_lock_held(MV(self), order);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
memory_hex(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"sep", "bytes_per_sep", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "hex"};
    PyObject *buf[2], *bytes;
    int group = 1;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 2, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (args[1] != NULL) {
        group = PyLong_AsInt(args[1]);
        if (group == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    bytes = tobytes_lock_held(MV(self), 'C');
    Py_END_CRITICAL_SECTION();
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *result = _Py_strhex_with_sep(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes),
                                           args[0], group);
    Py_DECREF(bytes);
    return result;
}

/* -- Views ---------------------------------------------------------------------------------- */

static PyObject *
memory_cast(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"format", "shape", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "cast"};
    PyObject *buf[2], *shape = NULL, *result;
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(args[0])) {
        _PyArg_BadArgument("cast", "argument 'format'", "str", args[0]);
        return NULL;
    }
    if (args[1] != NULL) {
        if (!PyList_Check(args[1]) && !PyTuple_Check(args[1])) {
            PyErr_SetString(PyExc_TypeError, "shape must be a list or a tuple");
            return NULL;
        }
        shape = PySequence_Tuple(args[1]);  // a copy that nobody can change
        if (shape == NULL) {
            return NULL;
        }
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    result = _PyMemoryView_Cast(MV(self), args[0], shape);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(shape);
    return result;
}

static PyObject *
memory_toreadonly_lock_held(PyMemoryViewObject *self)
{
    return _PyMemoryView_ToReadonly(self);
}
PY_LOCKED_NOARGS(memory, toreadonly, PyMemoryViewObject)

static PyObject *
memory_release_lock_held(PyMemoryViewObject *self)
{
    if (view_release_lock_held(self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}
PY_LOCKED_NOARGS(memory, release, PyMemoryViewObject)

static PyObject *
memory___enter__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return view_check(MV(self)) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
memory___exit__(PyObject *self, PyObject *const *Py_UNUSED(args), Py_ssize_t Py_UNUSED(nargs))
{
    return memory_release(self, NULL);
}

static PyObject *
memory__from_flags(PyObject *Py_UNUSED(type), PyObject *const *args, Py_ssize_t nargs,
                   PyObject *kwnames)
{
    static const char *const keywords[] = {"object", "flags", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "_from_flags"};
    PyObject *buf[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 2, 2, 0, 0, buf);
    if (args == NULL) {
        return NULL;
    }
    int flags = PyLong_AsInt(args[1]);
    return flags == -1 && PyErr_Occurred() ? NULL : _PyMemoryView_FromFlags(args[0], flags);
}

/* -- Searching ----------------------------------------------------------------------------- */

static PyObject *
memory_count(PyObject *self, PyObject *value)
{
    PyObject *it = PyObject_GetIter(self), *item;
    if (it == NULL) {
        return NULL;
    }
    Py_ssize_t count = 0;
    while ((item = PyIter_Next(it)) != NULL) {
        int equal = item == value ? 1 : PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
        if (equal < 0) {
            Py_DECREF(it);
            return NULL;
        }
        count += equal;
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
memory_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start = 0, stop = PY_SSIZE_T_MAX;
    if (!_PyArg_CheckPositional("index", nargs, 1, 3)
            || (nargs > 1 && !_PyEval_SliceIndexNotNone(args[1], &start))
            || (nargs > 2 && !_PyEval_SliceIndexNotNone(args[2], &stop))) {
        return NULL;
    }
    Py_buffer *view = &MV(self)->view;
    if (view_check(MV(self)) < 0) {
        return NULL;
    }
    if (view->ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid lookup on 0-dim memory");
        return NULL;
    }
    if (view->ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError, "multi-dimensional lookup is not implemented");
        return NULL;
    }
    Py_ssize_t n = view->shape[0];
    if (start < 0) {
        start = Py_MAX(start + n, 0);
    }
    if (stop < 0) {
        stop = Py_MAX(stop + n, 0);
    }
    stop = Py_MIN(stop, n);
    for (Py_ssize_t i = start; i < stop; i++) {
        PyObject *item = memory_item(self, i);
        if (item == NULL) {
            return NULL;
        }
        int equal = item == args[0] ? 1 : PyObject_RichCompareBool(item, args[0], Py_EQ);
        Py_DECREF(item);
        if (equal < 0) {
            return NULL;
        }
        if (equal) {
            return PyLong_FromSsize_t(i);
        }
    }
    PyErr_SetString(PyExc_ValueError, "memoryview.index(x): x not found");
    return NULL;
}

static PyMethodDef memory_methods[] = {
    PY_METHOD(memory, release, METH_NOARGS, "($self, /)",
              "Give back the buffer behind the view."),
    PY_METHOD(memory, tobytes, METH_FASTCALL | METH_KEYWORDS, "($self, /, order=\'C\')",
              "The contents as bytes, in the order C, F (Fortran), or A (F if it is so stored)."),
    PY_METHOD_NOSIG("hex", (PyCFunction)(void (*)(void))memory_hex, METH_FASTCALL | METH_KEYWORDS,
                    "hex([sep[, bytes_per_sep]])\n\nHexadecimal digits of the bytes.\n\nsep goes "
                    "between groups of bytes_per_sep bytes, counted from the right;\nfrom the left "
                    "if it is negative."),
    PY_METHOD(memory, tolist, METH_NOARGS, "($self, /)", "The items as a list of lists."),
    PY_METHOD_NOSIG("cast", (PyCFunction)(void (*)(void))memory_cast,
                    METH_FASTCALL | METH_KEYWORDS,
                    "cast(format[, shape])\n\nView of the same memory with another format or "
                    "shape."),
    PY_METHOD(memory, toreadonly, METH_NOARGS, "($self, /)", "Read-only view of the same memory."),
    PY_METHOD_NOSIG("_from_flags", (PyCFunction)(void (*)(void))memory__from_flags,
                    METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
                    "View of an object, asked for its buffer with flags."),
    PY_METHOD(memory, count, METH_O, "($self, value, /)", "How many items are equal to value."),
    PY_METHOD(memory, index, METH_FASTCALL, "($self, value, start=0, stop=sys.maxsize, /)",
              "Index of the first item equal to value; ValueError if there is none."),
    PY_METHOD(memory, __enter__, METH_NOARGS, "($self, /)", "The view itself."),
    PY_METHOD(memory, __exit__, METH_FASTCALL, "($self, /, *exc_info)", "Release the view."),
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS,
     "__class_getitem__($type, object, /)\n--\n\nThe type with a parameter, for annotations."},
    {0}
};

/* -- Attributes ---------------------------------------------------------------------------- */

/* A getter that needs a view which is not released. */
#define GETTER(NAME, EXPRESSION)                                        \
    static PyObject *                                                   \
    get_##NAME(PyObject *op, void *Py_UNUSED(closure))                  \
    {                                                                   \
        PyMemoryViewObject *self = MV(op);                              \
        return view_check(self) < 0 ? NULL : (EXPRESSION);              \
    }

static PyObject *
tuple_of(int n, const Py_ssize_t *values)
{
    PyObject *tuple = PyTuple_New(values == NULL ? 0 : n);
    for (int i = 0; tuple != NULL && values != NULL && i < n; i++) {
        PyObject *x = PyLong_FromSsize_t(values[i]);
        if (x == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, x);
    }
    return tuple;
}

GETTER(obj, self->view.obj == NULL ? Py_NewRef(Py_None) : Py_NewRef(self->view.obj))
GETTER(nbytes, PyLong_FromSsize_t(self->view.len))
GETTER(format, PyUnicode_FromString(self->view.format))
GETTER(itemsize, PyLong_FromSsize_t(self->view.itemsize))
GETTER(shape, tuple_of(self->view.ndim, self->view.shape))
GETTER(strides, tuple_of(self->view.ndim, self->view.strides))
GETTER(suboffsets, tuple_of(self->view.ndim, self->view.suboffsets))
GETTER(readonly, PyBool_FromLong(self->view.readonly))
GETTER(ndim, PyLong_FromLong(self->view.ndim))
GETTER(c_contiguous, PyBool_FromLong(view_is_c_contiguous(self->flags)))
GETTER(f_contiguous, PyBool_FromLong(view_is_f_contiguous(self->flags)))
GETTER(contiguous, PyBool_FromLong(view_is_c_contiguous(self->flags)
                                   || view_is_f_contiguous(self->flags)))

static PyGetSetDef memory_getset[] = {
    {"obj", get_obj, NULL, "The object whose memory this is."},
    {"nbytes", get_nbytes, NULL, "Size of the contents in bytes."},
    {"readonly", get_readonly, NULL, "Whether the memory is read only."},
    {"itemsize", get_itemsize, NULL, "Size of an item in bytes."},
    {"format", get_format, NULL, "Format of an item, as the struct module writes it."},
    {"ndim", get_ndim, NULL, "Number of dimensions."},
    {"shape", get_shape, NULL, "Number of items along each dimension."},
    {"strides", get_strides, NULL, "Bytes from item to item along each dimension."},
    {"suboffsets", get_suboffsets, NULL, "Used by arrays of pointers to arrays."},
    {"c_contiguous", get_c_contiguous, NULL, "Whether the items lie together in C order."},
    {"f_contiguous", get_f_contiguous, NULL, "Whether the items lie together in Fortran order."},
    {"contiguous", get_contiguous, NULL, "Whether the items lie together."},
    {0}
};

/* -- Slots --------------------------------------------------------------------------------- */

static Py_ssize_t
memory_length(PyObject *op)
{
    PyMemoryViewObject *self = MV(op);
    if (view_check(self) < 0) {
        return -1;
    }
    if (self->view.ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "0-dim memory has no length");
        return -1;
    }
    return self->view.shape[0];
}

static PyObject *
memory_repr(PyObject *self)
{
    return PyUnicode_FromFormat(MV(self)->flags & _Py_MEMORYVIEW_RELEASED
                                ? "<released memory at %p>" : "<memory at %p>", self);
}

static Py_hash_t
memory_hash(PyObject *op)
{
    PyMemoryViewObject *self = MV(op);
    Py_hash_t hash = FT_ATOMIC_LOAD_SSIZE_RELAXED(self->hash);
    if (hash != -1) {
        return hash;
    }
    Py_buffer *view = &self->view;
    char format;
    if (view_check(self) < 0) {
        return -1;
    }
    if (!view->readonly) {
        PyErr_SetString(PyExc_ValueError, "cannot hash writable memoryview object");
        return -1;
    }
    native_format(&format, view->format);
    if (format != 'b' && format != 'B' && format != 'c') {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
        return -1;
    }
    if (view->obj != NULL && PyObject_Hash(view->obj) == -1) {
        return -1;
    }
    PyObject *bytes;
    Py_BEGIN_CRITICAL_SECTION(op);
    bytes = tobytes_lock_held(self, 'C');
    Py_END_CRITICAL_SECTION();
    if (bytes == NULL) {
        return -1;
    }
    hash = Py_HashBuffer(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    FT_ATOMIC_STORE_SSIZE_RELAXED(self->hash, hash);
    return hash;
}

static PyObject *
memory_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"object", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "memoryview"};
    PyObject *buf[1];
    PyObject *const *fast = _PyArg_UnpackKeywords(_PyTuple_ITEMS(args), PyTuple_GET_SIZE(args),
                                                  kwargs, NULL, &parser, 1, 1, 0, 0, buf);
    return fast == NULL ? NULL : PyMemoryView_FromObject(fast[0]);
}

static PyObject *memory_iter(PyObject *seq);

static void
memory_dealloc(PyObject *self)
{
    _PyMemoryView_Dealloc(self);
}

static int
memory_traverse(PyObject *self, visitproc visit, void *arg)
{
    return _PyMemoryView_Traverse(self, visit, arg);
}

static int
memory_clear(PyObject *self)
{
    return _PyMemoryView_Clear(self);
}

static PyMappingMethods memory_as_mapping = {
    .mp_length = memory_length,
    .mp_subscript = memory_subscript,
    .mp_ass_subscript = memory_ass_subscript,
};

static PySequenceMethods memory_as_sequence = {
    .sq_length = memory_length,
    .sq_item = memory_item,
};

PyTypeObject PyMemoryView_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "memoryview",
    .tp_basicsize = offsetof(PyMemoryViewObject, ob_array),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_dealloc = memory_dealloc,
    .tp_repr = memory_repr,
    .tp_as_sequence = &memory_as_sequence,
    .tp_as_mapping = &memory_as_mapping,
    .tp_hash = memory_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &_PyMemoryView_AsBuffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_doc = "memoryview(object)\n--\n\nA view of the memory of an object that lends its buffer.",
    .tp_traverse = memory_traverse,
    .tp_clear = memory_clear,
    .tp_richcompare = memory_richcompare,
    .tp_weaklistoffset = offsetof(PyMemoryViewObject, weakreflist),
    .tp_iter = memory_iter,
    .tp_methods = memory_methods,
    .tp_getset = memory_getset,
    .tp_new = memory_new,
};

/* -- Iterator ------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;      // atomic, relaxed: two threads may see an item twice
    PyObject *seq;         // const
    Py_ssize_t length;     // const
} memoryiter;

static void
memoryiter_dealloc(PyObject *op)
{
    _PyObject_GC_UNTRACK(op);
    Py_XDECREF(((memoryiter *)op)->seq);
    PyObject_GC_Del(op);
}

static int
memoryiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((memoryiter *)op)->seq);
    return 0;
}

static PyObject *
memoryiter_next(PyObject *op)
{
    memoryiter *it = (memoryiter *)op;
    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->index);
    if (index >= it->length) {
        return NULL;
    }
    FT_ATOMIC_STORE_SSIZE_RELAXED(it->index, index + 1);
    return memory_item(it->seq, index);
}

PyTypeObject _PyMemoryIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "memory_iterator",
    .tp_basicsize = sizeof(memoryiter),
    .tp_dealloc = memoryiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = memoryiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = memoryiter_next,
};

static PyObject *
memory_iter(PyObject *seq)
{
    PyMemoryViewObject *self = MV(seq);
    if (view_check(self) < 0) {
        return NULL;
    }
    if (self->view.ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (self->view.ndim != 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    if (simple_format(&self->view) == NULL) {
        return NULL;
    }
    memoryiter *it = PyObject_GC_New(memoryiter, &_PyMemoryIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->index = 0;
    it->length = self->view.shape[0];
    it->seq = Py_NewRef(seq);
    _PyObject_GC_TRACK(it);
    return (PyObject *)it;
}

/* What runs when Python code calls a slot of a C type as a method: x.__add__(y), int.__hash__(x).

   A wrapper takes self, the argument tuple and the slot's C function, unpacks, calls, boxes the result. */
#include "slot_functions.h"
#include "pycore_abstract.h"
#include "pycore_memoryobject.h"
#include "pycore_modsupport.h"

static int
check_num_args(PyObject *args, Py_ssize_t n)
{
    if (!PyTuple_CheckExact(args)) {
        PyErr_SetString(PyExc_SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    if (n == PyTuple_GET_SIZE(args)) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "expected %zd argument%s, got %zd", n, n == 1 ? "" : "s", PyTuple_GET_SIZE(args));
    return 0;
}

PyObject *
wrap_lenfunc(PyObject *self, PyObject *args, void *wrapped)
{
    lenfunc func = (lenfunc)wrapped;
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    Py_ssize_t res = (*func)(self);
    return res == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(res);
}

PyObject *
wrap_inquirypred(PyObject *self, PyObject *args, void *wrapped)
{
    inquiry func = (inquiry)wrapped;
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    int res = (*func)(self);
    return res == -1 && PyErr_Occurred() ? NULL : PyBool_FromLong(res);
}

PyObject *
wrap_unaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    return check_num_args(args, 0) ? (*(unaryfunc)wrapped)(self) : NULL;
}

PyObject *
wrap_binaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    return check_num_args(args, 1) ? (*(binaryfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0)) : NULL;
}

PyObject *
wrap_binaryfunc_l(PyObject *self, PyObject *args, void *wrapped)
{
    return wrap_binaryfunc(self, args, wrapped);
}

PyObject *
wrap_binaryfunc_r(PyObject *self, PyObject *args, void *wrapped)
{
    return check_num_args(args, 1) ? (*(binaryfunc)wrapped)(PyTuple_GET_ITEM(args, 0), self) : NULL;
}

PyObject *
wrap_ternaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &other, &third)) {
        return NULL;
    }
    return (*(ternaryfunc)wrapped)(self, other, third);
}

PyObject *
wrap_ternaryfunc_r(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &other, &third)) {
        return NULL;
    }
    return (*(ternaryfunc)wrapped)(other, self, third);
}

/* -- Sequences and mappings -------------------------------------------------------------------------------- */

PyObject *
wrap_indexargfunc(PyObject *self, PyObject *args, void *wrapped)
{
    ssizeargfunc func = (ssizeargfunc)wrapped;
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(PyTuple_GET_ITEM(args, 0), PyExc_OverflowError);
    return i == -1 && PyErr_Occurred() ? NULL : (*func)(self, i);
}

/* An index argument; negative ones count from the end.  -1 with an exception on failure. */
static Py_ssize_t
get_index(PyObject *self, PyObject *arg)
{
    Py_ssize_t i = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (i == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (i < 0) {
        PySequenceMethods *sq = Py_TYPE(self)->tp_as_sequence;
        if (sq && sq->sq_length) {
            Py_ssize_t n = (*sq->sq_length)(self);
            if (n < 0) {
                assert(PyErr_Occurred());
                return -1;
            }
            i += n;
        }
    }
    return i;
}

PyObject *
wrap_sq_item(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    Py_ssize_t i = get_index(self, PyTuple_GET_ITEM(args, 0));
    return i == -1 && PyErr_Occurred() ? NULL : (*(ssizeargfunc)wrapped)(self, i);
}

PyObject *
wrap_sq_setitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 2)) {
        return NULL;
    }
    Py_ssize_t i = get_index(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int res = (*(ssizeobjargproc)wrapped)(self, i, PyTuple_GET_ITEM(args, 1));
    return res == -1 && PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyObject *
wrap_sq_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    Py_ssize_t i = get_index(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int res = (*(ssizeobjargproc)wrapped)(self, i, NULL);
    return res == -1 && PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyObject *
wrap_objobjproc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    int res = (*(objobjproc)wrapped)(self, PyTuple_GET_ITEM(args, 0));
    return res == -1 && PyErr_Occurred() ? NULL : PyBool_FromLong(res);
}

PyObject *
wrap_objobjargproc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 2)) {
        return NULL;
    }
    int res = (*(objobjargproc)wrapped)(self, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1));
    return res == -1 && PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyObject *
wrap_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    int res = (*(objobjargproc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL);
    return res == -1 && PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* -- Attributes, comparison, calls ---------------------------------------------------------------------------- */

/* "Carlo Verre's hack": object.__setattr__(int, ...) must not get around int's own __setattr__.  True if func is
   the first setattro of a static type at or after self's class in the MRO that is not a Python method. */
static int
hackcheck(PyObject *self, setattrofunc func, const char *what)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *mro = type_mro(type);
    if (mro == NULL) {
        return 1;
    }
    /* The most derived base that is not a heap class or has its own function. */
    PyTypeObject *defining_type = type;
    for (Py_ssize_t i = PyTuple_GET_SIZE(mro) - 1; i >= 0; i--) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (base->tp_setattro == slot_tp_setattro) {
            /* A Python class: it has no layout of its own to protect. */
        }
        else if (base->tp_setattro == type->tp_setattro) {
            defining_type = base;
            break;
        }
    }
    for (PyTypeObject *base = defining_type; base; base = base->tp_base) {
        if (base->tp_setattro == func) {
            break;
        }
        if (base->tp_setattro != slot_tp_setattro) {
            PyErr_Format(PyExc_TypeError, "can't apply this %s to %s object", what, type->tp_name);
            return 0;
        }
    }
    return 1;
}

PyObject *
wrap_setattr(PyObject *self, PyObject *args, void *wrapped)
{
    setattrofunc func = (setattrofunc)wrapped;
    if (!check_num_args(args, 2)) {
        return NULL;
    }
    if (!hackcheck(self, func, "__setattr__")) {
        return NULL;
    }
    int res = (*func)(self, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1));
    return res < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
wrap_delattr(PyObject *self, PyObject *args, void *wrapped)
{
    setattrofunc func = (setattrofunc)wrapped;
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    if (!hackcheck(self, func, "__delattr__")) {
        return NULL;
    }
    int res = (*func)(self, PyTuple_GET_ITEM(args, 0), NULL);
    return res < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
wrap_hashfunc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    Py_hash_t res = (*(hashfunc)wrapped)(self);
    return res == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(res);
}

PyObject *
wrap_call(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds)
{
    return (*(ternaryfunc)wrapped)(self, args, kwds);
}

PyObject *
wrap_del(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    (*(destructor)wrapped)(self);
    Py_RETURN_NONE;
}

static PyObject *
wrap_richcmpfunc(PyObject *self, PyObject *args, void *wrapped, int op)
{
    return check_num_args(args, 1) ? (*(richcmpfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), op) : NULL;
}

#define RICHCMP_WRAPPER(name, OP)                                       \
    PyObject *richcmp_##name(PyObject *self, PyObject *args, void *wrapped) \
    {                                                                   \
        return wrap_richcmpfunc(self, args, wrapped, OP);               \
    }
RICHCMP_WRAPPER(lt, Py_LT)
RICHCMP_WRAPPER(le, Py_LE)
RICHCMP_WRAPPER(eq, Py_EQ)
RICHCMP_WRAPPER(ne, Py_NE)
RICHCMP_WRAPPER(gt, Py_GT)
RICHCMP_WRAPPER(ge, Py_GE)

PyObject *
wrap_next(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    PyObject *res = (*(unaryfunc)wrapped)(self);
    if (res == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return res;
}

PyObject *
wrap_descr_get(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *obj, *type = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &obj, &type)) {
        return NULL;
    }
    if (obj == Py_None) {
        obj = NULL;
    }
    if (type == Py_None) {
        type = NULL;
    }
    if (type == NULL && obj == NULL) {
        PyErr_SetString(PyExc_TypeError, "__get__(None, None) is invalid");
        return NULL;
    }
    return (*(descrgetfunc)wrapped)(self, obj, type);
}

PyObject *
wrap_descr_set(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 2)) {
        return NULL;
    }
    int ret = (*(descrsetfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1));
    return ret < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
wrap_descr_delete(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    int ret = (*(descrsetfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL);
    return ret < 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *
wrap_init(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds)
{
    return (*(initproc)wrapped)(self, args, kwds) < 0 ? NULL : Py_NewRef(Py_None);
}

/* -- Buffers ------------------------------------------------------------------------------------------------------ */

PyObject *
wrap_buffer(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    Py_ssize_t flags = PyNumber_AsSsize_t(PyTuple_GET_ITEM(args, 0), PyExc_OverflowError);
    if (flags == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (flags > INT_MAX || flags < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "buffer flags out of range");
        return NULL;
    }
    return _PyMemoryView_FromBufferProc(self, Py_SAFE_DOWNCAST(flags, Py_ssize_t, int),
                                        (getbufferproc)wrapped);
}

PyObject *
wrap_releasebuffer(PyObject *self, PyObject *args, void *Py_UNUSED(wrapped))
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    PyObject *arg = PyTuple_GET_ITEM(args, 0);
    if (!PyMemoryView_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "expected a memoryview object");
        return NULL;
    }
    PyMemoryViewObject *mview = (PyMemoryViewObject *)arg;
    if (mview->view.obj == NULL) {
        /* Released already. */
        PyErr_SetString(PyExc_ValueError, "memoryview's buffer has already been released");
        return NULL;
    }
    if (mview->view.obj != self) {
        PyErr_SetString(PyExc_ValueError, "memoryview's buffer is not this object");
        return NULL;
    }
    if (mview->flags & _Py_MEMORYVIEW_RELEASED) {
        PyErr_SetString(PyExc_ValueError, "memoryview's buffer has already been released");
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)mview, _Py_ID(release));
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    Py_RETURN_NONE;
}

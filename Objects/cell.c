/* Cell objects: variables shared between a function and the functions inside it.

   ob_ref is read without a lock by any thread once the cell is SHARED, and changed under the cell's mutex; what it
   held is retired (PROTOCOLS P2). */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_cell.h"
#include "pycore_container.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"

PyObject *
PyCell_New(PyObject *obj)
{
    PyCellObject *cell = PyObject_GC_New(PyCellObject, &PyCell_Type);
    if (cell == NULL) {
        return NULL;
    }
    cell->ob_ref = Py_XNewRef(obj);
    _PyObject_GC_TRACK(cell);
    return (PyObject *)cell;
}

static PyObject *
cell_swap_lock_held(PyCellObject *cell, PyObject *value)
{
    _PyContainer_Write((PyObject *)cell);
    PyObject *old = cell->ob_ref;
    /* Release: the value is complete before another thread can load it. */
    FT_ATOMIC_STORE_PTR_RELEASE(cell->ob_ref, value);
    return old;
}

void
_PyCell_SetTakeRef(PyCellObject *cell, PyObject *value)
{
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(cell);
    old = cell_swap_lock_held(cell, value);
    Py_END_CRITICAL_SECTION();
    _Py_RetireRef(cell, old);
}

PyObject *
_PyCell_SwapTakeRef(PyCellObject *cell, PyObject *value)
{
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(cell);
    old = cell_swap_lock_held(cell, value);
    if (old != NULL) {
        old = _PyContainer_Take((PyObject *)cell, old);
    }
    Py_END_CRITICAL_SECTION();
    return old;
}

PyObject *
PyCell_Get(PyObject *op)
{
    if (!PyCell_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCell_GetRef((PyCellObject *)op);
}

int
PyCell_Set(PyObject *op, PyObject *value)
{
    if (!PyCell_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    _PyCell_SetTakeRef((PyCellObject *)op, Py_XNewRef(value));
    return 0;
}

/* -- The type ---------------------------------------------------------------------------------------------- */

static PyObject *
cell_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *obj = NULL;
    if (!_PyArg_NoKeywords("cell", kwargs) || !PyArg_UnpackTuple(args, "cell", 0, 1, &obj)) {
        return NULL;
    }
    return PyCell_New(obj);
}

static void
cell_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((PyCellObject *)self)->ob_ref);
    PyObject_GC_Del(self);
}

static int
cell_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((PyCellObject *)self)->ob_ref);
    return 0;
}

static int
cell_clear(PyObject *self)
{
    Py_CLEAR(((PyCellObject *)self)->ob_ref);
    return 0;
}

static PyObject *
cell_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyCell_Check(a) || !PyCell_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *left = PyCell_GetRef((PyCellObject *)a);
    PyObject *right = PyCell_GetRef((PyCellObject *)b);
    PyObject *result;
    if (left != NULL && right != NULL) {
        result = PyObject_RichCompare(left, right, op);
    }
    else {
        /* An empty cell comes before every other. */
        int l = left != NULL, r = right != NULL;
        bool truth;
        switch (op) {
        case Py_LT: truth = l < r; break;
        case Py_LE: truth = l <= r; break;
        case Py_EQ: truth = l == r; break;
        case Py_NE: truth = l != r; break;
        case Py_GT: truth = l > r; break;
        default: truth = l >= r; break;
        }
        result = PyBool_FromLong(truth);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static PyObject *
cell_repr(PyObject *self)
{
    PyObject *value = PyCell_GetRef((PyCellObject *)self);
    if (value == NULL) {
        return PyUnicode_FromFormat("<cell at %p: empty>", self);
    }
    PyObject *result = PyUnicode_FromFormat("<cell at %p: %.80s object at %p>", self, Py_TYPE(value)->tp_name, value);
    Py_DECREF(value);
    return result;
}

static PyObject *
cell_get_contents(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *value = PyCell_GetRef((PyCellObject *)self);
    if (value == NULL) {
        PyErr_SetString(PyExc_ValueError, "cell is empty");
    }
    return value;
}

static int
cell_set_contents(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    _PyCell_SetTakeRef((PyCellObject *)self, Py_XNewRef(value));
    return 0;
}

static PyGetSetDef cell_getset[] = {
    {"cell_contents", cell_get_contents, cell_set_contents, NULL, NULL},
    {0}
};

PyTypeObject PyCell_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "cell",
    .tp_basicsize = sizeof(PyCellObject),
    .tp_dealloc = cell_dealloc,
    .tp_repr = cell_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "cell([contents])\n--\n\nA variable that functions share; without contents it is unbound.",
    .tp_traverse = cell_traverse,
    .tp_clear = cell_clear,
    .tp_richcompare = cell_richcompare,
    .tp_getset = cell_getset,
    .tp_new = cell_new,
    .tp_free = PyObject_GC_Del,
};

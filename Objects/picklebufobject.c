/* PickleBuffer: a buffer that pickle protocol 5 may transmit out of band. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_object.h"

typedef struct {
    PyObject_HEAD
    Py_buffer view;            /* view.obj is NULL once released */
    PyObject *weakreflist;
} PyPickleBufferObject;

#define VIEW(op) (((PyPickleBufferObject *)(op))->view)

static const char released_message[] = "operation forbidden on released PickleBuffer object";

/* -- C API ------------------------------------------------------------------------------------------------------------ */

PyObject *
PyPickleBuffer_FromObject(PyObject *base)
{
    PyTypeObject *type = &PyPickleBuffer_Type;
    PyPickleBufferObject *self = (PyPickleBufferObject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    if (PyObject_GetBuffer(base, &self->view, PyBUF_FULL_RO) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

const Py_buffer *
PyPickleBuffer_GetBuffer(PyObject *obj)
{
    if (!PyPickleBuffer_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    if (VIEW(obj).obj == NULL) {
        PyErr_SetString(PyExc_ValueError, released_message);
        return NULL;
    }
    return &VIEW(obj);
}

int
PyPickleBuffer_Release(PyObject *obj)
{
    if (!PyPickleBuffer_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found", Py_TYPE(obj)->tp_name);
        return -1;
    }
    PyBuffer_Release(&VIEW(obj));
    return 0;
}

/* -- The type ----------------------------------------------------------------------------------------------------------- */

static PyObject *
picklebuf_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:PickleBuffer"};
    PyObject *base;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwds, &parser, &base)) {
        return NULL;
    }
    PyPickleBufferObject *self = (PyPickleBufferObject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    if (PyObject_GetBuffer(base, &self->view, PyBUF_FULL_RO) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int
picklebuf_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(VIEW(self).obj);
    return 0;
}

static int
picklebuf_clear(PyObject *self)
{
    PyBuffer_Release(&VIEW(self));
    return 0;
}

static void
picklebuf_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (((PyPickleBufferObject *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    PyBuffer_Release(&VIEW(self));
    Py_TYPE(self)->tp_free(self);
}

static int
picklebuf_getbuf(PyObject *self, Py_buffer *view, int flags)
{
    if (VIEW(self).obj == NULL) {
        PyErr_SetString(PyExc_ValueError, released_message);
        return -1;
    }
    return PyObject_GetBuffer(VIEW(self).obj, view, flags);
}

static PyBufferProcs picklebuf_as_buffer = {.bf_getbuffer = picklebuf_getbuf};

static PyObject *
picklebuf_raw(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (VIEW(self).obj == NULL) {
        PyErr_SetString(PyExc_ValueError, released_message);
        return NULL;
    }
    if (VIEW(self).suboffsets != NULL || !PyBuffer_IsContiguous(&VIEW(self), 'A')) {
        PyErr_SetString(PyExc_BufferError, "cannot extract raw buffer from non-contiguous buffer");
        return NULL;
    }
    PyObject *m = PyMemoryView_FromObject(self);
    if (m == NULL) {
        return NULL;
    }
    /* One dimension of unsigned bytes, in the order of the memory. */
    PyMemoryViewObject *mv = (PyMemoryViewObject *)m;
    mv->view.format = "B";
    mv->view.ndim = 1;
    mv->view.itemsize = 1;
    mv->view.shape = &mv->view.len;
    mv->view.strides = &mv->view.itemsize;
    mv->view.suboffsets = NULL;
    mv->flags = _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    return m;
}

static PyObject *
picklebuf_release(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyBuffer_Release(&VIEW(self));
    Py_RETURN_NONE;
}

static PyMethodDef picklebuf_methods[] = {
    PY_METHOD(picklebuf, raw, METH_NOARGS, "($self, /)",
              "Return a memoryview of the raw memory underlying this buffer.\n\n"
              "BufferError if it is not contiguous in either order."),
    PY_METHOD(picklebuf, release, METH_NOARGS, "($self, /)",
              "Release the underlying buffer exposed by the PickleBuffer object."),
    {0}
};

PyTypeObject PyPickleBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "pickle.PickleBuffer",
    .tp_doc = PyDoc_STR("Wrapper for potentially out-of-band buffers"),
    .tp_basicsize = sizeof(PyPickleBufferObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = picklebuf_new,
    .tp_dealloc = picklebuf_dealloc,
    .tp_traverse = picklebuf_traverse,
    .tp_clear = picklebuf_clear,
    .tp_weaklistoffset = offsetof(PyPickleBufferObject, weakreflist),
    .tp_as_buffer = &picklebuf_as_buffer,
    .tp_methods = picklebuf_methods,
};

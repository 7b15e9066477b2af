/* Capsules: a C pointer with a name, handed from one extension module to another.

   Locking: a capsule is set up by one thread; setters are for its owner. */
#include "Python.h"
#include "pycore_capsule.h"
#include "pycore_object.h"

#include <string.h>

typedef struct {
    PyObject_HEAD
    void *pointer;
    const char *name;
    void *context;
    PyCapsule_Destructor destructor;
    traverseproc traverse_func;
    inquiry clear_func;
} capsule;

static int
same_name(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static capsule *
legal(PyObject *op, const char *function)
{
    if (op == NULL || !PyCapsule_CheckExact(op) || ((capsule *)op)->pointer == NULL) {
        PyErr_Format(PyExc_ValueError, "%s called with invalid PyCapsule object", function);
        return NULL;
    }
    return (capsule *)op;
}

PyObject *
PyCapsule_New(void *pointer, const char *name, PyCapsule_Destructor destructor)
{
    if (pointer == NULL) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_New called with null pointer");
        return NULL;
    }
    capsule *self = PyObject_GC_New(capsule, &PyCapsule_Type);
    if (self == NULL) {
        return NULL;
    }
    self->pointer = pointer;
    self->name = name;
    self->context = NULL;
    self->destructor = destructor;
    self->traverse_func = NULL;
    self->clear_func = NULL;
    return (PyObject *)self;
}

int
PyCapsule_IsValid(PyObject *op, const char *name)
{
    return op != NULL && PyCapsule_CheckExact(op) && ((capsule *)op)->pointer != NULL &&
           same_name(((capsule *)op)->name, name);
}

void *
PyCapsule_GetPointer(PyObject *op, const char *name)
{
    capsule *self = legal(op, "PyCapsule_GetPointer");
    if (self == NULL) {
        return NULL;
    }
    if (!same_name(name, self->name)) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_GetPointer called with incorrect name");
        return NULL;
    }
    return self->pointer;
}

const char *
PyCapsule_GetName(PyObject *op)
{
    capsule *self = legal(op, "PyCapsule_GetName");
    return self ? self->name : NULL;
}

PyCapsule_Destructor
PyCapsule_GetDestructor(PyObject *op)
{
    capsule *self = legal(op, "PyCapsule_GetDestructor");
    return self ? self->destructor : NULL;
}

void *
PyCapsule_GetContext(PyObject *op)
{
    capsule *self = legal(op, "PyCapsule_GetContext");
    return self ? self->context : NULL;
}

int
PyCapsule_SetPointer(PyObject *op, void *pointer)
{
    capsule *self = legal(op, "PyCapsule_SetPointer");
    if (self == NULL) {
        return -1;
    }
    if (pointer == NULL) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_SetPointer called with null pointer");
        return -1;
    }
    self->pointer = pointer;
    return 0;
}

int
PyCapsule_SetName(PyObject *op, const char *name)
{
    capsule *self = legal(op, "PyCapsule_SetName");
    if (self == NULL) {
        return -1;
    }
    self->name = name;
    return 0;
}

int
PyCapsule_SetDestructor(PyObject *op, PyCapsule_Destructor destructor)
{
    capsule *self = legal(op, "PyCapsule_SetDestructor");
    if (self == NULL) {
        return -1;
    }
    self->destructor = destructor;
    return 0;
}

int
PyCapsule_SetContext(PyObject *op, void *context)
{
    capsule *self = legal(op, "PyCapsule_SetContext");
    if (self == NULL) {
        return -1;
    }
    self->context = context;
    return 0;
}

int
_PyCapsule_SetTraverse(PyObject *op, traverseproc traverse_func, inquiry clear_func)
{
    capsule *self = legal(op, "_PyCapsule_SetTraverse");
    if (self == NULL) {
        return -1;
    }
    self->traverse_func = traverse_func;
    self->clear_func = clear_func;
    PyObject_GC_Track(op);
    return 0;
}

/* "package.module.attribute": each part is an attribute of what stands before it. */
void *
PyCapsule_Import(const char *name, int no_block)
{
    const char *dot = strchr(name, '.');
    PyObject *object = NULL;
    void *pointer = NULL;
    PyObject *module_name = PyUnicode_FromStringAndSize(name, dot ? dot - name : (Py_ssize_t)strlen(name));
    if (module_name != NULL) {
        object = PyImport_Import(module_name);
        Py_DECREF(module_name);
        if (object == NULL) {
            PyErr_Format(PyExc_ImportError, "PyCapsule_Import could not import module \"%.*s\"",
                         (int)(dot ? dot - name : (Py_ssize_t)strlen(name)), name);
        }
    }
    while (object != NULL && dot != NULL) {
        const char *start = dot + 1;
        dot = strchr(start, '.');
        PyObject *part = PyUnicode_FromStringAndSize(start, dot ? dot - start : (Py_ssize_t)strlen(start));
        PyObject *next = part ? PyObject_GetAttr(object, part) : NULL;
        Py_XDECREF(part);
        Py_SETREF(object, next);
    }
    if (object != NULL) {
        if (PyCapsule_IsValid(object, name)) {
            pointer = ((capsule *)object)->pointer;
        }
        else {
            PyErr_Format(PyExc_AttributeError, "PyCapsule_Import \"%s\" is not valid", name);
        }
        Py_DECREF(object);
    }
    return pointer;
}

static void
capsule_dealloc(PyObject *op)
{
    capsule *self = (capsule *)op;
    PyObject_GC_UnTrack(op);
    if (self->destructor != NULL) {
        self->destructor(op);
    }
    PyObject_GC_Del(op);
}

static PyObject *
capsule_repr(PyObject *op)
{
    capsule *self = (capsule *)op;
    const char *quote = self->name ? "\"" : "";
    return PyUnicode_FromFormat("<capsule object %s%s%s at %p>", quote, self->name ? self->name : "NULL", quote, self);
}

static int
capsule_traverse(PyObject *op, visitproc visit, void *arg)
{
    capsule *self = (capsule *)op;
    return self->traverse_func ? self->traverse_func(op, visit, arg) : 0;
}

static int
capsule_clear(PyObject *op)
{
    capsule *self = (capsule *)op;
    return self->clear_func ? self->clear_func(op) : 0;
}

PyTypeObject PyCapsule_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "PyCapsule",
    .tp_basicsize = sizeof(capsule),
    .tp_dealloc = capsule_dealloc,
    .tp_repr = capsule_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "A C pointer with a name, made by one extension module for another.",
    .tp_traverse = capsule_traverse,
    .tp_clear = capsule_clear,
};

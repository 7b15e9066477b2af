/* What the files of the array module share.

   An array's size, memory and export count are guarded by its mutex.  Values are converted to and from bytes
   outside of the critical section, because that may run Python code. */
#ifndef ARRAY_INT_H
#define ARRAY_INT_H

#include "Python.h"

#include <stdbool.h>

#define ITEM_MAX 8  /* bytes of the largest item */

struct item_type {
    char code;
    uint8_t size;
    bool is_integer, is_signed;
    const char *format;                         /* of the buffer protocol */
    int (*pack)(PyObject *v, char *out);        /* -1 with an exception; may run Python code */
    PyObject *(*unpack)(const char *p);
};

extern const struct item_type _PyArray_ItemTypes[];  /* ends with code 0 */

static inline const struct item_type *
find_item_type(Py_UCS4 code)
{
    for (const struct item_type *t = _PyArray_ItemTypes; t->code; t++) {
        if ((Py_UCS4)t->code == code) {
            return t;
        }
    }
    return NULL;
}

typedef struct {
    PyObject_VAR_HEAD
    char *items;                     /* guarded by mutex */
    Py_ssize_t allocated;            /* guarded by mutex */
    const struct item_type *type;    /* const */
    PyObject *weakreflist;
    Py_ssize_t exports;              /* guarded by mutex: buffers in use; no resizing while there are any */
} ArrayObject;

typedef struct {
    PyTypeObject *array_type;
    PyTypeObject *iterator_type;
} array_module_state;

extern struct PyModuleDef _PyArray_Module;

static inline bool
is_text(const struct item_type *type)
{
    return type->code == 'u' || type->code == 'w';
}

/* A new array with `size` uninitialised items. */
extern ArrayObject *_PyArray_New(PyTypeObject *type, Py_ssize_t size, const struct item_type *item_type);
/* Changes the size; -1 with BufferError or MemoryError.  The caller holds the mutex. */
extern int _PyArray_ResizeLockHeld(ArrayObject *self, Py_ssize_t size);

/* How this machine stores items of a type, as pickles say it; -1 if they have no word for it. */
extern int _PyArray_MachineFormat(const struct item_type *type);
extern PyObject *array__array_reconstructor(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif

/* What the files of itertools share.

   Every iterator's fields are guarded by its mutex; a step runs with the mutex held.  A step calls iterators and functions,
   and while such a call blocks, another thread may take a step of its own: what is read before a call is counted for the
   call and read again after it. */
#ifndef ITERTOOLS_PRIVATE_H
#define ITERTOOLS_PRIVATE_H

#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_container.h"    // Py_BEGIN_CRITICAL_SECTION
#include "pycore_global_ids.h"   // _Py_ID
#include "pycore_modsupport.h"   // _PyArg_UnpackKeywords
#include "pycore_object.h"       // _PyObject_GC_TRACK
#include "pycore_tuple.h"        // _PyTuple_ITEMS
#include "pycore_typeobject.h"   // _PyType_Name
#include <stddef.h>              // offsetof

typedef struct {
    PyTypeObject *groupby_type;              // const after the module was made
    PyTypeObject *grouper_type;
    PyTypeObject *tee_type;
    PyTypeObject *teedata_type;
} itertools_state;

extern struct PyModuleDef _PyItertools_module;

static inline itertools_state *
itertools_state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &_PyItertools_module);
    assert(module != NULL);
    return (itertools_state *)PyModule_GetState(module);
}

extern PyType_Spec _PyCount_spec, _PyCycle_spec, _PyRepeat_spec, _PyAccumulate_spec, _PyBatched_spec, _PyChain_spec,
    _PyCompress_spec, _PyDropwhile_spec, _PyFilterfalse_spec, _PyIslice_spec, _PyPairwise_spec, _PyStarmap_spec,
    _PyTakewhile_spec, _PyZipLongest_spec, _PyCombinations_spec, _PyCwr_spec, _PyPermutations_spec, _PyProduct_spec,
    _PyGroupby_spec, _PyGrouper_spec, _PyTee_spec, _PyTeedata_spec;

extern PyObject *_PyItertools_Tee(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

/* -- Pieces of an iterator type -------------------------------------------- */

/* name_traverse, name_clear, name_dealloc for a struct whose references are the fields from first to last. */
#define ITERTOOL_REFERENCES(name, ctype, first, last)                              \
    static int                                                                     \
    name##_traverse(PyObject *self, visitproc visit, void *arg)                    \
    {                                                                              \
        Py_VISIT(Py_TYPE(self));                                                   \
        for (PyObject **p = &((ctype *)self)->first; p <= &((ctype *)self)->last; p++) { \
            Py_VISIT(*p);                                                          \
        }                                                                          \
        return 0;                                                                  \
    }                                                                              \
    static int                                                                     \
    name##_clear(PyObject *self)                                                   \
    {                                                                              \
        for (PyObject **p = &((ctype *)self)->first; p <= &((ctype *)self)->last; p++) { \
            Py_CLEAR(*p);                                                          \
        }                                                                          \
        return 0;                                                                  \
    }

#define ITERTOOL_DEALLOC(name, free_more)                                          \
    static void                                                                    \
    name##_dealloc(PyObject *self)                                                 \
    {                                                                              \
        PyTypeObject *type = Py_TYPE(self);                                        \
        PyObject_GC_UnTrack(self);                                                 \
        name##_clear(self);                                                        \
        free_more;                                                                 \
        type->tp_free(self);                                                       \
        Py_DECREF(type);                                                           \
    }

#define ITERTOOL_OBJECT(name, ctype, first, last)                                  \
    ITERTOOL_REFERENCES(name, ctype, first, last)                                  \
    ITERTOOL_DEALLOC(name, (void)0)

/* name_next from name_next_lock_held. */
#define ITERTOOL_NEXT(name, ctype)                                                 \
    static PyObject *                                                              \
    name##_next(PyObject *self)                                                    \
    {                                                                              \
        PyObject *result;                                                          \
        Py_BEGIN_CRITICAL_SECTION(self);                                           \
        result = name##_next_lock_held((ctype *)self);                             \
        Py_END_CRITICAL_SECTION();                                                 \
        return result;                                                             \
    }

/* name_slots and the spec; more slots may follow the documentation. */
#define ITERTOOL_TYPE(spec_name, tool, ctype, text, doc, ...)                      \
    static PyType_Slot tool##_slots[] = {                                          \
        {Py_tp_dealloc, tool##_dealloc},                                           \
        {Py_tp_getattro, PyObject_GenericGetAttr},                                 \
        {Py_tp_doc, (void *)(doc)},                                                \
        {Py_tp_traverse, tool##_traverse},                                         \
        {Py_tp_clear, tool##_clear},                                               \
        {Py_tp_iter, PyObject_SelfIter},                                           \
        {Py_tp_iternext, tool##_next},                                             \
        {Py_tp_new, tool##_new},                                                   \
        {Py_tp_free, PyObject_GC_Del},                                             \
        __VA_ARGS__                                                                \
        {0, NULL}                                                                  \
    };                                                                             \
    PyType_Spec spec_name = {                                                      \
        .name = "itertools." text,                                                 \
        .basicsize = sizeof(ctype),                                                \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE     \
               | Py_TPFLAGS_IMMUTABLETYPE,                                         \
        .slots = tool##_slots,                                                     \
    };

/* -- Helpers ----------------------------------------------------------- */

static inline PyObject *
next_of(PyObject *iter)
{
    return Py_TYPE(iter)->tp_iternext(iter);
}

/* The same for an iterator in a field that may be cleared meanwhile. */
static inline PyObject *
next_of_field(PyObject *iter)
{
    Py_INCREF(iter);
    PyObject *item = Py_TYPE(iter)->tp_iternext(iter);
    Py_DECREF(iter);
    return item;
}

/* A subclass with an __init__ of its own may take keywords. */
static inline int
no_keywords(PyTypeObject *type, const char *name, PyObject *kwds)
{
    return type->tp_init != PyBaseObject_Type.tp_init || _PyArg_NoKeywords(name, kwds);
}

/* Between minimum and n positional-only arguments into out[0..n), the missing ones NULL. */
static inline int
positional(PyTypeObject *type, const char *name, PyObject *args, PyObject *kwds, Py_ssize_t minimum, Py_ssize_t n,
           PyObject **out)
{
    if (!no_keywords(type, name, kwds) || !_PyArg_CheckPositional(name, PyTuple_GET_SIZE(args), minimum, n)) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        out[i] = i < PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, i) : NULL;
    }
    return 0;
}

/* Arguments by position or name into an array (borrowed) of as many as the parser has keywords. */
static inline PyObject *const *
by_keywords(PyObject *args, PyObject *kwds, _PyArg_Parser *parser, int minimum, int maximum, PyObject **buffer)
{
    return _PyArg_UnpackKeywords(_PyTuple_ITEMS(args), PyTuple_GET_SIZE(args), kwds, NULL, parser, minimum, maximum,
                                 0, 0, buffer);
}

/* __index__ as Py_ssize_t. */
static inline int
index_as_ssize(PyObject *arg, Py_ssize_t *value)
{
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) {
        return -1;
    }
    *value = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

#define KEYWORDS(function, ...)                                               \
    static const char *const keywords[] = {__VA_ARGS__, NULL};                \
    static _PyArg_Parser parser = {.keywords = keywords, .fname = function}

#endif

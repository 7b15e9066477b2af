/* Persistent hash map (hash array mapped trie): a change makes a new map that shares most of its nodes with the old one.

   Nodes and maps never change once made, so that any thread may read one it holds a reference to. */
#ifndef Py_INTERNAL_HAMT_H
#define Py_INTERNAL_HAMT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _PyHamt_Type;
extern PyTypeObject _PyHamt_BitmapNode_Type;
extern PyTypeObject _PyHamt_CollisionNode_Type;
extern PyTypeObject _PyHamtKeys_Type;
extern PyTypeObject _PyHamtValues_Type;
extern PyTypeObject _PyHamtItems_Type;

#define PyHamt_Check(o) Py_IS_TYPE((o), &_PyHamt_Type)

typedef struct {
    PyObject_HEAD
    PyObject *h_root;          /* bitmap node; NULL: empty */
    PyObject *h_weakreflist;
    Py_ssize_t h_count;
} PyHamtObject;

extern PyHamtObject *_PyHamt_New(void);
/* New reference to o with key mapped to val. */
extern PyHamtObject *_PyHamt_Assoc(PyHamtObject *o, PyObject *key, PyObject *val);
/* New reference to o without key; o itself if it has no such key. */
extern PyHamtObject *_PyHamt_Without(PyHamtObject *o, PyObject *key);
/* 1: *val is a new reference; 0: no such key; -1. */
extern int _PyHamt_Find(PyHamtObject *o, PyObject *key, PyObject **val);
extern int _PyHamt_Eq(PyHamtObject *v, PyHamtObject *w);
extern PyObject *_PyHamt_NewIterKeys(PyHamtObject *o);
extern PyObject *_PyHamt_NewIterValues(PyHamtObject *o);
extern PyObject *_PyHamt_NewIterItems(PyHamtObject *o);
#endif

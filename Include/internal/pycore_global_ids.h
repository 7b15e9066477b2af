/* Identifier strings: _Py_ID(name) is the immortal interned str "name", with a link-time address.

   There is no table to keep: Tools/build/make_ids finds every use in the sources and defines the objects. */
#ifndef Py_INTERNAL_GLOBAL_IDS_H
#define Py_INTERNAL_GLOBAL_IDS_H

#include "Python.h"

/* The object is larger than its declared type: the characters follow. */

#define _Py_ID(NAME)                              \
    (__extension__({                              \
        extern PyASCIIObject _Py_id_##NAME;       \
        (PyObject *)&_Py_id_##NAME;               \
    }))

/* All of them, for interning at start-up. */
extern PyObject *const _Py_static_id_list[];
extern const Py_ssize_t _Py_static_id_count;
#endif

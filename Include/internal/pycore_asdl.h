/* Sequences of syntax tree nodes: a length and the items, allocated in an arena.

   Each node type has its own sequence type so that the compiler checks the items; all start as
   asdl_seq does, and asdl_seq_LEN and asdl_seq_GET work on each of them.  NULL is an empty one. */
#ifndef Py_INTERNAL_ASDL_H
#define Py_INTERNAL_ASDL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_pyarena.h"  // PyArena

typedef PyObject *identifier;
typedef PyObject *string;
typedef PyObject *object;
typedef PyObject *constant;

/* What every sequence starts with. */
#define _ASDL_SEQ_HEAD \
    Py_ssize_t size;   \
    void **elements;

/* The items follow the head; `elements` points to them (untyped view). */
#define _ASDL_SEQ_TYPE(name, item) \
    typedef struct {               \
        _ASDL_SEQ_HEAD             \
        item typed_elements[1];    \
    } name

typedef struct {
    _ASDL_SEQ_HEAD
} asdl_seq;

_ASDL_SEQ_TYPE(asdl_generic_seq, void *);
_ASDL_SEQ_TYPE(asdl_identifier_seq, PyObject *);
_ASDL_SEQ_TYPE(asdl_int_seq, int);

extern asdl_generic_seq *_Py_asdl_generic_seq_new(Py_ssize_t size, PyArena *arena);
extern asdl_identifier_seq *_Py_asdl_identifier_seq_new(Py_ssize_t size, PyArena *arena);
extern asdl_int_seq *_Py_asdl_int_seq_new(Py_ssize_t size, PyArena *arena);

/* Any sequence: zeroed items of item_size bytes each. */
extern void *_Py_asdl_seq_alloc(Py_ssize_t size, size_t head_size, size_t item_size, PyArena *arena);

#define asdl_seq_GET_UNTYPED(S, I) _Py_RVALUE((S)->elements[(I)])
#define asdl_seq_GET(S, I) _Py_RVALUE((S)->typed_elements[(I)])
#define asdl_seq_LEN(S) _Py_RVALUE(((S) == NULL ? 0 : (S)->size))

#define asdl_seq_SET(S, I, V)                   \
    do {                                        \
        Py_ssize_t _asdl_i = (I);               \
        assert((S) != NULL);                    \
        assert(0 <= _asdl_i && _asdl_i < (S)->size); \
        (S)->typed_elements[_asdl_i] = (V);     \
    } while (0)

#define asdl_seq_SET_UNTYPED(S, I, V)           \
    do {                                        \
        Py_ssize_t _asdl_i = (I);               \
        assert((S) != NULL);                    \
        assert(0 <= _asdl_i && _asdl_i < (S)->size); \
        (S)->elements[_asdl_i] = (V);           \
    } while (0)

#endif

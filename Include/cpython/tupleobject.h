/* Layout of tuple objects and unchecked access. */
#if !defined(Py_CPYTHON_TUPLEOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_TUPLEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject_VAR_HEAD
    Py_hash_t ob_hash;  /* atomic; -1: not yet known */
    PyObject *ob_item[1];  /* ob_size items */
} PyTupleObject;

PyAPI_FUNC(int) _PyTuple_Resize(PyObject **p_tuple, Py_ssize_t newsize);

#define _PyTuple_CAST(op) (assert(PyTuple_Check(op)), _Py_CAST(PyTupleObject*, (op)))

static inline Py_ssize_t
PyTuple_GET_SIZE(PyObject *op)
{
    PyTupleObject *tuple = _PyTuple_CAST(op);
    return Py_SIZE(_PyObject_CAST(tuple));
}
#define PyTuple_GET_SIZE(op) PyTuple_GET_SIZE(_PyObject_CAST(op))

#define PyTuple_GET_ITEM(op, index) (_PyTuple_CAST(op)->ob_item[(index)])

/* Steals the reference, and forgets the item that was there: for new tuples. */
static inline void
PyTuple_SET_ITEM(PyObject *op, Py_ssize_t index, PyObject *value)
{
    PyTupleObject *tuple = _PyTuple_CAST(op);
    assert(0 <= index);
    assert(index < Py_SIZE(_PyObject_CAST(tuple)));
    tuple->ob_item[index] = value;
}
#define PyTuple_SET_ITEM(op, index, value) \
    PyTuple_SET_ITEM(_PyObject_CAST(op), (index), _PyObject_CAST(value))

#ifdef __cplusplus
}
#endif
#endif

/* Cells: variables that functions share. */
#if !defined(Py_CPYTHON_CELLOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_CELLOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject_HEAD
    PyObject *ob_ref;  /* NULL: unbound */
} PyCellObject;

PyAPI_DATA(PyTypeObject) PyCell_Type;

#define PyCell_Check(op) Py_IS_TYPE((op), &PyCell_Type)

PyAPI_FUNC(PyObject *) PyCell_Get(PyObject *cell);
PyAPI_FUNC(PyObject *) PyCell_New(PyObject *cell);
PyAPI_FUNC(int) PyCell_Set(PyObject *cell, PyObject *other);

/* Steals value, and forgets the old value's reference. */
static inline void
PyCell_SET(PyObject *op, PyObject *value)
{
    PyCellObject *cell;
    assert(PyCell_Check(op));
    cell = _Py_CAST(PyCellObject*, op);
    Py_BEGIN_CRITICAL_SECTION(cell);
    cell->ob_ref = value;
    Py_END_CRITICAL_SECTION();
}
#define PyCell_SET(op, value) PyCell_SET(_PyObject_CAST(op), (value))

/* A borrowed reference. */
static inline PyObject *
PyCell_GET(PyObject *op)
{
    PyObject *value;
    PyCellObject *cell;
    assert(PyCell_Check(op));
    cell = _Py_CAST(PyCellObject*, op);
    Py_BEGIN_CRITICAL_SECTION(cell);
    value = cell->ob_ref;
    Py_END_CRITICAL_SECTION();
    return value;
}
#define PyCell_GET(op) PyCell_GET(_PyObject_CAST(op))

#ifdef __cplusplus
}
#endif
#endif

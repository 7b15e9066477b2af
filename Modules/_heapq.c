/* _heapq: a list as a binary heap, the smallest item first; the _max functions have the largest first.

   The list's mutex is held during an operation.  Comparing may run other code that changes the list: items are counted
   while they are compared and the length is looked at after each comparison.
   Source of the sift: Knuth, TAOCP 3, 5.2.3, exercise 18: go down to a leaf along the smaller children, then up again. */
#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_list.h"         // _PyList_ITEMS
#include "pycore_modsupport.h"   // _PyArg_BadArgument

/* 1 if a goes above b, 0, -1. */
static int
goes_above(PyObject *heap, Py_ssize_t i, Py_ssize_t j, int max)
{
    Py_ssize_t size = PyList_GET_SIZE(heap);
    PyObject *a = Py_NewRef(PyList_GET_ITEM(heap, i)), *b = Py_NewRef(PyList_GET_ITEM(heap, j));
    int above = max ? PyObject_RichCompareBool(b, a, Py_LT) : PyObject_RichCompareBool(a, b, Py_LT);
    Py_DECREF(a);
    Py_DECREF(b);
    if (above >= 0 && PyList_GET_SIZE(heap) != size) {
        PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
        return -1;
    }
    return above;
}

static void
swap(PyObject *heap, Py_ssize_t i, Py_ssize_t j)
{
    PyObject **items = _PyList_ITEMS(heap);
    PyObject *item = items[i];
    _PyContainer_Write(heap);
    FT_ATOMIC_STORE_PTR_RELEASE(items[i], items[j]);
    FT_ATOMIC_STORE_PTR_RELEASE(items[j], item);
}

/* The item at pos moves up until its parent goes above it; not past start. */
static int
sift_up_to(PyObject *heap, Py_ssize_t start, Py_ssize_t pos, int max)
{
    if (pos >= PyList_GET_SIZE(heap)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return -1;
    }
    while (pos > start) {
        Py_ssize_t parent = (pos - 1) >> 1;
        int above = goes_above(heap, pos, parent, max);
        if (above <= 0) {
            return above;
        }
        swap(heap, parent, pos);
        pos = parent;
    }
    return 0;
}

/* The item at pos finds its place below. */
static int
sift_down(PyObject *heap, Py_ssize_t pos, int max)
{
    Py_ssize_t start = pos, end = PyList_GET_SIZE(heap), limit = end >> 1;
    if (pos >= end) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return -1;
    }
    while (pos < limit) {
        Py_ssize_t child = 2 * pos + 1;
        if (child + 1 < end) {
            int left = goes_above(heap, child, child + 1, max);
            if (left < 0) {
                return -1;
            }
            child += !left;
        }
        swap(heap, child, pos);
        pos = child;
    }
    return sift_up_to(heap, start, pos, max);
}

static PyObject *
push_lock_held(PyObject *heap, PyObject *item, int max)
{
    if (_PyList_AppendTakeRef((PyListObject *)heap, Py_NewRef(item)) < 0
        || sift_up_to(heap, 0, PyList_GET_SIZE(heap) - 1, max) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Puts item (stolen) in the first place; the one that was there belongs to the caller. */
static PyObject *
exchange_first(PyObject *heap, PyObject *item)
{
    PyObject **items = _PyList_ITEMS(heap);
    PyObject *first = items[0];
    _PyContainer_Write(heap);
    FT_ATOMIC_STORE_PTR_RELEASE(items[0], item);
    return _PyContainer_Take(heap, first);
}

static PyObject *
pop_lock_held(PyObject *heap, int max)
{
    Py_ssize_t n = PyList_GET_SIZE(heap);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    PyObject *last = Py_NewRef(PyList_GET_ITEM(heap, n - 1));
    if (PyList_SetSlice(heap, n - 1, n, NULL) < 0) {
        Py_DECREF(last);
        return NULL;
    }
    if (n == 1) {
        return last;
    }
    PyObject *result = exchange_first(heap, last);
    if (sift_down(heap, 0, max) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
replace_lock_held(PyObject *heap, PyObject *item, int max)
{
    if (PyList_GET_SIZE(heap) == 0) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    PyObject *result = exchange_first(heap, Py_NewRef(item));
    if (sift_down(heap, 0, max) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
pushpop_lock_held(PyObject *heap, PyObject *item, int max)
{
    if (PyList_GET_SIZE(heap) == 0) {
        return Py_NewRef(item);
    }
    PyObject *top = Py_NewRef(PyList_GET_ITEM(heap, 0));
    int replace = max ? PyObject_RichCompareBool(item, top, Py_LT) : PyObject_RichCompareBool(top, item, Py_LT);
    Py_DECREF(top);
    if (replace <= 0) {
        return replace < 0 ? NULL : Py_NewRef(item);
    }
    return replace_lock_held(heap, item, max);      // looks at the length again
}

static PyObject *
heapify_lock_held(PyObject *heap, int max)
{
    for (Py_ssize_t i = (PyList_GET_SIZE(heap) >> 1) - 1; i >= 0; i--) {
        if (sift_down(heap, i, max) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

/* -- Functions ------------------------------------------------------------- */

static int
check_two(const char *name, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional(name, nargs, 2, 2)) {
        return 0;
    }
    if (!PyList_Check(args[0])) {
        _PyArg_BadArgument(name, "argument 1", "list", args[0]);
        return 0;
    }
    return 1;
}

/* A function of heap and item, and one of the heap alone. */
#define OF_TWO(name, body, max)                                                            \
    static PyObject *                                                                      \
    heapq_##name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)     \
    {                                                                                      \
        PyObject *result;                                                                  \
        if (!check_two(#name, args, nargs)) {                                              \
            return NULL;                                                                   \
        }                                                                                  \
        PyObject *heap = args[0];                                                          \
        Py_BEGIN_CRITICAL_SECTION(heap);                                                   \
        result = body(heap, args[1], max);                                                 \
        Py_END_CRITICAL_SECTION();                                                         \
        return result;                                                                     \
    }

#define OF_ONE(name, body, max)                                                            \
    static PyObject *                                                                      \
    heapq_##name(PyObject *Py_UNUSED(module), PyObject *heap)                              \
    {                                                                                      \
        PyObject *result;                                                                  \
        if (!PyList_Check(heap)) {                                                         \
            _PyArg_BadArgument(#name, "argument", "list", heap);                           \
            return NULL;                                                                   \
        }                                                                                  \
        Py_BEGIN_CRITICAL_SECTION(heap);                                                   \
        result = body(heap, max);                                                          \
        Py_END_CRITICAL_SECTION();                                                         \
        return result;                                                                     \
    }

OF_TWO(heappush, push_lock_held, 0)
OF_TWO(heappush_max, push_lock_held, 1)
OF_TWO(heapreplace, replace_lock_held, 0)
OF_TWO(heapreplace_max, replace_lock_held, 1)
OF_TWO(heappushpop, pushpop_lock_held, 0)
OF_TWO(heappushpop_max, pushpop_lock_held, 1)
OF_ONE(heappop, pop_lock_held, 0)
OF_ONE(heappop_max, pop_lock_held, 1)
OF_ONE(heapify, heapify_lock_held, 0)
OF_ONE(heapify_max, heapify_lock_held, 1)

#define TWO "($module, heap, item, /)"
#define ONE "($module, heap, /)"

static PyMethodDef heapq_methods[] = {
    PY_METHOD(heapq, heappush, METH_FASTCALL, TWO, "Add item; the heap stays a heap."),
    PY_METHOD(heapq, heappushpop, METH_FASTCALL, TWO, "Add item, then remove the smallest and return it."),
    PY_METHOD(heapq, heappop, METH_O, ONE, "Remove the smallest item and return it."),
    PY_METHOD(heapq, heapreplace, METH_FASTCALL, TWO, "Remove the smallest item and return it; item takes its place."),
    PY_METHOD(heapq, heapify, METH_O, ONE, "Make a heap of a list, in place and in linear time."),
    PY_METHOD(heapq, heappush_max, METH_FASTCALL, TWO, "Add item to a heap with the largest first."),
    PY_METHOD(heapq, heappushpop_max, METH_FASTCALL, TWO, "Add item, then remove the largest and return it."),
    PY_METHOD(heapq, heappop_max, METH_O, ONE, "Remove the largest item and return it."),
    PY_METHOD(heapq, heapreplace_max, METH_FASTCALL, TWO, "Remove the largest item and return it; item takes its place."),
    PY_METHOD(heapq, heapify_max, METH_O, ONE, "Make a heap with the largest first of a list, in place and in linear time."),
    {0}
};

static int
heapq_exec(PyObject *module)
{
    return PyModule_AddStringConstant(module, "__about__",
        "A heap is a list a with a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k, as far as there are such items;\n"
        "so a[0] is the smallest.  One sees it best as a tree in which every parent is not larger than its two\n"
        "children.  Adding an item and removing the smallest take as many comparisons as the tree has levels, which\n"
        "makes a heap good for queues by priority, for schedulers and for merging sorted streams.\n");
}

static PyModuleDef_Slot heapq_slots[] = {
    {Py_mod_exec, heapq_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef heapqmodule = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_heapq",
    .m_doc = "Lists as heaps: queues by priority.",
    .m_methods = heapq_methods,
    .m_slots = heapq_slots,
};

PyMODINIT_FUNC
PyInit__heapq(void)
{
    return PyModuleDef_Init(&heapqmodule);
}

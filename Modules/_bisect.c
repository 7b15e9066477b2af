/* _bisect: places in sorted sequences, found by halving. */
#include "Python.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_global_ids.h"   // _Py_ID
#include "pycore_modsupport.h"   // _PyArg_UnpackKeywords

struct bisect_arguments {
    PyObject *a, *x, *key;       // key NULL: none
    Py_ssize_t lo, hi;           // hi -1: the length of a
};

/* Leftmost place where x goes (right: the place after all equals); key is already applied to x.  -1: error. */
static Py_ssize_t
search(const struct bisect_arguments *args, PyObject *x, int right)
{
    Py_ssize_t lo = args->lo, hi = args->hi;
    if (lo < 0) {
        PyErr_SetString(PyExc_ValueError, "lo must be non-negative");
        return -1;
    }
    if (hi == -1 && (hi = PySequence_Size(args->a)) < 0) {
        return -1;
    }
    while (lo < hi) {
        Py_ssize_t middle = lo + (hi - lo) / 2;      // cannot overflow
        PyObject *item = PySequence_GetItem(args->a, middle);
        if (item != NULL && args->key != NULL) {
            Py_SETREF(item, PyObject_CallOneArg(args->key, item));
        }
        if (item == NULL) {
            return -1;
        }
        int less = right ? PyObject_RichCompareBool(x, item, Py_LT) : PyObject_RichCompareBool(item, x, Py_LT);
        Py_DECREF(item);
        if (less < 0) {
            return -1;
        }
        if (less == right) {
            hi = middle;
        }
        else {
            lo = middle + 1;
        }
    }
    return lo;
}

static int
as_ssize(PyObject *arg, Py_ssize_t *value)
{
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) {
        return -1;
    }
    *value = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

static int
unpack(_PyArg_Parser *parser, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
       struct bisect_arguments *out)
{
    PyObject *buffer[5];
    PyObject *const *parsed = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, parser, 2, 4, 0, 0, buffer);
    if (parsed == NULL) {
        return -1;
    }
    out->a = parsed[0];
    out->x = parsed[1];
    out->lo = 0;
    out->hi = -1;
    out->key = parsed[4] == Py_None ? NULL : parsed[4];
    if ((parsed[2] != NULL && as_ssize(parsed[2], &out->lo) < 0)
        || (parsed[3] != NULL && parsed[3] != Py_None && as_ssize(parsed[3], &out->hi) < 0)) {
        return -1;
    }
    return 0;
}

static PyObject *
insert(struct bisect_arguments *args, int right)
{
    PyObject *x = args->key == NULL ? Py_NewRef(args->x) : PyObject_CallOneArg(args->key, args->x);
    if (x == NULL) {
        return NULL;
    }
    Py_ssize_t i = search(args, x, right);
    Py_DECREF(x);
    if (i < 0) {
        return NULL;
    }
    if (PyList_CheckExact(args->a)) {
        return PyList_Insert(args->a, i, args->x) < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *index = PyLong_FromSsize_t(i);
    if (index == NULL) {
        return NULL;
    }
    PyObject *answer = PyObject_CallMethodObjArgs(args->a, _Py_ID(insert), index, args->x, NULL);
    Py_DECREF(index);
    if (answer == NULL) {
        return NULL;
    }
    Py_DECREF(answer);
    Py_RETURN_NONE;
}

static PyObject *
find(struct bisect_arguments *args, int right)
{
    Py_ssize_t i = search(args, args->x, right);
    return i < 0 ? NULL : PyLong_FromSsize_t(i);
}

/* One of the four functions. */
#define FUNCTION(name, step, right)                                                                              \
    static PyObject *                                                                                            \
    bisect_##name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)       \
    {                                                                                                            \
        static const char *const keywords[] = {"a", "x", "lo", "hi", "key", NULL};                               \
        static _PyArg_Parser parser = {.keywords = keywords, .fname = #name};                                    \
        struct bisect_arguments parsed;                                                                          \
        return unpack(&parser, args, nargs, kwnames, &parsed) < 0 ? NULL : step(&parsed, right);                 \
    }

FUNCTION(bisect_right, find, 1)
FUNCTION(bisect_left, find, 0)
FUNCTION(insort_right, insert, 1)
FUNCTION(insort_left, insert, 0)

#define SIGNATURE "($module, /, a, x, lo=0, hi=None, *, key=None)"
#define FLAGS (METH_FASTCALL | METH_KEYWORDS)

static PyMethodDef bisect_methods[] = {
    PY_METHOD(bisect, bisect_right, FLAGS, SIGNATURE,
              "Index in sorted a where x goes after all that equal it.\n\nlo and hi bound the search; key(item) is compared."),
    PY_METHOD(bisect, insort_right, FLAGS, SIGNATURE,
              "Insert x into sorted a after all that equal it.\n\nlo and hi bound the search; key(item) is compared."),
    PY_METHOD(bisect, bisect_left, FLAGS, SIGNATURE,
              "Index in sorted a where x goes before all that equal it.\n\nlo and hi bound the search; key(item) is compared."),
    PY_METHOD(bisect, insort_left, FLAGS, SIGNATURE,
              "Insert x into sorted a before all that equal it.\n\nlo and hi bound the search; key(item) is compared."),
    {0}
};

static PyModuleDef_Slot bisect_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef bisectmodule = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_bisect",
    .m_doc = "Places in sorted sequences.",
    .m_methods = bisect_methods,
    .m_slots = bisect_slots,
};

PyMODINIT_FUNC
PyInit__bisect(void)
{
    return PyModuleDef_Init(&bisectmodule);
}

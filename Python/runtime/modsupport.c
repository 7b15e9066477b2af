/* Values from a format (Py_BuildValue and its family), and adding things to modules. */
#include "Python.h"
#include "pycore_abstract.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"

/* -- Reading the format ---------------------------------------------------------------------------------- */

static int
is_separator(char c)
{
    return c == ',' || c == ':' || c == ' ' || c == '\t';
}

/* Number of units up to endchar at this level; -1 with SystemError. */
static Py_ssize_t
count_format(const char *format, char endchar)
{
    Py_ssize_t count = 0;
    int level = 0;
    while (level > 0 || *format != endchar) {
        switch (*format) {
        case '\0':
            PyErr_SetString(PyExc_SystemError, "unmatched paren in format");
            return -1;
        case '(': case '[': case '{':
            if (level == 0) {
                count++;
            }
            level++;
            break;
        case ')': case ']': case '}':
            level--;
            break;
        case '#': case '&': case ',': case ':': case ' ': case '\t':
            break;
        default:
            if (level == 0) {
                count++;
            }
        }
        format++;
    }
    return count;
}

static PyObject *make_value(const char **p_format, va_list *p_va);

/* Moves past separators and the end of a group: 0, or -1 with SystemError. */
static int
check_end(const char **p_format, char endchar)
{
    const char *f = *p_format;
    while (*f != endchar) {
        if (!is_separator(*f)) {
            PyErr_SetString(PyExc_SystemError, "Unmatched paren in format");
            return -1;
        }
        f++;
    }
    if (endchar) {
        f++;
    }
    *p_format = f;
    return 0;
}

/* After an error: makes and drops what is left, so that references of N units do not leak. */
static void
ignore_rest(const char **p_format, va_list *p_va, char endchar, Py_ssize_t n)
{
    assert(PyErr_Occurred());
    PyObject *exc = PyErr_GetRaisedException();
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *v = make_value(p_format, p_va);
        if (v == NULL) {
            PyErr_Clear();
        }
        else {
            Py_DECREF(v);
        }
    }
    PyErr_SetRaisedException(exc);
    if (**p_format == endchar && endchar) {
        ++*p_format;
    }
}

/* Fills stack with n values: 0, or -1 with an exception, nothing owned and the format consumed. */
static int
make_values(const char **p_format, va_list *p_va, char endchar, PyObject **stack, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        stack[i] = make_value(p_format, p_va);
        if (stack[i] == NULL) {
            ignore_rest(p_format, p_va, endchar, n - i - 1);
            while (--i >= 0) {
                Py_DECREF(stack[i]);
            }
            return -1;
        }
    }
    if (check_end(p_format, endchar) < 0) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(stack[i]);
        }
        return -1;
    }
    return 0;
}

/* -- Groups ------------------------------------------------------------------------------------------------ */

static PyObject *
make_tuple(const char **p_format, va_list *p_va, char endchar, Py_ssize_t n)
{
    if (n < 0) {
        return NULL;
    }
    PyObject *v = PyTuple_New(n);
    if (v == NULL) {
        ignore_rest(p_format, p_va, endchar, n);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *w = make_value(p_format, p_va);
        if (w == NULL) {
            ignore_rest(p_format, p_va, endchar, n - i - 1);
            Py_DECREF(v);
            return NULL;
        }
        PyTuple_SET_ITEM(v, i, w);
    }
    if (check_end(p_format, endchar) < 0) {
        Py_DECREF(v);
        return NULL;
    }
    return v;
}

static PyObject *
make_list(const char **p_format, va_list *p_va, char endchar, Py_ssize_t n)
{
    if (n < 0) {
        return NULL;
    }
    PyObject *v = PyList_New(n);
    if (v == NULL) {
        ignore_rest(p_format, p_va, endchar, n);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *w = make_value(p_format, p_va);
        if (w == NULL) {
            ignore_rest(p_format, p_va, endchar, n - i - 1);
            Py_DECREF(v);
            return NULL;
        }
        PyList_SET_ITEM(v, i, w);
    }
    if (check_end(p_format, endchar) < 0) {
        Py_DECREF(v);
        return NULL;
    }
    return v;
}

static PyObject *
make_dict(const char **p_format, va_list *p_va, char endchar, Py_ssize_t n)
{
    if (n < 0) {
        return NULL;
    }
    if (n % 2) {
        PyErr_SetString(PyExc_SystemError, "Bad dict format");
        ignore_rest(p_format, p_va, endchar, n);
        return NULL;
    }
    PyObject *d = PyDict_New();
    if (d == NULL) {
        ignore_rest(p_format, p_va, endchar, n);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i += 2) {
        PyObject *k = make_value(p_format, p_va);
        if (k == NULL) {
            ignore_rest(p_format, p_va, endchar, n - i - 1);
            Py_DECREF(d);
            return NULL;
        }
        PyObject *v = make_value(p_format, p_va);
        if (v == NULL || PyDict_SetItem(d, k, v) < 0) {
            ignore_rest(p_format, p_va, endchar, n - i - 2);
            Py_DECREF(k);
            Py_XDECREF(v);
            Py_DECREF(d);
            return NULL;
        }
        Py_DECREF(k);
        Py_DECREF(v);
    }
    if (check_end(p_format, endchar) < 0) {
        Py_DECREF(d);
        return NULL;
    }
    return d;
}

/* -- Single values ------------------------------------------------------------------------------------------ */

/* Length after '#', or -1 for "up to the null byte". */
static Py_ssize_t
optional_size(const char **p_format, va_list *p_va)
{
    if (**p_format == '#') {
        ++*p_format;
        return va_arg(*p_va, Py_ssize_t);
    }
    return -1;
}

static PyObject *
make_wide_string(const char **p_format, va_list *p_va)
{
    const wchar_t *u = va_arg(*p_va, wchar_t *);
    Py_ssize_t n = optional_size(p_format, p_va);
    return u == NULL ? Py_NewRef(Py_None) : PyUnicode_FromWideChar(u, n);
}

static PyObject *
make_string(const char **p_format, va_list *p_va, int as_bytes)
{
    const char *str = va_arg(*p_va, const char *);
    Py_ssize_t n = optional_size(p_format, p_va);
    if (str == NULL) {
        return Py_NewRef(Py_None);
    }
    if (n < 0) {
        size_t m = strlen(str);
        if (m > PY_SSIZE_T_MAX) {
            PyErr_SetString(PyExc_OverflowError, as_bytes ? "string too long for Python bytes"
                                                          : "string too long for Python string");
            return NULL;
        }
        n = (Py_ssize_t)m;
    }
    return as_bytes ? PyBytes_FromStringAndSize(str, n) : PyUnicode_FromStringAndSize(str, n);
}

/* O S N O& */
static PyObject *
make_object(char unit, const char **p_format, va_list *p_va)
{
    if (**p_format == '&') {
        typedef PyObject *(*converter)(void *);
        ++*p_format;
        converter func = va_arg(*p_va, converter);
        void *arg = va_arg(*p_va, void *);
        return (*func)(arg);
    }
    PyObject *v = va_arg(*p_va, PyObject *);
    if (v != NULL) {
        if (unit != 'N') {
            Py_INCREF(v);
        }
    }
    else if (!PyErr_Occurred()) {
        /* A NULL with an exception set passes the exception on. */
        PyErr_SetString(PyExc_SystemError, "NULL object passed to Py_BuildValue");
    }
    return v;
}

static PyObject *
make_value(const char **p_format, va_list *p_va)
{
    for (;;) {
        char c = *(*p_format)++;
        switch (c) {
        case '(':
            return make_tuple(p_format, p_va, ')', count_format(*p_format, ')'));
        case '[':
            return make_list(p_format, p_va, ']', count_format(*p_format, ']'));
        case '{':
            return make_dict(p_format, p_va, '}', count_format(*p_format, '}'));
        case 'b': case 'B': case 'h': case 'i':
            return PyLong_FromLong((long)va_arg(*p_va, int));
        case 'H':
            return PyLong_FromLong((long)va_arg(*p_va, unsigned int));
        case 'I':
            return PyLong_FromUnsignedLong(va_arg(*p_va, unsigned int));
        case 'n':
            return PyLong_FromSsize_t(va_arg(*p_va, Py_ssize_t));
        case 'l':
            return PyLong_FromLong(va_arg(*p_va, long));
        case 'k':
            return PyLong_FromUnsignedLong(va_arg(*p_va, unsigned long));
        case 'L':
            return PyLong_FromLongLong(va_arg(*p_va, long long));
        case 'K':
            return PyLong_FromUnsignedLongLong(va_arg(*p_va, unsigned long long));
        case 'p':
            return PyBool_FromLong(va_arg(*p_va, int));
        case 'u':
            return make_wide_string(p_format, p_va);
        case 'f': case 'd':
            return PyFloat_FromDouble(va_arg(*p_va, double));
        case 'D':
            return PyComplex_FromCComplex(*va_arg(*p_va, Py_complex *));
        case 'c': {
            char byte = (char)va_arg(*p_va, int);
            return PyBytes_FromStringAndSize(&byte, 1);
        }
        case 'C':
            return PyUnicode_FromOrdinal(va_arg(*p_va, int));
        case 's': case 'z': case 'U':
            return make_string(p_format, p_va, 0);
        case 'y':
            return make_string(p_format, p_va, 1);
        case 'N': case 'S': case 'O':
            return make_object(c, p_format, p_va);
        case ',': case ':': case ' ': case '\t':
            break;
        default:
            --*p_format;      /* stay at the end of the text */
            PyErr_SetString(PyExc_SystemError, "bad format char passed to Py_BuildValue");
            return NULL;
        }
    }
}

/* -- Entry points --------------------------------------------------------------------------------------------- */

static PyObject *
build_value(const char *format, va_list va)
{
    const char *f = format;
    Py_ssize_t n = count_format(f, '\0');
    if (n < 0) {
        return NULL;
    }
    if (n == 0) {
        return Py_NewRef(Py_None);
    }
    va_list lva;
    va_copy(lva, va);
    PyObject *retval = n == 1 ? make_value(&f, &lva) : make_tuple(&f, &lva, '\0', n);
    va_end(lva);
    return retval;
}

PyObject *
Py_VaBuildValue(const char *format, va_list va)
{
    return build_value(format, va);
}

PyObject *
Py_BuildValue(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *retval = build_value(format, va);
    va_end(va);
    return retval;
}

PyAPI_FUNC(PyObject *)
_Py_BuildValue_SizeT(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *retval = build_value(format, va);
    va_end(va);
    return retval;
}

PyAPI_FUNC(PyObject *)
_Py_VaBuildValue_SizeT(const char *format, va_list va)
{
    return build_value(format, va);
}

/* The values as an array: small_stack if they fit, else memory to be freed with PyMem_Free. */
PyObject **
_Py_VaBuildStack(PyObject **small_stack, Py_ssize_t small_stack_len, const char *format, va_list va,
                 Py_ssize_t *p_nargs)
{
    Py_ssize_t n = count_format(format, '\0');
    if (n < 0) {
        *p_nargs = 0;
        return NULL;
    }
    *p_nargs = n;
    if (n == 0) {
        return small_stack;
    }
    PyObject **stack = small_stack;
    if (n > small_stack_len) {
        stack = PyMem_Malloc((size_t)n * sizeof(stack[0]));
        if (stack == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    va_list lva;
    va_copy(lva, va);
    int res = make_values(&format, &lva, '\0', stack, n);
    va_end(lva);
    if (res < 0) {
        if (stack != small_stack) {
            PyMem_Free(stack);
        }
        return NULL;
    }
    return stack;
}

/* -- Adding to modules ------------------------------------------------------------------------------------------ */

int
PyModule_AddObjectRef(PyObject *mod, const char *name, PyObject *value)
{
    if (!PyModule_Check(mod)) {
        PyErr_SetString(PyExc_TypeError, "PyModule_AddObjectRef() first argument must be a module");
        return -1;
    }
    if (!value) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError,
                            "PyModule_AddObjectRef() must be called with an exception raised if value is NULL");
        }
        return -1;
    }
    PyObject *dict = PyModule_GetDict(mod);
    if (dict == NULL) {
        PyErr_Format(PyExc_SystemError, "module '%s' has no __dict__", PyModule_GetName(mod));
        return -1;
    }
    return PyDict_SetItemString(dict, name, value);
}

int
_PyModule_Add(PyObject *mod, const char *name, PyObject *value)
{
    int res = PyModule_AddObjectRef(mod, name, value);
    Py_XDECREF(value);
    return res;
}

int
PyModule_Add(PyObject *mod, const char *name, PyObject *value)
{
    return _PyModule_Add(mod, name, value);
}

/* Steals value on success only. */
int
PyModule_AddObject(PyObject *mod, const char *name, PyObject *value)
{
    int res = PyModule_AddObjectRef(mod, name, value);
    if (res == 0) {
        Py_DECREF(value);
    }
    return res;
}

int
PyModule_AddIntConstant(PyObject *m, const char *name, long value)
{
    return _PyModule_Add(m, name, PyLong_FromLong(value));
}

int
PyModule_AddStringConstant(PyObject *m, const char *name, const char *value)
{
    return _PyModule_Add(m, name, PyUnicode_FromString(value));
}

int
PyModule_AddType(PyObject *module, PyTypeObject *type)
{
    if (!(type->tp_flags & Py_TPFLAGS_READY) && PyType_Ready(type) < 0) {
        return -1;
    }
    const char *dot = strrchr(type->tp_name, '.');
    return PyModule_AddObjectRef(module, dot == NULL ? type->tp_name : dot + 1, (PyObject *)type);
}

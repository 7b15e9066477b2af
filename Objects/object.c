/* What every object answers to: text forms, comparison, hash, truth, dir().

   Nothing here keeps state but the list of objects being represented (Py_ReprEnter), which belongs to one
   thread.  Attributes are in object_attr.c, the singletons in object_singletons.c. */
#include "Python.h"
#include "pycore_call.h"             // _PyObject_CallNoArgs
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"         // _PyErr_Occurred
#include "pycore_pystate.h"          // _PyThreadState_GET
#include "pycore_recursion.h"        // _Py_EnterRecursiveCallTstate
#include "pycore_unicodeobject.h"

/* -- Text forms ---------------------------------------------------------------------------------- */

PyObject *
PyObject_Repr(PyObject *v)
{
    if (PyErr_CheckSignals()) {
        return NULL;
    }
    if (v == NULL) {
        return PyUnicode_FromString("<NULL>");
    }
    if (Py_TYPE(v)->tp_repr == NULL) {
        return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(v)->tp_name, v);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    /* tp_repr may clear an error that it did not set. */
    assert(!_PyErr_Occurred(tstate));
    if (_Py_EnterRecursiveCallTstate(tstate, " while getting the repr of an object")) {
        return NULL;
    }
    PyObject *res = (*Py_TYPE(v)->tp_repr)(v);
    _Py_LeaveRecursiveCallTstate(tstate);
    if (res == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(res)) {
        _PyErr_Format(tstate, PyExc_TypeError, "__repr__ returned non-string (type %.200s)",
                      Py_TYPE(res)->tp_name);
        Py_DECREF(res);
        return NULL;
    }
    return res;
}

PyObject *
PyObject_Str(PyObject *v)
{
    if (PyErr_CheckSignals()) {
        return NULL;
    }
    if (v == NULL) {
        return PyUnicode_FromString("<NULL>");
    }
    if (PyUnicode_CheckExact(v)) {
        return Py_NewRef(v);
    }
    if (Py_TYPE(v)->tp_str == NULL) {
        return PyObject_Repr(v);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    if (_Py_EnterRecursiveCallTstate(tstate, " while getting the str of an object")) {
        return NULL;
    }
    PyObject *res = (*Py_TYPE(v)->tp_str)(v);
    _Py_LeaveRecursiveCallTstate(tstate);
    if (res == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(res)) {
        _PyErr_Format(tstate, PyExc_TypeError, "__str__ returned non-string (type %.200s)",
                      Py_TYPE(res)->tp_name);
        Py_DECREF(res);
        return NULL;
    }
    return res;
}

PyObject *
PyObject_ASCII(PyObject *v)
{
    PyObject *repr = PyObject_Repr(v);
    if (repr == NULL || PyUnicode_IS_ASCII(repr)) {
        return repr;
    }
    PyObject *ascii = _PyUnicode_AsASCIIString(repr, "backslashreplace");
    Py_DECREF(repr);
    if (ascii == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_DecodeASCII(PyBytes_AS_STRING(ascii), PyBytes_GET_SIZE(ascii), NULL);
    Py_DECREF(ascii);
    return res;
}

PyObject *
PyObject_Bytes(PyObject *v)
{
    if (v == NULL) {
        return PyBytes_FromString("<NULL>");
    }
    if (PyBytes_CheckExact(v)) {
        return Py_NewRef(v);
    }
    PyObject *func = _PyObject_LookupSpecial(v, _Py_ID(__bytes__));
    if (func != NULL) {
        PyObject *result = _PyObject_CallNoArgs(func);
        Py_DECREF(func);
        if (result == NULL) {
            return NULL;
        }
        if (!PyBytes_Check(result)) {
            PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)", Py_TYPE(result)->tp_name);
            Py_DECREF(result);
            return NULL;
        }
        return result;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    return PyBytes_FromObject(v);
}

/* Writes a str to a C stream, in the stream's likely encoding. */
static int
write_text(FILE *fp, PyObject *text)
{
    PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    if (bytes == NULL) {
        return -1;
    }
    fwrite(PyBytes_AS_STRING(bytes), 1, (size_t)PyBytes_GET_SIZE(bytes), fp);
    Py_DECREF(bytes);
    return 0;
}

int
PyObject_Print(PyObject *op, FILE *fp, int flags)
{
    if (PyErr_CheckSignals()) {
        return -1;
    }
    clearerr(fp);
    int ret = 0;
    if (op == NULL) {
        Py_BEGIN_ALLOW_THREADS
        fprintf(fp, "<nil>");
        Py_END_ALLOW_THREADS
    }
    else {
        PyObject *text = (flags & Py_PRINT_RAW) ? PyObject_Str(op) : PyObject_Repr(op);
        if (text == NULL) {
            return -1;
        }
        ret = write_text(fp, text);
        Py_DECREF(text);
    }
    if (ret == 0 && ferror(fp)) {
        PyErr_SetFromErrno(PyExc_OSError);
        clearerr(fp);
        ret = -1;
    }
    return ret;
}

/* The name used for a function in argument errors: "module.qualname()". */
PyObject *
_PyObject_FunctionStr(PyObject *func)
{
    assert(!PyErr_Occurred());
    PyObject *qualname, *module = NULL, *result = NULL;
    int found = PyObject_GetOptionalAttr(func, _Py_ID(__qualname__), &qualname);
    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        return PyObject_Str(func);
    }
    found = PyObject_GetOptionalAttr(func, _Py_ID(__module__), &module);
    if (found < 0) {
        goto done;
    }
    if (found > 0 && module != Py_None) {
        int builtin = PyUnicode_Check(module) && _PyUnicode_EqualToASCIIString(module, "builtins");
        if (!builtin) {
            result = PyUnicode_FromFormat("%S.%S()", module, qualname);
            goto done;
        }
    }
    result = PyUnicode_FromFormat("%S()", qualname);
done:
    Py_DECREF(qualname);
    Py_XDECREF(module);
    return result;
}

/* -- Comparison ---------------------------------------------------------------------------------- */

const int _Py_SwappedOp_table[] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};
int _Py_SwappedOp[] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};
static const char *const op_strings[] = {"<", "<=", "==", "!=", ">", ">="};

/* The three attempts of PEP 207: the right operand first if its type is a subclass of the left one's. */
static PyObject *
compare_operands(PyThreadState *tstate, PyObject *v, PyObject *w, int op)
{
    richcmpfunc compare;
    PyObject *res;
    int tried_reverse = 0;

    if (!Py_IS_TYPE(v, Py_TYPE(w)) && PyType_IsSubtype(Py_TYPE(w), Py_TYPE(v))
        && (compare = Py_TYPE(w)->tp_richcompare) != NULL) {
        tried_reverse = 1;
        res = (*compare)(w, v, _Py_SwappedOp_table[op]);
        if (res != Py_NotImplemented) {
            return res;
        }
        Py_DECREF(res);
    }
    if ((compare = Py_TYPE(v)->tp_richcompare) != NULL) {
        res = (*compare)(v, w, op);
        if (res != Py_NotImplemented) {
            return res;
        }
        Py_DECREF(res);
    }
    if (!tried_reverse && (compare = Py_TYPE(w)->tp_richcompare) != NULL) {
        res = (*compare)(w, v, _Py_SwappedOp_table[op]);
        if (res != Py_NotImplemented) {
            return res;
        }
        Py_DECREF(res);
    }
    if (op == Py_EQ || op == Py_NE) {
        return Py_NewRef((v == w) == (op == Py_EQ) ? Py_True : Py_False);
    }
    _PyErr_Format(tstate, PyExc_TypeError, "'%s' not supported between instances of '%.100s' and '%.100s'",
                  op_strings[op], Py_TYPE(v)->tp_name, Py_TYPE(w)->tp_name);
    return NULL;
}

PyObject *
PyObject_RichCompare(PyObject *v, PyObject *w, int op)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(Py_LT <= op && op <= Py_GE);
    if (v == NULL || w == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " in comparison")) {
        return NULL;
    }
    PyObject *res = compare_operands(tstate, v, w, op);
    _Py_LeaveRecursiveCallTstate(tstate);
    return res;
}

int
PyObject_RichCompareBool(PyObject *v, PyObject *w, int op)
{
    /* Identity implies equality: containers rely on it. */
    if (v == w) {
        if (op == Py_EQ) {
            return 1;
        }
        if (op == Py_NE) {
            return 0;
        }
    }
    PyObject *res = PyObject_RichCompare(v, w, op);
    if (res == NULL) {
        return -1;
    }
    int ok = PyBool_Check(res) ? res == Py_True : PyObject_IsTrue(res);
    Py_DECREF(res);
    return ok;
}

/* -- Hash ---------------------------------------------------------------------------------------- */

Py_hash_t
PyObject_HashNotImplemented(PyObject *v)
{
    PyErr_Format(PyExc_TypeError, "unhashable type: '%.200s'", Py_TYPE(v)->tp_name);
    return -1;
}

Py_hash_t
PyObject_GenericHash(PyObject *obj)
{
    return Py_HashPointer(obj);
}

Py_hash_t
PyObject_Hash(PyObject *v)
{
    PyTypeObject *type = Py_TYPE(v);
    if (type->tp_hash != NULL) {
        return (*type->tp_hash)(v);
    }
    /* An extension type used before PyType_Ready(). */
    if (!_PyType_IsReady(type)) {
        if (PyType_Ready(type) < 0) {
            return -1;
        }
        if (type->tp_hash != NULL) {
            return (*type->tp_hash)(v);
        }
    }
    return PyObject_HashNotImplemented(v);
}

/* -- Truth --------------------------------------------------------------------------------------- */

int
PyObject_IsTrue(PyObject *v)
{
    if (v == Py_True) {
        return 1;
    }
    if (v == Py_False || v == Py_None) {
        return 0;
    }
    PyTypeObject *type = Py_TYPE(v);
    Py_ssize_t res;
    if (type->tp_as_number != NULL && type->tp_as_number->nb_bool != NULL) {
        res = (*type->tp_as_number->nb_bool)(v);
    }
    else if (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_length != NULL) {
        res = (*type->tp_as_mapping->mp_length)(v);
    }
    else if (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_length != NULL) {
        res = (*type->tp_as_sequence->sq_length)(v);
    }
    else {
        return 1;
    }
    return res > 0 ? 1 : Py_SAFE_DOWNCAST(res, Py_ssize_t, int);
}

int
PyObject_Not(PyObject *v)
{
    int res = PyObject_IsTrue(v);
    return res < 0 ? res : res == 0;
}

int
PyCallable_Check(PyObject *x)
{
    return x != NULL && Py_TYPE(x)->tp_call != NULL;
}

/* -- dir() --------------------------------------------------------------------------------------- */

static PyObject *
names_of_locals(void)
{
    PyObject *locals = PyEval_GetFrameLocals();
    if (locals == NULL) {
        return NULL;
    }
    PyObject *names = PyMapping_Keys(locals);
    Py_DECREF(locals);
    if (names == NULL) {
        return NULL;
    }
    if (!PyList_Check(names)) {
        PyErr_Format(PyExc_TypeError, "dir(): expected keys() of locals to be a list, not '%.200s'",
                     Py_TYPE(names)->tp_name);
        Py_DECREF(names);
        return NULL;
    }
    if (PyList_Sort(names)) {
        Py_DECREF(names);
        return NULL;
    }
    return names;
}

static PyObject *
names_of_object(PyObject *obj)
{
    PyObject *dirfunc = _PyObject_LookupSpecial(obj, _Py_ID(__dir__));
    if (dirfunc == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "object does not provide __dir__");
        }
        return NULL;
    }
    PyObject *names = _PyObject_CallNoArgs(dirfunc);
    Py_DECREF(dirfunc);
    if (names == NULL) {
        return NULL;
    }
    PyObject *sorted = PySequence_List(names);
    Py_DECREF(names);
    if (sorted == NULL) {
        return NULL;
    }
    if (PyList_Sort(sorted)) {
        Py_DECREF(sorted);
        return NULL;
    }
    return sorted;
}

PyObject *
PyObject_Dir(PyObject *obj)
{
    return obj == NULL ? names_of_locals() : names_of_object(obj);
}

/* -- Guard against recursive repr ---------------------------------------------------------------- */

/* The list of objects whose repr this thread is making; borrowed, or NULL (with or without an exception). */
static PyObject *
repr_list(PyObject *dict)
{
    return PyDict_GetItemWithError(dict, _Py_ID(Py_Repr));
}

int
Py_ReprEnter(PyObject *obj)
{
    PyObject *dict = PyThreadState_GetDict();
    if (dict == NULL) {
        return 0;        /* no thread dict: nothing to guard with */
    }
    PyObject *list = repr_list(dict);
    if (list == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        list = PyList_New(0);
        if (list == NULL) {
            return -1;
        }
        if (PyDict_SetItem(dict, _Py_ID(Py_Repr), list) < 0) {
            Py_DECREF(list);
            return -1;
        }
        Py_DECREF(list);
    }
    for (Py_ssize_t i = PyList_GET_SIZE(list); --i >= 0;) {
        if (PyList_GET_ITEM(list, i) == obj) {
            return 1;
        }
    }
    return PyList_Append(list, obj) < 0 ? -1 : 0;
}

void
Py_ReprLeave(PyObject *obj)
{
    PyObject *saved = PyErr_GetRaisedException();
    PyObject *dict = PyThreadState_GetDict();
    PyObject *list = dict == NULL ? NULL : repr_list(dict);
    if (list != NULL && PyList_Check(list)) {
        for (Py_ssize_t i = PyList_GET_SIZE(list); --i >= 0;) {
            if (PyList_GET_ITEM(list, i) == obj) {
                PyList_SetSlice(list, i, i + 1, NULL);
                break;
            }
        }
    }
    PyErr_SetRaisedException(saved);
}

/* -- Debugging ----------------------------------------------------------------------------------- */

/* True if the pointer has one of the patterns of freed or uninitialised memory. */
static int
pointer_is_freed(const void *ptr)
{
    uintptr_t value = (uintptr_t)ptr;
    const uintptr_t ones = (uintptr_t)-1 / 0xFF;
    return value < 4096 || value == ones * 0xCD || value == ones * 0xDD || value == ones * 0xFD
           || value >= (uintptr_t)-4096;
}

int
_PyObject_IsFreed(PyObject *op)
{
    return pointer_is_freed(op) || pointer_is_freed(Py_TYPE(op));
}

void
_PyObject_Dump(PyObject *op)
{
    if (_PyObject_IsFreed(op)) {
        fprintf(stderr, "<object at %p is freed>\n", (void *)op);
        fflush(stderr);
        return;
    }
    fprintf(stderr, "object address  : %p\n", (void *)op);
    fprintf(stderr, "object refcount : %zd\n", Py_REFCNT(op));
    fflush(stderr);
    PyTypeObject *type = Py_TYPE(op);
    fprintf(stderr, "object type     : %p\n", (void *)type);
    fprintf(stderr, "object type name: %s\n", type == NULL ? "NULL" : type->tp_name);
    fprintf(stderr, "object repr     : ");
    fflush(stderr);
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *exc = PyErr_GetRaisedException();
    (void)PyObject_Print(op, stderr, 0);
    fflush(stderr);
    PyErr_SetRaisedException(exc);
    PyGILState_Release(gil);
    fprintf(stderr, "\n");
    fflush(stderr);
}

void _Py_NO_RETURN
_PyObject_AssertFailed(PyObject *obj, const char *expr, const char *msg, const char *file, int line,
                       const char *function)
{
    fprintf(stderr, "%s:%d: ", file, line);
    if (function) {
        fprintf(stderr, "%s: ", function);
    }
    fflush(stderr);
    if (expr) {
        fprintf(stderr, "Assertion \"%s\" failed", expr);
    }
    else {
        fprintf(stderr, "Assertion failed");
    }
    fprintf(stderr, msg ? ": %s\n" : "%s\n", msg ? msg : "");
    fflush(stderr);
    if (_PyObject_IsFreed(obj)) {
        fprintf(stderr, "<object at %p is freed>\n", (void *)obj);
        fflush(stderr);
    }
    else {
        _PyObject_Dump(obj);
    }
    Py_FatalError("_PyObject_AssertFailed");
}

int
_PyObject_CheckConsistency(PyObject *op, int check_content)
{
    _PyObject_ASSERT(op, op != NULL && !_PyObject_IsFreed(op));
    _PyObject_ASSERT(op, Py_REFCNT(op) >= 1);
    if (PyUnicode_Check(op)) {
        _PyUnicode_CheckConsistency(op, check_content);
    }
    return 1;
}

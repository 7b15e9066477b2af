/* Calls that are not in the limited API. */
#if !defined(Py_CPYTHON_ABSTRACT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_ABSTRACT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(PyObject *) _PyStack_AsDict(PyObject *const *args, PyObject *op);

static inline Py_ssize_t
_PyVectorcall_NARGS(size_t n)
{
    return (Py_ssize_t)(n & ~PY_VECTORCALL_ARGUMENTS_OFFSET);
}
#define PyVectorcall_NARGS(n) _PyVectorcall_NARGS(n)

PyAPI_FUNC(PyObject *) PyObject_CallOneArg(PyObject *callable, PyObject *arg);
PyAPI_FUNC(PyObject *) PyObject_VectorcallDict(
    PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwargs);
PyAPI_FUNC(vectorcallfunc) PyVectorcall_Function(PyObject *callable);
PyAPI_FUNC(PyObject *) _PyObject_CallMethodId(
    PyObject *op, _Py_Identifier *id, const char *str, ...);

static inline PyObject *
PyObject_CallMethodNoArgs(PyObject *self, PyObject *name)
{
    size_t nargsf = 1 | PY_VECTORCALL_ARGUMENTS_OFFSET;
    return PyObject_VectorcallMethod(name, &self, nargsf, _Py_NULL);
}

static inline PyObject *
PyObject_CallMethodOneArg(PyObject *self, PyObject *name, PyObject *arg)
{
    PyObject *args[2] = { self, arg };
    size_t nargsf = 2 | PY_VECTORCALL_ARGUMENTS_OFFSET;
    assert(arg != NULL);
    return PyObject_VectorcallMethod(name, args, nargsf, _Py_NULL);
}

/* Private names that these had before. */
#define _PyObject_Vectorcall       PyObject_Vectorcall
#define _PyObject_VectorcallMethod PyObject_VectorcallMethod
#define _PyObject_FastCallDict     PyObject_VectorcallDict
#define _PyVectorcall_Function     PyVectorcall_Function
#define _PyObject_CallOneArg       PyObject_CallOneArg
#define _PyObject_CallMethodNoArgs PyObject_CallMethodNoArgs
#define _PyObject_CallMethodOneArg PyObject_CallMethodOneArg

PyAPI_FUNC(Py_ssize_t) PyObject_LengthHint(PyObject *obj, Py_ssize_t n);

#ifdef __cplusplus
}
#endif
#endif

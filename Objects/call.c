/* Calling objects from C.

   Everything goes through vectorcall where the callable has it; _PyObject_MakeTpCall packs arguments for the
   others.  A result is checked once against the thread's exception (_Py_CheckFunctionResult). */
#include "Python.h"
#include "pycore_call.h"
#include "pycore_dict.h"             // _PyDict_FromItems
#include "pycore_modsupport.h"       // _Py_VaBuildStack
#include "pycore_object.h"
#include "pycore_object_protocol.h"  // _PyObject_GetMethod
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_recursion.h"        // _Py_EnterRecursiveCallTstate
#include "pycore_tuple.h"            // _PyTuple_FromArray

static PyObject *
null_error(PyThreadState *tstate)
{
    if (!_PyErr_Occurred(tstate)) {
        _PyErr_SetString(tstate, PyExc_SystemError, "null argument to internal routine");
    }
    return NULL;
}

/* -- Checking results ------------------------------------------------------------------------------- */

/* A result and an exception together, or neither: a fault of the C function. */
static PyObject *
bad_result(PyThreadState *tstate, PyObject *callable, PyObject *result, const char *where)
{
    if (result == NULL) {
        if (callable) {
            _PyErr_Format(tstate, PyExc_SystemError, "%R returned NULL without setting an exception", callable);
        }
        else {
            _PyErr_Format(tstate, PyExc_SystemError, "%s returned NULL without setting an exception", where);
        }
        return NULL;
    }
    Py_DECREF(result);
    if (callable) {
        _PyErr_FormatFromCauseTstate(tstate, PyExc_SystemError, "%R returned a result with an exception set", callable);
    }
    else {
        _PyErr_FormatFromCauseTstate(tstate, PyExc_SystemError, "%s returned a result with an exception set", where);
    }
    return NULL;
}

PyObject *
_Py_CheckFunctionResult(PyThreadState *tstate, PyObject *callable, PyObject *result, const char *where)
{
    assert((callable != NULL) ^ (where != NULL));
    if ((result == NULL) == (_PyErr_Occurred(tstate) == NULL)) {
        return bad_result(tstate, callable, result, where);
    }
    return result;
}

int
_Py_CheckSlotResult(PyObject *obj, const char *slot_name, int success)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!success && !_PyErr_Occurred(tstate)) {
        _Py_FatalErrorFormat(__func__, "Slot %s of type %s failed without setting an exception", slot_name,
                             Py_TYPE(obj)->tp_name);
    }
    if (success && _PyErr_Occurred(tstate)) {
        _Py_FatalErrorFormat(__func__, "Slot %s of type %s succeeded with an exception set", slot_name,
                             Py_TYPE(obj)->tp_name);
    }
    return 1;
}

/* -- The core -------------------------------------------------------------------------------------- */

PyObject *
PyObject_CallNoArgs(PyObject *func)
{
    return _PyObject_CallNoArgsTstate(_PyThreadState_GET(), func);
}

static PyObject *
not_callable_error(PyThreadState *tstate, PyObject *callable)
{
    /* A module where a class or function was meant: "'module' object is not callable. Did you mean: ..." */
    PyObject *message = NULL;
    if (PyModule_Check(callable)) {
        PyObject *name = PyModule_GetNameObject(callable);
        if (name == NULL) {
            _PyErr_Clear(tstate);
        }
        else {
            PyObject *attr;
            int found = PyObject_GetOptionalAttr(callable, name, &attr);
            if (found < 0) {
                _PyErr_Clear(tstate);
            }
            else if (found && PyCallable_Check(attr)) {
                message = PyUnicode_FromFormat("'%.200s' object is not callable. Did you mean: '%U.%U(...)'?",
                                               Py_TYPE(callable)->tp_name, name, name);
                if (message == NULL) {
                    _PyErr_Clear(tstate);
                }
            }
            Py_XDECREF(attr);
            Py_DECREF(name);
        }
    }
    if (message != NULL) {
        _PyErr_SetObject(tstate, PyExc_TypeError, message);
        Py_DECREF(message);
    }
    else {
        _PyErr_Format(tstate, PyExc_TypeError, "'%.200s' object is not callable", Py_TYPE(callable)->tp_name);
    }
    return NULL;
}

/* Calls tp_call with a vector of arguments.  keywords is NULL, a dict, or the tuple of names of the last ones. */
PyObject *
_PyObject_MakeTpCall(PyThreadState *tstate, PyObject *callable, PyObject *const *args, Py_ssize_t nargs,
                     PyObject *keywords)
{
    assert(nargs >= 0 && (nargs == 0 || args != NULL));
    ternaryfunc call = Py_TYPE(callable)->tp_call;
    if (call == NULL) {
        return not_callable_error(tstate, callable);
    }
    PyObject *argstuple = _PyTuple_FromArray(args, nargs);
    if (argstuple == NULL) {
        return NULL;
    }
    PyObject *kwdict;
    if (keywords == NULL || PyDict_Check(keywords)) {
        kwdict = keywords;
    }
    else if (PyTuple_GET_SIZE(keywords)) {
        assert(args != NULL);
        kwdict = _PyStack_AsDict(args + nargs, keywords);
        if (kwdict == NULL) {
            Py_DECREF(argstuple);
            return NULL;
        }
    }
    else {
        keywords = kwdict = NULL;
    }
    PyObject *result = NULL;
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object") == 0) {
        result = call(callable, argstuple, kwdict);
        _Py_LeaveRecursiveCallTstate(tstate);
    }
    Py_DECREF(argstuple);
    if (kwdict != keywords) {
        Py_DECREF(kwdict);
    }
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

vectorcallfunc
PyVectorcall_Function(PyObject *callable)
{
    return _PyVectorcall_FunctionInline(callable);
}

PyObject *
_PyObject_VectorcallDictTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf,
                               PyObject *kwargs)
{
    assert(callable != NULL);
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    vectorcallfunc func = _PyVectorcall_FunctionInline(callable);
    if (func == NULL) {
        return _PyObject_MakeTpCall(tstate, callable, args, nargs, kwargs);
    }
    PyObject *res;
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        res = func(callable, args, nargsf, NULL);
    }
    else {
        PyObject *kwnames;
        PyObject *const *newargs = _PyStack_UnpackDict(tstate, args, nargs, kwargs, &kwnames);
        if (newargs == NULL) {
            return NULL;
        }
        res = func(callable, newargs, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
        _PyStack_UnpackDict_Free(newargs, nargs, kwnames);
    }
    return _Py_CheckFunctionResult(tstate, callable, res, NULL);
}

PyObject *
_PyObject_FastCallDictTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf,
                             PyObject *kwargs)
{
    return _PyObject_VectorcallDictTstate(tstate, callable, args, nargsf, kwargs);
}

PyObject *
PyObject_VectorcallDict(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwargs)
{
    return _PyObject_VectorcallDictTstate(_PyThreadState_GET(), callable, args, nargsf, kwargs);
}

PyObject *
PyObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return _PyObject_VectorcallTstate(_PyThreadState_GET(), callable, args, nargsf, kwnames);
}

PyObject *
_PyVectorcall_Call(PyThreadState *tstate, vectorcallfunc func, PyObject *callable, PyObject *tuple, PyObject *kwargs)
{
    assert(func != NULL);
    Py_ssize_t nargs = PyTuple_GET_SIZE(tuple);
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return func(callable, _PyTuple_ITEMS(tuple), (size_t)nargs, NULL);
    }
    PyObject *kwnames;
    PyObject *const *args = _PyStack_UnpackDict(tstate, _PyTuple_ITEMS(tuple), nargs, kwargs, &kwnames);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = func(callable, args, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
    _PyStack_UnpackDict_Free(args, nargs, kwnames);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

PyObject *
PyVectorcall_Call(PyObject *callable, PyObject *tuple, PyObject *kwargs)
{
    PyThreadState *tstate = _PyThreadState_GET();
    Py_ssize_t offset = Py_TYPE(callable)->tp_vectorcall_offset;
    if (offset <= 0) {
        _PyErr_Format(tstate, PyExc_TypeError, "'%.200s' object does not support vectorcall",
                      Py_TYPE(callable)->tp_name);
        return NULL;
    }
    /* Not _PyVectorcall_FunctionInline: a subclass with its own __call__ has the flag cleared, and may still get
       here as tp_call of its base. */
    vectorcallfunc func;
    memcpy(&func, (char *)callable + offset, sizeof(func));
    if (func == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "'%.200s' object does not support vectorcall",
                      Py_TYPE(callable)->tp_name);
        return NULL;
    }
    return _PyVectorcall_Call(tstate, func, callable, tuple, kwargs);
}

PyObject *
_PyObject_Call(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs)
{
    assert(!_PyErr_Occurred(tstate));
    assert(PyTuple_Check(args) && (kwargs == NULL || PyDict_Check(kwargs)));
    vectorcallfunc vector_func = _PyVectorcall_FunctionInline(callable);
    if (vector_func != NULL) {
        PyObject *result = _PyVectorcall_Call(tstate, vector_func, callable, args, kwargs);
        return _Py_CheckFunctionResult(tstate, callable, result, NULL);
    }
    ternaryfunc call = Py_TYPE(callable)->tp_call;
    if (call == NULL) {
        return not_callable_error(tstate, callable);
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyObject *result = (*call)(callable, args, kwargs);
    _Py_LeaveRecursiveCallTstate(tstate);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

PyObject *
PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return _PyObject_Call(_PyThreadState_GET(), callable, args, kwargs);
}

PyObject *
PyObject_CallOneArg(PyObject *func, PyObject *arg)
{
    assert(arg != NULL);
    PyObject *stack[2] = {NULL, arg};      /* one slot for the callee */
    return _PyObject_VectorcallTstate(_PyThreadState_GET(), func, stack + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

PyObject *
PyObject_CallObject(PyObject *callable, PyObject *args)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    if (args == NULL) {
        return _PyObject_CallNoArgsTstate(tstate, callable);
    }
    if (!PyTuple_Check(args)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    return _PyObject_Call(tstate, callable, args, NULL);
}

/* callable(obj, *args, **kwargs) */
PyObject *
_PyObject_Call_Prepend(PyThreadState *tstate, PyObject *callable, PyObject *obj, PyObject *args, PyObject *kwargs)
{
    assert(PyTuple_Check(args));
    PyObject *small_stack[_PY_FASTCALL_SMALL_STACK];
    PyObject **stack = small_stack;
    Py_ssize_t argcount = PyTuple_GET_SIZE(args);
    if (argcount + 1 > (Py_ssize_t)Py_ARRAY_LENGTH(small_stack)) {
        stack = PyMem_Malloc((size_t)(argcount + 1) * sizeof(PyObject *));
        if (stack == NULL) {
            _PyErr_NoMemory(tstate);
            return NULL;
        }
    }
    stack[0] = obj;
    memcpy(&stack[1], _PyTuple_ITEMS(args), (size_t)argcount * sizeof(PyObject *));
    PyObject *result = _PyObject_VectorcallDictTstate(tstate, callable, stack, (size_t)argcount + 1, kwargs);
    if (stack != small_stack) {
        PyMem_Free(stack);
    }
    return result;
}

/* callable(arg, *args, **kw) with a vector: reuses the free slot before args when there is one. */
PyObject *
_PyObject_VectorcallPrepend(PyThreadState *tstate, PyObject *callable, PyObject *arg, PyObject *const *args,
                            size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    assert(nargs == 0 || args[nargs - 1]);
    if (nargsf & PY_VECTORCALL_ARGUMENTS_OFFSET) {
        PyObject **newargs = (PyObject **)args - 1;
        PyObject *tmp = newargs[0];
        newargs[0] = arg;
        PyObject *result = _PyObject_VectorcallTstate(tstate, callable, newargs, (size_t)nargs + 1, kwnames);
        newargs[0] = tmp;
        return result;
    }
    Py_ssize_t nkwargs = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    Py_ssize_t total = nargs + nkwargs;
    if (total == 0) {
        return _PyObject_VectorcallTstate(tstate, callable, &arg, 1, NULL);
    }
    PyObject *small_stack[_PY_FASTCALL_SMALL_STACK];
    PyObject **newargs = small_stack;
    if (total >= (Py_ssize_t)Py_ARRAY_LENGTH(small_stack)) {
        newargs = PyMem_Malloc((size_t)(total + 1) * sizeof(PyObject *));
        if (newargs == NULL) {
            _PyErr_NoMemory(tstate);
            return NULL;
        }
    }
    newargs[0] = arg;
    memcpy(newargs + 1, args, (size_t)total * sizeof(PyObject *));
    PyObject *result = _PyObject_VectorcallTstate(tstate, callable, newargs, (size_t)nargs + 1, kwnames);
    if (newargs != small_stack) {
        PyMem_Free(newargs);
    }
    return result;
}

/* -- Calls with a format ----------------------------------------------------------------------------- */

static PyObject *
call_function_va(PyThreadState *tstate, PyObject *callable, const char *format, va_list va)
{
    if (callable == NULL) {
        return null_error(tstate);
    }
    if (format == NULL || *format == '\0') {
        return _PyObject_CallNoArgsTstate(tstate, callable);
    }
    PyObject *small_stack[_PY_FASTCALL_SMALL_STACK];
    Py_ssize_t nargs;
    PyObject **stack = _Py_VaBuildStack(small_stack, Py_ARRAY_LENGTH(small_stack), format, va, &nargs);
    if (stack == NULL) {
        return NULL;
    }
    PyObject *result;
    /* One argument that is a tuple is the argument list; kept for compatibility with old callers. */
    if (nargs == 1 && PyTuple_Check(stack[0])) {
        PyObject *args = stack[0];
        result = _PyObject_VectorcallTstate(tstate, callable, _PyTuple_ITEMS(args), (size_t)PyTuple_GET_SIZE(args),
                                            NULL);
    }
    else {
        result = _PyObject_VectorcallTstate(tstate, callable, stack, (size_t)nargs, NULL);
    }
    for (Py_ssize_t i = 0; i < nargs; ++i) {
        Py_DECREF(stack[i]);
    }
    if (stack != small_stack) {
        PyMem_Free(stack);
    }
    return result;
}

PyObject *
PyObject_CallFunction(PyObject *callable, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = call_function_va(_PyThreadState_GET(), callable, format, va);
    va_end(va);
    return result;
}

PyAPI_FUNC(PyObject *)
_PyObject_CallFunction_SizeT(PyObject *callable, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = call_function_va(_PyThreadState_GET(), callable, format, va);
    va_end(va);
    return result;
}

PyAPI_FUNC(PyObject *)
PyEval_CallFunction(PyObject *callable, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = call_function_va(_PyThreadState_GET(), callable, format, va);
    va_end(va);
    return result;
}

static PyObject *
call_method_va(PyThreadState *tstate, PyObject *callable, const char *format, va_list va)
{
    if (!PyCallable_Check(callable)) {
        _PyErr_Format(tstate, PyExc_TypeError, "attribute of type '%.200s' is not callable",
                      Py_TYPE(callable)->tp_name);
        return NULL;
    }
    return call_function_va(tstate, callable, format, va);
}

PyObject *
PyObject_CallMethod(PyObject *obj, const char *name, const char *format, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *callable = PyObject_GetAttrString(obj, name);
    if (callable == NULL) {
        return NULL;
    }
    va_list va;
    va_start(va, format);
    PyObject *retval = call_method_va(tstate, callable, format, va);
    va_end(va);
    Py_DECREF(callable);
    return retval;
}

PyAPI_FUNC(PyObject *)
_PyObject_CallMethod_SizeT(PyObject *obj, const char *name, const char *format, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *callable = PyObject_GetAttrString(obj, name);
    if (callable == NULL) {
        return NULL;
    }
    va_list va;
    va_start(va, format);
    PyObject *retval = call_method_va(tstate, callable, format, va);
    va_end(va);
    Py_DECREF(callable);
    return retval;
}

PyAPI_FUNC(PyObject *)
PyEval_CallMethod(PyObject *obj, const char *name, const char *format, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *callable = PyObject_GetAttrString(obj, name);
    if (callable == NULL) {
        return NULL;
    }
    va_list va;
    va_start(va, format);
    PyObject *retval = call_method_va(tstate, callable, format, va);
    va_end(va);
    Py_DECREF(callable);
    return retval;
}

PyAPI_FUNC(PyObject *)
PyEval_CallObjectWithKeywords(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (args != NULL && !PyTuple_Check(args)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "keyword list must be a dictionary");
        return NULL;
    }
    if (args == NULL) {
        return _PyObject_VectorcallDictTstate(tstate, callable, NULL, 0, kwargs);
    }
    return _PyObject_Call(tstate, callable, args, kwargs);
}

PyObject *
_PyObject_CallMethod(PyObject *obj, PyObject *name, const char *format, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *callable = PyObject_GetAttr(obj, name);
    if (callable == NULL) {
        return NULL;
    }
    va_list va;
    va_start(va, format);
    PyObject *retval = call_method_va(tstate, callable, format, va);
    va_end(va);
    Py_DECREF(callable);
    return retval;
}

PyObject *
_PyObject_CallMethodId(PyObject *obj, _Py_Identifier *name, const char *format, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *callable = _PyObject_GetAttrId(obj, name);
    if (callable == NULL) {
        return NULL;
    }
    va_list va;
    va_start(va, format);
    PyObject *retval = call_method_va(tstate, callable, format, va);
    va_end(va);
    Py_DECREF(callable);
    return retval;
}

PyObject *
_PyObject_CallMethodFormat(PyThreadState *tstate, PyObject *callable, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *retval = call_method_va(tstate, callable, format, va);
    va_end(va);
    return retval;
}

/* -- Calls with objects ------------------------------------------------------------------------------ */

/* callable([base,] *vargs), vargs ending with NULL. */
static PyObject *
object_vacall(PyThreadState *tstate, PyObject *base, PyObject *callable, va_list vargs)
{
    if (callable == NULL) {
        return null_error(tstate);
    }
    va_list countva;
    va_copy(countva, vargs);
    Py_ssize_t nargs = base ? 1 : 0;
    while (va_arg(countva, PyObject *) != NULL) {
        nargs++;
    }
    va_end(countva);

    PyObject *small_stack[_PY_FASTCALL_SMALL_STACK];
    PyObject **stack = small_stack;
    if (nargs > (Py_ssize_t)Py_ARRAY_LENGTH(small_stack)) {
        stack = PyMem_Malloc((size_t)nargs * sizeof(stack[0]));
        if (stack == NULL) {
            _PyErr_NoMemory(tstate);
            return NULL;
        }
    }
    Py_ssize_t i = 0;
    if (base) {
        stack[i++] = base;
    }
    for (; i < nargs; ++i) {
        stack[i] = va_arg(vargs, PyObject *);
    }
    PyObject *result = _PyObject_VectorcallTstate(tstate, callable, stack, (size_t)nargs, NULL);
    if (stack != small_stack) {
        PyMem_Free(stack);
    }
    return result;
}

PyObject *
PyObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    assert(name != NULL && args != NULL && PyVectorcall_NARGS(nargsf) >= 1);
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *self = args[0];
    PyObject *callable;
    int unbound = _PyObject_GetMethod(self, name, &callable);
    if (callable == NULL) {
        return NULL;
    }
    if (unbound) {
        /* self is in args[0]; nobody may use the slot before it. */
        nargsf &= ~PY_VECTORCALL_ARGUMENTS_OFFSET;
    }
    else {
        /* args[0] becomes the free slot. */
        args++;
        nargsf--;
    }
    PyObject *result = _PyObject_VectorcallTstate(tstate, callable, args, nargsf, kwnames);
    Py_DECREF(callable);
    return result;
}

PyObject *
PyObject_CallMethodObjArgs(PyObject *obj, PyObject *name, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *callable = NULL;
    int is_method = _PyObject_GetMethod(obj, name, &callable);
    if (callable == NULL) {
        return NULL;
    }
    va_list vargs;
    va_start(vargs, name);
    PyObject *result = object_vacall(tstate, is_method ? obj : NULL, callable, vargs);
    va_end(vargs);
    Py_DECREF(callable);
    return result;
}

PyObject *
_PyObject_CallMethodIdObjArgs(PyObject *obj, _Py_Identifier *name, ...)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *oname = _PyUnicode_FromId(name);   /* borrowed */
    if (oname == NULL) {
        return NULL;
    }
    PyObject *callable = NULL;
    int is_method = _PyObject_GetMethod(obj, oname, &callable);
    if (callable == NULL) {
        return NULL;
    }
    va_list vargs;
    va_start(vargs, name);
    PyObject *result = object_vacall(tstate, is_method ? obj : NULL, callable, vargs);
    va_end(vargs);
    Py_DECREF(callable);
    return result;
}

PyObject *
PyObject_CallFunctionObjArgs(PyObject *callable, ...)
{
    va_list vargs;
    va_start(vargs, callable);
    PyObject *result = object_vacall(_PyThreadState_GET(), NULL, callable, vargs);
    va_end(vargs);
    return result;
}

#undef PyVectorcall_NARGS
PyAPI_FUNC(Py_ssize_t)
PyVectorcall_NARGS(size_t n)
{
    return (Py_ssize_t)(n & ~PY_VECTORCALL_ARGUMENTS_OFFSET);
}
#define PyVectorcall_NARGS(n) ((Py_ssize_t)((n) & ~PY_VECTORCALL_ARGUMENTS_OFFSET))

/* -- Keyword arguments between vector and dict --------------------------------------------------------- */

PyObject *
_PyStack_AsDict(PyObject *const *values, PyObject *kwnames)
{
    assert(kwnames != NULL);
    Py_ssize_t nkwargs = PyTuple_GET_SIZE(kwnames);
    return _PyDict_FromItems(_PyTuple_ITEMS(kwnames), 1, values, 1, nkwargs);
}

PyObject *const *
_PyStack_UnpackDict(PyThreadState *tstate, PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
                    PyObject **p_kwnames)
{
    assert(nargs >= 0 && kwargs != NULL && PyDict_Check(kwargs));
    Py_ssize_t nkwargs = PyDict_GET_SIZE(kwargs);
    Py_ssize_t maxnargs = PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(args[0]) - 1;
    if (nargs > maxnargs - nkwargs) {
        _PyErr_NoMemory(tstate);
        return NULL;
    }
    /* One more in front, for the PY_VECTORCALL_ARGUMENTS_OFFSET flag. */
    PyObject **stack = PyMem_Malloc((size_t)(1 + nargs + nkwargs) * sizeof(args[0]));
    if (stack == NULL) {
        _PyErr_NoMemory(tstate);
        return NULL;
    }
    PyObject *kwnames = PyTuple_New(nkwargs);
    if (kwnames == NULL) {
        PyMem_Free(stack);
        return NULL;
    }
    stack++;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        stack[i] = Py_NewRef(args[i]);
    }
    /* The dict is the call's own; all its keys must be str, which is checked once at the end. */
    PyObject **kwstack = stack + nargs;
    unsigned long keys_are_strings = Py_TPFLAGS_UNICODE_SUBCLASS;
    Py_ssize_t pos = 0, i = 0;
    PyObject *key, *value;
    while (i < nkwargs && PyDict_Next(kwargs, &pos, &key, &value)) {
        keys_are_strings &= Py_TYPE(key)->tp_flags;
        PyTuple_SET_ITEM(kwnames, i, Py_NewRef(key));
        kwstack[i] = Py_NewRef(value);
        i++;
    }
    if (!keys_are_strings || i < nkwargs) {
        if (i < nkwargs) {
            _PyErr_SetString(tstate, PyExc_RuntimeError, "keyword arguments changed size during call");
        }
        else {
            _PyErr_SetString(tstate, PyExc_TypeError, "keywords must be strings");
        }
        for (Py_ssize_t k = 0; k < nargs + i; k++) {
            Py_DECREF(stack[k]);
        }
        Py_DECREF(kwnames);
        PyMem_Free(stack - 1);
        return NULL;
    }
    *p_kwnames = kwnames;
    return stack;
}

void
_PyStack_UnpackDict_Free(PyObject *const *stack, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t n = PyTuple_GET_SIZE(kwnames) + nargs;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(stack[i]);
    }
    _PyStack_UnpackDict_FreeNoDecRef(stack, kwnames);
}

void
_PyStack_UnpackDict_FreeNoDecRef(PyObject *const *stack, PyObject *kwnames)
{
    PyMem_Free((PyObject **)stack - 1);
    Py_DECREF(kwnames);
}

/* Calls: from the loop to C, from C to the loop, and the frames between them. */
#include "vm.h"
#include "pycore_abstract.h"
#include "pycore_call_py.h"
#include "pycore_dict.h"
#include "pycore_function.h"
#include "pycore_interp.h"
#include "pycore_object_protocol.h"
#include "pycore_tuple.h"

int eval_frame_hook_active;

/* -- Calling C from the loop ---------------------------------------------------------------------------------- */

PyObject *
call_block(PyThreadState *tstate, _PyValue *block, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *callable = value_box_in_place(&block[0]);
    int has_self = (int)block_has_self(block);
    if (callable == NULL || block_own(block + 1, nargs + 1) < 0) {
        return NULL;
    }
    PyObject **args = BLOCK_OBJECTS(block) + 2 - has_self;
    Py_ssize_t total = nargs + has_self;
    Py_ssize_t npositional = total - (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    PyObject *result = _PyObject_VectorcallTstate(tstate, callable, args,
                                                  (size_t)npositional | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
    if (result == NULL) {
        return NULL;       /* the unwinder releases the block */
    }
    /* Last in, first out: an argument's finalizer sees the callable alive. */
    for (Py_ssize_t i = nargs + 1; i >= 0; i--) {
        _PyValue v = block[i];
        block[i] = _PyValue_DEAD;
        _PyValue_Release(v);
    }
    return result;
}

/* -- Frames for Python functions ---------------------------------------------------------------------------------- */

_PyInterpreterFrame *
_PyEvalFramePushAndInit(PyThreadState *tstate, _PyValue func, PyObject *locals, _PyValue *args, size_t argcount,
                        PyObject *kwnames, _PyInterpreterFrame *previous)
{
    PyFunctionObject *fn = (PyFunctionObject *)_PyValue_AsObject(func);
    PyCodeObject *co = function_code(fn);
    _PyInterpreterFrame *f = _PyThreadState_PushFrame(tstate, _PyFrame_SizeInWords(co));
    if (f == NULL) {
        block_clear(args, (Py_ssize_t)argcount + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames)));
        _PyValue_Release(func);
        Py_XDECREF(locals);
        return NULL;
    }
    frame_init(f, func, co, locals, previous);
    regs_zero(f->regs, co->co_framesize);
    if (_PyEval_BindArguments(tstate, fn, co, f->regs, args, (Py_ssize_t)argcount, kwnames) < 0) {
        _PyEval_FrameClearAndPop(tstate, f);
        return NULL;
    }
    return f;
}

/* The locals mapping of a frame for this code: NULL for functions. */
static PyObject *
new_locals(PyFunctionObject *func, PyCodeObject *co)
{
    return co->co_flags & CO_OPTIMIZED ? NULL : Py_NewRef(func->func_globals);
}

_PyInterpreterFrame *
call_push(PyThreadState *tstate, _PyInterpreterFrame *frame, _PyValue *block, Py_ssize_t nargs, PyObject *kwnames)
{
    if (enter_recursive_py(tstate)) {
        leave_recursive_py(tstate);
        return NULL;
    }
    _PyValue func = block[0];
    block[0] = _PyValue_DEAD;
    PyFunctionObject *fn = (PyFunctionObject *)_PyValue_AsObject(func);
    int has_self = (int)block_has_self(block);
    Py_ssize_t npositional = nargs + has_self - (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    _PyInterpreterFrame *f = _PyEvalFramePushAndInit(tstate, func, new_locals(fn, function_code(fn)),
                                                     block + 2 - has_self, (size_t)npositional, kwnames, frame);
    if (f == NULL) {
        leave_recursive_py(tstate);
    }
    return f;
}

/* -- f(*args, **kwargs) --------------------------------------------------------------------------------------------- */

/* The positional arguments as a tuple, in place. */
static int
star_args(PyThreadState *tstate, PyObject *callable, _PyValue *r)
{
    PyObject *args = value_box_in_place(r);
    if (args == NULL) {
        return -1;
    }
    if (PyTuple_CheckExact(args)) {
        return 0;
    }
    if (Py_TYPE(args)->tp_iter == NULL && !PySequence_Check(args)) {
        PyObject *name = _PyObject_FunctionStr(callable);
        if (name != NULL) {
            _PyErr_Format(tstate, PyExc_TypeError, "%U argument after * must be an iterable, not %.200s", name,
                          Py_TYPE(args)->tp_name);
            Py_DECREF(name);
        }
        return -1;
    }
    PyObject *tuple = PySequence_Tuple(args);
    if (tuple == NULL) {
        return -1;
    }
    reg_set(r, _PyValue_Steal(tuple));
    return 0;
}

static _PyInterpreterFrame *
push_ex(PyThreadState *tstate, _PyInterpreterFrame *frame, _PyValue *block)
{
    PyObject *args = _PyValue_AsObject(block[2]);
    PyObject *kwargs = _PyValue_AsObject(block[3]);
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    Py_ssize_t nkw = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    _PyValue small[16];
    _PyValue *values = small;
    if (nargs + nkw + 1 > (Py_ssize_t)Py_ARRAY_LENGTH(small)) {
        values = PyMem_New(_PyValue, (size_t)(nargs + nkw + 1));
        if (values == NULL) {
            _PyErr_NoMemory(tstate);
            return NULL;
        }
    }
    PyObject *kwnames = NULL;
    Py_ssize_t n = 0;
    _PyInterpreterFrame *f = NULL;
    if (_PyValue_IsObject(block[1])) {
        values[n++] = _PyValue_Dup(block[1]);
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        values[n++] = value_load(PyTuple_GET_ITEM(args, i));
    }
    Py_ssize_t npositional = n;
    if (nkw > 0) {
        kwnames = PyTuple_New(nkw);
        if (kwnames == NULL) {
            goto fail;
        }
        Py_ssize_t pos = 0, k = 0;
        PyObject *key, *value;
        bool all_str = true;
        while (k < nkw && PyDict_Next(kwargs, &pos, &key, &value)) {
            all_str &= (bool)PyUnicode_Check(key);
            PyTuple_SET_ITEM(kwnames, k++, Py_NewRef(key));
            values[n++] = value_load(value);
        }
        if (k < nkw) {
            _PyErr_SetString(tstate, PyExc_RuntimeError, "dictionary changed size during iteration");
            goto fail;
        }
        if (!all_str) {
            _PyErr_SetString(tstate, PyExc_TypeError, "keywords must be strings");
            goto fail;
        }
    }
    if (enter_recursive_py(tstate)) {
        leave_recursive_py(tstate);
        goto fail;
    }
    _PyValue func = block[0];
    block[0] = _PyValue_DEAD;
    PyFunctionObject *fn = (PyFunctionObject *)_PyValue_AsObject(func);
    f = _PyEvalFramePushAndInit(tstate, func, new_locals(fn, function_code(fn)), values, (size_t)npositional, kwnames,
                                frame);
    if (f == NULL) {
        leave_recursive_py(tstate);
    }
    else {
        block_clear(block, 4);
    }
    n = 0;
fail:
    block_clear(values, n);
    Py_XDECREF(kwnames);
    if (values != small) {
        PyMem_Free(values);
    }
    return f;
}

PyObject *
call_ex(PyThreadState *tstate, _PyInterpreterFrame *frame, _PyValue *block, _PyInterpreterFrame **callee)
{
    PyObject *callable = value_box_in_place(&block[0]);
    if (callable == NULL || star_args(tstate, callable, &block[2]) < 0) {
        return NULL;
    }
    if (!_PyValue_IsObject(block[3])) {
        block[3] = _PyValue_DEAD;
    }
    PyObject *kwargs = _PyValue_AsObject(block[3]);
    if (kwargs != NULL && !PyDict_CheckExact(kwargs)) {
        PyObject *dict = PyDict_New();
        if (dict == NULL || _PyDict_MergeEx(dict, kwargs, 2) < 0) {
            Py_XDECREF(dict);
            return NULL;
        }
        reg_set(&block[3], _PyValue_Steal(dict));
        kwargs = dict;
    }
    if (PyFunction_Check(callable) && !eval_frame_hook_active
        && ((PyFunctionObject *)callable)->vectorcall == _PyFunction_Vectorcall) {
        *callee = push_ex(tstate, frame, block);
        return NULL;
    }
    PyObject *result = PyObject_Call(callable, _PyValue_AsObject(block[2]), kwargs);
    if (result != NULL) {
        block_clear(block, 4);
    }
    return result;
}

/* -- Calling Python functions from C ---------------------------------------------------------------------------------- */

PyObject *
_PyEval_EvalFrame(PyThreadState *tstate, _PyInterpreterFrame *frame, int throwflag)
{
    _PyFrameEvalFunction hook = tstate->interp->eval_frame;
    if (UNLIKELY(hook != NULL)) {
        return hook(tstate, frame, throwflag);
    }
    return _PyEval_EvalFrameDefault(tstate, frame, throwflag);
}

PyObject *
_PyEval_Vector(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, PyObject *const *args,
               size_t argcount, PyObject *kwnames)
{
    size_t total = argcount + (kwnames == NULL ? 0 : (size_t)PyTuple_GET_SIZE(kwnames));
    _PyValue small[8];
    _PyValue *values = small;
    if (total > Py_ARRAY_LENGTH(small)) {
        values = PyMem_New(_PyValue, total);
        if (values == NULL) {
            return _PyErr_NoMemory(tstate);
        }
    }
    for (size_t i = 0; i < total; i++) {
        values[i] = value_load(args[i]);
    }
    _PyInterpreterFrame *f = _PyEvalFramePushAndInit(tstate, value_new((PyObject *)func), Py_XNewRef(locals), values,
                                                     argcount, kwnames, tstate->current_frame);
    if (values != small) {
        PyMem_Free(values);
    }
    return f == NULL ? NULL : _PyEval_EvalFrame(tstate, f, 0);
}

PyObject *
_PyFunction_Vectorcall(PyObject *op, PyObject *const *stack, size_t nargsf, PyObject *kwnames)
{
    assert(PyFunction_Check(op));
    PyThreadState *tstate = _PyThreadState_GET();
    PyFunctionObject *func = (PyFunctionObject *)op;
    PyCodeObject *co = function_code(func);
    PyObject *locals = co->co_flags & CO_OPTIMIZED ? NULL : func->func_globals;
    return _PyEval_Vector(tstate, func, locals, stack, (size_t)PyVectorcall_NARGS(nargsf), kwnames);
}

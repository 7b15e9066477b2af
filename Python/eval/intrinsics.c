/* The intrinsic functions of intrinsics.def. */
#include "vm.h"
#include "pycore_function.h"
#include "pycore_interp.h"
#include "pycore_intrinsics.h"
#include "pycore_typevarobject.h"
#include "pycore_unicodeobject.h"

static PyObject *
intrinsic_invalid_1(PyThreadState *tstate, PyObject *unused)
{
    _PyErr_SetString(tstate, PyExc_SystemError, "invalid intrinsic function");
    return NULL;
}

static PyObject *
intrinsic_invalid_2(PyThreadState *tstate, PyObject *unused1, PyObject *unused2)
{
    return intrinsic_invalid_1(tstate, unused1);
}

/* Expression statements of interactive input. */
static PyObject *
intrinsic_print(PyThreadState *tstate, PyObject *value)
{
    PyObject *hook = PySys_GetObject("displayhook");
    if (hook == NULL) {
        _PyErr_SetString(tstate, PyExc_RuntimeError, "lost sys.displayhook");
        return NULL;
    }
    Py_INCREF(hook);
    PyObject *result = PyObject_CallOneArg(hook, value);
    Py_DECREF(hook);
    return result;
}

static PyObject *
intrinsic_import_star(PyThreadState *tstate, PyObject *module)
{
    PyObject *locals = _PyFrame_GetLocals(tstate->current_frame);
    if (locals == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetString(tstate, PyExc_SystemError, "no locals found during 'import *'");
        }
        return NULL;
    }
    int status = _PyEval_ImportAllFrom(tstate, locals, module);
    Py_DECREF(locals);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

/* StopIteration inside a generator (StopAsyncIteration inside an asynchronous one) becomes a RuntimeError. */
static PyObject *
intrinsic_stopiteration_error(PyThreadState *tstate, PyObject *exc)
{
    int flags = _PyFrame_GetCode(tstate->current_frame)->co_flags;
    const char *message = NULL;
    if (PyErr_GivenExceptionMatches(exc, PyExc_StopIteration)) {
        message = flags & CO_ASYNC_GENERATOR ? "async generator raised StopIteration"
            : flags & CO_COROUTINE ? "coroutine raised StopIteration"
            : "generator raised StopIteration";
    }
    else if ((flags & CO_ASYNC_GENERATOR) && PyErr_GivenExceptionMatches(exc, PyExc_StopAsyncIteration)) {
        message = "async generator raised StopAsyncIteration";
    }
    if (message == NULL) {
        return Py_NewRef(exc);
    }
    PyObject *text = PyUnicode_FromString(message);
    if (text == NULL) {
        return NULL;
    }
    PyObject *error = PyObject_CallOneArg(PyExc_RuntimeError, text);
    Py_DECREF(text);
    if (error != NULL) {
        PyException_SetCause(error, Py_NewRef(exc));
        PyException_SetContext(error, Py_NewRef(exc));
    }
    return error;
}

static PyObject *
intrinsic_async_gen_wrap(PyThreadState *tstate, PyObject *value)
{
    return _PyAsyncGenValueWrapperNew(tstate, value);
}

static PyObject *
intrinsic_unary_positive(PyThreadState *tstate, PyObject *value)
{
    return PyNumber_Positive(value);
}

static PyObject *
intrinsic_list_to_tuple(PyThreadState *tstate, PyObject *list)
{
    return PyList_AsTuple(list);
}

static PyObject *
intrinsic_typevar(PyThreadState *tstate, PyObject *name)
{
    return _Py_make_typevar(name, NULL, NULL);
}

static PyObject *
intrinsic_prep_reraise_star(PyThreadState *tstate, PyObject *orig, PyObject *excs)
{
    return _PyExc_PrepReraiseStar(orig, excs);
}

static PyObject *
intrinsic_typevar_with_bound(PyThreadState *tstate, PyObject *name, PyObject *evaluate_bound)
{
    return _Py_make_typevar(name, evaluate_bound, NULL);
}

static PyObject *
intrinsic_typevar_with_constraints(PyThreadState *tstate, PyObject *name, PyObject *evaluate_constraints)
{
    return _Py_make_typevar(name, NULL, evaluate_constraints);
}

static PyObject *
intrinsic_set_function_type_params(PyThreadState *tstate, PyObject *func, PyObject *type_params)
{
    return _Py_set_function_type_params(tstate, func, type_params);
}

#define INTRINSIC_1(name, function) [INTRINSIC_##name] = function,
#define INTRINSIC_2(name, function)
const _Py_intrinsic_1_func _PyIntrinsics_1[INTRINSIC_1_COUNT] = {
#include "intrinsics.def"
};
#undef INTRINSIC_1
#undef INTRINSIC_2

#define INTRINSIC_1(name, function)
#define INTRINSIC_2(name, function) [INTRINSIC_2_##name] = function,
const _Py_intrinsic_2_func _PyIntrinsics_2[INTRINSIC_2_COUNT] = {
#include "intrinsics.def"
};
#undef INTRINSIC_1
#undef INTRINSIC_2

#define INTRINSIC_1(name, function) "INTRINSIC_" #name,
#define INTRINSIC_2(name, function)
const char *const _PyIntrinsics_1_Names[INTRINSIC_1_COUNT] = {
#include "intrinsics.def"
};
#undef INTRINSIC_1
#undef INTRINSIC_2

#define INTRINSIC_1(name, function)
#define INTRINSIC_2(name, function) "INTRINSIC_" #name,
const char *const _PyIntrinsics_2_Names[INTRINSIC_2_COUNT] = {
#include "intrinsics.def"
};
#undef INTRINSIC_1
#undef INTRINSIC_2

int
op_CALL_INTRINSIC_1(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value = value_box_in_place(&frame->regs[W_BI(w)]);
    PyObject *result = value == NULL ? NULL : _PyIntrinsics_1[W_X(w)](tstate, value);
    if (result == NULL) {
        return -1;
    }
    finish_b(frame->regs, w, _PyValue_Steal(result));
    return 0;
}

int
op_CALL_INTRINSIC_2(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value1 = value_box_in_place(&frame->regs[W_BI(w)]);
    PyObject *value2 = value_box_in_place(&frame->regs[W_CI(w)]);
    if (value1 == NULL || value2 == NULL) {
        return -1;
    }
    PyObject *result = _PyIntrinsics_2[W_X(w)](tstate, value1, value2);
    if (result == NULL) {
        return -1;
    }
    finish_bc(frame->regs, w, _PyValue_Steal(result));
    return 0;
}

/* Exceptions: raising, matching, finding the handler. */
#include "vm.h"
#include "monitoring.h"
#include "pycore_traceback.h"

/* -- Unwinding ----------------------------------------------------------------------------------------------- */

void
unwind_add_traceback(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    if (!_PyFrame_IsIncomplete(frame)) {
        PyFrameObject *f = _PyFrame_GetFrameObject(frame);
        if (f != NULL) {
            PyTraceBack_Here(f);
        }
    }
    monitor_raise(tstate, frame, frame->pc);
}

_Py_Instr *
unwind_to_handler(PyThreadState *tstate, _PyInterpreterFrame *frame, _Py_Instr *pc)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    _Py_Instr *code = _PyCode_CODE(co);
    const _PyExceptionTableRow *row = _PyCode_FindHandler(co, pc - code);
    if (row == NULL) {
        monitor_unwind(tstate, frame, frame->pc);
        return NULL;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    Py_ssize_t raising = frame->pc - code;
    for (uint32_t i = frame->nregs; i-- > row->depth;) {
        reg_clear(&frame->regs[i]);
    }
    frame->regs[row->depth] = _PyValue_Steal(exc);
    if (row->lasti) {
        frame->regs[row->depth + 1] = _PyValue_FromInt(raising);
    }
    _Py_Instr *handler = code + row->handler;
    monitor_handled(tstate, frame, handler);
    frame->pc = handler;
    return handler;
}

/* -- raise ---------------------------------------------------------------------------------------------------- */

/* An exception instance from a class or instance; NULL with an exception.  Steals exc. */
static PyObject *
instantiate(PyThreadState *tstate, PyObject *exc, const char *otherwise)
{
    if (PyExceptionInstance_Check(exc)) {
        return exc;
    }
    if (!PyExceptionClass_Check(exc)) {
        Py_DECREF(exc);
        _PyErr_SetString(tstate, PyExc_TypeError, otherwise);
        return NULL;
    }
    PyObject *value = PyObject_CallNoArgs(exc);
    if (value != NULL && !PyExceptionInstance_Check(value)) {
        _PyErr_Format(tstate, PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %R",
                      exc, Py_TYPE(value));
        Py_CLEAR(value);
    }
    Py_DECREF(exc);
    return value;
}

/* Steals exc and cause (either may be NULL).  1: the current exception is raised again; 0: a new one is set. */
int
do_raise(PyThreadState *tstate, PyObject *exc, PyObject *cause)
{
    if (exc == NULL) {
        exc = _PyErr_GetTopmostException(tstate)->exc_value;
        if (exc == NULL || exc == Py_None) {
            _PyErr_SetString(tstate, PyExc_RuntimeError, "No active exception to reraise");
            return 0;
        }
        _PyErr_SetRaisedException(tstate, Py_NewRef(exc));
        return 1;
    }
    PyObject *value = instantiate(tstate, exc, "exceptions must derive from BaseException");
    if (value == NULL) {
        Py_XDECREF(cause);
        return 0;
    }
    if (cause != NULL) {
        if (cause == Py_None) {
            Py_DECREF(cause);
            cause = NULL;
        }
        else {
            cause = instantiate(tstate, cause, "exception causes must derive from BaseException");
            if (cause == NULL) {
                Py_DECREF(value);
                return 0;
            }
        }
        PyException_SetCause(value, cause);
    }
    _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(value), value);
    Py_DECREF(value);
    return 0;
}

/* -- except ----------------------------------------------------------------------------------------------------- */

int
_PyEval_CheckExceptTypeValid(PyThreadState *tstate, PyObject *right)
{
    static const char message[] = "catching classes that do not inherit from BaseException is not allowed";
    if (!PyTuple_Check(right)) {
        if (PyExceptionClass_Check(right)) {
            return 0;
        }
        _PyErr_SetString(tstate, PyExc_TypeError, message);
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(right); i++) {
        if (!PyExceptionClass_Check(PyTuple_GET_ITEM(right, i))) {
            _PyErr_SetString(tstate, PyExc_TypeError, message);
            return -1;
        }
    }
    return 0;
}

int
op_CHECK_EXC_MATCH(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *exc = _PyValue_AsObject(regs[W_BI(w)]);
    PyObject *type = value_box_in_place(&regs[W_CI(w)]);
    if (type == NULL || _PyEval_CheckExceptTypeValid(tstate, type) < 0) {
        return -1;
    }
    int match = PyErr_GivenExceptionMatches(exc, type);
    _PyValue spent = reg_spent(regs, W_C(w));
    reg_set(&regs[W_A(w)], value_from_bool(match));
    _PyValue_Release(spent);
    return 0;
}

int
_PyEval_CheckExceptStarTypeValid(PyThreadState *tstate, PyObject *right)
{
    if (_PyEval_CheckExceptTypeValid(tstate, right) < 0) {
        return -1;
    }
    int is_subclass = 0;
    if (PyTuple_Check(right)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(right) && is_subclass == 0; i++) {
            is_subclass = PyObject_IsSubclass(PyTuple_GET_ITEM(right, i), PyExc_BaseExceptionGroup);
        }
    }
    else {
        is_subclass = PyObject_IsSubclass(right, PyExc_BaseExceptionGroup);
    }
    if (is_subclass < 0) {
        return -1;
    }
    if (is_subclass) {
        _PyErr_SetString(tstate, PyExc_TypeError,
                         "catching ExceptionGroup with except* is not allowed. Use except instead.");
        return -1;
    }
    return 0;
}

/* The parts of exc_value that match and do not: new references, Py_None for an empty part. */
int
_PyEval_ExceptionGroupMatch(_PyInterpreterFrame *frame, PyObject *exc_value, PyObject *match_type, PyObject **match,
                            PyObject **rest)
{
    if (Py_IsNone(exc_value)) {
        *match = Py_NewRef(Py_None);
        *rest = Py_NewRef(Py_None);
        return 0;
    }
    if (PyErr_GivenExceptionMatches(exc_value, match_type)) {
        if (PyObject_IsInstance(exc_value, PyExc_BaseExceptionGroup) > 0) {
            *match = Py_NewRef(exc_value);
        }
        else {
            /* A naked exception is wrapped into a group. */
            PyObject *excs = PyTuple_Pack(1, exc_value);
            PyObject *wrapped = excs == NULL ? NULL : _PyExc_CreateExceptionGroup("", excs);
            Py_XDECREF(excs);
            if (wrapped == NULL) {
                return -1;
            }
            PyFrameObject *f = _PyFrame_GetFrameObject(frame);
            if (f != NULL) {
                PyObject *tb = _PyTraceBack_FromFrame(NULL, f);
                if (tb == NULL) {
                    Py_DECREF(wrapped);
                    return -1;
                }
                PyException_SetTraceback(wrapped, tb);
                Py_DECREF(tb);
            }
            *match = wrapped;
        }
        *rest = Py_NewRef(Py_None);
        return 0;
    }
    if (PyObject_IsInstance(exc_value, PyExc_BaseExceptionGroup) > 0) {
        PyObject *pair = PyObject_CallMethod(exc_value, "split", "(O)", match_type);
        if (pair == NULL) {
            return -1;
        }
        if (!PyTuple_CheckExact(pair)) {
            PyErr_Format(PyExc_TypeError, "%.200s.split must return a tuple, not %.200s", Py_TYPE(exc_value)->tp_name,
                         Py_TYPE(pair)->tp_name);
            Py_DECREF(pair);
            return -1;
        }
        if (PyTuple_GET_SIZE(pair) < 2) {
            PyErr_Format(PyExc_TypeError, "%.200s.split must return a 2-tuple, got tuple of size %zd",
                         Py_TYPE(exc_value)->tp_name, PyTuple_GET_SIZE(pair));
            Py_DECREF(pair);
            return -1;
        }
        *match = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
        *rest = Py_NewRef(PyTuple_GET_ITEM(pair, 1));
        Py_DECREF(pair);
        return 0;
    }
    *match = Py_NewRef(Py_None);
    *rest = Py_NewRef(exc_value);
    return 0;
}

int
op_CHECK_EG_MATCH(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *exc = _PyValue_AsObject(regs[W_BI(w)]);
    PyObject *type = value_box_in_place(&regs[W_CI(w)]);
    if (type == NULL || _PyEval_CheckExceptStarTypeValid(tstate, type) < 0) {
        return -1;
    }
    PyObject *match = NULL, *rest = NULL;
    if (_PyEval_ExceptionGroupMatch(frame, exc, type, &match, &rest) < 0) {
        return -1;
    }
    if (!Py_IsNone(match)) {
        PyErr_SetHandledException(match);
    }
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue c = reg_spent(regs, W_C(w));
    unsigned a = W_AI(w);
    reg_set(&regs[a], _PyValue_Steal(rest));
    reg_set(&regs[a + 1], _PyValue_Steal(match));
    _PyValue_Release(b);
    _PyValue_Release(c);
    return 0;
}

/* -- with ------------------------------------------------------------------------------------------------------------ */

int
op_WITH_EXCEPT_START(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *regs = frame->regs;
    PyObject *exit = _PyValue_AsObject(regs[W_BI(w)]);
    PyObject *self = _PyValue_AsObject(regs[W_BI(w) + 1]);
    PyObject *exc = _PyValue_AsObject(regs[W_CI(w)]);
    PyObject *tb = PyException_GetTraceback(exc);
    PyObject *args[5] = {NULL, self, (PyObject *)Py_TYPE(exc), exc, tb == NULL ? Py_None : tb};
    PyObject *result;
    if (self != NULL) {
        result = PyObject_Vectorcall(exit, args + 1, 4 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    }
    else {
        result = PyObject_Vectorcall(exit, args + 2, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    }
    Py_XDECREF(tb);
    if (result == NULL) {
        return -1;
    }
    reg_set(&regs[W_A(w)], _PyValue_Steal(result));
    return 0;
}

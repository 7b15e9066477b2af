/* Generators, and what they share with coroutines and asynchronous generators: creation, send, throw, close, finalisation.

   Whoever runs the frame has moved gi_frame_state from a suspended value to EXECUTING (_PyGen_TryEnter) and publishes the
   suspended value when done; nobody else touches the frame in between. */
#include "Python.h"
#include "frameobject.h"
#include "generator_internal.h"
#include "pycore_args.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_code.h"
#include "pycore_container.h"
#include "pycore_frame.h"
#include "pycore_gc.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_unicodeobject.h"
#include "pycore_warnings.h"
#include "pycore_weakref.h"

static inline PyCodeObject *
gen_code(PyGenObject *gen)
{
    return _PyFrame_GetCode(&gen->gi_iframe);
}

/* -- Creation ------------------------------------------------------------------------------------------------------- */

static PyGenObject *
gen_alloc(PyTypeObject *type, _PyInterpreterFrame *frame, PyObject *name, PyObject *qualname)
{
    PyGenObject *gen = (PyGenObject *)PyUnstable_Object_GC_NewWithExtraData(
        type, (size_t)frame->nregs * sizeof(_PyValue));
    if (gen == NULL) {
        return NULL;
    }
    gen->gi_weakreflist = NULL;
    gen->gi_name = Py_NewRef(name);
    gen->gi_qualname = Py_NewRef(qualname);
    gen->gi_exc_state.exc_value = NULL;
    gen->gi_exc_state.previous_item = NULL;
    gen->gi_origin_or_finalizer = NULL;
    gen->gi_hooks_inited = 0;
    gen->gi_closed = 0;
    gen->gi_running_async = 0;
    gen->gi_frame_state = FRAME_CREATED;
    PyFrameObject *f = frame->frame_obj;
    _PyFrame_Copy(frame, &gen->gi_iframe);
    gen->gi_iframe.owner = FRAME_OWNED_BY_GENERATOR;
    gen->gi_iframe.previous = NULL;
    if (f != NULL) {
        f->f_frame = &gen->gi_iframe;
    }
    return gen;
}

PyObject *
_PyGen_New(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    PyFunctionObject *func = _PyFrame_GetFunction(frame);
    int flags = _PyFrame_GetCode(frame)->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR);
    PyTypeObject *type = flags == CO_COROUTINE ? &PyCoro_Type
        : flags == CO_ASYNC_GENERATOR ? &PyAsyncGen_Type : &PyGen_Type;
    PyObject *origin = NULL;
    if (flags == CO_COROUTINE && tstate->coroutine_origin_tracking_depth != 0) {
        origin = _PyCoro_ComputeOrigin(tstate->coroutine_origin_tracking_depth, frame->previous);
        if (origin == NULL) {
            return NULL;
        }
    }
    PyGenObject *gen = gen_alloc(type, frame, func->func_name, func->func_qualname);
    if (gen == NULL) {
        Py_XDECREF(origin);
        return NULL;
    }
    gen->gi_origin_or_finalizer = origin;
    _PyObject_GC_TRACK((PyObject *)gen);
    return (PyObject *)gen;
}

/* A generator of `type` from a frame object made by PyFrame_New; steals f. */
PyObject *
_PyGen_FromFrameObject(PyTypeObject *type, PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    _PyInterpreterFrame *frame = f->f_frame_data;
    if (frame == NULL) {
        PyErr_BadInternalCall();
        Py_DECREF(f);
        return NULL;
    }
    PyCodeObject *code = _PyFrame_GetCode(frame);
    frame->frame_obj = f;       /* stolen: the generator's frame holds it */
    PyGenObject *gen = gen_alloc(type, frame, name != NULL ? name : code->co_name,
                                 qualname != NULL ? qualname : code->co_qualname);
    if (gen == NULL) {
        frame->frame_obj = NULL;
        Py_DECREF(f);
        return NULL;
    }
    _PyValue_Release(frame->code);
    f->f_frame_data = NULL;
    PyMem_Free(frame);
    _PyObject_GC_TRACK((PyObject *)gen);
    return (PyObject *)gen;
}

PyObject *
PyGen_NewWithQualName(PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    return _PyGen_FromFrameObject(&PyGen_Type, f, name, qualname);
}

PyObject *
PyGen_New(PyFrameObject *f)
{
    return _PyGen_FromFrameObject(&PyGen_Type, f, NULL, NULL);
}

PyCodeObject *
PyGen_GetCode(PyGenObject *gen)
{
    return (PyCodeObject *)Py_NewRef(gen_code(gen));
}

/* -- StopIteration and its value --------------------------------------------------------------------------------------- */

int
_PyGen_SetStopIterationValue(PyObject *value)
{
    if (!PyTuple_Check(value) && !PyExceptionInstance_Check(value)) {
        PyErr_SetObject(PyExc_StopIteration, value);
        return 0;
    }
    /* Would be taken for arguments or for the exception itself. */
    PyObject *exc = PyObject_CallOneArg(PyExc_StopIteration, value);
    if (exc == NULL) {
        return -1;
    }
    PyErr_SetRaisedException(exc);
    return 0;
}

/* The value of the StopIteration that is set (or None), which is cleared; -1 for other exceptions. */
int
_PyGen_FetchStopIterationValue(PyObject **pvalue)
{
    PyObject *value = NULL;
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyObject *exc = PyErr_GetRaisedException();
        value = Py_XNewRef(((PyStopIterationObject *)exc)->value);
        Py_DECREF(exc);
    }
    else if (PyErr_Occurred()) {
        return -1;
    }
    *pvalue = value == NULL ? Py_NewRef(Py_None) : value;
    return 0;
}

/* -- Running ---------------------------------------------------------------------------------------------------------------- */

static void
already_executing(PyGenObject *gen)
{
    PyErr_SetString(PyExc_ValueError, PyCoro_CheckExact(gen) ? "coroutine already executing"
                    : PyAsyncGen_CheckExact(gen) ? "async generator already executing"
                    : "generator already executing");
}

/* Resumes gen with arg (borrowed), or with the exception that is set if exc. */
static PySendResult
gen_send_ex2(PyGenObject *gen, PyObject *arg, PyObject **presult, int exc, int closing)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = &gen->gi_iframe;
    int8_t state;
    *presult = NULL;
    if (!_PyGen_TryEnter(gen, &state)) {
        if (state == FRAME_EXECUTING) {
            already_executing(gen);
        }
        else if (PyCoro_CheckExact(gen) && !closing) {
            PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        }
        else if (arg != NULL && !exc) {
            *presult = Py_NewRef(Py_None);
            return PYGEN_RETURN;
        }
        return PYGEN_ERROR;
    }
    if (state == FRAME_CREATED && arg != NULL && arg != Py_None) {
        _PyGen_SetState(gen, state);
        PyErr_SetString(PyExc_TypeError,
                        PyCoro_CheckExact(gen) ? "can't send non-None value to a just-started coroutine"
                        : PyAsyncGen_CheckExact(gen) ? "can't send non-None value to a just-started async generator"
                        : "can't send non-None value to a just-started generator");
        return PYGEN_ERROR;
    }
    if (!exc) {
        if (state != FRAME_CREATED) {
            _PyValue *r = &frame->regs[frame->pc->i.a & 0x7FFF];
            _PyValue old = *r;
            *r = _PyValue_Steal(Py_NewRef(arg != NULL ? arg : Py_None));
            _PyValue_Release(old);
        }
        frame->pc++;
    }
    gen->gi_exc_state.previous_item = tstate->exc_info;
    tstate->exc_info = &gen->gi_exc_state;
    if (exc) {
        _PyErr_ChainStackItem();
    }
    PyObject *result = _PyEval_EvalFrame(tstate, frame, exc);
    *presult = result;
    if (result == NULL) {
        return PYGEN_ERROR;
    }
    if (frame->return_kind == FRAME_YIELDED_TO_C) {
        _PyGen_SetState(gen, FRAME_SUSPENDED);
        return PYGEN_NEXT;
    }
    if (frame->return_kind == FRAME_YIELDED_FROM_TO_C) {
        _PyGen_SetState(gen, FRAME_SUSPENDED_YIELD_FROM);
        return PYGEN_NEXT;
    }
    return PYGEN_RETURN;
}

PySendResult
_PyGen_AmSend(PyObject *self, PyObject *arg, PyObject **result)
{
    return gen_send_ex2((PyGenObject *)self, arg, result, 0, 0);
}

PyObject *
_PyGen_SendEx(PyGenObject *gen, PyObject *arg, int exc, int closing)
{
    PyObject *result;
    if (gen_send_ex2(gen, arg, &result, exc, closing) == PYGEN_RETURN) {
        if (PyAsyncGen_CheckExact(gen)) {
            PyErr_SetNone(PyExc_StopAsyncIteration);
        }
        else if (result == Py_None) {
            PyErr_SetNone(PyExc_StopIteration);
        }
        else {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

PyObject *
_PyGen_Send(PyGenObject *gen, PyObject *arg)
{
    return _PyGen_SendEx(gen, arg, 0, 0);
}

PyObject *
_PyGen_IterNext(PyObject *self)
{
    PyObject *result;
    if (gen_send_ex2((PyGenObject *)self, NULL, &result, 0, 0) == PYGEN_RETURN) {
        if (result != Py_None) {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

/* The iterator of `yield from` or `await` in which gen is suspended: new reference or NULL, no exception. */
PyObject *
_PyGen_yf(PyGenObject *gen)
{
    if (_PyGen_State(gen) != FRAME_SUSPENDED_YIELD_FROM) {
        return NULL;
    }
    _PyInterpreterFrame *frame = &gen->gi_iframe;
    /* SEND stands right before its YIELD_VALUE; it keeps the iterator in register b. */
    _Py_Instr *send = frame->pc - 2;
    if (send < _PyCode_CODE(_PyFrame_GetCode(frame))) {
        return NULL;
    }
    _PyValue v = frame->regs[OPERAND_INDEX(send->i.b)];
    return _PyValue_IsObject(v) ? Py_NewRef(_PyValue_AsObject(v)) : NULL;
}

/* -- close ---------------------------------------------------------------------------------------------------------------------- */

static void
gen_clear_frame(PyGenObject *gen)
{
    gen->gi_iframe.previous = NULL;
    _PyFrame_ClearExceptCode(&gen->gi_iframe);
    _PyErr_ClearExcState(&gen->gi_exc_state);
    _PyGen_SetState(gen, FRAME_CLEARED);
}

static int
close_iterator(PyObject *yf)
{
    PyObject *result = NULL;
    if (PyGen_CheckExact(yf) || PyCoro_CheckExact(yf)) {
        result = _PyGen_Close(yf, NULL);
        if (result == NULL) {
            return -1;
        }
    }
    else {
        PyObject *close;
        if (PyObject_GetOptionalAttr(yf, _Py_ID(close), &close) < 0) {
            PyErr_FormatUnraisable("Exception ignored while looking up close() of %R", yf);
            return 0;
        }
        if (close != NULL) {
            result = PyObject_CallNoArgs(close);
            Py_DECREF(close);
            if (result == NULL) {
                return -1;
            }
        }
    }
    Py_XDECREF(result);
    return 0;
}

/* Closes the sub-iterator with gen marked as executing. */
static int
close_sub_iterator(PyGenObject *gen, PyObject *yf)
{
    int8_t state;
    if (!_PyGen_TryEnter(gen, &state)) {
        return 0;
    }
    int status = close_iterator(yf);
    _PyGen_SetState(gen, state);
    return status;
}

PyObject *
_PyGen_Close(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyGenObject *gen = (PyGenObject *)self;
    int8_t state = _PyGen_State(gen);
    if (state == FRAME_CREATED && _PyGen_TryEnter(gen, &state)) {
        if (state == FRAME_CREATED) {
            gen_clear_frame(gen);
            Py_RETURN_NONE;
        }
        _PyGen_SetState(gen, state);
    }
    if (FRAME_STATE_FINISHED(state)) {
        Py_RETURN_NONE;
    }
    int status = 0;
    PyObject *yf = _PyGen_yf(gen);
    if (yf != NULL) {
        status = close_sub_iterator(gen, yf);
        Py_DECREF(yf);
    }
    if (status == 0) {
        PyErr_SetNone(PyExc_GeneratorExit);
    }
    PyObject *result = _PyGen_SendEx(gen, Py_None, 1, 1);
    if (result != NULL) {
        Py_DECREF(result);
        PyErr_SetString(PyExc_RuntimeError,
                        PyCoro_CheckExact(gen) ? "coroutine ignored GeneratorExit"
                        : PyAsyncGen_CheckExact(gen) ? "async generator ignored GeneratorExit"
                        : "generator ignored GeneratorExit");
        return NULL;
    }
    assert(PyErr_Occurred());
    if (PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    if (_PyGen_FetchStopIterationValue(&result) == 0) {
        return result;
    }
    return NULL;
}

/* -- throw ------------------------------------------------------------------------------------------------------------------------ */

/* Raises the exception described by the three arguments in gen's own frame. */
static PyObject *
throw_here(PyGenObject *gen, PyObject *type, PyObject *value, PyObject *tb)
{
    if (tb == Py_None) {
        tb = NULL;
    }
    else if (tb != NULL && !PyTraceBack_Check(tb)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback object");
        return NULL;
    }
    Py_INCREF(type);
    Py_XINCREF(value);
    Py_XINCREF(tb);
    if (PyExceptionClass_Check(type)) {
        PyErr_NormalizeException(&type, &value, &tb);
    }
    else if (PyExceptionInstance_Check(type)) {
        if (value != NULL && value != Py_None) {
            PyErr_SetString(PyExc_TypeError, "instance exception may not have a separate value");
            goto fail;
        }
        Py_XSETREF(value, type);
        type = Py_NewRef(PyExceptionInstance_Class(value));
        if (tb == NULL) {
            tb = PyException_GetTraceback(value);
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "exceptions must be classes or instances deriving from BaseException, not %s",
                     Py_TYPE(type)->tp_name);
        goto fail;
    }
    PyErr_Restore(type, value, tb);
    return _PyGen_SendEx(gen, Py_None, 1, 0);
fail:
    Py_DECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(tb);
    return NULL;
}

/* Throws into the iterator in which gen is suspended.  *done says whether that took place. */
static PyObject *
throw_into_sub_iterator(PyGenObject *gen, PyObject *yf, int close_on_genexit, PyObject *type, PyObject *value,
                        PyObject *tb, bool *done)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *throw = NULL;
    *done = false;
    bool is_gen = PyGen_CheckExact(yf) || PyCoro_CheckExact(yf);
    if (!is_gen) {
        if (PyObject_GetOptionalAttr(yf, _Py_ID(throw), &throw) < 0) {
            *done = true;
            return NULL;
        }
        if (throw == NULL) {
            return NULL;
        }
    }
    int8_t state;
    if (!_PyGen_TryEnter(gen, &state)) {
        Py_XDECREF(throw);
        return NULL;
    }
    *done = true;
    /* gen's frame is shown as the caller. */
    _PyInterpreterFrame *frame = &gen->gi_iframe, *previous = tstate->current_frame;
    frame->previous = previous;
    tstate->current_frame = frame;
    PyObject *result;
    if (is_gen) {
        result = _PyGen_Throw((PyGenObject *)yf, close_on_genexit, type, value, tb);
    }
    else {
        result = PyObject_CallFunctionObjArgs(throw, type, value, tb, NULL);
        Py_DECREF(throw);
    }
    tstate->current_frame = previous;
    frame->previous = NULL;
    _PyGen_SetState(gen, state);
    return result;
}

PyObject *
_PyGen_Throw(PyGenObject *gen, int close_on_genexit, PyObject *type, PyObject *value, PyObject *tb)
{
    PyObject *yf = _PyGen_yf(gen);
    if (yf != NULL) {
        if (close_on_genexit && PyErr_GivenExceptionMatches(type, PyExc_GeneratorExit)) {
            int status = close_sub_iterator(gen, yf);
            Py_DECREF(yf);
            return status < 0 ? _PyGen_SendEx(gen, Py_None, 1, 0) : throw_here(gen, type, value, tb);
        }
        bool done;
        PyObject *result = throw_into_sub_iterator(gen, yf, close_on_genexit, type, value, tb, &done);
        Py_DECREF(yf);
        if (done) {
            /* The sub-iterator has ended: gen goes on with its result or its exception. */
            return result != NULL ? result : _PyGen_SendEx(gen, Py_None, 1, 0);
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    return throw_here(gen, type, value, tb);
}

PyObject *
_PyGen_ThrowMethod(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("throw", nargs, 1, 3)) {
        return NULL;
    }
    if (nargs > 1
        && PyErr_WarnEx(PyExc_DeprecationWarning,
                        "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
                        1) < 0) {
        return NULL;
    }
    return _PyGen_Throw((PyGenObject *)self, 1, args[0], nargs > 1 ? args[1] : NULL, nargs > 2 ? args[2] : NULL);
}

/* -- Death -------------------------------------------------------------------------------------------------------------------------- */

void
_PyGen_Finalize(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    int8_t state = _PyGen_State(gen);
    if (FRAME_STATE_FINISHED(state)) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (PyAsyncGen_CheckExact(self) && gen->gi_origin_or_finalizer != NULL && !gen->gi_closed) {
        PyObject *finalizer = gen->gi_origin_or_finalizer;
        PyObject *result = PyObject_CallOneArg(finalizer, self);
        if (result == NULL) {
            PyErr_FormatUnraisable("Exception ignored while finalizing generator %R", self);
        }
        else {
            Py_DECREF(result);
        }
        PyErr_SetRaisedException(exc);
        return;
    }
    if (PyCoro_CheckExact(self) && state == FRAME_CREATED) {
        _PyErr_WarnUnawaitedCoroutine(self);
    }
    else {
        PyObject *result = _PyGen_Close(self, NULL);
        if (result == NULL) {
            if (PyErr_Occurred()) {
                PyErr_FormatUnraisable("Exception ignored while closing generator %R", self);
            }
        }
        else {
            Py_DECREF(result);
        }
    }
    PyErr_SetRaisedException(exc);
}

void
_PyGen_Dealloc(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    PyObject_GC_UnTrack(self);
    if (gen->gi_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    if (!FRAME_STATE_FINISHED(gen->gi_frame_state)) {
        _PyObject_GC_TRACK(self);
        if (PyObject_CallFinalizerFromDealloc(self)) {
            return;
        }
        PyObject_GC_UnTrack(self);
    }
    if (gen->gi_frame_state != FRAME_CLEARED) {
        gen_clear_frame(gen);
    }
    Py_CLEAR(gen->gi_origin_or_finalizer);
    _PyValue_Release(gen->gi_iframe.code);
    gen->gi_iframe.code = _PyValue_DEAD;
    Py_CLEAR(gen->gi_name);
    Py_CLEAR(gen->gi_qualname);
    PyObject_GC_Del(gen);
}

int
_PyGen_Traverse(PyObject *self, visitproc visit, void *arg)
{
    PyGenObject *gen = (PyGenObject *)self;
    Py_VISIT(gen->gi_name);
    Py_VISIT(gen->gi_qualname);
    Py_VISIT(gen->gi_origin_or_finalizer);
    Py_VISIT(gen->gi_exc_state.exc_value);
    if (gen->gi_frame_state != FRAME_CLEARED) {
        return _PyFrame_Traverse(&gen->gi_iframe, visit, arg);
    }
    if (_PyValue_IsOwned(gen->gi_iframe.code)) {
        Py_VISIT(_PyValue_AsObject(gen->gi_iframe.code));
    }
    return 0;
}

/* -- Attributes ------------------------------------------------------------------------------------------------------------------------ */

PyObject *
_PyGen_GetName(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef((PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(((PyGenObject *)self)->gi_name));
}

static int
set_str_field(PyObject *self, PyObject **slot, PyObject *value, const char *message)
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, message);
        return -1;
    }
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(self);
    _PyObject_SetShared(self);
    old = *slot;
    FT_ATOMIC_STORE_PTR_RELEASE(*slot, Py_NewRef(value));
    Py_END_CRITICAL_SECTION();
    _Py_RetireRef(self, old);
    return 0;
}

int
_PyGen_SetName(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    return set_str_field(self, &((PyGenObject *)self)->gi_name, value, "__name__ must be set to a string object");
}

PyObject *
_PyGen_GetQualname(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef((PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(((PyGenObject *)self)->gi_qualname));
}

int
_PyGen_SetQualname(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    return set_str_field(self, &((PyGenObject *)self)->gi_qualname, value,
                         "__qualname__ must be set to a string object");
}

PyObject *
_PyGen_GetYieldFrom(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *yf = _PyGen_yf((PyGenObject *)self);
    return yf != NULL ? yf : Py_NewRef(Py_None);
}

PyObject *
_PyGen_GetRunning(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(_PyGen_State((PyGenObject *)self) == FRAME_EXECUTING);
}

PyObject *
_PyGen_GetSuspended(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(FRAME_STATE_SUSPENDED(_PyGen_State((PyGenObject *)self)));
}

static PyObject *
get_frame(PyObject *self, const char *name)
{
    PyGenObject *gen = (PyGenObject *)self;
    if (PySys_Audit("object.__getattr__", "Os", gen, name) < 0) {
        return NULL;
    }
    if (FRAME_STATE_FINISHED(_PyGen_State(gen))) {
        Py_RETURN_NONE;
    }
    return Py_XNewRef((PyObject *)_PyFrame_GetFrameObject(&gen->gi_iframe));
}

static PyObject *
get_code(PyObject *self, const char *name)
{
    PyGenObject *gen = (PyGenObject *)self;
    if (PySys_Audit("object.__getattr__", "Os", gen, name) < 0) {
        return NULL;
    }
    return Py_NewRef(gen_code(gen));
}

/* closure: the attribute's name */
PyObject *
_PyGen_GetFrame(PyObject *self, void *closure)
{
    return get_frame(self, (const char *)closure);
}

PyObject *
_PyGen_GetCodeAttribute(PyObject *self, void *closure)
{
    return get_code(self, (const char *)closure);
}

PyObject *
_PyGen_Sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyGenObject *gen = (PyGenObject *)self;
    return PyLong_FromSize_t(sizeof(PyGenObject) + (size_t)gen_code(gen)->co_framesize * sizeof(_PyValue));
}

static PyObject *
gen_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<generator object %S at %p>", ((PyGenObject *)self)->gi_qualname, self);
}

static PyGetSetDef gen_getset[] = {
    {"__name__", _PyGen_GetName, _PyGen_SetName, "name of the generator", NULL},
    {"__qualname__", _PyGen_GetQualname, _PyGen_SetQualname, "qualified name of the generator", NULL},
    {"gi_yieldfrom", _PyGen_GetYieldFrom, NULL, "iterator that `yield from` runs, or None", NULL},
    {"gi_running", _PyGen_GetRunning, NULL, NULL, NULL},
    {"gi_frame", _PyGen_GetFrame, NULL, NULL, (void *)"gi_frame"},
    {"gi_suspended", _PyGen_GetSuspended, NULL, NULL, NULL},
    {"gi_code", _PyGen_GetCodeAttribute, NULL, NULL, (void *)"gi_code"},
    {0}
};

static PyObject *
gen_send(PyObject *self, PyObject *arg)
{
    return _PyGen_SendEx((PyGenObject *)self, arg, 0, 0);
}

static PyMethodDef gen_methods[] = {
    PY_METHOD(gen, send, METH_O, "($self, object, /)", "Resume with a value as the result of `yield`."),
    PY_METHOD_NOSIG("throw", _PyCFunction_CAST(_PyGen_ThrowMethod), METH_FASTCALL,
                    "throw(value)\nthrow(type[,value[,tb]])\n\nRaise an exception where the generator is suspended."),
    PY_METHOD_AS("close", _PyGen_Close, METH_NOARGS, "($self, /)", "Raise GeneratorExit in the generator."),
    PY_METHOD_AS("__sizeof__", _PyGen_Sizeof, METH_NOARGS, "($self, /)", "Return the size in bytes."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "Make generators generic over yield, send and return types."),
    {0}
};

static PyAsyncMethods gen_as_async = {
    .am_send = _PyGen_AmSend,
};

PyTypeObject PyGen_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "generator",
    .tp_basicsize = sizeof(PyGenObject),
    .tp_itemsize = sizeof(_PyValue),
    .tp_dealloc = _PyGen_Dealloc,
    .tp_as_async = &gen_as_async,
    .tp_repr = gen_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = _PyGen_Traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = _PyGen_IterNext,
    .tp_methods = gen_methods,
    .tp_getset = gen_getset,
    .tp_finalize = _PyGen_Finalize,
};

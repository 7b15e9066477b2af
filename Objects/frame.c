/* Frame objects and the parts of a frame's life that are not in the eval loop.

   A frame object describes a frame that may still run on its thread's data stack, lie in a generator, or lie in memory of
   its own once the call is over (take_ownership).  Its own fields are guarded by its critical section.  The frame's
   registers belong to the thread that runs it: attribute access from another thread is as racy as in the reference. */
#include "Python.h"
#include "frameobject.h"
#include "pycore_args.h"
#include "pycore_ceval.h"
#include "pycore_code.h"
#include "pycore_container.h"
#include "pycore_frame.h"
#include "pycore_function.h"
#include "pycore_gc.h"
#include "pycore_genobject.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_unicodeobject.h"

extern PyTypeObject _PyNone_Type;

#define FRAME(op) ((PyFrameObject *)(op))

/* -- Frames ------------------------------------------------------------------------------------------------------ */

static size_t
frame_bytes(const _PyInterpreterFrame *f)
{
    return sizeof(_PyInterpreterFrame) + f->nregs * sizeof(_PyValue);
}

PyFrameObject *
_PyFrame_New_NoTrack(PyCodeObject *Py_UNUSED(code))
{
    PyFrameObject *f = PyObject_GC_New(PyFrameObject, &PyFrame_Type);
    if (f == NULL) {
        return NULL;
    }
    f->f_back = NULL;
    f->f_frame = NULL;
    f->f_trace = NULL;
    f->f_lineno = 0;
    f->f_trace_lines = 1;
    f->f_trace_opcodes = 0;
    f->f_extra_locals = NULL;
    f->f_locals_cache = NULL;
    f->f_overwritten_fast_locals = NULL;
    f->f_frame_data = NULL;
    return f;
}

PyFrameObject *
_PyFrame_MakeAndSetFrameObject(_PyInterpreterFrame *frame)
{
    assert(frame->frame_obj == NULL);
    PyObject *exc = PyErr_GetRaisedException();
    PyFrameObject *f = _PyFrame_New_NoTrack(_PyFrame_GetCode(frame));
    if (f == NULL) {
        Py_XDECREF(exc);
        return NULL;
    }
    PyErr_SetRaisedException(exc);
    f->f_frame = frame;
    frame->frame_obj = f;
    return f;
}

static inline void
release_value(_PyValue *r)
{
    _PyValue v = *r;
    *r = _PyValue_DEAD;
    _PyValue_Release(v);
}

void
_PyFrame_ClearLocals(_PyInterpreterFrame *frame)
{
    for (uint32_t i = 0; i < frame->nregs; i++) {
        release_value(&frame->regs[i]);
    }
    Py_CLEAR(frame->locals);
}

/* The frame moves; src is left without references. */
void
_PyFrame_Copy(_PyInterpreterFrame *src, _PyInterpreterFrame *dst)
{
    memcpy(dst, src, frame_bytes(src));
    dst->code = _PyValue_Dup(src->code);      /* src keeps its code until it is popped */
    memset(src->regs, 0, src->nregs * sizeof(_PyValue));
    src->func = _PyValue_DEAD;
    src->locals = NULL;
    src->frame_obj = NULL;
}

/* The call is over and somebody else holds the frame object: the frame moves into memory of its own. */
static void
take_ownership(PyFrameObject *f, _PyInterpreterFrame *frame)
{
    assert(frame->owner != FRAME_OWNED_BY_FRAME_OBJECT && frame->frame_obj == NULL);
    _PyInterpreterFrame *copy = PyMem_Malloc(frame_bytes(frame));
    _PyInterpreterFrame *previous = frame->previous;
    if (copy == NULL) {
        Py_FatalError("no memory to keep a frame");
    }
    _PyFrame_Copy(frame, copy);
    copy->owner = FRAME_OWNED_BY_FRAME_OBJECT;
    copy->previous = NULL;
    f->f_frame_data = copy;
    f->f_frame = copy;
    assert(f->f_back == NULL);
    previous = _PyFrame_GetFirstComplete(previous);
    if (previous != NULL) {
        PyFrameObject *back = _PyFrame_GetFrameObject(previous);
        if (back == NULL) {
            PyErr_Clear();
        }
        else {
            f->f_back = FRAME(Py_NewRef(back));
        }
    }
    if (!_PyObject_GC_IS_TRACKED((PyObject *)f)) {
        _PyObject_GC_TRACK((PyObject *)f);
    }
}

void
_PyFrame_ClearExceptCode(_PyInterpreterFrame *frame)
{
    if (frame->frame_obj != NULL) {
        PyFrameObject *f = frame->frame_obj;
        frame->frame_obj = NULL;
        if (Py_REFCNT(f) > 1) {
            /* The call is over: what was in progress is not part of the frame any more (it may be the exception
               that refers to the frame). */
            for (uint32_t i = (uint32_t)_PyFrame_GetCode(frame)->co_nlocalsplus; i < frame->nregs; i++) {
                release_value(&frame->regs[i]);
            }
            take_ownership(f, frame);
            Py_CLEAR(f->f_overwritten_fast_locals);
            Py_DECREF(f);
            return;
        }
        Py_DECREF(f);
    }
    _PyFrame_ClearLocals(frame);
    release_value(&frame->func);
}

void
_PyFrame_Clear(_PyInterpreterFrame *frame)
{
    _PyFrame_ClearExceptCode(frame);
    release_value(&frame->code);
}

static inline int
visit_value(_PyValue v, visitproc visit, void *arg)
{
    if (_PyValue_IsOwned(v)) {
        return visit(_PyValue_AsObject(v), arg);
    }
    if (_PyValue_IsObject(v)) {
        return _PyGC_VisitBorrowed(_PyValue_AsObject(v), visit, arg);
    }
    return 0;
}

int
_PyFrame_Traverse(_PyInterpreterFrame *frame, visitproc visit, void *arg)
{
    Py_VISIT(frame->frame_obj);
    Py_VISIT(frame->locals);
    int status = visit_value(frame->func, visit, arg);
    if (status == 0) {
        status = visit_value(frame->code, visit, arg);
    }
    for (uint32_t i = 0; status == 0 && i < frame->nregs; i++) {
        status = visit_value(frame->regs[i], visit, arg);
    }
    return status;
}

/* -- C API ------------------------------------------------------------------------------------------------------- */

int
PyUnstable_InterpreterFrame_GetLine(_PyInterpreterFrame *frame)
{
    return PyCode_Addr2Line(_PyFrame_GetCode(frame), _PyInterpreterFrame_LASTI(frame) * 2);
}

int
PyUnstable_InterpreterFrame_GetLasti(_PyInterpreterFrame *frame)
{
    return _PyInterpreterFrame_LASTI(frame) * 2;
}

PyObject *
PyUnstable_InterpreterFrame_GetCode(_PyInterpreterFrame *frame)
{
    return Py_NewRef(_PyFrame_GetCode(frame));
}

const PyTypeObject *const PyUnstable_ExecutableKinds[PyUnstable_EXECUTABLE_KINDS + 1] = {
    [PyUnstable_EXECUTABLE_KIND_SKIP] = &_PyNone_Type,
    [PyUnstable_EXECUTABLE_KIND_PY_FUNCTION] = &PyCode_Type,
    [PyUnstable_EXECUTABLE_KIND_BUILTIN_FUNCTION] = &PyMethod_Type,
    [PyUnstable_EXECUTABLE_KIND_METHOD_DESCRIPTOR] = &PyMethodDescr_Type,
    [PyUnstable_EXECUTABLE_KINDS] = NULL,
};

int
PyFrame_GetLineNumber(PyFrameObject *f)
{
    assert(f != NULL);
    if (f->f_lineno != 0) {
        return f->f_lineno;
    }
    return PyUnstable_InterpreterFrame_GetLine(f->f_frame);
}

PyCodeObject *
PyFrame_GetCode(PyFrameObject *f)
{
    return (PyCodeObject *)Py_NewRef(_PyFrame_GetCode(f->f_frame));
}

PyFrameObject *
PyFrame_GetBack(PyFrameObject *f)
{
    PyFrameObject *back = f->f_back;
    if (back == NULL) {
        _PyInterpreterFrame *previous = _PyFrame_GetFirstComplete(f->f_frame->previous);
        if (previous != NULL) {
            back = _PyFrame_GetFrameObject(previous);
        }
    }
    return FRAME(Py_XNewRef(back));
}

PyObject *
PyFrame_GetGlobals(PyFrameObject *f)
{
    PyObject *globals = f->f_frame->globals;
    return Py_NewRef(globals != NULL ? globals : Py_None);
}

PyObject *
PyFrame_GetBuiltins(PyFrameObject *f)
{
    PyObject *builtins = f->f_frame->builtins;
    return Py_NewRef(builtins != NULL ? builtins : Py_None);
}

int
PyFrame_GetLasti(PyFrameObject *f)
{
    int lasti = _PyInterpreterFrame_LASTI(f->f_frame);
    return lasti < 0 ? -1 : lasti * 2;
}

PyObject *
PyFrame_GetGenerator(PyFrameObject *f)
{
    if (f->f_frame->owner == FRAME_OWNED_BY_GENERATOR) {
        return Py_NewRef(_PyGen_GetGeneratorFromFrame(f->f_frame));
    }
    return NULL;
}

PyObject *
PyFrame_GetLocals(PyFrameObject *f)
{
    return _PyFrame_GetLocals(f->f_frame);
}

int
_PyFrame_IsEntryFrame(PyFrameObject *f)
{
    return f->f_frame->return_kind == FRAME_RETURNS_TO_C;
}

int
PyFrame_FastToLocalsWithError(PyFrameObject *Py_UNUSED(f))
{
    return 0;
}

void
PyFrame_FastToLocals(PyFrameObject *Py_UNUSED(f))
{
}

void
PyFrame_LocalsToFast(PyFrameObject *Py_UNUSED(f), int Py_UNUSED(clear))
{
}

/* A frame that nothing runs: for C code that wants to appear in tracebacks. */
PyFrameObject *
PyFrame_New(PyThreadState *tstate, PyCodeObject *code, PyObject *globals, PyObject *locals)
{
    PyObject *builtins = _PyEval_BuiltinsFromGlobals(tstate, globals);
    if (builtins == NULL) {
        return NULL;
    }
    PyFrameConstructor constr = {
        .fc_globals = globals,
        .fc_builtins = builtins,
        .fc_name = code->co_name,
        .fc_qualname = code->co_name,
        .fc_code = (PyObject *)code,
    };
    PyFunctionObject *func = _PyFunction_FromConstructor(&constr);
    if (func == NULL) {
        return NULL;
    }
    PyFrameObject *f = _PyFrame_New_NoTrack(code);
    _PyInterpreterFrame *frame = f == NULL
        ? NULL : PyMem_Calloc(1, sizeof(_PyInterpreterFrame) + (size_t)code->co_framesize * sizeof(_PyValue));
    if (frame == NULL) {
        Py_XDECREF(f);
        Py_DECREF(func);
        PyErr_NoMemory();
        return NULL;
    }
    frame->func = _PyValue_Steal((PyObject *)func);
    frame->code = _PyValue_Steal(Py_NewRef(code));
    frame->globals = func->func_globals;
    frame->builtins = func->func_builtins;
    frame->locals = Py_XNewRef(locals);
    frame->pc = _PyCode_CODE(code) + code->_co_firsttraceable;
    frame->numbers = _PyCode_EXTRA(code)->numbers;
    frame->owner = FRAME_OWNED_BY_FRAME_OBJECT;
    frame->return_kind = FRAME_RETURNS_TO_C;
    frame->nregs = (uint32_t)code->co_framesize;
    f->f_frame = f->f_frame_data = frame;
    _PyObject_GC_TRACK((PyObject *)f);
    return f;
}

/* -- Attributes ---------------------------------------------------------------------------------------------------- */

static PyObject *
frame_get_locals(PyObject *op, void *Py_UNUSED(closure))
{
    return PyFrame_GetLocals(FRAME(op));
}

static PyObject *
frame_get_lineno(PyObject *op, void *Py_UNUSED(closure))
{
    int line = PyFrame_GetLineNumber(FRAME(op));
    return line < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(line);
}

extern int _PyFrame_SetLineno(PyFrameObject *f, PyObject *value);

static int
frame_set_lineno(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    return _PyFrame_SetLineno(FRAME(op), value);
}

static PyObject *
frame_get_lasti(PyObject *op, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyFrame_GetLasti(FRAME(op)));
}

static PyObject *
frame_get_globals(PyObject *op, void *Py_UNUSED(closure))
{
    return PyFrame_GetGlobals(FRAME(op));
}

static PyObject *
frame_get_builtins(PyObject *op, void *Py_UNUSED(closure))
{
    return PyFrame_GetBuiltins(FRAME(op));
}

static PyObject *
frame_get_code(PyObject *op, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", op, "f_code") < 0) {
        return NULL;
    }
    return (PyObject *)PyFrame_GetCode(FRAME(op));
}

static PyObject *
frame_get_back(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *back = (PyObject *)PyFrame_GetBack(FRAME(op));
    return back != NULL ? back : Py_NewRef(Py_None);
}

static PyObject *
frame_get_generator(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *gen = PyFrame_GetGenerator(FRAME(op));
    return gen != NULL ? gen : Py_NewRef(Py_None);
}

static PyObject *
frame_get_trace(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(op);
    result = Py_XNewRef(FRAME(op)->f_trace);
    Py_END_CRITICAL_SECTION();
    return result != NULL ? result : Py_NewRef(Py_None);
}

static int
frame_set_trace(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    PyFrameObject *f = FRAME(op);
    if (value == Py_None) {
        value = NULL;
    }
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(op);
    old = f->f_trace;
    f->f_trace = Py_XNewRef(value);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
    if (value != NULL && f->f_trace_opcodes) {
        return _PyEval_SetOpcodeTrace(f, true);
    }
    return 0;
}

static PyObject *
frame_get_trace_opcodes(PyObject *op, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(FRAME(op)->f_trace_opcodes);
}

static int
frame_set_trace_opcodes(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyBool_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "attribute value type must be bool");
        return -1;
    }
    FRAME(op)->f_trace_opcodes = value == Py_True;
    return _PyEval_SetOpcodeTrace(FRAME(op), value == Py_True);
}

static PyMemberDef frame_members[] = {
    {"f_trace_lines", Py_T_BOOL, offsetof(PyFrameObject, f_trace_lines), 0, NULL},
    {0}
};

static PyGetSetDef frame_getset[] = {
    {"f_back", frame_get_back, NULL, NULL, NULL},
    {"f_locals", frame_get_locals, NULL, NULL, NULL},
    {"f_lineno", frame_get_lineno, frame_set_lineno, NULL, NULL},
    {"f_trace", frame_get_trace, frame_set_trace, NULL, NULL},
    {"f_lasti", frame_get_lasti, NULL, NULL, NULL},
    {"f_globals", frame_get_globals, NULL, NULL, NULL},
    {"f_builtins", frame_get_builtins, NULL, NULL, NULL},
    {"f_code", frame_get_code, NULL, NULL, NULL},
    {"f_trace_opcodes", frame_get_trace_opcodes, frame_set_trace_opcodes, NULL, NULL},
    {"f_generator", frame_get_generator, NULL, NULL, NULL},
    {0}
};

/* -- The type ------------------------------------------------------------------------------------------------------- */

static void
frame_dealloc(PyObject *op)
{
    PyFrameObject *f = FRAME(op);
    if (_PyObject_GC_IS_TRACKED(op)) {
        _PyObject_GC_UNTRACK(op);
    }
    _PyInterpreterFrame *frame = f->f_frame_data;
    f->f_frame_data = NULL;
    if (frame != NULL) {
        _PyFrame_ClearLocals(frame);
        release_value(&frame->func);
        release_value(&frame->code);
        PyMem_Free(frame);
    }
    Py_CLEAR(f->f_back);
    Py_CLEAR(f->f_trace);
    Py_CLEAR(f->f_extra_locals);
    Py_CLEAR(f->f_locals_cache);
    Py_CLEAR(f->f_overwritten_fast_locals);
    PyObject_GC_Del(f);
}

static int
frame_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyFrameObject *f = FRAME(op);
    Py_VISIT(f->f_back);
    Py_VISIT(f->f_trace);
    Py_VISIT(f->f_extra_locals);
    Py_VISIT(f->f_locals_cache);
    Py_VISIT(f->f_overwritten_fast_locals);
    return f->f_frame_data == NULL ? 0 : _PyFrame_Traverse(f->f_frame_data, visit, arg);
}

static int
frame_tp_clear(PyObject *op)
{
    PyFrameObject *f = FRAME(op);
    Py_CLEAR(f->f_trace);
    Py_CLEAR(f->f_extra_locals);
    Py_CLEAR(f->f_locals_cache);
    Py_CLEAR(f->f_overwritten_fast_locals);
    if (f->f_frame_data != NULL) {
        _PyFrame_ClearLocals(f->f_frame_data);
    }
    return 0;
}

static PyObject *
frame_clear(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyFrameObject *f = FRAME(op);
    const char *state = "executing";
    switch (f->f_frame->owner) {
    case FRAME_OWNED_BY_GENERATOR: {
        PyGenObject *gen = _PyGen_GetGeneratorFromFrame(f->f_frame);
        int8_t gen_state = _PyGen_State(gen);
        if (gen_state == FRAME_EXECUTING) {
            break;
        }
        if (FRAME_STATE_SUSPENDED(gen_state)) {
            state = "suspended";
            break;
        }
        _PyGen_Finalize((PyObject *)gen);
        Py_RETURN_NONE;
    }
    case FRAME_OWNED_BY_FRAME_OBJECT:
        (void)frame_tp_clear(op);
        Py_RETURN_NONE;
    default:
        break;
    }
    PyErr_Format(PyExc_RuntimeError, "cannot clear %s frame",
                 state[0] == 'e' ? "an executing" : "a suspended");
    return NULL;
}

static PyObject *
frame___sizeof__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyFrameObject *f = FRAME(op);
    size_t size = (size_t)Py_TYPE(op)->tp_basicsize;
    size += (size_t)_PyFrame_GetCode(f->f_frame)->co_framesize * sizeof(PyObject *);
    return PyLong_FromSize_t(size);
}

static PyObject *
frame_repr(PyObject *op)
{
    PyFrameObject *f = FRAME(op);
    int line = PyFrame_GetLineNumber(f);
    PyCodeObject *code = _PyFrame_GetCode(f->f_frame);
    return PyUnicode_FromFormat("<frame at %p, file %R, line %d, code %S>", f, code->co_filename, line,
                                code->co_name);
}

static PyMethodDef frame_methods[] = {
    PY_METHOD(frame, clear, METH_NOARGS, "($self, /)", "Drop the references that a finished frame holds."),
    PY_METHOD(frame, __sizeof__, METH_NOARGS, "($self, /)", "Return the size of the frame in bytes."),
    {0}
};

PyTypeObject PyFrame_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "frame",
    .tp_basicsize = sizeof(PyFrameObject),
    .tp_dealloc = frame_dealloc,
    .tp_repr = frame_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = frame_traverse,
    .tp_clear = frame_tp_clear,
    .tp_methods = frame_methods,
    .tp_members = frame_members,
    .tp_getset = frame_getset,
};

/* Names: globals, builtins, the frame's locals mapping, cells, unbound locals. */
#include "vm.h"
#include "pycore_cell.h"
#include "pycore_dict.h"
#include "pycore_interp.h"
#include "pycore_unicodeobject.h"

#define NAME_ERROR_MSG "name '%.200s' is not defined"
#define UNBOUNDLOCAL_ERROR_MSG "cannot access local variable '%s' where it is not associated with a value"
#define UNBOUNDFREE_ERROR_MSG \
    "cannot access free variable '%s' where it is not associated with a value in enclosing scope"

/* -- Errors ---------------------------------------------------------------------------------------------- */

/* exc(format % obj); a NameError also gets its `name`. */
void
_PyEval_FormatExcCheckArg(PyThreadState *tstate, PyObject *exc, const char *format, PyObject *obj)
{
    if (obj == NULL) {
        return;
    }
    const char *text = PyUnicode_AsUTF8(obj);
    if (text == NULL) {
        return;
    }
    _PyErr_Format(tstate, exc, format, text);
    if (exc == PyExc_NameError) {
        PyObject *value = _PyErr_GetRaisedException(tstate);
        if (PyErr_GivenExceptionMatches(value, PyExc_NameError)) {
            PyNameErrorObject *error = (PyNameErrorObject *)value;
            if (error->name == NULL) {
                (void)PyObject_SetAttr(value, _Py_ID(name), obj);
                _PyErr_Clear(tstate);
            }
        }
        _PyErr_SetRaisedException(tstate, value);
    }
}

void
_PyEval_FormatExcUnbound(PyThreadState *tstate, PyCodeObject *co, int oparg)
{
    if (_PyErr_Occurred(tstate)) {
        return;
    }
    PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, oparg);
    if (oparg < co->co_nlocalsplus - co->co_nfreevars) {
        _PyEval_FormatExcCheckArg(tstate, PyExc_UnboundLocalError, UNBOUNDLOCAL_ERROR_MSG, name);
    }
    else {
        _PyEval_FormatExcCheckArg(tstate, PyExc_NameError, UNBOUNDFREE_ERROR_MSG, name);
    }
}

static int
no_locals(PyThreadState *tstate, const char *doing, PyObject *name)
{
    _PyErr_Format(tstate, PyExc_SystemError, "no locals %s %R", doing, name);
    return -1;
}

/* -- Locals ---------------------------------------------------------------------------------------------- */

int
op_CHECK_BOUND(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    if (!_PyValue_IsDead(frame->regs[W_AI(w)])) {
        return 0;
    }
    _PyEval_FormatExcUnbound(tstate, _PyFrame_GetCode(frame), (int)W_AI(w));
    return -1;
}

int
op_DELETE_FAST(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    if (op_CHECK_BOUND(tstate, frame, w) < 0) {
        return -1;
    }
    reg_clear(&frame->regs[W_AI(w)]);
    return 0;
}

int
op_LOAD_COMMON_CONSTANT(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value;
    switch (W_B(w)) {
    case 0:
        value = PyExc_AssertionError;
        break;
    case 1:
        value = PyExc_NotImplementedError;
        break;
    case 2:
        value = (PyObject *)&PyTuple_Type;
        break;
    case 3:
    case 4: {
        PyObject *name = W_B(w) == 3 ? _Py_ID(all) : _Py_ID(any);
        value = PyDict_GetItemWithError(tstate->interp->builtins, name);
        if (value == NULL) {
            if (!_PyErr_Occurred(tstate)) {
                _PyErr_SetString(tstate, PyExc_SystemError, "builtin function is missing");
            }
            return -1;
        }
        break;
    }
    case 5:
        value = (PyObject *)&PyList_Type;
        break;
    case 6:
        value = (PyObject *)&PySet_Type;
        break;
    default:
        _PyErr_SetString(tstate, PyExc_SystemError, "bad common constant");
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_new(value));
    return 0;
}

/* -- Globals --------------------------------------------------------------------------------------------- */

/* New reference; NULL with an exception. */
static PyObject *
load_global(_PyInterpreterFrame *frame, PyObject *name)
{
    PyObject *globals = frame->globals, *builtins = frame->builtins;
    PyObject *value;
    if (PyDict_CheckExact(globals) && PyDict_CheckExact(builtins)) {
        value = _PyDict_LoadGlobal((PyDictObject *)globals, (PyDictObject *)builtins, name);
        if (value == NULL && !PyErr_Occurred()) {
            _PyEval_FormatExcCheckArg(_PyThreadState_GET(), PyExc_NameError, NAME_ERROR_MSG, name);
        }
        return value;
    }
    /* Subclasses of dict, and any mapping as __builtins__. */
    if (PyMapping_GetOptionalItem(globals, name, &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        if (PyMapping_GetOptionalItem(builtins, name, &value) < 0) {
            return NULL;
        }
        if (value == NULL) {
            _PyEval_FormatExcCheckArg(_PyThreadState_GET(), PyExc_NameError, NAME_ERROR_MSG, name);
        }
    }
    return value;
}

/* Takes over a reference: a deferred or immortal object needs none. */
static inline _PyValue
value_adopt(PyObject *op)
{
    if (object_is_uncounted(op)) {
        Py_DECREF(op);
        return _PyValue_Borrow(op);
    }
    return value_from_number(op);
}

int
op_LOAD_GLOBAL(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value = load_global(frame, NAME_AT(frame, W_WIDE(w)));
    if (value == NULL) {
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_adopt(value));
    return 0;
}

int
op_STORE_GLOBAL(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value = value_box_in_place(&frame->regs[W_AI(w)]);
    if (value == NULL || PyDict_SetItem(frame->globals, NAME_AT(frame, W_WIDE(w)), value) < 0) {
        return -1;
    }
    _PyValue_Release(reg_spent(frame->regs, W_A(w)));
    return 0;
}

int
op_DELETE_GLOBAL(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *name = NAME_AT(frame, W_WIDE(w));
    int found = PyDict_Pop(frame->globals, name, NULL);
    if (found == 0) {
        _PyEval_FormatExcCheckArg(tstate, PyExc_NameError, NAME_ERROR_MSG, name);
    }
    return found > 0 ? 0 : -1;
}

PyObject *
_PyEval_LoadName(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *name)
{
    if (frame->locals == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "no locals");
        return NULL;
    }
    PyObject *value;
    if (PyMapping_GetOptionalItem(frame->locals, name, &value) < 0) {
        return NULL;
    }
    return value != NULL ? value : load_global(frame, name);
}

int
op_LOAD_NAME(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value = _PyEval_LoadName(tstate, frame, NAME_AT(frame, W_WIDE(w)));
    if (value == NULL) {
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_adopt(value));
    return 0;
}

int
op_STORE_NAME(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *name = NAME_AT(frame, W_WIDE(w));
    PyObject *locals = frame->locals;
    if (locals == NULL) {
        return no_locals(tstate, "found when storing", name);
    }
    PyObject *value = value_box_in_place(&frame->regs[W_AI(w)]);
    if (value == NULL) {
        return -1;
    }
    int status = PyDict_CheckExact(locals) ? PyDict_SetItem(locals, name, value)
                                           : PyObject_SetItem(locals, name, value);
    if (status < 0) {
        return -1;
    }
    _PyValue_Release(reg_spent(frame->regs, W_A(w)));
    return 0;
}

int
op_DELETE_NAME(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *name = NAME_AT(frame, W_WIDE(w));
    if (frame->locals == NULL) {
        return no_locals(tstate, "when deleting", name);
    }
    if (PyObject_DelItem(frame->locals, name) < 0) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_KeyError)) {
            _PyErr_Clear(tstate);
            _PyEval_FormatExcCheckArg(tstate, PyExc_NameError, NAME_ERROR_MSG, name);
        }
        return -1;
    }
    return 0;
}

int
op_LOAD_LOCALS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    if (frame->locals == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "no locals");
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_new(frame->locals));
    return 0;
}

int
op_LOAD_FROM_DICT_OR_GLOBALS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *name = NAME_AT(frame, W_NAME(w));
    PyObject *mapping = _PyValue_AsObject(frame->regs[W_BI(w)]);
    PyObject *value;
    if (PyMapping_GetOptionalItem(mapping, name, &value) < 0) {
        return -1;
    }
    if (value == NULL) {
        value = load_global(frame, name);
        if (value == NULL) {
            return -1;
        }
    }
    finish_b(frame->regs, w, value_adopt(value));
    return 0;
}

int
op_LOAD_FROM_DICT_OR_DEREF(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, W_CI(w));
    PyObject *mapping = _PyValue_AsObject(frame->regs[W_BI(w)]);
    PyObject *value;
    if (PyMapping_GetOptionalItem(mapping, name, &value) < 0) {
        return -1;
    }
    if (value == NULL) {
        value = PyCell_GetRef((PyCellObject *)_PyValue_AsObject(frame->regs[W_CI(w)]));
        if (value == NULL) {
            _PyEval_FormatExcUnbound(tstate, co, (int)W_CI(w));
            return -1;
        }
    }
    finish_b(frame->regs, w, value_adopt(value));
    return 0;
}

int
op_LOAD_BUILD_CLASS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value;
    if (PyMapping_GetOptionalItem(frame->builtins, _Py_ID(__build_class__), &value) < 0) {
        return -1;
    }
    if (value == NULL) {
        _PyErr_SetString(tstate, PyExc_NameError, "__build_class__ not found");
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], _PyValue_Steal(value));
    return 0;
}

int
op_SETUP_ANNOTATIONS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *locals = frame->locals;
    if (locals == NULL) {
        _PyErr_Format(tstate, PyExc_SystemError, "no locals found when setting up annotations");
        return -1;
    }
    PyObject *annotations;
    if (PyMapping_GetOptionalItem(locals, _Py_ID(__annotations__), &annotations) < 0) {
        return -1;
    }
    if (annotations == NULL) {
        annotations = PyDict_New();
        if (annotations == NULL || PyObject_SetItem(locals, _Py_ID(__annotations__), annotations) < 0) {
            Py_XDECREF(annotations);
            return -1;
        }
    }
    Py_DECREF(annotations);
    return 0;
}

/* -- Cells ------------------------------------------------------------------------------------------------ */

int
op_MAKE_CELL(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue *r = &frame->regs[W_AI(w)];
    if (_PyValue_IsNumber(*r) && value_box_in_place(r) == NULL) {
        return -1;
    }
    PyObject *initial = _PyValue_AsObject(*r);
    PyObject *cell = PyCell_New(initial);
    if (cell == NULL) {
        return -1;
    }
    reg_set(r, _PyValue_Steal(cell));
    return 0;
}

/* Only for the empty cell; the loop loads from others. */
int
op_LOAD_DEREF(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *value = PyCell_GetRef((PyCellObject *)_PyValue_AsObject(frame->regs[W_BI(w)]));
    if (value == NULL) {
        _PyEval_FormatExcUnbound(tstate, _PyFrame_GetCode(frame), (int)W_BI(w));
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_adopt(value));
    return 0;
}

int
op_STORE_DEREF(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    if (value_box_in_place(&frame->regs[W_BI(w)]) == NULL) {
        return -1;
    }
    PyObject *value = _PyValue_Consume(reg_take(frame->regs, W_B(w)));
    _PyCell_SetTakeRef((PyCellObject *)_PyValue_AsObject(frame->regs[W_AI(w)]), value);
    return 0;
}

int
op_DELETE_DEREF(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    PyCellObject *cell = (PyCellObject *)_PyValue_AsObject(frame->regs[W_AI(w)]);
    PyObject *old = _PyCell_SwapTakeRef(cell, NULL);
    if (old == NULL) {
        _PyEval_FormatExcUnbound(tstate, _PyFrame_GetCode(frame), (int)W_AI(w));
        return -1;
    }
    Py_DECREF(old);
    return 0;
}

/* -- Builtins --------------------------------------------------------------------------------------------- */

PyObject *
_PyEval_BuiltinsFromGlobals(PyThreadState *tstate, PyObject *globals)
{
    PyObject *builtins = PyDict_GetItemWithError(globals, _Py_ID(__builtins__));
    if (builtins != NULL) {
        if (PyModule_Check(builtins)) {
            builtins = PyModule_GetDict(builtins);
        }
        return builtins;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    return tstate->current_frame != NULL && tstate->current_frame->builtins != NULL
        ? tstate->current_frame->builtins
        : tstate->interp->builtins;
}

PyObject *
_PyEval_GetBuiltin(PyObject *name)
{
    PyObject *value;
    if (PyMapping_GetOptionalItem(PyEval_GetBuiltins(), name, &value) == 0) {
        PyErr_SetObject(PyExc_AttributeError, name);
    }
    return value;
}

PyObject *
_PyEval_GetBuiltinId(_Py_Identifier *name)
{
    PyObject *str = _PyUnicode_FromId(name);
    return str == NULL ? NULL : _PyEval_GetBuiltin(str);
}

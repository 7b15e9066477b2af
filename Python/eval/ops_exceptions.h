/* Raising and handling.  Part of loop.c. */

TARGET(RAISE): {
    SAVE();
    PyObject *exc = NULL, *cause = NULL;
    unsigned x = W_X(w);
    if (x >= 1 && value_box_in_place(&RA) == NULL) {
        goto error;
    }
    if (x == 2) {
        if (value_box_in_place(&RB) == NULL) {
            goto error;
        }
        cause = _PyValue_Consume(reg_take(regs, W_B(w)));
    }
    if (x >= 1) {
        exc = _PyValue_Consume(reg_take(regs, W_A(w)));
    }
    if (do_raise(tstate, exc, cause)) {
        monitor_reraise(tstate, frame, pc);
        goto exception_unwind;
    }
    goto error;
}

TARGET(RERAISE): {
    unsigned a = W_AI(w);
    PyObject *exc = _PyValue_Consume(regs[a]);
    regs[a] = _PyValue_DEAD;
    if (W_X(w)) {
        /* The position that raised first counts for tracebacks and f_lineno, the position of this instruction for
           the search of the handler. */
        frame->pc = _PyCode_CODE(_PyFrame_GetCode(frame)) + _PyValue_AsInt(RB);
    }
    else {
        SAVE();
    }
    assert(PyExceptionInstance_Check(exc));
    _PyErr_SetRaisedException(tstate, exc);
    monitor_reraise(tstate, frame, pc);
    goto exception_unwind;
}

TARGET(PUSH_EXC_INFO): {
    _PyErr_StackItem *info = tstate->exc_info;
    PyObject *handled = info->exc_value;
    info->exc_value = Py_NewRef(_PyValue_AsObject(RB));
    SET(W_A(w), handled == NULL ? VALUE_NONE : _PyValue_Steal(handled));
    NEXT(1);
}

TARGET(POP_EXCEPT): {
    _PyErr_StackItem *info = tstate->exc_info;
    PyObject *old = info->exc_value;
    PyObject *previous = _PyValue_Consume(reg_take(regs, W_A(w)));
    info->exc_value = previous == Py_None ? NULL : previous;
    if (old != NULL) {
        SAVE();
        Py_DECREF(old);
    }
    NEXT(1);
}

OUTLINE(CHECK_EXC_MATCH, 1)
OUTLINE(CHECK_EG_MATCH, 1)
OUTLINE(WITH_EXCEPT_START, 1)

TARGET(END_ASYNC_FOR): {
    SAVE();
    PyObject *exc = _PyValue_AsObject(RA);
    assert(PyExceptionInstance_Check(exc));
    if (PyErr_GivenExceptionMatches(exc, PyExc_StopAsyncIteration)) {
        reg_clear(&RA);
        reg_clear(&RB);
        NEXT(1);
    }
    exc = _PyValue_Consume(RA);
    RA = _PyValue_DEAD;
    _PyErr_SetRaisedException(tstate, exc);
    monitor_reraise(tstate, frame, pc);
    goto exception_unwind;
}

TARGET(CLEANUP_THROW): {
    SAVE();
    PyObject *exc = _PyValue_AsObject(RC);
    assert(PyExceptionInstance_Check(exc));
    if (PyErr_GivenExceptionMatches(exc, PyExc_StopIteration)) {
        _PyValue value = value_new(((PyStopIterationObject *)exc)->value);
        _PyValue spent = reg_spent(regs, W_C(w));
        SET(W_A(w), value);
        _PyValue_Release(spent);
        reg_clear(&RB);
        NEXT(1);
    }
    exc = Py_NewRef(exc);
    reg_clear(&RC);
    _PyErr_SetRaisedException(tstate, exc);
    monitor_reraise(tstate, frame, pc);
    goto exception_unwind;
}

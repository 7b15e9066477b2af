/* Generators, coroutines, await.  Part of loop.c. */

TARGET(RETURN_GENERATOR): {
    SAVE();
    PyObject *gen = _PyGen_New(tstate, frame);
    if (UNLIKELY(gen == NULL)) {
        goto error;
    }
    result = _PyValue_Steal(gen);
    goto return_result;
}

TARGET(YIELD_VALUE): {
    assert(frame->owner == FRAME_OWNED_BY_GENERATOR);
    PyGenObject *gen = _PyGen_GetGeneratorFromFrame(frame);
    int8_t state = (int8_t)(W_X(w) ? FRAME_SUSPENDED_YIELD_FROM : FRAME_SUSPENDED);
    SAVE();
    _PyInterpreterFrame *callee = frame;
    if (callee->return_kind == FRAME_RETURNS_TO_C) {
        PyObject *object = _PyValue_IsObject(RB) ? NULL : _PyValue_BoxNumber(RB);
        if (object == NULL && UNLIKELY(!_PyValue_IsObject(RB))) {
            goto error;
        }
        _PyValue v = reg_take(regs, W_B(w));
        if (object == NULL) {
            object = _PyValue_Consume(v);
        }
        generator_pop_exc_info(tstate, gen);
        leave_recursive_py(tstate);
        tstate->current_frame = callee->previous;
        callee->previous = NULL;
        callee->return_kind = state == FRAME_SUSPENDED ? FRAME_YIELDED_TO_C : FRAME_YIELDED_FROM_TO_C;
        return object;           /* whoever resumed it publishes the state */
    }
    _PyValue v = reg_take(regs, W_B(w));
    generator_pop_exc_info(tstate, gen);
    leave_recursive_py(tstate);
    frame = callee->previous;
    callee->previous = NULL;
    tstate->current_frame = frame;
    pc = frame->pc;
    FETCH();
    /* Last: from here on another thread may resume the generator. */
    _PyGen_SetState(gen, state);
    SET(W_A(w), v);              /* FOR_ITER and SEND alike */
    NEXT(2);
}

OUTLINE(GET_YIELD_FROM_ITER, 1)
OUTLINE(GET_AWAITABLE, 1)

TARGET(SEND): {
    PyObject *receiver = _PyValue_AsObject(RB);
    SAVE();
    if ((PyGen_CheckExact(receiver) || PyCoro_CheckExact(receiver)) && LIKELY(!eval_frame_hook_active)) {
        PyGenObject *gen = (PyGenObject *)receiver;
        int8_t state;
        bool is_none = (RC.bits & ~_PyValue_BORROWED) == (uint64_t)(uintptr_t)Py_None;
        if (LIKELY(tstate->py_recursion_remaining > 0) && _PyGen_TryEnter(gen, &state)) {
            if (UNLIKELY(state == FRAME_CREATED && !is_none)) {
                _PyGen_SetState(gen, state);     /* the slow way complains */
            }
            else {
                tstate->py_recursion_remaining--;
                _PyInterpreterFrame *callee = &gen->gi_iframe;
                callee->previous = frame;
                callee->return_kind = FRAME_RETURNS_TO_SEND;
                generator_resume(tstate, gen, state, reg_take(regs, W_C(w)));
                frame = callee;
                goto start_frame;
            }
        }
    }
    PyObject *temp;
    PyObject *value = value_object(RC, &temp);
    if (value == NULL) {
        goto error;
    }
    PyObject *object;
    PySendResult status = PyIter_Send(receiver, value, &object);
    Py_XDECREF(temp);
    if (UNLIKELY(status == PYGEN_ERROR)) {
        goto error;
    }
    SPEND(W_C_LAST(w), W_CI(w));
    _PyValue v = value_from_number(object);
    SET(W_A(w), v);
    if (status == PYGEN_NEXT) {
        NEXT(2);
    }
    SPEND(1, W_BI(w));
    TAKE_JUMP();
}

/* Calls and returns.  Part of loop.c. */

TARGET(CALL): {
    _PyValue *block = &regs[W_BI(w)];
    SAVE();
    if (LIKELY(_PyValue_IsObject(block[0]))) {
        PyObject *callable = _PyValue_AsObject(block[0]);
        PyTypeObject *type = Py_TYPE(callable);
        if (type == &PyMethod_Type && _PyValue_IsDead(block[1])) {
            callable = unpack_method(block);
            type = Py_TYPE(callable);
        }
        if (type == &PyFunction_Type && LIKELY(function_is_inlinable((PyFunctionObject *)callable))) {
            _PyInterpreterFrame *callee = call_push_fast(tstate, frame, block, W_C(w));
            if (UNLIKELY(callee == NULL)) {
                callee = call_push(tstate, frame, block, W_C(w), NULL);
                if (callee == NULL) {
                    goto error;
                }
            }
            callee->return_register = (uint16_t)W_A(w);
            callee->return_words = 2;
            callee->return_kind = FRAME_RETURNS_TO_REGISTER;
            frame = callee;
            goto start_frame;
        }
    }
    PyObject *object = call_block(tstate, block, W_C(w), NULL);
    if (UNLIKELY(object == NULL)) {
        goto error;
    }
    _PyValue v = value_from_number(object);
    SET(W_A(w), v);
    POLL_AFTER(2);
    NEXT(2);
}

TARGET(CALL_KW): {
    _PyValue *block = &regs[W_BI(w)];
    SAVE();
    PyObject *kwnames = _PyValue_AsObject(block[2 + W_C(w)]);
    if (LIKELY(_PyValue_IsObject(block[0]))) {
        PyObject *callable = _PyValue_AsObject(block[0]);
        PyTypeObject *type = Py_TYPE(callable);
        if (type == &PyMethod_Type && _PyValue_IsDead(block[1])) {
            callable = unpack_method(block);
            type = Py_TYPE(callable);
        }
        if (type == &PyFunction_Type && LIKELY(function_is_inlinable((PyFunctionObject *)callable))) {
            _PyInterpreterFrame *callee = call_push(tstate, frame, block, W_C(w), kwnames);
            if (callee == NULL) {
                goto error;
            }
            reg_clear(&block[2 + W_C(w)]);
            callee->return_register = (uint16_t)W_A(w);
            callee->return_words = 2;
            callee->return_kind = FRAME_RETURNS_TO_REGISTER;
            frame = callee;
            goto start_frame;
        }
    }
    PyObject *object = call_block(tstate, block, W_C(w), kwnames);
    if (UNLIKELY(object == NULL)) {
        goto error;
    }
    reg_clear(&block[2 + W_C(w)]);
    _PyValue v = value_from_number(object);
    SET(W_A(w), v);
    POLL_AFTER(2);
    NEXT(2);
}

TARGET(CALL_EX): {
    _PyValue *block = &regs[W_BI(w)];
    SAVE();
    _PyInterpreterFrame *callee = NULL;
    PyObject *object = call_ex(tstate, frame, block, &callee);
    if (callee != NULL) {
        callee->return_register = (uint16_t)W_A(w);
        callee->return_words = 1;
        callee->return_kind = FRAME_RETURNS_TO_REGISTER;
        frame = callee;
        goto start_frame;
    }
    if (UNLIKELY(object == NULL)) {
        goto error;
    }
    _PyValue v = value_from_number(object);
    SET(W_A(w), v);
    POLL_AFTER(1);
    NEXT(1);
}

TARGET(RETURN): {
    _PyValue *r = &RA;
    result = *r;
    if (LIKELY(frame->frame_obj == NULL)) {
        *r = _PyValue_DEAD;      /* the frame dies: a local's value moves too */
    }
    else {
        result = reg_take(regs, W_A(w));
    }
    goto return_result;
}

TARGET(RETURN_CONST): {
    result = _PyValue_Dup(numbers[W_WIDE(w)]);
    goto return_result;
}

/* Calls and returns.  Part of loop.c. */

TARGET(CALL): {
    if (UNLIKELY(site_count(pc))) {
        specialize_call(frame, pc, w);
    }
}
generic_call: {
    _PyValue *block = &regs[W_BI(w)];
    SAVE();
    if (LIKELY(_PyValue_IsObject(block[0]))) {
        PyObject *callable = _PyValue_AsObject(block[0]);
        PyTypeObject *type = Py_TYPE(callable);
        if (type == &PyMethod_Type && !_PyValue_IsObject(block[1])) {
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

/* -- Specialised calls -------------------------------------------------------------------------------- */

TARGET(CALL_CLASS): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    PyTypeObject *type = (PyTypeObject *)_PyValue_AsObject(block[0]);
    if (LIKELY((PyObject *)type == record->object) && LIKELY(!_PyValue_IsObject(block[1]))
        && LIKELY(FT_ATOMIC_LOAD_UINT_ACQUIRE(type->tp_version_tag) == record->type_version)
        && LIKELY(function_is_inlinable((PyFunctionObject *)_PyValue_AsObject(record->value)))) {
        SAVE();
        _PyValue init = _PyValue_Dup(record->value);
        PyObject *self = PyType_GenericAlloc(type, 0);
        if (UNLIKELY(self == NULL)) {
            _PyValue_Release(init);
            goto error;
        }
        _PyValue class_value = block[0];
        block[0] = init;
        block[1] = _PyValue_Steal(Py_NewRef(self));
        _PyInterpreterFrame *callee = call_push_fast(tstate, frame, block, W_C(w));
        if (UNLIKELY(callee == NULL)) {
            callee = call_push(tstate, frame, block, W_C(w), NULL);
        }
        block[0] = _PyValue_Steal(self);       /* the unwinder releases it if __init__ fails */
        _PyValue_Release(class_value);
        if (UNLIKELY(callee == NULL)) {
            goto error;
        }
        callee->return_register = (uint16_t)W_A(w);
        callee->return_block = (uint16_t)W_BI(w);
        callee->return_words = 2;
        callee->return_kind = FRAME_RETURNS_INIT;
        frame = callee;
        goto start_frame;
    }
    site_miss(pc, w);
    goto generic_call;
}

/* The C function of the record is the one of block[0]. */
#define SAME_BUILTIN(block)                                                   \
    (_PyValue_IsObject((block)[0]) && PyCFunction_CheckExact(_PyValue_AsObject((block)[0])) \
     && (PyObject *)(void *)((PyCFunctionObject *)_PyValue_AsObject((block)[0]))->m_ml == record->object)

#define BUILTIN_SELF(block)                                                   \
    PyCFunction_GET_SELF(_PyValue_AsObject((block)[0]))

/* The end of a call of C code: result (may be NULL) is written, the block released. */
#define CALLED(block, n, object)                                              \
    do {                                                                      \
        PyObject *called_ = (object);                                         \
        if (UNLIKELY(called_ == NULL)) {                                      \
            goto error;                                                       \
        }                                                                     \
        block_clear(block, (n) + 2);                                          \
        _PyValue called_v_ = value_from_number(called_);                      \
        SET(W_A(w), called_v_);                                               \
        POLL_AFTER(2);                                                        \
        NEXT(2);                                                              \
    } while (0)

TARGET(CALL_BUILTIN_O): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    unsigned has_self = block_has_self(block);
    if (LIKELY(SAME_BUILTIN(block)) && LIKELY(W_C(w) + has_self == 1)) {
        SAVE();
        PyObject *arg = value_box_in_place(&block[2 - has_self]);
        if (UNLIKELY(arg == NULL)) {
            goto error;
        }
        PyCFunction function = (PyCFunction)record->function;
        CALLED(block, W_C(w), function(BUILTIN_SELF(block), arg));
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_BUILTIN_FAST): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    unsigned has_self = block_has_self(block);
    if (LIKELY(SAME_BUILTIN(block))) {
        SAVE();
        if (UNLIKELY(block_own(block + 1, W_C(w) + 1) < 0)) {
            goto error;
        }
        PyCFunctionFast function = (PyCFunctionFast)record->function;
        CALLED(block, W_C(w),
               function(BUILTIN_SELF(block), BLOCK_OBJECTS(block) + 2 - has_self, W_C(w) + has_self));
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_BUILTIN_FASTKW): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    unsigned has_self = block_has_self(block);
    if (LIKELY(SAME_BUILTIN(block))) {
        SAVE();
        if (UNLIKELY(block_own(block + 1, W_C(w) + 1) < 0)) {
            goto error;
        }
        PyCFunctionFastWithKeywords function = (PyCFunctionFastWithKeywords)record->function;
        CALLED(block, W_C(w),
               function(BUILTIN_SELF(block), BLOCK_OBJECTS(block) + 2 - has_self, W_C(w) + has_self, NULL));
    }
    site_miss(pc, w);
    goto generic_call;
}

/* block[0] is the descriptor of the record, and its first argument an instance of the descriptor's class. */
#define SAME_METHOD(block, self_index)                                        \
    (_PyValue_AsObject((block)[0]) == record->object && _PyValue_IsObject((block)[self_index]) \
     && PyObject_TypeCheck(_PyValue_AsObject((block)[self_index]), PyDescr_TYPE(record->object)))

TARGET(CALL_METHOD_NOARGS): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    unsigned has_self = block_has_self(block);
    if (LIKELY(W_C(w) + has_self == 1) && LIKELY(SAME_METHOD(block, 2 - has_self))) {
        SAVE();
        PyCFunction function = (PyCFunction)record->function;
        CALLED(block, W_C(w), function(_PyValue_AsObject(block[2 - has_self]), NULL));
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_METHOD_O): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    unsigned has_self = block_has_self(block);
    if (LIKELY(W_C(w) + has_self == 2) && LIKELY(SAME_METHOD(block, 2 - has_self))) {
        SAVE();
        PyObject *arg = value_box_in_place(&block[3 - has_self]);
        if (UNLIKELY(arg == NULL)) {
            goto error;
        }
        PyCFunction function = (PyCFunction)record->function;
        CALLED(block, W_C(w), function(_PyValue_AsObject(block[2 - has_self]), arg));
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_METHOD_FAST): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    unsigned has_self = block_has_self(block);
    if (LIKELY(W_C(w) + has_self >= 1) && LIKELY(SAME_METHOD(block, 2 - has_self))) {
        SAVE();
        if (UNLIKELY(block_own(block + 1, W_C(w) + 1) < 0)) {
            goto error;
        }
        PyObject **args = BLOCK_OBJECTS(block) + 2 - has_self;
        PyCFunctionFast function = (PyCFunctionFast)record->function;
        CALLED(block, W_C(w), function(args[0], args + 1, W_C(w) + has_self - 1));
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_METHOD_FASTKW): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    unsigned has_self = block_has_self(block);
    if (LIKELY(W_C(w) + has_self >= 1) && LIKELY(SAME_METHOD(block, 2 - has_self))) {
        SAVE();
        if (UNLIKELY(block_own(block + 1, W_C(w) + 1) < 0)) {
            goto error;
        }
        PyObject **args = BLOCK_OBJECTS(block) + 2 - has_self;
        PyCFunctionFastWithKeywords function = (PyCFunctionFastWithKeywords)record->function;
        CALLED(block, W_C(w), function(args[0], args + 1, W_C(w) + has_self - 1, NULL));
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_LEN): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    if (LIKELY(SAME_BUILTIN(block)) && LIKELY(!_PyValue_IsObject(block[1])) && LIKELY(_PyValue_IsObject(block[2]))) {
        SAVE();
        PyObject *op = _PyValue_AsObject(block[2]);
        PyTypeObject *type = Py_TYPE(op);
        Py_ssize_t length = type == &PyList_Type || type == &PyTuple_Type ? FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyVarObject *)op)->ob_size)
            : PyObject_Size(op);
        if (UNLIKELY(length < 0)) {
            goto error;
        }
        block_clear(block, 3);
        SET(W_A(w), _PyValue_FromInt(length));
        NEXT(2);
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_ISINSTANCE): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    if (LIKELY(SAME_BUILTIN(block)) && LIKELY(!_PyValue_IsObject(block[1])) && LIKELY(_PyValue_IsObject(block[3]))) {
        SAVE();
        int is = is_instance(block[2], _PyValue_AsObject(block[3]));
        if (UNLIKELY(is < 0)) {
            goto error;
        }
        block_clear(block, 4);
        SET(W_A(w), value_from_bool(is));
        NEXT(2);
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_TYPE_1): {
    _PyValue *block = &regs[W_BI(w)];
    if (LIKELY(_PyValue_IsObject(block[0])) && LIKELY(_PyValue_AsObject(block[0]) == (PyObject *)&PyType_Type)
        && LIKELY(!_PyValue_IsObject(block[1])) && LIKELY(W_C(w) == 1)) {
        SAVE();
        _PyValue v = value_new((PyObject *)value_type(block[2]));
        block_clear(block, 3);
        SET(W_A(w), v);
        NEXT(2);
    }
    site_miss(pc, w);
    goto generic_call;
}

TARGET(CALL_LIST_APPEND): {
    SiteRecord *record = site_record(pc);
    _PyValue *block = &regs[W_BI(w)];
    if (LIKELY(_PyValue_AsObject(block[0]) == record->object) && LIKELY(W_C(w) == 1)
        && LIKELY(_PyValue_IsObject(block[1])) && LIKELY(PyList_CheckExact(_PyValue_AsObject(block[1])))) {
        SAVE();
        PyObject *item = _PyValue_IsOwned(block[2]) ? _PyValue_AsObject(block[2]) : _PyValue_ToNewObject(block[2]);
        if (UNLIKELY(item == NULL)) {
            goto error;
        }
        block[2] = _PyValue_DEAD;
        if (UNLIKELY(list_append_steal(_PyValue_AsObject(block[1]), item) < 0)) {
            goto error;
        }
        block_clear(block, 2);
        SET(W_A(w), VALUE_NONE);
        NEXT(2);
    }
    site_miss(pc, w);
    goto generic_call;
}

/* -- Keywords, unpacked arguments ----------------------------------------------------------------------- */

TARGET(CALL_KW): {
    _PyValue *block = &regs[W_BI(w)];
    SAVE();
    PyObject *kwnames = _PyValue_AsObject(block[2 + W_C(w)]);
    if (LIKELY(_PyValue_IsObject(block[0]))) {
        PyObject *callable = _PyValue_AsObject(block[0]);
        PyTypeObject *type = Py_TYPE(callable);
        if (type == &PyMethod_Type && !_PyValue_IsObject(block[1])) {
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

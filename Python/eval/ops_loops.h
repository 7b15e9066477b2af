/* Iteration.  Part of loop.c. */

OUTLINE(GET_ITER, 1)
OUTLINE(GET_AITER, 1)
OUTLINE(GET_ANEXT, 1)

TARGET(FOR_ITER): {
    PyObject *iter = _PyValue_AsObject(RB);
    PyTypeObject *type = Py_TYPE(iter);
    if (type == &PyRangeIter_Type) {
        _PyRangeIterObject *range = (_PyRangeIterObject *)iter;
        long left = FT_ATOMIC_LOAD_LONG_RELAXED(range->len);
        if (left > 0) {
            long value = FT_ATOMIC_LOAD_LONG_RELAXED(range->start);
            if (LIKELY(_PyValue_IntFits(value))) {
                FT_ATOMIC_STORE_LONG_RELAXED(range->start, (long)((unsigned long)value + (unsigned long)range->step));
                FT_ATOMIC_STORE_LONG_RELAXED(range->len, left - 1);
                SET(W_A(w), _PyValue_FromInt(value));
                NEXT(2);
            }
        }
    }
    else if (type == &PyListIter_Type) {
        _PyListIterObject *it = (_PyListIterObject *)iter;
        PyObject *list = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(it->it_seq);
        if (LIKELY(list != NULL)) {
            Py_ssize_t i = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
            PyObject *item = _PyList_GetItemBorrowed_lockfree(list, i);
            if (LIKELY(item != NULL)) {
                FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, i + 1);
                _PyValue v = value_load(item);
                SET(W_A(w), v);
                NEXT(2);
            }
        }
    }
    else if (type == &PyTupleIter_Type) {
        _PyTupleIterObject *it = (_PyTupleIterObject *)iter;
        PyTupleObject *tuple = (PyTupleObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(it->it_seq);
        Py_ssize_t i = FT_ATOMIC_LOAD_SSIZE_RELAXED(it->it_index);
        if (LIKELY(tuple != NULL && (size_t)i < (size_t)Py_SIZE(tuple))) {
            FT_ATOMIC_STORE_SSIZE_RELAXED(it->it_index, i + 1);
            _PyValue v = value_load(tuple->ob_item[i]);
            SET(W_A(w), v);
            NEXT(2);
        }
    }
    else if (type == &PyGen_Type && LIKELY(!eval_frame_hook_active)) {
        PyGenObject *gen = (PyGenObject *)iter;
        int8_t state;
        if (LIKELY(tstate->py_recursion_remaining > 0) && _PyGen_TryEnter(gen, &state)) {
            tstate->py_recursion_remaining--;
            SAVE();
            _PyInterpreterFrame *callee = &gen->gi_iframe;
            callee->previous = frame;
            callee->return_kind = FRAME_RETURNS_TO_FOR_ITER;
            generator_resume(tstate, gen, state, VALUE_NONE);
            frame = callee;
            goto start_frame;
        }
    }
    SAVE();
    PyObject *next = type->tp_iternext(iter);
    if (LIKELY(next != NULL)) {
        _PyValue v = value_from_number(next);
        SET(W_A(w), v);
        NEXT(2);
    }
    if (tstate->current_exception != NULL) {
        if (!_PyErr_ExceptionMatches(tstate, PyExc_StopIteration)) {
            goto error;
        }
        monitor_raise_stop_iteration(tstate, frame, pc);
        _PyErr_Clear(tstate);
    }
    SPEND(1, W_BI(w));
    TAKE_JUMP();
}

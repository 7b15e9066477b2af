/* Instructions on registers, constants, names and cells.  Part of loop.c. */

TARGET(NOP): {
    NEXT(1);
}

TARGET(RESUME): {
    if (UNLIKELY(monitoring_is_stale(_PyFrame_GetCode(frame)))) {
        SAVE();
        if (monitoring_update_code(tstate, frame) < 0) {
            goto error;
        }
        DISPATCH();    /* the instruction may be instrumented now */
    }
    POLL();
    NEXT(1);
}

TARGET(MOVE): {
    unsigned b = W_BI(w);
    _PyValue v = regs[b];
    if (W_B_LAST(w)) {
        regs[b] = _PyValue_DEAD;
    }
    else {
        v = _PyValue_Dup(v);
    }
    SET(W_A(w), v);
    NEXT(1);
}

TARGET(LOAD_CONST): {
    _PyValue v = _PyValue_Dup(numbers[W_WIDE(w)]);
    SET(W_A(w), v);
    NEXT(1);
}

TARGET(CLEAR): {
    SET(W_AI(w), _PyValue_DEAD);
    NEXT(1);
}

TARGET(CHECK_BOUND): {
    if (UNLIKELY(_PyValue_IsDead(RA))) {
        SAVE();
        op_CHECK_BOUND(tstate, frame, w);
        goto error;
    }
    NEXT(1);
}

OUTLINE(DELETE_FAST, 1)
OUTLINE(LOAD_COMMON_CONSTANT, 1)

/* -- Names ---------------------------------------------------------------------------------------- */

OUTLINE(STORE_GLOBAL, 1)
OUTLINE(DELETE_GLOBAL, 1)
OUTLINE(LOAD_NAME, 2)
OUTLINE(STORE_NAME, 1)
OUTLINE(DELETE_NAME, 1)
OUTLINE(LOAD_LOCALS, 1)
OUTLINE(LOAD_FROM_DICT_OR_GLOBALS, 1)
OUTLINE(LOAD_FROM_DICT_OR_DEREF, 1)
OUTLINE(LOAD_BUILD_CLASS, 1)
OUTLINE(SETUP_ANNOTATIONS, 1)

TARGET(LOAD_GLOBAL): {
    if (UNLIKELY(site_count(pc))) {
        specialize_load_global(frame, pc, w);
    }
}
generic_load_global: {
    SAVE();
    if (UNLIKELY(op_LOAD_GLOBAL(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(2);
}

/* Key tables do not change while their version stays; the dicts are SHARED. */
TARGET(LOAD_GLOBAL_MODULE): {
    SiteRecord *record = site_record(pc);
    PyDictKeysObject *keys = _PyDict_Keys_lockfree((PyDictObject *)frame->globals);
    if (LIKELY(_PyDictKeys_Version(keys) == record->keys_version)) {
        PyObject *value = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*(PyObject **)(void *)((char *)keys + record->index));
        if (LIKELY(value != NULL)) {
            _PyValue v = value_load(value);
            SET(W_A(w), v);
            NEXT(2);
        }
    }
    site_miss(pc, w);
    goto generic_load_global;
}

TARGET(LOAD_GLOBAL_BUILTIN): {
    SiteRecord *record = site_record(pc);
    PyDictKeysObject *keys = _PyDict_Keys_lockfree((PyDictObject *)frame->globals);
    PyDictKeysObject *builtins_keys = _PyDict_Keys_lockfree((PyDictObject *)frame->builtins);
    if (LIKELY(_PyDictKeys_Version(keys) == record->keys_version)
        && LIKELY(_PyDictKeys_Version(builtins_keys) == record->builtins_version)) {
        PyObject *value =
            (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*(PyObject **)(void *)((char *)builtins_keys + record->index));
        if (LIKELY(value != NULL)) {
            _PyValue v = value_load(value);
            SET(W_A(w), v);
            NEXT(2);
        }
    }
    site_miss(pc, w);
    goto generic_load_global;
}

/* -- Cells ---------------------------------------------------------------------------------------- */

OUTLINE(MAKE_CELL, 1)

TARGET(COPY_FREE_VARS): {
    PyObject *closure = _PyFrame_GetFunction(frame)->func_closure;
    unsigned first = W_AI(w);
    unsigned n = W_B(w);
    for (unsigned i = 0; i < n; i++) {
        /* Borrowed: the function holds its closure for as long as this frame holds the function. */
        regs[first + i] = _PyValue_Borrow(PyTuple_GET_ITEM(closure, i));
    }
    NEXT(1);
}

TARGET(LOAD_DEREF): {
    PyCellObject *cell = (PyCellObject *)_PyValue_AsObject(RB);
    _PyContainer_Touch((PyObject *)cell);
    PyObject *value = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(cell->ob_ref);
    if (UNLIKELY(value == NULL)) {
        SAVE();
        op_LOAD_DEREF(tstate, frame, w);
        goto error;
    }
    _PyValue v = value_load(value);
    SET(W_A(w), v);
    NEXT(1);
}

TARGET(STORE_DEREF): {
    PyCellObject *cell = (PyCellObject *)_PyValue_AsObject(RA);
    if (_PyValue_IsNumber(RB) && _PyObject_IsPrivate((PyObject *)cell) && cell->ob_ref != NULL
        && rebox_in_place(cell->ob_ref, RB)) {
        NEXT(1);
    }
    SAVE();
    if (UNLIKELY(op_STORE_DEREF(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(1);
}

OUTLINE(DELETE_DEREF, 1)

/* Attributes and items.  Part of loop.c. */

/* The guard of most forms: an object of a type in a known state. */
#define OWNER_HAS_VERSION(v, version) \
    (_PyValue_IsObject(v) && FT_ATOMIC_LOAD_UINT_ACQUIRE(Py_TYPE(_PyValue_AsObject(v))->tp_version_tag) == (version))

#define AT_OFFSET(owner, type, offset) ((type *)(void *)((char *)(owner) + (offset)))

/* The end of LOAD_ATTR: the result is written, the owner released after a last use. */
#define LOADED(value)                                                         \
    do {                                                                      \
        _PyValue loaded_ = (value);                                           \
        _PyValue spent_ = reg_spent(regs, W_B(w));                            \
        SET(W_A(w), loaded_);                                                 \
        if (_PyValue_IsOwned(spent_)) {                                       \
            SAVE();                                                           \
            Py_DECREF(_PyValue_AsObject(spent_));                             \
        }                                                                     \
        NEXT(2);                                                              \
    } while (0)

TARGET(LOAD_ATTR): {
    if (UNLIKELY(site_count(pc))) {
        specialize_load_attr(frame, pc, w);
    }
}
generic_load_attr: {
    SAVE();
    if (UNLIKELY(op_LOAD_ATTR(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(2);
}

TARGET(LOAD_ATTR_INSTANCE_VALUE): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RB, record->type_version))) {
        PyObject *owner = _PyValue_AsObject(RB);
        _PyContainer_Touch(owner);
        if (LIKELY(FT_ATOMIC_LOAD_UINT8_ACQUIRE(*AT_OFFSET(owner, uint8_t, record->valid_offset)))) {
            PyObject *value = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*AT_OFFSET(owner, PyObject *, record->index));
            if (LIKELY(value != NULL)) {
                LOADED(value_load(value));
            }
        }
    }
    site_miss(pc, w);
    goto generic_load_attr;
}

TARGET(LOAD_ATTR_SLOT): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RB, record->type_version))) {
        PyObject *owner = _PyValue_AsObject(RB);
        _PyContainer_Touch(owner);
        PyObject *value = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*AT_OFFSET(owner, PyObject *, record->index));
        if (LIKELY(value != NULL)) {
            LOADED(value_load(value));
        }
    }
    site_miss(pc, w);
    goto generic_load_attr;
}

TARGET(LOAD_ATTR_MODULE): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(_PyValue_IsObject(RB)) && LIKELY(PyModule_CheckExact(_PyValue_AsObject(RB)))) {
        PyDictObject *dict = (PyDictObject *)((PyModuleObject *)_PyValue_AsObject(RB))->md_dict;
        PyDictKeysObject *keys = _PyDict_Keys_lockfree(dict);
        if (LIKELY(_PyDictKeys_Version(keys) == record->keys_version)) {
            PyObject *value = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*(PyObject **)(void *)((char *)keys + record->index));
            if (LIKELY(value != NULL)) {
                LOADED(value_load(value));
            }
        }
    }
    site_miss(pc, w);
    goto generic_load_attr;
}

TARGET(LOAD_ATTR_CLASS): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(_PyValue_IsObject(RB))) {
        PyObject *owner = _PyValue_AsObject(RB);
        if (LIKELY(PyType_Check(owner))
            && LIKELY(FT_ATOMIC_LOAD_UINT_ACQUIRE(((PyTypeObject *)owner)->tp_version_tag) == record->type_version)) {
            LOADED(_PyValue_IsOwned(record->value) ? value_load(_PyValue_AsObject(record->value)) : record->value);
        }
    }
    site_miss(pc, w);
    goto generic_load_attr;
}

TARGET(LOAD_ATTR_CLASS_VALUE): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RB, record->type_version))) {
        PyObject *owner = _PyValue_AsObject(RB);
        if (!record->index
            || (FT_ATOMIC_LOAD_UINT8_ACQUIRE(*AT_OFFSET(owner, uint8_t, record->valid_offset))
                && _PyDictKeys_Version(((PyHeapTypeObject *)Py_TYPE(owner))->ht_cached_keys)
                   == record->keys_version)) {
            LOADED(value_load(_PyValue_AsObject(record->value)));
        }
    }
    site_miss(pc, w);
    goto generic_load_attr;
}

TARGET(LOAD_ATTR_PROPERTY): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RB, record->type_version))
        && LIKELY(function_is_inlinable((PyFunctionObject *)record->object))) {
        _PyValue block[3] = {_PyValue_Dup(record->value), _PyValue_DEAD, reg_take(regs, W_B(w))};
        SAVE();
        _PyInterpreterFrame *callee = call_push_fast(tstate, frame, block, 1);
        if (UNLIKELY(callee == NULL)) {
            callee = call_push(tstate, frame, block, 1, NULL);
            if (callee == NULL) {
                block_clear(block, 3);
                goto error;
            }
        }
        callee->return_register = (uint16_t)W_A(w);
        callee->return_words = 2;
        callee->return_kind = FRAME_RETURNS_TO_REGISTER;
        frame = callee;
        goto start_frame;
    }
    site_miss(pc, w);
    goto generic_load_attr;
}

/* -- Methods ---------------------------------------------------------------------------------------- */

/* Writes the block: a function and the owner as self.  The block may begin at the owner's register. */
#define LOADED_METHOD(function)                                               \
    do {                                                                      \
        _PyValue function_ = _PyValue_Dup(function);                          \
        _PyValue self_ = reg_take(regs, W_B(w));                              \
        _PyValue *block_ = &RA;                                               \
        _PyValue old0_ = block_[0], old1_ = block_[1];                        \
        block_[0] = function_;                                                \
        block_[1] = self_;                                                    \
        if (UNLIKELY(_PyValue_IsOwned(old0_) || _PyValue_IsOwned(old1_))) {   \
            SAVE();                                                           \
            _PyValue_Release(old0_);                                          \
            _PyValue_Release(old1_);                                          \
        }                                                                     \
        NEXT(2);                                                              \
    } while (0)

TARGET(LOAD_METHOD): {
    if (UNLIKELY(site_count(pc))) {
        specialize_load_method(frame, pc, w);
    }
}
generic_load_method: {
    SAVE();
    if (UNLIKELY(op_LOAD_METHOD(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(2);
}

TARGET(LOAD_METHOD_VALUES): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RB, record->type_version))) {
        PyObject *owner = _PyValue_AsObject(RB);
        PyDictKeysObject *keys = ((PyHeapTypeObject *)Py_TYPE(owner))->ht_cached_keys;
        if (LIKELY(FT_ATOMIC_LOAD_UINT8_ACQUIRE(*AT_OFFSET(owner, uint8_t, record->valid_offset)))
            && LIKELY(_PyDictKeys_Version(keys) == record->keys_version)) {
            LOADED_METHOD(record->value);
        }
    }
    site_miss(pc, w);
    goto generic_load_method;
}

TARGET(LOAD_METHOD_NO_DICT): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RB, record->type_version))) {
        LOADED_METHOD(record->value);
    }
    site_miss(pc, w);
    goto generic_load_method;
}

TARGET(LOAD_METHOD_LAZY_DICT): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RB, record->type_version))) {
        PyObject *owner = _PyValue_AsObject(RB);
        if (LIKELY(FT_ATOMIC_LOAD_PTR_ACQUIRE(*AT_OFFSET(owner, PyObject *, (int32_t)record->index)) == NULL)) {
            LOADED_METHOD(record->value);
        }
    }
    site_miss(pc, w);
    goto generic_load_method;
}

TARGET(LOAD_METHOD_MODULE): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(_PyValue_IsObject(RB)) && LIKELY(PyModule_CheckExact(_PyValue_AsObject(RB)))) {
        PyDictObject *dict = (PyDictObject *)((PyModuleObject *)_PyValue_AsObject(RB))->md_dict;
        PyDictKeysObject *keys = _PyDict_Keys_lockfree(dict);
        if (LIKELY(_PyDictKeys_Version(keys) == record->keys_version)) {
            PyObject *value = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(*(PyObject **)(void *)((char *)keys + record->index));
            if (LIKELY(value != NULL)) {
                _PyValue function = value_new(value);
                _PyValue spent = reg_spent(regs, W_B(w));
                _PyValue *block = &RA;
                _PyValue old0 = block[0], old1 = block[1];
                block[0] = function;
                block[1] = _PyValue_DEAD;
                SAVE();
                _PyValue_Release(old0);
                _PyValue_Release(old1);
                _PyValue_Release(spent);
                NEXT(2);
            }
        }
    }
    site_miss(pc, w);
    goto generic_load_method;
}

TARGET(LOAD_METHOD_CLASS): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(_PyValue_IsObject(RB))) {
        PyObject *owner = _PyValue_AsObject(RB);
        if (LIKELY(PyType_Check(owner))
            && LIKELY(FT_ATOMIC_LOAD_UINT_ACQUIRE(((PyTypeObject *)owner)->tp_version_tag) == record->type_version)) {
            if (record->object != NULL) {
                LOADED_METHOD(record->value);     /* a class method: self is the class */
            }
            _PyValue function = _PyValue_Dup(record->value);
            _PyValue spent = reg_spent(regs, W_B(w));
            _PyValue *block = &RA;
            _PyValue old0 = block[0], old1 = block[1];
            block[0] = function;
            block[1] = _PyValue_DEAD;
            SAVE();
            _PyValue_Release(old0);
            _PyValue_Release(old1);
            _PyValue_Release(spent);
            NEXT(2);
        }
    }
    site_miss(pc, w);
    goto generic_load_method;
}

/* -- Stores ------------------------------------------------------------------------------------------ */

TARGET(STORE_ATTR): {
    if (UNLIKELY(site_count(pc))) {
        specialize_store_attr(frame, pc, w);
    }
}
generic_store_attr: {
    SAVE();
    if (UNLIKELY(op_STORE_ATTR(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(2);
}

TARGET(STORE_ATTR_INSTANCE_VALUE): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RA, record->type_version))) {
        PyObject *owner = _PyValue_AsObject(RA);
        SAVE();
        if (_PyValue_IsNumber(RB) && store_inline_number(owner, record, RB)) {
            SPEND(W_A_LAST(w), W_AI(w));
            NEXT(2);
        }
        PyObject *value = _PyValue_ToNewObject(RB);
        if (UNLIKELY(value == NULL)) {
            goto error;
        }
        PyObject *old;
        if (LIKELY(store_inline_value(owner, record, value, &old))) {
            _PyValue a = reg_spent(regs, W_A(w));
            _PyValue b = reg_spent(regs, W_B(w));
            _Py_RetireRef(owner, old);
            _PyValue_Release(b);
            _PyValue_Release(a);
            NEXT(2);
        }
        Py_DECREF(value);
    }
    site_miss(pc, w);
    goto generic_store_attr;
}

TARGET(STORE_ATTR_SLOT): {
    SiteRecord *record = site_record(pc);
    if (LIKELY(OWNER_HAS_VERSION(RA, record->type_version))) {
        PyObject *owner = _PyValue_AsObject(RA);
        SAVE();
        PyObject *value = _PyValue_ToNewObject(RB);
        if (UNLIKELY(value == NULL)) {
            goto error;
        }
        PyObject *old = store_slot(owner, record->index, value);
        _PyValue a = reg_spent(regs, W_A(w));
        _PyValue b = reg_spent(regs, W_B(w));
        _Py_RetireRef(owner, old);
        _PyValue_Release(b);
        _PyValue_Release(a);
        NEXT(2);
    }
    site_miss(pc, w);
    goto generic_store_attr;
}

OUTLINE(DELETE_ATTR, 1)
OUTLINE(LOAD_SUPER_ATTR, 2)
OUTLINE(LOAD_SUPER_METHOD, 2)
OUTLINE(LOAD_SPECIAL, 1)
/* Exact lists and tuples with an int, exact dicts with a str; the rest out of line. */
#define GETITEM_FAST(key)                                                     \
    if (LIKELY(_PyValue_IsObject(RB))) {                                      \
        PyObject *container = _PyValue_AsObject(RB);                          \
        PyTypeObject *type = Py_TYPE(container);                              \
        if (_PyValue_IsInt(key)) {                                            \
            int64_t i = _PyValue_AsInt(key);                                  \
            if (type == &PyList_Type) {                                       \
                if (i < 0) {                                                  \
                    i += PyList_GET_SIZE(container);                          \
                }                                                             \
                PyObject *item = _PyList_GetItemBorrowed_lockfree(container, (Py_ssize_t)i); \
                if (LIKELY(item != NULL)) {                                   \
                    result = value_load(item);                                \
                    goto getitem_store;                                       \
                }                                                             \
            }                                                                 \
            else if (type == &PyTuple_Type) {                                 \
                Py_ssize_t size = PyTuple_GET_SIZE(container);                \
                if (i < 0) {                                                  \
                    i += size;                                                \
                }                                                             \
                if (LIKELY((uint64_t)i < (uint64_t)size)) {                   \
                    result = value_load(PyTuple_GET_ITEM(container, i));      \
                    goto getitem_store;                                       \
                }                                                             \
            }                                                                 \
        }                                                                     \
        else if (type == &PyDict_Type && _PyValue_IsObject(key) && PyUnicode_CheckExact(_PyValue_AsObject(key))) { \
            PyObject *name = _PyValue_AsObject(key);                          \
            Py_hash_t hash = FT_ATOMIC_LOAD_SSIZE_RELAXED(((PyASCIIObject *)name)->hash);        \
            PyObject *value;                                                  \
            if (LIKELY(hash != -1) && _PyDict_LookupBorrowed_lockfree(container, name, hash, &value) > 0) { \
                result = value_load(value);                                   \
                goto getitem_store;                                           \
            }                                                                 \
        }                                                                     \
    }

TARGET(GETITEM): {
    GETITEM_FAST(RC)
    SAVE();
    if (UNLIKELY(op_GETITEM(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(2);
}

TARGET(GETITEM_K): {
    GETITEM_FAST(numbers[W_C(w)])
    SAVE();
    if (UNLIKELY(op_GETITEM_K(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(2);
}

/* `result` has been read; an int key needs no release, and a str key only after a last use of its register. */
getitem_store: {
    _PyValue b = reg_spent(regs, W_B(w));
    _PyValue c = _PyValue_DEAD;
    if (W_OP(w) != OP_GETITEM_K && UNLIKELY(W_C_LAST(w))) {
        c = reg_spent(regs, W_C(w));
    }
    SET(W_A(w), result);
    if (UNLIKELY(_PyValue_IsOwned(b) || _PyValue_IsOwned(c))) {
        SAVE();
        _PyValue_Release(b);
        _PyValue_Release(c);
    }
    NEXT(2);
}

TARGET(SETITEM): {
    SAVE();
    if (LIKELY(_PyValue_IsObject(RA))) {
        PyObject *container = _PyValue_AsObject(RA);
        if (PyList_CheckExact(container)) {
            if (LIKELY(_PyValue_IsInt(RB))) {
                int status = list_store(container, _PyValue_AsInt(RB), RC);
                if (LIKELY(status > 0)) {
                    SPEND(W_C_LAST(w), W_CI(w));
                    SPEND(W_A_LAST(w), W_AI(w));
                    NEXT(2);
                }
                if (status < 0) {
                    goto error;
                }
            }
        }
    }
    if (UNLIKELY(op_SETITEM(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(2);
}

OUTLINE(DELITEM, 1)
OUTLINE(GETSLICE, 1)
OUTLINE(SETSLICE, 1)
OUTLINE(BUILD_SLICE, 1)

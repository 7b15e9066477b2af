/* Comparisons and branches.  Part of loop.c. */

#define COMPARE_NUMBERS(op, yes, no)                                          \
        if (LIKELY(_PyValue_AreInts(v, u))) {                                 \
            if (PAYLOAD(v) op PAYLOAD(u)) { yes }                             \
            no                                                                \
        }                                                                     \
        else if (_PyValue_IsNumber(v) && _PyValue_IsNumber(u)) {              \
            /* An unboxed int is exact as a double. */                        \
            if (NUMBER_AS_DOUBLE(v) op NUMBER_AS_DOUBLE(u)) { yes }           \
            no                                                                \
        }

#define COMPARE_STORE(name, op)                                               \
    TARGET(COMPARE_##name): {                                                 \
        _PyValue v = RB, u = RC;                                              \
        COMPARE_NUMBERS(op, SET(W_A(w), VALUE_TRUE); NEXT(1);,                \
                        SET(W_A(w), VALUE_FALSE); NEXT(1);)                   \
        SAVE();                                                               \
        if (UNLIKELY(compare_regs(frame, w, Py_##name) < 0)) {                \
            goto error;                                                       \
        }                                                                     \
        NEXT(1);                                                              \
    }                                                                         \
    TARGET(COMPARE_##name##_K): {                                             \
        _PyValue v = RB, u = numbers[W_C(w)];                                 \
        COMPARE_NUMBERS(op, SET(W_A(w), VALUE_TRUE); NEXT(1);,                \
                        SET(W_A(w), VALUE_FALSE); NEXT(1);)                   \
        SAVE();                                                               \
        if (UNLIKELY(compare_k(frame, w, Py_##name) < 0)) {                   \
            goto error;                                                       \
        }                                                                     \
        NEXT(1);                                                              \
    }

#define COMPARE_JUMP(name, op)                                                \
    TARGET(JUMP_##name): {                                                    \
        _PyValue v = RB, u = RC;                                              \
        bool wanted = W_X(w);                                                 \
        COMPARE_NUMBERS(op, if (wanted) { TAKE_JUMP(); } NEXT(2);,            \
                        if (!wanted) { TAKE_JUMP(); } NEXT(2);)               \
        SAVE();                                                               \
        int truth = compare_jump_regs(frame, w, Py_##name);                   \
        if (UNLIKELY(truth < 0)) {                                            \
            goto error;                                                       \
        }                                                                     \
        if (truth == (int)wanted) {                                           \
            TAKE_JUMP();                                                      \
        }                                                                     \
        NEXT(2);                                                              \
    }                                                                         \
    TARGET(JUMP_##name##_K): {                                                \
        _PyValue v = RB, u = numbers[W_C(w)];                                 \
        bool wanted = W_X(w);                                                 \
        COMPARE_NUMBERS(op, if (wanted) { TAKE_JUMP(); } NEXT(2);,            \
                        if (!wanted) { TAKE_JUMP(); } NEXT(2);)               \
        SAVE();                                                               \
        int truth = compare_jump_k(frame, w, Py_##name);                      \
        if (UNLIKELY(truth < 0)) {                                            \
            goto error;                                                       \
        }                                                                     \
        if (truth == (int)wanted) {                                           \
            TAKE_JUMP();                                                      \
        }                                                                     \
        NEXT(2);                                                              \
    }

#define COMPARE(name, op) COMPARE_STORE(name, op) COMPARE_JUMP(name, op)
COMPARE(LT, <)
COMPARE(LE, <=)
COMPARE(EQ, ==)
COMPARE(NE, !=)
COMPARE(GT, >)
COMPARE(GE, >=)
#undef COMPARE
#undef COMPARE_STORE
#undef COMPARE_JUMP
#undef COMPARE_NUMBERS

TARGET(IS): {
    bool is = value_is(RB, RC) != (bool)W_X(w);
    SAVE();
    finish_bc(regs, w, value_from_bool(is));
    NEXT(1);
}

OUTLINE(CONTAINS, 1)

/* -- Branches -------------------------------------------------------------------------------------- */

TARGET(JUMP): {
    TAKE_JUMP();
}

TARGET(JUMP_BACK): {
    POLL();
    TAKE_JUMP();
}

#define JUMP_IF(name, wanted)                                                 \
    TARGET(name): {                                                           \
        uint64_t v = RB.bits & ~_PyValue_BORROWED;                            \
        if (v == (uint64_t)(uintptr_t)Py_True) {                              \
            if (W_B_LAST(w)) { RB = _PyValue_DEAD; }                          \
            if (wanted) { TAKE_JUMP(); } else { NEXT(2); }                    \
        }                                                                     \
        if (v == (uint64_t)(uintptr_t)Py_False || v == (uint64_t)(uintptr_t)Py_None) { \
            if (W_B_LAST(w)) { RB = _PyValue_DEAD; }                          \
            if (wanted) { NEXT(2); } else { TAKE_JUMP(); }                    \
        }                                                                     \
        SAVE();                                                               \
        int truth = value_is_true_slow(RB);                                   \
        if (UNLIKELY(truth < 0)) {                                            \
            goto error;                                                       \
        }                                                                     \
        SPEND(W_B_LAST(w), W_BI(w));                                          \
        if (truth == (wanted)) {                                              \
            TAKE_JUMP();                                                      \
        }                                                                     \
        NEXT(2);                                                              \
    }

JUMP_IF(JUMP_IF_TRUE, 1)
JUMP_IF(JUMP_IF_FALSE, 0)
#undef JUMP_IF

TARGET(JUMP_IF_NONE): {
    if ((RB.bits & ~_PyValue_BORROWED) == (uint64_t)(uintptr_t)Py_None) {
        if (W_B_LAST(w)) {
            RB = _PyValue_DEAD;
        }
        TAKE_JUMP();
    }
    SPEND(W_B_LAST(w), W_BI(w));
    NEXT(2);
}

TARGET(JUMP_IF_NOT_NONE): {
    if ((RB.bits & ~_PyValue_BORROWED) == (uint64_t)(uintptr_t)Py_None) {
        if (W_B_LAST(w)) {
            RB = _PyValue_DEAD;
        }
        NEXT(2);
    }
    SPEND(W_B_LAST(w), W_BI(w));
    TAKE_JUMP();
}

TARGET(JUMP_IF_IS): {
    bool jump = value_is(RB, RC) == (bool)W_X(w);
    SPEND(W_B_LAST(w), W_BI(w));
    SPEND(W_C_LAST(w), W_CI(w));
    if (jump) {
        TAKE_JUMP();
    }
    NEXT(2);
}

TARGET(JUMP_IF_CONTAINS): {
    SAVE();
    int truth = contains_regs(frame, w);
    if (UNLIKELY(truth < 0)) {
        goto error;
    }
    if (truth == W_X(w)) {
        TAKE_JUMP();
    }
    NEXT(2);
}

/* Arithmetic: numbers inline, the rest out of line (binary.c).  Part of loop.c.

   The payload of an unboxed int shifted to the top of a word: sums and comparisons of payloads overflow and compare as
   51-bit integers do. */
#define PAYLOAD(v) ((int64_t)((v).bits << 13))
#define FROM_PAYLOAD(p) ((_PyValue){(uint64_t)((p) >> 13) | _PyValue_INT_TAG})
#define NUMBER_AS_DOUBLE(v) (_PyValue_IsInt(v) ? (double)_PyValue_AsInt(v) : _PyValue_AsDouble(v))

/* One operation in both forms.  A case stores and goes on, or falls through to the slow way. */
#define ARITH_BODY(name, INT_CASE, DOUBLE_CASE)                               \
        _PyValue r;                                                           \
        if (LIKELY(_PyValue_AreInts(v, u))) {                                 \
            INT_CASE(r, v, u)                                                 \
        }                                                                     \
        else if (_PyValue_IsNumber(v) && _PyValue_IsNumber(u)) {              \
            DOUBLE_CASE(r, v, u)                                              \
        }

#define ARITH_STORE(r) { SET(W_A(w), r); NEXT(1); }

#define ARITH(name, INT_CASE, DOUBLE_CASE)                                    \
    TARGET(BINARY_##name): {                                                  \
        _PyValue v = RB, u = RC;                                              \
        ARITH_BODY(name, INT_CASE, DOUBLE_CASE)                               \
        SAVE();                                                               \
        if (UNLIKELY(binary_regs(frame, w, KIND_##name) < 0)) {               \
            goto error;                                                       \
        }                                                                     \
        NEXT(1);                                                              \
    }                                                                         \
    TARGET(BINARY_##name##_K): {                                              \
        _PyValue v = RB, u = numbers[W_C(w)];                                 \
        ARITH_BODY(name, INT_CASE, DOUBLE_CASE)                               \
        SAVE();                                                               \
        if (UNLIKELY(binary_k(frame, w, KIND_##name) < 0)) {                  \
            goto error;                                                       \
        }                                                                     \
        NEXT(1);                                                              \
    }

#define DOUBLES(expression)                                                   \
    double x = NUMBER_AS_DOUBLE(v), y = NUMBER_AS_DOUBLE(u);                  \
    double z = (expression);                                                  \
    if (LIKELY(z == z)) {                                                     \
        r = _PyValue_FromDouble(z);                                           \
        ARITH_STORE(r)                                                        \
    }

#define NEVER(r, v, u) (void)r;

#define INT_ADD(r, v, u)                                                      \
    int64_t p;                                                                \
    if (LIKELY(!__builtin_add_overflow(PAYLOAD(v), PAYLOAD(u), &p))) {        \
        r = FROM_PAYLOAD(p);                                                  \
        ARITH_STORE(r)                                                        \
    }
#define DOUBLE_ADD(r, v, u) DOUBLES(x + y)

#define INT_SUB(r, v, u)                                                      \
    int64_t p;                                                                \
    if (LIKELY(!__builtin_sub_overflow(PAYLOAD(v), PAYLOAD(u), &p))) {        \
        r = FROM_PAYLOAD(p);                                                  \
        ARITH_STORE(r)                                                        \
    }
#define DOUBLE_SUB(r, v, u) DOUBLES(x - y)

#define INT_MUL(r, v, u)                                                      \
    int64_t p;                                                                \
    if (LIKELY(!__builtin_mul_overflow(PAYLOAD(v), _PyValue_AsInt(u), &p))) { \
        r = FROM_PAYLOAD(p);                                                  \
        ARITH_STORE(r)                                                        \
    }
#define DOUBLE_MUL(r, v, u) DOUBLES(x * y)

/* Both operands are exact as doubles, so the quotient is rounded once. */
#define INT_TRUEDIV(r, v, u)                                                  \
    int64_t n = _PyValue_AsInt(u);                                            \
    if (LIKELY(n != 0)) {                                                     \
        r = _PyValue_FromDouble((double)_PyValue_AsInt(v) / (double)n);       \
        ARITH_STORE(r)                                                        \
    }
#define DOUBLE_TRUEDIV(r, v, u)                                               \
    double x = NUMBER_AS_DOUBLE(v), y = NUMBER_AS_DOUBLE(u);                  \
    double z = x / y;                                                         \
    if (LIKELY(y != 0.0 && !(z != z))) {                                      \
        r = _PyValue_FromDouble(z);                                           \
        ARITH_STORE(r)                                                        \
    }

/* Quotient rounded down.  -2**50 // -1 does not fit and goes the slow way. */
#define INT_FLOORDIV(r, v, u)                                                 \
    int64_t m = _PyValue_AsInt(v), n = _PyValue_AsInt(u);                     \
    if (LIKELY(n != 0)) {                                                     \
        int64_t q = m / n;                                                    \
        q -= (q * n != m) & ((m ^ n) < 0);                                    \
        if (LIKELY(_PyValue_IntFits(q))) {                                    \
            r = _PyValue_FromInt(q);                                          \
            ARITH_STORE(r)                                                    \
        }                                                                     \
    }

#define INT_MOD(r, v, u)                                                      \
    int64_t m = _PyValue_AsInt(v), n = _PyValue_AsInt(u);                     \
    if (LIKELY(n != 0)) {                                                     \
        int64_t rest;                                                         \
        if (LIKELY(m >= 0 && n > 0 && ((m | n) >> 32) == 0)) {                \
            rest = (int64_t)((uint32_t)m % (uint32_t)n);                      \
        }                                                                     \
        else {                                                                \
            rest = m % n;                                                     \
            if (rest != 0 && (rest ^ n) < 0) {                                \
                rest += n;                                                    \
            }                                                                 \
        }                                                                     \
        r = _PyValue_FromInt(rest);                                           \
        ARITH_STORE(r)                                                        \
    }

#define INT_AND(r, v, u) r = (_PyValue){v.bits & u.bits}; ARITH_STORE(r)
#define INT_OR(r, v, u) r = (_PyValue){v.bits | u.bits}; ARITH_STORE(r)
#define INT_XOR(r, v, u) r = (_PyValue){(v.bits ^ u.bits) | _PyValue_INT_TAG}; ARITH_STORE(r)

#define INT_LSHIFT(r, v, u)                                                   \
    int64_t m = _PyValue_AsInt(v);                                            \
    uint64_t n = (uint64_t)_PyValue_AsInt(u);                                 \
    if (LIKELY(n < 51)) {                                                     \
        int64_t shifted = (int64_t)((uint64_t)m << n);                        \
        if (LIKELY(_PyValue_IntFits(shifted) && shifted >> n == m)) {         \
            r = _PyValue_FromInt(shifted);                                    \
            ARITH_STORE(r)                                                    \
        }                                                                     \
    }
#define INT_RSHIFT(r, v, u)                                                   \
    int64_t n = _PyValue_AsInt(u);                                            \
    if (LIKELY(n >= 0)) {                                                     \
        r = _PyValue_FromInt(_PyValue_AsInt(v) >> (n > 63 ? 63 : n));         \
        ARITH_STORE(r)                                                        \
    }

ARITH(ADD, INT_ADD, DOUBLE_ADD)
ARITH(SUB, INT_SUB, DOUBLE_SUB)
ARITH(MUL, INT_MUL, DOUBLE_MUL)
ARITH(TRUEDIV, INT_TRUEDIV, DOUBLE_TRUEDIV)
ARITH(FLOORDIV, INT_FLOORDIV, NEVER)
ARITH(MOD, INT_MOD, NEVER)
ARITH(AND, INT_AND, NEVER)
ARITH(OR, INT_OR, NEVER)
ARITH(XOR, INT_XOR, NEVER)
ARITH(LSHIFT, INT_LSHIFT, NEVER)
ARITH(RSHIFT, INT_RSHIFT, NEVER)

#define ARITH_SLOW(name)                                                      \
    TARGET(BINARY_##name): {                                                  \
        SAVE();                                                               \
        if (UNLIKELY(binary_regs(frame, w, KIND_##name) < 0)) {               \
            goto error;                                                       \
        }                                                                     \
        NEXT(1);                                                              \
    }                                                                         \
    TARGET(BINARY_##name##_K): {                                              \
        SAVE();                                                               \
        if (UNLIKELY(binary_k(frame, w, KIND_##name) < 0)) {                  \
            goto error;                                                       \
        }                                                                     \
        NEXT(1);                                                              \
    }

ARITH_SLOW(POW)
ARITH_SLOW(MATMUL)

TARGET(UNARY_NEG): {
    _PyValue v = RB;
    if (LIKELY(_PyValue_IsInt(v) && _PyValue_AsInt(v) != _PyValue_INT_MIN)) {
        SET(W_A(w), _PyValue_FromInt(-_PyValue_AsInt(v)));
        NEXT(1);
    }
    if (_PyValue_IsDouble(v)) {
        SET(W_A(w), _PyValue_FromDouble(-_PyValue_AsDouble(v)));
        NEXT(1);
    }
    SAVE();
    if (UNLIKELY(op_UNARY_NEG(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(1);
}

OUTLINE(UNARY_POS, 1)
OUTLINE(UNARY_INVERT, 1)

TARGET(UNARY_NOT): {
    uint64_t v = RB.bits & ~_PyValue_BORROWED;
    if (v == (uint64_t)(uintptr_t)Py_True) {
        if (W_B_LAST(w)) {
            RB = _PyValue_DEAD;
        }
        SET(W_A(w), VALUE_FALSE);
        NEXT(1);
    }
    if (v == (uint64_t)(uintptr_t)Py_False || v == (uint64_t)(uintptr_t)Py_None) {
        if (W_B_LAST(w)) {
            RB = _PyValue_DEAD;
        }
        SET(W_A(w), VALUE_TRUE);
        NEXT(1);
    }
    SAVE();
    if (UNLIKELY(op_UNARY_NOT(tstate, frame, w) < 0)) {
        goto error;
    }
    NEXT(1);
}

OUTLINE(TO_BOOL, 1)
#undef ARITH
#undef ARITH_BODY
#undef ARITH_SLOW

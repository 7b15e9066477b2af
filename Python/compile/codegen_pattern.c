/* Code generation: the match statement (PEP 634).

   While the pattern of one case is matched, temporaries are only added, never reused, so that every value has a register of its
   own; success and failure both clear all of them.  Names are bound after the whole pattern has matched. */
#include "codegen.h"

struct matcher {
    int fail;               /* label: this pattern does not match */
    PyObject *captures;     /* dict: name -> register */
    PyObject *registers;    /* dict: name -> register, of all alternatives of the case */
    int allow_irrefutable;
};

static int pattern(struct compiler *, pattern_ty, int, struct matcher *);

/* The subject (a temporary, not consumed) is bound to name when the case matches. */
static int
capture(struct compiler *c, location loc, PyObject *name, int subject, struct matcher *m)
{
    if (name == NULL) {
        return 0;
    }
    int has = PyDict_Contains(m->captures, name);
    if (has != 0) {
        return has < 0 ? -1 : error_at(c, loc, "multiple assignments to name %R in pattern", name);
    }
    PyObject *known = PyDict_GetItemWithError(m->registers, name);
    int reg;
    if (known != NULL) {
        reg = (int)PyLong_AsLong(known);
        TRY(emit(c, loc, OP_CLEAR, 0, reg, 0, 0));
    }
    else {
        reg = push_temps(c, 1);
        TRY(reg);
    }
    PyObject *value = PyLong_FromLong(reg);
    int result = value == NULL || PyDict_SetItem(m->captures, name, value) < 0 ||
                 PyDict_SetItem(m->registers, name, value) < 0;
    Py_XDECREF(value);
    return result ? -1 : emit(c, loc, OP_MOVE, 0, reg, subject | KEEP, 0);
}

static int
is_wildcard(pattern_ty p)
{
    return p->kind == MatchAs_kind && p->v.MatchAs.name == NULL && p->v.MatchAs.pattern == NULL;
}

static int
is_star_wildcard(pattern_ty p)
{
    return p->kind == MatchStar_kind && p->v.MatchStar.name == NULL;
}

static int
jump_unless(struct compiler *c, location loc, int reg, struct matcher *m)
{
    return emit_jump(c, loc, OP_JUMP_IF_FALSE, 0, reg, 0, 0, m->fail);
}

static int
pattern_value(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    expr_ty e = p->v.MatchValue.value;
    location loc = LOC(p);
    if (e->kind != Constant_kind && e->kind != Attribute_kind && e->kind != UnaryOp_kind && e->kind != BinOp_kind &&
        e->kind != JoinedStr_kind) {
        return error_at(c, loc, "patterns may only match literals and attribute lookups");
    }
    int depth = c->u->depth, value = operand(c, e, NULL);
    TRY(value);
    c->u->depth = depth;
    return emit_jump(c, loc, OP_JUMP_EQ, 0, subject | KEEP, value, 0, m->fail);
}

static int
pattern_singleton(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    location loc = LOC(p);
    int value = push_temps(c, 1);
    TRY(value);
    TRY(emit_const(c, loc, value, p->v.MatchSingleton.value));
    return emit_jump(c, loc, OP_JUMP_IF_IS, 0, subject | KEEP, value, 0, m->fail);
}

static int
compare_length(struct compiler *c, location loc, int subject, Py_ssize_t size, int exact, struct matcher *m)
{
    int length = push_temps(c, 1);
    TRY(length);
    TRY(emit(c, loc, OP_GET_LEN, 0, length, subject, 0));
    PyObject *number = PyLong_FromSsize_t(size);
    Py_ssize_t k = number ? add_const(c, number) : -1;
    Py_XDECREF(number);
    return k < 0 ? -1 : emit_jump(c, loc, exact ? OP_JUMP_EQ_K : OP_JUMP_GE_K, 0, length, (int)k, 0, m->fail);
}

/* Items without a star, or with a named star: unpack all. */
static int
unpack_items(struct compiler *c, location loc, asdl_pattern_seq *patterns, Py_ssize_t star, int subject, struct matcher *m)
{
    Py_ssize_t size = asdl_seq_LEN(patterns);
    int first = push_temps(c, (int)size);
    TRY(first);
    if (star >= 0) {
        if (size - star - 1 > 255) {
            return error_at(c, loc, "too many expressions in star-unpacking sequence pattern");
        }
        TRY(emit(c, loc, OP_UNPACK_EX, (int)(size - star - 1), first, subject | KEEP, (int)star));
    }
    else {
        TRY(emit(c, loc, OP_UNPACK_SEQUENCE, 0, first, subject | KEEP, (int)size));
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        pattern_ty item = asdl_seq_GET(patterns, i);
        if (i == star) {
            TRY(capture(c, LOC(item), item->v.MatchStar.name, first + (int)i, m));
        }
        else {
            int saved = m->allow_irrefutable;
            m->allow_irrefutable = 1;
            TRY(pattern(c, item, first + (int)i, m));
            m->allow_irrefutable = saved;
        }
    }
    return 0;
}

/* Items with `*_`: look at the others only. */
static int
index_items(struct compiler *c, location loc, asdl_pattern_seq *patterns, Py_ssize_t star, int subject, struct matcher *m)
{
    Py_ssize_t size = asdl_seq_LEN(patterns);
    for (Py_ssize_t i = 0; i < size; i++) {
        pattern_ty item = asdl_seq_GET(patterns, i);
        if (i == star || is_wildcard(item)) {
            continue;
        }
        int value = push_temps(c, 2), index = value + 1;
        TRY(value);
        if (i < star) {
            TRY(emit_const_steal(c, loc, index, PyLong_FromSsize_t(i)));
        }
        else {
            PyObject *number = PyLong_FromSsize_t(size - i);
            Py_ssize_t k = number ? add_const(c, number) : -1;
            Py_XDECREF(number);
            TRY(emit(c, loc, OP_GET_LEN, 0, index, subject, 0));
            TRY(k < 0 ? -1 : emit(c, loc, OP_BINARY_SUB_K, 0, index, index, (int)k));
        }
        TRY(emit(c, loc, OP_GETITEM, 0, value, subject | KEEP, index));
        int saved = m->allow_irrefutable;
        m->allow_irrefutable = 1;
        TRY(pattern(c, item, value, m));
        m->allow_irrefutable = saved;
    }
    return 0;
}

static int
pattern_sequence(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    location loc = LOC(p);
    asdl_pattern_seq *patterns = p->v.MatchSequence.patterns;
    Py_ssize_t size = asdl_seq_LEN(patterns), star = -1;
    int only_wildcards = 1, star_wildcard = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        pattern_ty item = asdl_seq_GET(patterns, i);
        if (item->kind == MatchStar_kind) {
            if (star >= 0) {
                return error_at(c, loc, "multiple starred expressions in sequence pattern");
            }
            star = i;
            star_wildcard = is_star_wildcard(item);
            only_wildcards &= star_wildcard;
        }
        else {
            only_wildcards &= is_wildcard(item);
        }
    }
    int test = push_temps(c, 1);
    TRY(test);
    TRY(emit(c, loc, OP_MATCH_SEQUENCE, 0, test, subject, 0));
    TRY(jump_unless(c, loc, test, m));
    if (star < 0) {
        TRY(compare_length(c, loc, subject, size, 1, m));
    }
    else if (size > 1) {
        TRY(compare_length(c, loc, subject, size - 1, 0, m));
    }
    if (only_wildcards) {
        return 0;
    }
    return star_wildcard ? index_items(c, loc, patterns, star, subject, m)
                         : unpack_items(c, loc, patterns, star, subject, m);
}

static int
check_mapping_keys(struct compiler *c, pattern_ty p)
{
    PyObject *seen = PySet_New(NULL);
    asdl_expr_seq *keys = p->v.MatchMapping.keys;
    int result = seen ? 0 : -1;
    for (Py_ssize_t i = 0; result == 0 && i < asdl_seq_LEN(keys); i++) {
        expr_ty key = asdl_seq_GET(keys, i);
        if (key == NULL) {
            result = error_at(c, LOC(p), "can't use NULL keys in MatchMapping (set 'rest' parameter instead)");
        }
        else if (key->kind == Constant_kind) {
            int has = PySet_Contains(seen, key->v.Constant.value);
            result = has < 0 ? -1
                     : has ? error_at(c, LOC(p), "mapping pattern checks duplicate key (%R)", key->v.Constant.value)
                           : PySet_Add(seen, key->v.Constant.value);
        }
        else if (key->kind != Attribute_kind && key->kind != UnaryOp_kind && key->kind != BinOp_kind) {
            result = error_at(c, LOC(p), "mapping pattern keys may only match literals and attribute lookups");
        }
    }
    Py_XDECREF(seen);
    return result;
}

static int
pattern_mapping(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    location loc = LOC(p);
    asdl_expr_seq *keys = p->v.MatchMapping.keys;
    asdl_pattern_seq *patterns = p->v.MatchMapping.patterns;
    Py_ssize_t size = asdl_seq_LEN(keys);
    if (size != asdl_seq_LEN(patterns)) {
        return error_at(c, loc, "keys (%zd) / patterns (%zd) length mismatch in mapping pattern", size,
                        asdl_seq_LEN(patterns));
    }
    int test = push_temps(c, 1);
    TRY(test);
    TRY(emit(c, loc, OP_MATCH_MAPPING, 0, test, subject, 0));
    TRY(jump_unless(c, loc, test, m));
    if (size == 0 && p->v.MatchMapping.rest == NULL) {
        return 0;
    }
    if (size > 0) {
        TRY(compare_length(c, loc, subject, size, 0, m));
    }
    TRY(check_mapping_keys(c, p));
    int first = top(c);
    for (Py_ssize_t i = 0; i < size; i++) {
        TRY(push_expr(c, asdl_seq_GET(keys, i)));
    }
    if (size == 0) {
        TRY(push_temps(c, 1));
    }
    TRY(emit(c, loc, OP_BUILD_TUPLE, 0, first, first, (int)size));
    int key_tuple = first, values = push_temps(c, 1);
    TRY(values);
    TRY(emit(c, loc, OP_MATCH_KEYS, 0, values, subject, key_tuple));
    TRY(emit_jump(c, loc, OP_JUMP_IF_NONE, 0, values | KEEP, 0, 0, m->fail));
    if (size > 0) {
        int items = push_temps(c, (int)size);
        TRY(items);
        TRY(emit(c, loc, OP_UNPACK_SEQUENCE, 0, items, values | KEEP, (int)size));
        for (Py_ssize_t i = 0; i < size; i++) {
            int saved = m->allow_irrefutable;
            m->allow_irrefutable = 1;
            TRY(pattern(c, asdl_seq_GET(patterns, i), items + (int)i, m));
            m->allow_irrefutable = saved;
        }
    }
    if (p->v.MatchMapping.rest != NULL) {
        /* rest = dict(subject) without the keys */
        int rest = push_temps(c, 1);
        TRY(rest);
        TRY(emit(c, loc, OP_BUILD_MAP, 0, rest, rest, 0));
        TRY(emit(c, loc, OP_DICT_UPDATE, 0, rest, subject | KEEP, 0));
        if (size > 0) {
            int removed = push_temps(c, (int)size);
            TRY(removed);
            TRY(emit(c, loc, OP_UNPACK_SEQUENCE, 0, removed, key_tuple | KEEP, (int)size));
            for (Py_ssize_t i = 0; i < size; i++) {
                TRY(emit(c, loc, OP_DELITEM, 0, rest | KEEP, removed + (int)i, 0));
            }
        }
        TRY(capture(c, loc, p->v.MatchMapping.rest, rest, m));
    }
    return 0;
}

static int
pattern_class(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    location loc = LOC(p);
    asdl_pattern_seq *patterns = p->v.MatchClass.patterns, *kwd_patterns = p->v.MatchClass.kwd_patterns;
    asdl_identifier_seq *names = p->v.MatchClass.kwd_attrs;
    Py_ssize_t nargs = asdl_seq_LEN(patterns), nkeywords = asdl_seq_LEN(names);
    for (Py_ssize_t i = 0; i < nkeywords; i++) {
        for (Py_ssize_t k = i + 1; k < nkeywords; k++) {
            if (PyUnicode_Compare(asdl_seq_GET(names, i), asdl_seq_GET(names, k)) == 0) {
                return error_at(c, LOC(asdl_seq_GET(kwd_patterns, k)), "attribute name repeated in class pattern: %U",
                                asdl_seq_GET(names, k));
            }
        }
    }
    PyObject *tuple = PyTuple_New(nkeywords);
    for (Py_ssize_t i = 0; tuple != NULL && i < nkeywords; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(asdl_seq_GET(names, i)));
    }
    int block = push_temps(c, 3);
    int failed = tuple == NULL || block < 0 || emit(c, loc, OP_MOVE, 0, block, subject | KEEP, 0) < 0 ||
                 expr_into(c, p->v.MatchClass.cls, block + 1) < 0 || emit_const(c, loc, block + 2, tuple) < 0;
    Py_XDECREF(tuple);
    if (failed) {
        return -1;
    }
    TRY(emit(c, loc, OP_MATCH_CLASS, 0, block, block, (int)nargs));
    TRY(emit_jump(c, loc, OP_JUMP_IF_NONE, 0, block | KEEP, 0, 0, m->fail));
    int items = push_temps(c, (int)(nargs + nkeywords));
    TRY(items);
    TRY(emit(c, loc, OP_UNPACK_SEQUENCE, 0, items, block | KEEP, (int)(nargs + nkeywords)));
    for (Py_ssize_t i = 0; i < nargs + nkeywords; i++) {
        pattern_ty item = i < nargs ? asdl_seq_GET(patterns, i) : asdl_seq_GET(kwd_patterns, i - nargs);
        if (is_wildcard(item)) {
            continue;
        }
        int saved = m->allow_irrefutable;
        m->allow_irrefutable = 1;
        TRY(pattern(c, item, items + (int)i, m));
        m->allow_irrefutable = saved;
    }
    return 0;
}

static int
same_names(PyObject *a, PyObject *b)
{
    PyObject *name, *value;
    Py_ssize_t position = 0;
    if (PyDict_GET_SIZE(a) != PyDict_GET_SIZE(b)) {
        return 0;
    }
    while (PyDict_Next(a, &position, &name, &value)) {
        if (PyDict_Contains(b, name) <= 0) {
            return 0;
        }
    }
    return 1;
}

static int
pattern_or(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    asdl_pattern_seq *patterns = p->v.MatchOr.patterns;
    Py_ssize_t size = asdl_seq_LEN(patterns);
    int end = new_label(c), fail = m->fail, irrefutable = m->allow_irrefutable, result = -1;
    PyObject *before = m->captures, *first = NULL;
    TRY(end);
    for (Py_ssize_t i = 0; i < size; i++) {
        pattern_ty alternative = asdl_seq_GET(patterns, i);
        int next = i + 1 < size ? new_label(c) : fail;
        m->captures = PyDict_Copy(before);
        m->fail = next;
        m->allow_irrefutable = i + 1 == size && irrefutable;
        if (m->captures == NULL || next < 0 || pattern(c, alternative, subject, m) < 0) {
            goto done;
        }
        if (first == NULL) {
            first = Py_NewRef(m->captures);
        }
        else if (!same_names(first, m->captures)) {
            error_at(c, LOC(p), "alternative patterns bind different names");
            goto done;
        }
        if (i + 1 < size) {
            if (emit_jump(c, LOC(alternative), OP_JUMP, 0, 0, 0, 0, end) < 0) {
                goto done;
            }
            use_label(c, next);
            Py_CLEAR(m->captures);
        }
    }
    use_label(c, end);
    result = PyDict_Update(before, first);
done:
    Py_XDECREF(first);
    Py_XDECREF(m->captures);
    m->captures = before;
    m->fail = fail;
    m->allow_irrefutable = irrefutable;
    return result;
}

static int
pattern_as(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    if (p->v.MatchAs.pattern == NULL) {
        if (!m->allow_irrefutable) {
            if (p->v.MatchAs.name != NULL) {
                return error_at(c, LOC(p), "name capture %R makes remaining patterns unreachable", p->v.MatchAs.name);
            }
            return error_at(c, LOC(p), "wildcard makes remaining patterns unreachable");
        }
        return capture(c, LOC(p), p->v.MatchAs.name, subject, m);
    }
    TRY(pattern(c, p->v.MatchAs.pattern, subject, m));
    return capture(c, LOC(p), p->v.MatchAs.name, subject, m);
}

/* subject is a temporary and stays. */
static int
pattern(struct compiler *c, pattern_ty p, int subject, struct matcher *m)
{
    TRY(Py_EnterRecursiveCall(" during compilation"));
    int result;
    switch (p->kind) {
    case MatchValue_kind: result = pattern_value(c, p, subject, m); break;
    case MatchSingleton_kind: result = pattern_singleton(c, p, subject, m); break;
    case MatchSequence_kind: result = pattern_sequence(c, p, subject, m); break;
    case MatchMapping_kind: result = pattern_mapping(c, p, subject, m); break;
    case MatchClass_kind: result = pattern_class(c, p, subject, m); break;
    case MatchStar_kind: result = capture(c, LOC(p), p->v.MatchStar.name, subject, m); break;
    case MatchAs_kind: result = pattern_as(c, p, subject, m); break;
    case MatchOr_kind: result = pattern_or(c, p, subject, m); break;
    default:
        PyErr_Format(PyExc_SystemError, "invalid match pattern");
        result = -1;
    }
    Py_LeaveRecursiveCall();
    return result;
}

static int
clear_range(struct compiler *c, int from, int to)
{
    for (int reg = from; reg < to; reg++) {
        TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, reg, 0, 0));
    }
    return 0;
}

static int
match_case_code(struct compiler *c, match_case_ty mc, int subject, int is_last, int end)
{
    struct unit *u = c->u;
    int fail = new_label(c), bottom = u->depth, result = -1;
    TRY(fail);
    struct matcher m = {fail, PyDict_New(), PyDict_New(), mc->guard != NULL || is_last};
    if (m.captures == NULL || m.registers == NULL || pattern(c, mc->pattern, subject, &m) < 0) {
        goto done;
    }
    PyObject *name, *reg;
    Py_ssize_t position = 0;
    while (PyDict_Next(m.captures, &position, &name, &reg)) {
        if (store_name(c, LOC(mc->pattern), name, (int)PyLong_AsLong(reg)) < 0) {
            goto done;
        }
    }
    if (mc->guard != NULL && jump_if(c, mc->guard, fail, 0) < 0) {
        goto done;
    }
    int limit = REG_TEMP + u->depth;
    if (clear_range(c, REG_TEMP + bottom, limit) < 0) {
        goto done;
    }
    u->depth = bottom;
    /* the subject dies before the body */
    if (emit(c, NO_LOCATION, OP_CLEAR, 0, subject, 0, 0) < 0) {
        goto done;
    }
    if (body(c, mc->body) < 0 || emit_jump(c, NO_LOCATION, OP_JUMP, 0, 0, 0, 0, end) < 0) {
        goto done;
    }
    u->reachable = 0;
    use_label(c, fail);
    result = clear_range(c, REG_TEMP + bottom, limit);
done:
    Py_XDECREF(m.captures);
    Py_XDECREF(m.registers);
    return result;
}

int
match_stmt(struct compiler *c, stmt_ty s)
{
    int base = c->u->depth, subject = push_expr(c, s->v.Match.subject), end = new_label(c);
    Py_ssize_t count = asdl_seq_LEN(s->v.Match.cases);
    TRY(subject);
    TRY(end);
    for (Py_ssize_t i = 0; i < count; i++) {
        TRY(match_case_code(c, asdl_seq_GET(s->v.Match.cases, i), subject, i == count - 1, end));
    }
    TRY(emit(c, NO_LOCATION, OP_CLEAR, 0, subject, 0, 0));
    use_label(c, end);
    c->u->depth = base;
    return 0;
}

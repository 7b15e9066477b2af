/* The assembler: from a unit's list of instructions to a code object.

   Steps: checks of locals that are surely bound are dropped (forward data flow over the control-flow graph); jumps to jumps are
   threaded; virtual registers are packed; words, exception rows and the location table are written. */
#include "codegen.h"
#include "pycore_pyerrors.h"

static const struct {
    uint8_t words;
    uint8_t jumps;      /* has a jump offset in its extension word */
    uint8_t ends;       /* control never falls through */
    char a, b, c;
} ops[] = {
#define J 1
#define RAISES 0
#define CACHED 0
#define POLL 0
#define CALLS 0
#define END 2
#define OP(name, ka, kb, kc, nwords, effects, description) \
    {nwords, (effects) & 1, ((effects) & 2) != 0, #ka[0], #kb[0], #kc[0]},
#include "opcodes.def"
#undef OP
#undef J
#undef RAISES
#undef CACHED
#undef POLL
#undef CALLS
#undef END
};

/* Kinds spelt with one letter: K, KW, N, NW and I, _ are not registers. */
static int
is_register(char kind)
{
    return kind == 'D' || kind == 'S' || kind == 'R' || kind == 'B';
}

/* -- Bound locals: data flow ---------------------------------------------------------------------------- */

struct block {
    int start, end;         /* instructions */
    uint64_t *in;           /* bit set: bound for sure; NULL until reached */
    int queued;
};

struct flow {
    struct unit *u;
    struct block *blocks;
    int nblocks;
    int *block_at;          /* instruction -> block that starts there, or -1 */
    uint64_t *sets;         /* storage of all sets */
    int nlocals, nwords, nhidden;
    int *queue, queue_length;
};

/* The bit of a virtual register that is a local or hidden variable, or -1. */
static int
bit_of(const struct flow *f, int reg)
{
    if (reg < REG_CELL) {
        return reg;
    }
    if (reg >= REG_HIDDEN && reg < REG_TEMP) {
        return f->nlocals + reg - REG_HIDDEN;
    }
    return -1;
}

static void
set_bit(uint64_t *set, int bit)
{
    if (bit >= 0) {
        set[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
}

static void
clear_bit(uint64_t *set, int bit)
{
    if (bit >= 0) {
        set[bit / 64] &= ~((uint64_t)1 << (bit % 64));
    }
}

static int
get_bit(const uint64_t *set, int bit)
{
    return bit < 0 || (set[bit / 64] >> (bit % 64) & 1);
}

/* What the instruction does to a set of bound locals. */
static void
transfer(const struct flow *f, const struct instruction *i, uint64_t *set)
{
    switch (i->op) {
    case OP_CLEAR:
    case OP_DELETE_FAST:
        clear_bit(set, bit_of(f, i->a));
        break;
    case OP_CHECK_BOUND:
    case OP_MAKE_CELL:
        set_bit(set, bit_of(f, i->a));
        break;
    default:
        if (ops[i->op].a == 'D') {
            set_bit(set, bit_of(f, i->a & ~OPERAND_LAST_USE));
        }
        break;
    }
}

/* set flows into a block: 1 if that changed anything. */
static int
merge(struct flow *f, int block, const uint64_t *set)
{
    struct block *b = &f->blocks[block];
    int changed = 0;
    if (b->in == NULL) {
        b->in = f->sets + (size_t)block * f->nwords;
        memcpy(b->in, set, f->nwords * sizeof *set);
        changed = 1;
    }
    else {
        for (int w = 0; w < f->nwords; w++) {
            uint64_t both = b->in[w] & set[w];
            changed |= both != b->in[w];
            b->in[w] = both;
        }
    }
    if (changed && !b->queued) {
        b->queued = 1;
        f->queue[f->queue_length++] = block;
    }
    return changed;
}

static int
label_position(const struct unit *u, int label)
{
    return u->labels[label].position;
}

static void
flow_block(struct flow *f, int number, uint64_t *set, uint64_t *least)
{
    struct block *b = &f->blocks[number];
    struct unit *u = f->u;
    memcpy(set, b->in, f->nwords * sizeof *set);
    int handler = -1;
    for (int i = b->start; i < b->end; i++) {
        const struct instruction *ins = &u->code[i];
        if (ins->handler >= 0) {
            if (ins->handler != handler) {
                handler = ins->handler;
                memcpy(least, set, f->nwords * sizeof *set);
            }
            merge(f, f->block_at[label_position(u, u->handlers[handler].label)], set);
        }
        if (ins->target >= 0 && (ins->op == OP_FOR_ITER)) {
            merge(f, f->block_at[label_position(u, ins->target)], set);
        }
        transfer(f, ins, set);
        if (ins->target >= 0 && ins->op != OP_FOR_ITER) {
            merge(f, f->block_at[label_position(u, ins->target)], set);
        }
        if (ins->handler >= 0 && (ins->op == OP_CLEAR || ins->op == OP_DELETE_FAST)) {
            merge(f, f->block_at[label_position(u, u->handlers[ins->handler].label)], set);
        }
    }
    if (b->end > b->start && !ops[u->code[b->end - 1].op].ends && b->end < u->ncode) {
        merge(f, f->block_at[b->end], set);
    }
    if (b->end > b->start && u->code[b->end - 1].op == OP_RETURN_GENERATOR && b->end < u->ncode) {
        merge(f, f->block_at[b->end], set);
    }
}

static int
find_blocks(struct flow *f)
{
    struct unit *u = f->u;
    for (int i = 0; i <= u->ncode; i++) {
        f->block_at[i] = -1;
    }
    f->block_at[0] = 0;
    for (int i = 0; i < u->nlabels; i++) {
        if (u->labels[i].used && u->labels[i].position >= 0 && u->labels[i].position < u->ncode) {
            f->block_at[u->labels[i].position] = 0;
        }
    }
    for (int i = 0; i < u->ncode - 1; i++) {
        if (u->code[i].target >= 0 || ops[u->code[i].op].ends) {
            f->block_at[i + 1] = 0;
        }
    }
    f->nblocks = 0;
    for (int i = 0; i < u->ncode; i++) {
        f->nblocks += f->block_at[i] == 0;
    }
    f->blocks = PyMem_Calloc((size_t)f->nblocks + 1, sizeof *f->blocks);
    if (f->blocks == NULL) {
        return -1;
    }
    int number = -1;
    for (int i = 0; i < u->ncode; i++) {
        if (f->block_at[i] == 0) {
            if (number >= 0) {
                f->blocks[number].end = i;
            }
            f->block_at[i] = ++number;
            f->blocks[number].start = i;
        }
    }
    f->blocks[number].end = u->ncode;
    return 0;
}

/* Turns checks that cannot fail into NOPs without a place, which the writer drops. */
static int
drop_bound_checks(struct compiler *c)
{
    struct unit *u = c->u;
    struct flow f = {.u = u, .nlocals = (int)PyDict_GET_SIZE(u->varnames),
                     .nhidden = (int)PyList_GET_SIZE(u->hidden_names)};
    int result = -1;
    f.nwords = (f.nlocals + f.nhidden + 63) / 64;
    if (f.nwords == 0 || u->ncode == 0) {
        return 0;
    }
    f.block_at = PyMem_Malloc(((size_t)u->ncode + 1) * sizeof *f.block_at);
    if (f.block_at == NULL || find_blocks(&f) < 0) {
        goto done;
    }
    f.sets = PyMem_Calloc((size_t)(f.nblocks + 2) * f.nwords, sizeof *f.sets);
    f.queue = PyMem_Malloc(((size_t)f.nblocks + 1) * sizeof *f.queue);
    if (f.sets == NULL || f.queue == NULL) {
        goto done;
    }
    uint64_t *set = f.sets + (size_t)f.nblocks * f.nwords, *least = set + f.nwords;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(u->entry->ste_varnames); i++) {
        set_bit(set, (int)i);
    }
    merge(&f, 0, set);
    while (f.queue_length > 0) {
        int number = f.queue[--f.queue_length];
        f.blocks[number].queued = 0;
        flow_block(&f, number, set, least);
    }
    for (int b = 0; b < f.nblocks; b++) {
        if (f.blocks[b].in == NULL) {
            continue;
        }
        memcpy(set, f.blocks[b].in, f.nwords * sizeof *set);
        for (int i = f.blocks[b].start; i < f.blocks[b].end; i++) {
            struct instruction *ins = &u->code[i];
            if (ins->op == OP_CHECK_BOUND && get_bit(set, bit_of(&f, ins->a))) {
                ins->op = OP_NOP;
                ins->loc = NO_LOCATION;
                continue;
            }
            transfer(&f, ins, set);
        }
    }
    result = 0;
done:
    if (result < 0) {
        PyErr_NoMemory();
    }
    PyMem_Free(f.block_at);
    PyMem_Free(f.blocks);
    PyMem_Free(f.sets);
    PyMem_Free(f.queue);
    return result;
}

/* -- Which instructions stay ------------------------------------------------------------------------------- */

/* A NOP stays only where it is the one instruction of its line. */
static int
is_dropped(const struct unit *u, int i)
{
    const struct instruction *ins = &u->code[i];
    if (ins->op != OP_NOP) {
        return 0;
    }
    if (ins->loc.lineno < 0) {
        return 1;
    }
    for (int k = i + 1; k < u->ncode; k++) {
        if (u->code[k].op == OP_NOP && u->code[k].loc.lineno < 0) {
            continue;
        }
        if (u->code[k].loc.lineno == ins->loc.lineno) {
            return 1;
        }
        break;
    }
    for (int k = i - 1; k >= 0; k--) {
        if (u->code[k].op == OP_NOP && u->code[k].loc.lineno < 0) {
            continue;
        }
        return u->code[k].loc.lineno == ins->loc.lineno && !ops[u->code[k].op].ends && u->code[k].target < 0;
    }
    return 0;
}

static void
thread_jumps(struct unit *u)
{
    for (int i = 0; i < u->ncode; i++) {
        struct instruction *ins = &u->code[i];
        for (int hops = 0; ins->target >= 0 && hops < 8; hops++) {
            int position = label_position(u, ins->target);
            while (position < u->ncode && u->code[position].op == OP_NOP && u->code[position].loc.lineno < 0) {
                position++;
            }
            if (position >= u->ncode || u->code[position].op != OP_JUMP || position <= i) {
                break;
            }
            ins->target = u->code[position].target;
        }
    }
}

/* -- Registers ----------------------------------------------------------------------------------------------- */

struct packing {
    int nlocals, ncells, nfree, nhidden;
    int *cell_slot;         /* cell index -> packed register */
    int temp_base;
};

static uint16_t
pack_register(const struct packing *p, uint16_t operand_value)
{
    int reg = operand_value;
    if (reg & OPERAND_LAST_USE) {
        return (uint16_t)((p->temp_base + (reg & 0x7FFF) - REG_TEMP) | OPERAND_LAST_USE);
    }
    if (reg >= REG_TEMP) {
        return (uint16_t)(p->temp_base + reg - REG_TEMP);
    }
    if (reg >= REG_HIDDEN) {
        return (uint16_t)(p->nlocals + p->ncells + p->nfree + reg - REG_HIDDEN);
    }
    if (reg >= REG_FREE) {
        return (uint16_t)(p->nlocals + p->ncells + reg - REG_FREE);
    }
    if (reg >= REG_CELL) {
        return (uint16_t)p->cell_slot[reg - REG_CELL];
    }
    return (uint16_t)reg;
}

/* Names and kinds of all registers below the temporaries. */
static int
pack_names(struct compiler *c, struct packing *p, PyObject **names, PyObject **kinds)
{
    struct unit *u = c->u;
    Py_ssize_t nargs = PyList_GET_SIZE(u->entry->ste_varnames), position = 0;
    PyObject *name, *index;
    p->nlocals = (int)PyDict_GET_SIZE(u->varnames);
    p->nfree = (int)PyDict_GET_SIZE(u->freevars);
    p->nhidden = (int)PyList_GET_SIZE(u->hidden_names);
    p->cell_slot = PyMem_Calloc((size_t)PyDict_GET_SIZE(u->cellvars) + 1, sizeof *p->cell_slot);
    if (p->cell_slot == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    while (PyDict_Next(u->cellvars, &position, &name, &index)) {
        PyObject *local = PyDict_GetItemWithError(u->varnames, name);
        int at = local ? (int)PyLong_AsLong(local) : -1;
        p->cell_slot[PyLong_AsLong(index)] = at >= 0 && at < nargs ? at : p->nlocals + p->ncells++;
    }
    int total = p->nlocals + p->ncells + p->nfree + p->nhidden;
    p->temp_base = total;
    *names = PyTuple_New(total);
    *kinds = PyBytes_FromStringAndSize(NULL, total);
    if (*names == NULL || *kinds == NULL) {
        return -1;
    }
    unsigned char *kind = (unsigned char *)PyBytes_AS_STRING(*kinds);
    position = 0;
    while (PyDict_Next(u->varnames, &position, &name, &index)) {
        Py_ssize_t i = PyLong_AsSsize_t(index);
        PyObject *shown = PyUnicode_EqualToUTF8(name, ".format") ? PyUnicode_InternFromString("format")
                                                                 : Py_NewRef(name);
        if (shown == NULL) {
            return -1;
        }
        PyTuple_SET_ITEM(*names, i, shown);
        kind[i] = CO_FAST_LOCAL;
        int positional = u->argcount, keyword = positional + u->kwonlyargcount;
        if (i < u->posonlyargcount) {
            kind[i] |= CO_FAST_ARG_POS;
        }
        else if (i < positional) {
            kind[i] |= CO_FAST_ARG_POS | CO_FAST_ARG_KW;
        }
        else if (i < keyword) {
            kind[i] |= CO_FAST_ARG_KW;
        }
        else if (i < nargs) {
            int is_vararg = u->entry->ste_varargs && i == keyword;
            kind[i] |= CO_FAST_ARG_VAR | (is_vararg ? CO_FAST_ARG_POS : CO_FAST_ARG_KW);
        }
    }
    position = 0;
    while (PyDict_Next(u->cellvars, &position, &name, &index)) {
        int slot = p->cell_slot[PyLong_AsLong(index)];
        if (slot < p->nlocals) {
            kind[slot] |= CO_FAST_CELL;
        }
        else {
            PyTuple_SET_ITEM(*names, slot, Py_NewRef(name));
            kind[slot] = CO_FAST_CELL;
        }
    }
    position = 0;
    while (PyDict_Next(u->freevars, &position, &name, &index)) {
        Py_ssize_t slot = p->nlocals + p->ncells + PyLong_AsSsize_t(index);
        PyTuple_SET_ITEM(*names, slot, Py_NewRef(name));
        kind[slot] = CO_FAST_FREE;
    }
    for (int i = 0; i < p->nhidden; i++) {
        int slot = p->nlocals + p->ncells + p->nfree + i;
        PyTuple_SET_ITEM(*names, slot, Py_NewRef(PyList_GET_ITEM(u->hidden_names, i)));
        kind[slot] = CO_FAST_HIDDEN;
    }
    return 0;
}

/* -- Location table: the format of the reference, one unit a word --------------------------------------------- */

struct bytes {
    unsigned char *data;
    Py_ssize_t size, capacity;
};

static int
put(struct bytes *b, int byte)
{
    if (b->size == b->capacity) {
        Py_ssize_t capacity = b->capacity ? b->capacity * 2 : 256;
        unsigned char *data = PyMem_Realloc(b->data, (size_t)capacity);
        if (data == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        b->data = data;
        b->capacity = capacity;
    }
    b->data[b->size++] = (unsigned char)byte;
    return 0;
}

static int
put_varint(struct bytes *b, unsigned value)
{
    while (value >= 64) {
        TRY(put(b, (int)(value & 63) | 64));
        value >>= 6;
    }
    return put(b, (int)value);
}

static int
put_svarint(struct bytes *b, int value)
{
    return put_varint(b, value < 0 ? ((unsigned)-value << 1) | 1 : (unsigned)value << 1);
}

static int
put_location(struct bytes *b, location loc, int words, int *line)
{
    while (words > 8) {
        TRY(put_location(b, loc, 8, line));
        words -= 8;
    }
    int length = words - 1;
    if (loc.lineno < 0) {
        return put(b, 0x80 | PY_CODE_LOCATION_INFO_NONE << 3 | length);
    }
    int delta = loc.lineno - *line, column = loc.col_offset, end_column = loc.end_col_offset;
    *line = loc.lineno;
    if (column < 0 || end_column < 0) {
        if (loc.end_lineno == loc.lineno || loc.end_lineno < 0) {
            TRY(put(b, 0x80 | PY_CODE_LOCATION_INFO_NO_COLUMNS << 3 | length));
            return put_svarint(b, delta);
        }
    }
    else if (loc.end_lineno == loc.lineno) {
        if (delta == 0 && column < 80 && end_column - column < 16 && end_column >= column) {
            TRY(put(b, 0x80 | (column >> 3) << 3 | length));
            return put(b, (column & 7) << 4 | (end_column - column));
        }
        if (delta >= 0 && delta < 3 && column < 128 && end_column < 128) {
            TRY(put(b, 0x80 | (PY_CODE_LOCATION_INFO_ONE_LINE0 + delta) << 3 | length));
            TRY(put(b, column));
            return put(b, end_column);
        }
    }
    TRY(put(b, 0x80 | PY_CODE_LOCATION_INFO_LONG << 3 | length));
    TRY(put_svarint(b, delta));
    TRY(put_varint(b, loc.end_lineno > loc.lineno ? (unsigned)(loc.end_lineno - loc.lineno) : 0));
    TRY(put_varint(b, (unsigned)(column + 1)));
    return put_varint(b, (unsigned)(end_column + 1));
}

static int
same_location(location a, location b)
{
    return a.lineno == b.lineno && a.col_offset == b.col_offset && a.end_lineno == b.end_lineno &&
           a.end_col_offset == b.end_col_offset;
}

static PyObject *
location_table(const struct unit *u, const int *start)
{
    struct bytes b = {NULL, 0, 0};
    int line = u->firstlineno, words = 0;
    location pending = NO_LOCATION;
    PyObject *result = NULL;
    for (int i = 0; i < u->ncode; i++) {
        int size = start[i + 1] - start[i];
        if (size == 0) {
            continue;
        }
        if (words > 0 && !same_location(pending, u->code[i].loc)) {
            if (put_location(&b, pending, words, &line) < 0) {
                goto done;
            }
            words = 0;
        }
        pending = u->code[i].loc;
        words += size;
    }
    if (words > 0 && put_location(&b, pending, words, &line) < 0) {
        goto done;
    }
    result = PyBytes_FromStringAndSize((char *)b.data, b.size);
done:
    PyMem_Free(b.data);
    return result;
}

/* Code without a place of its own (what a statement leaves to clean up) belongs to the line before it. */
static void
propagate_locations(struct unit *u)
{
    location last = NO_LOCATION;
    for (int i = 0; i < u->ncode; i++) {
        struct instruction *ins = &u->code[i];
        if (ins->op == OP_NOP && ins->loc.lineno < 0) {
            continue;
        }
        int starts_handler = 0;
        for (int k = 0; ins->loc.lineno < 0 && k < u->nhandlers; k++) {
            starts_handler |= label_position(u, u->handlers[k].label) == i;
        }
        if (starts_handler) {
            last = NO_LOCATION;
        }
        if (ins->loc.lineno < 0) {
            if (ins->op != OP_MAKE_CELL && ins->op != OP_COPY_FREE_VARS) {
                ins->loc = last;
            }
        }
        else {
            last = ins->loc;
        }
    }
}

/* -- Exception table --------------------------------------------------------------------------------------------- */

static PyObject *
exception_table(const struct unit *u, const int *start, const struct packing *p)
{
    Py_ssize_t count = 0;
    _PyExceptionTableRow *rows = PyMem_Malloc(((size_t)u->ncode + 1) * sizeof *rows);
    if (rows == NULL) {
        return PyErr_NoMemory();
    }
    for (int i = 0; i < u->ncode; i++) {
        int handler = u->code[i].handler;
        if (handler < 0 || start[i] == start[i + 1]) {
            continue;
        }
        const struct handler *h = &u->handlers[handler];
        _PyExceptionTableRow row = {(uint32_t)start[i], (uint32_t)start[i + 1],
                                    (uint32_t)start[label_position(u, h->label)], (uint16_t)(p->temp_base + h->depth),
                                    (uint16_t)h->lasti};
        _PyExceptionTableRow *last = count > 0 ? &rows[count - 1] : NULL;
        if (last != NULL && last->end == row.start && last->handler == row.handler && last->depth == row.depth &&
            last->lasti == row.lasti) {
            last->end = row.end;
        }
        else {
            rows[count++] = row;
        }
    }
    PyObject *result = PyBytes_FromStringAndSize((char *)rows, count * (Py_ssize_t)sizeof *rows);
    PyMem_Free(rows);
    return result;
}

/* -- The whole ----------------------------------------------------------------------------------------------------- */

static int
code_flags(struct compiler *c)
{
    struct unit *u = c->u;
    int flags = 0;
    if (_PyST_IsFunctionLike(u->entry)) {
        flags |= CO_NEWLOCALS | CO_OPTIMIZED;
        if (u->entry->ste_nested) {
            flags |= CO_NESTED;
        }
        if (u->entry->ste_generator) {
            flags |= u->entry->ste_coroutine ? CO_ASYNC_GENERATOR : CO_GENERATOR;
        }
        else if (u->entry->ste_coroutine) {
            flags |= CO_COROUTINE;
        }
        if (u->entry->ste_varargs) {
            flags |= CO_VARARGS;
        }
        if (u->entry->ste_varkeywords) {
            flags |= CO_VARKEYWORDS;
        }
        if (u->entry->ste_method) {
            flags |= CO_METHOD;
        }
    }
    if (u->has_docstring) {
        flags |= CO_HAS_DOCSTRING;
    }
    if (u->kind == UNIT_MODULE && u->entry->ste_coroutine && c->flags.cf_flags & PyCF_ALLOW_TOP_LEVEL_AWAIT) {
        flags |= CO_COROUTINE;
    }
    return flags | (c->future.ff_features & PyCF_MASK) | (c->flags.cf_flags & PyCF_MASK);
}

static PyObject *
keys_in_order(PyObject *dict)
{
    PyObject *keys = PyDict_Keys(dict);
    PyObject *tuple = keys ? PyList_AsTuple(keys) : NULL;
    Py_XDECREF(keys);
    return tuple;
}

/* Word positions of all instructions; dropped ones take no word.  start has ncode + 1 entries. */
static void
place_words(const struct unit *u, int *start)
{
    int word = 0;
    for (int i = 0; i < u->ncode; i++) {
        start[i] = word;
        word += is_dropped(u, i) ? 0 : ops[u->code[i].op].words;
    }
    start[u->ncode] = word;
}

static PyObject *
write_words(const struct unit *u, const int *start, const struct packing *p)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)start[u->ncode] * (Py_ssize_t)sizeof(_Py_Instr));
    if (bytes == NULL) {
        return NULL;
    }
    _Py_Instr *words = (_Py_Instr *)(void *)PyBytes_AS_STRING(bytes);
    for (int i = 0; i < u->ncode; i++) {
        const struct instruction *ins = &u->code[i];
        if (start[i] == start[i + 1]) {
            continue;
        }
        _Py_Instr word = {.i = {.op = ins->op, .x = ins->x, .a = ins->a, .b = ins->b, .c = ins->c}};
        if (is_register(ops[ins->op].a)) {
            word.i.a = pack_register(p, ins->a);
        }
        if (is_register(ops[ins->op].b)) {
            word.i.b = pack_register(p, ins->b);
        }
        if (is_register(ops[ins->op].c)) {
            word.i.c = pack_register(p, ins->c);
        }
        words[start[i]] = word;
        if (ops[ins->op].words == 2) {
            _Py_Instr extension = {.word = 0};
            if (ins->target >= 0) {
                extension.ext.jump = start[label_position(u, ins->target)] - start[i + 1];
            }
            words[start[i] + 1] = extension;
        }
    }
    return bytes;
}

PyCodeObject *
assemble(struct compiler *c)
{
    struct unit *u = c->u;
    struct packing p = {0};
    PyObject *names = NULL, *local_names = NULL, *kinds = NULL, *words = NULL, *table = NULL, *exceptions = NULL,
             *consts = NULL;
    PyCodeObject *code = NULL;
    /* a label at the very end must have an instruction to point at */
    u->reachable = 1;
    if (u->ncode == 0 || !ops[u->code[u->ncode - 1].op].ends) {
        if (emit_return_const(c, NO_LOCATION, Py_None) < 0) {
            return NULL;
        }
    }
    else {
        for (int i = 0; i < u->nlabels; i++) {
            if (u->labels[i].used && u->labels[i].position == u->ncode) {
                if (emit_return_const(c, NO_LOCATION, Py_None) < 0) {
                    return NULL;
                }
                break;
            }
        }
    }
    int *start = PyMem_Malloc(((size_t)u->ncode + 1) * sizeof *start);
    if (start == NULL) {
        return (PyCodeObject *)PyErr_NoMemory();
    }
    if (drop_bound_checks(c) < 0 || pack_names(c, &p, &local_names, &kinds) < 0) {
        goto done;
    }
    if (p.temp_base + u->max_depth >= 0x7FFF) {
        PyErr_SetString(PyExc_OverflowError, "a function needs too many registers");
        goto done;
    }
    thread_jumps(u);
    propagate_locations(u);
    place_words(u, start);
    names = keys_in_order(u->names);
    consts = PyList_AsTuple(u->constant_list);
    words = write_words(u, start, &p);
    table = location_table(u, start);
    exceptions = exception_table(u, start, &p);
    if (names == NULL || consts == NULL || words == NULL || table == NULL || exceptions == NULL) {
        goto done;
    }
    struct _PyCodeConstructor constructor = {
        .filename = c->filename, .name = u->name, .qualname = u->qualname, .flags = code_flags(c), .code = words,
        .firstlineno = u->firstlineno, .linetable = table, .consts = consts, .names = names,
        .localsplusnames = local_names, .localspluskinds = kinds, .argcount = u->argcount,
        .posonlyargcount = u->posonlyargcount, .kwonlyargcount = u->kwonlyargcount,
        .nregisters = p.temp_base + u->max_depth + 1, .exceptiontable = exceptions,
    };
    if (_PyCode_Validate(&constructor) < 0) {
        goto done;
    }
    code = _PyCode_New(&constructor);
done:
    PyMem_Free(start);
    PyMem_Free(p.cell_slot);
    Py_XDECREF(names);
    Py_XDECREF(local_names);
    Py_XDECREF(kinds);
    Py_XDECREF(words);
    Py_XDECREF(table);
    Py_XDECREF(exceptions);
    Py_XDECREF(consts);
    return code;
}

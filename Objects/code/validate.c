/* Checks of what a code object is made from, so that no input (a corrupt .pyc, code.replace) can make the virtual machine read
   or write outside the frame, the constants, the names or the code. */
#include "Python.h"
#include "pycore_code.h"

static const struct {
    uint8_t words, jumps, ends;
    const char *a, *b, *c;
} ops[] = {
#define J 1
#define RAISES 0
#define CACHED 0
#define POLL 0
#define CALLS 0
#define END 2
#define OP(name, ka, kb, kc, nwords, effects, description) \
    {nwords, (effects) & 1, ((effects) & 2) != 0, #ka, #kb, #kc},
#include "../../Python/compile/opcodes.def"
#undef OP
#undef J
#undef RAISES
#undef CACHED
#undef POLL
#undef CALLS
#undef END
};

struct limits {
    Py_ssize_t nwords, nregisters, nconsts, nnames;
    const char *starts;         /* 1 where an instruction starts */
};

static int
bad(const char *what)
{
    PyErr_Format(PyExc_ValueError, "code: %s", what);
    return -1;
}

/* Number of registers of a block operand, where the instruction tells it. */
static Py_ssize_t
block_size(_Py_Instr i, int is_write)
{
    switch (i.i.op) {
    case OP_LOAD_METHOD:
    case OP_LOAD_SPECIAL:
    case OP_CHECK_EG_MATCH:
        return 2;
    case OP_LOAD_SUPER_ATTR:
        return 3;
    case OP_LOAD_SUPER_METHOD:
        return is_write ? 2 : 3;
    case OP_GETSLICE:
    case OP_SETSLICE:
        return 2;
    case OP_BUILD_SLICE:
    case OP_BUILD_TUPLE:
    case OP_BUILD_LIST:
    case OP_BUILD_SET:
    case OP_BUILD_STRING:
        return i.i.c;
    case OP_BUILD_MAP:
        return (Py_ssize_t)i.i.c * 2;
    case OP_BUILD_INTERPOLATION:
        return 3;
    case OP_UNPACK_SEQUENCE:
        return i.i.c;
    case OP_UNPACK_EX:
        return (Py_ssize_t)i.i.c + 1 + i.i.x;
    case OP_CALL:
        return (Py_ssize_t)i.i.c + 2;
    case OP_CALL_KW:
        return (Py_ssize_t)i.i.c + 3;
    case OP_CALL_EX:
        return 4;
    case OP_IMPORT_NAME:
        return 2;
    case OP_MATCH_CLASS:
        return 3;
    default:
        return 1;
    }
}

static int
check_operand(const struct limits *l, _Py_Instr i, const char *kind, uint16_t value, int is_a)
{
    switch (kind[0]) {
    case 'S':
        return (value & 0x7FFF) < l->nregisters ? 0 : bad("register out of range");
    case 'D':
    case 'R':
        return value < l->nregisters ? 0 : bad("register out of range");
    case 'B':
        return (Py_ssize_t)value + block_size(i, is_a) <= l->nregisters ||
                       (block_size(i, is_a) == 0 && value <= l->nregisters)
                   ? 0 : bad("register block out of range");
    case 'K':
        return (kind[1] ? (Py_ssize_t)_PyInstr_WIDE(i) : (Py_ssize_t)value) < l->nconsts ? 0
                                                                                         : bad("constant out of range");
    case 'N':
        if (kind[1]) {
            return (Py_ssize_t)_PyInstr_WIDE(i) < l->nnames ? 0 : bad("name out of range");
        }
        if (i.i.op == OP_LOAD_SUPER_ATTR || i.i.op == OP_LOAD_SUPER_METHOD) {
            return i.i.c < l->nnames ? 0 : bad("name out of range");
        }
        return (Py_ssize_t)_PyInstr_NAME(i) < l->nnames ? 0 : bad("name out of range");
    default:
        return 0;
    }
}

static int
check_instructions(struct _PyCodeConstructor *con, struct limits *l, char *starts)
{
    const _Py_Instr *code = (const _Py_Instr *)(void *)PyBytes_AS_STRING(con->code);
    Py_ssize_t i = 0, last = 0;
    while (i < l->nwords) {
        int op = code[i].i.op;
        if (op >= (int)Py_ARRAY_LENGTH(ops) || op == OP_INSTRUMENTED) {
            return bad("unknown instruction");
        }
        if (i + ops[op].words > l->nwords) {
            return bad("instruction cut short");
        }
        if (check_operand(l, code[i], ops[op].a, code[i].i.a, 1) < 0 ||
            check_operand(l, code[i], ops[op].b, code[i].i.b, 0) < 0 ||
            check_operand(l, code[i], ops[op].c, code[i].i.c, 0) < 0) {
            return -1;
        }
        if (ops[op].words == 2 && !ops[op].jumps && code[i + 1].word != 0) {
            return bad("cache is not empty");
        }
        if (op == OP_COPY_FREE_VARS && (Py_ssize_t)code[i].i.a + code[i].i.b > l->nregisters) {
            return bad("register out of range");
        }
        starts[i] = 1;
        last = i;
        i += ops[op].words;
    }
    if (l->nwords == 0 || !ops[code[last].i.op].ends || code[last].i.op == OP_RETURN_GENERATOR) {
        return bad("code does not end");
    }
    for (i = 0; i < l->nwords; i++) {
        if (starts[i] && ops[code[i].i.op].jumps) {
            Py_ssize_t target = i + 2 + code[i + 1].ext.jump;
            if (target < 0 || target >= l->nwords || !starts[target]) {
                return bad("jump out of range");
            }
        }
    }
    return 0;
}

static int
check_exception_table(struct _PyCodeConstructor *con, const struct limits *l, const char *starts)
{
    Py_ssize_t size = PyBytes_GET_SIZE(con->exceptiontable);
    if (size % (Py_ssize_t)sizeof(_PyExceptionTableRow) != 0) {
        return bad("exception table cut short");
    }
    for (Py_ssize_t at = 0; at < size; at += sizeof(_PyExceptionTableRow)) {
        _PyExceptionTableRow row;
        memcpy(&row, PyBytes_AS_STRING(con->exceptiontable) + at, sizeof row);
        if (row.start >= row.end || row.end > (size_t)l->nwords || row.handler >= (size_t)l->nwords ||
            !starts[row.handler] || (Py_ssize_t)row.depth + 1 + row.lasti >= l->nregisters) {
            return bad("bad row in the exception table");
        }
    }
    return 0;
}

/* Every entry of the location table is whole. */
static int
check_locations(PyObject *table)
{
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(table), *end = p + PyBytes_GET_SIZE(table);
    while (p < end) {
        int code = *p >> 3 & 15;
        if (!(*p & 0x80)) {
            return bad("bad location table");
        }
        p++;
        int numbers = code == PY_CODE_LOCATION_INFO_LONG ? 4 : code == PY_CODE_LOCATION_INFO_NO_COLUMNS ? 1 : 0;
        int plain = code == PY_CODE_LOCATION_INFO_NONE || numbers ? 0 : code >= PY_CODE_LOCATION_INFO_ONE_LINE0 ? 2 : 1;
        for (; numbers > 0; numbers--) {
            int length = 0;
            while (p < end && *p & 64 && length++ < 6) {
                p++;
            }
            if (p >= end) {
                return bad("bad location table");
            }
            p++;
        }
        p += plain;
    }
    return p == end ? 0 : bad("bad location table");
}

static int
all_strings(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (!PyUnicode_Check(PyTuple_GET_ITEM(tuple, i))) {
            return 0;
        }
    }
    return 1;
}

int
_PyCode_Validate(struct _PyCodeConstructor *con)
{
    if (con->argcount < con->posonlyargcount || con->posonlyargcount < 0 || con->kwonlyargcount < 0 ||
        con->nregisters < 0 || con->nregisters > 0x7FFF || con->code == NULL || !PyBytes_Check(con->code) ||
        con->consts == NULL || !PyTuple_Check(con->consts) || con->names == NULL || !PyTuple_Check(con->names) ||
        con->localsplusnames == NULL || !PyTuple_Check(con->localsplusnames) || con->localspluskinds == NULL ||
        !PyBytes_Check(con->localspluskinds) || con->name == NULL || !PyUnicode_Check(con->name) ||
        con->qualname == NULL || !PyUnicode_Check(con->qualname) || con->filename == NULL ||
        !PyUnicode_Check(con->filename) || con->linetable == NULL || !PyBytes_Check(con->linetable) ||
        con->exceptiontable == NULL || !PyBytes_Check(con->exceptiontable)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t total = PyTuple_GET_SIZE(con->localsplusnames), args = (Py_ssize_t)con->argcount + con->kwonlyargcount +
                       ((con->flags & CO_VARARGS) != 0) + ((con->flags & CO_VARKEYWORDS) != 0);
    if (PyBytes_GET_SIZE(con->localspluskinds) != total || total > con->nregisters || args > total ||
        PyBytes_GET_SIZE(con->code) % (Py_ssize_t)sizeof(_Py_Instr) != 0 || !all_strings(con->names) ||
        !all_strings(con->localsplusnames)) {
        return bad("inconsistent sizes");
    }
    for (Py_ssize_t i = 0; i < args; i++) {
        if (!(PyBytes_AS_STRING(con->localspluskinds)[i] & CO_FAST_LOCAL)) {
            return bad("varnames is too small");
        }
    }
    struct limits l = {PyBytes_GET_SIZE(con->code) / (Py_ssize_t)sizeof(_Py_Instr), con->nregisters,
                       PyTuple_GET_SIZE(con->consts), PyTuple_GET_SIZE(con->names), NULL};
    char *starts = PyMem_Calloc((size_t)l.nwords + 1, 1);
    if (starts == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int result = check_instructions(con, &l, starts);
    if (result == 0) {
        result = check_exception_table(con, &l, starts);
    }
    PyMem_Free(starts);
    return result < 0 ? -1 : check_locations(con->linetable);
}

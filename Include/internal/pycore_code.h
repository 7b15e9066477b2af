/* Code objects from the inside: the instruction word, its accessors, and what hangs on a code object beside the ABI fields.

   The bytecode is a run of 64-bit words in co_code_adaptive (PROTOCOLS P7): read and written whole, relaxed, by all threads.
   Operands and opcodes: Python/compile/opcodes.def. */
#ifndef Py_INTERNAL_CODE_H
#define Py_INTERNAL_CODE_H

#include "Python.h"
#include "pycore_value.h"  // _PyValue

/* One instruction or extension word. */
typedef union {
    uint64_t word;
    struct {
        uint8_t op;
        uint8_t x;
        uint16_t a;
        uint16_t b;
        uint16_t c;
    } i;
    struct {
        int32_t jump;       /* in words, from the word after the instruction */
        uint32_t scratch;
    } ext;
} _Py_Instr;

static_assert(sizeof(_Py_Instr) == 8, "an instruction is one word");

#define OPERAND_LAST_USE 0x8000u
#define OPERAND_INDEX(operand) ((operand) & 0x7FFFu)
#define _PyInstr_WIDE(instr) ((uint32_t)(instr).i.b | (uint32_t)(instr).i.c << 16)
#define _PyInstr_NAME(instr) ((uint32_t)(instr).i.c | (uint32_t)(instr).i.x << 16)

enum _Py_opcode {
#define OP(name, a, b, c, words, effects, description) OP_##name,
#define OP_SPECIALISED(name, generic, description) OP_##name,
#include "../../Python/compile/opcodes.def"
#undef OP
#undef OP_SPECIALISED
    OPCODE_COUNT
};
static_assert(OPCODE_COUNT <= 256, "an opcode is one byte");

/* What Ladon keeps beside the ABI fields of a code object; co_executors points to it.  Set before publication, then constant. */
typedef struct _PyCodeExtra {
    Py_ssize_t nwords;          /* length of the bytecode */
    _PyValue *constants;        /* co_consts as borrowed objects, for LOAD_CONST */
    _PyValue *numbers;          /* co_consts with small ints and non-NaN floats unboxed, for the _K instructions */
    void *instrumentation;      /* the virtual machine's side table, or NULL; changes under stop-the-world */
} _PyCodeExtra;

#define _PyCode_EXTRA(co) ((_PyCodeExtra *)(void *)(co)->co_executors)
#define _PyCode_CODE(co) ((_Py_Instr *)(void *)(co)->co_code_adaptive)
#define _PyCode_NWORDS(co) (_PyCode_EXTRA(co)->nwords)

/* Kinds of the names in co_localsplusnames, one byte each in co_localspluskinds. */
#define CO_FAST_ARG_POS 0x02
#define CO_FAST_ARG_KW 0x04
#define CO_FAST_ARG_VAR 0x08
#define CO_FAST_ARG (CO_FAST_ARG_POS | CO_FAST_ARG_KW | CO_FAST_ARG_VAR)
#define CO_FAST_HIDDEN 0x10
#define CO_FAST_LOCAL 0x20
#define CO_FAST_CELL 0x40
#define CO_FAST_FREE 0x80

/* Exception table: rows sorted so that the innermost handler of a position comes first among those that cover it.
   Positions are word indices.  When an instruction in [start, end) raises: registers from depth on are released, then
   register depth = the exception (owned); with lasti, register depth + 1 = index of the raising instruction (unboxed int);
   execution goes on at handler. */
typedef struct {
    uint32_t start;
    uint32_t end;
    uint32_t handler;
    uint16_t depth;
    uint16_t lasti;
} _PyExceptionTableRow;             /* co_exceptiontable is a bytes object holding an array of these */

/* Everything that is needed to make a code object; references are borrowed. */
struct _PyCodeConstructor {
    PyObject *filename;
    PyObject *name;
    PyObject *qualname;
    int flags;
    PyObject *code;                 /* bytes, whole words */
    int firstlineno;
    PyObject *linetable;            /* bytes; format of the reference's location table, one unit = one word */
    PyObject *consts;
    PyObject *names;
    PyObject *localsplusnames;
    PyObject *localspluskinds;
    int argcount;
    int posonlyargcount;
    int kwonlyargcount;
    int nregisters;                 /* locals, cells, free variables and temporaries: co_framesize counts them */
    PyObject *exceptiontable;
};

int _PyCode_Validate(struct _PyCodeConstructor *);
PyCodeObject *_PyCode_New(struct _PyCodeConstructor *);

/* Location of word index i; -1 in *line where there is none. */
void _PyCode_LocationAt(PyCodeObject *co, Py_ssize_t i, int *line, int *end_line, int *column, int *end_column);
/* The row that handles an exception raised at word index i, or NULL. */
const _PyExceptionTableRow *_PyCode_FindHandler(PyCodeObject *co, Py_ssize_t i);
#endif

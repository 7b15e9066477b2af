/* Positions of instructions: decoding of the location table, co_lines() and co_positions().

   The table is a run of entries in the format of the reference (PEP 657); its unit is one word of bytecode.  Seen from Python,
   offsets are twice the word index, as if a word were a code unit of two bytes.
   Locking: the table is constant. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_code.h"
#include "code_private.h"

/* -- Decoding --------------------------------------------------------------------------------------- */

static unsigned
read_varint(const unsigned char **p)
{
    unsigned value = 0, shift = 0, byte;
    do {
        byte = *(*p)++;
        value |= (byte & 63) << shift;
        shift += 6;
    } while (byte & 64 && shift < 32);
    return value;
}

static int
read_svarint(const unsigned char **p)
{
    unsigned value = read_varint(p);
    return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

void
_PyLocation_Start(struct location_cursor *cursor, PyCodeObject *co)
{
    cursor->next = (const unsigned char *)PyBytes_AS_STRING(co->co_linetable);
    cursor->limit = cursor->next + PyBytes_GET_SIZE(co->co_linetable);
    cursor->computed_line = co->co_firstlineno;
    cursor->start = cursor->end = 0;
}

int
_PyLocation_Next(struct location_cursor *cursor)
{
    if (cursor->next >= cursor->limit) {
        return 0;
    }
    const unsigned char *p = cursor->next;
    int first = *p++, code = first >> 3 & 15;
    cursor->start = cursor->end;
    cursor->end += (first & 7) + 1;
    cursor->column = cursor->end_column = -1;
    switch (code) {
    case PY_CODE_LOCATION_INFO_NONE:
        cursor->line = cursor->end_line = -1;
        cursor->next = p;
        return 1;
    case PY_CODE_LOCATION_INFO_LONG:
        cursor->computed_line += read_svarint(&p);
        cursor->end_line = cursor->computed_line + (int)read_varint(&p);
        cursor->column = (int)read_varint(&p) - 1;
        cursor->end_column = (int)read_varint(&p) - 1;
        break;
    case PY_CODE_LOCATION_INFO_NO_COLUMNS:
        cursor->computed_line += read_svarint(&p);
        cursor->end_line = cursor->computed_line;
        break;
    case PY_CODE_LOCATION_INFO_ONE_LINE0:
    case PY_CODE_LOCATION_INFO_ONE_LINE1:
    case PY_CODE_LOCATION_INFO_ONE_LINE2:
        cursor->computed_line += code - PY_CODE_LOCATION_INFO_ONE_LINE0;
        cursor->end_line = cursor->computed_line;
        cursor->column = *p++;
        cursor->end_column = *p++;
        break;
    default:
        cursor->end_line = cursor->computed_line;
        cursor->column = code << 3 | (*p >> 4 & 7);
        cursor->end_column = cursor->column + (*p & 15);
        p++;
    }
    cursor->line = cursor->computed_line;
    cursor->next = p;
    return 1;
}

void
_PyCode_LocationAt(PyCodeObject *co, Py_ssize_t i, int *line, int *end_line, int *column, int *end_column)
{
    struct location_cursor cursor;
    _PyLocation_Start(&cursor, co);
    *line = *end_line = *column = *end_column = -1;
    if (i < 0) {
        *line = co->co_firstlineno;
        return;
    }
    while (_PyLocation_Next(&cursor)) {
        if (i < cursor.end) {
            *line = cursor.line;
            *end_line = cursor.end_line;
            *column = cursor.column;
            *end_column = cursor.end_column;
            return;
        }
    }
}

int
PyCode_Addr2Line(PyCodeObject *co, int address)
{
    int line, unused;
    if (address < 0) {
        return co->co_firstlineno;
    }
    _PyCode_LocationAt(co, address / 2, &line, &unused, &unused, &unused);
    return line;
}

int
PyCode_Addr2Location(PyCodeObject *co, int address, int *line, int *column, int *end_line, int *end_column)
{
    if (address < 0) {
        *line = co->co_firstlineno;
        *column = 0;
        *end_line = *end_column = 0;
        return 1;
    }
    _PyCode_LocationAt(co, address / 2, line, end_line, column, end_column);
    return 1;
}

/* -- Iterators ------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyCodeObject *code;
    struct location_cursor cursor;
    int has_entry;          /* the cursor stands on an entry that is not given out (lines) */
    Py_ssize_t word;        /* positions: next word */
} locationiter;

static PyObject *
iterator_new(PyTypeObject *type, PyCodeObject *code)
{
    locationiter *self = PyObject_New(locationiter, type);
    if (self == NULL) {
        return NULL;
    }
    self->code = (PyCodeObject *)Py_NewRef(code);
    _PyLocation_Start(&self->cursor, code);
    self->has_entry = _PyLocation_Next(&self->cursor);
    self->word = 0;
    return (PyObject *)self;
}

static void
iterator_dealloc(PyObject *op)
{
    Py_DECREF(((locationiter *)op)->code);
    PyObject_Free(op);
}

static PyObject *
number_or_none(int value)
{
    return value < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(value);
}

/* (start, end, line): neighbours with one line are one entry. */
static PyObject *
lines_next(PyObject *op)
{
    locationiter *self = (locationiter *)op;
    if (!self->has_entry) {
        return NULL;
    }
    Py_ssize_t start = self->cursor.start, end = self->cursor.end;
    int line = self->cursor.line;
    while ((self->has_entry = _PyLocation_Next(&self->cursor)) && self->cursor.line == line) {
        end = self->cursor.end;
    }
    return Py_BuildValue("nnN", start * 2, end * 2, number_or_none(line));
}

static PyObject *
positions_next(PyObject *op)
{
    locationiter *self = (locationiter *)op;
    while (self->has_entry && self->word >= self->cursor.end) {
        self->has_entry = _PyLocation_Next(&self->cursor);
    }
    if (!self->has_entry) {
        return NULL;
    }
    self->word++;
    const struct location_cursor *c = &self->cursor;
    return Py_BuildValue("NNNN", number_or_none(c->line), number_or_none(c->end_line), number_or_none(c->column),
                         number_or_none(c->end_column));
}

PyTypeObject _PyLineIterator = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "line_iterator",
    .tp_basicsize = sizeof(locationiter),
    .tp_dealloc = iterator_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = lines_next,
};

PyTypeObject _PyPositionsIterator = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "positions_iterator",
    .tp_basicsize = sizeof(locationiter),
    .tp_dealloc = iterator_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = positions_next,
};

PyObject *
_PyCode_Lines(PyCodeObject *code)
{
    return iterator_new(&_PyLineIterator, code);
}

PyObject *
_PyCode_Positions(PyCodeObject *code)
{
    return iterator_new(&_PyPositionsIterator, code);
}

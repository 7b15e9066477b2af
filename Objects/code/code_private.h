/* What the files of the code object share. */
#ifndef LADON_CODE_PRIVATE_H
#define LADON_CODE_PRIVATE_H

#include "pycore_code.h"

/* One entry of a location table after the other. */
struct location_cursor {
    const unsigned char *next, *limit;
    int computed_line;
    Py_ssize_t start, end;      /* words [start, end) */
    int line, end_line, column, end_column;     /* -1: none */
};

void _PyLocation_Start(struct location_cursor *cursor, PyCodeObject *co);
int _PyLocation_Next(struct location_cursor *cursor);       /* 0 at the end */
PyObject *_PyCode_Lines(PyCodeObject *code);
PyObject *_PyCode_Positions(PyCodeObject *code);
extern PyTypeObject _PyLineIterator, _PyPositionsIterator;
#endif

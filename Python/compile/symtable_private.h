/* What the two halves of the symbol table share. */
#ifndef LADON_SYMTABLE_PRIVATE_H
#define LADON_SYMTABLE_PRIVATE_H

#include "pycore_symtable.h"

/* Gives every name its scope, in the entries' flags.  0 or -1 with SyntaxError. */
int _PySymtable_Analyze(struct symtable *table);
/* SyntaxError at a place; message may have one %U for name.  Always -1. */
int _PySymtable_Error(struct symtable *table, _Py_SourceLocation where, const char *message, PyObject *name);
#endif

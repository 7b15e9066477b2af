/* The compiler: from a syntax tree to a code object (Python/compile/). */
#ifndef Py_INTERNAL_COMPILE_H
#define Py_INTERNAL_COMPILE_H

#include "Python.h"
#include "pycore_ast.h"
#include "pycore_pyarena.h"

/* optimize: -1 as configured, 0, 1 (no asserts), 2 (no docstrings either).  Changes the tree (folding). */
extern PyCodeObject *_PyAST_Compile(mod_ty tree, PyObject *filename, PyCompilerFlags *flags, int optimize,
                                    PyArena *arena);
/* Only what the compiler does to the tree before it: 0, or -1 with an exception. */
extern int _PyCompile_AstPreprocess(mod_ty tree, PyObject *filename, PyCompilerFlags *flags, int optimize,
                                    PyArena *arena, int syntax_check_only);
/* Fold constant expressions in place: 0 or -1.  Python/compile/fold.c */
extern int _PyAST_Fold(mod_ty tree, PyArena *arena);
extern expr_ty _PyAST_FoldExpr(expr_ty e, PyArena *arena);
/* A docstring without the common indentation of its lines (Python/compile/compile.c); new reference. */
extern PyObject *_PyCompile_CleanDoc(PyObject *doc);
/* Key under which equal constants of the same type are one: new reference. */
extern PyObject *_PyCode_ConstantKey(PyObject *constant);
extern int _PyCompile_OpcodeIsValid(int opcode);
/* Prints the instructions of a code object, for debugging. */
extern void _PyCode_Dump(PyCodeObject *code, FILE *stream);
#endif

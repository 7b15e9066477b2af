/* Parser: from source text to a syntax tree (Parser/). */
#ifndef Py_INTERNAL_PARSER_H
#define Py_INTERNAL_PARSER_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_ast.h"      // mod_ty
#include "pycore_pyarena.h"  // PyArena

/* All return a tree in the arena, or NULL with an exception.  `mode` is Py_file_input,
   Py_eval_input, Py_single_input or Py_func_type_input; flags may be NULL. */

/* The text is UTF-8 if flags has PyCF_SOURCE_IS_UTF8 or PyCF_IGNORE_COOKIE, else a coding cookie or
   a byte order mark decides. */
extern mod_ty _PyParser_ASTFromString(const char *str, PyObject *filename, int mode,
                                      PyCompilerFlags *flags, PyArena *arena);

/* Reads fp.  With prompts (ps1, ps2 not NULL) the input is a terminal's.  *errcode becomes E_EOF
   at an end of input before any statement. */
extern mod_ty _PyParser_ASTFromFile(FILE *fp, PyObject *filename_ob, const char *enc, int mode,
                                    const char *ps1, const char *ps2, PyCompilerFlags *flags,
                                    int *errcode, PyArena *arena);

/* One interactive statement; its source text goes to *interactive_source (new reference), if not NULL. */
extern mod_ty _PyParser_InteractiveASTFromFile(FILE *fp, PyObject *filename_ob, const char *enc,
                                               int mode, const char *ps1, const char *ps2,
                                               PyCompilerFlags *flags, int *errcode,
                                               PyObject **interactive_source, PyArena *arena);

/* Name of a source file's encoding from its cookie or mark, "utf-8" without one: memory of
   PyMem_Malloc, NULL with an exception. */
extern char *_PyTokenizer_FindEncodingFilename(int fd, PyObject *filename);

/* The same conversions as the reader of source files makes (BOM, cookie, newlines): a new str. */
extern PyObject *_PyParser_DecodeSource(const char *bytes, Py_ssize_t size, PyObject *filename);

#endif

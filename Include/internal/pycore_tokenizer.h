/* Tokenizer: what other rooms need of it.  Its own state is in Parser/tokenizer.h. */
#ifndef Py_INTERNAL_TOKENIZER_H
#define Py_INTERNAL_TOKENIZER_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_parser.h"  // _PyTokenizer_FindEncodingFilename

#endif

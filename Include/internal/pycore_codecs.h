/* Codec registry and error handlers, for ourselves. */
#ifndef Py_INTERNAL_CODECS_H
#define Py_INTERNAL_CODECS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* The error handlers that codecs know without asking the registry. */
typedef enum {
    _Py_ERROR_UNKNOWN = 0,
    _Py_ERROR_STRICT,
    _Py_ERROR_SURROGATEESCAPE,
    _Py_ERROR_REPLACE,
    _Py_ERROR_IGNORE,
    _Py_ERROR_BACKSLASHREPLACE,
    _Py_ERROR_SURROGATEPASS,
    _Py_ERROR_XMLCHARREFREPLACE,
    _Py_ERROR_OTHER
} _Py_error_handler;

PyAPI_FUNC(_Py_error_handler) _Py_GetErrorHandler(const char *errors);
extern _Py_error_handler _Py_GetErrorHandlerWide(const wchar_t *errors);

struct codecs_state {
    PyMutex search_path_mutex;   // guards changes of codec_search_path
    PyObject *codec_search_path;     // list of search functions
    PyObject *codec_search_cache;    // dict: normalised name -> codec info tuple
    PyObject *codec_error_registry;  // dict: name -> handler
    int initialized;                 // the three exist and `encodings` was imported
};

extern PyStatus _PyCodec_InitRegistry(PyInterpreterState *interp);
extern void _PyCodec_Fini(PyInterpreterState *interp);

/* Codec info tuple for an encoding; new reference. */
extern PyObject *_PyCodec_Lookup(const char *encoding);
/* The same, refusing codecs that are not text encodings; alternate_command goes into the message. */
extern PyObject *_PyCodec_LookupTextEncoding(const char *encoding, const char *alternate_command);
extern PyObject *_PyCodec_EncodeText(PyObject *object, const char *encoding, const char *errors);
extern PyObject *_PyCodec_DecodeText(PyObject *object, const char *encoding, const char *errors);
extern PyObject *_PyCodecInfo_GetIncrementalEncoder(PyObject *codec_info, const char *errors);
extern PyObject *_PyCodecInfo_GetIncrementalDecoder(PyObject *codec_info, const char *errors);
extern int _PyCodec_UnregisterError(const char *name);

/* Writes to lower the normalised form of an encoding name (lower case, runs of other characters
   as one underscore); 0 if it does not fit. */
extern int _Py_normalize_encoding(const char *encoding, char *lower, size_t lower_len);

#endif

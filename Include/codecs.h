/* The registry of codecs and of error handlers. */
#ifndef Py_CODECS_H
#define Py_CODECS_H

#ifdef __cplusplus
extern "C" {
#endif

/* -- Registry -- */
PyAPI_FUNC(int) PyCodec_KnownEncoding(const char *encoding);
PyAPI_FUNC(int) PyCodec_Register(PyObject *op);
PyAPI_FUNC(int) PyCodec_Unregister(PyObject *op);

/* -- Whole strings -- */
PyAPI_FUNC(PyObject *) PyCodec_Decode(PyObject *op, const char *encoding, const char *errors);
PyAPI_FUNC(PyObject *) PyCodec_Encode(PyObject *op, const char *encoding, const char *errors);

/* -- Parts of a codec -- */
PyAPI_FUNC(PyObject *) PyCodec_Decoder(const char *encoding);
PyAPI_FUNC(PyObject *) PyCodec_Encoder(const char *encoding);
PyAPI_FUNC(PyObject *) PyCodec_IncrementalDecoder(const char *encoding, const char *errors);
PyAPI_FUNC(PyObject *) PyCodec_IncrementalEncoder(const char *encoding, const char *errors);
PyAPI_FUNC(PyObject *) PyCodec_StreamReader(const char *encoding, PyObject *op, const char *errors);
PyAPI_FUNC(PyObject *) PyCodec_StreamWriter(const char *encoding, PyObject *op, const char *errors);

/* -- Error handlers -- */
PyAPI_FUNC(PyObject *) PyCodec_BackslashReplaceErrors(PyObject *op);
PyAPI_FUNC(PyObject *) PyCodec_IgnoreErrors(PyObject *op);
PyAPI_FUNC(PyObject *) PyCodec_LookupError(const char *encoding);
PyAPI_FUNC(int) PyCodec_RegisterError(const char *encoding, PyObject *op);
PyAPI_FUNC(PyObject *) PyCodec_ReplaceErrors(PyObject *op);
PyAPI_FUNC(PyObject *) PyCodec_StrictErrors(PyObject *op);
PyAPI_FUNC(PyObject *) PyCodec_XMLCharRefReplaceErrors(PyObject *op);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(PyObject *) PyCodec_NameReplaceErrors(PyObject *op);
#endif

#ifndef Py_LIMITED_API
PyAPI_DATA(const char *) Py_hexdigits;
#endif

#ifdef __cplusplus
}
#endif
#endif

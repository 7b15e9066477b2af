/* Marshal: what the owner of code objects needs to write and read them. */
#ifndef Py_INTERNAL_MARSHAL_H
#define Py_INTERNAL_MARSHAL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct _PyMarshalWriter _PyMarshalWriter;
typedef struct _PyMarshalReader _PyMarshalReader;

/* A writer remembers its first error, so calls need no checks in between. */
extern void _PyMarshal_WriteByte(_PyMarshalWriter *w, int value);
extern void _PyMarshal_WriteShort(_PyMarshalWriter *w, int value);      /* 16 bits */
extern void _PyMarshal_WriteLong(_PyMarshalWriter *w, long value);      /* 32 bits */
/* The size in 32 bits, then the bytes. */
extern void _PyMarshal_WriteBytes(_PyMarshalWriter *w, const void *bytes, Py_ssize_t size);
/* NULL is written too. */
extern void _PyMarshal_WriteObject(_PyMarshalWriter *w, PyObject *object);

/* Readers return -1 or NULL with an exception (EOFError, ValueError, TypeError). */
extern int _PyMarshal_ReadByte(_PyMarshalReader *r);
extern int _PyMarshal_ReadShort(_PyMarshalReader *r);                   /* signed; -1: look for an exception */
extern long _PyMarshal_ReadLong(_PyMarshalReader *r);                   /* signed; -1: look for an exception */
/* Pair of WriteBytes: the bytes stay valid until the next call. */
extern const char *_PyMarshal_ReadBytes(_PyMarshalReader *r, Py_ssize_t *size);
/* A written NULL is NULL without an exception. */
extern PyObject *_PyMarshal_ReadObject(_PyMarshalReader *r);

/* Whole objects: new references, or NULL with an exception. */
extern PyObject *_PyMarshal_ObjectToBytes(PyObject *object, int version, int allow_code);
extern PyObject *_PyMarshal_ObjectFromMemory(const char *text, Py_ssize_t size, int allow_code);
/* `readable` has readinto(). */
extern PyObject *_PyMarshal_ObjectFromReadable(PyObject *readable, int allow_code);

/* Owner of code objects: everything behind the type byte.  0 or -1 with an exception; a new code object or
   NULL with an exception, also for data that makes no sense. */
extern int _PyCode_MarshalWrite(PyCodeObject *code, _PyMarshalWriter *w);
extern PyObject *_PyCode_MarshalRead(_PyMarshalReader *r);

#endif

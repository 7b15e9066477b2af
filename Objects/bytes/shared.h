/* What bytes and bytearray share: methods on a run of bytes.

   shared_methods.def lists them; bytes includes it once for functions and once for table rows,
   bytearray too, with functions that hold the object's mutex and export its buffer meanwhile. */
#ifndef Ly_BYTES_SHARED_H
#define Ly_BYTES_SHARED_H

#include "Python.h"
#include "pycore_abstract.h"       // _PyIndex_Check
#include "pycore_args.h"           // PY_METHOD
#include "pycore_bytes_methods.h"  // _Py_bytes_find
#include "pycore_bytesobject.h"    // _PyBytes_Repeat
#include "pycore_modsupport.h"     // _PyArg_UnpackKeywords
#include "pycore_object.h"         // _PyObject_Init

/* The bytes of self.  They stay where they are while a method runs. */
struct run {
    PyObject *self;
    const char *s;
    Py_ssize_t n;
    int is_array;      // self is a bytearray: results are too
};

#define RUN_ARGS const struct run *r
#define NOARGS_SIG(name) PyObject *shared_##name(RUN_ARGS)
#define O_SIG(name) PyObject *shared_##name(RUN_ARGS, PyObject *arg)
#define FASTCALL_SIG(name) PyObject *shared_##name(RUN_ARGS, PyObject *const *args, Py_ssize_t nargs)
#define KEYWORDS_SIG(name) \
    PyObject *shared_##name(RUN_ARGS, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)

#define SHARED_METHOD(name, convention, signature, doc) extern convention##_SIG(name);
#define SHARED_METHOD_NOSIG(name, convention, doc) extern convention##_SIG(name);
#include "shared_methods.def"
#undef SHARED_METHOD
#undef SHARED_METHOD_NOSIG

#define NOARGS_FLAGS METH_NOARGS
#define O_FLAGS METH_O
#define FASTCALL_FLAGS METH_FASTCALL
#define KEYWORDS_FLAGS (METH_FASTCALL | METH_KEYWORDS)

/* A new object of the run's type. */
extern PyObject *run_new(RUN_ARGS, const char *s, Py_ssize_t n);
/* The run's object itself if it may be returned for its own value. */
extern PyObject *run_unchanged(RUN_ARGS);
/* repr's quoted part: prefix b'...' suffix. */
extern PyObject *bytes_repr_text(const char *s, Py_ssize_t n, const char *prefix,
                                 const char *suffix, int smartquotes);
extern PyObject *join_buffers(PyObject *sep, const char *sepstr, Py_ssize_t seplen,
                            PyObject *iterable, int is_array);
/* static method maketrans, and encoding arguments of the constructors. */
extern PyObject *bytes_maketrans_method(PyObject *null, PyObject *const *args, Py_ssize_t nargs);
extern int bytes_string_arg(const char *fname, const char *display, PyObject *arg,
                            const char **result);
/* The int in range(256) of arg; ValueError with message if it is not. */
extern int bytes_value(PyObject *arg, const char *message);

#endif

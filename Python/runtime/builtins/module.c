/* The builtins module: its table of functions, those that only pass on to the object protocol, and the names of types.

   The longer functions have files of their own (builtins.h).  `open` joins later, when the standard streams are made.
   Locking: none of its own; the module's dict is born SHARED. */
#include "Python.h"
#include "builtins.h"
#include "pycore_abstract.h"          // PyObject_IsInstance and friends
#include "pycore_args.h"              // PY_METHOD
#include "pycore_global_ids.h"
#include "pycore_import.h"            // _PyImport_FixupBuiltin
#include "pycore_interp.h"
#include "pycore_object_protocol.h"   // _PyObject_LookupSpecial
#include "pycore_pyerrors.h"
#include "pycore_pylifecycle.h"
#include "pycore_pystate.h"
#include "pycore_value.h"             // _PyValue_FromInt: id() of numbers

/* -- Functions that pass on ------------------------------------------------------------------------ */

static PyObject *
builtin_abs(PyObject *self, PyObject *x)
{
    return PyNumber_Absolute(x);
}

static PyObject *
builtin_ascii(PyObject *self, PyObject *obj)
{
    return PyObject_ASCII(obj);
}

static PyObject *
builtin_bin(PyObject *self, PyObject *number)
{
    return PyNumber_ToBase(number, 2);
}

static PyObject *
builtin_oct(PyObject *self, PyObject *number)
{
    return PyNumber_ToBase(number, 8);
}

static PyObject *
builtin_hex(PyObject *self, PyObject *number)
{
    return PyNumber_ToBase(number, 16);
}

static PyObject *
builtin_callable(PyObject *self, PyObject *obj)
{
    return PyBool_FromLong(PyCallable_Check(obj));
}

static PyObject *
builtin_chr(PyObject *self, PyObject *i)
{
    int overflow;
    long code = PyLong_AsLongAndOverflow(i, &overflow);
    if (code == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (overflow || code < 0 || code > 0x10ffff) {
        PyErr_SetString(PyExc_ValueError, "chr() arg not in range(0x110000)");
        return NULL;
    }
    return PyUnicode_FromOrdinal((int)code);
}

static PyObject *
builtin_ord(PyObject *self, PyObject *character)
{
    Py_ssize_t size;
    if (PyBytes_Check(character)) {
        size = PyBytes_GET_SIZE(character);
        if (size == 1) {
            return PyLong_FromLong((unsigned char)PyBytes_AS_STRING(character)[0]);
        }
    }
    else if (PyUnicode_Check(character)) {
        size = PyUnicode_GET_LENGTH(character);
        if (size == 1) {
            return PyLong_FromLong((long)PyUnicode_READ_CHAR(character, 0));
        }
    }
    else if (PyByteArray_Check(character)) {
        char byte = 0;
        Py_BEGIN_CRITICAL_SECTION(character);
        size = PyByteArray_GET_SIZE(character);
        if (size == 1) {
            byte = PyByteArray_AS_STRING(character)[0];
        }
        Py_END_CRITICAL_SECTION();
        if (size == 1) {
            return PyLong_FromLong((unsigned char)byte);
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "ord() expected string of length 1, but %.200s found",
                     Py_TYPE(character)->tp_name);
        return NULL;
    }
    PyErr_Format(PyExc_TypeError, "ord() expected a character, but string of length %zd found", size);
    return NULL;
}

static PyObject *
builtin_divmod(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("divmod", nargs, 2, 2)) {
        return NULL;
    }
    return PyNumber_Divmod(args[0], args[1]);
}

static PyObject *
builtin_pow(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"base", "exp", "mod", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "pow"};
    PyObject *buffer[3];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 2, 3, 0, 0, buffer);
    return args == NULL ? NULL : PyNumber_Power(args[0], args[1], args[2] ? args[2] : Py_None);
}

static PyObject *
builtin_round(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"number", "ndigits", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "round"};
    PyObject *buffer[2];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = args[1] == NULL || args[1] == Py_None
                           ? _PyObject_MaybeCallSpecialNoArgs(args[0], _Py_ID(__round__))
                           : _PyObject_MaybeCallSpecialOneArg(args[0], _Py_ID(__round__), args[1]);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __round__ method", Py_TYPE(args[0])->tp_name);
    }
    return result;
}

static PyObject *
builtin_format(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("format", nargs, 1, 2)) {
        return NULL;
    }
    if (nargs == 2 && !PyUnicode_Check(args[1])) {
        _PyArg_BadArgument("format", "argument 2", "str", args[1]);
        return NULL;
    }
    return PyObject_Format(args[0], nargs == 2 ? args[1] : NULL);
}

static PyObject *
builtin_getattr(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("getattr", nargs, 2, 3)) {
        return NULL;
    }
    if (nargs == 2) {
        return PyObject_GetAttr(args[0], args[1]);
    }
    PyObject *value = NULL;
    if (PyObject_GetOptionalAttr(args[0], args[1], &value) == 0) {
        return Py_NewRef(args[2]);
    }
    return value;
}

static PyObject *
builtin_hasattr(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("hasattr", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *value = NULL;
    if (PyObject_GetOptionalAttr(args[0], args[1], &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        Py_RETURN_FALSE;
    }
    Py_DECREF(value);
    Py_RETURN_TRUE;
}

static PyObject *
builtin_setattr(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("setattr", nargs, 3, 3) || PyObject_SetAttr(args[0], args[1], args[2]) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
builtin_delattr(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("delattr", nargs, 2, 2) || PyObject_DelAttr(args[0], args[1]) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
builtin_hash(PyObject *self, PyObject *obj)
{
    Py_hash_t hash = PyObject_Hash(obj);
    return hash == -1 ? NULL : PyLong_FromSsize_t(hash);
}

/* Numbers live unboxed in registers, so that two looks at one variable may give two objects: what `is` calls the same
   number has the same id.  Register bits of a number lie above every address. */
static PyObject *
number_id(PyObject *obj)
{
    if (PyLong_CheckExact(obj)) {
        int overflow;
        long long value = PyLong_AsLongLongAndOverflow(obj, &overflow);
        if (!overflow && _PyValue_IntFits(value)) {
            return PyLong_FromUnsignedLongLong(_PyValue_FromInt(value).bits);
        }
    }
    else if (PyFloat_CheckExact(obj)) {
        double value = PyFloat_AS_DOUBLE(obj);
        if (value == value) {
            return PyLong_FromUnsignedLongLong(_PyValue_FromDouble(value).bits);
        }
    }
    return PyLong_FromVoidPtr(obj);
}

static PyObject *
builtin_id(PyObject *self, PyObject *obj)
{
    PyObject *id = number_id(obj);
    if (id != NULL && PySys_Audit("builtins.id", "O", id) < 0) {
        Py_CLEAR(id);
    }
    return id;
}

static PyObject *
builtin_isinstance(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("isinstance", nargs, 2, 2)) {
        return NULL;
    }
    int result = PyObject_IsInstance(args[0], args[1]);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

static PyObject *
builtin_issubclass(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("issubclass", nargs, 2, 2)) {
        return NULL;
    }
    int result = PyObject_IsSubclass(args[0], args[1]);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

static PyObject *
builtin_len(PyObject *self, PyObject *obj)
{
    Py_ssize_t size = PyObject_Size(obj);
    return size < 0 ? NULL : PyLong_FromSsize_t(size);
}

static PyObject *
builtin_repr(PyObject *self, PyObject *obj)
{
    return PyObject_Repr(obj);
}

/* -- Tables ------------------------------------------------------------------------------------------ */

#define FAST METH_FASTCALL
#define KEYWORDS (METH_FASTCALL | METH_KEYWORDS)

static PyMethodDef builtin_methods[] = {
    PY_METHOD_NOSIG("__build_class__", builtin___build_class__, KEYWORDS,
                    "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\n"
                    "Make a class; what a class statement calls."),
    PY_METHOD(builtin, __import__, KEYWORDS, "($module, /, name, globals=None, locals=None, fromlist=(), level=0)",
              "Import a module; what an import statement calls.  importlib.import_module() is made for programs."),
    PY_METHOD(builtin, abs, METH_O, "($module, x, /)", "Return the absolute value of a number."),
    PY_METHOD(builtin, all, METH_O, "($module, iterable, /)", "Return True if no item is false."),
    PY_METHOD(builtin, any, METH_O, "($module, iterable, /)", "Return True if some item is true."),
    PY_METHOD(builtin, ascii, METH_O, "($module, obj, /)", "Return repr(obj) with escapes for what is not ASCII."),
    PY_METHOD(builtin, bin, METH_O, "($module, number, /)", "Return an integer in binary, with prefix 0b."),
    PY_METHOD(builtin, breakpoint, KEYWORDS, "($module, /, *args, **kws)",
              "Call sys.breakpointhook(*args, **kws): by default the debugger starts."),
    PY_METHOD(builtin, callable, METH_O, "($module, obj, /)", "Return True if the object can be called."),
    PY_METHOD(builtin, chr, METH_O, "($module, i, /)", "Return the character with code point i."),
    PY_METHOD(builtin, compile, KEYWORDS,
              "($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)",
              "Compile source into a code object, or into a syntax tree if flags ask for one.\n\n"
              "mode is 'exec' for a module, 'single' for one interactive statement, 'eval' for an expression."),
    PY_METHOD(builtin, delattr, FAST, "($module, obj, name, /)", "Delete an attribute: delattr(x, 'y') is del x.y."),
    PY_METHOD_NOSIG("dir", builtin_dir, FAST,
                    "dir([object]) -> list of strings\n\n"
                    "The names that the object has; without an argument those of the current scope."),
    PY_METHOD(builtin, divmod, FAST, "($module, x, y, /)", "Return the pair (x // y, x % y)."),
    PY_METHOD(builtin, eval, KEYWORDS, "($module, source, /, globals=None, locals=None)",
              "Return the value of an expression, given as text or as a code object."),
    PY_METHOD(builtin, exec, KEYWORDS, "($module, source, /, globals=None, locals=None, *, closure=None)",
              "Execute statements, given as text or as a code object."),
    PY_METHOD(builtin, format, FAST, "($module, value, format_spec='', /)",
              "Return the text that value.__format__(format_spec) makes."),
    PY_METHOD_NOSIG("getattr", builtin_getattr, FAST,
                    "getattr(object, name[, default]) -> value\n\n"
                    "The attribute of that name; if there is none the default, or AttributeError without one."),
    PY_METHOD(builtin, globals, METH_NOARGS, "($module, /)", "Return the dict of the current module's names."),
    PY_METHOD(builtin, hasattr, FAST, "($module, obj, name, /)",
              "Return True if getting the attribute does not raise AttributeError."),
    PY_METHOD(builtin, hash, METH_O, "($module, obj, /)", "Return the hash; objects that are equal have equal hashes."),
    PY_METHOD(builtin, hex, METH_O, "($module, number, /)", "Return an integer in hexadecimal, with prefix 0x."),
    PY_METHOD(builtin, id, METH_O, "($module, obj, /)",
              "Return an integer that no other object has while this one lives."),
    PY_METHOD(builtin, input, FAST, "($module, prompt='', /)",
              "Read a line from standard input, without its line end.  EOFError at the end of the file."),
    PY_METHOD(builtin, isinstance, FAST, "($module, obj, class_or_tuple, /)",
              "Return True if the object is an instance of the class, or of one class of a tuple or union."),
    PY_METHOD(builtin, issubclass, FAST, "($module, cls, class_or_tuple, /)",
              "Return True if cls is derived from the class, or from one class of a tuple or union."),
    PY_METHOD_NOSIG("iter", builtin_iter, FAST,
                    "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\n"
                    "An iterator over the items, or over the results of calls until one equals the sentinel."),
    PY_METHOD(builtin, aiter, METH_O, "($module, async_iterable, /)", "Return an asynchronous iterator."),
    PY_METHOD(builtin, len, METH_O, "($module, obj, /)", "Return the number of items."),
    PY_METHOD(builtin, locals, METH_NOARGS, "($module, /)", "Return a mapping of the names of the current scope."),
    PY_METHOD_NOSIG("max", builtin_max, KEYWORDS,
                    "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\n"
                    "The greatest item or argument; of several the first."),
    PY_METHOD_NOSIG("min", builtin_min, KEYWORDS,
                    "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\n"
                    "The least item or argument; of several the first."),
    PY_METHOD_NOSIG("next", builtin_next, FAST,
                    "next(iterator[, default])\n\n"
                    "The next item; at the end the default, or StopIteration without one."),
    PY_METHOD_NOSIG("anext", builtin_anext, FAST,
                    "anext(async_iterator[, default])\n\n"
                    "Awaitable for the next item; at the end the default, or StopAsyncIteration without one."),
    PY_METHOD(builtin, oct, METH_O, "($module, number, /)", "Return an integer in octal, with prefix 0o."),
    PY_METHOD(builtin, ord, METH_O, "($module, character, /)", "Return the code point of a character."),
    PY_METHOD(builtin, pow, KEYWORDS, "($module, /, base, exp, mod=None)",
              "Return base ** exp, or base ** exp % mod, which is faster for integers."),
    PY_METHOD(builtin, print, KEYWORDS, "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)",
              "Write the arguments to a file, by default sys.stdout, with sep between and end after them."),
    PY_METHOD(builtin, repr, METH_O, "($module, obj, /)", "Return a text that shows the object to a programmer."),
    PY_METHOD(builtin, round, KEYWORDS, "($module, /, number, ndigits=None)",
              "Round to ndigits decimal digits (may be negative), or to an integer."),
    PY_METHOD(builtin, setattr, FAST, "($module, obj, name, value, /)", "Set an attribute: x.y = v is setattr(x, 'y', v)."),
    PY_METHOD(builtin, sorted, KEYWORDS, "($module, iterable, /, *, key=None, reverse=False)",
              "Return a new list of the items in ascending order."),
    PY_METHOD(builtin, sum, KEYWORDS, "($module, iterable, /, start=0)", "Return start plus the sum of the items."),
    PY_METHOD_NOSIG("vars", builtin_vars, FAST,
                    "vars([object]) -> dictionary\n\n"
                    "The object's __dict__; without an argument the same as locals()."),
    {0},
};

static const struct {
    const char *name;
    void *object;       /* a type or a singleton */
} builtin_names[] = {
    {"None", Py_None},
    {"Ellipsis", Py_Ellipsis},
    {"NotImplemented", Py_NotImplemented},
    {"False", Py_False},
    {"True", Py_True},
    {"bool", &PyBool_Type},
    {"memoryview", &PyMemoryView_Type},
    {"bytearray", &PyByteArray_Type},
    {"bytes", &PyBytes_Type},
    {"classmethod", &PyClassMethod_Type},
    {"complex", &PyComplex_Type},
    {"dict", &PyDict_Type},
    {"enumerate", &PyEnum_Type},
    {"filter", &PyFilter_Type},
    {"float", &PyFloat_Type},
    {"frozenset", &PyFrozenSet_Type},
    {"property", &PyProperty_Type},
    {"int", &PyLong_Type},
    {"list", &PyList_Type},
    {"map", &PyMap_Type},
    {"object", &PyBaseObject_Type},
    {"range", &PyRange_Type},
    {"reversed", &PyReversed_Type},
    {"set", &PySet_Type},
    {"slice", &PySlice_Type},
    {"staticmethod", &PyStaticMethod_Type},
    {"str", &PyUnicode_Type},
    {"super", &PySuper_Type},
    {"tuple", &PyTuple_Type},
    {"type", &PyType_Type},
    {"zip", &PyZip_Type},
};

static struct PyModuleDef builtins_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "builtins",
    .m_doc = "Functions, types, exceptions and constants that every scope sees without an import.",
    .m_size = -1,       /* the state is the module's dict */
    .m_methods = builtin_methods,
};

/* -- Start ------------------------------------------------------------------------------------------- */

PyObject *
_PyBuiltin_Init(PyInterpreterState *interp)
{
    const PyConfig *config = _PyInterpreterState_GetConfig(interp);
    PyObject *module = _PyModule_CreateInitialized(&builtins_module, PYTHON_API_VERSION);
    if (module == NULL) {
        return NULL;
    }
#ifdef Py_GIL_DISABLED
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
    PyObject *dict = PyModule_GetDict(module);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(builtin_names); i++) {
        if (PyDict_SetItemString(dict, builtin_names[i].name, (PyObject *)builtin_names[i].object) < 0) {
            Py_DECREF(module);
            return NULL;
        }
    }
    if (PyDict_SetItemString(dict, "__debug__", config->optimization_level == 0 ? Py_True : Py_False) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

/* For the table of builtin modules only: the module is made at start-up and never again. */
PyObject *
PyInit_builtins(void)
{
    PyObject *module = PyDict_GetItemString(_PyInterpreterState_GET()->imports.modules, "builtins");
    if (module == NULL) {
        PyErr_SetString(PyExc_ImportError, "builtins cannot be created a second time");
        return NULL;
    }
    return Py_NewRef(module);
}

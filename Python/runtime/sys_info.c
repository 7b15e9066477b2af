/* What sys tells about the interpreter and the machine: version, implementation, flags, structures of numbers and threads.

   Locking: types and texts are const after start; sys.flags is replaced, never changed, but for the two fields that
   programs may set (int_max_str_digits among them), which are stored into the structure as CPython does. */
#include "Python.h"
#include "pycore_global_ids.h"
#include "pycore_import.h"       // PYC_CACHE_TAG
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_long.h"
#include "pycore_namespace.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_structseq.h"
#include "pycore_sysmodule.h"
#include "pycore_tuple.h"

#include "pythread.h"

#include <float.h>

const unsigned long Py_Version = PY_VERSION_HEX;

/* -- Texts --------------------------------------------------------------------------------------------- */

#define STRINGIZE_(x) #x
#define STRINGIZE(x) STRINGIZE_(x)

#if defined(__clang__)
#  define COMPILER "[Clang " __clang_version__ "]"
#elif defined(__GNUC__)
#  define COMPILER "[GCC " STRINGIZE(__GNUC__) "." STRINGIZE(__GNUC_MINOR__) "." STRINGIZE(__GNUC_PATCHLEVEL__) "]"
#else
#  define COMPILER "[C]"
#endif

#ifdef Py_GIL_DISABLED
#  define BUILD_KIND " free-threading build"
#else
#  define BUILD_KIND ""
#endif

#ifndef PLATFORM
#  define PLATFORM "linux"
#endif

const char *
Py_GetVersion(void)
{
    return PY_VERSION BUILD_KIND " (Ladon, " __DATE__ ", " __TIME__ ") " COMPILER;
}

const char *
Py_GetBuildInfo(void)
{
    return "Ladon, " __DATE__ ", " __TIME__;
}

const char *
Py_GetCompiler(void)
{
    return "\n" COMPILER;
}

const char *
Py_GetPlatform(void)
{
    return PLATFORM;
}

const char *
Py_GetCopyright(void)
{
    return "Copyright (c) 2026 the authors of Ladon.\n"
           "The Python language and its standard library: Copyright (c) 2001 Python Software Foundation.\n"
           "All Rights Reserved.";
}

const char *
_Py_gitversion(void)
{
    return "";
}

const char *
_Py_gitidentifier(void)
{
    return "";
}

/* -- Structures ------------------------------------------------------------------------------------------ */

static PyTypeObject FlagsType, VersionInfoType, HashInfoType, AsyncgenHooksType;

static PyStructSequence_Field flags_fields[] = {
    {"debug", "-d"},
    {"inspect", "-i"},
    {"interactive", "-i"},
    {"optimize", "-O or -OO"},
    {"dont_write_bytecode", "-B"},
    {"no_user_site", "-s"},
    {"no_site", "-S"},
    {"ignore_environment", "-E"},
    {"verbose", "-v"},
    {"bytes_warning", "-b"},
    {"quiet", "-q"},
    {"hash_randomization", "-R"},
    {"isolated", "-I"},
    {"dev_mode", "-X dev"},
    {"utf8_mode", "-X utf8"},
    {"warn_default_encoding", "-X warn_default_encoding"},
    {"safe_path", "-P"},
    {"int_max_str_digits", "-X int_max_str_digits"},
    {"gil", "-X gil"},
    {"thread_inherit_context", "-X thread_inherit_context"},
    {"context_aware_warnings", "-X context_aware_warnings"},
    {0},
};

#define FLAGS_IN_SEQUENCE 18

static PyStructSequence_Desc flags_desc = {
    .name = "sys.flags",
    .doc = "sys.flags\n\nWhat the command line and the environment asked for.",
    .fields = flags_fields,
    .n_in_sequence = FLAGS_IN_SEQUENCE,
};

static PyStructSequence_Field version_info_fields[] = {
    {"major", "Major release number"},
    {"minor", "Minor release number"},
    {"micro", "Patch release number"},
    {"releaselevel", "'alpha', 'beta', 'candidate', or 'final'"},
    {"serial", "Serial release number"},
    {0},
};

static PyStructSequence_Desc version_info_desc = {
    .name = "sys.version_info",
    .doc = "sys.version_info\n\nThe version as numbers, which compare as versions do.",
    .fields = version_info_fields,
    .n_in_sequence = 5,
};

static PyStructSequence_Field hash_info_fields[] = {
    {"width", "width of the type used for hashing, in bits"},
    {"modulus", "prime number giving the modulus on which the hash function is based"},
    {"inf", "value to be used for hash of a positive infinity"},
    {"nan", "value to be used for hash of a nan"},
    {"imag", "multiplier used for the imaginary part of a complex number"},
    {"algorithm", "name of the algorithm for hashing of str, bytes and memoryviews"},
    {"hash_bits", "internal output size of hash algorithm"},
    {"seed_bits", "seed size of hash algorithm"},
    {"cutoff", "small string optimization cutoff"},
    {0},
};

static PyStructSequence_Desc hash_info_desc = {
    .name = "sys.hash_info",
    .doc = "hash_info\n\nHow hashes are computed.",
    .fields = hash_info_fields,
    .n_in_sequence = 9,
};

static PyStructSequence_Field asyncgen_hooks_fields[] = {
    {"firstiter", "Called when an asynchronous generator is iterated first"},
    {"finalizer", "Called when an asynchronous generator is about to be collected"},
    {0},
};

static PyStructSequence_Desc asyncgen_hooks_desc = {
    .name = "asyncgen_hooks",
    .doc = "asyncgen_hooks\n\nThe hooks that sys.set_asyncgen_hooks() has set.",
    .fields = asyncgen_hooks_fields,
    .n_in_sequence = 2,
};

/* Fills the next fields of a structure; a failed value leaves the exception for the end. */
static void
put(PyObject *structure, Py_ssize_t *position, PyObject *value)
{
    PyStructSequence_SetItem(structure, (*position)++, value);
}

static int
int_flag(PyObject *structure, Py_ssize_t *position, int value)
{
    put(structure, position, PyLong_FromLong(value));
    return 0;
}

static int
flags_fill(PyObject *flags, PyInterpreterState *interp)
{
    const PyConfig *config = _PyInterpreterState_GetConfig(interp);
    Py_ssize_t at = 0;
    int_flag(flags, &at, config->parser_debug);
    int_flag(flags, &at, config->inspect);
    int_flag(flags, &at, config->interactive);
    int_flag(flags, &at, config->optimization_level);
    int_flag(flags, &at, !config->write_bytecode);
    int_flag(flags, &at, !config->user_site_directory);
    int_flag(flags, &at, !config->site_import);
    int_flag(flags, &at, !config->use_environment);
    int_flag(flags, &at, config->verbose);
    int_flag(flags, &at, config->bytes_warning);
    int_flag(flags, &at, config->quiet);
    int_flag(flags, &at, config->use_hash_seed == 0 || config->hash_seed != 0);
    int_flag(flags, &at, config->isolated);
    put(flags, &at, PyBool_FromLong(config->dev_mode));
    int_flag(flags, &at, _Py_preconfig.utf8_mode > 0);
    int_flag(flags, &at, config->warn_default_encoding);
    put(flags, &at, PyBool_FromLong(config->safe_path));
    int_flag(flags, &at, interp->config.int_max_str_digits);
#ifdef Py_GIL_DISABLED
    if (config->enable_gil < 0) {
        put(flags, &at, Py_NewRef(Py_None));
    }
    else {
        int_flag(flags, &at, config->enable_gil);
    }
#else
    int_flag(flags, &at, 1);
#endif
    int_flag(flags, &at, config->thread_inherit_context);
    int_flag(flags, &at, config->context_aware_warnings);
    return PyErr_Occurred() ? -1 : 0;
}

PyObject *
_PySys_MakeFlags(PyInterpreterState *interp)
{
    PyObject *flags = PyStructSequence_New(&FlagsType);
    if (flags != NULL && flags_fill(flags, interp) < 0) {
        Py_CLEAR(flags);
    }
    return flags;
}

/* Changes one number of sys.flags in place: what programs have taken from there stays the same object. */
int
_PySys_SetFlagInt(const char *name, int value)
{
    Py_ssize_t index = 0;
    while (flags_fields[index].name != NULL && strcmp(flags_fields[index].name, name) != 0) {
        index++;
    }
    if (flags_fields[index].name == NULL) {
        PyErr_Format(PyExc_ValueError, "sys.flags has no field %s", name);
        return -1;
    }
    PyObject *flags;
    if (_PySys_GetOptionalAttrString("flags", &flags) <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int result = 0;
    if (Py_IS_TYPE(flags, &FlagsType)) {
        PyObject *number = PyLong_FromLong(value);
        if (number == NULL) {
            result = -1;
        }
        else {
            PyObject *old = PyStructSequence_GetItem(flags, index);
            PyStructSequence_SetItem(flags, index, number);
            Py_XDECREF(old);
        }
    }
    Py_DECREF(flags);
    return result;
}

int
_PySys_SetIntMaxStrDigits(int maxdigits)
{
    if (maxdigits != 0 && maxdigits < _PY_LONG_MAX_STR_DIGITS_THRESHOLD) {
        PyErr_Format(PyExc_ValueError, "maxdigits must be >= %d or 0 for unlimited",
                     _PY_LONG_MAX_STR_DIGITS_THRESHOLD);
        return -1;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (_PySys_SetFlagInt("int_max_str_digits", maxdigits) < 0) {
        return -1;
    }
    interp->long_state.max_str_digits = maxdigits;
    interp->config.int_max_str_digits = maxdigits;
    return 0;
}

static PyObject *
make_version_info(void)
{
    PyObject *info = PyStructSequence_New(&VersionInfoType);
    if (info == NULL) {
        return NULL;
    }
    Py_ssize_t at = 0;
    const char *level = PY_RELEASE_LEVEL == PY_RELEASE_LEVEL_ALPHA   ? "alpha"
                        : PY_RELEASE_LEVEL == PY_RELEASE_LEVEL_BETA  ? "beta"
                        : PY_RELEASE_LEVEL == PY_RELEASE_LEVEL_GAMMA ? "candidate"
                                                                     : "final";
    int_flag(info, &at, PY_MAJOR_VERSION);
    int_flag(info, &at, PY_MINOR_VERSION);
    int_flag(info, &at, PY_MICRO_VERSION);
    put(info, &at, PyUnicode_FromString(level));
    int_flag(info, &at, PY_RELEASE_SERIAL);
    if (PyErr_Occurred()) {
        Py_CLEAR(info);
    }
    return info;
}

static PyObject *
make_hash_info(void)
{
    PyObject *info = PyStructSequence_New(&HashInfoType);
    if (info == NULL) {
        return NULL;
    }
    PyHash_FuncDef *function = PyHash_GetFuncDef();
    Py_ssize_t at = 0;
    int_flag(info, &at, 8 * (int)sizeof(Py_hash_t));
    put(info, &at, PyLong_FromSsize_t(PyHASH_MODULUS));
    int_flag(info, &at, PyHASH_INF);
    int_flag(info, &at, 0);
    int_flag(info, &at, PyHASH_IMAG);
    put(info, &at, PyUnicode_FromString(function->name));
    int_flag(info, &at, function->hash_bits);
    int_flag(info, &at, function->seed_bits);
    int_flag(info, &at, Py_HASH_CUTOFF);
    if (PyErr_Occurred()) {
        Py_CLEAR(info);
    }
    return info;
}

PyObject *
_PySys_MakeAsyncgenHooks(PyObject *firstiter, PyObject *finalizer)
{
    PyObject *hooks = PyStructSequence_New(&AsyncgenHooksType);
    if (hooks != NULL) {
        PyStructSequence_SetItem(hooks, 0, Py_NewRef(firstiter ? firstiter : Py_None));
        PyStructSequence_SetItem(hooks, 1, Py_NewRef(finalizer ? finalizer : Py_None));
    }
    return hooks;
}

static PyObject *
make_implementation(PyObject *version_info)
{
    PyObject *dict = Py_BuildValue("{s:s,s:s,s:O,s:k,s:O}", "name", "cpython", "cache_tag", PYC_CACHE_TAG, "version",
                                   version_info, "hexversion", (unsigned long)PY_VERSION_HEX,
                                   "supports_isolated_interpreters", Py_True);
    PyObject *result = NULL;
#ifdef MULTIARCH
    if (dict != NULL) {
        PyObject *triplet = PyUnicode_FromString(MULTIARCH);
        if (triplet == NULL || PyDict_SetItemString(dict, "_multiarch", triplet) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(triplet);
    }
#endif
    if (dict != NULL) {
        result = _PyNamespace_New(dict);
    }
    Py_XDECREF(dict);
    return result;
}

PyObject *
_PySys_StdlibModuleNames(void)
{
    static const char *const names[] = {
#define STDLIB_NAME(name) #name,
#include "stdlib_names.def"
#undef STDLIB_NAME
    };
    PyObject *list = PyList_New(0), *result = NULL;
    for (size_t i = 0; list != NULL && i < Py_ARRAY_LENGTH(names); i++) {
        PyObject *name = PyUnicode_InternFromString(names[i]);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    if (list != NULL) {
        result = PyFrozenSet_New(list);
        Py_DECREF(list);
    }
    return result;
}

/* -- Into sys ---------------------------------------------------------------------------------------------- */

/* Steals value. */
static int
add(PyObject *sysdict, const char *name, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(sysdict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

static int
init_types(PyInterpreterState *interp)
{
    const unsigned long closed = Py_TPFLAGS_DISALLOW_INSTANTIATION;
    return _PyStructSequence_InitBuiltinWithFlags(interp, &VersionInfoType, &version_info_desc, closed) < 0 ||
                   _PyStructSequence_InitBuiltinWithFlags(interp, &FlagsType, &flags_desc, closed) < 0 ||
                   _PyStructSequence_InitBuiltin(interp, &HashInfoType, &hash_info_desc) < 0 ||
                   _PyStructSequence_InitBuiltin(interp, &AsyncgenHooksType, &asyncgen_hooks_desc) < 0
               ? -1
               : 0;
}

int
_PySys_AddInfo(PyThreadState *tstate, PyObject *sysdict)
{
    PyInterpreterState *interp = tstate->interp;
    if (init_types(interp) < 0) {
        return -1;
    }
    PyObject *version_info = make_version_info();
    if (version_info == NULL) {
        return -1;
    }
    int failed =
        add(sysdict, "version", PyUnicode_FromString(Py_GetVersion())) < 0 ||
        add(sysdict, "hexversion", PyLong_FromLong(PY_VERSION_HEX)) < 0 ||
        add(sysdict, "_git", Py_BuildValue("(sss)", "Ladon", _Py_gitidentifier(), _Py_gitversion())) < 0 ||
        add(sysdict, "_framework", PyUnicode_FromString("")) < 0 ||
        add(sysdict, "api_version", PyLong_FromLong(PYTHON_API_VERSION)) < 0 ||
        add(sysdict, "copyright", PyUnicode_FromString(Py_GetCopyright())) < 0 ||
        add(sysdict, "platform", PyUnicode_FromString(Py_GetPlatform())) < 0 ||
        add(sysdict, "maxsize", PyLong_FromSsize_t(PY_SSIZE_T_MAX)) < 0 ||
        add(sysdict, "float_info", PyFloat_GetInfo()) < 0 ||
        add(sysdict, "int_info", PyLong_GetInfo()) < 0 ||
        add(sysdict, "hash_info", make_hash_info()) < 0 ||
        add(sysdict, "maxunicode", PyLong_FromLong(0x10FFFF)) < 0 ||
        add(sysdict, "builtin_module_names", _PyImport_GetBuiltinModuleNames()) < 0 ||
        add(sysdict, "stdlib_module_names", _PySys_StdlibModuleNames()) < 0 ||
        add(sysdict, "byteorder", PyUnicode_FromString(PY_BIG_ENDIAN ? "big" : "little")) < 0 ||
        add(sysdict, "abiflags", PyUnicode_FromString(ABIFLAGS)) < 0 ||
        add(sysdict, "implementation", make_implementation(version_info)) < 0 ||
        PyDict_SetItemString(sysdict, "version_info", version_info) < 0 ||
        add(sysdict, "flags", _PySys_MakeFlags(interp)) < 0 ||
        add(sysdict, "float_repr_style", PyUnicode_FromString("short")) < 0 ||
        add(sysdict, "thread_info", PyThread_GetInfo()) < 0;
    Py_DECREF(version_info);
    return failed ? -1 : 0;
}

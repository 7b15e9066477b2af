/* Code objects: creation, attributes, comparison, replace().

   A code object is constant after creation but for its bytecode, which quickens itself (PROTOCOLS P7), and for values computed
   on demand (_co_cached), which are set once by compare-and-swap.
   References are deferred: the eval loop does not count them. */
#include "Python.h"
#include "pycore_args.h"
#include "pycore_atomic_ft.h"
#include "pycore_call.h"
#include "pycore_ceval.h"            // _PyEval_CopyGenericCode
#include "pycore_compile.h"
#include "pycore_global_ids.h"
#include "pycore_interp.h"
#include "pycore_long.h"
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "code_private.h"

#include <structmember.h>

/* -- Opcodes as data ------------------------------------------------------------------------------ */

/* The generic form of every opcode. */
static const uint8_t generic_form[] = {
#define OP(name, a, b, c, words, effects, description) OP_##name,
#define OP_SPECIALISED(name, generic, description) OP_##generic,
#include "../../Python/compile/opcodes.def"
#undef OP
#undef OP_SPECIALISED
};

static const char *const opcode_names[] = {
#define OP(name, a, b, c, words, effects, description) #name,
#define OP_SPECIALISED(name, generic, description) #name,
#include "../../Python/compile/opcodes.def"
#undef OP
#undef OP_SPECIALISED
};

static const struct {
    uint8_t words, jumps;
    const char *a, *b, *c;
} shapes[] = {
#define J 1
#define RAISES 0
#define CACHED 0
#define POLL 0
#define CALLS 0
#define END 0
#define OP(name, ka, kb, kc, nwords, effects, description) {nwords, (effects) & 1, #ka, #kb, #kc},
#include "../../Python/compile/opcodes.def"
#undef OP
#undef J
#undef RAISES
#undef CACHED
#undef POLL
#undef CALLS
#undef END
};

/* -- Constants ---------------------------------------------------------------------------------------- */

PyObject *
_PyCode_ConstantKey(PyObject *op)
{
    if (op == Py_None || op == Py_Ellipsis || PyLong_CheckExact(op) || PyUnicode_CheckExact(op) || PyCode_Check(op)) {
        return PyTuple_Pack(2, Py_TYPE(op), op);
    }
    if (PyBool_Check(op) || PyBytes_CheckExact(op)) {
        return PyTuple_Pack(2, Py_TYPE(op), op);
    }
    if (PyFloat_CheckExact(op)) {
        double d = PyFloat_AS_DOUBLE(op);
        /* 0.0 and -0.0 are equal but not the same constant */
        return d == 0.0 && signbit(d) ? PyTuple_Pack(3, Py_TYPE(op), op, Py_None) : PyTuple_Pack(2, Py_TYPE(op), op);
    }
    if (PyComplex_CheckExact(op)) {
        Py_complex z = PyComplex_AsCComplex(op);
        return Py_BuildValue("(OOii)", Py_TYPE(op), op, z.real == 0.0 && signbit(z.real), z.imag == 0.0 && signbit(z.imag));
    }
    if (PyTuple_CheckExact(op)) {
        Py_ssize_t count = PyTuple_GET_SIZE(op);
        PyObject *keys = PyTuple_New(count);
        for (Py_ssize_t i = 0; keys != NULL && i < count; i++) {
            PyObject *key = _PyCode_ConstantKey(PyTuple_GET_ITEM(op, i));
            if (key == NULL) {
                Py_CLEAR(keys);
                break;
            }
            PyTuple_SET_ITEM(keys, i, key);
        }
        PyObject *result = keys ? PyTuple_Pack(2, keys, op) : NULL;
        Py_XDECREF(keys);
        return result;
    }
    if (PyFrozenSet_CheckExact(op)) {
        PyObject *list = PySequence_List(op), *keys = PyList_New(0), *set = NULL, *result = NULL;
        for (Py_ssize_t i = 0; list != NULL && keys != NULL && i < PyList_GET_SIZE(list); i++) {
            PyObject *key = _PyCode_ConstantKey(PyList_GET_ITEM(list, i));
            if (key == NULL || PyList_Append(keys, key) < 0) {
                Py_CLEAR(keys);
            }
            Py_XDECREF(key);
        }
        set = keys ? PyFrozenSet_New(keys) : NULL;
        result = set ? PyTuple_Pack(2, set, op) : NULL;
        Py_XDECREF(list);
        Py_XDECREF(keys);
        Py_XDECREF(set);
        return result;
    }
    if (PySlice_Check(op)) {
        PySliceObject *slice = (PySliceObject *)op;
        PyObject *parts = PyTuple_Pack(3, slice->start, slice->stop, slice->step);
        PyObject *key = parts ? _PyCode_ConstantKey(parts) : NULL;
        PyObject *result = key ? PyTuple_Pack(2, key, Py_TYPE(op)) : NULL;
        Py_XDECREF(parts);
        Py_XDECREF(key);
        return result;
    }
    PyObject *address = PyLong_FromVoidPtr(op);
    PyObject *result = address ? PyTuple_Pack(2, address, op) : NULL;
    Py_XDECREF(address);
    return result;
}

static int
looks_like_name(PyObject *text)
{
    if (!PyUnicode_IS_ASCII(text)) {
        return 0;
    }
    const unsigned char *p = PyUnicode_1BYTE_DATA(text);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
        if (!Py_ISALNUM(p[i]) && p[i] != '_') {
            return 0;
        }
    }
    return 1;
}

static void
intern_all(PyObject *tuple, int only_names)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject **slot = &((PyTupleObject *)tuple)->ob_item[i];
        if (PyUnicode_CheckExact(*slot) && (!only_names || looks_like_name(*slot))) {
            PyUnicode_InternInPlace(slot);
        }
        else if (PyTuple_CheckExact(*slot)) {
            intern_all(*slot, only_names);
        }
    }
}

static _PyValue
constant_value(PyObject *op)
{
    return _Py_IsImmortal(op) || _PyObject_HasDeferredRefcount(op) ? _PyValue_Borrow(op) : _PyValue_Steal(op);
}

static _PyValue
number_value(PyObject *op)
{
    int64_t i;
    if (PyLong_CheckExact(op) && _PyLong_TryInt51(op, &i)) {
        return _PyValue_FromInt(i);
    }
    if (PyFloat_CheckExact(op) && !isnan(PyFloat_AS_DOUBLE(op))) {
        return _PyValue_FromDouble(PyFloat_AS_DOUBLE(op));
    }
    return constant_value(op);
}

static _PyCodeExtra *
make_extra(PyObject *consts, Py_ssize_t nwords)
{
    Py_ssize_t count = PyTuple_GET_SIZE(consts);
    _PyCodeExtra *extra = PyMem_Calloc(1, sizeof *extra + 2 * (size_t)count * sizeof(_PyValue));
    if (extra == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    extra->nwords = nwords;
    extra->constants = (_PyValue *)(void *)(extra + 1);
    extra->numbers = extra->constants + count;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *op = PyTuple_GET_ITEM(consts, i);
        extra->constants[i] = constant_value(op);
        extra->numbers[i] = number_value(op);
    }
    return extra;
}

/* -- Creation ----------------------------------------------------------------------------------------------- */

static int
first_traceable(const _Py_Instr *code, Py_ssize_t nwords)
{
    for (Py_ssize_t i = 0; i < nwords; i++) {
        if (code[i].i.op == OP_RESUME) {
            return (int)i;
        }
        if (shapes[code[i].i.op].words == 2) {
            i++;
        }
    }
    return 0;
}

PyCodeObject *
_PyCode_New(struct _PyCodeConstructor *con)
{
    Py_ssize_t size = PyBytes_GET_SIZE(con->code), nwords = size / (Py_ssize_t)sizeof(_Py_Instr);
    PyCodeObject *co = PyObject_NewVar(PyCodeObject, &PyCode_Type, size);
    if (co == NULL) {
        return NULL;
    }
    memset((char *)co + sizeof(PyVarObject), 0, offsetof(PyCodeObject, co_code_adaptive) - sizeof(PyVarObject));
    intern_all(con->names, 0);
    intern_all(con->localsplusnames, 0);
    intern_all(con->consts, 1);
    co->co_filename = Py_NewRef(con->filename);
    co->co_name = Py_NewRef(con->name);
    co->co_qualname = Py_NewRef(con->qualname);
    PyUnicode_InternInPlace(&co->co_filename);
    PyUnicode_InternInPlace(&co->co_name);
    PyUnicode_InternInPlace(&co->co_qualname);
    co->co_flags = con->flags;
    co->co_firstlineno = con->firstlineno;
    co->co_linetable = Py_NewRef(con->linetable);
    co->co_consts = Py_NewRef(con->consts);
    co->co_names = Py_NewRef(con->names);
    co->co_localsplusnames = Py_NewRef(con->localsplusnames);
    co->co_localspluskinds = Py_NewRef(con->localspluskinds);
    co->co_argcount = con->argcount;
    co->co_posonlyargcount = con->posonlyargcount;
    co->co_kwonlyargcount = con->kwonlyargcount;
    co->co_exceptiontable = Py_NewRef(con->exceptiontable);
    co->co_framesize = con->nregisters;
    co->co_stacksize = con->nregisters - (int)PyTuple_GET_SIZE(con->localsplusnames);
    const char *kinds = PyBytes_AS_STRING(con->localspluskinds);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(con->localsplusnames); i++) {
        co->co_nlocals += (kinds[i] & CO_FAST_LOCAL) != 0;
        co->co_ncellvars += (kinds[i] & CO_FAST_CELL) != 0;
        co->co_nfreevars += (kinds[i] & CO_FAST_FREE) != 0;
    }
    co->co_nlocalsplus = (int)PyTuple_GET_SIZE(con->localsplusnames);
    memcpy(co->co_code_adaptive, PyBytes_AS_STRING(con->code), (size_t)size);
    co->_co_firsttraceable = first_traceable(_PyCode_CODE(co), nwords);
    co->co_executors = (void *)make_extra(co->co_consts, nwords);
    if (co->co_executors == NULL) {
        Py_DECREF(co);
        return NULL;
    }
    _PyObject_SetDeferred((PyObject *)co);
    _PyObject_SetShared((PyObject *)co);
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 0, bits = interp->active_code_watchers; bits; i++, bits >>= 1) {
        if (bits & 1 && interp->code_watchers[i](PY_CODE_EVENT_CREATE, co) < 0) {
            PyErr_FormatUnraisable("Exception ignored in create code watcher callback for %R", co);
        }
    }
    return co;
}

static void
code_dealloc(PyObject *op)
{
    PyCodeObject *co = (PyCodeObject *)op;
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (interp->active_code_watchers) {
        Py_SET_REFCNT(op, 1);
        for (int i = 0, bits = interp->active_code_watchers; bits; i++, bits >>= 1) {
            if (bits & 1 && interp->code_watchers[i](PY_CODE_EVENT_DESTROY, co) < 0) {
                PyErr_FormatUnraisable("Exception ignored in destroy code watcher callback");
            }
        }
        Py_SET_REFCNT(op, 0);
    }
    if (co->co_weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    extern void _PyEval_ReleaseCodeCaches(PyCodeObject *);
    if (co->co_executors != NULL) {
        _PyEval_ReleaseCodeCaches(co);
    }
    extern void _PyCode_FreeExtras(PyCodeObject *);
    _PyCode_FreeExtras(co);
    Py_XDECREF(co->co_consts);
    Py_XDECREF(co->co_names);
    Py_XDECREF(co->co_localsplusnames);
    Py_XDECREF(co->co_localspluskinds);
    Py_XDECREF(co->co_filename);
    Py_XDECREF(co->co_name);
    Py_XDECREF(co->co_qualname);
    Py_XDECREF(co->co_linetable);
    Py_XDECREF(co->co_exceptiontable);
    if (co->_co_cached != NULL) {
        Py_XDECREF(co->_co_cached->_co_code);
        Py_XDECREF(co->_co_cached->_co_varnames);
        Py_XDECREF(co->_co_cached->_co_cellvars);
        Py_XDECREF(co->_co_cached->_co_freevars);
        PyMem_Free(co->_co_cached);
    }
    PyMem_Free(co->co_executors);
    PyObject_Free(co);
}

/* -- Values computed on demand -------------------------------------------------------------------------------- */

static _PyCoCached *
cached(PyCodeObject *co)
{
    _PyCoCached *found = FT_ATOMIC_LOAD_PTR_ACQUIRE(co->_co_cached);
    if (found != NULL) {
        return found;
    }
    _PyCoCached *fresh = PyMem_Calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    /* Another thread may have been faster: its structure stays. */
    void *expected = NULL;
    if (!_Py_atomic_compare_exchange_ptr(&co->_co_cached, &expected, fresh)) {
        PyMem_Free(fresh);
        return expected;
    }
    return fresh;
}

/* Keeps value in *slot unless somebody else did so first; a new reference to what is there. */
static PyObject *
keep_cached(PyObject **slot, PyObject *value)
{
    void *expected = NULL;
    if (value != NULL && !_Py_atomic_compare_exchange_ptr(slot, &expected, value)) {
        Py_DECREF(value);
        value = expected;
    }
    return Py_XNewRef(value);
}

static PyObject *
names_of_kind(PyCodeObject *co, int kind)
{
    PyObject *list = PyList_New(0);
    const char *kinds = PyBytes_AS_STRING(co->co_localspluskinds);
    for (int i = 0; list != NULL && i < co->co_nlocalsplus; i++) {
        if ((kinds[i] & kind) && PyList_Append(list, PyTuple_GET_ITEM(co->co_localsplusnames, i)) < 0) {
            Py_CLEAR(list);
        }
    }
    PyObject *tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

static PyObject *
cached_names(PyCodeObject *co, size_t offset, int kind)
{
    _PyCoCached *c = cached(co);
    if (c == NULL) {
        return NULL;
    }
    PyObject **slot = (PyObject **)((char *)c + offset);
    PyObject *value = FT_ATOMIC_LOAD_PTR_ACQUIRE(*slot);
    return value != NULL ? Py_NewRef(value) : keep_cached(slot, names_of_kind(co, kind));
}

PyObject *
PyCode_GetVarnames(PyCodeObject *co)
{
    return cached_names(co, offsetof(_PyCoCached, _co_varnames), CO_FAST_LOCAL);
}

PyObject *
PyCode_GetCellvars(PyCodeObject *co)
{
    return cached_names(co, offsetof(_PyCoCached, _co_cellvars), CO_FAST_CELL);
}

PyObject *
PyCode_GetFreevars(PyCodeObject *co)
{
    return cached_names(co, offsetof(_PyCoCached, _co_freevars), CO_FAST_FREE);
}

PyObject *
PyCode_GetCode(PyCodeObject *co)
{
    _PyCoCached *c = cached(co);
    if (c == NULL) {
        return NULL;
    }
    PyObject *value = FT_ATOMIC_LOAD_PTR_ACQUIRE(c->_co_code);
    if (value != NULL) {
        return Py_NewRef(value);
    }
    Py_ssize_t nwords = _PyCode_NWORDS(co);
    value = PyBytes_FromStringAndSize(NULL, nwords * (Py_ssize_t)sizeof(_Py_Instr));
    if (value == NULL) {
        return NULL;
    }
    _Py_Instr *words = (_Py_Instr *)(void *)PyBytes_AS_STRING(value);
    _PyEval_CopyGenericCode(co, words);
    return keep_cached(&c->_co_code, value);
}

const _PyExceptionTableRow *
_PyCode_FindHandler(PyCodeObject *co, Py_ssize_t i)
{
    const _PyExceptionTableRow *rows = (const void *)PyBytes_AS_STRING(co->co_exceptiontable);
    Py_ssize_t low = 0, high = PyBytes_GET_SIZE(co->co_exceptiontable) / (Py_ssize_t)sizeof *rows;
    /* The compiler writes disjoint rows in order of position. */
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (i < (Py_ssize_t)rows[middle].start) {
            high = middle;
        }
        else if (i >= (Py_ssize_t)rows[middle].end) {
            low = middle + 1;
        }
        else {
            return &rows[middle];
        }
    }
    return NULL;
}

/* -- Comparison ---------------------------------------------------------------------------------------------------- */

static PyObject *
code_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyCode_Check(a) || !PyCode_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyCodeObject *x = (PyCodeObject *)a, *y = (PyCodeObject *)b;
    int equal = x == y;
    if (!equal && x->co_argcount == y->co_argcount && x->co_posonlyargcount == y->co_posonlyargcount &&
        x->co_kwonlyargcount == y->co_kwonlyargcount && x->co_flags == y->co_flags &&
        x->co_firstlineno == y->co_firstlineno && x->co_framesize == y->co_framesize && Py_SIZE(x) == Py_SIZE(y)) {
        PyObject *left = PyCode_GetCode(x), *right = PyCode_GetCode(y);
        PyObject *left_key = _PyCode_ConstantKey(x->co_consts), *right_key = _PyCode_ConstantKey(y->co_consts);
        PyObject *pairs[][2] = {
            {x->co_name, y->co_name}, {left, right}, {left_key, right_key}, {x->co_names, y->co_names},
            {x->co_localsplusnames, y->co_localsplusnames}, {x->co_localspluskinds, y->co_localspluskinds},
            {x->co_linetable, y->co_linetable}, {x->co_exceptiontable, y->co_exceptiontable}};
        equal = left != NULL && right != NULL && left_key != NULL && right_key != NULL ? 1 : -1;
        for (size_t i = 0; equal == 1 && i < Py_ARRAY_LENGTH(pairs); i++) {
            equal = PyObject_RichCompareBool(pairs[i][0], pairs[i][1], Py_EQ);
        }
        Py_XDECREF(left);
        Py_XDECREF(right);
        Py_XDECREF(left_key);
        Py_XDECREF(right_key);
        if (equal < 0) {
            return NULL;
        }
    }
    return PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static Py_hash_t
code_hash(PyObject *op)
{
    PyCodeObject *co = (PyCodeObject *)op;
    PyObject *code = PyCode_GetCode(co);
    PyObject *parts = code ? Py_BuildValue("(OOOOOOiiiii)", co->co_name, code, co->co_names, co->co_localsplusnames,
                                           co->co_linetable, co->co_exceptiontable, co->co_argcount,
                                           co->co_posonlyargcount, co->co_kwonlyargcount, co->co_flags,
                                           co->co_firstlineno) : NULL;
    Py_XDECREF(code);
    Py_hash_t hash = parts ? PyObject_Hash(parts) : -1;
    Py_XDECREF(parts);
    return hash;
}

static PyObject *
code_repr(PyObject *op)
{
    PyCodeObject *co = (PyCodeObject *)op;
    return PyUnicode_FromFormat("<code object %U at %p, file \"%U\", line %d>", co->co_name, co, co->co_filename,
                                co->co_firstlineno ? co->co_firstlineno : -1);
}

/* -- Construction from parts ------------------------------------------------------------------------------------------- */

/* localsplusnames and kinds from the three lists that Python code sees.  Cells that are arguments come once. */
static int
join_names(PyObject *varnames, PyObject *cellvars, PyObject *freevars, int argcount, int posonly, int kwonly, int flags,
           PyObject **names, PyObject **kinds)
{
    Py_ssize_t nlocals = PyTuple_GET_SIZE(varnames), total = nlocals;
    PyObject *list = PySequence_List(varnames);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, nlocals + PyTuple_GET_SIZE(cellvars) + PyTuple_GET_SIZE(freevars));
    if (list == NULL || bytes == NULL) {
        goto fail;
    }
    char *kind = PyBytes_AS_STRING(bytes);
    int keyword = argcount + kwonly, varargs = keyword + ((flags & CO_VARARGS) != 0);
    for (Py_ssize_t i = 0; i < nlocals; i++) {
        kind[i] = CO_FAST_LOCAL;
        kind[i] |= i < posonly ? CO_FAST_ARG_POS : i < argcount ? CO_FAST_ARG_POS | CO_FAST_ARG_KW
                   : i < keyword ? CO_FAST_ARG_KW : i < varargs ? CO_FAST_ARG_VAR | CO_FAST_ARG_POS
                   : i < varargs + ((flags & CO_VARKEYWORDS) != 0) ? CO_FAST_ARG_VAR | CO_FAST_ARG_KW : 0;
    }
    PyObject *groups[] = {cellvars, freevars};
    for (int g = 0; g < 2; g++) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(groups[g]); i++) {
            PyObject *name = PyTuple_GET_ITEM(groups[g], i);
            Py_ssize_t at = g == 0 ? PySequence_Index(varnames, name) : -1;
            PyErr_Clear();
            if (at >= 0) {
                kind[at] |= CO_FAST_CELL;
                continue;
            }
            if (PyList_Append(list, name) < 0) {
                goto fail;
            }
            kind[total++] = g == 0 ? CO_FAST_CELL : (char)CO_FAST_FREE;
        }
    }
    if (_PyBytes_Resize(&bytes, total) < 0) {
        goto fail;
    }
    *names = PyList_AsTuple(list);
    *kinds = bytes;
    Py_DECREF(list);
    return *names == NULL ? -1 : 0;
fail:
    Py_XDECREF(list);
    Py_XDECREF(bytes);
    return -1;
}

PyCodeObject *
PyUnstable_Code_NewWithPosOnlyArgs(int argcount, int posonlyargcount, int kwonlyargcount, int nlocals, int stacksize,
                                   int flags, PyObject *code, PyObject *consts, PyObject *names, PyObject *varnames,
                                   PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
                                   PyObject *qualname, int firstlineno, PyObject *linetable, PyObject *exceptiontable)
{
    PyObject *local_names = NULL, *kinds = NULL;
    PyCodeObject *result = NULL;
    if (argcount < posonlyargcount || posonlyargcount < 0 || kwonlyargcount < 0 || nlocals < 0 || stacksize < 0 ||
        code == NULL || !PyBytes_Check(code) || varnames == NULL || !PyTuple_Check(varnames) || cellvars == NULL ||
        !PyTuple_Check(cellvars) || freevars == NULL || !PyTuple_Check(freevars)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (nlocals != PyTuple_GET_SIZE(varnames)) {
        PyErr_SetString(PyExc_ValueError, "code: co_nlocals != len(co_varnames)");
        return NULL;
    }
    if (join_names(varnames, cellvars, freevars, argcount, posonlyargcount, kwonlyargcount, flags, &local_names,
                   &kinds) == 0) {
        struct _PyCodeConstructor con = {
            .filename = filename, .name = name, .qualname = qualname, .flags = flags, .code = code,
            .firstlineno = firstlineno, .linetable = linetable, .consts = consts, .names = names,
            .localsplusnames = local_names, .localspluskinds = kinds, .argcount = argcount,
            .posonlyargcount = posonlyargcount, .kwonlyargcount = kwonlyargcount,
            .nregisters = (int)PyTuple_GET_SIZE(local_names) + stacksize, .exceptiontable = exceptiontable};
        if (_PyCode_Validate(&con) == 0) {
            result = _PyCode_New(&con);
        }
    }
    Py_XDECREF(local_names);
    Py_XDECREF(kinds);
    return result;
}

PyCodeObject *
PyUnstable_Code_New(int argcount, int kwonlyargcount, int nlocals, int stacksize, int flags, PyObject *code,
                    PyObject *consts, PyObject *names, PyObject *varnames, PyObject *freevars, PyObject *cellvars,
                    PyObject *filename, PyObject *name, PyObject *qualname, int firstlineno, PyObject *linetable,
                    PyObject *exceptiontable)
{
    return PyUnstable_Code_NewWithPosOnlyArgs(argcount, 0, kwonlyargcount, nlocals, stacksize, flags, code, consts, names,
                                              varnames, freevars, cellvars, filename, name, qualname, firstlineno,
                                              linetable, exceptiontable);
}

/* A code object with a name and a place and nothing to run: for tracebacks of other languages.  It raises when run. */
PyCodeObject *
PyCode_NewEmpty(const char *filename, const char *name, int firstlineno)
{
    _Py_Instr words[] = {
        {.i = {.op = OP_RESUME}},
        {.i = {.op = OP_LOAD_COMMON_CONSTANT, .a = 0, .b = 0}},
        {.i = {.op = OP_RAISE, .x = 1, .a = 0 | OPERAND_LAST_USE}},
    };
    static const unsigned char table[] = {0x80 | PY_CODE_LOCATION_INFO_NO_COLUMNS << 3 | 2, 0};
    PyObject *empty = PyTuple_New(0), *bytes = PyBytes_FromStringAndSize((char *)words, sizeof words),
             *none = PyBytes_FromStringAndSize(NULL, 0), *file = PyUnicode_DecodeFSDefault(filename),
             *text = PyUnicode_FromString(name), *lines = PyBytes_FromStringAndSize((const char *)table, sizeof table);
    PyCodeObject *result = NULL;
    if (empty != NULL && bytes != NULL && none != NULL && file != NULL && text != NULL && lines != NULL) {
        struct _PyCodeConstructor con = {
            .filename = file, .name = text, .qualname = text, .flags = CO_OPTIMIZED | CO_NEWLOCALS, .code = bytes,
            .firstlineno = firstlineno, .linetable = lines, .consts = empty, .names = empty,
            .localsplusnames = empty, .localspluskinds = none, .nregisters = 2, .exceptiontable = none};
        result = _PyCode_New(&con);
    }
    Py_XDECREF(empty);
    Py_XDECREF(bytes);
    Py_XDECREF(none);
    Py_XDECREF(file);
    Py_XDECREF(text);
    Py_XDECREF(lines);
    return result;
}

static PyObject *
code_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    int argcount, posonly, kwonly, nlocals, stacksize, flags, firstlineno;
    PyObject *code, *consts, *names, *varnames, *filename, *name, *qualname, *linetable, *exceptiontable,
        *freevars = NULL, *cellvars = NULL, *empty = PyTuple_New(0);
    PyObject *result = NULL;
    if (empty == NULL || !_PyArg_NoKeywords("code", kwds) ||
        !PyArg_ParseTuple(args, "iiiiiiSO!O!O!UUUiSS|O!O!:code", &argcount, &posonly, &kwonly, &nlocals, &stacksize,
                          &flags, &code, &PyTuple_Type, &consts, &PyTuple_Type, &names, &PyTuple_Type, &varnames,
                          &filename, &name, &qualname, &firstlineno, &linetable, &exceptiontable, &PyTuple_Type,
                          &freevars, &PyTuple_Type, &cellvars)) {
        goto done;
    }
    if (PySys_Audit("code.__new__", "OOOiiiiii", code, filename, name, argcount, posonly, kwonly, nlocals, stacksize,
                    flags) < 0) {
        goto done;
    }
    const int counts[] = {argcount, posonly, kwonly, nlocals};
    static const char *const count_names[] = {"argcount", "posonlyargcount", "kwonlyargcount", "nlocals"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(counts); i++) {
        if (counts[i] < 0) {
            PyErr_Format(PyExc_ValueError, "code: %s must not be negative", count_names[i]);
            goto done;
        }
    }
    result = (PyObject *)PyUnstable_Code_NewWithPosOnlyArgs(
        argcount, posonly, kwonly, nlocals, stacksize, flags, code, consts, names, varnames, freevars ? freevars : empty,
        cellvars ? cellvars : empty, filename, name, qualname, firstlineno, linetable, exceptiontable);
done:
    Py_XDECREF(empty);
    return result;
}

/* -- Methods ------------------------------------------------------------------------------------------------------------- */

static PyObject *
code_co_lines(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyCode_Lines((PyCodeObject *)self);
}

static PyObject *
code_co_positions(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyCode_Positions((PyCodeObject *)self);
}

/* (instruction, where it goes on, where it jumps to) of every conditional branch. */
static PyObject *
code_co_branches(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyCodeObject *co = (PyCodeObject *)self;
    PyObject *list = PyList_New(0), *code = PyCode_GetCode(co);
    const _Py_Instr *words = code ? (const void *)PyBytes_AS_STRING(code) : NULL;
    for (Py_ssize_t i = 0; list != NULL && words != NULL && i < _PyCode_NWORDS(co);) {
        int op = words[i].i.op, size = shapes[op].words;
        if (shapes[op].jumps && op != OP_JUMP && op != OP_JUMP_BACK && op != OP_SEND) {
            Py_ssize_t next = i + size, target = next + words[i + 1].ext.jump;
            PyObject *row = Py_BuildValue("nnn", i * 2, next * 2, target * 2);
            if (row == NULL || PyList_Append(list, row) < 0) {
                Py_CLEAR(list);
            }
            Py_XDECREF(row);
        }
        i += size;
    }
    Py_XDECREF(code);
    PyObject *iterator = list ? PyObject_GetIter(list) : NULL;
    Py_XDECREF(list);
    return iterator;
}

static PyObject *
code__varname_from_oparg(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"oparg", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "_varname_from_oparg"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    int index = PyLong_AsInt(args[0]);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *name = PyTuple_GetItem(((PyCodeObject *)self)->co_localsplusnames, index);
    return Py_XNewRef(name);
}

static PyObject *
code___sizeof__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyCodeObject *co = (PyCodeObject *)self;
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize + (size_t)Py_SIZE(co) + sizeof(_PyCodeExtra) +
                  2 * (size_t)PyTuple_GET_SIZE(co->co_consts) * sizeof(_PyValue);
    return PyLong_FromSize_t(size);
}

/* The attributes that replace() takes, in the order of the constructor's parameters. */
static PyObject *
code_replace(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {
        "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize", "co_flags",
        "co_firstlineno", "co_code", "co_consts", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_filename",
        "co_name", "co_qualname", "co_linetable", "co_exceptiontable", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "replace"};
    PyCodeObject *co = (PyCodeObject *)self;
    PyObject *buffer[18], *owned[18] = {NULL}, *result = NULL;
    int numbers[7];
    if (nargs != 0) {
        PyErr_Format(PyExc_TypeError, "replace() takes exactly 0 positional arguments (%zd given)", nargs);
        return NULL;
    }
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 0, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    const int current[] = {co->co_argcount, co->co_posonlyargcount, co->co_kwonlyargcount, co->co_nlocals,
                           co->co_stacksize, co->co_flags, co->co_firstlineno};
    for (int i = 0; i < 7; i++) {
        numbers[i] = args[i] != NULL ? PyLong_AsInt(args[i]) : current[i];
        if (numbers[i] == -1 && PyErr_Occurred()) {
            return NULL;
        }
        if (numbers[i] < 0) {
            PyErr_Format(PyExc_ValueError, "%s must be a positive integer", keywords[i]);
            return NULL;
        }
    }
    owned[7] = args[7] ? Py_NewRef(args[7]) : PyCode_GetCode(co);
    owned[10] = args[10] ? Py_NewRef(args[10]) : PyCode_GetVarnames(co);
    owned[11] = args[11] ? Py_NewRef(args[11]) : PyCode_GetFreevars(co);
    owned[12] = args[12] ? Py_NewRef(args[12]) : PyCode_GetCellvars(co);
    PyObject *rest[] = {co->co_consts, co->co_names, co->co_filename, co->co_name, co->co_qualname, co->co_linetable,
                        co->co_exceptiontable};
    static const int rest_index[] = {8, 9, 13, 14, 15, 16, 17};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rest); i++) {
        owned[rest_index[i]] = Py_NewRef(args[rest_index[i]] ? args[rest_index[i]] : rest[i]);
    }
    for (int i = 7; i < 18; i++) {
        if (owned[i] == NULL) {
            goto done;
        }
        PyTypeObject *wanted = i == 7 || i >= 16 ? &PyBytes_Type : i >= 13 ? &PyUnicode_Type : &PyTuple_Type;
        if (!PyObject_TypeCheck(owned[i], wanted)) {
            PyErr_Format(PyExc_TypeError, "replace() argument '%s' must be %s, not %T", keywords[i], wanted->tp_name,
                         owned[i]);
            goto done;
        }
    }
    if (PySys_Audit("code.__new__", "OOOiiiiii", owned[7], owned[13], owned[14], numbers[0], numbers[1], numbers[2],
                    numbers[3], numbers[4], numbers[5]) < 0) {
        goto done;
    }
    int names_changed = args[10] || args[11] || args[12] || args[0] || args[1] || args[2] || args[5] || args[3];
    if (names_changed) {
        int nlocals = args[3] ? numbers[3] : (int)PyTuple_GET_SIZE(owned[10]);
        int hidden = co->co_nlocalsplus + co->co_stacksize;     /* enough registers for the old code at least */
        result = (PyObject *)PyUnstable_Code_NewWithPosOnlyArgs(
            numbers[0], numbers[1], numbers[2], nlocals, args[4] ? numbers[4] : hidden, numbers[5], owned[7], owned[8],
            owned[9], owned[10], owned[11], owned[12], owned[13], owned[14], owned[15], numbers[6], owned[16], owned[17]);
    }
    else {
        struct _PyCodeConstructor con = {
            .filename = owned[13], .name = owned[14], .qualname = owned[15], .flags = numbers[5], .code = owned[7],
            .firstlineno = numbers[6], .linetable = owned[16], .consts = owned[8], .names = owned[9],
            .localsplusnames = co->co_localsplusnames, .localspluskinds = co->co_localspluskinds,
            .argcount = numbers[0], .posonlyargcount = numbers[1], .kwonlyargcount = numbers[2],
            .nregisters = co->co_nlocalsplus + numbers[4], .exceptiontable = owned[17]};
        result = _PyCode_Validate(&con) == 0 ? (PyObject *)_PyCode_New(&con) : NULL;
    }
done:
    for (int i = 0; i < 18; i++) {
        Py_XDECREF(owned[i]);
    }
    return result;
}

static PyMethodDef code_methods[] = {
    PY_METHOD(code, co_lines, METH_NOARGS, "($self, /)", "Iterator over (start, end, line) of the bytecode."),
    PY_METHOD(code, co_positions, METH_NOARGS, "($self, /)",
              "Iterator over (line, end line, column, end column), one for each word."),
    PY_METHOD(code, co_branches, METH_NOARGS, "($self, /)", "Iterator over (branch, next, target) of the branches."),
    PY_METHOD(code, _varname_from_oparg, METH_FASTCALL | METH_KEYWORDS, "($self, /, oparg)", "Name of a register."),
    PY_METHOD(code, __sizeof__, METH_NOARGS, "($self, /)", "Size in bytes."),
    PY_METHOD_AS("replace", code_replace, METH_FASTCALL | METH_KEYWORDS, "($self, /, **changes)",
                 "A copy with changed attributes."),
    PY_METHOD_AS("__replace__", code_replace, METH_FASTCALL | METH_KEYWORDS, "($self, /, **changes)",
                 "The same as replace(), for copy.replace()."),
    {0}
};

#define OFFSET(field) offsetof(PyCodeObject, field)
static PyMemberDef code_members[] = {
    {"co_argcount", Py_T_INT, OFFSET(co_argcount), Py_READONLY},
    {"co_posonlyargcount", Py_T_INT, OFFSET(co_posonlyargcount), Py_READONLY},
    {"co_kwonlyargcount", Py_T_INT, OFFSET(co_kwonlyargcount), Py_READONLY},
    {"co_stacksize", Py_T_INT, OFFSET(co_stacksize), Py_READONLY},
    {"co_flags", Py_T_INT, OFFSET(co_flags), Py_READONLY},
    {"co_names", _Py_T_OBJECT, OFFSET(co_names), Py_READONLY},
    {"co_filename", _Py_T_OBJECT, OFFSET(co_filename), Py_READONLY},
    {"co_name", _Py_T_OBJECT, OFFSET(co_name), Py_READONLY},
    {"co_qualname", _Py_T_OBJECT, OFFSET(co_qualname), Py_READONLY},
    {"co_firstlineno", Py_T_INT, OFFSET(co_firstlineno), Py_READONLY},
    {"co_linetable", _Py_T_OBJECT, OFFSET(co_linetable), Py_READONLY},
    {"co_exceptiontable", _Py_T_OBJECT, OFFSET(co_exceptiontable), Py_READONLY},
    {"co_consts", _Py_T_OBJECT, OFFSET(co_consts), Py_READONLY},
    {"co_nlocals", Py_T_INT, OFFSET(co_nlocals), Py_READONLY},
    {NULL}
};

static PyObject *
code_get_names(PyObject *self, void *which)
{
    PyCodeObject *co = (PyCodeObject *)self;
    return which == (void *)0 ? PyCode_GetVarnames(co) : which == (void *)1 ? PyCode_GetCellvars(co)
                                                                           : PyCode_GetFreevars(co);
}

static PyObject *
code_get_code(PyObject *self, void *unused)
{
    return PyCode_GetCode((PyCodeObject *)self);
}

static PyObject *
code_get_adaptive(PyObject *self, void *unused)
{
    PyCodeObject *co = (PyCodeObject *)self;
    return PyBytes_FromStringAndSize(co->co_code_adaptive, _PyCode_NWORDS(co) * (Py_ssize_t)sizeof(_Py_Instr));
}

/* The old line table: pairs of (bytes of code, lines). */
static PyObject *
code_get_lnotab(PyObject *self, void *unused)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning, "co_lnotab is deprecated, use co_lines instead.", 1) < 0) {
        return NULL;
    }
    PyCodeObject *co = (PyCodeObject *)self;
    PyObject *result = PyByteArray_FromStringAndSize(NULL, 0);
    struct location_cursor cursor;
    _PyLocation_Start(&cursor, co);
    int line = co->co_firstlineno;
    Py_ssize_t address = 0;
    while (result != NULL && _PyLocation_Next(&cursor)) {
        if (cursor.line < 0 || cursor.line == line) {
            continue;
        }
        Py_ssize_t bytes = cursor.start * 2 - address;
        int delta = cursor.line - line;
        address = cursor.start * 2;
        line = cursor.line;
        do {
            int step = bytes > 0 ? 0 : delta > 127 ? 127 : delta < -128 ? -128 : delta;
            Py_ssize_t skip = bytes > 255 ? 255 : bytes;
            if (bytes <= 255) {
                step = delta > 127 ? 127 : delta < -128 ? -128 : delta;
            }
            Py_ssize_t size = PyByteArray_GET_SIZE(result);
            if (PyByteArray_Resize(result, size + 2) < 0) {
                Py_CLEAR(result);
                break;
            }
            PyByteArray_AS_STRING(result)[size] = (char)skip;
            PyByteArray_AS_STRING(result)[size + 1] = (char)step;
            bytes -= skip;
            delta -= step;
        } while (bytes > 0 || delta != 0);
    }
    PyObject *copy = result ? PyBytes_FromObject(result) : NULL;
    Py_XDECREF(result);
    return copy;
}

static PyGetSetDef code_getset[] = {
    {"co_varnames", code_get_names, NULL, NULL, (void *)0},
    {"co_cellvars", code_get_names, NULL, NULL, (void *)1},
    {"co_freevars", code_get_names, NULL, NULL, (void *)2},
    {"co_code", code_get_code},
    {"_co_code_adaptive", code_get_adaptive},
    {"co_lnotab", code_get_lnotab},
    {NULL}
};

PyTypeObject PyCode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "code",
    .tp_basicsize = offsetof(PyCodeObject, co_code_adaptive),
    .tp_itemsize = 1,
    .tp_dealloc = code_dealloc,
    .tp_repr = code_repr,
    .tp_hash = code_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "code(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, "
              "varnames, filename, name, qualname, firstlineno, linetable, exceptiontable, freevars=(), cellvars=(), /)\n"
              "--\n\nA code object.  Not for the faint of heart.",
    .tp_richcompare = code_richcompare,
    .tp_weaklistoffset = offsetof(PyCodeObject, co_weakreflist),
    .tp_methods = code_methods,
    .tp_members = code_members,
    .tp_getset = code_getset,
    .tp_new = code_new,
};

/* -- For debugging ------------------------------------------------------------------------------------------------------------ */

static void
dump_operand(FILE *stream, const char *kind, uint16_t value)
{
    switch (kind[0]) {
    case 'D':
    case 'R':
    case 'B':
    case 'S':
        fprintf(stream, " r%d%s", value & 0x7FFF, value & OPERAND_LAST_USE ? "!" : "");
        break;
    case '_':
        break;
    default:
        fprintf(stream, " %s%d", kind, value);
    }
}

void
_PyCode_Dump(PyCodeObject *co, FILE *stream)
{
    fprintf(stream, "code %s: %d registers\n", PyUnicode_AsUTF8(co->co_qualname), co->co_framesize);
    for (Py_ssize_t i = 0; i < _PyCode_NWORDS(co);) {
        _Py_Instr word = _PyCode_CODE(co)[i];
        int op = generic_form[word.i.op], line, unused;
        _PyCode_LocationAt(co, i, &line, &unused, &unused, &unused);
        fprintf(stream, "%5d %4d  %-24s x%d", line, (int)i, opcode_names[word.i.op], word.i.x);
        dump_operand(stream, shapes[op].a, word.i.a);
        if (shapes[op].b[0] == 'K' && shapes[op].b[1]) {
            PyObject *repr = PyObject_Repr(PyTuple_GET_ITEM(co->co_consts, _PyInstr_WIDE(word)));
            fprintf(stream, " k%u %.60s", _PyInstr_WIDE(word), repr ? PyUnicode_AsUTF8(repr) : "?");
            Py_XDECREF(repr);
        }
        else if (shapes[op].b[0] == 'N' && shapes[op].b[1]) {
            fprintf(stream, " %s", PyUnicode_AsUTF8(PyTuple_GET_ITEM(co->co_names, _PyInstr_WIDE(word))));
        }
        else {
            dump_operand(stream, shapes[op].b, word.i.b);
            if (shapes[op].c[0] == 'N') {
                fprintf(stream, " %s", PyUnicode_AsUTF8(PyTuple_GET_ITEM(co->co_names, word.i.c)));
            }
            else {
                dump_operand(stream, shapes[op].c, word.i.c);
            }
        }
        if (shapes[op].jumps) {
            fprintf(stream, " -> %d", (int)(i + 2 + _PyCode_CODE(co)[i + 1].ext.jump));
        }
        fputc('\n', stream);
        i += shapes[op].words;
    }
    const _PyExceptionTableRow *rows = (const void *)PyBytes_AS_STRING(co->co_exceptiontable);
    for (size_t k = 0; k < (size_t)PyBytes_GET_SIZE(co->co_exceptiontable) / sizeof *rows; k++) {
        fprintf(stream, "  %u..%u -> %u depth %d%s\n", rows[k].start, rows[k].end, rows[k].handler, rows[k].depth,
                rows[k].lasti ? " lasti" : "");
    }
}

/* Units of code generation: names, constants, labels, registers and the emission of instructions. */
#include "codegen.h"
#include "pycore_pyerrors.h"

#include <stdarg.h>

/* -- Operand kinds from the table ------------------------------------------------------------------ */

enum operand_kind { OPERAND__, OPERAND_D, OPERAND_S, OPERAND_R, OPERAND_B, OPERAND_K, OPERAND_KW, OPERAND_N, OPERAND_NW,
                    OPERAND_I };
enum { RAISES = 1, J = 2, CACHED = 4, POLL = 8, END = 16, CALLS = 32 };

static const struct { uint8_t a, b, c, words, effects; } shapes[] = {
#define OP(name, ka, kb, kc, nwords, what, description) {OPERAND_##ka, OPERAND_##kb, OPERAND_##kc, nwords, what},
#include "opcodes.def"
#undef OP
};

/* -- Errors and warnings ------------------------------------------------------------------------------ */

int
error_at(struct compiler *c, location loc, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *text = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (text != NULL) {
        _PyErr_RaiseSyntaxError(text, c->filename, loc.lineno, loc.col_offset + 1, loc.end_lineno,
                                loc.end_col_offset + 1);
        Py_DECREF(text);
    }
    return -1;
}

int
warn_at(struct compiler *c, location loc, const char *format, ...)
{
    if (c->no_warnings) {
        return 0;
    }
    va_list arguments;
    va_start(arguments, format);
    PyObject *text = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (text == NULL) {
        return -1;
    }
    int result = _PyErr_EmitSyntaxWarning(text, c->filename, loc.lineno, loc.col_offset + 1, loc.end_lineno,
                                          loc.end_col_offset + 1);
    Py_DECREF(text);
    return result;
}

/* -- Units ---------------------------------------------------------------------------------------------- */

static int
dict_add_index(PyObject *dict, PyObject *key)
{
    PyObject *found = PyDict_GetItemWithError(dict, key);
    if (found != NULL) {
        return (int)PyLong_AsLong(found);
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    Py_ssize_t index = PyDict_GET_SIZE(dict);
    PyObject *value = PyLong_FromSsize_t(index);
    int result = value ? PyDict_SetItem(dict, key, value) : -1;
    Py_XDECREF(value);
    return result < 0 ? -1 : (int)index;
}

static int
compare_names(const void *a, const void *b)
{
    return PyUnicode_Compare(*(PyObject *const *)a, *(PyObject *const *)b);
}

/* dict: name -> index, in order of names, of the symbols with this scope or flag. */
static PyObject *
names_of_scope(PySTEntryObject *entry, int scope, long flag)
{
    PyObject *result = PyDict_New(), *name, *value;
    Py_ssize_t position = 0, count = 0;
    PyObject **sorted = PyMem_Malloc((size_t)(PyDict_GET_SIZE(entry->ste_symbols) + 1) * sizeof *sorted);
    if (result == NULL || sorted == NULL) {
        Py_XDECREF(result);
        PyMem_Free(sorted);
        return PyErr_NoMemory();
    }
    while (PyDict_Next(entry->ste_symbols, &position, &name, &value)) {
        long flags = PyLong_AsLong(value);
        if (SYMBOL_TO_SCOPE(flags) == scope || (flags & flag)) {
            sorted[count++] = name;
        }
    }
    qsort(sorted, (size_t)count, sizeof *sorted, compare_names);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (dict_add_index(result, sorted[i]) < 0) {
            Py_CLEAR(result);
            break;
        }
    }
    PyMem_Free(sorted);
    return result;
}

static PyObject *
qualified_name(struct compiler *c, struct unit *u)
{
    struct unit *outer = u->outer;
    while (outer != NULL && outer->entry->ste_type == TypeParametersBlock) {
        outer = outer->outer;
    }
    if (outer == NULL || outer->outer == NULL) {
        return Py_NewRef(u->name);
    }
    /* A function or class declared global belongs to the module. */
    if (u->kind == UNIT_FUNCTION || u->kind == UNIT_ASYNC_FUNCTION || u->kind == UNIT_CLASS) {
        PyObject *mangled = _Py_Mangle(outer->private, u->name);
        int scope = mangled ? _PyST_GetScope(outer->entry, mangled) : -1;
        Py_XDECREF(mangled);
        if (scope < 0) {
            return NULL;
        }
        if (scope == GLOBAL_EXPLICIT) {
            return Py_NewRef(u->name);
        }
    }
    if (_PyST_IsFunctionLike(outer->entry)) {
        return PyUnicode_FromFormat("%U.<locals>.%U", outer->qualname, u->name);
    }
    return PyUnicode_FromFormat("%U.%U", outer->qualname, u->name);
}

static void
unit_free(struct unit *u)
{
    Py_XDECREF(u->entry);
    Py_XDECREF(u->name);
    Py_XDECREF(u->qualname);
    Py_XDECREF(u->private);
    Py_XDECREF(u->names);
    Py_XDECREF(u->varnames);
    Py_XDECREF(u->cellvars);
    Py_XDECREF(u->freevars);
    Py_XDECREF(u->constants);
    Py_XDECREF(u->constant_list);
    Py_XDECREF(u->hidden_names);
    Py_XDECREF(u->static_attributes);
    Py_XDECREF(u->deferred_annotations);
    PyMem_Free(u->code);
    PyMem_Free(u->labels);
    PyMem_Free(u->handlers);
    PyMem_Free(u);
}

/* Cells of the arguments and others, closure, generator entry, RESUME. */
static int
emit_prologue(struct compiler *c, int firstlineno)
{
    struct unit *u = c->u;
    location loc = {firstlineno, 0, firstlineno, 0}, none = NO_LOCATION;
    PyObject *name, *index;
    Py_ssize_t position = 0;
    while (PyDict_Next(u->cellvars, &position, &name, &index)) {
        TRY(emit(c, none, OP_MAKE_CELL, 0, cell_register(c, name), 0, 0));
    }
    if (PyDict_GET_SIZE(u->freevars) > 0) {
        TRY(emit(c, none, OP_COPY_FREE_VARS, 0, REG_FREE, (int)PyDict_GET_SIZE(u->freevars), 0));
    }
    u->is_generator = u->entry->ste_generator || (u->entry->ste_coroutine && _PyST_IsFunctionLike(u->entry));
    if (u->kind == UNIT_MODULE) {
        loc.lineno = loc.end_lineno = 0;
        u->is_generator = 0;
    }
    if (u->is_generator) {
        TRY(emit(c, loc, OP_RETURN_GENERATOR, 0, 0, 0, 0));
        u->reachable = 1;
    }
    return emit(c, loc, OP_RESUME, 0, 0, 0, 0);
}

int
unit_enter(struct compiler *c, PyObject *name, enum unit_kind kind, void *key, int firstlineno, PyObject *private)
{
    struct unit *u = PyMem_Calloc(1, sizeof *u);
    if (u == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    u->kind = kind;
    u->firstlineno = firstlineno;
    u->name = Py_NewRef(name);
    u->private = Py_XNewRef(private);
    u->handler = -1;
    u->reachable = 1;
    u->entry = _PySymtable_Lookup(c->table, key);
    u->names = PyDict_New();
    u->varnames = PyDict_New();
    u->constants = PyDict_New();
    u->constant_list = PyList_New(0);
    u->hidden_names = PyList_New(0);
    if (u->entry == NULL || u->names == NULL || u->varnames == NULL || u->constants == NULL ||
        u->constant_list == NULL || u->hidden_names == NULL) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(u->entry->ste_varnames); i++) {
        if (dict_add_index(u->varnames, PyList_GET_ITEM(u->entry->ste_varnames, i)) < 0) {
            goto fail;
        }
    }
    u->cellvars = names_of_scope(u->entry, CELL, 0);
    u->freevars = names_of_scope(u->entry, FREE, DEF_FREE_CLASS);
    if (u->cellvars == NULL || u->freevars == NULL) {
        goto fail;
    }
    if (u->entry->ste_type == ClassBlock) {
        if ((u->entry->ste_needs_class_closure && dict_add_index(u->cellvars, _Py_ID(__class__)) < 0) ||
            (u->entry->ste_needs_classdict && dict_add_index(u->cellvars, _Py_ID(__classdict__)) < 0) ||
            (u->entry->ste_has_conditional_annotations &&
             dict_add_index(u->cellvars, _Py_ID(__conditional_annotations__)) < 0)) {
            goto fail;
        }
        u->static_attributes = PySet_New(NULL);
    }
    u->outer = c->u;
    u->qualname = c->u != NULL ? qualified_name(c, u) : Py_NewRef(name);
    if (u->qualname == NULL) {
        goto fail;
    }
    c->u = u;
    if (emit_prologue(c, firstlineno) < 0) {
        c->u = u->outer;
        goto fail;
    }
    return 0;
fail:
    unit_free(u);
    return -1;
}

void
unit_exit(struct compiler *c)
{
    struct unit *u = c->u;
    c->u = u->outer;
    PyObject *exc = PyErr_GetRaisedException();
    unit_free(u);
    PyErr_SetRaisedException(exc);
}

/* -- Arrays that grow ------------------------------------------------------------------------------------- */

static int
grow(void **array, int *capacity, int needed, size_t item_size)
{
    if (needed <= *capacity) {
        return 0;
    }
    int larger = *capacity ? *capacity * 2 : 32;
    void *memory = PyMem_Realloc(*array, (size_t)larger * item_size);
    if (memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *array = memory;
    *capacity = larger;
    return 0;
}

int
new_label(struct compiler *c)
{
    struct unit *u = c->u;
    TRY(grow((void **)&u->labels, &u->label_capacity, u->nlabels + 1, sizeof *u->labels));
    u->labels[u->nlabels] = (struct label){-1, 0};
    return u->nlabels++;
}

/* The label is here.  Code after it is reachable when control falls in or something has jumped to it. */
void
use_label(struct compiler *c, int label)
{
    struct label *l = &c->u->labels[label];
    l->position = c->u->ncode;
    c->u->reachable |= l->used;
}

int
new_handler(struct compiler *c, int label, int depth, int lasti)
{
    struct unit *u = c->u;
    TRY(grow((void **)&u->handlers, &u->handler_capacity, u->nhandlers + 1, sizeof *u->handlers));
    u->handlers[u->nhandlers] = (struct handler){label, depth, lasti};
    if (u->max_depth < depth + 1 + lasti) {
        u->max_depth = depth + 1 + lasti;
    }
    return u->nhandlers++;
}

int
push_temps(struct compiler *c, int count)
{
    struct unit *u = c->u;
    int first = REG_TEMP + u->depth;
    u->depth += count;
    if (u->depth > u->max_depth) {
        u->max_depth = u->depth;
    }
    if (REG_TEMP + u->depth >= REG_END - 8) {
        PyErr_SetString(PyExc_MemoryError, "expression needs too many registers");
        return -1;
    }
    return first;
}

/* -- Emission ------------------------------------------------------------------------------------------------ */

static uint16_t
encode_operand(struct unit *u, int kind, int value)
{
    int reg = value & ~KEEP;
    if (kind == OPERAND_S || kind == OPERAND_D || kind == OPERAND_R || kind == OPERAND_B) {
        if (IS_TEMP(reg) && reg - REG_TEMP + 1 > u->max_depth) {
            u->max_depth = reg - REG_TEMP + 1;
        }
        if (kind == OPERAND_S && IS_TEMP(reg) && !(value & KEEP)) {
            return (uint16_t)(reg | OPERAND_LAST_USE);
        }
    }
    return (uint16_t)reg;
}

int
emit(struct compiler *c, location loc, int op, int x, int a, int b, int operand_c)
{
    struct unit *u = c->u;
    if (a < 0 || b < 0 || operand_c < 0) {
        return -1;
    }
    if (!u->reachable) {
        return 0;
    }
    TRY(grow((void **)&u->code, &u->code_capacity, u->ncode + 1, sizeof *u->code));
    u->code[u->ncode++] = (struct instruction){
        .op = (uint8_t)op, .x = (uint8_t)x, .a = encode_operand(u, shapes[op].a, a),
        .b = encode_operand(u, shapes[op].b, b), .c = encode_operand(u, shapes[op].c, operand_c),
        .target = -1, .handler = u->handler, .loc = loc};
    /* A block that is written reaches beyond its first register. */
    if (op == OP_LOAD_METHOD || op == OP_LOAD_SPECIAL || op == OP_LOAD_SUPER_METHOD || op == OP_CHECK_EG_MATCH) {
        int last = (a & ~KEEP) - REG_TEMP + 2;
        u->max_depth = last > u->max_depth ? last : u->max_depth;
    }
    if (u->handler >= 0) {
        u->labels[u->handlers[u->handler].label].used = 1;
    }
    if (shapes[op].effects & END) {
        u->reachable = 0;
    }
    return 0;
}

int
emit_wide(struct compiler *c, location loc, int op, int a, uint32_t wide)
{
    return emit(c, loc, op, 0, a, (int)(wide & 0xFFFF), (int)(wide >> 16));
}

int
emit_jump(struct compiler *c, location loc, int op, int x, int b, int operand_c, int a, int label)
{
    struct unit *u = c->u;
    int reachable = u->reachable;
    TRY(emit(c, loc, op, x, a, b, operand_c));
    if (reachable) {
        u->code[u->ncode - 1].target = label;
        u->labels[label].used = 1;
    }
    return 0;
}

PyObject *
mangle(struct compiler *c, PyObject *name)
{
    return _Py_MaybeMangle(c->u->private, c->u->entry, name);
}

/* Equal constants become one object in the whole module; strings that look like names are interned. */
static PyObject *
merge_constant(struct compiler *c, PyObject *value)
{
    PyObject *key = _PyCode_ConstantKey(value), *merged = NULL;
    if (key == NULL) {
        return NULL;
    }
    if (PyDict_SetDefaultRef(c->constant_cache, key, value, &merged) < 0) {
        merged = NULL;
    }
    Py_DECREF(key);
    return merged;
}

Py_ssize_t
add_const(struct compiler *c, PyObject *value)
{
    struct unit *u = c->u;
    PyObject *merged = merge_constant(c, value), *key = NULL, *index = NULL;
    Py_ssize_t result = -1;
    if (merged == NULL || (key = _PyCode_ConstantKey(merged)) == NULL) {
        goto done;
    }
    PyObject *found = PyDict_GetItemWithError(u->constants, key);
    if (found != NULL || PyErr_Occurred()) {
        result = found ? PyLong_AsSsize_t(found) : -1;
        goto done;
    }
    index = PyLong_FromSsize_t(PyList_GET_SIZE(u->constant_list));
    if (index != NULL && PyDict_SetItem(u->constants, key, index) == 0 &&
        PyList_Append(u->constant_list, merged) == 0) {
        result = PyList_GET_SIZE(u->constant_list) - 1;
    }
done:
    Py_XDECREF(merged);
    Py_XDECREF(key);
    Py_XDECREF(index);
    return result;
}

int
emit_const(struct compiler *c, location loc, int dest, PyObject *value)
{
    if (!c->u->reachable) {
        return 0;
    }
    Py_ssize_t index = add_const(c, value);
    return index < 0 ? -1 : emit_wide(c, loc, OP_LOAD_CONST, dest, (uint32_t)index);
}

int
emit_const_steal(struct compiler *c, location loc, int dest, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    int result = emit_const(c, loc, dest, value);
    Py_DECREF(value);
    return result;
}

int
emit_return_const(struct compiler *c, location loc, PyObject *value)
{
    if (!c->u->reachable) {
        return 0;
    }
    Py_ssize_t index = add_const(c, value);
    return index < 0 ? -1 : emit_wide(c, loc, OP_RETURN_CONST, 0, (uint32_t)index);
}

Py_ssize_t
add_name(struct compiler *c, PyObject *name)
{
    PyObject *mangled = mangle(c, name);
    if (mangled == NULL) {
        return -1;
    }
    Py_ssize_t index = dict_add_index(c->u->names, mangled);
    Py_DECREF(mangled);
    if (index >= 1 << 24) {
        PyErr_SetString(PyExc_OverflowError, "too many names in one code object");
        return -1;
    }
    return index;
}

/* An instruction with a name index in c and x. */
int
emit_named(struct compiler *c, location loc, int op, int a, int b, PyObject *name)
{
    Py_ssize_t index = add_name(c, name);
    return index < 0 ? -1 : emit(c, loc, op, (int)(index >> 16), a, b, (int)(index & 0xFFFF));
}

/* -- Names --------------------------------------------------------------------------------------------------------- */

int
local_register(struct compiler *c, PyObject *mangled)
{
    int index = dict_add_index(c->u->varnames, mangled);
    if (index >= REG_CELL) {
        PyErr_SetString(PyExc_OverflowError, "too many local variables in one function");
        return -1;
    }
    return index < 0 ? -1 : REG_LOCAL + index;
}

int
new_hidden(struct compiler *c, PyObject *name)
{
    Py_ssize_t index = PyList_GET_SIZE(c->u->hidden_names);
    if (index >= REG_TEMP - REG_HIDDEN) {
        PyErr_SetString(PyExc_OverflowError, "too many comprehensions in one function");
        return -1;
    }
    return PyList_Append(c->u->hidden_names, name) < 0 ? -1 : REG_HIDDEN + (int)index;
}

int
cell_register(struct compiler *c, PyObject *mangled)
{
    struct unit *u = c->u;
    for (struct inlined *in = u->inlined; in != NULL; in = in->outer) {
        PyObject *found = PyDict_GetItemWithError(in->registers, mangled);
        if (found != NULL && _PyST_GetScope(in->entry, mangled) == CELL) {
            return (int)PyLong_AsLong(found);
        }
    }
    PyObject *index = PyDict_GetItemWithError(u->cellvars, mangled);
    if (index != NULL) {
        PyObject *argument = PyDict_GetItemWithError(u->varnames, mangled);
        int position = argument ? (int)PyLong_AsLong(argument) : -1;
        /* The cell of an argument lives in the argument's register. */
        if (position >= 0 && position < PyList_GET_SIZE(u->entry->ste_varnames)) {
            return REG_LOCAL + position;
        }
        return REG_CELL + (int)PyLong_AsLong(index);
    }
    index = PyDict_GetItemWithError(u->freevars, mangled);
    if (index != NULL) {
        return REG_FREE + (int)PyLong_AsLong(index);
    }
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_SystemError, "no cell for %R in %R", mangled, u->name);
    }
    return -1;
}

int
resolve(struct compiler *c, PyObject *mangled, enum access *access, int *reg)
{
    struct unit *u = c->u;
    int scope = 0;
    *reg = 0;
    for (struct inlined *in = u->inlined; in != NULL; in = in->outer) {
        PyObject *found = PyDict_GetItemWithError(in->registers, mangled);
        scope = _PyST_GetScope(in->entry, mangled);
        if (scope < 0) {
            return -1;
        }
        if (found != NULL) {
            *reg = (int)PyLong_AsLong(found);
            *access = scope == CELL ? ACCESS_DEREF : ACCESS_FAST;
            return 0;
        }
        if (scope == GLOBAL_EXPLICIT || scope == GLOBAL_IMPLICIT) {
            *access = ACCESS_GLOBAL;
            return 0;
        }
    }
    scope = _PyST_GetScope(u->entry, mangled);
    if (scope < 0) {
        return -1;
    }
    if (u->inlined != NULL && u->entry->ste_type == ClassBlock) {
        /* A comprehension in a class looks past the class's own names. */
        if (PyDict_Contains(u->freevars, mangled) > 0 || PyDict_Contains(u->cellvars, mangled) > 0) {
            *access = ACCESS_DEREF;
            *reg = cell_register(c, mangled);
            return *reg < 0 ? -1 : 0;
        }
        *access = ACCESS_GLOBAL;
        return 0;
    }
    int function = _PyST_IsFunctionLike(u->entry);
    switch (scope) {
    case FREE:
        *access = u->entry->ste_type == ClassBlock ? ACCESS_CLASS_DEREF
                  : u->entry->ste_can_see_class_scope && !PyUnicode_EqualToUTF8(mangled, "__classdict__")
                        ? ACCESS_CLASSDICT_DEREF : ACCESS_DEREF;
        *reg = cell_register(c, mangled);
        return *reg < 0 ? -1 : 0;
    case CELL:
        *access = ACCESS_DEREF;
        *reg = cell_register(c, mangled);
        return *reg < 0 ? -1 : 0;
    case LOCAL:
        if (function) {
            *access = ACCESS_FAST;
            *reg = local_register(c, mangled);
            return *reg < 0 ? -1 : 0;
        }
        *access = ACCESS_NAME;
        return 0;
    case GLOBAL_IMPLICIT:
        *access = !function ? ACCESS_NAME : u->entry->ste_can_see_class_scope ? ACCESS_CLASSDICT_GLOBAL : ACCESS_GLOBAL;
        return 0;
    case GLOBAL_EXPLICIT:
        *access = ACCESS_GLOBAL;
        return 0;
    default:
        /* Names that the compiler makes up for classes and modules. */
        if (PyDict_Contains(u->cellvars, mangled) > 0 || PyDict_Contains(u->freevars, mangled) > 0) {
            *access = ACCESS_DEREF;
            *reg = cell_register(c, mangled);
            return *reg < 0 ? -1 : 0;
        }
        *access = function ? ACCESS_GLOBAL : ACCESS_NAME;
        return 0;
    }
}

static int
load_resolved(struct compiler *c, location loc, PyObject *mangled, enum access access, int reg, int dest)
{
    Py_ssize_t name;
    int depth = c->u->depth, dict;
    switch (access) {
    case ACCESS_FAST:
        TRY(emit(c, loc, OP_CHECK_BOUND, 0, reg, 0, 0));
        return reg == dest ? 0 : emit(c, loc, OP_MOVE, 0, dest, reg, 0);
    case ACCESS_DEREF:
        return emit(c, loc, OP_LOAD_DEREF, 0, dest, reg, 0);
    case ACCESS_GLOBAL:
    case ACCESS_NAME:
        name = dict_add_index(c->u->names, mangled);
        return name < 0 ? -1 : emit_wide(c, loc, access == ACCESS_GLOBAL ? OP_LOAD_GLOBAL : OP_LOAD_NAME, dest,
                                         (uint32_t)name);
    case ACCESS_CLASS_DEREF:
        dict = push_temps(c, 1);
        TRY(dict);
        TRY(emit(c, loc, OP_LOAD_LOCALS, 0, dict, 0, 0));
        c->u->depth = depth;
        return emit(c, loc, OP_LOAD_FROM_DICT_OR_DEREF, 0, dest, dict, reg);
    case ACCESS_CLASSDICT_DEREF:
    case ACCESS_CLASSDICT_GLOBAL:
        dict = push_temps(c, 1);
        TRY(dict);
        TRY(emit(c, loc, OP_LOAD_DEREF, 0, dict, cell_register(c, _Py_ID(__classdict__)), 0));
        c->u->depth = depth;
        if (access == ACCESS_CLASSDICT_DEREF) {
            return emit(c, loc, OP_LOAD_FROM_DICT_OR_DEREF, 0, dest, dict, reg);
        }
        name = dict_add_index(c->u->names, mangled);
        return name < 0 ? -1 : emit(c, loc, OP_LOAD_FROM_DICT_OR_GLOBALS, (int)(name >> 16), dest, dict,
                                    (int)(name & 0xFFFF));
    }
    Py_UNREACHABLE();
}

int
load_name(struct compiler *c, location loc, PyObject *name, int dest)
{
    enum access access;
    int reg, result = -1;
    PyObject *mangled = mangle(c, name);
    if (mangled != NULL && resolve(c, mangled, &access, &reg) == 0) {
        result = load_resolved(c, loc, mangled, access, reg, dest);
    }
    Py_XDECREF(mangled);
    return result;
}

/* Consumes source when it is a temporary (unless it is or-ed with KEEP). */
int
store_name(struct compiler *c, location loc, PyObject *name, int source)
{
    enum access access;
    int reg, result = -1;
    PyObject *mangled = mangle(c, name);
    if (mangled == NULL || resolve(c, mangled, &access, &reg) < 0) {
        Py_XDECREF(mangled);
        return -1;
    }
    if (access == ACCESS_FAST) {
        result = reg == source ? 0 : emit(c, loc, OP_MOVE, 0, reg, source, 0);
    }
    else if (access == ACCESS_DEREF || access == ACCESS_CLASS_DEREF || access == ACCESS_CLASSDICT_DEREF) {
        result = emit(c, loc, OP_STORE_DEREF, 0, reg, source, 0);
    }
    else {
        Py_ssize_t index = dict_add_index(c->u->names, mangled);
        result = index < 0 ? -1 : emit_wide(c, loc, access == ACCESS_NAME ? OP_STORE_NAME : OP_STORE_GLOBAL, source,
                                            (uint32_t)index);
    }
    Py_DECREF(mangled);
    return result;
}

int
delete_name(struct compiler *c, location loc, PyObject *name)
{
    enum access access;
    int reg, result = -1;
    PyObject *mangled = mangle(c, name);
    if (mangled == NULL || resolve(c, mangled, &access, &reg) < 0) {
        Py_XDECREF(mangled);
        return -1;
    }
    if (access == ACCESS_FAST) {
        result = emit(c, loc, OP_DELETE_FAST, 0, reg, 0, 0);
    }
    else if (access == ACCESS_DEREF || access == ACCESS_CLASS_DEREF || access == ACCESS_CLASSDICT_DEREF) {
        result = emit(c, loc, OP_DELETE_DEREF, 0, reg, 0, 0);
    }
    else {
        Py_ssize_t index = dict_add_index(c->u->names, mangled);
        result = index < 0 ? -1 : emit_wide(c, loc, access == ACCESS_NAME ? OP_DELETE_NAME : OP_DELETE_GLOBAL, 0,
                                            (uint32_t)index);
    }
    Py_DECREF(mangled);
    return result;
}

/* -- Statement blocks ------------------------------------------------------------------------------------------------ */

int
push_fblock(struct compiler *c, location loc, enum fblock_kind kind, int start, int exit, int reg, void *node)
{
    struct unit *u = c->u;
    if (u->nfblocks >= (int)Py_ARRAY_LENGTH(u->fblocks)) {
        return error_at(c, loc, "too many statically nested blocks");
    }
    u->fblocks[u->nfblocks++] = (struct fblock){kind, start, exit, reg, u->handler, node, loc};
    return 0;
}

void
pop_fblock(struct compiler *c)
{
    c->u->nfblocks--;
}

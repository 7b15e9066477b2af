/* Symbol tables, second half: from what blocks do with names to the scope of each name.

   Blocks are visited from the outside in with the set of names bound around them, and give back, from the inside out, the
   names that are free in them.  A name that is bound here and free in a block inside becomes a cell. */
#include "Python.h"
#include "pycore_global_ids.h"
#include "pycore_pyerrors.h"
#include "pycore_symtable.h"
#include "pycore_setobject.h"  // _PySet_Update
#include "symtable_private.h"

static int
set_scope(PyObject *scopes, PyObject *name, int scope)
{
    PyObject *value = PyLong_FromLong(scope);
    if (value == NULL) {
        return -1;
    }
    int result = PyDict_SetItem(scopes, name, value);
    Py_DECREF(value);
    return result;
}

static int
directive_error(PySTEntryObject *entry, PyObject *name, const char *message)
{
    PyObject *directives = entry->ste_directives;
    for (Py_ssize_t i = 0; directives != NULL && i < PyList_GET_SIZE(directives); i++) {
        PyObject *row = PyList_GET_ITEM(directives, i);
        int equal = PyUnicode_Compare(PyTuple_GET_ITEM(row, 0), name) == 0;
        if (equal) {
            _Py_SourceLocation where = {
                PyLong_AsInt(PyTuple_GET_ITEM(row, 1)), PyLong_AsInt(PyTuple_GET_ITEM(row, 2)),
                PyLong_AsInt(PyTuple_GET_ITEM(row, 3)), PyLong_AsInt(PyTuple_GET_ITEM(row, 4))};
            return _PySymtable_Error(entry->ste_table, where, message, name);
        }
    }
    PyErr_Format(PyExc_SystemError, "no directive of this name in the symbol table");
    return -1;
}

struct sets {
    PyObject *bound;        /* NULL at module level */
    PyObject *local;
    PyObject *free;
    PyObject *global;
    PyObject *type_params;
};

static int
analyze_name(PySTEntryObject *entry, PyObject *scopes, PyObject *name, long flags, struct sets *s,
             PySTEntryObject *class_entry)
{
    if (flags & DEF_GLOBAL) {
        if (flags & DEF_NONLOCAL) {
            return directive_error(entry, name, "name '%U' is nonlocal and global");
        }
        if (set_scope(scopes, name, GLOBAL_EXPLICIT) < 0 || PySet_Add(s->global, name) < 0) {
            return -1;
        }
        return s->bound != NULL && PySet_Discard(s->bound, name) < 0 ? -1 : 0;
    }
    if (flags & DEF_NONLOCAL) {
        if (s->bound == NULL) {
            return directive_error(entry, name, "nonlocal declaration not allowed at module level");
        }
        int has = PySet_Contains(s->bound, name);
        if (has <= 0) {
            return has < 0 ? -1 : directive_error(entry, name, "no binding for nonlocal '%U' found");
        }
        int parameter = PySet_Contains(s->type_params, name);
        if (parameter != 0) {
            return parameter < 0 ? -1
                                 : directive_error(entry, name, "nonlocal binding not allowed for type parameter '%U'");
        }
        return set_scope(scopes, name, FREE) < 0 || PySet_Add(s->free, name) < 0 ? -1 : 0;
    }
    if (flags & DEF_BOUND) {
        if (set_scope(scopes, name, LOCAL) < 0 || PySet_Add(s->local, name) < 0 ||
            PySet_Discard(s->global, name) < 0) {
            return -1;
        }
        return (flags & DEF_TYPE_PARAM ? PySet_Add(s->type_params, name) : PySet_Discard(s->type_params, name)) < 0 ? -1
                                                                                                                    : 0;
    }
    /* An annotation scope sees the names of the class right around it. */
    if (class_entry != NULL) {
        long class_flags = _PyST_GetSymbol(class_entry, name);
        if (class_flags < 0) {
            return -1;
        }
        if (class_flags & DEF_GLOBAL) {
            return set_scope(scopes, name, GLOBAL_EXPLICIT);
        }
        if ((class_flags & DEF_BOUND) && !(class_flags & DEF_NONLOCAL)) {
            return set_scope(scopes, name, GLOBAL_IMPLICIT);
        }
    }
    int bound = s->bound != NULL ? PySet_Contains(s->bound, name) : 0;
    if (bound < 0) {
        return -1;
    }
    if (bound) {
        return set_scope(scopes, name, FREE) < 0 || PySet_Add(s->free, name) < 0 ? -1 : 0;
    }
    return set_scope(scopes, name, GLOBAL_IMPLICIT);
}

/* Names bound here that blocks inside need: cells.  They are free no more. */
static int
make_cells(PyObject *scopes, PyObject *free)
{
    PyObject *name, *value, *changed = PyList_New(0);
    Py_ssize_t position = 0;
    int result = changed == NULL ? -1 : 0;
    while (result == 0 && PyDict_Next(scopes, &position, &name, &value)) {
        if (PyLong_AsLong(value) == LOCAL) {
            int has = PySet_Contains(free, name);
            result = has < 0 ? -1 : has ? PyList_Append(changed, name) : 0;
        }
    }
    for (Py_ssize_t i = 0; result == 0 && i < PyList_GET_SIZE(changed); i++) {
        name = PyList_GET_ITEM(changed, i);
        result = set_scope(scopes, name, CELL) < 0 || PySet_Discard(free, name) < 0 ? -1 : 0;
    }
    Py_XDECREF(changed);
    return result;
}

/* A class provides __class__, __classdict__ and __conditional_annotations__ to the functions inside it. */
static int
drop_class_free(PySTEntryObject *entry, PyObject *free)
{
    int found = PySet_Discard(free, _Py_ID(__class__));
    if (found < 0) {
        return -1;
    }
    entry->ste_needs_class_closure |= found;
    found = PySet_Discard(free, _Py_ID(__classdict__));
    if (found < 0) {
        return -1;
    }
    entry->ste_needs_classdict |= found;
    found = PySet_Discard(free, _Py_ID(__conditional_annotations__));
    if (found < 0) {
        return -1;
    }
    entry->ste_has_conditional_annotations |= found;
    return 0;
}

/* Write the scopes into the flags, and add names that are free only because of blocks inside. */
static int
update_symbols(PySTEntryObject *entry, PyObject *scopes, PyObject *bound, PyObject *free, int is_class)
{
    PyObject *name, *value, *symbols = entry->ste_symbols;
    PyObject *names = PyDict_Keys(symbols);
    if (names == NULL) {
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyList_GET_SIZE(names); i++) {
        name = PyList_GET_ITEM(names, i);
        long flags = _PyST_GetSymbol(entry, name);
        PyObject *scope = PyDict_GetItemWithError(scopes, name);
        value = scope ? PyLong_FromLong(flags | PyLong_AsLong(scope) << SCOPE_OFFSET) : NULL;
        result = value ? PyDict_SetItem(symbols, name, value) : -1;
        Py_XDECREF(value);
    }
    Py_DECREF(names);
    if (result < 0) {
        return -1;
    }
    PyObject *iterator = PyObject_GetIter(free);
    while (result == 0 && iterator != NULL && (name = PyIter_Next(iterator)) != NULL) {
        long flags = _PyST_GetSymbol(entry, name);
        if (flags < 0) {
            result = -1;
        }
        else if (flags > 0) {
            /* A class that binds a name which its methods take from further out keeps both. */
            if (is_class && (flags & (DEF_BOUND | DEF_GLOBAL))) {
                value = PyLong_FromLong(flags | DEF_FREE_CLASS);
                result = value ? PyDict_SetItem(symbols, name, value) : -1;
                Py_XDECREF(value);
            }
        }
        else {
            int has = bound != NULL ? PySet_Contains(bound, name) : 1;
            if (has > 0) {
                value = PyLong_FromLong(FREE << SCOPE_OFFSET);
                result = value ? PyDict_SetItem(symbols, name, value) : -1;
                Py_XDECREF(value);
            }
            result = has < 0 ? -1 : result;
        }
        Py_DECREF(name);
    }
    Py_XDECREF(iterator);
    return iterator == NULL || PyErr_Occurred() ? -1 : result;
}

/* Does a block inside the comprehension (which stays a block of its own) take the name from it? */
static int
free_in_children(PySTEntryObject *entry, PyObject *name)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(entry->ste_children); i++) {
        PySTEntryObject *child = (PySTEntryObject *)PyList_GET_ITEM(entry->ste_children, i);
        int scope = _PyST_GetScope(child, name);
        if (scope < 0) {
            return -1;
        }
        if (scope == FREE) {
            int inner = child->ste_comp_inlined ? free_in_children(child, name) : 1;
            if (inner != 0) {
                return inner;
            }
        }
    }
    return 0;
}

/* An inlined comprehension reads the locals of its outer function directly: such names need no cell. */
static int
inline_comprehension(PySTEntryObject *outer, PySTEntryObject *comprehension, PyObject *scopes, PyObject *child_free)
{
    PyObject *name, *flags_object;
    Py_ssize_t position = 0;
    while (PyDict_Next(comprehension->ste_symbols, &position, &name, &flags_object)) {
        if (SYMBOL_TO_SCOPE(PyLong_AsLong(flags_object)) != FREE || outer->ste_type == ClassBlock) {
            continue;
        }
        PyObject *scope = PyDict_GetItemWithError(scopes, name);
        if (scope == NULL) {
            if (PyErr_Occurred()) {
                return -1;
            }
            continue;
        }
        if (PyLong_AsLong(scope) != LOCAL) {
            continue;
        }
        int inside = free_in_children(comprehension, name);
        if (inside < 0 || (!inside && PySet_Discard(child_free, name) < 0)) {
            return -1;
        }
    }
    return 0;
}

static int analyze_block(PySTEntryObject *, PyObject *, PyObject *, PyObject *, PyObject *, PySTEntryObject *);

static int
analyze_child(PySTEntryObject *child, PyObject *bound, PyObject *global, PyObject *type_params,
              PySTEntryObject *class_entry, PyObject **child_free)
{
    PyObject *child_bound = PySet_New(bound), *child_global = PySet_New(global), *child_params = PySet_New(type_params);
    PyObject *free = PySet_New(NULL);
    int result = -1;
    if (child_bound != NULL && child_global != NULL && child_params != NULL && free != NULL) {
        result = analyze_block(child, child_bound, free, child_global, child_params, class_entry);
    }
    Py_XDECREF(child_bound);
    Py_XDECREF(child_global);
    Py_XDECREF(child_params);
    if (result < 0) {
        Py_CLEAR(free);
    }
    *child_free = free;
    return result;
}

static int
set_update(PyObject *set, PyObject *other)
{
    return other == NULL ? 0 : _PySet_Update(set, other);
}

/* bound: names of the functions around, NULL for the module; free: in-out; class_entry: for annotation scopes. */
static int
analyze_block(PySTEntryObject *entry, PyObject *bound, PyObject *free, PyObject *global, PyObject *type_params,
              PySTEntryObject *class_entry)
{
    int result = -1, is_class = entry->ste_type == ClassBlock;
    PyObject *local = PySet_New(NULL), *scopes = PyDict_New(), *new_bound = PySet_New(NULL),
             *new_global = PySet_New(NULL), *new_free = PySet_New(NULL), *name, *flags;
    Py_ssize_t position = 0;
    if (local == NULL || scopes == NULL || new_bound == NULL || new_global == NULL || new_free == NULL) {
        goto done;
    }
    /* Names of a class are not visible inside; what was around it is. */
    if (is_class && (set_update(new_global, global) < 0 || set_update(new_bound, bound) < 0)) {
        goto done;
    }
    struct sets sets = {bound, local, free, global, type_params};
    while (PyDict_Next(entry->ste_symbols, &position, &name, &flags)) {
        if (analyze_name(entry, scopes, name, PyLong_AsLong(flags), &sets, class_entry) < 0) {
            goto done;
        }
    }
    if (is_class) {
        if (PySet_Add(new_bound, _Py_ID(__class__)) < 0 || PySet_Add(new_bound, _Py_ID(__classdict__)) < 0 ||
            PySet_Add(new_bound, _Py_ID(__conditional_annotations__)) < 0) {
            goto done;
        }
    }
    else {
        if (_PyST_IsFunctionLike(entry) && set_update(new_bound, local) < 0) {
            goto done;
        }
        if (set_update(new_bound, bound) < 0 || set_update(new_global, global) < 0) {
            goto done;
        }
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(entry->ste_children); i++) {
        PySTEntryObject *child = (PySTEntryObject *)PyList_GET_ITEM(entry->ste_children, i);
        PySTEntryObject *inner_class = child->ste_can_see_class_scope ? (is_class ? entry : class_entry) : NULL;
        PyObject *child_free;
        if (analyze_child(child, new_bound, new_global, type_params, inner_class, &child_free) < 0) {
            goto done;
        }
        child->ste_comp_inlined = child->ste_comprehension != NoComprehension &&
                                  child->ste_comprehension != GeneratorExpression && !entry->ste_can_see_class_scope;
        int failed = child->ste_comp_inlined && inline_comprehension(entry, child, scopes, child_free) < 0;
        failed = failed || set_update(new_free, child_free) < 0;
        Py_DECREF(child_free);
        if (failed) {
            goto done;
        }
    }
    if (_PyST_IsFunctionLike(entry)) {
        if (make_cells(scopes, new_free) < 0) {
            goto done;
        }
    }
    else if (is_class && drop_class_free(entry, new_free) < 0) {
        goto done;
    }
    if (update_symbols(entry, scopes, bound, new_free, is_class) < 0 || set_update(free, new_free) < 0) {
        goto done;
    }
    result = 0;
done:
    Py_XDECREF(local);
    Py_XDECREF(scopes);
    Py_XDECREF(new_bound);
    Py_XDECREF(new_global);
    Py_XDECREF(new_free);
    return result;
}

int
_PySymtable_Analyze(struct symtable *table)
{
    PyObject *free = PySet_New(NULL), *global = PySet_New(NULL), *type_params = PySet_New(NULL);
    int result = -1;
    if (free != NULL && global != NULL && type_params != NULL) {
        result = analyze_block(table->st_top, NULL, free, global, type_params, NULL);
    }
    Py_XDECREF(free);
    Py_XDECREF(global);
    Py_XDECREF(type_params);
    return result;
}

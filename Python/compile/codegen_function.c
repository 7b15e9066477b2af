/* Code generation: functions, lambdas, classes, type parameters and aliases, annotations.

   Annotations, bounds, defaults of type parameters and alias values are functions of their own, called when somebody looks
   (PEP 649, 695, 696). */
#include "codegen.h"

static PyObject *
interned(const char *text)
{
    return PyUnicode_InternFromString(text);
}

/* -- Closures ------------------------------------------------------------------------------------------ */

/* dest = function of code; the cells it needs are taken from the current unit. */
int
make_closure(struct compiler *c, location loc, PyCodeObject *code, int dest)
{
    PyObject *freevars = PyCode_GetFreevars(code);
    if (freevars == NULL) {
        return -1;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(freevars), index;
    int base = c->u->depth, result = -1, function = IS_TEMP(dest) ? dest : top(c);
    if (c->u->reachable && (index = add_const(c, (PyObject *)code)) < 0) {
        goto done;
    }
    else if (!c->u->reachable) {
        result = 0;
        goto done;
    }
    if (emit_wide(c, loc, OP_MAKE_FUNCTION, function, (uint32_t)index) < 0) {
        goto done;
    }
    if (count > 0) {
        c->u->depth = function - REG_TEMP + 1;
        int first = push_temps(c, (int)count);
        for (Py_ssize_t i = 0; i < count; i++) {
            int cell = cell_register(c, PyTuple_GET_ITEM(freevars, i));
            if (first < 0 || cell < 0 || emit(c, loc, OP_MOVE, 0, first + (int)i, cell, 0) < 0) {
                goto done;
            }
        }
        if (emit(c, loc, OP_BUILD_TUPLE, 0, first, first, (int)count) < 0 ||
            emit(c, loc, OP_SET_FUNCTION_ATTRIBUTE, 8, function, first, 0) < 0) {
            goto done;
        }
    }
    c->u->depth = base;
    result = function == dest ? 0 : emit(c, loc, OP_MOVE, 0, dest, function, 0);
done:
    Py_DECREF(freevars);
    return result;
}

/* The current unit is complete: its code object; the unit is left. */
static PyCodeObject *
finish_unit(struct compiler *c, int return_none)
{
    PyCodeObject *code = NULL;
    int failed = return_none && emit_return_const(c, NO_LOCATION, Py_None) < 0;
    if (!failed && c->u->is_generator) {
        failed = wrap_stopiteration(c) < 0;
    }
    if (!failed) {
        code = assemble(c);
    }
    unit_exit(c);
    return code;
}

/* A generator's body is guarded: a StopIteration that leaves it becomes a RuntimeError. */
static int
guard_generator(struct compiler *c)
{
    if (!c->u->is_generator) {
        return 0;
    }
    int label = new_label(c);
    TRY(label);
    c->u->handler = new_handler(c, label, 0, 1);
    return c->u->handler < 0 ? -1 : 0;
}

int
wrap_stopiteration(struct compiler *c)
{
    struct unit *u = c->u;
    int label = u->handlers[0].label;
    u->handler = -1;
    u->reachable = 0;
    use_label(c, label);
    TRY(emit(c, NO_LOCATION, OP_CALL_INTRINSIC_1, INTRINSIC_STOPITERATION_ERROR, REG_TEMP, REG_TEMP, 0));
    return emit(c, NO_LOCATION, OP_RERAISE, 1, REG_TEMP, REG_TEMP + 1, 0);
}

/* -- Arguments ------------------------------------------------------------------------------------------------ */

/* Pushes the tuple of defaults and the dict of keyword-only defaults; *flags tells which there are. */
static int
push_defaults(struct compiler *c, location loc, arguments_ty args, int *flags)
{
    *flags = 0;
    Py_ssize_t count = asdl_seq_LEN(args->defaults);
    if (count > 0) {
        expr_ty tuple = _PyAST_Tuple(args->defaults, Load, loc.lineno, loc.col_offset, loc.end_lineno, loc.end_col_offset,
                                     c->arena);
        TRY(tuple == NULL ? -1 : push_expr(c, tuple));
        *flags |= 1;
    }
    int first = top(c), pairs = 0;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(args->kwonlyargs); i++) {
        expr_ty value = asdl_seq_GET(args->kw_defaults, i);
        if (value == NULL) {
            continue;
        }
        PyObject *name = mangle(c, asdl_seq_GET(args->kwonlyargs, i)->arg);
        TRY(emit_const_steal(c, loc, top(c), name));
        TRY(push_temps(c, 1));
        TRY(push_expr(c, value));
        pairs++;
    }
    if (pairs > 0) {
        c->u->depth = first - REG_TEMP;
        TRY(emit(c, loc, OP_BUILD_MAP, 0, first, first, pairs));
        TRY(push_temps(c, 1));
        *flags |= 2;
    }
    return 0;
}

static void
set_argument_counts(struct compiler *c, arguments_ty args)
{
    c->u->posonlyargcount = (int)asdl_seq_LEN(args->posonlyargs);
    c->u->argcount = c->u->posonlyargcount + (int)asdl_seq_LEN(args->args);
    c->u->kwonlyargcount = (int)asdl_seq_LEN(args->kwonlyargs);
}

/* -- Annotation scopes --------------------------------------------------------------------------------------- */

/* Enter a function of one parameter, the format; formats that need fake globals are refused. */
static int
enter_annotation_scope(struct compiler *c, location loc, void *key, PyObject *name, enum unit_kind kind)
{
    TRY(unit_enter(c, name, kind, key, loc.lineno, c->u->private));
    c->u->posonlyargcount = c->u->argcount = 1;
    PyObject *two = PyLong_FromLong(2);
    Py_ssize_t index = two ? add_const(c, two) : -1;
    Py_XDECREF(two);
    int good = new_label(c);
    if (index < 0 || good < 0 || emit_jump(c, loc, OP_JUMP_GT_K, 0, REG_LOCAL, (int)index, 0, good) < 0 ||
        emit(c, loc, OP_LOAD_COMMON_CONSTANT, 0, top(c), 1, 0) < 0 || emit(c, loc, OP_RAISE, 1, top(c), 0, 0) < 0) {
        unit_exit(c);
        return -1;
    }
    use_label(c, good);
    return 0;
}

/* name: annotation, added to the dict in register 0. */
static int
annotation_item(struct compiler *c, PyObject *name, expr_ty annotation)
{
    location loc = LOC(annotation);
    int base = c->u->depth;
    PyObject *mangled = mangle(c, name);
    TRY(emit_const_steal(c, loc, top(c), mangled));
    int key = push_temps(c, 1), value;
    TRY(key);
    if (annotation->kind == Starred_kind) {
        /* *args: *Ts */
        value = push_expr(c, annotation->v.Starred.value);
        TRY(value);
        int item = push_temps(c, 1);
        TRY(item);
        TRY(emit(c, loc, OP_UNPACK_SEQUENCE, 0, item, value, 1));
        value = item;
    }
    else {
        value = push_expr(c, annotation);
        TRY(value);
    }
    c->u->depth = base;
    return emit(c, loc, OP_MAP_ADD, 0, REG_TEMP, key, value);
}

static int
annotation_string(struct compiler *c, PyObject *name, expr_ty annotation)
{
    location loc = LOC(annotation);
    PyObject *mangled = mangle(c, name);
    TRY(emit_const_steal(c, loc, top(c), mangled));
    TRY(push_temps(c, 1));
    TRY(emit_const_steal(c, loc, top(c), _PyAST_ExprAsUnicode(annotation)));
    return push_temps(c, 1);
}

/* Calls visit for every annotation of a function; the number of them. */
static int
each_annotation(struct compiler *c, arguments_ty args, expr_ty returns,
                int (*visit)(struct compiler *, PyObject *, expr_ty))
{
    int count = 0;
    asdl_arg_seq *lists[] = {args->posonlyargs, args->args, NULL, args->kwonlyargs, NULL};
    arg_ty singles[] = {NULL, NULL, args->vararg, NULL, args->kwarg};
    for (int k = 0; k < 5; k++) {
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(lists[k]); i++) {
            arg_ty arg = asdl_seq_GET(lists[k], i);
            if (arg->annotation != NULL) {
                count++;
                TRY(visit ? visit(c, arg->arg, arg->annotation) : 0);
            }
        }
        if (singles[k] != NULL && singles[k]->annotation != NULL) {
            count++;
            TRY(visit ? visit(c, singles[k]->arg, singles[k]->annotation) : 0);
        }
    }
    if (returns != NULL) {
        count++;
        TRY(visit ? visit(c, _Py_ID(return), returns) : 0);
    }
    return count;
}

/* Pushes what the function's annotations are made from; *flag: 4 a tuple of strings, 16 a function, 0 none. */
static int
push_annotations(struct compiler *c, location loc, arguments_ty args, expr_ty returns, int *flag)
{
    *flag = 0;
    int count = each_annotation(c, args, returns, NULL);
    if (count <= 0) {
        return count;
    }
    if (c->future.ff_features & CO_FUTURE_ANNOTATIONS) {
        int first = top(c);
        TRY(each_annotation(c, args, returns, annotation_string));
        c->u->depth = first - REG_TEMP;
        TRY(emit(c, loc, OP_BUILD_TUPLE, 0, first, first, count * 2));
        *flag = 4;
        return push_temps(c, 1) < 0 ? -1 : 0;
    }
    TRY(enter_annotation_scope(c, loc, args, _Py_ID(__annotate__), UNIT_ANNOTATIONS));
    int dict = push_temps(c, 1);
    if (dict < 0 || emit(c, loc, OP_BUILD_MAP, 0, dict, dict, 0) < 0 ||
        each_annotation(c, args, returns, annotation_item) < 0 || emit(c, loc, OP_RETURN, 0, dict, 0, 0) < 0) {
        unit_exit(c);
        return -1;
    }
    PyCodeObject *code = finish_unit(c, 0);
    if (code == NULL) {
        return -1;
    }
    int result = make_closure(c, loc, code, top(c));
    Py_DECREF(code);
    *flag = 16;
    return result < 0 || push_temps(c, 1) < 0 ? -1 : 0;
}

int
annotation_of(struct compiler *c, stmt_ty s)
{
    struct unit *u = c->u;
    location loc = LOC(s);
    expr_ty annotation = s->v.AnnAssign.annotation;
    PyObject *name = s->v.AnnAssign.target->v.Name.id;
    int base = u->depth;
    if (c->future.ff_features & CO_FUTURE_ANNOTATIONS) {
        int value = push_temps(c, 3);
        TRY(value);
        TRY(emit_const_steal(c, loc, value, _PyAST_ExprAsUnicode(annotation)));
        TRY(load_name(c, loc, _Py_ID(__annotations__), value + 1));
        TRY(emit_const_steal(c, loc, value + 2, mangle(c, name)));
        u->depth = base;
        return emit(c, loc, OP_SETITEM, 0, value + 1, value + 2, value);
    }
    if (u->deferred_annotations == NULL && (u->deferred_annotations = PyList_New(0)) == NULL) {
        return -1;
    }
    PyObject *index = Py_NewRef(Py_None);
    if (u->entry->ste_has_conditional_annotations) {
        Py_SETREF(index, PyLong_FromLong(u->next_conditional_annotation++));
        if (index == NULL) {
            return -1;
        }
        int set = push_temps(c, 2);
        if (set < 0 || load_name(c, loc, _Py_ID(__conditional_annotations__), set) < 0 ||
            emit_const(c, loc, set + 1, index) < 0 || emit(c, loc, OP_SET_ADD, 0, set, set + 1, 0) < 0 ||
            emit(c, loc, OP_CLEAR, 0, set, 0, 0) < 0) {
            Py_DECREF(index);
            return -1;
        }
        u->depth = base;
    }
    PyObject *row = Py_BuildValue("(NN)", PyLong_FromVoidPtr(s), index);
    int result = row ? PyList_Append(u->deferred_annotations, row) : -1;
    Py_XDECREF(row);
    return result;
}

/* The function that makes the annotations of a class or module: stored as __annotate_func__ or __annotate__. */
int
finish_annotations(struct compiler *c, location loc, void *key)
{
    struct unit *outer = c->u;
    if (outer->deferred_annotations == NULL) {
        return 0;
    }
    PyObject *rows = outer->deferred_annotations;
    TRY(enter_annotation_scope(c, loc, (char *)outer->entry + 1, _Py_ID(__annotate__), UNIT_ANNOTATIONS));
    int dict = push_temps(c, 1);
    if (dict < 0 || emit(c, loc, OP_BUILD_MAP, 0, dict, dict, 0) < 0) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(rows); i++) {
        PyObject *row = PyList_GET_ITEM(rows, i), *index = PyTuple_GET_ITEM(row, 1);
        stmt_ty s = PyLong_AsVoidPtr(PyTuple_GET_ITEM(row, 0));
        int skip = -1;
        if (index != Py_None) {
            int base = c->u->depth, key_reg = push_temps(c, 2);
            skip = new_label(c);
            if (skip < 0 || key_reg < 0 || emit_const(c, loc, key_reg, index) < 0 ||
                load_name(c, loc, _Py_ID(__conditional_annotations__), key_reg + 1) < 0 ||
                emit_jump(c, loc, OP_JUMP_IF_CONTAINS, 0, key_reg, key_reg + 1, 0, skip) < 0) {
                goto fail;
            }
            c->u->depth = base;
        }
        if (annotation_item(c, s->v.AnnAssign.target->v.Name.id, s->v.AnnAssign.annotation) < 0) {
            goto fail;
        }
        if (skip >= 0) {
            use_label(c, skip);
        }
    }
    if (emit(c, loc, OP_RETURN, 0, dict, 0, 0) < 0) {
        goto fail;
    }
    PyCodeObject *code = finish_unit(c, 0);
    if (code == NULL) {
        return -1;
    }
    int base = c->u->depth, function = push_temps(c, 1);
    int result = function < 0 ? -1 : make_closure(c, loc, code, function);
    Py_DECREF(code);
    TRY(result);
    c->u->depth = base;
    return store_name(c, loc, c->u->kind == UNIT_CLASS ? _Py_ID(__annotate_func__) : _Py_ID(__annotate__), function);
fail:
    unit_exit(c);
    return -1;
}

/* -- Type parameters ---------------------------------------------------------------------------------------------- */

/* Pushes the function that computes a bound, default or alias value. */
static int
push_lazy(struct compiler *c, expr_ty e, PyObject *name, void *key, int allow_starred)
{
    location loc = LOC(e);
    PyObject *defaults = Py_BuildValue("(i)", 1);
    TRY(emit_const_steal(c, loc, top(c), defaults));
    int tuple = push_temps(c, 1);
    TRY(tuple);
    TRY(enter_annotation_scope(c, loc, key, name, UNIT_FUNCTION));
    int value, failed;
    if (allow_starred && e->kind == Starred_kind) {
        value = push_expr(c, e->v.Starred.value);
        int item = value < 0 ? -1 : push_temps(c, 1);
        failed = item < 0 || emit(c, loc, OP_UNPACK_SEQUENCE, 0, item, value, 1) < 0;
        value = item;
    }
    else {
        value = push_expr(c, e);
        failed = value < 0;
    }
    if (failed || emit(c, loc, OP_RETURN, 0, value, 0, 0) < 0) {
        unit_exit(c);
        return -1;
    }
    PyCodeObject *code = finish_unit(c, 0);
    if (code == NULL) {
        return -1;
    }
    int function = push_temps(c, 1);
    int result = function < 0 ? -1 : make_closure(c, loc, code, function);
    Py_DECREF(code);
    TRY(result);
    TRY(emit(c, loc, OP_SET_FUNCTION_ATTRIBUTE, 1, function, tuple, 0));
    TRY(emit(c, loc, OP_MOVE, 0, tuple, function, 0));
    c->u->depth = tuple - REG_TEMP + 1;
    return tuple;
}

/* Pushes the tuple of the type parameters, each bound to its name on the way. */
static int
push_type_params(struct compiler *c, location where, asdl_type_param_seq *params)
{
    int first = top(c), seen_default = 0;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(params); i++) {
        type_param_ty p = asdl_seq_GET(params, i);
        location loc = LOC(p);
        PyObject *name = p->kind == TypeVar_kind ? p->v.TypeVar.name
                         : p->kind == ParamSpec_kind ? p->v.ParamSpec.name : p->v.TypeVarTuple.name;
        expr_ty bound = p->kind == TypeVar_kind ? p->v.TypeVar.bound : NULL;
        expr_ty fallback = p->kind == TypeVar_kind ? p->v.TypeVar.default_value
                           : p->kind == ParamSpec_kind ? p->v.ParamSpec.default_value : p->v.TypeVarTuple.default_value;
        TRY(emit_const(c, loc, top(c), name));
        int reg = push_temps(c, 1);
        TRY(reg);
        if (bound != NULL) {
            int function = push_lazy(c, bound, name, p, 0);
            TRY(function);
            int intrinsic = bound->kind == Tuple_kind ? INTRINSIC_TYPEVAR_WITH_CONSTRAINTS : INTRINSIC_TYPEVAR_WITH_BOUND;
            TRY(emit(c, loc, OP_CALL_INTRINSIC_2, intrinsic, reg, reg, function));
            c->u->depth = reg - REG_TEMP + 1;
        }
        else {
            int intrinsic = p->kind == TypeVar_kind ? INTRINSIC_TYPEVAR
                            : p->kind == ParamSpec_kind ? INTRINSIC_PARAMSPEC : INTRINSIC_TYPEVARTUPLE;
            TRY(emit(c, loc, OP_CALL_INTRINSIC_1, intrinsic, reg, reg, 0));
        }
        if (fallback != NULL) {
            seen_default = 1;
            int function = push_lazy(c, fallback, name, (char *)p + 1, p->kind == TypeVarTuple_kind);
            TRY(function);
            TRY(emit(c, loc, OP_CALL_INTRINSIC_2, INTRINSIC_SET_TYPEPARAM_DEFAULT, reg, reg, function));
            c->u->depth = reg - REG_TEMP + 1;
        }
        else if (seen_default) {
            return error_at(c, loc, "non-default type parameter '%U' follows default type parameter", name);
        }
        TRY(store_name(c, loc, name, reg | KEEP));
    }
    c->u->depth = first - REG_TEMP;
    TRY(emit(c, where, OP_BUILD_TUPLE, 0, first, first, (int)asdl_seq_LEN(params)));
    return push_temps(c, 1);
}

static int
enter_generic(struct compiler *c, location loc, PyObject *name, void *key, int argcount, PyObject *private)
{
    PyObject *text = PyUnicode_FromFormat("<generic parameters of %U>", name);
    int result = text ? unit_enter(c, text, UNIT_FUNCTION, key, loc.lineno, private) : -1;
    Py_XDECREF(text);
    if (result == 0) {
        c->u->argcount = argcount;
    }
    return result;
}

/* Leaves the unit of type parameters, and calls it: block `base` gets function, no self; `given` arguments stand after. */
static int
call_generic(struct compiler *c, location loc, PyCodeObject *code, int base, int given)
{
    if (code == NULL) {
        return -1;
    }
    int depth = c->u->depth;
    int result = make_closure(c, loc, code, base);
    Py_DECREF(code);
    TRY(result);
    c->u->depth = depth;
    TRY(emit(c, loc, OP_CLEAR, 0, base + 1, 0, 0));
    c->u->depth = base - REG_TEMP;
    return emit(c, loc, OP_CALL, 0, base, base, given);
}

/* -- Functions ------------------------------------------------------------------------------------------------------- */

/* Compiles the body into a code object; the closure and attributes are the caller's. */
static PyCodeObject *
function_body(struct compiler *c, stmt_ty s, PyObject *name, arguments_ty args, asdl_stmt_seq *statements, int is_async,
              int firstlineno)
{
    if (unit_enter(c, name, is_async ? UNIT_ASYNC_FUNCTION : UNIT_FUNCTION, s, firstlineno, c->u->private) < 0) {
        return NULL;
    }
    set_argument_counts(c, args);
    PyObject *doc = _PyAST_GetDocString(statements);
    Py_ssize_t start = 0;
    if (doc != NULL) {
        start = 1;
        PyObject *clean = c->optimize < 2 ? _PyCompile_CleanDoc(doc) : NULL;
        if (clean != NULL) {
            /* the docstring is the first constant */
            c->u->has_docstring = 1;
            Py_ssize_t index = add_const(c, clean);
            Py_DECREF(clean);
            if (index < 0) {
                goto fail;
            }
        }
        else if (PyErr_Occurred()) {
            goto fail;
        }
    }
    if (guard_generator(c) < 0) {
        goto fail;
    }
    for (Py_ssize_t i = start; i < asdl_seq_LEN(statements); i++) {
        if (stmt(c, asdl_seq_GET(statements, i)) < 0) {
            goto fail;
        }
    }
    return finish_unit(c, 1);
fail:
    unit_exit(c);
    return NULL;
}

int
function_def(struct compiler *c, stmt_ty s, int is_async)
{
    PyObject *name = is_async ? s->v.AsyncFunctionDef.name : s->v.FunctionDef.name;
    arguments_ty args = is_async ? s->v.AsyncFunctionDef.args : s->v.FunctionDef.args;
    asdl_stmt_seq *statements = is_async ? s->v.AsyncFunctionDef.body : s->v.FunctionDef.body;
    asdl_expr_seq *decorators = is_async ? s->v.AsyncFunctionDef.decorator_list : s->v.FunctionDef.decorator_list;
    expr_ty returns = is_async ? s->v.AsyncFunctionDef.returns : s->v.FunctionDef.returns;
    asdl_type_param_seq *params = is_async ? s->v.AsyncFunctionDef.type_params : s->v.FunctionDef.type_params;
    location loc = LOC(s);
    int base = c->u->depth, generic = asdl_seq_LEN(params) > 0, flags, annotations;
    int firstlineno = asdl_seq_LEN(decorators) > 0 ? asdl_seq_GET(decorators, 0)->lineno : s->lineno;
    /* each decorator: callable, dead self; the function ends up as its argument */
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(decorators); i++) {
        TRY(push_expr(c, asdl_seq_GET(decorators, i)));
        int self = push_temps(c, 1);
        TRY(self);
        TRY(emit(c, LOC(asdl_seq_GET(decorators, i)), OP_CLEAR, 0, self, 0, 0));
    }
    int result = top(c), block = result;
    if (generic) {
        TRY(push_temps(c, 2));
    }
    int first_default = top(c);
    TRY(push_defaults(c, loc, args, &flags));
    int given = (flags & 1) + (flags >> 1);
    struct unit *outer = c->u;
    int params_tuple = -1;
    if (generic) {
        TRY(enter_generic(c, (location){firstlineno, 0, firstlineno, 0}, name, params, given, c->u->private));
        params_tuple = push_type_params(c, loc, params);
        if (params_tuple < 0) {
            goto fail;
        }
    }
    int before = top(c);
    if (push_annotations(c, loc, args, returns, &annotations) < 0) {
        goto fail;
    }
    PyCodeObject *code = function_body(c, s, name, args, statements, is_async, firstlineno);
    if (code == NULL) {
        goto fail;
    }
    int function = push_temps(c, 1);
    int failed = function < 0 || make_closure(c, loc, code, function) < 0;
    Py_DECREF(code);
    if (failed || (annotations && emit(c, loc, OP_SET_FUNCTION_ATTRIBUTE, annotations, function, before, 0) < 0)) {
        goto fail;
    }
    int source = generic ? REG_LOCAL : first_default;
    for (int bit = 1; bit <= 2; bit <<= 1) {
        if (flags & bit) {
            if (emit(c, loc, OP_SET_FUNCTION_ATTRIBUTE, bit, function, source, 0) < 0) {
                goto fail;
            }
            source++;
        }
    }
    if (generic) {
        if (emit(c, loc, OP_CALL_INTRINSIC_2, INTRINSIC_SET_FUNCTION_TYPE_PARAMS, function, function, params_tuple) < 0 ||
            emit(c, loc, OP_RETURN, 0, function, 0, 0) < 0) {
            goto fail;
        }
        TRY(call_generic(c, loc, finish_unit(c, 0), block, given));
    }
    else if (function != result) {
        TRY(emit(c, loc, OP_MOVE, 0, result, function, 0));
    }
    c->u->depth = result - REG_TEMP + 1;
    for (Py_ssize_t i = asdl_seq_LEN(decorators) - 1; i >= 0; i--) {
        int call = REG_TEMP + base + 2 * (int)i;
        TRY(emit(c, LOC(asdl_seq_GET(decorators, i)), OP_CALL, 0, call, call, 1));
        result = call;
        if (i > 0) {
            /* the result is the argument of the next one out: it already stands right after that pair */
        }
    }
    c->u->depth = base;
    return store_name(c, loc, name, result);
fail:
    while (c->u != outer) {
        unit_exit(c);
    }
    return -1;
}

int
lambda_into(struct compiler *c, expr_ty e, int dest)
{
    location loc = LOC(e);
    arguments_ty args = e->v.Lambda.args;
    int base = c->u->depth, flags, first = top(c);
    TRY(push_defaults(c, loc, args, &flags));
    PyObject *name = interned("<lambda>");
    int entered = name ? unit_enter(c, name, UNIT_LAMBDA, e, e->lineno, c->u->private) : -1;
    Py_XDECREF(name);
    TRY(entered);
    set_argument_counts(c, args);
    int value = -1;
    if (guard_generator(c) == 0) {
        value = operand(c, e->v.Lambda.body, NULL);
    }
    if (value < 0 || emit(c, LOC(e->v.Lambda.body), OP_RETURN, 0, value, 0, 0) < 0) {
        unit_exit(c);
        return -1;
    }
    PyCodeObject *code = finish_unit(c, 0);
    if (code == NULL) {
        return -1;
    }
    int function = push_temps(c, 1);
    int result = function < 0 ? -1 : make_closure(c, loc, code, function);
    Py_DECREF(code);
    TRY(result);
    int source = first;
    for (int bit = 1; bit <= 2; bit <<= 1) {
        if (flags & bit) {
            TRY(emit(c, loc, OP_SET_FUNCTION_ATTRIBUTE, bit, function, source++, 0));
        }
    }
    c->u->depth = base;
    return function == dest ? 0 : emit(c, loc, OP_MOVE, 0, dest, function, 0);
}

/* -- Classes ------------------------------------------------------------------------------------------------------------ */

static int
store_const_name(struct compiler *c, location loc, const char *name, PyObject *value)
{
    PyObject *text = interned(name);
    int base = c->u->depth, reg = push_temps(c, 1);
    int failed = text == NULL || value == NULL || reg < 0 || emit_const(c, loc, reg, value) < 0 ||
                 store_name(c, loc, text, reg) < 0;
    Py_XDECREF(text);
    Py_XDECREF(value);
    c->u->depth = base;
    return failed ? -1 : 0;
}

/* Documentation, annotations and statements of a class or module. */
int
class_or_module_body(struct compiler *c, asdl_stmt_seq *statements, location loc)
{
    struct unit *u = c->u;
    int base = u->depth;
    if (u->entry->ste_annotations_used && c->future.ff_features & CO_FUTURE_ANNOTATIONS) {
        TRY(emit(c, loc, OP_SETUP_ANNOTATIONS, 0, 0, 0, 0));
    }
    if (u->entry->ste_has_conditional_annotations) {
        int set = push_temps(c, 1);
        TRY(set);
        TRY(emit(c, loc, OP_BUILD_SET, 0, set, set, 0));
        u->depth = base;
        if (u->kind == UNIT_CLASS) {
            TRY(emit(c, loc, OP_STORE_DEREF, 0, cell_register(c, _Py_ID(__conditional_annotations__)), set, 0));
        }
        else {
            TRY(store_name(c, loc, _Py_ID(__conditional_annotations__), set));
        }
    }
    PyObject *doc = _PyAST_GetDocString(statements);
    Py_ssize_t start = 0;
    if (doc != NULL && !c->interactive) {
        start = 1;
        if (c->optimize < 2) {
            TRY(store_const_name(c, LOC(asdl_seq_GET(statements, 0)), "__doc__", _PyCompile_CleanDoc(doc)));
        }
    }
    for (Py_ssize_t i = start; i < asdl_seq_LEN(statements); i++) {
        TRY(stmt(c, asdl_seq_GET(statements, i)));
    }
    return 0;
}

static PyObject *
sorted_tuple_of_set(PyObject *set)
{
    PyObject *list = PySequence_List(set), *tuple = NULL;
    if (list != NULL && PyList_Sort(list) == 0) {
        tuple = PyList_AsTuple(list);
    }
    Py_XDECREF(list);
    return tuple;
}

/* The body of a class as a code object that returns the __class__ cell or None. */
static PyCodeObject *
class_body(struct compiler *c, stmt_ty s, int firstlineno)
{
    location loc = {firstlineno, 0, firstlineno, 0}, none = NO_LOCATION;
    if (unit_enter(c, s->v.ClassDef.name, UNIT_CLASS, s, firstlineno, s->v.ClassDef.name) < 0) {
        return NULL;
    }
    struct unit *u = c->u;
    int reg = push_temps(c, 1);
    if (reg < 0 || load_name(c, loc, _Py_ID(__name__), reg) < 0 ||
        store_name(c, loc, _Py_ID(__module__), reg) < 0) {
        goto fail;
    }
    u->depth = 0;
    if (store_const_name(c, loc, "__qualname__", Py_NewRef(u->qualname)) < 0 ||
        store_const_name(c, loc, "__firstlineno__", PyLong_FromLong(firstlineno)) < 0) {
        goto fail;
    }
    if (asdl_seq_LEN(s->v.ClassDef.type_params) > 0) {
        PyObject *dotted = interned(".type_params");
        int failed = dotted == NULL || load_name(c, loc, dotted, reg) < 0 ||
                     store_name(c, loc, _Py_ID(__type_params__), reg) < 0;
        Py_XDECREF(dotted);
        if (failed) {
            goto fail;
        }
    }
    if (u->entry->ste_needs_classdict &&
        (emit(c, loc, OP_LOAD_LOCALS, 0, reg, 0, 0) < 0 ||
         emit(c, loc, OP_STORE_DEREF, 0, cell_register(c, _Py_ID(__classdict__)), reg, 0) < 0)) {
        goto fail;
    }
    if (class_or_module_body(c, s->v.ClassDef.body, loc) < 0 || finish_annotations(c, loc, s) < 0 ||
        store_const_name(c, none, "__static_attributes__", sorted_tuple_of_set(u->static_attributes)) < 0) {
        goto fail;
    }
    if (u->entry->ste_needs_classdict &&
        (emit(c, none, OP_MOVE, 0, reg, cell_register(c, _Py_ID(__classdict__)), 0) < 0 ||
         store_name(c, none, _Py_ID(__classdictcell__), reg) < 0)) {
        goto fail;
    }
    if (u->entry->ste_needs_class_closure) {
        if (emit(c, none, OP_MOVE, 0, reg, cell_register(c, _Py_ID(__class__)), 0) < 0 ||
            store_name(c, none, _Py_ID(__classcell__), reg | KEEP) < 0 || emit(c, none, OP_RETURN, 0, reg, 0, 0) < 0) {
            goto fail;
        }
        return finish_unit(c, 0);
    }
    return finish_unit(c, 1);
fail:
    unit_exit(c);
    return NULL;
}

/* The bases of a generic class: those written, and Generic[...] kept in .generic_base. */
static asdl_expr_seq *
bases_with_generic(struct compiler *c, stmt_ty s)
{
    asdl_expr_seq *bases = s->v.ClassDef.bases;
    Py_ssize_t count = asdl_seq_LEN(bases);
    asdl_expr_seq *longer = _Py_asdl_expr_seq_new(count + 1, c->arena);
    PyObject *name = interned(".generic_base");
    if (longer == NULL || name == NULL || _PyArena_AddPyObject(c->arena, name) < 0) {
        Py_XDECREF(name);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        asdl_seq_SET(longer, i, asdl_seq_GET(bases, i));
    }
    expr_ty base = _PyAST_Name(name, Load, s->lineno, s->col_offset, s->end_lineno, s->end_col_offset, c->arena);
    if (base == NULL) {
        return NULL;
    }
    asdl_seq_SET(longer, count, base);
    return longer;
}

int
class_def(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    asdl_expr_seq *decorators = s->v.ClassDef.decorator_list, *bases = s->v.ClassDef.bases;
    int base = c->u->depth, generic = asdl_seq_LEN(s->v.ClassDef.type_params) > 0;
    int firstlineno = asdl_seq_LEN(decorators) > 0 ? asdl_seq_GET(decorators, 0)->lineno : s->lineno;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(decorators); i++) {
        TRY(push_expr(c, asdl_seq_GET(decorators, i)));
        int self = push_temps(c, 1);
        TRY(self);
        TRY(emit(c, LOC(asdl_seq_GET(decorators, i)), OP_CLEAR, 0, self, 0, 0));
    }
    int result = top(c);
    struct unit *outer = c->u;
    PyObject *dotted = NULL;
    if (generic) {
        TRY(enter_generic(c, (location){firstlineno, 0, firstlineno, 0}, s->v.ClassDef.name, s->v.ClassDef.type_params,
                          0, s->v.ClassDef.name));
        int params = push_type_params(c, loc, s->v.ClassDef.type_params);
        dotted = interned(".type_params");
        if (params < 0 || dotted == NULL || store_name(c, loc, dotted, params) < 0) {
            goto fail;
        }
        c->u->depth = 0;
    }
    PyCodeObject *code = class_body(c, s, firstlineno);
    if (code == NULL) {
        goto fail;
    }
    int depth = c->u->depth;
    if (generic) {
        PyObject *generic_base = interned(".generic_base");
        int reg = push_temps(c, 1);
        int failed = generic_base == NULL || reg < 0 || load_name(c, loc, dotted, reg) < 0 ||
                     emit(c, loc, OP_CALL_INTRINSIC_1, INTRINSIC_SUBSCRIPT_GENERIC, reg, reg, 0) < 0 ||
                     store_name(c, loc, generic_base, reg) < 0;
        Py_XDECREF(generic_base);
        c->u->depth = depth;
        if (failed || (bases = bases_with_generic(c, s)) == NULL) {
            Py_DECREF(code);
            goto fail;
        }
    }
    int block = push_temps(c, 2), function = push_temps(c, 1);
    int failed = block < 0 || function < 0 || emit(c, loc, OP_LOAD_BUILD_CLASS, 0, block, 0, 0) < 0 ||
                 emit(c, loc, OP_CLEAR, 0, block + 1, 0, 0) < 0 || make_closure(c, loc, code, function) < 0;
    Py_DECREF(code);
    if (failed || emit_const(c, loc, top(c), s->v.ClassDef.name) < 0 || push_temps(c, 1) < 0 ||
        call_arguments(c, loc, block, 2, bases, s->v.ClassDef.keywords, block) < 0) {
        goto fail;
    }
    if (generic) {
        Py_CLEAR(dotted);
        if (emit(c, loc, OP_RETURN, 0, block, 0, 0) < 0) {
            goto fail;
        }
        PyCodeObject *params_code = finish_unit(c, 0);
        TRY(push_temps(c, 2));
        TRY(call_generic(c, loc, params_code, result, 0));
    }
    for (Py_ssize_t i = asdl_seq_LEN(decorators) - 1; i >= 0; i--) {
        int call = REG_TEMP + base + 2 * (int)i;
        TRY(emit(c, LOC(asdl_seq_GET(decorators, i)), OP_CALL, 0, call, call, 1));
        result = call;
    }
    c->u->depth = base;
    return store_name(c, loc, s->v.ClassDef.name, result);
fail:
    Py_XDECREF(dotted);
    while (c->u != outer) {
        unit_exit(c);
    }
    return -1;
}

/* -- Type aliases ----------------------------------------------------------------------------------------------------------- */

int
type_alias(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    PyObject *name = s->v.TypeAlias.name->v.Name.id;
    int base = c->u->depth, generic = asdl_seq_LEN(s->v.TypeAlias.type_params) > 0, block = top(c);
    struct unit *outer = c->u;
    if (generic) {
        TRY(enter_generic(c, loc, name, s->v.TypeAlias.type_params, 0, c->u->private));
    }
    /* the alias is made of (name, type parameters or None, function) */
    int first = top(c);
    if (emit_const(c, loc, first, name) < 0 || push_temps(c, 1) < 0) {
        goto fail;
    }
    if (generic) {
        if (push_type_params(c, loc, s->v.TypeAlias.type_params) < 0) {
            goto fail;
        }
    }
    else if (emit_const(c, loc, top(c), Py_None) < 0 || push_temps(c, 1) < 0) {
        goto fail;
    }
    if (push_lazy(c, s->v.TypeAlias.value, name, s, 0) < 0) {
        goto fail;
    }
    c->u->depth = first - REG_TEMP;
    if (emit(c, loc, OP_BUILD_TUPLE, 0, first, first, 3) < 0 ||
        emit(c, loc, OP_CALL_INTRINSIC_1, INTRINSIC_TYPEALIAS, first, first, 0) < 0) {
        goto fail;
    }
    if (generic) {
        if (emit(c, loc, OP_RETURN, 0, first, 0, 0) < 0) {
            goto fail;
        }
        PyCodeObject *code = finish_unit(c, 0);
        TRY(push_temps(c, 2));
        TRY(call_generic(c, loc, code, block, 0));
    }
    c->u->depth = base;
    return store_name(c, loc, name, block);
fail:
    while (c->u != outer) {
        unit_exit(c);
    }
    return -1;
}

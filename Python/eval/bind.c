/* Binding arguments to parameters, and what to say when they do not fit. */
#include "vm.h"
#include "pycore_call_py.h"
#include "pycore_dict.h"
#include "pycore_tuple.h"
#include "pycore_unicodeobject.h"

#define LOCAL_NAME(co, i) PyTuple_GET_ITEM((co)->co_localsplusnames, (i))

/* -- Complaints ------------------------------------------------------------------------------------------------ */

/* "'a'", "'a' and 'b'", "'a', 'b', and 'c'": names is a list of str that are repr'ed already. */
static PyObject *
join_names(PyObject *names)
{
    Py_ssize_t n = PyList_GET_SIZE(names);
    if (n == 1) {
        return Py_NewRef(PyList_GET_ITEM(names, 0));
    }
    PyObject *tail = PyUnicode_FromFormat(n == 2 ? "%U and %U" : ", %U, and %U", PyList_GET_ITEM(names, n - 2),
                                          PyList_GET_ITEM(names, n - 1));
    if (tail == NULL || n == 2) {
        return tail;
    }
    PyObject *result = NULL;
    PyObject *head = PyList_GetSlice(names, 0, n - 2);
    PyObject *comma = PyUnicode_FromString(", ");
    if (head != NULL && comma != NULL) {
        PyObject *joined = PyUnicode_Join(comma, head);
        if (joined != NULL) {
            result = PyUnicode_Concat(joined, tail);
            Py_DECREF(joined);
        }
    }
    Py_XDECREF(head);
    Py_XDECREF(comma);
    Py_DECREF(tail);
    return result;
}

/* Complains about the parameters from start to end whose registers are empty. */
static void
missing_arguments(PyThreadState *tstate, PyCodeObject *co, _PyValue *regs, Py_ssize_t start, Py_ssize_t end,
                  const char *kind, PyObject *qualname)
{
    PyObject *names = PyList_New(0);
    if (names == NULL) {
        return;
    }
    for (Py_ssize_t i = start; i < end; i++) {
        if (!_PyValue_IsDead(regs[i])) {
            continue;
        }
        PyObject *name = PyObject_Repr(LOCAL_NAME(co, i));
        if (name == NULL || PyList_Append(names, name) < 0) {
            Py_XDECREF(name);
            Py_DECREF(names);
            return;
        }
        Py_DECREF(name);
    }
    PyObject *joined = join_names(names);
    if (joined != NULL) {
        Py_ssize_t n = PyList_GET_SIZE(names);
        _PyErr_Format(tstate, PyExc_TypeError, "%U() missing %zd required %s argument%s: %U", qualname, n, kind,
                      n == 1 ? "" : "s", joined);
        Py_DECREF(joined);
    }
    Py_DECREF(names);
}

static void
too_many_positional(PyThreadState *tstate, PyCodeObject *co, Py_ssize_t given, Py_ssize_t ndefaults, _PyValue *regs,
                    PyObject *qualname)
{
    Py_ssize_t co_argcount = co->co_argcount;
    Py_ssize_t kwonly_given = 0;
    for (Py_ssize_t i = co_argcount; i < co_argcount + co->co_kwonlyargcount; i++) {
        kwonly_given += !_PyValue_IsDead(regs[i]);
    }
    bool plural;
    PyObject *takes;
    if (ndefaults != 0) {
        plural = true;
        takes = PyUnicode_FromFormat("from %zd to %zd", co_argcount - ndefaults, co_argcount);
    }
    else {
        plural = co_argcount != 1;
        takes = PyUnicode_FromFormat("%zd", co_argcount);
    }
    PyObject *keywords;
    if (kwonly_given != 0) {
        keywords = PyUnicode_FromFormat(" positional argument%s (and %zd keyword-only argument%s)",
                                        given != 1 ? "s" : "", kwonly_given, kwonly_given != 1 ? "s" : "");
    }
    else {
        keywords = PyUnicode_FromString("");
    }
    if (takes != NULL && keywords != NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "%U() takes %U positional argument%s but %zd%U %s given", qualname,
                      takes, plural ? "s" : "", given, keywords, given == 1 && !kwonly_given ? "was" : "were");
    }
    Py_XDECREF(takes);
    Py_XDECREF(keywords);
}

/* True with an exception if keywords name positional-only parameters (or something failed). */
static bool
positional_only_as_keyword(PyThreadState *tstate, PyCodeObject *co, PyObject *kwnames, PyObject *qualname)
{
    PyObject *conflicts = PyList_New(0);
    if (conflicts == NULL) {
        return true;
    }
    bool bad = true;
    for (int i = 0; i < co->co_posonlyargcount; i++) {
        PyObject *name = LOCAL_NAME(co, i);
        for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
            PyObject *keyword = PyTuple_GET_ITEM(kwnames, k);
            int same = name == keyword ? 1 : PyObject_RichCompareBool(name, keyword, Py_EQ);
            if (same < 0 || (same && PyList_Append(conflicts, keyword) < 0)) {
                goto done;
            }
        }
    }
    bad = PyList_GET_SIZE(conflicts) > 0;
    if (bad) {
        PyObject *comma = PyUnicode_FromString(", ");
        PyObject *joined = comma == NULL ? NULL : PyUnicode_Join(comma, conflicts);
        if (joined != NULL) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "%U() got some positional-only arguments passed as keyword arguments: '%U'", qualname,
                          joined);
            Py_DECREF(joined);
        }
        Py_XDECREF(comma);
    }
done:
    Py_DECREF(conflicts);
    return bad;
}

static void
unexpected_keyword(PyThreadState *tstate, PyCodeObject *co, PyObject *keyword, PyObject *qualname)
{
    PyObject *suggestion = NULL;
    int total = co->co_argcount + co->co_kwonlyargcount;
    PyObject *possible = PyList_New(0);
    if (possible == NULL) {
        return;
    }
    for (int i = co->co_posonlyargcount; i < total; i++) {
        if (PyList_Append(possible, LOCAL_NAME(co, i)) < 0) {
            Py_DECREF(possible);
            return;
        }
    }
    if (PyList_GET_SIZE(possible) > 0) {
        suggestion = _Py_CalculateSuggestions(possible, keyword);
        if (suggestion == NULL && _PyErr_Occurred(tstate)) {
            _PyErr_Clear(tstate);
        }
    }
    Py_DECREF(possible);
    if (suggestion != NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "%U() got an unexpected keyword argument '%S'. Did you mean '%S'?",
                      qualname, keyword, suggestion);
        Py_DECREF(suggestion);
    }
    else {
        _PyErr_Format(tstate, PyExc_TypeError, "%U() got an unexpected keyword argument '%S'", qualname, keyword);
    }
}

/* -- Binding ------------------------------------------------------------------------------------------------------ */

/* Number of the parameter that `keyword` names, or -1: none, -2: error. */
static Py_ssize_t
find_parameter(PyCodeObject *co, PyObject *keyword, Py_ssize_t total)
{
    PyObject *const *names = &PyTuple_GET_ITEM(co->co_localsplusnames, 0);
    for (Py_ssize_t i = co->co_posonlyargcount; i < total; i++) {
        if (names[i] == keyword) {
            return i;
        }
    }
    for (Py_ssize_t i = co->co_posonlyargcount; i < total; i++) {
        int same = PyObject_RichCompareBool(keyword, names[i], Py_EQ);
        if (same != 0) {
            return same > 0 ? i : -2;
        }
    }
    return -1;
}

static int
bind_keywords(PyThreadState *tstate, PyFunctionObject *func, PyCodeObject *co, _PyValue *regs, _PyValue *values,
              PyObject *kwnames, PyObject *kwdict)
{
    Py_ssize_t total = co->co_argcount + co->co_kwonlyargcount;
    PyObject *qualname = func->func_qualname;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
        PyObject *keyword = PyTuple_GET_ITEM(kwnames, k);
        if (!PyUnicode_Check(keyword)) {
            _PyErr_Format(tstate, PyExc_TypeError, "%U() keywords must be strings", qualname);
            return -1;
        }
        Py_ssize_t i = find_parameter(co, keyword, total);
        if (i >= 0) {
            if (!_PyValue_IsDead(regs[i])) {
                _PyErr_Format(tstate, PyExc_TypeError, "%U() got multiple values for argument '%S'", qualname,
                              keyword);
                return -1;
            }
            regs[i] = values[k];
            values[k] = _PyValue_DEAD;
            continue;
        }
        if (i == -2) {
            return -1;
        }
        if (kwdict == NULL) {
            if (co->co_posonlyargcount == 0 || !positional_only_as_keyword(tstate, co, kwnames, qualname)) {
                if (!_PyErr_Occurred(tstate)) {
                    unexpected_keyword(tstate, co, keyword, qualname);
                }
            }
            return -1;
        }
        PyObject *value = value_box_in_place(&values[k]);
        if (value == NULL || PyDict_SetItem(kwdict, keyword, value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
bind_defaults(PyThreadState *tstate, PyFunctionObject *func, PyCodeObject *co, _PyValue *regs, Py_ssize_t npositional)
{
    Py_ssize_t co_argcount = co->co_argcount;
    PyObject *defaults = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(func->func_defaults);
    Py_ssize_t ndefaults = defaults == NULL ? 0 : PyTuple_GET_SIZE(defaults);
    Py_ssize_t required = co_argcount - ndefaults;
    for (Py_ssize_t i = npositional; i < required; i++) {
        if (_PyValue_IsDead(regs[i])) {
            missing_arguments(tstate, co, regs, 0, required, "positional", func->func_qualname);
            return -1;
        }
    }
    for (Py_ssize_t i = Py_MAX(npositional, required); i < co_argcount; i++) {
        if (_PyValue_IsDead(regs[i])) {
            regs[i] = value_load(PyTuple_GET_ITEM(defaults, i - required));
        }
    }
    return 0;
}

static int
bind_kwonly(PyThreadState *tstate, PyFunctionObject *func, PyCodeObject *co, _PyValue *regs)
{
    Py_ssize_t start = co->co_argcount, end = start + co->co_kwonlyargcount;
    bool missing = false;
    PyObject *kwdefaults = (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(func->func_kwdefaults);
    for (Py_ssize_t i = start; i < end; i++) {
        if (!_PyValue_IsDead(regs[i])) {
            continue;
        }
        PyObject *value = NULL;
        if (kwdefaults != NULL && PyDict_GetItemRef(kwdefaults, LOCAL_NAME(co, i), &value) < 0) {
            return -1;
        }
        if (value == NULL) {
            missing = true;
            continue;
        }
        regs[i] = value_from_number(value);
    }
    if (missing) {
        missing_arguments(tstate, co, regs, start, end, "keyword-only", func->func_qualname);
        return -1;
    }
    return 0;
}

static int
bind(PyThreadState *tstate, PyFunctionObject *func, PyCodeObject *co, _PyValue *regs, _PyValue *args,
     Py_ssize_t argcount, PyObject *kwnames)
{
    Py_ssize_t co_argcount = co->co_argcount;
    Py_ssize_t total = co_argcount + co->co_kwonlyargcount;
    PyObject *kwdict = NULL;
    if (co->co_flags & CO_VARKEYWORDS) {
        kwdict = PyDict_New();
        if (kwdict == NULL) {
            return -1;
        }
        regs[total + ((co->co_flags & CO_VARARGS) != 0)] = _PyValue_Steal(kwdict);
    }
    Py_ssize_t npositional = Py_MIN(argcount, co_argcount);
    for (Py_ssize_t i = 0; i < npositional; i++) {
        regs[i] = args[i];
        args[i] = _PyValue_DEAD;
    }
    if (co->co_flags & CO_VARARGS) {
        Py_ssize_t extra = argcount - npositional;
        if (block_own(args + npositional, extra) < 0) {
            return -1;
        }
        PyObject *tuple = PyTuple_New(extra);
        if (tuple == NULL) {
            return -1;
        }
        for (Py_ssize_t i = 0; i < extra; i++) {
            PyTuple_SET_ITEM(tuple, i, BLOCK_OBJECTS(args)[npositional + i]);
            args[npositional + i] = _PyValue_DEAD;
        }
        regs[total] = _PyValue_Steal(tuple);
    }
    if (kwnames != NULL && bind_keywords(tstate, func, co, regs, args + argcount, kwnames, kwdict) < 0) {
        return -1;
    }
    if (argcount > co_argcount && !(co->co_flags & CO_VARARGS)) {
        PyObject *defaults = func->func_defaults;
        too_many_positional(tstate, co, argcount, defaults == NULL ? 0 : PyTuple_GET_SIZE(defaults), regs,
                            func->func_qualname);
        return -1;
    }
    if (npositional < co_argcount && bind_defaults(tstate, func, co, regs, npositional) < 0) {
        return -1;
    }
    return co->co_kwonlyargcount > 0 ? bind_kwonly(tstate, func, co, regs) : 0;
}

int
_PyEval_BindArguments(PyThreadState *tstate, PyFunctionObject *func, PyCodeObject *co, _PyValue *regs, _PyValue *args,
                      Py_ssize_t argcount, PyObject *kwnames)
{
    int status = bind(tstate, func, co, regs, args, argcount, kwnames);
    Py_ssize_t n = argcount + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    block_clear(args, n);
    return status;
}

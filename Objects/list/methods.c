/* Methods of list, and its sequence and mapping slots.

   A search compares items with Python code in between, so it reads each item afresh and goes by what the list is then. */
#include "list_private.h"
#include "pycore_args.h"       // PY_METHOD
#include "pycore_ceval.h"      // Py_EnterRecursiveCall
#include "pycore_dict.h"       // _PyDict_Next
#include "pycore_setobject.h"  // _PySet_NextEntryRef
#include "pycore_tuple.h"      // _PyTuple_ITEMS

/* -- Adding many ------------------------------------------------------ */

static int
extend_from_array_lock_held(PyListObject *self, PyObject *const *items, Py_ssize_t n)
{
    if (n == 0) {
        return 0;
    }
    _PyContainer_Write(self);
    Py_ssize_t size = Py_SIZE(self);
    if (size > PY_SSIZE_T_MAX - n) {
        PyErr_NoMemory();
        return -1;
    }
    const int self_extend = items == self->ob_item;
    if (_PyList_Reserve_lock_held(self, size + n) < 0) {
        return -1;
    }
    PyObject *const *from = self_extend ? self->ob_item : items;
    PyObject **to = self->ob_item + size;
    for (Py_ssize_t i = 0; i < n; i++) {
        STORE_ITEM(to[i], Py_XNewRef(from[i]));
    }
    list_set_size(self, size + n);
    return 0;
}

static int
extend_from_list_lock_held(PyListObject *self, PyListObject *other)
{
    return extend_from_array_lock_held(self, other->ob_item, Py_SIZE(other));
}

static int
extend_from_set_lock_held(PyListObject *self, PyObject *set)
{
    Py_ssize_t pos = 0;
    PyObject *key;
    Py_hash_t hash;
    if (_PyList_Reserve_lock_held(self, Py_SIZE(self) + PySet_GET_SIZE(set)) < 0) {
        return -1;
    }
    while (_PySet_NextEntryRef(set, &pos, &key, &hash)) {
        if (_PyList_AppendTakeRef(self, key) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Keys of a dict, values if asked for. */
static int
extend_from_dict_lock_held(PyListObject *self, PyObject *dict, int values)
{
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    if (_PyList_Reserve_lock_held(self, Py_SIZE(self) + PyDict_GET_SIZE(dict)) < 0) {
        return -1;
    }
    while (PyDict_Next(dict, &pos, &key, &value)) {
        if (_PyList_AppendTakeRef(self, Py_NewRef(values ? value : key)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Pairs of a dict.  Nothing else runs in between, unless an allocation makes the thread wait. */
static int
extend_from_dict_items_lock_held(PyListObject *self, PyObject *dict)
{
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    if (_PyList_Reserve_lock_held(self, Py_SIZE(self) + PyDict_GET_SIZE(dict)) < 0) {
        return -1;
    }
    while (PyDict_Next(dict, &pos, &key, &value)) {
        PyObject *pair = _PyTuple_FromPair(key, value);
        if (pair == NULL || _PyList_AppendTakeRef(self, pair) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Any iterable.  The iterator may run code that looks at the list: it has no room that is not filled. */
static int
extend_from_iterator(PyListObject *self, PyObject *iterable)
{
    PyObject *iter = PyObject_GetIter(iterable);
    if (iter == NULL) {
        return -1;
    }
    iternextfunc next = Py_TYPE(iter)->tp_iternext;
    Py_ssize_t hint = PyObject_LengthHint(iterable, 8);
    int error = hint < 0 ? -1 : 0;
    if (error == 0) {
        Py_BEGIN_CRITICAL_SECTION(self);
        _PyContainer_Write(self);
        if (hint <= PY_SSIZE_T_MAX - Py_SIZE(self)) {
            error = _PyList_Reserve_lock_held(self, Py_SIZE(self) + hint);
        }
        Py_END_CRITICAL_SECTION();
    }
    while (error == 0) {
        PyObject *item = next(iter);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
                    PyErr_Clear();
                }
                else {
                    error = -1;
                }
            }
            break;
        }
        Py_BEGIN_CRITICAL_SECTION(self);
        error = _PyList_AppendTakeRef(self, item);
        Py_END_CRITICAL_SECTION();
    }
    Py_DECREF(iter);
    if (error == 0) {
        Py_BEGIN_CRITICAL_SECTION(self);
        _PyList_Trim_lock_held(self);
        Py_END_CRITICAL_SECTION();
    }
    return error;
}

static PyObject *
view_dict(PyObject *view)
{
    return (PyObject *)((_PyDictViewObject *)view)->dv_dict;
}

int
_PyList_ExtendLocking(PyListObject *self, PyObject *iterable)
{
    int error;
    PyTypeObject *type = Py_TYPE(iterable);
    if (type == &PyTuple_Type) {
        Py_BEGIN_CRITICAL_SECTION(self);
        error = extend_from_array_lock_held(self, _PyTuple_ITEMS(iterable), PyTuple_GET_SIZE(iterable));
        Py_END_CRITICAL_SECTION();
    }
    else if (type == &PyList_Type) {
        Py_BEGIN_CRITICAL_SECTION2(self, iterable);
        error = extend_from_list_lock_held(self, LIST(iterable));
        Py_END_CRITICAL_SECTION2();
    }
    else if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        Py_BEGIN_CRITICAL_SECTION2(self, iterable);
        error = extend_from_set_lock_held(self, iterable);
        Py_END_CRITICAL_SECTION2();
    }
    else if (type == &PyDict_Type) {
        Py_BEGIN_CRITICAL_SECTION2(self, iterable);
        error = extend_from_dict_lock_held(self, iterable, 0);
        Py_END_CRITICAL_SECTION2();
    }
    else if (type == &PyDictItems_Type && PyDict_CheckExact(view_dict(iterable))) {
        PyObject *dict = view_dict(iterable);
        Py_BEGIN_CRITICAL_SECTION2(self, dict);
        error = extend_from_dict_items_lock_held(self, dict);
        Py_END_CRITICAL_SECTION2();
    }
    else if ((type == &PyDictKeys_Type || type == &PyDictValues_Type)
             && PyDict_CheckExact(view_dict(iterable))) {
        PyObject *dict = view_dict(iterable);
        Py_BEGIN_CRITICAL_SECTION2(self, dict);
        error = extend_from_dict_lock_held(self, dict, type == &PyDictValues_Type);
        Py_END_CRITICAL_SECTION2();
    }
    else {
        error = extend_from_iterator(self, iterable);
    }
    return error;
}

/* -- Methods ---------------------------------------------------------- */

static PyObject *
list_append(PyObject *self, PyObject *item)
{
    return PyList_Append(self, item) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
list_insert(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2)) {
        return NULL;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(args[0], NULL);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyList_Insert(self, i, args[1]) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
list_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyList_Clear(self) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
list_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyList_GetSlice(self, 0, PY_SSIZE_T_MAX);
}

static PyObject *
list_extend(PyObject *self, PyObject *iterable)
{
    return _PyList_Extend(LIST(self), iterable);
}

static PyObject *
list_reverse(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyList_Reverse(self) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
pop_lock_held(PyListObject *self, Py_ssize_t i)
{
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty list");
        return NULL;
    }
    if (i < 0) {
        i += Py_SIZE(self);
    }
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    return _PyList_Remove_lock_held(self, i);
}

static PyObject *
list_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t i = -1;
    if (!_PyArg_CheckPositional("pop", nargs, 0, 1)) {
        return NULL;
    }
    if (nargs == 1) {
        i = PyNumber_AsSsize_t(args[0], PyExc_OverflowError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    PyObject *item;
    Py_BEGIN_CRITICAL_SECTION(self);
    item = pop_lock_held(LIST(self), i);
    Py_END_CRITICAL_SECTION();
    return item;
}

/* Index of the first item at or after start that equals value: -1 none, -2 error. */
static Py_ssize_t
find(PyObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
    for (Py_ssize_t i = start; i < stop; i++) {
        PyObject *item = _PyList_GetItemBorrowed_lockfree(self, i);
        int same = item == NULL ? -1 : _PyContainer_ComparePlain(item, value);
        if (same < 0) {
            item = _PyList_ItemOrNull(LIST(self), i);
            if (item == NULL) {
                return -1;
            }
            same = PyObject_RichCompareBool(item, value, Py_EQ);
            Py_DECREF(item);
        }
        if (same != 0) {
            return same > 0 ? i : -2;
        }
    }
    return -1;
}

static int
list_contains(PyObject *self, PyObject *value)
{
    Py_ssize_t i = find(self, value, 0, PY_SSIZE_T_MAX);
    return i == -2 ? -1 : i >= 0;
}

int
_PyList_Contains_lockfree(PyObject *list, PyObject *value)
{
    return list_contains(list, value);
}

static PyObject *
list_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start = 0, stop = PY_SSIZE_T_MAX;
    if (!_PyArg_CheckPositional("index", nargs, 1, 3)
        || (nargs > 1 && !_PyEval_SliceIndexNotNone(args[1], &start))
        || (nargs > 2 && !_PyEval_SliceIndexNotNone(args[2], &stop))) {
        return NULL;
    }
    if (start < 0) {
        start = Py_MAX(start + list_size(self), 0);
    }
    if (stop < 0) {
        stop = Py_MAX(stop + list_size(self), 0);
    }
    Py_ssize_t i = find(self, args[0], start, stop);
    if (i == -1) {
        PyErr_SetString(PyExc_ValueError, "list.index(x): x not in list");
    }
    return i < 0 ? NULL : PyLong_FromSsize_t(i);
}

static PyObject *
list_count(PyObject *self, PyObject *value)
{
    Py_ssize_t count = 0, i = -1;
    while ((i = find(self, value, i + 1, PY_SSIZE_T_MAX)) >= 0) {
        count++;
    }
    return i == -2 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
list_remove_lock_held(PyListObject *self, PyObject *value)
{
    Py_ssize_t i = find((PyObject *)self, value, 0, PY_SSIZE_T_MAX);
    if (i == -2) {
        return NULL;
    }
    if (i == -1 || i >= Py_SIZE(self)) {     // the comparison may have emptied the list
        if (i >= 0) {
            Py_RETURN_NONE;
        }
        PyErr_SetString(PyExc_ValueError, "list.remove(x): x not in list");
        return NULL;
    }
    Py_DECREF(_PyList_Remove_lock_held(self, i));
    Py_RETURN_NONE;
}
PY_LOCKED_O(list, remove, PyListObject)

static PyObject *
list___sizeof__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    size_t size = _PyObject_SIZE(Py_TYPE(self));
    Py_ssize_t allocated = FT_ATOMIC_LOAD_SSIZE_RELAXED(LIST(self)->allocated);
    return PyLong_FromSize_t(size + (size_t)allocated * sizeof(PyObject *));
}

PyMethodDef _PyList_methods[] = {
    PY_METHOD_AS("__getitem__", _PyList_Subscript, METH_O | METH_COEXIST, "($self, index, /)", "Return self[index]."),
    PY_METHOD_AS("__reversed__", _PyList_Reversed, METH_NOARGS, "($self, /)", "Return an iterator, last item first."),
    PY_METHOD(list, __sizeof__, METH_NOARGS, "($self, /)", "Return the size of the list in memory, in bytes."),
    PY_METHOD(list, clear, METH_NOARGS, "($self, /)", "Remove all items."),
    PY_METHOD(list, copy, METH_NOARGS, "($self, /)", "Return a shallow copy."),
    PY_METHOD(list, append, METH_O, "($self, object, /)", "Add object at the end."),
    PY_METHOD(list, insert, METH_FASTCALL, "($self, index, object, /)", "Put object before index."),
    PY_METHOD(list, extend, METH_O, "($self, iterable, /)", "Add the items of iterable at the end."),
    PY_METHOD(list, pop, METH_FASTCALL, "($self, index=-1, /)",
              "Remove the item at index and return it; IndexError if there is none."),
    PY_METHOD(list, remove, METH_O, "($self, value, /)", "Remove the first item that equals value; ValueError if none does."),
    PY_METHOD(list, index, METH_FASTCALL, "($self, value, start=0, stop=sys.maxsize, /)",
              "Return the index of the first item that equals value; ValueError if none does."),
    PY_METHOD(list, count, METH_O, "($self, value, /)", "Return how many items equal value."),
    PY_METHOD(list, reverse, METH_NOARGS, "($self, /)", "Turn the order of the items around, in place."),
    PY_METHOD_AS("sort", _PyList_SortMethod, METH_FASTCALL | METH_KEYWORDS, "($self, /, *, key=None, reverse=False)",
                 "Sort the items in place, ascending.\n\n"
                 "Items that compare equal keep their order.  With key, items are ordered by key(item)."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "list[T], for annotations."),
    {0}
};

/* -- Sequence slots ---------------------------------------------------- */

static PyObject *
concat_lock_held(PyListObject *a, PyListObject *b)
{
    Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b);
    if (n > PY_SSIZE_T_MAX - m) {
        return PyErr_NoMemory();
    }
    PyListObject *result = (PyListObject *)PyList_New(n + m);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        result->ob_item[i] = Py_XNewRef(a->ob_item[i]);
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        result->ob_item[n + i] = Py_XNewRef(b->ob_item[i]);
    }
    return (PyObject *)result;
}

PyObject *
_PyList_Concat(PyObject *a, PyObject *b)
{
    if (!PyList_Check(b)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate list (not \"%.200s\") to list", Py_TYPE(b)->tp_name);
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION2(a, b);
    result = concat_lock_held(LIST(a), LIST(b));
    Py_END_CRITICAL_SECTION2();
    return result;
}

/* to[0..n) holds one copy; fills to[n..total) by doubling. */
static void
repeat_pointers(PyObject **to, Py_ssize_t n, Py_ssize_t total)
{
    Py_ssize_t done = n;
    while (done < total) {
        Py_ssize_t step = Py_MIN(done, total - done);
        memcpy(to + done, to, (size_t)step * sizeof(PyObject *));
        done += step;
    }
}

static PyObject *
repeat_lock_held(PyListObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times <= 0) {
        return PyList_New(0);
    }
    if (n > PY_SSIZE_T_MAX / times) {
        return PyErr_NoMemory();
    }
    PyListObject *result = (PyListObject *)PyList_New(n * times);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = self->ob_item[i];
        result->ob_item[i] = item;
        _Py_RefcntAdd(item, times);
    }
    repeat_pointers(result->ob_item, n, n * times);
    return (PyObject *)result;
}

static PyObject *
list_repeat(PyObject *self, Py_ssize_t times)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = repeat_lock_held(LIST(self), times);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
inplace_repeat_lock_held(PyListObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times == 1) {
        return Py_NewRef(self);
    }
    if (times < 1) {
        _PyList_Clear_lock_held(self);
        return Py_NewRef(self);
    }
    if (n > PY_SSIZE_T_MAX / times) {
        return PyErr_NoMemory();
    }
    _PyContainer_Write(self);
    if (_PyList_Reserve_lock_held(self, n * times) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        _Py_RefcntAdd(self->ob_item[i], times - 1);
    }
    for (Py_ssize_t i = n; i < n * times; i++) {
        STORE_ITEM(self->ob_item[i], self->ob_item[i - n]);
    }
    list_set_size(self, n * times);
    return Py_NewRef(self);
}

static PyObject *
list_inplace_repeat(PyObject *self, Py_ssize_t times)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = inplace_repeat_lock_held(LIST(self), times);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
list_inplace_concat(PyObject *self, PyObject *other)
{
    return _PyList_ExtendLocking(LIST(self), other) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
list_item(PyObject *self, Py_ssize_t i)
{
    PyObject *item = _PyList_ItemOrNull(LIST(self), i);
    if (item == NULL) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
    }
    return item;
}

static PyObject *
delete_item_lock_held(PyListObject *self, Py_ssize_t i)
{
    return (size_t)i < (size_t)Py_SIZE(self) ? _PyList_Remove_lock_held(self, i) : NULL;
}

static int
list_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    if (value != NULL) {
        return PyList_SetItem(self, i, Py_NewRef(value));
    }
    PyObject *old;
    Py_BEGIN_CRITICAL_SECTION(self);
    old = delete_item_lock_held(LIST(self), i);
    Py_END_CRITICAL_SECTION();
    if (old == NULL) {
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    Py_DECREF(old);
    return 0;
}

static Py_ssize_t
list_length(PyObject *self)
{
    return list_size(self);
}

PySequenceMethods _PyList_as_sequence = {
    .sq_length = list_length,
    .sq_concat = _PyList_Concat,
    .sq_repeat = list_repeat,
    .sq_item = list_item,
    .sq_ass_item = list_ass_item,
    .sq_contains = list_contains,
    .sq_inplace_concat = list_inplace_concat,
    .sq_inplace_repeat = list_inplace_repeat,
};

/* -- Mapping slots: indices and slices ---------------------------------- */

static PyObject *
step_slice_lock_held(PyListObject *self, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step)
{
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (n <= 0) {
        return PyList_New(0);
    }
    if (step == 1) {
        return _PyList_FromArray(self->ob_item + start, n);
    }
    PyListObject *result = (PyListObject *)PyList_New(n);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0, from = start; i < n; i++, from += step) {
        result->ob_item[i] = Py_XNewRef(self->ob_item[from]);
    }
    return (PyObject *)result;
}

PyObject *
_PyList_SliceSubscript(PyObject *self, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = step_slice_lock_held(LIST(self), start, stop, step);
    Py_END_CRITICAL_SECTION();
    return result;
}

static void
bad_index(PyObject *index)
{
    PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s", Py_TYPE(index)->tp_name);
}

PyObject *
_PyList_Subscript(PyObject *self, PyObject *index)
{
    if (_PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return list_item(self, i < 0 ? i + list_size(self) : i);
    }
    if (PySlice_Check(index)) {
        return _PyList_SliceSubscript(self, index);
    }
    bad_index(index);
    return NULL;
}

/* del self[start::step] for n items, |step| > 1.  *old gets the references. */
static int
delete_step_lock_held(PyListObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n, PyObject **old)
{
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    _PyContainer_Write(self);
    Py_ssize_t size = Py_SIZE(self), to = start;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t from = start + i * step;
        Py_ssize_t keep = Py_MIN(step - 1, size - from - 1);
        old[i] = self->ob_item[from];
        _PyContainer_Move(self, self->ob_item + to, self->ob_item + from + 1, keep);
        to += keep;
    }
    Py_ssize_t rest = start + n * step;
    if (rest < size) {
        _PyContainer_Move(self, self->ob_item + to, self->ob_item + rest, size - rest);
    }
    list_set_size(self, size - n);
    _PyList_Trim_lock_held(self);
    return 0;
}

static int
assign_step_lock_held(PyListObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n,
                      PyObject *const *items, PyObject **old)
{
    _PyContainer_Write(self);
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        old[i] = self->ob_item[at];
        STORE_ITEM(self->ob_item[at], Py_XNewRef(items[i]));
    }
    return 0;
}

/* items NULL deletes. */
static int
assign_slice_lock_held(PyListObject *self, PyObject *slice, PyObject *const *items, Py_ssize_t nitems)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (step == 1) {
        return _PyList_AssignSlice_lock_held(self, start, Py_MAX(start, stop), items, nitems);
    }
    if (items != NULL && nitems != n) {
        PyErr_Format(PyExc_ValueError, "attempt to assign sequence of size %zd to extended slice of size %zd",
                     nitems, n);
        return -1;
    }
    if (n <= 0) {
        return 0;
    }
    PyObject **old = PyMem_New(PyObject *, n);
    if (old == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int error = items == NULL ? delete_step_lock_held(self, start, step, n, old)
                              : assign_step_lock_held(self, start, step, n, items, old);
    for (Py_ssize_t i = 0; i < n; i++) {
        _Py_RetireRef(self, old[i]);
    }
    PyMem_Free(old);
    return error;
}

/* The items to store, as a sequence that nobody changes meanwhile. */
static PyObject *
frozen_items(PyObject *value, PyObject *slice)
{
    if (PyTuple_CheckExact(value)) {
        return Py_NewRef(value);
    }
    if (PyList_CheckExact(value)) {
        return PyList_AsTuple(value);
    }
    PyObject *list = PySequence_Fast(value, "must assign iterable to extended slice");
    if (list == NULL || PyTuple_CheckExact(list)) {
        return list;
    }
    PyObject *tuple = PyList_AsTuple(list);
    Py_DECREF(list);
    (void)slice;
    return tuple;
}

static int
list_ass_slice(PyObject *self, PyObject *slice, PyObject *value)
{
    PyObject *items = NULL;
    if (value != NULL && (items = frozen_items(value, slice)) == NULL) {
        return -1;
    }
    PyObject *const *array = items == NULL ? NULL : _PyTuple_ITEMS(items);
    int error;
    Py_BEGIN_CRITICAL_SECTION(self);
    error = assign_slice_lock_held(LIST(self), slice, array, items == NULL ? 0 : PyTuple_GET_SIZE(items));
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(items);
    return error;
}

static int
list_ass_subscript(PyObject *self, PyObject *index, PyObject *value)
{
    if (_PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return list_ass_item(self, i < 0 ? i + list_size(self) : i, value);
    }
    if (PySlice_Check(index)) {
        return list_ass_slice(self, index, value);
    }
    bad_index(index);
    return -1;
}

PyMappingMethods _PyList_as_mapping = {
    .mp_length = list_length,
    .mp_subscript = _PyList_Subscript,
    .mp_ass_subscript = list_ass_subscript,
};

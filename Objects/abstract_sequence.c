/* Sequence and mapping protocols. */
#include "Python.h"
#include "pycore_abstract.h"
#include "pycore_call.h"             // _PyObject_CallNoArgs
#include "pycore_list.h"             // _PyList_Extend
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_tuple.h"            // _PyTuple_FromArraySteal

static PyObject *
type_error(const char *msg, PyObject *obj)
{
    PyErr_Format(PyExc_TypeError, msg, Py_TYPE(obj)->tp_name);
    return NULL;
}

static PyObject *
null_error(void)
{
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    }
    return NULL;
}

/* -- Sequences: size, concatenation, repetition ------------------------------------------------------- */

int
PySequence_Check(PyObject *s)
{
    if (PyDict_Check(s)) {
        return 0;
    }
    return Py_TYPE(s)->tp_as_sequence != NULL && Py_TYPE(s)->tp_as_sequence->sq_item != NULL;
}

Py_ssize_t
PySequence_Size(PyObject *s)
{
    if (s == NULL) {
        null_error();
        return -1;
    }
    PySequenceMethods *m = Py_TYPE(s)->tp_as_sequence;
    if (m != NULL && m->sq_length != NULL) {
        Py_ssize_t len = m->sq_length(s);
        assert(len >= 0 || PyErr_Occurred());
        return len;
    }
    if (Py_TYPE(s)->tp_as_mapping != NULL && Py_TYPE(s)->tp_as_mapping->mp_length != NULL) {
        type_error("%.200s is not a sequence", s);
        return -1;
    }
    type_error("object of type '%.200s' has no len()", s);
    return -1;
}

#undef PySequence_Length
Py_ssize_t
PySequence_Length(PyObject *s)
{
    return PySequence_Size(s);
}

/* An instance that only defines __add__ or __mul__ has the number slot, not the sequence slot. */
static PyObject *
concat_by_number(PyObject *s, PyObject *o, int inplace)
{
    PyObject *result = inplace ? PyNumber_InPlaceAdd(s, o) : PyNumber_Add(s, o);
    if (result == NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
        return NULL;
    }
    return result;
}

static int
number_slot_is_set(PyObject *o, size_t offset)
{
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb != NULL && *(void **)((char *)nb + offset) != NULL;
}

static PyObject *
sequence_concat(PyObject *s, PyObject *o, int inplace)
{
    if (s == NULL || o == NULL) {
        return null_error();
    }
    PySequenceMethods *m = Py_TYPE(s)->tp_as_sequence;
    if (inplace && m != NULL && m->sq_inplace_concat != NULL) {
        return m->sq_inplace_concat(s, o);
    }
    if (m != NULL && m->sq_concat != NULL) {
        return m->sq_concat(s, o);
    }
    size_t add = offsetof(PyNumberMethods, nb_add);
    if (PySequence_Check(s) && PySequence_Check(o)
        && (number_slot_is_set(s, add) || number_slot_is_set(o, add)
            || (inplace && number_slot_is_set(s, offsetof(PyNumberMethods, nb_inplace_add))))) {
        return concat_by_number(s, o, inplace);
    }
    return type_error("'%.200s' object can't be concatenated", s);
}

PyObject *
PySequence_Concat(PyObject *s, PyObject *o)
{
    return sequence_concat(s, o, 0);
}

PyObject *
PySequence_InPlaceConcat(PyObject *s, PyObject *o)
{
    return sequence_concat(s, o, 1);
}

static PyObject *
sequence_repeat(PyObject *o, Py_ssize_t count, int inplace)
{
    if (o == NULL) {
        return null_error();
    }
    PySequenceMethods *m = Py_TYPE(o)->tp_as_sequence;
    if (inplace && m != NULL && m->sq_inplace_repeat != NULL) {
        return m->sq_inplace_repeat(o, count);
    }
    if (m != NULL && m->sq_repeat != NULL) {
        return m->sq_repeat(o, count);
    }
    if (PySequence_Check(o)
        && (number_slot_is_set(o, offsetof(PyNumberMethods, nb_multiply))
            || (inplace && number_slot_is_set(o, offsetof(PyNumberMethods, nb_inplace_multiply))))) {
        PyObject *n = PyLong_FromSsize_t(count);
        if (n == NULL) {
            return NULL;
        }
        PyObject *result = inplace ? PyNumber_InPlaceMultiply(o, n) : PyNumber_Multiply(o, n);
        Py_DECREF(n);
        return result;
    }
    return type_error("'%.200s' object can't be repeated", o);
}

PyObject *
PySequence_Repeat(PyObject *o, Py_ssize_t count)
{
    return sequence_repeat(o, count, 0);
}

PyObject *
PySequence_InPlaceRepeat(PyObject *o, Py_ssize_t count)
{
    return sequence_repeat(o, count, 1);
}

/* -- Items -------------------------------------------------------------------------------------------- */

/* Adds the length to a negative index: 0, or -1 with an exception. */
static int
wrap_index(PyObject *s, PySequenceMethods *m, Py_ssize_t *i)
{
    if (*i < 0 && m->sq_length != NULL) {
        Py_ssize_t len = m->sq_length(s);
        if (len < 0) {
            assert(PyErr_Occurred());
            return -1;
        }
        *i += len;
    }
    return 0;
}

PyObject *
PySequence_GetItem(PyObject *s, Py_ssize_t i)
{
    if (s == NULL) {
        return null_error();
    }
    PySequenceMethods *m = Py_TYPE(s)->tp_as_sequence;
    if (m != NULL && m->sq_item != NULL) {
        return wrap_index(s, m, &i) < 0 ? NULL : m->sq_item(s, i);
    }
    if (Py_TYPE(s)->tp_as_mapping != NULL && Py_TYPE(s)->tp_as_mapping->mp_subscript != NULL) {
        return type_error("%.200s is not a sequence", s);
    }
    return type_error("'%.200s' object does not support indexing", s);
}

static int
sequence_assign_item(PyObject *s, Py_ssize_t i, PyObject *o, const char *msg)
{
    if (s == NULL) {
        null_error();
        return -1;
    }
    PySequenceMethods *m = Py_TYPE(s)->tp_as_sequence;
    if (m != NULL && m->sq_ass_item != NULL) {
        return wrap_index(s, m, &i) < 0 ? -1 : m->sq_ass_item(s, i, o);
    }
    if (Py_TYPE(s)->tp_as_mapping != NULL && Py_TYPE(s)->tp_as_mapping->mp_ass_subscript != NULL) {
        type_error("%.200s is not a sequence", s);
        return -1;
    }
    type_error(msg, s);
    return -1;
}

int
PySequence_SetItem(PyObject *s, Py_ssize_t i, PyObject *o)
{
    return sequence_assign_item(s, i, o, "'%.200s' object does not support item assignment");
}

int
PySequence_DelItem(PyObject *s, Py_ssize_t i)
{
    return sequence_assign_item(s, i, NULL, "'%.200s' object doesn't support item deletion");
}

PyObject *
PySequence_GetSlice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2)
{
    if (s == NULL) {
        return null_error();
    }
    PyMappingMethods *mp = Py_TYPE(s)->tp_as_mapping;
    if (mp == NULL || mp->mp_subscript == NULL) {
        return type_error("'%.200s' object is unsliceable", s);
    }
    PyObject *slice = _PySlice_FromIndices(i1, i2);
    if (slice == NULL) {
        return NULL;
    }
    PyObject *res = mp->mp_subscript(s, slice);
    Py_DECREF(slice);
    return res;
}

static int
sequence_assign_slice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2, PyObject *o, const char *msg)
{
    if (s == NULL) {
        null_error();
        return -1;
    }
    PyMappingMethods *mp = Py_TYPE(s)->tp_as_mapping;
    if (mp == NULL || mp->mp_ass_subscript == NULL) {
        type_error(msg, s);
        return -1;
    }
    PyObject *slice = _PySlice_FromIndices(i1, i2);
    if (slice == NULL) {
        return -1;
    }
    int res = mp->mp_ass_subscript(s, slice, o);
    Py_DECREF(slice);
    return res;
}

int
PySequence_SetSlice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2, PyObject *o)
{
    return sequence_assign_slice(s, i1, i2, o, "'%.200s' object doesn't support slice assignment");
}

int
PySequence_DelSlice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2)
{
    return sequence_assign_slice(s, i1, i2, NULL, "'%.200s' object doesn't support slice deletion");
}

/* -- Conversions -------------------------------------------------------------------------------------- */

/* The items of a fresh list as a tuple; the list has one owner, so its references can move. */
static PyObject *
list_into_tuple(PyObject *list)
{
    PyObject *tuple = PyList_AsTuple(list);
    Py_DECREF(list);
    return tuple;
}

PyObject *
PySequence_Tuple(PyObject *v)
{
    if (v == NULL) {
        return null_error();
    }
    if (PyTuple_CheckExact(v)) {
        return Py_NewRef(v);
    }
    if (PyList_CheckExact(v)) {
        return PyList_AsTuple(v);
    }
    PyObject *it = PyObject_GetIter(v);
    if (it == NULL) {
        return NULL;
    }
    /* Short results need no list. */
    PyObject *items[16];
    Py_ssize_t n = 0;
    PyObject *result = NULL;
    iternextfunc next = Py_TYPE(it)->tp_iternext;
    while (n < (Py_ssize_t)Py_ARRAY_LENGTH(items)) {
        PyObject *item = next(it);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                    goto done;
                }
                PyErr_Clear();
            }
            result = _PyTuple_FromArraySteal(items, n);
            n = 0;
            goto done;
        }
        items[n++] = item;
    }
    PyObject *list = PyList_New(n);
    if (list == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyList_SET_ITEM(list, i, items[i]);
    }
    n = 0;
    PyObject *extended = _PyList_Extend((PyListObject *)list, it);
    if (extended == NULL) {
        Py_DECREF(list);
        goto done;
    }
    Py_DECREF(extended);
    result = list_into_tuple(list);
done:
    while (n > 0) {
        Py_DECREF(items[--n]);
    }
    Py_DECREF(it);
    return result;
}

PyObject *
PySequence_List(PyObject *v)
{
    if (v == NULL) {
        return null_error();
    }
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    PyObject *none = _PyList_Extend((PyListObject *)result, v);
    if (none == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    Py_DECREF(none);
    return result;
}

PyObject *
PySequence_Fast(PyObject *v, const char *m)
{
    if (v == NULL) {
        return null_error();
    }
    if (PyList_CheckExact(v) || PyTuple_CheckExact(v)) {
        return Py_NewRef(v);
    }
    PyObject *it = PyObject_GetIter(v);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, m);
        }
        return NULL;
    }
    PyObject *list = PySequence_List(it);
    Py_DECREF(it);
    return list;
}

/* -- Search ------------------------------------------------------------------------------------------- */

/* PY_ITERSEARCH_COUNT: how often obj occurs; _INDEX: where first (ValueError if nowhere); _CONTAINS: 1 or 0. */
Py_ssize_t
_PySequence_IterSearch(PyObject *seq, PyObject *obj, int operation)
{
    if (seq == NULL || obj == NULL) {
        null_error();
        return -1;
    }
    PyObject *it = PyObject_GetIter(seq);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            if (operation == PY_ITERSEARCH_CONTAINS) {
                type_error("argument of type '%.200s' is not a container or iterable", seq);
            }
            else {
                type_error("argument of type '%.200s' is not iterable", seq);
            }
        }
        return -1;
    }
    Py_ssize_t n = 0;
    int wrapped = 0;     /* for INDEX: n has passed PY_SSIZE_T_MAX */
    for (;;) {
        PyObject *item = PyIter_Next(it);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                goto fail;
            }
            break;
        }
        int cmp = PyObject_RichCompareBool(item, obj, Py_EQ);
        Py_DECREF(item);
        if (cmp < 0) {
            goto fail;
        }
        if (cmp > 0) {
            if (operation == PY_ITERSEARCH_COUNT) {
                if (n == PY_SSIZE_T_MAX) {
                    PyErr_SetString(PyExc_OverflowError, "count exceeds C integer size");
                    goto fail;
                }
                n++;
            }
            else if (operation == PY_ITERSEARCH_INDEX) {
                if (wrapped) {
                    PyErr_SetString(PyExc_OverflowError, "index exceeds C integer size");
                    goto fail;
                }
                goto done;
            }
            else {
                n = 1;
                goto done;
            }
        }
        if (operation == PY_ITERSEARCH_INDEX) {
            if (n == PY_SSIZE_T_MAX) {
                wrapped = 1;
            }
            n++;
        }
    }
    if (operation != PY_ITERSEARCH_INDEX) {
        goto done;
    }
    PyErr_SetString(PyExc_ValueError, "sequence.index(x): x not in sequence");
fail:
    n = -1;
done:
    Py_DECREF(it);
    return n;
}

Py_ssize_t
PySequence_Count(PyObject *s, PyObject *o)
{
    return _PySequence_IterSearch(s, o, PY_ITERSEARCH_COUNT);
}

int
PySequence_Contains(PyObject *seq, PyObject *ob)
{
    PySequenceMethods *sqm = Py_TYPE(seq)->tp_as_sequence;
    if (sqm != NULL && sqm->sq_contains != NULL) {
        return sqm->sq_contains(seq, ob);
    }
    Py_ssize_t result = _PySequence_IterSearch(seq, ob, PY_ITERSEARCH_CONTAINS);
    return Py_SAFE_DOWNCAST(result, Py_ssize_t, int);
}

#undef PySequence_In
int
PySequence_In(PyObject *w, PyObject *v)
{
    return PySequence_Contains(w, v);
}

Py_ssize_t
PySequence_Index(PyObject *s, PyObject *o)
{
    return _PySequence_IterSearch(s, o, PY_ITERSEARCH_INDEX);
}

/* -- Mappings ----------------------------------------------------------------------------------------- */

int
PyMapping_Check(PyObject *o)
{
    return o != NULL && Py_TYPE(o)->tp_as_mapping != NULL && Py_TYPE(o)->tp_as_mapping->mp_subscript != NULL;
}

Py_ssize_t
PyMapping_Size(PyObject *o)
{
    if (o == NULL) {
        null_error();
        return -1;
    }
    PyMappingMethods *m = Py_TYPE(o)->tp_as_mapping;
    if (m != NULL && m->mp_length != NULL) {
        Py_ssize_t len = m->mp_length(o);
        assert(len >= 0 || PyErr_Occurred());
        return len;
    }
    if (Py_TYPE(o)->tp_as_sequence != NULL && Py_TYPE(o)->tp_as_sequence->sq_length != NULL) {
        type_error("%.200s is not a mapping", o);
        return -1;
    }
    type_error("object of type '%.200s' has no len()", o);
    return -1;
}

#undef PyMapping_Length
Py_ssize_t
PyMapping_Length(PyObject *o)
{
    return PyMapping_Size(o);
}

PyObject *
PyMapping_GetItemString(PyObject *o, const char *key)
{
    if (key == NULL) {
        return null_error();
    }
    PyObject *okey = PyUnicode_FromString(key);
    if (okey == NULL) {
        return NULL;
    }
    PyObject *r = PyObject_GetItem(o, okey);
    Py_DECREF(okey);
    return r;
}

int
PyMapping_GetOptionalItem(PyObject *obj, PyObject *key, PyObject **result)
{
    if (PyDict_CheckExact(obj)) {
        return PyDict_GetItemRef(obj, key, result);
    }
    *result = PyObject_GetItem(obj, key);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

int
PyMapping_GetOptionalItemString(PyObject *obj, const char *key, PyObject **result)
{
    *result = NULL;
    if (key == NULL) {
        null_error();
        return -1;
    }
    PyObject *okey = PyUnicode_FromString(key);
    if (okey == NULL) {
        return -1;
    }
    int rc = PyMapping_GetOptionalItem(obj, okey, result);
    Py_DECREF(okey);
    return rc;
}

int
PyMapping_SetItemString(PyObject *o, const char *key, PyObject *value)
{
    if (key == NULL) {
        null_error();
        return -1;
    }
    PyObject *okey = PyUnicode_FromString(key);
    if (okey == NULL) {
        return -1;
    }
    int r = PyObject_SetItem(o, okey, value);
    Py_DECREF(okey);
    return r;
}

int
PyMapping_HasKeyStringWithError(PyObject *obj, const char *key)
{
    PyObject *res;
    int rc = PyMapping_GetOptionalItemString(obj, key, &res);
    Py_XDECREF(res);
    return rc;
}

int
PyMapping_HasKeyWithError(PyObject *obj, PyObject *key)
{
    PyObject *res;
    int rc = PyMapping_GetOptionalItem(obj, key, &res);
    Py_XDECREF(res);
    return rc;
}

int
PyMapping_HasKeyString(PyObject *obj, const char *key)
{
    PyObject *value = NULL;
    int rc;
    if (obj == NULL) {
        null_error();
        rc = -1;
    }
    else {
        rc = PyMapping_GetOptionalItemString(obj, key, &value);
    }
    if (rc < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyMapping_HasKeyString(); consider using "
                               "PyMapping_HasKeyStringWithError(), PyMapping_GetOptionalItemString() or "
                               "PyMapping_GetItemString()");
        return 0;
    }
    Py_XDECREF(value);
    return rc;
}

int
PyMapping_HasKey(PyObject *obj, PyObject *key)
{
    PyObject *value = NULL;
    int rc;
    if (obj == NULL || key == NULL) {
        null_error();
        rc = -1;
    }
    else {
        rc = PyMapping_GetOptionalItem(obj, key, &value);
    }
    if (rc < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyMapping_HasKey(); consider using "
                               "PyMapping_HasKeyWithError(), PyMapping_GetOptionalItem() or PyObject_GetItem()");
        return 0;
    }
    Py_XDECREF(value);
    return rc;
}

/* list(o.method()) */
static PyObject *
method_output_as_list(PyObject *o, PyObject *method)
{
    assert(o != NULL);
    PyObject *output = PyObject_CallMethodNoArgs(o, method);
    if (output == NULL || PyList_CheckExact(output)) {
        return output;
    }
    PyObject *it = PyObject_GetIter(output);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "%.200s.%U() returned a non-iterable (type %.200s)", Py_TYPE(o)->tp_name,
                         method, Py_TYPE(output)->tp_name);
        }
        Py_DECREF(output);
        return NULL;
    }
    Py_DECREF(output);
    PyObject *list = PySequence_List(it);
    Py_DECREF(it);
    return list;
}

PyObject *
PyMapping_Keys(PyObject *o)
{
    if (o == NULL) {
        return null_error();
    }
    return PyDict_CheckExact(o) ? PyDict_Keys(o) : method_output_as_list(o, _Py_ID(keys));
}

PyObject *
PyMapping_Items(PyObject *o)
{
    if (o == NULL) {
        return null_error();
    }
    return PyDict_CheckExact(o) ? PyDict_Items(o) : method_output_as_list(o, _Py_ID(items));
}

PyObject *
PyMapping_Values(PyObject *o)
{
    if (o == NULL) {
        return null_error();
    }
    return PyDict_CheckExact(o) ? PyDict_Values(o) : method_output_as_list(o, _Py_ID(values));
}

/* -- Argument vectors --------------------------------------------------------------------------------- */

void
_Py_FreeCharPArray(char *const array[])
{
    for (Py_ssize_t i = 0; array[i] != NULL; ++i) {
        PyMem_Free(array[i]);
    }
    PyMem_Free((void *)array);
}

/* A sequence of bytes as a NULL-terminated array of C strings. */
char *const *
_PySequence_BytesToCharpArray(PyObject *self)
{
    Py_ssize_t argc = PySequence_Size(self);
    if (argc == -1) {
        return NULL;
    }
    if (argc > (PY_SSIZE_T_MAX - (Py_ssize_t)sizeof(char *)) / (Py_ssize_t)sizeof(char *)) {
        PyErr_NoMemory();
        return NULL;
    }
    char **array = PyMem_Calloc((size_t)argc + 1, sizeof(char *));
    if (array == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < argc; ++i) {
        PyObject *item = PySequence_GetItem(self, i);
        if (item == NULL) {
            goto fail;
        }
        char *data;
        Py_ssize_t size;
        if (PyBytes_AsStringAndSize(item, &data, NULL) < 0) {
            Py_DECREF(item);
            goto fail;
        }
        size = PyBytes_GET_SIZE(item) + 1;
        array[i] = PyMem_Malloc((size_t)size);
        if (array[i] == NULL) {
            PyErr_NoMemory();
            Py_DECREF(item);
            goto fail;
        }
        memcpy(array[i], data, (size_t)size);
        Py_DECREF(item);
    }
    return array;
fail:
    _Py_FreeCharPArray(array);
    return NULL;
}

/* Methods of dict. */
#include "dict_private.h"
#include "pycore_args.h"         // PY_METHOD
#include "pycore_modsupport.h"   // _PyArg_CheckPositional
#include "pycore_tuple.h"        // _PyTuple_FromPairSteal

static PyObject *
dict___contains__(PyObject *self, PyObject *key)
{
    int there = PyDict_Contains(self, key);
    return there < 0 ? NULL : PyBool_FromLong(there);
}

static PyObject *
dict_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) {
        return NULL;
    }
    Py_hash_t hash = dict_hash(args[0]);
    if (hash == -1) {
        return NULL;
    }
    PyObject *value;
    int found = _PyDict_FindRef((PyDictObject *)self, args[0], hash, &value);
    if (found != 0) {
        return value;
    }
    return Py_NewRef(nargs == 2 ? args[1] : Py_None);
}

static PyObject *
dict_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("setdefault", nargs, 1, 2)) {
        return NULL;
    }
    PyObject *value;
    PyDict_SetDefaultRef(self, args[0], nargs == 2 ? args[1] : Py_None, &value);
    return value;
}

static PyObject *
dict_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("pop", nargs, 1, 2)) {
        return NULL;
    }
    return _PyDict_PopDefault(self, args[0], nargs == 2 ? args[1] : NULL);
}

/* The last item: entry, key and value counted for the caller. */
static PyObject *
dict_popitem_lock_held(PyDictObject *mp)
{
    if (mp->ma_used == 0) {
        PyErr_SetString(PyExc_KeyError, "popitem(): dictionary is empty");
        return NULL;
    }
    if (dict_has_split_table(mp)
        && _PyDict_Resize_lock_held(mp, DK_LOG_SIZE(mp->ma_keys), 1) < 0) {
        return NULL;
    }
    _PyContainer_Write(mp);
    PyDictKeysObject *dk = mp->ma_keys;
    Py_ssize_t ix = dk->dk_nentries - 1;
    while (*_PyDictKeys_ValueSlot(dk, ix) == NULL) {
        ix--;
    }
    PyObject *key = Py_NewRef(*_PyDictKeys_KeySlot(dk, ix));
    PyObject *value = *_PyDictKeys_ValueSlot(dk, ix);
    _PyDict_NotifyEvent(PyDict_EVENT_DELETED, mp, key, NULL);
    _PyDict_Unlink_lock_held(mp, dk_entry_hash(dk, ix), ix, value);
    if (!_PyContainer_HasReaders(mp)) {
        /* Nobody reads these entries: the next insertion may use them, so a loop of popitem() stays linear.
           dk_usable stays, because the index slots are dummies now. */
        dk->dk_nentries = ix;
        memset(_PyDictKeys_KeySlot(dk, ix), 0, sizeof(PyObject *));
    }
    return _PyTuple_FromPairSteal(key, _PyContainer_Take(mp, value));
}
PY_LOCKED_NOARGS(dict, popitem, PyDictObject)

static PyObject *
dict_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyDict_Clear(self);
    Py_RETURN_NONE;
}

static PyObject *
dict_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyDict_Copy(self);
}

static PyObject *
dict_update(PyObject *self, PyObject *args, PyObject *kwds)
{
    return _PyDict_UpdateCommon(self, args, kwds, "update") < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
dict_fromkeys(PyObject *type, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("fromkeys", nargs, 1, 2)) {
        return NULL;
    }
    return _PyDict_FromKeys(type, args[0], nargs == 2 ? args[1] : Py_None);
}

static PyObject *
dict_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyDictKeys_Type);
}

static PyObject *
dict_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyDictItems_Type);
}

static PyObject *
dict_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyDictValues_Type);
}

static PyObject *
dict___sizeof__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(_PyDict_SizeOf((PyDictObject *)self));
}

PyMethodDef _PyDict_methods[] = {
    PY_METHOD(dict, __contains__, METH_O | METH_COEXIST, "($self, key, /)", "True if the dictionary has the key."),
    PY_METHOD_AS("__getitem__", _PyDict_Subscript, METH_O | METH_COEXIST, "($self, key, /)", "Return self[key]."),
    PY_METHOD(dict, __sizeof__, METH_NOARGS, "($self, /)", "Return the size of the dict in memory, in bytes."),
    PY_METHOD(dict, get, METH_FASTCALL, "($self, key, default=None, /)",
              "Return the value for key, or default if there is none."),
    PY_METHOD(dict, setdefault, METH_FASTCALL, "($self, key, default=None, /)",
              "Return the value for key; if there is none, insert default first."),
    PY_METHOD_NOSIG("pop", dict_pop, METH_FASTCALL,
                    "D.pop(k[,d]) -> v: remove the key and return its value.\n\n"
                    "Without the key, return d if it is given and raise KeyError if not."),
    PY_METHOD(dict, popitem, METH_NOARGS, "($self, /)",
              "Remove the last item and return it as a (key, value) tuple."),
    PY_METHOD(dict, keys, METH_NOARGS, "($self, /)", "Return a view of the keys."),
    PY_METHOD(dict, items, METH_NOARGS, "($self, /)", "Return a view of the (key, value) pairs."),
    PY_METHOD(dict, values, METH_NOARGS, "($self, /)", "Return a view of the values."),
    PY_METHOD_NOSIG("update", dict_update, METH_VARARGS | METH_KEYWORDS,
                    "D.update([E, ]**F) -> None: set items from mapping or iterable E and from F."),
    PY_METHOD(dict, fromkeys, METH_FASTCALL | METH_CLASS, "($type, iterable, value=None, /)",
              "Return a new dictionary with keys from iterable, all of the same value."),
    PY_METHOD(dict, clear, METH_NOARGS, "($self, /)", "Remove all items."),
    PY_METHOD(dict, copy, METH_NOARGS, "($self, /)", "Return a shallow copy."),
    PY_METHOD_AS("__reversed__", _PyDict_ReverseKeys, METH_NOARGS, "($self, /)",
                 "Return an iterator over the keys, last first."),
    PY_METHOD_AS("__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "($type, object, /)",
                 "dict[K, V], for annotations."),
    {0}
};

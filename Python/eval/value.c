/* Register values: boxing, truth, identity. */
#include "vm.h"

PyObject *
_PyValue_BoxNumber(_PyValue v)
{
    if (_PyValue_IsInt(v)) {
        return _PyLong_FromInt64Fast(_PyValue_AsInt(v));
    }
    assert(_PyValue_IsDouble(v));
    return PyFloat_FromDouble(_PyValue_AsDouble(v));
}

int
value_is_true_slow(_PyValue v)
{
    if (_PyValue_IsInt(v)) {
        return _PyValue_AsInt(v) != 0;
    }
    if (_PyValue_IsDouble(v)) {
        return _PyValue_AsDouble(v) != 0.0;
    }
    return PyObject_IsTrue(_PyValue_AsObject(v));
}

/* At least one is a number, and the words differ. */
bool
value_is_slow(_PyValue v, _PyValue w)
{
    if (_PyValue_IsNumber(v) && _PyValue_IsNumber(w)) {
        return false;
    }
    if (_PyValue_IsNumber(w)) {
        _PyValue t = v;
        v = w;
        w = t;
    }
    PyObject *op = _PyValue_AsObject(w);
    if (op == NULL) {
        return false;
    }
    if (_PyValue_IsInt(v)) {
        int64_t i;
        return PyLong_CheckExact(op) && _PyLong_TryInt51(op, &i) && i == _PyValue_AsInt(v);
    }
    if (!PyFloat_CheckExact(op)) {
        return false;
    }
    double d = PyFloat_AS_DOUBLE(op);
    return d == d && _PyValue_FromDouble(d).bits == v.bits;
}

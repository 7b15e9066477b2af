/* Reading and writing fields of C structures by their member definitions. */
#include "Python.h"
#include "pycore_abstract.h"         // _PyNumber_Index
#include "pycore_descrobject.h"
#include "pycore_long.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_slotref.h"          // _PySlot_GetRef

static PyObject *
member_get_object(const char *addr, const char *obj_addr, PyMemberDef *l)
{
    PyObject *v = _PySlot_GetRef((PyObject *)obj_addr, (PyObject **)addr);
    if (v == NULL) {
        PyErr_Format(PyExc_AttributeError, "'%.200s' object has no attribute '%s'", Py_TYPE((PyObject *)obj_addr)->tp_name,
                     l->name);
        PyObject *name = PyUnicode_FromString(l->name);
        if (name != NULL) {
            _PyObject_SetAttributeErrorContext((PyObject *)obj_addr, name);
            Py_DECREF(name);
        }
    }
    return v;
}

/* Fields that threads may change are read as one unit; the others as they are. */
PyObject *
PyMember_GetOne(const char *obj_addr, PyMemberDef *l)
{
    const char *addr = obj_addr + l->offset;
    if (l->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError, "PyMember_GetOne used with Py_RELATIVE_OFFSET");
        return NULL;
    }
    switch (l->type) {
    case Py_T_BOOL: return PyBool_FromLong(FT_ATOMIC_LOAD_UINT8_RELAXED(*(uint8_t *)addr));
    case Py_T_BYTE: return PyLong_FromLong((signed char)FT_ATOMIC_LOAD_UINT8_RELAXED(*(uint8_t *)addr));
    case Py_T_UBYTE: return PyLong_FromUnsignedLong(FT_ATOMIC_LOAD_UINT8_RELAXED(*(uint8_t *)addr));
    case Py_T_SHORT: return PyLong_FromLong((short)FT_ATOMIC_LOAD_UINT16_RELAXED(*(uint16_t *)addr));
    case Py_T_USHORT: return PyLong_FromUnsignedLong(FT_ATOMIC_LOAD_UINT16_RELAXED(*(uint16_t *)addr));
    case Py_T_INT: return PyLong_FromLong(FT_ATOMIC_LOAD_INT_RELAXED(*(int *)addr));
    case Py_T_UINT: return PyLong_FromUnsignedLong(FT_ATOMIC_LOAD_UINT_RELAXED(*(unsigned int *)addr));
    case Py_T_LONG: return PyLong_FromLong((long)FT_ATOMIC_LOAD_ULONG_RELAXED(*(unsigned long *)addr));
    case Py_T_ULONG: return PyLong_FromUnsignedLong(FT_ATOMIC_LOAD_ULONG_RELAXED(*(unsigned long *)addr));
    case Py_T_PYSSIZET: return PyLong_FromSsize_t(FT_ATOMIC_LOAD_SSIZE_RELAXED(*(Py_ssize_t *)addr));
    case Py_T_LONGLONG: return PyLong_FromLongLong(*(long long *)addr);
    case Py_T_ULONGLONG: return PyLong_FromUnsignedLongLong(*(unsigned long long *)addr);
    case Py_T_FLOAT: return PyFloat_FromDouble((double)*(float *)addr);
    case Py_T_DOUBLE: return PyFloat_FromDouble(*(double *)addr);
    case Py_T_STRING:
        return *(char **)addr == NULL ? Py_NewRef(Py_None) : PyUnicode_FromString(*(char **)addr);
    case Py_T_STRING_INPLACE: return PyUnicode_FromString(addr);
    case Py_T_CHAR: {
        char c = (char)FT_ATOMIC_LOAD_UINT8_RELAXED(*(uint8_t *)addr);
        return PyUnicode_FromStringAndSize(&c, 1);
    }
    case _Py_T_OBJECT: {
        PyObject *v = _PySlot_GetRef((PyObject *)obj_addr, (PyObject **)addr);
        return v == NULL ? Py_NewRef(Py_None) : v;
    }
    case Py_T_OBJECT_EX: return member_get_object(addr, obj_addr, l);
    case _Py_T_NONE: return Py_NewRef(Py_None);
    default:
        PyErr_Format(PyExc_SystemError, "bad memberdescr type for %s", l->name);
        return NULL;
    }
}

#define WARN(msg)                                                          \
    do {                                                                   \
        if (PyErr_WarnEx(PyExc_RuntimeWarning, msg, 1) < 0) {              \
            return -1;                                                     \
        }                                                                  \
    } while (0)

/* Unsigned long of an int that may be negative, which is deprecated. */
static int
get_unsigned(PyObject *v, unsigned long *value, const char *warning)
{
    PyObject *index = _PyNumber_Index(v);
    if (index == NULL) {
        return -1;
    }
    if (_PyLong_IsNegative((PyLongObject *)index)) {
        long signed_value = PyLong_AsLong(index);
        Py_DECREF(index);
        if (signed_value == -1 && PyErr_Occurred()) {
            return -1;
        }
        *value = (unsigned long)signed_value;
        WARN(warning);
        return 0;
    }
    *value = PyLong_AsUnsignedLong(index);
    Py_DECREF(index);
    return *value == (unsigned long)-1 && PyErr_Occurred() ? -1 : 0;
}

int
PyMember_SetOne(char *addr, PyMemberDef *l, PyObject *v)
{
    if (l->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError, "PyMember_SetOne used with Py_RELATIVE_OFFSET");
        return -1;
    }
    PyObject *obj = (PyObject *)addr;
    addr += l->offset;
    if (l->flags & Py_READONLY) {
        PyErr_SetString(PyExc_AttributeError, "readonly attribute");
        return -1;
    }
    if (v == NULL) {
        if (l->type == Py_T_OBJECT_EX) {
            PyObject *old = _PySlot_GetRef(obj, (PyObject **)addr);
            if (old == NULL) {
                PyErr_SetString(PyExc_AttributeError, l->name);
                return -1;
            }
            Py_DECREF(old);
        }
        else if (l->type != _Py_T_OBJECT) {
            PyErr_SetString(PyExc_TypeError, "can't delete numeric/char attribute");
            return -1;
        }
    }
    switch (l->type) {
    case Py_T_BOOL:
        if (!PyBool_Check(v)) {
            PyErr_SetString(PyExc_TypeError, "attribute value type must be bool");
            return -1;
        }
        FT_ATOMIC_STORE_UINT8_RELAXED(*(uint8_t *)addr, (uint8_t)(v == Py_True));
        break;
    case Py_T_BYTE: {
        long value = PyLong_AsLong(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        FT_ATOMIC_STORE_UINT8_RELAXED(*(uint8_t *)addr, (uint8_t)value);
        if (value > CHAR_MAX || value < CHAR_MIN) {
            WARN("Truncation of value to char");
        }
        break;
    }
    case Py_T_UBYTE: {
        long value = PyLong_AsLong(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        FT_ATOMIC_STORE_UINT8_RELAXED(*(uint8_t *)addr, (uint8_t)value);
        if (value > UCHAR_MAX || value < 0) {
            WARN("Truncation of value to unsigned char");
        }
        break;
    }
    case Py_T_SHORT: {
        long value = PyLong_AsLong(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        FT_ATOMIC_STORE_UINT16_RELAXED(*(uint16_t *)addr, (uint16_t)value);
        if (value > SHRT_MAX || value < SHRT_MIN) {
            WARN("Truncation of value to short");
        }
        break;
    }
    case Py_T_USHORT: {
        long value = PyLong_AsLong(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        FT_ATOMIC_STORE_UINT16_RELAXED(*(uint16_t *)addr, (uint16_t)value);
        if (value > USHRT_MAX || value < 0) {
            WARN("Truncation of value to unsigned short");
        }
        break;
    }
    case Py_T_INT: {
        long value = PyLong_AsLong(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        FT_ATOMIC_STORE_INT_RELAXED(*(int *)addr, (int)value);
        if (value > INT_MAX || value < INT_MIN) {
            WARN("Truncation of value to int");
        }
        break;
    }
    case Py_T_UINT: {
        unsigned long value;
        if (get_unsigned(v, &value, "Writing negative value into unsigned field") < 0) {
            return -1;
        }
        FT_ATOMIC_STORE_UINT_RELAXED(*(unsigned int *)addr, (unsigned int)value);
        if (value > UINT_MAX && (long)value > 0) {
            WARN("Truncation of value to unsigned int");
        }
        break;
    }
    case Py_T_LONG: {
        long value = PyLong_AsLong(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        FT_ATOMIC_STORE_ULONG_RELAXED(*(unsigned long *)addr, (unsigned long)value);
        break;
    }
    case Py_T_ULONG: {
        unsigned long value;
        if (get_unsigned(v, &value, "Writing negative value into unsigned field") < 0) {
            return -1;
        }
        FT_ATOMIC_STORE_ULONG_RELAXED(*(unsigned long *)addr, value);
        break;
    }
    case Py_T_PYSSIZET: {
        Py_ssize_t value = PyLong_AsSsize_t(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        FT_ATOMIC_STORE_SSIZE_RELAXED(*(Py_ssize_t *)addr, value);
        break;
    }
    case Py_T_FLOAT: {
        double value = PyFloat_AsDouble(v);
        if (value == -1.0 && PyErr_Occurred()) {
            return -1;
        }
        *(float *)addr = (float)value;
        break;
    }
    case Py_T_DOUBLE: {
        double value = PyFloat_AsDouble(v);
        if (value == -1.0 && PyErr_Occurred()) {
            return -1;
        }
        *(double *)addr = value;
        break;
    }
    case _Py_T_OBJECT:
    case Py_T_OBJECT_EX:
        _PySlot_Set(obj, (PyObject **)addr, Py_XNewRef(v));
        break;
    case Py_T_CHAR: {
        Py_ssize_t len;
        const char *string = PyUnicode_AsUTF8AndSize(v, &len);
        if (string == NULL || len != 1) {
            PyErr_BadArgument();
            return -1;
        }
        FT_ATOMIC_STORE_UINT8_RELAXED(*(uint8_t *)addr, (uint8_t)string[0]);
        break;
    }
    case Py_T_STRING:
    case Py_T_STRING_INPLACE:
        PyErr_SetString(PyExc_TypeError, "readonly attribute");
        return -1;
    case Py_T_LONGLONG: {
        long long value = PyLong_AsLongLong(v);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        *(long long *)addr = value;
        break;
    }
    case Py_T_ULONGLONG: {
        unsigned long value;
        if (get_unsigned(v, &value, "Writing negative value into unsigned field") < 0) {
            return -1;
        }
        *(unsigned long long *)addr = value;
        break;
    }
    default:
        PyErr_Format(PyExc_SystemError, "bad memberdescr type for %s", l->name);
        return -1;
    }
    return 0;
}

/* Operations on objects of any type, by protocol. */
#ifndef Py_ABSTRACT_H
#define Py_ABSTRACT_H

#ifdef __cplusplus
extern "C" {
#endif

/* -- Calls.  The variadic ones end with NULL. -- */
PyAPI_FUNC(PyObject *) PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs);
PyAPI_FUNC(PyObject *) PyObject_CallFunction(PyObject *callable, const char *format, ...);
PyAPI_FUNC(PyObject *) PyObject_CallFunctionObjArgs(PyObject *callable, ...);
PyAPI_FUNC(PyObject *) PyObject_CallMethod(
    PyObject *obj, const char *name, const char *format, ...);
PyAPI_FUNC(PyObject *) PyObject_CallMethodObjArgs(PyObject *obj, PyObject *name, ...);
PyAPI_FUNC(PyObject *) PyObject_CallObject(PyObject *callable, PyObject *args);
PyAPI_FUNC(PyObject *) PyVectorcall_Call(PyObject *callable, PyObject *args, PyObject *kwargs);
PyAPI_FUNC(Py_ssize_t) PyVectorcall_NARGS(size_t nargsf);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_FUNC(PyObject *) PyObject_CallNoArgs(PyObject *callable);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
PyAPI_FUNC(PyObject *) PyObject_Vectorcall(
    PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames);
PyAPI_FUNC(PyObject *) PyObject_VectorcallMethod(
    PyObject *name, PyObject *const *args, size_t nargsf, PyObject *kwnames);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
/* In nargsf: the callee may for a while overwrite the element before the arguments. */
#  define PY_VECTORCALL_ARGUMENTS_OFFSET \
    (_Py_STATIC_CAST(size_t, 1) << (8 * sizeof(size_t) - 1))
#endif

/* -- Any object -- */
PyAPI_FUNC(int) PyObject_DelItem(PyObject *obj, PyObject *key);
PyAPI_FUNC(int) PyObject_DelItemString(PyObject *obj, const char *key);
PyAPI_FUNC(PyObject *) PyObject_Format(PyObject *obj, PyObject *format_spec);
PyAPI_FUNC(PyObject *) PyObject_GetItem(PyObject *obj, PyObject *key);
PyAPI_FUNC(int) PyObject_IsInstance(PyObject *obj, PyObject *cls);
PyAPI_FUNC(int) PyObject_IsSubclass(PyObject *derived, PyObject *cls);
PyAPI_FUNC(Py_ssize_t) PyObject_Length(PyObject *obj);
PyAPI_FUNC(int) PyObject_SetItem(PyObject *obj, PyObject *key, PyObject *value);
PyAPI_FUNC(Py_ssize_t) PyObject_Size(PyObject *obj);
PyAPI_FUNC(PyObject *) PyObject_Type(PyObject *obj);
#define PyObject_Length PyObject_Size

/* -- Iterators -- */
PyAPI_FUNC(int) PyAIter_Check(PyObject *op);
PyAPI_FUNC(int) PyIter_Check(PyObject *iter);
PyAPI_FUNC(PyObject *) PyIter_Next(PyObject *iter);
PyAPI_FUNC(PyObject *) PyObject_GetAIter(PyObject *obj);
PyAPI_FUNC(PyObject *) PyObject_GetIter(PyObject *obj);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
PyAPI_FUNC(PySendResult) PyIter_Send(PyObject *iter, PyObject *arg, PyObject **result);
#endif
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030e0000
PyAPI_FUNC(int) PyIter_NextItem(PyObject *iter, PyObject **item);
#endif

/* -- Numbers -- */
PyAPI_FUNC(int) PyIndex_Check(PyObject *op);
PyAPI_FUNC(PyObject *) PyNumber_Absolute(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_Add(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_And(PyObject *a, PyObject *b);
PyAPI_FUNC(Py_ssize_t) PyNumber_AsSsize_t(PyObject *a, PyObject *b);
PyAPI_FUNC(int) PyNumber_Check(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_Divmod(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Float(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_FloorDivide(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceAdd(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceAnd(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceFloorDivide(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceLshift(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceMultiply(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceOr(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlacePower(PyObject *a, PyObject *b, PyObject *c);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceRemainder(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceRshift(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceSubtract(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceTrueDivide(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_InPlaceXor(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Index(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_Invert(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_Long(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_Lshift(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Multiply(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Negative(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_Or(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Positive(PyObject *a);
PyAPI_FUNC(PyObject *) PyNumber_Power(PyObject *a, PyObject *b, PyObject *c);
PyAPI_FUNC(PyObject *) PyNumber_Remainder(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Rshift(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Subtract(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_ToBase(PyObject *a, int flag);
PyAPI_FUNC(PyObject *) PyNumber_TrueDivide(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_Xor(PyObject *a, PyObject *b);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(PyObject *) PyNumber_InPlaceMatrixMultiply(PyObject *a, PyObject *b);
PyAPI_FUNC(PyObject *) PyNumber_MatrixMultiply(PyObject *a, PyObject *b);
#endif

/* -- Sequences -- */
PyAPI_FUNC(int) PySequence_Check(PyObject *seq);
PyAPI_FUNC(PyObject *) PySequence_Concat(PyObject *seq, PyObject *other);
PyAPI_FUNC(int) PySequence_Contains(PyObject *seq, PyObject *item);
PyAPI_FUNC(Py_ssize_t) PySequence_Count(PyObject *seq, PyObject *item);
PyAPI_FUNC(int) PySequence_DelItem(PyObject *seq, Py_ssize_t index);
PyAPI_FUNC(int) PySequence_DelSlice(PyObject *seq, Py_ssize_t low, Py_ssize_t high);
PyAPI_FUNC(PyObject *) PySequence_Fast(PyObject *seq, const char *message);
PyAPI_FUNC(PyObject *) PySequence_GetItem(PyObject *seq, Py_ssize_t index);
PyAPI_FUNC(PyObject *) PySequence_GetSlice(PyObject *seq, Py_ssize_t low, Py_ssize_t high);
PyAPI_FUNC(int) PySequence_In(PyObject *seq, PyObject *item);
PyAPI_FUNC(PyObject *) PySequence_InPlaceConcat(PyObject *seq, PyObject *other);
PyAPI_FUNC(PyObject *) PySequence_InPlaceRepeat(PyObject *seq, Py_ssize_t count);
PyAPI_FUNC(Py_ssize_t) PySequence_Index(PyObject *seq, PyObject *item);
PyAPI_FUNC(Py_ssize_t) PySequence_Length(PyObject *seq);
PyAPI_FUNC(PyObject *) PySequence_List(PyObject *seq);
PyAPI_FUNC(PyObject *) PySequence_Repeat(PyObject *seq, Py_ssize_t count);
PyAPI_FUNC(int) PySequence_SetItem(PyObject *seq, Py_ssize_t index, PyObject *value);
PyAPI_FUNC(int) PySequence_SetSlice(
    PyObject *seq, Py_ssize_t low, Py_ssize_t high, PyObject *value);
PyAPI_FUNC(Py_ssize_t) PySequence_Size(PyObject *seq);
PyAPI_FUNC(PyObject *) PySequence_Tuple(PyObject *seq);
#define PySequence_Length PySequence_Size
#define PySequence_In     PySequence_Contains

#ifndef Py_LIMITED_API
/* Of a list or tuple that PySequence_Fast() gave. */
#  define PySequence_Fast_GET_SIZE(o) \
    (PyList_Check(o) ? PyList_GET_SIZE(o) : PyTuple_GET_SIZE(o))
#  define PySequence_Fast_GET_ITEM(o, i) \
    (PyList_Check(o) ? PyList_GET_ITEM((o), (i)) : PyTuple_GET_ITEM((o), (i)))
#  define PySequence_Fast_ITEMS(sf) \
    (PyList_Check(sf) ? ((PyListObject *)(sf))->ob_item : ((PyTupleObject *)(sf))->ob_item)
/* A sequence by its slot, without a check of any kind. */
#  define PySequence_ITEM(o, i) (Py_TYPE(o)->tp_as_sequence->sq_item((o), (i)))
#endif

/* -- Mappings -- */
PyAPI_FUNC(int) PyMapping_Check(PyObject *mapping);
PyAPI_FUNC(PyObject *) PyMapping_GetItemString(PyObject *mapping, const char *key);
PyAPI_FUNC(int) PyMapping_HasKey(PyObject *mapping, PyObject *key);
PyAPI_FUNC(int) PyMapping_HasKeyString(PyObject *mapping, const char *key);
PyAPI_FUNC(int) PyMapping_HasKeyStringWithError(PyObject *mapping, const char *key);
PyAPI_FUNC(int) PyMapping_HasKeyWithError(PyObject *mapping, PyObject *key);
PyAPI_FUNC(PyObject *) PyMapping_Items(PyObject *mapping);
PyAPI_FUNC(PyObject *) PyMapping_Keys(PyObject *mapping);
PyAPI_FUNC(Py_ssize_t) PyMapping_Length(PyObject *mapping);
PyAPI_FUNC(int) PyMapping_SetItemString(PyObject *mapping, const char *key, PyObject *value);
PyAPI_FUNC(Py_ssize_t) PyMapping_Size(PyObject *mapping);
PyAPI_FUNC(PyObject *) PyMapping_Values(PyObject *mapping);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030d0000
PyAPI_FUNC(int) PyMapping_GetOptionalItem(PyObject *mapping, PyObject *key, PyObject **result);
PyAPI_FUNC(int) PyMapping_GetOptionalItemString(
    PyObject *mapping, const char *key, PyObject **result);
#endif
#define PyMapping_Length PyMapping_Size
#define PyMapping_DelItemString(o, key) PyObject_DelItemString((o), (key))
#define PyMapping_DelItem(o, key)       PyObject_DelItem((o), (key))

#include "cpython/abstract.h"

#ifdef __cplusplus
}
#endif
#endif

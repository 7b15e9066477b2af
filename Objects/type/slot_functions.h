/* Functions that fill the slots of classes written in Python (slot_functions.c), and the functions behind the
   methods made from slots of C types (slot_wrappers.c).  Their rows are in slotdefs.def. */
#ifndef SLOT_FUNCTIONS_H
#define SLOT_FUNCTIONS_H

#include "internal.h"

#define UNARY_SLOTS(X)                                                                                     \
    X(slot_tp_repr) X(slot_tp_str) X(slot_tp_iter) X(slot_tp_iternext)                                     \
    X(slot_am_await) X(slot_am_aiter) X(slot_am_anext)                                                     \
    X(slot_nb_negative) X(slot_nb_positive) X(slot_nb_absolute) X(slot_nb_invert)                          \
    X(slot_nb_int) X(slot_nb_float) X(slot_nb_index)

/* name, method, reflected method */
#define BINARY_SLOTS(X)                                                                                    \
    X(nb_add, __add__, __radd__) X(nb_subtract, __sub__, __rsub__) X(nb_multiply, __mul__, __rmul__)       \
    X(nb_remainder, __mod__, __rmod__) X(nb_divmod, __divmod__, __rdivmod__)                               \
    X(nb_lshift, __lshift__, __rlshift__) X(nb_rshift, __rshift__, __rrshift__)                            \
    X(nb_and, __and__, __rand__) X(nb_xor, __xor__, __rxor__) X(nb_or, __or__, __ror__)                    \
    X(nb_floor_divide, __floordiv__, __rfloordiv__) X(nb_true_divide, __truediv__, __rtruediv__)           \
    X(nb_matrix_multiply, __matmul__, __rmatmul__)

/* name, method */
#define INPLACE_SLOTS(X)                                                                                   \
    X(nb_inplace_add, __iadd__) X(nb_inplace_subtract, __isub__) X(nb_inplace_multiply, __imul__)          \
    X(nb_inplace_remainder, __imod__) X(nb_inplace_lshift, __ilshift__) X(nb_inplace_rshift, __irshift__)  \
    X(nb_inplace_and, __iand__) X(nb_inplace_xor, __ixor__) X(nb_inplace_or, __ior__)                      \
    X(nb_inplace_floor_divide, __ifloordiv__) X(nb_inplace_true_divide, __itruediv__)                      \
    X(nb_inplace_matrix_multiply, __imatmul__)

#define DECLARE_UNARY(name) extern PyObject *name(PyObject *self);
#define DECLARE_BINARY(name, op, rop) extern PyObject *slot_##name(PyObject *self, PyObject *other);
#define DECLARE_INPLACE(name, op) extern PyObject *slot_##name(PyObject *self, PyObject *other);
UNARY_SLOTS(DECLARE_UNARY)
BINARY_SLOTS(DECLARE_BINARY)
INPLACE_SLOTS(DECLARE_INPLACE)
#undef DECLARE_UNARY
#undef DECLARE_BINARY
#undef DECLARE_INPLACE

extern Py_hash_t slot_tp_hash(PyObject *self);
extern PyObject *slot_tp_call(PyObject *self, PyObject *args, PyObject *kwds);
extern int slot_tp_setattro(PyObject *self, PyObject *name, PyObject *value);
extern PyObject *slot_tp_richcompare(PyObject *self, PyObject *other, int op);
extern PyObject *slot_tp_descr_get(PyObject *self, PyObject *obj, PyObject *type);
extern int slot_tp_descr_set(PyObject *self, PyObject *target, PyObject *value);
extern int slot_tp_init(PyObject *self, PyObject *args, PyObject *kwds);
extern PyObject *slot_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwds);
extern void slot_tp_finalize(PyObject *self);
extern PySendResult slot_am_send(PyObject *self, PyObject *arg, PyObject **result);
extern PyObject *slot_nb_power(PyObject *self, PyObject *other, PyObject *modulus);
extern PyObject *slot_nb_inplace_power(PyObject *self, PyObject *other, PyObject *modulus);
extern int slot_nb_bool(PyObject *self);
extern Py_ssize_t slot_sq_length(PyObject *self);
extern PyObject *slot_sq_item(PyObject *self, Py_ssize_t i);
extern int slot_sq_ass_item(PyObject *self, Py_ssize_t index, PyObject *value);
extern int slot_sq_contains(PyObject *self, PyObject *value);
#define slot_mp_length slot_sq_length
extern PyObject *slot_mp_subscript(PyObject *self, PyObject *arg);
extern int slot_mp_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
extern int slot_bf_getbuffer(PyObject *self, Py_buffer *buffer, int flags);
extern void slot_bf_releasebuffer(PyObject *self, Py_buffer *buffer);

#define WRAPPERS(X)                                                                                        \
    X(wrap_unaryfunc) X(wrap_binaryfunc) X(wrap_binaryfunc_l) X(wrap_binaryfunc_r) X(wrap_ternaryfunc)     \
    X(wrap_ternaryfunc_r) X(wrap_inquirypred) X(wrap_lenfunc) X(wrap_indexargfunc) X(wrap_sq_item)         \
    X(wrap_sq_setitem) X(wrap_sq_delitem) X(wrap_objobjproc) X(wrap_objobjargproc) X(wrap_delitem)         \
    X(wrap_hashfunc) X(wrap_setattr) X(wrap_delattr) X(wrap_del) X(wrap_next) X(wrap_descr_get)            \
    X(wrap_descr_set) X(wrap_descr_delete) X(wrap_buffer) X(wrap_releasebuffer)                            \
    X(richcmp_lt) X(richcmp_le) X(richcmp_eq) X(richcmp_ne) X(richcmp_gt) X(richcmp_ge)
#define DECLARE_WRAPPER(name) extern PyObject *name(PyObject *self, PyObject *args, void *wrapped);
WRAPPERS(DECLARE_WRAPPER)
#undef DECLARE_WRAPPER
extern PyObject *wrap_call(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds);
extern PyObject *wrap_init(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds);

#endif

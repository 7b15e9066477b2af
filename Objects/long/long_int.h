/* What the files of int share among themselves. */
#ifndef LONG_INT_H
#define LONG_INT_H

#include "Python.h"
#include "pycore_limbs.h"
#include "pycore_long.h"

#define LONG(op) ((PyLongObject *)(op))
#define DIGITS(v) ((v)->long_value.ob_digit)
#define MAX_LONG_DIGITS \
    ((Py_ssize_t)((PY_SSIZE_T_MAX - offsetof(PyLongObject, long_value.ob_digit)) / sizeof(digit) / 2))

/* Both operands of a number slot are ints, or it is somebody else's business. */
#define CHECK_BINOP(a, b)                     \
    do {                                      \
        if (!PyLong_Check(a) || !PyLong_Check(b)) { \
            Py_RETURN_NOTIMPLEMENTED;         \
        }                                     \
    } while (0)

#define LIMBS_OF_DIGITS(n) (((size_t)(n) * PyLong_SHIFT + 63) / 64)
#define DIGITS_OF_LIMBS(n) ((Py_ssize_t)(((n) * 64 + PyLong_SHIFT - 1) / PyLong_SHIFT))

/* |value| of a compact int with its sign */
static inline stwodigits
compact_value(const PyLongObject *v)
{
    return (1 - (stwodigits)(v->long_value.lv_tag & _PyLong_SIGN_MASK))
           * (stwodigits)v->long_value.ob_digit[0];
}

/* Limbs on the stack while they are few, on the heap otherwise. */
#define LIMB_STACK 64
struct limb_buffer {
    _Py_limb *limbs;
    _Py_limb stack[LIMB_STACK];
};

/* -1 with MemoryError */
static inline int
limb_buffer_init(struct limb_buffer *buffer, size_t n)
{
    buffer->limbs = n <= LIMB_STACK ? buffer->stack : PyMem_Malloc(n * sizeof(_Py_limb));
    if (buffer->limbs == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static inline void
limb_buffer_free(struct limb_buffer *buffer)
{
    if (buffer->limbs != buffer->stack) {
        PyMem_Free(buffer->limbs);
    }
}

/* |v| into r[0 .. LIMBS_OF_DIGITS(digit count)); the normalised size is returned. */
extern size_t _PyLong_ToLimbs(_Py_limb *r, const PyLongObject *v);
/* New int of the given sign and magnitude; small ones are static. */
extern PyObject *_PyLong_FromLimbs(const _Py_limb *a, size_t n, int negative);
/* v with the other sign: v must be fresh (it is stolen); NULL passes through. */
extern PyObject *_PyLong_NegateFresh(PyObject *v);
/* -1, 0, 1 of magnitudes */
extern int _PyLong_CompareMagnitude(const PyLongObject *a, const PyLongObject *b);

/* Floor quotient and remainder; either result may be NULL. -1 with an exception */
extern int _PyLong_DivMod(PyLongObject *a, PyLongObject *b, PyObject **quotient, PyObject **remainder);
extern PyObject *_PyLong_PowSlot(PyObject *v, PyObject *w, PyObject *x);
extern PyObject *_PyLong_DivmodSlot(PyObject *a, PyObject *b);
extern PyObject *_PyLong_Invert(PyObject *v);
extern PyObject *_PyLong_Round(PyObject *self, PyObject *ndigits);
extern PyObject *_PyLong_Exact(PyLongObject *v);
extern int64_t _PyLong_BitLength(const PyLongObject *v);
extern int _PyLong_MaxStrDigits(void);
extern PyObject *_PyLong_Repr(PyObject *op);

#endif

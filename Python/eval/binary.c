/* Arithmetic and comparison, out of line: numbers that are boxed or overflow, str, and the protocols.

   A source operand in the last-use form stays in its register until the result is there, so that an exception
   finds it where the unwinder looks. */
#include "vm.h"
#include "pycore_abstract.h"
#include "pycore_unicodeobject.h"
#include <math.h>

typedef PyObject *(*binary_func)(PyObject *, PyObject *);

static PyObject *
power(PyObject *v, PyObject *w)
{
    return PyNumber_Power(v, w, Py_None);
}

static PyObject *
inplace_power(PyObject *v, PyObject *w)
{
    return PyNumber_InPlacePower(v, w, Py_None);
}

/* In the order of enum binary_kind. */
static const binary_func number_functions[2][KIND_COUNT] = {
    {
        PyNumber_Add, PyNumber_Subtract, PyNumber_Multiply, PyNumber_TrueDivide, PyNumber_FloorDivide,
        PyNumber_Remainder, power, PyNumber_And, PyNumber_Or, PyNumber_Xor, PyNumber_Lshift, PyNumber_Rshift,
        PyNumber_MatrixMultiply,
    },
    {
        PyNumber_InPlaceAdd, PyNumber_InPlaceSubtract, PyNumber_InPlaceMultiply, PyNumber_InPlaceTrueDivide,
        PyNumber_InPlaceFloorDivide, PyNumber_InPlaceRemainder, inplace_power, PyNumber_InPlaceAnd,
        PyNumber_InPlaceOr, PyNumber_InPlaceXor, PyNumber_InPlaceLshift, PyNumber_InPlaceRshift,
        PyNumber_InPlaceMatrixMultiply,
    },
};

/* -- Unboxing ---------------------------------------------------------------------------------------- */

enum number_class { IS_OTHER, IS_INT, IS_DOUBLE };

/* An exact int of at most 60 bits or an exact float, boxed or not. */
static inline enum number_class
number_of(_PyValue v, int64_t *i, double *d)
{
    if (_PyValue_IsObject(v)) {
        PyObject *op = _PyValue_AsObject(v);
        PyTypeObject *type = Py_TYPE(op);
        if (type == &PyFloat_Type) {
            *d = PyFloat_AS_DOUBLE(op);
            return IS_DOUBLE;
        }
        if (type == &PyLong_Type && _PyLong_TryInt60(op, i)) {
            return IS_INT;
        }
        return IS_OTHER;
    }
    if (_PyValue_IsInt(v)) {
        *i = _PyValue_AsInt(v);
        return IS_INT;
    }
    *d = _PyValue_AsDouble(v);
    return IS_DOUBLE;
}

/* -- Integers of up to 60 bits ------------------------------------------------------------------------ */

static inline int64_t
floor_quotient(int64_t m, int64_t n)
{
    int64_t q = m / n;
    return q - ((q * n != m) & ((m ^ n) < 0));
}

static inline int64_t
floor_remainder(int64_t m, int64_t n)
{
    int64_t r = m % n;
    return r != 0 && (r ^ n) < 0 ? r + n : r;
}

/* False: not done here. */
static bool
int_power(int64_t base, int64_t exponent, int64_t *result)
{
    if (exponent < 0) {
        return false;
    }
    int64_t r = 1;
    while (exponent != 0) {
        if ((exponent & 1) && __builtin_mul_overflow(r, base, &r)) {
            return false;
        }
        exponent >>= 1;
        if (exponent != 0 && __builtin_mul_overflow(base, base, &base)) {
            return false;
        }
    }
    *result = r;
    return true;
}

/* 1: *result is set; 0: leave it to the protocol. */
static int
int_operation(int64_t m, int64_t n, int kind, _PyValue *result)
{
    int64_t r;
    switch (kind) {
    case KIND_ADD:
        r = m + n;
        break;
    case KIND_SUB:
        r = m - n;
        break;
    case KIND_MUL:
        if (__builtin_mul_overflow(m, n, &r)) {
            return 0;
        }
        break;
    case KIND_TRUEDIV: {
        const int64_t exact = (int64_t)1 << 53;
        if (n == 0 || m < -exact || m > exact || n < -exact || n > exact) {
            return 0;
        }
        *result = _PyValue_FromDouble((double)m / (double)n);
        return 1;
    }
    case KIND_FLOORDIV:
        if (n == 0) {
            return 0;
        }
        r = floor_quotient(m, n);
        break;
    case KIND_MOD:
        if (n == 0) {
            return 0;
        }
        r = floor_remainder(m, n);
        break;
    case KIND_POW:
        if (!int_power(m, n, &r)) {
            return 0;
        }
        break;
    case KIND_AND:
        r = m & n;
        break;
    case KIND_OR:
        r = m | n;
        break;
    case KIND_XOR:
        r = m ^ n;
        break;
    case KIND_LSHIFT:
        if (n < 0 || n > 62) {
            return 0;
        }
        r = (int64_t)((uint64_t)m << n);
        if (r >> n != m) {
            return 0;
        }
        break;
    case KIND_RSHIFT:
        if (n < 0) {
            return 0;
        }
        r = m >> (n > 63 ? 63 : n);
        break;
    default:
        return 0;
    }
    *result = value_from_int64(r);
    return 1;
}

/* -- Doubles ------------------------------------------------------------------------------------------- */

static int
double_operation(double x, double y, int kind, _PyValue *result)
{
    double r;
    switch (kind) {
    case KIND_ADD:
        r = x + y;
        break;
    case KIND_SUB:
        r = x - y;
        break;
    case KIND_MUL:
        r = x * y;
        break;
    case KIND_TRUEDIV:
        if (y == 0.0) {
            return 0;
        }
        r = x / y;
        break;
    case KIND_MOD:
        if (y == 0.0) {
            return 0;
        }
        r = fmod(x, y);
        if (r != 0.0) {
            if ((y < 0) != (r < 0)) {
                r += y;
            }
        }
        else {
            r = copysign(0.0, y);
        }
        break;
    case KIND_FLOORDIV: {
        if (y == 0.0) {
            return 0;
        }
        double rest = fmod(x, y);
        double q = (x - rest) / y;
        if (rest != 0.0 && (y < 0) != (rest < 0)) {
            q -= 1.0;
        }
        if (q != 0.0) {
            r = floor(q);
            if (q - r > 0.5) {
                r += 1.0;
            }
        }
        else {
            r = copysign(0.0, x / y);
        }
        break;
    }
    case KIND_POW:
        /* Only where pow() cannot complain: the protocol knows the other cases. */
        if (!(x > 0.0) || isinf(x) || isinf(y) || isnan(y)) {
            return 0;
        }
        r = pow(x, y);
        if (isinf(r)) {
            return 0;
        }
        break;
    default:
        return 0;
    }
    *result = value_from_double(r);
    return 1;
}

/* A new value, or dead with an exception. */
_PyValue
binary_slow(_PyValue v, _PyValue w, int kind, int inplace)
{
    int64_t m = 0, n = 0;
    double x = 0, y = 0;
    enum number_class left = number_of(v, &m, &x);
    if (left != IS_OTHER) {
        enum number_class right = number_of(w, &n, &y);
        _PyValue result;
        if (left == IS_INT && right == IS_INT) {
            if (int_operation(m, n, kind, &result)) {
                return result;
            }
        }
        else if (right != IS_OTHER) {
            /* int -> double is exact up to 53 bits; larger ones go by the protocol, which checks. */
            const int64_t exact = (int64_t)1 << 53;
            if (m >= -exact && m <= exact && n >= -exact && n <= exact) {
                if (left == IS_INT) {
                    x = (double)m;
                }
                if (right == IS_INT) {
                    y = (double)n;
                }
                if (double_operation(x, y, kind, &result)) {
                    return result;
                }
            }
        }
    }
    PyObject *vtemp, *wtemp = NULL;
    PyObject *a = value_object(v, &vtemp);
    if (a == NULL) {
        return _PyValue_DEAD;
    }
    PyObject *b = value_object(w, &wtemp);
    if (b == NULL) {
        Py_XDECREF(vtemp);
        return _PyValue_DEAD;
    }
    PyObject *result;
    if (kind == KIND_ADD && PyUnicode_CheckExact(a) && PyUnicode_CheckExact(b)) {
        result = PyUnicode_Concat(a, b);
    }
    else {
        result = number_functions[inplace][kind](a, b);
    }
    Py_XDECREF(vtemp);
    Py_XDECREF(wtemp);
    return value_from_number(result);
}

/* s + t where s is an owned str about to be overwritten: appended in place where nobody else holds it.
   1 done, 0 not applicable, -1 error. */
static int
concatenate_in_place(_PyValue *regs, uint64_t w, _PyValue right)
{
    _PyValue *left = &regs[W_BI(w)];
    if (!_PyValue_IsOwned(*left) || !_PyValue_IsObject(right)) {
        return 0;
    }
    /* The left operand's register must lose its reference: it is a last use, or is the destination. */
    if (!W_B_LAST(w) && W_BI(w) != W_A(w)) {
        return 0;
    }
    PyObject *s = _PyValue_AsObject(*left);
    PyObject *t = _PyValue_AsObject(right);
    if (!PyUnicode_CheckExact(s) || !PyUnicode_CheckExact(t)) {
        return 0;
    }
    /* x = x + t in the form temp = x + t; x = temp keeps x's register a second holder: only the count tells. */
    *left = _PyValue_DEAD;
    PyUnicode_Append(&s, t);
    if (s == NULL) {
        *left = VALUE_NONE;      /* a local that code counts on being bound */
        return -1;
    }
    reg_set(&regs[W_A(w)], _PyValue_Steal(s));
    return 1;
}

int
binary_regs(_PyInterpreterFrame *frame, uint64_t w, int kind)
{
    _PyValue *regs = frame->regs;
    _PyValue right = regs[W_CI(w)];
    if (kind == KIND_ADD && W_BI(w) != W_CI(w)) {
        int done = concatenate_in_place(regs, w, right);
        if (done != 0) {
            if (done > 0 && W_C_LAST(w)) {
                reg_clear(&regs[W_CI(w)]);
            }
            return done > 0 ? 0 : -1;
        }
    }
    _PyValue result = binary_slow(regs[W_BI(w)], right, kind, W_X(w));
    if (_PyValue_IsDead(result)) {
        return -1;
    }
    finish_bc(regs, w, result);
    return 0;
}

int
binary_k(_PyInterpreterFrame *frame, uint64_t w, int kind)
{
    _PyValue *regs = frame->regs;
    _PyValue right = NUMBERS(frame)[W_C(w)];
    if (kind == KIND_ADD) {
        int done = concatenate_in_place(regs, w, right);
        if (done != 0) {
            return done > 0 ? 0 : -1;
        }
    }
    _PyValue result = binary_slow(regs[W_BI(w)], right, kind, W_X(w));
    if (_PyValue_IsDead(result)) {
        return -1;
    }
    finish_b(regs, w, result);
    return 0;
}

/* -- One operand ------------------------------------------------------------------------------------------ */

static int
unary(_PyInterpreterFrame *frame, uint64_t w, PyObject *(*function)(PyObject *))
{
    PyObject *temp;
    PyObject *op = value_object(frame->regs[W_BI(w)], &temp);
    if (op == NULL) {
        return -1;
    }
    PyObject *result = function(op);
    Py_XDECREF(temp);
    if (result == NULL) {
        return -1;
    }
    finish_b(frame->regs, w, value_from_number(result));
    return 0;
}

int
op_UNARY_NEG(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    return unary(frame, w, PyNumber_Negative);
}

int
op_UNARY_POS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue v = frame->regs[W_BI(w)];
    if (_PyValue_IsNumber(v)) {
        finish_b(frame->regs, w, v);
        return 0;
    }
    return unary(frame, w, PyNumber_Positive);
}

int
op_UNARY_INVERT(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    _PyValue v = frame->regs[W_BI(w)];
    if (_PyValue_IsInt(v)) {
        finish_b(frame->regs, w, _PyValue_FromInt(~_PyValue_AsInt(v)));
        return 0;
    }
    return unary(frame, w, PyNumber_Invert);
}

static int
truth(_PyInterpreterFrame *frame, uint64_t w, int negate)
{
    int true_ = value_is_true(frame->regs[W_BI(w)]);
    if (true_ < 0) {
        return -1;
    }
    finish_b(frame->regs, w, value_from_bool(true_ != negate));
    return 0;
}

int
op_UNARY_NOT(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    return truth(frame, w, 1);
}

int
op_TO_BOOL(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    return truth(frame, w, 0);
}

/* -- Comparison ------------------------------------------------------------------------------------------- */

static inline int
order_result(int op, int less, int equal)
{
    switch (op) {
    case Py_LT: return less;
    case Py_LE: return less || equal;
    case Py_EQ: return equal;
    case Py_NE: return !equal;
    case Py_GT: return !less && !equal;
    default: return !less;
    }
}

/* Numbers and str without calling out: 1, 0, or -1 "not that simple", no exception. */
static inline int
compare_simple(_PyValue v, _PyValue w, int op)
{
    int64_t m, n;
    double x, y;
    enum number_class left = number_of(v, &m, &x);
    if (left == IS_OTHER) {
        if (_PyValue_IsObject(v) && _PyValue_IsObject(w)) {
            PyObject *a = _PyValue_AsObject(v), *b = _PyValue_AsObject(w);
            if (PyUnicode_CheckExact(a) && PyUnicode_CheckExact(b) && (op == Py_EQ || op == Py_NE)) {
                int equal = a == b || _PyUnicode_Equal(a, b);
                return equal == (op == Py_EQ);
            }
        }
        return -1;
    }
    enum number_class right = number_of(w, &n, &y);
    if (left == IS_INT && right == IS_INT) {
        return order_result(op, m < n, m == n);
    }
    if (left == IS_DOUBLE && right == IS_DOUBLE) {
        switch (op) {
        case Py_LT: return x < y;
        case Py_LE: return x <= y;
        case Py_EQ: return x == y;
        case Py_NE: return x != y;
        case Py_GT: return x > y;
        default: return x >= y;
        }
    }
    return -1;
}

static PyObject *
compare_objects(_PyValue v, _PyValue w, int op)
{
    PyObject *vtemp, *wtemp;
    PyObject *a = value_object(v, &vtemp);
    if (a == NULL) {
        return NULL;
    }
    PyObject *b = value_object(w, &wtemp);
    if (b == NULL) {
        Py_XDECREF(vtemp);
        return NULL;
    }
    PyObject *result = PyObject_RichCompare(a, b, op);
    Py_XDECREF(vtemp);
    Py_XDECREF(wtemp);
    return result;
}

_PyValue
compare_slow(_PyValue v, _PyValue w, int op)
{
    int simple = compare_simple(v, w, op);
    if (simple >= 0) {
        return value_from_bool(simple);
    }
    return _PyValue_Steal(compare_objects(v, w, op));
}

int
compare_bool_slow(_PyValue v, _PyValue w, int op)
{
    int simple = compare_simple(v, w, op);
    if (simple >= 0) {
        return simple;
    }
    PyObject *result = compare_objects(v, w, op);
    if (result == NULL) {
        return -1;
    }
    if (result == Py_True || result == Py_False) {
        return result == Py_True;
    }
    int true_ = PyObject_IsTrue(result);
    Py_DECREF(result);
    return true_;
}

int
compare_regs(_PyInterpreterFrame *frame, uint64_t w, int op)
{
    _PyValue result = compare_slow(frame->regs[W_BI(w)], frame->regs[W_CI(w)], op);
    if (_PyValue_IsDead(result)) {
        return -1;
    }
    finish_bc(frame->regs, w, result);
    return 0;
}

int
compare_k(_PyInterpreterFrame *frame, uint64_t w, int op)
{
    _PyValue result = compare_slow(frame->regs[W_BI(w)], NUMBERS(frame)[W_C(w)], op);
    if (_PyValue_IsDead(result)) {
        return -1;
    }
    finish_b(frame->regs, w, result);
    return 0;
}

int
compare_jump_regs(_PyInterpreterFrame *frame, uint64_t w, int op)
{
    int result = compare_bool_slow(frame->regs[W_BI(w)], frame->regs[W_CI(w)], op);
    if (result >= 0) {
        _PyValue b = reg_spent(frame->regs, W_B(w));
        _PyValue c = reg_spent(frame->regs, W_C(w));
        _PyValue_Release(b);
        _PyValue_Release(c);
    }
    return result;
}

int
compare_jump_k(_PyInterpreterFrame *frame, uint64_t w, int op)
{
    int result = compare_bool_slow(frame->regs[W_BI(w)], NUMBERS(frame)[W_C(w)], op);
    if (result >= 0) {
        _PyValue_Release(reg_spent(frame->regs, W_B(w)));
    }
    return result;
}

/* b in c: consumes the operands; 1, 0, -1. */
int
contains_regs(_PyInterpreterFrame *frame, uint64_t w)
{
    PyObject *temp;
    PyObject *item = value_object(frame->regs[W_BI(w)], &temp);
    if (item == NULL) {
        return -1;
    }
    PyObject *ctemp;
    PyObject *container = value_object(frame->regs[W_CI(w)], &ctemp);
    if (container == NULL) {
        Py_XDECREF(temp);
        return -1;
    }
    int result = PySequence_Contains(container, item);
    Py_XDECREF(temp);
    Py_XDECREF(ctemp);
    if (result >= 0) {
        _PyValue b = reg_spent(frame->regs, W_B(w));
        _PyValue c = reg_spent(frame->regs, W_C(w));
        _PyValue_Release(b);
        _PyValue_Release(c);
    }
    return result;
}

int
op_CONTAINS(PyThreadState *tstate, _PyInterpreterFrame *frame, uint64_t w)
{
    int result = contains_regs(frame, w);
    if (result < 0) {
        return -1;
    }
    reg_set(&frame->regs[W_A(w)], value_from_bool(result != W_X(w)));
    return 0;
}

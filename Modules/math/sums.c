/* math: sums, products and norms of many numbers, more precise than the obvious loops. */
#include "math_int.h"
#include "pycore_long.h"         // _PyLong_GetOne
#include "pycore_modsupport.h"   // _PyArg_UnpackKeywords

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* -- Error-free transformations ------------------------------------------- */

struct pair {
    double high, low;  /* high + low exactly; high is the rounded sum */
};

/* Source: Knuth, TAOCP volume 2, 4.2.2 */
static inline struct pair
two_sum(double a, double b)
{
    double s = a + b, t = s - a;
    return (struct pair){s, (a - (s - t)) + (b - t)};
}

/* |a| >= |b| */
static inline struct pair
fast_two_sum(double a, double b)
{
    double s = a + b;
    return (struct pair){s, (a - s) + b};
}

static inline struct pair
two_product(double a, double b)
{
    double p = a * b;
    return (struct pair){p, fma(a, b, -p)};
}

/* -- fsum ----------------------------------------------------------------- */

/* Partial sums that do not overlap, by increasing size: their exact sum is the exact sum so far.
   Source: J. Shewchuk, "Adaptive precision floating-point arithmetic" (1997). */
struct partials {
    double *p;
    Py_ssize_t n, room;
    double stack[32];
    double special, infinities;  /* sums of what is not finite */
};

static int
partials_add(struct partials *t, double x)
{
    double start = x;
    Py_ssize_t kept = 0;
    for (Py_ssize_t i = 0; i < t->n; i++) {
        double y = t->p[i];
        struct pair s = fabs(x) < fabs(y) ? fast_two_sum(y, x) : fast_two_sum(x, y);
        if (s.low != 0.0) {
            t->p[kept++] = s.low;
        }
        x = s.high;
    }
    t->n = kept;
    if (x == 0.0) {
        return 0;
    }
    if (!isfinite(x)) {
        if (isfinite(start)) {
            PyErr_SetString(PyExc_OverflowError, "intermediate overflow in fsum");
            return -1;
        }
        if (isinf(start)) {
            t->infinities += start;
        }
        t->special += start;
        t->n = 0;
        return 0;
    }
    if (t->n == t->room) {
        Py_ssize_t room = 2 * t->room;
        double *p = PyMem_Malloc((size_t)room * sizeof(double));
        if (p == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(p, t->p, (size_t)t->n * sizeof(double));
        if (t->p != t->stack) {
            PyMem_Free(t->p);
        }
        t->p = p;
        t->room = room;
    }
    t->p[t->n++] = x;
    return 0;
}

static PyObject *
partials_result(struct partials *t)
{
    if (t->special != 0.0) {
        if (isnan(t->infinities)) {
            PyErr_SetString(PyExc_ValueError, "-inf + inf in fsum");
            return NULL;
        }
        return PyFloat_FromDouble(t->special);
    }
    double high = 0.0, low = 0.0;
    Py_ssize_t n = t->n;
    if (n > 0) {
        high = t->p[--n];
        while (n > 0) {
            struct pair s = fast_two_sum(high, t->p[--n]);
            high = s.high;
            low = s.low;
            if (low != 0.0) {
                break;
            }
        }
        /* A tie was rounded to even, but what follows has the same sign: it was no tie. */
        if (n > 0 && ((low < 0.0 && t->p[n - 1] < 0.0) || (low > 0.0 && t->p[n - 1] > 0.0))) {
            double y = low * 2.0, x = high + y;
            if (y == x - high) {
                high = x;
            }
        }
    }
    return PyFloat_FromDouble(high);
}

PyObject *
math_fsum(PyObject *Py_UNUSED(module), PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable), *item, *result = NULL;
    if (iterator == NULL) {
        return NULL;
    }
    struct partials t = {.room = 32};
    t.p = t.stack;
    while ((item = PyIter_Next(iterator)) != NULL) {
        double x;
        if (PyFloat_Check(item)) {
            x = PyFloat_AS_DOUBLE(item);
        }
        else {
            x = PyFloat_AsDouble(item);
        }
        Py_DECREF(item);
        if ((x == -1.0 && PyErr_Occurred()) || partials_add(&t, x) < 0) {
            goto done;
        }
    }
    if (!PyErr_Occurred()) {
        result = partials_result(&t);
    }
done:
    if (t.p != t.stack) {
        PyMem_Free(t.p);
    }
    Py_DECREF(iterator);
    return result;
}

/* -- sumprod -------------------------------------------------------------- */

/* A sum in about three times the precision of a double. */
struct triple {
    double high, low, tiny;
};

static inline struct triple
triple_add_product(struct triple t, double x, double y)
{
    struct pair product = two_product(x, y);
    struct pair a = two_sum(t.high, product.high);
    struct pair b = two_sum(t.low, product.low);
    struct pair c = two_sum(b.high, a.low);
    return (struct triple){a.high, c.high, t.tiny + b.low + c.low};
}

static double
triple_value(struct triple t)
{
    struct pair low = two_sum(t.low, t.tiny);
    struct pair high = two_sum(t.high, low.high);
    return high.high + (high.low + low.low);
}

/* Running total: an object, and what has not been added to it yet. */
struct total {
    PyObject *object;
    int64_t words;
    bool words_used;
    struct triple floats;
    bool floats_used;
};

static int
total_add(struct total *t, PyObject *x)
{
    if (x == NULL) {
        return -1;
    }
    PyObject *sum = PyNumber_Add(t->object, x);
    Py_DECREF(x);
    if (sum == NULL) {
        return -1;
    }
    Py_SETREF(t->object, sum);
    return 0;
}

static int
total_flush_words(struct total *t)
{
    if (!t->words_used) {
        return 0;
    }
    PyObject *x = PyLong_FromInt64(t->words);
    t->words = 0;
    t->words_used = false;
    return total_add(t, x);
}

static int
total_flush_floats(struct total *t)
{
    if (!t->floats_used) {
        return 0;
    }
    PyObject *x = PyFloat_FromDouble(triple_value(t->floats));
    t->floats = (struct triple){0.0, 0.0, 0.0};
    t->floats_used = false;
    return total_add(t, x);
}

/* Both words; false if a product or sum does not fit. */
static bool
total_add_words(struct total *t, PyObject *p, PyObject *q)
{
    int64_t a, b, product, sum;
    if (!_PyLong_TryInt64(p, &a) || !_PyLong_TryInt64(q, &b) || __builtin_mul_overflow(a, b, &product)
        || __builtin_add_overflow(t->words, product, &sum)) {
        return false;
    }
    t->words = sum;
    t->words_used = true;
    return true;
}

/* True if op is exactly a float, or an int or bool that converts to one. */
static bool
as_float(PyObject *op, double *x)
{
    if (PyFloat_CheckExact(op)) {
        *x = PyFloat_AS_DOUBLE(op);
        return true;
    }
    if (PyLong_CheckExact(op) || PyBool_Check(op)) {
        *x = PyLong_AsDouble(op);
        if (*x != -1.0 || !PyErr_Occurred()) {
            return true;
        }
        PyErr_Clear();
    }
    return false;
}

static int
total_add_product(struct total *t, PyObject *p, PyObject *q)
{
    if (PyLong_CheckExact(p) && PyLong_CheckExact(q)) {
        if (total_add_words(t, p, q)) {
            return 0;
        }
    }
    else if (PyFloat_CheckExact(p) || PyFloat_CheckExact(q)) {
        double x, y;
        if (as_float(p, &x) && as_float(q, &y)) {
            struct triple sum = triple_add_product(t->floats, x, y);
            if (isfinite(sum.high)) {
                t->floats = sum;
                t->floats_used = true;
                return 0;
            }
        }
    }
    if (total_flush_words(t) < 0 || total_flush_floats(t) < 0) {
        return -1;
    }
    return total_add(t, PyNumber_Multiply(p, q));
}

PyObject *
math_sumprod(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("sumprod", nargs, 2, 2)) {
        return NULL;
    }
    PyObject *p_iterator = PyObject_GetIter(args[0]), *q_iterator;
    if (p_iterator == NULL) {
        return NULL;
    }
    q_iterator = PyObject_GetIter(args[1]);
    if (q_iterator == NULL) {
        Py_DECREF(p_iterator);
        return NULL;
    }
    struct total t = {.object = _PyLong_GetZero()};
    PyObject *result = NULL;
    while (1) {
        PyObject *p = PyIter_Next(p_iterator);
        if (p == NULL && PyErr_Occurred()) {
            break;
        }
        PyObject *q = PyIter_Next(q_iterator);
        if (q == NULL && PyErr_Occurred()) {
            Py_XDECREF(p);
            break;
        }
        if (p == NULL || q == NULL) {
            if (p != NULL || q != NULL) {
                PyErr_SetString(PyExc_ValueError, "Inputs are not the same length");
            }
            else if (total_flush_words(&t) == 0 && total_flush_floats(&t) == 0) {
                result = Py_NewRef(t.object);
            }
            Py_XDECREF(p);
            Py_XDECREF(q);
            break;
        }
        int status = total_add_product(&t, p, q);
        Py_DECREF(p);
        Py_DECREF(q);
        if (status < 0) {
            break;
        }
    }
    Py_DECREF(t.object);
    Py_DECREF(p_iterator);
    Py_DECREF(q_iterator);
    return result;
}

/* -- prod ----------------------------------------------------------------- */

static const char *const prod_keywords[] = {"", "start", NULL};
static _PyArg_Parser prod_parser = {.keywords = prod_keywords, .fname = "prod"};

/* Multiplies while the product and the items are words; the rest is left to the caller.  The item that did
   not fit is returned in *item (NULL at the end of the iterator, or with an exception). */
static PyObject *
prod_words(PyObject *iterator, PyObject *result, PyObject **item)
{
    int64_t product;
    if (!_PyLong_TryInt64(result, &product)) {
        *item = PyIter_Next(iterator);
        return result;
    }
    Py_DECREF(result);
    while ((*item = PyIter_Next(iterator)) != NULL) {
        int64_t x, next;
        if (!PyLong_CheckExact(*item) || !_PyLong_TryInt64(*item, &x)
            || __builtin_mul_overflow(product, x, &next)) {
            break;
        }
        product = next;
        Py_DECREF(*item);
    }
    return PyLong_FromInt64(product);
}

/* The same for floats, with ints among them. */
static PyObject *
prod_floats(PyObject *iterator, PyObject *result, PyObject **item)
{
    double product = PyFloat_AS_DOUBLE(result);
    Py_DECREF(result);
    while (*item != NULL) {
        if (PyFloat_CheckExact(*item)) {
            product *= PyFloat_AS_DOUBLE(*item);
        }
        else {
            int64_t x;
            if (!PyLong_CheckExact(*item) || !_PyLong_TryInt64(*item, &x)) {
                break;
            }
            product *= (double)x;
        }
        Py_DECREF(*item);
        *item = PyIter_Next(iterator);
    }
    return PyFloat_FromDouble(product);
}

PyObject *
math_prod(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *buffer[2] = {NULL, NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &prod_parser, 1, 1, 0, 0, buffer);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = Py_NewRef(kwnames != NULL && args[1] != NULL ? args[1] : _PyLong_GetOne());
    PyObject *iterator = PyObject_GetIter(args[0]), *item;
    if (iterator == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    if (PyLong_CheckExact(result)) {
        result = prod_words(iterator, result, &item);
    }
    else {
        item = PyIter_Next(iterator);
    }
    while (item != NULL && result != NULL) {
        if (PyFloat_CheckExact(result)) {
            result = prod_floats(iterator, result, &item);
            if (item == NULL || result == NULL) {
                break;
            }
        }
        Py_SETREF(result, PyNumber_Multiply(result, item));
        Py_DECREF(item);
        item = result == NULL ? NULL : PyIter_Next(iterator);
    }
    Py_XDECREF(item);
    Py_DECREF(iterator);
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

/* -- Norms ---------------------------------------------------------------- */

/* Square root of the sum of squares of v[0 .. n), all >= 0, of which `max` is the largest.  The squares are
   summed in doubled precision, and the root is corrected by its own error.
   Source: V. Hernandez-Castellanos et al. after Kahan; C. Borges, "An improved algorithm for hypot" (2019). */
static double
vector_norm(Py_ssize_t n, double *v, double max, bool found_nan)
{
    if (isinf(max)) {
        return max;
    }
    if (found_nan) {
        return fabs(Py_NAN);
    }
    if (max == 0.0 || n <= 1) {
        return max;
    }
    int exponent;
    frexp(max, &exponent);
    if (exponent < -1023) {
        /* the scale factor itself would overflow */
        for (Py_ssize_t i = 0; i < n; i++) {
            v[i] /= DBL_MIN;
        }
        return DBL_MIN * vector_norm(n, v, max / DBL_MIN, found_nan);
    }
    double scale = ldexp(1.0, -exponent);
    double sum = 1.0, error1 = 0.0, error2 = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        double x = v[i] * scale;
        struct pair square = two_product(x, x);
        struct pair s = fast_two_sum(sum, square.high);
        sum = s.high;
        error1 += square.low;
        error2 += s.low;
    }
    double root = sqrt(sum - 1.0 + (error1 + error2));
    struct pair square = two_product(-root, root);
    struct pair s = fast_two_sum(sum, square.high);
    error1 += square.low;
    error2 += s.low;
    double rest = s.high - 1.0 + (error1 + error2);
    root += rest / (2.0 * root);
    return root / scale;
}

#define NORM_STACK 16

static double *
norm_room(Py_ssize_t n, double *stack)
{
    if (n <= NORM_STACK) {
        return stack;
    }
    double *v = PyMem_Malloc((size_t)n * sizeof(double));
    if (v == NULL) {
        PyErr_NoMemory();
    }
    return v;
}

PyObject *
math_hypot(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double stack[NORM_STACK], *v = norm_room(nargs, stack), max = 0.0;
    bool found_nan = false;
    PyObject *result = NULL;
    if (v == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        double x = PyFloat_AsDouble(args[i]);
        if (x == -1.0 && PyErr_Occurred()) {
            goto done;
        }
        v[i] = fabs(x);
        found_nan |= isnan(x);
        if (v[i] > max) {
            max = v[i];
        }
    }
    result = PyFloat_FromDouble(vector_norm(nargs, v, max, found_nan));
done:
    if (v != stack) {
        PyMem_Free(v);
    }
    return result;
}

PyObject *
math_dist(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("dist", nargs, 2, 2)) {
        return NULL;
    }
    double stack[NORM_STACK], *v = stack, max = 0.0;
    bool found_nan = false;
    PyObject *result = NULL, *q = NULL;
    PyObject *p = PyTuple_Check(args[0]) ? Py_NewRef(args[0]) : PySequence_Tuple(args[0]);
    if (p == NULL) {
        return NULL;
    }
    q = PyTuple_Check(args[1]) ? Py_NewRef(args[1]) : PySequence_Tuple(args[1]);
    if (q == NULL) {
        goto done;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(p);
    if (n != PyTuple_GET_SIZE(q)) {
        PyErr_SetString(PyExc_ValueError, "both points must have the same number of dimensions");
        goto done;
    }
    v = norm_room(n, stack);
    if (v == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        double x = PyFloat_AsDouble(PyTuple_GET_ITEM(p, i));
        if (x == -1.0 && PyErr_Occurred()) {
            goto done;
        }
        double y = PyFloat_AsDouble(PyTuple_GET_ITEM(q, i));
        if (y == -1.0 && PyErr_Occurred()) {
            goto done;
        }
        v[i] = fabs(x - y);
        found_nan |= isnan(v[i]);
        if (v[i] > max) {
            max = v[i];
        }
    }
    result = PyFloat_FromDouble(vector_norm(n, v, max, found_nan));
done:
    if (v != stack) {
        PyMem_Free(v);
    }
    Py_DECREF(p);
    Py_XDECREF(q);
    return result;
}

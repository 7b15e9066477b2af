/* "Did you mean": the nearest of a list of names.

   Distance: V. Levenshtein's, with a move costing 2 and a change of case 1; found with the two-row method of
   R. Wagner and M. Fischer (1974), on what is left when common ends are cut off. */
#include "Python.h"
#include "pycore_pyerrors.h"
#include "pycore_unicodeobject.h"

#define MAX_CANDIDATE_ITEMS 750
#define MAX_STRING_SIZE 40
#define MOVE_COST 2
#define CASE_COST 1

static inline int
lower(char c)
{
    return 'A' <= c && c <= 'Z' ? c - 'A' + 'a' : c;
}

static inline size_t
substitution_cost(char a, char b)
{
    if ((a & 31) != (b & 31)) {
        return MOVE_COST;      /* not the same letter in any case */
    }
    if (a == b) {
        return 0;
    }
    return lower(a) == lower(b) ? CASE_COST : MOVE_COST;
}

/* The distance, or something greater than max_cost if it is greater. */
static Py_ssize_t
levenshtein_distance(const char *a, size_t a_size, const char *b, size_t b_size, size_t max_cost, size_t *buffer)
{
    if (a == b) {
        return 0;
    }
    while (a_size && b_size && a[0] == b[0]) {
        a++;
        a_size--;
        b++;
        b_size--;
    }
    while (a_size && b_size && a[a_size - 1] == b[b_size - 1]) {
        a_size--;
        b_size--;
    }
    if (a_size == 0 || b_size == 0) {
        return (Py_ssize_t)((a_size + b_size) * MOVE_COST);
    }
    if (a_size > MAX_STRING_SIZE || b_size > MAX_STRING_SIZE) {
        return (Py_ssize_t)max_cost + 1;
    }
    if (b_size < a_size) {
        const char *t = a;
        a = b;
        b = t;
        size_t t_size = a_size;
        a_size = b_size;
        b_size = t_size;
    }
    if ((b_size - a_size) * MOVE_COST > max_cost) {
        return (Py_ssize_t)max_cost + 1;
    }
    /* buffer[i]: distance of a[:i + 1] to what has been seen of b. */
    for (size_t i = 0, tmp = MOVE_COST; i < a_size; i++, tmp += MOVE_COST) {
        buffer[i] = tmp;
    }
    size_t result = 0;
    for (size_t b_index = 0; b_index < b_size; b_index++) {
        char code = b[b_index];
        size_t distance = result = b_index * MOVE_COST;
        size_t minimum = SIZE_MAX;
        for (size_t index = 0; index < a_size; index++) {
            size_t substitute = distance + substitution_cost(code, a[index]);
            distance = buffer[index];
            size_t insert_delete = Py_MIN(result, distance) + MOVE_COST;
            result = Py_MIN(insert_delete, substitute);
            buffer[index] = result;
            if (result < minimum) {
                minimum = result;
            }
        }
        if (minimum > max_cost) {
            return (Py_ssize_t)max_cost + 1;
        }
    }
    return (Py_ssize_t)result;
}

/* The nearest name: new reference; NULL without an exception if none is near. */
PyObject *
_Py_CalculateSuggestions(PyObject *dir, PyObject *name)
{
    assert(!PyErr_Occurred());
    if (!PyList_CheckExact(dir)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
        return NULL;
    }
    Py_ssize_t dir_size = PyList_GET_SIZE(dir);
    if (dir_size >= MAX_CANDIDATE_ITEMS) {
        return NULL;
    }
    Py_ssize_t name_size;
    const char *name_str = PyUnicode_AsUTF8AndSize(name, &name_size);
    if (name_str == NULL) {
        return NULL;
    }
    size_t buffer[MAX_STRING_SIZE];
    Py_ssize_t suggestion_distance = PY_SSIZE_T_MAX;
    PyObject *suggestion = NULL;
    for (Py_ssize_t i = 0; i < dir_size; ++i) {
        PyObject *item = PyList_GET_ITEM(dir, i);
        if (!PyUnicode_Check(item) || _PyUnicode_Equal(name, item)) {
            continue;
        }
        Py_ssize_t item_size;
        const char *item_str = PyUnicode_AsUTF8AndSize(item, &item_size);
        if (item_str == NULL) {
            return NULL;
        }
        /* At most a third of the characters may be changed. */
        Py_ssize_t max_distance = (name_size + item_size + 3) * MOVE_COST / 6;
        max_distance = Py_MIN(max_distance, suggestion_distance - 1);
        Py_ssize_t current = levenshtein_distance(name_str, (size_t)name_size, item_str, (size_t)item_size,
                                                  (size_t)max_distance, buffer);
        if (current > max_distance) {
            continue;
        }
        if (suggestion == NULL || current < suggestion_distance) {
            suggestion = item;
            suggestion_distance = current;
        }
    }
    return Py_XNewRef(suggestion);
}

Py_ssize_t
_Py_UTF8_Edit_Cost(PyObject *a, PyObject *b, Py_ssize_t max_cost)
{
    assert(PyUnicode_Check(a) && PyUnicode_Check(b));
    Py_ssize_t size_a, size_b;
    const char *utf8_a = PyUnicode_AsUTF8AndSize(a, &size_a);
    const char *utf8_b = utf8_a == NULL ? NULL : PyUnicode_AsUTF8AndSize(b, &size_b);
    if (utf8_b == NULL) {
        return -1;
    }
    if (max_cost == -1) {
        max_cost = MOVE_COST * Py_MAX(size_a, size_b);
    }
    size_t buffer[MAX_STRING_SIZE];
    return levenshtein_distance(utf8_a, (size_t)size_a, utf8_b, (size_t)size_b, (size_t)max_cost, buffer);
}

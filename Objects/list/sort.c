/* list.sort(): a stable, adaptive merge sort of natural runs.

   Sources: T. Peters, "listsort" (2002): runs, binary insertion, galloping merges; I. Munro and S. Wild, "Nearly-Optimal
   Mergesorts: Fast, Practical Sorting Methods That Optimally Adapt to Existing Runs" (2018): when to merge (powersort).

   While it is sorted the list looks empty to everybody else; its array belongs to the sort.  A reader that loaded the
   array before sees each slot hold some live item at any time.  Keys, if there are, are sorted with the items. */
#include "list_private.h"
#include "pycore_args.h"     // PY_METHOD
#include "pycore_tuple.h"    // _PyTuple_ITEMS

/* Keys and, beside them, the items (NULL when the items are the keys). */
typedef struct {
    PyObject **keys;
    PyObject **values;
} slice;

#define MAX_PENDING 85          // runs on the stack: their powers differ and are at most the bits of a length
#define TEMP_ITEMS 256          // on the C stack
#define MIN_GALLOP 7            // wins in a row before a merge gallops

struct run {
    slice base;
    Py_ssize_t len;
    int power;                  // of the boundary to the run after it
};

typedef struct sort_state sort_state;
typedef int (*less_function)(PyObject *, PyObject *, sort_state *);

struct sort_state {
    less_function less;         // 1, 0, -1
    richcmpfunc richcompare;    // keys of one type: its comparison
    less_function first_less;   // keys are tuples: comparison of their first items
    Py_ssize_t min_gallop;
    slice temp;                 // room for the shorter run of a merge
    Py_ssize_t temp_size;
    PyObject *temp_items[TEMP_ITEMS];
    PyObject **base;            // keys of the whole
    Py_ssize_t len;
    int n;                      // pending runs
    struct run pending[MAX_PENDING];
};

/* -- Slices ----------------------------------------------------------- */

static inline void
slice_copy(slice *to, Py_ssize_t i, const slice *from, Py_ssize_t j)
{
    to->keys[i] = from->keys[j];
    if (to->values != NULL) {
        to->values[i] = from->values[j];
    }
}

static inline void
slice_move(slice *to, Py_ssize_t i, const slice *from, Py_ssize_t j, Py_ssize_t n)
{
    memmove(&to->keys[i], &from->keys[j], sizeof(PyObject *) * (size_t)n);
    if (to->values != NULL) {
        memmove(&to->values[i], &from->values[j], sizeof(PyObject *) * (size_t)n);
    }
}

static inline void
slice_advance(slice *s, Py_ssize_t n)
{
    s->keys += n;
    if (s->values != NULL) {
        s->values += n;
    }
}

static void
reverse_pointers(PyObject **low, PyObject **high)
{
    while (low < --high) {
        PyObject *first = *low;
        *low++ = *high;
        *high = first;
    }
}

static void
slice_reverse(slice *s, Py_ssize_t n)
{
    reverse_pointers(s->keys, s->keys + n);
    if (s->values != NULL) {
        reverse_pointers(s->values, s->values + n);
    }
}

/* -- Comparisons ------------------------------------------------------ */

#define IS_LESS(x, y) ms->less((x), (y), ms)
/* Takes the branch if x < y, leaves for fail on an error. */
#define IF_LESS(x, y) if ((k = IS_LESS(x, y)) < 0) { goto fail; } if (k)

static int
any_less(PyObject *x, PyObject *y, sort_state *Py_UNUSED(ms))
{
    return PyObject_RichCompareBool(x, y, Py_LT);
}

/* Keys of one type with a comparison of its own. */
static int
same_type_less(PyObject *x, PyObject *y, sort_state *ms)
{
    if (Py_TYPE(x)->tp_richcompare != ms->richcompare) {
        return PyObject_RichCompareBool(x, y, Py_LT);     // somebody changed the class
    }
    PyObject *answer = ms->richcompare(x, y, Py_LT);
    if (answer == Py_NotImplemented) {
        return PyObject_RichCompareBool(x, y, Py_LT);
    }
    if (answer == NULL) {
        return -1;
    }
    int less = PyBool_Check(answer) ? answer == Py_True : PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return less;
}

static int
latin_less(PyObject *x, PyObject *y, sort_state *Py_UNUSED(ms))
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(x), m = PyUnicode_GET_LENGTH(y);
    int order = memcmp(PyUnicode_1BYTE_DATA(x), PyUnicode_1BYTE_DATA(y), (size_t)Py_MIN(n, m));
    return order != 0 ? order < 0 : n < m;
}

static int
compact_int_less(PyObject *x, PyObject *y, sort_state *Py_UNUSED(ms))
{
    return PyUnstable_Long_CompactValue((PyLongObject *)x) < PyUnstable_Long_CompactValue((PyLongObject *)y);
}

static int
float_less(PyObject *x, PyObject *y, sort_state *Py_UNUSED(ms))
{
    return PyFloat_AS_DOUBLE(x) < PyFloat_AS_DOUBLE(y);
}

/* Tuples whose first items are all of one type: those decide unless they are equal. */
static int
tuple_less(PyObject *v, PyObject *w, sort_state *ms)
{
    Py_ssize_t n = PyTuple_GET_SIZE(v), m = PyTuple_GET_SIZE(w);
    Py_ssize_t i = 0;
    for (; i < n && i < m; i++) {
        PyObject *a = PyTuple_GET_ITEM(v, i), *b = PyTuple_GET_ITEM(w, i);
        int same = _PyContainer_ComparePlain(a, b);
        if (same < 0) {
            same = PyObject_RichCompareBool(a, b, Py_EQ);
        }
        if (same < 0) {
            return -1;
        }
        if (same == 0) {
            break;
        }
    }
    if (i >= n || i >= m) {
        return n < m;
    }
    PyObject *a = PyTuple_GET_ITEM(v, i), *b = PyTuple_GET_ITEM(w, i);
    return i == 0 ? ms->first_less(a, b, ms) : PyObject_RichCompareBool(a, b, Py_LT);
}

/* What is true of all keys looked at. */
struct survey {
    PyTypeObject *type;
    int one_type;
    int all_latin;
    int all_compact;
};

static void
survey_add(struct survey *s, PyObject *key)
{
    PyTypeObject *type = Py_TYPE(key);
    if (s->type == NULL) {
        s->type = type;
    }
    else if (s->type != type) {
        s->one_type = 0;
    }
    if (type == &PyUnicode_Type) {
        s->all_latin = s->all_latin && PyUnicode_KIND(key) == PyUnicode_1BYTE_KIND;
    }
    else if (type == &PyLong_Type) {
        s->all_compact = s->all_compact && PyUnstable_Long_IsCompact((PyLongObject *)key);
    }
}

static less_function
choose(const struct survey *s, sort_state *ms)
{
    if (!s->one_type || s->type == NULL) {
        return any_less;
    }
    if (s->type == &PyUnicode_Type && s->all_latin) {
        return latin_less;
    }
    if (s->type == &PyLong_Type && s->all_compact) {
        return compact_int_less;
    }
    if (s->type == &PyFloat_Type) {
        return float_less;
    }
    ms->richcompare = s->type->tp_richcompare;
    return ms->richcompare != NULL ? same_type_less : any_less;
}

static void
choose_comparison(sort_state *ms, PyObject **keys, Py_ssize_t n)
{
    struct survey all = {NULL, 1, 1, 1}, first = {NULL, 1, 1, 1};
    int tuples = 1;
    for (Py_ssize_t i = 0; i < n && (all.one_type || tuples); i++) {
        survey_add(&all, keys[i]);
        tuples = tuples && PyTuple_CheckExact(keys[i]) && PyTuple_GET_SIZE(keys[i]) > 0;
        if (tuples) {
            survey_add(&first, PyTuple_GET_ITEM(keys[i], 0));
        }
    }
    if (tuples && first.type != &PyTuple_Type) {
        ms->first_less = choose(&first, ms);
        ms->less = tuple_less;
    }
    else {
        ms->less = choose(&all, ms);
    }
}

/* -- Runs ------------------------------------------------------------- */

/* Sorts s[0:n), of which the first `sorted` are in order, by binary insertion.  For short runs. */
static int
binary_insertion(sort_state *ms, const slice *s, Py_ssize_t n, Py_ssize_t sorted)
{
    PyObject **a = s->keys;
    int k;
    for (; sorted < n; sorted++) {
        Py_ssize_t low = 0, high = sorted;
        PyObject *pivot = a[sorted];
        while (low < high) {
            Py_ssize_t middle = (low + high) >> 1;
            IF_LESS(pivot, a[middle]) {
                high = middle;
            }
            else {
                low = middle + 1;
            }
        }
        memmove(a + low + 1, a + low, (size_t)(sorted - low) * sizeof(PyObject *));
        a[low] = pivot;
        if (s->values != NULL) {
            PyObject **v = s->values, *value = v[sorted];
            memmove(v + low + 1, v + low, (size_t)(sorted - low) * sizeof(PyObject *));
            v[low] = value;
        }
    }
    return 0;
fail:
    return -1;
}

/* Length of the run at s: ascending, or strictly descending and then turned around.  -1: error. */
static Py_ssize_t
count_run(sort_state *ms, slice *s, Py_ssize_t n)
{
    PyObject **a = s->keys;
    Py_ssize_t i = 2;
    int k;
    if (n <= 1) {
        return n;
    }
    IF_LESS(a[1], a[0]) {
        for (; i < n; i++) {
            IF_LESS(a[i], a[i - 1]) {
                continue;
            }
            break;
        }
        slice_reverse(s, i);
        return i;
    }
    for (; i < n; i++) {
        IF_LESS(a[i], a[i - 1]) {
            break;
        }
    }
    return i;
fail:
    return -1;
}

/* A run is made at least so long: n divided by it is a power of two or a little less. */
static Py_ssize_t
minimal_run(Py_ssize_t n)
{
    Py_ssize_t carry = 0;
    while (n >= 64) {
        carry |= n & 1;
        n >>= 1;
    }
    return n + carry;
}

/* -- Galloping -------------------------------------------------------- */

/* Where key goes in sorted a[0:n), left of equals; the search starts at hint.  -1: error. */
static Py_ssize_t
gallop_left(sort_state *ms, PyObject *key, PyObject **a, Py_ssize_t n, Py_ssize_t hint)
{
    Py_ssize_t last = 0, offset = 1;
    int k;
    a += hint;
    IF_LESS(*a, key) {
        Py_ssize_t limit = n - hint;
        while (offset < limit) {
            IF_LESS(a[offset], key) {
                last = offset;
                offset = (offset << 1) + 1;
            }
            else {
                break;
            }
        }
        offset = Py_MIN(offset, limit);
        last += hint;
        offset += hint;
    }
    else {
        Py_ssize_t limit = hint + 1;
        while (offset < limit) {
            IF_LESS(*(a - offset), key) {
                break;
            }
            last = offset;
            offset = (offset << 1) + 1;
        }
        offset = Py_MIN(offset, limit);
        Py_ssize_t low = hint - offset;
        offset = hint - last;
        last = low;
    }
    a -= hint;
    /* a[last] < key <= a[offset] */
    for (last++; last < offset;) {
        Py_ssize_t middle = last + ((offset - last) >> 1);
        IF_LESS(a[middle], key) {
            last = middle + 1;
        }
        else {
            offset = middle;
        }
    }
    return offset;
fail:
    return -1;
}

/* The same, right of equals. */
static Py_ssize_t
gallop_right(sort_state *ms, PyObject *key, PyObject **a, Py_ssize_t n, Py_ssize_t hint)
{
    Py_ssize_t last = 0, offset = 1;
    int k;
    a += hint;
    IF_LESS(key, *a) {
        Py_ssize_t limit = hint + 1;
        while (offset < limit) {
            IF_LESS(key, *(a - offset)) {
                last = offset;
                offset = (offset << 1) + 1;
            }
            else {
                break;
            }
        }
        offset = Py_MIN(offset, limit);
        Py_ssize_t low = hint - offset;
        offset = hint - last;
        last = low;
    }
    else {
        Py_ssize_t limit = n - hint;
        while (offset < limit) {
            IF_LESS(key, a[offset]) {
                break;
            }
            last = offset;
            offset = (offset << 1) + 1;
        }
        offset = Py_MIN(offset, limit);
        last += hint;
        offset += hint;
    }
    a -= hint;
    /* a[last] <= key < a[offset] */
    for (last++; last < offset;) {
        Py_ssize_t middle = last + ((offset - last) >> 1);
        IF_LESS(key, a[middle]) {
            offset = middle;
        }
        else {
            last = middle + 1;
        }
    }
    return offset;
fail:
    return -1;
}

/* -- Merging ---------------------------------------------------------- */

static void
free_temp(sort_state *ms)
{
    if (ms->temp.keys != ms->temp_items) {
        PyMem_Free(ms->temp.keys);
    }
}

static int
need_temp(sort_state *ms, Py_ssize_t n)
{
    int both = ms->temp.values != NULL;
    if (n <= ms->temp_size) {
        return 0;
    }
    size_t slots = (size_t)n << both;
    free_temp(ms);
    ms->temp.keys = slots > PY_SSIZE_T_MAX / sizeof(PyObject *) ? NULL : PyMem_New(PyObject *, slots);
    if (ms->temp.keys == NULL) {
        ms->temp.keys = ms->temp_items;
        ms->temp_size = TEMP_ITEMS >> both;
        ms->temp.values = both ? ms->temp_items + ms->temp_size : NULL;
        PyErr_NoMemory();
        return -1;
    }
    ms->temp_size = n;
    ms->temp.values = both ? ms->temp.keys + n : NULL;
    return 0;
}

/* Merges neighbours a (na) and b (nb) in place, na <= nb, from the left; b[0] < a[0], a's last is greatest. */
static int
merge_low(sort_state *ms, slice a, Py_ssize_t na, slice b, Py_ssize_t nb)
{
    int k, result = -1;
    if (need_temp(ms, na) < 0) {
        return -1;
    }
    slice_move(&ms->temp, 0, &a, 0, na);
    slice to = a;
    a = ms->temp;
    slice_copy(&to, 0, &b, 0);
    slice_advance(&to, 1);
    slice_advance(&b, 1);
    nb--;
    Py_ssize_t min_gallop = ms->min_gallop;
    if (nb == 0) {
        goto done;
    }
    if (na == 1) {
        goto copy_b;
    }
    for (;;) {
        Py_ssize_t a_wins = 0, b_wins = 0;
        for (;;) {      /* one by one, until a run wins all the time */
            IF_LESS(b.keys[0], a.keys[0]) {
                slice_copy(&to, 0, &b, 0);
                slice_advance(&to, 1);
                slice_advance(&b, 1);
                b_wins++;
                a_wins = 0;
                if (--nb == 0) {
                    goto done;
                }
                if (b_wins >= min_gallop) {
                    break;
                }
            }
            else {
                slice_copy(&to, 0, &a, 0);
                slice_advance(&to, 1);
                slice_advance(&a, 1);
                a_wins++;
                b_wins = 0;
                if (--na == 1) {
                    goto copy_b;
                }
                if (a_wins >= min_gallop) {
                    break;
                }
            }
        }
        min_gallop++;
        do {            /* gallop while it pays */
            min_gallop -= min_gallop > 1;
            ms->min_gallop = min_gallop;
            a_wins = gallop_right(ms, b.keys[0], a.keys, na, 0);
            if (a_wins != 0) {
                if (a_wins < 0) {
                    goto fail;
                }
                slice_move(&to, 0, &a, 0, a_wins);
                slice_advance(&to, a_wins);
                slice_advance(&a, a_wins);
                na -= a_wins;
                if (na == 1) {
                    goto copy_b;
                }
                if (na == 0) {      /* only with an inconsistent comparison */
                    goto done;
                }
            }
            slice_copy(&to, 0, &b, 0);
            slice_advance(&to, 1);
            slice_advance(&b, 1);
            if (--nb == 0) {
                goto done;
            }
            b_wins = gallop_left(ms, a.keys[0], b.keys, nb, 0);
            if (b_wins != 0) {
                if (b_wins < 0) {
                    goto fail;
                }
                slice_move(&to, 0, &b, 0, b_wins);
                slice_advance(&to, b_wins);
                slice_advance(&b, b_wins);
                nb -= b_wins;
                if (nb == 0) {
                    goto done;
                }
            }
            slice_copy(&to, 0, &a, 0);
            slice_advance(&to, 1);
            slice_advance(&a, 1);
            if (--na == 1) {
                goto copy_b;
            }
        } while (a_wins >= MIN_GALLOP || b_wins >= MIN_GALLOP);
        min_gallop++;       /* a penalty for leaving */
        ms->min_gallop = min_gallop;
    }
done:
    result = 0;
fail:
    if (na > 0) {
        slice_move(&to, 0, &a, 0, na);
    }
    return result;
copy_b:
    slice_move(&to, 0, &b, 0, nb);
    slice_copy(&to, nb, &a, 0);
    return 0;
}

/* The mirror image, na >= nb: from the right. */
static int
merge_high(sort_state *ms, slice a, Py_ssize_t na, slice b, Py_ssize_t nb)
{
    int k, result = -1;
    if (need_temp(ms, nb) < 0) {
        return -1;
    }
    slice to = b;
    slice_advance(&to, nb - 1);
    slice_move(&ms->temp, 0, &b, 0, nb);
    slice base_a = a, base_b = ms->temp;
    b = ms->temp;
    slice_advance(&b, nb - 1);
    slice_advance(&a, na - 1);
    slice_copy(&to, 0, &a, 0);
    slice_advance(&to, -1);
    slice_advance(&a, -1);
    na--;
    Py_ssize_t min_gallop = ms->min_gallop;
    if (na == 0) {
        goto done;
    }
    if (nb == 1) {
        goto copy_a;
    }
    for (;;) {
        Py_ssize_t a_wins = 0, b_wins = 0;
        for (;;) {
            IF_LESS(b.keys[0], a.keys[0]) {
                slice_copy(&to, 0, &a, 0);
                slice_advance(&to, -1);
                slice_advance(&a, -1);
                a_wins++;
                b_wins = 0;
                if (--na == 0) {
                    goto done;
                }
                if (a_wins >= min_gallop) {
                    break;
                }
            }
            else {
                slice_copy(&to, 0, &b, 0);
                slice_advance(&to, -1);
                slice_advance(&b, -1);
                b_wins++;
                a_wins = 0;
                if (--nb == 1) {
                    goto copy_a;
                }
                if (b_wins >= min_gallop) {
                    break;
                }
            }
        }
        min_gallop++;
        do {
            min_gallop -= min_gallop > 1;
            ms->min_gallop = min_gallop;
            Py_ssize_t at = gallop_right(ms, b.keys[0], base_a.keys, na, na - 1);
            if (at < 0) {
                goto fail;
            }
            a_wins = na - at;
            if (a_wins != 0) {
                slice_advance(&to, -a_wins);
                slice_advance(&a, -a_wins);
                slice_move(&to, 1, &a, 1, a_wins);
                na -= a_wins;
                if (na == 0) {
                    goto done;
                }
            }
            slice_copy(&to, 0, &b, 0);
            slice_advance(&to, -1);
            slice_advance(&b, -1);
            if (--nb == 1) {
                goto copy_a;
            }
            at = gallop_left(ms, a.keys[0], base_b.keys, nb, nb - 1);
            if (at < 0) {
                goto fail;
            }
            b_wins = nb - at;
            if (b_wins != 0) {
                slice_advance(&to, -b_wins);
                slice_advance(&b, -b_wins);
                slice_move(&to, 1, &b, 1, b_wins);
                nb -= b_wins;
                if (nb == 1) {
                    goto copy_a;
                }
                if (nb == 0) {      /* only with an inconsistent comparison */
                    goto done;
                }
            }
            slice_copy(&to, 0, &a, 0);
            slice_advance(&to, -1);
            slice_advance(&a, -1);
            if (--na == 0) {
                goto done;
            }
        } while (a_wins >= MIN_GALLOP || b_wins >= MIN_GALLOP);
        min_gallop++;
        ms->min_gallop = min_gallop;
    }
done:
    result = 0;
fail:
    if (nb > 0) {
        slice_move(&to, -(nb - 1), &base_b, 0, nb);
    }
    return result;
copy_a:
    slice_move(&to, 1 - na, &a, 1 - na, na);
    slice_advance(&to, -na);
    slice_copy(&to, 0, &b, 0);
    return 0;
}

/* Merges pending runs i and i + 1. */
static int
merge_at(sort_state *ms, int i)
{
    slice a = ms->pending[i].base, b = ms->pending[i + 1].base;
    Py_ssize_t na = ms->pending[i].len, nb = ms->pending[i + 1].len;
    ms->pending[i].len = na + nb;
    if (i == ms->n - 3) {
        ms->pending[i + 1] = ms->pending[i + 2];
    }
    ms->n--;
    /* What of a comes before b is in place already, and what of b comes after a. */
    Py_ssize_t k = gallop_right(ms, b.keys[0], a.keys, na, 0);
    if (k < 0) {
        return -1;
    }
    slice_advance(&a, k);
    na -= k;
    if (na == 0) {
        return 0;
    }
    nb = gallop_left(ms, a.keys[na - 1], b.keys, nb, nb - 1);
    if (nb <= 0) {
        return (int)nb;
    }
    return na <= nb ? merge_low(ms, a, na, b, nb) : merge_high(ms, a, na, b, nb);
}

/* Depth, in the perfectly balanced tree over n items, of the node that separates the middles of two neighbouring runs
   at s1 (length n1) and after it (length n2): the first binary digit in which the middles, as fractions of n, differ. */
static int
boundary_power(Py_ssize_t s1, Py_ssize_t n1, Py_ssize_t n2, Py_ssize_t n)
{
    int power = 0;
    Py_ssize_t a = 2 * s1 + n1;     /* twice the middles, to stay with integers */
    Py_ssize_t b = a + n1 + n2;
    for (;;) {
        power++;
        if (a >= n) {
            a -= n;
            b -= n;
        }
        else if (b >= n) {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

/* A run of n2 follows the pending ones: merge those that lie deeper than the new boundary. */
static int
found_new_run(sort_state *ms, Py_ssize_t n2)
{
    if (ms->n == 0) {
        return 0;
    }
    struct run *top = &ms->pending[ms->n - 1];
    int power = boundary_power(top->base.keys - ms->base, top->len, n2, ms->len);
    while (ms->n > 1 && ms->pending[ms->n - 2].power > power) {
        if (merge_at(ms, ms->n - 2) < 0) {
            return -1;
        }
    }
    ms->pending[ms->n - 1].power = power;
    return 0;
}

static int
collapse_all(sort_state *ms)
{
    while (ms->n > 1) {
        int i = ms->n - 2;
        if (i > 0 && ms->pending[i - 1].len < ms->pending[i + 1].len) {
            i--;
        }
        if (merge_at(ms, i) < 0) {
            return -1;
        }
    }
    return 0;
}

/* -- The whole -------------------------------------------------------- */

static int
sort_slice(sort_state *ms, slice s, Py_ssize_t n)
{
    Py_ssize_t least = minimal_run(n);
    ms->base = s.keys;
    ms->len = n;
    while (n > 0) {
        Py_ssize_t run = count_run(ms, &s, n);
        if (run < 0) {
            return -1;
        }
        if (run < least) {
            Py_ssize_t forced = Py_MIN(n, least);
            if (binary_insertion(ms, &s, forced, run) < 0) {
                return -1;
            }
            run = forced;
        }
        if (found_new_run(ms, run) < 0) {
            return -1;
        }
        assert(ms->n < MAX_PENDING);
        ms->pending[ms->n].base = s;
        ms->pending[ms->n++].len = run;
        slice_advance(&s, run);
        n -= run;
    }
    return collapse_all(ms);
}

static PyObject **
compute_keys(PyObject *function, PyObject **items, Py_ssize_t n)
{
    PyObject **keys = PyMem_New(PyObject *, n);
    if (keys == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        keys[i] = PyObject_CallOneArg(function, items[i]);
        if (keys[i] == NULL) {
            while (--i >= 0) {
                Py_DECREF(keys[i]);
            }
            PyMem_Free(keys);
            return NULL;
        }
    }
    return keys;
}

static int
sort_items(PyObject **items, Py_ssize_t n, PyObject *function, int reverse)
{
    PyObject **keys = items;
    if (function != NULL && (keys = compute_keys(function, items, n)) == NULL) {
        return -1;
    }
    slice s = {keys, function == NULL ? NULL : items};
    int error = 0;
    if (n > 1) {
        sort_state ms;
        int both = s.values != NULL;
        ms.min_gallop = MIN_GALLOP;
        ms.n = 0;
        ms.temp_size = TEMP_ITEMS >> both;
        ms.temp.keys = ms.temp_items;
        ms.temp.values = both ? ms.temp_items + ms.temp_size : NULL;
        choose_comparison(&ms, keys, n);
        if (reverse) {      /* before and after, so that equal items keep their order */
            slice_reverse(&s, n);
        }
        error = sort_slice(&ms, s, n);
        if (reverse) {
            slice_reverse(&s, n);
        }
        free_temp(&ms);
    }
    if (function != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(keys[i]);
        }
        PyMem_Free(keys);
    }
    return error;
}

/* The list is empty meanwhile; what is put into it then is an error, and goes. */
static int
sort_lock_held(PyListObject *self, PyObject *function, int reverse)
{
    PyObject **items = self->ob_item;
    Py_ssize_t n = Py_SIZE(self), allocated = self->allocated;
    _PyContainer_Write(self);
    list_set_size(self, 0);
    FT_ATOMIC_STORE_PTR_RELEASE(self->ob_item, NULL);
    self->allocated = -1;      /* any change sets it to something else */

    int error = sort_items(items, n, function, reverse);

    if (self->allocated != -1 && error == 0) {
        PyErr_SetString(PyExc_ValueError, "list modified during sort");
        error = -1;
    }
    PyObject **other = self->ob_item;
    Py_ssize_t others = Py_SIZE(self);
    list_set_size(self, 0);
    FT_ATOMIC_STORE_PTR_RELEASE(self->ob_item, items);
    self->allocated = allocated;
    list_set_size(self, n);
    while (--others >= 0) {
        _Py_RetireRef(self, other[others]);
    }
    _PyList_ReleaseBlock(self, other);
    return error;
}

static int
sort_list(PyObject *self, PyObject *function, int reverse)
{
    int error;
    if (function == Py_None) {
        function = NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    error = sort_lock_held(LIST(self), function, reverse);
    Py_END_CRITICAL_SECTION();
    return error;
}

int
PyList_Sort(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return sort_list(op, NULL, 0);
}

PyObject *
_PyList_SortMethod(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "reverse", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "sort"};
    PyObject *buffer[2];
    int reverse = 0;
    PyObject *const *parsed = args;
    if (nargs != 0 || kwnames != NULL) {
        parsed = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 0, 0, 0, buffer);
        if (parsed == NULL) {
            return NULL;
        }
        if (parsed[1] != NULL && (reverse = PyObject_IsTrue(parsed[1])) < 0) {
            return NULL;
        }
    }
    PyObject *function = nargs != 0 || kwnames != NULL ? parsed[0] : NULL;
    return sort_list(self, function, reverse) < 0 ? NULL : Py_NewRef(Py_None);
}

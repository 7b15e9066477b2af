/* unicodedata: the Unicode Character Database, normal forms, names.

   The tables (unicode_names.h) are made at build time by Tools/unicode/make_tables and are const.
   The same functions serve the module (the current version) and the object ucd_3_2_0 (the current
   version corrected by what has changed since 3.2): self tells which. */
#include "Python.h"
#include "pycore_args.h"           // PY_METHOD
#include "pycore_modsupport.h"     // _PyArg_CheckPositional
#include "pycore_ucnhash.h"        // _PyUnicode_Name_CAPI
#include "pycore_unicodeobject.h"  // _PyUnicode_ToDecimalDigit
#include <stddef.h>                // offsetof

struct database_record {
    uint8_t category, combining, bidirectional, mirrored, east_asian_width;
    uint8_t quick_check;  // two bits for each of NFD, NFKD, NFC, NFKC: 0 yes, 1 maybe, 2 no
};

/* What was different in 3.2; 255: the same.  decimal, numeric_kind: 254 none. */
struct change_record {
    uint8_t category, bidirectional, mirrored, east_asian_width, decimal, numeric_kind;
    double numeric;
};

#include "unicode_names.h"

#define SAME 255
#define NONE 254
#define CODES 0x110000

/* Index of a code in a table of two levels. */
#define TWO_LEVELS(table, code)                                                 \
    (table##_2[(size_t)table##_1[(code) >> UNICODE_SHIFT] << UNICODE_SHIFT      \
               | ((code) & ((1 << UNICODE_SHIFT) - 1))])

/* -- Versions ------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    const char *name;     // const: version
} UCD;

/* Module state: the type of ucd_3_2_0. */
typedef struct {
    PyTypeObject *type;
} module_state;

static inline int
is_old(PyObject *self)
{
    return !PyModule_Check(self);
}

static inline const struct database_record *
get_record(Py_UCS4 code)
{
    return &database_records[TWO_LEVELS(database, code)];
}

static inline const struct change_record *
get_change(Py_UCS4 code)
{
    return &changes_3_2_0[TWO_LEVELS(change_3_2_0, code)];
}

/* Not yet assigned in the version of self, though it is now. */
static inline int
unassigned(PyObject *self, Py_UCS4 code)
{
    return is_old(self) && get_change(code)->category == 0;
}

/* -- Arguments ----------------------------------------------------------------------------- */

/* The character of a str of length one. */
static int
get_char(const char *fname, const char *display, PyObject *arg, Py_UCS4 *ch)
{
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument(fname, display, "a unicode character", arg);
        return -1;
    }
    if (PyUnicode_GET_LENGTH(arg) != 1) {
        PyErr_Format(PyExc_TypeError,
                     "%s(): %s must be a unicode character, not a string of length %zd", fname,
                     display, PyUnicode_GET_LENGTH(arg));
        return -1;
    }
    *ch = PyUnicode_READ_CHAR(arg, 0);
    return 0;
}

/* chr[, default] */
static int
get_char_and_default(const char *fname, PyObject *const *args, Py_ssize_t nargs, Py_UCS4 *ch,
                     PyObject **value)
{
    if (!_PyArg_CheckPositional(fname, nargs, 1, 2)
            || get_char(fname, "argument 1", args[0], ch) < 0) {
        return -1;
    }
    *value = nargs > 1 ? args[1] : NULL;
    return 0;
}

static PyObject *
default_or_error(PyObject *value, const char *message)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_ValueError, message);
        return NULL;
    }
    return Py_NewRef(value);
}

/* -- Properties ---------------------------------------------------------------------------- */

static PyObject *
ucd_decimal(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    PyObject *value;
    if (get_char_and_default("decimal", args, nargs, &ch, &value) < 0) {
        return NULL;
    }
    int result = _PyUnicode_ToDecimalDigit(ch);
    if (is_old(self)) {
        const struct change_record *old = get_change(ch);
        if (old->category == 0) {
            result = -1;
        }
        else if (old->decimal != SAME) {
            result = old->decimal == NONE ? -1 : old->decimal;
        }
    }
    return result < 0 ? default_or_error(value, "not a decimal") : PyLong_FromLong(result);
}

static PyObject *
ucd_digit(PyObject *Py_UNUSED(self), PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    PyObject *value;
    if (get_char_and_default("digit", args, nargs, &ch, &value) < 0) {
        return NULL;
    }
    int result = _PyUnicode_ToDigit(ch);
    return result < 0 ? default_or_error(value, "not a digit") : PyLong_FromLong(result);
}

static PyObject *
ucd_numeric(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    PyObject *value;
    if (get_char_and_default("numeric", args, nargs, &ch, &value) < 0) {
        return NULL;
    }
    double result = _PyUnicode_ToNumeric(ch);
    int found = _PyUnicode_IsNumeric(ch);
    if (is_old(self)) {
        const struct change_record *old = get_change(ch);
        if (old->category == 0 || old->numeric_kind == NONE) {
            found = 0;
        }
        else if (old->numeric_kind != SAME) {
            found = 1;
            result = old->numeric;
        }
    }
    return found ? PyFloat_FromDouble(result) : default_or_error(value, "not a numeric character");
}

static PyObject *
ucd_category(PyObject *self, PyObject *arg)
{
    Py_UCS4 ch;
    if (get_char("category", "argument", arg, &ch) < 0) {
        return NULL;
    }
    int index = get_record(ch)->category;
    if (is_old(self) && get_change(ch)->category != SAME) {
        index = get_change(ch)->category;
    }
    return PyUnicode_FromString(category_names[index]);
}

static PyObject *
ucd_bidirectional(PyObject *self, PyObject *arg)
{
    Py_UCS4 ch;
    if (get_char("bidirectional", "argument", arg, &ch) < 0) {
        return NULL;
    }
    int index = get_record(ch)->bidirectional;
    if (unassigned(self, ch)) {
        index = 0;
    }
    else if (is_old(self) && get_change(ch)->bidirectional != SAME) {
        index = get_change(ch)->bidirectional;
    }
    return PyUnicode_FromString(bidirectional_names[index]);
}

static PyObject *
ucd_combining(PyObject *self, PyObject *arg)
{
    Py_UCS4 ch;
    if (get_char("combining", "argument", arg, &ch) < 0) {
        return NULL;
    }
    return PyLong_FromLong(unassigned(self, ch) ? 0 : get_record(ch)->combining);
}

static PyObject *
ucd_mirrored(PyObject *self, PyObject *arg)
{
    Py_UCS4 ch;
    if (get_char("mirrored", "argument", arg, &ch) < 0) {
        return NULL;
    }
    int result = get_record(ch)->mirrored;
    if (unassigned(self, ch)) {
        result = 0;
    }
    else if (is_old(self) && get_change(ch)->mirrored != SAME) {
        result = get_change(ch)->mirrored;
    }
    return PyLong_FromLong(result);
}

static PyObject *
ucd_east_asian_width(PyObject *self, PyObject *arg)
{
    Py_UCS4 ch;
    if (get_char("east_asian_width", "argument", arg, &ch) < 0) {
        return NULL;
    }
    int index = get_record(ch)->east_asian_width;
    if (is_old(self) && get_change(ch)->east_asian_width != SAME) {
        index = get_change(ch)->east_asian_width;
    }
    return PyUnicode_FromString(east_asian_width_names[index]);
}

/* -- Decomposition ------------------------------------------------------------------------- */

/* Hangul syllables are composed by rule (Unicode standard, section 3.12). */
#define S_BASE 0xac00
#define L_BASE 0x1100
#define V_BASE 0x1161
#define T_BASE 0x11a7
#define L_COUNT 19
#define V_COUNT 21
#define T_COUNT 28
#define N_COUNT (V_COUNT * T_COUNT)
#define S_COUNT (L_COUNT * N_COUNT)

static inline int
is_hangul_syllable(Py_UCS4 code)
{
    return code >= S_BASE && code < S_BASE + S_COUNT;
}

/* The mapping of code: its length (0: none), and whether it is a compatibility one. */
static int
get_decomposition(PyObject *self, Py_UCS4 code, const uint32_t **mapping, int *tag)
{
    uint32_t index = TWO_LEVELS(decomposition, code);
    if (index == 0 || unassigned(self, code)) {
        return 0;
    }
    const uint32_t *entry = &decomposition_data[decomposition_start[index]];
    *tag = (int)(entry[0] >> 8);
    *mapping = entry + 1;
    return (int)(entry[0] & 0xff);
}

static PyObject *
ucd_decomposition(PyObject *self, PyObject *arg)
{
    Py_UCS4 ch;
    const uint32_t *mapping;
    int tag;
    if (get_char("decomposition", "argument", arg, &ch) < 0) {
        return NULL;
    }
    int n = get_decomposition(self, ch, &mapping, &tag);
    if (n == 0) {
        return _Py_STR(empty);
    }
    char buffer[256];
    int used = snprintf(buffer, sizeof(buffer), "%s", decomposition_tags[tag]);
    for (int i = 0; i < n; i++) {
        used += snprintf(buffer + used, sizeof(buffer) - (size_t)used, "%s%04X",
                         used > 0 ? " " : "", (unsigned)mapping[i]);
    }
    return PyUnicode_FromStringAndSize(buffer, used);
}

/* -- Normal forms -------------------------------------------------------------------------- */

/* Characters being written. */
struct output {
    Py_UCS4 *data;
    Py_ssize_t n, room;
};

static int
output_put(struct output *out, Py_UCS4 ch)
{
    if (out->n == out->room) {
        Py_ssize_t room = out->room + out->room / 2 + 32;
        Py_UCS4 *data = PyMem_Resize(out->data, Py_UCS4, room);
        if (data == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        out->room = room;
    }
    out->data[out->n++] = ch;
    return 0;
}

/* Writes the full decomposition of code. */
static int
decompose(PyObject *self, Py_UCS4 code, int compatibility, struct output *out)
{
    if (is_hangul_syllable(code)) {
        Py_UCS4 index = code - S_BASE;
        Py_UCS4 t = T_BASE + index % T_COUNT;
        if (output_put(out, L_BASE + index / N_COUNT) < 0
                || output_put(out, V_BASE + index % N_COUNT / T_COUNT) < 0) {
            return -1;
        }
        return t == T_BASE ? 0 : output_put(out, t);
    }
    if (is_old(self)) {
        /* Mappings that were wrong in 3.2. */
        for (size_t i = 0; i < Py_ARRAY_LENGTH(corrections_3_2_0); i++) {
            if (corrections_3_2_0[i].code == code) {
                return output_put(out, corrections_3_2_0[i].decomposed);
            }
        }
    }
    const uint32_t *mapping;
    int tag;
    int n = get_decomposition(self, code, &mapping, &tag);
    if (n == 0 || (tag != 0 && !compatibility)) {
        return output_put(out, code);
    }
    for (int i = 0; i < n; i++) {
        if (decompose(self, mapping[i], compatibility, out) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Sorts runs of combining marks by their class; stable.  Long runs are sorted by counting, so that
   hostile text takes linear time. */
static int
canonical_order(struct output *out)
{
    Py_ssize_t i = 0;
    while (i < out->n) {
        if (get_record(out->data[i])->combining == 0) {
            i++;
            continue;
        }
        Py_ssize_t start = i;
        while (i < out->n && get_record(out->data[i])->combining != 0) {
            i++;
        }
        Py_ssize_t n = i - start;
        Py_UCS4 *run = out->data + start;
        if (n <= 20) {
            for (Py_ssize_t k = 1; k < n; k++) {
                Py_UCS4 ch = run[k];
                uint8_t class = get_record(ch)->combining;
                Py_ssize_t at = k;
                while (at > 0 && get_record(run[at - 1])->combining > class) {
                    run[at] = run[at - 1];
                    at--;
                }
                run[at] = ch;
            }
            continue;
        }
        Py_ssize_t counts[257] = {0};
        Py_UCS4 *sorted = PyMem_New(Py_UCS4, n);
        if (sorted == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        for (Py_ssize_t k = 0; k < n; k++) {
            counts[get_record(run[k])->combining + 1]++;
        }
        for (int class = 0; class < 256; class++) {
            counts[class + 1] += counts[class];
        }
        for (Py_ssize_t k = 0; k < n; k++) {
            sorted[counts[get_record(run[k])->combining]++] = run[k];
        }
        memcpy(run, sorted, (size_t)n * sizeof(Py_UCS4));
        PyMem_Free(sorted);
    }
    return 0;
}

/* The composition of two characters, or 0. */
static Py_UCS4
compose_pair(Py_UCS4 first, Py_UCS4 second)
{
    if (first >= L_BASE && first < L_BASE + L_COUNT
            && second >= V_BASE && second < V_BASE + V_COUNT) {
        return S_BASE + ((first - L_BASE) * V_COUNT + (second - V_BASE)) * T_COUNT;
    }
    if (is_hangul_syllable(first) && (first - S_BASE) % T_COUNT == 0
            && second > T_BASE && second < T_BASE + T_COUNT) {
        return first + (second - T_BASE);
    }
    size_t low = 0, high = Py_ARRAY_LENGTH(compositions);
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct composition *c = &compositions[middle];
        if (c->first < first || (c->first == first && c->second < second)) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low < Py_ARRAY_LENGTH(compositions) && compositions[low].first == first
        && compositions[low].second == second ? compositions[low].composed : 0;
}

/* Composes what is decomposed and in canonical order, in place. */
static void
compose(struct output *out)
{
    Py_ssize_t to = 0, starter = -1;
    uint8_t last_class = 0;    // of the character behind the starter that was kept last
    for (Py_ssize_t i = 0; i < out->n; i++) {
        Py_UCS4 ch = out->data[i];
        uint8_t class = get_record(ch)->combining;
        /* Blocked if something between has the same or a higher class (or is a starter). */
        int adjacent = starter == to - 1;
        if (starter >= 0 && (adjacent || (last_class != 0 && last_class < class))) {
            Py_UCS4 composed = compose_pair(out->data[starter], ch);
            if (composed != 0) {
                out->data[starter] = composed;
                continue;
            }
        }
        if (class == 0) {
            starter = to;
        }
        last_class = class;
        out->data[to++] = ch;
    }
    out->n = to;
}

enum { NFD, NFKD, NFC, NFKC };

static int
find_form(PyObject *form)
{
    static const char *const names[] = {"NFD", "NFKD", "NFC", "NFKC"};
    for (int i = 0; i < 4; i++) {
        if (_PyUnicode_EqualToASCIIString(form, names[i])) {
            return i;
        }
    }
    PyErr_SetString(PyExc_ValueError, "invalid normalization form");
    return -1;
}

enum { QUICK_YES, QUICK_MAYBE, QUICK_NO };

/* The quick check of UAX 15.  yes_only: "maybe" is as good as "no" and ends it. */
static int
quick_check(PyObject *self, PyObject *input, int form, int yes_only)
{
    if (PyUnicode_IS_ASCII(input)) {
        return QUICK_YES;
    }
    if (is_old(self)) {
        return QUICK_MAYBE;  // its data are those of the current version
    }
    int kind = (int)PyUnicode_KIND(input), result = QUICK_YES;
    const void *data = PyUnicode_DATA(input);
    Py_ssize_t length = PyUnicode_GET_LENGTH(input);
    uint8_t previous = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        const struct database_record *record = get_record(PyUnicode_READ(kind, data, i));
        uint8_t class = record->combining;
        if (class != 0 && previous > class) {
            return QUICK_NO;
        }
        previous = class;
        int check = record->quick_check >> (2 * form) & 3;
        if (check == 2) {
            return QUICK_NO;
        }
        if (check == 1) {
            if (yes_only) {
                return QUICK_MAYBE;
            }
            result = QUICK_MAYBE;
        }
    }
    return result;
}

static PyObject *
normalize(PyObject *self, PyObject *input, int form)
{
    int kind = (int)PyUnicode_KIND(input);
    const void *data = PyUnicode_DATA(input);
    Py_ssize_t length = PyUnicode_GET_LENGTH(input);
    PyObject *result = NULL;
    struct output out = {PyMem_New(Py_UCS4, length + 16), 0, length + 16};
    if (out.data == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        if (decompose(self, PyUnicode_READ(kind, data, i), form == NFKD || form == NFKC,
                      &out) < 0) {
            goto done;
        }
    }
    if (canonical_order(&out) < 0) {
        goto done;
    }
    if (form == NFC || form == NFKC) {
        compose(&out);
    }
    result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out.data, out.n);
done:
    PyMem_Free(out.data);
    return result;
}

/* form, unistr */
static int
form_args(const char *fname, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional(fname, nargs, 2, 2)) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument(fname, i == 0 ? "argument 1" : "argument 2", "str", args[i]);
            return -1;
        }
    }
    return 0;
}

static PyObject *
ucd_normalize(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (form_args("normalize", args, nargs) < 0) {
        return NULL;
    }
    PyObject *input = args[1];
    if (PyUnicode_GET_LENGTH(input) == 0) {
        return PyUnicode_FromObject(input);
    }
    int form = find_form(args[0]);
    if (form < 0) {
        return NULL;
    }
    return quick_check(self, input, form, 1) == QUICK_YES ? PyUnicode_FromObject(input)
                                                          : normalize(self, input, form);
}

static PyObject *
ucd_is_normalized(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (form_args("is_normalized", args, nargs) < 0) {
        return NULL;
    }
    PyObject *input = args[1];
    if (PyUnicode_GET_LENGTH(input) == 0) {
        Py_RETURN_TRUE;
    }
    int form = find_form(args[0]);
    if (form < 0) {
        return NULL;
    }
    int check = quick_check(self, input, form, 0);
    if (check != QUICK_MAYBE) {
        return PyBool_FromLong(check == QUICK_YES);
    }
    PyObject *normal = normalize(self, input, form);
    if (normal == NULL) {
        return NULL;
    }
    int equal = _PyUnicode_Equal(normal, input);
    Py_DECREF(normal);
    return PyBool_FromLong(equal);
}

/* -- Names --------------------------------------------------------------------------------- */

#define NAME_MAX_LENGTH 256

static const char *const hangul_parts[3][T_COUNT] = {
    {"G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P",
     "H"},
    {"A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE",
     "WI", "YU", "EU", "YI", "I"},
    {"", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M",
     "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H"},
};
static const int hangul_counts[3] = {L_COUNT, V_COUNT, T_COUNT};
static const char hangul_prefix[] = "HANGUL SYLLABLE ";

/* Writes name number index; its length. */
static int
spell_name(uint32_t index, char *buffer)
{
    int used = 0;
    uint32_t at = name_starts[index], end = name_starts[index + 1];
    while (at < end) {
        uint32_t word = name_data[at++];
        if (word >= 192) {
            word = 192 + ((word - 192) << 8 | name_data[at++]);
        }
        uint32_t start = name_word_offsets[word], n = name_word_offsets[word + 1] - start;
        if (used > 0) {
            buffer[used++] = ' ';
        }
        memcpy(buffer + used, name_lexicon + start, n);
        used += (int)n;
    }
    buffer[used] = '\0';
    return used;
}

/* Writes the name of code; 0 if it has none. */
static int
get_name(PyObject *self, Py_UCS4 code, char *buffer, int buflen)
{
    char name[NAME_MAX_LENGTH];
    int n;
    if (code >= CODES || (self != NULL && unassigned(self, code))) {
        return 0;
    }
    if (is_hangul_syllable(code)) {
        Py_UCS4 index = code - S_BASE;
        n = snprintf(name, sizeof(name), "%s%s%s%s", hangul_prefix,
                     hangul_parts[0][index / N_COUNT],
                     hangul_parts[1][index % N_COUNT / T_COUNT],
                     hangul_parts[2][index % T_COUNT]);
    }
    else {
        uint32_t index = TWO_LEVELS(name_index, code);
        if (index != 0) {
            n = spell_name(index - 1, name);
        }
        else {
            const struct name_prefix *p = name_prefixes;
            const struct name_prefix *end = p + Py_ARRAY_LENGTH(name_prefixes);
            while (p < end && (code < p->start || code > p->end)) {
                p++;
            }
            if (p == end) {
                return 0;
            }
            n = snprintf(name, sizeof(name), "%s%04X", p->text, (unsigned)code);
        }
    }
    if (n >= buflen) {
        return 0;
    }
    memcpy(buffer, name, (size_t)n + 1);
    return 1;
}

/* The longest part of a syllable's name at s; moves s behind it. */
static int
hangul_part(const char **s, const char *end, int which)
{
    int best = -1;
    size_t best_length = 0;
    for (int i = 0; i < hangul_counts[which]; i++) {
        size_t n = strlen(hangul_parts[which][i]);
        if ((best < 0 || n > best_length) && n <= (size_t)(end - *s)
                && memcmp(*s, hangul_parts[which][i], n) == 0) {
            best = i;
            best_length = n;
        }
    }
    *s += best_length;
    return best;
}

static int
get_hangul_code(const char *name, size_t n, Py_UCS4 *code)
{
    size_t prefix = sizeof(hangul_prefix) - 1;
    if (n < prefix || memcmp(name, hangul_prefix, prefix) != 0) {
        return 0;
    }
    const char *s = name + prefix, *end = name + n;
    int l = hangul_part(&s, end, 0), v = hangul_part(&s, end, 1), t = hangul_part(&s, end, 2);
    if (l < 0 || v < 0 || t < 0 || s != end) {
        return 0;
    }
    *code = (Py_UCS4)(S_BASE + (l * V_COUNT + v) * T_COUNT + t);
    return 1;
}

/* Names that are a prefix and the code. */
static int
get_prefixed_code(const char *name, size_t n, Py_UCS4 *code)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(name_prefixes); i++) {
        const struct name_prefix *p = &name_prefixes[i];
        size_t prefix = strlen(p->text);
        if (n <= prefix || memcmp(name, p->text, prefix) != 0) {
            continue;
        }
        size_t digits = n - prefix;
        Py_UCS4 value = 0;
        if (digits != 4 && digits != 5) {
            continue;
        }
        size_t k = prefix;
        for (; k < n; k++) {
            char c = name[k];
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
            if (digit < 0) {
                break;
            }
            value = value << 4 | (Py_UCS4)digit;
        }
        if (k == n && value >= p->start && value <= p->end && (digits == 4) == (value < 0x10000)) {
            *code = value;
            return 1;
        }
    }
    return 0;
}

/* The code of a name in any case.  Named sequences: CODES and their number, if wanted. */
static int
get_code(PyObject *self, const char *text, int length, Py_UCS4 *code, int with_sequences)
{
    char name[NAME_MAX_LENGTH], candidate[NAME_MAX_LENGTH];
    if (length <= 0 || length >= NAME_MAX_LENGTH) {
        return 0;
    }
    size_t n = (size_t)length;
    uint32_t hash = 2166136261u;  // FNV-1a, as make_tables computes it
    for (size_t i = 0; i < n; i++) {
        name[i] = (char)Py_TOUPPER((unsigned char)text[i]);
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    }
    if (get_hangul_code(name, n, code) || get_prefixed_code(name, n, code)) {
        return self == NULL || !unassigned(self, *code);
    }
    for (uint32_t slot = hash % NAME_TABLE_SIZE; name_table[slot] != 0;
         slot = (slot + 1) % NAME_TABLE_SIZE) {
        uint32_t index = name_table[slot] - 1u;
        if (spell_name(index, candidate) == length && memcmp(candidate, name, n) == 0) {
            *code = name_codes[index];
            if (*code >= CODES) {
                return with_sequences;
            }
            return self == NULL || !unassigned(self, *code);
        }
    }
    return 0;
}

static PyObject *
ucd_name(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    PyObject *value;
    char name[NAME_MAX_LENGTH];
    if (get_char_and_default("name", args, nargs, &ch, &value) < 0) {
        return NULL;
    }
    return get_name(self, ch, name, sizeof(name)) ? PyUnicode_FromString(name)
                                                  : default_or_error(value, "no such name");
}

static PyObject *
lookup_text(PyObject *self, const char *name, Py_ssize_t length)
{
    Py_UCS4 code;
    if (length > NAME_MAX_LENGTH) {
        PyErr_SetString(PyExc_KeyError, "name too long");
        return NULL;
    }
    if (!get_code(self, name, (int)length, &code, !is_old(self))) {
        PyErr_Format(PyExc_KeyError, "undefined character name '%s'", name);
        return NULL;
    }
    if (code >= CODES) {
        const struct name_sequence *s = &name_sequences[code - CODES];
        return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, s->cps, s->n);
    }
    return PyUnicode_FromOrdinal((int)code);
}

static PyObject *
ucd_lookup(PyObject *self, PyObject *arg)
{
    if (PyUnicode_Check(arg)) {
        Py_ssize_t length;
        const char *name = PyUnicode_AsUTF8AndSize(arg, &length);
        return name == NULL ? NULL : lookup_text(self, name, length);
    }
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    /* A copy with a terminator, for the message. */
    PyObject *name = PyBytes_FromStringAndSize(view.buf, view.len), *result = NULL;
    PyBuffer_Release(&view);
    if (name != NULL) {
        result = lookup_text(self, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name));
        Py_DECREF(name);
    }
    return result;
}

/* -- For the core -------------------------------------------------------------------------- */

static int
capi_getname(Py_UCS4 code, char *buffer, int buflen, int Py_UNUSED(with_alias_and_seq))
{
    return get_name(NULL, code, buffer, buflen);
}

static int
capi_getcode(const char *name, int namelen, Py_UCS4 *code, int Py_UNUSED(with_named_seq))
{
    return get_code(NULL, name, namelen, code, 0);
}

static const _PyUnicode_Name_CAPI names_capi = {
    .getname = capi_getname,
    .getcode = capi_getcode,
};

/* -- Methods ------------------------------------------------------------------------------- */

static PyMethodDef ucd_methods[] = {
    PY_METHOD_NOSIG("decimal", (PyCFunction)(void (*)(void))ucd_decimal, METH_FASTCALL,
                    "decimal(chr[, default])\n\nThe decimal value of a character as int.\n\n"
                    "Without a value: default, or ValueError."),
    PY_METHOD_NOSIG("digit", (PyCFunction)(void (*)(void))ucd_digit, METH_FASTCALL,
                    "digit(chr[, default])\n\nThe digit value of a character as int.\n\n"
                    "Without a value: default, or ValueError."),
    PY_METHOD_NOSIG("numeric", (PyCFunction)(void (*)(void))ucd_numeric, METH_FASTCALL,
                    "numeric(chr[, default])\n\nThe numeric value of a character as float.\n\n"
                    "Without a value: default, or ValueError."),
    PY_METHOD(ucd, category, METH_O, "($self, chr, /)", "The general category of a character."),
    PY_METHOD(ucd, bidirectional, METH_O, "($self, chr, /)",
              "The bidirectional class of a character, '' if it has none."),
    PY_METHOD(ucd, combining, METH_O, "($self, chr, /)",
              "The canonical combining class of a character, 0 if it does not combine."),
    PY_METHOD(ucd, mirrored, METH_O, "($self, chr, /)",
              "1 if the character is mirrored in text from right to left, else 0."),
    PY_METHOD(ucd, east_asian_width, METH_O, "($self, chr, /)",
              "The East Asian width of a character."),
    PY_METHOD(ucd, decomposition, METH_O, "($self, chr, /)",
              "The decomposition mapping of a character, '' if it has none."),
    PY_METHOD_NOSIG("name", (PyCFunction)(void (*)(void))ucd_name, METH_FASTCALL,
                    "name(chr[, default])\n\nThe name of a character.\n\n"
                    "Without a name: default, or ValueError."),
    PY_METHOD(ucd, lookup, METH_O, "($self, name, /)",
              "The character (or named sequence) of a name; KeyError if there is none."),
    PY_METHOD(ucd, is_normalized, METH_FASTCALL, "($self, form, unistr, /)",
              "Whether a string is in the normal form NFC, NFKC, NFD or NFKD."),
    PY_METHOD(ucd, normalize, METH_FASTCALL, "($self, form, unistr, /)",
              "A string in the normal form NFC, NFKC, NFD or NFKD."),
    {0}
};

static PyMemberDef ucd_members[] = {
    {"unidata_version", Py_T_STRING, offsetof(UCD, name), Py_READONLY, "Version of the database."},
    {0}
};

static void
ucd_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot ucd_slots[] = {
    {Py_tp_dealloc, ucd_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, ucd_methods},
    {Py_tp_members, ucd_members},
    {0, NULL}
};

static PyType_Spec ucd_spec = {
    .name = "unicodedata.UCD",
    .basicsize = sizeof(UCD),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = ucd_slots,
};

static int
unicodedata_exec(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    state->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &ucd_spec, NULL);
    if (state->type == NULL || PyModule_AddType(module, state->type) < 0
            || PyModule_AddStringConstant(module, "unidata_version", UNIDATA_VERSION) < 0) {
        return -1;
    }
    UCD *old = PyObject_New(UCD, state->type);
    if (old == NULL) {
        return -1;
    }
    old->name = "3.2.0";
    if (PyModule_Add(module, "ucd_3_2_0", (PyObject *)old) < 0) {
        return -1;
    }
    return PyModule_Add(module, "_ucnhash_CAPI",
                        PyCapsule_New((void *)&names_capi, PyUnicodeData_CAPSULE_NAME, NULL));
}

static int
unicodedata_traverse(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    Py_VISIT(state->type);
    return 0;
}

static int
unicodedata_clear(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    Py_CLEAR(state->type);
    return 0;
}

static PyModuleDef_Slot unicodedata_slots[] = {
    {Py_mod_exec, unicodedata_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef unicodedata_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "unicodedata",
    .m_doc = "The Unicode Character Database, version " UNIDATA_VERSION ".",
    .m_size = sizeof(module_state),
    .m_methods = ucd_methods,
    .m_slots = unicodedata_slots,
    .m_traverse = unicodedata_traverse,
    .m_clear = unicodedata_clear,
};

PyMODINIT_FUNC
PyInit_unicodedata(void)
{
    return PyModuleDef_Init(&unicodedata_module);
}

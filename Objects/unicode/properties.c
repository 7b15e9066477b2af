/* Properties of characters: types, numeric values, case mappings.

   The tables (unicode_tables.h) are made at build time by Tools/unicode/make_tables; two levels, the
   second one of blocks of equal content.  Everything is const. */
#include "unicode_impl.h"

#define ALPHA_FLAG          (1 << 0)
#define DECIMAL_FLAG        (1 << 1)
#define DIGIT_FLAG          (1 << 2)
#define LOWER_FLAG          (1 << 3)
#define LINEBREAK_FLAG      (1 << 4)
#define SPACE_FLAG          (1 << 5)
#define TITLE_FLAG          (1 << 6)
#define UPPER_FLAG          (1 << 7)
#define XID_START_FLAG      (1 << 8)
#define XID_CONTINUE_FLAG   (1 << 9)
#define PRINTABLE_FLAG      (1 << 10)
#define NUMERIC_FLAG        (1 << 11)
#define CASE_IGNORABLE_FLAG (1 << 12)
#define CASED_FLAG          (1 << 13)

struct unicode_type {
    int32_t lower, upper, title;  // deltas to the simple mappings
    uint16_t flags;
    int8_t decimal, digit;        // -1: none
};

/* A mapping to other than one character by delta; kind is l, u, t or f(old). */
struct unicode_special {
    uint32_t code;
    char kind;
    uint8_t n;
    uint32_t cps[3];
};

struct unicode_numeric {
    uint32_t code;
    double value;
};

#include "unicode_tables.h"

static inline const struct unicode_type *
type_record(Py_UCS4 ch)
{
    if (ch > MAX_UNICODE) {
        ch = 0xffff;  // a noncharacter: no property at all
    }
    size_t block = unicode_type_1[ch >> UNICODE_SHIFT];
    return &unicode_types[unicode_type_2[(block << UNICODE_SHIFT)
                                         | (ch & ((1 << UNICODE_SHIFT) - 1))]];
}

/* Whether a character has a flag: one function per property. */
#define HAS_FLAG(NAME, FLAG)                          \
    int                                               \
    _PyUnicode_##NAME(Py_UCS4 ch)                     \
    {                                                 \
        return (type_record(ch)->flags & FLAG) != 0;  \
    }

HAS_FLAG(IsAlpha, ALPHA_FLAG)
HAS_FLAG(IsLowercase, LOWER_FLAG)
HAS_FLAG(IsUppercase, UPPER_FLAG)
HAS_FLAG(IsTitlecase, TITLE_FLAG)
HAS_FLAG(IsPrintable, PRINTABLE_FLAG)
HAS_FLAG(IsNumeric, NUMERIC_FLAG)
HAS_FLAG(IsXidStart, XID_START_FLAG)
HAS_FLAG(IsXidContinue, XID_CONTINUE_FLAG)
HAS_FLAG(IsCaseIgnorable, CASE_IGNORABLE_FLAG)
HAS_FLAG(IsCased, CASED_FLAG)

/* ASCII white space, for the inline test of extensions. */
const unsigned char _Py_ascii_whitespace[128] = {
    ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1,
    [0x1c] = 1, [0x1d] = 1, [0x1e] = 1, [0x1f] = 1, [' '] = 1,
};

int
_PyUnicode_IsWhitespace(const Py_UCS4 ch)
{
    return (type_record(ch)->flags & SPACE_FLAG) != 0;
}

int
_PyUnicode_IsLinebreak(const Py_UCS4 ch)
{
    return (type_record(ch)->flags & LINEBREAK_FLAG) != 0;
}

int
_PyUnicode_ToDecimalDigit(Py_UCS4 ch)
{
    return type_record(ch)->decimal;
}

int
_PyUnicode_IsDecimalDigit(Py_UCS4 ch)
{
    return type_record(ch)->decimal >= 0;
}

int
_PyUnicode_ToDigit(Py_UCS4 ch)
{
    return type_record(ch)->digit;
}

int
_PyUnicode_IsDigit(Py_UCS4 ch)
{
    return type_record(ch)->digit >= 0;
}

double
_PyUnicode_ToNumeric(Py_UCS4 ch)
{
    const struct unicode_type *type = type_record(ch);
    if (!(type->flags & NUMERIC_FLAG)) {
        return -1.0;
    }
    if (type->digit >= 0) {
        return type->digit;
    }
    size_t low = 0, high = Py_ARRAY_LENGTH(unicode_numerics);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (unicode_numerics[middle].code < ch) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    assert(low < Py_ARRAY_LENGTH(unicode_numerics) && unicode_numerics[low].code == ch);
    return unicode_numerics[low].value;
}

/* -- Case ---------------------------------------------------------------------------------- */

Py_UCS4
_PyUnicode_ToLowercase(Py_UCS4 ch)
{
    return (Py_UCS4)((int32_t)ch + type_record(ch)->lower);
}

Py_UCS4
_PyUnicode_ToUppercase(Py_UCS4 ch)
{
    return (Py_UCS4)((int32_t)ch + type_record(ch)->upper);
}

Py_UCS4
_PyUnicode_ToTitlecase(Py_UCS4 ch)
{
    return (Py_UCS4)((int32_t)ch + type_record(ch)->title);
}

/* Writes a special mapping of ch; 0 if there is none of that kind. */
static int
special_mapping(Py_UCS4 ch, char kind, Py_UCS4 *res)
{
    if (ch < 0xb5) {
        return 0;  // nothing special in ASCII
    }
    size_t low = 0, high = Py_ARRAY_LENGTH(unicode_specials);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (unicode_specials[middle].code < ch) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    for (; low < Py_ARRAY_LENGTH(unicode_specials) && unicode_specials[low].code == ch; low++) {
        const struct unicode_special *special = &unicode_specials[low];
        if (special->kind == kind) {
            for (int i = 0; i < special->n; i++) {
                res[i] = special->cps[i];
            }
            return special->n;
        }
    }
    return 0;
}

int
_PyUnicode_ToLowerFull(Py_UCS4 ch, Py_UCS4 *res)
{
    int n = special_mapping(ch, 'l', res);
    if (n == 0) {
        res[0] = _PyUnicode_ToLowercase(ch);
        n = 1;
    }
    return n;
}

int
_PyUnicode_ToUpperFull(Py_UCS4 ch, Py_UCS4 *res)
{
    int n = special_mapping(ch, 'u', res);
    if (n == 0) {
        res[0] = _PyUnicode_ToUppercase(ch);
        n = 1;
    }
    return n;
}

int
_PyUnicode_ToTitleFull(Py_UCS4 ch, Py_UCS4 *res)
{
    int n = special_mapping(ch, 't', res);
    if (n == 0) {
        res[0] = _PyUnicode_ToTitlecase(ch);
        n = 1;
    }
    return n;
}

int
_PyUnicode_ToFoldedFull(Py_UCS4 ch, Py_UCS4 *res)
{
    int n = special_mapping(ch, 'f', res);
    return n > 0 ? n : _PyUnicode_ToLowerFull(ch, res);
}

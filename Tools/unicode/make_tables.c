/* Build tool: turns the facts of ucd16.txt (see dump_ucd.py for its lines) into C tables.

       make_tables UCD.TXT OUTDIR

   writes OUTDIR/unicode_tables.h (types and case, for Objects/unicode/properties.c) and
   OUTDIR/unicode_names.h (the database and the names, for Modules/unicodedata.c).  It runs at build
   time, where there is no Python yet; plain C, no error recovery: a wrong line ends the build. */
#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODES 0x110000
#define SHIFT 7
#define BLOCK (1 << SHIFT)

static void
fail(const char *what, const char *detail)
{
    fprintf(stderr, "make_tables: %s: %s\n", what, detail);
    exit(1);
}

static void *
more(void *p, size_t size)
{
    p = realloc(p, size);
    if (p == NULL) {
        fail("no memory", "");
    }
    return p;
}

/* A growing array of T named x: x, x_n. */
#define ARRAY(T, x) static T *x; static size_t x##_n, x##_room
#define PUSH(x)                                                              \
    (x##_n == x##_room                                                       \
         ? (void)(x##_room = x##_room * 2 + 64,                              \
                  x = more(x, x##_room * sizeof(*x)))                        \
         : (void)0,                                                          \
     &x[x##_n++])

/* -- What is read -------------------------------------------------------------------------- */

static char version[32];

struct database { char cat[4], bidi[4], eaw[4]; unsigned comb, mirrored, qc; };
struct type { unsigned flags; int decimal, digit; long lower, upper, title; };
struct special { uint32_t code; char kind; int n; uint32_t cps[3]; };
struct numeric { uint32_t code; char text[40]; };
struct decomposition { uint32_t code; char *text; };
struct pair { uint32_t first, second, composed; };
struct prefix { uint32_t start, end; char *text; };
struct name { uint32_t code; char *text; };
struct sequence { int n; uint32_t cps[8]; };
struct old { char cat[4], bidi[4], mirrored[4], eaw[4], decimal[4], numeric[32]; };

ARRAY(struct database, databases);
ARRAY(struct type, types);
ARRAY(struct special, specials);
ARRAY(struct numeric, numerics);
ARRAY(struct decomposition, decomps);
ARRAY(struct pair, pairs);
ARRAY(struct prefix, prefixes);
ARRAY(struct name, names);
ARRAY(struct sequence, sequences);
ARRAY(struct old, olds);
ARRAY(struct decomposition, corrections);

static uint32_t database_of[CODES], type_of[CODES], decomp_of[CODES], name_of[CODES], old_of[CODES];

static char *
copy(const char *s)
{
    char *p = more(NULL, strlen(s) + 1);
    return strcpy(p, s);
}

static void
fill(uint32_t *of, unsigned start, unsigned end, unsigned value)
{
    for (unsigned code = start; code <= end; code++) {
        of[code] = value;
    }
}

static int
read_cps(const char *s, uint32_t *cps, int room)
{
    int n = 0, used;
    unsigned cp;
    while (sscanf(s, "%x%n", &cp, &used) == 1) {
        if (n == room) {
            fail("too many code points", s);
        }
        cps[n++] = cp;
        s += used;
    }
    return n;
}

static void
read_line(char *line)
{
    char *rest = line + 2;
    unsigned a, b, c, id;
    int used = 0;
    switch (line[0]) {
    case 'V':
        snprintf(version, sizeof(version), "%.31s", rest);
        return;
    case 'D': {
        struct database *d = PUSH(databases);
        if (sscanf(rest, "%x %3s %3s %u %u %3s %x", &id, d->cat, d->bidi, &d->comb, &d->mirrored,
                   d->eaw, &d->qc) == 7 && id == databases_n - 1) {
            return;
        }
        break;
    }
    case 'T': {
        struct type *t = PUSH(types);
        char decimal[4], digit[4];
        if (sscanf(rest, "%x %x %3s %3s %ld %ld %ld", &id, &t->flags, decimal, digit, &t->lower,
                   &t->upper, &t->title) == 7 && id == types_n - 1) {
            t->decimal = decimal[0] == '-' ? -1 : atoi(decimal);
            t->digit = digit[0] == '-' ? -1 : atoi(digit);
            return;
        }
        break;
    }
    case 'd':
    case 't':
        if (sscanf(rest, "%x %x %x", &a, &b, &id) == 3 && b < CODES) {
            fill(line[0] == 'd' ? database_of : type_of, a, b, id);
            return;
        }
        break;
    case 'X': {
        struct special *x = PUSH(specials);
        if (sscanf(rest, "%x %c%n", &a, &x->kind, &used) == 2) {
            x->code = a;
            x->n = read_cps(rest + used, x->cps, 3);
            return;
        }
        break;
    }
    case 'N': {
        struct numeric *n = PUSH(numerics);
        if (sscanf(rest, "%x %39s", &a, n->text) == 2) {
            n->code = a;
            return;
        }
        break;
    }
    case 'M':
    case '4':
        if (sscanf(rest, "%x %n", &a, &used) == 1) {
            struct decomposition *m = line[0] == 'M' ? PUSH(decomps) : PUSH(corrections);
            m->code = a;
            m->text = copy(rest + used);
            if (line[0] == 'M') {
                decomp_of[a] = (uint32_t)decomps_n;
            }
            return;
        }
        break;
    case 'P': {
        if (sscanf(rest, "%x %x %x", &a, &b, &c) == 3) {
            *PUSH(pairs) = (struct pair){a, b, c};
            return;
        }
        break;
    }
    case 'r':
        if (sscanf(rest, "%x %x %n", &a, &b, &used) == 2) {
            *PUSH(prefixes) = (struct prefix){a, b, copy(rest + used)};
            return;
        }
        break;
    case 'n':
    case 'a':
        if (sscanf(rest, "%x %n", &a, &used) == 1) {
            *PUSH(names) = (struct name){a, copy(rest + used)};
            if (line[0] == 'n') {
                name_of[a] = (uint32_t)names_n;
            }
            return;
        }
        break;
    case 's': {
        char *comma = strchr(rest, ',');
        if (comma != NULL) {
            *comma = '\0';
            struct sequence *s = PUSH(sequences);
            s->n = read_cps(comma + 1, s->cps, 8);
            *PUSH(names) = (struct name){CODES + (uint32_t)sequences_n - 1, copy(rest)};
            return;
        }
        break;
    }
    case '3': {
        struct old o;
        memset(&o, 0, sizeof(o));
        if (sscanf(rest, "%x %x %3s %3s %3s %3s %3s %31s", &a, &b, o.cat, o.bidi, o.mirrored,
                   o.eaw, o.decimal, o.numeric) == 8) {
            size_t i = 0;
            while (i < olds_n && memcmp(&olds[i], &o, sizeof(o)) != 0) {
                i++;
            }
            if (i == olds_n) {
                *PUSH(olds) = o;
            }
            fill(old_of, a, b, (unsigned)i + 1);
            return;
        }
        break;
    }
    default:
        break;
    }
    fail("cannot read", line);
}

/* -- What is written ----------------------------------------------------------------------- */

static FILE *out;

static void
put(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
}

static void
begin(const char *dir, const char *name, const char *what)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    out = fopen(path, "w");
    if (out == NULL) {
        fail("cannot write", path);
    }
    put("/* Made by Tools/unicode/make_tables: %s, Unicode %s. */\n\n", what, version);
}

static void
end(void)
{
    if (fclose(out) != 0) {
        fail("cannot write", "output");
    }
}

static void
put_numbers(const char *type, const char *name, const uint32_t *values, size_t n)
{
    put("static const %s %s[%zu] = {", type, name, n == 0 ? 1 : n);
    for (size_t i = 0; i < n; i++) {
        put("%s%u,", i % 24 == 0 ? "\n" : "", values[i]);
    }
    put("\n};\n\n");
}

static const char *
smallest_type(const uint32_t *values, size_t n)
{
    uint32_t max = 0;
    for (size_t i = 0; i < n; i++) {
        max = values[i] > max ? values[i] : max;
    }
    return max < 256 ? "uint8_t" : max < 65536 ? "uint16_t" : "uint32_t";
}

/* Two levels: value of code = NAME_2[NAME_1[code >> SHIFT] << SHIFT | (code & (BLOCK - 1))]. */
static void
put_two_levels(const char *name, const uint32_t *of)
{
    static uint32_t first[CODES / BLOCK], second[CODES];
    size_t blocks = 0;
    for (size_t i = 0; i < CODES / BLOCK; i++) {
        const uint32_t *block = of + i * BLOCK;
        size_t k = 0;
        while (k < blocks && memcmp(second + k * BLOCK, block, BLOCK * sizeof(*block)) != 0) {
            k++;
        }
        if (k == blocks) {
            memcpy(second + k * BLOCK, block, BLOCK * sizeof(*block));
            blocks++;
        }
        first[i] = (uint32_t)k;
    }
    char level[64];
    snprintf(level, sizeof(level), "%s_1", name);
    put_numbers(smallest_type(first, CODES / BLOCK), level, first, CODES / BLOCK);
    snprintf(level, sizeof(level), "%s_2", name);
    put_numbers(smallest_type(second, blocks * BLOCK), level, second, blocks * BLOCK);
}

static int
by_code(const void *a, const void *b)
{
    uint32_t x = ((const struct special *)a)->code, y = ((const struct special *)b)->code;
    return x < y ? -1 : x > y;
}

static void
write_types(const char *dir)
{
    begin(dir, "unicode_tables.h", "types of characters and case mappings");
    put("#define UNICODE_SHIFT %d\n\n", SHIFT);
    put("static const struct unicode_type unicode_types[%zu] = {\n", types_n);
    put("/*   lower upper title  flags decimal digit */\n");
    for (size_t i = 0; i < types_n; i++) {
        struct type *t = &types[i];
        put("    {%ld, %ld, %ld, 0x%x, %d, %d},\n", t->lower, t->upper, t->title, t->flags,
            t->decimal, t->digit);
    }
    put("};\n\n");
    put_two_levels("unicode_type", type_of);

    qsort(specials, specials_n, sizeof(*specials), by_code);
    put("static const struct unicode_special unicode_specials[%zu] = {\n", specials_n);
    for (size_t i = 0; i < specials_n; i++) {
        struct special *x = &specials[i];
        put("    {0x%x, '%c', %d, {0x%x, 0x%x, 0x%x}},\n", x->code, x->kind, x->n, x->cps[0],
            x->n > 1 ? x->cps[1] : 0, x->n > 2 ? x->cps[2] : 0);
    }
    put("};\n\n");

    put("static const struct unicode_numeric unicode_numerics[%zu] = {\n", numerics_n);
    for (size_t i = 0; i < numerics_n; i++) {
        put("    {0x%x, %s},\n", numerics[i].code, numerics[i].text);
    }
    put("};\n");
    end();
}

/* -- Interned short strings: categories and the like ------------------------------------------- */

struct vocabulary {
    const char *name;
    char words[64][24];
    int n;
};

static int
word_index(struct vocabulary *v, const char *word)
{
    for (int i = 0; i < v->n; i++) {
        if (strcmp(v->words[i], word) == 0) {
            return i;
        }
    }
    if (v->n == 64) {
        fail("too many values of", v->name);
    }
    snprintf(v->words[v->n], sizeof(v->words[0]), "%s", word);
    return v->n++;
}

static void
put_vocabulary(struct vocabulary *v)
{
    put("static const char *const %s[] = {", v->name);
    for (int i = 0; i < v->n; i++) {
        put("\"%s\", ", v->words[i]);
    }
    put("};\n\n");
}

/* -- Names --------------------------------------------------------------------------------- */

/* The words of all names, most frequent first. */
struct word {
    char *text;
    unsigned count;
    unsigned rank;
};
ARRAY(struct word, words);
static uint32_t *word_table;      // open addressing: index of word + 1
#define WORD_TABLE 65536
#define NAME_TABLE 131072

/* FNV-1a, as unicodedata.c computes it. */
static uint32_t
hash_text(const char *s, size_t n)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)s[i]) * 16777619u;
    }
    return hash;
}

static uint32_t
find_word(const char *s, size_t n)
{
    uint32_t i = hash_text(s, n) % WORD_TABLE;
    while (word_table[i] != 0) {
        struct word *w = &words[word_table[i] - 1];
        if (strlen(w->text) == n && memcmp(w->text, s, n) == 0) {
            return word_table[i] - 1;
        }
        i = (i + 1) % WORD_TABLE;
    }
    struct word *w = PUSH(words);
    if (words_n > WORD_TABLE / 2) {
        fail("too many words", "");
    }
    w->text = more(NULL, n + 1);
    memcpy(w->text, s, n);
    w->text[n] = '\0';
    w->count = 0;
    word_table[i] = (uint32_t)words_n;
    return (uint32_t)words_n - 1;
}

static int
by_count(const void *a, const void *b)
{
    const struct word *x = &words[*(const uint32_t *)a], *y = &words[*(const uint32_t *)b];
    return x->count != y->count ? (x->count > y->count ? -1 : 1) : strcmp(x->text, y->text);
}

/* Calls visit for each word of a name. */
static void
each_word(const char *text, void (*visit)(uint32_t word))
{
    for (const char *s = text; *s != '\0';) {
        size_t n = strcspn(s, " ");
        visit(find_word(s, n));
        s += n + (s[n] == ' ');
    }
}

static void
count_word(uint32_t word)
{
    words[word].count++;
}

ARRAY(uint32_t, name_bytes);
static size_t name_words;

/* One byte below 192; else 192 + high part, low part. */
static void
write_word(uint32_t word)
{
    uint32_t rank = words[word].rank;
    name_words++;
    if (rank < 192) {
        *PUSH(name_bytes) = rank;
        return;
    }
    rank -= 192;
    if (rank >= 64 * 256) {
        fail("too many different words", "");
    }
    *PUSH(name_bytes) = 192 + (rank >> 8);
    *PUSH(name_bytes) = rank & 255;
}

static void
write_names(void)
{
    word_table = calloc(WORD_TABLE, sizeof(*word_table));
    for (size_t i = 0; i < names_n; i++) {
        each_word(names[i].text, count_word);
    }
    uint32_t *order = more(NULL, words_n * sizeof(*order));
    for (size_t i = 0; i < words_n; i++) {
        order[i] = (uint32_t)i;
    }
    qsort(order, words_n, sizeof(*order), by_count);
    uint32_t *offsets = more(NULL, (words_n + 1) * sizeof(*offsets));
    uint32_t offset = 0;
    put("/* All words, most frequent first, without separators. */\n"
        "static const char name_lexicon[] =\n");
    for (size_t i = 0; i < words_n; i++) {
        struct word *w = &words[order[i]];
        w->rank = (uint32_t)i;
        offsets[i] = offset;
        offset += (uint32_t)strlen(w->text);
        put("%s%s%s", i % 8 == 0 ? "    \"" : "", w->text, i % 8 == 7 ? "\"\n" : "");
    }
    offsets[words_n] = offset;
    put("%s;\n\n", words_n % 8 == 0 ? "" : "\"");
    put_numbers("uint32_t", "name_word_offsets", offsets, words_n + 1);

    uint32_t *starts = more(NULL, (names_n + 1) * sizeof(*starts));
    uint32_t *codes = more(NULL, names_n * sizeof(*codes));
    for (size_t i = 0; i < names_n; i++) {
        starts[i] = (uint32_t)name_bytes_n;
        codes[i] = names[i].code;
        each_word(names[i].text, write_word);
    }
    starts[names_n] = (uint32_t)name_bytes_n;
    put_numbers("uint8_t", "name_data", name_bytes, name_bytes_n);
    put_numbers("uint32_t", "name_starts", starts, names_n + 1);
    put_numbers("uint32_t", "name_codes", codes, names_n);

    static uint32_t table[NAME_TABLE];
    for (size_t i = 0; i < names_n; i++) {
        uint32_t slot = hash_text(names[i].text, strlen(names[i].text)) % NAME_TABLE;
        while (table[slot] != 0) {
            slot = (slot + 1) % NAME_TABLE;
        }
        table[slot] = (uint32_t)i + 1;
    }
    put("#define NAME_TABLE_SIZE %d\n", NAME_TABLE);
    put_numbers("uint16_t", "name_table", table, NAME_TABLE);
    put_two_levels("name_index", name_of);

    put("static const struct name_prefix { uint32_t start, end; const char *text; } "
        "name_prefixes[%zu] = {\n", prefixes_n);
    for (size_t i = 0; i < prefixes_n; i++) {
        put("    {0x%x, 0x%x, \"%s\"},\n", prefixes[i].start, prefixes[i].end, prefixes[i].text);
    }
    put("};\n\n");
    put("static const struct name_sequence { int n; uint32_t cps[8]; } name_sequences[%zu] = {\n",
        sequences_n);
    for (size_t i = 0; i < sequences_n; i++) {
        put("    {%d, {", sequences[i].n);
        for (int k = 0; k < sequences[i].n; k++) {
            put("0x%x, ", sequences[i].cps[k]);
        }
        put("}},\n");
    }
    put("};\n\n");
}

/* -- The database -------------------------------------------------------------------------- */

static struct vocabulary categories = {.name = "category_names"},
                         bidirs = {.name = "bidirectional_names"},
                         widths = {.name = "east_asian_width_names"},
                         tags = {.name = "decomposition_tags"};

static void
write_decompositions(const char *prefix, struct decomposition *items, size_t n)
{
    static uint32_t data[65536], starts[8192];
    size_t used = 0;
    if (n + 1 > sizeof(starts) / sizeof(*starts)) {
        fail("too many decompositions", "");
    }
    for (size_t i = 0; i < n; i++) {
        const char *text = items[i].text;
        char tag[24] = "";
        if (text[0] == '<') {
            size_t length = strcspn(text, " ");
            snprintf(tag, sizeof(tag), "%.*s", (int)length, text);
            text += length;
        }
        uint32_t cps[32];
        int count = read_cps(text, cps, 32);
        if (used + (size_t)count + 1 > sizeof(data) / sizeof(*data)) {
            fail("too much decomposition data", "");
        }
        starts[i + 1] = (uint32_t)used;
        data[used++] = (uint32_t)(word_index(&tags, tag) << 8 | count);
        for (int k = 0; k < count; k++) {
            data[used++] = cps[k];
        }
    }
    char name[64];
    snprintf(name, sizeof(name), "%s_data", prefix);
    put_numbers("uint32_t", name, data, used);
    snprintf(name, sizeof(name), "%s_start", prefix);
    put_numbers("uint16_t", name, starts, n + 1);
}

static void
write_database(const char *dir)
{
    begin(dir, "unicode_names.h", "the character database");
    put("#define UNIDATA_VERSION \"%s\"\n#define UNICODE_SHIFT %d\n\n", version, SHIFT);
    word_index(&categories, "Cn");
    word_index(&bidirs, "");
    word_index(&tags, "");
    put("static const struct database_record database_records[%zu] = {\n", databases_n);
    put("/*   category combining bidi mirrored width quick-check */\n");
    for (size_t i = 0; i < databases_n; i++) {
        struct database *d = &databases[i];
        put("    {%d, %u, %d, %u, %d, 0x%x},\n", word_index(&categories, d->cat), d->comb,
            word_index(&bidirs, strcmp(d->bidi, "-") == 0 ? "" : d->bidi), d->mirrored,
            word_index(&widths, d->eaw), d->qc);
    }
    put("};\n\n");
    put_two_levels("database", database_of);
    write_decompositions("decomposition", decomps, decomps_n);
    put_two_levels("decomposition", decomp_of);
    put("static const struct composition { uint32_t first, second, composed; } "
        "compositions[%zu] = {\n", pairs_n);
    for (size_t i = 0; i < pairs_n; i++) {
        put("    {0x%x, 0x%x, 0x%x},\n", pairs[i].first, pairs[i].second, pairs[i].composed);
    }
    put("};\n\n");

    put("/* Unicode 3.2; 255 is: the same.  decimal and numeric: 255 the same, 254 none. */\n");
    put("static const struct change_record changes_3_2_0[%zu] = {\n"
        "    {255, 255, 255, 255, 255, 255, 0},\n", olds_n + 1);
    for (size_t i = 0; i < olds_n; i++) {
        struct old *o = &olds[i];
#define SAME(field) (strcmp(o->field, "-") == 0)
        put("    {%d, %d, %d, %d, %d, %d, %s},\n",
            SAME(cat) ? 255 : word_index(&categories, o->cat),
            SAME(bidi) ? 255 : word_index(&bidirs, strcmp(o->bidi, ".") == 0 ? "" : o->bidi),
            SAME(mirrored) ? 255 : atoi(o->mirrored),
            SAME(eaw) ? 255 : word_index(&widths, o->eaw),
            SAME(decimal) ? 255 : strcmp(o->decimal, ".") == 0 ? 254 : atoi(o->decimal),
            SAME(numeric) ? 255 : strcmp(o->numeric, ".") == 0 ? 254 : 0,
            SAME(numeric) || strcmp(o->numeric, ".") == 0 ? "0" : o->numeric);
#undef SAME
    }
    put("};\n\n");
    put_two_levels("change_3_2_0", old_of);
    put("static const struct { uint32_t code, decomposed; } corrections_3_2_0[%zu] = {\n",
        corrections_n);
    for (size_t i = 0; i < corrections_n; i++) {
        put("    {0x%x, 0x%s},\n", corrections[i].code, corrections[i].text);
    }
    put("};\n\n");
    write_names();
    put_vocabulary(&categories);
    put_vocabulary(&bidirs);
    put_vocabulary(&widths);
    put_vocabulary(&tags);
    end();
}

int
main(int argc, char **argv)
{
    static char line[4096];
    if (argc != 3) {
        fail("usage", "make_tables UCD.TXT OUTDIR");
    }
    FILE *in = fopen(argv[1], "r");
    if (in == NULL) {
        fail("cannot read", argv[1]);
    }
    while (fgets(line, sizeof(line), in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        read_line(line);
    }
    fclose(in);
    write_types(argv[2]);
    write_database(argv[2]);
    return 0;
}

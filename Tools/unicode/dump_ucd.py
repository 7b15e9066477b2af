"""Writes the facts of the Unicode Character Database that the interpreter needs, one text file.

Run it under an interpreter whose unicodedata has the wanted version (for Unicode 16.0: Python 3.14):

    python3.14 Tools/unicode/dump_ucd.py Tools/unicode/ucd16.txt

Lines, by their first character (numbers are hexadecimal unless said otherwise):
    V version                                  of the database
    D id cat bidi comb mirrored eaw qc         a database record; comb decimal, qc bits below
    d start end id                             code points that have it
    T id flags dec dig lower upper title       a type record; flags below; dec, dig decimal or -;
                                               deltas of the simple case mappings, decimal
    t start end id                             code points that have it
    X code kind cp...                          full mapping l, u, t or f(old) unlike the simple one
    N code value                               numeric value, decimal float
    M code text                                decomposition
    P first second composed                    canonical composition
    r start end prefix                         names are prefix and the code in hexadecimal
    n code name                                other names (but Hangul syllables)
    a code name                                an alias
    s name, cp...                              a named sequence
    3 start end cat bidi mirrored eaw dec num  what was different in Unicode 3.2 (- same)
    4 code text                                decomposition that was different in 3.2
"""
import ctypes
import sys
import unicodedata as ud

ALPHA, DECIMAL, DIGIT, LOWER, LINEBREAK, SPACE, TITLE, UPPER = (1 << i for i in range(8))
XID_START, XID_CONTINUE, PRINTABLE, NUMERIC, CASE_IGNORABLE, CASED = (1 << i for i in range(8, 14))
# Quick check: two bits per form, 0 yes, 1 maybe, 2 no.
FORMS = ('NFD', 'NFKD', 'NFC', 'NFKC')

api = ctypes.pythonapi
for f in ('ToLowercase', 'ToUppercase', 'ToTitlecase'):
    getattr(api, '_PyUnicode_' + f).restype = ctypes.c_uint32
    getattr(api, '_PyUnicode_' + f).argtypes = [ctypes.c_uint32]


def type_record(code, c):
    flags = 0
    category = ud.category(c)
    if category in ('Lm', 'Lt', 'Lu', 'Ll', 'Lo'):
        flags |= ALPHA
    if c.isdecimal():
        flags |= DECIMAL
    if c.isdigit():
        flags |= DIGIT
    if c.islower():
        flags |= LOWER
    if len(('a' + c + 'b').splitlines()) == 2:
        flags |= LINEBREAK
    if c.isspace():
        flags |= SPACE
    if category == 'Lt':
        flags |= TITLE
    if c.isupper():
        flags |= UPPER
    if c.isidentifier() and c != '_':
        flags |= XID_START
    if ('a' + c).isidentifier():
        flags |= XID_CONTINUE
    if c.isprintable():
        flags |= PRINTABLE
    if c.isnumeric():
        flags |= NUMERIC
    # The Final_Sigma rule looks past ignorable characters for a cased one.
    final_alone = (c + '\u03a3').lower().endswith('\u03c2')
    final_after = ('A' + c + '\u03a3').lower().endswith('\u03c2')
    if final_after and not final_alone:
        flags |= CASE_IGNORABLE
    if (c + 'a').title().endswith('a'):
        flags |= CASED
    lower = api._PyUnicode_ToLowercase(code)
    upper = api._PyUnicode_ToUppercase(code)
    title = api._PyUnicode_ToTitlecase(code)
    special = []
    if c.lower() != chr(lower):
        special.append(('l', c.lower()))
    if c.upper() != chr(upper):
        special.append(('u', c.upper()))
    if c.title() != chr(title):
        special.append(('t', c.title()))
    if c.casefold() != c.lower():
        special.append(('f', c.casefold()))
    return (flags, ud.decimal(c, '-'), ud.digit(c, '-'), lower - code, upper - code,
            title - code), special


def main(path):
    out = open(path, 'w', encoding='ascii')

    def emit(*fields):
        print(*fields, file=out)

    chars = [chr(i) for i in range(0x110000)]
    emit('V', ud.unidata_version)

    # Canonical compositions.
    pairs = {}
    seconds = set()
    for code, c in enumerate(chars):
        d = ud.decomposition(c)
        if d and not d.startswith('<'):
            parts = d.split()
            if len(parts) == 2:
                a, b = (int(p, 16) for p in parts)
                if ud.normalize('NFC', chr(a) + chr(b)) == c:
                    pairs[a, b] = code
                    seconds.add(b)
    seconds.update(range(0x1161, 0x1176))
    seconds.update(range(0x11A8, 0x11C3))

    def quick_check(code, c):
        if 0xD800 <= code < 0xE000:
            return 0
        qc = 0
        for i, form in enumerate(FORMS):
            if ud.normalize(form, c) != c:
                qc |= 2 << (2 * i)
            elif form in ('NFC', 'NFKC') and code in seconds:
                qc |= 1 << (2 * i)
        return qc

    def ranges(letter, record_letter, records):
        ids = {}
        lines = []
        start = 0
        for code in range(1, 0x110001):
            if code == 0x110000 or records[code] != records[start]:
                rid = ids.setdefault(records[start], len(ids))
                lines.append((letter, '%x' % start, '%x' % (code - 1), '%x' % rid))
                start = code
        for record, rid in ids.items():
            emit(record_letter, '%x' % rid, *record)
        for line in lines:
            emit(*line)

    database = [(ud.category(c), ud.bidirectional(c) or '-', ud.combining(c), ud.mirrored(c),
                 ud.east_asian_width(c), '%x' % quick_check(i, c))
                for i, c in enumerate(chars)]
    ranges('d', 'D', database)
    types = []
    specials = []
    for code, c in enumerate(chars):
        record, special = type_record(code, c)
        types.append(('%x' % record[0],) + record[1:])
        for kind, text in special:
            specials.append((code, kind, text))
    ranges('t', 'T', types)
    for code, kind, text in specials:
        emit('X', '%x' % code, kind, *('%x' % ord(t) for t in text))
    for code, c in enumerate(chars):
        value = ud.numeric(c, None)
        if value is not None:
            emit('N', '%x' % code, repr(value))
    for code, c in enumerate(chars):
        if ud.decomposition(c) and not 0xAC00 <= code < 0xD7A4:
            emit('M', '%x' % code, ud.decomposition(c))
    for (a, b), code in sorted(pairs.items()):
        emit('P', '%x' % a, '%x' % b, '%x' % code)

    # Names.
    algorithmic = []
    for code, c in enumerate(chars):
        name = ud.name(c, None)
        if name is None or 0xAC00 <= code < 0xD7A4:
            continue
        if name.endswith('-%04X' % code):
            prefix = name[:-len('%04X' % code)]
            if algorithmic and algorithmic[-1][2] == prefix and algorithmic[-1][1] == code - 1:
                algorithmic[-1][1] = code
            else:
                algorithmic.append([code, code, prefix])
    for start, end, prefix in algorithmic:
        emit('r', '%x' % start, '%x' % end, prefix)
    for code, c in enumerate(chars):
        name = ud.name(c, None)
        if name is None or 0xAC00 <= code < 0xD7A4 or name.endswith('-%04X' % code):
            continue
        emit('n', '%x' % code, name)

    # Aliases and sequences have no list of their own; the names interface numbers them in a
    # private range.
    getpointer = api.PyCapsule_GetPointer
    getpointer.restype = ctypes.c_void_p
    getpointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    table = getpointer(ud._ucnhash_CAPI, b'unicodedata._ucnhash_CAPI')
    getname = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_int,
                               ctypes.c_int)(ctypes.c_void_p.from_address(table).value)
    buffer = ctypes.create_string_buffer(512)
    for code in range(0xF0000, 0xFFFFE):
        if getname(code, buffer, 512, 1):
            name = buffer.value.decode('ascii')
            text = ud.lookup(name)
            if len(text) == 1:
                emit('a', '%x' % ord(text), name)
            else:
                emit('s', name + ',', *('%x' % ord(t) for t in text))

    # Unicode 3.2.
    old = ud.ucd_3_2_0
    changes = []
    for code, c in enumerate(chars):
        def changed(function, default=None):
            a = getattr(ud, function)
            b = getattr(old, function)
            if default is None:
                return '-' if a(c) == b(c) else b(c) or '.'
            return '-' if a(c, default) == b(c, default) else b(c, default)
        # An unassigned character answers Cn and nothing else.
        row = (changed('category'),
               changed('bidirectional'), changed('mirrored') if ud.mirrored(c) != old.mirrored(c) else '-',
               changed('east_asian_width'), changed('decimal', '.'), changed('numeric', '.'))
        if ud.mirrored(c) != old.mirrored(c):
            row = row[:2] + (str(old.mirrored(c)),) + row[3:]
        changes.append(row)
    start = 0
    for code in range(1, 0x110001):
        if code == 0x110000 or changes[code] != changes[start]:
            if changes[start] != ('-',) * 6:
                emit('3', '%x' % start, '%x' % (code - 1), *changes[start])
            start = code
    for code, c in enumerate(chars):
        if old.category(c) != 'Cn' and old.normalize('NFD', c) != ud.normalize('NFD', c):
            emit('4', '%x' % code, ' '.join('%04X' % ord(t) for t in old.normalize('NFD', c)))
    out.close()


main(sys.argv[1])

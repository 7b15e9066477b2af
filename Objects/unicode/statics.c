/* The static strings: empty, the Latin-1 characters, static_strings.def; their life cycle.

   Written to only by start-up (hashes, interned state), before a second thread exists. */
#include "unicode_impl.h"

#define ASCII_CHAR(c) \
    {._ascii = _PyASCIIObject_HEAD_INIT(1), ._data = {(c), 0}}
#define LATIN1_CHAR(c)                                                  \
    {                                                                   \
        ._latin1 = {                                                    \
            ._base = {                                                  \
                .ob_base = PyObject_HEAD_INIT(&PyUnicode_Type)          \
                .length = 1,                                            \
                .hash = -1,                                             \
                .state = {                                              \
                    .kind = PyUnicode_1BYTE_KIND,                       \
                    .compact = 1,                                       \
                    .ascii = 0,                                         \
                    .statically_allocated = 1,                          \
                },                                                      \
            },                                                          \
            .utf8 = NULL,                                               \
            .utf8_length = 0,                                           \
        },                                                              \
        ._data = {(c), 0},                                              \
    }

/* REPEAT_128(M, base): M(base), M(base + 1), ... */
#define REPEAT_4(M, b) M(b), M((b) + 1), M((b) + 2), M((b) + 3)
#define REPEAT_16(M, b) REPEAT_4(M, b), REPEAT_4(M, (b) + 4), REPEAT_4(M, (b) + 8), REPEAT_4(M, (b) + 12)
#define REPEAT_64(M, b) REPEAT_16(M, b), REPEAT_16(M, (b) + 16), REPEAT_16(M, (b) + 32), REPEAT_16(M, (b) + 48)
#define REPEAT_128(M, b) REPEAT_64(M, b), REPEAT_64(M, (b) + 64)

struct _Py_static_strings _Py_static_strings = {
    .str_empty = _PyASCIIObject_INIT(""),
#define STATIC_STRING(NAME, LITERAL) .str_##NAME = _PyASCIIObject_INIT(LITERAL),
#include "static_strings.def"
#undef STATIC_STRING
    .ascii = {REPEAT_128(ASCII_CHAR, 0)},
    .latin1 = {REPEAT_128(LATIN1_CHAR, 128)},
};

/* UTF-8 of the non-ASCII Latin-1 characters, so that nobody has to allocate it. */
static char latin1_utf8[128][3];

/* Visits every static string of this file. */
static void
static_strings_visit(PyInterpreterState *interp, void (*visit)(PyInterpreterState *, PyObject **))
{
    PyObject *op = _Py_STR(empty);
    visit(interp, &op);
#define STATIC_STRING(NAME, LITERAL) op = _Py_STR(NAME); visit(interp, &op);
#include "static_strings.def"
#undef STATIC_STRING
    for (int i = 0; i < 256; i++) {
        op = _Py_LATIN1_CHR(i);
        visit(interp, &op);
    }
}

void
_PyUnicode_InternStaticStrings(PyInterpreterState *interp)
{
    static_strings_visit(interp, _PyUnicode_InternStatic);
    for (Py_ssize_t i = 0; i < _Py_static_id_count; i++) {
        PyObject *op = _Py_static_id_list[i];
        _PyUnicode_InternStatic(interp, &op);
        assert(op == _Py_static_id_list[i]);
    }
}

PyStatus
_PyUnicode_InitGlobalObjects(PyInterpreterState *interp)
{
    for (int i = 0; i < 128; i++) {
        PyCompactUnicodeObject *op = &_Py_static_strings.latin1[i]._latin1;
        latin1_utf8[i][0] = (char)(0xc0 | ((i + 128) >> 6));
        latin1_utf8[i][1] = (char)(0x80 | (i & 0x3f));
        op->utf8 = latin1_utf8[i];
        op->utf8_length = 2;
    }
    _PyUnicode_InternStaticStrings(interp);
    return PyStatus_Ok();
}

PyStatus
_PyUnicode_InitState(PyInterpreterState *interp)
{
    return PyStatus_Ok();
}

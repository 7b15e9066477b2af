/* UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError, and what codecs ask of them.

   The three share one layout; start and end are plain numbers that may lie outside the object, so that every use
   clips them first. */
#include "internal.h"
#include "pycore_bytesobject.h"

#define UERR(op) ((PyUnicodeErrorObject *)(op))

static int
UnicodeError_clear(PyObject *op)
{
    PyUnicodeErrorObject *self = UERR(op);
    Py_CLEAR(self->encoding);
    Py_CLEAR(self->object);
    Py_CLEAR(self->reason);
    return _PyExc_BaseClear(op);
}

static int
UnicodeError_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyUnicodeErrorObject *self = UERR(op);
    Py_VISIT(self->encoding);
    Py_VISIT(self->object);
    Py_VISIT(self->reason);
    return _PyExc_BaseTraverse(op, visit, arg);
}

EXC_DEALLOC(UnicodeError)

static PyMemberDef UnicodeError_members[] = {
    {"encoding", _Py_T_OBJECT, offsetof(PyUnicodeErrorObject, encoding), 0, PyDoc_STR("exception encoding")},
    {"object", _Py_T_OBJECT, offsetof(PyUnicodeErrorObject, object), 0, PyDoc_STR("exception object")},
    {"start", Py_T_PYSSIZET, offsetof(PyUnicodeErrorObject, start), 0, PyDoc_STR("exception start")},
    {"end", Py_T_PYSSIZET, offsetof(PyUnicodeErrorObject, end), 0, PyDoc_STR("exception end")},
    {"reason", _Py_T_OBJECT, offsetof(PyUnicodeErrorObject, reason), 0, PyDoc_STR("exception reason")},
    {0}
};

/* -- Reading fields -------------------------------------------------------------------------------------------------- */

static int
check_type(PyObject *self, PyObject *type)
{
    assert(self != NULL);
    if (!PyObject_TypeCheck(self, (PyTypeObject *)type)) {
        PyErr_Format(PyExc_TypeError, "expecting a %s object, got %T", ((PyTypeObject *)type)->tp_name, self);
        return -1;
    }
    return 0;
}

/* A field that must be str or bytes: new reference. */
static PyObject *
checked_field(PyObject *self, PyObject **slot, const char *name, int as_bytes)
{
    PyObject *value = _PySlot_GetRef(self, slot);
    if (value == NULL) {
        PyErr_Format(PyExc_TypeError, "UnicodeError '%s' attribute is not set", name);
        return NULL;
    }
    if (as_bytes ? !PyBytes_Check(value) : !PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "UnicodeError '%s' attribute must be a %s", name, as_bytes ? "bytes" : "string");
        Py_DECREF(value);
        return NULL;
    }
    return value;
}

static Py_ssize_t
clip_start(Py_ssize_t start, Py_ssize_t objlen)
{
    if (start < 0) {
        start = 0;
    }
    if (start >= objlen) {
        start = objlen == 0 ? 0 : objlen - 1;
    }
    return start;
}

static Py_ssize_t
clip_end(Py_ssize_t end, Py_ssize_t objlen)
{
    if (end < 1) {
        end = 1;
    }
    return end > objlen ? objlen : end;
}

/* The object (counted) and the clipped range; each output may be NULL. */
int
_PyUnicodeError_GetParams(PyObject *self, PyObject **obj, Py_ssize_t *objlen, Py_ssize_t *start, Py_ssize_t *end,
                          Py_ssize_t *slen, int as_bytes)
{
    PyUnicodeErrorObject *exc = UERR(self);
    PyObject *r = checked_field(self, &exc->object, "object", as_bytes);
    if (r == NULL) {
        return -1;
    }
    Py_ssize_t n = as_bytes ? PyBytes_GET_SIZE(r) : PyUnicode_GET_LENGTH(r);
    if (objlen != NULL) {
        *objlen = n;
    }
    Py_ssize_t s = clip_start(FT_ATOMIC_LOAD_SSIZE_RELAXED(exc->start), n);
    Py_ssize_t e = clip_end(FT_ATOMIC_LOAD_SSIZE_RELAXED(exc->end), n);
    if (start != NULL) {
        *start = s;
    }
    if (end != NULL) {
        *end = e;
    }
    if (slen != NULL) {
        *slen = e < s ? 0 : e - s;
    }
    if (obj != NULL) {
        *obj = r;
    }
    else {
        Py_DECREF(r);
    }
    return 0;
}

/* -- C API --------------------------------------------------------------------------------------------------------------- */

static int
set_reason(PyObject *self, const char *reason)
{
    PyObject *value = PyUnicode_FromString(reason);
    if (value == NULL) {
        return -1;
    }
    _PySlot_Set(self, &UERR(self)->reason, value);
    return 0;
}

/* UNICODE_ERROR_API(Encode, 0) defines PyUnicodeEncodeError_GetObject and so on. */
#define UNICODE_ERROR_API(Kind, as_bytes)                                                                       \
    PyObject *PyUnicode##Kind##Error_GetObject(PyObject *self)                                                  \
    {                                                                                                           \
        return check_type(self, PyExc_Unicode##Kind##Error) < 0                                                 \
            ? NULL : checked_field(self, &UERR(self)->object, "object", as_bytes);                              \
    }                                                                                                           \
    PyObject *PyUnicode##Kind##Error_GetReason(PyObject *self)                                                  \
    {                                                                                                           \
        return check_type(self, PyExc_Unicode##Kind##Error) < 0                                                 \
            ? NULL : checked_field(self, &UERR(self)->reason, "reason", 0);                                     \
    }                                                                                                           \
    int PyUnicode##Kind##Error_SetReason(PyObject *self, const char *reason)                                    \
    {                                                                                                           \
        return check_type(self, PyExc_Unicode##Kind##Error) < 0 ? -1 : set_reason(self, reason);                \
    }                                                                                                           \
    int PyUnicode##Kind##Error_GetStart(PyObject *self, Py_ssize_t *start)                                      \
    {                                                                                                           \
        return check_type(self, PyExc_Unicode##Kind##Error) < 0                                                 \
            ? -1 : _PyUnicodeError_GetParams(self, NULL, NULL, start, NULL, NULL, as_bytes);                    \
    }                                                                                                           \
    int PyUnicode##Kind##Error_GetEnd(PyObject *self, Py_ssize_t *end)                                          \
    {                                                                                                           \
        return check_type(self, PyExc_Unicode##Kind##Error) < 0                                                 \
            ? -1 : _PyUnicodeError_GetParams(self, NULL, NULL, NULL, end, NULL, as_bytes);                      \
    }                                                                                                           \
    int PyUnicode##Kind##Error_SetStart(PyObject *self, Py_ssize_t start)                                       \
    {                                                                                                           \
        if (check_type(self, PyExc_Unicode##Kind##Error) < 0) {                                                 \
            return -1;                                                                                          \
        }                                                                                                       \
        FT_ATOMIC_STORE_SSIZE_RELAXED(UERR(self)->start, start);                                                \
        return 0;                                                                                               \
    }                                                                                                           \
    int PyUnicode##Kind##Error_SetEnd(PyObject *self, Py_ssize_t end)                                           \
    {                                                                                                           \
        if (check_type(self, PyExc_Unicode##Kind##Error) < 0) {                                                 \
            return -1;                                                                                          \
        }                                                                                                       \
        FT_ATOMIC_STORE_SSIZE_RELAXED(UERR(self)->end, end);                                                    \
        return 0;                                                                                               \
    }

UNICODE_ERROR_API(Encode, 0)
UNICODE_ERROR_API(Decode, 1)
UNICODE_ERROR_API(Translate, 0)

PyObject *
PyUnicodeEncodeError_GetEncoding(PyObject *self)
{
    return check_type(self, PyExc_UnicodeEncodeError) < 0 ? NULL
        : checked_field(self, &UERR(self)->encoding, "encoding", 0);
}

PyObject *
PyUnicodeDecodeError_GetEncoding(PyObject *self)
{
    return check_type(self, PyExc_UnicodeDecodeError) < 0 ? NULL
        : checked_field(self, &UERR(self)->encoding, "encoding", 0);
}

PyObject *
PyUnicodeDecodeError_Create(const char *encoding, const char *object, Py_ssize_t length, Py_ssize_t start,
                            Py_ssize_t end, const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeDecodeError, "sy#nns", encoding, object, length, start, end, reason);
}

PyObject *
_PyUnicodeTranslateError_Create(PyObject *object, Py_ssize_t start, Py_ssize_t end, const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeTranslateError, "Onns", object, start, end, reason);
}

/* -- Text ------------------------------------------------------------------------------------------------------------------- */

/* Everything that a message needs; all counted. */
struct message_parts {
    PyObject *object, *encoding, *reason;
    Py_ssize_t length, start, end;
};

static void
parts_release(struct message_parts *m)
{
    Py_XDECREF(m->object);
    Py_XDECREF(m->encoding);
    Py_XDECREF(m->reason);
}

/* 1; 0 if the exception was not initialised; -1. */
static int
parts_get(PyObject *self, struct message_parts *m, int as_bytes, int has_encoding)
{
    *m = (struct message_parts){0};
    PyUnicodeErrorObject *exc = UERR(self);
    m->object = _PySlot_GetRef(self, &exc->object);
    if (m->object == NULL || (as_bytes ? !PyBytes_Check(m->object) : !PyUnicode_Check(m->object))) {
        return 0;
    }
    PyObject *reason = _PySlot_GetRef(self, &exc->reason);
    m->reason = reason == NULL ? Py_GetConstant(Py_CONSTANT_EMPTY_STR) : PyObject_Str(reason);
    Py_XDECREF(reason);
    if (has_encoding) {
        PyObject *encoding = _PySlot_GetRef(self, &exc->encoding);
        m->encoding = encoding == NULL ? Py_GetConstant(Py_CONSTANT_EMPTY_STR) : PyObject_Str(encoding);
        Py_XDECREF(encoding);
    }
    if (m->reason == NULL || (has_encoding && m->encoding == NULL)) {
        return -1;
    }
    m->length = as_bytes ? PyBytes_GET_SIZE(m->object) : PyUnicode_GET_LENGTH(m->object);
    m->start = FT_ATOMIC_LOAD_SSIZE_RELAXED(exc->start);
    m->end = FT_ATOMIC_LOAD_SSIZE_RELAXED(exc->end);
    return 1;
}

/* Does the range name one item of the object?  It is shown as it is, even if it lies outside. */
static int
is_one_item(const struct message_parts *m)
{
    return m->start >= 0 && m->start < m->length && m->end >= 0 && m->end <= m->length && m->end == m->start + 1;
}

/* The escape that stands for a character in messages. */
static const char *
character_format(Py_UCS4 c)
{
    return c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x";
}

static PyObject *
UnicodeEncodeError_str(PyObject *self)
{
    struct message_parts m;
    PyObject *result = NULL;
    int ok = parts_get(self, &m, 0, 1);
    if (ok == 0) {
        result = Py_GetConstant(Py_CONSTANT_EMPTY_STR);
    }
    else if (ok > 0 && is_one_item(&m)) {
        Py_UCS4 badchar = PyUnicode_ReadChar(m.object, m.start);
        char escape[16];
        PyOS_snprintf(escape, sizeof(escape), character_format(badchar), (unsigned int)badchar);
        result = PyUnicode_FromFormat("'%U' codec can't encode character '%s' in position %zd: %U", m.encoding, escape,
                                      m.start, m.reason);
    }
    else if (ok > 0) {
        result = PyUnicode_FromFormat("'%U' codec can't encode characters in position %zd-%zd: %U", m.encoding, m.start,
                                      m.end - 1, m.reason);
    }
    parts_release(&m);
    return result;
}

static PyObject *
UnicodeDecodeError_str(PyObject *self)
{
    struct message_parts m;
    PyObject *result = NULL;
    int ok = parts_get(self, &m, 1, 1);
    if (ok == 0) {
        result = Py_GetConstant(Py_CONSTANT_EMPTY_STR);
    }
    else if (ok > 0 && is_one_item(&m)) {
        int badbyte = (int)(PyBytes_AS_STRING(m.object)[m.start] & 0xff);
        result = PyUnicode_FromFormat("'%U' codec can't decode byte 0x%02x in position %zd: %U", m.encoding, badbyte,
                                      m.start, m.reason);
    }
    else if (ok > 0) {
        result = PyUnicode_FromFormat("'%U' codec can't decode bytes in position %zd-%zd: %U", m.encoding, m.start,
                                      m.end - 1, m.reason);
    }
    parts_release(&m);
    return result;
}

static PyObject *
UnicodeTranslateError_str(PyObject *self)
{
    struct message_parts m;
    PyObject *result = NULL;
    int ok = parts_get(self, &m, 0, 0);
    if (ok == 0) {
        result = Py_GetConstant(Py_CONSTANT_EMPTY_STR);
    }
    else if (ok > 0 && is_one_item(&m)) {
        Py_UCS4 badchar = PyUnicode_ReadChar(m.object, m.start);
        char escape[16];
        PyOS_snprintf(escape, sizeof(escape), character_format(badchar), (unsigned int)badchar);
        result = PyUnicode_FromFormat("can't translate character '%s' in position %zd: %U", escape, m.start, m.reason);
    }
    else if (ok > 0) {
        result = PyUnicode_FromFormat("can't translate characters in position %zd-%zd: %U", m.start, m.end - 1,
                                      m.reason);
    }
    parts_release(&m);
    return result;
}

/* -- Construction -------------------------------------------------------------------------------------------------------------- */

static void
set_fields(PyObject *self, PyObject *encoding, PyObject *object, Py_ssize_t start, Py_ssize_t end, PyObject *reason)
{
    PyUnicodeErrorObject *exc = UERR(self);
    _PySlot_Set(self, &exc->encoding, Py_XNewRef(encoding));
    _PySlot_Set(self, &exc->object, Py_NewRef(object));
    FT_ATOMIC_STORE_SSIZE_RELAXED(exc->start, start);
    FT_ATOMIC_STORE_SSIZE_RELAXED(exc->end, end);
    _PySlot_Set(self, &exc->reason, Py_NewRef(reason));
}

static int
UnicodeEncodeError_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *encoding, *object, *reason;
    Py_ssize_t start, end;
    if (_PyExc_BaseInit(self, args, kwds) == -1
        || !PyArg_ParseTuple(args, "UUnnU", &encoding, &object, &start, &end, &reason)) {
        return -1;
    }
    set_fields(self, encoding, object, start, end, reason);
    return 0;
}

static int
UnicodeDecodeError_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *encoding, *object, *reason;
    Py_ssize_t start, end;
    if (_PyExc_BaseInit(self, args, kwds) == -1
        || !PyArg_ParseTuple(args, "UOnnU", &encoding, &object, &start, &end, &reason)) {
        return -1;
    }
    if (PyBytes_Check(object)) {
        Py_INCREF(object);
    }
    else {
        Py_buffer view;
        if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) != 0) {
            return -1;
        }
        object = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
        if (object == NULL) {
            return -1;
        }
    }
    set_fields(self, encoding, object, start, end, reason);
    Py_DECREF(object);
    return 0;
}

static int
UnicodeTranslateError_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *object, *reason;
    Py_ssize_t start, end;
    if (_PyExc_BaseInit(self, args, kwds) == -1
        || !PyArg_ParseTuple(args, "UnnU", &object, &start, &end, &reason)) {
        return -1;
    }
    set_fields(self, NULL, object, start, end, reason);
    return 0;
}

#define UnicodeEncodeError_dealloc UnicodeError_dealloc
#define UnicodeEncodeError_traverse UnicodeError_traverse
#define UnicodeEncodeError_clear UnicodeError_clear
#define UnicodeDecodeError_dealloc UnicodeError_dealloc
#define UnicodeDecodeError_traverse UnicodeError_traverse
#define UnicodeDecodeError_clear UnicodeError_clear
#define UnicodeTranslateError_dealloc UnicodeError_dealloc
#define UnicodeTranslateError_traverse UnicodeError_traverse
#define UnicodeTranslateError_clear UnicodeError_clear

EXC_TYPE(UnicodeEncodeError, PyUnicodeErrorObject, UnicodeError, "Unicode encoding error.", _PyExc_BaseNew,
         UnicodeEncodeError_init, .tp_str = UnicodeEncodeError_str, .tp_members = UnicodeError_members);
EXC_TYPE(UnicodeDecodeError, PyUnicodeErrorObject, UnicodeError, "Unicode decoding error.", _PyExc_BaseNew,
         UnicodeDecodeError_init, .tp_str = UnicodeDecodeError_str, .tp_members = UnicodeError_members);
EXC_TYPE(UnicodeTranslateError, PyUnicodeErrorObject, UnicodeError, "Unicode translation error.", _PyExc_BaseNew,
         UnicodeTranslateError_init, .tp_str = UnicodeTranslateError_str, .tp_members = UnicodeError_members);

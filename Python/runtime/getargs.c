/* Argument parsers with a format: PyArg_ParseTuple and its family.

   One converter (convert_simple) serves all entry points; convert_item adds nested tuples.  What a call has
   acquired so far (buffers, memory, converters with cleanup) is on a list that is undone on failure.
   Keyword parsers described by a struct _PyArg_Parser are in getargs_keywords.c. */
#include "Python.h"
#include "getargs.h"
#include "pycore_abstract.h"         // _PyIndex_Check
#include "pycore_modsupport.h"
#include "pycore_object.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_tuple.h"            // _PyTuple_ITEMS

/* -- What to undo ------------------------------------------------------------------------------------ */

int
_PyGetargs_Cleanup(struct _getargs_cleanups *list, int ok)
{
    for (int i = 0; !ok && i < list->count; ++i) {
        if (list->entries[i].convert != NULL) {
            list->entries[i].convert(NULL, list->entries[i].item);
        }
        else {
            list->entries[i].undo(list->entries[i].item);
        }
    }
    if (list->entries != list->fixed) {
        PyMem_Free(list->entries);
    }
    return ok;
}

/* Room for n entries: 0, or -1 with MemoryError. */
int
_PyGetargs_CleanupInit(struct _getargs_cleanups *list, int n)
{
    list->count = 0;
    list->entries = list->fixed;
    if (n > GETARGS_FIXED_CLEANUPS) {
        list->entries = PyMem_Malloc((size_t)n * sizeof(list->entries[0]));
        if (list->entries == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

static void
undo_memory(void *ptr)
{
    char **p = ptr;
    PyMem_Free(*p);
    *p = NULL;
}

static void
undo_buffer(void *ptr)
{
    PyBuffer_Release((Py_buffer *)ptr);
}

static void
cleanup_add(struct _getargs_cleanups *list, void *item, void (*undo)(void *))
{
    list->entries[list->count].item = item;
    list->entries[list->count].undo = undo;
    list->entries[list->count].convert = NULL;
    list->count++;
}

/* A converter of O& that asks for cleanup is called again with NULL. */
static void
cleanup_add_converter(struct _getargs_cleanups *list, int (*convert)(PyObject *, void *), void *addr)
{
    cleanup_add(list, addr, NULL);
    list->entries[list->count - 1].convert = convert;
}

/* -- Messages ---------------------------------------------------------------------------------------- */

/* "must be X, not Y" in msgbuf; a text in parentheses stands for itself. */
static const char *
convert_error(const char *expected, PyObject *arg, char *msgbuf, size_t bufsize)
{
    assert(expected != NULL && arg != NULL);
    if (expected[0] == '(') {
        PyOS_snprintf(msgbuf, bufsize, "%.100s", expected);
    }
    else {
        PyOS_snprintf(msgbuf, bufsize, "must be %.50s, not %.50s", expected,
                      arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
    }
    return msgbuf;
}
#define CONVERR(expected) convert_error((expected), arg, msgbuf, bufsize)
#define CONV_UNICODE CONVERR("(unicode conversion error)")

void
_PyGetargs_SetError(Py_ssize_t iarg, const char *msg, int *levels, const char *fname, const char *message)
{
    if (PyErr_Occurred()) {
        return;
    }
    char buf[512];
    if (message == NULL) {
        char *p = buf;
        char *end = buf + sizeof(buf);
        if (fname != NULL) {
            PyOS_snprintf(p, (size_t)(end - p), "%.200s() ", fname);
            p += strlen(p);
        }
        if (iarg != 0) {
            PyOS_snprintf(p, (size_t)(end - p), "argument %zd", iarg);
            p += strlen(p);
            for (int i = 0; i < 32 && levels[i] > 0 && p - buf < 220; i++) {
                PyOS_snprintf(p, (size_t)(end - p), ", item %d", levels[i] - 1);
                p += strlen(p);
            }
        }
        else {
            PyOS_snprintf(p, (size_t)(end - p), "argument");
            p += strlen(p);
        }
        PyOS_snprintf(p, (size_t)(end - p), " %.256s", msg);
        message = buf;
    }
    PyErr_SetString(msg[0] == '(' ? PyExc_SystemError : PyExc_TypeError, message);
}

/* -- Buffers ----------------------------------------------------------------------------------------- */

static int
get_buffer(PyObject *arg, Py_buffer *view, const char **errmsg)
{
    if (PyObject_GetBuffer(arg, view, PyBUF_SIMPLE) != 0) {
        *errmsg = "bytes-like object";
        return -1;
    }
    if (!PyBuffer_IsContiguous(view, 'C')) {
        PyBuffer_Release(view);
        *errmsg = "contiguous buffer";
        return -1;
    }
    return 0;
}

/* Memory that lives as long as arg does: length, or -1 and *errmsg. */
static Py_ssize_t
convert_buffer(PyObject *arg, const void **p, const char **errmsg)
{
    PyBufferProcs *pb = Py_TYPE(arg)->tp_as_buffer;
    *errmsg = NULL;
    *p = NULL;
    if (pb == NULL || pb->bf_getbuffer == NULL || pb->bf_releasebuffer != NULL) {
        *errmsg = "read-only bytes-like object";
        return -1;
    }
    Py_buffer view;
    if (get_buffer(arg, &view, errmsg) < 0) {
        return -1;
    }
    Py_ssize_t count = view.len;
    *p = view.buf;
    PyBuffer_Release(&view);
    return count;
}

/* -- Text and bytes units ------------------------------------------------------------------------------ */

/* s* z* y*: a Py_buffer. */
static const char *
convert_text_buffer(PyObject *arg, char c, Py_buffer *p, char *msgbuf, size_t bufsize,
                    struct _getargs_cleanups *cleanups)
{
    if (c == 'z' && arg == Py_None) {
        PyBuffer_FillInfo(p, NULL, NULL, 0, 1, 0);
    }
    else if (c != 'y' && PyUnicode_Check(arg)) {
        Py_ssize_t len;
        const char *text = PyUnicode_AsUTF8AndSize(arg, &len);
        if (text == NULL) {
            return CONV_UNICODE;
        }
        PyBuffer_FillInfo(p, arg, (void *)text, len, 1, 0);
    }
    else {
        const char *errmsg;
        if (get_buffer(arg, p, &errmsg) < 0) {
            return CONVERR(errmsg);
        }
    }
    cleanup_add(cleanups, p, undo_buffer);
    return NULL;
}

/* s# z# y#: pointer and length. */
static const char *
convert_text_size(PyObject *arg, char c, const void **p, Py_ssize_t *psize, char *msgbuf, size_t bufsize)
{
    if (c == 'z' && arg == Py_None) {
        *p = NULL;
        *psize = 0;
        return NULL;
    }
    if (c != 'y' && PyUnicode_Check(arg)) {
        Py_ssize_t len;
        const char *text = PyUnicode_AsUTF8AndSize(arg, &len);
        if (text == NULL) {
            return CONV_UNICODE;
        }
        *p = text;
        *psize = len;
        return NULL;
    }
    const char *errmsg;
    Py_ssize_t count = convert_buffer(arg, p, &errmsg);
    if (count < 0) {
        return CONVERR(errmsg);
    }
    *psize = count;
    return NULL;
}

/* s z y: a C string without null bytes. */
static const char *
convert_text(PyObject *arg, char c, const char **p, char *msgbuf, size_t bufsize)
{
    Py_ssize_t len;
    if (c == 'y') {
        const void *data;
        const char *errmsg;
        len = convert_buffer(arg, &data, &errmsg);
        if (len < 0) {
            return CONVERR(errmsg);
        }
        *p = data;
        if (strlen(*p) != (size_t)len) {
            PyErr_SetString(PyExc_ValueError, "embedded null byte");
            return CONVERR("(embedded null byte)");
        }
        return NULL;
    }
    if (c == 'z' && arg == Py_None) {
        *p = NULL;
        return NULL;
    }
    if (!PyUnicode_Check(arg)) {
        return CONVERR(c == 'z' ? "str or None" : "str");
    }
    const char *text = PyUnicode_AsUTF8AndSize(arg, &len);
    if (text == NULL) {
        return CONV_UNICODE;
    }
    if (strlen(text) != (size_t)len) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return CONVERR("(embedded null character)");
    }
    *p = text;
    return NULL;
}

/* es et es# et#: encoded text in memory of the caller or of PyMem. */
static const char *
convert_encoded(PyObject *arg, const char **p_format, va_list *p_va, char *msgbuf, size_t bufsize,
                struct _getargs_cleanups *cleanups)
{
    const char *format = *p_format;
    const char *encoding = va_arg(*p_va, const char *);
    if (encoding == NULL) {
        encoding = "utf-8";
    }
    int recode;
    if (*format == 's') {
        recode = 1;
    }
    else if (*format == 't') {
        recode = 0;
    }
    else {
        return CONVERR("(unknown parser marker combination)");
    }
    format++;
    char **buffer = va_arg(*p_va, char **);
    if (buffer == NULL) {
        return CONVERR("(buffer is NULL)");
    }
    PyObject *s = NULL;
    const char *ptr;
    Py_ssize_t size;
    if (!recode && (PyBytes_Check(arg) || PyByteArray_Check(arg))) {
        s = Py_NewRef(arg);
        if (PyBytes_Check(arg)) {
            size = PyBytes_GET_SIZE(s);
            ptr = PyBytes_AS_STRING(s);
        }
        else {
            size = PyByteArray_GET_SIZE(s);
            ptr = PyByteArray_AS_STRING(s);
        }
    }
    else if (PyUnicode_Check(arg)) {
        s = PyUnicode_AsEncodedString(arg, encoding, NULL);
        if (s == NULL) {
            return CONVERR("(encoding failed)");
        }
        assert(PyBytes_Check(s));
        size = PyBytes_GET_SIZE(s);
        ptr = PyBytes_AS_STRING(s);
    }
    else {
        return CONVERR(recode ? "str" : "str, bytes or bytearray");
    }

    if (*format == '#') {
        format++;
        Py_ssize_t *psize = va_arg(*p_va, Py_ssize_t *);
        if (psize == NULL) {
            Py_DECREF(s);
            return CONVERR("(buffer_len is NULL)");
        }
        if (*buffer == NULL) {
            *buffer = PyMem_New(char, size + 1);
            if (*buffer == NULL) {
                Py_DECREF(s);
                PyErr_NoMemory();
                return CONVERR("(memory error)");
            }
            cleanup_add(cleanups, buffer, undo_memory);
        }
        else if (size + 1 > *psize) {
            Py_DECREF(s);
            PyErr_Format(PyExc_ValueError, "encoded string too long (%zd, maximum length %zd)", size, *psize - 1);
            return CONVERR("(encoded string too long)");
        }
        memcpy(*buffer, ptr, (size_t)size + 1);
        *psize = size;
    }
    else {
        if ((Py_ssize_t)strlen(ptr) != size) {
            Py_DECREF(s);
            return CONVERR("encoded string without null bytes");
        }
        *buffer = PyMem_New(char, size + 1);
        if (*buffer == NULL) {
            Py_DECREF(s);
            PyErr_NoMemory();
            return CONVERR("(memory error)");
        }
        cleanup_add(cleanups, buffer, undo_memory);
        memcpy(*buffer, ptr, (size_t)size + 1);
    }
    Py_DECREF(s);
    *p_format = format;
    return NULL;
}

/* -- Number units -------------------------------------------------------------------------------------- */

/* An int within [min, max]: 0, or -1 with an exception whose message names the C type. */
static int
convert_range(PyObject *arg, long min, long max, const char *type_name, long *value)
{
    *value = PyLong_AsLong(arg);
    if (*value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*value < min) {
        PyErr_Format(PyExc_OverflowError, "%s is less than minimum", type_name);
        return -1;
    }
    if (*value > max) {
        PyErr_Format(PyExc_OverflowError, "%s is greater than maximum", type_name);
        return -1;
    }
    return 0;
}

/* The low bits of an int: 0, or -1 with an exception. */
static int
convert_mask(PyObject *arg, unsigned long *value)
{
    *value = PyLong_AsUnsignedLongMask(arg);
    return *value == (unsigned long)-1 && PyErr_Occurred() ? -1 : 0;
}

#define RETURN_ERR_OCCURRED return msgbuf    /* the exception is set, the text is not used */

static const char *
convert_number(PyObject *arg, char c, va_list *p_va, char *msgbuf, size_t bufsize)
{
    long ival;
    unsigned long uval;
    switch (c) {
    case 'b': {
        unsigned char *p = va_arg(*p_va, unsigned char *);
        if (convert_range(arg, 0, UCHAR_MAX, "unsigned byte integer", &ival) < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = (unsigned char)ival;
        return NULL;
    }
    case 'B': {
        unsigned char *p = va_arg(*p_va, unsigned char *);
        if (convert_mask(arg, &uval) < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = (unsigned char)uval;
        return NULL;
    }
    case 'h': {
        short *p = va_arg(*p_va, short *);
        if (convert_range(arg, SHRT_MIN, SHRT_MAX, "signed short integer", &ival) < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = (short)ival;
        return NULL;
    }
    case 'H': {
        unsigned short *p = va_arg(*p_va, unsigned short *);
        if (convert_mask(arg, &uval) < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = (unsigned short)uval;
        return NULL;
    }
    case 'i': {
        int *p = va_arg(*p_va, int *);
        if (convert_range(arg, INT_MIN, INT_MAX, "signed integer", &ival) < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = (int)ival;
        return NULL;
    }
    case 'I': {
        unsigned int *p = va_arg(*p_va, unsigned int *);
        if (convert_mask(arg, &uval) < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = (unsigned int)uval;
        return NULL;
    }
    case 'n': {
        Py_ssize_t *p = va_arg(*p_va, Py_ssize_t *);
        Py_ssize_t value = -1;
        PyObject *iobj = _PyNumber_Index(arg);
        if (iobj != NULL) {
            value = PyLong_AsSsize_t(iobj);
            Py_DECREF(iobj);
        }
        if (value == -1 && PyErr_Occurred()) {
            RETURN_ERR_OCCURRED;
        }
        *p = value;
        return NULL;
    }
    case 'l': {
        long *p = va_arg(*p_va, long *);
        ival = PyLong_AsLong(arg);
        if (ival == -1 && PyErr_Occurred()) {
            RETURN_ERR_OCCURRED;
        }
        *p = ival;
        return NULL;
    }
    case 'k': {
        unsigned long *p = va_arg(*p_va, unsigned long *);
        if (!_PyIndex_Check(arg)) {
            return CONVERR("int");
        }
        if (convert_mask(arg, &uval) < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = uval;
        return NULL;
    }
    case 'L': {
        long long *p = va_arg(*p_va, long long *);
        long long value = PyLong_AsLongLong(arg);
        if (value == -1 && PyErr_Occurred()) {
            RETURN_ERR_OCCURRED;
        }
        *p = value;
        return NULL;
    }
    case 'K': {
        unsigned long long *p = va_arg(*p_va, unsigned long long *);
        if (!_PyIndex_Check(arg)) {
            return CONVERR("int");
        }
        unsigned long long value = PyLong_AsUnsignedLongLongMask(arg);
        if (value == (unsigned long long)-1 && PyErr_Occurred()) {
            RETURN_ERR_OCCURRED;
        }
        *p = value;
        return NULL;
    }
    case 'f':
    case 'd': {
        void *p = va_arg(*p_va, void *);
        double value = PyFloat_AsDouble(arg);
        if (value == -1.0 && PyErr_Occurred()) {
            RETURN_ERR_OCCURRED;
        }
        if (c == 'f') {
            *(float *)p = (float)value;
        }
        else {
            *(double *)p = value;
        }
        return NULL;
    }
    case 'D': {
        Py_complex *p = va_arg(*p_va, Py_complex *);
        Py_complex value = PyComplex_AsCComplex(arg);
        if (PyErr_Occurred()) {
            RETURN_ERR_OCCURRED;
        }
        *p = value;
        return NULL;
    }
    default:
        Py_UNREACHABLE();
    }
}

/* -- One unit ------------------------------------------------------------------------------------------ */

/* 'c': one byte. */
static const char *
convert_byte(PyObject *arg, char *p, char *msgbuf, size_t bufsize)
{
    Py_ssize_t size;
    const char *data;
    if (PyBytes_Check(arg)) {
        size = PyBytes_GET_SIZE(arg);
        data = PyBytes_AS_STRING(arg);
    }
    else if (PyByteArray_Check(arg)) {
        size = PyByteArray_GET_SIZE(arg);
        data = PyByteArray_AS_STRING(arg);
    }
    else {
        return CONVERR("a byte string of length 1");
    }
    if (size != 1) {
        PyOS_snprintf(msgbuf, bufsize, "must be a byte string of length 1, not %.50s of length %zd",
                      Py_TYPE(arg)->tp_name, size);
        return msgbuf;
    }
    *p = data[0];
    return NULL;
}

/* 'C': one character. */
static const char *
convert_character(PyObject *arg, int *p, char *msgbuf, size_t bufsize)
{
    if (!PyUnicode_Check(arg)) {
        return CONVERR("a unicode character");
    }
    if (PyUnicode_GET_LENGTH(arg) != 1) {
        PyOS_snprintf(msgbuf, bufsize, "must be a unicode character, not %.50s of length %zd",
                      Py_TYPE(arg)->tp_name, PyUnicode_GET_LENGTH(arg));
        return msgbuf;
    }
    *p = (int)PyUnicode_READ_CHAR(arg, 0);
    return NULL;
}

/* O O! O& */
static const char *
convert_object(PyObject *arg, const char **p_format, va_list *p_va, char *msgbuf, size_t bufsize,
               struct _getargs_cleanups *cleanups)
{
    if (**p_format == '!') {
        (*p_format)++;
        PyTypeObject *type = va_arg(*p_va, PyTypeObject *);
        PyObject **p = va_arg(*p_va, PyObject **);
        if (!PyType_IsSubtype(Py_TYPE(arg), type)) {
            return CONVERR(type->tp_name);
        }
        *p = arg;
        return NULL;
    }
    if (**p_format == '&') {
        (*p_format)++;
        typedef int (*converter)(PyObject *, void *);
        converter convert = va_arg(*p_va, converter);
        void *addr = va_arg(*p_va, void *);
        int res = convert(arg, addr);
        if (res == 0) {
            return CONVERR("(unspecified)");
        }
        if (res == Py_CLEANUP_SUPPORTED) {
            cleanup_add_converter(cleanups, convert, addr);
        }
        return NULL;
    }
    PyObject **p = va_arg(*p_va, PyObject **);
    *p = arg;
    return NULL;
}

/* Converts arg by the unit at *p_format and moves past it.  NULL, or the text of an error. */
static const char *
convert_simple(PyObject *arg, const char **p_format, va_list *p_va, char *msgbuf, size_t bufsize,
               struct _getargs_cleanups *cleanups)
{
    const char *format = *p_format;
    char c = *format++;
    const char *msg = NULL;
    switch (c) {
    case 'b': case 'B': case 'h': case 'H': case 'i': case 'I': case 'n':
    case 'l': case 'k': case 'L': case 'K': case 'f': case 'd': case 'D':
        msg = convert_number(arg, c, p_va, msgbuf, bufsize);
        break;
    case 'c':
        msg = convert_byte(arg, va_arg(*p_va, char *), msgbuf, bufsize);
        break;
    case 'C':
        msg = convert_character(arg, va_arg(*p_va, int *), msgbuf, bufsize);
        break;
    case 'p': {
        int *p = va_arg(*p_va, int *);
        int val = PyObject_IsTrue(arg);
        if (val < 0) {
            RETURN_ERR_OCCURRED;
        }
        *p = val != 0;
        break;
    }
    case 's': case 'z': case 'y':
        if (*format == '*') {
            format++;
            msg = convert_text_buffer(arg, c, va_arg(*p_va, Py_buffer *), msgbuf, bufsize, cleanups);
        }
        else if (*format == '#') {
            format++;
            const void **p = va_arg(*p_va, const void **);
            Py_ssize_t *psize = va_arg(*p_va, Py_ssize_t *);
            msg = convert_text_size(arg, c, p, psize, msgbuf, bufsize);
        }
        else {
            msg = convert_text(arg, c, va_arg(*p_va, const char **), msgbuf, bufsize);
        }
        break;
    case 'e':
        msg = convert_encoded(arg, &format, p_va, msgbuf, bufsize, cleanups);
        break;
    case 'S': {
        PyObject **p = va_arg(*p_va, PyObject **);
        if (!PyBytes_Check(arg)) {
            return CONVERR("bytes");
        }
        *p = arg;
        break;
    }
    case 'Y': {
        PyObject **p = va_arg(*p_va, PyObject **);
        if (!PyByteArray_Check(arg)) {
            return CONVERR("bytearray");
        }
        *p = arg;
        break;
    }
    case 'U': {
        PyObject **p = va_arg(*p_va, PyObject **);
        if (!PyUnicode_Check(arg)) {
            return CONVERR("str");
        }
        *p = arg;
        break;
    }
    case 'O':
        msg = convert_object(arg, &format, p_va, msgbuf, bufsize, cleanups);
        break;
    case 'w': {
        if (*format != '*') {
            return CONVERR("(invalid use of 'w' format character)");
        }
        format++;
        Py_buffer *p = va_arg(*p_va, Py_buffer *);
        if (PyObject_GetBuffer(arg, p, PyBUF_WRITABLE) < 0) {
            PyErr_Clear();
            return CONVERR("read-write bytes-like object");
        }
        if (!PyBuffer_IsContiguous(p, 'C')) {
            PyBuffer_Release(p);
            return CONVERR("contiguous buffer");
        }
        cleanup_add(cleanups, p, undo_buffer);
        break;
    }
    default:
        return CONVERR("(impossible<bad format char>)");
    }
    if (msg == NULL) {
        *p_format = format;
    }
    return msg;
}

/* -- Nested tuples ------------------------------------------------------------------------------------- */

/* The item may outlive the sequence only if it is stored somewhere else: a borrowed result needs a tuple. */
static int
unit_borrows(char c)
{
    switch (c) {
    case 'S': case 'Y': case 'U': case 'O': case 'w': case 'y': case 's': case 'z':
        return 1;
    default:
        return 0;
    }
}

static const char *
convert_tuple(PyObject *arg, const char **p_format, va_list *p_va, int *levels, char *msgbuf, size_t bufsize,
              struct _getargs_cleanups *cleanups)
{
    const char *format = *p_format;
    int level = 0, n = 0, borrows = 0;
    for (const char *scan = format;; scan++) {
        char c = *scan;
        if (c == '(') {
            if (level == 0) {
                n++;
            }
            level++;
        }
        else if (c == ')') {
            if (level == 0) {
                break;
            }
            level--;
        }
        else if (c == ':' || c == ';' || c == '\0') {
            break;
        }
        else if (level == 0 && Py_ISALPHA(c) && c != 'e') {
            n++;
            borrows |= unit_borrows(c) && scan[1] != '&';
        }
    }
    int is_tuple = PyTuple_Check(arg);
    if (!is_tuple && (!PySequence_Check(arg) || PyUnicode_Check(arg) || PyBytes_Check(arg)
                      || PyByteArray_Check(arg))) {
        levels[0] = 0;
        PyOS_snprintf(msgbuf, bufsize, "must be %d-item tuple, not %.50s", n,
                      arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
        return msgbuf;
    }
    if (!is_tuple && borrows) {
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 0, "argument must be %d-item tuple, not %T", n, arg)) {
            return msgbuf;
        }
    }
    Py_ssize_t len = PySequence_Size(arg);
    if (len < 0 || len != n) {
        levels[0] = 0;
        if (len >= 0) {
            if (is_tuple) {
                PyOS_snprintf(msgbuf, bufsize, "must be tuple of length %d, not %zd", n, len);
            }
            else {
                PyOS_snprintf(msgbuf, bufsize, "must be %s of length %d, not %zd", Py_TYPE(arg)->tp_name, n, len);
            }
        }
        return msgbuf;
    }
    for (int i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(arg, i);
        if (item == NULL) {
            PyErr_Clear();
            levels[0] = i + 1;
            levels[1] = 0;
            PyOS_snprintf(msgbuf, bufsize, "is not retrievable");
            return msgbuf;
        }
        const char *msg = _PyGetargs_ConvertItem(item, &format, p_va, levels + 1, msgbuf, bufsize, cleanups);
        /* The container keeps the item. */
        Py_DECREF(item);
        if (msg != NULL) {
            levels[0] = i + 1;
            return msg;
        }
    }
    *p_format = format;
    return NULL;
}

const char *
_PyGetargs_ConvertItem(PyObject *arg, const char **p_format, va_list *p_va, int *levels, char *msgbuf,
                       size_t bufsize, struct _getargs_cleanups *cleanups)
{
    const char *format = *p_format;
    const char *msg;
    if (*format == '(') {
        format++;
        msg = convert_tuple(arg, &format, p_va, levels, msgbuf, bufsize, cleanups);
        if (msg == NULL) {
            format++;       /* the closing parenthesis */
        }
    }
    else {
        msg = convert_simple(arg, &format, p_va, msgbuf, bufsize, cleanups);
        if (msg != NULL) {
            levels[0] = 0;
        }
    }
    if (msg == NULL) {
        *p_format = format;
    }
    return msg;
}

/* Skips one unit of the format and its arguments.  NULL, or the text of an error. */
const char *
_PyGetargs_SkipItem(const char **p_format, va_list *p_va)
{
    const char *format = *p_format;
    char c = *format++;
    switch (c) {
    case 'b': case 'B': case 'h': case 'H': case 'i': case 'I': case 'l': case 'k': case 'L': case 'K':
    case 'n': case 'f': case 'd': case 'D': case 'c': case 'C': case 'p': case 'S': case 'Y': case 'U':
        (void)va_arg(*p_va, void *);
        break;
    case 'e':
        (void)va_arg(*p_va, const char *);
        if (*format == 's' || *format == 't') {
            format++;
        }
        /* fall through */
    case 's': case 'z': case 'y': case 'w':
        (void)va_arg(*p_va, char **);
        if (*format == '#') {
            (void)va_arg(*p_va, Py_ssize_t *);
            format++;
        }
        else if ((c == 's' || c == 'z' || c == 'y' || c == 'w') && *format == '*') {
            format++;
        }
        break;
    case 'O':
        if (*format == '!') {
            format++;
            (void)va_arg(*p_va, PyTypeObject *);
            (void)va_arg(*p_va, PyObject **);
        }
        else if (*format == '&') {
            typedef int (*converter)(PyObject *, void *);
            format++;
            (void)va_arg(*p_va, converter);
            (void)va_arg(*p_va, void *);
        }
        else {
            (void)va_arg(*p_va, PyObject **);
        }
        break;
    case '(':
        for (;;) {
            if (*format == ')') {
                format++;
                break;
            }
            if (*format == '\0' || *format == ':' || *format == ';') {
                return "Unmatched left paren in format string";
            }
            const char *msg = _PyGetargs_SkipItem(&format, p_va);
            if (msg != NULL) {
                return msg;
            }
        }
        break;
    case ')':
        return "Unmatched right paren in format string";
    default:
        return "impossible<bad format char>";
    }
    *p_format = format;
    return NULL;
}

/* -- Positional arguments -------------------------------------------------------------------------------- */

struct format_facts {
    int min, max;             /* arguments */
    const char *fname;        /* after ':' */
    const char *message;      /* after ';' */
};

static int
format_scan(const char *format, struct format_facts *facts)
{
    int level = 0, max = 0, min = -1;
    facts->fname = facts->message = NULL;
    for (const char *p = format; *p != '\0'; p++) {
        char c = *p;
        if (c == '(') {
            if (level++ == 0) {
                max++;
            }
            if (level >= 30) {
                Py_FatalError("too many tuple nesting levels in argument format string");
            }
        }
        else if (c == ')') {
            if (level-- == 0) {
                Py_FatalError("excess ')' in getargs format");
            }
        }
        else if (c == ':') {
            facts->fname = p + 1;
            break;
        }
        else if (c == ';') {
            facts->message = p + 1;
            break;
        }
        else if (level == 0) {
            if (Py_ISALPHA(c)) {
                max++;
                if (c == 'e') {
                    p++;       /* es and et are one unit */
                }
            }
            else if (c == '|') {
                min = max;
            }
        }
    }
    if (level != 0) {
        Py_FatalError("missing ')' in getargs format");
    }
    facts->max = max;
    facts->min = min < 0 ? max : min;
    return 0;
}

static int
getargs_positional(PyObject *compat_arg, PyObject *const *stack, Py_ssize_t nargs, const char *format, va_list *p_va,
                   int compat)
{
    struct format_facts facts;
    format_scan(format, &facts);
    if (compat) {
        if (facts.max == 0) {
            if (compat_arg == NULL) {
                return 1;
            }
            PyErr_Format(PyExc_TypeError, "%.200s%s takes no arguments",
                         facts.fname == NULL ? "function" : facts.fname, facts.fname == NULL ? "" : "()");
            return 0;
        }
        if (facts.min == 1 && facts.max == 1) {
            if (compat_arg == NULL) {
                PyErr_Format(PyExc_TypeError, "%.200s%s takes at least one argument",
                             facts.fname == NULL ? "function" : facts.fname, facts.fname == NULL ? "" : "()");
                return 0;
            }
            stack = &compat_arg;
            nargs = 1;
        }
        else {
            PyErr_SetString(PyExc_SystemError, "old style getargs format uses new features");
            return 0;
        }
    }
    if (nargs < facts.min || facts.max < nargs) {
        if (facts.message == NULL) {
            int bound = nargs < facts.min ? facts.min : facts.max;
            PyErr_Format(PyExc_TypeError, "%.150s%s takes %s %d argument%s (%zd given)",
                         facts.fname == NULL ? "function" : facts.fname, facts.fname == NULL ? "" : "()",
                         facts.min == facts.max ? "exactly" : nargs < facts.min ? "at least" : "at most", bound,
                         bound == 1 ? "" : "s", nargs);
        }
        else {
            PyErr_SetString(PyExc_TypeError, facts.message);
        }
        return 0;
    }

    struct _getargs_cleanups cleanups;
    if (_PyGetargs_CleanupInit(&cleanups, _PyGetargs_CountUnits(format)) < 0) {
        return 0;
    }
    char msgbuf[256];
    int levels[32];
    const char *rest = format;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (*rest == '|') {
            rest++;
        }
        levels[0] = 0;
        const char *msg = _PyGetargs_ConvertItem(stack[i], &rest, p_va, levels, msgbuf, sizeof(msgbuf), &cleanups);
        if (msg != NULL) {
            _PyGetargs_SetError(compat ? 0 : i + 1, msg, levels, facts.fname, facts.message);
            return _PyGetargs_Cleanup(&cleanups, 0);
        }
    }
    if (*rest != '\0' && !Py_ISALPHA(*rest) && *rest != '(' && *rest != '|' && *rest != ':' && *rest != ';') {
        PyErr_Format(PyExc_SystemError, "bad format string: %.200s", format);
        return _PyGetargs_Cleanup(&cleanups, 0);
    }
    return _PyGetargs_Cleanup(&cleanups, 1);
}

/* An upper bound for the number of things to undo. */
int
_PyGetargs_CountUnits(const char *format)
{
    int n = 0;
    for (const char *p = format; *p != '\0' && *p != ':' && *p != ';'; p++) {
        n += Py_ISALPHA(*p) != 0;
    }
    return n;
}

/* -- Entry points ---------------------------------------------------------------------------------------- */

int
PyArg_VaParse(PyObject *args, const char *format, va_list va)
{
    if (args != NULL && !PyTuple_Check(args)) {
        PyErr_SetString(PyExc_SystemError, "new style getargs format but argument is not a tuple");
        return 0;
    }
    va_list lva;
    va_copy(lva, va);
    int retval = args == NULL ? getargs_positional(NULL, NULL, 0, format, &lva, 0)
                              : getargs_positional(NULL, _PyTuple_ITEMS(args), PyTuple_GET_SIZE(args), format, &lva, 0);
    va_end(lva);
    return retval;
}

int
PyArg_Parse(PyObject *args, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int retval = getargs_positional(args, NULL, 0, format, &va, 1);
    va_end(va);
    return retval;
}

int
PyArg_ParseTuple(PyObject *args, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int retval = PyArg_VaParse(args, format, va);
    va_end(va);
    return retval;
}

int
_PyArg_ParseStack(PyObject *const *args, Py_ssize_t nargs, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int retval = getargs_positional(NULL, args, nargs, format, &va, 0);
    va_end(va);
    return retval;
}

/* The names with _SizeT are what PY_SSIZE_T_CLEAN made of the ones above. */
PyAPI_FUNC(int)
_PyArg_Parse_SizeT(PyObject *args, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int retval = getargs_positional(args, NULL, 0, format, &va, 1);
    va_end(va);
    return retval;
}

PyAPI_FUNC(int)
_PyArg_ParseTuple_SizeT(PyObject *args, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int retval = PyArg_VaParse(args, format, va);
    va_end(va);
    return retval;
}

PyAPI_FUNC(int)
_PyArg_VaParse_SizeT(PyObject *args, const char *format, va_list va)
{
    return PyArg_VaParse(args, format, va);
}

/* -- Unpacking ------------------------------------------------------------------------------------------- */

static int
unpack_stack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min, Py_ssize_t max, va_list vargs)
{
    if (!_PyArg_CheckPositional(name, nargs, min, max)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyObject **o = va_arg(vargs, PyObject **);
        *o = args[i];
    }
    return 1;
}

int
PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t min, Py_ssize_t max, ...)
{
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    va_list vargs;
    va_start(vargs, max);
    int retval = unpack_stack(_PyTuple_ITEMS(args), PyTuple_GET_SIZE(args), name, min, max, vargs);
    va_end(vargs);
    return retval;
}

int
_PyArg_UnpackStack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min, Py_ssize_t max, ...)
{
    va_list vargs;
    va_start(vargs, max);
    int retval = unpack_stack(args, nargs, name, min, max, vargs);
    va_end(vargs);
    return retval;
}

/* -- Checks ---------------------------------------------------------------------------------------------- */

#undef _PyArg_NoKeywords
#undef _PyArg_NoKwnames
#undef _PyArg_NoPositional
#undef _PyArg_CheckPositional

int
_PyArg_CheckPositional(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    assert(min >= 0 && min <= max);
    if (nargs < min) {
        if (name != NULL) {
            PyErr_Format(PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name,
                         min == max ? "" : "at least ", min, min == 1 ? "" : "s", nargs);
        }
        else {
            PyErr_Format(PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd",
                         min == max ? "" : "at least ", min, min == 1 ? "" : "s", nargs);
        }
        return 0;
    }
    if (nargs > max) {
        if (name != NULL) {
            PyErr_Format(PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name,
                         min == max ? "" : "at most ", max, max == 1 ? "" : "s", nargs);
        }
        else {
            PyErr_Format(PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd",
                         min == max ? "" : "at most ", max, max == 1 ? "" : "s", nargs);
        }
        return 0;
    }
    return 1;
}

int
_PyArg_NoKeywords(const char *funcname, PyObject *kwargs)
{
    if (kwargs == NULL) {
        return 1;
    }
    if (!PyDict_CheckExact(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (PyDict_GET_SIZE(kwargs) == 0) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", funcname);
    return 0;
}

int
_PyArg_NoKwnames(const char *funcname, PyObject *kwnames)
{
    if (kwnames == NULL) {
        return 1;
    }
    assert(PyTuple_CheckExact(kwnames));
    if (PyTuple_GET_SIZE(kwnames) == 0) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", funcname);
    return 0;
}

int
_PyArg_NoPositional(const char *funcname, PyObject *args)
{
    if (args == NULL) {
        return 1;
    }
    if (!PyTuple_CheckExact(args)) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (PyTuple_GET_SIZE(args) == 0) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "%.200s() takes no positional arguments", funcname);
    return 0;
}

/* displayname is "argument 1" or "argument 'name'"; expected "not ..." stands for itself. */
void
_PyArg_BadArgument(const char *fname, const char *displayname, const char *expected, PyObject *arg)
{
    PyErr_Format(PyExc_TypeError, "%.200s() %.200s must be %.50s, not %.50s", fname, displayname, expected,
                 arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
}

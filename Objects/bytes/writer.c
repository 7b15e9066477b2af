/* _PyBytesWriter: bytes of unknown length, on the C stack first.

   min_size is what has been promised to callers since Alloc(); allocated is what there is.  Where to
   write is the caller's pointer; every function that may move the buffer takes and returns it.
   Locking: none; a writer belongs to one thread. */
#include "Python.h"
#include "pycore_bytesobject.h"

/* Over-allocation: a quarter more. */
#define OVERALLOCATE_FACTOR 4

void
_PyBytesWriter_Init(_PyBytesWriter *writer)
{
    memset(writer, 0, offsetof(_PyBytesWriter, small_buffer));
}

void
_PyBytesWriter_Dealloc(_PyBytesWriter *writer)
{
    Py_CLEAR(writer->buffer);
}

static char *
writer_start(_PyBytesWriter *writer)
{
    if (writer->use_small_buffer) {
        return writer->small_buffer;
    }
    return writer->use_bytearray ? PyByteArray_AS_STRING(writer->buffer)
                                 : PyBytes_AS_STRING(writer->buffer);
}

static Py_ssize_t
writer_position(_PyBytesWriter *writer, char *str)
{
    return str == NULL ? 0 : str - writer_start(writer);
}

void *
_PyBytesWriter_Resize(_PyBytesWriter *writer, void *str, Py_ssize_t size)
{
    assert(writer->allocated < size);
    Py_ssize_t allocated = size;
    if (writer->overallocate && allocated <= PY_SSIZE_T_MAX - allocated / OVERALLOCATE_FACTOR) {
        allocated += allocated / OVERALLOCATE_FACTOR;
    }
    Py_ssize_t pos = writer_position(writer, str);
    if (!writer->use_small_buffer) {
        int failed = writer->use_bytearray ? PyByteArray_Resize(writer->buffer, allocated)
                                           : _PyBytes_Resize(&writer->buffer, allocated);
        if (failed) {
            goto fail;
        }
    }
    else {
        writer->buffer = writer->use_bytearray ? PyByteArray_FromStringAndSize(NULL, allocated)
                                               : PyBytes_FromStringAndSize(NULL, allocated);
        if (writer->buffer == NULL) {
            goto fail;
        }
        if (pos != 0) {
            char *dest = writer->use_bytearray ? PyByteArray_AS_STRING(writer->buffer)
                                               : PyBytes_AS_STRING(writer->buffer);
            memcpy(dest, writer->small_buffer, (size_t)pos);
        }
        writer->use_small_buffer = 0;
    }
    writer->allocated = allocated;
    return writer_start(writer) + pos;
fail:
    _PyBytesWriter_Dealloc(writer);
    return NULL;
}

void *
_PyBytesWriter_Prepare(_PyBytesWriter *writer, void *str, Py_ssize_t size)
{
    assert(size >= 0);
    if (size == 0) {
        return str;
    }
    if (writer->min_size > PY_SSIZE_T_MAX - size) {
        PyErr_NoMemory();
        _PyBytesWriter_Dealloc(writer);
        return NULL;
    }
    Py_ssize_t needed = writer->min_size + size;
    if (needed > writer->allocated) {
        str = _PyBytesWriter_Resize(writer, str, needed);
        if (str == NULL) {
            return NULL;
        }
    }
    writer->min_size = needed;
    return str;
}

void *
_PyBytesWriter_Reserve(_PyBytesWriter *writer, void *str, Py_ssize_t size)
{
    Py_ssize_t pos = writer_position(writer, str);
    if (pos > PY_SSIZE_T_MAX - size) {
        PyErr_NoMemory();
        _PyBytesWriter_Dealloc(writer);
        return NULL;
    }
    if (pos + size > writer->allocated) {
        str = _PyBytesWriter_Resize(writer, str, pos + size);
    }
    writer->min_size = Py_MAX(writer->min_size, pos + size);
    return str;
}

void *
_PyBytesWriter_Alloc(_PyBytesWriter *writer, Py_ssize_t size)
{
    assert(writer->min_size == 0 && writer->buffer == NULL);
    writer->use_small_buffer = 1;
    writer->allocated = sizeof(writer->small_buffer);
    return _PyBytesWriter_Prepare(writer, writer->small_buffer, size);
}

PyObject *
_PyBytesWriter_Finish(_PyBytesWriter *writer, void *str)
{
    Py_ssize_t size = writer_position(writer, str);
    if (writer->use_small_buffer) {
        return writer->use_bytearray
            ? PyByteArray_FromStringAndSize(writer->small_buffer, size)
            : PyBytes_FromStringAndSize(writer->small_buffer, size);
    }
    PyObject *result = writer->buffer;
    writer->buffer = NULL;
    if (size == 0 && !writer->use_bytearray) {
        Py_DECREF(result);
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (size != writer->allocated) {
        if (writer->use_bytearray) {
            if (PyByteArray_Resize(result, size) < 0) {
                Py_DECREF(result);
                return NULL;
            }
        }
        else if (_PyBytes_Resize(&result, size) < 0) {
            assert(result == NULL);
            return NULL;
        }
    }
    return result;
}

void *
_PyBytesWriter_WriteBytes(_PyBytesWriter *writer, void *ptr, const void *bytes, Py_ssize_t size)
{
    char *str = _PyBytesWriter_Prepare(writer, ptr, size);
    if (str == NULL) {
        return NULL;
    }
    memcpy(str, bytes, (size_t)size);
    return str + size;
}

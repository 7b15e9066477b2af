/* Tracebacks for the moment when the process is broken: written to a descriptor from a signal handler.

   Nothing here allocates, locks, counts references or calls Python.  Other threads may run meanwhile, so that what is read
   can be wrong; every pointer from a frame is checked as far as that is possible. */
#ifndef _GNU_SOURCE
#  define _GNU_SOURCE 1
#endif
#include "Python.h"
#include "pycore_fileutils.h"
#include "pycore_frame.h"
#include "pycore_interp.h"
#include "pycore_moduleobject.h"
#include "pycore_object.h"
#include "pycore_pymem.h"
#include "pycore_pystate.h"
#include "pycore_pyerrors.h"
#include "pycore_traceback.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define MAX_STRING_LENGTH 500
#define MAX_FRAME_DEPTH 100
#define MAX_NTHREADS 100
#define MAX_C_FRAMES 32

#define PUTS(fd, text) (void)_Py_write_noraise((fd), (text), strlen(text))

/* -- Numbers and text ----------------------------------------------------------------------------------- */

void
_Py_DumpDecimal(int fd, size_t value)
{
    char buffer[3 * sizeof value], *at = buffer + sizeof buffer;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    (void)_Py_write_noraise(fd, at, (size_t)(buffer + sizeof buffer - at));
}

void
_Py_DumpHexadecimal(int fd, uintptr_t value, Py_ssize_t width)
{
    char buffer[2 * sizeof value], *end = buffer + sizeof buffer, *at = end;
    do {
        *--at = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (at > buffer && (end - at < width || value != 0));
    (void)_Py_write_noraise(fd, at, (size_t)(end - at));
}

static void
dump_character(int fd, Py_UCS4 ch)
{
    if (ch >= ' ' && ch <= 126) {
        char c = (char)ch;
        (void)_Py_write_noraise(fd, &c, 1);
    }
    else if (ch <= 0xff) {
        PUTS(fd, "\\x");
        _Py_DumpHexadecimal(fd, ch, 2);
    }
    else if (ch <= 0xffff) {
        PUTS(fd, "\\u");
        _Py_DumpHexadecimal(fd, ch, 4);
    }
    else {
        PUTS(fd, "\\U");
        _Py_DumpHexadecimal(fd, ch, 8);
    }
}

void
_Py_DumpASCII(int fd, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        return;
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(text), shown = size < MAX_STRING_LENGTH ? size : MAX_STRING_LENGTH;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (data == NULL) {
        return;
    }
    for (Py_ssize_t i = 0; i < shown; i++) {
        dump_character(fd, PyUnicode_READ(kind, data, i));
    }
    if (shown < size) {
        PUTS(fd, "...");
    }
}

/* -- Python frames ------------------------------------------------------------------------------------------ */

static int
looks_dead(void *pointer)
{
    return pointer == NULL || ((uintptr_t)pointer & 7) != 0 || (uintptr_t)pointer >= (uintptr_t)1 << 48 ||
           _PyMem_IsPtrFreed(pointer);
}

/* 0: the frame makes no sense. */
static int
dump_frame(int fd, _PyInterpreterFrame *frame)
{
    if (frame->owner >= FRAME_OWNED_BY_INTERPRETER) {
        return 1;
    }
    PyCodeObject *code = _PyFrame_GetCode(frame);
    if (looks_dead(code) || !PyCode_Check(code)) {
        return 0;
    }
    if (_PyFrame_IsIncomplete(frame)) {
        return 1;
    }
    PUTS(fd, "  File ");
    if (!looks_dead(code->co_filename) && PyUnicode_Check(code->co_filename)) {
        PUTS(fd, "\"");
        _Py_DumpASCII(fd, code->co_filename);
        PUTS(fd, "\"");
    }
    else {
        PUTS(fd, "???");
    }
    PUTS(fd, ", line ");
    int line = PyUnstable_InterpreterFrame_GetLine(frame);
    if (line >= 0) {
        _Py_DumpDecimal(fd, (size_t)line);
    }
    else {
        PUTS(fd, "???");
    }
    PUTS(fd, " in ");
    if (!looks_dead(code->co_name) && PyUnicode_Check(code->co_name)) {
        _Py_DumpASCII(fd, code->co_name);
    }
    else {
        PUTS(fd, "???");
    }
    PUTS(fd, "\n");
    return 1;
}

static void
dump_traceback(int fd, PyThreadState *tstate, int header)
{
    if (header) {
        PUTS(fd, "Stack (most recent call first):\n");
    }
    if (looks_dead(tstate)) {
        PUTS(fd, "  <tstate is freed>\n");
        return;
    }
    _PyInterpreterFrame *frame = tstate->current_frame;
    if (frame == NULL) {
        PUTS(fd, "  <no Python frame>\n");
        return;
    }
    for (int depth = 0; frame != NULL; depth++) {
        if (depth >= MAX_FRAME_DEPTH) {
            PUTS(fd, "  ...\n");
            return;
        }
        if (looks_dead(frame)) {
            PUTS(fd, "  <freed frame>\n");
            return;
        }
        if (!dump_frame(fd, frame)) {
            PUTS(fd, "  <invalid frame>\n");
            return;
        }
        frame = frame->previous;
    }
}

void
_Py_DumpTraceback(int fd, PyThreadState *tstate)
{
    dump_traceback(fd, tstate, 1);
}

static void
dump_thread_header(int fd, PyThreadState *tstate, int is_current)
{
    PUTS(fd, is_current ? "Current thread 0x" : "Thread 0x");
    _Py_DumpHexadecimal(fd, tstate->thread_id, sizeof(unsigned long) * 2);
#if defined(__linux__)
    char name[64];
    if (pthread_getname_np((pthread_t)tstate->thread_id, name, sizeof name) == 0 && name[0] != '\0') {
        PUTS(fd, " [");
        PUTS(fd, name);
        PUTS(fd, "]");
    }
#endif
    PUTS(fd, " (most recent call first):\n");
}

const char *
_Py_DumpTracebackThreads(int fd, PyInterpreterState *interp, PyThreadState *current)
{
    if (current == NULL) {
        current = PyGILState_GetThisThreadState();
    }
    if (current != NULL && looks_dead(current)) {
        return "tstate is freed";
    }
    if (interp == NULL) {
        interp = current == NULL ? _PyGILState_GetInterpreterStateUnsafe() : current->interp;
        if (interp == NULL) {
            return "unable to get the interpreter state";
        }
    }
    PyThreadState *tstate = interp->threads.head;
    if (tstate == NULL) {
        return "unable to get the thread head state";
    }
    for (int count = 0; tstate != NULL; count++, tstate = tstate->next) {
        if (count > 0) {
            PUTS(fd, "\n");
        }
        if (count >= MAX_NTHREADS) {
            PUTS(fd, "...\n");
            break;
        }
        if (looks_dead(tstate)) {
            PUTS(fd, "<freed thread state>\n");
            break;
        }
        dump_thread_header(fd, tstate, tstate == current);
        if (tstate == current && tstate->interp->gc.collecting) {
            PUTS(fd, "  Garbage-collecting\n");
        }
        dump_traceback(fd, tstate, 0);
    }
    return NULL;
}

/* -- C frames ----------------------------------------------------------------------------------------------------- */

/* The first call of backtrace() loads a library: not in a handler. */
void
_Py_InitDumpStack(void)
{
    void *frames[1];
    (void)backtrace(frames, 1);
}

static void
dump_c_frame(int fd, void *address)
{
    Dl_info info;
    PUTS(fd, "  Binary file ");
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL || info.dli_fname[0] == '\0') {
        PUTS(fd, "<unknown> [0x");
        _Py_DumpHexadecimal(fd, (uintptr_t)address, 0);
        PUTS(fd, "]\n");
        return;
    }
    PUTS(fd, "\"");
    PUTS(fd, info.dli_fname);
    PUTS(fd, "\"");
    uintptr_t base = info.dli_saddr != NULL ? (uintptr_t)info.dli_saddr : (uintptr_t)info.dli_fbase;
    if (info.dli_sname != NULL || info.dli_saddr == NULL) {
        PUTS(fd, ", at ");
        if (info.dli_sname != NULL) {
            PUTS(fd, info.dli_sname);
        }
        PUTS(fd, (uintptr_t)address >= base ? "+0x" : "-0x");
        _Py_DumpHexadecimal(fd, (uintptr_t)address >= base ? (uintptr_t)address - base : base - (uintptr_t)address, 0);
    }
    PUTS(fd, " [0x");
    _Py_DumpHexadecimal(fd, (uintptr_t)address, 0);
    PUTS(fd, "]\n");
}

void
_Py_DumpStack(int fd)
{
    void *frames[MAX_C_FRAMES + 1];
    PUTS(fd, "Current thread's C stack trace (most recent call first):\n");
    int count = backtrace(frames, Py_ARRAY_LENGTH(frames));
    if (count <= 0) {
        PUTS(fd, "  <cannot get C stack on this system>\n");
        return;
    }
    for (int i = 0; i < count && i < MAX_C_FRAMES; i++) {
        dump_c_frame(fd, frames[i]);
    }
    if (count > MAX_C_FRAMES) {
        PUTS(fd, "  <truncated rest of calls>\n");
    }
}

/* -- Extension modules ------------------------------------------------------------------------------------------------ */

static int
is_stdlib_name(PyObject *name)
{
    static const char *const names[] = {
#define STDLIB_NAME(name) #name,
#include "stdlib_names.def"
#undef STDLIB_NAME
    };
    const char *text = PyUnicode_DATA(name);
    size_t length = (size_t)PyUnicode_GET_LENGTH(name);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        size_t size = strlen(names[i]);
        /* "lib" or "lib.part" */
        if (length >= size && memcmp(text, names[i], size) == 0 && (length == size || text[size] == '.')) {
            return 1;
        }
    }
    return 0;
}

/* Names of the loaded extension modules that are not the standard library's. */
void
_Py_DumpExtensionModules(int fd, PyInterpreterState *interp)
{
    PyObject *modules = interp != NULL ? interp->imports.modules : NULL, *key, *value;
    if (modules == NULL || !PyDict_Check(modules)) {
        return;
    }
    Py_ssize_t position = 0, count = 0;
    while (PyDict_Next(modules, &position, &key, &value)) {
        if (!PyUnicode_Check(key) || !PyUnicode_IS_ASCII(key) || !_PyModule_IsExtension(value) || is_stdlib_name(key)) {
            continue;
        }
        PUTS(fd, count == 0 ? "\nExtension modules: " : ", ");
        _Py_DumpASCII(fd, key);
        count++;
    }
    if (count > 0) {
        PUTS(fd, " (total: ");
        _Py_DumpDecimal(fd, (size_t)count);
        PUTS(fd, ")\n");
    }
}

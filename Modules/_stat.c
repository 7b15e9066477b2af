/* The _stat module: constants and predicates of file modes.

   Names that this system lacks have the values of those that have them, as in Lib/stat.py. */
#include "Python.h"
#include "pycore_args.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifndef S_IFDOOR
#  define S_IFDOOR 0
#endif
#ifndef S_IFPORT
#  define S_IFPORT 0
#endif
#ifndef S_IFWHT
#  define S_IFWHT 0
#endif
#ifndef S_ENFMT
#  define S_ENFMT S_ISGID
#endif
#ifndef S_IREAD
#  define S_IREAD 00400
#  define S_IWRITE 00200
#  define S_IEXEC 00100
#endif

/* File flags, of BSD and macOS. */
#ifndef UF_SETTABLE
#  define UF_SETTABLE 0x0000ffff
#  define UF_NODUMP 0x00000001
#  define UF_IMMUTABLE 0x00000002
#  define UF_APPEND 0x00000004
#  define UF_OPAQUE 0x00000008
#  define SF_ARCHIVED 0x00010000
#  define SF_IMMUTABLE 0x00020000
#  define SF_APPEND 0x00040000
#endif
#ifndef UF_NOUNLINK
#  define UF_NOUNLINK 0x00000010
#endif
#ifndef UF_COMPRESSED
#  define UF_COMPRESSED 0x00000020
#endif
#ifndef UF_TRACKED
#  define UF_TRACKED 0x00000040
#endif
#ifndef UF_DATAVAULT
#  define UF_DATAVAULT 0x00000080
#endif
#ifndef UF_HIDDEN
#  define UF_HIDDEN 0x00008000
#endif
#ifndef SF_SETTABLE
#  define SF_SETTABLE 0xffff0000
#endif
#ifndef SF_NOUNLINK
#  define SF_NOUNLINK 0x00100000
#endif
#ifndef SF_SNAPSHOT
#  define SF_SNAPSHOT 0x00200000
#endif
#ifndef SF_FIRMLINK
#  define SF_FIRMLINK 0x00800000
#endif
#ifndef SF_DATALESS
#  define SF_DATALESS 0x40000000
#endif

static int
mode_arg(PyObject *arg, mode_t *mode)
{
    unsigned long value = PyLong_AsUnsignedLong(arg);
    if (value == (unsigned long)-1 && PyErr_Occurred()) {
        return -1;
    }
    *mode = (mode_t)value;
    if (*mode != value) {
        PyErr_SetString(PyExc_OverflowError, "mode out of range");
        return -1;
    }
    return 0;
}

/* stat_S_ISxxx: whether the type of the mode is S_IFxxx. */
#define PREDICATE(what)                                                                          \
    static PyObject *stat_S_IS##what(PyObject *module, PyObject *arg)                            \
    {                                                                                            \
        mode_t mode;                                                                             \
        return mode_arg(arg, &mode) < 0                                                          \
                   ? NULL                                                                        \
                   : PyBool_FromLong(S_IF_##what != 0 && (mode & S_IFMT) == S_IF_##what);        \
    }

#define S_IF_DIR S_IFDIR
#define S_IF_CHR S_IFCHR
#define S_IF_BLK S_IFBLK
#define S_IF_REG S_IFREG
#define S_IF_FIFO S_IFIFO
#define S_IF_LNK S_IFLNK
#define S_IF_SOCK S_IFSOCK
#define S_IF_DOOR S_IFDOOR
#define S_IF_PORT S_IFPORT
#define S_IF_WHT S_IFWHT

PREDICATE(DIR)
PREDICATE(CHR)
PREDICATE(BLK)
PREDICATE(REG)
PREDICATE(FIFO)
PREDICATE(LNK)
PREDICATE(SOCK)
PREDICATE(DOOR)
PREDICATE(PORT)
PREDICATE(WHT)

static PyObject *
stat_S_IMODE(PyObject *module, PyObject *arg)
{
    mode_t mode;
    return mode_arg(arg, &mode) < 0 ? NULL : PyLong_FromUnsignedLong(mode & 07777);
}

static PyObject *
stat_format(PyObject *module, PyObject *arg)
{
    mode_t mode;
    return mode_arg(arg, &mode) < 0 ? NULL : PyLong_FromUnsignedLong(mode & S_IFMT);
}

static char
type_letter(mode_t mode)
{
    switch (mode & S_IFMT) {
        case S_IFREG: return '-';
        case S_IFDIR: return 'd';
        case S_IFLNK: return 'l';
        case S_IFBLK: return 'b';
        case S_IFCHR: return 'c';
        case S_IFIFO: return 'p';
        case S_IFSOCK: return 's';
        default: return '?';
    }
}

/* The letter of an execute bit with its special bit: x, s, S or -. */
static char
execute_letter(int executable, int special, char letter)
{
    return special ? (executable ? letter : (char)(letter - 'a' + 'A')) : executable ? 'x' : '-';
}

static PyObject *
stat_filemode(PyObject *module, PyObject *arg)
{
    mode_t mode;
    if (mode_arg(arg, &mode) < 0) {
        return NULL;
    }
    const char text[] = {
        type_letter(mode),
        mode & S_IRUSR ? 'r' : '-', mode & S_IWUSR ? 'w' : '-', execute_letter(mode & S_IXUSR, mode & S_ISUID, 's'),
        mode & S_IRGRP ? 'r' : '-', mode & S_IWGRP ? 'w' : '-', execute_letter(mode & S_IXGRP, mode & S_ISGID, 's'),
        mode & S_IROTH ? 'r' : '-', mode & S_IWOTH ? 'w' : '-', execute_letter(mode & S_IXOTH, mode & S_ISVTX, 't'),
        '\0',
    };
    return PyUnicode_FromString(text);
}

#define ROW(name, doc) PY_METHOD(stat, name, METH_O, "($module, object, /)", doc)

static PyMethodDef stat_methods[] = {
    ROW(S_ISDIR, "S_ISDIR(mode) -> bool\n\nWhether it is a directory."),
    ROW(S_ISCHR, "S_ISCHR(mode) -> bool\n\nWhether it is a character device."),
    ROW(S_ISBLK, "S_ISBLK(mode) -> bool\n\nWhether it is a block device."),
    ROW(S_ISREG, "S_ISREG(mode) -> bool\n\nWhether it is a regular file."),
    ROW(S_ISFIFO, "S_ISFIFO(mode) -> bool\n\nWhether it is a named pipe."),
    ROW(S_ISLNK, "S_ISLNK(mode) -> bool\n\nWhether it is a symbolic link."),
    ROW(S_ISSOCK, "S_ISSOCK(mode) -> bool\n\nWhether it is a socket."),
    ROW(S_ISDOOR, "S_ISDOOR(mode) -> bool\n\nWhether it is a door."),
    ROW(S_ISPORT, "S_ISPORT(mode) -> bool\n\nWhether it is an event port."),
    ROW(S_ISWHT, "S_ISWHT(mode) -> bool\n\nWhether it is a whiteout."),
    ROW(S_IMODE, "S_IMODE(mode) -> int\n\nThe bits that chmod() can set."),
    PY_METHOD_AS("S_IFMT", stat_format, METH_O, "($module, object, /)",      /* S_IFMT is a macro itself */
                 "S_IFMT(mode) -> int\n\nThe bits that tell the type of file."),
    ROW(filemode, "filemode(mode) -> string\n\nText such as '-rwxr-xr-x'."),
    {0},
};

static const struct {
    const char *name;
    unsigned long value;
} stat_constants[] = {
#define C(name) {#name, name},
    C(S_IFDIR) C(S_IFCHR) C(S_IFBLK) C(S_IFREG) C(S_IFIFO) C(S_IFLNK) C(S_IFSOCK) C(S_IFDOOR) C(S_IFPORT) C(S_IFWHT)
    C(S_ISUID) C(S_ISGID) C(S_ISVTX) C(S_ENFMT) C(S_IREAD) C(S_IWRITE) C(S_IEXEC)
    C(S_IRWXU) C(S_IRUSR) C(S_IWUSR) C(S_IXUSR) C(S_IRWXG) C(S_IRGRP) C(S_IWGRP) C(S_IXGRP)
    C(S_IRWXO) C(S_IROTH) C(S_IWOTH) C(S_IXOTH)
    C(UF_SETTABLE) C(UF_NODUMP) C(UF_IMMUTABLE) C(UF_APPEND) C(UF_OPAQUE) C(UF_NOUNLINK) C(UF_COMPRESSED) C(UF_TRACKED)
    C(UF_DATAVAULT) C(UF_HIDDEN) C(SF_SETTABLE) C(SF_ARCHIVED) C(SF_IMMUTABLE) C(SF_APPEND) C(SF_NOUNLINK) C(SF_SNAPSHOT)
    C(SF_FIRMLINK) C(SF_DATALESS)
#undef C
    {"ST_MODE", 0}, {"ST_INO", 1}, {"ST_DEV", 2}, {"ST_NLINK", 3}, {"ST_UID", 4}, {"ST_GID", 5}, {"ST_SIZE", 6},
    {"ST_ATIME", 7}, {"ST_MTIME", 8}, {"ST_CTIME", 9},
};

static int
stat_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(stat_constants); i++) {
        if (PyModule_Add(module, stat_constants[i].name, PyLong_FromUnsignedLong(stat_constants[i].value)) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot stat_slots[] = {
    {Py_mod_exec, stat_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0},
};

static struct PyModuleDef stat_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_stat",
    .m_doc = "File modes: constants, and functions that take them apart.",
    .m_methods = stat_methods,
    .m_slots = stat_slots,
};

PyMODINIT_FUNC
PyInit__stat(void)
{
    return PyModuleDef_Init(&stat_module);
}

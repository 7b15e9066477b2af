/* The C API of the curses module: window objects and the capsule _curses._C_API. */
#ifndef Py_PY_CURSES_H
#define Py_PY_CURSES_H

#ifdef __cplusplus
extern "C" {
#endif

#ifdef HAVE_NCURSESW_NCURSES_H
#  include <ncursesw/ncurses.h>
#elif defined(HAVE_NCURSES_H)
#  include <ncurses.h>
#else
#  include <curses.h>
#endif

/* Some curses hide a window's fields; we look at the flags in a few places. */
#if !defined(WINDOW_HAS_FLAGS) && defined(NCURSES_VERSION)
#  define WINDOW_HAS_FLAGS 1
#endif
/* PDCurses has two mouse interfaces; we want that of ncurses. */
#define PDC_NCMOUSE

typedef struct PyCursesWindowObject {
    PyObject_HEAD
    WINDOW *win;
    char *encoding;
    struct PyCursesWindowObject *orig;      /* the window of which this is a part */
} PyCursesWindowObject;

#define PyCurses_CAPSULE_NAME "_curses._C_API"

/* The table: type, then three functions that raise unless curses is in the state named. */
#define PyCurses_API_pointers 4

#ifdef CURSES_MODULE
#  define PyCursesWindow_Check(v) Py_IS_TYPE((v), (PyTypeObject *)PyCursesWindow_Type)
#else
static void **PyCurses_API;

#define PyCursesWindow_Type (*_PyType_CAST(PyCurses_API[0]))
#define PyCursesSetupTermCalled  { if (!((int (*)(void))PyCurses_API[1])()) return NULL; }
#define PyCursesInitialised      { if (!((int (*)(void))PyCurses_API[2])()) return NULL; }
#define PyCursesInitialisedColor { if (!((int (*)(void))PyCurses_API[3])()) return NULL; }
#define PyCursesWindow_Check(v) Py_IS_TYPE((v), &PyCursesWindow_Type)

#define import_curses() \
    PyCurses_API = (void **)PyCapsule_Import(PyCurses_CAPSULE_NAME, 1)
#endif

/* Messages of curses.error. */
static const char catchall_ERR[] Py_GCC_ATTRIBUTE((unused)) = "curses function returned ERR";
static const char catchall_NULL[] Py_GCC_ATTRIBUTE((unused)) = "curses function returned NULL";

#ifdef __cplusplus
}
#endif
#endif

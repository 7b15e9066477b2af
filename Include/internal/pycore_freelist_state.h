/* Per-thread free lists: only where measurement shows that the object pages are not enough. */
#ifndef Py_INTERNAL_FREELIST_STATE_H
#define Py_INTERNAL_FREELIST_STATE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

struct _Py_freelist {
    void *freelist;   // linked through the first word
    Py_ssize_t size;  // -1: the thread is going away, nothing is kept
};

/* A row per free list: name, largest length. */
#define _Py_FREELISTS(X) \
    X(slices, 1)         \
    X(contexts, 255)     \
    X(async_gen_asends, 80)

struct _Py_freelists {
#define X(name, maximum) struct _Py_freelist name;
    _Py_FREELISTS(X)
#undef X
};

enum {
#define X(name, maximum) Py_##name##_MAXFREELIST = (maximum),
    _Py_FREELISTS(X)
#undef X
};

#endif  // Py_INTERNAL_FREELIST_STATE_H

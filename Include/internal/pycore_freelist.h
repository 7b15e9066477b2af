/* Free lists of dead objects, one set per thread, so that no lock is needed.

   An object on a list is untracked and its first word links to the next. */
#ifndef Py_INTERNAL_FREELIST_H
#define Py_INTERNAL_FREELIST_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_freelist_state.h" // struct _Py_freelists
#include "pycore_object.h"         // _Py_NewReference
#include "pycore_pystate.h"        // _PyThreadState_GET

static inline struct _Py_freelists *
_Py_freelists_GET(void)
{
    return &_PyThreadStateImpl_GET()->freelists;
}

static inline int
_PyFreeList_Push(struct _Py_freelist *fl, void *obj, Py_ssize_t maximum)
{
    if (fl->size >= 0 && fl->size < maximum) {
        *(void **)obj = fl->freelist;
        fl->freelist = obj;
        fl->size++;
        return 1;
    }
    return 0;
}

static inline void *
_PyFreeList_PopMem(struct _Py_freelist *fl)
{
    void *obj = fl->freelist;
    if (obj != NULL) {
        fl->freelist = *(void **)obj;
        fl->size--;
    }
    return obj;
}

static inline PyObject *
_PyFreeList_PopNoStats(struct _Py_freelist *fl)
{
    PyObject *op = (PyObject *)_PyFreeList_PopMem(fl);
    if (op != NULL) {
        _Py_NewReference(op);
    }
    return op;
}

static inline void
_PyFreeList_Free(struct _Py_freelist *fl, void *obj, Py_ssize_t maximum, freefunc dofree)
{
    if (!_PyFreeList_Push(fl, obj, maximum)) {
        dofree(obj);
    }
}

#define _Py_FREELIST_FREE(NAME, op, freefunc) \
    _PyFreeList_Free(&_Py_freelists_GET()->NAME, (op), Py_##NAME##_MAXFREELIST, (freefunc))
#define _Py_FREELIST_PUSH(NAME, op, limit) _PyFreeList_Push(&_Py_freelists_GET()->NAME, (op), (limit))
#define _Py_FREELIST_POP(TYPE, NAME) ((TYPE *)_PyFreeList_PopNoStats(&_Py_freelists_GET()->NAME))
#define _Py_FREELIST_POP_MEM(NAME) _PyFreeList_PopMem(&_Py_freelists_GET()->NAME)
#define _Py_FREELIST_SIZE(NAME) (_Py_freelists_GET()->NAME.size)

extern void _PyObject_ClearFreeLists(struct _Py_freelists *freelists, int is_finalization);

#endif  // Py_INTERNAL_FREELIST_H

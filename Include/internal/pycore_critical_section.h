/* Critical sections: how object mutexes are taken (Python/threads/critical_section.c).

   The sections of a thread form a list, innermost first.  Those that are active are locked for real exactly while
   the flag `multithreaded` is up; when the thread detaches, blocks on a section, or the flag goes up, all are
   suspended (INACTIVE: their mutexes are free) and each is taken again when it becomes the innermost one.
   Inside a section other threads may therefore have run after anything that blocks or runs Python code.
   Leaf sections (_Py_BEGIN_LEAF_SECTION) may not do any of that, and are not even linked in a single thread. */
#ifndef Py_INTERNAL_CRITICAL_SECTION_H
#define Py_INTERNAL_CRITICAL_SECTION_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_current.h"  // _PyThreadState_GET
#include "pycore_lock.h"     // PyMutex_LockFast

#undef Py_BEGIN_CRITICAL_SECTION
#undef Py_END_CRITICAL_SECTION
#undef Py_BEGIN_CRITICAL_SECTION2
#undef Py_END_CRITICAL_SECTION2
#undef Py_BEGIN_CRITICAL_SECTION_MUTEX
#undef Py_BEGIN_CRITICAL_SECTION2_MUTEX

/* Tags in tstate->critical_section and _cs_prev. */
#define _Py_CRITICAL_SECTION_INACTIVE    0x1
#define _Py_CRITICAL_SECTION_TWO_MUTEXES 0x2
#define _Py_CRITICAL_SECTION_MASK        0x3

#ifdef Py_GIL_DISABLED

extern void _PyCriticalSection_BeginSlow(PyThreadState *tstate, PyCriticalSection *c, PyMutex *m);
extern void _PyCriticalSection2_BeginSlow(PyThreadState *tstate, PyCriticalSection2 *c,
                                          PyMutex *m1, PyMutex *m2, int is_m1_locked);
extern void _PyCriticalSection_Resume(PyThreadState *tstate);
extern void _PyCriticalSection_SuspendAll(PyThreadState *tstate);

static inline int
_PyCriticalSection_IsActive(uintptr_t tag)
{
    return tag != 0 && (tag & _Py_CRITICAL_SECTION_INACTIVE) == 0;
}

static inline void
_PyCriticalSection_BeginMutex(PyThreadState *tstate, PyCriticalSection *c, PyMutex *m)
{
    if (_Py_multithreaded && !PyMutex_LockFast(m)) {
        _PyCriticalSection_BeginSlow(tstate, c, m);
        return;
    }
    c->_cs_mutex = m;
    c->_cs_prev = tstate->critical_section;
    tstate->critical_section = (uintptr_t)c;
}

static inline void
_PyCriticalSection_Begin(PyThreadState *tstate, PyCriticalSection *c, PyObject *op)
{
    _PyCriticalSection_BeginMutex(tstate, c, &op->ob_mutex);
}

static inline void
_PyCriticalSection_Pop(PyThreadState *tstate, PyCriticalSection *c)
{
    uintptr_t prev = c->_cs_prev;
    tstate->critical_section = prev;
    if ((prev & _Py_CRITICAL_SECTION_INACTIVE) != 0) {
        _PyCriticalSection_Resume(tstate);
    }
}

static inline void
_PyCriticalSection_End(PyThreadState *tstate, PyCriticalSection *c)
{
    if (c->_cs_mutex == NULL) {
        return;  // the section around this one holds the same mutex
    }
    if (_Py_multithreaded) {
        PyMutex_Unlock(c->_cs_mutex);
    }
    _PyCriticalSection_Pop(tstate, c);
}

static inline void
_PyCriticalSection2_BeginMutex(PyThreadState *tstate, PyCriticalSection2 *c, PyMutex *m1, PyMutex *m2)
{
    if (m1 == m2) {
        c->_cs_mutex2 = NULL;
        _PyCriticalSection_BeginMutex(tstate, &c->_cs_base, m1);
        return;
    }
    if ((uintptr_t)m2 < (uintptr_t)m1) {
        PyMutex *swap = m1;
        m1 = m2;
        m2 = swap;
    }
    if (_Py_multithreaded) {
        if (!PyMutex_LockFast(m1)) {
            _PyCriticalSection2_BeginSlow(tstate, c, m1, m2, 0);
            return;
        }
        if (!PyMutex_LockFast(m2)) {
            _PyCriticalSection2_BeginSlow(tstate, c, m1, m2, 1);
            return;
        }
    }
    c->_cs_base._cs_mutex = m1;
    c->_cs_mutex2 = m2;
    c->_cs_base._cs_prev = tstate->critical_section;
    tstate->critical_section = (uintptr_t)c | _Py_CRITICAL_SECTION_TWO_MUTEXES;
}

static inline void
_PyCriticalSection2_Begin(PyThreadState *tstate, PyCriticalSection2 *c, PyObject *a, PyObject *b)
{
    _PyCriticalSection2_BeginMutex(tstate, c, &a->ob_mutex, &b->ob_mutex);
}

static inline void
_PyCriticalSection2_End(PyThreadState *tstate, PyCriticalSection2 *c)
{
    if (c->_cs_base._cs_mutex == NULL) {
        return;
    }
    if (_Py_multithreaded) {
        if (c->_cs_mutex2 != NULL) {
            PyMutex_Unlock(c->_cs_mutex2);
        }
        PyMutex_Unlock(c->_cs_base._cs_mutex);
    }
    _PyCriticalSection_Pop(tstate, &c->_cs_base);
}

#define Py_BEGIN_CRITICAL_SECTION_MUTEX(mutex)                                     \
    {                                                                              \
        PyCriticalSection _py_cs;                                                  \
        PyThreadState *_py_cs_ts = _PyThreadState_GET();                           \
        _PyCriticalSection_BeginMutex(_py_cs_ts, &_py_cs, (mutex))

#define Py_BEGIN_CRITICAL_SECTION(op)                                              \
    {                                                                              \
        PyCriticalSection _py_cs;                                                  \
        PyThreadState *_py_cs_ts = _PyThreadState_GET();                           \
        _PyCriticalSection_Begin(_py_cs_ts, &_py_cs, _PyObject_CAST(op))

#define Py_END_CRITICAL_SECTION()                                                  \
        _PyCriticalSection_End(_py_cs_ts, &_py_cs);                                \
    }

#define Py_BEGIN_CRITICAL_SECTION2_MUTEX(m1, m2)                                   \
    {                                                                              \
        PyCriticalSection2 _py_cs2;                                                \
        PyThreadState *_py_cs_ts = _PyThreadState_GET();                           \
        _PyCriticalSection2_BeginMutex(_py_cs_ts, &_py_cs2, (m1), (m2))

#define Py_BEGIN_CRITICAL_SECTION2(a, b)                                           \
    {                                                                              \
        PyCriticalSection2 _py_cs2;                                                \
        PyThreadState *_py_cs_ts = _PyThreadState_GET();                           \
        _PyCriticalSection2_Begin(_py_cs_ts, &_py_cs2, _PyObject_CAST(a), _PyObject_CAST(b))

#define Py_END_CRITICAL_SECTION2()                                                 \
        _PyCriticalSection2_End(_py_cs_ts, &_py_cs2);                              \
    }

/* A section on a list when the sequence is one; tuples need none. */
#define Py_BEGIN_CRITICAL_SECTION_SEQUENCE_FAST(original)                          \
    {                                                                              \
        PyObject *_orig_seq = _PyObject_CAST(original);                            \
        const int _should_lock_cs = PyList_CheckExact(_orig_seq);                  \
        PyCriticalSection _py_cs;                                                  \
        PyThreadState *_py_cs_ts = _PyThreadState_GET();                           \
        if (_should_lock_cs) {                                                     \
            _PyCriticalSection_Begin(_py_cs_ts, &_py_cs, _orig_seq);               \
        }

#define Py_END_CRITICAL_SECTION_SEQUENCE_FAST()                                    \
        if (_should_lock_cs) {                                                     \
            _PyCriticalSection_End(_py_cs_ts, &_py_cs);                            \
        }                                                                          \
    }

/* A leaf section: no call out, no allocation that may collect, no other section inside. */
#define _Py_BEGIN_LEAF_SECTION(op)                                                 \
    {                                                                              \
        PyCriticalSection _py_cs;                                                  \
        PyThreadState *_py_cs_ts = NULL;                                           \
        const int _py_leaf_locked = _Py_multithreaded;                             \
        if (_py_leaf_locked) {                                                     \
            _py_cs_ts = _PyThreadState_GET();                                      \
            _PyCriticalSection_Begin(_py_cs_ts, &_py_cs, _PyObject_CAST(op));      \
        }

#define _Py_END_LEAF_SECTION()                                                     \
        assert(_py_leaf_locked == _Py_multithreaded);                              \
        if (_py_leaf_locked) {                                                     \
            _PyCriticalSection_End(_py_cs_ts, &_py_cs);                            \
        }                                                                          \
    }

#ifdef Py_DEBUG
#  define _Py_CRITICAL_SECTION_ASSERT_MUTEX_LOCKED(mutex) \
    assert(!_Py_multithreaded || PyMutex_IsLocked(mutex))
#  define _Py_CRITICAL_SECTION_ASSERT_OBJECT_LOCKED(op) \
    assert(Py_REFCNT(op) == 1 || !_Py_multithreaded || PyMutex_IsLocked(&_PyObject_CAST(op)->ob_mutex))
#else
#  define _Py_CRITICAL_SECTION_ASSERT_MUTEX_LOCKED(mutex) ((void)0)
#  define _Py_CRITICAL_SECTION_ASSERT_OBJECT_LOCKED(op) ((void)0)
#endif

#else  // GIL build: the lock is held anyway

#define Py_BEGIN_CRITICAL_SECTION_MUTEX(mutex) {
#define Py_BEGIN_CRITICAL_SECTION(op) {
#define Py_END_CRITICAL_SECTION() }
#define Py_BEGIN_CRITICAL_SECTION2_MUTEX(m1, m2) {
#define Py_BEGIN_CRITICAL_SECTION2(a, b) {
#define Py_END_CRITICAL_SECTION2() }
#define Py_BEGIN_CRITICAL_SECTION_SEQUENCE_FAST(original) {
#define Py_END_CRITICAL_SECTION_SEQUENCE_FAST() }
#define _Py_BEGIN_LEAF_SECTION(op) {
#define _Py_END_LEAF_SECTION() }
#define _Py_CRITICAL_SECTION_ASSERT_MUTEX_LOCKED(mutex) ((void)0)
#define _Py_CRITICAL_SECTION_ASSERT_OBJECT_LOCKED(op) ((void)0)

#endif

#endif  // Py_INTERNAL_CRITICAL_SECTION_H

/* Critical sections: the slow paths, suspension and resumption, and the functions extensions call.

   Invariant: of an attached thread's list only the sections above the first INACTIVE tag may be active, and an
   active section's mutexes are locked exactly while _Py_multithreaded is set.  A suspended section is resumed
   when it becomes the innermost one, by whoever ends the section inside it or attaches the thread. */
#include "Python.h"
#include "pycore_critical_section.h"

#ifdef Py_GIL_DISABLED

static PyCriticalSection *
untag_section(uintptr_t tag)
{
    return (PyCriticalSection *)(tag & ~(uintptr_t)_Py_CRITICAL_SECTION_MASK);
}

static void
lock_section_mutex(PyMutex *m)
{
    PyMutex_LockFlags(m, _PY_LOCK_DETACH);
}

/* Suspends outer sections by way of detaching while it waits: so no deadlock can be built from sections. */
void
_PyCriticalSection_BeginSlow(PyThreadState *tstate, PyCriticalSection *c, PyMutex *m)
{
    if (_PyCriticalSection_IsActive(tstate->critical_section)) {
        uintptr_t top = tstate->critical_section;
        PyCriticalSection *outer = untag_section(top);
        /* The innermost section holds it already. */
        if (outer->_cs_mutex == m
            || ((top & _Py_CRITICAL_SECTION_TWO_MUTEXES) && ((PyCriticalSection2 *)outer)->_cs_mutex2 == m)) {
            c->_cs_mutex = NULL;
            c->_cs_prev = 0;
            return;
        }
    }
    /* On the list before it waits, as suspended: attaching afterwards must not resume it. */
    c->_cs_mutex = NULL;
    c->_cs_prev = (uintptr_t)tstate->critical_section;
    tstate->critical_section = (uintptr_t)c;
    lock_section_mutex(m);
    c->_cs_mutex = m;
}

void
_PyCriticalSection2_BeginSlow(PyThreadState *tstate, PyCriticalSection2 *c, PyMutex *m1, PyMutex *m2,
                              int is_m1_locked)
{
    if (_PyCriticalSection_IsActive(tstate->critical_section)
        && (tstate->critical_section & _Py_CRITICAL_SECTION_TWO_MUTEXES)) {
        PyCriticalSection2 *outer = (PyCriticalSection2 *)untag_section(tstate->critical_section);
        if (outer->_cs_base._cs_mutex == m1 && outer->_cs_mutex2 == m2) {
            assert(!is_m1_locked);
            c->_cs_base._cs_mutex = NULL;
            c->_cs_base._cs_prev = 0;
            c->_cs_mutex2 = NULL;
            return;
        }
    }
    c->_cs_base._cs_mutex = NULL;
    c->_cs_mutex2 = NULL;
    c->_cs_base._cs_prev = tstate->critical_section;
    tstate->critical_section = (uintptr_t)c | _Py_CRITICAL_SECTION_TWO_MUTEXES;
    /* m1 is kept while this waits for m2: who holds m2 and wants m1 either took them in this order, or holds m2
       by a section that is suspended while it waits. */
    if (!is_m1_locked) {
        lock_section_mutex(m1);
    }
    lock_section_mutex(m2);
    c->_cs_base._cs_mutex = m1;
    c->_cs_mutex2 = m2;
}

/* Unlocks what the thread's sections hold and marks all of them inactive. */
void
_PyCriticalSection_SuspendAll(PyThreadState *tstate)
{
    uintptr_t *tagptr = &tstate->critical_section;
    while (_PyCriticalSection_IsActive(*tagptr)) {
        PyCriticalSection *c = untag_section(*tagptr);
        if (_Py_multithreaded) {
            if (c->_cs_mutex != NULL) {
                PyMutex_Unlock(c->_cs_mutex);
            }
            if ((*tagptr & _Py_CRITICAL_SECTION_TWO_MUTEXES)
                && ((PyCriticalSection2 *)c)->_cs_mutex2 != NULL) {
                PyMutex_Unlock(((PyCriticalSection2 *)c)->_cs_mutex2);
            }
        }
        *tagptr |= _Py_CRITICAL_SECTION_INACTIVE;
        tagptr = &c->_cs_prev;
    }
}

/* Takes the mutexes of the innermost section again. */
void
_PyCriticalSection_Resume(PyThreadState *tstate)
{
    uintptr_t tag = tstate->critical_section;
    assert(tag & _Py_CRITICAL_SECTION_INACTIVE);
    PyCriticalSection *c = untag_section(tag);

    if (!_Py_multithreaded) {
        tstate->critical_section = tag & ~(uintptr_t)_Py_CRITICAL_SECTION_INACTIVE;
        return;
    }
    /* Without its mutexes while it waits: detaching in between must find nothing to unlock. */
    PyMutex *m1 = c->_cs_mutex, *m2 = NULL;
    c->_cs_mutex = NULL;
    PyCriticalSection2 *c2 = NULL;
    if (tag & _Py_CRITICAL_SECTION_TWO_MUTEXES) {
        c2 = (PyCriticalSection2 *)c;
        m2 = c2->_cs_mutex2;
        c2->_cs_mutex2 = NULL;
    }
    if (m1 != NULL) {
        lock_section_mutex(m1);
    }
    if (m2 != NULL) {
        lock_section_mutex(m2);
    }
    c->_cs_mutex = m1;
    if (c2 != NULL) {
        c2->_cs_mutex2 = m2;
    }
    tstate->critical_section &= ~(uintptr_t)_Py_CRITICAL_SECTION_INACTIVE;
}

#endif  // Py_GIL_DISABLED

/* -- What extensions call ---------------- */

#undef PyCriticalSection_Begin
void
PyCriticalSection_Begin(PyCriticalSection *c, PyObject *op)
{
#ifdef Py_GIL_DISABLED
    _PyCriticalSection_Begin(_PyThreadState_GET(), c, op);
#else
    (void)c;
    (void)op;
#endif
}

#undef PyCriticalSection_BeginMutex
void
PyCriticalSection_BeginMutex(PyCriticalSection *c, PyMutex *m)
{
#ifdef Py_GIL_DISABLED
    _PyCriticalSection_BeginMutex(_PyThreadState_GET(), c, m);
#else
    (void)c;
    (void)m;
#endif
}

#undef PyCriticalSection_End
void
PyCriticalSection_End(PyCriticalSection *c)
{
#ifdef Py_GIL_DISABLED
    _PyCriticalSection_End(_PyThreadState_GET(), c);
#else
    (void)c;
#endif
}

#undef PyCriticalSection2_Begin
void
PyCriticalSection2_Begin(PyCriticalSection2 *c, PyObject *a, PyObject *b)
{
#ifdef Py_GIL_DISABLED
    _PyCriticalSection2_Begin(_PyThreadState_GET(), c, a, b);
#else
    (void)c;
    (void)a;
    (void)b;
#endif
}

#undef PyCriticalSection2_BeginMutex
void
PyCriticalSection2_BeginMutex(PyCriticalSection2 *c, PyMutex *m1, PyMutex *m2)
{
#ifdef Py_GIL_DISABLED
    _PyCriticalSection2_BeginMutex(_PyThreadState_GET(), c, m1, m2);
#else
    (void)c;
    (void)m1;
    (void)m2;
#endif
}

#undef PyCriticalSection2_End
void
PyCriticalSection2_End(PyCriticalSection2 *c)
{
#ifdef Py_GIL_DISABLED
    _PyCriticalSection2_End(_PyThreadState_GET(), c);
#else
    (void)c;
#endif
}

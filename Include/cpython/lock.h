/* PyMutex: a lock of one byte that needs no initialisation but zero and no clean-up.

   Bit 0 is set while it is locked; other bits belong to the library.  Compiled extensions lock by
   a compare-and-swap of 0 to 1 and unlock by 1 to 0, and call the library for all else. */
#if !defined(Py_CPYTHON_LOCK_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_LOCK_H

#ifdef __cplusplus
extern "C" {
#endif

#define _Py_UNLOCKED 0
#define _Py_LOCKED   1

typedef struct PyMutex {
    uint8_t _bits;      /* atomic */
} PyMutex;

/* Detaches the thread state while it waits.  Unlocking what is not locked is a fatal error. */
PyAPI_FUNC(int) PyMutex_IsLocked(PyMutex *m);
PyAPI_FUNC(void) PyMutex_Lock(PyMutex *m);
PyAPI_FUNC(void) PyMutex_Unlock(PyMutex *m);

/* Acquire: what the previous owner wrote is seen.  Pairs with _PyMutex_Unlock(). */
static inline void
_PyMutex_Lock(PyMutex *m)
{
    uint8_t expected = _Py_UNLOCKED;
    if (!_Py_atomic_compare_exchange_uint8(&m->_bits, &expected, _Py_LOCKED)) {
        PyMutex_Lock(m);
    }
}
#define PyMutex_Lock _PyMutex_Lock

static inline void
_PyMutex_Unlock(PyMutex *m)
{
    uint8_t expected = _Py_LOCKED;
    if (!_Py_atomic_compare_exchange_uint8(&m->_bits, &expected, _Py_UNLOCKED)) {
        PyMutex_Unlock(m);
    }
}
#define PyMutex_Unlock _PyMutex_Unlock

static inline int
_PyMutex_IsLocked(PyMutex *m)
{
    return (_Py_atomic_load_uint8(&m->_bits) & _Py_LOCKED) != 0;
}
#define PyMutex_IsLocked _PyMutex_IsLocked

#ifdef __cplusplus
}
#endif
#endif

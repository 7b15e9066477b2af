/* Atomic access where the free-threaded build needs it, plain access in the other build.

   FT_ATOMIC_LOAD_type[_order](x) and FT_ATOMIC_STORE_type[_order](x, v) name the order they have in the
   free-threaded build; without a suffix it is sequentially consistent.  x is the lvalue itself, not its
   address.  They cover fields that lock-free readers load while a writer, under the object's mutex, stores. */
#ifndef Py_INTERNAL_ATOMIC_FT_H
#define Py_INTERNAL_ATOMIC_FT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#ifdef Py_GIL_DISABLED

/* The compiler's own operations: they take every scalar type, so that one row serves all of them. */
#define _FT_LOAD(x, order) __atomic_load_n(&(x), order)
#define _FT_STORE(x, v, order) __atomic_store_n(&(x), (__typeof__(x))(v), order)
#define _FT_ADD(x, v, order) ((void)__atomic_fetch_add(&(x), (v), order))
#define _FT_EXCHANGE(x, v, order) __atomic_exchange_n(&(x), (__typeof__(x))(v), order)

#else

#define _FT_LOAD(x, order) (x)
#define _FT_STORE(x, v, order) ((void)((x) = (__typeof__(x))(v)))
#define _FT_ADD(x, v, order) ((void)((x) += (v)))
#define _FT_EXCHANGE(x, v, order) \
    __extension__({ __typeof__(x) _ft_old = (x); (x) = (__typeof__(x))(v); _ft_old; })

#endif

#define FT_ATOMIC_LOAD_PTR(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_PTR(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_PTR_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_PTR_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_PTR_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_PTR_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_SSIZE(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_SSIZE(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_SSIZE_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_SSIZE_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_SSIZE_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_SSIZE_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_UINT8(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_UINT8(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_UINT8_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_UINT8_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_UINT8_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_UINT8_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_UINT16(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_UINT16(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_UINT16_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_UINT16_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_UINT16_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_UINT16_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_UINT32(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_UINT32(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_UINT32_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_UINT32_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_UINT32_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_UINT32_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_UINT64(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_UINT64(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_UINT64_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_UINT64_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_UINT64_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_UINT64_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_INT(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_INT(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_INT_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_INT_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_INT_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_INT_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_INT8(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_INT8(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_INT8_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_INT8_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_INT8_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_INT8_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_INT32(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_INT32(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_INT32_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_INT32_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_INT32_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_INT32_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_INT64(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_INT64(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_INT64_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_INT64_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_INT64_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_INT64_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_UINT(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_UINT(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_UINT_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_UINT_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_UINT_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_UINT_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_UINTPTR(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_UINTPTR(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_UINTPTR_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_UINTPTR_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_UINTPTR_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_UINTPTR_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_ULONG(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_ULONG(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_ULONG_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_ULONG_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_ULONG_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_ULONG_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_LONG(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_LONG(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_LONG_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_LONG_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_LONG_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_LONG_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_CHAR(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_CHAR(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_CHAR_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_CHAR_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_CHAR_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_CHAR_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_UCHAR(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_UCHAR(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_UCHAR_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_UCHAR_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_UCHAR_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_UCHAR_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_USHORT(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_USHORT(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_USHORT_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_USHORT_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_USHORT_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_USHORT_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_SHORT(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_SHORT(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_SHORT_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_SHORT_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_SHORT_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_SHORT_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_LOAD_LLONG(x) _FT_LOAD(x, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_STORE_LLONG(x, v) _FT_STORE(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_LOAD_LLONG_ACQUIRE(x) _FT_LOAD(x, __ATOMIC_ACQUIRE)
#define FT_ATOMIC_STORE_LLONG_RELEASE(x, v) _FT_STORE(x, v, __ATOMIC_RELEASE)
#define FT_ATOMIC_LOAD_LLONG_RELAXED(x) _FT_LOAD(x, __ATOMIC_RELAXED)
#define FT_ATOMIC_STORE_LLONG_RELAXED(x, v) _FT_STORE(x, v, __ATOMIC_RELAXED)

#define FT_ATOMIC_ADD_SSIZE(x, v) _FT_ADD(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_ADD_UINT32(x, v) _FT_ADD(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_ADD_UINT64(x, v) _FT_ADD(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_ADD_INT(x, v) _FT_ADD(x, v, __ATOMIC_SEQ_CST)
#define FT_ATOMIC_EXCHANGE_PTR(x, v) _FT_EXCHANGE(x, v, __ATOMIC_ACQ_REL)

/* A floating-point field: the compiler's load and store builtins want an object to copy through. */
#ifdef Py_GIL_DISABLED
static inline double
_ft_load_double(const double *p)
{
    double value;
    __atomic_load(p, &value, __ATOMIC_RELAXED);
    return value;
}

static inline void
_ft_store_double(double *p, double value)
{
    __atomic_store(p, &value, __ATOMIC_RELAXED);
}
#  define FT_ATOMIC_LOAD_DOUBLE_RELAXED(x) _ft_load_double(&(x))
#  define FT_ATOMIC_STORE_DOUBLE_RELAXED(x, v) _ft_store_double(&(x), (v))
#else
#  define FT_ATOMIC_LOAD_DOUBLE_RELAXED(x) (x)
#  define FT_ATOMIC_STORE_DOUBLE_RELAXED(x, v) ((void)((x) = (v)))
#endif

/* CPython's names for the mutexes that exist in one build only. */
#ifdef Py_GIL_DISABLED
#  define FT_MUTEX_LOCK(lock) PyMutex_Lock(lock)
#  define FT_MUTEX_UNLOCK(lock) PyMutex_Unlock(lock)
#else
#  define FT_MUTEX_LOCK(lock) do { } while (0)
#  define FT_MUTEX_UNLOCK(lock) do { } while (0)
#endif

#endif  // Py_INTERNAL_ATOMIC_FT_H

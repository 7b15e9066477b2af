/* Atomic operations: names are _Py_atomic_OPERATION_TYPE, with the order appended.

   Without an order in the name an operation is sequentially consistent.  The objects are plain
   fields, not _Atomic ones: layouts stay the same in C++ and in code that knows of no threads. */
#if !defined(Py_CPYTHON_PYATOMIC_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYATOMIC_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#  define _Py_USE_GCC_BUILTIN_ATOMICS 1
#  include "cpython/pyatomic_gcc.h"
#else
#  error "no atomic operations known for this compiler"
#endif

/* unsigned long has the size of size_t on all systems that we build for. */
#define _Py_atomic_load_ulong(p) \
    _Py_atomic_load_uint64((const uint64_t *)(p))
#define _Py_atomic_load_ulong_relaxed(p) \
    _Py_atomic_load_uint64_relaxed((const uint64_t *)(p))
#define _Py_atomic_store_ulong(p, v) \
    _Py_atomic_store_uint64((uint64_t *)(p), (uint64_t)(v))
#define _Py_atomic_store_ulong_relaxed(p, v) \
    _Py_atomic_store_uint64_relaxed((uint64_t *)(p), (uint64_t)(v))

/* For what is reached through the pointer loaded: the data dependency orders the loads. */
#define _Py_atomic_load_ptr_consume _Py_atomic_load_ptr_relaxed

#ifdef __cplusplus
}
#endif
#endif

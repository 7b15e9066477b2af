/* What the compiler and the system give: integer types, casts, attributes, limits. */
#ifndef Py_PYPORT_H
#define Py_PYPORT_H
#include "pyconfig.h"
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "exports.h"

/* -- Probes of the compiler -- */
#ifdef __has_builtin
#  define _Py__has_builtin(x) __has_builtin(x)
#else
#  define _Py__has_builtin(x) 0
#endif
#ifdef __has_attribute
#  define _Py__has_attribute(x) __has_attribute(x)
#else
#  define _Py__has_attribute(x) 0
#endif

/* -- Casts that C++ compilers accept without a warning -- */
#ifdef __cplusplus
#  define _Py_STATIC_CAST(type, expr) static_cast<type>(expr)
#else
#  define _Py_STATIC_CAST(type, expr) ((type)(expr))
#endif
#define _Py_CAST(type, expr) ((type)(expr))

#if defined(__cplusplus) && __cplusplus >= 201103L
#  define _Py_NULL nullptr
#else
#  define _Py_NULL NULL
#endif
/* Any function pointer to any other: by way of void (*)(void), which the compiler takes silently. */
#define _Py_FUNC_CAST(T, func) _Py_CAST(T, _Py_CAST(void(*)(void), (func)))

#ifdef __cplusplus
#  define _Py_TYPEOF(expr) decltype(expr)
#else
#  define _Py_TYPEOF(expr) __typeof__(expr)
#endif

/* -- Integer types -- */
#define HAVE_LONG_LONG 1
#define PY_LONG_LONG long long
#define PY_LLONG_MIN LLONG_MIN
#define PY_LLONG_MAX LLONG_MAX
#define PY_ULLONG_MAX ULLONG_MAX
#define PY_UINT32_T uint32_t
#define PY_UINT64_T uint64_t
#define PY_INT32_T int32_t
#define PY_INT64_T int64_t
#define PY_DWORD_MAX 4294967295U
#ifndef PYLONG_BITS_IN_DIGIT
#  define PYLONG_BITS_IN_DIGIT 30
#endif

typedef uintptr_t Py_uintptr_t;
typedef intptr_t Py_intptr_t;
typedef ssize_t Py_ssize_t;
typedef Py_ssize_t Py_hash_t;
typedef size_t Py_uhash_t;
typedef Py_ssize_t Py_ssize_clean_t;

#define SIZEOF_PY_HASH_T SIZEOF_SIZE_T
#define SIZEOF_PY_UHASH_T SIZEOF_SIZE_T
#define PY_SIZE_MAX SIZE_MAX
#define PY_SSIZE_T_MAX ((Py_ssize_t)(((size_t)-1) >> 1))
#define PY_SSIZE_T_MIN (-PY_SSIZE_T_MAX - 1)
#define PY_FORMAT_SIZE_T "z"

#ifdef WORDS_BIGENDIAN
#  define PY_BIG_ENDIAN 1
#  define PY_LITTLE_ENDIAN 0
#else
#  define PY_BIG_ENDIAN 0
#  define PY_LITTLE_ENDIAN 1
#endif

#define Py_ARITHMETIC_RIGHT_SHIFT(TYPE, I, J) ((I) >> (J))
#define Py_FORCE_EXPANSION(X) X
#define Py_SAFE_DOWNCAST(VALUE, WIDE, NARROW) _Py_STATIC_CAST(NARROW, (VALUE))
#define _Py_IS_TYPE_SIGNED(type) ((type)(-1) <= 0)

#define Py_LL(x) x##LL
#define Py_ULL(x) Py_LL(x##U)
#define Py_VA_COPY va_copy
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define Py_MEMCPY memcpy
#endif
#define PY_CXX_CONST const

/* -- Attributes -- */
#define Py_LOCAL(type) static type
#define Py_LOCAL_INLINE(type) static inline type
#define Py_GCC_ATTRIBUTE(x) __attribute__(x)
#define Py_ALIGNED(x) __attribute__((aligned(x)))
#define Py_ALWAYS_INLINE __attribute__((always_inline))
#define Py_NO_INLINE __attribute__((noinline))
#define _Py_HOT_FUNCTION __attribute__((hot))
#define _Py_NO_RETURN __attribute__((noreturn))
#if _Py__has_attribute(fallthrough)
#  define _Py_FALLTHROUGH __attribute__((fallthrough))
#else
#  define _Py_FALLTHROUGH ((void)0)
#endif
#if _Py__has_attribute(nonstring)
#  define _Py_NONSTRING __attribute__((nonstring))
#else
#  define _Py_NONSTRING
#endif
#define Py_DEPRECATED(VERSION_UNUSED) __attribute__((__deprecated__))
/* Deprecated for extensions; the interpreter itself may use it silently. */
#ifdef Py_BUILD_CORE
#  define _Py_DEPRECATED_EXTERNALLY(version)
#else
#  define _Py_DEPRECATED_EXTERNALLY(version) Py_DEPRECATED(version)
#endif

/* T aligned to at least N bytes. */
#ifdef __cplusplus
#  define _Py_ALIGNED_DEF(N, T) alignas(N) T
#else
#  define _Py_ALIGNED_DEF(N, T) _Alignas(N) T
#endif
#define _PyObject_MIN_ALIGNMENT 4

/* -- Warnings of the compiler -- */
#define _Py_COMP_DIAG_PUSH _Pragma("GCC diagnostic push")
#define _Py_COMP_DIAG_IGNORE_DEPR_DECLS _Pragma("GCC diagnostic ignored \"-Wdeprecated-declarations\"")
#define _Py_COMP_DIAG_POP _Pragma("GCC diagnostic pop")

/* -- Sanitizers -- */
#if defined(__has_feature)
#  define _Py__has_feature(x) __has_feature(x)
#else
#  define _Py__has_feature(x) 0
#endif
#if _Py__has_feature(memory_sanitizer) && !defined(_Py_MEMORY_SANITIZER)
#  define _Py_MEMORY_SANITIZER
#endif
#if (_Py__has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)) && !defined(_Py_ADDRESS_SANITIZER)
#  define _Py_ADDRESS_SANITIZER
#endif
#if (_Py__has_feature(thread_sanitizer) || defined(__SANITIZE_THREAD__)) && !defined(_Py_THREAD_SANITIZER)
#  define _Py_THREAD_SANITIZER
#endif
#if (_Py__has_feature(undefined_behavior_sanitizer) || defined(__SANITIZE_UNDEFINED__)) && !defined(_Py_UNDEFINED_BEHAVIOR_SANITIZER)
#  define _Py_UNDEFINED_BEHAVIOR_SANITIZER
#endif
#ifdef _Py_MEMORY_SANITIZER
#  include <sanitizer/msan_interface.h>
#  define _Py_NO_SANITIZE_MEMORY __attribute__((no_sanitize("memory")))
#  define _Py_MSAN_UNPOISON(PTR, SIZE) __msan_unpoison(PTR, SIZE)
#  define _Py_MSAN_UNPOISON_STRING(STR) __msan_unpoison_string(STR)
#else
#  define _Py_NO_SANITIZE_MEMORY
#  define _Py_MSAN_UNPOISON(PTR, SIZE) ((void)(PTR))
#  define _Py_MSAN_UNPOISON_STRING(STR) ((void)(STR))
#endif
#ifdef _Py_ADDRESS_SANITIZER
#  define _Py_NO_SANITIZE_ADDRESS __attribute__((no_sanitize_address))
#else
#  define _Py_NO_SANITIZE_ADDRESS
#endif
#ifdef _Py_THREAD_SANITIZER
#  define _Py_NO_SANITIZE_THREAD __attribute__((no_sanitize_thread))
#else
#  define _Py_NO_SANITIZE_THREAD
#endif
#ifdef _Py_UNDEFINED_BEHAVIOR_SANITIZER
#  define _Py_NO_SANITIZE_UNDEFINED __attribute__((no_sanitize_undefined))
#else
#  define _Py_NO_SANITIZE_UNDEFINED
#endif

/* -- Threads exist on every platform -- */
#define WITH_THREAD
#define Py_CAN_START_THREADS 1
#endif

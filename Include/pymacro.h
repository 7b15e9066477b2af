/* Small macros on values, types and text, of use anywhere in C. */
#ifndef Py_PYMACRO_H
#define Py_PYMACRO_H
/* The version macros as expressions for the preprocessor and for C. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030e0000
#  define Py_PACK_VERSION(X, Y) Py_PACK_FULL_VERSION((X), (Y), 0, 0, 0)
#  define Py_PACK_FULL_VERSION _Py_PACK_FULL_VERSION
#endif

#define Py_MIN(x, y) (((x) > (y)) ? (y) : (x))
#define Py_MAX(x, y) (((x) > (y)) ? (x) : (y))
#define Py_ABS(x) ((x) < 0 ? -(x) : (x))
/* |x| in type T, also for the smallest value of a signed type. */
#define _Py_ABS_CAST(T, x) ((x) >= 0 ? ((T)(x)) : ((T)(((T) -((x) + 1)) + 1u)))

#define _Py_XSTRINGIFY(x) #x
#define Py_STRINGIFY(x) _Py_XSTRINGIFY(x)

#define Py_MEMBER_SIZE(type, member) sizeof(((type *)0)->member)
#define _Py_CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
/* A char as an index into a table. */
#define Py_CHARMASK(c) ((unsigned char)((c) & 0xff))

/* Compilation fails where the condition is false; as an expression it has the value 0. */
#define Py_BUILD_ASSERT_EXPR(cond) (sizeof(char [1 - 2*!(cond)]) - 1)
#define Py_BUILD_ASSERT(cond) do { (void)Py_BUILD_ASSERT_EXPR(cond); } while (0)

/* Number of elements; a pointer instead of an array is an error in C. */
#ifdef __cplusplus
#  define Py_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#else
#  define Py_ARRAY_LENGTH(array) \
    (sizeof(array) / sizeof((array)[0]) \
     + Py_BUILD_ASSERT_EXPR(!__builtin_types_compatible_p(_Py_TYPEOF(array), _Py_TYPEOF(&(array)[0]))))
#endif

/* -- Docstrings, empty in a build without them -- */
#define PyDoc_VAR(name) static const char name[]
#define PyDoc_STRVAR(name, str) PyDoc_VAR(name) = PyDoc_STR(str)
#ifdef WITH_DOC_STRINGS
#  define PyDoc_STR(str) str
#else
#  define PyDoc_STR(str) ""
#endif

/* -- Alignment; the unit a is a power of two -- */
#define _Py_SIZE_ROUND_DOWN(n, a) ((size_t)(n) & ~(size_t)((a) - 1))
#define _Py_SIZE_ROUND_UP(n, a) (((size_t)(n) + (size_t)((a) - 1)) & ~(size_t)((a) - 1))
#define _Py_ALIGN_DOWN(p, a) ((void *)((uintptr_t)(p) & ~(uintptr_t)((a) - 1)))
#define _Py_ALIGN_UP(p, a) ((void *)(((uintptr_t)(p) + (uintptr_t)((a) - 1)) & ~(uintptr_t)((a) - 1)))
#define _Py_IS_ALIGNED(p, a) (!((uintptr_t)(p) & (uintptr_t)((a) - 1)))

/* A parameter that the function leaves alone. */
#define Py_UNUSED(name) _unused_##name __attribute__((unused))

/* Control never comes here. */
#ifdef Py_DEBUG
#  define Py_UNREACHABLE() Py_FatalError("control reached a place that was held to be unreachable")
#else
#  define Py_UNREACHABLE() __builtin_unreachable()
#endif

/* An expression that cannot be assigned to. */
#define _Py_RVALUE(EXPR) ((void)0, (EXPR))
#endif

/* Memory that tracemalloc shall know of. */
#if !defined(Py_CPYTHON_TRACEMALLOC_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_TRACEMALLOC_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyTraceMalloc_Track(unsigned int number, uintptr_t ptr, size_t size);
PyAPI_FUNC(int) PyTraceMalloc_Untrack(unsigned int number, uintptr_t ptr);

#ifdef __cplusplus
}
#endif
#endif

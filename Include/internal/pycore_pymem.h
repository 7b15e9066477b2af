/* Memory domains and their allocators (Python/memory/domains.c, debug_alloc.c). */
#ifndef Py_INTERNAL_PYMEM_H
#define Py_INTERNAL_PYMEM_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_lock.h"  // PyMutex

extern int _PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *old_alloc);
extern int _PyMem_GetAllocatorName(const char *name, PyMemAllocatorName *result);
extern int _PyMem_SetupAllocators(PyMemAllocatorName allocator);
extern const char *_PyMem_GetCurrentAllocatorName(void);
extern wchar_t *_PyMem_DefaultRawWcsdup(const wchar_t *str);
extern void *_PyMem_DefaultRawMalloc(size_t size);
extern void *_PyMem_DefaultRawCalloc(size_t nelem, size_t elsize);
extern void *_PyMem_DefaultRawRealloc(void *ptr, size_t size);
extern void _PyMem_DefaultRawFree(void *ptr);
extern wchar_t *_PyMem_RawWcsdup(const wchar_t *str);
extern char *_PyMem_RawStrdup(const char *str);
extern char *_PyMem_Strdup(const char *str);
extern int _PyMem_DebugEnabled(void);
extern int _PyObject_DebugMallocStats(FILE *out);
extern Py_ssize_t _Py_GetGlobalAllocatedBlocks(void);
extern Py_ssize_t _PyInterpreterState_GetAllocatedBlocks(PyInterpreterState *);
#define _Py_GetAllocatedBlocks() _Py_GetGlobalAllocatedBlocks()

/* Frees after a grace period. */
extern void _PyMem_FreeDelayed(void *ptr, size_t size);
extern void _PyMem_ProcessDelayed(PyThreadState *tstate);
extern void _PyObject_XDecRefDelayed(PyObject *obj);

#define PYMEM_CLEANBYTE     0xCD
#define PYMEM_DEADBYTE      0xDD
#define PYMEM_FORBIDDENBYTE 0xFD

static inline int
_PyMem_IsPtrFreed(const void *ptr)
{
    uintptr_t value = (uintptr_t)ptr;
    return value == 0 || value == (uintptr_t)0xCDCDCDCDCDCDCDCD || value == (uintptr_t)0xDDDDDDDDDDDDDDDD
        || value == (uintptr_t)0xFDFDFDFDFDFDFDFD || value >= (uintptr_t)0xFFFFFFFFFFFFFFF0;
}

static inline int
_PyMem_IsULongFreed(unsigned long value)
{
    return _PyMem_IsPtrFreed((const void *)value);
}

#endif  // Py_INTERNAL_PYMEM_H

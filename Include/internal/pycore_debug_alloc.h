/* Debug hooks of the memory domains (Python/memory/debug_alloc.c). */
#ifndef Py_INTERNAL_DEBUG_ALLOC_H
#define Py_INTERNAL_DEBUG_ALLOC_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* An allocator that pads and checks the blocks of `inner`. */
extern PyMemAllocatorEx _PyMem_WrapDebug(PyMemAllocatorDomain domain, const PyMemAllocatorEx *inner);
extern int _PyMem_IsDebugAllocator(const PyMemAllocatorEx *allocator);
extern PyMemAllocatorEx _PyMem_UnwrapDebug(const PyMemAllocatorEx *allocator);

#endif  // Py_INTERNAL_DEBUG_ALLOC_H
